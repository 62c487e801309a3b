//! Rows that nobody gave: for which keys they are asked for, and what is told of a row when its open values are asked about.

use crate::command::lexlog_on;

fn run(files: &[(&str, &str)], arguments: &[&str]) -> String {
    lexlog_on(files, arguments).transcript()
}

const RISKS: &str = r#"type Item
type Shipment
event shipment(id: Shipment -> item: Item, on: date)
input code_of(item: Item, code: text)
input weight(item: Item, tonnes: int)
input risk(code: text -> level: int or unknown)
input fee(tonnes: int -> euros: int or unknown)
input changed(day: date -> rate: int or unknown)
relation code(item: Item, code: text)
relation heavy(tonnes: int)
heavy(9).
code(I, C) if code_of(I, C).
verdict examined(shipment: Shipment) reads "{shipment} is examined"
verdict charged(shipment: Shipment) reads "{shipment} is charged"
verdict costly(tonnes: int) reads "{tonnes} tonnes are costly"
verdict revalued(shipment: Shipment) reads "{shipment} is revalued"
verdict harmless(shipment: Shipment) reads "{shipment} is harmless"
examined(S) if shipment(S, I), code(I, C), risk(C, L), L > 3.
charged(S) if shipment(S, I), weight(I, N), M = N + 1, fee(M, E), E > 100.
costly(N) if heavy(N), fee(N, E), E > 100.
revalued(S) if shipment(S, on: D), E = D + 1 months, changed(E, R), R > 1.
harmless(S) if shipment(S, I), code(I, C), not risk(C, 9).
"#;

const GIVEN: &str = "shipment(t1, pump, 2025-02-02). code_of(pump, \"8413\"). weight(pump, 4).\n";

