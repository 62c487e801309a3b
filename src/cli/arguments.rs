//! The arguments of each command.

use super::bad_rows::BadRows;
use super::watchman::Budget;
use crate::session::MOST_POINTS;
use crate::value::Date;
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Datalog for law: dated notices in, verdicts with proofs out.
#[derive(Debug, Parser)]
#[command(name = "lexlog", version, about, long_about = None, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 done, and something to object to (a failed case, a broken `never`, --fail-on met); \
2 could not be done (bad usage, policy or facts)."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Look for mistakes in a policy: all of them, of all files, in one go
    #[command(
        after_help = "Examples:\n  lexlog check policies\n  lexlog check policies --format json"
    )]
    Check(Check),
    /// Say what follows from a policy for some facts
    #[command(
        after_help = "Examples:\n  lexlog run policies --facts tests/examples/suzhou.lexlog\n  \
lexlog run policies --facts transfer=transfers.csv --facts lists/ --fail-on licence_required --out results\n  \
lexlog run policies --facts tests/examples/suzhou.lexlog --query 'foreign(P)' --as-of 2025-11-20"
    )]
    Run(Run),
    /// Prove a fact, or say why it does not follow
    #[command(
        after_help = "Examples:\n  lexlog explain policies --facts tests/examples/suzhou.lexlog 'licence_required(t1)'\n  \
lexlog explain policies --cases tests/cases/notices --case 'A title' 'licence_required(T)'\n  \
lexlog run policies --facts transfers.csv --save run.saved\n  \
lexlog explain policies --from run.saved 'licence_required(t1)'"
    )]
    Explain(Explain),
    /// Check a certificate, without trusting the engine that made it
    #[command(
        after_help = "Example:\n  lexlog explain policies --facts transfers.csv 'licence_required(t1)' --certificate t1.json\n  \
lexlog verify t1.json policies --facts transfers.csv\n\nA certificate in which values are redacted:\n  \
lexlog explain policies --facts transfers.csv 'licence_required(t1)' --certificate t1.json --redact transfer.recipient --salt secret\n  \
lexlog verify t1.json policies --redacted-facts t1.redacted_facts.jsonl\n  \
lexlog verify t1.json policies --facts transfers.csv --openings t1.openings.json\n\nExit codes: 0 accepted; 1 rejected, with the place and the reason; 2 cannot be read."
    )]
    Verify(Verify),
    /// Run the cases of a policy
    #[command(
        after_help = "Examples:\n  lexlog test policies tests/cases/notices\n  \
lexlog test policies tests/cases/notices --filter dysprosium --junit results.xml\n  \
lexlog test policies tests/cases/notices --review\n  \
lexlog test policies tests/cases/notices --coverage=listing --html coverage.html\n\n\
Snapshots: beside a file of cases, the folder `snapshots` keeps what came of each case when somebody last looked, with the proofs. \
--accept starts them. From then on what comes out otherwise is shown, and is objected to until it is accepted."
    )]
    Test(Test),
    /// Ask what is not known and changes a verdict
    #[command(
        after_help = "Examples:\n  lexlog ask policies --facts transfers.csv\n  lexlog ask policies --facts transfers.csv --interactive --answers answers.lexlog"
    )]
    Ask(Ask),
    /// Say when which clauses are in force, or as of which days something would hold
    #[command(
        after_help = "Examples:\n  lexlog timeline policies\n  lexlog timeline policies --facts tests/examples/suzhou.lexlog 'licence_required(t1)'"
    )]
    Timeline(Timeline),
    /// Say what a change of a policy changes: which verdicts, by which of its changes
    #[command(
        after_help = "Examples:\n  lexlog diff --git main policies tests/cases/notices\n  \
lexlog diff policies.old policies --facts transfers.csv --format markdown\n  \
lexlog diff policies --old-known-at 2025-10-10 --known-at 2025-11-08 --facts policies/examples/magnet_maker\n\n\
Exit codes: 0 no verdict differs; 1 some do; 2 it could not be said."
    )]
    Diff(Diff),
    /// Change a policy in small ways, and report the changes that no case notices
    #[command(
        after_help = "Examples:\n  lexlog mutate policies tests/cases/notices --only mofcom_2025_70\n  \
lexlog mutate policies tests/cases/notices --state mutants.json --format json\n\n\
Exit codes: 0 each change is noticed, or says the same as before; 1 some survive; 2 it could not be done."
    )]
    Mutate(Mutate),
    /// Print completions for a shell
    #[command(
        after_help = "Example:\n  lexlog completions bash > ~/.local/share/bash-completion/completions/lexlog"
    )]
    Completions(Completions),
}

