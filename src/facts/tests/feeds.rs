use super::World;
use crate::facts::{Aside, check, read};
use std::fs;

const POLICY: &str = r#"
type Party
type Item
type Transfer
type Country = china | germany
unit g
unit kg = 1000 g
event transfer(id: Transfer -> exporter: Party, on: date)
input origin(item: Item, country: Country)
input weight(item: Item -> weight: int g or unknown, note: text or none, sharp: bool or none)
input owns(owner: Party, owned: Party -> share: decimal %) dated
judgement military_user(party: Party)
judgement trading

feed shipments {
    transfer(id: "Doc no.", exporter: "Shipper", on: "PGI date" as "DD.MM.YYYY").
    origin("Material", "COO").
    not military_user("Ship-to") if "Mil. check" = "cleared".
}
feed materials {
    weight("Material", "Net" kg, "Note", "Sharp").
    origin("Material", china) if "Note" != "none" and "Sharp" = "true".
    trading if "Note" = "T".
}
feed holdings {
    owns("Owner", "Owned", "Share") from "Since" through "To" as "D.M.YYYY" if "Kind" = "".
    owns("Owner", "Owned", 30%) from 2024-01-01 until "To" as "D.M.YYYY" if "Kind" = "fixed".
}
"#;

const SHIPMENTS: &str = "\
Doc no.,Plant,Shipper,PGI date,Material,COO,Ship-to,Mil. check,Plant
t1,x,acme,09.10.2025,magnet,china,rhein,cleared,y
t2,x,acme,10.10.2025,wire,,korp,open,y
";

fn world() -> World {
    World::of(POLICY)
}

#[test]
fn a_row_gives_the_facts_of_all_lines_cited_by_its_line() {
    let expected = [
        "2: transfer(t1, acme, 2025-10-09)",
        "3: transfer(t2, acme, 2025-10-10)",
        "2: origin(magnet, china)",
        "2: not military_user(rhein)",
    ];
    assert_eq!(world().good("shipments.csv", SHIPMENTS), expected);
    // Other signs between columns, blanks around headings, a line end in one that nobody reads.
    let other = SHIPMENTS.replace(',', ";").replace("Doc no.", " Doc no. ");
    assert_eq!(world().good("shipments.csv", other), expected);
    let tabs = SHIPMENTS.replace(',', "\t");
    assert_eq!(world().good("shipments.tsv", tabs), expected);
}

#[test]
fn objects_are_rows_with_their_names_as_headings() {
    let list = r#"[{"Doc no.":"t1","Shipper":"acme","PGI date":"09.10.2025","Other":[1]},
{"Doc no.":2,"Shipper":"acme","PGI date":"10.10.2025","Material":"m","COO":"china","Ship-to":"p","Mil. check":"cleared"}]"#;
    let expected = [
        "1: transfer(t1, acme, 2025-10-09)",
        "2: transfer(\"2\", acme, 2025-10-10)",
        "2: origin(m, china)",
        "2: not military_user(p)",
    ];
    assert_eq!(world().good("shipments.json", list), expected);
    let lines = list.trim_matches(['[', ']']).replace("},\n", "}\n");
    assert_eq!(world().good("shipments.jsonl", lines), expected);
    let several = format!("{{\"shipments\":{list}}}");
    assert_eq!(world().good("facts.json", several), expected);
    // A name that no object has.
    let told = world().bad("shipments.json", list.replace("COO", "coo"));
    assert!(
        told.contains("E0527") && told.contains("did you mean `coo`?"),
        "{told}"
    );
    assert_eq!(world().good("shipments.json", "[]"), [""; 0]);
}

