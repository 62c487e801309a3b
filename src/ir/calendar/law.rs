//! The law as it goes from day to day: what was repealed or replaced for good, and what stands in whose place.

use super::classes::{Class, Classes};
use super::settle::{Edge, Settling};
use super::{Circumstances, Replacement, Status};
use crate::diagnostic::Diagnostics;
use crate::ir::error;
use crate::ir::policy::{Condition, Effect, EffectKind, Policy};
use crate::value::Date;
use std::collections::{BTreeMap, BTreeSet};

/// How many cycles are reported.
const MOST_CYCLES: usize = 20;

/// What has happened up to a day. Days are asked in order.
pub(super) struct Law<'a> {
    policy: &'a Policy,
    classes: &'a Classes,
    /// By effect and stretch: whether its condition holds; `None` where that is open.
    conditions: Vec<Vec<Option<bool>>>,
    /// By effect: whether it is lifted.
    lifted: Vec<bool>,
    /// By effect: whether it has repealed or replaced what it names.
    struck: Vec<bool>,
    /// By class: what ended it for good.
    ended: Vec<Option<Status>>,
    /// By class: the stretch of an effect that may have ended it for good, its condition being open.
    perhaps_ended: Vec<Option<(usize, usize)>>,
    /// By class: the classes as which it stands, since when, and by which effect.
    stands_as: Vec<BTreeMap<usize, (Date, usize)>>,
    cycles: BTreeSet<Vec<usize>>,
    pub(super) diagnostics: Diagnostics,
}

