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
    let list = changes(&desk, &[]);
    let mut found = 0;
    for change in &list {
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
    assert!(found > 2, "{list:?}");
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
    let more = desk.mutate(&["--state", &state]);
    assert_ne!(more, first, "other cases, other findings");
    assert_eq!(more, desk.mutate(&[]), "what is kept is as true as before");
    // A case that noticed much says less now, under its old title.
    let weaker = CASES.replace("expect licence_required(t1) by n/1.", "");
    desk.write("cases.lexlog", &format!("{weaker}{MORE}"));
    let weaker = desk.mutate(&["--state", &state]);
    assert_eq!(weaker, desk.mutate(&[]), "it is held to what it says now");
    desk.write("state.json", "nonsense");
    assert!(
        desk.mutate(&["--state", &state])
            .contains("is no file of `lexlog mutate --state`")
    );
}

/// A policy in which each kind of small change can be made.
const ALL_KINDS: &str = r#"
type Party
type Item
type Transfer
unit nm
event     transfer(id: Transfer -> exporter: Party, recipient: Party, item: Item, on: date)
input     chip(item: Item -> node: decimal nm)
input     owns(owner: Party, owned: Party -> share: decimal %)
input     listed(party: Party)
judgement extended
relation  threshold(of: Item, nm: decimal nm)
verdict   licence_required(transfer: Transfer)
verdict   report_due(transfer: Transfer, by: date)

notice n "Chips" {
    published 2025-01-01
    effective 2025-03-01
    through 2025-12-31
    clause 1 "Chips, to owners of listed parties" {
        licence_required(T) if
            transfer(T, recipient: R, item: I), owns(owner: R, owned: P, share: S), S >= 50%,
            listed(P), not listed(R), chip(I, N), N < 14 nm, R != P.
        report_due(T, D + 30 days) if licence_required(T), transfer(T, on: D), D >= 2025-06-01.
        table threshold(of, nm) { lamp 14 nm }
    }
    clause 2 "Not where the recipient exports too" {
        exempt licence_required(T) from 1 if transfer(T, exporter: P, recipient: P).
    }
}
notice m "A pause" {
    published 2025-01-01
    effective 2025-07-01
    suspends n/1 from 2025-07-01 through 2025-07-31, from 2025-08-01 through 2025-08-31 if extended
}
"#;

fn changes(desk: &Desk, more: &[&str]) -> Vec<serde_json::Value> {
    let run = desk.mutate(&[more, &["--format", "json"]].concat());
    let end = run.rfind("\nexit ").expect("it ends");
    let json: serde_json::Value = serde_json::from_str(&run[..end]).expect("it is JSON");
    json["changes"].as_array().expect("it is a list").clone()
}

#[test]
fn each_kind_of_small_change_is_made() {
    let desk = Desk::new();
    desk.write("policy.lexlog", ALL_KINDS);
    desk.write(
        "cases.lexlog",
        "case \"nothing\" {\n    expect not licence_required(_).\n}\n",
    );
    let told = changes(&desk, &[]).into_iter().map(|change| {
        let word = |key: &str| change[key].as_str().unwrap_or_default().trim().to_owned();
        let line = word("source")
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .to_owned();
        format!("{line} {}: {}\n", word("change"), word("new"))
    });
    insta::assert_snapshot!(told.collect::<String>());
}

/// The pause counts only while its notice is in force, and no event is judged by a day of a clause that says nothing.
#[test]
fn a_day_on_which_nothing_depends_may_change() {
    let desk = Desk::new();
    desk.write("policy.lexlog", ALL_KINDS);
    desk.write(
        "cases.lexlog",
        "case \"nothing\" {\n    expect not licence_required(_).\n}\n",
    );
    let fates = changes(&desk, &["--only", "m"]).into_iter().map(|change| {
        let word = |key: &str| change[key].as_str().unwrap_or_default().trim().to_owned();
        format!(
            "{}: {}\n    {}\n",
            word("fate"),
            word("change"),
            word("new")
        )
    });
    insta::assert_snapshot!(fates.collect::<String>());
}

