//! Random policies: the engines agree fact for fact, each fact that follows has a proof and none that does not, and what
//! should mean nothing means nothing.

use crate::random_policy::{Dice, RandomPolicy, random_policy};
use lexlog::diagnostic::{Diagnostic, Diagnostics, render_text};
use lexlog::facts::Facts;
use lexlog::ir::{self, Circumstances, Kind, RelationId, RelationKind};
use lexlog::proof::Claim;
use lexlog::session::{EngineKind, Evaluated, Session};
use lexlog::source::Sources;
use lexlog::syntax;
use lexlog::value::{Date, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that follows, by name: the fields, and for a standing relation its days.
type Told = BTreeMap<String, BTreeMap<Vec<String>, Vec<(Date, Date)>>>;

pub fn session(pieces: &[String], facts: &str) -> (Session, Facts) {
    read(pieces, facts).unwrap_or_else(|wrong| panic!("{}\n{facts}\n{wrong}", pieces.join("\n")))
}

/// The same, where it may be wrong.
pub fn try_session(pieces: &[String], facts: &str) -> Option<(Session, Facts)> {
    read(pieces, facts).ok()
}

fn read(pieces: &[String], facts: &str) -> Result<(Session, Facts), String> {
    let mut sources = Sources::default();
    let mut files = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let id = sources.add(format!("piece_{at}.lexlog"), piece.as_str());
        let (file, slips) = syntax::parse(&sources, id);
        stop_at(&slips, &sources)?;
        files.push((id, file));
    }
    let (policy, found) = ir::resolve(&files, &mut sources, &mut |_, _, _| Err("no file".into()));
    stop_at(&found, &sources)?;
    let id = sources.add("facts.lexlog", facts);
    let (file, slips) = syntax::parse(&sources, id);
    stop_at(&slips, &sources)?;
    let (list, found) = ir::resolve_facts(&policy, &file);
    stop_at(&found, &sources)?;
    let mut session = Session::new(sources, policy);
    session.own_texts = files.len();
    Ok((session, Facts::of(list)))
}

fn stop_at(found: &Diagnostics, sources: &Sources) -> Result<(), String> {
    match found.has_errors() {
        true => Err(told_errors(found, sources)),
        false => Ok(()),
    }
}

fn told_errors(found: &Diagnostics, sources: &Sources) -> String {
    let errors: Vec<Diagnostic> = found
        .list
        .iter()
        .filter(|message| message.is_error())
        .cloned()
        .collect();
    render_text(&errors, sources, false)
}

pub fn run(session: &Session, facts: &Facts) -> Evaluated {
    session
        .run(facts, &Circumstances::default())
        .unwrap_or_else(|problems| panic!("{}", told_errors(&problems, &session.sources)))
}

fn told(session: &Session, evaluated: &Evaluated) -> Told {
    let policy = &session.policy;
    let mut told = Told::new();
    evaluated.with_world(policy, |world| {
        for (at, relation) in policy.relations.iter().enumerate() {
            let id = RelationId(at as u32);
            let rows = world
                .extension
                .matching(id, &vec![None; relation.fields.len()], None);
            let shown = rows.into_iter().map(|row| {
                let cells = relation
                    .fields
                    .iter()
                    .zip(&row)
                    .map(|(field, value)| policy.types.data(value, field.ty))
                    .collect();
                (cells, world.extension.days_of(id, &row))
            });
            told.insert(relation.name.clone(), shown.collect());
        }
    });
    told
}

fn told_of(pieces: &[String], facts: &str) -> Told {
    let (session, facts) = session(pieces, facts);
    told(&session, &run(&session, &facts))
}

fn seeds(count: u64) -> impl Iterator<Item = (u64, RandomPolicy)> {
    (0..count).map(|seed| (seed, random_policy(seed)))
}

#[test]
fn the_engines_agree_fact_for_fact() {
    let mut derived = 0;
    for (seed, random) in seeds(1_000) {
        let (mut session, facts) = session(&random.pieces, &random.facts());
        let local = told(&session, &run(&session, &facts));
        session.engine = EngineKind::Reference;
        let reference = told(&session, &run(&session, &facts));
        assert_eq!(
            local,
            reference,
            "seed {seed}\n{}\n{}",
            random.policy(),
            random.facts()
        );
        derived += local.values().map(BTreeMap::len).sum::<usize>();
    }
    assert!(
        derived > 20_000,
        "the random policies conclude little: {derived}"
    );
}

