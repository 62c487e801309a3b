//! What is wrong, where, and what would be right: one shape for the messages of every stage.

mod render;

pub use render::{render_json, render_text};

use crate::source::{Place, Span};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing can be concluded until it is mended: exit code 2.
    Error,
    /// Worth a look; the policy means something as it is.
    Warning,
}

/// A stretch of text that the message is about, with what to say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where: marked words, or a record of a data file.
    pub place: Place,
    /// What to say there; may be empty.
    pub text: String,
}

/// One message to the author of a policy or of facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, such as `E0204` or `W0301`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong: small first letter, no full stop, the author's words in backticks.
    pub message: String,
    /// The place at fault first, then others that explain it; empty where no text is at fault (a missing file).
    pub labels: Vec<Label>,
    /// What would be right.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error, not yet placed.
    pub fn error(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A warning, not yet placed.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(code, message)
        }
    }

    /// Marks words; the first mark is the place at fault.
    pub fn at(self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.at_place(Place::Span(span), text)
    }

    /// Marks a place; the first mark is the place at fault.
    pub fn at_place(mut self, place: Place, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label {
            place,
            text: text.into(),
        });
        self
    }

    /// Says what would be right.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(text.into());
        self
    }

    /// The words at fault, if words are.
    pub fn at_words(&self) -> Option<Span> {
        match self.labels.first()?.place {
            Place::Span(span) => Some(span),
            Place::Record { .. } | Place::Assumed => None,
        }
    }

    /// Whether it stops the run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The messages of a stage beside what it could make in spite of them.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    /// In the order in which they were found; `sort` puts them in the order of the text.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds one message.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Adds the messages of another stage.
    pub fn extend(&mut self, other: Diagnostics) {
        self.list.extend(other.list);
    }

    /// Whether one of them stops the run.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(Diagnostic::is_error)
    }

    /// Puts the messages in the order of the text, each once.
    pub fn sort(&mut self) {
        self.list.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.labels.first().map(|l| l.place), d.code);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        self.list.dedup();
    }
}

/// The name among `known` that `name` was probably meant to be, for "did you mean".
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // About one letter in three may be another one: `yes` is not near `red`.
    let allowed = match name.chars().count() {
        0..=5 => 1,
        6..=8 => 2,
        _ => 3,
    };
    let small = name.to_lowercase();
    known
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| match candidate.to_lowercase() == small {
            true => (0, candidate),
            false => (strsim::damerau_levenshtein(name, candidate), candidate),
        })
        .filter(|(distance, candidate)| {
            *distance <= allowed && *distance < candidate.chars().count()
        })
        .min()
        .map(|(_, candidate)| candidate)
}
