//! What stands in the way of something that does not hold: facts that are there, and without one of which it might.
//!
//! An absence can rest on facts: `p` is absent because `p if q, not s` and `s` holds. An auditor who strikes out a fact
//! must see whether the proof rests on it, so all of these are named (DESIGN, "nothing left out"). To be struck out is one
//! fact at a time: of an instance that several things prevent, the first is named. What is found may be more than is
//! needed, never less, but for the stated limit.

use super::World;
use super::exempt::Target;
use super::index::{Owner, remember};
use super::plan::{Move, Plan, What};
use super::proof::{Claim, Pattern};
use super::solve::{Body, Solution, Used};
use crate::ir::{
    Aggregate, Blocked, ClauseId, Exempted, ExemptionId, ExemptionTarget, Kind, Literal, Missing,
    Policy, PolicyFact, Premise, Relation, RelationId, RelationKind, RuleId,
};
use crate::value::{Date, Type, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

/// How many partial instances are looked at.
const STEPS: usize = 100_000;

/// One thing in the way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Obstacle {
    /// A fact that must not be there.
    Holds(Claim),
    /// A judgement that says no.
    Denied(Claim),
    /// That one of these exemptions blocks a derivation.
    Exempted(Rc<[ExemptionId]>, Claim),
    /// An exemption that blocks a derivation, or another exemption.
    Blocks(ExemptionId, Target),
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct InTheWay {
    /// Each once, in canonical order.
    pub obstacles: BTreeSet<Obstacle>,
    /// Whether the limit was reached before all was looked at.
    pub is_cut_short: bool,
}

/// What is absent: an atom (by one of these clauses).
pub(super) type Wanted = (Pattern, Option<Vec<ClauseId>>);

/// What looking at one absence gives: it is the same whatever asks for it.
#[derive(Debug)]
pub(super) struct Looked {
    found: InTheWay,
    /// The absences on which it hangs in turn, in the order in which they were met.
    wants: Vec<Wanted>,
    steps: usize,
}

struct Walk<'w, 'a> {
    world: &'w World<'a>,
    found: InTheWay,
    seen: BTreeSet<Wanted>,
    open: Vec<Wanted>,
    steps: usize,
}

/// What is to be done behind a literal.
struct Rest<'p, 'a> {
    moves: &'p [Move<'a>],
    then: Option<Rc<Rest<'p, 'a>>>,
}

/// What a body is the body of.
#[derive(Clone, Copy)]
enum Goal<'p> {
    /// A rule that could give this.
    Rule(RuleId, &'p Pattern),
    /// Braces, or an exemption.
    Else,
}

impl<'a> World<'a> {
    /// What stands in the way of an atom (by one of these clauses).
    pub(super) fn in_the_way(&self, pattern: &Pattern, by: Option<&[ClauseId]>) -> InTheWay {
        if !self.can_grow(pattern.relation) {
            return InTheWay::default();
        }
        self.on_other_side(|| {
            let mut walk = Walk::new(self);
            walk.want(pattern.clone(), by.map(<[ClauseId]>::to_vec));
            walk.finish()
        })
    }

    /// What stands in the way of more contributions to an aggregate, where more could change its result.
    pub(super) fn in_the_way_of_braces(
        &self,
        owner: Owner,
        aggregate: &'a Aggregate,
        outer: &Solution<'a>,
        result: &Value,
    ) -> InTheWay {
        if self.is_outermost(aggregate, result) {
            return InTheWay::default();
        }
        self.on_other_side(|| {
            let mut walk = Walk::new(self);
            walk.braces(owner, aggregate, outer);
            walk.finish()
        })
    }

    /// Whether a `max` is the last member of its set, or a `min` the first: no contribution goes beyond that.
    fn is_outermost(&self, aggregate: &Aggregate, result: &Value) -> bool {
        let set = aggregate.term.as_ref().map(|term| term.ty);
        let (Some(Type::Set(set)), Value::Member(at)) = (set, result) else {
            return false;
        };
        match aggregate.function.name {
            "max" => *at as usize + 1 == self.policy.types.members(set).len(),
            "min" => *at == 0,
            _ => false,
        }
    }

    /// What stands in the way of an exemption that does not apply.
    pub(super) fn in_the_way_of_exemption(&self, id: ExemptionId, target: &Target) -> InTheWay {
        self.on_other_side(|| {
            let mut walk = Walk::new(self);
            walk.exemption(id, target);
            walk.finish()
        })
    }

    /// What stands in the way of `exempted A by C`, by these exemptions.
    pub(super) fn in_the_way_of_exempted(&self, by: &[ExemptionId], pattern: &Pattern) -> InTheWay {
        self.on_other_side(|| {
            let mut walk = Walk::new(self);
            walk.exempted(by, pattern);
            walk.finish()
        })
    }

