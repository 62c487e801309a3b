use super::file::*;
use super::parse;
use crate::source::Sources;

fn read(text: &str) -> (File, Vec<String>) {
    let mut sources = Sources::default();
    let file = sources.add("p.lexlog", text);
    let (result, diagnostics) = parse(&sources, file);
    let messages = diagnostics
        .list
        .iter()
        .map(|message| format!("{} {}: {:?}", message.code, message.message, message.help))
        .collect();
    (result, messages)
}

fn read_well(text: &str) -> File {
    let (file, messages) = read(text);
    assert!(messages.is_empty(), "{messages:#?}");
    file
}

#[test]
fn every_file_of_cases_is_read_without_a_slip() {
    for name in ["vocabulary", "rules", "days", "exemptions", "effects"] {
        let path = format!(
            "{}/tests/cases/language/{name}.lexlog",
            env!("CARGO_MANIFEST_DIR")
        );
        let file = read_well(&std::fs::read_to_string(path).unwrap());
        assert!(file.items.len() > 5);
    }
}

#[test]
fn a_slip_costs_one_statement() {
    let (file, messages) = read(
        "type Party\ninput a(x Party)\ninput b(x: Party)\nverdict c(x: Party)\nc(X) if b(X), .\nc(X) if b(X).\n",
    );
    assert_eq!(messages.len(), 2, "{messages:#?}");
    assert_eq!(file.items.len(), 4);
}

#[test]
fn keywords_are_plain_names_where_a_name_may_stand() {
    let file = read_well(
        "type T\ninput source(on: T, from: T)\nrelation table(by: T)\nverdict case(unit: T)\n\
         table(X) if source(on: X, from: Y), by(Y).\ncase(source).\n source(X) if effective(X).",
    );
    assert_eq!(file.items.len(), 7);
}

#[test]
fn a_bracket_holds_an_expression_or_a_disjunction() {
    let file =
        read_well("p(X) if q(X, N), ((N + 1) * 2 > 3 or (q(X, 1) or not q(X, 2))), (N) = 4.");
    let ItemKind::Rule(rule) = &file.items[0].kind else {
        panic!()
    };
    let body = rule.body.as_ref().unwrap();
    assert!(matches!(&body[1].kind, LiteralKind::Or(branches) if branches.len() == 2));
    assert!(matches!(&body[2].kind, LiteralKind::Compare { .. }));
}

#[test]
fn aggregates_take_a_term_that_is_an_expression() {
    for text in [
        "sum X { a(X) }",
        "sum X * Y { a(X, Y) }",
        "sum (X + Y) * 2 { a(X, Y) }",
        "count { a(_) }",
        "sum(X) { a(X) }",
        "max X { a(X), (b(X) or c(X)) }",
    ] {
        let file = read_well(&format!("p(V) if V = {text}."));
        let ItemKind::Rule(rule) = &file.items[0].kind else {
            panic!()
        };
        let LiteralKind::Compare { right, .. } = &rule.body.as_ref().unwrap()[0].kind else {
            panic!("{text}")
        };
        assert!(
            matches!(right.kind, ExprKind::Aggregate(_)),
            "{text}: {right:?}"
        );
    }
}

#[test]
fn a_notice_holds_properties_effects_and_clauses() {
    let file = read_well(
        r#"
/// What it is about.
notice mofcom_2025_70 "Suspension" {
    issuer "MOFCOM", "GACC"
    published 2025-11-07 effective 2025-11-07
    reviewed 2026-10-09
    source "briefing.txt" "Notice 70"
    suspends mofcom_2025_55, mofcom_2025_62/1(2) from 2025-11-07 through 2026-11-09
    suspends mofcom_2025_62 on 2026-11-10 if last_day_is_paused, from 2026-11-11 through 2027-01-10 if not extended(x)
    /// A clause.
    clause 1(1) "Heading" from 2025-12-01 by 8 {
        exempt T from mofcom_2025_62 if transfer(T, item: I), public(I).
        exempt licence(T) from 1, 4.a.
        report(T, D + 10 working days) if exempted licence(T) by 5, transfer(T, on: D).
        licence(T) on D if signed(T, D), not listed(T) on D, licence(T) by mofcom_2025_61/5.
        table listed(element, code, size) {
            holmium  "1C909"  14 nm
            erbium   "1C910"  3%
        }
        table other(code) from "tables/x.csv"
    }
    clause 8 "Entry into force" from 2025-10-09 { }
}"#,
    );
    let ItemKind::Notice(notice) = &file.items[0].kind else {
        panic!()
    };
    assert_eq!(file.items[0].doc, "What it is about.");
    assert_eq!(notice.parts.len(), 10);
    let PartKind::Effect(effect) = &notice.parts[7].kind else {
        panic!("{:?}", notice.parts[7])
    };
    assert_eq!(effect.stretches.len(), 2);
    let PartKind::Clause(clause) = &notice.parts[8].kind else {
        panic!()
    };
    assert_eq!(clause.id.text, "1(1)");
    assert_eq!(clause.parts.len(), 6);
    let PartKind::Item(ItemKind::Table(table)) = &clause.parts[4].kind else {
        panic!()
    };
    let TableRows::Here(rows) = &table.rows else {
        panic!()
    };
    assert_eq!(
        rows.iter().map(|row| row.cells.len()).collect::<Vec<_>>(),
        [3, 3]
    );
}

#[test]
fn hostile_texts_end_quickly() {
    for text in [
        format!("p if {}x{}.", "(".repeat(10_000), ")".repeat(10_000)),
        format!("p if X = {}1.", "min (".repeat(10_000)),
        format!(
            "p if X = {}",
            "min (1, ".repeat(50) + "1" + &")".repeat(50) + "."
        ),
        format!("p if X = {}1.", "1 + ".repeat(10_000)),
        format!("p if {}q.", "not ".repeat(10_000)),
        format!("p if X = {}1.", "- ".repeat(10_000)),
        "clause 1 { ".repeat(10_000),
        "notice n \"x\" { clause 1 { ".repeat(10_000),
        "case \"x\" {".repeat(10_000),
        "(".repeat(100_000),
    ] {
        read(&text);
    }
}
