//! Open rows as a user meets them: what they hang on and on which days, values that are not known, what is presumed, and which
//! questions come of it.

use crate::command::Run;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A folder with some files, in which commands run.
struct World(TempDir);

fn world(files: &[(&str, &str)]) -> World {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("the file is written");
    }
    World(folder)
}

impl World {
    fn start(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_lexlog"))
            .args(arguments)
            .current_dir(self.0.path())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "80")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts")
    }

    fn output(&self, arguments: &[&str], input: &str) -> Run {
        let mut child = self.start(arguments);
        let mut stdin = child.stdin.take().expect("standard input is piped");
        // A command that does not read its input closes the pipe; that is its right.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("the command ends");
        Run {
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("messages are UTF-8"),
            code: output.status.code().unwrap_or(-1),
        }
    }

    fn run(&self, arguments: &[&str]) -> String {
        self.output(arguments, "").transcript()
    }

    fn fed(&self, arguments: &[&str], input: &str) -> String {
        self.output(arguments, input).transcript()
    }

    /// What a command prints as JSON.
    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let run = self.output(&[arguments, &["--format", "json"]].concat(), "");
        serde_json::from_str(&run.out).expect("the output is JSON")
    }

    fn read(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.0.path().join(file)).ok()
    }
}

const LISTS: &str = r#"type Party
input own(owner: Party, owned: Party) dated
judgement careful(party: Party) reads "{party} is careful"
judgement known(party: Party) reads "{party} is known"
verdict listed(party: Party) reads "{party} is listed"
verdict free(party: Party) reads "{party} is free"
notice n "Lists" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Until the summer" through 2025-06-30 { listed(P) if own(P, _), not careful(P). free(P) if own(P, _), careful(P). }
    clause 2 "Later" from 2025-07-01 { listed(P) if own(P, _), not known(P). free(P) if own(P, _), careful(P). }
}
"#;

