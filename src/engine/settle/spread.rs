//! The conditions of all rows that may hold but need not: group by group, until nothing changes.

use super::Point;
use super::cell::{Cell, Stranger};
use super::diagram::Edge;
use super::formula::Formula;
use super::need;
use super::points::Points;
use super::rows::{Columns, OpenId, columns_where, key};
use super::there::{self, AllThere};
use super::work::{Instance, TooMany, Work, order};
use crate::datalog::Program;
use crate::datalog::program::{Clause, Literal, RelId, Term, Var};
use crate::engine::{Limits, Model};
use crate::ir::{Policy, RelationId};
use crate::value::Value;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

/// Steps for all that there is to do, and for each row.
const STEPS: (u64, u64) = (30_000_000, 2_000);
/// How often one row is worked out.
const MOST_TURNS: usize = 2_000;

/// A row that may hold but need not.
pub(super) struct Wanted {
    pub(super) rel: RelId,
    pub(super) row: Vec<Value>,
    /// The rows with conditions that it stands for: one, if all its values are known.
    pub(super) entries: Vec<OpenId>,
    /// What was read to find them, and the conditions of the single ways in which they hold.
    pub(super) reads: Vec<OpenId>,
    pub(super) conditions: Vec<Edge>,
    /// Whether it was asked for, not only what hangs on it.
    pub(super) is_asked: bool,
    /// The clauses that may say something of it.
    clauses: need::Clauses,
    turns: usize,
}

/// How many points are told apart of those that may be somebody whom nobody has mentioned.
const MOST_GUESTS: usize = 64;
/// How many points are named as those that may be somebody whom nobody has mentioned.
const MOST_NAMED: usize = 256;

fn is_unknown(term: &Term) -> bool {
    *term == Term::Value(Value::Unknown)
}

/// Whether all is known of a row that nobody gave but what every such row leaves unknown.
fn has_known_key(clause: &Clause, cells: &[Cell]) -> bool {
    let mut columns = clause.head.args.iter().zip(cells);
    let is_row = clause.head.args.iter().any(is_unknown);
    !is_row || columns.all(|(term, cell)| is_unknown(term) || cell.known().is_some())
}

/// By which columns are known, and by those: the wanted rows with open values.
type Owners = BTreeMap<RelId, BTreeMap<(u32, Columns), HashMap<Vec<Value>, Vec<u32>>>>;

struct Spread<'a> {
    work: Work<'a>,
    wanted: Vec<Wanted>,
    by_rel: BTreeMap<RelId, Vec<u32>>,
    owners: Owners,
    there: AllThere,
}

/// What a clause gives for a wanted row: rows with their conditions.
type Found = BTreeMap<Vec<Cell>, Formula>;

/// Works out the conditions of rows that may hold but need not: of these, and of all that they hang on.
pub(super) fn spread<'a>(
    program: &'a Program,
    policy: &Policy,
    model: &'a Model,
    limits: Limits,
    asked: &need::Rows,
) -> (Work<'a>, Vec<Wanted>) {
    let may = program.open.may.iter();
    let between = may.map(|(rel, may)| model.len(*may).saturating_sub(model.len(*rel)));
    let all: usize = between.sum();
    let steps = STEPS.0 + STEPS.1 * all as u64;
    let (needed, given) = need::with_needed(program, policy, model, limits, asked);
    let wanted = wanted_rows(program, model, needed, asked);
    let points = Points::new(program, policy, steps);
    let mut spread = Spread {
        work: Work::new(program, model, limits, points),
        wanted,
        by_rel: BTreeMap::new(),
        owners: Owners::new(),
        there: AllThere::new(program, policy),
    };
    if spread.wanted.is_empty() {
        return (spread.work, spread.wanted);
    }
    spread.prepare(policy, given);
    for group in &program.open.strata {
        spread.group(group);
    }
    spread.work.note_presumptions();
    (spread.work, spread.wanted)
}

