//! What a statement says of the types of its variables, whatever the order in which it says it.

use super::super::policy::VariableId;
use super::super::terms;
use super::{Maker, fits};
use crate::source::Span;
use crate::syntax::file::{self, ExprKind, LiteralKind};
use crate::value::{NumberType, Type};

/// How much a field says of the type of the variable in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// The atom must match: the variable is what the field is.
    Firm,
    /// The atom need not match (a branch, `not`, braces around a variable of the rule): the variable may be more.
    Loose,
}

impl Maker<'_> {
    /// Notes the types of all variables: first as the fields of conditions say, then as equations say, last as the
    /// conclusion does.
    pub(super) fn learn(&mut self, head: Option<&file::Atom>, body: &file::Body) {
        self.learn_atoms(body, Weight::Firm);
        self.learn_equations(body, false);
        if let Some(atom) = head {
            self.learn_atom(atom, None);
        }
        self.learn_equations(body, true);
    }

    fn learn_atoms(&mut self, body: &file::Body, weight: Weight) {
        for literal in body {
            match &literal.kind {
                LiteralKind::Atom {
                    negated, atom, on, ..
                } => {
                    let weight = if *negated { Weight::Loose } else { weight };
                    self.learn_atom(atom, Some(weight));
                    if let Some(id) = on.as_ref().and_then(|on| self.variable_of(on)) {
                        self.note_type(id, Type::Date, literal.span);
                    }
                }
                LiteralKind::Exempted { negated, head, .. } => {
                    let weight = if *negated { Weight::Loose } else { weight };
                    self.learn_atom(head, Some(weight));
                }
                LiteralKind::Compare { left, right, .. } => {
                    self.learn_braces(left, weight);
                    self.learn_braces(right, weight);
                }
                LiteralKind::Member { value, .. } => self.learn_braces(value, weight),
                LiteralKind::Or(branches) => branches
                    .iter()
                    .for_each(|branch| self.learn_atoms(branch, Weight::Loose)),
            }
        }
    }

    fn learn_braces(&mut self, expr: &file::Expr, weight: Weight) {
        match &expr.kind {
            ExprKind::Aggregate(aggregate) => {
                let outer = self.scope.braces.replace(aggregate.name.span);
                self.learn_atoms(&aggregate.body, weight);
                self.scope.braces = outer;
            }
            ExprKind::Binary(_, left, right) => {
                self.learn_braces(left, weight);
                self.learn_braces(right, weight);
            }
            ExprKind::Negate(inner) | ExprKind::Duration(inner, _) => {
                self.learn_braces(inner, weight)
            }
            ExprKind::Call(_, list) => list
                .iter()
                .for_each(|inner| self.learn_braces(inner, weight)),
            ExprKind::Variable(_)
            | ExprKind::Any
            | ExprKind::Name(_)
            | ExprKind::Text(_)
            | ExprKind::Number(..)
            | ExprKind::Date(_)
            | ExprKind::Bool(_) => {}
        }
    }

    /// Notes what the fields of an atom say; `None` for a conclusion, which only says what is not known yet.
    fn learn_atom(&mut self, atom: &file::Atom, weight: Option<Weight>) {
        if atom.notice.is_none() && self.function(&atom.relation.text).is_some() {
            return;
        }
        let mut silent = Vec::new();
        let Some(fields) =
            terms::fields(self.policy, self.names, atom, self.home.notice, &mut silent)
        else {
            return;
        };
        let relation = self.policy.relation(fields.relation);
        for (field, value) in relation.fields.iter().zip(&fields.values) {
            let Some((expr, _)) = value else { continue };
            if let ExprKind::Variable(name) = &expr.kind {
                let id = self.scope.variable(name, expr.span);
                match weight {
                    Some(weight) => self.weigh(id, field.ty, expr.span, weight),
                    None => self.note_type(id, field.ty, expr.span),
                }
            }
        }
    }

    /// Where a variable stands in fields of whole and of other numbers, it is whole if one that must match is.
    fn weigh(&mut self, id: VariableId, ty: Type, at: Span, weight: Weight) {
        let is_around = self.scope.braces.is_some() && !self.scope.slot(id).in_braces;
        let is_firm = weight == Weight::Firm && !is_around;
        let types = self.types();
        let slot = self.scope.slot(id);
        let known = slot.ty.filter(|known| fits(types, *known, ty));
        match (known, ty) {
            (Some(Type::Number(known)), Type::Number(new)) => {
                let integer = match (slot.is_firm, is_firm) {
                    (true, true) => known.integer || new.integer,
                    (true, false) => known.integer,
                    (false, true) => new.integer,
                    (false, false) => known.integer && new.integer,
                };
                slot.ty = Some(Type::Number(NumberType {
                    integer,
                    measure: known.measure.max(new.measure),
                }));
            }
            _ => self.note_type(id, ty, at),
        }
        self.scope.slot(id).is_firm |= is_firm;
    }

    /// Notes what equations say, until nothing new is learnt. A bare `0` goes with any unit, so it speaks `last`.
    fn learn_equations(&mut self, body: &file::Body, last: bool) {
        loop {
            let before = self.known_types();
            self.learn_round(body, last);
            if before == self.known_types() {
                return;
            }
        }
    }

    fn known_types(&self) -> usize {
        let slots = self.scope.slots.iter();
        slots.filter(|slot| slot.ty.is_some()).count()
    }

    fn learn_round(&mut self, body: &file::Body, last: bool) {
        for literal in body {
            match &literal.kind {
                LiteralKind::Compare { left, right, .. } => {
                    self.learn_from(left, right, last);
                    self.learn_from(right, left, last);
                    self.learn_in_braces(left, last);
                    self.learn_in_braces(right, last);
                }
                LiteralKind::Member { value, list, .. } => list
                    .iter()
                    .for_each(|other| self.learn_from(value, other, last)),
                LiteralKind::Or(branches) => branches
                    .iter()
                    .for_each(|branch| self.learn_round(branch, last)),
                LiteralKind::Atom { .. } | LiteralKind::Exempted { .. } => {}
            }
        }
    }

    fn learn_in_braces(&mut self, expr: &file::Expr, last: bool) {
        match &expr.kind {
            ExprKind::Aggregate(aggregate) => {
                let outer = self.scope.braces.replace(aggregate.name.span);
                self.learn_round(&aggregate.body, last);
                self.scope.braces = outer;
            }
            ExprKind::Binary(_, left, right) => {
                self.learn_in_braces(left, last);
                self.learn_in_braces(right, last);
            }
            ExprKind::Negate(inner) | ExprKind::Duration(inner, _) => {
                self.learn_in_braces(inner, last)
            }
            ExprKind::Call(_, list) => list
                .iter()
                .for_each(|inner| self.learn_in_braces(inner, last)),
            ExprKind::Variable(_)
            | ExprKind::Any
            | ExprKind::Name(_)
            | ExprKind::Text(_)
            | ExprKind::Number(..)
            | ExprKind::Date(_)
            | ExprKind::Bool(_) => {}
        }
    }

    fn learn_from(&mut self, one: &file::Expr, other: &file::Expr, last: bool) {
        let Some(id) = self.variable_of(one) else {
            return;
        };
        if self.scope.slot(id).ty.is_none()
            && (last || !is_bare_zero(other))
            && let Some(ty) = self.type_of(other)
        {
            self.note_type(id, ty, one.span);
        }
    }

    pub(super) fn variable_of(&mut self, expr: &file::Expr) -> Option<VariableId> {
        match &expr.kind {
            ExprKind::Variable(name) => Some(self.scope.variable(name, expr.span)),
            _ => None,
        }
    }
}

/// `0`, which needs no unit.
pub(super) fn is_bare_zero(expr: &file::Expr) -> bool {
    matches!(&expr.kind, ExprKind::Number(number, None) if number.is_zero())
}
