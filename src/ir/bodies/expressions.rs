//! Expressions: their types, and what may be added to, compared with and given to what.

use super::super::error;
use super::super::policy::{Comparison, Expr, ExprKind, Operator};
use super::super::terms::{describe, literal_measure, literal_value, measure_words, type_words};
use super::binding::expr_variables;
use super::learn::is_bare_zero;
use super::{Maker, fits, is_plain};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::file;
use crate::value::{
    FunctionId, Measure, NumberType, Shape, Shift, Type, TypeKind, Value, aggregate_named,
    function_named,
};

const PLAIN_INT: NumberType = NumberType {
    integer: true,
    measure: Measure::Plain,
};

impl Maker<'_> {
    /// The type of an expression, as far as it is known yet.
    pub(super) fn type_of(&mut self, expr: &file::Expr) -> Option<Type> {
        use file::ExprKind as E;
        match &expr.kind {
            E::Variable(name) => {
                let id = self.scope.variable(name, expr.span);
                self.scope.slot(id).ty
            }
            E::Number(number, unit) => {
                let measure = unit.as_ref().map_or(Measure::Plain, |unit| {
                    literal_measure(unit, self.names).unwrap_or(Measure::Plain)
                });
                Some(Type::Number(NumberType {
                    integer: number.is_integer() && measure != Measure::Percent,
                    measure,
                }))
            }
            E::Date(_) => Some(Type::Date),
            E::Bool(_) => Some(Type::Bool),
            E::Any | E::Name(_) | E::Text(_) | E::Duration(..) => None,
            E::Negate(inner) => self.type_of(inner),
            E::Binary(_, _, right) if matches!(right.kind, E::Duration(..)) => Some(Type::Date),
            E::Binary(operator, left, right) => match (self.type_of(left)?, self.type_of(right)?) {
                (Type::Number(left), Type::Number(right)) => {
                    Some(Type::Number(combined(*operator, left, right)))
                }
                (ty, _) => Some(ty),
            },
            E::Call(name, arguments) => self.call_type(&name.text, arguments),
            E::Aggregate(aggregate) => {
                let row = aggregate_named(&aggregate.name.text)?;
                if row.counts {
                    return Some(Type::Number(PLAIN_INT));
                }
                let outer = self.scope.braces.replace(aggregate.name.span);
                let ty = aggregate.term.as_ref().and_then(|term| self.type_of(term));
                self.scope.braces = outer;
                // A sum of what cannot be summed is a number all the same: what stands around it is not wrong.
                match ty {
                    Some(ty) if row.needs_numbers && !matches!(ty, Type::Number(_)) => {
                        Some(Type::Number(PLAIN_INT))
                    }
                    ty => ty,
                }
            }
        }
    }

    fn call_type(&mut self, name: &str, arguments: &[file::Expr]) -> Option<Type> {
        match self.function(name)?.row().shape {
            Shape::TextTest => Some(Type::Bool),
            Shape::TextToText => Some(Type::Text),
            Shape::DatesToDays => Some(Type::Number(PLAIN_INT)),
            Shape::TwoAlike | Shape::NumberToNumber => self.common_type(arguments),
        }
    }

    /// The type of several values that must be alike; names take theirs from the others, and so does a bare `0`.
    fn common_type(&mut self, values: &[file::Expr]) -> Option<Type> {
        let mut common = None;
        for value in values {
            if matches!(
                value.kind,
                file::ExprKind::Name(_) | file::ExprKind::Text(_)
            ) {
                continue;
            }
            let ty = self.type_of(value)?;
            common = Some(match (common, ty) {
                (None, ty) => (ty, is_bare_zero(value)),
                (Some((Type::Number(one), _)), Type::Number(other))
                    if self.types().is_same_quantity(one.measure, other.measure) =>
                {
                    (Type::Number(combined(Operator::Add, one, other)), false)
                }
                (Some((_, true)), ty) => (ty, false),
                (Some(first), _) => first,
            });
        }
        common.map(|(ty, _)| ty)
    }

    /// An expression in a place where a value of type `wanted` is expected, if that is known.
    pub(super) fn expr(&mut self, expr: &file::Expr, wanted: Option<Type>) -> Option<Expr> {
        use file::ExprKind as E;
        let span = expr.span;
        let (kind, ty) = match &expr.kind {
            E::Variable(name) => {
                let id = self.used(name, span);
                let ty = self.scope.slot(id).ty?;
                (ExprKind::Variable(id), ty)
            }
            E::Name(_) | E::Text(_) => self.name_or_text(expr, wanted)?,
            E::Number(..) | E::Date(_) | E::Bool(_) => {
                let ty = match wanted {
                    Some(ty @ Type::Number(_)) if is_bare_zero(expr) => ty,
                    _ => self.type_of(expr)?,
                };
                (ExprKind::Value(self.value(expr, ty)?), ty)
            }
            E::Any => {
                self.problems.push(error::anything_computed(span));
                return None;
            }
            E::Duration(..) => {
                self.problems.push(error::days_alone(span));
                return None;
            }
            E::Negate(inner) => {
                let inner = self.expr(inner, wanted)?;
                self.number(&inner)?;
                let ty = inner.ty;
                (ExprKind::Negate(Box::new(inner)), ty)
            }
            E::Binary(operator, left, right) => return self.binary(*operator, left, right, span),
            E::Call(name, arguments) => return self.call(name, arguments, span),
            E::Aggregate(aggregate) => {
                let ty = self.type_of(expr);
                let id = self.aggregate_value(aggregate, ty, span)?;
                (ExprKind::Variable(id), ty?)
            }
        };
        Some(Expr { kind, ty, span })
    }

    pub(super) fn value(&mut self, expr: &file::Expr, ty: Type) -> Option<Value> {
        match literal_value(self.policy, self.names, expr, ty) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    fn name_or_text(
        &mut self,
        expr: &file::Expr,
        wanted: Option<Type>,
    ) -> Option<(ExprKind, Type)> {
        let ty = match (wanted, &expr.kind) {
            (Some(ty), _) => ty,
            (None, file::ExprKind::Text(_)) => Type::Text,
            (None, _) => {
                if let file::ExprKind::Name(name) = &expr.kind {
                    self.no_type(name, expr.span);
                }
                return None;
            }
        };
        Some((ExprKind::Value(self.value(expr, ty)?), ty))
    }

    /// The type of an expression that must be a number.
    fn number(&mut self, expr: &Expr) -> Option<NumberType> {
        match expr.ty {
            Type::Number(number) => Some(number),
            _ => {
                let found = type_words(self.types(), expr.ty);
                self.problems.push(error::no_number(&found, expr.span));
                None
            }
        }
    }

    fn binary(
        &mut self,
        operator: Operator,
        left: &file::Expr,
        right: &file::Expr,
        span: Span,
    ) -> Option<Expr> {
        if let file::ExprKind::Duration(amount, unit) = &right.kind {
            return self.shifted(operator, left, amount, *unit, span);
        }
        if let (Operator::Subtract, file::ExprKind::Name(first), file::ExprKind::Name(second)) =
            (operator, &left.kind, &right.kind)
        {
            let problem = error::name_with_hyphen(first, second, span);
            self.problems.push(problem);
            return None;
        }
        let left = self.expr(left, None);
        let right = self.expr(right, None);
        let (left, right) = (left?, right?);
        if left.ty == Type::Date && right.ty == Type::Date && operator == Operator::Subtract {
            self.problems.push(error::two_dates(span));
            return None;
        }
        let is_moved = matches!(operator, Operator::Add | Operator::Subtract);
        if is_moved && (left.ty == Type::Date || right.ty == Type::Date) {
            self.problems.push(error::days_of_what(span));
            return None;
        }
        let (one, other) = (self.number(&left)?, self.number(&right)?);
        let types = self.types();
        let words = |measure| measure_words(types, measure);
        let is_fine = match operator {
            Operator::Add | Operator::Subtract => {
                types.is_same_quantity(one.measure, other.measure)
            }
            Operator::Multiply => is_plain(one.measure) || is_plain(other.measure),
            Operator::Divide => {
                is_plain(other.measure) || types.is_same_quantity(one.measure, other.measure)
            }
        };
        if !is_fine {
            let problem = match operator {
                Operator::Multiply => {
                    error::units_multiplied(&words(one.measure), &words(other.measure), span)
                }
                _ => error::wrong_unit(&words(other.measure), &words(one.measure), span),
            };
            self.problems.push(problem);
            return None;
        }
        let ty = Type::Number(combined(operator, one, other));
        Some(Expr {
            kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)),
            ty,
            span,
        })
    }

    fn shifted(
        &mut self,
        operator: Operator,
        date: &file::Expr,
        amount: &file::Expr,
        unit: Shift,
        span: Span,
    ) -> Option<Expr> {
        if !matches!(operator, Operator::Add | Operator::Subtract) {
            self.problems.push(error::days_multiplied(span));
            return None;
        }
        if unit == Shift::WorkingDays && !self.has_calendar() {
            self.problems.push(error::no_calendar(span));
            return None;
        }
        let date = self.expr(date, Some(Type::Date));
        let amount = self.expr(amount, Some(Type::Number(PLAIN_INT)));
        let (date, mut amount) = (date?, amount?);
        if date.ty != Type::Date {
            let found = type_words(self.types(), date.ty);
            self.problems
                .push(error::wrong_type(&found, "a date", date.span));
            return None;
        }
        if !self
            .number(&amount)
            .is_some_and(|number| is_plain(number.measure))
        {
            self.problems.push(error::days_in_a_unit(amount.span));
            return None;
        }
        if let ExprKind::Value(Value::Number(number)) = &amount.kind
            && !number.is_integer()
        {
            self.problems
                .push(error::not_whole(&number.to_string(), amount.span));
            return None;
        }
        if operator == Operator::Subtract {
            let (ty, at) = (amount.ty, amount.span);
            amount = Expr {
                kind: ExprKind::Negate(Box::new(amount)),
                ty,
                span: at,
            };
        }
        Some(Expr {
            kind: ExprKind::Shift {
                date: Box::new(date),
                amount: Box::new(amount),
                unit,
            },
            ty: Type::Date,
            span,
        })
    }

    fn has_calendar(&self) -> bool {
        self.policy.working_day.is_some()
    }

    fn call(&mut self, name: &file::Name, arguments: &[file::Expr], span: Span) -> Option<Expr> {
        let Some(id) = self.function(&name.text) else {
            if function_named(&name.text).is_some() {
                self.problems
                    .push(error::hidden_function(&name.text, name.span));
                return None;
            }
            let near = crate::diagnostic::nearest(
                &name.text,
                crate::value::functions()
                    .iter()
                    .map(|function| function.name),
            );
            self.problems.push(error::unknown_name(
                "function",
                &name.text,
                name.span,
                near,
                "relations are conditions of their own, and give no value inside an expression",
            ));
            return None;
        };
        let shape = id.row().shape;
        let wanted = match shape {
            Shape::TextTest => "two texts or names",
            Shape::TextToText => "a text or name",
            Shape::DatesToDays => "two dates",
            Shape::TwoAlike => "two numbers, dates or members of an ordered set",
            Shape::NumberToNumber => "a number",
        };
        let count = if matches!(shape, Shape::TextToText | Shape::NumberToNumber) {
            1
        } else {
            2
        };
        if arguments.len() != count {
            self.problems
                .push(error::wrong_arguments(&name.text, wanted, span));
            return None;
        }
        let expected = match shape {
            Shape::DatesToDays => Some(Type::Date),
            Shape::TextTest | Shape::TextToText => None,
            Shape::TwoAlike | Shape::NumberToNumber => self.common_type(arguments),
        };
        let made: Vec<Option<Expr>> = arguments
            .iter()
            .map(|argument| self.expr(argument, expected))
            .collect();
        let made: Vec<Expr> = made.into_iter().collect::<Option<_>>()?;
        match self.result(id, &made) {
            Some(ty) => Some(Expr {
                kind: ExprKind::Call(id, made),
                ty,
                span,
            }),
            None => {
                self.problems
                    .push(error::wrong_arguments(&name.text, wanted, span));
                None
            }
        }
    }

    /// The type of a function's result for these arguments; `None` if it does not take them.
    fn result(&mut self, id: FunctionId, arguments: &[Expr]) -> Option<Type> {
        let is_text = |expr: &Expr| matches!(expr.ty, Type::Text | Type::Entity(_));
        match id.row().shape {
            Shape::TextTest => {
                if id.row().name == "matches" {
                    self.check_pattern(&arguments[1]);
                }
                arguments.iter().all(is_text).then_some(Type::Bool)
            }
            Shape::TextToText => is_text(&arguments[0]).then_some(Type::Text),
            Shape::DatesToDays => arguments
                .iter()
                .all(|expr| expr.ty == Type::Date)
                .then_some(Type::Number(PLAIN_INT)),
            Shape::NumberToNumber => {
                matches!(arguments[0].ty, Type::Number(_)).then_some(arguments[0].ty)
            }
            Shape::TwoAlike => match (arguments[0].ty, arguments[1].ty) {
                (Type::Number(one), Type::Number(other))
                    if self.types().is_same_quantity(one.measure, other.measure) =>
                {
                    Some(Type::Number(combined(Operator::Add, one, other)))
                }
                (one, other) if one == other && self.has_order(one) => Some(one),
                _ => None,
            },
        }
    }

    fn check_pattern(&mut self, pattern: &Expr) {
        if let ExprKind::Value(Value::Text(text)) = &pattern.kind {
            let probe = function_named("matches")
                .map(|id| (id.row().apply)(&[Value::Text("".into()), Value::Text(text.clone())]));
            if let Some(Err(crate::value::NoValue::BadPattern(pattern_text, reason))) = probe {
                self.problems
                    .push(error::bad_pattern(&pattern_text, &reason, pattern.span));
            }
        }
    }

    pub(super) fn has_order(&self, ty: Type) -> bool {
        match ty {
            Type::Number(_) | Type::Date => true,
            Type::Set(id) => matches!(
                self.types().named(id).kind,
                TypeKind::Set { ordered: true, .. }
            ),
            Type::Entity(_) | Type::Text | Type::Bool => false,
        }
    }

    /// What has no order, in words.
    pub(super) fn unordered_words(&self, ty: Type) -> String {
        match ty {
            Type::Set(id) => format!("the members of `{}`", self.types().named(id).name),
            Type::Entity(_) => "names".into(),
            Type::Text => "texts".into(),
            Type::Bool | Type::Number(_) | Type::Date => "`true` and `false`".into(),
        }
    }

    /// `N > 5`, where `N` has a unit: the number needs it too.
    fn bare_number(&self, made: &Expr, written: &file::Expr) -> Option<Diagnostic> {
        match (&written.kind, made.ty) {
            (
                file::ExprKind::Number(number, None),
                Type::Number(NumberType {
                    measure: Measure::Unit(id),
                    ..
                }),
            ) => Some(error::number_without_unit(
                &number.to_string(),
                &self.types().unit(id).name,
                written.span,
            )),
            _ => None,
        }
    }

    /// Both sides of a comparison, of types that can be compared so.
    pub(super) fn sides(
        &mut self,
        op: Comparison,
        left: &file::Expr,
        right: &file::Expr,
    ) -> Option<(Expr, Expr)> {
        let (left_type, right_type) = (self.type_of(left), self.type_of(right));
        if let (None, None, file::ExprKind::Name(name)) = (left_type, right_type, &left.kind) {
            self.no_type(name, left.span);
            return None;
        }
        let made_left = self.expr(left, right_type);
        let made_right = self.expr(right, left_type.or(made_left.as_ref().map(|left| left.ty)));
        let (made_left, made_right) = (made_left?, made_right?);
        if !fits(self.types(), made_left.ty, made_right.ty) {
            let bare = self.bare_number(&made_left, right);
            let bare = bare.or_else(|| self.bare_number(&made_right, left));
            let problem = match (made_left.ty, made_right.ty) {
                _ if bare.is_some() => bare.expect("it has just been asked"),
                (Type::Number(one), Type::Number(other)) => error::wrong_unit(
                    &measure_words(self.types(), other.measure),
                    &measure_words(self.types(), one.measure),
                    made_left.span.to(made_right.span),
                ),
                (wanted, _) => error::wrong_type(
                    &describe(right),
                    &type_words(self.types(), wanted),
                    right.span,
                ),
            };
            // Where the same variables meet once more, it is the same slip.
            let meeting = &expr_variables(&made_left) | &expr_variables(&made_right);
            let is_told = meeting.len() > 1 && !self.misfits.insert(meeting);
            self.problems.push(match is_told {
                true => error::said_already(problem),
                false => problem,
            });
            return None;
        }
        let is_by_size = !matches!(op, Comparison::Equal | Comparison::NotEqual);
        if is_by_size && !self.has_order(made_left.ty) {
            let what = self.unordered_words(made_left.ty);
            self.problems
                .push(error::unordered(&what, made_left.span.to(made_right.span)));
            return None;
        }
        self.warn_of_shares(&made_left, right);
        self.warn_of_shares(&made_right, left);
        Some((made_left, made_right))
    }

    /// `S >= 50`, where `S` is a share: 50 times the whole.
    fn warn_of_shares(&mut self, share: &Expr, other: &file::Expr) {
        let is_share = matches!(
            share.ty,
            Type::Number(NumberType {
                measure: Measure::Percent,
                ..
            })
        );
        if let file::ExprKind::Number(number, None) = &other.kind
            && is_share
            && *number > crate::value::Number::from_integer(1)
        {
            self.problems
                .push(error::percent_without_sign(&number.to_string(), other.span));
        }
    }
}

/// The type of a sum, difference, product or quotient.
fn combined(operator: Operator, left: NumberType, right: NumberType) -> NumberType {
    let unit = |one: NumberType, other: NumberType| {
        if is_plain(one.measure) {
            other.measure
        } else {
            one.measure
        }
    };
    let share_or_plain = |measure| match measure {
        Measure::Percent => Measure::Plain,
        other => other,
    };
    match operator {
        Operator::Add | Operator::Subtract => NumberType {
            integer: left.integer && right.integer && left.measure == right.measure,
            measure: if left.measure == Measure::Plain {
                right.measure
            } else {
                left.measure
            },
        },
        Operator::Multiply => NumberType {
            integer: left.integer
                && right.integer
                && is_plain(left.measure)
                && is_plain(right.measure),
            // A share of a share is one of the whole.
            measure: match left.measure == right.measure {
                true => left.measure,
                false => share_or_plain(unit(left, right)),
            },
        },
        Operator::Divide => NumberType {
            integer: false,
            measure: if is_plain(right.measure) {
                share_or_plain(left.measure)
            } else {
                Measure::Plain
            },
        },
    }
}
