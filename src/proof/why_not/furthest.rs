//! How far a body gets: the literals that hold together, and what fails behind them.

use super::{Fails, MATCHES, Tried};
use crate::ir::{Aggregate, Exempted, Literal, Premise, Variable};
use crate::proof::World;
use crate::proof::index::Owner;
use crate::proof::proof::{Claim, CompareStep, Pattern};
use crate::proof::solve::{Body, Solution};
use crate::value::Value;

impl<'a> World<'a> {
    /// The first literals of a body (or of a part of it) that hold together, as many as possible, and what fails behind
    /// them; a solution of all of them, if there is one.
    pub(in crate::proof) fn furthest(
        &self,
        owner: Owner,
        body: &'a [Literal],
        seed: Solution<'a>,
    ) -> Result<Solution<'a>, Box<Tried<'a>>> {
        if let Some((solution, _)) = self.first_of(owner, body, &seed, &in_order(body.len())) {
            return Ok(solution);
        }
        // Fewer literals hold wherever more do: the most is found by halving.
        let (mut most, mut too_many) = (0, body.len());
        while most + 1 < too_many {
            let middle = most.midpoint(too_many);
            match self.first_of(owner, body, &seed, &in_order(middle)) {
                Some(_) => most = middle,
                None => too_many = middle,
            }
        }
        Err(Box::new(self.failing(owner, body, seed, most)))
    }

