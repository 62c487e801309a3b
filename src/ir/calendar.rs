//! On which days each clause is in force, and why not on the others.

mod classes;
mod decided;
mod law;
mod open;
mod settle;
#[cfg(test)]
mod tests;

pub use decided::{decided_by, undecided_calendar};
pub use open::{Calendars, InForceIf, calendars};

use super::policy::{ClauseId, Fact, NoticeId, Policy};
use crate::diagnostic::Diagnostics;
use crate::value::{Date, FIRST_DAY, LAST_DAY};
use classes::Classes;
use law::Law;
use std::collections::{BTreeMap, BTreeSet};

/// Under which circumstances a policy is asked: what is known, what is left out, what is lifted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Notices published later are left out.
    pub known_at: Option<Date>,
    /// Everything is judged by the law of this day; events and dated facts keep days of their own.
    pub as_of: Option<Date>,
    /// Notices left out.
    pub without: Vec<NoticeId>,
    /// Suspensions not applied.
    pub suspensions_lifted: Lifted,
    /// Exemptions not applied.
    pub exemptions_lifted: Lifted,
    /// Judgements given, which conditional suspensions need: relation, values, truth.
    pub judgements: Vec<Fact>,
    /// Whether what the policy (or a case) presumes is left out.
    pub without_presumptions: bool,
    /// Clauses that stand on every day as they do on this one: to see what they alone change from one day to another.
    pub held: BTreeMap<ClauseId, Date>,
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
    /// Its notice is left out: not yet published on this day, by which one knows; or (`None`) by its name.
    LeftOut(Option<Date>),
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

/// Days without a gap: the first and the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days {
    /// First day.
    pub from: Date,
    /// Last day, inclusive; `LAST_DAY` for without end.
    pub through: Date,
}

impl Days {
    /// Whether the day is one of them.
    pub fn covers(self, day: Date) -> bool {
        self.from <= day && day <= self.through
    }

    /// Those that are in both.
    pub fn common(self, other: Days) -> Option<Days> {
        let (from, through) = (self.from.max(other.from), self.through.min(other.through));
        (from <= through).then_some(Days { from, through })
    }

    /// The first day, and the first one behind the last.
    pub fn cuts(self) -> impl Iterator<Item = Date> {
        let next = (self.through < LAST_DAY).then(|| self.through.tomorrow().ok());
        std::iter::once(self.from).chain(next.flatten())
    }
}

/// A clause that stands as another one on some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The clause that is named.
    pub old: ClauseId,
    /// The clause that stands in its place, for whatever names `old`.
    pub new: ClauseId,
    /// On which days.
    pub days: Days,
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
    /// The one day whose law applies to all days (`Circumstances::as_of`).
    pub as_of: Option<Date>,
}

impl Calendar {
    /// The day whose law applies to what happens on a day.
    pub fn law_of(&self, day: Date) -> Date {
        self.as_of.unwrap_or(day)
    }

    /// How the clause stands for what happens on a day.
    pub fn on(&self, clause: ClauseId, day: Date) -> &Stretch {
        self.stretch(clause, self.law_of(day))
    }

    /// Whether the clause applies to what happens on a day.
    pub fn is_in_force(&self, clause: ClauseId, day: Date) -> bool {
        self.on(clause, day).status == Status::InForce
    }

    /// The stretch of the law's own days in which the day lies.
    pub fn stretch(&self, clause: ClauseId, day: Date) -> &Stretch {
        let stretches = &self.clauses[clause.at()];
        &stretches[stretches.partition_point(|stretch| stretch.through < day)]
    }

    /// The days to which the clause applies: first and last day of each stretch.
    pub fn in_force(&self, clause: ClauseId) -> Vec<(Date, Date)> {
        match self.as_of {
            Some(day) => {
                let applies = self.stretch(clause, day).status == Status::InForce;
                applies
                    .then_some((FIRST_DAY, LAST_DAY))
                    .into_iter()
                    .collect()
            }
            None => self.law_in_force(clause).collect(),
        }
    }

