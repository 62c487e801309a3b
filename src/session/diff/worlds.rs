//! The worlds in which two policies are compared: cases, and files of facts. Their facts are read with the new policy and
//! told to the others by name; what another policy does not know means nothing to it.

use crate::facts::Facts;
use crate::ir::{
    Circumstances, Fact, Kind, Missing, NoticeId, Policy, Presumption, RelationId, RelationKind,
    Term,
};
use crate::session::Session;
use crate::value::{Date, Type, Value};
use std::collections::BTreeMap;

/// Facts under which both policies are asked.
#[derive(Clone, Debug)]
pub struct World {
    /// The title of the case; `None`: files of facts.
    pub case: Option<String>,
    /// Where the case stands, or the names of the files.
    pub place: String,
    /// As the new policy reads them.
    pub(super) facts: Facts,
    /// `known at`, of a case.
    pub(super) known_at: Option<Date>,
    /// Notices that a case leaves out.
    pub(super) without: Vec<String>,
}

/// Under which law a side is asked.
#[derive(Clone, Debug, Default)]
pub struct When {
    /// Every event is judged by the law of this day.
    pub as_of: Option<Date>,
    /// Notices published later are left out.
    pub known_at: Option<Date>,
    /// Notices left out.
    pub without: Vec<String>,
    /// Whether what is presumed is left out.
    pub without_presumptions: bool,
}

/// The cases of a policy.
pub(super) fn cases(session: &Session) -> Vec<World> {
    let cases = session.policy.cases.iter().enumerate();
    let worlds = cases.map(|(at, case)| {
        let own = session.case_circumstances(at);
        let without = own.without.iter();
        World {
            case: Some(case.title.clone()),
            place: session.sources.cite(crate::source::Place::Span(case.span)),
            facts: session.case_facts(at),
            known_at: own.known_at,
            without: without
                .map(|notice| session.policy.notice(*notice).id.clone())
                .collect(),
        }
    });
    worlds.collect()
}

impl World {
    /// How large it is: the smallest is shown.
    pub(super) fn size(&self) -> usize {
        self.facts.len()
    }

    /// The circumstances under which it is asked.
    pub(super) fn circumstances(&self, policy: &Policy, when: &When) -> Circumstances {
        let ids = policy.notices.iter().enumerate();
        let left_out = |id: &String| self.without.contains(id) || when.without.contains(id);
        let without = ids.filter(|(_, notice)| left_out(&notice.id));
        Circumstances {
            as_of: when.as_of,
            known_at: when.known_at.or(self.known_at),
            without: without.map(|(at, _)| NoticeId(at as u32)).collect(),
            without_presumptions: when.without_presumptions,
            ..Circumstances::default()
        }
    }

    /// Its facts in the words of another policy, and how many of them mean nothing there.
    pub(super) fn told(&self, from: &Policy, to: &Policy) -> (Facts, usize) {
        let teller = Teller::new(from, to);
        let list = self.facts.iter().filter_map(|fact| teller.fact(&fact));
        let presumptions = self.facts.presumptions.iter();
        let mut told = Facts::of(list.collect());
        told.presumptions = presumptions
            .filter_map(|presumption| teller.presumption(presumption))
            .collect();
        let all = self.facts.len() + self.facts.presumptions.len();
        let lost = all - told.len() - told.presumptions.len();
        (told, lost)
    }
}

/// Says in one policy's words what is said in another's.
pub(super) struct Teller<'a> {
    from: &'a Policy,
    to: &'a Policy,
    relations: BTreeMap<RelationId, RelationId>,
    is_alike: bool,
}

