//! What each exemption blocks: rules and facts of the clauses it names, or their exemptions.

use super::Problems;
use super::error;
use super::names::{Names, Placed};
use super::policy::{
    Blocked, ClauseId, Exemption, ExemptionId, ExemptionTarget, Policy, RelationId, RuleId, Term,
};
use super::timing::{event_fields, events_of};
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
    let contents = contents(policy);
    for at in 0..policy.exemptions.len() {
        let exemption = &policy.exemptions[at];
        if matches!(exemption.target, ExemptionTarget::Event(Term::Any, _)) {
            continue; // What it is about is not known, and that has been said.
        }
        let notice = policy.clause(exemption.home).notice;
        let references = written.get(&exemption.span).copied().unwrap_or(&[]);
        let mut blocks = BTreeSet::new();
        for reference in references {
            // That there is no such clause has been said.
            let Ok(clause) = names.clause(policy, &reference.text, Some(notice)) else {
                continue;
            };
            let clauses = policy.clauses_under(clause);
            let there: Vec<(ClauseId, &Contents)> = clauses
                .iter()
                .filter_map(|clause| Some((*clause, contents.get(clause)?)))
                .collect();
            let found = blocked_in(policy, at, &there);
            if names.is_half_read(&clauses) {
                continue; // A slip there may be what keeps it from concluding that.
            }
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

/// What stands in each clause.
#[derive(Default)]
struct Contents {
    rules: Vec<RuleId>,
    listed: BTreeSet<RelationId>,
    exemptions: Vec<ExemptionId>,
}

fn contents(policy: &Policy) -> BTreeMap<ClauseId, Contents> {
    let mut contents: BTreeMap<ClauseId, Contents> = BTreeMap::new();
    for (at, rule) in policy.rules.iter().enumerate() {
        if let Some(home) = rule.home {
            let clause = contents.entry(home).or_default();
            clause.rules.push(RuleId(at as u32));
        }
    }
    for fact in &policy.facts {
        if let Some(home) = fact.home {
            contents
                .entry(home)
                .or_default()
                .listed
                .insert(fact.relation);
        }
    }
    for (at, exemption) in policy.exemptions.iter().enumerate() {
        let clause = contents.entry(exemption.home).or_default();
        clause.exemptions.push(ExemptionId(at as u32));
    }
    contents
}

/// What these clauses conclude of what is exempted; where they conclude nothing of it, their exemptions.
fn blocked_in(policy: &Policy, at: usize, clauses: &[(ClauseId, &Contents)]) -> BTreeSet<Blocked> {
    let conclusions = conclusions(policy, &policy.exemptions[at].target, clauses);
    match conclusions.is_empty() {
        true => exempted(policy, at, clauses),
        false => conclusions,
    }
}

fn conclusions(
    policy: &Policy,
    target: &ExemptionTarget,
    clauses: &[(ClauseId, &Contents)],
) -> BTreeSet<Blocked> {
    let is_meant = |id: &RuleId| {
        let rule = policy.rule(*id);
        match target {
            ExemptionTarget::Head(pattern) => rule.head.relation == pattern.relation,
            ExemptionTarget::Event(_, ty) => {
                let mut events = events_of(policy, rule).into_iter();
                events.any(|(_, other)| other == *ty)
            }
        }
    };
    let rules = clauses.iter().flat_map(|(_, clause)| &clause.rules);
    let rules = rules.copied().filter(is_meant).map(Blocked::Rule);
    let mut blocks: BTreeSet<Blocked> = rules.collect();
    let is_listed = |relation: &RelationId| match target {
        ExemptionTarget::Head(pattern) => *relation == pattern.relation,
        ExemptionTarget::Event(_, ty) => {
            let mut fields = event_fields(policy, *relation).into_iter();
            fields.any(|(_, other)| other == *ty)
        }
    };
    for (home, clause) in clauses {
        let listed = clause.listed.iter().filter(|it| is_listed(it));
        blocks.extend(listed.map(|relation| Blocked::Facts(*relation, *home)));
    }
    blocks
}

/// The exemptions of the same conclusion in the clauses named.
fn exempted(policy: &Policy, own: usize, clauses: &[(ClauseId, &Contents)]) -> BTreeSet<Blocked> {
    let target = &policy.exemptions[own].target;
    let is_same = |id: &ExemptionId| match (target, &policy.exemption(*id).target) {
        (ExemptionTarget::Head(one), ExemptionTarget::Head(two)) => one.relation == two.relation,
        (ExemptionTarget::Event(_, one), ExemptionTarget::Event(_, two)) => one == two,
        (ExemptionTarget::Head(_), ExemptionTarget::Event(..))
        | (ExemptionTarget::Event(..), ExemptionTarget::Head(_)) => true,
    };
    let others = clauses.iter().flat_map(|(_, clause)| &clause.exemptions);
    others
        .copied()
        .filter(|id| id.at() != own && is_same(id))
        .map(Blocked::Exemption)
        .collect()
}

/// Whether something that stands in the clauses' place at some time concludes what is exempted.
fn is_replaced_by_something(policy: &Policy, exemption: &Exemption, clauses: &[ClauseId]) -> bool {
    match &exemption.target {
        ExemptionTarget::Head(pattern) => policy.stands_as_concluding(pattern.relation, clauses),
        ExemptionTarget::Event(..) => false,
    }
}

fn what_is_exempted(policy: &Policy, exemption: &Exemption) -> String {
    match &exemption.target {
        ExemptionTarget::Head(pattern) => format!("`{}`", policy.relation(pattern.relation).name),
        ExemptionTarget::Event(..) => "anything about such an event".into(),
    }
}
