//! Aggregates: what stands in the braces becomes a relation with a row for each distinct binding.

use super::draft::{Draft, binding_part, closed_part, variables};
use super::from_policy::Lowering;
use super::program::{Aggregate, Atom, Literal, RelId, Term, Var};
use crate::ir;
use crate::value::Value;
use std::collections::BTreeSet;

/// One alternative of the braces, lowered.
struct Inner {
    body: Vec<Literal>,
    bound: BTreeSet<Var>,
    draft: Draft,
}

impl Lowering<'_> {
    /// The literal of an aggregate. `outer` are the clause's literals without aggregates: where the braces need what those
    /// bind, they are repeated in front of the braces. `around`: all that stand outside the braces.
    pub(super) fn aggregate(
        &mut self,
        aggregate: &ir::Aggregate,
        draft: &mut Draft,
        outer: &[Literal],
        around: &[Literal],
    ) -> Option<Literal> {
        let own: BTreeSet<Var> = (0..draft.names.len() as u32).map(Var).collect();
        let inners: Vec<Inner> = self
            .alternatives(&aggregate.body, aggregate.span)
            .iter()
            .map(|body| self.inner(body, draft, around))
            .collect();
        // Variables of the clause itself that some alternative needs and does not bind: a day, an outer value.
        let mut shared: BTreeSet<Var> = aggregate.group.iter().map(|id| draft.var(*id)).collect();
        let mut lacking: BTreeSet<Var> = BTreeSet::new();
        for inner in &inners {
            let needed: BTreeSet<Var> = inner
                .body
                .iter()
                .flat_map(variables)
                .filter(|var| own.contains(var))
                .collect();
            let locals: BTreeSet<Var> = aggregate.locals.iter().map(|id| draft.var(*id)).collect();
            shared.extend(needed.difference(&locals).copied());
            let is_lacking = |var: &&Var| !inner.bound.contains(var) && !locals.contains(var);
            lacking.extend(needed.iter().filter(is_lacking));
        }
        let before = binding_part(&self.without_judgements(outer), &lacking);
        let (_, bound) = closed_part(&before);
        let group: Vec<Var> = shared
            .into_iter()
            .filter(|var| {
                bound.contains(var) || inners.iter().all(|inner| inner.bound.contains(var))
            })
            .collect();
        let locals: Vec<Var> = aggregate.locals.iter().map(|id| draft.var(*id)).collect();
        let atom = match self.plain_atom(&inners, &before, &group, &locals) {
            Some(atom) => atom,
            None => self.braces_atom(&group, &locals, inners, &before),
        };
        let term = aggregate.term.as_ref().map(|term| self.expr(term, draft));
        let dependencies = aggregate.dependencies(self.policy);
        let dependencies = (dependencies.iter())
            .map(|it| it.map(|id| draft.var(*id)))
            .collect();
        let (_, outside) = closed_part(outer);
        let is_group_bound =
            aggregate.is_group_bound && group.iter().all(|var| outside.contains(var));
        Some(Literal::Aggregate(Aggregate {
            result: draft.var(aggregate.result),
            function: aggregate.function,
            term,
            atom,
            group,
            is_group_bound,
            certain: None,
            dependencies,
        }))
    }

    fn inner(&mut self, body: &[ir::Literal], draft: &Draft, around: &[Literal]) -> Inner {
        let mut draft = draft.clone();
        let body = self.body_within(body, &mut draft, &[], around);
        let (_, bound) = closed_part(&self.without_judgements(&body));
        Inner { body, bound, draft }
    }

    /// The only atom in the braces, where each of its rows is one binding of all that is folded over: then it needs no copy.
    fn plain_atom(
        &self,
        inners: &[Inner],
        before: &[Literal],
        group: &[Var],
        locals: &[Var],
    ) -> Option<Atom> {
        let [inner] = inners else { return None };
        let [Literal::Positive(atom)] = inner.body.as_slice() else {
            return None;
        };
        let is_free = |term: &Term| matches!(term, Term::Var(_) | Term::Value(_));
        let own: BTreeSet<Var> = variables(&inner.body[0]);
        let folded: BTreeSet<Var> = group.iter().chain(locals).copied().collect();
        let places = atom.args.iter().filter(|term| matches!(term, Term::Var(_)));
        let is_plain = before.is_empty()
            && atom.args.iter().all(is_free)
            && places.count() == own.len()
            && own == folded
            && self.is_closed(atom.rel);
        is_plain.then(|| atom.clone())
    }

    /// Whether it is a relation of the policy of which nothing is ever unknown or presumed by itself.
    fn is_closed(&self, rel: RelId) -> bool {
        let mut declared = self.program.declared.iter();
        let found = declared.find(|(_, declared)| declared.rel == rel);
        found.is_some_and(|(id, declared)| {
            let mut fields = self.policy.relation(*id).fields.iter();
            declared.denied.is_none() && fields.all(|field| field.missing != ir::Missing::Unknown)
        })
    }

    /// What stands in the braces as a relation of its own.
    fn braces_atom(
        &mut self,
        group: &[Var],
        locals: &[Var],
        inners: Vec<Inner>,
        before: &[Literal],
    ) -> Atom {
        let rel = self.add_relation(
            format!("braces {}", self.program.clauses.len()),
            group.len() + locals.len(),
        );
        for inner in inners {
            let body = [before, inner.body.as_slice()].concat();
            let (_, bound) = closed_part(&body);
            let column = |var: &Var| {
                if bound.contains(var) {
                    Term::Var(*var)
                } else {
                    Term::Value(Value::None)
                }
            };
            let head = Atom {
                rel,
                args: group.iter().chain(locals).map(column).collect(),
            };
            self.add_clause(head, body, &inner.draft);
        }
        let args = group.iter().chain(locals).map(|var| Term::Var(*var));
        Atom {
            rel,
            args: args.collect(),
        }
    }
}
