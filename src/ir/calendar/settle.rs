//! One day: who is in force, where what is said of one clause counts only if the clause that says it is in force.
//!
//! From clauses of which nothing is said, answers go along the effects, in any order and to the same end: one effect that
//! counts puts a clause out of force; once none can, it is in force. What is left over goes round in a circle.

use super::Status;
use std::collections::BTreeSet;

/// Something that is said of a class that day.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub(super) effect: usize,
    pub(super) stretch: usize,
    /// The class that says it.
    pub(super) stater: usize,
    /// A repeal or replacement.
    pub(super) is_final: bool,
    /// Whether its condition is open.
    pub(super) is_open: bool,
}

/// A class on its way to a status.
#[derive(Default)]
struct Node {
    status: Option<Status>,
    edges: Vec<Edge>,
    /// The edges that have not been answered, by place.
    waiting: BTreeSet<usize>,
    /// The open condition on which it depends.
    open: Option<(usize, usize)>,
}

/// A day's classes.
pub(super) struct Settling {
    nodes: Vec<Node>,
    /// By class that says something: class and edge about which it says it.
    says: Vec<Vec<(usize, usize)>>,
    /// Settled, and not yet told to those that wait for it.
    news: Vec<usize>,
    /// Classes that may be unsettled, least last.
    rest: Vec<usize>,
}

impl Settling {
    pub(super) fn new(count: usize) -> Settling {
        Settling {
            nodes: (0..count).map(|_| Node::default()).collect(),
            says: vec![Vec::new(); count],
            news: Vec::new(),
            rest: (0..count).rev().collect(),
        }
    }

    pub(super) fn settle(&mut self, at: usize, status: Status) {
        let node = &mut self.nodes[at];
        if node.status.is_none() {
            node.status = Some(status);
            self.news.push(at);
        }
    }

    /// The class depends on who says this; `open`: and on an open condition of an earlier day.
    pub(super) fn depends(&mut self, at: usize, edges: Vec<Edge>, open: Option<(usize, usize)>) {
        for (number, edge) in edges.iter().enumerate() {
            self.says[edge.stater].push((at, number));
        }
        let node = &mut self.nodes[at];
        node.waiting = (0..edges.len()).collect();
        node.edges = edges;
        node.open = open;
        self.settle_if_answered(at);
    }

    fn settle_if_answered(&mut self, at: usize) {
        let node = &self.nodes[at];
        if node.waiting.is_empty() {
            let open = node.open;
            self.settle(
                at,
                open.map_or(Status::InForce, |(effect, stretch)| {
                    Status::Undecided(effect, stretch)
                }),
            );
        }
    }

    /// Every class with its status, and the circles: effects, each about what states the next one.
    pub(super) fn finish(mut self) -> (Vec<Status>, Vec<Vec<usize>>) {
        let mut circles = Vec::new();
        loop {
            while let Some(at) = self.news.pop() {
                self.tell(at);
            }
            let Some(at) = self.next_unsettled() else {
                break;
            };
            let circle = self.circle(at);
            let is_open = |(at, number): &&(usize, usize)| self.nodes[*at].edges[*number].is_open;
            match circle.iter().find(is_open).copied() {
                // Whether the circle closes depends on a condition; so does what that is said of.
                Some((at, number)) => {
                    let edge = self.nodes[at].edges[number];
                    self.answer(at, number, Some((edge.effect, edge.stretch)));
                }
                None => {
                    let (at, number) = circle[0];
                    circles.push(self.effects(&circle));
                    self.answer(at, number, None);
                }
            }
        }
        let nodes = self.nodes.iter().enumerate();
        let statuses = nodes.map(|(at, _)| self.final_status(at)).collect();
        (statuses, circles)
    }

    fn next_unsettled(&mut self) -> Option<usize> {
        while let Some(at) = self.rest.last() {
            if self.nodes[*at].status.is_none() {
                return Some(*at);
            }
            self.rest.pop();
        }
        None
    }

    /// Tells those of whom the class says something.
    fn tell(&mut self, at: usize) {
        let status = self.nodes[at].status.clone();
        for (about, number) in std::mem::take(&mut self.says[at]) {
            if self.nodes[about].status.is_some() {
                continue;
            }
            let edge = self.nodes[about].edges[number];
            match status {
                Some(Status::InForce) if !edge.is_open => self.settle(about, struck(edge)),
                Some(Status::InForce) => {
                    self.answer(about, number, Some((edge.effect, edge.stretch)));
                }
                Some(Status::Undecided(effect, stretch)) => {
                    self.answer(about, number, Some((effect, stretch)));
                }
                _ => self.answer(about, number, None),
            }
        }
    }

    /// The edge does not certainly count: not at all, or if the open condition holds.
    fn answer(&mut self, at: usize, number: usize, open: Option<(usize, usize)>) {
        let node = &mut self.nodes[at];
        if node.waiting.remove(&number) {
            node.open = match (node.open, open) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            self.settle_if_answered(at);
        }
    }

    /// From an unsettled class along what it waits for, until one comes again: classes with the edge that each waits for.
    fn circle(&self, start: usize) -> Vec<(usize, usize)> {
        let mut place = vec![None; self.nodes.len()];
        let mut path = Vec::new();
        let mut at = start;
        loop {
            if let Some(first) = place[at] {
                return path.split_off(first);
            }
            place[at] = Some(path.len());
            let waiting = self.nodes[at].waiting.first();
            let number = *waiting.expect("a class without a status waits for another");
            path.push((at, number));
            at = self.nodes[at].edges[number].stater;
        }
    }

    fn effects(&self, circle: &[(usize, usize)]) -> Vec<usize> {
        let effect = |(at, number): &(usize, usize)| self.nodes[*at].edges[*number].effect;
        circle.iter().rev().map(effect).collect()
    }

    /// Of several effects that put a class out of force: one that ends it, then the first.
    fn final_status(&self, at: usize) -> Status {
        let node = &self.nodes[at];
        let counts =
            |edge: &&Edge| !edge.is_open && self.nodes[edge.stater].status == Some(Status::InForce);
        let status = node.status.clone().unwrap_or(Status::InForce);
        match status {
            Status::Suspended(_) | Status::Repealed(_) => {
                let edges = node.edges.iter().filter(counts);
                let first = edges.min_by_key(|edge| (!edge.is_final, edge.effect));
                first.map_or(status, |edge| struck(*edge))
            }
            other => other,
        }
    }
}

/// What a `replaces` leaves behind is told once it is carried out, at the end of the day.
fn struck(edge: Edge) -> Status {
    match edge.is_final {
        true => Status::Repealed(edge.effect),
        false => Status::Suspended(edge.effect),
    }
}
