//! Files of facts to `Facts`: CSV, JSON, `.lexlog`, checked against the declarations, each fact with file and row.
//!
//! `files` finds what an argument names and how it is to be read; `table` and `json` take files apart into rows, `row`
//! makes a fact of one, `cell` a value of one cell. `check` holds facts against each other.

mod cell;
mod check;
mod error;
mod files;
mod json;
mod names;
mod row;
mod table;
#[cfg(test)]
mod tests;

use crate::diagnostic::Diagnostics;
use crate::ir::{Fact, Policy};
use crate::source::Sources;
use crate::value::{TypeId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What is given: the facts of a run or case.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// In the order given; one fact may stand twice, with two places.
    pub list: Vec<Fact>,
}

impl Facts {
    /// Every name in the policy or the facts, by type: what `Country(C)` holds of.
    pub fn named(&self, policy: &Policy) -> BTreeMap<TypeId, BTreeSet<Value>> {
        names::named(policy, &self.list)
    }
}

/// One file of facts, as named on the command line: `FILE`, or `RELATION=FILE`; a folder is all files of facts in it.
/// `-` is standard input.
pub fn read(policy: &Policy, sources: &mut Sources, argument: &str) -> (Facts, Diagnostics) {
    let (list, mut diagnostics) = files::read(policy, sources, argument);
    diagnostics.extend(names::near_names(policy, &list));
    (Facts { list }, diagnostics)
}

/// Finds what cannot stand together: two facts with one key, one event id twice, a judgement both asserted and denied.
pub fn check(policy: &Policy, facts: &Facts) -> Diagnostics {
    check::check(policy, &facts.list)
}
