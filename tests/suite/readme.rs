//! What the README shows is true: excerpts stand in their files, commands print what is printed there, examples pass.

use crate::command::{lexlog, lexlog_in, root};
use crate::pages::{Block, blocks, follow, words};
use std::fs;

fn readme() -> Vec<Block> {
    blocks("README.md")
}

#[test]
fn its_excerpts_stand_in_their_files() {
    let mut found = 0;
    for block in readme() {
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
    for block in readme().iter().filter(|block| block.kind == "console") {
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

/// Who does what the lessons say, in an empty folder, sees what they show.
#[test]
fn its_lessons_can_be_followed() {
    let folder = tempfile::TempDir::new().expect("there is room for a folder");
    assert!(follow(&readme(), "lessons", &folder) >= 6);
    let run = lexlog_in(folder.path(), &["check", "law"]);
    assert_eq!(run.err, "", "the lessons are without warnings");
    let run = lexlog_in(folder.path(), &["test", "law", "cases"]);
    assert_eq!(run.code, 1, "a case of the last lesson has no snapshot yet");
    assert!(
        run.out.contains("3 passed, 0 failed"),
        "{}",
        run.transcript()
    );
}
