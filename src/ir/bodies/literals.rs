//! Atoms and literals of a body.

use super::super::error;
use super::super::policy::{
    Aggregate, Atom, Bind, Compare, Comparison, Exempted, ExemptionTarget, Expr, ExprKind, Kind,
    Literal, Missing, Premise, RelationKind, Term, Test, VariableId,
};
use super::super::terms::{self, describe, type_words};
use super::{Maker, Role};
use crate::source::{Place, Span};
use crate::syntax::file::{self, LiteralKind};
use crate::value::{FunctionId, Shape, Type, aggregate_named, function_named};

impl Maker<'_> {
    /// An atom with a term for every field.
    pub(super) fn atom(&mut self, atom: &file::Atom, role: Role) -> Option<Atom> {
        let policy = self.policy;
        let fields = terms::fields(
            policy,
            self.names,
            atom,
            self.home.notice,
            &mut self.problems,
        )?;
        let relation = policy.relation(fields.relation);
        if role != Role::Head && matches!(relation.kind, Kind::Constraint(_)) {
            return None;
        }
        let mut args = Vec::new();
        let mut missing = Vec::new();
        for (field, value) in relation.fields.iter().zip(&fields.values) {
            args.push(match value {
                None if role == Role::Head && field.missing == Missing::Never => {
                    missing.push(field.name.clone());
                    Term::Missing
                }
                None => self.left_out(role, field.ty, atom.span),
                Some((expr, is_named)) => {
                    let before = self.problems.len();
                    let term = self.term(expr, *is_named, field.ty, field.missing, role);
                    self.show_declaration(before, expr.span, field.span);
                    term?
                }
            });
        }
        if !missing.is_empty() {
            self.problems.push(error::missing_fields(
                &relation.name,
                &missing,
                atom.span,
                relation.span,
            ));
            return None;
        }
        if role != Role::Head {
            self.warn_of_positions(atom, &fields);
        }
        Some(Atom {
            relation: fields.relation,
            args,
            span: atom.span,
        })
    }

    /// What is wrong with the value of a field is told with the field's declaration.
    fn show_declaration(&mut self, before: usize, at: Span, declared: Option<Span>) {
        for problem in &mut self.problems[before..] {
            let is_here = problem.is_error() && problem.labels.len() == 1;
            let is_here = is_here && problem.labels[0].place == Place::Span(at);
            if let Some(span) = declared.filter(|_| is_here) {
                *problem = problem.clone().at(span, "declared here");
            }
        }
    }

    fn left_out(&mut self, role: Role, ty: Type, span: Span) -> Term {
        match role {
            Role::Head => Term::Missing,
            Role::Body | Role::Pattern => Term::Any,
            Role::Counted => {
                let name = format!("_{}", self.scope.slots.len());
                Term::Each(self.scope.made(name, ty, span))
            }
        }
    }

    fn term(
        &mut self,
        expr: &file::Expr,
        is_named: bool,
        ty: Type,
        missing: Missing,
        role: Role,
    ) -> Option<Term> {
        match &expr.kind {
            file::ExprKind::Any if role == Role::Head => {
                self.problems.push(error::anything_concluded(expr.span));
                None
            }
            file::ExprKind::Any if is_named && missing != Missing::Never => Some(match role {
                Role::Counted => {
                    let name = format!("_{}", self.scope.slots.len());
                    Term::Variable(self.scope.made(name, ty, expr.span))
                }
                Role::Head | Role::Body | Role::Pattern => Term::Present,
            }),
            file::ExprKind::Any => Some(self.left_out(role, ty, expr.span)),
            file::ExprKind::Variable(name) => {
                let id = self.used(name, expr.span);
                self.check_field(id, ty, expr, role);
                Some(Term::Variable(id))
            }
            file::ExprKind::Name(_)
            | file::ExprKind::Text(_)
            | file::ExprKind::Number(..)
            | file::ExprKind::Date(_)
            | file::ExprKind::Bool(_) => self.value(expr, ty).map(Term::Value),
            _ if matches!(ty, Type::Number(_))
                && terms::literal_value(self.policy, self.names, expr, ty).is_ok() =>
            {
                self.value(expr, ty).map(Term::Value)
            }
            _ => self.computed(expr, ty, role),
        }
    }

    /// A whole-number field of a conclusion cannot be given a number that may have parts.
    fn check_field(&mut self, id: VariableId, ty: Type, expr: &file::Expr, role: Role) {
        if let (Role::Head, Type::Number(field), Some(Type::Number(variable))) =
            (role, ty, self.scope.slot(id).ty)
            && field.integer
            && !variable.integer
        {
            self.problems.push(error::wrong_type(
                &describe(expr),
                &type_words(self.types(), ty),
                expr.span,
            ));
        }
    }

    /// `report_due(T, D + 10 days)`: a variable of its own, bound in front of the atom. A pattern binds it itself.
    fn computed(&mut self, expr: &file::Expr, ty: Type, role: Role) -> Option<Term> {
        let value = self.expr(expr, Some(ty))?;
        let fits = match (value.ty, ty) {
            (Type::Number(given), Type::Number(wanted)) => {
                self.types().is_same_quantity(given.measure, wanted.measure)
                    && (given.integer || !wanted.integer)
            }
            (given, wanted) => given == wanted,
        };
        if !fits {
            self.problems.push(error::wrong_type(
                &describe(expr),
                &type_words(self.types(), ty),
                expr.span,
            ));
            return None;
        }
        let name = format!("_{}", self.scope.slots.len());
        let variable = self.scope.made(name, ty, expr.span);
        let span = expr.span;
        self.before.push(match role {
            Role::Pattern => Literal::Compare(Compare {
                op: Comparison::Equal,
                left: Expr {
                    kind: ExprKind::Variable(variable),
                    ty,
                    span,
                },
                right: value,
                span,
            }),
            Role::Head | Role::Body | Role::Counted => Literal::Bind(Bind {
                variable,
                value,
                span,
            }),
        });
        Some(Term::Variable(variable))
    }

    fn warn_of_positions(&mut self, atom: &file::Atom, fields: &terms::Fields<'_>) {
        let relation = self.policy.relation(fields.relation);
        let is_written = |at: usize| matches!(&fields.values[at], Some((expr, false)) if !matches!(expr.kind, file::ExprKind::Any));
        let entities: Vec<usize> = (0..relation.fields.len())
            .filter(|at| is_written(*at) && matches!(relation.fields[*at].ty, Type::Entity(_)))
            .collect();
        for (at, first) in entities.iter().enumerate() {
            let twin = entities[at + 1..]
                .iter()
                .find(|other| relation.fields[**other].ty == relation.fields[*first].ty);
            if let Some(second) = twin {
                let span = |at: usize| fields.values[at].as_ref().map(|(expr, _)| expr.span);
                let at = match (span(*first), span(*second)) {
                    (Some(from), Some(to)) => Span {
                        end: to.end,
                        ..from
                    },
                    _ => atom.span,
                };
                let [first, second] = [first, second].map(|at| &relation.fields[*at].name);
                self.problems.push(error::easily_swapped(
                    &relation.name,
                    first,
                    second,
                    at,
                    relation.span,
                ));
                return;
            }
        }
    }

    /// The literals of a body, in the order written; comparisons that bind are found later (`binding`).
    pub(super) fn body(&mut self, body: &file::Body, role: Role) -> Vec<Literal> {
        let mut literals = Vec::new();
        for literal in body {
            let made = self.literal(literal, role);
            literals.append(&mut self.before);
            literals.extend(made);
        }
        literals
    }

    fn literal(&mut self, literal: &file::Literal, role: Role) -> Vec<Literal> {
        let span = literal.span;
        match &literal.kind {
            LiteralKind::Atom {
                negated,
                atom,
                on,
                by,
            } => self
                .atom_or_test(*negated, atom, on.as_ref(), by.as_ref(), span, role)
                .into_iter()
                .collect(),
            LiteralKind::Compare { op, left, right } => self
                .comparison(*op, left, right, span)
                .into_iter()
                .collect(),
            LiteralKind::Member {
                negated,
                value,
                list,
            } => self.member(*negated, value, list, span),
            LiteralKind::Or(branches) => {
                let branches = branches
                    .iter()
                    .map(|branch| self.body(branch, role))
                    .collect();
                vec![Literal::Or(branches, span)]
            }
            LiteralKind::Exempted { negated, head, by } => self
                .exempted(*negated, head, by.as_ref(), span)
                .into_iter()
                .collect(),
        }
    }

    fn atom_or_test(
        &mut self,
        negated: bool,
        atom: &file::Atom,
        on: Option<&file::Expr>,
        by: Option<&file::ClauseRef>,
        span: Span,
        role: Role,
    ) -> Option<Literal> {
        if let Some(function) = self
            .function(&atom.relation.text)
            .filter(|_| atom.notice.is_none())
        {
            return self.test(negated, atom, function, on, by, span);
        }
        let role = if negated { Role::Body } else { role };
        let made = self.atom(atom, role);
        let on = on.map(|on| self.day(on));
        let by = by.map(|by| self.clauses(by));
        let made = made?;
        self.check_unknowns(negated, &made);
        let premise = Premise {
            atom: made,
            on: on.map_or(Some(None), |on| on.map(Some))?,
            by: by.map_or(Some(None), |by| by.map(Some))?,
            span,
        };
        Some(if negated {
            Literal::Absent(premise)
        } else {
            Literal::Holds(premise)
        })
    }

    /// The function of that name, where no relation hides it.
    pub(super) fn function(&self, name: &str) -> Option<FunctionId> {
        let local = |notice| (notice, name.to_owned());
        let is_own = |notice| self.names.locals.contains_key(&local(notice));
        let is_hidden =
            self.names.relations.contains_key(name) || self.home.notice.is_some_and(is_own);
        function_named(name).filter(|_| !is_hidden)
    }

    /// `[not] starts_with(C, "28")`
    fn test(
        &mut self,
        negated: bool,
        atom: &file::Atom,
        function: FunctionId,
        on: Option<&file::Expr>,
        by: Option<&file::ClauseRef>,
        span: Span,
    ) -> Option<Literal> {
        let name = &atom.relation;
        if function.row().shape != Shape::TextTest {
            self.problems.push(error::no_condition(&name.text, span));
            return None;
        }
        let named = atom
            .arguments
            .iter()
            .find_map(|argument| argument.name.as_ref());
        let wrong = [
            named.map(|named| ("has no fields that are given by name", named.span)),
            on.map(|on| ("has no day", on.span)),
            by.map(|by| ("stands in no clause", by.span)),
        ];
        if let Some((what, at)) = wrong.into_iter().flatten().next() {
            self.problems
                .push(error::function_like_an_atom(what, &name.text, at));
            return None;
        }
        let arguments = atom.arguments.iter();
        let arguments = arguments.map(|argument| argument.value.clone()).collect();
        let call = file::Expr {
            kind: file::ExprKind::Call(name.clone(), arguments),
            span: atom.span,
        };
        let value = self.expr(&call, Some(Type::Bool))?;
        Some(Literal::Test(Test {
            negated,
            value,
            span,
        }))
    }

    /// `not chip(I, _)`, where the other fields may be unknown: a missing row is not known either.
    fn check_unknowns(&mut self, negated: bool, atom: &Atom) {
        let relation = self.policy.relation(atom.relation);
        let Some(key) = relation
            .key
            .filter(|_| negated && relation.kind == Kind::Declared(RelationKind::Input))
        else {
            return;
        };
        let rest = &relation.fields[key..];
        let is_open =
            !rest.is_empty() && rest.iter().all(|field| field.missing == Missing::Unknown);
        let says_nothing = |term: &Term| matches!(term, Term::Any | Term::Present);
        if is_open && atom.args[key..].iter().all(says_nothing) {
            self.problems
                .push(error::asked_whether_given(&relation.name, atom.span));
        }
    }

    /// `on D`: a variable or a date; anything else gets a variable of its own.
    pub(super) fn day(&mut self, expr: &file::Expr) -> Option<Term> {
        let made = match &expr.kind {
            file::ExprKind::Variable(name) => {
                let id = self.used(name, expr.span);
                self.note_type(id, Type::Date, expr.span);
                return Some(Term::Variable(id));
            }
            _ => self.expr(expr, Some(Type::Date))?,
        };
        match (made.kind, made.ty) {
            (ExprKind::Value(value), Type::Date) => Some(Term::Value(value)),
            (kind, Type::Date) => {
                let name = format!("_{}", self.scope.slots.len());
                let variable = self.scope.made(name, Type::Date, expr.span);
                self.before.push(Literal::Bind(Bind {
                    variable,
                    value: Expr {
                        kind,
                        ty: Type::Date,
                        span: expr.span,
                    },
                    span: expr.span,
                }));
                Some(Term::Variable(variable))
            }
            (_, ty) => {
                self.problems.push(error::wrong_type(
                    &type_words(self.types(), ty),
                    "a date",
                    expr.span,
                ));
                None
            }
        }
    }

    fn comparison(
        &mut self,
        op: Comparison,
        left: &file::Expr,
        right: &file::Expr,
        span: Span,
    ) -> Option<Literal> {
        if op == Comparison::Equal {
            for (one, other) in [(left, right), (right, left)] {
                if let (file::ExprKind::Variable(name), file::ExprKind::Aggregate(aggregate)) =
                    (&one.kind, &other.kind)
                {
                    let result = self.used(name, one.span);
                    if let Some(ty) = self.type_of(other) {
                        self.note_type(result, ty, one.span);
                    }
                    return self
                        .aggregate(aggregate, result, span)
                        .map(Literal::Aggregate);
                }
            }
        }
        let (left, right) = self.sides(op, left, right)?;
        Some(Literal::Compare(Compare {
            op,
            left,
            right,
            span,
        }))
    }

    /// An aggregate inside an expression: a literal of its own in front, and its result's variable here.
    pub(super) fn aggregate_value(
        &mut self,
        aggregate: &file::Aggregate,
        ty: Option<Type>,
        span: Span,
    ) -> Option<VariableId> {
        let ty = match ty {
            Some(ty) => ty,
            None => {
                self.problems
                    .push(error::no_type(&aggregate.name.text, span));
                return None;
            }
        };
        let name = self.scope.made_name(&aggregate.name.text);
        let result = self.scope.made(name, ty, span);
        let made = self.aggregate(aggregate, result, span)?;
        self.before.push(Literal::Aggregate(made));
        Some(result)
    }

    fn aggregate(
        &mut self,
        aggregate: &file::Aggregate,
        result: VariableId,
        span: Span,
    ) -> Option<Aggregate> {
        let Some(function) = aggregate_named(&aggregate.name.text) else {
            self.problems.push(error::unknown_name(
                "aggregate",
                &aggregate.name.text,
                aggregate.name.span,
                None,
                "there are `sum`, `count`, `min` and `max`",
            ));
            return None;
        };
        if self.scope.braces.is_some() {
            self.problems.push(error::braces_in_braces(span));
            return None;
        }
        if aggregate.term.is_none() && function.needs_term {
            self.problems.push(error::aggregate_of_nothing(
                function.name,
                aggregate.name.span,
            ));
            return None;
        }
        let outer_before = std::mem::take(&mut self.before);
        self.scope.braces = Some(aggregate.name.span);
        let is_counted =
            function.name == "sum" || function.name == "count" && aggregate.term.is_none();
        let mut body = self.body(
            &aggregate.body,
            if is_counted {
                Role::Counted
            } else {
                Role::Body
            },
        );
        let term = aggregate.term.as_ref().map(|term| self.expr(term, None));
        body.append(&mut self.before);
        self.scope.braces = None;
        self.before = outer_before;
        let term = match term {
            Some(term) => Some(term?),
            None => None,
        };
        if let Some(term) = term
            .as_ref()
            .filter(|term| function.needs_numbers && !matches!(term.ty, Type::Number(_)))
        {
            self.problems.push(error::wrong_type(
                &type_words(self.types(), term.ty),
                "a number",
                term.span,
            ));
            return None;
        }
        let unordered = term
            .as_ref()
            .filter(|term| !function.counts && !function.needs_numbers && !self.has_order(term.ty));
        if let Some(term) = unordered {
            let what = self.unordered_words(term.ty);
            self.problems.push(error::unordered(&what, term.span));
            return None;
        }
        Some(Aggregate {
            result,
            function,
            term,
            body,
            group: Vec::new(),
            locals: Vec::new(),
            is_group_bound: false,
            span,
        })
    }

    /// `K in [a, b]` is `( K = a or K = b )`; `not K in [a, b]` is `K != a, K != b`.
    fn member(
        &mut self,
        negated: bool,
        value: &file::Expr,
        list: &[file::Expr],
        span: Span,
    ) -> Vec<Literal> {
        let op = if negated {
            Comparison::NotEqual
        } else {
            Comparison::Equal
        };
        let mut literals = Vec::new();
        for other in list {
            if let Some((left, right)) = self.sides(op, value, other) {
                literals.push(Literal::Compare(Compare {
                    op,
                    left,
                    right,
                    span,
                }));
            }
        }
        if list.is_empty() {
            self.problems.push(error::empty_list(span));
        }
        if negated {
            literals
        } else {
            vec![Literal::Or(
                literals.into_iter().map(|literal| vec![literal]).collect(),
                span,
            )]
        }
    }

    fn exempted(
        &mut self,
        negated: bool,
        head: &file::Atom,
        by: Option<&file::ClauseRef>,
        span: Span,
    ) -> Option<Literal> {
        let atom = self.atom(head, Role::Body)?;
        let Some(by) = by else {
            self.problems.push(error::exempted_by_what(span));
            return None;
        };
        let clauses = self.clauses(by)?;
        let is_about = |target: &ExemptionTarget| match target {
            ExemptionTarget::Head(pattern) => pattern.relation == atom.relation,
            ExemptionTarget::Event(..) => true,
        };
        let meant: Vec<_> = self
            .exemptions
            .iter()
            .enumerate()
            .filter(|(_, exemption)| {
                clauses.contains(&exemption.home) && is_about(&exemption.target)
            })
            .map(|(at, _)| super::super::ExemptionId(at as u32))
            .collect();
        if meant.is_empty() {
            let what = format!("`exempt {}`", self.policy.relation(atom.relation).name);
            let problem = error::concludes_nothing(&by.text, &what, by.span);
            self.problems.push(match self.names.is_half_read(&clauses) {
                true => error::said_already(problem),
                false => problem,
            });
            return None;
        }
        Some(Literal::Exempted(Exempted {
            negated,
            atom,
            by: meant,
            span,
        }))
    }
}
