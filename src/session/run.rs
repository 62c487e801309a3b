//! Evaluates a policy on facts.

use super::lowered::Lowered;
use super::{Session, error};
use crate::datalog::program::{Certainty, PresumedField, RelId};
use crate::datalog::{self, Program, Surroundings};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::{self, Answers, Engine, Model, Settled};
use crate::facts::{self, Facts};
use crate::ir::{
    self, Calendar, Circumstances, Fact, Kind, Missing, Policy, Presumption, RelationId,
    RelationKind, Term,
};
use crate::proof::World;
use crate::source::Place;
use crate::value::{Date, LAST_DAY, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

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
    pub(super) lowered: Arc<Lowered>,
    /// What was known, left out and lifted.
    pub circumstances: Circumstances,
    /// What was given.
    pub facts: Facts,
    /// What must hold, and what may.
    pub model: Model,
    /// What becomes of what lies between, once somebody asks.
    pub(super) settled: Settlements,
    /// The days of the clauses, where what is presumed on a condition decides suspensions.
    presumed_law: Option<Calendar>,
}

/// What becomes of rows that may hold but need not, as far as somebody has asked.
#[derive(Default)]
pub(super) struct Settlements {
    of_verdicts: OnceLock<Settled>,
    of_constraints: OnceLock<Settled>,
    of_all: OnceLock<Settled>,
}

impl Evaluated {
    /// The days of the policy's clauses.
    pub fn calendar(&self) -> &Calendar {
        self.presumed_law.as_ref().unwrap_or(&self.lowered.calendar)
    }

    /// The policy as Datalog.
    pub fn program(&self) -> &Program {
        &self.lowered.program
    }

    /// What may hold, asked as the policy speaks.
    pub(super) fn possible(&self) -> Answers<'_> {
        Answers {
            program: self.program(),
            model: &self.model,
            certainty: Certainty::May,
        }
    }

    /// Asks about what holds, and why.
    pub fn with_world<T>(&self, policy: &Policy, ask: impl FnOnce(&World<'_>) -> T) -> T {
        let answers = Answers {
            program: self.program(),
            model: &self.model,
            certainty: Certainty::Must,
        };
        let possible = self.possible();
        let world = World::new(
            policy,
            self.calendar(),
            &self.circumstances,
            &self.facts,
            &answers,
        )
        .with_order_kept(&self.lowered.in_order);
        // Where nothing is open, what may hold is what must.
        let open = &self.program().open;
        let has_open = !open.may.is_empty() || !open.judgements.is_empty();
        let world = match has_open {
            true => world.with_possible(&possible, self.presumptions(policy)),
            false => world,
        };
        ask(&world)
    }
}

impl Evaluated {
    fn presumptions<'a>(&'a self, policy: &'a Policy) -> Vec<&'a Presumption> {
        let presumed = policy.presumptions.iter().chain(&self.facts.presumptions);
        let counts = |_: &&Presumption| !self.circumstances.without_presumptions;
        presumed.filter(counts).collect()
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
        let facts = &facts::completed(&self.policy, facts);
        let checked = facts::check(&self.policy, facts);
        stop_at(checked.diagnostics)?;
        let policy = &self.policy;
        let (circumstances, lowered) = self.lowered(facts, circumstances)?;
        let program = &lowered.program;
        let given = engine::Given::new(program, facts, &checked.distinct)
            .with_names(program, policy, facts);
        let engine: &dyn Engine = match self.engine {
            EngineKind::Local => &engine::local::Local,
            EngineKind::Reference => &engine::Reference,
        };
        let model = engine
            .run(program, &given, self.limits)
            .map_err(|failure| one(failure.to_diagnostic(program, policy)))?;
        let evaluated = self.evaluated(lowered, circumstances, facts.clone(), model);
        stop_at(self.key_clashes(&evaluated))?;
        stop_at(self.presumed_both_ways(&evaluated))?;
        stop_at(self.presumed_differently(&evaluated))?;
        Ok(evaluated)
    }

    /// What a run found, with the law that it comes to: what is presumed on a condition is known only now.
    pub(super) fn evaluated(
        &self,
        lowered: Arc<Lowered>,
        circumstances: Circumstances,
        facts: Facts,
        model: Model,
    ) -> Evaluated {
        let mut evaluated = Evaluated {
            lowered,
            circumstances,
            facts,
            model,
            settled: Settlements::default(),
            presumed_law: None,
        };
        let presumed = self.presumed_for_law(&evaluated);
        if !presumed.is_empty() {
            evaluated.circumstances.judgements.extend(presumed);
            let (law, _) = ir::calendar(&self.policy, &evaluated.circumstances);
            evaluated.presumed_law = Some(law);
        }
        evaluated
    }

