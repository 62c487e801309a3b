//! What the result says of rows that were set aside.

use super::arguments::RunFormat;
use super::output::{self, print};
use crate::facts::Aside;
use serde_json::{Value as Json, json};

/// For machines: where they are, and how many of each file.
pub(super) fn json(aside: &Aside) -> Json {
    let files = aside.counts();
    let files = files.map(|(file, rows)| json!({ "file": file, "rows": rows }));
    json!({
        "file": aside.target().display().to_string(),
        "rows": aside.len(),
        "of": files.collect::<Vec<_>>(),
    })
}

/// That the results are without rows that could not be used: among them where people read them, else beside them.
pub(super) fn tell(aside: &Aside, format: RunFormat) {
    let counts = aside.counts();
    let counts: Vec<String> = counts
        .map(|(file, rows)| format!("{rows} of `{file}`"))
        .collect();
    let (rows, are) = match aside.len() {
        1 => ("row", "is"),
        _ => ("rows", "are"),
    };
    let told = format!(
        "{} {rows} of facts {are} left out and set aside in `{}`: {}\n",
        aside.len(),
        aside.target().display(),
        counts.join(", ")
    );
    match format {
        RunFormat::Text => _ = print(&told),
        RunFormat::Jsonl | RunFormat::Csv | RunFormat::Html => output::tell(&told),
        RunFormat::Json => {}
    }
}