/// Two notices suspend the same, one after the other and some days together: which of them does, only a case that asks for it can tell.
#[test]
fn a_day_of_one_of_two_suspensions_is_noticed_by_who_asks_for_it() {
    let desk = Desk::new();
    let policy = r#"
type Transfer
event   transfer(id: Transfer, on: date)
verdict licence_required(transfer: Transfer)
notice n "All transfers" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "All" {
        licence_required(T) if transfer(T).
    }
}
notice s1 "A pause" {
    published 2025-03-01
    effective 2025-04-01
    suspends n/1 from 2025-04-01 through 2025-05-31
}
notice s2 "Another pause" {
    published 2025-03-01
    effective 2025-04-01
    suspends n/1 from 2025-05-15 through 2025-06-30
}
"#;
    desk.write("policy.lexlog", policy);
    let fates = |by: &str| {
        let case = format!(
            "case \"paused\" {{\n    transfer(t1, on: 2025-05-14).\n    expect suspended licence_required(t1){by}.\n}}\n"
        );
        desk.write("cases.lexlog", &case);
        let changed = changes(&desk, &["--only", "s2"]).into_iter();
        let told = changed.map(|change| {
            let word = |key: &str| change[key].as_str().unwrap_or_default().trim().to_owned();
            format!("{}: {}\n", word("fate"), word("new"))
        });
        told.collect::<String>()
    };
    insta::assert_snapshot!(fates(""), @r"
    equivalent: effective 2025-03-31
    equivalent: effective 2025-04-02
    survived: suspends n/1 from 2025-05-14 through 2025-06-30
    survived: suspends n/1 from 2025-05-16 through 2025-06-30
    survived: suspends n/1 from 2025-05-15 until 2025-06-30
    survived: suspends n/1 from 2025-05-15 through 2025-06-29
    survived: suspends n/1 from 2025-05-15 through 2025-07-01
    ");
    insta::assert_snapshot!(fates(" by s1"), @r"
    equivalent: effective 2025-03-31
    equivalent: effective 2025-04-02
    noticed: suspends n/1 from 2025-05-14 through 2025-06-30
    survived: suspends n/1 from 2025-05-16 through 2025-06-30
    survived: suspends n/1 from 2025-05-15 until 2025-06-30
    survived: suspends n/1 from 2025-05-15 through 2025-06-29
    survived: suspends n/1 from 2025-05-15 through 2025-07-01
    ");
}

/// An exemption is seen only where a fact of its kind is given: none is in any case, and the search adds one.
#[test]
fn facts_that_no_case_has_are_added_in_search_of_one_that_would_notice() {
    let survivors = changes(&Desk::new(), &[]);
    let dropped = survivors
        .iter()
        .find(|it| it["change"] == "an exemption is dropped");
    let case = dropped.expect("it is changed")["would_notice"].as_str();
    insta::assert_snapshot!(case.expect("a case is found"));
}

#[test]
fn what_cannot_be_mutated_is_said_plainly() {
    let desk = Desk::new();
    let path = |name: &str| desk.path(name);
    let told = |arguments: &[&str]| {
        let folder = desk.folder.path().to_str().expect("it is text");
        lexlog(arguments).transcript().replace(folder, "…")
    };
    desk.write("broken.lexlog", "type Party\nverdict bad(party: Party\n");
    desk.write(
        "wrong.lexlog",
        "case \"wrong\" {\n    listed(b).\n    expect licence_required(_).\n}\n",
    );
    let policy = path("policy.lexlog");
    let state = path("nowhere/state.json");
    let runs = [
        told(&["mutate", &policy]),
        told(&["mutate", &path("none.lexlog")]),
        told(&["mutate", &path("broken.lexlog"), &path("cases.lexlog")]),
        told(&["mutate", &policy, &path("cases.lexlog"), "--only", "m"]),
        told(&["mutate", &policy, &path("cases.lexlog"), "--jobs", "0"]),
        told(&["mutate", &policy, &path("cases.lexlog"), "--state", &state]),
        told(&["mutate", &policy, &path("wrong.lexlog")]),
        told(&[
            "mutate",
            &policy,
            &path("cases.lexlog"),
            &path("wrong.lexlog"),
            "--only",
            "n/2",
        ]),
    ];
    insta::assert_snapshot!(runs.join("\n"));
}
