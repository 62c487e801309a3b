//! Proofs as graphs for Graphviz (<https://graphviz.org/doc/info/lang.html>): a step that several rest on stands once.

use super::page::Page;
use super::text::whole_words;
use super::tree::{Tone, Tree};
use crate::proof::proof::StepId;
use std::collections::HashMap;
use std::fmt::Write;

/// Each proof as a cluster of one graph; an arrow goes from what rests to what it rests on.
pub fn pages_dot(pages: &[Page]) -> String {
    let mut out = String::from(
        "digraph proof {\n  graph [rankdir=TB, fontname=\"sans-serif\"];\n  node [fontname=\"sans-serif\", fontsize=11];\n  edge [arrowhead=vee];\n",
    );
    let mut next = 0;
    let mut cluster = 0;
    for page in pages {
        for part in &page.parts {
            let Some(tree) = &part.tree else { continue };
            let heading = part.heading.as_deref().unwrap_or(page.status);
            let label = quoted(&[&format!("{}: {heading}", page.title)]);
            writeln!(out, "  subgraph cluster_{cluster} {{\n    label={label};")
                .expect("a text takes all");
            cluster += 1;
            graph(tree, &mut next, &mut out);
            out.push_str("  }\n");
        }
    }
    out + "}\n"
}

fn graph(tree: &Tree, next: &mut usize, out: &mut String) {
    let mut known: HashMap<StepId, usize> = HashMap::new();
    let mut edges: Vec<(usize, usize)> = Vec::new();
    let mut open: Vec<(&Tree, Option<usize>)> = vec![(tree, None)];
    while let Some((tree, above)) = open.pop() {
        let twin = tree.step.and_then(|step| known.get(&step)).copied();
        if let (Some(twin), true) = (twin, tree.is_shown_above()) {
            edges.extend(above.map(|above| (above, twin)));
            continue;
        }
        let id = *next;
        *next += 1;
        if let Some(step) = tree.step {
            known.insert(step, id);
        }
        edges.extend(above.map(|above| (above, id)));
        let lines: Vec<&str> = std::iter::once(tree.text.as_str())
            .chain(tree.notes.iter().map(String::as_str))
            .collect();
        let form = match (tree.tone, tree.below.is_empty()) {
            (Tone::Claim, false) => "shape=box, style=bold",
            (Tone::Claim, true) => "shape=note",
            (Tone::Fails, _) => "shape=octagon, color=red",
            (Tone::Aside, _) => "shape=plaintext",
            (Tone::Warning, _) => "shape=hexagon, color=orange",
        };
        writeln!(out, "    n{id} [label={}, {form}];", quoted(&lines)).expect("a text takes all");
        open.extend(tree.below.iter().rev().map(|below| (below, Some(id))));
    }
    for (from, to) in edges {
        writeln!(out, "    n{from} -> n{to};").expect("a text takes all");
    }
}

/// A label of several lines, each set to the left and at most 40 letters wide.
fn quoted(lines: &[&str]) -> String {
    let mut label = String::from("\"");
    for line in lines {
        for piece in textwrap::wrap(line, whole_words(40)) {
            for letter in piece.chars() {
                match letter {
                    '"' => label.push_str("\\\""),
                    '\\' => label.push_str("\\\\"),
                    letter if letter.is_control() => label.push(' '),
                    letter => label.push(letter),
                }
            }
            label.push_str("\\l");
        }
    }
    label + "\""
}
