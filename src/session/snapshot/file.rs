//! Files of snapshots, as insta has them: a header between `---` lines, then the text. A new text waits for its review in a file
//! `NAME.snap.new`, where `cargo insta review` finds it.

use crate::source::{is_no_ordinary_file, read_text, reason, write_whole};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// How long a file's name may be, in letters.
const LONGEST: usize = 80;
/// And in bytes: file systems allow 255, ending and mark included.
const LARGEST: usize = 200;
/// What the header of a case's snapshot begins its description with.
const OF_A_CASE: &str = "description: \"case: ";

/// A title as the name of a file: its words in small letters, joined by `_`.
pub(super) fn slug(title: &str) -> String {
    let letters = title.to_lowercase();
    let words = letters.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut slug: String = words.join("_").chars().take(LONGEST).collect();
    while slug.len() > LARGEST {
        slug.pop();
    }
    match slug.is_empty() {
        true => "case".into(),
        false => slug,
    }
}

/// Tells apart titles that would have one name.
pub(super) fn mark(title: &str) -> String {
    let digest = Sha256::digest(title.as_bytes());
    digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The text of a snapshot, without its header; `None` if there is none. An error is told in words.
pub(super) fn read(file: &Path) -> Result<Option<String>, String> {
    let text = match read_snapshot(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(reason(&error)),
    };
    let text = text.replace("\r\n", "\n");
    let (_, body) = split(&text);
    Ok(Some(body.to_owned()))
}

fn read_snapshot(file: &Path) -> io::Result<String> {
    const LARGEST: usize = 64 << 20;
    match is_no_ordinary_file(file) {
        true => Err(io::Error::other("it is no ordinary file")),
        false => read_text(file, LARGEST),
    }
}

/// Header, with the lines around it, and text.
fn split(text: &str) -> (&str, &str) {
    let end = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.find("\n---\n"));
    end.map_or(("", text), |end| {
        text.split_at("---\n".len() + end + "\n---\n".len())
    })
}

/// A header that says whose snapshot it is.
fn header(title: &str) -> String {
    let words = title.replace('\\', "\\\\").replace('"', "\\\"");
    format!("---\n{OF_A_CASE}{words}\"\n---\n")
}

/// Writes what was accepted, with the header that the snapshot has, or one of its own; what waited for review waits no longer.
///
/// Errors: those of the file system.
pub fn accept(file: &Path, title: &str, text: &str) -> io::Result<()> {
    let before = read_snapshot(file)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    let header = match split(&before).0 {
        "" => header(title),
        header => header.to_owned(),
    };
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    write_whole(file, format!("{header}{}\n", text.trim_end()).as_bytes())?;
    reject(file)
}

/// Leaves a text beside its snapshot, for a later review.
///
/// Errors: those of the file system.
pub fn pending(file: &Path, title: &str, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let text = format!("{}{}\n", header(title), text.trim_end());
    write_whole(&waiting(file), text.as_bytes())
}

/// Drops what waits for review beside a snapshot, if anything does.
///
/// Errors: those of the file system.
pub fn reject(file: &Path) -> io::Result<()> {
    match fs::remove_file(waiting(file)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn waiting(file: &Path) -> PathBuf {
    file.with_extension("snap.new")
}

/// The snapshots of cases in a folder, in the order of their names.
pub(super) fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| {
        let is_snapshot = path.extension().is_some_and(|ending| ending == "snap");
        is_snapshot && is_of_a_case(path)
    });
    files.sort();
    files
}

fn is_of_a_case(file: &Path) -> bool {
    let text = read_snapshot(file)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    split(&text)
        .0
        .lines()
        .any(|line| line.starts_with(OF_A_CASE))
}

/// Whether every policy file beside a folder of snapshots is among these.
pub(super) fn stands_beside_only(folder: &Path, read: &BTreeSet<PathBuf>) -> bool {
    let beside = folder.parent().filter(|path| !path.as_os_str().is_empty());
    let entries = fs::read_dir(beside.unwrap_or(Path::new("."))).into_iter();
    let mut names = entries.flatten().flatten().map(|entry| entry.file_name());
    names.all(|name| {
        let path = folder.with_file_name(&name);
        path.extension().is_none_or(|ending| ending != "lexlog") || read.contains(&path)
    })
}
