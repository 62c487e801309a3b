//! Rows of tables, in the text and in files beside it: each is compared with those of its own file and relation.

use super::{NEAR, NOTHING, RULES, SALES, WORDS, compared, with};

/// A relation whose name ends like another's, and a file whose name ends like another's.
const LIKE_NAMES: &[(&str, &str)] = &[
    (
        "words.lexlog",
        "type Id\ntype Town\nevent sale(id: Id -> to: Town, on: date)\nverdict barred(sale: Id)\n\
         relation near(town: Town)\nrelation not_near(town: Town)\nrelation linear(town: Town)\n",
    ),
    ("near.lexlog", "table near(town) from \"near.csv\"\n"),
    ("linear.lexlog", "table linear(town) from \"linear.csv\"\n"),
    ("not.lexlog", "table not_near(town) from \"near.csv\"\n"),
    (
        "sub/law.lexlog",
        "notice n \"N\" {\n    published 2025-01-01\n    effective 2025-01-01\n    clause 1 {\n        \
         table near(town) from \"near.csv\"\n        barred(S) if sale(S, to: T), near(T).\n    }\n}\n",
    ),
    ("near.csv", "town\nbonn\n"),
    ("linear.csv", "town\nbonn\n"),
    ("sub/near.csv", "town\nkoeln\n"),
];

fn like_names(file: &str, text: &'static str) -> String {
    let of = |(name, own): &(&'static str, &'static str)| {
        (*name, if *name == file { text } else { *own })
    };
    let after: Vec<_> = LIKE_NAMES.iter().map(of).collect();
    let sales = "case \"lima\" { sale(s1, to: lima, on: 2025-02-02). }\n";
    compared(LIKE_NAMES, &after, sales)
}

