//! What a run did: for each stratum and each way of running a rule, how much was tried and made, and how long it took.

use std::time::Duration;

/// See the module. The reference engine keeps none.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// In the order in which they ran.
    pub strata: Vec<StratumProfile>,
    /// Of all that, what it took to note in which round each row came: that is all that proofs need beside the rows.
    pub for_proofs: Duration,
    /// In the order in which they were planned; a clause stands here once for each of its literals that grow with it.
    pub plans: Vec<PlanProfile>,
}

/// One stratum.
#[derive(Clone, Copy, Debug, Default)]
pub struct StratumProfile {
    /// Rounds, or levels where it goes level by level.
    pub rounds: usize,
    /// Facts that came; what is only a step on the way to them is none.
    pub derived: usize,
    /// How long it took.
    pub time: Duration,
}

/// One clause, in one order of its literals.
#[derive(Clone, Debug)]
pub struct PlanProfile {
    /// Index into `Program::clauses`.
    pub clause: usize,
    /// How often it was run.
    pub runs: usize,
    /// Rows that were new.
    pub derived: usize,
    /// How long that took.
    pub time: Duration,
    /// Its literals in the order in which they are taken.
    pub steps: Vec<StepProfile>,
}

/// One literal of a clause at its turn.
#[derive(Clone, Copy, Debug)]
pub struct StepProfile {
    /// Its place in the body.
    pub literal: usize,
    /// For an atom: the rows that its relation had when the order was chosen.
    pub estimate: Option<usize>,
    /// The bindings that came through it.
    pub passed: usize,
}

impl PlanProfile {
    /// How much was tried: the bindings that came through all of its steps together.
    pub fn tried(&self) -> usize {
        self.steps.iter().map(|step| step.passed).sum()
    }
}
