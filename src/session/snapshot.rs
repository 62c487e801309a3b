//! Snapshots: what comes of each case, with its proofs, in a file beside it, to be looked at when it changes.

mod difference;
mod file;

pub use difference::{Change, Difference};
pub use file::{accept, pending, reject};

use super::{CaseResult, Cases, Evaluated, Explained, Session, in_parallel};
use crate::diagnostic::Diagnostics;
use crate::ir::{Case, Expect, ExpectClaim, NoticeId};
use crate::report::{Context, Places, Style, proof_text, verdicts_text, why_not_text};
use crate::source::FileId;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// How a case stands beside its snapshot.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Its place in `Policy::cases`.
    pub case: usize,
    /// Where its snapshot is, or would be.
    pub file: PathBuf,
    /// What comes of it now; `None` where it cannot be run.
    pub text: Option<String>,
    /// What the two have to do with each other.
    pub state: State,
}

/// What a case and its snapshot have to do with each other.
#[derive(Clone, Debug)]
pub enum State {
    /// There is none, nor for any other case in the folder: its cases are not kept as snapshots.
    Unkept,
    /// There is none, though other cases in the folder have one.
    Missing,
    /// It says the same.
    AsReviewed,
    /// It says something else.
    Differs(Difference),
}

impl Snapshot {
    /// Whether a review has something to settle about it.
    pub fn is_open(&self) -> bool {
        self.text.is_some() && !matches!(self.state, State::AsReviewed)
    }
}

impl Session {
    /// What comes of a case, as a reviewer reads it: its verdicts, and for each expectation the proof, or why it does not hold.
    /// Places are told by clause and case, not by file and line, so that it stays the same wherever these move.
    pub fn snapshot(&self, at: usize) -> Result<String, Diagnostics> {
        self.snapshot_of(at, &self.case_world(at)?)
    }

    fn snapshot_of(&self, at: usize, evaluated: &Evaluated) -> Result<String, Diagnostics> {
        let case = &self.policy.cases[at];
        let context = Context {
            places: Places::Homes,
            ..self.context()
        };
        let mut out = format!(
            "{}\n\nVerdicts:\n{}",
            case.title,
            verdicts_text(context, &self.verdicts(evaluated))
        );
        let notices = self.notices_named(case);
        for expect in &case.expects {
            out += &format!("\n{}\n", self.words_of(expect));
            let ExpectClaim::Query(query) = &expect.claim else {
                continue;
            };
            let settled = match expect.conditions.is_empty() {
                true => None,
                false => Some(self.run(
                    &self.settled_facts(at, expect),
                    &self.case_circumstances(at),
                )?),
            };
            let evaluated = settled.as_ref().unwrap_or(evaluated);
            if let Some(explained) = self.explain(evaluated, query, None).first() {
                out += &reason(context, explained, &notices);
            }
        }
        Ok(out)
    }

    /// The notices that the expectations of a case name.
    fn notices_named(&self, case: &Case) -> BTreeSet<NoticeId> {
        let clauses = case
            .expects
            .iter()
            .flat_map(|expect| expect.by.iter().flatten());
        clauses
            .map(|clause| self.policy.clause(*clause).notice)
            .collect()
    }

    /// The words of an expectation, on one line.
    pub(super) fn words_of(&self, expect: &Expect) -> String {
        let words = self.sources.words(expect.span).split_whitespace();
        words.collect::<Vec<_>>().join(" ")
    }

    /// How these cases go, and how they stand beside their snapshots, in the order of `cases`; on so many threads (`None`: one a
    /// core). The texts of snapshots are made only where the case's folder has some, or with `all`. `done` is told of each case when
    /// it is through, on the thread that ran it and in no order.
    ///
    /// Errors: a snapshot that is there and cannot be read, as (file, reason).
    pub fn run_with_snapshots(
        &self,
        cases: &[usize],
        all: bool,
        jobs: Option<NonZeroUsize>,
        done: &(dyn Fn() + Sync),
    ) -> Result<Vec<(CaseResult, Snapshot)>, (PathBuf, String)> {
        let files = self.snapshot_files();
        let there = files.iter().filter(|file| file.exists());
        let kept: BTreeSet<&Path> = there.filter_map(|file| file.parent()).collect();
        let stand = |case: &usize| {
            let file = files[*case].clone();
            let has_some = file.parent().is_some_and(|folder| kept.contains(folder));
            let world = self.case_world(*case);
            let result = self.held_to_expectations(*case, &world);
            let world = world.ok().filter(|_| has_some || all);
            let text = world.and_then(|world| self.snapshot_of(*case, &world).ok());
            done();
            let reviewed = file::read(&file).map_err(|reason| (file.clone(), reason))?;
            let state = match (&text, reviewed) {
                (_, None) if has_some => State::Missing,
                (_, None) => State::Unkept,
                (Some(now), Some(before)) if before.trim_end() != now.trim_end() => {
                    State::Differs(Difference::between(&before, now))
                }
                // What cannot be run is told as such, by the case.
                (Some(_) | None, Some(_)) => State::AsReviewed,
            };
            let snapshot = Snapshot {
                case: *case,
                file,
                text,
                state,
            };
            Ok((result, snapshot))
        };
        in_parallel(cases, jobs, stand).into_iter().collect()
    }

