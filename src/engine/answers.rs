//! What holds, asked as the policy speaks: by declared relation, fields and day.

use super::Model;
use crate::datalog::Program;
use crate::datalog::program::{Certainty, Declared, RegimesId, RelId, Shape};
use crate::ir::RelationId;
use crate::proof::Extension;
use crate::value::{Date, LAST_DAY, Value};
use std::collections::BTreeSet;

/// A model with the program it is of.
#[derive(Clone, Copy)]
pub struct Answers<'a> {
    /// Says where the relations of the policy are found.
    pub program: &'a Program,
    /// What holds.
    pub model: &'a Model,
    /// Whether what must hold is asked for, or what may. There, an open value stands for any that it may have.
    pub certainty: Certainty,
}

impl Extension for Answers<'_> {
    fn matching(
        &self,
        relation: RelationId,
        known: &[Option<Value>],
        day: Option<Date>,
    ) -> Vec<Vec<Value>> {
        let Some(declared) = self.program.declared.get(&relation) else {
            return Vec::new();
        };
        let fields = known.len();
        if self.program.open.judgements.contains_key(&declared.rel)
            && let Some(args) = known.iter().cloned().collect::<Option<Vec<Value>>>()
        {
            let truth = match self.certainty {
                Certainty::Must => self.judged(relation, &args) == Some(true),
                Certainty::May => self.judged(relation, &args) != Some(false),
            };
            return truth.then_some(args).into_iter().collect();
        }
        let rows: BTreeSet<Vec<Value>> = match (declared.shape, day) {
            (Shape::Plain, _) => self.rows(declared, known, [], fields).collect(),
            (Shape::Standing(regimes), Some(day)) => {
                let regime = Value::Date(self.regime(regimes, day).0);
                self.rows(declared, known, [Some(regime)], fields).collect()
            }
            (Shape::Standing(_), None) => self.rows(declared, known, [None], fields).collect(),
            (Shape::Dated, None) => self.rows(declared, known, [None, None], fields).collect(),
            (Shape::Dated, Some(day)) => self
                .rows(declared, known, [None, None], fields + 2)
                .filter(|row| days_behind(row, fields).is_some_and(|it| contains(it, day)))
                .map(|row| row[..fields].to_vec())
                .collect(),
        };
        rows.into_iter().collect()
    }

    fn days_of(&self, relation: RelationId, row: &[Value]) -> Vec<(Date, Date)> {
        let Some(declared) = self.program.declared.get(&relation) else {
            return Vec::new();
        };
        let known: Vec<Option<Value>> = row.iter().cloned().map(Some).collect();
        let fields = row.len();
        let stretches: BTreeSet<(Date, Date)> = match declared.shape {
            Shape::Plain => return Vec::new(),
            Shape::Standing(regimes) => self
                .rows(declared, &known, [None], fields + 1)
                .filter_map(|row| match row.last() {
                    Some(Value::Date(start)) => Some(self.regime(regimes, *start)),
                    _ => None,
                })
                .collect(),
            Shape::Dated => self
                .rows(declared, &known, [None, None], fields + 2)
                .filter_map(|row| days_behind(&row, fields))
                .collect(),
        };
        coalesced(stretches)
    }

    fn denies(&self, relation: RelationId, row: &[Value]) -> bool {
        match self.certainty {
            Certainty::Must => self.judged(relation, row) == Some(false),
            Certainty::May => self.judged(relation, row) != Some(true),
        }
    }
}

impl<'a> Answers<'a> {
    /// What is known of a judgement: by a fact, or else because it is presumed for sure, and the contrary is not, and cannot be.
    fn judged(&self, relation: RelationId, args: &[Value]) -> Option<bool> {
        let open = &self.program.open;
        let rel = self.program.declared.get(&relation)?.rel;
        let judgement = open.judgements.get(&rel)?;
        if self.model.contains(rel, args) || self.model.contains(judgement.denied, args) {
            return Some(self.model.contains(rel, args));
        }
        let has_row = |rel: RelId| {
            self.model.rows(rel).any(|row| {
                let mut pairs = row.iter().zip(args);
                pairs.all(|(own, asked)| own == asked || own.is_open())
            })
        };
        let is_presumed = |rel: Option<RelId>| rel.is_some_and(has_row);
        let may_be = |rel: Option<RelId>| {
            rel.is_some_and(|rel| has_row(open.may.get(&rel).copied().unwrap_or(rel)))
        };
        let [so, not_so] = judgement.presumed;
        match (is_presumed(so), is_presumed(not_so)) {
            (true, _) => (!may_be(not_so)).then_some(true),
            (_, true) => (!may_be(so)).then_some(false),
            _ => None,
        }
    }

    /// The rows that match, cut to a number of columns.
    fn rows<const EXTRA: usize>(
        &self,
        declared: &Declared,
        known: &[Option<Value>],
        behind: [Option<Value>; EXTRA],
        columns: usize,
    ) -> impl Iterator<Item = Vec<Value>> + use<'a, EXTRA> {
        let pattern: Vec<Option<Value>> = known.iter().cloned().chain(behind).collect();
        let known = declared.known.unwrap_or(declared.rel);
        let may = self.program.open.may.get(&known);
        let rel = match (self.certainty, may) {
            (Certainty::May, Some(may)) => *may,
            _ => known,
        };
        let open = self.program.open.columns.get(&rel);
        let is_open = |at: &usize| {
            let asks = self.certainty == Certainty::May && pattern[*at].is_some();
            asks && open.is_some_and(|open| open.contains(at))
        };
        let loose: Vec<usize> = (0..pattern.len()).filter(is_open).collect();
        let mut found = pattern.clone();
        loose.iter().for_each(|at| found[*at] = None);
        let rows = self.model.matching(rel, &found);
        // An open value matches whatever it may be.
        let fits = move |row: &Vec<Value>| {
            loose.iter().all(|at| {
                let asked = pattern[*at].as_ref();
                asked.is_none_or(|asked| row[*at].possible_orders(asked).equal)
            })
        };
        rows.filter(fits).map(move |row| row[..columns].to_vec())
    }

    /// First and last day of the regime in which the day lies.
    fn regime(&self, regimes: RegimesId, day: Date) -> (Date, Date) {
        let starts = &self.program.regimes[regimes.0 as usize];
        let next = starts.partition_point(|start| *start <= day);
        let last = starts.get(next).and_then(|start| start.yesterday().ok());
        let first = starts.get(next.saturating_sub(1)).copied();
        (first.unwrap_or(day), last.unwrap_or(LAST_DAY))
    }
}

fn days_behind(row: &[Value], fields: usize) -> Option<(Date, Date)> {
    match row.get(fields..)? {
        [Value::Date(from), Value::Date(through)] => Some((*from, *through)),
        _ => None,
    }
}

fn contains((from, through): (Date, Date), day: Date) -> bool {
    from <= day && day <= through
}

/// Stretches that overlap or touch become one.
fn coalesced(stretches: BTreeSet<(Date, Date)>) -> Vec<(Date, Date)> {
    let mut joined: Vec<(Date, Date)> = Vec::new();
    for (from, through) in stretches
        .into_iter()
        .filter(|(from, through)| from <= through)
    {
        match joined.last_mut() {
            Some((_, last)) if last.tomorrow().map_or(true, |after| from <= after) => {
                *last = through.max(*last);
            }
            _ => joined.push((from, through)),
        }
    }
    joined
}
