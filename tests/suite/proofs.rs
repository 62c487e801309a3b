//! Proofs: what holds has one, the least; what does not hold has none, and a reason.

pub mod ask;
mod oracle;

use crate::random_policy::random_policy;
use ask::Asked;
use lexlog::ir::{Circumstances, Lifted};

const GRAPH: &str = "
type Node
input edge(from: Node, to: Node)
input short(from: Node, to: Node)
relation path(from: Node, to: Node)
verdict linked(from: Node, to: Node)
path(X, Y) if edge(X, Y).
path(X, Z) if path(X, Y), edge(Y, Z).
linked(X, Y) if path(X, Y).
linked(X, Y) if short(X, Y).
";

#[test]
fn a_recursive_proof_stands_on_facts() {
    let asked = Asked::new(GRAPH, "edge(a, b). edge(b, a). edge(b, c).");
    insta::assert_snapshot!(asked.proof("path(a, c)"), @r#"
    path(a, c) by definition
      path(a, b) by definition
        edge(a, b): facts.lexlog:1
      edge(b, c): facts.lexlog:1
    "#);
    insta::assert_snapshot!(asked.proof("path(a, a)"), @r#"
    path(a, a) by definition
      path(a, b) by definition
        edge(a, b): facts.lexlog:1
      edge(b, a): facts.lexlog:1
    "#);
}

#[test]
fn a_short_way_that_is_found_late_is_the_proof() {
    let facts = "edge(a, b). edge(b, c). edge(c, d). short(a, d).";
    insta::assert_snapshot!(Asked::new(GRAPH, facts).proof("linked(a, d)"), @r#"
    linked(a, d) by definition
      short(a, d): facts.lexlog:1
    "#);
}

const LAW: &str = r#"
type Party
type Item
type Move
type Country = cn | de
event move(id: Move -> who: Party, to: Party, item: Item, on: date)
input foreign(party: Party)
input based(party: Party, country: Country) dated
input humanitarian(id: Move)
input military(id: Move)
input worth(item: Item, part: Item, value: decimal)
judgement potential(item: Item)
relation listed(item: Item)
relation export(id: Move, item: Item)
verdict licence(id: Move)
verdict report(id: Move)
verdict big(id: Move)
export(T, I) if move(T, to: R, item: I), ( foreign(R) or based(R, de) ).
notice n1 "One" {
    published 2025-01-01
    effective 2025-01-01
    reviewed 2025-06-01
    clause 1 "Licence" {
        licence(T) if export(T, I), listed(I).
        listed(furnace).
    }
    clause 2 "Relief" {
        exempt licence(T) from 1 if humanitarian(T).
        report(T) if exempted licence(T) by 2, move(T, on: D).
    }
    clause 3 "No relief for the military" {
        exempt licence(T) from 2 if military(T).
    }
    clause 4 "Value" {
        big(T) if move(T, item: I), V = sum X { worth(I, _, X) }, V >= 10, not potential(I).
    }
}
notice n2 "Pause" {
    published 2025-02-01
    effective 2025-02-01
    suspends n1/1 from 2025-03-01 through 2025-03-31
}
"#;

const FACTS: &str = "
move(m1, acme, rhein, furnace, 2025-02-10).
foreign(rhein).
based(other, de) from 2025-02-01 through 2025-02-15.
move(m2, acme, other, furnace, 2025-02-10).
move(m3, acme, other, furnace, 2025-02-20).
move(m4, acme, rhein, furnace, 2025-03-10).
move(m5, acme, rhein, furnace, 2025-02-11). humanitarian(m5).
move(m6, acme, rhein, furnace, 2025-07-12). humanitarian(m6). military(m6).
worth(furnace, shell, 5). worth(furnace, core, 5). worth(furnace, lid, 5).
not potential(furnace).
";

#[test]
fn a_proof_names_the_clause_its_days_and_the_relief_that_is_not_given() {
    insta::assert_snapshot!(Asked::new(LAW, FACTS).proof("licence(m1)"), @r#"
    licence(m1) by n1/1
      export(m1, furnace) by definition
        move(m1, acme, rhein, furnace, 2025-02-10): facts.lexlog:2
        foreign(rhein): facts.lexlog:3
      listed(furnace) on 2025-02-10: p0.lexlog:25 in n1/1
        n1/1 in force from 2025-01-01 through 2025-02-28 on 2025-02-10
      n1/1 in force from 2025-01-01 through 2025-02-28 on 2025-02-10
      n1/2 does not exempt licence(m1)
        T is m1
        FAILS: no humanitarian(m1)
    "#);
}

#[test]
fn a_dated_fact_is_read_on_the_day_of_the_event() {
    insta::assert_snapshot!(Asked::new(LAW, FACTS).proof("licence(m2)"), @r#"
    licence(m2) by n1/1
      export(m2, furnace) by definition
        move(m2, acme, other, furnace, 2025-02-10): facts.lexlog:5
        based(other, de) on 2025-02-10: facts.lexlog:4
      listed(furnace) on 2025-02-10: p0.lexlog:25 in n1/1
        n1/1 in force from 2025-01-01 through 2025-02-28 on 2025-02-10
      n1/1 in force from 2025-01-01 through 2025-02-28 on 2025-02-10
      n1/2 does not exempt licence(m2)
        T is m2
        FAILS: no humanitarian(m2)
    "#);
    insta::assert_snapshot!(Asked::new(LAW, FACTS).why_not("licence(m3)"), @r#"
    rule of n1/1
      T is m3
      FAILS: no export(m3, _)
    "#);
}

#[test]
fn a_suspended_clause_says_so() {
    insta::assert_snapshot!(Asked::new(LAW, FACTS).why_not("licence(m4)"), @r#"
    rule of n1/1
      T is m4
      I is furnace
      export(m4, furnace) by definition
        move(m4, acme, rhein, furnace, 2025-03-10): facts.lexlog:7
        foreign(rhein): facts.lexlog:3
      FAILS: n1/1 suspended from 2025-03-01 through 2025-03-31 on 2025-03-10
    "#);
}

#[test]
fn what_exempts_is_proved_and_a_report_rests_on_it() {
    insta::assert_snapshot!(Asked::new(LAW, FACTS).why_not("licence(m5)"), @r#"
    rule of n1/1
      T is m5
      I is furnace
      export(m5, furnace) by definition
        move(m5, acme, rhein, furnace, 2025-02-11): facts.lexlog:8
        foreign(rhein): facts.lexlog:3
      listed(furnace) on 2025-02-11: p0.lexlog:25 in n1/1
        n1/1 in force from 2025-01-01 through 2025-02-28 on 2025-02-11
      FAILS: exempted
        n1/2 exempts licence(m5)
          humanitarian(m5): facts.lexlog:8
          n1/2 in force from 2025-01-01 on 2025-02-11
    "#);
    insta::assert_snapshot!(Asked::new(LAW, FACTS).proof("report(m5)"), @r#"
    report(m5) by n1/2
      n1/2 exempts licence(m5)
        would follow
          export(m5, furnace) by definition
            move(m5, acme, rhein, furnace, 2025-02-11): facts.lexlog:8
            foreign(rhein): facts.lexlog:3
          listed(furnace) on 2025-02-11: p0.lexlog:25 in n1/1
            n1/1 in force from 2025-01-01 through 2025-02-28 on 2025-02-11
          n1/1 in force from 2025-01-01 through 2025-02-28 on 2025-02-11
        humanitarian(m5): facts.lexlog:8
        n1/2 in force from 2025-01-01 on 2025-02-11
      move(m5, acme, rhein, furnace, 2025-02-11): facts.lexlog:8
      n1/2 in force from 2025-01-01 on 2025-02-11
    "#);
}

#[test]
fn an_exemption_from_an_exemption_is_shown_and_so_is_a_passed_review() {
    insta::assert_snapshot!(Asked::new(LAW, FACTS).proof("licence(m6)"), @r#"
    licence(m6) by n1/1
      export(m6, furnace) by definition
        move(m6, acme, rhein, furnace, 2025-07-12): facts.lexlog:9
        foreign(rhein): facts.lexlog:3
      listed(furnace) on 2025-07-12: p0.lexlog:25 in n1/1
        n1/1 in force from 2025-04-01 on 2025-07-12
        n1/1 reviewed to 2025-06-01
      n1/1 in force from 2025-04-01 on 2025-07-12
      n1/2 is exempted from for licence(m6)
        n1/3 exempts licence(m6)
          military(m6): facts.lexlog:9
          n1/3 in force from 2025-01-01 on 2025-07-12
          n1/3 reviewed to 2025-06-01
      n1/1 reviewed to 2025-06-01
    "#);
}

#[test]
fn an_aggregate_shows_every_contribution() {
    insta::assert_snapshot!(Asked::new(LAW, FACTS).proof("big(m1)"), @r#"
    big(m1) by n1/4
      move(m1, acme, rhein, furnace, 2025-02-10): facts.lexlog:2
      V = sum 15
        + 5
          worth(furnace, core, 5): facts.lexlog:10
        + 5
          worth(furnace, lid, 5): facts.lexlog:10
        + 5
          worth(furnace, shell, 5): facts.lexlog:10
      V >= 10: 15 AtLeast 10 true
      denied potential(furnace)
      n1/4 in force from 2025-01-01 on 2025-02-10
    "#);
}

#[test]
fn a_missing_event_is_what_fails() {
    insta::assert_snapshot!(Asked::new(LAW, FACTS).why_not("licence(m9)"), @r#"
    rule of n1/1
      T is m9
      FAILS: no export(m9, _)
    "#);
    insta::assert_snapshot!(Asked::new(LAW, FACTS).why_not("foreign(rhine)"), @"near: foreign(rhein)");
}

#[test]
fn what_holds_is_just_what_the_definition_gives() {
    let graph = "edge(a, b). edge(b, a). edge(b, c). short(c, d). short(a, c).";
    oracle::hold_to_the_definition(&Asked::new(GRAPH, graph), &[]);
    oracle::hold_to_the_definition(&Asked::new(LAW, FACTS), &["2025-01-01", "2025-03-10"]);
}

const MORE: &str = r#"
type Party
type Item
type Move
type Grade = low < middle < high
event move(id: Move -> who: Party, to: Party or none, item: Item, on: date)
input owns(owner: Party, owned: Party -> share: decimal %) dated
input part(whole: Item, part: Item -> weight: int)
input bought(party: Party, item: Item)
input grade(item: Item -> grade: Grade)
relation working_day(day: date)
relation black(party: Party)
relation heavy(item: Item, level: int, weight: int)
relation total(item: Item, weight: int)
relation kinds(party: Party, number: int)
relation best(item: Item, grade: Grade)
relation anybody(party: Party)
relation clean(party: Party)
verdict refused(id: Move)
verdict due(id: Move, day: date)
verdict noted(id: Move)
verdict unexempted(id: Move)
verdict pair(a: Move, b: Move)
working_day(2025-03-03). working_day(2025-03-04). working_day(2025-03-06). working_day(2025-06-03). working_day(2025-06-04). working_day(2025-06-05).
heavy(A, 0, W) if part(A, _, W).
heavy(A, N, W) if N = M + 1, N <= 2, part(A, B, _), W = sum X { heavy(B, M, X) }.
total(A, W) if Item(A), W = sum X { part(A, _, X) }.
kinds(P, N) if Party(P), N = count X { bought(P, I), part(I, _, X) }.
best(I, G) if G = max X { grade(P, X), part(I, P) }.
anybody(P) if Party(P).
notice law "Law" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Black list" {
        black(villain).
        clause_black(villain).
    }
    clause 2 "Half owned by black ones" {
        black(P) if owns(O, P, X), black(O), X >= 50%.
        clean(P) if Party(P), not black(P).
    }
    clause 3 "Refused" {
        refused(T) if move(T, to: R), black(R).
        exempt T from 3 if move(T, item: bandage).
    }
    clause 4 "Due" {
        due(T, D + 2 working days) if move(T, on: D), refused(T) by 3.
        noted(T) if move(T, who: P), not refused(T) by 3.
        unexempted(T) if move(T, to: R), not exempted refused(T) by 3.
        pair(A, B) on D if move(A, on: D), move(B, on: E), A != B, D >= E, black(villain).
    }
    relation clause_black(party: Party)
}
notice later "Later" {
    published 2025-06-01
    effective 2025-06-01
    replaces law/3
    clause 1 "Refused now" {
        refused(T) if move(T, to: R), black(R).
    }
}
"#;

const MORE_FACTS: &str = "
move(m1, acme, villain, sword, 2025-03-03).
move(m2, acme, villain, bandage, 2025-03-03).
move(m3, acme, half, sword, 2025-03-03).
move(m4, acme, half, sword, 2025-03-20).
move(m5, acme, item: sword, on: 2025-03-04).
move(m7, acme, villain, sword, 2025-06-03).
move(m8, acme, villain, bandage, 2025-06-03).
owns(villain, half, 50) from 2025-02-01 through 2025-03-10.
owns(half, quarter, 60).
part(sword, blade, 5). part(sword, grip, 5). part(blade, steel, 4). part(steel, ore, 9).
bought(acme, sword). bought(acme, blade).
grade(blade, high). grade(grip, low).
";

fn more() -> Asked {
    let rule = "notice calendar \"C\" { published 2025-01-01 effective 2025-01-01 }";
    Asked::under(Circumstances::default(), &[MORE, rule], MORE_FACTS)
}

#[test]
fn every_construct_means_what_the_definition_says() {
    let days = [
        "2025-01-01",
        "2025-02-01",
        "2025-03-03",
        "2025-03-10",
        "2025-03-11",
        "2025-06-01",
    ];
    assert!(oracle::hold_to_the_definition(&more(), &days) > 40);
}

#[test]
fn a_standing_conclusion_is_proved_on_its_day() {
    insta::assert_snapshot!(more().proof("black(quarter) on 2025-03-03"), @r#"
    black(quarter) on 2025-03-03 by law/2
      owns(half, quarter, 60%) on 2025-03-03: facts.lexlog:10
      black(half) on 2025-03-03 by law/2
        owns(villain, half, 50%) on 2025-03-03: facts.lexlog:9
        black(villain) on 2025-03-03: p0.lexlog:35 in law/1
          law/1 in force from 2025-01-01 on 2025-03-03
        X >= 50%: 50% AtLeast 50% true
        law/2 in force from 2025-01-01 on 2025-03-03
      X >= 50%: 60% AtLeast 50% true
      law/2 in force from 2025-01-01 on 2025-03-03
    "#);
    insta::assert_snapshot!(more().why_not("black(quarter) on 2025-03-11"), @r#"
    rule of law/2
      P is quarter
      O is half
      X is 60%
      owns(half, quarter, 60%) on 2025-03-11: facts.lexlog:10
      FAILS: no black(half) on 2025-03-11
    facts of law/1
      FAILS: no black(quarter) on 2025-03-11
    "#);
    insta::assert_snapshot!(more().proof("clean(acme) on 2025-03-03"), @r#"
    clean(acme) on 2025-03-03 by law/2
      Party(acme): named
      no black(acme) on 2025-03-03
        rule of law/2
          P is acme
          FAILS: no owns(_, acme, _) on 2025-03-03
      law/2 in force from 2025-01-01 on 2025-03-03
    "#);
}

#[test]
fn an_empty_group_counts_and_distinct_terms_count_once() {
    insta::assert_snapshot!(more().proof("total(grip, W)"), @r#"
    total(grip, 0) by definition
      Item(grip): named
      W = sum 0
    "#);
    insta::assert_snapshot!(more().proof("kinds(acme, N)"), @r#"
    kinds(acme, 2) by definition
      Party(acme): named
      N = count 2
        + 4
          bought(acme, blade): facts.lexlog:12
          part(blade, steel, 4): facts.lexlog:11
        + 5
          bought(acme, sword): facts.lexlog:12
          part(sword, blade, 5): facts.lexlog:11
    "#);
    insta::assert_snapshot!(more().proof("best(sword, G)"), @r#"
    best(sword, high) by definition
      G = max high
        + high
          grade(blade, high): facts.lexlog:13
          part(sword, blade, 5): facts.lexlog:11
        + low
          grade(grip, low): facts.lexlog:13
          part(sword, grip, 5): facts.lexlog:11
    "#);
    insta::assert_snapshot!(more().proof("heavy(sword, 1, W)"), @r#"
    heavy(sword, 1, 4) by definition
      N = M + 1: 1 Equal 1 true
      N <= 2: 1 AtMost 2 true
      part(sword, blade, 5): facts.lexlog:11
      W = sum 4
        + 4
          heavy(blade, 0, 4) by definition
            part(blade, steel, 4): facts.lexlog:11
    "#);
}

#[test]
fn by_a_clause_reaches_the_one_that_replaces_it() {
    insta::assert_snapshot!(more().proof("due(m1, D)"), @r#"
    due(m1, 2025-03-06) by law/4
      move(m1, acme, villain, sword, 2025-03-03): facts.lexlog:2
      refused(m1) by law/3
        move(m1, acme, villain, sword, 2025-03-03): facts.lexlog:2
        black(villain) on 2025-03-03: p0.lexlog:35 in law/1
          law/1 in force from 2025-01-01 on 2025-03-03
        law/3 in force from 2025-01-01 through 2025-05-31 on 2025-03-03
        law/3 does not exempt refused(m1)
          T is m1
          FAILS: no move(m1, _, _, bandage, _)
      D + 2 working days: 2025-03-06 Equal 2025-03-06 true
      law/4 in force from 2025-01-01 on 2025-03-03
    "#);
    insta::assert_snapshot!(more().proof("noted(m2)"), @r#"
    noted(m2) by law/4
      move(m2, acme, villain, bandage, 2025-03-03): facts.lexlog:3
      no refused(m2) by law/3
        rule of later/1
          T is m2
          R is villain
          move(m2, acme, villain, bandage, 2025-03-03): facts.lexlog:3
          black(villain) on 2025-03-03: p0.lexlog:35 in law/1
            law/1 in force from 2025-01-01 on 2025-03-03
          FAILS: later/1 not yet through 2025-05-31 on 2025-03-03
        rule of law/3
          T is m2
          R is villain
          move(m2, acme, villain, bandage, 2025-03-03): facts.lexlog:3
          black(villain) on 2025-03-03: p0.lexlog:35 in law/1
            law/1 in force from 2025-01-01 on 2025-03-03
          FAILS: exempted
            law/3 exempts refused(m2)
              move(m2, acme, villain, bandage, 2025-03-03): facts.lexlog:3
              law/3 in force from 2025-01-01 through 2025-05-31 on 2025-03-03
      law/4 in force from 2025-01-01 on 2025-03-03
    "#);
    insta::assert_snapshot!(more().proof("refused(m7)"), @r#"
    refused(m7) by later/1
      move(m7, acme, villain, sword, 2025-06-03): facts.lexlog:7
      black(villain) on 2025-06-03: p0.lexlog:35 in law/1
        law/1 in force from 2025-01-01 on 2025-06-03
      later/1 in force from 2025-06-01 on 2025-06-03
      law/3 does not exempt refused(m7)
        FAILS: law/3 replaced from 2025-06-01 on 2025-06-03
    "#);
    insta::assert_snapshot!(more().proof("refused(m8)"), @r#"
    refused(m8) by later/1
      move(m8, acme, villain, bandage, 2025-06-03): facts.lexlog:8
      black(villain) on 2025-06-03: p0.lexlog:35 in law/1
        law/1 in force from 2025-01-01 on 2025-06-03
      later/1 in force from 2025-06-01 on 2025-06-03
      law/3 does not exempt refused(m8)
        FAILS: law/3 replaced from 2025-06-01 on 2025-06-03
    "#);
    insta::assert_snapshot!(more().proof("unexempted(m3)"), @r#"
    unexempted(m3) by law/4
      move(m3, acme, half, sword, 2025-03-03): facts.lexlog:4
      not exempted refused(m3) by law/3
      law/4 in force from 2025-01-01 on 2025-03-03
    "#);
    insta::assert_snapshot!(more().proof("pair(m4, m1)"), @r#"
    pair(m4, m1) by law/4
      move(m4, acme, half, sword, 2025-03-20): facts.lexlog:5
      move(m1, acme, villain, sword, 2025-03-03): facts.lexlog:2
      A != B: m4 NotEqual m1 true
      D >= E: 2025-03-20 AtLeast 2025-03-03 true
      black(villain) on 2025-03-20: p0.lexlog:35 in law/1
        law/1 in force from 2025-01-01 on 2025-03-20
      law/4 in force from 2025-01-01 on 2025-03-20
    "#);
    insta::assert_snapshot!(more().proof("anybody(quarter)"), @r#"
    anybody(quarter) by definition
      Party(quarter): named
    "#);
}

#[test]
fn the_order_of_files_rules_and_rows_does_not_show() {
    let proofs = |policy: &str, facts: &str| {
        let asked = Asked::new(policy, facts);
        let lines = asked.proof("path(a, d)") + &asked.why_not("path(d, a)");
        let without_place = |line: &str| line.split(": facts").next().unwrap_or("").to_owned();
        lines.lines().map(without_place).collect::<Vec<String>>()
    };
    let facts = "edge(a, b). edge(b, d). edge(a, c). edge(c, d). short(a, c).";
    let turned = "short(a, c). edge(c, d). edge(a, c). edge(b, d). edge(a, b).";
    let mut lines: Vec<&str> = GRAPH.trim().lines().collect();
    lines.reverse();
    let renamed = lines.join("\n").replace('X', "First");
    let turned = proofs(&renamed, turned).into_iter();
    let turned: Vec<String> = turned.map(|line| line.replace("First", "X")).collect();
    assert_eq!(proofs(GRAPH, facts), turned);
}

#[test]
fn a_proof_as_high_as_a_long_chain_is_found_without_going_deep() {
    let policy = "type N input start(n: N) input edge(a: N, b: N) relation reach(n: N)
        reach(X) if start(X). reach(Y) if reach(X), edge(X, Y).";
    let edges = (0..20_000).map(|at| format!("edge(n{at}, n{}).", at + 1));
    let facts = edges.collect::<Vec<String>>().join(" ") + " start(n0).";
    let asked = Asked::new(policy, &facts);
    let query = asked.query("reach(n20000)");
    let steps = asked.ask(|world| {
        let claims = world.answers(&query);
        world.prove(&claims[0]).map(|proof| proof.steps.len())
    });
    assert_eq!(steps, Some(40_002));
}

#[test]
fn who_gives_a_fact_and_what_exempts_it_can_be_asked() {
    let asked = Asked::new(LAW, FACTS);
    let clauses = |claim: &str| {
        let query = asked.query(claim);
        asked.ask(|world| {
            let claim = &world.answers(&query)[0];
            let given_by = world.given_by(claim).into_iter();
            let cited = given_by.map(|clause| asked.policy.citation(clause));
            (
                cited.collect::<Vec<String>>(),
                world.prover().marks(claim).beyond_review,
            )
        })
    };
    assert_eq!(clauses("licence(m1)"), (vec!["n1/1".to_owned()], false));
    assert_eq!(clauses("licence(m6)"), (vec!["n1/1".to_owned()], true));
    let exempted = |claim: &str| {
        let query = asked.query(claim);
        let pattern = ask::pattern(&asked.policy, &query);
        let args = pattern.args.into_iter().flatten().collect();
        let claim = lexlog::proof::Claim {
            relation: pattern.relation,
            args,
            day: None,
        };
        asked.ask(|world| world.is_exempted(&claim, None))
    };
    assert_eq!(
        [
            exempted("licence(m5)"),
            exempted("licence(m6)"),
            exempted("licence(m4)")
        ],
        [true, false, false]
    );
}

#[test]
fn random_policies_mean_what_the_definition_says() {
    let days = ["2025-01-01", "2025-01-08", "2025-01-13", "2025-01-25"];
    let mut proofs = 0;
    for seed in 1_000..1_100 {
        let random = random_policy(seed);
        let mut circumstances = Circumstances::default();
        match seed % 4 {
            0 => circumstances.as_of = "2025-01-12".parse().ok(),
            1 => circumstances.exemptions_lifted = Lifted::All,
            2 => circumstances.suspensions_lifted = Lifted::All,
            _ => {}
        }
        let asked = Asked::under(circumstances, &[&random.policy()], &random.facts());
        proofs += oracle::hold_to_the_definition(&asked, &days);
    }
    assert!(proofs > 1_000);
}

#[test]
fn what_a_proof_does_not_name_can_be_taken_away() {
    let days = ["2025-01-01", "2025-01-08", "2025-01-13", "2025-01-25"];
    let mut kept = 0;
    for seed in 2_000..2_100 {
        let random = random_policy(seed);
        let asked = Asked::new(&random.policy(), &random.facts());
        kept += oracle::hold_to_what_is_named(asked, &days);
    }
    assert!(kept > 10_000, "{kept}");
}

/// Proofs of `linked(a, z)` through ever more nodes, with a cycle at each.
fn ladder(rungs: usize) -> String {
    let mut facts = String::new();
    for at in 0..rungs {
        let (from, to) = (format!("n{at}"), format!("n{}", at + 1));
        facts += &format!("edge({from}, up{at}). edge({from}, down{at}). edge(up{at}, {to}). ");
        facts += &format!("edge(down{at}, {to}). edge({to}, {from}).\n");
    }
    facts
}

fn proofs_of(asked: &Asked, query: &str, limit: usize) -> (Vec<String>, bool) {
    let query = asked.query(query);
    asked.ask(|world| {
        let claims = world.answers(&query);
        let proofs = world.prover().proofs(&claims[0], limit);
        let outlines = proofs.list.iter().map(|proof| asked.outline(proof));
        (outlines.collect(), proofs.has_more)
    })
}

#[test]
fn all_proofs_come_in_order_each_once_and_none_rests_on_itself() {
    let asked = Asked::new(
        GRAPH,
        "edge(a, b). edge(b, a). edge(b, c). short(a, c). edge(a, d). edge(d, c).",
    );
    let (list, has_more) = proofs_of(&asked, "linked(a, c)", 10);
    insta::assert_snapshot!(list.join("---\n"), @"
    linked(a, c) by definition
      short(a, c): facts.lexlog:1
    ---
    linked(a, c) by definition
      path(a, c) by definition
        path(a, b) by definition
          edge(a, b): facts.lexlog:1
        edge(b, c): facts.lexlog:1
    ---
    linked(a, c) by definition
      path(a, c) by definition
        path(a, d) by definition
          edge(a, d): facts.lexlog:1
        edge(d, c): facts.lexlog:1
    ---
    linked(a, c) by definition
      path(a, c) by definition
        path(a, d) by definition
          path(a, a) by definition
            path(a, b) by definition
              edge(a, b): facts.lexlog:1
            edge(b, a): facts.lexlog:1
          edge(a, d): facts.lexlog:1
        edge(d, c): facts.lexlog:1
    ");
    assert!(!has_more);
    let (list, has_more) = proofs_of(&Asked::new(GRAPH, &ladder(3)), "linked(n0, n3)", 100);
    assert_eq!((list.len(), has_more), (8, false));
    let distinct: std::collections::BTreeSet<&String> = list.iter().collect();
    assert_eq!(distinct.len(), list.len());
}

#[test]
fn a_fact_with_very_many_proofs_answers_all_the_same() {
    let (list, has_more) = proofs_of(&Asked::new(GRAPH, &ladder(60)), "linked(n0, n60)", 5);
    assert_eq!((list.len(), has_more), (5, true));
}

#[test]
fn what_is_combined_inside_braces_is_limited_like_everything_else() {
    let policy = "
type Item
input part(id: Item -> weight: int)
verdict total(n: int)
total(N) if N = sum V + W { part(A, V), part(B, W) }.
";
    let parts: Vec<String> = (0..200).map(|at| format!("part(i{at}, 1).")).collect();
    let asked = Asked::new(policy, &parts.join(" "));
    assert_eq!(asked.beyond(100_000), None);
    let told = asked.beyond(10_000).expect("there are 40,000 pairs");
    insta::assert_snapshot!(told, @r"
    error[E0601]: more than 10,000 facts follow; the last one made is `A = i50`,
                  `V = 1`, `B = i0`, `W = 1` in the braces
     --> p0.lexlog:5:1
      |
    5 | total(N) if N = sum V + W { part(A, V), part(B, W) }.
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ by this rule
      |
      = help: see whether the conditions of this rule belong together: where
              they share no variable, everything is combined with everything
      = help: a rule that makes new values out of its own conclusions never
              ends: add a condition that stops it, such as `N < 100`

    1 error
    ");
}
