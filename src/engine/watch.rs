//! A run as somebody outside sees it: how far it is, and the brake.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Why a run has to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// What there is too much of: `time` or `memory`.
    pub what: &'static str,
    /// The bound, as people read it: `30 s`, `2.0 GiB`.
    pub bound: String,
}

/// Shared between a run and whoever watches it.
#[derive(Debug, Default)]
pub struct Watch {
    halt: OnceLock<Halt>,
    stratum: AtomicUsize,
    strata: AtomicUsize,
    round: AtomicUsize,
    derived: AtomicUsize,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// The stratum at work, from 1; 0: none yet.
    pub stratum: usize,
    /// How many there are.
    pub strata: usize,
    /// The round in it, from 1.
    pub round: usize,
    /// Rows derived so far.
    pub derived: usize,
}

impl Watch {
    /// Of a run that has not begun.
    pub const fn new() -> Watch {
        Watch {
            halt: OnceLock::new(),
            stratum: AtomicUsize::new(0),
            strata: AtomicUsize::new(0),
            round: AtomicUsize::new(0),
            derived: AtomicUsize::new(0),
        }
    }

    /// Asks the run to end; the first reason counts.
    pub fn stop(&self, halt: Halt) {
        // A second reason to stop changes nothing.
        let _ = self.halt.set(halt);
    }

    /// Why the run has to end, if it has to.
    pub fn halt(&self) -> Option<&Halt> {
        self.halt.get()
    }

    /// How far the run is.
    pub fn reached(&self) -> Reached {
        Reached {
            stratum: self.stratum.load(Ordering::Relaxed),
            strata: self.strata.load(Ordering::Relaxed),
            round: self.round.load(Ordering::Relaxed),
            derived: self.derived.load(Ordering::Relaxed),
        }
    }

    /// A stratum begins, by its number from 1.
    pub(super) fn at_stratum(&self, stratum: usize, strata: usize) {
        self.stratum.store(stratum, Ordering::Relaxed);
        self.strata.store(strata, Ordering::Relaxed);
    }

    /// A round begins, when so many rows are derived.
    pub(super) fn at_round(&self, round: usize, derived: usize) {
        self.round.store(round, Ordering::Relaxed);
        self.derived.store(derived, Ordering::Relaxed);
    }

    /// So many rows are derived.
    pub(super) fn has_derived(&self, derived: usize) {
        self.derived.store(derived, Ordering::Relaxed);
    }
}
