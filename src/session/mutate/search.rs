//! Looks for a case that tells a policy from a changed one: facts of the cases there are, with small changes.

use super::variants::variants;
use super::{Mutant, Mutation};
use crate::facts::Facts;
use crate::ir::{Fact, Presumption};
use crate::session::Session;
use crate::session::diff::{Stand, verdicts_of};
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many sets of facts are tried for one change.
const MOST_TRIALS: usize = 120;
/// How long the words of a change may be in a title.
const LONGEST: usize = 60;

/// A case that would have noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caught {
    /// The case, ready to be put into a file of cases.
    pub text: String,
}

/// A policy and a changed one, asked about one set of facts after the other.
pub(super) struct Search<'s> {
    pub(super) mutation: &'s Mutation,
    pub(super) mutant: &'s Mutant,
    pub(super) changed: &'s Session,
}

impl Search<'_> {
    /// A case that notices the change, and how many sets of facts were tried.
    pub(super) fn search(&self, cases: &[usize]) -> (Option<Caught>, usize) {
        let session = &self.mutation.session;
        let mut tried = 0;
        // First all cases as they are: mostly one looks at too little. Then each with small changes.
        for is_varied in [false, true] {
            for case in cases {
                let own = session.case_facts(*case);
                let varied = match is_varied {
                    true => variants(self.mutation, &own, self.mutant),
                    false => vec![own],
                };
                for facts in varied {
                    if tried == MOST_TRIALS {
                        return (None, tried);
                    }
                    tried += 1;
                    if self.told_apart(*case, &facts).is_some() {
                        return (Some(self.caught(*case, facts)), tried);
                    }
                }
            }
        }
        (None, tried)
    }

    /// A verdict of which the policies differ about these facts, and how it stands now.
    fn told_apart(&self, case: usize, facts: &Facts) -> Option<(String, Stand)> {
        let session = &self.mutation.session;
        let circumstances = session.case_circumstances(case);
        let before = verdicts_of(session, facts, &circumstances)?;
        let after = verdicts_of(self.changed, facts, &circumstances)?;
        let stand = |list: &BTreeMap<String, Stand>, atom: &str| {
            list.get(atom).copied().unwrap_or(Stand::Absent)
        };
        let mut atoms = before.keys().chain(after.keys());
        let atom = atoms.find(|atom| {
            // What must never be is no part of a case that stands by itself.
            !atom.starts_with("never ") && stand(&before, atom) != stand(&after, atom)
        })?;
        Some((atom.clone(), stand(&before, atom)))
    }

    /// The case with as few of these facts as still tell the policies apart.
    fn caught(&self, case: usize, mut facts: Facts) -> Caught {
        for at in (0..facts.len()).rev() {
            let mut less = facts.clone();
            less.list_mut().remove(at);
            if self.told_apart(case, &less).is_some() {
                facts = less;
            }
        }
        for at in (0..facts.presumptions.len()).rev() {
            let mut less = facts.clone();
            less.presumptions.remove(at);
            if self.told_apart(case, &less).is_some() {
                facts = less;
            }
        }
        let told = self.told_apart(case, &facts);
        let (atom, stand) = told.expect("facts that do not tell the policies apart are not kept");
        let expected = match stand {
            Stand::Holds => format!("expect {atom}."),
            Stand::Open => format!("expect open {atom}."),
            Stand::Absent => format!("expect not {atom}."),
        };
        Caught {
            text: self.written(case, &facts, &expected),
        }
    }

    fn written(&self, case: usize, facts: &Facts, expected: &str) -> String {
        let session = &self.mutation.session;
        let own = &session.policy.cases[case];
        let mut out = format!("case \"{}\"", self.title());
        if let Some(day) = own.known_at {
            out += &format!(" known at {day}");
        }
        for notice in &own.without {
            out += &format!(" without {}", session.policy.notice(*notice).id);
        }
        out += " {\n";
        for fact in facts.written().iter() {
            out += &format!("    {}.\n", fact_words(session, fact));
        }
        for presumption in &facts.presumptions {
            out += &format!("    {}.\n", presumption_words(session, presumption));
        }
        out + &format!("    {expected}\n}}\n")
    }

    /// What the case is for: `notice/1: 14 nm, not 15 nm`.
    fn title(&self) -> String {
        let clause = self.mutant.clause.as_deref().unwrap_or("definitions");
        let old = self.mutation.session.sources.words(self.mutant.span);
        let [old, new] = [old, &self.mutant.new].map(|words| {
            let words: Vec<&str> = words.split_whitespace().collect();
            let words = words.join(" ").replace('"', "'");
            let words = words.trim_matches([',', '.', ' ']).to_owned();
            match words.char_indices().nth(LONGEST) {
                Some((end, _)) => format!("{}…", &words[..end]),
                None => words,
            }
        });
        let says_nothing = old == "not" || !old.contains(char::is_alphanumeric);
        match (says_nothing, new.is_empty()) {
            (true, _) => format!("{clause}: {}", self.mutant.what.replace('`', "'")),
            (false, true) => format!("{clause}: with {old}"),
            (false, false) => format!("{clause}: {old}, not {new}"),
        }
    }
}

/// A fact as it stands in a case: the first field by position, the others by name where there are several.
fn fact_words(session: &Session, fact: &Fact) -> String {
    let policy = &session.policy;
    let relation = policy.relation(fact.relation);
    let is_named = relation.fields.len() > 2;
    let given = relation.fields.iter().zip(&fact.args).enumerate();
    let given = given.filter(|(_, (_, value))| !matches!(value, Value::None | Value::Unknown));
    let has_gap = given.clone().count() < relation.fields.len();
    let arguments = given.map(|(at, (field, value))| {
        let value = policy.types.literal(value, field.ty);
        match at > 0 && (is_named || has_gap) {
            true => format!("{}: {value}", field.name),
            false => value,
        }
    });
    let arguments: Vec<String> = arguments.collect();
    let arguments = match arguments.is_empty() {
        true => String::new(),
        false => format!("({})", arguments.join(", ")),
    };
    let not = if fact.denied { "not " } else { "" };
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
    format!("{not}{}{arguments}{days}", relation.name)
}

fn presumption_words(session: &Session, presumption: &Presumption) -> String {
    let words = session.sources.words(presumption.rule.span);
    let words = words.trim().trim_end_matches('.').trim_end();
    match words.starts_with("presume") {
        true => words.to_owned(),
        false => format!("presume {words}"),
    }
}
