//! What `explain` says, as parts that each rendering shows in its own way.

use super::Context;
use super::tree::{Teller, Tree, why_not};
use crate::ir::ClauseId;
use crate::proof::proof::Step;
use crate::proof::{Proof, WhyNot};
use crate::source::Place;
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

impl Context<'_> {
    /// The clauses in which the rules and facts of these proofs stand, in the order of the policy.
    pub fn clauses_of<'p>(&self, proofs: impl Iterator<Item = &'p Proof>) -> Vec<ClauseCard> {
        let mut used: BTreeMap<ClauseId, BTreeSet<Place>> = BTreeMap::new();
        for step in proofs.flat_map(|proof| &proof.steps) {
            match step {
                Step::Rule(step) => {
                    let rule = self.policy.rule(step.rule);
                    if let Some(home) = rule.home {
                        let rules = used.entry(home).or_default();
                        rules.insert(Place::Span(rule.span));
                    }
                }
                Step::Fact(step) => {
                    if let Some(clause) = step.clause {
                        used.entry(clause).or_default();
                    }
                }
                _ => {}
            }
        }
        let cards = used.into_iter();
        cards
            .map(|(clause, rules)| self.card(clause, rules))
            .collect()
    }

    fn card(&self, id: ClauseId, rules: BTreeSet<Place>) -> ClauseCard {
        let clause = self.policy.clause(id);
        let notice = self.policy.notice(clause.notice);
        let mut about = Vec::new();
        if !notice.issuers.is_empty() {
            about.push(format!("issued by {}", notice.issuers.join(" and ")));
        }
        about.push(format!("published {}", notice.published));
        let mut headings = vec![clause.heading.clone(), notice.title.clone()];
        headings.retain(|heading| !heading.is_empty());
        headings.dedup();
        let rules = rules.into_iter().map(|place| {
            let text = match place {
                Place::Span(span) => self.sources.words(span),
                _ => "",
            };
            (text.to_owned(), self.place(place))
        });
        ClauseCard {
            citation: self.policy.citation(id),
            headings,
            about,
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
