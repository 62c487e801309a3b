//! `lexlog verify`, and the certificates that `explain` and `run` write.

use super::Outcome;
use super::arguments::{Means, Redact, Verify, When};
use super::commands::{open, refuse, with_cases, world};
use super::output::{no_write, pretty, print, tell, write};
use crate::facts::Facts;
use crate::ir::{Kind, Relation, RelationId, RelationKind};
use crate::proof::Claim;
use crate::proof::certificate::{
    self, Certificate, LEAST_SECRET, Opening, Redaction, Subject, Undecided,
};
use crate::proof::verify::questions;
use crate::report::Question;
use crate::session::{Checked, Evaluated, Explained, Session, Sure, Uncertified};
use crate::source::{read_file, reason};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The largest certificate that is read, in bytes.
const LARGEST: usize = 1 << 30;

/// What stands beside certificates with redacted values.
const FACTS: &str = "redacted_facts.jsonl";
const OPENINGS: &str = "openings.json";

/// What certificates are about.
pub(super) struct About<'a> {
    pub(super) when: &'a When,
    pub(super) facts: &'a Facts,
    pub(super) case: Option<&'a str>,
    pub(super) redact: &'a Redact,
}

/// Why there are no certificates, once it was told.
type Told = Outcome;

fn error(text: &str) -> Outcome {
    tell(&format!("error: {text}\n"));
    Outcome::Refused
}

/// Only certificates are redacted.
pub(super) fn nothing_to_redact(option: &str) -> Outcome {
    error(&format!(
        "only certificates are redacted: give `{option}` too"
    ))
}

fn subject(session: &Session, of: &About<'_>) -> Result<Subject, Told> {
    let subject = session.subject(of.facts, of.case);
    let subject = subject.map_err(|problem| {
        refuse(
            session,
            &crate::diagnostic::Diagnostics {
                list: vec![problem],
            },
        )
    })?;
    Ok(Subject {
        as_of: of.when.as_of,
        known_at: of.when.known_at,
        without: of.when.without.clone(),
        without_presumptions: of.when.no_presumptions,
        ..subject
    })
}

