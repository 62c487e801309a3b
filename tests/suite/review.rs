//! The page on three faulty edits says what `diff`, `test` and `mutate` say of them.

use crate::command::root;
use crate::pages::{blocks, copy, follow};
use tempfile::TempDir;

#[test]
fn three_faulty_edits_are_told_as_the_page_shows() {
    let folder = TempDir::new().expect("there is room for a folder");
    for part in ["policies", "tests/cases/notices"] {
        copy(&root().join(part), &folder.path().join(part));
    }
    assert!(follow(&blocks("policies/REVIEW.md"), "review", &folder) >= 9);
}
