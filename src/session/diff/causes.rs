//! Which change makes which difference: the one that alone, undone, restores what was; or else the smallest set found.

use super::changes::ChangeId;
use super::lab::{Lab, Undone};
use super::outcomes::{Asked, Difference};
use super::worlds::World;
use crate::session::Session;
use crate::session::reach::Reach;

/// How many sets of changes are tried for the differences of one world that no single change makes.
const MOST_TRIALS: usize = 200;

/// What makes a difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Each of these changes: undoing any of them restores what was. Mostly one.
    Each(Vec<ChangeId>),
    /// These changes together: undoing all of them restores what was, undoing all but one does not.
    Together(Vec<ChangeId>),
    /// It was not found.
    Unknown,
}

/// What makes each of the differences of a world.
pub(super) fn causes(
    lab: &Lab<'_>,
    reach: &Reach,
    world: &World,
    old: (&Asked, &Session),
    differences: &[Difference],
) -> Vec<Cause> {
    let may_make = |change: ChangeId, difference: &Difference| {
        let about = lab.changes[change].about.as_deref();
        about.is_none_or(|about| reach.reaches(about, &difference.relation))
    };
    let candidates = |difference: &Difference| -> Vec<ChangeId> {
        let all = 0..lab.changes.len();
        all.filter(|at| may_make(*at, difference)).collect()
    };
    let mut alone: Vec<Vec<ChangeId>> = vec![Vec::new(); differences.len()];
    for change in 0..lab.changes.len() {
        let open: Vec<usize> = (0..differences.len())
            .filter(|at| may_make(change, &differences[*at]))
            .collect();
        if open.is_empty() {
            continue;
        }
        let Some((session, asked, _)) = lab.ask(world, &Undone::from([change])) else {
            continue;
        };
        for at in open {
            if asked.is_restored(&session, old, &differences[at]) {
                alone[at].push(change);
            }
        }
    }
    let mut together: Vec<Vec<ChangeId>> = Vec::new();
    let mut trials = Trials {
        lab,
        world,
        old,
        left: MOST_TRIALS,
    };
    let causes = alone.into_iter().zip(differences);
    causes
        .map(|(alone, difference)| {
            if !alone.is_empty() {
                return Cause::Each(alone);
            }
            let known = together.iter().find(|set| trials.restores(set, difference));
            if let Some(set) = known.cloned() {
                return Cause::Together(set);
            }
            let own = candidates(difference);
            let found = trials.smallest(&own, difference);
            // Where those that can make it are no policy without the others, with the others.
            let all: Vec<ChangeId> = (0..lab.changes.len()).collect();
            let found = found.or_else(|| match all.len() > own.len() {
                true => trials.smallest(&all, difference),
                false => None,
            });
            match found {
                Some(set) => {
                    together.push(set.clone());
                    Cause::Together(set)
                }
                None => Cause::Unknown,
            }
        })
        .collect()
}

/// Trials with sets of changes, up to a number.
struct Trials<'t, 'l> {
    lab: &'t Lab<'l>,
    world: &'t World,
    old: (&'t Asked, &'t Session),
    left: usize,
}

impl Trials<'_, '_> {
    fn restores(&mut self, set: &[ChangeId], difference: &Difference) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let undone: Undone = set.iter().copied().collect();
        let asked = self.lab.ask(self.world, &undone);
        asked.is_some_and(|(session, asked, _)| asked.is_restored(&session, self.old, difference))
    }

    /// A set that restores what was, and would not with one change less: found by leaving out ever smaller parts (ddmin,
    /// Zeller and Hildebrandt 2002). `None`: not even all changes do, or the trials are used up.
    fn smallest(&mut self, all: &[ChangeId], difference: &Difference) -> Option<Vec<ChangeId>> {
        let mut set = all.to_vec();
        if !self.restores(&set, difference) {
            return None;
        }
        let mut parts = 2;
        while set.len() > 1 {
            let size = set.len().div_ceil(parts);
            let less = set.chunks(size).enumerate().find_map(|(at, _)| {
                let rest = set
                    .chunks(size)
                    .enumerate()
                    .filter(|(other, _)| *other != at);
                let rest: Vec<ChangeId> = rest.flat_map(|(_, part)| part.to_vec()).collect();
                self.restores(&rest, difference).then_some(rest)
            });
            match less {
                Some(rest) => {
                    set = rest;
                    parts = (parts - 1).max(2);
                }
                None if size == 1 => break,
                None => parts = (parts * 2).min(set.len()),
            }
        }
        // Of a set that could not be tried to its end, nothing is claimed.
        (self.left > 0).then_some(set)
    }
}
