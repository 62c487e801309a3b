//! Notices and clauses: their days, what they suspend, and the statements in them.

use super::{Around, Maker};
use crate::source::Span;
use crate::syntax::file::{
    Condition, Dated, Days, EffectStretch, Item, ItemKind, Part, PartKind, StatedDays, TableRows,
};
use std::collections::BTreeSet;

impl Maker<'_> {
    pub(super) fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Notice(notice) => {
                self.notice = Some(notice.id.text.clone());
                self.clause = Some(notice.id.text.clone());
                self.days(&notice.days.days);
                self.parts(&notice.parts);
                (self.notice, self.clause) = (None, None);
            }
            kind => self.statement(kind, item.span),
        }
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match &part.kind {
                PartKind::Clause(clause) => {
                    let outer = self.clause.clone();
                    let notice = self.notice.clone().unwrap_or_default();
                    self.clause = Some(format!("{notice}/{}", clause.id.text));
                    self.days(&clause.days.days);
                    self.parts(&clause.parts);
                    self.clause = outer;
                }
                PartKind::Days(StatedDays { days, .. }) => self.days(days),
                PartKind::Effect(effect) => {
                    for EffectStretch {
                        days, condition, ..
                    } in &effect.stretches
                    {
                        self.days(days);
                        condition.iter().for_each(|it| self.condition(it));
                    }
                }
                PartKind::Item(kind) => self.statement(kind, part.span),
                PartKind::Issuer(_)
                | PartKind::Published(_)
                | PartKind::Reviewed(_)
                | PartKind::Source(..)
                | PartKind::Unverified(_) => {}
            }
        }
    }

    fn statement(&mut self, kind: &ItemKind, span: Span) {
        match kind {
            ItemKind::Rule(rule) => self.rule(rule),
            ItemKind::Exemption(exemption) => {
                self.add("an exemption is dropped", &Around::NOTHING, span, "", None);
                if let Some(body) = &exemption.body {
                    let head = String::new();
                    self.body(body, &Around { head, body }, true);
                }
            }
            ItemKind::Never(never) => {
                let (head, body) = (String::new(), &never.body);
                self.body(body, &Around { head, body }, true);
            }
            ItemKind::Table(table) => {
                let head = table.relation.text.clone();
                let around = Around {
                    head,
                    body: &Vec::new(),
                };
                if let TableRows::Here(rows) = &table.rows {
                    for cell in rows.iter().flat_map(|row| &row.cells) {
                        self.values(cell, &around);
                    }
                }
            }
            ItemKind::Type(_)
            | ItemKind::Unit(_)
            | ItemKind::Relation(_)
            | ItemKind::Presumption(_)
            | ItemKind::Notice(_)
            | ItemKind::Given(_)
            | ItemKind::Case(_)
            | ItemKind::Feed(_) => {}
        }
    }

    /// `if [not] j`, of a suspension.
    fn condition(&mut self, condition: &Condition) {
        let atom = condition.atom.span;
        let text = &self.session.sources.file(atom.file).text;
        let before = text[..atom.start as usize].trim_end();
        let (what, start, new) = match condition.negated {
            true => ("`not` is dropped", before.len() - "not".len(), ""),
            false => ("a condition is negated", atom.start as usize, "not "),
        };
        let span = Span {
            start: start as u32,
            end: atom.start,
            ..atom
        };
        self.add(what, &Around::NOTHING, span, new, None);
    }

    pub(super) fn days(&mut self, days: &Days) {
        let mut seen = BTreeSet::new();
        for Dated { date, span } in [days.from, days.through, days.until].into_iter().flatten() {
            if seen.insert(span) {
                self.date(date, span, &Around::NOTHING);
            }
        }
        self.last_day(days.through, "through", "until");
        self.last_day(days.until, "until", "through");
    }

    /// Whether the last day itself belongs to the days.
    fn last_day(&mut self, stated: Option<Dated>, old: &str, new: &str) {
        let Some(Dated { date, span }) = stated else {
            return;
        };
        let text = &self.session.sources.file(span.file).text;
        let before = text[..span.start as usize].trim_end();
        // `on D` states one day: there is no such word.
        if before.ends_with(old) {
            let end = before.len() as u32;
            let start = end - old.len() as u32;
            let word = Span { start, end, ..span };
            let what = "the last day is in or out";
            self.add(what, &Around::NOTHING, word, new, None).day = Some(date);
        }
    }
}
