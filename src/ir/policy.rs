//! `Policy`: what a folder of files says, with every name, type, day and citation resolved.

use crate::source::{FileId, Place, Span};
use crate::value::{
    Aggregate as AggregateRow, Date, FunctionId, Shift, Type, TypeId, Types, Value,
};
use std::collections::{BTreeMap, BTreeSet};

pub use crate::syntax::file::{Comparison, EffectKind, ExpectStatus, Operator, RelationKind};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl $name {
            /// As an index into the list of its kind.
            pub fn at(self) -> usize { self.0 as usize }
        }
    )*};
}

ids! {
    /// A relation of `Policy::relations`.
    RelationId;
    /// A notice of `Policy::notices`.
    NoticeId;
    /// A clause of `Policy::clauses`; every notice has one that stands for the notice itself.
    ClauseId;
    /// A rule of `Policy::rules`.
    RuleId;
    /// An exemption of `Policy::exemptions`.
    ExemptionId;
    /// A variable of one rule or exemption.
    VariableId;
}

/// A body of law with its cases, resolved and checked.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Types and units.
    pub types: Types,
    /// By `RelationId`: declared ones in the order of their names, then those the checker adds.
    pub relations: Vec<Relation>,
    /// By `NoticeId`.
    pub notices: Vec<Notice>,
    /// By `ClauseId`.
    pub clauses: Vec<Clause>,
    /// What clauses do to others.
    pub effects: Vec<Effect>,
    /// By `RuleId`: rules with a body, and facts with variables' place taken by nothing (see `facts` for ground facts).
    pub rules: Vec<Rule>,
    /// By `ExemptionId`.
    pub exemptions: Vec<Exemption>,
    /// Facts and table rows of the policy.
    pub facts: Vec<PolicyFact>,
    /// `never` statements; each has a rule whose head is a relation of its own.
    pub constraints: Vec<Constraint>,
    /// `presume` statements outside cases.
    pub presumptions: Vec<Presumption>,
    /// `given` blocks.
    pub givens: Vec<Given>,
    /// Cases.
    pub cases: Vec<Case>,
    /// Every entity named in the policy outside cases, by type (members of closed sets are all named).
    pub named: BTreeMap<TypeId, BTreeSet<Value>>,
    /// The relation `working_day(day: date)`, by which working days are counted.
    pub working_day: Option<RelationId>,
    /// The policy files, in the order of their names.
    pub files: Vec<FileId>,
}

/// A relation with its fields.
#[derive(Clone, Debug)]
pub struct Relation {
    /// As written in atoms elsewhere: `owns`, or `uel_2025_10.unreliable` for a notice's own.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// In order.
    pub fields: Vec<Field>,
    /// How many fields make the key; `None`: the whole row. An event's is 1.
    pub key: Option<usize>,
    /// Whether its facts carry days of their own (`dated`).
    pub dated: bool,
    /// For an event: which field is the day whose law applies.
    pub on: Option<usize>,
    /// Whether it holds on stretches of days: a standing relation. True for `dated` inputs too.
    pub standing: bool,
    /// The template of its sentence.
    pub reads: Option<Vec<TemplatePart>>,
    /// Its doc comment.
    pub doc: String,
    /// Its declaration.
    pub span: Option<Span>,
}

/// What a relation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Declared with this keyword.
    Declared(RelationKind),
    /// `Country(C)`: the names of a type.
    Names(TypeId),
    /// The answers of a `never`, by its place in `Policy::constraints`.
    Constraint(usize),
}

/// A field of a relation.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it may be missing.
    pub missing: Missing,
    /// Its declaration.
    pub span: Option<Span>,
}

/// Whether a field may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It must be there.
    Never,
    /// `or none`
    None,
    /// `or unknown`
    Unknown,
}

/// A piece of a `reads` template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// Words.
    Words(String),
    /// The value of a field.
    Field(usize),
}

/// A notice.
#[derive(Clone, Debug)]
pub struct Notice {
    /// `mofcom_2025_62`
    pub id: String,
    /// Its title; empty if none.
    pub title: String,
    /// The clause that stands for the notice itself.
    pub whole: ClauseId,
    /// Who issued it.
    pub issuers: Vec<String>,
    /// The day it became known.
    pub published: Date,
    /// File and place in it, as the author cites the text.
    pub sources: Vec<(String, String)>,
    /// Its doc comment.
    pub doc: String,
    /// Its id, where declared.
    pub span: Span,
}

/// A clause, or the notice itself.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The notice.
    pub notice: NoticeId,
    /// `1(3)`; empty for the notice itself.
    pub id: String,
    /// Its heading; the notice's title for the notice itself.
    pub heading: String,
    /// The clause above: the one whose days it has unless it states its own.
    pub parent: Option<ClauseId>,
    /// Its first day, its own or from above.
    pub from: ClauseDay,
    /// Its last day (inclusive), its own or from above.
    pub through: Option<ClauseDay>,
    /// The day up to which its author has followed it, its own or from above.
    pub reviewed: Option<Date>,
    /// Why what rests on it is to be marked, its own or from above.
    pub unverified: Option<String>,
    /// Its doc comment.
    pub doc: String,
    /// Its id, where declared.
    pub span: Span,
}

