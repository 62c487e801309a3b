//! Certificates: a proof that can be checked without the engine, as a document.
//!
//! `CERTIFICATE.md` beside this file says what stands in one and how it is checked; `issue` makes one from what an engine
//! found, `json` reads and writes it, `digest` says of which policy and facts it speaks. `crate::proof::verify` checks it.

pub mod digest;
mod issue;
mod json;
mod order;
mod read;
mod redact;

pub use issue::issue;
pub use json::{conclusion_digest, write};
pub use read::{Document, Unreadable, read};
pub use redact::{
    LEAST_SECRET, Opening, Redaction, Secret, check_openings, openings_fit, read_facts,
    read_openings, write_facts, write_openings,
};

use super::proof::Claim;
pub use super::verify::Demand;
use crate::ir::{ClauseId, RuleId};
use crate::value::{Date, Value};

/// The version of the form in which certificates are written.
pub const SCHEMA: u64 = 1;

/// Of what a certificate speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The digest of the policy.
    pub policy: String,
    /// The name and digest of each file of facts, in the order of digests.
    pub facts: Vec<(String, String)>,
    /// Where values are redacted: the digest of the facts with digests in place of these values.
    pub redacted: Option<String>,
    /// The case whose facts are taken.
    pub case: Option<String>,
    /// By the law of which day events are judged.
    pub as_of: Option<Date>,
    /// Notices published later are left out.
    pub known_at: Option<Date>,
    /// The notices left out.
    pub without: Vec<String>,
    /// Whether what the policy presumes is left out.
    pub without_presumptions: bool,
}

/// A proof that can be checked item by item: each rests only on what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Of what it speaks.
    pub subject: Subject,
    /// What is certified.
    pub claim: Claim,
    /// The digest of the conclusion, as the document has it.
    pub conclusion: String,
    /// The given facts on which steps rest.
    pub given: Vec<Claim>,
    /// In order.
    pub items: Vec<Item>,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A fact follows.
    Step(Step),
    /// These lists leave nothing out.
    Complete(Vec<Complete>),
}

/// A fact that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The fact.
    pub claim: Claim,
    /// By what.
    pub source: Source,
    /// The facts on which it rests.
    pub premises: Vec<Premise>,
    /// The clause by which it follows, on the day that counts.
    pub in_force: Option<InForce>,
}

/// That a clause is in force on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The clause.
    pub clause: ClauseId,
    /// The day.
    pub day: Date,
    /// The first day of the stretch in which it lies.
    pub from: Date,
    /// The last day of that stretch.
    pub through: Date,
}

/// By what a fact follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// By a rule, with these values of its variables; those inside braces, and of branches not taken, are left out.
    Rule(RuleId, Vec<Option<Value>>),
    /// It stands in the policy, in this clause.
    Stated(Option<ClauseId>),
}

/// A fact on which a step rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Premise {
    /// One of `Certificate::given`.
    Given(usize),
    /// The fact of an earlier step; steps are counted from 0.
    Step(usize),
}

/// Everything that can match a pattern: no rule gives more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complete {
    /// The pattern.
    pub demand: Demand,
    /// What matches it, or may.
    pub rows: Vec<Vec<Value>>,
}
