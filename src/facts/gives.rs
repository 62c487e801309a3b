//! What the rows of a file give: the facts of one relation, or what a feed says.

use super::{Batch, error};
use crate::diagnostic::{Diagnostic, nearest};
use crate::ir::{Feed, FeedValue, Kind, Policy, Relation, RelationId, RelationKind};
use crate::source::{FileId, Place, Span};
use crate::value::Type;
use crate::value::symbols::Symbols;

/// What the rows of a file give.
#[derive(Clone, Copy)]
pub(super) enum Gives<'a> {
    /// A fact of this relation each.
    Relation(RelationId, &'a Relation),
    /// A fact for each line of the feed.
    Feed(&'a Feed),
}

/// Which facts come of rows.
pub(super) struct Shape {
    /// Of a relation what is given, and what is denied; of a feed one for each line.
    pub heads: Vec<Head>,
    /// The tables of words; whether each value that comes to it gets a word of its own.
    is_list: Vec<bool>,
}

/// The facts of one kind.
pub(super) struct Head {
    relation: RelationId,
    /// Its name.
    pub name: String,
    denied: bool,
    fields: usize,
    pub dated: bool,
    /// By field: the table that has its words, one for each type, and one for the ids of each kind of events.
    pub table_of: Vec<usize>,
}

impl<'a> Gives<'a> {
    /// What a file of that name gives: facts of an event, input or judgement, or those of a feed.
    pub(super) fn named(
        policy: &'a Policy,
        name: &str,
        place: Place,
    ) -> Result<Gives<'a>, Diagnostic> {
        let found = relation_named(policy, name);
        let is_exact = found.is_some_and(|at| policy.relations[at].name == name);
        if !is_exact && let Some(feed) = policy.feeds.iter().find(|feed| feed.name == name) {
            return Ok(Gives::Feed(feed));
        }
        let relation = found.map(|at| &policy.relations[at]);
        match (found, relation, relation.map(|relation| relation.kind)) {
            (Some(at), Some(relation), _) if can_be_given(relation) => {
                Ok(Gives::Relation(RelationId(at as u32), relation))
            }
            (_, Some(relation), Some(Kind::Declared(kind))) => {
                Err(error::wrong_kind(relation, kind, place))
            }
            _ => Err(not_found(policy, name, place)),
        }
    }

    /// Whether there is a relation or a feed of that name.
    pub(super) fn is_named(policy: &Policy, name: &str) -> bool {
        let mut feeds = policy.feeds.iter();
        feeds.any(|feed| feed.name == name) || relation_named(policy, name).is_some()
    }

    /// The name of the relation or feed.
    pub(super) fn name(self) -> &'a str {
        match self {
            Gives::Relation(_, relation) => &relation.name,
            Gives::Feed(feed) => &feed.name,
        }
    }

    /// Where it is declared.
    pub(super) fn span(self) -> Option<Span> {
        match self {
            Gives::Relation(_, relation) => relation.span,
            Gives::Feed(feed) => Some(feed.span),
        }
    }

    /// Which facts come of the rows.
    pub(super) fn shape(self, policy: &Policy) -> Shape {
        let mut tables = Tables::default();
        let heads = match self {
            Gives::Relation(id, relation) => {
                let table_of = tables.of(relation, has_id(relation));
                let head = |denied| Head::new(id, relation, denied, table_of.clone());
                vec![head(false), head(true)]
            }
            Gives::Feed(feed) => {
                let heads = feed.lines.iter().map(|line| {
                    let relation = policy.relation(line.relation);
                    let is_cell = matches!(line.values.first(), Some(FeedValue::Column(_)));
                    let table_of = tables.of(relation, is_cell && has_id(relation));
                    Head::new(line.relation, relation, line.denied, table_of)
                });
                heads.collect()
            }
        };
        let is_list = tables.0.iter().map(Option::is_none).collect();
        Shape { heads, is_list }
    }
}

/// The relation of that name: a notice's own also by its plain name, where no other has it.
fn relation_named(policy: &Policy, name: &str) -> Option<usize> {
    let relations = || policy.relations.iter();
    let local = |relation: &Relation| {
        let full = relation.name.rsplit_once('.');
        full.is_some_and(|(_, own)| own == name)
    };
    let exact = relations().position(|relation| relation.name == name);
    exact.or_else(|| {
        let first = relations().position(local);
        first.filter(|_| relations().filter(|it| local(it)).nth(1).is_none())
    })
}

fn not_found(policy: &Policy, name: &str, place: Place) -> Diagnostic {
    let known = policy.relations.iter().filter(|it| can_be_given(it));
    let known = known.map(|relation| relation.name.as_str());
    let feeds = policy.feeds.iter().map(|feed| feed.name.as_str());
    let near = nearest(name, known.chain(feeds));
    error::unknown_relation(name, near, !policy.feeds.is_empty(), place)
}

fn can_be_given(relation: &Relation) -> bool {
    matches!(
        relation.kind,
        Kind::Declared(RelationKind::Event | RelationKind::Input | RelationKind::Judgement)
    )
}

/// Whether the first field alone is the key, and names something: then its values hardly ever come twice.
fn has_id(relation: &Relation) -> bool {
    let first = relation.fields.first().map(|field| field.ty);
    relation.key == Some(1) && matches!(first, Some(Type::Entity(_) | Type::Text))
}

/// The types that have a table; `None`: one for ids.
#[derive(Default)]
struct Tables(Vec<Option<Type>>);

impl Tables {
    /// By field: its table.
    fn of(&mut self, relation: &Relation, has_id: bool) -> Vec<usize> {
        let fields = relation.fields.iter().enumerate();
        let tables = fields.map(|(at, field)| {
            let is_id = at == 0 && has_id;
            let is_it = |other: &Option<Type>| !is_id && *other == Some(field.ty);
            self.0.iter().position(is_it).unwrap_or_else(|| {
                self.0.push((!is_id).then_some(field.ty));
                self.0.len() - 1
            })
        });
        tables.collect()
    }
}

impl Head {
    fn new(id: RelationId, relation: &Relation, denied: bool, table_of: Vec<usize>) -> Head {
        Head {
            relation: id,
            name: relation.name.clone(),
            denied,
            fields: relation.fields.len(),
            dated: relation.dated,
            table_of,
        }
    }

    /// None of these facts yet.
    pub(super) fn batch(&self, file: FileId) -> Batch {
        Batch::new(self.relation, self.fields, self.dated, self.denied, file)
    }
}

impl Shape {
    /// Tables without words, each with how many it has, beside a table of all.
    pub(super) fn tables(&self, all: &Symbols) -> Vec<(Symbols, usize)> {
        let tables = self.is_list.iter();
        let tables = tables.map(|is_list| (Symbols::beside(all, *is_list), 0));
        tables.collect()
    }
}
