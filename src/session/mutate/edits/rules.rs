//! Rules, and the literals of their bodies.

use super::{Around, Maker, between};
use crate::ir::{Field, RelationId};
use crate::source::Span;
use crate::syntax::file::{
    Argument, Atom, Body, Comparison, Expr, ExprKind, Literal, LiteralKind, Rule,
};
use crate::value::Type;

impl Maker<'_> {
    pub(super) fn rule(&mut self, rule: &Rule) {
        let none = Vec::new();
        let around = Around {
            head: rule.head.relation.text.clone(),
            body: rule.body.as_ref().unwrap_or(&none),
        };
        self.arguments(&rule.head, &around);
        self.swapped(&rule.head, &around, None);
        self.days(&rule.days);
        self.body(around.body, &around, true);
    }

    /// `is_outer`: the body is that of the rule, not one in braces or brackets in it.
    pub(super) fn body(&mut self, body: &Body, around: &Around<'_>, is_outer: bool) {
        for (at, literal) in body.iter().enumerate() {
            let own = is_outer.then_some(at);
            if body.len() > 1 {
                let span = match body.get(at + 1) {
                    Some(next) => Span {
                        end: next.span.start,
                        ..literal.span
                    },
                    None => Span {
                        start: body[at - 1].span.end,
                        ..literal.span
                    },
                };
                let number = self.number_in(literal);
                let dropped = self.add("a literal is dropped", around, span, "", own);
                dropped.number = number;
            }
            self.literal(literal, around, own);
        }
    }

    fn literal(&mut self, literal: &Literal, around: &Around<'_>, own: Option<usize>) {
        match &literal.kind {
            LiteralKind::Atom { negated, atom, .. } => {
                self.negated(*negated, literal, around, own);
                self.arguments(atom, around);
                self.swapped(atom, around, own);
                self.read_elsewhere(atom, around, own);
                if !negated {
                    self.widened(atom, literal, around, own);
                }
            }
            LiteralKind::Exempted { negated, .. } | LiteralKind::Member { negated, .. } => {
                self.negated(*negated, literal, around, own);
            }
            LiteralKind::Compare { op, left, right } => {
                self.compared(*op, left, right, around);
                self.values(left, around);
                self.values(right, around);
            }
            LiteralKind::Or(sides) => {
                for side in sides {
                    self.body(side, around, false);
                }
            }
        }
    }

    fn arguments(&mut self, atom: &Atom, around: &Around<'_>) {
        for argument in &atom.arguments {
            self.values(&argument.value, around);
        }
    }

    fn negated(
        &mut self,
        is_negated: bool,
        literal: &Literal,
        around: &Around<'_>,
        own: Option<usize>,
    ) {
        let at = |end| Span {
            end,
            ..literal.span
        };
        let words = self.words(literal.span);
        match is_negated {
            true => {
                let rest = words.trim_start_matches("not").trim_start();
                let end = literal.span.end - rest.len() as u32;
                self.add("`not` is dropped", around, at(end), "", own);
            }
            false => {
                let start = literal.span.start;
                self.add("a literal is negated", around, at(start), "not ", own);
            }
        }
    }

    fn compared(&mut self, op: Comparison, left: &Expr, right: &Expr, around: &Around<'_>) {
        const BOUNDARY: &str = "a boundary is in or out";
        const NEGATED: &str = "a comparison is negated";
        let (old, changes): (&str, &[(&'static str, &str)]) = match op {
            Comparison::AtLeast => (">=", &[(BOUNDARY, ">"), (NEGATED, "<")]),
            Comparison::Greater => (">", &[(BOUNDARY, ">="), (NEGATED, "<=")]),
            Comparison::AtMost => ("<=", &[(BOUNDARY, "<"), (NEGATED, ">")]),
            Comparison::Less => ("<", &[(BOUNDARY, "<="), (NEGATED, ">=")]),
            Comparison::Equal => ("=", &[(NEGATED, "!=")]),
            Comparison::NotEqual => ("!=", &[(NEGATED, "=")]),
        };
        let sign = between(left.span, right.span);
        let Some(at) = self.words(sign).find(old) else {
            return;
        };
        let start = sign.start + at as u32;
        let end = start + old.len() as u32;
        let number = self.words_of_number([left, right]);
        for (what, new) in changes {
            let span = Span { start, end, ..sign };
            self.add(what, around, span, *new, None).number = number.clone();
        }
    }

    /// The number with which a literal compares, as written.
    fn number_in(&self, literal: &Literal) -> Option<String> {
        match &literal.kind {
            LiteralKind::Compare { left, right, .. } => self.words_of_number([left, right]),
            _ => None,
        }
    }

    fn words_of_number(&self, sides: [&Expr; 2]) -> Option<String> {
        let is_number = |expr: &&Expr| matches!(expr.kind, ExprKind::Number(..));
        let number = sides.into_iter().find(is_number)?;
        Some(self.words(number.span).to_owned())
    }

    /// Two fields of one type, each given by a variable or a name.
    fn swapped(&mut self, atom: &Atom, around: &Around<'_>, own: Option<usize>) {
        let Some(relation) = self.relation(atom) else {
            return;
        };
        let types: Vec<Option<Type>> = (atom.arguments.iter().enumerate())
            .map(|(at, argument)| {
                let is_any = matches!(argument.value.kind, ExprKind::Any);
                let field = self.field(relation, at, argument)?;
                (!is_any).then_some(self.fields(relation)[field].ty)
            })
            .collect();
        for a in 0..types.len() {
            for b in a + 1..types.len() {
                let (first, second) = (&atom.arguments[a].value, &atom.arguments[b].value);
                let (one, other) = (self.words(first.span), self.words(second.span));
                if types[a].is_some() && types[a] == types[b] && one != other {
                    let middle = self.words(between(first.span, second.span));
                    let (new, span) = (format!("{other}{middle}{one}"), first.span.to(second.span));
                    self.add("two fields of one type are swapped", around, span, new, own);
                }
            }
        }
    }

    /// `recipient: R` where `end_user: R` is meant: the next field of the same type that the atom does not speak of.
    fn read_elsewhere(&mut self, atom: &Atom, around: &Around<'_>, own: Option<usize>) {
        let Some(relation) = self.relation(atom) else {
            return;
        };
        let named = |at: usize, argument: &Argument| self.field(relation, at, argument);
        let arguments = atom.arguments.iter().enumerate();
        let used: Vec<usize> = arguments.filter_map(|(at, it)| named(at, it)).collect();
        let fields = self.fields(relation);
        let mut edits = Vec::new();
        for (at, argument) in atom.arguments.iter().enumerate() {
            let (Some(name), Some(field)) = (&argument.name, named(at, argument)) else {
                continue;
            };
            let after = (field + 1..fields.len()).chain(0..field);
            let mut free = after.filter(|other| !used.contains(other));
            let other = free.find(|other| fields[*other].ty == fields[field].ty);
            edits.extend(other.map(|other| (name.span, fields[other].name.clone())));
        }
        for (span, new) in edits {
            self.add("another field of its type is read", around, span, new, own);
        }
    }

    /// What is asked of a party (or another named thing) is no longer asked: any of its kind will do.
    fn widened(&mut self, atom: &Atom, literal: &Literal, around: &Around<'_>, own: Option<usize>) {
        let Some(relation) = self.relation(atom) else {
            return;
        };
        let ([field], [argument]) = (self.fields(relation), atom.arguments.as_slice()) else {
            return;
        };
        let is_variable = matches!(argument.value.kind, ExprKind::Variable(_));
        let policy = &self.session.policy;
        let Type::Entity(ty) = field.ty else {
            return;
        };
        let name = &policy.types.named(ty).name;
        if is_variable && *name != atom.relation.text && !policy.event_types().contains(&ty) {
            let new = format!("{name}({})", self.words(argument.value.span));
            self.add("any of its type will do", around, literal.span, new, own);
        }
    }

    fn fields(&self, relation: RelationId) -> &[Field] {
        &self.session.policy.relation(relation).fields
    }

    /// The field that an argument gives: the one it names, or the one in its place.
    fn field(&self, relation: RelationId, at: usize, argument: &Argument) -> Option<usize> {
        let fields = self.fields(relation);
        match &argument.name {
            Some(name) => fields.iter().position(|field| field.name == name.text),
            None => (at < fields.len()).then_some(at),
        }
    }
}
