//! Parquet: columns of one file; its rows are read like those of a table in text, some thousand at a time.

mod footer;
mod pages;

use self::pages::Pages;
use super::chunks::Stop;
use super::error;
use super::pieces::Gathered;
use super::row::Rows;
use super::scalars::{PIECE, Scalar, Table, Trouble};
use crate::source::{FileId, Place};
use crate::value::Date;
use crate::value::symbols::days_from;
use ::parquet::basic::{Compression, ConvertedType, LogicalType, TimeUnit};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use ::parquet::data_type::DataType;
use ::parquet::errors::{ParquetError, Result as Read};
use ::parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use ::parquet::schema::types::ColumnDescriptor;
use bytes::Bytes;
use num_bigint::BigInt;
use std::cell::Cell as Flag;
use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek, SeekFrom};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Once};

/// How many rows are read of each column at a time.
const AT_ONCE: usize = 1 << 12;
/// The most digits behind the point that a column of decimals may have.
const MOST_DIGITS: i32 = 1 << 10;
/// The day from which others are counted.
const FIRST: Date = Date::constant(1970, 1, 1);
/// The same, counted as INT96 has it.
const FIRST_JULIAN: i64 = 2_440_588;

/// Reads all rows of a file, numbered from 1. `reads_all`: columns too that fill nothing, for rows that are set aside.
pub(super) fn read(
    path: &Path,
    (name, file): (&str, FileId),
    reads_all: bool,
    rows: &mut Rows<'_>,
    gathered: &mut Gathered<'_>,
) -> Result<(), Trouble> {
    let whole = Whole::open(path)?;
    let end = guarded(|| whole.end())?;
    if !footer::is_sound(&end) {
        return Err(not_whole());
    }
    let input = guarded(|| SerializedFileReader::new(whole))?;
    let columns = Columns::of(&input);
    let names = columns.0.iter().map(|it| it.name.clone()).collect();
    let table = Table::of(names, rows, gathered)?;
    let at_header = Place::Record { file, line: 1 };
    let nested = columns.0.iter().enumerate();
    let nested = nested.filter(|(at, it)| table.is_used(*at) && it.leaf.is_none());
    let wrong = nested.map(|(at, it)| error::nested_column(name, at + 1, &it.name, at_header));
    let wrong: Vec<_> = wrong.collect();
    if !wrong.is_empty() {
        return Err(Trouble::Columns(wrong));
    }
    for group in 0..input.num_row_groups() {
        let mut open = columns.open(&input, group, |at| reads_all || table.is_used(at))?;
        while let Some(mut some) = next(&mut open)? {
            for row in 0..some.rows {
                let piece = rows.piece();
                piece.ends += 1;
                let number = piece.ends;
                table.row(&some.row(row), number, rows);
                if number == PIECE {
                    gathered.add(0, rows.take_piece())?;
                }
            }
        }
    }
    gathered.add(0, rows.take_piece())?;
    Ok(())
}

/// The columns of a file, as its rows have them.
struct Columns(Vec<Column>);

struct Column {
    name: String,
    /// Which of the columns of single values it is; `None`: it has lists, or columns of its own.
    leaf: Option<usize>,
}

impl Columns {
    fn of(input: &SerializedFileReader<Whole>) -> Columns {
        let schema = input.metadata().file_metadata().schema_descr();
        let mut columns: Vec<Column> = Vec::new();
        for (at, leaf) in schema.columns().iter().enumerate() {
            let path = leaf.path().parts();
            let is_single = path.len() == 1 && leaf.max_rep_level() == 0;
            let name = path.first().cloned().unwrap_or_default();
            let is_of_last = !is_single
                && (columns.last()).is_some_and(|it| it.leaf.is_none() && it.name == name);
            if !is_of_last {
                let leaf = is_single.then_some(at);
                columns.push(Column { name, leaf });
            }
        }
        Columns(columns)
    }

