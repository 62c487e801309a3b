//! What holds, and what is open: which answers there are, on which days, and how sure each is.

use super::Session;
use super::run::Evaluated;
use crate::datalog::program::{RelId, Shape};
use crate::engine::Settled;
use crate::engine::settle::{Dependence, Outcome};
use crate::ir::{Kind, Query, RelationId, RelationKind, Term};
use crate::proof::{Claim, Extension, day_to_prove};
use crate::report;
use crate::value::{Date, LAST_DAY, Value};
use std::collections::{BTreeMap, BTreeSet};

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
    /// The fact on a day; of a standing one, without a day, on the one of its days for which it is proved.
    pub fn on(&self, day: Option<Date>) -> Claim {
        Claim {
            day: day.or(day_to_prove(&self.days)),
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
        let asked = Some(query.atom.args.as_slice());
        let found = self.found_where(evaluated, query.atom.relation, query.on, asked);
        match self.is_guessed(query, &found) {
            true => self.found_as_asked(evaluated, query),
            false => found,
        }
    }

    /// Whether a fact that is given matches what is asked only if a value that nobody knows is the one that is asked for.
    fn is_guessed(&self, query: &Query, found: &[Found]) -> bool {
        let declared = self.policy.relation(query.atom.relation);
        let is_given = matches!(
            declared.kind,
            Kind::Declared(RelationKind::Input | RelationKind::Event)
        );
        let args = &query.atom.args;
        let is_said = |at: usize| match &args[at] {
            Term::Value(_) => true,
            term @ (Term::Variable(_) | Term::Each(_)) => {
                args.iter().filter(|other| *other == term).count() > 1
            }
            Term::Present | Term::Any | Term::Missing => false,
        };
        let is_guess = |found: &Found| {
            let values = found.claim.args.iter().enumerate();
            let mut open = values.filter(|(_, value)| value.is_open());
            found.sure == Sure::Follows && open.any(|(at, _)| is_said(at))
        };
        is_given && !declared.dated && found.iter().any(is_guess)
    }

    /// All facts of a relation that hold, or may.
    pub fn all(&self, evaluated: &Evaluated, relation: RelationId) -> Vec<Found> {
        self.found_where(evaluated, relation, None, None)
    }

    /// The facts of a relation that match what is asked, and hold, or may. One that is open on several stretches of days for
    /// different reasons is told once for each reason.
    pub(super) fn found_where(
        &self,
        evaluated: &Evaluated,
        relation: RelationId,
        on: Option<Date>,
        asked: Option<&[Term]>,
    ) -> Vec<Found> {
        let declared = self.policy.relation(relation);
        let on = on.filter(|_| declared.standing);
        let mut found = self.follows_where(evaluated, relation, on, asked);
        if asked.is_some() && !self.is_any_between(evaluated, relation, asked) {
            return found;
        }
        let settled = self.settled_of(evaluated, relation);
        found.extend(self.between(evaluated, settled, relation, on, asked));
        found
    }

    /// Those that follow from what is known.
    pub(super) fn follows_where(
        &self,
        evaluated: &Evaluated,
        relation: RelationId,
        on: Option<Date>,
        asked: Option<&[Term]>,
    ) -> Vec<Found> {
        let is_standing = self.policy.relation(relation).standing;
        evaluated.with_world(&self.policy, |world| {
            let known = self.known_of(evaluated, relation, asked);
            let rows = world.extension.matching(relation, &known, on).into_iter();
            let rows = rows.filter(|row| asked.is_none_or(|asked| fits(asked, row)));
            let found = rows.map(|args| Found {
                days: match is_standing {
                    true => world.extension.days_of(relation, &args),
                    false => Vec::new(),
                },
                claim: claim(relation, args),
                sure: Sure::Follows,
            });
            found.collect()
        })
    }

    /// Those that may hold but need not: the ones that turn out to hold in every case, and those that are open. `settled`: what
    /// becomes of them.
    pub(super) fn between(
        &self,
        evaluated: &Evaluated,
        settled: &Settled,
        relation: RelationId,
        on: Option<Date>,
        asked: Option<&[Term]>,
    ) -> Vec<Found> {
        let mut found = Vec::new();
        let (always, open) = self.rows_between(evaluated, settled, relation, on, asked);
        for (args, days) in always {
            found.push(Found {
                claim: claim(relation, args),
                sure: Sure::InEveryCase,
                days: joined(days.into_iter().filter_map(|(_, days)| days)),
            });
        }
        for (args, rows) in open {
            let is_vague = args.iter().any(Value::is_open);
            for (dependence, days) in by_reason(rows) {
                let dependence = self.dependence(evaluated, settled, &dependence, is_vague);
                found.push(Found {
                    claim: claim(relation, args.clone()),
                    sure: Sure::Open(dependence),
                    days,
                });
            }
        }
        found
    }

    /// The values that are asked for, by field, where no open one may stand instead. Of judgements all are gone through: what is
    /// presumed of one is not asserted.
    fn known_of(
        &self,
        evaluated: &Evaluated,
        relation: RelationId,
        asked: Option<&[Term]>,
    ) -> Vec<Option<Value>> {
        let declared = self.policy.relation(relation);
        let program = evaluated.program();
        let rel = program.declared.get(&relation).map(|it| it.rel);
        let open = rel.and_then(|rel| program.open.columns.get(&rel));
        let is_open = |at: usize| open.is_some_and(|columns| columns.contains(&at));
        let mut known = vec![None; declared.fields.len()];
        if declared.kind != Kind::Declared(RelationKind::Judgement) {
            for (at, term) in asked.unwrap_or_default().iter().enumerate() {
                if let (Term::Value(value), false) = (term, is_open(at)) {
                    known[at] = Some(value.clone());
                }
            }
        }
        known
    }

    /// Whether some row may match what is asked, and may hold but need not: else there is nothing to settle.
    fn is_any_between(
        &self,
        evaluated: &Evaluated,
        relation: RelationId,
        asked: Option<&[Term]>,
    ) -> bool {
        let program = evaluated.program();
        let rel = program.declared.get(&relation).map(|declared| declared.rel);
        let Some((rel, may)) = rel.and_then(|rel| Some((rel, *program.open.may.get(&rel)?))) else {
            return false;
        };
        let mut known = self.known_of(evaluated, relation, asked);
        known.resize(program.relations[may.0 as usize].arity, None);
        let mut rows = evaluated.model.matching(may, &known);
        rows.any(|row| !evaluated.model.contains(rel, &row))
    }

    /// The rows between what must hold and what may: those that turn out to hold in every case, and those that are open.
    fn rows_between(
        &self,
        evaluated: &Evaluated,
        settled: &Settled,
        relation: RelationId,
        on: Option<Date>,
        asked: Option<&[Term]>,
    ) -> (ByFields<()>, ByFields<Dependence>) {
        let (mut always, mut open) = (ByFields::new(), ByFields::new());
        let Some(declared) = evaluated.program().declared.get(&relation) else {
            return (always, open);
        };
        let fields = self.policy.relation(relation).fields.len();
        for (row, outcome) in settled.outcomes(declared.rel) {
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
            let is_asked = asked.is_none_or(|asked| fits(asked, &row[..fields]));
            if !is_asked || !on.is_none_or(is_then) {
                continue;
            }
            let narrowed = asked.and_then(|asked| narrowed(settled, declared.rel, row, asked));
            let (row, outcome) = match narrowed {
                // It is told as one that follows.
                Some((row, _)) if evaluated.model.contains(declared.rel, &row) => continue,
                Some(narrowed) => narrowed,
                None => (row.clone(), outcome.clone()),
            };
            let day = days.map(|(from, _)| from);
            let args = bounded(evaluated, relation, &row[..fields], day);
            match outcome {
                Outcome::Holds => always.entry(args).or_default().push(((), days)),
                Outcome::Open(dependence) => {
                    open.entry(args).or_default().push((dependence, days));
                }
                Outcome::Absent => {}
            }
        }
        (always, open)
    }
}

