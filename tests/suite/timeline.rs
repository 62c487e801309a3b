//! Timelines: what is told of a few stretches is what holds day by day; and what a reader sees.

use crate::command::{lexlog, root};
use crate::random::session;
use crate::random_policy::{Dice, random_policy};
use lexlog::facts::Facts;
use lexlog::ir::{Circumstances, Query};
use lexlog::report::Standing;
use lexlog::session::Session;
use lexlog::value::{Date, FIRST_DAY, LAST_DAY};
use std::collections::BTreeSet;
use std::fmt::Write;

fn day(text: &str) -> Date {
    text.parse().expect("it is a day")
}

/// What is asked: the answers on a day, each with whether it is open.
fn on_day(
    session: &Session,
    facts: &Facts,
    query: &Query,
    day: Date,
) -> BTreeSet<(String, Standing)> {
    let is_standing = session.policy.relation(query.atom.relation).standing;
    let circumstances = Circumstances {
        as_of: (!is_standing).then_some(day),
        ..Circumstances::default()
    };
    let evaluated = session.run(facts, &circumstances).expect("it runs");
    let query = Query {
        on: is_standing.then_some(day),
        ..query.clone()
    };
    told(session, session.answers(&evaluated, &query))
}

fn told(session: &Session, verdicts: Vec<lexlog::report::Verdict>) -> BTreeSet<(String, Standing)> {
    let verdicts = verdicts.into_iter();
    verdicts
        .map(|verdict| {
            let atom = session
                .context()
                .atom(verdict.claim.relation, &verdict.claim.args);
            (atom, verdict.standing)
        })
        .collect()
}

/// First day, last day, and how the answer stands on them.
type Days = (Date, Date, Option<Standing>);

/// What a timeline says, day by day.
struct DayByDay {
    lines: Vec<(String, Vec<Days>)>,
}

impl DayByDay {
    fn of(session: &Session, facts: &Facts, query: &Query) -> DayByDay {
        let found = session
            .timeline(facts, &Circumstances::default(), query)
            .expect("it runs");
        assert_eq!(found.more, 0);
        let lines = found.lines.iter().filter_map(|line| {
            let claim = line.claim.as_ref()?;
            let stretches = line.stretches.iter().map(|stretch| {
                assert!(stretch.explained.is_some());
                (
                    stretch.from,
                    stretch.through,
                    stretch.verdict.as_ref().map(|verdict| verdict.standing),
                )
            });
            let stretches: Vec<_> = stretches.collect();
            assert_eq!(stretches[0].0, FIRST_DAY);
            assert_eq!(stretches[stretches.len() - 1].1, LAST_DAY);
            for stretch in &line.stretches[1..] {
                assert!(!stretch.causes.is_empty(), "a change has a cause");
            }
            let atom = session.context().atom(claim.relation, &claim.args);
            Some((atom, stretches))
        });
        DayByDay {
            lines: lines.collect(),
        }
    }

    fn on(&self, day: Date) -> BTreeSet<(String, Standing)> {
        let lines = self.lines.iter().filter_map(|(atom, stretches)| {
            let at = stretches.partition_point(|(_, through, _)| *through < day);
            stretches[at].2.map(|standing| (atom.clone(), standing))
        });
        lines.collect()
    }
}

