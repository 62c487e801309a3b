//! The whole way from files to reports; the one module that knows every stage.
//!
//! `load` reads a policy, `run` evaluates it on facts, `verdicts` lists what holds, `cases` runs a policy's cases.

mod ask;
mod by_cases;
mod cases;
mod certify;
mod counts;
mod coverage;
mod dependence;
pub mod diff;
mod error;
mod explain;
mod given_by;
mod load;
mod lowered;
pub mod mutate;
mod nearest;
mod open;
mod parallel;
mod reach;
mod run;
mod saved;
mod settling;
pub mod snapshot;
mod standings;
mod stats;
mod timeline;
mod verdicts;

pub use crate::engine::{Halt, Limits, Watch};
pub use cases::{CaseResult, ExpectResult};
pub use certify::{Checked, Uncertified};
pub use explain::{Cases, Explained, OpenProof};
pub use load::load;
use lowered::Lowerings;
pub use open::{Found, Sure};
pub use parallel::in_parallel;
pub use run::{EngineKind, Evaluated};
pub use saved::{Restored, Saving};
pub use snapshot::{Snapshot, State};
pub use standings::{Days, Standings};
pub use timeline::{Lifeline, Stretch, Timeline};
pub use verdicts::{Broken, pattern_of};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ir::{Kind, NoticeId, Policy, Query, Relation, RelationId, RelationKind};
use crate::report::{Context, Places};
use crate::source::Sources;
use crate::syntax;

/// Up to how many open points a verdict is decided exactly, unless said otherwise.
pub const MOST_POINTS: usize = 16;

/// A policy that was read, with all its texts.
#[derive(Clone, Debug)]
pub struct Session {
    /// The texts read so far.
    pub sources: Sources,
    /// The policy.
    pub policy: Policy,
    /// What was said about it: warnings, or errors where it cannot be used.
    pub diagnostics: Diagnostics,
    /// Which engine evaluates.
    pub engine: EngineKind,
    /// How many of the texts are the policy's own: its files, and what stands beside them.
    pub own_texts: usize,
    /// Up to how many open points that matter to one verdict it is decided exactly.
    pub most_points: usize,
    /// How much a run may take.
    pub limits: Limits,
    /// The policy as Datalog, as far as it was needed. Whoever changes the policy changes a copy: that starts with none.
    pub(in crate::session) lowerings: Lowerings,
}

impl Session {
    /// A policy that was made of these texts, with nothing said about it.
    pub fn new(sources: Sources, policy: Policy) -> Session {
        Session {
            own_texts: sources.files().count(),
            sources,
            policy,
            diagnostics: Diagnostics::default(),
            engine: EngineKind::Local,
            most_points: MOST_POINTS,
            limits: Limits::default(),
            lowerings: Lowerings::default(),
        }
    }

    /// What reports need.
    pub fn context(&self) -> Context<'_> {
        Context {
            policy: &self.policy,
            sources: &self.sources,
            places: Places::Lines,
        }
    }

    /// Reads an atom as on the command line: `licence_required(t1)`, `listed(P) on 2025-05-05`.
    pub fn query(&mut self, text: &str) -> Result<Query, Diagnostics> {
        let file = self.sources.add("the atom asked about", text);
        let (atom, slips) = syntax::parse_query(&self.sources, file);
        match atom {
            Some((atom, on)) => crate::ir::resolve_query(&self.policy, &atom, on.as_ref()),
            None => Err(slips),
        }
    }

    /// The notice of that id.
    pub fn notice(&self, id: &str) -> Result<NoticeId, Diagnostic> {
        let found = self
            .policy
            .notices
            .iter()
            .position(|notice| notice.id == id);
        found.map(|at| NoticeId(at as u32)).ok_or_else(|| {
            let known = self.policy.notices.iter().map(|notice| notice.id.as_str());
            error::unknown("notice", id, crate::diagnostic::nearest(id, known))
        })
    }

    /// The clauses of a notice, or a clause (`mofcom_2025_61/4`) and those under it, as they are cited.
    pub fn clauses_of(&self, named: &str) -> Result<Vec<String>, Diagnostic> {
        let all = 0..self.policy.clauses.len() as u32;
        let all = all.map(|at| self.policy.citation(crate::ir::ClauseId(at)));
        let all: Vec<String> = all.collect();
        let is_meant = |clause: &&String| {
            let rest = clause.strip_prefix(named);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '(', '.', '-']))
        };
        let meant: Vec<String> = all.iter().filter(is_meant).cloned().collect();
        match meant.is_empty() {
            false => Ok(meant),
            true => {
                let near = crate::diagnostic::nearest(named, all.iter().map(String::as_str));
                Err(error::unknown("notice or clause", named, near))
            }
        }
    }

    /// The verdict of that name.
    pub fn verdict_named(&self, name: &str) -> Result<RelationId, Diagnostic> {
        self.relation_where("verdict", name, |relation| {
            relation.kind == Kind::Declared(RelationKind::Verdict)
        })
    }

    /// The relation of that name.
    pub fn relation(&self, name: &str) -> Result<RelationId, Diagnostic> {
        self.relation_where("relation or verdict", name, |_| true)
    }

    fn relation_where(
        &self,
        what: &str,
        name: &str,
        is_meant: impl Fn(&Relation) -> bool,
    ) -> Result<RelationId, Diagnostic> {
        let relations = self.policy.relations.iter().enumerate();
        let meant = || relations.clone().filter(|(_, relation)| is_meant(relation));
        let found = meant().find(|(_, relation)| relation.name == name);
        found.map(|(at, _)| RelationId(at as u32)).ok_or_else(|| {
            let known = meant().map(|(_, relation)| relation.name.as_str());
            error::unknown(what, name, crate::diagnostic::nearest(name, known))
        })
    }

    /// The case of that title, by its place in the policy.
    pub fn case(&self, title: &str) -> Result<usize, Diagnostic> {
        let found = self
            .policy
            .cases
            .iter()
            .position(|case| case.title == title);
        found.ok_or_else(|| {
            let known = self.policy.cases.iter().map(|case| case.title.as_str());
            error::unknown("case", title, crate::diagnostic::nearest(title, known))
        })
    }
}
