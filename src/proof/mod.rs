//! Proofs: found and checked straight from `Policy`, by the meaning of the language, never from the program or the engine.

mod canonical;
pub mod certificate;
pub mod coverage;
mod derive;
mod exempt;
mod expr;
mod ground;
mod in_the_way;
mod index;
mod judged;
mod marks;
mod plan;
#[expect(
    clippy::module_inception,
    reason = "each stage's noun stands in a file of its name"
)]
pub mod proof;
mod repair;
mod search;
mod solve;
mod steps;
pub mod verify;
mod why_not;
mod write;

pub use canonical::{exemption_meaning, exemption_meanings, rule_meaning, rule_meanings};
pub use ground::ground;
pub use index::OfPolicy;
pub use marks::Marks;
pub use proof::{Claim, Pattern, Proof, WhyNot};
pub use repair::{Change, Nearest, Repair};
pub use search::Proofs;

use crate::facts::Facts;
use crate::ir::{
    Calendar, Circumstances, ClauseId, Policy, Presumption, Query, RelationId, Status,
};
use crate::value::{Date, FIRST_DAY, LAST_DAY, Value};
use index::Kept;
use search::{Key, Search};
use solve::Solution;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use write::Writer;

/// Everything that holds, as an engine knows it: asked by relation, known fields and day.
pub trait Extension {
    /// The rows (one value a field) of a relation that match the known fields, on that day where the relation is standing
    /// (without a day: the rows that hold on any day). Includes facts given from outside. In the order of their values.
    fn matching(
        &self,
        relation: RelationId,
        known: &[Option<Value>],
        day: Option<Date>,
    ) -> Vec<Vec<Value>>;

    /// The stretches of days (first and last) on which a row of a standing relation holds.
    fn days_of(&self, relation: RelationId, row: &[Value]) -> Vec<(Date, Date)>;

    /// Whether a judgement is denied: by a fact, or by what is presumed.
    fn denies(&self, relation: RelationId, row: &[Value]) -> bool;
}

/// Where not all is known: what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Side {
    /// What holds however the open points are settled.
    Must,
    /// What may hold: `not` and exemptions of what must hold look there, and the other way round.
    May,
}

/// All that a proof may cite.
pub struct World<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// On which days its clauses are in force.
    pub calendar: &'a Calendar,
    /// What is known, left out and lifted.
    pub circumstances: &'a Circumstances,
    /// What is given.
    pub facts: &'a Facts,
    /// What holds.
    pub extension: &'a dyn Extension,
    /// What may hold, where not all is known.
    possible: Option<&'a dyn Extension>,
    /// What is presumed where no fact settles it.
    presumptions: Vec<&'a Presumption>,
    /// Where what is put in order of the policy is kept from one world to the next.
    of_policy: Option<&'a OnceLock<Arc<OfPolicy>>>,
    side: Cell<Side>,
    kept: Kept<'a>,
}

/// A day for what holds on every day.
const ANY_DAY: Date = Date::constant(2000, 1, 1);

/// On how many days it is tried why something does not hold that is asked about without one.
const MOST_DAYS: usize = 64;

/// Of the stretches of days on which something standing holds: the day for which it is proved, the first; where it always did, the
/// last one, if it ends.
pub fn day_to_prove(days: &[(Date, Date)]) -> Option<Date> {
    let (from, through) = days.first()?;
    Some(match (*from > FIRST_DAY, *through < LAST_DAY) {
        (true, _) => *from,
        (false, true) => *through,
        (false, false) => ANY_DAY,
    })
}

