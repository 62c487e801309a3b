//! What can be wrong with files of facts, said to whoever made them.

use super::chunks::Stop;
use super::json::HALF_A_SIGN;
use super::pieces::MOST_KEPT;
use crate::diagnostic::{Diagnostic, nearest};
use crate::ir::{Feed, Heading, Relation, RelationKind};
use crate::source::{FileId, LONGEST_LINE, LongRow, Place, Span, amount, reason};
use crate::value::{
    Date, DayPattern, NoDay, NoNumber, NumberType, Type, TypeId, Types, counted, shortened,
};

/// How many wrong rows of one file, or clashes of facts, are listed.
pub(super) const MOST_SLIPS: usize = 20;

/// What is wrong with a row, before it is placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slip {
    code: &'static str,
    message: String,
    help: Vec<String>,
    /// In words.
    column: String,
    /// The first being 1.
    number: Option<usize>,
}

impl Slip {
    fn new(code: &'static str, message: String) -> Slip {
        Slip {
            code,
            message,
            help: Vec::new(),
            column: String::new(),
            number: None,
        }
    }

    fn help(mut self, text: impl Into<String>) -> Slip {
        self.help.push(text.into());
        self
    }

    fn near(self, near: Option<&str>, otherwise: impl Into<String>) -> Slip {
        match near {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self.help(otherwise),
        }
    }

    /// Says in which column it stands, the first being 1.
    pub(super) fn in_column(mut self, number: usize, name: &str) -> Slip {
        self.column = format!("column {number}, `{name}`");
        self.number = Some(number);
        self
    }

    /// Says under which name of an object it stands, its place among the names being counted from 1.
    pub(super) fn under_name(mut self, number: usize, name: &str) -> Slip {
        self.column = format!("`{name}`");
        self.number = Some(number);
        self
    }

    /// What is wrong and where in the row, in one line.
    pub(super) fn in_words(&self) -> String {
        match self.column.as_str() {
            "" => self.message.clone(),
            column => format!("{column}: {}", self.message),
        }
    }

    /// Which column, or name, it is about.
    pub(super) fn number(&self) -> Option<usize> {
        self.number
    }

    pub(super) fn to_diagnostic(&self, place: Place, declared: Option<Span>) -> Diagnostic {
        let mut diagnostic =
            Diagnostic::error(self.code, &self.message).at_place(place, &self.column);
        if let Some(declared) = declared {
            diagnostic = diagnostic.at(declared, "declared here");
        }
        diagnostic.help = self.help.clone();
        diagnostic
    }

    pub(super) fn unknown_column(name: &str, relation: &str, known: Vec<&str>) -> Slip {
        let slip = Slip::new("E0507", format!("`{relation}` has no field `{name}`"));
        let near = nearest(name, known.iter().copied());
        slip.near(near, format!("the columns are named {}", listed(&known)))
    }

    pub(super) fn column_twice(name: &str) -> Slip {
        Slip::new("E0509", format!("`{name}` is given twice")).help("give it once")
    }

    pub(super) fn wrong_number_of_cells(cells: usize, columns: usize) -> Slip {
        let message = format!(
            "this row has {}, and the first row {columns}",
            counted(cells, "cell")
        );
        Slip::new("E0510", message).help(
            "a cell that holds the separator itself, such as a comma, stands in double quotes",
        )
    }

    pub(super) fn wrong_quote() -> Slip {
        Slip::new("E0518", "the quotes that open here do not go together".into())
            .help("a cell in double quotes ends with one, and a quote inside it is written twice: `\"a \"\"b\"\" c\"`")
    }

    /// Puts the number of the row in front of the column.
    pub(super) fn in_row(mut self, number: usize) -> Slip {
        self.column = match self.column.as_str() {
            "" => format!("row {number}"),
            column => format!("row {number}, {column}"),
        };
        self
    }

    pub(super) fn empty(field: &str) -> Slip {
        Slip::new("E0511", format!("`{field}` is empty"))
            .help("give a value, or declare the field `or none` or `or unknown`")
    }

    pub(super) fn missing(field: &str, relation: &str) -> Slip {
        Slip::new("E0511", format!("`{relation}` is given without `{field}`"))
            .help("give a value, or declare the field `or none` or `or unknown`")
    }

    pub(super) fn wrong_type(shown: &str, types: &Types, ty: Type) -> Slip {
        let (what, example) = wanted(types, ty);
        Slip::new("E0512", format!("`{shown}` is not {what}")).help(example)
    }

