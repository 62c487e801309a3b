//! Numbers and dates, one step up or down.

use super::{Around, Maker};
use crate::source::Span;
use crate::syntax::file::{Expr, ExprKind};
use crate::value::Date;

impl Maker<'_> {
    /// Every number and date in an expression.
    pub(super) fn values(&mut self, expr: &Expr, around: &Around<'_>) {
        match &expr.kind {
            ExprKind::Number(..) => self.number(expr.span, around),
            ExprKind::Date(date) => self.date(*date, expr.span, around),
            ExprKind::Duration(inner, _) | ExprKind::Negate(inner) => self.values(inner, around),
            ExprKind::Binary(_, left, right) => {
                self.values(left, around);
                self.values(right, around);
            }
            ExprKind::Call(_, arguments) => {
                arguments.iter().for_each(|it| self.values(it, around));
            }
            ExprKind::Aggregate(aggregate) => {
                let term = aggregate.term.iter();
                term.for_each(|it| self.values(it, around));
                self.body(&aggregate.body, around, false);
            }
            ExprKind::Variable(_)
            | ExprKind::Any
            | ExprKind::Name(_)
            | ExprKind::Text(_)
            | ExprKind::Bool(_) => {}
        }
    }

    fn number(&mut self, span: Span, around: &Around<'_>) {
        let words = self.words(span).to_owned();
        for (step, what) in [(-1, "a number is one less"), (1, "a number is one more")] {
            if let Some(new) = moved(&words, step) {
                self.add(what, around, span, new, None).number = Some(words.clone());
            }
        }
    }

    pub(super) fn date(&mut self, date: Date, span: Span, around: &Around<'_>) {
        for (what, moved) in [
            ("a day is one earlier", date.yesterday()),
            ("a day is one later", date.tomorrow()),
        ] {
            if let Ok(moved) = moved {
                self.add(what, around, span, moved.to_string(), None).day = Some(date);
            }
        }
    }
}

/// A number one step up or down in its last place, with its unit: `0.1%` is `0.2%`, `14 nm` is `15 nm`.
pub(in crate::session::mutate) fn moved(words: &str, step: i128) -> Option<String> {
    let end = words.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, rest) = words.split_at(end.unwrap_or(words.len()));
    let places = number.split_once('.').map_or(0, |(_, places)| places.len());
    let digits: i128 = number.replace('.', "").parse().ok()?;
    let moved = digits.checked_add(step)?;
    let sign = if moved < 0 { "-" } else { "" };
    let moved = format!("{:0>width$}", moved.unsigned_abs(), width = places + 1);
    let (whole, fraction) = moved.split_at(moved.len() - places);
    let point = if places > 0 { "." } else { "" };
    Some(format!("{sign}{whole}{point}{fraction}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn a_number_moves_in_its_last_place() {
        let told = |words| [moved(words, -1), moved(words, 1)].map(Option::unwrap_or_default);
        assert_eq!(told("14 nm"), ["13 nm", "15 nm"]);
        assert_eq!(told("0.1%"), ["0.0%", "0.2%"]);
        assert_eq!(told("0"), ["-1", "1"]);
        assert_eq!(told("99.95 g"), ["99.94 g", "99.96 g"]);
    }
}