/// A day that a clause states, and the clause cited for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClauseDay {
    /// The day.
    pub date: Date,
    /// `by 8`
    pub set_by: Option<ClauseId>,
    /// Where it is written.
    pub span: Span,
}

/// `suspends`, `repeals`, `replaces`.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Which.
    pub kind: EffectKind,
    /// The clause that states it.
    pub by: ClauseId,
    /// The clauses named and all under them.
    pub targets: Vec<ClauseId>,
    /// When: at least one.
    pub stretches: Vec<EffectStretch>,
    /// Where it is written.
    pub span: Span,
}

/// A stretch of days of an effect.
#[derive(Clone, Debug)]
pub struct EffectStretch {
    /// First day.
    pub from: Date,
    /// Last day, inclusive; `None`: without end.
    pub through: Option<Date>,
    /// The judgement on which it depends.
    pub condition: Option<Condition>,
    /// Where it is written.
    pub span: Span,
}

/// `[not] j(values)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `not` in front.
    pub negated: bool,
    /// The judgement.
    pub relation: RelationId,
    /// Its values.
    pub args: Vec<Value>,
    /// Where it is written.
    pub span: Span,
}

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

/// A fact or table row of the policy.
#[derive(Clone, Debug)]
pub struct PolicyFact {
    /// The relation.
    pub relation: RelationId,
    /// One value a field.
    pub args: Vec<Value>,
    /// The clause it stands in; `None` outside any notice.
    pub home: Option<ClauseId>,
    /// The fact, the row, or the record of the table's file.
    pub place: Place,
}

/// `never "…" if …`
#[derive(Clone, Debug)]
pub struct Constraint {
    /// What is said of an answer.
    pub message: String,
    /// Whether it guards data only.
    pub data: bool,
    /// Its rule: the head is a relation of its own with a field for each variable that the body binds.
    pub rule: RuleId,
}

/// `presume [not] J [if BODY]`
#[derive(Clone, Debug)]
pub struct Presumption {
    /// `not` in front.
    pub denied: bool,
    /// What is presumed, and if what; `rule.head` may have `Term::Any`.
    pub rule: Rule,
}

/// A fact as cases and data give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// An event, input or judgement.
    pub relation: RelationId,
    /// One value a field.
    pub args: Vec<Value>,
    /// For a dated input: first and last day.
    pub days: Option<(Date, Date)>,
    /// `not j(x).`: a judgement that is denied.
    pub denied: bool,
    /// Where it is given.
    pub place: Place,
}

/// `given name { … }`
#[derive(Clone, Debug)]
pub struct Given {
    /// Its name.
    pub name: String,
    /// Its facts.
    pub facts: Vec<Fact>,
    /// Its presumptions.
    pub presumptions: Vec<Presumption>,
    /// Its name, where declared.
    pub span: Span,
}

/// `case "title" … { … }`
#[derive(Clone, Debug)]
pub struct Case {
    /// Its title.
    pub title: String,
    /// Indices into `Policy::givens`.
    pub givens: Vec<usize>,
    /// `known at D`
    pub known_at: Option<Date>,
    /// Notices left out.
    pub without: Vec<NoticeId>,
    /// Its facts.
    pub facts: Vec<Fact>,
    /// Its presumptions.
    pub presumptions: Vec<Presumption>,
    /// What it expects.
    pub expects: Vec<Expect>,
    /// Its title, where written.
    pub span: Span,
}

/// `expect …`
#[derive(Clone, Debug)]
pub struct Expect {
    /// What is expected.
    pub status: ExpectStatus,
    /// Of what.
    pub claim: ExpectClaim,
    /// `by C`: the clauses named and all under them.
    pub by: Option<Vec<ClauseId>>,
    /// `if [not] j(…)`
    pub conditions: Vec<Condition>,
    /// The whole line.
    pub span: Span,
}

/// What an expectation is about.
#[derive(Clone, Debug)]
pub enum ExpectClaim {
    /// A pattern.
    Query(Query),
    /// The constraint, by its place in `Policy::constraints`.
    Never(usize),
}

/// An atom asked about: `expect A on D`, `explain`, `--query`.
#[derive(Clone, Debug)]
pub struct Query {
    /// The pattern; a variable twice means the same value twice.
    pub atom: Atom,
    /// By `VariableId`.
    pub variables: Vec<Variable>,
    /// `on D`
    pub on: Option<Date>,
}

