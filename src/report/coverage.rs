//! Coverage: what the cases of a policy put to the test, and what they do not.
//!
//! `Coverage` lists, place by place, the *points* that cases should show: a rule fires; a literal holds, and fails where those
//! looked at before it hold; a comparison is met exactly at its boundary; an exemption is used, and is not; a list is read; a clause
//! is looked at on the day on which its standing changes, and on the day before.

mod html;
mod lcov;
mod text;

pub use html::coverage_html;
pub use lcov::coverage_lcov;
pub use text::{coverage_json, coverage_listing, coverage_text};

use super::Context;
use crate::ir::{
    Calendar, ClauseId, Exemption, ExemptionId, Kind, Literal, Missing, NoticeId, Policy, Relation,
    RelationKind, RuleId, Term, Timing,
};
use crate::proof::coverage::{Exercised, Met, Ways, is_of_size, literal_span};
use crate::source::Span;
use crate::value::{FIRST_DAY, LAST_DAY, Type};
use std::collections::{BTreeMap, BTreeSet};

/// What the cases of a policy show of it.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// In the order of files and places.
    pub items: Vec<Item>,
    /// How many cases there were.
    pub cases: usize,
}

/// A place of the policy with what cases should show of it.
#[derive(Clone, Debug)]
pub struct Item {
    /// Where it is written.
    pub span: Span,
    /// The notice it stands in; `None` for what stands outside.
    pub notice: Option<NoticeId>,
    /// What it is.
    pub sort: Sort,
    /// What cases should show.
    pub points: Vec<Point>,
    /// What else there is to know.
    pub note: String,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A rule.
    Rule,
    /// A literal of a rule or an exemption.
    Literal,
    /// An exemption.
    Exemption,
    /// What a clause lists.
    List,
    /// The days of a clause.
    Days,
}

/// Something that a case should show.
#[derive(Clone, Debug)]
pub struct Point {
    /// What: `holds`, `2025-11-06, the last day in force`.
    pub what: String,
    /// How many cases show it.
    pub times: usize,
}

/// How many points there are, and how many of them some case shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Shown by a case.
    pub seen: usize,
    /// All.
    pub all: usize,
}

impl Share {
    /// In per cent, rounded down: 100 only where nothing is missing.
    pub fn percent(self) -> usize {
        (self.seen * 100).checked_div(self.all).unwrap_or(100)
    }

    fn add(&mut self, points: &[Point]) {
        self.all += points.len();
        self.seen += points.iter().filter(|point| point.times > 0).count();
    }
}

impl Coverage {
    /// What cases show of a policy, and what they should. `calendar`: the days of its clauses where nothing is left out.
    pub fn new(
        context: Context<'_>,
        calendar: &Calendar,
        exercised: &Exercised,
        cases: usize,
    ) -> Coverage {
        let mut listing = Listing {
            context,
            exercised,
            items: Vec::new(),
        };
        listing.rules();
        listing.exemptions();
        listing.lists();
        listing.days(calendar);
        let mut items = listing.items;
        items.retain(|item| !item.points.is_empty());
        items.sort_by_key(|item| (item.span, item.sort));
        Coverage { items, cases }
    }

    /// Of everything.
    pub fn share(&self) -> Share {
        let mut share = Share::default();
        self.items.iter().for_each(|item| share.add(&item.points));
        share
    }

    /// Of each notice, and of what stands outside notices, sort by sort.
    pub fn by_notice(&self) -> BTreeMap<Option<NoticeId>, BTreeMap<Sort, Share>> {
        let mut shares: BTreeMap<_, BTreeMap<Sort, Share>> = BTreeMap::new();
        for item in &self.items {
            let own = shares.entry(item.notice).or_default();
            own.entry(item.sort).or_default().add(&item.points);
        }
        shares
    }
}

fn point(what: impl Into<String>, times: usize) -> Point {
    Point {
        what: what.into(),
        times,
    }
}

/// Items in the making.
struct Listing<'a> {
    context: Context<'a>,
    exercised: &'a Exercised,
    items: Vec<Item>,
}

