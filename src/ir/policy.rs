//! `Policy`: what a folder of files says, with every name, type, day and citation resolved.

mod case;
mod fact;
mod feed;
mod law;
mod rule;

use crate::source::{FileId, Span};
use crate::value::{Type, TypeId, Types, Value};
use std::collections::{BTreeMap, BTreeSet};

pub use crate::syntax::file::{Comparison, EffectKind, ExpectStatus, Operator, RelationKind};
pub use case::{Case, Expect, ExpectClaim, Given, Query};
pub use fact::{Constraint, Fact, PolicyFact, Presumption};
pub use feed::{Column, Feed, FeedCondition, FeedLine, FeedValue, Heading, ReadAs};
pub use law::{Clause, ClauseDay, Condition, Effect, EffectStretch, Notice};
pub use rule::{
    Aggregate, Atom, Bind, Blocked, Compare, Exempted, Exemption, ExemptionTarget, Expr, ExprKind,
    Literal, Premise, Rule, Term, Test, Timing, Variable,
};

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
    /// In the order of their names.
    pub feeds: Vec<Feed>,
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
    /// Of each table with rows in a file, by the place where that is named: what was read, and of which relation.
    pub beside: BTreeMap<Span, (FileId, RelationId)>,
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
