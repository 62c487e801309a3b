//! Which variables the literals of a body bind: comparisons that bind, groups of aggregates, and what nothing binds.

use super::super::Problems;
use super::super::error;
use super::super::policy::{
    Aggregate, Bind, Comparison, Expr, ExprKind, Kind, Literal, Policy, RelationKind, Term,
    VariableId,
};
use super::super::scope::Scope;
use super::atom_variables;
use crate::source::Span;
use std::collections::BTreeSet;

type Bound = BTreeSet<VariableId>;

/// Settles a body: `X = e` becomes a `Bind` where nothing else binds `X`; aggregates get their groups. `bound` holds what is
/// bound outside, and then also what the body binds. `head` are the variables of the conclusion.
pub(super) fn settle(
    body: Vec<Literal>,
    policy: &Policy,
    head: &Bound,
    bound: &mut Bound,
) -> Vec<Literal> {
    let mut body = body;
    let outer = bound.clone();
    let outside = variables_outside(&body, head);
    for literal in &mut body {
        if let Literal::Aggregate(aggregate) = literal {
            group(aggregate, &outside, bound);
        }
    }
    loop {
        let before = bound.len();
        for literal in &mut body {
            binds(literal, policy, bound);
        }
        if bound.len() == before {
            break;
        }
    }
    // What the rest binds, without the groups of aggregates: only then does an empty group count.
    let firmly = &firmly_bound(&body, policy) | &outer;
    for literal in &mut body {
        if let Literal::Aggregate(aggregate) = literal {
            aggregate.is_group_bound = aggregate.group.iter().all(|id| firmly.contains(id));
            aggregate.body = settle(
                std::mem::take(&mut aggregate.body),
                policy,
                &Bound::new(),
                &mut bound.clone(),
            );
        }
    }
    body
}

/// What the literals bind without the groups of aggregates.
fn firmly_bound(body: &[Literal], policy: &Policy) -> Bound {
    let mut bound = Bound::new();
    loop {
        let before = bound.len();
        for literal in body {
            match literal {
                Literal::Holds(premise) if !is_judgement(policy, premise.atom.relation) => {
                    bound.extend(atom_variables(&premise.atom))
                }
                Literal::Exempted(exempted) if !exempted.negated => {
                    bound.extend(atom_variables(&exempted.atom))
                }
                Literal::Bind(bind) if expr_variables(&bind.value).is_subset(&bound) => {
                    bound.insert(bind.variable);
                }
                Literal::Aggregate(aggregate)
                    if aggregate.group.iter().all(|id| bound.contains(id)) =>
                {
                    bound.insert(aggregate.result);
                }
                Literal::Or(branches, _) => {
                    let each: Vec<Bound> = branches
                        .iter()
                        .map(|branch| firmly_bound(branch, policy))
                        .collect();
                    if let Some(common) = each.into_iter().reduce(|one, other| &one & &other) {
                        bound.extend(common);
                    }
                }
                _ => {}
            }
        }
        if bound.len() == before {
            return bound;
        }
    }
}

fn is_judgement(policy: &Policy, relation: super::super::RelationId) -> bool {
    policy.relation(relation).kind == Kind::Declared(RelationKind::Judgement)
}

