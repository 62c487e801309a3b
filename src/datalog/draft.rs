//! A clause in the making: its variables, and what they stand for.

use super::program::{Atom, Check, Expr, Literal, Origin, RegimesId, RelId, Term, Var};
use crate::ir::{self, VariableId};
use std::collections::{BTreeMap, BTreeSet};

/// By which day the literals of a clause are read.
#[derive(Clone, Debug)]
pub(super) enum Day {
    /// None: nothing in the clause depends on one.
    None,
    /// The day in this term.
    At(Term),
    /// Each regime for itself: the variable holds its first day.
    Regime(RegimesId, Var),
}

impl Day {
    /// The day, or the first day of the regime, as a term.
    pub(super) fn term(&self) -> Option<Term> {
        match self {
            Day::None => None,
            Day::At(term) => Some(term.clone()),
            Day::Regime(_, var) => Some(Term::Var(*var)),
        }
    }
}

/// The variables of one clause.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) names: Vec<String>,
    map: BTreeMap<VariableId, Var>,
    pub(super) day: Day,
    pub(super) origin: Origin,
}

impl Draft {
    /// A draft with a variable for each of the rule's.
    pub(super) fn new(variables: &[ir::Variable], origin: Origin) -> Draft {
        let names = variables
            .iter()
            .map(|variable| variable.name.clone())
            .collect();
        let map = (0..variables.len() as u32)
            .map(|at| (VariableId(at), Var(at)))
            .collect();
        Draft {
            names,
            map,
            day: Day::None,
            origin,
        }
    }

    pub(super) fn var(&self, id: VariableId) -> Var {
        self.map[&id]
    }

    /// A variable that the author did not write.
    pub(super) fn fresh(&mut self, name: &str) -> Var {
        self.names.push(name.to_owned());
        Var(self.names.len() as u32 - 1)
    }
}

/// The variables of a literal.
pub(super) fn variables(literal: &Literal) -> BTreeSet<Var> {
    match literal {
        Literal::Positive(atom) => atom_variables(atom),
        Literal::Negative(atom, checks) => {
            let mut found = atom_variables(atom);
            checks
                .iter()
                .for_each(|check| found.extend(check_variables(check)));
            found
        }
        Literal::Check(check) => check_variables(check),
        Literal::Bind(var, expr) => {
            let mut found = expr_variables(expr);
            found.insert(*var);
            found
        }
        Literal::Aggregate(aggregate) => {
            let mut found: BTreeSet<Var> = aggregate.group.iter().copied().collect();
            found.insert(aggregate.result);
            found
        }
    }
}

pub(super) fn atom_variables(atom: &Atom) -> BTreeSet<Var> {
    atom.args
        .iter()
        .filter_map(|term| {
            if let Term::Var(var) = term {
                Some(*var)
            } else {
                None
            }
        })
        .collect()
}

pub(super) fn check_variables(check: &Check) -> BTreeSet<Var> {
    match check {
        Check::Compare(_, left, right) => &expr_variables(left) | &expr_variables(right),
        Check::Test(_, expr) => expr_variables(expr),
        Check::Present(var) => BTreeSet::from([*var]),
        Check::Vague(_, var) | Check::Within(_, Term::Var(var)) => BTreeSet::from([*var]),
        Check::Within(..) => BTreeSet::new(),
        Check::Settled(_, inner) => check_variables(inner),
    }
}

pub(super) fn expr_variables(expr: &Expr) -> BTreeSet<Var> {
    match expr {
        Expr::Value(_) => BTreeSet::new(),
        Expr::Var(var) => BTreeSet::from([*var]),
        Expr::Negate(inner) | Expr::Regime(_, inner) => expr_variables(inner),
        Expr::Binary(_, left, right) => &expr_variables(left) | &expr_variables(right),
        Expr::Call(_, list) => list.iter().flat_map(expr_variables).collect(),
        Expr::Shift { date, amount, .. } => &expr_variables(date) | &expr_variables(amount),
    }
}

/// What a literal needs to be bound, and what it then binds.
fn needs_and_gives(literal: &Literal) -> (BTreeSet<Var>, BTreeSet<Var>) {
    match literal {
        Literal::Positive(atom) => (BTreeSet::new(), atom_variables(atom)),
        Literal::Negative(atom, checks) => {
            let own = atom_variables(atom);
            let outer = checks
                .iter()
                .flat_map(check_variables)
                .filter(|var| !own.contains(var))
                .collect();
            (outer, BTreeSet::new())
        }
        Literal::Check(check) => (check_variables(check), BTreeSet::new()),
        Literal::Bind(var, expr) => (expr_variables(expr), BTreeSet::from([*var])),
        Literal::Aggregate(aggregate) if aggregate.is_group_bound => (
            aggregate.group.iter().copied().collect(),
            BTreeSet::from([aggregate.result]),
        ),
        Literal::Aggregate(aggregate) => {
            let mut gives: BTreeSet<Var> = aggregate.group.iter().copied().collect();
            gives.insert(aggregate.result);
            (BTreeSet::new(), gives)
        }
    }
}

/// The literals that can be decided from one another alone, and what they bind.
pub(super) fn closed_part(literals: &[Literal]) -> (Vec<Literal>, BTreeSet<Var>) {
    let mut bound = BTreeSet::new();
    loop {
        let before = bound.len();
        for literal in literals {
            let (needs, gives) = needs_and_gives(literal);
            if needs.is_subset(&bound) {
                bound.extend(gives);
            }
        }
        if bound.len() == before {
            break;
        }
    }
    let is_decided = |literal: &&Literal| match literal {
        // A variable of a negated atom that nothing binds would become "for no value".
        Literal::Negative(..) => false,
        _ => needs_and_gives(literal).0.is_subset(&bound),
    };
    (literals.iter().filter(is_decided).cloned().collect(), bound)
}

/// An atom over a relation whose columns are just these variables.
pub(super) fn atom_of(rel: RelId, vars: &[Var]) -> Atom {
    Atom {
        rel,
        args: vars.iter().map(|var| Term::Var(*var)).collect(),
    }
}

/// As few of the literals as it takes to bind these variables: for each the first that does, with what that needs.
pub(super) fn binding_part(literals: &[Literal], wanted: &BTreeSet<Var>) -> Vec<Literal> {
    binding(literals, wanted, 1)
}

/// All of the literals that say what these variables are, with what those need.
pub(super) fn telling_part(literals: &[Literal], wanted: &BTreeSet<Var>) -> Vec<Literal> {
    binding(literals, wanted, usize::MAX)
}

/// `most`: how many literals a variable.
fn binding(literals: &[Literal], wanted: &BTreeSet<Var>, most: usize) -> Vec<Literal> {
    let (closed, bound) = closed_part(literals);
    let mut chosen: BTreeSet<usize> = BTreeSet::new();
    let mut given: BTreeSet<Var> = BTreeSet::new();
    let mut open: Vec<Var> = wanted.intersection(&bound).copied().collect();
    let mut looked_up = BTreeSet::new();
    while let Some(var) = open.pop() {
        let is_done = most == 1 && given.contains(&var);
        if is_done || !looked_up.insert(var) {
            continue;
        }
        let places = (0..closed.len()).filter(|at| needs_and_gives(&closed[*at]).1.contains(&var));
        for place in places.take(most) {
            let (needs, gives) = needs_and_gives(&closed[place]);
            chosen.insert(place);
            given.extend(gives);
            open.extend(needs);
        }
    }
    chosen.into_iter().map(|at| closed[at].clone()).collect()
}
