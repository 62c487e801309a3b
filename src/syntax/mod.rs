//! Text to `File`: a policy file as written. The grammar is `grammar/lexlog.pest`.
//!
//! `token` and `cut` divide a text into statements, `grammar` reads one statement with pest, `build` makes the `File`
//! (with `expression`, `tables`, `notices`, `cases` and `feeds` for its parts).

mod brackets;
mod build;
mod cases;
mod cut;
mod error;
mod expression;
mod feeds;
pub mod file;
mod grammar;
mod habit;
mod keyword;
mod notices;
mod tables;
#[cfg(test)]
mod tests;
mod token;

pub use file::File;

use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources, Span};
use error::{MOST_SLIPS, SyntaxError};
use file::Name;
use std::collections::BTreeSet;

/// The largest policy file, in bytes; longer lists belong into tables beside it.
pub const LARGEST: usize = 8 << 20;

/// Reads one text. Every slip costs one statement: the rest of the file is in the result, the slips in the messages.
pub fn parse(sources: &Sources, file: FileId) -> (File, Diagnostics) {
    let text = &*sources.file(file).text;
    let mut errors = Vec::new();
    let mut result = File::default();
    if text.len() > LARGEST {
        let at = Span {
            file,
            start: 0,
            end: 0,
        };
        errors.push(SyntaxError::TooLarge {
            size: text.len(),
            limit: LARGEST,
            at,
        });
    } else {
        let tokens = token::tokens(text, file, &mut errors);
        let (statements, left_out) = cut::cut(text, file, &tokens, &mut errors);
        let mut builder = build::Builder::new(text, file, &tokens, &mut errors);
        result.items = builder.items(&statements);
        result.broken = builder.broken;
        result.broken.extend(left_out.into_iter().map(|span| Name {
            text: text[span.start as usize..span.end as usize].to_owned(),
            span,
        }));
    }
    tell_open_texts_once(&mut errors);
    result.is_cut_short = text.len() > LARGEST || errors.len() > MOST_SLIPS;
    let slips = errors.iter().filter(|slip| !slip.is_harmless());
    result.slips = slips.map(SyntaxError::at).collect();
    result.slips.sort();
    (result, to_diagnostics(errors))
}

/// Reads a lone atom with an optional `on D`, as on the command line (`explain`, `--query`).
pub fn parse_query(
    sources: &Sources,
    file: FileId,
) -> (Option<(file::Atom, Option<file::Expr>)>, Diagnostics) {
    let text = &*sources.file(file).text;
    let mut errors = Vec::new();
    let tokens = token::tokens(text, file, &mut errors);
    if errors.is_empty() {
        cut::check_lone(text, file, &tokens, &mut errors);
    }
    let query = if errors.is_empty() {
        build::Builder::new(text, file, &tokens, &mut errors).query()
    } else {
        None
    };
    (query, to_diagnostics(errors))
}

/// A text in quotes that does not end is why nothing else fits where it stands.
fn tell_open_texts_once(errors: &mut Vec<SyntaxError>) {
    let is_open_text = |slip: &SyntaxError| matches!(slip, SyntaxError::UnclosedText { .. });
    let texts = errors.iter().filter(|slip| is_open_text(slip));
    let texts: BTreeSet<(FileId, u32)> = texts.map(|it| (it.at().file, it.at().start)).collect();
    errors.retain(|slip| is_open_text(slip) || !texts.contains(&(slip.at().file, slip.at().start)));
}

fn to_diagnostics(mut errors: Vec<SyntaxError>) -> Diagnostics {
    errors.sort_by_key(SyntaxError::at);
    if errors.len() > MOST_SLIPS {
        let more = SyntaxError::More {
            at: errors[MOST_SLIPS].at(),
        };
        errors.truncate(MOST_SLIPS);
        errors.push(more);
    }
    Diagnostics {
        list: errors.iter().map(SyntaxError::to_diagnostic).collect(),
    }
}