#[test]
fn a_row_is_missing_for_a_key_that_a_definition_or_a_sum_gives_too() {
    let files = [("law.lexlog", RISKS), ("facts.lexlog", GIVEN)];
    insta::assert_snapshot!(run(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"]), @r"
    open: t1 is charged: depends on the euros of tonnes 5
    open: 9 tonnes are costly: depends on the euros of tonnes 9
    open: t1 is examined: depends on the level of code 8413
    open: t1 is harmless: depends on the level of code 8413
    open: t1 is revalued: depends on the rate of day 2025-03-02
    exit 0
    ");
    insta::assert_snapshot!(run(&files, &["ask", "law.lexlog", "--facts", "facts.lexlog"]), @r"
    1. What is the level of code 8413?
       decides: t1 is examined
       decides: t1 is harmless
    2. What is the rate of day 2025-03-02?
       decides: t1 is revalued
    3. What is the euros of tonnes 5?
       decides: t1 is charged
    4. What is the euros of tonnes 9?
       decides: 9 tonnes are costly
    exit 0
    ");
    let more =
        format!("{GIVEN}risk(\"8413\", 4). fee(5, 100). fee(9, 200). changed(2025-03-02, 2).\n");
    let answered = [("law.lexlog", RISKS), ("facts.lexlog", more.as_str())];
    insta::assert_snapshot!(run(&answered, &["run", "law.lexlog", "--facts", "facts.lexlog"]), @r"
    9 tonnes are costly
    t1 is examined
    t1 is harmless
    t1 is revalued
    exit 0
    ");
}

const TARIFFS: &str = r#"type Item
input product(item: Item -> code: text or unknown)
input tariff(heading: text -> percent: int or unknown)
relation heading(item: Item, heading: text)
heading(I, C) if product(I, C).
verdict dear(item: Item) reads "{item} pays more than 10 per cent"
dear(I) if heading(I, C), tariff(C, P), P > 10.
"#;

#[test]
fn a_row_whose_key_is_not_known_is_no_question_and_concerns_no_other_key() {
    let facts = "product(powder, \"2805\"). product(rod). product(box, \"4819\").\n";
    let files = [("law.lexlog", TARIFFS), ("facts.lexlog", facts)];
    insta::assert_snapshot!(run(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"]), @r"
    open: box pays more than 10 per cent: depends on the percent of heading 4819
    open: powder pays more than 10 per cent: depends on the percent of heading 2805
    open: rod pays more than 10 per cent: depends on the code of item rod; depends on the percent of heading 2805; depends on the percent of heading 4819; not decided exactly
    exit 0
    ");
    let more = format!("{facts}tariff(\"2805\", 12). tariff(\"4819\", 5).\n");
    let given = [("law.lexlog", TARIFFS), ("facts.lexlog", more.as_str())];
    insta::assert_snapshot!(run(&given, &["ask", "law.lexlog", "--facts", "facts.lexlog"]), @r"
    1. What is the code of item rod?
       decides: rod pays more than 10 per cent
    exit 0
    ");
}

/// Each row says for which key the next one is asked.
const CHAIN: &str = r#"type Case
input first(case: Case, step: int)
input next(step: int -> then: int or unknown)
relation reached(case: Case, step: int)
reached(C, N) if first(C, N).
reached(C, M) if reached(C, N), next(N, M), not closed(N), M < 100.
relation closed(step: int)
closed(N) if next(N, 0).
verdict ends(case: Case) reads "{case} ends"
ends(C) if reached(C, 7).
"#;

#[test]
fn a_row_that_nobody_gave_may_be_asked_for_by_another() {
    let facts = "first(a, 1). next(1, 2). next(2, 3). first(b, 7). first(c, 5). next(5, 0).\n";
    let files = [("law.lexlog", CHAIN), ("facts.lexlog", facts)];
    insta::assert_snapshot!(run(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"]), @r"
    open: a ends: depends on the then of step 0; depends on the then of step 3; depends on the then of step 7; not decided exactly
    b ends
    exit 0
    ");
    insta::assert_snapshot!(run(&files, &["ask", "law.lexlog", "--facts", "facts.lexlog"]), @r"
    1. What is the then of step 0?
       decides: a ends
    2. What is the then of step 3?
       decides: a ends
    3. What is the then of step 7?
       decides: a ends
    exit 0
    ");
}

#[test]
fn a_key_that_is_counted_from_what_may_be_missing_is_refused() {
    let law = r#"type Item
input part(item: Item, number: int)
input price(number: int -> euros: int or unknown)
relation priced(items: int)
priced(N) if N = count X { part(X, P), price(P, E), E > 10 }.
verdict costly(items: int)
costly(N) if priced(N), price(N, E), E > 1000.
"#;
    insta::assert_snapshot!(run(&[("law.lexlog", law)], &["check", "law.lexlog"]), @r"
    standard error:
    error[E0404]: for which keys `price` is asked here hangs on what nobody gave
     --> law.lexlog:7:25
      |
    7 | costly(N) if priced(N), price(N, E), E > 1000.
      |                         ^^^^^^^^^^^ a count, a sum or the like that reads such rows gives its key
      |
      = help: give the key by a fact, or by a relation that does not count what
              may be missing

    1 error
    exit 2
    ");
}

const PAUSE: &str = r#"type Party
type Transfer
event transfer(id: Transfer -> to: Party, on: date)
input treaty(party: Party)
judgement broken() reads "the truce is broken"
presume not broken if treaty(_).
verdict needs_licence(transfer: Transfer) reads "{transfer} needs a licence"
notice rule "The rule" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Licence" { needs_licence(T) if transfer(id: T). }
}
notice truce "The truce" {
    published 2025-03-01
    effective 2025-03-01
    suspends rule from 2025-03-01 through 2025-12-31 if broken
}
"#;

#[test]
fn what_is_presumed_on_a_condition_settles_the_law_and_its_proof() {
    let facts = "transfer(t1, acme, 2025-06-01). treaty(acme).\n";
    let files = [("law.lexlog", PAUSE), ("facts.lexlog", facts)];
    insta::assert_snapshot!(run(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"]), @r"
    t1 needs a licence [rule/1]
    exit 0
    ");
    insta::assert_snapshot!(run(&files, &["explain", "law.lexlog", "--facts", "facts.lexlog", "needs_licence(t1)"]), @r"
    t1 needs a licence
    │ rule/1 “Licence”, law.lexlog:11
    ├─ transfer(t1, acme, 2025-06-01)
    │    fact, facts.lexlog:1
    ├─ on 2025-06-01, rule/1 is in force (from 2025-01-01)
    └─ presumed not to be so: the truce is broken
       │ law.lexlog:6
       └─ treaty(acme)
            fact, facts.lexlog:1
    exit 0
    ");
    let without = [
        ("law.lexlog", PAUSE),
        ("facts.lexlog", "transfer(t1, acme, 2025-06-01).\n"),
    ];
    insta::assert_snapshot!(run(&without, &["run", "law.lexlog", "--facts", "facts.lexlog"]), @r"
    open: t1 needs a licence [rule/1]: holds unless the truce is broken
    standard error:
    1 more verdict would hold but for a suspension (--with-suspended shows them)
    exit 0
    ");
}

const CHIPS: &str = r#"type Item
type Kind = logic | memory
input chip(item: Item -> nanometres: int or unknown, kind: Kind or unknown)
"#;

#[test]
fn what_is_asked_of_a_value_that_nobody_knows_is_open() {
    let facts = "chip(a, 5, logic). chip(b, kind: memory). chip(c, 5).\n";
    let files = [("law.lexlog", CHIPS), ("facts.lexlog", facts)];
    let ask = |query: &str| {
        let arguments = [
            "run",
            "law.lexlog",
            "--facts",
            "facts.lexlog",
            "--query",
            query,
        ];
        run(&files, &arguments)
    };
    insta::assert_snapshot!(ask("chip(X, 5, _)"), @r"
    chip(a, 5, logic)
    open: chip(b, 5, memory): depends on the nanometres of item b
    open: chip(c, 5, …): depends on the kind of item c
    exit 0
    ");
    insta::assert_snapshot!(ask("chip(c, 5, memory)"), @r"
    open: chip(c, 5, memory): depends on the kind of item c
    exit 0
    ");
    insta::assert_snapshot!(ask("chip(X, _, K)"), @r"
    chip(a, 5, logic)
    chip(b, …, memory)
    chip(c, 5, …)
    exit 0
    ");
}

const PARTNERS: &str = r#"type Item
type Party
type Colour = red | blue
input user(item: Item -> party: Party or unknown)
input colour(party: Party -> colour: Colour or unknown)
verdict marked(item: Item)      reads "{item} is marked"
verdict unmarked(item: Item)    reads "{item} is not marked"
marked(I) if user(I, P), colour(P, red).
unmarked(I) if user(I, P), not colour(P, red).
"#;

#[test]
fn a_party_that_nobody_knows_may_be_one_that_nobody_has_mentioned() {
    let run = |facts: &str| {
        let files = [("law.lexlog", PARTNERS), ("facts.lexlog", facts)];
        run(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"])
    };
    insta::assert_snapshot!(run("user(i1, _). colour(acme, blue)."), @r"
    open: i1 is marked: depends on the party of item i1; not decided exactly
    open: i1 is not marked: depends on the party of item i1; not decided exactly
    exit 0
    ");
    insta::assert_snapshot!(run("user(i1, zenith). colour(acme, blue)."), @r"
    open: i1 is marked: depends on the colour of party zenith
    open: i1 is not marked: depends on the colour of party zenith
    exit 0
    ");
    insta::assert_snapshot!(run("user(i1, acme). colour(acme, blue)."), @r"
    i1 is not marked
    exit 0
    ");
}

/// The party passes through a definition, a chain, braces, and two keys at once.
const OWNERS: &str = r#"type Item
type Party
type Colour = red | blue
input user(item: Item -> party: Party or unknown)
input maker(item: Item -> party: Party or unknown)
input owner(party: Party -> parent: Party or unknown)
input colour(party: Party -> colour: Colour or unknown)
input tie(a: Party, b: Party -> colour: Colour or unknown)
relation concerns(item: Item, party: Party)
relation chain(party: Party, top: Party)
concerns(I, P) if user(I, P).
chain(P, Q) if owner(P, Q).
chain(P, Q) if owner(P, R), chain(R, Q).
verdict marked(item: Item)      reads "{item} is marked"
verdict backed(item: Item)      reads "{item} has a red owner"
verdict counted(item: Item)     reads "{item} counts"
verdict tied(item: Item)        reads "{item} is tied"
verdict untied(item: Item)      reads "{item} is not tied"
marked(I) if concerns(I, P), colour(P, red).
backed(I) if concerns(I, P), chain(P, Q), colour(Q, red).
counted(I) if user(I, P), N = count { colour(P, red) }, N > 0.
tied(I) if concerns(I, P), maker(I, Q), tie(P, Q, red).
untied(I) if concerns(I, P), maker(I, Q), not tie(P, Q, red).
"#;

#[test]
fn a_party_that_nobody_knows_is_unknown_to_definitions_chains_and_braces_too() {
    let run = |facts: &str| {
        let known = "owner(acme, acme). colour(acme, blue). tie(acme, acme, blue).";
        let facts = format!("{facts} {known}");
        let files = [("law.lexlog", OWNERS), ("facts.lexlog", facts.as_str())];
        run(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"])
    };
    insta::assert_snapshot!(run("user(i1, _). maker(i1, _). user(i2, acme). maker(i2, acme)."), @r"
    open: i1 has a red owner: depends on the party of item i1 (maker); depends on the party of item i1 (user); not decided exactly
    open: i1 counts: depends on the party of item i1 (maker); depends on the party of item i1 (user); not decided exactly
    open: i1 is marked: depends on the party of item i1 (maker); depends on the party of item i1 (user); not decided exactly
    open: i1 is tied: depends on the party of item i1 (maker); depends on the party of item i1 (user); not decided exactly
    open: i1 is not tied: depends on the party of item i1 (maker); depends on the party of item i1 (user); not decided exactly
    i2 is not tied
    exit 0
    ");
    insta::assert_snapshot!(run("user(i1, acme). maker(i1, _)."), @r"
    open: i1 is tied: depends on the party of item i1 (maker); not decided exactly
    open: i1 is not tied: depends on the party of item i1 (maker); not decided exactly
    exit 0
    ");
}

const ANYBODY: &str = r#"type Item
type Party
type Colour = red | blue
input user(item: Item -> party: Party or unknown)
input owner(party: Party -> parent: Party or unknown)
input colour(party: Party -> colour: Colour or unknown)
verdict somebody_red()          reads "somebody is red"
verdict red(party: Party)       reads "{party} is red"
somebody_red() if colour(P, red).
red(P) if colour(P, red).
"#;

#[test]
fn somebody_whom_nobody_has_mentioned_matters_as_long_as_a_name_is_left_open() {
    let told = |facts: &str| {
        let facts = format!("{facts} colour(acme, blue).");
        let files = [("law.lexlog", ANYBODY), ("facts.lexlog", facts.as_str())];
        run(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"])
            + "\n"
            + &run(&files, &["ask", "law.lexlog", "--facts", "facts.lexlog"])
    };
    insta::assert_snapshot!(told("user(i1, acme)."), @r"
    no verdict holds
    exit 0
    no open question changes a verdict
    exit 0
    ");
    insta::assert_snapshot!(told("user(i1, _). owner(acme, acme)."), @r"
    open: somebody is red: depends on the party of item i1; not decided exactly
    exit 0
    1. What is the party of item i1?
       decides: somebody is red
    exit 0
    ");
    insta::assert_snapshot!(told("user(i1, acme). owner(acme, _)."), @r"
    open: somebody is red: depends on the parent of party acme; not decided exactly
    exit 0
    1. What is the parent of party acme?
       decides: somebody is red
    exit 0
    ");
}

/// One says who is the party of a deal, the other whom it may be about.
const DEALS: &str = r#"type Item
type Party
type Colour = red | blue
event deal(id: Item -> party: Party or unknown, on: date)
input user(item: Item, party: Party)
input colour(party: Party -> colour: Colour or unknown)
relation concerns(item: Item, party: Party)
relation deals(item: Item, party: Party)
concerns(I, P) if user(I, P), not colour(P, blue).
deals(I, P) if deal(I, party: P).
verdict marked(item: Item)      reads "{item} is marked"
marked(I) if deals(I, P), concerns(I, P), colour(P, red).
"#;

#[test]
fn a_row_is_asked_for_by_whatever_says_which_one_it_is() {
    let facts = "deal(i1, party: _, on: 2025-01-01). user(i1, acme).";
    let files = [("law.lexlog", DEALS), ("facts.lexlog", facts)];
    insta::assert_snapshot!(run(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"]), @r"
    open: i1 is marked: depends on the colour of party acme; depends on the party of item i1
    exit 0
    ");
}

const FEES: &str = r#"type Item
input item(item: Item)
input weight(item: Item -> tonnes: int or unknown)
input fee(tonnes: int -> euros: int or unknown)
verdict charged(item: Item)     reads "{item} is charged"
charged(I) if item(I), weight(I, N), fee(N, E), E > 3.
"#;

#[test]
fn what_nobody_said_of_one_item_opens_nothing_about_another() {
    let files = [
        ("law.lexlog", FEES),
        (
            "facts.lexlog",
            "item(i1). item(i2). weight(i2, 60). fee(60, 1).",
        ),
    ];
    insta::assert_snapshot!(run(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"]), @r"
open: i1 is charged: depends on the tonnes of item i1; not decided exactly
exit 0
");
}

const CONTACTS: &str = r#"type Item
input item(item: Item)
judgement near(item: Item, other: Item)
verdict watched(item: Item)     reads "{item} is watched"
watched(I) if item(I), N = count { item(G), near(G, I) }, N >= 1.
"#;

#[test]
fn a_judgement_in_braces_is_asked_about_what_stands_outside() {
    let run = |facts: &str| {
        let files = [("law.lexlog", CONTACTS), ("facts.lexlog", facts)];
        run(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"])
    };
    insta::assert_snapshot!(run("item(pump). near(pump, pump)."), @r"
pump is watched
exit 0
");
    insta::assert_snapshot!(run("item(pump)."), @r"
    open: pump is watched: holds if near(pump, pump)
    exit 0
    ");
}

#[test]
fn many_presumed_judgements_about_one_party_that_nobody_knows_are_decided_together() {
    let names: Vec<String> = (0..12).map(|at| format!("sign{at}")).collect();
    let declared = names.iter().map(|name| {
        format!("judgement {name}(party: Party)\npresume not {name}(P) if listed(P).\n")
    });
    let law = format!(
        "type Item\ntype Party\ninput user(item: Item -> party: Party or unknown)\ninput listed(party: Party)\n{}verdict \
         suspect(item: Item) reads \"{{item}} is suspect\"\nsuspect(I) if user(I, P), {}.\n",
        declared.collect::<String>(),
        names
            .iter()
            .map(|name| format!("{name}(P)"))
            .collect::<Vec<_>>()
            .join(", "),
    );
    let asserted: String = names.iter().map(|name| format!("{name}(bolt). ")).collect();
    let facts = format!(
        "listed(acme). listed(bolt). {asserted}user(i1, acme). user(i2, bolt). user(i3, _)."
    );
    let files = [
        ("law.lexlog", law.as_str()),
        ("facts.lexlog", facts.as_str()),
    ];
    insta::assert_snapshot!(run(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"]), @r"
    i2 is suspect
    open: i3 is suspect: depends on the party of item i3; not decided exactly
    exit 0
    ");
}
