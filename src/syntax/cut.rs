//! Cuts a text into statements, so that a slip costs one of them.
//!
//! Rules, facts, exemptions and expectations end with a full stop; declarations and properties end where the next
//! statement starts; notices, clauses, cases and tables have a head and a block in braces.

use super::error::SyntaxError;
use super::token::{Token, TokenKind};
use crate::source::{FileId, Span};

const DEEPEST: usize = 64;
const MOST_SIGNS: usize = 1_000;
const LONGEST: u32 = 1_000_000;

/// Where a statement stands: what may begin with a keyword depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the top of a file.
    Top,
    /// Inside a notice, outside its clauses.
    Notice,
    /// Inside a clause.
    Clause,
    /// Inside a case or `given` block.
    Case,
}

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

/// How a statement ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    FullStop,
    NextStatement,
    Braces,
    Table,
}

struct Keyword {
    word: &'static str,
    places: &'static [Place],
    ending: Ending,
    /// Words that carry the statement on, though they could begin another.
    goes_on_with: &'static [&'static str],
}

const ANY: &[Place] = &[Place::Top, Place::Notice, Place::Clause];
const IN_NOTICE: &[Place] = &[Place::Notice, Place::Clause];
const EVERYWHERE: &[Place] = &[Place::Top, Place::Notice, Place::Clause, Place::Case];
const DAYS: &[&str] = &["from", "through", "until", "by"];
const STRETCHES: &[&str] = &["from", "through", "until", "on", "if", "not"];

const fn keyword(
    word: &'static str,
    places: &'static [Place],
    ending: Ending,
    goes_on_with: &'static [&'static str],
) -> Keyword {
    Keyword {
        word,
        places,
        ending,
        goes_on_with,
    }
}

const KEYWORDS: &[Keyword] = &[
    keyword("type", ANY, Ending::NextStatement, &["from"]),
    keyword("unit", ANY, Ending::NextStatement, &[]),
    keyword("event", ANY, Ending::NextStatement, &["reads", "dated"]),
    keyword("input", ANY, Ending::NextStatement, &["reads", "dated"]),
    keyword("judgement", ANY, Ending::NextStatement, &["reads", "dated"]),
    keyword("relation", ANY, Ending::NextStatement, &["reads", "dated"]),
    keyword("verdict", ANY, Ending::NextStatement, &["reads", "dated"]),
    keyword("table", ANY, Ending::Table, &[]),
    keyword("never", ANY, Ending::FullStop, &[]),
    keyword("exempt", ANY, Ending::FullStop, &[]),
    keyword("presume", EVERYWHERE, Ending::FullStop, &[]),
    keyword("notice", &[Place::Top], Ending::Braces, &[]),
    keyword("given", &[Place::Top], Ending::Braces, &[]),
    keyword("case", &[Place::Top], Ending::Braces, &["given", "without"]),
    keyword("clause", &[Place::Notice], Ending::Braces, &[]),
    keyword("issuer", IN_NOTICE, Ending::NextStatement, &[]),
    keyword("published", IN_NOTICE, Ending::NextStatement, &[]),
    keyword("reviewed", IN_NOTICE, Ending::NextStatement, &[]),
    keyword("effective", IN_NOTICE, Ending::NextStatement, DAYS),
    keyword("from", IN_NOTICE, Ending::NextStatement, DAYS),
    keyword("through", IN_NOTICE, Ending::NextStatement, DAYS),
    keyword("until", IN_NOTICE, Ending::NextStatement, DAYS),
    keyword("source", IN_NOTICE, Ending::NextStatement, &[]),
    keyword("unverified", IN_NOTICE, Ending::NextStatement, &[]),
    keyword("suspends", IN_NOTICE, Ending::NextStatement, STRETCHES),
    keyword("repeals", IN_NOTICE, Ending::NextStatement, STRETCHES),
    keyword("replaces", IN_NOTICE, Ending::NextStatement, STRETCHES),
    keyword("expect", &[Place::Case], Ending::FullStop, &[]),
];

/// A rule or fact: what begins with no keyword.
const PLAIN: Keyword = keyword("", EVERYWHERE, Ending::FullStop, &[]);

/// Words behind which a line goes on, and that no rule begins with.
const JOINING: &[&str] = &[
    "if", "and", "or", "on", "by", "from", "through", "until", "in", "working", "days", "day",
    "months", "years",
];

