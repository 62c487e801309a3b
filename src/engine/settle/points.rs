//! The open points, and what can be asked of one: whether it is so, whether it is at most this, whether it is that.

use super::cell::Cell;
use super::diagram::{Diagram, Edge, FALSE, TRUE};
use super::formula::Formula;
use super::polynomial::Polynomial;
use super::presumed::Presumed;
use super::texts::{AskedText, KnownSamples, TextTest};
use super::together::KnownFibers;
use super::{Answer, Point, PointId};
use crate::datalog::Program;
use crate::ir::{Policy, RelationId};
use crate::value::{Date, FIRST_DAY, FunctionId, LAST_DAY, Number, Type, TypeKind, Value};
use hashbrown::HashMap;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a point may come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Domain {
    /// Yes or no, of a judgement.
    Judgement,
    /// Yes or no, in a field.
    Truth,
    /// A number, or a day counted from the first.
    Number {
        /// Only multiples of this.
        step: Option<Number>,
        is_day: bool,
    },
    /// One of these, in order.
    Members(Vec<Value>),
    /// A name or text, whatever it is.
    Names { is_text: bool },
}

/// What is asked of a point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Question {
    /// Whether it is so.
    Truth,
    /// Whether it is at most (with `true`) or below this.
    UpTo(Number, bool),
    /// Whether it is this.
    Is(Value),
    /// Whether what is worked out of it, and perhaps of others, is below zero.
    Below(Arc<Polynomial>),
    /// Whether that is zero.
    Zero(Arc<Polynomial>),
    /// Whether it is the same as another.
    Same(PointId),
    /// Whether it starts with this, contains it, and so on.
    Text(AskedText),
    /// How it relates to something of which only bounds are known.
    Relation(Box<Relation>),
    /// Whether something is so of these cells that can only be said once they are known.
    Unclear(Predicate, Vec<Cell>),
}

/// What can only be said of what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Predicate {
    /// A judgement, by its relation.
    Judgement(RelationId),
    /// A function that gives a truth value.
    Function(FunctionId),
}

impl Question {
    /// Whether it takes more than one bound or value of one point.
    pub(super) fn is_joint(&self) -> bool {
        matches!(
            self,
            Question::Below(_) | Question::Zero(_) | Question::Same(_)
        )
    }

    /// Whether what the answer hangs on cannot be worked out.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Question::Relation(_) | Question::Unclear(..))
    }
}

/// What is asked of two cells together of which only bounds are known: whether the first is less, or else equal, of all such
/// cells, or of any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Relation {
    cells: [Cell; 2],
    is_less: bool,
    of_all: bool,
}

/// One way in which a point may be settled, as far as some questions tell: their answers, and what it is then.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) variables: Vec<(u32, bool)>,
    pub(super) answer: Answer,
}

/// The points met so far, and the functions over them.
pub(super) struct Points {
    pub(super) diagram: Diagram,
    list: Vec<(Point, Domain)>,
    ids: HashMap<Point, PointId>,
    /// By variable of the diagram.
    variables: Vec<(PointId, Question)>,
    known: HashMap<(PointId, Question), u32>,
    fields: Fields,
    /// Whether anything but yes or no was asked.
    has_values: bool,
    pub(super) known_fibers: KnownFibers,
    pub(super) known_samples: RefCell<KnownSamples>,
    /// The working days that are known, in their order.
    pub(super) working_days: Arc<[Date]>,
    /// The points of which something may be presumed.
    pub(super) presumed: BTreeMap<PointId, Presumed>,
}

/// What is worked out of points, where it takes only one bound.
enum Line {
    Constant(Number),
    /// Zero where the point is the number, and with `true` below zero where it is more.
    Bound(PointId, Number, bool),
    Neither,
}

/// The domains of the fields of relations.
type Fields = BTreeMap<(RelationId, usize), Domain>;

