//! Certificates by cases: what each case assumes can be so, and all of them together leave nothing out.
//!
//! That is enough. However what is open is settled, each judgement comes out one way and each value as one of its set, so all
//! that some case assumes is so. To give what is so anyway changes nothing, and what is sure in that case holds for every way of
//! settling the rest. This goes for what is presumed too: it also comes out one way, and an answer, which wins over what is
//! presumed, says the same in the case that fits.

#[cfg(test)]
mod tests;

use super::Rejection;
use crate::facts::{Facts, Names};
use crate::ir::{Fact, Kind, Missing, Policy, RelationId, RelationKind};
use crate::proof::certificate::{Assumption, Case, Undecided};
use crate::source::Place;
use crate::value::{Type, TypeId, Value};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// How many cases a certificate may have.
const MOST_CASES: usize = 1_000;
/// How many assumptions may be looked at to see that nothing is left out.
const MOST_WORK: usize = 1_000_000;

/// The facts, to which each case adds what it assumes.
pub struct Settling<'a> {
    policy: &'a Policy,
    facts: &'a Facts,
    names: OnceCell<BTreeMap<TypeId, Names>>,
}

impl<'a> Settling<'a> {
    /// Of a policy and the facts as they are given.
    pub fn new(policy: &'a Policy, facts: &'a Facts) -> Settling<'a> {
        Settling {
            policy,
            facts,
            names: OnceCell::new(),
        }
    }

    /// The facts as they are in a case; or why they cannot be so.
    pub fn facts_of(&self, case: &Case) -> Result<Facts, String> {
        let mut facts = self.facts.clone();
        for assumption in &case.assumes {
            self.assume(&mut facts, assumption)?;
        }
        Ok(facts)
    }

    fn assume(&self, facts: &mut Facts, assumption: &Assumption) -> Result<(), String> {
        let about = &assumption.about;
        let fields = self.policy.relation(about.relation).fields.iter();
        for ((at, field), value) in fields.enumerate().zip(&about.args) {
            let is_asked = about.field == Some(at);
            let missing = match about.field {
                // A judgement is about something that is known.
                None if field.missing == Missing::Unknown => Missing::Never,
                _ => field.missing,
            };
            if !is_asked && !self.can_be(value, field.ty, missing) {
                let words = words(self.policy, about);
                return Err(format!(
                    "nothing can be assumed of {words}: a value in it is none that policy and facts name"
                ));
            }
        }
        match about.field {
            None => self.judge(facts, assumption),
            Some(field) => self.fill_in(facts, assumption, field),
        }
    }

    /// Whether a value is one of those that there are: a name that only an assumption has would be one more.
    fn can_be(&self, value: &Value, ty: Type, missing: Missing) -> bool {
        match value {
            Value::Name(_) => {
                let Type::Entity(ty) = ty else { return false };
                let names = self.names.get_or_init(|| self.facts.named(self.policy));
                names.get(&ty).is_some_and(|names| names.contains(value))
            }
            Value::None => missing == Missing::None,
            Value::Unknown => missing == Missing::Unknown,
            Value::Range(_) | Value::Redacted(_) => false,
            Value::Bool(_)
            | Value::Date(_)
            | Value::Member(_)
            | Value::Number(_)
            | Value::Text(_) => true,
        }
    }

    fn judge(&self, facts: &mut Facts, assumption: &Assumption) -> Result<(), String> {
        let Undecided { relation, args, .. } = &assumption.about;
        if let Some(given) = facts.with(*relation, args).next() {
            let verb = if given.denied { "deny" } else { "assert" };
            return Err(format!(
                "nothing can be assumed of {}: the facts {verb} it",
                words(self.policy, &assumption.about)
            ));
        }
        facts.push(Fact {
            relation: *relation,
            args: args.clone(),
            days: None,
            denied: assumption.is == Value::Bool(false),
            place: Place::Assumed,
        });
        Ok(())
    }

    /// Puts the value in place of the one that nobody knows, in the fact that leaves it open; or in one that nobody gave, where
    /// such a row is there without a word.
    fn fill_in(
        &self,
        facts: &mut Facts,
        assumption: &Assumption,
        field: usize,
    ) -> Result<(), String> {
        let Undecided { relation, args, .. } = &assumption.about;
        let is_given = facts.with(*relation, args).next().is_some();
        if !is_given && !self.is_missing(facts, *relation, args) {
            return Err(format!(
                "nothing can be assumed of {}: the facts do not leave that open",
                words(self.policy, &assumption.about)
            ));
        }
        if is_given {
            let list = facts.list_mut();
            list.retain(|fact| fact.relation != *relation || fact.args != *args);
        }
        let mut args = args.clone();
        args[field].clone_from(&assumption.is);
        facts.push(Fact {
            relation: *relation,
            args,
            days: None,
            denied: false,
            place: Place::Assumed,
        });
        Ok(())
    }

    /// Whether a row is one of an input that may be missing as a whole, and no fact has its key.
    fn is_missing(&self, facts: &Facts, relation: RelationId, row: &[Value]) -> bool {
        let declared = self.policy.relation(relation);
        let Some(key) = declared.key.filter(|key| *key < declared.fields.len()) else {
            return false;
        };
        let mut rest = declared.fields[key..].iter();
        declared.kind == Kind::Declared(RelationKind::Input)
            && rest.all(|field| field.missing == Missing::Unknown)
            && row[key..].iter().all(|value| *value == Value::Unknown)
            && !facts
                .of_relation(relation)
                .any(|fact| fact.args[..key] == row[..key])
    }
}

