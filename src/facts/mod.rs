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
use crate::ir::{Fact, Policy, Presumption};
use crate::source::Sources;
use crate::value::{Type, TypeId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What is given: the facts of a run or case.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// In the order given; one fact may stand twice, with two places.
    pub list: Vec<Fact>,
    /// What is presumed where no fact settles it.
    pub presumptions: Vec<Presumption>,
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
    let facts = Facts {
        list,
        ..Facts::default()
    };
    (facts, diagnostics)
}

/// Facts that leave a field open, where another fact with the same known fields gives it: only the fuller ones.
pub fn completed(policy: &Policy, facts: &Facts) -> Facts {
    Facts {
        list: check::completed(policy, &facts.list),
        ..facts.clone()
    }
}

/// A value of that type as written in a table of data or by a person; a number may have its unit. `None`: it is none.
pub fn value(policy: &Policy, ty: Type, text: &str) -> Option<Value> {
    cell::Cells::new(policy)
        .value(cell::Cell::Words(text), ty)
        .ok()
}

/// Finds what cannot stand together: two facts with one key, one event id twice, a judgement both asserted and denied.
pub fn check(policy: &Policy, facts: &Facts) -> Diagnostics {
    check::check(policy, &facts.list)
}
