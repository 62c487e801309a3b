//! Proofs: found and checked straight from `Policy`, by the meaning of the language, never from the program or the engine.

pub mod proof;

pub use proof::{Claim, Pattern, Proof, WhyNot};

use crate::facts::Facts;
use crate::ir::{Calendar, Circumstances, ClauseId, Policy, Query, RelationId};
use crate::value::{Date, Value};

/// Everything that holds, as an engine knows it: asked by relation, known fields and day.
pub trait Extension {
    /// The rows (one value a field) of a relation that match the known fields, on that day where the relation is standing
    /// (without a day: the rows that hold on any day). Includes facts given from outside. In the order of their values.
    fn matching(
        &self,
        relation: RelationId,
        known: &[Option<Value>],
        day: Option<Date>,
    ) -> Vec<Vec<Value>>;

    /// The stretches of days (first and last) on which a row of a standing relation holds.
    fn days_of(&self, relation: RelationId, row: &[Value]) -> Vec<(Date, Date)>;
}

/// All that a proof may cite.
pub struct World<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// On which days its clauses are in force.
    pub calendar: &'a Calendar,
    /// What is known, left out and lifted.
    pub circumstances: &'a Circumstances,
    /// What is given.
    pub facts: &'a Facts,
    /// What holds.
    pub extension: &'a dyn Extension,
}

impl World<'_> {
    /// The facts that match a query. A standing relation without a day: each fact once, with the first day of its first stretch.
    pub fn answers(&self, query: &Query) -> Vec<Claim> {
        let _ = query;
        Vec::new()
    }

    /// The default proof of a fact: least height, then least size, then canonical order. `None` if it does not hold.
    pub fn prove(&self, claim: &Claim) -> Option<Proof> {
        let _ = claim;
        None
    }

    /// Why nothing matches.
    pub fn why_not(&self, pattern: &Pattern) -> WhyNot {
        WhyNot {
            pattern: pattern.clone(),
            proof: Proof::default(),
            rules: Vec::new(),
            near: Vec::new(),
        }
    }

    /// The clauses that give a fact: of every rule with an instance whose body holds and that nothing exempts.
    pub fn given_by(&self, claim: &Claim) -> Vec<ClauseId> {
        let _ = claim;
        Vec::new()
    }

    /// Whether a derivation of the fact exists that an exemption blocks (by one of these clauses, if given).
    pub fn is_exempted(&self, claim: &Claim, by: Option<&[ClauseId]>) -> bool {
        let _ = (claim, by);
        false
    }
}