/// Cuts the tokens of a text.
pub fn cut(
    text: &str,
    file: FileId,
    tokens: &[Token],
    errors: &mut Vec<SyntaxError>,
) -> Vec<Statement> {
    let mut cutter = Cutter {
        text,
        file,
        tokens,
        errors,
    };
    cutter.statements(0, tokens.len(), Place::Top)
}

struct Cutter<'a> {
    text: &'a str,
    file: FileId,
    tokens: &'a [Token],
    errors: &'a mut Vec<SyntaxError>,
}

impl<'a> Cutter<'a> {
    /// The statements among the tokens from `at` to before `end`.
    fn statements(&mut self, mut at: usize, end: usize, place: Place) -> Vec<Statement> {
        let mut statements = Vec::new();
        while at < end {
            let doc = self.doc(&mut at, end);
            if at >= end {
                break;
            }
            let token = self.tokens[at];
            if let TokenKind::Sign(sign) = token.kind {
                if matches!(sign, ')' | ']' | '}') {
                    self.errors.push(SyntaxError::Unopened {
                        bracket: sign,
                        at: self.span(at, at + 1),
                    });
                } else {
                    self.errors.push(SyntaxError::Unexpected {
                        found: Some(sign.to_string()),
                        expected: "a statement begins with a word".into(),
                        at: self.span(at, at + 1),
                    });
                }
                at = self.next_line(at, end);
                continue;
            }
            let keyword = self.keyword_at(at, end, place).unwrap_or(&PLAIN);
            let (next, statement) = match keyword.ending {
                Ending::FullStop => self.to_full_stop(at, end, place, keyword),
                Ending::NextStatement => self.to_next_statement(at, end, place, keyword),
                Ending::Braces | Ending::Table => self.with_block(at, end, keyword),
            };
            statements.extend(statement.map(|statement| Statement { doc, ..statement }));
            at = next;
        }
        statements
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

    /// The keyword that begins a statement here. A keyword is one only if a word, number or text stands behind it:
    /// `source(x)` is an atom.
    fn keyword_at(&self, at: usize, end: usize, place: Place) -> Option<&'static Keyword> {
        if self.tokens[at].kind != TokenKind::Word || at + 1 >= end {
            return None;
        }
        let next = self.tokens[at + 1];
        let has_operand =
            matches!(next.kind, TokenKind::Word | TokenKind::Text) && self.words(at + 1) != "if";
        let word = self.words(at);
        KEYWORDS
            .iter()
            .find(|keyword| keyword.word == word && has_operand && keyword.places.contains(&place))
    }

    /// Whether a statement must begin here, though the one before has not ended.
    fn is_surely_new(&self, at: usize, end: usize, place: Place) -> bool {
        self.keyword_at(at, end, place)
            .is_some_and(|keyword| !JOINING.contains(&keyword.word))
    }

    /// A line that begins with a word right behind something complete: a full stop is missing between them.
    fn follows_without_stop(&self, at: usize) -> bool {
        let before = self.tokens[at - 1];
        let is_complete = match before.kind {
            TokenKind::Word => {
                !JOINING.contains(&self.words(at - 1))
                    && !["not", "exempted"].contains(&self.words(at - 1))
            }
            TokenKind::Text => true,
            TokenKind::Sign(sign) => matches!(sign, ')' | ']' | '}'),
            TokenKind::Doc => true,
        };
        let token = self.tokens[at];
        let is_word = token.kind == TokenKind::Word && !JOINING.contains(&self.words(at));
        token.starts_line && (token.kind == TokenKind::Doc || is_word && is_complete)
    }

