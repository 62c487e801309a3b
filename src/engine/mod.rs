//! `Program` and facts to `Model`: two engines behind one trait.

mod answers;
mod error;
mod expr;
mod given;
mod instances;
pub mod local;
pub mod model;
pub mod reference;
pub mod settle;
mod symbols;
mod table;
#[cfg(test)]
mod tests;

pub use answers::Answers;
pub use given::given_rows;
pub use local::Local;
pub use model::Model;
pub use reference::Reference;
pub use settle::{Settled, settle};

use crate::datalog::Program;
use crate::datalog::program::RelId;
use crate::value::{NoValue, Value};

/// Bounds on a run, so that a rule that makes new values for ever is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows derived, all relations together.
    pub facts: usize,
    /// Rounds within one stratum.
    pub rounds: usize,
    /// Binary digits of one number, above and below the line together.
    pub bits: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            facts: 50_000_000,
            rounds: 100_000,
            bits: 20_000,
        }
    }
}

/// Why a run could not be finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A limit was reached.
    Limit {
        /// What grew: `facts`, `rounds` or `digits`.
        what: &'static str,
        /// The bound, as people read it.
        bound: String,
        /// The clause that was making rows (index into `Program::clauses`).
        clause: usize,
        /// The last row it made.
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
    fn run(
        &self,
        program: &Program,
        given: &mut dyn Iterator<Item = (RelId, Vec<Value>)>,
        limits: Limits,
    ) -> Result<Model, Failure>;
}