    /// What stands in the way of presuming the contrary of a judgement (`denied`: it is presumed not to be so).
    pub(super) fn in_the_way_of_contrary(&self, claim: &Claim, denied: bool) -> InTheWay {
        self.on_other_side(|| {
            let mut walk = Walk::new(self);
            for (at, seed) in self.contrary(claim, denied) {
                let owner = Owner::Presumption(at);
                let plan = self.plan(owner, &seed);
                let body = self.body_of_presumption(at);
                walk.body(owner, body, &plan, seed, Goal::Else);
            }
            walk.finish()
        })
    }

    /// Whether an absence was looked at before, where that is asked for once.
    fn is_walked(&self, wanted: &Wanted) -> bool {
        let mut walked = self.kept.walked.borrow_mut();
        let key = || (self.side.get(), wanted.clone());
        walked.as_mut().is_some_and(|walked| !walked.insert(key()))
    }

    /// Until this has ended, what stands in the way of each absence is told once: for those who want all of it together.
    pub(super) fn once<T>(&self, ask: impl FnOnce() -> T) -> T {
        self.kept.walked.replace(Some(HashSet::new()));
        let answer = ask();
        self.kept.walked.replace(None);
        answer
    }

    /// What looking at one absence gives, on this side.
    fn looked(&self, wanted: &Wanted) -> Rc<Looked> {
        let key = (self.side.get(), wanted.clone());
        if let Some(known) = self.kept.looked.borrow().get(&key) {
            return Rc::clone(known);
        }
        let mut walk = Walk::new(self);
        walk.rules_for(&wanted.0, wanted.1.as_deref());
        let looked = Rc::new(Looked {
            found: walk.found,
            wants: walk.open,
            steps: walk.steps,
        });
        remember(&self.kept.looked, key, Rc::clone(&looked));
        looked
    }

    /// Whether taking away a fact can make more of a relation hold: something below it is denied, counted or exempted.
    pub(super) fn can_grow(&self, relation: RelationId) -> bool {
        self.index().growing.contains(&relation)
    }
}

impl<'w, 'a> Walk<'w, 'a> {
    fn new(world: &'w World<'a>) -> Walk<'w, 'a> {
        Walk {
            world,
            found: InTheWay::default(),
            seen: BTreeSet::new(),
            open: Vec::new(),
            steps: 0,
        }
    }

    fn want(&mut self, pattern: Pattern, by: Option<Vec<ClauseId>>) {
        let wanted = (pattern, by);
        if self.seen.insert(wanted.clone()) {
            self.open.push(wanted);
        }
    }

    fn finish(mut self) -> InTheWay {
        while let Some((pattern, by)) = self.open.pop() {
            if self.found.is_cut_short {
                break;
            }
            let wanted = (pattern, by);
            if self.world.is_walked(&wanted) {
                continue;
            }
            let looked = self.world.looked(&wanted);
            self.found
                .obstacles
                .extend(looked.found.obstacles.iter().cloned());
            self.steps += looked.steps;
            self.found.is_cut_short |= looked.found.is_cut_short || self.steps > STEPS;
            for (pattern, by) in &looked.wants {
                self.want(pattern.clone(), by.clone());
            }
        }
        self.found
    }

    fn add(&mut self, obstacle: Obstacle) {
        self.found.obstacles.insert(obstacle);
    }

    /// Each rule, and each fact of a clause, that could give an atom.
    fn rules_for(&mut self, pattern: &Pattern, by: Option<&[ClauseId]>) {
        let world = self.world;
        let is_meant = |home: Option<ClauseId>| {
            by.is_none_or(|by| world.may_count_as_on(home, by, pattern.day))
        };
        for id in world.index().rules(pattern.relation) {
            if !is_meant(world.policy.rule(*id).home) {
                continue;
            }
            if let Some(seed) = world.rule_seed(*id, &pattern.args, pattern.day) {
                let plan = world.plan(Owner::Rule(*id), &seed);
                let body = world.body_of(*id);
                self.body(
                    Owner::Rule(*id),
                    body,
                    &plan,
                    seed,
                    Goal::Rule(*id, pattern),
                );
            }
        }
        self.blocked_facts(pattern, &is_meant);
    }

