//! Bodies: the bindings under which every literal surely holds, or may.

use super::ground::Ground;
use super::order::{Bound, Start};
use super::trouble::Trouble;
use crate::ir::{
    Atom, Bind, ClauseId, Compare, Kind, Literal, Premise, RelationId, RelationKind, Term, Timing,
    VariableId,
};
use crate::proof::expr::{Scope, compares, is_present};
use crate::proof::proof::Claim;
use crate::value::{Date, Value};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// What is asked: what surely holds, or what may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::proof) enum Side {
    /// Only what is proved counts.
    Sure,
    /// All that a completed list does not leave out counts.
    Possible,
}

/// From where is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proof) struct At {
    pub side: Side,
    /// Whether what may hold must have been checked before; else it may be in the lists that are being checked.
    pub is_firm: bool,
}

impl At {
    /// The other side; what is asked for there must have been checked before.
    pub fn other(self) -> At {
        At {
            side: match self.side {
                Side::Sure => Side::Possible,
                Side::Possible => Side::Sure,
            },
            is_firm: true,
        }
    }
}

/// What is looked up of a relation that follows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Demand {
    /// The relation.
    pub relation: RelationId,
    /// One a field; `None` matches anything.
    pub args: Vec<Option<Value>>,
    /// The day, for a standing relation.
    pub day: Option<Date>,
    /// Only what these clauses give.
    pub by: Option<Vec<ClauseId>>,
}

/// What has been proved, and what has been shown to be all there is.
pub(in crate::proof) trait Known {
    /// The rows that are proved.
    fn sure(&self, demand: &Demand) -> Vec<Vec<Value>>;

    /// The rows that may hold; `None`: nothing says what these are.
    fn possible(&self, demand: &Demand, is_firm: bool) -> Option<Vec<Vec<Value>>>;

    /// Whether a fact that is given may be used.
    fn may_cite(&self, claim: &Claim) -> bool;

    /// A row that surely holds was needed.
    fn needs(&self, claim: &Claim, by: Option<&[ClauseId]>);
}

/// Bindings of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::proof) struct Frame {
    /// By `VariableId`.
    pub bindings: Vec<Option<Value>>,
    /// The day on which the body is read.
    pub day: Option<Date>,
}

/// Which rows of an input count for a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::proof) enum Row {
    /// All that are there.
    Any,
    /// Those that facts give, or that are named: the key is still sought.
    Given,
    /// Those that nobody gave, once the key is found.
    NotGiven,
}

/// What is still to be read of a body.
#[derive(Clone)]
struct Rest<'a> {
    open: Vec<(&'a Literal, Row)>,
    bound: Bound,
    timing: Option<&'a Timing>,
    home: Option<ClauseId>,
}

