//! Where the time and the memory of a run went: `run --stats`; in which order rules were taken apart: `run --plan`.

use super::Context;
use crate::source::{Place, Span};
use crate::value::{counted, with_commas};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct RunStats {
    /// What the command was about, one after the other, and how long.
    pub phases: Vec<(&'static str, Duration)>,
    /// The facts that were given.
    pub given: usize,
    /// The strata in the order in which they ran.
    pub strata: Vec<StratumStats>,
    /// What it took, of all that, to keep what proofs need.
    pub for_proofs: Duration,
    /// The rules, those that took longest first.
    pub rules: Vec<RuleStats>,
    /// The most memory that was seen in use, in bytes; 0 where nobody tells.
    pub memory: u64,
}

/// One stratum: relations that are worked out together.
#[derive(Clone, Debug)]
pub struct StratumStats {
    /// The names of its relations.
    pub relations: Vec<String>,
    /// In how many rounds.
    pub rounds: usize,
    /// Facts that came.
    pub derived: usize,
    /// How long it took.
    pub time: Duration,
}

/// One rule, exemption, list or declaration, with all that it was made into.
#[derive(Clone, Debug)]
pub struct RuleStats {
    /// Where it is written.
    pub span: Option<Span>,
    /// The relations that it gives rows of.
    pub relation: String,
    /// Combinations that were tried.
    pub tried: usize,
    /// Facts that came of it.
    pub derived: usize,
    /// How long it took.
    pub time: Duration,
    /// The orders in which its conditions were taken.
    pub plans: Vec<PlanStats>,
}

/// One way of running a rule.
#[derive(Clone, Debug)]
pub struct PlanStats {
    /// The conclusion, as the engine has it.
    pub head: String,
    /// How often it was run.
    pub runs: usize,
    /// Rows that came of it.
    pub derived: usize,
    /// Whether they are facts, and not a step on the way to them.
    pub has_facts: bool,
    /// The conditions in the order in which they were taken.
    pub steps: Vec<StepStats>,
}

/// A condition at its turn.
#[derive(Clone, Debug)]
pub struct StepStats {
    /// As the engine has it.
    pub words: String,
    /// The rows that were expected to be looked through: those that its relation had when the order was chosen.
    pub estimate: Option<usize>,
    /// The combinations that came through it.
    pub passed: usize,
}

/// How many rules and strata are told.
const MOST_ROWS: usize = 12;
/// How much of a rule's words is shown.
const WORDS: usize = 44;

/// Where time and memory went, for people.
pub fn stats_text(context: Context<'_>, stats: &RunStats) -> String {
    let mut out = String::from("\nseconds\n");
    for (name, time) in &stats.phases {
        out += &format!("{}  {name}\n", seconds(*time));
    }
    let kept = seconds(stats.for_proofs);
    out += &format!("{kept}  of it: to keep what proofs need\n");
    out += &format!("\n{} given\n", counted(stats.given, "fact"));
    if stats.memory > 0 {
        out += &format!("{} of memory at most\n", mebibytes(stats.memory));
    }
    let mut strata: Vec<(usize, &StratumStats)> = stats.strata.iter().enumerate().collect();
    strata.sort_by_key(|(at, stratum)| (std::cmp::Reverse(stratum.time), *at));
    out += "\nseconds     rounds        facts  stratum\n";
    for (at, stratum) in strata.iter().take(MOST_ROWS) {
        out += &format!(
            "{} {:>10} {:>12}  {} of {}: {}\n",
            seconds(stratum.time),
            with_commas(stratum.rounds as u64),
            with_commas(stratum.derived as u64),
            at + 1,
            stats.strata.len(),
            shortened(&stratum.relations.join(", ")),
        );
    }
    out += "\nseconds        tried        facts  rule\n";
    for rule in stats.rules.iter().take(MOST_ROWS) {
        out += &format!(
            "{} {:>12} {:>12}  {}\n{:37}{}\n",
            seconds(rule.time),
            with_commas(rule.tried as u64),
            with_commas(rule.derived as u64),
            place(&context, rule),
            "",
            shortened(&words(&context, rule)),
        );
    }
    out
}

/// The same, for machines.
pub fn stats_json(context: Context<'_>, stats: &RunStats) -> Json {
    let phases = stats.phases.iter();
    let phases = phases.map(|(name, time)| json!({ "phase": name, "seconds": time.as_secs_f64() }));
    let strata = stats.strata.iter().map(|stratum| {
        json!({
            "relations": stratum.relations,
            "rounds": stratum.rounds,
            "derived": stratum.derived,
            "seconds": stratum.time.as_secs_f64(),
        })
    });
    let rules = stats.rules.iter().map(|rule| {
        json!({
            "source": place(&context, rule),
            "relation": rule.relation,
            "tried": rule.tried,
            "derived": rule.derived,
            "seconds": rule.time.as_secs_f64(),
        })
    });
    json!({
        "seconds_for_proofs": stats.for_proofs.as_secs_f64(),
        "phases": phases.collect::<Vec<_>>(),
        "given": stats.given,
        "strata": strata.collect::<Vec<_>>(),
        "rules": rules.collect::<Vec<_>>(),
        "peak_memory": stats.memory,
    })
}

/// In which order the conditions of each rule were taken, for people.
pub fn plan_text(context: Context<'_>, stats: &RunStats) -> String {
    let mut out = String::new();
    let mut rules: Vec<&RuleStats> = stats.rules.iter().collect();
    rules.sort_by_key(|rule| rule.span);
    for rule in rules {
        out += &format!("\n{}\n", place(&context, rule));
        for plan in &rule.plans {
            out += &format!(
                "  {}: run {}, {}\n",
                plan.head,
                counted(plan.runs, "time"),
                counted(plan.derived, if plan.has_facts { "fact" } else { "row" })
            );
            for (at, step) in plan.steps.iter().enumerate() {
                let estimate = step.estimate.map_or(String::new(), |rows| {
                    format!(", of {}", counted(rows, "row"))
                });
                out += &format!(
                    "    {}. {}{estimate}: {} came through\n",
                    at + 1,
                    step.words,
                    with_commas(step.passed as u64)
                );
            }
        }
    }
    out
}

/// The same, for machines.
pub fn plan_json(context: Context<'_>, stats: &RunStats) -> Json {
    let rules = stats.rules.iter().map(|rule| {
        let plans = rule.plans.iter().map(|plan| {
            let steps = plan.steps.iter().map(|step| {
                json!({ "condition": step.words, "estimate": step.estimate, "passed": step.passed })
            });
            json!({
                "conclusion": plan.head,
                "runs": plan.runs,
                "derived": plan.derived,
                "steps": steps.collect::<Vec<_>>(),
            })
        });
        json!({ "source": place(&context, rule), "plans": plans.collect::<Vec<_>>() })
    });
    Json::Array(rules.collect())
}

fn place(context: &Context<'_>, rule: &RuleStats) -> String {
    match rule.span {
        Some(span) => context.place(Place::Span(span)),
        None => rule.relation.clone(),
    }
}

fn words(context: &Context<'_>, rule: &RuleStats) -> String {
    rule.span.map_or_else(
        || rule.relation.clone(),
        |span| super::tree::words(context, span),
    )
}

fn shortened(words: &str) -> String {
    match words.char_indices().nth(WORDS) {
        None => words.to_owned(),
        Some((end, _)) => format!("{}…", &words[..end]),
    }
}

fn seconds(time: Duration) -> String {
    format!("{:>7.3}", time.as_secs_f64())
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", with_commas(bytes >> 20))
}