impl Points {
    pub(super) fn new(program: &Program, policy: &Policy, steps: u64) -> Points {
        let mut fields = Fields::new();
        for relation in program.open.sources.values() {
            for (at, field) in policy.relation(*relation).fields.iter().enumerate() {
                fields.insert((*relation, at), domain(policy, field.ty));
            }
        }
        Points {
            diagram: Diagram::new(steps),
            list: Vec::new(),
            ids: HashMap::new(),
            variables: Vec::new(),
            known: HashMap::new(),
            fields,
            has_values: false,
            known_fibers: KnownFibers::new(),
            known_samples: RefCell::default(),
            working_days: Arc::default(),
            presumed: BTreeMap::new(),
        }
    }

    pub(super) fn all(&self) -> Vec<Point> {
        self.list.iter().map(|(point, _)| point.clone()).collect()
    }

    pub(super) fn domain(&self, id: PointId) -> &Domain {
        &self.list[id.0 as usize].1
    }

    pub(super) fn add(&mut self, point: Point) -> PointId {
        if let Some(id) = self.ids.get(&point) {
            return *id;
        }
        let domain = match &point {
            Point::Judgement { .. } => Domain::Judgement,
            Point::Field {
                relation, field, ..
            } => {
                let domain = self.fields.get(&(*relation, *field)).cloned();
                domain.unwrap_or(Domain::Names { is_text: true })
            }
        };
        let id = PointId(self.list.len() as u32);
        self.list.push((point.clone(), domain));
        self.ids.insert(point, id);
        id
    }

    /// Whether two cells relate in a way that cannot be worked out: questions of their own, which hang on the points of both.
    /// That the answers to several such questions may exclude each other is not seen.
    pub(super) fn lost(&mut self, a: &Cell, b: &Cell, is_less: bool) -> Formula {
        let Some(first) = a.points().into_iter().chain(b.points()).next() else {
            return Formula::LOST;
        };
        let mut cells = [a.clone(), b.clone()];
        if !is_less {
            cells.sort_unstable();
        }
        let mut ask = |of_all: bool| {
            let relation = Relation {
                cells: cells.clone(),
                is_less,
                of_all,
            };
            self.ask(first, Question::Relation(Box::new(relation)))
        };
        Formula {
            must: ask(true),
            may: ask(false),
        }
    }

    /// Whether something is so of cells of which some are not known. The same is asked by the same question; that answers to
    /// several such questions may exclude each other is not seen. `None`: it hangs on no point.
    pub(super) fn unclear(&mut self, predicate: Predicate, cells: &[Cell]) -> Option<Formula> {
        let first = cells.iter().flat_map(Cell::points).next()?;
        let question = Question::Unclear(predicate, cells.to_vec());
        Some(Formula::exact(self.ask(first, question)))
    }

    /// Whether the text that a point is starts so, contains that, and so on.
    pub(super) fn is_such_text(&mut self, point: PointId, asked: AskedText) -> Formula {
        let is_of_all = matches!(
            asked.test,
            TextTest::Starts | TextTest::Contains | TextTest::Ends
        );
        match asked.word.is_empty() && is_of_all {
            true => Formula::TRUE,
            false => Formula::exact(self.ask(point, Question::Text(asked))),
        }
    }

    /// Whether what is worked out of points is below zero.
    pub(super) fn is_below_zero(&mut self, form: &Polynomial) -> Formula {
        match self.line_of(form) {
            Line::Constant(number) => Formula::of(number.is_negative()),
            Line::Bound(point, bound, false) => Formula::exact(self.is_up_to(point, &bound, false)),
            Line::Bound(point, bound, true) => Formula::exact(!self.is_up_to(point, &bound, true)),
            Line::Neither => {
                let (form, is_turned) = form.normal();
                let below = self.ask_form(&form, Question::Below);
                if !is_turned {
                    return below;
                }
                let zero = self.ask_form(&form, Question::Zero);
                let either = self.diagram.either(below, zero);
                !either
            }
        }
    }

    /// Whether that is zero.
    pub(super) fn is_zero(&mut self, form: &Polynomial) -> Formula {
        match self.line_of(form) {
            Line::Constant(number) => Formula::of(number.is_zero()),
            Line::Bound(point, bound, _) => self.is_number(point, &bound),
            Line::Neither => self.ask_form(&form.normal().0, Question::Zero),
        }
    }

