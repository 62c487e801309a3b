//! Aggregates over rows of which some are only there under a condition.

use super::PointId;
use super::cell::{Cell, Quotient};
use super::diagram::Edge;
use super::formula::Formula;
use super::work::{Cases, Instance, TooMany, Work};
use crate::datalog::program::{Aggregate, Term as AtomTerm, Var};
use crate::ir::are_determined;
use crate::value::{Number, Perhaps, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How many results of one group are told apart.
const MOST_RESULTS: usize = 4_096;
/// How many rows with a condition a group may have for its results to be told apart.
const MOST_OPEN: usize = 300;

/// A row that is folded.
#[derive(Clone)]
struct Member {
    key: Vec<Cell>,
    row: Vec<Cell>,
    term: Cases,
    condition: Formula,
    /// Whether it stands for one row at most: of one of which only bounds are known, there may be several.
    is_one: bool,
}

/// The rows of each key.
type Groups = Vec<(Vec<Cell>, Vec<Member>)>;

/// A term, and when it is there.
type Term = (Cell, Formula);

impl Work<'_> {
    pub(super) fn folded(
        &mut self,
        aggregate: &Aggregate,
        instance: Instance,
    ) -> Result<Vec<Instance>, TooMany> {
        let members = self.members(aggregate, &instance);
        let key_of = |instance: &Instance| -> Vec<Cell> {
            let cell = |var: &Var| instance.get(*var).cloned().unwrap_or(Cell::unknown());
            aggregate.group.iter().map(cell).collect()
        };
        let is_bound = aggregate
            .group
            .iter()
            .all(|var| instance.get(*var).is_some());
        let groups: Groups = match is_bound {
            true => vec![(key_of(&instance), members)],
            false => self.groups(members)?,
        };
        let mut found = Vec::new();
        for (key, members) in groups {
            let mut in_group = Some(instance.clone());
            for (var, cell) in aggregate.group.iter().zip(&key) {
                in_group = in_group.and_then(|instance| match instance.get(*var) {
                    Some(_) => Some(instance),
                    None => self.agreeing(instance, *var, cell),
                });
            }
            let Some(in_group) = in_group else { continue };
            let cases = self.results(aggregate, members)?;
            found.extend(self.bound(&in_group, aggregate.result, cases));
        }
        Ok(found)
    }

    fn members(&mut self, aggregate: &Aggregate, instance: &Instance) -> Vec<Member> {
        let mut here = instance.clone();
        here.condition = Formula::TRUE;
        let pattern: Vec<Option<Cell>> = (aggregate.atom.args.iter())
            .map(|term| here.cell(term))
            .collect();
        let mut members = Vec::new();
        for (row, condition) in self.rows_matching(aggregate.atom.rel, &pattern) {
            let matched = self.matched(&aggregate.atom, here.clone(), &row);
            let Some(matched) = matched.and_then(|matched| self.provided(matched, condition))
            else {
                continue;
            };
            let term = match &aggregate.term {
                Some(term) => self.value(term, &matched),
                None => vec![(Some(Cell::Known(Value::Bool(true))), Formula::TRUE)],
            };
            let cell = |var: &Var| matched.get(*var).cloned().unwrap_or(Cell::unknown());
            let variables = aggregate.atom.args.iter().filter_map(|term| match term {
                AtomTerm::Var(var) => Some(*var),
                AtomTerm::Value(_) | AtomTerm::Any => None,
            });
            let variables: Vec<Var> = variables.collect();
            let is_exact = |var: Var| !cell(&var).is_vague();
            members.push(Member {
                is_one: are_determined(&variables, &aggregate.dependencies, is_exact),
                key: aggregate.group.iter().map(cell).collect(),
                row,
                term,
                condition: matched.condition,
            });
        }
        self.apart(&mut members);
        members
    }

    /// Rows that may turn out to be the same count once.
    fn apart(&mut self, members: &mut [Member]) {
        let is_known = |member: &Member| member.row.iter().all(|cell| cell.known().is_some());
        members.sort_by_key(|member| !is_known(member));
        for at in 0..members.len() {
            if is_known(&members[at]) {
                continue;
            }
            let mut condition = members[at].condition;
            for earlier in 0..at {
                let same = self.same(&members[earlier].row.clone(), &members[at].row.clone());
                if same.is_false() {
                    continue;
                }
                let both = self.both(same, members[earlier].condition);
                condition = self.both(condition, !both);
            }
            members[at].condition = condition;
        }
        if members.len() > MOST_OPEN {
            let open = members.iter().filter(|member| !is_known(member)).count();
            self.points.diagram.spend((open * members.len()) as u64);
        }
    }

    /// By key; where keys may turn out to be the same, each has all the rows, on condition that they are.
    fn groups(&mut self, members: Vec<Member>) -> Result<Groups, TooMany> {
        let mut groups: BTreeMap<Vec<Cell>, Vec<Member>> = BTreeMap::new();
        for member in members {
            groups.entry(member.key.clone()).or_default().push(member);
        }
        let is_known = |key: &[Cell]| key.iter().all(|cell| cell.known().is_some());
        let open: Vec<Vec<Cell>> = groups
            .keys()
            .filter(|key| !is_known(key))
            .cloned()
            .collect();
        if open.is_empty() {
            return Ok(groups.into_iter().collect());
        }
        if open.len() * groups.len() > 10_000 {
            return Err(TooMany);
        }
        let mut wider = Vec::new();
        for (key, own) in &groups {
            let mut members = own.clone();
            let others: Vec<&Vec<Cell>> = match is_known(key) {
                true => open.iter().collect(),
                false => groups.keys().filter(|other| *other != key).collect(),
            };
            for other in others {
                let same = self.same(key, other);
                if same.is_false() {
                    continue;
                }
                for member in &groups[other] {
                    let mut member = member.clone();
                    member.condition = self.both(member.condition, same);
                    members.push(member);
                }
            }
            wider.push((key.clone(), members));
        }
        Ok(wider)
    }

    /// What the fold of one group may come to.
    fn results(&mut self, aggregate: &Aggregate, members: Vec<Member>) -> Result<Cases, TooMany> {
        let mut terms: Vec<Term> = Vec::new();
        let mut often: BTreeSet<Cell> = BTreeSet::new();
        let mut exists = Formula::of(aggregate.is_group_bound && aggregate.function.has_empty);
        let mut sound = Formula::TRUE;
        for member in members {
            exists = match exists.is_true() {
                true => exists,
                false => self.either(exists, member.condition),
            };
            for (cell, case) in member.term {
                let condition = self.both(member.condition, case);
                let is_missing = cell == Some(Cell::Known(Value::None));
                match cell {
                    Some(cell) if !(is_missing && aggregate.function.needs_numbers) => {
                        if !member.is_one {
                            often.insert(cell.clone());
                        }
                        terms.push((cell, condition));
                    }
                    // A row whose term has no value leaves the whole group without.
                    _ => sound = self.both(sound, !condition),
                }
            }
            if !self.points.diagram.spend(1) {
                return Err(TooMany);
            }
        }
        terms.retain(|(_, condition)| !condition.is_false());
        let given = self.both(exists, sound);
        let is_distinct = aggregate.function.counts && aggregate.term.is_some();
        let is_vague = |(cell, _): &Term| cell.is_vague();
        let open = terms.iter().filter(|term| is_open(term)).count();
        // How often a term is there does not matter to the least, the greatest, and how many different ones there are.
        let is_counted = !matches!(aggregate.function.name, "min" | "max") && !is_distinct;
        let is_many = is_counted && !often.is_empty();
        let told_apart = match open > MOST_OPEN || is_many || terms.iter().any(is_vague) {
            true => None,
            false => match aggregate.function.name {
                "min" => Some(self.extreme(&terms, false)),
                "max" => Some(self.extreme(&terms, true)),
                _ if is_distinct => {
                    let terms = self.distinct(terms.clone());
                    self.sums(terms.into_iter().map(|(_, condition)| (one(), condition)))
                }
                _ if aggregate.function.counts => self.sums(
                    terms
                        .iter()
                        .map(|(_, condition)| (one(), *condition))
                        .collect::<Vec<_>>()
                        .into_iter(),
                ),
                _ => self.sums(terms.clone().into_iter()),
            },
        };
        let cases = told_apart
            .unwrap_or_else(|| vec![(self.within(aggregate, &terms, &often), Formula::TRUE)]);
        let mut found = Cases::new();
        for (cell, condition) in cases {
            found.push((Some(cell), self.both(condition, given)));
        }
        Ok(found)
    }

    /// Equal terms as one: those that may turn out equal to an earlier one are there where they do not.
    fn distinct(&mut self, terms: Vec<Term>) -> Vec<Term> {
        let mut by_cell: BTreeMap<Cell, Formula> = BTreeMap::new();
        for (cell, condition) in terms {
            let so_far = by_cell.get(&cell).copied().unwrap_or(Formula::FALSE);
            by_cell.insert(cell, self.either(so_far, condition));
        }
        // Known cells come first in the order of cells.
        let all: Vec<Term> = by_cell.into_iter().collect();
        let mut distinct: Vec<Term> = Vec::new();
        for (at, (cell, condition)) in all.iter().enumerate() {
            let mut condition = *condition;
            if cell.known().is_none() {
                for (earlier, is_there) in &all[..at] {
                    let same = self.points.equal(earlier, cell);
                    let both = self.both(same, *is_there);
                    condition = self.both(condition, !both);
                }
            }
            distinct.push((cell.clone(), condition));
        }
        distinct
    }

    /// All sums, each with its condition; `None`: too many, or of several points.
    fn sums(&mut self, terms: impl Iterator<Item = Term>) -> Option<Vec<Term>> {
        let (open, certain): (Vec<Term>, Vec<Term>) = terms.partition(is_open);
        let mut base = Cell::Known(Value::Number(Number::zero()));
        for (cell, _) in certain {
            base = self.plus(&base, &cell)?;
        }
        let mut sums = BTreeMap::from([(base, Formula::TRUE)]);
        for (cell, condition) in open {
            let mut next: BTreeMap<Cell, Formula> = BTreeMap::new();
            for (sum, so_far) in sums {
                let with = self.plus(&sum, &cell)?;
                for (sum, is_so) in [(sum, !condition), (with, condition)] {
                    let both = self.both(so_far, is_so);
                    if both.is_false() {
                        continue;
                    }
                    let before = next.get(&sum).copied().unwrap_or(Formula::FALSE);
                    next.insert(sum, self.either(before, both));
                }
            }
            sums = next;
            if sums.len() > MOST_RESULTS || !self.points.diagram.spend(sums.len() as u64) {
                return None;
            }
        }
        Some(sums.into_iter().collect())
    }

    fn plus(&self, a: &Cell, b: &Cell) -> Option<Cell> {
        let (a, b) = (Quotient::of_cell(a)?, Quotient::of_cell(b)?);
        let cell = a.plus(&b, 1, false)?.cell()?;
        let bits = self.evaluator.limits().bits;
        match &cell {
            Cell::Known(Value::Number(number)) if number.bits() > bits => None,
            _ => Some(cell),
        }
    }

    /// Each term where it is there and no other is less (or, for `max`, more).
    fn extreme(&mut self, terms: &[Term], is_max: bool) -> Vec<Term> {
        let mut known: BTreeMap<&Cell, Formula> = BTreeMap::new();
        let mut others: Vec<&Term> = Vec::new();
        for term in terms {
            match term.0.known() {
                Some(_) => {
                    let so_far = known.get(&term.0).copied().unwrap_or(Formula::FALSE);
                    known.insert(&term.0, self.either(so_far, term.1));
                }
                None => others.push(term),
            }
        }
        let mut in_order: Vec<(&Cell, Formula)> = known.into_iter().collect();
        if is_max {
            in_order.reverse();
        }
        if let Some(at) = in_order
            .iter()
            .position(|(_, condition)| condition.is_true())
        {
            in_order.truncate(at + 1);
        }
        let mut found = Vec::new();
        let mut none_before = Formula::TRUE;
        for (cell, condition) in &in_order {
            let mut here = self.both(none_before, *condition);
            for (other, is_there) in &others {
                here = self.unless_before(here, other, *is_there, cell, is_max);
            }
            found.push(((*cell).clone(), here));
            none_before = self.both(none_before, !*condition);
        }
        for (at, (cell, condition)) in others.iter().enumerate() {
            let mut here = *condition;
            for (other, is_there) in &in_order {
                here = self.unless_before(here, other, *is_there, cell, is_max);
            }
            for (_, (other, is_there)) in
                others.iter().enumerate().filter(|(place, _)| *place != at)
            {
                here = self.unless_before(here, other, *is_there, cell, is_max);
            }
            found.push((cell.clone(), here));
        }
        found
    }

    fn unless_before(
        &mut self,
        here: Formula,
        other: &Cell,
        is_there: Formula,
        cell: &Cell,
        is_max: bool,
    ) -> Formula {
        if here.is_false() {
            return here;
        }
        let before = match is_max {
            true => self.points.less(cell, other),
            false => self.points.less(other, cell),
        };
        let before = self.both(before, is_there);
        self.both(here, !before)
    }

    /// Only the bounds of the result.
    fn within(&self, aggregate: &Aggregate, terms: &[Term], often: &BTreeSet<Cell>) -> Cell {
        let (mut certain, mut others) = (Vec::new(), Vec::new());
        for (cell, condition) in terms {
            let (term, is_one) = (cell.to_value(), !often.contains(cell));
            match condition.is_true() && is_one {
                true => certain.push(term),
                false => others.push(Perhaps { term, is_one }),
            }
        }
        let bounds = (aggregate.function.bounds)(aggregate.term.is_some(), &certain, &others);
        let bounds = bounds.unwrap_or(Value::Unknown);
        if !bounds.is_open() {
            return Cell::Known(bounds);
        }
        let edges: Vec<Edge> = terms.iter().flat_map(|(_, it)| [it.must, it.may]).collect();
        let (support, _) = self.points.support(&edges, usize::MAX);
        let own = terms.iter().flat_map(|(cell, _)| cell.points());
        let all: BTreeSet<PointId> = support.into_keys().chain(own).collect();
        Cell::Vague(bounds, all.into_iter().collect())
    }
}

fn is_open(term: &Term) -> bool {
    !(term.1.is_true() && term.0.known().is_some())
}

fn one() -> Cell {
    Cell::Known(Value::Number(Number::from_integer(1)))
}