#[test]
fn rows_belong_to_the_file_beside_their_statement() {
    insta::assert_snapshot!(like_names("linear.csv", "town\nbonn\nlima\n"), @r"
    1 change, asked about in 1 case: no verdict differs

    No verdict differs here by:
      - rows of `linear` in “linear.csv”: 1 added
    exit 0
    ");
    insta::assert_snapshot!(like_names("sub/near.csv", "town\nkoeln\nlima\n"), @r"
    1 change, asked about in 1 case: 1 verdict differs

    1. n/1: rows of `near` in “near.csv”: 1 added
         near.csv
       + near(lima)

       gained: barred(s1) [“lima”]
    exit 1
    ");
}

#[test]
fn one_file_may_give_the_rows_of_two_relations() {
    insta::assert_snapshot!(like_names("near.csv", "town\nbonn\nlima\n"), @r"
    2 changes, asked about in 1 case: 1 verdict differs

    1. rows of `near` in “near.csv”: 1 added
         near.csv
       + near(lima)

       gained: barred(s1) [“lima”]

    No verdict differs here by:
      - rows of `not_near` in “near.csv”: 1 added
    exit 1
    ");
}

/// Small policies with other rules and rows, and what is said of them.
fn said(rules: &str, near: Option<&str>) -> String {
    let mut after = with("rules.lexlog", rules);
    after.retain(|(name, _)| *name != "near.csv");
    after.extend(near.map(|rows| ("near.csv", rows)));
    compared(&with("", ""), &after, SALES)
}

fn is_silent(run: &str) {
    assert_eq!(run, format!("{NOTHING}exit 0"));
}

const FROM_FILE: &str = "table near(town) from \"near.csv\"";

#[test]
fn a_row_counts_once_wherever_it_stands() {
    is_silent(&said(RULES, Some("town\nbonn\nkoeln\nbonn\n")));
    is_silent(&said(RULES, Some("town\nkoeln\nbonn\n")));
    let here = RULES.replace(FROM_FILE, "table near(town) {\nkoeln\nbonn\n}");
    is_silent(&said(&here, None));
    let facts = RULES.replace(FROM_FILE, "near(bonn). near(koeln). near(bonn).");
    is_silent(&said(&facts, None));
    let both = RULES.replace(FROM_FILE, &format!("{FROM_FILE} near(bonn)."));
    is_silent(&said(&both, Some("town\nkoeln\n")));
    let text = RULES.replace(FROM_FILE, "");
    let heading = with("near.csv", "town\n");
    is_silent(&compared(&heading, &with("rules.lexlog", &text), SALES));
    is_silent(&compared(&with("rules.lexlog", &text), &heading, SALES));
}

#[test]
fn of_a_table_that_is_moved_only_the_rows_that_differ_are_told() {
    let here = RULES.replace(
        FROM_FILE,
        "table near(town) {\n            koeln\n            lima\n        }",
    );
    insta::assert_snapshot!(said(&here, None), @r"
    1 change, asked about in 1 case: 2 verdicts differ

    1. n/3: rows of `near` in “near.csv”: 1 removed, 1 added
         near.csv
       - near(bonn)
         new/rules.lexlog:8
       + near(lima)

       lost: barred(s1) [“near”]
       settled: barred(s3) (it holds) [“near”]
    exit 1
    ");
    insta::assert_snapshot!(compared(&with("rules.lexlog", &here), &with("near.csv", NEAR), SALES), @r"
    1 change, asked about in 1 case: 2 verdicts differ

    1. n/3: rows of `near` in “near.csv”: 1 removed, 1 added
         old/rules.lexlog:8
       - near(lima)
         near.csv
       + near(bonn)

       gained: barred(s1) [“near”]
       opened: barred(s3) (it held) [“near”]
    exit 1
    ");
}

#[test]
fn a_cell_may_have_two_lines_and_many_rows_are_counted() {
    let words = WORDS.replace("type Town from \"towns.csv\"", "type Town");
    let of = |near| {
        let mut files = with("near.csv", near);
        files[0].1 = &words;
        files
    };
    let said = |before, after, town: &str| {
        let case = format!("case \"a sale\" {{ sale(s1, to: {town}, on: 2025-02-02). }}\n");
        compared(&of(before), &of(after), &case)
    };
    let upper = "town\nbonn\n\"upper\ntown\"\n";
    let lower = "town\n\"lower\ntown\"\n";
    insta::assert_snapshot!(said(upper, lower, "bonn"), @r#"
    1 change, asked about in 1 case: 1 verdict differs

    1. n/3: rows of `near` in “near.csv”: 2 removed, 1 added
         near.csv
       - near("upper\ntown")
       - near(bonn)
         near.csv
       + near("lower\ntown")

       lost: barred(s1) [“a sale”]
    exit 1
    "#);
    let many: String = (1..=23).map(|number| format!("town_{number}\n")).collect();
    let many = format!("town\nbonn\n{many}");
    insta::assert_snapshot!(said("town\nbonn\n", &many, "town_1"), @r"
    1 change, asked about in 1 case: 1 verdict differs

    1. n/3: rows of `near` in “near.csv”: 23 added
         near.csv
       + near(town_1)
       + near(town_10)
       + near(town_11)
       + near(town_12)
       + near(town_13)
       + near(town_14)
       + near(town_15)
       + near(town_16)
       + near(town_17)
       + near(town_18)
       + near(town_19)
       + near(town_2)
       + near(town_20)
       + near(town_21)
       + near(town_22)
       + near(town_23)
       + near(town_3)
       + near(town_4)
       + near(town_5)
       + near(town_6)
       + … and 3 more rows

       gained: barred(s1) [“a sale”]
    exit 1
    ");
}

#[test]
fn a_row_that_is_written_otherwise_is_one_change() {
    let here = |towns: &str| RULES.replace(FROM_FILE, &format!("table near(town) {{\n{towns}\n}}"));
    let (before, after) = (here("koeln\nbonn"), here("koeln\nlima"));
    let run = compared(
        &with("rules.lexlog", &before),
        &with("rules.lexlog", &after),
        SALES,
    );
    assert!(run.starts_with("1 change, "), "{run}");
    assert!(
        run.contains("\n1. n/3: a row of `near` is changed\n"),
        "{run}"
    );
}
