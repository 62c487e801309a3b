//! Cuts a text into statements, so that a slip costs one of them.
//!
//! Rules, facts, exemptions and expectations end with a full stop; declarations and properties end where the next
//! statement starts; notices, clauses, cases and tables have a head and a block in braces.

use super::brackets::{BracketSlip, Brackets, DEEPEST, MOST_SIGNS};
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

/// What a brace belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Brace {
    /// A notice, case or `given` block.
    Other,
    /// A clause or table.
    Clause,
    /// `sum X { … }`
    Aggregate,
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

    /// Whether a statement must begin here, though the one before has not ended.
    fn is_surely_new(&self, at: usize, end: usize) -> bool {
        self.keyword_anywhere(at, end)
            .is_some_and(|keyword| !JOINING.contains(&keyword.word))
    }

    /// Whether what stands before the token could be the end of a statement.
    fn is_complete_before(&self, at: usize) -> bool {
        let before = (0..at)
            .rev()
            .find(|before| self.tokens[*before].kind != TokenKind::Doc);
        before.is_some_and(|before| match self.tokens[before].kind {
            TokenKind::Word => {
                let open = [
                    "not", "exempted", "expect", "presume", "exempt", "sum", "count", "min", "max",
                ];
                let word = self.words(before);
                !JOINING.contains(&word) && !open.contains(&word)
            }
            TokenKind::Sign(sign) => matches!(sign, ')' | ']' | '}' | ';' | '。' | '．' | '；'),
            TokenKind::Text | TokenKind::BrokenText => true,
            TokenKind::Doc => false,
        })
    }

    /// Whether the statement that is read was not ended before this token, which belongs to the next.
    fn is_cut_off(&self, at: usize, end: usize, brackets: &Brackets) -> bool {
        let token = self.tokens[at];
        if !token.starts_line {
            return false;
        }
        let is_name = token.kind == TokenKind::Word && !JOINING.contains(&self.words(at));
        let goes_on = if brackets.are_closed() {
            is_name || token.kind == TokenKind::Doc
        } else {
            is_name && token.in_first_column && self.begins_rule(at)
        };
        self.is_surely_new(at, end) || goes_on && self.is_complete_before(at)
    }

    fn until_full_stop(
        &mut self,
        start: usize,
        end: usize,
        place: Place,
        keyword: &'static Keyword,
    ) -> (usize, Option<Statement>) {
        let mut brackets = Brackets::default();
        let mut is_sound = true;
        let mut at = start;
        while at < end && !(at > start && self.is_cut_off(at, end, &brackets)) {
            let token = self.tokens[at];
            let ends_line = at + 1 >= end || self.tokens[at + 1].starts_line;
            if token.is('.') && (brackets.are_closed() || ends_line) && !self.is_before_digit(at) {
                if let Some(opened) = brackets.innermost().filter(|_| is_sound) {
                    self.unclosed(opened);
                    return (at + 1, None);
                }
                let fits = is_sound && self.fits(start, at + 1, &brackets);
                let statement = fits.then(|| self.statement(keyword, start, at + 1, None));
                return (at + 1, statement);
            }
            if token.kind == TokenKind::BrokenText {
                is_sound = false;
                brackets.forget();
            }
            match brackets.step(self.text, self.tokens, at) {
                Err(slip) if is_sound => {
                    self.bracket_slip(slip);
                    return (self.behind_slip(at, end, place), None);
                }
                _ => at += 1,
            }
        }
        match brackets.outermost() {
            _ if !is_sound || brackets.too_deep.is_some() => {
                self.fits(start, at, &brackets);
            }
            Some(opened) => self.unclosed(opened),
            None => {
                let habit = matches!(self.tokens[at - 1].kind, TokenKind::Sign(_))
                    .then(|| self.habit(at - 1));
                let at = self.span(at - 1, at);
                let slip = habit.flatten().unwrap_or(SyntaxError::MissingStop { at });
                self.errors.push(slip);
            }
        }
        (at, None)
    }

    /// `.5`: the full stop belongs to a number.
    fn is_before_digit(&self, at: usize) -> bool {
        let behind = self.text.as_bytes().get(self.tokens[at].end as usize);
        behind.is_some_and(u8::is_ascii_digit)
    }

    /// `word(…`: a rule or a fact begins.
    fn begins_rule(&self, at: usize) -> bool {
        self.tokens[at].kind == TokenKind::Word
            && self.tokens.get(at + 1).is_some_and(|next| next.is('('))
    }

    /// Behind the next full stop that ends a line, or where the next statement surely begins.
    fn behind_slip(&self, at: usize, end: usize, place: Place) -> usize {
        (at + 1..end)
            .find(|next| {
                let token = self.tokens[*next];
                self.tokens[next - 1].is('.') && token.starts_line
                    || token.in_first_column
                    || token.starts_line && self.keyword_at(*next, end, place).is_some()
            })
            .unwrap_or(end)
    }

    fn unclosed(&mut self, opened: usize) {
        self.bracket_slip(BracketSlip::Unclosed(opened));
    }

    fn bracket_slip(&mut self, slip: BracketSlip) {
        let (BracketSlip::Unclosed(at) | BracketSlip::Unopened(at)) = slip;
        let bracket = self.words(at).chars().next().expect("a sign is a letter");
        let at = self.span(at, at + 1);
        self.errors.push(match slip {
            BracketSlip::Unclosed(_) => SyntaxError::Unclosed { bracket, at },
            BracketSlip::Unopened(_) => SyntaxError::Unopened { bracket, at },
        });
    }

    /// Whether the statement is neither too deep nor too long to be read; reports it if it is.
    fn fits(&mut self, start: usize, end: usize, brackets: &Brackets) -> bool {
        let length = self.span(start, end).end - self.span(start, end).start;
        let slip = if let Some(at) = brackets.too_deep {
            SyntaxError::TooDeep {
                limit: DEEPEST,
                at: self.span(at, at + 1),
            }
        } else if let Some(at) = brackets.too_many {
            SyntaxError::TooLong {
                what: format!("more than {MOST_SIGNS} signs `+ - * /` in a row"),
                at: self.span(at, at + 1),
            }
        } else if length > LONGEST {
            SyntaxError::TooLong {
                what: format!("more than {LONGEST} bytes"),
                at: self.span(start, start + 1),
            }
        } else {
            return true;
        };
        self.errors.push(slip);
        false
    }

    fn until_next_statement(
        &mut self,
        start: usize,
        end: usize,
        place: Place,
        keyword: &'static Keyword,
    ) -> (usize, Option<Statement>) {
        let mut brackets = Brackets::default();
        let mut is_sound = true;
        let mut at = start + 1;
        while at < end && !self.begins_next(start, at, end, keyword, &brackets) {
            if self.tokens[at].is('.') && brackets.are_closed() {
                at += 1;
                break;
            }
            is_sound &= self.tokens[at].kind != TokenKind::BrokenText;
            match brackets.step(self.text, self.tokens, at) {
                Err(slip) if is_sound => {
                    self.bracket_slip(slip);
                    return (self.behind_slip(at, end, place), None);
                }
                _ => at += 1,
            }
        }
        let opened = brackets
            .outermost()
            .filter(|_| is_sound && brackets.too_deep.is_none());
        if let Some(opened) = opened {
            self.unclosed(opened);
            return (at, None);
        }
        let fits = is_sound && self.fits(start, at, &brackets);
        (at, fits.then(|| self.statement(keyword, start, at, None)))
    }

    /// Whether the declaration or property before ends here.
    fn begins_next(
        &self,
        start: usize,
        at: usize,
        end: usize,
        keyword: &Keyword,
        brackets: &Brackets,
    ) -> bool {
        let token = self.tokens[at];
        let is_keyword = self.keyword_anywhere(at, end).is_some();
        if !brackets.are_closed() {
            let is_rule = self.begins_rule(at) && self.is_complete_before(at);
            return token.starts_line && (is_keyword || is_rule);
        }
        let is_word = token.kind == TokenKind::Word;
        let begins = is_keyword || is_word && (token.starts_line || self.begins_rule(at));
        token.kind == TokenKind::Doc || begins && !self.is_carried_on(start, at, end, keyword)
    }

    /// Whether the token carries on the statement with that keyword at `start`, though it could begin another.
    fn is_carried_on(&self, start: usize, at: usize, end: usize, keyword: &Keyword) -> bool {
        let is_known = self.tokens[at].starts_line && self.keyword_anywhere(at, end).is_some();
        // `relation dual use(item: Item)`: a name in two words is a slip, and no second statement.
        let is_followed_by_word =
            at + 1 < end && matches!(self.tokens[at + 1].kind, TokenKind::Word);
        let is_next = is_followed_by_word && self.keyword_anywhere(at, end).is_some();
        let is_in_name = at == start + 2 && keyword.goes_on_with.contains(&"reads") && !is_next;
        if at == start + 1 || is_in_name && !self.tokens[at].starts_line {
            return !is_known;
        }
        let is_joined = match self.tokens[at - 1].kind {
            TokenKind::Sign(sign) => matches!(sign, '=' | '|' | '<' | ',' | ':' | '>' | '/' | '-'),
            TokenKind::Word => {
                let word = self.words(at - 1);
                word != "dated" && keyword.goes_on_with.contains(&word)
            }
            _ => false,
        };
        is_joined || keyword.goes_on_with.contains(&self.words(at))
    }

    fn with_block(
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
    fn block_end(&mut self, open: usize, end: usize) -> usize {
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
