//! Feeds: each heading, field and value of their lines resolved.

use super::given::may_be_given;
use super::names::{Names, Placed};
use super::policy::{
    Column, Feed, FeedCondition, FeedLine, FeedValue, Field, Heading, Missing, Policy, ReadAs,
};
use super::terms::{self, literal_value, missing_value};
use super::{Problems, error};
use crate::source::Span;
use crate::syntax::file::{self, Expr, ExprKind, FeedDay, ItemKind};
use crate::value::{Date, DayPattern, FIRST_DAY, LAST_DAY, Type, Value};
use std::collections::BTreeMap;

/// The feeds, in the order of their names.
pub(super) fn feeds(
    statements: &[Placed<'_>],
    policy: &mut Policy,
    names: &Names,
    problems: &mut Problems,
) {
    let mut declared: BTreeMap<&str, &file::Feed> = BTreeMap::new();
    for placed in statements {
        let ItemKind::Feed(feed) = placed.kind else {
            continue;
        };
        match declared.get(feed.name.text.as_str()) {
            Some(first) => problems.push(error::declared_twice(
                "feed",
                &feed.name.text,
                feed.name.span,
                first.name.span,
            )),
            None => {
                declared.insert(&feed.name.text, feed);
            }
        }
    }
    for written in declared.into_values() {
        let made = feed(written, policy, names, problems);
        policy.feeds.push(made);
    }
}

fn feed(written: &file::Feed, policy: &Policy, names: &Names, problems: &mut Problems) -> Feed {
    let (name, at) = (written.name.text.as_str(), written.name.span);
    let mut relations = policy.relations.iter();
    if let Some(relation) = relations.find(|relation| relation.name == name) {
        let problem = error::feed_named_like_a_relation(name, at, relation.span);
        problems.push(problem);
    }
    if written.lines.is_empty() && !names.has_slip_beside(at) {
        problems.push(error::empty_feed(name, at));
    }
    let mut maker = Maker {
        policy,
        names,
        problems,
        headings: Vec::new(),
    };
    let lines = written.lines.iter().filter_map(|line| maker.line(line));
    let lines = lines.collect();
    Feed {
        name: name.to_owned(),
        headings: maker.headings,
        lines,
        span: at,
    }
}

/// Makes the lines of one feed.
struct Maker<'a> {
    policy: &'a Policy,
    names: &'a Names,
    problems: &'a mut Problems,
    headings: Vec<Heading>,
}

