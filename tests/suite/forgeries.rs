//! Forged certificates: none is accepted whose claim is false.
//!
//! `LEXLOG_FORGERIES=1000000 cargo test --test suite forgeries` tries as many as it says.

use crate::certificates::{PRESUMED, PRESUMED_FACTS, followed};
use crate::certificates_by_cases::{BOTH_WAYS, in_every_case};
use crate::random::{run, session, try_session};
use crate::random_policy::{Dice, open_policy, presuming_policy, random_policy};
use lexlog::facts::Facts;
use lexlog::ir::Circumstances;
use lexlog::proof::Claim;
use lexlog::proof::certificate::{self, Subject};
use lexlog::session::{Checked, EngineKind, Evaluated, Session, Sure};
use lexlog::value::Date;
use serde_json::{Value as Json, json};

/// What a forger has: a policy, facts, what truly follows from them, and the policy's text.
pub struct World {
    session: Session,
    facts: Facts,
    evaluated: Evaluated,
    pieces: Vec<String>,
    given: String,
}

impl World {
    pub fn new(pieces: &[String], given: &str) -> Option<World> {
        let (mut session, facts) = try_session(pieces, given)?;
        // What is true is said by the engine that is straight from the definition.
        session.engine = EngineKind::Reference;
        let evaluated = session.run(&facts, &Circumstances::default()).ok()?;
        Some(World {
            session,
            facts,
            evaluated,
            pieces: pieces.to_vec(),
            given: given.to_owned(),
        })
    }

    fn subject(&self) -> Subject {
        self.session
            .subject(&self.facts, None)
            .expect("facts have digests")
    }

    fn is_true(&self, claim: &Claim) -> bool {
        let known: Vec<_> = claim.args.iter().cloned().map(Some).collect();
        let follows = self.evaluated.with_world(&self.session.policy, |world| {
            let rows = world.extension.matching(claim.relation, &known, claim.day);
            rows.contains(&claim.args)
        });
        follows || holds_in_every_case(&self.session, &self.evaluated, claim)
    }

    /// The claim, if a certificate is accepted here.
    fn accepted(&self, forged: &Json) -> Option<Claim> {
        let document = certificate::read(&forged.to_string()).ok()?;
        let subject = document.subject().ok()?;
        let checked = self.session.verify(
            &document,
            subject,
            &self.facts,
            &[],
            &Circumstances::default(),
        );
        match checked.ok()? {
            Checked::Accepted(certificate) => Some(certificate.claim),
            Checked::Rejected(_) => None,
        }
    }

    /// Makes the digests right, as a forger would.
    pub fn with_digests(&self, forged: &mut Json) {
        let own = self.subject();
        forged["policy"]["sha256"] = json!(own.policy);
        let files = own.facts.iter();
        forged["facts"] = files
            .map(|(name, digest)| json!({ "file": name, "sha256": digest }))
            .collect();
        let Ok(document) = certificate::read(&forged.to_string()) else {
            return;
        };
        let Ok(subject) = document.subject() else {
            return;
        };
        let policy = &self.session.policy;
        if let Ok(read) = document.resolve(policy, &self.session.sources, subject) {
            let digest = certificate::conclusion_digest(policy, &read.subject, &read.claim);
            forged["conclusion"]["sha256"] = json!(digest);
        }
    }
}

fn holds_in_every_case(session: &Session, evaluated: &Evaluated, claim: &Claim) -> bool {
    let found = session.all(evaluated, claim.relation).into_iter();
    let mut found = found.filter(|found| found.claim.args == claim.args);
    let is_then = |day: Date| move |(from, through): &(Date, Date)| *from <= day && day <= *through;
    found.any(|found| {
        let is_then = claim
            .day
            .is_none_or(|day| found.days.iter().any(is_then(day)));
        found.sure == Sure::InEveryCase && is_then
    })
}

/// Every place in a document, as a pointer.
fn places(json: &Json, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match json {
        Json::Object(object) => object
            .iter()
            .for_each(|(key, value)| places(value, &format!("{at}/{key}"), found)),
        Json::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(key, value)| places(value, &format!("{at}/{key}"), found)),
        _ => {}
    }
}

