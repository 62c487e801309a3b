mod databases;
mod feeds;

use super::{Facts, check, read};
use crate::diagnostic::{Diagnostics, render_text};
use crate::ir::{self, Policy};
use crate::source::Sources;
use crate::syntax;
use crate::value::Value;
use std::borrow::Cow;
use std::fs;
use std::io::{self, Read, Write};
use tempfile::TempDir;

const POLICY: &str = r#"
type Party
type Transfer
type Country = china | germany
unit um
unit mm = 1000 um
event transfer(id: Transfer -> exporter: Party, recipient: Party or none, on: date)
event loan(id: Transfer -> lender: Party, on: date)
input established_in(party: Party, country: Country)
input owns(owner: Party, owned: Party -> share: decimal %) dated
input wire(party: Party -> width: decimal um or unknown, pieces: int, note: text, sharp: bool)
judgement trusted(party: Party)
relation known(party: Party)
known(rheinwerk).
"#;

struct World {
    folder: TempDir,
    policy: Policy,
    sources: Sources,
}

impl World {
    fn new() -> World {
        World::of(POLICY)
    }

    fn of(policy: &str) -> World {
        let mut sources = Sources::default();
        let id = sources.add("policy.lexlog", policy);
        let (file, slips) = syntax::parse(&sources, id);
        assert!(!slips.has_errors(), "{slips:?}");
        let mut beside = |_: &mut Sources, _, _: &str| Err(String::new());
        let (policy, slips) = ir::resolve(&[(id, file)], &mut sources, &mut beside);
        assert!(!slips.has_errors(), "{slips:?}");
        World {
            folder: TempDir::new().expect("there is room for a folder"),
            policy,
            sources,
        }
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).expect("there is room for a file");
        path.to_string_lossy().into_owned()
    }

    fn read(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> (Facts, String) {
        let path = self.file(name, bytes);
        self.read_argument(&path)
    }

    fn read_argument(&mut self, argument: &str) -> (Facts, String) {
        let (facts, problems) = read(
            &self.policy,
            &mut self.sources,
            &[argument.to_owned()],
            None,
        );
        (facts, self.text(&problems))
    }

    fn text(&self, problems: &Diagnostics) -> String {
        let folder = self.folder.path().to_string_lossy().replace('\\', "/");
        render_text(&problems.list, &self.sources, false).replace(&format!("{folder}/"), "")
    }

    /// The facts as atoms with line, a row each.
    fn shown(&self, facts: &Facts) -> Vec<String> {
        let one = |fact: Cow<'_, ir::Fact>| {
            let relation = self.policy.relation(fact.relation);
            let args: Vec<String> = fact
                .args
                .iter()
                .zip(&relation.fields)
                .map(|(value, field)| self.policy.types.literal(value, field.ty))
                .collect();
            let cited = self.sources.cite(fact.place);
            let line = cited.rsplit(':').next().unwrap_or_default().to_owned();
            let not = if fact.denied { "not " } else { "" };
            let days = fact
                .days
                .map(|(from, through)| format!(" {from}..{through}"))
                .unwrap_or_default();
            format!("{line}: {not}{}({}){days}", relation.name, args.join(", "))
        };
        facts.iter().map(one).collect()
    }

    fn good(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> Vec<String> {
        let (facts, problems) = self.read(name, bytes);
        assert_eq!(problems, "");
        self.shown(&facts)
    }

    fn bad(&mut self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        self.read(name, bytes).1
    }
}

#[test]
fn columns_stand_in_any_order_and_lines_are_counted_in_every_form_of_line_end() {
    let lf = "country,party\nchina,acme\n\ngermany,\"Rhein, \"\"Werk\"\"\"\n";
    let expected = [
        "2: established_in(acme, china)",
        "4: established_in(\"Rhein, \\\"Werk\\\"\", germany)",
    ];
    for text in [
        lf.to_owned(),
        lf.replace('\n', "\r\n"),
        format!("\u{FEFF}{lf}"),
    ] {
        assert_eq!(World::new().good("established_in.csv", text), expected);
    }
    let tsv = lf.replace(',', "\t").replace("Rhein\t", "Rhein,");
    assert_eq!(World::new().good("established_in.tsv", tsv), expected);
}

#[test]
fn a_line_end_in_quotes_is_part_of_the_cell() {
    let text = "party,width,pieces,note,sharp\r\na,1,1,\"x\r\ny\",true\r\nb,1,1,z,false\r\n";
    let shown = World::new().good("wire.csv", text);
    assert!(shown[1].starts_with("4: "), "{shown:?}");
}

