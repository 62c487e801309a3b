//! Coverage as one page that needs nothing else: the table by notice, then every file, line by line.

use super::text::{COLUMNS, fraction, name, whole};
use super::{Coverage, Item, Point};
use crate::report::Context;
use crate::report::html::escaped;
use crate::source::FileId;
use std::collections::BTreeMap;

/// The page.
pub fn coverage_html(context: Context<'_>, coverage: &Coverage) -> String {
    let share = coverage.share();
    let mut by_file: BTreeMap<FileId, BTreeMap<u32, Vec<&Item>>> = BTreeMap::new();
    for item in &coverage.items {
        let file = item.span.file;
        let line = context.sources.position(file, item.span.start).line;
        let lines = by_file.entry(file).or_default();
        lines.entry(line).or_default().push(item);
    }
    let files: String = by_file
        .iter()
        .map(|(file, lines)| file_html(context, *file, lines))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Coverage: {} %</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Coverage: {} %</h1>\n\
         <p>{} of {} points are shown by some of {} cases. A point is something that a case should show of the policy: that a \
         rule fires, that a literal holds and that it fails, that a boundary is met exactly, that an exemption is used and is \
         not, that a clause is looked at on the days on which its standing changes.</p>\n{}{files}</main>\n</body>\n</html>\n",
        share.percent(),
        share.percent(),
        share.seen,
        share.all,
        coverage.cases,
        table(context, coverage),
    )
}

fn table(context: Context<'_>, coverage: &Coverage) -> String {
    let head: String = COLUMNS
        .iter()
        .map(|(_, column)| format!("<th scope=\"col\">{column}</th>"))
        .collect();
    let rows: String = coverage
        .by_notice()
        .iter()
        .map(|(notice, shares)| {
            let cells: String = COLUMNS
                .iter()
                .map(|(sort, _)| format!("<td>{}</td>", fraction(shares.get(sort))))
                .collect();
            let percent = whole(shares).percent();
            format!(
                "<tr><th scope=\"row\">{}</th>{cells}<td>{percent} %</td></tr>\n",
                escaped(&name(context, *notice))
            )
        })
        .collect();
    format!(
        "<table>\n<tr><th scope=\"col\">notice</th>{head}<th scope=\"col\">all</th></tr>\n{rows}</table>\n"
    )
}

fn file_html(context: Context<'_>, file: FileId, lines: &BTreeMap<u32, Vec<&Item>>) -> String {
    let source = context.sources.file(file);
    let mut out = format!(
        "<section>\n<h2>{}</h2>\n<div class=\"code\">\n",
        escaped(&source.name)
    );
    for (at, text) in source.text.lines().enumerate() {
        let line = at as u32 + 1;
        let items = lines.get(&line).map_or(&[][..], Vec::as_slice);
        let points = || items.iter().flat_map(|item| &item.points);
        let seen = points().filter(|point| point.times > 0).count();
        let (class, mark) = match (items.is_empty(), seen) {
            (true, _) => ("", ""),
            (false, 0) => ("none", "✗"),
            (false, seen) if seen < points().count() => ("part", "~"),
            (false, _) => ("full", "✓"),
        };
        out += &format!(
            "<div class=\"line {class}\"><span class=\"number\">{line}</span><span class=\"mark\">{mark}</span><code>{}</code></div>\n",
            escaped(text)
        );
        items
            .iter()
            .for_each(|item| missing(context, item, &mut out));
    }
    out + "</div>\n</section>\n"
}

/// What no case shows of an item, below its line.
fn missing(context: Context<'_>, item: &Item, out: &mut String) {
    let is_missing = |point: &&Point| point.times == 0;
    let points: Vec<&str> = item
        .points
        .iter()
        .filter(is_missing)
        .map(|point| point.what.as_str())
        .collect();
    if points.is_empty() {
        return;
    }
    let words = super::text::first_line(context, item.span);
    let note = match item.note.is_empty() {
        true => String::new(),
        false => format!(" ({})", item.note),
    };
    *out += &format!(
        "<div class=\"missing\"><code>{}</code> — no case: {}{}</div>\n",
        escaped(&words),
        escaped(&points.join("; ")),
        escaped(&note)
    );
}

const STYLE: &str = "
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: #1b1b1b; background: #fff; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #ddd; }
th[scope=row], th:first-child { text-align: left; font-weight: 600; }
.code { font-size: 13px; overflow-x: auto; border: 1px solid #ddd; }
.line { display: flex; white-space: pre; }
.number { width: 3.5rem; flex: none; text-align: right; color: #666; }
.mark { width: 2rem; flex: none; text-align: center; }
.full { background: #e8f5e9; } .part { background: #fff8e1; } .none { background: #fdecea; }
.missing { padding: 0 1rem 0 5.5rem; background: #fff3e0; color: #7a3b00; white-space: normal; }
@media (prefers-color-scheme: dark) {
  body { color: #eee; background: #161616; } th, td, .code { border-color: #444; } .number { color: #999; }
  .full { background: #14301a; } .part { background: #3a3112; } .none { background: #3d1a18; }
  .missing { background: #33240f; color: #ffcf99; }
}
";
