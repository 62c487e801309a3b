//! Parquet files: what stands in them are facts like any other, and what is wrong with them is told.

use crate::command::{Run, lexlog_in};
use parquet::basic::{Compression, Encoding};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, Int96};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const LAW: &str = r#"
type Party
type Transfer
type Country = china | germany
input   owns(owner: Party, owned: Party -> share: decimal %) dated         reads "{owner} holds {share} of {owned}"
input   weight(item: Party -> weight: decimal, note: text or none, sharp: bool or unknown)    reads "{item} weighs {weight}"
event   transfer(id: Transfer -> to: Party, country: Country, value: int, on: date)           reads "{id} goes to {to} on {on}"
verdict heavy(item: Party, weight: decimal)                                reads "{item} weighs {weight}"
verdict flagged(transfer: Transfer)                                        reads "{transfer} is flagged"
heavy(I, W) if weight(I, W).
flagged(T) if transfer(T, to: P, country: china), weight(P, W).
feed shipments { transfer("Doc no.", "Ship-to", "Country", "Value", "Day"). }
"#;

/// The values of a column that are there.
enum Values<'v> {
    Int32(&'v [i32]),
    Int64(&'v [i64]),
    Int96(&'v [[u32; 3]]),
    Double(&'v [f64]),
    Bool(&'v [bool]),
    Bytes(&'v [&'v [u8]]),
    Texts(&'v [&'v str]),
}

/// A column: where a value is there (of a required column, nothing), where it repeats, and the values.
type Column<'v> = (&'v [i16], &'v [i16], Values<'v>);

/// A Parquet file of that schema.
fn written(schema: &str, packing: Compression, columns: &[Column<'_>]) -> Vec<u8> {
    let properties = WriterProperties::builder().set_compression(packing).build();
    written_as(properties, schema, columns)
}

fn written_as(properties: WriterProperties, schema: &str, columns: &[Column<'_>]) -> Vec<u8> {
    let schema = parse_message_type(&format!("message m {{ {schema} }}")).expect("a schema");
    let (mut bytes, schema) = (Vec::new(), Arc::new(schema));
    let mut file =
        SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).expect("it begins");
    let mut group = file.next_row_group().expect("a group");
    for (there, repeats, values) in columns {
        let mut column = group
            .next_column()
            .expect("it can be written")
            .expect("it is there");
        let there = (!there.is_empty()).then_some(*there);
        let repeats = (!repeats.is_empty()).then_some(*repeats);
        let done = match (column.untyped(), values) {
            (ColumnWriter::Int32ColumnWriter(it), Values::Int32(values)) => {
                it.write_batch(values, there, repeats)
            }
            (ColumnWriter::Int64ColumnWriter(it), Values::Int64(values)) => {
                it.write_batch(values, there, repeats)
            }
            (ColumnWriter::DoubleColumnWriter(it), Values::Double(values)) => {
                it.write_batch(values, there, repeats)
            }
            (ColumnWriter::BoolColumnWriter(it), Values::Bool(values)) => {
                it.write_batch(values, there, repeats)
            }
            (ColumnWriter::Int96ColumnWriter(it), Values::Int96(values)) => {
                let moments = values.iter().map(|it| Int96::from(it.to_vec()));
                it.write_batch(&moments.collect::<Vec<_>>(), there, repeats)
            }
            (ColumnWriter::ByteArrayColumnWriter(it), Values::Bytes(values)) => {
                let values: Vec<ByteArray> = values.iter().map(|it| it.to_vec().into()).collect();
                it.write_batch(&values, there, repeats)
            }
            (ColumnWriter::ByteArrayColumnWriter(it), Values::Texts(values)) => {
                let values: Vec<ByteArray> = values.iter().map(|it| (*it).into()).collect();
                it.write_batch(&values, there, repeats)
            }
            _ => panic!("the values are of another type than the column"),
        };
        done.expect("it can be written");
        column.close().expect("it can be closed");
    }
    group.close().expect("it can be closed");
    file.close().expect("it can be closed");
    bytes
}

/// Transfers with columns as a company has them, each packed in that way.
fn transfers(packing: Compression) -> Vec<u8> {
    let schema = "required int64 id (INTEGER(64, true)); required binary to (UTF8); optional binary country (UTF8);
        required int32 value; required int32 on (DATE); optional boolean plant;";
    let columns = [
        (&[][..], &[][..], Values::Int64(&[80_001, 80_002])),
        (&[], &[], Values::Texts(&["acme", "bolt"])),
        (&[1, 1], &[], Values::Texts(&["china", "germany"])),
        (&[], &[], Values::Int32(&[7, -7])),
        (&[], &[], Values::Int32(&[20_370, 20_371])),
        (&[0, 1], &[], Values::Bool(&[true])),
    ];
    written(schema, packing, &columns)
}

struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().expect("a folder"));
        desk.put("law.lexlog", LAW.as_bytes());
        desk.put("said.lexlog", b"weight(acme, 2).\n");
        desk
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("there is room");
        fs::write(path, bytes).expect("written");
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, facts: &str, more: &[&str]) -> Run {
        let fixed = ["run", "law.lexlog", "-f", "said.lexlog", "-f", facts];
        lexlog_in(self.path(), &[&fixed[..], more].concat())
    }
}

