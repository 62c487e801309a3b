//! Files of facts to `Facts`: CSV, JSON, SQLite, Parquet, `.lexlog`, checked against the declarations, each fact with file and row.
//!
//! `files` finds what an argument names, `form` how it is to be read; `chunks` cuts it at ends of rows, and
//! `pieces` has several threads read what was cut. `table` and `json` take pieces apart into rows (`sqlite` and `parquet` have rows of `scalars`), `row` makes words of one
//! (`feed`, where a row gives several facts; `gives` says which), `cell` a word of one cell. A `Batch` keeps the rows of a file as words of one table of symbols, which the
//! engine takes over as it is. `check` holds facts against each other.

mod aside;
mod batch;
mod cell;
mod check;
mod chunks;
mod error;
#[expect(
    clippy::module_inception,
    reason = "each stage's noun stands in a file of its name"
)]
mod facts;
mod feed;
mod files;
mod form;
mod given;
mod gives;
mod json;
mod kept;
mod names;
mod parquet;
mod pieces;
mod records;
mod row;
mod scalars;
mod sqlite;
mod table;
#[cfg(test)]
mod tests;

pub use aside::{Aside, SetAside};
pub use batch::Batch;
pub use check::{Checked, check, completed};
pub use facts::Facts;
pub use names::Names;

use crate::diagnostic::Diagnostics;
use crate::ir::Policy;
use crate::source::Sources;
use crate::value::{Type, Value};

/// Files of facts, as named on the command line: `FILE`, or `RELATION=FILE` (also `FEED=FILE`); a folder is all files of facts in it.
/// `-` is standard input. Rows that cannot be used are told as errors, or `aside` takes them.
pub fn read(
    policy: &Policy,
    sources: &mut Sources,
    arguments: &[String],
    aside: Option<&mut Aside>,
) -> (Facts, Diagnostics) {
    let (facts, mut diagnostics) = files::read(policy, sources, arguments, aside);
    diagnostics.extend(names::near_names(policy, &facts));
    (facts, diagnostics)
}

/// The files of facts in each folder that arguments name.
pub fn in_folders(arguments: &[String]) -> Vec<(String, Vec<String>)> {
    files::in_folders(arguments)
}

/// A value of that type as written in a table of data or by a person; a number may have its unit. `None`: it is none.
pub fn value(policy: &Policy, ty: Type, text: &str) -> Option<Value> {
    cell::Cells::new(policy)
        .value(cell::Cell::Words(text), ty)
        .ok()
}
