//! The engine's answers held against the definition: what proofs are made of, straight from the policy.

use super::ask::{Asked, concluded};
use lexlog::ir::{Fact, RelationId};
use lexlog::proof::proof::{Proof, Step};
use lexlog::proof::{Claim, Pattern, World};
use lexlog::source::Place;
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
        let pattern = Pattern {
            present: Vec::new(),
            relation,
            args: open.clone(),
            day: *day,
        };
        asked.outline_why_not(&world.why_not(&pattern));
        world.repairs(&pattern);
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

/// Takes away each fact in turn: what has a proof that does not name it still holds. Gives the number of such pairs.
pub fn hold_to_what_is_named(mut asked: Asked, days: &[&str]) -> usize {
    let days: Vec<Option<Date>> = days.iter().map(|day| day.parse().ok()).collect();
    let proved: Vec<(Claim, String, BTreeSet<Place>)> = asked.ask(|world| {
        let mut prover = world.prover();
        let claims =
            concluded(&asked.policy).flat_map(|relation| held(&asked, world, relation, &days));
        let proved = claims.map(|claim| {
            let proof = prover.prove(&claim).expect("what holds has a proof");
            (claim, asked.outline(&proof), named_in(&proof))
        });
        proved.collect()
    });
    let given = asked.facts.written().to_vec();
    let mut kept = 0;
    for away in given.iter() {
        let is_other = |fact: &Fact| fact.place != away.place;
        let others = given.iter().filter(|fact| is_other(fact));
        *asked.facts.list_mut() = others.cloned().collect();
        kept += asked.ask(|world| {
            let mut kept = 0;
            for (claim, outline, named) in &proved {
                if named.contains(&away.place) {
                    continue;
                }
                let known: Vec<Option<Value>> = claim.args.iter().cloned().map(Some).collect();
                let rows = world.extension.matching(claim.relation, &known, claim.day);
                assert!(
                    !rows.is_empty(),
                    "{} rests on {}, which is not named:\n{outline}",
                    asked.claim(claim),
                    asked.sources.cite(away.place)
                );
                kept += 1;
            }
            kept
        });
    }
    kept
}

fn held(
    asked: &Asked,
    world: &World<'_>,
    relation: RelationId,
    days: &[Option<Date>],
) -> Vec<Claim> {
    let declared = asked.policy.relation(relation);
    let open: Vec<Option<Value>> = vec![None; declared.fields.len()];
    let plain = [None];
    let days = if declared.standing { days } else { &plain };
    let claims = days.iter().flat_map(|day| {
        let rows = world.extension.matching(relation, &open, *day).into_iter();
        rows.map(move |args| Claim {
            relation,
            args,
            day: *day,
        })
    });
    claims.collect()
}

/// The places of the facts in a proof.
fn named_in(proof: &Proof) -> BTreeSet<Place> {
    let places = proof.steps.iter().flat_map(|step| match step {
        Step::Fact(fact) => fact.places.clone(),
        Step::Judgement(judgement) => judgement.places.clone(),
        Step::Named(named) => named.place.into_iter().collect(),
        Step::Rule(_)
        | Step::Absent(_)
        | Step::Compare(_)
        | Step::Aggregate(_)
        | Step::Exemption(_)
        | Step::InForce(_)
        | Step::Review(_) => Vec::new(),
    });
    places.collect()
}