impl<'a> World<'a> {
    /// What holds of a policy and facts under these circumstances, ready to be asked why.
    pub fn new(
        policy: &'a Policy,
        calendar: &'a Calendar,
        circumstances: &'a Circumstances,
        facts: &'a Facts,
        extension: &'a dyn Extension,
    ) -> World<'a> {
        World {
            policy,
            calendar,
            circumstances,
            facts,
            extension,
            possible: None,
            presumptions: Vec::new(),
            of_policy: None,
            side: Cell::new(Side::Must),
            kept: Kept::default(),
        }
    }

    /// With a place where what is put in order of this policy is kept from one world to the next.
    pub fn with_order_kept(mut self, kept: &'a OnceLock<Arc<OfPolicy>>) -> World<'a> {
        self.of_policy = Some(kept);
        self
    }

    /// With what may hold beside what must, and what is presumed.
    pub fn with_possible(
        mut self,
        possible: &'a dyn Extension,
        presumptions: Vec<&'a Presumption>,
    ) -> World<'a> {
        self.possible = Some(possible);
        self.presumptions = presumptions;
        self
    }

    /// What holds, or may, as the side says.
    fn rows_now(&self) -> &'a dyn Extension {
        match (self.side.get(), self.possible) {
            (Side::May, Some(possible)) => possible,
            _ => self.extension,
        }
    }

    /// Asks the other side: what is denied must not be possible, what may be must not be sure to be denied.
    fn on_other_side<T>(&self, ask: impl FnOnce() -> T) -> T {
        let side = self.side.get();
        self.side.set(match side {
            Side::Must => Side::May,
            Side::May => Side::Must,
        });
        let answer = ask();
        self.side.set(side);
        answer
    }

    /// Whether a clause is in force that day, or may be.
    fn is_law(&self, home: ClauseId, day: Date) -> bool {
        let may_be = matches!(self.calendar.on(home, day).status, Status::Undecided(..));
        self.calendar.is_in_force(home, day) || may_be && self.side.get() == Side::May
    }

    /// The facts that match a query. A standing relation without a day: each fact once, with a day of its first stretch.
    pub fn answers(&self, query: &Query) -> Vec<Claim> {
        let empty = Solution::seed(vec![None; query.variables.len()], None);
        let relation = query.atom.relation;
        let scope = self.scope(&empty.bindings);
        let known: Vec<Option<Value>> = query.atom.args.iter().map(|it| scope.term(it)).collect();
        let day = query.on.filter(|_| self.policy.relation(relation).standing);
        let rows = self.extension.matching(relation, &known, day).into_iter();
        let fitting = rows.filter(|row| empty.clone().unify(&query.atom.args, row));
        let claims = fitting.map(|args| {
            self.on_some_day(Claim {
                relation,
                args,
                day,
            })
        });
        claims.collect()
    }

    /// A standing fact without a day: with the one for which it is proved.
    fn on_some_day(&self, mut claim: Claim) -> Claim {
        if claim.day.is_none() && self.policy.relation(claim.relation).standing {
            let days = self.extension.days_of(claim.relation, &claim.args);
            claim.day = day_to_prove(&days);
        }
        claim
    }

    /// The default proof of a fact: least height, then least size, then canonical order. `None` if it does not hold.
    ///
    /// Among up to two million instances of rules below the fact, it is the least; where there are more, the search
    /// goes on only until it has a proof: one that stands on facts all the same, but perhaps not the least.
    pub fn prove(&self, claim: &Claim) -> Option<Proof> {
        self.prover().prove(claim)
    }

    /// Why nothing matches: for each rule that could have given it, how far it gets.
    pub fn why_not(&self, pattern: &Pattern) -> WhyNot {
        let nearest = self.on_nearest_day(pattern);
        WhyNot {
            is_on_any_day: nearest.day != pattern.day,
            ..Writer::new(&mut Search::new(self)).why_not(&nearest)
        }
    }

    /// Of something standing that is asked about without a day: the day on which a rule comes nearest to giving it, the latest of
    /// those.
    fn on_nearest_day(&self, pattern: &Pattern) -> Pattern {
        let on = |day| Pattern {
            day: Some(day),
            ..pattern.clone()
        };
        if pattern.day.is_some() || !self.policy.relation(pattern.relation).standing {
            return pattern.clone();
        }
        let given = self.facts.stretches().into_iter();
        let days: BTreeSet<Date> = (crate::ir::days_of_change(self.policy).into_iter())
            .chain(given.map(|(from, _)| from))
            .filter(|day| *day > FIRST_DAY)
            .collect();
        let left = |day: Date| {
            let reasons = self.reasons(&on(day), None);
            let left = reasons.iter().map(|reason| reason.tried.left()).min();
            left.map(|left| (left, day))
        };
        let latest = days.into_iter().rev().take(MOST_DAYS);
        let tried = latest.chain([ANY_DAY]).filter_map(left);
        let nearest = tried.min_by_key(|(left, _)| *left);
        nearest.map_or(pattern.clone(), |(_, day)| on(day))
    }

    /// For many questions about one world: what is found for one is kept for the next.
    pub fn prover(&self) -> Prover<'_, 'a> {
        Prover {
            search: Search::new(self),
        }
    }

    fn holds(&self, claim: &Claim) -> bool {
        let known: Vec<Option<Value>> = claim.args.iter().cloned().map(Some).collect();
        let rows = self.rows_now().matching(claim.relation, &known, claim.day);
        !rows.is_empty()
    }
}

/// Finds proofs in one world.
pub struct Prover<'w, 'a> {
    search: Search<'w, 'a>,
}

impl Prover<'_, '_> {
    /// See `World::prove`.
    pub fn prove(&mut self, claim: &Claim) -> Option<Proof> {
        let node = self.settled(claim)?;
        Some(Writer::new(&mut self.search).proof(node))
    }

    /// The proofs of a fact in the order of height, size and canonical order, at most `limit`, each once; no fact stands
    /// below itself in one.
    pub fn proofs(&mut self, claim: &Claim, limit: usize) -> Proofs {
        let claim = self.search.world.on_some_day(claim.clone());
        if !self.search.world.holds(&claim) {
            return Proofs::default();
        }
        self.search.proofs(&claim, limit)
    }

    fn settled(&mut self, claim: &Claim) -> Option<search::NodeId> {
        if self.search.is_large() {
            self.search = Search::new(self.search.world);
        }
        let claim = self.search.world.on_some_day(claim.clone());
        if !self.search.world.holds(&claim) {
            return None;
        }
        let node = self.search.node(Key::Claim(claim));
        self.search.settle(node).then_some(node)
    }
}