/// Notices with days anywhere in thirty years, some of which pause, end or relieve from others.
fn thirty_years(seed: u64) -> (String, String) {
    let mut dice = Dice::new(seed);
    let date = |dice: &mut Dice| {
        format!(
            "{}-{:02}-{:02}",
            2000 + dice.below(30),
            1 + dice.below(12),
            1 + dice.below(28)
        )
    };
    let mut policy = String::from(
        "type Party\ntype Transfer
event transfer(id: Transfer -> recipient: Party, on: date)
input owned(party: Party) dated
judgement goes_on()
relation listed(party: Party)
verdict licence(transfer: Transfer)\n",
    );
    for number in 0..5 {
        let stretch = |dice: &mut Dice, least: &str| {
            let (one, other) = (date(dice), date(dice));
            let (from, through) = if one <= other {
                (one, other)
            } else {
                (other, one)
            };
            match dice.below(3) {
                0 => format!(" {least} {from}"),
                _ => format!(" {least} {from} through {through}"),
            }
        };
        let effective = stretch(&mut dice, "effective");
        write!(
            policy,
            "notice n{number} \"N\" {{\n published 2000-01-01\n{effective}\n"
        )
        .expect("written");
        if number > 0 {
            let target = format!("n{}", dice.below(number));
            let verb = *dice.pick(&["suspends", "suspends", "suspends", "repeals", "replaces"]);
            let days = |dice: &mut Dice| match verb {
                "repeals" => format!(" from {}", date(dice)),
                _ => stretch(dice, "from"),
            };
            match dice.below(3) {
                0 => {}
                1 => {
                    let days = days(&mut dice);
                    let condition = if dice.chance(40) && verb == "suspends" {
                        " if goes_on()"
                    } else {
                        ""
                    };
                    writeln!(policy, " {verb} {target}/1{days}{condition}").expect("written");
                }
                _ => {
                    let days = days(&mut dice);
                    writeln!(policy, " {verb} {target}{days}").expect("written");
                }
            }
        }
        let party = *dice.pick(&["acme", "bolt"]);
        let own = stretch(&mut dice, "from");
        let rule = *dice.pick(&[
            "licence(T) if transfer(T, P, _), listed(P).",
            "licence(T) if transfer(T, P, _), owned(P).",
            "licence(T) if transfer(T, P, _), not listed(P), owned(P).",
        ]);
        write!(
            policy,
            " clause 1 \"One\" {{ listed({party}). {rule} }}\n clause 2 \"Two\"{own} {{ listed(core) if listed({party}). {rule} }}\n"
        )
        .expect("written");
        if dice.chance(50) {
            let relief = stretch(&mut dice, "from");
            writeln!(
                policy,
                " clause 3 \"Three\"{relief} {{ exempt licence(T) from 1 if transfer(T, bolt, _). }}"
            )
            .expect("written");
        }
        policy.push_str("}\n");
    }
    let mut facts = String::from(
        "transfer(t1, acme, 2010-05-05). transfer(t2, bolt, 2015-05-05). transfer(t3, core, 2015-05-05).\n",
    );
    for party in ["acme", "bolt", "core"] {
        let (one, other) = (date(&mut dice), date(&mut dice));
        let (from, through) = if one <= other {
            (one, other)
        } else {
            (other, one)
        };
        writeln!(facts, "owned({party}) from {from} through {through}.").expect("written");
    }
    (policy, facts)
}

#[test]
fn a_timeline_is_what_holds_day_by_day_over_thirty_years() {
    let (first, last) = (day("1999-12-30"), day("2030-01-05"));
    let mut changes = 0;
    for seed in 0..15 {
        let (policy, facts) = thirty_years(seed);
        let (mut session, facts) = session(&[policy], &facts);
        let query = session.query("listed(P)").expect("a query");
        let told_of = DayByDay::of(&session, &facts, &query);
        changes += told_of.lines.iter().map(|it| it.1.len()).sum::<usize>();
        let evaluated = session
            .run(&facts, &Circumstances::default())
            .expect("it runs");
        let mut at = first;
        while at <= last {
            let query = Query {
                on: Some(at),
                ..query.clone()
            };
            let right = told(&session, session.answers(&evaluated, &query));
            assert_eq!(told_of.on(at), right, "seed {seed}, {at}");
            at = at.tomorrow().expect("there is one");
        }
        if seed > 0 {
            continue;
        }
        let query = session.query("licence(T)").expect("a query");
        let told_of = DayByDay::of(&session, &facts, &query);
        let mut at = first;
        while at <= last {
            let right = on_day(&session, &facts, &query, at);
            assert_eq!(told_of.on(at), right, "seed {seed}, {at}");
            at = at.tomorrow().expect("there is one");
        }
    }
    assert!(changes > 75, "{changes}");
}

