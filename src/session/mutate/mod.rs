//! Changes a policy in small ways, and holds each changed policy against the cases: what no case notices, no case protects.
//!
//! `edits` makes the changes, `search` looks for a case that would have noticed what none did, `state` keeps what is done.

mod edits;
mod search;
mod state;

pub use edits::Mutant;
pub use search::Caught;
pub use state::State;

use super::load::Written;
use super::reach::Reach;
use super::{Session, diff};
use crate::diagnostic::Diagnostics;
use crate::ir::{ExpectClaim, Kind, Literal, Missing, Policy, RelationId, RelationKind};
use crate::proof::rule_meaning;
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
    /// Of each case, by its place in the policy: what can be so there at all; `None`: it is left out.
    possible: Vec<Option<BTreeSet<RelationId>>>,
    reach: Reach,
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
        written.read(cases, &|name| name);
        let session = diff::usable(written.resolve())?;
        let is_own = |id: &FileId| own.contains(id);
        let files = written.files.iter().filter(|(id, _)| is_own(id));
        let files: Vec<_> = files.cloned().collect();
        Ok(Mutation {
            mutants: edits::mutants(&session, &files),
            failing: Vec::new(),
            possible: Vec::new(),
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
            (!is_left_out).then(|| possible(&self.session, *case))
        };
        self.possible = cases.iter().map(of).collect();
    }

    /// What the words of a change are in the text, before and after: the statement that it stands in.
    pub fn words(&self, mutant: &Mutant) -> (String, String) {
        let sources = &self.session.sources;
        let old = sources.words(mutant.statement).to_owned();
        let statement = mutant.statement;
        let from = (mutant.span.start.max(statement.start) - statement.start) as usize;
        let through = mutant.span.end.saturating_sub(statement.start) as usize;
        let new = match (mutant.span.start >= statement.start, old.get(through..)) {
            (true, Some(rest)) => format!("{}{}{rest}", &old[..from], mutant.new),
            // What is changed stands beside it: `through` in front of a day.
            _ => {
                let words = sources.words(mutant.span.to(statement)).to_owned();
                let length = (mutant.span.end - mutant.span.start) as usize;
                return (words.clone(), format!("{}{}", mutant.new, &words[length..]));
            }
        };
        (old, new)
    }

    /// What becomes of a change. Cases run until one notices, those first that are most about the clause.
    pub fn fate(&self, mutant: &Mutant) -> Fate {
        let Some(changed) = self.changed(mutant) else {
            return Fate::Refused;
        };
        if mutant.head.is_some() && is_same(&self.session.policy, &changed.policy) {
            return Fate::Equivalent;
        }
        let cases = self.cases_for(mutant);
        for case in &cases {
            if !changed.run_case(*case).has_passed() {
                return Fate::Noticed(self.session.policy.cases[*case].title.clone());
            }
        }
        let (caught, searched) = search::search(self, mutant, &changed, &cases);
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

    /// The cases that may notice: those in which the rule can do something, and that look at something that can depend on it.
    fn cases_for(&self, mutant: &Mutant) -> Vec<usize> {
        let policy = &self.session.policy;
        let reaches = |relation: RelationId| {
            let head = mutant.head.as_deref();
            let name = &policy.relation(relation).name;
            head.is_none_or(|head| self.reach.reaches(head, name))
        };
        let mut constraints = policy.constraints.iter();
        let breaks = constraints.any(|it| reaches(policy.rule(it.rule).head.relation));
        let looks = |case: usize| {
            let mut expects = policy.cases[case].expects.iter();
            breaks
                || expects.any(|expect| match &expect.claim {
                    ExpectClaim::Query(query) => reaches(query.atom.relation),
                    ExpectClaim::Never(at) => {
                        reaches(policy.rule(policy.constraints[*at].rule).head.relation)
                    }
                })
        };
        let works = |case: usize| {
            let possible = self.possible.get(case).and_then(Option::as_ref);
            possible.is_some_and(|possible| mutant.needs.iter().all(|it| possible.contains(it)))
        };
        let all = 0..policy.cases.len();
        let mut cases: Vec<usize> = all.filter(|case| works(*case) && looks(*case)).collect();
        cases.sort_by_cached_key(|case| {
            let facts = self.session.case_facts(*case);
            (
                !self.names_clause(*case, mutant),
                !search::names_day(&facts, mutant.day),
                facts.list.len(),
                *case,
            )
        });
        cases
    }

    /// Whether a case expects something by the clause of a change.
    fn names_clause(&self, case: usize, mutant: &Mutant) -> bool {
        let policy = &self.session.policy;
        let expects = policy.cases[case].expects.iter();
        let mut named = expects.flat_map(|expect| expect.by.iter().flatten());
        named.any(|clause| Some(policy.citation(*clause)) == mutant.clause)
    }
}

/// Whether two policies have the same rules, whatever the order of their literals.
fn is_same(a: &Policy, b: &Policy) -> bool {
    let meanings = |policy: &Policy| -> Vec<String> {
        let rules = policy.rules.iter();
        rules.map(|rule| rule_meaning(policy, rule)).collect()
    };
    a.exemptions.len() == b.exemptions.len()
        && meanings(a) == meanings(b)
        && a.exemptions.iter().zip(&b.exemptions).all(|(one, other)| {
            crate::proof::exemption_meaning(a, one) == crate::proof::exemption_meaning(b, other)
        })
}

/// The relations of which something may be so in a case, under whatever circumstances: if days, comparisons and all that is
/// denied are left aside.
fn possible(session: &Session, case: usize) -> BTreeSet<RelationId> {
    let policy = &session.policy;
    let given = session.case_facts(case);
    let mut possible: BTreeSet<RelationId> = given.list.iter().map(|fact| fact.relation).collect();
    possible.extend(policy.facts.iter().map(|fact| fact.relation));
    for (at, relation) in policy.relations.iter().enumerate() {
        let is_unknown = || {
            relation
                .fields
                .iter()
                .any(|it| it.missing == Missing::Unknown)
        };
        let may_be = match relation.kind {
            Kind::Names(_) | Kind::Declared(RelationKind::Judgement) => true,
            Kind::Declared(RelationKind::Input) => is_unknown(),
            Kind::Declared(_) | Kind::Constraint(_) => false,
        };
        if may_be {
            possible.insert(RelationId(at as u32));
        }
    }
    loop {
        let before = possible.len();
        for rule in &policy.rules {
            if can_be(&rule.body, &possible) {
                possible.insert(rule.head.relation);
            }
        }
        if possible.len() == before {
            return possible;
        }
    }
}

fn can_be(body: &[Literal], possible: &BTreeSet<RelationId>) -> bool {
    body.iter().all(|literal| match literal {
        Literal::Holds(premise) => possible.contains(&premise.atom.relation),
        Literal::Or(sides, _) => sides.iter().any(|side| can_be(side, possible)),
        Literal::Exempted(exempted) => {
            exempted.negated || possible.contains(&exempted.atom.relation)
        }
        Literal::Absent(_)
        | Literal::Compare(_)
        | Literal::Bind(_)
        | Literal::Test(_)
        | Literal::Aggregate(_) => true,
    })
}
