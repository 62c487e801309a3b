//! What can be wrong with a policy whose statements can be read: message, code and help side by side.

mod declarations;
mod feeds;
mod notices;
mod places;

pub(super) use declarations::*;
pub(super) use feeds::*;
pub(super) use notices::*;
pub(super) use places::*;

use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Span;
use crate::value::{NoNumber, NumberType, Types};
use std::collections::BTreeMap;

fn meant(near: Option<&str>) -> Option<String> {
    near.map(|near| format!("did you mean `{near}`?"))
}

/// Each in backticks, with commas between.
fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn with_near(diagnostic: Diagnostic, near: Option<&str>, otherwise: &str) -> Diagnostic {
    match meant(near) {
        Some(help) => diagnostic.help(help),
        None => diagnostic.help(otherwise),
    }
}

/// The code of [`said_already`].
const SAID_ALREADY: &str = "E0200";

/// Stands in the place of a slip that follows from another, and is not shown.
pub(super) fn said_already(slip: Diagnostic) -> Diagnostic {
    Diagnostic {
        labels: slip.labels,
        ..Diagnostic::error(SAID_ALREADY, "follows from a slip elsewhere")
    }
}

/// How many further places are marked where a name is used that is not declared.
const FURTHER_PLACES: usize = 3;

/// Leaves out what follows from another slip, and says once what is wrong with a name in several places.
pub(super) fn gather(problems: &mut Vec<Diagnostic>) {
    problems.retain(|problem| problem.code != SAID_ALREADY);
    problems.sort_by_key(|problem| problem.labels.first().map(|label| label.place));
    let mut first: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut gathered: Vec<Diagnostic> = Vec::new();
    for problem in problems.drain(..) {
        if problem.code != UNKNOWN {
            gathered.push(problem);
            continue;
        }
        let next = gathered.len();
        let (at, count) = first.entry(problem.message.clone()).or_insert((next, 0));
        *count += 1;
        match gathered.get_mut(*at) {
            None => gathered.push(problem),
            Some(same) if *count <= 1 + FURTHER_PLACES => {
                let place = problem.labels[0].place;
                if same.labels.iter().all(|label| label.place != place) {
                    *same = same.clone().at_place(place, "and here");
                }
            }
            Some(_) => {}
        }
    }
    for (at, count) in first.into_values() {
        if count > 1 + FURTHER_PLACES {
            let further = count - 1 - FURTHER_PLACES;
            let places = if further == 1 { "place" } else { "places" };
            gathered[at]
                .help
                .push(format!("so in {further} more {places}"));
        }
    }
    *problems = gathered;
}

const UNKNOWN: &str = "E0201";

pub(super) fn unknown_name(
    what: &str,
    name: &str,
    at: Span,
    near: Option<&str>,
    how: &str,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(UNKNOWN, format!("there is no {what} `{name}`")).at(at, "not declared");
    with_near(diagnostic, near, how)
}

pub(super) fn unknown_unit(name: &str, at: Span, near: Option<&str>) -> Diagnostic {
    let is_power = name.starts_with(['e', 'E'])
        && name.len() > 1
        && name[1..].bytes().all(|byte| byte.is_ascii_digit());
    let how = match name {
        "percent" | "per" | "pct" => "per cent is written `%`",
        "week" | "weeks" => "a week is `7 days`",
        "workingdays" | "workdays" | "wd" => "working days are written `10 working days`",
        _ if is_power => "a number is written out, such as `1000000`",
        _ => "declare it: `unit name`",
    };
    let near = near.filter(|_| how.starts_with("declare"));
    unknown_name("unit", name, at, near, how)
}

pub(super) fn named_nowhere(ty: &str, name: &str, at: Span, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0232", format!("there is no {ty} `{name}`"))
        .at(at, format!("asks about `{name}`"));
    with_near(
        diagnostic,
        near,
        "neither the policy nor the facts of the case name it",
    )
}

pub(super) fn ambiguous_name(name: &str, at: Span, notices: &[String]) -> Diagnostic {
    Diagnostic::error("E0202", format!("`{name}` is declared by several notices"))
        .at(at, "which one?")
        .help(format!(
            "write the notice in front: {}",
            notices.join(" or ")
        ))
}

pub(super) fn ambiguous_unit(name: &str, at: Span, notices: &[String]) -> Diagnostic {
    Diagnostic::error("E0202", format!("`{name}` is declared by several notices"))
        .at(at, "which one?")
        .help(format!(
            "a unit of {} is known only there; declare it once, outside the notices, if all mean the same",
            notices.join(" or ")
        ))
}

