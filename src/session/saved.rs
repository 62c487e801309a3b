//! A run in a file, so that what it found can be explained without running it again.
//!
//! The file begins with a line of JSON that says what it holds (`Header`): of which policy, which facts, under which law. Behind it
//! stand the facts of tables with their places and every row that holds or may, and at the end a checksum. What stands in other
//! files is held against the digests before any of it is used.

use super::certify::digest_of;
use super::run::Evaluated;
use super::{Session, error};
use crate::datalog::Program;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::Model;
use crate::facts::{self, Facts, SetAside};
use crate::ir::Circumstances;
use crate::proof::certificate::digest;
use crate::source::{FileId, SourceFile, is_no_ordinary_file, reason, write_whole_with};
use crate::value::Date;
use crate::value::packed::{Packing, Unpacking};
use flate2::Crc;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

/// The form of the files that are written and read here. 2: with the series in which names and texts stand.
const FORM: u32 = 2;
/// The longest first line that is read, in bytes.
const LONGEST_HEADER: u64 = 64 << 20;

/// What a saved run holds.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    /// The form of the file.
    lexlog_run: u32,
    /// Which Lexlog has written it.
    lexlog: String,
    /// The digest of the policy's canonical texts, and of the tables beside them, in their order.
    policy: String,
    /// The digest of the relations of the program that the policy becomes.
    program: String,
    /// What was read of facts, in the order in which it was read.
    facts: Vec<FactsFile>,
    /// The folders that were named, with the files of facts in them.
    folders: Vec<(String, Vec<String>)>,
    as_of: Option<String>,
    known_at: Option<String>,
    /// The notices that were left out.
    without: Vec<String>,
    without_presumptions: bool,
    /// The rows that could not be used and were set aside.
    bad_rows: Option<SetAside>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FactsFile {
    file: String,
    /// The table in it, where it is a database.
    table: Option<String>,
    digest: String,
    /// Whether it has rows and no lines.
    rows: bool,
    /// Whether it holds statements, which are read again; the facts of tables stand in the saved run.
    statements: bool,
}

/// A run that was saved.
pub struct Restored {
    /// What it found, and under which law.
    pub evaluated: Evaluated,
    /// All that was given.
    pub facts: Facts,
    /// The rows that could not be used and were set aside.
    pub set_aside: Option<SetAside>,
}

/// What is saved of a run beside what it found.
pub struct Saving<'a> {
    /// All that was given.
    pub facts: &'a Facts,
    /// Under which law it ran, as the user said it.
    pub circumstances: &'a Circumstances,
    /// The facts as they were named.
    pub arguments: &'a [String],
    /// The first text that was read of them.
    pub first: FileId,
    /// The rows that could not be used and were set aside.
    pub set_aside: Option<SetAside>,
}

impl Session {
    /// Writes what a run found to a file, whole or not at all. Refused: facts that cannot be read a second time.
    pub fn save(
        &self,
        evaluated: &Evaluated,
        saving: Saving<'_>,
        file: &Path,
    ) -> Result<io::Result<()>, Diagnostic> {
        let (facts, first) = (saving.facts, saving.first);
        let header = self.header(evaluated, saving)?;
        Ok(write_whole_with(file, |out| {
            let mut summed = Summed {
                out: &mut *out,
                sum: Crc::new(),
            };
            serde_json::to_writer(&mut summed, &header)?;
            summed.write_all(b"\n")?;
            let mut packing = Packing::new(&mut summed);
            facts.pack(&mut packing, first)?;
            evaluated.model.pack(&mut packing)?;
            let sum = summed.sum.sum();
            out.write_all(&sum.to_le_bytes())
        }))
    }

