//! `lexlog test`: runs the cases of a policy and says which came out otherwise than expected, and why.

mod junit;

use super::Outcome;
use super::arguments::{Format, Test};
use super::commands::{open, with_cases};
use super::output::{pretty, print, tell, write};
use crate::session::{CaseResult, MOST_POINTS, Session};
use crate::source::Place;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value as Json, json};

/// `lexlog test`
pub(super) fn test(arguments: &Test) -> Outcome {
    let paths = with_cases(&arguments.policy, &arguments.cases);
    let Some(session) = open(&paths, arguments.reference, MOST_POINTS) else {
        return Outcome::Refused;
    };
    let Some(chosen) = chosen(&session, &arguments.filter) else {
        return Outcome::Refused;
    };
    let progress = progress(chosen.len());
    let results = session.run_cases(&chosen, arguments.jobs, &|_| progress.inc(1));
    progress.finish_and_clear();
    if let Some(file) = &arguments.junit {
        let written = write(file, &junit::results(&session, &results));
        if written != Outcome::Fine {
            return written;
        }
    }
    let printed = print(&match arguments.format {
        Format::Text => text(&session, &results, arguments.verbose),
        Format::Json => data(&session, &results),
    });
    let has_failed = !results.iter().all(CaseResult::has_passed);
    match printed {
        Outcome::Fine if has_failed => Outcome::Objection,
        other => other,
    }
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

/// Where a case is written: `file:line`.
fn place(session: &Session, result: &CaseResult) -> String {
    let span = session.policy.cases[result.case].span;
    session.sources.cite(Place::Span(span))
}

fn text(session: &Session, results: &[CaseResult], verbose: bool) -> String {
    if results.is_empty() {
        return "there are no cases here: write one, `case \"…\" { … }`, or name the files that have them\n".into();
    }
    let shown = results
        .iter()
        .filter(|result| verbose || !result.has_passed());
    let told: String = shown.map(|result| case_text(session, result)).collect();
    let failed = results.iter().filter(|result| !result.has_passed()).count();
    let expects: usize = results.iter().map(|result| result.expects.len()).sum();
    told + &format!(
        "{} passed, {failed} failed ({expects} expectations)\n",
        results.len() - failed
    )
}

fn case_text(session: &Session, result: &CaseResult) -> String {
    let title = &session.policy.cases[result.case].title;
    if result.has_passed() {
        return format!("passed {title}\n");
    }
    let failures: String = failures(result).iter().map(|it| indented(it)).collect();
    let place = place(session, result);
    format!("FAILED {title}\n    {place}\n{failures}")
}

/// What went otherwise than expected, each with the line that expects it and the reason.
fn failures(result: &CaseResult) -> Vec<String> {
    let objections = result.objections.iter().cloned();
    let expects = result.expects.iter().filter_map(|expect| {
        let failure = expect.failure.as_ref()?;
        Some(format!("{}: {}\n{failure}", expect.place, expect.text))
    });
    objections.chain(expects).collect()
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

/// The results as data: `{"schema": 1, "passed", "failed", "cases": [{"case", "source", "passed", "objections", "expects":
/// [{"source", "text", "passed", "failure"}]}]}`, in the order of files and lines.
fn data(session: &Session, results: &[CaseResult]) -> String {
    let cases: Vec<Json> = results
        .iter()
        .map(|result| {
            let expects: Vec<Json> = result.expects.iter().map(|expect| json!({ "source": expect.place, "text": expect.text, "passed": expect.failure.is_none(), "failure": expect.failure })).collect();
            json!({ "case": session.policy.cases[result.case].title, "source": place(session, result), "passed": result.has_passed(), "objections": result.objections, "expects": expects })
        })
        .collect();
    let passed = results.iter().filter(|result| result.has_passed()).count();
    let failed = results.len() - passed;
    pretty(&json!({ "schema": 1, "passed": passed, "failed": failed, "cases": cases }))
}
