//! Pages that show files, edits and commands: followed in a folder of one's own, step by step, as a reader would.

use crate::command::{lexlog_in, root};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A fenced block: what stands behind the fence, and its lines.
pub struct Block {
    pub kind: String,
    pub text: String,
}

/// The blocks of a page of the repository.
pub fn blocks(page: &str) -> Vec<Block> {
    let text = fs::read_to_string(root().join(page)).expect("the page is there");
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(kind), None) => {
                open = Some(Block {
                    kind: kind.into(),
                    text: String::new(),
                })
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text += line;
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// Follows the blocks of these kinds, and gives how many commands were run:
///
/// - `lexlog to=FILE`, `csv to=FILE`: stands in that file, behind what was put there before;
/// - `diff FOLDER/FILE`: `new` becomes a copy of that folder, in which the lines with `-` are those with `+`;
/// - `console WORD`, with the word given: each command prints what stands below it; `…` is any lines.
pub fn follow(blocks: &[Block], word: &str, folder: &TempDir) -> usize {
    let folder = folder.path();
    let mut commands = 0;
    for block in blocks {
        if let Some((_, file)) = block.kind.split_once(" to=") {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("it is in a folder")).expect("there is room");
            let before = fs::read_to_string(&path).unwrap_or_default();
            fs::write(&path, before + &block.text).expect("there is room for a file");
        } else if let Some(file) = block.kind.strip_prefix("diff ") {
            edit(folder, file, &block.text);
        } else if block.kind == format!("console {word}") {
            for step in block.text.split("$ lexlog ").skip(1) {
                let (command, shown) = step.split_once('\n').expect("a command is a line");
                let run = lexlog_in(folder, &words(command));
                assert!(
                    fits(shown, &run.out),
                    "lexlog {command}\n{}\n{}",
                    run.out,
                    run.err
                );
                commands += 1;
            }
        }
    }
    commands
}

fn edit(folder: &Path, file: &str, text: &str) {
    let (original, file) = file.split_once('/').expect("it stands in a folder");
    let new = folder.join("new");
    let _ = fs::remove_dir_all(&new);
    copy(&folder.join(original), &new);
    let lines = |sign: char| -> String {
        let lines = text.lines().filter_map(|line| line.strip_prefix(sign));
        lines.map(|line| format!("{line}\n")).collect()
    };
    let path = new.join(file);
    let before = fs::read_to_string(&path).expect("the file is there");
    assert!(before.contains(&lines('-')), "{file} has no\n{text}");
    let after = before.replacen(&lines('-'), &lines('+'), 1);
    fs::write(path, after).expect("there is room for a file");
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("there is room for a folder");
    for entry in fs::read_dir(from).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().expect("it has a name");
        match path.is_dir() {
            true => copy(&path, &to.join(name)),
            false => _ = fs::copy(&path, to.join(name)).expect("there is room for a file"),
        }
    }
}

/// Whether a text is what is shown; a line `…` stands for any lines.
fn fits(shown: &str, text: &str) -> bool {
    let mut parts = shown.split("…\n");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    for part in &parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty()
        || parts
            .last()
            .is_some_and(|last| last.is_empty() || text.ends_with(last))
}

/// The words of a command line; those in quotes stay together.
pub fn words(line: &str) -> Vec<&str> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(|(at, part)| match at % 2 {
            1 => vec![part],
            _ => part.split_whitespace().collect(),
        })
        .collect()
}

#[test]
fn dots_stand_for_any_lines_and_nothing_else_for_others() {
    assert!(fits("a\n…\nc\n", "a\nb\nc\n"));
    assert!(fits("a\n…\n", "a\nb\n"));
    assert!(fits("…\nc\n", "a\nc\nb\nc\n"));
    assert!(!fits("a\n", "a\nb\n"));
    assert!(!fits("a\n…\nd\n", "a\nb\nc\n"));
}