    fn ask_form(
        &mut self,
        form: &Polynomial,
        question: impl Fn(Arc<Polynomial>) -> Question,
    ) -> Formula {
        let Some(first) = form.points().first().copied() else {
            return Formula::LOST;
        };
        Formula::exact(self.ask(first, question(Arc::new(form.clone()))))
    }

    fn line_of(&self, form: &Polynomial) -> Line {
        if let Some(number) = form.as_constant() {
            return Line::Constant(number);
        }
        match form.as_line() {
            Some((point, scale, offset)) => {
                Line::Bound(point, quotient(&-&offset, &scale), scale.is_negative())
            }
            None => Line::Neither,
        }
    }

    /// Whether two points that are no numbers are the same.
    pub(super) fn is_same(&mut self, a: PointId, b: PointId) -> Edge {
        self.ask(a.min(b), Question::Same(a.max(b)))
    }

    pub(super) fn question(&self, variable: u32) -> &Question {
        &self.variables[variable as usize].1
    }

    /// All points that a question is about.
    pub(super) fn asked(&self, variable: u32) -> Vec<PointId> {
        let (first, question) = &self.variables[variable as usize];
        self.asked_of(question, *first)
    }

    /// The first point that a question is about.
    pub(super) fn asked_point(&self, variable: u32) -> PointId {
        self.variables[variable as usize].0
    }

    /// Whether it was asked how a point relates to another.
    pub(super) fn is_related(&self, point: PointId) -> bool {
        self.variables
            .iter()
            .any(|(first, question)| match question {
                Question::Truth | Question::UpTo(..) | Question::Is(_) | Question::Text(_) => false,
                _ => self.asked_of(question, *first).contains(&point),
            })
    }

    /// The points that a question is about. `first`: the first of them.
    fn asked_of(&self, question: &Question, first: PointId) -> Vec<PointId> {
        match question {
            Question::Truth | Question::UpTo(..) | Question::Is(_) | Question::Text(_) => {
                vec![first]
            }
            Question::Below(form) | Question::Zero(form) => form.points().into_iter().collect(),
            Question::Same(other) => vec![first, *other],
            Question::Relation(relation) => relation.cells.iter().flat_map(Cell::points).collect(),
            Question::Unclear(_, cells) => cells.iter().flat_map(Cell::points).collect(),
        }
    }

    /// The variables among these that stand for what cannot be worked out.
    pub(super) fn lost_in(&self, edges: &[Edge]) -> Vec<u32> {
        let (variables, _) = self.diagram.support(edges, usize::MAX);
        let is_lost = |at: &u32| self.variables[*at as usize].1.is_lost();
        variables.into_iter().filter(is_lost).collect()
    }

    /// Where a function is true however that turns out which cannot be worked out.
    pub(super) fn for_sure(&mut self, mut edge: Edge) -> Option<Edge> {
        for variable in self.lost_in(&[edge]) {
            let at = |truth: bool| move |other: u32| (other == variable).then_some(truth);
            let yes = self.diagram.decided(edge, &at(true))?;
            let no = self.diagram.decided(edge, &at(false))?;
            edge = self.diagram.and(yes, no)?;
        }
        Some(edge)
    }

    fn ask(&mut self, point: PointId, question: Question) -> Edge {
        let next = self.variables.len() as u32;
        self.has_values |= question != Question::Truth;
        let key = (point, question);
        let variable = match self.known.get(&key) {
            Some(variable) => *variable,
            None => {
                self.variables.push(key.clone());
                self.known.insert(key, next);
                next
            }
        };
        self.diagram.variable(variable)
    }

    /// Whether a judgement is so.
    pub(super) fn is_so(&mut self, point: PointId) -> Edge {
        self.ask(point, Question::Truth)
    }

