//! What holds of the policy's verdicts, and what would hold but for a suspension or an exemption.

use super::Session;
use super::open::{Found, Sure};
use super::parallel::in_parallel;
use super::run::Evaluated;
use crate::datalog::program::Shape;
use crate::diagnostic::Diagnostics;
use crate::engine::settle::Outcome;
use crate::facts::Facts;
use crate::ir::{
    Circumstances, ClauseId, EffectKind, Kind, Lifted, Query, RelationId, RelationKind,
};
use crate::proof::{Claim, Marks, Pattern, World};
use crate::report::{Standing, Verdict};
use crate::value::{Date, Value};
use std::mem::take;
use std::sync::{Mutex, PoisonError};

/// How many verdicts are told in one world: what is found for one is kept for the next.
const LOT: usize = 2_000;

/// Whether verdicts say how the clauses are marked on which they rest.
#[derive(Clone, Copy)]
pub(super) enum Marked {
    Yes,
    No,
}

/// What would hold but for suspensions, or for exemptions.
#[derive(Default)]
pub struct Counterfactual {
    /// Which verdicts; standing ones without their days.
    pub claims: Vec<Claim>,
    /// The policy without them on the facts.
    lifted: Option<Evaluated>,
}

impl Session {
    /// The verdicts that hold or are open, in the order of their names and values.
    pub fn verdicts(&self, evaluated: &Evaluated) -> Vec<Verdict> {
        self.told(evaluated, self.found_verdicts(evaluated))
    }

    /// The same without the marks of the clauses on which they rest.
    pub fn unmarked_verdicts(&self, evaluated: &Evaluated) -> Vec<Verdict> {
        self.told_unmarked(evaluated, self.found_verdicts(evaluated))
    }

    /// What was found, without the marks of the clauses on which it rests: where much is only counted.
    pub(super) fn told_unmarked(&self, evaluated: &Evaluated, found: Vec<Found>) -> Vec<Verdict> {
        self.told_as(evaluated, found, None, Marked::No)
    }

    fn found_verdicts(&self, evaluated: &Evaluated) -> Vec<Found> {
        let relations = self.policy.relations.iter().enumerate();
        let verdicts = relations
            .filter(|(_, relation)| relation.kind == Kind::Declared(RelationKind::Verdict));
        let found = verdicts.flat_map(|(at, _)| self.all(evaluated, RelationId(at as u32)));
        found.collect()
    }

    /// The answers to a query, as verdicts are shown.
    pub fn answers(&self, evaluated: &Evaluated, query: &Query) -> Vec<Verdict> {
        self.told(evaluated, self.found(evaluated, query))
    }

    /// What was found, as verdicts are shown.
    pub fn told(&self, evaluated: &Evaluated, found: Vec<Found>) -> Vec<Verdict> {
        self.told_on(evaluated, found, None)
    }

    /// The same, with the clauses that give it on a day; without one, on the first of its days.
    pub(super) fn told_on(
        &self,
        evaluated: &Evaluated,
        found: Vec<Found>,
        day: Option<Date>,
    ) -> Vec<Verdict> {
        self.told_as(evaluated, found, day, Marked::Yes)
    }

    fn told_as(
        &self,
        evaluated: &Evaluated,
        found: Vec<Found>,
        day: Option<Date>,
        marked: Marked,
    ) -> Vec<Verdict> {
        self.with_worlds(evaluated, found, |world, found| {
            self.told_in(evaluated, world, found, day, marked)
        })
    }

    /// The same in one world.
    pub(super) fn told_in(
        &self,
        evaluated: &Evaluated,
        world: &World<'_>,
        found: Vec<Found>,
        day: Option<Date>,
        marked: Marked,
    ) -> Vec<Verdict> {
        let of_possible = |found: &Found| match marked {
            Marked::Yes => world.marks_of_possible(&found.on(day)),
            Marked::No => Marks::default(),
        };
        let mut prover = world.prover();
        let told = found.into_iter().map(|mut found| match found.sure {
            Sure::Follows => {
                let mut verdict =
                    self.verdict(world, &mut prover, found.on(day), Standing::Holds, marked);
                verdict.days = found.days;
                verdict
            }
            Sure::InEveryCase => Verdict {
                by: self.may_be_by(evaluated, world, &found, day),
                marks: of_possible(&found),
                days: found.days,
                ..Verdict::bare(found.claim, Standing::Holds)
            },
            Sure::Open(ref mut dependence) => Verdict {
                dependence: take(dependence),
                by: self.may_be_by(evaluated, world, &found, day),
                marks: of_possible(&found),
                days: found.days,
                ..Verdict::bare(found.claim, Standing::Open)
            },
        });
        told.collect()
    }

