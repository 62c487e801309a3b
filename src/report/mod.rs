//! Verdicts and proofs as people and machines read them: a file a format.
//!
//! `words` puts facts and clauses into words, `tree` a proof into a tree of sentences (`comparison` its comparisons), `text` that tree into lines, `json` a
//! proof into data; `page` is all that `explain` says (and `run`, as a page), `picture` days as lines, and `markdown`, `html` and `dot` show it; `verdict` is what `run` prints
//! (`verdict_table` as tables, `verdict_database` in a file of them, `verdict_columns` in a file each), `question` what `ask` does.

mod comparison;
mod coverage;
mod dot;
mod html;
mod json;
mod markdown;
mod nearest;
mod page;
mod picture;
mod question;
mod stats;
mod summary;
mod text;
mod timeline;
mod tree;
mod verdict;
mod verdict_columns;
mod verdict_database;
mod verdict_table;
pub mod words;

pub use coverage::{
    Coverage, Share, coverage_html, coverage_json, coverage_lcov, coverage_listing, coverage_text,
};
pub use dot::pages_dot;
pub use html::{overview_html, pages_html};
pub use json::{proof_json, why_not_json};
pub use markdown::pages_markdown;
pub use nearest::{nearest_json, nearest_text, nearest_words};
pub use page::{ClauseCard, Law, Overview, Page, Part, Row};
pub use picture::{Bar, Line, Picture, Shade};
pub use question::{
    Asked, Decided, Dependence, Dependency, Presumed, Question, Reply, depends_on_json,
    question_json, questions_json, questions_text,
};
pub use stats::{
    PlanStats, RuleStats, RunStats, StepStats, StratumStats, plan_json, plan_text, stats_json,
    stats_text,
};
pub use summary::{Count, Counts, summary_json, summary_text};
pub use text::{Style, proof_text, why_not_text, wrapped};
pub use timeline::{Cause, Regime, Turn, regimes_json, regimes_text, topmost};
pub use verdict::{
    Standing, Verdict, add_marks, broken_json, stretch_json, stretches_json, verdicts_json,
    verdicts_jsonl, verdicts_text,
};
pub use verdict_columns::write_columns;
pub use verdict_database::fill_database;
pub use verdict_table::VerdictTable;

use crate::ir::Policy;
use crate::source::Sources;

/// How places are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Places {
    /// By file and line.
    #[default]
    Lines,
    /// By what they stand in, a clause or a case: so that a text stays the same where files and lines move.
    Homes,
}

/// What a report is about: the policy for its words, the sources for its places.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The texts in which facts and rules stand.
    pub sources: &'a Sources,
    /// How places are told.
    pub places: Places,
}
