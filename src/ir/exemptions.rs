//! What each exemption blocks: rules and facts of the clauses it names, or their exemptions.

use super::Problems;
use super::error;
use super::names::{Names, Placed};
use super::policy::{Blocked, ClauseId, Exemption, ExemptionId, ExemptionTarget, Policy, RuleId};
use crate::source::Span;
use crate::syntax::file::{self, ItemKind};
use std::collections::{BTreeMap, BTreeSet};

/// Finds what each exemption blocks, clause named by clause named; one in which there is nothing to block is an error.
pub(super) fn exemptions(
    statements: &[Placed<'_>],
    policy: &mut Policy,
    names: &Names,
    problems: &mut Problems,
) {
    let written = written(statements);
    for at in 0..policy.exemptions.len() {
        let exemption = &policy.exemptions[at];
        let notice = policy.clause(exemption.home).notice;
        let references = written.get(&exemption.span).copied().unwrap_or(&[]);
        let mut blocks = BTreeSet::new();
        for reference in references {
            // That there is no such clause has been said.
            let Ok(clause) = names.clause(policy, &reference.text, Some(notice)) else {
                continue;
            };
            let clauses: BTreeSet<ClauseId> = policy.clauses_under(clause).into_iter().collect();
            let found = blocked_in(policy, at, &clauses);
            if found.is_empty() && !is_replaced_by_something(policy, exemption, &clauses) {
                problems.push(error::concludes_nothing(
                    &reference.text,
                    &what_is_exempted(policy, exemption),
                    reference.span,
                ));
            }
            blocks.extend(found);
        }
        policy.exemptions[at].blocks = blocks.into_iter().collect();
    }
}

/// The clauses that each exemption names, by its place.
fn written<'a>(statements: &[Placed<'a>]) -> BTreeMap<Span, &'a [file::ClauseRef]> {
    let exemptions = statements.iter().filter_map(|placed| match placed.kind {
        ItemKind::Exemption(exemption) => Some((placed.span, exemption.from.as_slice())),
        _ => None,
    });
    exemptions.collect()
}

/// What these clauses conclude of what is exempted; where they conclude nothing of it, their exemptions.
fn blocked_in(policy: &Policy, at: usize, clauses: &BTreeSet<ClauseId>) -> BTreeSet<Blocked> {
    let conclusions = conclusions(policy, &policy.exemptions[at], clauses);
    match conclusions.is_empty() {
        true => exempted(policy, at, clauses),
        false => conclusions,
    }
}

fn conclusions(
    policy: &Policy,
    exemption: &Exemption,
    clauses: &BTreeSet<ClauseId>,
) -> BTreeSet<Blocked> {
    let is_there = |home: Option<ClauseId>| home.filter(|home| clauses.contains(home));
    let rules = policy.rules.iter().enumerate().filter(|(_, rule)| {
        is_there(rule.home).is_some()
            && match &exemption.target {
                ExemptionTarget::Head(pattern) => rule.head.relation == pattern.relation,
                ExemptionTarget::Event(_, ty) => {
                    policy.event_of(rule).is_some_and(|(_, other)| other == *ty)
                }
            }
    });
    let mut blocks: BTreeSet<Blocked> = rules
        .map(|(at, _)| Blocked::Rule(RuleId(at as u32)))
        .collect();
    if let ExemptionTarget::Head(pattern) = &exemption.target {
        let facts = policy.facts.iter();
        let facts = facts.filter(|fact| fact.relation == pattern.relation);
        let homes = facts.filter_map(|fact| is_there(fact.home));
        blocks.extend(homes.map(|home| Blocked::Facts(pattern.relation, home)));
    }
    blocks
}

/// The exemptions of the same conclusion in the clauses named.
fn exempted(policy: &Policy, own: usize, clauses: &BTreeSet<ClauseId>) -> BTreeSet<Blocked> {
    let target = &policy.exemptions[own].target;
    let is_same = |other: &Exemption| match (target, &other.target) {
        (ExemptionTarget::Head(one), ExemptionTarget::Head(two)) => one.relation == two.relation,
        (ExemptionTarget::Event(_, one), ExemptionTarget::Event(_, two)) => one == two,
        (ExemptionTarget::Head(_), ExemptionTarget::Event(..))
        | (ExemptionTarget::Event(..), ExemptionTarget::Head(_)) => true,
    };
    let others = policy.exemptions.iter().enumerate();
    others
        .filter(|(at, other)| *at != own && clauses.contains(&other.home) && is_same(other))
        .map(|(at, _)| Blocked::Exemption(ExemptionId(at as u32)))
        .collect()
}

/// Whether something that stands in the clauses' place at some time concludes what is exempted.
fn is_replaced_by_something(
    policy: &Policy,
    exemption: &Exemption,
    clauses: &BTreeSet<ClauseId>,
) -> bool {
    match &exemption.target {
        ExemptionTarget::Head(pattern) => {
            let clauses: Vec<ClauseId> = clauses.iter().copied().collect();
            policy.stands_as_concluding(pattern.relation, &clauses)
        }
        ExemptionTarget::Event(..) => false,
    }
}

fn what_is_exempted(policy: &Policy, exemption: &Exemption) -> String {
    match &exemption.target {
        ExemptionTarget::Head(pattern) => policy.relation(pattern.relation).name.clone(),
        ExemptionTarget::Event(..) => "anything about such an event".into(),
    }
}
