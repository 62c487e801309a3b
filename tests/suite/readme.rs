//! What the README shows is true: excerpts stand in their files, commands print what is printed there, examples pass.

use crate::command::{lexlog, root};
use std::fs;

/// A fenced block: what stands behind the fence, and its lines.
struct Block {
    kind: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README is there");
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in readme.lines() {
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

#[test]
fn its_excerpts_stand_in_their_files() {
    let mut found = 0;
    for block in blocks() {
        let Some(path) = block.kind.strip_prefix("lexlog file=") else {
            continue;
        };
        let text = fs::read_to_string(root().join(path)).expect("the file is there");
        assert!(
            text.contains(&block.text),
            "{path} does not have:\n{}",
            block.text
        );
        found += 1;
    }
    assert!(found >= 3);
}

#[test]
fn its_commands_print_what_it_shows() {
    let mut found = 0;
    for block in blocks().iter().filter(|block| block.kind == "console") {
        let (command, shown) = block
            .text
            .split_once('\n')
            .expect("a command and what it prints");
        let words: Vec<&str> = words(
            command
                .strip_prefix("$ lexlog ")
                .expect("a command of lexlog"),
        );
        let run = lexlog(&words);
        assert_eq!(run.out, shown, "{command}\n{}", run.err);
        found += 1;
    }
    assert!(found >= 3);
}

/// The words of a command line; those in quotes stay together.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(|(at, part)| {
            if at % 2 == 1 {
                vec![part]
            } else {
                part.split_whitespace().collect()
            }
        })
        .collect()
}

#[test]
fn its_lessons_are_a_policy_whose_cases_pass() {
    let lessons: String = blocks()
        .into_iter()
        .filter(|block| block.kind == "lexlog")
        .map(|block| block.text)
        .collect();
    let folder = tempfile::TempDir::new().expect("there is room for a folder");
    let path = folder.path().join("lessons.lexlog");
    fs::write(&path, lessons).expect("there is room for a file");
    let run = lexlog(&["test".as_ref(), path.as_os_str()]);
    assert_eq!(
        (run.code, run.out.contains("3 passed, 0 failed")),
        (0, true),
        "{}",
        run.transcript()
    );
    let run = lexlog(&["check".as_ref(), path.as_os_str()]);
    assert_eq!(run.err, "", "the lessons are without warnings");
}
