//! `lexlog test`, as somebody who changes a policy uses it.

use crate::command::{Run, lexlog, lexlog_with_input};
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

/// `CASES` as they pass.
fn passing() -> String {
    CASES.replace(
        "expect licence_required(t2) by",
        "expect not licence_required(t2) by",
    )
}

const FIRST: &str = "cases/snapshots/a_chip_of_14_nm_for_a_foreign_party.snap";
const SECOND: &str = "cases/snapshots/a_chip_of_16_nm_and_one_for_a_party_at_home.snap";

#[test]
fn accepting_starts_snapshots_which_then_are_compared() {
    let world = World::new(NOTICE, &passing());
    let before = world.test(&[]);
    assert_eq!(before.out, "2 passed, 0 failed (3 expectations)\n");
    let started = world.test(&["--accept"]);
    assert_eq!(
        (started.code, started.err.as_str()),
        (0, "2 snapshots written\n")
    );
    insta::assert_snapshot!("snapshot_of_a_case", world.read(FIRST));
    let after = world.test(&[]);
    assert_eq!(
        after.transcript(),
        "2 passed, 0 failed (3 expectations); snapshots: 2 as reviewed\nexit 0"
    );
}

#[test]
fn a_change_of_the_policy_is_told_verdict_by_verdict_and_line_by_line() {
    let world = World::new(NOTICE, &passing().replace("    expect", "    # expect"));
    world.test(&["--accept"]);
    world.write(
        "policy/notice.lexlog",
        &NOTICE.replace("N <= 14 nm", "14 nm < N"),
    );
    let run = world.test(&[]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.transcript());
}

#[test]
fn snapshots_stay_where_files_lines_and_rules_move() {
    let two = "        licence_required(T) if transfer(T, recipient: R, node: N), foreign(R), N = 90 nm.\n";
    let one = "        licence_required(T) if transfer(T, recipient: R, node: N), foreign(R), N <= 14 nm.\n";
    let world = World::new(&NOTICE.replace(one, &format!("{one}{two}")), &passing());
    world.test(&["--accept"]);
    let moved = NOTICE.replace(one, &format!("\n\n{two}\n{one}"));
    fs::remove_file(world.path("policy/notice.lexlog")).expect("the file is there");
    fs::remove_file(world.path("cases/chips.lexlog")).expect("the file is there");
    world.write("policy/law/chips.lexlog", &format!("# Moved.\n{moved}"));
    let facts = "    established_in(rheinwerk, germany).\n    established_in(acme, china).\n";
    let turned = "    established_in(acme, china).\n\n    established_in(rheinwerk, germany).\n";
    let cases = passing().replace(facts, turned);
    world.write("cases/renamed.lexlog", &format!("# Moved.\n\n{cases}"));
    let run = world.test(&[]);
    assert!(
        run.out.ends_with("snapshots: 2 as reviewed\n"),
        "{}",
        run.out
    );
}

#[test]
fn missing_and_orphaned_snapshots_are_objected_to_and_a_folder_read_in_part_has_none() {
    let world = World::new(NOTICE, &passing());
    world.write(
        "cases/other.lexlog",
        &passing().replace("case \"A", "case \"Another"),
    );
    world.test(&["--accept"]);
    let renamed = passing().replace("A chip of 14 nm", "A part of 14 nm");
    world.write("cases/chips.lexlog", &renamed);
    let run = world.test(&[]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.transcript());
    let path = shown(&world.path("cases/other.lexlog"));
    let part = lexlog(&["test", &shown(&world.path("policy")), &path]);
    assert_eq!(
        part.out,
        "2 passed, 0 failed (3 expectations); snapshots: 2 as reviewed\n"
    );
    let accepted = world.test(&["--accept"]);
    assert_eq!(accepted.err, "1 snapshot written\n1 snapshot removed\n");
    assert!(!world.path(FIRST).exists());
    assert_eq!(world.test(&[]).code, 0);
}

#[test]
fn a_review_goes_through_them_one_by_one() {
    let world = World::new(NOTICE, &passing());
    world.test(&["--accept"]);
    let [first, second] = [FIRST, SECOND].map(|file| world.read(file));
    let changed = NOTICE.replace("requires a licence", "needs a licence");
    world.write("policy/notice.lexlog", &changed);
    let words = [
        "test",
        &shown(&world.path("policy")),
        &shown(&world.path("cases")),
        "--review",
    ];
    let run = lexlog_with_input(&words, "what?\nskip\na\n");
    assert_eq!(run.code, 1, "{}", run.transcript());
    assert!(
        run.err
            .contains("[1 of 2] A chip of 14 nm for a foreign party"),
        "{}",
        run.err
    );
    assert!(run.err.ends_with("1 snapshot written\n"), "{}", run.err);
    assert_eq!(world.read(FIRST), first);
    assert_ne!(world.read(SECOND), second);
    let rejected = lexlog_with_input(&words, "r\n");
    assert!(
        rejected.out.ends_with("1 as reviewed, 1 different\n"),
        "{}",
        rejected.out
    );
    // Nobody answers: nothing is written.
    assert_eq!(lexlog_with_input(&words, "").code, 1);
    assert_eq!(world.read(FIRST), first);
}

