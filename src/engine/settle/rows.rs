//! Rows that may hold, each with the condition under which it does, found by the cells that are known.

use super::cell::Cell;
use super::formula::Formula;
use crate::datalog::program::RelId;
use crate::value::Value;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// A row of `Open::rows`.
pub(super) type OpenId = u32;

/// Columns of a row: a bit each, for the first 64.
pub(super) type Columns = u64;

/// A row with its condition.
pub(super) struct OpenRow {
    pub(super) rel: RelId,
    pub(super) cells: Vec<Cell>,
    pub(super) condition: Formula,
    /// The rows that are worked out from this one (places in the list of what is to be settled).
    pub(super) readers: Vec<u32>,
    /// What it was worked out for (a place in the list of what is wanted); none for a row that is given.
    pub(super) wanted: Option<u32>,
}

/// Rows with open conditions or open cells.
#[derive(Default)]
pub(super) struct OpenRows {
    pub(super) list: Vec<OpenRow>,
    ids: HashMap<(RelId, Vec<Cell>), OpenId>,
    /// By relation, and by which columns are known.
    groups: BTreeMap<RelId, BTreeMap<Columns, Group>>,
}

/// How many rows of the group are in it, and where they are by their values in the key's columns.
type Index = (usize, HashMap<Vec<Value>, Vec<OpenId>>);

#[derive(Default)]
struct Group {
    ids: Vec<OpenId>,
    /// By the columns of the key.
    indexes: HashMap<Columns, Index>,
}

impl OpenRows {
    /// Adds a row, unless it is there; whether it is new.
    pub(super) fn add(
        &mut self,
        rel: RelId,
        cells: Vec<Cell>,
        condition: Formula,
    ) -> (OpenId, bool) {
        let next = self.list.len() as OpenId;
        let id = *self.ids.entry((rel, cells.clone())).or_insert(next);
        if id < next {
            return (id, false);
        }
        let groups = self.groups.entry(rel).or_default();
        groups
            .entry(known_columns(&cells))
            .or_default()
            .ids
            .push(id);
        self.list.push(OpenRow {
            rel,
            cells,
            condition,
            readers: Vec::new(),
            wanted: None,
        });
        (id, true)
    }

    /// Whether there is any row of a relation.
    pub(super) fn has_any(&self, rel: RelId) -> bool {
        self.groups.contains_key(&rel)
    }

    /// As `matching`, one by one.
    pub(super) fn all_matching(&self, rel: RelId, pattern: &[Option<Cell>]) -> Vec<OpenId> {
        let differs = |cell: &Cell, asked: &Option<Cell>| match (cell, asked) {
            (Cell::Known(value), Some(Cell::Known(asked))) => value != asked,
            _ => false,
        };
        let groups = self.groups.get(&rel).into_iter().flatten();
        let ids = groups.flat_map(|(_, group)| &group.ids).copied();
        ids.filter(|id| {
            let cells = &self.list[*id as usize].cells;
            !cells
                .iter()
                .zip(pattern)
                .any(|(cell, asked)| differs(cell, asked))
        })
        .collect()
    }

    /// The rows of a relation that are not known to differ from the known cells.
    pub(super) fn matching(&mut self, rel: RelId, pattern: &[Option<Cell>]) -> Vec<OpenId> {
        let asked = pattern.iter().map(|cell| match cell {
            Some(Cell::Known(value)) => Some(value),
            _ => None,
        });
        let asked: Vec<Option<&Value>> = asked.collect();
        let wanted = columns_where(asked.iter().map(Option::is_some));
        let list = &self.list;
        let mut found = Vec::new();
        for (known, group) in self.groups.get_mut(&rel).into_iter().flatten() {
            let columns = known & wanted;
            if columns == 0 {
                found.extend(&group.ids);
                continue;
            }
            let Group { ids, indexes } = group;
            let (done, index) = indexes.entry(columns).or_default();
            for id in &ids[*done..] {
                let cells = &list[*id as usize].cells;
                index
                    .entry(key(columns, |at| cells[at].known()))
                    .or_default()
                    .push(*id);
            }
            *done = ids.len();
            found.extend(
                index
                    .get(&key(columns, |at| asked[at]))
                    .into_iter()
                    .flatten(),
            );
        }
        found
    }
}

fn known_columns(cells: &[Cell]) -> Columns {
    columns_where(cells.iter().map(|cell| cell.known().is_some()))
}

pub(super) fn columns_where(is_in: impl Iterator<Item = bool>) -> Columns {
    let bits = is_in.take(64).enumerate();
    bits.fold(0, |columns, (at, is_in)| {
        columns | (Columns::from(is_in) << at)
    })
}

pub(super) fn key<'a>(columns: Columns, value: impl Fn(usize) -> Option<&'a Value>) -> Vec<Value> {
    (0..64)
        .filter(|at| columns >> at & 1 == 1)
        .filter_map(|at| value(at).cloned())
        .collect()
}
