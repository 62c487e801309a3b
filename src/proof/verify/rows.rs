//! Rows of one relation, found by any of their fields.

use crate::value::Value;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// The places of rows by some of their values.
type Index = HashMap<Vec<Value>, Vec<usize>>;

/// Rows, each once, in the order in which they were added.
#[derive(Default)]
pub(super) struct Rows {
    all: Vec<Vec<Value>>,
    places: HashMap<Vec<Value>, usize>,
    /// Those with a value that nobody knows: they may match anything.
    open: Vec<usize>,
    /// By which fields are asked: the rows by their values there. Made when first asked.
    by_fields: RefCell<HashMap<Vec<usize>, Index>>,
}

impl Rows {
    /// Adds a row; its place.
    pub fn add(&mut self, row: Vec<Value>) -> usize {
        if let Some(at) = self.places.get(&row) {
            return *at;
        }
        let at = self.all.len();
        if row.iter().any(Value::is_open) {
            self.open.push(at);
        }
        for (fields, found) in self.by_fields.get_mut() {
            found.entry(values_at(&row, fields)).or_default().push(at);
        }
        self.places.insert(row.clone(), at);
        self.all.push(row);
        at
    }

    /// Whether the row is there.
    pub fn contains(&self, row: &[Value]) -> bool {
        self.places.contains_key(row)
    }

    /// The row at a place.
    pub fn row(&self, at: usize) -> &[Value] {
        &self.all[at]
    }

    /// The places of the rows that have these values; and of all rows with a value that nobody knows.
    pub fn matching(&self, known: &[Option<Value>]) -> Vec<usize> {
        let fields: Vec<usize> = (0..known.len()).filter(|at| known[*at].is_some()).collect();
        if fields.is_empty() {
            return (0..self.all.len()).collect();
        }
        let values: Vec<Value> = known.iter().flatten().cloned().collect();
        let mut found = if fields.len() == known.len() {
            self.places.get(&values).copied().into_iter().collect()
        } else {
            let mut indexes = self.by_fields.borrow_mut();
            let index = indexes.entry(fields).or_insert_with_key(|fields| {
                let mut index = Index::new();
                for (at, row) in self.all.iter().enumerate() {
                    index.entry(values_at(row, fields)).or_default().push(at);
                }
                index
            });
            index.get(&values).cloned().unwrap_or_default()
        };
        if !self.open.is_empty() {
            let own: HashSet<usize> = found.iter().copied().collect();
            found.extend(self.open.iter().filter(|at| !own.contains(at)));
        }
        found
    }
}

fn values_at(row: &[Value], fields: &[usize]) -> Vec<Value> {
    fields.iter().map(|at| row[*at].clone()).collect()
}
