//! What gives a fact: instances of rules, and the facts that stand in clauses.

use super::World;
use super::index::{Index, OfPolicy, Owner, remember};
use super::plan::{DayKnown, Known, Plan};
use super::proof::Claim;
use super::search::{Key, Search};
use super::solve::{Body, Solution, Used, missing};
use crate::ir::{ClauseId, Days, ExemptionId, Literal, RelationId, RuleId, Term, Timing};
use crate::value::{Date, Value};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

impl<'a> World<'a> {
    pub(super) fn index(&self) -> &Index {
        let in_order = || Arc::new(OfPolicy::new(self.policy));
        self.kept.index.get_or_init(|| {
            let of_policy = match self.of_policy {
                Some(kept) => Arc::clone(kept.get_or_init(in_order)),
                None => in_order(),
            };
            Index::new(
                of_policy,
                self.policy,
                self.calendar,
                &self.judged_clauses(),
            )
        })
    }

    /// The policy's working days, in order.
    pub(super) fn working_days(&self) -> &[Date] {
        self.kept.working_days.get_or_init(|| {
            let Some(relation) = self.policy.working_day else {
                return Vec::new();
            };
            let rows = self.extension.matching(relation, &[None], None);
            let days = rows.iter().filter_map(|row| match row.first() {
                Some(Value::Date(day)) => Some(*day),
                _ => None,
            });
            days.collect()
        })
    }

    /// The order in which a body is solved from what the seed binds.
    pub(super) fn plan(&self, owner: Owner, seed: &Solution<'a>) -> Rc<Plan<'a>> {
        let mut bound: Vec<bool> = seed.bindings.iter().map(Option::is_some).collect();
        bound.push(seed.day.is_some());
        let key = (owner, bound);
        if let Some(plan) = self.kept.plans.borrow().get(&key) {
            return plan.clone();
        }
        let literals = self.literals(owner).iter().enumerate();
        let plan = Rc::new(self.new_plan(owner, seed, literals));
        self.kept.plans.borrow_mut().insert(key, plan.clone());
        plan
    }

    /// The same for some of the literals (each with its place), or for those inside one of them.
    pub(super) fn new_plan(
        &self,
        owner: Owner,
        seed: &Solution<'a>,
        literals: impl IntoIterator<Item = (usize, &'a Literal)>,
    ) -> Plan<'a> {
        let timing = match owner {
            Owner::Rule(id) => Some(&self.policy.rule(id).timing),
            Owner::Presumption(at) => Some(&self.presumptions[at as usize].rule.timing),
            Owner::Exemption(_) => None,
        };
        let day = match (seed.day, timing) {
            (Some(_), _) => DayKnown::Yes,
            (None, Some(Timing::Event(term, _) | Timing::On(term))) => DayKnown::By(term),
            (None, Some(Timing::Standing | Timing::Timeless) | None) => DayKnown::No,
        };
        let mut known = Known {
            bound: seed.bindings.iter().map(Option::is_some).collect(),
            day,
        };
        Plan::new(self.policy, literals, &mut known)
    }

    /// A rule's variables bound by what is known of its head; `None` where the head does not match.
    pub(super) fn rule_seed(
        &self,
        id: RuleId,
        args: &[Option<Value>],
        day: Option<Date>,
    ) -> Option<Solution<'a>> {
        let rule = self.policy.rule(id);
        let day = match rule.timing {
            Timing::Standing => day,
            Timing::Timeless | Timing::Event(..) | Timing::On(_) => None,
        };
        let mut seed = Solution::seed(vec![None; rule.variables.len()], day);
        let fits = rule.head.args.iter().zip(args).all(|(term, value)| {
            let value = value.as_ref();
            value.is_none_or(|value| {
                seed.unify(std::slice::from_ref(term), std::slice::from_ref(value))
            })
        });
        fits.then_some(seed)
    }