    /// The facts of clauses that match, but for an exemption or a suspension that judgements decide.
    fn blocked_facts(&mut self, pattern: &Pattern, is_meant: &dyn Fn(Option<ClauseId>) -> bool) {
        let world = self.world;
        let is_blocked = |home: ClauseId| {
            let blocked = Blocked::Facts(pattern.relation, home);
            world.is_judged(home) || !world.blockers(blocked, pattern.day).is_empty()
        };
        let homes = world.index().homes.get(&pattern.relation);
        let mut homes = homes.into_iter().flatten().flatten();
        if !homes.any(|home| is_blocked(*home)) {
            return;
        }
        let fits = |fact: &&PolicyFact| {
            let mut fields = pattern.args.iter().zip(&fact.args);
            fact.relation == pattern.relation
                && fields.all(|(known, value)| known.as_ref().is_none_or(|known| known == value))
        };
        for fact in world.policy.facts.iter().filter(fits) {
            let claim = Claim {
                relation: fact.relation,
                args: fact.args.clone(),
                day: pattern.day,
            };
            let home = fact.home.filter(|home| is_meant(Some(*home)));
            let home = home
                .zip(pattern.day)
                .filter(|(home, day)| self.is_law(*home, *day))
                .map(|(home, _)| home);
            let blocker = home.and_then(|home| world.blocker_of_facts(home, &claim));
            if let Some((id, target)) = blocker {
                self.add(Obstacle::Blocks(id, target));
            }
        }
    }

    fn braces(&mut self, owner: Owner, aggregate: &'a Aggregate, outer: &Solution<'a>) {
        let world = self.world;
        let mut reads = Reads::default();
        reads.all(&aggregate.body);
        let mut relations = reads.relations.into_iter();
        if !reads.is_growing && !relations.any(|relation| world.can_grow(relation)) {
            return;
        }
        let inside = world.inside(aggregate, outer);
        let plan = world.new_plan(owner, &inside, aggregate.body.iter().enumerate());
        self.body(owner, super::solve::NO_RULE, &plan, inside, Goal::Else);
    }

    fn exemption(&mut self, id: ExemptionId, target: &Target) {
        let world = self.world;
        if !world.is_exemption_law(id, target.day) {
            let home = world.policy.exemption(id).home;
            if let Some(day) = target.day {
                self.is_law(home, day);
            }
            return;
        }
        for seed in world.exemption_seeds(id, target) {
            let plan = world.plan(Owner::Exemption(id), &seed);
            let owner = Owner::Exemption(id);
            self.body(owner, super::solve::NO_RULE, &plan, seed, Goal::Else);
        }
        let counter = world.on_other_side(|| world.counter(id, target));
        if let Some(counter) = counter {
            self.add(Obstacle::Blocks(counter, target.clone()));
        }
    }

    fn exempted(&mut self, by: &[ExemptionId], pattern: &Pattern) {
        let world = self.world;
        for claim in world.exempted_claims(by, pattern) {
            for (id, derivation) in world.exempted_derivations(by, &claim) {
                let target = world.target_of(&derivation, &claim);
                self.exemption(id, &target);
            }
        }
        self.want(pattern.clone(), None);
    }

    /// Whether a clause is in force that day; if not, the judgements that decide so are in the way.
    fn is_law(&mut self, home: ClauseId, day: Date) -> bool {
        let is_law = self.world.is_law(home, day);
        if !is_law {
            for judgement in self.world.deciders(home, day).iter() {
                let claim = judgement.claim.clone();
                self.add(match judgement.truth {
                    true => Obstacle::Holds(claim),
                    false => Obstacle::Denied(claim),
                });
            }
        }
        is_law
    }

