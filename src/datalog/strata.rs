//! The order of computation: relations that depend on one another together, each group behind what it reads.

use super::levels;
use super::program::{
    Check, Clause, Expr, Literal, OriginSource, Program, RelId, Relation, Stratum,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ir::Policy;
use crate::source::Span;
use crate::value::Shift;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How a clause reads a relation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reads {
    Plainly,
    Not,
    Aggregate,
    WorkingDays,
}

/// Puts the program's relations and clauses in strata. Cycles through `not`, aggregates and exemptions are errors, but for
/// those that go level by level.
pub(super) fn order(program: &mut Program, policy: &Policy, exempting: &Exempting) -> Diagnostics {
    loosen(program, exempting);
    reorder(program, policy)
}

/// The same for clauses that were in order before they were split.
pub(super) fn reorder(program: &mut Program, policy: &Policy) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    program.strata.clear();
    let reads: Vec<Vec<(RelId, Reads)>> = program
        .clauses
        .iter()
        .map(|clause| reads_of(clause, program))
        .collect();
    let by_head = clauses_by_head(program);
    for relations in components(program, &reads, &by_head) {
        let inside: BTreeSet<RelId> = relations.iter().copied().collect();
        let clauses: Vec<usize> = relations
            .iter()
            .flat_map(|rel| by_head.get(rel).into_iter().flatten().copied())
            .collect();
        let bad = clauses.iter().find_map(|at| {
            let through = reads[*at]
                .iter()
                .find(|(rel, how)| *how != Reads::Plainly && inside.contains(rel));
            through.map(|(rel, how)| (*at, *rel, *how))
        });
        let mut stratum = Stratum {
            relations,
            clauses,
            levels: None,
        };
        if let Some((clause, rel, how)) = bad {
            match levels::of(program, &stratum, &inside) {
                Some((levels, clauses)) => {
                    (stratum.levels, stratum.clauses) = (Some(levels), clauses)
                }
                None => diagnostics.push(cycle(
                    program, policy, &reads, &by_head, &inside, clause, rel, how,
                )),
            }
        }
        stratum.clauses.dedup();
        program.strata.push(stratum);
    }
    diagnostics
}

/// The relations that exemptions brought.
#[derive(Default)]
pub(super) struct Exempting {
    /// What would follow but for an exemption.
    pub(super) candidates: BTreeSet<RelId>,
    /// Which candidates are exempt.
    pub(super) exempt: BTreeSet<RelId>,
}

/// A conclusion may be recursive and have exemptions: whether one applies does not depend on whether the conclusion is reached.
/// There, exemptions are worked out for all that would be reached if nothing were exempt: a copy of the relations, without
/// their exemptions, in a stratum of its own.
fn loosen(program: &mut Program, exempting: &Exempting) {
    let reads: Vec<Vec<(RelId, Reads)>> = program
        .clauses
        .iter()
        .map(|clause| reads_of(clause, program))
        .collect();
    let by_head = clauses_by_head(program);
    for component in components(program, &reads, &by_head) {
        let inside: BTreeSet<RelId> = component.into_iter().collect();
        if inside.is_disjoint(&exempting.exempt) || inside.is_disjoint(&exempting.candidates) {
            continue;
        }
        let mut copies: BTreeMap<RelId, RelId> = BTreeMap::new();
        for rel in inside.difference(&exempting.exempt) {
            let original = &program.relations[rel.0 as usize];
            let copy = Relation {
                name: format!("{}#if nothing were exempt", original.name),
                arity: original.arity,
            };
            copies.insert(*rel, RelId(program.relations.len() as u32));
            program.relations.push(copy);
        }
        let clauses: Vec<usize> = inside
            .iter()
            .flat_map(|rel| by_head.get(rel).into_iter().flatten().copied())
            .collect();
        for at in clauses {
            match copies.get(&program.clauses[at].head.rel) {
                Some(copy) => {
                    let mut clause = program.clauses[at].clone();
                    clause.head.rel = *copy;
                    clause.body.retain(|literal| !matches!(literal, Literal::Negative(atom, _) if exempting.exempt.contains(&atom.rel)));
                    read_copies(&mut clause, &copies, |_| true);
                    program.clauses.push(clause);
                }
                None => read_copies(&mut program.clauses[at], &copies, |rel| {
                    exempting.candidates.contains(&rel)
                }),
            }
        }
        let rows: Vec<_> = program
            .facts
            .iter()
            .filter_map(|(rel, row)| Some((*copies.get(rel)?, row.clone())))
            .collect();
        program.facts.extend(rows);
    }
}