fn wanted_rows(
    program: &Program,
    model: &Model,
    needed: need::Needed,
    asked: &need::Rows,
) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for (rel, ids) in needed {
        let may = program.open.may[&rel];
        let order = model.in_order(may, ids.keys().copied().collect());
        for id in order {
            wanted.push(Wanted {
                rel,
                row: model.values(may, id),
                is_asked: asked.get(&rel).is_some_and(|asked| asked.contains(&id)),
                clauses: ids[&id],
                entries: Vec::new(),
                reads: Vec::new(),
                conditions: Vec::new(),
                turns: 0,
            });
        }
    }
    wanted
}

impl<'a> Spread<'a> {
    fn prepare(&mut self, policy: &Policy, given: need::Rows) {
        let program = self.work.program;
        self.work.names = need::names(program, policy);
        self.work.find_wildcards();
        let model = self.work.model;
        for (rel, ids) in given {
            let relation = program.open.sources[&rel];
            for id in model.in_order(rel, ids.into_iter().collect()) {
                let cells = self.cells_of_source(relation, &model.values(rel, id));
                self.work.rows.add(rel, cells, Formula::TRUE);
            }
        }
        for at in 0..self.wanted.len() {
            let Wanted { rel, row, .. } = &self.wanted[at];
            self.by_rel.entry(*rel).or_default().push(at as u32);
            let known = columns_where(row.iter().map(|value| !value.is_open()));
            if row.iter().any(Value::is_open) {
                let owners = self.owners.entry(*rel).or_default();
                let key = key(known, |at| row.get(at));
                let group = owners.entry((64 - known.count_ones(), known)).or_default();
                group.entry(key).or_default().push(at as u32);
            } else {
                let cells = row.iter().cloned().map(Cell::Known).collect();
                let (id, _) = self.work.rows.add(*rel, cells, Formula::FALSE);
                self.work.rows.list[id as usize].wanted = Some(at as u32);
                self.wanted[at].entries.push(id);
            }
        }
    }

    /// The cells of a row that is given with values that nobody knows: each is a point.
    fn cells_of_source(&mut self, relation: RelationId, row: &[Value]) -> Vec<Cell> {
        let points = &mut self.work.points;
        let cells = row.iter().enumerate().map(|(field, value)| match value {
            Value::Unknown => {
                let point = points.add(Point::Field {
                    relation,
                    row: row.to_vec(),
                    field,
                });
                Cell::of_point(points, point)
            }
            known => Cell::of(known.clone()),
        });
        cells.collect()
    }

    fn group(&mut self, clauses: &[usize]) {
        let program = self.work.program;
        let clauses: Vec<&'a Clause> = clauses
            .iter()
            .map(|at| &program.open.clauses[*at])
            .collect();
        let heads: BTreeSet<RelId> = clauses.iter().map(|clause| clause.head.rel).collect();
        if !heads.iter().any(|rel| self.by_rel.contains_key(rel)) {
            return;
        }
        let reads = |rel: &RelId| {
            clauses
                .iter()
                .any(|clause| relations_read(program, clause).contains(rel))
        };
        let is_recursive = heads.iter().any(reads);
        self.work.group = if is_recursive {
            heads.clone()
        } else {
            BTreeSet::new()
        };
        let wanted = heads
            .iter()
            .filter_map(|rel| self.by_rel.get(rel))
            .flatten();
        let wanted: Vec<u32> = wanted.copied().collect();
        let mut plans = Plans::default();
        let mut waiting = BTreeSet::new();
        for at in wanted {
            self.after_those_below(at, &clauses, &mut plans, &mut waiting);
        }
        let mut queue: VecDeque<u32> = waiting.iter().copied().collect();
        while let Some(at) = queue.pop_front() {
            waiting.remove(&at);
            let changed = self.turn(at, &clauses, &mut plans);
            for other in self.readers(&changed, &clauses) {
                if waiting.insert(other) {
                    queue.push_back(other);
                }
            }
        }
    }

