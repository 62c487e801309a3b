//! The cases of the repository: they pass in both engines, and answers and proofs of those about notices are snapshots that a
//! lawyer can review.

use crate::command::{lexlog, root};
use lexlog::ir::{ExpectClaim, Fact, NoticeId};
use lexlog::report::{Context, Style, proof_text, verdicts_text, why_not_text};
use lexlog::session::{Cases, Explained, Session, load};
use lexlog::source::Place;
use std::collections::BTreeSet;
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

#[test]
fn the_magnet_maker_is_screened_as_reviewed() {
    let run = lexlog(&[
        "run",
        "policies",
        "--facts",
        "policies/examples/magnet_maker",
    ]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    insta::with_settings!({ snapshot_path => root().join("tests/cases/notices/snapshots"), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("example_of_the_magnet_maker", run.out);
    });
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
    let notices: BTreeSet<NoticeId> = case
        .expects
        .iter()
        .flat_map(|expect| expect.by.iter().flatten())
        .map(|clause| session.policy.clause(*clause).notice)
        .collect();
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
        let mut settled = facts.clone();
        settled
            .list
            .extend(expect.conditions.iter().map(|condition| Fact {
                relation: condition.relation,
                args: condition.args.clone(),
                days: None,
                denied: condition.negated,
                place: Place::Span(condition.span),
            }));
        let evaluated = session
            .run(&settled, &circumstances)
            .unwrap_or_else(|problems| panic!("{}: {problems:?}", case.title));
        if let Some(explained) = session.explain(&evaluated, query, None).first() {
            out += &reason(context, explained, &notices);
        }
    }
    out
}

/// Why it holds, may hold or does not: of the notices that the case names, if it names some. Where it is open, why it does not
/// follow is left out: the lines of the case that settle the point tell it.
fn reason(context: Context<'_>, explained: &Explained, notices: &BTreeSet<NoticeId>) -> String {
    let style = Style::default();
    match explained {
        Explained::Holds(_, proofs) => {
            let proofs = proofs.list.iter();
            proofs
                .map(|proof| proof_text(context, proof, style))
                .collect()
        }
        Explained::Absent(why) => {
            let mut named = (**why).clone();
            named.rules.retain(|rule| {
                let clause = rule.clause.map(|clause| context.policy.clause(clause));
                clause.is_none_or(|clause| notices.contains(&clause.notice))
            });
            let is_some = !named.rules.is_empty();
            why_not_text(context, if is_some { &named } else { why }, style)
        }
        Explained::InEveryCase(_, cases) => by_cases(context, cases),
        Explained::Open(open) => {
            let assumed = open.may.iter().map(|(assumed, cases)| {
                format!(
                    "Assumed: {}\n{}",
                    assumed.join("; "),
                    by_cases(context, cases)
                )
            });
            format!(
                "Open: {}\n{}",
                context.dependence(&open.dependence),
                assumed.collect::<String>()
            )
        }
    }
}

fn by_cases(context: Context<'_>, cases: &Cases) -> String {
    let told = cases.list.iter().map(|(assumed, proof)| {
        let case = match assumed.is_empty() {
            true => String::new(),
            false => format!("Case: {}\n", assumed.join("; ")),
        };
        case + &proof_text(context, proof, Style::default())
    });
    told.collect()
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
