//! The variables of one statement, and what is known of their types.
//!
//! A name that occurs outside all braces is one variable throughout; a name that occurs only in the braces of an aggregate
//! is a variable of those braces.

use super::policy::{Variable, VariableId};
use crate::source::Span;
use crate::syntax::file::{Argument, Atom, Body, Expr, ExprKind, LiteralKind};
use crate::value::Type;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Slot {
    pub(super) name: String,
    pub(super) ty: Option<Type>,
    pub(super) span: Span,
    /// Where its type comes from.
    pub(super) typed_at: Span,
    /// Whether a field says so that must match.
    pub(super) is_firm: bool,
    pub(super) uses: usize,
    pub(super) in_braces: bool,
}

#[derive(Default)]
pub(super) struct Scope {
    pub(super) slots: Vec<Slot>,
    outside: BTreeSet<String>,
    shared: BTreeMap<String, VariableId>,
    local: BTreeMap<Span, BTreeMap<String, VariableId>>,
    /// The aggregate in whose braces we are.
    pub(super) braces: Option<Span>,
}

impl Scope {
    pub(super) fn new<'a>(
        atoms: impl Iterator<Item = &'a Atom>,
        exprs: impl Iterator<Item = &'a Expr>,
        bodies: impl Iterator<Item = &'a Body>,
    ) -> Scope {
        let mut scope = Scope::default();
        let mut note = |name: &str| {
            scope.outside.insert(name.to_owned());
        };
        atoms.for_each(|atom| atom_names(atom, &mut note));
        exprs.for_each(|expr| expr_names(expr, &mut note));
        bodies.for_each(|body| body_names(body, &mut note));
        scope
    }

    /// The variable of that name, here.
    pub(super) fn variable(&mut self, name: &str, span: Span) -> VariableId {
        let braces = self.braces.filter(|_| !self.outside.contains(name));
        let next = VariableId(self.slots.len() as u32);
        let map = match braces {
            Some(braces) => self.local.entry(braces).or_default(),
            None => &mut self.shared,
        };
        let id = *map.entry(name.to_owned()).or_insert(next);
        if id == next {
            self.slots.push(Slot {
                name: name.to_owned(),
                ty: None,
                span,
                typed_at: span,
                is_firm: false,
                uses: 0,
                in_braces: braces.is_some(),
            });
        }
        id
    }

    /// A variable that the author did not name.
    pub(super) fn made(&mut self, name: String, ty: Type, span: Span) -> VariableId {
        let in_braces = self.braces.is_some();
        self.slots.push(Slot {
            name,
            ty: Some(ty),
            span,
            typed_at: span,
            is_firm: true,
            uses: 2,
            in_braces,
        });
        VariableId(self.slots.len() as u32 - 1)
    }

    /// What proofs call the value of something that has no name in the text: `sum`, and the next one `sum (2)`.
    pub(super) fn made_name(&self, what: &str) -> String {
        let is_one = |slot: &&Slot| {
            slot.name
                .strip_prefix(what)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
        };
        match self.slots.iter().filter(is_one).count() {
            0 => what.to_owned(),
            before => format!("{what} ({})", before + 1),
        }
    }

    pub(super) fn slot(&mut self, id: VariableId) -> &mut Slot {
        &mut self.slots[id.at()]
    }

    /// The variables, with `text` for those whose type nothing tells (an error says so).
    pub(super) fn variables(&self) -> Vec<Variable> {
        self.slots
            .iter()
            .map(|slot| Variable {
                name: slot.name.clone(),
                ty: slot.ty.unwrap_or(Type::Text),
                span: slot.span,
            })
            .collect()
    }
}

fn body_names(body: &Body, note: &mut dyn FnMut(&str)) {
    for literal in body {
        match &literal.kind {
            LiteralKind::Atom { atom, on, .. } => {
                atom_names(atom, note);
                on.iter().for_each(|on| expr_names(on, note));
            }
            LiteralKind::Compare { left, right, .. } => {
                expr_names(left, note);
                expr_names(right, note);
            }
            LiteralKind::Member { value, list, .. } => {
                expr_names(value, note);
                list.iter().for_each(|value| expr_names(value, note));
            }
            LiteralKind::Or(branches) => {
                branches.iter().for_each(|branch| body_names(branch, note))
            }
            LiteralKind::Exempted { head, .. } => atom_names(head, note),
        }
    }
}

fn atom_names(atom: &Atom, note: &mut dyn FnMut(&str)) {
    atom.arguments
        .iter()
        .for_each(|Argument { value, .. }| expr_names(value, note));
}

/// The variables of an expression outside braces.
pub(super) fn expr_names(expr: &Expr, note: &mut dyn FnMut(&str)) {
    match &expr.kind {
        ExprKind::Variable(name) => note(name),
        ExprKind::Duration(inner, _) | ExprKind::Negate(inner) => expr_names(inner, note),
        ExprKind::Binary(_, left, right) => {
            expr_names(left, note);
            expr_names(right, note);
        }
        ExprKind::Call(_, list) => list.iter().for_each(|inner| expr_names(inner, note)),
        ExprKind::Any
        | ExprKind::Name(_)
        | ExprKind::Text(_)
        | ExprKind::Number(..)
        | ExprKind::Date(_)
        | ExprKind::Bool(_)
        | ExprKind::Aggregate(_) => {}
    }
}