#[test]
fn a_timeline_of_a_random_policy_is_what_holds_day_by_day() {
    let (first, last) = (day("2024-12-25"), day("2025-02-05"));
    for seed in 0..8 {
        let random = random_policy(seed);
        let (mut session, facts) = session(&random.pieces, &random.facts());
        let names: Vec<String> = session
            .policy
            .relations
            .iter()
            .filter(|it| it.standing || it.name.starts_with('v'))
            .filter(|it| !it.name.contains(' ') && !it.fields.is_empty())
            .map(|it| format!("{}({})", it.name, vec!["_"; it.fields.len()].join(", ")))
            .take(2)
            .collect();
        for atom in names {
            let query = session.query(&atom).expect("a query");
            let told_of = DayByDay::of(&session, &facts, &query);
            let mut at = first;
            while at <= last {
                let right = on_day(&session, &facts, &query, at);
                assert_eq!(told_of.on(at), right, "seed {seed}, {atom}, {at}");
                at = at.tomorrow().expect("there is one");
            }
        }
    }
}

const POLICY: &str = "tests/examples/settled.lexlog";

fn told_as(name: &str, arguments: &[&str]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("tests/examples/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, lexlog(arguments).transcript()));
}

#[test]
fn a_timeline_tells_each_change_with_its_cause_and_the_proofs_on_both_sides() {
    let case = "The pause has ended, and a bank is presumed not to be careful";
    let asked = ["timeline", POLICY, "--case", case, "licence(t1)"];
    told_as("timeline", &asked);
    let case = "Nobody has said whether the pause goes on";
    let asked = [
        "timeline",
        POLICY,
        "--case",
        case,
        "licence(t1)",
        "--brief",
        "--format",
        "json",
    ];
    told_as("timeline_json", &asked);
}

#[test]
fn a_timeline_without_an_atom_lists_the_regimes() {
    told_as("regimes", &["timeline", POLICY]);
    told_as("regimes_json", &["timeline", POLICY, "--format", "json"]);
    let run = lexlog(&["timeline", POLICY, "--as-of", "2025-05-05"]);
    insta::assert_snapshot!(run.transcript(), @"
    standard error:
    error: a timeline goes through all days: --as-of has no place here
    exit 2
    ");
    let run = lexlog(&["timeline", POLICY, "licnce(t1)"]);
    insta::assert_snapshot!(run.transcript(), @"
    standard error:
    error[E0201]: there is no relation `licnce`
     --> the atom asked about:1:1
      |
    1 | licnce(t1)
      | ^^^^^^ not declared
      |
      = help: did you mean `licence`?

    1 error
    exit 2
    ");
    let run = lexlog(&["timeline", POLICY, "licence(t9)", "--brief"]);
    insta::assert_snapshot!(run.transcript(), @"
    t9 needs a licence
      on every day: does not hold
    exit 0
    ");
}

#[test]
fn nine_thousand_years_with_four_changes_are_four_questions() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (policy, facts) = (path("law.lexlog"), path("facts.lexlog"));
    let law = "type Transfer
event transfer(id: Transfer -> on: date)
verdict licence(transfer: Transfer)
notice law \"Law\" {
    published 0100-01-01
    effective 0100-01-01
    through 9000-12-31
    clause 1 { licence(T) if transfer(T, _). }
}
notice pause \"Pause\" {
    published 3000-01-01
    effective 3000-01-01
    suspends law/1 from 4000-01-01 through 5000-12-31
}
";
    std::fs::write(&policy, law).expect("written");
    std::fs::write(&facts, "transfer(t1, 2025-03-01).").expect("written");
    // Day by day that would be more than three million runs of the policy.
    let run = lexlog(&[
        "timeline",
        &policy,
        "--facts",
        &facts,
        "licence(t1)",
        "--brief",
    ]);
    insta::assert_snapshot!(run.transcript(), @"
    licence(t1)
      through 0099-12-31: does not hold
        0100-01-01: law/1 comes into force
      from 0100-01-01 through 3999-12-31: holds [law/1]
        4000-01-01: pause suspends law/1
      from 4000-01-01 through 5000-12-31: does not hold
        5001-01-01: the suspension of law/1 by pause ends
      from 5001-01-01 through 9000-12-31: holds [law/1]
        9001-01-01: law/1 ends
      from 9001-01-01: does not hold
    exit 0
    ");
}
