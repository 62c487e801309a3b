//! From an argument to files, and from a file to facts.

use super::aside::Aside;
use super::chunks::{Chunks, Cut};
use super::facts::Stored;
use super::form::{self, Form};
use super::gives::Gives;
use super::pieces::{Gathered, read_all};
use super::row::Rows;
use super::sqlite::{self, Database};
use super::table::Header;
use super::{Batch, Facts, error, json, parquet, scalars};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ir::{Fact, Policy, resolve_facts};
use crate::source::{FileId, Place, Sources, is_no_ordinary_file, read_within, reason as words};
use crate::syntax;
use crate::value::symbols::{Code, Symbols};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many folders may stand in each other.
const DEEPEST: usize = 32;
/// The largest file that is read as one piece of JSON, in bytes.
const LARGEST_JSON: usize = 256 << 20;
const STANDARD_INPUT: &str = "standard input";

/// The files of facts in each folder that the arguments name; those of one that cannot be read are told when it is.
pub(super) fn in_folders(arguments: &[String]) -> Vec<(String, Vec<String>)> {
    let folders = arguments.iter().filter(|it| Path::new(it).is_dir());
    let with_files = folders.map(|folder| {
        let mut found = Found::default();
        let _ = files_under(Path::new(folder), 0, &mut BTreeSet::new(), &mut found);
        let files = found.files.iter().filter(|path| Form::of(path).is_some());
        (folder.clone(), files.map(|path| shown(path)).collect())
    });
    with_files.collect()
}

/// What the arguments name; one that stands twice is read once.
pub(super) fn read(
    policy: &Policy,
    sources: &mut Sources,
    arguments: &[String],
    aside: Option<&mut Aside>,
) -> (Facts, Diagnostics) {
    let mut reading = Reading {
        policy,
        sources,
        aside,
        facts: Vec::new(),
        symbols: Symbols::default(),
        batches: Vec::new(),
        diagnostics: Diagnostics::default(),
    };
    for (at, argument) in arguments.iter().enumerate() {
        if !arguments[..at].contains(argument) {
            reading.argument(argument);
        }
    }
    let stored = Stored {
        symbols: Arc::new(reading.symbols),
        batches: reading.batches,
    };
    (Facts::new(reading.facts, stored), reading.diagnostics)
}

struct Reading<'a> {
    policy: &'a Policy,
    sources: &'a mut Sources,
    aside: Option<&'a mut Aside>,
    facts: Vec<Fact>,
    symbols: Symbols,
    batches: Vec<Arc<Batch>>,
    diagnostics: Diagnostics,
}

impl<'a> Reading<'a> {
    fn argument(&mut self, argument: &str) {
        match argument.split_once('=') {
            _ if argument == "-" => self.standard_input(None),
            Some((relation, "-")) => self.standard_input(Some(relation)),
            Some((relation, file)) if !Path::new(argument).exists() => {
                self.file(Path::new(file), Some(relation));
            }
            _ if Path::new(argument).is_dir() => self.folder(Path::new(argument)),
            _ => self.file(Path::new(argument), None),
        }
    }

    fn standard_input(&mut self, relation: Option<&str>) {
        let input = io::stdin().lock();
        let form = match relation {
            Some(_) => Form::Table { separator: b',' },
            None => Form::Statements,
        };
        match form::open_stream(input) {
            Ok(input) => self.input(input, STANDARD_INPUT, form, relation),
            Err(reason) => {
                let problem = error::unreadable(STANDARD_INPUT, &reason);
                self.diagnostics.push(problem);
            }
        }
    }

    fn folder(&mut self, folder: &Path) {
        let mut found = Found::default();
        if let Err(reason) = files_under(folder, 0, &mut BTreeSet::new(), &mut found) {
            let problem = error::unreadable(&shown(folder), &words(&reason));
            return self.diagnostics.push(problem);
        }
        let (read, other): (Vec<_>, Vec<_>) =
            (found.files.into_iter()).partition(|path| Form::of(path).is_some());
        for path in other {
            self.diagnostics.push(error::not_read(&shown(&path)));
        }
        for path in found.too_deep {
            let problem = error::too_deep(&shown(&path), DEEPEST);
            self.diagnostics.push(problem);
        }
        if read.is_empty() {
            self.diagnostics.push(error::empty_folder(&shown(folder)));
        }
        for path in read {
            if is_no_ordinary_file(&path) {
                self.diagnostics
                    .push(error::no_ordinary_file(&shown(&path)));
            } else {
                self.file(&path, None);
            }
        }
    }

