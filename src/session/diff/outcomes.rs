//! What a policy says of a world, and in what two such answers differ.

use super::worlds::is_compared;
use crate::diagnostic::render_text;
use crate::facts::Facts;
use crate::ir::{Circumstances, Kind, RelationId};
use crate::proof::{Claim, ground};
use crate::session::{Evaluated, Found, Session, Sure};
use crate::value::Date;
use std::collections::{BTreeMap, BTreeSet};

/// How a verdict stands, on some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Whether it is open; otherwise it holds.
    pub(super) is_open: bool,
    /// The days, where it stands on stretches of days.
    pub(super) days: Vec<(Date, Date)>,
    /// On what it depends, in words.
    on: BTreeSet<String>,
}

/// All that is said of one verdict.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// It, as this policy knows it.
    pub(super) claim: Claim,
    /// Its sentence.
    pub(super) text: String,
    pub(super) standings: Vec<Standing>,
    /// Whether its least proof can be asked for: it follows.
    pub(super) follows: bool,
}

/// What a policy says of a world: each verdict that holds or is open, by its atom; or why it cannot say anything.
pub(super) type Outcomes = Result<BTreeMap<String, Told>, String>;

/// A world, evaluated.
pub(super) struct Asked {
    pub(super) evaluated: Option<Evaluated>,
    pub(super) outcomes: Outcomes,
}

/// Asks a policy about a world.
pub(super) fn ask(session: &Session, facts: &Facts, circumstances: &Circumstances) -> Asked {
    match session.run(facts, circumstances) {
        Ok(evaluated) => Asked {
            outcomes: Ok(outcomes(session, &evaluated)),
            evaluated: Some(evaluated),
        },
        Err(problems) => Asked::refused(render_text(&problems.list, &session.sources, false)),
    }
}

fn outcomes(session: &Session, evaluated: &Evaluated) -> BTreeMap<String, Told> {
    let mut all: BTreeMap<String, Told> = BTreeMap::new();
    let context = session.context();
    for at in (0..session.policy.relations.len()).filter(|at| is_compared(&session.policy, *at)) {
        let relation = RelationId(at as u32);
        for found in session.all(evaluated, relation) {
            let key = match session.policy.relations[at].kind {
                Kind::Constraint(_) => format!("never {}", context.sentence(&found.claim)),
                _ => context.atom(relation, &found.claim.args),
            };
            let told = all.entry(key).or_insert_with(|| Told {
                claim: found.claim.clone(),
                text: match session.policy.relations[at].kind {
                    Kind::Constraint(_) => {
                        format!("this must never be: {}", context.sentence(&found.claim))
                    }
                    _ => context.sentence(&found.claim),
                },
                standings: Vec::new(),
                follows: false,
            });
            told.follows |= found.sure == Sure::Follows;
            told.standings.push(standing(session, &found));
        }
    }
    all
}

fn standing(session: &Session, found: &Found) -> Standing {
    let on = match &found.sure {
        Sure::Follows | Sure::InEveryCase => BTreeSet::new(),
        Sure::Open(dependence) => {
            let on = dependence.on.iter();
            on.map(|it| session.context().dependency(it)).collect()
        }
    };
    Standing {
        is_open: matches!(found.sure, Sure::Open(_)),
        days: found.days.clone(),
        on,
    }
}

/// What becomes of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// It holds now, and did not.
    Gained,
    /// It held, and does not any more.
    Lost,
    /// It is open now, and was not.
    Opened,
    /// It was open, and is not any more.
    Settled,
    /// It stands as before, on other days.
    OtherDays,
    /// It is open as before, on other questions.
    OtherQuestions,
    /// It holds as before, on another ground.
    OtherGround,
    /// One of the policies cannot be asked about these facts.
    Failure,
}

/// How a verdict stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stand {
    /// It does not hold.
    Absent,
    /// It is open.
    Open,
    /// It holds, on some days at least.
    Holds,
}

/// A verdict that is not what it was.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The atom of the verdict; a `never` by its message; empty where a policy cannot be asked.
    pub atom: String,
    /// Its sentence; or why a policy cannot be asked.
    pub text: String,
    /// What becomes of it.
    pub turn: Turn,
    /// How it stood.
    pub old: Stand,
    /// How it stands.
    pub new: Stand,
    /// The relation of the verdict; empty where a policy cannot be asked.
    pub relation: String,
}

impl Told {
    /// How it stands.
    pub(super) fn stand(&self) -> Stand {
        match self.standings.iter().all(|standing| standing.is_open) {
            true => Stand::Open,
            false => Stand::Holds,
        }
    }
}

fn stand(told: Option<&Told>) -> Stand {
    told.map_or(Stand::Absent, Told::stand)
}

/// How each verdict stands; `None` where the policy cannot be asked.
pub(in crate::session) fn verdicts_of(
    session: &Session,
    facts: &Facts,
    circumstances: &Circumstances,
) -> Option<BTreeMap<String, Stand>> {
    let outcomes = ask(session, facts, circumstances).outcomes.ok()?;
    let verdicts = outcomes.into_iter();
    Some(
        verdicts
            .map(|(atom, told)| (atom, stand(Some(&told))))
            .collect(),
    )
}

impl Asked {
    /// What cannot be asked, and why.
    pub(super) fn refused(why: String) -> Asked {
        Asked {
            evaluated: None,
            outcomes: Err(why),
        }
    }

