//! The cases of the repository: they pass in both engines, and answers and proofs of those about notices are snapshots that a
//! lawyer can review.

use crate::command::{lexlog, root};
use lexlog::session::load;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_cases_of_the_language_pass_in_both_engines() {
    for file in files_in(&root().join("tests/cases/language")) {
        let path = file.to_string_lossy().into_owned();
        for arguments in [vec!["test", &path], vec!["test", &path, "--reference"]] {
            let run = lexlog(&arguments);
            assert_eq!(run.code, 0, "{path}\n{}", run.transcript());
        }
    }
}

#[test]
fn the_cases_of_the_notices_pass_in_the_reference_too() {
    let arguments = ["test", "policies", "tests/cases/notices", "--reference"];
    let run = lexlog(&arguments);
    assert_eq!(run.code, 0, "{}", run.transcript());
    // `lexlog test` and insta read the same snapshots.
    assert!(run.out.contains(" as reviewed\n"), "{}", run.out);
}

#[test]
fn the_cases_of_the_notices_pass_and_their_answers_and_proofs_are_as_reviewed() {
    std::env::set_current_dir(root()).expect("the root of the repository is there");
    let session = load(&[
        PathBuf::from("policies"),
        PathBuf::from("tests/cases/notices"),
    ]);
    assert!(!session.diagnostics.has_errors());
    let cases: Vec<usize> = (0..session.policy.cases.len()).collect();
    let results = session.run_with_snapshots(&cases, true, None, &|| {});
    for (result, snapshot) in results.expect("the snapshots can be read") {
        let title = format!("case: {}", session.policy.cases[snapshot.case].title);
        assert!(result.has_passed(), "{title}");
        let text = snapshot.text.expect("the case can be run");
        let folder = snapshot.file.parent().expect("it lies in a folder");
        let name = snapshot.file.file_stem().expect("it has a name");
        insta::with_settings!({ snapshot_path => root().join(folder), prepend_module_to_snapshot => false, omit_expression => true, description => title }, {
            insta::assert_snapshot!(name.to_string_lossy().as_ref(), text);
        });
    }
    assert_eq!(session.orphans(), Vec::<PathBuf>::new());
}

#[test]
fn the_magnet_maker_is_screened_as_reviewed() {
    let run = lexlog(&[
        "run",
        "policies",
        "--facts",
        "policies/examples/magnet_maker",
    ]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    insta::with_settings!({ snapshot_path => root().join("tests/examples/snapshots"), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("example_of_the_magnet_maker", run.out);
    });
}

/// The `.lexlog` files of a folder, in the order of their names.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the cases are there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the cases can be read").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "lexlog"));
    files.sort();
    files
}