    fn to_full_stop(
        &mut self,
        start: usize,
        end: usize,
        place: Place,
        keyword: &'static Keyword,
    ) -> (usize, Option<Statement>) {
        let mut open: Vec<usize> = Vec::new();
        let (mut signs, mut is_fit) = (0, true);
        let mut at = start;
        while at < end {
            let token = self.tokens[at];
            if at > start && token.starts_line {
                let is_new = open.is_empty()
                    && (self.is_surely_new(at, end, place) || self.follows_without_stop(at));
                let is_lost = !open.is_empty()
                    && token.in_first_column
                    && (self.begins_rule(at) || self.is_surely_new(at, end, Place::Top));
                if is_new {
                    self.errors.push(SyntaxError::MissingStop {
                        at: self.span(at - 1, at),
                    });
                    return (at, None);
                }
                if is_lost {
                    break;
                }
            }
            match token.kind {
                TokenKind::Sign('.') if open.is_empty() => {
                    let fits = is_fit && self.is_short(start, at + 1, signs);
                    return (
                        at + 1,
                        fits.then(|| self.statement(keyword, start, at + 1, None)),
                    );
                }
                TokenKind::Sign('(' | '[' | '{') => {
                    if open.len() == DEEPEST && is_fit {
                        is_fit = false;
                        self.errors.push(SyntaxError::TooDeep {
                            limit: DEEPEST,
                            at: self.span(at, at + 1),
                        });
                    }
                    open.push(at);
                }
                TokenKind::Sign(close @ (')' | ']' | '}')) => match open.pop() {
                    Some(opened) if self.closes(opened, close) => {}
                    Some(opened) => {
                        let bracket = self
                            .words(opened)
                            .chars()
                            .next()
                            .expect("a sign is a letter");
                        self.errors.push(SyntaxError::Unclosed {
                            bracket,
                            at: self.span(opened, opened + 1),
                        });
                        return (self.behind_slip(at, end), None);
                    }
                    None => {
                        self.errors.push(SyntaxError::Unopened {
                            bracket: close,
                            at: self.span(at, at + 1),
                        });
                        return (self.behind_slip(at, end), None);
                    }
                },
                TokenKind::Sign('+' | '-' | '*' | '/') => signs += 1,
                _ => {}
            }
            at += 1;
        }
        match open.first() {
            _ if !is_fit => {}
            Some(opened) => {
                let bracket = self
                    .words(*opened)
                    .chars()
                    .next()
                    .expect("a sign is a letter");
                self.errors.push(SyntaxError::Unclosed {
                    bracket,
                    at: self.span(*opened, *opened + 1),
                });
            }
            None => self.errors.push(SyntaxError::MissingStop {
                at: self.span(at - 1, at),
            }),
        }
        (at, None)
    }

    /// `word(…` in the first column: a rule, a fact or a conclusion begins.
    fn begins_rule(&self, at: usize) -> bool {
        self.tokens[at].kind == TokenKind::Word
            && self.tokens.get(at + 1).is_some_and(|next| next.is('('))
    }

    /// Behind the next full stop that ends a line, or the next line in the first column.
    fn behind_slip(&self, at: usize, end: usize) -> usize {
        for next in at + 1..end {
            if self.tokens[next - 1].is('.') && self.tokens[next].starts_line
                || self.tokens[next].in_first_column
            {
                return next;
            }
        }
        end
    }

    fn closes(&self, opened: usize, close: char) -> bool {
        matches!(
            (self.tokens[opened].kind, close),
            (TokenKind::Sign('('), ')') | (TokenKind::Sign('['), ']') | (TokenKind::Sign('{'), '}')
        )
    }

    fn is_short(&mut self, start: usize, end: usize, signs: usize) -> bool {
        let what = if signs > MOST_SIGNS {
            format!("more than {MOST_SIGNS} signs `+ - * /`")
        } else if self.span(start, end).end - self.span(start, end).start > LONGEST {
            format!("more than {LONGEST} bytes")
        } else {
            return true;
        };
        self.errors.push(SyntaxError::TooLong {
            what,
            at: self.span(start, start + 1),
        });
        false
    }

    fn to_next_statement(
        &mut self,
        start: usize,
        end: usize,
        place: Place,
        keyword: &'static Keyword,
    ) -> (usize, Option<Statement>) {
        let mut depth = 0usize;
        let mut at = start + 1;
        while at < end {
            let token = self.tokens[at];
            let is_carried_on = self.is_carried_on(at, keyword);
            let begins = |cutter: &Self| {
                cutter.keyword_at(at, end, place).is_some()
                    || token.starts_line && token.kind == TokenKind::Word
            };
            let is_lost =
                depth > 0 && token.in_first_column && self.keyword_at(at, end, place).is_some();
            if token.kind == TokenKind::Doc
                || is_lost
                || depth == 0 && !is_carried_on && begins(self)
            {
                break;
            }
            match token.kind {
                TokenKind::Sign('(' | '[' | '{') => depth += 1,
                TokenKind::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
                TokenKind::Sign('.') if depth == 0 => {
                    at += 1;
                    break;
                }
                _ => {}
            }
            at += 1;
        }
        let fits = self.is_short(start, at, 0);
        (at, fits.then(|| self.statement(keyword, start, at, None)))
    }

