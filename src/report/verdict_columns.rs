//! Verdicts as a Parquet file: one table, column by column.

use super::verdict_table::{Cell, ColumnKind, VerdictTable};
use crate::value::Date;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Stored};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type as Schema;
use std::io::{self, Write};
use std::sync::Arc;

/// How many rows stand together.
const AT_ONCE: usize = 1 << 16;
/// The digits of numbers that need not be whole, and how many of them stand behind the point: the same in every file, so that
/// those of several runs can be put together.
const DIGITS: i32 = 38;
const BEHIND: usize = 12;
/// How many bytes such a number takes.
const WIDTH: i32 = 16;
/// The day from which others are counted.
const FIRST: Date = Date::constant(1970, 1, 1);

/// What the values of a column are kept as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Whole,
    Decimal,
    Day,
    Truth,
}

/// Writes a table as the only one of a file. A column of numbers of which one does not fit is one of texts.
pub fn write_columns(out: impl Write + Send, table: &VerdictTable<'_>) -> io::Result<()> {
    write(out, table).map_err(|problem| match problem {
        ParquetError::External(problem) => match problem.downcast::<io::Error>() {
            Ok(problem) => *problem,
            Err(problem) => io::Error::other(problem),
        },
        problem => io::Error::other(problem),
    })
}

fn write(out: impl Write + Send, table: &VerdictTable<'_>) -> Result<(), ParquetError> {
    let forms = forms(table);
    let columns = table.columns().into_iter().zip(&forms);
    let columns = columns.map(|((name, _), form)| form.column(name).map(Arc::new));
    let schema = Schema::group_type_builder(table.name())
        .with_fields(columns.collect::<Result<_, _>>()?)
        .build()?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("lexlog version {}", env!("CARGO_PKG_VERSION")))
        .build();
    let mut file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
    let mut rows = table.rows();
    loop {
        let some: Vec<Vec<Cell>> = rows.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        let mut group = file.next_row_group()?;
        for (at, form) in forms.iter().enumerate() {
            let cells = some.iter().map(|row| &row[at]);
            let mut column = group.next_column()?.expect("there is a writer a column");
            form.fill(&mut column, cells)?;
            column.close()?;
        }
        group.close()?;
    }
    file.close().map(|_| ())
}

/// What the columns are kept as: all numbers are looked at before one is written.
fn forms(table: &VerdictTable<'_>) -> Vec<Form> {
    let columns = table.columns();
    let forms = columns.iter().map(|(_, kind)| match kind {
        ColumnKind::Text => Form::Text,
        ColumnKind::Whole => Form::Whole,
        ColumnKind::Number => Form::Decimal,
        ColumnKind::Day => Form::Day,
        ColumnKind::Truth => Form::Truth,
    });
    let mut forms: Vec<Form> = forms.collect();
    for row in table.rows() {
        for (form, cell) in forms.iter_mut().zip(&row) {
            let fits = match (&form, cell) {
                (Form::Whole, Cell::Text(_)) => false,
                (Form::Decimal, Cell::Text(digits)) => scaled(digits).is_some(),
                _ => true,
            };
            if !fits {
                *form = Form::Text;
            }
        }
    }
    forms
}

/// A number as so many of the smallest that there is; `None`: it is a fraction without an end, or has too many digits.
fn scaled(number: &str) -> Option<i128> {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, number),
    };
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let is_written_so = [whole, behind]
        .iter()
        .all(|part| part.bytes().all(|it| it.is_ascii_digit()));
    if !is_written_so || whole.is_empty() || behind.len() > BEHIND {
        return None;
    }
    let all: i128 = format!("{whole}{behind:0<BEHIND$}").parse().ok()?;
    (all < 10_i128.pow(DIGITS as u32)).then_some(sign * all)
}