fn claim(relation: RelationId, args: Vec<Value>) -> Claim {
    Claim {
        relation,
        args,
        day: None,
    }
}

/// The same row with the values that are asked for in the place of those that are not known, and what becomes of that; `None`
/// where nothing is to be filled in, or no more can be told.
fn narrowed(
    settled: &Settled,
    rel: RelId,
    row: &[Value],
    asked: &[Term],
) -> Option<(Vec<Value>, Outcome)> {
    let mut narrow = row.to_vec();
    for (value, term) in narrow.iter_mut().zip(asked) {
        if let (true, Term::Value(wanted)) = (value.is_open(), term) {
            value.clone_from(wanted);
        }
    }
    let known = narrow.iter();
    let known: Vec<Option<Value>> = known
        .map(|value| (!value.is_open()).then(|| value.clone()))
        .collect();
    if narrow == row {
        return None;
    }
    let outcome = settled.outcome_as_asked(rel, row, &known)?;
    Some((narrow, outcome))
}

/// The same row with the bounds that are known of its values: those within which it may hold.
fn bounded(
    evaluated: &Evaluated,
    relation: RelationId,
    row: &[Value],
    day: Option<Date>,
) -> Vec<Value> {
    if !row.iter().any(Value::is_open) {
        return row.to_vec();
    }
    let known = row.iter();
    let known: Vec<Option<Value>> = known
        .map(|value| (!value.is_open()).then(|| value.clone()))
        .collect();
    let may = evaluated.possible().matching(relation, &known, day);
    let may: Vec<Vec<Value>> = may.into_iter().filter(|it| may_be(row, it)).collect();
    let columns = row.iter().enumerate().map(|(at, value)| {
        let values: Vec<&Value> = may.iter().map(|it| &it[at]).collect();
        match value.is_open() {
            true => within(value, &values),
            false => value.clone(),
        }
    });
    columns.collect()
}

