//! The default proof: of everything that a fact can rest on, the least.
//!
//! What has to be proved is a *node*: a fact, mostly. Each way to prove it is an *edge* to the nodes that it rests on.
//! First all nodes below the goal are collected, then heights are found from the ground up (Knuth's generalization of
//! Dijkstra's algorithm), and then, height by height, the edge of least size that comes first in canonical order.

mod expand;
mod order;
mod others;

pub use others::Proofs;

use super::World;
use super::exempt::Target;
use super::index::Owner;
use super::proof::Claim;
use super::solve::Solution;
use crate::ir::{
    Aggregate, Bind, Blocked, ClauseId, Compare, Exempted, ExemptionId, Premise, RuleId, Test,
};
use crate::value::{Date, Value};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, VecDeque};
use std::rc::Rc;

/// How many edges are collected before a proof of the goal is looked for among them.
const EDGES: usize = 2_000_000;

/// How many edges a search keeps for the next question; beyond, that starts afresh.
const KEPT: usize = 200_000;

/// A node of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(pub u32);

/// What has to be proved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    /// A fact.
    Claim(Claim),
    /// A fact, by one of these clauses.
    GivenBy(Claim, Rc<[ClauseId]>),
    /// That one of these exemptions blocks a derivation of it.
    Exempted(Rc<[ExemptionId]>, Claim),
    /// The result of an aggregate in one solution of a rule.
    Aggregate(u32),
    /// One contribution to it.
    Contribution(u32),
}

/// What a node is known of.
struct Node<'a> {
    key: Key,
    edges: Vec<Edge<'a>>,
    /// The edges that rest on it.
    users: Vec<(NodeId, u32)>,
    height: Option<u32>,
    best: usize,
    size: u64,
}

/// One way to prove a node.
pub(super) struct Edge<'a> {
    pub source: Source<'a>,
    /// How many different nodes it rests on whose heights are not known yet.
    open: u32,
}

