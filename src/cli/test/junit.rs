//! Results as JUnit XML, which most build servers show: a suite for each file of cases, a test for each case.

use super::{failures, place};
use crate::session::{CaseResult, Session};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;

/// The results as one XML document.
pub(super) fn results(session: &Session, results: &[CaseResult]) -> String {
    let mut by_file: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
    for result in results {
        let file = session.policy.cases[result.case].span.file;
        let name = session.sources.file(file).name.as_str();
        by_file.entry(name).or_default().push(result);
    }
    let mut report = Report::new("lexlog");
    for (file, results) in by_file {
        let mut suite = TestSuite::new(file);
        suite.add_test_cases(results.iter().map(|result| test(session, file, result)));
        report.add_test_suite(suite);
    }
    report
        .to_string()
        .expect("a document in memory can be written")
}

fn test(session: &Session, file: &str, result: &CaseResult) -> TestCase {
    let title = &session.policy.cases[result.case].title;
    let failures = failures(result);
    let status = match failures.first().and_then(|failure| failure.lines().next()) {
        None => TestCaseStatus::success(),
        Some(first) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(first);
            status.set_description(format!(
                "{}\n{}",
                place(session, result),
                failures.join("\n\n")
            ));
            status
        }
    };
    let mut test = TestCase::new(title.as_str(), status);
    test.set_classname(file);
    test
}
