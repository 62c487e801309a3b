//! What the engines must do, and that they do the same.

mod answers;
pub mod build;
mod random;

use super::{Engine, Failure, Given, Limits, Local, Model, Reference};
use crate::datalog::program::Levels;
use crate::value::{NoValue, Value};
use build::{Build, value};

/// What both engines say, which must be the same.
fn outcome(build: &Build, limits: Limits) -> Result<Model, Failure> {
    let reference = Reference.run(&build.program, &Given::default(), limits);
    let local = Local.run(&build.program, &Given::default(), limits);
    assert!(
        is_alike(&reference, &local),
        "reference: {reference:?}\nlocal: {local:?}"
    );
    local
}

/// The same rows; or the same failure, but for the row at which a limit was noticed.
fn is_alike(one: &Result<Model, Failure>, other: &Result<Model, Failure>) -> bool {
    match (one, other) {
        (Err(Failure::Limit { what, .. }), Err(Failure::Limit { what: other, .. })) => {
            what == other
        }
        (one, other) => one == other,
    }
}

fn rows(build: &Build, relation: &str) -> Vec<String> {
    let model = outcome(build, Limits::default()).expect("the program has a model");
    let rows = model.rows(build.rel(relation));
    rows.map(|row| row.iter().map(build::show).collect::<Vec<_>>().join(" "))
        .collect()
}

fn failure(build: &Build) -> Failure {
    outcome(build, Limits::default()).expect_err("the program has no model")
}

fn graph() -> Build {
    let mut build = Build::default();
    build.facts("edge", &["a b", "b c", "c a", "c d"]);
    build.rule("path(X, Y)", &["edge(X, Y)"]);
    build.rule("path(X, Z)", &["path(X, Y)", "edge(Y, Z)"]);
    build.stratum(&["path"]);
    build
}

#[test]
fn the_number_of_threads_does_not_show() {
    let mut build = Build::default();
    let edges: Vec<String> = (0..60)
        .flat_map(|at| [(at, (at + 1) % 60), (at, at * 7 % 60)])
        .map(|(from, to)| format!("n{from} n{to}"))
        .collect();
    let edges: Vec<&str> = edges.iter().map(String::as_str).collect();
    build.facts("edge", &edges);
    build.rule("path(X, Y)", &["edge(X, Y)"]);
    build.rule("path(X, Z)", &["path(X, Y)", "edge(Y, Z)"]);
    build.rule("way(X, Y, Z)", &["path(X, Y)", "edge(Y, Z)"]);
    build.stratum(&["path"]);
    build.stratum(&["way"]);
    let found = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("threads can be had");
        let given = Given::default();
        let run = || Local.run(&build.program, &given, Limits::default());
        let model = pool.install(run).expect("the program has a model");
        let tables = model.tables.iter();
        tables
            .map(|table| {
                (0..table.len() as u32)
                    .map(|id| table.row(id).to_vec())
                    .collect()
            })
            .collect::<Vec<Vec<_>>>()
    };
    let alone = found(1);
    assert_eq!(alone[build.rel("path").0 as usize].len(), 3_600);
    assert_eq!(alone, found(2));
    assert_eq!(alone, found(7));
}

#[test]
fn recursion_reaches_everything() {
    let build = graph();
    assert_eq!(rows(&build, "path").len(), 12);
    assert!(rows(&build, "path").contains(&"a d".to_owned()));
}

#[test]
fn a_premise_is_found_in_an_earlier_round() {
    let build = graph();
    let model = Local
        .run(&build.program, &Given::default(), Limits::default())
        .expect("it has a model");
    let round = |relation: &str, row: &[&str]| {
        let row: Vec<Value> = row.iter().map(|text| value(text)).collect();
        model.round_of(build.rel(relation), &row)
    };
    assert_eq!(round("edge", &["a", "b"]), Some(0));
    assert!(round("path", &["a", "b"]) < round("path", &["a", "c"]));
    assert!(round("path", &["a", "c"]) < round("path", &["a", "d"]));
    assert_eq!(round("path", &["d", "a"]), None);
}

