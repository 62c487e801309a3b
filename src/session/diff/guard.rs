//! Looks that no change was missed: with all changes undone, the new policy must say what the old one says.

use super::changes::{Change, Undo};
use super::outcomes::{Asked, Difference, Stand, Told, Turn, ask, differences};
use super::words::bare;
use super::worlds::{When, World};
use crate::facts::Facts;
use crate::ir::Kind;
use crate::session::Session;
use crate::source::FileId;
use crate::syntax::File;
use crate::syntax::file::{Item, ItemKind};
use crate::value::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The old policy as it stands.
pub(super) struct Guard<'a> {
    pub(super) old: &'a Session,
    pub(super) new: &'a Session,
    pub(super) when: &'a When,
    /// What the files of facts give by its own feeds.
    pub(super) given: Option<Result<Facts, String>>,
}

/// How a verdict stands, and on which days.
type Stands = (Stand, Vec<(bool, Vec<(Date, Date)>)>);

impl Guard<'_> {
    /// What differs between the old policy and the new one, and the changes that were found do not say: the verdicts, by
    /// their atoms, that stand otherwise with all changes undone, and the differences that are to be told of them.
    pub(super) fn missed(
        &self,
        world: &World,
        undone: (&Asked, &Session),
        new: (&Asked, &Session),
    ) -> (BTreeSet<String>, Vec<Difference>) {
        let Some(asked) = self.asked(world) else {
            return Default::default();
        };
        let old = (&asked, self.old);
        let missed = match (&asked.outcomes, &undone.0.outcomes) {
            (Err(_), Err(_)) => return Default::default(),
            (Ok(_), Ok(_)) => unlike(&stands(old), &stands(undone)),
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => BTreeSet::new(),
        };
        let is_asked = asked.outcomes.is_ok() == undone.0.outcomes.is_ok();
        if missed.is_empty() && is_asked {
            return Default::default();
        }
        let keys = [keys(old), keys(undone), keys(new)];
        let is_missed = |atom: &String| {
            let mut keys = keys.iter().filter_map(|keys| keys.get(atom));
            !is_asked || keys.any(|key| missed.contains(key))
        };
        let (list, _) = differences(old, new);
        let is_plain = |it: &Difference| match it.turn {
            // Whose words may differ where nothing follows differently.
            Turn::OtherQuestions | Turn::OtherGround => false,
            Turn::Gained | Turn::Lost | Turn::Opened | Turn::Settled => true,
            Turn::OtherDays | Turn::Failure => true,
        };
        let list = list.into_iter().filter(is_plain);
        let list = list.filter(|it| is_missed(&it.atom)).collect();
        let mut atoms: BTreeSet<String> = keys.iter().flat_map(BTreeMap::keys).cloned().collect();
        atoms.retain(is_missed);
        if !is_asked {
            // That a policy cannot be asked is said of no verdict.
            atoms.insert(String::new());
        }
        (atoms, list)
    }

    /// `None` where a presumption of the world cannot be told in the old policy's words: then nothing is to be compared.
    fn asked(&self, world: &World) -> Option<Asked> {
        let circumstances = world.circumstances(&self.old.policy, self.when);
        if let (Some(given), None) = (&self.given, &world.case) {
            return Some(match given {
                Ok(facts) => ask(self.old, facts, &circumstances),
                Err(why) => Asked::refused(why.clone()),
            });
        }
        let (facts, _) = world.told(&self.new.policy, &self.old.policy);
        let is_all = facts.presumptions.len() == world.facts.presumptions.len();
        is_all.then(|| ask(self.old, &facts, &circumstances))
    }
}

/// The keys of the verdicts that do not stand alike.
fn unlike(old: &BTreeMap<String, Stands>, undone: &BTreeMap<String, Stands>) -> BTreeSet<String> {
    let all = old.keys().chain(undone.keys());
    let unlike = all.filter(|key| old.get(*key) != undone.get(*key));
    unlike.cloned().collect()
}

fn stands((asked, session): (&Asked, &Session)) -> BTreeMap<String, Stands> {
    let told = asked.outcomes.iter().flat_map(BTreeMap::values);
    let stands = told.map(|told| {
        let days = told.standings.iter();
        let days = days.map(|it| (it.is_open, it.days.clone())).collect();
        (key(session, told), (told.stand(), days))
    });
    stands.collect()
}

/// The keys of the verdicts by their atoms.
fn keys((asked, session): (&Asked, &Session)) -> BTreeMap<String, String> {
    let told = asked.outcomes.iter().flatten();
    told.map(|(atom, told)| (atom.clone(), key(session, told)))
        .collect()
}

/// A verdict; an answer of a `never` without the names of its variables, and in whatever order they stand.
fn key(session: &Session, told: &Told) -> String {
    let relation = session.policy.relation(told.claim.relation);
    let Kind::Constraint(at) = relation.kind else {
        return session
            .context()
            .atom(told.claim.relation, &told.claim.args);
    };
    let fields = relation.fields.iter().zip(&told.claim.args);
    let values = fields.map(|(field, value)| session.policy.types.literal(value, field.ty));
    let mut values: Vec<String> = values.collect();
    values.sort();
    let message = &session.policy.constraints[at].message;
    format!("never {message}: {}", values.join(", "))
}

/// What makes the differences that no change makes which was found.
pub(super) fn another_change(files: &[String]) -> Change {
    let files: Vec<String> = files.iter().map(|name| format!("“{name}”")).collect();
    Change {
        notice: None,
        clause: None,
        title: format!("another change of the text, in {}", files.join(", ")),
        old: Vec::new(),
        new: Vec::new(),
        undo: Undo::default(),
        about: None,
    }
}

/// The names of the files that two policies do not have alike, comments and blanks left aside: those of the new one, and those
/// of the old one of which no file with that name is among them.
pub(super) fn unlike_files(sides: [Texts<'_>; 2]) -> Vec<String> {
    let [old, new] = sides.map(|texts| texts.all());
    let unlike = |own: &[(String, String)], other: &[(String, String)]| -> Vec<String> {
        let known: BTreeSet<&String> = other.iter().map(|(_, text)| text).collect();
        let unlike = own.iter().filter(|(_, text)| !known.contains(text));
        unlike.map(|(name, _)| name.clone()).collect()
    };
    let mut files = unlike(&new, &old);
    let last = |name: &str| name.rsplit(['/', ':']).next().unwrap_or(name).to_owned();
    let named: BTreeSet<String> = files.iter().map(|name| last(name)).collect();
    let gone = unlike(&old, &new).into_iter();
    files.extend(gone.filter(|name| !named.contains(&last(name))));
    files
}

/// The texts of a policy.
pub(super) struct Texts<'a> {
    pub(super) session: &'a Session,
    /// Its files, as written.
    pub(super) files: &'a [(FileId, File)],
    /// The first of the texts that stand beside it.
    pub(super) beside: usize,
}

impl Texts<'_> {
    /// Each with its name, without what means nothing. Files of cases are none.
    fn all(&self) -> Vec<(String, String)> {
        let sources = &self.session.sources;
        let is_law = |item: &Item| !matches!(item.kind, ItemKind::Case(_) | ItemKind::Given(_));
        let law = self
            .files
            .iter()
            .filter(|(_, file)| file.items.iter().any(is_law));
        let law = law.map(|(id, _)| {
            let source = sources.file(*id);
            (source.name.clone(), bare(&source.text))
        });
        let beside = sources.files().take(self.session.own_texts);
        let beside = beside.skip(self.beside);
        law.chain(beside.map(|(_, source)| (source.name.clone(), source.text.to_string())))
            .collect()
    }
}
