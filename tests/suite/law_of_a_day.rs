//! `--as-of`: the law of one day for all that happened, while events and dated facts keep days of their own.

use crate::command::lexlog_with_input;
use crate::proofs::ask::{Asked, concluded};
use crate::random_policy::random_policy;
use lexlog::ir::{Circumstances, ClauseId, RelationId};
use std::collections::BTreeSet;

const POLICY: &str = r#"
type Party
type Transfer
event   transfer(id: Transfer -> to: Party, on: date)              reads "{id} goes to {to} on {on}"
input   owns(owner: Party, owned: Party) dated                     reads "{owner} owns {owned}"
relation listed(party: Party)                                      reads "{party} is listed"
verdict licence(transfer: Transfer)                                reads "{transfer} needs a licence"
verdict notice_due(transfer: Transfer)                             reads "{transfer} is to be announced"
verdict watched(party: Party)                                      reads "{party} is watched"

notice list "The list" {
    published 2025-03-01
    clause 1 "Who is listed" from 2025-03-01 until 2025-09-01 { listed(acme). }
}

notice order "The order" {
    published 2025-05-01
    effective 2025-05-01
    clause 1 "Who belongs to the listed needs a licence" {
        licence(T) if transfer(T, P, _), owns(L, P), listed(L).
    }
    clause 2 "Announced by the day before" {
        notice_due(T) on Eve if transfer(T, P, D), owns(L, P) on D, listed(L), Eve = D - 1 days.
    }
    clause 3 "What the listed own is watched" {
        watched(P) if owns(L, P), listed(L).
    }
}
"#;

const FACTS: &str = "
owns(acme, sub) from 2025-01-01 through 2025-06-30.
transfer(early, sub, 2025-02-01).
transfer(late, sub, 2025-07-15).
";

fn lexlog_as_of(day: &str, command: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = folder.path().join("policy.lexlog");
    std::fs::write(&policy, POLICY).expect("a file");
    let policy = policy.to_str().expect("a path in UTF-8");
    let mut arguments = vec![command[0], policy, "--facts", "-", "--as-of", day];
    arguments.extend(&command[1..]);
    let run = lexlog_with_input(&arguments, FACTS);
    run.transcript().replace(policy, "policy.lexlog")
}

#[test]
fn the_law_of_a_day_applies_to_all_events_whatever_gives_the_day_of_a_rule() {
    insta::assert_snapshot!(lexlog_as_of("2025-06-01", &["run"]), @"
    early needs a licence [order/1]
    early is to be announced [order/2]
    sub is watched from 2025-01-01 through 2025-06-30 [order/3]
    exit 0
    ");
    insta::assert_snapshot!(lexlog_as_of("2025-04-01", &["run"]), @"
    no verdict holds
    exit 0
    ");
    insta::assert_snapshot!(lexlog_as_of("2025-10-01", &["run"]), @"
    no verdict holds
    exit 0
    ");
}

#[test]
fn a_proof_says_by_the_law_of_which_day() {
    insta::assert_snapshot!(lexlog_as_of("2025-06-01", &["explain", "licence(early)"]), @"
    early needs a licence
    │ order/1 “Who belongs to the listed needs a licence”,
    │ policy.lexlog:20
    ├─ early goes to sub on 2025-02-01
    │    fact, standard input:3
    ├─ acme owns sub on 2025-02-01
    │    given from 2025-01-01 through 2025-06-30
    │    fact, standard input:2
    ├─ acme is listed on 2025-02-01
    │  │ listed in list/1 “Who is listed”, policy.lexlog:13
    │  └─ by the law of 2025-06-01, list/1 is in force (from 2025-03-01 through
    │       2025-08-31), no longer in force from 2025-09-01
    └─ by the law of 2025-06-01, order/1 is in force (from 2025-05-01)
    exit 0
    ");
    insta::assert_snapshot!(lexlog_as_of("2025-10-01", &["explain", "licence(early)"]), @"
    Does not hold: early needs a licence
    └─ not by order/1 “Who belongs to the listed needs a licence”,
       │ policy.lexlog:20
       ├─ early goes to sub on 2025-02-01
       │    fact, standard input:3
       ├─ acme owns sub on 2025-02-01
       │    given from 2025-01-01 through 2025-06-30
       │    fact, standard input:2
       └─ no record that acme is listed on 2025-02-01
          └─ not by the list in list/1 “Who is listed”
             └─ by the law of 2025-10-01, list/1 is no longer in force (from
                  2025-09-01)

    No way was found to make it hold: no change of a fact was found to try.
    exit 0
    ");
}

#[test]
fn to_judge_as_of_a_day_is_to_hold_every_clause_as_it_stands_then() {
    let mut shown = 0;
    for seed in 3_000..3_060 {
        let random = random_policy(seed);
        let day = "2025-01-12".parse().expect("a day");
        let policy = Asked::new(&random.policy(), &random.facts()).policy;
        let clauses = (0..policy.clauses.len() as u32).map(ClauseId);
        let held = Circumstances {
            held: clauses.map(|clause| (clause, day)).collect(),
            ..Circumstances::default()
        };
        let as_of = Circumstances {
            as_of: Some(day),
            ..Circumstances::default()
        };
        let found = |circumstances| {
            let asked = Asked::under(circumstances, &[&random.policy()], &random.facts());
            all_that_holds(&asked)
        };
        let as_of = found(as_of);
        shown += as_of.len();
        assert_eq!(as_of, found(held), "seed {seed}");
    }
    assert!(shown > 100, "{shown}");
}

/// What the policy concludes, standing facts with their days.
fn all_that_holds(asked: &Asked) -> Vec<String> {
    asked.ask(|world| {
        let of_relation = |relation: RelationId| {
            let declared = asked.policy.relation(relation);
            let open = vec![None; declared.fields.len()];
            let rows = world.extension.matching(relation, &open, None).into_iter();
            let told = rows.map(move |args| {
                let days = match declared.standing {
                    true => world.extension.days_of(relation, &args),
                    false => Vec::new(),
                };
                format!("{} {args:?} {days:?}", declared.name)
            });
            told.collect::<BTreeSet<String>>()
        };
        concluded(&asked.policy).flat_map(of_relation).collect()
    })
}