#[test]
fn numbers_are_exact_and_in_the_unit_of_their_field() {
    let text = "party,width,pieces,note,sharp\n\
                a,0.1,2,,true\nb,1/3,1,,true\nc,2 mm,1,,true\nd,2mm,1,,true\ne,1e-3 um,1,,true\nf,,1e2,,false\n";
    assert_eq!(
        World::new().good("wire.csv", text),
        [
            "2: wire(a, 0.1 um, 2, \"\", true)",
            "3: wire(b, 1/3 um, 1, \"\", true)",
            "4: wire(c, 2000 um, 1, \"\", true)",
            "5: wire(d, 2000 um, 1, \"\", true)",
            "6: wire(e, 0.001 um, 1, \"\", true)",
            "7: wire(f, unknown, 100, \"\", false)",
        ]
    );
    let json = "[{\"party\": \"a\", \"width\": 0.1000000000000000000001, \"pieces\": 1, \"note\": \"\", \"sharp\": true}]";
    let shown = World::new().good("wire.json", json);
    assert_eq!(
        shown,
        ["1: wire(a, 0.1000000000000000000001 um, 1, \"\", true)"]
    );
}

#[test]
fn a_share_is_given_in_per_cent() {
    let text = "owner,owned,share\na,b,30\na,c,30%\na,d,30 %\na,e,0.1\n";
    let shown = World::new().good("owns.csv", text);
    let shares: Vec<&str> = shown
        .iter()
        .filter_map(|row| row.split(", ").nth(2))
        .collect();
    assert!(
        shares[..3].iter().all(|share| share.starts_with("30%)")),
        "{shown:?}"
    );
    assert!(shares[3].starts_with("0.1%)"), "{shown:?}");
}

#[test]
fn a_dated_fact_has_its_days_and_a_judgement_is_asserted_denied_or_open() {
    let text = "owner,owned,share,from,through\na,b,30,2025-01-01,2025-06-30\na,b,40,2025-07-01,\n";
    assert_eq!(
        World::new().good("owns.csv", text),
        [
            "2: owns(a, b, 30%) 2025-01-01..2025-06-30",
            "3: owns(a, b, 40%) 2025-07-01..9999-12-31",
        ]
    );
    assert_eq!(
        World::new().good("trusted.csv", "party,holds\na,true\nb,false\nc,\n"),
        ["2: trusted(a)", "3: not trusted(b)"]
    );
    assert_eq!(
        World::new().good("trusted.csv", "party\na\n"),
        ["2: trusted(a)"]
    );
    let wrong = World::new().bad(
        "owns.csv",
        "owner,owned,share,from,through\na,b,1,2025-02-01,2025-01-01\n",
    );
    assert!(
        wrong.contains("E0517") && wrong.contains("owns.csv:2"),
        "{wrong}"
    );
}

#[test]
fn json_is_a_list_an_object_of_lists_or_an_object_a_line() {
    let row = "{\"party\": \"acme\",\n \"country\": \"china\"}";
    let list = format!("[\n{row},\n{row}\n]");
    let expected = [
        "2: established_in(acme, china)",
        "4: established_in(acme, china)",
    ];
    assert_eq!(World::new().good("established_in.json", &list), expected);
    let object = format!(
        "{{\"trusted\": [{{\"party\": \"a\", \"holds\": false}}],\n\"established_in\": [{row}]}}"
    );
    assert_eq!(
        World::new().good("all.json", object),
        ["1: not trusted(a)", "2: established_in(acme, china)"]
    );
    let line = row.replace('\n', "");
    assert_eq!(
        World::new().good("established_in.jsonl", format!("{line}\n\n{line}\n")),
        [
            "1: established_in(acme, china)",
            "3: established_in(acme, china)"
        ]
    );
}

