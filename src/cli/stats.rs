//! What `run --stats` and `run --plan` tell.

use super::arguments::Run;
use super::watchman::peak_memory;
use crate::report::{RunStats, plan_json, plan_text, stats_json, stats_text};
use crate::session::{Evaluated, Session};
use serde_json::Value as Json;
use std::time::{Duration, Instant};

/// How long each phase of a command took so far.
pub(super) struct Phases {
    ended: Vec<(&'static str, Duration)>,
    since: Instant,
}

impl Phases {
    /// The command begins.
    pub(super) fn begin() -> Phases {
        Phases {
            ended: Vec::new(),
            since: Instant::now(),
        }
    }

    /// A phase ends, and the next one begins.
    pub(super) fn end(&mut self, phase: &'static str) {
        self.ended.push((phase, self.since.elapsed()));
        self.since = Instant::now();
    }

    /// What the run did, with the phases so far.
    pub(super) fn stats(&self, session: &Session, evaluated: &Evaluated) -> RunStats {
        RunStats {
            phases: self.ended.clone(),
            memory: peak_memory(),
            ..session.stats(evaluated)
        }
    }
}

/// What is asked for of it, for people.
pub(super) fn told(arguments: &Run, session: &Session, stats: &RunStats) -> String {
    let mut told = String::new();
    if arguments.plan {
        told += &plan_text(session.context(), stats);
    }
    if arguments.stats {
        told += &stats_text(session.context(), stats);
    }
    told
}

/// Adds what is asked for of it to the results for machines.
pub(super) fn add(arguments: &Run, session: &Session, stats: &RunStats, results: &mut Json) {
    if arguments.plan {
        results["plan"] = plan_json(session.context(), stats);
    }
    if arguments.stats {
        results["stats"] = stats_json(session.context(), stats);
    }
}
