//! Small changes of a policy: which are noticed by a case, and what would notice the others.

use crate::command::lexlog;
use std::fs;
use tempfile::TempDir;

const POLICY: &str = r#"
type Party
type Item
type Transfer
unit nm
event   transfer(id: Transfer -> exporter: Party, recipient: Party, item: Item, on: date)
input   chip(item: Item -> node: decimal nm)
input   relief(transfer: Transfer)
input   listed(party: Party)
verdict licence_required(transfer: Transfer)

notice n "Chips" {
    published 2025-01-01
    effective 2025-03-01
    clause 1 "Chips of 14 nm and below, to listed parties" {
        licence_required(T) if transfer(T, recipient: R, item: I), listed(R), chip(I, N), N <= 14 nm.
    }
    clause 2 "Not for relief" {
        exempt licence_required(T) from 1 if relief(T).
    }
}
"#;

const CASES: &str = r#"
case "a chip of 5 nm" {
    transfer(t1, exporter: a, recipient: b, item: i, on: 2025-06-01).
    listed(b).
    chip(i, 5 nm).
    expect licence_required(t1) by n/1.
}
"#;

const MORE: &str = r#"
case "at the boundary, and one beyond" {
    transfer(t1, exporter: a, recipient: b, item: i, on: 2025-03-01).
    transfer(t2, exporter: a, recipient: b, item: j, on: 2025-03-01).
    transfer(t3, exporter: a, recipient: b, item: i, on: 2025-02-28).
    transfer(t4, exporter: b, recipient: c, item: i, on: 2025-03-01).
    transfer(t5, exporter: a, recipient: b, item: i, on: 2025-03-01).
    listed(b).
    relief(t5).
    chip(i, 14 nm).
    chip(j, 15 nm).
    expect licence_required(t1).
    expect not licence_required(t2).
    expect not licence_required(t3).
    expect not licence_required(t4).
    expect exempt licence_required(t5).
}
"#;

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Desk {
        let desk = Desk {
            folder: TempDir::new().expect("there is room for a folder"),
        };
        desk.write("policy.lexlog", POLICY);
        desk.write("cases.lexlog", CASES);
        desk
    }

    fn path(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        path.to_str().expect("the path is text").to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("there is room for a file");
    }

    fn mutate(&self, more: &[&str]) -> String {
        let (policy, cases) = (self.path("policy.lexlog"), self.path("cases.lexlog"));
        let run = lexlog(&[&["mutate", &policy, &cases], more].concat());
        let folder = self.folder.path().to_str().expect("it is text");
        run.transcript().replace(folder, "…")
    }
}

#[test]
fn what_no_case_notices_is_told_with_a_case_that_would() {
    insta::assert_snapshot!(Desk::new().mutate(&[]));
}

#[test]
fn cases_at_the_boundaries_notice_every_change() {
    let desk = Desk::new();
    desk.write("cases.lexlog", &format!("{CASES}{MORE}"));
    insta::assert_snapshot!(desk.mutate(&[]));
}

/// Each case that is proposed passes on the policy as it is, and fails on the one that it is to tell from it.
#[test]
fn a_case_that_is_proposed_notices_the_change() {
    let desk = Desk::new();
    let json: serde_json::Value = {
        let run = desk.mutate(&["--format", "json"]);
        let end = run.rfind("\nexit ").expect("it ends");
        serde_json::from_str(&run[..end]).expect("it is JSON")
    };
    let changes = json["changes"].as_array().expect("it is a list");
    let mut found = 0;
    for change in changes {
        let (Some(case), Some(old), Some(new)) = (
            change["would_notice"].as_str(),
            change["old"].as_str(),
            change["new"].as_str(),
        ) else {
            continue;
        };
        desk.write("proposed.lexlog", case);
        let changed = POLICY.replacen(old, new, 1);
        assert_ne!(changed, POLICY);
        desk.write("changed.lexlog", &changed);
        let passes = |policy: &str| {
            let run = lexlog(&["test", &desk.path(policy), &desk.path("proposed.lexlog")]);
            run.code
        };
        assert_eq!(
            (passes("policy.lexlog"), passes("changed.lexlog")),
            (0, 1),
            "{case}\n{new}"
        );
        found += 1;
    }
    assert!(found > 2, "{json}");
}

#[test]
fn a_run_goes_on_where_it_stopped_and_says_the_same() {
    let desk = Desk::new();
    let state = desk.path("state.json");
    let first = desk.mutate(&["--state", &state]);
    let kept = fs::read_to_string(&state).expect("it is written");
    assert_eq!(desk.mutate(&["--state", &state]), first);
    assert_eq!(desk.mutate(&["--jobs", "1"]), first);
    assert_eq!(fs::read_to_string(&state).expect("it is there"), kept);
    desk.write("cases.lexlog", &format!("{CASES}{MORE}"));
    assert_ne!(
        desk.mutate(&["--state", &state]),
        first,
        "other cases, other findings"
    );
    desk.write("state.json", "nonsense");
    assert!(
        desk.mutate(&["--state", &state])
            .contains("is no file of `lexlog mutate --state`")
    );
}