    fn file(&mut self, path: &Path, relation: Option<&str>) {
        let name = shown(path);
        if self.aside.as_ref().is_some_and(|aside| aside.is(path)) {
            return self.diagnostics.push(error::set_aside_in_itself(&name));
        }
        // A pipe without an ending is read like standard input.
        let form = Form::of(path).or_else(|| {
            let form = match relation {
                Some(_) => Form::Table { separator: b',' },
                None => Form::Statements,
            };
            is_no_ordinary_file(path).then_some(form)
        });
        if form == Some(Form::Database) {
            let read = self.database(path, &name, relation);
            let told = read.err().into_iter().flatten();
            return self.diagnostics.list.extend(told);
        }
        if form == Some(Form::Parquet) {
            let stem = form::stem(path);
            let read = self.parquet(path, &name, relation.unwrap_or(&stem));
            let told = read.err().into_iter().flatten();
            return self.diagnostics.list.extend(told);
        }
        let input = match form::open(path) {
            Ok(input) => input,
            Err(reason) => return self.diagnostics.push(error::unreadable(&name, &reason)),
        };
        let Some(form) = form else {
            return self.diagnostics.push(error::unknown_form(&name));
        };
        if form == Form::Statements && relation.is_some() {
            return self.diagnostics.push(error::relation_needless(&name));
        }
        let stem = form::stem(path);
        self.input(input, &name, form, relation.or(Some(&stem)));
    }

    fn input(&mut self, input: impl Read, name: &str, form: Form, relation: Option<&str>) {
        let result = match form {
            Form::Statements => self.statements(input, name).map_err(one),
            Form::Table { separator } => self.table(input, name, separator, relation),
            Form::Json => self.json(input, name, relation).map_err(one),
            Form::JsonLines => self.json_lines(input, name, relation),
            Form::Database | Form::Parquet => unreachable!("it is no stream"),
        };
        self.diagnostics
            .list
            .extend(result.err().into_iter().flatten());
    }

    fn statements(&mut self, input: impl Read, name: &str) -> Result<(), Diagnostic> {
        let text = self.text(input, name, syntax::LARGEST)?;
        let file = self.sources.add(name, text);
        let (parsed, problems) = syntax::parse(self.sources, file);
        self.diagnostics.extend(problems);
        let (facts, problems) = resolve_facts(self.policy, &parsed);
        self.facts.extend(facts);
        self.diagnostics.extend(problems);
        Ok(())
    }

    /// A file of rows, and what they give.
    fn begin(
        &mut self,
        name: &str,
        relation: Option<&str>,
    ) -> Result<(FileId, Gives<'a>), Vec<Diagnostic>> {
        let file = self.sources.add(name, "");
        let gives = Gives::named(self.policy, relation.unwrap_or(""), first_line(file));
        Ok((file, gives.map_err(one)?))
    }

    /// What makes the facts of a piece of a file.
    fn make_rows(&self, gives: Gives<'a>, file: FileId) -> impl Fn() -> Rows<'a> + use<'a> {
        let (policy, sets_aside) = (self.policy, self.aside.is_some());
        let symbols = Symbols::beside(&self.symbols, false);
        move || Rows::new(policy, gives, file, sets_aside, &symbols)
    }

    fn table(
        &mut self,
        input: impl Read,
        name: &str,
        separator: u8,
        relation: Option<&str>,
    ) -> Result<(), Vec<Diagnostic>> {
        let (file, gives) = self.begin(name, relation)?;
        let make = self.make_rows(gives, file);
        let stopped = |stop| one(error::stopped(stop, name, file));
        let mut chunks = Chunks::new(input).map_err(stopped)?;
        let header = Header::new(&make(), chunks.ahead(), separator, (name, file))?;
        let cut = Cut::Table {
            separator: header.separator,
        };
        let mut gathered = self.gathered(gives, name, file);
        gathered.columns(&header.names, header.ignored());
        let read = |rows: &mut Rows<'a>, piece, is_first| header.rows(rows, piece, is_first);
        let result = read_all(|| chunks.next(cut), &make, &read, &mut gathered);
        let (batches, told) = gathered.finish();
        self.take(batches, told);
        result.map_err(stopped)
    }

