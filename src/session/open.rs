//! What is open: answers that depend on it, the questions, and worlds in which some of them are settled.

use super::Session;
use super::run::Evaluated;
use crate::datalog::program::{RelId, Shape};
use crate::engine::settle::{Answer, Dependence, HoldsIf, Outcome, Point, PointId};
use crate::facts::Facts;
use crate::ir::{Fact, Kind, Query, RelationId, RelationKind, Term};
use crate::proof::Claim;
use crate::report::{self, Asked, Dependency, Question, Reply};
use crate::source::Place;
use crate::value::{Date, FIRST_DAY, LAST_DAY, Type, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;

/// A fact that holds, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The fact; of a standing one, without its day.
    pub claim: Claim,
    /// How sure it is.
    pub sure: Sure,
    /// The days on which it is that sure, where it is a standing one.
    pub days: Vec<(Date, Date)>,
}

impl Found {
    /// The fact on a day; of a standing one, without a day, on the first of its days.
    pub fn on(&self, day: Option<Date>) -> Claim {
        Claim {
            day: day.or(self.days.first().map(|(from, _)| *from)),
            ..self.claim.clone()
        }
    }
}

/// How sure a fact is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sure {
    /// It follows from what is known.
    Follows,
    /// It holds however the open points are settled, by different rules.
    InEveryCase,
    /// It holds in some ways of settling them, and not in others.
    Open(report::Dependence),
}

/// A row by its fields: what becomes of it on some days, and on which.
type ByFields<T> = BTreeMap<Vec<Value>, Vec<(T, Option<(Date, Date)>)>>;

impl Session {
    /// The facts that match a query and hold, or may; those that hold first.
    pub fn found(&self, evaluated: &Evaluated, query: &Query) -> Vec<Found> {
        let fits = |args: &[Value]| fits(&query.atom.args, args);
        let asked = query.atom.args.iter().map(|term| match term {
            Term::Value(value) => Some(value.clone()),
            _ => None,
        });
        let asked: Vec<Option<Value>> = asked.collect();
        self.found_where(evaluated, query.atom.relation, query.on, &asked, &fits)
    }

    /// All facts of a relation that hold, or may.
    pub fn all(&self, evaluated: &Evaluated, relation: RelationId) -> Vec<Found> {
        self.found_where(evaluated, relation, None, &[], &|_| true)
    }

    /// The facts of a relation that fit and hold, or may. `asked`: the values that they must have, by field; none given: any.
    pub(super) fn found_where(
        &self,
        evaluated: &Evaluated,
        relation: RelationId,
        on: Option<Date>,
        asked: &[Option<Value>],
        fits: &dyn Fn(&[Value]) -> bool,
    ) -> Vec<Found> {
        let declared = self.policy.relation(relation);
        let on = on.filter(|_| declared.standing);
        let claim = |args| Claim {
            relation,
            args,
            day: None,
        };
        let mut found = Vec::new();
        evaluated.with_world(&self.policy, |world| {
            let known = vec![None; declared.fields.len()];
            let rows = world.extension.matching(relation, &known, on).into_iter();
            for args in rows.filter(|row| fits(row)) {
                let days = match declared.standing {
                    true => world.extension.days_of(relation, &args),
                    false => Vec::new(),
                };
                found.push(Found {
                    claim: claim(args),
                    sure: Sure::Follows,
                    days,
                });
            }
        });
        let (always, open) = self.between(evaluated, relation, on, asked, fits);
        for (args, days) in always {
            found.push(Found {
                claim: claim(args),
                sure: Sure::InEveryCase,
                days: joined(days.into_iter().filter_map(|(_, days)| days)),
            });
        }
        for (args, rows) in open {
            let days = joined(rows.iter().filter_map(|(_, days)| *days));
            let dependences = rows.into_iter().map(|(dependence, _)| dependence);
            found.push(Found {
                claim: claim(args),
                sure: Sure::Open(self.dependence(evaluated, dependences)),
                days,
            });
        }
        found
    }

