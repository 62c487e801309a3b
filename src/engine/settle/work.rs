//! The clauses once more, on rows with conditions: every instance of a body with the condition under which it holds.

use super::PointId;
use super::cell::{Cell, Quotient};
use super::formula::Formula;
use super::moved::Moved;
use super::points::{Points, Predicate};
use super::rows::{OpenId, OpenRows};
use super::texts::TextTest;
use crate::datalog::Program;
use crate::datalog::program::{Atom, Check, Clause, Expr, Literal, RelId, Term, Var};
use crate::engine::expr::{Evaluator, expr_variables};
use crate::engine::instances::{atom_variables, literal_binds, negative_variables};
use crate::engine::{Limits, Model};
use crate::ir::Operator;
use crate::value::symbols::{Code, UNKNOWN};
use crate::value::{Date, Number, Shift, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How many instances of one body are followed at most for one row.
const MOST_INSTANCES: usize = 20_000;
/// How many cases of an expression are told apart.
const MOST_CASES: usize = 1_000;

/// Values of a clause's variables, and the condition under which all literals so far hold for them.
#[derive(Clone)]
pub(super) struct Instance {
    pub(super) slots: Vec<Option<Cell>>,
    pub(super) condition: Formula,
}

impl Instance {
    pub(super) fn of(clause: &Clause) -> Instance {
        Instance {
            slots: vec![None; clause.variables.len()],
            condition: Formula::TRUE,
        }
    }

    pub(super) fn get(&self, var: Var) -> Option<&Cell> {
        self.slots[var.0 as usize].as_ref()
    }

    pub(super) fn cell(&self, term: &Term) -> Option<Cell> {
        match term {
            Term::Var(var) => self.get(*var).cloned(),
            Term::Value(value) => Some(Cell::of(value.clone())),
            Term::Any => None,
        }
    }

    fn pattern(&self, atom: &Atom) -> Vec<Option<Cell>> {
        atom.args.iter().map(|term| self.cell(term)).collect()
    }
}

/// What an expression may come to, each with its condition; `None`: no value.
pub(super) type Cases = Vec<(Option<Cell>, Formula)>;

/// Too many instances: nobody can tell.
pub(super) struct TooMany;

/// All that bodies are worked out from.
pub(super) struct Work<'a> {
    pub(super) program: &'a Program,
    pub(super) model: &'a Model,
    pub(super) evaluator: Evaluator<'a>,
    pub(super) points: Points,
    pub(super) rows: OpenRows,
    /// The relations of the names of a type: any name there may be is one.
    pub(super) names: BTreeSet<RelId>,
    /// Of what is presumed: which columns of some row stand for anything.
    pub(super) wildcards: BTreeMap<RelId, BTreeSet<Vec<bool>>>,
    /// The relations worked out just now.
    pub(super) group: BTreeSet<RelId>,
    /// The rows with conditions that were read.
    pub(super) reads: Vec<OpenId>,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        program: &'a Program,
        model: &'a Model,
        limits: Limits,
        mut points: Points,
    ) -> Work<'a> {
        let mut evaluator = Evaluator::new(program, limits);
        if let Some(rel) = program.working_day {
            evaluator.set_working_days(model.rows(rel));
            points.working_days = evaluator.working_days().clone();
        }
        Work {
            program,
            model,
            evaluator,
            points,
            rows: OpenRows::default(),
            names: BTreeSet::new(),
            wildcards: BTreeMap::new(),
            group: BTreeSet::new(),
            reads: Vec::new(),
        }
    }

    pub(super) fn both(&mut self, a: Formula, b: Formula) -> Formula {
        self.points.diagram.both(a, b)
    }

    pub(super) fn either(&mut self, a: Formula, b: Formula) -> Formula {
        self.points.diagram.either(a, b)
    }

    /// All instances of a body that begin with what `start` binds and may hold.
    pub(super) fn instances(
        &mut self,
        body: &[&Literal],
        start: Instance,
    ) -> Result<Vec<Instance>, TooMany> {
        let mut so_far = vec![start];
        for literal in body {
            let mut found = Vec::new();
            for instance in so_far {
                let more = self.extended(literal, instance)?;
                let may_hold = |instance: &Instance| !instance.condition.is_false();
                found.extend(more.into_iter().filter(may_hold));
                if found.len() > MOST_INSTANCES || !self.points.diagram.spend(10) {
                    return Err(TooMany);
                }
            }
            so_far = found;
        }
        Ok(so_far)
    }

    fn extended(
        &mut self,
        literal: &Literal,
        instance: Instance,
    ) -> Result<Vec<Instance>, TooMany> {
        match literal {
            Literal::Positive(atom) if self.is_judgement(atom.rel) => {
                Ok(self.judged_so(atom, instance))
            }
            Literal::Positive(atom) => Ok(self.matches(atom, &instance)),
            Literal::Negative(atom, checks) => {
                Ok(self.without(atom, checks, instance).into_iter().collect())
            }
            Literal::Check(check) => {
                let (holds, _) = self.truth(check, &instance);
                Ok(self.provided(instance, holds).into_iter().collect())
            }
            Literal::Bind(var, expr) => {
                let cases = self.value(expr, &instance);
                Ok(self.bound(&instance, *var, cases))
            }
            Literal::Aggregate(aggregate) => self.folded(aggregate, instance),
        }
    }

    pub(super) fn is_judgement(&self, rel: RelId) -> bool {
        self.program.open.judgements.contains_key(&rel)
    }

    pub(super) fn provided(
        &mut self,
        mut instance: Instance,
        condition: Formula,
    ) -> Option<Instance> {
        instance.condition = self.both(instance.condition, condition);
        (!instance.condition.is_false()).then_some(instance)
    }

    /// `var` with each of the values.
    pub(super) fn bound(&mut self, instance: &Instance, var: Var, cases: Cases) -> Vec<Instance> {
        let mut found = Vec::new();
        for (cell, condition) in cases {
            let Some(cell) = cell else { continue };
            let bound = self.agreeing(instance.clone(), var, &cell);
            found.extend(bound.and_then(|bound| self.provided(bound, condition)));
        }
        found
    }

    /// The instance where a variable has that value: bound to it, or on condition that it is the same.
    pub(super) fn agreeing(
        &mut self,
        mut instance: Instance,
        var: Var,
        cell: &Cell,
    ) -> Option<Instance> {
        let slot = &mut instance.slots[var.0 as usize];
        let Some(known) = slot else {
            *slot = Some(cell.clone());
            return Some(instance);
        };
        if known == cell && !cell.is_vague() {
            return Some(instance);
        }
        let equal = self.points.equal(known, cell);
        if known.known().is_none() && !cell.is_vague() && !cell.is_stranger() {
            // Where both are the same, the better known one says what it is.
            *known = cell.clone();
        }
        self.provided(instance, equal)
    }

    /// The instances in which the atom is a row that holds, or may hold.
    pub(super) fn matches(&mut self, atom: &Atom, instance: &Instance) -> Vec<Instance> {
        if self.names.contains(&atom.rel)
            && let [term] = atom.args.as_slice()
            && instance
                .cell(term)
                .is_some_and(|cell| cell.known().is_none())
        {
            return vec![instance.clone()];
        }
        let mut found = Vec::new();
        let sure = self.matches_for_sure(atom, instance, &mut found);
        let mut others = 0;
        if self.rows.has_any(atom.rel) {
            let ids = self.rows.matching(atom.rel, &instance.pattern(atom));
            self.reads.extend(&ids);
            for id in ids {
                let row = &self.rows.list[id as usize];
                if !row.condition.is_false() {
                    others += 1;
                    let (cells, condition) = (row.cells.clone(), row.condition);
                    let matched = self.matched(atom, instance.clone(), &cells);
                    found.extend(matched.and_then(|matched| self.provided(matched, condition)));
                }
            }
        }
        self.points.diagram.spend(1 + sure + others);
        found
    }

    /// The instances in which the atom is a row that must hold: what is known is looked up by its words, and only what is not is
    /// taken from the rows. How many rows there were.
    fn matches_for_sure(
        &mut self,
        atom: &Atom,
        instance: &Instance,
        found: &mut Vec<Instance>,
    ) -> u64 {
        let model = self.model;
        let mut known: Vec<(usize, Code)> = Vec::with_capacity(atom.args.len());
        for (column, term) in atom.args.iter().enumerate() {
            let value = match term {
                Term::Value(value) => (!value.is_open()).then_some(value),
                Term::Var(var) => instance.get(*var).and_then(Cell::known),
                Term::Any => None,
            };
            let Some(value) = value else { continue };
            let Some(word) = model.symbols.find(value) else {
                return 0;
            };
            known.push((column, word));
        }
        let is_source = self.program.open.sources.contains_key(&atom.rel);
        let mut rows = 0;
        for id in model.in_order(atom.rel, model.ids_with(atom.rel, &known)) {
            let row = model.tables[atom.rel.0 as usize].row(id);
            // Rows with unknown values are among the others.
            if is_source && row.contains(&UNKNOWN) {
                continue;
            }
            rows += 1;
            let mut left = known.iter().map(|(column, _)| *column).peekable();
            let mut matched = Some(instance.clone());
            for (column, (term, word)) in atom.args.iter().zip(row).enumerate() {
                if left.next_if_eq(&column).is_some() {
                    continue;
                }
                let cell = || Cell::of(model.symbols.decode(*word));
                matched = match term {
                    Term::Any => matched,
                    Term::Var(var) => {
                        matched.and_then(|matched| self.agreeing(matched, *var, &cell()))
                    }
                    Term::Value(value) => matched.and_then(|matched| {
                        let equal = self.points.equal(&Cell::of(value.clone()), &cell());
                        self.provided(matched, equal)
                    }),
                };
            }
            found.extend(matched);
        }
        rows
    }

    /// The rows that may match: those that must hold, then the others, each with its condition.
    pub(super) fn rows_matching(
        &mut self,
        rel: RelId,
        pattern: &[Option<Cell>],
    ) -> Vec<(Vec<Cell>, Formula)> {
        let known: Vec<Option<Value>> = pattern
            .iter()
            .map(|cell| cell.as_ref().and_then(Cell::known).cloned())
            .collect();
        let is_source = self.program.open.sources.contains_key(&rel);
        let mut found = Vec::new();
        for row in self.model.matching(rel, &known) {
            // Rows with unknown values are among the others.
            if !(is_source && row.contains(&Value::Unknown)) {
                found.push((row.into_iter().map(Cell::of).collect(), Formula::TRUE));
            }
        }
        let others = self.rows.matching(rel, pattern);
        self.reads.extend(&others);
        for id in others {
            let row = &self.rows.list[id as usize];
            if !row.condition.is_false() {
                found.push((row.cells.clone(), row.condition));
            }
        }
        self.points.diagram.spend(1 + found.len() as u64);
        found
    }

    pub(super) fn matched(
        &mut self,
        atom: &Atom,
        mut instance: Instance,
        cells: &[Cell],
    ) -> Option<Instance> {
        for (term, cell) in atom.args.iter().zip(cells) {
            instance = match term {
                Term::Any => instance,
                Term::Var(var) => self.agreeing(instance, *var, cell)?,
                Term::Value(value) => {
                    let equal = self.points.equal(&Cell::of(value.clone()), cell);
                    self.provided(instance, equal)?
                }
            };
        }
        Some(instance)
    }

    /// `not atom`, with the checks.
    fn without(
        &mut self,
        atom: &Atom,
        checks: &[Check],
        mut instance: Instance,
    ) -> Option<Instance> {
        if self.is_judgement(atom.rel) {
            let truth = match checks {
                [] => self.judged(atom, &instance),
                _ => Formula::LOST,
            };
            return self.provided(instance, !truth);
        }
        let condition = std::mem::replace(&mut instance.condition, Formula::TRUE);
        let in_the_way = self.matches(atom, &instance);
        instance.condition = condition;
        for matched in in_the_way {
            let mut blocks = matched.condition;
            for check in checks {
                // Without a value the instance is passed over, as if the row were in its way.
                let (holds, fails_to_be) = self.truth(check, &matched);
                let either = self.either(holds, fails_to_be);
                blocks = self.both(blocks, either);
            }
            instance = self.provided(instance, !blocks)?;
        }
        Some(instance)
    }

    /// When a check holds, and when it has no value.
    fn truth(&mut self, check: &Check, instance: &Instance) -> (Formula, Formula) {
        let mut holds = Formula::FALSE;
        let mut troubled = Formula::FALSE;
        match check {
            Check::Compare(comparison, left, right) => {
                let (left, right) = (self.value(left, instance), self.value(right, instance));
                for (a, a_if) in &left {
                    for (b, b_if) in &right {
                        let condition = self.both(*a_if, *b_if);
                        let (Some(a), Some(b)) = (a, b) else {
                            troubled = self.either(troubled, condition);
                            continue;
                        };
                        let truth = self.points.compared(*comparison, a, b);
                        let truth = self.both(condition, truth);
                        holds = self.either(holds, truth);
                    }
                }
            }
            Check::Test(wanted, expr) => {
                for (cell, condition) in self.value(expr, instance) {
                    let truth = match cell {
                        None => {
                            troubled = self.either(troubled, condition);
                            continue;
                        }
                        Some(cell) => self.points.equal(&cell, &Cell::Known(Value::Bool(*wanted))),
                    };
                    let truth = self.both(condition, truth);
                    holds = self.either(holds, truth);
                }
            }
            Check::Present(var) => {
                holds = Formula::of(instance.get(*var) != Some(&Cell::Known(Value::None)));
            }
            Check::Within(days, term) => {
                let stretches = &self.program.day_sets[days.0 as usize];
                holds = match instance.cell(term) {
                    Some(cell) => self.points.is_within(&cell, stretches),
                    None => Formula::TRUE,
                };
            }
            Check::Vague(wanted, var) => {
                let is_known = matches!(instance.get(*var), Some(Cell::Known(_)));
                holds = Formula::of(is_known != *wanted);
            }
            Check::Settled(_, inner) => return self.truth(inner, instance),
        }
        (holds, troubled)
    }

    /// What an expression may come to.
    pub(super) fn value(&mut self, expr: &Expr, instance: &Instance) -> Cases {
        let cell = |var: Var| instance.get(var).cloned().unwrap_or(Cell::unknown());
        if let Expr::Var(var) = expr {
            return vec![(Some(cell(*var)), Formula::TRUE)];
        }
        let variables = expr_variables(expr);
        if !variables.iter().any(|var| cell(*var).is_of_points()) {
            let value = self.evaluator.value(expr, &|var| cell(var).to_value());
            let cells: Vec<Cell> = variables.iter().map(|var| cell(*var)).collect();
            let value = value.ok().map(|value| Cell::out_of(value, cells.iter()));
            return vec![(value, Formula::TRUE)];
        }
        let parts: Vec<&Expr> = match expr {
            Expr::Value(_) | Expr::Var(_) => Vec::new(),
            Expr::Negate(inner) | Expr::Regime(_, inner) => vec![inner],
            Expr::Binary(_, left, right) => vec![left, right],
            Expr::Call(_, args) => args.iter().collect(),
            Expr::Shift { date, amount, .. } => vec![date, amount],
        };
        let mut ways: Vec<(Option<Vec<Cell>>, Formula)> = vec![(Some(Vec::new()), Formula::TRUE)];
        for part in parts {
            let cases = self.value(part, instance);
            let mut longer = Vec::new();
            for (cells, condition) in &ways {
                for (cell, case) in &cases {
                    let both = self.both(*condition, *case);
                    let is_there = |cell: &&Cell| **cell != Cell::Known(Value::None);
                    let cell = cell.as_ref().filter(is_there);
                    let cells = cells.as_ref().zip(cell);
                    let cells = cells.map(|(cells, cell)| {
                        [cells.as_slice(), std::slice::from_ref(cell)].concat()
                    });
                    if !both.is_false() {
                        longer.push((cells, both));
                    }
                }
            }
            ways = longer;
        }
        let mut found = Cases::new();
        for (cells, condition) in ways {
            let Some(cells) = cells else {
                found.push((None, condition));
                continue;
            };
            for (cell, case) in self.applied(expr, &cells) {
                let both = self.both(condition, case);
                if !both.is_false() {
                    found.push((cell, both));
                }
            }
        }
        match found.len() > MOST_CASES {
            true => {
                let cells: Vec<Cell> = variables.iter().map(|var| cell(*var)).collect();
                let value = Cell::out_of(Value::Unknown, cells.iter());
                vec![(Some(value), Formula::TRUE)]
            }
            false => found,
        }
    }

    /// What an operation makes of its parts.
    fn applied(&mut self, expr: &Expr, cells: &[Cell]) -> Cases {
        if let (Expr::Regime(regimes, _), [day @ (Cell::Worked(_) | Cell::Moved(_))]) =
            (expr, cells)
        {
            let starts = &self.program.regimes[regimes.0 as usize];
            let cases = self.points.regimes(day, starts).into_iter();
            return cases
                .map(|(cell, condition)| (Some(cell), condition))
                .collect();
        }
        if let Expr::Call(function, _) = expr {
            match (function.row().name, cells) {
                ("min", [a, b]) => return self.chosen(a, b),
                ("max", [a, b]) => {
                    let is_less = self.points.less(a, b);
                    return vec![(Some(b.clone()), is_less), (Some(a.clone()), !is_less)];
                }
                ("lower", [Cell::Named(point)]) if self.points.is_text(*point) => {
                    return vec![(Some(Cell::Lowered(*point)), Formula::TRUE)];
                }
                ("lower", [cell @ Cell::Lowered(_)]) => {
                    return vec![(Some(cell.clone()), Formula::TRUE)];
                }
                (name @ ("starts_with" | "ends_with" | "contains" | "matches"), [text, word]) => {
                    let test = TextTest::of_function(name);
                    let is_so = test.and_then(|test| self.points.is_text_so(text, test, word));
                    let is_so = is_so.or_else(|| {
                        let predicate = Predicate::Function(*function);
                        self.points.unclear(predicate, cells)
                    });
                    return truths(is_so.unwrap_or(Formula::LOST));
                }
                ("abs", [a]) => {
                    if let Some(number) = Quotient::of_cell(a) {
                        let zero = Cell::Known(Value::Number(Number::zero()));
                        let is_negative = self.points.less(a, &zero);
                        let turned = number.negated().cell();
                        return vec![(turned, is_negative), (Some(a.clone()), !is_negative)];
                    }
                }
                _ => {}
            }
        }
        if let (Expr::Shift { unit, .. }, [day, by]) = (expr, cells)
            && let Some(moved) = Moved::of(day, by, *unit)
        {
            return self.moved(moved);
        }
        let Some(number) = self.worked(expr, cells) else {
            return vec![(self.estimate(expr, cells), Formula::TRUE)];
        };
        let mut without = Formula::FALSE;
        if let (Expr::Binary(Operator::Divide, ..), [_, divisor]) = (expr, cells)
            && let Some(divisor) = Quotient::of_cell(divisor)
        {
            without = self.points.is_zero(divisor.zeros());
        }
        vec![(number.cell(), !without), (None, without)]
    }

    /// Where a day is moved to: where the working days on the way are not known, somewhere before them or behind.
    fn moved(&mut self, moved: Moved) -> Cases {
        if !moved.is_by_working_days() {
            return vec![(Some(Cell::Moved(moved)), Formula::TRUE)];
        }
        let point = moved.point;
        let [first, end] = self.points.reach(&moved);
        let before = self.points.is_day_before(point, first);
        let behind = !self.points.is_day_before(point, end);
        let within = self.both(!before, !behind);
        let beyond = |day: Option<Date>, is_behind: bool| {
            // The bound for the nearest such day holds for those farther off.
            let by = moved
                .working_days()
                .filter(|by| by.is_negative() != is_behind);
            let value = day.zip(by).and_then(|(day, by)| {
                let nearest = Expr::Shift {
                    date: Box::new(Expr::Value(Value::Date(day))),
                    amount: Box::new(Expr::Value(Value::Number(by.clone()))),
                    unit: Shift::WorkingDays,
                };
                self.evaluator.value(&nearest, &|_| Value::Unknown).ok()
            });
            Some(Cell::Vague(value.unwrap_or(Value::Unknown), vec![point]))
        };
        let last_before = first.and_then(|day| day.yesterday().ok());
        let cases = [
            (beyond(last_before, false), before),
            (beyond(end, true), behind),
            (Some(Cell::Moved(moved)), within),
        ];
        cases
            .into_iter()
            .filter(|(_, is_so)| !is_so.is_false())
            .collect()
    }

    fn chosen(&mut self, a: &Cell, b: &Cell) -> Cases {
        let is_less = self.points.less(a, b);
        vec![(Some(a.clone()), is_less), (Some(b.clone()), !is_less)]
    }

    /// A result that can be worked out of points.
    fn worked(&self, expr: &Expr, cells: &[Cell]) -> Option<Quotient> {
        let numbers: Vec<Quotient> = cells.iter().map(Quotient::of_cell).collect::<Option<_>>()?;
        match (expr, numbers.as_slice()) {
            (Expr::Negate(_), [number]) => Some(number.negated()),
            (Expr::Binary(Operator::Add, ..), [a, b]) => a.plus(b, 1, false),
            (Expr::Binary(Operator::Subtract, ..), [a, b]) => a.plus(b, -1, false),
            (Expr::Binary(Operator::Multiply, ..), [a, b]) => a.times(b),
            (Expr::Binary(Operator::Divide, ..), [a, b]) => a.by(b),
            (Expr::Call(function, _), [from, to]) if function.row().name == "days" => {
                to.plus(from, -1, false)
            }
            (
                Expr::Shift {
                    unit: Shift::Days, ..
                },
                [date, amount],
            ) => {
                let step = |point: PointId| self.points.step(point);
                amount.is_whole(&step).then(|| date.plus(amount, 1, true))?
            }
            _ => None,
        }
    }

    /// The bounds of a result; `None`: no value.
    fn estimate(&self, expr: &Expr, cells: &[Cell]) -> Option<Cell> {
        let part = |at: usize| Box::new(Expr::Value(cells[at].to_value()));
        let expr = match expr {
            Expr::Value(_) | Expr::Var(_) => return None,
            Expr::Negate(_) => Expr::Negate(part(0)),
            Expr::Regime(regimes, _) => Expr::Regime(*regimes, part(0)),
            Expr::Binary(operator, ..) => Expr::Binary(*operator, part(0), part(1)),
            Expr::Call(function, _) => {
                let args = cells.iter().map(|cell| Expr::Value(cell.to_value()));
                Expr::Call(*function, args.collect())
            }
            Expr::Shift { unit, .. } => Expr::Shift {
                date: part(0),
                amount: part(1),
                unit: *unit,
            },
        };
        let nothing = |_: Var| Value::Unknown;
        let value = self.evaluator.value(&expr, &nothing).ok();
        value.map(|value| Cell::out_of(value, cells.iter()))
    }
}

