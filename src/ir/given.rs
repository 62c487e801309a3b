//! What may be given as a fact.

use super::policy::{Kind, Relation, RelationKind};
use super::{Problems, error};
use crate::source::Span;

/// Whether facts of this relation may be given so: denied, where `not` stands in front, and for certain days.
pub(super) fn may_be_given(
    relation: &Relation,
    at: Span,
    denied: Option<Span>,
    has_days: bool,
    problems: &mut Problems,
) -> bool {
    let kind = match relation.kind {
        Kind::Declared(RelationKind::Event | RelationKind::Input | RelationKind::Judgement) => None,
        Kind::Declared(RelationKind::Relation) => Some("a relation that the policy concludes"),
        Kind::Declared(RelationKind::Verdict) => Some("a verdict"),
        Kind::Names(_) | Kind::Constraint(_) => Some("a type"),
    };
    let help = match relation.kind {
        Kind::Names(_) => "every name that stands where a value of this type belongs is one",
        Kind::Declared(_) | Kind::Constraint(_) => {
            "give the events and inputs from which it follows"
        }
    };
    let is_judgement = relation.kind == Kind::Declared(RelationKind::Judgement);
    let wrong = match (kind, denied.filter(|_| !is_judgement)) {
        (Some(kind), _) => (kind, "given as a fact", at, help),
        (None, Some(denied)) => (
            "no judgement",
            "denied",
            denied,
            "what is not given does not hold; leave the line out",
        ),
        (None, None) if has_days && !relation.dated => (
            "not dated",
            "given for certain days",
            at,
            "declare it `dated`",
        ),
        (None, None) => return true,
    };
    let (kind, place, at, help) = wrong;
    problems.push(error::wrong_kind(
        &relation.name,
        kind,
        place,
        at,
        relation.span,
        help,
    ));
    false
}