#[test]
fn what_may_be_missing_may_be_left_out() {
    assert_eq!(
        World::new().good("transfer.csv", "id,exporter,on\nt1,acme,2025-10-20\n"),
        ["2: transfer(t1, acme, none, 2025-10-20)"]
    );
    let json =
        "[{\"id\": \"t1\", \"exporter\": \"acme\", \"recipient\": null, \"on\": \"2025-10-20\"}]";
    assert_eq!(
        World::new().good("transfer.json", json),
        ["1: transfer(t1, acme, none, 2025-10-20)"]
    );
    let wrong = World::new().bad("transfer.csv", "id,exporter,on\nt1,,2025-10-20\n");
    assert!(
        wrong.contains("`exporter` is empty")
            && wrong.contains("transfer.csv:2")
            && wrong.contains("column 2"),
        "{wrong}"
    );
    let wrong = World::new().bad(
        "transfer.jsonl",
        "{\"id\": \"t1\", \"on\": \"2025-10-20\"}\n",
    );
    assert!(wrong.contains("without `exporter`"), "{wrong}");
}

#[test]
fn a_wrong_header_is_told_with_what_is_near() {
    let wrong = World::new().bad("established_in.csv", "party,contry\na,china\n");
    assert!(
        wrong.contains("E0507") && wrong.contains("did you mean `country`?"),
        "{wrong}"
    );
    assert_eq!(wrong.matches("error[").count(), 1, "{wrong}");
    let wrong = World::new().bad("established_in.csv", "party\na\n");
    assert!(
        wrong.contains("E0508") && wrong.contains("lacks the column `country`"),
        "{wrong}"
    );
    let wrong = World::new().bad("established_in.csv", "party,party,country\na,b,china\n");
    assert!(wrong.contains("E0509"), "{wrong}");
}