    /// Where the snapshot of each case is, or would be: in the folder `snapshots` beside its file, named after its title.
    pub fn snapshot_files(&self) -> Vec<PathBuf> {
        let folder = |file: FileId| {
            let path = Path::new(&self.sources.file(file).name);
            path.with_file_name("snapshots")
        };
        let cases = self.policy.cases.iter();
        let places: Vec<(PathBuf, String)> = cases
            .map(|case| (folder(case.span.file), file::slug(&case.title)))
            .collect();
        let mut taken: BTreeMap<&(PathBuf, String), usize> = BTreeMap::new();
        for place in &places {
            *taken.entry(place).or_default() += 1;
        }
        let named = places.iter().zip(&self.policy.cases).map(|(place, case)| {
            let (folder, slug) = place;
            match taken[place] {
                1 => folder.join(format!("{slug}.snap")),
                _ => folder.join(format!("{slug}_{}.snap", file::mark(&case.title))),
            }
        });
        named.collect()
    }

    /// Snapshots to which no case belongs, in folders all of whose policy files were read.
    pub fn orphans(&self) -> Vec<PathBuf> {
        let files: BTreeSet<PathBuf> = self.snapshot_files().into_iter().collect();
        let read: BTreeSet<PathBuf> = self
            .policy
            .files
            .iter()
            .map(|file| PathBuf::from(&self.sources.file(*file).name))
            .collect();
        let folders: BTreeSet<PathBuf> = read
            .iter()
            .map(|file| file.with_file_name("snapshots"))
            .collect();
        let orphans = folders
            .iter()
            .filter(|folder| file::stands_beside_only(folder, &read))
            .flat_map(|folder| file::in_folder(folder))
            .filter(|file| !files.contains(file));
        orphans.collect()
    }
}

const STYLE: Style = Style {
    width: 80,
    colour: false,
};

/// Why it holds, may hold or does not: of the notices that the case names, if it names some. Where it is open, why it does not
/// follow is left out: the lines of the case that settle the point tell it.
fn reason(context: Context<'_>, explained: &Explained, notices: &BTreeSet<NoticeId>) -> String {
    match explained {
        Explained::Holds(_, proofs) => {
            let proofs = proofs.list.iter();
            proofs
                .map(|proof| proof_text(context, proof, STYLE))
                .collect()
        }
        Explained::Absent(why) => {
            let mut named = (**why).clone();
            named.rules.retain(|rule| {
                let clause = rule.clause.map(|clause| context.policy.clause(clause));
                clause.is_none_or(|clause| notices.contains(&clause.notice))
            });
            let is_some = !named.rules.is_empty();
            why_not_text(context, if is_some { &named } else { why }, STYLE)
        }
        Explained::InEveryCase(_, cases) => by_cases(context, cases),
        Explained::Open(open) => {
            let assumed = open.may.iter().map(|(assumed, cases)| {
                let cases = by_cases(context, cases);
                format!("Assumed: {}\n{cases}", assumed.join("; "))
            });
            let assumed: String = assumed.collect();
            format!("Open: {}\n{assumed}", context.dependence(&open.dependence))
        }
    }
}

fn by_cases(context: Context<'_>, cases: &Cases) -> String {
    let told = cases.list.iter().map(|(assumed, proof)| {
        let case = match assumed.is_empty() {
            true => String::new(),
            false => format!("Case: {}\n", assumed.join("; ")),
        };
        case + &proof_text(context, proof, STYLE)
    });
    let left_out = cases.left_out().map(|remark| format!("{remark}\n"));
    told.chain(left_out).collect()
}