#[test]
fn not_asks_for_no_row_that_fulfils_the_checks() {
    let mut build = Build::default();
    build.facts("item", &["a", "b", "c"]);
    build.facts("listed", &["a 1", "a 5", "b 2"]);
    build.rule("free(X)", &["item(X)", "not listed(X, N) where N > 3"]);
    build.rule("unlisted(X)", &["item(X)", "not listed(X, _)"]);
    build.stratum(&["free", "unlisted"]);
    assert_eq!(rows(&build, "free"), ["b", "c"]);
    assert_eq!(rows(&build, "unlisted"), ["c"]);
}

#[test]
fn aggregates_fold_distinct_rows_and_count_distinct_terms() {
    let mut build = Build::default();
    build.facts("part", &["a x 2", "a y 2", "b z 1/3"]);
    build.facts("item", &["a", "b", "c"]);
    build.rule(
        "total(X, V)",
        &["item(X)", "V = sum N { part(X, P, N) } by X"],
    );
    build.rule(
        "kinds(X, V)",
        &["item(X)", "V = count N { part(X, P, N) } by X"],
    );
    build.rule("parts(X, V)", &["V = count _ { part(X, P, N) } over X"]);
    build.rule(
        "least(X, V)",
        &["item(X)", "V = min N { part(X, P, N) } by X"],
    );
    build.stratum(&["total", "kinds", "parts", "least"]);
    assert_eq!(rows(&build, "total"), ["a 4", "b 1/3", "c 0"]);
    assert_eq!(rows(&build, "kinds"), ["a 1", "b 1", "c 0"]);
    assert_eq!(rows(&build, "parts"), ["a 2", "b 1"]);
    assert_eq!(rows(&build, "least"), ["a 2", "b 1/3"]);
}

fn division(guards: &[&str]) -> Build {
    let mut build = Build::default();
    build.facts("share", &["a 1 2", "b 1 0", "c 2 0"]);
    build.facts("closed", &["b", "c"]);
    build.rule(
        "ratio(X, Q)",
        &[&["share(X, A, B)", "Q = A / B"], guards].concat(),
    );
    build.stratum(&["ratio"]);
    build
}

#[test]
fn an_expression_without_value_is_an_error_where_all_else_holds() {
    let reason = |failure| match failure {
        Failure::NoValue {
            bindings, reason, ..
        } => (bindings[0].clone(), reason),
        other => panic!("{other:?}"),
    };
    let smallest = (Some(value("b")), NoValue::DivisionByZero);
    assert_eq!(reason(failure(&division(&[]))), smallest);
    assert_eq!(reason(failure(&division(&["Q > 3"]))), smallest);
    let second = (Some(value("c")), NoValue::DivisionByZero);
    assert_eq!(reason(failure(&division(&["A > 1"]))), second);
}

#[test]
fn an_expression_without_value_is_no_error_where_something_else_fails() {
    assert_eq!(rows(&division(&["B > 0"]), "ratio"), ["a 0.5"]);
    assert_eq!(rows(&division(&["not closed(X)"]), "ratio"), ["a 0.5"]);
}

#[test]
fn working_days_are_counted_and_end_with_the_calendar() {
    let mut build = Build::default();
    build.facts(
        "working",
        &["2025-01-06", "2025-01-07", "2025-01-10", "2025-01-13"],
    );
    build.facts("event", &["2025-01-07"]);
    build.rule("due(D)", &["event(E)", "D = E workdays 2"]);
    build.rule("before(D)", &["event(E)", "D = E workdays -1"]);
    build.stratum(&["due", "before"]);
    build.program.working_day = Some(build.rel("working"));
    assert_eq!(rows(&build, "due"), ["2025-01-13"]);
    assert_eq!(rows(&build, "before"), ["2025-01-06"]);
    build.rule("late(D)", &["event(E)", "D = E workdays 3"]);
    build.stratum(&["late"]);
    // Beyond the calendar's end, only that it is later is known.
    assert_eq!(rows(&build, "late"), ["2025-01-14.."]);
}

