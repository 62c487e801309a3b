//! Peers that have to be compiled.
//!
//! `peers tc|sg FILE.tsv [--parallel]` counts by ascent; `peers own FOLDER OUT` does by hand what `own` asks for.

mod by_hand;
mod compiled;

use std::env::args;
use std::io;

fn main() -> io::Result<()> {
    let words: Vec<String> = args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (name, count) = match words.as_slice() {
        ["own", folder, out] => ("flagged", by_hand::own(folder, out)?),
        [query, file] => compiled::count(query, false, file)?,
        [query, file, "--parallel"] => compiled::count(query, true, file)?,
        _ => {
            return Err(io::Error::other(
                "usage: own FOLDER OUT | tc FILE | sg FILE",
            ));
        }
    };
    println!("{name}\t{count}");
    Ok(())
}
