//! By which day each rule is judged, and which relations are standing.

use super::Problems;
use super::error;
use super::policy::{Atom, Literal, Policy, Premise, RelationId, Rule, Term, Timing};
use crate::source::Place;
use crate::value::{Type, TypeId};
use std::collections::{BTreeMap, BTreeSet};

/// Decides the timing of every rule; a relation is standing where a fact in a clause or a standing rule concludes it.
pub(super) fn judge(policy: &mut Policy, problems: &mut Problems) {
    let mut because: BTreeMap<RelationId, Place> = BTreeMap::new();
    for fact in policy.facts.iter().filter(|fact| fact.home.is_some()) {
        because.entry(fact.relation).or_insert(fact.place);
        policy.relations[fact.relation.at()].standing = true;
    }
    let events: Vec<Events> = policy
        .rules
        .iter()
        .map(|rule| Events::of(rule, policy))
        .collect();
    let days: Vec<Option<Term>> = policy.rules.iter().map(day_named).collect();
    loop {
        let mut has_changed = false;
        for (at, rule) in policy.rules.iter_mut().enumerate() {
            let matters = rule.home.is_some() || reads_standing(&rule.body, &policy.relations);
            let timing = match (&days[at], events[at].governing()) {
                _ if !matters => Timing::Timeless,
                (Some(day), _) => Timing::On(day.clone()),
                (_, Some((term, ty))) => Timing::Event(term, ty),
                (_, None) => Timing::Standing,
            };
            if timing == Timing::Standing
                && events[at].count() == 0
                && !policy.relations[rule.head.relation.at()].standing
            {
                policy.relations[rule.head.relation.at()].standing = true;
                let place = Place::Span(rule.span);
                because.entry(rule.head.relation).or_insert(place);
                has_changed = true;
            }
            rule.timing = timing;
        }
        if !has_changed {
            break;
        }
    }
    for (rule, events) in policy.rules.iter().zip(&events) {
        check(rule, events, policy, &because, problems);
    }
}

/// `D` in `head on D if …`
fn day_named(rule: &Rule) -> Option<Term> {
    match &rule.timing {
        Timing::On(day) => Some(day.clone()),
        Timing::Timeless | Timing::Event(..) | Timing::Standing => None,
    }
}

/// The events that a rule names by which it may be judged: those of its head, or else those of its body.
pub(super) fn events_named(rule: &Rule, policy: &Policy) -> BTreeSet<(Term, TypeId)> {
    let events = Events::of(rule, policy);
    match events.head.is_empty() {
        true => events.body,
        false => events.head,
    }
}

/// The events that a rule's conclusion is about: the one by whose day it is judged; where it names a day itself, those that its
/// head names, or, if it names none, the one that its body names.
pub fn events_of(policy: &Policy, rule: &Rule) -> Vec<(Term, TypeId)> {
    match &rule.timing {
        Timing::Event(term, ty) => vec![(term.clone(), *ty)],
        Timing::On(_) => {
            let events = Events::of(rule, policy);
            match events.head.is_empty() {
                true => events.governing().into_iter().collect(),
                false => events.head.into_iter().collect(),
            }
        }
        Timing::Timeless | Timing::Standing => Vec::new(),
    }
}

/// The fields of a relation that name events, each with the type of its ids.
pub fn event_fields(policy: &Policy, relation: RelationId) -> Vec<(usize, TypeId)> {
    let types = policy.event_types();
    let fields = policy.relation(relation).fields.iter().enumerate();
    let named = fields.filter_map(|(at, field)| match field.ty {
        Type::Entity(ty) if types.contains(&ty) => Some((at, ty)),
        _ => None,
    });
    named.collect()
}

