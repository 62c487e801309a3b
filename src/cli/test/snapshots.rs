//! Snapshots in `lexlog test`: told, accepted at once, or gone through one by one.

use super::super::Outcome;
use super::super::output::{no_write, tell};
use super::indented;
use crate::cli::arguments::Test;
use crate::session::{Session, Snapshot, State, snapshot};
use crate::source::read_line;
use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

/// The snapshots of the cases that ran, and those to which no case belongs.
pub(super) struct Snapshots {
    pub(super) list: Vec<Snapshot>,
    pub(super) orphans: Vec<PathBuf>,
}

/// What a reviewer says of a difference.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Accept,
    Reject,
    Skip,
}

impl Snapshots {
    /// How the chosen cases stand, after what the arguments say was accepted.
    pub(super) fn of(
        session: &Session,
        list: Vec<Snapshot>,
        arguments: &Test,
    ) -> Result<Snapshots, Outcome> {
        // What a filter leaves out is no orphan.
        let orphans = match arguments.filter.is_empty() {
            true => session.orphans(),
            false => Vec::new(),
        };
        let mut snapshots = Snapshots { list, orphans };
        if arguments.accept {
            snapshots.settle(session, &mut |_, _| Answer::Accept)?;
        } else if arguments.review {
            snapshots.review(session)?;
        } else if arguments.pending {
            snapshots.leave_for_review(session)?;
        }
        Ok(snapshots)
    }

    /// Asks about each, and does what the answers say.
    fn review(&mut self, session: &Session) -> Result<(), Outcome> {
        let open = self.list.iter().filter(|it| it.is_open()).count() + self.orphans.len();
        let mut input = io::stdin().lock();
        let mut is_over = false;
        self.settle(session, &mut |at, text| {
            if is_over {
                return Answer::Skip;
            }
            tell(&format!("\n[{at} of {open}] {text}"));
            let answer = ask(&mut input);
            is_over = answer.is_none();
            answer.unwrap_or(Answer::Skip)
        })
    }

    /// Puts everything that is not as reviewed before `judge` (its number, from 1, and what is to be seen), and does what that says.
    fn settle(
        &mut self,
        session: &Session,
        judge: &mut dyn FnMut(usize, &str) -> Answer,
    ) -> Result<(), Outcome> {
        let (mut at, mut written, mut removed) = (0, 0, 0);
        for snapshot in &mut self.list {
            let title = &session.policy.cases[snapshot.case].title;
            let Some(text) = snapshot.text.clone().filter(|_| snapshot.is_open()) else {
                continue;
            };
            at += 1;
            let file = &snapshot.file;
            let done = match judge(at, &format!("{title}\n{}", indented(&shown(snapshot)))) {
                Answer::Accept => {
                    snapshot.state = State::AsReviewed;
                    written += 1;
                    snapshot::accept(file, title, &text)
                }
                Answer::Reject => snapshot::reject(file),
                Answer::Skip => Ok(()),
            };
            done.map_err(|error| no_write(file, &error))?;
        }
        let mut left = Vec::new();
        for file in std::mem::take(&mut self.orphans) {
            at += 1;
            let question = format!("{}\n    {ORPHAN}: accept to remove it\n", file.display());
            match judge(at, &question) {
                Answer::Accept => {
                    fs::remove_file(&file).map_err(|error| no_write(&file, &error))?;
                    removed += 1;
                }
                Answer::Reject | Answer::Skip => left.push(file),
            }
        }
        self.orphans = left;
        for (count, done) in [(written, "written"), (removed, "removed")] {
            if count > 0 {
                let word = if count == 1 { "snapshot" } else { "snapshots" };
                tell(&format!("{count} {word} {done}\n"));
            }
        }
        Ok(())
    }

    /// Writes what is not as reviewed beside the snapshots.
    fn leave_for_review(&self, session: &Session) -> Result<(), Outcome> {
        for snapshot in &self.list {
            let is_wanted = matches!(snapshot.state, State::Missing | State::Differs(_));
            let title = &session.policy.cases[snapshot.case].title;
            if let Some(text) = snapshot.text.as_ref().filter(|_| is_wanted) {
                let done = snapshot::pending(&snapshot.file, title, text);
                done.map_err(|error| no_write(&snapshot.file, &error))?;
            }
        }
        Ok(())
    }

    /// Whether something is not as reviewed.
    pub(super) fn has_objection(&self) -> bool {
        self.list.iter().any(is_objection) || !self.orphans.is_empty()
    }

    /// The orphans, one a line.
    pub(super) fn orphans_text(&self) -> String {
        let told = self.orphans.iter().map(|file| orphan_text(file));
        told.collect()
    }

    /// `; snapshots: 3 as reviewed, 1 different`; nothing where no file has any.
    pub(super) fn summary(&self) -> String {
        let count = |is: fn(&State) -> bool| self.list.iter().filter(|it| is(&it.state)).count();
        let counts = [
            (count(|it| matches!(it, State::AsReviewed)), "as reviewed"),
            (count(|it| matches!(it, State::Differs(_))), "different"),
            (count(|it| matches!(it, State::Missing)), "missing"),
            (self.orphans.len(), "without a case"),
        ];
        let told: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        match told.is_empty() {
            true => String::new(),
            false => format!("; snapshots: {}", told.join(", ")),
        }
    }
}

/// What is said of a snapshot to which no case belongs.
const ORPHAN: &str = "this snapshot belongs to no case";

fn orphan_text(file: &Path) -> String {
    format!(
        "ORPHAN {}\n    {ORPHAN} of the files beside its folder\n",
        file.display()
    )
}

/// Whether the case is not as reviewed.
pub(super) fn is_objection(snapshot: &Snapshot) -> bool {
    matches!(snapshot.state, State::Missing | State::Differs(_))
}

/// What there is to see about a snapshot.
pub(super) fn shown(snapshot: &Snapshot) -> String {
    let file = snapshot.file.display();
    match &snapshot.state {
        State::AsReviewed => String::new(),
        State::Unkept => format!("not kept as a snapshot yet: {file}\n{}", text_of(snapshot)),
        State::Missing => {
            let text = text_of(snapshot);
            format!("it has no snapshot yet, and other cases in its folder do: {file}\n{text}")
        }
        State::Differs(difference) => {
            let changes = difference.changes.iter();
            let changes: String = changes.map(|it| format!("{}\n", it.to_words())).collect();
            format!("not as reviewed: {file}\n{changes}{}", difference.lines)
        }
    }
}

fn text_of(snapshot: &Snapshot) -> String {
    let text = snapshot.text.iter().flat_map(|text| text.lines());
    text.map(|line| format!("+ {line}\n")).collect()
}

/// Asks until there is an answer; `None` where nobody answers any more.
fn ask(input: &mut impl BufRead) -> Option<Answer> {
    loop {
        tell("accept (a), reject (r) or skip (s)? ");
        let line = match read_line(input).map(String::from_utf8) {
            Ok(Ok(line)) if !line.is_empty() => line,
            _ => {
                tell("\n");
                return None;
            }
        };
        match line.trim().to_lowercase().as_str() {
            "a" | "accept" => return Some(Answer::Accept),
            "r" | "reject" => return Some(Answer::Reject),
            "s" | "skip" => return Some(Answer::Skip),
            _ => {}
        }
    }
}
