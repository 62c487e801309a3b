//! `lexlog run`, as somebody who screens transfers uses it: questions, objections, tables, notices left out, exit codes.

use crate::command::{Run, lexlog_in};
use rusqlite::types::Value;
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const LAW: &str = r#"
type Party
type Transfer
event   transfer(id: Transfer -> recipient: Party, on: date)   reads "{id} goes to {recipient} on {on}"
input   foreign(party: Party)                                  reads "{party} is foreign"
relation listed(party: Party)                                  reads "{party} is listed"
verdict licence(transfer: Transfer)                            reads "{transfer} requires a licence"
verdict refused(transfer: Transfer)                            reads "{transfer} is refused"
verdict banned(party: Party)                                   reads "{party} is banned"

notice chips "Chips" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Licences" { licence(T) if transfer(T, recipient: P), foreign(P). }
}
notice lists "Lists" {
    published 2025-02-01
    effective 2025-02-01
    clause 1 "The list" { listed(bolt). }
    clause 2 "Refusal" { refused(T) if transfer(T, recipient: P), listed(P). }
    clause 3 "A ban for a time" from 2025-03-01 through 2025-03-31 { banned(P) if listed(P). }
}
never "a foreign party is not on the list" if refused(T), transfer(T, recipient: P), not foreign(P).
"#;

const FACTS: &str = "transfer(t1, acme, 2025-01-15). transfer(t2, bolt, 2025-02-15). foreign(acme). foreign(bolt).\n";

/// A folder with a policy and facts, in which the command is run.
struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().expect("a folder"));
        desk.put("law.lexlog", LAW);
        desk.put("facts.lexlog", FACTS);
        desk
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("written");
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, more: &[&str]) -> Run {
        let fixed = ["run", "law.lexlog", "--facts", "facts.lexlog"];
        lexlog_in(self.path(), &[&fixed[..], more].concat())
    }
}

#[test]
fn verdicts_stand_one_a_line_with_their_clauses_and_days() {
    let run = Desk::new().run(&[]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(
        lines,
        [
            "bolt is banned from 2025-03-01 through 2025-03-31 [lists/3]",
            "t1 requires a licence [chips/1]",
            "t2 requires a licence [chips/1]",
            "t2 is refused [lists/2]",
        ]
    );
}

#[test]
fn each_query_is_answered_in_its_place() {
    let desk = Desk::new();
    let asked = [
        "--query",
        "licence(T)",
        "--query",
        "refused(t1)",
        "--query",
        "listed(P) on 2025-02-01",
    ];
    let run = desk.run(&asked);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines.len(), 4, "{}", run.out);
    assert_eq!(lines[1], "t2 requires a licence [chips/1]");
    assert_eq!(lines[2], "no answer to refused(t1)");
    assert!(lines[3].starts_with("bolt is listed"), "{}", lines[3]);
    let json = desk.run(&[&asked[..], &["--format", "json"]].concat());
    let json: Json = serde_json::from_str(&json.out).expect("one JSON document");
    let counts = json["queries"].as_array().expect("a list").iter();
    let counts: Vec<usize> = counts
        .map(|it| it["answers"].as_array().expect("a list").len())
        .collect();
    assert_eq!(counts, [2, 0, 1]);
}