/// What is to be redacted, if anything.
fn redaction(
    session: &Session,
    of: &About<'_>,
    subject: &Subject,
) -> Result<Option<Redaction>, Told> {
    let Some(path) = &of.redact.salt else {
        return Ok(None);
    };
    if of.case.is_some() {
        return Err(error(
            "the facts of a case stand in the policy for all to read: there is nothing to redact",
        ));
    }
    let secret = read_bytes(path)?;
    if secret.len() < LEAST_SECRET {
        return Err(error(&format!(
            "`{}` is too short: {LEAST_SECRET} bytes that nobody can guess are needed, such as `head -c 32 /dev/urandom` gives",
            path.display()
        )));
    }
    let redaction = session.redact(of.facts, subject, &of.redact.redact, &secret);
    let redaction = redaction.map_err(|problems| refuse(session, &problems))?;
    Ok(Some(redaction))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Told> {
    read_file(path, LARGEST).map_err(|problem| {
        error(&format!(
            "`{}` cannot be read: {}",
            path.display(),
            reason(&problem)
        ))
    })
}

fn read_text(path: &Path) -> Result<String, Told> {
    String::from_utf8(read_bytes(path)?)
        .map_err(|_| error(&format!("`{}` is not in UTF-8", path.display())))
}

/// Writes the facts with digests in them, and what opens these, beside certificates.
fn write_beside(
    session: &Session,
    redaction: &Redaction,
    facts: &Path,
    openings: &Path,
) -> Outcome {
    let lines = certificate::write_facts(&session.policy, &redaction.facts);
    let opened = pretty(&certificate::write_openings(&redaction.openings));
    for (path, text) in [(facts, &lines), (openings, &opened)] {
        if write(path, text) != Outcome::Fine {
            return Outcome::Refused;
        }
    }
    tell(&format!(
        "the redacted facts are in `{}`, and what opens them in `{}`: keep that to yourself, and give others the openings that they are to see\n",
        facts.display(),
        openings.display()
    ));
    Outcome::Fine
}

/// What stands beside a certificate with redacted values: the facts with digests in them, and what opens these.
pub(super) fn beside(certificate: &Path) -> [PathBuf; 2] {
    [FACTS, OPENINGS].map(|ending| certificate.with_extension(ending))
}

/// Those of which there are certificates.
pub(super) fn verdicts(session: &Session) -> impl Iterator<Item = (RelationId, &Relation)> {
    let relations = session.policy.relations.iter().enumerate();
    let verdicts = relations.filter(|(_, it)| it.kind == Kind::Declared(RelationKind::Verdict));
    verdicts.map(|(at, relation)| (RelationId(at as u32), relation))
}

/// Whether a file in a folder of certificates is named like one of these verdicts, or like what stands beside them.
pub(super) fn is_one_of(file: &str, verdicts: &[String]) -> bool {
    let is_certificate = |verdict: &String| {
        let number = file.strip_prefix(verdict.as_str());
        let number = number.and_then(|it| it.strip_prefix('_')?.strip_suffix(".json"));
        number.is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    [FACTS, OPENINGS].contains(&file) || verdicts.iter().any(is_certificate)
}

/// The certificate of a fact that is that sure.
fn certified(
    session: &Session,
    evaluated: &Evaluated,
    subject: &Subject,
    (claim, sure): (&Claim, &Sure),
    redaction: &Option<Redaction>,
) -> Result<serde_json::Value, Uncertified> {
    match (sure, redaction) {
        (Sure::Follows, redaction) => {
            session.certify(evaluated, subject, claim, redaction.as_ref())
        }
        (Sure::InEveryCase, None) => session.certify_by_cases(evaluated, subject, claim),
        (Sure::InEveryCase, Some(_)) => Err(Uncertified(
            "it holds in every case by different rules, and a certificate by cases is not redacted"
                .into(),
        )),
        (Sure::Open(_), _) => Err(Uncertified("it is open".into())),
    }
}

/// The certificate of the one answer.
pub(super) fn write_one(
    session: &Session,
    evaluated: &Evaluated,
    of: &About<'_>,
    explained: &[Explained],
    path: &Path,
) -> Outcome {
    let (claim, sure) = match explained {
        [Explained::Holds(claim, _)] => (claim, Sure::Follows),
        [Explained::InEveryCase(claim, _)] => (claim, Sure::InEveryCase),
        [Explained::Open(_)] => {
            return error("there is no certificate of what is open: settle what it depends on");
        }
        [Explained::Absent(_)] | [] => {
            return error("there is no certificate of what does not hold");
        }
        several => {
            return error(&format!(
                "{} answers match, and a certificate is about one: name it, or write all with `run --certificates`",
                several.len()
            ));
        }
    };
    let subject = match subject(session, of) {
        Ok(subject) => subject,
        Err(outcome) => return outcome,
    };
    let redaction = match redaction(session, of, &subject) {
        Ok(redaction) => redaction,
        Err(told) => return told,
    };
    let certified = certified(session, evaluated, &subject, (claim, &sure), &redaction);
    let json = match certified {
        Ok(json) => json,
        Err(Uncertified(reason)) => return error(&format!("there is no certificate: {reason}")),
    };
    if write(path, &pretty(&json)) != Outcome::Fine {
        return Outcome::Refused;
    }
    tell(&format!("the certificate is in `{}`\n", path.display()));
    match redaction {
        Some(redaction) => {
            let [facts, openings] = beside(path);
            write_beside(session, &redaction, &facts, &openings)
        }
        None => Outcome::Fine,
    }
}

/// A certificate for each verdict that holds.
pub(super) fn write_all(
    session: &Session,
    evaluated: &Evaluated,
    of: &About<'_>,
    folder: &Path,
) -> Outcome {
    let subject = match subject(session, of) {
        Ok(subject) => subject,
        Err(outcome) => return outcome,
    };
    let redaction = match redaction(session, of, &subject) {
        Ok(redaction) => redaction,
        Err(told) => return told,
    };
    if let Err(problem) = fs::create_dir_all(folder) {
        return no_write(folder, &problem);
    }
    let mut outcome = Outcome::Fine;
    if let Some(redaction) = &redaction {
        let [facts, openings] = [FACTS, OPENINGS].map(|name| folder.join(name));
        outcome = write_beside(session, redaction, &facts, &openings);
        if outcome != Outcome::Fine {
            return outcome;
        }
    }
    for (at, relation) in verdicts(session) {
        for (number, found) in session.all(evaluated, at).iter().enumerate() {
            let claim = found.on(None);
            let words = session.context().atom(claim.relation, &claim.args);
            if matches!(found.sure, Sure::Open(_)) {
                continue;
            }
            let fact = (&claim, &found.sure);
            match certified(session, evaluated, &subject, fact, &redaction) {
                Ok(json) => {
                    let name = format!("{}_{:06}.json", relation.name, number + 1);
                    if write(&folder.join(name), &pretty(&json)) != Outcome::Fine {
                        return Outcome::Refused;
                    }
                }
                Err(Uncertified(reason)) => {
                    outcome = error(&format!("there is no certificate of `{words}`: {reason}"));
                }
            }
        }
    }
    outcome
}

/// `lexlog verify`
pub(super) fn verify(arguments: &Verify) -> Outcome {
    verify_with(arguments).unwrap_or_else(|told| told)
}

fn verify_with(arguments: &Verify) -> Result<Outcome, Told> {
    let path = &arguments.certificate;
    let text = read_text(path)?;
    let read = certificate::read(&text).and_then(|document| Ok((document.subject()?, document)));
    let (subject, document) = read.map_err(|certificate::Unreadable(reason)| {
        error(&format!("`{}`: {reason}", path.display()))
    })?;
    let openings = openings(arguments, &subject)?;
    let Some(mut session) = open(
        &with_cases(&arguments.policy, &arguments.cases),
        &Means::default(),
    ) else {
        return Err(Outcome::Refused);
    };
    if subject.policy != session.policy_digest() {
        return Ok(rejected("it is about another policy: the digests differ"));
    }
    let when = When {
        as_of: subject.as_of,
        known_at: subject.known_at,
        without: subject.without.clone(),
        no_presumptions: subject.without_presumptions,
        means: Means::default(),
    };
    let world = world(
        &mut session,
        &when,
        &arguments.facts,
        subject.case.as_deref(),
        None,
    );
    let (facts, circumstances) = world.map_err(|problems| refuse(&session, &problems))?;
    let checked = match &arguments.redacted_facts {
        None => session.verify(&document, subject, &facts, &openings, &circumstances),
        Some(path) => {
            let text = read_text(path)?;
            let (policy, sources) = (&session.policy, &mut session.sources);
            let name = path.display().to_string();
            let facts = certificate::read_facts(policy, sources, &name, &text);
            let facts = facts.map_err(|reason| error(&format!("`{name}`: {reason}")))?;
            session.verify_redacted(&document, subject, &facts, &openings, &circumstances)
        }
    };
    match checked {
        Ok(Checked::Accepted(certificate)) => Ok(print(&accepted(
            &session,
            &certificate,
            arguments,
            &openings,
        ))),
        Ok(Checked::Rejected(rejection)) => Ok(rejected(&session.rejection(&rejection))),
        Err(problems) => Err(refuse(&session, &problems)),
    }
}

/// The openings that were given, and whether those that are needed were.
fn openings(arguments: &Verify, subject: &Subject) -> Result<Vec<Opening>, Told> {
    let certificate = arguments.certificate.display();
    let needs_none = subject.redacted.is_none();
    if needs_none && (arguments.redacted_facts.is_some() || arguments.openings.is_some()) {
        return Err(error(&format!(
            "nothing is redacted in `{certificate}`: check it with `--facts` alone"
        )));
    }
    match &arguments.openings {
        Some(path) => certificate::read_openings(&read_text(path)?)
            .map_err(|reason| error(&format!("`{}`: {reason}", path.display()))),
        None if needs_none || arguments.redacted_facts.is_some() => Ok(Vec::new()),
        None => Err(error(&format!(
            "values are redacted in `{certificate}`: give `--redacted-facts FILE`, or `--facts` and `--openings FILE`"
        ))),
    }
}

fn accepted(
    session: &Session,
    certificate: &Certificate,
    arguments: &Verify,
    openings: &[Opening],
) -> String {
    let claim = &certificate.claim;
    let day = claim.day.map_or(String::new(), |day| format!(" on {day}"));
    let atom = session.context().atom(claim.relation, &claim.args);
    let sentence = session.context().sentence(claim);
    let mut text = format!("accepted: {atom}{day}\n  {sentence}\n");
    text += &however(session, certificate);
    let items = checked_items(certificate);
    match (&arguments.redacted_facts, openings.len()) {
        (None, 0) => {
            text += &format!("  {items} checked against policy and facts\n");
        }
        (None, count) => {
            let values = if count == 1 { "value" } else { "values" };
            text += &format!(
                "  {items} checked against policy and facts, {count} redacted {values} opened\n"
            );
        }
        (Some(_), _) => {
            text += &format!(
                "  {items} checked against policy and redacted facts: it follows, whatever the digests stand for,\n  \
                 as long as different ones stand for different values, and none for a value that these facts show\n"
            );
            for opening in openings {
                let short = opening.redacted.get(..8).unwrap_or(&opening.redacted);
                text += &format!(
                    "  opened: {short}… is {} ({})\n",
                    opening.value, opening.kind
                );
            }
        }
    }
    text
}

/// `a given fact`, `3 steps and lists`, `2 cases of 5 steps and lists`
fn checked_items(certificate: &Certificate) -> String {
    let items: usize = certificate.cases.iter().map(|it| it.items.len()).sum();
    let items = match items {
        0 => "a given fact".into(),
        1 => "one step".into(),
        many => format!("{many} steps and lists"),
    };
    match certificate.is_by_cases() {
        false => items,
        true => format!("{} cases, {items} in all,", certificate.cases.len()),
    }
}

/// What is open, where it holds in every case.
fn however(session: &Session, certificate: &Certificate) -> String {
    let asked = certificate.cases.iter().flat_map(questions);
    let open: BTreeSet<Undecided> = asked.collect();
    if open.is_empty() {
        return String::new();
    }
    let mut text = match open.len() {
        1 => "  it holds however this is decided:\n".to_owned(),
        _ => "  it holds however these are decided:\n".to_owned(),
    };
    for it in open {
        let question = Question {
            relation: it.relation,
            args: it.args,
            field: it.field,
        };
        text += &format!("    {}\n", session.context().subject(&question));
    }
    text
}

fn rejected(reason: &str) -> Outcome {
    match print(&format!("rejected: {reason}\n")) {
        Outcome::Fine => Outcome::Objection,
        other => other,
    }
}
