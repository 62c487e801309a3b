//! Facts of a case with one small change each: a day or a number at the boundary that was moved, one fact less, one fact more.

use super::{Mutant, Mutation, edits};
use crate::facts::{self, Facts};
use crate::ir::{Fact, Kind, Literal, Policy, RelationId, RelationKind};
use crate::source::{Place, Span};
use crate::value::{Date, Type, Value};
use std::collections::BTreeSet;

/// How many facts of one relation are added in turn.
const MOST_OF_ONE: usize = 12;

/// The facts with one small change each, those first that are most about the change of the policy.
pub(super) fn variants(mutation: &Mutation, facts: &Facts, mutant: &Mutant) -> Vec<Facts> {
    let policy = &mutation.session.policy;
    let mut list = at_the_boundary(policy, facts, mutant);
    for relation in inputs_below(policy, mutant.span) {
        let more = facts_about(policy, facts, mutant, relation);
        list.extend(more.into_iter().map(|fact| {
            let mut varied = facts.clone();
            varied.list_mut().push(fact);
            varied
        }));
    }
    for at in 0..facts.len() {
        let mut less = facts.clone();
        less.list_mut().remove(at);
        list.push(less);
    }
    list
}

fn at_the_boundary(policy: &Policy, facts: &Facts, mutant: &Mutant) -> Vec<Facts> {
    let mut list = Vec::new();
    for (at, fact) in facts.written().iter().enumerate() {
        let fields = &policy.relation(fact.relation).fields;
        for (field, value) in fact.args.iter().enumerate() {
            for other in beside(policy, fields[field].ty, mutant) {
                if other != *value {
                    let mut varied = facts.clone();
                    varied.list_mut()[at].args[field] = other;
                    list.push(varied);
                }
            }
        }
    }
    list
}

/// The values of that type at the boundary that was moved, and beside it.
fn beside(policy: &Policy, ty: Type, mutant: &Mutant) -> Vec<Value> {
    match (ty, mutant.day, &mutant.number) {
        (Type::Date, Some(day), _) => {
            let days: [Option<Date>; 3] = [day.yesterday().ok(), Some(day), day.tomorrow().ok()];
            days.into_iter().flatten().map(Value::Date).collect()
        }
        (Type::Number(_), _, Some(number)) => {
            let moved = [-1, 1].map(|step| edits::moved(number, step));
            let words = std::iter::once(Some(number.clone())).chain(moved);
            let read = |words: String| facts::value(policy, ty, words.trim_end_matches('%'));
            words.flatten().filter_map(read).collect()
        }
        _ => Vec::new(),
    }
}

/// The inputs and judgements on which the rule or exemption in that place rests, the nearest first.
fn inputs_below(policy: &Policy, place: Span) -> Vec<RelationId> {
    let holds =
        |span: Span| span.file == place.file && span.start <= place.start && place.end <= span.end;
    let rules = policy.rules.iter().filter(|rule| holds(rule.span));
    let exemptions = policy.exemptions.iter().filter(|it| holds(it.span));
    let bodies = rules.map(|rule| &rule.body);
    let bodies = bodies.chain(exemptions.map(|exemption| &exemption.body));
    let mut open: Vec<RelationId> = bodies.flat_map(|body| relations_in(body)).collect();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    while !open.is_empty() {
        let mut below = Vec::new();
        for relation in open {
            if !seen.insert(relation) {
                continue;
            }
            match policy.relation(relation).kind {
                Kind::Declared(RelationKind::Input | RelationKind::Judgement) => {
                    found.push(relation);
                }
                Kind::Declared(RelationKind::Relation | RelationKind::Verdict) => {
                    let rules = policy.rules.iter();
                    let rules = rules.filter(|rule| rule.head.relation == relation);
                    below.extend(rules.flat_map(|rule| relations_in(&rule.body)));
                }
                Kind::Declared(RelationKind::Event) | Kind::Names(_) | Kind::Constraint(_) => {}
            }
        }
        open = below;
    }
    found
}

fn relations_in(body: &[Literal]) -> Vec<RelationId> {
    let each = body.iter().flat_map(|literal| match literal {
        Literal::Holds(premise) | Literal::Absent(premise) => vec![premise.atom.relation],
        Literal::Aggregate(aggregate) => relations_in(&aggregate.body),
        Literal::Or(sides, _) => sides.iter().flat_map(|side| relations_in(side)).collect(),
        Literal::Exempted(exempted) => vec![exempted.atom.relation],
        Literal::Compare(_) | Literal::Bind(_) | Literal::Test(_) => Vec::new(),
    });
    each.collect()
}

/// Facts of a relation about what the case speaks of.
fn facts_about(policy: &Policy, facts: &Facts, mutant: &Mutant, relation: RelationId) -> Vec<Fact> {
    let declared = policy.relation(relation);
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for field in &declared.fields {
        let values = values_of(policy, facts, mutant, field.ty);
        let longer = rows.iter().flat_map(|row| {
            let extended = values
                .iter()
                .map(|value| [row.as_slice(), std::slice::from_ref(value)].concat());
            extended.collect::<Vec<_>>()
        });
        rows = longer.take(MOST_OF_ONE).collect();
    }
    let ways: &[bool] = match declared.kind {
        Kind::Declared(RelationKind::Judgement) => &[false, true],
        _ => &[false],
    };
    let given = |row: &Vec<Value>| {
        let mut list = facts.written().iter();
        list.any(|fact| fact.relation == relation && fact.args == *row)
    };
    let rows = rows.into_iter().filter(|row| !given(row));
    let facts = rows.flat_map(|args| {
        ways.iter().map(move |denied| Fact {
            relation,
            args: args.clone(),
            days: None,
            denied: *denied,
            place: Place::Assumed,
        })
    });
    facts.collect()
}

/// The values of that type of which the case speaks; the members of a closed set; numbers and days at the boundary.
fn values_of(policy: &Policy, facts: &Facts, mutant: &Mutant, ty: Type) -> Vec<Value> {
    let mut values = beside(policy, ty, mutant);
    match ty {
        Type::Set(set) => {
            let members = 0..policy.types.members(set).len() as u32;
            values.extend(members.take(MOST_OF_ONE).map(Value::Member));
        }
        Type::Bool => values.extend([true, false].map(Value::Bool)),
        Type::Entity(_) | Type::Text | Type::Number(_) | Type::Date => {
            for fact in facts.written().iter() {
                let fields = policy.relation(fact.relation).fields.iter();
                let spoken = fields.zip(&fact.args).filter(|(field, _)| field.ty == ty);
                let spoken = spoken.map(|(_, value)| value);
                values.extend(
                    spoken
                        .filter(|it| !matches!(it, Value::None | Value::Unknown))
                        .cloned(),
                );
            }
        }
    }
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    values
}
