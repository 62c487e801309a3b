//! The law as it goes from day to day: what was repealed or replaced for good, and what stands in whose place.

use super::classes::{Class, Classes};
use super::settle::{Edge, Settling};
use super::{Circumstances, Days, Replacement, Status};
use crate::diagnostic::Diagnostics;
use crate::ir::error;
use crate::ir::policy::{Condition, Effect, EffectKind, Policy};
use crate::value::{Date, LAST_DAY};
use std::collections::BTreeSet;

/// How many cycles are reported.
const MOST_CYCLES: usize = 20;

/// A day, with which a replacement ends; `None`: it never does.
type Last = Option<Date>;

/// What has happened up to a day. Days are asked in order.
pub(super) struct Law<'a> {
    policy: &'a Policy,
    classes: &'a Classes,
    /// By effect and stretch: whether its condition holds; `None` where that is open.
    conditions: Vec<Vec<Option<bool>>>,
    /// By effect: whether it is lifted.
    lifted: Vec<bool>,
    /// By effect: whether it has repealed what it names.
    repealed: Vec<bool>,
    /// By effect and stretch: whether it has replaced what it names.
    replaced: Vec<Vec<bool>>,
    /// By class: what ended it, for good or through a day, in order.
    ended: Vec<Vec<(Status, Last)>>,
    /// By class: the stretches of effects that may have done so, their conditions being open.
    perhaps_ended: Vec<Vec<((usize, usize), Last)>>,
    /// By class: the classes as which it stands, on which days, and by which effect.
    stands_as: Vec<BTreeSet<(usize, Days, usize)>>,
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
            repealed: vec![false; policy.effects.len()],
            replaced: policy.effects.iter().map(none_replaced).collect(),
            ended: vec![Vec::new(); count],
            perhaps_ended: vec![Vec::new(); count],
            stands_as: vec![BTreeSet::new(); count],
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
                None => settling.depends(at, self.edges(at, class, day), self.perhaps(at, day)),
            }
        }
        settling.finish()
    }

    /// The status that no effect can change that day.
    fn own_status(&self, at: usize, class: &Class, day: Date) -> Option<Status> {
        if class.left_out.is_some() {
            class.left_out.clone()
        } else if let Some(ended) = self.ended(at, day) {
            Some(ended.clone())
        } else if day < class.from {
            Some(Status::NotYet)
        } else {
            let is_past = class.through.is_some_and(|last| last < day);
            is_past.then_some(Status::Ended)
        }
    }

    /// What has ended the class, and still counts that day: what did so for good first.
    fn ended(&self, at: usize, day: Date) -> Option<&Status> {
        let mut ended = self.ended[at].iter();
        let for_good = ended.find(|(_, last)| last.is_none());
        let counting = self.ended[at]
            .iter()
            .find(|(_, last)| is_not_past(*last, day));
        for_good.or(counting).map(|(status, _)| status)
    }

    /// What may have ended it, and would still count that day.
    fn perhaps(&self, at: usize, day: Date) -> Option<(usize, usize)> {
        let mut perhaps = self.perhaps_ended[at].iter();
        let counting = perhaps.find(|(_, last)| is_not_past(*last, day));
        counting.map(|(stretch, _)| *stretch)
    }

    /// The classes as which one stands on a day, each with the day since which it does.
    fn olds(&self, at: usize, day: Date) -> impl Iterator<Item = (usize, Date)> {
        let olds = self.stands_as[at].iter();
        let then = olds.filter(move |(_, days, _)| days.covers(day));
        then.map(|(old, days, _)| (*old, days.from))
    }

    /// What is said that day about the class, or about one as which it stands.
    fn edges(&self, at: usize, class: &Class, day: Date) -> Vec<Edge> {
        let own = class.effects.iter().copied();
        // To repeal oneself is to set an end.
        let own = own.filter(|effect| !(self.is_final(*effect) && self.stater(*effect) == at));
        let others = self.olds(at, day).flat_map(|(old, since)| {
            let effects = self.classes.list[old].effects.iter().copied();
            effects.filter(move |effect| self.reaches(*effect, (old, at), since, day))
        });
        let effects: BTreeSet<usize> = own.chain(others).collect();
        let effects = effects.into_iter();
        effects
            .flat_map(|effect| self.edges_of(effect, day))
            .collect()
    }

    /// Whether what is said of an old clause holds of the one that stands in its place `since` then. A repeal on the
    /// very day of the replacement means the old one; so does the replacing notice itself, whenever it names it, and
    /// what has come in that notice's place since does not fall to it either.
    fn reaches(&self, effect: usize, (old, new): (usize, usize), since: Date, day: Date) -> bool {
        let by = self.policy.clause(self.policy.effects[effect].by).notice;
        let is_own = |at: usize| self.classes.list[at].notice == by;
        let stands_as_old = |at: usize| self.olds(at, day).any(|(it, _)| it == old);
        let mut others = self.olds(new, day);
        let is_heir = others.any(|(at, _)| is_own(at) && stands_as_old(at));
        !is_own(new) && !is_heir && (since < day || !self.is_final(effect))
    }

    fn edges_of(&self, effect: usize, day: Date) -> Option<Edge> {
        if self.lifted[effect] || self.repealed[effect] {
            return None;
        }
        let stretches = self.policy.effects[effect].stretches.iter().enumerate();
        let today = stretches
            .filter(|(number, stretch)| {
                let is_done = self.replaced[effect][*number];
                !is_done && stretch.from <= day && is_not_past(stretch.through, day)
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
                Status::InForce if !edge.is_open => strikes.push((edge, self.reached(effect, day))),
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
                | Status::LeftOut(_) => {}
            }
        }
        for (edge, reached) in &strikes {
            self.strike_one(*edge, reached, day);
        }
        is_news || !strikes.is_empty()
    }

    /// The classes that an effect names, and those that stand in their place.
    fn reached(&self, effect: usize, day: Date) -> Vec<usize> {
        let targets = &self.classes.targets[effect];
        let is_reached = |at: &usize| {
            let mut olds = self.olds(*at, day).filter(|(old, _)| targets.contains(old));
            targets.contains(at)
                || olds.any(|(old, since)| self.reaches(effect, (old, *at), since, day))
        };
        (0..self.classes.list.len()).filter(is_reached).collect()
    }

    /// A repeal is for good; what is replaced comes back when the stretch is over that says so.
    fn strike_one(&mut self, edge: Edge, reached: &[usize], day: Date) {
        let (status, last) = match self.replaces(edge.effect) {
            true => {
                self.replaced[edge.effect][edge.stretch] = true;
                (
                    Status::Replaced(edge.effect),
                    self.last_day(edge.effect, edge.stretch),
                )
            }
            false => {
                self.repealed[edge.effect] = true;
                (Status::Repealed(edge.effect), None)
            }
        };
        for at in reached {
            self.ended[*at].push((status.clone(), last));
        }
        if self.replaces(edge.effect) {
            self.replace(edge.effect, reached, day, last);
        }
    }

    fn replaces(&self, effect: usize) -> bool {
        self.policy.effects[effect].kind == EffectKind::Replaces
    }

    /// The day with which a replacement ends.
    fn last_day(&self, effect: usize, stretch: usize) -> Last {
        let through = self.policy.effects[effect].stretches[stretch].through;
        through.filter(|_| self.replaces(effect))
    }

    fn strike_perhaps(&mut self, effect: usize, open: (usize, usize), day: Date) -> bool {
        let mut is_news = false;
        let stretches = self.policy.effects[effect].stretches.iter().enumerate();
        let may_count = |at: usize| self.conditions[effect][at] != Some(false);
        let today = stretches
            .filter(|(_, it)| it.from <= day && is_not_past(it.through, day))
            .filter(|(at, _)| may_count(*at));
        let lasts: BTreeSet<Last> = today.map(|(at, _)| self.last_day(effect, at)).collect();
        for at in self.reached(effect, day) {
            for last in &lasts {
                let perhaps = &mut self.perhaps_ended[at];
                let is_known = |(_, known): &(_, Last)| match (known, last) {
                    (None, _) => true,
                    (Some(known), Some(last)) => known >= last,
                    (Some(_), None) => false,
                };
                if !perhaps.iter().any(is_known) {
                    perhaps.push((open, *last));
                    is_news = true;
                }
            }
        }
        is_news
    }

    /// The new clauses stand as the old ones, and as those in whose place these stand, for as long as they do.
    fn replace(&mut self, effect: usize, olds: &[usize], day: Date, last: Last) {
        let through = last.unwrap_or(LAST_DAY);
        let own = olds.iter().map(|old| (*old, through));
        let above = olds.iter().flat_map(|old| &self.stands_as[*old]);
        let above = above.filter(|(_, days, _)| days.covers(day));
        let above = above.map(|(old, days, _)| (*old, days.through.min(through)));
        let all: BTreeSet<(usize, Date)> = own.chain(above).collect();
        let classes = self.classes.list.iter().enumerate();
        for (new, _) in classes.filter(|(_, class)| class.replaces.contains(&effect)) {
            for (old, through) in all.iter().filter(|(old, _)| *old != new) {
                let days = Days {
                    from: day,
                    through: *through,
                };
                self.stands_as[new].insert((*old, days, effect));
            }
        }
    }

    /// Which clauses stand as others, by the old one, the new one and the days; through any number of steps: what stands as one
    /// that stands as a third stands as the third, while both do.
    pub(super) fn replacements(&self) -> Vec<Replacement> {
        let mut all = self.stands_as.clone();
        loop {
            let longer = longer(&all);
            if longer.is_empty() {
                break;
            }
            for (new, old) in longer {
                all[new].insert(old);
            }
        }
        let mut list = Vec::new();
        for (new, olds) in all.iter().enumerate() {
            for (old, days, effect) in olds {
                for old in &self.classes.list[*old].clauses {
                    let news = self.classes.list[new].clauses.iter();
                    list.extend(news.map(|new| Replacement {
                        old: *old,
                        new: *new,
                        days: *days,
                        effect: *effect,
                    }));
                }
            }
        }
        list.sort_by_key(|it| (it.old, it.new, it.days, it.effect));
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

/// What stands as one that stands as a third, where that is not told yet.
fn longer(all: &[BTreeSet<(usize, Days, usize)>]) -> Vec<(usize, (usize, Days, usize))> {
    let mut longer = Vec::new();
    for (new, olds) in all.iter().enumerate() {
        for (middle, while_new, _) in olds {
            for (old, while_middle, effect) in &all[*middle] {
                let Some(days) = while_new.common(*while_middle) else {
                    continue;
                };
                let mut told = olds.iter().filter(|(other, ..)| other == old);
                let is_told = told.any(|(_, other, _)| other.common(days) == Some(days));
                if *old != new && !is_told {
                    longer.push((new, (*old, days, *effect)));
                }
            }
        }
    }
    longer
}

fn none_replaced(effect: &Effect) -> Vec<bool> {
    vec![false; effect.stretches.len()]
}

fn is_not_past(last: Last, day: Date) -> bool {
    last.is_none_or(|last| day <= last)
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
