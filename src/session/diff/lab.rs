//! Tries what becomes of a world when some changes are undone.

use super::changes::{Change, ChangeId, Undo};
use super::hybrid::Maker;
use super::outcomes::{Asked, ask};
use super::worlds::{When, World};
use crate::ir::{Circumstances, ClauseId, NoticeId, Policy};
use crate::session::Session;
use crate::session::load::Written;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// The code of the message that a clause which is named concludes nothing of the kind.
const CONCLUDES_NOTHING: &str = "E0306";

/// Some changes, undone.
pub(super) type Undone = BTreeSet<ChangeId>;

/// The new policy, and all that is needed to undo changes of it.
pub(super) struct Lab<'a> {
    pub(super) written: &'a Written,
    pub(super) maker: Maker<'a>,
    pub(super) new: &'a Session,
    pub(super) changes: &'a [Change],
    /// Under which law the old side is asked, and the new one.
    pub(super) when: [When; 2],
    pub(super) made: Mutex<BTreeMap<Undone, Option<Arc<Session>>>>,
}

impl Lab<'_> {
    /// The new policy with these changes undone; `None` where that is no policy.
    pub(super) fn session(&self, undone: &Undone) -> Option<Arc<Session>> {
        let texts = undone
            .iter()
            .filter(|at| self.changes[**at].undo.is_of_text());
        let texts: Undone = texts.copied().collect();
        let made = self.made.lock().map(|made| made.get(&texts).cloned());
        if let Ok(Some(made)) = made {
            return made;
        }
        let session = match self.make(&texts) {
            None if texts.is_empty() => Some(self.new.clone()),
            made => made,
        };
        let one = session.map(Arc::new);
        if let Ok(mut made) = self.made.lock() {
            made.insert(texts, one.clone());
        }
        one
    }

    fn make(&self, undone: &Undone) -> Option<Session> {
        let undos: Vec<&Undo> = undone.iter().map(|at| &self.changes[*at].undo).collect();
        let files = self.maker.files(&undos);
        // Facts were read with the new policy: their places lie in its texts.
        let mut session = self.written.resolve_as(&files, self.new.sources.clone());
        session.engine = self.new.engine;
        session.most_points = self.new.most_points;
        // That a clause which is named concludes nothing, now that a change is undone, is no obstacle: nothing follows by it.
        let mut found = session.diagnostics.list.iter();
        let is_whole = found.all(|it| !it.is_error() || it.code == CONCLUDES_NOTHING);
        (is_whole && !session.check_order().has_errors()).then_some(session)
    }

    /// What becomes of a world. How many of its facts mean nothing there, beside.
    pub(super) fn ask(
        &self,
        world: &World,
        undone: &Undone,
    ) -> Option<(Arc<Session>, Asked, usize)> {
        let session = self.session(undone)?;
        let (facts, lost) = world.told(&self.new.policy, &session.policy);
        let circumstances = self.circumstances(world, &session.policy, undone);
        let asked = ask(&session, &facts, &circumstances);
        Some((session, asked, lost))
    }

    fn circumstances(&self, world: &World, policy: &Policy, undone: &Undone) -> Circumstances {
        let [old, new] = &self.when;
        let mut circumstances = world.circumstances(policy, new);
        let undos = || undone.iter().map(|at| &self.changes[*at].undo);
        let turned: BTreeSet<&String> = undos().flat_map(|undo| &undo.notices).collect();
        if !turned.is_empty() {
            let latest = old.known_at.zip(new.known_at).map(|(a, b)| a.max(b));
            let known = |notice: &crate::ir::Notice| {
                let is_new = new.known_at.is_none_or(|day| notice.published <= day);
                is_new != turned.contains(&notice.id)
            };
            let notices = policy.notices.iter().enumerate();
            let unknown = notices.filter(|(_, notice)| !known(notice));
            circumstances
                .without
                .extend(unknown.map(|(at, _)| NoticeId(at as u32)));
            circumstances.known_at = latest;
        }
        let held: BTreeSet<&String> = undos().flat_map(|undo| &undo.held).collect();
        if let Some(day) = old.as_of {
            let clauses = (0..policy.clauses.len() as u32).map(ClauseId);
            let held = clauses.filter(|clause| held.contains(&policy.citation(*clause)));
            circumstances.held = held.map(|clause| (clause, day)).collect();
        }
        circumstances
    }
}
