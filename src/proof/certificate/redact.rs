//! Redaction: digests in place of values, the facts with those digests, and what opens each of them.
//!
//! A digest stands for one value of one type, wherever it occurs, and is salted, so that nobody finds the value by trying. The
//! salts come from a secret by way of HMAC: the same secret gives the same bytes, and an opening tells nothing of another one.

use super::digest::of_bytes;
use super::json::value_json;
use crate::facts::Facts;
use crate::ir::{Policy, RelationId};
use crate::source::Sources;
use crate::value::{FIRST_DAY, LAST_DAY, Measure, Type, Value};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The fewest bytes a secret may have.
pub const LEAST_SECRET: usize = 16;

/// Values with their kinds, and the digest that stands for each.
type Digests = BTreeMap<(String, Value), Arc<str>>;

/// What is redacted of some facts.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// The facts, with digests in them.
    pub facts: Facts,
    /// What opens each digest, in their order.
    pub openings: Vec<Opening>,
    digests: Digests,
}

/// From what salts come.
pub struct Secret<'a> {
    /// What nobody can guess.
    pub bytes: &'a [u8],
    /// Of which facts: other facts get other salts.
    pub context: String,
}

impl Secret<'_> {
    fn salt(&self, kind: &str, value: &str) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(self.bytes);
        let mut mac = mac.expect("a secret of any length will do");
        mac.update(format!("salt\n{}\n{kind}\n{value}", self.context).as_bytes());
        let bytes = mac.finalize().into_bytes();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What opens a digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The digest.
    pub redacted: String,
    /// Of which kind the value is: the name of its type, `text`, `date`, `bool`, `number`, or `number UNIT` with the base unit.
    pub kind: String,
    /// The value, as data; a number in its base unit, per cent as a number of hundredths over a hundred.
    pub value: String,
    /// The salt.
    pub salt: String,
}

/// The file of openings.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Openings {
    schema: u64,
    openings: Vec<Opening>,
}

impl Opening {
    /// The digest that this salt and value have.
    fn digest(&self) -> String {
        let text = format!("redacted\n{}\n{}\n{}", self.salt, self.kind, self.value);
        of_bytes(text.as_bytes())
    }
}

/// The file that opens digests.
pub fn write_openings(openings: &[Opening]) -> Json {
    json!({ "schema": super::SCHEMA, "openings": openings })
}

/// Reads a file that opens digests.
pub fn read_openings(text: &str) -> Result<Vec<Opening>, String> {
    let read: Openings = serde_json::from_str(text)
        .map_err(|_| "it does not have the form of a file of openings".to_owned())?;
    Ok(read.openings)
}

/// Whether each of these opens its digest, and no value has two; else why not.
pub fn check_openings(openings: &[Opening]) -> Result<(), String> {
    let mut values = BTreeMap::new();
    for opening in openings {
        let Opening {
            redacted, value, ..
        } = opening;
        if opening.digest() != *redacted {
            return Err(format!(
                "`{value}` does not open {redacted}: its digest is another"
            ));
        }
        if let Some(other) = values.insert((&opening.kind, value), redacted)
            && other != redacted
        {
            return Err(format!(
                "two digests stand for `{value}`: {other} and {redacted}"
            ));
        }
    }
    Ok(())
}

/// Whether each of these opens a digest of these facts, to a value that they do not show; else why not.
pub fn openings_fit(policy: &Policy, facts: &Facts, openings: &[Opening]) -> Result<(), String> {
    let (mut shown, mut digests) = (BTreeSet::new(), BTreeSet::new());
    for fact in facts.iter() {
        let declared = policy.relation(fact.relation).fields.iter();
        for (field, value) in declared.zip(&fact.args) {
            match value {
                Value::Redacted(digest) => {
                    _ = digests.insert((digest.to_string(), kind(policy, field.ty)))
                }
                value if is_value(value) => {
                    shown.insert((kind(policy, field.ty), plain(policy, value, field.ty)));
                }
                _ => {}
            }
        }
    }
    for Opening {
        redacted,
        kind,
        value,
        ..
    } in openings
    {
        if !digests.contains(&(redacted.clone(), kind.clone())) {
            return Err(format!(
                "{redacted} stands for no {kind} in the redacted facts"
            ));
        }
        if shown.contains(&(kind.clone(), value.clone())) {
            return Err(format!(
                "{redacted} stands for `{value}`, which the facts show too: one value would be taken for two"
            ));
        }
    }
    Ok(())
}

/// Of which kind the values of a type are: those of one kind may be the same value.
fn kind(policy: &Policy, ty: Type) -> String {
    match ty {
        Type::Entity(id) | Type::Set(id) => policy.types.named(id).name.clone(),
        Type::Text => "text".into(),
        Type::Date => "date".into(),
        Type::Bool => "bool".into(),
        Type::Number(number) => match number.measure {
            Measure::Plain | Measure::Percent => "number".into(),
            Measure::Unit(unit) => {
                let base = policy.types.unit(unit).base;
                format!("number {}", policy.types.unit(base).name)
            }
        },
    }
}

