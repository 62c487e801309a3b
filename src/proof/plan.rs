//! In which order the literals of a body are looked at, so that each finds bound what it needs.

use super::expr::{expr_variables, literal_variables, premise_variables, term_variables};
use crate::ir::{
    Aggregate, Atom, Bind, Compare, Exempted, Kind, Literal, Policy, Premise, RelationKind, Term,
    Test, VariableId,
};

/// A body in the order in which it is solved.
pub(super) struct Plan<'a> {
    /// One for each literal, and one for the day of the rule.
    pub moves: Vec<Move<'a>>,
    /// The literals that nothing here makes ready: they need a variable or a day that is bound elsewhere.
    pub left: Vec<usize>,
}

/// One literal in its turn.
pub(super) struct Move<'a> {
    /// Its place in the body as written.
    pub place: usize,
    /// What is done.
    pub what: What<'a>,
}

/// What is done in one turn.
pub(super) enum What<'a> {
    /// The day of the rule is looked up.
    Day,
    /// A row is found.
    Match(&'a Premise),
    /// No row may be found.
    Refuse(&'a Premise),
    /// Two values are compared.
    Compare(&'a Compare),
    /// A truth value is computed.
    Test(&'a Test),
    /// A variable is computed.
    Bind(&'a Bind),
    /// Braces are folded.
    Fold(&'a Aggregate, Plan<'a>),
    /// One of several bodies is solved.
    Either(Vec<Plan<'a>>),
    /// An exempted derivation is found, or none may be.
    Exempted(&'a Exempted),
}

/// What is known before a body is solved, and more and more in the course of it.
#[derive(Clone)]
pub(super) struct Known<'a> {
    /// By `VariableId`.
    pub bound: Vec<bool>,
    /// The day of the rule.
    pub day: DayKnown<'a>,
}

/// Whether the day of a rule is known.
#[derive(Clone, Copy)]
pub(super) enum DayKnown<'a> {
    /// It is, or does not matter.
    Yes,
    /// As soon as this term is bound.
    By(&'a Term),
    /// It will not be.
    No,
}

impl<'a> Plan<'a> {
    /// The order for these literals (each with its place in the body), as far as they get ready.
    pub fn new(
        policy: &'a Policy,
        literals: impl IntoIterator<Item = (usize, &'a Literal)>,
        known: &mut Known<'a>,
    ) -> Plan<'a> {
        let mut open: Vec<(usize, &Literal)> = literals.into_iter().collect();
        let mut moves = Vec::with_capacity(open.len() + 1);
        loop {
            if known.is_day_ready() {
                known.day = DayKnown::Yes;
                moves.push(Move {
                    place: 0,
                    what: What::Day,
                });
            }
            let Some(next) = cheapest(policy, &open, known) else {
                break;
            };
            let (place, literal) = open.remove(next);
            let what = known.take(policy, literal);
            moves.push(Move { place, what });
        }
        Plan {
            moves,
            left: open.into_iter().map(|(place, _)| place).collect(),
        }
    }
}

/// The literal to look at next: first what only checks, then what is bound most, last what enumerates.
fn cheapest(policy: &Policy, open: &[(usize, &Literal)], known: &Known<'_>) -> Option<usize> {
    let mut best: Option<(u32, usize)> = None;
    for (at, (_, literal)) in open.iter().enumerate() {
        let Some(cost) = known.cost(policy, literal) else {
            continue;
        };
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, at));
        }
        if cost <= CHECK {
            break;
        }
    }
    best.map(|(_, at)| at)
}

const CHECK: u32 = 1;
const FOUND_BY_KEY: u32 = 10;
const DECIDED: u32 = 20;
const PARTLY_BOUND: u32 = 100;
const FOLD: u32 = 200;
const SOME_BRANCH: u32 = 250;
const UNBOUND: u32 = 400;
const UNBOUND_BRANCH: u32 = 500;
const UNBOUND_FOLD: u32 = 600;
const UNBOUND_EXEMPTED: u32 = 700;

impl<'a> Known<'a> {
    fn is_day_ready(&self) -> bool {
        match self.day {
            DayKnown::By(term) => self.has_term(term),
            DayKnown::Yes | DayKnown::No => false,
        }
    }

    fn has_term(&self, term: &Term) -> bool {
        match term {
            Term::Variable(variable) | Term::Each(variable) => self.has(*variable),
            Term::Value(_) => true,
            Term::Any | Term::Present | Term::Missing => false,
        }
    }

    fn has(&self, variable: VariableId) -> bool {
        self.bound[variable.at()]
    }

    fn bind(&mut self, variable: VariableId) {
        self.bound[variable.at()] = true;
    }

    fn has_all(&self, visit: impl FnOnce(&mut dyn FnMut(VariableId))) -> bool {
        let mut all = true;
        visit(&mut |variable| all &= self.has(variable));
        all
    }

    fn has_some(&self, visit: impl FnOnce(&mut dyn FnMut(VariableId))) -> bool {
        let mut some = false;
        visit(&mut |variable| some |= self.has(variable));
        some
    }

    /// Whether the day on which a premise is read is known.
    fn has_day_of(&self, policy: &Policy, premise: &Premise) -> bool {
        match &premise.on {
            Some(day) => self.has_term(day),
            None => self.has_day_for(policy, &premise.atom),
        }
    }

    fn has_day_for(&self, policy: &Policy, atom: &Atom) -> bool {
        !policy.relation(atom.relation).standing || matches!(self.day, DayKnown::Yes)
    }

    /// How much a literal costs now; `None` where it is not ready.
    fn cost(&self, policy: &'a Policy, literal: &'a Literal) -> Option<u32> {
        let check = |ready: bool| ready.then_some(CHECK);
        match literal {
            Literal::Compare(_) | Literal::Test(_) => {
                check(self.has_all(|see| literal_variables(literal, see)))
            }
            Literal::Bind(bind) => check(self.has_all(|see| expr_variables(&bind.value, see))),
            Literal::Absent(premise) => {
                let bound = self.has_all(|see| premise_variables(premise, see));
                (bound && self.has_day_of(policy, premise)).then_some(FOUND_BY_KEY)
            }
            // A judgement is asked about something: others bind that.
            Literal::Holds(premise) if is_judgement(policy, premise) => self
                .has_all(|see| premise_variables(premise, see))
                .then_some(FOUND_BY_KEY),
            Literal::Holds(premise) => self
                .has_day_of(policy, premise)
                .then(|| self.cost_of_atom(policy, &premise.atom)),
            Literal::Aggregate(aggregate) => self.cost_of_aggregate(policy, aggregate),
            Literal::Or(branches, _) => self.cost_of_branches(policy, literal, branches),
            Literal::Exempted(exempted) => self.cost_of_exempted(policy, exempted),
        }
    }

    fn cost_of_atom(&self, policy: &Policy, atom: &Atom) -> u32 {
        let key = policy
            .relation(atom.relation)
            .key
            .unwrap_or(atom.args.len());
        if atom.args[..key].iter().all(|term| self.has_term(term)) {
            return FOUND_BY_KEY;
        }
        let bound = atom.args.iter().filter(|term| self.has_term(term)).count() as u32;
        match bound {
            0 => UNBOUND,
            _ => PARTLY_BOUND - bound.min(50),
        }
    }

    fn cost_of_aggregate(&self, policy: &'a Policy, aggregate: &'a Aggregate) -> Option<u32> {
        let group = || aggregate.group.iter().all(|variable| self.has(*variable));
        if aggregate.is_group_bound && !group() {
            return None;
        }
        let inner = self.clone().braces(policy, &aggregate.body);
        let cost = if group() { FOLD } else { UNBOUND_FOLD };
        inner.left.is_empty().then_some(cost)
    }

    fn cost_of_branches(
        &self,
        policy: &'a Policy,
        literal: &Literal,
        branches: &'a [Vec<Literal>],
    ) -> Option<u32> {
        let is_ready =
            |branch: &'a Vec<Literal>| self.clone().branch(policy, branch).left.is_empty();
        if !branches.iter().all(is_ready) {
            return None;
        }
        Some(if self.has_all(|see| literal_variables(literal, see)) {
            DECIDED
        } else if self.has_some(|see| literal_variables(literal, see)) {
            SOME_BRANCH
        } else {
            UNBOUND_BRANCH
        })
    }

    fn cost_of_exempted(&self, policy: &Policy, exempted: &Exempted) -> Option<u32> {
        if !self.has_day_for(policy, &exempted.atom) {
            return None;
        }
        if self.has_all(|see| term_variables(&exempted.atom.args, see)) {
            return Some(DECIDED);
        }
        (!exempted.negated).then_some(UNBOUND_EXEMPTED)
    }

    /// The plan for a branch; what it binds is known behind it.
    fn branch(&mut self, policy: &'a Policy, literals: &'a [Literal]) -> Plan<'a> {
        Plan::new(policy, literals.iter().enumerate(), self)
    }

    /// The plan for braces: an event in them does not govern the rule, so its day must be known outside.
    fn braces(&mut self, policy: &'a Policy, literals: &'a [Literal]) -> Plan<'a> {
        if matches!(self.day, DayKnown::By(_)) {
            self.day = DayKnown::No;
        }
        Plan::new(policy, literals.iter().enumerate(), self)
    }

    /// Marks what a literal binds.
    fn take(&mut self, policy: &'a Policy, literal: &'a Literal) -> What<'a> {
        match literal {
            Literal::Holds(premise) => {
                term_variables(&premise.atom.args, &mut |variable| self.bind(variable));
                What::Match(premise)
            }
            Literal::Absent(premise) => What::Refuse(premise),
            Literal::Compare(compare) => What::Compare(compare),
            Literal::Test(test) => What::Test(test),
            Literal::Bind(bind) => {
                self.bind(bind.variable);
                What::Bind(bind)
            }
            Literal::Aggregate(aggregate) => {
                let inner = self.clone().braces(policy, &aggregate.body);
                self.bind(aggregate.result);
                aggregate
                    .group
                    .iter()
                    .for_each(|variable| self.bind(*variable));
                What::Fold(aggregate, inner)
            }
            Literal::Or(branches, _) => What::Either(self.take_branches(policy, branches)),
            Literal::Exempted(exempted) => {
                if !exempted.negated {
                    term_variables(&exempted.atom.args, &mut |variable| self.bind(variable));
                }
                What::Exempted(exempted)
            }
        }
    }

    /// Behind `( A or B )`, what every side binds is bound.
    fn take_branches(&mut self, policy: &'a Policy, branches: &'a [Vec<Literal>]) -> Vec<Plan<'a>> {
        let mut plans = Vec::with_capacity(branches.len());
        let mut in_all = vec![true; self.bound.len()];
        let mut day_in_all = true;
        for branch in branches {
            let mut inside = self.clone();
            plans.push(inside.branch(policy, branch));
            day_in_all &= matches!(inside.day, DayKnown::Yes);
            for (all, bound) in in_all.iter_mut().zip(inside.bound) {
                *all &= bound;
            }
        }
        self.bound = in_all;
        if day_in_all {
            self.day = DayKnown::Yes;
        }
        plans
    }
}

fn is_judgement(policy: &Policy, premise: &Premise) -> bool {
    let relation = policy.relation(premise.atom.relation);
    relation.kind == Kind::Declared(RelationKind::Judgement)
}