    /// Of the judgements on which suspensions depend, those that nobody has made and that are presumed, as far as the run shows.
    fn presumed_for_law(&self, evaluated: &Evaluated) -> Vec<Fact> {
        let (open, model) = (&evaluated.program().open, &evaluated.model);
        let must =
            |rel: Option<RelId>, row: &[Value]| rel.is_some_and(|rel| is_presumed(model, rel, row));
        let may = |rel: Option<RelId>, row: &[Value]| {
            let possible = rel.map(|rel| open.may.get(&rel).copied().unwrap_or(rel));
            must(rel, row) || must(possible, row)
        };
        let mut found: Vec<Fact> = Vec::new();
        let stretches = self
            .policy
            .effects
            .iter()
            .flat_map(|effect| &effect.stretches);
        for condition in stretches.filter_map(|stretch| stretch.condition.as_ref()) {
            let is_about =
                |fact: &Fact| fact.relation == condition.relation && fact.args == condition.args;
            let mut known = evaluated.circumstances.judgements.iter().chain(&found);
            let declared = &evaluated.program().declared[&condition.relation];
            let Some(judgement) = open.judgements.get(&declared.rel) else {
                continue;
            };
            if known.any(is_about) {
                continue;
            }
            let [so, not_so] = judgement.presumed;
            let denied = match (must(so, &condition.args), must(not_so, &condition.args)) {
                (true, _) if !may(not_so, &condition.args) => false,
                (_, true) if !may(so, &condition.args) => true,
                _ => continue,
            };
            let presumptions = evaluated.presumptions(&self.policy).into_iter();
            let place = presumptions
                .filter(|it| it.denied == denied && it.rule.head.relation == condition.relation)
                .find(|it| may_be_about(it, &condition.args))
                .map_or(Place::Assumed, |it| Place::Span(it.rule.span));
            found.push(Fact {
                relation: condition.relation,
                args: condition.args.clone(),
                days: None,
                denied,
                place,
            });
        }
        found
    }

    /// The policy as Datalog for these facts, and the circumstances with the judgements that they settle.
    pub(super) fn lowered(
        &self,
        facts: &Facts,
        circumstances: &Circumstances,
    ) -> Result<(Circumstances, Arc<Lowered>), Diagnostics> {
        let policy = &self.policy;
        let presumptions = match circumstances.without_presumptions {
            true => Vec::new(),
            false => [policy.presumptions.as_slice(), &facts.presumptions].concat(),
        };
        let circumstances = Circumstances {
            judgements: judgements(policy, facts, &presumptions),
            ..circumstances.clone()
        };
        let surroundings = Surroundings {
            cuts: cuts(facts),
            unknown: facts.open_fields(),
            presumptions,
            ..Surroundings::default()
        };
        let lowered = self.lowerings.lower(policy, &circumstances, surroundings)?;
        Ok((circumstances, lowered))
    }

