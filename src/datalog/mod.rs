//! `Policy` to `Program`: disjunctions, days, exemptions and braces become plain stratified Datalog.

pub mod program;

pub use program::Program;

use crate::diagnostic::Diagnostics;
use crate::ir::{Calendar, Circumstances, Policy};
use crate::value::{Date, TypeId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What the lowering must know of the facts.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The days on which facts of dated inputs start, and the days after they end: there the calendar is cut.
    pub cuts: BTreeSet<Date>,
    /// Every name in policy and facts, by type.
    pub named: BTreeMap<TypeId, BTreeSet<Value>>,
}

/// Makes the program of a policy under given circumstances. Recursion through `not`, an aggregate or an exemption is an error.
pub fn lower(
    policy: &Policy,
    calendar: &Calendar,
    circumstances: &Circumstances,
    surroundings: &Surroundings,
) -> (Program, Diagnostics) {
    let _ = (policy, calendar, circumstances, surroundings);
    (Program::default(), Diagnostics::default())
}