impl<'a> Rest<'a> {
    /// The same with one side of an `or` in its place.
    fn with(&self, branch: &'a [Literal]) -> Rest<'a> {
        let mut rest = self.clone();
        rest.open
            .extend(branch.iter().map(|literal| (literal, Row::Any)));
        rest
    }

    /// One side of an `or` alone.
    fn only(&self, branch: &'a [Literal]) -> Rest<'a> {
        Rest {
            open: Vec::new(),
            ..self.clone()
        }
        .with(branch)
    }

    /// Whether what is left to read may give the key of an atom: then other rows of inputs whose keys are sought do.
    fn may_find(&self, ground: &Ground<'_>, atom: &Atom) -> bool {
        let is_variable = |at| matches!(atom.args[at], Term::Variable(_) | Term::Each(_));
        let is_seeker = |literal: &Literal| match literal {
            Literal::Holds(premise) => ground.is_key_sought(&premise.atom, &self.bound),
            Literal::Or(..) => true,
            _ => false,
        };
        ground.free_keys(atom.relation).all(is_variable)
            && self.open.iter().any(|(literal, _)| is_seeker(literal))
    }
}

/// How much may be worked out for one certificate.
const MOST_WORK: u64 = 20_000_000;

/// See the module.
pub(in crate::proof) struct Reading<'g, 'a> {
    pub ground: &'g Ground<'a>,
    pub known: &'g dyn Known,
    /// What keeps it from being checked.
    pub trouble: RefCell<Option<Trouble>>,
    pub work: Cell<u64>,
    pub depth: Cell<u32>,
}

impl<'g, 'a> Reading<'g, 'a> {
    pub fn new(ground: &'g Ground<'a>, known: &'g dyn Known) -> Reading<'g, 'a> {
        Reading {
            ground,
            known,
            trouble: RefCell::new(None),
            work: Cell::new(0),
            depth: Cell::new(0),
        }
    }

    pub fn fail(&self, reason: impl Into<Trouble>) {
        self.trouble
            .borrow_mut()
            .get_or_insert_with(|| reason.into());
    }

    fn has_failed(&self) -> bool {
        self.trouble.borrow().is_some()
    }

    fn spend(&self, work: usize) {
        self.work.set(self.work.get() + work as u64 + 1);
        if self.work.get() > MOST_WORK {
            self.fail("it takes more work than a check may");
        }
    }

    pub fn scope<'s>(&'s self, bindings: &'s [Option<Value>]) -> Scope<'s> {
        Scope {
            bindings,
            working_days: &self.ground.working_days,
        }
    }

    /// All bindings that agree with the frame and under which the body holds, and its clause is in force.
    pub fn solve(
        &self,
        at: At,
        body: &'a [Literal],
        start: Start,
        timing: Option<&'a Timing>,
        home: Option<ClauseId>,
        frame: Frame,
    ) -> Vec<Frame> {
        let variables = frame.bindings.iter().map(Option::is_some).collect();
        let bound = Bound::new(variables, frame.day.is_some(), start);
        let rest = Rest {
            open: body.iter().map(|literal| (literal, Row::Any)).collect(),
            bound,
            timing,
            home,
        };
        let mut frames: Vec<Frame> = vec![frame];
        frames.retain(|frame| self.is_law(at, home, frame));
        self.solve_rest(at, rest, frames)
    }

    fn is_law(&self, at: At, home: Option<ClauseId>, frame: &Frame) -> bool {
        match (home, frame.day) {
            (Some(home), Some(day)) => self.ground.is_law(home, day, at.side),
            _ => true,
        }
    }

    fn solve_rest(&self, at: At, mut rest: Rest<'a>, mut frames: Vec<Frame>) -> Vec<Frame> {
        while !frames.is_empty() && !self.has_failed() {
            if rest.bound.find_day(rest.timing) {
                frames = frames
                    .into_iter()
                    .filter_map(|it| self.with_day(rest.timing, it))
                    .collect();
                frames.retain(|frame| self.is_law(at, rest.home, frame));
                continue;
            }
            if rest.open.is_empty() {
                return frames;
            }
            let Some(next) = self.next(&rest) else {
                if rest.open.iter().all(|(_, row)| *row == Row::Any) {
                    self.fail("a body cannot be read in any order");
                }
                break;
            };
            let (literal, row) = rest.open.remove(next);
            self.spend(frames.len());
            let mut found = Vec::new();
            let row = match literal {
                Literal::Or(branches, _) if self.seeks_keys(branches, &rest.bound) => {
                    for branch in branches {
                        let branch = rest.with(branch);
                        found.extend(self.solve_rest(at, branch, frames.clone()));
                    }
                    return found;
                }
                Literal::Holds(premise)
                    if self.ground.is_key_sought(&premise.atom, &rest.bound) =>
                {
                    if rest.may_find(self.ground, &premise.atom) {
                        let mut later = rest.clone();
                        later.open.push((literal, Row::NotGiven));
                        found = self.solve_rest(at, later, frames.clone());
                    }
                    Row::Given
                }
                _ => row,
            };
            let mut longer = Vec::new();
            for frame in frames {
                longer.extend(self.extend(at, (literal, row), &rest, frame));
                self.spend(longer.len() / 8);
                if self.has_failed() {
                    return Vec::new();
                }
            }
            self.ground.take(literal, &mut rest.bound, rest.timing);
            if found.is_empty() {
                frames = longer;
                continue;
            }
            found.extend(self.solve_rest(at, rest, longer));
            return found;
        }
        Vec::new()
    }

    /// The place of the literal to look at next: one of which the row is to be one that nobody gave waits for its key.
    fn next(&self, rest: &Rest<'a>) -> Option<usize> {
        let waits = |(literal, row): &(&'a Literal, Row)| match literal {
            Literal::Holds(premise) => {
                *row == Row::NotGiven && self.ground.is_key_sought(&premise.atom, &rest.bound)
            }
            _ => false,
        };
        let ready = rest.open.iter().enumerate().filter(|(_, it)| !waits(it));
        let (places, ready): (Vec<usize>, Vec<&Literal>) =
            ready.map(|(at, (literal, _))| (at, *literal)).unzip();
        let next = self.ground.next(&ready, &rest.bound, rest.timing)?;
        Some(places[next])
    }

    /// Whether a side of an `or` asks for a row by a key that is still sought: then the rest may give it, and is read with it.
    fn seeks_keys(&self, branches: &[Vec<Literal>], bound: &Bound) -> bool {
        let mut literals = branches.iter().flatten();
        literals.any(|literal| match literal {
            Literal::Holds(premise) => self.ground.is_key_sought(&premise.atom, bound),
            Literal::Or(branches, _) => self.seeks_keys(branches, bound),
            _ => false,
        })
    }

    fn with_day(&self, timing: Option<&Timing>, mut frame: Frame) -> Option<Frame> {
        if frame.day.is_some() {
            return Some(frame);
        }
        let day = match timing? {
            Timing::Event(term, ty) => {
                let id = self.scope(&frame.bindings).term(term)?;
                self.ground.event_day(*ty, &id)
            }
            Timing::On(term) => self.day_in(term, &frame),
            Timing::Timeless | Timing::Standing => None,
        };
        frame.day = Some(day?);
        Some(frame)
    }

    fn day_in(&self, term: &Term, frame: &Frame) -> Option<Date> {
        match self.scope(&frame.bindings).term(term)? {
            Value::Date(day) => Some(day),
            Value::Unknown | Value::Range(_) | Value::Redacted(_) => {
                self.fail("the day on which something is read is not known");
                None
            }
            _ => None,
        }
    }

    fn extend(
        &self,
        at: At,
        (literal, row): (&'a Literal, Row),
        rest: &Rest<'a>,
        mut frame: Frame,
    ) -> Vec<Frame> {
        match literal {
            Literal::Holds(premise) => self.matches(at, premise, row, &frame),
            Literal::Absent(premise) => kept(self.is_absent(at, premise, &frame), frame),
            Literal::Compare(compare) => kept(self.compares(at, compare, &frame), frame),
            Literal::Test(test) => {
                let holds = match self.scope(&frame.bindings).value(&test.value) {
                    Ok(open) if open.is_open() => at.side == Side::Possible,
                    value => value == Ok(Value::Bool(!test.negated)),
                };
                kept(holds, frame)
            }
            Literal::Bind(bind) => kept(self.binds(at, bind, &mut frame), frame),
            Literal::Or(branches, _) => {
                let branches = branches.iter();
                branches
                    .flat_map(|it| self.solve_rest(at, rest.only(it), vec![frame.clone()]))
                    .collect()
            }
            Literal::Aggregate(aggregate) => self.folds(at, aggregate, &frame),
            Literal::Exempted(exempted) => self.exempted(at, exempted, frame),
        }
    }

    /// What a premise asks for; `None`: it is read on a day that there is not.
    fn demand(&self, premise: &Premise, frame: &Frame) -> Option<Demand> {
        let day = match &premise.on {
            Some(term) => Some(self.day_in(term, frame)?),
            None => frame.day,
        };
        let standing = self.ground.policy.relation(premise.atom.relation).standing;
        Some(Demand {
            relation: premise.atom.relation,
            args: self.known_args(&premise.atom.args, frame),
            day: if standing { Some(day?) } else { None },
            by: premise.by.clone(),
        })
    }

    pub fn known_args(&self, terms: &[Term], frame: &Frame) -> Vec<Option<Value>> {
        let scope = self.scope(&frame.bindings);
        let terms = terms.iter();
        terms
            .map(|it| scope.term(it).filter(|value| !value.is_open()))
            .collect()
    }

    /// The rows that are there, or may be.
    fn rows(
        &self,
        at: At,
        demand: &Demand,
        (atom, bindings): (&Atom, &[Option<Value>]),
        row: Row,
    ) -> Vec<Vec<Value>> {
        let Demand { relation, day, .. } = *demand;
        if self.ground.is_given(relation) {
            if demand.by.is_some() {
                return Vec::new();
            }
            if at.side == Side::Possible && self.misses_rows(demand, atom, bindings) {
                let name = &self.ground.policy.relation(relation).name;
                self.fail(format!(
                    "for which keys a row of `{name}` is there that nobody gave cannot be listed, where that matters"
                ));
                return Vec::new();
            }
            let given = self.given(at, demand, row);
            let mut rows = given.unwrap_or_else(|reason| {
                self.fail(reason);
                Vec::new()
            });
            if at.side == Side::Sure {
                rows.retain(|row| {
                    self.known.may_cite(&Claim {
                        relation,
                        args: row.clone(),
                        day,
                    })
                });
            }
            return rows;
        }
        match at.side {
            Side::Sure => self.known.sure(demand),
            Side::Possible => match self.known.possible(demand, at.is_firm) {
                Some(rows) => rows,
                None => {
                    let name = &self.ground.policy.relation(relation).name;
                    self.fail(format!(
                        "it does not say which facts of `{name}` there are, where that matters"
                    ));
                    Vec::new()
                }
            },
        }
    }

    /// Whether a row may be there that nobody gave, of which nobody can say the key: it is one that nobody knows, or it is not said
    /// and other conditions may ask for more.
    fn misses_rows(&self, demand: &Demand, atom: &Atom, bindings: &[Option<Value>]) -> bool {
        let keys = self.ground.free_keys(demand.relation);
        let mut open = keys.filter(|at| demand.args[*at].is_none()).peekable();
        let is_one = open.peek().is_some();
        let is_unknown = |at: usize| match &atom.args[at] {
            Term::Variable(variable) | Term::Each(variable) => bindings[variable.at()].is_some(),
            Term::Value(_) | Term::Any | Term::Present | Term::Missing => false,
        };
        is_one && (open.any(is_unknown) || self.ground.is_asked_beside(atom))
    }

    fn matches(&self, at: At, premise: &Premise, row: Row, frame: &Frame) -> Vec<Frame> {
        let Some(demand) = self.demand(premise, frame) else {
            return Vec::new();
        };
        let rows = self
            .rows(at, &demand, (&premise.atom, &frame.bindings), row)
            .into_iter();
        let fitting = rows.filter_map(|row| {
            let mut next = frame.clone();
            unify(at.side, &mut next.bindings, &premise.atom.args, &row).then(|| {
                self.note(at, &demand, row);
                next
            })
        });
        fitting.collect()
    }

    fn note(&self, at: At, demand: &Demand, row: Vec<Value>) {
        if at.side == Side::Sure {
            let claim = Claim {
                relation: demand.relation,
                args: row,
                day: demand.day,
            };
            self.known.needs(&claim, demand.by.as_deref());
        }
    }

    /// Whether surely nothing matches; from the other side: whether nothing that matches is sure.
    fn is_absent(&self, at: At, premise: &Premise, frame: &Frame) -> bool {
        let Some(demand) = self.demand(premise, frame) else {
            return at.side == Side::Possible;
        };
        let relation = self.ground.policy.relation(demand.relation);
        if relation.kind == Kind::Declared(RelationKind::Judgement) {
            let args: Option<Vec<Value>> = demand.args.iter().cloned().collect();
            let judged = args.and_then(|args| self.judged(demand.relation, &args));
            return match at.side {
                Side::Sure => judged == Some(false),
                Side::Possible => judged != Some(true),
            };
        }
        let other = at.other();
        let found = self.rows(other, &demand, (&premise.atom, &frame.bindings), Row::Any);
        let found = found.into_iter().find(|row| {
            let mut bindings = frame.bindings.clone();
            unify(other.side, &mut bindings, &premise.atom.args, row)
        });
        if let Some(row) = found {
            self.note(other, &demand, row);
            return false;
        }
        true
    }

    fn compares(&self, at: At, compare: &Compare, frame: &Frame) -> bool {
        let scope = self.scope(&frame.bindings);
        let (Ok(left), Ok(right)) = (scope.value(&compare.left), scope.value(&compare.right))
        else {
            return false;
        };
        let orders = left.possible_orders(&right);
        let mut possible = orders.possible();
        match at.side {
            Side::Sure => possible.all(|order| compares(compare.op, order)),
            Side::Possible => possible.any(|order| compares(compare.op, order)),
        }
    }

    fn binds(&self, at: At, bind: &Bind, frame: &mut Frame) -> bool {
        let value = self.scope(&frame.bindings).value(&bind.value);
        value.is_ok_and(|value| unify_one(at.side, &mut frame.bindings, bind.variable, &value))
    }
}

fn kept(holds: bool, frame: Frame) -> Vec<Frame> {
    if holds { vec![frame] } else { Vec::new() }
}

/// Binds the variables of an atom to a row. A value that nobody knows is surely equal to none, and may be equal to any.
pub(super) fn unify(
    side: Side,
    bindings: &mut [Option<Value>],
    terms: &[Term],
    row: &[Value],
) -> bool {
    terms.iter().zip(row).all(|(term, value)| match term {
        Term::Variable(variable) => {
            is_present(value) && unify_one(side, bindings, *variable, value)
        }
        Term::Each(variable) => unify_one(side, bindings, *variable, value),
        Term::Value(wanted) => agree(side, wanted, value),
        Term::Any => true,
        Term::Present => is_present(value),
        Term::Missing => !is_present(value) || *value == Value::Unknown,
    })
}

fn agree(side: Side, one: &Value, other: &Value) -> bool {
    match one.is_open() || other.is_open() {
        false => one == other,
        true => side == Side::Possible && one.possible_orders(other).equal,
    }
}

pub(super) fn unify_one(
    side: Side,
    bindings: &mut [Option<Value>],
    variable: VariableId,
    value: &Value,
) -> bool {
    let own = &mut bindings[variable.at()];
    match own {
        Some(bound) => {
            let agrees = agree(side, bound, value);
            if agrees && bound.is_open() {
                *own = Some(value.clone());
            }
            agrees
        }
        None => {
            *own = Some(value.clone());
            true
        }
    }
}

/// Distinct rows, in order.
pub(super) type RowSet = BTreeSet<Vec<Value>>;
