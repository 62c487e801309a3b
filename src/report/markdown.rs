//! Proofs as CommonMark, for a memo or a comment.
//!
//! Lists within lists get unreadable, and long: below `DEEPEST` levels a step goes on in a section of its own.

use super::page::Page;
use super::tree::{Tone, Tree};
use crate::proof::proof::StepId;
use std::collections::{HashSet, VecDeque};

/// How many lists stand within one another.
const DEEPEST: usize = 6;

/// All answers, one after the other.
pub fn pages_markdown(pages: &[Page]) -> String {
    let pages = pages.iter().map(page);
    pages.collect::<Vec<_>>().join("\n---\n\n")
}

fn page(page: &Page) -> String {
    let mut out = format!("## {}\n\n**{}**\n", escaped(&page.title), page.status);
    for remark in &page.remarks {
        out += &format!("\n{}\n", escaped(remark));
    }
    if !page.clauses.is_empty() {
        out += "\n| clause | heading | about |\n| --- | --- | --- |\n";
        for card in &page.clauses {
            let about = [card.about.as_slice(), &card.sources].concat();
            out += &format!(
                "| {} | {} | {} |\n",
                escaped(&card.citation),
                escaped(&card.headings.join(": ")),
                escaped(&about.join("; ")),
            );
        }
    }
    for part in &page.parts {
        if let Some(heading) = &part.heading {
            out += &format!("\n### {}\n", escaped(heading));
        }
        if let Some(tree) = &part.tree {
            out += "\n";
            sections(tree, &mut out);
        }
    }
    if let Some((heading, ways)) = &page.ways {
        out += &format!("\n### {}\n\n", escaped(heading));
        for way in ways {
            out += &format!("- {}\n", escaped(way));
        }
    }
    out
}

fn sections(tree: &Tree, out: &mut String) {
    let mut numbers: HashSet<StepId> = HashSet::new();
    let mut left: VecDeque<(usize, &Tree)> = VecDeque::from([(0, tree)]);
    let mut count = 0;
    while let Some((number, tree)) = left.pop_front() {
        if number > 0 {
            out.push_str(&format!("\n**Continued ({number})**\n\n"));
        }
        let mut open: Vec<(&Tree, usize)> = vec![(tree, 0)];
        while let Some((tree, depth)) = open.pop() {
            numbers.extend(tree.step);
            let blanks = "  ".repeat(depth);
            let text = escaped(&tree.text);
            let text = match tree.tone {
                Tone::Claim => format!("**{text}**"),
                Tone::Fails | Tone::Warning => format!("*{text}*"),
                Tone::Aside => text,
            };
            out.push_str(&format!("{blanks}- {text}"));
            for note in &tree.notes {
                out.push_str(&format!("  \n{blanks}  {}", escaped(note)));
            }
            if depth + 1 >= DEEPEST && !tree.below.is_empty() {
                count += 1;
                out.push_str(&format!("  \n{blanks}  continued below ({count})"));
                left.push_back((count, tree));
                out.push('\n');
                continue;
            }
            out.push('\n');
            open.extend(tree.below.iter().rev().map(|below| (below, depth + 1)));
        }
    }
}

/// Text that means nothing but itself.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_inside = before.is_alphanumeric()
            && letters
                .peek()
                .is_some_and(|next| next.is_alphanumeric() || *next == '_');
        let means_something = match letter {
            '_' => !is_inside,
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '~' | '|' | '#' => true,
            // At the start of a line these begin a list or a heading.
            '-' | '+' | '=' => out.is_empty(),
            '.' | ')' => !out.is_empty() && out.chars().all(|it| it.is_ascii_digit()),
            _ => false,
        };
        if means_something {
            out.push('\\');
        }
        out.push(match letter {
            letter if letter.is_control() => ' ',
            letter => letter,
        });
        before = letter;
    }
    out
}
