//! Which name means which declaration, and where each statement stands.

use super::error;
use super::policy::{ClauseId, NoticeId, Policy, RelationId};
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::{FileId, Span};
use crate::syntax::file::{self, ItemKind, PartKind};
use crate::value::{TypeId, UnitId};
use std::collections::{BTreeMap, BTreeSet};

/// The names of a policy.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) types: BTreeMap<String, TypeId>,
    /// By name: those declared outside notices (`None`), and those of one notice.
    units: BTreeMap<String, Vec<(Option<NoticeId>, UnitId)>>,
    pub(super) relations: BTreeMap<String, RelationId>,
    pub(super) locals: BTreeMap<(NoticeId, String), RelationId>,
    pub(super) notices: BTreeMap<String, NoticeId>,
    pub(super) clauses: BTreeMap<(NoticeId, String), ClauseId>,
    pub(super) givens: BTreeMap<String, usize>,
    /// The clause (or notice) with this id, by the place of the id.
    pub(super) homes: BTreeMap<Span, ClauseId>,
    /// Where the statements at the top of the files begin, and which of them are notices.
    tops: BTreeMap<(FileId, u32), Option<NoticeId>>,
    /// The names whose declarations cannot be made sense of.
    broken: BTreeSet<String>,
    /// Whether some of the policy's text was not looked at, so that any name may be declared there.
    is_partial: bool,
    /// The clauses in which something is wrong, so that what they conclude is not all known.
    half_read: BTreeSet<ClauseId>,
    /// The places of statements that could not be read.
    slips: Vec<Span>,
}

/// Why a name means nothing.
pub(super) enum Lookup {
    Unknown(Option<String>),
    Ambiguous(Vec<String>),
}

