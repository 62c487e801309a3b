//! What of a policy one world makes use of: which rules fire, which literals decide, which thresholds are met, on which days.
//!
//! By the meaning of the language, like proofs: each rule and exemption is solved from `Policy`, literal by literal. A literal
//! *decides* for an instance if it is looked at there: if all literals looked at before it hold. It then holds or is the first
//! to fail.

use super::World;
use super::exempt::Target;
use super::index::Owner;
use super::plan::{Plan, What};
use super::proof::Claim;
use super::solve::{Solution, Used};
use crate::ir::{
    Blocked, ClauseId, Compare, Comparison, ExemptionId, Literal, PolicyFact, RuleId, Timing,
};
use crate::source::Span;
use crate::value::{Date, Number, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What was made use of, in one world or in several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exercised {
    /// In how many worlds each rule fires: its body holds, its clause is in force, nothing exempts from it.
    pub fired: BTreeMap<RuleId, usize>,
    /// In how many worlds each exemption blocks something that a rule would conclude, and in how many it does not.
    pub exemptions: BTreeMap<ExemptionId, Ways>,
    /// By where it is written: in how many worlds each literal of a clause in force holds, and is the first to fail.
    pub literals: BTreeMap<Span, Ways>,
    /// By where it is written: what the two sides of each comparison of size were.
    pub thresholds: BTreeMap<Span, Met>,
    /// The days on which some rule or exemption of a clause has all its conditions, in force or not.
    pub days: BTreeMap<ClauseId, BTreeSet<Date>>,
    /// In how many worlds something listed in a clause is read by a rule that has all its conditions.
    pub lists: BTreeMap<ClauseId, usize>,
}

/// How often something came out one way and the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// It holds, or is used.
    pub yes: usize,
    /// It fails, or is not used.
    pub no: usize,
}

/// How near to each other the sides of a comparison of size came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// Whether they were equal: exactly at the boundary.
    pub exactly: bool,
    /// By how much the left side was greater, at least.
    pub above: Option<Number>,
    /// By how much it was less, at least.
    pub below: Option<Number>,
}

impl Exercised {
    /// Adds what another world makes use of.
    pub fn merge(&mut self, other: Exercised) {
        let add = |ways: &mut Ways, more: Ways| {
            ways.yes += more.yes;
            ways.no += more.no;
        };
        for (rule, count) in other.fired {
            *self.fired.entry(rule).or_default() += count;
        }
        for (clause, count) in other.lists {
            *self.lists.entry(clause).or_default() += count;
        }
        for (id, ways) in other.exemptions {
            add(self.exemptions.entry(id).or_default(), ways);
        }
        for (span, ways) in other.literals {
            add(self.literals.entry(span).or_default(), ways);
        }
        for (span, met) in other.thresholds {
            let own = self.thresholds.entry(span).or_default();
            own.exactly |= met.exactly;
            own.above = least(own.above.take(), met.above);
            own.below = least(own.below.take(), met.below);
        }
        for (clause, days) in other.days {
            self.days.entry(clause).or_default().extend(days);
        }
    }
}

fn least(one: Option<Number>, other: Option<Number>) -> Option<Number> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// How many bindings of one rule are looked at.
const MOST: usize = 20_000;

impl World<'_> {
    /// What this world makes use of. `days`: those on which rules are looked at that hold day by day.
    pub fn exercised(&self, days: &BTreeSet<Date>) -> Exercised {
        let mut walk = Walk {
            world: self,
            seen: Exercised::default(),
            left: 0,
        };
        for at in 0..self.policy.rules.len() {
            walk.rule(RuleId(at as u32), days);
        }
        walk.stated(days);
        let mut seen = walk.seen;
        // A world counts once, however many instances it has.
        for count in seen.fired.values_mut().chain(seen.lists.values_mut()) {
            *count = 1;
        }
        let ways = seen.literals.values_mut();
        for ways in ways.chain(seen.exemptions.values_mut()) {
            *ways = Ways {
                yes: ways.yes.min(1),
                no: ways.no.min(1),
            };
        }
        seen
    }
}

struct Walk<'w, 'a> {
    world: &'w World<'a>,
    seen: Exercised,
    /// How many bindings may still be looked at.
    left: usize,
}

