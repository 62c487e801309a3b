//! When which clauses are in force, and what begins and ends that.

use super::Context;
use super::text::wrapped;
use super::verdict::stretch_json;
use crate::ir::{ClauseId, Status};
use crate::proof::Claim;
use crate::source::Place;
use crate::value::Date;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// A clause that is in force from some day on and was not before, or the other way round, or out of force for another reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The clause.
    pub clause: ClauseId,
    /// Its status on the day before.
    pub before: Status,
    /// Its status on that day.
    pub after: Status,
}

/// What changes on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A clause does.
    Clause(Turn),
    /// A fact of a dated input begins to hold, or ended the day before.
    Fact {
        /// Whether it begins.
        begins: bool,
        /// The fact.
        claim: Claim,
        /// Where it is given.
        place: Place,
    },
}

/// Days on which no clause comes into force or goes out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regime {
    /// First day; `FIRST_DAY` for the beginning of time.
    pub from: Date,
    /// Last day, inclusive; `LAST_DAY` for without end.
    pub through: Date,
    /// The clauses that are in force; one under another that is goes without saying.
    pub in_force: Vec<ClauseId>,
    /// Those under one of them that are not.
    pub but_for: Vec<ClauseId>,
    /// The clauses of which something open decides whether they are in force, likewise.
    pub undecided: Vec<ClauseId>,
    /// What changes on its first day.
    pub opened_by: Vec<Turn>,
}

impl Context<'_> {
    /// What changes, in words: one sentence for the clauses that change alike.
    pub fn turns(&self, turns: &[Turn]) -> Vec<String> {
        let mut told: Vec<(&Status, &Status, Vec<String>)> = Vec::new();
        for turn in turns {
            let citation = self.policy.citation(turn.clause);
            let alike = told
                .iter_mut()
                .find(|(before, after, _)| (*before, *after) == (&turn.before, &turn.after));
            match alike {
                Some((_, _, clauses)) => clauses.push(citation),
                None => told.push((&turn.before, &turn.after, vec![citation])),
            }
        }
        let told = told.into_iter();
        told.map(|(before, after, clauses)| self.turn(before, after, &clauses))
            .collect()
    }

    fn turn(&self, before: &Status, after: &Status, clauses: &[String]) -> String {
        let list = and_list(clauses);
        let (is, comes, ends) = match clauses {
            [_] => ("is", "comes", "ends"),
            _ => ("are", "come", "end"),
        };
        let by = |effect: usize| self.policy.citation(self.policy.effects[effect].by);
        match (before, after) {
            (_, Status::Suspended(effect)) => format!("{} suspends {list}", by(*effect)),
            (_, Status::Repealed(effect)) => format!("{} repeals {list}", by(*effect)),
            (_, Status::Replaced(effect)) => format!("{} replaces {list}", by(*effect)),
            (_, Status::Ended) => format!("{list} {ends}"),
            (_, status @ Status::Undecided(..)) => format!("{list} {is} {}", self.status(status)),
            (Status::Suspended(effect), Status::InForce) => {
                format!("the suspension of {list} by {} ends", by(*effect))
            }
            (Status::Undecided(..), Status::InForce) => format!("{list} {is} in force in any case"),
            (_, Status::InForce) => format!("{list} {comes} into force"),
            (_, status @ (Status::NotYet | Status::LeftOut(_))) => {
                format!("{list} {is} {}", self.status(status))
            }
        }
    }

    /// What changes, in words.
    pub fn causes(&self, causes: &[Cause]) -> Vec<String> {
        let turns = causes.iter().filter_map(|cause| match cause {
            Cause::Clause(turn) => Some(turn.clone()),
            Cause::Fact { .. } => None,
        });
        let mut words = self.turns(&turns.collect::<Vec<_>>());
        words.extend(causes.iter().filter_map(|cause| match cause {
            Cause::Clause(_) => None,
            Cause::Fact {
                begins,
                claim,
                place,
            } => {
                let verb = if *begins { "begins" } else { "has ended" };
                let (sentence, place) = (self.sentence(claim), self.place(*place));
                Some(format!("{verb}: {sentence} ({place})"))
            }
        }));
        words
    }

    fn citations(&self, clauses: &[ClauseId]) -> Vec<String> {
        let clauses = clauses.iter();
        clauses
            .map(|clause| self.policy.citation(*clause))
            .collect()
    }
}

fn and_list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

/// The regimes, the first first.
pub fn regimes_text(context: Context<'_>, regimes: &[Regime]) -> String {
    let mut out = String::new();
    for regime in regimes {
        out += &format!("{}\n", context.stretch(regime.from, regime.through));
        for turn in context.turns(&regime.opened_by) {
            out += &filled("  - ", &turn);
        }
        let mut lists = vec![("  in force: ", &regime.in_force)];
        lists.push(("  but not: ", &regime.but_for));
        lists.push(("  in force or not: ", &regime.undecided));
        for (title, clauses) in lists {
            if !clauses.is_empty() {
                out += &filled(title, &context.citations(clauses).join(", "));
            }
        }
        if regime.in_force.is_empty() {
            out += "  nothing is in force\n";
        }
    }
    out
}

fn filled(first: &str, text: &str) -> String {
    let indent = if first.ends_with("- ") { 4 } else { 6 };
    wrapped(&format!("{first}{text}"), 80, indent) + "\n"
}

/// The entries `regimes` of `timeline --format json`.
pub fn regimes_json(context: Context<'_>, regimes: &[Regime]) -> Json {
    let after = regimes.iter().skip(1).map(|next| next.opened_by.as_slice());
    let closings = after.chain(std::iter::once([].as_slice()));
    let entries = regimes.iter().zip(closings).map(|(regime, closed_by)| {
        json!({
            "days": stretch_json(regime.from, regime.through),
            "in_force": context.citations(&regime.in_force),
            "but_for": context.citations(&regime.but_for),
            "undecided": context.citations(&regime.undecided),
            "opened_by": context.turns(&regime.opened_by),
            "closed_by": context.turns(closed_by),
        })
    });
    Json::Array(entries.collect())
}

/// Clauses without those under another one of them.
pub fn topmost(context: Context<'_>, clauses: &BTreeSet<ClauseId>) -> Vec<ClauseId> {
    let is_under = |clause: &ClauseId| {
        let parent = context.policy.clause(*clause).parent;
        parent.is_some_and(|parent| clauses.contains(&parent))
    };
    let clauses = clauses.iter().copied();
    clauses.filter(|clause| !is_under(clause)).collect()
}
