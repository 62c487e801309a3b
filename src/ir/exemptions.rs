//! What each exemption blocks: rules and facts of the clauses it names, or their exemptions.

use super::Problems;
use super::error;
use super::names::Placed;
use super::policy::{Blocked, Exemption, ExemptionId, ExemptionTarget, Policy, RuleId};
use crate::syntax::file::ItemKind;

/// Finds what each exemption blocks; one that blocks nothing is an error.
pub(super) fn exemptions(statements: &[Placed<'_>], policy: &mut Policy, problems: &mut Problems) {
    for at in 0..policy.exemptions.len() {
        let exemption = &policy.exemptions[at];
        let mut blocks = conclusions(policy, exemption);
        if blocks.is_empty() {
            blocks = exempted(policy, exemption, at);
        }
        if blocks.is_empty() && !exemption.from.is_empty() {
            report(statements, policy, exemption, problems);
        }
        policy.exemptions[at].blocks = blocks;
    }
}

fn conclusions(policy: &Policy, exemption: &Exemption) -> Vec<Blocked> {
    let mut blocks = Vec::new();
    for (at, rule) in policy.rules.iter().enumerate() {
        let is_there = rule.home.is_some_and(|home| exemption.from.contains(&home));
        let is_meant = match &exemption.target {
            ExemptionTarget::Head(pattern) => rule.head.relation == pattern.relation,
            ExemptionTarget::Event(_, ty) => {
                policy.event_of(rule).is_some_and(|(_, other)| other == *ty)
            }
        };
        if is_there && is_meant {
            blocks.push(Blocked::Rule(RuleId(at as u32)));
        }
    }
    if let ExemptionTarget::Head(pattern) = &exemption.target {
        for fact in policy
            .facts
            .iter()
            .filter(|fact| fact.relation == pattern.relation)
        {
            let Some(home) = fact.home.filter(|home| exemption.from.contains(home)) else {
                continue;
            };
            let blocked = Blocked::Facts(fact.relation, home);
            if !blocks.contains(&blocked) {
                blocks.push(blocked);
            }
        }
    }
    blocks
}

/// The exemptions of the same conclusion in the clauses named.
fn exempted(policy: &Policy, exemption: &Exemption, own: usize) -> Vec<Blocked> {
    let is_same = |other: &Exemption| match (&exemption.target, &other.target) {
        (ExemptionTarget::Head(one), ExemptionTarget::Head(two)) => one.relation == two.relation,
        (ExemptionTarget::Event(_, one), ExemptionTarget::Event(_, two)) => one == two,
        (ExemptionTarget::Head(_), ExemptionTarget::Event(..)) => true,
        (ExemptionTarget::Event(..), ExemptionTarget::Head(_)) => true,
    };
    policy
        .exemptions
        .iter()
        .enumerate()
        .filter(|(at, other)| *at != own && exemption.from.contains(&other.home) && is_same(other))
        .map(|(at, _)| Blocked::Exemption(ExemptionId(at as u32)))
        .collect()
}

fn report(
    statements: &[Placed<'_>],
    policy: &Policy,
    exemption: &Exemption,
    problems: &mut Problems,
) {
    let written = statements
        .iter()
        .find(|placed| placed.span == exemption.span);
    let Some(ItemKind::Exemption(written)) = written.map(|placed| placed.kind) else {
        return;
    };
    let what = match &exemption.target {
        ExemptionTarget::Head(pattern) => policy.relation(pattern.relation).name.clone(),
        ExemptionTarget::Event(..) => "anything about such an event".into(),
    };
    for reference in &written.from {
        problems.push(error::concludes_nothing(
            &reference.text,
            &what,
            reference.span,
        ));
    }
}
