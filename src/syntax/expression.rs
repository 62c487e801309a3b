//! Pairs of the grammar to expressions, atoms and bodies.

use super::build::Builder;
use super::error::SyntaxError;
use super::file::*;
use super::grammar::Rule;
use crate::source::Span;
use crate::value::{Date, FIRST_DAY, Number, Shift};
use pest::iterators::Pair;

impl Builder<'_> {
    /// An expression, or a condition that stands where an expression may.
    pub(super) fn expr(&mut self, pair: Pair<'_, Rule>) -> Expr {
        self.joined(pair, Self::product)
    }

    fn product(&mut self, pair: Pair<'_, Rule>) -> Expr {
        self.joined(pair, Self::unary)
    }

    /// Operands joined by signs, from the left.
    fn joined(
        &mut self,
        pair: Pair<'_, Rule>,
        operand: fn(&mut Self, Pair<'_, Rule>) -> Expr,
    ) -> Expr {
        let mut inner = pair.into_inner();
        let mut left = operand(self, inner.next().expect("there is a first operand"));
        while let Some(sign) = inner.next() {
            let operator = match sign.as_str() {
                "+" => Operator::Add,
                "-" => Operator::Subtract,
                "*" => Operator::Multiply,
                _ => Operator::Divide,
            };
            let right = operand(self, inner.next().expect("a sign has an operand behind it"));
            let span = left.span.to(right.span);
            left = Expr {
                kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)),
                span,
            };
        }
        left
    }

    fn unary(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let mut signs = 0;
        let mut value = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::minus => signs += 1,
                Rule::duration => {
                    let shift = shift(&part);
                    value = value.map(|amount: Expr| {
                        let span = amount.span.to(self.span(&part));
                        Expr {
                            kind: ExprKind::Duration(Box::new(amount), shift),
                            span,
                        }
                    });
                }
                _ => value = Some(self.primary(part)),
            }
        }
        let mut value = value.expect("a unary has an operand");
        for _ in 0..signs {
            value = match value.kind {
                ExprKind::Number(number, unit) => Expr {
                    kind: ExprKind::Number(-&number, unit),
                    span,
                },
                _ => Expr {
                    kind: ExprKind::Negate(Box::new(value)),
                    span,
                },
            };
        }
        value
    }

    pub(super) fn primary(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::date => match self.date(&pair) {
                Some(dated) => ExprKind::Date(dated.date),
                None => {
                    self.mild += 1;
                    ExprKind::Date(day_instead_of(pair.as_str()))
                }
            },
            Rule::number | Rule::signed => ExprKind::Number(number(pair.as_str()), None),
            Rule::quantity | Rule::glued => self.quantity(pair),
            Rule::string => ExprKind::Text(self.text(&pair).text),
            Rule::anything => ExprKind::Any,
            Rule::boolean => ExprKind::Bool(pair.as_str() == "true"),
            Rule::group => return self.bracketed(pair, span),
            Rule::aggregate => return self.aggregate(pair, span),
            Rule::call => return self.call(pair, span),
            _ => {
                self.fail(SyntaxError::NoValue { at: span });
                ExprKind::Any
            }
        };
        Expr { kind, span }
    }

    fn quantity(&mut self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut inner = pair.into_inner();
        let amount = number(inner.next().expect("a quantity has a number").as_str());
        let unit = self.unit(&inner.next().expect("a quantity has a unit"));
        ExprKind::Number(amount, Some(unit))
    }

    pub(super) fn unit(&mut self, pair: &Pair<'_, Rule>) -> FieldUnit {
        match pair.as_rule() {
            Rule::percent => FieldUnit::Percent,
            Rule::string => FieldUnit::Named(self.text(pair)),
            _ => FieldUnit::Named(self.name(pair)),
        }
    }

    /// `( … )` where a value stands: one bare expression.
    fn bracketed(&mut self, pair: Pair<'_, Rule>, span: Span) -> Expr {
        let bare = bare_expression(&pair);
        match bare {
            Some(inner) => Expr {
                span,
                ..self.expr(inner)
            },
            None => {
                self.fail(SyntaxError::NoValue { at: span });
                Expr {
                    kind: ExprKind::Any,
                    span,
                }
            }
        }
    }

    fn aggregate(&mut self, pair: Pair<'_, Rule>, span: Span) -> Expr {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next().expect("an aggregate has a name"));
        let (mut term, mut body) = (None, None);
        for part in inner {
            match part.as_rule() {
                Rule::braces => body = Some(self.braces(part)),
                _ => term = Some(part),
            }
        }
        let values = term.as_ref().and_then(bare_values);
        match (body, values) {
            (Some(body), _) => {
                let term = term.map(|term| Box::new(self.expr(term)));
                let kind = ExprKind::Aggregate(Aggregate { name, term, body });
                Expr { kind, span }
            }
            (None, Some(values)) => {
                let values = values.into_iter().map(|value| self.expr(value)).collect();
                let kind = ExprKind::Call(name, values);
                Expr { kind, span }
            }
            (None, None) => {
                let expected = format!(
                    "behind `{}` stands what it ranges over, in braces: `{{ … }}`",
                    name.text
                );
                self.fail(SyntaxError::Unexpected {
                    found: None,
                    expected,
                    at: span,
                });
                Expr {
                    kind: ExprKind::Any,
                    span,
                }
            }
        }
    }

    fn braces(&mut self, pair: Pair<'_, Rule>) -> Body {
        self.body(pair.into_inner().next().expect("braces hold a body"))
    }

    /// A name, a variable, a function, or `sum(X) { … }`.
    fn call(&mut self, pair: Pair<'_, Rule>, span: Span) -> Expr {
        let mut inner = pair.into_inner();
        let relation = inner.next().expect("a call has a name");
        let name = self.name(&relation);
        let (mut arguments, mut body) = (None, None);
        for part in inner {
            match part.as_rule() {
                Rule::braces => body = Some(self.braces(part)),
                _ => arguments = Some(self.arguments(part)),
            }
        }
        let kind = match (arguments, body) {
            (None, None) if starts_with_capital(&name.text) => ExprKind::Variable(name.text),
            (None, None) => ExprKind::Name(name.text),
            (arguments, Some(body)) => {
                let mut terms = self.unnamed(arguments.unwrap_or_default());
                if terms.len() > 1 {
                    self.fail(SyntaxError::NoValue { at: span });
                }
                ExprKind::Aggregate(Aggregate {
                    name,
                    term: terms.pop().map(Box::new),
                    body,
                })
            }
            (Some(arguments), None) => ExprKind::Call(name, self.unnamed(arguments)),
        };
        Expr { kind, span }
    }

    fn unnamed(&mut self, arguments: Vec<Argument>) -> Vec<Expr> {
        for argument in &arguments {
            if let Some(name) = &argument.name {
                self.fail(SyntaxError::Unexpected {
                    found: Some(name.text.clone()),
                    expected: "a function is given values without names".into(),
                    at: name.span,
                });
            }
        }
        arguments
            .into_iter()
            .map(|argument| argument.value)
            .collect()
    }

    pub(super) fn arguments(&mut self, pair: Pair<'_, Rule>) -> Vec<Argument> {
        let mut arguments = Vec::new();
        let (mut is_named, mut is_reported) = (false, false);
        for part in of_rule(pair, Rule::argument) {
            let at = self.span(&part);
            let mut inner = part.into_inner();
            let first = inner.next().expect("an argument has a value");
            let argument = match inner.next() {
                Some(value) => Argument {
                    name: Some(self.name(&first)),
                    value: self.expr(value),
                },
                None => Argument {
                    name: None,
                    value: self.expr(first),
                },
            };
            if is_named && argument.name.is_none() && !is_reported {
                self.fail(SyntaxError::PositionAfterName { at });
                is_reported = true;
            }
            is_named |= argument.name.is_some();
            arguments.push(argument);
        }
        arguments
    }

    /// `relation(…)` or `notice.relation(…)`.
    pub(super) fn atom(&mut self, pair: Pair<'_, Rule>) -> Atom {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let (notice, relation) = self.relation(&inner.next().expect("an atom has a relation"));
        let arguments = inner
            .find(|part| part.as_rule() == Rule::arguments)
            .map_or(Vec::new(), |part| self.arguments(part));
        Atom {
            relation,
            notice,
            arguments,
            span,
        }
    }

    /// The name of a relation, and the notice in front of it.
    pub(super) fn relation(&mut self, pair: &Pair<'_, Rule>) -> (Option<Name>, Name) {
        let whole = self.name(pair);
        match whole.text.split_once('.') {
            None => (None, whole),
            Some((notice, relation)) => {
                let middle = whole.span.start + notice.len() as u32;
                let notice = Name {
                    text: notice.into(),
                    span: Span {
                        end: middle,
                        ..whole.span
                    },
                };
                (
                    Some(notice),
                    Name {
                        text: relation.into(),
                        span: Span {
                            start: middle + 1,
                            ..whole.span
                        },
                    },
                )
            }
        }
    }

    pub(super) fn body(&mut self, pair: Pair<'_, Rule>) -> Body {
        let literals = of_rule(pair, Rule::literal)
            .map(|literal| self.literal(literal))
            .collect::<Vec<_>>();
        literals.into_iter().flatten().collect()
    }

    /// Reports a value in the place of a condition.
    fn no_condition(&mut self, value: &Pair<'_, Rule>) {
        let is_number = value
            .as_str()
            .starts_with(|letter: char| letter.is_ascii_digit());
        let at = self.span(value);
        self.fail(SyntaxError::NoCondition { is_number, at });
    }

    fn literal(&mut self, pair: Pair<'_, Rule>) -> Option<Literal> {
        let span = self.span(&pair);
        let mut parts = pair.into_inner().peekable();
        let negated = parts
            .next_if(|part| part.as_rule() == Rule::not_word)
            .is_some();
        let exempted = parts
            .next_if(|part| part.as_rule() == Rule::exempted_word)
            .is_some();
        let first = parts.next().expect("a literal has an expression");
        let mut tails = Vec::new();
        for part in parts {
            let mut inner = part.into_inner();
            let word = inner.next().expect("a tail begins with a word");
            tails.push((word, inner.next().expect("a tail has an operand")));
        }
        let kind = match tails.first().map(|(word, _)| word.as_rule()) {
            Some(Rule::comparison) if tails.len() == 1 && !negated && !exempted => {
                let (word, right) = tails.pop().expect("it was there");
                let op = comparison(word.as_str());
                LiteralKind::Compare {
                    op,
                    left: self.expr(first),
                    right: self.expr(right),
                }
            }
            Some(Rule::in_word) if tails.len() == 1 && !exempted => {
                let (_, list) = tails.pop().expect("it was there");
                let value = self.expr(first);
                LiteralKind::Member {
                    negated,
                    value,
                    list: of_rule(list, Rule::expr)
                        .map(|part| self.expr(part))
                        .collect(),
                }
            }
            Some(Rule::comparison) if tails.len() == 1 && negated => {
                let (word, _) = tails.pop().expect("it was there");
                self.fail(SyntaxError::Unexpected {
                    found: Some("not".into()),
                    expected: format!(
                        "`not` stands before an atom; turn `{}` round instead, as in `X != Y` for `X = Y`",
                        word.as_str()
                    ),
                    at: Span { end: span.start + 3, ..span },
                });
                return None;
            }
            _ => return self.atom_literal(first, tails, negated, exempted, span),
        };
        Some(Literal { kind, span })
    }

    /// `[not] [exempted] atom [on D] [by C]`, or `( A or B )`.
    fn atom_literal(
        &mut self,
        first: Pair<'_, Rule>,
        tails: Vec<(Pair<'_, Rule>, Pair<'_, Rule>)>,
        negated: bool,
        exempted: bool,
        span: Span,
    ) -> Option<Literal> {
        if let Some((word, _)) = tails
            .iter()
            .find(|(word, _)| word.as_rule() == Rule::comparison)
        {
            let expected = "a condition has one comparison: write `A < B, B < C` for `A < B < C`";
            self.fail(SyntaxError::Unexpected {
                found: Some(word.as_str().into()),
                expected: expected.into(),
                at: self.span(word),
            });
            return None;
        }
        let Some(primary) = lone_primary(first.clone()) else {
            self.no_condition(&first);
            return None;
        };
        if primary.as_rule() == Rule::group && negated {
            let expected = "`not` stands before an atom: `not (A or B)` is `not A, not B`; for `not (A, B)` name `(A, B)` with a rule of its own";
            self.fail(SyntaxError::Unexpected {
                found: Some("not".into()),
                expected: expected.into(),
                at: Span {
                    end: span.start + 3,
                    ..span
                },
            });
            return None;
        }
        if primary.as_rule() == Rule::group && tails.is_empty() && !negated && !exempted {
            let branches: Vec<Body> = of_rule(primary, Rule::body)
                .map(|part| self.body(part))
                .collect();
            return Some(Literal {
                kind: LiteralKind::Or(branches),
                span,
            });
        }
        if primary.as_rule() != Rule::call
            || primary
                .clone()
                .into_inner()
                .any(|part| part.as_rule() == Rule::braces)
        {
            self.no_condition(&first);
            return None;
        }
        let atom = self.atom(primary);
        let (mut on, mut by) = (None, None);
        for (word, operand) in tails {
            match word.as_rule() {
                Rule::on_word if on.is_none() => on = Some(self.expr(operand)),
                Rule::by_word if by.is_none() => by = Some(self.clause_ref(&operand)),
                _ => {
                    let at = self.span(&word);
                    self.fail(SyntaxError::Unexpected {
                        found: Some(word.as_str().into()),
                        expected: "an atom may have one `on` with a day and one `by` with a clause behind it".into(),
                        at,
                    });
                }
            }
        }
        let kind = if exempted {
            LiteralKind::Exempted {
                negated,
                head: atom,
                by,
            }
        } else {
            LiteralKind::Atom {
                negated,
                atom,
                on,
                by,
            }
        };
        Some(Literal { kind, span })
    }
}