fn plain(policy: &Policy, value: &Value, ty: Type) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        other => policy.types.data(other, ty),
    }
}

fn is_value(value: &Value) -> bool {
    *value != Value::None && !value.is_open() && !value.is_redacted()
}

impl Redaction {
    /// Redacts what stands in these fields, wherever else it stands in the facts.
    pub fn new(
        policy: &Policy,
        facts: &Facts,
        fields: &BTreeSet<(RelationId, usize)>,
        secret: &Secret<'_>,
    ) -> Redaction {
        let mut redaction = Redaction::default();
        for fact in facts.iter() {
            let declared = &policy.relation(fact.relation).fields;
            for (at, value) in fact.args.iter().enumerate() {
                if fields.contains(&(fact.relation, at)) && is_value(value) {
                    redaction.add(policy, value, declared[at].ty, secret);
                }
            }
        }
        redaction.openings.sort();
        redaction.facts = with_digests(policy, facts, &redaction.digests);
        redaction
    }

    fn add(&mut self, policy: &Policy, value: &Value, ty: Type, secret: &Secret<'_>) {
        let key = (kind(policy, ty), value.clone());
        if self.digests.contains_key(&key) {
            return;
        }
        let mut opening = Opening {
            redacted: String::new(),
            value: plain(policy, value, ty),
            salt: secret.salt(&key.0, &plain(policy, value, ty)),
            kind: key.0.clone(),
        };
        opening.redacted = opening.digest();
        self.digests
            .insert(key, Arc::from(opening.redacted.as_str()));
        self.openings.push(opening);
    }

    /// The facts as these openings redact them; or which value nobody opens.
    pub fn from_openings(policy: &Policy, facts: &Facts, openings: &[Opening]) -> Redaction {
        let by_words: BTreeMap<(&str, &str), &str> = openings
            .iter()
            .map(|it| ((it.kind.as_str(), it.value.as_str()), it.redacted.as_str()))
            .collect();
        let mut digests = Digests::new();
        for fact in facts.iter() {
            let declared = policy.relation(fact.relation).fields.iter();
            for (field, value) in declared.zip(&fact.args).filter(|(_, it)| is_value(it)) {
                let kind = kind(policy, field.ty);
                let words = plain(policy, value, field.ty);
                if let Some(digest) = by_words.get(&(kind.as_str(), words.as_str())).copied() {
                    digests.insert((kind, value.clone()), Arc::from(digest));
                }
            }
        }
        Redaction {
            facts: with_digests(policy, facts, &digests),
            openings: openings.to_vec(),
            digests,
        }
    }

    /// A value as it stands where redacted values may.
    pub fn value(&self, policy: &Policy, value: &Value, ty: Type) -> Value {
        let digest = self.digests.get(&(kind(policy, ty), value.clone()));
        digest.map_or_else(
            || value.clone(),
            |digest| Value::Redacted(Arc::clone(digest)),
        )
    }
}

fn with_digests(policy: &Policy, facts: &Facts, digests: &Digests) -> Facts {
    let mut redacted = facts.clone();
    for fact in redacted.list_mut() {
        let declared = policy.relation(fact.relation).fields.iter();
        for (field, value) in declared.zip(&mut fact.args) {
            if let Some(digest) = digests.get(&(kind(policy, field.ty), value.clone())) {
                *value = Value::Redacted(Arc::clone(digest));
            }
        }
    }
    redacted
}

/// Facts as a document: one a line, each once, in the order of the lines.
pub fn write_facts(policy: &Policy, facts: &Facts) -> String {
    let lines = facts.iter().map(|fact| {
        let relation = policy.relation(fact.relation);
        let fields = relation.fields.iter().zip(&fact.args);
        let args = fields.map(|(field, value)| value_json(policy, value, field.ty));
        let mut object = Map::new();
        object.insert("relation".into(), relation.name.clone().into());
        object.insert("args".into(), args.collect::<Vec<Json>>().into());
        if let Some((from, through)) = fact.days {
            if from != FIRST_DAY {
                object.insert("from".into(), from.to_string().into());
            }
            if through != LAST_DAY {
                object.insert("through".into(), through.to_string().into());
            }
        }
        if fact.denied {
            object.insert("denied".into(), true.into());
        }
        Json::Object(object).to_string() + "\n"
    });
    lines.collect::<BTreeSet<String>>().into_iter().collect()
}

/// Reads facts as `write_facts` writes them; each is cited by its line.
pub fn read_facts(
    policy: &Policy,
    sources: &mut Sources,
    name: &str,
    text: &str,
) -> Result<Facts, String> {
    let file = sources.add(name, "");
    super::read::facts(policy, file, text)
}
