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
pub fn summary(context: Context<'_>, verdicts: &[Verdict]) -> Vec<(String, Standing, Count)> {
    let mut counts: BTreeMap<(&str, Standing), Count> = BTreeMap::new();
    for verdict in verdicts {
        let relation = &context.policy.relation(verdict.claim.relation).name;
        let count = counts.entry((relation, verdict.standing)).or_default();
        count.verdicts += 1;
        count.by_no_clause += u64::from(verdict.by.is_empty());
        for clause in &verdict.by {
            *count.by.entry(clause.clone()).or_default() += 1;
        }
    }
    let counts = counts.into_iter();
    counts
        .map(|((relation, standing), count)| (relation.to_owned(), standing, count))
        .collect()
}

/// As a table: a line a verdict, and one below it a clause.
pub fn summary_text(counts: &[(String, Standing, Count)]) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    for (relation, standing, count) in counts {
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
pub fn summary_json(counts: &[(String, Standing, Count)]) -> Json {
    let counts = counts.iter().map(|(relation, standing, count)| {
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
