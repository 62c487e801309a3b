//! Single changes of the facts that bring something that does not hold nearer to holding: what its rules fail at, undone.
//!
//! Law is not changed, nor are the days on which it is in force; the day of an event can be. Whether a change, or
//! several together, make it hold is for others to try.

mod folds;
mod values;

use super::World;
use super::exempt::Target;
use super::index::Owner;
use super::proof::{Claim, Pattern, Step};
use super::search::{Key, Search};
use super::solve::{Solution, Used};
use super::why_not::{Fails, Tried};
use super::write::Writer;
use crate::ir::{
    ClauseId, ExemptionId, Kind, Literal, RelationId, RelationKind, Term, Timing, VariableId,
};
use crate::value::{Date, Number, Type, Value};
use std::collections::BTreeSet;

/// A change of the facts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A judgement is made, this way.
    Judge(Claim, bool),
    /// A fact has another value in one field.
    Replace {
        /// The fact.
        from: Claim,
        /// With the other value.
        to: Claim,
        /// In which field.
        field: usize,
    },
    /// A fact is added; what stands in these fields is an example.
    Add(Claim, Vec<usize>),
    /// A fact is taken away.
    Remove(Claim),
}

/// Sets of changes after each of which something holds, the smallest first.
#[derive(Clone, Debug, Default)]
pub struct Nearest {
    /// Each was tried.
    pub ways: Vec<BTreeSet<Change>>,
    /// How many sets were tried.
    pub tried: usize,
    /// Whether there were others that were not.
    pub has_more: bool,
}

/// A change, and how many conditions of the rule it is about are still to be seen behind the one that it mends.
pub type Repair = (usize, Change);

/// How deep rules are looked into.
const DEPTH: usize = 8;
/// How many facts of one proof are proposed to be taken away.
const PREMISES: usize = 8;
/// How many values are followed to where they come from.
const TURNS: usize = 500;

struct Mending<'w, 'a> {
    world: &'w World<'a>,
    /// How many more values are followed to where they come from.
    turns: usize,
    found: BTreeSet<Repair>,
    seen: BTreeSet<Pattern>,
}

impl<'a> World<'a> {
    /// The changes that mend what the rules for an atom fail at, each once: those with the least left to be seen first.
    pub fn repairs(&self, pattern: &Pattern) -> Vec<Repair> {
        let mut mending = Mending {
            world: self,
            turns: TURNS,
            found: BTreeSet::new(),
            seen: BTreeSet::new(),
        };
        mending.missing(&self.on_nearest_day(pattern), 0, 0);
        let mut changes = BTreeSet::new();
        let found = mending.found.into_iter();
        found
            .filter(|(_, change)| changes.insert(change.clone()))
            .collect()
    }
}