impl Policy {
    /// The relation of the names of a type: `Country(C)`.
    pub fn names_relation(&self, ty: TypeId) -> Option<RelationId> {
        let mut relations = self.relations.iter();
        let at = relations.position(|relation| relation.kind == Kind::Names(ty))?;
        Some(RelationId(at as u32))
    }

    /// The relation.
    pub fn relation(&self, id: RelationId) -> &Relation {
        &self.relations[id.at()]
    }

    /// The clause.
    pub fn clause(&self, id: ClauseId) -> &Clause {
        &self.clauses[id.at()]
    }

    /// The notice.
    pub fn notice(&self, id: NoticeId) -> &Notice {
        &self.notices[id.at()]
    }

    /// The rule.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.at()]
    }

    /// The exemption.
    pub fn exemption(&self, id: ExemptionId) -> &Exemption {
        &self.exemptions[id.at()]
    }

    /// `mofcom_2025_62/1`, or `mofcom_2025_62` for the notice itself.
    pub fn citation(&self, id: ClauseId) -> String {
        let clause = self.clause(id);
        let notice = &self.notice(clause.notice).id;
        if clause.id.is_empty() {
            notice.clone()
        } else {
            format!("{notice}/{}", clause.id)
        }
    }

    /// The clause itself and all clauses under it.
    pub fn clauses_under(&self, id: ClauseId) -> Vec<ClauseId> {
        let is_under = |mut at: ClauseId| loop {
            if at == id {
                return true;
            }
            match self.clause(at).parent {
                Some(parent) => at = parent,
                None => return false,
            }
        };
        let notice = self.clause(id).notice;
        (0..self.clauses.len() as u32)
            .map(ClauseId)
            .filter(|at| self.clause(*at).notice == notice && is_under(*at))
            .collect()
    }

    /// The rules with that relation as their head.
    pub fn rules_for(&self, relation: RelationId) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.rules
            .iter()
            .enumerate()
            .filter(move |(_, rule)| rule.head.relation == relation)
            .map(|(at, rule)| (RuleId(at as u32), rule))
    }

    /// The exemptions that block this rule, these facts or this exemption.
    pub fn exemptions_of(
        &self,
        blocked: Blocked,
    ) -> impl Iterator<Item = (ExemptionId, &Exemption)> {
        self.exemptions
            .iter()
            .enumerate()
            .filter(move |(_, exemption)| exemption.blocks.contains(&blocked))
            .map(|(at, exemption)| (ExemptionId(at as u32), exemption))
    }

    /// The types of events' ids.
    pub fn event_types(&self) -> BTreeSet<TypeId> {
        let events = self
            .relations
            .iter()
            .filter(|relation| relation.kind == Kind::Declared(RelationKind::Event));
        let ids = events.filter_map(|relation| relation.fields.first());
        ids.filter_map(|field| {
            if let Type::Entity(ty) = field.ty {
                Some(ty)
            } else {
                None
            }
        })
        .collect()
    }

    /// The event that a rule's conclusion is about: by whose day it is judged, or, where it names a day, the one in its head.
    pub fn event_of(&self, rule: &Rule) -> Option<(Term, TypeId)> {
        match &rule.timing {
            Timing::Event(term, ty) => Some((term.clone(), *ty)),
            Timing::On(_) => {
                let types = self.event_types();
                let fields = self.relation(rule.head.relation).fields.iter();
                let mut named =
                    rule.head
                        .args
                        .iter()
                        .zip(fields)
                        .filter_map(|(term, field)| match (term, field.ty) {
                            (Term::Variable(_) | Term::Value(_), Type::Entity(ty))
                                if types.contains(&ty) =>
                            {
                                Some((term.clone(), ty))
                            }
                            _ => None,
                        });
                let first = named.next();
                first.filter(|first| named.all(|other| other == *first))
            }
            Timing::Timeless | Timing::Standing => None,
        }
    }

    /// Whether a rule or fact of these clauses concludes the relation.
    pub fn is_concluded_in(&self, relation: RelationId, clauses: &[ClauseId]) -> bool {
        let is_there = |home: Option<ClauseId>| home.is_some_and(|home| clauses.contains(&home));
        self.rules
            .iter()
            .any(|rule| rule.head.relation == relation && is_there(rule.home))
            || self
                .facts
                .iter()
                .any(|fact| fact.relation == relation && is_there(fact.home))
    }

    /// Whether these clauses, or others that at some time stand in their place, conclude the relation.
    pub fn stands_as_concluding(&self, relation: RelationId, clauses: &[ClauseId]) -> bool {
        let replaced = self.effects.iter().filter(|effect| {
            effect.kind == EffectKind::Replaces
                && effect.targets.iter().any(|target| clauses.contains(target))
        });
        let new: Vec<ClauseId> = replaced
            .flat_map(|effect| self.clauses_under(effect.by))
            .collect();
        self.is_concluded_in(relation, clauses) || self.is_concluded_in(relation, &new)
    }
}