    /// The literals of a rule or an exemption.
    pub(in crate::proof) fn literals(&self, owner: Owner) -> &'a [Literal] {
        match owner {
            Owner::Rule(id) => &self.policy.rule(id).body,
            Owner::Exemption(id) => &self.policy.exemption(id).body,
            Owner::Presumption(at) => &self.presumptions[at as usize].rule.body,
        }
    }

    pub(in crate::proof) fn any_day(&self, owner: Owner) -> Body<'a> {
        Body {
            timing: match owner {
                Owner::Rule(id) => Some(&self.policy.rule(id).timing),
                Owner::Presumption(at) => Some(&self.presumptions[at as usize].rule.timing),
                Owner::Exemption(_) => None,
            },
            home: None,
            is_day_optional: true,
        }
    }

    /// The first solution of these literals, as far as they are ready, and those that are not.
    fn first_of(
        &self,
        owner: Owner,
        body: &'a [Literal],
        seed: &Solution<'a>,
        places: &[usize],
    ) -> Option<(Solution<'a>, Vec<usize>)> {
        let literals = places.iter().map(|place| (*place, &body[*place]));
        let mut plan = self.new_plan(owner, seed, literals);
        let left = std::mem::take(&mut plan.left);
        let solution = self.first_solution(self.any_day(owner), &plan, seed.clone())?;
        Some((solution, left))
    }

    /// The first `most` literals hold, one more does not: it is that one, or one that could not be looked at before.
    fn failing(
        &self,
        owner: Owner,
        body: &'a [Literal],
        seed: Solution<'a>,
        most: usize,
    ) -> Tried<'a> {
        let mut places = in_order(most);
        let (mut solution, left) = match self.first_of(owner, body, &seed, &places) {
            Some(found) => found,
            None => (seed.clone(), Vec::new()),
        };
        places.retain(|place| !left.contains(place));
        let mut last = most;
        for next in std::iter::once(most).chain(left) {
            last = next;
            places.push(next);
            match self.first_of(owner, body, &seed, &places) {
                Some((found, left)) if left.is_empty() => solution = found,
                Some(_) => _ = places.pop(),
                None => break,
            }
        }
        Tried {
            fails: self.failure(owner, &body[last], &solution),
            literal: Some(&body[last]),
            rest: body.len().saturating_sub(most + 1),
            solution,
        }
    }

    fn failure(&self, owner: Owner, literal: &'a Literal, solution: &Solution<'a>) -> Fails<'a> {
        let variables = self.variables(owner);
        let bindings = &solution.bindings;
        let compared = |step: Option<CompareStep>, span| match step {
            Some(step) => Fails::Compare(step),
            None => Fails::Literal(span),
        };
        match literal {
            Literal::Holds(premise) => match self.pattern_of(premise, solution) {
                Some(pattern) if has_open(&pattern) || self.may_match(premise, solution) => {
                    Fails::Undecided(pattern)
                }
                Some(pattern) => Fails::NoMatch(pattern, premise.span),
                None => Fails::NoDay,
            },
            Literal::Absent(premise) => self.standing_against(premise, solution),
            Literal::Compare(compare) => compared(
                self.compare_step(compare, variables, bindings),
                compare.span,
            ),
            Literal::Bind(bind) => compared(self.bind_step(bind, variables, bindings), bind.span),
            Literal::Test(test) => compared(self.test_step(test, variables, bindings), test.span),
            Literal::Aggregate(aggregate) => self.no_such_fold(owner, aggregate, solution),
            Literal::Or(sides, span) => {
                let from = Solution::seed(bindings.clone(), solution.day);
                let sides = sides.iter();
                let tried = sides.filter_map(|side| self.furthest(owner, side, from.clone()).err());
                Fails::Sides(*span, tried.map(|tried| *tried).collect())
            }
            Literal::Exempted(exempted) => self.not_so_exempted(exempted, solution),
        }
    }

    pub(in crate::proof) fn variables(&self, owner: Owner) -> &'a [Variable] {
        match owner {
            Owner::Rule(id) => &self.policy.rule(id).variables,
            Owner::Exemption(id) => &self.policy.exemption(id).variables,
            Owner::Presumption(at) => &self.presumptions[at as usize].rule.variables,
        }
    }

    /// Whether what does not follow may be so all the same.
    fn may_match(&self, premise: &'a Premise, solution: &Solution<'a>) -> bool {
        self.possible.is_some()
            && self.on_other_side(|| self.matching_claims(premise, solution).next().is_some())
    }

    fn standing_against(&self, premise: &'a Premise, solution: &Solution<'a>) -> Fails<'a> {
        match self.pattern_of(premise, solution) {
            Some(pattern) => {
                let claims = self.matching_claims(premise, solution).take(MATCHES);
                let claims: Vec<Claim> = claims.collect();
                match claims.is_empty() {
                    true => Fails::Undecided(pattern),
                    false => Fails::Matches(pattern, claims, premise.span),
                }
            }
            None => Fails::NoDay,
        }
    }

    /// Why an aggregate does not come to what its variable has: what it comes to, or why there is no such group.
    fn no_such_fold(
        &self,
        owner: Owner,
        aggregate: &'a Aggregate,
        solution: &Solution<'a>,
    ) -> Fails<'a> {
        let mut open = Solution::seed(solution.bindings.clone(), solution.day);
        let wanted = open.bindings[aggregate.result.at()].take();
        let inside = self.inside(aggregate, &open);
        let plan = self.new_plan(owner, &inside, aggregate.body.iter().enumerate());
        let groups = match plan.left.is_empty() {
            true => self.fold_groups(aggregate, &plan, &open),
            false => Vec::new(),
        };
        if let Some(((group, mut folded), wanted)) = groups.into_iter().next().zip(wanted) {
            // Of a greatest or a least value, what counts is that one.
            if !aggregate.function.has_empty && !folded.result.is_open() {
                let result = Some(folded.result.clone());
                folded.contributions.retain(|one| one.term == result);
            }
            return Fails::Differs(aggregate, Box::new((group, folded)), wanted);
        }
        match self.furthest(owner, &aggregate.body, inside) {
            Err(tried) => Fails::NoGroup(aggregate.span, tried),
            Ok(_) => Fails::Literal(aggregate.span),
        }
    }

    fn not_so_exempted(&self, exempted: &'a Exempted, solution: &Solution<'a>) -> Fails<'a> {
        let Some(pattern) = self.pattern(&exempted.atom, &solution.bindings, solution.day) else {
            return Fails::NoDay;
        };
        if !exempted.negated {
            return Fails::NotExempted(pattern, exempted);
        }
        let claims = self.exempted_claims(&exempted.by, &pattern).into_iter();
        let exempted_ones = claims.filter(|claim| self.is_exempted_by(&exempted.by, claim));
        Fails::IsExempted(pattern, exempted, exempted_ones.take(MATCHES).collect())
    }
}

/// Whether it asks about something that is not known.
fn has_open(pattern: &Pattern) -> bool {
    pattern.args.iter().flatten().any(Value::is_open)
}

fn in_order(count: usize) -> Vec<usize> {
    (0..count).collect()
}
