//! Rows that nobody gave, asked for by keys that no fact gives: what is concluded, or worked out, says which they are.

use super::draft::{Draft, atom_variables, binding_part, closed_part, expr_variables};
use super::error;
use super::from_policy::Lowering;
use super::known::variable;
use super::program::{Atom, Check, Clause, Expr, Literal, RelId, Term, Var};
use crate::ir::{Comparison, RelationId};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// What was asked for so far.
#[derive(Default)]
pub(super) struct DerivedKeys {
    demands: Vec<Demand>,
    /// Relations as they would be if nothing that is read under `not` were so.
    loose: BTreeMap<RelId, RelId>,
    /// How many of their clauses were left out, since what binds their variables was.
    left_out: usize,
}

/// A body that asks for a row that may be missing.
pub(super) struct Demand {
    pub(super) relation: RelationId,
    /// The terms of the key.
    pub(super) key: Vec<Term>,
    pub(super) body: Vec<Literal>,
    pub(super) draft: Draft,
    pub(super) span: Span,
}

impl DerivedKeys {
    /// Remembers what is to be asked for once all clauses are there.
    pub(super) fn demand(&mut self, demand: Demand) {
        self.demands.push(demand);
    }

    /// Relations, and what they would be if nothing that is read under `not` were so.
    pub(super) fn loose(&self) -> impl Iterator<Item = (RelId, RelId)> {
        self.loose.iter().map(|(rel, loose)| (*rel, *loose))
    }
}

impl Lowering<'_> {
    /// Lets each part of a key that nothing in the body binds be any name of its type.
    pub(super) fn name_the_rest(
        &self,
        relation: RelationId,
        key: &[Term],
        body: &mut Vec<Literal>,
    ) {
        let (_, bound) = closed_part(body);
        for (term, field) in key.iter().zip(&self.policy.relation(relation).fields) {
            if let (Some(var), Some(rel)) = (variable(term), self.names_of(field.ty))
                && !bound.contains(&var)
            {
                body.push(Literal::Positive(Atom {
                    rel,
                    args: vec![term.clone()],
                }));
            }
        }
    }

    /// The keys that only what is concluded or worked out gives: once all clauses are there. What a key is asked for by may itself
    /// hang on rows that nobody gave; `not`, aggregates and exemptions are left aside there, so that more keys are asked for than
    /// need be, and none less.
    pub(super) fn answer_derived(&mut self) {
        let demands = std::mem::take(&mut self.derived_keys.demands);
        if demands.is_empty() {
            return;
        }
        let hanging = self.hanging();
        for demand in demands {
            let wanted: BTreeSet<Var> = demand.key.iter().filter_map(variable).collect();
            if !wanted.is_subset(&closed_part(&demand.body).1) {
                // Nothing says what it could be: nobody can ask for it.
                continue;
            }
            let before = self.derived_keys.left_out;
            let body = self.loosely(&demand.body, &hanging);
            let body = binding_part(&body, &wanted);
            let (_, bound) = closed_part(&body);
            if !wanted.is_subset(&bound) || self.derived_keys.left_out > before {
                let name = &self.policy.relation(demand.relation).name;
                self.diagnostics
                    .push(error::key_from_itself(name, demand.span));
            }
            self.ask(demand.relation, demand.key, body, &demand.draft);
        }
    }

    /// The relations that hang on rows of which nobody gave some.
    fn hanging(&self) -> BTreeSet<RelId> {
        let mut hanging: BTreeSet<RelId> = self.known.relations().collect();
        loop {
            let reads = |clause: &&Clause| {
                let mut literals = clause.body.iter();
                let is_hanging = |literal| read(literal).is_some_and(|rel| hanging.contains(&rel));
                !hanging.contains(&clause.head.rel) && literals.any(is_hanging)
            };
            let more: Vec<RelId> = (self.program.clauses.iter())
                .filter(reads)
                .map(|clause| clause.head.rel)
                .collect();
            if more.is_empty() {
                return hanging;
            }
            hanging.extend(more);
        }
    }

    /// The literals of a body that bind something, on relations as they would be if nothing read under `not` were so.
    fn loosely(&mut self, body: &[Literal], hanging: &BTreeSet<RelId>) -> Vec<Literal> {
        let mut found = Vec::new();
        for literal in body {
            match literal {
                Literal::Negative(..) => {}
                Literal::Aggregate(it) if hanging.contains(&it.atom.rel) => {}
                Literal::Positive(atom) if hanging.contains(&atom.rel) => {
                    let mut atom = atom.clone();
                    atom.rel = self.loose_rel(atom.rel, hanging);
                    found.push(Literal::Positive(atom));
                }
                Literal::Positive(_)
                | Literal::Check(_)
                | Literal::Bind(..)
                | Literal::Aggregate(_) => {
                    found.push(literal.clone());
                }
            }
        }
        closed_part(&found).0
    }

    fn loose_rel(&mut self, rel: RelId, hanging: &BTreeSet<RelId>) -> RelId {
        if let Some(loose) = self.derived_keys.loose.get(&rel) {
            return *loose;
        }
        let relation = &self.program.relations[rel.0 as usize];
        let (name, arity) = (format!("{}#at most", relation.name), relation.arity);
        let loose = self.add_relation(name, arity);
        self.derived_keys.loose.insert(rel, loose);
        let clauses = self.program.clauses.iter();
        let clauses: Vec<Clause> = clauses
            .filter(|clause| clause.head.rel == rel)
            .cloned()
            .collect();
        for mut clause in clauses {
            clause.body = self.loosely(&clause.body, hanging);
            clause.head.rel = loose;
            let (_, bound) = closed_part(&clause.body);
            match atom_variables(&clause.head).is_subset(&bound) {
                true => self.program.clauses.push(clause),
                false => self.derived_keys.left_out += 1,
            }
        }
        let rows = self.program.facts.iter().filter(|(of, _)| *of == rel);
        let rows: Vec<_> = rows.map(|(_, row)| (loose, row.clone())).collect();
        self.program.facts.extend(rows);
        loose
    }
}

/// The same literals, where an equation says what a variable is that nothing else binds.
pub(super) fn as_bindings(mut literals: Vec<Literal>) -> Vec<Literal> {
    loop {
        let (_, bound) = closed_part(&literals);
        let binds = |side: &Expr, other: &Expr| match side {
            Expr::Var(var) if !bound.contains(var) && expr_variables(other).is_subset(&bound) => {
                Some(Literal::Bind(*var, other.clone()))
            }
            _ => None,
        };
        let found = literals.iter().enumerate().find_map(|(at, literal)| {
            let Literal::Check(Check::Compare(Comparison::Equal, left, right)) = literal else {
                return None;
            };
            let binding = binds(left, right).or_else(|| binds(right, left))?;
            Some((at, binding))
        });
        match found {
            Some((at, binding)) => literals[at] = binding,
            None => return literals,
        }
    }
}

/// The relation that a literal reads.
fn read(literal: &Literal) -> Option<RelId> {
    match literal {
        Literal::Positive(atom) | Literal::Negative(atom, _) => Some(atom.rel),
        Literal::Aggregate(aggregate) => Some(aggregate.atom.rel),
        Literal::Check(_) | Literal::Bind(..) => None,
    }
}
