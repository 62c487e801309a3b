//! How a file of facts is written, as its name says, and what it holds when it is unpacked.

use crate::source::{is_no_ordinary_file, reason};
use std::fs::File;
use std::io::{self, BufReader, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Statements,
    Table { separator: u8 },
    Json,
    JsonLines,
    Database,
    Parquet,
}

impl Form {
    /// As the end of the name says, whether the file is packed or not.
    pub(super) fn of(path: &Path) -> Option<Form> {
        let (path, _) = unpacked(path);
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "lexlog" => Some(Form::Statements),
            "csv" => Some(Form::Table { separator: b',' }),
            "tsv" => Some(Form::Table { separator: b'\t' }),
            "json" => Some(Form::Json),
            "jsonl" => Some(Form::JsonLines),
            "parquet" => Some(Form::Parquet),
            "sqlite" | "sqlite3" | "db" => Some(Form::Database),
            _ => None,
        }
    }
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// The name of a packed file without what says that it is, `shipments.csv` for `shipments.csv.gz`.
fn unpacked(path: &Path) -> (PathBuf, Packing) {
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or("");
    let packing = match extension.to_ascii_lowercase().as_str() {
        "gz" => Packing::Gzip,
        "zst" => Packing::Zstd,
        _ => Packing::Plain,
    };
    match packing {
        Packing::Plain => (path.to_owned(), packing),
        Packing::Gzip | Packing::Zstd => (path.with_extension(""), packing),
    }
}

/// Whether the name of a file says that it is packed.
pub(super) fn is_packed(path: &Path) -> bool {
    unpacked(path).1 != Packing::Plain
}

/// The relation after which a file is named. Letters that are not UTF-8 are in no relation's name: a message shows what there is
/// of it.
pub(super) fn stem(path: &Path) -> String {
    let (path, _) = unpacked(path);
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// What a file holds, unpacked as it is read: however large that is, little of it is kept. Errors are in words.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read>, String> {
    let file = File::open(path).map_err(|problem| reason(&problem))?;
    if file.metadata().is_ok_and(|data| data.is_dir()) {
        return Err("it is a folder".into());
    }
    match unpacked(path) {
        // A name without an ending says nothing: a pipe of the shell has none.
        (_, Packing::Plain) if Form::of(path).is_none() && is_no_ordinary_file(path) => {
            open_stream(file)
        }
        (_, packing) => unpacking(file, packing, NOT_AS_NAMED),
    }
}

/// What comes through a pipe, which has no name that says whether it is packed: its first bytes do.
pub(super) fn open_stream<'r>(mut input: impl Read + 'r) -> Result<Box<dyn Read + 'r>, String> {
    let mut begun = Vec::new();
    let read = input.by_ref().take(MARK as u64).read_to_end(&mut begun);
    read.map_err(|problem| reason(&problem))?;
    let packing = match begun.as_slice() {
        [0x1F, 0x8B, 0x08, _] => Packing::Gzip,
        [0x28, 0xB5, 0x2F, 0xFD] => Packing::Zstd,
        _ => Packing::Plain,
    };
    unpacking(Cursor::new(begun).chain(input), packing, NOT_WHOLE)
}

/// How many bytes at the beginning tell how something is packed; no text begins so.
const MARK: usize = 4;
const NOT_AS_NAMED: &str =
    "it is not whole, or it is not packed in the way that the end of its name says";
const NOT_WHOLE: &str = "it is packed, and not whole";

fn unpacking<'r>(
    input: impl Read + 'r,
    packing: Packing,
    otherwise: &'static str,
) -> Result<Box<dyn Read + 'r>, String> {
    Ok(match packing {
        Packing::Plain => Box::new(input),
        // Several packed files one behind the other are one.
        Packing::Gzip => {
            let input = flate2::read::MultiGzDecoder::new(BufReader::new(input));
            Box::new(Unpacking { input, otherwise })
        }
        Packing::Zstd => {
            let input = zstd::stream::read::Decoder::new(input);
            let input = input.map_err(|problem| reason(&in_words(problem, otherwise)))?;
            Box::new(Unpacking { input, otherwise })
        }
    })
}

/// What is unpacked as it is read; that it cannot be is told in words.
struct Unpacking<R> {
    input: R,
    otherwise: &'static str,
}

impl<R: Read> Read for Unpacking<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into);
        read.map_err(|problem| in_words(problem, self.otherwise))
    }
}

/// What the disk says is passed on; all else is about how the file is packed.
fn in_words(problem: io::Error, otherwise: &'static str) -> io::Error {
    match problem.raw_os_error() {
        Some(_) => problem,
        None if problem.kind() == ErrorKind::Interrupted => problem,
        None => io::Error::other(otherwise),
    }
}
