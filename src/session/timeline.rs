//! When which clauses are in force, and as of which days something would hold.
//!
//! Between two days that some clause, effect or dated fact names, nothing changes: so each such stretch is looked at once.

use super::Session;
use super::explain::Explained;
use super::run::{Evaluated, cuts};
use crate::diagnostic::Diagnostics;
use crate::facts::Facts;
use crate::ir::{self, Atom, Calendar, Circumstances, ClauseId, Fact, Query, Status, Term};
use crate::proof::proof::{Failing, Proof, Step, WhyNotRule};
use crate::proof::{Claim, WhyNot};
use crate::report::{self, Cause, Regime, Turn, Verdict};
use crate::value::{Date, FIRST_DAY, LAST_DAY, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How many answers of one atom are followed.
const MOST_ANSWERS: usize = 100;

/// As of which days an answer holds.
#[derive(Clone, Debug)]
pub struct Lifeline {
    /// The answer; `None`: nothing that was asked holds as of any day.
    pub claim: Option<Claim>,
    /// All days, without a gap.
    pub stretches: Vec<Stretch>,
}

/// Days on which an answer stands alike.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// First day; `FIRST_DAY` for the beginning of time.
    pub from: Date,
    /// Last day, inclusive; `LAST_DAY` for without end.
    pub through: Date,
    /// How it stands; `None`: it does not hold.
    pub verdict: Option<Verdict>,
    /// The day as of which `explained` says why.
    pub day: Option<Date>,
    /// Why.
    pub explained: Option<Explained>,
    /// What changes on the first day.
    pub causes: Vec<Cause>,
}

/// What becomes of an atom, and of how many more answers nothing is told.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// In the order of their values.
    pub lines: Vec<Lifeline>,
    /// How many answers are left out.
    pub more: usize,
}

impl Session {
    /// Which clauses are in force from when to when.
    pub fn regimes(&self, calendar: &Calendar) -> Vec<Regime> {
        let starts: BTreeSet<Date> = calendar
            .clauses
            .iter()
            .flatten()
            .map(|stretch| stretch.from)
            .collect();
        let stretches = stretches_from(&starts).into_iter();
        stretches
            .map(|(from, through)| self.regime(calendar, from, through))
            .collect()
    }

    fn regime(&self, calendar: &Calendar, from: Date, through: Date) -> Regime {
        let clauses = (0..self.policy.clauses.len() as u32).map(ClauseId);
        let with = |is_meant: &dyn Fn(&Status) -> bool| -> BTreeSet<ClauseId> {
            let clauses = clauses.clone();
            clauses
                .filter(|clause| is_meant(&calendar.stretch(*clause, from).status))
                .collect()
        };
        let in_force = with(&|status| *status == Status::InForce);
        let undecided = with(&|status| matches!(status, Status::Undecided(..)));
        let is_part = |clause: &ClauseId| {
            let parent = self.policy.clause(*clause).parent;
            parent.is_some_and(|parent| in_force.contains(&parent))
        };
        let but_for = clauses
            .clone()
            .filter(|clause| is_part(clause))
            .filter(|clause| !in_force.contains(clause) && !undecided.contains(clause));
        Regime {
            from,
            through,
            but_for: but_for.collect(),
            in_force: report::topmost(self.context(), &in_force),
            undecided: report::topmost(self.context(), &undecided),
            opened_by: self.shortened(turns(calendar, clauses, from)),
        }
    }

    /// The clauses that stand otherwise on one day than on another, each with all under it that turn alike.
    pub(super) fn turns_between(
        &self,
        calendar: &Calendar,
        before: Date,
        after: Date,
    ) -> Vec<(Turn, Vec<ClauseId>)> {
        let clauses = (0..self.policy.clauses.len() as u32).map(ClauseId);
        let turns = clauses.map(|clause| Turn {
            clause,
            before: calendar.stretch(clause, before).status.clone(),
            after: calendar.stretch(clause, after).status.clone(),
        });
        let turns: Vec<Turn> = turns.filter(|turn| turn.before != turn.after).collect();
        let said = self.shortened(turns.clone());
        let is_said = |clause: ClauseId| said.iter().any(|turn| turn.clause == clause);
        let with_parts = said.iter().map(|turn| {
            let under = self.policy.clauses_under(turn.clause).into_iter();
            let alike = under.filter(|clause| {
                let own = turns.iter().any(|other| other.clause == *clause);
                own && (*clause == turn.clause || !is_said(*clause))
            });
            (turn.clone(), alike.collect())
        });
        with_parts.collect()
    }