/// The proofs come from a second reading of the policy, which knows neither program nor engine.
#[test]
fn what_follows_has_a_proof_and_nothing_else_has() {
    for (seed, random) in seeds(150) {
        let (session, facts) = session(&random.pieces, &random.facts());
        let evaluated = run(&session, &facts);
        let policy = &session.policy;
        let days: Vec<Date> = [1, 4, 8, 13, 17, 21, 25, 28]
            .iter()
            .map(|day| Date::constant(2025, 1, *day))
            .collect();
        let things: Vec<Value> = (0..4)
            .map(|at| Value::Name(format!("t{at}").into()))
            .collect();
        evaluated.with_world(policy, |world| {
            let mut prover = world.prover();
            for (at, relation) in policy.relations.iter().enumerate() {
                let id = RelationId(at as u32);
                if !matches!(
                    relation.kind,
                    Kind::Declared(RelationKind::Relation | RelationKind::Verdict)
                ) {
                    continue;
                }
                let asked: Vec<Option<Date>> = if relation.standing {
                    days.iter().copied().map(Some).collect()
                } else {
                    vec![None]
                };
                for day in asked {
                    let rows: BTreeSet<Vec<Value>> = world
                        .extension
                        .matching(id, &vec![None; relation.fields.len()], day)
                        .into_iter()
                        .collect();
                    for row in &rows {
                        let claim = Claim {
                            relation: id,
                            args: row.clone(),
                            day,
                        };
                        assert!(
                            prover.prove(&claim).is_some(),
                            "seed {seed}: {} {row:?} {day:?} holds without a proof\n{}\n{}",
                            relation.name,
                            random.policy(),
                            random.facts()
                        );
                    }
                    for row in candidates(relation, &things)
                        .into_iter()
                        .filter(|row| !rows.contains(row))
                    {
                        let claim = Claim {
                            relation: id,
                            args: row.clone(),
                            day,
                        };
                        assert!(
                            world.given_by(&claim).is_empty(),
                            "seed {seed}: {} {row:?} {day:?} would follow\n{}\n{}",
                            relation.name,
                            random.policy(),
                            random.facts()
                        );
                    }
                }
            }
        });
    }
}

/// Rows of things that could have followed; none for relations with numbers.
fn candidates(relation: &ir::Relation, things: &[Value]) -> Vec<Vec<Value>> {
    let events: Vec<Value> = (0..4)
        .map(|at| Value::Name(format!("h{at}").into()))
        .collect();
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for (at, field) in relation.fields.iter().enumerate() {
        let is_event = at == 0
            && ["r", "s"]
                .iter()
                .any(|name| relation.name.starts_with(name));
        let values: &[Value] = match field.ty {
            lexlog::value::Type::Entity(_) if is_event => &events,
            lexlog::value::Type::Entity(_) => things,
            _ => &[],
        };
        rows = rows
            .iter()
            .flat_map(|row| {
                values
                    .iter()
                    .map(|value| [row.as_slice(), std::slice::from_ref(value)].concat())
            })
            .collect();
    }
    rows
}

#[test]
fn the_order_of_files_rules_and_facts_means_nothing() {
    for (seed, random) in seeds(100) {
        let expected = told_of(&random.pieces, &random.facts());
        let mut dice = Dice::new(seed + 1_000_000);
        let mut shuffled = random.clone();
        dice.shuffle(&mut shuffled.pieces);
        dice.shuffle(&mut shuffled.facts);
        for piece in &mut shuffled.pieces {
            *piece = shuffle_literals(piece, &mut dice);
        }
        assert_eq!(
            told_of(&shuffled.pieces, &shuffled.facts()),
            expected,
            "seed {seed}\n{}",
            random.policy()
        );
    }
}

/// Turns each rule's body round; the literals of these policies are parted by `, ` only outside brackets.
fn shuffle_literals(piece: &str, dice: &mut Dice) -> String {
    let line = |line: &str| match line.split_once(" if ") {
        Some((head, body)) if body.ends_with('.') => {
            let mut literals = literals_of(body.trim_end_matches('.'));
            dice.shuffle(&mut literals);
            format!("{head} if {}.", literals.join(", "))
        }
        _ => line.to_owned(),
    };
    let lines: Vec<String> = piece.lines().map(line).collect();
    lines.join("\n")
}

fn literals_of(body: &str) -> Vec<String> {
    let (mut depth, mut literals, mut current) = (0, Vec::new(), String::new());
    for letter in body.chars() {
        match letter {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            ',' if depth == 0 => {
                literals.push(std::mem::take(&mut current).trim().to_owned());
                continue;
            }
            _ => {}
        }
        current.push(letter);
    }
    literals.push(current.trim().to_owned());
    literals
}

#[test]
fn a_notice_on_which_nothing_depends_changes_nothing() {
    let unrelated = "relation elsewhere(x: Thing)\nnotice zz \"Unrelated\" {\n    published 2024-12-01\n    effective 2025-01-03\n    \
                     clause 1 \"Elsewhere\" from 2025-01-11 through 2025-01-19 { elsewhere(X) if a(X). }\n}\n\
                     notice zy \"A pause of it\" { published 2024-12-01 effective 2025-01-05 suspends zz/1 from 2025-01-13 through 2025-01-15 }";
    for (seed, random) in seeds(100) {
        let expected = told_of(&random.pieces, &random.facts());
        let mut pieces = random.pieces.clone();
        pieces.push(unrelated.to_owned());
        let mut with_notice = told_of(&pieces, &random.facts());
        with_notice.remove("elsewhere");
        assert_eq!(with_notice, expected, "seed {seed}\n{}", random.policy());
    }
}