#[test]
fn what_waits_for_review_lies_where_insta_looks_for_it() {
    let world = World::new(NOTICE, &passing());
    world.test(&["--accept"]);
    world.write(
        "policy/notice.lexlog",
        &NOTICE.replace("requires a licence", "needs a licence"),
    );
    world.test(&["--pending"]);
    let waiting = world.read(&format!("{FIRST}.new"));
    assert!(
        waiting
            .starts_with("---\ndescription: \"case: A chip of 14 nm for a foreign party\"\n---\n")
    );
    assert!(
        waiting.contains("t1 needs a licence [ministry_1/1]"),
        "{waiting}"
    );
    world.test(&["--accept"]);
    assert!(!world.path(&format!("{FIRST}.new")).exists());
}

#[test]
fn coverage_names_what_no_case_shows() {
    let world = World::new(NOTICE, &passing());
    let run = world.test(&["--coverage=listing"]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.transcript());
    assert_eq!(world.test(&["--coverage", "--fail-under", "90"]).code, 1);
    assert_eq!(world.test(&["--coverage", "--fail-under", "10"]).code, 0);
}

#[test]
fn a_case_for_each_missing_point_makes_the_coverage_whole() {
    let more = r#"
case "Nothing is sent" {
    established_in(rheinwerk, germany).
    expect not licence_required(_).
}
case "The day before" {
    established_in(rheinwerk, germany).
    transfer(t1, recipient: rheinwerk, node: 14 nm, on: 2025-03-31).
    expect not licence_required(t1).
}
case "Nobody is established anywhere" {
    transfer(t1, recipient: rheinwerk, node: 14 nm, on: 2025-04-02).
    expect not licence_required(t1).
}
"#;
    let world = World::new(NOTICE, &(passing() + more));
    let run = world.test(&["--coverage=listing", "--fail-under", "100"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
}

/// An exemption from an exemption, and a list that only `not` reads.
#[test]
fn coverage_sees_what_restores_and_what_is_listed_against() {
    let notice = r#"
type Party
type Transfer
event transfer(id: Transfer -> exporter: Party, on: date) reads "{exporter} makes {id} on {on}"
input heavy(transfer: Transfer)                           reads "{transfer} is heavy"
input relief(transfer: Transfer)                          reads "{transfer} is relief"
input late(transfer: Transfer)                            reads "{transfer} is reported late"
relation listed(party: Party)                             reads "{party} is listed"
verdict licence(transfer: Transfer)                       reads "{transfer} requires a licence"
verdict free(transfer: Transfer)                          reads "{transfer} is free"
notice n "N" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Licence" { licence(T) if transfer(T), heavy(T). }
    clause 2 "Relief" { exempt licence(T) from 1 if relief(T). }
    clause 3 "Late" { exempt licence(T) from 2 if late(T). }
    clause 4 "The list" { listed(acme). }
    clause 5 "Others" { free(T) if transfer(T, exporter: E), not listed(E). }
}
"#;
    let cases = r#"
case "On the first day" {
    transfer(t1, exporter: acme, on: 2025-01-01). heavy(t1).
    transfer(t2, exporter: bolt, on: 2025-01-01). heavy(t2). relief(t2).
    transfer(t3, exporter: bolt, on: 2025-01-01). heavy(t3). relief(t3). late(t3).
    expect licence(t1).
    expect exempt licence(t2) by n/2.
    expect licence(t3).
    expect not free(t1).
    expect free(t2).
}
case "The day before" {
    transfer(t4, exporter: bolt, on: 2024-12-31). heavy(t4). relief(t4). late(t4).
    transfer(t5, exporter: acme, on: 2024-12-31).
    expect not licence(t4).
    expect not free(t5).
}
"#;
    let world = World::new(notice, cases);
    let run = world.test(&["--coverage=listing", "--fail-under", "100"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let without = cases.replace(" late(t3).", "");
    let world = World::new(notice, &without.replace("expect licence(t3).", ""));
    assert_eq!(world.test(&["--coverage", "--fail-under", "100"]).code, 1);
}

#[test]
fn viewers_read_coverage_as_lcov_and_browsers_as_a_page() {
    let world = World::new(NOTICE, &passing());
    let (lcov, page) = (world.path("lcov.info"), world.path("coverage.html"));
    let run = world.test(&["--lcov", &shown(&lcov), "--html", &shown(&page)]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let folder = format!("{}/", shown(world.folder.path()));
    insta::assert_snapshot!("lcov", world.read("lcov.info").replace(&folder, ""));
    let text = world.read("coverage.html");
    let page = scraper::Html::parse_document(&text);
    let found = |what: &str| {
        let selector = scraper::Selector::parse(what).expect("it is well formed");
        page.select(&selector).count()
    };
    // Each line of the policy once, and what no case shows below its line.
    assert_eq!(found(".line"), NOTICE.lines().count());
    assert!(found(".missing") > 0 && found(".part") > 0);
    assert!(
        !text.contains("<script") && !text.contains("http"),
        "it needs nothing else"
    );
}