pub(super) fn wrong_number(
    relation: &str,
    given: usize,
    wanted: usize,
    at: Span,
    declared: Option<Span>,
) -> Diagnostic {
    let fields = if wanted == 1 { "field" } else { "fields" };
    let are = if given == 1 { "is" } else { "are" };
    let diagnostic = Diagnostic::error(
        "E0203",
        format!("`{relation}` has {wanted} {fields}, and {given} {are} given"),
    )
    .at(at, "");
    declared_at(diagnostic, declared).help(if wanted == 0 {
        "write its name alone"
    } else if given > wanted {
        "leave out the values too many, or give fields by name: `field: value`"
    } else {
        "give a value for each of its columns"
    })
}

pub(super) fn declared_at(diagnostic: Diagnostic, declared: Option<Span>) -> Diagnostic {
    match declared {
        Some(span) => diagnostic.at(span, "declared here"),
        None => diagnostic,
    }
}

/// `fields` are the names of those that the relation has.
pub(super) fn unknown_field<'a>(
    relation: &str,
    field: &str,
    at: Span,
    fields: impl Iterator<Item = &'a str> + Clone,
    declared: Option<Span>,
) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0204", format!("`{relation}` has no field `{field}`"))
        .at(at, "no such field");
    let list = quoted(fields.clone());
    let has = if list.is_empty() {
        "it has no fields at all".to_owned()
    } else {
        format!("its fields are {list}")
    };
    with_near(
        declared_at(diagnostic, declared),
        nearest(field, fields),
        &has,
    )
}

pub(super) fn field_twice(relation: &str, field: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0205",
        format!("the field `{field}` of `{relation}` is given twice"),
    )
    .at(at, "given again")
    .help("give it once")
}

pub(super) fn missing_fields(
    relation: &str,
    fields: &[String],
    at: Span,
    declared: Option<Span>,
) -> Diagnostic {
    let list = quoted(fields.iter().map(String::as_str));
    let diagnostic = Diagnostic::error(
        "E0206",
        format!("`{relation}` is concluded or given without its field {list}"),
    )
    .at(at, "");
    declared_at(diagnostic, declared)
        .help("give every field that is not declared `or none` or `or unknown`")
}

/// What people write for a field that is missing.
const NOTHING: &str = "the name `none`";

pub(super) fn wrong_type(found: &str, wanted: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0207", format!("{found} stands where {wanted} belongs"))
        .at(at, format!("{wanted} belongs here"))
        .help(match wanted {
            _ if found == NOTHING => "where there is none, leave the field out",
            "a date" => "a day is written year-month-day, such as `2025-10-09`, without quotes",
            _ => "values of different types are never mixed",
        })
}

pub(super) fn variable_of_two_types(
    name: &str,
    first: &str,
    second: &str,
    at: Span,
    other: Span,
) -> Diagnostic {
    Diagnostic::error(
        "E0208",
        format!("`{name}` stands for two types: {first} and {second}"),
    )
    .at(at, format!("here for {second}"))
    .at(other, format!("here for {first}"))
    .help("values of different types are never mixed; use another variable for one of them")
}

/// The unit in the message for a number that has none.
pub(super) const NO_UNIT: &str = "no unit";

pub(super) fn wrong_unit(found: &str, wanted: &str, at: Span) -> Diagnostic {
    let number = |unit: &str| match unit {
        NO_UNIT => "a number without a unit".to_owned(),
        unit => format!("a number in {unit}"),
    };
    let message = format!("{} meets {}", number(found), number(wanted));
    let help = "numbers are compared and added only in the same unit";
    Diagnostic::error("E0209", message)
        .at(at, "")
        .help(match (found, wanted) {
            (NO_UNIT, unit) | (unit, NO_UNIT) => {
                format!("{help}; a plain number `N` of {unit} is written `N * 1 {unit}`")
            }
            (_, wanted) => format!("{help}; here, {wanted}"),
        })
}

pub(super) fn number_without_unit(number: &str, unit: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0210", format!("`{number}` needs a unit here"))
        .at(at, "")
        .help(format!("write `{number} {unit}`"))
}

/// A cell of a table in a file that holds no number of the kind that belongs there.
pub(super) fn no_number_written(
    reason: &NoNumber,
    types: &Types,
    wanted: NumberType,
    at: Span,
) -> Diagnostic {
    let (code, near) = match reason {
        NoNumber::Words(_)
        | NoNumber::TooLong(_)
        | NoNumber::Mark(..)
        | NoNumber::SeveralPoints(_) => ("E0207", None),
        NoNumber::NotWhole(_) => ("E0212", None),
        NoNumber::WrongUnit(_) => ("E0209", None),
        NoNumber::UnknownUnit(name) => {
            let units = types.units.iter().map(|unit| unit.name.as_str());
            (UNKNOWN, nearest(name, units))
        }
    };
    let problem = Diagnostic::error(code, reason.to_string()).at(at, "");
    with_near(problem, near, &reason.help(types, wanted))
}

