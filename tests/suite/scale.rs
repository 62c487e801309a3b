//! Screening many rows: text in, verdict and proof out, and what becomes of rows that cannot be used.

use crate::command::{Run, lexlog_in};
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use tempfile::TempDir;

const LAW: &str = r#"
type Party
type Shipment
input   owns(owner: Party, owned: Party -> share: int)                        reads "{owner} holds {share} of {owned}"
input   listed(party: Party)                                                  reads "{party} is listed"
event   shipment(id: Shipment -> consignee: Party, value: int, on: date)      reads "{id} goes to {consignee}"
relation tainted(party: Party)                                                reads "{party} is listed, or owned by one that is"
verdict flagged(shipment: Shipment)                                           reads "{shipment} is flagged"
tainted(P) if listed(P).
tainted(P) if tainted(Q), owns(owner: Q, owned: P, share: S), S >= 50.
flagged(S) if shipment(S, consignee: P), tainted(P).
"#;

/// How many shipments: enough for several pieces of a file.
const SHIPMENTS: usize = 60_000;

struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().expect("a folder"));
        desk.put("law.lexlog", LAW);
        desk.put("listed.csv", "party\np7\n");
        desk.put(
            "owns.csv",
            "share,owned,owner\n50,p8,p7\n49,p9,p8\n100,p10,p8\n",
        );
        desk.put("shipment.csv", shipments());
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).expect("it is there")
    }

    fn run(&self, shipments: &str, more: &[&str]) -> Run {
        self.command("run", shipments, more)
    }

    fn command(&self, command: &str, shipments: &str, more: &[&str]) -> Run {
        let fixed = [
            command,
            "law.lexlog",
            "-f",
            "listed.csv",
            "-f",
            "owns.csv",
            "-f",
        ];
        lexlog_in(self.path(), &[&fixed[..], &[shipments], more].concat())
    }
}

fn shipments() -> String {
    let mut text = String::from("on,value,consignee,id\r\n");
    for row in 0..SHIPMENTS {
        let consignee = row % 997;
        let day = 1 + row % 28;
        writeln!(
            text,
            "2025-03-{day:02},{row},p{consignee},\"shipment {row}\"\r"
        )
        .expect("written");
    }
    text
}

/// Those that go to p7, p8 and p10.
fn expected() -> Vec<String> {
    let rows = (0..SHIPMENTS).filter(|row| matches!(row % 997, 7 | 8 | 10));
    let mut expected: Vec<String> = rows.map(|row| format!("shipment {row}")).collect();
    expected.sort();
    expected
}

fn flagged(run: &Run) -> Vec<String> {
    let lines = run.out.lines();
    let flagged = lines.filter_map(|line| line.strip_suffix(" is flagged"));
    flagged.map(str::to_owned).collect()
}

#[test]
fn a_large_table_is_screened_and_each_verdict_is_proved_by_file_and_row() {
    let desk = Desk::new();
    let run = desk.run("shipment.csv", &[]);
    assert_eq!(
        (run.code, run.err.as_str()),
        (0, ""),
        "{}",
        run.transcript()
    );
    assert_eq!(flagged(&run), expected());
    let proof = desk.command("explain", "shipment.csv", &["flagged(\"shipment 50857\")"]);
    assert_eq!(proof.code, 0, "{}", proof.transcript());
    for cited in [
        "shipment.csv:50859",
        "owns.csv:2",
        "owns.csv:4",
        "listed.csv:2",
    ] {
        assert!(proof.out.contains(cited), "{cited}:\n{}", proof.out);
    }
    // A fact that is given twice is one, with both places.
    desk.put(
        "twice.csv",
        "id,consignee,value,on\nshipment 50857,p10,50857,2025-03-10\n",
    );
    let more = ["flagged(\"shipment 50857\")", "-f", "shipment=twice.csv"];
    let proof = desk.command("explain", "shipment.csv", &more);
    assert_eq!(proof.code, 0, "{}", proof.transcript());
    for cited in ["shipment.csv:50859", "twice.csv:2"] {
        assert!(proof.out.contains(cited), "{cited}:\n{}", proof.out);
    }
}