    pub(super) fn no_day(shown: &str, pattern: &DayPattern, reason: NoDay) -> Slip {
        let message = match reason {
            NoDay::Otherwise => format!("`{shown}` is not a date as `{}`", pattern.text()),
            NoDay::NoSuchDay => format!("there is no such day as `{shown}`"),
        };
        let example = pattern.written(Date::constant(2025, 10, 9));
        Slip::new("E0512", message).help(format!("days in this column are written as in {example}"))
    }

    pub(super) fn no_number(reason: &NoNumber, types: &Types, wanted: NumberType) -> Slip {
        let code = match reason {
            NoNumber::Words(_)
            | NoNumber::NotWhole(_)
            | NoNumber::TooLong(_)
            | NoNumber::Mark(..)
            | NoNumber::SeveralPoints(_) => "E0512",
            NoNumber::UnknownUnit(_) | NoNumber::WrongUnit(_) => "E0514",
        };
        Slip::new(code, reason.to_string())
            .near(near_unit(reason, types), reason.help(types, wanted))
    }

    pub(super) fn not_a_member(name: &str, types: &Types, id: TypeId, near: Option<&str>) -> Slip {
        let ty = &types.named(id).name;
        let members: Vec<&str> = types
            .members(id)
            .iter()
            .map(|member| member.name.as_str())
            .collect();
        Slip::new("E0513", format!("`{name}` is no {ty}"))
            .near(near, format!("a {ty} is {}", listed(&members)))
    }

    pub(super) fn ends_before_start(from: Date, through: Date) -> Slip {
        Slip::new(
            "E0517",
            format!("the last day, {through}, comes before the first, {from}"),
        )
        .help("the last day is the first day or a later one")
    }

    pub(super) fn not_text() -> Slip {
        Slip::new(
            "E0502",
            "this row is not UTF-8: a letter in it cannot be read".into(),
        )
        .help("save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\")")
    }

    pub(super) fn bad_json(reason: &str) -> Slip {
        Slip::new("E0515", format!("this is not JSON: {reason}"))
            .help("a row is an object, such as {\"party\": \"acme_cn\", \"country\": \"china\"}")
    }

    /// The only thing that can be wrong with a text of which the ends are found.
    pub(super) fn half_a_sign(raw: &str) -> Slip {
        let message = format!("in the text {} {HALF_A_SIGN}", shortened(raw));
        Slip::new("E0515", message).help("write the sign itself, or both halves")
    }

    pub(super) fn bytes() -> Slip {
        Slip::new("E0515", "bytes that are no text stand in a field".into())
            .help("a field holds a text, a number or nothing")
    }

    pub(super) fn long_cell() -> Slip {
        let most = amount(LONGEST_LINE);
        Slip::new("E0523", format!("this field has more than {most}"))
            .help("give less, or leave the field out")
    }

    pub(super) fn no_single_value() -> Slip {
        Slip::new("E0515", "a list or an object stands in a field".into())
            .help("a field holds one text, number, truth value or null")
    }
}

/// The first names of a list, in backticks.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 12;
    let shown: Vec<String> = names
        .iter()
        .take(MOST)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = names.len().saturating_sub(MOST);
    let tail = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{tail}", shown.join(", "))
}

/// The type in words, and what would fit.
fn wanted(types: &Types, ty: Type) -> (String, String) {
    match ty {
        Type::Entity(id) => {
            let name = &types.named(id).name;
            (
                format!("the name of a {name}"),
                format!("a {name} is given by its name"),
            )
        }
        Type::Set(id) => {
            let name = &types.named(id).name;
            (
                format!("a {name}"),
                format!("a {name} is given by its name"),
            )
        }
        Type::Text => ("a text".into(), "texts stand in double quotes".into()),
        Type::Date => ("a date".into(), "write it as in 2025-10-09".into()),
        Type::Bool => ("`true` or `false`".into(), "write `true` or `false`".into()),
        Type::Number(number) => {
            let what = if number.integer {
                "a whole number"
            } else {
                "a number"
            };
            (what.into(), format!("give {}", types.number_words(number)))
        }
    }
}

/// The unit that may be meant by one that there is not.
fn near_unit<'a>(reason: &NoNumber, types: &'a Types) -> Option<&'a str> {
    let NoNumber::UnknownUnit(name) = reason else {
        return None;
    };
    nearest(name, types.units.iter().map(|unit| unit.name.as_str()))
}

// ---- files -----------------------------------------------------------------------------------------------------------

