//! Cases: what is open is settled in one way after the other, until a fact follows in each.

use super::Session;
use super::run::Evaluated;
use crate::engine::settle::{Answer, Point, PointId, Way};
use crate::proof::{Claim, Proof};
use crate::value::{Type, Value};

/// How many cases a proof by cases may have.
pub(super) const MOST_CASES: usize = 64;

/// How many points of which all answers come to the same are settled one by one, to assume no more than it takes.
const MOST_TRIED: usize = 8;

/// How a value that nobody knows is divided into cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    /// Values that nothing tells apart make one case.
    Alike,
    /// Each value makes a case of its own, where its type names all of them.
    Each,
}

/// What a case assumes of one open point.
#[derive(Clone, Debug)]
pub(super) struct Assumed {
    pub(super) point: Point,
    /// The answer that is given as a fact.
    pub(super) answer: Answer,
    /// Whether the case is about that answer alone.
    pub(super) is_named: bool,
    pub(super) words: String,
}

/// Is told each case: what it assumes, the world in which that is so, and the proof there.
pub(super) type Found<'f> = dyn FnMut(&[Assumed], &Evaluated, Proof) + 'f;

/// How far the cases of a fact have come.
struct Cases<'c, 'f> {
    claim: &'c Claim,
    values: Values,
    found: &'c mut Found<'f>,
    count: usize,
    assumed: Vec<Assumed>,
}

impl Session {
    /// Splits on one open point after the other until the fact follows, and tells each case. Whether these are all.
    pub(super) fn by_cases(
        &self,
        evaluated: &Evaluated,
        claim: &Claim,
        values: Values,
        found: &mut Found<'_>,
    ) -> bool {
        let mut cases = Cases {
            claim,
            values,
            found,
            count: 0,
            assumed: Vec::new(),
        };
        self.go_on(evaluated, &mut cases)
    }

    fn go_on(&self, evaluated: &Evaluated, cases: &mut Cases<'_, '_>) -> bool {
        if let Some(proof) = self.proof_of_any(evaluated, cases.claim) {
            cases.count += 1;
            (cases.found)(&cases.assumed, evaluated, proof);
            return true;
        }
        if cases.count >= MOST_CASES || cases.assumed.len() > self.most_points {
            return false;
        }
        let worlds = self.split(evaluated, cases.claim, cases.values);
        let mut is_whole = !worlds.is_empty();
        for (assumed, settled) in worlds {
            let before = cases.assumed.len();
            cases.assumed.extend(assumed);
            is_whole &= self.go_on(&settled, cases);
            cases.assumed.truncate(before);
        }
        is_whole
    }

    /// The worlds in which one point is settled, each with what it assumes: a point after which the fact follows in one of them, if there
    /// is such. Points of which all answers come to the same are settled where nothing else is left, together if they are many.
    fn split(
        &self,
        evaluated: &Evaluated,
        claim: &Claim,
        values: Values,
    ) -> Vec<(Vec<Assumed>, Evaluated)> {
        let follows = |settled: &Evaluated| self.proof_of_any(settled, claim).is_some();
        // An answer wins over what is presumed: what something may be presumed of waits for what that depends on.
        let mut cone = self.cone(evaluated, claim);
        cone.sort_by_key(|point| self.settled(evaluated).may_be_presumed(*point));
        let ways = cone.into_iter().map(|point| {
            let ways = self.settled(evaluated).ways(point);
            let ways = match values {
                Values::Alike => ways,
                Values::Each => self.each_value(evaluated, point).unwrap_or(ways),
            };
            (point, ways)
        });
        let (alike, apart): (Vec<_>, Vec<_>) = ways.partition(|(_, ways)| ways.len() < 2);
        let (mut first, mut tried) = (Vec::new(), 0);
        for (point, ways) in apart
            .into_iter()
            .chain(alike.iter().take(MOST_TRIED).cloned())
        {
            let worlds: Vec<(Vec<Assumed>, Evaluated)> = ways
                .into_iter()
                .filter_map(|way| self.settled_so(evaluated, vec![(point, way)]))
                .collect();
            if worlds.iter().any(|(_, settled)| follows(settled)) {
                return worlds;
            }
            if first.is_empty() || first.len() == 1 && worlds.len() > 1 {
                first = worlds;
            }
            tried += 1;
            if tried == MOST_CASES && first.len() > 1 {
                return first;
            }
        }
        if first.len() < 2 && alike.len() > MOST_TRIED {
            let all = alike.into_iter();
            let all = all.filter_map(|(point, ways)| Some((point, ways.into_iter().next()?)));
            first = Vec::from_iter(self.settled_so(evaluated, all.collect()));
        }
        first
    }

    fn settled_so(
        &self,
        evaluated: &Evaluated,
        ways: Vec<(PointId, Way)>,
    ) -> Option<(Vec<Assumed>, Evaluated)> {
        let answers = ways
            .iter()
            .map(|(point, way)| (*point, way.example.clone()));
        let answers: Vec<(PointId, Answer)> = answers.collect();
        let facts = self.assuming(evaluated, &answers);
        let settled = self.run(&facts, &evaluated.circumstances).ok()?;
        let assumed = ways.into_iter().map(|(point, way)| {
            let is_named = way.way == way.example;
            let answer = way.example.clone();
            let (told, remark) = match way.is_all {
                true => (way.way, ""),
                false => (way.example, ", for example"),
            };
            let words = self.assumptions(evaluated, &[(point, told)]).pop()? + remark;
            Some(Assumed {
                point: self.settled(evaluated).point(point).clone(),
                answer,
                is_named,
                words,
            })
        });
        Some((assumed.collect::<Option<Vec<Assumed>>>()?, settled))
    }

    /// The ways of settling the value of a field by naming it, where its type is a closed set that is not too large.
    fn each_value(&self, evaluated: &Evaluated, point: PointId) -> Option<Vec<Way>> {
        let Point::Field {
            relation, field, ..
        } = self.settled(evaluated).point(point)
        else {
            return None;
        };
        let Type::Set(id) = self.policy.relation(*relation).fields[*field].ty else {
            return None;
        };
        let count = self.policy.types.members(id).len();
        if count > MOST_CASES {
            return None;
        }
        let named = (0..count as u32).map(|at| Way {
            way: Answer::Value(Value::Member(at)),
            example: Answer::Value(Value::Member(at)),
            is_all: true,
        });
        Some(named.collect())
    }
}
