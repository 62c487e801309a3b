//! How far a statement without a block goes: to its full stop, or to where the next one begins.

use super::{Cutter, LONGEST, Statement};
use crate::syntax::brackets::{BracketSlip, Brackets, DEEPEST, MOST_SIGNS};
use crate::syntax::error::SyntaxError;
use crate::syntax::keyword::{JOINING, Keyword, Place};
use crate::syntax::token::TokenKind;

impl Cutter<'_> {
    /// Whether a statement must begin here, though the one before has not ended.
    pub(super) fn is_surely_new(&self, at: usize, end: usize) -> bool {
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

    pub(super) fn until_full_stop(
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
    pub(super) fn behind_slip(&self, at: usize, end: usize, place: Place) -> usize {
        (at + 1..end)
            .find(|next| {
                let token = self.tokens[*next];
                self.tokens[next - 1].is('.') && token.starts_line
                    || token.in_first_column
                    || token.starts_line && self.keyword_at(*next, end, place).is_some()
            })
            .unwrap_or(end)
    }

    pub(super) fn unclosed(&mut self, opened: usize) {
        self.bracket_slip(BracketSlip::Unclosed(opened));
    }

    pub(super) fn bracket_slip(&mut self, slip: BracketSlip) {
        let (BracketSlip::Unclosed(at) | BracketSlip::Unopened(at)) = slip;
        let bracket = self.words(at).chars().next().expect("a sign is a letter");
        let at = self.span(at, at + 1);
        self.errors.push(match slip {
            BracketSlip::Unclosed(_) => SyntaxError::Unclosed { bracket, at },
            BracketSlip::Unopened(_) => SyntaxError::Unopened { bracket, at },
        });
    }

    /// Whether the statement is neither too deep nor too long to be read; reports it if it is.
    pub(super) fn fits(&mut self, start: usize, end: usize, brackets: &Brackets) -> bool {
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

    pub(super) fn until_next_statement(
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
}
