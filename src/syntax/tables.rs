//! Tables: their heads and rows.

use super::build::Builder;
use super::cut::{Block, Statement};
use super::error::{MOST_SLIPS, SyntaxError};
use super::file::*;
use super::grammar::Rule as G;
use crate::source::Span;
use pest::iterators::{Pair, Pairs};

impl Builder<'_> {
    pub(super) fn table(&mut self, statement: &Statement) -> Option<Table> {
        let table = self.with(statement, G::table_head, |builder, mut parts| {
            let (notice, relation) = builder.relation(&parts.next()?);
            let (mut columns, mut rows) = (Vec::new(), TableRows::Here(Vec::new()));
            for part in parts {
                match part.as_rule() {
                    G::name => columns.push(builder.name(&part)),
                    G::string => rows = TableRows::File(builder.text(&part)),
                    _ => {}
                }
            }
            Some(Table {
                relation,
                notice,
                columns,
                rows,
            })
        });
        let mut rows = Vec::new();
        if let Some(Block::Rows(spans)) = &statement.block {
            let columns = table
                .as_ref()
                .map_or(usize::MAX, |table| table.columns.len());
            for span in spans {
                if self.errors.len() > 4 * MOST_SLIPS {
                    break;
                }
                rows.extend(self.with_words(*span, G::table_row, |builder, parts| {
                    Some(builder.row(parts, columns, *span))
                }));
            }
        }
        let mut table = table?;
        if let TableRows::Here(here) = &mut table.rows {
            *here = rows;
        }
        Some(table)
    }

    /// The cells of a line. Where there are more than columns, or commas between them, a number and the unit behind it are
    /// one cell.
    fn row(&mut self, parts: Pairs<'_, G>, columns: usize, span: Span) -> TableRow {
        let parts: Vec<Pair<'_, G>> = parts.filter(|part| part.as_rule() != G::EOI).collect();
        let has_commas = parts.iter().any(|part| part.as_rule() == G::comma);
        let mut cells: Vec<Expr> = Vec::new();
        // Whether the cell may be the unit of the one before.
        let mut could_be_unit: Vec<bool> = Vec::new();
        let mut is_behind_comma = true;
        for part in parts {
            if part.as_rule() == G::comma {
                is_behind_comma = true;
                continue;
            }
            let is_word = matches!(
                part.as_rule(),
                G::string | G::name | G::unit_word | G::percent
            );
            let is_behind_number = cells
                .last()
                .is_some_and(|cell| matches!(cell.kind, ExprKind::Number(_, None)));
            could_be_unit.push(is_word && is_behind_number && !is_behind_comma);
            cells.push(self.cell(part));
            is_behind_comma = false;
        }
        let units = could_be_unit.iter().filter(|could| **could).count();
        if cells.len() > columns || has_commas {
            if cells.len() - units < columns && cells.len() != columns {
                self.fail(SyntaxError::UnclearUnit { at: span });
            } else if cells.len() != columns {
                cells = with_units(cells, &could_be_unit);
            }
        }
        TableRow { cells, span }
    }

    fn cell(&mut self, part: Pair<'_, G>) -> Expr {
        let span = self.span(&part);
        let kind = match part.as_rule() {
            G::name | G::unit_word | G::percent => ExprKind::Name(part.as_str().into()),
            _ => self.primary(part).kind,
        };
        Expr { kind, span }
    }
}

/// Joins each number with the unit behind it.
fn with_units(cells: Vec<Expr>, is_unit: &[bool]) -> Vec<Expr> {
    let mut joined: Vec<Expr> = Vec::new();
    for (cell, is_unit) in cells.into_iter().zip(is_unit) {
        match (joined.last_mut(), cell.kind) {
            (Some(before), ExprKind::Name(name) | ExprKind::Text(name)) if *is_unit => {
                before.span = before.span.to(cell.span);
                if let ExprKind::Number(_, place) = &mut before.kind {
                    *place = Some(to_unit(name, cell.span));
                }
            }
            (_, kind) => joined.push(Expr { kind, ..cell }),
        }
    }
    joined
}

fn to_unit(text: String, span: Span) -> FieldUnit {
    if text == "%" {
        FieldUnit::Percent
    } else {
        FieldUnit::Named(Name { text, span })
    }
}