/// What a proof step is made of.
pub(super) enum Source<'a> {
    /// Given from outside, or known by itself: an input, a judgement, a name.
    Given,
    /// It stands in the policy.
    Stated(Option<ClauseId>),
    /// It follows by a rule.
    Rule(RuleId, Inference<'a>),
    /// An exemption blocks a derivation.
    Exempted(Box<Blocking<'a>>),
    /// An aggregate and its contributions.
    Aggregate(Fold<'a>),
    /// A contribution: the braces.
    Contribution(Inference<'a>),
}

/// An exemption that blocks a derivation, and why.
pub(super) struct Blocking<'a> {
    pub exemption: ExemptionId,
    pub target: Target,
    pub body: Inference<'a>,
    pub derivation: Source<'a>,
}

/// A solution whose facts are nodes.
pub(super) struct Inference<'a> {
    pub owner: Owner,
    pub bindings: Vec<Option<Value>>,
    pub day: Option<Date>,
    pub pieces: Vec<Piece<'a>>,
}

/// What one literal rests on.
pub(super) enum Piece<'a> {
    Node(NodeId),
    Absent(&'a Premise),
    Compare(&'a Compare),
    Test(&'a Test),
    Bind(&'a Bind),
    NotExempted(&'a Exempted),
}

/// An aggregate's result.
pub(super) struct Fold<'a> {
    pub literal: &'a Aggregate,
    pub result: Value,
    /// The rule around it, which names its variables.
    pub owner: Owner,
    /// What is known in the braces beforehand: the group.
    pub inside: Solution<'a>,
    pub contributions: Vec<(Option<Value>, NodeId)>,
}

/// See the module.
pub(super) struct Search<'w, 'a> {
    pub world: &'w World<'a>,
    nodes: Vec<Node<'a>>,
    ids: HashMap<Key, NodeId>,
    /// Nodes whose edges have not been collected.
    pending: VecDeque<NodeId>,
    /// Nodes to which an edge of that height leads, all of whose nodes are known.
    reached: BinaryHeap<Reverse<(u32, bool, NodeId)>>,
    edges: usize,
    /// Among which proofs the least is looked for; all, but where several are asked for.
    class: others::Class,
}

impl<'w, 'a> Search<'w, 'a> {
    pub fn new(world: &'w World<'a>) -> Search<'w, 'a> {
        Search {
            world,
            nodes: Vec::new(),
            ids: HashMap::new(),
            pending: VecDeque::new(),
            reached: BinaryHeap::new(),
            edges: 0,
            class: others::Class::default(),
        }
    }

    /// Whether it holds more than is worth keeping for another question.
    pub fn is_large(&self) -> bool {
        self.edges > KEPT
    }

    /// The node for something that is to be proved.
    pub fn node(&mut self, key: Key) -> NodeId {
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        let id = self.add_node(key.clone());
        self.ids.insert(key, id);
        self.pending.push_back(id);
        id
    }

    fn add_node(&mut self, key: Key) -> NodeId {
        self.nodes.push(Node {
            key,
            edges: Vec::new(),
            users: Vec::new(),
            height: None,
            best: 0,
            size: 0,
        });
        NodeId(self.nodes.len() as u32 - 1)
    }

    pub fn key(&self, id: NodeId) -> &Key {
        &self.nodes[id.0 as usize].key
    }

    /// The default proof's last step.
    pub fn best(&self, id: NodeId) -> &Source<'a> {
        let node = &self.nodes[id.0 as usize];
        &node.edges[node.best].source
    }

    /// Finds the default proof of a node and of all that it rests on; false if there is none.
    pub fn settle(&mut self, goal: NodeId) -> bool {
        let mut limit = self.edges.saturating_add(EDGES);
        loop {
            while self.edges < limit
                && let Some(next) = self.pending.pop_front()
            {
                self.expand(next);
            }
            self.resolve();
            if self.is_settled(goal) || self.pending.is_empty() {
                return self.is_settled(goal);
            }
            limit = self.edges.saturating_add(EDGES);
        }
    }

    /// Whether it has a proof, as far as was looked.
    pub fn is_settled(&self, id: NodeId) -> bool {
        self.nodes[id.0 as usize].height.is_some()
    }

    /// The clauses by which a node's default proof follows, each with its day.
    pub fn laws_of(&self, id: NodeId) -> Vec<(ClauseId, Date)> {
        let source = self.best(id);
        match (self.key(id), source) {
            (Key::Claim(claim) | Key::GivenBy(claim, _), Source::Stated(home)) => {
                home.zip(claim.day).into_iter().collect()
            }
            _ => self.laws(source),
        }
    }

    /// Whether a step says too why something is not there.
    pub fn looks_for_absence(&self, source: &Source<'a>) -> bool {
        let is_absence =
            |piece: &Piece<'_>| matches!(piece, Piece::Absent(_) | Piece::NotExempted(_));
        let in_body = |inference: &Inference<'_>| inference.pieces.iter().any(is_absence);
        match source {
            Source::Given => false,
            Source::Stated(home) => home.is_some(),
            Source::Rule(rule, inference) => {
                let blockers = self.world.blockers(Blocked::Rule(*rule), inference.day);
                in_body(inference) || !blockers.is_empty()
            }
            Source::Exempted(_) | Source::Aggregate(_) => true,
            Source::Contribution(inference) => in_body(inference),
        }
    }

    /// The clauses by which a step follows, each with its day.
    fn laws(&self, source: &Source<'a>) -> Vec<(ClauseId, Date)> {
        match source {
            Source::Rule(rule, inference) => {
                let home = self.world.policy.rule(*rule).home;
                home.zip(inference.day).into_iter().collect()
            }
            Source::Exempted(blocking) => {
                let home = self.world.policy.exemption(blocking.exemption).home;
                let own = blocking.target.day.map(|day| (home, day));
                let mut laws = self.laws(&blocking.derivation);
                laws.extend(own);
                laws
            }
            Source::Given | Source::Stated(_) | Source::Aggregate(_) | Source::Contribution(_) => {
                Vec::new()
            }
        }
    }

    fn add_edge(&mut self, to: NodeId, source: Source<'a>) {
        let edges = &mut self.nodes[to.0 as usize].edges;
        edges.push(Edge { source, open: 0 });
        let at = edges.len() - 1;
        self.edges += 1;
        self.connect(to, at);
    }

    /// Has an edge wait for what it rests on.
    fn connect(&mut self, to: NodeId, at: usize) {
        let source = &self.nodes[to.0 as usize].edges[at].source;
        let parts: BTreeSet<NodeId> = source.nodes().into_iter().collect();
        let mut open = 0;
        for part in parts {
            let part = &mut self.nodes[part.0 as usize];
            if part.height.is_none() {
                part.users.push((to, at as u32));
                open += 1;
            }
        }
        self.nodes[to.0 as usize].edges[at].open = open;
        if open == 0 {
            self.reach(to, at);
        }
    }

    fn reach(&mut self, to: NodeId, edge: usize) {
        let is_contribution = matches!(self.key(to), Key::Contribution(_));
        if let Some(height) = self.height_by(&self.nodes[to.0 as usize].edges[edge]) {
            self.reached.push(Reverse((height, is_contribution, to)));
        }
    }

    /// Height by one edge; `None` while something that it rests on has none.
    fn height_by(&self, edge: &Edge<'a>) -> Option<u32> {
        let mut highest = 0;
        for part in edge.source.nodes() {
            highest = highest.max(self.nodes[part.0 as usize].height?);
        }
        Some(match edge.source {
            Source::Given | Source::Stated(_) => 0,
            Source::Contribution(_) => highest,
            Source::Rule(..) | Source::Exempted(_) | Source::Aggregate(_) => highest + 1,
        })
    }

    /// Finds heights from the ground up, and for each height the best edges.
    fn resolve(&mut self) {
        while let Some(Reverse((height, _, id))) = self.reached.pop() {
            let node = &mut self.nodes[id.0 as usize];
            if node.height.is_some() {
                continue;
            }
            node.height = Some(height);
            let users = std::mem::take(&mut node.users);
            self.choose(id, height);
            for (user, at) in users {
                let edge = &mut self.nodes[user.0 as usize].edges[at as usize];
                edge.open -= 1;
                if edge.open == 0 {
                    self.reach(user, at as usize);
                }
            }
        }
    }
}

impl<'a> Source<'a> {
    /// The nodes that it rests on, in order.
    pub fn nodes(&self) -> Vec<NodeId> {
        match self {
            Source::Given | Source::Stated(_) => Vec::new(),
            Source::Rule(_, inference) | Source::Contribution(inference) => inference.nodes(),
            Source::Exempted(blocking) => {
                let mut nodes = blocking.derivation.nodes();
                nodes.extend(blocking.body.nodes());
                nodes
            }
            Source::Aggregate(fold) => fold.contributions.iter().map(|(_, node)| *node).collect(),
        }
    }

    fn bindings(&self) -> Option<&[Option<Value>]> {
        match self {
            Source::Rule(_, inference) | Source::Contribution(inference) => {
                Some(&inference.bindings)
            }
            Source::Exempted(blocking) => Some(&blocking.body.bindings),
            Source::Given | Source::Stated(_) | Source::Aggregate(_) => None,
        }
    }
}

impl Inference<'_> {
    fn nodes(&self) -> Vec<NodeId> {
        let node = |piece: &Piece<'_>| match piece {
            Piece::Node(node) => Some(*node),
            _ => None,
        };
        self.pieces.iter().filter_map(node).collect()
    }

    /// How many of the pieces are steps without a node of their own.
    fn checks(&self) -> usize {
        let is_check = |piece: &&Piece<'_>| !matches!(piece, Piece::Node(_));
        self.pieces.iter().filter(is_check).count()
    }
}
