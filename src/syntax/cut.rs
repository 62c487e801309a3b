//! Cuts a text into statements, so that a slip costs one of them.
//!
//! Rules, facts, exemptions and expectations end with a full stop; declarations and properties end where the next
//! statement starts; notices, clauses, cases and tables have a head and a block in braces.

mod block;
mod extent;

use super::brackets::{BracketSlip, Brackets};
use super::error::{MOST_SLIPS, SyntaxError};
use super::grammar::habit;
use super::habit::CLAUSE_ID;
use super::keyword::{BLOCK, Ending, JOINING, Keyword, PLAIN, Place, keyword_before, keyword_near};
use super::token::{Token, TokenKind};
use crate::source::{FileId, Span};

/// How many bytes a statement may have, its block not counted.
const LONGEST: u32 = 1_000_000;

/// A statement, not yet read.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its `///` lines.
    pub doc: String,
    /// The keyword it begins with; empty for a rule or fact.
    pub keyword: &'static str,
    /// The words to read: the whole statement, or its head.
    pub span: Span,
    /// What stands in its braces.
    pub block: Option<Block>,
}

/// What stands in a statement's braces.
#[derive(Clone, Debug)]
pub enum Block {
    /// Statements.
    Statements(Vec<Statement>),
    /// The rows of a table, a line each.
    Rows(Vec<Span>),
}

/// Cuts the tokens of a text: the statements, and the names that broken ones would declare.
pub fn cut(
    text: &str,
    file: FileId,
    tokens: &[Token],
    errors: &mut Vec<SyntaxError>,
) -> (Vec<Statement>, Vec<Span>) {
    let mut cutter = Cutter {
        text,
        file,
        tokens,
        errors,
        broken: Vec::new(),
        is_unbalanced: false,
    };
    let statements = cutter.statements(0, tokens.len(), Place::Top);
    (statements, cutter.broken)
}

/// Reports what would make a lone statement too deep or too long to be read, and brackets that do not go together.
pub fn check_lone(text: &str, file: FileId, tokens: &[Token], errors: &mut Vec<SyntaxError>) {
    let mut brackets = Brackets::default();
    let slip = (0..tokens.len()).find_map(|at| brackets.step(text, tokens, at).err());
    let slip = slip.or_else(|| brackets.innermost().map(BracketSlip::Unclosed));
    let mut cutter = Cutter {
        text,
        file,
        tokens,
        errors,
        broken: Vec::new(),
        is_unbalanced: false,
    };
    if !tokens.is_empty() && cutter.fits(0, tokens.len(), &brackets) {
        slip.into_iter().for_each(|slip| cutter.bracket_slip(slip));
    }
}

/// How a statement begins.
enum Start {
    /// With this keyword, or as a rule or fact.
    Keyword(&'static Keyword),
    /// With a slip; it ends as one with this keyword does.
    Slip(SyntaxError, &'static Keyword),
    /// With a sign, which begins nothing.
    Sign(SyntaxError),
    /// With words that are told already.
    Told,
}

struct Cutter<'a> {
    text: &'a str,
    file: FileId,
    tokens: &'a [Token],
    errors: &'a mut Vec<SyntaxError>,
    /// The names that statements would declare that are left out.
    broken: Vec<Span>,
    /// Whether a block was found that is never closed: then its clauses end where the next begins.
    is_unbalanced: bool,
}

impl<'a> Cutter<'a> {
    /// The statements among the tokens from `at` to before `end`.
    fn statements(&mut self, mut at: usize, end: usize, place: Place) -> Vec<Statement> {
        let mut statements = Vec::new();
        while at < end && self.errors.len() < 2 * MOST_SLIPS {
            let (from, doc) = (at, self.doc(&mut at, end));
            if at >= end {
                if at > from {
                    let at = self.span(from, at);
                    self.errors.push(SyntaxError::LooseDoc { at });
                }
                break;
            }
            let (next, statement) = match self.start(at, end, place) {
                Start::Keyword(keyword) => self.read_statement(at, end, place, keyword),
                Start::Slip(slip, keyword) => (self.behind(slip, keyword, at, end, place), None),
                Start::Told => (self.behind_slip(at, end, place), None),
                Start::Sign(slip) => {
                    self.errors.push(slip);
                    (self.next_line(at, end), None)
                }
            };
            if statement.is_none() {
                self.note_broken(at, next);
            }
            statements.extend(statement.map(|statement| Statement { doc, ..statement }));
            at = next;
        }
        statements
    }

