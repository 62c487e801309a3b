//! What differs between two policies, as a lawyer would list it; and how each difference is undone.

use super::meanings::Meaning;
use super::pieces::{Ast, Home, Piece, Pieces, Slot};
use super::renamed::renamed;
use super::strike::{Left, struck};
use crate::session::Session;
use crate::source::{Place, Span};
use crate::syntax::file::{Item, ItemKind, Part, PartKind};
use std::collections::{BTreeMap, BTreeSet};

/// A change of a policy, by its place in the list of changes.
pub type ChangeId = usize;

/// One thing that a policy says otherwise than before, does not say any more, or says anew.
#[derive(Clone, Debug)]
pub struct Change {
    /// The notice, if it stands in one.
    pub notice: Option<String>,
    /// The clause, if it stands in one: `mofcom_2025_61/4(1)`; the notice, or nothing, otherwise.
    pub clause: Option<String>,
    /// What happened, in words: "mofcom_2025_61/4(1): the rule for `case_by_case` is edited".
    pub title: String,
    /// The words before, each with its place.
    pub old: Vec<(String, String)>,
    /// The words now, each with its place.
    pub new: Vec<(String, String)>,
    pub(super) undo: Undo,
    /// The relation whose rules, rows or presumptions it is about, where it is about those of one.
    pub(super) about: Option<String>,
}

/// How to take back a change of the text: in the new policy, remove some words and put the old ones in.
#[derive(Clone, Debug, Default)]
pub(super) struct Undo {
    /// Statements, lines and rows of the new policy to be removed.
    pub(super) remove: BTreeSet<Span>,
    /// Clauses of the new policy, by their place, of which only the shell is left.
    pub(super) empty: BTreeSet<Span>,
    /// What the old policy has, and where it belongs.
    pub(super) add: Vec<(Home, Ast)>,
    /// Clauses of the old policy, with the notice they belong in.
    pub(super) clauses: Vec<(String, Part)>,
    /// Whether it is about lines of a feed.
    pub(super) feeds: bool,
    /// Notices that became known meanwhile: left out.
    pub(super) notices: BTreeSet<String>,
    /// Clauses that are judged by the law of the day before.
    pub(super) held: BTreeSet<String>,
}

impl Undo {
    /// Whether other words are put in place of the new ones; otherwise the same words are asked under another law.
    pub(super) fn is_of_text(&self) -> bool {
        self.notices.is_empty() && self.held.is_empty()
    }
}

/// Two policies side by side.
pub(super) struct Sides<'a> {
    pub(super) old: (&'a Session, Pieces),
    pub(super) new: (&'a Session, Pieces),
}

/// All changes, in the order of notices and clauses.
pub(super) fn changes(sides: &Sides<'_>) -> Vec<Change> {
    let mut lists = Left::new();
    let (old, new) = (renamed(&sides.old.1, &sides.new.1), &sides.new.1.list);
    for (at, pieces) in [&old, new].into_iter().enumerate() {
        for piece in pieces {
            let key = (piece.home.clone(), piece.slot.clone());
            lists.entry(key).or_default()[at].push(piece);
        }
    }
    let mut left = struck(lists);
    let mut found = Found {
        sides,
        list: Vec::new(),
    };
    found.moved(&mut left);
    found.whole_clauses(&mut left);
    for ((home, slot), [old, new]) in left {
        match slot {
            Slot::Rows(relation) => found.rows(&home, &relation, old, new),
            slot => found.edited(&home, &slot, &old, &new),
        }
    }
    let mut list = found.list;
    list.sort_by(|(a, _), (b, _)| a.cmp(b));
    list.into_iter().map(|(_, change)| change).collect()
}

/// The first piece of that meaning, taken out.
fn taken<'p>(list: &mut Vec<&'p Piece>, means: &Meaning) -> Option<&'p Piece> {
    let at = list.iter().position(|it| it.means == *means)?;
    Some(list.remove(at))
}