#[test]
fn a_query_that_cannot_be_asked_is_refused_with_what_would_be_right() {
    let run = Desk::new().run(&["--query", "licnce(T)"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("did you mean `licence`?"), "{}", run.err);
}

#[test]
fn what_is_to_be_objected_to_is_said_by_the_exit_code() {
    let desk = Desk::new();
    let code = |more: &[&str]| desk.run(more).code;
    assert_eq!(code(&["--fail-on", "refused"]), 1);
    assert_eq!(code(&["--fail-on", "licence", "--fail-on", "refused"]), 1);
    // By the law of January nothing is refused.
    assert_eq!(code(&["--fail-on", "refused", "--as-of", "2025-01-10"]), 0);
    assert_eq!(code(&["--fail-on", "refused", "--without", "lists"]), 0);
    let run = desk.run(&["--fail-on", "refusd"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("refusd"), "{}", run.err);
    // The verdicts are told all the same.
    assert!(
        desk.run(&["--fail-on", "refused"])
            .out
            .contains("t2 is refused")
    );
}

#[test]
fn what_must_never_be_is_told_with_its_proof_and_objected_to() {
    let desk = Desk::new();
    desk.put("facts.lexlog", "transfer(t2, bolt, 2025-02-15).\n");
    let run = desk.run(&[]);
    assert_eq!(run.code, 1, "{}", run.transcript());
    assert!(
        run.err.contains("a foreign party is not on the list"),
        "{}",
        run.err
    );
    assert!(
        run.err.contains("t2 goes to bolt on 2025-02-15"),
        "{}",
        run.err
    );
}

#[test]
fn each_verdict_gets_a_table_whether_it_has_rows_or_not() {
    let desk = Desk::new();
    let run = desk.run(&["--out", "results", "--as-of", "2025-01-10"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let table = |name: &str| {
        fs::read_to_string(desk.path().join("results").join(name)).expect("it is there")
    };
    assert_eq!(
        table("licence.csv"),
        "transfer,_status,_marks\nt1,holds,\nt2,holds,\n"
    );
    assert_eq!(table("refused.csv"), "transfer,_status,_marks\n");
    let run = desk.run(&["--out", "results"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    assert_eq!(table("refused.csv"), "transfer,_status,_marks\nt2,holds,\n");
    assert_eq!(
        table("banned.csv"),
        "party,_from,_through,_status,_marks\nbolt,2025-03-01,2025-03-31,holds,\n"
    );
    // Nothing unfinished is left.
    let files = fs::read_dir(desk.path().join("results")).expect("a folder");
    assert_eq!(files.count(), 3);
    desk.put("taken", "a file");
    assert_eq!(desk.run(&["--out", "taken"]).code, 2);
}

/// The statements that would make the tables of a SQLite file, and what stands in them.
fn dumped(file: &Path) -> String {
    let database = rusqlite::Connection::open(file).expect("a SQLite file");
    let mut schema = database
        .prepare("SELECT name, sql FROM sqlite_schema")
        .expect("it has tables");
    let tables = schema.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let tables = tables.expect("they can be read");
    let mut text = String::new();
    for table in tables {
        let (name, sql): (String, String) = table.expect("two texts");
        text += &format!("{sql}\n");
        let query = format!("SELECT * FROM \"{name}\"");
        let mut statement = database.prepare(&query).expect("it is there");
        let width = statement.column_count();
        let mut rows = statement.query([]).expect("it can be read");
        while let Some(row) = rows.next().expect("it can be read") {
            let cells = (0..width).map(|at| row.get(at).expect("a value"));
            let cells: Vec<String> = cells.map(|it: Value| format!("{it:?}")).collect();
            text += &format!("  {}\n", cells.join(" "));
        }
    }
    text
}

#[test]
fn verdicts_come_to_a_database_with_a_table_each() {
    let desk = Desk::new();
    let law = LAW.to_owned()
        + r#"
verdict worth(party: Party, whole: int, share: decimal %, sure: bool, note: text or none)   reads "{party} is worth {whole}"
worth(acme, 3, 1/3, true).
worth(bolt, -4, 2.5, false, "it's \"so\"").
"#;
    desk.put("law.lexlog", &law);
    desk.put("results.sqlite", "what stood there before");
    let run = desk.run(&["--out", "results.sqlite"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let file = desk.path().join("results.sqlite");
    insta::assert_snapshot!(dumped(&file), @r#"
    CREATE TABLE "banned" ("party" TEXT, "_from" TEXT, "_through" TEXT, "_status" TEXT, "_marks" TEXT)
      Text("bolt") Text("2025-03-01") Text("2025-03-31") Text("holds") Null
    CREATE TABLE "licence" ("transfer" TEXT, "_status" TEXT, "_marks" TEXT)
      Text("t1") Text("holds") Null
      Text("t2") Text("holds") Null
    CREATE TABLE "refused" ("transfer" TEXT, "_status" TEXT, "_marks" TEXT)
      Text("t2") Text("holds") Null
    CREATE TABLE "worth" ("party" TEXT, "whole" INTEGER, "share" TEXT, "sure" BOOLEAN, "note" TEXT, "_status" TEXT, "_marks" TEXT)
      Text("acme") Integer(3) Text("1/3") Integer(1) Null Text("holds") Null
      Text("bolt") Integer(-4) Text("2.5") Integer(0) Text("it's \"so\"") Text("holds") Null
    "#);
    // The same results are the same bytes, and nothing unfinished is left.
    assert_eq!(desk.run(&["--out", "again.DB"]).code, 0);
    let bytes = |name: &str| fs::read(desk.path().join(name)).expect("it is there");
    assert!(bytes("results.sqlite") == bytes("again.DB"));
    let files = fs::read_dir(desk.path()).expect("a folder");
    assert_eq!(files.count(), 4);
}

#[test]
fn whole_numbers_of_any_size_come_to_a_database_exactly() {
    let desk = Desk::new();
    let numbers = [
        ["0", "9223372036854775807", "-9223372036854775808"],
        [
            "7",
            "9223372036854775808",
            "12345678901234567890123456789012345678901",
        ],
    ];
    let facts = "small(0, 9223372036854775807, -9223372036854775808).
large(7, 9223372036854775808, 12345678901234567890123456789012345678901).
";
    desk.put("facts.lexlog", facts);
    desk.put(
        "law.lexlog",
        "input small(a: int, b: int, c: int)
input large(a: int, b: int, c: int)
verdict fits(a: int, b: int, c: int)
verdict any(a: int, b: int, c: int)
fits(A, B, C) if small(A, B, C).
any(A, B, C) if small(A, B, C).
any(A, B, C) if large(A, B, C).
",
    );
    let run = desk.run(&["--out", "results.sqlite"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let file = desk.path().join("results.sqlite");
    // As Parquet has it: a column is one of numbers where all of them are exact as such, else one of texts.
    insta::assert_snapshot!(dumped(&file), @r#"
    CREATE TABLE "any" ("a" INTEGER, "b" TEXT, "c" TEXT, "_status" TEXT, "_marks" TEXT)
      Integer(0) Text("9223372036854775807") Text("-9223372036854775808") Text("holds") Null
      Integer(7) Text("9223372036854775808") Text("12345678901234567890123456789012345678901") Text("holds") Null
    CREATE TABLE "fits" ("a" INTEGER, "b" INTEGER, "c" INTEGER, "_status" TEXT, "_marks" TEXT)
      Integer(0) Integer(9223372036854775807) Integer(-9223372036854775808) Text("holds") Null
    "#);
    // Whoever asks for texts gets every digit.
    let database = rusqlite::Connection::open(&file).expect("a SQLite file");
    let mut rows = database
        .prepare("SELECT CAST(a AS TEXT), CAST(b AS TEXT), CAST(c AS TEXT) FROM \"any\" ORDER BY 1")
        .expect("it has that table");
    let rows = rows.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]));
    let rows: Vec<[String; 3]> = rows
        .expect("they are read")
        .map(|it| it.expect("texts"))
        .collect();
    assert_eq!(rows, numbers);
}

#[test]
fn a_database_of_verdicts_never_comes_over_what_is_read_or_written_by_others() {
    let desk = Desk::new();
    let database = rusqlite::Connection::open(desk.path().join("facts.db")).expect("there is room");
    database
        .execute_batch("CREATE TABLE 'foreign' (party); INSERT INTO 'foreign' VALUES ('acme');")
        .expect("it is SQL");
    drop(database);
    let run = desk.run(&["--facts", "facts.db", "--out", "./facts.db"]);
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error[E0711]: `./facts.db` is not written: this run reads it
     |
     = help: name another file with --out

    1 error
    exit 2
    ");
    assert_eq!(desk.run(&["--facts", "facts.db"]).code, 0);
    desk.put("results.db-wal", "");
    let run = desk.run(&["--out", "results.db"]);
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error[E0712]: `results.db` cannot be replaced: another program is at work
                  on it
     |
     = help: `results.db-wal` stands beside it: end that program, or name
             another file with --out

    1 error
    exit 2
    ");
    let run = desk.run(&["--out", "nowhere/results.db"]);
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error: `nowhere/results.db` cannot be written: there is no such file or folder
    exit 2
    ");
    assert!(!desk.path().join("results.db").exists());
}

#[test]
fn a_notice_that_is_left_out_says_nothing() {
    let desk = Desk::new();
    let run = desk.run(&["--without", "lists"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    assert_eq!(
        run.out,
        "t1 requires a licence [chips/1]\nt2 requires a licence [chips/1]\n"
    );
    let known = desk.run(&["--known-at", "2025-01-31"]);
    assert_eq!(known.out, run.out);
    let run = desk.run(&["--without", "list"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`list`"), "{}", run.err);
}

#[test]
fn what_cannot_be_read_is_refused_before_anything_is_told() {
    let desk = Desk::new();
    for arguments in [
        &["run", "nowhere.lexlog"][..],
        &["run", "law.lexlog", "--facts", "nowhere.csv"],
        &["run", "law.lexlog", "--as-of", "tomorrow"],
        &["run"],
    ] {
        let run = lexlog_in(desk.path(), arguments);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{}",
            run.transcript()
        );
        assert!(!run.err.is_empty());
    }
}

#[test]
fn verdicts_are_counted_by_clause() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.run(&["--summary"]).out, @r"
    banned     1
      lists/3  1
    licence    2
      chips/1  2
    refused    1
      lists/2  1
    ");
    let run = desk.run(&["--summary", "--format", "json"]);
    let results: Json = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(results.get("verdicts"), None);
    let expected = serde_json::json!([
        { "relation": "banned", "status": "holds", "number": 1, "by": { "lists/3": 1 }, "by_no_clause": 0 },
        { "relation": "licence", "status": "holds", "number": 2, "by": { "chips/1": 2 }, "by_no_clause": 0 },
        { "relation": "refused", "status": "holds", "number": 1, "by": { "lists/2": 1 }, "by_no_clause": 0 },
    ]);
    assert_eq!(results["summary"], expected);
    insta::assert_snapshot!(desk.run(&["--summary", "--format", "csv"]).transcript(), @r"
    standard error:
    error: a summary is printed as text or as json
    exit 2
    ");
}

#[test]
fn verdicts_that_no_clause_gives_are_counted_too() {
    let desk = Desk::new();
    let outside = "licence(T) if transfer(T, recipient: crate).\n";
    desk.put("law.lexlog", &(LAW.to_owned() + outside));
    desk.put(
        "facts.lexlog",
        &(FACTS.to_owned() + "transfer(t3, crate, 2025-01-15).\n"),
    );
    insta::assert_snapshot!(desk.run(&["--summary"]).out, @r"
    banned       1
      lists/3    1
    licence      3
      chips/1    2
      no clause  1
    refused      1
      lists/2    1
    ");
}

#[test]
fn verdicts_are_told_one_a_line_to_machines() {
    let desk = Desk::new();
    let run = desk.run(&["--format", "jsonl"]);
    let whole = desk.run(&["--format", "json"]);
    let whole: Json = serde_json::from_str(&whole.out).expect("JSON");
    let lines = run.out.lines();
    let lines: Vec<Json> = lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(Json::Array(lines), whole["verdicts"]);
    assert_eq!(run.out.lines().count(), 4, "{}", run.out);
}
