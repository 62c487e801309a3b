//! Why something holds, may hold, or does not.

use super::Session;
use super::by_cases::{Assumed, Values};
use super::open::{Found, Sure};
use super::run::Evaluated;
use super::verdicts::pattern_of;
use crate::engine::settle::{Answer, PointId};
use crate::ir::Query;
use crate::proof::{Claim, Marks, Pattern, Proof, Proofs, WhyNot, World};
use crate::report::Dependence;
use crate::value::{Date, Value};

/// Why a fact holds, or may.
#[derive(Clone, Debug)]
pub enum Explained {
    /// It follows: one proof or several, the least first.
    Holds(Claim, Proofs),
    /// It holds however the open points are settled: case by case.
    InEveryCase(Claim, Cases),
    /// It is open.
    Open(Box<OpenProof>),
    /// Nothing of the kind holds, or may.
    Absent(Box<WhyNot>),
}

/// A proof by cases: the answers that lead to a case, and its proof.
#[derive(Clone, Debug)]
pub struct Cases {
    /// Each with what it assumes, in words.
    pub list: Vec<(Vec<String>, Proof)>,
    /// Whether these are all: there may be more than anybody reads.
    pub is_whole: bool,
}

/// Why an open fact may hold, and why it need not.
#[derive(Clone, Debug)]
pub struct OpenProof {
    /// The fact.
    pub claim: Claim,
    /// Of a standing one, the days on which it depends on just that; none where one day was asked about.
    pub days: Vec<(Date, Date)>,
    /// On what it depends.
    pub dependence: Dependence,
    /// What is assumed, in words, and the proof that then stands, by cases where more is open; `None` where no way of settling was
    /// found.
    pub may: Option<(Vec<String>, Cases)>,
    /// Why it does not follow from what is known.
    pub stops: WhyNot,
}

impl Explained {
    /// How the clauses are marked on which it rests, or, where it is open, may rest.
    pub fn marks(&self) -> Marks {
        let proofs: Vec<&Proof> = match self {
            // The least proof is what it rests on; the others are told beside it.
            Explained::Holds(_, proofs) => proofs.list.first().into_iter().collect(),
            Explained::InEveryCase(_, cases) => cases.proofs().collect(),
            Explained::Open(open) => {
                let may = open.may.iter();
                may.flat_map(|(_, cases)| cases.proofs()).collect()
            }
            Explained::Absent(_) => Vec::new(),
        };
        let mut marks = Marks::default();
        for proof in proofs {
            marks.extend(Marks::of(proof));
        }
        marks
    }
}

impl Cases {
    /// What to say where cases are left out.
    pub fn left_out(&self) -> Option<&'static str> {
        match (self.is_whole, self.list.is_empty()) {
            (true, _) => None,
            (false, true) => Some("the cases that show it are too many to be told"),
            (false, false) => Some("there are more cases than are told here"),
        }
    }

    fn proofs(&self) -> impl Iterator<Item = &Proof> {
        self.list.iter().map(|(_, proof)| proof)
    }
}

impl Session {
    /// Why each answer to a query holds, or may, with its least proof, or so many; if there is none, why not.
    pub fn explain(
        &self,
        evaluated: &Evaluated,
        query: &Query,
        most_proofs: Option<usize>,
    ) -> Vec<Explained> {
        let found = self.found(evaluated, query);
        if found.is_empty() {
            let pattern = pattern_of(query);
            let why = evaluated.with_world(&self.policy, |world| world.why_not(&pattern));
            return vec![Explained::Absent(Box::new(why))];
        }
        // One world for all answers: what it looks up in the rows is looked up in the same indexes.
        evaluated.with_world(&self.policy, |world| {
            let explained = found
                .into_iter()
                .filter_map(|found| self.explain_one(evaluated, world, query, found, most_proofs));
            explained.collect()
        })
    }

    fn explain_one(
        &self,
        evaluated: &Evaluated,
        world: &World<'_>,
        query: &Query,
        found: Found,
        most_proofs: Option<usize>,
    ) -> Option<Explained> {
        let claim = found.on(query.on);
        match found.sure {
            Sure::Follows => {
                let proofs = match most_proofs {
                    Some(most) => world.prover().proofs(&claim, most),
                    None => Proofs {
                        list: world.prove(&claim).into_iter().collect(),
                        has_more: false,
                    },
                };
                (!proofs.list.is_empty()).then_some(Explained::Holds(claim, proofs))
            }
            Sure::InEveryCase => {
                let cases = self.cases(evaluated, &claim);
                Some(Explained::InEveryCase(claim, cases))
            }
            Sure::Open(dependence) => Some(Explained::Open(Box::new(OpenProof {
                may: self.may_hold(evaluated, &claim),
                stops: self.stops(evaluated, &claim),
                days: match query.on {
                    Some(_) => Vec::new(),
                    None => found.days,
                },
                claim,
                dependence,
            }))),
        }
    }

