//! Certificates: made of what an engine found, and checked without one.

use super::by_cases::{Assumed, MOST_CASES, Values};
use super::dependence::question;
use super::run::{Evaluated, judgements};
use super::{Session, error};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::settle::Answer;
use crate::facts::{self, Facts};
use crate::ir::{self, Circumstances, Kind, RelationId, RelationKind};
use crate::proof::certificate::{
    self, Assumption, Case, Certificate, Document, Opening, Redaction, Secret, Subject, Undecided,
    digest,
};
use crate::proof::verify::{Rejection, Settled, Settling, leave_nothing_out, verify};
use crate::proof::{Claim, Proof};
use crate::report::Question;
use crate::source::{FileId, Place, SourceFile, reason};
use crate::value::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Why there is no certificate: in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncertified(pub String);

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// What it says follows.
    Accepted(Box<Certificate>),
    /// It was not shown: where, and why.
    Rejected(Rejection),
}

/// The digest of a file of facts.
pub(super) fn digest_of(file: &SourceFile) -> Result<String, Diagnostic> {
    if !file.text.is_empty() {
        return Ok(digest::of_bytes(file.text.as_bytes()));
    }
    let path = Path::new(file.path());
    if !path.is_file() {
        return Err(error::read_once(file.path()));
    }
    let digest = digest::of_file(path);
    digest.map_err(|problem| error::unreadable(file.path(), &reason(&problem)))
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
        let files: BTreeSet<FileId> = facts.files();
        let mut digests = Vec::new();
        for id in files
            .into_iter()
            .filter(|id| id.0 as usize >= self.own_texts)
        {
            let file = self.sources.file(id);
            digests.push((file.path().to_owned(), digest_of(file)?));
        }
        digests.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
        // Several tables may stand in one file.
        digests.dedup();
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

    /// Redacts what stands in these fields (`RELATION.FIELD`) of facts; the salts come from a secret.
    pub fn redact(
        &self,
        facts: &Facts,
        subject: &Subject,
        fields: &[String],
        secret: &[u8],
    ) -> Result<Redaction, Diagnostics> {
        let mut wanted = BTreeSet::new();
        let mut found = Diagnostics::default();
        for name in fields {
            match self.given_field(name) {
                Ok(column) => _ = wanted.insert(column),
                Err(problem) => found.push(problem),
            }
        }
        if found.has_errors() {
            return Err(found);
        }
        let digests = subject.facts.iter().map(|(_, digest)| digest.as_str());
        let secret = Secret {
            bytes: secret,
            context: digests.collect::<Vec<_>>().join(","),
        };
        Ok(Redaction::new(&self.policy, facts, &wanted, &secret))
    }

    /// A field of what facts give, as `RELATION.FIELD`.
    fn given_field(&self, name: &str) -> Result<(RelationId, usize), Diagnostic> {
        let (relation, field) = name
            .rsplit_once('.')
            .ok_or_else(|| error::no_field_name(name))?;
        let id = self.relation(relation)?;
        let declared = self.policy.relation(id);
        let fields = || declared.fields.iter().map(|it| it.name.as_str());
        let at = fields().position(|it| it == field).ok_or_else(|| {
            error::unknown("field", name, crate::diagnostic::nearest(field, fields()))
        })?;
        match declared.kind {
            Kind::Declared(RelationKind::Event | RelationKind::Input | RelationKind::Judgement) => {
                Ok((id, at))
            }
            _ => Err(error::not_given(name)),
        }
    }

    /// The certificate of a fact that follows, checked before it is given away; or why there is none.
    pub fn certify(
        &self,
        evaluated: &Evaluated,
        subject: &Subject,
        claim: &Claim,
        redaction: Option<&Redaction>,
    ) -> Result<serde_json::Value, Uncertified> {
        is_law(&evaluated.circumstances)?;
        let subject = Subject {
            redacted: redaction.map(|it| self.redacted_digest(&it.facts)),
            ..subject.clone()
        };
        let issued = evaluated.with_world(&self.policy, |world| {
            certificate::issue(world, claim, redaction)
        });
        let (claim, case) = issued.map_err(Uncertified)?;
        let facts = redaction.map_or(&evaluated.facts, |it| &it.facts);
        self.sealed(evaluated, facts, subject, claim, vec![case])
    }

    /// The certificate of a fact that holds in every case, checked before it is given away; or why there is none.
    pub fn certify_by_cases(
        &self,
        evaluated: &Evaluated,
        subject: &Subject,
        claim: &Claim,
    ) -> Result<serde_json::Value, Uncertified> {
        is_law(&evaluated.circumstances)?;
        if claim.args.iter().any(Value::is_open) {
            let reason = "a value in it is not known, and another in each case";
            return Err(Uncertified(reason.into()));
        }
        let mut issued: Result<Vec<Case>, String> = Ok(Vec::new());
        let mut found = |assumed: &[Assumed], world: &Evaluated, _: Proof| {
            let case = self.issued_case(claim, assumed, world);
            match (&mut issued, case) {
                (Ok(cases), Ok(case)) => cases.push(case),
                (Ok(_), Err(reason)) => issued = Err(reason),
                (Err(_), _) => {}
            }
        };
        let is_whole = self.by_cases(evaluated, claim, Values::Each, &mut found);
        let cases = issued.map_err(Uncertified)?;
        if !is_whole {
            let reason = format!(
                "it holds in every case, but no {MOST_CASES} cases or fewer were found that show it"
            );
            return Err(Uncertified(reason));
        }
        let facts = &evaluated.facts;
        self.sealed(evaluated, facts, subject.clone(), claim.clone(), cases)
    }

    fn issued_case(
        &self,
        claim: &Claim,
        assumed: &[Assumed],
        world: &Evaluated,
    ) -> Result<Case, String> {
        let assumes = assumed.iter().map(|it| self.assumption(it));
        let assumes = assumes.collect::<Result<_, _>>()?;
        let issued = world.with_world(&self.policy, |world| certificate::issue(world, claim, None));
        let (_, case) = issued?;
        Ok(Case { assumes, ..case })
    }

    /// What a case assumes, if a certificate can name all answers that there are.
    fn assumption(&self, assumed: &Assumed) -> Result<Assumption, String> {
        let Question {
            relation,
            args,
            field,
        } = question(&assumed.point);
        let is = match &assumed.answer {
            Answer::Truth(truth) => Value::Bool(*truth),
            Answer::Value(value) if assumed.is_named => value.clone(),
            _ => {
                let subject = self.context().subject(&question(&assumed.point));
                return Err(format!(
                    "its cases turn on {subject}, and not every value of that can be named"
                ));
            }
        };
        Ok(Assumption {
            about: Undecided {
                relation,
                args,
                field,
            },
            is,
        })
    }

    /// The document of these cases, if they are accepted.
    fn sealed(
        &self,
        evaluated: &Evaluated,
        facts: &Facts,
        subject: Subject,
        claim: Claim,
        cases: Vec<Case>,
    ) -> Result<serde_json::Value, Uncertified> {
        let certificate = Certificate {
            conclusion: certificate::conclusion_digest(&self.policy, &subject, &claim),
            subject,
            claim,
            cases,
        };
        let checked = self.check(&certificate, facts, &evaluated.circumstances);
        match checked.map_err(|_| Uncertified("its facts cannot stand together".into()))? {
            Ok(()) => Ok(certificate::write(
                &self.policy,
                &self.sources,
                facts,
                &certificate,
            )),
            Err(rejection) => Err(Uncertified(self.rejection(&rejection))),
        }
    }

    /// The digest of facts as redacted facts are written.
    fn redacted_digest(&self, facts: &Facts) -> String {
        digest::of_bytes(certificate::write_facts(&self.policy, facts).as_bytes())
    }

    /// Checks what a certificate says, by the facts as they are given.
    fn check(
        &self,
        read: &Certificate,
        facts: &Facts,
        circumstances: &Circumstances,
    ) -> Result<Result<(), Rejection>, Diagnostics> {
        let facts = &facts::completed(&self.policy, facts);
        let found = facts::check(&self.policy, facts).diagnostics;
        if found.has_errors() {
            return Err(found);
        }
        if let Err(rejection) = leave_nothing_out(&self.policy, &read.cases) {
            return Ok(Err(rejection));
        }
        let settling = Settling::new(&self.policy, facts);
        for (at, case) in read.cases.iter().enumerate() {
            let here = read.is_by_cases().then_some(at + 1);
            let checked = match settling.of(case) {
                Ok(settled) => self.check_case(read, case, &settled, circumstances)?,
                Err(reason) => Err(Rejection::whole(reason)),
            };
            if let Err(rejection) = checked {
                return Ok(Err(Rejection {
                    case: here,
                    ..rejection
                }));
            }
        }
        Ok(Ok(()))
    }

    /// Checks one case, with what it assumes among the facts: it may also decide which clauses are in force.
    fn check_case(
        &self,
        read: &Certificate,
        case: &Case,
        settled: &Settled,
        circumstances: &Circumstances,
    ) -> Result<Result<(), Rejection>, Diagnostics> {
        let facts = &settled.facts;
        let presumptions = match circumstances.without_presumptions {
            true => Vec::new(),
            false => [self.policy.presumptions.as_slice(), &facts.presumptions].concat(),
        };
        let circumstances = Circumstances {
            judgements: judgements(&self.policy, facts, &presumptions),
            ..circumstances.clone()
        };
        let (calendars, found) = ir::calendars(&self.policy, &circumstances);
        if found.has_errors() {
            return Err(found);
        }
        let (policy, claim, calendar) = (&self.policy, &read.claim, calendars.base);
        Ok(verify(
            policy,
            &calendar,
            &circumstances,
            settled,
            claim,
            case,
        ))
    }

    /// Checks a certificate against the policy and these facts. What is redacted is looked up in the facts by what opens it.
    pub fn verify(
        &self,
        document: &Document,
        subject: Subject,
        facts: &Facts,
        openings: &[Opening],
        circumstances: &Circumstances,
    ) -> Result<Checked, Diagnostics> {
        if subject.policy != self.policy_digest() {
            return Ok(rejected("it is about another policy: the digests differ"));
        }
        let files = self.facts_digests(facts).map_err(|problem| Diagnostics {
            list: vec![problem],
        })?;
        if let Some(reason) = other_files(&files, &subject.facts) {
            return Ok(rejected(&reason));
        }
        if subject.redacted.is_none() {
            return self.verify_on(document, subject, facts, circumstances);
        }
        if let Err(reason) = certificate::check_openings(openings) {
            return Ok(rejected(&reason));
        }
        let redaction = Redaction::from_openings(&self.policy, facts, openings);
        if subject.redacted != Some(self.redacted_digest(&redaction.facts)) {
            return Ok(rejected(
                "with these openings, the facts do not come to the redacted facts of which it speaks",
            ));
        }
        self.verify_on(document, subject, &redaction.facts, circumstances)
    }

    /// Checks a certificate against the policy and facts in which values are redacted; of those that are opened, that they may be
    /// what the digests stand for.
    pub fn verify_redacted(
        &self,
        document: &Document,
        subject: Subject,
        facts: &Facts,
        openings: &[Opening],
        circumstances: &Circumstances,
    ) -> Result<Checked, Diagnostics> {
        if subject.policy != self.policy_digest() {
            return Ok(rejected("it is about another policy: the digests differ"));
        }
        if subject.redacted != Some(self.redacted_digest(facts)) {
            return Ok(rejected(
                "it is about other redacted facts: the digests differ",
            ));
        }
        let fits = certificate::check_openings(openings)
            .and_then(|()| certificate::openings_fit(&self.policy, facts, openings));
        if let Err(reason) = fits {
            return Ok(rejected(&reason));
        }
        self.verify_on(document, subject, facts, circumstances)
    }

    fn verify_on(
        &self,
        document: &Document,
        subject: Subject,
        facts: &Facts,
        circumstances: &Circumstances,
    ) -> Result<Checked, Diagnostics> {
        let read: Certificate = match document.resolve(&self.policy, &self.sources, subject) {
            Ok(read) => read,
            Err(rejection) => return Ok(Checked::Rejected(rejection)),
        };
        if read.conclusion
            != certificate::conclusion_digest(&self.policy, &read.subject, &read.claim)
        {
            return Ok(rejected("the digest of its conclusion is another"));
        }
        if read.is_by_cases() && read.subject.redacted.is_some() {
            return Ok(rejected(
                "it goes by cases, and such a certificate is not redacted",
            ));
        }
        Ok(match self.check(&read, facts, circumstances)? {
            Ok(()) => Checked::Accepted(Box::new(read)),
            Err(rejection) => Checked::Rejected(rejection),
        })
    }

    /// Why a certificate is rejected, in a line: `case 2: item 3: licence(t1): …`.
    pub fn rejection(&self, rejection: &Rejection) -> String {
        let numbered =
            |what: &str, at: Option<usize>| at.map_or(String::new(), |at| format!("{what} {at}: "));
        let case = numbered("case", rejection.case);
        let item = numbered("item", rejection.item);
        let claim = rejection.claim.as_ref();
        let claim = claim.map_or(String::new(), |claim| {
            let day = claim.day.map_or(String::new(), |day| format!(" on {day}"));
            format!(
                "`{}{day}`: ",
                self.context().atom(claim.relation, &claim.args)
            )
        });
        let at = rejection.at.map_or(String::new(), |span| {
            let words = self.sources.words(span);
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            format!(": `{words}` ({})", self.sources.cite(Place::Span(span)))
        });
        format!("{case}{item}{claim}{}{at}", rejection.reason)
    }
}

fn rejected(reason: &str) -> Checked {
    Checked::Rejected(Rejection::whole(reason.into()))
}

/// What would be so but for some law is not certified.
fn is_law(circumstances: &Circumstances) -> Result<(), Uncertified> {
    let is_none = |lifted: &ir::Lifted| *lifted == ir::Lifted::None;
    if is_none(&circumstances.suspensions_lifted) && is_none(&circumstances.exemptions_lifted) {
        return Ok(());
    }
    let reason = "what would hold but for a suspension or exemption is not certified";
    Err(Uncertified(reason.into()))
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