    /// Whether a number or day is at most a bound, or (without `inclusive`) below it.
    pub(super) fn is_up_to(&mut self, point: PointId, bound: &Number, inclusive: bool) -> Edge {
        let Domain::Number { step, is_day } = self.domain(point).clone() else {
            return FALSE;
        };
        let (mut bound, mut inclusive) = (bound.clone(), inclusive);
        if let Some(step) = step {
            let steps = quotient(&bound, &step);
            let whole = steps.floor();
            let last = match !inclusive && whole == steps {
                true => &whole - &Number::from_integer(1),
                false => whole,
            };
            (bound, inclusive) = (&last * &step, true);
        }
        if is_day && bound < number_of(FIRST_DAY) {
            return FALSE;
        }
        if is_day && bound >= number_of(LAST_DAY) {
            return TRUE;
        }
        self.ask(point, Question::UpTo(bound, inclusive))
    }

    /// Whether a number or day is exactly that.
    pub(super) fn is_number(&mut self, point: PointId, number: &Number) -> Formula {
        let Domain::Number { step, .. } = self.domain(point) else {
            return Formula::FALSE;
        };
        if let Some(step) = step
            && !quotient(number, step).is_integer()
        {
            return Formula::FALSE;
        }
        let up_to = Formula::exact(self.is_up_to(point, number, true));
        let below = Formula::exact(self.is_up_to(point, number, false));
        self.diagram.both(up_to, !below)
    }

    /// Whether a point that is no number is that value.
    pub(super) fn is_value(&mut self, point: PointId, value: &Value) -> Edge {
        match (self.domain(point).clone(), value) {
            (Domain::Truth | Domain::Judgement, Value::Bool(true)) => self.is_so(point),
            (Domain::Truth | Domain::Judgement, Value::Bool(false)) => !self.is_so(point),
            (Domain::Members(members), value) if members.contains(value) => match members.len() {
                1 => TRUE,
                _ => self.ask(point, Question::Is(value.clone())),
            },
            (Domain::Names { .. }, Value::Name(_) | Value::Text(_)) => {
                self.ask(point, Question::Is(value.clone()))
            }
            _ => FALSE,
        }
    }

    /// All that a point may be, where that is a short list.
    pub(super) fn members(&self, point: PointId) -> Option<Vec<Value>> {
        match self.domain(point) {
            Domain::Truth => Some(vec![Value::Bool(false), Value::Bool(true)]),
            Domain::Members(members) if members.len() <= 64 => Some(members.clone()),
            _ => None,
        }
    }

    /// The points that functions depend on, with the questions about each, and whether these are all.
    pub(super) fn support(
        &self,
        edges: &[Edge],
        most: usize,
    ) -> (BTreeMap<PointId, Vec<u32>>, bool) {
        let mut found: BTreeMap<PointId, Vec<u32>> = BTreeMap::new();
        let (variables, is_all) = self.diagram.support(edges, most);
        for variable in variables {
            let (first, question) = &self.variables[variable as usize];
            for point in self.asked_of(question, *first) {
                let asked = found.entry(point).or_default();
                if asked.last() != Some(&variable) {
                    asked.push(variable);
                }
            }
        }
        (found, is_all)
    }

    /// Whether any answers to the questions asked so far go together.
    pub(super) fn is_free(&self) -> bool {
        !self.has_values
    }

    /// The ways in which a point may be settled, as far as these questions about it tell.
    pub(super) fn classes(&self, point: PointId, variables: &[u32]) -> Vec<Class> {
        match self.domain(point) {
            Domain::Judgement | Domain::Truth => self.truths(point, variables),
            Domain::Number { .. } => self.stretches(point, variables),
            Domain::Members(members) => {
                let asked = variables.len() >= members.len();
                self.choices(variables, !asked)
            }
            Domain::Names { .. } => match self.texts_asked(variables).is_empty() {
                true => self.choices(variables, true),
                false => self.such_texts(point, variables),
            },
        }
    }

    /// A text, or of an entity its name.
    pub(super) fn text_value(&self, point: PointId, text: Arc<str>) -> Value {
        match self.domain(point) {
            Domain::Names { is_text: false } => Value::Name(text),
            _ => Value::Text(text),
        }
    }