impl<'a> Walk<'_, 'a> {
    fn rule(&mut self, id: RuleId, days: &BTreeSet<Date>) {
        let world = self.world;
        let rule = world.policy.rule(id);
        let empty = vec![None; rule.variables.len()];
        let seeds: Vec<Solution<'a>> = match rule.timing {
            Timing::Standing => {
                let days = days.iter();
                days.map(|day| Solution::seed(empty.clone(), Some(*day)))
                    .collect()
            }
            Timing::Timeless | Timing::Event(..) | Timing::On(_) => {
                vec![Solution::seed(empty, None)]
            }
        };
        self.left = MOST;
        for seed in seeds {
            let solutions = self.body(Owner::Rule(id), rule.home, &rule.body, seed);
            for solution in solutions {
                self.instance(id, rule.home, &solution);
            }
        }
    }

    /// All conditions of a rule hold.
    fn instance(&mut self, id: RuleId, home: Option<ClauseId>, solution: &Solution<'a>) {
        let world = self.world;
        self.lists(solution);
        if let (Some(home), Some(day)) = (home, solution.day) {
            self.seen.days.entry(home).or_default().insert(day);
        }
        let concludes = self.is_in_force(home, solution.day) && world.is_certain(solution);
        let claim = world.head_claim(id, solution, solution.day);
        let target = world.target_of_rule(id, solution, &claim);
        let is_blocked = self.exempting(Blocked::Rule(id), &target, concludes);
        if concludes && !is_blocked {
            *self.seen.fired.entry(id).or_default() += 1;
        }
    }

    /// What stands in a clause, and may be exempted from.
    fn stated(&mut self, days: &BTreeSet<Date>) {
        let world = self.world;
        for fact in &world.policy.facts {
            let Some(home) = fact.home else { continue };
            let blocked = Blocked::Facts(fact.relation, home);
            for day in days.iter().copied() {
                if world.blockers(blocked, Some(day)).is_empty() {
                    continue;
                }
                let standing = world.policy.relation(fact.relation).standing;
                let target = world.target_of_fact(&Claim {
                    relation: fact.relation,
                    args: fact.args.clone(),
                    day: Some(day).filter(|_| standing),
                });
                let concludes = self.is_in_force(Some(home), Some(day));
                self.exempting(blocked, &target, concludes);
            }
        }
    }

    /// The exemptions that could block something, and those from them; whether one does. `concludes`: whether there is something to
    /// be blocked; else only their days are looked at.
    fn exempting(&mut self, blocked: Blocked, target: &Target, concludes: bool) -> bool {
        let world = self.world;
        let mut is_blocked = false;
        for exemption in world.blockers(blocked, target.day) {
            let written = world.policy.exemption(exemption);
            let mut holds = false;
            for seed in world.exemption_seeds(exemption, target) {
                let owner = Owner::Exemption(exemption);
                for solution in self.body(owner, Some(written.home), &written.body, seed) {
                    holds = true;
                    self.lists(&solution);
                    if let Some(day) = solution.day {
                        let days = self.seen.days.entry(written.home).or_default();
                        days.insert(day);
                    }
                }
            }
            let is_law = world.is_exemption_law(exemption, target.day);
            // What is exempted from nothing is restored by nothing.
            if holds {
                let inner = Blocked::Exemption(exemption);
                self.exempting(inner, target, concludes && is_law);
            }
            if !concludes || !is_law {
                continue;
            }
            let applies = world.on_other_side(|| world.applies(exemption, target));
            is_blocked |= applies;
            let ways = self.seen.exemptions.entry(exemption).or_default();
            match applies {
                true => ways.yes += 1,
                false => ways.no += 1,
            }
        }
        is_blocked
    }

    /// The clauses that list what a solution reads.
    fn lists(&mut self, solution: &Solution<'a>) {
        for used in &solution.uses {
            if let Used::Claim(claim) = &used.what {
                self.listed(claim);
            }
        }
    }

    /// The clauses that list a fact.
    fn listed(&mut self, claim: &Claim) {
        let world = self.world;
        let stated = world
            .index()
            .stated(world.policy, claim.relation, &claim.args);
        for home in stated.filter_map(|fact| fact.home) {
            *self.seen.lists.entry(home).or_default() += 1;
            if let Some(day) = claim.day {
                self.seen.days.entry(home).or_default().insert(day);
            }
        }
    }

    /// The clauses that list what stands against `not A`; and those that would list it, or what `A` asks for, on another day.
    fn listed_otherwise(&mut self, literal: &Literal, solution: &Solution<'a>, concludes: bool) {
        let world = self.world;
        let (Literal::Holds(premise) | Literal::Absent(premise)) = literal else {
            return;
        };
        if !world.index().homes.contains_key(&premise.atom.relation) {
            return;
        }
        let Some(pattern) = world.pattern_of(premise, solution) else {
            return;
        };
        if let (Literal::Absent(_), true) = (literal, concludes) {
            for claim in world.on_other_side(|| world.claims(&pattern)) {
                self.listed(&claim);
            }
        }
        let fits = |fact: &&PolicyFact| {
            let mut pairs = pattern.args.iter().zip(&fact.args);
            fact.relation == pattern.relation
                && pairs.all(|(known, value)| known.as_ref().is_none_or(|known| known == value))
        };
        let homes = world.policy.facts.iter().filter(fits);
        for home in homes.filter_map(|fact| fact.home) {
            self.seen.days.entry(home).or_default().extend(pattern.day);
        }
    }

    fn is_in_force(&self, home: Option<ClauseId>, day: Option<Date>) -> bool {
        match (home, day) {
            (Some(home), Some(day)) => self.world.is_law(home, day),
            (Some(_) | None, _) => true,
        }
    }

    /// The solutions of a body; notes on the way which literals hold and which fail, where the clause is in force.
    fn body(
        &mut self,
        owner: Owner,
        home: Option<ClauseId>,
        body: &'a [Literal],
        seed: Solution<'a>,
    ) -> Vec<Solution<'a>> {
        let plan = self.world.new_plan(owner, &seed, body.iter().enumerate());
        let mut found = Vec::new();
        if plan.left.is_empty() {
            self.walk(owner, home, body, &plan, 0, seed, &mut found);
        }
        found
    }

    #[expect(clippy::too_many_arguments, reason = "one step of one recursion")]
    fn walk(
        &mut self,
        owner: Owner,
        home: Option<ClauseId>,
        body: &'a [Literal],
        plan: &Plan<'a>,
        at: usize,
        solution: Solution<'a>,
        found: &mut Vec<Solution<'a>>,
    ) {
        let Some(next) = plan.moves.get(at) else {
            found.push(solution);
            return;
        };
        let world = self.world;
        let is_in_force = self.is_in_force(home, solution.day);
        if let (What::Compare(compare), true) = (&next.what, is_in_force) {
            self.threshold(compare, &solution);
        }
        if let (What::Either(sides), Literal::Or(bodies, _)) = (&next.what, &body[next.place]) {
            for (side, body) in sides.iter().zip(bodies) {
                let from = Solution::seed(solution.bindings.clone(), solution.day);
                self.walk(owner, home, body, side, 0, from, &mut Vec::new());
            }
        }
        let any_day = world.any_day(owner);
        let before = solution.clone();
        let extended: Vec<Solution<'a>> = world
            .extend(any_day, next.place, &next.what, solution)
            .take(self.left)
            .collect();
        self.left = self.left.saturating_sub(extended.len().max(1));
        if is_in_force && !matches!(next.what, What::Day) {
            let literal = literal_span(&body[next.place]);
            let ways = self.seen.literals.entry(literal).or_default();
            match extended.is_empty() {
                true => ways.no += 1,
                false => ways.yes += 1,
            }
        }
        let literal = &body[next.place];
        let may_be_listed = extended.is_empty() || matches!(literal, Literal::Absent(_));
        if may_be_listed && !matches!(next.what, What::Day) {
            self.listed_otherwise(literal, &before, is_in_force);
        }
        for solution in extended {
            self.walk(owner, home, body, plan, at + 1, solution, found);
        }
    }

    fn threshold(&mut self, compare: &'a Compare, solution: &Solution<'a>) {
        if !is_of_size(compare.op) {
            return;
        }
        let scope = self.world.scope(&solution.bindings);
        let sides = (scope.value(&compare.left), scope.value(&compare.right));
        let difference = match sides {
            (Ok(Value::Number(left)), Ok(Value::Number(right))) => &left - &right,
            (Ok(Value::Date(left)), Ok(Value::Date(right))) => {
                Number::from_integer(i64::from((left - right).get_days()))
            }
            _ => return,
        };
        let met = self.seen.thresholds.entry(compare.span).or_default();
        if difference.is_zero() {
            met.exactly = true;
        } else if difference > Number::zero() {
            met.above = least(met.above.take(), Some(difference));
        } else {
            met.below = least(met.below.take(), Some(difference.abs()));
        }
    }
}

/// Whether a comparison is one of size.
pub fn is_of_size(op: Comparison) -> bool {
    !matches!(op, Comparison::Equal | Comparison::NotEqual)
}

/// Where a literal is written.
pub fn literal_span(literal: &Literal) -> Span {
    match literal {
        Literal::Holds(premise) | Literal::Absent(premise) => premise.span,
        Literal::Compare(compare) => compare.span,
        Literal::Bind(bind) => bind.span,
        Literal::Test(test) => test.span,
        Literal::Aggregate(aggregate) => aggregate.span,
        Literal::Or(_, span) => *span,
        Literal::Exempted(exempted) => exempted.span,
    }
}
