//! Failures as messages to the author of the policy.

use super::{Failure, Halt, Limits};
use crate::datalog::Program;
use crate::datalog::program::{Clause, Literal, Origin, OriginSource, RelId, Term};
use crate::diagnostic::Diagnostic;
use crate::ir::{Policy, RelationId, Variable};
use crate::value::{NoValue, Type, Value, with_commas};

impl Failure {
    pub(super) fn facts(limits: Limits, clause: usize, row: Vec<Value>) -> Failure {
        Failure::Limit {
            what: "facts",
            bound: with_commas(limits.facts as u64),
            clause,
            row,
        }
    }

    pub(super) fn rounds(limits: Limits, clause: usize, row: Vec<Value>) -> Failure {
        Failure::Limit {
            what: "rounds",
            bound: with_commas(limits.rounds as u64),
            clause,
            row,
        }
    }

    /// Somebody has asked for it.
    pub(super) fn halted(halt: &Halt, clause: usize, row: Vec<Value>) -> Failure {
        Failure::Limit {
            what: halt.what,
            bound: halt.bound.clone(),
            clause,
            row,
        }
    }

    /// For a clause with these bindings; a number with too many digits is a limit that was reached.
    pub(super) fn no_value(
        limits: Limits,
        clause: usize,
        bindings: Vec<Option<Value>>,
        reason: NoValue,
    ) -> Failure {
        match reason {
            NoValue::TooManyDigits => Failure::Limit {
                what: "digits",
                bound: with_commas(limits.bits),
                clause,
                row: bindings.into_iter().flatten().collect(),
            },
            reason => Failure::NoValue {
                clause,
                bindings,
                reason,
            },
        }
    }

    /// Index of the clause that failed.
    fn clause(&self) -> usize {
        match self {
            Failure::Limit { clause, .. } | Failure::NoValue { clause, .. } => *clause,
        }
    }

    /// The message: which rule, for which row, and what to do.
    pub fn to_diagnostic(&self, program: &Program, policy: &Policy) -> Diagnostic {
        let clause = &program.clauses[self.clause()];
        let diagnostic = match self {
            Failure::Limit {
                what: "digits",
                bound,
                row,
                ..
            } => digits(bound, &shown_values(row)),
            Failure::Limit {
                what: what @ ("time" | "memory"),
                bound,
                row,
                ..
            } => {
                let last = match row.is_empty() {
                    true => String::new(),
                    false => shown_row(program, policy, clause, row),
                };
                halted(what, bound, &last)
            }
            Failure::Limit {
                what, bound, row, ..
            } => limit(what, bound, &shown_row(program, policy, clause, row)),
            Failure::NoValue {
                bindings, reason, ..
            } => no_value(reason, &shown_bindings(policy, clause, bindings)),
        };
        match clause.origin.span {
            Some(span) => diagnostic.at(span, "by this rule"),
            None => diagnostic,
        }
    }
}

fn limit(what: &str, bound: &str, row: &str) -> Diagnostic {
    match what {
        "facts" => Diagnostic::error(
            "E0601",
            format!("more than {bound} facts follow; the last one made is {row}"),
        )
        .help("see whether the conditions of this rule belong together: where they share no variable, everything is combined with everything")
        .help(BOUND_IT),
        _ => Diagnostic::error(
            "E0602",
            format!("after {bound} rounds the rules still make new facts; the last one made is {row}"),
        )
        .help(BOUND_IT),
    }
}

fn halted(what: &str, bound: &str, last: &str) -> Diagnostic {
    let last = match last {
        "" => String::new(),
        last => format!("; the last fact made is {last}"),
    };
    match what {
        "time" => Diagnostic::error(
            "E0605",
            format!("stopped after {bound}: the facts were not yet all worked out{last}"),
        )
        .help("give it more time (--timeout), or see with --stats which rule takes so long"),
        _ => Diagnostic::error(
            "E0606",
            format!("stopped: more than {bound} of memory are needed{last}"),
        )
        .help("allow more of it (--max-memory), or see with --stats which rule makes so much"),
    }
}

fn digits(bound: &str, values: &str) -> Diagnostic {
    let message = format!("a number made from {values} has more than {bound} binary digits");
    Diagnostic::error("E0603", message).help(BOUND_IT)
}

const BOUND_IT: &str = "a rule that makes new values out of its own conclusions never ends: \
     add a condition that stops it, such as `N < 100`";

fn no_value(reason: &NoValue, bindings: &str) -> Diagnostic {
    let place = match bindings {
        "" => String::new(),
        bindings => format!(" for {bindings}"),
    };
    Diagnostic::error("E0604", format!("an expression has no value{place}: {reason}")).help(
        match reason {
            NoValue::DivisionByZero => {
                "add a condition that leaves such rows out, such as `X != 0` for the divisor `X`"
            }
            NoValue::ImpossibleDate(_) => "dates run from -9999-01-01 to 9999-12-31",
            NoValue::NotWhole(_) => "dates move by whole days, months and years only",
            NoValue::BeyondCalendar(_) => {
                "add the missing days to the table `working_day`: it must cover the day itself and all days counted"
            }
            NoValue::BadPattern(..) => "mend the pattern, or compare with `starts_with` or `contains`",
            NoValue::Missing => "name the field in a condition: then only rows that have it match",
            NoValue::TooManyDigits => BOUND_IT,
        },
    )
}

