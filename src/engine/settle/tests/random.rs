//! Random programs with open points.

use super::world::{DECIMAL, INTEGER, NAME, SET, World, numbers};
use crate::engine::tests::build::value;

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 33) as usize) % bound
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// A derived relation: its name, and whether it has a name, two names, or a name and a number.
type Derived = (String, &'static str);

/// A world made from a number.
pub fn world(seed: u64) -> World {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xA5A5_1234_D192_ED03);
    for _ in 0..4 {
        dice.below(2);
    }
    let mut world = World::new();
    world.build.facts("item", &["a", "b", "c"]);
    world.build.facts("link", &["a b", "b c", "c a"]);
    world.build.facts("num", &["a 1", "a 2", "b 3"]);
    world.judgement("j", &["a", "b"]);
    world.judgement("g", &["c"]);
    // What is not open is settled by facts.
    world.build.facts("not j", &["c"]);
    world.build.facts("g", &["a"]);
    world.build.facts("not g", &["b"]);
    if dice.one_in(4) {
        world.build.facts("yes j", &["a"]);
        let rel = world.build.rel("j");
        world.presumed.insert((rel, vec![value("a")]), true);
    }
    sources(&mut world, &mut dice);
    if seed % 2 == 1 {
        presumptions(&mut world, &mut dice);
    }
    let mut derived: Vec<Derived> = Vec::new();
    for at in 0..3 {
        let kind = dice.pick(&["x", "x", "xy", "xn"]);
        let name = format!("d{at}");
        for _ in 0..1 + dice.below(3) {
            rule(&mut world, &mut dice, (&name, kind), &derived);
        }
        world.layer(&[&name]);
        derived.push((name, kind));
    }
    let rel = world.build.rel("d0");
    let junk = match derived[0].1 {
        "x" => vec![value("b")],
        "xy" => vec![value("c"), value("c")],
        _ => vec![value("a"), value("2")],
    };
    world.more.push((rel, junk));
    world
}

fn sources(world: &mut World, dice: &mut Dice) {
    world.build.facts("val", &["c 2"]);
    world.build.facts("grade", &["b m1"]);
    world.build.facts("who", &["b a"]);
    let no: &[&str] = &[];
    let chosen = dice.below(4);
    let step = if dice.one_in(2) {
        ("1", INTEGER)
    } else {
        ("0.5", DECIMAL)
    };
    let range = numbers(step.0);
    let range: Vec<&str> = range.iter().map(String::as_str).collect();
    let rows = if chosen == 0 { &["a"] } else { no };
    world.source("val", step.1, rows, &range);
    let rows: &[&str] = match chosen == 1 || dice.one_in(3) {
        true if dice.one_in(2) => &["a", "c"],
        true => &["a"],
        false => &[],
    };
    world.source("grade", SET, rows, &["m0", "m1", "m2"]);
    // Several rows that are not known come to one where only their grades are looked at.
    let edges = ["a a", "a b", "a c", "b a", "b c", "c b"];
    world.build.facts("edge", &edges);
    world
        .build
        .rule("made(X, G)", &["edge(X, Y)", "grade(Y, G)"]);
    world.build.rule("seen(G)", &["grade(X, G)"]);
    world.layer(&["made", "seen"]);
    let rows = if chosen == 2 { &["a"] } else { no };
    world.source("who", NAME, rows, &["a", "b", "c", "zz"]);
}

/// Presumptions on conditions that may be open: of one judgement by what is given, of the other by the first too.
fn presumptions(world: &mut World, dice: &mut Dice) {
    world.has_presumptions = true;
    let given = [
        "val(X, N)",
        "grade(X, m0)",
        "not grade(X, m1)",
        "who(X, Y)",
        "not who(X, b)",
        "link(X, Y)",
        "val(X, M) ; M > 1",
        "seen(m2)",
    ];
    let judged = ["j(X)", "not j(X)", "not j(Y) ; link(X, Y)"];
    for (judgement, more) in [("j", &given[..]), ("g", &judged)] {
        for word in ["yes", "no"] {
            world.build.declare(&format!("{word} {judgement}"), 1);
            for _ in 0..dice.below(3) {
                let mut body = vec!["item(X)"];
                body.extend(dice.pick(more).split(" ; "));
                if dice.one_in(3) {
                    body.extend(dice.pick(&given).split(" ; "));
                }
                world.build.rule(&format!("{word} {judgement}(X)"), &body);
            }
        }
        world.layer(&[&format!("yes {judgement}"), &format!("no {judgement}")]);
    }
}

/// What a body has bound so far.
struct Body {
    literals: Vec<String>,
    names: Vec<&'static str>,
    numbers: Vec<String>,
}

fn rule(world: &mut World, dice: &mut Dice, (name, kind): (&str, &str), derived: &[Derived]) {
    let mut body = Body {
        literals: Vec::new(),
        names: Vec::new(),
        numbers: Vec::new(),
    };
    let is_recursive = kind != "xn" && dice.one_in(3);
    for _ in 0..1 + dice.below(2) {
        positive(dice, &mut body, derived);
    }
    if is_recursive {
        let atom = match kind {
            "x" => format!("{name}(Z)"),
            _ => format!("{name}(X, Z)"),
        };
        body.literals.push(atom);
        body.literals.push("link(Z, Y)".into());
        body.names.extend(["Z", "Y"]);
        if kind == "xy" {
            body.names.push("X");
        }
    }
    for _ in 0..dice.below(4) {
        other(dice, &mut body, derived);
    }
    let mut head = vec![named(
        dice,
        &mut body,
        if is_recursive && kind == "x" {
            "Y"
        } else {
            "X"
        },
    )];
    match kind {
        "xy" => head.push(named(dice, &mut body, "Y")),
        "xn" => head.push(number(dice, &mut body)),
        _ => {}
    }
    let literals: Vec<&str> = body.literals.iter().map(String::as_str).collect();
    world
        .build
        .rule(&format!("{name}({})", head.join(", ")), &literals);
}