impl Maker<'_> {
    fn line(&mut self, line: &file::FeedLine) -> Option<FeedLine> {
        let before = self.problems.len();
        let fields = terms::fields(self.policy, self.names, &line.head, None, self.problems)?;
        let relation = self.policy.relation(fields.relation);
        let has_days = line.from.is_some() || line.through.is_some() || line.until.is_some();
        if !may_be_given(
            relation,
            line.head.span,
            line.denied,
            has_days,
            self.problems,
        ) {
            return None;
        }
        let mut values = Vec::new();
        let mut missing = Vec::new();
        for (field, value) in relation.fields.iter().zip(&fields.values) {
            if value.is_none() && field.missing == Missing::Never {
                missing.push(field.name.clone());
            }
            values.push(match value {
                Some((expr, _)) => self.value(field, expr, &line.columns),
                None => FeedValue::Constant(missing_value(field.missing)),
            });
        }
        // A slip in a field's name is why it seems to be missing.
        if !missing.is_empty() && self.problems.len() == before {
            self.problems.push(error::missing_fields(
                &relation.name,
                &missing,
                line.head.span,
                relation.span,
            ));
        }
        let conditions = line.conditions.iter().map(|it| FeedCondition {
            heading: self.heading(&it.heading),
            negated: it.negated,
            cell: it.cell.text.trim().to_owned(),
        });
        let conditions = conditions.collect();
        let (from, through) = self.days(line);
        (self.problems.len() == before).then_some(FeedLine {
            relation: fields.relation,
            denied: line.denied.is_some(),
            values,
            from,
            through,
            is_until: matches!(
                (&line.through, &line.until),
                (None, Some(FeedDay::Column(_)))
            ),
            conditions,
            span: line.span,
        })
    }

    /// What stands in a field: a text is the heading of a column.
    fn value(&mut self, field: &Field, expr: &Expr, columns: &[file::Column]) -> FeedValue {
        let mut columns = columns.iter();
        let column = columns.find(|column| column.heading.span == expr.span);
        if let Some(column) = column {
            return FeedValue::Column(self.column(column, field.ty));
        }
        let value = match &expr.kind {
            ExprKind::Any if field.missing != Missing::Never => Ok(missing_value(field.missing)),
            // In brackets it is no heading, and nothing else.
            ExprKind::Text(_) => {
                let wanted = terms::type_words(&self.policy.types, field.ty);
                let found = terms::describe(expr);
                Err(error::wrong_type(&found, &wanted, expr.span))
            }
            ExprKind::Variable(name) => match field.ty {
                Type::Set(_) => terms::capitalized(self.policy, name, field.ty, expr.span),
                _ => Err(error::variable_in_feed(name, expr.span)),
            },
            _ => literal_value(self.policy, self.names, expr, field.ty),
        };
        FeedValue::Constant(value.unwrap_or_else(|problem| {
            self.problems.push(problem);
            Value::None
        }))
    }

    fn column(&mut self, column: &file::Column, ty: Type) -> Column {
        let heading = self.heading(&column.heading);
        let read_as = match (&column.pattern, &column.unit) {
            (Some(pattern), _) => self.pattern(pattern, ty),
            (None, Some((unit, at))) => self.unit(unit, *at, ty),
            (None, None) => ReadAs::Plain,
        };
        Column { heading, read_as }
    }

    fn pattern(&mut self, pattern: &file::Text, ty: Type) -> ReadAs {
        if ty != Type::Date {
            let wanted = terms::type_words(&self.policy.types, ty);
            let problem = error::day_pattern_without_day(&wanted, pattern.span);
            self.problems.push(problem);
            return ReadAs::Plain;
        }
        match DayPattern::new(pattern.text.trim()) {
            Ok(pattern) => ReadAs::Days(pattern),
            Err(reason) => {
                let problem = error::no_day_pattern(&pattern.text, &reason, pattern.span);
                self.problems.push(problem);
                ReadAs::Plain
            }
        }
    }

    fn unit(&mut self, unit: &file::FieldUnit, at: Span, ty: Type) -> ReadAs {
        let types = &self.policy.types;
        let Type::Number(wanted) = ty else {
            let problem = error::type_without_unit(&types.name_of(ty), at);
            self.problems.push(problem);
            return ReadAs::Plain;
        };
        match terms::literal_measure(unit, self.names) {
            Ok(measure) if types.is_same_quantity(measure, wanted.measure) => {
                ReadAs::Numbers(measure)
            }
            Ok(measure) => {
                let words = |measure| terms::measure_words(types, measure);
                let problem = error::wrong_unit(&words(measure), &words(wanted.measure), at);
                self.problems.push(problem);
                ReadAs::Plain
            }
            Err(problem) => {
                self.problems.push(problem);
                ReadAs::Plain
            }
        }
    }

    fn heading(&mut self, written: &file::Text) -> usize {
        let text = written.text.trim();
        if text.is_empty() {
            self.problems.push(error::empty_heading(written.span));
        }
        let known = self.headings.iter().position(|it| it.text == text);
        known.unwrap_or_else(|| {
            self.headings.push(Heading {
                text: text.to_owned(),
                span: written.span,
            });
            self.headings.len() - 1
        })
    }

    /// The first and the last day of a fact.
    fn days(&mut self, line: &file::FeedLine) -> (FeedValue, FeedValue) {
        if let (Some(through), Some(until)) = (&line.through, &line.until) {
            self.problems.push(error::stated_twice(
                "the last day",
                span_of(until),
                span_of(through),
            ));
        }
        let from = self.day(line.from.as_ref(), FIRST_DAY);
        let through = match (&line.through, &line.until) {
            (None, Some(FeedDay::Date(until))) => {
                let before = until.date.yesterday().unwrap_or(until.date);
                FeedValue::Constant(Value::Date(before))
            }
            (through, until) => self.day(through.as_ref().or(until.as_ref()), LAST_DAY),
        };
        if let (FeedValue::Constant(from), FeedValue::Constant(through)) = (&from, &through)
            && through < from
        {
            self.problems.push(error::ends_before_start(
                line.span,
                "the last day is the first day or a later one",
            ));
        }
        (from, through)
    }

    fn day(&mut self, written: Option<&FeedDay>, otherwise: Date) -> FeedValue {
        match written {
            None => FeedValue::Constant(Value::Date(otherwise)),
            Some(FeedDay::Date(day)) => FeedValue::Constant(Value::Date(day.date)),
            Some(FeedDay::Column(column)) => FeedValue::Column(self.column(column, Type::Date)),
        }
    }
}

fn span_of(day: &FeedDay) -> Span {
    match day {
        FeedDay::Date(day) => day.span,
        FeedDay::Column(column) => column.heading.span,
    }
}
