//! How many verdicts there are, by verdict and clause: `run --summary`.

use super::Context;
use super::verdict::{Standing, Verdict};
use crate::value::with_commas;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The verdicts of one relation that stand alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many there are.
    pub verdicts: u64,
    /// How many of them each clause gives, as cited. What two clauses give counts for both.
    pub by: BTreeMap<String, u64>,
    /// How many of them only rules outside of clauses give.
    pub by_no_clause: u64,
}

/// How many verdicts there are, by relation and how they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<(String, Standing), Count>);

impl Counts {
    /// Counts these too.
    pub fn add(&mut self, context: Context<'_>, verdicts: &[Verdict]) {
        for verdict in verdicts {
            let relation = &context.policy.relation(verdict.claim.relation).name;
            let count = self.0.entry((relation.clone(), verdict.standing));
            let count = count.or_default();
            count.verdicts += 1;
            count.by_no_clause += u64::from(verdict.by.is_empty());
            for clause in &verdict.by {
                *count.by.entry(clause.clone()).or_default() += 1;
            }
        }
    }

    /// Adds what was counted elsewhere.
    pub fn add_all(&mut self, other: &Counts) {
        for (key, more) in &other.0 {
            let count = self.0.entry(key.clone()).or_default();
            count.verdicts += more.verdicts;
            count.by_no_clause += more.by_no_clause;
            for (clause, number) in &more.by {
                *count.by.entry(clause.clone()).or_default() += number;
            }
        }
    }

    /// Whether there is any that stands so.
    pub fn has(&self, standing: Standing) -> bool {
        self.0.keys().any(|(_, other)| *other == standing)
    }
}

/// As a table: a line a verdict, and one below it a clause.
pub fn summary_text(counts: &Counts) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    for ((relation, standing), count) in &counts.0 {
        let name = match standing {
            Standing::Holds => relation.clone(),
            other => format!("{relation}, {}", other.word()),
        };
        lines.push((name, with_commas(count.verdicts)));
        let by = count.by.iter();
        lines.extend(by.map(|(clause, number)| (format!("  {clause}"), with_commas(*number))));
        if count.by_no_clause > 0 && !count.by.is_empty() {
            lines.push(("  no clause".into(), with_commas(count.by_no_clause)));
        }
    }
    let width =
        |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| text.chars().count()).max();
    let left = width(&mut lines.iter().map(|(name, _)| name)).unwrap_or(0);
    let right = width(&mut lines.iter().map(|(_, number)| number)).unwrap_or(0);
    let lines = lines.iter();
    lines
        .map(|(name, number)| format!("{name:left$}  {number:>right$}\n"))
        .collect()
}

/// As data: `[{"relation", "status", "number", "by": {clause: number}, "by_no_clause"}]`.
pub fn summary_json(counts: &Counts) -> Json {
    let counts = counts.0.iter().map(|((relation, standing), count)| {
        json!({
            "relation": relation,
            "status": standing.word(),
            "number": count.verdicts,
            "by": count.by,
            "by_no_clause": count.by_no_clause,
        })
    });
    Json::Array(counts.collect())
}