/// Lets a clause read copies of relations.
fn read_copies(
    clause: &mut Clause,
    copies: &BTreeMap<RelId, RelId>,
    is_meant: impl Fn(RelId) -> bool,
) {
    for literal in &mut clause.body {
        if let Literal::Positive(atom) = literal
            && let Some(copy) = copies.get(&atom.rel).filter(|_| is_meant(atom.rel))
        {
            atom.rel = *copy;
        }
    }
}

fn clauses_by_head(program: &Program) -> BTreeMap<RelId, Vec<usize>> {
    let mut by_head: BTreeMap<RelId, Vec<usize>> = BTreeMap::new();
    for (at, clause) in program.clauses.iter().enumerate() {
        by_head.entry(clause.head.rel).or_default().push(at);
    }
    by_head
}

fn reads_of(clause: &Clause, program: &Program) -> Vec<(RelId, Reads)> {
    let mut reads = Vec::new();
    let mut has_working_days = false;
    for literal in &clause.body {
        match literal {
            Literal::Positive(atom) => {
                reads.push((atom.rel, Reads::Plainly));
                reads.extend(presumed(atom.rel, program));
            }
            Literal::Negative(atom, checks) => {
                reads.push((atom.rel, Reads::Not));
                reads.extend(presumed(atom.rel, program));
                has_working_days |= checks.iter().any(check_counts_days);
            }
            Literal::Check(check) => has_working_days |= check_counts_days(check),
            Literal::Bind(_, expr) => has_working_days |= counts_days(expr),
            Literal::Aggregate(aggregate) => {
                reads.push((aggregate.atom.rel, Reads::Aggregate));
                reads.extend(aggregate.certain.map(|(_, rel)| (rel, Reads::Aggregate)));
                has_working_days |= aggregate.term.as_ref().is_some_and(counts_days);
            }
        }
    }
    if has_working_days {
        reads.extend(program.working_day.map(|rel| (rel, Reads::WorkingDays)));
    }
    reads.sort();
    reads.dedup();
    reads
}

/// What is presumed of a judgement is read where the judgement is: it must be settled first.
fn presumed(rel: RelId, program: &Program) -> impl Iterator<Item = (RelId, Reads)> {
    let judgement = program.open.judgements.get(&rel);
    let presumed = judgement.into_iter().flat_map(|it| it.presumed);
    presumed.flatten().map(|rel| (rel, Reads::Not))
}

pub(super) fn check_counts_days(check: &Check) -> bool {
    match check {
        Check::Compare(_, left, right) => counts_days(left) || counts_days(right),
        Check::Test(_, expr) => counts_days(expr),
        Check::Present(_) | Check::Within(..) | Check::Vague(..) => false,
        Check::Settled(_, inner) => check_counts_days(inner),
    }
}

pub(super) fn counts_days(expr: &Expr) -> bool {
    match expr {
        Expr::Shift {
            unit: Shift::WorkingDays,
            ..
        } => true,
        Expr::Shift { date, amount, .. } => counts_days(date) || counts_days(amount),
        Expr::Value(_) | Expr::Var(_) => false,
        Expr::Negate(inner) | Expr::Regime(_, inner) => counts_days(inner),
        Expr::Binary(_, left, right) => counts_days(left) || counts_days(right),
        Expr::Call(_, list) => list.iter().any(counts_days),
    }
}