    fn told(&self, atom: &str) -> Option<&Told> {
        self.outcomes.as_ref().ok()?.get(atom)
    }

    /// On what a verdict stands that follows, by its least proofs, up to a number; nothing where it does not follow.
    fn grounds(&self, session: &Session, atom: &str, limit: usize) -> Vec<BTreeSet<String>> {
        let told = self.told(atom).filter(|told| told.follows);
        let (Some(told), Some(evaluated)) = (told, self.evaluated.as_ref()) else {
            return Vec::new();
        };
        let proofs = evaluated.with_world(&session.policy, |world| match limit {
            1 => world.prove(&told.claim).into_iter().collect(),
            limit => world.prover().proofs(&told.claim, limit).list,
        });
        let proofs = proofs.iter();
        proofs.map(|proof| ground(&session.policy, proof)).collect()
    }

    /// Whether a difference is gone here, compared with the old policy.
    pub(super) fn is_restored(
        &self,
        here: &Session,
        old: (&Asked, &Session),
        difference: &Difference,
    ) -> bool {
        if difference.turn == Turn::Failure {
            return match (&self.outcomes, &old.0.outcomes) {
                (Ok(_), Ok(_)) => true,
                (Err(a), Err(b)) => a == b,
                _ => false,
            };
        }
        let atom = difference.atom.as_str();
        let standings = |asked: &Asked| asked.told(atom).map(|told| told.standings.clone());
        standings(self) == standings(old.0)
            && self.outcomes.is_ok()
            && (difference.turn != Turn::OtherGround || is_same_ground((self, here), old, atom))
    }
}

/// Among how many proofs another one is looked for.
const MOST_PROOFS: usize = 8;

/// Whether a verdict stands on the same ground in two policies. Where it has several proofs, which of them is the least may
/// hang on how rules are written: then it is enough that each has the least of the other too.
fn is_same_ground(one: (&Asked, &Session), other: (&Asked, &Session), atom: &str) -> bool {
    let least = |it: (&Asked, &Session)| it.0.grounds(it.1, atom, 1);
    let has = |it: (&Asked, &Session), ground: &[BTreeSet<String>]| {
        let all = it.0.grounds(it.1, atom, MOST_PROOFS);
        ground.iter().all(|ground| all.contains(ground))
    };
    let (first, second) = (least(one), least(other));
    first == second || (first.len() == second.len() && has(other, &first) && has(one, &second))
}

/// Of how many verdicts of one world the grounds are compared.
pub(super) const MOST_GROUNDS: usize = 5000;

/// What differs, in the order of the atoms, and whether the grounds of all verdicts were compared.
pub(super) fn differences(
    old: (&Asked, &Session),
    new: (&Asked, &Session),
) -> (Vec<Difference>, bool) {
    let (before, after) = match (&old.0.outcomes, &new.0.outcomes) {
        (Ok(before), Ok(after)) => (before, after),
        (before, after) => return (failure(before, after).into_iter().collect(), true),
    };
    let atoms: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut list = Vec::new();
    let mut grounds = 0;
    for atom in atoms {
        let (was, is) = (before.get(atom), after.get(atom));
        let turn = match (stand(was), stand(is)) {
            (Stand::Absent, Stand::Holds) => Turn::Gained,
            (Stand::Holds, Stand::Absent) => Turn::Lost,
            (Stand::Absent | Stand::Holds, Stand::Open) => Turn::Opened,
            (Stand::Open, Stand::Absent | Stand::Holds) => Turn::Settled,
            (Stand::Absent, Stand::Absent) => continue,
            (Stand::Holds, Stand::Holds) | (Stand::Open, Stand::Open) => {
                let (Some(was), Some(is)) = (was, is) else {
                    continue;
                };
                match in_detail(was, is) {
                    Some(turn) => turn,
                    None if grounds >= MOST_GROUNDS => continue,
                    None => {
                        grounds += 1;
                        if is_same_ground(old, new, atom) {
                            continue;
                        }
                        Turn::OtherGround
                    }
                }
            }
        };
        let (told, session) = match is {
            Some(is) => (is, new.1),
            None => (was.expect("one of them has it"), old.1),
        };
        list.push(Difference {
            atom: atom.clone(),
            text: told.text.clone(),
            turn,
            old: stand(was),
            new: stand(is),
            relation: session.policy.relation(told.claim.relation).name.clone(),
        });
    }
    (list, grounds < MOST_GROUNDS)
}

fn in_detail(was: &Told, is: &Told) -> Option<Turn> {
    let days = |told: &Told| -> Vec<(bool, Vec<(Date, Date)>)> {
        let standings = told.standings.iter();
        standings
            .map(|standing| (standing.is_open, standing.days.clone()))
            .collect()
    };
    if was.standings == is.standings {
        None
    } else if days(was) != days(is) {
        Some(Turn::OtherDays)
    } else {
        Some(Turn::OtherQuestions)
    }
}

fn failure(before: &Outcomes, after: &Outcomes) -> Option<Difference> {
    let (text, old, new) = match (before, after) {
        (Err(before), Err(after)) if before == after => return None,
        (_, Err(why)) => (why, Stand::Holds, Stand::Absent),
        (Err(why), Ok(_)) => (why, Stand::Absent, Stand::Holds),
        (Ok(_), Ok(_)) => return None,
    };
    Some(Difference {
        atom: String::new(),
        text: text.trim_end().to_owned(),
        turn: Turn::Failure,
        old,
        new,
        relation: String::new(),
    })
}
