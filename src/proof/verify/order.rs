//! Which literal of a body is looked at next: the order that `CERTIFICATE.md` gives for whoever checks a certificate.

use super::ground::Ground;
use crate::ir::{
    Atom, Compare, Comparison, Exempted, ExprKind, Kind, Literal, Premise, RelationKind, Term,
    Timing, VariableId,
};
use crate::proof::expr::{expr_variables, literal_variables, premise_variables, term_variables};

/// What is bound so far.
#[derive(Clone)]
pub(in crate::proof) struct Bound {
    /// By `VariableId`.
    pub variables: Vec<bool>,
    /// Whether the day of the rule is.
    pub day: bool,
    /// By `VariableId`: whether it has its value from what was read, and not only from what is asked about.
    found: Vec<bool>,
    /// What is found once other variables are.
    hanging: Vec<(Vec<VariableId>, VariableId)>,
}

/// The variables that an equation gives, each with those from which it does.
pub(super) fn equated(compare: &Compare) -> Vec<(VariableId, Vec<VariableId>)> {
    let sides = [
        (&compare.left, &compare.right),
        (&compare.right, &compare.left),
    ];
    let sides = sides.into_iter();
    let sides = sides.filter(|_| compare.op == Comparison::Equal);
    let given = sides.filter_map(|(one, other)| match one.kind {
        ExprKind::Variable(variable) => {
            let mut others = Vec::new();
            expr_variables(other, &mut |other| others.push(other));
            Some((variable, others))
        }
        _ => None,
    });
    given.collect()
}

/// Whether the bindings that a body starts with stand around it, or are only what is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proof) enum Start {
    /// The body has to come to these itself.
    Asked,
    /// What stands around it gives them.
    Given,
}

impl Bound {
    /// At the start of a body.
    pub fn new(variables: Vec<bool>, day: bool, start: Start) -> Bound {
        let found = match start {
            Start::Asked => vec![false; variables.len()],
            Start::Given => variables.clone(),
        };
        Bound {
            variables,
            day,
            found,
            hanging: Vec::new(),
        }
    }

    /// Whether what was read gives the value of a term.
    fn is_found(&self, term: &Term) -> bool {
        match term {
            Term::Variable(variable) | Term::Each(variable) => self.found[variable.at()],
            Term::Value(_) => true,
            Term::Any | Term::Present | Term::Missing => false,
        }
    }

    fn find_all(&mut self, terms: &[Term]) {
        term_variables(terms, &mut |variable| self.found[variable.at()] = true);
        self.find_hanging();
    }

    fn find_once(&mut self, others: Vec<VariableId>, variable: VariableId) {
        self.hanging.push((others, variable));
        self.find_hanging();
    }

    fn find_hanging(&mut self) {
        loop {
            let found = &self.found;
            let is_next = |(others, variable): &&(Vec<VariableId>, VariableId)| {
                !found[variable.at()] && others.iter().all(|other| found[other.at()])
            };
            let Some((_, variable)) = self.hanging.iter().find(is_next) else {
                return;
            };
            self.found[variable.at()] = true;
        }
    }

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

    /// Whether an atom is read only once nothing else can be: its key may be one that nobody named, and nothing that was read
    /// gives it yet.
    pub fn is_key_sought(&self, atom: &Atom, bound: &Bound) -> bool {
        let mut keys = self.free_keys(atom.relation);
        keys.any(|at| !bound.is_found(&atom.args[at]))
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
        if self.is_key_sought(atom, bound) {
            return Some((9, open));
        }
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
            Literal::Holds(premise) => {
                bound.bind_all(&premise.atom.args);
                let kind = self.policy.relation(premise.atom.relation).kind;
                if kind != Kind::Declared(RelationKind::Judgement) {
                    bound.find_all(&premise.atom.args);
                }
            }
            Literal::Bind(bind) => {
                bound.variables[bind.variable.at()] = true;
                let mut others = Vec::new();
                expr_variables(&bind.value, &mut |variable| others.push(variable));
                bound.find_once(others, bind.variable);
            }
            Literal::Aggregate(aggregate) => {
                for variable in aggregate.group.iter().chain([&aggregate.result]) {
                    bound.variables[variable.at()] = true;
                }
                if !aggregate.is_group_bound {
                    let group = aggregate.group.iter();
                    group.for_each(|variable| bound.found[variable.at()] = true);
                }
                bound.find_once(aggregate.group.clone(), aggregate.result);
            }
            Literal::Or(branches, _) => {
                let ends = branches.iter();
                let ends = ends.filter_map(|it| self.read(it, bound.clone(), timing));
                let shared = ends.reduce(|mut all, other| {
                    for (all, own) in all.variables.iter_mut().zip(&other.variables) {
                        *all &= *own;
                    }
                    for (all, own) in all.found.iter_mut().zip(&other.found) {
                        *all &= *own;
                    }
                    all.day &= other.day;
                    all
                });
                if let Some(shared) = shared {
                    let hanging = std::mem::take(&mut bound.hanging);
                    *bound = Bound { hanging, ..shared };
                    bound.find_hanging();
                }
            }
            Literal::Exempted(exempted) if !exempted.negated => {
                bound.bind_all(&exempted.atom.args);
                bound.find_all(&exempted.atom.args);
            }
            Literal::Compare(compare) => {
                for (variable, others) in equated(compare) {
                    bound.find_once(others, variable);
                }
            }
            Literal::Exempted(_) | Literal::Absent(_) | Literal::Test(_) => {}
        }
    }
}
