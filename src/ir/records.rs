//! The rows of a CSV file beside the policy, each with its line.

use crate::source::LineReader;

/// A row, and the line on which it starts.
pub(super) type Record = (csv::StringRecord, u32);

/// The rows of such a file, its header too. Blanks around a value are left out.
pub(super) fn records(text: &str) -> impl Iterator<Item = Result<Record, String>> {
    let (input, lines) = LineReader::new(text.as_bytes()).expect("a text in memory can be read");
    let reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(input);
    reader.into_records().map(move |record| {
        let record = record.map_err(|reason| reason.to_string())?;
        let byte = record.position().map_or(0, csv::Position::byte);
        Ok((record, lines.borrow_mut().line_at(byte)))
    })
}
