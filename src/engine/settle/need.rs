//! Which rows have to be settled before others can be: those that may hold but need not and that clauses read, directly or not.
//!
//! Goes through the clauses as `work` does, but on the words of what may hold and without conditions. A value that is not known may
//! be anything, and what cannot be said at once is taken to be so: more may be found than is needed, never less. A clause whose
//! body fails for sure, before anything open is met in it, need not be worked out again.

use super::work::order;
use crate::datalog::Program;
use crate::datalog::program::{Atom, Check, Clause, Expr, Literal, RelId, Term, Var};
use crate::engine::expr::{Evaluator, check_variables, expr_variables};
use crate::engine::table::RowId;
use crate::engine::{Limits, Model};
use crate::ir::{Kind, Policy, RelationId};
use crate::value::Value;
use crate::value::symbols::{Code, UNKNOWN};
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// How many rows are gone through for one clause; beyond that, all rows of what it reads are needed.
const MOST_STEPS: usize = 200_000;

static NONE: BTreeSet<usize> = BTreeSet::new();

/// A word that no row has.
const NOWHERE: Code = Code::MAX;

/// Rows that may hold but need not, by relation: their places among those that may.
pub(super) type Rows = BTreeMap<RelId, BTreeSet<RowId>>;

/// The same, each with the clauses that may say something of it.
pub(super) type Needed = BTreeMap<RelId, BTreeMap<RowId, Clauses>>;

/// Some clauses of one relation, by their places among these in `Open::strata`: a bit each, for the first 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clauses(u64);

impl Clauses {
    fn add(&mut self, place: usize) {
        self.0 |= bit(place);
    }

    pub(super) fn has(self, place: usize) -> bool {
        place >= 64 || self.0 & bit(place) != 0
    }
}

fn bit(place: usize) -> u64 {
    1_u64.checked_shl(place as u32).unwrap_or(0)
}

/// All such rows of some relations.
pub(super) fn rows_of(program: &Program, model: &Model, rels: &BTreeSet<RelId>) -> Rows {
    let rows = rels.iter().map(|rel| {
        let between = program.open.may.get(rel).into_iter().flat_map(|may| {
            let all = 0..model.len(*may) as RowId;
            all.filter(|id| is_between(model, *rel, *may, *id))
        });
        (*rel, between.collect())
    });
    rows.collect()
}

/// All such rows of some relations, as `settle::lots` says.
pub(super) fn lots(
    program: &Program,
    model: &Model,
    rels: &BTreeSet<RelId>,
    size: usize,
) -> Vec<Rows> {
    let mut lots = Vec::new();
    let mut about: Vec<(Code, RelId, RowId)> = Vec::new();
    for (rel, ids) in rows_of(program, model, rels) {
        let Some(may) = program.open.may.get(&rel) else {
            continue;
        };
        let row = |id: &RowId| model.tables[may.0 as usize].row(*id);
        let is_open = |id: &RowId| row(id).iter().any(|word| model.symbols.is_open(*word));
        if ids.iter().any(is_open) {
            lots.push(Rows::from([(rel, ids)]));
            continue;
        }
        let first = |id: &RowId| row(id).first().copied().unwrap_or(NOWHERE);
        about.extend(ids.iter().map(|id| (first(id), rel, *id)));
    }
    about.sort_unstable();
    let mut count = 0;
    let mut last = None;
    for (first, rel, id) in about {
        if last.is_none() || count >= size && last != Some(first) {
            lots.push(Rows::new());
            count = 0;
        }
        last = Some(first);
        count += 1;
        let lot = lots.last_mut().expect("there is one");
        lot.entry(rel).or_default().insert(id);
    }
    lots
}

/// These rows, and all that are needed to settle them; and the rows with values that nobody knows which are given for them.
pub(super) fn with_needed(
    program: &Program,
    policy: &Policy,
    model: &Model,
    limits: Limits,
    asked: &Rows,
) -> (Needed, Rows) {
    let mut need = Need::new(program, model, limits, names(program, policy));
    for (rel, ids) in asked {
        need.meet_all(*rel);
        ids.iter().for_each(|id| need.add(*rel, *id));
    }
    while let Some((rel, id)) = need.left.pop() {
        need.look_below(rel, id);
    }
    (need.found, need.met)
}

/// The relations of the names of types.
pub(super) fn names(program: &Program, policy: &Policy) -> BTreeSet<RelId> {
    let relations = policy.relations.iter().enumerate();
    let names = relations.filter(|(_, relation)| matches!(relation.kind, Kind::Names(_)));
    let declared = names.filter_map(|(at, _)| program.declared.get(&RelationId(at as u32)));
    declared.map(|declared| declared.rel).collect()
}

