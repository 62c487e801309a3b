//! Blocks in braces: where they end, and what stands in them.

use super::{Block, Cutter, Statement};
use crate::source::Span;
use crate::syntax::brackets::Brackets;
use crate::syntax::error::SyntaxError;
use crate::syntax::keyword::{Ending, Keyword, Place};
use crate::syntax::token::TokenKind;

/// What a brace belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Brace {
    /// A notice, case, `given` block or feed.
    Other,
    /// A clause or table.
    Clause,
    /// `sum X { … }`
    Aggregate,
}

impl Cutter<'_> {
    pub(super) fn with_block(
        &mut self,
        start: usize,
        end: usize,
        keyword: &'static Keyword,
    ) -> (usize, Option<Statement>) {
        let mut brackets = Brackets::default();
        let mut at = start + 1;
        while at < end && !self.tokens[at].is('{') {
            let is_file = keyword.ending == Ending::Table
                && brackets.are_closed()
                && self.tokens[at].kind == TokenKind::Text;
            // A wrong bracket in a head is reported when the head is read.
            let _ = brackets.step(self.text, self.tokens, at);
            at += 1;
            if is_file {
                return (at, Some(self.statement(keyword, start, at, None)));
            }
            let is_new = at < end
                && self.tokens[at].starts_line
                && !keyword.goes_on_with.contains(&self.words(at))
                && self.is_surely_new(at, end);
            if is_new {
                break;
            }
        }
        if at >= end || !self.tokens[at].is('{') {
            self.no_block(keyword, start, at);
            return (at, None);
        }
        let close = self.block_end(at, end);
        let block = match keyword.ending {
            Ending::Table => Block::Rows(self.rows(at + 1, close)),
            _ => Block::Statements(self.statements(at + 1, close, place_inside(keyword.word))),
        };
        let is_closed = close < end && self.tokens[close].is('}');
        let is_sound = (start..at).all(|at| self.tokens[at].kind != TokenKind::BrokenText);
        let statement = is_sound.then(|| self.statement(keyword, start, at, Some(block)));
        (close + usize::from(is_closed), statement)
    }

    fn no_block(&mut self, keyword: &Keyword, start: usize, at: usize) {
        let word = keyword.word;
        let line = (0..=start).rev().find(|at| self.tokens[*at].starts_line);
        let before = line.map_or("", |first| self.words(first));
        if word == "clause" && matches!(before, "suspends" | "repeals" | "replaces" | "exempt") {
            self.errors.push(SyntaxError::Unexpected {
                found: Some(word.into()),
                expected: "a clause of a notice is named with a stroke: `mofcom_2025_62/1`".into(),
                at: self.span(start, start + 1),
            });
            return;
        }
        let expected = match keyword.ending {
            Ending::Table => {
                "behind its columns stand its rows, `{ … }`, or `from \"file.csv\"`".into()
            }
            _ => format!("behind the head of a `{word}` stands its block: `{{ … }}`"),
        };
        self.errors.push(SyntaxError::Unexpected {
            found: None,
            expected,
            at: self.span(at - 1, at),
        });
    }

    /// Where the brace at `open` is closed. If it never is, the block ends where something begins that cannot stand in it:
    /// a notice or case in the first column, or in a clause the next clause.
    pub(super) fn block_end(&mut self, open: usize, end: usize) -> usize {
        if !self.is_unbalanced {
            match self.closed_at(open, end, false) {
                Ok(at) => return at,
                Err(_) => self.is_unbalanced = true,
            }
        }
        self.closed_at(open, end, true).unwrap_or_else(|at| {
            self.unclosed(open);
            at
        })
    }

    /// Where the brace is closed, or else where its block must end. An aggregate ends with its rule at the latest; with
    /// `by_clauses`, a clause ends where the next begins.
    fn closed_at(&self, open: usize, end: usize, by_clauses: bool) -> Result<usize, usize> {
        let mut braces: Vec<Brace> = Vec::new();
        let mut next = self.brace_before(open);
        for at in open..end {
            let token = self.tokens[at];
            match token.kind {
                TokenKind::Sign('{') => braces.push(next),
                TokenKind::Sign('}') => {
                    braces.pop();
                    if braces.is_empty() {
                        return Ok(at);
                    }
                }
                TokenKind::Sign('.') if at + 1 >= end || self.tokens[at + 1].starts_line => {
                    while braces.last() == Some(&Brace::Aggregate) {
                        braces.pop();
                    }
                }
                TokenKind::Word => {
                    if token.in_first_column && self.is_block_start(at, end) {
                        return Err(at);
                    }
                    next = self.brace_behind(at, end).unwrap_or(next);
                    let is_clause = token.starts_line && self.words(at) == "clause";
                    if by_clauses && is_clause && next == Brace::Clause {
                        while braces.last().is_some_and(|brace| *brace != Brace::Other) {
                            braces.pop();
                        }
                    }
                    if braces.is_empty() {
                        return Err(at);
                    }
                }
                _ => {}
            }
        }
        Err(end)
    }

    /// What the brace at `open` belongs to.
    fn brace_before(&self, open: usize) -> Brace {
        (0..open)
            .rev()
            .take_while(|at| !self.tokens[at + 1].starts_line)
            .find_map(|at| self.brace_behind(at, open + 1))
            .unwrap_or(Brace::Other)
    }

    /// What the next brace behind this word belongs to, if the word says so.
    fn brace_behind(&self, at: usize, end: usize) -> Option<Brace> {
        if ["sum", "count", "min", "max"].contains(&self.words(at)) {
            return Some(Brace::Aggregate);
        }
        match self.keyword_anywhere(at, end)? {
            Keyword {
                word: "clause" | "table",
                ..
            } => Some(Brace::Clause),
            Keyword {
                ending: Ending::Braces,
                ..
            } => Some(Brace::Other),
            _ => None,
        }
    }

    fn is_block_start(&self, at: usize, end: usize) -> bool {
        let keyword = self.keyword_at(at, end, Place::Top);
        keyword.is_some_and(|keyword| keyword.places == [Place::Top])
    }

    /// The lines between the tokens; without those that are already known to be broken.
    fn rows(&self, from: usize, to: usize) -> Vec<Span> {
        let mut rows: Vec<(Span, bool)> = Vec::new();
        for at in from..to {
            let token = self.tokens[at];
            let is_sound = token.kind != TokenKind::BrokenText;
            match rows.last_mut() {
                _ if token.kind == TokenKind::Doc => {}
                Some((row, is_whole)) if !token.starts_line => {
                    row.end = token.end;
                    *is_whole &= is_sound;
                }
                _ => rows.push((self.span(at, at + 1), is_sound)),
            }
        }
        let whole = rows.into_iter().filter(|(_, is_whole)| *is_whole);
        whole.map(|(row, _)| row).collect()
    }
}

fn place_inside(keyword: &str) -> Place {
    match keyword {
        "case" | "given" => Place::Case,
        "clause" => Place::Clause,
        "feed" => Place::Feed,
        _ => Place::Notice,
    }
}
