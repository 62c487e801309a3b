//! From an argument to files, and from a file to facts.

use super::row::Rows;
use super::{error, json, table};
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::ir::{Fact, Kind, Policy, RelationId, RelationKind, resolve_facts};
use crate::source::{FileId, Place, Sources, is_no_ordinary_file, read_within, reason as words};
use crate::syntax;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// How many folders may stand in each other.
const DEEPEST: usize = 32;
/// The largest file that is read as one piece of JSON, in bytes.
const LARGEST_JSON: usize = 256 << 20;
const STANDARD_INPUT: &str = "standard input";

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Statements,
    Table { separator: u8 },
    Json,
    JsonLines,
}

impl Form {
    fn of(path: &Path) -> Option<Form> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "lexlog" => Some(Form::Statements),
            "csv" => Some(Form::Table { separator: b',' }),
            "tsv" => Some(Form::Table { separator: b'\t' }),
            "json" => Some(Form::Json),
            "jsonl" => Some(Form::JsonLines),
            _ => None,
        }
    }
}

/// What an argument names.
pub(super) fn read(
    policy: &Policy,
    sources: &mut Sources,
    argument: &str,
) -> (Vec<Fact>, Diagnostics) {
    let mut reading = Reading {
        policy,
        sources,
        facts: Vec::new(),
        diagnostics: Diagnostics::default(),
    };
    match argument.split_once('=') {
        _ if argument == "-" => reading.standard_input(None),
        Some((relation, "-")) => reading.standard_input(Some(relation)),
        Some((relation, file)) if !Path::new(argument).exists() => {
            reading.file(Path::new(file), Some(relation));
        }
        _ if Path::new(argument).is_dir() => reading.folder(Path::new(argument)),
        _ => reading.file(Path::new(argument), None),
    }
    (reading.facts, reading.diagnostics)
}

struct Reading<'a> {
    policy: &'a Policy,
    sources: &'a mut Sources,
    facts: Vec<Fact>,
    diagnostics: Diagnostics,
}

impl<'a> Reading<'a> {
    fn standard_input(&mut self, relation: Option<&str>) {
        let input = io::stdin().lock();
        let form = match relation {
            Some(_) => Form::Table { separator: b',' },
            None => Form::Statements,
        };
        self.input(input, STANDARD_INPUT, form, relation);
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
        // A pipe without an ending is read like standard input.
        let form = Form::of(path).or_else(|| {
            let form = match relation {
                Some(_) => Form::Table { separator: b',' },
                None => Form::Statements,
            };
            is_no_ordinary_file(path).then_some(form)
        });
        let input = match open(path) {
            Ok(input) => input,
            Err(reason) => return self.diagnostics.push(error::unreadable(&name, &reason)),
        };
        let Some(form) = form else {
            return self.diagnostics.push(error::unknown_form(&name));
        };
        if form == Form::Statements && relation.is_some() {
            return self.diagnostics.push(error::relation_needless(&name));
        }
        // Letters that are not UTF-8 are in no relation's name: the message shows what there is of it.
        let stem = path.file_stem().map(|stem| stem.to_string_lossy());
        self.input(input, &name, form, relation.or(stem.as_deref()));
    }

    fn input(&mut self, input: impl Read, name: &str, form: Form, relation: Option<&str>) {
        let result = match form {
            Form::Statements => self.statements(input, name),
            Form::Table { separator } => self.table(input, name, separator, relation),
            Form::Json => self.json(input, name, relation),
            Form::JsonLines => self.json_lines(input, name, relation),
        };
        if let Err(problem) = result {
            self.diagnostics.push(problem);
        }
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

    fn table(
        &mut self,
        input: impl Read,
        name: &str,
        separator: u8,
        relation: Option<&str>,
    ) -> Result<(), Diagnostic> {
        let file = self.sources.add(name, "");
        let mut rows = self.rows_of(relation.unwrap_or(""), file)?;
        let result = table::read(&mut rows, input, separator, name, file);
        self.finish(rows);
        result
    }

    fn json_lines(
        &mut self,
        input: impl Read,
        name: &str,
        relation: Option<&str>,
    ) -> Result<(), Diagnostic> {
        let file = self.sources.add(name, "");
        let mut rows = self.rows_of(relation.unwrap_or(""), file)?;
        let mut input = BufReader::new(input);
        let result = json::each_line(&mut rows, &mut input, name, file);
        self.finish(rows);
        result
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
            let mut rows = self.rows_of(relation.unwrap_or(""), file)?;
            json::rows(&mut rows, &list, &mut lines);
            self.finish(rows);
            return Ok(());
        }
        let json::Object(relations) = serde_json::from_str(&text).map_err(bad)?;
        for (relation, value) in relations {
            let line = lines.line_of(value.get());
            let place = Place::Record { file, line };
            let list = json::list(value.get()).map_err(|_| error::json_shape(place))?;
            let mut rows = self.rows_at(&relation, file, line)?;
            json::rows(&mut rows, &list, &mut lines);
            self.finish(rows);
        }
        Ok(())
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

    fn rows_of(&self, relation: &str, file: FileId) -> Result<Rows<'a>, Diagnostic> {
        self.rows_at(relation, file, 1)
    }

    fn rows_at(&self, relation: &str, file: FileId, line: u32) -> Result<Rows<'a>, Diagnostic> {
        let place = Place::Record { file, line };
        let id = find(self.policy, relation, place)?;
        Ok(Rows::new(self.policy, id, file))
    }

    fn finish(&mut self, rows: Rows<'a>) {
        let (facts, problems) = rows.finish();
        self.facts.extend(facts);
        self.diagnostics.extend(problems);
    }
}

/// As the user named it, with `/`.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn open(path: &Path) -> Result<File, String> {
    match File::open(path) {
        Ok(file) if file.metadata().is_ok_and(|data| data.is_dir()) => Err("it is a folder".into()),
        Ok(file) => Ok(file),
        Err(reason) => Err(words(&reason)),
    }
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

/// The relation of that name: a notice's own also by its plain name, where no other has it.
fn find(policy: &Policy, name: &str, place: Place) -> Result<RelationId, Diagnostic> {
    let ids = || (0..policy.relations.len() as u32).map(RelationId);
    let named = |id: &RelationId| policy.relation(*id).name == name;
    let local = |id: &RelationId| {
        let full = &policy.relation(*id).name;
        full.rsplit_once('.').is_some_and(|(_, own)| own == name)
    };
    let mut locals = ids().filter(local);
    let found = ids().find(named).or_else(|| {
        let first = locals.next();
        first.filter(|_| locals.next().is_none())
    });
    let kind = found.map(|id| policy.relation(id).kind);
    match (found, kind) {
        (Some(id), Some(Kind::Declared(kind))) => match kind {
            RelationKind::Event | RelationKind::Input | RelationKind::Judgement => Ok(id),
            RelationKind::Relation | RelationKind::Verdict => {
                Err(error::wrong_kind(policy.relation(id), kind, place))
            }
        },
        _ => {
            let known = ids().map(|id| policy.relation(id)).filter(|relation| {
                matches!(
                    relation.kind,
                    Kind::Declared(
                        RelationKind::Event | RelationKind::Input | RelationKind::Judgement
                    )
                )
            });
            let near = nearest(name, known.map(|relation| relation.name.as_str()));
            Err(error::unknown_relation(name, near, place))
        }
    }
}