    /// The rows between what must hold and what may: those that turn out to hold in every case, and those that are open.
    fn between<'e>(
        &self,
        evaluated: &'e Evaluated,
        relation: RelationId,
        on: Option<Date>,
        asked: &[Option<Value>],
        fits: &dyn Fn(&[Value]) -> bool,
    ) -> (ByFields<()>, ByFields<Cow<'e, Dependence>>) {
        let (mut always, mut open) = (ByFields::new(), ByFields::new());
        let Some(declared) = evaluated.program().declared.get(&relation) else {
            return (always, open);
        };
        let fields = self.policy.relation(relation).fields.len();
        for (row, outcome) in evaluated.settled.outcomes(declared.rel) {
            let days = match (declared.shape, row.last()) {
                (Shape::Standing(regimes), Some(Value::Date(start))) => {
                    let starts = &evaluated.program().regimes[regimes.0 as usize];
                    let next = starts.partition_point(|other| other <= start);
                    let last = starts.get(next).and_then(|day| day.yesterday().ok());
                    Some((*start, last.unwrap_or(LAST_DAY)))
                }
                _ => None,
            };
            let is_then = |day: Date| days.is_none_or(|(from, last)| from <= day && day <= last);
            let args = &row[..fields];
            if !fits(args) || !on.is_none_or(is_then) {
                continue;
            }
            let mut args = args.to_vec();
            let is_narrowed = |(own, asked): (&Value, &Option<Value>)| {
                asked.as_ref().is_some_and(|asked| own != asked)
            };
            let narrowed = args.iter().zip(asked).any(is_narrowed).then(|| {
                let whole = asked.iter().cloned().chain(iter::repeat(None));
                let mut whole: Vec<Option<Value>> = whole.take(row.len()).collect();
                for (column, value) in row.iter().enumerate().skip(fields) {
                    whole[column] = Some(value.clone());
                }
                evaluated
                    .settled
                    .outcome_as_asked(declared.rel, row, &whole)
            });
            let outcome = match narrowed.flatten() {
                Some(outcome) => {
                    for (own, asked) in args.iter_mut().zip(asked) {
                        *own = asked.clone().unwrap_or_else(|| own.clone());
                    }
                    Cow::Owned(outcome)
                }
                None => Cow::Borrowed(outcome),
            };
            match outcome {
                Cow::Borrowed(Outcome::Absent) | Cow::Owned(Outcome::Absent) => {}
                Cow::Borrowed(Outcome::Holds) | Cow::Owned(Outcome::Holds) => {
                    always.entry(args).or_default().push(((), days));
                }
                Cow::Borrowed(Outcome::Open(dependence)) => {
                    let rows = open.entry(args).or_default();
                    rows.push((Cow::Borrowed(dependence), days));
                }
                Cow::Owned(Outcome::Open(dependence)) => {
                    let rows = open.entry(args).or_default();
                    rows.push((Cow::Owned(dependence), days));
                }
            }
        }
        (always, open)
    }

    pub(super) fn dependence<'e>(
        &self,
        evaluated: &Evaluated,
        dependences: impl Iterator<Item = Cow<'e, Dependence>>,
    ) -> report::Dependence {
        let mut on: BTreeMap<Question, Option<bool>> = BTreeMap::new();
        let mut settlements = Vec::new();
        let (mut is_exact, mut count) = (true, 0);
        for dependence in dependences {
            count += 1;
            is_exact &= dependence.is_exact;
            for (point, holds_if) in &dependence.points {
                let holds_if = match holds_if {
                    HoldsIf::True => Some(true),
                    HoldsIf::False => Some(false),
                    HoldsIf::Mixed => None,
                };
                let question = question(evaluated.settled.point(*point));
                on.entry(question)
                    .and_modify(|known| *known = known.filter(|known| Some(*known) == holds_if))
                    .or_insert(holds_if);
            }
            settlements = self.settlements(evaluated, &dependence);
        }
        if count > 1 {
            settlements.clear();
        }
        let on = on
            .into_iter()
            .map(|(question, holds_if)| Dependency { question, holds_if });
        report::Dependence {
            on: on.collect(),
            settlements,
            is_exact,
        }
    }

    /// The ways of settling, each with an answer a question in the order of the questions.
    fn settlements(
        &self,
        evaluated: &Evaluated,
        dependence: &Dependence,
    ) -> Vec<(Vec<Reply>, bool)> {
        let settled = dependence.settlements.iter().map(|(answers, holds)| {
            let mut replies: BTreeMap<Question, Reply> = BTreeMap::new();
            for (point, answer) in answers {
                let question = question(evaluated.settled.point(*point));
                let reply = self.reply(&question, answer);
                replies.insert(question, reply);
            }
            (replies.into_values().collect(), *holds)
        });
        settled.collect()
    }

    pub(super) fn reply(&self, question: &Question, answer: &Answer) -> Reply {
        let relation = self.policy.relation(question.relation);
        let ty = question
            .field
            .map_or(Type::Bool, |at| relation.fields[at].ty);
        let words = |value: &Value| self.policy.types.words(value, ty);
        let listed = |values: &[Value], last: &str| {
            let values: Vec<String> = values.iter().map(words).collect();
            values.join(last)
        };
        Reply::Words(match answer {
            Answer::Truth(truth) | Answer::Value(Value::Bool(truth)) => {
                return Reply::Truth(*truth);
            }
            Answer::Value(value) => words(value),
            Answer::Example(value) => format!("{}, for example", words(value)),
            Answer::OneOf(values) => listed(values, " or "),
            Answer::NoneOf(values) if values.is_empty() => "anything".into(),
            Answer::NoneOf(values) => format!("anything but {}", listed(values, " or ")),
            Answer::Starts(starts) => format!("a text that starts with {}", any_of(starts)),
            Answer::StartsOtherwise(starts) => {
                format!("a text that does not start with {}", any_of(starts))
            }
            Answer::Between(low, high) => {
                let low = low.as_ref().map(|(value, is_in)| {
                    let word = if *is_in { "at least" } else { "more than" };
                    format!("{word} {}", words(value))
                });
                let high = high.as_ref().map(|(value, is_in)| {
                    let word = if *is_in { "at most" } else { "less than" };
                    format!("{word} {}", words(value))
                });
                let bounds: Vec<String> = low.into_iter().chain(high).collect();
                match bounds.is_empty() {
                    true => "anything".into(),
                    false => bounds.join(" and "),
                }
            }
        })
    }

    /// The questions on which some verdict depends: those that decide most verdicts first.
    pub fn questions(&self, evaluated: &Evaluated) -> Vec<Asked> {
        let mut asked: BTreeMap<Question, Vec<(Claim, Option<bool>)>> = BTreeMap::new();
        for found in self.open_verdicts(evaluated) {
            if let Sure::Open(dependence) = found.sure {
                for dependency in dependence.on {
                    let decides = asked.entry(dependency.question).or_default();
                    decides.push((found.claim.clone(), dependency.holds_if));
                }
            }
        }
        let mut list: Vec<Asked> = asked
            .into_iter()
            .map(|(question, decides)| Asked { question, decides })
            .collect();
        list.sort_by_key(|asked| std::cmp::Reverse(asked.decides.len()));
        list
    }

    /// The verdicts that are open, and the answers of a `never` that are.
    pub fn open_verdicts(&self, evaluated: &Evaluated) -> Vec<Found> {
        let relations = self.policy.relations.iter().enumerate();
        let asked = relations.filter(|(_, relation)| {
            matches!(
                relation.kind,
                Kind::Declared(RelationKind::Verdict) | Kind::Constraint(_)
            )
        });
        let found = asked.flat_map(|(at, _)| self.all(evaluated, RelationId(at as u32)));
        found
            .filter(|found| matches!(found.sure, Sure::Open(_)))
            .collect()
    }

    /// A world in which points are settled so that a fact holds there (or, with `false`, does not), with the answers.
    pub(super) fn settled_world(
        &self,
        evaluated: &Evaluated,
        claim: &Claim,
        holds: bool,
    ) -> Option<(Evaluated, Vec<(PointId, Answer)>)> {
        let answers = self.witness(evaluated, claim, holds)?;
        let facts = self.assuming(evaluated, &answers);
        let settled = self.run(&facts, &evaluated.circumstances).ok()?;
        Some((settled, answers))
    }

    /// The facts with some points settled as if somebody had answered.
    pub(super) fn assuming(&self, evaluated: &Evaluated, answers: &[(PointId, Answer)]) -> Facts {
        let mut facts = evaluated.facts.clone();
        for (point, answer) in answers {
            match (evaluated.settled.point(*point), answer) {
                (Point::Judgement { relation, args }, Answer::Truth(truth)) => {
                    facts.list.push(Fact {
                        relation: *relation,
                        args: args.clone(),
                        days: None,
                        denied: !truth,
                        place: Place::Assumed,
                    });
                }
                (
                    Point::Field {
                        relation,
                        row,
                        field,
                    },
                    Answer::Value(value),
                ) => {
                    let (args, days) = self.args_and_days(*relation, row);
                    let mut fact = take_row(&mut facts, *relation, args, days);
                    fact.args[*field] = value.clone();
                    facts.list.push(fact);
                }
                _ => {}
            }
        }
        facts
    }

    /// The fields of a row of the program, and of a dated fact its days.
    pub(super) fn args_and_days<'r>(
        &self,
        relation: RelationId,
        row: &'r [Value],
    ) -> (&'r [Value], Option<(Date, Date)>) {
        let declared = self.policy.relation(relation);
        let fields = declared.fields.len().min(row.len());
        let days = match &row[fields..] {
            [Value::Date(from), Value::Date(through)] => Some((*from, *through)),
            _ => declared.dated.then_some((FIRST_DAY, LAST_DAY)),
        };
        (&row[..fields], days)
    }

    /// For a fact that holds, but follows only when something is settled, or one that may hold: answers after which it holds (or, with
    /// `false`, does not).
    pub(super) fn witness(
        &self,
        evaluated: &Evaluated,
        claim: &Claim,
        holds: bool,
    ) -> Option<Vec<(PointId, Answer)>> {
        let (rel, row) = row_of(evaluated, claim)?;
        evaluated.settled.witness(rel, &row, holds)
    }

    /// The open points below a fact.
    pub(super) fn cone(&self, evaluated: &Evaluated, claim: &Claim) -> Vec<PointId> {
        let row = row_of(evaluated, claim);
        row.map_or(Vec::new(), |(rel, row)| evaluated.settled.cone(rel, &row))
    }
}

