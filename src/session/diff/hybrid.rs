//! The new policy with some of its changes undone: made of the statements of both, so that everything after is the ordinary way.

use super::changes::{Undo, frame, hides_another};
use super::pieces::{Ast, Home, Pieces, Slot};
use crate::source::{FileId, Span};
use crate::syntax::File;
use crate::syntax::file::{
    Feed, FeedLine, Item, ItemKind, Name, Part, PartKind, StatedDays, TableRows,
};
use std::collections::{BTreeMap, BTreeSet};

/// Makes hybrids of two policies.
pub(super) struct Maker<'a> {
    pub(super) old: &'a Pieces,
    pub(super) new: &'a Pieces,
    pub(super) files: &'a [(FileId, File)],
}

impl Maker<'_> {
    /// The files of the new policy with these changes undone. What only the old one declares is declared too.
    pub(super) fn files(&self, undone: &[&Undo]) -> Vec<(FileId, File)> {
        let mut work = Work {
            remove: BTreeSet::new(),
            empty: BTreeSet::new(),
            add: Vec::new(),
            clauses: Vec::new(),
        };
        for undo in undone {
            work.remove.extend(undo.remove.iter().copied());
            work.empty.extend(undo.empty.iter().copied());
            work.add.extend(undo.add.iter().cloned());
            work.clauses.extend(undo.clauses.iter().cloned());
        }
        work.add.extend(self.only_old_declares());
        let mut files = self.files.to_vec();
        for (_, file) in &mut files {
            file.items.retain_mut(|item| work.keep_item(item));
        }
        let frames = work.homes().into_iter().filter_map(|notice| {
            let is_there = self.new.notices.contains_key(&notice);
            let old = self.old.notices.get(&notice).filter(|_| !is_there)?;
            let mut item = frame(old);
            if let ItemKind::Notice(notice) = &mut item.kind {
                work.fill_notice(&notice.id.text, &mut notice.days, &mut notice.parts);
            }
            Some(item)
        });
        let mut more: Vec<Item> = frames.collect();
        more.extend(work.tops());
        more.extend(work.feeds(&feeds_of(self.files)));
        if let Some((_, file)) = files.first_mut() {
            file.items.extend(more);
        }
        files
    }

    fn only_old_declares(&self) -> Vec<(Home, Ast)> {
        let declared = |pieces: &Pieces| -> BTreeSet<(Home, Slot)> {
            let list = pieces.list.iter();
            let declared = list.filter(|it| matches!(it.slot, Slot::Declaration(_)));
            declared
                .map(|it| (it.home.clone(), it.slot.clone()))
                .collect()
        };
        let (new, old) = (declared(self.new), declared(self.old));
        let list = self.old.list.iter();
        let only_old = list.filter(|it| {
            let key = (it.home.clone(), it.slot.clone());
            let hides = match &it.slot {
                Slot::Declaration(name) => hides_another(&it.home, name, self.old, self.new),
                _ => false,
            };
            old.contains(&key) && !new.contains(&key) && !hides
        });
        only_old
            .flat_map(|it| it.ast.iter().map(|ast| (it.home.clone(), ast.clone())))
            .collect()
    }
}

/// The names of the feeds in these files.
fn feeds_of(files: &[(FileId, File)]) -> BTreeSet<String> {
    let items = files.iter().flat_map(|(_, file)| &file.items);
    let names = items.filter_map(|item| match &item.kind {
        ItemKind::Feed(feed) => Some(feed.name.text.clone()),
        _ => None,
    });
    names.collect()
}

struct Work {
    remove: BTreeSet<Span>,
    empty: BTreeSet<Span>,
    add: Vec<(Home, Ast)>,
    clauses: Vec<(String, Part)>,
}

impl Work {
    /// The notices in which something is to be put.
    fn homes(&self) -> BTreeSet<String> {
        let homes = self.add.iter().filter_map(|(home, _)| match home {
            Home::Top => None,
            Home::Notice(notice) | Home::Clause(notice, _) => Some(notice.clone()),
        });
        homes
            .chain(self.clauses.iter().map(|(notice, _)| notice.clone()))
            .collect()
    }

