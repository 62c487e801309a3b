//! Exemptions: whether one applies to a derivation, and whether it is itself exempted from.

use super::World;
use super::index::{Owner, remember};
use super::proof::{Claim, If, Pattern};
use super::search::Key;
use super::solve::{NO_RULE, Solution};
use crate::ir::{Blocked, ClauseId, ExemptionId, ExemptionTarget, RuleId, Term};
use crate::value::{Date, Type, TypeId, Value};
use std::collections::BTreeSet;

/// A derivation as exemptions see it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Target {
    /// What it derives.
    pub claim: Claim,
    /// The events that it is about, with the types of their ids.
    pub events: Vec<(TypeId, Value)>,
    /// The day on which it is judged.
    pub day: Option<Date>,
}

/// What derives a fact, before exemptions are looked at.
#[derive(Clone, Debug)]
pub(super) enum Derivation<'a> {
    /// A rule whose body holds.
    Rule(RuleId, Solution<'a>),
    /// The facts and tables of a clause.
    Stated(ClauseId),
}

/// Within how many `exempted` conditions candidates for another one are looked for.
const DEPTH: u32 = 16;

impl<'a> World<'a> {
    /// The exemptions that can block this on that day, in canonical order.
    pub(super) fn blockers(&self, blocked: Blocked, day: Option<Date>) -> Vec<ExemptionId> {
        let index = self.index();
        let mut all = index.blockers.get(&blocked).cloned().unwrap_or_default();
        let heirs = index.heirs.get(&blocked).into_iter().flatten();
        let then = heirs.filter(|heir| day.is_some_and(|day| heir.days.covers(day)));
        let before = all.len();
        all.extend(then.map(|heir| heir.exemption));
        if all.len() > before {
            all.sort_by_key(|id| (index.exemption_rank[id.at()], *id));
            all.dedup();
        }
        all
    }

    /// The first exemption that blocks a rule's instance.
    pub(super) fn blocker_of_rule(
        &self,
        rule: RuleId,
        solution: &Solution<'a>,
        claim: &Claim,
    ) -> Option<(ExemptionId, Target)> {
        let blockers = self.blockers(Blocked::Rule(rule), solution.day);
        if blockers.is_empty() {
            return None;
        }
        let target = self.target_of_rule(rule, solution, claim);
        let found = self.on_other_side(|| {
            let mut blockers = blockers.into_iter();
            blockers.find(|id| self.applies(*id, &target))
        });
        found.map(|id| (id, target))
    }

    /// The first exemption that blocks a fact of a clause.
    pub(super) fn blocker_of_facts(
        &self,
        home: ClauseId,
        claim: &Claim,
    ) -> Option<(ExemptionId, Target)> {
        let blockers = self.blockers(Blocked::Facts(claim.relation, home), claim.day);
        let target = self.target_of_fact(claim);
        let found = self.on_other_side(|| {
            let mut blockers = blockers.into_iter();
            blockers.find(|id| self.applies(*id, &target))
        });
        found.map(|id| (id, target))
    }

    /// The first exemption that blocks a rule's instance if its clause stands as another one, and on what that depends.
    pub(super) fn may_block_rule(
        &self,
        rule: RuleId,
        solution: &Solution<'a>,
        claim: &Claim,
    ) -> Option<(If, ExemptionId, Target)> {
        let (home, day) = (self.policy.rule(rule).home?, solution.day?);
        let target = self.target_of_rule(rule, solution, claim);
        self.may_stand_as(home, day)
            .into_iter()
            .find_map(|(old, judgement, truth)| {
                let exemptions = (0..self.policy.exemptions.len() as u32).map(ExemptionId);
                let mut named =
                    exemptions.filter(|id| self.policy.exemption(*id).from.contains(&old));
                let id = self.on_other_side(|| named.find(|id| self.applies(*id, &target)))?;
                Some((If { judgement, truth }, id, target.clone()))
            })
    }

    /// A rule's instance as exemptions see it.
    pub(super) fn target_of_rule(
        &self,
        rule: RuleId,
        solution: &Solution<'a>,
        claim: &Claim,
    ) -> Target {
        let scope = self.scope(&solution.bindings);
        let events = self.index().events_of[rule.at()].iter();
        let events = events.filter_map(|(term, ty)| Some((*ty, scope.term(term)?)));
        Target {
            claim: claim.clone(),
            events: events.collect(),
            day: solution.day,
        }
    }

    /// A fact as exemptions see it.
    pub(super) fn target_of_fact(&self, claim: &Claim) -> Target {
        let fields = &self.policy.relation(claim.relation).fields;
        let events = fields.iter().zip(&claim.args).filter_map(|(field, value)| {
            let (Type::Entity(id) | Type::Set(id)) = field.ty else {
                return None;
            };
            let is_id = self.index().events.contains_key(&id);
            is_id.then(|| (id, value.clone()))
        });
        Target {
            claim: claim.clone(),
            events: events.collect(),
            day: claim.day,
        }
    }

