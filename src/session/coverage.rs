//! What of a policy its cases make use of.

use super::{Session, in_parallel};
use crate::facts::Facts;
use crate::ir::{
    Circumstances, ClauseId, Expect, ExpectClaim, Literal, NoticeId, Query, RelationId, Term,
};
use crate::proof::coverage::Exercised;
use crate::report::Coverage;
use crate::value::{Date, Value};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

impl Session {
    /// What these cases show of the policy, and what they do not; see [`Session::exercised`].
    pub fn coverage(
        &self,
        cases: &[usize],
        jobs: Option<NonZeroUsize>,
        done: &(dyn Fn() + Sync),
    ) -> Coverage {
        let exercised = self.exercised(cases, jobs, done);
        let (calendars, _) = crate::ir::calendars(&self.policy, &Circumstances::default());
        Coverage::new(self.context(), &calendars.base, &exercised, cases.len())
    }

    /// What these cases make use of, taken together; on so many threads (`None`: one a core). `done` is told of each case when it
    /// is through. Cases that cannot be run add nothing.
    pub fn exercised(
        &self,
        cases: &[usize],
        jobs: Option<NonZeroUsize>,
        done: &(dyn Fn() + Sync),
    ) -> Exercised {
        let each = in_parallel(cases, jobs, |case| {
            let exercised = self.exercised_by(*case);
            done();
            exercised
        });
        let mut all = Exercised::default();
        for exercised in each {
            all.merge(exercised);
        }
        all
    }

    fn exercised_by(&self, at: usize) -> Exercised {
        let case = &self.policy.cases[at];
        let (facts, circumstances) = (self.case_facts(at), self.case_circumstances(at));
        let mut days = self.event_days(&facts, &circumstances);
        days.extend(
            case.expects
                .iter()
                .filter_map(|expect| match &expect.claim {
                    ExpectClaim::Query(query) => query.on,
                    ExpectClaim::Never(_) => None,
                }),
        );
        let mut seen = Exercised::default();
        let mut add = |facts: &Facts| {
            if let Ok(evaluated) = self.run(facts, &circumstances) {
                seen.merge(evaluated.with_world(&self.policy, |world| world.exercised(&days)));
            }
        };
        add(&facts);
        let settled = case.expects.iter().filter(|it| !it.conditions.is_empty());
        for expect in settled {
            add(&self.settled_facts(at, expect));
        }
        for expect in &case.expects {
            self.asked(expect, &facts, &mut seen);
        }
        seen
    }

    /// The days by which events are judged.
    fn event_days(&self, facts: &Facts, circumstances: &Circumstances) -> BTreeSet<Date> {
        let days = facts.iter().filter_map(|fact| {
            let on = self.policy.relation(fact.relation).on?;
            match fact.args.get(on) {
                Some(Value::Date(day)) => Some(circumstances.as_of.unwrap_or(*day)),
                _ => None,
            }
        });
        days.collect()
    }

    /// An expectation asks for a day whether something holds: so that day is looked at, of every clause on which the answer rests
    /// through its own notice, or of the clauses that the line names.
    fn asked(&self, expect: &Expect, facts: &Facts, seen: &mut Exercised) {
        let ExpectClaim::Query(query) = &expect.claim else {
            return;
        };
        let clauses = match &expect.by {
            Some(by) => by
                .iter()
                .flat_map(|clause| self.clauses_behind(query.atom.relation, Some(*clause)))
                .collect(),
            None => self.clauses_behind(query.atom.relation, None),
        };
        for day in self.days_asked(query, facts) {
            for clause in &clauses {
                seen.days.entry(*clause).or_default().insert(day);
            }
        }
    }

    /// The day that a query names, or those of the events that it names.
    fn days_asked(&self, query: &Query, facts: &Facts) -> Vec<Date> {
        if let Some(day) = query.on {
            return vec![day];
        }
        let named: Vec<&Value> = query
            .atom
            .args
            .iter()
            .filter_map(|term| match term {
                Term::Value(value) => Some(value),
                _ => None,
            })
            .collect();
        let days = facts.iter().filter_map(|fact| {
            let on = self.policy.relation(fact.relation).on?;
            match (fact.args.first(), fact.args.get(on)) {
                (Some(id), Some(Value::Date(day))) if named.contains(&id) => Some(*day),
                _ => None,
            }
        });
        days.collect()
    }

    /// The clauses with rules for a relation (only this one, if given), and the clauses of the same notices with rules and lists on
    /// which those rest.
    fn clauses_behind(&self, relation: RelationId, only: Option<ClauseId>) -> BTreeSet<ClauseId> {
        let policy = &self.policy;
        let mut clauses = BTreeSet::new();
        let mut asked: BTreeSet<(RelationId, Option<NoticeId>)> = BTreeSet::new();
        let mut open = vec![(relation, None)];
        while let Some((relation, notice)) = open.pop() {
            if !asked.insert((relation, notice)) {
                continue;
            }
            let is_meant = |home: ClauseId| match notice {
                Some(notice) => policy.clause(home).notice == notice,
                None => only.is_none_or(|only| only == home),
            };
            for (_, rule) in policy.rules_for(relation) {
                let Some(home) = rule.home.filter(|home| is_meant(*home)) else {
                    continue;
                };
                clauses.insert(home);
                let own = Some(policy.clause(home).notice);
                let mut read = |relation| open.push((relation, own));
                read_by(&rule.body, &mut read);
            }
            let lists = policy.facts.iter().filter(|fact| fact.relation == relation);
            clauses.extend(
                lists
                    .filter_map(|fact| fact.home)
                    .filter(|it| is_meant(*it)),
            );
        }
        clauses
    }
}

/// The relations that a body reads.
fn read_by(body: &[Literal], read: &mut dyn FnMut(RelationId)) {
    for literal in body {
        match literal {
            Literal::Holds(premise) | Literal::Absent(premise) => read(premise.atom.relation),
            Literal::Exempted(exempted) => read(exempted.atom.relation),
            Literal::Aggregate(aggregate) => read_by(&aggregate.body, read),
            Literal::Or(sides, _) => sides.iter().for_each(|side| read_by(side, read)),
            Literal::Compare(_) | Literal::Bind(_) | Literal::Test(_) => {}
        }
    }
}