    fn header(&self, evaluated: &Evaluated, saving: Saving<'_>) -> Result<Header, Diagnostic> {
        let circumstances = saving.circumstances;
        let read = self.sources.files().skip(saving.first.0 as usize);
        let facts = read.map(|(_, source)| {
            Ok(FactsFile {
                file: source.path().to_owned(),
                table: source.table().map(str::to_owned),
                digest: digest_of(source)?,
                rows: source.has_rows(),
                statements: !source.text.is_empty(),
            })
        });
        let without = circumstances.without.iter();
        let without = without.map(|notice| self.policy.notice(*notice).id.clone());
        Ok(Header {
            lexlog_run: FORM,
            lexlog: env!("CARGO_PKG_VERSION").to_owned(),
            policy: self.digest_in_order(),
            program: digest_of_program(evaluated.program()),
            facts: facts.collect::<Result<_, Diagnostic>>()?,
            folders: facts::in_folders(saving.arguments),
            as_of: circumstances.as_of.map(|day| day.to_string()),
            known_at: circumstances.known_at.map(|day| day.to_string()),
            without: without.collect(),
            without_presumptions: circumstances.without_presumptions,
            bad_rows: saving.set_aside,
        })
    }

    /// The digest of the policy; unlike the one in certificates, of its texts in their order: what is saved counts its relations.
    fn digest_in_order(&self) -> String {
        let own = self.sources.files().take(self.own_texts);
        let digests = own.map(|(id, file)| match self.policy.files.contains(&id) {
            true => digest::of_bytes(digest::canonical(&file.text).as_bytes()),
            false => digest::of_bytes(file.text.as_bytes()),
        });
        digest::of_bytes(digests.collect::<Vec<_>>().join("\n").as_bytes())
    }

    /// A saved run. Refused: a file that is not one, or is not whole; one of another
    /// Lexlog, of another policy, or of facts that have changed since.
    pub fn restore(&mut self, file: &Path) -> Result<Restored, Diagnostics> {
        let name = file.display().to_string();
        let (header, bytes) = read(file, &name).map_err(one)?;
        if header.policy != self.digest_in_order() {
            return Err(one(error::saved_of_another_policy(&name)));
        }
        let circumstances = self.saved_circumstances(&header);
        let circumstances = circumstances.ok_or_else(|| one(error::not_whole(&name)))?;
        self.check_folders(&header, &name).map_err(one)?;
        let (mut facts, files) = self.statements(&header, &name)?;
        let mut unpacking = Unpacking::new(&bytes);
        let damaged = || one(error::not_whole(&name));
        let tables = Facts::unpack(&mut unpacking, &self.policy, &files).ok_or_else(damaged)?;
        facts.add(tables);
        let completed = facts::completed(&self.policy, &facts);
        let (circumstances, lowered) = self.lowered(&completed, &circumstances)?;
        if header.program != digest_of_program(&lowered.program) {
            return Err(one(error::saved_otherwise(&name)));
        }
        let model = Model::unpack(&mut unpacking, &lowered.program, completed.symbols());
        let model = model.filter(|_| unpacking.is_over()).ok_or_else(damaged)?;
        let evaluated = self.evaluated(lowered, circumstances, completed, model);
        Ok(Restored {
            evaluated,
            facts,
            set_aside: header.bad_rows,
        })
    }

    /// Under which law it ran; `None`: no Lexlog has written that.
    fn saved_circumstances(&self, header: &Header) -> Option<Circumstances> {
        let day = |text: &Option<String>| match text {
            Some(text) => text.parse::<Date>().ok().map(Some),
            None => Some(None),
        };
        let without = header.without.iter().map(|id| self.notice(id).ok());
        Some(Circumstances {
            as_of: day(&header.as_of)?,
            known_at: day(&header.known_at)?,
            without: without.collect::<Option<_>>()?,
            without_presumptions: header.without_presumptions,
            ..Circumstances::default()
        })
    }

