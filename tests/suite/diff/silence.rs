//! What is written otherwise and says the same is no change; what is proved by the same facts and clauses stands on the same
//! ground.

use super::{NOTHING, RULES, SALES, WORDS, changed, compared, with};

/// A policy in which a threshold, two ways and a number of each kind decide.
const LAW: &str = r#"type Id
type Good = wine | beer | water
type Town
unit m
unit km = 1000 m
event sale(id: Id -> good: Good, to: Town, on: date)
input part(sale: Id, share: decimal %)
input away(sale: Id, far: decimal km)
input armed(town: Town)
relation strong(good: Good)
relation weak(good: Good)
verdict barred(sale: Id)
strong(wine).
notice n "N" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Share" { barred(S) if sale(S, good: G), part(S, P), P >= 0.1%, strong(G). }
    clause 2 "Ways" { barred(S) if sale(S, to: T, good: G), ( armed(T) or G = water ), not weak(G). }
    clause 3 "Far" { barred(S) if away(S, F), F > 2 km, sale(S). }
}
"#;
const CASES: &str = r#"case "all" {
    sale(s1, good: wine, to: lima, on: 2025-02-02).
    part(s1, 3%).
    sale(s2, good: beer, to: bonn, on: 2025-02-02).
    armed(bonn).
    sale(s3, good: water, to: lima, on: 2025-02-02).
    away(s3, 5 km).
}
"#;

/// What is said of the policy with some words in the place of others.
fn written(old: &str, new: &str) -> String {
    assert!(LAW.contains(old), "there is no `{old}`");
    let after = LAW.replacen(old, new, 1);
    let run = compared(&[("law.lexlog", LAW)], &[("law.lexlog", &after)], CASES);
    let back = compared(&[("law.lexlog", &after)], &[("law.lexlog", LAW)], CASES);
    let is_nothing = |run: &str| run.starts_with(NOTHING);
    assert_eq!(is_nothing(&run), is_nothing(&back), "{run}\n{back}");
    run
}

#[test]
fn the_same_in_other_words_is_no_change() {
    let edits = [
        // Another way to write a number.
        ("P >= 0.1%", "P >= 0.001"),
        ("F > 2 km", "F > 2000 m"),
        // Twice.
        ("strong(G). }", "strong(G), strong(G). }"),
        ("strong(wine).", "strong(wine). strong(wine)."),
        ("P >= 0.1%", "0.1% <= P, P >= 0.001"),
        // One rule or two, a literal in each way or behind both.
        (
            "sale(S, to: T, good: G), ( armed(T) or G = water ), not weak(G).",
            "sale(S, to: T, good: G), armed(T), not weak(G). barred(S) if sale(S, to: T, good: G), G = water, not weak(G).",
        ),
        (
            "( armed(T) or G = water ), not weak(G)",
            "( not weak(G), armed(T) or G = water, not weak(G) )",
        ),
    ];
    for (old, new) in edits {
        assert_eq!(written(old, new), format!("{NOTHING}exit 0"), "{new}");
    }
}

