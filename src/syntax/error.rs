//! What can be wrong with a text, before anyone asks what its names mean.

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use thiserror::Error;

/// How many slips of one file are listed. Behind twice as many, the rest of the file is not looked at.
pub const MOST_SLIPS: usize = 100;

/// A slip in writing.
#[derive(Clone, Debug, Error)]
pub enum SyntaxError {
    /// Something stands where it cannot.
    #[error("{}", .found.as_ref().map_or("the statement ends too soon".to_owned(), |found| format!("`{found}` cannot stand here")))]
    Unexpected {
        /// The words that cannot stand there; `None` at the end of the statement.
        found: Option<String>,
        /// What could.
        expected: String,
        /// Where.
        at: Span,
    },
    /// A rule, fact or expectation without its full stop.
    #[error("a full stop is missing at the end of this statement")]
    MissingStop {
        /// The last word of the statement.
        at: Span,
    },
    /// A doc comment with nothing below it: a warning.
    #[error("this doc comment belongs to nothing: nothing stands below it")]
    LooseDoc {
        /// The comment.
        at: Span,
    },
    /// A bracket that is not closed.
    #[error("`{bracket}` is never closed")]
    Unclosed {
        /// The bracket.
        bracket: char,
        /// Where it opens.
        at: Span,
    },
    /// A bracket that closes nothing.
    #[error("`{bracket}` closes nothing")]
    Unopened {
        /// The bracket.
        bracket: char,
        /// Where it stands.
        at: Span,
    },
    /// A quote that is not closed on its line.
    #[error("this text in quotes does not end on its line")]
    UnclosedText {
        /// The text.
        at: Span,
    },
    /// Brackets within brackets, too deep.
    #[error("brackets within brackets, more than {limit} deep")]
    TooDeep {
        /// The bound.
        limit: usize,
        /// The bracket that goes beyond it.
        at: Span,
    },
    /// A statement that is too long.
    #[error("this statement is too long: {what}")]
    TooLong {
        /// What there is too much of.
        what: String,
        /// The statement's first word.
        at: Span,
    },
    /// A name or a number that is too long.
    #[error("this name or number is too long")]
    LongWord {
        /// How many bytes it may have.
        limit: usize,
        /// Its first letter.
        at: Span,
    },
    /// A file that is too large.
    #[error("the file is too large for a policy: {size} bytes, and the most is {limit}")]
    TooLarge {
        /// Its size.
        size: usize,
        /// The bound.
        limit: usize,
        /// Its beginning.
        at: Span,
    },
    /// A date that is in no calendar.
    #[error("there is no such day as `{text}`")]
    NoSuchDay {
        /// As written.
        text: String,
        /// Where.
        at: Span,
    },
    /// A positional field behind one given by name.
    #[error("a field without a name stands behind one with a name")]
    PositionAfterName {
        /// The field.
        at: Span,
    },
    /// Something that is no condition.
    #[error("this is a value, and no condition")]
    NoCondition {
        /// Whether it is a number.
        is_number: bool,
        /// Where.
        at: Span,
    },
    /// Something that is no value.
    #[error("this is a condition, and no value")]
    NoValue {
        /// Where.
        at: Span,
    },
    /// `\d` in a text.
    #[error("`\\{letter}` means nothing in a text")]
    NoEscape {
        /// The letter behind `\`.
        letter: char,
        /// The two.
        at: Span,
    },
    /// A statement that stands elsewhere.
    #[error("`{word}` cannot stand here")]
    Misplaced {
        /// Its first word.
        word: &'static str,
        /// Where it stands.
        home: &'static str,
        /// Where it was written.
        at: Span,
    },
    /// A word that begins no statement.
    #[error("no statement begins with `{word}`")]
    NoStatement {
        /// The word.
        word: String,
        /// The word that was probably meant.
        near: Option<&'static str>,
        /// Where.
        at: Span,
    },
    /// A line of a table whose cells can be told apart in several ways.
    #[error("it is not clear which number of this row the unit belongs to")]
    UnclearUnit {
        /// The row.
        at: Span,
    },
    /// A rule in a case or `given` block.
    #[error("a rule cannot stand in a case")]
    RuleInCase {
        /// The rule.
        at: Span,
    },
    /// More slips than are listed.
    #[error("more slips in this file are not listed")]
    More {
        /// The first that is not listed.
        at: Span,
    },
}

impl SyntaxError {
    /// Where it is.
    pub fn at(&self) -> Span {
        match self {
            SyntaxError::Unexpected { at, .. }
            | SyntaxError::MissingStop { at }
            | SyntaxError::LooseDoc { at }
            | SyntaxError::Unclosed { at, .. }
            | SyntaxError::Unopened { at, .. }
            | SyntaxError::UnclosedText { at }
            | SyntaxError::TooDeep { at, .. }
            | SyntaxError::TooLong { at, .. }
            | SyntaxError::LongWord { at, .. }
            | SyntaxError::TooLarge { at, .. }
            | SyntaxError::NoSuchDay { at, .. }
            | SyntaxError::PositionAfterName { at }
            | SyntaxError::NoCondition { at, .. }
            | SyntaxError::NoValue { at }
            | SyntaxError::NoEscape { at, .. }
            | SyntaxError::Misplaced { at, .. }
            | SyntaxError::NoStatement { at, .. }
            | SyntaxError::UnclearUnit { at }
            | SyntaxError::RuleInCase { at }
            | SyntaxError::More { at } => *at,
        }
    }

