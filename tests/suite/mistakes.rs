//! Each kind of mistake is a case: what the author wrote, and what Lexlog says of it, in one snapshot.

use crate::command::{lexlog, root};
use std::fs;

#[test]
fn each_mistake_is_told_to_its_author() {
    let folder = root().join("tests/cases/mistakes");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("the cases are there")
        .map(|entry| {
            entry
                .expect("the cases can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.ends_with(".lexlog") && !name.ends_with(".facts.lexlog"))
        .collect();
    names.sort();
    assert!(names.len() > 30, "the cases are there");
    for name in names {
        let policy = format!("tests/cases/mistakes/{name}");
        let facts = policy.replace(".lexlog", ".facts.lexlog");
        let mut shown =
            numbered(&fs::read_to_string(root().join(&policy)).expect("a case can be read"));
        let run = if root().join(&facts).exists() {
            let given = fs::read_to_string(root().join(&facts)).expect("facts can be read");
            shown += &format!("\nfacts:\n{}", numbered(&given));
            lexlog(&["run", &policy, "--facts", &facts])
        } else {
            lexlog(&["check", &policy])
        };
        let stem = name.trim_end_matches(".lexlog");
        insta::with_settings!({ snapshot_path => folder.join("snapshots"), prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(stem, format!("{shown}\n{}", run.transcript()));
        });
        assert!(!run.err.contains("panicked"), "{name}: {}", run.err);
    }
}

fn numbered(text: &str) -> String {
    text.lines()
        .enumerate()
        .map(|(at, line)| format!("{:>3} | {line}\n", at + 1))
        .collect()
}
