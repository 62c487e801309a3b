//! What the exact decision says, held to every settlement.

mod random;
mod texts;
mod world;

use super::{Answer, HoldsIf, Outcome, Point};
use crate::engine::tests::build::value;
use world::World;

#[test]
fn random_programs_say_what_all_settlements_say() {
    let (mut exact, mut open) = (0, 0);
    for seed in 0..100 {
        let world = random::world(seed);
        let (of, all) = world.check(seed);
        exact += of;
        open += all;
    }
    assert!(open > 300, "{open} open rows are too few to tell");
    assert!(
        exact * 10 > open * 9,
        "only {exact} of {open} open rows are decided exactly"
    );
}

fn judged(rules: &[(&str, &[&str])]) -> World {
    let mut world = World::new();
    world.build.facts("item", &["a", "b"]);
    world.judgement("j", &["a", "b"]);
    for (head, body) in rules {
        world.build.rule(head, body);
    }
    world
}

#[test]
fn what_holds_either_way_holds() {
    let mut world = judged(&[
        ("p(X)", &["item(X)", "j(X)"]),
        ("p(X)", &["item(X)", "not j(X)"]),
    ]);
    world.layer(&["p"]);
    let (model, settled) = world.settle(false);
    let rel = world.build.rel("p");
    let row = [value("a")];
    assert_eq!(settled.outcome(&model, rel, &row), Outcome::Holds);
    assert_eq!(settled.cone(rel, &row).len(), 1);
}

#[test]
fn a_row_depends_on_the_points_that_change_it() {
    let mut world = judged(&[("p(X)", &["item(X)", "not j(X)"])]);
    world.layer(&["p"]);
    let (_, settled) = world.settle(false);
    let rel = world.build.rel("p");
    let [(row, Outcome::Open(dependence)), _] = settled.outcomes(rel) else {
        panic!("both are open");
    };
    let [(point, HoldsIf::False)] = dependence.points[..] else {
        panic!("{dependence:?}");
    };
    assert!(matches!(settled.point(point), Point::Judgement { args, .. } if args == row));
    assert_eq!(
        settled.witness(rel, row, false),
        Some(vec![(point, Answer::Truth(true))])
    );
    assert_eq!(dependence.settlements.len(), 2);
}

#[test]
fn only_what_is_asked_for_and_what_it_hangs_on_is_settled() {
    let mut world = judged(&[
        ("p(X)", &["item(X)", "j(X)"]),
        ("q(X)", &["p(X)", "chosen(X)"]),
    ]);
    world.build.facts("chosen", &["a"]);
    world.layer(&["p"]);
    world.layer(&["q"]);
    let [p, q] = ["p", "q"].map(|name| world.build.rel(name));
    let settled = world.settle_only(q);
    assert!(matches!(settled.outcomes(q), [(row, Outcome::Open(_))] if *row == [value("a")]));
    assert!(settled.outcomes(p).is_empty());
    assert_eq!(settled.wanted.len(), 2, "q(a), and p(a) below it");
}

#[test]
fn rows_with_the_same_first_value_are_settled_together() {
    let mut world = judged(&[("p(X, Y)", &["link(X, Y)", "j(X)"]), ("q(X)", &["p(X, 1)"])]);
    let links = ["a 1", "a 2", "a 3", "b 1", "b 2"];
    world.build.facts("link", &links);
    world.layer(&["p"]);
    world.layer(&["q"]);
    assert_eq!(world.sizes_of_lots(&["p", "q"], 1), [4, 3]);
    assert_eq!(world.sizes_of_lots(&["p", "q"], 4), [4, 3]);
    assert_eq!(world.sizes_of_lots(&["p", "q"], 5), [7]);
    assert_eq!(world.sizes_of_lots(&["q"], 1), [1, 1]);
}

#[test]
fn many_open_rows_are_decided_one_by_one() {
    let count = 3_000;
    let names: Vec<String> = (0..count).map(|at| format!("x{at:06}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut world = World::new();
    world.build.facts("item", &names);
    world.build.facts(
        "next",
        &names
            .windows(2)
            .map(|pair| pair.join(" "))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    world.judgement("j", &[]);
    world.judgement("g", &[]);
    world.build.rule("p(X)", &["item(X)", "j(X)", "not g(X)"]);
    world.build.rule("q(X)", &["item(X)", "not p(X)"]);
    world.build.rule("r(X)", &["q(X)", "next(X, Y)"]);
    world.build.rule("r(X)", &["p(X)"]);
    world.build.rule("s(X)", &["next(X, Y)", "s(Y)", "item(X)"]);
    world.build.rule("s(X)", &["next(X, Y)", "p(X)"]);
    world.build.rule("pair(b, X)", &["p(X)"]);
    world.build.facts("one", &["b"]);
    let count_all = "N = count _ { pair(X, I) } by X";
    world.build.rule("most(X, N)", &["one(X)", count_all]);
    world.build.rule("any(1)", &["p(X)"]);
    for name in ["p", "q", "r", "s", "pair", "most", "any"] {
        world.layer(&[name]);
    }
    world.more = ["p", "q", "r", "s"]
        .iter()
        .flat_map(|rel| {
            names
                .iter()
                .map(|name| (world.build.rel(rel), vec![value(name)]))
        })
        .collect();
    world.more.push((world.build.rel("any"), vec![value("1")]));
    world.more.push((
        world.build.rel("most"),
        vec![value("b"), crate::value::Value::Unknown],
    ));
    let pairs = names
        .iter()
        .map(|name| (world.build.rel("pair"), vec![value("b"), value(name)]));
    world.more.extend(pairs.collect::<Vec<_>>());
    let (_, settled) = world.settle(false);
    let of = |rel: &str| settled.outcomes(world.build.rel(rel));
    let is_exact = |(_, outcome): &(Vec<crate::value::Value>, Outcome)| matches!(outcome, Outcome::Open(dependence) if dependence.is_exact);
    assert!(of("p").iter().all(is_exact) && of("q").iter().all(is_exact));
    let holding = of("r")
        .iter()
        .filter(|(_, outcome)| *outcome == Outcome::Holds);
    assert_eq!(holding.count(), count - 1);
    assert!(matches!(of("any"), [(_, Outcome::Open(dependence))] if !dependence.is_exact));
    assert!(matches!(of("most"), [(row, Outcome::Open(_))] if row[1].is_open()));
}