fn check(
    rule: &Rule,
    events: &Events,
    policy: &Policy,
    because: &BTreeMap<RelationId, Place>,
    problems: &mut Problems,
) {
    if rule.timing == Timing::Standing && events.count() > 1 {
        problems.push(error::several_events(
            &events.names(rule, policy),
            rule.head.span,
        ));
        return;
    }
    let relation = policy.relation(rule.head.relation);
    if relation.standing && matches!(rule.timing, Timing::Event(..) | Timing::On(_)) {
        let standing = because.get(&rule.head.relation).copied();
        let standing = standing.unwrap_or(Place::Span(rule.span));
        problems.push(error::standing_and_plain(
            &relation.name,
            standing,
            rule.span,
        ));
    }
}

/// The events that a rule names.
struct Events {
    head: BTreeSet<(Term, TypeId)>,
    body: BTreeSet<(Term, TypeId)>,
}

impl Events {
    fn of(rule: &Rule, policy: &Policy) -> Events {
        let types = policy.event_types();
        let mut events = Events {
            head: BTreeSet::new(),
            body: BTreeSet::new(),
        };
        add(&rule.head, policy, &types, &mut events.head);
        add_body(&rule.body, policy, &types, &mut events.body);
        events
    }

    fn governing(&self) -> Option<(Term, TypeId)> {
        let named = if self.head.is_empty() {
            &self.body
        } else {
            &self.head
        };
        (named.len() == 1).then(|| named.first().cloned()).flatten()
    }

    fn count(&self) -> usize {
        if self.head.is_empty() {
            self.body.len()
        } else {
            self.head.len()
        }
    }

    fn names(&self, rule: &Rule, policy: &Policy) -> Vec<String> {
        let named = if self.head.is_empty() {
            &self.body
        } else {
            &self.head
        };
        named
            .iter()
            .map(|(term, ty)| match term {
                Term::Variable(id) => rule.variables[id.at()].name.clone(),
                Term::Value(value) => policy.types.literal(value, Type::Entity(*ty)),
                Term::Any | Term::Present | Term::Each(_) | Term::Missing => "_".into(),
            })
            .collect()
    }
}

fn add(
    atom: &Atom,
    policy: &Policy,
    types: &BTreeSet<TypeId>,
    events: &mut BTreeSet<(Term, TypeId)>,
) {
    for (term, field) in atom.args.iter().zip(&policy.relation(atom.relation).fields) {
        if let (Term::Variable(_) | Term::Value(_), Type::Entity(ty)) = (term, field.ty)
            && types.contains(&ty)
        {
            events.insert((term.clone(), ty));
        }
    }
}

fn add_body(
    body: &[Literal],
    policy: &Policy,
    types: &BTreeSet<TypeId>,
    events: &mut BTreeSet<(Term, TypeId)>,
) {
    for literal in body {
        match literal {
            Literal::Holds(premise) => add(&premise.atom, policy, types, events),
            Literal::Exempted(exempted) if !exempted.negated => {
                add(&exempted.atom, policy, types, events)
            }
            Literal::Or(branches, _) => branches
                .iter()
                .for_each(|branch| add_body(branch, policy, types, events)),
            Literal::Exempted(_)
            | Literal::Absent(_)
            | Literal::Compare(_)
            | Literal::Bind(_)
            | Literal::Test(_)
            | Literal::Aggregate(_) => {}
        }
    }
}

/// Whether a body reads a standing relation on no day of its own.
fn reads_standing(body: &[Literal], relations: &[super::policy::Relation]) -> bool {
    let is_standing =
        |premise: &Premise| premise.on.is_none() && relations[premise.atom.relation.at()].standing;
    body.iter().any(|literal| match literal {
        Literal::Holds(premise) | Literal::Absent(premise) => is_standing(premise),
        Literal::Aggregate(aggregate) => reads_standing(&aggregate.body, relations),
        Literal::Or(branches, _) => branches
            .iter()
            .any(|branch| reads_standing(branch, relations)),
        Literal::Exempted(exempted) => relations[exempted.atom.relation.at()].standing,
        Literal::Compare(_) | Literal::Bind(_) | Literal::Test(_) => false,
    })
}
