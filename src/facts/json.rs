//! JSON: a list of objects, an object with such a list for each relation, or an object a line. Numbers are read as
//! written, never through floating point.

use super::cell::Cell;
use super::error::Slip;
use super::records::{NO_TEXT, text_of};
use super::row::{Column, Rows};
use crate::source::{LONGEST_LINE, LongRow};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

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

/// Adds the facts of one object a line.
pub(super) fn each_line(rows: &mut Rows<'_>, piece: Vec<u8>) {
    let text = text_of(piece);
    for (line, text) in (1..).zip(text.split_inclusive('\n')) {
        rows.piece().ends += u32::from(text.ends_with('\n'));
        if text.len() > LONGEST_LINE {
            let open_quote = None;
            rows.piece().too_long = Some(LongRow { line, open_quote });
            return;
        }
        if text.trim().is_empty() {
            continue;
        }
        rows.piece().has_rows = true;
        match text.contains(NO_TEXT) {
            true => rows.refuse(vec![Slip::not_text()], line, || {
                (Vec::new(), text.to_owned())
            }),
            false => row(rows, text.trim_end_matches(['\n', '\r']), line),
        }
    }
}

fn row(rows: &mut Rows<'_>, text: &str, line: u32) {
    let whole = || (Vec::new(), text.to_owned());
    let object: Object<'_> = match serde_json::from_str(text) {
        Ok(object) => object,
        Err(reason) => {
            let slip = Slip::bad_json(&in_words(&reason));
            return rows.refuse(vec![slip], line, whole);
        }
    };
    let lines = object.0.iter().map(|(_, value)| {
        let start = value.get().as_ptr() as usize - text.as_ptr() as usize;
        text[..start].matches('\n').count() as u32
    });
    rows.begin_object(lines.collect());
    match cells(rows, &object) {
        Ok(cells) => {
            let given = cells.iter();
            let given = given.map(|(column, at, name, it)| (*column, at + 1, *name, it.cell()));
            if let Err(slips) = rows.row(given, line) {
                rows.refuse(slips, line, whole);
            }
        }
        Err(slip) => rows.refuse(vec![slip], line, whole),
    }
}

/// What a value fills, its place among the names and its name.
type Given<'a> = (Column, usize, &'a str, Scalar<'a>);

fn cells<'a>(rows: &mut Rows<'_>, object: &'a Object<'_>) -> Result<Vec<Given<'a>>, Slip> {
    let mut cells: Vec<Given<'a>> = Vec::with_capacity(object.0.len());
    for (at, (name, value)) in object.0.iter().enumerate() {
        let placed = |slip: Slip| slip.under_name(at + 1, name);
        let Some(column) = rows.column(name) else {
            let near = rows.near(name);
            let is_given = |column: &Column| {
                let mut names = object.0.iter().map(|(name, _)| name);
                names.any(|name| rows.column(name) == Some(*column))
            };
            if !near.iter().all(is_given) {
                return Err(placed(rows.unknown_column(name)));
            }
            rows.piece().ignore(name);
            continue;
        };
        rows.see(column);
        if cells.iter().any(|(other, ..)| *other == column) {
            return Err(placed(Slip::column_twice(name)));
        }
        let scalar = Scalar::new(value.get()).map_err(placed)?;
        cells.push((column, at, name, scalar));
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