    fn tops(&self) -> Vec<Item> {
        let tops = self.add.iter().filter(|(home, _)| *home == Home::Top);
        let items = tops.filter_map(|(_, ast)| match ast {
            Ast::Statement(item) => Some(item.clone()),
            Ast::Part(_) | Ast::Inline(_) | Ast::FeedLine(..) => None,
        });
        items.collect()
    }

    /// Feeds of which the new policy has nothing left to put lines into.
    fn feeds(&self, there: &BTreeSet<String>) -> Vec<Item> {
        let mut lines: BTreeMap<&String, Vec<FeedLine>> = BTreeMap::new();
        for (_, ast) in &self.add {
            if let Ast::FeedLine(feed, line) = ast
                && !there.contains(feed)
            {
                lines.entry(feed).or_default().push(*line.clone());
            }
        }
        let feeds = lines.into_iter().filter_map(|(feed, lines)| {
            let span = lines.first()?.span;
            let name = Name {
                text: feed.clone(),
                span,
            };
            let kind = ItemKind::Feed(Feed { name, lines });
            let doc = String::new();
            Some(Item { doc, kind, span })
        });
        feeds.collect()
    }

    /// The lines that are left of a feed, and those that are put in; nothing where there are none.
    fn keep_lines(&self, feed: &mut Feed) -> bool {
        let had_lines = !feed.lines.is_empty();
        feed.lines.retain(|line| !self.remove.contains(&line.span));
        let added = self.add.iter().filter_map(|(_, ast)| match ast {
            Ast::FeedLine(name, line) if *name == feed.name.text => Some(*line.clone()),
            _ => None,
        });
        feed.lines.extend(added);
        !(had_lines && feed.lines.is_empty())
    }

    fn keep_item(&self, item: &mut Item) -> bool {
        if self.remove.contains(&item.span) {
            return false;
        }
        match &mut item.kind {
            ItemKind::Case(_) | ItemKind::Given(_) => return false,
            ItemKind::Feed(feed) => return self.keep_lines(feed),
            ItemKind::Notice(notice) => {
                let id = notice.id.text.clone();
                self.keep_parts(&id, &mut notice.parts);
                self.fill_notice(&id, &mut notice.days, &mut notice.parts);
            }
            kind => self.keep_rows(kind),
        }
        true
    }

    fn keep_parts(&self, notice: &str, parts: &mut Vec<Part>) {
        parts.retain_mut(|part| {
            if self.remove.contains(&part.span) {
                return false;
            }
            match &mut part.kind {
                PartKind::Clause(clause) => {
                    if self.empty.contains(&part.span) {
                        let is_day = |part: &Part| matches!(part.kind, PartKind::Days(_));
                        clause.parts.retain(is_day);
                    }
                    self.keep_parts(notice, &mut clause.parts);
                    let home = Home::Clause(notice.to_owned(), clause.id.text.clone());
                    self.fill(&home, &mut clause.days, &mut clause.parts);
                }
                PartKind::Item(kind) => self.keep_rows(kind),
                _ => {}
            }
            true
        });
    }

    fn keep_rows(&self, kind: &mut ItemKind) {
        if let ItemKind::Table(table) = kind
            && let TableRows::Here(rows) = &mut table.rows
        {
            rows.retain(|row| !self.remove.contains(&row.span));
        }
    }

    fn fill_notice(&self, id: &str, days: &mut StatedDays, parts: &mut Vec<Part>) {
        self.fill(&Home::Notice(id.to_owned()), days, parts);
        let own = self.clauses.iter().filter(|(notice, _)| notice == id);
        parts.extend(own.map(|(_, part)| part.clone()));
    }

    /// Puts in what belongs there. Days that were removed from behind a heading go with those that come instead.
    fn fill(&self, home: &Home, days: &mut StatedDays, parts: &mut Vec<Part>) {
        for (_, ast) in self.add.iter().filter(|(at, _)| at == home) {
            match ast {
                Ast::Inline(inline) => *days = inline.clone(),
                Ast::Part(part) => parts.push(part.clone()),
                // A feed stands outside notices.
                Ast::FeedLine(..) => {}
                Ast::Statement(item) => parts.push(Part {
                    doc: item.doc.clone(),
                    kind: PartKind::Item(item.kind.clone()),
                    span: item.span,
                }),
            }
        }
    }
}
