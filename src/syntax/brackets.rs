//! The brackets that are open within a statement, and how much its expressions hold.

use super::token::{Token, TokenKind};

/// How deep brackets may stand within brackets.
pub const DEEPEST: usize = 64;
/// How many signs may follow one another, those of the brackets around included.
pub const MOST_SIGNS: usize = 1_000;

/// What is wrong with a bracket.
pub enum BracketSlip {
    /// The token opens a bracket that this one does not close.
    Unclosed(usize),
    /// The token closes nothing.
    Unopened(usize),
}

/// What is open at a token of a statement.
#[derive(Default)]
pub struct Brackets {
    /// Each open bracket, with the signs behind it since the last comma.
    open: Vec<(usize, usize)>,
    signs_outside: usize,
    signs: usize,
    /// The first bracket that stands too deep.
    pub too_deep: Option<usize>,
    /// The first sign of too many.
    pub too_many: Option<usize>,
}

impl Brackets {
    /// Whether none is open.
    pub fn are_closed(&self) -> bool {
        self.open.is_empty()
    }

    /// The outermost that is open.
    pub fn outermost(&self) -> Option<usize> {
        self.open.first().map(|(at, _)| *at)
    }

    /// The innermost that is open.
    pub fn innermost(&self) -> Option<usize> {
        self.open.last().map(|(at, _)| *at)
    }

    /// Forgets what is open.
    pub fn forget(&mut self) {
        self.open.clear();
    }

    /// Takes the token at `at` in.
    pub fn step(&mut self, text: &str, tokens: &[Token], at: usize) -> Result<(), BracketSlip> {
        match tokens[at].kind {
            TokenKind::Sign('(' | '[' | '{') => {
                if self.open.len() == DEEPEST {
                    self.too_deep.get_or_insert(at);
                }
                self.open.push((at, 0));
            }
            TokenKind::Sign(close @ (')' | ']' | '}')) => {
                let (opened, signs) = self.open.pop().ok_or(BracketSlip::Unopened(at))?;
                self.signs -= signs;
                if !closes(tokens[opened], close) {
                    return Err(BracketSlip::Unclosed(opened));
                }
            }
            TokenKind::Sign(',') => {
                let signs = std::mem::take(self.innermost_signs());
                self.signs -= signs;
            }
            TokenKind::Sign('+' | '-' | '*' | '/') if !is_in_date(text, tokens, at) => {
                *self.innermost_signs() += 1;
                self.signs += 1;
                if self.signs > MOST_SIGNS {
                    self.too_many.get_or_insert(at);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn innermost_signs(&mut self) -> &mut usize {
        match self.open.last_mut() {
            Some((_, signs)) => signs,
            None => &mut self.signs_outside,
        }
    }
}

fn closes(opened: Token, close: char) -> bool {
    matches!(
        (opened.kind, close),
        (TokenKind::Sign('('), ')') | (TokenKind::Sign('['), ']') | (TokenKind::Sign('{'), '}')
    )
}

/// One of the two `-` of `2025-10-09`.
fn is_in_date(text: &str, tokens: &[Token], at: usize) -> bool {
    let starts_at = |first: Option<usize>| {
        first
            .and_then(|first| tokens.get(first..first + 5))
            .is_some_and(|date| is_date(text, date))
    };
    tokens[at].is('-') && (starts_at(at.checked_sub(1)) || starts_at(at.checked_sub(3)))
}

fn is_date(text: &str, date: &[Token]) -> bool {
    let (start, end) = (date[0].start as usize, date[4].end as usize);
    let words = &text.as_bytes()[start..end];
    words.len() == "2025-10-09".len()
        && words.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
