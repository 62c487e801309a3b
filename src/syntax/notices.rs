//! Notices and clauses, and what they do to others.

use super::build::Builder;
use super::cut::{Block, Statement};
use super::error::{MOST_SLIPS, SyntaxError};
use super::file::*;
use super::grammar::Rule as G;
use super::token::LONGEST_WORD;
use pest::iterators::{Pair, Pairs};

impl Builder<'_> {
    pub(super) fn notice(&mut self, statement: &Statement) -> Option<Notice> {
        let head = self.with(statement, G::notice_head, |builder, mut parts| {
            let id = builder.name(&parts.next()?);
            Some((id, builder.title_and_days(parts)))
        });
        let parts = self.parts(statement);
        let (id, (title, days)) = match head {
            Some(head) => head,
            None => (self.id_of(statement, G::any_word)?, Default::default()),
        };
        Some(Notice {
            id,
            title,
            days,
            parts,
        })
    }

    fn clause(&mut self, statement: &Statement) -> Option<Clause> {
        let head = self.with(statement, G::clause_head, |builder, mut parts| {
            let id = builder.name(&parts.next()?);
            Some((id, builder.title_and_days(parts)))
        });
        let parts = self.parts(statement);
        let (id, (heading, days)) = match head {
            Some(head) => head,
            None => (self.id_of(statement, G::clause_id)?, Default::default()),
        };
        if id.text.len() > LONGEST_WORD {
            let (limit, at) = (LONGEST_WORD, id.span);
            self.errors.push(SyntaxError::LongWord { limit, at });
            return None;
        }
        Some(Clause {
            id,
            heading,
            days,
            parts,
        })
    }

    fn title_and_days(&mut self, parts: Pairs<'_, G>) -> (Option<Text>, StatedDays) {
        let (mut title, mut days) = (None, StatedDays::default());
        for part in parts {
            match part.as_rule() {
                G::string => title = Some(self.text(&part)),
                G::stated_days => days = self.stated_days(part),
                _ => {}
            }
        }
        (title, days)
    }

    fn parts(&mut self, statement: &Statement) -> Vec<Part> {
        let mut parts = Vec::new();
        if let Some(Block::Statements(inner)) = &statement.block {
            for statement in inner {
                if self.errors.len() > 4 * MOST_SLIPS {
                    break;
                }
                let kinds = self.part(statement);
                parts.extend(kinds.into_iter().map(|kind| Part {
                    doc: statement.doc.clone(),
                    kind,
                    span: statement.span,
                }));
            }
        }
        parts
    }

    /// Several only for `issuer "A", "B"`.
    fn part(&mut self, statement: &Statement) -> Vec<PartKind> {
        let part = match statement.keyword {
            "issuer" => {
                let issuers = self.with(statement, G::issuer_statement, |builder, parts| {
                    Some(
                        parts
                            .filter(|part| part.as_rule() == G::string)
                            .map(|part| PartKind::Issuer(builder.text(&part)))
                            .collect(),
                    )
                });
                return issuers.unwrap_or_default();
            }
            "published" => self.with(statement, G::published_statement, |builder, mut parts| {
                Some(PartKind::Published(builder.date(&parts.next()?)?))
            }),
            "reviewed" => self.with(statement, G::reviewed_statement, |builder, mut parts| {
                Some(PartKind::Reviewed(builder.date(&parts.next()?)?))
            }),
            "effective" | "from" | "through" | "until" => {
                self.with(statement, G::days_statement, |builder, mut parts| {
                    Some(PartKind::Days(builder.stated_days(parts.next()?)))
                })
            }
            "source" => self.with(statement, G::source_statement, |builder, mut parts| {
                let file = builder.text(&parts.next()?);
                let place = parts
                    .next()
                    .filter(|part| part.as_rule() == G::string)
                    .map(|part| builder.text(&part));
                Some(PartKind::Source(file, place))
            }),
            "unverified" => self.with(statement, G::unverified_statement, |builder, mut parts| {
                Some(PartKind::Unverified(builder.text(&parts.next()?)))
            }),
            "suspends" | "repeals" | "replaces" => {
                self.with(statement, G::effect_statement, |builder, parts| {
                    builder.effect(parts).map(PartKind::Effect)
                })
            }
            "clause" => self.clause(statement).map(PartKind::Clause),
            _ => self.item(statement).map(PartKind::Item),
        };
        part.into_iter().collect()
    }

    fn effect(&mut self, mut parts: Pairs<'_, G>) -> Option<Effect> {
        let kind = match parts.next()?.as_str() {
            "suspends" => EffectKind::Suspends,
            "repeals" => EffectKind::Repeals,
            _ => EffectKind::Replaces,
        };
        let (mut targets, mut stretches) = (Vec::new(), Vec::new());
        for part in parts {
            match part.as_rule() {
                G::clause_ref => targets.push(self.clause_ref(&part)),
                G::stretch => stretches.push(self.stretch(part)),
                _ => {}
            }
        }
        Some(Effect {
            kind,
            targets,
            stretches,
        })
    }

    fn stretch(&mut self, pair: Pair<'_, G>) -> EffectStretch {
        let span = self.span(&pair);
        let (mut days, mut condition) = (Days::default(), None);
        for part in pair.into_inner() {
            match part.as_rule() {
                G::day_limit => self.day_limit(part, &mut days),
                G::date => {
                    let day = self.date(&part);
                    days = Days {
                        from: day,
                        through: day,
                        until: None,
                    };
                }
                G::condition => condition = self.condition(part),
                _ => {}
            }
        }
        EffectStretch {
            days,
            condition,
            span,
        }
    }

    pub(super) fn condition(&mut self, pair: Pair<'_, G>) -> Option<Condition> {
        let mut negated = false;
        let mut atom = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                G::not_word => negated = true,
                _ => atom = Some(self.atom(part)),
            }
        }
        Some(Condition {
            negated,
            atom: atom?,
        })
    }
}
