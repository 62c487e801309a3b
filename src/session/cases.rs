//! Runs the cases of a policy: each one a world of its own.

use super::Session;
use super::open::{Found, Sure};
use super::run::Evaluated;
use super::verdicts::{lifted, pattern_of};
use crate::diagnostic::Diagnostics;
use crate::facts::Facts;
use crate::ir::{
    Blocked, Case, Circumstances, ClauseId, Expect, ExpectClaim, ExpectStatus, Fact, Lifted, Query,
};
use crate::proof::Claim;
use crate::report::{Standing, Style, proof_text, why_not_text};
use crate::source::Place;

/// How reasons are laid out: four blanks stand in front of them.
const SHOWN: Style = Style {
    width: 76,
    colour: false,
};

/// How a case went.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// Its place in `Policy::cases`.
    pub case: usize,
    /// One for each expectation.
    pub expects: Vec<ExpectResult>,
    /// Why it could not be run, or which `never` it breaks.
    pub objections: Vec<String>,
}

/// How an expectation went.
#[derive(Clone, Debug)]
pub struct ExpectResult {
    /// Where it stands: `file:line`.
    pub place: String,
    /// Its words.
    pub text: String,
    /// `None`: as expected. Else what came out instead, and why.
    pub failure: Option<String>,
}

impl CaseResult {
    /// Whether all came out as expected.
    pub fn has_passed(&self) -> bool {
        self.objections.is_empty() && self.expects.iter().all(|expect| expect.failure.is_none())
    }
}

impl Session {
    /// The facts of a case: its own and those of its `given` blocks.
    pub fn case_facts(&self, case: usize) -> Facts {
        let case = &self.policy.cases[case];
        let givens = || case.givens.iter().map(|at| &self.policy.givens[*at]);
        let facts = givens().flat_map(|given| &given.facts);
        let presumptions = givens().flat_map(|given| &given.presumptions);
        let mut own = Facts::of(facts.chain(&case.facts).cloned().collect());
        own.presumptions = presumptions.chain(&case.presumptions).cloned().collect();
        own
    }

    /// The facts of a case, with what an expectation settles for its line.
    pub(super) fn settled_facts(&self, case: usize, expect: &Expect) -> Facts {
        let mut facts = self.case_facts(case);
        let settled = expect.conditions.iter().map(|condition| Fact {
            relation: condition.relation,
            args: condition.args.clone(),
            days: None,
            denied: condition.negated,
            place: Place::Span(condition.span),
        });
        facts.list_mut().extend(settled);
        facts
    }

    /// The circumstances of a case: what was known then, and what it leaves out.
    pub fn case_circumstances(&self, case: usize) -> Circumstances {
        let case = &self.policy.cases[case];
        Circumstances {
            known_at: case.known_at,
            without: case.without.clone(),
            ..Circumstances::default()
        }
    }

    /// Runs a case and holds it to its expectations.
    pub fn run_case(&self, at: usize) -> CaseResult {
        self.held_to_expectations(at, &self.case_world(at))
    }

    /// A case run; why not, where it cannot be.
    pub(super) fn case_world(&self, at: usize) -> Result<Evaluated, Diagnostics> {
        self.run(&self.case_facts(at), &self.case_circumstances(at))
    }

    /// A case that was run is held to its expectations.
    pub(super) fn held_to_expectations(
        &self,
        at: usize,
        world: &Result<Evaluated, Diagnostics>,
    ) -> CaseResult {
        let case = &self.policy.cases[at];
        let mut result = CaseResult {
            case: at,
            expects: Vec::new(),
            objections: Vec::new(),
        };
        let (facts, circumstances) = (self.case_facts(at), self.case_circumstances(at));
        let (plain, settled): (Vec<&Expect>, Vec<&Expect>) = case
            .expects
            .iter()
            .partition(|expect| expect.conditions.is_empty());
        match world {
            Ok(evaluated) => {
                for expect in plain {
                    let held = self.expectation(expect, evaluated, &facts);
                    result.expects.push(held);
                }
                self.object_to_broken(evaluated, case, &mut result);
            }
            Err(problems) if !plain.is_empty() || settled.is_empty() => {
                result.objections.push(self.problems(problems))
            }
            Err(_) => {}
        }
        for expect in settled {
            let facts = self.settled_facts(at, expect);
            match self.run(&facts, &circumstances) {
                Ok(evaluated) => result
                    .expects
                    .push(self.expectation(expect, &evaluated, &facts)),
                Err(problems) => result.expects.push(ExpectResult {
                    failure: Some(self.problems(&problems)),
                    ..self.named(expect)
                }),
            }
        }
        result.expects.sort_by_key(|expect| {
            case.expects
                .iter()
                .position(|other| self.named(other).place == expect.place)
        });
        result
    }