    /// The columns of one group of rows, those that are wanted.
    fn open(
        &self,
        input: &SerializedFileReader<Whole>,
        group: usize,
        is_wanted: impl Fn(usize) -> bool,
    ) -> Result<Vec<Option<Values>>, Trouble> {
        let group = guarded(|| input.get_row_group(group))?;
        let all = Arc::default();
        let open = self.0.iter().enumerate().map(|(at, column)| {
            let Some(leaf) = column.leaf.filter(|_| is_wanted(at)) else {
                return Ok(None);
            };
            let chunk = group.metadata().column(leaf);
            if let Some(packing) = unknown_packing(chunk.compression()) {
                let words = format!("it is packed with {packing}, which is not unpacked here: snappy, gzip and zstd are");
                return Err(unreadable(words));
            }
            let descriptor = chunk.column_descr_ptr();
            let pages = guarded(|| group.get_column_page_reader(leaf))?;
            let pages = Pages::new(pages, Arc::clone(&descriptor), &all);
            Ok(Some(Values {
                meaning: Meaning::of(&descriptor),
                most: descriptor.max_def_level(),
                reader: guarded(|| Ok(get_column_reader(descriptor, Box::new(pages))))?,
            }))
        });
        open.collect()
    }
}

fn unknown_packing(packing: Compression) -> Option<&'static str> {
    match packing {
        Compression::UNCOMPRESSED
        | Compression::SNAPPY
        | Compression::GZIP(_)
        | Compression::ZSTD(_) => None,
        Compression::LZO => Some("lzo"),
        Compression::BROTLI(_) => Some("brotli"),
        Compression::LZ4 | Compression::LZ4_RAW => Some("lz4"),
    }
}

/// Some rows, column by column.
struct Lot {
    rows: usize,
    columns: Vec<Option<Vec<Scalar<'static>>>>,
}

impl Lot {
    fn row(&mut self, at: usize) -> Vec<Scalar<'static>> {
        let columns = self.columns.iter_mut();
        let cells = columns.map(|column| match column {
            Some(cells) => std::mem::replace(&mut cells[at], Scalar::Null),
            None => Scalar::Null,
        });
        cells.collect()
    }
}

/// The next rows of a group; `None`: there are no more.
fn next(columns: &mut [Option<Values>]) -> Result<Option<Lot>, Trouble> {
    let read = columns.iter_mut().map(|column| match column {
        Some(values) => guarded(|| values.next()).map(Some),
        None => Ok(None),
    });
    let columns: Vec<Option<Vec<Scalar<'static>>>> = read.collect::<Result<_, Trouble>>()?;
    let mut counts = columns.iter().flatten().map(Vec::len);
    let rows = counts.next().unwrap_or(0);
    if counts.any(|count| count != rows) {
        return Err(not_whole());
    }
    Ok((rows > 0).then_some(Lot { rows, columns }))
}

/// The values of one column of a group.
struct Values {
    reader: ColumnReader,
    meaning: Meaning,
    /// The level on which a value stands; below it there is none.
    most: i16,
}

impl Values {
    fn next(&mut self) -> Read<Vec<Scalar<'static>>> {
        let (meaning, most) = (self.meaning, self.most);
        match &mut self.reader {
            ColumnReader::BoolColumnReader(it) => some(it, most, |truth| Scalar::Bool(*truth)),
            ColumnReader::Int32ColumnReader(it) => some(it, most, |number| match meaning {
                Meaning::Unsigned => meaning.whole(i128::from(*number as u32)),
                _ => meaning.whole(i128::from(*number)),
            }),
            ColumnReader::Int64ColumnReader(it) => some(it, most, |number| match meaning {
                Meaning::Unsigned => meaning.whole(i128::from(*number as u64)),
                _ => meaning.whole(i128::from(*number)),
            }),
            ColumnReader::Int96ColumnReader(it) => some(it, most, |moment| {
                let [low, high, day] = moment.data() else {
                    return Scalar::Bytes;
                };
                let within = i128::from(*low) | i128::from(*high) << 32;
                moment_of(i64::from(*day) - FIRST_JULIAN, within / i128::from(NANOS))
            }),
            ColumnReader::FloatColumnReader(it) => {
                some(it, most, |number| Scalar::Number(number.to_string()))
            }
            ColumnReader::DoubleColumnReader(it) => {
                some(it, most, |number| Scalar::Number(number.to_string()))
            }
            ColumnReader::ByteArrayColumnReader(it) => {
                some(it, most, |bytes| meaning.bytes(bytes.data()))
            }
            ColumnReader::FixedLenByteArrayColumnReader(it) => {
                some(it, most, |bytes| meaning.bytes(bytes.data()))
            }
        }
    }
}

