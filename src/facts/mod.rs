//! Files of facts to `Facts`: CSV, JSON, `.lexlog`, checked against the declarations, each fact with file and row.

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
        let _ = policy;
        BTreeMap::new()
    }
}

/// One file of facts, as named on the command line: `FILE`, or `RELATION=FILE`; a folder is all files of facts in it.
pub fn read(policy: &Policy, sources: &mut Sources, argument: &str) -> (Facts, Diagnostics) {
    let _ = (policy, sources, argument);
    (Facts::default(), Diagnostics::default())
}

/// Finds what cannot stand together: two facts with one key, one event id twice, a judgement both asserted and denied.
pub fn check(policy: &Policy, facts: &Facts) -> Diagnostics {
    let _ = (policy, facts);
    Diagnostics::default()
}