    pub(super) fn target_of(&self, derivation: &Derivation<'a>, claim: &Claim) -> Target {
        match derivation {
            Derivation::Rule(rule, solution) => self.target_of_rule(*rule, solution, claim),
            Derivation::Stated(_) => self.target_of_fact(claim),
        }
    }

    /// Whether an exemption applies: it is in force, its body holds, and nothing exempts from it.
    pub(super) fn applies(&self, exemption: ExemptionId, target: &Target) -> bool {
        let key = (self.side.get(), exemption, target.clone());
        if let Some(known) = self.kept.applies.borrow().get(&key) {
            return *known;
        }
        // Each behind those that bear on it, so that what is asked of the other side is known there already.
        let others = self.blockers_first(exemption, target.day);
        let applies = match self.possible {
            None => self.applies_among(&others, target).contains(&exemption),
            Some(_) => {
                let counters = self.blockers(Blocked::Exemption(exemption), target.day);
                let is_countered = self.on_other_side(|| {
                    let mut counters = counters.iter();
                    counters.any(|counter| self.applies(*counter, target))
                });
                !is_countered && self.exemption_solution(exemption, target).is_some()
            }
        };
        remember(&self.kept.applies, key, applies);
        applies
    }

    /// Of exemptions that bear on one another, each behind those that bear on it: those that apply.
    fn applies_among(&self, others: &[ExemptionId], target: &Target) -> BTreeSet<ExemptionId> {
        let mut applying: BTreeSet<ExemptionId> = BTreeSet::new();
        for id in others {
            let mut counters = self
                .blockers(Blocked::Exemption(*id), target.day)
                .into_iter();
            let is_countered = counters.any(|counter| applying.contains(&counter));
            if !is_countered && self.exemption_solution(*id, target).is_some() {
                applying.insert(*id);
            }
        }
        applying
    }

    /// The exemption that keeps another one from applying.
    pub(super) fn counter(&self, exemption: ExemptionId, target: &Target) -> Option<ExemptionId> {
        let counters = self.blockers(Blocked::Exemption(exemption), target.day);
        counters.into_iter().find(|id| self.applies(*id, target))
    }

    /// An exemption and all that bear on it, directly or through others; each behind those that bear on it.
    fn blockers_first(&self, exemption: ExemptionId, day: Option<Date>) -> Vec<ExemptionId> {
        let mut order = Vec::new();
        let mut seen = BTreeSet::from([exemption]);
        let counters = |id| self.blockers(Blocked::Exemption(id), day).into_iter();
        let mut path = vec![(exemption, counters(exemption))];
        while let Some((id, open)) = path.last_mut() {
            match open.next() {
                Some(next) if seen.insert(next) => path.push((next, counters(next))),
                Some(_) => {}
                None => {
                    order.push(*id);
                    path.pop();
                }
            }
        }
        order
    }

