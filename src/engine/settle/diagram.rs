//! Boolean functions of the open points: reduced ordered decision diagrams (Bryant 1986) with complement edges, so that equal
//! functions are equal edges.

use hashbrown::{HashMap, HashSet};
use std::collections::BTreeSet;

/// A boolean function. The lowest bit says that it is the complement of its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Edge(u32);

pub(super) const TRUE: Edge = Edge(0);
pub(super) const FALSE: Edge = Edge(1);

/// How many variables may stand below one another where two functions are combined.
const MOST_DEPTH: usize = 400;
/// How many steps one combination may take.
const MOST_STEPS: u64 = 200_000;
/// How many nodes there may be.
const MOST_NODES: usize = 6_000_000;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Node {
    variable: u32,
    low: Edge,
    /// Never a complement: that makes the diagram of a function one and the same.
    high: Edge,
}

/// All functions made so far. Everything is bounded: where a bound is met, there is no answer.
pub(super) struct Diagram {
    nodes: Vec<Node>,
    known: HashMap<Node, u32>,
    conjunctions: HashMap<(Edge, Edge), Edge>,
    /// Steps left for all that is still to do.
    pub(super) steps: u64,
}

impl std::ops::Not for Edge {
    type Output = Edge;
    fn not(self) -> Edge {
        Edge(self.0 ^ 1)
    }
}

impl Edge {
    fn node(self) -> usize {
        (self.0 >> 1) as usize
    }

    fn under(self, other: Edge) -> Edge {
        Edge(self.0 ^ (other.0 & 1))
    }

    pub(super) fn is_constant(self) -> bool {
        self.node() == 0
    }
}

impl Diagram {
    pub(super) fn new(steps: u64) -> Diagram {
        let end = Node {
            variable: u32::MAX,
            low: TRUE,
            high: TRUE,
        };
        Diagram {
            nodes: vec![end],
            known: HashMap::new(),
            conjunctions: HashMap::new(),
            steps,
        }
    }

    /// Counts work that is not done here; false if too much was done already.
    pub(super) fn spend(&mut self, steps: u64) -> bool {
        self.steps = self.steps.saturating_sub(steps);
        self.steps > 0
    }

    pub(super) fn variable(&mut self, variable: u32) -> Edge {
        self.node(variable, FALSE, TRUE)
    }

    /// The variable decided first, and the function if it is false and if it is true.
    pub(super) fn parts(&self, edge: Edge) -> (u32, Edge, Edge) {
        let node = self.nodes[edge.node()];
        (node.variable, node.low.under(edge), node.high.under(edge))
    }

    fn node(&mut self, variable: u32, low: Edge, high: Edge) -> Edge {
        if low == high {
            return low;
        }
        let turned = Edge(high.0 & 1);
        let node = Node {
            variable,
            low: low.under(turned),
            high: high.under(turned),
        };
        let next = self.nodes.len() as u32;
        let at = *self.known.entry(node).or_insert(next);
        if at == next {
            self.nodes.push(node);
        }
        Edge(at << 1).under(turned)
    }

    /// `None`: it would take too much.
    pub(super) fn and(&mut self, a: Edge, b: Edge) -> Option<Edge> {
        if self.nodes.len() > MOST_NODES || self.steps == 0 {
            return self.simple(a, b);
        }
        let mut left = MOST_STEPS.min(self.steps);
        let before = left;
        let result = self.and_below(a, b, MOST_DEPTH, &mut left);
        self.steps -= before - left;
        result
    }

    pub(super) fn or(&mut self, a: Edge, b: Edge) -> Option<Edge> {
        self.and(!a, !b).map(|none| !none)
    }

    fn simple(&self, a: Edge, b: Edge) -> Option<Edge> {
        match (a, b) {
            (FALSE, _) | (_, FALSE) => Some(FALSE),
            (TRUE, other) | (other, TRUE) => Some(other),
            _ if a == b => Some(a),
            _ if a == !b => Some(FALSE),
            _ => None,
        }
    }

