//! Which cases may notice a change: the others need not run.

use super::{Mutant, Mutation};
use crate::facts::Facts;
use crate::ir::{
    Case, ExpectClaim, ExpectStatus, Kind, Literal, Missing, Policy, RelationId, RelationKind,
    Timing,
};
use crate::session::Session;
use crate::value::{Date, Value};
use std::collections::{BTreeMap, BTreeSet};

impl Mutation {
    /// The cases that may notice: those in which the rule can do something, and that look at something that can depend
    /// on it.
    pub(super) fn cases_for(&self, mutant: &Mutant) -> Vec<usize> {
        let policy = &self.session.policy;
        let reaches = |relation: RelationId| {
            let head = mutant.head.as_deref();
            let name = &policy.relation(relation).name;
            head.is_none_or(|head| self.reach.reaches(head, name))
        };
        let mut constraints = policy.constraints.iter();
        let breaks = constraints.any(|it| reaches(policy.rule(it.rule).head.relation));
        let looks = |case: usize| {
            let mut expects = policy.cases[case].expects.iter();
            breaks
                || expects.any(|expect| match &expect.claim {
                    ExpectClaim::Query(query) => reaches(query.atom.relation),
                    ExpectClaim::Never(at) => {
                        reaches(policy.rule(policy.constraints[*at].rule).head.relation)
                    }
                })
        };
        let mut cases: Vec<usize> = (0..policy.cases.len())
            .filter(|case| self.lacking(*case, mutant) == Some(0) && looks(*case))
            .collect();
        self.put_nearest_first(&mut cases, mutant);
        cases
    }

    /// The cases from which one that notices may be made: at most one kind of fact is lacking.
    pub(super) fn seeds(&self, mutant: &Mutant) -> Vec<usize> {
        let all = 0..self.session.policy.cases.len();
        let is_near = |case: &usize| self.lacking(*case, mutant).is_some_and(|count| count < 2);
        let mut cases: Vec<usize> = all.filter(is_near).collect();
        self.put_nearest_first(&mut cases, mutant);
        cases
    }

    /// Of how many of the relations that the rule needs nothing can be so in a case; `None`: the case is left out.
    fn lacking(&self, case: usize, mutant: &Mutant) -> Option<usize> {
        let possible = self.possible.get(case).and_then(Option::as_ref)?;
        let needs = mutant.needs.iter();
        Some(needs.filter(|it| !possible.contains(it)).count())
    }

    /// First those that are most about the change.
    fn put_nearest_first(&self, cases: &mut [usize], mutant: &Mutant) {
        cases.sort_by_cached_key(|case| {
            let facts = self.session.case_facts(*case);
            (
                self.lacking(*case, mutant),
                !self.names_clause(*case, mutant),
                !names_day(&facts, mutant.day),
                facts.len(),
                *case,
            )
        });
    }

    /// Whether a case expects something by the clause of a change.
    fn names_clause(&self, case: usize, mutant: &Mutant) -> bool {
        let policy = &self.session.policy;
        let expects = policy.cases[case].expects.iter();
        let mut named = expects.flat_map(|expect| expect.by.iter().flatten());
        named.any(|clause| Some(policy.citation(*clause)) == mutant.clause)
    }

    /// Of these cases those that look at a day on which a clause stands otherwise in the changed policy.
    pub(super) fn touched(&self, changed: &Session, cases: Vec<usize>) -> Vec<usize> {
        let policy = &self.session.policy;
        if has_days_of_its_own(policy) || has_days_of_its_own(&changed.policy) {
            return cases;
        }
        let mut known = BTreeMap::new();
        let mut is_touched = |case: &usize| {
            let own = self.session.case_circumstances(*case);
            let key = (own.known_at, own.without.clone());
            let apart = known
                .entry(key)
                .or_insert_with(|| super::alike::days_apart(policy, &changed.policy, &own));
            let Some(apart) = apart else {
                return true;
            };
            let asked = days_asked(policy, &policy.cases[*case]);
            let is_apart = |day: &Date| apart.iter().any(|(from, to)| from <= day && day <= to);
            asked.is_none_or(|days| {
                let facts = self.session.case_facts(*case);
                days.iter().any(is_apart) || dates(&facts).any(|day| is_apart(&day))
            })
        };
        cases.into_iter().filter(|case| is_touched(case)).collect()
    }
}

