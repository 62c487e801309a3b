//! Certificates by cases: what each case assumes can be so, and all of them together leave nothing out.
//!
//! That is enough. However what is open is settled, each judgement comes out one way and each value as one of its set, so all
//! that some case assumes is so. To give what is so anyway changes nothing, and what is sure in that case holds for every way of
//! settling the rest. This goes for what is presumed too: it also comes out one way, and an answer, which wins over what is
//! presumed, says the same in the case that fits.
//!
//! For that, each field has to stay the field of its own row. A row is told by what is given of it, whatever was assumed of its
//! other fields before; and no assumption may make it look like another that is open too, for these are still two. A row that
//! nobody gave stays one that nobody gave: that a value of it is assumed does not make it a row that rules find without its key.

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

    /// What is given in a case; or why it cannot be so.
    pub fn of(&self, case: &Case) -> Result<Settled, String> {
        let mut settled = Settled {
            facts: self.facts.clone(),
            rows: Vec::new(),
        };
        for assumption in &case.assumes {
            self.assume(&mut settled, assumption)?;
        }
        Ok(settled)
    }

    fn assume(&self, settled: &mut Settled, assumption: &Assumption) -> Result<(), String> {
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
            None => self.judge(&mut settled.facts, assumption),
            Some(field) => self.fill_in(settled, assumption, field),
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

    /// Puts the value in place of the one that nobody knows, in the fact that leaves it open; or in a row that nobody gave, where
    /// such a row is there without a word.
    fn fill_in(
        &self,
        settled: &mut Settled,
        assumption: &Assumption,
        field: usize,
    ) -> Result<(), String> {
        let Undecided { relation, args, .. } = &assumption.about;
        let refused = |reason: &str| {
            let words = words(self.policy, &assumption.about);
            Err(format!("nothing can be assumed of {words}: {reason}"))
        };
        let filled = filled(assumption, field);
        let mut rows = settled.rows.iter_mut();
        if let Some((_, row)) = rows.find(|(of, row)| of == relation && row == args) {
            *row = filled;
            return Ok(());
        }
        if settled.facts.with(*relation, args).next().is_none() {
            if !self.is_missing(settled, *relation, args) {
                return refused("the facts do not leave that open");
            }
            settled.rows.push((*relation, filled));
            return Ok(());
        }
        let is_open = filled.iter().any(Value::is_open);
        if is_open && settled.facts.with(*relation, &filled).next().is_some() {
            return refused("then nothing tells its row from another that is open too");
        }
        let list = settled.facts.list_mut();
        list.retain(|fact| fact.relation != *relation || fact.args != *args);
        settled.facts.push(Fact {
            relation: *relation,
            args: filled,
            days: None,
            denied: false,
            place: Place::Assumed,
        });
        Ok(())
    }

    /// Whether a row is one of an input that may be missing as a whole, and no fact has its key.
    fn is_missing(&self, settled: &Settled, relation: RelationId, row: &[Value]) -> bool {
        let declared = self.policy.relation(relation);
        let Some(key) = declared.key.filter(|key| *key < declared.fields.len()) else {
            return false;
        };
        let mut rest = declared.fields[key..].iter();
        let mut given = settled.facts.of_relation(relation);
        let mut rows = settled.rows.iter();
        declared.kind == Kind::Declared(RelationKind::Input)
            && rest.all(|field| field.missing == Missing::Unknown)
            && row[key..].iter().all(|value| *value == Value::Unknown)
            && !given.any(|fact| fact.args[..key] == row[..key])
            && !rows.any(|(of, other)| *of == relation && other[..key] == row[..key])
    }
}

/// What is given in a case.
pub struct Settled {
    /// The facts, with what is assumed of them.
    pub facts: Facts,
    /// Rows that nobody gave, with what is assumed of them.
    pub rows: Vec<(RelationId, Vec<Value>)>,
}

fn filled(assumption: &Assumption, field: usize) -> Vec<Value> {
    let mut row = assumption.about.args.clone();
    row[field].clone_from(&assumption.is);
    row
}

/// What each assumption of a case is about, by the row as it is given, whatever was assumed of the same row before.
pub fn questions(case: &Case) -> Vec<Undecided> {
    // Each row as it was assumed to be so far, and as it is given.
    let mut rows: Vec<(RelationId, Vec<Value>, Vec<Value>)> = Vec::new();
    let question = |assumption: &Assumption| {
        let mut question = assumption.about.clone();
        if let Some(field) = question.field {
            let filled = filled(assumption, field);
            let is_it = |(of, row, _): &&mut (RelationId, Vec<Value>, Vec<Value>)| {
                *of == question.relation && *row == question.args
            };
            match rows.iter_mut().find(is_it) {
                Some((_, row, given)) => {
                    *row = filled;
                    question.args.clone_from(given);
                }
                None => rows.push((question.relation, filled, question.args.clone())),
            }
        }
        question
    };
    case.assumes.iter().map(question).collect()
}

/// Checks of what each case assumes that it may be open, and is not assumed otherwise in the same case; and that every way of
/// settling all of it falls in some case.
pub fn leave_nothing_out(policy: &Policy, cases: &[Case]) -> Result<(), Rejection> {
    if cases.len() > MOST_CASES {
        let reason = format!("it has more than {MOST_CASES} cases");
        return Err(Rejection::whole(reason));
    }
    let asked: Vec<Vec<Undecided>> = cases.iter().map(questions).collect();
    let points: BTreeSet<&Undecided> = asked.iter().flatten().collect();
    let places = points.iter().enumerate();
    let places: BTreeMap<&Undecided, usize> = places.map(|(at, point)| (*point, at)).collect();
    let mut branches = Vec::with_capacity(cases.len());
    for (at, (case, asked)) in cases.iter().zip(&asked).enumerate() {
        let branch = branch(policy, &places, case, asked);
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
    asked: &[Undecided],
) -> Result<Branch<'c>, String> {
    let mut branch = Branch::new();
    for (Assumption { about, is }, question) in case.assumes.iter().zip(asked) {
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
            .insert(places[question], is)
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
