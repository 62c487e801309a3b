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

pub use names::Names;

use crate::diagnostic::Diagnostics;
use crate::ir::{Fact, Policy, Presumption};
use crate::source::Sources;
use crate::value::{Type, TypeId, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is given: the facts of a run or case.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// In the order given; one fact may stand twice, with two places. Copies share them until one is changed.
    pub list: Arc<Vec<Fact>>,
    /// What is presumed where no fact settles it.
    pub presumptions: Vec<Presumption>,
}

impl Facts {
    /// These facts, and nothing presumed.
    pub fn of(list: Vec<Fact>) -> Facts {
        Facts {
            list: Arc::new(list),
            presumptions: Vec::new(),
        }
    }

    /// The facts, to be changed in these alone.
    pub fn list_mut(&mut self) -> &mut Vec<Fact> {
        Arc::make_mut(&mut self.list)
    }

    /// Adds what is given and presumed elsewhere.
    pub fn add(&mut self, more: Facts) {
        match self.list.is_empty() {
            true => self.list = more.list,
            false => self.list_mut().extend(Arc::unwrap_or_clone(more.list)),
        }
        self.presumptions.extend(more.presumptions);
    }

    /// Every name in the policy or the facts, by type: what `Country(C)` holds of.
    pub fn named(&self, policy: &Policy) -> BTreeMap<TypeId, Names> {
        names::named(policy, &self.list)
    }
}

/// One file of facts, as named on the command line: `FILE`, or `RELATION=FILE`; a folder is all files of facts in it.
/// `-` is standard input.
pub fn read(policy: &Policy, sources: &mut Sources, argument: &str) -> (Facts, Diagnostics) {
    let (list, mut diagnostics) = files::read(policy, sources, argument);
    diagnostics.extend(names::near_names(policy, &list));
    (Facts::of(list), diagnostics)
}

/// Facts that leave a field open, where another fact with the same known fields gives it: only the fuller ones.
pub fn completed(policy: &Policy, facts: &Facts) -> Facts {
    let mut completed = facts.clone();
    if let Some(list) = check::completed(policy, &facts.list) {
        completed.list = Arc::new(list);
    }
    completed
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