#[test]
fn each_wrong_cell_is_told_with_file_line_and_column() {
    let cases = [
        (
            "wire.csv",
            "party,width,pieces,note,sharp\na,abc,1,,true\n",
            "E0512",
            "`abc` is not a number",
        ),
        (
            "wire.csv",
            "party,width,pieces,note,sharp\na,\"0,1\",1,,true\n",
            "E0512",
            "in the number `0,1` stands `,`",
        ),
        (
            "wire.csv",
            "party,width,pieces,note,sharp\na,1 000,1,,true\n",
            "E0512",
            "in the number `1 000` stands ` `",
        ),
        (
            "wire.csv",
            "party,width,pieces,note,sharp\na,1\0,1,,true\n",
            "E0512",
            "cannot be seen",
        ),
        (
            "wire.csv",
            "party,width,pieces,note,sharp\na,1 kg,1,,true\n",
            "E0514",
            "`kg`",
        ),
        (
            "wire.csv",
            "party,width,pieces,note,sharp\na,1 %,1,,true\n",
            "E0514",
            "`%` does not measure",
        ),
        (
            "wire.csv",
            "party,width,pieces,note,sharp\na,1/0,1,,true\n",
            "E0512",
            "`1/0`",
        ),
        (
            "wire.csv",
            "party,width,pieces,note,sharp\na,1e99999999,1,,true\n",
            "E0512",
            "`1e99999999`",
        ),
        (
            "wire.csv",
            "party,width,pieces,note,sharp\na,1,1.5,,true\n",
            "E0512",
            "whole number",
        ),
        (
            "wire.csv",
            "party,width,pieces,note,sharp\na,1,1,,yes\n",
            "E0512",
            "`true` or `false`",
        ),
        (
            "established_in.csv",
            "party,country\na,chnia\n",
            "E0513",
            "did you mean `china`?",
        ),
        (
            "established_in.csv",
            "party,country\na,china,x\n",
            "E0510",
            "3 cells",
        ),
        (
            "transfer.csv",
            "id,exporter,on\nt,a,2025-13-01\n",
            "E0512",
            "not a date",
        ),
        (
            "transfer.csv",
            "id,exporter,on\nt,a,20251001\n",
            "E0512",
            "not a date",
        ),
        (
            "transfer.json",
            "[{\"id\": [1], \"exporter\": \"a\", \"on\": 1}]",
            "E0515",
            "a list or an object",
        ),
        (
            "transfer.json",
            "[{\"id\": 1.5, \"exporter\": \"a\", \"on\": 1}]",
            "E0512",
            "name of a Transfer",
        ),
        (
            "transfer.json",
            "[{\"id\": \"t\", \"id\": \"u\"}]",
            "E0509",
            "given twice",
        ),
        ("transfer.json", "[{\"id\": \"t\",]", "E0515", "not JSON"),
        ("transfer.json", "7", "E0515", "not JSON"),
        ("transfer.jsonl", "7\n", "E0515", "not JSON"),
    ];
    for (name, text, code, words) in cases {
        let wrong = World::new().bad(name, text);
        assert!(
            wrong.contains(code) && wrong.contains(words),
            "{text}: {wrong}"
        );
        assert!(wrong.contains(&format!("{name}:")), "{text}: {wrong}");
    }
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_line() {
    for name in ["established_in.csv", "established_in.json", "facts.lexlog"] {
        let wrong = World::new().bad(name, b"party,country\ncaf\xe9,china\n");
        assert!(
            wrong.contains("E0502") && wrong.contains(&format!("{name}:2")),
            "{wrong}"
        );
    }
}

#[test]
fn files_that_cannot_be_used_are_named() {
    for (name, code) in [
        ("trusted.csv", "E0503"),
        ("trusted.json", "E0503"),
        ("facts.lexlog", "E0503"),
        ("trusted.xlsx", "E0504"),
    ] {
        let wrong = World::new().bad(name, "");
        assert!(wrong.contains(code) && wrong.contains(name), "{wrong}");
    }
    let (_, wrong) = World::new().read_argument("no/such.csv");
    assert!(
        wrong.contains("E0501") && wrong.contains("no/such.csv"),
        "{wrong}"
    );
    let wrong = World::new().bad("established.csv", "party\na\n");
    assert!(
        wrong.contains("E0505") && wrong.contains("`established`"),
        "{wrong}"
    );
    let wrong = World::new().bad("trustd.csv", "party\na\n");
    assert!(wrong.contains("did you mean `trusted`?"), "{wrong}");
    let wrong = World::new().bad("known.csv", "party\na\n");
    assert!(wrong.contains("E0506"), "{wrong}");
}

#[test]
fn of_many_wrong_rows_the_first_are_listed() {
    let rows: String = (0..100).map(|_| "a,nowhere\n").collect();
    let wrong = World::new().bad("established_in.csv", format!("party,country\n{rows}"));
    assert_eq!(wrong.matches("E0513").count(), 20);
    assert!(wrong.contains("this file has 80 more mistakes"), "{wrong}");
}

#[test]
fn a_relation_can_be_named_before_the_file() {
    let mut world = World::new();
    let path = world.file("export.csv", "party\na\n");
    let (facts, problems) = world.read_argument(&format!("trusted={path}"));
    assert_eq!(
        (world.shown(&facts), problems),
        (vec!["2: trusted(a)".into()], String::new())
    );
}

#[test]
fn a_folder_is_read_in_the_order_of_its_names() {
    let mut world = World::new();
    world.file("trusted.csv", "party\na\n");
    world.file(
        "established_in.jsonl",
        "{\"party\": \"a\", \"country\": \"china\"}\n",
    );
    world.file("more.lexlog", "trusted(b).\n");
    world.file(".hidden", "");
    world.file("notes.md", "");
    let folder = world.folder.path().to_string_lossy().into_owned();
    let (facts, problems) = world.read_argument(&folder);
    let shown = world.shown(&facts);
    assert_eq!(
        shown,
        [
            "1: trusted(b)",
            "1: established_in(a, china)",
            "2: trusted(a)"
        ]
    );
    assert!(
        problems.contains("W0531") && problems.contains("notes.md"),
        "{problems}"
    );
}

fn clashes(text: &str) -> String {
    let mut world = World::new();
    let (facts, problems) = world.read("facts.lexlog", text);
    assert_eq!(problems, "");
    let checked = check(&world.policy, &facts);
    world.text(&checked.diagnostics)
}

#[test]
fn facts_that_cannot_stand_together_show_both_places() {
    let wrong =
        clashes("transfer(t1, acme, on: 2025-10-20).\ntransfer(t1, other, on: 2025-10-20).\n");
    assert!(
        wrong.contains("E0520")
            && wrong.contains("facts.lexlog:2")
            && wrong.contains("`exporter` is acme")
            && wrong.contains("`exporter` is other"),
        "{wrong}"
    );
    let wrong = clashes("transfer(t1, acme, on: 2025-10-20).\nloan(t1, acme, 2025-10-20).\n");
    assert!(wrong.contains("E0521"), "{wrong}");
    let wrong = clashes("trusted(a).\nnot trusted(a).\n");
    assert!(wrong.contains("E0522"), "{wrong}");
}

#[test]
fn facts_of_one_key_may_follow_each_other_in_time() {
    assert_eq!(clashes("trusted(a). trusted(a). trusted(b).\n"), "");
    assert_eq!(
        clashes(
            "owns(a, b, 30%) from 2025-01-01 through 2025-06-30.\nowns(a, b, 40%) from 2025-07-01.\n"
        ),
        ""
    );
    let wrong = clashes(
        "owns(a, b, 30%) from 2025-01-01.\nowns(a, b, 30%) from 2025-02-01 through 2025-02-28.\nowns(a, b, 40%) from 2025-07-01.\n",
    );
    assert_eq!(wrong.matches("E0520").count(), 1, "{wrong}");
    let wrong = clashes(
        "owns(a, b, 40%) from 2025-02-01 through 2025-05-31.\nowns(a, b, 30%) from 2025-01-01.\nowns(a, b, 30%) from 2025-04-01.\n",
    );
    assert_eq!(wrong.matches("E0520").count(), 2, "{wrong}");
}

#[test]
fn a_name_near_one_of_the_policy_is_warned_of() {
    let warned = World::new().bad("trusted.csv", "party\nrheinwrek\nrheinwerk\nrhein\n");
    assert_eq!(warned.matches("W0530").count(), 1, "{warned}");
    assert!(warned.contains("did you mean `rheinwerk`?"), "{warned}");
}

#[test]
fn all_names_are_those_of_policy_and_facts_and_the_members_of_sets() {
    let mut world = World::new();
    let (facts, _) = world.read("trusted.csv", "party\nacme\n");
    let named = facts.named(&world.policy);
    let all: Vec<&Value> = named.values().flatten().collect();
    assert!(all.contains(&&Value::Name("acme".into())), "{all:?}");
    assert!(all.contains(&&Value::Name("rheinwerk".into())), "{all:?}");
    assert!(all.contains(&&Value::Member(1)), "{all:?}");
}

#[test]
fn quotes_that_swallow_rows_are_told() {
    let header = "party,width,pieces,note,sharp\n";
    let unclosed = World::new().bad(
        "wire.csv",
        format!("{header}a,1,1,x,true\nb,1,1,y,\"true\nc,1,1,z,true\n"),
    );
    assert!(unclosed.contains("E0518"), "{unclosed}");
    assert!(unclosed.contains("wire.csv:3"), "{unclosed}");
    let stray = World::new().bad(
        "wire.csv",
        format!("{header}a,1,1,\"x\" or \"y\",true\nb,1,1,y,true\n"),
    );
    assert!(stray.contains("E0518"), "{stray}");
    assert!(stray.contains("wire.csv:2"), "{stray}");
}

#[test]
fn the_first_row_shows_what_separates_columns() {
    let comma = "party,country\n\"acme, inc\",china\nb,germany\n";
    let expected = [
        "2: established_in(\"acme, inc\", china)",
        "3: established_in(b, germany)",
    ];
    for sign in [";", "\t", "|"] {
        let text = comma.replace("y,c", &format!("y{sign}c"));
        let text = text
            .replace("\",", &format!("\"{sign}"))
            .replace("b,", &format!("b{sign}"));
        assert_eq!(World::new().good("established_in.csv", &text), expected);
    }
    assert_eq!(World::new().good("established_in.tsv", comma), expected);
}

#[test]
fn columns_and_names_that_no_field_has_are_told_once_and_left_aside() {
    let text = "ref,party,remark,country\n1,acme,\"a\nb\",china\n2,b,,germany\n";
    let (facts, told) = World::new().read("established_in.csv", text);
    assert_eq!(facts.len(), 2, "{told}");
    assert_eq!(told.matches("W0532").count(), 1, "{told}");
    assert!(told.contains("`ref`, `remark`"), "{told}");
    let row = "{\"party\": \"a\", \"ref\": {\"x\": [1]}, \"country\": \"china\"}\n";
    let (facts, told) = World::new().read("established_in.jsonl", row.repeat(3));
    assert_eq!(facts.len(), 3, "{told}");
    assert_eq!(told.matches("W0532").count(), 1, "{told}");
    // What may be a slip for a field that is not given is none of these, also where the field may be left out.
    let slip = World::new().bad(
        "transfer.csv",
        "id,exporter,recipent,on\nt1,a,b,2025-01-01\n",
    );
    assert!(
        slip.contains("E0507") && slip.contains("`recipient`"),
        "{slip}"
    );
    let slip =
        "{\"id\": \"t1\", \"exporter\": \"a\", \"recipent\": \"b\", \"on\": \"2025-01-01\"}\n";
    assert!(World::new().bad("transfer.jsonl", slip).contains("E0507"));
}

#[test]
fn a_file_of_many_pieces_is_read_as_if_it_were_one() {
    let rows = 150_000_usize;
    let mut text = String::from("id,exporter,recipient,on\r\n");
    let mut expected = Vec::new();
    let mut line = 2;
    for row in 0..rows {
        let exporter = row * 7919 % 1009;
        let is_long = row % 1000 == 0;
        let recipient = match row % 3 {
            0 => format!("\"r, {}\"", row % 97),
            1 => String::new(),
            _ if is_long => "\"two\nlines\"".to_owned(),
            _ => format!("r{}", row % 97),
        };
        let bad = row == 100_000;
        text += &format!(
            "t{row},e{exporter},{recipient},2025-0{}-10\r\n",
            if bad { 0 } else { 1 + row % 9 }
        );
        if !bad && row % 1001 == 0 {
            expected.push((row, line, exporter));
        }
        line += 1 + recipient.matches('\n').count();
    }
    let mut world = World::new();
    let (facts, told) = world.read("transfer.csv", &text);
    assert_eq!(told.matches("error[").count(), 1, "{told}");
    assert!(
        told.contains("E0512") && told.contains("2025-00-10"),
        "{told}"
    );
    assert_eq!(facts.len(), rows - 1);
    let shown = world.shown(&facts);
    for (row, line, exporter) in expected {
        let own = &shown[row - usize::from(row > 100_000)];
        assert!(
            own.starts_with(&format!("{line}: transfer(t{row}, e{exporter}, ")),
            "{own}"
        );
    }
    // A fact is found by its values, with its place.
    let wanted = facts.iter().nth(777).expect("there are more").into_owned();
    let found: Vec<ir::Fact> = facts
        .with(wanted.relation, &wanted.args)
        .map(Cow::into_owned)
        .collect();
    assert_eq!(found, [wanted]);
    assert_eq!(check(&world.policy, &facts).distinct.len(), 1);
    // The words are those of the order in the file, whatever the number of threads.
    let (again, _) = world.read("transfer.csv", &text);
    let words = |facts: &Facts| {
        facts
            .batches()
            .map(|it| it.cells.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(words(&facts), words(&again));
}

#[test]
fn every_wrong_cell_of_a_row_is_told_and_a_row_of_a_list_by_its_number() {
    let text = r#"{"wire":[{"party":"a","width":1,"pieces":1,"note":"","sharp":true},{"party":"b","width":"x","pieces":1.5,"note":"","sharp":1}]}"#;
    let told = World::new().bad("facts.json", text);
    assert_eq!(told.matches("error[").count(), 3, "{told}");
    assert!(told.contains("row 2, `width`"), "{told}");
}

#[test]
fn a_packed_file_is_named_and_read_like_what_it_holds() {
    let text = "party,country\nacme,china\nb,germany\n";
    let gzip = |text: &str| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        packed.write_all(text.as_bytes()).expect("packed");
        packed.finish().expect("packed")
    };
    let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 1).expect("packed");
    let expected = [
        "2: established_in(acme, china)",
        "3: established_in(b, germany)",
    ];
    // Packed files one behind the other are one file.
    let (start, end) = text.split_at(20);
    for (name, packed) in [
        ("established_in.csv.gz", [gzip(start), gzip(end)].concat()),
        ("established_in.csv.zst", [zstd(start), zstd(end)].concat()),
    ] {
        assert_eq!(World::new().good(name, packed), expected, "{name}");
    }
    let lines = "{\"party\": \"acme\", \"country\": \"china\"}\n";
    let shown = World::new().good("established_in.jsonl.gz", gzip(lines));
    assert_eq!(shown, ["1: established_in(acme, china)"]);
    let half = gzip(&text.repeat(1000));
    let told = World::new().bad("established_in.csv.gz", &half[..half.len() / 2]);
    assert!(told.contains("E0501"), "{told}");
    let told = World::new().bad("established_in.csv.zst", "party,country\n");
    assert!(told.contains("E0501"), "{told}");
}

#[test]
fn a_small_file_that_unpacks_to_a_huge_one_is_given_up_in_time() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(b"party,country\n").expect("packed");
    io::copy(&mut io::repeat(b'x').take(300 << 20), &mut packed).expect("packed");
    let packed = packed.finish().expect("packed");
    assert!(packed.len() < 1 << 20);
    let told = World::new().bad("established_in.csv.gz", packed);
    assert!(
        told.contains("E0523") && told.contains("established_in.csv.gz:2"),
        "{told}"
    );
}