    /// Why an open fact does not follow.
    fn stops(&self, evaluated: &Evaluated, claim: &Claim) -> WhyNot {
        let known = claim.args.iter();
        let known = known.map(|value| (!value.is_open()).then(|| value.clone()));
        let pattern = Pattern {
            relation: claim.relation,
            args: known.collect(),
            present: Vec::new(),
            day: claim.day,
        };
        let mut why = evaluated.with_world(&self.policy, |world| world.why_not(&pattern));
        why.pattern.args = claim.args.iter().cloned().map(Some).collect();
        why.is_open = true;
        why
    }

    /// A way of settling points in which an open fact follows, and how.
    fn may_hold(&self, evaluated: &Evaluated, claim: &Claim) -> Option<(Vec<String>, Cases)> {
        if claim.args.iter().any(Value::is_open) {
            return self.by_example(evaluated, claim);
        }
        let (settled, answers) = self.settled_world(evaluated, claim, true)?;
        let cases = self.cases(&settled, claim);
        Some((self.assumptions(evaluated, &answers), cases))
    }

    /// Of a fact with values that are not known: what they are once each point on which they depend is settled in one way.
    fn by_example(&self, evaluated: &Evaluated, claim: &Claim) -> Option<(Vec<String>, Cases)> {
        let witness = self.witness(evaluated, claim, true)?;
        let is_settled = |point: &PointId| witness.iter().any(|(other, _)| other == point);
        let points = self.points_of(evaluated, claim).into_iter();
        let more = points
            .filter(|point| !is_settled(point))
            .filter_map(|point| {
                let way = self.settled(evaluated).ways(point).into_iter().next()?;
                Some((point, way.example))
            });
        let answers: Vec<(PointId, Answer)> = witness.iter().cloned().chain(more).collect();
        let facts = self.assuming(evaluated, &answers);
        let settled = self.run(&facts, &evaluated.circumstances).ok()?;
        let proof = self.proof_of_any(&settled, claim)?;
        let told = answers.into_iter().map(|(point, answer)| match answer {
            Answer::Value(value) if !matches!(value, Value::Bool(_)) => {
                (point, Answer::Example(value))
            }
            answer => (point, answer),
        });
        let told: Vec<(PointId, Answer)> = told.collect();
        let cases = Cases {
            list: vec![(Vec::new(), proof)],
            is_whole: true,
        };
        Some((self.assumptions(evaluated, &told), cases))
    }

    /// A proof of a fact; of one with values that are not known, the first that it may turn out to be.
    pub(super) fn proof_of_any(&self, evaluated: &Evaluated, claim: &Claim) -> Option<Proof> {
        evaluated.with_world(&self.policy, |world| {
            if !claim.args.iter().any(Value::is_open) {
                return world.prove(claim);
            }
            let known = claim.args.iter();
            let known: Vec<Option<Value>> = known
                .map(|value| (!value.is_open()).then(|| value.clone()))
                .collect();
            let rows = world.extension.matching(claim.relation, &known, claim.day);
            let may_be = |row: &Vec<Value>| {
                let mut pairs = claim.args.iter().zip(row);
                pairs.all(|(open, value)| !value.is_open() && open.possible_orders(value).equal)
            };
            let args = rows.into_iter().find(may_be)?;
            world.prove(&Claim {
                args,
                ..claim.clone()
            })
        })
    }

    /// The proofs of a fact case by case.
    fn cases(&self, evaluated: &Evaluated, claim: &Claim) -> Cases {
        let mut list = Vec::new();
        let mut found = |assumed: &[Assumed], _: &Evaluated, proof: Proof| {
            let words = assumed.iter().map(|it| it.words.clone());
            list.push((words.collect(), proof));
        };
        let is_whole = self.by_cases(evaluated, claim, Values::Alike, &mut found);
        Cases { list, is_whole }
    }

    /// What is assumed, in words: `drone has potential military applications`, `not: …`, `the node of item l3 is 14 nm`.
    pub(super) fn assumptions(
        &self,
        evaluated: &Evaluated,
        answers: &[(PointId, Answer)],
    ) -> Vec<String> {
        let context = self.context();
        let words = answers.iter().map(|(point, answer)| {
            let question = super::dependence::question(self.settled(evaluated).point(*point));
            context.answered(&question, &self.reply(&question, answer))
        });
        words.collect()
    }
}