#[test]
fn each_row_gives_a_fact_that_is_cited_by_file_and_row() {
    let desk = Desk::new();
    for packing in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(Default::default()),
    ] {
        desk.put("transfer.parquet", &transfers(packing));
        let run = desk.run("transfer.parquet", &["--query", "transfer(T, P, C, V, D)"]);
        insta::allow_duplicates!(insta::assert_snapshot!(run.transcript(), @r"
        80001 goes to acme on 2025-10-09
        80002 goes to bolt on 2025-10-10
        standard error:
        warning[W0532]: nothing is read of `plant` in `transfer.parquet`
        --> transfer.parquet, row 1
         = no field of `transfer` has such a name

        1 warning
        exit 0
        "));
    }
    desk.put("t.parquet", &transfers(Compression::SNAPPY));
    let explain = [
        "explain",
        "law.lexlog",
        "-f",
        "said.lexlog",
        "-f",
        "transfer=t.parquet",
        "flagged(\"80001\")",
    ];
    insta::assert_snapshot!(lexlog_in(desk.path(), &explain).out, @r"
    80001 is flagged
    │ the definition at law.lexlog:11
    ├─ 80001 goes to acme on 2025-10-09
    │    fact, t.parquet, row 1
    └─ acme weighs 2
         fact, said.lexlog:1
    ");
}

#[test]
fn days_decimals_and_what_is_missing_are_read_as_they_are_meant() {
    let desk = Desk::new();
    let schema = "required binary item (UTF8); required binary weight (DECIMAL(20, 3)); optional binary note (UTF8); optional boolean sharp;";
    let columns = [
        (&[][..], &[][..], Values::Texts(&["a", "b", "c"])),
        (
            &[],
            &[],
            Values::Bytes(&[&[1], &[0xFF], &[0x01, 0x86, 0xA0]]),
        ),
        (&[1, 0, 1], &[], Values::Texts(&["say \"so\"", " "])),
        (&[1, 1, 0], &[], Values::Bool(&[true, false])),
    ];
    desk.put(
        "facts/weight.parquet",
        &written(schema, Compression::SNAPPY, &columns),
    );
    let schema =
        "required binary owner (UTF8); required binary owned (UTF8); required double share;
        required int96 from; optional int64 through (TIMESTAMP(MICROS, true));";
    let columns = [
        (&[][..], &[][..], Values::Texts(&["a", "b"])),
        (&[], &[], Values::Texts(&["b", "c"])),
        (&[], &[], Values::Double(&[0.1, 30.0])),
        (
            &[],
            &[],
            Values::Int96(&[[0, 0, 2_460_311], [0, 0, 2_460_312]]),
        ),
        (&[1, 0], &[], Values::Int64(&[1_760_400_000_000_000])),
    ];
    desk.put(
        "facts/owns.parquet",
        &written(schema, Compression::SNAPPY, &columns),
    );
    let run = desk.run(
        "facts",
        &[
            "--query",
            "weight(I, W, N, S)",
            "--query",
            "weight(I, W)",
            "--query",
            "owns(A, B, S)",
        ],
    );
    insta::assert_snapshot!(run.transcript(), @r"
    a weighs 0.001
    a weighs 0.001
    acme weighs 2
    b weighs -0.001
    c weighs 100
    a holds 0.1 % of b from 2024-01-01 through 2025-10-14
    b holds 30 % of c from 2024-01-02
    exit 0
    ");
}

#[test]
fn a_feed_reads_the_columns_that_it_names() {
    let desk = Desk::new();
    let schema = "required binary Day (UTF8); required int32 Value; required binary Country (UTF8); required binary Shipto (UTF8); required int64 Doc;";
    let columns = [
        (&[][..], &[][..], Values::Texts(&["2025-10-09"])),
        (&[], &[], Values::Int32(&[3])),
        (&[], &[], Values::Texts(&["china"])),
        (&[], &[], Values::Texts(&["acme"])),
        (&[], &[], Values::Int64(&[7])),
    ];
    let law = LAW.replace("Doc no.", "Doc").replace("Ship-to", "Shipto");
    desk.put("law.lexlog", law.as_bytes());
    desk.put(
        "export.parquet",
        &written(schema, Compression::SNAPPY, &columns),
    );
    let run = desk.run("shipments=export.parquet", &[]);
    insta::assert_snapshot!(run.transcript(), @r"
    7 is flagged
    acme weighs 2
    exit 0
    ");
    desk.put("law.lexlog", LAW.as_bytes());
    let run = desk.run("shipments=export.parquet", &[]);
    insta::assert_snapshot!(run.transcript(), @r#"
    standard error:
    error[E0527]: there is no column with the headings `Doc no.`, `Ship-to` of the
                  feed `shipments`
      --> export.parquet, row 1
       |
      ::: law.lexlog:12:27
       |
    12 | feed shipments { transfer("Doc no.", "Ship-to", "Country", "Value", "Day...
       |                           --------- named here
       |
       = help: for `Ship-to`, did you mean `Shipto`?

    1 error
    exit 2
    "#);
}

#[test]
fn rows_that_cannot_be_used_are_told_by_row_and_column_or_set_aside() {
    let desk = Desk::new();
    let schema = "required int64 id; required binary to; required binary country (UTF8); required double value; required int64 on (TIMESTAMP(MILLIS, true)); optional int32 plant;";
    let columns = [
        (&[][..], &[][..], Values::Int64(&[1, 2, 3])),
        (&[], &[], Values::Bytes(&[b"acme", b"\xFF\xFE", b"acme"])),
        (&[], &[], Values::Texts(&["chnia", "china", "china"])),
        (&[], &[], Values::Double(&[1.5, f64::NAN, 3.0])),
        (
            &[],
            &[],
            Values::Int64(&[1_760_000_000_000, 1_759_968_000_000, 1_759_968_000_000]),
        ),
        (&[1, 0, 1], &[], Values::Int32(&[12, 13])),
    ];
    desk.put(
        "transfer.parquet",
        &written(schema, Compression::SNAPPY, &columns),
    );
    insta::assert_snapshot!(desk.run("transfer.parquet", &[]).transcript(), @r"
    standard error:
    error[E0513]: `chnia` is no Country
    --> transfer.parquet, row 1
     = column 3, `country`
     = help: did you mean `china`?

    error[E0512]: `1.5` is not a whole number
    --> transfer.parquet, row 1
     = column 4, `value`
     = help: give a whole number, as in 12

    error[E0512]: `2025-10-09 08:53:20` is not a date
    --> transfer.parquet, row 1
     = column 5, `on`
     = help: write it as in 2025-10-09

    error[E0515]: bytes that are no text stand in a field
    --> transfer.parquet, row 2
     = column 2, `to`
     = help: a field holds a text, a number or nothing

    warning[W0532]: nothing is read of `plant` in `transfer.parquet`
    --> transfer.parquet, row 1
     = no field of `transfer` has such a name

    4 errors, 1 warning
    exit 2
    ");
    let run = desk.run("transfer.parquet", &["--bad-rows", "bad.csv"]);
    insta::assert_snapshot!(run.transcript(), @r"
    3 is flagged
    acme weighs 2
    2 rows of facts are left out and set aside in `bad.csv`: 2 of `transfer.parquet`
    standard error:
    warning[W0532]: nothing is read of `plant` in `transfer.parquet`
    --> transfer.parquet, row 1
     = no field of `transfer` has such a name

    1 warning
    exit 0
    ");
    insta::assert_snapshot!(fs::read_to_string(desk.path().join("bad.csv")).expect("it is there"), @r#"
    id,to,country,value,on,plant,_file,_row,_reason,_rest
    1,acme,chnia,1.5,2025-10-09 08:53:20,12,transfer.parquet,1,"column 3, `country`: `chnia` is no Country; column 4, `value`: `1.5` is not a whole number; column 5, `on`: `2025-10-09 08:53:20` is not a date",
    2,,china,NaN,2025-10-09,,transfer.parquet,2,"column 2, `to`: bytes that are no text stand in a field",
    "#);
}

#[test]
fn a_column_of_lists_is_refused_where_it_is_wanted() {
    let desk = Desk::new();
    let schema = "required binary item (UTF8); required int32 weight; optional group note (LIST) { repeated group list { optional binary element (UTF8); } }";
    let columns = [
        (&[][..], &[][..], Values::Texts(&["a", "b"])),
        (&[], &[], Values::Int32(&[1, 2])),
        (&[3, 3, 0], &[0, 1, 0], Values::Texts(&["x", "y"])),
    ];
    desk.put(
        "weight.parquet",
        &written(schema, Compression::SNAPPY, &columns),
    );
    insta::assert_snapshot!(desk.run("weight.parquet", &[]).transcript(), @r"
    standard error:
    error[E0529]: column 3 of `weight.parquet`, `note`, has lists or columns of
                  its own
    --> weight.parquet, row 1
     = help: give a column with one text, number, day or truth value a row

    1 error
    exit 2
    ");
    desk.put(
        "weight.parquet",
        &written(
            &schema.replace("note", "remarks"),
            Compression::SNAPPY,
            &columns,
        ),
    );
    let run = desk.run("weight.parquet", &["--query", "weight(I, W)"]);
    insta::assert_snapshot!(run.transcript(), @r"
    a weighs 1
    acme weighs 2
    b weighs 2
    standard error:
    warning[W0532]: nothing is read of `remarks` in `weight.parquet`
    --> weight.parquet, row 1
     = no field of `weight` has such a name

    1 warning
    exit 0
    ");
}

#[test]
fn a_file_that_is_damaged_or_packed_otherwise_is_told_in_plain_words() {
    let desk = Desk::new();
    let whole = transfers(Compression::SNAPPY);
    desk.put("transfer.parquet.gz", &whole);
    insta::assert_snapshot!(desk.run("transfer.parquet.gz", &[]).transcript(), @r"
    standard error:
    error[E0501]: `transfer.parquet.gz` cannot be read: a Parquet file is not
                  unpacked as it is read
     |
     = help: unpack it first: what stands in it is packed anyway

    1 error
    exit 2
    ");
    desk.put("transfer.parquet", &[0xff; 64]);
    let other = desk.run("transfer.parquet", &[]).transcript();
    assert!(other.contains("or it is no\n"), "{other}");
    desk.put("transfer.parquet", &whole[..whole.len() / 2]);
    insta::assert_snapshot!(desk.run("transfer.parquet", &[]).transcript(), @r"
    standard error:
    error[E0501]: `transfer.parquet` cannot be read: it is not whole, or it is no
                  Parquet file
     |
     = help: give a file of facts, or a folder of them

    1 error
    exit 2
    ");
    let is_told = |bytes: &[u8]| {
        desk.put("transfer.parquet", bytes);
        let run = desk.run("transfer.parquet", &[]);
        assert!(matches!(run.code, 0 | 2), "{}", run.transcript());
        assert!(
            run.code == 0 || run.err.contains("error[E05"),
            "{}",
            run.transcript()
        );
        assert!(!run.err.contains("panicked"), "{}", run.transcript());
    };
    for end in (0..whole.len()).step_by(97) {
        is_told(&whole[..end]);
    }
    for at in (0..whole.len()).step_by(41) {
        for bits in [0x01, 0x80, 0xFF] {
            let mut other = whole.clone();
            other[at] ^= bits;
            is_told(&other);
        }
    }
}

/// Puts bytes in place of those that stand in exactly one place.
fn patched(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let places = bytes.windows(from.len()).enumerate();
    let mut places = places.filter(|(_, it)| *it == from).map(|(at, _)| at);
    let at = places.next().expect("they are there");
    assert_eq!(places.next(), None);
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

#[test]
fn a_file_that_says_more_of_itself_than_stands_in_it_takes_no_memory() {
    let desk = Desk::new();
    let is_refused = |bytes: &[u8]| {
        desk.put("weight.parquet", bytes);
        let run = desk.run("weight.parquet", &[]);
        assert_eq!(run.code, 2, "{}", run.transcript());
        assert!(run.err.contains("it is not whole"), "{}", run.transcript());
    };
    let schema = "required binary item (UTF8); required int32 weight;
        optional binary note (UTF8); optional boolean sharp;";
    let notes: Vec<String> = (0..100).map(|at| format!("note {at}")).collect();
    let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
    let (weights, there): (Vec<i32>, Vec<i16>) = (0..100).map(|at| (at, 1)).unzip();
    let columns = [
        (&[][..], &[][..], Values::Texts(&notes)),
        (&[], &[], Values::Int32(&weights)),
        (&there, &[], Values::Texts(&notes)),
        (&[0; 100], &[], Values::Bool(&[])),
    ];
    // A dictionary of two thousand million texts.
    let properties = WriterProperties::builder().set_dictionary_enabled(true);
    let one = [
        (&[][..], &[][..], Values::Texts(&["crow"])),
        (&[], &[], Values::Int32(&[7])),
        (&[0], &[], Values::Texts(&[])),
        (&[0], &[], Values::Bool(&[])),
    ];
    let whole = written_as(properties.build(), schema, &one);
    desk.put("weight.parquet", &whole);
    assert_eq!(desk.run("weight.parquet", &[]).code, 0);
    let header = [0x15, 0x04, 0x15, 0x10, 0x15, 0x10, 0x4C, 0x15];
    let said = |count: &[u8]| [&header[..], count].concat();
    let many = said(&[0xFE, 0xFF, 0xFF, 0xFF, 0x0F]);
    is_refused(&patched(&whole, &said(&[0x02]), &many));
    // As many lengths of texts.
    for encoding in [
        Encoding::DELTA_LENGTH_BYTE_ARRAY,
        Encoding::DELTA_BYTE_ARRAY,
    ] {
        let properties = WriterProperties::builder()
            .set_dictionary_enabled(false)
            .set_column_encoding("item".into(), encoding);
        let whole = written_as(properties.build(), schema, &columns);
        desk.put("weight.parquet", &whole);
        let run = desk.run("weight.parquet", &[]);
        assert_eq!(run.code, 0, "{}", run.transcript());
        assert!(run.out.contains("note 99 weighs 99"), "{}", run.out);
        let list = [0x80, 0x01, 0x04, 100];
        let from = whole
            .windows(4)
            .position(|it| it == list)
            .expect("it is there");
        let mut other = whole.clone();
        other[from + 3..from + 8].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
        is_refused(&other);
        // The lengths of what is not shared stand in a list of their own.
        let last = whole
            .windows(4)
            .rposition(|it| it == list)
            .expect("it is there");
        let mut other = whole.clone();
        other[last + 3..last + 8].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
        is_refused(&other);
    }
    // Columns in columns in columns.
    let depth: u32 = 400_000;
    let mut end = vec![0x15, 2, 0x19, 0xFC];
    end.extend([
        depth as u8 | 0x80,
        (depth >> 7) as u8 | 0x80,
        (depth >> 14) as u8,
    ]);
    (1..depth).for_each(|_| end.extend([0x48, 1, b'c', 0x15, 2, 0]));
    end.extend([0x15, 2, 0x38, 1, b'c', 0, 0x16, 0, 0x19, 0x0C, 0]);
    let length = (end.len() as u32).to_le_bytes();
    is_refused(&[&b"PAR1"[..], &end, &length, b"PAR1"].concat());
}
