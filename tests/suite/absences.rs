//! Why something does not hold, as a user meets it: on which day, instead of what, and by which list.

use crate::command::{Run, lexlog_in};
use std::fs;
use tempfile::TempDir;

const HOLDINGS: &str = r#"
type Party
input owns(owner: Party, owned: Party -> share: decimal %) dated reads "{owner} holds {share} of {owned}"
verdict controls(owner: Party, owned: Party)                     reads "{owner} controls {owned}"
controls(A, B) if owns(owner: A, owned: B, share: S), S >= 50%.
notice register "The register" {
    published 2025-01-01
    effective 2025-02-01
    clause 1 "Who is registered" {
        controls(tom, tim).
    }
}
"#;
const HELD: &str = "owns(anna, bolt, 60%).
owns(cleo, dyne, 40%) from 2025-03-01 through 2025-04-01.
owns(erna, flux, 60%) through 2025-04-01.
";

const SHIPMENTS: &str = r#"
type Shipment
type Party
type Use = civil | relief
event shipment(id: Shipment -> use: Use, agent: Party or none, on: date) reads "{id} is shipped on {on}"
verdict licence(id: Shipment)                                            reads "{id} requires a licence"
notice n "On shipments" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "A licence" {
        licence(S) if shipment(S, agent: _).
    }
    clause 2 "Relief" {
        exempt licence(S) from 1 if shipment(S, use: relief).
    }
}
"#;
const SHIPPED: &str = "shipment(s1, use: civil, on: 2025-02-02).
shipment(s2, use: civil, agent: anna, on: 2025-02-02).
";

fn explain(law: &str, facts: &str, atom: &str) -> Run {
    let folder = TempDir::new().expect("there is room for a folder");
    for (name, text) in [("law.lexlog", law), ("f.lexlog", facts)] {
        fs::write(folder.path().join(name), text.trim_start()).expect("the file is written");
    }
    let arguments = ["explain", "law.lexlog", "--facts", "f.lexlog", atom];
    lexlog_in(folder.path(), &arguments)
}

#[test]
fn what_holds_on_no_day_is_told_for_the_day_on_which_it_comes_nearest() {
    insta::assert_snapshot!(explain(HOLDINGS, HELD, "controls(cleo, dyne)").transcript());
}

#[test]
fn what_holds_on_every_day_or_always_did_is_proved_for_a_day_that_people_write() {
    let always = explain(HOLDINGS, HELD, "controls(anna, bolt)").out;
    assert!(
        always.starts_with("anna controls bolt on 2000-01-01\n"),
        "{always}"
    );
    let until = explain(HOLDINGS, HELD, "controls(erna, flux)").out;
    assert!(
        until.starts_with("erna controls flux on 2025-04-01\n"),
        "{until}"
    );
}

#[test]
fn a_list_does_not_repeat_what_the_rules_beside_it_say() {
    let asked = "controls(cleo, dyne) on 2025-03-05";
    insta::assert_snapshot!(explain(HOLDINGS, HELD, asked).transcript());
}

#[test]
fn what_stands_in_the_place_of_what_is_missing_is_said_in_words() {
    insta::assert_snapshot!(explain(SHIPMENTS, SHIPPED, "licence(s1)").transcript());
    insta::assert_snapshot!(explain(SHIPMENTS, SHIPPED, "licence(s2)").transcript());
    insta::assert_snapshot!(explain(SHIPMENTS, SHIPPED, "licence(s3)").transcript());
}

const DEADLINES: &str = r#"
type Transfer
event transfer(id: Transfer -> on: date)         reads "{id} is made on {on}"
input late(id: Transfer)                         reads "{id} is late"
input ruled(id: Transfer -> by: date)            reads "{id} is ruled to be reported by {by}"
verdict report_due(id: Transfer, by: date)       reads "{id} is to be reported by {by}"
relation working_day(day: date)
working_day(2025-01-02).
working_day(2025-01-03).
notice n "On reports" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Within a working day" {
        report_due(T, D + 1 working days) if transfer(T, on: D).
        report_due(T, D) if ruled(T, by: D), late(T), transfer(T).
    }
}
"#;
const BEYOND: &str = "transfer(a, on: 2035-01-01).
ruled(a, by: 2035-02-01).
";

#[test]
fn a_day_beyond_the_calendar_is_told_with_the_rule_that_would_give_it() {
    insta::assert_snapshot!(explain(DEADLINES, BEYOND, "report_due(a, D)").transcript());
}

#[test]
fn a_clause_that_perhaps_stands_as_another_is_told_with_the_exemption_from_that() {
    let law = include_str!("../cases/language/replaced_if.lexlog");
    let facts = "delivery(d2, goods: beech, on: 2025-06-01). small(d2).\n";
    insta::assert_snapshot!(explain(law, facts, "licence(d2)").transcript());
}