    /// Every way in which the literals that are there could be joined by those that might be.
    fn body(
        &mut self,
        owner: Owner,
        body: Body<'a>,
        plan: &Plan<'a>,
        seed: Solution<'a>,
        goal: Goal<'_>,
    ) {
        let law = body.home.zip(seed.day);
        if law.is_some_and(|(home, day)| !self.is_law(home, day)) {
            return;
        }
        let rest = Rc::new(Rest {
            moves: &plan.moves,
            then: None,
        });
        let mut open: Vec<(Solution<'a>, Rc<Rest<'_, 'a>>)> = vec![(seed, rest)];
        while let Some((solution, rest)) = open.pop() {
            self.steps += 1;
            if self.steps > STEPS {
                self.found.is_cut_short = true;
                return;
            }
            let Some((next, others)) = rest.moves.split_first() else {
                match &rest.then {
                    Some(then) => open.push((solution, then.clone())),
                    None => self.whole(goal, &solution),
                }
                continue;
            };
            let others = Rc::new(Rest {
                moves: others,
                then: rest.then.clone(),
            });
            let onward = self.literal(owner, body, next, solution);
            match onward {
                Onward::With(solutions) => {
                    let solutions = solutions.into_iter().rev();
                    open.extend(solutions.map(|solution| (solution, others.clone())));
                }
                Onward::Either(plans, solution) => open.extend(plans.iter().map(|plan| {
                    let inside = Rest {
                        moves: &plan.moves,
                        then: Some(others.clone()),
                    };
                    (solution.clone(), Rc::new(inside))
                })),
            }
        }
    }

    /// The whole body holds: then it is an exemption that blocks, or nothing does.
    fn whole(&mut self, goal: Goal<'_>, solution: &Solution<'a>) {
        let Goal::Rule(id, pattern) = goal else {
            return;
        };
        let claim = self.world.head_claim(id, solution, pattern.day);
        if let Some((id, target)) = self.world.blocker_of_rule(id, solution, &claim) {
            self.add(Obstacle::Blocks(id, target));
        }
    }

    /// How it goes on behind one literal, and what stands in its way.
    fn literal<'p>(
        &mut self,
        owner: Owner,
        body: Body<'a>,
        next: &'p Move<'a>,
        solution: Solution<'a>,
    ) -> Onward<'p, 'a> {
        let world = self.world;
        match &next.what {
            What::Match(premise) => self.matched(premise, &solution),
            What::Refuse(premise) => {
                if let Some(claim) =
                    world.on_other_side(|| world.matching_claims(premise, &solution).next())
                {
                    self.add(Obstacle::Holds(claim));
                    return Onward::With(Vec::new());
                }
                return Onward::With(vec![solution]);
            }
            What::Exempted(exempted) => {
                if let Some(pattern) =
                    world.pattern(&exempted.atom, &solution.bindings, solution.day)
                {
                    self.exempted_literal(exempted, &pattern);
                }
            }
            What::Fold(aggregate, _) => {
                self.folded(owner, aggregate, &next.what, body, &solution);
            }
            What::Either(plans) => return Onward::Either(plans, solution),
            What::Day => {
                let day = body
                    .timing
                    .and_then(|it| world.day_of(it, &solution.bindings));
                if let Some((home, day)) = body.home.zip(day) {
                    self.is_law(home, day);
                }
            }
            What::Compare(_) | What::Test(_) | What::Bind(_) => {}
        }
        Onward::With(
            world
                .extend(body, next.place, &next.what, solution)
                .collect(),
        )
    }

    /// A positive literal: rows that are not there might be, and what is known might not be.
    fn matched(&mut self, premise: &'a Premise, solution: &Solution<'a>) {
        let world = self.world;
        let Some(pattern) = world.pattern_of(premise, solution) else {
            return;
        };
        let relation = world.policy.relation(pattern.relation);
        match relation.kind {
            Kind::Declared(RelationKind::Judgement) => {
                let args: Option<Vec<Value>> = pattern.args.iter().cloned().collect();
                if let Some(args) = args {
                    let claim = Claim {
                        relation: pattern.relation,
                        args,
                        day: pattern.day,
                    };
                    if !world.places(&claim, true).is_empty() {
                        self.add(Obstacle::Denied(claim));
                    }
                }
            }
            Kind::Declared(RelationKind::Input | RelationKind::Event) => {
                if has_unknowns(relation) {
                    self.known_values(&pattern);
                }
            }
            Kind::Declared(RelationKind::Relation | RelationKind::Verdict)
            | Kind::Constraint(_)
            | Kind::Names(_) => {
                let is_there = pattern.args.iter().all(Option::is_some)
                    && world.matching_claims(premise, solution).next().is_some();
                if world.can_grow(pattern.relation) && !is_there {
                    self.want(pattern, premise.by.clone());
                }
            }
        }
    }

    /// Facts that say what would not be known without them.
    fn known_values(&mut self, pattern: &Pattern) {
        let relation = self.world.policy.relation(pattern.relation);
        let key = relation.key.unwrap_or(relation.fields.len());
        let mut by_key = pattern.clone();
        by_key.args[key..].fill(None);
        by_key.present.clear();
        for claim in self.world.claims(&by_key) {
            if !claim.args.iter().any(Value::is_open) {
                self.add(Obstacle::Holds(claim));
            }
        }
    }

    /// What an aggregate counts may be less, and more.
    fn folded(
        &mut self,
        owner: Owner,
        aggregate: &'a Aggregate,
        what: &What<'a>,
        body: Body<'a>,
        solution: &Solution<'a>,
    ) {
        let mut open = solution.clone();
        open.bindings[aggregate.result.at()] = None;
        let folded: Vec<Solution<'a>> = self.world.extend(body, 0, what, open).collect();
        for used in folded.into_iter().flat_map(|solution| solution.uses) {
            if let Used::Aggregate(_, folded) = used.what {
                let ways = folded
                    .contributions
                    .iter()
                    .filter_map(|one| one.ways.first());
                for used in ways.flat_map(|way| &way.uses) {
                    self.used(&used.what);
                }
            }
        }
        self.braces(owner, aggregate, solution);
    }

