use super::file::*;
use super::{parse, parse_query};
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
        format!(
            "notice n {{ suspends a on 2025-01-01 if j({}x",
            "(".repeat(10_000)
        ),
        format!("p if X = {}1.", "1-".repeat(100_000)),
        "p)".repeat(100_000),
        "p(\n".repeat(100_000),
        " q(a).\n clause 1 {".repeat(20_000),
        "notice n {\n".repeat(20_000),
        "\"\n".repeat(100_000),
        "not ".repeat(100_000),
    ] {
        let (_, messages) = read(&text);
        assert!(messages.len() <= 101);
    }
}

#[test]
fn a_lone_atom_is_not_read_where_it_is_too_deep() {
    let ask = |text: &str| {
        let mut sources = Sources::default();
        let file = sources.add("query", text);
        parse_query(&sources, file)
    };
    let deep = format!("p({}x{}).", "(".repeat(10_000), ")".repeat(10_000));
    assert!(ask(&deep).0.is_none() && ask("p(").0.is_none() && ask("").0.is_none());
    let (atom, on) = ask("listed(P) on 2025-05-05.").0.unwrap();
    assert!(atom.arguments.len() == 1 && on.is_some());
    assert!(ask("licence(t1)").0.is_some_and(|(_, on)| on.is_none()));
}

/// Codes of the messages, and how many statements are left.
fn slips(text: &str) -> (Vec<String>, usize) {
    let (file, messages) = read(text);
    let code = |message: &String| message[..5].to_owned();
    (messages.iter().map(code).collect(), file.items.len())
}

#[test]
fn a_bracket_that_is_not_closed_costs_its_statement_also_inside_a_notice() {
    let text = "notice n \"N\" {\n    p(a, b.\n    q(c).\n    input a(x: Party\n    r(V) if V = count { a(X).\n    s(b).\n    \
                clause 1 \"x\" { t(c). }\n}\ntype Party\n";
    let (file, messages) = read(text);
    assert_eq!(messages.len(), 3, "{messages:#?}");
    let ItemKind::Notice(notice) = &file.items[0].kind else {
        panic!()
    };
    assert_eq!((file.items.len(), notice.parts.len()), (2, 3));
}

#[test]
fn a_clause_that_is_not_closed_ends_where_the_next_begins() {
    let (file, messages) = read(
        "notice n \"N\" {\n  clause 1 \"x\" {\n    p(a).\n  clause 2 \"y\" { p(b). }\n}\nnotice m \"M\" { }\n",
    );
    assert_eq!(messages.len(), 1, "{messages:#?}");
    let ItemKind::Notice(notice) = &file.items[0].kind else {
        panic!()
    };
    assert_eq!((file.items.len(), notice.parts.len()), (2, 2));
}

#[test]
fn a_slip_is_told_once_and_by_what_it_is() {
    for (text, code, left) in [
        ("p(\"abc).\nq(b).", "E0105", 1),
        ("clause 1 \"x\" { p(a). }\nq(b).", "E0115", 1),
        ("expect p(x).\nq(b).", "E0115", 1),
        ("effective 2025-01-01\nq(b).", "E0115", 1),
        ("inptu a(x: Party)\nq(b).", "E0116", 1),
        ("type = a | b\ntype T", "E0101", 1),
        ("p(X) if matches(X, \"^\\d+$\").\nq(b).", "E0114", 1),
        ("p(X) if not (q(X) or r(X)).\nq(b).", "E0101", 1),
        ("p(X) if not X = 3.\nq(b).", "E0101", 1),
        ("p(X) if 1 < X < 3.\nq(b).", "E0101", 1),
        ("p(X) if q(X)\nq(b).", "E0102", 1),
        ("case \"t\" { p(X) if q(X). }", "E0118", 1),
        (
            "case \"t\" { expect p(x) on 2025-01-01 on 2025-01-02. }",
            "E0101",
            1,
        ),
        // The rest of the statement is looked at.
        ("p(2025-02-30).\nq(b).", "E0109", 2),
        ("p(a: X, Y).\nq(b).", "E0110", 1),
    ] {
        assert_eq!(slips(text), (vec![code.to_owned()], left), "{text}");
    }
}

#[test]
fn a_unit_in_a_row_belongs_to_the_number_before_it() {
    let (file, messages) = read(
        "table t(a, b) {\n  x 14 nm\n  1, \"a\"\n  14nm, 3 %\n  x, y\n  -3 _\n}\ntable u(a, b, c) {\n  1 a 2 b\n}",
    );
    assert_eq!(messages.len(), 1, "{messages:#?}");
    let ItemKind::Table(table) = &file.items[0].kind else {
        panic!()
    };
    let TableRows::Here(rows) = &table.rows else {
        panic!()
    };
    assert!(rows.len() == 5 && rows.iter().all(|row| row.cells.len() == 2));
    let unit = |row: usize, cell: usize| {
        matches!(rows[row].cells[cell].kind, ExprKind::Number(_, Some(_)))
    };
    assert!(unit(0, 1) && !unit(1, 0) && unit(2, 0) && unit(2, 1));
}

#[test]
fn a_place_holds_neither_blanks_nor_comments_behind_it() {
    let text = "p(X) if q(X)   # why\n   , r(X) # and why\n .";
    let file = read_well(text);
    let ItemKind::Rule(rule) = &file.items[0].kind else {
        panic!()
    };
    let words = |span: crate::source::Span| &text[span.start as usize..span.end as usize];
    let body = rule.body.as_ref().unwrap();
    assert_eq!((words(body[0].span), words(body[1].span)), ("q(X)", "r(X)"));
}

#[test]
fn what_the_words_of_the_language_allow_is_read() {
    read_well(
        r#"
on(X) if from(X), by(X), days(X, Y) = 3, unit(X), not exempted(X), case, source by 1, type on D, table.
case on D if p(D).
case(x). source. not table(x). not case. source from 2025-01-01.
relation on(on: T, from: T, by: T, in: T) relation by
relation relation
relation first verdict second(on: T) judgement third input fourth
p(X) if X = unit, case = Y, X in [on, by, from].
licence(T) on D + 1 if p(T, D), listed(P) on 2025-01-01, licence(T) by m/5 on D, not K in [c].
größe(北京, Δ). 公司(X) if münchen(X), X = "北京".
p(V) if Y = 300 Wh/kg, Z = 300 "Wh/kg", A = 0.1%, B = -0.1, C = -14 nm, D = 2025-01-01 + N days,
    E = D - 10 working days, F = D + 1 year, G = D + 2 months - 3 days, H = -X * (Y + -Z) / 3,
    /// A remark.
    V = "a\"b\\c\n\t".
p(X) if 3 < sum X * Y { a(X, Y), (b(X) or c(Y)) } + 1, Z = max days(A, B) { q(A, B) }, M = min (1, min(3, 4)).
notice n {
    suspends a,
        b from 2025-01-01 through 2025-02-01 if
            not j(x), on 2025-02-03
    repeals c replaces d/1(2) if j
    effective 2025-01-01 by 8 p(x).
    clause 4-b { exempt licence(T) from 1(1), 4.a, m/5-b if not on(T). never data "x" if p(X). }
}
case "t" without n, m given a, b known at 2025-01-01 {
    expect not p(x) by n/1 on 2025-01-01 if j(x), not k and l.
    expect open(t). expect not open. expect suspended on 2025-01-01. expect exempt p(t). expect not never "x".
}
"#,
    );
}
