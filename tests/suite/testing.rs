//! `lexlog test`, as somebody who changes a policy uses it.

use crate::command::{Run, lexlog};
use quick_junit::{Report, TestCaseStatus};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const NOTICE: &str = r#"
type Party
type Transfer
type Country = china | germany
unit nm
event    transfer(id: Transfer -> recipient: Party, node: decimal nm, on: date)   reads "{id} goes to {recipient}"
input    established_in(party: Party, country: Country)   reads "{party} is established in {country}"
relation foreign(party: Party)                            reads "{party} is foreign"
verdict  licence_required(transfer: Transfer)             reads "{transfer} requires a licence"

foreign(P) if established_in(P, C), C != china.

notice ministry_1 "Advanced chips" {
    published 2025-03-01
    effective 2025-04-01
    clause 1 "Chips of 14 nm and less need a licence" {
        licence_required(T) if transfer(T, recipient: R, node: N), foreign(R), N <= 14 nm.
    }
}
"#;

const CASES: &str = r#"
case "A chip of 14 nm for a foreign party" {
    established_in(rheinwerk, germany).
    transfer(t1, recipient: rheinwerk, node: 14 nm, on: 2025-04-01).
    expect licence_required(t1) by ministry_1/1.
}

case "A chip of 16 nm, and one for a party at home" {
    established_in(rheinwerk, germany).
    established_in(acme, china).
    transfer(t1, recipient: rheinwerk, node: 16 nm, on: 2025-04-01).
    transfer(t2, recipient: acme, node: 5 nm, on: 2025-04-01).
    expect not licence_required(t1).
    expect licence_required(t2) by ministry_1/1.
}
"#;

/// A folder with a policy and its cases.
struct World {
    folder: TempDir,
}

impl World {
    fn new(notice: &str, cases: &str) -> World {
        let world = World {
            folder: TempDir::new().expect("there is room for a folder"),
        };
        world.write("policy/notice.lexlog", notice);
        world.write("cases/chips.lexlog", cases);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it lies in a folder"))
            .expect("there is room for a folder");
        fs::write(path, text).expect("there is room for a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("the file is there")
    }

    /// `lexlog test`, with the folder left out of what it prints.
    fn test(&self, options: &[&str]) -> Run {
        let mut words = vec![
            "test".to_owned(),
            shown(&self.path("policy")),
            shown(&self.path("cases")),
        ];
        words.extend(options.iter().map(|word| (*word).to_owned()));
        let mut run = lexlog(&words);
        let folder = format!("{}/", shown(self.folder.path()));
        run.out = run.out.replace(&folder, "");
        run.err = run.err.replace(&folder, "");
        run
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[test]
fn a_failure_shows_the_line_what_came_out_and_the_reason() {
    let run = World::new(NOTICE, CASES).test(&[]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.transcript());
}

#[test]
fn results_are_the_same_whatever_the_number_of_threads() {
    let more: String = (0..40)
        .map(|at| CASES.replace("case \"A", &format!("case \"{at}: a")))
        .collect();
    let world = World::new(NOTICE, &more);
    let [one, two, seven] = ["1", "2", "7"].map(|jobs| world.test(&["--jobs", jobs, "-v"]));
    assert!(one.out.contains("40 passed, 40 failed"), "{}", one.out);
    assert_eq!(one.out, two.out);
    assert_eq!(one.out, seven.out);
}

#[test]
fn a_filter_chooses_cases_by_words_of_their_titles() {
    let world = World::new(NOTICE, CASES);
    let run = world.test(&["--filter", "14 NM", "--verbose"]);
    assert_eq!(
        run.out,
        "passed A chip of 14 nm for a foreign party\n1 passed, 0 failed (1 expectations)\n"
    );
    let both = world.test(&["--filter", "14 nm", "--filter", "16 nm"]);
    assert!(both.out.contains("1 passed, 1 failed"), "{}", both.out);
    let none = world.test(&["--filter", "28 nm"]);
    assert_eq!(
        none.transcript(),
        "standard error:\nerror: none of the 2 cases has `28 nm` in its title\nexit 2"
    );
}

#[test]
fn build_servers_read_the_results_as_junit() {
    let world = World::new(NOTICE, &CASES.replace("of 16 nm,", "of 16 nm & <more>,"));
    let file = world.path("results.xml");
    world.test(&["--junit", &shown(&file)]);
    let text = world.read("results.xml");
    let report = Report::deserialize_from_str(&text).expect("it is JUnit");
    assert_eq!((report.tests, report.failures), (2, 1));
    let suite = &report.test_suites[0];
    assert!(suite.name.as_str().ends_with("cases/chips.lexlog"));
    let TestCaseStatus::NonSuccess { description, .. } = &suite.test_cases[1].status else {
        panic!("the second case fails: {text}");
    };
    let told = description.as_ref().expect("it says why").as_str();
    assert!(told.contains("expect licence_required(t2) by ministry_1/1."));
    assert!(told.contains("no record that acme is foreign"));
}

#[test]
fn programs_read_the_results_as_json() {
    let run = World::new(NOTICE, CASES).test(&["--format", "json"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.out);
}