    /// Turns without those of a clause whose parent turns alike.
    fn shortened(&self, turns: Vec<Turn>) -> Vec<Turn> {
        let by_clause: BTreeMap<ClauseId, &Turn> =
            turns.iter().map(|turn| (turn.clause, turn)).collect();
        let is_said = |turn: &Turn| {
            let parent = self.policy.clause(turn.clause).parent;
            let above = parent.and_then(|parent| by_clause.get(&parent));
            above.is_some_and(|above| (&above.before, &above.after) == (&turn.before, &turn.after))
        };
        let said: Vec<bool> = turns.iter().map(is_said).collect();
        let turns = turns.clone().into_iter().zip(said);
        turns
            .filter(|(_, said)| !said)
            .map(|(turn, _)| turn)
            .collect()
    }

    /// As of which days the answers to a query would hold. What holds on stretches of days is asked about day by day; what
    /// follows from events is judged by the law of each day (`Circumstances::as_of`).
    pub fn timeline(
        &self,
        facts: &Facts,
        circumstances: &Circumstances,
        query: &Query,
    ) -> Result<Timeline, Diagnostics> {
        let asked = Asked {
            session: self,
            facts,
            circumstances,
            base: self.run(facts, circumstances)?,
            is_standing: self.policy.relation(query.atom.relation).standing,
        };
        let mut starts = ir::days_of_change(&self.policy);
        starts.extend(cuts(facts));
        let mut seen: BTreeMap<Claim, Vec<Option<Verdict>>> = BTreeMap::new();
        let stretches = stretches_from(&starts);
        for (at, (from, _)) in stretches.iter().enumerate() {
            for verdict in asked.verdicts(query, *from)? {
                let known = seen.entry(verdict.claim.clone()).or_default();
                known.resize(at, None);
                known.push(Some(verdict));
            }
        }
        let more = seen.len().saturating_sub(MOST_ANSWERS);
        let mut lines: Vec<Lifeline> = seen
            .into_iter()
            .take(MOST_ANSWERS)
            .map(|(claim, verdicts)| Lifeline {
                claim: Some(claim),
                stretches: alike(&stretches, verdicts),
            })
            .collect();
        if lines.is_empty() {
            lines.push(Lifeline {
                claim: None,
                stretches: alike(&stretches, Vec::new()),
            });
        }
        asked.explain(&mut lines, query)?;
        for line in &mut lines {
            for at in 1..line.stretches.len() {
                let causes = asked.causes(&line.stretches[at - 1], &line.stretches[at]);
                line.stretches[at].causes = causes;
            }
        }
        Ok(Timeline { lines, more })
    }
}

/// What is asked, and of what.
struct Asked<'s> {
    session: &'s Session,
    facts: &'s Facts,
    circumstances: &'s Circumstances,
    base: Evaluated,
    is_standing: bool,
}