/// Adds what a literal binds; turns a comparison into a `Bind` where it can be one.
fn binds(literal: &mut Literal, policy: &Policy, bound: &mut Bound) {
    match literal {
        Literal::Holds(premise) => {
            if !is_judgement(policy, premise.atom.relation) {
                bound.extend(atom_variables(&premise.atom));
            }
        }
        Literal::Exempted(exempted) => {
            if !exempted.negated {
                bound.extend(atom_variables(&exempted.atom));
            }
        }
        Literal::Compare(compare) if compare.op == Comparison::Equal => {
            let pair = [
                (&compare.left, &compare.right),
                (&compare.right, &compare.left),
            ];
            let binding = pair.into_iter().find_map(|(one, other)| match one.kind {
                ExprKind::Variable(id)
                    if !bound.contains(&id) && expr_variables(other).is_subset(bound) =>
                {
                    Some((id, other.clone()))
                }
                _ => None,
            });
            if let Some((variable, value)) = binding {
                bound.insert(variable);
                *literal = Literal::Bind(Bind {
                    variable,
                    value,
                    span: compare.span,
                });
            }
        }
        Literal::Bind(bind) => {
            if expr_variables(&bind.value).is_subset(bound) {
                bound.insert(bind.variable);
            }
        }
        Literal::Aggregate(aggregate) => {
            let mut inner = bound.clone();
            for literal in &mut aggregate.body {
                binds(literal, policy, &mut inner);
            }
            let group: Vec<VariableId> = aggregate.group.clone();
            if group.iter().all(|id| inner.contains(id)) {
                bound.extend(group);
                bound.insert(aggregate.result);
            }
        }
        Literal::Or(branches, _) => {
            let each: Vec<Bound> = branches
                .iter_mut()
                .map(|branch| {
                    let mut inner = bound.clone();
                    for _ in 0..=branch.len() {
                        for literal in branch.iter_mut() {
                            binds(literal, policy, &mut inner);
                        }
                    }
                    inner
                })
                .collect();
            if let Some(common) = each.into_iter().reduce(|one, other| &one & &other) {
                bound.extend(common);
            }
        }
        Literal::Absent(_) | Literal::Compare(_) | Literal::Test(_) => {}
    }
}

/// The variables of the head and of the body outside all braces.
fn variables_outside(body: &[Literal], head: &Bound) -> Bound {
    let mut outside = head.clone();
    for literal in body {
        match literal {
            Literal::Aggregate(aggregate) => {
                outside.insert(aggregate.result);
            }
            Literal::Or(branches, _) => branches
                .iter()
                .for_each(|branch| outside.extend(variables_outside(branch, &Bound::new()))),
            other => outside.extend(literal_variables(other)),
        }
    }
    outside
}

/// The variables in the braces that also stand outside are the group, the others are local.
fn group(aggregate: &mut Aggregate, outside: &Bound, bound: &Bound) {
    let mut inside = body_variables(&aggregate.body);
    inside.extend(aggregate.term.iter().flat_map(expr_variables));
    aggregate.group = inside
        .iter()
        .filter(|id| outside.contains(id) || bound.contains(id))
        .copied()
        .collect();
    aggregate.locals = inside
        .iter()
        .filter(|id| !outside.contains(id) && !bound.contains(id))
        .copied()
        .collect();
}

fn body_variables(body: &[Literal]) -> Bound {
    let mut found = Bound::new();
    for literal in body {
        match literal {
            Literal::Or(branches, _) => branches
                .iter()
                .for_each(|branch| found.extend(body_variables(branch))),
            other => found.extend(literal_variables(other)),
        }
    }
    found
}

/// The variables of a literal without braces and branches.
fn literal_variables(literal: &Literal) -> Bound {
    let day = |on: &Option<Term>| match on {
        Some(Term::Variable(id)) => Some(*id),
        _ => None,
    };
    match literal {
        Literal::Holds(premise) | Literal::Absent(premise) => atom_variables(&premise.atom)
            .chain(day(&premise.on))
            .collect(),
        Literal::Compare(compare) => {
            &expr_variables(&compare.left) | &expr_variables(&compare.right)
        }
        Literal::Bind(bind) => {
            let mut found = expr_variables(&bind.value);
            found.insert(bind.variable);
            found
        }
        Literal::Test(test) => expr_variables(&test.value),
        Literal::Exempted(exempted) => atom_variables(&exempted.atom).collect(),
        Literal::Aggregate(_) | Literal::Or(..) => Bound::new(),
    }
}

/// The variables of an expression.
pub(super) fn expr_variables(expr: &Expr) -> Bound {
    match &expr.kind {
        ExprKind::Value(_) => Bound::new(),
        ExprKind::Variable(id) => Bound::from([*id]),
        ExprKind::Negate(inner) => expr_variables(inner),
        ExprKind::Binary(_, left, right) => &expr_variables(left) | &expr_variables(right),
        ExprKind::Call(_, list) => list.iter().flat_map(expr_variables).collect(),
        ExprKind::Shift { date, amount, .. } => &expr_variables(date) | &expr_variables(amount),
    }
}