    fn and_below(&mut self, a: Edge, b: Edge, depth: usize, left: &mut u64) -> Option<Edge> {
        if let Some(edge) = self.simple(a, b) {
            return Some(edge);
        }
        let key = (a.min(b), a.max(b));
        if let Some(edge) = self.conjunctions.get(&key) {
            return Some(*edge);
        }
        *left = left.checked_sub(1)?;
        let depth = depth.checked_sub(1)?;
        let variable = self.parts(a).0.min(self.parts(b).0);
        let (a_low, a_high) = self.split(a, variable);
        let (b_low, b_high) = self.split(b, variable);
        let low = self.and_below(a_low, b_low, depth, left)?;
        let high = self.and_below(a_high, b_high, depth, left)?;
        let edge = self.node(variable, low, high);
        self.conjunctions.insert(key, edge);
        Some(edge)
    }

    fn split(&self, edge: Edge, variable: u32) -> (Edge, Edge) {
        match self.parts(edge) {
            (first, low, high) if first == variable => (low, high),
            _ => (edge, edge),
        }
    }

    /// The function where some variables are decided.
    pub(super) fn decided(
        &mut self,
        edge: Edge,
        decided: &dyn Fn(u32) -> Option<bool>,
    ) -> Option<Edge> {
        self.decided_below(edge, decided, &mut HashMap::new(), MOST_DEPTH)
    }

    fn decided_below(
        &mut self,
        edge: Edge,
        decided: &dyn Fn(u32) -> Option<bool>,
        done: &mut HashMap<Edge, Edge>,
        depth: usize,
    ) -> Option<Edge> {
        if edge.is_constant() {
            return Some(edge);
        }
        if let Some(edge) = done.get(&edge) {
            return Some(*edge);
        }
        let depth = depth.checked_sub(1)?;
        self.spend(1);
        let (variable, low, high) = self.parts(edge);
        let result = match decided(variable) {
            Some(true) => self.decided_below(high, decided, done, depth)?,
            Some(false) => self.decided_below(low, decided, done, depth)?,
            None => {
                let low = self.decided_below(low, decided, done, depth)?;
                let high = self.decided_below(high, decided, done, depth)?;
                self.node(variable, low, high)
            }
        };
        done.insert(edge, result);
        Some(result)
    }

    /// Whether the function is true for some value of the variable.
    pub(super) fn exists(&mut self, edge: Edge, variable: u32) -> Option<Edge> {
        let at = |truth: bool| move |other: u32| (other == variable).then_some(truth);
        let low = self.decided(edge, &at(false))?;
        let high = self.decided(edge, &at(true))?;
        self.or(low, high)
    }

    /// The variables that the functions depend on, and whether these are all: it looks at no more nodes
    /// than that, and stops early where nearly every node is a variable of its own.
    pub(super) fn support(&self, edges: &[Edge], most: usize) -> (BTreeSet<u32>, bool) {
        let mut found = BTreeSet::new();
        let mut seen = HashSet::new();
        let mut left: Vec<Edge> = edges.iter().rev().copied().collect();
        while let Some(edge) = left.pop() {
            if edge.is_constant() || !seen.insert(edge.node()) {
                continue;
            }
            if seen.len() > most || found.len() > most / 32 {
                return (found, false);
            }
            let (variable, low, high) = self.parts(edge);
            found.insert(variable);
            left.extend([low, high]);
        }
        (found, true)
    }

    /// The values of the fewest variables that make it true; of several such, the same one always.
    pub(super) fn shortest(&self, edge: Edge) -> Option<Vec<(u32, bool)>> {
        let mut costs: HashMap<Edge, Option<usize>> = [(TRUE, Some(0)), (FALSE, None)].into();
        let mut left = vec![edge];
        while let Some(at) = left.last().copied() {
            let (_, low, high) = self.parts(at);
            match (costs.contains_key(&at), costs.get(&low), costs.get(&high)) {
                (true, ..) => {
                    left.pop();
                }
                (_, Some(low), Some(high)) => {
                    let cost = [*low, *high].into_iter().flatten().min();
                    costs.insert(at, cost.map(|cost| cost + 1));
                    left.pop();
                }
                (_, None, _) => left.push(low),
                (_, _, None) => left.push(high),
            }
        }
        let mut path = Vec::new();
        let mut at = edge;
        while !at.is_constant() {
            let (variable, low, high) = self.parts(at);
            let is_high = match (costs[&low], costs[&high]) {
                (Some(low), Some(high)) => high <= low,
                (low, _) => low.is_none(),
            };
            path.push((variable, is_high));
            at = if is_high { high } else { low };
        }
        (at == TRUE).then_some(path)
    }
}
