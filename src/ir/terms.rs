//! Values as written to values of a type, and the fields of an atom in their order.

use super::Problems;
use super::error;
use super::names::{Lookup, Names};
use super::policy::{Missing, NoticeId, Policy, RelationId};
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Span;
use crate::syntax::file::{self, Expr, ExprKind, FieldUnit, Operator};
use crate::value::{Measure, Number, NumberType, Type, TypeId, Types, Value};
use std::sync::Arc;

/// The value that a literal is in a place of that type.
pub(super) fn literal_value(
    policy: &Policy,
    names: &Names,
    expr: &Expr,
    ty: Type,
) -> Result<Value, Diagnostic> {
    match (&expr.kind, ty) {
        // Somebody means that there is none; who is called so stands in quotes.
        (ExprKind::Name(name), Type::Entity(_)) if name == "none" => {
            Err(mismatch(policy, expr, ty))
        }
        (ExprKind::Name(name) | ExprKind::Text(name), Type::Entity(_)) => {
            Ok(Value::Name(Arc::from(name.as_str())))
        }
        (ExprKind::Name(name) | ExprKind::Text(name), Type::Set(id)) => {
            member(&policy.types, id, name, expr.span)
        }
        (ExprKind::Text(text), Type::Text) => Ok(Value::Text(Arc::from(text.as_str()))),
        (ExprKind::Date(date), Type::Date) => Ok(Value::Date(*date)),
        (ExprKind::Bool(truth), Type::Bool) => Ok(Value::Bool(*truth)),
        (_, Type::Number(number)) => match constant(expr) {
            Some((amount, unit)) => number_value(policy, names, &amount, unit, number, expr.span),
            None => Err(mismatch(policy, expr, ty)),
        },
        _ => Err(mismatch(policy, expr, ty)),
    }
}

fn mismatch(policy: &Policy, expr: &Expr, ty: Type) -> Diagnostic {
    error::wrong_type(&describe(expr), &type_words(&policy.types, ty), expr.span)
}

/// What stands there, in words.
pub(super) fn describe(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Variable(name) => format!("`{name}`"),
        ExprKind::Any => "`_`".into(),
        ExprKind::Name(name) => format!("the name `{name}`"),
        ExprKind::Text(text) => format!("the text \"{text}\""),
        ExprKind::Number(number, _) => format!("the number `{number}`"),
        ExprKind::Date(date) => format!("the date `{date}`"),
        ExprKind::Bool(truth) => format!("`{truth}`"),
        ExprKind::Duration(..) => "a number of days".into(),
        ExprKind::Negate(_) | ExprKind::Binary(..) => "a computed value".into(),
        ExprKind::Call(name, _) => format!("`{}(…)`", name.text),
        ExprKind::Aggregate(aggregate) => format!("`{} {{ … }}`", aggregate.name.text),
    }
}

/// A type, in words, with its article.
pub(super) fn type_words(types: &Types, ty: Type) -> String {
    match ty {
        Type::Entity(_) | Type::Set(_) => {
            let name = types.name_of(ty);
            let article = if name.starts_with(['A', 'E', 'I', 'O']) {
                "an"
            } else {
                "a"
            };
            format!("{article} {name}")
        }
        Type::Text => "a text in quotes".into(),
        Type::Date => "a date".into(),
        Type::Bool => "`true` or `false`".into(),
        Type::Number(number) => {
            let what = if number.integer {
                "a whole number"
            } else {
                "a number"
            };
            match number.measure {
                Measure::Plain => what.into(),
                Measure::Percent => format!("{what} of per cent"),
                Measure::Unit(id) => format!("{what} of {}", types.unit(id).name),
            }
        }
    }
}

fn member(types: &Types, id: TypeId, name: &str, at: Span) -> Result<Value, Diagnostic> {
    let found = types.member(id, name).map(Value::Member);
    found.ok_or_else(|| {
        let members = types.members(id);
        let known: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        let near = nearest(name, known.iter().copied());
        error::not_a_member(name, &types.named(id).name, &known, at, near)
    })
}

/// The member that a variable's name stands for in data, or is spelt like but for capitals: `CN`, `China`.
pub(super) fn member_meant<'a>(
    types: &'a Types,
    variable: &str,
    ty: Option<Type>,
) -> Option<&'a str> {
    let Some(Type::Set(id)) = ty else { return None };
    other_name(types, variable, ty).or_else(|| {
        let mut members = types.members(id).iter();
        let small = variable.to_lowercase();
        let meant = members.find(|member| member.name.to_lowercase() == small);
        meant.map(|member| member.name.as_str())
    })
}