    /// The first solution of an exemption's body for what it could block, where it is in force and not lifted.
    pub(super) fn exemption_solution(
        &self,
        id: ExemptionId,
        target: &Target,
    ) -> Option<Solution<'a>> {
        if !self.is_exemption_law(id, target.day) {
            return None;
        }
        let mut seeds = self.exemption_seeds(id, target).into_iter();
        seeds.find_map(|seed| {
            let plan = self.plan(Owner::Exemption(id), &seed);
            self.first_solution(NO_RULE, &plan, seed)
        })
    }

    /// All solutions of an exemption's body, certain or not, where it applies.
    pub(super) fn exemption_solutions(
        &self,
        id: ExemptionId,
        target: &Target,
    ) -> Vec<Solution<'a>> {
        if !self.applies(id, target) {
            return Vec::new();
        }
        let seeds = self.exemption_seeds(id, target).into_iter();
        let solutions = seeds.flat_map(|seed| {
            let plan = self.plan(Owner::Exemption(id), &seed);
            self.solutions(NO_RULE, &plan, seed)
        });
        solutions.collect()
    }

    /// Whether an exemption counts on a day: not lifted, and its clause in force.
    pub(super) fn is_exemption_law(&self, id: ExemptionId, day: Option<Date>) -> bool {
        let home = self.policy.exemption(id).home;
        let is_lifted = self.circumstances.exemptions_lifted.covers(home);
        !is_lifted && day.is_some_and(|day| self.is_law(home, day))
    }

    /// An exemption's variables bound by what it could block; none where that is about something else.
    pub(super) fn exemption_seeds(&self, id: ExemptionId, target: &Target) -> Vec<Solution<'a>> {
        let exemption = self.policy.exemption(id);
        let empty = Solution::seed(vec![None; exemption.variables.len()], target.day);
        let unified = |terms: &[Term], values: &[Value]| {
            let mut seed = empty.clone();
            seed.unify(terms, values).then_some(seed)
        };
        match &exemption.target {
            ExemptionTarget::Head(atom) if atom.relation == target.claim.relation => {
                unified(&atom.args, &target.claim.args)
                    .into_iter()
                    .collect()
            }
            ExemptionTarget::Head(_) => Vec::new(),
            ExemptionTarget::Event(term, id_type) => {
                let events = target.events.iter().filter(|(ty, _)| ty == id_type);
                let seeds = events.filter_map(|(_, event)| {
                    unified(std::slice::from_ref(term), std::slice::from_ref(event))
                });
                seeds.collect()
            }
        }
    }

    /// What derives a fact by something that one of these exemptions can block.
    pub(super) fn exempted_derivations(
        &self,
        by: &[ExemptionId],
        claim: &Claim,
    ) -> Vec<(ExemptionId, Derivation<'a>)> {
        let mut out = Vec::new();
        for rule in self.index().rules(claim.relation) {
            for solution in self.rule_solutions(*rule, claim) {
                let day = solution.day;
                let blockers = self.blockers(Blocked::Rule(*rule), day);
                let meant = blockers.iter().filter(|id| self.is_meant(**id, by, day));
                out.extend(meant.map(|id| (*id, Derivation::Rule(*rule, solution.clone()))));
            }
        }
        for home in self.stated_in_force(claim).into_iter().flatten() {
            let blockers = self.blockers(Blocked::Facts(claim.relation, home), claim.day);
            let meant = blockers
                .into_iter()
                .filter(|id| self.is_meant(*id, by, claim.day));
            out.extend(meant.map(|id| (id, Derivation::Stated(home))));
        }
        out
    }

    /// Whether an exemption is one of these, or stands as one of them on that day.
    fn is_meant(&self, id: ExemptionId, by: &[ExemptionId], day: Option<Date>) -> bool {
        let homes = || {
            by.iter()
                .map(|id| self.policy.exemption(*id).home)
                .collect()
        };
        let stands_as = |homes: Vec<ClauseId>| {
            let home = Some(self.policy.exemption(id).home);
            self.counts_as(home, &homes, day).is_some()
        };
        by.contains(&id) || stands_as(homes())
    }

    /// The facts that match a pattern and could have a derivation which one of these exemptions blocks.
    pub(super) fn exempted_claims(&self, by: &[ExemptionId], pattern: &Pattern) -> Vec<Claim> {
        let values: Option<Vec<Value>> = pattern.args.iter().cloned().collect();
        if let Some(args) = values {
            return vec![Claim {
                relation: pattern.relation,
                args,
                day: pattern.day,
            }];
        }
        // A condition `exempted` on what itself rests on such a condition, and so on: looked into so far and no further.
        if self.kept.depth.get() >= DEPTH {
            return Vec::new();
        }
        self.kept.depth.set(self.kept.depth.get() + 1);
        let claims = self.candidates(by, pattern);
        self.kept.depth.set(self.kept.depth.get() - 1);
        claims.into_iter().collect()
    }

    fn candidates(&self, by: &[ExemptionId], pattern: &Pattern) -> BTreeSet<Claim> {
        let mut claims = BTreeSet::new();
        for rule in self.index().rules(pattern.relation) {
            let seed = self.rule_seed(*rule, &pattern.args, pattern.day);
            let Some(seed) = seed else { continue };
            let is_meant = |solution: &Solution<'a>| {
                let blockers = self.blockers(Blocked::Rule(*rule), solution.day);
                let day = solution.day;
                blockers.iter().any(|id| self.is_meant(*id, by, day))
            };
            let solutions = self.solutions_from(*rule, seed).into_iter();
            claims.extend(
                solutions
                    .filter(is_meant)
                    .map(|solution| self.head_claim(*rule, &solution, pattern.day)),
            );
        }
        for fact in self.policy.facts.iter() {
            let fits = pattern.args.iter().zip(&fact.args);
            let mut fits = fits.map(|(known, value)| known.as_ref().is_none_or(|it| it == value));
            if fact.relation == pattern.relation && fact.home.is_some() && fits.all(|fit| fit) {
                claims.insert(Claim {
                    relation: pattern.relation,
                    args: fact.args.clone(),
                    day: pattern.day,
                });
            }
        }
        claims
    }

    /// Whether a derivation of the fact exists that one of these exemptions blocks.
    pub(super) fn is_exempted_by(&self, by: &[ExemptionId], claim: &Claim) -> bool {
        self.is_provable(Key::Exempted(by.into(), claim.clone()))
    }
}