/// The strongly connected components, those read first in front (Tarjan 1972, without recursion).
fn components(
    program: &Program,
    reads: &[Vec<(RelId, Reads)>],
    by_head: &BTreeMap<RelId, Vec<usize>>,
) -> Vec<Vec<RelId>> {
    let count = program.relations.len();
    let next: Vec<Vec<usize>> = (0..count)
        .map(|at| {
            let clauses = by_head.get(&RelId(at as u32)).into_iter().flatten();
            let found: BTreeSet<usize> = clauses
                .flat_map(|clause| reads[*clause].iter().map(|(rel, _)| rel.0 as usize))
                .collect();
            found.into_iter().collect()
        })
        .collect();
    let mut index = vec![usize::MAX; count];
    let mut low = vec![0; count];
    let mut on_stack = vec![false; count];
    let (mut stack, mut found, mut counter) = (Vec::new(), Vec::new(), 0);
    for start in 0..count {
        if index[start] != usize::MAX {
            continue;
        }
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((at, edge)) = path.pop() {
            if edge == 0 {
                (index[at], low[at]) = (counter, counter);
                counter += 1;
                stack.push(at);
                on_stack[at] = true;
            } else {
                low[at] = low[at].min(low[next[at][edge - 1]]);
            }
            let mut edge = edge;
            let mut descended = false;
            while edge < next[at].len() {
                let to = next[at][edge];
                edge += 1;
                if index[to] == usize::MAX {
                    path.push((at, edge));
                    path.push((to, 0));
                    descended = true;
                    break;
                }
                if on_stack[to] {
                    low[at] = low[at].min(index[to]);
                }
            }
            if !descended && low[at] == index[at] {
                let mut component = Vec::new();
                while let Some(top) = stack.pop() {
                    on_stack[top] = false;
                    component.push(RelId(top as u32));
                    if top == at {
                        break;
                    }
                }
                component.sort();
                found.push(component);
            }
        }
    }
    found
}

/// The cycle, rule by rule: from the clause that denies, counts or exempts back to what it concludes.
#[expect(
    clippy::too_many_arguments,
    reason = "a cycle is found in the whole component"
)]
fn cycle(
    program: &Program,
    policy: &Policy,
    reads: &[Vec<(RelId, Reads)>],
    by_head: &BTreeMap<RelId, Vec<usize>>,
    inside: &BTreeSet<RelId>,
    clause: usize,
    rel: RelId,
    how: Reads,
) -> Diagnostic {
    let goal = program.clauses[clause].head.rel;
    let mut came: BTreeMap<RelId, (RelId, usize)> = BTreeMap::new();
    let mut open = VecDeque::from([rel]);
    while let Some(at) = open.pop_front() {
        if at == goal {
            break;
        }
        for other in by_head.get(&at).into_iter().flatten() {
            for (next, _) in reads[*other]
                .iter()
                .filter(|(next, _)| inside.contains(next))
            {
                if *next != rel && !came.contains_key(next) {
                    came.insert(*next, (at, *other));
                    open.push_back(*next);
                }
            }
        }
    }
    let mut clauses = Vec::new();
    let mut at = goal;
    while let Some((before, by)) = came.get(&at) {
        clauses.push(*by);
        at = *before;
    }
    clauses.push(clause);
    clauses.reverse();
    let mut rules: Vec<(Span, String)> = Vec::new();
    for at in clauses {
        let origin = program.clauses[at].origin;
        if let Some(span) = origin
            .span
            .filter(|span| rules.iter().all(|(other, _)| other != span))
        {
            rules.push((span, says(origin.source, policy)));
        }
    }
    let exempts = rules.iter().any(|(span, _)| {
        policy
            .exemptions
            .iter()
            .any(|exemption| exemption.span == *span)
    });
    let through = match how {
        _ if exempts => "an exemption",
        Reads::Not | Reads::Plainly => "`not`",
        Reads::Aggregate => "an aggregate",
        Reads::WorkingDays => "the calendar of working days",
    };
    let source = program.clauses[clause].origin.source;
    super::error::cycle(&concluded(source, policy), through, &rules)
}

fn concluded(source: OriginSource, policy: &Policy) -> String {
    match source {
        OriginSource::Rule(id) => policy.relation(policy.rule(id).head.relation).name.clone(),
        OriginSource::Exemption(id) => match &policy.exemption(id).target {
            crate::ir::ExemptionTarget::Head(pattern) => {
                policy.relation(pattern.relation).name.clone()
            }
            crate::ir::ExemptionTarget::Event(..) => "what is exempted".into(),
        },
        OriginSource::Facts(relation, _) | OriginSource::Declaration(relation) => {
            policy.relation(relation).name.clone()
        }
    }
}

fn says(source: OriginSource, policy: &Policy) -> String {
    match source {
        OriginSource::Exemption(_) => format!("exempts from `{}`", concluded(source, policy)),
        _ => format!("concludes `{}`", concluded(source, policy)),
    }
}
