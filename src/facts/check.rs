//! Facts that cannot stand together.

use super::Facts;
use super::error::{self, MOST_SLIPS};
use super::given::{Given, Of, Rank};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ir::{Fact, Kind, Policy, Relation, RelationId, RelationKind};
use crate::source::Place;
use crate::value::{Date, FIRST_DAY, LAST_DAY, Type, TypeId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What was found of facts beside each other.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Those that cannot stand together.
    pub diagnostics: Diagnostics,
    /// The relations of which no fact is given twice, as far as their keys tell.
    pub distinct: BTreeSet<RelationId>,
}

/// Finds what cannot stand together: two facts with one key, one event id twice, a judgement both asserted and denied.
pub fn check(policy: &Policy, facts: &Facts) -> Checked {
    let given = Given::new(facts);
    let (mut list, distinct) = key_clashes(policy, &given);
    list.extend(events_with_one_id(policy, &given));
    list.extend(undecided_judgements(policy, &given));
    let more = list.len().saturating_sub(MOST_SLIPS);
    list.truncate(MOST_SLIPS);
    if more > 0 {
        list.push(error::more_clashes(more));
    }
    let diagnostics = Diagnostics { list };
    Checked {
        diagnostics,
        distinct,
    }
}

/// As places follow one another in what was read.
pub(super) fn in_order(place: Place) -> (Option<u32>, u32) {
    match place {
        Place::Span(span) => (Some(span.file.0), span.start),
        Place::Record { file, line } => (Some(file.0), line),
        Place::Assumed => (None, 0),
    }
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

/// Two facts with one key and different rest, on one day; and the relations of which each key is given once.
fn key_clashes(policy: &Policy, given: &Given<'_>) -> (Vec<Diagnostic>, BTreeSet<RelationId>) {
    let mut clashes: Vec<Clash> = Vec::new();
    let mut distinct = BTreeSet::new();
    for relation in given.relations() {
        let Some(key) = key_of(policy.relation(relation)) else {
            continue;
        };
        let of_relation = given.of(relation);
        // Mostly a key has one fact: only where there are more are they gathered.
        let several = of_relation.sharing(key);
        if several.is_empty() {
            distinct.insert(relation);
        }
        let found = several.into_values();
        let found = found.flat_map(|of_key| clashes_of_key(&of_relation, of_key));
        clashes.extend(found.map(|(one, other)| Clash::of(&of_relation, one, other)));
    }
    clashes.sort_by_key(|clash| clash.ranks);
    let told = clashes.iter();
    let told = told.map(|clash| key_clash(policy, &clash.first, &clash.second));
    (told.collect(), distinct)
}

/// Two facts that cannot stand together, in their order.
struct Clash {
    ranks: (Rank, Rank),
    first: Fact,
    second: Fact,
}

impl Clash {
    fn of(all: &Of<'_>, one: u32, other: u32) -> Clash {
        let ranks = (all.rank(one), all.rank(other));
        let (ranks, first, second) = match ranks.0 <= ranks.1 {
            true => (ranks, one, other),
            false => ((ranks.1, ranks.0), other, one),
        };
        Clash {
            ranks,
            first: all.fact(first),
            second: all.fact(second),
        }
    }

    /// Of the facts in each group: the first with each that is of another kind, in the order of these.
    fn of_kinds<K: PartialEq>(
        all: &Of<'_>,
        values: usize,
        kind: impl Fn(&Fact) -> K,
    ) -> Vec<Clash> {
        let mut clashes = Vec::new();
        for group in all.sharing(values).into_values() {
            let first = group.iter().copied().min_by_key(|at| all.rank(*at));
            let Some(first) = first else { continue };
            let own = kind(&all.fact(first));
            let others = group.into_iter().filter(|at| kind(&all.fact(*at)) != own);
            clashes.extend(others.map(|other| Clash::of(all, first, other)));
        }
        clashes
    }
}

/// Each fact that differs from an earlier one while that still lasts.
fn clashes_of_key(given: &Of<'_>, mut of_key: Vec<u32>) -> Vec<(u32, u32)> {
    let days = |at: u32| given.days(at).unwrap_or((FIRST_DAY, LAST_DAY));
    of_key.sort_by_key(|at| (days(*at).0, *at));
    let mut clashes = Vec::new();
    // The fact that lasts longest so far, and the longest of those that differ from it.
    let mut longest: Option<(Date, u32)> = None;
    let mut differing: Option<(Date, u32)> = None;
    for at in of_key {
        let (from, through) = days(at);
        let differs = |other: u32| given.args(other) != given.args(at);
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
fn events_with_one_id(policy: &Policy, given: &Given<'_>) -> Vec<Diagnostic> {
    let mut by_type: BTreeMap<TypeId, Vec<RelationId>> = BTreeMap::new();
    for relation in given.relations() {
        let declared = policy.relation(relation);
        let field = declared.fields.first().map(|field| field.ty);
        if let (Kind::Declared(RelationKind::Event), Some(Type::Entity(ty))) =
            (declared.kind, field)
        {
            by_type.entry(ty).or_default().push(relation);
        }
    }
    let mut clashes: Vec<Clash> = Vec::new();
    for events in by_type.into_values().filter(|events| events.len() > 1) {
        let all = given.of_all(&events);
        clashes.extend(Clash::of_kinds(&all, 1, |fact| fact.relation));
    }
    clashes.sort_by_key(|clash| clash.ranks.1);
    let told = clashes.iter().map(|Clash { first, second, .. }| {
        let name = |fact: &Fact| policy.relation(fact.relation).name.as_str();
        let field = policy.relation(second.relation).fields[0].ty;
        error::id_in_two_events(
            &policy.types.words(&second.args[0], field),
            (first.place, name(first)),
            (second.place, name(second)),
        )
    });
    told.collect()
}

/// A judgement that one fact asserts and another denies.
fn undecided_judgements(policy: &Policy, given: &Given<'_>) -> Vec<Diagnostic> {
    let mut clashes: Vec<Clash> = Vec::new();
    let judgements = given.relations().into_iter().filter(|relation| {
        policy.relation(*relation).kind == Kind::Declared(RelationKind::Judgement)
    });
    for relation in judgements {
        let fields = policy.relation(relation).fields.len();
        let all = given.of(relation);
        clashes.extend(Clash::of_kinds(&all, fields, |fact| fact.denied));
    }
    clashes.sort_by_key(|clash| clash.ranks.1);
    let told = clashes.iter().map(|Clash { first, second, .. }| {
        let (asserted, denied) = if first.denied {
            (second.place, first.place)
        } else {
            (first.place, second.place)
        };
        let judgement = atom(policy, second, second.args.len());
        error::asserted_and_denied(&judgement, asserted, denied)
    });
    told.collect()
}

/// Facts that leave a field open, where another fact with the same known fields gives it: only the fuller ones.
pub fn completed(policy: &Policy, facts: &Facts) -> Facts {
    let open: BTreeSet<RelationId> = (facts.open_fields().into_iter())
        .map(|(relation, _)| relation)
        .collect();
    let mut left_out: BTreeSet<Found> = BTreeSet::new();
    for relation in open {
        left_out.extend(emptier(policy, facts, relation));
    }
    match left_out.is_empty() {
        true => facts.clone(),
        false => facts.only(
            |at| !left_out.contains(&Found::Written(at)),
            |batch, row| !left_out.contains(&Found::Row(batch, row)),
        ),
    }
}

/// A fact, by its place in the list, or by batch and row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Written(usize),
    Row(usize, usize),
}

/// The facts of a relation than which another is fuller.
fn emptier(policy: &Policy, facts: &Facts, relation: RelationId) -> Vec<Found> {
    let declared = policy.relation(relation);
    let width = match declared.kind {
        Kind::Declared(RelationKind::Event) => 1,
        _ => declared.key.unwrap_or(0),
    };
    let written = facts.written().iter().enumerate();
    let written = written.filter(|(_, fact)| fact.relation == relation);
    let written = written.map(|(at, fact)| (Found::Written(at), fact.clone()));
    let batches = facts.batches().enumerate();
    let rows = batches
        .filter(|(_, batch)| batch.relation == relation)
        .flat_map(|(at, batch)| {
            let rows = 0..batch.len();
            rows.map(move |row| (Found::Row(at, row), batch.fact(facts.symbols(), row)))
        });
    let all: Vec<(Found, Fact)> = written.chain(rows).collect();
    let key = |fact: &Fact| (fact.args[..width].to_vec(), fact.days);
    let has_open = |fact: &Fact| fact.args.iter().any(Value::is_open);
    let mut others: BTreeMap<_, Vec<&Fact>> = BTreeMap::new();
    for (_, fact) in all.iter().filter(|(_, fact)| has_open(fact)) {
        others.entry(key(fact)).or_default();
    }
    for (_, fact) in &all {
        if let Some(same_key) = others.get_mut(&key(fact)) {
            same_key.push(fact);
        }
    }
    let is_fuller = |other: &Fact, fact: &Fact| {
        let pairs = || other.args.iter().zip(&fact.args);
        pairs().all(|(full, own)| full == own || *own == Value::Unknown)
            && pairs().any(|(full, own)| full != own)
    };
    let is_left_out = |fact: &Fact| {
        let mut same_key = others.get(&key(fact)).into_iter().flatten();
        has_open(fact) && same_key.any(|other| is_fuller(other, fact))
    };
    let left_out = all.iter().filter(|(_, fact)| is_left_out(fact));
    left_out.map(|(found, _)| *found).collect()
}