/// An open value, cut to what lies between the least and the greatest of others.
fn within(value: &Value, others: &[&Value]) -> Value {
    let has_order =
        |other: &&&Value| matches!(other, Value::Number(_) | Value::Date(_) | Value::Range(_));
    if others.is_empty() || !others.iter().all(|other| has_order(&other)) {
        return value.clone();
    }
    let lows: Option<Vec<&Value>> = others.iter().map(|other| other.low()).collect();
    let highs: Option<Vec<&Value>> = others.iter().map(|other| other.high()).collect();
    let low = lows.and_then(|lows| lows.into_iter().min());
    let high = highs.and_then(|highs| highs.into_iter().max());
    Value::between(
        low.into_iter().chain(value.low()).max().cloned(),
        high.into_iter().chain(value.high()).min().cloned(),
    )
}

/// Whether two rows may be the same.
pub(super) fn may_be(one: &[Value], other: &[Value]) -> bool {
    let mut pairs = one.iter().zip(other);
    pairs.all(|(a, b)| a.possible_orders(b).equal)
}

/// The stretches of days on which something is open, joined where the reason is the same, in the order of their first days.
fn by_reason(
    mut rows: Vec<(Dependence, Option<(Date, Date)>)>,
) -> Vec<(Dependence, Vec<(Date, Date)>)> {
    rows.sort_by_key(|(_, days)| *days);
    let mut reasons: Vec<(Dependence, Vec<(Date, Date)>)> = Vec::new();
    for (dependence, days) in rows {
        match reasons.iter_mut().find(|(other, _)| *other == dependence) {
            Some((_, all)) => all.extend(days),
            None => reasons.push((dependence, days.into_iter().collect())),
        }
    }
    let joined = |(dependence, days): (Dependence, Vec<_>)| (dependence, joined(days.into_iter()));
    reasons.into_iter().map(joined).collect()
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