/// Whether something is judged by another day than that of an event that stands in the facts.
fn has_days_of_its_own(policy: &Policy) -> bool {
    fn reads_elsewhere(body: &[Literal]) -> bool {
        body.iter().any(|literal| match literal {
            Literal::Holds(premise) | Literal::Absent(premise) => premise.on.is_some(),
            Literal::Aggregate(aggregate) => reads_elsewhere(&aggregate.body),
            Literal::Or(sides, _) => sides.iter().any(|side| reads_elsewhere(side)),
            Literal::Compare(_) | Literal::Bind(_) | Literal::Test(_) | Literal::Exempted(_) => {
                false
            }
        })
    }
    let mut rules = policy.rules.iter();
    let mut exemptions = policy.exemptions.iter();
    let working_day = policy.working_day.map(|it| policy.relation(it));
    rules.any(|it| matches!(it.timing, Timing::On(_)) || reads_elsewhere(&it.body))
        || exemptions.any(|it| reads_elsewhere(&it.body))
        || working_day.is_some_and(|relation| relation.standing)
}

/// The days for which a case asks beside those of its events. `None`: it asks about all days, or what would be if a suspension or
/// an exemption were lifted.
fn days_asked(policy: &Policy, case: &Case) -> Option<Vec<Date>> {
    let mut days = Vec::new();
    let constraints = policy.constraints.iter();
    let mut heads = constraints.map(|it| policy.rule(it.rule).head.relation);
    if heads.any(|head| policy.relation(head).standing) {
        return None;
    }
    for expect in &case.expects {
        match (expect.status, &expect.claim) {
            (ExpectStatus::Suspended | ExpectStatus::Exempt, _) => return None,
            (_, ExpectClaim::Never(_)) => {}
            (_, ExpectClaim::Query(query)) => match query.on {
                Some(day) => days.push(day),
                None if policy.relation(query.atom.relation).standing => return None,
                None => {}
            },
        }
    }
    Some(days)
}

fn dates(facts: &Facts) -> impl Iterator<Item = Date> {
    let values = facts.written().iter().flat_map(|fact| &fact.args);
    values.filter_map(|value| match value {
        Value::Date(day) => Some(*day),
        _ => None,
    })
}

/// Whether the facts name a day, or the one before or after it.
fn names_day(facts: &Facts, day: Option<Date>) -> bool {
    day.is_none_or(|day| {
        let near = [day.yesterday().ok(), Some(day), day.tomorrow().ok()];
        dates(facts).any(|other| near.contains(&Some(other)))
    })
}

/// The relations of which something may be so in a case, under whatever circumstances: if days, comparisons and all that is
/// denied are left aside.
pub(super) fn possible(session: &Session, case: usize) -> BTreeSet<RelationId> {
    let policy = &session.policy;
    let given = session.case_facts(case);
    let mut possible: BTreeSet<RelationId> =
        given.written().iter().map(|fact| fact.relation).collect();
    possible.extend(policy.facts.iter().map(|fact| fact.relation));
    for (at, relation) in policy.relations.iter().enumerate() {
        let mut fields = relation.fields.iter();
        let may_be = match relation.kind {
            Kind::Names(_) | Kind::Declared(RelationKind::Judgement) => true,
            Kind::Declared(RelationKind::Input) => fields.any(|it| it.missing == Missing::Unknown),
            Kind::Declared(_) | Kind::Constraint(_) => false,
        };
        if may_be {
            possible.insert(RelationId(at as u32));
        }
    }
    loop {
        let before = possible.len();
        for rule in &policy.rules {
            if can_be(&rule.body, &possible) {
                possible.insert(rule.head.relation);
            }
        }
        if possible.len() == before {
            return possible;
        }
    }
}

fn can_be(body: &[Literal], possible: &BTreeSet<RelationId>) -> bool {
    body.iter().all(|literal| match literal {
        Literal::Holds(premise) => possible.contains(&premise.atom.relation),
        Literal::Or(sides, _) => sides.iter().any(|side| can_be(side, possible)),
        Literal::Exempted(exempted) => {
            exempted.negated || possible.contains(&exempted.atom.relation)
        }
        Literal::Absent(_)
        | Literal::Compare(_)
        | Literal::Bind(_)
        | Literal::Test(_)
        | Literal::Aggregate(_) => true,
    })
}
