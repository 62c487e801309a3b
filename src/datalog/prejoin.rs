//! What clauses that run again and again have worked out before, in relations of their own.
//!
//! Where a clause reads relations that grow with it at several places, a relation that does not grow is joined with one of
//! them first: `points_to(V, O) if load(V, W), points_to(W, P), points_to(P, O)` becomes
//! `joined(V, P) if load(V, W), points_to(W, P)` and `points_to(V, O) if joined(V, P), points_to(P, O)`. What drops out (`W`)
//! is then gone through once for each pair that is left, not once for each fact at the other place; and wherever the new facts
//! stand, the join begins with them.
//!
//! And where it compares what stands in a relation that does not grow, those rows are chosen once: of
//! `affiliate(X, Z) if affiliate(X, Y), owns(Y, Z, P), P >= 50%` they are `chosen(Y, Z) if owns(Y, Z, P), P >= 50%`.

use super::draft::{atom_variables, check_variables, variables};
use super::program::{
    Atom, Check, Clause, Expr, Literal, Program, RelId, Relation, Stratum, Term, Var,
};
use std::collections::BTreeSet;

/// How many variables may be left of a join.
const MOST_LEFT: usize = 2;

/// Literals of a clause that are worked out before, and the variables of theirs that are needed then.
struct Part {
    literals: Vec<usize>,
    left: BTreeSet<Var>,
}

/// Divides the clauses for which it is of use.
pub(super) fn divide(program: &mut Program) {
    for mut stratum in std::mem::take(&mut program.strata) {
        if stratum.levels.is_none() {
            let own: BTreeSet<RelId> = stratum.relations.iter().copied().collect();
            for at in stratum.clauses.clone() {
                while let Some(part) = chosen(&program.clauses[at], &own) {
                    // What does not grow comes in a stratum before.
                    let (rel, clause) = take_out(program, at, part);
                    program.strata.push(Stratum {
                        relations: vec![rel],
                        clauses: vec![clause],
                        levels: None,
                    });
                }
                if let Some(part) = joined(&program.clauses[at], &own) {
                    let (rel, clause) = take_out(program, at, part);
                    stratum.relations.push(rel);
                    stratum.clauses.push(clause);
                }
            }
        }
        program.strata.push(stratum);
    }
}

/// An atom of a relation that does not grow, and the comparisons of what stands in it.
fn chosen(clause: &Clause, own: &BTreeSet<RelId>) -> Option<Part> {
    let grows = |atom: &Atom| own.contains(&atom.rel);
    let atoms = clause.body.iter().enumerate();
    let atoms = atoms.filter_map(|(at, literal)| match literal {
        Literal::Positive(atom) => Some((at, atom)),
        _ => None,
    });
    let atoms: Vec<(usize, &Atom)> = atoms.collect();
    if !atoms.iter().any(|(_, atom)| grows(atom)) {
        return None;
    }
    let mut parts = atoms.iter().filter(|(_, atom)| !grows(atom));
    parts.find_map(|(at, atom)| {
        let inside = atom_variables(atom);
        let compares = |other: &usize| match &clause.body[*other] {
            Literal::Check(check) => is_plain(check) && check_variables(check).is_subset(&inside),
            _ => false,
        };
        let checks = (0..clause.body.len()).filter(compares);
        let literals: Vec<usize> = [*at].into_iter().chain(checks).collect();
        let left = &inside & &needed(clause, &literals);
        (literals.len() > 1 && !left.is_empty()).then_some(Part { literals, left })
    })
}

/// Whether it compares values and always has a truth value.
fn is_plain(check: &Check) -> bool {
    let is_plain = |expr: &Expr| matches!(expr, Expr::Var(_) | Expr::Value(_));
    matches!(check, Check::Compare(_, left, right) if is_plain(left) && is_plain(right))
}

/// An atom of a relation that does not grow, and one of a relation that does, where another is left.
fn joined(clause: &Clause, own: &BTreeSet<RelId>) -> Option<Part> {
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
    let parts = pairs.filter_map(|pair| {
        let [one, other] = pair.map(|at| atom_variables(atoms[at]));
        let inside = &one | &other;
        let left = &inside & &needed(clause, &pair);
        let is_of_use = !one.is_disjoint(&other) && left.len() < inside.len();
        (is_of_use && !left.is_empty() && left.len() <= MOST_LEFT).then_some(Part {
            literals: pair.to_vec(),
            left,
        })
    });
    parts.min_by_key(|part| part.left.len())
}

/// The variables of the head and of all literals but these.
fn needed(clause: &Clause, but: &[usize]) -> BTreeSet<Var> {
    let others = (0..clause.body.len()).filter(|at| !but.contains(at));
    let others = others.flat_map(|at| variables(&clause.body[at]));
    others.chain(atom_variables(&clause.head)).collect()
}

/// Makes of some literals of a clause a clause with a relation of its own, of which an atom stands in their place.
fn take_out(program: &mut Program, at: usize, part: Part) -> (RelId, usize) {
    let rel = RelId(program.relations.len() as u32);
    let clause = &mut program.clauses[at];
    let name = &program.relations[clause.head.rel.0 as usize].name;
    let relation = Relation::part_of(name, part.left.len());
    let head = Atom {
        rel,
        args: part.left.into_iter().map(Term::Var).collect(),
    };
    let body = std::mem::take(&mut clause.body).into_iter().enumerate();
    let (taken, mut rest): (Vec<_>, Vec<_>) = body.partition(|(at, _)| part.literals.contains(at));
    let place = rest.partition_point(|(at, _)| *at < part.literals[0]);
    rest.insert(place, (place, Literal::Positive(head.clone())));
    let literals = |list: Vec<(usize, Literal)>| list.into_iter().map(|(_, it)| it).collect();
    clause.body = literals(rest);
    let taken = Clause {
        head,
        body: literals(taken),
        variables: clause.variables.clone(),
        origin: clause.origin,
    };
    program.relations.push(relation);
    program.clauses.push(taken);
    (rel, program.clauses.len() - 1)
}
