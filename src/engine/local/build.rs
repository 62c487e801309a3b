//! `Clause` to `Plan`.

use super::order::order;
use super::plan::{
    Absent, Columns, Counts, Join, Kept, Plan, Quick, QuickBind, Setting, Slots, Source, Step,
};
use super::store::{Store, Version};
use crate::datalog::Program;
use crate::datalog::program::{
    Aggregate, Atom, Check, Clause, DaySetId, Expr, Literal, RegimesId, RelId, Term, Var,
};
use crate::engine::expr::{check_variables, expr_variables};
use crate::engine::instances::{atom_variables, literal_binds, negative_variables};
use crate::value::symbols::Code;
use crate::value::{Date, Value};
use std::collections::{BTreeMap, BTreeSet};

/// From how many rows on it matters how they are found. (Next to none in tests, which so try what becomes of many.)
const MANY: usize = if cfg!(test) { 2 } else { 1 << 12 };

impl<'a> Plan<'a> {
    /// Plans a clause whose relation gets rows from so many clauses.
    pub fn new(
        program: &'a Program,
        at: usize,
        clause: &'a Clause,
        setting: Setting<'_>,
        store: &Store,
        givers: usize,
    ) -> Plan<'a> {
        let size = |rel: RelId| match setting.own.contains(&rel) {
            // It grows: rather look up in it than walk it.
            true => store.table(rel).len().max(1 << 20),
            false => store.table(rel).len(),
        };
        let bound: BTreeSet<Var> = setting.level.into_iter().collect();
        let mut order = order(clause, bound.clone(), setting.delta, &size);
        if setting.delta.is_none()
            && setting.level.is_none()
            && let Some(large) = rather_walked(clause, &order, store)
        {
            order = super::order::order(clause, bound, Some(large), &size);
        }
        let mut builder = Builder {
            program,
            clause,
            setting,
            store,
            last_use: last_uses(clause, &order),
            layout: setting.level.into_iter().collect(),
        };
        let steps = order.iter().enumerate();
        let steps = steps
            .map(|(turn, literal)| builder.step(turn, *literal, &clause.body[*literal]))
            .collect();
        let head = clause
            .head
            .args
            .iter()
            .filter_map(|term| builder.source(term));
        Plan {
            clause: at,
            is_incremental: setting.delta.is_some(),
            level: setting.level,
            counts: Counts::new(order.iter().map(|literal| {
                let rows = atom_of(&clause.body[*literal]).map(|rel| store.table(rel).len());
                (*literal, rows)
            })),
            steps,
            head: head.collect(),
            is_distinct: setting.delta.is_none()
                && setting.level.is_none()
                && givers == 1
                && store.table(clause.head.rel).len() == 0
                && is_one_to_one(clause),
        }
    }
}

/// The atom that is joined with the first one, where it has far more rows: they are rather gone through, and the few looked up,
/// than put in order for the sake of one clause.
fn rather_walked(clause: &Clause, order: &[usize], store: &Store) -> Option<usize> {
    let atoms = order.iter().filter_map(|at| match &clause.body[*at] {
        Literal::Positive(atom) => Some((*at, atom)),
        _ => None,
    });
    let [(first, few), (second, many)] = atoms.take(2).collect::<Vec<_>>().try_into().ok()?;
    let has_value = |atom: &Atom| atom.args.iter().any(|it| matches!(it, Term::Value(_)));
    let bound = atom_variables(few);
    let is_known = |term: &Term| matches!(term, Term::Var(var) if bound.contains(var));
    let columns = (0..many.args.len()).filter(|at| is_known(&many.args[*at]));
    let columns: Vec<usize> = columns.collect();
    let rows = |atom: &Atom| store.table(atom.rel).len();
    let is_so = order[0] == first
        && !columns.is_empty()
        && !has_value(many)
        && rows(many) >= MANY.max(rows(few))
        && store.is_rather_walked(many.rel, &columns);
    is_so.then_some(second)
}

