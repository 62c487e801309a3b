//! What two policies have in common, where that can be shown without asking them anything.

use super::unread::Read;
use crate::ir::{self, Circumstances, ClauseId, Lifted, NoticeId, Policy};
use crate::proof::{exemption_meaning, rule_meaning};
use crate::value::{Date, FIRST_DAY, LAST_DAY, Value};
use std::collections::BTreeSet;

/// Whether two policies have the same rules, exemptions and facts, whatever the order of their literals, and whatever stands where
/// nothing reads it.
pub(super) fn are_rules_alike(one: &Policy, other: &Policy) -> bool {
    let rules = |policy: &Policy| -> Vec<String> {
        let rules = policy.rules.iter();
        rules.map(|rule| rule_meaning(policy, rule)).collect()
    };
    let exemptions = |policy: &Policy| -> Vec<String> {
        let exemptions = policy.exemptions.iter();
        exemptions
            .map(|exemption| exemption_meaning(policy, exemption))
            .collect()
    };
    let read = Read::of(one);
    let rows = |policy: &Policy| -> Vec<_> {
        let facts = policy.facts.iter();
        facts
            .map(|fact| {
                let args = fact.args.iter().enumerate();
                let args =
                    args.map(|(at, value)| read.has(fact.relation, at).then(|| value.clone()));
                let args: Vec<Option<Value>> = args.collect();
                (fact.relation, args, fact.home)
            })
            .collect()
    };
    rules(one) == rules(other) && exemptions(one) == exemptions(other) && rows(one) == rows(other)
}

/// Whether every clause that says something stands on every day as it did: with all notices, without any one of them, by what
/// was known on any day, with suspensions lifted, and in these cases' circumstances.
pub(super) fn are_days_alike(old: &Policy, new: &Policy, own: &[Circumstances]) -> bool {
    let notices = (0..old.notices.len() as u32).map(NoticeId);
    let without = notices.map(|notice| Circumstances {
        without: vec![notice],
        ..Circumstances::default()
    });
    let published: BTreeSet<Date> = old.notices.iter().map(|notice| notice.published).collect();
    let known = published.into_iter().map(|day| Circumstances {
        known_at: Some(day),
        ..Circumstances::default()
    });
    let lifted = Circumstances {
        suspensions_lifted: Lifted::All,
        ..Circumstances::default()
    };
    let all = [Circumstances::default(), lifted];
    let all = all.into_iter().chain(without).chain(known);
    let mut all = all.chain(own.iter().cloned());
    all.all(|circumstances| days_apart(old, new, &circumstances).is_some_and(|it| it.is_empty()))
}

/// The stretches of days on which some clause that says something stands otherwise, however what is open is settled. `None`: not
/// only days differ.
pub(super) fn days_apart(
    old: &Policy,
    new: &Policy,
    circumstances: &Circumstances,
) -> Option<Vec<(Date, Date)>> {
    let (before, _) = ir::calendars(old, circumstances);
    let (after, _) = ir::calendars(new, circumstances);
    let same = |one: &ir::Calendar, other: &ir::Calendar| one.replacements == other.replacements;
    let ways = || before.settled.iter().zip(&after.settled);
    if old.clauses.len() != new.clauses.len()
        || before.settled.len() != after.settled.len()
        || !ways().all(|(one, other)| same(one, other))
    {
        return None;
    }
    let telling = telling(old);
    let days: BTreeSet<Date> = (ir::days_of_change(old).into_iter())
        .chain(ir::days_of_change(new))
        .collect();
    let days: Vec<Date> = days.into_iter().collect();
    let is_apart = |day: Date| {
        ways().any(|(one, other)| {
            let mut clauses = telling.iter();
            clauses.any(|clause| one.on(*clause, day).status != other.on(*clause, day).status)
        })
    };
    let apart = days.iter().enumerate().filter(|(_, day)| is_apart(**day));
    let stretches = apart.map(|(at, first)| {
        let next = days.get(at + 1);
        let last = next.and_then(|day| day.yesterday().ok());
        (*first, last.unwrap_or(LAST_DAY))
    });
    debug_assert!(days.first().is_none_or(|day| *day == FIRST_DAY));
    Some(stretches.collect())
}

/// The clauses in which rules, exemptions or facts stand: on the days of the others nothing depends.
fn telling(policy: &Policy) -> Vec<ClauseId> {
    let rules = policy.rules.iter().filter_map(|rule| rule.home);
    let exemptions = policy.exemptions.iter().map(|exemption| exemption.home);
    let facts = policy.facts.iter().filter_map(|fact| fact.home);
    let all: BTreeSet<ClauseId> = rules.chain(exemptions).chain(facts).collect();
    all.into_iter().collect()
}
