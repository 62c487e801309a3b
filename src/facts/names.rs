//! The names of entities in policy and facts.

use super::check::in_order;
use super::error::{self, MOST_SLIPS};
use super::{Batch, Facts};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ir::Policy;
use crate::source::Place;
use crate::value::symbols::{Code, PerName, is_named};
use crate::value::{Type, TypeId, TypeKind, Value};
use hashbrown::{DefaultHashBuilder, HashMap, HashSet};
use indexmap::IndexSet;
use std::collections::BTreeMap;

/// The shortest and longest name that is compared with others.
const COMPARED: std::ops::RangeInclusive<usize> = 5..=64;

/// Names, each once, in the order in which they were found.
pub type Names = IndexSet<Value, DefaultHashBuilder>;

/// Every name but for those in batches, by type; the members of closed sets are all named.
pub(super) fn named_one_by_one(policy: &Policy, facts: &Facts) -> BTreeMap<TypeId, Names> {
    let of_policy = policy.named.iter();
    let of_policy = of_policy.map(|(ty, names)| (*ty, names.iter().cloned().collect()));
    let mut named: BTreeMap<TypeId, Names> = of_policy.collect();
    for (at, ty) in policy.types.named.iter().enumerate() {
        if let TypeKind::Set { members, .. } = &ty.kind {
            let all = (0..members.len() as u32).map(Value::Member);
            named.entry(TypeId(at as u32)).or_default().extend(all);
        }
    }
    for fact in facts.written() {
        for (value, field) in fact.args.iter().zip(&policy.relation(fact.relation).fields) {
            if let (Value::Name(_) | Value::Redacted(_), Type::Entity(ty)) = (value, field.ty) {
                let of_type = named.entry(ty).or_default();
                if !of_type.contains(value) {
                    of_type.insert(value.clone());
                }
            }
        }
    }
    named
}

/// Every name, by type; the members of closed sets are all named.
pub(super) fn named(policy: &Policy, facts: &Facts) -> BTreeMap<TypeId, Names> {
    let mut named = named_one_by_one(policy, facts);
    for (ty, words) in named_in_batches(policy, facts) {
        let values = words.into_iter().map(|code| facts.symbols().decode(code));
        named.entry(ty).or_default().extend(values);
    }
    named
}

/// The words of the names in the batches, by type, each once, in the order in which they are found.
pub(super) fn named_in_batches(policy: &Policy, facts: &Facts) -> BTreeMap<TypeId, Vec<Code>> {
    let mut named = BTreeMap::new();
    each_name(policy, facts, |ty, code, _| {
        named.entry(ty).or_insert_with(Vec::new).push(code);
    });
    named
}

/// Calls with each name in the batches that it meets for the first time, its word and where it stands.
fn each_name<'f>(
    policy: &Policy,
    facts: &'f Facts,
    mut each: impl FnMut(TypeId, Code, (&'f Batch, usize)),
) {
    let mut seen: Vec<(TypeId, PerName<bool>)> = Vec::new();
    for batch in facts.batches() {
        // Which field has names of the type that stands where in the list.
        let mut entities: Vec<(usize, usize)> = Vec::new();
        for (field, declared) in policy.relation(batch.relation).fields.iter().enumerate() {
            if let Type::Entity(ty) = declared.ty {
                let at = seen.iter().position(|(other, _)| *other == ty);
                entities.push((field, at.unwrap_or(seen.len())));
                if at.is_none() {
                    seen.push((ty, PerName::new(false)));
                }
            }
        }
        for row in 0..batch.len() {
            let args = batch.args(row);
            for (field, at) in &entities {
                let (code, (ty, seen)) = (args[*field], &mut seen[*at]);
                if is_named(code) && !std::mem::replace(seen.at(code), true) {
                    each(*ty, code, (batch, row));
                }
            }
        }
    }
}

/// Names that are one letter away from a name in the policy: probably slips.
pub(super) fn near_names(policy: &Policy, facts: &Facts) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    let known = neighbours(policy);
    if known.is_empty() {
        return diagnostics;
    }
    let mut near_ones: Vec<(Place, Diagnostic)> = Vec::new();
    let mut look = |ty: TypeId, name: &str, place: &dyn Fn() -> Place| {
        if !is_compared(name) {
            return;
        }
        let is_known = policy
            .named
            .get(&ty)
            .is_some_and(|names| names.contains(&Value::Name(name.into())));
        let candidates = shortened(name)
            .filter_map(|short| known.get(&(ty, short)))
            .flatten();
        let near = candidates
            .filter(|near| strsim::damerau_levenshtein(name, near) == 1)
            .min();
        if let (false, Some(near)) = (is_known, near) {
            let ty = &policy.types.named(ty).name;
            near_ones.push((place(), error::near_name(name, near, ty, place())));
        }
    };
    let mut seen: HashSet<(TypeId, &str)> = HashSet::new();
    for fact in facts.written() {
        let fields = &policy.relation(fact.relation).fields;
        for (value, field) in fact.args.iter().zip(fields) {
            if let (Value::Name(name), Type::Entity(ty)) = (value, field.ty)
                && seen.insert((ty, name))
            {
                look(ty, name, &|| fact.place);
            }
        }
    }
    each_name(policy, facts, |ty, code, (batch, row)| {
        if let Some(name) = facts.symbols().name(code)
            && !seen.contains(&(ty, name))
        {
            look(ty, name, &|| batch.place(row));
        }
    });
    near_ones.sort_by_key(|(place, _)| in_order(*place));
    near_ones.truncate(MOST_SLIPS);
    diagnostics.list = near_ones.into_iter().map(|(_, found)| found).collect();
    diagnostics
}

/// A name with a digit in it is one of a series, and near its neighbours by intent.
fn is_compared(name: &str) -> bool {
    COMPARED.contains(&name.chars().count()) && !name.chars().any(|letter| letter.is_ascii_digit())
}

/// The policy's names by what is left of them without one letter: two names one letter apart meet there.
fn neighbours(policy: &Policy) -> HashMap<(TypeId, String), Vec<&str>> {
    let mut neighbours: HashMap<(TypeId, String), Vec<&str>> = HashMap::new();
    for (ty, names) in &policy.named {
        for value in names {
            if let Value::Name(name) = value
                && is_compared(name)
            {
                for short in shortened(name) {
                    neighbours.entry((*ty, short)).or_default().push(name);
                }
            }
        }
    }
    neighbours
}

/// The name, and the name without each of its letters.
fn shortened(name: &str) -> impl Iterator<Item = String> {
    let without = name.char_indices().map(|(at, letter)| {
        let mut short = String::with_capacity(name.len());
        short.push_str(&name[..at]);
        short.push_str(&name[at + letter.len_utf8()..]);
        short
    });
    std::iter::once(name.to_owned()).chain(without)
}
