//! The rows of a CSV file beside the policy, each with its line.

use crate::source::LineReader;
use std::rc::Rc;

/// A row, and the line on which it starts.
pub(super) type Record = (csv::StringRecord, u32);

/// The rows of such a file, its header too. Blanks around a value are left out.
pub(super) fn records(text: &str) -> impl Iterator<Item = Result<Record, String>> {
    let (input, lines) =
        LineReader::new(text.as_bytes(), b',').expect("a text in memory can be read");
    let reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(input);
    let at_end = Rc::clone(&lines);
    let rows = reader.into_records().map(move |record| {
        let record = record.map_err(|reason| reason.to_string())?;
        let byte = record.position().map_or(0, csv::Position::byte);
        Ok((record, lines.borrow_mut().line_at(byte)))
    });
    let wrong_quote = std::iter::from_fn(move || {
        let line = at_end.borrow_mut().take_wrong_quote()?;
        Some(Err(format!("the quotes in line {line} do not go together")))
    });
    rows.chain(wrong_quote)
}