fn some<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    most: i16,
    scalar: impl Fn(&T::T) -> Scalar<'static>,
) -> Read<Vec<Scalar<'static>>> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let (mut records, mut is_over) = (0, false);
    while !is_over && records < AT_ONCE {
        let left = AT_ONCE - records;
        let (more, _, _) = reader.read_records(left, Some(&mut levels), None, &mut values)?;
        records += more;
        is_over = more == 0;
    }
    let mut values = values.iter().map(scalar);
    if most == 0 {
        return Ok(values.collect());
    }
    let cells = levels.iter().map(|level| match *level == most {
        true => values
            .next()
            .ok_or_else(|| ParquetError::EOF(String::new())),
        false => Ok(Scalar::Null),
    });
    cells.collect()
}

const NANOS: i64 = 1_000_000_000;
const DAY: i128 = 24 * 60 * 60;

/// What the values of a column mean, beside what they are kept as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// Numbers or texts.
    Plain,
    /// Numbers from zero on.
    Unsigned,
    /// Days since the first.
    Day,
    /// So many a second since the first day.
    Moment(i64),
    /// Numbers with so many digits behind the point.
    Decimal(usize),
    /// Sixteen bytes.
    Uuid,
    /// What is no single value of ours: a time of day, a stretch of time, a half float.
    Other,
}

impl Meaning {
    fn of(column: &ColumnDescriptor) -> Meaning {
        let decimal = |scale: i32| match (0..=MOST_DIGITS).contains(&scale) {
            true => Meaning::Decimal(scale as usize),
            false => Meaning::Other,
        };
        match column.logical_type_ref() {
            Some(LogicalType::Decimal(it)) => return decimal(it.scale),
            Some(LogicalType::Timestamp(it)) => {
                return Meaning::Moment(match it.unit {
                    TimeUnit::MILLIS => 1_000,
                    TimeUnit::MICROS => 1_000_000,
                    TimeUnit::NANOS => NANOS,
                });
            }
            Some(LogicalType::Uuid) => return Meaning::Uuid,
            Some(LogicalType::Time(_) | LogicalType::Float16) => return Meaning::Other,
            _ => {}
        }
        match column.converted_type() {
            ConvertedType::DECIMAL => decimal(column.type_scale()),
            ConvertedType::DATE => Meaning::Day,
            ConvertedType::TIMESTAMP_MILLIS => Meaning::Moment(1_000),
            ConvertedType::TIMESTAMP_MICROS => Meaning::Moment(1_000_000),
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64 => Meaning::Unsigned,
            ConvertedType::TIME_MILLIS
            | ConvertedType::TIME_MICROS
            | ConvertedType::INTERVAL
            | ConvertedType::BSON => Meaning::Other,
            _ => Meaning::Plain,
        }
    }

    fn whole(self, number: i128) -> Scalar<'static> {
        match self {
            Meaning::Plain | Meaning::Unsigned => Scalar::Number(number.to_string()),
            Meaning::Day => moment_of(i64::try_from(number).unwrap_or(i64::MAX), 0),
            Meaning::Moment(a_second) => {
                let seconds = number.div_euclid(i128::from(a_second));
                let day = i64::try_from(seconds.div_euclid(DAY)).unwrap_or(i64::MAX);
                moment_of(day, seconds.rem_euclid(DAY))
            }
            Meaning::Decimal(digits) => decimal(&number.to_string(), digits),
            Meaning::Uuid | Meaning::Other => Scalar::Bytes,
        }
    }

    fn bytes(self, bytes: &[u8]) -> Scalar<'static> {
        match self {
            Meaning::Decimal(digits) if bytes.len() <= MOST_DIGITS as usize => {
                decimal(&BigInt::from_signed_bytes_be(bytes).to_string(), digits)
            }
            Meaning::Uuid if bytes.len() == 16 => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                let parts = [
                    &hex[..8],
                    &hex[8..12],
                    &hex[12..16],
                    &hex[16..20],
                    &hex[20..],
                ];
                Scalar::Text(parts.join("-").into())
            }
            Meaning::Plain => Scalar::of_text(bytes).into_owned(),
            _ => Scalar::Bytes,
        }
    }
}

