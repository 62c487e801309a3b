//! Rows of data that cannot be used: where they are set aside, and what the result says of them.

use super::Outcome;
use super::arguments::{Format, ProofFormat, RunFormat};
use super::output::{self, no_write, print};
use crate::facts::{Aside, SetAside};
use clap::Args;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

/// What becomes of rows that cannot be used.
#[derive(Debug, Args)]
pub(super) struct BadRows {
    /// Set rows of data that cannot be used aside in this CSV file, each with file, row and reason, and go on without them; else they
    /// refuse the run
    #[arg(long = "bad-rows", value_name = "FILE")]
    bad_rows: Option<PathBuf>,
}

impl BadRows {
    /// The file to which they come, if they are to be set aside.
    pub(super) fn file(&self) -> Option<&Path> {
        self.bad_rows.as_deref()
    }

    /// What takes them, if they are to be set aside.
    pub(super) fn aside(&self) -> Option<Aside> {
        self.bad_rows.as_deref().map(Aside::new)
    }
}

/// How a result is printed, as far as it matters to what is told beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Printed {
    /// People read it: more may be said at its end.
    ForPeople,
    /// It is one object, in which all is said.
    AsData,
    /// Nothing may be added to it.
    AsItIs,
}

impl From<RunFormat> for Printed {
    fn from(format: RunFormat) -> Printed {
        match format {
            RunFormat::Text => Printed::ForPeople,
            RunFormat::Json => Printed::AsData,
            RunFormat::Jsonl | RunFormat::Csv | RunFormat::Html => Printed::AsItIs,
        }
    }
}

impl From<ProofFormat> for Printed {
    fn from(format: ProofFormat) -> Printed {
        match format {
            ProofFormat::Text => Printed::ForPeople,
            ProofFormat::Json => Printed::AsData,
            ProofFormat::Markdown | ProofFormat::Html | ProofFormat::Dot => Printed::AsItIs,
        }
    }
}

impl From<Format> for Printed {
    fn from(format: Format) -> Printed {
        match format {
            Format::Text => Printed::ForPeople,
            Format::Json => Printed::AsData,
        }
    }
}

/// Writes them to their file, if there is one. Errors: it could not be done, and why is told.
pub(super) fn written(aside: Option<Aside>) -> Result<Option<SetAside>, Outcome> {
    let Some(mut aside) = aside else {
        return Ok(None);
    };
    match aside.write() {
        Ok(()) => Ok(Some(aside.told())),
        Err(error) => Err(no_write(aside.target(), &error)),
    }
}

/// Says in the results for machines where they are, and how many of each file.
pub(super) fn add(set_aside: Option<&SetAside>, results: &mut Json) {
    let Some(set_aside) = set_aside else {
        return;
    };
    let files = set_aside.of.iter();
    let files = files.map(|(file, rows)| json!({ "file": file, "rows": rows }));
    results["bad_rows"] = json!({
        "file": set_aside.to,
        "rows": set_aside.rows(),
        "of": files.collect::<Vec<_>>(),
    });
}

/// That the results are without rows that could not be used: among them where people read them, else beside them.
pub(super) fn tell(set_aside: Option<&SetAside>, printed: Printed) {
    let Some(set_aside) = set_aside.filter(|it| it.rows() > 0) else {
        return;
    };
    let counts = set_aside.of.iter();
    let counts: Vec<String> = counts
        .map(|(file, rows)| format!("{rows} of `{file}`"))
        .collect();
    let (rows, are) = match set_aside.rows() {
        1 => ("row", "is"),
        _ => ("rows", "are"),
    };
    let told = format!(
        "{} {rows} of facts {are} left out and set aside in `{}`: {}\n",
        set_aside.rows(),
        set_aside.to,
        counts.join(", ")
    );
    match printed {
        Printed::ForPeople => _ = print(&told),
        Printed::AsItIs => output::tell(&told),
        Printed::AsData => {}
    }
}
