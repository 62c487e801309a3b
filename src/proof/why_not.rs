//! Why something does not hold: for each rule that could have given it, how far it gets.

mod furthest;

use super::World;
use super::exempt::Target;
use super::index::Owner;
use super::proof::{Claim, CompareStep, If, Pattern};
use super::solve::{Folded, Solution};
use crate::ir::{
    Aggregate, ClauseId, Exempted, ExemptionId, Kind, Literal, PolicyFact, RelationKind, RuleId,
    Status, Timing,
};
use crate::source::Span;
use crate::value::{Date, Value};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Why one rule, or the facts of one clause, do not give something.
pub(super) struct Reason<'a> {
    pub rule: Option<RuleId>,
    pub clause: Option<ClauseId>,
    pub tried: Tried<'a>,
}

/// How far a body gets.
pub(super) struct Tried<'a> {
    /// The literals that hold together.
    pub solution: Solution<'a>,
    /// What stops it.
    pub fails: Fails<'a>,
    /// The literal that fails, if it is one.
    pub literal: Option<&'a Literal>,
    /// How many literals there are behind it.
    pub rest: usize,
}

impl Tried<'_> {
    /// How far it is from giving it: literals that are left, and far more where it could not give it anyway.
    pub(super) fn left(&self) -> usize {
        match self.fails {
            Fails::Head => usize::MAX,
            Fails::NotInForce(..) | Fails::NoDay => usize::MAX / 2,
            _ => self.rest,
        }
    }
}

