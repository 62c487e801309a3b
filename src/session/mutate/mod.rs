//! Changes a policy in small ways, and holds each changed policy against the cases: what no case notices, no case protects.
//!
//! `edits` makes the changes, `alike` and `unread` tell those that change nothing, `chosen` picks the cases that may notice, `search` looks for
//! one that would have, among the `variants` of those there are, `state` keeps what is done.

mod alike;
mod chosen;
mod edits;
mod search;
mod state;
mod unread;
mod variants;

pub use edits::Mutant;
pub use search::Caught;
pub use state::State;

use super::load::Written;
use super::reach::Reach;
use super::{Session, diff};
use crate::diagnostic::Diagnostics;
use crate::ir::{Circumstances, ExpectStatus, Lifted, RelationId};
use crate::source::{FileId, Sources};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A policy, its cases, and all small changes of it.
pub struct Mutation {
    written: Written,
    /// The policy as it stands, with its cases.
    pub session: Session,
    /// The changes, in the order of the text.
    pub mutants: Vec<Mutant>,
    /// Cases that fail without any change: they are left out.
    pub failing: Vec<usize>,
    /// The files that have cases, beside the policy.
    case_files: BTreeSet<FileId>,
    /// Of each case, by its place in the policy: what can be so there at all; `None`: it is left out.
    possible: Vec<Option<BTreeSet<RelationId>>>,
    reach: Reach,
    /// Of the cases that leave out a notice as of a day, or several notices, or ask which clause suspends something.
    circumstances: Vec<Circumstances>,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The changed text is no policy: `lexlog check` refuses it.
    Refused,
    /// It says the same as before.
    Equivalent,
    /// This case fails.
    Noticed(String),
    /// No case fails, of so many that could; perhaps one was found that would.
    Survived {
        /// How many cases were run.
        tried: usize,
        /// A case that tells the two policies apart.
        caught: Option<Caught>,
        /// How many sets of facts were tried to find one.
        searched: usize,
    },
}

impl Mutation {
    /// Reads a policy and cases, and makes all small changes of the policy. Where it cannot be used, the messages say why.
    pub fn load(policy: &Path, cases: &[PathBuf]) -> Result<Mutation, (Diagnostics, Sources)> {
        let mut written = Written::default();
        let own = written.read(&[policy.to_owned()], &|name| name);
        let case_files = written.read(cases, &|name| name);
        let session = diff::usable(written.resolve())?;
        let is_own = |id: &FileId| own.contains(id);
        let files = written.files.iter().filter(|(id, _)| is_own(id));
        let files: Vec<_> = files.cloned().collect();
        Ok(Mutation {
            mutants: edits::mutants(&session, &files),
            failing: Vec::new(),
            case_files: case_files.into_iter().collect(),
            possible: Vec::new(),
            circumstances: circumstances(&session),
            reach: Reach::of([&session.policy, &session.policy]),
            written,
            session,
        })
    }

    /// Runs all cases as they are, on so many threads: those that fail now tell nothing.
    pub fn prepare(&mut self, jobs: Option<std::num::NonZeroUsize>) {
        let cases: Vec<usize> = (0..self.session.policy.cases.len()).collect();
        let results = self.session.run_cases(&cases, jobs, &|_| {});
        let failing = results.iter().filter(|result| !result.has_passed());
        self.failing = failing.map(|result| result.case).collect();
        let of = |case: &usize| {
            let is_left_out = self.failing.contains(case);
            (!is_left_out).then(|| chosen::possible(&self.session, *case))
        };
        self.possible = cases.iter().map(of).collect();
    }

    /// The lines in which a change stands, before and after it.
    pub fn lines(&self, mutant: &Mutant) -> (String, String) {
        let text = &self.session.sources.file(mutant.span.file).text;
        let (start, end) = (mutant.span.start as usize, mutant.span.end as usize);
        let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let last = text[end..].find('\n').map_or(text.len(), |at| end + at);
        let new = format!("{}{}{}", &text[first..start], mutant.new, &text[end..last]);
        (text[first..last].to_owned(), new)
    }

    /// What becomes of a change. Cases run until one notices: first the one of this title, then those that are most about the clause.
    pub fn fate(&self, mutant: &Mutant, likely: Option<&str>) -> Fate {
        let Some(changed) = self.changed(mutant) else {
            return Fate::Refused;
        };
        let (before, after) = (&self.session.policy, &changed.policy);
        let is_about_days = alike::are_rules_alike(before, after);
        if is_about_days && alike::are_days_alike(before, after, &self.circumstances) {
            return Fate::Equivalent;
        }
        let mut cases = self.cases_for(mutant);
        if is_about_days {
            cases = self.touched(&changed, cases);
        }
        let is_likely = |case: &usize| likely == Some(before.cases[*case].title.as_str());
        cases.sort_by_key(|case| !is_likely(case));
        for case in &cases {
            if !changed.run_case(*case).has_passed() {
                return Fate::Noticed(before.cases[*case].title.clone());
            }
        }
        let search = search::Search {
            mutation: self,
            mutant,
            changed: &changed,
        };
        let (caught, searched) = search.search(&self.seeds(mutant));
        Fate::Survived {
            tried: cases.len(),
            caught,
            searched,
        }
    }

    fn changed(&self, mutant: &Mutant) -> Option<Session> {
        let text = &self.session.sources.file(mutant.span.file).text;
        let (start, end) = (mutant.span.start as usize, mutant.span.end as usize);
        let text = format!("{}{}{}", &text[..start], mutant.new, &text[end..]);
        let written = self.written.changed(mutant.span.file, text);
        let mut session = written.resolve();
        session.engine = self.session.engine;
        let is_whole = !session.diagnostics.has_errors() && !session.check_order().has_errors();
        is_whole.then_some(session)
    }
}

/// The circumstances of cases that leave out a notice as of a day, or several notices, or ask which clause suspends something.
fn circumstances(session: &Session) -> Vec<Circumstances> {
    let cases = 0..session.policy.cases.len();
    let mut found: Vec<Circumstances> = Vec::new();
    for case in cases {
        let own = session.case_circumstances(case);
        let is_usual = own.without.len() + usize::from(own.known_at.is_some()) < 2;
        let expects = session.policy.cases[case].expects.iter();
        let suspended = expects.filter(|expect| expect.status == ExpectStatus::Suspended);
        let lifted = suspended.filter_map(|expect| {
            Some(Circumstances {
                suspensions_lifted: Lifted::By(expect.by.clone()?),
                ..own.clone()
            })
        });
        for asked in lifted.chain((!is_usual).then(|| own.clone())) {
            if !found.contains(&asked) {
                found.push(asked);
            }
        }
    }
    found
}