    /// Whether everything can be read all the same.
    pub fn is_harmless(&self) -> bool {
        matches!(self, SyntaxError::LooseDoc { .. })
    }

    fn code(&self) -> &'static str {
        match self {
            SyntaxError::Unexpected { .. } => "E0101",
            SyntaxError::MissingStop { .. } => "E0102",
            SyntaxError::LooseDoc { .. } => "W0101",
            SyntaxError::Unclosed { .. } => "E0103",
            SyntaxError::Unopened { .. } => "E0104",
            SyntaxError::UnclosedText { .. } => "E0105",
            SyntaxError::TooDeep { .. } => "E0106",
            SyntaxError::TooLong { .. } => "E0107",
            SyntaxError::LongWord { .. } => "E0119",
            SyntaxError::TooLarge { .. } => "E0108",
            SyntaxError::NoSuchDay { .. } => "E0109",
            SyntaxError::PositionAfterName { .. } => "E0110",
            SyntaxError::NoCondition { .. } => "E0111",
            SyntaxError::NoValue { .. } => "E0112",
            SyntaxError::More { .. } => "E0113",
            SyntaxError::NoEscape { .. } => "E0114",
            SyntaxError::Misplaced { .. } => "E0115",
            SyntaxError::NoStatement { .. } => "E0116",
            SyntaxError::UnclearUnit { .. } => "E0117",
            SyntaxError::RuleInCase { .. } => "E0118",
        }
    }

    fn label(&self) -> &'static str {
        match self {
            SyntaxError::Unexpected { found: Some(_), .. } => "not here",
            SyntaxError::Unexpected { found: None, .. } => "it ends here",
            SyntaxError::MissingStop { .. } => "the statement ends here",
            SyntaxError::Unclosed { .. } => "opened here",
            _ => "",
        }
    }

    fn help(&self) -> String {
        match self {
            SyntaxError::Unexpected { expected, .. } => expected.clone(),
            SyntaxError::MissingStop { .. } => "end it with `.`".into(),
            SyntaxError::LooseDoc { .. } => "`///` explains what stands below it; a comment of another kind begins with `#`".into(),
            SyntaxError::Unclosed { .. } => "close it before the statement ends".into(),
            SyntaxError::Unopened { .. } => "take it away, or open it before".into(),
            SyntaxError::UnclosedText { .. } => "end the text with `\"`; a quote inside it is written `\\\"`".into(),
            SyntaxError::TooDeep { .. } => "give parts of it names of their own, as relations".into(),
            SyntaxError::TooLong { .. } => "cut it into several statements".into(),
            SyntaxError::LongWord { limit, .. } => format!("it may have {limit} letters or digits"),
            SyntaxError::TooLarge { .. } => "put long lists into tables beside the policy: `table name(columns) from \"file.csv\"`".into(),
            SyntaxError::NoSuchDay { .. } => "write a day of the calendar as year-month-day, such as `2025-10-09`".into(),
            SyntaxError::PositionAfterName { .. } => "give its name too, as in `recipient: R`".into(),
            SyntaxError::NoCondition { is_number: true, .. } => "a number is written with a point and without other marks, such as `0.1` or `1000`; a comma begins the next condition".into(),
            SyntaxError::NoCondition { .. } => "a condition is an atom such as `foreign(P)`, a comparison such as `N <= 14 nm`, or `( A or B )`".into(),
            SyntaxError::NoValue { .. } => "a value is a name, a variable, a number, a date, a text, or arithmetic on them".into(),
            SyntaxError::NoEscape { letter, .. } => format!("for the two letters themselves write `\\\\{letter}`; `\\\"`, `\\\\`, `\\n` and `\\t` have a meaning"),
            SyntaxError::Misplaced { word, home, .. } => format!("`{word}` stands {home}"),
            SyntaxError::NoStatement { near: Some(near), .. } => format!("did you mean `{near}`?"),
            SyntaxError::NoStatement { near: None, .. } => "a rule or fact begins with its conclusion, such as `foreign(P)`".into(),
            SyntaxError::UnclearUnit { .. } => "write the number and its unit without a blank, such as `14nm`, or commas between the values".into(),
            SyntaxError::RuleInCase { .. } => "a case holds facts; move the rule into the policy".into(),
            SyntaxError::More { .. } => "mend those above, then check again".into(),
        }
    }

    /// As a message.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let new = match self.is_harmless() {
            true => Diagnostic::warning,
            false => Diagnostic::error,
        };
        new(self.code(), self.to_string())
            .at(self.at(), self.label())
            .help(self.help())
    }
}
