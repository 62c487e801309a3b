//! Feeds: which facts each row of a table gives.

use super::build::Builder;
use super::cut::{Block, Statement};
use super::error::{MOST_SLIPS, SyntaxError};
use super::file::*;
use super::grammar::Rule as G;
use crate::source::Span;
use pest::iterators::{Pair, Pairs};

impl Builder<'_> {
    pub(super) fn feed(&mut self, statement: &Statement) -> Option<Feed> {
        let name = self.with(statement, G::feed_head, |builder, mut parts| {
            Some(builder.name(&parts.next()?))
        });
        let mut lines = Vec::new();
        if let Some(Block::Statements(inner)) = &statement.block {
            for statement in inner {
                if self.errors.len() > 4 * MOST_SLIPS {
                    break;
                }
                let span = statement.span;
                lines.extend(self.with(statement, G::feed_line, |builder, parts| {
                    builder.feed_line(parts, span)
                }));
            }
        }
        Some(Feed { name: name?, lines })
    }

    fn feed_line(&mut self, parts: Pairs<'_, G>, span: Span) -> Option<FeedLine> {
        let (mut denied, mut head) = (None, None);
        let (mut columns, mut conditions) = (Vec::new(), Vec::new());
        let mut limits = [None, None, None];
        for part in parts {
            match part.as_rule() {
                G::not_word => denied = Some(self.span(&part)),
                G::relation => {
                    let at = self.span(&part);
                    let (notice, relation) = self.relation(&part);
                    head = Some(Atom {
                        relation,
                        notice,
                        arguments: Vec::new(),
                        span: at,
                    });
                }
                G::feed_arguments => {
                    let end = self.span(&part);
                    if let Some(head) = &mut head {
                        head.span = head.span.to(end);
                        head.arguments = self.feed_arguments(part, &mut columns);
                    }
                }
                G::feed_limit => self.feed_limit(part, &mut limits),
                G::feed_condition => conditions.extend(self.feed_condition(part)),
                _ => {}
            }
        }
        let [from, through, until] = limits;
        Some(FeedLine {
            denied,
            head: head?,
            columns,
            from,
            through,
            until,
            conditions,
            span,
        })
    }

    fn feed_arguments(&mut self, pair: Pair<'_, G>, columns: &mut Vec<Column>) -> Vec<Argument> {
        let mut arguments: Vec<Argument> = Vec::new();
        let parts = pair.into_inner();
        for part in parts.filter(|part| part.as_rule() == G::feed_argument) {
            let mut name = None;
            for inner in part.into_inner() {
                let value = match inner.as_rule() {
                    G::heading => self.column_value(inner, columns),
                    G::expr => self.expr(inner),
                    _ => {
                        name = Some(self.name(&inner));
                        continue;
                    }
                };
                let has_name = |argument: &Argument| argument.name.is_some();
                if name.is_none() && arguments.iter().any(has_name) {
                    self.fail(SyntaxError::PositionAfterName { at: value.span });
                }
                arguments.push(Argument {
                    name: name.take(),
                    value,
                });
            }
        }
        arguments
    }

    /// A column where a value may stand: its heading, as a text.
    fn column_value(&mut self, pair: Pair<'_, G>, columns: &mut Vec<Column>) -> Expr {
        let column = self.column(pair);
        let value = Expr {
            kind: ExprKind::Text(column.heading.text.clone()),
            span: column.heading.span,
        };
        columns.push(column);
        value
    }

    fn column(&mut self, pair: Pair<'_, G>) -> Column {
        let mut parts = pair.into_inner();
        let heading = parts.next().expect("a column has a heading");
        let mut column = Column {
            heading: self.text(&heading),
            pattern: None,
            unit: None,
        };
        match parts.next() {
            Some(part) if part.as_rule() == G::as_word => {
                let pattern = parts.next().expect("a pattern stands behind `as`");
                column.pattern = Some(self.text(&pattern));
            }
            Some(unit) => column.unit = Some((self.unit(&unit), self.span(&unit))),
            None => {}
        }
        column
    }

    fn feed_limit(&mut self, pair: Pair<'_, G>, limits: &mut [Option<FeedDay>; 3]) {
        let at = self.span(&pair);
        let mut parts = pair.into_inner();
        let word = parts.next().expect("a limit begins with a word");
        let day = parts.next().expect("a limit has a day");
        let day = match day.as_rule() {
            G::heading => Some(FeedDay::Column(self.column(day))),
            _ => self.date(&day).map(FeedDay::Date),
        };
        let place = match word.as_rule() {
            G::through_word => 1,
            G::until_word => 2,
            _ => 0,
        };
        let Some(day) = day else { return };
        if limits[place].replace(day).is_some() {
            self.once(false, word.as_str(), at);
        }
    }

    fn feed_condition(&mut self, pair: Pair<'_, G>) -> Option<FeedCondition> {
        let mut parts = pair.into_inner();
        let heading = self.text(&parts.next()?);
        let negated = parts.next()?.as_str() == "!=";
        let cell = self.text(&parts.next()?);
        Some(FeedCondition {
            heading,
            negated,
            cell,
        })
    }
}
