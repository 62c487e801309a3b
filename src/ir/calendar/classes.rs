//! Clauses that always share one status: those with the same days that the same effects are about.
//!
//! A notice of a hundred clauses is mostly one class, so the calendar need not go through them one by one each day.

use super::{Circumstances, Status};
use crate::ir::policy::{ClauseId, EffectKind, NoticeId, Policy};
use crate::value::Date;
use std::collections::BTreeMap;

/// The classes of a policy's clauses.
pub(super) struct Classes {
    /// In the order of their first clauses.
    pub(super) list: Vec<Class>,
    /// By `ClauseId`: its place in `list`.
    pub(super) of_clause: Vec<usize>,
    /// By effect: the classes of the clauses that it names.
    pub(super) targets: Vec<Vec<usize>>,
}

/// What its clauses have in common.
pub(super) struct Class {
    pub(super) notice: NoticeId,
    pub(super) from: Date,
    pub(super) through: Option<Date>,
    /// `Status::LeftOut`, where the notice is.
    pub(super) left_out: Option<Status>,
    /// The effects that name the clauses, in order.
    pub(super) effects: Vec<usize>,
    /// The `replaces` effects by which the clauses take another's place.
    pub(super) replaces: Vec<usize>,
    pub(super) clauses: Vec<ClauseId>,
}

type Key = (NoticeId, Date, Option<Date>, Vec<usize>, Vec<usize>);

impl Classes {
    pub(super) fn of(policy: &Policy, circumstances: &Circumstances) -> Classes {
        let (mut effects, replaces) = roles(policy);
        for (named, replacing) in effects.iter_mut().zip(&replaces) {
            // What replaces a whole notice from within does not end itself.
            named.retain(|effect| !replacing.contains(effect));
        }
        let mut classes = Classes {
            list: Vec::new(),
            of_clause: Vec::new(),
            targets: vec![Vec::new(); policy.effects.len()],
        };
        let mut known: BTreeMap<Key, usize> = BTreeMap::new();
        for (at, (effects, replaces)) in effects.into_iter().zip(replaces).enumerate() {
            let clause = &policy.clauses[at];
            let through = clause.through.map(|day| day.date);
            let key = (clause.notice, clause.from.date, through, effects, replaces);
            let next = classes.list.len();
            let class = *known.entry(key.clone()).or_insert(next);
            if class == next {
                classes.add(key, left_out(policy, circumstances, clause.notice));
            }
            classes.list[class].clauses.push(ClauseId(at as u32));
            classes.of_clause.push(class);
        }
        classes
    }

    fn add(&mut self, key: Key, left_out: Option<Status>) {
        let (notice, from, through, effects, replaces) = key;
        for effect in &effects {
            self.targets[*effect].push(self.list.len());
        }
        self.list.push(Class {
            notice,
            from,
            through,
            left_out,
            effects,
            replaces,
            clauses: Vec::new(),
        });
    }
}

/// By clause: the effects that name it, and those by which it takes another's place.
fn roles(policy: &Policy) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let none = vec![Vec::new(); policy.clauses.len()];
    let (mut effects, mut replaces) = (none.clone(), none);
    for (at, effect) in policy.effects.iter().enumerate() {
        for target in &effect.targets {
            effects[target.at()].push(at);
        }
        if effect.kind == EffectKind::Replaces {
            for new in policy.clauses_under(effect.by) {
                replaces[new.at()].push(at);
            }
        }
    }
    (effects, replaces)
}

fn left_out(policy: &Policy, circumstances: &Circumstances, notice: NoticeId) -> Option<Status> {
    let published = policy.notice(notice).published;
    let known_at = circumstances.known_at.filter(|day| published > *day);
    let is_set_aside = circumstances.without.contains(&notice);
    let is_left_out = known_at.is_some() || is_set_aside;
    is_left_out.then_some(Status::LeftOut(known_at))
}