#[test]
fn a_standing_verdict_is_told_once_for_each_reason() {
    insta::assert_snapshot!(world(&[("law.lexlog", LISTS), ("f.lexlog", "own(acme, shop).\n")]).run(&["run", "law.lexlog", "--facts", "f.lexlog"]), @r#"
    open: acme is free from 2025-01-01 [n/1, n/2]: holds if acme is careful
    open: acme is listed from 2025-01-01 through 2025-06-30 [n/1]: holds unless acme is careful
    open: acme is listed from 2025-07-01 [n/2]: holds unless acme is known
    exit 0
    "#);
    insta::assert_snapshot!(world(&[("law.lexlog", LISTS), ("f.lexlog", "own(acme, shop).\n")]).run(&["ask", "law.lexlog", "--facts", "f.lexlog"]), @r#"
    1. Is it so that acme is careful?
       if so: acme is free from 2025-01-01
       if not: acme is listed from 2025-01-01 through 2025-06-30
    2. Is it so that acme is known?
       if not: acme is listed from 2025-07-01
    exit 0
    "#);
    let world = world(&[("law.lexlog", LISTS), ("f.lexlog", "own(acme, shop).\n")]);
    let json = world.json(&["run", "law.lexlog", "--facts", "f.lexlog"]);
    for verdict in json["verdicts"].as_array().expect("a list") {
        assert_eq!(
            verdict["settlements"].as_array().map(Vec::len),
            Some(2),
            "{verdict}"
        );
    }
}

#[test]
fn a_clause_that_is_not_in_force_does_not_wait_for_a_judgement() {
    insta::assert_snapshot!(world(&[("law.lexlog", LISTS), ("f.lexlog", "own(acme, shop).\n")]).run(&["explain", "law.lexlog", "--facts", "f.lexlog", "listed(acme)"]), @r#"
    open: acme is listed from 2025-01-01 through 2025-06-30
      holds unless acme is careful

    It would hold, if not so: acme is careful:
      acme is listed on 2025-01-01
      │ n/1 “Until the summer”, law.lexlog:10
      ├─ own(acme, shop) on 2025-01-01
      │    given on every day
      │    fact, f.lexlog:1
      ├─ judged not to be so: acme is careful
      │    assumed: nobody has said so
      └─ on 2025-01-01, n/1 is in force (from 2025-01-01 through 2025-06-30), no
           longer in force from 2025-07-01

    As long as that is open, it does not follow:
      Does not hold: acme is listed on 2025-01-01
      ├─ not by n/1 “Until the summer”, law.lexlog:10
      │  ├─ own(acme, shop) on 2025-01-01
      │  │    given on every day
      │  │    fact, f.lexlog:1
      │  └─ not known, and it matters: whether acme is careful
      └─ not by n/2 “Later”, law.lexlog:11
         ├─ own(acme, shop) on 2025-01-01
         │    given on every day
         │    fact, f.lexlog:1
         └─ on 2025-01-01, n/2 is not yet in force (through 2025-06-30), in force
              from 2025-07-01

    open: acme is listed from 2025-07-01
      holds unless acme is known

    It would hold, if not so: acme is known:
      acme is listed on 2025-07-01
      │ n/2 “Later”, law.lexlog:11
      ├─ own(acme, shop) on 2025-07-01
      │    given on every day
      │    fact, f.lexlog:1
      ├─ judged not to be so: acme is known
      │    assumed: nobody has said so
      └─ on 2025-07-01, n/2 is in force (from 2025-07-01)

    As long as that is open, it does not follow:
      Does not hold: acme is listed on 2025-07-01
      ├─ not by n/1 “Until the summer”, law.lexlog:10
      │  ├─ own(acme, shop) on 2025-07-01
      │  │    given on every day
      │  │    fact, f.lexlog:1
      │  └─ on 2025-07-01, n/1 is no longer in force (from 2025-07-01)
      └─ not by n/2 “Later”, law.lexlog:11
         ├─ own(acme, shop) on 2025-07-01
         │    given on every day
         │    fact, f.lexlog:1
         └─ not known, and it matters: whether acme is known
    exit 0
    "#);
}

const PARTS: &str = r#"type Item
type Purchase
type Purpose = civil | military
unit kg
event purchase(id: Purchase -> item: Item, purpose: Purpose or unknown, weight: decimal kg or unknown, on: date)
input part(of: Item, part: Item)
input price(item: Item -> price: int or unknown)
judgement risky(item: Item) reads "{item} is risky"
verdict weighs(purchase: Purchase, weight: decimal kg) reads "{purchase} weighs {weight}"
verdict risks(purchase: Purchase, count: int) reads "{purchase} has {count} risky parts"
verdict dearest(purchase: Purchase, price: int)
verdict doubled(item: Item, price: int)
verdict serves(purchase: Purchase, purpose: Purpose)
notice n "Purchases" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Weights" { weighs(P, W) if purchase(P, weight: W). serves(P, U) if purchase(P, purpose: U). }
    clause 2 "Risks" { risks(P, N) if purchase(P, item: I), N = count X { part(I, X), risky(X) }, N >= 1. }
    clause 3 "Prices" { dearest(P, M) if purchase(P, item: I), M = max A { part(I, X), price(X, A) }. }
}
doubled(I, M) if price(I, A), M = A * 2, risky(I).
"#;

const BOUGHT: &str = r#"purchase(p1, phone, on: 2025-02-01).
part(phone, lens). part(phone, chip).
price(lens, 3). price(chip, _).
"#;

#[test]
fn a_value_that_is_not_known_is_shown_within_its_bounds_and_with_its_clause() {
    insta::assert_snapshot!(world(&[("law.lexlog", PARTS), ("f.lexlog", BOUGHT)]).run(&["run", "law.lexlog", "--facts", "f.lexlog"]), @r#"
    open: dearest(p1, 3..) [n/3]: depends on the price of item chip
    open: doubled(chip, …): depends on the price of item chip; holds if chip is risky
    open: doubled(lens, 6): holds if lens is risky
    open: doubled(phone, …): depends on the price of item phone; holds if phone is risky
    open: p1 has 1..2 risky parts [n/2]: holds if chip is risky, or if lens is risky
    open: serves(p1, …) [n/1]: depends on the purpose of purchase p1
    open: p1 weighs … (weight not known) [n/1]: depends on the weight of purchase p1
    exit 0
    "#);
    let world = world(&[("law.lexlog", PARTS), ("f.lexlog", BOUGHT)]);
    let json = world.json(&["run", "law.lexlog", "--facts", "f.lexlog"]);
    let told = json["verdicts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|verdict| {
            let asked = verdict["depends_on"].as_array().map_or(0, Vec::len);
            for settlement in verdict["settlements"].as_array().into_iter().flatten() {
                let answers = settlement["answers"].as_array().map_or(0, Vec::len);
                assert_eq!(answers, asked, "an answer a question: {verdict}");
            }
            format!(
                "{} by {}: {}\n",
                verdict["args"], verdict["by"], verdict["settlements"]
            )
        });
    insta::assert_snapshot!(told.collect::<String>(), @r#"
    {"purchase":"p1","price":"3.."} by ["n/3"]: null
    {"item":"chip","price":null} by []: [{"answers":["anything",true],"holds":true},{"answers":["anything",false],"holds":false}]
    {"item":"lens","price":6} by []: [{"answers":[true],"holds":true},{"answers":[false],"holds":false}]
    {"item":"phone","price":null} by []: [{"answers":["anything",true],"holds":true},{"answers":["anything",false],"holds":false}]
    {"purchase":"p1","count":"1..2"} by ["n/2"]: [{"answers":[true,true],"holds":true},{"answers":[true,false],"holds":true},{"answers":[false,true],"holds":true},{"answers":[false,false],"holds":false}]
    {"purchase":"p1","purpose":null} by ["n/1"]: null
    {"purchase":"p1","weight":null} by ["n/1"]: null
    "#);
}

#[test]
fn a_value_that_is_not_known_is_explained_by_an_example() {
    insta::assert_snapshot!(world(&[("law.lexlog", PARTS), ("f.lexlog", BOUGHT)]).run(&["explain", "law.lexlog", "--facts", "f.lexlog", "risks(p1, N)"]), @r#"
    open: p1 has 1..2 risky parts
      holds if chip is risky
      holds if lens is risky

    It would hold, if lens is risky, and chip is risky:
      p1 has 2 risky parts
      │ n/2 “Risks”, law.lexlog:18
      ├─ purchase(p1, phone, …, …, 2025-02-01)
      │    fact, f.lexlog:1
      ├─ N = count of 2 contributions: 2
      │  ├─ chip
      │  │  ├─ part(phone, chip)
      │  │  │    fact, f.lexlog:2
      │  │  └─ judged: chip is risky
      │  │       assumed: nobody has said so
      │  └─ lens
      │     ├─ part(phone, lens)
      │     │    fact, f.lexlog:2
      │     └─ judged: lens is risky
      │          assumed: nobody has said so
      ├─ N >= 1: 2 >= 1
      └─ on 2025-02-01, n/2 is in force (from 2025-01-01)

    As long as that is open, it does not follow:
      Does not hold: p1 has 1..2 risky parts
      └─ not by n/2 “Risks”, law.lexlog:18
         ├─ purchase(p1, phone, …, …, 2025-02-01)
         │    fact, f.lexlog:1
         ├─ N = count, as far as is known: 0..2
         └─ N >= 1 is not known: 0..2 >= 1
    exit 0
    "#);
    insta::assert_snapshot!(world(&[("law.lexlog", PARTS), ("f.lexlog", BOUGHT)]).run(&["explain", "law.lexlog", "--facts", "f.lexlog", "doubled(chip, N)"]), @r#"
    open: doubled(chip, …)
      depends on the price of item chip
      holds if chip is risky

    It would hold, if chip is risky, and the price of item chip is 2, for example:
      doubled(chip, 4)
      │ the definition at law.lexlog:21
      ├─ price(chip, 2)
      │    fact, assumed: nobody has said so
      ├─ M = A * 2: 4 (A = 2)
      └─ judged: chip is risky
           assumed: nobody has said so

    As long as that is open, it does not follow:
      Does not hold: doubled(chip, …)
      └─ not by the definition at law.lexlog:21
         ├─ price(chip, …)
         │    fact, f.lexlog:3
         ├─ M = A * 2: unknown (A = unknown)
         └─ not known, and it matters: whether chip is risky
    exit 0
    "#);
}

#[test]
fn a_value_that_is_asked_for_is_looked_at_alone() {
    insta::assert_snapshot!(world(&[("law.lexlog", PARTS), ("f.lexlog", BOUGHT)]).run(&["explain", "law.lexlog", "--facts", "f.lexlog", "weighs(p1, 7 kg)"]), @r#"
    open: p1 weighs 7 kg
      depends on the weight of purchase p1

    It would hold, if the weight of purchase p1 is 7 kg:
      p1 weighs 7 kg
      │ n/1 “Weights”, law.lexlog:17
      ├─ purchase(p1, phone, …, 7 kg, 2025-02-01)
      │    fact, assumed: nobody has said so
      └─ on 2025-02-01, n/1 is in force (from 2025-01-01)

    As long as that is open, it does not follow:
      Does not hold: p1 weighs 7 kg
      └─ not by n/1 “Weights”, law.lexlog:17
         └─ not known, and it matters: whether purchase(p1, _, _, 7 kg, _)
    exit 0
    "#);
    insta::assert_snapshot!(world(&[("law.lexlog", PARTS), ("f.lexlog", BOUGHT)]).run(&["explain", "law.lexlog", "--facts", "f.lexlog", "dearest(p1, 2)", "--limit", "1"]), @r#"
    Does not hold: dearest(p1, 2)
    └─ not by n/3 “Prices”, law.lexlog:19
       ├─ purchase(p1, phone, …, …, 2025-02-01)
       │    fact, f.lexlog:1
       └─ this does not come to 2: M = max A { part(I, X), price(X, A) }
          └─ M = max, as far as is known: 3..
             ├─ unknown
             │  ├─ part(phone, chip)
             │  │    fact, f.lexlog:2
             │  └─ price(chip, …)
             │       fact, f.lexlog:3
             └─ 3
                ├─ part(phone, lens)
                │    fact, f.lexlog:2
                └─ price(lens, 3)
                     fact, f.lexlog:3

    No way was found to make it hold: no change of a fact was found to try.
    exit 0
    "#);
    insta::assert_snapshot!(world(&[("law.lexlog", PARTS), ("f.lexlog", BOUGHT)]).run(&["run", "law.lexlog", "--facts", "f.lexlog", "--query", "doubled(chip, 7)", "--query", "doubled(chip, 8)", "--query", "dearest(p1, 3)"]), @r#"
    no answer to doubled(chip, 7)
    open: doubled(chip, 8): depends on the price of item chip; holds if chip is risky
    open: dearest(p1, 3) [n/3]: depends on the price of item chip
    exit 0
    "#);
}

const MEET: &str = r#"type Item
input seen(item: Item)
input size(item: Item -> size: int or unknown)
input room(item: Item -> size: int or unknown)
verdict fits(item: Item)
fits(I) if size(I, N), room(I, N).
fits(I) if seen(I), size(I, _), room(I, _), size(I, _).
"#;

#[test]
fn two_values_that_nobody_knows_are_not_taken_for_the_same_in_a_proof() {
    insta::assert_snapshot!(world(&[("law.lexlog", MEET), ("f.lexlog", "seen(x). size(x, _). room(x, _).\n")]).run(&["explain", "law.lexlog", "--facts", "f.lexlog", "fits(x)"]), @r#"
    fits(x)
    │ the definition at law.lexlog:7
    ├─ seen(x)
    │    fact, f.lexlog:1
    ├─ size(x, …)
    │    fact, f.lexlog:1
    ├─ room(x, …)
    │    fact, f.lexlog:1
    └─ size(x, …)
         fact, f.lexlog:1
    exit 0
    "#);
}

const PRESUMED: &str = r#"type Item
input item(item: Item)
input size(item: Item -> size: int or unknown)
judgement usual(item: Item) reads "{item} is usual"
judgement safe(item: Item) reads "{item} is safe"
verdict large(item: Item) reads "{item} is large"
verdict allowed(item: Item) reads "{item} is allowed"
large(I) if item(I), size(I, N), N > 3.
allowed(I) if item(I), safe(I).
presume size(I, 5) if item(I), usual(I).
presume safe(I) if item(I), size(I, N), N < 3.
presume not safe(I) if item(I), size(I, N), N > 3.
"#;

#[test]
fn only_a_presumption_whose_conditions_hold_keeps_a_question_from_being_asked() {
    insta::assert_snapshot!(world(&[("law.lexlog", PRESUMED), ("f.lexlog", "item(x). size(x, _). not usual(x).\n")]).run(&["ask", "law.lexlog", "--facts", "f.lexlog"]), @r#"
    1. What is the size of item x?
       decides: x is allowed
       decides: x is large
    2. Is it so that x is safe?
       if so: x is allowed
    exit 0
    "#);
    insta::assert_snapshot!(world(&[("law.lexlog", PRESUMED), ("f.lexlog", "item(x). size(x, _). usual(x).\n")]).run(&["ask", "law.lexlog", "--facts", "f.lexlog"]), @r#"
    no open question changes a verdict
    Presumed (law.lexlog:12), and not asked: not so: x is safe
       rests on it: x is allowed
    Presumed (law.lexlog:10), and not asked: the size of item x is 5
       rests on it: x is large
    exit 0
    "#);
}

#[test]
fn a_why_not_says_what_is_presumed_or_judged_not_to_be_so() {
    insta::assert_snapshot!(world(&[("law.lexlog", PRESUMED), ("f.lexlog", "item(x). size(x, 4).\n")]).run(&["explain", "law.lexlog", "--facts", "f.lexlog", "allowed(x)", "--limit", "1"]), @r#"
    Does not hold: x is allowed
    └─ not by the definition at law.lexlog:9
       ├─ item(x)
       │    fact, f.lexlog:1
       └─ presumed not to be so: x is safe
          │ law.lexlog:12
          ├─ item(x)
          │    fact, f.lexlog:1
          ├─ size(x, 4)
          │    fact, f.lexlog:1
          └─ N > 3: 4 > 3

    Nearest ways to make it hold (one change of the facts was tried):
    - if it is judged that x is safe
    exit 0
    "#);
    insta::assert_snapshot!(world(&[("law.lexlog", PRESUMED), ("f.lexlog", "item(x). size(x, 3). not safe(x).\n")]).run(&["explain", "law.lexlog", "--facts", "f.lexlog", "allowed(x)", "--limit", "1"]), @r#"
    Does not hold: x is allowed
    └─ not by the definition at law.lexlog:9
       ├─ item(x)
       │    fact, f.lexlog:1
       └─ judged not to be so: x is safe
            f.lexlog:1

    Nearest ways to make it hold (one change of the facts was tried):
    - if it is judged that x is safe
    exit 0
    "#);
}

#[test]
fn without_presumptions_what_they_settle_is_open() {
    insta::assert_snapshot!(world(&[("law.lexlog", PRESUMED), ("f.lexlog", "item(x). size(x, 2).\n")]).run(&["run", "law.lexlog", "--facts", "f.lexlog"]), @r#"
    x is allowed
    exit 0
    "#);
    insta::assert_snapshot!(world(&[("law.lexlog", PRESUMED), ("f.lexlog", "item(x). size(x, 2).\n")]).run(&["run", "law.lexlog", "--facts", "f.lexlog", "--no-presumptions"]), @r#"
    open: x is allowed: holds if x is safe
    exit 0
    "#);
    insta::assert_snapshot!(world(&[("law.lexlog", PRESUMED), ("f.lexlog", "item(x). size(x, 2).\n")]).run(&["ask", "law.lexlog", "--facts", "f.lexlog", "--no-presumptions"]), @r#"
    1. Is it so that x is safe?
       if so: x is allowed
    exit 0
    "#);
}

const REACHED: &str = r#"type Item
type Party
input item(item: Item)
input owned(by: Party, item: Item)
judgement fine(item: Item) reads "{item} is fine"
judgement careful(party: Party) reads "{party} is careful"
judgement settled reads "the dispute is settled"
relation unused(item: Item)
verdict good(item: Item) reads "{item} is good"
verdict odd(item: Item) reads "{item} is odd"
good(I) if item(I), fine(I).
unused(I) if item(I), settled.
odd(I) if item(I), owned(P, I), careful(P), not careful(P), settled.
"#;

#[test]
fn a_judgement_that_nobody_can_reach_is_no_question() {
    // `settled` decides only what is in no verdict, and what cannot be so; nothing is known of `y`, and `careful` decides nothing.
    insta::assert_snapshot!(world(&[("law.lexlog", REACHED), ("f.lexlog", "item(x). owned(acme, x). owned(acme, y).\n")]).run(&["ask", "law.lexlog", "--facts", "f.lexlog"]), @r#"
    1. Is it so that x is fine?
       if so: x is good
    exit 0
    "#);
    insta::assert_snapshot!(world(&[("law.lexlog", REACHED), ("f.lexlog", "item(x). owned(acme, x). fine(x).\n")]).run(&["ask", "law.lexlog", "--facts", "f.lexlog"]), @r#"
    no open question changes a verdict
    exit 0
    "#);
}

#[test]
fn nothing_is_said_to_matter_to_what_is_absent_anyway() {
    insta::assert_snapshot!(world(&[("law.lexlog", REACHED), ("f.lexlog", "item(x). owned(acme, x).\n")]).run(&["explain", "law.lexlog", "--facts", "f.lexlog", "odd(x)", "--limit", "1"]), @r#"
    Does not hold: x is odd
    └─ not by the definition at law.lexlog:13
       ├─ item(x)
       │    fact, f.lexlog:1
       ├─ owned(acme, x)
       │    fact, f.lexlog:1
       └─ not known: whether acme is careful

    No way was found to make it hold: one change of the facts was tried.
    exit 0
    "#);
}

const SHARES: &str = r#"type Party
type Colour = red | green | blue
input share(owner: Party, owned: Party -> share: decimal % or unknown) dated reads "{owner} holds {share} of {owned}"
input delivery(party: Party, parcels: int or unknown, route: int)
input flag(party: Party -> colour: Colour or unknown)
verdict controls(owner: Party, owned: Party) reads "{owner} controls {owned}"
verdict busy(party: Party, route: int)
verdict reddish(party: Party)
notice n "Control" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Half" { controls(P, Q) if share(P, Q, S), S >= 50%, P != Q. }
}
busy(P, R) if delivery(P, N, R), N > 4.
reddish(P) if flag(P, C), C = red.
"#;

const HELD: &str = r#"share(acme, shop, _) from 2025-02-01 through 2025-03-01.
share(acme, shop, _) from 2025-03-02.
share(shop, acme, 1%).
delivery(acme, _, 1). delivery(acme, _, 2).
flag(acme, _).
"#;

#[test]
fn each_question_can_be_told_from_all_others() {
    insta::assert_snapshot!(world(&[("law.lexlog", SHARES), ("f.lexlog", HELD)]).run(&["ask", "law.lexlog", "--facts", "f.lexlog"]), @r#"
    1. What is the parcels of party acme and route 1?
       decides: busy(acme, 1)
    2. What is the parcels of party acme and route 2?
       decides: busy(acme, 2)
    3. What is the colour of party acme: red, green or blue?
       decides: reddish(acme)
    4. What is the colour of party shop: red, green or blue?
       decides: reddish(shop)
    5. What is the share in “acme holds … of shop” from 2025-02-01 through
       2025-03-01?
       decides: acme controls shop from 2025-02-01 through 2025-03-01
    6. What is the share in “acme holds … of shop” from 2025-03-02?
       decides: acme controls shop from 2025-03-02
    exit 0
    "#);
}

#[test]
fn a_question_as_data_says_its_days_and_what_an_answer_can_be() {
    let world = world(&[("law.lexlog", SHARES), ("f.lexlog", HELD)]);
    let json = world.json(&["ask", "law.lexlog", "--facts", "f.lexlog"]);
    let questions = json["questions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|question| {
            let parts = ["text", "days", "type", "unit", "members"];
            let parts = parts
                .iter()
                .filter_map(|part| Some(format!("{part} {}", question.get(*part)?)));
            parts.collect::<Vec<_>>().join(", ") + "\n"
        });
    insta::assert_snapshot!(questions.collect::<String>(), @r#"
    text "the parcels of party acme and route 1", type "int"
    text "the parcels of party acme and route 2", type "int"
    text "the colour of party acme", type "Colour", members ["red","green","blue"]
    text "the colour of party shop", type "Colour", members ["red","green","blue"]
    text "the share in “acme holds … of shop” from 2025-02-01 through 2025-03-01", days {"from":"2025-02-01","through":"2025-03-01"}, type "decimal", unit "%"
    text "the share in “acme holds … of shop” from 2025-03-02", days {"from":"2025-03-02"}, type "decimal", unit "%"
    "#);
}

#[test]
fn a_wrong_answer_is_told_what_would_be_right() {
    insta::assert_snapshot!(world(&[("law.lexlog", SHARES), ("f.lexlog", "flag(acme, _).\n")]).fed(&["ask", "law.lexlog", "--facts", "f.lexlog", "--interactive"], "gren\nmauve\ngreen\n"), @r#"
    flag(acme, green).
    standard error:
    What is the colour of party acme: red, green or blue? [decides 1 verdict; one of these; Enter leaves it open, q stops]
    `gren` is no answer to that: it takes red, green or blue; did you mean `green`?
    What is the colour of party acme: red, green or blue? [decides 1 verdict; one of these; Enter leaves it open, q stops]
    `mauve` is no answer to that: it takes red, green or blue
    What is the colour of party acme: red, green or blue? [decides 1 verdict; one of these; Enter leaves it open, q stops]
    no verdict is open
    exit 0
    "#);
    insta::assert_snapshot!(world(&[("law.lexlog", SHARES), ("f.lexlog", "delivery(acme, _, 1).\n")]).fed(&["ask", "law.lexlog", "--facts", "f.lexlog", "--interactive"], "3.5\n5\n"), @r#"
    delivery(acme, 5, 1).
    standard error:
    What is the parcels of party acme and route 1? [decides 1 verdict; a whole number, such as 3; Enter leaves it open, q stops]
    `3.5` is no answer to that: it takes a whole number, such as 3
    What is the parcels of party acme and route 1? [decides 1 verdict; a whole number, such as 3; Enter leaves it open, q stops]
    What is the colour of party acme: red, green or blue? [decides 1 verdict; one of these; Enter leaves it open, q stops]
    1 verdict is still open
    exit 0
    "#);
}

#[test]
fn answers_are_kept_one_by_one_even_where_the_rest_is_broken_off() {
    let world = world(&[("law.lexlog", SHARES), ("f.lexlog", HELD)]);
    let ask = [
        "ask",
        "law.lexlog",
        "--facts",
        "f.lexlog",
        "--interactive",
        "--answers",
        "a.lexlog",
    ];
    let mut child = world.start(&ask);
    let mut stdin = child.stdin.take().expect("it is piped");
    let mut questions = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let mut next = || {
        questions
            .next()
            .expect("there is a question")
            .expect("it is text")
    };
    assert!(next().starts_with("What is the parcels of party acme and route 1?"));
    assert_eq!(world.read("a.lexlog"), None, "no answer, no file");
    stdin.write_all(b"5\n").expect("the answer is taken");
    next();
    child.kill().expect("it can be stopped");
    child.wait().expect("it ends");
    assert_eq!(
        world.read("a.lexlog").as_deref(),
        Some("delivery(acme, 5, 1).\n")
    );
}

#[test]
fn where_answers_cannot_be_written_is_told_before_the_first_question() {
    let world = world(&[("law.lexlog", SHARES), ("f.lexlog", HELD)]);
    let ask = |file: &str| {
        let fixed = [
            "ask",
            "law.lexlog",
            "--facts",
            "f.lexlog",
            "-i",
            "--overwrite",
            "--answers",
        ];
        world.fed(&[&fixed[..], &[file]].concat(), "5\n")
    };
    insta::assert_snapshot!(ask("answers.csv"), @r"
    standard error:
    error: answers are written as facts in Lexlog: `answers.csv` must end in `.lexlog`
    exit 2
    ");
    insta::assert_snapshot!(ask("no_such_folder/answers.lexlog"), @r"
    standard error:
    error: `no_such_folder/answers.lexlog` cannot be written: there is no such file or folder
    exit 2
    ");
    insta::assert_snapshot!(ask("f.lexlog"), @r"
    standard error:
    error: `f.lexlog` is read for these questions, and answers would replace it; name another file
    exit 2
    ");
    assert_eq!(
        world.read("f.lexlog").as_deref(),
        Some(HELD),
        "the facts are still there"
    );
}

const DAYS: &str = r#"type Transfer
event transfer(id: Transfer -> on: date)
relation working_day(day: date)
table working_day(day) {
    2025-03-03
    2025-03-04
    2025-03-05
}
verdict late(transfer: Transfer) reads "{transfer} is late"
late(T) if transfer(T, on: D), D + 5 working days > D + 7 days.
"#;

#[test]
fn where_the_calendar_of_working_days_ends_is_told() {
    insta::assert_snapshot!(world(&[("law.lexlog", DAYS), ("f.lexlog", "transfer(t1, 2025-03-03).\n")]).run(&["run", "law.lexlog", "--facts", "f.lexlog"]), @r"
    open: t1 is late: not decided exactly: working days are known from 2025-03-03 to 2025-03-05 only
    exit 0
    ");
}

#[test]
fn a_judgement_in_a_table_is_read_as_a_spreadsheet_writes_it() {
    insta::assert_snapshot!(world(&[("law.lexlog", REACHED), ("item.csv", "item\nx\ny\nz\n"), ("fine.csv", "item,holds\nx,TRUE\ny,FALSE\nz,\n")]).run(&["run", "law.lexlog", "--facts", "item.csv", "--facts", "fine.csv"]), @r#"
    x is good
    open: z is good: holds if z is fine
    exit 0
    "#);
}
