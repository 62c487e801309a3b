//! The document as it is written: its form, before anybody asks what its names mean.

use super::{SCHEMA, Subject};
use crate::value::Date;
use serde::Deserialize;
use serde_json::error::Category;
use std::collections::BTreeMap;

/// Why something is no certificate at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub String);

/// A document that has the form of a certificate; what its names mean, `resolve` finds out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub(super) schema: u64,
    pub(super) policy: PolicyDigest,
    pub(super) facts: Vec<FileDigest>,
    pub(super) redacted_facts: Option<PolicyDigest>,
    pub(super) case: Option<String>,
    pub(super) as_of: Option<String>,
    pub(super) known_at: Option<String>,
    pub(super) without: Vec<String>,
    pub(super) presumptions: bool,
    pub(super) conclusion: Conclusion,
    given: Option<Vec<GivenFact>>,
    items: Option<Vec<WrittenItem>>,
    /// In place of `given` and `items`. Once it is read, those of a document without cases are its only case.
    #[serde(default)]
    pub(super) cases: Vec<WrittenCase>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenCase {
    pub(super) assumes: Vec<WrittenAssumption>,
    pub(super) given: Vec<GivenFact>,
    pub(super) items: Vec<WrittenItem>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAssumption {
    pub(super) relation: String,
    pub(super) args: Vec<Written>,
    pub(super) holds: Option<bool>,
    pub(super) field: Option<String>,
    pub(super) is: Option<Written>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyDigest {
    pub(super) sha256: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileDigest {
    pub(super) file: String,
    pub(super) sha256: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conclusion {
    pub(super) relation: String,
    pub(super) args: Vec<Written>,
    pub(super) day: Option<String>,
    #[expect(dead_code, reason = "for people; what counts is beside it")]
    pub(super) text: String,
    pub(super) sha256: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenFact {
    pub(super) relation: String,
    pub(super) args: Vec<Written>,
    pub(super) day: Option<String>,
    #[expect(dead_code, reason = "for people; the facts themselves are read again")]
    pub(super) source: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenFact {
    pub(super) relation: String,
    pub(super) args: Vec<Written>,
    pub(super) day: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum WrittenItem {
    Complete(WrittenLists),
    Step(Box<WrittenStep>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenLists {
    pub(super) complete: Vec<WrittenList>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenList {
    pub(super) relation: String,
    pub(super) args: Vec<Option<Written>>,
    pub(super) day: Option<String>,
    pub(super) by: Option<Vec<String>>,
    pub(super) rows: Vec<Vec<Written>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenStep {
    pub(super) step: usize,
    pub(super) fact: WrittenFact,
    pub(super) rule: Option<WrittenRule>,
    pub(super) bindings: Option<BTreeMap<String, Written>>,
    pub(super) stated: Option<Stated>,
    pub(super) premises: Vec<WrittenPremise>,
    pub(super) in_force: Option<WrittenInForce>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRule {
    pub(super) clause: Option<String>,
    pub(super) text: String,
    #[expect(dead_code, reason = "for people")]
    pub(super) source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stated {
    pub(super) clause: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenPremise {
    pub(super) given: Option<usize>,
    pub(super) step: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenInForce {
    pub(super) clause: String,
    pub(super) day: String,
    pub(super) from: String,
    pub(super) through: String,
}

/// A value as written.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Written {
    Known(String),
    Open(Open),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    pub(super) none: Option<bool>,
    pub(super) unknown: Option<bool>,
    pub(super) redacted: Option<String>,
    pub(super) from: Option<String>,
    pub(super) through: Option<String>,
}

/// A line of redacted facts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FactLine {
    pub(super) relation: String,
    pub(super) args: Vec<Written>,
    pub(super) from: Option<String>,
    pub(super) through: Option<String>,
    pub(super) denied: Option<bool>,
}

/// Reads the form of a document.
pub fn read(text: &str) -> Result<Document, Unreadable> {
    let mut document: Document = serde_json::from_str(text).map_err(|problem| {
        let what = match problem.classify() {
            Category::Data => "it does not have the form of a certificate",
            Category::Syntax | Category::Io => "it is no JSON",
            Category::Eof if text.trim().is_empty() => return Unreadable("it is empty".into()),
            Category::Eof => {
                let last = text.lines().count();
                return Unreadable(format!("it is no JSON: it breaks off in line {last}"));
            }
        };
        let (line, column) = (problem.line(), problem.column());
        Unreadable(format!("{what}: see line {line}, column {column}"))
    })?;
    if document.schema != SCHEMA {
        let other = document.schema;
        return Err(Unreadable(format!(
            "it is a certificate of form {other}; this program reads form {SCHEMA}"
        )));
    }
    match (document.given.take(), document.items.take()) {
        (None, None) if !document.cases.is_empty() => {}
        (Some(given), Some(items)) if document.cases.is_empty() => {
            document.cases.push(WrittenCase {
                assumes: Vec::new(),
                given,
                items,
            })
        }
        _ => {
            return Err(Unreadable(
                "it must have either `given` and `items`, or `cases`".into(),
            ));
        }
    }
    Ok(document)
}

impl Document {
    /// Of what it speaks.
    pub fn subject(&self) -> Result<Subject, Unreadable> {
        let day = |text: &Option<String>| {
            let text = text.as_ref();
            let day = text.map(|text| {
                let day = text.parse::<Date>();
                day.map_err(|_| Unreadable(format!("`{text}` is no day")))
            });
            day.transpose()
        };
        let files = self.facts.iter();
        Ok(Subject {
            policy: self.policy.sha256.clone(),
            facts: files
                .map(|it| (it.file.clone(), it.sha256.clone()))
                .collect(),
            redacted: self.redacted_facts.as_ref().map(|it| it.sha256.clone()),
            case: self.case.clone(),
            as_of: day(&self.as_of)?,
            known_at: day(&self.known_at)?,
            without: self.without.clone(),
            without_presumptions: !self.presumptions,
        })
    }
}