    /// The tables of a file that are named as relations or feeds; or the one that is wanted.
    fn database(
        &mut self,
        path: &Path,
        name: &str,
        wanted: Option<&str>,
    ) -> Result<(), Vec<Diagnostic>> {
        if form::is_packed(path) {
            return Err(one(error::packed_database(name)));
        }
        let unreadable = |reason: String| one(error::unreadable(name, &reason));
        let database = Database::open(path).map_err(unreadable)?;
        let tables = database.tables().map_err(unreadable)?;
        let policy = self.policy;
        let is_known = |table: &str| Gives::is_named(policy, table);
        let chosen = sqlite::chosen(tables, wanted, is_known, name).map_err(one)?;
        for table in &chosen.0 {
            if let Err(wrong) = self.database_table(&database, name, table) {
                self.diagnostics.list.extend(wrong);
            }
        }
        let others: Vec<&str> = chosen.1.iter().map(String::as_str).collect();
        if !others.is_empty() {
            self.diagnostics.push(error::tables_not_used(name, &others));
        }
        Ok(())
    }

    fn database_table(
        &mut self,
        database: &Database,
        name: &str,
        table: &str,
    ) -> Result<(), Vec<Diagnostic>> {
        let file = self.sources.add_table(name, table);
        let name = self.sources.file(file).name.clone();
        let gives = Gives::named(self.policy, table, first_line(file)).map_err(one)?;
        let mut rows = self.make_rows(gives, file)();
        let mut gathered = self.gathered(gives, &name, file);
        let read = database.read(table, &mut rows, &mut gathered);
        let (batches, told) = gathered.finish();
        self.take(batches, told);
        let stopped = |stop| error::stopped(stop, &name, file);
        read.map_err(|trouble| scalars::told(trouble, stopped))
    }

    fn parquet(&mut self, path: &Path, name: &str, relation: &str) -> Result<(), Vec<Diagnostic>> {
        if form::is_packed(path) {
            return Err(one(error::packed_columns(name)));
        }
        let file = self.sources.add_rows(name);
        let gives = Gives::named(self.policy, relation, first_line(file)).map_err(one)?;
        let mut rows = self.make_rows(gives, file)();
        let sets_aside = self.aside.is_some();
        let mut gathered = self.gathered(gives, name, file);
        let at = (name, file);
        let read = parquet::read(path, at, sets_aside, &mut rows, &mut gathered);
        let (batches, told) = gathered.finish();
        self.take(batches, told);
        let stopped = |stop| error::stopped(stop, name, file);
        read.map_err(|trouble| scalars::told(trouble, stopped))
    }

    fn json_lines(
        &mut self,
        input: impl Read,
        name: &str,
        relation: Option<&str>,
    ) -> Result<(), Vec<Diagnostic>> {
        let (file, gives) = self.begin(name, relation)?;
        let make = self.make_rows(gives, file);
        let stopped = |stop| one(error::stopped(stop, name, file));
        let mut chunks = Chunks::new(input).map_err(stopped)?;
        let mut gathered = self.gathered(gives, name, file);
        gathered.objects();
        let read = |rows: &mut Rows<'a>, piece, _| json::each_line(rows, piece);
        let result = read_all(|| chunks.next(Cut::Lines), &make, &read, &mut gathered);
        let has_rows = gathered.has_rows();
        let (batches, told) = gathered.finish();
        self.take(batches, told);
        result.map_err(stopped)?;
        match has_rows {
            true => Ok(()),
            false => Err(one(error::empty_file(name, first_line(file)))),
        }
    }

