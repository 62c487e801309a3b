use super::{Facts, check, read};
use crate::diagnostic::{Diagnostics, render_text};
use crate::ir::{self, Policy};
use crate::source::Sources;
use crate::syntax;
use crate::value::Value;
use std::fs;
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
        let mut sources = Sources::default();
        let id = sources.add("policy.lexlog", POLICY);
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
        let (facts, problems) = read(&self.policy, &mut self.sources, argument);
        (facts, self.text(&problems))
    }

    fn text(&self, problems: &Diagnostics) -> String {
        let folder = self.folder.path().to_string_lossy().replace('\\', "/");
        render_text(&problems.list, &self.sources, false).replace(&format!("{folder}/"), "")
    }

    /// The facts as atoms with line, a row each.
    fn shown(&self, facts: &Facts) -> Vec<String> {
        let one = |fact: &ir::Fact| {
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
        facts.list.iter().map(one).collect()
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
    assert!(wrong.contains("80 more rows"), "{wrong}");
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
            "1: established_in(a, china)",
            "1: trusted(b)",
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
    let problems = check(&world.policy, &facts);
    world.text(&problems)
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
fn a_table_with_other_separators_is_told_so() {
    let other = World::new().bad("established_in.csv", "party;country\nacme;china\n");
    assert_eq!(other.matches("error[").count(), 1, "{other}");
    assert!(other.contains("separated by `;`"), "{other}");
}

#[test]
fn every_wrong_cell_of_a_row_is_told_and_a_row_of_a_list_by_its_number() {
    let text = r#"{"wire":[{"party":"a","width":1,"pieces":1,"note":"","sharp":true},{"party":"b","width":"x","pieces":1.5,"note":"","sharp":1}]}"#;
    let told = World::new().bad("facts.json", text);
    assert_eq!(told.matches("error[").count(), 3, "{told}");
    assert!(told.contains("row 2, `width`"), "{told}");
}