/// The expression in `( … )` that is nothing but an expression.
fn bare_expression<'a>(group: &Pair<'a, Rule>) -> Option<Pair<'a, Rule>> {
    let mut bodies = of_rule(group.clone(), Rule::body);
    let mut literals = of_rule(bodies.next()?, Rule::literal);
    let bare = bare_literal(literals.next()?)?;
    (bodies.next().is_none() && literals.next().is_none()).then_some(bare)
}

/// The expression that is the whole literal.
fn bare_literal(literal: Pair<'_, Rule>) -> Option<Pair<'_, Rule>> {
    let mut parts = literal.into_inner();
    let first = parts.next()?;
    (parts.next().is_none() && first.as_rule() == Rule::expr).then_some(first)
}

/// The values of `(A, B)` behind `min` or `max` and a blank.
fn bare_values<'a>(term: &Pair<'a, Rule>) -> Option<Vec<Pair<'a, Rule>>> {
    let group = lone_primary(term.clone()).filter(|part| part.as_rule() == Rule::group)?;
    let mut bodies = of_rule(group, Rule::body);
    let body = bodies.next().filter(|_| bodies.next().is_none())?;
    of_rule(body, Rule::literal).map(bare_literal).collect()
}

fn of_rule<'a>(pair: Pair<'a, Rule>, rule: Rule) -> impl Iterator<Item = Pair<'a, Rule>> {
    pair.into_inner().filter(move |part| part.as_rule() == rule)
}

