//! What follows from what in the braces of an aggregate: whether a binding of which some values are not known can only be one.

use super::policy::{Aggregate, ExprKind, Literal, Policy, Term, VariableId};
use std::collections::BTreeSet;

/// Variables that have one value only, once others have theirs: the fields of a keyed relation behind its key, what is worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency<V> {
    /// What has one value.
    pub of: Vec<V>,
    /// Once these have theirs.
    pub on: Vec<V>,
}

impl<V> Dependency<V> {
    /// The same about other variables.
    pub fn map<W>(&self, to: impl Fn(&V) -> W) -> Dependency<W> {
        Dependency {
            of: self.of.iter().map(&to).collect(),
            on: self.on.iter().map(&to).collect(),
        }
    }
}

/// Whether all the variables have one value only, once those have theirs for which `is_known` holds.
pub fn are_determined<V: Copy + Ord>(
    variables: &[V],
    dependencies: &[Dependency<V>],
    is_known: impl Fn(V) -> bool,
) -> bool {
    if variables.iter().all(|it| is_known(*it)) {
        return true;
    }
    let (mut known, mut open): (BTreeSet<V>, BTreeSet<V>) =
        variables.iter().copied().partition(|it| is_known(*it));
    while !open.is_empty() {
        let follows = |it: &&Dependency<V>| it.on.iter().all(|on| known.contains(on));
        let found = dependencies.iter().filter(follows);
        let found: BTreeSet<V> = found.flat_map(|it| it.of.iter().copied()).collect();
        let before = known.len();
        open.retain(|it| !found.contains(it));
        known.extend(found);
        if known.len() == before {
            return open.is_empty();
        }
    }
    true
}

impl Aggregate {
    /// What follows from what in the braces. With alternatives in them nothing does.
    pub fn dependencies(&self, policy: &Policy) -> Vec<Dependency<VariableId>> {
        if self.body.iter().any(|it| matches!(it, Literal::Or(..))) {
            return Vec::new();
        }
        let found = self.body.iter().filter_map(|literal| match literal {
            Literal::Holds(premise) => {
                let key = policy.relation(premise.atom.relation).key?;
                let (key, rest) = premise.atom.args.split_at_checked(key)?;
                let is_named = |term: &Term| !matches!(term, Term::Any | Term::Present);
                let on = key.iter().chain(&premise.on);
                on.clone().all(is_named).then(|| Dependency {
                    of: rest.iter().filter_map(variable).collect(),
                    on: on.filter_map(variable).collect(),
                })
            }
            Literal::Bind(bind) => {
                let mut on = Vec::new();
                collect_variables(&bind.value.kind, &mut on);
                let of = vec![bind.variable];
                Some(Dependency { of, on })
            }
            Literal::Absent(_)
            | Literal::Compare(_)
            | Literal::Test(_)
            | Literal::Aggregate(_)
            | Literal::Or(..)
            | Literal::Exempted(_) => None,
        });
        found.collect()
    }
}

fn variable(term: &Term) -> Option<VariableId> {
    match term {
        Term::Variable(id) | Term::Each(id) => Some(*id),
        Term::Value(_) | Term::Any | Term::Present | Term::Missing => None,
    }
}

fn collect_variables(expr: &ExprKind, found: &mut Vec<VariableId>) {
    match expr {
        ExprKind::Value(_) => {}
        ExprKind::Variable(id) => found.push(*id),
        ExprKind::Negate(inner) => collect_variables(&inner.kind, found),
        ExprKind::Binary(_, left, right) => {
            collect_variables(&left.kind, found);
            collect_variables(&right.kind, found);
        }
        ExprKind::Call(_, list) => {
            for one in list {
                collect_variables(&one.kind, found);
            }
        }
        ExprKind::Shift { date, amount, .. } => {
            collect_variables(&date.kind, found);
            collect_variables(&amount.kind, found);
        }
    }
}
