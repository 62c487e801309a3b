//! What is different between two snapshots: first in words, verdict by verdict, then line by line.

use similar::{ChangeTag, TextDiff};
use std::collections::BTreeMap;

/// What is different between a snapshot and what comes out now.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Verdict by verdict, in the order of their sentences.
    pub changes: Vec<Change>,
    /// Line by line: `-` and what was, `+` and what is, with some lines around them.
    pub lines: String,
}

/// What became of a verdict, as its sentence says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    Gained(String),
    /// It is no longer there.
    Lost(String),
    /// It is there on another ground: by other clauses, on other days.
    Ground(String, String, String),
    /// It was settled, and is open.
    Opened(String),
    /// It was open, and holds.
    Settled(String),
    /// An expectation has another proof, or another reason why it does not hold, with the verdicts as they were.
    Proof(String),
    /// The title, or which expectations there are.
    Case,
}

impl Change {
    /// As a line of text.
    pub fn to_words(&self) -> String {
        match self {
            Change::Gained(verdict) => format!("gained: {verdict}"),
            Change::Lost(verdict) => format!("lost: {verdict}"),
            Change::Ground(verdict, before, now) => {
                format!("other ground: {verdict} {now}, before {before}")
            }
            Change::Opened(verdict) => format!("now open: {verdict}"),
            Change::Settled(verdict) => format!("no longer open: {verdict}"),
            Change::Proof(expect) => format!("other reason: {expect}"),
            Change::Case => "the case itself expects something else".into(),
        }
    }
}

/// Lines shown around each that is different.
const AROUND: usize = 2;

impl Difference {
    /// Between what was reviewed and what comes out now.
    pub fn between(before: &str, now: &str) -> Difference {
        let (old, new) = (Parts::of(before), Parts::of(now));
        let mut changes = verdicts(&old.verdicts, &new.verdicts);
        let is_same_case = old.title == new.title && old.expects.keys().eq(new.expects.keys());
        changes.extend((!is_same_case).then_some(Change::Case));
        let other = new.expects.iter().filter(|(expect, reason)| {
            let before = old.expects.get(*expect);
            before.is_some_and(|before| before != *reason)
        });
        changes.extend(other.map(|(expect, _)| Change::Proof((*expect).to_owned())));
        Difference {
            changes,
            lines: lines(before, now),
        }
    }
}

/// A snapshot in its parts.
#[derive(Default)]
struct Parts<'a> {
    title: &'a str,
    /// By sentence: whether it is open, and its ground.
    verdicts: BTreeMap<&'a str, (bool, &'a str)>,
    /// By expectation: why.
    expects: BTreeMap<&'a str, String>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Parts<'a> {
        let mut parts = Parts::default();
        let mut lines = text.trim_end().lines();
        parts.title = lines.next().unwrap_or_default();
        let mut lines = lines.skip_while(|line| *line != "Verdicts:").skip(1);
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            let (is_open, rest) = match line.strip_prefix("open: ") {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            let (sentence, ground) = match rest.find(" [") {
                Some(at) => (&rest[..at], &rest[at + 1..]),
                None => (rest, ""),
            };
            parts.verdicts.insert(sentence, (is_open, ground));
        }
        let mut expect = "";
        for line in lines {
            if line.starts_with("expect ") {
                expect = line;
                parts.expects.entry(expect).or_default();
            } else if let Some(reason) = parts.expects.get_mut(expect) {
                *reason += line;
                reason.push('\n');
            }
        }
        for reason in parts.expects.values_mut() {
            reason.truncate(reason.trim_end().len());
        }
        parts
    }
}

fn verdicts(old: &BTreeMap<&str, (bool, &str)>, new: &BTreeMap<&str, (bool, &str)>) -> Vec<Change> {
    let mut sentences: Vec<&str> = old.keys().chain(new.keys()).copied().collect();
    sentences.sort_unstable();
    sentences.dedup();
    let change = |sentence: &str| {
        let verdict = sentence.to_owned();
        Some(match (old.get(sentence), new.get(sentence)) {
            (None, Some(_)) => Change::Gained(verdict),
            (Some(_), None) => Change::Lost(verdict),
            (Some((false, _)), Some((true, _))) => Change::Opened(verdict),
            (Some((true, _)), Some((false, _))) => Change::Settled(verdict),
            (Some((_, before)), Some((_, now))) if before != now => {
                Change::Ground(verdict, (*before).to_owned(), (*now).to_owned())
            }
            _ => return None,
        })
    };
    sentences.into_iter().filter_map(change).collect()
}

fn lines(before: &str, now: &str) -> String {
    let [before, now] = [before, now].map(|text| format!("{}\n", text.trim_end()));
    let diff = TextDiff::from_lines(before.as_str(), now.as_str());
    let mut out = String::new();
    for (at, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if at > 0 {
            out.push_str("  …\n");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            out.push_str(&format!(
                "{sign} {}\n",
                change.value().trim_end_matches('\n')
            ));
        }
    }
    out
}
