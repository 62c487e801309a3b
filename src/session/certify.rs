//! Certificates: made of what an engine found, and checked without one.

use super::run::{Evaluated, judgements};
use super::{Session, error};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::facts::{self, Facts};
use crate::ir::{self, Circumstances};
use crate::proof::Claim;
use crate::proof::certificate::{self, Certificate, Document, Subject, digest};
use crate::proof::verify::{Rejection, verify};
use crate::source::{FileId, reason};
use std::collections::BTreeSet;

/// Why there is no certificate: in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncertified(pub String);

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The claim follows.
    Accepted(Claim),
    /// It was not shown: where, and why.
    Rejected(Rejection),
}

impl Session {
    /// The digest of the policy.
    pub fn policy_digest(&self) -> String {
        let own = || self.sources.files().take(self.own_texts);
        let is_policy = |id: &FileId| self.policy.files.contains(id);
        let texts = own()
            .filter(|(id, _)| is_policy(id))
            .map(|(_, file)| &*file.text);
        let beside = own()
            .filter(|(id, _)| !is_policy(id))
            .map(|(_, file)| &*file.text);
        digest::of_policy(texts, beside)
    }

    /// The names and digests of the files of facts; those that stand in the policy are its own.
    fn facts_digests(&self, facts: &Facts) -> Result<Vec<(String, String)>, Diagnostic> {
        let files: BTreeSet<FileId> = facts
            .list
            .iter()
            .filter_map(|fact| fact.place.file())
            .collect();
        let mut digests = Vec::new();
        for id in files
            .into_iter()
            .filter(|id| id.0 as usize >= self.own_texts)
        {
            let file = self.sources.file(id);
            let digest = if file.text.is_empty() {
                let bytes = std::fs::read(&file.name);
                let bytes =
                    bytes.map_err(|problem| error::unreadable(&file.name, &reason(&problem)))?;
                digest::of_bytes(&bytes)
            } else {
                digest::of_bytes(file.text.as_bytes())
            };
            digests.push((file.name.clone(), digest));
        }
        digests.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
        Ok(digests)
    }

    /// Of what a certificate of these facts speaks, but for the circumstances.
    pub fn subject(&self, facts: &Facts, case: Option<&str>) -> Result<Subject, Diagnostic> {
        Ok(Subject {
            policy: self.policy_digest(),
            facts: self.facts_digests(facts)?,
            case: case.map(str::to_owned),
            ..Subject::default()
        })
    }

    /// The certificate of a fact that follows, checked before it is given away; or why there is none.
    pub fn certify(
        &self,
        evaluated: &Evaluated,
        subject: &Subject,
        claim: &Claim,
    ) -> Result<serde_json::Value, Uncertified> {
        let lifted = &evaluated.circumstances;
        if lifted.suspensions_lifted != ir::Lifted::None
            || lifted.exemptions_lifted != ir::Lifted::None
        {
            return Err(Uncertified(
                "what would hold but for a suspension or exemption is not certified".into(),
            ));
        }
        let issued = evaluated.with_world(&self.policy, |world| {
            certificate::issue(world, subject.clone(), claim)
        });
        let mut issued = issued.map_err(Uncertified)?;
        issued.conclusion = certificate::conclusion_digest(&self.policy, subject, &issued.claim);
        let checked = verify(
            &self.policy,
            evaluated.calendar(),
            &evaluated.circumstances,
            &evaluated.facts,
            &issued,
        );
        match checked {
            Ok(()) => Ok(certificate::write(
                &self.policy,
                &self.sources,
                &evaluated.facts,
                &issued,
            )),
            Err(rejection) => Err(Uncertified(self.rejection(&rejection))),
        }
    }

    /// Checks a certificate against the policy and these facts.
    pub fn verify(
        &self,
        document: &Document,
        subject: Subject,
        facts: &Facts,
        circumstances: &Circumstances,
    ) -> Result<Checked, Diagnostics> {
        let rejected = |reason: String| {
            Ok(Checked::Rejected(Rejection {
                item: None,
                claim: None,
                reason,
            }))
        };
        if subject.policy != self.policy_digest() {
            return rejected("it is about another policy: the digests differ".into());
        }
        let files = self.facts_digests(facts).map_err(|problem| Diagnostics {
            list: vec![problem],
        })?;
        if let Some(reason) = other_files(&files, &subject.facts) {
            return rejected(reason);
        }
        let facts = &facts::completed(&self.policy, facts);
        let found = facts::check(&self.policy, facts);
        if found.has_errors() {
            return Err(found);
        }
        let presumptions = match circumstances.without_presumptions {
            true => Vec::new(),
            false => [self.policy.presumptions.as_slice(), &facts.presumptions].concat(),
        };
        let circumstances = Circumstances {
            judgements: judgements(&self.policy, facts, &presumptions),
            ..circumstances.clone()
        };
        let (calendar, found) = ir::calendar(&self.policy, &circumstances);
        if found.has_errors() {
            return Err(found);
        }
        let read: Certificate = match document.resolve(&self.policy, &self.sources, subject) {
            Ok(read) => read,
            Err(rejection) => return Ok(Checked::Rejected(rejection)),
        };
        if read.conclusion
            != certificate::conclusion_digest(&self.policy, &read.subject, &read.claim)
        {
            return rejected("the digest of its conclusion is another".into());
        }
        Ok(
            match verify(&self.policy, &calendar, &circumstances, facts, &read) {
                Ok(()) => Checked::Accepted(read.claim),
                Err(rejection) => Checked::Rejected(rejection),
            },
        )
    }

    /// Why a certificate is rejected, in a line: `item 3: licence(t1): …`.
    pub fn rejection(&self, rejection: &Rejection) -> String {
        let item = rejection
            .item
            .map_or(String::new(), |at| format!("item {at}: "));
        let claim = rejection.claim.as_ref();
        let claim = claim.map_or(String::new(), |claim| {
            let day = claim.day.map_or(String::new(), |day| format!(" on {day}"));
            format!(
                "`{}{day}`: ",
                self.context().atom(claim.relation, &claim.args)
            )
        });
        format!("{item}{claim}{}", rejection.reason)
    }
}

/// What differs between the files of facts that are given and those of which a certificate speaks.
fn other_files(given: &[(String, String)], certified: &[(String, String)]) -> Option<String> {
    let left_over = |files: &[(String, String)], others: &[(String, String)]| -> Vec<String> {
        let mut others: Vec<&String> = others.iter().map(|(_, digest)| digest).collect();
        let mut left = Vec::new();
        for (name, digest) in files {
            match others.iter().position(|other| *other == digest) {
                Some(at) => _ = others.swap_remove(at),
                None => left.push(format!("`{name}`")),
            }
        }
        left
    };
    let added = left_over(given, certified);
    let missing = left_over(certified, given);
    match (added.as_slice(), missing.as_slice()) {
        ([], []) => None,
        ([], missing) => Some(format!(
            "it is about {} too, which was not given",
            missing.join(" and ")
        )),
        (added, []) => Some(format!("it is not about {}", added.join(" and "))),
        (added, missing) => Some(format!(
            "it is about other facts: {} is not what {} was then",
            added.join(" and "),
            missing.join(" and ")
        )),
    }
}
