//! Which judgements decide on which days a clause is in force: those on which its suspensions are conditional.

use super::{Calendar, Circumstances, Status, calendar};
use crate::ir::policy::{ClauseId, Condition, Fact, Policy, RelationId};
use crate::value::{Date, Value};
use std::collections::BTreeSet;

/// A judgement: relation and values.
type Judgement<'a> = (RelationId, &'a [Value]);

/// The days of every clause as if none of the judgements on which suspensions depend had been made. `None`: none was.
pub fn undecided_calendar(policy: &Policy, circumstances: &Circumstances) -> Option<Calendar> {
    let made = made(policy, circumstances);
    (!made.is_empty()).then(|| calendar(policy, &without(circumstances, &made)).0)
}

/// Judgements that together decide whether a clause is in force on a day, none of which can be spared: with them, it is in
/// force (or is not) whatever the others say.
pub fn decided_by(
    policy: &Policy,
    circumstances: &Circumstances,
    clause: ClauseId,
    day: Date,
) -> Vec<Fact> {
    let status = |circumstances: &Circumstances| {
        let calendar = calendar(policy, circumstances).0;
        match calendar.on(clause, day).status {
            Status::Undecided(..) => None,
            ref status => Some(*status == Status::InForce),
        }
    };
    let decided = status(circumstances);
    let mut needed: BTreeSet<Judgement<'_>> = made(policy, circumstances);
    let mut spared: BTreeSet<Judgement<'_>> = BTreeSet::new();
    for judgement in needed.clone() {
        spared.insert(judgement);
        if status(&without(circumstances, &spared)) == decided {
            needed.remove(&judgement);
        } else {
            spared.remove(&judgement);
        }
    }
    let facts = circumstances.judgements.iter();
    facts
        .filter(|fact| needed.contains(&(fact.relation, fact.args.as_slice())))
        .cloned()
        .collect()
}

/// The judgements that were made and on which a suspension depends.
fn made<'a>(policy: &Policy, circumstances: &'a Circumstances) -> BTreeSet<Judgement<'a>> {
    let stretches = policy.effects.iter().flat_map(|effect| &effect.stretches);
    let conditions: Vec<&Condition> = stretches.filter_map(|it| it.condition.as_ref()).collect();
    let facts = circumstances.judgements.iter();
    facts
        .filter(|fact| {
            let mut conditions = conditions.iter();
            conditions.any(|it| it.relation == fact.relation && it.args == fact.args)
        })
        .map(|fact| (fact.relation, fact.args.as_slice()))
        .collect()
}

fn without(circumstances: &Circumstances, spared: &BTreeSet<Judgement<'_>>) -> Circumstances {
    let judgements = circumstances.judgements.iter();
    let left = judgements.filter(|fact| !spared.contains(&(fact.relation, fact.args.as_slice())));
    Circumstances {
        judgements: left.cloned().collect(),
        ..circumstances.clone()
    }
}
