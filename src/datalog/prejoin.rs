//! Joins that are worked out once: where a clause reads relations that grow with it at several places, a relation that does not
//! grow is joined with one of them first, in a relation of its own.
//!
//! `points_to(V, O) if load(V, W), points_to(W, P), points_to(P, O)` becomes `joined(V, P) if load(V, W), points_to(W, P)` and
//! `points_to(V, O) if joined(V, P), points_to(P, O)`. What drops out (`W`) is then gone through once for each pair that is
//! left, not once for each fact at the other place; and wherever the new facts stand, the join begins with them.

use super::draft::atom_variables;
use super::program::{Atom, Clause, Literal, Program, RelId, Relation, Term, Var};
use std::collections::BTreeSet;

/// How many variables may be left.
const MOST_LEFT: usize = 2;

/// Divides the clauses for which it is of use.
pub(super) fn divide(program: &mut Program) {
    for at in 0..program.strata.len() {
        let stratum = &program.strata[at];
        if stratum.levels.is_some() {
            continue;
        }
        let own: BTreeSet<RelId> = stratum.relations.iter().copied().collect();
        for clause in stratum.clauses.clone() {
            let Some((pair, left)) = pair(&program.clauses[clause], &own) else {
                continue;
            };
            let joined = RelId(program.relations.len() as u32);
            let name = &program.relations[program.clauses[clause].head.rel.0 as usize].name;
            let relation = Relation::joined_for(name, left.len());
            program.relations.push(relation);
            let head = Atom {
                rel: joined,
                args: left.into_iter().map(Term::Var).collect(),
            };
            let first = take_pair(&mut program.clauses[clause], pair, head);
            let stratum = &mut program.strata[at];
            stratum.relations.push(joined);
            stratum.clauses.push(program.clauses.len());
            program.clauses.push(first);
        }
    }
}

/// Which two literals of a clause are joined first, and the variables of theirs that are needed then.
fn pair(clause: &Clause, own: &BTreeSet<RelId>) -> Option<([usize; 2], BTreeSet<Var>)> {
    let atoms = clause.body.iter().map(|literal| match literal {
        Literal::Positive(atom) => Some(atom),
        _ => None,
    });
    let atoms: Vec<&Atom> = atoms.collect::<Option<_>>()?;
    let grows = |at: &usize| own.contains(&atoms[*at].rel);
    let (growing, fixed): (Vec<usize>, Vec<usize>) = (0..atoms.len()).partition(grows);
    if growing.len() < 2 {
        return None;
    }
    let pairs = fixed
        .iter()
        .flat_map(|one| growing.iter().map(|other| [*one, *other]));
    let divided = pairs.filter_map(|pair| {
        let [one, other] = pair.map(|at| atom_variables(atoms[at]));
        let rest = (0..atoms.len()).filter(|at| !pair.contains(at));
        let rest = rest.flat_map(|at| atom_variables(atoms[at]));
        let needed: BTreeSet<Var> = rest.chain(atom_variables(&clause.head)).collect();
        let inside = &one | &other;
        let left = &inside & &needed;
        let is_of_use = !one.is_disjoint(&other) && left.len() < inside.len();
        (is_of_use && !left.is_empty() && left.len() <= MOST_LEFT).then_some((pair, left))
    });
    divided.min_by_key(|(_, left)| left.len())
}

/// Puts an atom in the place of two literals; they become the body of a clause that concludes it.
fn take_pair(clause: &mut Clause, pair: [usize; 2], joined: Atom) -> Clause {
    let body = std::mem::take(&mut clause.body).into_iter().enumerate();
    let (first, mut rest): (Vec<_>, Vec<_>) = body.partition(|(at, _)| pair.contains(at));
    let place = rest.partition_point(|(at, _)| *at < pair[0].min(pair[1]));
    rest.insert(place, (place, Literal::Positive(joined.clone())));
    let literals = |list: Vec<(usize, Literal)>| list.into_iter().map(|(_, it)| it).collect();
    clause.body = literals(rest);
    Clause {
        head: joined,
        body: literals(first),
        variables: clause.variables.clone(),
        origin: clause.origin,
    }
}