    fn json(
        &mut self,
        input: impl Read,
        name: &str,
        relation: Option<&str>,
    ) -> Result<(), Diagnostic> {
        let text = self.text(input, name, LARGEST_JSON)?;
        let file = self.sources.add(name, "");
        let bad = |reason: serde_json::Error| {
            let line = u32::try_from(reason.line()).unwrap_or(1);
            error::bad_json(&json::in_words(&reason), Place::Record { file, line })
        };
        let mut lines = json::LineCount::new(&text);
        if !text.trim_start().starts_with('{') {
            let list = json::list(&text).map_err(bad)?;
            let gives = Gives::named(self.policy, relation.unwrap_or(""), first_line(file))?;
            return self.json_rows(gives, file, name, &list, &mut lines);
        }
        let json::Object(relations) = serde_json::from_str(&text).map_err(bad)?;
        for (relation, value) in relations {
            let line = lines.line_of(value.get());
            let place = Place::Record { file, line };
            let list = json::list(value.get()).map_err(|_| error::json_shape(place))?;
            let gives = Gives::named(self.policy, &relation, place)?;
            self.json_rows(gives, file, name, &list, &mut lines)?;
        }
        Ok(())
    }

    fn json_rows(
        &mut self,
        gives: Gives<'a>,
        file: FileId,
        name: &str,
        list: &[&RawValue],
        lines: &mut json::LineCount<'_>,
    ) -> Result<(), Diagnostic> {
        let mut rows = self.make_rows(gives, file)();
        json::rows(&mut rows, list, lines);
        let mut gathered = self.gathered(gives, name, file);
        gathered.objects();
        // All of it is one piece.
        let added = gathered.add(0, rows.take_piece());
        let (batches, told) = gathered.finish();
        self.take(batches, told);
        added.map_err(|stop| error::stopped(stop, name, file))
    }

    fn gathered(&mut self, gives: Gives<'a>, name: &str, file: FileId) -> Gathered<'_> {
        let words: usize = self.batches.iter().map(|batch| batch.cells.len()).sum();
        Gathered::new(
            &mut self.symbols,
            words * size_of::<Code>(),
            self.aside.as_deref_mut(),
            (self.policy, gives),
            (name, file),
        )
    }

    fn take(&mut self, batches: Vec<Arc<Batch>>, told: Vec<Diagnostic>) {
        self.batches.extend(batches);
        self.diagnostics.list.extend(told);
    }

    /// The whole text, without a byte-order mark.
    fn text(&mut self, input: impl Read, name: &str, most: usize) -> Result<String, Diagnostic> {
        let bytes = read_within(input, most).map_err(|reason| match reason.kind() {
            ErrorKind::FileTooLarge => error::too_large(name, most),
            _ => error::unreadable(name, &words(&reason)),
        })?;
        let mut place_at = |line: usize| Place::Record {
            file: self.sources.add(name, ""),
            line: line as u32,
        };
        let text = String::from_utf8(bytes).map_err(|wrong| {
            let good = &wrong.as_bytes()[..wrong.utf8_error().valid_up_to()];
            let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
            error::not_utf8(name, place_at(line))
        })?;
        let text = match text.strip_prefix('\u{FEFF}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        // A program before this one may have no facts to give.
        if text.trim().is_empty() && name != STANDARD_INPUT {
            return Err(error::empty_file(name, place_at(1)));
        }
        Ok(text)
    }
}

fn first_line(file: FileId) -> Place {
    Place::Record { file, line: 1 }
}

fn one(problem: Diagnostic) -> Vec<Diagnostic> {
    vec![problem]
}

/// As the user named it, with `/`.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// What lies in a folder and the folders in it.
#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
    /// Folders that lie deeper than is looked.
    too_deep: Vec<PathBuf>,
}

/// All files in a folder and the folders in it, in the order of their names; hidden ones are left out.
/// Links may lead back to a folder: each is read once.
fn files_under(
    folder: &Path,
    depth: usize,
    seen: &mut BTreeSet<PathBuf>,
    found: &mut Found,
) -> io::Result<()> {
    if !seen.insert(folder.canonicalize()?) {
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    entries.sort();
    for path in entries {
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_hidden {
            continue;
        }
        if path.is_dir() {
            match depth < DEEPEST {
                true => files_under(&path, depth + 1, seen, found)?,
                false => found.too_deep.push(path),
            }
        } else {
            found.files.push(path);
        }
    }
    Ok(())
}
