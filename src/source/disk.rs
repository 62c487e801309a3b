//! Files on the disk: why one cannot be read or written, in words, reading no more than there is room for, and writing a
//! file whole or not at all.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufWriter, Error, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The longest line, and the longest row of a table, in bytes: input may have no end.
pub const LONGEST_LINE: usize = 1 << 20;

/// Why a file could not be read or written, in words that go on from "cannot be read: ".
pub fn reason(error: &Error) -> String {
    let words = match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder",
        ErrorKind::PermissionDenied => "it may not be used by you",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::NotADirectory => "what stands for a folder in its path is a file",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::ReadOnlyFilesystem => "nothing can be written there",
        ErrorKind::InvalidFilename => "no file can have this name",
        ErrorKind::FileTooLarge if error.get_ref().is_none() => {
            "it would be larger than a file may be here"
        }
        _ if is_circle(error) => "the links that lead there go in a circle",
        _ => {
            let words = error.to_string();
            return match words.find(" (os error") {
                Some(end) => words[..end].to_lowercase(),
                None => words,
            };
        }
    };
    words.to_owned()
}

/// Too many links one behind the other; the standard library has no stable name for it.
fn is_circle(error: &Error) -> bool {
    const ON_LINUX: i32 = 40;
    const ON_MAC: i32 = 62;
    let code = if cfg!(target_os = "linux") {
        ON_LINUX
    } else {
        ON_MAC
    };
    cfg!(unix) && error.raw_os_error() == Some(code)
}

/// Reads all there is, if it has no more than so many bytes; no more than that is ever read.
///
/// Errors: those of the input, and one of kind `FileTooLarge`.
pub fn read_within(input: impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(most as u64 + 1).read_to_end(&mut bytes)?;
    match bytes.len() > most {
        true => Err(larger_than(most)),
        false => Ok(bytes),
    }
}

/// Reads a file, a pipe or a device of no more than so many bytes.
///
/// Errors: those of the file system, and one of kind `FileTooLarge`.
pub fn read_file(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    read_within(File::open(path)?, most)
}

/// Reads a text of no more than so many bytes, byte-order mark and all.
///
/// Errors: as for `read_file`, and one of kind `InvalidData` for what is not UTF-8.
pub fn read_text(path: &Path, most: usize) -> io::Result<String> {
    String::from_utf8(read_file(path, most)?)
        .map_err(|_| Error::new(ErrorKind::InvalidData, "it is not in UTF-8"))
}

/// Reads one line with its end; an empty one is the end of the input.
///
/// Errors: those of the input, and one of kind `FileTooLarge` for a line of more than `LONGEST_LINE` bytes.
pub fn read_line(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut limited = input.take(LONGEST_LINE as u64 + 1);
    limited.read_until(b'\n', &mut line)?;
    match line.len() > LONGEST_LINE {
        true => Err(Error::new(
            ErrorKind::FileTooLarge,
            format!("a line has more than {}", amount(LONGEST_LINE)),
        )),
        false => Ok(line),
    }
}

fn larger_than(most: usize) -> Error {
    let words = format!("it has more than {}", amount(most));
    Error::new(ErrorKind::FileTooLarge, words)
}

/// A number of bytes in words: `8 MiB`.
pub fn amount(bytes: usize) -> String {
    match bytes {
        _ if bytes.is_multiple_of(1 << 30) => format!("{} GiB", bytes >> 30),
        _ if bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ => format!("{bytes} bytes"),
    }
}

/// Whether it is neither a folder nor a file, but a pipe, a device or a socket.
pub fn is_no_ordinary_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| !data.is_file() && !data.is_dir())
}

/// Which file a name leads to, by whatever way and over whatever links; it need not be there yet.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Without links and detours, as far as it is there.
    path: PathBuf,
    /// What the file system calls it.
    number: Option<(u64, u64)>,
}

impl Identity {
    /// Of the file with that name.
    pub fn of(path: &Path) -> Identity {
        Identity {
            path: resolved(path),
            number: fs::metadata(path).ok().and_then(|data| number(&data)),
        }
    }

