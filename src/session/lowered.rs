//! A policy as Datalog, kept from one world to the next: facts change from case to case, and few of them change the program.

use crate::datalog::{self, Program, Surroundings};
use crate::diagnostic::Diagnostics;
use crate::ir::{self, Calendar, Calendars, Circumstances, Condition, Fact, Policy, RelationId};
use crate::proof::OfPolicy;
use crate::source::{Place, Span};
use crate::value::Date;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// How many of each are kept.
const MOST: usize = 64;

/// The programs of one policy, by what they depend on. A copy is for another policy, and starts with none.
#[derive(Debug, Default)]
pub(super) struct Lowerings {
    calendars: Kept<Circumstances, Calendars>,
    programs: Kept<Key, Lowered>,
    in_order: Arc<OnceLock<Arc<OfPolicy>>>,
}

impl Clone for Lowerings {
    fn clone(&self) -> Lowerings {
        Lowerings::default()
    }
}

/// A policy as Datalog.
#[derive(Debug)]
pub(super) struct Lowered {
    /// The days of its clauses.
    pub(super) calendar: Calendar,
    /// The program, without the names of entities.
    pub(super) program: Program,
    /// What proofs need of the policy in order, once one is asked for.
    pub(super) in_order: Arc<OnceLock<Arc<OfPolicy>>>,
}

/// What a program depends on beside the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        let calendars = self.calendars.find_or_make(&key.circumstances, || {
            let (calendars, cycles) = ir::calendars(policy, circumstances);
            super::run::stop_at(cycles).map(|()| calendars)
        })?;
        self.programs.find_or_make(&key, || {
            let (program, problems) =
                datalog::lower(policy, &calendars, circumstances, &surroundings);
            super::run::stop_at(problems)?;
            Ok(Lowered {
                calendar: calendars.base.clone(),
                program,
                in_order: Arc::clone(&self.in_order),
            })
        })
    }
}

/// What was made, by what it was made for; the oldest goes first.
#[derive(Debug)]
struct Kept<K, T>(Mutex<VecDeque<(K, Arc<T>)>>);

impl<K, T> Default for Kept<K, T> {
    fn default() -> Self {
        Kept(Mutex::default())
    }
}

impl<K: Clone + PartialEq, T> Kept<K, T> {
    fn find_or_make(
        &self,
        key: &K,
        make: impl FnOnce() -> Result<T, Diagnostics>,
    ) -> Result<Arc<T>, Diagnostics> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = kept().iter().find(|(other, _)| other == key) {
            return Ok(Arc::clone(found));
        }
        let made = Arc::new(make()?);
        let mut kept = kept();
        if kept.len() == MOST {
            kept.pop_front();
        }
        kept.push_back((key.clone(), Arc::clone(&made)));
        Ok(made)
    }
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
