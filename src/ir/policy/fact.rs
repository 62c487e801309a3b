//! Facts of policies and data, and what is presumed or never to be.

use super::{ClauseId, RelationId, Rule, RuleId};
use crate::source::Place;
use crate::value::{Date, Value};

/// A fact or table row of the policy.
#[derive(Clone, Debug)]
pub struct PolicyFact {
    /// The relation.
    pub relation: RelationId,
    /// One value a field.
    pub args: Vec<Value>,
    /// The clause it stands in; `None` outside any notice.
    pub home: Option<ClauseId>,
    /// The fact, the row, or the record of the table's file.
    pub place: Place,
}

/// `never "…" if …`
#[derive(Clone, Debug)]
pub struct Constraint {
    /// What is said of an answer.
    pub message: String,
    /// Whether it guards data only.
    pub data: bool,
    /// Its rule: the head is a relation of its own with a field for each variable that the body binds.
    pub rule: RuleId,
}

/// `presume [not] J [if BODY]`
#[derive(Clone, Debug)]
pub struct Presumption {
    /// `not` in front.
    pub denied: bool,
    /// What is presumed, and if what; `rule.head` may have `Term::Any`.
    pub rule: Rule,
}

/// A fact as cases and data give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// An event, input or judgement.
    pub relation: RelationId,
    /// One value a field.
    pub args: Vec<Value>,
    /// For a dated input: first and last day.
    pub days: Option<(Date, Date)>,
    /// `not j(x).`: a judgement that is denied.
    pub denied: bool,
    /// Where it is given.
    pub place: Place,
}
