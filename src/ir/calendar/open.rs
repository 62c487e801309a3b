//! The calendar where suspensions depend on judgements that nobody has made: one for each way of making them.

use super::{Calendar, Circumstances, Days, Status, Stretch, calendar, extend};
use crate::diagnostic::Diagnostics;
use crate::ir::error;
use crate::ir::policy::{ClauseId, Condition, Fact, Policy};
use crate::source::Place;
use crate::value::{Date, LAST_DAY};
use std::collections::BTreeSet;

/// How many open judgements may decide on which days clauses are in force.
const MOST_CONDITIONS: usize = 10;

/// The calendar, with what is open left undecided, and what it is in each way of settling that.
#[derive(Clone, Debug, Default)]
pub struct Calendars {
    /// What depends on something open is undecided.
    pub base: Calendar,
    /// The judgements that are open, and on which something depends.
    pub conditions: Vec<Condition>,
    /// Bit `i` of the place says whether `conditions[i]` holds.
    pub settled: Vec<Calendar>,
}

/// Stretches of days on which a clause is in force, or stands as another one, where these conditions (by place) are so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForceIf {
    /// First and last days.
    pub days: Vec<(Date, Date)>,
    /// Places in `Calendars::conditions`, and whether they hold.
    pub conditions: Vec<(usize, bool)>,
}

impl InForceIf {
    /// The first day of each stretch, and the first one behind it.
    pub fn cuts(&self) -> impl Iterator<Item = Date> {
        let days = self.days.iter();
        days.flat_map(|(from, through)| {
            Days {
                from: *from,
                through: *through,
            }
            .cuts()
        })
    }
}

impl Calendars {
    /// The days of a clause: those on which it is in force in any case, then those that depend on conditions.
    pub fn in_force(&self, clause: ClauseId) -> Vec<InForceIf> {
        let settled = self.settled.iter();
        self.options(settled.map(|calendar| calendar.in_force(clause)).collect())
    }

    /// The clauses as which one stands on some days, or may.
    pub fn olds(&self, new: ClauseId) -> BTreeSet<ClauseId> {
        let all = self.settled.iter().flat_map(|it| &it.replacements);
        all.filter(|it| it.new == new).map(|it| it.old).collect()
    }

    /// The days on which a clause stands as another one: those on which it does in any case, then those that depend on conditions.
    pub fn stands_as(&self, new: ClauseId, old: ClauseId) -> Vec<InForceIf> {
        let settled = self.settled.iter().map(|calendar| {
            let own = calendar.replacements.iter();
            let own = own.filter(|it| it.new == new && it.old == old);
            merged(own.map(|it| it.days))
        });
        self.options(settled.collect())
    }

    /// Every day on which a clause begins to stand as another one or ceases to, however the conditions are settled.
    pub fn cuts_as_others(&self, new: ClauseId) -> impl Iterator<Item = Date> {
        let all = self.settled.iter().flat_map(|it| &it.replacements);
        let own = all.filter(move |it| it.new == new);
        own.flat_map(|it| it.days.cuts())
    }

    /// The same days as those of each way of settling the conditions, in order and apart.
    fn options(&self, days: Vec<Vec<(Date, Date)>>) -> Vec<InForceIf> {
        let matters = |at: &usize| (0..days.len()).any(|way| days[way] != days[way ^ (1 << at)]);
        let relevant: Vec<usize> = (0..self.conditions.len()).filter(matters).collect();
        let always = days
            .iter()
            .skip(1)
            .fold(days[0].clone(), |all, other| common(&all, other));
        let mut found = vec![InForceIf {
            days: always.clone(),
            conditions: Vec::new(),
        }];
        for way in 0..1 << relevant.len() {
            let truth = |at: usize| way & (1 << at) != 0;
            let place = (0..relevant.len())
                .filter(|at| truth(*at))
                .map(|at| 1 << relevant[at])
                .sum::<usize>();
            found.push(InForceIf {
                days: without(&days[place], &always),
                conditions: relevant
                    .iter()
                    .enumerate()
                    .map(|(at, condition)| (*condition, truth(at)))
                    .collect(),
            });
        }
        found.retain(|option| !option.days.is_empty());
        found
    }

    /// Every day on which the clause begins to apply or ceases to, however the conditions are settled.
    pub fn cuts(&self, clause: ClauseId) -> impl Iterator<Item = Date> {
        let by_days = self
            .settled
            .iter()
            .filter(|calendar| calendar.as_of.is_none());
        let stretches = by_days.flat_map(move |calendar| &calendar.clauses[clause.at()]);
        stretches.map(|stretch| stretch.from)
    }

    /// Whether the clause is in force on any day, or may be.
    pub fn is_ever_in_force(&self, clause: ClauseId) -> bool {
        let mut settled = self.settled.iter();
        settled.any(|calendar| !calendar.in_force(clause).is_empty())
    }
}

