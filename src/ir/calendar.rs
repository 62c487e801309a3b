//! On which days each clause is in force, and why not on the others.

use super::error;
use super::policy::{ClauseId, Condition, Effect, EffectKind, Fact, NoticeId, Policy};
use crate::diagnostic::Diagnostics;
use crate::value::{Date, FIRST_DAY, LAST_DAY};
use std::collections::{BTreeMap, BTreeSet};

/// Under which circumstances a policy is asked: what is known, what is left out, what is lifted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Notices published later are left out.
    pub known_at: Option<Date>,
    /// Every event is judged by the law of this day.
    pub as_of: Option<Date>,
    /// Notices left out.
    pub without: Vec<NoticeId>,
    /// Suspensions not applied.
    pub suspensions_lifted: Lifted,
    /// Exemptions not applied.
    pub exemptions_lifted: Lifted,
    /// Judgements given, which conditional suspensions need: relation, values, truth.
    pub judgements: Vec<Fact>,
}

/// What is lifted, to see what would hold without it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lifted {
    /// Nothing.
    #[default]
    None,
    /// All of them.
    All,
    /// Those stated by these clauses.
    By(Vec<ClauseId>),
}

impl Lifted {
    /// Whether what this clause states is lifted.
    pub fn covers(&self, clause: ClauseId) -> bool {
        match self {
            Lifted::None => false,
            Lifted::All => true,
            Lifted::By(clauses) => clauses.contains(&clause),
        }
    }
}

/// Why a clause is or is not in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is.
    InForce,
    /// Its first day has not come.
    NotYet,
    /// Its last day is past.
    Ended,
    /// An effect (by its place in `Policy::effects`) suspends it.
    Suspended(usize),
    /// An effect repeals it.
    Repealed(usize),
    /// An effect puts another clause in its place.
    Replaced(usize),
    /// Whether it is in force depends on an open judgement, in the condition of this stretch of this effect.
    Undecided(usize, usize),
    /// Its notice is left out: not yet published, or left out by the case.
    LeftOut,
}

/// A stretch of days with one status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// First day; `FIRST_DAY` for the beginning of time.
    pub from: Date,
    /// Last day, inclusive; `LAST_DAY` for without end.
    pub through: Date,
    /// Why.
    pub status: Status,
}

/// A clause that stands as another one, from some day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The clause that is named.
    pub old: ClauseId,
    /// The clause that stands in its place, for whatever names `old`.
    pub new: ClauseId,
    /// On which days.
    pub from: Date,
    /// The effect that says so.
    pub effect: usize,
}

/// The days of every clause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// By `ClauseId`: stretches that cover all days from `FIRST_DAY` to `LAST_DAY` without a gap; neighbours differ.
    pub clauses: Vec<Vec<Stretch>>,
    /// Which clauses stand as others.
    pub replacements: Vec<Replacement>,
}

impl Calendar {
    /// The stretch in which the day lies.
    pub fn on(&self, clause: ClauseId, day: Date) -> &Stretch {
        let stretches = &self.clauses[clause.at()];
        &stretches[stretches.partition_point(|stretch| stretch.through < day)]
    }

    /// Whether the clause is in force that day.
    pub fn is_in_force(&self, clause: ClauseId, day: Date) -> bool {
        self.on(clause, day).status == Status::InForce
    }

    /// The stretches on which the clause is in force: first and last day.
    pub fn in_force(&self, clause: ClauseId) -> impl Iterator<Item = (Date, Date)> {
        self.clauses[clause.at()]
            .iter()
            .filter(|stretch| stretch.status == Status::InForce)
            .map(|stretch| (stretch.from, stretch.through))
    }
}

