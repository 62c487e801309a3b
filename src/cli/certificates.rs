//! `lexlog verify`, and the certificates that `explain` and `run` write.

use super::Outcome;
use super::arguments::{Verify, When};
use super::commands::{open, refuse, with_cases, world};
use super::output::{no_write, pretty, print, tell, write};
use crate::facts::Facts;
use crate::ir::{Kind, RelationId, RelationKind};
use crate::proof::certificate::{self, Subject};
use crate::session::{Checked, Evaluated, Explained, MOST_POINTS, Session, Sure, Uncertified};
use crate::source::reason;
use std::fs;
use std::path::Path;

/// The largest certificate that is read, in bytes.
const LARGEST: u64 = 1 << 30;

/// What certificates are about.
pub(super) struct About<'a> {
    pub(super) when: &'a When,
    pub(super) facts: &'a Facts,
    pub(super) case: Option<&'a str>,
}

fn error(text: &str) -> Outcome {
    tell(&format!("error: {text}\n"));
    Outcome::Refused
}

fn subject(session: &Session, of: &About<'_>) -> Result<Subject, Outcome> {
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

/// The certificate of the one answer.
pub(super) fn write_one(
    session: &Session,
    evaluated: &Evaluated,
    of: &About<'_>,
    explained: &[Explained],
    path: &Path,
) -> Outcome {
    let claim = match explained {
        [Explained::Holds(claim, _)] => claim,
        [Explained::InEveryCase(..)] => {
            return error(
                "there is no certificate of what holds in every case by different rules: settle what is open, case by case",
            );
        }
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
    match session.certify(evaluated, &subject, claim) {
        Ok(json) => {
            let outcome = write(path, &pretty(&json));
            if outcome == Outcome::Fine {
                tell(&format!("the certificate is in `{}`\n", path.display()));
            }
            outcome
        }
        Err(Uncertified(reason)) => error(&format!("there is no certificate: {reason}")),
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
    if let Err(problem) = fs::create_dir_all(folder) {
        return no_write(folder, &problem);
    }
    let relations = session.policy.relations.iter().enumerate();
    let verdicts = relations.filter(|(_, it)| it.kind == Kind::Declared(RelationKind::Verdict));
    let mut outcome = Outcome::Fine;
    for (at, relation) in verdicts {
        for (number, found) in session
            .all(evaluated, RelationId(at as u32))
            .iter()
            .enumerate()
        {
            let claim = found.on(None);
            let words = session.context().atom(claim.relation, &claim.args);
            let certified = match found.sure {
                Sure::Follows => session.certify(evaluated, &subject, &claim),
                Sure::InEveryCase => Err(Uncertified(
                    "it holds in every case, but by different rules".into(),
                )),
                Sure::Open(_) => continue,
            };
            match certified {
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
    let path = &arguments.certificate;
    let size = fs::metadata(path).map_or(0, |metadata| metadata.len());
    if size > LARGEST {
        return error(&format!(
            "`{}` is too large for a certificate: {size} bytes",
            path.display()
        ));
    }
    let text = match fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => return error(&format!("`{}` is not in UTF-8", path.display())),
        Err(problem) => {
            return error(&format!(
                "`{}` cannot be read: {}",
                path.display(),
                reason(&problem)
            ));
        }
    };
    let read = certificate::read(&text).and_then(|document| Ok((document.subject()?, document)));
    let (subject, document) = match read {
        Ok(read) => read,
        Err(certificate::Unreadable(reason)) => {
            return error(&format!("`{}`: {reason}", path.display()));
        }
    };
    let Some(mut session) = open(
        &with_cases(&arguments.policy, &arguments.cases),
        false,
        MOST_POINTS,
    ) else {
        return Outcome::Refused;
    };
    if subject.policy != session.policy_digest() {
        return rejected("it is about another policy: the digests differ");
    }
    let when = When {
        as_of: subject.as_of,
        known_at: subject.known_at,
        without: subject.without.clone(),
        no_presumptions: subject.without_presumptions,
        most_points: MOST_POINTS,
        reference: false,
    };
    let world = world(
        &mut session,
        &when,
        &arguments.facts,
        subject.case.as_deref(),
    );
    let (facts, circumstances) = match world {
        Ok(world) => world,
        Err(problems) => return refuse(&session, &problems),
    };
    match session.verify(&document, subject, &facts, &circumstances) {
        Ok(Checked::Accepted(claim)) => {
            let day = claim.day.map_or(String::new(), |day| format!(" on {day}"));
            let atom = session.context().atom(claim.relation, &claim.args);
            let items = document.size();
            print(&format!(
                "accepted: {atom}{day}\n  {}\n  {items} steps and lists checked against policy and facts\n",
                session.context().sentence(&claim)
            ))
        }
        Ok(Checked::Rejected(rejection)) => rejected(&session.rejection(&rejection)),
        Err(problems) => refuse(&session, &problems),
    }
}

fn rejected(reason: &str) -> Outcome {
    match print(&format!("rejected: {reason}\n")) {
        Outcome::Fine => Outcome::Objection,
        other => other,
    }
}
