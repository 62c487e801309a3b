//! Input that no author would write, and that must do no harm: refused or reported, in bounded time and memory.

use crate::command::{Run, lexlog};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

struct Hostile {
    folder: TempDir,
}

impl Hostile {
    fn new() -> Hostile {
        Hostile {
            folder: TempDir::new().expect("there is room for a folder"),
        }
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).expect("there is room for a file");
        path
    }

    fn check(&self, bytes: impl AsRef<[u8]>) -> Run {
        let path = self.file("policy.lexlog", bytes);
        refused(lexlog(&["check".as_ref(), path.as_os_str()]))
    }
}

/// It said no, in few words, and did not fall over.
fn refused(run: Run) -> Run {
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.err.contains("error"), "{}", run.err);
    assert!(
        !run.err.contains("panicked") && !run.err.contains("overflow"),
        "{}",
        run.err
    );
    assert!(
        run.err.len() < 200_000,
        "{} bytes of messages",
        run.err.len()
    );
    run
}

#[test]
fn ten_thousand_brackets_are_refused() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("not ", ""),
        ("-", ""),
        ("1 + ", ""),
        ("f(", ")"),
    ] {
        let text = format!(
            "type T\ninput p(x: T, n: int)\nverdict q(x: T)\nq(X) if p(X, N), N = {}1{}.\n",
            open.repeat(10_000),
            close.repeat(10_000)
        );
        Hostile::new().check(text);
    }
}

#[test]
fn brackets_that_are_never_closed_are_refused() {
    for bracket in ["(", "[", "{", "notice n \"x\" {", "\"", "case \"c\" {"] {
        Hostile::new().check(bracket.repeat(10_000));
    }
}

#[test]
fn fifty_megabytes_of_noise_are_refused() {
    let mut state = 7u64;
    let noise: Vec<u8> = (0..50_000_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            b" \nabcXYZ(){}[].,:_\"#0123456789<>=-+*/"[(state >> 33) as usize % 37]
        })
        .collect();
    Hostile::new().check(noise);
}

#[test]
fn three_megabytes_of_noise_are_reported() {
    let mut state = 11u64;
    let noise: Vec<u8> = (0..3_000_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            b" \nabcXYZ(){}[].,:_\"#0123456789<>=-+*/"[(state >> 33) as usize % 37]
        })
        .collect();
    Hostile::new().check(noise);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let run = Hostile::new().check(b"type Party\n# caf\xe9\n");
    assert!(run.err.contains("UTF-8"), "{}", run.err);
    assert!(run.err.contains("policy.lexlog:2"), "{}", run.err);
}

#[test]
fn an_empty_folder_is_no_policy() {
    let hostile = Hostile::new();
    let run = refused(lexlog(&[
        "check".as_ref(),
        hostile.folder.path().as_os_str(),
    ]));
    assert!(run.err.contains("no policy"), "{}", run.err);
}

#[test]
fn a_missing_file_is_named() {
    let run = refused(lexlog(&["run", "no/such/policy.lexlog"]));
    assert!(run.err.contains("no/such/policy.lexlog"), "{}", run.err);
    let run = refused(lexlog(&[
        "run",
        "tests/cases/language/rules.lexlog",
        "--facts",
        "no_such.csv",
    ]));
    assert!(run.err.contains("no_such.csv"), "{}", run.err);
}

#[test]
fn a_rule_that_makes_new_values_for_ever_is_stopped() {
    let hostile = Hostile::new();
    let policy = hostile.file("p.lexlog", "input start(n: int)\nverdict count(n: int)\ncount(N) if start(N).\ncount(N) if count(M), N = M + 1.\n");
    let facts = hostile.file("f.lexlog", "start(0).\n");
    let run = refused(lexlog(&[
        "run".as_ref(),
        policy.as_os_str(),
        "--facts".as_ref(),
        facts.as_os_str(),
    ]));
    assert!(
        run.err.contains("p.lexlog:4"),
        "names the rule: {}",
        run.err
    );
}

#[test]
fn a_list_that_is_read_from_outside_the_policy_is_refused() {
    let hostile = Hostile::new();
    fs::create_dir(hostile.folder.path().join("policy")).expect("there is room");
    hostile.file("secret.csv", "name\nx\n");
    let path = hostile.file("policy/p.lexlog", "type Country from \"../secret.csv\"\n");
    refused(lexlog(&["check".as_ref(), path.as_os_str()]));
}
