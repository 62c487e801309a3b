//! Cases, and what is asked.

use super::{Atom, ClauseId, Condition, Fact, NoticeId, Presumption, Variable};
use crate::source::Span;
use crate::syntax::file::ExpectStatus;
use crate::value::Date;

/// `given name { … }`
#[derive(Clone, Debug)]
pub struct Given {
    /// Its name.
    pub name: String,
    /// Its facts.
    pub facts: Vec<Fact>,
    /// Its presumptions.
    pub presumptions: Vec<Presumption>,
    /// Its name, where declared.
    pub span: Span,
}

/// `case "title" … { … }`
#[derive(Clone, Debug)]
pub struct Case {
    /// Its title.
    pub title: String,
    /// Indices into `Policy::givens`.
    pub givens: Vec<usize>,
    /// `known at D`
    pub known_at: Option<Date>,
    /// Notices left out.
    pub without: Vec<NoticeId>,
    /// Its facts.
    pub facts: Vec<Fact>,
    /// Its presumptions.
    pub presumptions: Vec<Presumption>,
    /// What it expects.
    pub expects: Vec<Expect>,
    /// Its title, where written.
    pub span: Span,
}

/// `expect …`
#[derive(Clone, Debug)]
pub struct Expect {
    /// What is expected.
    pub status: ExpectStatus,
    /// Of what.
    pub claim: ExpectClaim,
    /// `by C`: the clauses named and all under them.
    pub by: Option<Vec<ClauseId>>,
    /// `if [not] j(…)`
    pub conditions: Vec<Condition>,
    /// The whole line.
    pub span: Span,
}

/// What an expectation is about.
#[derive(Clone, Debug)]
pub enum ExpectClaim {
    /// A pattern.
    Query(Query),
    /// The constraint, by its place in `Policy::constraints`.
    Never(usize),
}

/// An atom asked about: `expect A on D`, `explain`, `--query`.
#[derive(Clone, Debug)]
pub struct Query {
    /// The pattern; a variable twice means the same value twice.
    pub atom: Atom,
    /// By `VariableId`.
    pub variables: Vec<Variable>,
    /// `on D`
    pub on: Option<Date>,
}