/// `path(a, b)`: the fields that the policy knows of.
fn shown_row(program: &Program, policy: &Policy, clause: &Clause, row: &[Value]) -> String {
    if is_in_braces(program, clause.head.rel) {
        return format!(
            "{} in the braces",
            shown_bindings(policy, clause, &bound_by(clause, row))
        );
    }
    if program.relations[clause.head.rel.0 as usize].is_part() {
        return format!(
            "{} in its conditions",
            shown_bindings(policy, clause, &bound_by(clause, row))
        );
    }
    match relation_of(program, policy, clause) {
        Some(relation) => shown_atom(policy, relation, row),
        None => shown_values(row),
    }
}

/// Whether the rows of a relation are what an aggregate folds.
fn is_in_braces(program: &Program, rel: RelId) -> bool {
    let mut literals = program.clauses.iter().flat_map(|clause| &clause.body);
    literals.any(|literal| matches!(literal, Literal::Aggregate(it) if it.atom.rel == rel))
}

/// The values of a clause's variables where it concludes this row.
fn bound_by(clause: &Clause, row: &[Value]) -> Vec<Option<Value>> {
    let mut bound = vec![None; clause.variables.len()];
    for (term, value) in clause.head.args.iter().zip(row) {
        if let Term::Var(var) = term {
            bound[var.0 as usize] = Some(value.clone());
        }
    }
    bound
}

/// The declared relation that a clause concludes, or helps to conclude.
fn relation_of(program: &Program, policy: &Policy, clause: &Clause) -> Option<RelationId> {
    let from_source = || match clause.origin.source {
        OriginSource::Rule(rule) => Some(policy.rule(rule).head.relation),
        OriginSource::Facts(relation, _) | OriginSource::Declaration(relation) => Some(relation),
        OriginSource::Exemption(_) => None,
    };
    declared_as(program, clause.head.rel).or_else(from_source)
}

fn declared_as(program: &Program, rel: RelId) -> Option<RelationId> {
    let mut declared = program.declared.iter();
    declared
        .find(|(_, declared)| declared.rel == rel)
        .map(|(relation, _)| *relation)
}

fn shown_atom(policy: &Policy, relation: RelationId, row: &[Value]) -> String {
    let relation = policy.relation(relation);
    let fields = relation.fields.iter().zip(row);
    let values: Vec<String> = fields
        .map(|(field, value)| clipped(policy.types.literal(value, field.ty)))
        .collect();
    match values.is_empty() {
        true => format!("`{}`", relation.name),
        false => format!("`{}({})`", relation.name, values.join(", ")),
    }
}

/// `T = t1`, `V = 0`: the variables that the author wrote.
fn shown_bindings(policy: &Policy, clause: &Clause, bindings: &[Option<Value>]) -> String {
    let shown = clause
        .variables
        .iter()
        .zip(bindings)
        .filter_map(|(name, value)| {
            let ty = type_of(policy, clause.origin, name)?;
            let value = clipped(policy.types.literal(value.as_ref()?, ty));
            Some(format!("`{name} = {value}`"))
        });
    shown.collect::<Vec<String>>().join(", ")
}

fn type_of(policy: &Policy, origin: Origin, name: &str) -> Option<Type> {
    let variables: &[Variable] = match origin.source {
        OriginSource::Rule(rule) => &policy.rule(rule).variables,
        OriginSource::Exemption(exemption) => &policy.exemption(exemption).variables,
        OriginSource::Facts(..) | OriginSource::Declaration(_) => &[],
    };
    let variable = variables.iter().find(|variable| variable.name == name)?;
    (!name.starts_with('_')).then_some(variable.ty)
}

fn shown_values(row: &[Value]) -> String {
    let values: Vec<String> = row
        .iter()
        .map(|value| clipped(shown_untyped(value)))
        .collect();
    format!("`{}`", values.join("`, `"))
}

/// A value of many digits or letters by its two ends: a message is read by people.
fn clipped(text: String) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= 60 {
        return text;
    }
    let first: String = letters[..20].iter().collect();
    let last: String = letters[letters.len() - 10..].iter().collect();
    let length = with_commas(letters.len() as u64);
    format!("{first}…{last} ({length} characters)")
}

fn shown_untyped(value: &Value) -> String {
    match value {
        Value::None => "none".into(),
        Value::Unknown => "unknown".into(),
        Value::Bool(truth) => truth.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Member(at) => format!("member {}", at + 1),
        Value::Number(number) => number.to_words(),
        Value::Range(_) | Value::Redacted(_) => "not known".into(),
        Value::Name(text) | Value::Text(text) => text.to_string(),
    }
}
