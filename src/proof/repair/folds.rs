//! An aggregate that is to come to something else.

use super::values::Turn;
use super::{Change, Mending};
use crate::ir::{Aggregate, ExprKind, Kind, Literal, RelationKind, Term, VariableId};
use crate::proof::proof::Claim;
use crate::proof::search::Key;
use crate::proof::solve::{Folded, Solution, Used};
use crate::value::{Number, Value};

impl<'a> Mending<'_, 'a> {
    /// An aggregate that comes to something else: a contribution that is worth more or less by so much, one more, or one
    /// less.
    pub(super) fn folded(
        &mut self,
        aggregate: &'a Aggregate,
        outer: &Solution<'a>,
        folded: &Folded<'a>,
        by: Option<&Number>,
        rest: usize,
        depth: usize,
    ) {
        let Some(by) = by else { return };
        let term = aggregate.term.as_ref().map(|term| &term.kind);
        let term = match term {
            Some(ExprKind::Variable(variable)) => Some(*variable),
            _ => None,
        };
        let is_sum = aggregate.function.name == "sum";
        for one in &folded.contributions {
            let Some(way) = one.ways.first() else {
                continue;
            };
            if let (true, Some(variable), Some(Value::Number(worth))) = (is_sum, term, &one.term) {
                let wanted = worth + by;
                if !wanted.is_negative() {
                    self.revalued_inside(
                        aggregate,
                        way,
                        variable,
                        Value::Number(wanted),
                        rest,
                        depth,
                    );
                }
            }
            if by.is_negative() {
                for used in &way.uses {
                    if let Used::Claim(claim) | Used::GivenBy(claim, _) = &used.what {
                        self.without(Key::Claim(claim.clone()), rest + 1);
                    }
                }
            }
        }
        if !by.is_negative() {
            self.one_more(aggregate, outer, term.filter(|_| is_sum), by, rest + 1);
        }
    }

    fn revalued_inside(
        &mut self,
        aggregate: &'a Aggregate,
        way: &Solution<'a>,
        variable: VariableId,
        wanted: Value,
        rest: usize,
        depth: usize,
    ) {
        let turn = Turn {
            literals: &aggregate.body,
            solution: way,
            variable,
            wanted: &wanted,
        };
        self.turn(turn, rest, depth + 1);
    }

    /// One contribution more: the first atom in the braces that is given from outside, worth so much.
    fn one_more(
        &mut self,
        aggregate: &'a Aggregate,
        outer: &Solution<'a>,
        term: Option<VariableId>,
        by: &Number,
        rest: usize,
    ) {
        let world = self.world;
        let inside = world.inside(aggregate, outer);
        for literal in &aggregate.body {
            let Literal::Holds(premise) = literal else {
                continue;
            };
            let relation = world.policy.relation(premise.atom.relation);
            let is_given = relation.kind == Kind::Declared(RelationKind::Input);
            let Some(pattern) = world.pattern_of(premise, &inside).filter(|_| is_given) else {
                continue;
            };
            let rows = world.claims(&pattern);
            let likely = |at: usize| match premise.atom.args[at] {
                Term::Variable(variable) if Some(variable) == term => {
                    Some(Value::Number(by.clone()))
                }
                // Another name than those that are counted already.
                Term::Variable(_) => {
                    let is_new =
                        |value: &Value| rows.iter().all(|row| row.args.get(at) != Some(value));
                    self.another(relation.fields[at].ty, &is_new)
                }
                _ => None,
            };
            let values: Vec<Option<Value>> = (0..pattern.args.len()).map(likely).collect();
            let examples = (0..values.len()).filter(|at| {
                pattern.args[*at].is_none()
                    && !matches!(premise.atom.args[*at], Term::Variable(it) if Some(it) == term)
            });
            let examples: Vec<usize> = examples.collect();
            let whole: Option<Vec<Value>> = (pattern.args.iter().zip(&values))
                .map(|(known, value)| known.clone().or_else(|| value.clone()))
                .enumerate()
                .map(|(at, value)| {
                    let ty = relation.fields[at].ty;
                    value.or_else(|| self.example(pattern.relation, at, ty))
                })
                .collect();
            if let Some(args) = whole {
                let claim = Claim {
                    relation: pattern.relation,
                    args,
                    day: None,
                };
                self.add(rest, Change::Add(claim, examples));
            }
            return;
        }
    }
}
