//! Files on the disk: why one cannot be read or written, in words, and writing one whole or not at all.

use std::io::{Error, ErrorKind};
use std::path::Path;
use std::{fs, io};

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

/// Writes a file whole or not at all: under another name first, beside it.
pub fn write_whole(file: &Path, text: &[u8]) -> io::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(".unfinished");
    let unfinished = file.with_file_name(name);
    let written = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, file));
    if written.is_err() {
        // What was begun is of no use to anyone; that it cannot be removed either changes nothing.
        let _ = fs::remove_file(&unfinished);
    }
    written
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
    fn what_has_no_words_of_ours_is_told_without_a_number() {
        let told = reason(&Error::from_raw_os_error(16));
        assert!(!told.contains("os error"), "{told}");
    }
}