/// A bound name.
fn named(dice: &mut Dice, body: &mut Body, var: &'static str) -> String {
    if dice.one_in(8) {
        return dice.pick(&["a", "b"]).into();
    }
    if !body.names.contains(&var) {
        body.literals.push(format!("item({var})"));
        body.names.push(var);
    }
    var.into()
}

fn named_x(body: &mut Body) {
    if !body.names.contains(&"X") {
        body.literals.push("item(X)".into());
        body.names.push("X");
    }
}

fn number(dice: &mut Dice, body: &mut Body) -> String {
    if body.numbers.is_empty() || dice.one_in(6) {
        return dice.pick(&["0", "1", "2", "3"]).into();
    }
    body.numbers[dice.below(body.numbers.len())].clone()
}

fn fresh(body: &mut Body) -> String {
    let name = format!("N{}", body.numbers.len());
    body.numbers.push(name.clone());
    name
}

fn positive(dice: &mut Dice, body: &mut Body, derived: &[Derived]) {
    let x = ["X", "Y"][dice.below(2)];
    let text = match dice.below(7) {
        0 => format!("item({x})"),
        1 => {
            body.names.extend(["X", "Y"]);
            "link(X, Y)".into()
        }
        2 => format!("val({x}, {})", fresh(body)),
        3 => format!("grade({x}, {})", dice.pick(&["m0", "m1", "m2", "G"])),
        4 => {
            body.names.extend(["X", "Y"]);
            "who(X, Y)".into()
        }
        _ if derived.is_empty() => format!("num({x}, {})", fresh(body)),
        _ => match &derived[dice.below(derived.len())] {
            (name, "x") => format!("{name}({x})"),
            (name, "xy") => {
                body.names.extend(["X", "Y"]);
                format!("{name}(X, Y)")
            }
            (name, _) => match dice.one_in(4) {
                true => format!("{name}({x}, 2)"),
                false => format!("{name}({x}, {})", fresh(body)),
            },
        },
    };
    body.names.push(x);
    body.literals.push(text);
}

fn other(dice: &mut Dice, body: &mut Body, derived: &[Derived]) {
    let var = dice.pick(&["X", "Y"]);
    let var = if var == "X" { "X" } else { "Y" };
    let text = match dice.below(12) {
        10 => {
            let (x, function) = (
                named(dice, body, var),
                dice.pick(&["count G", "count _", "max G"]),
            );
            match (x.starts_with(char::is_uppercase), function) {
                (true, "count _") => {
                    format!("{} = count _ {{ made({x}, G) }} by {x}", fresh(body))
                }
                (true, "count G") => {
                    format!("{} = count G {{ made({x}, G) }} by {x}", fresh(body))
                }
                _ => format!("made({x}, {})", dice.pick(&["m0", "m1", "m2"])),
            }
        }
        11 => match dice.one_in(2) {
            true => format!("seen({})", dice.pick(&["m0", "m2"])),
            false => format!("not seen({})", dice.pick(&["m0", "m2"])),
        },
        0 | 1 => format!("j({})", named(dice, body, var)),
        2 => format!("not j({})", named(dice, body, var)),
        3 => format!("g({})", named(dice, body, var)),
        4 => format!(
            "not grade({}, {})",
            named(dice, body, var),
            dice.pick(&["m0", "m2", "_"])
        ),
        5 if !body.numbers.is_empty() => {
            let (a, op, b) = (
                number(dice, body),
                dice.pick(&["<", "<=", ">", "!="]),
                number(dice, body),
            );
            match a.starts_with('N') {
                true => format!("{a} {op} {b}"),
                false => format!("not val({}, _)", named(dice, body, var)),
            }
        }
        6 if !body.numbers.is_empty() => {
            let (a, op) = (number(dice, body), dice.pick(&["+", "*"]));
            let by = dice.pick(&["1", "2"]);
            format!("{} = {a} {op} {by}", fresh(body))
        }
        7 => {
            let source = dice.pick(&["val", "num"]);
            format!(
                "not {source}({}, M) where M > {}",
                named(dice, body, var),
                dice.pick(&["1", "2"])
            )
        }
        _ if derived.is_empty() => format!("j({})", named(dice, body, var)),
        _ => {
            let (name, kind) = derived[dice.below(derived.len())].clone();
            let x = named(dice, body, var);
            match (kind, dice.below(3), x.starts_with(char::is_uppercase)) {
                ("x", 0 | 1, _) => format!("not {name}({x})"),
                ("x", _, _) => {
                    named_x(body);
                    let result = fresh(body);
                    body.literals
                        .push(format!("{result} = count _ {{ {name}(X) }} by X"));
                    format!("{result} > 0")
                }
                ("xy", 0, _) => format!("not {name}({x}, _)"),
                ("xy", _, true) => format!("{} = count _ {{ {name}({x}, I) }} by {x}", fresh(body)),
                ("xy", _, false) => format!("not {name}({x}, b)"),
                (_, 0, _) => format!("not {name}({x}, {})", number(dice, body)),
                (_, _, true) => {
                    let function = dice.pick(&["sum", "count", "min", "max"]);
                    format!("{} = {function} I {{ {name}({x}, I) }} by {x}", fresh(body))
                }
                (_, _, false) => format!("not {name}({x}, _)"),
            }
        }
    };
    body.literals.push(text);
}
