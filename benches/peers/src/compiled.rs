//! The recursive queries of the benchmarks, compiled into a program by ascent. One thread, or all of them.

use ascent::{ascent, ascent_par};
use std::fs;
use std::io;

type Pair = (u32, u32);

ascent! {
    struct Tc;
    relation edge(u32, u32);
    relation path(u32, u32);
    path(x, y) <-- edge(x, y);
    path(x, z) <-- path(x, y), edge(y, z);
}

ascent_par! {
    struct ParallelTc;
    relation edge(u32, u32);
    relation path(u32, u32);
    path(x, y) <-- edge(x, y);
    path(x, z) <-- path(x, y), edge(y, z);
}

ascent! {
    struct Sg;
    relation parent(u32, u32);
    relation same(u32, u32);
    same(x, y) <-- parent(x, p), parent(y, p), if x != y;
    same(x, y) <-- parent(x, p), same(p, q), parent(y, q);
}

ascent_par! {
    struct ParallelSg;
    relation parent(u32, u32);
    relation same(u32, u32);
    same(x, y) <-- parent(x, p), parent(y, p), if x != y;
    same(x, y) <-- parent(x, p), same(p, q), parent(y, q);
}

/// How many rows of a relation a program finds in pairs.
macro_rules! count_of {
    ($program:ident, $given:ident, $found:ident, $pairs:ident) => {{
        let mut program = $program {
            $given: $pairs.into_iter().collect(),
            ..$program::default()
        };
        program.run();
        program.$found.len()
    }};
}

/// The name of what is counted, and how many there are.
pub fn count(query: &str, is_parallel: bool, file: &str) -> io::Result<(&'static str, usize)> {
    let pairs = pairs(file)?;
    match (query, is_parallel) {
        ("tc", false) => Ok(("path", count_of!(Tc, edge, path, pairs))),
        ("tc", true) => Ok(("path", count_of!(ParallelTc, edge, path, pairs))),
        ("sg", false) => Ok(("sg", count_of!(Sg, parent, same, pairs))),
        ("sg", true) => Ok(("sg", count_of!(ParallelSg, parent, same, pairs))),
        _ => Err(io::Error::other("the query is tc or sg")),
    }
}

fn pairs(file: &str) -> io::Result<Vec<Pair>> {
    let text = fs::read_to_string(file)?;
    let pair = |line: &str| {
        let (first, second) = line.split_once('\t')?;
        Some((first.parse().ok()?, second.parse().ok()?))
    };
    let pairs = text.lines().map(pair).collect::<Option<_>>();
    pairs.ok_or_else(|| io::Error::other("a line is no pair of numbers"))
}
