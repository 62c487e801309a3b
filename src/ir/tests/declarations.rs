//! Types, units, relations, notices, clauses, effects and tables: what they come to, and the slips in them.

use super::resolve_text;
use crate::diagnostic::{Diagnostic, Severity};
use crate::ir::{ClauseId, Policy};
use crate::value::{Date, Measure, Type};

fn policy_of(text: &str) -> Policy {
    let (policy, _, found) = resolve_text(text);
    assert!(!found.iter().any(Diagnostic::is_error), "{found:#?}");
    policy
}

/// The codes of what is wrong, in order; warnings only where they are asked for.
fn codes(text: &str) -> Vec<&'static str> {
    let (_, _, found) = resolve_text(text);
    let errors = found.iter().filter(|one| one.severity == Severity::Error);
    errors.map(|one| one.code).collect()
}

fn clause(policy: &Policy, citation: &str) -> ClauseId {
    let mut ids = (0..policy.clauses.len() as u32).map(ClauseId);
    ids.find(|id| policy.citation(*id) == citation)
        .unwrap_or_else(|| panic!("no clause {citation}"))
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

const WORDS: &str =
    "type Party\ninput big(p: Party)\nrelation a(p: Party)\nrelation c(p: Party, n: int or none)\n";

fn with_words(text: &str) -> String {
    format!("{WORDS}{text}")
}

#[test]
fn a_multiple_is_kept_with_its_base_along_a_chain() {
    let policy = policy_of("unit m = 1000 mm\nunit mm = 1000 um\nunit um\ninput s(n: decimal m)");
    let unit = |name: &str| {
        policy
            .types
            .units
            .iter()
            .find(|unit| unit.name == name)
            .unwrap()
    };
    assert_eq!(unit("m").factor.to_i64(), Some(1_000_000));
    assert_eq!(policy.types.unit(unit("m").base).name, "um");
    let field = policy.relations[0].fields[0].ty;
    assert!(matches!(field, Type::Number(number) if matches!(number.measure, Measure::Unit(_))));
}

#[test]
fn units_that_go_in_a_circle_or_are_nothing_are_refused() {
    assert!(!codes("unit a = 2 b\nunit b = 3 a").is_empty());
    assert!(!codes("unit a = 0 b\nunit b").is_empty());
}

#[test]
fn a_multiple_declares_the_unit_it_stands_on() {
    assert!(codes("unit a = 2 b\nunit c = 3 b\ntype T\ninput r(t: T -> n: int b)").is_empty());
    assert!(!codes("unit a = 2 b\nunit b\nunit b").is_empty());
}

#[test]
fn one_name_declared_twice_is_an_error_in_every_list() {
    for text in [
        "type A\ntype A",
        "type A = x | y | x",
        "unit a\nunit a",
        "type A\ninput r(a: A)\nrelation r(a: A)",
        "type A\ninput r(a: A, a: A)",
        "notice n \"x\" { published 2025-01-01 }\nnotice n \"y\" { published 2025-01-01 }",
        "notice n \"x\" { published 2025-01-01 effective 2025-01-01 clause 1 \"x\" { } clause 1 \"y\" { } }",
        "given a { }\ngiven a { }",
    ] {
        let (_, _, found) = resolve_text(text);
        assert_eq!(
            found.iter().filter(|one| one.is_error()).count(),
            1,
            "{text}: {found:#?}"
        );
        assert_eq!(found[0].labels.len(), 2, "both places: {text}");
    }
}

#[test]
fn a_notice_has_names_and_units_of_its_own() {
    let policy = policy_of(
        "type Item\ninput size(i: Item -> n: decimal nm)\nunit nm\nrelation all(i: Item)
         notice n1 \"x\" { published 2025-01-01 effective 2025-01-01
            unit points\nrelation own(i: Item)\nrelation score(i: Item, n: int points)
            clause 1 \"x\" { own(I) if size(I, N), N > 3 nm. score(I, 3 points) if own(I). } }
         notice n2 \"x\" { published 2025-01-01 effective 2025-01-01
            unit points\nrelation own(i: Item)\nrelation other(i: Item)
            clause 1 \"x\" { own(I) if size(I, N), N < 3 nm. other(I) if n1.own(I), own(I). } }
         all(I) if other(I), n1.own(I).",
    );
    let names: Vec<&str> = policy
        .relations
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    for name in ["n1.own", "n2.own", "n1.score", "n2.other"] {
        assert!(names.contains(&name), "{names:?}");
    }
}

#[test]
fn a_name_that_two_notices_have_must_be_told_apart() {
    let two = "type Item\nrelation all(i: Item)
         notice n1 \"x\" { published 2025-01-01 relation own(i: Item) }
         notice n2 \"x\" { published 2025-01-01 relation own(i: Item) }\n";
    assert_eq!(codes(&format!("{two} all(I) if own(I).")), ["E0202"]);
    assert!(codes(&format!("{two} all(I) if n2.own(I).")).is_empty());
    assert!(!codes(&format!("{two} all(I) if n3.own(I).")).is_empty());
}

#[test]
fn events_say_their_id_and_their_day() {
    assert!(codes("type E\ntype P\nevent e(id: E -> p: P, on: date)").is_empty());
    assert!(codes("type E\nevent e(id: E, on: date, signed: date)").is_empty());
    for text in [
        "type E\nevent e(id: E)",
        "type E\nevent e(id: E, day: date)",
        "event e(id: text, on: date)",
        "type E\nevent e(id: E, on: date or none)",
        "type E\nevent e(id: E, other: E -> on: date)",
        "event e()",
    ] {
        assert!(!codes(text).is_empty(), "{text}");
    }
}

#[test]
fn only_inputs_are_dated() {
    assert!(codes("type P\ninput i(p: P) dated").is_empty());
    for kind in ["relation", "judgement", "verdict"] {
        assert!(
            !codes(&format!("type P\n{kind} i(p: P) dated")).is_empty(),
            "{kind}"
        );
    }
}

#[test]
fn a_sentence_names_fields_of_its_relation() {
    assert!(codes("type P\ninput i(p: P) reads \"{p} is {{here}}\"").is_empty());
    assert!(!codes("type P\ninput i(p: P) reads \"{q} is here\"").is_empty());
    assert!(!codes("type P\ninput i(p: P) reads \"{p is here\"").is_empty());
}

#[test]
fn days_are_taken_from_above_each_for_itself() {
    let policy = policy_of(&with_words(
        "notice n \"x\" from 2025-02-01 { published 2025-01-01 reviewed 2026-01-01 unverified \"press\"
            clause 1 \"x\" through 2025-12-31 { a(p). }
            clause 1(1) \"x\" from 2025-03-01 by 9 { a(q). }
            clause 1(2) \"x\" { until 2025-06-01
 a(r). }
            clause 2.a \"x\" { a(s). }
            clause 9 \"x\" { } }",
    ));
    let days = |citation: &str| {
        let clause = policy.clause(clause(&policy, citation));
        (clause.from.date, clause.through.map(|day| day.date))
    };
    let (first, last) = (date("2025-02-01"), Some(date("2025-12-31")));
    assert_eq!(days("n"), (first, None));
    assert_eq!(days("n/1"), (first, last));
    assert_eq!(days("n/1(1)"), (date("2025-03-01"), last));
    assert_eq!(days("n/1(2)"), (first, Some(date("2025-05-31"))));
    assert_eq!(days("n/2.a"), (first, None));
    assert_eq!(
        days("n/2"),
        (first, None),
        "a clause that nobody wrote has the notice's days"
    );
    let inner = policy.clause(clause(&policy, "n/1(1)"));
    assert_eq!(inner.from.set_by, Some(clause(&policy, "n/9")));
    assert_eq!(inner.parent, Some(clause(&policy, "n/1")));
    assert_eq!(inner.reviewed, Some(date("2026-01-01")));
    assert_eq!(inner.unverified.as_deref(), Some("press"));
}