impl Command {
    /// How much it may take.
    pub(super) fn budget(&self) -> Budget {
        let means = match self {
            Command::Run(arguments) => &arguments.when.means,
            Command::Explain(arguments) => &arguments.when.means,
            Command::Ask(arguments) => &arguments.when.means,
            Command::Timeline(arguments) => &arguments.when.means,
            Command::Diff(arguments) => &arguments.when.means,
            _ => return Budget::default(),
        };
        means.budget.clone()
    }
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For machines
    Json,
}

/// How `run` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RunFormat {
    /// For people: a verdict a line
    Text,
    /// For machines: one object
    Json,
    /// For machines that take one verdict after the other: an object a line
    Jsonl,
    /// A table for each verdict
    Csv,
    /// One page for a browser: a table in which each verdict opens into its proof
    Html,
}

/// In which form `run --out` writes a table of verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// Text, which every program reads
    Csv,
    /// Columns with types: days, whole numbers, decimals with 12 digits behind the point
    Parquet,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// A `.lexlog` file, or a folder of them at any depth
    pub(super) policy: PathBuf,
    /// How messages are printed
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

/// Under which law the facts are judged.
#[derive(Debug, Args)]
pub(super) struct When {
    /// Judge everything by the law of this day (year-month-day); events and dated facts keep their own days
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) as_of: Option<Date>,
    /// Leave out notices published after this day (year-month-day)
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) known_at: Option<Date>,
    /// Leave out this notice
    #[arg(long, value_name = "NOTICE")]
    pub(super) without: Vec<String>,
    /// Leave out what the policy presumes where no fact settles it
    #[arg(long)]
    pub(super) no_presumptions: bool,
    #[command(flatten)]
    pub(super) means: Means,
}

/// By which means what follows is worked out, and how much they may take.
#[derive(Debug, Args)]
pub(super) struct Means {
    /// Decide a verdict exactly where up to this many open points matter to it
    #[arg(long, value_name = "N", default_value_t = MOST_POINTS)]
    pub(super) most_points: usize,
    /// Evaluate by the definition, slowly
    #[arg(long, hide = true)]
    pub(super) reference: bool,
    #[command(flatten)]
    pub(super) budget: Budget,
}

impl Default for Means {
    fn default() -> Means {
        Means {
            most_points: MOST_POINTS,
            reference: false,
            budget: Budget::default(),
        }
    }
}

/// What a certificate keeps to itself.
#[derive(Debug, Args)]
pub(super) struct Redact {
    /// Put salted digests in place of what stands in this field of facts, wherever it occurs in the certificate; what opens each
    /// digest, and the facts with these digests, are written beside it
    #[arg(long, value_name = "RELATION.FIELD", requires = "salt")]
    pub(super) redact: Vec<String>,
    /// A file with at least 16 bytes that nobody can guess, from which the salts come: keep it to yourself
    #[arg(long, value_name = "FILE", requires = "redact")]
    pub(super) salt: Option<PathBuf>,
}

impl Redact {
    /// Whether anything is to be redacted.
    pub(super) fn is_wanted(&self) -> bool {
        !self.redact.is_empty()
    }
}

/// How proofs are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProofFormat {
    /// For people
    Text,
    /// For machines
    Json,
    /// For a memo, or a comment on a change (CommonMark)
    Markdown,
    /// A page for a browser, in one file
    Html,
    /// A graph for Graphviz
    Dot,
}

/// What an open verdict counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OpenAs {
    /// As one that holds
    Holds,
    /// As one that does not hold
    Absent,
    /// As something to object to, whatever the verdict
    Fail,
}