    /// The ways in which a point may be settled, as far as any question about it tells.
    pub(super) fn ways(&self, point: PointId) -> Vec<Answer> {
        let variables = self.variables.iter().enumerate();
        let own = variables.filter(|(_, (other, question))| {
            let is_own = matches!(
                question,
                Question::Truth | Question::UpTo(..) | Question::Is(_) | Question::Text(_)
            );
            *other == point && is_own
        });
        let own: Vec<u32> = own.map(|(at, _)| at as u32).collect();
        let classes = self.classes(point, &own).into_iter();
        classes.map(|class| class.answer).collect()
    }

    fn truths(&self, point: PointId, variables: &[u32]) -> Vec<Class> {
        let class = |truth: bool| Class {
            variables: variables.iter().map(|at| (*at, truth)).collect(),
            answer: match self.domain(point) {
                Domain::Truth => Answer::Value(Value::Bool(truth)),
                _ => Answer::Truth(truth),
            },
        };
        vec![class(true), class(false)]
    }

    fn choices(&self, variables: &[u32], has_other: bool) -> Vec<Class> {
        let mut asked: Vec<(&Value, u32)> = variables
            .iter()
            .filter_map(|at| match &self.variables[*at as usize].1 {
                Question::Is(value) => Some((value, *at)),
                _ => None,
            })
            .collect();
        asked.sort_unstable();
        let only = |chosen: Option<u32>| {
            variables
                .iter()
                .map(|at| (*at, Some(*at) == chosen))
                .collect()
        };
        let mut classes: Vec<Class> = asked
            .iter()
            .map(|(value, at)| Class {
                variables: only(Some(*at)),
                answer: Answer::Value((*value).clone()),
            })
            .collect();
        if has_other {
            classes.push(Class {
                variables: only(None),
                answer: Answer::NoneOf(asked.iter().map(|(value, _)| (*value).clone()).collect()),
            });
        }
        classes
    }

    fn stretches(&self, point: PointId, variables: &[u32]) -> Vec<Class> {
        let mut cuts: Vec<(&Number, bool, u32)> = variables
            .iter()
            .filter_map(|at| match &self.variables[*at as usize].1 {
                Question::UpTo(bound, inclusive) => Some((bound, *inclusive, *at)),
                _ => None,
            })
            .collect();
        cuts.sort_unstable();
        (0..=cuts.len())
            .map(|at| {
                let answers = cuts.iter().enumerate();
                let low = at.checked_sub(1).map(|below| cuts[below]);
                let low = low.map(|(bound, inclusive, _)| (bound.clone(), !inclusive));
                let high = cuts
                    .get(at)
                    .map(|(bound, inclusive, _)| ((*bound).clone(), *inclusive));
                Class {
                    variables: answers.map(|(place, cut)| (cut.2, place >= at)).collect(),
                    answer: self.stretch(point, low, high),
                }
            })
            .collect()
    }

    /// What lies between two bounds; with each, whether it belongs to it.
    pub(super) fn stretch(
        &self,
        point: PointId,
        low: Option<(Number, bool)>,
        high: Option<(Number, bool)>,
    ) -> Answer {
        let Domain::Number { step, .. } = self.domain(point) else {
            return Answer::NoneOf(Vec::new());
        };
        // Of whole numbers, those above 2 are those from 3.
        let low = low.map(|(bound, inclusive)| match step {
            Some(step) if !inclusive => (&bound + step, true),
            _ => (bound, inclusive),
        });
        match (&low, &high) {
            (Some((low, true)), Some((high, true))) if low == high => {
                Answer::Value(self.value_of(point, low))
            }
            _ => {
                let bound =
                    |(bound, inclusive): (Number, bool)| (self.value_of(point, &bound), inclusive);
                Answer::Between(low.map(bound), high.map(bound))
            }
        }
    }

    /// The value of a field whose point is that number.
    pub(super) fn value_of(&self, point: PointId, number: &Number) -> Value {
        match self.domain(point) {
            Domain::Number { is_day: true, .. } => {
                day_of(number).map_or(Value::Unknown, Value::Date)
            }
            _ => Value::Number(number.clone()),
        }
    }

