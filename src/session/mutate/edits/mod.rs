//! The small changes that a tired author could make, one at a time, as changes of the text.
//!
//! `law` goes through notices and clauses with their days, `rules` through rules and their literals, `values` through numbers and
//! dates.

mod law;
mod rules;
mod values;

pub(super) use values::moved;

use crate::ir::{Kind, Policy, RelationId, RelationKind};
use crate::session::Session;
use crate::source::{FileId, Span};
use crate::syntax::File;
use crate::syntax::file::{Body, LiteralKind};
use crate::value::Date;

/// A small change of a policy's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// What is done: "a literal is dropped".
    pub what: &'static str,
    /// The notice, if it stands in one.
    pub notice: Option<String>,
    /// The clause, as cited; the notice, outside its clauses.
    pub clause: Option<String>,
    /// The words that are replaced.
    pub span: Span,
    /// By what.
    pub new: String,
    /// What the rule concludes; `None`: it concerns days or an exemption, on which anything may depend.
    pub(super) head: Option<String>,
    /// The relations without whose facts the rule does nothing, changed or not.
    pub(super) needs: Vec<RelationId>,
    /// The day from which something is moved.
    pub(super) day: Option<Date>,
    /// The number that is compared with, as written.
    pub(super) number: Option<String>,
}

/// All small changes of these files, in the order of the text.
pub(super) fn mutants(session: &Session, files: &[(FileId, File)]) -> Vec<Mutant> {
    let mut maker = Maker {
        session,
        list: Vec::new(),
        notice: None,
        clause: None,
    };
    for item in files.iter().flat_map(|(_, file)| &file.items) {
        maker.item(item);
    }
    maker.list.sort_by_key(|mutant| (mutant.span, mutant.what));
    maker.list
}

struct Maker<'s> {
    session: &'s Session,
    list: Vec<Mutant>,
    notice: Option<String>,
    clause: Option<String>,
}

/// The rule in which something is changed.
struct Around<'a> {
    /// What it concludes; empty: it concludes nothing.
    head: String,
    /// The literals of its body that must hold anyway.
    body: &'a Body,
}

impl Around<'_> {
    /// Around what stands in no rule.
    const NOTHING: Around<'static> = Around {
        head: String::new(),
        body: &Vec::new(),
    };
}

impl Maker<'_> {
    /// Notes a change; `own` is the place of the literal that changes, in the body around it.
    fn add(
        &mut self,
        what: &'static str,
        around: &Around<'_>,
        span: Span,
        new: impl Into<String>,
        own: Option<usize>,
    ) -> &mut Mutant {
        let others = around.body.iter().enumerate();
        let others = others.filter(|(at, _)| Some(*at) != own);
        let needs = others.filter_map(|(_, literal)| match &literal.kind {
            LiteralKind::Atom {
                negated: false,
                atom,
                ..
            } => self.relation(atom),
            _ => None,
        });
        let policy = &self.session.policy;
        let must_be_given = |id: &RelationId| match policy.relation(*id).kind {
            Kind::Declared(RelationKind::Judgement) | Kind::Names(_) => false,
            Kind::Declared(_) | Kind::Constraint(_) => true,
        };
        let mutant = Mutant {
            what,
            notice: self.notice.clone(),
            clause: self.clause.clone(),
            span,
            new: new.into(),
            head: (!around.head.is_empty()).then(|| around.head.clone()),
            needs: needs.filter(must_be_given).collect(),
            day: None,
            number: None,
        };
        self.list.push(mutant);
        self.list.last_mut().expect("one was added just now")
    }

    /// The relation of an atom; a notice's own comes first.
    fn relation(&self, atom: &crate::syntax::file::Atom) -> Option<RelationId> {
        let stated = atom.notice.as_ref().map(|notice| &notice.text);
        let notice = stated.or(self.notice.as_ref());
        let policy = &self.session.policy;
        let own = notice.and_then(|it| find(policy, &format!("{it}.{}", atom.relation.text)));
        own.or_else(|| find(policy, &atom.relation.text))
    }

    fn words(&self, span: Span) -> &str {
        self.session.sources.words(span)
    }
}

fn find(policy: &Policy, name: &str) -> Option<RelationId> {
    let mut relations = policy.relations.iter();
    let at = relations.position(|relation| relation.name == name)?;
    Some(RelationId(at as u32))
}

/// What lies between two places of one file.
fn between(first: Span, second: Span) -> Span {
    Span {
        start: first.end,
        end: second.start,
        ..first
    }
}