    /// What becomes of what may hold but need not.
    pub fn settled<'e>(&self, evaluated: &'e Evaluated) -> &'e Settled {
        let open = &evaluated.program().open;
        let all = || open.may.keys().chain(open.sources.keys());
        let settled = || self.settle(evaluated, &all().copied().collect());
        evaluated.settled.of_all.get_or_init(settled)
    }

    /// The same of one relation, and perhaps of no other. Points have other numbers there. Of verdicts, and of what must never be,
    /// only what they hang on is settled: it is seldom asked about the rest.
    pub fn settled_of<'e>(&self, evaluated: &'e Evaluated, relation: RelationId) -> &'e Settled {
        let is_constraint = |kind: &Kind| matches!(kind, Kind::Constraint(_));
        match &self.policy.relation(relation).kind {
            Kind::Declared(RelationKind::Verdict) => self.settled_verdicts(evaluated),
            kind if is_constraint(kind) => {
                let settled = || self.settle(evaluated, &self.rels_of(evaluated, is_constraint));
                evaluated.settled.of_constraints.get_or_init(settled)
            }
            _ => self.settled(evaluated),
        }
    }

    /// The same of all verdicts.
    pub fn settled_verdicts<'e>(&self, evaluated: &'e Evaluated) -> &'e Settled {
        let settled = || self.settle(evaluated, &self.rels_of_verdicts(evaluated));
        evaluated.settled.of_verdicts.get_or_init(settled)
    }

    pub(super) fn rels_of_verdicts(&self, evaluated: &Evaluated) -> BTreeSet<RelId> {
        self.rels_of(evaluated, |kind| {
            *kind == Kind::Declared(RelationKind::Verdict)
        })
    }

    fn rels_of(&self, evaluated: &Evaluated, of_kind: impl Fn(&Kind) -> bool) -> BTreeSet<RelId> {
        let declared = evaluated.program().declared.iter();
        let asked = declared.filter(|(id, _)| of_kind(&self.policy.relation(**id).kind));
        asked.map(|(_, declared)| declared.rel).collect()
    }

    fn settle(&self, evaluated: &Evaluated, asked: &BTreeSet<RelId>) -> Settled {
        let (program, model) = (evaluated.program(), &evaluated.model);
        let (limits, most_points) = (self.limits, self.most_points);
        engine::settle(program, &self.policy, model, limits, most_points, asked)
    }

    /// Whether the policy can be put in order at all, without any facts: what `check` finds beyond the messages of `load`.
    pub fn check_order(&self) -> Diagnostics {
        let circumstances = Circumstances::default();
        let (calendars, mut found) = ir::calendars(&self.policy, &circumstances);
        if !found.has_errors() {
            let (_, problems) = datalog::lower(
                &self.policy,
                &calendars,
                &circumstances,
                &Surroundings {
                    presumptions: self.policy.presumptions.clone(),
                    ..Surroundings::default()
                },
            );
            found.extend(problems);
        }
        found
    }

    /// Whether the facts of each case can stand together: what `check` finds beside the order.
    pub fn check_cases(&self) -> Diagnostics {
        let mut found = Diagnostics::default();
        for at in 0..self.policy.cases.len() {
            let facts = facts::completed(&self.policy, &self.case_facts(at));
            let checked = facts::check(&self.policy, &facts);
            for problem in checked.diagnostics.list {
                if !found.list.contains(&problem) {
                    found.push(problem);
                }
            }
        }
        found
    }

    /// Judgements that are presumed to be so and not to be so, and that no fact settles.
    fn presumed_both_ways(&self, evaluated: &Evaluated) -> Diagnostics {
        let mut found = Diagnostics::default();
        let model = &evaluated.model;
        for (given, judgement) in &evaluated.program().open.judgements {
            let [Some(so), Some(not_so)] = judgement.presumed else {
                continue;
            };
            let denials: Vec<Vec<Value>> = model.rows(not_so).collect();
            let clash = model.rows(so).find_map(|row| {
                let mut both = denials.iter().filter_map(|other| common(&row, other));
                both.find(|both| {
                    !model.contains(*given, both) && !model.contains(judgement.denied, both)
                })
            });
            if let Some(args) = clash {
                let presumptions = evaluated.presumptions(&self.policy).into_iter();
                let about: Vec<&Presumption> = presumptions
                    .filter(|it| it.rule.head.relation == judgement.relation)
                    .filter(|it| may_be_about(it, &args))
                    .collect();
                let place = |denied: bool| {
                    let first = about.iter().find(|it| it.denied == denied);
                    first.map(|it| it.rule.span)
                };
                let atom = self.context().atom(judgement.relation, &args);
                found.push(error::presumed_both_ways(&atom, place(false), place(true)));
            }
        }
        found
    }

    /// Fields that no fact gives and that are presumed to have two values.
    fn presumed_differently(&self, evaluated: &Evaluated) -> Diagnostics {
        let mut found = Diagnostics::default();
        let presumed = &evaluated.program().open.presumed;
        let mut fields: BTreeMap<(RelationId, usize), Vec<&PresumedField>> = BTreeMap::new();
        for one in presumed {
            fields
                .entry((one.relation, one.field))
                .or_default()
                .push(one);
        }
        for ((relation, field), all) in fields {
            let given = evaluated.model.rows(all[0].given);
            let clash = given.filter(|row| row[field].is_open()).find_map(|row| {
                let values = all
                    .iter()
                    .flat_map(|one| self.presumed_values(evaluated, one, &row));
                let values: BTreeSet<Value> = values.collect();
                let mut values = values.into_iter();
                Some((row.clone(), [values.next()?, values.next()?]))
            });
            if let Some((row, values)) = clash {
                let declared = self.policy.relation(relation);
                let (args, _) = self.args_and_days(relation, &row);
                let presumptions = evaluated.presumptions(&self.policy).into_iter();
                let about: Vec<&Presumption> = presumptions
                    .filter(|it| it.rule.head.relation == relation)
                    .filter(|it| !matches!(it.rule.head.args[field], Term::Any))
                    .filter(|it| may_be_about(it, args))
                    .collect();
                let place = |value: &Value| {
                    let is_it =
                        |it: &&&Presumption| it.rule.head.args[field] == Term::Value(value.clone());
                    about
                        .iter()
                        .find(is_it)
                        .or(about.first())
                        .map(|it| it.rule.span)
                };
                let [one, other] = &values;
                let places = [
                    place(one),
                    place(other).filter(|other| Some(*other) != place(one)),
                ];
                let words =
                    |value: &Value| self.policy.types.words(value, declared.fields[field].ty);
                found.push(error::presumed_differently(
                    &self.context().atom(relation, args),
                    &declared.fields[field].name,
                    [words(one), words(other)],
                    places,
                ));
            }
        }
        found
    }

    /// The values that one presumption gives a field of a row.
    fn presumed_values(
        &self,
        evaluated: &Evaluated,
        presumed: &PresumedField,
        row: &[Value],
    ) -> Vec<Value> {
        let fields = &self.policy.relation(presumed.relation).fields;
        let column = presumed.columns.iter().position(|it| *it == presumed.field);
        let pattern = presumed.columns.iter().map(|field| {
            let is_known = fields[*field].missing != Missing::Unknown;
            is_known.then(|| row[*field].clone())
        });
        let pattern: Vec<Option<Value>> = pattern.collect();
        let rows = evaluated.model.matching(presumed.rel, &pattern);
        let values = rows.filter_map(|other| other.get(column?).cloned());
        values.filter(|value| !value.is_open()).collect()
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
            let declared = &evaluated.program().declared[&RelationId(at as u32)];
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

pub(super) fn stop_at(diagnostics: Diagnostics) -> Result<(), Diagnostics> {
    if diagnostics.has_errors() {
        Err(diagnostics)
    } else {
        Ok(())
    }
}

/// The judgements that facts settle, and of those on which suspensions depend the ones that are presumed in any case.
pub(super) fn judgements(
    policy: &Policy,
    facts: &Facts,
    presumptions: &[Presumption],
) -> Vec<Fact> {
    let is_judgement =
        |id: RelationId| policy.relation(id).kind == Kind::Declared(RelationKind::Judgement);
    let relations = (0..policy.relations.len() as u32).map(RelationId);
    let of_judgements = relations.filter(|id| is_judgement(*id));
    let given = of_judgements.flat_map(|id| facts.of_relation(id));
    let mut judgements: Vec<Fact> = given.map(Cow::into_owned).collect();
    let stretches = policy.effects.iter().flat_map(|effect| &effect.stretches);
    for condition in stretches.filter_map(|stretch| stretch.condition.as_ref()) {
        let is_settled = judgements
            .iter()
            .any(|fact| fact.relation == condition.relation && fact.args == condition.args);
        let mut presumed = presumptions.iter();
        let presumed = presumed.find(|it| presumes(it, condition.relation, &condition.args));
        if let Some(presumption) = presumed.filter(|_| !is_settled) {
            judgements.push(Fact {
                relation: condition.relation,
                args: condition.args.clone(),
                days: None,
                denied: presumption.denied,
                place: Place::Span(presumption.rule.span),
            });
        }
    }
    judgements
}

/// Whether a row is presumed; an unknown value in what is presumed stands for anything.
fn is_presumed(model: &Model, rel: RelId, row: &[Value]) -> bool {
    model.contains(rel, row) || model.rows(rel).any(|other| common(&other, row).is_some())
}

/// The row that both patterns match, if one does; an unknown value in them matches anything.
fn common(a: &[Value], b: &[Value]) -> Option<Vec<Value>> {
    let column = |(a, b): (&Value, &Value)| match (a.is_open(), b.is_open()) {
        (true, _) => Some(b.clone()),
        (false, true) => Some(a.clone()),
        (false, false) => (a == b).then(|| a.clone()),
    };
    a.iter().zip(b).map(column).collect()
}

fn may_be_about(presumption: &Presumption, args: &[Value]) -> bool {
    let mut pairs = presumption.rule.head.args.iter().zip(args);
    pairs.all(|(term, value)| match term {
        Term::Value(own) => own == value || value.is_open(),
        _ => true,
    })
}

/// Whether this is presumed without a condition.
fn presumes(presumption: &Presumption, relation: RelationId, args: &[Value]) -> bool {
    let rule = &presumption.rule;
    let matches = |(term, value): (&Term, &Value)| match term {
        Term::Value(own) => own == value,
        _ => true,
    };
    rule.head.relation == relation
        && rule.body.is_empty()
        && rule.head.args.iter().zip(args).all(matches)
}

/// The days on which facts of dated inputs start, and the days after they end.
pub(super) fn cuts(facts: &Facts) -> BTreeSet<Date> {
    facts
        .stretches()
        .into_iter()
        .flat_map(|(from, through)| {
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