    /// The clauses that give it on a day, in some way of settling what is open; without a day, on any of its days.
    fn may_be_by(
        &self,
        evaluated: &Evaluated,
        world: &World<'_>,
        found: &Found,
        day: Option<Date>,
    ) -> Vec<String> {
        let mut clauses: Vec<ClauseId> = Vec::new();
        let days = match day.is_none() {
            true => self.first_days(evaluated, found),
            false => Vec::new(),
        };
        let claims = match days.is_empty() {
            true => vec![found.on(day)],
            false => days.into_iter().map(|day| found.on(Some(day))).collect(),
        };
        for claim in claims {
            let more = world.may_be_given_by(&claim).into_iter();
            let new: Vec<ClauseId> = more.filter(|clause| !clauses.contains(clause)).collect();
            clauses.extend(new);
        }
        let clauses = clauses.into_iter();
        clauses.map(|clause| self.policy.citation(clause)).collect()
    }

    /// Of a standing fact: the days from which on something below it may be otherwise.
    fn first_days(&self, evaluated: &Evaluated, found: &Found) -> Vec<Date> {
        let program = evaluated.program();
        let declared = program.declared.get(&found.claim.relation);
        let Some(Shape::Standing(regimes)) = declared.map(|declared| declared.shape) else {
            return Vec::new();
        };
        let starts = &program.regimes[regimes.0 as usize];
        let within = |(from, through): &(Date, Date)| {
            let inside = |day: &&Date| from < *day && *day <= through;
            let more: Vec<Date> = starts.iter().filter(inside).copied().collect();
            std::iter::once(*from).chain(more)
        };
        found.days.iter().flat_map(within).collect()
    }

    /// Verdicts that do not hold, and would if suspensions (or exemptions) were lifted.
    pub fn counterfactual(
        &self,
        evaluated: &Evaluated,
        facts: &Facts,
        standing: Standing,
    ) -> Result<Counterfactual, Diagnostics> {
        let has_any = match standing {
            Standing::Suspended => self
                .policy
                .effects
                .iter()
                .any(|effect| effect.kind == EffectKind::Suspends),
            Standing::Exempt => !self.policy.exemptions.is_empty(),
            Standing::Holds | Standing::Open => false,
        };
        if !has_any {
            return Ok(Counterfactual::default());
        }
        let lifted = self.run(
            facts,
            &lifted(&evaluated.circumstances, standing, &Lifted::All),
        )?;
        let claims = evaluated.with_world(&self.policy, |world| {
            lifted.with_world(&self.policy, |lifted| self.gained(world, lifted))
        });
        Ok(Counterfactual {
            claims,
            lifted: Some(lifted),
        })
    }

    /// The same, as verdicts are shown.
    pub fn told_counterfactual(&self, found: Counterfactual, standing: Standing) -> Vec<Verdict> {
        let Some(lifted) = found.lifted else {
            return Vec::new();
        };
        self.with_worlds(&lifted, found.claims, |world, claims| {
            let mut prover = world.prover();
            let told = claims.into_iter();
            told.map(|claim| self.verdict(world, &mut prover, claim, standing, Marked::Yes))
                .collect()
        })
    }