impl<'a> Mending<'_, 'a> {
    fn add(&mut self, rest: usize, change: Change) {
        self.found.insert((rest, change));
    }

    /// Something that is not there: given from outside, judged, or concluded.
    fn missing(&mut self, pattern: &Pattern, rest: usize, depth: usize) {
        if depth > DEPTH || !self.seen.insert(pattern.clone()) {
            return;
        }
        let world = self.world;
        match world.policy.relation(pattern.relation).kind {
            Kind::Declared(RelationKind::Judgement) => {
                if let Some(claim) = whole(pattern) {
                    self.add(rest, Change::Judge(claim, true));
                }
            }
            Kind::Declared(RelationKind::Input | RelationKind::Event) => {
                self.given(pattern, &|_| None, rest);
            }
            Kind::Declared(RelationKind::Relation | RelationKind::Verdict)
            | Kind::Constraint(_) => {
                for reason in world.reasons(pattern, None) {
                    if let Some(rule) = reason.rule {
                        self.mend(Owner::Rule(rule), reason.tried, rest, depth);
                    } else if let Fails::Blocked(id, target) = reason.tried.fails {
                        self.unblock(id, &target, rest);
                    }
                }
            }
            Kind::Names(_) => {}
        }
    }

    /// A fact from outside: added, or put in the place of the one that has its key.
    fn given(&mut self, pattern: &Pattern, likely: &dyn Fn(usize) -> Option<Value>, rest: usize) {
        let world = self.world;
        let relation = world.policy.relation(pattern.relation);
        let key = relation.key.unwrap_or(relation.fields.len());
        let is_key_known = pattern.args[..key].iter().all(Option::is_some);
        if is_key_known && key < pattern.args.len() {
            let mut by_key = pattern.clone();
            by_key.args[key..].fill(None);
            by_key.present.clear();
            if let Some(there) = world.claims(&by_key).into_iter().next() {
                self.replaced(there, pattern, rest);
                return;
            }
        }
        let mut args = Vec::with_capacity(pattern.args.len());
        let mut any = Vec::new();
        for (at, value) in pattern.args.iter().enumerate() {
            let field = &relation.fields[at];
            let value = value.clone().or_else(|| likely(at));
            args.push(match value {
                Some(value) => value,
                None => match self.example(pattern.relation, at, field.ty) {
                    Some(value) => {
                        any.push(at);
                        value
                    }
                    None => return,
                },
            });
        }
        let claim = Claim {
            relation: pattern.relation,
            args,
            day: None,
        };
        self.add(rest + usize::from(!any.is_empty()), Change::Add(claim, any));
    }

    /// The fact with that key, with the values asked for; where several differ, each by itself.
    fn replaced(&mut self, there: Claim, pattern: &Pattern, rest: usize) {
        for (field, wanted) in pattern.args.iter().enumerate() {
            if let Some(wanted) = wanted.as_ref().filter(|it| **it != there.args[field]) {
                self.replace(&there, field, wanted.clone(), rest);
            }
        }
    }

    fn replace(&mut self, from: &Claim, field: usize, value: Value, rest: usize) {
        let mut to = from.clone();
        to.args[field] = value;
        let from = from.clone();
        self.add(rest, Change::Replace { from, to, field });
    }

    /// Some value for a field, where nothing is known of it: one that another fact has there, or else one of its type.
    fn example(&self, relation: RelationId, field: usize, ty: Type) -> Option<Value> {
        let world = self.world;
        let mut facts = world.facts.of_relation(relation);
        let other = facts.find(|fact| !fact.args[field].is_open());
        if let Some(other) = other {
            return Some(other.args[field].clone());
        }
        match ty {
            Type::Entity(id) | Type::Set(id) => {
                let names = world.policy.names_relation(id)?;
                let rows = world.extension.matching(names, &[None], None);
                rows.into_iter().next()?.into_iter().next()
            }
            Type::Number(_) => Some(Value::Number(Number::from_integer(1))),
            Type::Bool => Some(Value::Bool(true)),
            Type::Text | Type::Date => None,
        }
    }

    /// What a body fails at.
    fn mend(&mut self, owner: Owner, tried: Tried<'a>, rest: usize, depth: usize) {
        let rest = rest + tried.rest;
        let Tried {
            solution,
            fails,
            literal,
            ..
        } = tried;
        match fails {
            Fails::NoMatch(pattern, _) | Fails::Undecided(pattern) => match literal {
                Some(Literal::Absent(_)) => self.denied(&pattern, rest),
                _ => self.no_match(owner, literal, &pattern, &solution, rest, depth),
            },
            Fails::Matches(_, claims, _) => {
                for claim in claims {
                    self.without(Key::Claim(claim), rest);
                }
            }
            Fails::Compare(_) => {
                if let Some(Literal::Compare(compare)) = literal {
                    self.compared(owner, compare, &solution, rest);
                }
            }
            Fails::Sides(_, sides) => {
                for side in sides {
                    let mut side = side;
                    let before = solution.uses.iter().cloned();
                    side.solution.uses.extend(before);
                    self.mend(owner, side, rest, depth);
                }
            }
            Fails::NoGroup(_, inside) => self.mend(owner, *inside, rest, depth),
            Fails::NotExempted(_, exempted) => {
                let world = self.world;
                let pattern = world.pattern(&exempted.atom, &solution.bindings, solution.day);
                let Some(pattern) = pattern else { return };
                for claim in world.exempted_claims(&exempted.by, &pattern) {
                    for (id, derivation) in world.exempted_derivations(&exempted.by, &claim) {
                        let target = world.target_of(&derivation, &claim);
                        self.exemption(id, &target, rest, depth);
                    }
                }
                self.missing(&pattern, rest + 1, depth + 1);
            }
            Fails::IsExempted(_, exempted, claims) => {
                for claim in claims {
                    let by = exempted.by.as_slice().into();
                    self.without(Key::Exempted(by, claim), rest);
                }
            }
            Fails::NotInForce(clause, day) => {
                self.judged(clause, day, rest);
                if let Owner::Rule(id) = owner {
                    let timing = &self.world.policy.rule(id).timing;
                    self.moved(timing, clause, day, &solution, rest);
                }
            }
            Fails::Blocked(id, target) => self.unblock(id, &target, rest),
            Fails::Differs(aggregate, folded, wanted) => {
                let by = values::difference(&wanted, &folded.1.result);
                self.folded(aggregate, &folded.0, &folded.1, by.as_ref(), rest, depth);
            }
            Fails::MayBeBlocked(condition, id, target) => {
                self.add(rest, Change::Judge(condition.judgement, !condition.truth));
                self.unblock(id, &target, rest);
            }
            Fails::Head | Fails::Literal(_) | Fails::NoDay | Fails::Vague(_) => {}
        }
    }

    /// The judgements that keep a clause out of force, or would.
    fn judged(&mut self, clause: ClauseId, day: Date, rest: usize) {
        for judgement in self.world.deciders(clause, day).iter() {
            let change = Change::Judge(judgement.claim.clone(), !judgement.truth);
            self.add(rest, change);
        }
        if let Some(claim) = self.world.undecided_on(clause, day) {
            self.add(rest, Change::Judge(claim.clone(), true));
            self.add(rest, Change::Judge(claim, false));
        }
    }

    fn denied(&mut self, pattern: &Pattern, rest: usize) {
        if let Some(claim) = whole(pattern) {
            self.add(rest, Change::Judge(claim, false));
        }
    }

    fn no_match(
        &mut self,
        owner: Owner,
        literal: Option<&'a Literal>,
        pattern: &Pattern,
        solution: &Solution<'a>,
        rest: usize,
        depth: usize,
    ) {
        let kind = self.world.policy.relation(pattern.relation).kind;
        let is_given = matches!(
            kind,
            Kind::Declared(RelationKind::Input | RelationKind::Event)
        );
        match literal {
            Some(Literal::Holds(premise)) if is_given => {
                let likely = |at: usize| match premise.atom.args[at] {
                    Term::Variable(variable) => self.likely(owner, variable, solution),
                    _ => None,
                };
                let values: Vec<Option<Value>> = (0..pattern.args.len()).map(likely).collect();
                self.given(pattern, &|at| values[at].clone(), rest);
            }
            _ => self.missing(pattern, rest, depth + 1),
        }
    }

    /// A value with which the other literals of the body can hold.
    fn likely(&self, owner: Owner, variable: VariableId, solution: &Solution<'a>) -> Option<Value> {
        let world = self.world;
        let ty = world.variables(owner)[variable.at()].ty;
        let comparisons = world
            .literals(owner)
            .iter()
            .filter_map(|literal| match literal {
                Literal::Compare(compare) => Some(compare),
                _ => None,
            });
        for compare in comparisons {
            if let Some(value) = self.bound(compare, variable, ty, &solution.bindings) {
                return Some(value);
            }
        }
        for literal in world.literals(owner) {
            let Literal::Holds(premise) = literal else {
                continue;
            };
            let at = premise
                .atom
                .args
                .iter()
                .position(|term| matches!(term, Term::Variable(other) if *other == variable));
            let pattern = at.and_then(|_| world.pattern_of(premise, solution));
            let row = pattern.and_then(|pattern| world.claims(&pattern).into_iter().next());
            if let Some((row, at)) = row.zip(at) {
                return row.args.get(at).cloned();
            }
        }
        None
    }

    /// The event on the nearest day on which the clause is in force.
    fn moved(
        &mut self,
        timing: &Timing,
        clause: crate::ir::ClauseId,
        day: Date,
        solution: &Solution<'a>,
        rest: usize,
    ) {
        let world = self.world;
        let Timing::Event(term, id_type) = timing else {
            return;
        };
        if world.circumstances.as_of.is_some() {
            return;
        }
        let Some(id) = world.scope(&solution.bindings).term(term) else {
            return;
        };
        for event in world.index().events.get(id_type).into_iter().flatten() {
            let relation = world.policy.relation(*event);
            let Some(on) = relation.on else { continue };
            let mut pattern = Pattern {
                relation: *event,
                args: vec![None; relation.fields.len()],
                present: Vec::new(),
                day: None,
            };
            pattern.args[0] = Some(id.clone());
            for claim in world.claims(&pattern) {
                for to in world.calendar.nearest_in_force(clause, day) {
                    self.replace(&claim, on, Value::Date(to), rest);
                }
            }
        }
    }

    /// An exemption that does not apply, and is to.
    fn exemption(&mut self, id: ExemptionId, target: &Target, rest: usize, depth: usize) {
        let world = self.world;
        let owner = Owner::Exemption(id);
        for seed in world.exemption_seeds(id, target) {
            if let Err(tried) = world.furthest(owner, world.literals(owner), seed) {
                self.mend(owner, *tried, rest, depth + 1);
            }
        }
    }

    /// An exemption that applies, and is not to.
    fn unblock(&mut self, id: ExemptionId, target: &Target, rest: usize) {
        if let Some(solution) = self.world.exemption_solution(id, target) {
            for used in solution.uses {
                match used.what {
                    Used::Claim(claim) | Used::GivenBy(claim, _) => {
                        self.without(Key::Claim(claim), rest);
                    }
                    Used::Absent(premise) => {
                        let seed = Solution::seed(solution.bindings.clone(), solution.day);
                        if let Some(pattern) = self.world.pattern_of(premise, &seed) {
                            self.missing(&pattern, rest + 1, 1);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// What something rests on, taken away.
    fn without(&mut self, key: Key, rest: usize) {
        let mut search = Search::new(self.world);
        let node = search.node(key);
        if !search.settle(node) {
            return;
        }
        let proof = Writer::new(&mut search).proof(node);
        let mut proposed = 0;
        for step in proof.steps {
            let change = match step {
                Step::Fact(fact) if fact.clause.is_none() && self.is_given(&fact.claim) => {
                    Change::Remove(fact.claim)
                }
                Step::Judgement(judgement) => Change::Judge(judgement.claim, !judgement.truth),
                _ => continue,
            };
            if proposed < PREMISES {
                proposed += 1;
                self.add(rest, change);
            }
        }
    }

    fn is_given(&self, claim: &Claim) -> bool {
        let mut given = self.world.given(claim.relation, &claim.args);
        given.next().is_some()
    }
}

fn whole(pattern: &Pattern) -> Option<Claim> {
    Some(Claim {
        relation: pattern.relation,
        args: pattern.args.iter().cloned().collect::<Option<_>>()?,
        day: pattern.day,
    })
}
