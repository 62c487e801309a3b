//! Proofs as text for a terminal of 80 columns.

use super::Context;
use super::tree::{Teller, Tone, Tree, why_not};
use crate::proof::{Proof, WhyNot};
use anstyle::{AnsiColor, Style as Paint};
use std::collections::VecDeque;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthStr;

/// How wide, and whether in colour.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether the terminal shows colours.
    pub colour: bool,
}

impl Default for Style {
    fn default() -> Style {
        Style {
            width: 80,
            colour: false,
        }
    }
}

/// A proof, told from its conclusion.
pub fn proof_text(context: Context<'_>, proof: &Proof, style: Style) -> String {
    Teller::new(context, proof)
        .conclusion()
        .map_or(String::new(), |tree| lines(&tree, style))
}

/// Why something does not hold.
pub fn why_not_text(context: Context<'_>, why: &WhyNot, style: Style) -> String {
    lines(&why_not(context, why), style)
}

/// Text in lines of that width, those after the first behind `indent` blanks.
pub fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let blanks = " ".repeat(indent);
    textwrap::fill(text, whole_words(width).subsequent_indent(&blanks))
}

/// How many steps stand within one another; what is deeper goes on below.
const DEEPEST: usize = 20;

/// A tree on its way into lines: the signs in front of its first line, and those in front of its other lines.
struct Branch<'t> {
    tree: &'t Tree,
    first: String,
    rest: String,
    depth: usize,
}

fn lines(tree: &Tree, style: Style) -> String {
    let mut out = String::new();
    let mut left: VecDeque<(usize, &Tree)> = VecDeque::from([(0, tree)]);
    let mut sections = 0;
    while let Some((number, tree)) = left.pop_front() {
        if number > 0 {
            out.push_str(&format!("\nContinued ({number}):\n"));
        }
        let mut open = vec![Branch {
            tree,
            first: String::new(),
            rest: String::new(),
            depth: 0,
        }];
        while let Some(branch) = open.pop() {
            let Branch { tree, rest, .. } = &branch;
            let is_cut = branch.depth >= DEEPEST && !tree.below.is_empty();
            let has_more = !tree.below.is_empty() && !is_cut;
            let body = format!("{rest}{}", if has_more { "│ " } else { "  " });
            put(
                &mut out,
                &tree.text,
                &branch.first,
                &body,
                paint(tree.tone),
                style,
            );
            let dimmed = Paint::new().dimmed();
            for note in &tree.notes {
                put(&mut out, note, &body, &body, dimmed, style);
            }
            if is_cut {
                sections += 1;
                let note = format!("continued below ({sections})");
                put(&mut out, &note, &body, &body, dimmed, style);
                left.push_back((sections, tree));
                continue;
            }
            for (at, below) in tree.below.iter().enumerate().rev() {
                let is_last = at + 1 == tree.below.len();
                let (corner, line) = if is_last {
                    ("└─ ", "   ")
                } else {
                    ("├─ ", "│  ")
                };
                open.push(Branch {
                    tree: below,
                    first: format!("{rest}{corner}"),
                    rest: format!("{rest}{line}"),
                    depth: branch.depth + 1,
                });
            }
        }
    }
    out
}

fn put(out: &mut String, text: &str, first: &str, rest: &str, paint: Paint, style: Style) {
    let room = style
        .width
        .saturating_sub(first.width().max(rest.width()))
        .max(24);
    for (at, line) in textwrap::wrap(text, whole_words(room)).iter().enumerate() {
        out.push_str(if at == 0 { first } else { rest });
        if style.colour {
            out.push_str(&format!("{paint}{line}{paint:#}"));
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn paint(tone: Tone) -> Paint {
    match tone {
        Tone::Claim => Paint::new().bold(),
        Tone::Fails => AnsiColor::Red.on_default(),
        Tone::Aside => Paint::new(),
        Tone::Warning => AnsiColor::Yellow.on_default(),
    }
}

/// Lines break at blanks only: dates and file names stay whole.
pub(super) fn whole_words<'a>(width: usize) -> Options<'a> {
    Options::new(width)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
}
