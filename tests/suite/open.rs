//! What is not known, held against every way of settling it.

use crate::random::{run, session};
use crate::random_policy::{OpenPolicy, open_policy, presuming_policy};
use lexlog::datalog::program::Certainty;
use lexlog::engine::Answers;
use lexlog::ir::{Atom, Kind, Query, RelationId, RelationKind, Term};
use lexlog::proof::{Claim, Extension};
use lexlog::report::Question;
use lexlog::session::{EngineKind, Evaluated, Found, Session, Sure};
use lexlog::value::{Date, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Facts that are concluded, with a day where they are standing.
type Told = BTreeSet<(RelationId, Option<Date>, Vec<Value>)>;

fn told(session: &Session, evaluated: &Evaluated, certainty: Certainty) -> Told {
    let answers = Answers {
        program: evaluated.program(),
        model: &evaluated.model,
        certainty,
    };
    let days: Vec<Date> = [1, 4, 8, 13, 17, 21, 25, 28]
        .iter()
        .map(|day| Date::constant(2025, 1, *day))
        .collect();
    let mut told = Told::new();
    for (at, relation) in session.policy.relations.iter().enumerate() {
        let id = RelationId(at as u32);
        if !matches!(
            relation.kind,
            Kind::Declared(RelationKind::Relation | RelationKind::Verdict)
        ) {
            continue;
        }
        let known = vec![None; relation.fields.len()];
        let days: Vec<Option<Date>> = match relation.standing {
            true => days.iter().copied().map(Some).collect(),
            false => vec![None],
        };
        for day in days {
            let rows = answers.matching(id, &known, day);
            told.extend(rows.into_iter().map(|row| (id, day, row)));
        }
    }
    told
}

/// Whether an open value may be this one.
fn covers(open: &[Value], row: &[Value]) -> bool {
    let mut pairs = open.iter().zip(row);
    pairs.all(|(open, value)| open == value || open.is_open() && open.possible_orders(value).equal)
}

fn shown(open: &OpenPolicy, way: &str) -> String {
    format!(
        "{}\n--- facts, open:\n{}\n--- facts, settled:\n{way}",
        open.random.policy(),
        open.open_facts()
    )
}

/// Policies with and without presumptions.
fn policies(count: u64) -> impl Iterator<Item = (u64, OpenPolicy)> {
    (0..count).map(|seed| match seed % 3 {
        0 => (seed, presuming_policy(seed)),
        _ => (seed, open_policy(seed)),
    })
}

#[test]
fn what_must_hold_holds_and_what_holds_may_hold_however_it_is_settled() {
    let (mut between, mut ways) = (0, 0);
    for seed in 0..100 {
        let open = open_policy(seed);
        let (mut session, facts) = session(&open.random.pieces, &open.open_facts());
        let evaluated = run(&session, &facts);
        let must = told(&session, &evaluated, Certainty::Must);
        let may = told(&session, &evaluated, Certainty::May);
        between += may.difference(&must).count();
        session.engine = EngineKind::Reference;
        let reference = run(&session, &facts);
        assert_eq!(
            told(&session, &reference, Certainty::Must),
            must,
            "seed {seed}"
        );
        assert_eq!(
            told(&session, &reference, Certainty::May),
            may,
            "seed {seed}"
        );
        session.engine = EngineKind::Local;
        for (_, way) in open.settlements() {
            ways += 1;
            let (settled, facts) = crate::random::session(&open.random.pieces, &way);
            let evaluated = run(&settled, &facts);
            let holds = told(&settled, &evaluated, Certainty::Must);
            let perhaps = told(&settled, &evaluated, Certainty::May);
            assert_eq!(
                holds,
                perhaps,
                "seed {seed}, all settled\n{}",
                shown(&open, &way)
            );
            for fact in &must {
                assert!(
                    holds.contains(fact),
                    "seed {seed}: {fact:?} must hold\n{}",
                    shown(&open, &way)
                );
            }
            for (relation, day, row) in &holds {
                let is_covered = may.contains(&(*relation, *day, row.clone()))
                    || may.iter().any(|(other, when, open)| {
                        other == relation && when == day && covers(open, row)
                    });
                assert!(
                    is_covered,
                    "seed {seed}: {row:?} of {} may hold\n{}",
                    session.policy.relation(*relation).name,
                    shown(&open, &way)
                );
            }
        }
    }
    assert!(between > 300 && ways > 500, "{between} {ways}");
}

/// The name of a point: `g`, `j(t1)`, `u(t2)`.
fn point_name(answer: &str) -> String {
    let name = answer.trim_end_matches('.');
    match name.split_once(", ") {
        Some((front, _)) => format!("{front})"),
        None => name.to_owned(),
    }
}

fn asked_name(session: &Session, question: &Question) -> String {
    let name = &session.policy.relation(question.relation).name;
    match question.args.first() {
        Some(Value::Name(thing)) => format!("{name}({thing})"),
        _ => name.clone(),
    }
}

#[test]
fn what_lies_between_is_decided_exactly_and_depends_on_what_decides_it() {
    let (mut always, mut never, mut opened, mut vague) = (0, 0, 0, 0);
    for seed in 0..100 {
        let open = open_policy(seed);
        let (session, facts) = session(&open.random.pieces, &open.open_facts());
        let evaluated = run(&session, &facts);
        let may = told(&session, &evaluated, Certainty::May);
        let must = told(&session, &evaluated, Certainty::Must);
        let ways: Vec<(Vec<usize>, Told)> = open
            .settlements()
            .into_iter()
            .map(|(way, facts)| {
                let (settled, facts) = crate::random::session(&open.random.pieces, &facts);
                let evaluated = run(&settled, &facts);
                (way, told(&settled, &evaluated, Certainty::Must))
            })
            .collect();
        for fact in may.difference(&must) {
            let (relation, day, row) = fact;
            if row.iter().any(Value::is_open) {
                vague += 1;
                continue;
            }
            let known = row.iter().cloned().map(Term::Value);
            let query = Query {
                atom: Atom {
                    relation: *relation,
                    args: known.collect(),
                    span: session.policy.relation(*relation).span.expect("declared"),
                },
                variables: Vec::new(),
                on: *day,
            };
            let found = session.found(&evaluated, &query);
            let found: Vec<&Found> = (found.iter())
                .filter(|found| found.claim.args == *row)
                .collect();
            let holds: Vec<bool> = ways.iter().map(|(_, told)| told.contains(fact)).collect();
            let name = session.policy.relation(*relation).name.clone();
            let context = || format!("seed {seed}: {name} {row:?} {day:?}\n{}", shown(&open, ""));
            match found.first().map(|found| &found.sure) {
                None => {
                    never += 1;
                    assert!(holds.iter().all(|holds| !holds), "absent\n{}", context());
                }
                Some(Sure::Follows | Sure::InEveryCase) => {
                    always += 1;
                    assert!(holds.iter().all(|holds| *holds), "holds\n{}", context());
                }
                Some(Sure::Open(dependence)) => {
                    opened += 1;
                    let is_mixed = holds.iter().any(|holds| *holds) && holds.contains(&false);
                    assert!(is_mixed || !dependence.is_exact, "open\n{}", context());
                    if !dependence.is_exact {
                        continue;
                    }
                    let on: BTreeSet<String> = (dependence.on.iter())
                        .map(|dependency| asked_name(&session, &dependency.question))
                        .collect();
                    let essential: BTreeSet<String> = (open.points.iter().enumerate())
                        .filter(|(at, _)| {
                            let mut rest: BTreeMap<Vec<usize>, BTreeSet<bool>> = BTreeMap::new();
                            for ((way, _), holds) in ways.iter().zip(&holds) {
                                let mut others = way.clone();
                                others.remove(*at);
                                rest.entry(others).or_default().insert(*holds);
                            }
                            rest.values().any(|outcomes| outcomes.len() > 1)
                        })
                        .map(|(_, (_, answers))| point_name(&answers[0]))
                        .collect();
                    assert_eq!(on, essential, "{}", context());
                }
            }
        }
    }
    println!("always {always}, never {never}, open {opened}, with open values {vague}");
    assert!(always > 0 && never > 20 && opened > 200);
}

#[test]
fn what_must_hold_has_a_proof_and_what_only_may_has_none() {
    let (mut proved, mut refused) = (0, 0);
    for (seed, open) in policies(80) {
        let (session, facts) = session(&open.random.pieces, &open.open_facts());
        let evaluated = run(&session, &facts);
        let must = told(&session, &evaluated, Certainty::Must);
        let may = told(&session, &evaluated, Certainty::May);
        evaluated.with_world(&session.policy, |world| {
            let mut prover = world.prover();
            for (relation, day, row) in &may {
                if row.iter().any(Value::is_open) {
                    continue;
                }
                let claim = Claim {
                    relation: *relation,
                    args: row.clone(),
                    day: *day,
                };
                let follows = must.contains(&(*relation, *day, row.clone()));
                let has_proof = prover.prove(&claim).is_some();
                assert_eq!(
                    has_proof,
                    follows,
                    "seed {seed}: {} {row:?} {day:?}\n{}",
                    session.policy.relation(*relation).name,
                    shown(&open, "")
                );
                match follows {
                    true => proved += 1,
                    false => refused += 1,
                }
            }
        });
    }
    assert!(proved > 1_000 && refused > 200, "{proved} {refused}");
}

/// What must hold follows in one step from what must hold and, under `not`, from what may, by the second reading of the policy.
#[test]
fn what_must_hold_follows_in_one_step() {
    for (seed, open) in policies(80) {
        let (session, facts) = session(&open.random.pieces, &open.open_facts());
        let evaluated = run(&session, &facts);
        let must = told(&session, &evaluated, Certainty::Must);
        evaluated.with_world(&session.policy, |world| {
            for (at, relation) in session.policy.relations.iter().enumerate() {
                let id = RelationId(at as u32);
                let is_concluded = matches!(
                    relation.kind,
                    Kind::Declared(RelationKind::Relation | RelationKind::Verdict)
                );
                if !is_concluded {
                    continue;
                }
                let day = relation.standing.then(|| Date::constant(2025, 1, 17));
                let concluded = world.conclusions(id, day);
                let own = must
                    .iter()
                    .filter(|(other, when, _)| *other == id && *when == day);
                let own: BTreeSet<Vec<Value>> = own.map(|(_, _, row)| row.clone()).collect();
                assert!(
                    own.is_subset(&concluded),
                    "seed {seed}: {} {own:?} {concluded:?}\n{}",
                    relation.name,
                    shown(&open, "")
                );
            }
        });
    }
}