    fn used(&mut self, used: &Used<'a>) {
        match used {
            Used::Claim(claim) | Used::GivenBy(claim, _) => {
                self.add(Obstacle::Holds(claim.clone()));
            }
            Used::Exempted(exempted, claim) => {
                let by = exempted.by.as_slice().into();
                self.add(Obstacle::Exempted(by, claim.clone()));
            }
            Used::Absent(_)
            | Used::Compare(_)
            | Used::Test(_)
            | Used::Bind(_)
            | Used::Aggregate(..)
            | Used::NotExempted(_) => {}
        }
    }

    fn exempted_literal(&mut self, exempted: &'a Exempted, pattern: &Pattern) {
        if !exempted.negated {
            self.exempted(&exempted.by, pattern);
            return;
        }
        let world = self.world;
        let claims = world.exempted_claims(&exempted.by, pattern).into_iter();
        let by: Rc<[ExemptionId]> = exempted.by.as_slice().into();
        for claim in claims {
            if world.on_other_side(|| world.is_exempted_by(&exempted.by, &claim)) {
                self.add(Obstacle::Exempted(by.clone(), claim));
            }
        }
    }
}

/// How it goes on behind one literal.
enum Onward<'p, 'a> {
    With(Vec<Solution<'a>>),
    Either(&'p [Plan<'a>], Solution<'a>),
}

/// The relations of which more can hold, or may, where a fact is taken away: something below is denied, counted, exempted,
/// judged or not known, or stands in one of these clauses, which are in force or not as judgements have it.
pub(super) fn growing(policy: &Policy, judged: &BTreeSet<ClauseId>) -> BTreeSet<RelationId> {
    let mut growing: BTreeSet<RelationId> = BTreeSet::new();
    let facts = policy.facts.iter().map(|fact| (fact.relation, fact.home));
    let rules = policy.rules.iter();
    let homes = facts.chain(rules.map(|rule| (rule.head.relation, rule.home)));
    let judged = homes.filter(|(_, home)| home.is_some_and(|home| judged.contains(&home)));
    growing.extend(judged.map(|(relation, _)| relation));
    for (at, relation) in policy.relations.iter().enumerate() {
        let is_judgement = relation.kind == Kind::Declared(RelationKind::Judgement);
        if is_judgement || has_unknowns(relation) {
            growing.insert(RelationId(at as u32));
        }
    }
    for exemption in &policy.exemptions {
        match &exemption.target {
            ExemptionTarget::Head(atom) => _ = growing.insert(atom.relation),
            ExemptionTarget::Event(..) => {
                growing.extend(policy.rules.iter().map(|rule| rule.head.relation));
                growing.extend(policy.facts.iter().map(|fact| fact.relation));
            }
        }
    }
    let mut readers: BTreeMap<RelationId, Vec<RelationId>> = BTreeMap::new();
    for rule in &policy.rules {
        let mut reads = Reads::default();
        reads.all(&rule.body);
        if reads.is_growing {
            growing.insert(rule.head.relation);
        }
        for relation in reads.relations {
            readers
                .entry(relation)
                .or_default()
                .push(rule.head.relation);
        }
    }
    let mut open: Vec<RelationId> = growing.iter().copied().collect();
    while let Some(relation) = open.pop() {
        let heads = readers.get(&relation).into_iter().flatten();
        open.extend(heads.copied().filter(|head| growing.insert(*head)));
    }
    growing
}

fn has_unknowns(relation: &Relation) -> bool {
    let mut fields = relation.fields.iter();
    fields.any(|field| field.missing == Missing::Unknown)
}

/// What a body reads.
#[derive(Default)]
struct Reads {
    relations: BTreeSet<RelationId>,
    /// Whether something in it can come to hold where a fact is taken away.
    is_growing: bool,
}

impl Reads {
    fn all(&mut self, body: &[Literal]) {
        for literal in body {
            match literal {
                Literal::Holds(premise) => _ = self.relations.insert(premise.atom.relation),
                Literal::Absent(_) | Literal::Exempted(_) | Literal::Aggregate(_) => {
                    self.is_growing = true;
                }
                Literal::Or(sides, _) => sides.iter().for_each(|side| self.all(side)),
                Literal::Compare(_) | Literal::Bind(_) | Literal::Test(_) => {}
            }
        }
    }
}
