//! Verdicts as Parquet files: columns have the types of what stands in them, and Lexlog reads them as it wrote them.

use crate::command::{Run, lexlog_in};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::printer::print_schema;
use std::fs::{self, File};
use std::path::Path;
use tempfile::TempDir;

const LAW: &str = r#"
type Party
type Grade = low | high
input   foreign(party: Party)                     reads "{party} is foreign"
input   tonnage(party: Party -> tons: int)        reads "{party} moves {tons} tons"
judgement counted(party: Party)                   reads "{party} counts"
verdict worth(party: Party, grade: Grade, whole: int, share: decimal %, rate: decimal, sure: bool, on: date, note: text or none)
    reads "{party} is worth {whole}"
verdict banned(party: Party)                      reads "{party} is banned"
verdict moved(party: Party, tons: int)            reads "{party} and those who count have moved {tons} tons"
verdict nothing(party: Party, sum: decimal)       reads "{party} has nothing"
worth(acme, low, 3, 0.25, 1.000000000001, true, 2025-03-01).
worth("bolt & Söhne", high, -9223372036854775808, 200%, -99999999999999999999999999.5, false, 1899-12-31, "it's \"so\"").
moved(P, S) if foreign(P), S = sum T { tonnage(Q, T), counted(Q) }.
notice n "N" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Bans" from 2025-03-10 { banned(P) if foreign(P). }
}
"#;

/// What was written, as facts.
const BACK: &str = r#"
type Party
type Grade = low | high
input   worth(party: Party, grade: Grade, whole: int, share: decimal %, rate: decimal, sure: bool, on: date, note: text or none)
    reads "{party} is worth {whole}"
input   moved(party: Party -> tons: int or unknown)   reads "{party} has moved {tons}"
verdict same(party: Party, grade: Grade, whole: int, share: decimal %, rate: decimal, sure: bool, on: date)
    reads "{party} is worth {whole}"
verdict noted(party: Party, note: text)           reads "{party}: {note}"
verdict much(party: Party)                        reads "{party} has moved much"
same(P, G, W, S, R, B, D) if worth(P, grade: G, whole: W, share: S, rate: R, sure: B, on: D).
noted(P, N) if worth(P, note: N).
much(P) if moved(P, T), T > 10.
"#;

struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().expect("a folder"));
        desk.put("law.lexlog", LAW);
        desk.put(
            "facts.lexlog",
            "foreign(acme). foreign(bolt). counted(bolt). tonnage(acme, 9). tonnage(bolt, 5).\n",
        );
        desk
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("written");
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, more: &[&str]) -> Run {
        let fixed = ["run", "law.lexlog", "-f", "facts.lexlog"];
        lexlog_in(self.path(), &[&fixed[..], more].concat())
    }

    /// The columns of a Parquet file, and its rows.
    fn told(&self, name: &str) -> String {
        let file = File::open(self.path().join(name)).expect("it was written");
        let file = SerializedFileReader::new(file).expect("a Parquet file");
        let mut text = Vec::new();
        print_schema(&mut text, file.metadata().file_metadata().schema());
        let rows = file.get_row_iter(None).expect("it has rows");
        let rows = rows.map(|row| format!("{}\n", row.expect("a row")));
        String::from_utf8_lossy(&text).into_owned() + &rows.collect::<String>()
    }
}