#[test]
fn a_way_more_or_less_is_an_edit() {
    insta::assert_snapshot!(written("( armed(T) or G = water )", "armed(T)"), @r"
    1 change, asked about in 1 case: 1 verdict differs

    1. n/2: the rule for `barred` is edited
         old/law.lexlog:18
       - barred(S) if sale(S, to: T, good: G), ( armed(T) or G = water ), not weak(G).
         new/law.lexlog:18
       + barred(S) if sale(S, to: T, good: G), armed(T), not weak(G).

       on another ground: barred(s3) [“all”]
    exit 1
    ");
}

#[test]
fn a_suspension_of_two_is_a_suspension_of_each() {
    let pause = |of: &str| RULES.replace("suspends n/2 from", &format!("suspends {of} from"));
    let both = pause("n/1, n/2");
    let each = pause("n/1").replace(
        "    suspends",
        "    suspends n/2 from 2025-06-01 through 2025-06-30 if paused()\n    suspends",
    );
    let run = compared(
        &with("rules.lexlog", &both),
        &with("rules.lexlog", &each),
        SALES,
    );
    assert_eq!(run, format!("{NOTHING}exit 0"));
}

/// Of a member known by several names, the columns may stand in any order; a member more is a change.
#[test]
fn other_names_may_stand_in_other_columns() {
    let before = "name,code,title\nbonn,BN,Bonn\nkoeln,K,Cologne\nlima,L,Lima\n";
    let after = "name,title,code\nbonn,Bonn,BN\nkoeln,Cologne,K\nlima,Lima,L\n";
    let run = compared(&with("towns.csv", before), &with("towns.csv", after), SALES);
    assert_eq!(run, format!("{NOTHING}exit 0"));
}

#[test]
fn a_definition_taken_out_or_put_in_is_no_other_ground() {
    let declared = "relation heavy(sale: Id)\nverdict";
    let out = LAW
        .replacen("verdict", declared, 1)
        .replace("part(S, P), P >= 0.1%, strong(G).", "heavy(S), strong(G).");
    let top = out.replace(
        "strong(wine).",
        "strong(wine). heavy(S) if part(S, P), P >= 0.1%.",
    );
    let inside = out.replace(
        "heavy(S), strong(G).",
        "heavy(S), strong(G). heavy(S) if part(S, P), P >= 0.1%.",
    );
    for after in [top, inside] {
        for (before, after) in [(LAW, after.as_str()), (after.as_str(), LAW)] {
            let run = compared(&[("law.lexlog", before)], &[("law.lexlog", after)], CASES);
            assert!(run.contains(": no verdict differs\n"), "{run}");
        }
    }
}

#[test]
fn another_fact_or_number_is_another_ground() {
    insta::assert_snapshot!(written("P >= 0.1%", "P >= 0.2%"), @r"
    1 change, asked about in 1 case: 1 verdict differs

    1. n/1: the rule for `barred` is edited
         old/law.lexlog:17
       - barred(S) if sale(S, good: G), part(S, P), P >= 0.1%, strong(G).
         new/law.lexlog:17
       + barred(S) if sale(S, good: G), part(S, P), P >= 0.2%, strong(G).

       on another ground: barred(s1) [“all”]
    exit 1
    ");
    insta::assert_snapshot!(written("P >= 0.1%, strong(G)", "P >= 0.1%"), @r"
    1 change, asked about in 1 case: 1 verdict differs

    1. n/1: the rule for `barred` is edited
         old/law.lexlog:17
       - barred(S) if sale(S, good: G), part(S, P), P >= 0.1%, strong(G).
         new/law.lexlog:17
       + barred(S) if sale(S, good: G), part(S, P), P >= 0.1%.

       on another ground: barred(s1) [“all”]
    exit 1
    ");
}

/// What a new notice declares for itself is part of the notice, also where it has the name of something outside.
#[test]
fn what_a_new_notice_declares_belongs_to_it() {
    let new = format!(
        "{RULES}notice q \"Q\" {{\n    published 2025-01-02\n    effective 2025-01-02\n    relation near(town: Town)\n    \
         clause 1 \"Lima\" {{ near(lima). answer_due(S, 2030-01-01) if sale(S, to: T), near(T). }}\n}}\n"
    );
    let sales = "case \"lima\" { sale(s1, to: lima, on: 2025-02-02). }\n";
    insta::assert_snapshot!(compared(&with("", ""), &with("rules.lexlog", &new), sales), @r#"
    1 change, asked about in 1 case: 1 verdict differs

    1. q/1 is added
         new/rules.lexlog:16
       + clause 1 "Lima" { near(lima). answer_due(S, 2030-01-01) if sale(S, to: T), near(T). }

       gained: answer_due(s1, 2030-01-01) [“lima”]
    exit 1
    "#);
    insta::assert_snapshot!(compared(&with("rules.lexlog", &new), &with("", ""), sales), @r#"
    1 change, asked about in 1 case: 1 verdict differs

    1. q/1 is removed
         old/rules.lexlog:16
       - clause 1 "Lima" { near(lima). answer_due(S, 2030-01-01) if sale(S, to: T), near(T). }

       lost: answer_due(s1, 2030-01-01) [“lima”]
    exit 1
    "#);
    let run = changed(
        "words.lexlog",
        &WORDS.replace("type Id", "type Id # of a sale"),
    );
    assert_eq!(run, format!("{NOTHING}exit 0"));
}

#[test]
fn days_may_be_stated_where_they_were_meant() {
    let stated = RULES.replace("\"Abroad\" {", "\"Abroad\" from 2025-01-01 {");
    assert_ne!(stated, RULES);
    assert_eq!(changed("rules.lexlog", &stated), format!("{NOTHING}exit 0"));
}

#[test]
fn a_never_that_is_worded_otherwise_is_one_change() {
    let never = |message: &str| format!("{WORDS}never \"{message}\" if sale(S, to: bonn).\n");
    let (before, after) = (never("to Bonn"), never("towards Bonn"));
    let run = compared(
        &with("words.lexlog", &before),
        &with("words.lexlog", &after),
        SALES,
    );
    assert!(run.starts_with("1 change, "), "{run}");
    assert!(
        run.contains("\n1. the `never` “towards Bonn” is edited\n"),
        "{run}"
    );
}

/// The facts of cases are told to the old policy by their names, whether those are open or listed there.
#[test]
fn a_field_of_another_type_keeps_its_facts() {
    let types = ["type Town\n", "type Town = bonn | lima\n"];
    for (before, after) in [(types[0], types[1]), (types[1], types[0])] {
        let law = |town: &str| LAW.replacen("type Town\n", town, 1);
        let (old, new) = (law(before), law(after));
        let run = compared(&[("law.lexlog", &old)], &[("law.lexlog", &new)], CASES);
        assert!(
            run.starts_with("1 change, asked about in 1 case: no verdict differs\n"),
            "{run}"
        );
    }
}