/// Reports variables that are used where a value is needed and that nothing binds. Each is reported once.
pub(super) fn check(
    body: &[Literal],
    policy: &Policy,
    scope: &Scope,
    bound: &Bound,
    problems: &mut Problems,
) {
    if problems
        .iter()
        .any(|problem| problem.is_error() && problem.code != error::UNBOUND)
    {
        return; // What stands in a wrong literal may be what binds.
    }
    let mut reported = Bound::new();
    check_body(body, policy, scope, bound, &mut reported, problems);
}

fn check_body(
    body: &[Literal],
    policy: &Policy,
    scope: &Scope,
    bound: &Bound,
    reported: &mut Bound,
    problems: &mut Problems,
) {
    for literal in body {
        match literal {
            Literal::Holds(premise) => {
                let day = premise.on.iter().filter_map(|term| {
                    if let Term::Variable(id) = term {
                        Some(*id)
                    } else {
                        None
                    }
                });
                need(day, bound, "day", premise.span, scope, reported, problems);
                if is_judgement(policy, premise.atom.relation) {
                    need(
                        atom_variables(&premise.atom),
                        bound,
                        "judgement",
                        premise.span,
                        scope,
                        reported,
                        problems,
                    );
                }
            }
            Literal::Absent(premise) => need(
                literal_variables(literal).into_iter(),
                bound,
                "`not`",
                premise.span,
                scope,
                reported,
                problems,
            ),
            Literal::Compare(compare) => need(
                literal_variables(literal).into_iter(),
                bound,
                "comparison",
                compare.span,
                scope,
                reported,
                problems,
            ),
            Literal::Bind(bind) => need(
                literal_variables(literal).into_iter(),
                bound,
                "equation",
                bind.span,
                scope,
                reported,
                problems,
            ),
            Literal::Test(test) => need(
                literal_variables(literal).into_iter(),
                bound,
                "test",
                test.span,
                scope,
                reported,
                problems,
            ),
            Literal::Exempted(exempted) if exempted.negated => need(
                literal_variables(literal).into_iter(),
                bound,
                "`not`",
                exempted.span,
                scope,
                reported,
                problems,
            ),
            Literal::Exempted(_) => {}
            Literal::Aggregate(aggregate) => {
                let mut inner = bound.clone();
                let mut copy = aggregate.body.clone();
                for _ in 0..=copy.len() {
                    for literal in &mut copy {
                        binds(literal, policy, &mut inner);
                    }
                }
                check_body(&aggregate.body, policy, scope, &inner, reported, problems);
                need(
                    aggregate
                        .group
                        .iter()
                        .copied()
                        .chain(aggregate.term.iter().flat_map(expr_variables)),
                    &inner,
                    "aggregate",
                    aggregate.span,
                    scope,
                    reported,
                    problems,
                );
            }
            Literal::Or(branches, _) => {
                for branch in branches {
                    let mut inner = bound.clone();
                    let mut copy = branch.clone();
                    for _ in 0..=copy.len() {
                        for literal in &mut copy {
                            binds(literal, policy, &mut inner);
                        }
                    }
                    check_body(branch, policy, scope, &inner, reported, problems);
                }
            }
        }
    }
}

/// Each of the variables must be bound.
pub(super) fn need(
    ids: impl Iterator<Item = VariableId>,
    bound: &Bound,
    place: &str,
    at: Span,
    scope: &Scope,
    reported: &mut Bound,
    problems: &mut Problems,
) {
    if problems
        .iter()
        .any(|problem| problem.is_error() && problem.code != error::UNBOUND)
    {
        return;
    }
    for id in ids {
        if !bound.contains(&id) && reported.insert(id) {
            problems.push(error::unbound(&scope.slots[id.at()].name, at, place));
        }
    }
}
