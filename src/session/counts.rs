//! How many verdicts there are, where they are only counted: those that are open are settled lot by lot, and none is kept.

use super::Session;
use super::open::Found;
use super::parallel::in_parallel;
use super::run::Evaluated;
use super::verdicts::Marked;
use crate::engine::settle::{Lot, lots, settle_lot};
use crate::ir::{Kind, RelationId, RelationKind};
use crate::report::{Counts, Verdict};

/// How many rows are settled at a time: enough to share what they hang on, few enough to forget them soon.
const LOT: usize = 4_000;

/// How many verdicts are told at a time.
const MOST_TOLD: usize = 100_000;

impl Session {
    /// How many verdicts hold or are open, by relation and clause.
    pub fn counts(&self, evaluated: &Evaluated) -> Counts {
        let mut counts = Counts::default();
        for relation in self.verdict_relations() {
            let mut follow = self.follows_where(evaluated, relation, None, None);
            while !follow.is_empty() {
                let rest = follow.split_off(follow.len().min(MOST_TOLD));
                let told = self.told_unmarked(evaluated, follow);
                counts.add(self.context(), &told);
                follow = rest;
            }
        }
        let (program, model) = (evaluated.program(), &evaluated.model);
        let lots = lots(program, model, &self.rels_of_verdicts(evaluated), LOT);
        let counted = in_parallel(&lots, None, |lot| {
            let mut counts = Counts::default();
            counts.add(self.context(), &self.told_of_lot(evaluated, lot));
            counts
        });
        counted.iter().for_each(|other| counts.add_all(other));
        counts
    }

    fn told_of_lot(&self, evaluated: &Evaluated, lot: &Lot) -> Vec<Verdict> {
        let (program, model) = (evaluated.program(), &evaluated.model);
        let (limits, most_points) = (self.limits, self.most_points);
        let settled = settle_lot(program, &self.policy, model, limits, most_points, lot);
        let is_there = |relation: &RelationId| {
            let declared = program.declared.get(relation);
            declared.is_some_and(|declared| lot.has(declared.rel))
        };
        let relations = self.verdict_relations().filter(is_there);
        let found = relations.flat_map(|it| self.between(evaluated, &settled, it, None, None));
        let found: Vec<Found> = found.collect();
        evaluated.with_world(&self.policy, |world| {
            self.told_in(evaluated, world, found, None, Marked::No)
        })
    }

    fn verdict_relations(&self) -> impl Iterator<Item = RelationId> + '_ {
        let relations = self.policy.relations.iter().enumerate();
        let verdicts = relations
            .filter(|(_, relation)| relation.kind == Kind::Declared(RelationKind::Verdict));
        verdicts.map(|(at, _)| RelationId(at as u32))
    }
}
