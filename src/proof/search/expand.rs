//! The ways in which something can follow: one edge each.

use super::{Blocking, Fold, Inference, Key, NodeId, Piece, Search, Source};
use crate::ir::{Aggregate, ClauseId, ExemptionId, Kind, RelationKind};
use crate::proof::Claim;
use crate::proof::exempt::Derivation;
use crate::proof::index::Owner;
use crate::proof::solve::{Folded, Solution, Use, Used};

impl<'a> Search<'_, 'a> {
    /// Collects the edges of a node.
    pub(super) fn expand(&mut self, id: NodeId) {
        match self.key(id).clone() {
            Key::Claim(claim) => self.expand_claim(id, &claim),
            Key::GivenBy(claim, by) => self.expand_given_by(id, &claim, &by),
            Key::Exempted(by, claim) => self.expand_exempted(id, &by, &claim),
            Key::Aggregate(_) | Key::Contribution(_) => {}
        }
    }

    pub(super) fn expand_claim(&mut self, id: NodeId, claim: &Claim) {
        match self.world.policy.relation(claim.relation).kind {
            Kind::Names(_)
            | Kind::Declared(RelationKind::Event | RelationKind::Input | RelationKind::Judgement) => {
                self.add_edge(id, Source::Given)
            }
            Kind::Declared(RelationKind::Relation | RelationKind::Verdict)
            | Kind::Constraint(_) => {
                for home in self.world.stated(claim) {
                    self.add_edge(id, Source::Stated(home));
                }
                for rule in self.world.index().rules(claim.relation) {
                    for solution in self.world.rule_instances(*rule, claim) {
                        let inference = self.inference(Owner::Rule(*rule), solution);
                        self.add_edge(id, Source::Rule(*rule, inference));
                    }
                }
            }
        }
    }

    pub(super) fn expand_given_by(&mut self, id: NodeId, claim: &Claim, by: &[ClauseId]) {
        let world = self.world;
        for home in world.stated(claim) {
            if world.counts_as(home, by, claim.day).is_some() {
                self.add_edge(id, Source::Stated(home));
            }
        }
        for rule in world.index().rules(claim.relation) {
            let home = world.policy.rule(*rule).home;
            if !world.may_count_as(home, by) {
                continue;
            }
            for solution in world.rule_instances(*rule, claim) {
                if world.counts_as(home, by, solution.day).is_some() {
                    let inference = self.inference(Owner::Rule(*rule), solution);
                    self.add_edge(id, Source::Rule(*rule, inference));
                }
            }
        }
    }

    pub(super) fn expand_exempted(&mut self, id: NodeId, by: &[ExemptionId], claim: &Claim) {
        for (exemption, derivation) in self.world.exempted_derivations(by, claim) {
            let target = self.world.target_of(&derivation, claim);
            for body in self.world.exemption_solutions(exemption, &target) {
                let derivation = match derivation.clone() {
                    Derivation::Rule(rule, solution) => {
                        Source::Rule(rule, self.inference(Owner::Rule(rule), solution))
                    }
                    Derivation::Stated(home) => Source::Stated(Some(home)),
                };
                let blocking = Blocking {
                    exemption,
                    target: target.clone(),
                    body: self.inference(Owner::Exemption(exemption), body),
                    derivation,
                };
                self.add_edge(id, Source::Exempted(Box::new(blocking)));
            }
        }
    }

    /// A solution with its facts as nodes.
    pub fn inference(&mut self, owner: Owner, solution: Solution<'a>) -> Inference<'a> {
        let Solution {
            bindings,
            day,
            uses,
        } = solution;
        let whole = Solution::seed(bindings, day);
        let uses = uses.into_iter();
        let pieces = uses.map(|used| self.piece(owner, used, &whole));
        Inference {
            owner,
            pieces: pieces.collect(),
            bindings: whole.bindings,
            day,
        }
    }

    pub(super) fn piece(&mut self, owner: Owner, used: Use<'a>, whole: &Solution<'a>) -> Piece<'a> {
        match used.what {
            Used::Claim(claim) => Piece::Node(self.node(Key::Claim(claim))),
            Used::GivenBy(claim, by) => Piece::Node(self.node(Key::GivenBy(claim, by.into()))),
            Used::Exempted(exempted, claim) => {
                let by = exempted.by.as_slice().into();
                Piece::Node(self.node(Key::Exempted(by, claim)))
            }
            Used::Aggregate(literal, folded) => {
                Piece::Node(self.fold(owner, literal, &folded, whole))
            }
            Used::Absent(premise) => Piece::Absent(premise),
            Used::Compare(compare) => Piece::Compare(compare),
            Used::Test(test) => Piece::Test(test),
            Used::Bind(bind) => Piece::Bind(bind),
            Used::NotExempted(exempted) => Piece::NotExempted(exempted),
        }
    }

    pub(in crate::proof) fn fold(
        &mut self,
        owner: Owner,
        literal: &'a Aggregate,
        folded: &Folded<'a>,
        outer: &Solution<'a>,
    ) -> NodeId {
        let mut contributions = Vec::with_capacity(folded.contributions.len());
        for one in &folded.contributions {
            let node = self.add_node(Key::Contribution(self.nodes.len() as u32));
            for way in &one.ways {
                let inference = self.inference(owner, way.clone());
                self.add_edge(node, Source::Contribution(inference));
            }
            contributions.push((one.term.clone(), node));
        }
        let node = self.add_node(Key::Aggregate(self.nodes.len() as u32));
        let fold = Fold {
            literal,
            owner,
            result: folded.result.clone(),
            inside: self.world.inside(literal, outer),
            contributions,
        };
        self.add_edge(node, Source::Aggregate(fold));
        node
    }
}
