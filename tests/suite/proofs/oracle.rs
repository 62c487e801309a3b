//! The engine's answers held against the definition: what proofs are made of, straight from the policy.

use super::ask::{Asked, concluded};
use lexlog::ir::RelationId;
use lexlog::proof::proof::{Proof, Step};
use lexlog::proof::{Claim, Pattern, World};
use lexlog::value::{Date, Value};
use std::collections::BTreeSet;

/// What the policy concludes holds, and nothing else (standing relations: on these days); and what holds has a proof.
/// Gives the number of proofs.
pub fn hold_to_the_definition(asked: &Asked, days: &[&str]) -> usize {
    let days: Vec<Option<Date>> = days.iter().map(|day| day.parse().ok()).collect();
    asked.ask(|world| {
        let relations = concluded(&asked.policy);
        relations
            .map(|relation| hold_relation(asked, world, relation, &days))
            .sum()
    })
}

fn hold_relation(
    asked: &Asked,
    world: &World<'_>,
    relation: RelationId,
    days: &[Option<Date>],
) -> usize {
    let declared = asked.policy.relation(relation);
    let open: Vec<Option<Value>> = vec![None; declared.fields.len()];
    let mut proofs = 0;
    let plain = [None];
    for day in if declared.standing { days } else { &plain } {
        let rows = world.extension.matching(relation, &open, *day);
        let held: BTreeSet<Vec<Value>> = rows.into_iter().collect();
        let concluded = world.conclusions(relation, *day);
        assert_eq!(held, concluded, "{} {day:?}", declared.name);
        proofs += held.len();
        hold_proofs(asked, world, relation, *day, held);
        let why_not = world.why_not(&Pattern {
            present: Vec::new(),
            relation,
            args: open.clone(),
            day: *day,
        });
        asked.outline_why_not(&why_not);
    }
    proofs
}

fn hold_proofs(
    asked: &Asked,
    world: &World<'_>,
    relation: RelationId,
    day: Option<Date>,
    held: BTreeSet<Vec<Value>>,
) {
    let mut prover = world.prover();
    for args in held {
        let claim = Claim {
            relation,
            args,
            day,
        };
        let proof = prover.prove(&claim).expect("what holds has a proof");
        assert_eq!(concluded_by(&proof), Some(&claim));
        let fresh = world.prove(&claim).expect("what holds has a proof");
        assert_eq!(asked.outline(&proof), asked.outline(&fresh));
    }
}

fn concluded_by(proof: &Proof) -> Option<&Claim> {
    match proof.steps.last()? {
        Step::Rule(rule) => Some(&rule.claim),
        Step::Fact(fact) => Some(&fact.claim),
        _ => None,
    }
}