pub(super) fn unreadable(name: &str, reason: &str) -> Diagnostic {
    Diagnostic::error("E0501", format!("`{name}` cannot be read: {reason}"))
        .help("give a file of facts, or a folder of them")
}

/// Files of statements and of JSON are read whole.
pub(super) fn too_large(name: &str, most: usize) -> Diagnostic {
    let most = amount(most);
    Diagnostic::error("E0523", format!("`{name}` has more than {most}"))
        .help("facts beyond that are read from files that end in .csv, .tsv or .jsonl, of any size")
}

pub(super) fn long_row(row: LongRow, file: FileId) -> Diagnostic {
    let line = row.line;
    let most = amount(LONGEST_LINE);
    let diagnostic = Diagnostic::error("E0523", format!("this row has more than {most}"))
        .at_place(Place::Record { file, line }, "");
    match row.open_quote {
        Some(line) => diagnostic.help(format!(
            "the quotes that open on line {line} are not closed: a quote inside a cell is written twice"
        )),
        None => diagnostic.help("is it a table? each row ends with its line"),
    }
}

/// A pipe, a device or a socket among the files of a folder.
pub(super) fn no_ordinary_file(name: &str) -> Diagnostic {
    Diagnostic::error("E0501", format!("`{name}` is no ordinary file"))
        .help("in a folder only files are read; a pipe is read where it is named itself: `--facts RELATION=PIPE`")
}

pub(super) fn too_deep(name: &str, deepest: usize) -> Diagnostic {
    Diagnostic::error(
        "E0501",
        format!("`{name}` is not read: it lies in more than {deepest} folders"),
    )
    .help("give it by its own name, or move it up")
}

pub(super) fn not_utf8(name: &str, place: Place) -> Diagnostic {
    Diagnostic::error("E0502", format!("`{name}` is not UTF-8"))
        .at_place(place, "a letter here cannot be read")
        .help("save the file as UTF-8")
}

pub(super) fn empty_file(name: &str, place: Place) -> Diagnostic {
    Diagnostic::error("E0503", format!("`{name}` is empty"))
        .at_place(place, "")
        .help("if there are no facts of this kind, leave the file out")
}

pub(super) fn empty_folder(name: &str) -> Diagnostic {
    Diagnostic::error(
        "E0503",
        format!("there are no facts in the folder `{name}`"),
    )
    .help("files of facts end in .lexlog, .csv, .tsv, .json or .jsonl, perhaps with .gz or .zst behind it, or in .parquet, .sqlite or .db")
}

pub(super) fn unknown_form(name: &str) -> Diagnostic {
    Diagnostic::error(
        "E0504",
        format!("`{name}` is no file of facts that can be read"),
    )
    .help("files of facts end in .lexlog, .csv, .tsv, .json or .jsonl, perhaps with .gz or .zst behind it, or in .parquet, .sqlite or .db")
}

pub(super) fn packed_database(name: &str) -> Diagnostic {
    let message = format!("`{name}` cannot be read: a database is not unpacked as it is read");
    Diagnostic::error("E0501", message).help("unpack it first")
}

pub(super) fn packed_columns(name: &str) -> Diagnostic {
    let message = format!("`{name}` cannot be read: a Parquet file is not unpacked as it is read");
    Diagnostic::error("E0501", message).help("unpack it first: what stands in it is packed anyway")
}

/// A column of a Parquet file that has lists, or columns of its own.
pub(super) fn nested_column(name: &str, number: usize, column: &str, place: Place) -> Diagnostic {
    let message =
        format!("column {number} of `{name}`, `{column}`, has lists or columns of its own");
    Diagnostic::error("E0529", message)
        .at_place(place, "")
        .help("give a column with one text, number, day or truth value a row")
}

/// A database without any table that can be read, or without the one that is wanted.
pub(super) fn no_table(name: &str, wanted: Option<&str>, tables: &[String]) -> Diagnostic {
    let message = match wanted {
        Some(wanted) => format!("`{name}` has no table `{wanted}`"),
        None => format!("no table of `{name}` is named as a relation or a feed"),
    };
    let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
    let diagnostic = Diagnostic::error("E0528", message);
    let near = wanted.and_then(|wanted| nearest(wanted, tables.iter().copied()));
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if tables.is_empty() => diagnostic.help("it has no tables"),
        None => diagnostic.help(format!("its tables are {}", listed(&tables))),
    }
}

pub(super) fn tables_not_used(name: &str, tables: &[&str]) -> Diagnostic {
    let message = format!("nothing is read of {} in `{name}`", listed(tables));
    Diagnostic::warning("W0532", message).help("no relation and no feed has such a name")
}

