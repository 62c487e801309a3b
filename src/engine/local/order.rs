//! In which order the literals of a clause are taken: what decides early comes early.

use crate::datalog::program::{Atom, Check, Clause, Literal, RelId, Term, Var};
use crate::engine::expr::{check_variables, expr_variables};
use crate::engine::instances::{literal_binds, negative_variables};
use std::collections::BTreeSet;

/// How early a literal should come; of those with the same, the least costly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Present,
    Check,
    Bind,
    Member,
    Absent,
    Lookup,
    Join,
    CrossProduct,
    FoldJoin,
    NotYet,
}

/// The places of the literals in the order in which to take them; `first`, if given, begins.
pub fn order(
    clause: &Clause,
    bound: BTreeSet<Var>,
    first: Option<usize>,
    size: &dyn Fn(RelId) -> usize,
) -> Vec<usize> {
    let binders = clause
        .body
        .iter()
        .flat_map(literal_binds)
        .chain(bound.iter().copied());
    let mut planner = Planner {
        clause,
        size,
        binders: binders.collect(),
        bound,
    };
    let mut left: Vec<usize> = (0..clause.body.len())
        .filter(|at| Some(*at) != first)
        .collect();
    let mut order: Vec<usize> = Vec::new();
    let mut next = first;
    while let Some(literal) = next.or_else(|| planner.take(&mut left)) {
        planner.bound.extend(literal_binds(&clause.body[literal]));
        order.push(literal);
        next = None;
    }
    order
}

struct Planner<'a> {
    clause: &'a Clause,
    size: &'a dyn Fn(RelId) -> usize,
    /// The variables that some literal binds.
    binders: BTreeSet<Var>,
    bound: BTreeSet<Var>,
}

impl Planner<'_> {
    fn take(&self, left: &mut Vec<usize>) -> Option<usize> {
        let best = (0..left.len()).min_by_key(|at| self.turn(&self.clause.body[left[*at]]))?;
        Some(left.remove(best))
    }

    fn turn(&self, literal: &Literal) -> (Turn, usize) {
        match literal {
            Literal::Positive(atom) => self.join(atom),
            Literal::Check(check) => {
                let turn = match check {
                    Check::Present(_) | Check::Vague(..) => Turn::Present,
                    Check::Compare(..)
                    | Check::Test(..)
                    | Check::Within(..)
                    | Check::Settled(..) => Turn::Check,
                };
                (self.when_bound(&check_variables(check), turn), 0)
            }
            Literal::Bind(_, expr) => (self.when_bound(&expr_variables(expr), Turn::Bind), 0),
            Literal::Negative(atom, checks) => {
                let vars = &negative_variables(atom, checks) & &self.binders;
                (self.when_bound(&vars, Turn::Absent), 0)
            }
            Literal::Aggregate(aggregate) => {
                let group = aggregate.group.iter().copied().collect();
                match self.when_bound(&group, Turn::Lookup) {
                    Turn::NotYet if !aggregate.is_group_bound => (Turn::FoldJoin, 0),
                    turn => (turn, 0),
                }
            }
        }
    }

    fn when_bound(&self, vars: &BTreeSet<Var>, turn: Turn) -> Turn {
        if vars.is_subset(&self.bound) {
            turn
        } else {
            Turn::NotYet
        }
    }

    /// The cost says how many rows there may be for one binding, as a logarithm.
    fn join(&self, atom: &Atom) -> (Turn, usize) {
        let is_bound = |term: &Term| match term {
            Term::Var(var) => self.bound.contains(var),
            Term::Value(_) => true,
            Term::Any => false,
        };
        let unknown = atom.args.iter().filter(|term| !is_bound(term)).count();
        if unknown == 0 {
            return (Turn::Member, 0);
        }
        let is_joined = |term: &Term| matches!(term, Term::Var(var) if self.bound.contains(var));
        let turn = match self.bound.is_empty() || atom.args.iter().any(is_joined) {
            true => Turn::Join,
            false => Turn::CrossProduct,
        };
        let digits = usize::BITS - (self.size)(atom.rel).leading_zeros();
        (turn, 100 * digits as usize * unknown / atom.args.len())
    }
}
