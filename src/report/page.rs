//! What `explain` says, as parts that each rendering shows in its own way.

use super::Context;
use super::picture::Picture;
use super::tree::{Teller, Tree, why_not};
use crate::ir::{Calendar, ClauseId, Policy};
use crate::proof::proof::{Failing, Step};
use crate::proof::{Proof, WhyNot};
use crate::source::Place;
use crate::value::Date;
use std::collections::{BTreeMap, BTreeSet};

/// One answer, explained.
#[derive(Clone, Debug)]
pub struct Page {
    /// What was asked, as a sentence.
    pub title: String,
    /// `holds`, `open` or `does not hold`.
    pub status: &'static str,
    /// What else is to be said of it, such as what it depends on.
    pub remarks: Vec<String>,
    /// Proofs and reasons, the first first.
    pub parts: Vec<Part>,
    /// What would make it hold: a heading, and each way.
    pub ways: Option<(String, Vec<String>)>,
    /// The clauses on which it rests.
    pub clauses: Vec<ClauseCard>,
    /// When these clauses are in force.
    pub picture: Option<Picture>,
}

/// All that `run` says, each verdict explained.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// What it is about.
    pub title: String,
    /// What is to be said of it as a whole.
    pub notes: Vec<String>,
    /// The verdicts, in the order in which they are shown.
    pub rows: Vec<Row>,
    /// When the clauses are in force on which they rest.
    pub picture: Option<Picture>,
}

/// A verdict in a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// In a sentence.
    pub text: String,
    /// As it stands in the language.
    pub atom: String,
    /// `holds`, `open`, `suspended`, `exempt` or `does not hold`.
    pub status: &'static str,
    /// The clauses that give it, as cited.
    pub by: Vec<String>,
    /// How these and others are marked on which it rests.
    pub marks: Vec<String>,
    /// The days on which it holds, where it is a standing one.
    pub days: String,
    /// Why; `None` where that would be too much for one page.
    pub page: Option<Page>,
}

/// A proof, or why there is none.
#[derive(Clone, Debug)]
pub struct Part {
    /// What is assumed, or what it is.
    pub heading: Option<String>,
    pub(super) tree: Option<Tree>,
}

/// A clause on which a proof rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseCard {
    /// As cited.
    pub citation: String,
    /// Its heading and its notice's.
    pub headings: Vec<String>,
    /// Since when its notice is known, and by whom it was issued.
    pub about: Vec<String>,
    /// When it is in force, and when not and why.
    pub days: Vec<String>,
    /// Where its text stands, as the author cites it.
    pub sources: Vec<String>,
    /// Its rules that were used: their text, and where they stand.
    pub rules: Vec<(String, String)>,
}

impl Part {
    /// A proof.
    pub fn proof(context: Context<'_>, heading: Option<String>, proof: &Proof) -> Part {
        Part {
            heading,
            tree: Teller::new(context, proof).conclusion(),
        }
    }

    /// Why something does not hold.
    pub fn why_not(context: Context<'_>, heading: Option<String>, why: &WhyNot) -> Part {
        Part {
            heading,
            tree: Some(why_not(context, why)),
        }
    }
}

/// The clauses on which something rests, with the rules that were used, and the days by which it was judged.
#[derive(Clone, Debug, Default)]
pub struct Law {
    used: BTreeMap<ClauseId, BTreeSet<Place>>,
    days: BTreeSet<Date>,
}

impl Law {
    /// Adds what a proof rests on.
    pub fn add_proof(&mut self, policy: &Policy, proof: &Proof) {
        for step in &proof.steps {
            match step {
                Step::Rule(step) => {
                    let rule = policy.rule(step.rule);
                    if let Some(home) = rule.home {
                        let rules = self.used.entry(home).or_default();
                        rules.insert(Place::Span(rule.span));
                    }
                }
                Step::Fact(step) => {
                    if let Some(clause) = step.clause {
                        self.used.entry(clause).or_default();
                    }
                }
                Step::Exemption(step) => {
                    let exemption = policy.exemption(step.exemption);
                    let rules = self.used.entry(exemption.home).or_default();
                    rules.insert(Place::Span(exemption.span));
                }
                Step::InForce(step) => {
                    self.used.entry(step.clause).or_default();
                    self.days.insert(step.day);
                }
                Step::Named(_)
                | Step::Absent(_)
                | Step::Compare(_)
                | Step::Aggregate(_)
                | Step::Judgement(_)
                | Step::Review(_) => {}
            }
        }
    }

    /// Adds all on which something else rests.
    pub fn add(&mut self, other: &Law) {
        for (clause, rules) in &other.used {
            self.used.entry(*clause).or_default().extend(rules);
        }
        self.days.extend(&other.days);
    }

    /// Adds the rules that do not give something.
    pub fn add_why_not(&mut self, policy: &Policy, why: &WhyNot) {
        self.add_proof(policy, &why.proof);
        for reason in &why.rules {
            let rule = reason.rule.map(|rule| policy.rule(rule));
            if let Some(home) = reason.clause.or(rule.and_then(|rule| rule.home)) {
                let rules = self.used.entry(home).or_default();
                rules.extend(rule.map(|rule| Place::Span(rule.span)));
            }
            if let Failing::NotInForce(step) = &reason.attempt.fails {
                self.days.insert(step.day);
            }
        }
    }
}

impl Context<'_> {
    /// A card for each clause, in the order of the policy.
    pub fn cards(&self, calendar: &Calendar, law: &Law) -> Vec<ClauseCard> {
        let cards = law.used.iter();
        cards
            .map(|(clause, rules)| self.card(calendar, *clause, rules))
            .collect()
    }

    /// When the clauses are in force; `None` where that never changes.
    pub fn picture_of(&self, calendar: &Calendar, law: &Law) -> Option<Picture> {
        self.picture(calendar, law.used.keys().copied(), law.days.clone())
    }

    fn card(&self, calendar: &Calendar, id: ClauseId, rules: &BTreeSet<Place>) -> ClauseCard {
        let clause = self.policy.clause(id);
        let notice = self.policy.notice(clause.notice);
        let mut about = Vec::new();
        if !notice.issuers.is_empty() {
            about.push(format!("issued by {}", notice.issuers.join(" and ")));
        }
        about.push(format!("published {}", notice.published));
        about.extend(clause.reviewed.map(|day| format!("reviewed up to {day}")));
        about.extend(clause.unverified.clone());
        let mut headings = vec![clause.heading.clone(), notice.title.clone()];
        headings.retain(|heading| !heading.is_empty());
        headings.dedup();
        let rules = rules.iter().map(|place| {
            let text = match *place {
                Place::Span(span) => self.sources.words(span),
                _ => "",
            };
            (text.to_owned(), self.place(*place))
        });
        ClauseCard {
            citation: self.policy.citation(id),
            headings,
            about,
            days: self.days_of(calendar, id),
            sources: notice
                .sources
                .iter()
                .map(|(file, place)| match place.is_empty() {
                    true => file.clone(),
                    false => format!("{file}, {place}"),
                })
                .collect(),
            rules: rules.collect(),
        }
    }
}