/// Whether a row that may hold need not.
fn is_between(model: &Model, rel: RelId, may: RelId, id: RowId) -> bool {
    let row = model.tables[may.0 as usize].row(id);
    model.tables[rel.0 as usize].find(row).is_none()
}

/// Whether a row is given with values that nobody knows.
pub(super) fn is_given_open(model: &Model, rel: RelId, id: RowId) -> bool {
    model.tables[rel.0 as usize].row(id).contains(&UNKNOWN)
}

struct Need<'a> {
    program: &'a Program,
    model: &'a Model,
    evaluator: Evaluator<'a>,
    /// By the relation of the head.
    clauses: BTreeMap<RelId, Vec<&'a Clause>>,
    /// The order of a clause's literals, by its head, its place, and which columns of the head are known.
    plans: HashMap<(RelId, usize, Vec<bool>), Vec<&'a Literal>>,
    /// The relations of the names of a type: any name there may be is one.
    names: BTreeSet<RelId>,
    /// Relations all of whose rows are found.
    whole: BTreeSet<RelId>,
    /// Relations all of whose rows with open values are found.
    vague: BTreeSet<RelId>,
    found: Needed,
    /// Rows that are given with values that nobody knows.
    met: Rows,
    left: Vec<(RelId, RowId)>,
    /// Of the clause that is gone through: what its variables are bound to.
    slots: Vec<Option<Code>>,
    steps: usize,
    /// Whether the body holds for some rows, or hangs on anything that is open.
    has_met_open: bool,
}

