//! Of several ways to prove something, the best: least height, then least size, then canonical order.

use super::{Key, NodeId, Search, Source};
use crate::ir::{Blocked, ClauseId};
use crate::proof::Claim;
use crate::value::Date;
use std::cmp::Ordering;

impl<'a> Search<'_, 'a> {
    /// What is lower is chosen before: an edge of this height rests only on what has its size already.
    pub(super) fn choose(&mut self, id: NodeId, height: u32) {
        let edges = &self.nodes[id.0 as usize].edges;
        let allowed = (0..edges.len()).filter(|at| self.class.allows(id, *at));
        let lowest = allowed.filter(|at| self.height_by(&edges[*at]) == Some(height));
        let sized = lowest.map(|at| (self.size_by(id, &edges[at].source), at));
        let best = sized.min_by(|(size, at), (other_size, other)| {
            let canonical = || self.compare(&edges[*at].source, &edges[*other].source);
            size.cmp(other_size).then_with(canonical)
        });
        let (size, best) = best.expect("a node is reached by an edge of its height");
        let node = &mut self.nodes[id.0 as usize];
        (node.size, node.best) = (size, best);
    }

    /// The number of steps of the proof as a tree: absences and exemptions that do not apply count as one each.
    pub(super) fn size_by(&self, id: NodeId, source: &Source<'a>) -> u64 {
        let parts = source.nodes().into_iter();
        let sizes = parts.map(|part| self.nodes[part.0 as usize].size);
        let own = match source {
            Source::Contribution(_) => 0,
            _ => 1,
        };
        let leaves = own + self.leaves(self.key(id), source) as u64;
        sizes.fold(leaves, u64::saturating_add)
    }

    pub(super) fn leaves(&self, key: &Key, source: &Source<'a>) -> usize {
        match source {
            Source::Given | Source::Aggregate(_) | Source::Stated(None) => 0,
            Source::Stated(Some(home)) => match key {
                Key::Claim(claim) | Key::GivenBy(claim, _) | Key::Exempted(_, claim) => {
                    let blocked = Blocked::Facts(claim.relation, *home);
                    self.law_steps(Some(*home), claim.day, blocked)
                }
                Key::Aggregate(_) | Key::Contribution(_) => 0,
            },
            Source::Rule(rule, inference) => {
                let home = self.world.policy.rule(*rule).home;
                let law = self.law_steps(home, inference.day, Blocked::Rule(*rule));
                inference.checks() + law
            }
            Source::Exempted(blocking) => {
                1 + blocking.body.checks() + self.leaves(key, &blocking.derivation)
            }
            Source::Contribution(inference) => inference.checks(),
        }
    }

    /// The steps about the clause itself: that it is in force, what does not exempt, and marks.
    pub(super) fn law_steps(
        &self,
        home: Option<ClauseId>,
        day: Option<Date>,
        blocked: Blocked,
    ) -> usize {
        let Some((home, day)) = home.zip(day) else {
            return 0;
        };
        let clause = self.world.policy.clause(home);
        let is_late = clause.reviewed.is_some_and(|reviewed| day > reviewed);
        let marks = usize::from(is_late) + usize::from(clause.unverified.is_some());
        1 + marks + self.world.blockers(blocked, Some(day)).len()
    }

    /// Canonical order: clause and text of the rule, then the atoms, then the values.
    pub(super) fn compare(&self, a: &Source<'a>, b: &Source<'a>) -> Ordering {
        let rank = |source: &Source<'a>| self.rank(source);
        let values = |source: &Source<'a>| source.bindings().map(<[_]>::to_vec);
        rank(a)
            .cmp(&rank(b))
            .then_with(|| self.atoms(a).cmp(&self.atoms(b)))
            .then_with(|| values(a).cmp(&values(b)))
    }

    pub(super) fn rank(&self, source: &Source<'a>) -> (u32, String, u32) {
        let index = self.world.index();
        match source {
            Source::Given => (0, String::new(), 0),
            Source::Stated(home) => {
                let citation = home.map(|home| self.world.policy.citation(home));
                (1, citation.unwrap_or_default(), 0)
            }
            Source::Rule(rule, _) => (2, String::new(), index.rank[rule.at()]),
            Source::Exempted(blocking) => {
                let (kind, citation, rank) = self.rank(&blocking.derivation);
                let exemption = index.exemption_rank[blocking.exemption.at()];
                (3 + exemption, format!("{kind} {citation}"), rank)
            }
            Source::Aggregate(_) | Source::Contribution(_) => (0, String::new(), 0),
        }
    }

    pub(super) fn atoms<'s>(&'s self, source: &Source<'a>) -> Vec<&'s Claim> {
        let claim = |id: NodeId| match self.key(id) {
            Key::Claim(claim) | Key::GivenBy(claim, _) | Key::Exempted(_, claim) => Some(claim),
            Key::Aggregate(_) | Key::Contribution(_) => None,
        };
        source.nodes().into_iter().filter_map(claim).collect()
    }
}
