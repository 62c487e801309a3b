//! Judgements: asserted, denied, presumed, or a point.

use super::Point;
use super::cell::Cell;
use super::formula::Formula;
use super::points::Predicate;
use super::rows::OpenId;
use super::work::{Instance, Work};
use crate::datalog::program::{Atom, RelId, Term};
use crate::value::Value;
use std::collections::BTreeSet;

/// How many judgements one reading with open values may be about.
const MOST_READINGS: usize = 64;

impl Work<'_> {
    /// The instances in which a judgement is so.
    pub(super) fn judged_so(&mut self, atom: &Atom, instance: Instance) -> Vec<Instance> {
        let is_bound = |term: &Term| instance.cell(term).is_some();
        if atom.args.iter().all(is_bound) {
            let truth = self.judged(atom, &instance);
            return self.provided(instance, truth).into_iter().collect();
        }
        // Nothing else says of what: of all that is asserted or presumed.
        let mut found = Vec::new();
        let pattern: Vec<Option<Cell>> = atom.args.iter().map(|term| instance.cell(term)).collect();
        for row in self.spoken_of(atom.rel, &pattern) {
            let cells: Vec<Cell> = row.iter().cloned().map(Cell::Known).collect();
            let Some(matched) = self.matched(atom, instance.clone(), &cells) else {
                continue;
            };
            let truth = self.truth_of(atom.rel, &row);
            found.extend(self.provided(matched, truth));
        }
        found
    }

    /// The judgements that facts or presumptions are about.
    fn spoken_of(&mut self, rel: RelId, pattern: &[Option<Cell>]) -> BTreeSet<Vec<Value>> {
        let mut rows: BTreeSet<Vec<Value>> = BTreeSet::new();
        let mut add = |found: Vec<(Vec<Cell>, Formula)>| {
            for (cells, _) in found {
                let values = cells.iter().map(|cell| cell.known().cloned());
                rows.extend(values.collect::<Option<Vec<Value>>>());
            }
        };
        let judgement = self.program.open.judgements[&rel].clone();
        let [so, not_so] = judgement.presumed;
        for rel in [Some(rel), Some(judgement.denied), so, not_so]
            .into_iter()
            .flatten()
        {
            add(self.rows_matching(rel, pattern));
        }
        rows
    }

    /// Whether a judgement is so, for the values of an instance.
    pub(super) fn judged(&mut self, atom: &Atom, instance: &Instance) -> Formula {
        let cells: Option<Vec<Cell>> = atom.args.iter().map(|term| instance.cell(term)).collect();
        let Some(cells) = cells else {
            return self.judged_of_any(atom, instance);
        };
        let mut readings = vec![(Vec::new(), Formula::TRUE)];
        for cell in &cells {
            let choices = match cell {
                Cell::Known(value) => vec![value.clone()],
                Cell::Named(point) => self.points.members(*point).unwrap_or_default(),
                Cell::Worked(_)
                | Cell::Moved(_)
                | Cell::Lowered(_)
                | Cell::Guest(_)
                | Cell::Stranger(_)
                | Cell::Vague(..) => Vec::new(),
            };
            if choices.is_empty() || readings.len() * choices.len() > MOST_READINGS {
                return self.judged_of_some(atom.rel, &cells);
            }
            let mut longer = Vec::new();
            for (row, condition) in &readings {
                for choice in &choices {
                    let equal = self.points.equal(cell, &Cell::Known(choice.clone()));
                    let row: Vec<Value> = [row.as_slice(), std::slice::from_ref(choice)].concat();
                    longer.push((row, self.both(*condition, equal)));
                }
            }
            readings = longer;
        }
        let mut any = Formula::FALSE;
        for (row, condition) in readings {
            let truth = self.truth_of(atom.rel, &row);
            let both = self.both(condition, truth);
            any = self.either(any, both);
        }
        any
    }

    /// Whether any judgement of that form is so.
    fn judged_of_any(&mut self, atom: &Atom, instance: &Instance) -> Formula {
        let mut any = Formula {
            must: Formula::FALSE.must,
            may: Formula::TRUE.may,
        };
        let pattern: Vec<Option<Cell>> = atom.args.iter().map(|term| instance.cell(term)).collect();
        for row in self.spoken_of(atom.rel, &pattern) {
            let truth = self.truth_of(atom.rel, &row);
            any = self.either(any, truth);
        }
        any
    }

    /// Whether a judgement is so about something that is not known: as facts and presumptions say of all that it may turn out to
    /// be; of anything else that is a question of its own.
    fn judged_of_some(&mut self, rel: RelId, cells: &[Cell]) -> Formula {
        let pattern: Vec<Option<Cell>> = cells.iter().cloned().map(Some).collect();
        let spoken_of = self.spoken_of(rel, &pattern);
        if spoken_of.len() > MOST_READINGS {
            return Formula::LOST;
        }
        let (mut any, mut is_another) = (Formula::FALSE, Formula::TRUE);
        for row in spoken_of {
            let known: Vec<Cell> = row.iter().cloned().map(Cell::Known).collect();
            let is_it = self.same(&known, cells);
            let truth = self.truth_of(rel, &row);
            let both = self.both(is_it, truth);
            any = self.either(any, both);
            is_another = self.both(is_another, !is_it);
        }
        let judgement = self.program.open.judgements[&rel].clone();
        let [so, not_so] = judgement
            .presumed
            .map(|rel| rel.is_some_and(|rel| self.is_presumed_of_all(rel, cells)));
        let of_another = match (so, not_so) {
            (true, _) => Formula::TRUE,
            (_, true) => Formula::FALSE,
            _ => {
                let predicate = Predicate::Judgement(judgement.relation);
                let unclear = self.points.unclear(predicate, cells);
                unclear.unwrap_or(Formula::LOST)
            }
        };
        let of_another = self.both(is_another, of_another);
        self.either(any, of_another)
    }

    /// Whether it is presumed whatever the cells that are not known come to.
    fn is_presumed_of_all(&self, rel: RelId, cells: &[Cell]) -> bool {
        let mut wildcards = self.wildcards.get(&rel).into_iter().flatten();
        wildcards.any(|wildcard| {
            let wanted = cells
                .iter()
                .zip(wildcard)
                .map(|(cell, is_any)| match is_any {
                    true => Some(Value::Unknown),
                    false => cell.known().cloned(),
                });
            let wanted: Option<Vec<Value>> = wanted.collect();
            wanted.is_some_and(|row| self.model.contains(rel, &row))
        })
    }

    /// Whether two rows are the same.
    pub(super) fn same(&mut self, a: &[Cell], b: &[Cell]) -> Formula {
        let mut all = Formula::TRUE;
        for (a, b) in a.iter().zip(b) {
            let equal = self.points.equal(a, b);
            if equal.is_false() {
                return equal;
            }
            all = self.both(all, equal);
        }
        all
    }

    /// Asserted; or not denied, and presumed, or open and judged so. Where presumptions contradict each other, none counts.
    fn truth_of(&mut self, rel: RelId, row: &[Value]) -> Formula {
        let judgement = self.program.open.judgements[&rel].clone();
        if self.model.contains(rel, row) {
            return Formula::TRUE;
        }
        if self.model.contains(judgement.denied, row) {
            return Formula::FALSE;
        }
        let [so, not_so] = self.presumed_of(rel, row);
        let presumed = self.both(so, !not_so);
        let presumed_not = self.both(not_so, !so);
        if presumed.is_true() || presumed_not.is_true() {
            return Formula::of(presumed.is_true());
        }
        let point = self.points.add(Point::Judgement {
            relation: judgement.relation,
            args: row.to_vec(),
        });
        let is_so = Formula::exact(self.points.is_so(point));
        let open = self.both(is_so, !presumed_not);
        self.either(presumed, open)
    }

    /// When it is presumed to be so, and when not to be so.
    pub(super) fn presumed_of(&mut self, rel: RelId, row: &[Value]) -> [Formula; 2] {
        let judgement = self.program.open.judgements[&rel].clone();
        judgement.presumed.map(|rel| match rel {
            Some(rel) => self.presumed(rel, row),
            None => Formula::FALSE,
        })
    }

    /// Whether it is presumed. An unknown value in a row that is presumed stands for anything.
    fn presumed(&mut self, rel: RelId, row: &[Value]) -> Formula {
        for wildcard in self.wildcards.get(&rel).into_iter().flatten() {
            let columns = row.iter().zip(wildcard);
            let wanted = columns.map(|(value, is_any)| match is_any {
                true => Value::Unknown,
                false => value.clone(),
            });
            if self.model.contains(rel, &wanted.collect::<Vec<_>>()) {
                return Formula::TRUE;
            }
        }
        let pattern: Vec<Option<Cell>> = row.iter().cloned().map(Cell::Known).map(Some).collect();
        let others: Vec<OpenId> = self.rows.matching(rel, &pattern);
        self.reads.extend(&others);
        let mut any = Formula::FALSE;
        for id in others {
            let open = &self.rows.list[id as usize];
            let mut all = open.condition;
            for (cell, value) in open.cells.clone().iter().zip(row) {
                if *cell != Cell::unknown() {
                    let equal = self.points.equal(cell, &Cell::Known(value.clone()));
                    all = self.both(all, equal);
                }
            }
            any = self.either(any, all);
        }
        any
    }

    /// Which columns of what is presumed for sure stand for anything.
    pub(super) fn find_wildcards(&mut self) {
        let judgements = self.program.open.judgements.values();
        for rel in judgements
            .flat_map(|judgement| judgement.presumed)
            .flatten()
        {
            let is_any =
                |row: Vec<Value>| row.iter().map(|value| *value == Value::Unknown).collect();
            self.wildcards
                .insert(rel, self.model.rows(rel).map(is_any).collect());
        }
    }
}
