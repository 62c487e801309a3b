//! What each name of a policy stands for: relations, types, units, notices, clauses, `given` blocks.
//!
//! Made from the declarations of a `Policy`; the bodies of its rules, and the facts and queries that come later, are
//! resolved against it.

use super::policy::{ClauseId, NoticeId, Policy, RelationId};
use crate::diagnostic::nearest;
use crate::source::Span;
use crate::value::{TypeId, UnitId};
use std::collections::BTreeMap;

/// The names of a policy.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Relations declared outside notices, and the names of types.
    global: BTreeMap<String, RelationId>,
    /// Relations declared in a notice, by their plain name.
    local: BTreeMap<String, BTreeMap<NoticeId, RelationId>>,
    types: BTreeMap<String, TypeId>,
    units: BTreeMap<String, UnitId>,
    notices: BTreeMap<String, NoticeId>,
    /// By notice: the clause that stands for the notice itself, and the others by their ids.
    clauses: Vec<(ClauseId, BTreeMap<String, ClauseId>)>,
    givens: BTreeMap<String, usize>,
    homes: BTreeMap<Span, ClauseId>,
}

/// Why a name stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Nothing has that name.
    Unknown {
        /// A name that was probably meant.
        near: Option<String>,
    },
    /// No notice has the name in front of `.` or `/`.
    UnknownNotice {
        /// That name.
        notice: String,
        /// One that was probably meant.
        near: Option<String>,
    },
    /// Several notices have a relation of that name for themselves: the notice must be written in front.
    Ambiguous(Vec<RelationId>),
}

impl Names {
    /// The names that the policy declares.
    pub fn of(policy: &Policy) -> Names {
        let mut names = Names::default();
        for (at, notice) in policy.notices.iter().enumerate() {
            names.notices.insert(notice.id.clone(), NoticeId(at as u32));
            names.clauses.push((notice.whole, BTreeMap::new()));
        }
        for (at, clause) in policy.clauses.iter().enumerate() {
            let ids = &mut names.clauses[clause.notice.at()].1;
            ids.insert(clause.id.clone(), ClauseId(at as u32));
        }
        for (at, named) in policy.types.named.iter().enumerate() {
            names.types.insert(named.name.clone(), TypeId(at as u32));
        }
        for (at, unit) in policy.types.units.iter().enumerate() {
            names.units.insert(unit.name.clone(), UnitId(at as u32));
        }
        for (at, given) in policy.givens.iter().enumerate() {
            names.givens.insert(given.name.clone(), at);
        }
        for (at, relation) in policy.relations.iter().enumerate() {
            names.add_relation(&relation.name, RelationId(at as u32));
        }
        names
    }

    fn add_relation(&mut self, name: &str, id: RelationId) {
        let own = name.split_once('.');
        match own.and_then(|(notice, plain)| Some((self.notices.get(notice)?, plain))) {
            Some((notice, plain)) => {
                let notices = self.local.entry(plain.into()).or_default();
                notices.insert(*notice, id);
            }
            None => {
                self.global.insert(name.into(), id);
            }
        }
    }

    /// Says that what stands between the braces of the notice or clause whose id is written there belongs to `clause`.
    pub(super) fn add_home(&mut self, id: Span, clause: ClauseId) {
        self.homes.insert(id, clause);
    }

    /// The relation of that name, as written in the notice `inside`: its own first, then that declared outside notices,
    /// then the only one that some notice has for itself. `notice` is what is written in front of a dot.
    pub fn relation(
        &self,
        name: &str,
        notice: Option<&str>,
        inside: Option<NoticeId>,
    ) -> Result<RelationId, Lookup> {
        let own = self.local.get(name);
        let of = |notice: NoticeId| own.and_then(|notices| notices.get(&notice)).copied();
        if let Some(notice) = notice {
            let notice = self.notice(notice)?;
            return of(notice).ok_or_else(|| self.unknown_relation(name, Some(notice)));
        }
        if let Some(id) = inside.and_then(of).or(self.global.get(name).copied()) {
            return Ok(id);
        }
        let others: Vec<RelationId> = own.into_iter().flatten().map(|(_, id)| *id).collect();
        match others.as_slice() {
            [] => Err(self.unknown_relation(name, None)),
            [only] => Ok(*only),
            _ => Err(Lookup::Ambiguous(others)),
        }
    }

    fn unknown_relation(&self, name: &str, of: Option<NoticeId>) -> Lookup {
        let own = self
            .local
            .iter()
            .filter(|(_, notices)| of.is_none_or(|notice| notices.contains_key(&notice)));
        let global = self.global.keys().filter(|_| of.is_none());
        unknown(name, own.map(|(plain, _)| plain).chain(global))
    }

    /// The type of that name.
    pub fn type_named(&self, name: &str) -> Result<TypeId, Lookup> {
        find(&self.types, name)
    }

    /// The unit of that name.
    pub fn unit_named(&self, name: &str) -> Result<UnitId, Lookup> {
        find(&self.units, name)
    }

    /// The notice of that id.
    pub fn notice(&self, id: &str) -> Result<NoticeId, Lookup> {
        find(&self.notices, id).map_err(|error| match error {
            Lookup::Unknown { near } => Lookup::UnknownNotice {
                notice: id.into(),
                near,
            },
            other => other,
        })
    }

    /// The `given` block of that name, by its place in `Policy::givens`.
    pub fn given(&self, name: &str) -> Result<usize, Lookup> {
        find(&self.givens, name)
    }

    /// The clause meant by `1(3)` (of the notice `inside`), `mofcom_2025_61/5`, or a notice's id: the clause that stands
    /// for the notice itself.
    pub fn clause(&self, reference: &str, inside: Option<NoticeId>) -> Result<ClauseId, Lookup> {
        if let Some((notice, id)) = reference.split_once('/') {
            return find(self.clauses_of(self.notice(notice)?), id);
        }
        let own = inside.map(|notice| self.clauses_of(notice));
        if let Some(clause) = own.and_then(|clauses| clauses.get(reference)) {
            return Ok(*clause);
        }
        match self.notices.get(reference) {
            Some(notice) => Ok(self.clauses[notice.at()].0),
            None => {
                let own = own.into_iter().flat_map(BTreeMap::keys);
                Err(unknown(reference, own.chain(self.notices.keys())))
            }
        }
    }

    fn clauses_of(&self, notice: NoticeId) -> &BTreeMap<String, ClauseId> {
        &self.clauses[notice.at()].1
    }

    /// The clause to which the statements in a notice or clause belong; `id` is the place of its id in the text.
    pub fn clause_at(&self, id: Span) -> Option<ClauseId> {
        self.homes.get(&id).copied()
    }
}

fn find<T: Copy>(map: &BTreeMap<String, T>, name: &str) -> Result<T, Lookup> {
    let found = map.get(name).copied();
    found.ok_or_else(|| unknown(name, map.keys()))
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Lookup {
    let known = known.map(String::as_str).filter(|known| !known.is_empty());
    Lookup::Unknown {
        near: nearest(name, known).map(String::from),
    }
}
