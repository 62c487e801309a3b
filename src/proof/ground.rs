//! On what a proof stands, in words that two policies have in common: nothing of it changes where things are moved or
//! renamed.

use super::canonical::rule_meaning;
use super::proof::{Claim, Proof, Step};
use crate::ir::{ClauseId, Policy};
use std::collections::BTreeSet;

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
            let (home, text) = (clause(rule.home), rule_meaning(policy, rule));
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

fn atom(policy: &Policy, claim: &Claim) -> String {
    let relation = policy.relation(claim.relation);
    let fields = relation.fields.iter().zip(&claim.args);
    let values = fields.map(|(field, value)| policy.types.literal(value, field.ty));
    let values: Vec<String> = values.collect();
    format!("{}({})", relation.name, values.join(", "))
}
