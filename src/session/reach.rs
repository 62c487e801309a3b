//! Which relations can depend on which.

use crate::ir::{Blocked, Exempted, Literal, Policy};
use std::collections::{BTreeMap, BTreeSet};

/// Which relations can depend on which, in either policy, by their names without the notice.
pub(super) struct Reach {
    heads: BTreeMap<String, BTreeSet<String>>,
    /// What anything may depend on without naming it: working days, judgements on which suspensions depend.
    deciding: BTreeSet<String>,
}

impl Reach {
    pub(super) fn of(policies: [&Policy; 2]) -> Reach {
        let mut reach = Reach {
            heads: BTreeMap::new(),
            deciding: BTreeSet::new(),
        };
        for policy in policies {
            for rule in &policy.rules {
                let head = &policy.relation(rule.head.relation).name;
                reach.body(policy, &rule.body, head);
            }
            let own = policy.cases.iter().flat_map(|case| &case.presumptions);
            let given = policy.givens.iter().flat_map(|given| &given.presumptions);
            for presumption in policy.presumptions.iter().chain(own).chain(given) {
                let head = &policy.relation(presumption.rule.head.relation).name;
                reach.body(policy, &presumption.rule.body, head);
            }
            let stretches = policy.effects.iter().flat_map(|effect| &effect.stretches);
            for condition in stretches.filter_map(|stretch| stretch.condition.as_ref()) {
                let name = &policy.relation(condition.relation).name;
                reach.deciding.insert(bare(name).to_owned());
            }
            if let Some(relation) = policy.working_day {
                let name = &policy.relation(relation).name;
                reach.deciding.insert(bare(name).to_owned());
            }
            for exemption in &policy.exemptions {
                for blocked in &exemption.blocks {
                    let head = match blocked {
                        Blocked::Rule(rule) => policy.rule(*rule).head.relation,
                        Blocked::Facts(relation, _) => *relation,
                        // What that blocks, it may block no longer.
                        Blocked::Exemption(_) => continue,
                    };
                    reach.body(policy, &exemption.body, &policy.relation(head).name);
                }
                for other in &policy.exemptions {
                    let restores = |blocked: &Blocked| matches!(blocked, Blocked::Exemption(id) if std::ptr::eq(policy.exemption(*id), other));
                    if exemption.blocks.iter().any(restores) {
                        for blocked in &other.blocks {
                            if let Blocked::Rule(rule) = blocked {
                                let head = policy.rule(*rule).head.relation;
                                let head = &policy.relation(head).name;
                                reach.body(policy, &exemption.body, head);
                            }
                        }
                    }
                }
            }
        }
        reach
    }

    fn body(&mut self, policy: &Policy, body: &[Literal], head: &str) {
        let mut note = |relation: crate::ir::RelationId| {
            let from = bare(&policy.relation(relation).name);
            let heads = self.heads.entry(from.to_owned()).or_default();
            heads.insert(bare(head).to_owned());
        };
        match_all(body, &mut note);
    }

    /// Whether one relation can depend on another.
    pub(super) fn reaches(&self, from: &str, to: &str) -> bool {
        let (from, to) = (bare(from), bare(to));
        let mut seen: BTreeSet<&str> = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at == to || self.deciding.contains(at) {
                return true;
            }
            for head in self.heads.get(at).into_iter().flatten() {
                if seen.insert(head) {
                    open.push(head);
                }
            }
        }
        // What a policy cannot be asked about names no relation.
        to.is_empty()
    }
}

fn match_all(body: &[Literal], note: &mut dyn FnMut(crate::ir::RelationId)) {
    for literal in body {
        match literal {
            Literal::Holds(premise) | Literal::Absent(premise) => note(premise.atom.relation),
            Literal::Aggregate(aggregate) => match_all(&aggregate.body, note),
            Literal::Or(sides, _) => sides.iter().for_each(|side| match_all(side, note)),
            Literal::Exempted(Exempted { atom, .. }) => note(atom.relation),
            Literal::Compare(_) | Literal::Bind(_) | Literal::Test(_) => {}
        }
    }
}

/// The name without the notice in front.
fn bare(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