#[derive(Debug, Args)]
pub(super) struct Ask {
    /// A `.lexlog` file, or a folder of them at any depth
    pub(super) policy: PathBuf,
    /// Facts: a `.lexlog`, `.csv`, `.tsv`, `.json` or `.jsonl` file (also packed: `.gz`, `.zst`), a `.parquet` file, `RELATION=FILE`,
    /// `FEED=FILE` (a table of which a feed says what its rows give), a `.sqlite` or `.db` file (tables named as relations or feeds;
    /// `NAME=FILE` reads one), a folder, or `-` for standard input (packed or not)
    #[arg(long, short, value_name = "FILE", value_parser = readable())]
    pub(super) facts: Vec<String>,
    #[command(flatten)]
    pub(super) bad_rows: BadRows,
    /// Take the facts of this case, and what it knows and leaves out
    #[arg(long, value_name = "TITLE")]
    pub(super) case: Option<String>,
    /// Files or folders with further cases
    #[arg(long, value_name = "PATH")]
    pub(super) cases: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) when: When,
    /// Put the questions one after the other, and read the answers from standard input
    #[arg(long, short)]
    pub(super) interactive: bool,
    /// Write the answers to this file of facts
    #[arg(long, value_name = "FILE", requires = "interactive")]
    pub(super) answers: Option<PathBuf>,
    /// Write the answers even where the file exists
    #[arg(long, requires = "answers")]
    pub(super) overwrite: bool,
    /// How the questions are printed
    #[arg(
        long,
        value_enum,
        default_value = "text",
        conflicts_with = "interactive"
    )]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Run {
    /// A `.lexlog` file, or a folder of them at any depth
    pub(super) policy: PathBuf,
    /// Facts: a `.lexlog`, `.csv`, `.tsv`, `.json` or `.jsonl` file (also packed: `.gz`, `.zst`), a `.parquet` file, `RELATION=FILE`,
    /// `FEED=FILE` (a table of which a feed says what its rows give), a `.sqlite` or `.db` file (tables named as relations or feeds;
    /// `NAME=FILE` reads one), a folder, or `-` for standard input (packed or not)
    #[arg(long, short, value_name = "FILE", value_parser = readable())]
    pub(super) facts: Vec<String>,
    /// Print the answers to this atom instead of the verdicts, as in `licence_required(T)` or `listed(P) on 2025-05-05`
    #[arg(long, short, value_name = "ATOM")]
    pub(super) query: Vec<String>,
    #[command(flatten)]
    pub(super) when: When,
    /// Exit with 1 if this verdict holds for anything
    #[arg(long, value_name = "VERDICT")]
    pub(super) fail_on: Vec<String>,
    /// What an open verdict counts as for the exit code: with `holds` and `absent`, for --fail-on and for a `never` that may be
    /// broken; with `fail`, any open verdict is objected to
    #[arg(long, value_enum, value_name = "AS", default_value = "holds")]
    pub(super) open_as: OpenAs,
    /// Print also what would hold but for a suspension
    #[arg(long)]
    pub(super) with_suspended: bool,
    /// Print also what would hold but for an exemption
    #[arg(long)]
    pub(super) with_exempt: bool,
    #[command(flatten)]
    pub(super) bad_rows: BadRows,
    /// Write one CSV file for each verdict into this folder; where the name ends in `.sqlite`, `.sqlite3` or `.db`, one table for each
    /// verdict into this SQLite file; where it ends in `.parquet`, the only verdict of the policy into this Parquet file. What has such
    /// a name there is replaced; each file is written whole or not at all
    #[arg(long, value_name = "DIR|FILE.sqlite|FILE.parquet")]
    pub(super) out: Option<PathBuf>,
    /// Which files `--out` writes into a folder
    #[arg(long, value_enum, requires = "out")]
    pub(super) out_format: Option<TableFormat>,
    /// Save what the run found to this file, for `lexlog explain --from`: the facts of tables, what follows from them, and the digests
    /// of policy and facts
    #[arg(long, value_name = "FILE")]
    pub(super) save: Option<PathBuf>,
    /// Write a certificate for each verdict that holds into this folder
    #[arg(long, value_name = "DIR")]
    pub(super) certificates: Option<PathBuf>,
    #[command(flatten)]
    pub(super) redact: Redact,
    /// Print how many verdicts there are, by verdict and clause, instead of each
    #[arg(long, conflicts_with = "query")]
    pub(super) summary: bool,
    /// Tell where time and memory went: by phase, by stratum, by rule
    #[arg(long)]
    pub(super) stats: bool,
    /// Tell in which order the conditions of each rule were taken, and how much came through each
    #[arg(long)]
    pub(super) plan: bool,
    /// How verdicts are printed
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: RunFormat,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A `.lexlog` file, or a folder of them at any depth
    pub(super) policy: PathBuf,
    /// What to prove, as in `licence_required(t1)`; with variables, each answer is proved
    pub(super) atom: String,
    /// Facts: a `.lexlog`, `.csv`, `.tsv`, `.json` or `.jsonl` file (also packed: `.gz`, `.zst`), a `.parquet` file, `RELATION=FILE`,
    /// `FEED=FILE` (a table of which a feed says what its rows give), a `.sqlite` or `.db` file (tables named as relations or feeds;
    /// `NAME=FILE` reads one), a folder, or `-` for standard input (packed or not)
    #[arg(long, short, value_name = "FILE", value_parser = readable())]
    pub(super) facts: Vec<String>,
    #[command(flatten)]
    pub(super) bad_rows: BadRows,
    /// Take the facts of this case, and what it knows and leaves out
    #[arg(long, value_name = "TITLE")]
    pub(super) case: Option<String>,
    /// Files or folders with further cases
    #[arg(long, value_name = "PATH")]
    pub(super) cases: Vec<PathBuf>,
    /// Explain what a run has found, without running it again: the file that `lexlog run --save` wrote, with its facts and under its
    /// law. Policy and facts must be as they were
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "facts", "bad_rows", "case", "cases", "as_of", "known_at", "without", "no_presumptions", "reference",
    ])]
    pub(super) from: Option<PathBuf>,
    #[command(flatten)]
    pub(super) when: When,
    /// Print all proofs, the least first
    #[arg(long)]
    pub(super) all: bool,
    /// At most so many proofs (10), or ways to make hold what does not (3)
    #[arg(long, value_name = "NUMBER", value_parser = at_least_one)]
    pub(super) limit: Option<usize>,
    /// Write a certificate of the one answer there is, for `lexlog verify`
    #[arg(long, value_name = "FILE")]
    pub(super) certificate: Option<PathBuf>,
    #[command(flatten)]
    pub(super) redact: Redact,
    /// How the proof is printed
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: ProofFormat,
}