/// A truth value by its condition.
fn truths(is_so: Formula) -> Cases {
    let cell = |truth| Some(Cell::Known(Value::Bool(truth)));
    vec![(cell(true), is_so), (cell(false), !is_so)]
}

/// An order of the literals in which every variable is bound before it is read, and few rows are gone through.
pub(super) fn order(
    program: &Program,
    model: &Model,
    clause: &Clause,
    mut bound: BTreeSet<Var>,
) -> Vec<usize> {
    let mut left: Vec<usize> = (0..clause.body.len()).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let literals: Vec<&Literal> = left.iter().map(|at| &clause.body[*at]).collect();
        let best = (0..left.len()).min_by_key(|at| {
            let literal = literals[*at];
            rank((program, model), literal, &bound, &literals)
        });
        let next = left.remove(best.expect("something is left"));
        bound.extend(literal_binds(&clause.body[next]));
        order.push(next);
    }
    order
}

/// What comes first: what needs nothing more, then atoms by how many rows may match, as a logarithm, those of which nothing is
/// known last, then the rest.
fn rank(
    (program, model): (&Program, &Model),
    literal: &Literal,
    bound: &BTreeSet<Var>,
    left: &[&Literal],
) -> (u8, usize) {
    let is_judgement = |literal: &Literal| matches!(literal, Literal::Positive(atom) if program.open.judgements.contains_key(&atom.rel));
    let will_be_bound = |var: &Var| {
        let binds =
            |other: &&Literal| !std::ptr::eq(*other, literal) && literal_binds(other).contains(var);
        !bound.contains(var) && left.iter().any(binds)
    };
    let needs = match literal {
        Literal::Positive(atom) if is_judgement(literal) => {
            let unknown = atom_variables(atom).difference(bound).count();
            return match unknown {
                0 => (0, 0),
                _ => (5, unknown),
            };
        }
        Literal::Positive(atom) => {
            let is_unknown = |term: &&Term| match term {
                Term::Var(var) => !bound.contains(var),
                Term::Any => true,
                Term::Value(_) => false,
            };
            let unknown = atom.args.iter().filter(is_unknown).count();
            let may = program.open.may.get(&atom.rel);
            let rows = model.len(atom.rel) + may.map_or(0, |may| model.len(*may));
            let digits = (usize::BITS - rows.leading_zeros()) as usize;
            let expected = 100 * digits * unknown / atom.args.len().max(1);
            return match unknown < atom.args.len() || unknown == 0 {
                true => (1, expected),
                false => (2, expected),
            };
        }
        Literal::Negative(atom, checks) => negative_variables(atom, checks),
        Literal::Check(check) => crate::engine::expr::check_variables(check),
        Literal::Bind(_, expr) => expr_variables(expr),
        Literal::Aggregate(aggregate) => aggregate.group.iter().copied().collect(),
    };
    let binds_itself = matches!(literal, Literal::Aggregate(it) if !it.is_group_bound);
    match needs.iter().any(will_be_bound) {
        true => (6, 0),
        false if binds_itself => (3, 0),
        false => (0, 0),
    }
}
