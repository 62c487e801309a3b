//! A policy taken apart into what a reader of a change looks at: the statements, days, effects and declarations, each with
//! where it stands by name. So two policies can be laid side by side, whatever file and line things stand in.

use super::meanings::{Meaning, Meanings, clause_days, declared, of_file_table, one};
use super::words::bare;
use crate::ir::EffectKind;
use crate::session::Session;
use crate::source::{FileId, Span};
use crate::syntax::File;
use crate::syntax::file::{
    ExemptionTarget, Feed, FeedLine, Item, ItemKind, Notice, Part, PartKind, StatedDays, TableRows,
};
use std::collections::BTreeMap;

/// Where something stands, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Home {
    /// Outside notices.
    Top,
    /// In a notice, outside its clauses.
    Notice(String),
    /// In a clause of a notice.
    Clause(String, String),
}

/// What a piece is about: the pieces of one slot in one home are compared with each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Slot {
    /// `type`, `unit`, `event`, `input` …: the name declared.
    Declaration(String),
    /// `published`
    Published,
    /// First and last day.
    Days,
    /// What it suspends, repeals, replaces.
    Effect(&'static str),
    /// Rules and facts: the relation concluded.
    Rule(String),
    /// Exemptions: what is exempted.
    Exemption(String),
    /// `never`: its message.
    Never(String),
    /// `presume`: of what.
    Presumption(String),
    /// The rows of tables: of which relation.
    Rows(String),
    /// The lines of a feed: its name, and of which relation they give facts.
    Feed(String, String),
}

/// The words of a piece, to be put into another policy.
#[derive(Clone, Debug)]
pub(super) enum Ast {
    /// A statement, inside or outside a notice.
    Statement(Item),
    /// A line of a notice or clause.
    Part(Part),
    /// Days behind a heading.
    Inline(StatedDays),
    /// A line of the feed with that name.
    FeedLine(String, Box<FeedLine>),
}

/// One statement, or a row, or all that a clause says about its days.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) home: Home,
    pub(super) slot: Slot,
    /// Its words, without comments and blanks.
    pub(super) bare: String,
    /// What it means; pieces that mean the same are the same.
    pub(super) means: Meaning,
    /// Of days: those that are meant, its own or from above.
    pub(super) days: Option<String>,
    /// Where its words stand: of days, one place for each.
    pub(super) spans: Vec<Span>,
    pub(super) ast: Vec<Ast>,
}

impl Piece {
    /// What it means, as one text.
    pub(super) fn meaning(&self) -> String {
        let means: Vec<&str> = self.means.iter().map(String::as_str).collect();
        means.join(", ")
    }

    /// The file that has its rows, where it is a table with rows in a file.
    pub(super) fn rows_of_file(&self) -> Option<&str> {
        let [Ast::Statement(item)] = self.ast.as_slice() else {
            return None;
        };
        match &item.kind {
            ItemKind::Table(table) => match &table.rows {
                TableRows::File(path) => Some(&path.text),
                TableRows::Here(_) => None,
            },
            _ => None,
        }
    }
}

/// A policy in pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    pub(super) list: Vec<Piece>,
    /// Every notice: its statement.
    pub(super) notices: BTreeMap<String, Item>,
    /// Every clause as written: notice and id to its part.
    pub(super) clauses: BTreeMap<(String, String), Part>,
}

/// Takes a policy apart; cases and `given` blocks are no part of what it says.
pub(super) fn pieces(session: &Session, files: &[(FileId, File)]) -> Pieces {
    let meanings = Meanings::of(session);
    let mut taker = Taker {
        session,
        meanings,
        pieces: Pieces::default(),
    };
    for item in files.iter().flat_map(|(_, file)| &file.items) {
        match &item.kind {
            ItemKind::Notice(notice) => taker.notice(notice, item),
            ItemKind::Feed(feed) => taker.feed(feed),
            ItemKind::Given(_) | ItemKind::Case(_) => {}
            kind => taker.statement(&Home::Top, kind, &item.doc, item.span),
        }
    }
    taker.pieces
}

struct Taker<'s> {
    session: &'s Session,
    meanings: Meanings,
    pieces: Pieces,
}