pub(super) struct Found<'a> {
    pub(super) sides: &'a Sides<'a>,
    pub(super) list: Vec<((Home, String), Change)>,
}

impl Found<'_> {
    /// What stands in another clause now, word for word or in meaning.
    fn moved(&mut self, left: &mut Left<'_>) {
        let mut gone: BTreeMap<(Slot, Meaning), Vec<Home>> = BTreeMap::new();
        for ((home, slot), [old, _]) in left.iter() {
            for piece in old.iter().filter(|_| can_move(slot)) {
                let key = (slot.clone(), piece.means.clone());
                gone.entry(key).or_default().push(home.clone());
            }
        }
        let keys: Vec<(Home, Slot)> = left.keys().cloned().collect();
        for (home, slot) in keys {
            let new = left[&(home.clone(), slot.clone())][1].clone();
            for piece in new {
                let key = (slot.clone(), piece.means.clone());
                let others = gone.get_mut(&key).and_then(|homes| {
                    let at = homes.iter().rposition(|other| *other != home)?;
                    Some(homes.remove(at))
                });
                let Some(from) = others else {
                    continue;
                };
                let old = left.get_mut(&(from.clone(), slot.clone()));
                let old = old.and_then(|[old, _]| taken(old, &piece.means));
                if let Some([_, new]) = left.get_mut(&(home.clone(), slot.clone())) {
                    taken(new, &piece.means);
                }
                let old: Vec<&Piece> = old.into_iter().collect();
                let (before, after) = (named(&from), named(&home));
                let title = format!("{} is moved from {before} to {after}", subject(&slot, 1));
                self.add(&home, title, &old, &[piece]);
            }
        }
        left.retain(|_, [old, new]| !old.is_empty() || !new.is_empty());
    }

    /// Clauses that only one of the policies has, as a whole.
    fn whole_clauses(&mut self, left: &mut Left<'_>) {
        let (old, new) = (&self.sides.old, &self.sides.new);
        let mut alone: Vec<(&(String, String), &Part, bool)> = Vec::new();
        for (list, other, is_new) in [(&old.1, &new.1, false), (&new.1, &old.1, true)] {
            let own = list.clauses.iter();
            let own = own.filter(|(key, _)| !other.clauses.contains_key(*key));
            alone.extend(own.map(|(key, part)| (key, part, is_new)));
        }
        for (key, part, is_new) in alone {
            let home = Home::Clause(key.0.clone(), key.1.clone());
            let slots: Vec<Slot> = left
                .keys()
                .filter(|(at, _)| *at == home)
                .map(|(_, slot)| slot.clone())
                .collect();
            let mut pieces: Vec<&Piece> = Vec::new();
            for slot in slots {
                let [old, new] = left.remove(&(home.clone(), slot)).unwrap_or_default();
                pieces.extend(if is_new { new } else { old });
            }
            let says_something = pieces.iter().any(|piece| piece.slot != Slot::Days);
            if !says_something {
                continue;
            }
            let (verb, session) = match is_new {
                true => ("is added", new.0),
                false => ("is removed", old.0),
            };
            let title = format!("{} {verb}", named(&home));
            let words = vec![quoted(session, closed(session, whole(part)))];
            let mut undo = Undo::default();
            let (mut before, mut after) = (Vec::new(), Vec::new());
            match is_new {
                true => {
                    undo.empty.insert(part.span);
                    after = words;
                }
                false => {
                    undo.clauses.push((key.0.clone(), part.clone()));
                    before = words;
                }
            }
            self.list.push((
                (home.clone(), title.clone()),
                Change {
                    notice: Some(key.0.clone()),
                    clause: Some(format!("{}/{}", key.0, key.1)),
                    title,
                    old: before,
                    new: after,
                    undo,
                    about: None,
                },
            ));
        }
    }

    fn edited(&mut self, home: &Home, slot: &Slot, old: &[&Piece], new: &[&Piece]) {
        // What is declared anew changes nothing until something uses it; what is no longer declared, nothing uses.
        if let Slot::Declaration(name) = slot
            && (old.is_empty() || new.is_empty())
            && !hides_another(home, name, &self.sides.old.1, &self.sides.new.1)
        {
            return;
        }
        if *slot == Slot::Days {
            let said = |pieces: &[&Piece]| {
                let said = pieces.first().map(|piece| piece.meaning());
                said.filter(|said| !said.is_empty())
                    .unwrap_or_else(|| "no days of its own".to_owned())
            };
            // Of a notice that is new or gone, its parts are told.
            if old.is_empty() || new.is_empty() {
                return;
            }
            let title = format!(
                "{}: its days are changed from “{}” to “{}”",
                named(home),
                said(old),
                said(new)
            );
            return self.add(home, title, old, new);
        }
        if *slot == Slot::Published && (old.is_empty() || new.is_empty()) {
            return;
        }
        let count = old.len().max(new.len());
        let verb = match (old.is_empty(), new.is_empty(), count) {
            (true, _, 1) => "is added",
            (true, _, _) => "are added",
            (_, true, 1) => "is removed",
            (_, true, _) => "are removed",
            (_, _, 1) => "is edited",
            (_, _, _) => "are edited",
        };
        let place = in_front(home);
        let what = match (home, slot) {
            (Home::Top, Slot::Rule(name)) => {
                let word = if count == 1 {
                    "definition"
                } else {
                    "definitions"
                };
                format!("the {word} of `{name}`")
            }
            _ => subject(slot, count),
        };
        self.add(home, format!("{place}{what} {verb}"), old, new);
    }

    pub(super) fn add(&mut self, home: &Home, title: String, old: &[&Piece], new: &[&Piece]) {
        // Of days, the title says all.
        let said = |piece: &&&Piece| !matches!(piece.slot, Slot::Days | Slot::Published);
        let words = |session: &Session, pieces: &[&Piece]| -> Vec<(String, String)> {
            let spans = pieces.iter().filter(said).flat_map(|piece| &piece.spans);
            spans.map(|span| quoted(session, *span)).collect()
        };
        let mut pieces = old.iter().chain(new);
        let mut undo = Undo {
            feeds: pieces.any(|piece| matches!(piece.slot, Slot::Feed(..))),
            ..Undo::default()
        };
        for piece in new {
            undo.remove.extend(piece.spans.iter().copied());
        }
        for piece in old {
            let home = piece.home.clone();
            let ast = piece.ast.iter().cloned();
            undo.add.extend(ast.map(|ast| (home.clone(), ast)));
        }
        let (notice, clause) = match home {
            Home::Top => (None, None),
            Home::Notice(notice) => (Some(notice.clone()), Some(notice.clone())),
            Home::Clause(notice, id) => (Some(notice.clone()), Some(format!("{notice}/{id}"))),
        };
        let change = Change {
            notice,
            clause,
            title: title.clone(),
            old: words(self.sides.old.0, old),
            new: words(self.sides.new.0, new),
            undo,
            about: old.iter().chain(new).find_map(|piece| about(&piece.slot)),
        };
        self.list.push(((home.clone(), title), change));
    }
}