/// The member that data may call by the name of a variable: `CN`.
pub(super) fn other_name<'a>(
    types: &'a Types,
    variable: &str,
    ty: Option<Type>,
) -> Option<&'a str> {
    let Some(Type::Set(id)) = ty else { return None };
    let at = types.member(id, variable)?;
    let member = types.members(id).get(at as usize)?;
    Some(member.name.as_str())
}

/// A number that is written out: `12`, `-0.1`, `1/3`, `1/3 g`.
fn constant(expr: &Expr) -> Option<(Number, Option<&FieldUnit>)> {
    match &expr.kind {
        ExprKind::Number(number, unit) => Some((number.clone(), unit.as_ref())),
        ExprKind::Negate(inner) => constant(inner).map(|(number, unit)| (-&number, unit)),
        ExprKind::Binary(Operator::Divide, above, below) => {
            match (constant(above)?, constant(below)?) {
                ((above, unit), (below, None)) | ((above, None), (below, unit)) => {
                    Some((above.divided_by(&below)?, unit))
                }
                ((_, Some(_)), (_, Some(_))) => None,
            }
        }
        _ => None,
    }
}

fn number_value(
    policy: &Policy,
    names: &Names,
    amount: &Number,
    unit: Option<&FieldUnit>,
    wanted: NumberType,
    at: Span,
) -> Result<Value, Diagnostic> {
    let types = &policy.types;
    let measure = match (unit, wanted.measure) {
        (None, Measure::Unit(_)) if amount.is_zero() => wanted.measure,
        (None, Measure::Unit(id)) => {
            return Err(error::number_without_unit(
                &amount.to_string(),
                &types.unit(id).name,
                at,
            ));
        }
        (None, measure) => measure,
        (Some(unit), wanted) if is_the_unit(unit, wanted, types, names) => wanted,
        (Some(unit), _) => literal_measure(unit, names)?,
    };
    if !types.is_same_quantity(measure, wanted.measure) {
        return Err(error::wrong_unit(
            &measure_words(types, measure),
            &measure_words(types, wanted.measure),
            at,
        ));
    }
    let value = amount * &types.factor(measure);
    let in_field = value
        .divided_by(&types.factor(wanted.measure))
        .expect("a unit's factor is not zero");
    if wanted.integer && !in_field.is_integer() {
        return Err(error::not_whole(&in_field.to_string(), at));
    }
    Ok(Value::Number(value))
}

/// Of several notices' units of one name, the place where a number stands says which is meant.
fn is_the_unit(unit: &FieldUnit, wanted: Measure, types: &Types, names: &Names) -> bool {
    match (unit, wanted) {
        (FieldUnit::Named(name), Measure::Unit(id)) => {
            types.unit(id).name == name.text
                && matches!(names.unit(name), Err(Lookup::Ambiguous(_)))
        }
        _ => false,
    }
}

pub(super) fn literal_measure(unit: &FieldUnit, names: &Names) -> Result<Measure, Diagnostic> {
    let mut problems = Problems::default();
    let measure = super::units::measure(Some(unit), names, &mut problems);
    problems.pop().map_or(Ok(measure), Err)
}

pub(super) fn measure_words(types: &Types, measure: Measure) -> String {
    match measure {
        Measure::Plain => error::NO_UNIT.into(),
        Measure::Percent => "per cent".into(),
        Measure::Unit(id) => types.unit(id).name.clone(),
    }
}

/// An atom's relation, and what is written in each field: by position or by name.
pub(super) struct Fields<'a> {
    pub(super) relation: RelationId,
    /// One a field: the value, and whether it is given by name.
    pub(super) values: Vec<Option<(&'a Expr, bool)>>,
}

