//! The calendar of a program: day sets of clauses, regimes of standing relations.

use super::Surroundings;
use super::program::{DaySetId, Program, RegimesId};
use crate::ir::{
    Blocked, Calendars, Circumstances, ClauseId, InForceIf, Literal, Policy, Premise, RelationId,
    Timing,
};
use crate::value::{Date, FIRST_DAY};
use std::collections::{BTreeMap, BTreeSet};

type Cuts = BTreeSet<Date>;

/// The day sets made so far, by what they are.
#[derive(Default)]
pub(super) struct DaySets {
    known: BTreeMap<Vec<(Date, Date)>, DaySetId>,
}

impl DaySets {
    pub(super) fn intern(
        &mut self,
        program: &mut Program,
        stretches: Vec<(Date, Date)>,
    ) -> DaySetId {
        let next = DaySetId(program.day_sets.len() as u32);
        let id = *self.known.entry(stretches.clone()).or_insert(next);
        if id == next {
            program.day_sets.push(stretches);
        }
        id
    }
}

/// The regimes of each standing relation; relations with the same cuts share them.
pub(super) fn regimes(
    policy: &Policy,
    calendar: &Calendars,
    circumstances: &Circumstances,
    surroundings: &Surroundings,
    program: &mut Program,
) -> BTreeMap<RelationId, RegimesId> {
    let cuts = cuts(policy, calendar, circumstances, surroundings);
    let mut known: BTreeMap<Cuts, RegimesId> = BTreeMap::new();
    let mut regimes = BTreeMap::new();
    for (relation, mut cuts) in cuts {
        cuts.insert(FIRST_DAY);
        let next = RegimesId(program.regimes.len() as u32);
        let id = *known.entry(cuts.clone()).or_insert(next);
        if id == next {
            program.regimes.push(cuts.into_iter().collect());
        }
        regimes.insert(relation, id);
    }
    regimes
}

/// For each standing relation that the policy concludes: the first days of stretches below it.
fn cuts(
    policy: &Policy,
    calendar: &Calendars,
    circumstances: &Circumstances,
    surroundings: &Surroundings,
) -> BTreeMap<RelationId, Cuts> {
    let mut cuts: BTreeMap<RelationId, Cuts> = BTreeMap::new();
    for (at, relation) in policy.relations.iter().enumerate() {
        if relation.standing {
            let own = if relation.dated {
                surroundings.cuts.clone()
            } else {
                Cuts::new()
            };
            cuts.insert(RelationId(at as u32), own);
        }
    }
    // Where one clause stands as another one, `A by C` reads it so.
    let as_others = |home: ClauseId| calendar.cuts_as_others(home);
    for fact in &policy.facts {
        if let (Some(own), Some(home)) = (cuts.get_mut(&fact.relation), fact.home) {
            own.extend(calendar.cuts(home));
            own.extend(as_others(home));
        }
    }
    let mut reads: BTreeMap<RelationId, BTreeSet<RelationId>> = BTreeMap::new();
    for (at, rule) in policy.rules.iter().enumerate() {
        if rule.timing != Timing::Standing {
            continue;
        }
        let head = rule.head.relation;
        let mut own: Cuts = rule
            .home
            .iter()
            .flat_map(|home| calendar.cuts(*home).chain(as_others(*home)))
            .collect();
        let mut read = BTreeSet::new();
        read_in(&rule.body, &mut read);
        exempting(
            policy,
            calendar,
            circumstances,
            Blocked::Rule(crate::ir::RuleId(at as u32)),
            rule.home,
            &mut own,
            &mut read,
        );
        cuts.entry(head).or_default().extend(own);
        reads.entry(head).or_default().extend(read);
    }
    for fact in &policy.facts {
        if let Some(home) = fact.home {
            let (mut own, mut read) = (Cuts::new(), BTreeSet::new());
            exempting(
                policy,
                calendar,
                circumstances,
                Blocked::Facts(fact.relation, home),
                Some(home),
                &mut own,
                &mut read,
            );
            if !own.is_empty() || !read.is_empty() {
                cuts.entry(fact.relation).or_default().extend(own);
                reads.entry(fact.relation).or_default().extend(read);
            }
        }
    }
    spread(&mut cuts, &reads);
    cuts
}

/// Each relation is cut where one that it reads is cut.
fn spread(
    cuts: &mut BTreeMap<RelationId, Cuts>,
    reads: &BTreeMap<RelationId, BTreeSet<RelationId>>,
) {
    loop {
        let mut has_changed = false;
        for (head, read) in reads {
            let below: Cuts = read
                .iter()
                .filter_map(|other| cuts.get(other))
                .flatten()
                .copied()
                .collect();
            let own = cuts.entry(*head).or_default();
            let before = own.len();
            own.extend(below);
            has_changed |= own.len() > before;
        }
        if !has_changed {
            return;
        }
    }
}

/// The cuts and relations of the exemptions that may block something, and of those that block them.
fn exempting(
    policy: &Policy,
    calendar: &Calendars,
    circumstances: &Circumstances,
    blocked: Blocked,
    home: Option<ClauseId>,
    cuts: &mut Cuts,
    read: &mut BTreeSet<RelationId>,
) {
    let mut open = vec![blocked];
    let mut seen = BTreeSet::new();
    while let Some(blocked) = open.pop() {
        if !seen.insert(blocked) {
            continue;
        }
        for (id, days) in
            super::exemptions::exemptions_of(policy, calendar, circumstances, blocked, home)
        {
            let exemption = policy.exemption(id);
            cuts.extend(calendar.cuts(exemption.home));
            cuts.extend(days.iter().flatten().flat_map(InForceIf::cuts));
            read_in(&exemption.body, read);
            open.push(Blocked::Exemption(id));
        }
    }
}

/// The relations that a body reads on the day of its rule.
fn read_in(body: &[Literal], read: &mut BTreeSet<RelationId>) {
    let on_its_day = |premise: &Premise| premise.on.is_none().then_some(premise.atom.relation);
    for literal in body {
        match literal {
            Literal::Holds(premise) | Literal::Absent(premise) => read.extend(on_its_day(premise)),
            Literal::Exempted(exempted) => {
                read.insert(exempted.atom.relation);
            }
            Literal::Aggregate(aggregate) => read_in(&aggregate.body, read),
            Literal::Or(branches, _) => branches.iter().for_each(|branch| read_in(branch, read)),
            Literal::Compare(_) | Literal::Bind(_) | Literal::Test(_) => {}
        }
    }
}