    /// Of these replacements, those of the day stand on every day, and the others on none.
    fn hold_replacements(&mut self, day: Date, is_meant: impl Fn(&Replacement) -> bool) {
        self.replacements
            .retain(|it| !is_meant(it) || it.days.covers(day));
        let held = self.replacements.iter_mut().filter(|it| is_meant(it));
        let always = Days {
            from: FIRST_DAY,
            through: LAST_DAY,
        };
        held.for_each(|it| it.days = always);
    }

    fn law_in_force(&self, clause: ClauseId) -> impl Iterator<Item = (Date, Date)> {
        self.clauses[clause.at()]
            .iter()
            .filter(|stretch| stretch.status == Status::InForce)
            .map(|stretch| (stretch.from, stretch.through))
    }

    /// For a day on which a clause is not in force: the last day before it on which it is, and the first one after it.
    pub fn nearest_in_force(&self, clause: ClauseId, day: Date) -> Vec<Date> {
        let before = self
            .law_in_force(clause)
            .filter(|(_, through)| *through < day);
        let after = self.law_in_force(clause).find(|(from, _)| *from > day);
        let before = before.last().map(|(_, through)| through);
        before
            .into_iter()
            .chain(after.map(|(from, _)| from))
            .collect()
    }
}

/// Works out the days of every clause, one stretch on which nothing changes after the other. A cycle of suspensions, repeals
/// and replacements that closes on some day is an error that prints it.
pub fn calendar(policy: &Policy, circumstances: &Circumstances) -> (Calendar, Diagnostics) {
    let classes = Classes::of(policy, circumstances);
    let mut law = Law::new(policy, circumstances, &classes);
    let mut stretches: Vec<Vec<Stretch>> = vec![Vec::new(); classes.list.len()];
    for (from, through) in unchanging(policy) {
        for (class, status) in law.on(from).into_iter().enumerate() {
            extend(&mut stretches[class], from, through, status);
        }
    }
    let clauses = classes.of_clause.iter();
    let mut calendar = Calendar {
        clauses: clauses.map(|class| stretches[*class].clone()).collect(),
        replacements: law.replacements(),
        as_of: circumstances.as_of,
    };
    for (clause, day) in &circumstances.held {
        calendar.hold_replacements(*day, |it| it.new == *clause);
        let status = calendar.stretch(*clause, *day).status.clone();
        calendar.clauses[clause.at()] = vec![Stretch {
            from: FIRST_DAY,
            through: LAST_DAY,
            status,
        }];
    }
    if let Some(day) = circumstances.as_of {
        calendar.hold_replacements(day, |_| true);
    }
    (calendar, law.diagnostics)
}

fn extend(stretches: &mut Vec<Stretch>, from: Date, through: Date, status: Status) {
    match stretches.last_mut() {
        Some(last) if last.status == status => last.through = through,
        _ => stretches.push(Stretch {
            from,
            through,
            status,
        }),
    }
}

/// The days on which a clause may come into force or go out of it: those that some clause or effect names, and the first of all.
pub fn days_of_change(policy: &Policy) -> BTreeSet<Date> {
    let clauses = policy
        .clauses
        .iter()
        .map(|clause| (clause.from.date, clause.through.map(|day| day.date)));
    let effects = policy.effects.iter().flat_map(|effect| &effect.stretches);
    let effects = effects.map(|stretch| (stretch.from, stretch.through));
    let mut first_days = BTreeSet::from([FIRST_DAY]);
    for (from, through) in clauses.chain(effects) {
        first_days.insert(from);
        first_days.extend(through.and_then(|day| day.tomorrow().ok()));
    }
    first_days
}

/// The stretches between those days: first and last day.
fn unchanging(policy: &Policy) -> Vec<(Date, Date)> {
    let first_days: Vec<Date> = days_of_change(policy).into_iter().collect();
    let last_day = |next: Option<&Date>| next.and_then(|day| day.yesterday().ok());
    let days = first_days.iter().enumerate();
    days.map(|(at, from)| (*from, last_day(first_days.get(at + 1)).unwrap_or(LAST_DAY)))
        .collect()
}