#[test]
fn packed_files_and_lines_of_json_give_the_same_verdicts() {
    let desk = Desk::new();
    let plain = desk.run("shipment.csv", &[]);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), Default::default());
    packed.write_all(shipments().as_bytes()).expect("packed");
    desk.put("shipment.csv.gz", packed.finish().expect("packed"));
    let lines = shipments();
    let lines = lines.lines().skip(1).map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        format!(
            "{{\"id\":{},\"consignee\":\"{}\",\"on\":\"{}\",\"value\":{}}}\n",
            cells[3], cells[2], cells[0], cells[1]
        )
    });
    let lines: String = lines.collect();
    desk.put(
        "shipment.jsonl.zst",
        zstd::encode_all(lines.as_bytes(), 1).expect("packed"),
    );
    for name in ["shipment.csv.gz", "shipment.jsonl.zst"] {
        let run = desk.run(name, &[]);
        assert_eq!((run.code, &run.out), (0, &plain.out), "{name}: {}", run.err);
    }
}

#[test]
fn keys_are_checked_over_all_rows_and_both_are_shown() {
    let desk = Desk::new();
    desk.put(
        "shipment.csv",
        shipments() + "2025-03-01,1,p1,shipment 41234\r\n",
    );
    let run = desk.run("shipment.csv", &[]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    for part in [
        "E0520",
        "shipment.csv:60002",
        "shipment.csv:41236",
        "`value` is 41234",
    ] {
        assert!(run.err.contains(part), "{part}:\n{}", run.err);
    }
}

#[test]
fn bad_rows_refuse_the_run_and_the_first_of_each_file_are_told() {
    let desk = Desk::new();
    let bad = (0..30).map(|row| format!("2025-02-30,{row},p1,x{row}\n"));
    desk.put("shipment.csv", shipments() + &bad.collect::<String>());
    desk.put("owns.csv", "share,owned,owner\nhalf,p8,p7\n");
    let run = desk.run("shipment.csv", &[]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    for part in [
        "owns.csv:2",
        "`half` is not",
        "shipment.csv:60002",
        "column 1, `on`",
        "this file has 10 more mistakes",
    ] {
        assert!(run.err.contains(part), "{part}:\n{}", run.err);
    }
}

#[test]
fn bad_rows_are_set_aside_where_that_is_wanted_and_the_result_says_so() {
    let desk = Desk::new();
    let bad =
        "2025-02-30,half,p8,x1\n2025-02-28,1,p8\n2025-02-28,2,p8,x3,more\n2025-02-28,3,p8,x4\n";
    desk.put("shipment.csv", shipments() + bad);
    let run = desk.run("shipment.csv", &["--bad-rows", "bad.csv"]);
    assert_eq!(
        (run.code, run.err.as_str()),
        (0, ""),
        "{}",
        run.transcript()
    );
    assert_eq!(flagged(&run).len(), expected().len() + 1);
    let told = "3 rows of facts are left out and set aside in `bad.csv`: 3 of `shipment.csv`";
    assert_eq!(run.out.lines().last(), Some(told));
    assert_eq!(
        desk.read("bad.csv"),
        "on,value,consignee,id,_file,_row,_reason,_rest\n\
         2025-02-30,half,p8,x1,shipment.csv,60002,\"column 1, `on`: `2025-02-30` is not a date; column 2, `value`: `half` is not a whole number\",\n\
         2025-02-28,1,p8,,shipment.csv,60003,\"this row has 3 cells, and the first row 4\",\n\
         2025-02-28,2,p8,x3,shipment.csv,60004,\"this row has 5 cells, and the first row 4\",more\n"
    );
    let run = desk.run(
        "shipment.csv",
        &["--bad-rows", "bad.csv", "--format", "json"],
    );
    let json: Json = serde_json::from_str(&run.out).expect("one JSON document");
    assert_eq!(json["bad_rows"]["rows"], 3);
    assert_eq!(json["bad_rows"]["of"][0]["file"], "shipment.csv");
    // They can be mended there and given again.
    let mended = desk
        .read("bad.csv")
        .replace("02-30,half", "02-27,12")
        .replace("p8,,", "p8,x2,");
    desk.put("mended.csv", mended);
    let run = desk.run("shipment=mended.csv", &["--bad-rows", "bad.csv"]);
    assert_eq!(flagged(&run), ["x1", "x2", "x3"], "{}", run.transcript());
    assert!(run.err.contains("W0532"), "{}", run.err);
    assert_eq!(desk.read("bad.csv"), "_file,_row,_reason,_rest\n");
    // What is wrong with a whole file still refuses the run, and so does a file that cannot be written.
    desk.put("other.csv", "id,on\nx,2025-01-01\n");
    assert_eq!(
        desk.run("shipment=other.csv", &["--bad-rows", "bad.csv"])
            .code,
        2
    );
    assert_eq!(
        desk.run("shipment.csv", &["--bad-rows", "nowhere/bad.csv"])
            .code,
        2
    );
}

#[test]
fn what_is_explained_and_asked_goes_on_without_bad_rows_too() {
    let desk = Desk::new();
    desk.put(
        "law.lexlog",
        LAW.to_owned() + "judgement grave(shipment: Shipment)   reads \"{shipment} is grave\"\nflagged(S) if shipment(S), grave(S).\n",
    );
    let rows =
        "on,value,consignee,id\n2025-02-28,half,p8,x1\n2025-02-28,1,p8,x2\n2025-02-28,1,p5,x3\n";
    desk.put("shipment.csv", rows);
    let aside = ["--bad-rows", "bad.csv"];
    let both = |command: &str, more: &[&str]| {
        let more = [more, &aside].concat();
        let text = desk.command(command, "shipment.csv", &more);
        let json = desk.command(
            command,
            "shipment.csv",
            &[&more[..], &["--format", "json"]].concat(),
        );
        assert_eq!((text.code, json.code), (0, 0), "{}", text.transcript());
        let json: Json = serde_json::from_str(&json.out).expect("one JSON document");
        (text, json["bad_rows"].to_string())
    };
    let told = "1 row of facts is left out and set aside in `bad.csv`: 1 of `shipment.csv`";
    let as_data = r#"{"file":"bad.csv","rows":1,"of":[{"file":"shipment.csv","rows":1}]}"#;
    for (command, more) in [
        ("explain", &["flagged(x2)"][..]),
        ("explain", &["flagged(S)"]),
        ("explain", &["flagged(x1)"]),
        ("ask", &[]),
    ] {
        let (text, json) = both(command, more);
        assert_eq!(text.out.lines().last(), Some(told), "{}", text.transcript());
        assert_eq!((text.err.as_str(), json.as_str()), ("", as_data));
    }
    assert_eq!(
        desk.read("bad.csv").lines().nth(1),
        Some(
            "2025-02-28,half,p8,x1,shipment.csv,2,\"column 2, `value`: `half` is not a whole number\","
        )
    );
    // What is a document of another kind, or facts, has nothing else in it.
    for more in [
        &["explain", "--format", "markdown", "flagged(x2)"][..],
        &["ask", "--interactive"],
    ] {
        let run = desk.command(more[0], "shipment.csv", &[&more[1..], &aside].concat());
        assert!(run.err.contains(told), "{}", run.transcript());
        assert!(!run.out.contains("set aside"), "{}", run.transcript());
    }
    let nowhere = ["flagged(x2)", "--bad-rows", "nowhere/bad.csv"];
    let run = desk.command("explain", "shipment.csv", &nowhere);
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error: `nowhere/bad.csv` cannot be written: there is no such file or folder
    exit 2
    ");
}

#[test]
fn bad_rows_are_never_set_aside_over_the_facts_they_stand_in() {
    let desk = Desk::new();
    let given = "on,value,consignee,id\n2025-02-28,half,p8,x1\n2025-02-28,1,p8,x2\n";
    desk.put("shipment.csv", given);
    let run = desk.run("shipment.csv", &["--bad-rows", "./shipment.csv"]);
    assert_eq!(run.code, 2, "{}", run.transcript());
    assert!(run.err.contains("error[E0526]"), "{}", run.err);
    assert_eq!(desk.read("shipment.csv"), given);
}

#[test]
fn a_packed_file_that_is_not_whole_is_told_in_plain_words() {
    let desk = Desk::new();
    for name in ["shipment.csv.gz", "shipment.csv.zst"] {
        desk.put(name, "id,consignee,value,on\n");
        let run = desk.run(name, &[]);
        assert_eq!(run.code, 2, "{}", run.transcript());
        let told =
            format!("`{name}` cannot be read: it is not whole, or it is not packed in the way");
        let err = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(err.contains(&told), "{}", run.err);
    }
}

#[test]
fn a_quote_that_is_not_closed_is_the_only_thing_told_of_its_row() {
    let desk = Desk::new();
    desk.put(
        "shipment.csv",
        "on,value,consignee,id\n\"2025-02-28,1,p8,x1\n",
    );
    let run = desk.run("shipment.csv", &[]);
    assert_eq!(run.code, 2, "{}", run.transcript());
    assert!(run.err.contains("error[E0518]"), "{}", run.err);
    assert!(run.err.contains("1 error\n"), "{}", run.err);
}
