//! Rules and exemptions, with what they are made of.

use super::{ClauseId, ExemptionId, RelationId, RuleId, VariableId};
use crate::source::Span;
use crate::syntax::file::{Comparison, Operator};
use crate::value::{Aggregate as AggregateRow, FunctionId, Shift, Type, TypeId, Value};

/// A variable of a rule.
#[derive(Clone, Debug)]
pub struct Variable {
    /// As written; a made-up name (`_1`) for a field that was left out in the braces of a `sum` or `count`.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Where it first stands.
    pub span: Span,
}

/// A rule: `head if body`.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The conclusion: a term for every field, `Term::Missing` where one is left out.
    pub head: Atom,
    /// The conditions, in the order written.
    pub body: Vec<Literal>,
    /// By `VariableId`.
    pub variables: Vec<Variable>,
    /// The clause it stands in; `None` for a definition outside any notice.
    pub home: Option<ClauseId>,
    /// By which day it is judged.
    pub timing: Timing,
    /// Its doc comment.
    pub doc: String,
    /// The whole rule.
    pub span: Span,
}

/// By which day a rule, and the standing relations in it, are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timing {
    /// The day does not matter: a definition that reads no standing relation but `on` a day of its own.
    Timeless,
    /// The day of the event with this id, of this id type (looked up in every event relation with that type of ids).
    Event(Term, TypeId),
    /// The day in this term: `head on D if …`.
    On(Term),
    /// Every day for itself: its head is standing.
    Standing,
}

/// An atom with a term for every field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    /// The relation.
    pub relation: RelationId,
    /// One a field.
    pub args: Vec<Term>,
    /// Where it stands.
    pub span: Span,
}

/// What stands in a field of an atom.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Term {
    /// A variable; matches only a field that has a value.
    Variable(VariableId),
    /// A value.
    Value(Value),
    /// `_` by position, or a field left out: matches anything, also nothing.
    Any,
    /// `_` given by name for a field that may be missing: there must be a value.
    Present,
    /// A field left out in the braces of `sum` or `count`: matches anything, also nothing, and tells rows apart.
    Each(VariableId),
    /// In a head or fact: the field is left out (`Value::None` or `Value::Unknown`, as the field says).
    Missing,
}

/// A literal of a body.
#[derive(Clone, Debug)]
pub enum Literal {
    /// An atom that must match.
    Holds(Premise),
    /// An atom that nothing may match.
    Absent(Premise),
    /// A comparison; both sides are bound elsewhere.
    Compare(Compare),
    /// `X = expression`, where nothing else binds `X`.
    Bind(Bind),
    /// A function that gives a truth value: `[not] starts_with(C, "28")`.
    Test(Test),
    /// `V = sum X { … }`.
    Aggregate(Aggregate),
    /// `( A or B )`; each side binds the variables used outside that are bound nowhere else.
    Or(Vec<Vec<Literal>>, Span),
    /// `exempted HEAD by CLAUSE`, or `not exempted …`.
    Exempted(Exempted),
}

/// An atom in a body.
#[derive(Clone, Debug)]
pub struct Premise {
    /// The atom.
    pub atom: Atom,
    /// `on D`: the day on which a standing relation is read; `None`: the day of the rule.
    pub on: Option<Term>,
    /// `by C`: given by a rule of one of these clauses (the one named and all under it).
    pub by: Option<Vec<ClauseId>>,
    /// The whole literal.
    pub span: Span,
}

/// `left OP right`
#[derive(Clone, Debug)]
pub struct Compare {
    /// The operator.
    pub op: Comparison,
    /// Left of it.
    pub left: Expr,
    /// Right of it.
    pub right: Expr,
    /// The whole literal.
    pub span: Span,
}

/// `X = expression`
#[derive(Clone, Debug)]
pub struct Bind {
    /// What it binds.
    pub variable: VariableId,
    /// To what.
    pub value: Expr,
    /// The whole literal.
    pub span: Span,
}

/// A truth value as a literal.
#[derive(Clone, Debug)]
pub struct Test {
    /// `not` in front.
    pub negated: bool,
    /// Of type `bool`.
    pub value: Expr,
    /// The whole literal.
    pub span: Span,
}

/// `V = sum X { … }`; an aggregate inside a comparison is given a variable of its own.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Bound to the result.
    pub result: VariableId,
    /// The row of the table of aggregates.
    pub function: &'static AggregateRow,
    /// What is folded; `None` for `count { … }`.
    pub term: Option<Expr>,
    /// The braces.
    pub body: Vec<Literal>,
    /// The variables in the braces that also occur outside: one result for each of their bindings.
    pub group: Vec<VariableId>,
    /// The other variables in the braces. The terms are folded over the distinct bindings of `group` and these together.
    pub locals: Vec<VariableId>,
    /// Whether every variable of `group` is bound by the body outside: an empty group then counts as 0.
    pub is_group_bound: bool,
    /// The whole literal.
    pub span: Span,
}

/// `exempted HEAD by CLAUSE`
#[derive(Clone, Debug)]
pub struct Exempted {
    /// `not` in front.
    pub negated: bool,
    /// The pattern of what is exempted.
    pub atom: Atom,
    /// The exemptions meant.
    pub by: Vec<ExemptionId>,
    /// The whole literal.
    pub span: Span,
}

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions. Numbers are in base units throughout.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A value.
    Value(Value),
    /// A variable.
    Variable(VariableId),
    /// `- X`
    Negate(Box<Expr>),
    /// Arithmetic on numbers.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// A function of the table.
    Call(FunctionId, Vec<Expr>),
    /// A date moved by an amount (negative: back). `WorkingDays` counts rows of the relation `working_day`.
    Shift {
        /// The date.
        date: Box<Expr>,
        /// How many.
        amount: Box<Expr>,
        /// Of what.
        unit: Shift,
    },
}

/// `exempt HEAD from CLAUSES if BODY`, with what it blocks.
#[derive(Clone, Debug)]
pub struct Exemption {
    /// The pattern of what is exempted.
    pub target: ExemptionTarget,
    /// The clauses named and all under them.
    pub from: Vec<ClauseId>,
    /// The conditions, read on the day of what they block.
    pub body: Vec<Literal>,
    /// By `VariableId`.
    pub variables: Vec<Variable>,
    /// The clause it stands in: it counts only while that is in force on the day of what it blocks.
    pub home: ClauseId,
    /// What it blocks: rules, facts and exemptions of the clauses named.
    pub blocks: Vec<Blocked>,
    /// Its doc comment.
    pub doc: String,
    /// The whole statement.
    pub span: Span,
}

/// What an exemption is about.
#[derive(Clone, Debug)]
pub enum ExemptionTarget {
    /// Conclusions that match; its variables are bound by what it blocks.
    Head(Atom),
    /// Every conclusion about the event with this id, of this id type.
    Event(Term, TypeId),
}

/// Something that an exemption can block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Blocked {
    /// A rule.
    Rule(RuleId),
    /// The facts and table rows of a relation in a clause.
    Facts(RelationId, ClauseId),
    /// An exemption of the same head: what that exemption blocks is no longer blocked.
    Exemption(ExemptionId),
}