pub(super) fn not_a_member(
    name: &str,
    set: &str,
    members: &[&str],
    at: Span,
    near: Option<&str>,
) -> Diagnostic {
    let shown = members
        .iter()
        .take(12)
        .map(|member| format!("`{member}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let rest = if members.len() > 12 { ", …" } else { "" };
    let diagnostic = Diagnostic::error("E0211", format!("`{name}` is no {set}")).at(at, "");
    let diagnostic = match meant(near) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    };
    diagnostic.help(format!("the set is closed: {shown}{rest}"))
}

pub(super) fn not_whole(number: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0212", format!("`{number}` is not a whole number"))
        .at(at, "a whole number belongs here")
        .help("declare the field `decimal` if parts are meant")
}

/// The code of [`unbound`], which other slips of a statement can bring about.
pub(super) const UNBOUND: &str = "E0213";

pub(super) fn unbound(variable: &str, at: Span, where_: &str) -> Diagnostic {
    let problem = Diagnostic::error(
        UNBOUND,
        format!("`{variable}` is not bound by any condition"),
    )
    .at(at, format!("in this {where_}"));
    let help = match where_ {
        "judgement" => format!(
            "a judgement is asked about what another condition names: add one with `{variable}` in one of its fields"
        ),
        _ => format!(
            "add a condition that names it, such as an atom with `{variable}` in one of its fields, or `{variable} = …`"
        ),
    };
    or_a_name(problem.help(help), variable, None)
}

pub(super) fn variable_in_fact(variable: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0242", format!("`{variable}` in a fact is no name"))
        .at(at, "a variable")
        .help(format!(
            "a name with a capital letter stands in quotes: `\"{variable}\"`"
        ))
}

pub(super) fn variable_like_a_member(variable: &str, member: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0242",
        format!("`{variable}` would stand for any value here"),
    )
    .at(at, "a variable")
    .help(format!("write `{member}`, or `_` if any value will do"))
}

/// `China`, unlike `P` or `T1`, may be meant as a name.
fn looks_like_a_name(variable: &str) -> bool {
    variable
        .chars()
        .filter(|letter| letter.is_lowercase())
        .count()
        > 1
}

/// Tells that a capital makes a variable, where something else may have been meant.
fn or_a_name(problem: Diagnostic, variable: &str, member: Option<&str>) -> Diagnostic {
    match member {
        Some(member) => problem.help(format!(
            "did you mean `{member}`? With a capital it is a variable, which stands for any value"
        )),
        None if looks_like_a_name(variable) => problem.help(format!(
            "with a capital it is a variable; the name of something is written `{}`, or `\"{variable}\"` in quotes",
            variable.to_lowercase()
        )),
        None => problem,
    }
}

pub(super) fn used_once(variable: &str, member: Option<&str>, at: Span) -> Diagnostic {
    let problem = Diagnostic::warning("W0214", format!("`{variable}` occurs only once")).at(at, "");
    let problem = match member {
        Some(_) => problem,
        None => problem.help("write `_` if any value will do; else look for a slip in its name"),
    };
    or_a_name(problem, variable, member)
}

pub(super) fn named_like_a_member(variable: &str, member: &str, at: Span) -> Diagnostic {
    let message =
        format!("`{variable}` stands for any value here, although data may call `{member}` so");
    Diagnostic::warning("W0214", message)
        .at(at, "a variable")
        .help(format!(
            "write `{member}` if that is meant; else give the variable another name"
        ))
}

pub(super) fn no_type(name: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0215", format!("nothing tells of what type `{name}` is"))
        .at(at, "")
        .help("use it in a field of a relation, or compare it with something that has a type")
}

pub(super) fn unordered(what: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0216", format!("{what} have no order"))
        .at(at, "compared here")
        .help("only numbers, dates and sets declared with `<` can be compared by size; use `=` or `!=`")
}

pub(super) fn no_number(found: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0217", format!("{found} cannot be computed with"))
        .at(at, "")
        .help("arithmetic is done on numbers; dates are moved by `D + 30 days` and compared by `days(A, B)`")
}

pub(super) fn name_with_hyphen(first: &str, second: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0233",
        format!("`{first}` minus `{second}` are no numbers"),
    )
    .at(at, "a name with a `-` in it?")
    .help(format!(
        "a name has no `-` in it: write `{first}_{second}`, or in quotes `\"{first}-{second}\"`"
    ))
}

