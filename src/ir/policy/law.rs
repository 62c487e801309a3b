//! Notices, clauses, and what they do to one another.

use super::{ClauseId, NoticeId, RelationId};
use crate::source::Span;
use crate::syntax::file::EffectKind;
use crate::value::{Date, Value};

/// A notice.
#[derive(Clone, Debug)]
pub struct Notice {
    /// `mofcom_2025_62`
    pub id: String,
    /// Its title; empty if none.
    pub title: String,
    /// The clause that stands for the notice itself.
    pub whole: ClauseId,
    /// Who issued it.
    pub issuers: Vec<String>,
    /// The day it became known.
    pub published: Date,
    /// File and place in it, as the author cites the text.
    pub sources: Vec<(String, String)>,
    /// Its doc comment.
    pub doc: String,
    /// Its id, where declared.
    pub span: Span,
}

/// A clause, or the notice itself.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The notice.
    pub notice: NoticeId,
    /// `1(3)`; empty for the notice itself.
    pub id: String,
    /// Its heading; the notice's title for the notice itself.
    pub heading: String,
    /// The clause above: the one whose days it has unless it states its own.
    pub parent: Option<ClauseId>,
    /// Its first day, its own or from above.
    pub from: ClauseDay,
    /// Its last day (inclusive), its own or from above.
    pub through: Option<ClauseDay>,
    /// The day up to which its author has followed it, its own or from above.
    pub reviewed: Option<Date>,
    /// Why what rests on it is to be marked, its own or from above.
    pub unverified: Option<String>,
    /// Its doc comment.
    pub doc: String,
    /// Its id, where declared.
    pub span: Span,
}

/// A day that a clause states, and the clause cited for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClauseDay {
    /// The day.
    pub date: Date,
    /// `by 8`
    pub set_by: Option<ClauseId>,
    /// Where it is written.
    pub span: Span,
}

/// `suspends`, `repeals`, `replaces`.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Which.
    pub kind: EffectKind,
    /// The clause that states it.
    pub by: ClauseId,
    /// The clauses named and all under them.
    pub targets: Vec<ClauseId>,
    /// When: at least one.
    pub stretches: Vec<EffectStretch>,
    /// Where it is written.
    pub span: Span,
}

/// A stretch of days of an effect.
#[derive(Clone, Debug)]
pub struct EffectStretch {
    /// First day.
    pub from: Date,
    /// Last day, inclusive; `None`: without end.
    pub through: Option<Date>,
    /// The judgement on which it depends.
    pub condition: Option<Condition>,
    /// Where it is written.
    pub span: Span,
}

/// `[not] j(values)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `not` in front.
    pub negated: bool,
    /// The judgement.
    pub relation: RelationId,
    /// Its values.
    pub args: Vec<Value>,
    /// Where it is written.
    pub span: Span,
}
