//! The judgements on which it rests whether a clause is in force: those that decide its suspensions.

use super::World;
use super::index::Deciders;
use super::proof::{Claim, JudgementStep};
use crate::ir::{Calendar, ClauseId, Fact, Status, Stretch, decided_by, undecided_calendar};
use crate::source::Place;
use crate::value::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

impl World<'_> {
    /// The judgements that decide whether a clause is in force on a day.
    pub(super) fn deciders(&self, clause: ClauseId, day: Date) -> Deciders {
        if !self.is_judged_on(clause, day) {
            return Rc::new([]);
        }
        let key = (clause, day);
        let known = self.kept.deciders.borrow().get(&key).cloned();
        known.unwrap_or_else(|| {
            let decided = decided_by(self.policy, self.circumstances, clause, day);
            let deciders: Deciders = self.judgement_steps(decided).into();
            self.kept
                .deciders
                .borrow_mut()
                .insert(key, deciders.clone());
            deciders
        })
    }

    fn judgement_steps(&self, facts: Vec<Fact>) -> Vec<JudgementStep> {
        let mut steps: BTreeMap<(Claim, bool), BTreeSet<Place>> = BTreeMap::new();
        for fact in facts {
            let claim = Claim {
                relation: fact.relation,
                args: fact.args,
                day: None,
            };
            let places = steps.entry((claim, !fact.denied)).or_default();
            places.insert(fact.place);
        }
        let steps = steps.into_iter();
        let steps = steps.map(|((claim, truth), places)| JudgementStep {
            is_presumed: self.is_presumed(&claim, !truth),
            claim,
            truth,
            places: places.into_iter().collect(),
            premises: Vec::new(),
        });
        steps.collect()
    }

    /// Whether judgements decide on some day whether a clause is in force.
    pub(super) fn is_judged(&self, clause: ClauseId) -> bool {
        let undecided = |stretch: &Stretch| matches!(stretch.status, Status::Undecided(..));
        let calendar = self.undecided();
        calendar.is_some_and(|calendar| calendar.clauses[clause.at()].iter().any(undecided))
    }

    fn is_judged_on(&self, clause: ClauseId, day: Date) -> bool {
        let calendar = self.undecided();
        calendar.is_some_and(|it| matches!(it.on(clause, day).status, Status::Undecided(..)))
    }

    /// The clauses that are in force or not as judgements have it.
    pub(super) fn judged_clauses(&self) -> BTreeSet<ClauseId> {
        let clauses = (0..self.policy.clauses.len() as u32).map(ClauseId);
        clauses.filter(|clause| self.is_judged(*clause)).collect()
    }

    /// A judgement that nobody has made, on which it depends whether a clause is in force on a day.
    pub(super) fn undecided_on(&self, clause: ClauseId, day: Date) -> Option<Claim> {
        let Status::Undecided(effect, stretch) = self.calendar.on(clause, day).status else {
            return None;
        };
        let condition = self.policy.effects[effect].stretches[stretch]
            .condition
            .as_ref()?;
        Some(Claim {
            relation: condition.relation,
            args: condition.args.clone(),
            day: None,
        })
    }

    fn undecided(&self) -> Option<&Calendar> {
        let work_out = || undecided_calendar(self.policy, self.circumstances);
        self.kept.undecided.get_or_init(work_out).as_ref()
    }
}