    /// The name behind the first word of a statement that is left out, in case it declares one.
    fn note_broken(&mut self, at: usize, next: usize) {
        let is_name = at + 1 < next && self.tokens[at + 1].kind == TokenKind::Word;
        let declares = keyword_near(self.words(at)).is_some_and(Keyword::is_declaration);
        if is_name && declares {
            self.broken.push(self.span(at + 1, at + 2));
        }
    }

    fn read_statement(
        &mut self,
        at: usize,
        end: usize,
        place: Place,
        keyword: &'static Keyword,
    ) -> (usize, Option<Statement>) {
        match keyword.ending {
            Ending::FullStop => self.until_full_stop(at, end, place, keyword),
            Ending::NextStatement => self.until_next_statement(at, end, place, keyword),
            Ending::Braces | Ending::Table => self.with_block(at, end, keyword),
        }
    }

    /// Reports a slip in the first words of a statement, and nothing else of that statement.
    fn behind(
        &mut self,
        slip: SyntaxError,
        keyword: &'static Keyword,
        at: usize,
        end: usize,
        place: Place,
    ) -> usize {
        let before = self.errors.len();
        let next = match keyword.ending {
            Ending::Braces => self.behind_block(at, end),
            _ => self.read_statement(at, end, place, keyword).0,
        };
        self.errors.truncate(before);
        self.errors.push(slip);
        next
    }

    /// Behind the next block, which is not looked into.
    fn behind_block(&mut self, at: usize, end: usize) -> usize {
        let head_end = self.next_line(at, end);
        match (at..head_end).find(|at| self.tokens[*at].is('{')) {
            Some(open) => (self.block_end(open, end) + 1).min(end),
            None => head_end,
        }
    }

    /// What the first words of a statement say it is.
    fn start(&self, at: usize, end: usize, place: Place) -> Start {
        if let TokenKind::Sign(sign) = self.tokens[at].kind {
            return Start::Sign(self.sign_at_start(sign, at));
        }
        if self.tokens[at].kind == TokenKind::BrokenText {
            return Start::Told;
        }
        if let Some(keyword) = self.keyword_anywhere(at, end) {
            if keyword.places.contains(&place) {
                return Start::Keyword(keyword);
            }
            let at = self.span(at, at + 1);
            let (word, home) = (keyword.word, keyword.home());
            return Start::Slip(SyntaxError::Misplaced { word, home, at }, keyword);
        }
        let name = if self.words(at) == "not" && at + 1 < end {
            at + 1
        } else {
            at
        };
        if self.begins_atom(name, end) {
            Start::Keyword(PLAIN)
        } else {
            self.no_atom(name)
        }
    }

    fn sign_at_start(&self, sign: char, at: usize) -> SyntaxError {
        let span = self.span(at, at + 1);
        if matches!(sign, ')' | ']' | '}') {
            return SyntaxError::Unopened {
                bracket: sign,
                at: span,
            };
        }
        self.habit(at).unwrap_or(SyntaxError::Unexpected {
            found: Some(sign.to_string()),
            expected: "a statement begins with a word".into(),
            at: span,
        })
    }

    /// The slip at this token, if it is one that people make out of habit.
    fn habit(&self, at: usize) -> Option<SyntaxError> {
        habit(self.text, self.tokens[at].start as usize, self.file, 0)
    }

