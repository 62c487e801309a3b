//! The command `lexlog`, as a user runs it: from the root of the repository, without a terminal.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a run of the command gave.
pub struct Run {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// The exit code; -1 if it was killed.
    pub code: i32,
}

impl Run {
    /// All of it as one text, for a snapshot.
    pub fn transcript(&self) -> String {
        let mut text = String::new();
        for (name, part) in [("", &self.out), ("standard error:\n", &self.err)] {
            if !part.is_empty() {
                text += &format!("{name}{}\n", part.trim_end());
            }
        }
        text + &format!("exit {}", self.code)
    }
}

/// Runs `lexlog` with these arguments.
pub fn lexlog<I: AsRef<std::ffi::OsStr>>(arguments: &[I]) -> Run {
    lexlog_with_input(arguments, "")
}

/// Runs `lexlog` with these arguments and this standard input.
pub fn lexlog_with_input<I: AsRef<std::ffi::OsStr>>(
    arguments: &[I],
    input: impl AsRef<[u8]>,
) -> Run {
    lexlog_in_with_input(root(), arguments, input)
}

/// Runs `lexlog` in a folder.
pub fn lexlog_in<I: AsRef<std::ffi::OsStr>>(folder: &Path, arguments: &[I]) -> Run {
    lexlog_in_with_input(folder, arguments, "")
}

/// Runs `lexlog` in a folder, with this standard input.
pub fn lexlog_in_with_input<I: AsRef<std::ffi::OsStr>>(
    folder: &Path,
    arguments: &[I],
    input: impl AsRef<[u8]>,
) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lexlog"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "80")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    // A command that does not read its input closes the pipe; that is its right.
    let _ = stdin.write_all(input.as_ref());
    drop(stdin);
    let output: Output = child.wait_with_output().expect("the command ends");
    Run {
        out: String::from_utf8(output.stdout).expect("output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        code: output.status.code().unwrap_or(-1),
    }
}

/// Runs `lexlog` in a folder of its own with these files: name and text.
pub fn lexlog_on(files: &[(&str, &str)], arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("the file is written");
    }
    lexlog_in(folder.path(), arguments)
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