#[test]
fn an_empty_cell_gives_no_fact_or_no_value_where_that_may_be_missing() {
    let text = "Material,Net,Note,Sharp\na,1.5,,\nb,,x,TRUE\n,2,y,true\nc,0.5 g,none,true\n";
    let told = world().bad("materials.csv", text);
    assert!(told.contains("E0512") && told.contains("`0.5"), "{told}");
    let shown = world().good("materials.csv", text.replace("0.5 g", "5 g"));
    let expected = [
        "2: weight(a, 1500 g, none, none)",
        "3: weight(b, unknown, \"x\", true)",
        "5: weight(c, 5 g, \"none\", true)",
    ];
    // A condition looks at the words of a cell: `TRUE` is not `true`.
    assert_eq!(shown, expected);
    let told = world().bad("materials.csv", "Material,Net,Note,Sharp\na,0.0001,,\n");
    assert!(told.contains("`0.0001 kg` is not a whole number"), "{told}");
    let shown = world().good("materials.csv", "Material,Net,Note,Sharp\na,,T,true\n");
    let expected = [
        "2: weight(a, unknown, \"T\", true)",
        "2: origin(a, china)",
        "2: trading()",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn an_event_that_an_empty_cell_keeps_from_being_given_is_told() {
    let text = SHIPMENTS
        .replace("09.10.2025", "")
        .replace("10.10.2025", " ");
    let (facts, told) = world().read("shipments.csv", text);
    assert_eq!(facts.len(), 2);
    assert!(told.starts_with("warning[W0533]: 2 rows of `"), "{told}");
    assert!(
        told.contains("give no `transfer`") && told.contains("shipments.csv:2"),
        "{told}"
    );
    assert!(told.contains("`PGI date` is empty"), "{told}");
}

#[test]
fn a_dated_fact_has_its_days_from_columns_or_from_the_feed() {
    let text = "Owner,Owned,Share,Since,To,Kind\n\
        a,b,10,2024-01-01,31.12.2024,\na,c,10,,,\na,d,,2020-01-01,1.1.2025,fixed\na,e,,,,fixed\na,f,,,,other\n";
    let shown = world().good("holdings.csv", text);
    let expected = [
        "2: owns(a, b, 10%) 2024-01-01..2024-12-31",
        "3: owns(a, c, 10%) -009999-01-01..9999-12-31",
        "4: owns(a, d, 30%) 2024-01-01..2024-12-31",
        "5: owns(a, e, 30%) 2024-01-01..9999-12-31",
    ];
    assert_eq!(shown, expected);
    let told = world().bad("holdings.csv", text.replace("31.12.2024", "31.12.2023"));
    assert!(told.contains("E0517"), "{told}");
}

#[test]
fn all_missing_headings_are_told_with_what_is_near() {
    let text = SHIPMENTS
        .replace("PGI date", "PGI-Date")
        .replace(",COO", "");
    let told = world().bad("shipments.csv", text);
    assert!(
        told.contains("E0527") && told.contains("`PGI date`, `COO`"),
        "{told}"
    );
    assert!(
        told.contains("for `PGI date`, did you mean `PGI-Date`?"),
        "{told}"
    );
    let told = world().bad("shipments.csv", "a,b\n1,2\n");
    assert!(told.contains("the columns are named `a`, `b`"), "{told}");
    // A heading that is read stands once.
    let told = world().bad("shipments.csv", SHIPMENTS.replace("Plant\n", "COO\n"));
    assert!(
        told.contains("E0509") && told.contains("`COO` is given twice"),
        "{told}"
    );
    let told = world().bad("shipment.csv", SHIPMENTS);
    assert!(
        told.contains("E0505") && told.contains("did you mean `shipments`?"),
        "{told}"
    );
}

#[test]
fn a_wrong_cell_is_told_once_with_its_column() {
    let text = SHIPMENTS
        .replace("09.10.2025", "2025-10-09")
        .replace(",china", ",chian");
    let told = world().bad("shipments.csv", text);
    assert_eq!(told.matches("error[").count(), 2, "{told}");
    assert!(
        told.contains("`2025-10-09` is not a date as `DD.MM.YYYY`"),
        "{told}"
    );
    assert!(
        told.contains("column 4, `PGI date`") && told.contains("09.10.2025"),
        "{told}"
    );
    assert!(told.contains("did you mean `china`?"), "{told}");
    let told = world().bad("shipments.csv", SHIPMENTS.replace("09.10", "31.02"));
    assert!(
        told.contains("there is no such day as `31.02.2025`"),
        "{told}"
    );
    // Two lines read the column of a wrong cell.
    let policy = format!("{POLICY}feed twice {{ origin(\"A\", \"B\"). origin(\"C\", \"B\"). }}");
    let told = World::of(&policy).bad("twice.csv", "A,B,C\na,x,c\n");
    assert_eq!(told.matches("error[").count(), 1, "{told}");
}

#[test]
fn a_bad_row_is_set_aside_for_all_its_facts() {
    let mut world = world();
    let path = world.file(
        "shipments.csv",
        SHIPMENTS.replace("09.10.2025", "9.10.2025"),
    );
    let target = world.folder.path().join("bad.csv");
    let mut aside = Aside::new(&target);
    let arguments = [path];
    let (facts, told) = read(
        &world.policy,
        &mut world.sources,
        &arguments,
        Some(&mut aside),
    );
    assert!(!told.has_errors(), "{}", world.text(&told));
    assert_eq!(world.shown(&facts), ["3: transfer(t2, acme, 2025-10-10)"]);
    aside.write().expect("there is room");
    let written = fs::read_to_string(target).expect("it is there");
    assert!(
        written.contains("t1,x,acme,9.10.2025,magnet,china,rhein,cleared,y,"),
        "{written}"
    );
    assert!(
        written.contains("is not a date as `DD.MM.YYYY`"),
        "{written}"
    );
}

#[test]
fn what_rows_repeat_is_one_fact_and_keys_are_checked() {
    let mut world = world();
    let text = "Material,Net,Note,Sharp\na,1,,\na,1,,\na,2,,\n";
    let (facts, told) = world.read("materials.csv", text);
    assert_eq!(told, "");
    let told = world.text(&check(&world.policy, &facts).diagnostics);
    assert_eq!(told.matches("error[E0520]").count(), 1, "{told}");
    assert!(
        told.contains("materials.csv:4") && told.contains("materials.csv:2"),
        "{told}"
    );
}

/// The rows of a large export, without its first row.
fn many_rows(count: usize) -> Vec<String> {
    let row = |at: usize| {
        let day = 1 + at % 28;
        let country = ["china", "germany", ""][at % 3];
        let check = ["cleared", "open"][at % 2];
        format!(
            "t{at},\"x\ny\",e{},{day:02}.01.2025,m{},{country},p{},{check},y\n",
            at % 99,
            at % 5003,
            at * 7919 % 1009
        )
    };
    (0..count).map(row).collect()
}

#[test]
fn a_large_export_is_read_in_pieces_as_if_it_were_one() {
    let rows = many_rows(200_000);
    let header = SHIPMENTS.lines().next().unwrap_or_default();
    let mut world = world();
    let whole = format!("{header}\n{}", rows.concat());
    assert!(whole.len() > 8 << 20);
    let (facts, told) = world.read("shipments.csv", &whole);
    assert_eq!(told, "");
    let mut shown = world.shown(&facts);
    // One piece is read by one thread alone.
    let mut expected: Vec<String> = Vec::new();
    for (at, part) in rows.chunks(5_000).enumerate() {
        let text = format!("{header}\n{}", part.concat());
        assert!(text.len() < 1 << 20);
        let (facts, told) = world.read("shipments.csv", &text);
        assert_eq!(told, "");
        let moved = world.shown(&facts).into_iter().map(|fact| {
            let (line, atom) = fact.split_once(": ").expect("a line stands in front");
            let line: usize = line.parse().expect("it is a number");
            format!("{}: {atom}", line + at * 10_000)
        });
        expected.extend(moved);
    }
    shown.sort();
    expected.sort();
    assert!(shown == expected, "some of {} facts differ", shown.len());
    let (again, _) = world.read("shipments.csv", &whole);
    let words = |facts: &crate::facts::Facts| {
        let cells = facts.batches().map(|it| it.cells.clone());
        cells.collect::<Vec<_>>()
    };
    assert_eq!(words(&facts), words(&again));
}
