//! JSON: a list of objects, an object with such a list for each relation, or an object a line. Numbers are read as
//! written, never through floating point.

use super::cell::Cell;
use super::error::{self, Slip};
use super::row::{Column, Rows};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, LongRow, Place, read_line, reason};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::io::{BufRead, ErrorKind};

/// An object as written: its names in their order, also one that stands twice.
pub(super) struct Object<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Object<'a>, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries).map(Object)
    }
}

/// A list as written.
pub(super) fn list(text: &str) -> Result<Vec<&RawValue>, serde_json::Error> {
    serde_json::from_str(text)
}

/// Counts lines up to places in a text, in their order.
pub(super) struct LineCount<'a> {
    text: &'a str,
    passed: usize,
    line: u32,
}

impl<'a> LineCount<'a> {
    pub(super) fn new(text: &'a str) -> LineCount<'a> {
        LineCount {
            text,
            passed: 0,
            line: 1,
        }
    }

    /// The line, from 1, on which a part of the text starts; at or behind the part asked about before.
    pub(super) fn line_of(&mut self, part: &str) -> u32 {
        let start = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let between = self.text.as_bytes().get(self.passed..start).unwrap_or(&[]);
        self.line += between.iter().filter(|byte| **byte == b'\n').count() as u32;
        self.passed = self.passed.max(start);
        self.line
    }
}

/// Adds the facts of a list of objects.
pub(super) fn rows(rows: &mut Rows<'_>, list: &[&RawValue], lines: &mut LineCount<'_>) {
    for (at, object) in list.iter().enumerate() {
        rows.begin_row(at + 1);
        let line = lines.line_of(object.get());
        row(rows, object.get(), line);
    }
}

/// Adds the facts of one object a line, read line by line. What keeps the whole file from being read is the error.
pub(super) fn each_line(
    rows: &mut Rows<'_>,
    input: &mut impl BufRead,
    name: &str,
    file: FileId,
) -> Result<(), Diagnostic> {
    let mut is_empty = true;
    for number in 1.. {
        let line = read_line(input).map_err(|problem| match problem.kind() {
            ErrorKind::FileTooLarge => {
                let (line, open_quote) = (number, None);
                error::long_row(LongRow { line, open_quote }, file)
            }
            _ => error::unreadable(name, &reason(&problem)),
        })?;
        if line.is_empty() {
            break;
        }
        let Ok(text) = std::str::from_utf8(&line) else {
            is_empty = false;
            rows.slip(Slip::not_text(), number);
            continue;
        };
        let text = match number {
            1 => text.trim_start_matches('\u{FEFF}'),
            _ => text,
        };
        if !text.trim().is_empty() {
            is_empty = false;
            row(rows, text.trim_end_matches(['\n', '\r']), number);
        }
    }
    match is_empty {
        true => Err(error::empty_file(name, Place::Record { file, line: 1 })),
        false => Ok(()),
    }
}

fn row(rows: &mut Rows<'_>, text: &str, line: u32) {
    let object: Object<'_> = match serde_json::from_str(text) {
        Ok(object) => object,
        Err(reason) => return rows.slip(Slip::bad_json(&in_words(&reason)), line),
    };
    let lines = object.0.iter().map(|(_, value)| {
        let start = value.get().as_ptr() as usize - text.as_ptr() as usize;
        text[..start].matches('\n').count() as u32
    });
    rows.begin_object(lines.collect());
    match cells(rows, &object) {
        Ok(cells) => {
            let given = cells
                .iter()
                .enumerate()
                .map(|(at, (column, name, scalar))| (*column, at + 1, *name, scalar.cell()));
            rows.row(given, line);
        }
        Err(slip) => rows.slip(slip, line),
    }
}

type Given<'a> = (Column, &'a str, Scalar<'a>);

fn cells<'a>(rows: &Rows<'_>, object: &'a Object<'_>) -> Result<Vec<Given<'a>>, Slip> {
    let mut cells: Vec<Given<'a>> = Vec::with_capacity(object.0.len());
    for (at, (name, value)) in object.0.iter().enumerate() {
        let placed = |slip: Slip| slip.under_name(at + 1, name);
        let column = rows
            .column(name)
            .ok_or_else(|| placed(rows.unknown_column(name)))?;
        if cells.iter().any(|(other, ..)| *other == column) {
            return Err(placed(Slip::column_twice(name)));
        }
        let scalar = Scalar::new(value.get()).map_err(placed)?;
        cells.push((column, name, scalar));
    }
    Ok(cells)
}

/// One value in a field.
enum Scalar<'a> {
    Null,
    Text(String),
    Number(&'a str),
    Bool(bool),
}

impl<'a> Scalar<'a> {
    fn new(raw: &'a str) -> Result<Scalar<'a>, Slip> {
        match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw)
                .map(Scalar::Text)
                .map_err(|_| Slip::half_a_sign(raw)),
            Some(b'n') => Ok(Scalar::Null),
            Some(b't') => Ok(Scalar::Bool(true)),
            Some(b'f') => Ok(Scalar::Bool(false)),
            Some(b'[' | b'{') | None => Err(Slip::no_single_value()),
            Some(_) => Ok(Scalar::Number(raw)),
        }
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Scalar::Null => Cell::Empty,
            Scalar::Text(text) if text.trim().is_empty() => Cell::Empty,
            Scalar::Text(text) => Cell::Words(text),
            Scalar::Number(raw) => Cell::Number(raw),
            Scalar::Bool(truth) => Cell::Bool(*truth),
        }
    }
}

/// What is wrong with an escape such as `\ud800` that stands alone.
pub(super) const HALF_A_SIGN: &str =
    "one half of a sign that takes two, such as `\\ud83d\\ude00`, stands without the other";

/// What the reader found, without the place, which is told elsewhere.
pub(super) fn in_words(reason: &serde_json::Error) -> String {
    if reason.is_eof() {
        return "it ends where a bracket, a brace or a quote is still open".into();
    }
    let text = reason.to_string();
    let is_half = text.contains("surrogate") || text.contains("unexpected end of hex escape");
    if is_half {
        return format!("{HALF_A_SIGN} in column {}", reason.column());
    }
    match text.rfind(" at line ") {
        Some(end) if reason.is_syntax() => {
            format!("{} in column {}", &text[..end], reason.column())
        }
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
