//! All proofs of a fact, one after the other: the least, then the least of what is left, and so on (Lawler 1972).
//!
//! A proof picks one edge for each node that it uses, so no fact stands below itself. What is left, once a proof is
//! found, is split by the first node at which another proof differs: those classes have no proof in common, and each is
//! searched for its least like the whole.

use super::{NodeId, Search};
use crate::proof::proof::{Claim, Proof};
use crate::proof::search::Key;
use crate::proof::write::Writer;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

/// How many edges are looked at for one question; beyond, further proofs come as they are found.
const WORK: usize = 4_000_000;

/// Proofs in order, and whether there are more.
#[derive(Clone, Debug, Default)]
pub struct Proofs {
    /// The least first.
    pub list: Vec<Proof>,
    /// Whether there are others behind them (or may be, where the search stopped at its limit).
    pub has_more: bool,
}

/// Which edges a class of proofs has.
#[derive(Clone, Debug, Default)]
pub(super) struct Class {
    /// Nodes whose edge is settled.
    fixed: BTreeMap<NodeId, usize>,
    /// Edges that none of its proofs has.
    without: BTreeSet<(NodeId, usize)>,
    /// The node at which it was split off.
    split: Option<NodeId>,
}

impl Class {
    pub(super) fn allows(&self, node: NodeId, edge: usize) -> bool {
        self.fixed.get(&node).is_none_or(|fixed| *fixed == edge)
            && !self.without.contains(&(node, edge))
    }
}

/// A class that has a proof: height and size of its least, when it was made, and by which edges that goes.
type Candidate = Reverse<(u32, u64, usize)>;

impl<'w, 'a> Search<'w, 'a> {
    /// The proofs of a fact, at most `limit`; none if it does not hold.
    pub fn proofs(&mut self, claim: &Claim, limit: usize) -> Proofs {
        let goal = self.node(Key::Claim(claim.clone()));
        let mut proofs = Proofs::default();
        if !self.settle(goal) {
            return proofs;
        }
        let below = self.below(goal);
        let cost: usize = below.iter().map(|id| self.node_at(*id).edges.len()).sum();
        let mut work = 0;
        let mut classes: Vec<Class> = vec![Class::default()];
        let mut open: BinaryHeap<Candidate> = BinaryHeap::from([self.candidate(goal, 0)]);
        while let Some(Reverse((_, _, at))) = open.pop() {
            if proofs.list.len() == limit {
                proofs.has_more = true;
                break;
            }
            let class = classes[at].clone();
            self.choose_under(&below, &class);
            let used = self.used_by_best(goal);
            proofs.list.push(Writer::new(self).proof(goal));
            for next in classes_without(&class, &used) {
                if self.alternatives(&next) == 0 {
                    continue;
                }
                work += cost;
                if work > WORK {
                    proofs.has_more = true;
                    break;
                }
                self.choose_under(&below, &next);
                if self.is_settled(goal) {
                    open.push(self.candidate(goal, classes.len()));
                    classes.push(next);
                }
            }
        }
        self.choose_under(&below, &Class::default());
        proofs
    }

    fn node_at(&self, id: NodeId) -> &super::Node<'a> {
        &self.nodes[id.0 as usize]
    }

    fn candidate(&self, goal: NodeId, class: usize) -> Candidate {
        let node = self.node_at(goal);
        Reverse((node.height.unwrap_or(u32::MAX), node.size, class))
    }

    /// How many edges a class leaves to the node at which it was split off.
    fn alternatives(&self, class: &Class) -> usize {
        class.split.map_or(0, |split| {
            let edges = 0..self.node_at(split).edges.len();
            edges.filter(|edge| class.allows(split, *edge)).count()
        })
    }

    /// A node and all that can stand below it.
    fn below(&self, goal: NodeId) -> Vec<NodeId> {
        let mut seen = BTreeSet::from([goal]);
        let mut order = vec![goal];
        let mut at = 0;
        while let Some(id) = order.get(at) {
            let parts = self.node_at(*id).edges.iter();
            let parts: Vec<NodeId> = parts.flat_map(|edge| edge.source.nodes()).collect();
            order.extend(parts.into_iter().filter(|part| seen.insert(*part)));
            at += 1;
        }
        order
    }

    /// The nodes of the chosen proof with their edges, each behind one that rests on it.
    fn used_by_best(&self, goal: NodeId) -> Vec<(NodeId, usize)> {
        let mut seen = BTreeSet::from([goal]);
        let mut open = VecDeque::from([goal]);
        let mut used = Vec::new();
        while let Some(id) = open.pop_front() {
            used.push((id, self.node_at(id).best));
            let parts = self.best(id).nodes().into_iter();
            open.extend(parts.filter(|part| seen.insert(*part)));
        }
        used
    }

    /// Chooses the best edges again, among those of a class.
    fn choose_under(&mut self, below: &[NodeId], class: &Class) {
        for id in below {
            let node = &mut self.nodes[id.0 as usize];
            node.height = None;
            node.users.clear();
        }
        self.class = class.clone();
        for id in below {
            for at in 0..self.node_at(*id).edges.len() {
                if class.allows(*id, at) {
                    self.connect(*id, at);
                }
            }
        }
        self.resolve();
        self.class = Class::default();
    }
}

/// What is left of a class without one of its proofs.
fn classes_without(class: &Class, used: &[(NodeId, usize)]) -> Vec<Class> {
    let mut fixed = class.fixed.clone();
    let mut classes = Vec::new();
    for (node, edge) in used {
        if !class.fixed.contains_key(node) {
            let mut without = class.without.clone();
            without.insert((*node, *edge));
            classes.push(Class {
                fixed: fixed.clone(),
                without,
                split: Some(*node),
            });
        }
        fixed.insert(*node, *edge);
    }
    classes
}
