//! Evaluates a policy on facts.

use super::{Session, error};
use crate::datalog::{self, Program, Surroundings};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::{self, Answers, Engine, Limits, Model};
use crate::facts::{self, Facts};
use crate::ir::{self, Calendar, Circumstances, Fact, Kind, Policy, RelationId, RelationKind};
use crate::proof::World;
use crate::value::{Date, LAST_DAY, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Which engine evaluates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineKind {
    /// The one for use.
    #[default]
    Local,
    /// The one to compare with.
    Reference,
}

/// A policy evaluated on facts.
pub struct Evaluated {
    /// The days of its clauses.
    pub calendar: Calendar,
    /// What was known, left out and lifted.
    pub circumstances: Circumstances,
    /// What was given.
    pub facts: Facts,
    /// The policy as Datalog.
    pub program: Program,
    /// What holds.
    pub model: Model,
}

impl Evaluated {
    /// Asks about what holds, and why.
    pub fn with_world<T>(&self, policy: &Policy, ask: impl FnOnce(&World<'_>) -> T) -> T {
        let answers = Answers {
            program: &self.program,
            model: &self.model,
        };
        let world = World::new(
            policy,
            &self.calendar,
            &self.circumstances,
            &self.facts,
            &answers,
        );
        ask(&world)
    }
}

impl Session {
    /// Evaluates the policy on facts. Refused with plain messages: facts that cannot stand together, rules that cannot be put in
    /// order, values that do not exist, points that are open.
    pub fn run(
        &self,
        facts: &Facts,
        circumstances: &Circumstances,
    ) -> Result<Evaluated, Diagnostics> {
        let found = facts::check(&self.policy, facts);
        if found.has_errors() {
            return Err(found);
        }
        let policy = &self.policy;
        let circumstances = Circumstances {
            judgements: judgements(policy, facts),
            ..circumstances.clone()
        };
        let (calendar, cycles) = ir::calendar(policy, &circumstances);
        stop_at(cycles)?;
        let surroundings = Surroundings {
            cuts: cuts(facts),
            named: facts.named(policy),
        };
        let (program, problems) = datalog::lower(policy, &calendar, &circumstances, &surroundings);
        stop_at(problems)?;
        let given = engine::given_rows(&program, facts);
        let engine: &dyn Engine = match self.engine {
            EngineKind::Local => &engine::local::Local,
            EngineKind::Reference => &engine::Reference,
        };
        let model = engine
            .run(&program, &given, Limits::default())
            .map_err(|failure| one(failure.to_diagnostic(&program, policy)))?;
        let open = engine::undecided(&program, policy, &model);
        if !open.is_empty() {
            return Err(Diagnostics { list: open });
        }
        let evaluated = Evaluated {
            calendar,
            circumstances,
            facts: facts.clone(),
            program,
            model,
        };
        stop_at(self.key_clashes(&evaluated))?;
        Ok(evaluated)
    }

    /// Whether the policy can be put in order at all, without any facts: what `check` finds beyond the messages of `load`.
    pub fn check_order(&self) -> Diagnostics {
        let circumstances = Circumstances::default();
        let (calendar, mut found) = ir::calendar(&self.policy, &circumstances);
        if !found.has_errors() {
            let (_, problems) = datalog::lower(
                &self.policy,
                &calendar,
                &circumstances,
                &Surroundings::default(),
            );
            found.extend(problems);
        }
        found
    }

    /// Two facts that follow with one key and different rest.
    fn key_clashes(&self, evaluated: &Evaluated) -> Diagnostics {
        let mut found = Diagnostics::default();
        for (at, relation) in self.policy.relations.iter().enumerate() {
            let is_concluded = matches!(
                relation.kind,
                Kind::Declared(RelationKind::Relation | RelationKind::Verdict)
            );
            let Some(key) = relation.key.filter(|_| is_concluded) else {
                continue;
            };
            let declared = &evaluated.program.declared[&RelationId(at as u32)];
            let fields = relation.fields.len();
            let mut first: BTreeMap<Vec<Value>, Vec<Value>> = BTreeMap::new();
            for row in evaluated.model.rows(declared.rel) {
                let own: Vec<Value> = row[..key].iter().chain(&row[fields..]).cloned().collect();
                let before = first.entry(own).or_insert_with(|| row.clone());
                if before[..fields] != row[..fields] {
                    let show =
                        |row: &[Value]| self.context().atom(RelationId(at as u32), &row[..fields]);
                    found.push(error::derived_twice(
                        &relation.name,
                        [show(before), show(&row)],
                        relation.span,
                    ));
                    break;
                }
            }
        }
        found
    }
}

fn one(diagnostic: Diagnostic) -> Diagnostics {
    Diagnostics {
        list: vec![diagnostic],
    }
}

fn stop_at(diagnostics: Diagnostics) -> Result<(), Diagnostics> {
    if diagnostics.has_errors() {
        Err(diagnostics)
    } else {
        Ok(())
    }
}

fn judgements(policy: &Policy, facts: &Facts) -> Vec<Fact> {
    let is_judgement = |fact: &&Fact| {
        policy.relation(fact.relation).kind == Kind::Declared(RelationKind::Judgement)
    };
    facts.list.iter().filter(is_judgement).cloned().collect()
}

/// The days on which facts of dated inputs start, and the days after they end.
fn cuts(facts: &Facts) -> BTreeSet<Date> {
    let days = facts.list.iter().filter_map(|fact| fact.days);
    days.flat_map(|(from, through)| {
        [
            Some(from),
            (through < LAST_DAY)
                .then(|| through.tomorrow().ok())
                .flatten(),
        ]
    })
    .flatten()
    .collect()
}