#[test]
fn levels_are_computed_one_upon_the_other() {
    let mut build = Build::default();
    build.facts("bom", &["car wheel 4", "wheel bolt 5", "car bolt 1"]);
    build.rule("content(A, B, 1, Q)", &["bom(A, B, Q)"]);
    let sums = &[
        "bom(B, P, _)",
        "content(A, B, M, _)",
        "Q = sum X { step(A, P, M, B, X) } by A P M",
        "N = M + 1",
        "N <= 4",
    ];
    build.rule(
        "step(A, P, M, B, X)",
        &["content(A, B, M, Q1)", "bom(B, P, Q2)", "X = Q1 * Q2"],
    );
    build.rule("content(A, P, N, Q)", sums);
    build.stratum(&["content", "step"]);
    let (content, step) = (build.rel("content"), build.rel("step"));
    build.program.strata[0].levels = Some(Levels {
        column: [(content, 2), (step, 2)].into(),
        variable: [(1, build.var(1, "M")), (2, build.var(2, "M"))].into(),
    });
    let expected = [
        "car bolt 1 1",
        "car bolt 2 20",
        "car wheel 1 4",
        "wheel bolt 1 5",
    ];
    assert_eq!(rows(&build, "content"), expected);
}

fn counting() -> Build {
    let mut build = Build::default();
    build.facts("number", &["1"]);
    build.rule("number(N)", &["number(M)", "N = M + 1"]);
    build.stratum(&["number"]);
    build
}

fn limit_of(build: &Build, limits: Limits) -> &'static str {
    match outcome(build, limits) {
        Err(Failure::Limit {
            what, clause: 0, ..
        }) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rule_that_makes_new_values_for_ever_is_stopped() {
    let limits = Limits {
        facts: 100,
        rounds: 50,
        bits: 64,
        ..Limits::default()
    };
    assert_eq!(limit_of(&counting(), limits), "rounds");
    assert_eq!(
        limit_of(
            &counting(),
            Limits {
                facts: 20,
                ..limits
            }
        ),
        "facts"
    );
    let mut squares = Build::default();
    squares.facts("number", &["3"]);
    squares.rule("number(N)", &["number(M)", "N = M * M"]);
    squares.stratum(&["number"]);
    assert_eq!(limit_of(&squares, limits), "digits");
}

#[test]
fn a_huge_cross_product_is_stopped_before_it_is_made() {
    let mut build = Build::default();
    let numbers: Vec<String> = (0..3_000).map(|number| number.to_string()).collect();
    build.facts(
        "number",
        &numbers.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    build.rule(
        "quadruple(A, B, C, D)",
        &["number(A)", "number(B)", "number(C)", "number(D)"],
    );
    build.stratum(&["quadruple"]);
    let limits = Limits {
        facts: 10_000,
        ..Limits::default()
    };
    let failure = Local.run(&build.program, &Given::default(), limits);
    assert!(matches!(failure, Err(Failure::Limit { what: "facts", .. })));
}

#[test]
fn random_programs_mean_the_same_to_both_engines() {
    let limits = Limits {
        facts: 60,
        rounds: 4,
        bits: 7,
        ..Limits::default()
    };
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..1_500 {
        let program = random::program(seed);
        let reference = Reference.run(&program, &Given::default(), limits);
        let local = Local.run(&program, &Given::default(), limits);
        assert!(
            is_alike(&reference, &local),
            "seed {seed}: {program:#?}\nreference: {reference:?}\nlocal: {local:?}"
        );
        *seen
            .entry(random::sort_of(&program, &reference))
            .or_insert(0) += 1;
    }
    for sort in ["rows", "facts", "rounds", "digits", "no value"] {
        assert!(seen.get(sort).is_some_and(|count| *count > 2), "{seen:?}");
    }
}
