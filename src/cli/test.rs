//! `lexlog test`: runs the cases of a policy and says which came out otherwise than expected, and why.

mod coverage;
mod junit;
mod snapshots;

use super::Outcome;
use super::arguments::{Format, Means, Test};
use super::commands::{one, open, refuse, with_cases};
use super::output::{pretty, print, tell, write};
use super::outputs::Outputs;
use crate::report::{Coverage, coverage_json};
use crate::session::{CaseResult, Session, Snapshot, State};
use crate::source::Place;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value as Json, json};
use snapshots::{Snapshots, is_objection, shown};

/// `lexlog test`
pub(super) fn test(arguments: &Test) -> Outcome {
    let paths = with_cases(&arguments.policy, &arguments.cases);
    let means = Means {
        reference: arguments.reference,
        ..Means::default()
    };
    let Some(session) = open(&paths, &means) else {
        return Outcome::Refused;
    };
    let Some(chosen) = chosen(&session, &arguments.filter) else {
        return Outcome::Refused;
    };
    let progress = progress(chosen.len());
    let all = arguments.accept || arguments.review;
    let through = || progress.inc(1);
    let run = session.run_with_snapshots(&chosen, all, arguments.jobs, &through);
    progress.finish_and_clear();
    let (results, snapshots) = match run {
        Ok(run) => run.into_iter().unzip(),
        Err((file, reason)) => {
            tell(&format!(
                "error: `{}` cannot be read: {reason}\n",
                file.display()
            ));
            return Outcome::Refused;
        }
    };
    let snapshots = match Snapshots::of(&session, snapshots, arguments) {
        Ok(snapshots) => snapshots,
        Err(outcome) => return outcome,
    };
    let coverage = match coverage::coverage(&session, &chosen, arguments) {
        Ok(coverage) => coverage,
        Err(outcome) => return outcome,
    };
    let tested = Tested {
        session: &session,
        results,
        snapshots,
        coverage,
    };
    if let Some(file) = &arguments.junit {
        let mut outputs = Outputs::default();
        outputs.file("--junit", file);
        if let Err(problem) = outputs.check(&session, None) {
            return refuse(&session, &one(problem));
        }
        let written = write(file, &junit::results(&tested));
        if written != Outcome::Fine {
            return written;
        }
    }
    let printed = print(&match arguments.format {
        Format::Text => tested.text(arguments),
        Format::Json => tested.data(),
    });
    let coverage = tested.coverage.as_ref();
    let is_under = coverage.is_some_and(|coverage| coverage::is_under(coverage, arguments));
    match printed {
        Outcome::Fine if tested.has_objection() || is_under => Outcome::Objection,
        other => other,
    }
}

/// What came of the cases that ran.
struct Tested<'a> {
    session: &'a Session,
    results: Vec<CaseResult>,
    snapshots: Snapshots,
    coverage: Option<Coverage>,
}

/// The cases whose titles have one of these texts in them; all, without one. `None`, and told, where no title has.
fn chosen(session: &Session, filter: &[String]) -> Option<Vec<usize>> {
    let wanted: Vec<String> = filter.iter().map(|text| text.to_lowercase()).collect();
    let cases = session.policy.cases.iter().enumerate();
    let fitting = cases.filter(|(_, case)| {
        let title = case.title.to_lowercase();
        wanted.is_empty() || wanted.iter().any(|text| title.contains(text))
    });
    let fitting: Vec<usize> = fitting.map(|(at, _)| at).collect();
    if fitting.is_empty() && !wanted.is_empty() {
        let texts: Vec<String> = filter.iter().map(|text| format!("`{text}`")).collect();
        tell(&format!(
            "error: none of the {} cases has {} in its title\n",
            session.policy.cases.len(),
            texts.join(" or ")
        ));
        return None;
    }
    Some(fitting)
}

/// A bar on a terminal; nothing where standard error is no terminal.
fn progress(cases: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} cases");
    ProgressBar::new(cases as u64).with_style(style.expect("the template is well formed"))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

