//! Which literal of a body is looked at next: the order that `CERTIFICATE.md` gives for whoever checks a certificate.

use super::ground::Ground;
use crate::ir::{Atom, Exempted, Kind, Literal, Premise, RelationKind, Term, Timing, VariableId};
use crate::proof::expr::{expr_variables, literal_variables, premise_variables, term_variables};

/// What is bound so far.
#[derive(Clone)]
pub(in crate::proof) struct Bound {
    /// By `VariableId`.
    pub variables: Vec<bool>,
    /// Whether the day of the rule is.
    pub day: bool,
}

impl Bound {
    fn all(&self, visit: impl FnOnce(&mut dyn FnMut(VariableId))) -> bool {
        let mut all = true;
        visit(&mut |variable| all &= self.variables[variable.at()]);
        all
    }

    fn term(&self, term: &Term) -> bool {
        match term {
            Term::Variable(variable) | Term::Each(variable) => self.variables[variable.at()],
            Term::Value(_) => true,
            Term::Any | Term::Present | Term::Missing => false,
        }
    }

    fn bind_all(&mut self, terms: &[Term]) {
        term_variables(terms, &mut |variable| self.variables[variable.at()] = true);
    }

    /// Marks the day as known, where what gives it is.
    pub fn find_day(&mut self, timing: Option<&Timing>) -> bool {
        let is_found = match timing {
            Some(Timing::Event(term, _) | Timing::On(term)) => !self.day && self.term(term),
            Some(Timing::Timeless | Timing::Standing) | None => false,
        };
        self.day |= is_found;
        is_found
    }
}

impl Ground<'_> {
    /// The place of the literal to look at next; `None`: none is ready.
    pub fn next(
        &self,
        literals: &[&Literal],
        bound: &Bound,
        timing: Option<&Timing>,
    ) -> Option<usize> {
        let ranked = literals.iter().enumerate();
        let ranked = ranked.filter_map(|(at, literal)| {
            let rank = self.rank(literal, bound, timing)?;
            Some((rank, at))
        });
        ranked.min().map(|(_, at)| at)
    }

    fn has_day(&self, atom: &Atom, on: Option<&Term>, bound: &Bound) -> bool {
        match on {
            Some(term) => bound.term(term),
            None => bound.day || !self.policy.relation(atom.relation).standing,
        }
    }

    fn rank(
        &self,
        literal: &Literal,
        bound: &Bound,
        timing: Option<&Timing>,
    ) -> Option<(u8, usize)> {
        let check = |is_ready: bool| is_ready.then_some((0, 0));
        match literal {
            Literal::Compare(_) | Literal::Test(_) => {
                check(bound.all(|see| literal_variables(literal, see)))
            }
            Literal::Bind(bind) => check(bound.all(|see| expr_variables(&bind.value, see))),
            Literal::Absent(premise) => check(
                bound.all(|see| premise_variables(premise, see))
                    && self.has_day(&premise.atom, premise.on.as_ref(), bound),
            ),
            Literal::Holds(premise) => self.rank_of_atom(premise, bound),
            Literal::Or(branches, _) => {
                let mut all = branches.iter();
                let is_ready = all.all(|it| self.read(it, bound.clone(), timing).is_some());
                is_ready.then_some((3, 0))
            }
            Literal::Aggregate(aggregate) => {
                let group = aggregate.group.iter().all(|it| bound.variables[it.at()]);
                if aggregate.is_group_bound && !group {
                    return None;
                }
                let inside = self.read(&aggregate.body, bound.clone(), None);
                inside.map(|_| (if group { 6 } else { 7 }, 0))
            }
            Literal::Exempted(exempted) => self.rank_of_exempted(exempted, bound),
        }
    }

    fn rank_of_atom(&self, premise: &Premise, bound: &Bound) -> Option<(u8, usize)> {
        let atom = &premise.atom;
        if !self.has_day(atom, premise.on.as_ref(), bound) {
            return None;
        }
        let kind = self.policy.relation(atom.relation).kind;
        if kind == Kind::Declared(RelationKind::Judgement) {
            let is_ready = bound.all(|see| premise_variables(premise, see));
            return is_ready.then_some((0, 0));
        }
        let open = atom.args.iter().filter(|term| !bound.term(term)).count();
        let has_some = open < atom.args.len() || atom.args.is_empty();
        Some(match (self.is_given(atom.relation), has_some) {
            (true, true) => (1, open),
            (false, true) => (2, open),
            (true, false) => (4, open),
            (false, false) => (5, open),
        })
    }

    fn rank_of_exempted(&self, exempted: &Exempted, bound: &Bound) -> Option<(u8, usize)> {
        if !self.has_day(&exempted.atom, None, bound) {
            return None;
        }
        if bound.all(|see| term_variables(&exempted.atom.args, see)) {
            return Some((3, 0));
        }
        (!exempted.negated).then_some((8, 0))
    }

    /// What is bound when a whole body has been looked at; `None`: it cannot be.
    pub fn read(
        &self,
        body: &[Literal],
        mut bound: Bound,
        timing: Option<&Timing>,
    ) -> Option<Bound> {
        let mut open: Vec<&Literal> = body.iter().collect();
        loop {
            bound.find_day(timing);
            if open.is_empty() {
                return Some(bound);
            }
            let literal = open.remove(self.next(&open, &bound, timing)?);
            self.take(literal, &mut bound, timing);
        }
    }

    /// Marks what a literal binds.
    pub fn take(&self, literal: &Literal, bound: &mut Bound, timing: Option<&Timing>) {
        match literal {
            Literal::Holds(premise) => bound.bind_all(&premise.atom.args),
            Literal::Bind(bind) => bound.variables[bind.variable.at()] = true,
            Literal::Aggregate(aggregate) => {
                for variable in aggregate.group.iter().chain([&aggregate.result]) {
                    bound.variables[variable.at()] = true;
                }
            }
            Literal::Or(branches, _) => {
                let ends = branches.iter();
                let ends = ends.filter_map(|it| self.read(it, bound.clone(), timing));
                let shared = ends.reduce(|mut all, other| {
                    for (all, own) in all.variables.iter_mut().zip(&other.variables) {
                        *all &= *own;
                    }
                    all.day &= other.day;
                    all
                });
                if let Some(shared) = shared {
                    *bound = shared;
                }
            }
            Literal::Exempted(exempted) if !exempted.negated => {
                bound.bind_all(&exempted.atom.args);
            }
            Literal::Exempted(_) | Literal::Absent(_) | Literal::Compare(_) | Literal::Test(_) => {}
        }
    }
}