    /// A word with a bracket, a full stop, `if`, `on`, `from` or another line behind it.
    fn begins_atom(&self, at: usize, end: usize) -> bool {
        if self.tokens[at].kind != TokenKind::Word || self.words(at) == "if" {
            return false;
        }
        at + 1 >= end
            || self.tokens[at + 1].starts_line
            || match self.tokens[at + 1].kind {
                TokenKind::Sign(sign) => matches!(sign, '(' | '.'),
                TokenKind::Word => JOINING.contains(&self.words(at + 1)),
                TokenKind::Doc | TokenKind::BrokenText => true,
                TokenKind::Text => false,
            }
    }

    /// A statement begins at `at` with something that no statement begins with.
    fn no_atom(&self, at: usize) -> Start {
        let word = self.words(at).to_owned();
        let near = keyword_near(&word);
        let is_word = |token: &Token| matches!(token.kind, TokenKind::Word | TokenKind::Text);
        let is_keyword = near.is_some_and(|near| near.word == word);
        let slip = match self.tokens.get(at + 1) {
            Some(behind) if !is_word(behind) => {
                self.habit(at + 1).unwrap_or(SyntaxError::Unexpected {
                    found: Some(self.words(at + 1).to_owned()),
                    expected: if word == "clause" {
                        CLAUSE_ID.to_owned()
                    } else if is_keyword {
                        format!("behind `{word}` stands a name, a number or a text")
                    } else {
                        "a rule or fact begins with its conclusion, such as `foreign(P)`".into()
                    },
                    at: self.span(at + 1, at + 2),
                })
            }
            _ => SyntaxError::NoStatement {
                near: near.map(|near| near.word).filter(|_| !is_keyword),
                word,
                at: self.span(at, at + 1),
            },
        };
        let mut line = at..self.next_line(at, self.tokens.len());
        let unknown = match line.any(|at| self.tokens[at].is('{')) {
            true => BLOCK,
            false => PLAIN,
        };
        Start::Slip(slip, near.unwrap_or(unknown))
    }

    fn doc(&self, at: &mut usize, end: usize) -> String {
        let mut lines = Vec::new();
        while *at < end && self.tokens[*at].kind == TokenKind::Doc {
            lines.push(self.words(*at).trim_start_matches('/').trim());
            *at += 1;
        }
        lines.join("\n")
    }

    /// Where a slip at `at` is over: the first token of a later line.
    fn next_line(&self, at: usize, end: usize) -> usize {
        (at + 1..end)
            .find(|next| self.tokens[*next].starts_line)
            .unwrap_or(end)
    }

    fn words(&self, at: usize) -> &'a str {
        let token = self.tokens[at];
        &self.text[token.start as usize..token.end as usize]
    }

    fn span(&self, from: usize, to: usize) -> Span {
        let last = self.tokens[to.max(from + 1) - 1];
        Span {
            file: self.file,
            start: self.tokens[from].start,
            end: last.end,
        }
    }

    /// The keyword that begins a statement here, if such a statement may stand here.
    fn keyword_at(&self, at: usize, end: usize, place: Place) -> Option<&'static Keyword> {
        self.keyword_anywhere(at, end)
            .filter(|keyword| keyword.places.contains(&place))
    }

    /// The keyword with its operand here, whether or not it may stand here.
    fn keyword_anywhere(&self, at: usize, end: usize) -> Option<&'static Keyword> {
        if self.tokens[at].kind != TokenKind::Word || at + 1 >= end {
            return None;
        }
        let is_operand = matches!(
            self.tokens[at + 1].kind,
            TokenKind::Word | TokenKind::Text | TokenKind::BrokenText
        );
        let is_called = at + 2 < end && self.tokens[at + 2].is('(');
        keyword_before(self.words(at), self.words(at + 1), is_called).filter(|_| is_operand)
    }

    fn statement(
        &self,
        keyword: &'static Keyword,
        start: usize,
        end: usize,
        block: Option<Block>,
    ) -> Statement {
        Statement {
            doc: String::new(),
            keyword: keyword.word,
            span: self.span(start, end),
            block,
        }
    }
}