#[derive(Debug, Args)]
pub(super) struct Timeline {
    /// A `.lexlog` file, or a folder of them at any depth
    pub(super) policy: PathBuf,
    /// What would hold or not, as in `licence_required(t1)`: events are judged by the law of each day in turn. Without it: which
    /// clauses are in force
    pub(super) atom: Option<String>,
    /// Facts: a `.lexlog`, `.csv`, `.tsv`, `.json` or `.jsonl` file (also packed: `.gz`, `.zst`), a `.parquet` file, `RELATION=FILE`,
    /// `FEED=FILE` (a table of which a feed says what its rows give), a `.sqlite` or `.db` file (tables named as relations or feeds;
    /// `NAME=FILE` reads one), a folder, or `-` for standard input (packed or not)
    #[arg(long, short, value_name = "FILE", value_parser = readable())]
    pub(super) facts: Vec<String>,
    /// Take the facts of this case, and what it knows and leaves out
    #[arg(long, value_name = "TITLE")]
    pub(super) case: Option<String>,
    /// Files or folders with further cases
    #[arg(long, value_name = "PATH")]
    pub(super) cases: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) when: When,
    /// Leave out the proofs
    #[arg(long)]
    pub(super) brief: bool,
    /// How the timeline is printed
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The certificate, as written by `explain --certificate` or `run --certificates`
    pub(super) certificate: PathBuf,
    /// The policy of which it speaks
    pub(super) policy: PathBuf,
    /// The facts of which it speaks, as they were named when it was made
    #[arg(long, short, value_name = "FILE", value_parser = readable())]
    pub(super) facts: Vec<String>,
    /// Files or folders with further cases, as they were named when it was made
    #[arg(long, value_name = "PATH")]
    pub(super) cases: Vec<PathBuf>,
    /// In place of the facts of a redacted certificate: the redacted facts, as written beside it
    #[arg(long, value_name = "FILE", conflicts_with = "facts")]
    pub(super) redacted_facts: Option<PathBuf>,
    /// What opens digests of a redacted certificate: with `--facts` all of them, with `--redacted-facts` as many as you were given
    #[arg(long, value_name = "FILE")]
    pub(super) openings: Option<PathBuf>,
}

/// How much is told of coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CoverageAs {
    /// A table by notice
    Summary,
    /// Also each place of which no case shows something
    Listing,
}

