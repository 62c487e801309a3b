//! Which variables the literals of a body bind: comparisons that bind, groups of aggregates, and what nothing binds.

use super::super::Problems;
use super::super::error;
use super::super::policy::{
    Bind, Compare, Comparison, Expr, ExprKind, Kind, Literal, Policy, RelationId, RelationKind,
    Term, VariableId,
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
    let outside = &variables_outside(&body, head) | &outer;
    group_all(&mut body, &outside);
    bind_all(&mut body, policy, bound);
    close(&mut body, policy, &outer);
    body
}

/// The variables in braces that also stand outside are the group, the others are local.
fn group_all(body: &mut [Literal], outside: &Bound) {
    for literal in body {
        match literal {
            Literal::Aggregate(aggregate) => {
                let mut inside = body_variables(&aggregate.body);
                inside.extend(aggregate.term.iter().flat_map(expr_variables));
                aggregate.group = (&inside & outside).into_iter().collect();
                aggregate.locals = (&inside - outside).into_iter().collect();
            }
            Literal::Or(branches, _) => branches
                .iter_mut()
                .for_each(|branch| group_all(branch, outside)),
            Literal::Holds(_)
            | Literal::Absent(_)
            | Literal::Compare(_)
            | Literal::Bind(_)
            | Literal::Test(_)
            | Literal::Exempted(_) => {}
        }
    }
}

/// Adds all that a body binds, and turns comparisons into `Bind`s where they must be that. Conditions come first, whatever
/// the order in which they are written; then equations one by one; then those in branches. Braces bind their groups last:
/// in `P = p, N = count { q(P) }` it is the equation that binds `P`, so that there is a count where nothing is counted.
fn bind_all(body: &mut [Literal], policy: &Policy, bound: &mut Bound) {
    bind(body, policy, bound, true);
    bind(body, policy, bound, false);
}

fn bind(body: &mut [Literal], policy: &Policy, bound: &mut Bound, firmly: bool) {
    loop {
        gather(body, policy, bound, firmly);
        if !turn_one(body, bound) && !turn_in_branches(body, policy, bound, firmly) {
            return;
        }
    }
}

/// Turns the first comparison that can bind a variable into a `Bind`.
fn turn_one(body: &mut [Literal], bound: &mut Bound) -> bool {
    for literal in body {
        let Literal::Compare(compare) = literal else {
            continue;
        };
        if let Some((variable, value)) = as_binding(compare, bound) {
            bound.insert(variable);
            *literal = Literal::Bind(Bind {
                variable,
                value,
                span: compare.span,
            });
            return true;
        }
    }
    false
}

fn as_binding(compare: &Compare, bound: &Bound) -> Option<(VariableId, Expr)> {
    if compare.op != Comparison::Equal {
        return None;
    }
    let pair = [
        (&compare.left, &compare.right),
        (&compare.right, &compare.left),
    ];
    pair.into_iter().find_map(|(one, other)| match one.kind {
        ExprKind::Variable(id)
            if !bound.contains(&id) && expr_variables(other).is_subset(bound) =>
        {
            Some((id, other.clone()))
        }
        _ => None,
    })
}

/// Does the same in each branch of the first disjunction in which that binds something for all; `false` if there is none.
fn turn_in_branches(
    body: &mut [Literal],
    policy: &Policy,
    bound: &mut Bound,
    firmly: bool,
) -> bool {
    for literal in body {
        let Literal::Or(branches, _) = literal else {
            continue;
        };
        let each = branches.iter_mut().map(|branch| {
            let mut inner = bound.clone();
            bind(branch, policy, &mut inner, firmly);
            inner
        });
        let before = bound.len();
        let common = each.reduce(|one, other| &one & &other);
        bound.extend(common.into_iter().flatten());
        if bound.len() > before {
            return true;
        }
    }
    false
}

/// Adds what conditions bind, until nothing is new. `firmly`: without the groups of aggregates, which are bound only where
/// the braces have a row.
fn gather(body: &[Literal], policy: &Policy, bound: &mut Bound, firmly: bool) {
    loop {
        let before = bound.len();
        for literal in body {
            gather_from(literal, policy, bound, firmly);
        }
        if bound.len() == before {
            return;
        }
    }
}

fn gather_from(literal: &Literal, policy: &Policy, bound: &mut Bound, firmly: bool) {
    match literal {
        Literal::Holds(premise) if !is_judgement(policy, premise.atom.relation) => {
            bound.extend(atom_variables(&premise.atom))
        }
        Literal::Exempted(exempted) if !exempted.negated => {
            bound.extend(atom_variables(&exempted.atom))
        }
        Literal::Bind(bind) if expr_variables(&bind.value).is_subset(bound) => {
            bound.insert(bind.variable);
        }
        Literal::Aggregate(aggregate) => {
            let mut inner = bound.clone();
            if !firmly {
                bind_all(&mut aggregate.body.clone(), policy, &mut inner);
            }
            if aggregate.group.iter().all(|id| inner.contains(id)) {
                bound.extend(aggregate.group.iter().copied());
                bound.insert(aggregate.result);
            }
        }
        Literal::Or(branches, _) => {
            let each = branches.iter().map(|branch| {
                let mut inner = bound.clone();
                gather(branch, policy, &mut inner, firmly);
                inner
            });
            let common = each.reduce(|one, other| &one & &other);
            bound.extend(common.into_iter().flatten());
        }
        Literal::Holds(_)
        | Literal::Exempted(_)
        | Literal::Bind(_)
        | Literal::Absent(_)
        | Literal::Compare(_)
        | Literal::Test(_) => {}
    }
}

/// Settles the braces, now that what stands around them is: there, only what is bound without braces is bound.
fn close(body: &mut [Literal], policy: &Policy, outer: &Bound) {
    let mut firmly = outer.clone();
    gather(body, policy, &mut firmly, true);
    for literal in body {
        match literal {
            Literal::Aggregate(aggregate) => {
                aggregate.is_group_bound = aggregate.group.iter().all(|id| firmly.contains(id));
                aggregate.body = settle(
                    std::mem::take(&mut aggregate.body),
                    policy,
                    &Bound::new(),
                    &mut firmly.clone(),
                );
            }
            Literal::Or(branches, _) => branches
                .iter_mut()
                .for_each(|branch| close(branch, policy, &firmly)),
            Literal::Holds(_)
            | Literal::Absent(_)
            | Literal::Compare(_)
            | Literal::Bind(_)
            | Literal::Test(_)
            | Literal::Exempted(_) => {}
        }
    }
}

fn is_judgement(policy: &Policy, relation: RelationId) -> bool {
    policy.relation(relation).kind == Kind::Declared(RelationKind::Judgement)
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
    reported: &mut Bound,
    problems: &mut Problems,
) {
    if problems
        .iter()
        .any(|problem| problem.is_error() && problem.code != error::UNBOUND)
    {
        return; // What stands in a wrong literal may be what binds.
    }
    check_body(body, policy, scope, bound, reported, problems);
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
                gather(&aggregate.body, policy, &mut inner, false);
                if aggregate.group.contains(&aggregate.result) {
                    let name = &scope.slots[aggregate.result.at()].name;
                    problems.push(error::result_in_braces(name, aggregate.span));
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
                    gather(branch, policy, &mut inner, false);
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