    fn problems(&self, problems: &Diagnostics) -> String {
        crate::diagnostic::render_text(&problems.list, &self.sources, false)
            .trim_end()
            .to_owned()
    }

    fn named(&self, expect: &Expect) -> ExpectResult {
        ExpectResult {
            place: self.sources.cite(Place::Span(expect.span)),
            text: self.words_of(expect),
            failure: None,
        }
    }

    /// A `never` that has answers, unless the case expects it.
    fn object_to_broken(&self, evaluated: &Evaluated, case: &Case, result: &mut CaseResult) {
        for broken in self.broken(evaluated, false) {
            let is_expected = case.expects.iter().any(
                |expect| matches!(expect.claim, ExpectClaim::Never(at) if at == broken.constraint),
            );
            if broken.is_certain() && !is_expected {
                let message = &self.policy.constraints[broken.constraint].message;
                let reason = self.reason(evaluated, &broken.answers[0]);
                let objection = format!("this must never be: {message}\n{reason}");
                result.objections.push(objection);
            }
        }
    }

    fn proof_of(&self, evaluated: &Evaluated, claim: &Claim) -> String {
        let proof = evaluated.with_world(&self.policy, |world| world.prove(claim));
        proof.map_or(String::new(), |proof| {
            proof_text(self.context(), &proof, SHOWN)
        })
    }

    fn expectation(&self, expect: &Expect, evaluated: &Evaluated, facts: &Facts) -> ExpectResult {
        let failure = match &expect.claim {
            ExpectClaim::Never(at) => self.expect_never(*at, expect.status, evaluated),
            ExpectClaim::Query(query) => self.expect_query(query, expect, evaluated, facts),
        };
        ExpectResult {
            failure,
            ..self.named(expect)
        }
    }

    fn expect_never(
        &self,
        at: usize,
        status: ExpectStatus,
        evaluated: &Evaluated,
    ) -> Option<String> {
        let mut broken = self.broken(evaluated, true).into_iter();
        let broken = broken.find(|broken| broken.constraint == at);
        let Some(broken) = broken else {
            let is_kept = status == ExpectStatus::Absent;
            return (!is_kept).then(|| "it is not broken".into());
        };
        let (is, is_wanted) = match broken.is_certain() {
            true => ("it is broken", status == ExpectStatus::Holds),
            false => ("it may be broken", status == ExpectStatus::Open),
        };
        (!is_wanted).then(|| format!("{is}:\n{}", self.reason(evaluated, &broken.answers[0])))
    }

    fn expect_query(
        &self,
        query: &Query,
        expect: &Expect,
        evaluated: &Evaluated,
        facts: &Facts,
    ) -> Option<String> {
        let by = expect.by.as_deref();
        match expect.status {
            ExpectStatus::Holds => self.expect_holds(query, by, evaluated),
            ExpectStatus::Absent => {
                let found = self.matching(query, by, evaluated)?;
                Some(format!(
                    "{}:\n{}",
                    how(&found),
                    self.reason(evaluated, &found)
                ))
            }
            ExpectStatus::Suspended => {
                self.expect_lifted(query, by, Standing::Suspended, evaluated, facts)
            }
            ExpectStatus::Exempt => {
                self.expect_lifted(query, by, Standing::Exempt, evaluated, facts)
            }
            ExpectStatus::Open => self.expect_open(query, by, evaluated),
        }
    }

    fn expect_open(
        &self,
        query: &Query,
        by: Option<&[ClauseId]>,
        evaluated: &Evaluated,
    ) -> Option<String> {
        let found = self.all_matching(query, by, evaluated);
        if found
            .iter()
            .any(|found| matches!(found.sure, Sure::Open(_)))
        {
            return None;
        }
        Some(match found.first() {
            Some(found) => format!(
                "it is not open, {}:\n{}",
                how(found),
                self.reason(evaluated, found)
            ),
            None => {
                let why =
                    evaluated.with_world(&self.policy, |world| world.why_not(&pattern_of(query)));
                format!(
                    "it is not open, it is absent:\n{}",
                    why_not_text(self.context(), &why, SHOWN)
                )
            }
        })
    }

    /// The first answer that a rule of these clauses gives: one that holds, or else one that may.
    fn matching(
        &self,
        query: &Query,
        by: Option<&[ClauseId]>,
        evaluated: &Evaluated,
    ) -> Option<Found> {
        self.all_matching(query, by, evaluated).into_iter().next()
    }