fn about(slot: &Slot) -> Option<String> {
    match slot {
        Slot::Rule(name) | Slot::Presumption(name) | Slot::Rows(name) => Some(name.clone()),
        Slot::Feed(_, name) => Some(name.clone()),
        Slot::Exemption(_) | Slot::Never(_) | Slot::Declaration(_) => None,
        Slot::Published | Slot::Days | Slot::Effect(_) => None,
    }
}

fn can_move(slot: &Slot) -> bool {
    match slot {
        Slot::Rule(_) | Slot::Exemption(_) | Slot::Never(_) | Slot::Presumption(_) => true,
        Slot::Rows(_) | Slot::Effect(_) => true,
        Slot::Declaration(_) | Slot::Published | Slot::Days | Slot::Feed(..) => false,
    }
}

fn subject(slot: &Slot, count: usize) -> String {
    let of = |one: &str, many: &str, name: &str| {
        format!("the {} `{name}`", if count == 1 { one } else { many })
    };
    match slot {
        Slot::Declaration(name) => format!("the declaration of `{name}`"),
        Slot::Published => "the day of its publication".into(),
        Slot::Days => "its days".into(),
        Slot::Effect(verb) => format!("what it {verb}"),
        Slot::Rule(name) => of("rule for", "rules for", name),
        Slot::Exemption(name) if name.is_empty() => "an exemption".into(),
        Slot::Exemption(name) => of("exemption from", "exemptions from", name),
        Slot::Never(message) => format!("the `never` “{message}”"),
        Slot::Presumption(name) => format!("what is presumed of `{name}`"),
        Slot::Rows(name) => of("row of", "rows of", name),
        Slot::Feed(feed, name) => {
            of("line for", "lines for", name) + &format!(" in the feed `{feed}`")
        }
    }
}