pub(super) fn days_of_what(at: Span) -> Diagnostic {
    Diagnostic::error("E0234", "a date and a number are added without saying of what")
        .at(at, "")
        .help("write `D + 30 days`, `D + 2 months` or `D + 10 working days`; the days between two dates are `days(A, B)`")
}

pub(super) fn units_multiplied(one: &str, other: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0236", format!("{one} and {other} cannot be multiplied"))
        .at(at, "")
        .help("a number with a unit is multiplied by a plain number")
}

pub(super) fn days_alone(at: Span) -> Diagnostic {
    Diagnostic::error("E0237", "a number of days stands alone")
        .at(at, "")
        .help("add it to a date, as in `D + 30 days`")
}

pub(super) fn days_multiplied(at: Span) -> Diagnostic {
    Diagnostic::error("E0238", "days are added to a date or taken from it")
        .at(at, "")
        .help("write `D + 30 days` or `D - 30 days`")
}

pub(super) fn days_in_a_unit(at: Span) -> Diagnostic {
    Diagnostic::error("E0239", "a number of days has no other unit")
        .at(at, "")
        .help("write a plain number in front of `days`")
}

pub(super) fn no_calendar(at: Span) -> Diagnostic {
    Diagnostic::error("E0240", "there is no calendar of working days")
        .at(at, "")
        .help("declare `relation working_day(day: date)` outside any notice, and list the days in a table")
}

pub(super) fn wrong_arguments(function: &str, wanted: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0218", format!("`{function}` takes {wanted}"))
        .at(at, "")
        .help(format!(
            "give it {wanted} in brackets, with a comma between two"
        ))
}

pub(super) fn bad_pattern(pattern: &str, reason: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0219",
        format!("`{pattern}` is no pattern that can be matched: {reason}"),
    )
    .at(at, "")
    .help("patterns are regular expressions without look-around and back-references")
}

pub(super) fn no_condition(name: &str, at: Span) -> Diagnostic {
    Diagnostic::error("E0220", format!("`{name}` gives a value, and no condition"))
        .at(at, "")
        .help("compare it with something, as in `lower(C) = \"x\"`")
}

pub(super) fn result_in_braces(variable: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0231",
        format!("`{variable}` is the result, and stands in the braces too"),
    )
    .at(at, "")
    .help("use another variable in the braces, as in `V = sum X { weight(N, X) }`")
}

pub(super) fn two_dates(at: Span) -> Diagnostic {
    Diagnostic::error("E0235", "a date is not taken from a date")
        .at(at, "")
        .help("the days from A to B are `days(A, B)`")
}

pub(super) fn hidden_function(name: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0241",
        format!("the relation `{name}` hides the function of that name"),
    )
    .at(at, "")
    .help("give the relation another name, or write the condition as an atom of its own")
}

pub(super) fn wrong_kind(
    relation: &str,
    kind: &str,
    place: &str,
    at: Span,
    declared: Option<Span>,
    help: &str,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "E0222",
        format!("`{relation}` is {kind}, and cannot be {place}"),
    )
    .at(at, "");
    declared_at(diagnostic, declared).help(help)
}

pub(super) fn easily_swapped(
    relation: &str,
    first: &str,
    second: &str,
    at: Span,
    declared: Option<Span>,
) -> Diagnostic {
    let diagnostic = Diagnostic::warning(
        "W0226",
        format!("`{first}` and `{second}` of `{relation}` are of one type and given by position"),
    )
    .at(at, "easily swapped");
    declared_at(diagnostic, declared).help(format!("give them by name: `{first}: …, {second}: …`"))
}

pub(super) fn near_name(name: &str, near: &str, at: Span) -> Diagnostic {
    Diagnostic::warning(
        "W0227",
        format!("`{name}` is named only here, and is near `{near}`"),
    )
    .at(at, format!("`{name}` stands here"))
    .help(format!("did you mean `{near}`?"))
}

pub(super) fn makes_values(head: &str, at: Span) -> Diagnostic {
    Diagnostic::warning(
        "W0229",
        format!(
            "`{head}` is concluded from itself with a value that is computed: it may never end"
        ),
    )
    .at(at, "each turn can make a new value")
    .help("bound the value, as in `N <= 12`")
}

pub(super) fn percent_without_sign(number: &str, at: Span) -> Diagnostic {
    Diagnostic::warning(
        "W0230",
        format!("a share is compared with `{number}`, that is {number} times the whole"),
    )
    .at(at, "")
    .help(format!("write `{number}%` if per cent is meant"))
}

pub(super) fn expects_nothing(at: Span) -> Diagnostic {
    Diagnostic::warning(
        "W0231",
        "this case expects nothing, so hardly anything can fail it",
    )
    .at(at, "")
    .help("say what follows, as in `expect licence_required(t1).`")
}
