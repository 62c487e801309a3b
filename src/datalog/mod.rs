//! `Policy` to `Program`: disjunctions, days, exemptions and braces become plain stratified Datalog.
//!
//! `from_policy` goes through the policy; `rules` makes the clauses of one rule, `literals` those of its body; `days` cuts
//! the calendar; `exemptions` and `braces` make the relations that they need, `known` those of what is given, missing
//! and presumed; `strata` puts all in order; `open` makes of each relation that hangs on something open one of what must hold and
//! one of what may; `prejoin` has worked out once what clauses would again and again.

mod braces;
mod days;
mod derived_keys;
mod draft;
mod error;
mod exemptions;
mod from_policy;
mod known;
mod levels;
mod literals;
mod open;
mod prejoin;
pub mod program;
mod rules;
mod strata;

pub use program::Program;

use crate::diagnostic::Diagnostics;
use crate::ir::{Calendars, Circumstances, Policy, Presumption, RelationId};
use crate::value::{Date, TypeId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What the lowering must know of the facts.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The days on which facts of dated inputs start, and the days after they end: there the calendar is cut.
    pub cuts: BTreeSet<Date>,
    /// Every name in policy and facts, by type.
    pub named: BTreeMap<TypeId, BTreeSet<Value>>,
    /// The fields (by place) of which some fact leaves the value unknown.
    pub unknown: BTreeSet<(RelationId, usize)>,
    /// What is presumed where no fact settles it.
    pub presumptions: Vec<Presumption>,
}

/// Makes the program of a policy under given circumstances. Recursion through `not`, an aggregate or an exemption is an
/// error.
pub fn lower(
    policy: &Policy,
    calendar: &Calendars,
    circumstances: &Circumstances,
    surroundings: &Surroundings,
) -> (Program, Diagnostics) {
    from_policy::lower(policy, calendar, circumstances, surroundings)
}
