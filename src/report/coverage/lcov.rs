//! Coverage as LCOV tracefiles have it, for the viewers of other languages: a line for each rule, literal and clause,
//! a branch for each point.

use super::{Coverage, Item, Sort};
use crate::report::Context;
use std::collections::BTreeMap;
use std::fmt::Write;

/// All files, in the order of their names.
pub fn coverage_lcov(context: Context<'_>, coverage: &Coverage) -> String {
    let mut by_file: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in &coverage.items {
        let name = context.sources.file(item.span.file).name.as_str();
        by_file.entry(name).or_default().push(item);
    }
    let mut out = String::new();
    for (file, items) in by_file {
        let _ = writeln!(out, "TN:\nSF:{file}");
        put_file(context, &items, &mut out);
        out.push_str("end_of_record\n");
    }
    out
}

fn put_file(context: Context<'_>, items: &[&Item], out: &mut String) {
    let line = |item: &Item| {
        context
            .sources
            .position(item.span.file, item.span.start)
            .line
    };
    let mut lines: BTreeMap<u32, usize> = BTreeMap::new();
    let (mut branches, mut taken) = (0, 0);
    let mut blocks: BTreeMap<u32, usize> = BTreeMap::new();
    for item in items {
        let at = line(item);
        let times = item
            .points
            .iter()
            .map(|point| point.times)
            .max()
            .unwrap_or(0);
        // A line is as often run as what stands first on it.
        lines.entry(at).or_insert(times);
        let block = blocks.entry(at).or_default();
        if item.sort != Sort::Rule {
            let is_looked_at = item.points.iter().any(|point| point.times > 0);
            for (branch, point) in item.points.iter().enumerate() {
                let count = match is_looked_at {
                    true => point.times.to_string(),
                    false => "-".into(),
                };
                let _ = writeln!(out, "BRDA:{at},{block},{branch},{count}");
                branches += 1;
                taken += usize::from(point.times > 0);
            }
        }
        *block += 1;
    }
    let _ = writeln!(out, "BRF:{branches}\nBRH:{taken}");
    for (line, times) in &lines {
        let _ = writeln!(out, "DA:{line},{times}");
    }
    let hit = lines.values().filter(|times| **times > 0).count();
    let _ = writeln!(out, "LF:{}\nLH:{hit}", lines.len());
}
