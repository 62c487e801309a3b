//! What would have to be otherwise for something to hold: the fewest changes of the facts, each set of them tried.

use super::Session;
use super::open::Sure;
use super::run::Evaluated;
use super::verdicts::pattern_of;
use crate::facts::Facts;
use crate::ir::{Fact, Query};
use crate::proof::{Change, Claim, Nearest};
use crate::source::Place;
use std::collections::BTreeSet;

/// How many sets of changes are tried, where running the policy on the facts costs little.
const TRIALS: usize = 150;
/// How many facts are worked through in all of them together, at most.
const FACTS: usize = 2_000_000;
/// How many changes a set has at most.
const CHANGES: usize = 4;

impl Session {
    /// The nearest ways to make an answer to a query hold that does not, at most so many.
    pub fn nearest(&self, evaluated: &Evaluated, query: &Query, limit: usize) -> Nearest {
        let pattern = pattern_of(query);
        let repairs = |world: &Evaluated| world.with_world(&self.policy, |it| it.repairs(&pattern));
        let trials = (FACTS / evaluated.facts.len().max(1)).clamp(5, TRIALS);
        let mut nearest = Nearest::default();
        let mut seen: BTreeSet<BTreeSet<Change>> = BTreeSet::new();
        let mut open: BTreeSet<(usize, BTreeSet<Change>)> = BTreeSet::new();
        for (rest, change) in repairs(evaluated) {
            open.insert((1 + rest, BTreeSet::from([change])));
        }
        while let Some((_, changes)) = open.pop_first() {
            let is_more_than_needed = |way: &BTreeSet<Change>| way.is_subset(&changes);
            if !seen.insert(changes.clone()) || nearest.ways.iter().any(is_more_than_needed) {
                continue;
            }
            if nearest.tried == trials || nearest.ways.len() == limit {
                nearest.has_more = true;
                break;
            }
            nearest.tried += 1;
            let Some(changed) = self.after(evaluated, &changes) else {
                continue;
            };
            let mut found = self.found(&changed, query).into_iter();
            if found.any(|found| !matches!(found.sure, Sure::Open(_))) {
                nearest.ways.retain(|way| !changes.is_subset(way));
                nearest.ways.push(changes);
            } else if changes.len() < CHANGES {
                for (rest, change) in repairs(&changed) {
                    if changes
                        .iter()
                        .any(|before| is_about_the_same(before, &change))
                    {
                        continue;
                    }
                    let mut more = changes.clone();
                    more.insert(change);
                    open.insert((more.len() + rest, more));
                }
            }
        }
        nearest.ways.sort_by_key(|way| way.len());
        nearest
    }

    /// The policy run on changed facts; `None` where they cannot stand together.
    fn after(&self, evaluated: &Evaluated, changes: &BTreeSet<Change>) -> Option<Evaluated> {
        let mut facts = evaluated.facts.clone();
        for change in changes {
            apply(&mut facts, change);
        }
        self.run(&facts, &evaluated.circumstances).ok()
    }
}

fn apply(facts: &mut Facts, change: &Change) {
    let is = |fact: &Fact, claim: &Claim| {
        let is_on = |day| {
            fact.days
                .is_none_or(|(from, through)| from <= day && day <= through)
        };
        fact.relation == claim.relation && fact.args == claim.args && claim.day.is_none_or(is_on)
    };
    let new = |claim: &Claim, denied: bool| Fact {
        relation: claim.relation,
        args: claim.args.clone(),
        days: None,
        denied,
        place: Place::Assumed,
    };
    match change {
        Change::Add(claim, _) => facts.push(new(claim, false)),
        Change::Remove(claim) => facts.list_mut().retain(|fact| !is(fact, claim)),
        Change::Judge(claim, truth) => {
            facts.list_mut().retain(|fact| !is(fact, claim));
            facts.push(new(claim, !truth));
        }
        Change::Replace { from, to, .. } => {
            for fact in facts.list_mut().iter_mut().filter(|fact| is(fact, from)) {
                fact.args.clone_from(&to.args);
            }
        }
    }
}

/// Whether one change would undo or repeat another.
fn is_about_the_same(one: &Change, other: &Change) -> bool {
    let facts = |change: &Change| match change {
        Change::Add(claim, _) | Change::Remove(claim) | Change::Judge(claim, _) => {
            vec![claim.clone()]
        }
        Change::Replace { from, to, .. } => vec![from.clone(), to.clone()],
    };
    let others = facts(other);
    facts(one).iter().any(|fact| others.contains(fact))
}
