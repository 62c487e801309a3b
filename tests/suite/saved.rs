//! A saved run is explained as if it were run again, or refused with what is wrong.

use crate::command::{Run, lexlog_in};
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const LAW: &str = r#"
type Party
type Item
type Transfer
type Country = china | germany
input     foreign(party: Party)                                               reads "{party} is foreign"
input     owns(owner: Party, owned: Party -> share: decimal %) dated          reads "{owner} holds {share} of {owned}"
input     chip(item: Item -> node: decimal or unknown)                        reads "the node of {item} is {node}"
judgement grave(transfer: Transfer)                                           reads "{transfer} is grave"
event     transfer(id: Transfer -> recipient: Party, item: Item, country: Country, worth: int, on: date)
    reads "{id} goes to {recipient} on {on}"
relation  tainted(party: Party)                                               reads "{party} is tainted"
verdict   licence(transfer: Transfer)                                         reads "{transfer} requires a licence"
verdict   fine(chip: Item)                                                    reads "{chip} is fine"
verdict   total(party: Party, sum: decimal)                                   reads "{party} gets {sum}"

notice chips "Chips" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Licences" { licence(T) if transfer(T, recipient: P, country: china), tainted(P). }
    clause 2 "Fineness" { fine(C) if chip(C, N), N <= 14. }
    clause 3 "Gravity" { licence(T) if transfer(T), grave(T). }
    clause 4 "Relief" { exempt licence(T) from 1 if transfer(T, worth: W), W < 10. }
}
notice totals "Totals" {
    published 2025-02-01
    effective 2025-02-01
    clause 1 "Sums" { total(P, S) if foreign(P), S = sum W / 3 { transfer(_, recipient: P, worth: W) }. }
}
tainted(P) if foreign(P).
tainted(P) if tainted(Q), owns(Q, P, S) on 2025-03-01, S >= 50%.
"#;

/// What is asked: what holds, what is open, what does not, all of something.
const ASKED: [&str; 8] = [
    "licence(t2)",
    "licence(t5)",
    "licence(T)",
    "fine(C)",
    "total(acme, S)",
    "tainted(bolt)",
    "licence(nobody)",
    "owns(acme, P)",
];

/// How the file says in which form it is.
const FORM: &str = "\"lexlog_run\":2";

struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().expect("a folder"));
        desk.put("law.lexlog", LAW);
        desk.put("said.lexlog", "foreign(acme). grave(t4). not grave(t3).\n");
        desk.put(
            "facts/chip.jsonl",
            "{\"item\": \"ä1\", \"node\": 14}\n{\"item\": \"l3\"}\n",
        );
        let rows = (0..50).map(|row| {
            let (to, country) = (
                ["acme", "bolt", "crow"][row % 3],
                ["china", "germany"][row % 2],
            );
            format!(
                "t{row},{to},ä1,{country},{},2025-03-{:02}\n",
                row * 7_000_000_000,
                1 + row % 28
            )
        });
        let header = "id,recipient,item,country,worth,on\n";
        desk.put(
            "facts/transfer.csv",
            &(header.to_owned() + &rows.collect::<String>()),
        );
        let database = Connection::open(desk.path().join("owners.db")).expect("there is room");
        let made = database.execute_batch(
            "CREATE TABLE owns (owner, owned, share, 'from', through);
             INSERT INTO owns VALUES ('acme', 'bolt', '200/3', '2024-01-01', NULL), ('bolt', 'crow', 12.5, NULL, '2025-06-30');",
        );
        made.expect("it is SQL");
        desk
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("there is room");
        fs::write(path, text).expect("written");
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn of_facts(&self, command: &str, more: &[&str]) -> Run {
        let facts = [
            command,
            "law.lexlog",
            "-f",
            "facts",
            "-f",
            "said.lexlog",
            "-f",
            "owners.db",
        ];
        lexlog_in(self.path(), &[&facts[..], more].concat())
    }

    fn save(&self, more: &[&str]) {
        let run = self.of_facts("run", &[&["--save", "run.saved"], more].concat());
        assert_eq!(run.code, 0, "{}", run.transcript());
    }

    fn of_saved(&self, more: &[&str]) -> Run {
        let from = ["explain", "law.lexlog", "--from", "run.saved"];
        lexlog_in(self.path(), &[&from[..], more].concat())
    }
}