/// Works out the days of every clause. A cycle of suspensions or repeals that closes on some day is an error that prints it.
pub fn calendar(policy: &Policy, circumstances: &Circumstances) -> (Calendar, Diagnostics) {
    let mut maker = Maker {
        policy,
        circumstances,
        replacements: replacements(policy, circumstances),
        by_target: effects_by_target(policy),
        ended: BTreeMap::new(),
        today: FIRST_DAY,
        known: Vec::new(),
        diagnostics: Diagnostics::default(),
    };
    let days = boundaries(policy);
    let mut clauses: Vec<Vec<Stretch>> = vec![Vec::new(); policy.clauses.len()];
    for (at, from) in days.iter().enumerate() {
        let through = days
            .get(at + 1)
            .map_or(LAST_DAY, |next| next.yesterday().unwrap_or(FIRST_DAY));
        for (clause, status) in maker.day(*from).into_iter().enumerate() {
            let stretches = &mut clauses[clause];
            match stretches.last_mut() {
                Some(last) if last.status == status => last.through = through,
                _ => stretches.push(Stretch {
                    from: *from,
                    through,
                    status,
                }),
            }
        }
        if maker.diagnostics.has_errors() {
            break;
        }
    }
    for stretches in &mut clauses {
        if let Some(last) = stretches.last_mut() {
            last.through = LAST_DAY;
        }
    }
    (
        Calendar {
            clauses,
            replacements: maker.replacements,
        },
        maker.diagnostics,
    )
}

/// The first days of the stretches on which nothing changes.
fn boundaries(policy: &Policy) -> Vec<Date> {
    let mut days = BTreeSet::from([FIRST_DAY]);
    let behind = |through: Option<Date>| through.and_then(|day| day.tomorrow().ok());
    for clause in &policy.clauses {
        days.insert(clause.from.date);
        days.extend(behind(clause.through.map(|day| day.date)));
    }
    for stretch in policy.effects.iter().flat_map(|effect| &effect.stretches) {
        days.insert(stretch.from);
        days.extend(behind(stretch.through));
    }
    days.into_iter().collect()
}

fn is_left_out(policy: &Policy, circumstances: &Circumstances, clause: ClauseId) -> bool {
    let notice = policy.clause(clause).notice;
    let is_unknown = circumstances
        .known_at
        .is_some_and(|day| policy.notice(notice).published > day);
    is_unknown || circumstances.without.contains(&notice)
}

fn replacements(policy: &Policy, circumstances: &Circumstances) -> Vec<Replacement> {
    let mut list = Vec::new();
    for (at, effect) in policy.effects.iter().enumerate() {
        if effect.kind != EffectKind::Replaces || is_left_out(policy, circumstances, effect.by) {
            continue;
        }
        let from = effect
            .stretches
            .iter()
            .map(|stretch| stretch.from)
            .min()
            .unwrap_or(FIRST_DAY);
        for old in &effect.targets {
            for new in policy.clauses_under(effect.by) {
                list.push(Replacement {
                    old: *old,
                    new,
                    from,
                    effect: at,
                });
            }
        }
    }
    list
}

fn effects_by_target(policy: &Policy) -> BTreeMap<ClauseId, Vec<usize>> {
    let mut map: BTreeMap<ClauseId, Vec<usize>> = BTreeMap::new();
    for (at, effect) in policy.effects.iter().enumerate() {
        for target in &effect.targets {
            map.entry(*target).or_default().push(at);
        }
    }
    map
}

/// Whether a clause's status today is known, being worked out, or not yet asked.
#[derive(Clone)]
enum Known {
    Not,
    Asked,
    Is(Status),
}

struct Maker<'a> {
    policy: &'a Policy,
    circumstances: &'a Circumstances,
    replacements: Vec<Replacement>,
    by_target: BTreeMap<ClauseId, Vec<usize>>,
    /// Clauses that are repealed or replaced for good.
    ended: BTreeMap<ClauseId, Status>,
    today: Date,
    known: Vec<Known>,
    diagnostics: Diagnostics,
}

