//! The files that a command is to write: never one that it reads, nor one twice.

use super::certificates;
use super::tables::Tables;
use crate::diagnostic::Diagnostic;
use crate::session::Session;
use crate::source::{Identity, is_no_ordinary_file};
use std::path::{Path, PathBuf};

/// What a command is to write, by the options that say so.
#[derive(Default)]
pub(super) struct Outputs {
    all: Vec<Output>,
}

struct Output {
    option: &'static str,
    /// As it was named.
    place: PathBuf,
    what: What,
}

enum What {
    File(Identity),
    /// As many certificates of each of these verdicts as there will be, in a folder.
    Certificates(Identity, Vec<String>),
}

impl Outputs {
    /// A file that an option names.
    pub(super) fn file(&mut self, option: &'static str, file: &Path) {
        // A pipe or device takes what comes, and is not replaced.
        if !is_no_ordinary_file(file) {
            self.all.push(Output {
                option,
                place: file.to_owned(),
                what: What::File(Identity::of(file)),
            });
        }
    }

    /// The tables of `--out`.
    pub(super) fn tables(&mut self, session: &Session, tables: &Tables<'_>) {
        for file in tables.files(session) {
            self.file("--out", &file);
        }
    }

    /// A certificate, and what is written beside it.
    pub(super) fn certificate(&mut self, file: &Path, is_redacted: bool) {
        self.file("--certificate", file);
        for file in certificates::beside(file) {
            if is_redacted {
                self.file("--certificate", &file);
            }
        }
    }

    /// The certificates of all verdicts.
    pub(super) fn certificates(&mut self, session: &Session, folder: &Path) {
        let verdicts = certificates::verdicts(session);
        let names = verdicts.map(|(_, relation)| relation.name.clone());
        self.all.push(Output {
            option: "--certificates",
            place: folder.to_owned(),
            what: What::Certificates(Identity::of(folder), names.collect()),
        });
    }

    /// Whether they may be written. `also_read`: what the session does not know of.
    pub(super) fn check<'a>(
        &self,
        session: &'a Session,
        also_read: impl IntoIterator<Item = &'a Path>,
    ) -> Result<(), Diagnostic> {
        if self.all.is_empty() {
            return Ok(());
        }
        let read = session.sources.files();
        let read = read.map(|(_, source)| Path::new(source.path()));
        for file in read.chain(also_read).map(Identity::of) {
            if let Some(output) = self.all.iter().find(|output| output.takes(&file)) {
                return Err(is_read(output, &file));
            }
        }
        for (at, output) in self.all.iter().enumerate() {
            for other in &self.all[..at] {
                if output.meets(other) {
                    return Err(is_written_twice(output, other));
                }
            }
        }
        Ok(())
    }
}

impl Output {
    /// Whether it is written to that file.
    fn takes(&self, file: &Identity) -> bool {
        match &self.what {
            What::File(own) => own == file,
            What::Certificates(folder, verdicts) => {
                let name = file.path().file_name().and_then(|name| name.to_str());
                let lies_there = || {
                    let parent = file.path().parent();
                    parent.is_some_and(|parent| Identity::of(parent) == *folder)
                };
                name.is_some_and(|name| certificates::is_one_of(name, verdicts)) && lies_there()
            }
        }
    }

    fn meets(&self, other: &Output) -> bool {
        match (&self.what, &other.what) {
            (_, What::File(file)) => self.takes(file),
            (What::File(file), _) => other.takes(file),
            (What::Certificates(..), What::Certificates(..)) => false,
        }
    }

    /// The file of it that is meant.
    fn shown(&self, file: &Identity) -> String {
        match &self.what {
            What::File(_) => self.place.display().to_string(),
            What::Certificates(..) => {
                let name = file.path().file_name().unwrap_or_default();
                self.place.join(name).display().to_string()
            }
        }
    }
}

fn is_read(output: &Output, file: &Identity) -> Diagnostic {
    let message = format!("`{}` is not written: this run reads it", output.shown(file));
    Diagnostic::error("E0711", message).help(format!("name another file with {}", output.option))
}

fn is_written_twice(one: &Output, other: &Output) -> Diagnostic {
    let shown = match (&one.what, &other.what) {
        (What::File(file), _) | (_, What::File(file)) => one.shown(file),
        _ => one.place.display().to_string(),
    };
    let (one, other) = (one.option, other.option);
    let message = format!("`{shown}` is to be written by {other} and by {one}");
    Diagnostic::error("E0718", message)
        .help("name different files: the second would replace the first")
}
