//! On what a proof stands, in words that two policies have in common: nothing of it changes where things are moved or
//! renamed.

use super::canonical::rule_meaning;
use super::proof::{Claim, Proof, Step};
use crate::ir::{ClauseId, Kind, Policy, Rule};
use std::collections::BTreeSet;

/// What every `never` is called here.
const NEVER: &str = "never";

/// The rules (with their clauses), facts and judgements that a proof uses, each with what it concludes. What the proof only
/// looked at and did not need (exemptions that do not apply, from when to when a clause is in force) is no part of it.
pub fn ground(policy: &Policy, proof: &Proof) -> BTreeSet<String> {
    proof
        .steps
        .iter()
        .filter_map(|step| told(policy, step))
        .collect()
}

fn told(policy: &Policy, step: &Step) -> Option<String> {
    let clause = |clause: Option<ClauseId>| clause.map_or(String::new(), |at| policy.citation(at));
    match step {
        Step::Rule(step) => {
            let rule = policy.rule(step.rule);
            let (home, text) = (clause(rule.home), without_number(policy, rule));
            Some(format!("{home} {text}: {}", atom(policy, &step.claim)))
        }
        Step::Fact(step) => Some(format!(
            "{} {}",
            clause(step.clause),
            atom(policy, &step.claim)
        )),
        Step::Judgement(step) => Some(format!("{} {}", step.truth, atom(policy, &step.claim))),
        Step::Aggregate(step) => Some(format!("{} {:?}", step.function, step.result.0)),
        Step::Named(_)
        | Step::Absent(_)
        | Step::Compare(_)
        | Step::Exemption(_)
        | Step::InForce(_)
        | Step::Review(_) => None,
    }
}

/// What a rule says; of a `never`, whatever its place among them.
fn without_number(policy: &Policy, rule: &Rule) -> String {
    let head = policy.relation(rule.head.relation);
    let meaning = rule_meaning(policy, rule);
    match head.kind {
        Kind::Constraint(_) => meaning.replacen(&head.name, NEVER, 1),
        Kind::Declared(_) | Kind::Names(_) => meaning,
    }
}

fn atom(policy: &Policy, claim: &Claim) -> String {
    let relation = policy.relation(claim.relation);
    let name = match relation.kind {
        Kind::Constraint(_) => NEVER,
        Kind::Declared(_) | Kind::Names(_) => &relation.name,
    };
    let fields = relation.fields.iter().zip(&claim.args);
    let values = fields.map(|(field, value)| policy.types.literal(value, field.ty));
    let values: Vec<String> = values.collect();
    format!("{name}({})", values.join(", "))
}
