//! What keeps something from being shown.

use crate::source::Span;
use std::fmt;

/// Why something cannot be shown, and the words of the policy at which that is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// In a sentence.
    pub reason: String,
    /// The literal.
    pub at: Option<Span>,
}

impl From<String> for Trouble {
    fn from(reason: String) -> Trouble {
        Trouble { reason, at: None }
    }
}

impl From<&str> for Trouble {
    fn from(reason: &str) -> Trouble {
        Trouble::from(reason.to_owned())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