pub(super) fn relation_needless(name: &str) -> Diagnostic {
    Diagnostic::error(
        "E0504",
        format!("`{name}` says itself which facts it gives"),
    )
    .help("give the file without a relation in front")
}

pub(super) fn unknown_relation(
    name: &str,
    near: Option<&str>,
    has_feeds: bool,
    place: Place,
) -> Diagnostic {
    let what = match has_feeds {
        true => "relation or feed",
        false => "relation",
    };
    let message = format!("there is no {what} `{name}`");
    let diagnostic = Diagnostic::error("E0505", message).at_place(place, "");
    let diagnostic = match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    };
    diagnostic.help("a file gives the facts of the relation after which it is named; `RELATION=FILE` names another")
}

pub(super) fn wrong_kind(relation: &Relation, kind: RelationKind, place: Place) -> Diagnostic {
    let what = match kind {
        RelationKind::Verdict => "a verdict",
        _ => "a relation that the policy concludes",
    };
    let diagnostic = Diagnostic::error(
        "E0506",
        format!(
            "`{}` is {what}, and cannot be given as facts",
            relation.name
        ),
    )
    .at_place(place, "");
    let diagnostic = match relation.span {
        Some(span) => diagnostic.at(span, "declared here"),
        None => diagnostic,
    };
    diagnostic.help("give the events and inputs from which it follows")
}

pub(super) fn column_twice(name: &str, place: Place) -> Diagnostic {
    Slip::column_twice(name).to_diagnostic(place, None)
}

/// A row of names that goes on and on is told by its first ones.
pub(super) fn more_columns(count: usize, place: Place) -> Diagnostic {
    let columns = counted(count, "more column");
    Diagnostic::error(
        "E0516",
        format!("this row has {columns}, which were not looked at"),
    )
    .at_place(place, "")
    .help("mend those above first")
}

pub(super) fn missing_columns(relation: &Relation, missing: &[&str], place: Place) -> Diagnostic {
    let what = if missing.len() == 1 {
        "column"
    } else {
        "columns"
    };
    let diagnostic = Diagnostic::error(
        "E0508",
        format!(
            "the first row lacks the {what} {} of `{}`",
            listed(missing),
            relation.name
        ),
    )
    .at_place(place, "the first row names the fields, in any order");
    match relation.span {
        Some(span) => diagnostic.at(span, "declared here"),
        None => diagnostic,
    }
}

/// How many headings are told that may be meant by one that there is not.
const MOST_MEANT: usize = 12;

/// The headings of a feed that a file does not have, with those of its names that may be meant; `None`: it has all.
pub(super) fn missing_headings(
    feed: &Feed,
    has: impl Fn(usize) -> bool,
    names: &[&str],
    place: Place,
) -> Option<Diagnostic> {
    let headings = feed.headings.iter().enumerate();
    let missing: Vec<&Heading> = headings
        .filter(|(at, _)| !has(*at))
        .map(|it| it.1)
        .collect();
    let first = missing.first()?;
    let what = match missing.len() {
        1 => "heading",
        _ => "headings",
    };
    let listed_missing: Vec<&str> = missing.iter().map(|it| it.text.as_str()).collect();
    let message = format!(
        "there is no column with the {what} {} of the feed `{}`",
        listed(&listed_missing),
        feed.name
    );
    let mut diagnostic = Diagnostic::error("E0527", message)
        .at_place(place, "")
        .at(first.span, "named here");
    for heading in missing.iter().take(MOST_MEANT) {
        let used = |name: &&str| feed.headings.iter().any(|it| it.text == name.trim());
        let free = names.iter().copied().filter(|name| !used(name));
        let Some(near) = nearest(&heading.text, free) else {
            continue;
        };
        diagnostic = diagnostic.help(match missing.len() {
            1 => format!("did you mean `{near}`?"),
            _ => format!("for `{}`, did you mean `{near}`?", heading.text),
        });
    }
    Some(match diagnostic.help.is_empty() && !names.is_empty() {
        true => diagnostic.help(format!("the columns are named {}", listed(names))),
        false => diagnostic,
    })
}

