//! Words, numbers, strings and signs of a text: just enough to see where statements end.

use super::error::{MOST_SLIPS, SyntaxError};
use super::habit::COMMENT_MARKS;
use crate::source::{FileId, Span};

/// How many bytes a name or number may have.
pub const LONGEST_WORD: usize = 1_000;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word, a number, a clause id: letters and digits, with `.` only between them.
    Word,
    /// A text in quotes.
    Text,
    /// A text in quotes that does not end on its line, or a word that is too long: already reported.
    BrokenText,
    /// A `///` line.
    Doc,
    /// A sign.
    Sign(char),
}

/// A token with its place.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Whether it is the first of its line.
    pub starts_line: bool,
    /// Whether it stands in the first column.
    pub in_first_column: bool,
}

impl Token {
    /// Whether it is this sign.
    pub fn is(&self, sign: char) -> bool {
        self.kind == TokenKind::Sign(sign)
    }
}

/// Cuts a text into tokens; strings that are not closed on their line are reported.
pub fn tokens(text: &str, file: FileId, errors: &mut Vec<SyntaxError>) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut starts_line = true;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            b'\n' => {
                starts_line = true;
                at += 1;
                continue;
            }
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'#' => {
                at = line_end(bytes, at);
                continue;
            }
            b'/' if bytes[at..].starts_with(b"///") => {
                at = line_end(bytes, at);
                TokenKind::Doc
            }
            _ if starts_line && comment_mark(&text[at..]).is_some() => {
                let mark = comment_mark(&text[at..]).expect("it has just been seen");
                if errors.len() <= MOST_SLIPS {
                    errors.push(foreign_comment(mark, file, at));
                }
                at = comment_end(text, at, mark);
                continue;
            }
            b'"' => {
                let (end, is_closed) = string_end(bytes, at);
                at = end;
                if is_closed {
                    TokenKind::Text
                } else {
                    at = before_ending(text, start, end);
                    if errors.len() < MOST_SLIPS {
                        errors.push(unclosed(file, start, at));
                    }
                    TokenKind::BrokenText
                }
            }
            _ => {
                let letter = text[at..].chars().next().expect("it is not at the end");
                if letter == '\u{FEFF}' || letter.is_whitespace() {
                    at += letter.len_utf8();
                    continue;
                }
                if is_word(letter) {
                    at = word_end(text, at);
                    if at - start > LONGEST_WORD {
                        errors.push(too_long(file, start));
                        TokenKind::BrokenText
                    } else {
                        TokenKind::Word
                    }
                } else {
                    at += letter.len_utf8();
                    TokenKind::Sign(letter)
                }
            }
        };
        let before = &bytes[..start];
        let in_first_column =
            start == 0 || before.ends_with(b"\n") || before == "\u{FEFF}".as_bytes();
        tokens.push(Token {
            kind,
            start: start as u32,
            end: at as u32,
            starts_line,
            in_first_column,
        });
        starts_line = false;
    }
    tokens
}

/// The mark with which a comment begins elsewhere.
fn comment_mark(text: &str) -> Option<&'static str> {
    let mut marks = COMMENT_MARKS.iter().copied();
    marks.find(|mark| text.starts_with(mark))
}

fn foreign_comment(mark: &str, file: FileId, start: usize) -> SyntaxError {
    SyntaxError::Unexpected {
        found: Some(mark.to_owned()),
        expected: "a comment begins with `#`, on each of its lines".into(),
        at: Span {
            file,
            start: start as u32,
            end: (start + mark.len()) as u32,
        },
    }
}

/// Behind the comment: its line, or as far as `*/`.
fn comment_end(text: &str, start: usize, mark: &str) -> usize {
    let closing = match mark {
        "/*" => "*/",
        "<!--" => "-->",
        _ => "\n",
    };
    let end = text[start..].find(closing);
    match (end, closing) {
        (Some(end), "\n") => start + end,
        (Some(end), _) => start + end + closing.len(),
        (None, _) => line_end(text.as_bytes(), start),
    }
}

fn too_long(file: FileId, start: usize) -> SyntaxError {
    let start = start as u32;
    SyntaxError::LongWord {
        limit: LONGEST_WORD,
        at: Span {
            file,
            start,
            end: start + 1,
        },
    }
}

fn unclosed(file: FileId, start: usize, end: usize) -> SyntaxError {
    let (start, end) = (start as u32, end as u32);
    SyntaxError::UnclosedText {
        at: Span { file, start, end },
    }
}

/// Where a text that is not closed probably ends: before the `.` or `{` at the end of its line.
fn before_ending(text: &str, start: usize, end: usize) -> usize {
    let line = text[start..end].trim_end();
    let ending = line.ends_with(['.', '{']) && line.len() > 1;
    start + line.len() - usize::from(ending)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |length| at + length)
}

fn string_end(bytes: &[u8], start: usize) -> (usize, bool) {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return (at + 1, true),
            b'\n' => return (at, false),
            b'\\' if bytes.get(at + 1) != Some(&b'\n') => at += 2,
            _ => at += 1,
        }
    }
    (bytes.len(), false)
}

/// A word goes on over a `.` that has a letter or digit on both sides: `0.1`, `4.a`, `uel_2025_10.unreliable`.
fn word_end(text: &str, start: usize) -> usize {
    let mut letters = text[start..].char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let goes_on = is_word(letter)
            || letter == '.'
                && letters
                    .peek()
                    .is_some_and(|(_, next)| next.is_alphanumeric());
        if !goes_on {
            return start + at;
        }
    }
    text.len()
}