/// A day as it is written; with the time, where that is not its beginning.
fn moment_of(day: i64, second: i128) -> Scalar<'static> {
    let Some(date) = days_from(FIRST, day) else {
        return Scalar::Number(format!("{day}"));
    };
    Scalar::Text(match second {
        0 => date.to_string().into(),
        _ => {
            let (minute, second) = (second / 60, second % 60);
            let (hour, minute) = (minute / 60, minute % 60);
            format!("{date} {hour:02}:{minute:02}:{second:02}").into()
        }
    })
}

/// Digits with the point so many from their end.
fn decimal(number: &str, behind: usize) -> Scalar<'static> {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    if behind == 0 {
        return Scalar::Number(number.to_owned());
    }
    let digits = format!("{digits:0>width$}", width = behind + 1);
    let (whole, rest) = digits.split_at(digits.len() - behind);
    Scalar::Number(format!("{sign}{whole}.{rest}"))
}

/// A file of which no more is read than it has, whatever it says of itself.
struct Whole {
    file: File,
    length: u64,
}

impl Whole {
    fn open(path: &Path) -> Result<Whole, Trouble> {
        let open = || {
            let file = File::open(path)?;
            let data = file.metadata()?;
            match data.is_file() {
                true => Ok(Whole {
                    file,
                    length: data.len(),
                }),
                false => Err(io::Error::other("it is no ordinary file")),
            }
        };
        open().map_err(|problem| Trouble::Stopped(Stop::Unreadable(problem)))
    }
}

impl Whole {
    /// Where it says which columns it has: its length and four letters stand behind.
    fn end(&self) -> Read<Bytes> {
        const BEHIND: u64 = 8;
        let before = self.length.checked_sub(BEHIND);
        let before = before.ok_or_else(|| ParquetError::EOF(String::new()))?;
        let last = self.get_bytes(before, BEHIND as usize)?;
        if !last.ends_with(b"PAR1") {
            return Err(ParquetError::EOF(String::new()));
        }
        let length = last.first_chunk().map_or(0, |it| u32::from_le_bytes(*it));
        if length as usize > footer::LONGEST {
            let words = "what it says of its columns takes more than 256 MiB";
            return Err(ParquetError::External(Box::new(TooLarge(words))));
        }
        let start = before.checked_sub(u64::from(length));
        let start = start.ok_or_else(|| ParquetError::EOF(String::new()))?;
        self.get_bytes(start, length as usize)
    }
}

impl Length for Whole {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Whole {
    type T = BufReader<File>;

    fn get_read(&self, start: u64) -> Read<BufReader<File>> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        Ok(BufReader::new(file))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Read<Bytes> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(String::new()));
        }
        let mut bytes = vec![0; length];
        self.get_read(start)?.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// Something of a file takes more memory than it may: in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct TooLarge(&'static str);

thread_local! {
    /// Whether this thread is reading what may be damaged.
    static IS_READING: Flag<bool> = const { Flag::new(false) };
}

/// Reads something that may be damaged in whatever way: what the library does not tell as an error is told as one.
fn guarded<T>(read: impl FnOnce() -> Read<T>) -> Result<T, Trouble> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_READING.get() {
                others(panic);
            }
        }));
    });
    let before = IS_READING.replace(true);
    let read = catch_unwind(AssertUnwindSafe(read));
    IS_READING.set(before);
    match read {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(ParquetError::External(problem))) => match problem.downcast_ref::<TooLarge>() {
            Some(TooLarge(words)) => Err(unreadable((*words).into())),
            None => Err(not_whole()),
        },
        Ok(Err(_)) | Err(_) => Err(not_whole()),
    }
}

fn not_whole() -> Trouble {
    unreadable("it is not whole, or it is no Parquet file".into())
}

fn unreadable(words: String) -> Trouble {
    Trouble::Stopped(Stop::Unreadable(io::Error::other(words)))
}