impl Tested<'_> {
    fn has_objection(&self) -> bool {
        let has_failed = !self.results.iter().all(CaseResult::has_passed);
        has_failed || self.snapshots.has_objection()
    }

    /// Each case with its snapshot, in the order of files and lines.
    fn cases(&self) -> impl Iterator<Item = (&CaseResult, &Snapshot)> {
        self.results.iter().zip(&self.snapshots.list)
    }

    fn failed(&self) -> usize {
        let failed = self.results.iter().filter(|result| !result.has_passed());
        failed.count()
    }

    fn title(&self, result: &CaseResult) -> &str {
        &self.session.policy.cases[result.case].title
    }

    /// Where a case is written: `file:line`.
    fn place(&self, result: &CaseResult) -> String {
        let span = self.session.policy.cases[result.case].span;
        self.session.sources.cite(Place::Span(span))
    }

    fn text(&self, arguments: &Test) -> String {
        if self.results.is_empty() {
            return "there are no cases here: write one, `case \"…\" { … }`, or name the files that have them\n".into();
        }
        let told = self
            .cases()
            .map(|(result, snapshot)| self.case_text(result, snapshot, arguments.verbose));
        let told: String = told.collect();
        let failed = self.failed();
        let expects: usize = self.results.iter().map(|result| result.expects.len()).sum();
        let coverage = self.coverage.as_ref();
        let coverage = coverage.map(|it| coverage::told(self.session, it, arguments));
        told + &self.snapshots.orphans_text()
            + &coverage.unwrap_or_default()
            + &format!(
                "{} passed, {failed} failed ({expects} expectations){}\n",
                self.results.len() - failed,
                self.snapshots.summary()
            )
    }

    fn case_text(&self, result: &CaseResult, snapshot: &Snapshot, verbose: bool) -> String {
        let title = self.title(result);
        let word = match (result.has_passed(), is_objection(snapshot)) {
            (true, false) if verbose => return format!("passed {title}\n"),
            (true, false) => return String::new(),
            (true, true) => "CHANGED",
            (false, _) => "FAILED",
        };
        let failures = failures(result, snapshot);
        let failures: String = failures.iter().map(|it| indented(it)).collect();
        format!("{word} {title}\n    {}\n{failures}", self.place(result))
    }

    /// The results as data: `{"schema": 1, "passed", "failed", "cases": [{"case", "source", "passed", "objections", "expects":
    /// [{"source", "text", "passed", "failure"}], "snapshot": {"file", "state": "none" | "missing" | "as_reviewed" | "differs",
    /// "changes": [text]}}], "orphans": [file], "coverage"}`, in the order of files and lines.
    fn data(&self) -> String {
        let cases: Vec<Json> = self
            .cases()
            .map(|(result, snapshot)| {
                let expects: Vec<Json> = result.expects.iter().map(|expect| json!({ "source": expect.place, "text": expect.text, "passed": expect.failure.is_none(), "failure": expect.failure })).collect();
                json!({ "case": self.title(result), "source": self.place(result), "passed": result.has_passed(), "objections": result.objections, "expects": expects, "snapshot": snapshot_data(snapshot) })
            })
            .collect();
        let failed = self.failed();
        let passed = self.results.len() - failed;
        let coverage = self.coverage.as_ref();
        let coverage = coverage.map(|it| coverage_json(self.session.context(), it));
        pretty(
            &json!({ "schema": 1, "passed": passed, "failed": failed, "cases": cases, "orphans": self.snapshots.orphans, "coverage": coverage }),
        )
    }
}

fn snapshot_data(snapshot: &Snapshot) -> Json {
    let (state, changes) = match &snapshot.state {
        State::Unkept => ("none", Vec::new()),
        State::Missing => ("missing", Vec::new()),
        State::AsReviewed => ("as_reviewed", Vec::new()),
        State::Differs(difference) => {
            let changes = difference.changes.iter();
            ("differs", changes.map(|it| it.to_words()).collect())
        }
    };
    json!({ "file": snapshot.file, "state": state, "changes": changes })
}

/// What is otherwise than expected, each with the line that expects it and the reason, and than reviewed.
fn failures(result: &CaseResult, snapshot: &Snapshot) -> Vec<String> {
    let objections = result.objections.iter().cloned();
    let expects = result.expects.iter().filter_map(|expect| {
        let failure = expect.failure.as_ref()?;
        Some(format!("{}: {}\n{failure}", expect.place, expect.text))
    });
    let unreviewed = is_objection(snapshot).then(|| shown(snapshot));
    objections.chain(expects).chain(unreviewed).collect()
}
