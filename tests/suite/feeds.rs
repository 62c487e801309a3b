//! Feeds: a company's wide export, read as the policy says, up to proofs and certificates.

use crate::command::{Run, lexlog_in, lexlog_with_input};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const LAW: &str = r#"
type Party
type Item
type Transfer
type Country = china | germany | korea
event     transfer(id: Transfer -> exporter: Party, on: date)  reads "{exporter} ships {id} on {on}"
input     origin(item: Item, country: Country)                 reads "{item} comes from {country}"
judgement military_user(party: Party)                          reads "{party} is a military user"
verdict   shipped(transfer: Transfer, party: Party)            reads "{party} ships under {transfer}"
verdict   chinese(item: Item)                                  reads "{item} is Chinese"
shipped(T, P) if transfer(T, exporter: P).
chinese(I) if origin(I, china).

feed shipments {
    transfer(id: "Doc no.", exporter: "Shipper", on: "PGI date" as "DD.MM.YYYY").
    origin("Material", "COO").
    not military_user("Ship-to") if "Mil. check" = "cleared".
}
"#;

const EXPORT: &str = "\
Doc no.,Plant,Shipper,PGI date,Material,COO,Ship-to,Mil. check
t1,1010,acme,09.10.2025,magnet,china,rhein,cleared
t2,1010,acme,10.10.2025,wire,,korp,open
";

/// A folder with a policy and an export, in which the command is run.
struct Desk(TempDir);

impl Desk {
    fn new(export: &str) -> Desk {
        let desk = Desk(tempfile::tempdir().expect("a folder"));
        desk.put("law.lexlog", LAW);
        desk.put("export.csv", export);
        desk
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("written");
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn lexlog(&self, command: &[&str], more: &[&str]) -> Run {
        let facts = ["law.lexlog", "--facts", "shipments=export.csv"];
        lexlog_in(self.path(), &[command, &facts[..], more].concat())
    }
}

#[test]
fn an_export_gives_facts_that_proofs_cite_by_file_and_row() {
    let desk = Desk::new(EXPORT);
    let run = desk.lexlog(&["run"], &[]);
    let expected = "magnet is Chinese\nacme ships under t1\nacme ships under t2\n";
    assert_eq!((run.out.as_str(), run.err.as_str()), (expected, ""));
    let run = desk.lexlog(&["run"], &["--query", "origin(I, C)"]);
    assert_eq!(run.out, "magnet comes from china\n");
    let run = desk.lexlog(&["explain"], &["shipped(t2, acme)"]);
    assert!(
        run.out.contains("acme ships t2 on 2025-10-10"),
        "{}",
        run.transcript()
    );
    assert!(
        run.out.contains("fact, export.csv:3"),
        "{}",
        run.transcript()
    );
    let run = desk.lexlog(
        &["explain"],
        &["chinese(magnet)", "--certificate", "c.json"],
    );
    assert_eq!(run.code, 0, "{}", run.transcript());
    let run = desk.lexlog(&["verify", "c.json"], &[]);
    assert!(run.out.starts_with("accepted"), "{}", run.transcript());
}

#[test]
fn an_export_comes_over_standard_input_too() {
    let desk = Desk::new(EXPORT);
    let law = desk.path().join("law.lexlog");
    let law = law.to_str().expect("a plain path");
    let run = lexlog_with_input(&["run", law, "--facts", "shipments=-"], EXPORT);
    assert_eq!(run.out.lines().count(), 3, "{}", run.transcript());
}

#[test]
fn rows_that_cannot_be_used_refuse_the_run_or_are_set_aside() {
    let desk = Desk::new(&EXPORT.replace("09.10.2025", "2025-10-09"));
    let run = desk.lexlog(&["run"], &[]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (2, ""),
        "{}",
        run.transcript()
    );
    insta::assert_snapshot!("a_bad_row_of_an_export", run.err);
    let run = desk.lexlog(&["run"], &["--bad-rows", "bad.csv"]);
    assert!(
        run.out
            .starts_with("acme ships under t2\n1 row of facts is left out"),
        "{}",
        run.out
    );
    let bad = fs::read_to_string(desk.path().join("bad.csv")).expect("it is there");
    insta::assert_snapshot!("a_bad_row_of_an_export_set_aside", bad);
    // Mended there, it is given again; what is told of it is passed over.
    desk.put("export.csv", &bad.replacen("2025-10-09", "09.10.2025", 1));
    let run = desk.lexlog(&["run"], &[]);
    assert_eq!(
        run.out, "magnet is Chinese\nacme ships under t1\n",
        "{}",
        run.err
    );
}

#[test]
fn headings_that_the_export_lacks_are_told_in_one_go() {
    let desk = Desk::new(
        &EXPORT
            .replace("PGI date", "PGI-Date")
            .replace("COO", "Origin"),
    );
    let run = desk.lexlog(&["run"], &[]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!("headings_that_an_export_lacks", run.err);
}

#[test]
fn a_fact_that_very_many_rows_give_is_cited_by_the_first() {
    let rows = (0..5_000).map(|row| format!("t{row},1,acme,09.10.2025,magnet,china,rhein,\n"));
    let header = EXPORT.lines().next().unwrap_or_default();
    let desk = Desk::new(&format!("{header}\n{}", rows.collect::<String>()));
    let run = desk.lexlog(&["explain"], &["chinese(magnet)"]);
    let words = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let places = "export.csv:2 and export.csv:3 and export.csv:4 and export.csv:5 and export.csv:6";
    assert!(
        words.contains(&format!("{places} and in 4,995 more places")),
        "{}",
        run.out
    );
}
