//! Facts that cannot stand together.

use super::error::{self, MOST_SLIPS};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ir::{Fact, Kind, Policy, Relation, RelationId, RelationKind};
use crate::value::{Date, FIRST_DAY, LAST_DAY, Type, TypeId, Value};
use hashbrown::HashMap;
use std::collections::BTreeMap;

pub(super) fn check(policy: &Policy, facts: &[Fact]) -> Diagnostics {
    let mut list = key_clashes(policy, facts);
    list.extend(events_with_one_id(policy, facts));
    list.extend(undecided_judgements(policy, facts));
    let more = list.len().saturating_sub(MOST_SLIPS);
    list.truncate(MOST_SLIPS);
    if more > 0 {
        list.push(error::more_clashes(more));
    }
    Diagnostics { list }
}

/// `owns(a, b, 30%)`
fn atom(policy: &Policy, fact: &Fact, fields: usize) -> String {
    let relation = policy.relation(fact.relation);
    let args: Vec<String> = fact
        .args
        .iter()
        .zip(&relation.fields)
        .take(fields)
        .map(|(value, field)| policy.types.literal(value, field.ty))
        .collect();
    format!("`{}({})`", relation.name, args.join(", "))
}

fn key_of(relation: &Relation) -> Option<usize> {
    relation.key.filter(|key| *key < relation.fields.len())
}

/// Two facts with one key and different rest, on one day.
fn key_clashes(policy: &Policy, facts: &[Fact]) -> Vec<Diagnostic> {
    // Mostly a key has one fact: only where there are more are they gathered.
    let mut first_of: HashMap<(RelationId, &[Value]), usize> = HashMap::new();
    let mut several: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, fact) in facts.iter().enumerate() {
        if let Some(key) = key_of(policy.relation(fact.relation)) {
            let first = *first_of
                .entry((fact.relation, &fact.args[..key]))
                .or_insert(at);
            if first < at {
                several.entry(first).or_insert_with(|| vec![first]).push(at);
            }
        }
    }
    let mut clashes: Vec<(usize, usize)> = several
        .into_values()
        .flat_map(|of_key| clashes_of_key(facts, of_key))
        .collect();
    clashes.sort_unstable();
    clashes
        .into_iter()
        .map(|(first, second)| key_clash(policy, &facts[first], &facts[second]))
        .collect()
}

/// Each fact that differs from an earlier one while that still lasts.
fn clashes_of_key(facts: &[Fact], mut of_key: Vec<usize>) -> Vec<(usize, usize)> {
    let days = |at: usize| facts[at].days.unwrap_or((FIRST_DAY, LAST_DAY));
    of_key.sort_by_key(|at| (days(*at).0, *at));
    let mut clashes = Vec::new();
    // The fact that lasts longest so far, and the longest of those that differ from it.
    let mut longest: Option<(Date, usize)> = None;
    let mut differing: Option<(Date, usize)> = None;
    for at in of_key {
        let (from, through) = days(at);
        let differs = |other: usize| facts[other].args != facts[at].args;
        let clash = [longest, differing]
            .into_iter()
            .flatten()
            .find(|(end, other)| *end >= from && differs(*other));
        clashes.extend(clash.map(|(_, other)| (other.min(at), other.max(at))));
        match longest {
            Some((end, other)) if through <= end => {
                if differs(other) && differing.is_none_or(|(end, _)| through > end) {
                    differing = Some((through, at));
                }
            }
            Some((end, other)) => {
                if differs(other) {
                    differing = Some((end, other));
                }
                longest = Some((through, at));
            }
            None => longest = Some((through, at)),
        }
    }
    clashes
}

fn key_clash(policy: &Policy, first: &Fact, second: &Fact) -> Diagnostic {
    let relation = policy.relation(first.relation);
    let key = key_of(relation).unwrap_or(0);
    let rest = |fact: &Fact| {
        let other = [first, second];
        let differing: Vec<String> = (key..relation.fields.len())
            .filter(|at| other.iter().any(|other| other.args[*at] != fact.args[*at]))
            .map(|at| {
                let field = &relation.fields[at];
                let value = policy.types.words(&fact.args[at], field.ty);
                format!("`{}` is {value}", field.name)
            })
            .collect();
        differing.join(", ")
    };
    let about = atom(policy, first, key);
    error::key_clash(
        &about,
        (first.place, &rest(first)),
        (second.place, &rest(second)),
    )
}

/// One id for two events of different relations.
fn events_with_one_id(policy: &Policy, facts: &[Fact]) -> Vec<Diagnostic> {
    let mut first_of: HashMap<(TypeId, &Value), &Fact> = HashMap::new();
    let mut clashes = Vec::new();
    for fact in facts {
        let relation = policy.relation(fact.relation);
        if relation.kind != Kind::Declared(RelationKind::Event) {
            continue;
        }
        let (Some(field), Some(id)) = (relation.fields.first(), fact.args.first()) else {
            continue;
        };
        let Type::Entity(ty) = field.ty else {
            continue;
        };
        let first = *first_of.entry((ty, id)).or_insert(fact);
        if first.relation != fact.relation {
            clashes.push(error::id_in_two_events(
                &policy.types.words(id, field.ty),
                (first.place, &policy.relation(first.relation).name),
                (fact.place, &relation.name),
            ));
        }
    }
    clashes
}

/// A judgement that one fact asserts and another denies.
fn undecided_judgements(policy: &Policy, facts: &[Fact]) -> Vec<Diagnostic> {
    let mut first_of: HashMap<(RelationId, &[Value]), &Fact> = HashMap::new();
    let mut clashes = Vec::new();
    for fact in facts {
        let relation = policy.relation(fact.relation);
        if relation.kind != Kind::Declared(RelationKind::Judgement) {
            continue;
        }
        let first = *first_of.entry((fact.relation, &fact.args)).or_insert(fact);
        if first.denied != fact.denied {
            let (asserted, denied) = if first.denied {
                (fact.place, first.place)
            } else {
                (first.place, fact.place)
            };
            let judgement = atom(policy, fact, fact.args.len());
            clashes.push(error::asserted_and_denied(&judgement, asserted, denied));
        }
    }
    clashes
}

/// See [`super::completed`]. `None`: all of them.
pub(super) fn completed(policy: &Policy, facts: &[Fact]) -> Option<Vec<Fact>> {
    let key = |fact: &Fact| {
        let relation = policy.relation(fact.relation);
        let width = match relation.kind {
            Kind::Declared(RelationKind::Event) => 1,
            _ => relation.key.unwrap_or(0),
        };
        (fact.relation, fact.args[..width].to_vec(), fact.days)
    };
    let has_open = |fact: &Fact| fact.args.iter().any(Value::is_open);
    let mut others: BTreeMap<_, Vec<&Fact>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| has_open(fact)) {
        others.entry(key(fact)).or_default();
    }
    if others.is_empty() {
        return None;
    }
    for fact in facts {
        if let Some(same_key) = others.get_mut(&key(fact)) {
            same_key.push(fact);
        }
    }
    let is_fuller = |other: &Fact, fact: &Fact| {
        let pairs = || other.args.iter().zip(&fact.args);
        pairs().all(|(full, own)| full == own || *own == Value::Unknown)
            && pairs().any(|(full, own)| full != own)
    };
    let is_kept = |fact: &&Fact| {
        !has_open(fact)
            || !others[&key(fact)]
                .iter()
                .any(|other| is_fuller(other, fact))
    };
    Some(facts.iter().filter(is_kept).cloned().collect())
}