impl<'a> Teller<'a> {
    pub(super) fn new(from: &'a Policy, to: &'a Policy) -> Teller<'a> {
        let by_name: BTreeMap<&str, usize> = to
            .relations
            .iter()
            .enumerate()
            .map(|(at, relation)| (relation.name.as_str(), at))
            .collect();
        let pairs = from
            .relations
            .iter()
            .enumerate()
            .filter_map(|(at, relation)| {
                let other = *by_name.get(relation.name.as_str())?;
                let is_kind = match (relation.kind, to.relations[other].kind) {
                    (Kind::Declared(a), Kind::Declared(b)) => a == b,
                    (Kind::Names(_), Kind::Names(_)) => true,
                    // Told apart by their place, which is another in each policy.
                    _ => false,
                };
                is_kind.then_some((RelationId(at as u32), RelationId(other as u32)))
            });
        let names = |policy: &Policy| -> Vec<String> {
            let relations = policy.relations.iter();
            relations.map(|relation| relation.name.clone()).collect()
        };
        Teller {
            from,
            to,
            relations: pairs.collect(),
            is_alike: names(from) == names(to) && from.types == to.types,
        }
    }

    pub(super) fn relation(&self, id: RelationId) -> Option<RelationId> {
        self.relations.get(&id).copied()
    }

    fn fact(&self, fact: &Fact) -> Option<Fact> {
        Some(Fact {
            relation: self.relation(fact.relation)?,
            args: self.args(fact.relation, &fact.args)?,
            ..fact.clone()
        })
    }

    /// The values by the fields of the other policy. A field that only it has is missing, if it may be.
    pub(super) fn args(&self, relation: RelationId, args: &[Value]) -> Option<Vec<Value>> {
        let here = self.from.relation(relation);
        let there = self.to.relation(self.relation(relation)?);
        let values = there.fields.iter().map(|field| {
            let at = here.fields.iter().position(|own| own.name == field.name);
            match (at, field.missing) {
                (Some(at), _) => self.value(&args[at], here.fields[at].ty, field.ty),
                (None, Missing::None) => Some(Value::None),
                (None, Missing::Unknown) => Some(Value::Unknown),
                (None, Missing::Never) => None,
            }
        });
        values.collect()
    }

    fn value(&self, value: &Value, from: Type, to: Type) -> Option<Value> {
        match (value, from, to) {
            (Value::Member(at), Type::Set(here), Type::Set(there)) => {
                let name = &self.from.types.members(here).get(*at as usize)?.name;
                self.to.types.member(there, name).map(Value::Member)
            }
            // Names that were open, and are listed now, or the other way round.
            (Value::Member(at), Type::Set(here), Type::Entity(_)) => {
                let name = &self.from.types.members(here).get(*at as usize)?.name;
                Some(Value::Name(name.as_str().into()))
            }
            (Value::Name(name), Type::Entity(_), Type::Set(there)) => {
                self.to.types.member(there, name).map(Value::Member)
            }
            (Value::Name(name), Type::Entity(_), Type::Text) => Some(Value::Text(name.clone())),
            (Value::Text(text), Type::Text, Type::Entity(_)) => Some(Value::Name(text.clone())),
            (Value::None | Value::Unknown, _, _) => Some(value.clone()),
            _ => (std::mem::discriminant(&from) == std::mem::discriminant(&to))
                .then(|| value.clone()),
        }
    }

    /// One that depends on a condition is told only where both policies have the same words.
    fn presumption(&self, presumption: &Presumption) -> Option<Presumption> {
        if self.is_alike {
            return Some(presumption.clone());
        }
        let rule = &presumption.rule;
        let here = self.from.relation(rule.head.relation);
        let there = self.to.relation(self.relation(rule.head.relation)?);
        let is_bare = rule.body.is_empty() && here.fields.len() == there.fields.len();
        let args = rule
            .head
            .args
            .iter()
            .zip(here.fields.iter().zip(&there.fields));
        let args = args.map(|(term, (from, to))| match term {
            Term::Value(value) => self.value(value, from.ty, to.ty).map(Term::Value),
            term => Some(term.clone()),
        });
        let args: Option<Vec<Term>> = args.collect();
        let mut told = presumption.clone();
        told.rule.head.relation = self.relation(rule.head.relation)?;
        told.rule.head.args = args.filter(|_| is_bare)?;
        Some(told)
    }
}

/// Whether a relation is one whose answers are compared: a verdict.
pub(super) fn is_compared(policy: &Policy, at: usize) -> bool {
    matches!(
        policy.relations[at].kind,
        Kind::Declared(RelationKind::Verdict) | Kind::Constraint(_)
    )
}