/// The texts in a document that are values.
fn texts(json: &Json, found: &mut Vec<String>) {
    match json {
        Json::String(text) => found.push(text.clone()),
        Json::Array(list) => list.iter().for_each(|value| texts(value, found)),
        Json::Object(object) => object.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

/// Another text of the same kind: a day beside it, a number beside it, or another text of the document.
fn other(text: &str, pool: &[String], dice: &mut Dice) -> String {
    if let (Ok(day), true) = (text.parse::<Date>(), dice.chance(60)) {
        let beside = match dice.chance(50) {
            true => day.tomorrow(),
            false => day.yesterday(),
        };
        return beside.map_or(text.to_owned(), |day| day.to_string());
    }
    if let (Ok(number), true) = (text.parse::<i64>(), dice.chance(60)) {
        return (number + if dice.chance(50) { 1 } else { -1 }).to_string();
    }
    dice.pick(pool).clone()
}

pub fn replace_all(json: &mut Json, from: &str, to: &str) {
    match json {
        Json::String(text) if text == from => *text = to.to_owned(),
        Json::Array(list) => list
            .iter_mut()
            .for_each(|value| replace_all(value, from, to)),
        Json::Object(object) => object
            .values_mut()
            .for_each(|value| replace_all(value, from, to)),
        _ => {}
    }
}

/// The parts of a document that say what follows, and how.
const PARTS: [&str; 4] = ["conclusion", "given", "items", "cases"];

/// One change: a value here or everywhere, a part left out, doubled or put elsewhere.
fn alter(forged: &mut Json, pool: &[String], dice: &mut Dice) {
    if dice.chance(20) {
        let from = dice.pick(pool).clone();
        let to = other(&from, pool, dice);
        replace_all(forged, &from, &to);
        return;
    }
    if let Some(cases) = forged["cases"].as_array_mut()
        && dice.chance(20)
    {
        let (one, two) = (dice.below(cases.len()), dice.below(cases.len()));
        let part = *dice.pick(&["assumes", "given", "items"]);
        let (first, second) = (cases[one][part].clone(), cases[two][part].clone());
        (cases[one][part], cases[two][part]) = (second, first);
        return;
    }
    let mut all = Vec::new();
    for part in PARTS.iter().chain(&["items"]) {
        if !forged[part].is_null() {
            places(&forged[part], &format!("/{part}"), &mut all);
        }
    }
    let place = dice.pick(&all).clone();
    let Some(value) = forged.pointer_mut(&place) else {
        return;
    };
    match value {
        Json::String(text) => *text = other(text, pool, dice),
        Json::Number(number) => {
            let number = number.as_i64().unwrap_or(0);
            *value = json!(
                if dice.chance(50) {
                    number + 1
                } else {
                    number - 1
                }
                .max(0)
            );
        }
        Json::Bool(truth) => *truth = !*truth,
        Json::Null => *value = json!(dice.pick(pool).clone()),
        Json::Array(list) if !list.is_empty() => {
            let (one, two) = (dice.below(list.len()), dice.below(list.len()));
            match dice.below(4) {
                0 | 1 => _ = list.remove(one),
                2 => list.swap(one, two),
                _ => {
                    let twin = list[one].clone();
                    list.insert(two, twin);
                }
            }
        }
        Json::Array(list) => list.push(json!(dice.pick(pool).clone())),
        Json::Object(object) => {
            let keys: Vec<String> = object.keys().cloned().collect();
            if let Some(key) = keys.get(dice.below(keys.len().max(1))) {
                object.shift_remove(key);
            }
        }
    }
}

/// Another text of policy or facts: one line left out, doubled, or with one of its words changed.
fn edited(text: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    let at = dice.below(lines.len());
    match dice.below(3) {
        0 => _ = lines.remove(at),
        1 => {
            let words = ["not ", "1", "2", "a", "b", ">=", "<=", "15", "through"];
            let (from, to) = (*dice.pick(&words), *dice.pick(&words));
            lines[at] = lines[at].replacen(from, to, 1);
        }
        _ => {
            let other = dice.below(lines.len());
            lines.swap(at, other);
        }
    }
    lines.join("\n") + "\n"
}

fn certified_by_cases(session: &Session, evaluated: &Evaluated, subject: &Subject) -> Vec<Json> {
    let claims = in_every_case(session, evaluated).into_iter();
    let made = claims.filter_map(|it| session.certify_by_cases(evaluated, subject, &it).ok());
    made.take(12).collect()
}

/// Inputs of which rows are there that nobody gave, by keys of every kind, and rows without keys that may come to look alike.
const ROWS: &str = "type Thing
type Colour = red | green
input a(x: Thing)
input tag(n: int)
input u(x: Thing -> k: Colour or unknown, l: Colour or unknown)
input num(n: int -> k: Colour or unknown)
input cost(n: int -> k: Colour or unknown)
input two(x: Thing, n: int -> k: Colour or unknown)
input z(x: Thing, k: Colour or unknown, l: Colour or unknown)
relation numbered(n: int)
relation alike(x: Thing)
relation counted(c: int)
relation painted(n: int)
relation of_two(x: Thing, n: int)
relation coloured(x: Thing)
relation without(x: Thing)
relation pair(x: Thing)
relation some(n: int)
relation derived(n: int)
relation next(n: int)
relation both(n: int)
some(7).
derived(N) if some(N), num(N, _).
next(M) if tag(N), M = N + 1, num(M, _).
both(N) if num(N, _), cost(N, _).
numbered(N) if num(N, _).
counted(C) if C = count X { u(X, red, _) }.
painted(N) if tag(N), num(N, red).
painted(N) if tag(N), num(N, green).
of_two(X, N) if two(X, N, _), tag(N).
of_two(X, N) if two(X, N, red).
coloured(X) if u(X, K, L), K = L.
coloured(X) if u(X, K, L), K != L.
without(X) if a(X), not u(X, red, _), not u(X, green, _).
without(X) if a(X), u(X, red, _), not alike(X).
alike(X) if z(X, red, _), z(X, green, _).
pair(X) if a(X), z(X, K, red), not alike(X).
pair(X) if z(X, green, _).
pair(X) if z(X, _, green).
";

fn rows_of(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let mut given = String::from("a(t1). tag(1).\n");
    for at in 1..4 {
        let mut add = |text: String| {
            if dice.chance(50) {
                given += &format!("{text}\n");
            }
        };
        add(format!("a(t{at})."));
        add(format!("tag({}).", at + 1));
        add(format!("u(t{at}, k: red)."));
        add(format!("num({at}, red)."));
        add(format!("num({}, _).", at + 5));
        add(format!("cost({}, red).", at + 2));
        add(format!("two(t{at}, {at}, red)."));
        add(format!("z(t{at}, k: red)."));
        add(format!("z(t{at}, l: red)."));
        add(format!("z(t{at}, red, green)."));
    }
    given
}

/// A random policy and facts: now all is known, now something is presumed, now much is open.
fn random_pieces(seed: u64) -> (Vec<String>, String) {
    match seed % 4 {
        3 if seed % 8 == 3 => (vec![ROWS.to_owned()], rows_of(seed)),
        0 => {
            let mut random = random_policy(seed);
            random.pieces.push(PRESUMED.into());
            let given = random.facts() + PRESUMED_FACTS;
            (random.pieces, given)
        }
        1 => {
            let mut open = match seed % 8 {
                1 => open_policy(seed),
                _ => presuming_policy(seed),
            };
            open.random.pieces.push(BOTH_WAYS.into());
            let given = open.open_facts();
            (open.random.pieces, given)
        }
        _ => {
            let random = random_policy(seed);
            let given = random.facts();
            (random.pieces, given)
        }
    }
}

/// Forges certificates of one random policy: how many were tried, and how many accepted (all true).
fn forge(seed: u64, count: usize) -> (usize, usize) {
    let (pieces, given) = random_pieces(seed);
    let Some(world) = World::new(&pieces, &given) else {
        return (0, 0);
    };
    let mut dice = Dice::new(seed ^ 0x5eed);
    let (own, own_facts) = session(&pieces, &given);
    let evaluated = run(&own, &own_facts);
    let subject = own.subject(&own_facts, None).expect("facts have digests");
    let claims = followed(&own, &evaluated);
    let certificates: Vec<Json> = claims
        .iter()
        .step_by(claims.len().div_ceil(12).max(1))
        .filter_map(|claim| own.certify(&evaluated, &subject, claim, None).ok())
        .chain(certified_by_cases(&own, &evaluated, &subject))
        .collect();
    if certificates.is_empty() {
        return (0, 0);
    }
    let (mut tried, mut accepted) = (0, 0);
    let check = |world: &World, forged: &Json| -> usize {
        let Some(claim) = world.accepted(forged) else {
            return 0;
        };
        assert!(
            world.is_true(&claim),
            "seed {seed}: accepted, and false: {}\n{}\n{}\n{forged:#}",
            world.session.context().atom(claim.relation, &claim.args),
            world.pieces.join("\n"),
            world.given,
        );
        1
    };
    while tried < count {
        let mut forged = dice.pick(&certificates).clone();
        if dice.chance(4) {
            // The policy or the facts are edited, and the digests made to fit.
            let mut pieces = world.pieces.clone();
            let mut given = world.given.clone();
            match dice.chance(50) {
                true => {
                    let at = dice.below(pieces.len());
                    pieces[at] = edited(&pieces[at], &mut dice);
                }
                false => given = edited(&given, &mut dice),
            }
            if let Some(other) = World::new(&pieces, &given) {
                accepted += check(&other, &forged);
                for forged in &certificates {
                    let mut forged = forged.clone();
                    other.with_digests(&mut forged);
                    accepted += check(&other, &forged);
                    tried += 1;
                }
            }
            continue;
        }
        let mut pool = Vec::new();
        PARTS
            .iter()
            .for_each(|part| texts(&forged[part], &mut pool));
        pool.push("ghost".to_owned());
        for _ in 0..1 + dice.below(3) {
            alter(&mut forged, &pool, &mut dice);
        }
        if dice.chance(80) {
            world.with_digests(&mut forged);
        }
        accepted += check(&world, &forged);
        tried += 1;
    }
    (tried, accepted)
}

#[test]
fn no_forged_certificate_is_accepted_whose_claim_is_false() {
    let wanted: usize = std::env::var("LEXLOG_FORGERIES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(100_000);
    const POLICIES: usize = 40;
    let halves = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            scope.spawn(move || {
                let seeds = (0..POLICIES as u64).filter(|seed| seed % 2 == half);
                seeds.fold((0, 0), |(tried, accepted), seed| {
                    let (more, fit) = forge(seed, wanted / POLICIES);
                    (tried + more, accepted + fit)
                })
            })
        });
        halves.map(|half| half.join().expect("no forgery is accepted"))
    });
    let tried = halves[0].0 + halves[1].0;
    let accepted = halves[0].1 + halves[1].1;
    println!("{tried} forgeries, of which {accepted} are true all the same");
    assert!(tried >= wanted / 2, "{tried}");
    assert!(accepted < tried / 2, "{accepted} of {tried}");
}

#[test]
fn a_row_that_nobody_gave_may_be_there_beside_one_that_is_open() {
    let law = "type Thing\ninput known(x: Thing)\ninput size(x: Thing -> v: int or unknown)
relation large(x: Thing)\nrelation not_large(x: Thing)
large(X) if size(X, V), V > 2.\nnot_large(X) if known(X), not large(X).\n";
    let given = "known(t1). known(t3). size(t1, 2). size(t2, _).\n";
    let world = World::new(&[law.to_owned()], given).expect("it can be read");
    let claims = followed(&world.session, &world.evaluated);
    let session = &world.session;
    let [claim] = &claims[..] else {
        panic!("only one thing follows: {claims:?}");
    };
    let made = session.certify(&world.evaluated, &world.subject(), claim, None);
    let mut forged = made.expect("it has a certificate");
    assert!(world.accepted(&forged).is_some());
    // Of t3 nobody gave the size: it may be large.
    replace_all(&mut forged, "t1", "t3");
    world.with_digests(&mut forged);
    assert!(world.accepted(&forged).is_none(), "{forged:#}");
}