#[test]
fn what_states_no_first_day_is_refused() {
    let notice = |parts: &str| {
        with_words(&format!(
            "notice n \"x\" {{ published 2025-01-01
{parts} }}"
        ))
    };
    for parts in [
        "clause 1 \"x\" { a(p). }",
        "clause 1 \"x\" { }",
        "clause 1 \"x\" through 2025-05-05 { }",
        "a(p).",
        "a(P) if big(P).",
        "never \"x\" if big(P), a(P).",
    ] {
        assert_eq!(codes(&notice(parts)), ["E0302"], "{parts}");
    }
    for parts in [
        "",
        "relation own(p: Party)",
        "clause 1 \"x\" from 2025-01-01 { a(p). }",
    ] {
        assert!(codes(&notice(parts)).is_empty(), "{parts}");
    }
}

#[test]
fn a_notice_without_a_first_day_begins_with_the_first_of_what_it_says() {
    let policy = policy_of(&with_words(
        "notice n \"x\" { published 2025-01-01
            suspends m from 2025-05-01 through 2025-06-01
            clause 1 \"x\" from 2025-07-01 { a(p). }
            clause 2 \"x\" from 2025-04-01 { a(q). } }
         notice m \"x\" { published 2025-01-01 effective 2025-01-01 }",
    ));
    let from = |citation: &str| policy.clause(clause(&policy, citation)).from.date;
    assert_eq!(from("n"), date("2025-04-01"));
    let without = with_words(
        "notice n \"x\" { published 2025-01-01 suspends m }
         notice m \"x\" { published 2025-01-01 effective 2025-01-01 }",
    );
    assert_eq!(codes(&without), ["E0302"]);
}

