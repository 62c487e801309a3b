//! Recursion through an aggregate or `not` that goes level by level: every turn raises one whole number by a constant.

use super::program::{Check, Expr, Levels, Literal, Program, RelId, Stratum, Term, Var};
use crate::ir::{Comparison, Operator};
use crate::value::{Number, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The levels of a stratum, and its clauses in an order in which each level can be computed; `None` if it has none.
pub(super) fn of(
    program: &Program,
    stratum: &Stratum,
    inside: &BTreeSet<RelId>,
) -> Option<(Levels, Vec<usize>)> {
    let recursive: Vec<usize> = stratum
        .clauses
        .iter()
        .copied()
        .filter(|at| !recursive_atoms(program, *at, inside).is_empty())
        .collect();
    for at in &recursive {
        let clause = &program.clauses[*at];
        for (column, term) in clause.head.args.iter().enumerate() {
            let Term::Var(raised) = term else { continue };
            if step(&clause.body, *raised).is_none() {
                continue;
            }
            if let Some(levels) = spread(program, &recursive, inside, clause.head.rel, column) {
                let order = order(program, stratum, &levels, inside);
                return Some((levels, order));
            }
        }
    }
    None
}

/// From one relation's column to those of all others that it is passed to.
fn spread(
    program: &Program,
    recursive: &[usize],
    inside: &BTreeSet<RelId>,
    rel: RelId,
    column: usize,
) -> Option<Levels> {
    let mut levels = Levels {
        column: BTreeMap::from([(rel, column)]),
        variable: BTreeMap::new(),
    };
    let mut is_raised = BTreeMap::new();
    loop {
        let before = levels.variable.len();
        for at in recursive {
            let clause = &program.clauses[*at];
            let Some(own) = levels
                .column
                .get(&clause.head.rel)
                .copied()
                .filter(|_| !levels.variable.contains_key(at))
            else {
                continue;
            };
            let Some(Term::Var(head)) = clause.head.args.get(own) else {
                return None;
            };
            let (read, raised) = match step(&clause.body, *head) {
                Some(read) if is_bounded(&clause.body, *head, read) => (read, true),
                Some(_) => return None,
                None => (*head, false),
            };
            for (rel, terms) in recursive_atoms(program, *at, inside) {
                let place = terms.iter().position(|term| *term == Term::Var(read))?;
                if *levels.column.entry(rel).or_insert(place) != place {
                    return None;
                }
            }
            levels.variable.insert(*at, read);
            is_raised.insert(*at, raised);
        }
        if levels.variable.len() == before {
            break;
        }
    }
    let is_whole = levels.variable.len() == recursive.len();
    // What is not raised is worked out within a level: one such relation after the other, or a level would need itself.
    let passing = recursive.iter().copied();
    let passing: Vec<usize> = passing
        .filter(|at| is_raised.get(at) == Some(&false))
        .collect();
    is_whole.then_some(())?;
    ranks(program, &passing, inside)?;
    Some(levels)
}

/// For each relation that these clauses conclude: how many others of them stand below it. `None` if they go round in a circle.
fn ranks(
    program: &Program,
    passing: &[usize],
    inside: &BTreeSet<RelId>,
) -> Option<BTreeMap<RelId, usize>> {
    let heads = passing.iter().map(|at| program.clauses[*at].head.rel);
    let mut ranks: BTreeMap<RelId, usize> = heads.map(|rel| (rel, 0)).collect();
    for _ in 0..=ranks.len() {
        let mut has_changed = false;
        for at in passing {
            let atoms = recursive_atoms(program, *at, inside);
            let below = atoms.iter().filter_map(|(rel, _)| ranks.get(rel));
            let rank = below.max().map_or(0, |below| below + 1);
            let own = ranks.get_mut(&program.clauses[*at].head.rel)?;
            if rank > *own {
                *own = rank;
                has_changed = true;
            }
        }
        if !has_changed {
            return Some(ranks);
        }
    }
    None
}

/// The relations of the stratum that a clause reads, each with its terms.
fn recursive_atoms<'a>(
    program: &'a Program,
    clause: usize,
    inside: &BTreeSet<RelId>,
) -> Vec<(RelId, &'a [Term])> {
    let mut atoms: Vec<(RelId, &[Term])> = Vec::new();
    for literal in &program.clauses[clause].body {
        match literal {
            Literal::Positive(atom) | Literal::Negative(atom, _) => {
                atoms.push((atom.rel, &atom.args));
            }
            Literal::Aggregate(aggregate) => {
                let certain = aggregate.certain.map(|(_, rel)| rel);
                let rels = [Some(aggregate.atom.rel), certain].into_iter().flatten();
                atoms.extend(rels.map(|rel| (rel, aggregate.atom.args.as_slice())));
            }
            Literal::Check(_) | Literal::Bind(..) => {}
        }
    }
    atoms.retain(|(rel, _)| inside.contains(rel));
    atoms
}

/// `N = M + c` with a whole c above zero: M.
fn step(body: &[Literal], raised: Var) -> Option<Var> {
    body.iter().find_map(|literal| match literal {
        Literal::Bind(var, Expr::Binary(Operator::Add, left, right)) if *var == raised => {
            match (&**left, &**right) {
                (Expr::Var(read), Expr::Value(Value::Number(number)))
                | (Expr::Value(Value::Number(number)), Expr::Var(read)) => {
                    (number.is_integer() && *number > Number::zero()).then_some(*read)
                }
                _ => None,
            }
        }
        _ => None,
    })
}

/// `N <= 12` or the like, for the raised number or the one it is raised from.
fn is_bounded(body: &[Literal], raised: Var, read: Var) -> bool {
    let is_level = |expr: &Expr| matches!(expr, Expr::Var(var) if *var == raised || *var == read);
    body.iter().any(|literal| match literal {
        Literal::Check(Check::Compare(Comparison::Less | Comparison::AtMost, left, _)) => {
            is_level(left)
        }
        Literal::Check(Check::Compare(Comparison::Greater | Comparison::AtLeast, _, right)) => {
            is_level(right)
        }
        _ => false,
    })
}

/// Clauses that only pass a level on stand before those that read what they make.
fn order(
    program: &Program,
    stratum: &Stratum,
    levels: &Levels,
    inside: &BTreeSet<RelId>,
) -> Vec<usize> {
    let passes_on = |at: &usize| {
        let clause = &program.clauses[*at];
        let read = levels.variable.get(at).map(|var| Term::Var(*var));
        levels
            .column
            .get(&clause.head.rel)
            .and_then(|column| clause.head.args.get(*column))
            == read.as_ref()
    };
    let (mut first, second): (Vec<usize>, Vec<usize>) =
        stratum.clauses.iter().copied().partition(passes_on);
    let ranks = ranks(program, &first, inside).unwrap_or_default();
    first.sort_by_key(|at| ranks.get(&program.clauses[*at].head.rel).copied());
    first.extend(second);
    first
}
