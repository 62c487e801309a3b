//! What can be wrong with a feed.

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::value::{DayPattern, NoDayPattern};

pub(in crate::ir) fn feed_named_like_a_relation(
    name: &str,
    at: Span,
    relation: Option<Span>,
) -> Diagnostic {
    let message = format!("`{name}` is the name of a relation, and cannot be that of a feed");
    let diagnostic = Diagnostic::error("E0280", message).at(at, "");
    super::declared_at(diagnostic, relation)
        .help("give the feed another name: a file is named after a relation or a feed")
}

pub(in crate::ir) fn no_day_pattern(pattern: &str, reason: &NoDayPattern, at: Span) -> Diagnostic {
    let capitals = pattern.to_uppercase();
    let help = match reason {
        NoDayPattern::ShortYear => {
            "the year is written `YYYY`; give the column years of four digits".to_owned()
        }
        _ if DayPattern::new(&capitals).is_ok() => format!("did you mean `{capitals}`?"),
        _ => "a day is `D` or `DD`, a month `M` or `MM`, a year `YYYY`, as in `DD.MM.YYYY`".into(),
    };
    let message = format!("`{pattern}` does not say how days are written: {reason}");
    Diagnostic::error("E0281", message).at(at, "").help(help)
}

pub(in crate::ir) fn day_pattern_without_day(wanted: &str, at: Span) -> Diagnostic {
    let message = format!("{wanted} belongs here, which is not written as a day");
    Diagnostic::error("E0282", message)
        .at(at, "")
        .help("`as` with a pattern stands behind the heading of a column of days")
}

pub(in crate::ir) fn empty_feed(name: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0283", format!("the feed `{name}` gives no facts"))
        .at(at, "")
        .help("say which, a line each: `origin(\"Material\", \"Country\").`")
}

pub(in crate::ir) fn empty_heading(at: Span) -> Diagnostic {
    Diagnostic::error("E0284", "no column has an empty heading")
        .at(at, "")
        .help("write the heading as it stands in the first row; where there is none, leave the field out")
}

pub(in crate::ir) fn variable_in_feed(variable: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0242", format!("`{variable}` in a feed is no value"))
        .at(at, "a variable")
        .help(format!(
            "the heading of a column stands in quotes: `\"{variable}\"`"
        ))
}
