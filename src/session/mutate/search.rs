//! Looks for a case that tells a policy from a changed one: facts of the cases there are, with small changes.

use super::{Mutant, Mutation};
use crate::facts::{self, Facts};
use crate::ir::Policy;
use crate::session::Session;
use crate::session::diff::{Stand, verdicts_of};
use crate::value::{Date, Type, Value};
use serde::{Deserialize, Serialize};

/// How many sets of facts are tried for one change.
const MOST_TRIALS: usize = 60;

/// A case that would have noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caught {
    /// The case, ready to be put into a file of cases.
    pub text: String,
}

/// A case that notices the change, and how many sets of facts were tried.
pub(super) fn search(
    mutation: &Mutation,
    mutant: &Mutant,
    changed: &Session,
    cases: &[usize],
) -> (Option<Caught>, usize) {
    let session = &mutation.session;
    let mut tried = 0;
    // First all cases as they are: mostly one looks at too little. Then each with small changes.
    for is_varied in [false, true] {
        for case in cases {
            let own = session.case_facts(*case);
            if !own.presumptions.is_empty() {
                continue;
            }
            let varied = match is_varied {
                true => variants(&session.policy, &own, mutant),
                false => vec![own],
            };
            for facts in varied {
                if tried == MOST_TRIALS {
                    return (None, tried);
                }
                tried += 1;
                if let Some(text) = told_apart(mutation, mutant, changed, *case, &facts) {
                    return (Some(Caught { text }), tried);
                }
            }
        }
    }
    (None, tried)
}

/// The case with these facts, if the policies differ about them.
fn told_apart(
    mutation: &Mutation,
    mutant: &Mutant,
    changed: &Session,
    case: usize,
    facts: &Facts,
) -> Option<String> {
    let session = &mutation.session;
    let circumstances = session.case_circumstances(case);
    let before = verdicts_of(session, facts, &circumstances)?;
    let after = verdicts_of(changed, facts, &circumstances)?;
    let atoms = before.keys().chain(after.keys());
    let stand = |list: &std::collections::BTreeMap<String, Stand>, atom: &str| {
        list.get(atom).copied().unwrap_or(Stand::Absent)
    };
    let mut differing = atoms.filter(|atom| stand(&before, atom) != stand(&after, atom));
    // What must never be is no part of a case that stands by itself.
    let atom = differing.find(|atom| !atom.starts_with("never "))?;
    let expected = match stand(&before, atom) {
        Stand::Holds => format!("expect {atom}."),
        Stand::Open => format!("expect open {atom}."),
        Stand::Absent => format!("expect not {atom}."),
    };
    Some(written(session, case, facts, mutant, &expected))
}

fn written(
    session: &Session,
    case: usize,
    facts: &Facts,
    mutant: &Mutant,
    expected: &str,
) -> String {
    let own = &session.policy.cases[case];
    let clause = mutant.clause.as_deref().unwrap_or("definitions");
    let line = session
        .sources
        .cite(crate::source::Place::Span(mutant.span));
    let line = line.rsplit(':').next().unwrap_or_default().to_owned();
    let mut out = format!(
        "case \"{clause}, line {line}: {}\"",
        mutant.what.replace('`', "")
    );
    if let Some(day) = own.known_at {
        out += &format!(" known at {day}");
    }
    for notice in &own.without {
        out += &format!(" without {}", session.policy.notice(*notice).id);
    }
    out += " {\n";
    for fact in &facts.list {
        let not = if fact.denied { "not " } else { "" };
        let atom = session.context().atom(fact.relation, &fact.args);
        let days = fact
            .days
            .map(|(from, through)| session.context().stretch(from, through));
        let days = match days.as_deref() {
            None | Some("on every day") => String::new(),
            // A fact has no `on`: it is from and through that day.
            Some(words) => match words.strip_prefix("on ") {
                Some(day) => format!(" from {day} through {day}"),
                None => format!(" {words}"),
            },
        };
        out += &format!("    {not}{atom}{days}.\n");
    }
    out + &format!("    {expected}\n}}\n")
}

/// The facts with one small change each: days and numbers at the boundary that was moved, and one fact less.
fn variants(policy: &Policy, facts: &Facts, mutant: &Mutant) -> Vec<Facts> {
    let mut list = Vec::new();
    let with = |at: usize, field: usize, value: Value| {
        let mut varied = facts.clone();
        varied.list[at].args[field] = value;
        varied
    };
    let days: Vec<Date> = match mutant.day {
        Some(day) => [day.yesterday().ok(), Some(day), day.tomorrow().ok()]
            .into_iter()
            .flatten()
            .collect(),
        None => Vec::new(),
    };
    for (at, fact) in facts.list.iter().enumerate() {
        let fields = &policy.relation(fact.relation).fields;
        for (field, value) in fact.args.iter().enumerate() {
            let ty = fields[field].ty;
            let others: Vec<Value> = match (value, ty) {
                (Value::Date(_), _) => days.iter().copied().map(Value::Date).collect(),
                (Value::Number(_), Type::Number(_)) => numbers(policy, ty, mutant),
                _ => Vec::new(),
            };
            let others = others.into_iter().filter(|other| other != value);
            list.extend(others.map(|other| with(at, field, other)));
        }
    }
    for at in 0..facts.list.len() {
        let mut less = facts.clone();
        less.list.remove(at);
        list.push(less);
    }
    list
}

/// The number that is compared with, and those beside it.
fn numbers(policy: &Policy, ty: Type, mutant: &Mutant) -> Vec<Value> {
    let Some(number) = &mutant.number else {
        return Vec::new();
    };
    let beside = [-1, 1].map(|step| super::edits::moved(number, step));
    let words = std::iter::once(Some(number.clone())).chain(beside);
    words
        .flatten()
        .filter_map(|words| facts::value(policy, ty, words.trim_end_matches('%')))
        .collect()
}

/// Whether the facts name a day, or the one before or after it.
pub(super) fn names_day(facts: &Facts, day: Option<Date>) -> bool {
    let Some(day) = day else {
        return true;
    };
    let is = |near: Option<Date>, other: &Date| near.as_ref() == Some(other);
    let is_near = |value: &Value| match value {
        Value::Date(other) => {
            *other == day || is(day.yesterday().ok(), other) || is(day.tomorrow().ok(), other)
        }
        _ => false,
    };
    facts.list.iter().any(|fact| fact.args.iter().any(&is_near))
}