/// The row of the program that a fact is.
fn row_of(evaluated: &Evaluated, claim: &Claim) -> Option<(RelId, Vec<Value>)> {
    let declared = evaluated.program().declared.get(&claim.relation)?;
    let mut row = claim.args.clone();
    if let (Shape::Standing(regimes), Some(day)) = (declared.shape, claim.day) {
        let starts = &evaluated.program().regimes[regimes.0 as usize];
        let next = starts.partition_point(|start| *start <= day);
        row.push(Value::Date(*starts.get(next.saturating_sub(1))?));
    }
    Some((declared.rel, row))
}

/// What is asked about a point.
pub(super) fn question(point: &Point) -> Question {
    match point {
        Point::Judgement { relation, args } => Question {
            relation: *relation,
            args: args.clone(),
            field: None,
        },
        Point::Field {
            relation,
            row,
            field,
        } => Question {
            relation: *relation,
            args: row.clone(),
            field: Some(*field),
        },
    }
}

/// Takes out the fact that leaves a field of that row open; a new one, where nobody gave it.
fn take_row(
    facts: &mut Facts,
    relation: RelationId,
    args: &[Value],
    days: Option<(Date, Date)>,
) -> Fact {
    let is_it = |fact: &Fact| is_row(fact, relation, args, days);
    let given = facts.list.iter().position(is_it);
    let given = given.map(|at| facts.list.remove(at));
    Fact {
        place: Place::Assumed,
        ..given.unwrap_or_else(|| Fact {
            relation,
            args: args.to_vec(),
            days,
            denied: false,
            place: Place::Assumed,
        })
    }
}

