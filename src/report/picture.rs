//! When clauses are in force, and what holds as of which day, as a picture: a line each, with the days that matter marked.

use super::Context;
use crate::ir::{Calendar, ClauseId, Status};
use crate::value::{Date, FIRST_DAY, LAST_DAY};
use std::collections::BTreeSet;

/// How some days are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    /// In force; holds.
    Yes,
    /// Suspended.
    Suspended,
    /// Open.
    Open,
}

/// Days of one shade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// First day; `FIRST_DAY` for the beginning of time.
    pub from: Date,
    /// Last day, inclusive; `LAST_DAY` for without end.
    pub through: Date,
    /// How they are shown.
    pub shade: Shade,
    /// What is said of them.
    pub title: String,
}

/// One line of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whose days they are.
    pub label: String,
    /// In order, without overlap; between them is nothing.
    pub bars: Vec<Bar>,
}

/// A picture of days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// From top to bottom.
    pub lines: Vec<Line>,
    /// Days by which something was judged.
    pub marks: BTreeSet<Date>,
}

/// How many lines a picture has at most.
const MOST_LINES: usize = 24;

impl Picture {
    /// The days on which something changes.
    pub(super) fn cuts(&self) -> BTreeSet<Date> {
        let bars = self.lines.iter().flat_map(|line| &line.bars);
        let ends = bars.flat_map(|bar| {
            let after = bar.through.tomorrow().ok();
            [
                Some(bar.from).filter(|day| *day > FIRST_DAY),
                after.filter(|_| bar.through < LAST_DAY),
            ]
        });
        ends.flatten().collect()
    }
}

impl Context<'_> {
    /// When these clauses are in force; `None` where that never changes.
    pub fn picture(
        &self,
        calendar: &Calendar,
        clauses: impl IntoIterator<Item = ClauseId>,
        marks: BTreeSet<Date>,
    ) -> Option<Picture> {
        let lines = clauses.into_iter().take(MOST_LINES).map(|clause| Line {
            label: self.policy.citation(clause),
            bars: self.bars(calendar, clause),
        });
        let picture = Picture {
            lines: lines.collect(),
            marks,
        };
        (!picture.cuts().is_empty()).then_some(picture)
    }

    fn bars(&self, calendar: &Calendar, clause: ClauseId) -> Vec<Bar> {
        let stretches = calendar.clauses[clause.at()].iter();
        let bars = stretches.filter_map(|stretch| {
            let shade = match stretch.status {
                Status::InForce => Shade::Yes,
                Status::Suspended(_) => Shade::Suspended,
                Status::Undecided(..) => Shade::Open,
                Status::NotYet
                | Status::Ended
                | Status::Repealed(_)
                | Status::Replaced(_)
                | Status::LeftOut(_) => return None,
            };
            let days = self.stretch(stretch.from, stretch.through);
            Some(Bar {
                from: stretch.from,
                through: stretch.through,
                shade,
                title: format!("{} {days}", self.status(&stretch.status)),
            })
        });
        bars.collect()
    }

    /// When a clause is in force and when not, in words: `in force from 2025-10-09 through 2025-11-06`.
    pub(super) fn days_of(&self, calendar: &Calendar, clause: ClauseId) -> Vec<String> {
        let stretches = calendar.clauses[clause.at()].iter();
        let told = stretches.filter(|stretch| {
            let is_before = stretch.status == Status::NotYet && stretch.from == FIRST_DAY;
            !is_before || stretch.through == LAST_DAY
        });
        told.map(|stretch| {
            let days = self.stretch(stretch.from, stretch.through);
            format!("{} {days}", self.status(&stretch.status))
        })
        .collect()
    }
}
