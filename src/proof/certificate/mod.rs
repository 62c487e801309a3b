//! Certificates: a proof that can be checked without the engine, as a document.
//!
//! `CERTIFICATE.md` beside this file says what stands in one and how it is checked; `issue` makes one from what an engine
//! found, `json` writes it, `form` and `read` read it, `digest` says of which policy and facts it speaks.
//! `crate::proof::verify` checks it.

pub mod digest;
mod form;
mod issue;
mod json;
mod order;
mod read;
mod redact;

pub use form::{Document, Unreadable, read};
pub use issue::issue;
pub use json::{conclusion_digest, write};
pub use redact::{
    LEAST_SECRET, Opening, Redaction, Secret, check_openings, openings_fit, read_facts,
    read_openings, write_facts, write_openings,
};

use super::proof::Claim;
pub use super::verify::Demand;
use crate::ir::{ClauseId, RelationId, RuleId};
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

/// A proof that can be checked case by case, and in each item by item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Of what it speaks.
    pub subject: Subject,
    /// What is certified.
    pub claim: Claim,
    /// The digest of the conclusion, as the document has it.
    pub conclusion: String,
    /// The cases, which leave nothing out. What follows whatever is open has one, which assumes nothing.
    pub cases: Vec<Case>,
}

impl Certificate {
    /// Whether something is assumed in it.
    pub fn is_by_cases(&self) -> bool {
        self.cases.len() != 1 || self.cases.iter().any(|case| !case.assumes.is_empty())
    }
}

/// Why the claim follows where something that is open is settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// What is settled, in the order in which it is.
    pub assumes: Vec<Assumption>,
    /// The facts on which steps rest: given, or assumed.
    pub given: Vec<Claim>,
    /// In order: each rests only on what stands before it.
    pub items: Vec<Item>,
}

/// What facts leave open: whether a judgement is so, or the value of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undecided {
    /// The judgement, or the relation with the field.
    pub relation: RelationId,
    /// One value a field; what is not known is `Value::Unknown`.
    pub args: Vec<Value>,
    /// The field whose value is open; `None`: it is a judgement.
    pub field: Option<usize>,
}

/// That something open is settled in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// What is open.
    pub about: Undecided,
    /// What it is: `true` or `false` for a judgement, else the value of the field.
    pub is: Value,
}

impl Assumption {
    /// The fact that is given then; `None`: a judgement is denied.
    pub fn gives(&self) -> Option<Claim> {
        let mut args = self.about.args.clone();
        match self.about.field {
            Some(field) => args[field].clone_from(&self.is),
            None if self.is == Value::Bool(true) => {}
            None => return None,
        }
        Some(Claim {
            relation: self.about.relation,
            args,
            day: None,
        })
    }
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
    /// One of `Case::given`.
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
