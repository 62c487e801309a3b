//! Texts and days that nobody knows: what is asked of them by words, patterns, small letters and working days is decided as it is for
//! all values they may have.

use crate::command::{Run, lexlog_on};
use crate::random_policy::Dice;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const LAW: &str = r#"type Item
type Transfer
event transfer(id: Transfer -> on: date)
input item(item: Item -> code: text or unknown, owner: text or unknown)
input prefix(item: Item -> word: text or unknown)
input signed(transfer: Transfer -> day: date or unknown)
relation working_day(day: date)
table working_day(day) {
    2025-03-03
    2025-03-04
    2025-03-05
    2025-03-06
    2025-03-07
    2025-03-10
}
relation known(name: text)
known("acme"). known("siemens ag").
verdict listed(item: Item) reads "{item} is listed"
verdict ours(item: Item) reads "{item} is ours"
verdict either(item: Item) reads "{item} is either"
verdict known_owner(item: Item) reads "the owner of {item} is known"
verdict below(item: Item) reads "{item} is below a heading"
verdict late(transfer: Transfer) reads "{transfer} is late"
verdict in_time(transfer: Transfer) reads "{transfer} is in time"
listed(I) if item(I, code: C), matches(C, "^85[0-9]{2}$").
ours(I) if item(I, owner: O), contains(lower(O), "siemens").
either(I) if item(I, code: C), matches(C, "^85").
either(I) if item(I, code: C), not starts_with(C, "85").
known_owner(I) if item(I, owner: O), known(lower(O)).
below(I) if prefix(I, W), starts_with("8504", W).
late(T) if transfer(T, on: D), signed(T, S), D + 2 working days < S.
in_time(T) if signed(T, S), S >= 2025-03-03, S <= 2025-03-06, S + 2 working days <= 2025-03-07.
"#;

const FACTS: &str = r#"item(machine, code: "8504").
item(controller, owner: "SIEMENS AG").
item(oven).
prefix(oven).
transfer(t1, 2025-03-04).
signed(t1).
"#;

fn told(arguments: &[&str]) -> Run {
    let arguments = [arguments, &["law.lexlog", "--facts", "facts.lexlog"]].concat();
    lexlog_on(&[("law.lexlog", LAW), ("facts.lexlog", FACTS)], &arguments)
}