impl Names {
    /// Notes which names the files would declare, had they no slips.
    pub(super) fn add_broken<'a>(&mut self, files: impl Iterator<Item = &'a file::File>) {
        for file in files {
            self.is_partial |= file.is_cut_short;
            let names = file.broken.iter().map(|name| name.text.clone());
            self.broken.extend(names);
        }
    }

    /// Notes that the declaration of this name cannot be made sense of.
    pub(super) fn add_broken_name(&mut self, name: &str) {
        self.broken.insert(name.to_owned());
    }

    /// What is wrong with a name that is not found. Where its declaration is at fault, that has been said there: the
    /// statement is wrong all the same, but nothing more is told.
    pub(super) fn not_found(&self, name: &str, problem: Diagnostic) -> Diagnostic {
        let first = name.split(['.', '/']).next().unwrap_or(name);
        if self.is_partial || self.broken.contains(name) || self.broken.contains(first) {
            error::said_already(problem)
        } else {
            problem
        }
    }

    /// Notes the clauses in which these slips are.
    pub(super) fn add_half_read(&mut self, slips: impl Iterator<Item = Span>) {
        let slips: Vec<Span> = slips.collect();
        let clauses = slips.iter().filter_map(|at| self.home_at(*at));
        let clauses: Vec<ClauseId> = clauses.collect();
        self.half_read.extend(clauses);
        self.slips.extend(slips);
    }

    /// Whether a slip is in the statement on top in which a place lies.
    pub(super) fn has_slip_beside(&self, at: Span) -> bool {
        let top = |at: Span| self.tops.range(..=(at.file, at.start)).next_back();
        self.slips.iter().any(|slip| top(*slip) == top(at))
    }

    /// Whether a slip may be what keeps these clauses from concluding something.
    pub(super) fn is_half_read(&self, clauses: &[ClauseId]) -> bool {
        self.is_partial || clauses.iter().any(|clause| self.half_read.contains(clause))
    }

    /// The clause (or notice, outside its clauses) in which a place lies.
    pub(super) fn home_at(&self, at: Span) -> Option<ClauseId> {
        let (id, home) = self.homes.range(..=at).next_back()?;
        let (top, _) = self.tops.range(..=(at.file, at.start)).next_back()?;
        let is_inside = id.file == at.file && *top <= (id.file, id.start);
        is_inside.then_some(*home)
    }

    /// The names of a policy that is made already.
    pub(super) fn of(policy: &Policy) -> Names {
        let mut names = Names::default();
        for (at, named) in policy.types.named.iter().enumerate() {
            names.types.insert(named.name.clone(), TypeId(at as u32));
        }
        for (at, unit) in policy.types.units.iter().enumerate() {
            names.add_unit(&unit.name, None, UnitId(at as u32));
        }
        for (at, notice) in policy.notices.iter().enumerate() {
            names.notices.insert(notice.id.clone(), NoticeId(at as u32));
        }
        for (at, relation) in policy.relations.iter().enumerate() {
            names.add_relation(&relation.name, RelationId(at as u32));
        }
        for (at, clause) in policy.clauses.iter().enumerate() {
            names
                .clauses
                .insert((clause.notice, clause.id.clone()), ClauseId(at as u32));
        }
        for (at, given) in policy.givens.iter().enumerate() {
            names.givens.insert(given.name.clone(), at);
        }
        names
    }

    pub(super) fn add_unit(&mut self, name: &str, notice: Option<NoticeId>, id: UnitId) {
        let units = self.units.entry(name.to_owned()).or_default();
        units.push((notice, id));
    }

    /// The unit that is meant where its name stands: the notice's own first, then the one declared outside notices, then
    /// the only one that some notice has.
    pub(super) fn unit(&self, name: &file::Name) -> Result<UnitId, Lookup> {
        let all = self.units.get(&name.text).map_or(&[][..], Vec::as_slice);
        let notice = self.notice_at(name.span);
        let of = |wanted: Option<NoticeId>| {
            let units = all.iter().filter(move |(notice, _)| *notice == wanted);
            units.map(|(_, id)| *id).collect::<Vec<UnitId>>()
        };
        let own = notice.map_or(Vec::new(), |notice| of(Some(notice)));
        match (own.as_slice(), of(None).as_slice(), all) {
            ([id, ..], _, _) | ([], [id], _) | ([], [], [(_, id)]) => Ok(*id),
            ([], [], []) => {
                let known = self.units.keys().map(String::as_str);
                Err(Lookup::Unknown(
                    nearest(&name.text, known).map(str::to_owned),
                ))
            }
            _ => {
                let has = |id: &NoticeId| all.iter().any(|(notice, _)| *notice == Some(*id));
                let notices = self.notices.iter().filter(|(_, id)| has(id));
                Err(Lookup::Ambiguous(
                    notices.map(|(name, _)| format!("`{name}`")).collect(),
                ))
            }
        }
    }

    /// The clauses of a notice, by their ids.
    pub(super) fn clauses_of(&self, notice: NoticeId) -> impl Iterator<Item = (&str, ClauseId)> {
        let from = self.clauses.range((notice, String::new())..);
        from.take_while(move |((other, _), _)| *other == notice)
            .map(|((_, id), at)| (id.as_str(), *at))
    }

    /// Notes the statements at the top of the files, to tell what stands in which notice.
    pub(super) fn add_tops<'a>(&mut self, items: impl Iterator<Item = &'a file::Item>) {
        for item in items {
            let notice = match &item.kind {
                ItemKind::Notice(notice) => self.notices.get(&notice.id.text).copied(),
                _ => None,
            };
            self.tops.insert((item.span.file, item.span.start), notice);
        }
    }

    fn notice_at(&self, at: Span) -> Option<NoticeId> {
        let mut before = self.tops.range(..=(at.file, at.start));
        let ((file, _), notice) = before.next_back()?;
        notice.filter(|_| *file == at.file)
    }

    pub(super) fn add_relation(&mut self, qualified: &str, id: RelationId) {
        match qualified.split_once('.') {
            Some((notice, name)) if self.notices.contains_key(notice) => {
                self.locals
                    .insert((self.notices[notice], name.to_owned()), id);
            }
            _ => {
                self.relations.insert(qualified.to_owned(), id);
            }
        }
    }

    /// The relation that an atom names: in its own notice first, then everywhere, then the one notice that has it.
    pub(super) fn relation(
        &self,
        policy: &Policy,
        name: &str,
        notice: Option<&str>,
        inside: Option<NoticeId>,
    ) -> Result<RelationId, Lookup> {
        if let Some(notice) = notice {
            let found = self
                .notices
                .get(notice)
                .and_then(|notice| self.locals.get(&(*notice, name.to_owned())));
            return found.copied().ok_or_else(|| self.unknown_relation(name));
        }
        let own = inside.and_then(|notice| self.locals.get(&(notice, name.to_owned())));
        if let Some(id) = own.or_else(|| self.relations.get(name)) {
            return Ok(*id);
        }
        let others: Vec<RelationId> = self
            .locals
            .iter()
            .filter(|((_, local), _)| local == name)
            .map(|(_, id)| *id)
            .collect();
        match others.as_slice() {
            [] => Err(self.unknown_relation(name)),
            [one] => Ok(*one),
            several => Err(Lookup::Ambiguous(
                several
                    .iter()
                    .map(|id| format!("`{}`", policy.relation(*id).name))
                    .collect(),
            )),
        }
    }

    fn unknown_relation(&self, name: &str) -> Lookup {
        let locals = self.locals.keys().map(|(_, local)| local.as_str());
        Lookup::Unknown(
            nearest(
                name,
                self.relations.keys().map(String::as_str).chain(locals),
            )
            .map(str::to_owned),
        )
    }

    /// The clause that a reference names: `1(3)` in the same notice, `notice/1(3)`, or a notice as a whole.
    pub(super) fn clause(
        &self,
        policy: &Policy,
        reference: &str,
        inside: Option<NoticeId>,
    ) -> Result<ClauseId, Option<String>> {
        let found = match reference.split_once('/') {
            Some((notice, clause)) => self
                .notices
                .get(notice)
                .and_then(|notice| self.clauses.get(&(*notice, clause.to_owned())))
                .copied(),
            None => inside
                .and_then(|notice| self.clauses.get(&(notice, reference.to_owned())))
                .copied()
                .or_else(|| {
                    self.notices
                        .get(reference)
                        .map(|notice| policy.notice(*notice).whole)
                }),
        };
        found.ok_or_else(|| {
            let citations: Vec<String> = (0..policy.clauses.len() as u32)
                .map(|at| policy.citation(ClauseId(at)))
                .collect();
            let own = self
                .clauses
                .keys()
                .filter(|(notice, _)| Some(*notice) == inside)
                .map(|(_, id)| id.as_str());
            nearest(
                reference,
                citations
                    .iter()
                    .map(String::as_str)
                    .chain(own.filter(|id| id.len() > 2)),
            )
            .map(str::to_owned)
        })
    }
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Home {
    pub(super) notice: Option<NoticeId>,
    pub(super) clause: Option<ClauseId>,
}

