//! A policy as Datalog, kept from one world to the next: facts change from case to case, and few of them change the program.

use crate::datalog::{self, Program, Surroundings};
use crate::diagnostic::Diagnostics;
use crate::ir::{self, Calendar, Circumstances, Condition, Fact, Policy, RelationId};
use crate::source::{Place, Span};
use crate::value::Date;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// How many programs are kept; the oldest goes first.
const MOST: usize = 64;

/// The programs of one policy, by what they depend on. For one policy only: whoever changes the policy starts with a new one.
#[derive(Debug, Default)]
pub struct Lowerings {
    kept: Mutex<VecDeque<(Key, Arc<Lowered>)>>,
}

/// A policy as Datalog.
#[derive(Debug)]
pub(super) struct Lowered {
    /// The days of its clauses.
    pub(super) calendar: Calendar,
    /// The program, without the names of entities.
    pub(super) program: Program,
}

/// What a program depends on beside the policy.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    circumstances: Circumstances,
    cuts: BTreeSet<Date>,
    unknown: BTreeSet<(RelationId, usize)>,
    /// What is presumed, by where it is written.
    presumptions: Vec<Span>,
}

impl Lowerings {
    /// The program under these circumstances, made or kept. `surroundings.named` is left out.
    pub(super) fn lower(
        &self,
        policy: &Policy,
        circumstances: &Circumstances,
        surroundings: Surroundings,
    ) -> Result<Arc<Lowered>, Diagnostics> {
        let presumptions = surroundings.presumptions.iter();
        let key = Key {
            circumstances: Circumstances {
                judgements: deciding(policy, circumstances),
                ..circumstances.clone()
            },
            cuts: surroundings.cuts.clone(),
            unknown: surroundings.unknown.clone(),
            presumptions: presumptions.map(|it| it.rule.span).collect(),
        };
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, lowered)) = kept().iter().find(|(other, _)| *other == key) {
            return Ok(Arc::clone(lowered));
        }
        let lowered = Arc::new(lower(policy, circumstances, &surroundings)?);
        let mut kept = kept();
        if kept.len() == MOST {
            kept.pop_front();
        }
        kept.push_back((key, Arc::clone(&lowered)));
        Ok(lowered)
    }
}

fn lower(
    policy: &Policy,
    circumstances: &Circumstances,
    surroundings: &Surroundings,
) -> Result<Lowered, Diagnostics> {
    let (calendars, cycles) = ir::calendars(policy, circumstances);
    super::run::stop_at(cycles)?;
    let (program, problems) = datalog::lower(policy, &calendars, circumstances, surroundings);
    super::run::stop_at(problems)?;
    Ok(Lowered {
        calendar: calendars.base,
        program,
    })
}

/// The judgements on which suspensions depend, wherever they were made: the others change no calendar.
fn deciding(policy: &Policy, circumstances: &Circumstances) -> Vec<Fact> {
    let stretches = policy.effects.iter().flat_map(|effect| &effect.stretches);
    let conditions: Vec<&Condition> = stretches
        .filter_map(|stretch| stretch.condition.as_ref())
        .collect();
    let decides = |fact: &&Fact| {
        let mut conditions = conditions.iter();
        conditions.any(|it| it.relation == fact.relation && it.args == fact.args)
    };
    let deciding = circumstances.judgements.iter().filter(decides);
    let deciding = deciding.map(|fact| Fact {
        place: Place::Assumed,
        ..fact.clone()
    });
    deciding.collect()
}
