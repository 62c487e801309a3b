//! The keys of which a row is given or asked for: what a row of an unknown key is not.

use super::cell::{Cell, Stranger};
use crate::datalog::Program;
use crate::datalog::program::RelId;
use crate::engine::Model;
use crate::ir::{Kind, Policy, RelationId};
use crate::value::{Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// Of how many keys one that is not known is told apart.
const MOST_THERE: usize = 300;
/// Of how many names.
const MOST_NAMES: usize = 64;

/// The names that are mentioned of a type; none, where they are too many to tell another one apart from each.
pub(super) fn names(model: &Model, names: RelId) -> Arc<[Value]> {
    match model.len(names) <= MOST_NAMES {
        true => model.rows(names).flatten().collect(),
        false => Arc::default(),
    }
}

/// The keys of a relation that are known.
pub(super) struct There {
    /// Unless they are too many to tell an unknown one apart from each.
    pub(super) keys: Option<Vec<Vec<Cell>>>,
    /// The key is a name, and each name that anybody has mentioned is such a key.
    has_all_names: bool,
    /// Those names; none, where they are many.
    names: Arc<[Value]>,
}

impl There {
    /// A key that is none of those.
    pub(super) fn other_key(&self, key: &mut [Cell]) {
        if let [cell] = key
            && let Cell::Vague(_, points) = cell
            && self.has_all_names
        {
            *cell = Cell::Stranger(Stranger {
                names: Arc::clone(&self.names),
                points: std::mem::take(points),
            });
        }
    }
}

/// Found once for each relation that is asked about.
#[derive(Default)]
pub(super) struct AllThere {
    found: BTreeMap<RelId, Rc<There>>,
    /// Of relations whose only key is a name: those with all names of its type.
    names: BTreeMap<RelationId, RelId>,
}

impl AllThere {
    pub(super) fn new(program: &Program, policy: &Policy) -> AllThere {
        let names_of = |ty| {
            let mut relations = policy.relations.iter();
            let at = relations.position(|relation| relation.kind == Kind::Names(ty))?;
            let declared = program.declared.get(&RelationId(at as u32))?;
            Some(declared.rel)
        };
        let relations = policy.relations.iter().enumerate();
        let names = relations.filter_map(|(at, relation)| {
            let ([field, ..], Some(1)) = (relation.fields.as_slice(), relation.key) else {
                return None;
            };
            let Type::Entity(ty) = field.ty else {
                return None;
            };
            Some((RelationId(at as u32), names_of(ty)?))
        });
        AllThere {
            found: BTreeMap::new(),
            names: names.collect(),
        }
    }

    /// The keys of `full`, in which rows of a relation are given or missing, the keys of the latter in `missing`.
    pub(super) fn of(
        &mut self,
        model: &Model,
        relation: RelationId,
        full: RelId,
        missing: (RelId, usize),
    ) -> Rc<There> {
        let names = self.names.get(&relation).copied();
        let found = self.found.entry(full).or_insert_with(|| {
            let (missing, key) = missing;
            let is_known = |row: &Vec<Value>| row.iter().all(|value| !value.is_open());
            let given = model.rows(full).map(|mut row| {
                row.truncate(key);
                row
            });
            let keys = model.rows(missing).chain(given).filter(is_known);
            let keys: BTreeSet<Vec<Value>> = keys.collect();
            let is_few = keys.len() <= MOST_THERE;
            let has_all_names = names.is_some_and(|names| keys.len() >= model.len(names));
            let cells = |key: Vec<Value>| key.into_iter().map(Cell::Known).collect();
            let names = names.map(|rel| self::names(model, rel));
            Rc::new(There {
                names: names.unwrap_or_default(),
                keys: is_few.then(|| keys.into_iter().map(cells).collect()),
                has_all_names,
            })
        });
        Rc::clone(found)
    }
}