/// A statement of any file, with where it stands.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) home: Home,
    pub(super) doc: &'a str,
    pub(super) kind: &'a ItemKind,
    pub(super) span: Span,
}

/// All statements of the files, those in notices and clauses too, in the order of the text. Notices that the names do not
/// have (because their head is wrong) are passed over.
pub(super) fn statements<'a>(
    items: impl Iterator<Item = &'a file::Item>,
    names: &Names,
    policy: &Policy,
) -> Vec<Placed<'a>> {
    let mut list = Vec::new();
    for item in items {
        match &item.kind {
            ItemKind::Notice(notice) => {
                if let Some(whole) = names.homes.get(&notice.id.span) {
                    collect_parts(&notice.parts, *whole, names, policy, &mut list);
                }
            }
            kind => list.push(Placed {
                home: Home::default(),
                doc: &item.doc,
                kind,
                span: item.span,
            }),
        }
    }
    list
}

fn collect_parts<'a>(
    parts: &'a [file::Part],
    home: ClauseId,
    names: &Names,
    policy: &Policy,
    list: &mut Vec<Placed<'a>>,
) {
    let placed = Home {
        notice: Some(policy.clause(home).notice),
        clause: Some(home),
    };
    for part in parts {
        match &part.kind {
            PartKind::Clause(clause) => {
                if let Some(inner) = names.homes.get(&clause.id.span) {
                    collect_parts(&clause.parts, *inner, names, policy, list);
                }
            }
            PartKind::Item(kind) => list.push(Placed {
                home: placed,
                doc: &part.doc,
                kind,
                span: part.span,
            }),
            _ => {}
        }
    }
}