impl<'a> Need<'a> {
    fn new(
        program: &'a Program,
        model: &'a Model,
        limits: Limits,
        names: BTreeSet<RelId>,
    ) -> Need<'a> {
        let mut clauses: BTreeMap<RelId, Vec<&Clause>> = BTreeMap::new();
        let in_order = program.open.strata.iter().flatten();
        for clause in in_order.map(|at| &program.open.clauses[*at]) {
            clauses.entry(clause.head.rel).or_default().push(clause);
        }
        let mut evaluator = Evaluator::new(program, limits);
        if let Some(rel) = program.working_day {
            evaluator.set_working_days(model.rows(rel));
        }
        Need {
            program,
            model,
            evaluator,
            clauses,
            plans: HashMap::new(),
            names,
            whole: BTreeSet::new(),
            vague: BTreeSet::new(),
            found: Needed::new(),
            met: Rows::new(),
            left: Vec::new(),
            slots: Vec::new(),
            steps: 0,
            has_met_open: false,
        }
    }

    /// A row is needed, and with it those of its relation with open values: one may be what another is not.
    fn add(&mut self, rel: RelId, id: RowId) {
        let rows = self.found.entry(rel).or_default();
        if rows.insert(id, Clauses::default()).is_none() {
            self.left.push((rel, id));
            self.add_vague(rel);
            let may = self.program.open.may[&rel];
            self.look_up_presumed(rel, self.model.tables[may.0 as usize].row(id));
        }
    }

    /// A row is read that is given with values that nobody knows.
    fn meet(&mut self, rel: RelId, id: RowId) {
        if self.met.entry(rel).or_default().insert(id) {
            self.look_up_presumed(rel, self.model.tables[rel.0 as usize].row(id));
        }
    }

    fn meet_all(&mut self, rel: RelId) {
        if self.program.open.sources.contains_key(&rel) {
            for id in 0..self.model.len(rel) as RowId {
                if is_given_open(self.model, rel, id) {
                    self.meet(rel, id);
                }
            }
        }
    }

    /// What may be presumed of the fields of a row that nobody knows is needed.
    fn look_up_presumed(&mut self, rel: RelId, row: &[Code]) {
        let program = self.program;
        let Some(relation) = program.open.sources.get(&rel) else {
            return;
        };
        let own = program.open.presumed.iter();
        for presumed in own.filter(|it| it.relation == *relation) {
            let known = presumed.columns.iter().map(|column| {
                let word = row.get(*column).filter(|word| !self.is_open(**word));
                word.filter(|_| *column != presumed.field).copied()
            });
            let pattern: Vec<Option<Code>> = known.collect();
            self.read(presumed.rel, &pattern);
        }
    }

    fn add_vague(&mut self, rel: RelId) {
        let may = self.program.open.may[&rel];
        let columns = self.vague_columns(may);
        if columns.is_empty() || !self.vague.insert(rel) {
            return;
        }
        for id in 0..self.model.len(may) as RowId {
            let row = self.model.tables[may.0 as usize].row(id);
            let is_vague = columns.iter().any(|at| self.is_open(row[*at]));
            if is_vague && is_between(self.model, rel, may, id) {
                self.add(rel, id);
            }
        }
    }

    fn add_all(&mut self, rel: RelId) {
        self.meet_all(rel);
        if let Some(may) = self.program.open.may.get(&rel)
            && self.whole.insert(rel)
        {
            for id in 0..self.model.len(*may) as RowId {
                if is_between(self.model, rel, *may, id) {
                    self.add(rel, id);
                }
            }
        }
    }

    /// Finds what the clauses read that may give a row.
    fn look_below(&mut self, rel: RelId, id: RowId) {
        let model = self.model;
        let row = model.tables[self.program.open.may[&rel].0 as usize].row(id);
        let known: Vec<bool> = row.iter().map(|code| !self.is_open(*code)).collect();
        for place in 0..self.clauses.get(&rel).map_or(0, Vec::len) {
            let clause = self.clauses[&rel][place];
            if !self.start(clause, row, &known) {
                continue;
            }
            let (program, slots) = (self.program, &self.slots);
            let plan = self.plans.entry((rel, place, known.clone()));
            let plan = plan.or_insert_with(|| {
                let bound = (0..slots.len()).filter(|at| slots[*at].is_some());
                let bound = bound.map(|at| Var(at as u32)).collect();
                let order = order(program, model, clause, bound).into_iter();
                order.map(|at| &clause.body[at]).collect()
            });
            let plan = plan.clone();
            self.steps = 0;
            self.has_met_open = known.contains(&false);
            if !self.go_through(&plan) {
                self.has_met_open = true;
                for literal in &clause.body {
                    self.read_all(literal);
                }
            }
            if self.has_met_open {
                let row = self.found.entry(rel).or_default().entry(id);
                row.or_default().add(place);
            }
        }
    }

    /// Binds what the head says; false where the clause cannot give the row.
    fn start(&mut self, clause: &Clause, row: &[Code], known: &[bool]) -> bool {
        self.slots.clear();
        self.slots.resize(clause.variables.len(), None);
        let columns = clause.head.args.iter().zip(row).zip(known);
        columns.into_iter().all(|((term, code), is_known)| {
            let slot = match term {
                _ if !is_known => return true,
                Term::Value(own) => return self.model.symbols.find(own) == Some(*code),
                Term::Any => return true,
                Term::Var(var) => &mut self.slots[var.0 as usize],
            };
            *slot.get_or_insert(*code) == *code
        })
    }

    /// Goes through what is left of a body; false where that takes too long.
    fn go_through(&mut self, body: &[&'a Literal]) -> bool {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return false;
        }
        let Some((literal, rest)) = body.split_first() else {
            self.has_met_open = true;
            return true;
        };
        match literal {
            Literal::Positive(atom) if self.is_judgement(atom.rel) => {
                self.read_judgement(atom);
                self.go_through(rest)
            }
            Literal::Positive(atom) => self.join(atom, rest),
            Literal::Negative(atom, _) => {
                match self.is_judgement(atom.rel) {
                    true => self.read_judgement(atom),
                    false => self.read_any(atom),
                }
                self.go_through(rest)
            }
            Literal::Aggregate(aggregate) => {
                self.read_any(&aggregate.atom);
                self.go_through(rest)
            }
            Literal::Check(check) => self.fails(check) || self.go_through(rest),
            Literal::Bind(var, expr) => {
                let slot = self.slots[var.0 as usize];
                let Some(code) = self.value(expr) else {
                    return self.go_through(rest);
                };
                if slot.is_some_and(|before| before != code) {
                    return true;
                }
                self.slots[var.0 as usize] = Some(code);
                let is_through = self.go_through(rest);
                self.slots[var.0 as usize] = slot;
                is_through
            }
        }
    }

    /// The rows that an atom may be, each with what is left of the body.
    fn join(&mut self, atom: &'a Atom, rest: &[&'a Literal]) -> bool {
        let pattern = self.pattern(atom);
        if self.names.contains(&atom.rel) && pattern == [None] {
            return self.go_through(rest);
        }
        let rel = self.read(atom.rel, &pattern);
        let columns = self.vague_columns(rel);
        let before = self.slots.clone();
        for id in self.matching(rel, &pattern) {
            let row = self.model.tables[rel.0 as usize].row(id);
            let mut agrees = true;
            for (at, (term, code)) in atom.args.iter().zip(row).enumerate() {
                if columns.contains(&at) && self.is_open(*code) {
                    self.has_met_open = true;
                    continue;
                }
                let Term::Var(var) = term else { continue };
                let slot = &mut self.slots[var.0 as usize];
                agrees = agrees && *slot.get_or_insert(*code) == *code;
            }
            let is_through = !agrees || self.go_through(rest);
            self.slots.clone_from(&before);
            if !is_through {
                return false;
            }
        }
        true
    }

    /// What is read of a relation is needed. The relation whose rows these are: of those that may hold, if there is one.
    fn read(&mut self, rel: RelId, pattern: &[Option<Code>]) -> RelId {
        if self.program.open.sources.contains_key(&rel) {
            for id in self.matching(rel, pattern) {
                if is_given_open(self.model, rel, id) {
                    self.has_met_open = true;
                    self.meet(rel, id);
                }
            }
        }
        let Some(may) = self.program.open.may.get(&rel).copied() else {
            return rel;
        };
        if self.whole.contains(&rel) {
            self.has_met_open = true;
        } else {
            for id in self.matching(may, pattern) {
                let is_found = self.found.get(&rel).is_some_and(|it| it.contains_key(&id));
                if is_found || is_between(self.model, rel, may, id) {
                    self.has_met_open = true;
                    if !is_found {
                        self.add(rel, id);
                    }
                }
            }
        }
        may
    }

    fn read_any(&mut self, atom: &Atom) {
        let pattern = self.pattern(atom);
        self.read(atom.rel, &pattern);
    }

    /// Whether a judgement is so hangs on what is presumed of it.
    fn read_judgement(&mut self, atom: &Atom) {
        self.has_met_open = true;
        let pattern = self.pattern(atom);
        let judgement = &self.program.open.judgements[&atom.rel];
        let rels = judgement.presumed.into_iter().flatten();
        for rel in rels.chain([atom.rel, judgement.denied]) {
            self.read(rel, &pattern);
        }
    }

    fn read_all(&mut self, literal: &Literal) {
        let rel = match literal {
            Literal::Positive(atom) | Literal::Negative(atom, _) => atom.rel,
            Literal::Aggregate(aggregate) => aggregate.atom.rel,
            Literal::Check(_) | Literal::Bind(..) => return,
        };
        self.add_all(rel);
        if let Some(judgement) = self.program.open.judgements.get(&rel) {
            let presumed = judgement.presumed.into_iter().flatten();
            presumed
                .chain([judgement.denied])
                .for_each(|rel| self.add_all(rel));
        }
    }

    /// The words that an atom asks for.
    fn pattern(&self, atom: &Atom) -> Vec<Option<Code>> {
        let word = |term: &Term| match term {
            Term::Var(var) => self.slots[var.0 as usize],
            // What no row holds matches none.
            Term::Value(value) if !value.is_open() => {
                Some(self.model.symbols.find(value).unwrap_or(NOWHERE))
            }
            Term::Value(_) | Term::Any => None,
        };
        atom.args.iter().map(word).collect()
    }

    /// The rows of a table that may have the words asked for.
    fn matching(&self, rel: RelId, pattern: &[Option<Code>]) -> Vec<RowId> {
        let columns = self.vague_columns(rel);
        let known = pattern.iter().enumerate();
        let known: Vec<(usize, Code)> = known
            .filter(|(at, _)| !columns.contains(at))
            .filter_map(|(at, code)| Some((at, (*code)?)))
            .collect();
        let mut ids = self.model.ids_with(rel, &known);
        let table = &self.model.tables[rel.0 as usize];
        ids.retain(|id| {
            let row = table.row(*id);
            columns.iter().all(|at| {
                let may_be = |code| code == row[*at] || self.is_open(row[*at]);
                pattern[*at].is_none_or(may_be)
            })
        });
        ids
    }

    /// The columns in which a value may be open.
    fn vague_columns(&self, rel: RelId) -> &'a BTreeSet<usize> {
        self.program.open.columns.get(&rel).unwrap_or(&NONE)
    }

    fn is_open(&self, code: Code) -> bool {
        self.model.symbols.is_open(code)
    }

    fn is_judgement(&self, rel: RelId) -> bool {
        self.program.open.judgements.contains_key(&rel)
    }

    /// Whether a check fails for sure.
    fn fails(&self, check: &Check) -> bool {
        let variables = check_variables(check);
        let is_known = |var: &Var| self.slots[var.0 as usize].is_some();
        if matches!(check, Check::Vague(..)) || !variables.iter().all(is_known) {
            return false;
        }
        self.evaluator.may_hold(check, &|var| self.decoded(var)) == Ok(false)
    }

    /// The word of an expression, where it can be told.
    fn value(&self, expr: &Expr) -> Option<Code> {
        if let Expr::Var(var) = expr {
            return self.slots[var.0 as usize];
        }
        let is_known = |var: &Var| self.slots[var.0 as usize].is_some();
        if !expr_variables(expr).iter().all(is_known) {
            return None;
        }
        let value = self.evaluator.value(expr, &|var| self.decoded(var)).ok()?;
        let code = self.model.symbols.find(&value)?;
        (!value.is_open()).then_some(code)
    }

    fn decoded(&self, var: Var) -> Value {
        let code = self.slots[var.0 as usize].expect("only asked where it is known");
        self.model.symbols.decode(code)
    }
}
