//! What can be wrong with a declaration, a list or a table.

use crate::diagnostic::Diagnostic;
use crate::source::Span;

pub(in crate::ir) fn declared_twice(what: &str, name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::error("E0223", format!("the {what} `{name}` is declared twice"))
        .at(at, "declared again")
        .at(first, "first declared here")
        .help("give one of them another name")
}

pub(in crate::ir) fn bad_file(file: &str, reason: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0225", format!("`{file}` cannot be used: {reason}"))
        .at(at, "named here")
        .help(if reason.contains("no such file") {
            "the path is taken from the folder of this policy file"
        } else {
            "mend the file, or name another"
        })
}

pub(in crate::ir) fn ragged(given: usize, wanted: usize, at: Span) -> Diagnostic {
    let (is, columns) = (
        if given == 1 { "value" } else { "values" },
        if wanted == 1 { "column" } else { "columns" },
    );
    Diagnostic::error("E0243", format!("this row has {given} {is} for {wanted} {columns}"))
        .at(at, "")
        .help("give each column its value, or nothing between two commas; put quotes around a value with a comma in it")
}

pub(in crate::ir) fn hides_function(name: &str, at: Span) -> Diagnostic {
    Diagnostic::warning(
        "W0228",
        format!("the relation `{name}` hides the function of that name"),
    )
    .at(at, "declared here")
    .help("give the relation another name if the function is needed")
}

pub(in crate::ir) fn unit_of_nothing(unit: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0270", format!("one `{unit}` cannot be nothing"))
        .at(at, "")
        .help("a unit is a multiple above zero of another")
}

pub(in crate::ir) fn unit_of_itself(unit: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0271",
        format!("the unit `{unit}` is a multiple of itself"),
    )
    .at(at, "")
    .help("one of them must stand alone: `unit name`")
}

pub(in crate::ir) fn dated_without_input(relation: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0272",
        format!("`{relation}` is no input, so its facts cannot be dated"),
    )
    .at(at, "")
    .help("take `dated` away: what the policy concludes has its days from the clauses")
}

pub(in crate::ir) fn key_may_be_missing(field: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0273",
        format!("the key field `{field}` cannot be missing"),
    )
    .at(at, "")
    .help("a key is always there")
}

pub(in crate::ir) fn event_without_id(event: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0274", format!("the event `{event}` has no id"))
        .at(at, "")
        .help("the first field of an event is its id, of a type of its own, and its key: `event deal(id: Deal -> …, on: date)`")
}

pub(in crate::ir) fn event_without_day(event: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0275", format!("the event `{event}` has no day"))
        .at(at, "")
        .help("give it a field `on: date`, the day whose law applies")
}

pub(in crate::ir) fn type_without_unit(ty: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0276", format!("a field of type `{ty}` has no unit"))
        .at(at, "")
        .help("only `int` and `decimal` have units")
}

pub(in crate::ir) fn brace_alone(relation: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0277",
        format!("a brace stands alone in the sentence of `{relation}`"),
    )
    .at(at, "")
    .help("write `{field}`, or `{{` and `}}` for braces")
}

pub(in crate::ir) fn declared_in_a_notice(at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0278",
        "events and inputs are everybody's, and are not declared inside a notice",
    )
    .at(at, "")
    .help("declare it outside the notice, in the vocabulary")
}

pub(in crate::ir) fn more_wrong_rows(count: usize, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0279",
        format!("{count} more rows of this table are wrong"),
    )
    .at(at, "")
    .help("mend those above, then check again")
}