#[test]
fn a_day_stated_twice_or_backwards_is_refused() {
    let notice = |parts: &str| {
        with_words(&format!(
            "notice n \"x\" {{ published 2025-01-01
{parts} }}"
        ))
    };
    for parts in [
        "effective 2025-01-01 effective 2025-01-02",
        "effective 2025-01-01 through 2025-02-01 until 2025-03-01",
        "effective 2025-01-01 published 2025-01-02",
        "effective 2025-01-01 clause 1 \"x\" from 2025-02-01 { from 2025-03-01 }",
    ] {
        assert_eq!(codes(&notice(parts)), ["E0304"], "{parts}");
    }
    for parts in [
        "effective 2025-01-02 through 2025-01-01",
        "effective 2025-01-02 until 2025-01-02",
        "effective 2025-01-02 suspends n from 2025-03-01 through 2025-02-01",
    ] {
        assert!(codes(&notice(parts)).contains(&"E0305"), "{parts}");
    }
    assert_eq!(codes("notice n \"x\" { effective 2025-01-01 }"), ["E0303"]);
}

#[test]
fn effects_reach_what_lies_under_the_clause_they_name() {
    let policy = policy_of(&with_words(
        "notice n \"x\" from 2025-02-01 { published 2025-01-01
            clause 1(1) \"x\" { a(p). }
            clause 1(2) \"x\" { a(q). }
            clause 10 \"x\" { a(r). } }
         notice m \"x\" { published 2025-01-01
            clause 3 \"x\" from 2025-05-01 { suspends n/1 } }",
    ));
    let effect = &policy.effects[0];
    let targets: Vec<String> = effect
        .targets
        .iter()
        .map(|id| policy.citation(*id))
        .collect();
    let mut sorted = targets.clone();
    sorted.sort();
    assert_eq!(sorted, ["n/1", "n/1(1)", "n/1(2)"]);
    assert_eq!(effect.stretches[0].from, date("2025-05-01"));
    assert_eq!(effect.stretches[0].through, None);
}

#[test]
fn unknown_notices_and_clauses_are_told_with_what_was_probably_meant() {
    let text = with_words(
        "notice mofcom_1 \"x\" from 2025-02-01 { published 2025-01-01 clause 12 \"x\" { a(p). } }
         notice m \"x\" from 2025-02-01 { published 2025-01-01 suspends mofcm_1, mofcom_1/21 }",
    );
    let (_, _, found) = resolve_text(&text);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0].help, ["did you mean `mofcom_1`?"]);
    assert_eq!(found[1].help, ["did you mean `mofcom_1/12`?"]);
}

#[test]
fn rows_of_a_table_are_facts_of_its_clause() {
    let policy = policy_of(&with_words(
        "notice n \"x\" from 2025-02-01 { published 2025-01-01
            clause 1 \"x\" { table c(n, p) {
                1 one
                _ \"two, three\"
            } } }",
    ));
    assert_eq!(policy.facts.len(), 2);
    assert_eq!(policy.facts[0].home, Some(clause(&policy, "n/1")));
    let shown = |fact: &crate::ir::PolicyFact| format!("{:?}", fact.args);
    assert!(
        shown(&policy.facts[1]).contains("two, three") && shown(&policy.facts[1]).contains("None")
    );
}

#[test]
fn wrong_rows_are_each_told_up_to_a_bound() {
    let rows = "x y z\n".repeat(30);
    let (_, _, found) = resolve_text(&with_words(&format!("table c(p, n) {{\n{rows}}}")));
    assert_eq!(found.len(), 21, "{}", found.len());
    assert!(
        !codes(&with_words("table c(n) {\n1\n}")).is_empty(),
        "a field is missing"
    );
    assert!(
        !codes(&with_words("table c(p, q) {\nx y\n}")).is_empty(),
        "no such field"
    );
    assert!(
        !codes(&with_words("table c(p, n) {\nx y\n}")).is_empty(),
        "no number"
    );
}

#[test]
fn an_exemption_means_in_each_clause_what_that_clause_has() {
    let text = |from: &str| {
        with_words(&format!(
            "relation e(p: Party)\ninput mild(p: Party)\ninput bad(p: Party)
             notice n \"x\" from 2025-02-01 {{ published 2025-01-01
                clause 1 \"x\" {{ e(P) if big(P). }}
                clause 2 \"x\" {{ exempt e(P) from 1 if mild(P). }}
                clause 3 \"x\" {{ a(P) if big(P). }}
                clause 4 \"x\" {{ exempt e(P) from {from} if bad(P). }} }}"
        ))
    };
    let policy = policy_of(&text("1, 2"));
    assert_eq!(
        policy.exemptions[1].blocks.len(),
        2,
        "{:?}",
        policy.exemptions[1].blocks
    );
    assert_eq!(codes(&text("1, 3")), ["E0306"]);
    assert_eq!(codes(&text("3")), ["E0306"]);
}

#[test]
fn a_name_in_the_facts_of_a_case_near_another_is_warned_of() {
    let (_, _, found) = resolve_text(
        "type Party\ntype Deal\nevent deal(id: Deal -> buyer: Party, place: Party, on: date)\nverdict v(d: Deal)
         v(D) if deal(D, place: china).
         case \"x\" { deal(t1, acme, chnia, 2025-01-01). deal(t2, acme, china, 2025-01-01). expect v(t2). }",
    );
    let near = found.iter().filter(|one| one.message.contains("chnia"));
    assert_eq!(near.count(), 1, "{found:#?}");
}