/// The primary of an expression that is nothing else.
fn lone_primary(expr: Pair<'_, Rule>) -> Option<Pair<'_, Rule>> {
    let mut at = expr;
    while matches!(at.as_rule(), Rule::expr | Rule::product | Rule::unary) {
        let mut inner = at.into_inner();
        at = inner.next()?;
        if inner.next().is_some() {
            return None;
        }
    }
    Some(at)
}

fn shift(pair: &Pair<'_, Rule>) -> Shift {
    match pair.clone().into_inner().next().map(|part| part.as_rule()) {
        Some(Rule::working_days) => Shift::WorkingDays,
        Some(Rule::months) => Shift::Months,
        Some(Rule::years) => Shift::Years,
        _ => Shift::Days,
    }
}

fn comparison(sign: &str) -> Comparison {
    match sign {
        "=" => Comparison::Equal,
        "!=" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::AtMost,
        ">" => Comparison::Greater,
        _ => Comparison::AtLeast,
    }
}

fn number(text: &str) -> Number {
    Number::from_decimal(text).expect("the grammar lets only decimals through")
}

fn starts_with_capital(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}

/// A day that stands for one that there is not, so that the rest of the statement is looked at: the first of that month, if there is one.
fn day_instead_of(text: &str) -> Date {
    let month = text.rsplit_once('-').map_or("", |(month, _)| month);
    format!("{month}-01").parse().unwrap_or(FIRST_DAY)
}
