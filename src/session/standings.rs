//! How verdicts would stand by the law of each day, without saying why.

use super::Session;
use super::open::Sure;
use super::run::{Evaluated, cuts};
use super::timeline::stretches_from;
use crate::diagnostic::Diagnostics;
use crate::facts::Facts;
use crate::ir::{self, Circumstances, RelationId};
use crate::proof::{Claim, Pattern};
use crate::value::Date;
use std::collections::BTreeMap;

/// Days on which something stands alike: the first, the last, and whether it is open then (else it holds).
pub type Days = (Date, Date, bool);

/// How facts stand on the days between which nothing changes.
#[derive(Clone, Debug, Default)]
pub struct Standings {
    stretches: Vec<(Date, Date)>,
    /// For each fact, without its day: on which stretches it holds (`false`) or is open (`true`).
    of: BTreeMap<Claim, BTreeMap<usize, bool>>,
}

impl Session {
    /// How these relations stand by the law of each day; of standing ones, on each day.
    pub fn standings(
        &self,
        evaluated: &Evaluated,
        facts: &Facts,
        relations: &[RelationId],
    ) -> Result<Standings, Diagnostics> {
        let mut starts = ir::days_of_change(&self.policy);
        starts.extend(cuts(facts));
        let mut standings = Standings {
            stretches: stretches_from(&starts),
            of: BTreeMap::new(),
        };
        let is_standing = |relation: &RelationId| self.policy.relation(*relation).standing;
        let is_judged = !relations.iter().all(is_standing);
        for at in 0..standings.stretches.len() {
            let day = standings.stretches[at].0;
            let circumstances = Circumstances {
                as_of: Some(day),
                ..evaluated.circumstances.clone()
            };
            let then = is_judged
                .then(|| self.run(facts, &circumstances))
                .transpose()?;
            for relation in relations {
                let (then, on) = match (is_standing(relation), &then) {
                    (true, _) | (false, None) => (evaluated, Some(day)),
                    (false, Some(then)) => (then, None),
                };
                for found in self.found_where(then, *relation, on, None) {
                    let is_open = matches!(found.sure, Sure::Open(_));
                    let days = standings.of.entry(found.claim).or_default();
                    days.insert(at, is_open);
                }
            }
        }
        Ok(standings)
    }
}

impl Standings {
    /// When a fact holds, or is open.
    pub fn of(&self, claim: &Claim) -> Vec<Days> {
        let bare = Claim {
            day: None,
            ..claim.clone()
        };
        self.joined(self.of.get(&bare).cloned().unwrap_or_default())
    }

    /// When anything that matches holds, or is open.
    pub fn matching(&self, pattern: &Pattern) -> Vec<Days> {
        let fits = |claim: &Claim| {
            let mut pairs = pattern.args.iter().zip(&claim.args);
            let same = |(asked, value): (&Option<_>, &_)| {
                asked.as_ref().is_none_or(|asked| asked == value)
            };
            claim.relation == pattern.relation && pairs.all(same)
        };
        let mut all: BTreeMap<usize, bool> = BTreeMap::new();
        for (_, days) in self.of.iter().filter(|(claim, _)| fits(claim)) {
            for (at, is_open) in days {
                let known = all.entry(*at).or_insert(*is_open);
                *known &= *is_open;
            }
        }
        self.joined(all)
    }

    fn joined(&self, days: BTreeMap<usize, bool>) -> Vec<Days> {
        let mut joined: Vec<(usize, Days)> = Vec::new();
        for (at, is_open) in days {
            let (from, through) = self.stretches[at];
            match joined.last_mut() {
                Some((last, days)) if *last + 1 == at && days.2 == is_open => {
                    (*last, days.1) = (at, through);
                }
                _ => joined.push((at, (from, through, is_open))),
            }
        }
        joined.into_iter().map(|(_, days)| days).collect()
    }
}
