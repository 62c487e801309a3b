//! What is to be heeded of a conclusion: how the clauses on which it rests are marked.

use super::proof::{Claim, Mark, Proof, Step};
use super::search::{Key, NodeId, Search};
use super::write::Writer;
use super::{Prover, World};
use crate::ir::Policy;
use crate::value::{Date, Value};
use std::collections::BTreeSet;

/// The marks of the clauses on which something rests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// One of them was reviewed up to a day that is past.
    pub beyond_review: bool,
    /// What is said of those that are unverified.
    pub unverified: BTreeSet<String>,
}

impl Marks {
    /// Those that a proof names.
    pub fn of(proof: &Proof) -> Marks {
        let mut marks = Marks::default();
        for step in &proof.steps {
            if let Step::Review(review) = step {
                marks.add(&review.mark);
            }
        }
        marks
    }

    /// One more.
    pub fn add(&mut self, mark: &Mark) {
        match mark {
            Mark::BeyondReview { .. } => self.beyond_review = true,
            Mark::Unverified(reason) => {
                self.unverified.insert(reason.clone());
            }
        }
    }

    /// Those of something else on which it rests too.
    pub fn extend(&mut self, other: Marks) {
        self.beyond_review |= other.beyond_review;
        self.unverified.extend(other.unverified);
    }

    /// Each in a few words.
    pub fn words(&self) -> Vec<String> {
        let beyond = self.beyond_review.then(|| "beyond review".to_owned());
        let unverified = self.unverified.iter();
        let unverified = unverified.map(|reason| format!("unverified: {reason}"));
        beyond.into_iter().chain(unverified).collect()
    }
}

/// Whether a clause is marked for what happens on a day, or up to it.
fn has_marks(policy: &Policy, up_to: Option<Date>) -> bool {
    let mut clauses = policy.clauses.iter();
    clauses.any(|clause| {
        let is_late = |reviewed: Date| up_to.is_none_or(|day| day > reviewed);
        clause.unverified.is_some() || clause.reviewed.is_some_and(is_late)
    })
}

impl Prover<'_, '_> {
    /// The marks of the clauses on which the default proof of a fact rests.
    pub fn marks(&mut self, claim: &Claim) -> Marks {
        if !has_marks(self.search.world.policy, None) {
            return Marks::default();
        }
        let Some(node) = self.settled(claim) else {
            return Marks::default();
        };
        let rest = self.search.rest(node);
        match rest.is_more_in_steps && has_marks(self.search.world.policy, rest.latest) {
            true => {
                let world = self.search.world;
                let proof = world.once(|| Writer::new(&mut self.search).proof(node));
                Marks::of(&proof)
            }
            false => rest.marks,
        }
    }
}

impl World<'_> {
    /// The marks of the clauses by which something may hold that is open, or that holds in every case by one rule or another.
    pub fn marks_of_possible(&self, claim: &Claim) -> Marks {
        if !has_marks(self.policy, None) {
            return Marks::default();
        }
        self.on_other_side(|| {
            let mut marks = Marks::default();
            for claim in self.may_turn_out(claim) {
                let mut search = Search::new(self);
                let node = search.node(Key::Claim(claim));
                if search.settle(node) {
                    marks.extend(search.rest(node).marks);
                }
            }
            marks
        })
    }

    /// The facts that an open one may turn out to be, as far as their values are known.
    fn may_turn_out(&self, claim: &Claim) -> Vec<Claim> {
        if !claim.args.iter().any(Value::is_open) {
            return vec![claim.clone()];
        }
        let known = claim.args.iter();
        let known: Vec<Option<Value>> = known
            .map(|value| (!value.is_open()).then(|| value.clone()))
            .collect();
        let rows = self.rows_now().matching(claim.relation, &known, claim.day);
        let rows = rows.into_iter().map(|args| Claim {
            args,
            ..claim.clone()
        });
        rows.collect()
    }
}

/// On what a default proof rests, as far as its search tells.
pub(super) struct Rest {
    /// The marks of its clauses.
    marks: Marks,
    /// The latest day by which it is judged.
    latest: Option<Date>,
    /// Whether what is absent, and why, is still to be looked up.
    is_more_in_steps: bool,
}

impl Search<'_, '_> {
    fn rest(&self, goal: NodeId) -> Rest {
        let mut rest = Rest {
            marks: Marks::default(),
            latest: None,
            is_more_in_steps: false,
        };
        let mut seen = BTreeSet::from([goal]);
        let mut open = vec![goal];
        while let Some(id) = open.pop() {
            for (clause, day) in self.laws_of(id) {
                rest.latest = rest.latest.max(Some(day));
                for step in self.world.marks(clause, day) {
                    rest.marks.add(&step.mark);
                }
            }
            let source = self.best(id);
            rest.is_more_in_steps |= self.looks_for_absence(source);
            open.extend(source.nodes().into_iter().filter(|next| seen.insert(*next)));
        }
        rest
    }
}
