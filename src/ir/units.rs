//! Units: each with its base and how many of that make one.

use super::Problems;
use super::error;
use super::names::{Lookup, Names, Placed};
use super::policy::{NoticeId, Policy};
use crate::diagnostic::Diagnostic;
use crate::syntax::file::{self, FieldUnit, ItemKind, UnitDeclaration};
use crate::value::{Measure, Number, Unit, UnitId};
use std::collections::{BTreeMap, BTreeSet};

/// Declarations by name and the notice in which they stand.
type Declared<'a> = BTreeMap<(&'a str, Option<NoticeId>), Stated<'a>>;

/// A unit where it is named first, and what it is a multiple of.
#[derive(Clone, Copy)]
struct Stated<'a> {
    name: &'a file::Name,
    multiple: Option<&'a (Number, file::Name)>,
}

/// The units, in the order of their names; a multiple is kept with its base.
pub(super) fn units(
    statements: &[Placed<'_>],
    policy: &mut Policy,
    names: &mut Names,
    problems: &mut Problems,
) {
    let mut declared = declared(statements, problems);
    add_bases(statements, &mut declared);
    for (at, (name, notice)) in declared.keys().enumerate() {
        names.add_unit(name, *notice, UnitId(at as u32));
    }
    let list: Vec<Stated<'_>> = declared.into_values().collect();
    for (at, stated) in list.iter().enumerate() {
        let own = UnitId(at as u32);
        let (base, factor) =
            base_of(own, &list, names, problems).unwrap_or_else(|| (own, Number::from_integer(1)));
        policy.types.units.push(Unit {
            name: stated.name.text.clone(),
            base,
            factor,
        });
    }
}

fn declared<'a>(statements: &[Placed<'a>], problems: &mut Problems) -> Declared<'a> {
    let mut declared = Declared::new();
    for placed in statements {
        let ItemKind::Unit(UnitDeclaration { name, multiple }) = placed.kind else {
            continue;
        };
        let key = (name.text.as_str(), placed.home.notice);
        match declared.get(&key) {
            Some(first) => problems.push(error::declared_twice(
                "unit",
                &name.text,
                name.span,
                first.name.span,
            )),
            None => {
                let multiple = multiple.as_ref();
                declared.insert(key, Stated { name, multiple });
            }
        }
    }
    declared
}

/// `unit mm = 1000 um` says that there is a unit `um`, where nothing else does.
fn add_bases<'a>(statements: &[Placed<'a>], declared: &mut Declared<'a>) {
    let stated: BTreeSet<&str> = declared.keys().map(|(name, _)| *name).collect();
    for placed in statements {
        if let ItemKind::Unit(UnitDeclaration {
            multiple: Some((_, name)),
            ..
        }) = placed.kind
            && !stated.contains(name.text.as_str())
        {
            let multiple = None;
            declared
                .entry((&name.text, placed.home.notice))
                .or_insert(Stated { name, multiple });
        }
    }
}

/// Along `mm = 1000 um` to a unit that is no multiple; `None`, and a message, where that leads nowhere.
fn base_of(
    unit: UnitId,
    list: &[Stated<'_>],
    names: &Names,
    problems: &mut Problems,
) -> Option<(UnitId, Number)> {
    let first = list[unit.0 as usize];
    let (mut at, mut factor) = (unit, Number::from_integer(1));
    for _ in 0..=list.len() {
        let Some((multiple, of)) = list[at.0 as usize].multiple else {
            return Some((at, factor));
        };
        if multiple.is_zero() {
            // Whoever is a multiple of that unit need not be told again.
            if at == unit {
                problems.push(error::unit_of_nothing(&first.name.text, first.name.span));
            }
            return None;
        }
        factor = &factor * multiple;
        match names.unit(of) {
            Ok(next) => at = next,
            Err(lookup) => {
                if at == unit {
                    problems.push(not_found(of, lookup, names));
                }
                return None;
            }
        }
    }
    problems.push(error::unit_of_itself(&first.name.text, first.name.span));
    None
}

fn not_found(name: &file::Name, lookup: Lookup, names: &Names) -> Diagnostic {
    match lookup {
        Lookup::Unknown(near) => {
            let problem = error::unknown_unit(&name.text, name.span, near.as_deref());
            names.not_found(&name.text, problem)
        }
        Lookup::Ambiguous(notices) => error::ambiguous_unit(&name.text, name.span, &notices),
    }
}

/// What a number counts, as written behind it or behind a field's type.
pub(super) fn measure(unit: Option<&FieldUnit>, names: &Names, problems: &mut Problems) -> Measure {
    match unit {
        None => Measure::Plain,
        Some(FieldUnit::Percent) => Measure::Percent,
        Some(FieldUnit::Named(name)) => match names.unit(name) {
            Ok(id) => Measure::Unit(id),
            Err(lookup) => {
                problems.push(not_found(name, lookup, names));
                Measure::Plain
            }
        },
    }
}
