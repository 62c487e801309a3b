//! Tries what becomes of a world when some changes are undone.

use super::changes::{Change, ChangeId, Undo};
use super::hybrid::Maker;
use super::outcomes::{Asked, ask};
use super::worlds::{When, World};
use crate::diagnostic::render_text;
use crate::facts::{self, Facts};
use crate::ir::{Circumstances, ClauseId, NoticeId, Policy};
use crate::session::Session;
use crate::session::load::Written;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// The code of the message that a clause which is named concludes nothing of the kind.
const CONCLUDES_NOTHING: &str = "E0306";

/// Some changes, undone.
pub(super) type Undone = BTreeSet<ChangeId>;

/// Files of facts, and how they are read again where a feed says something else of them.
#[derive(Clone, Debug)]
pub struct Given {
    /// What they give, read by the new policy.
    pub facts: Facts,
    /// As the command names them.
    pub arguments: Vec<String>,
}

impl Given {
    /// Whether they can be read a second time: standard input cannot.
    pub(super) fn can_be_read_again(&self) -> bool {
        let mut arguments = self.arguments.iter();
        arguments.all(|it| it != "-" && !it.ends_with("=-"))
    }

    /// What they give as another policy reads them; or why they give nothing.
    pub(super) fn read_by(&self, session: &mut Session) -> Result<Facts, String> {
        let (facts, found) =
            facts::read(&session.policy, &mut session.sources, &self.arguments, None);
        match found.has_errors() {
            true => Err(render_text(&found.list, &session.sources, false)),
            false => Ok(facts),
        }
    }
}

/// A policy with some changes undone.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) session: Arc<Session>,
    /// What the files of facts give, where its feeds are not those of the new policy.
    facts: Option<Arc<Result<Facts, String>>>,
}

/// The new policy, and all that is needed to undo changes of it.
pub(super) struct Lab<'a> {
    pub(super) written: &'a Written,
    pub(super) maker: Maker<'a>,
    pub(super) new: &'a Session,
    /// The old policy as it stands, with the texts of the new one beside its own.
    pub(super) old: &'a Session,
    pub(super) given: Option<&'a Given>,
    pub(super) changes: &'a [Change],
    /// Under which law the old side is asked, and the new one.
    pub(super) when: [When; 2],
    pub(super) made: Mutex<BTreeMap<Undone, Option<Made>>>,
}

impl Lab<'_> {
    /// The new policy with these changes undone; `None` where that is no policy.
    pub(super) fn session(&self, undone: &Undone) -> Option<Arc<Session>> {
        self.made(undone).map(|made| made.session)
    }

    fn made(&self, undone: &Undone) -> Option<Made> {
        let of_text = |at: &ChangeId| self.changes[*at].undo.is_of_text();
        let texts: Undone = undone.iter().copied().filter(of_text).collect();
        let made = self.made.lock().map(|made| made.get(&texts).cloned());
        if let Ok(Some(made)) = made {
            return made;
        }
        let is_all = (0..self.changes.len())
            .filter(of_text)
            .eq(texts.iter().copied());
        let session = match self.make(&texts) {
            None if texts.is_empty() => Some(self.new.clone()),
            // Where the parts of both do not go together, the old policy stands for itself.
            None if is_all => Some(self.old.clone()),
            made => made,
        };
        let one = session.map(|mut session| Made {
            facts: self.read_again(&mut session, &texts).map(Arc::new),
            session: Arc::new(session),
        });
        if let Ok(mut made) = self.made.lock() {
            made.insert(texts, one.clone());
        }
        one
    }

    fn read_again(&self, session: &mut Session, undone: &Undone) -> Option<Result<Facts, String>> {
        let given = self.given.filter(|given| given.can_be_read_again())?;
        let is_other = undone.iter().any(|at| self.changes[*at].undo.feeds);
        is_other.then(|| given.read_by(session))
    }

    fn make(&self, undone: &Undone) -> Option<Session> {
        let undos: Vec<&Undo> = undone.iter().map(|at| &self.changes[*at].undo).collect();
        let files = self.maker.files(&undos);
        // Facts were read with the new policy: their places lie in its texts.
        let mut session = self.written.resolve_as(&files, self.new.sources.clone());
        session.engine = self.new.engine;
        session.most_points = self.new.most_points;
        session.limits = self.new.limits;
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
        let made = self.made(undone)?;
        let circumstances = self.circumstances(world, &made.session.policy, undone);
        let (asked, lost) = self.asked(world, &made, &circumstances);
        Some((made.session, asked, lost))
    }

    /// What becomes of a world when all is undone and the law is that of the old side.
    pub(super) fn ask_old(&self, world: &World) -> Option<(Asked, usize)> {
        let made = self.made(&self.all())?;
        let circumstances = world.circumstances(&made.session.policy, &self.when[0]);
        Some(self.asked(world, &made, &circumstances))
    }

    /// All changes.
    pub(super) fn all(&self) -> Undone {
        (0..self.changes.len()).collect()
    }

    fn asked(&self, world: &World, made: &Made, circumstances: &Circumstances) -> (Asked, usize) {
        let session = &made.session;
        // Cases say what their facts are; of files, a feed says it.
        match made.facts.as_deref().filter(|_| world.case.is_none()) {
            Some(Ok(facts)) => (ask(session, facts, circumstances), 0),
            Some(Err(why)) => (Asked::refused(why.clone()), 0),
            None => {
                let (facts, lost) = world.told(&self.new.policy, &session.policy);
                (ask(session, &facts, circumstances), lost)
            }
        }
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