pub(super) fn named(home: &Home) -> String {
    match home {
        Home::Top => "the definitions outside notices".into(),
        Home::Notice(notice) => notice.clone(),
        Home::Clause(notice, clause) => format!("{notice}/{clause}"),
    }
}

/// What stands in front of the title of a change there.
pub(super) fn in_front(home: &Home) -> String {
    match home {
        Home::Top => String::new(),
        home => format!("{}: ", named(home)),
    }
}

/// A clause with all that stands in it: its own place ends before the bracket.
fn whole(part: &Part) -> Span {
    let inner = match &part.kind {
        PartKind::Clause(clause) => clause.parts.as_slice(),
        _ => &[],
    };
    let ends = inner.iter().map(|part| whole(part).end);
    Span {
        end: ends.fold(part.span.end, u32::max),
        ..part.span
    }
}

/// The same, with the bracket that closes it.
fn closed(session: &Session, span: Span) -> Span {
    let text = &session.sources.file(span.file).text;
    let after = text
        .get(span.end as usize..)
        .and_then(|rest| rest.find('}'));
    let end = after.map_or(span.end, |after| span.end + after as u32 + 1);
    Span { end, ..span }
}

/// The place of some words, and the words, each line as far in as it stands beside the first.
fn quoted(session: &Session, span: Span) -> (String, String) {
    let sources = &session.sources;
    let column = sources.position(span.file, span.start).column as usize - 1;
    let lines = sources.words(span).lines().enumerate();
    let lines = lines.map(|(at, line)| match at {
        0 => line,
        _ => {
            let blanks = line.len() - line.trim_start_matches(' ').len();
            line[blanks.min(column)..].trim_end()
        }
    });
    let words = lines.collect::<Vec<_>>().join("\n");
    (sources.cite(Place::Span(span)), words)
}

/// Whether a notice that both policies have has a name of its own that stands for something else outside it. In a notice that
/// only one of them has, nothing else can mean it.
pub(super) fn hides_another(home: &Home, name: &str, old: &Pieces, new: &Pieces) -> bool {
    let (Home::Notice(notice) | Home::Clause(notice, _)) = home else {
        return false;
    };
    let is_it =
        |piece: &Piece| piece.home == Home::Top && piece.slot == Slot::Declaration(name.to_owned());
    let is_on_both = old.notices.contains_key(notice) && new.notices.contains_key(notice);
    is_on_both && new.list.iter().any(is_it)
}

/// A notice of the old policy without what is told by itself: what it is put into the new one as.
pub(super) fn frame(item: &Item) -> Item {
    let mut frame = item.clone();
    if let ItemKind::Notice(notice) = &mut frame.kind {
        notice.parts.retain(|part| match part.kind {
            PartKind::Issuer(_)
            | PartKind::Published(_)
            | PartKind::Reviewed(_)
            | PartKind::Days(_)
            | PartKind::Source(..)
            | PartKind::Unverified(_) => true,
            PartKind::Effect(_) | PartKind::Clause(_) | PartKind::Item(_) => false,
        });
    }
    frame
}
