//! What can be wrong with notices and clauses: their days, exemptions and effects.

use super::with_near;
use crate::diagnostic::Diagnostic;
use crate::ir::policy::EffectKind;
use crate::source::{Place, Span};
use crate::value::Date;

pub(in crate::ir) fn unknown_clause(text: &str, at: Span, near: Option<&str>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("E0301", format!("there is no notice or clause `{text}`")).at(at, "");
    with_near(
        diagnostic,
        near,
        "a clause is named `notice/id`; within its own notice the id is enough",
    )
}

/// The codes of what a notice lacks, perhaps because the line that states it has a slip.
pub(in crate::ir) const LACKING: [&str; 2] = ["E0302", "E0303"];

/// `undated`: the statement for which it needs one.
pub(in crate::ir) fn no_first_day(what: &str, at: Span, undated: Option<Span>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(LACKING[0], format!("{what} has no first day")).at(at, "from when on?");
    let diagnostic = match undated {
        Some(undated) => diagnostic.at(
            undated,
            "this stands in no clause, and has no day of its own",
        ),
        None => diagnostic,
    };
    diagnostic
        .help("state `effective` and a date in the notice, or `from` and a date behind the clause's heading")
}

pub(in crate::ir) fn not_published(notice: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        LACKING[1],
        format!("the notice `{notice}` does not say when it was published"),
    )
    .at(at, "")
    .help("state `published` and a date")
}

pub(in crate::ir) fn stated_twice(what: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::error("E0304", format!("{what} is stated twice"))
        .at(at, "stated again")
        .at(first, "first stated here")
        .help("state it once")
}

pub(in crate::ir) fn ends_before_start(at: Span, help: &str) -> Diagnostic {
    Diagnostic::error("E0305", "the last day comes before the first")
        .at(at, "")
        .help(help)
}

pub(in crate::ir) fn never_in_force(
    clause: &str,
    [from, through]: [(Date, Span); 2],
) -> Diagnostic {
    let ((from, starts), (through, ends)) = (from, through);
    Diagnostic::warning(
        "W0311",
        format!("`{clause}` is in force on no day: its last day, {through}, comes before its first, {from}"),
    )
    .at(starts, "starts here")
    .at(ends, "its last day is set here")
    .help("a clause has the days of the one above it unless it states its own: state the last day too")
}

/// `what`: as it stands in the sentence, a name in backticks.
pub(in crate::ir) fn concludes_nothing(clause: &str, what: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0306", format!("nothing in `{clause}` concludes {what}"))
        .at(at, "")
        .help("name the clause whose conclusion is meant")
}

pub(in crate::ir) fn exempts_nothing(head: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0306",
        format!("no exemption there can keep `{head}` from being concluded"),
    )
    .at(at, "")
    .help("name the clause of an exemption that blocks it; one from another exemption restores it")
}

pub(in crate::ir) fn several_events(names: &[String], at: Span) -> Diagnostic {
    let list = names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(" and ");
    Diagnostic::error(
        "E0307",
        format!("this rule names several events, {list}: by the day of which is it judged?"),
    )
    .at(at, "")
    .help("say so: `conclusion on D if …`, with `D` bound by a condition")
}

pub(in crate::ir) fn standing_and_plain(
    relation: &str,
    standing: Place,
    judged: Span,
) -> Diagnostic {
    Diagnostic::error("E0308", format!("`{relation}` holds on stretches of days by one rule, and is judged by an event's day by another"))
        .at(judged, "judged by the day of an event")
        .at_place(standing, "holds on stretches of days")
        .help("use two relations, and a third that follows from either if both are needed")
}

pub(in crate::ir) fn mutual_suspension(
    cycle: &str,
    at: Span,
    others: &[(Span, String)],
    day: &str,
) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(
        "E0309",
        format!("notices suspend or repeal each other on {day}: {cycle}"),
    )
    .at(at, "");
    for (span, text) in others {
        diagnostic = diagnostic.at(*span, text.clone());
    }
    diagnostic.help("limit one of them to other days")
}

pub(in crate::ir) fn needless_day(relation: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0310",
        format!(
            "`{relation}` does not hold on stretches of days, so it cannot be asked about on a day"
        ),
    )
    .at(at, "")
    .help("leave out `on` and its day")
}

pub(in crate::ir) fn repeal_with_an_end(at: Span) -> Diagnostic {
    Diagnostic::error("E0319", "a repeal has no last day: it is final")
        .at(at, "what is repealed does not come back")
        .help("for a time, a clause is suspended (`suspends … through D`) or replaced (`replaces … through D`)")
}

pub(in crate::ir) fn about_itself(kind: EffectKind, citation: &str, at: Span) -> Diagnostic {
    let (verb, help) = match kind {
        EffectKind::Suspends => (
            "suspends",
            "to pause some clauses of a notice, name them in another clause; what is in force for a time says so itself: `from D through D`",
        ),
        EffectKind::Repeals => (
            "repeals",
            "what ends says so itself: `until D`, or `through D`",
        ),
        EffectKind::Replaces => ("replaces", "name the clause that it takes the place of"),
    };
    Diagnostic::error("E0320", format!("`{citation}` {verb} itself"))
        .at(at, "")
        .help(help)
}

/// Open judgements that decide when clauses are in force: each doubles the calendars to be worked out.
pub(in crate::ir) fn too_many_conditions(most: usize, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0330",
        format!("more than {most} open judgements decide which clauses are in force"),
    )
    .at(at, "one of them")
    .help("settle some of them among the facts, or presume them")
}

/// Law has days; what is presumed has none.
pub(in crate::ir) fn presumption_in_notice(at: Span) -> Diagnostic {
    Diagnostic::error("E0331", "a presumption cannot stand in a notice".to_owned())
        .at(at, "")
        .help("what the law itself presumes is a rule; what a company takes for granted stands outside the notices, in a `given` or in a case")
}
