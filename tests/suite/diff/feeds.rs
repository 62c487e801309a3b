//! A feed says what facts a company's files give: a change of it is told, and what follows differently put down to it.

use crate::command::{lexlog_in, lexlog_in_with_input};
use std::fs;
use tempfile::TempDir;

const LAW: &str = r#"type Id
type Town
event sale(id: Id -> to: Town, on: date)
input weight(sale: Id -> of: decimal)
verdict barred(sale: Id)
feed sales {
    sale(id: "No.", to: "Ship-to", on: "Date").
    weight("No.", "Net") if "Kind" = "goods".
}
notice n "N" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Bonn" { barred(S) if sale(S, to: bonn). }
    clause 2 "Heavy" { barred(S) if sale(S), weight(S, W), W > 100. }
}
"#;
const SALES: &str = "\
No.,Ship-to,Sold-to,Date,Net,Gross,Kind
s1,bonn,lima,2025-02-02,50,120,goods
s2,lima,bonn,2025-02-02,50,60,goods
s3,lima,lima,2025-02-02,500,600,service
";

fn compared(old: &str, new: &str, more: &[&str]) -> String {
    let folder = TempDir::new().expect("there is room for a folder");
    for (name, text) in [
        ("old.lexlog", old),
        ("new.lexlog", new),
        ("sales.csv", SALES),
    ] {
        fs::write(folder.path().join(name), text).expect("there is room for a file");
    }
    let arguments = ["diff", "old.lexlog", "new.lexlog", "--brief"];
    let run = match more.contains(&"sales=-") {
        true => lexlog_in_with_input(folder.path(), &[&arguments, more].concat(), SALES),
        false => lexlog_in(folder.path(), &[&arguments, more].concat()),
    };
    run.transcript()
}

const GIVEN: &[&str] = &["--facts", "sales=sales.csv"];

#[test]
fn another_column_is_a_change_of_the_feed() {
    let new = LAW.replace("Ship-to", "Sold-to");
    insta::assert_snapshot!(compared(LAW, &new, GIVEN), @r#"
    1 change, asked about in the facts: 2 verdicts differ

    1. the line for `sale` in the feed `sales` is edited
         old.lexlog:7
       - sale(id: "No.", to: "Ship-to", on: "Date").
         new.lexlog:7
       + sale(id: "No.", to: "Sold-to", on: "Date").

       lost: barred(s1) [sales=sales.csv]
       gained: barred(s2) [sales=sales.csv]
    exit 1
    "#);
    insta::assert_snapshot!(compared(LAW, &new, &[]), @r"
    1 change, asked about in 0 cases: no verdict differs

    No verdict differs here by:
      - the line for `sale` in the feed `sales` is edited
    standard error:
    error: there are no cases and no facts to ask about: name files of cases, or --facts
    exit 2
    ");
}

#[test]
fn each_line_of_a_feed_is_a_change_by_itself() {
    let new = LAW
        .replace("\"Net\"", "\"Gross\"")
        .replace(" if \"Kind\" = \"goods\"", "")
        .replace("W > 100", "W > 99");
    insta::assert_snapshot!(compared(LAW, &new, GIVEN), @r#"
    2 changes, asked about in the facts: 1 verdict differs

    1. the line for `weight` in the feed `sales` is edited
         old.lexlog:8
       - weight("No.", "Net") if "Kind" = "goods".
         new.lexlog:8
       + weight("No.", "Gross").

       gained: barred(s3) [sales=sales.csv]

    No verdict differs here by:
      - n/2: the rule for `barred` is edited
    exit 1
    "#);
}

#[test]
fn a_feed_in_other_words_is_the_same() {
    let new = LAW.replace(
        "    weight(\"No.\", \"Net\") if \"Kind\" = \"goods\".\n",
        "",
    );
    let new = new.replace(
        "feed sales {\n",
        "feed sales {\n    # Of goods only.\n    weight(of: \"Net\", sale: \"No.\") if \"Kind\" = \"goods\".\n",
    );
    let run = compared(LAW, &new, GIVEN);
    assert_eq!(run, "no change that means anything\nexit 0");
}

#[test]
fn a_feed_of_which_the_old_policy_does_not_know_reads_nothing_there() {
    let feed = &LAW[LAW.find("feed").expect("it has one")..LAW.find("notice").expect("it has one")];
    insta::assert_snapshot!(compared(&LAW.replace(feed, ""), LAW, GIVEN), @r#"
    2 changes, asked about in the facts: 1 verdict differs

    1. the line for `sale` in the feed `sales` is added
         new.lexlog:7
       + sale(id: "No.", to: "Ship-to", on: "Date").
       the line for `weight` in the feed `sales` is added
         new.lexlog:8
       + weight("No.", "Net") if "Kind" = "goods".
       These changes together: undoing them all restores what was, undoing all but
       one does not.

       these facts could not be asked about before: error[E0505]: there is no
         relation `sales`
         --> sales.csv:1
          = help: did you mean `sale`?
          = help: a file gives the facts of the relation after which it is named;
                  `RELATION=FILE` names another

         1 error [sales=sales.csv]
    exit 1
    "#);
}

#[test]
fn standard_input_is_read_once() {
    let new = LAW.replace("Ship-to", "Sold-to");
    insta::assert_snapshot!(compared(LAW, &new, &["--facts", "sales=-"]), @r"
    1 change, asked about in the facts: no verdict differs
    note: the feeds differ, and standard input can be read only once: both policies
          are asked about what the new feeds make of it

    No verdict differs here by:
      - the line for `sale` in the feed `sales` is edited
    exit 0
    ");
}