/// What stops a body.
pub(super) enum Fails<'a> {
    Head,
    NoMatch(Pattern, Span),
    Matches(Pattern, Vec<Claim>, Span),
    Undecided(Pattern),
    Compare(CompareStep),
    /// `( A or B )`: how far each side gets.
    Sides(Span, Vec<Tried<'a>>),
    /// No group of an aggregate comes to a result: how far the braces get.
    NoGroup(Span, Box<Tried<'a>>),
    /// An aggregate comes to something else than its variable has.
    Differs(&'a Aggregate, Box<(Solution<'a>, Folded<'a>)>, Value),
    /// `exempted A by C`, and no such exemption applies to it.
    NotExempted(Pattern, &'a Exempted),
    /// `not exempted A by C`, and these are exempted.
    IsExempted(Pattern, &'a Exempted, Vec<Claim>),
    Literal(Span),
    NotInForce(ClauseId, Date),
    NoDay,
    Blocked(ExemptionId, Target),
    /// With one answer to a judgement that nobody has made, an exemption bears on it too.
    MayBeBlocked(If, ExemptionId, Target),
    /// It gives it, with values that are not known.
    Vague(Pattern),
}

/// How many facts that stand against `not A` are proved.
const MATCHES: usize = 3;
/// How many instances are looked at to see what blocks them.
const INSTANCES: usize = 1_000;
/// How many facts near to what was asked are shown.
const NEAR: usize = 3;

impl<'a> World<'a> {
    /// For each rule and clause with facts that could give it (by one of these clauses, if given): why it does not.
    pub(super) fn reasons(&self, pattern: &Pattern, by: Option<&[ClauseId]>) -> Vec<Reason<'a>> {
        let is_meant = |home: Option<ClauseId>| {
            by.is_none_or(|by| self.may_count_as_on(home, by, pattern.day))
        };
        let rules = self.index().rules(pattern.relation).iter();
        let meant = rules.filter(|rule| is_meant(self.policy.rule(**rule).home));
        let mut reasons: Vec<Reason<'a>> = meant
            .filter_map(|rule| {
                Some(Reason {
                    rule: Some(*rule),
                    clause: self.policy.rule(*rule).home,
                    tried: self.try_rule(*rule, pattern)?,
                })
            })
            .collect();
        let homes = self.index().homes.get(&pattern.relation);
        let mut homes: Vec<ClauseId> = homes.into_iter().flatten().flatten().copied().collect();
        homes.sort_by_cached_key(|home| self.policy.citation(*home));
        for home in homes.into_iter().filter(|home| is_meant(Some(*home))) {
            reasons.extend(self.try_facts(home, pattern).map(|tried| Reason {
                rule: None,
                clause: Some(home),
                tried,
            }));
        }
        reasons
    }

    /// How far a rule gets; `None` where it does give it.
    fn try_rule(&self, id: RuleId, pattern: &Pattern) -> Option<Tried<'a>> {
        let rule = self.policy.rule(id);
        let Some(seed) = self.rule_seed(id, &pattern.args, pattern.day) else {
            return Some(Tried {
                solution: Solution::seed(vec![None; rule.variables.len()], None),
                fails: Fails::Head,
                literal: None,
                rest: rule.body.len(),
            });
        };
        let tried = self.furthest(Owner::Rule(id), &rule.body, seed.clone());
        match tried {
            Ok(_) => self.what_blocks(id, seed, pattern),
            Err(tried) => Some(self.out_of_force(id, *tried)),
        }
    }

    /// Where a list is suspended together with the rule that reads it, it is the suspension that counts; and what nobody knows does
    /// not matter to a clause that is not in force.
    fn out_of_force(&self, id: RuleId, tried: Tried<'a>) -> Tried<'a> {
        let rule = self.policy.rule(id);
        let (Some(home), Some(day)) = (rule.home, tried.solution.day) else {
            return tried;
        };
        let is_out = match &tried.fails {
            Fails::NoMatch(pattern, _) => {
                pattern.day.is_some() && !self.calendar.is_in_force(home, day)
            }
            Fails::Undecided(_) => !self.on_other_side(|| self.is_law(home, day)),
            Fails::Head | Fails::NotInForce(..) | Fails::NoDay | Fails::Blocked(..) => false,
            // Another clause stands in its place: what it asks for does not matter.
            _ => matches!(self.calendar.on(home, day).status, Status::Replaced(_)),
        };
        match is_out {
            true => Tried {
                fails: Fails::NotInForce(home, day),
                ..tried
            },
            false => tried,
        }
    }

    /// The whole body holds: what keeps the rule from giving it, for the first instance that gets furthest.
    fn what_blocks(&self, id: RuleId, seed: Solution<'a>, pattern: &Pattern) -> Option<Tried<'a>> {
        let rule = self.policy.rule(id);
        let plan = self.new_plan(Owner::Rule(id), &seed, rule.body.iter().enumerate());
        let mut first: Option<Tried<'a>> = None;
        let mut given = false;
        let mut looked_at = 0;
        let _ = self.solve(
            self.any_day(Owner::Rule(id)),
            &plan,
            seed,
            &mut |solution| {
                looked_at += 1;
                let (fails, is_last) = match (rule.home, solution.day) {
                    (_, None) if rule.timing != Timing::Timeless => (Some(Fails::NoDay), false),
                    (Some(home), Some(day)) if !self.calendar.is_in_force(home, day) => {
                        (Some(Fails::NotInForce(home, day)), false)
                    }
                    (_, _) => (self.what_stops(id, &solution, pattern), true),
                };
                given |= fails.is_none() && self.is_certain(&solution);
                let is_further = first.is_none() || is_last;
                if let Some(fails) = fails.filter(|_| is_further) {
                    first = Some(Tried {
                        solution,
                        fails,
                        literal: None,
                        rest: 0,
                    });
                }
                match is_last || looked_at == INSTANCES {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            },
        );
        first.filter(|_| !given)
    }

    /// What keeps an instance of a rule that is in force from giving what is asked.
    fn what_stops(
        &self,
        id: RuleId,
        solution: &Solution<'a>,
        pattern: &Pattern,
    ) -> Option<Fails<'a>> {
        let claim = self.head_claim(id, solution, pattern.day);
        if let Some((exemption, target)) = self.blocker_of_rule(id, solution, &claim) {
            return Some(Fails::Blocked(exemption, target));
        }
        if !self.is_certain(solution) {
            return None;
        }
        if claim.args.iter().any(Value::is_open) {
            return Some(Fails::Vague((&claim).into()));
        }
        let (condition, exemption, target) = self.may_block_rule(id, solution, &claim)?;
        Some(Fails::MayBeBlocked(condition, exemption, target))
    }

    /// Why the facts of a clause do not give it; `None` where they do.
    fn try_facts(&self, home: ClauseId, pattern: &Pattern) -> Option<Tried<'a>> {
        let tried = |fails| {
            Some(Tried {
                solution: Solution::seed(Vec::new(), pattern.day),
                fails,
                literal: None,
                rest: 0,
            })
        };
        let Some(fact) = self.fact_of(home, pattern) else {
            let span = self.policy.clause(home).span;
            return tried(Fails::NoMatch(pattern.clone(), span));
        };
        let Some(day) = pattern.day else {
            return tried(Fails::NoDay);
        };
        if !self.calendar.is_in_force(home, day) {
            return tried(Fails::NotInForce(home, day));
        }
        let claim = Claim {
            relation: pattern.relation,
            args: fact.args.clone(),
            day: pattern.day,
        };
        let (exemption, target) = self.blocker_of_facts(home, &claim)?;
        tried(Fails::Blocked(exemption, target))
    }

    /// The first fact of a clause that matches.
    fn fact_of(&self, home: ClauseId, pattern: &Pattern) -> Option<&'a PolicyFact> {
        let args: Option<Vec<Value>> = pattern.args.iter().cloned().collect();
        if let Some(args) = args {
            let mut stated = self.index().stated(self.policy, pattern.relation, &args);
            return stated.find(|fact| fact.home == Some(home));
        }
        let fits = |fact: &&PolicyFact| {
            let mut fields = pattern.args.iter().zip(&fact.args);
            fact.relation == pattern.relation
                && fact.home == Some(home)
                && fields.all(|(known, value)| known.as_ref().is_none_or(|known| known == value))
        };
        let fitting = self.policy.facts.iter().filter(fits);
        fitting.min_by(|one, other| one.args.cmp(&other.args))
    }

    /// Of a relation with a key that the pattern knows: the row that has it, where there is just one.
    pub(super) fn instead_of(&self, pattern: &Pattern) -> Option<Claim> {
        let key = self.policy.relation(pattern.relation).key?;
        let args = pattern.args.iter().enumerate();
        let args = args.map(|(at, value)| value.clone().filter(|_| at < key));
        let keyed = Pattern {
            args: args.collect(),
            present: Vec::new(),
            ..pattern.clone()
        };
        if keyed.args[..key].iter().any(Option::is_none) {
            return None;
        }
        let mut rows = self.claims(&keyed).into_iter();
        rows.next().filter(|_| rows.next().is_none())
    }

    /// For what is given from outside: facts that differ in one field, nearest first.
    pub(super) fn near(&self, pattern: &Pattern) -> Vec<Claim> {
        let kind = self.policy.relation(pattern.relation).kind;
        let is_given = matches!(
            kind,
            Kind::Declared(RelationKind::Event | RelationKind::Input | RelationKind::Judgement)
        );
        if !is_given {
            return Vec::new();
        }
        let mut found: BTreeSet<(usize, Claim)> = BTreeSet::new();
        for (at, wanted) in pattern.args.iter().enumerate() {
            let Some(wanted) = wanted else { continue };
            let mut wider = pattern.clone();
            wider.args[at] = None;
            let claims = self.claims(&wider).into_iter();
            found.extend(claims.map(|claim| (distance(wanted, &claim.args[at]), claim)));
            while found.len() > NEAR {
                found.pop_last();
            }
        }
        if pattern.day.is_some() {
            let any_day = Pattern {
                day: None,
                ..pattern.clone()
            };
            let other_days = self.claims(&any_day).into_iter().take(NEAR);
            found.extend(other_days.map(|claim| (0, self.on_some_day(claim))));
        }
        found
            .into_iter()
            .map(|(_, claim)| claim)
            .take(NEAR)
            .collect()
    }
}

/// How far apart two values of one field are: letters for names and texts, nothing told of others.
fn distance(wanted: &Value, value: &Value) -> usize {
    match (wanted, value) {
        (Value::Name(a) | Value::Text(a), Value::Name(b) | Value::Text(b)) => {
            strsim::osa_distance(a, b)
        }
        _ => 1,
    }
}