    /// Makes something of each item, on all threads, in the order of the items: a thread has a world, and takes many of them.
    fn with_worlds<T: Send, R: Send>(
        &self,
        evaluated: &Evaluated,
        items: Vec<T>,
        make: impl Fn(&World<'_>, Vec<T>) -> Vec<R> + Sync,
    ) -> Vec<R> {
        let mut items = items.into_iter();
        let lots = std::iter::from_fn(|| {
            let lot: Vec<T> = items.by_ref().take(LOT).collect();
            (!lot.is_empty()).then_some(lot)
        });
        let lots: Vec<Mutex<Vec<T>>> = lots.map(Mutex::new).collect();
        let made = in_parallel(&lots, None, |lot| {
            let lot = take(&mut *lot.lock().unwrap_or_else(PoisonError::into_inner));
            evaluated.with_world(&self.policy, |world| make(world, lot))
        });
        made.into_iter().flatten().collect()
    }

    /// The rows of verdicts that hold in the second world and not in the first; a standing one once, without its days.
    fn gained(&self, before: &World<'_>, after: &World<'_>) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (at, relation) in self.policy.relations.iter().enumerate() {
            if relation.kind == Kind::Declared(RelationKind::Verdict) {
                let id = RelationId(at as u32);
                let known = vec![None; relation.fields.len()];
                let rows = after.extension.matching(id, &known, None).into_iter();
                let held = |args: &[Value]| {
                    let known: Vec<Option<Value>> = args.iter().cloned().map(Some).collect();
                    !before.extension.matching(id, &known, None).is_empty()
                };
                claims.extend(rows.filter(|args| !held(args)).map(|args| Claim {
                    relation: id,
                    args,
                    day: None,
                }));
            }
        }
        claims
    }

    fn verdict(
        &self,
        world: &World<'_>,
        prover: &mut crate::proof::Prover<'_, '_>,
        claim: Claim,
        standing: Standing,
        marked: Marked,
    ) -> Verdict {
        let days = if self.policy.relation(claim.relation).standing {
            world.extension.days_of(claim.relation, &claim.args)
        } else {
            Vec::new()
        };
        let asked = Claim {
            day: claim.day.or(days.first().map(|(from, _)| *from)),
            ..claim.clone()
        };
        let by = world.given_by(&asked);
        let marks = match marked {
            Marked::Yes => prover.marks(&asked),
            Marked::No => Marks::default(),
        };
        Verdict {
            claim: Claim { day: None, ..claim },
            standing,
            by: by
                .into_iter()
                .map(|clause| self.policy.citation(clause))
                .collect(),
            days,
            marks,
            dependence: Default::default(),
        }
    }

    /// Constraints that are broken, or may be. `data`: those that guard data too.
    pub fn broken(&self, evaluated: &Evaluated, data: bool) -> Vec<Broken> {
        let constraints = self.policy.constraints.iter().enumerate();
        let asked = constraints.filter(|(_, constraint)| data || !constraint.data);
        let broken = asked.map(|(at, constraint)| {
            let relation = self.policy.rule(constraint.rule).head.relation;
            let declared = evaluated.program().declared.get(&relation);
            let any =
                declared.map(|declared| self.settled_of(evaluated, relation).any(declared.rel));
            Broken {
                constraint: at,
                answers: self.all(evaluated, relation),
                in_every_case: any == Some(Outcome::Holds),
            }
        });
        broken.filter(|it| !it.answers.is_empty()).collect()
    }
}

/// A `never` that has answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its place in `Policy::constraints`.
    pub constraint: usize,
    /// What is so, and must not be, or may be so: those that hold first.
    pub answers: Vec<Found>,
    /// Whether one answer or another holds however what is open is settled.
    in_every_case: bool,
}

impl Broken {
    /// Whether it is broken for sure.
    pub fn is_certain(&self) -> bool {
        self.in_every_case || self.has_sure_answer()
    }

    /// Whether one of its answers holds; else each is open.
    pub fn has_sure_answer(&self) -> bool {
        let mut answers = self.answers.iter();
        answers.any(|found| !matches!(found.sure, Sure::Open(_)))
    }
}

/// The same circumstances with suspensions or exemptions lifted.
pub(super) fn lifted(
    circumstances: &Circumstances,
    standing: Standing,
    which: &Lifted,
) -> Circumstances {
    let mut lifted = circumstances.clone();
    match standing {
        Standing::Suspended => lifted.suspensions_lifted = which.clone(),
        Standing::Exempt => lifted.exemptions_lifted = which.clone(),
        Standing::Holds | Standing::Open => {}
    }
    lifted
}

/// The pattern that a query asks about.
pub fn pattern_of(query: &Query) -> Pattern {
    let args = query.atom.args.iter().map(|term| match term {
        crate::ir::Term::Value(value) => Some(value.clone()),
        _ => None,
    });
    Pattern {
        relation: query.atom.relation,
        args: args.collect(),
        present: Vec::new(),
        day: query.on,
    }
}