impl Asked<'_> {
    fn as_of(&self, day: Date) -> Result<Evaluated, Diagnostics> {
        let circumstances = Circumstances {
            as_of: Some(day),
            ..self.circumstances.clone()
        };
        self.session.run(self.facts, &circumstances)
    }

    /// The answers on a day, without their days.
    fn verdicts(&self, query: &Query, day: Date) -> Result<Vec<Verdict>, Diagnostics> {
        let mut verdicts = match self.is_standing {
            true => {
                let query = Query {
                    on: Some(day),
                    ..query.clone()
                };
                let found = self.session.found(&self.base, &query);
                // Who gives it is asked about that day.
                let found = found.into_iter().map(|mut found| {
                    found.days = vec![(day, day)];
                    found
                });
                self.session.told_on(&self.base, found.collect(), Some(day))
            }
            false => self.session.answers(&self.as_of(day)?, query),
        };
        for verdict in &mut verdicts {
            verdict.days = Vec::new();
            verdict.marks = Default::default();
        }
        Ok(verdicts)
    }

    /// Says of each stretch why: as of its first day, or, of the first one, its last.
    fn explain(&self, lines: &mut [Lifeline], query: &Query) -> Result<(), Diagnostics> {
        let mut wanted: BTreeMap<Option<Date>, Vec<(usize, usize)>> = BTreeMap::new();
        for (line, of) in lines.iter().enumerate() {
            for (at, stretch) in of.stretches.iter().enumerate() {
                let is_bounded = stretch.through < LAST_DAY;
                let day = match stretch.from > FIRST_DAY {
                    true => Some(stretch.from),
                    false => is_bounded.then_some(stretch.through),
                };
                wanted.entry(day).or_default().push((line, at));
            }
        }
        for (day, places) in wanted {
            let run;
            let evaluated = match day.filter(|_| !self.is_standing) {
                Some(day) => {
                    run = self.as_of(day)?;
                    &run
                }
                None => &self.base,
            };
            for (line, at) in places {
                let mut query = match &lines[line].claim {
                    Some(claim) => asking(claim, query),
                    None => query.clone(),
                };
                query.on = day.filter(|_| self.is_standing);
                let mut explained = self.session.explain(evaluated, &query, None);
                let stretch = &mut lines[line].stretches[at];
                stretch.day = day;
                stretch.explained = (!explained.is_empty()).then(|| explained.swap_remove(0));
            }
        }
        Ok(())
    }

    /// What changes between two stretches and is named by their proofs; if nothing is, by what says why there is none; else all
    /// that changes that day.
    fn causes(&self, before: &Stretch, after: &Stretch) -> Vec<Cause> {
        let explained = [&before.explained, &after.explained].into_iter().flatten();
        for is_proof in [true, false] {
            let mut named = Named::default();
            for explained in explained.clone() {
                match is_proof {
                    true => named.proofs(self.session, explained),
                    false => named.failures(self.session, explained),
                }
            }
            let clauses = named.clauses.iter().copied();
            let causes = self.changes(after.from, clauses, &|claim| named.facts.contains(claim));
            if !causes.is_empty() {
                return causes;
            }
        }
        let all = (0..self.session.policy.clauses.len() as u32).map(ClauseId);
        self.changes(after.from, all, &|_| true)
    }

    fn changes(
        &self,
        day: Date,
        clauses: impl Iterator<Item = ClauseId>,
        is_meant: &dyn Fn(&Claim) -> bool,
    ) -> Vec<Cause> {
        let turned = self
            .session
            .shortened(turns(self.base.calendar(), clauses, day));
        let turned = turned.into_iter().map(Cause::Clause);
        turned.chain(self.dated(day, is_meant)).collect()
    }

    /// The dated facts that begin on a day, or ended on the day before.
    fn dated(&self, day: Date, is_meant: &dyn Fn(&Claim) -> bool) -> Vec<Cause> {
        let begins_or_ended = |fact: &Fact| {
            let (from, through) = fact.days?;
            let begins = from == day;
            let has_ended = through.tomorrow().is_ok_and(|after| after == day);
            (begins || has_ended).then_some(begins)
        };
        let facts = self.facts.iter();
        let causes = facts.filter_map(|fact| {
            let begins = begins_or_ended(&fact)?;
            let claim = Claim {
                relation: fact.relation,
                args: fact.args.clone(),
                day: None,
            };
            is_meant(&claim).then_some(Cause::Fact {
                begins,
                claim,
                place: fact.place,
            })
        });
        causes.collect()
    }
}

/// The clauses and dated facts that explanations name.
#[derive(Default)]
struct Named {
    clauses: BTreeSet<ClauseId>,
    facts: BTreeSet<Claim>,
}

impl Named {
    fn proofs(&mut self, session: &Session, explained: &Explained) {
        let cases = match explained {
            Explained::Holds(_, proofs) => {
                let first = proofs.list.iter().take(1);
                first.for_each(|proof| self.proof(session, proof));
                return;
            }
            Explained::InEveryCase(_, cases) => Some(cases),
            Explained::Open(open) => open.may.as_ref().map(|(_, cases)| cases),
            Explained::Absent(_) => None,
        };
        for (_, proof) in cases.into_iter().flat_map(|cases| &cases.list) {
            self.proof(session, proof);
        }
    }