/// Whether different rows of the atoms always give different rows of the head: it keeps all that is in them.
fn is_one_to_one(clause: &Clause) -> bool {
    let kept = atom_variables(&clause.head);
    let mut bound = BTreeSet::new();
    let is_kept = clause.body.iter().all(|literal| match literal {
        Literal::Positive(atom) => {
            bound.extend(atom_variables(atom));
            !atom.args.contains(&Term::Any)
        }
        Literal::Negative(..) | Literal::Check(_) => true,
        Literal::Bind(..) | Literal::Aggregate(_) => false,
    });
    is_kept && !kept.is_empty() && bound.is_subset(&kept)
}

/// The relation that a literal reads.
fn atom_of(literal: &Literal) -> Option<RelId> {
    match literal {
        Literal::Positive(atom) | Literal::Negative(atom, _) => Some(atom.rel),
        Literal::Aggregate(aggregate) => Some(aggregate.atom.rel),
        Literal::Check(_) | Literal::Bind(..) => None,
    }
}

/// The last turn at which a variable is read; those of the head stay to the end.
fn last_uses(clause: &Clause, order: &[usize]) -> BTreeMap<Var, usize> {
    let mut last = BTreeMap::new();
    for (turn, literal) in order.iter().enumerate() {
        for var in literal_variables(&clause.body[*literal]) {
            last.insert(var, turn);
        }
    }
    for var in atom_variables(&clause.head) {
        last.insert(var, usize::MAX);
    }
    last
}

fn literal_variables(literal: &Literal) -> BTreeSet<Var> {
    match literal {
        Literal::Positive(atom) => atom_variables(atom),
        Literal::Negative(atom, checks) => negative_variables(atom, checks),
        Literal::Check(check) => check_variables(check),
        Literal::Bind(_, expr) => &expr_variables(expr) | &literal_binds(literal),
        Literal::Aggregate(it) => it.group.iter().copied().chain([it.result]).collect(),
    }
}

struct Builder<'a, 's> {
    program: &'a Program,
    clause: &'a Clause,
    setting: Setting<'s>,
    store: &'s Store,
    last_use: BTreeMap<Var, usize>,
    /// The variables of the binding, in their places.
    layout: Vec<Var>,
}