impl Maker<'_> {
    /// The status of every clause on a day. Days are asked in order.
    fn day(&mut self, day: Date) -> Vec<Status> {
        self.today = day;
        self.known = vec![Known::Not; self.policy.clauses.len()];
        (0..self.policy.clauses.len() as u32)
            .map(|at| self.status(ClauseId(at), &mut Vec::new()))
            .collect()
    }

    fn status(&mut self, clause: ClauseId, path: &mut Vec<(ClauseId, usize)>) -> Status {
        match &self.known[clause.at()] {
            Known::Is(status) => return status.clone(),
            Known::Asked => {
                self.report_cycle(clause, path);
                return Status::InForce;
            }
            Known::Not => self.known[clause.at()] = Known::Asked,
        }
        let status = self.work_out(clause, path);
        self.known[clause.at()] = Known::Is(status.clone());
        status
    }

    fn work_out(&mut self, clause: ClauseId, path: &mut Vec<(ClauseId, usize)>) -> Status {
        let own = self.policy.clause(clause);
        if is_left_out(self.policy, self.circumstances, clause) {
            return Status::LeftOut;
        }
        if self.today < own.from.date {
            return Status::NotYet;
        }
        if own.through.is_some_and(|last| last.date < self.today) {
            return Status::Ended;
        }
        let mut status = Status::InForce;
        for at in self.effects_on(clause) {
            let policy = self.policy;
            let effect = &policy.effects[at];
            for (number, stretch) in effect.stretches.iter().enumerate() {
                let is_today = stretch.from <= self.today
                    && stretch.through.is_none_or(|last| self.today <= last);
                if !is_today || !self.is_stated(effect, at, clause, path) {
                    continue;
                }
                match stretch
                    .condition
                    .as_ref()
                    .map_or(Some(true), |condition| self.decided(condition))
                {
                    Some(true) => status = self.struck(clause, effect, at, status),
                    Some(false) => {}
                    None if status == Status::InForce => status = Status::Undecided(at, number),
                    None => {}
                }
            }
        }
        self.ended.get(&clause).cloned().unwrap_or(status)
    }

    /// The effects that name the clause, or one in whose place it stands today.
    fn effects_on(&self, clause: ClauseId) -> Vec<usize> {
        let stands_as = self
            .replacements
            .iter()
            .filter(|other| other.new == clause && other.from <= self.today)
            .map(|other| other.old);
        let old: Vec<usize> = stands_as
            .flat_map(|old| self.by_target.get(&old).into_iter().flatten().copied())
            .filter(|at| self.policy.effects[*at].kind != EffectKind::Replaces)
            .collect();
        let mut list: Vec<usize> = self
            .by_target
            .get(&clause)
            .into_iter()
            .flatten()
            .copied()
            .chain(old)
            .collect();
        list.sort_unstable();
        list.dedup();
        list
    }

    /// Whether the effect counts today: what states it is in force, and nobody lifts it.
    fn is_stated(
        &mut self,
        effect: &Effect,
        at: usize,
        target: ClauseId,
        path: &mut Vec<(ClauseId, usize)>,
    ) -> bool {
        if effect.kind == EffectKind::Suspends
            && self.circumstances.suspensions_lifted.covers(effect.by)
        {
            return false;
        }
        path.push((target, at));
        let status = self.status(effect.by, path);
        path.pop();
        status == Status::InForce
    }

    fn struck(&mut self, clause: ClauseId, effect: &Effect, at: usize, before: Status) -> Status {
        match effect.kind {
            EffectKind::Suspends => match before {
                Status::Suspended(first) => Status::Suspended(first.min(at)),
                _ => Status::Suspended(at),
            },
            EffectKind::Repeals => self
                .ended
                .entry(clause)
                .or_insert(Status::Repealed(at))
                .clone(),
            EffectKind::Replaces => self
                .ended
                .entry(clause)
                .or_insert(Status::Replaced(at))
                .clone(),
        }
    }

    fn decided(&self, condition: &Condition) -> Option<bool> {
        let is_about =
            |fact: &&Fact| fact.relation == condition.relation && fact.args == condition.args;
        let fact = self.circumstances.judgements.iter().find(is_about)?;
        Some(fact.denied == condition.negated)
    }

    fn report_cycle(&mut self, clause: ClauseId, path: &[(ClauseId, usize)]) {
        if self.diagnostics.has_errors() {
            return;
        }
        let start = path
            .iter()
            .position(|(target, _)| *target == clause)
            .unwrap_or(0);
        let turns = &path[start..];
        let verb = |at: usize| match self.policy.effects[at].kind {
            EffectKind::Suspends => "suspends",
            EffectKind::Repeals => "repeals",
            EffectKind::Replaces => "replaces",
        };
        let says = |(target, at): &(ClauseId, usize)| {
            let by = self.policy.citation(self.policy.effects[*at].by);
            format!("`{by}` {} `{}`", verb(*at), self.policy.citation(*target))
        };
        let cycle = turns.iter().map(says).collect::<Vec<_>>().join(", ");
        let Some((_, first)) = turns.first() else {
            return;
        };
        let others: Vec<_> = turns[1..]
            .iter()
            .map(|turn| (self.policy.effects[turn.1].span, says(turn)))
            .collect();
        let diagnostic = error::mutual_suspension(
            &cycle,
            self.policy.effects[*first].span,
            &others,
            &self.today.to_string(),
        );
        self.diagnostics.push(diagnostic);
    }
}