impl Form {
    fn column(self, name: &str) -> Result<Schema, ParquetError> {
        let (stored, logical) = match self {
            Form::Text => (Stored::BYTE_ARRAY, Some(LogicalType::String)),
            Form::Whole => (Stored::INT64, None),
            Form::Decimal => (
                Stored::FIXED_LEN_BYTE_ARRAY,
                Some(LogicalType::decimal(BEHIND as i32, DIGITS)),
            ),
            Form::Day => (Stored::INT32, Some(LogicalType::Date)),
            Form::Truth => (Stored::BOOLEAN, None),
        };
        let column = Schema::primitive_type_builder(name, stored)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        match self {
            Form::Decimal => column
                .with_length(WIDTH)
                .with_precision(DIGITS)
                .with_scale(BEHIND as i32)
                .build(),
            _ => column.build(),
        }
    }

    fn fill<'c>(
        self,
        column: &mut SerializedColumnWriter<'_>,
        cells: impl Iterator<Item = &'c Cell>,
    ) -> Result<(), ParquetError> {
        match column.untyped() {
            ColumnWriter::ByteArrayColumnWriter(it) => {
                let (there, values) = taken(cells, |cell| match cell {
                    Cell::Empty => None,
                    other => Some(ByteArray::from(other.to_string().into_bytes())),
                });
                it.write_batch(&values, Some(&there), None)
            }
            ColumnWriter::Int64ColumnWriter(it) => {
                let (there, values) = taken(cells, |cell| match cell {
                    Cell::Whole(number) => Some(*number),
                    _ => None,
                });
                it.write_batch(&values, Some(&there), None)
            }
            ColumnWriter::FixedLenByteArrayColumnWriter(it) => {
                let (there, values) = taken(cells, |cell| match cell {
                    Cell::Text(digits) => {
                        let bytes = scaled(digits)?.to_be_bytes();
                        Some(FixedLenByteArray::from(bytes.to_vec()))
                    }
                    _ => None,
                });
                it.write_batch(&values, Some(&there), None)
            }
            ColumnWriter::Int32ColumnWriter(it) => {
                let (there, values) = taken(cells, |cell| match cell {
                    Cell::Day(day) => Some((*day - FIRST).get_days()),
                    _ => None,
                });
                it.write_batch(&values, Some(&there), None)
            }
            ColumnWriter::BoolColumnWriter(it) => {
                let (there, values) = taken(cells, |cell| match cell {
                    Cell::Truth(truth) => Some(*truth),
                    _ => None,
                });
                it.write_batch(&values, Some(&there), None)
            }
            ColumnWriter::Int96ColumnWriter(_)
            | ColumnWriter::FloatColumnWriter(_)
            | ColumnWriter::DoubleColumnWriter(_) => unreachable!("no form is kept so"),
        }
        .map(|_| ())
    }
}

/// Where there is a value (1) and where none (0), and those that there are.
fn taken<'c, T>(
    cells: impl Iterator<Item = &'c Cell>,
    value: impl Fn(&Cell) -> Option<T>,
) -> (Vec<i16>, Vec<T>) {
    let (mut there, mut values) = (Vec::new(), Vec::new());
    for cell in cells {
        let found = value(cell);
        there.push(i16::from(found.is_some()));
        values.extend(found);
    }
    (there, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_to_the_last_digit_or_not_at_all() {
        let million = 10_i128.pow(BEHIND as u32);
        assert_eq!(scaled("-12.5"), Some(-125 * million / 10));
        assert_eq!(scaled("0.000000000001"), Some(1));
        assert_eq!(scaled("0"), Some(0));
        let most = "9".repeat(DIGITS as usize - BEHIND);
        assert_eq!(
            scaled(&most),
            most.parse().ok().map(|it: i128| it * million)
        );
        for other in [
            "1/3",
            "0.0000000000001",
            &format!("{most}0"),
            "2..5",
            "",
            "1e3",
        ] {
            assert_eq!(scaled(other), None, "{other}");
        }
    }
}
