//! What only the whole policy shows to be wrong: message, code and help side by side.

use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// A cycle of rules through `not`, an aggregate or an exemption: each rule with what it says.
pub(super) fn cycle(relation: &str, through: &str, rules: &[(Span, String)]) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(
        "E0401",
        format!("`{relation}` depends on itself through {through}"),
    );
    for (span, text) in rules {
        diagnostic = diagnostic.at(*span, text.clone());
    }
    diagnostic.help("what is denied, counted or exempted must be settled first: break the circle, or go level by level with a whole number that each turn raises, as in `N = M + 1, N <= 12`")
}

pub(super) fn mutual_exemption(spans: &[Span]) -> Diagnostic {
    let mut diagnostic = Diagnostic::error("E0402", "these exemptions exempt from each other");
    for span in spans {
        diagnostic = diagnostic.at(*span, "");
    }
    diagnostic.help("say which of them goes first, and let only the other exempt from it")
}

pub(super) fn too_many_alternatives(limit: usize, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0403",
        format!("this rule has more than {limit} alternatives"),
    )
    .at(at, "")
    .help("give groups of alternatives names of their own, as relations")
}

/// A key that hangs, through a count or the like, on rows of which nobody gave some.
pub(super) fn key_from_itself(input: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "E0404",
        format!("for which keys `{input}` is asked here hangs on what nobody gave"),
    )
    .at(
        at,
        "a count, a sum or the like that reads such rows gives its key",
    )
    .help("give the key by a fact, or by a relation that does not count what may be missing")
}