    fn is_carried_on(&self, at: usize, keyword: &Keyword) -> bool {
        let is_joined = matches!(
            self.tokens[at - 1].kind,
            TokenKind::Sign('=' | '|' | '<' | ',' | ':' | '>' | '/')
        );
        let is_first = at == 0
            || self.words(at - 1) == keyword.word && self.tokens[at - 1].kind == TokenKind::Word;
        is_joined || is_first || keyword.goes_on_with.contains(&self.words(at))
    }

    fn with_block(
        &mut self,
        start: usize,
        end: usize,
        keyword: &'static Keyword,
    ) -> (usize, Option<Statement>) {
        let mut depth = 0usize;
        let mut at = start + 1;
        while at < end && !self.tokens[at].is('{') {
            let token = self.tokens[at];
            let is_table_end =
                keyword.ending == Ending::Table && depth == 0 && token.kind == TokenKind::Text;
            match token.kind {
                TokenKind::Sign('(') => depth += 1,
                TokenKind::Sign(')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            at += 1;
            if is_table_end {
                return (at, Some(self.statement(keyword, start, at, None)));
            }
            let is_new = at < end
                && self.tokens[at].starts_line
                && !keyword.goes_on_with.contains(&self.words(at))
                && [Place::Top, Place::Notice]
                    .iter()
                    .any(|place| self.is_surely_new(at, end, *place));
            if is_new {
                break;
            }
        }
        if at >= end || !self.tokens[at].is('{') {
            let last = self.span(at - 1, at);
            self.errors.push(SyntaxError::Unexpected {
                found: None,
                expected: format!(
                    "behind the head of a `{}` stands its block: `{{ … }}`",
                    keyword.word
                ),
                at: last,
            });
            return (at, None);
        }
        let open = at;
        let close = self.block_end(open, end);
        let block = match keyword.ending {
            Ending::Table => Block::Rows(self.rows(open + 1, close)),
            _ => Block::Statements(self.statements(open + 1, close, place_inside(keyword.word))),
        };
        let next = if close < end && self.tokens[close].is('}') {
            close + 1
        } else {
            close
        };
        (
            next,
            Some(self.statement(keyword, start, open, Some(block))),
        )
    }

    /// Where the brace at `open` is closed. If it never is, the block ends where the next notice, case or declaration starts in
    /// the first column.
    fn block_end(&mut self, open: usize, end: usize) -> usize {
        let mut depth = 0usize;
        for at in open..end {
            match self.tokens[at].kind {
                TokenKind::Sign('{') => depth += 1,
                TokenKind::Sign('}') => {
                    depth -= 1;
                    if depth == 0 {
                        return at;
                    }
                }
                TokenKind::Word
                    if at > open
                        && self.tokens[at].in_first_column
                        && self.is_block_start(at, end) =>
                {
                    self.unclosed_block(open);
                    return at;
                }
                _ => {}
            }
        }
        self.unclosed_block(open);
        end
    }

    fn is_block_start(&self, at: usize, end: usize) -> bool {
        let keyword = self.keyword_at(at, end, Place::Top);
        keyword.is_some_and(|keyword| keyword.places == [Place::Top])
    }

    fn unclosed_block(&mut self, open: usize) {
        self.errors.push(SyntaxError::Unclosed {
            bracket: '{',
            at: self.span(open, open + 1),
        });
    }

    fn rows(&self, from: usize, to: usize) -> Vec<Span> {
        let mut rows: Vec<Span> = Vec::new();
        for at in from..to {
            let token = self.tokens[at];
            match rows.last_mut() {
                _ if token.kind == TokenKind::Doc => {}
                Some(row) if !token.starts_line => row.end = token.end,
                _ => rows.push(self.span(at, at + 1)),
            }
        }
        rows
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

fn place_inside(keyword: &str) -> Place {
    match keyword {
        "case" | "given" => Place::Case,
        "clause" => Place::Clause,
        _ => Place::Notice,
    }
}