#[derive(Debug, Args)]
pub(super) struct Test {
    /// A `.lexlog` file, or a folder of them at any depth
    pub(super) policy: PathBuf,
    /// Files or folders with further cases
    pub(super) cases: Vec<PathBuf>,
    /// Run only cases that have this text in their title, in capitals or not; several: any of them
    #[arg(long, value_name = "TEXT")]
    pub(super) filter: Vec<String>,
    /// Name also the cases that pass
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Write the results to this file too, as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Write the snapshots of all cases as they come out now, and remove those that belong to no case
    #[arg(long, conflicts_with_all = ["review", "pending"])]
    pub(super) accept: bool,
    /// Go through what is not as reviewed, one by one: accept, reject or skip
    #[arg(long, conflicts_with_all = ["pending", "format"])]
    pub(super) review: bool,
    /// Leave what is not as reviewed for `cargo insta review`, in files `.snap.new`
    #[arg(long)]
    pub(super) pending: bool,
    /// Say what the cases show of the policy: rules that fire, literals that hold and fail, boundaries, exemptions, days. A table by
    /// notice; with `listing`, also each place of which no case shows something
    #[arg(long, value_enum, value_name = "AS", num_args = 0..=1, require_equals = true, default_missing_value = "summary")]
    pub(super) coverage: Option<CoverageAs>,
    /// Write the coverage to this file, as a page for a browser
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Write the coverage to this file, as an LCOV tracefile
    #[arg(long, value_name = "FILE")]
    pub(super) lcov: Option<PathBuf>,
    /// Exit with 1 if less than so many per cent are covered
    #[arg(long, value_name = "PERCENT", value_parser = per_cent)]
    pub(super) fail_under: Option<u8>,
    /// Run so many cases at a time; without it, one a core
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub(super) jobs: Option<NonZeroUsize>,
    /// How results are printed
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
    /// Evaluate by the definition, slowly
    #[arg(long, hide = true)]
    pub(super) reference: bool,
}

/// How `diff` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    /// For people
    Text,
    /// For machines
    Json,
    /// For a comment on a pull request (CommonMark)
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The old policy and the new one, then files or folders with further cases. With --git, --old-known-at or --old-as-of:
    /// one policy, then cases
    #[arg(required = true, value_name = "OLD NEW [CASES]")]
    pub(super) paths: Vec<PathBuf>,
    /// The old policy is the one of this git revision, such as `main` or `HEAD~1`
    #[arg(long, value_name = "REVISION")]
    pub(super) git: Option<String>,
    /// Facts to ask both about: a `.lexlog`, `.csv`, `.tsv`, `.json`, `.jsonl` or `.parquet` file, `RELATION=FILE`, `FEED=FILE` (a
    /// table of which a feed says what its rows give), a `.sqlite` or `.db` file (tables named as relations or feeds; `NAME=FILE`
    /// reads one), a folder, or `-` for standard input (packed or not)
    #[arg(long, short, value_name = "FILE", value_parser = readable())]
    pub(super) facts: Vec<String>,
    /// The old side leaves out notices published after this day (year-month-day)
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) old_known_at: Option<Date>,
    /// The old side judges every event by the law of this day (year-month-day)
    #[arg(long, value_name = "DATE", value_parser = date, requires = "as_of")]
    pub(super) old_as_of: Option<Date>,
    #[command(flatten)]
    pub(super) when: When,
    /// Leave out the proofs
    #[arg(long)]
    pub(super) brief: bool,
    /// How the differences are printed
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: DiffFormat,
}

#[derive(Debug, Args)]
pub(super) struct Mutate {
    /// A `.lexlog` file, or a folder of them at any depth
    pub(super) policy: PathBuf,
    /// Files or folders with further cases
    pub(super) cases: Vec<PathBuf>,
    /// Change only this notice, or this clause (`mofcom_2025_61/4`) and those under it
    #[arg(long, value_name = "CLAUSE")]
    pub(super) only: Vec<String>,
    /// Try so many changes at a time; without it, one a core
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub(super) jobs: Option<NonZeroUsize>,
    /// Keep what is found in this file, and go on from it after a break
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// How the changes are printed
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("it must be a number from 1 on".into()),
    }
}

fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    let number = at_least_one(text)?;
    Ok(NonZeroUsize::new(number).expect("it is at least one"))
}

fn per_cent(text: &str) -> Result<u8, String> {
    let number = text.trim_end_matches('%').trim_end().parse();
    let number = number.ok().filter(|number| *number <= 100);
    number.ok_or_else(|| "write a whole number from 0 to 100, such as 90".to_owned())
}

fn date(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "write a day of the calendar as year-month-day, such as 2025-10-09".to_owned())
}

/// Names of files as they are told in proofs: they have to be text.
fn readable() -> impl TypedValueParser<Value = String> {
    OsStringValueParser::new().try_map(|name: OsString| {
        name.into_string().map_err(|name| {
            let shown = name.to_string_lossy();
            format!(
                "the name `{shown}` is not UTF-8, and could not be told in a proof: rename the file"
            )
        })
    })
}