#[test]
fn what_patterns_small_letters_and_working_days_leave_open_is_told() {
    insta::assert_snapshot!(told(&["run"]).transcript(), @r"
    open: controller is below a heading: depends on the word of item controller
    open: machine is below a heading: depends on the word of item machine
    open: oven is below a heading: depends on the word of item oven
    controller is either
    machine is either
    oven is either
    open: t1 is in time: depends on the day of transfer t1
    the owner of controller is known
    open: the owner of machine is known: depends on the owner of item machine
    open: the owner of oven is known: depends on the owner of item oven
    open: t1 is late: depends on the day of transfer t1
    open: controller is listed: depends on the code of item controller
    machine is listed
    open: oven is listed: depends on the code of item oven
    controller is ours
    open: machine is ours: depends on the owner of item machine
    open: oven is ours: depends on the owner of item oven
    exit 0
    ");
}

fn told_of(atom: &str) -> Run {
    let arguments = ["explain", "law.lexlog", "--facts", "facts.lexlog", atom];
    lexlog_on(&[("law.lexlog", LAW), ("facts.lexlog", FACTS)], &arguments)
}

/// Which settlements of what a verdict hangs on make it hold, in words.
fn settlements(verdicts: &Value, text: &str) -> String {
    let mut verdicts = verdicts["verdicts"].as_array().expect("a list").iter();
    let verdict = verdicts.find(|verdict| verdict["text"] == text);
    let settlements = verdict.expect("it is told")["settlements"].as_array();
    let settlements = settlements.expect("it is decided exactly").iter();
    let words = settlements.map(|it| format!("{}: {}\n", it["answers"][0], it["holds"]));
    words.collect()
}

#[test]
fn the_ways_to_settle_them_are_told_in_words() {
    let run = told(&["run", "--format", "json"]);
    let verdicts: Value = serde_json::from_str(&run.out).expect("the output is JSON");
    let told = [
        "oven is listed",
        "oven is ours",
        "the owner of oven is known",
        "oven is below a heading",
        "t1 is in time",
    ];
    let mut words = String::new();
    for text in told {
        write!(words, "{text}\n{}", settlements(&verdicts, text)).expect("a text takes it");
    }
    insta::assert_snapshot!(words, @r#"
    oven is listed
    "a text that does not match “^85[0-9]{2}$”": false
    "a text that matches “^85[0-9]{2}$”": true
    oven is ours
    "a text that in small letters does not contain “siemens”": false
    "a text that in small letters contains “siemens”": true
    the owner of oven is known
    "a text that in small letters is not “acme” and in small letters is not “siemens ag”": false
    "a text that in small letters is “siemens ag”": true
    "a text that in small letters is “acme”": true
    oven is below a heading
    "“” or 8 or 85 or 850 or 8504": true
    "anything but “” or 8 or 85 or 850 or 8504": false
    t1 is in time
    "at most 2025-03-02": false
    "at least 2025-03-03 and at most 2025-03-05": true
    "at least 2025-03-06": false
    "#);
}

#[test]
fn what_holds_for_every_text_is_proved_by_cases() {
    insta::assert_snapshot!(told_of("either(oven)").transcript(), @r#"
    oven is either
      in every case, whatever is not known:

    if the code of item oven is a text that does not start with “85” and does not
    match “^85” and does not match “^85[0-9]{2}$”:
      oven is either
      │ the definition at law.lexlog:28
      ├─ item(oven, "another", …)
      │    fact, assumed: nobody has said so
      └─ not starts_with(C, "85"): C = another

    if the code of item oven is a text that starts with “85” and matches “^85” and
    does not match “^85[0-9]{2}$”:
      oven is either
      │ the definition at law.lexlog:27
      ├─ item(oven, "85", …)
      │    fact, assumed: nobody has said so
      └─ matches(C, "^85"): C = 85

    if the code of item oven is a text that starts with “85” and matches “^85” and
    matches “^85[0-9]{2}$”:
      oven is either
      │ the definition at law.lexlog:27
      ├─ item(oven, "8500", …)
      │    fact, assumed: nobody has said so
      └─ matches(C, "^85"): C = 8500
    exit 0
    "#);
}

/// The values that are tried for a field.
const TEXTS: [&str; 24] = [
    "", "a", "b", "A", "B", "ä", "ab", "AB", "Ab", "aB", "ba", "BA", "bb", "aa", "AA", "abb",
    "aba", "ABA", "bab", "aab", "baa", "bbb", "aXb", "12",
];

/// A literal about the texts `O` and `C`.
fn literal(dice: &mut Dice) -> String {
    let text = dice.pick(&["O", "C", "lower(O)", "lower(C)", "O", "C"]);
    let word = dice.pick(&["a", "b", "A", "ab", "ba"]);
    let pattern = dice.pick(&["^a", "^[ab]*$", "(?i)^ab", "b$", "^.{2}$", "[A-Z]", "^$"]);
    let not = dice.pick(&["", "not "]);
    match dice.below(7) {
        0 => format!("{not}starts_with({text}, \"{word}\")"),
        1 => format!("{not}contains({text}, \"{word}\")"),
        2 => format!("{not}ends_with({text}, \"{word}\")"),
        3 | 4 => format!("{not}matches({text}, \"{pattern}\")"),
        5 => format!("{text} {} \"{word}\"", dice.pick(&["=", "!="])),
        _ => format!("{} {} {}", "O", dice.pick(&["=", "!="]), "C"),
    }
}

/// By verdict and item: whether it holds, or `None` where it is open.
type Told = BTreeMap<(String, String), Option<bool>>;

fn verdicts(policy: &str, facts: &str) -> Told {
    let run = lexlog_on(
        &[("law.lexlog", policy), ("facts.lexlog", facts)],
        &[
            "run",
            "law.lexlog",
            "--facts",
            "facts.lexlog",
            "--format",
            "json",
        ],
    );
    assert_eq!(run.code, 0, "{policy}\n{}", run.err);
    let told: Value = serde_json::from_str(&run.out).expect("the output is JSON");
    let mut found = Told::new();
    for verdict in told["verdicts"].as_array().expect("a list") {
        let words = |value: &Value| value.as_str().expect("a text").to_owned();
        let key = (words(&verdict["relation"]), words(&verdict["args"]["item"]));
        assert!(
            verdict["exact"].is_null(),
            "{policy}\n{key:?} is not decided exactly"
        );
        found.insert(key, (verdict["status"] == "holds").then_some(true));
    }
    found
}

/// What is told of something that is not known is what is told of all that it may be.
fn is_what_all_say(told: &Told, verdict: &str, open: &str, all: &[String], policy: &str) {
    let of = |item: &str| match told.get(&(verdict.to_owned(), item.to_owned())) {
        Some(truth) => *truth,
        None => Some(false),
    };
    let ways: BTreeSet<Option<bool>> = all.iter().map(|item| of(item)).collect();
    let one = ways.first().filter(|_| ways.len() == 1);
    let expected = one.copied().unwrap_or(None);
    assert_eq!(
        of(open),
        expected,
        "{policy}\n{verdict} of {open}: {ways:?}"
    );
}

#[test]
fn texts_that_are_not_known_come_to_what_all_texts_come_to() {
    let mut dice = Dice::new(1);
    let mut policy = String::from(
        "type Item\ninput item(item: Item -> owner: text or unknown, code: text or unknown)\n",
    );
    for at in 0..60 {
        writeln!(policy, "verdict v{at}(item: Item)").expect("a text takes it");
        for _ in 0..1 + dice.below(2) {
            let literals: Vec<String> =
                (0..1 + dice.below(3)).map(|_| literal(&mut dice)).collect();
            writeln!(
                policy,
                "v{at}(I) if item(I, O, C), {}.",
                literals.join(", ")
            )
            .expect("a text takes it");
        }
    }
    let mut facts = String::from("item(both).\n");
    for (o, owner) in TEXTS.iter().enumerate() {
        writeln!(
            facts,
            "item(o{o}, owner: \"{owner}\"). item(c{o}, code: \"{owner}\")."
        )
        .expect("a text takes it");
        for (c, code) in TEXTS.iter().enumerate() {
            writeln!(facts, "item(o{o}c{c}, \"{owner}\", \"{code}\").").expect("a text takes it");
        }
    }
    let told = verdicts(&policy, &facts);
    let places = || 0..TEXTS.len();
    let all: Vec<String> = places()
        .flat_map(|o| places().map(move |c| format!("o{o}c{c}")))
        .collect();
    for at in 0..60 {
        let verdict = format!("v{at}");
        is_what_all_say(&told, &verdict, "both", &all, &policy);
        for o in places() {
            let with_owner: Vec<String> = places().map(|c| format!("o{o}c{c}")).collect();
            is_what_all_say(&told, &verdict, &format!("o{o}"), &with_owner, &policy);
            let with_code: Vec<String> = places().map(|c| format!("o{c}c{o}")).collect();
            is_what_all_say(&told, &verdict, &format!("c{o}"), &with_code, &policy);
        }
    }
}

#[test]
fn working_days_from_a_day_that_is_not_known_come_to_what_all_days_come_to() {
    let mut dice = Dice::new(2);
    let mut policy = String::from(
        "type Item\ninput signed(item: Item -> day: date or unknown)\nrelation working_day(day: date)\ntable working_day(day) {\n",
    );
    for day in [
        3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 17, 18, 20, 21, 24, 25, 26, 27, 28,
    ] {
        writeln!(policy, "    2025-03-{day:02}").expect("a text takes it");
    }
    policy.push_str("}\n");
    for at in 0..60 {
        let steps = [
            "+ 1 working days",
            "+ 3 working days",
            "- 2 working days",
            "+ 0 working days",
            "+ 2 working days + 1 days",
            "+ 1 days + 1 working days",
            "- 1 working days + 2 working days",
            "+ 1 months - 28 days",
        ];
        let (step, other) = (dice.pick(&steps), dice.pick(&["<", "<=", ">", "=", "!="]));
        let day = 11 + dice.below(8);
        // With these bounds, no working day lies where nobody knows.
        writeln!(policy, "verdict v{at}(item: Item)\nv{at}(I) if signed(I, S), S >= 2025-03-10, S <= 2025-03-20, S {step} {other} 2025-03-{day}.").expect("a text takes it");
    }
    let mut facts = String::from("signed(open).\n");
    for day in 1..=31 {
        writeln!(facts, "signed(d{day}, 2025-03-{day:02}).").expect("a text takes it");
    }
    let told = verdicts(&policy, &facts);
    let all: Vec<String> = (1..=31).map(|day| format!("d{day}")).collect();
    for at in 0..60 {
        is_what_all_say(&told, &format!("v{at}"), "open", &all, &policy);
    }
}

const REFUSALS: &str = r#"type Item
type Party
input user(item: Item -> party: Party or unknown)
judgement military(party: Party)
verdict refused(item: Item)     reads "{item} is refused"
verdict free(item: Item)        reads "{item} is free"
refused(I) if user(I, P), military(P).
free(I) if user(I, _), not refused(I).
"#;

#[test]
fn a_presumption_about_one_party_says_nothing_of_one_that_is_not_known() {
    let run = |presumed: &str, facts: &str| {
        let law = format!("{REFUSALS}{presumed}\n");
        let files = [("law.lexlog", law.as_str()), ("facts.lexlog", facts)];
        lexlog_on(&files, &["run", "law.lexlog", "--facts", "facts.lexlog"]).transcript()
    };
    let open = "user(i1, _). military(bolt).";
    insta::assert_snapshot!(run("presume not military(acme).", open), @r"
    open: i1 is free: depends on the party of item i1; not decided exactly
    open: i1 is refused: depends on the party of item i1; not decided exactly
    exit 0
    ");
    insta::assert_snapshot!(run("presume not military(_).", open), @r"
    open: i1 is free: depends on the party of item i1
    open: i1 is refused: depends on the party of item i1
    exit 0
    ");
    insta::assert_snapshot!(run("presume not military(_).", "user(i1, _)."), @r"
    i1 is free
    exit 0
    ");
    insta::assert_snapshot!(run("presume not military(_).", "user(i1, bolt). military(bolt)."), @r"
    i1 is refused
    exit 0
    ");
}

const TWICE: &str = r#"type Item
type Deal
type Colour = red | blue
type Kind = civil | military
input colour(item: Item -> colour: Colour or unknown)
event deal(id: Deal -> item: Item, kind: Kind or unknown, on: date)
verdict coloured(item: Item)    reads "{item} is coloured"
verdict barred(deal: Deal)      reads "{deal} is barred"
verdict free(deal: Deal)        reads "{deal} is free"
coloured(I) if colour(I, C), colour(I, C).
free(D) if deal(D), not barred(D).
notice n "N" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Military deals" { barred(D) if deal(D, kind: K), K = military. }
    clause 2 "None of them" { exempt barred(D) from 1. }
}
"#;

#[test]
fn what_holds_whatever_a_value_is_has_a_proof_of_one_case() {
    let facts = "colour(pump, _). deal(d1, pump, on: 2025-02-02).";
    let files = [("law.lexlog", TWICE), ("facts.lexlog", facts)];
    let explained = |atom: &str| {
        lexlog_on(
            &files,
            &["explain", "law.lexlog", "--facts", "facts.lexlog", atom],
        )
        .transcript()
    };
    insta::assert_snapshot!(explained("coloured(pump)"), @r"
pump is coloured
  in every case, whatever is not known:

if the colour of item pump is anything:
  pump is coloured
  │ the definition at law.lexlog:10
  ├─ colour(pump, red)
  │    fact, assumed: nobody has said so
  └─ colour(pump, red)
       fact, assumed: nobody has said so
exit 0
");
    insta::assert_snapshot!(explained("free(d1)"), @r"
    d1 is free
      in every case, whatever is not known:

    if the kind of deal d1 is military:
      d1 is free
      │ the definition at law.lexlog:11
      ├─ deal(d1, pump, military, 2025-02-02)
      │    fact, assumed: nobody has said so
      └─ no record that d1 is barred
         ├─ not by n/1 “Military deals”, law.lexlog:15
         │  ├─ deal(d1, pump, military, 2025-02-02)
         │  │    fact, assumed: nobody has said so
         │  ├─ K = military: military = military
         │  └─ all its conditions hold, but it is exempted
         │     └─ the exemption of n/2 “None of them” (law.lexlog:16) applies to:
         │        │ d1 is barred
         │        └─ on 2025-02-02, n/2 is in force (from 2025-01-01)
         └─ without this, it could be so:
            └─ deal(d1, pump, military, 2025-02-02)
                 fact, assumed: nobody has said so

    if the kind of deal d1 is anything but military:
      d1 is free
      │ the definition at law.lexlog:11
      ├─ deal(d1, pump, civil, 2025-02-02)
      │    fact, assumed: nobody has said so
      └─ no record that d1 is barred
         └─ not by n/1 “Military deals”, law.lexlog:15
            ├─ deal(d1, pump, civil, 2025-02-02)
            │    fact, assumed: nobody has said so
            └─ K = military does not hold: civil = military
    exit 0
    ");
}