#[test]
fn what_was_saved_is_explained_as_if_it_were_run_again() {
    let desk = Desk::new();
    for law in [
        &[][..],
        &["--as-of", "2025-01-10"],
        &["--known-at", "2025-01-31", "--no-presumptions"],
        &["--without", "totals"],
    ] {
        desk.save(law);
        for atom in ASKED {
            for format in ["text", "json", "markdown", "html", "dot"] {
                let asked = ["--format", format, atom];
                let again = desk.of_facts("explain", &[law, &asked].concat());
                let saved = desk.of_saved(&asked);
                assert_eq!(again.code, 0, "{}", again.transcript());
                assert_eq!(saved.transcript(), again.transcript(), "{law:?} {asked:?}");
            }
        }
    }
    let all = desk.of_saved(&["--all", "tainted(P)"]);
    for cited in ["owners.db, table owns, row 1", "said.lexlog:1"] {
        assert!(all.out.contains(cited), "{}", all.transcript());
    }
    // The same run is saved as the same bytes.
    let bytes = |name: &str| fs::read(desk.path().join(name)).expect("it is there");
    desk.save(&[]);
    let before = bytes("run.saved");
    desk.save(&[]);
    assert!(before == bytes("run.saved"));
}

#[test]
fn a_saved_run_says_which_rows_it_was_without() {
    let desk = Desk::new();
    desk.put("facts/foreign.csv", "party,x\nbolt\ndove,\n");
    desk.save(&["--bad-rows", "bad.csv"]);
    for format in ["text", "json", "markdown"] {
        let asked = ["--format", format, "tainted(dove)"];
        let again = desk.of_facts(
            "explain",
            &[&["--bad-rows", "bad.csv"], &asked[..]].concat(),
        );
        let saved = desk.of_saved(&asked);
        assert_eq!(saved.out, again.out);
        assert!(
            (saved.out + &saved.err).contains("bad.csv"),
            "{}",
            again.transcript()
        );
    }
}

