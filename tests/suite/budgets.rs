//! How much a run may take, and what it tells of that.

use crate::command::{Run, lexlog_in};
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const COUNTING: &str = "input start(n: int)
relation number(n: int)
verdict odd(n: int)
number(N) if start(N).
number(N) if number(M), N = M + 2.
odd(N) if number(N), N < 4.
";

/// Everything with everything, where nothing comes of it for a long time.
const SQUARES: &str = "input number(n: int)
verdict square(n: int)
square(N) if number(A), number(B), number(C), N = A * B * C, N < 0.
";

fn folder(law: &str, facts: &str) -> TempDir {
    let folder = TempDir::new().expect("there is room for a folder");
    fs::write(folder.path().join("law.lexlog"), law).expect("it is written");
    fs::write(folder.path().join("f.lexlog"), facts).expect("it is written");
    folder
}

/// Runs the law on the facts of a folder.
fn run(folder: &TempDir, more: &[&str]) -> Run {
    let arguments = [&["run", "law.lexlog", "--facts", "f.lexlog"], more].concat();
    lexlog_in(folder.path(), &arguments)
}

fn numbers() -> String {
    let numbers = (1..3_000).map(|number| format!("number({number}).\n"));
    numbers.collect()
}

#[test]
fn a_rule_that_counts_for_ever_ends_at_the_facts_that_are_allowed() {
    let folder = folder(COUNTING, "start(1).\n");
    let run = run(&folder, &["--max-facts", "1000"]);
    insta::assert_snapshot!(run.transcript(), @r#"
    standard error:
    error[E0601]: more than 1,000 facts follow; the last one made is
                  `number(2001)`
     --> law.lexlog:5:1
      |
    5 | number(N) if number(M), N = M + 2.
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ by this rule
      |
      = help: see whether the conditions of this rule belong together: where
              they share no variable, everything is combined with everything
      = help: a rule that makes new values out of its own conclusions never
              ends: add a condition that stops it, such as `N < 100`

    1 error
    exit 2
    "#);
}

#[test]
fn a_run_ends_in_time_and_says_which_rule_it_was_at() {
    let folder = folder(SQUARES, &numbers());
    let begun = Instant::now();
    let run = run(&folder, &["--timeout", "0.5"]);
    assert!(begun.elapsed() < Duration::from_secs(10));
    insta::assert_snapshot!(run.transcript(), @r#"
    standard error:
    error[E0605]: stopped after 0.5 s: the facts were not yet all worked out
     --> law.lexlog:3:1
      |
    3 | square(N) if number(A), number(B), number(C), N = A * B * C, N < 0.
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ by this rule
      |
      = help: give it more time (--timeout), or see with --stats which rule
              takes so long

    1 error
    exit 2
    "#);
}

#[test]
fn a_run_that_looks_for_what_is_absent_ends_in_time_too() {
    let law = "type Item
event shipped(item: Item, on: date)
input ban(item: Item) dated
verdict free(item: Item)
free(A) if shipped(A), not ban(_).
";
    let facts: String = (0..6_000)
        .map(|at| format!("shipped(s{at}, 2025-01-01). ban(b{at}) from 2026-01-01.\n"))
        .collect();
    let folder = folder(law, &facts);
    let run = run(&folder, &["--timeout", "1"]);
    assert_eq!(run.code, 2, "{}", run.transcript());
    assert!(run.err.contains("error[E0605]"), "{}", run.err);
    assert!(run.err.contains("by this rule"), "{}", run.err);
}

#[test]
fn a_run_ends_where_it_needs_more_memory_than_it_may() {
    let folder = folder(SQUARES, &numbers());
    let run = run(&folder, &["--max-memory", "1MiB"]);
    assert_eq!(run.code, 2, "{}", run.transcript());
    assert!(run.err.contains("error[E0606]: stopped"), "{}", run.err);
    assert!(
        run.err.contains("more than 1.0 MiB of memory"),
        "{}",
        run.err
    );
}

#[test]
fn what_is_no_amount_is_told() {
    let folder = folder(COUNTING, "start(1).\n");
    for (option, value) in [
        ("--max-memory", "much"),
        ("--timeout", "soon"),
        ("--max-facts", "x"),
    ] {
        let run = run(&folder, &[option, value]);
        assert_eq!(run.code, 2, "{}", run.transcript());
        assert!(run.err.contains(option), "{}", run.err);
        assert!(
            run.err.contains("such as") || option == "--max-memory",
            "{}",
            run.err
        );
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_broken_off_leaves_at_once_and_leaves_nothing_behind() {
    let folder = folder(SQUARES, &numbers());
    let mut child = Command::new(env!("CARGO_BIN_EXE_lexlog"))
        .args(["run", "law.lexlog", "--facts", "f.lexlog", "--out", "out"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    sleep(Duration::from_millis(500));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it can be told");
    let begun = Instant::now();
    let ended = child.wait().expect("it ends");
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(ended.code(), Some(130));
    assert!(!folder.path().join("out").exists());
}

#[test]
fn where_the_time_went_is_told_by_phase_stratum_and_rule() {
    let law = "type Node
input edge(from: Node, to: Node)
verdict reaches(from: Node, to: Node)
reaches(A, B) if edge(A, B).
reaches(A, C) if reaches(A, B), edge(B, C).
";
    let folder = folder(law, "edge(a, b). edge(b, c). edge(c, d).\n");
    let planned = run(&folder, &["--plan"]);
    insta::assert_snapshot!(planned.err.trim_start(), @r#"
    law.lexlog:4
      reaches(A, B): run 1 time, 3 facts
        1. edge(A, B), of 3 rows: 3 came through

    law.lexlog:5
      reaches(A, C): run 4 times, 3 facts
        1. reaches(A, B), of 0 rows: 6 came through
        2. edge(B, C), of 3 rows: 3 came through
    "#);
    let measured = run(&folder, &["--stats"]);
    assert_eq!(measured.code, 0, "{}", measured.transcript());
    for told in [
        "  reading the facts\n",
        "3 facts given\n",
        " of 3: reaches\n",
        "law.lexlog:5\n",
    ] {
        assert!(measured.err.contains(told), "{told}: {}", measured.err);
    }
    let both = run(&folder, &["--stats", "--plan", "--format", "json"]);
    let told: Value = serde_json::from_str(&both.out).expect("it is JSON");
    let rules = told["stats"]["rules"].as_array().expect("there are rules");
    let derived = rules.iter().filter_map(|rule| rule["derived"].as_u64());
    assert_eq!(derived.sum::<u64>(), 6);
    assert_eq!(told["stats"]["given"], 3);
    assert!(told["plan"][0]["plans"][0]["steps"][0]["passed"].is_u64());
}

#[test]
fn only_facts_count_as_facts_and_steps_on_the_way_are_told_in_words() {
    let law = "type Node
input edge(from: Node, to: Node, weight: int)
input load(from: Node, to: Node)
verdict points(from: Node, to: Node)
verdict heavy(from: Node, to: Node)
points(A, B) if edge(A, B, _).
points(A, D) if load(A, B), points(B, C), points(C, D).
heavy(A, B) if edge(A, B, _).
heavy(A, C) if heavy(A, B), edge(B, C, W), W >= 2.
";
    let facts = "edge(a, b, 1). edge(b, c, 2). edge(c, d, 3).
load(a, b). load(b, c). load(a, a).
";
    let folder = folder(law, facts);
    let planned = run(&folder, &["--plan"]);
    insta::assert_snapshot!(planned.err.trim_start(), @r"
    law.lexlog:6
      points(A, B): run 1 time, 3 facts
        1. edge(A, B, _), of 3 rows: 3 came through

    law.lexlog:7
      points(A, D): run 5 times, 2 facts
        1. combinations of A and C for this rule, of 0 rows: 4 came through
        2. points(C, D), of 0 rows: 2 came through
      points(A, D): run 5 times, 0 facts
        1. points(C, D), of 0 rows: 5 came through
        2. combinations of A and C for this rule, of 0 rows: 0 came through
      combinations of A and C for this rule: run 5 times, 4 rows
        1. points(B, C), of 0 rows: 5 came through
        2. load(A, B), of 3 rows: 5 came through

    law.lexlog:8
      heavy(A, B): run 1 time, 3 facts
        1. edge(A, B, _), of 3 rows: 3 came through

    law.lexlog:9
      combinations of B and C for this rule: run 1 time, 2 rows
        1. edge(B, C, W), of 3 rows: 3 came through
        2. a comparison: 2 came through
      heavy(A, C): run 4 times, 3 facts
        1. heavy(A, B), of 0 rows: 6 came through
        2. combinations of B and C for this rule, of 2 rows: 3 came through
    ");
    let follow = planned.out.lines().count();
    let just_enough = run(&folder, &["--max-facts", &follow.to_string()]);
    assert_eq!(just_enough.code, 0, "{}", just_enough.transcript());
    let reference = ["--max-facts", &follow.to_string(), "--reference"];
    assert_eq!(run(&folder, &reference).code, 0);
    let too_few = run(&folder, &["--max-facts", &(follow - 1).to_string()]);
    assert_eq!(too_few.code, 2, "{}", too_few.transcript());
    let counted = run(&folder, &["--stats", "--format", "json"]);
    let told: Value = serde_json::from_str(&counted.out).expect("it is JSON");
    for list in ["rules", "strata"] {
        let list = told["stats"][list].as_array().expect("a list").iter();
        let derived = list.filter_map(|it| it["derived"].as_u64());
        assert_eq!(derived.sum::<u64>(), follow as u64);
    }
    assert!(!counted.out.contains('#'), "{}", counted.out);
}

#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_while_it_reads_says_so() {
    let law = "input number(n: int)\nverdict seen(n: int)\nseen(N) if number(N).\n";
    let folder = folder(law, "number(1).\n");
    let pipe = folder.path().join("number.csv");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo starts").success());
    // Somebody who holds the pipe open and says nothing.
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || {
            let open = fs::File::options().write(true).open(pipe);
            sleep(Duration::from_secs(3));
            drop(open);
        }
    });
    let run = run(&folder, &["-f", "number.csv", "--timeout", "0.3"]);
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error[E0605]: stopped after 0.3 s while reading the facts
      = help: give it more time (--timeout)
    exit 2
    ");
    writer.join().expect("the writer ends");
}