/// Checks of what each case assumes that it may be open, and is not assumed otherwise in the same case; and that every way of
/// settling all of it falls in some case.
pub fn leave_nothing_out(policy: &Policy, cases: &[Case]) -> Result<(), Rejection> {
    if cases.len() > MOST_CASES {
        let reason = format!("it has more than {MOST_CASES} cases");
        return Err(Rejection::whole(reason));
    }
    let assumed = cases.iter().flat_map(|case| &case.assumes);
    let points: BTreeSet<&Undecided> = assumed.map(|it| &it.about).collect();
    let places = points.iter().enumerate();
    let places: BTreeMap<&Undecided, usize> = places.map(|(at, point)| (*point, at)).collect();
    let mut branches = Vec::with_capacity(cases.len());
    for (at, case) in cases.iter().enumerate() {
        let branch = branch(policy, &places, case);
        branches.push(branch.map_err(|reason| Rejection {
            case: Some(at + 1),
            ..Rejection::whole(reason)
        })?);
    }
    let mut search = Search {
        answers: points.iter().map(|it| answers(policy, it)).collect(),
        path: Vec::new(),
        work: 0,
    };
    let reason = match search.finds_hole(&branches) {
        Ok(false) => return Ok(()),
        Ok(true) if search.path.is_empty() => "it has no case".into(),
        Ok(true) => {
            let points: Vec<&Undecided> = points.into_iter().collect();
            let path = search.path.iter();
            let left = path.map(|(at, value)| settled(policy, points[*at], value));
            let left: Vec<String> = left.collect();
            format!("no case covers that {}", left.join(" and "))
        }
        Err(reason) => reason,
    };
    Err(Rejection::whole(reason))
}

/// What a case assumes: the answer to each point, by its place in the list of points.
type Branch<'c> = BTreeMap<usize, &'c Value>;

fn branch<'c>(
    policy: &Policy,
    places: &BTreeMap<&Undecided, usize>,
    case: &'c Case,
) -> Result<Branch<'c>, String> {
    let mut branch = Branch::new();
    for Assumption { about, is } in &case.assumes {
        let told = || words(policy, about);
        if let Err(reason) = may_be_open(policy, about) {
            return Err(format!("nothing can be assumed of {}: {reason}", told()));
        }
        if !answers(policy, about).contains(is) {
            return Err(format!(
                "{} is assumed to be no value that it may have",
                told()
            ));
        }
        if branch
            .insert(places[about], is)
            .is_some_and(|other| other != is)
        {
            return Err(format!("{} is assumed one way and another", told()));
        }
    }
    Ok(branch)
}

