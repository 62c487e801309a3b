//! The rows of tables that come and go.

use super::changes::{Found, in_front, named};
use super::pieces::{Home, Piece};
use crate::source::Place;
use std::collections::BTreeSet;

/// How many rows of a file are shown that came or went.
const MOST_ROWS: usize = 20;

impl Found<'_> {
    /// The rows of a table: a row that begins alike on both sides is changed; the others come and go. Where some stand in a file,
    /// they are one change.
    pub(super) fn rows(
        &mut self,
        home: &Home,
        relation: &str,
        old: Vec<&Piece>,
        mut new: Vec<&Piece>,
    ) {
        let mut all = old.iter().chain(&new);
        if all.any(|piece| piece.rows_of_file().is_some()) {
            return self.rows_of_files(home, relation, &old, &new);
        }
        let table = format!("a row of `{relation}`");
        let mut alone = Vec::new();
        let mut pairs = Vec::new();
        for piece in old {
            let is_only = |at: &usize| first(new[*at]) == first(piece);
            match (0..new.len()).find(is_only) {
                Some(at) => pairs.push((piece, new.remove(at))),
                None => alone.push(piece),
            }
        }
        // One gone and one come are one that is written otherwise.
        if let ([gone], [come]) = (alone.as_slice(), new.as_slice()) {
            pairs.push((*gone, *come));
            alone.clear();
            new.clear();
        }
        for (before, after) in pairs {
            let title = format!("{}: {table} is changed", named(home));
            self.add(home, title, &[before], &[after]);
        }
        for piece in alone {
            let title = format!("{}: {table} is removed", named(home));
            self.add(home, title, &[piece], &[]);
        }
        for piece in new {
            let title = format!("{}: {table} is added", named(home));
            self.add(home, title, &[], &[piece]);
        }
    }

    /// A table whose rows stand, or stood, in a file: which of them come and go.
    fn rows_of_files(&mut self, home: &Home, relation: &str, old: &[&Piece], new: &[&Piece]) {
        let gone = self.alone(old, new);
        let come = self.alone(new, old);
        let told = [(gone.len(), "removed"), (come.len(), "added")];
        let told = told.into_iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told
            .map(|(count, verb)| format!("{count} {verb}"))
            .collect();
        let files = new.iter().chain(old);
        let file = files.filter_map(|piece| piece.rows_of_file()).next();
        let title = format!(
            "{}rows of `{relation}` in “{}”: {}",
            in_front(home),
            file.unwrap_or_default(),
            told.join(", ")
        );
        self.add(home, title, old, new);
        if let Some((_, change)) = self.list.last_mut() {
            change.old = few(gone);
            change.new = few(come);
        }
    }

    /// The rows that the other side does not have, each with its place.
    fn alone(&self, own: &[&Piece], other: &[&Piece]) -> Vec<(String, String)> {
        let other: BTreeSet<&String> = other.iter().flat_map(|piece| &piece.means).collect();
        let mut alone = Vec::new();
        for piece in own {
            let place = match (piece.rows_of_file(), piece.spans.first()) {
                (Some(file), _) => file.to_owned(),
                (None, Some(span)) => self.sides.new.0.sources.cite(Place::Span(*span)),
                (None, None) => String::new(),
            };
            let rows = piece.means.iter().filter(|row| !other.contains(row));
            alone.extend(rows.map(|row| (place.clone(), row.clone())));
        }
        alone
    }
}

/// What stands in the first column.
fn first(piece: &Piece) -> String {
    let meaning = piece.meaning();
    let words = meaning.split(['(', ',', ')']).nth(1);
    words.unwrap_or_default().to_owned()
}

/// The first of many, and how many more there are.
fn few(mut rows: Vec<(String, String)>) -> Vec<(String, String)> {
    let more = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);
    if let (Some((place, _)), true) = (rows.last(), more > 0) {
        let rest = match more {
            1 => "… and 1 more row".into(),
            more => format!("… and {more} more rows"),
        };
        rows.push((place.clone(), rest));
    }
    rows
}
