//! The cases of the repository: they pass in both engines, and answers and proofs of those about notices are snapshots that a
//! lawyer can review.

use crate::command::{lexlog, root};
use lexlog::ir::{ExpectClaim, Term};
use lexlog::proof::Pattern;
use lexlog::report::{Style, proof_text, verdicts_text, why_not_text};
use lexlog::session::{Session, load};
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
fn the_cases_of_the_notices_pass_in_both_engines() {
    for arguments in [
        vec!["test", "policies", "tests/cases/notices"],
        vec!["test", "policies", "tests/cases/notices", "--reference"],
    ] {
        let run = lexlog(&arguments);
        assert_eq!(run.code, 0, "{}", run.transcript());
        assert!(run.out.contains(", 0 failed"), "{}", run.out);
    }
}

#[test]
fn the_answers_and_proofs_of_the_notices_are_as_reviewed() {
    std::env::set_current_dir(root()).expect("the root of the repository is there");
    let session = load(&[
        PathBuf::from("policies"),
        PathBuf::from("tests/cases/notices"),
    ]);
    assert!(!session.diagnostics.has_errors());
    for at in 0..session.policy.cases.len() {
        let title = &session.policy.cases[at].title;
        insta::with_settings!({ snapshot_path => root().join("tests/cases/notices/snapshots"), prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(slug(title), told(&session, at));
        });
    }
}

/// A case as a reviewer reads it: what holds, and for each expectation the proof, or why it does not hold.
fn told(session: &Session, at: usize) -> String {
    let case = &session.policy.cases[at];
    let (facts, circumstances) = (session.case_facts(at), session.case_circumstances(at));
    let evaluated = session
        .run(&facts, &circumstances)
        .unwrap_or_else(|problems| panic!("{}: {problems:?}", case.title));
    let context = session.context();
    let mut out = format!(
        "{}\n\nVerdicts:\n{}",
        case.title,
        verdicts_text(context, &session.verdicts(&evaluated))
    );
    for expect in &case.expects {
        let words = session
            .sources
            .words(expect.span)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        out += &format!("\n{words}\n");
        let ExpectClaim::Query(query) = &expect.claim else {
            continue;
        };
        out += &evaluated.with_world(&session.policy, |world| {
            match world.answers(query).first() {
                Some(claim) => proof_text(
                    context,
                    &world.prove(claim).expect("what holds has a proof"),
                    Style::default(),
                ),
                None => {
                    let known = query.atom.args.iter().map(|term| {
                        if let Term::Value(value) = term {
                            Some(value.clone())
                        } else {
                            None
                        }
                    });
                    let pattern = Pattern {
                        present: Vec::new(),
                        relation: query.atom.relation,
                        args: known.collect(),
                        day: query.on,
                    };
                    why_not_text(context, &world.why_not(&pattern), Style::default())
                }
            }
        });
    }
    out
}

fn slug(title: &str) -> String {
    let letters = title.to_lowercase();
    let words: Vec<&str> = letters
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("_").chars().take(80).collect()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the cases are there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the cases can be read").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "lexlog"));
    files.sort();
    files
}