    /// Works out a row after those that it reads. `waiting`: those that are to be looked at again.
    fn after_those_below(
        &mut self,
        at: u32,
        clauses: &[&'a Clause],
        plans: &mut Plans<'a>,
        waiting: &mut BTreeSet<u32>,
    ) {
        let mut stack = vec![at];
        while let Some(at) = stack.last().copied() {
            let is_first = self.wanted[at as usize].turns == 0;
            if !is_first && !waiting.contains(&at) {
                stack.pop();
                continue;
            }
            waiting.remove(&at);
            let changed = self.turn(at, clauses, plans);
            if !self.work.group.is_empty() {
                waiting.extend(self.readers(&changed, clauses));
            }
            let below: Vec<u32> = match is_first {
                true => self.not_yet_below(at),
                false => Vec::new(),
            };
            match below.is_empty() {
                true => drop(stack.pop()),
                false => stack.extend(below),
            }
        }
    }

    fn not_yet_below(&self, at: u32) -> Vec<u32> {
        let reads = self.wanted[at as usize].reads.iter();
        let rows = reads.map(|id| &self.work.rows.list[*id as usize]);
        rows.filter(|row| self.work.group.contains(&row.rel))
            .filter_map(|row| row.wanted)
            .filter(|below| self.wanted[*below as usize].turns == 0)
            .collect()
    }

    /// The wanted rows that hang on changed rows; for a row that was not there, all that read its relation.
    fn readers(&mut self, changed: &[(OpenId, bool)], clauses: &[&Clause]) -> Vec<u32> {
        let program = self.work.program;
        let mut again = Vec::new();
        for (id, is_new) in changed {
            let row = &mut self.work.rows.list[*id as usize];
            again.append(&mut row.readers);
            let rel = row.rel;
            if *is_new {
                let readers = (clauses.iter())
                    .filter(|clause| relations_read(program, clause).contains(&rel))
                    .map(|clause| clause.head.rel);
                let readers: BTreeSet<RelId> = readers.collect();
                again.extend(
                    readers
                        .iter()
                        .filter_map(|rel| self.by_rel.get(rel))
                        .flatten(),
                );
            }
        }
        again.sort_unstable();
        again.dedup();
        again
    }

    /// Works a wanted row out anew: the rows whose conditions changed, with whether they are new.
    fn turn(
        &mut self,
        at: u32,
        clauses: &[&'a Clause],
        plans: &mut Plans<'a>,
    ) -> Vec<(OpenId, bool)> {
        let wanted = &mut self.wanted[at as usize];
        wanted.turns += 1;
        wanted.conditions.clear();
        let is_too_often = wanted.turns > MOST_TURNS;
        self.work.reads.clear();
        let mut found = Found::new();
        let mut is_lost = is_too_often;
        if !is_lost {
            let Wanted {
                rel, clauses: own, ..
            } = self.wanted[at as usize];
            let mut places = 0..;
            for (place, clause) in clauses.iter().enumerate() {
                if clause.head.rel == rel
                    && places.next().is_some_and(|place| own.has(place))
                    && self.conclude(at, place, clause, plans, &mut found).is_err()
                {
                    is_lost = true;
                    break;
                }
            }
        }
        let wanted = &self.wanted[at as usize];
        if is_lost {
            let row = wanted.row.iter().cloned().map(Cell::of).collect();
            found = Found::from([(row, Formula::LOST)]);
        }
        if let Some(names) = self.work.program.open.anybody.get(&wanted.rel) {
            found = self.strangers(found, *names);
        }
        let mut reads = std::mem::take(&mut self.work.reads);
        reads.sort_unstable();
        reads.dedup();
        for id in &reads {
            let row = &mut self.work.rows.list[*id as usize];
            if self.work.group.contains(&row.rel) && !is_too_often {
                row.readers.push(at);
            }
        }
        self.wanted[at as usize].reads = reads;
        self.keep(at, found)
    }

    /// The names that nobody knows, where they are some that nobody has mentioned: each of the others is there anyway. Of few, each is told
    /// apart; of what is not known of an unknown one, and of many, none is. `names`: all that are mentioned.
    fn strangers(&mut self, found: Found, names: RelId) -> Found {
        let names = there::names(self.work.model, names);
        let mut strangers = Found::new();
        let mut others = BTreeSet::new();
        for (cells, condition) in found {
            match cells.as_slice() {
                [Cell::Known(_)] => _ = strangers.insert(cells, condition),
                [Cell::Named(point)] if !names.is_empty() && strangers.len() < MOST_GUESTS => {
                    let is_other = self.work.points.is_none_of(*point, &names);
                    let condition = self.work.both(condition, is_other);
                    strangers.insert(vec![Cell::Guest(*point)], condition);
                }
                _ => others.extend(cells.iter().flat_map(Cell::points)),
            }
        }
        if !others.is_empty() {
            let points = others.into_iter().take(MOST_NAMED).collect();
            let stranger = Cell::Stranger(Stranger { names, points });
            let is_there = (self.work.points).lost(&stranger, &Cell::unknown(), false);
            strangers.insert(vec![stranger], is_there);
        }
        strangers
    }

    fn keep(&mut self, at: u32, mut found: Found) -> Vec<(OpenId, bool)> {
        let mut changed = Vec::new();
        let wanted = &mut self.wanted[at as usize];
        for id in &wanted.entries {
            let row = &mut self.work.rows.list[*id as usize];
            let now = found.remove(&row.cells).unwrap_or(Formula::FALSE);
            if row.condition != now {
                row.condition = now;
                changed.push((*id, false));
            }
        }
        for (cells, condition) in found {
            let (id, _) = self.work.rows.add(wanted.rel, cells, condition);
            self.work.rows.list[id as usize].wanted = Some(at);
            wanted.entries.push(id);
            changed.push((id, true));
        }
        changed
    }

    /// What one clause gives for a wanted row.
    fn conclude(
        &mut self,
        at: u32,
        place: usize,
        clause: &'a Clause,
        plans: &mut Plans<'a>,
        found: &mut Found,
    ) -> Result<(), TooMany> {
        let row = self.wanted[at as usize].row.clone();
        let mut start = Instance::of(clause);
        for (term, value) in clause.head.args.iter().zip(&row) {
            if value.is_open() {
                continue;
            }
            match term {
                Term::Value(own) if own != value => return Ok(()),
                Term::Var(var) => {
                    let slot = &mut start.slots[var.0 as usize];
                    let cell = Cell::Known(value.clone());
                    if slot.as_ref().is_some_and(|other| *other != cell) {
                        return Ok(());
                    }
                    *slot = Some(cell);
                }
                Term::Value(_) | Term::Any => {}
            }
        }
        let is_known = |value: &Value| !value.is_open();
        let columns: Option<Vec<bool>> =
            (!row.iter().all(is_known)).then(|| row.iter().map(is_known).collect());
        let (program, model) = (self.work.program, self.work.model);
        let plan = plans.0.entry((place, columns));
        let plan = plan.or_insert_with(|| {
            let bound = (0..start.slots.len() as u32).map(Var);
            let bound = bound.filter(|var| start.get(*var).is_some()).collect();
            let order = order(program, model, clause, bound).into_iter();
            order.map(|at| &clause.body[at]).collect()
        });
        let body = Rc::clone(plan);
        for instance in self.work.instances(&body, start)? {
            let mut cells = self.head_cells(clause, &instance);
            if !self.is_own(at, &cells) {
                continue;
            }
            let condition = self.unless_there(clause, &mut cells, instance.condition);
            let edges = [condition.must, condition.may];
            self.wanted[at as usize].conditions.extend(edges);
            let so_far = found.get(&cells).copied().unwrap_or(Formula::FALSE);
            let condition = self.work.either(so_far, condition);
            found.insert(cells, condition);
        }
        let conditions = &mut self.wanted[at as usize].conditions;
        conditions.sort_unstable();
        conditions.dedup();
        Ok(())
    }

    fn head_cells(&mut self, clause: &Clause, instance: &Instance) -> Vec<Cell> {
        let cells = clause.head.args.iter();
        let cells = cells.map(|term| instance.cell(term).unwrap_or(Cell::unknown()));
        let mut cells: Vec<Cell> = cells.collect();
        let Some(relation) = self.work.program.open.sources.get(&clause.head.rel) else {
            return cells;
        };
        let has_key = has_known_key(clause, &cells);
        if clause.head.args.iter().any(is_unknown) {
            let row: Vec<Value> = cells.iter().map(Cell::to_value).collect();
            for (field, term) in clause.head.args.iter().enumerate() {
                // Which value it is can be asked only once its key is known.
                if is_unknown(term) && !has_key {
                    cells[field] = Cell::out_of(Value::Unknown, cells.iter());
                } else if is_unknown(term) {
                    let point = self.work.points.add(Point::Field {
                        relation: *relation,
                        row: row.clone(),
                        field,
                    });
                    cells[field] = Cell::of_point(&self.work.points, point);
                }
            }
        }
        cells
    }

    /// The condition of a row that nobody gave, and whose key is not known: that this is none of the keys that are given or asked for,
    /// since each of those has a row of its own.
    fn unless_there(
        &mut self,
        clause: &Clause,
        cells: &mut [Cell],
        mut condition: Formula,
    ) -> Formula {
        let program = self.work.program;
        let ([Literal::Positive(missing)], Some(relation), false) = (
            clause.body.as_slice(),
            program.open.sources.get(&clause.head.rel),
            has_known_key(clause, cells),
        ) else {
            return condition;
        };
        let may = program.open.may.get(&missing.rel).unwrap_or(&missing.rel);
        let missing = (*may, missing.args.len());
        let there = (self.there).of(self.work.model, *relation, clause.head.rel, missing);
        let cells = &mut cells[..missing.1];
        there.other_key(cells);
        for key in there.keys.iter().flatten() {
            let is_it = self.work.same(key, cells);
            condition = self.work.both(condition, !is_it);
        }
        condition
    }

    /// Whether a row that was found belongs to a wanted row: not to one that says more, and not to what holds anyway.
    fn is_own(&self, at: u32, cells: &[Cell]) -> bool {
        let wanted = &self.wanted[at as usize];
        if wanted.row.iter().all(|value| !value.is_open()) {
            return true;
        }
        let known: Option<Vec<Value>> = cells.iter().map(|cell| cell.known().cloned()).collect();
        if let Some(row) = known {
            let may = self.work.program.open.may[&wanted.rel];
            if self.work.model.contains(may, &row) {
                return false;
            }
        }
        self.owner(wanted.rel, cells) == Some(at)
    }

    /// The first wanted row with open values, most known columns first, that a row may belong to.
    fn owner(&self, rel: RelId, cells: &[Cell]) -> Option<u32> {
        for ((_, known), rows) in self.owners.get(&rel)? {
            let key_of_row = key(*known, |at| cells.get(at).and_then(Cell::known));
            if key_of_row.len() < known.count_ones() as usize {
                continue;
            }
            let candidates = rows.get(&key_of_row).into_iter().flatten();
            let may_be = |at: &&u32| {
                let row = &self.wanted[**at as usize].row;
                row.iter().zip(cells).all(|(value, cell)| match cell {
                    Cell::Known(known) => value.possible_orders(known).equal,
                    _ => value.is_open(),
                })
            };
            if let Some(at) = candidates.into_iter().find(may_be) {
                return Some(*at);
            }
        }
        None
    }
}

/// A clause by its place and, where not all of a row is known, by which columns are.
type Asked = (usize, Option<Vec<bool>>);

/// The literals of clauses in order.
#[derive(Default)]
struct Plans<'a>(HashMap<Asked, Rc<[&'a Literal]>>);

fn relations_read(program: &Program, clause: &Clause) -> BTreeSet<RelId> {
    let mut found = BTreeSet::new();
    for literal in &clause.body {
        let rel = match literal {
            Literal::Positive(atom) | Literal::Negative(atom, _) => atom.rel,
            Literal::Aggregate(aggregate) => aggregate.atom.rel,
            Literal::Check(_) | Literal::Bind(..) => continue,
        };
        found.insert(rel);
        if let Some(judgement) = program.open.judgements.get(&rel) {
            found.extend(judgement.presumed.into_iter().flatten());
        }
    }
    found
}
