use super::World;
use crate::facts::{Aside, read};
use rusqlite::Connection;
use std::fs;

const POLICY: &str = r#"
type Party
type Item
type Transfer
type Country = china | germany
event transfer(id: Transfer -> exporter: Party, on: date)
input weight(item: Item -> weight: decimal, note: text or none, sharp: bool or unknown)
input owns(owner: Party, owned: Party -> share: decimal %) dated
judgement trusted(party: Party)
verdict listed(party: Party)
feed shipments {
    transfer("Doc no.", "Shipper", "Day" as "DD.MM.YYYY").
    trusted("Shipper") if "Checked" = "true".
}
"#;

impl World {
    /// A file of tables, made by these statements.
    fn database(&self, name: &str, statements: &str) -> String {
        let path = self.folder.path().join(name);
        let _ = fs::remove_file(&path);
        let connection = Connection::open(&path).expect("there is room");
        connection.execute_batch(statements).expect("it is SQL");
        path.to_string_lossy().into_owned()
    }

    /// The facts of a file of tables with their places, and what is told.
    fn tables(&mut self, argument: &str) -> (Vec<String>, String) {
        let (facts, told) = self.read_argument(argument);
        let folder = self.folder.path().to_string_lossy().into_owned();
        let places = facts.iter().map(|fact| self.sources.cite(fact.place));
        let atoms = self.shown(&facts).into_iter();
        let atoms = atoms.map(|shown| shown.split_once(": ").map(|it| it.1.to_owned()));
        let lines = places.zip(atoms).map(|(place, atom)| {
            let place = place.replace(&format!("{folder}/"), "");
            format!("{place}: {}", atom.unwrap_or_default())
        });
        (lines.collect(), told)
    }
}

#[test]
fn each_table_that_is_named_as_a_relation_or_a_feed_gives_its_facts() {
    let mut world = World::of(POLICY);
    let path = world.database(
        "data.sqlite",
        "CREATE TABLE shipments ('Doc no.' INTEGER, Shipper, Day, Checked BOOLEAN, Plant);
         INSERT INTO shipments VALUES (7, 'acme', '09.10.2025', 1, 'x'), (8, 'bolt', '10.10.2025', 0, 'y');
         CREATE TABLE other (a); CREATE TABLE w (item, weight REAL, note, sharp BOOL);
         INSERT INTO w VALUES ('a', 0.1, NULL, 1), ('b', 3, 5, NULL), (4, '1/3', ' ', 0);
         CREATE VIEW weight AS SELECT * FROM w;
         CREATE TABLE owns (owner, owned, share, \"from\", through);
         INSERT INTO owns VALUES ('a', 'b', 30, '2024-01-01', NULL);",
    );
    let (facts, told) = world.tables(&path);
    let expected = [
        "data.sqlite, table owns, row 1: owns(a, b, 30%) 2024-01-01..9999-12-31",
        "data.sqlite, table shipments, row 1: transfer(\"7\", acme, 2025-10-09)",
        "data.sqlite, table shipments, row 2: transfer(\"8\", bolt, 2025-10-10)",
        "data.sqlite, table shipments, row 1: trusted(acme)",
        "data.sqlite, table weight, row 1: weight(a, 0.1, none, true)",
        "data.sqlite, table weight, row 2: weight(b, 3, \"5\", unknown)",
        "data.sqlite, table weight, row 3: weight(\"4\", 1/3, none, false)",
    ];
    assert_eq!(facts, expected);
    assert!(
        told.starts_with("warning[W0532]: nothing is read of `other`, `w` in"),
        "{told}"
    );
    let (facts, told) = world.tables(&format!("owns={path}"));
    assert_eq!(facts, expected[..1]);
    assert_eq!(told, "");
    let (_, told) = world.tables(&format!("own={path}"));
    assert!(
        told.contains("E0528") && told.contains("did you mean `owns`?"),
        "{told}"
    );
}

#[test]
fn what_cannot_be_used_is_told_with_table_and_row() {
    let mut world = World::of(POLICY);
    let path = world.database(
        "data.db",
        "CREATE TABLE weight (item, weight, sharp);
         INSERT INTO weight VALUES ('a', 1, 'true'), ('b', x'00ff', 'true'), ('c', 'heavy', 'perhaps'), (NULL, 1, NULL);",
    );
    let (_, told) = world.tables(&path);
    assert_eq!(told.matches("error[").count(), 4, "{told}");
    assert!(told.contains("--> data.db, table weight, row 2"), "{told}");
    assert!(
        told.contains("E0515") && told.contains("column 2, `weight`"),
        "{told}"
    );
    assert!(told.contains("`heavy` is not a number"), "{told}");
    assert!(told.contains("E0511") && told.contains("row 4"), "{told}");
    // Or they are set aside.
    let target = world.folder.path().join("bad.csv");
    let mut aside = Aside::new(&target);
    let (facts, told) = read(&world.policy, &mut world.sources, &[path], Some(&mut aside));
    assert!(!told.has_errors(), "{}", world.text(&told));
    assert_eq!((facts.len(), aside.told().rows()), (1, 3));
    aside.write().expect("there is room");
    let bad = fs::read_to_string(target).expect("it is there");
    assert!(
        bad.contains("c,heavy,perhaps,") && bad.contains("table weight\",3,"),
        "{bad}"
    );
    let path = world.database("data.db", "CREATE TABLE transfer (id, exporter, day)");
    assert!(world.tables(&path).1.contains("E0508"));
    let path = world.database("data.db", "CREATE TABLE listed (party)");
    assert!(world.tables(&path).1.contains("E0506"));
    let path = world.database("data.db", "CREATE TABLE a (b)");
    assert!(world.tables(&path).1.contains("E0528"));
}

#[test]
fn a_file_that_is_no_database_or_has_no_end_is_told() {
    let mut world = World::of(POLICY);
    let told = world.bad("data.sqlite", "id,exporter,on\n".repeat(100));
    assert!(
        told.contains("E0501") && told.contains("a database"),
        "{told}"
    );
    assert!(world.bad("data.sqlite", "").contains("E0528"));
    assert!(world.bad("data.sqlite.gz", "").contains("unpack it first"));
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)";
    let path = world.database(
        "data.db",
        &format!("CREATE VIEW trusted AS {endless} SELECT x AS party FROM n WHERE x < 0"),
    );
    let (facts, told) = world.tables(&path);
    assert_eq!(facts, [""; 0]);
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("goes on and on without a row"), "{told}");
    let path = world.database(
        "data.db",
        "CREATE TABLE trusted (party); INSERT INTO trusted VALUES (printf('%.*c', 2000000, 'x'));",
    );
    assert!(world.tables(&path).1.contains("E0523"));
}

#[test]
fn the_rows_of_a_large_table_are_all_read_in_their_order() {
    let mut world = World::of(POLICY);
    let path = world.database(
        "data.db",
        "CREATE TABLE trusted (party, holds);
         WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000)
         INSERT INTO trusted SELECT 'p' || x, iif(x % 2, 'true', 'false') FROM n;",
    );
    let (facts, told) = world.tables(&path);
    assert_eq!((facts.len(), told.as_str()), (100_000, ""));
    assert_eq!(
        facts[49_999],
        "data.db, table trusted, row 99999: trusted(p99999)"
    );
    assert_eq!(
        facts[99_999],
        "data.db, table trusted, row 100000: not trusted(p100000)"
    );
}
