//! `own`, written out by hand for this one question: about what the machine can do.

use memmap2::Mmap;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::str;
use std::thread;

/// Writes the ids of the shipments in which somebody tainted takes part; how many there are.
pub fn own(folder: &str, out: &str) -> io::Result<usize> {
    let folder = Path::new(folder);
    let (owns, listed) = (map(folder, "owns.tsv")?, map(folder, "listed.tsv")?);
    let tainted = tainted(&owns, &listed);
    let shipments = map(folder, "shipment.tsv")?;
    let middle = shipments.len() / 2;
    let end = shipments[middle..].iter().position(|byte| *byte == b'\n');
    let (first, second) = shipments.split_at(end.map_or(shipments.len(), |end| middle + end + 1));
    let flagged = thread::scope(|scope| {
        let other = scope.spawn(|| flagged(second, &tainted));
        let mut flagged = flagged(first, &tainted);
        flagged.extend(other.join().expect("nothing in it panics"));
        flagged
    });
    fs::write(out, flagged.join(&b'\n'))?;
    Ok(flagged.len())
}

fn map(folder: &Path, name: &str) -> io::Result<Mmap> {
    let file = File::open(folder.join(name))?;
    // SAFETY: nobody writes to the benchmark's input while it is read.
    unsafe { Mmap::map(&file) }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
}

fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b'\t')
}

/// For the number in each name (`e000123`) whether it is tainted.
fn tainted(owns: &[u8], listed: &[u8]) -> Vec<bool> {
    let mut owned: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut most = 0;
    for line in lines(owns) {
        let mut fields = fields(line);
        let (Some(owner), Some(below), Some(percent)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let (owner, below) = (number(&owner[1..]), number(&below[1..]));
        most = most.max(owner).max(below);
        if number(percent) >= 50 {
            owned.entry(owner).or_default().push(below);
        }
    }
    let mut open: Vec<usize> = lines(listed).map(|line| number(&line[1..])).collect();
    most = open.iter().copied().fold(most, usize::max);
    let mut tainted = vec![false; most + 1];
    while let Some(company) = open.pop() {
        if !tainted[company] {
            tainted[company] = true;
            open.extend(owned.get(&company).into_iter().flatten());
        }
    }
    tainted
}

fn flagged<'a>(shipments: &'a [u8], tainted: &[bool]) -> Vec<&'a [u8]> {
    let is_tainted = |name: &[u8]| tainted.get(number(&name[1..])).copied().unwrap_or(false);
    let mut flagged = Vec::new();
    for line in lines(shipments) {
        let mut fields = fields(line);
        let id = fields.next().unwrap_or_default();
        if fields.take(3).any(is_tainted) {
            flagged.push(id);
        }
    }
    flagged
}

fn number(digits: &[u8]) -> usize {
    str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}
