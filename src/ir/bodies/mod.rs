//! Rules, facts, constraints, presumptions and the bodies of exemptions: names and types of all that stands in them.

mod binding;
mod expressions;
mod learn;
mod literals;
mod statements;

pub(super) use statements::{clause_references, presumption, statements};

use super::Problems;
use super::error;
use super::names::{Home, Names};
use super::policy::{Atom, Exemption, Literal, Policy, Variable, VariableId};
use super::scope::{Scope, Slot};
use super::terms;
use crate::source::Span;
use crate::syntax::file;
use crate::value::{Measure, Type, Types};
use std::collections::BTreeSet;

/// Makes one statement: its scope of variables, and what is found wrong.
struct Maker<'a> {
    policy: &'a Policy,
    names: &'a Names,
    /// The exemptions of the policy, as far as `exempted … by` must know them: their homes and what they are about.
    exemptions: &'a [Exemption],
    home: Home,
    scope: Scope,
    problems: Problems,
    /// The variables of comparisons whose sides do not fit.
    misfits: BTreeSet<BTreeSet<VariableId>>,
    /// Literals that an expression in an atom's field needs before it.
    before: Vec<Literal>,
}

/// Where an atom stands: that decides which terms may stand in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A conclusion: every field is given.
    Head,
    /// A condition.
    Body,
    /// A condition in the braces of `sum`, or of `count` without a term: what is left out tells rows apart.
    Counted,
    /// What an exemption is about: what is left out matches anything.
    Pattern,
}

impl<'a> Maker<'a> {
    fn new(
        policy: &'a Policy,
        names: &'a Names,
        exemptions: &'a [Exemption],
        home: Home,
        scope: Scope,
    ) -> Maker<'a> {
        Maker {
            policy,
            names,
            exemptions,
            home,
            scope,
            problems: Problems::default(),
            misfits: BTreeSet::new(),
            before: Vec::new(),
        }
    }

    fn types(&self) -> &'a Types {
        &self.policy.types
    }

    /// Notes that a variable has a type; two that do not fit are an error.
    fn note_type(&mut self, id: VariableId, ty: Type, at: Span) {
        let types = self.types();
        let slot = self.scope.slot(id);
        match slot.ty {
            None => (slot.ty, slot.typed_at) = (Some(ty), at),
            Some(first) if fits(types, first, ty) => {}
            Some(first) => {
                let (name, other) = (slot.name.clone(), slot.typed_at);
                let problem = match (first, ty) {
                    (Type::Number(one), Type::Number(two)) => error::wrong_unit(
                        &terms::measure_words(types, two.measure),
                        &terms::measure_words(types, one.measure),
                        at,
                    ),
                    _ => error::variable_of_two_types(
                        &name,
                        &types.name_of(first),
                        &types.name_of(ty),
                        at,
                        other,
                    ),
                };
                let is_told = !self.misfits.insert(BTreeSet::from([id]));
                self.problems.push(match is_told {
                    true => error::said_already(problem),
                    false => problem,
                });
            }
        }
    }

    /// Every variable has a type, and is used more than once outside braces.
    fn finish(&mut self) -> Vec<Variable> {
        let is_wrong = self.problems.iter().any(|problem| problem.is_error());
        let count = if is_wrong { 0 } else { self.scope.slots.len() };
        for at in 0..count {
            let slot = &self.scope.slots[at];
            if slot.ty.is_none() {
                let problem = error::no_type(&slot.name, slot.span);
                self.problems.push(problem);
            } else if slot.uses == 1 && !slot.in_braces && !self.names_the_event(at) {
                let member = terms::member_meant(&self.policy.types, &slot.name, slot.ty);
                let problem = error::used_once(&slot.name, member, slot.span);
                self.problems.push(problem);
            } else if let Some(member) = terms::other_name(&self.policy.types, &slot.name, slot.ty)
            {
                let problem = error::named_like_a_member(&slot.name, member, slot.span);
                self.problems.push(problem);
            }
        }
        self.scope.variables()
    }

    /// Whether a variable is the only one for an event: then the rule is judged by that event's day, and `_` would change that.
    fn names_the_event(&self, at: usize) -> bool {
        let events = self.policy.event_types();
        let is_event = |slot: &Slot| {
            matches!(slot.ty, Some(Type::Entity(ty)) if events.contains(&ty)) && !slot.in_braces
        };
        let slots = &self.scope.slots;
        is_event(&slots[at]) && slots.iter().filter(|slot| is_event(slot)).count() == 1
    }

    /// Says that nothing tells a name's type, unless another slip of the statement may be why.
    fn no_type(&mut self, name: &str, at: Span) {
        if !self.problems.iter().any(|problem| problem.is_error()) {
            self.problems.push(error::no_type(name, at));
        }
    }

    /// Counts one use of a variable.
    fn used(&mut self, name: &str, span: Span) -> VariableId {
        let id = self.scope.variable(name, span);
        self.scope.slot(id).uses += 1;
        id
    }

    fn clauses(&mut self, reference: &file::ClauseRef) -> Option<Vec<super::ClauseId>> {
        match self
            .names
            .clause(self.policy, &reference.text, self.home.notice)
        {
            Ok(id) => Some(self.policy.clauses_under(id)),
            Err(near) => {
                let problem =
                    error::unknown_clause(&reference.text, reference.span, near.as_deref());
                self.problems
                    .push(self.names.not_found(&reference.text, problem));
                None
            }
        }
    }
}

/// Whether values of the two types can be the same.
fn fits(types: &Types, one: Type, other: Type) -> bool {
    match (one, other) {
        (Type::Number(one), Type::Number(other)) => {
            types.is_same_quantity(one.measure, other.measure)
        }
        _ => one == other,
    }
}

fn is_plain(measure: Measure) -> bool {
    matches!(measure, Measure::Plain | Measure::Percent)
}

/// The variables of an atom.
fn atom_variables(atom: &Atom) -> impl Iterator<Item = VariableId> + '_ {
    use super::policy::Term;
    atom.args.iter().filter_map(|term| match term {
        Term::Variable(id) | Term::Each(id) => Some(*id),
        Term::Value(_) | Term::Any | Term::Present | Term::Missing => None,
    })
}
