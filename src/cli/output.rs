//! Results to standard output, messages to standard error; a reader that has gone away ends a command quietly.

use super::Outcome;
use super::watchman::end_line;
use crate::diagnostic::{Diagnostic, render_json, render_text};
use crate::report::Style;
use crate::source::{Sources, reason, write_whole};
use std::io::{self, IsTerminal, Write};
use std::path::Path;

/// Whether a stream shows colours: a terminal, and nobody asked for none.
fn has_colour(is_terminal: bool) -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && !is_dumb
}

/// How results are printed here.
pub(super) fn style() -> Style {
    let width = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok())
        .unwrap_or(80);
    Style {
        width: std::cmp::Ord::clamp(width, 40, 120),
        colour: has_colour(io::stdout().is_terminal()),
    }
}

/// Prints a result.
pub(super) fn print(text: &str) -> Outcome {
    end_line();
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Outcome::Fine,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Outcome::Fine,
        Err(error) => {
            tell(&format!(
                "error: the result cannot be written: {}\n",
                reason(&error)
            ));
            Outcome::Refused
        }
    }
}

/// Writes a file whole or not at all.
pub(super) fn write(file: &Path, text: &str) -> Outcome {
    match write_whole(file, text.as_bytes()) {
        Ok(()) => Outcome::Fine,
        Err(error) => no_write(file, &error),
    }
}

/// Says why a file or folder could not be written.
pub(super) fn no_write(path: &Path, error: &io::Error) -> Outcome {
    let (path, reason) = (path.display(), reason(error));
    tell(&format!("error: `{path}` cannot be written: {reason}\n"));
    Outcome::Refused
}

/// Tells something beside the result.
pub(super) fn tell(text: &str) {
    end_line();
    // Nobody may be listening any more; there is no one to tell.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Tells messages, in words.
pub(super) fn tell_all(diagnostics: &[Diagnostic], sources: &Sources) {
    if !diagnostics.is_empty() {
        tell(&render_text(
            diagnostics,
            sources,
            has_colour(io::stderr().is_terminal()),
        ));
    }
}

/// Messages as a result: for `check --format json`.
pub(super) fn print_json(diagnostics: &[Diagnostic], sources: &Sources) -> Outcome {
    print(&pretty(&render_json(diagnostics, sources)))
}

pub(super) fn pretty(json: &serde_json::Value) -> String {
    let mut text = serde_json::to_string_pretty(json).unwrap_or_default();
    text.push('\n');
    text
}