    /// How a rule's day is found, and the clause that must be in force on it.
    pub(super) fn body_of(&self, id: RuleId) -> Body<'a> {
        let rule = self.policy.rule(id);
        Body {
            timing: Some(&rule.timing),
            home: rule.home,
            is_day_optional: false,
        }
    }

    /// The instances of a rule whose clause is in force, from a seed; exemptions are not looked at.
    pub(super) fn solutions_from(&self, id: RuleId, seed: Solution<'a>) -> Vec<Solution<'a>> {
        let plan = self.plan(Owner::Rule(id), &seed);
        self.solutions(self.body_of(id), &plan, seed)
    }

    /// Those that conclude a fact.
    pub(super) fn rule_solutions(&self, id: RuleId, claim: &Claim) -> Vec<Solution<'a>> {
        let args: Vec<Option<Value>> = claim.args.iter().cloned().map(Some).collect();
        match self.rule_seed(id, &args, claim.day) {
            Some(seed) => self.solutions_from(id, seed),
            None => Vec::new(),
        }
    }

    /// Those that no exemption blocks.
    pub(super) fn rule_instances(&self, id: RuleId, claim: &Claim) -> Vec<Solution<'a>> {
        let mut solutions = self.rule_solutions(id, claim);
        solutions.retain(|solution| self.blocker_of_rule(id, solution, claim).is_none());
        solutions
    }

    /// What a rule concludes under bindings; `day`: on which a conclusion that holds on every day was asked.
    pub(super) fn head_claim(
        &self,
        id: RuleId,
        solution: &Solution<'a>,
        day: Option<Date>,
    ) -> Claim {
        let head = &self.policy.rule(id).head;
        let scope = self.scope(&solution.bindings);
        let value = |(at, term): (usize, &Term)| {
            let value = scope.term(term);
            value.unwrap_or_else(|| missing(self.policy, head, at))
        };
        let standing = self.policy.relation(head.relation).standing;
        Claim {
            relation: head.relation,
            args: head.args.iter().enumerate().map(value).collect(),
            day: solution.day.or(day).filter(|_| standing),
        }
    }

    /// The places in the policy where a fact stands and is law on the claim's day (`None`: outside any notice).
    pub(super) fn stated_in_force(&self, claim: &Claim) -> BTreeSet<Option<ClauseId>> {
        let stated = self
            .index()
            .stated(self.policy, claim.relation, &claim.args);
        let homes = stated.map(|fact| fact.home);
        let is_law = |home: &Option<ClauseId>| match (home, claim.day) {
            (None, _) => true,
            (Some(home), Some(day)) => self.is_law(*home, day),
            (Some(_), None) => false,
        };
        homes.filter(is_law).collect()
    }

    /// Those that no exemption blocks.
    pub(super) fn stated(&self, claim: &Claim) -> Vec<Option<ClauseId>> {
        let is_free = |home: &Option<ClauseId>| match home {
            Some(home) => self.blocker_of_facts(*home, claim).is_none(),
            None => true,
        };
        let homes = self.stated_in_force(claim).into_iter();
        homes.filter(is_free).collect()
    }

    /// Whether a clause is one of those named, or stands as one of them on that day: then as which.
    pub(super) fn counts_as(
        &self,
        home: Option<ClauseId>,
        named: &[ClauseId],
        day: Option<Date>,
    ) -> Option<ClauseId> {
        let home = home?;
        if named.contains(&home) {
            return Some(home);
        }
        let olds = self.index().stands_as.get(&home)?.iter();
        let is_then = |days: &Days| day.is_some_and(|day| days.covers(day));
        let mut counted = olds.filter(|(old, days)| named.contains(old) && is_then(days));
        counted.next().map(|(old, _)| *old)
    }

    /// Whether it does on any day.
    pub(super) fn may_count_as(&self, home: Option<ClauseId>, named: &[ClauseId]) -> bool {
        let Some(home) = home else {
            return false;
        };
        let mut olds = self.index().stands_as.get(&home).into_iter().flatten();
        named.contains(&home) || olds.any(|(old, _)| named.contains(old))
    }

    /// The same, on that day, if one is given.
    pub(super) fn may_count_as_on(
        &self,
        home: Option<ClauseId>,
        named: &[ClauseId],
        day: Option<Date>,
    ) -> bool {
        match day {
            Some(_) => self.counts_as(home, named, day).is_some(),
            None => self.may_count_as(home, named),
        }
    }

    /// Whether what a solution rests on beside facts holds too.
    pub(super) fn is_certain(&self, solution: &Solution<'a>) -> bool {
        solution.uses.iter().all(|used| match &used.what {
            Used::GivenBy(claim, by) => self.is_given_by(claim, by),
            Used::Exempted(exempted, claim) => self.is_exempted_by(&exempted.by, claim),
            Used::Claim(_)
            | Used::Absent(_)
            | Used::Compare(_)
            | Used::Test(_)
            | Used::Bind(_)
            | Used::Aggregate(..)
            | Used::NotExempted(_) => true,
        })
    }

    /// Whether something has a proof.
    pub(super) fn is_provable(&self, key: Key) -> bool {
        let key = (self.side.get(), key);
        if let Some(known) = self.kept.provable.borrow().get(&key) {
            return *known;
        }
        let mut search = Search::new(self);
        let node = search.node(key.1.clone());
        let found = search.settle(node);
        remember(&self.kept.provable, key, found);
        found
    }

    /// Whether a fact follows by a rule, or stands, in one of these clauses (or in one that stands as one of them).
    pub fn is_given_by(&self, claim: &Claim, by: &[ClauseId]) -> bool {
        self.is_provable(Key::GivenBy(claim.clone(), by.into()))
    }

    /// The clauses that give a fact: of every rule with an instance whose body holds and that nothing exempts.
    pub fn given_by(&self, claim: &Claim) -> Vec<ClauseId> {
        let mut clauses: BTreeSet<ClauseId> = self.stated(claim).into_iter().flatten().collect();
        for id in self.index().rules(claim.relation) {
            let Some(home) = self.policy.rule(*id).home else {
                continue;
            };
            if clauses.contains(&home) {
                continue;
            }
            let mut instances = self.rule_instances(*id, claim).into_iter();
            if instances.any(|solution| self.is_certain(&solution)) {
                clauses.insert(home);
            }
        }
        clauses.into_iter().collect()
    }

    /// The clauses that may give a fact, or one of those that it may turn out to be, where not all is known.
    pub fn may_be_given_by(&self, claim: &Claim) -> Vec<ClauseId> {
        self.on_other_side(|| match claim.args.iter().any(Value::is_open) {
            true => self.given_by_any(claim),
            false => self.given_by(claim),
        })
    }

    /// The clauses that give a fact which an open one may turn out to be.
    fn given_by_any(&self, claim: &Claim) -> Vec<ClauseId> {
        let known = claim.args.iter();
        let known: Vec<Option<Value>> = known
            .map(|value| (!value.is_open()).then(|| value.clone()))
            .collect();
        let gives = |id: RuleId| {
            let seed = self.rule_seed(id, &known, claim.day);
            let solutions = seed.map_or(Vec::new(), |seed| self.solutions_from(id, seed));
            solutions.iter().any(|solution| {
                let concluded = self.head_claim(id, solution, claim.day);
                may_be(claim, &concluded)
                    && self.is_certain(solution)
                    && self.blocker_of_rule(id, solution, &concluded).is_none()
            })
        };
        let rules = self.index().rules(claim.relation).iter().copied();
        let homes = rules.filter_map(|id| Some((id, self.policy.rule(id).home?)));
        let homes = homes.filter(|(id, _)| gives(*id)).map(|(_, home)| home);
        homes.collect::<BTreeSet<ClauseId>>().into_iter().collect()
    }

    /// What the rules and facts of the policy conclude for a relation from what holds, in one step, on that day where the
    /// relation is standing: just what holds of it, if the extension is right. Not for what is given from outside.
    pub fn conclusions(&self, relation: RelationId, day: Option<Date>) -> BTreeSet<Vec<Value>> {
        let open = vec![None; self.policy.relation(relation).fields.len()];
        let mut rows = BTreeSet::new();
        for id in self.index().rules(relation) {
            let Some(seed) = self.rule_seed(*id, &open, day) else {
                continue;
            };
            for solution in self.solutions_from(*id, seed) {
                let claim = self.head_claim(*id, &solution, day);
                let is_free = self.blocker_of_rule(*id, &solution, &claim).is_none();
                if is_free && self.is_certain(&solution) {
                    rows.insert(claim.args);
                }
            }
        }
        for fact in self
            .policy
            .facts
            .iter()
            .filter(|it| it.relation == relation)
        {
            let args = fact.args.clone();
            let claim = Claim {
                relation,
                args,
                day,
            };
            if !self.stated(&claim).is_empty() {
                rows.insert(claim.args);
            }
        }
        rows
    }

    /// Whether a derivation of the fact exists that an exemption blocks (by one of these clauses, if given).
    pub fn is_exempted(&self, claim: &Claim, by: Option<&[ClauseId]>) -> bool {
        let ids = (0..self.policy.exemptions.len() as u32).map(ExemptionId);
        let is_meant = |id: &ExemptionId| {
            let home = Some(self.policy.exemption(*id).home);
            by.is_none_or(|by| self.may_count_as(home, by))
        };
        let meant: Vec<ExemptionId> = ids.filter(is_meant).collect();
        let derivations = self.exempted_derivations(&meant, claim).into_iter();
        let mut derivations = derivations.filter(|(id, derivation)| {
            let target = self.target_of(derivation, claim);
            let home = Some(self.policy.exemption(*id).home);
            let counts = by.is_none_or(|by| self.counts_as(home, by, target.day).is_some());
            counts && self.applies(*id, &target)
        });
        derivations.any(|(_, derivation)| match &derivation {
            super::exempt::Derivation::Rule(_, solution) => self.is_certain(solution),
            super::exempt::Derivation::Stated(_) => true,
        })
    }
}

/// Whether two facts, of which not all values are known, may be one.
fn may_be(one: &Claim, other: &Claim) -> bool {
    let mut pairs = one.args.iter().zip(&other.args);
    pairs.all(|(a, b)| a.possible_orders(b).equal)
}