    fn all_matching(
        &self,
        query: &Query,
        by: Option<&[ClauseId]>,
        evaluated: &Evaluated,
    ) -> Vec<Found> {
        match by {
            Some(by) => self.found_by(evaluated, query, by),
            None => self.found(evaluated, query),
        }
    }

    /// Why it holds, or on what it depends.
    fn reason(&self, evaluated: &Evaluated, found: &Found) -> String {
        let claim = found.on(None);
        match &found.sure {
            Sure::Follows => self.proof_of(evaluated, &claim),
            Sure::InEveryCase => self.context().sentence(&claim),
            Sure::Open(dependence) => self.context().dependence(dependence),
        }
    }

    fn expect_holds(
        &self,
        query: &Query,
        by: Option<&[ClauseId]>,
        evaluated: &Evaluated,
    ) -> Option<String> {
        let holds = |found: &Found| !matches!(found.sure, Sure::Open(_));
        if self.all_matching(query, by, evaluated).iter().any(holds) {
            return None;
        }
        match self.found(evaluated, query).first() {
            Some(found) if holds(found) => Some(format!(
                "it holds, but not by that clause:\n{}",
                self.reason(evaluated, found)
            )),
            Some(found) => Some(format!("it is open: {}", self.reason(evaluated, found))),
            None => {
                let mut why =
                    evaluated.with_world(&self.policy, |world| world.why_not(&pattern_of(query)));
                let is_meant = |clause: Option<ClauseId>| {
                    clause.is_some_and(|clause| by.is_some_and(|by| by.contains(&clause)))
                };
                // Of the rules that could have given it, those that the line names are the ones to be told.
                if why.rules.iter().any(|rule| is_meant(rule.clause)) {
                    why.rules.retain(|rule| is_meant(rule.clause));
                }
                Some(why_not_text(self.context(), &why, SHOWN))
            }
        }
    }

    /// Would hold, were suspensions (or exemptions) lifted: all, or those that these clauses state.
    fn expect_lifted(
        &self,
        query: &Query,
        by: Option<&[ClauseId]>,
        standing: Standing,
        evaluated: &Evaluated,
        facts: &Facts,
    ) -> Option<String> {
        let what = if standing == Standing::Suspended {
            "suspended"
        } else {
            "exempt"
        };
        if let Some(found) = self.matching(query, None, evaluated) {
            return Some(format!(
                "it is not {what}, {}:\n{}",
                how(&found),
                self.reason(evaluated, &found)
            ));
        }
        if standing == Standing::Exempt && self.is_exempted(query, by, evaluated) {
            return None;
        }
        let which = by.map_or(Lifted::All, |clauses| Lifted::By(clauses.to_vec()));
        let circumstances = lifted(&evaluated.circumstances, standing, &which);
        match self.run(facts, &circumstances) {
            Err(problems) => Some(self.problems(&problems)),
            Ok(free) if self.holds(query, &free) => None,
            Ok(free) => {
                let why = free.with_world(&self.policy, |world| world.why_not(&pattern_of(query)));
                Some(format!(
                    "it is not {what}; without that, still:\n{}",
                    why_not_text(self.context(), &why, SHOWN)
                ))
            }
        }
    }

    fn holds(&self, query: &Query, evaluated: &Evaluated) -> bool {
        let found = self.matching(query, None, evaluated);
        found.is_some_and(|found| !matches!(found.sure, Sure::Open(_)))
    }

    /// Whether a derivation of a fully given fact is exempted.
    fn is_exempted(&self, query: &Query, by: Option<&[ClauseId]>, evaluated: &Evaluated) -> bool {
        let pattern = pattern_of(query);
        let args: Option<Vec<_>> = pattern.args.into_iter().collect();
        let is_blockable = self.policy.exemptions.iter().any(|exemption| {
            exemption
                .blocks
                .iter()
                .any(|blocked| matches!(blocked, Blocked::Rule(_) | Blocked::Facts(..)))
        });
        let Some(args) = args.filter(|_| is_blockable) else {
            return false;
        };
        let claim = Claim {
            relation: pattern.relation,
            args,
            day: pattern.day,
        };
        evaluated.with_world(&self.policy, |world| world.is_exempted(&claim, by))
    }
}

fn how(found: &Found) -> &'static str {
    match found.sure {
        Sure::Follows | Sure::InEveryCase => "it holds",
        Sure::Open(_) => "it is open",
    }
}