/// Rows of which a feed makes no event, because a cell is empty.
pub(super) fn no_event(
    (rows, file): (usize, &str),
    event: &str,
    heading: &str,
    place: Place,
) -> Diagnostic {
    let (rows, give) = (
        counted(rows, "row"),
        if rows == 1 { "gives" } else { "give" },
    );
    let message = format!("{rows} of `{file}` {give} no `{event}`, a cell being empty");
    Diagnostic::warning("W0533", message)
        .at_place(place, format!("`{heading}` is empty, here first"))
        .help(format!(
            "where that is meant, say so in the feed: `if \"{heading}\" != \"\"`"
        ))
}

pub(super) fn bad_json(reason: &str, place: Place) -> Diagnostic {
    Slip::bad_json(reason).to_diagnostic(place, None)
}

pub(super) fn json_shape(place: Place) -> Diagnostic {
    Diagnostic::error("E0515", "this is no list of rows")
        .at_place(place, "")
        .help("a file holds a list of objects, or an object with a list of them for each relation")
}

pub(super) fn more(count: usize, place: Place) -> Diagnostic {
    let mistakes = counted(count, "more mistake");
    Diagnostic::error("E0516", format!("this file has {mistakes}"))
        .at_place(place, "")
        .help("mend those above first; `lexlog run` with `--bad-rows FILE` sets such rows aside")
}

/// What kept a file from being read to its end.
pub(super) fn stopped(stop: Stop, name: &str, file: FileId) -> Diagnostic {
    match stop {
        Stop::Unreadable(problem) => unreadable(name, &reason(&problem)),
        Stop::TooLong(row) => long_row(row, file),
        Stop::NotSetAside(problem) => Diagnostic::error(
            "E0525",
            format!(
                "rows that cannot be used cannot be set aside: {}",
                reason(&problem)
            ),
        ),
        Stop::TooMuch(line) => Diagnostic::error(
            "E0524",
            format!("the facts take more than {} of memory", amount(MOST_KEPT)),
        )
        .at_place(Place::Record { file, line }, "read up to here")
        .help("give fewer facts at a time"),
    }
}

pub(super) fn set_aside_in_itself(name: &str) -> Diagnostic {
    Diagnostic::error(
        "E0526",
        format!("bad rows cannot be set aside in `{name}`: it is a file of facts that is read"),
    )
    .help("name another file behind --bad-rows")
}

/// How many columns are named of which nothing is read.
const MOST_NAMED: usize = 10;

pub(super) fn not_used(name: &str, relation: &str, columns: &[&str], place: Place) -> Diagnostic {
    let quoted: Vec<String> = columns
        .iter()
        .take(MOST_NAMED)
        .map(|it| format!("`{it}`"))
        .collect();
    let more = match columns.len() - quoted.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("nothing is read of {}{more} in `{name}`", quoted.join(", "));
    Diagnostic::warning("W0532", message)
        .at_place(place, format!("no field of `{relation}` has such a name"))
}

pub(super) fn not_read(name: &str) -> Diagnostic {
    Diagnostic::warning("W0531", format!("`{name}` is not read"))
        .help("files of facts end in .lexlog, .csv, .tsv, .json, .jsonl, .parquet, .sqlite or .db")
}

// ---- facts against each other ----------------------------------------------------------------------------------------

pub(super) fn key_clash(key: &str, first: (Place, &str), second: (Place, &str)) -> Diagnostic {
    Diagnostic::error("E0520", format!("two facts differ about {key}"))
        .at_place(second.0, second.1)
        .at_place(first.0, first.1)
        .help("give one of them, or give each its days if the relation is dated")
}

pub(super) fn id_in_two_events(
    id: &str,
    first: (Place, &str),
    second: (Place, &str),
) -> Diagnostic {
    Diagnostic::error("E0521", format!("`{id}` is the id of two events"))
        .at_place(second.0, format!("of `{}`", second.1))
        .at_place(first.0, format!("of `{}`", first.1))
        .help("give each event an id of its own")
}

pub(super) fn asserted_and_denied(judgement: &str, asserted: Place, denied: Place) -> Diagnostic {
    Diagnostic::error("E0522", format!("{judgement} is both asserted and denied"))
        .at_place(asserted, "asserted")
        .at_place(denied, "denied")
        .help("decide it one way")
}

pub(super) fn more_clashes(count: usize) -> Diagnostic {
    Diagnostic::error("E0516", format!("{count} more facts cannot stand together"))
        .help("mend those above first")
}

pub(super) fn near_name(name: &str, near: &str, ty: &str, place: Place) -> Diagnostic {
    Diagnostic::warning(
        "W0530",
        format!("the policy does not know the {ty} `{name}`, but one named `{near}`"),
    )
    .at_place(place, "first named here")
    .help(format!("did you mean `{near}`?"))
}