impl Taker<'_> {
    fn notice(&mut self, notice: &Notice, item: &Item) {
        let home = Home::Notice(notice.id.text.clone());
        self.days(&home, &notice.days, &notice.parts);
        self.parts(&notice.id.text, &home, &notice.parts);
        self.pieces
            .notices
            .entry(notice.id.text.clone())
            .or_insert_with(|| item.clone());
    }

    fn parts(&mut self, notice: &str, home: &Home, parts: &[Part]) {
        for part in parts {
            match &part.kind {
                PartKind::Clause(clause) => {
                    let inner = Home::Clause(notice.to_owned(), clause.id.text.clone());
                    self.days(&inner, &clause.days, &clause.parts);
                    self.parts(notice, &inner, &clause.parts);
                    let key = (notice.to_owned(), clause.id.text.clone());
                    self.pieces
                        .clauses
                        .entry(key)
                        .or_insert_with(|| part.clone());
                }
                PartKind::Item(kind) => self.statement(home, kind, &part.doc, part.span),
                PartKind::Published(day) => {
                    let means = one(day.date.to_string());
                    self.part(home, Slot::Published, means, part);
                }
                PartKind::Effect(effect) => {
                    let means = self.meanings.of_span(part.span);
                    let slot = Slot::Effect(match effect.kind {
                        EffectKind::Suspends => "suspends",
                        EffectKind::Repeals => "repeals",
                        EffectKind::Replaces => "replaces",
                    });
                    self.part(home, slot, means, part);
                }
                // Its days are taken together; the others are words about it.
                PartKind::Days(_)
                | PartKind::Issuer(_)
                | PartKind::Reviewed(_)
                | PartKind::Source(..)
                | PartKind::Unverified(_) => {}
            }
        }
    }

    fn part(&mut self, home: &Home, slot: Slot, means: Meaning, part: &Part) {
        let ast = vec![Ast::Part(part.clone())];
        self.add(home, slot, means, vec![part.span], ast);
    }

    fn feed(&mut self, feed: &Feed) {
        for line in &feed.lines {
            let name = &feed.name.text;
            let slot = Slot::Feed(name.clone(), line.head.relation.text.clone());
            let means = self.meanings.of_span(line.span);
            let ast = vec![Ast::FeedLine(name.clone(), Box::new(line.clone()))];
            self.add(&Home::Top, slot, means, vec![line.span], ast);
        }
    }

    /// All days that a notice or clause states, behind its heading or inside.
    fn days(&mut self, home: &Home, inline: &StatedDays, parts: &[Part]) {
        let stated = parts.iter().filter_map(|part| match &part.kind {
            PartKind::Days(days) => Some((days, part)),
            _ => None,
        });
        let stated: Vec<(&StatedDays, &Part)> = stated.collect();
        let mut told = Meaning::new();
        let mut spans = Vec::new();
        let mut ast = vec![Ast::Inline(inline.clone())];
        for days in std::iter::once(inline).chain(stated.iter().map(|(days, _)| *days)) {
            let by = days.by.as_ref();
            let by = by.map_or(String::new(), |by| format!(" by {}", by.text));
            let (from, through) = (days.days.from, days.days.through);
            let until = days.days.until.and_then(|day| day.date.yesterday().ok());
            told.extend(from.map(|day| format!("from {}{by}", day.date)));
            let last = through.map(|day| day.date).or(until);
            told.extend(last.map(|day| format!("through {day}{by}")));
        }
        for dated in [inline.days.from, inline.days.through, inline.days.until] {
            spans.extend(dated.map(|dated| dated.span));
        }
        for (_, part) in stated {
            spans.push(part.span);
            ast.push(Ast::Part(part.clone()));
        }
        self.add(home, Slot::Days, told, spans, ast);
        if let Some(piece) = self.pieces.list.last_mut() {
            piece.days = clause_days(&self.session.policy, home);
        }
    }

    fn statement(&mut self, home: &Home, kind: &ItemKind, doc: &str, span: Span) {
        if let ItemKind::Table(table) = kind
            && let TableRows::Here(rows) = &table.rows
        {
            for row in rows {
                let slot = Slot::Rows(table.relation.text.clone());
                let means = self.meanings.of_span(row.span);
                let mut alone = table.clone();
                alone.rows = TableRows::Here(vec![row.clone()]);
                let alone = ItemKind::Table(alone);
                let ast = vec![Ast::Statement(item(alone, doc, span))];
                self.add(home, slot, means, vec![row.span], ast);
            }
            return;
        }
        let Some(slot) = slot(kind) else {
            return;
        };
        let means = match kind {
            // A file without a row says nothing.
            ItemKind::Table(table) => match of_file_table(self.session, table) {
                rows if rows.is_empty() => return,
                rows => rows,
            },
            kind => match &slot {
                Slot::Declaration(name) => self.declared(home, kind, name),
                _ => self.meanings.of_span(span),
            },
        };
        let ast = vec![Ast::Statement(item(kind.clone(), doc, span))];
        self.add(home, slot, means, vec![span], ast);
    }

    fn add(&mut self, home: &Home, slot: Slot, means: Meaning, spans: Vec<Span>, ast: Vec<Ast>) {
        let words = spans.iter().map(|span| self.session.sources.words(*span));
        let bare = words.map(bare).collect::<Vec<_>>().join(" ");
        let means = match means.is_empty() {
            true => one(bare.clone()),
            false => means,
        };
        self.pieces.list.push(Piece {
            home: home.clone(),
            slot,
            bare,
            means,
            days: None,
            spans,
            ast,
        });
    }

    fn declared(&self, home: &Home, kind: &ItemKind, name: &str) -> Meaning {
        let local = match home {
            Home::Notice(notice) | Home::Clause(notice, _) => format!("{notice}.{name}"),
            Home::Top => name.to_owned(),
        };
        match declared(&self.session.policy, kind, name, &local) {
            nothing if nothing.is_empty() => Meaning::new(),
            said => one(said),
        }
    }
}

fn item(kind: ItemKind, doc: &str, span: Span) -> Item {
    let doc = doc.to_owned();
    Item { doc, kind, span }
}

fn slot(kind: &ItemKind) -> Option<Slot> {
    Some(match kind {
        ItemKind::Type(it) => Slot::Declaration(it.name.text.clone()),
        ItemKind::Unit(it) => Slot::Declaration(it.name.text.clone()),
        ItemKind::Relation(it) => Slot::Declaration(it.name.text.clone()),
        ItemKind::Rule(it) => Slot::Rule(it.head.relation.text.clone()),
        ItemKind::Exemption(it) => Slot::Exemption(match &it.target {
            ExemptionTarget::Head(atom) => atom.relation.text.clone(),
            ExemptionTarget::Event(_) => String::new(),
        }),
        ItemKind::Never(it) => Slot::Never(it.message.text.clone()),
        ItemKind::Presumption(it) => Slot::Presumption(it.atom.relation.text.clone()),
        ItemKind::Table(it) => Slot::Rows(it.relation.text.clone()),
        ItemKind::Notice(_) | ItemKind::Given(_) | ItemKind::Case(_) | ItemKind::Feed(_) => {
            return None;
        }
    })
}