#[test]
fn what_has_changed_since_is_not_explained() {
    let desk = Desk::new();
    desk.save(&[]);
    let told = |change: &dyn Fn()| {
        change();
        let run = desk.of_saved(&["licence(t2)"]);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{}",
            run.transcript()
        );
        run.err.trim_end().to_owned()
    };
    let read = |name: &str| fs::read(desk.path().join(name)).expect("it is there");
    let table = read("facts/transfer.csv");
    let changed = String::from_utf8_lossy(&table).replace("t2,", "t2222,");
    insta::assert_snapshot!(told(&|| desk.put("facts/transfer.csv", &changed)), @r"
    error[E0716]: `facts/transfer.csv` has changed since `run.saved` was saved:
                  the digests differ
     |
     = help: run it again with `lexlog run --save`

    1 error
    ");
    let gone = desk.path().join("facts/transfer.csv");
    insta::assert_snapshot!(told(&|| fs::remove_file(&gone).expect("it was there")), @r"
    error[E0716]: `facts` holds other files of facts than when `run.saved` was
                  saved
     |
     = help: run it again with `lexlog run --save`

    1 error
    ");
    fs::write(&gone, &table).expect("written");
    insta::assert_snapshot!(told(&|| desk.put("facts/foreign.csv", "party\nbolt\n")), @r"
    error[E0716]: `facts` holds other files of facts than when `run.saved` was
                  saved
     |
     = help: run it again with `lexlog run --save`

    1 error
    ");
    fs::remove_file(desk.path().join("facts/foreign.csv")).expect("it was there");
    insta::assert_snapshot!(told(&|| desk.put("said.lexlog", "foreign(bolt).\n")), @r"
    error[E0716]: `said.lexlog` has changed since `run.saved` was saved: the
                  digests differ
     |
     = help: run it again with `lexlog run --save`

    1 error
    ");
    desk.put("said.lexlog", "foreign(acme). grave(t4). not grave(t3).\n");
    insta::assert_snapshot!(told(&|| desk.put("law.lexlog", &LAW.replace("50%", "51%"))), @r"
    error[E0715]: `run.saved` was saved of another policy: the digests differ
     |
     = help: name the policy of that run, or run it again with `lexlog run
             --save`

    1 error
    ");
    desk.put("law.lexlog", LAW);
    let database = desk.path().join("owners.db");
    let elsewhere = desk.path().join("moved.db");
    insta::assert_snapshot!(told(&|| fs::rename(&database, &elsewhere).expect("it was there")), @r"
    error[E0716]: `owners.db` cannot be read any more, and `run.saved` was saved
                  of it
     |
     = help: explain it where the run was made: files of facts are named from
             there

    1 error
    ");
    fs::rename(&elsewhere, &database).expect("it was there");
    // A comment changes nothing, and neither do lines: proofs tell them as they are now.
    desk.put(
        "law.lexlog",
        &LAW.replace("notice chips", "# chips\n\nnotice chips"),
    );
    let run = desk.of_saved(&["licence(t2)"]);
    assert_eq!(run.out, desk.of_facts("explain", &["licence(t2)"]).out);
}

#[test]
fn a_file_that_is_not_whole_is_refused() {
    let desk = Desk::new();
    desk.save(&[]);
    let path = desk.path().join("run.saved");
    let whole = fs::read(&path).expect("it is there");
    let header = whole
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a line");
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("written");
        let run = desk.of_saved(&["licence(t2)"]);
        assert_eq!(
            (run.code, run.out.as_str()),
            (2, ""),
            "{}",
            run.transcript()
        );
        assert!(run.err.contains("error[E071"), "{}", run.err);
        run.err.trim_end().to_owned()
    };
    for end in [
        0,
        1,
        header,
        header + 1,
        header + 9,
        whole.len() / 2,
        whole.len() - 1,
    ] {
        refused(&whole[..end]);
    }
    for at in [header + 1, header + 4, header + 500, whole.len() - 2] {
        let mut other = whole.clone();
        other[at] ^= 0x40;
        refused(&other);
    }
    insta::assert_snapshot!(refused(&whole[..whole.len() / 2]), @r"
    error[E0713]: `run.saved` is a saved run that is not whole, or was changed
     |
     = help: run it again with `lexlog run --save`

    1 error
    ");
    insta::assert_snapshot!(refused(b"foreign(acme).\n"), @r"
    error[E0713]: `run.saved` is no saved run
     |
     = help: `lexlog run --save FILE` writes one

    1 error
    ");
    // One that was saved before names in series were kept; and one of a Lexlog to come.
    let older = String::from_utf8_lossy(&whole[..header]).replace(FORM, "\"lexlog_run\":1");
    insta::assert_snapshot!(refused(&[older.as_bytes(), &whole[header..]].concat()), @r"
    error[E0714]: `run.saved` was saved by Lexlog 0.1.0 (form 1), and this is
                  Lexlog 0.1.0 (form 2)
     |
     = help: run it again with `lexlog run --save`

    1 error
    ");
    let version = concat!("\"lexlog\":\"", env!("CARGO_PKG_VERSION"));
    let newer = String::from_utf8_lossy(&whole[..header]).replace(version, "\"lexlog\":\"99.0.0");
    let told = refused(&[newer.as_bytes(), &whole[header..]].concat());
    assert!(told.contains("saved by Lexlog 99.0.0"), "{told}");
    let law = String::from_utf8_lossy(&whole[..header])
        .replace("\"as_of\":null", "\"as_of\":\"2025-01-10\"");
    refused(&[law.as_bytes(), &whole[header..]].concat());
}

#[test]
fn what_is_saved_was_said_when_it_was_run() {
    let desk = Desk::new();
    desk.save(&[]);
    let run = desk.of_saved(&["licence(t2)", "--as-of", "2025-01-10"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cannot be used with"), "{}", run.err);
    let run = desk.of_facts("run", &["--save", "facts/transfer.csv"]);
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error[E0711]: `facts/transfer.csv` is not written: this run reads it
     |
     = help: name another file with --save

    1 error
    exit 2
    ");
    let run = lexlog_in(
        desk.path(),
        &["run", "law.lexlog", "-f", "-", "--save", "run.saved"],
    );
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error[E0702]: `standard input` can be read only once
     |
     = help: give the facts in a file

    1 error
    exit 2
    ");
}

/// Names and texts in series, whose words are in no table.
const SHIPPED: &str = r#"
type Exporter
type Shipment
event     shipment(id: Shipment -> by: Exporter, box: text, worth: int or unknown, on: date) reads "{id} is shipped by {by}"
input     listed(by: Exporter)                     reads "{by} is listed"
judgement evasive(id: Shipment)                    reads "{id} is evasive"
verdict   licence(id: Shipment)                    reads "{id} requires a licence"
verdict   boxed(by: Exporter, box: text)           reads "{by} has shipped {box}"
notice boxes "Boxes" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Value"   { licence(S) if shipment(S, by: E, worth: W), listed(E), W > 500. }
    clause 2 "Evasion" { licence(S) if shipment(S, by: E), evasive(S), not listed(E). }
    clause 3 "Boxes"   { boxed(E, B) if shipment(_, by: E, box: B), listed(E), B != "B-007". }
}
"#;

fn desk_of_shipments() -> Desk {
    let desk = Desk(tempfile::tempdir().expect("a folder"));
    desk.put("law.lexlog", SHIPPED);
    // In a series too, and of one that no table has.
    desk.put(
        "said.lexlog",
        "listed(e000003). listed(x7). not evasive(\"SHP-2025-0000019\").\n",
    );
    let rows = (0..40).map(|row| {
        let worth = match row % 4 {
            3 => String::new(),
            _ => (row * 40).to_string(),
        };
        let by = row * 7 % 10;
        format!("SHP-2025-{row:07},e{by:06},B-{row:03},{worth},2025-03-01\n")
    });
    let header = "id,by,box,worth,on\n".to_owned();
    desk.put("shipment.csv", &(header + &rows.collect::<String>()));
    desk
}

const SHIPMENTS: [&str; 5] = ["law.lexlog", "-f", "shipment.csv", "-f", "said.lexlog"];

fn with<'a>(command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&[command], &SHIPMENTS[..], more].concat()
}

#[test]
fn names_and_texts_in_series_and_what_is_open_are_explained_as_if_run_again() {
    let desk = desk_of_shipments();
    let run = lexlog_in(desk.path(), &with("run", &["--save", "run.saved"]));
    assert_eq!(run.code, 0, "{}", run.transcript());
    for (atom, says) in [
        // 29 × 7 ends on 3: listed, and worth 1160.
        ("licence(\"SHP-2025-0000029\")", "requires a licence"),
        ("licence(\"SHP-2025-0000039\")", "open:"),
        ("licence(\"SHP-2025-0000000\")", "open:"),
        ("licence(\"SHP-2025-0000009\")", "Does not hold"),
        ("licence(\"SHP-2025-0000019\")", "open:"),
        ("licence(\"SHP-2024-0000019\")", "Does not hold"),
        ("licence(S)", "SHP-2025-0000029"),
        ("boxed(e000003, \"B-009\")", "has shipped"),
        ("boxed(e000003, B)", "B-019"),
        ("boxed(x7, B)", "Does not hold"),
        ("shipment(S, box: \"B-012\")", "SHP-2025-0000012"),
    ] {
        for format in ["text", "json"] {
            let asked = ["--format", format, atom];
            let again = lexlog_in(desk.path(), &with("explain", &asked));
            assert_eq!(again.code, 0, "{}", again.transcript());
            assert_eq!(desk.of_saved(&asked).transcript(), again.transcript());
            if format == "text" {
                assert!(again.out.contains(says), "{atom}: {}", again.out);
            }
        }
    }
}

#[test]
fn a_certificate_of_a_saved_run_is_that_of_its_policy_and_facts() {
    let desk = desk_of_shipments();
    let secret = "some secret that nobody can guess";
    desk.put("salt", secret);
    let atom = "licence(\"SHP-2025-0000029\")";
    for (law, redact) in [
        (&[][..], &[][..]),
        (&["--as-of", "2025-02-01"], &[]),
        (
            &["--known-at", "2025-12-31"],
            &["--redact", "shipment.box", "--salt", "salt"],
        ),
    ] {
        let save = [law, &["--save", "run.saved"]].concat();
        let run = lexlog_in(desk.path(), &with("run", &save));
        assert_eq!(run.code, 0, "{}", run.transcript());
        let written = |run: Run| {
            assert_eq!(run.code, 0, "{}", run.transcript());
            let certificate = fs::read(desk.path().join("c.json")).expect("it was written");
            (run.transcript(), certificate)
        };
        let asked = [redact, &["--certificate", "c.json", atom]].concat();
        let saved = written(desk.of_saved(&asked));
        let again = lexlog_in(desk.path(), &with("explain", &[law, &asked].concat()));
        assert!(saved == written(again), "{law:?} {redact:?}");
    }
    let check = with("verify", &["--openings", "c.openings.json"]);
    let check = [&["verify", "c.json"], &check[1..]].concat();
    let run = lexlog_in(desk.path(), &check);
    assert_eq!(run.code, 0, "{}", run.transcript());
}