impl<'a> Law<'a> {
    pub(super) fn new(
        policy: &'a Policy,
        circumstances: &Circumstances,
        classes: &'a Classes,
    ) -> Law<'a> {
        let is_lifted = |effect: &Effect| {
            effect.kind == EffectKind::Suspends
                && circumstances.suspensions_lifted.covers(effect.by)
        };
        let count = classes.list.len();
        Law {
            policy,
            classes,
            conditions: conditions(policy, circumstances),
            lifted: policy.effects.iter().map(is_lifted).collect(),
            struck: vec![false; policy.effects.len()],
            ended: vec![None; count],
            perhaps_ended: vec![None; count],
            stands_as: vec![BTreeMap::new(); count],
            cycles: BTreeSet::new(),
            diagnostics: Diagnostics::default(),
        }
    }

    /// The status of every class on a day.
    ///
    /// What is repealed or replaced that day may free what it had suspended, so the day is settled anew until nothing more ends.
    pub(super) fn on(&mut self, day: Date) -> Vec<Status> {
        loop {
            let (statuses, cycles) = self.settle(day);
            for cycle in cycles {
                self.report(cycle, day);
            }
            if !self.strike(day, &statuses) {
                return statuses;
            }
        }
    }

    fn settle(&self, day: Date) -> (Vec<Status>, Vec<Vec<usize>>) {
        let mut settling = Settling::new(self.classes.list.len());
        for (at, class) in self.classes.list.iter().enumerate() {
            match self.own_status(at, class, day) {
                Some(status) => settling.settle(at, status),
                None => settling.depends(at, self.edges(at, class, day), self.perhaps_ended[at]),
            }
        }
        settling.finish()
    }

    /// The status that no effect can change that day.
    fn own_status(&self, at: usize, class: &Class, day: Date) -> Option<Status> {
        if class.is_left_out {
            Some(Status::LeftOut)
        } else if let Some(ended) = &self.ended[at] {
            Some(ended.clone())
        } else if day < class.from {
            Some(Status::NotYet)
        } else {
            let is_past = class.through.is_some_and(|last| last < day);
            is_past.then_some(Status::Ended)
        }
    }

    /// What is said that day about the class, or about one as which it stands.
    fn edges(&self, at: usize, class: &Class, day: Date) -> Vec<Edge> {
        let own = class.effects.iter().copied();
        // To repeal oneself is to set an end.
        let own = own.filter(|effect| !(self.is_final(*effect) && self.stater(*effect) == at));
        let others = self.stands_as[at].iter().flat_map(|(old, (since, _))| {
            let effects = self.classes.list[*old].effects.iter().copied();
            effects.filter(|effect| self.reaches(*effect, *since, class, day))
        });
        let effects: BTreeSet<usize> = own.chain(others).collect();
        let effects = effects.into_iter();
        effects
            .flat_map(|effect| self.edges_of(effect, day))
            .collect()
    }

    /// Whether what is said of an old clause holds of the one that stands in its place `since` then. A repeal on the
    /// very day of the replacement means the old one; so does the replacing notice itself, whenever it names it.
    fn reaches(&self, effect: usize, since: Date, new: &Class, day: Date) -> bool {
        let by = self.policy.effects[effect].by;
        let is_own = self.policy.clause(by).notice == new.notice;
        !is_own && (since < day || !self.is_final(effect))
    }

    fn edges_of(&self, effect: usize, day: Date) -> Option<Edge> {
        if self.lifted[effect] || self.struck[effect] {
            return None;
        }
        let stretches = self.policy.effects[effect].stretches.iter().enumerate();
        let today = stretches
            .filter(|(_, stretch)| {
                stretch.from <= day && stretch.through.is_none_or(|last| day <= last)
            })
            .map(|(number, _)| (self.conditions[effect][number], number))
            .filter(|(condition, _)| *condition != Some(false));
        // A stretch that certainly counts before one whose condition is open.
        let (condition, stretch) =
            today.min_by_key(|(condition, at)| (condition.is_none(), *at))?;
        Some(Edge {
            effect,
            stretch,
            stater: self.stater(effect),
            is_final: self.is_final(effect),
            is_open: condition.is_none(),
        })
    }

    fn stater(&self, effect: usize) -> usize {
        self.classes.of_clause[self.policy.effects[effect].by.at()]
    }

    fn is_final(&self, effect: usize) -> bool {
        self.policy.effects[effect].kind != EffectKind::Suspends
    }

    /// Carries out the repeals and replacements that count that day for the first time; whether anything came of it.
    fn strike(&mut self, day: Date, statuses: &[Status]) -> bool {
        let policy = self.policy;
        let mut strikes = Vec::new();
        let mut is_news = false;
        for effect in 0..policy.effects.len() {
            let edge = self.edges_of(effect, day).filter(|edge| edge.is_final);
            let Some(edge) = edge else {
                continue;
            };
            match &statuses[edge.stater] {
                Status::InForce if !edge.is_open => {
                    strikes.push((effect, self.reached(effect, day)))
                }
                Status::InForce => {
                    is_news |= self.strike_perhaps(effect, (effect, edge.stretch), day);
                }
                Status::Undecided(other, stretch) => {
                    is_news |= self.strike_perhaps(effect, (*other, *stretch), day);
                }
                Status::NotYet
                | Status::Ended
                | Status::Suspended(_)
                | Status::Repealed(_)
                | Status::Replaced(_)
                | Status::LeftOut => {}
            }
        }
        for (effect, reached) in &strikes {
            self.strike_one(*effect, reached, day);
        }
        is_news || !strikes.is_empty()
    }

    /// The classes that an effect names, and those that stand in their place.
    fn reached(&self, effect: usize, day: Date) -> Vec<usize> {
        let targets = &self.classes.targets[effect];
        let is_reached = |at: &usize| {
            let mut olds = targets
                .iter()
                .filter_map(|old| self.stands_as[*at].get(old));
            targets.contains(at)
                || olds.any(|(since, _)| self.reaches(effect, *since, &self.classes.list[*at], day))
        };
        (0..self.classes.list.len()).filter(is_reached).collect()
    }

    fn strike_one(&mut self, effect: usize, reached: &[usize], day: Date) {
        self.struck[effect] = true;
        let is_replacement = self.policy.effects[effect].kind == EffectKind::Replaces;
        let status = match is_replacement {
            true => Status::Replaced(effect),
            false => Status::Repealed(effect),
        };
        for at in reached {
            self.ended[*at].get_or_insert(status.clone());
        }
        if is_replacement {
            self.replace(effect, reached, day);
        }
    }

    fn strike_perhaps(&mut self, effect: usize, open: (usize, usize), day: Date) -> bool {
        let mut is_news = false;
        for at in self.reached(effect, day) {
            is_news |= self.perhaps_ended[at].is_none();
            self.perhaps_ended[at].get_or_insert(open);
        }
        is_news
    }

    /// The new clauses stand as the old ones, and as those in whose place these stood.
    fn replace(&mut self, effect: usize, olds: &[usize], day: Date) {
        let mut all: BTreeSet<usize> = olds.iter().copied().collect();
        all.extend(olds.iter().flat_map(|old| self.stands_as[*old].keys()));
        let classes = self.classes.list.iter().enumerate();
        for (new, _) in classes.filter(|(_, class)| class.replaces.contains(&effect)) {
            for old in all.iter().filter(|old| **old != new) {
                self.stands_as[new].entry(*old).or_insert((day, effect));
            }
        }
    }

    /// Which clauses stand as others, by the old one, the new one.
    pub(super) fn replacements(&self) -> Vec<Replacement> {
        let mut list = Vec::new();
        for (new, olds) in self.stands_as.iter().enumerate() {
            for (old, (from, effect)) in olds {
                for old in &self.classes.list[*old].clauses {
                    let news = self.classes.list[new].clauses.iter();
                    list.extend(news.map(|new| Replacement {
                        old: *old,
                        new: *new,
                        from: *from,
                        effect: *effect,
                    }));
                }
            }
        }
        list.sort_by_key(|replacement| (replacement.old, replacement.new));
        list
    }

    /// `cycle`: each effect is about what states the next one.
    fn report(&mut self, mut cycle: Vec<usize>, day: Date) {
        let least = (0..cycle.len()).min_by_key(|at| cycle[*at]).unwrap_or(0);
        cycle.rotate_left(least);
        if self.cycles.len() >= MOST_CYCLES || !self.cycles.insert(cycle.clone()) {
            return;
        }
        let says = |at: usize| {
            let effect = &self.policy.effects[cycle[at]];
            let target = &self.policy.effects[cycle[(at + 1) % cycle.len()]];
            let by = self.policy.citation(effect.by);
            let words = format!(
                "{} `{}`",
                verb(effect.kind),
                self.policy.citation(target.by)
            );
            (effect.span, format!("`{by}` {words}"))
        };
        let turns: Vec<_> = (0..cycle.len()).map(says).collect();
        let words: Vec<&str> = turns.iter().map(|(_, words)| words.as_str()).collect();
        self.diagnostics.push(error::mutual_suspension(
            &words.join(", "),
            turns[0].0,
            &turns[1..],
            &day.to_string(),
        ));
    }
}

fn verb(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Suspends => "suspends",
        EffectKind::Repeals => "repeals",
        EffectKind::Replaces => "replaces",
    }
}

fn conditions(policy: &Policy, circumstances: &Circumstances) -> Vec<Vec<Option<bool>>> {
    let holds = |condition: &Condition| {
        let mut answers = circumstances.judgements.iter();
        let answer = answers
            .find(|fact| fact.relation == condition.relation && fact.args == condition.args)?;
        Some(answer.denied == condition.negated)
    };
    let of_effect = |effect: &Effect| {
        let conditions = effect.stretches.iter().map(|stretch| &stretch.condition);
        conditions
            .map(|condition| condition.as_ref().map_or(Some(true), holds))
            .collect()
    };
    policy.effects.iter().map(of_effect).collect()
}