#[test]
fn each_verdict_gets_a_parquet_file_with_columns_of_its_types() {
    let desk = Desk::new();
    let run = desk.run(&["--out", "results", "--out-format", "parquet"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    insta::assert_snapshot!(desk.told("results/worth.parquet"), @r#"
    message worth {
      OPTIONAL BYTE_ARRAY party (STRING);
      OPTIONAL BYTE_ARRAY grade (STRING);
      OPTIONAL INT64 whole;
      OPTIONAL FIXED_LEN_BYTE_ARRAY (16) share (DECIMAL(38,12));
      OPTIONAL FIXED_LEN_BYTE_ARRAY (16) rate (DECIMAL(38,12));
      OPTIONAL BOOLEAN sure;
      OPTIONAL INT32 on (DATE);
      OPTIONAL BYTE_ARRAY note (STRING);
      OPTIONAL BYTE_ARRAY _status (STRING);
      OPTIONAL BYTE_ARRAY _marks (STRING);
    }
    {party: "acme", grade: "low", whole: 3, share: 0.250000000000, rate: 1.000000000001, sure: true, on: 2025-03-01, note: null, _status: "holds", _marks: null}
    {party: "bolt & Söhne", grade: "high", whole: -9223372036854775808, share: 200.000000000000, rate: -99999999999999999999999999.500000000000, sure: false, on: 1899-12-31, note: "it's "so"", _status: "holds", _marks: null}
    "#);
    insta::assert_snapshot!(desk.told("results/banned.parquet"), @r#"
    message banned {
      OPTIONAL BYTE_ARRAY party (STRING);
      OPTIONAL INT32 _from (DATE);
      OPTIONAL INT32 _through (DATE);
      OPTIONAL BYTE_ARRAY _status (STRING);
      OPTIONAL BYTE_ARRAY _marks (STRING);
    }
    {party: "acme", _from: 2025-03-10, _through: null, _status: "holds", _marks: null}
    {party: "bolt", _from: 2025-03-10, _through: null, _status: "holds", _marks: null}
    "#);
    insta::assert_snapshot!(desk.told("results/moved.parquet"), @r#"
    message moved {
      OPTIONAL BYTE_ARRAY party (STRING);
      OPTIONAL INT64 tons;
      OPTIONAL BYTE_ARRAY _status (STRING);
      OPTIONAL BYTE_ARRAY _marks (STRING);
    }
    {party: "acme", tons: null, _status: "open", _marks: null}
    {party: "bolt", tons: null, _status: "open", _marks: null}
    "#);
    insta::assert_snapshot!(desk.told("results/nothing.parquet"), @r"
    message nothing {
      OPTIONAL BYTE_ARRAY party (STRING);
      OPTIONAL FIXED_LEN_BYTE_ARRAY (16) sum (DECIMAL(38,12));
      OPTIONAL BYTE_ARRAY _status (STRING);
      OPTIONAL BYTE_ARRAY _marks (STRING);
    }
    ");
    let names = || {
        let files = fs::read_dir(desk.path().join("results")).expect("a folder");
        files.count()
    };
    // Nothing unfinished is left, and the same results are the same bytes.
    assert_eq!(names(), 4);
    let bytes = || fs::read(desk.path().join("results/worth.parquet")).expect("it is there");
    let before = bytes();
    let run = desk.run(&["--out", "results", "--out-format", "parquet"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    assert!(before == bytes() && names() == 4);
}

#[test]
fn what_was_written_is_read_as_it_was() {
    let desk = Desk::new();
    let run = desk.run(&["--out", "results", "--out-format", "parquet"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    fs::remove_file(desk.path().join("results/banned.parquet")).expect("it was there");
    fs::remove_file(desk.path().join("results/nothing.parquet")).expect("it was there");
    desk.put("back.lexlog", BACK);
    let back = ["run", "back.lexlog", "-f", "results", "--format", "csv"];
    let back = lexlog_in(desk.path(), &back);
    assert_eq!(back.code, 0, "{}", back.transcript());
    insta::assert_snapshot!(back.out, @r#"
    _verdict,party,_status,_marks
    much,acme,open,
    much,bolt,open,
    much,bolt & Söhne,open,

    _verdict,party,note,_status,_marks
    noted,bolt & Söhne,"it's ""so""",holds,

    _verdict,party,grade,whole,share,rate,sure,on,_status,_marks
    same,acme,low,3,0.25,1.000000000001,true,2025-03-01,holds,
    same,bolt & Söhne,high,-9223372036854775808,200,-99999999999999999999999999.5,false,1899-12-31,holds,
    "#);
}

#[test]
fn numbers_that_do_not_fit_are_texts_to_the_last_digit() {
    let desk = Desk::new();
    let more = "worth(crow, low, 9223372036854775808, 1/3, 0.5, true, 2025-03-02).\n";
    desk.put("law.lexlog", &(LAW.to_owned() + more));
    let run = desk.run(&["--out", "results", "--out-format", "parquet"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let told = desk.told("results/worth.parquet");
    for (column, value) in [
        ("OPTIONAL BYTE_ARRAY whole (STRING)", "9223372036854775808"),
        ("OPTIONAL BYTE_ARRAY share (STRING)", "1/3"),
        (
            "FIXED_LEN_BYTE_ARRAY (16) rate (DECIMAL(38,12))",
            "0.500000000000",
        ),
    ] {
        assert!(told.contains(column) && told.contains(value), "{told}");
    }
}

#[test]
fn a_parquet_file_is_of_one_verdict() {
    let desk = Desk::new();
    let run = desk.run(&["--out", "all.parquet"]);
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error[E0717]: `all.parquet` would hold one table, and the policy has 4
                  verdicts
     |
     = help: a file for each is written by `--out FOLDER --out-format parquet`

    1 error
    exit 2
    ");
    let run = desk.run(&["--out", "all.sqlite", "--out-format", "parquet"]);
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error[E0717]: `all.sqlite` is a SQLite file by its name: `--out-format` says
                  otherwise
     |
     = help: leave `--out-format` out, or name a folder

    1 error
    exit 2
    ");
    let run = desk.run(&["--out-format", "parquet"]);
    assert_eq!(run.code, 2, "{}", run.transcript());
    let law =
        "type Party\nverdict listed(party: Party) reads \"{party} is listed\"\nlisted(acme).\n";
    desk.put("one.lexlog", law);
    let one = |more: &[&str]| {
        let run = lexlog_in(desk.path(), &[&["run", "one.lexlog"], more].concat());
        assert_eq!(run.code, 0, "{}", run.transcript());
    };
    one(&["--out", "listed.parquet"]);
    one(&["--out", "again.PARQUET", "--out-format", "parquet"]);
    assert_eq!(desk.told("listed.parquet"), desk.told("again.PARQUET"));
    assert!(
        desk.told("listed.parquet")
            .contains("{party: \"acme\", _status: \"holds\"")
    );
}

#[test]
fn no_file_of_verdicts_comes_over_one_that_is_read() {
    let desk = Desk::new();
    fs::create_dir(desk.path().join("results")).expect("there is room");
    desk.put("results/banned.csv", "party\nacme\n");
    let facts = "foreign=results/banned.csv";
    let run = desk.run(&["-f", facts, "--out", "results"]);
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error[E0711]: `results/banned.csv` is not written: this run reads it
     |
     = help: name another file with --out

    1 error
    exit 2
    ");
    let run = desk.run(&["-f", facts, "--out", "results", "--out-format", "parquet"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
}