    fn check_folders(&self, header: &Header, saved: &str) -> Result<(), Diagnostic> {
        let names: Vec<String> = header.folders.iter().map(|it| it.0.clone()).collect();
        let now = facts::in_folders(&names);
        let changed = header.folders.iter().find(|folder| !now.contains(folder));
        match changed {
            Some((folder, _)) => Err(error::folder_changed(saved, folder)),
            None => Ok(()),
        }
    }

    /// The facts of statements, read again, and all files of facts under their ids of now; each is as it was.
    fn statements(
        &mut self,
        header: &Header,
        saved: &str,
    ) -> Result<(Facts, Vec<FileId>), Diagnostics> {
        let mut facts = Facts::default();
        let mut files = Vec::new();
        for was in &header.facts {
            let next = FileId(self.sources.files().count() as u32);
            match (&was.table, was.statements) {
                (_, true) => {
                    let file = std::slice::from_ref(&was.file);
                    let (read, found) = facts::read(&self.policy, &mut self.sources, file, None);
                    if found.has_errors() {
                        return Err(found);
                    }
                    facts.add(read);
                }
                (Some(table), false) => _ = self.sources.add_table(&was.file, table),
                (None, false) if was.rows => _ = self.sources.add_rows(was.file.as_str()),
                (None, false) => _ = self.sources.add(was.file.as_str(), ""),
            }
            self.check_file(next, was, saved).map_err(one)?;
            files.push(next);
        }
        Ok((facts, files))
    }

    fn check_file(&self, file: FileId, was: &FactsFile, saved: &str) -> Result<(), Diagnostic> {
        let source: &SourceFile = self.sources.file(file);
        match digest_of(source) {
            Ok(digest) if digest == was.digest => Ok(()),
            Ok(_) => Err(error::facts_changed(saved, &was.file)),
            Err(_) => Err(error::facts_gone(saved, &was.file)),
        }
    }
}

/// The first line of a saved run, and the bytes behind it.
fn read(file: &Path, name: &str) -> Result<(Header, Vec<u8>), Diagnostic> {
    let unreadable = |problem: io::Error| error::unreadable(name, &reason(&problem));
    if is_no_ordinary_file(file) {
        return Err(error::no_saved_run(name));
    }
    let mut input = BufReader::new(File::open(file).map_err(unreadable)?);
    let mut line = Vec::new();
    let mut first = (&mut input).take(LONGEST_HEADER);
    first.read_until(b'\n', &mut line).map_err(unreadable)?;
    let version: Version = serde_json::from_slice(&line).map_err(|_| error::no_saved_run(name))?;
    let own = (env!("CARGO_PKG_VERSION"), FORM);
    let saved = (version.lexlog.as_str(), version.lexlog_run);
    if saved != own {
        return Err(error::saved_by_another(name, saved, own));
    }
    let header = serde_json::from_slice(&line).map_err(|_| error::not_whole(name))?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(unreadable)?;
    let Some((_, sum)) = bytes.split_last_chunk() else {
        return Err(error::not_whole(name));
    };
    let expected = u32::from_le_bytes(*sum);
    bytes.truncate(bytes.len() - size_of::<u32>());
    let mut sum = Crc::new();
    sum.update(&line);
    sum.update(&bytes);
    match sum.sum() == expected {
        true => Ok((header, bytes)),
        false => Err(error::not_whole(name)),
    }
}

/// What the first line of every saved run says, whatever its form.
#[derive(Deserialize)]
struct Version {
    lexlog_run: u32,
    lexlog: String,
}

/// What is saved are the rows of these relations, in their order.
fn digest_of_program(program: &Program) -> String {
    let relations = program.relations.iter();
    let relations = relations.map(|it| format!("{}/{}\n", it.name, it.arity));
    digest::of_bytes(relations.collect::<String>().as_bytes())
}

/// Passes on what is written, and adds it up.
struct Summed<W> {
    out: W,
    sum: Crc,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.sum.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn one(problem: Diagnostic) -> Diagnostics {
    Diagnostics {
        list: vec![problem],
    }
}