/// Works out the calendar for every way of settling the judgements on which suspensions depend.
pub fn calendars(policy: &Policy, circumstances: &Circumstances) -> (Calendars, Diagnostics) {
    let (base, mut diagnostics) = calendar(policy, circumstances);
    let conditions = open_conditions(policy, circumstances);
    if conditions.len() > MOST_CONDITIONS {
        let last = &conditions[MOST_CONDITIONS];
        diagnostics.push(error::too_many_conditions(MOST_CONDITIONS, last.span));
        let settled = vec![base.clone()];
        return (
            Calendars {
                base,
                conditions: Vec::new(),
                settled,
            },
            diagnostics,
        );
    }
    let settled = match conditions.len() {
        0 => vec![base.clone()],
        count => (0..1 << count)
            .map(|way| settled(policy, circumstances, &conditions, way))
            .collect(),
    };
    let clauses = (0..policy.clauses.len() as u32).map(|at| agreed(&base, &settled, ClauseId(at)));
    let base = Calendar {
        clauses: clauses.collect(),
        ..base.clone()
    };
    (
        Calendars {
            base,
            conditions,
            settled,
        },
        diagnostics,
    )
}

/// The stretches of a clause: undecided only where the ways of settling the conditions differ.
fn agreed(base: &Calendar, settled: &[Calendar], clause: ClauseId) -> Vec<Stretch> {
    let all = std::iter::once(base).chain(settled);
    let first_days: BTreeSet<Date> = all
        .flat_map(|calendar| &calendar.clauses[clause.at()])
        .map(|stretch| stretch.from)
        .collect();
    let first_days: Vec<Date> = first_days.into_iter().collect();
    let mut stretches = Vec::new();
    for (at, from) in first_days.iter().enumerate() {
        let next = first_days.get(at + 1);
        let through = next
            .and_then(|day| day.yesterday().ok())
            .unwrap_or(LAST_DAY);
        let statuses = settled.iter().map(|it| &it.stretch(clause, *from).status);
        let status = match statuses.filter(|it| **it == Status::InForce).count() {
            0 => &settled[0].stretch(clause, *from).status,
            count if count == settled.len() => &Status::InForce,
            _ => &base.stretch(clause, *from).status,
        };
        extend(&mut stretches, *from, through, status.clone());
    }
    stretches
}

fn settled(
    policy: &Policy,
    circumstances: &Circumstances,
    conditions: &[Condition],
    way: usize,
) -> Calendar {
    let mut circumstances = circumstances.clone();
    let answers = conditions.iter().enumerate().map(|(at, condition)| Fact {
        relation: condition.relation,
        args: condition.args.clone(),
        days: None,
        denied: way & (1 << at) == 0,
        place: Place::Span(condition.span),
    });
    circumstances.judgements.extend(answers);
    calendar(policy, &circumstances).0
}

/// The conditions of suspensions that no judgement settles, each once, without `not`.
fn open_conditions(policy: &Policy, circumstances: &Circumstances) -> Vec<Condition> {
    let stretches = policy.effects.iter().flat_map(|effect| &effect.stretches);
    let mut open: Vec<Condition> = Vec::new();
    for condition in stretches.filter_map(|stretch| stretch.condition.as_ref()) {
        let is_same = |relation, args: &[_]| {
            relation == condition.relation && args == condition.args.as_slice()
        };
        let mut known = circumstances.judgements.iter();
        if !known.any(|fact| is_same(fact.relation, &fact.args))
            && !open
                .iter()
                .any(|other| is_same(other.relation, &other.args))
        {
            open.push(Condition {
                negated: false,
                ..condition.clone()
            });
        }
    }
    open
}

/// The same days as stretches in order, between which others lie.
fn merged(days: impl Iterator<Item = Days>) -> Vec<(Date, Date)> {
    let mut merged: Vec<(Date, Date)> = Vec::new();
    let in_order: BTreeSet<Days> = days.collect();
    for days in in_order {
        match merged.last_mut() {
            Some((_, last)) if last.tomorrow().map_or(true, |next| days.from <= next) => {
                *last = (*last).max(days.through);
            }
            _ => merged.push((days.from, days.through)),
        }
    }
    merged
}

/// The days that lie in both.
fn common(a: &[(Date, Date)], b: &[(Date, Date)]) -> Vec<(Date, Date)> {
    let pairs = a
        .iter()
        .flat_map(|one| b.iter().map(move |other| (one, other)));
    let both = pairs.map(|(one, other)| (one.0.max(other.0), one.1.min(other.1)));
    both.filter(|(from, through)| from <= through).collect()
}

/// The days of `all` that do not lie in `taken`.
fn without(all: &[(Date, Date)], taken: &[(Date, Date)]) -> Vec<(Date, Date)> {
    let mut left = all.to_vec();
    for (from, through) in taken {
        left = left
            .into_iter()
            .flat_map(|(first, last)| {
                let before = from.yesterday().ok().map(|day| (first, last.min(day)));
                let after = through.tomorrow().ok().map(|day| (first.max(day), last));
                [before, after]
            })
            .flatten()
            .filter(|(first, last)| first <= last)
            .collect();
    }
    left
}
