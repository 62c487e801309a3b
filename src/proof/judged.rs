//! The judgements on which it rests whether a clause is in force: those that decide its suspensions.

use super::World;
use super::index::Deciders;
use super::proof::{Claim, JudgementStep};
use crate::ir::{
    Calendar, ClauseId, EffectKind, Fact, Status, Stretch, calendars, decided_by,
    undecided_calendar,
};
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

    /// The clauses as which one may stand on a day, each with a judgement that nobody has made and on which that depends, and
    /// the answer with which it does.
    pub(super) fn may_stand_as(&self, new: ClauseId, day: Date) -> Vec<(ClauseId, Claim, bool)> {
        let mut effects = self.policy.effects.iter();
        let is_conditional = effects.any(|effect| {
            let mut stretches = effect.stretches.iter();
            effect.kind == EffectKind::Replaces && stretches.any(|it| it.condition.is_some())
        });
        if !is_conditional {
            return Vec::new();
        }
        let work_out = || calendars(self.policy, self.circumstances).0;
        let calendars = self.kept.calendars.get_or_init(work_out);
        let olds = calendars.olds(new).into_iter();
        let judged = olds.filter_map(|old| {
            let mut options = calendars.stands_as(new, old).into_iter();
            let option = options.find(|option| {
                let mut days = option.days.iter();
                days.any(|(from, through)| *from <= day && day <= *through)
            })?;
            let (at, truth) = *option.conditions.first()?;
            let condition = &calendars.conditions[at];
            let claim = Claim {
                relation: condition.relation,
                args: condition.args.clone(),
                day: None,
            };
            Some((old, claim, truth))
        });
        judged.collect()
    }

    fn undecided(&self) -> Option<&Calendar> {
        let work_out = || undecided_calendar(self.policy, self.circumstances);
        self.kept.undecided.get_or_init(work_out).as_ref()
    }
}