impl<'a> Builder<'a, '_> {
    fn step(&mut self, turn: usize, at: usize, literal: &'a Literal) -> Step<'a> {
        match literal {
            Literal::Positive(atom) => {
                let join = self.join(turn, &atom.args);
                Step::Join(atom.rel, self.version(at, atom.rel), join)
            }
            Literal::Aggregate(aggregate) => self.aggregate(turn, at, aggregate),
            Literal::Negative(atom, checks) => Step::Absent(self.absent(atom, checks)),
            Literal::Check(check) => Step::Check(check, self.quick(check), self.slots()),
            Literal::Bind(var, expr) => {
                let (quick, slots) = (self.quick_bind(expr), self.slots());
                Step::Bind(expr, quick, self.found_or_added(*var), slots)
            }
        }
    }

    /// Of the literals of a clause that grow, one reads what is new, those before it all, those behind it what is old:
    /// so each instance is found once.
    fn version(&self, at: usize, rel: RelId) -> Version {
        match self.setting.delta {
            Some(delta) if at == delta => Version::Delta,
            Some(delta) if at > delta && self.setting.own.contains(&rel) => Version::Old,
            Some(_) | None => Version::All,
        }
    }

    fn join(&mut self, turn: usize, terms: &[Term]) -> Join {
        let (columns, new) = self.columns(terms);
        let is_needed = |var: &Var| self.last_use.get(var).is_some_and(|last| *last > turn);
        let mut output = Vec::new();
        let mut layout = Vec::new();
        for (slot, var) in self
            .layout
            .iter()
            .enumerate()
            .filter(|(_, var)| is_needed(var))
        {
            output.push(Kept::Slot(slot));
            layout.push(*var);
        }
        for (var, column) in new.iter().filter(|(var, _)| is_needed(var)) {
            output.push(Kept::Column(*column));
            layout.push(*var);
        }
        self.layout = layout;
        Join { columns, output }
    }

    /// How the columns of an atom are found, and the variables that it binds, with their columns.
    fn columns(&self, terms: &[Term]) -> (Columns, Vec<(Var, usize)>) {
        let mut columns = Columns {
            key: Vec::new(),
            same: Vec::new(),
            arity: terms.len(),
        };
        let mut new: Vec<(Var, usize)> = Vec::new();
        for (column, term) in terms.iter().enumerate() {
            match (self.source(term), term) {
                (Some(source), _) => columns.key.push((column, source)),
                (None, Term::Var(var)) => match new.iter().find(|(known, _)| known == var) {
                    Some((_, first)) => columns.same.push((*first, column)),
                    None => new.push((*var, column)),
                },
                (None, Term::Any | Term::Value(_)) => {}
            }
        }
        (columns, new)
    }

    fn aggregate(&mut self, turn: usize, at: usize, aggregate: &'a Aggregate) -> Step<'a> {
        let group = aggregate
            .group
            .iter()
            .map(|var| self.source(&Term::Var(*var)));
        match group.collect::<Option<Vec<Source>>>() {
            Some(group) => {
                Step::Lookup(aggregate, at, group, self.found_or_added(aggregate.result))
            }
            None => {
                let columns = aggregate.group.iter().chain([&aggregate.result]);
                let terms: Vec<Term> = columns.map(|var| Term::Var(*var)).collect();
                Step::FoldJoin(aggregate, at, self.join(turn, &terms))
            }
        }
    }

    fn absent(&self, atom: &Atom, checks: &'a [Check]) -> Absent<'a> {
        let (columns, new) = self.columns(&atom.args);
        let mut locals = vec![None; self.clause.variables.len()];
        for (var, column) in new {
            locals[var.0 as usize] = Some(column);
        }
        Absent {
            rel: atom.rel,
            columns,
            checks,
            slots: self.slots(),
            locals,
        }
    }

    /// Where a variable stands; if it does not yet, it is added behind the others.
    fn found_or_added(&mut self, var: Var) -> Option<Source> {
        let found = self.source(&Term::Var(var));
        if found.is_none() {
            self.layout.push(var);
        }
        found
    }

    fn source(&self, term: &Term) -> Option<Source> {
        match term {
            Term::Value(value) => Some(Source::Constant(self.store.encode(value))),
            Term::Var(var) => {
                let slot = self.layout.iter().position(|at| at == var);
                slot.map(Source::Slot)
            }
            Term::Any => None,
        }
    }

    fn slots(&self) -> Slots {
        let mut slots = vec![None; self.clause.variables.len()];
        for (slot, var) in self.layout.iter().enumerate() {
            slots[var.0 as usize] = Some(slot);
        }
        slots
    }

    fn quick(&self, check: &Check) -> Quick {
        let quick = match check {
            Check::Present(var) => self.source(&Term::Var(*var)).map(Quick::Present),
            Check::Within(days, term) => {
                let source = self.source(term);
                source.map(|source| Quick::Within(source, self.stretches(*days)))
            }
            Check::Compare(comparison, left, right) => {
                let sides = self.simple(left).zip(self.simple(right));
                sides.map(|(left, right)| Quick::Compare(*comparison, left, right))
            }
            Check::Test(..) | Check::Vague(..) | Check::Settled(..) => None,
        };
        quick.unwrap_or(Quick::No)
    }

    fn quick_bind(&self, expr: &Expr) -> QuickBind {
        match expr {
            Expr::Regime(regimes, day) => match self.simple(day) {
                Some(day) => QuickBind::Regime(day, self.starts(*regimes)),
                None => QuickBind::No,
            },
            _ => QuickBind::No,
        }
    }

    fn simple(&self, expr: &Expr) -> Option<Source> {
        match expr {
            Expr::Var(var) => self.source(&Term::Var(*var)),
            Expr::Value(value) => Some(Source::Constant(self.store.encode(value))),
            _ => None,
        }
    }

    fn stretches(&self, days: DaySetId) -> Vec<(Code, Code)> {
        let stretches = self.program.day_sets[days.0 as usize].iter();
        stretches
            .map(|(first, last)| (self.day(*first), self.day(*last)))
            .collect()
    }

    fn starts(&self, regimes: RegimesId) -> Vec<Code> {
        let starts = self.program.regimes[regimes.0 as usize].iter();
        starts.map(|start| self.day(*start)).collect()
    }

    fn day(&self, day: Date) -> Code {
        self.store.encode(&Value::Date(day))
    }
}
