//! Results as JUnit XML, which most build servers show: a suite for each file of cases, a test for each case.

use super::{Tested, failures};
use crate::session::{CaseResult, Snapshot};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;

/// The results as one XML document.
pub(super) fn results(tested: &Tested<'_>) -> String {
    let session = tested.session;
    let mut by_file: BTreeMap<&str, Vec<TestCase>> = BTreeMap::new();
    for (result, snapshot) in tested.cases() {
        let file = session.policy.cases[result.case].span.file;
        let name = session.sources.file(file).name.as_str();
        let tests = by_file.entry(name).or_default();
        tests.push(test(tested, name, result, snapshot));
    }
    let mut report = Report::new("lexlog");
    for (file, tests) in by_file {
        let mut suite = TestSuite::new(file);
        suite.add_test_cases(tests);
        report.add_test_suite(suite);
    }
    report
        .to_string()
        .expect("a document in memory can be written")
}

fn test(tested: &Tested<'_>, file: &str, result: &CaseResult, snapshot: &Snapshot) -> TestCase {
    let failures = failures(result, snapshot);
    let status = match failures.first().and_then(|failure| failure.lines().next()) {
        None => TestCaseStatus::success(),
        Some(first) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(first);
            status.set_description(format!(
                "{}\n{}",
                tested.place(result),
                failures.join("\n\n")
            ));
            status
        }
    };
    let mut test = TestCase::new(tested.title(result), status);
    test.set_classname(file);
    test
}