/// Whether a policy leaves such a thing to facts, and all ways of settling it can be named.
fn may_be_open(policy: &Policy, about: &Undecided) -> Result<(), String> {
    let relation = policy.relation(about.relation);
    match (about.field, relation.kind) {
        (None, Kind::Declared(RelationKind::Judgement)) => Ok(()),
        (None, _) => Err(format!("`{}` is no judgement", relation.name)),
        (Some(at), Kind::Declared(RelationKind::Input | RelationKind::Event)) => {
            let field = &relation.fields[at];
            let is_open = field.missing == Missing::Unknown && about.args[at] == Value::Unknown;
            match field.ty {
                _ if !is_open => Err(format!("`{}` is known", field.name)),
                _ if relation.dated => Err("its facts have days".into()),
                Type::Bool | Type::Set(_) => Ok(()),
                Type::Entity(_) | Type::Text | Type::Date | Type::Number(_) => Err(format!(
                    "the values that `{}` may have cannot all be named",
                    field.name
                )),
            }
        }
        (Some(_), _) => Err(format!("`{}` is not given", relation.name)),
    }
}

/// The answers that there are.
fn answers(policy: &Policy, about: &Undecided) -> Vec<Value> {
    let relation = policy.relation(about.relation);
    match about.field.map(|at| relation.fields[at].ty) {
        Some(Type::Set(id)) => {
            let members = 0..policy.types.members(id).len() as u32;
            members.map(Value::Member).collect()
        }
        _ => vec![Value::Bool(true), Value::Bool(false)],
    }
}

/// Looks for a way of settling the points that falls in no case: splits on one point after the other.
struct Search {
    /// By the place of a point.
    answers: Vec<Vec<Value>>,
    path: Vec<(usize, Value)>,
    work: usize,
}

impl Search {
    /// Whether there is such a way: `path` says which.
    fn finds_hole(&mut self, cases: &[Branch<'_>]) -> Result<bool, String> {
        self.work += cases.iter().map(|case| 1 + case.len()).sum::<usize>();
        if self.work > MOST_WORK {
            return Err("it takes too long to see whether the cases leave nothing out".into());
        }
        if cases.iter().any(BTreeMap::is_empty) {
            return Ok(false);
        }
        let Some(point) = most_assumed(cases) else {
            return Ok(true);
        };
        for answer in self.answers[point].clone() {
            let fits = |case: &&Branch<'_>| case.get(&point).is_none_or(|it| **it == answer);
            let left = cases.iter().filter(fits).cloned();
            let left: Vec<Branch<'_>> = left
                .map(|mut case| {
                    case.remove(&point);
                    case
                })
                .collect();
            self.path.push((point, answer));
            if self.finds_hole(&left)? {
                return Ok(true);
            }
            self.path.pop();
        }
        Ok(false)
    }
}

/// The point of which most cases assume something: of cases that came of splitting, that on which all were split.
fn most_assumed(cases: &[Branch<'_>]) -> Option<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for point in cases.iter().flat_map(BTreeMap::keys) {
        *counts.entry(*point).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(point, _)| point)
}

/// `` `j(a)` ``, `` `colour` of `u(t2, _)` ``
fn words(policy: &Policy, about: &Undecided) -> String {
    let relation = policy.relation(about.relation);
    let fields = relation.fields.iter().zip(&about.args);
    let args: Vec<String> = fields
        .map(|(field, value)| policy.types.literal(value, field.ty))
        .collect();
    let atom = match args.is_empty() {
        true => format!("`{}`", relation.name),
        false => format!("`{}({})`", relation.name, args.join(", ")),
    };
    match about.field {
        None => atom,
        Some(at) => format!("`{}` of {atom}", relation.fields[at].name),
    }
}

fn settled(policy: &Policy, about: &Undecided, value: &Value) -> String {
    let words = words(policy, about);
    match (about.field, value) {
        (None, Value::Bool(true)) => format!("{words} is so"),
        (None, _) => format!("{words} is not so"),
        (Some(at), value) => {
            let ty = policy.relation(about.relation).fields[at].ty;
            format!("{words} is {}", policy.types.words(value, ty))
        }
    }
}