/// Whether a fact is that row; what is open in the row may be anything.
pub(super) fn is_row(
    fact: &Fact,
    relation: RelationId,
    args: &[Value],
    days: Option<(Date, Date)>,
) -> bool {
    let mut pairs = fact.args.iter().zip(args);
    fact.relation == relation
        && fact.days == days
        && pairs.all(|(own, asked)| own == asked || asked.is_open())
}

fn any_of(starts: &BTreeSet<Arc<str>>) -> String {
    let quoted: Vec<String> = starts.iter().map(|start| format!("“{start}”")).collect();
    quoted.join(" or ")
}

/// Whether a row matches a pattern; an open value matches what it may be.
pub(super) fn fits(terms: &[Term], args: &[Value]) -> bool {
    let mut bound: BTreeMap<u32, &Value> = BTreeMap::new();
    terms.iter().zip(args).all(|(term, value)| match term {
        Term::Variable(id) | Term::Each(id) => {
            *value != Value::None && *bound.entry(id.0).or_insert(value) == value
        }
        Term::Value(wanted) => {
            wanted == value || value.is_open() && value.possible_orders(wanted).equal
        }
        Term::Present => *value != Value::None,
        Term::Any | Term::Missing => true,
    })
}

/// Stretches of days, those that touch as one.
fn joined(days: impl Iterator<Item = (Date, Date)>) -> Vec<(Date, Date)> {
    let mut joined: Vec<(Date, Date)> = Vec::new();
    for (from, through) in days.collect::<BTreeSet<_>>() {
        match joined.last_mut() {
            Some((_, last)) if last.tomorrow().map_or(true, |after| from <= after) => {
                *last = (*last).max(through);
            }
            _ => joined.push((from, through)),
        }
    }
    joined
}