impl Listing<'_> {
    fn policy(&self) -> &Policy {
        self.context.policy
    }

    fn notice(&self, home: Option<ClauseId>) -> Option<NoticeId> {
        home.map(|home| self.policy().clause(home).notice)
    }

    fn add(&mut self, span: Span, home: Option<ClauseId>, sort: Sort, points: Vec<Point>) {
        let notice = self.notice(home);
        self.items.push(Item {
            span,
            notice,
            sort,
            points,
            note: String::new(),
        });
    }

    fn rules(&mut self) {
        let policy = self.context.policy;
        for (at, rule) in policy.rules.iter().enumerate() {
            // What must never be is not to fire.
            if matches!(
                policy.relation(rule.head.relation).kind,
                Kind::Constraint(_)
            ) {
                continue;
            }
            let fired = self.exercised.fired.get(&RuleId(at as u32));
            let fires = point("fires", fired.copied().unwrap_or(0));
            self.add(rule.span, rule.home, Sort::Rule, vec![fires]);
            let event = match &rule.timing {
                Timing::Event(event, _) => Some(event),
                Timing::Timeless | Timing::Standing | Timing::On(_) => None,
            };
            self.literals(&rule.body, rule.home, event);
        }
    }

    fn exemptions(&mut self) {
        let policy = self.context.policy;
        for (at, exemption) in policy.exemptions.iter().enumerate() {
            let Exemption { span, home, .. } = exemption;
            let ways = self.exercised.exemptions.get(&ExemptionId(at as u32));
            let Ways { yes, no } = ways.copied().unwrap_or_default();
            let points = vec![point("is used", yes), point("is not used", no)];
            self.add(*span, Some(*home), Sort::Exemption, points);
            self.literals(&exemption.body, Some(*home), None);
        }
    }

    /// `event`: the one by whose day the body is read.
    fn literals(&mut self, body: &[Literal], home: Option<ClauseId>, event: Option<&Term>) {
        for (at, literal) in body.iter().enumerate() {
            let span = literal_span(literal);
            let ways = self.exercised.literals.get(&span);
            let Ways { yes, no } = ways.copied().unwrap_or_default();
            let mut points = vec![point("holds", yes)];
            let only_finds = event.is_some_and(|event| self.only_finds(event, body, at));
            if can_fail(literal) && !only_finds {
                points.push(point("fails, and nothing before it does", no));
            }
            let mut note = String::new();
            if let Literal::Compare(compare) = literal
                && is_of_size(compare.op)
            {
                let met = self.exercised.thresholds.get(&span);
                let met = met.cloned().unwrap_or_default();
                points.push(point("is met exactly at its boundary", met.exactly.into()));
                note = self.nearest(&met, compare.left.ty);
            }
            self.add(span, home, Sort::Literal, points);
            if let Some(item) = self.items.last_mut() {
                item.note = note;
            }
            if let Literal::Or(sides, _) = literal {
                let mut told = BTreeSet::new();
                for side in sides {
                    // Those of `K in [a, b, c]` stand in one place.
                    if side
                        .iter()
                        .all(|literal| told.insert(literal_span(literal)))
                        && side.iter().all(|literal| literal_span(literal) != span)
                    {
                        self.literals(side, home, event);
                    }
                }
            }
        }
    }

    /// Whether a literal only finds the event, or what is said of it: it fails only where there is no event at all.
    fn only_finds(&self, event: &Term, body: &[Literal], at: usize) -> bool {
        let Literal::Holds(premise) = &body[at] else {
            return false;
        };
        let policy = self.policy();
        let relation = policy.relation(premise.atom.relation);
        let is_event = |other: &&Relation| {
            let id = |relation: &Relation| relation.fields.first().map(|field| field.ty);
            other.kind == Kind::Declared(RelationKind::Event) && id(other) == id(relation)
        };
        let is_only_kind = policy.relations.iter().filter(is_event).count() == 1;
        let (first, others) = match premise.atom.args.split_first() {
            Some((first, others)) if first == event && is_only_kind => (first, others),
            _ => return false,
        };
        let before: Option<Vec<&[Term]>> = body[..at].iter().map(terms_of).collect();
        let Some(before) = before else { return false };
        let before = before.into_iter().flatten();
        let known: BTreeSet<&Term> = before.chain([first]).collect();
        let says_nothing = |(place, term): (usize, &Term)| match term {
            Term::Any => true,
            Term::Variable(_) => {
                let is_new = !known.contains(term) && !others[..place].contains(term);
                is_new && relation.fields[place + 1].missing == Missing::Never
            }
            Term::Each(_) | Term::Value(_) | Term::Present | Term::Missing => false,
        };
        others.iter().enumerate().all(says_nothing)
    }

    /// How near to the boundary cases come on either side.
    fn nearest(&self, met: &Met, ty: Type) -> String {
        let by = |distance: &Option<crate::value::Number>, side: &str| {
            let distance = distance.clone()?;
            let distance = match ty {
                Type::Date => format!("{distance} days"),
                _ => {
                    let value = crate::value::Value::Number(distance);
                    self.context.value(&value, ty)
                }
            };
            Some(format!("{distance} {side}"))
        };
        let sides = [by(&met.below, "below"), by(&met.above, "above")];
        let sides: Vec<String> = sides.into_iter().flatten().collect();
        match sides.is_empty() {
            true => String::new(),
            false => format!("nearest beside the boundary: {}", sides.join(", ")),
        }
    }

    fn lists(&mut self) {
        let policy = self.context.policy;
        let homes: BTreeSet<ClauseId> = policy.facts.iter().filter_map(|it| it.home).collect();
        for home in homes {
            let read = self.exercised.lists.get(&home).copied().unwrap_or(0);
            let points = vec![point("what it lists is read", read)];
            self.add(policy.clause(home).span, Some(home), Sort::List, points);
        }
    }

    /// The days on which the standing of a clause changes, and the last ones before.
    fn days(&mut self, calendar: &Calendar) {
        let policy = self.context.policy;
        let rules = policy.rules.iter().filter_map(|rule| rule.home);
        let exemptions = policy.exemptions.iter().map(|exemption| exemption.home);
        let lists = policy.facts.iter().filter_map(|fact| fact.home);
        let homes: BTreeSet<ClauseId> = rules.chain(exemptions).chain(lists).collect();
        for home in homes {
            let tested = self.exercised.days.get(&home);
            let mut points = Vec::new();
            for stretch in &calendar.clauses[home.at()] {
                let status = self.context.status(&stretch.status);
                let mut add = |day, which: &str| {
                    let is_tested = tested.is_some_and(|days| days.contains(&day));
                    points.push(point(format!("{day}, {which} {status}"), is_tested.into()));
                };
                if stretch.from == stretch.through {
                    add(stretch.from, "the one day");
                    continue;
                }
                if stretch.from > FIRST_DAY {
                    add(stretch.from, "the first day");
                }
                if stretch.through < LAST_DAY {
                    add(stretch.through, "the last day");
                }
            }
            self.add(policy.clause(home).span, Some(home), Sort::Days, points);
        }
    }
}

/// The terms of a literal that is an atom.
fn terms_of(literal: &Literal) -> Option<&[Term]> {
    match literal {
        Literal::Holds(premise) | Literal::Absent(premise) => Some(&premise.atom.args),
        Literal::Exempted(exempted) => Some(&exempted.atom.args),
        Literal::Aggregate(_)
        | Literal::Compare(_)
        | Literal::Bind(_)
        | Literal::Test(_)
        | Literal::Or(..) => None,
    }
}

/// Whether a literal can fail at all: one that only computes something cannot.
fn can_fail(literal: &Literal) -> bool {
    match literal {
        Literal::Bind(_) => false,
        Literal::Aggregate(aggregate) => {
            !(aggregate.is_group_bound && aggregate.function.has_empty)
        }
        Literal::Holds(_)
        | Literal::Absent(_)
        | Literal::Compare(_)
        | Literal::Test(_)
        | Literal::Or(..)
        | Literal::Exempted(_) => true,
    }
}