    fn failures(&mut self, session: &Session, explained: &Explained) {
        match explained {
            Explained::Open(open) => self.why_not(session, &open.stops),
            Explained::Absent(why) => self.why_not(session, why),
            Explained::Holds(..) | Explained::InEveryCase(..) => {}
        }
    }

    fn proof(&mut self, session: &Session, proof: &Proof) {
        for step in &proof.steps {
            match step {
                Step::InForce(step) => _ = self.clauses.insert(step.clause),
                Step::Exemption(step) => {
                    let home = session.policy.exemption(step.exemption).home;
                    self.clauses.insert(home);
                }
                Step::Fact(step) => {
                    self.clauses.extend(step.clause);
                    self.facts.insert(Claim {
                        day: None,
                        ..step.claim.clone()
                    });
                }
                Step::Absent(step) => {
                    step.reasons.iter().for_each(|it| self.rule(session, it));
                }
                Step::Rule(_)
                | Step::Named(_)
                | Step::Compare(_)
                | Step::Aggregate(_)
                | Step::Judgement(_)
                | Step::Review(_) => {}
            }
        }
    }

    fn why_not(&mut self, session: &Session, why: &WhyNot) {
        self.proof(session, &why.proof);
        why.rules.iter().for_each(|rule| self.rule(session, rule));
        self.facts.extend(why.near.iter().cloned());
    }

    fn rule(&mut self, session: &Session, rule: &WhyNotRule) {
        self.clauses.extend(rule.clause);
        match &rule.attempt.fails {
            Failing::NotInForce(step) => _ = self.clauses.insert(step.clause),
            Failing::Blocked(step) | Failing::MayBeBlocked(_, step) => {
                let home = session.policy.exemption(step.exemption).home;
                self.clauses.insert(home);
            }
            Failing::NoMatch { reasons, .. } => {
                reasons.iter().for_each(|it| self.rule(session, it));
            }
            _ => {}
        }
    }
}

/// The clauses whose status changes on a day.
fn turns(calendar: &Calendar, clauses: impl Iterator<Item = ClauseId>, day: Date) -> Vec<Turn> {
    let Some(eve) = (day > FIRST_DAY).then(|| day.yesterday().ok()).flatten() else {
        return Vec::new();
    };
    let turns = clauses.map(|clause| Turn {
        clause,
        before: calendar.stretch(clause, eve).status.clone(),
        after: calendar.stretch(clause, day).status.clone(),
    });
    turns.filter(|turn| turn.before != turn.after).collect()
}

/// First and last days of the stretches that begin on these days.
pub(super) fn stretches_from(starts: &BTreeSet<Date>) -> Vec<(Date, Date)> {
    let mut starts: Vec<Date> = starts.iter().copied().collect();
    if starts.first() != Some(&FIRST_DAY) {
        starts.insert(0, FIRST_DAY);
    }
    let ends = starts.iter().skip(1).filter_map(|day| day.yesterday().ok());
    let ends: Vec<Date> = ends.chain([LAST_DAY]).collect();
    starts.into_iter().zip(ends).collect()
}

/// Neighbours that stand alike as one.
fn alike(stretches: &[(Date, Date)], mut verdicts: Vec<Option<Verdict>>) -> Vec<Stretch> {
    verdicts.resize(stretches.len(), None);
    let mut list: Vec<Stretch> = Vec::new();
    for ((from, through), verdict) in stretches.iter().zip(verdicts) {
        match list.last_mut() {
            Some(last) if last.verdict == verdict => last.through = *through,
            _ => list.push(Stretch {
                from: *from,
                through: *through,
                verdict,
                day: None,
                explained: None,
                causes: Vec::new(),
            }),
        }
    }
    list
}

/// The query that asks about one fact.
fn asking(claim: &Claim, query: &Query) -> Query {
    let args = claim.args.iter().map(|value| match value {
        Value::None => Term::Missing,
        Value::Unknown => Term::Any,
        value => Term::Value(value.clone()),
    });
    Query {
        atom: Atom {
            args: args.collect(),
            ..query.atom.clone()
        },
        variables: Vec::new(),
        on: None,
    }
}
