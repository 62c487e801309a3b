//! Cases, `given` blocks and what is expected of them.

use super::build::Builder;
use super::cut::{Block, Statement};
use super::error::MOST_SLIPS;
use super::file::*;
use super::grammar::Rule as G;
use pest::iterators::Pairs;

impl Builder<'_> {
    pub(super) fn given(&mut self, statement: &Statement) -> Option<Given> {
        let name = self.with(statement, G::given_head, |builder, mut parts| {
            Some(builder.name(&parts.next()?))
        });
        let items = self.case_items(statement);
        Some(Given { name: name?, items })
    }

    pub(super) fn case(&mut self, statement: &Statement) -> Option<Case> {
        let head = self.with(statement, G::case_head, |builder, mut parts| {
            let title = builder.text(&parts.next()?);
            let mut case = Case {
                title,
                given: Vec::new(),
                known_at: None,
                without: Vec::new(),
                items: Vec::new(),
            };
            for part in parts {
                let rule = part.as_rule();
                for inner in part
                    .into_inner()
                    .filter(|inner| inner.as_rule() != G::comma)
                {
                    match rule {
                        G::case_given => case.given.push(builder.name(&inner)),
                        G::without => case.without.push(builder.name(&inner)),
                        _ => {
                            let at = builder.span(&inner);
                            builder.once(case.known_at.is_none(), "known at", at);
                            case.known_at = builder.date(&inner);
                        }
                    }
                }
            }
            Some(case)
        });
        let items = self.case_items(statement);
        Some(Case { items, ..head? })
    }

    fn case_items(&mut self, statement: &Statement) -> Vec<CaseItem> {
        let mut items = Vec::new();
        if let Some(Block::Statements(inner)) = &statement.block {
            for statement in inner {
                if self.errors.len() > 4 * MOST_SLIPS {
                    break;
                }
                let kind = match statement.keyword {
                    "expect" => self
                        .with(statement, G::expect_statement, Self::expect)
                        .map(CaseItemKind::Expect),
                    "presume" => self
                        .with(statement, G::presume_statement, Self::presumption)
                        .map(CaseItemKind::Presumption),
                    _ => self
                        .with(statement, G::rule_statement, Self::fact)
                        .map(CaseItemKind::Fact),
                };
                items.extend(kind.map(|kind| CaseItem {
                    kind,
                    span: statement.span,
                }));
            }
        }
        items
    }

    fn expect(&mut self, parts: Pairs<'_, G>) -> Option<Expect> {
        let mut status = ExpectStatus::Holds;
        let (mut claim, mut on, mut by, mut conditions) = (None, None, None, Vec::new());
        for part in parts {
            match part.as_rule() {
                G::status => {
                    status = match part.as_str() {
                        "not" => ExpectStatus::Absent,
                        "open" => ExpectStatus::Open,
                        "suspended" => ExpectStatus::Suspended,
                        _ => ExpectStatus::Exempt,
                    }
                }
                G::atom => claim = Some(ExpectClaim::Atom(self.atom(part))),
                G::expect_never => {
                    claim = Some(ExpectClaim::Never(self.text(&part.into_inner().next()?)))
                }
                G::expect_tail => {
                    for inner in part.into_inner() {
                        match inner.as_rule() {
                            G::expr => {
                                let day = self.expr(inner);
                                let at = day.span;
                                self.once(on.replace(day).is_none(), "on", at);
                            }
                            G::clause_ref => {
                                let clause = self.clause_ref(&inner);
                                let at = clause.span;
                                self.once(by.replace(clause).is_none(), "by", at);
                            }
                            G::condition => conditions.extend(self.condition(inner)),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Some(Expect {
            status,
            claim: claim?,
            on,
            by,
            conditions,
        })
    }
}
