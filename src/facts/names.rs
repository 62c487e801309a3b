//! The names of entities in policy and facts.

use super::error::{self, MOST_SLIPS};
use crate::diagnostic::Diagnostics;
use crate::ir::{Fact, Policy};
use crate::source::Place;
use crate::value::{Type, TypeId, TypeKind, Value};
use hashbrown::{DefaultHashBuilder, HashMap, HashSet};
use indexmap::IndexSet;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The shortest and longest name that is compared with others.
const COMPARED: std::ops::RangeInclusive<usize> = 5..=64;

/// Names, each once, in the order in which they were found.
pub type Names = IndexSet<Value, DefaultHashBuilder>;

/// Every name, by type; the members of closed sets are all named.
pub(super) fn named(policy: &Policy, facts: &[Fact]) -> BTreeMap<TypeId, Names> {
    let of_policy = policy.named.iter();
    let of_policy = of_policy.map(|(ty, names)| (*ty, names.iter().cloned().collect()));
    let mut named: BTreeMap<TypeId, Names> = of_policy.collect();
    for (at, ty) in policy.types.named.iter().enumerate() {
        if let TypeKind::Set { members, .. } = &ty.kind {
            let all = (0..members.len() as u32).map(Value::Member);
            named.entry(TypeId(at as u32)).or_default().extend(all);
        }
    }
    for fact in facts {
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

fn entities<'a>(
    policy: &'a Policy,
    facts: &'a [Fact],
) -> impl Iterator<Item = (TypeId, &'a Arc<str>, Place)> {
    facts.iter().flat_map(|fact| {
        let fields = &policy.relation(fact.relation).fields;
        fact.args
            .iter()
            .zip(fields)
            .filter_map(|(value, field)| match (value, field.ty) {
                (Value::Name(name), Type::Entity(ty)) => Some((ty, name, fact.place)),
                _ => None,
            })
    })
}

/// Names that are one letter away from a name in the policy: probably slips.
pub(super) fn near_names(policy: &Policy, facts: &[Fact]) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    let known = neighbours(policy);
    if known.is_empty() {
        return diagnostics;
    }
    let mut seen: HashSet<(TypeId, &str)> = HashSet::new();
    for (ty, name, place) in entities(policy, facts) {
        if diagnostics.list.len() == MOST_SLIPS || !seen.insert((ty, name)) {
            continue;
        }
        let is_known = policy
            .named
            .get(&ty)
            .is_some_and(|names| names.contains(&Value::Name(Arc::clone(name))));
        if is_known || !is_compared(name) {
            continue;
        }
        let candidates = shortened(name)
            .filter_map(|short| known.get(&(ty, short)))
            .flatten();
        let near = candidates
            .filter(|near| strsim::damerau_levenshtein(name, near) == 1)
            .min();
        if let Some(near) = near {
            let ty = &policy.types.named(ty).name;
            diagnostics.push(error::near_name(name, near, ty, place));
        }
    }
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
