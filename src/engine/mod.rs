//! `Program` and facts to `Model`: two engines behind one trait.

mod answers;
mod error;
mod expr;
mod given;
mod instances;
mod kept;
mod keys;
pub mod local;
pub mod model;
pub mod profile;
pub mod reference;
pub mod settle;
mod table;
#[cfg(test)]
mod tests;
pub mod watch;

pub use answers::Answers;
pub use given::Given;
pub use local::Local;
pub use model::Model;
pub use profile::Profile;
pub use reference::Reference;
pub use settle::{Settled, settle};
pub use watch::{Halt, Watch};

use crate::datalog::Program;
use crate::value::{NoValue, Value};

/// Bounds on a run, so that a rule that makes new values for ever is stopped.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Facts that follow, all relations of the policy together.
    pub facts: usize,
    /// Rounds within one stratum.
    pub rounds: usize,
    /// Binary digits of one number, above and below the line together.
    pub bits: u64,
    /// Who watches the run, and may stop it.
    pub watch: Option<&'static Watch>,
}

impl Limits {
    /// Why the run has to end, if somebody has asked for it.
    fn halt(&self) -> Option<&'static Halt> {
        self.watch.and_then(Watch::halt)
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            facts: 50_000_000,
            rounds: 100_000,
            bits: 20_000,
            watch: None,
        }
    }
}

/// Why a run could not be finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A limit was reached.
    Limit {
        /// What there is too much of: `facts`, `rounds`, `digits`, `time` or `memory`.
        what: &'static str,
        /// The bound, as people read it.
        bound: String,
        /// The clause that was making rows (index into `Program::clauses`).
        clause: usize,
        /// The last row it made; empty where it has made none.
        row: Vec<Value>,
    },
    /// An expression has no value for a row for which all else holds.
    NoValue {
        /// Index into `Program::clauses`.
        clause: usize,
        /// The values of the clause's variables, where bound.
        bindings: Vec<Option<Value>>,
        /// Why.
        reason: NoValue,
    },
}

/// Computes the perfect model of a program. All engines give the same rows, or fail alike.
pub trait Engine {
    /// Runs the program on rows given from outside (inputs, beside `Program::facts`).
    fn run(&self, program: &Program, given: &Given<'_>, limits: Limits) -> Result<Model, Failure>;
}