    /// The way to it without links and detours.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Identity) -> bool {
        self.path == other.path || (self.number.is_some() && self.number == other.number)
    }
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "elsewhere a file has no number that can be asked for"
)]
fn number(data: &fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((data.dev(), data.ino()))
}

#[cfg(not(unix))]
fn number(_: &fs::Metadata) -> Option<(u64, u64)> {
    None
}

fn resolved(path: &Path) -> PathBuf {
    if path.as_os_str().is_empty() {
        return std::env::current_dir().unwrap_or_default();
    }
    path.canonicalize().unwrap_or_else(|_| {
        let Some(parent) = path.parent() else {
            return path.to_owned();
        };
        let mut folder = resolved(parent);
        match path.file_name() {
            Some(name) => folder.push(name),
            None => _ = folder.pop(),
        }
        folder
    })
}

/// Writes a file whole or not at all: under another name first, beside it.
pub fn write_whole(file: &Path, text: &[u8]) -> io::Result<()> {
    write_whole_with(file, |out| out.write_all(text))
}

/// The same, for what is written bit by bit. A pipe or device takes it as it comes.
pub fn write_whole_with(
    file: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let write = |begun| {
        let mut out = BufWriter::new(begun);
        write(&mut out)?;
        out.flush()
    };
    match is_no_ordinary_file(file) {
        true => File::options().write(true).open(file).and_then(write),
        false => write_whole_at(file, |_, begun| write(begun)),
    }
}

/// The same, for what is written by somebody who opens the file himself: it is there under the name that is told, and empty.
pub fn write_whole_at(
    file: &Path,
    write: impl FnOnce(&Path, File) -> io::Result<()>,
) -> io::Result<()> {
    if is_no_ordinary_file(file) {
        return Err(Error::other("it is a pipe or a device"));
    }
    // Another process may be at work on the same file: each has a name of its own.
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(format!(".{}.unfinished", std::process::id()));
    let unfinished = file.with_file_name(name);
    note(|all| _ = all.insert(unfinished.clone()));
    let written = File::create(&unfinished)
        .and_then(|begun| write(&unfinished, begun))
        .and_then(|()| fs::rename(&unfinished, file));
    if written.is_err() {
        // What was begun is of no use to anyone; that it cannot be removed either changes nothing.
        let _ = fs::remove_file(&unfinished);
    }
    note(|all| _ = all.remove(&unfinished));
    written
}

/// The files that are being written under other names.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn note(change: impl FnOnce(&mut BTreeSet<PathBuf>)) {
    if let Ok(mut all) = UNFINISHED.lock() {
        change(&mut all);
    }
}

/// Removes what was begun: for a command that is broken off. From then on nobody begins anything.
pub fn drop_unfinished() {
    let Ok(all) = UNFINISHED.lock() else { return };
    for file in all.iter() {
        // It may never have been begun.
        let _ = fs::remove_file(file);
    }
    // Whoever is about to begin a file waits until the command has ended.
    std::mem::forget(all);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_folder_is_told_in_words() {
        let told =
            write_whole(Path::new("no such folder/file"), b"").map_err(|error| reason(&error));
        assert_eq!(told, Err("there is no such file or folder".into()));
    }

    #[test]
    fn input_without_an_end_is_read_as_far_as_its_limit() {
        let told = |result: io::Result<Vec<u8>>| result.map_err(|error| reason(&error));
        assert_eq!(
            told(read_within(io::repeat(0), 3 << 20)),
            Err("it has more than 3 MiB".into())
        );
        assert_eq!(told(read_within(&b"abc"[..], 3)), Ok(b"abc".to_vec()));
        assert_eq!(
            told(read_line(&mut io::BufReader::new(io::repeat(b'x')))),
            Err("a line has more than 1 MiB".into())
        );
        let mut lines = &b"a\nb"[..];
        assert_eq!(told(read_line(&mut lines)), Ok(b"a\n".to_vec()));
        assert_eq!(told(read_line(&mut lines)), Ok(b"b".to_vec()));
        assert_eq!(told(read_line(&mut lines)), Ok(Vec::new()));
    }

    #[test]
    fn what_has_no_words_of_ours_is_told_without_a_number() {
        let told = reason(&Error::from_raw_os_error(16));
        assert!(!told.contains("os error"), "{told}");
    }
}