    /// A value that an answer allows.
    pub(super) fn example(&self, point: PointId, answer: &Answer) -> Answer {
        match answer {
            Answer::Truth(_) | Answer::Value(_) | Answer::AsPresumed => answer.clone(),
            Answer::Example(value) => Answer::Value(value.clone()),
            Answer::OneOf(values) => {
                Answer::Value(values.first().cloned().unwrap_or(Value::Unknown))
            }
            Answer::NoneOf(values) => Answer::Value(self.other_than(point, values)),
            Answer::Such { example, .. } => Answer::Value(self.text_value(point, example.clone())),
            Answer::Between(low, high) => Answer::Value(self.between(point, low, high)),
        }
    }

    pub(super) fn other_than(&self, point: PointId, values: &[Value]) -> Value {
        let is_new = |value: &Value| !values.contains(value);
        match self.domain(point) {
            Domain::Members(members) => {
                let other = members.iter().find(|value| is_new(value));
                other.cloned().unwrap_or(Value::Unknown)
            }
            Domain::Names { is_text } => {
                let names = (1..).map(|at| match at {
                    1 => Arc::from("another"),
                    _ => Arc::from(format!("another_{at}")),
                });
                let mut values = names.map(|name| match is_text {
                    true => Value::Text(name),
                    false => Value::Name(name),
                });
                values.find(is_new).unwrap_or(Value::Unknown)
            }
            Domain::Judgement | Domain::Truth => Value::Bool(!values.contains(&Value::Bool(true))),
            Domain::Number { .. } => self.value_of(point, &Number::zero()),
        }
    }

    fn between(&self, point: PointId, low: &super::Bound, high: &super::Bound) -> Value {
        let bound = |bound: &super::Bound| {
            let (value, inclusive) = bound.as_ref()?;
            Some((number_in(value)?, *inclusive))
        };
        let step = match self.domain(point) {
            Domain::Number {
                step: Some(step), ..
            } => step.clone(),
            _ => Number::from_integer(1),
        };
        let number = match (bound(low), bound(high)) {
            (Some((low, true)), _) => low,
            (_, Some((high, true))) => high,
            (Some((low, false)), Some((high, false))) => {
                quotient(&(&low + &high), &Number::from_integer(2))
            }
            (Some((low, false)), None) => &low + &step,
            (None, Some((high, false))) => &high - &step,
            (None, None) => Number::zero(),
        };
        self.value_of(point, &number)
    }
}

fn domain(policy: &Policy, ty: Type) -> Domain {
    match ty {
        Type::Bool => Domain::Truth,
        Type::Date => Domain::Number {
            step: Some(Number::from_integer(1)),
            is_day: true,
        },
        Type::Number(number) => Domain::Number {
            step: number.integer.then(|| policy.types.factor(number.measure)),
            is_day: false,
        },
        Type::Text => Domain::Names { is_text: true },
        Type::Entity(_) => Domain::Names { is_text: false },
        Type::Set(id) => match &policy.types.named(id).kind {
            TypeKind::Entity => Domain::Names { is_text: false },
            TypeKind::Set { members, .. } => {
                Domain::Members((0..members.len() as u32).map(Value::Member).collect())
            }
        },
    }
}

/// A day as a number: the first day is 0.
pub(super) fn number_of(day: Date) -> Number {
    let days = FIRST_DAY.until(day).map_or(0, |span| span.get_days());
    Number::from_integer(i64::from(days))
}

/// The day of a number; `None` where there is none.
pub(super) fn day_of(number: &Number) -> Option<Date> {
    let span = jiff::Span::new().try_days(number.to_i64()?).ok()?;
    FIRST_DAY.checked_add(span).ok()
}

/// A number or day as a number.
pub(super) fn number_in(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::Date(day) => Some(number_of(*day)),
        _ => None,
    }
}

pub(super) fn quotient(number: &Number, divisor: &Number) -> Number {
    number.divided_by(divisor).unwrap_or_else(Number::zero)
}