/// Resolves an atom's relation and puts its values into the order of the fields; `None` where the relation is not known.
pub(super) fn fields<'a>(
    policy: &Policy,
    names: &Names,
    atom: &'a file::Atom,
    inside: Option<NoticeId>,
    problems: &mut Problems,
) -> Option<Fields<'a>> {
    let id = relation(
        policy,
        names,
        &atom.relation,
        atom.notice.as_ref(),
        inside,
        problems,
    )?;
    let relation = policy.relation(id);
    let mut values: Vec<Option<(&Expr, bool)>> = vec![None; relation.fields.len()];
    let positional = atom
        .arguments
        .iter()
        .filter(|argument| argument.name.is_none())
        .count();
    if positional > relation.fields.len() {
        problems.push(error::wrong_number(
            &relation.name,
            atom.arguments.len(),
            relation.fields.len(),
            atom.span,
            relation.span,
        ));
    }
    for (at, argument) in atom.arguments.iter().enumerate() {
        let place = match &argument.name {
            None => at,
            Some(name) => match relation
                .fields
                .iter()
                .position(|field| field.name == name.text)
            {
                Some(place) => place,
                None => {
                    problems.push(error::unknown_field(
                        &relation.name,
                        &name.text,
                        name.span,
                        relation.fields.iter().map(|field| field.name.as_str()),
                        relation.span,
                    ));
                    continue;
                }
            },
        };
        let Some(value) = values.get_mut(place) else {
            continue;
        };
        if value.is_some() {
            problems.push(error::field_twice(
                &relation.name,
                &relation.fields[place].name,
                argument.value.span,
            ));
        }
        *value = Some((&argument.value, argument.name.is_some()));
    }
    Some(Fields {
        relation: id,
        values,
    })
}

pub(super) fn relation(
    policy: &Policy,
    names: &Names,
    name: &file::Name,
    notice: Option<&file::Name>,
    inside: Option<NoticeId>,
    problems: &mut Problems,
) -> Option<RelationId> {
    match names.relation(
        policy,
        &name.text,
        notice.map(|notice| notice.text.as_str()),
        inside,
    ) {
        Ok(id) => Some(id),
        Err(Lookup::Unknown(near)) => {
            let what = if name.text.starts_with(char::is_uppercase) {
                "type or relation"
            } else {
                "relation"
            };
            let problem = error::unknown_name(
                what,
                &name.text,
                name.span,
                near.as_deref(),
                "declare it: `input`, `relation` or `verdict`, with its fields",
            );
            let whole = notice.unwrap_or(name);
            problems.push(names.not_found(&whole.text, names.not_found(&name.text, problem)));
            None
        }
        Err(Lookup::Ambiguous(notices)) => {
            problems.push(error::ambiguous_name(&name.text, name.span, &notices));
            None
        }
    }
}

/// The values of a fact: every field given, or left out where it may be.
pub(super) fn ground(
    policy: &Policy,
    names: &Names,
    atom: &file::Atom,
    inside: Option<NoticeId>,
    problems: &mut Problems,
) -> Option<(RelationId, Vec<Value>)> {
    let before = problems.len();
    let fields = fields(policy, names, atom, inside, problems)?;
    let relation = policy.relation(fields.relation);
    let mut args = Vec::new();
    let mut missing = Vec::new();
    for (field, value) in relation.fields.iter().zip(&fields.values) {
        args.push(match value {
            Some((expr, _))
                if matches!(expr.kind, ExprKind::Any) && field.missing != Missing::Never =>
            {
                missing_value(field.missing)
            }
            Some((expr, _)) => match &expr.kind {
                ExprKind::Variable(name) => capitalized(policy, name, field.ty, expr.span),
                _ => literal_value(policy, names, expr, field.ty),
            }
            .unwrap_or_else(|problem| {
                problems.push(problem);
                Value::None
            }),
            None if field.missing == Missing::Never => {
                missing.push(field.name.clone());
                Value::None
            }
            None => missing_value(field.missing),
        });
    }
    if !missing.is_empty() {
        problems.push(error::missing_fields(
            &relation.name,
            &missing,
            atom.span,
            relation.span,
        ));
    }
    (problems.len() == before).then_some((fields.relation, args))
}

/// In a fact, which has no variables, `CN` may be another name of a member.
pub(super) fn capitalized(
    policy: &Policy,
    name: &str,
    ty: Type,
    at: Span,
) -> Result<Value, Diagnostic> {
    match ty {
        Type::Set(id) => member(&policy.types, id, name, at),
        _ => Err(error::variable_in_fact(name, at)),
    }
}

pub(super) fn missing_value(missing: Missing) -> Value {
    match missing {
        Missing::Unknown => Value::Unknown,
        Missing::None | Missing::Never => Value::None,
    }
}
