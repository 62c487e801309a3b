//! `lexlog explain`: why something holds, may hold, or does not.

use super::Outcome;
use super::arguments::{Explain, Means, ProofFormat, When};
use super::bad_rows;
use super::certificates::{About, nothing_to_redact, write_one};
use super::commands::{one, open, refuse, with_cases, world};
use super::output::{pretty, print, style};
use super::outputs::Outputs;
use super::pages::Pages;
use super::watchman::begin;
use crate::diagnostic::Diagnostics;
use crate::facts::{Facts, SetAside};
use crate::ir::{Circumstances, Query, Term};
use crate::proof::{Claim, Nearest, Pattern, Proof};
use crate::report::{self, Page, proof_json, proof_text, why_not_json, why_not_text, wrapped};
use crate::session::{Cases, Evaluated, Explained, OpenProof, Session, pattern_of};
use serde_json::{Value as Json, json};
use std::path::PathBuf;

/// How many proofs `--all` prints, unless told otherwise.
const PROOFS: usize = 10;
/// How many ways to make something hold are looked for, unless told otherwise.
const WAYS: usize = 3;

/// `lexlog explain`
pub(super) fn explain(arguments: &Explain) -> Outcome {
    let Some(mut session) = open(
        &with_cases(&arguments.policy, &arguments.cases),
        &arguments.when.means,
    ) else {
        return Outcome::Refused;
    };
    match explain_with(arguments, &mut session) {
        Ok(outcome) => outcome,
        Err(problems) => refuse(&session, &problems),
    }
}

fn explain_with(arguments: &Explain, session: &mut Session) -> Result<Outcome, Diagnostics> {
    let query = session.query(&arguments.atom)?;
    let case = arguments.case.as_deref();
    let (evaluated, facts, set_aside) = match evaluated(arguments, session)? {
        Ok(evaluated) => evaluated,
        Err(outcome) => return Ok(outcome),
    };
    let most_proofs = arguments.all.then(|| arguments.limit.unwrap_or(PROOFS));
    let explained = session.explain(&evaluated, &query, most_proofs);
    let is_absent = matches!(explained.as_slice(), [Explained::Absent(_)]);
    let ways = arguments.limit.unwrap_or(WAYS);
    let nearest = match is_absent {
        true => session.nearest(&evaluated, &query, ways),
        false => Nearest::default(),
    };
    if arguments.certificate.is_none() && arguments.redact.is_wanted() {
        return Ok(nothing_to_redact("--certificate FILE"));
    }
    if let Some(path) = &arguments.certificate {
        let saved = arguments.from.as_ref();
        let saved = saved.map(|_| said(session, &evaluated.circumstances));
        let of = About {
            when: saved.as_ref().unwrap_or(&arguments.when),
            facts: &facts,
            case,
            redact: &arguments.redact,
        };
        let outcome = write_one(session, &evaluated, &of, &explained, path);
        if outcome != Outcome::Fine {
            return Ok(outcome);
        }
    }
    let text = match arguments.format {
        ProofFormat::Text => {
            let texts = explained
                .iter()
                .map(|it| explained_text(session, it, style().width));
            let mut text = texts.collect::<Vec<_>>().join("\n");
            if is_absent {
                text += &report::nearest_text(session.context(), &nearest, style());
            }
            text
        }
        ProofFormat::Json => {
            let answers = explained.iter().map(|it| {
                let mut object = explained_json(session, &query, it);
                if is_absent {
                    object["nearest"] = report::nearest_json(session.context(), &nearest);
                }
                object
            });
            let mut document = document(&query, answers.collect());
            bad_rows::add(set_aside.as_ref(), &mut document);
            pretty(&document)
        }
        ProofFormat::Markdown | ProofFormat::Html | ProofFormat::Dot => {
            let relations = [query.atom.relation];
            let relations = match arguments.format {
                ProofFormat::Html => &relations[..],
                _ => &[],
            };
            let laid_out = Pages::new(session, &evaluated, &facts, relations)?;
            let pattern = pattern_of(&query);
            let pages = explained.iter().map(|it| {
                let mut page = laid_out.page(&pattern, it);
                page.ways = is_absent.then(|| report::nearest_words(session.context(), &nearest));
                page
            });
            let pages: Vec<Page> = pages.collect();
            match arguments.format {
                ProofFormat::Markdown => report::pages_markdown(&pages),
                ProofFormat::Html => report::pages_html(&pages),
                _ => report::pages_dot(&pages),
            }
        }
    };
    let printed = print(&text);
    bad_rows::tell(set_aside.as_ref(), arguments.format.into());
    Ok(printed)
}

type World = (Evaluated, Facts, Option<SetAside>);

/// What follows from the facts that are named, or what a run has found; with the rows that were set aside.
fn evaluated(
    arguments: &Explain,
    session: &mut Session,
) -> Result<Result<World, Outcome>, Diagnostics> {
    if let Some(file) = &arguments.from {
        begin("reading the saved run");
        let run = session.restore(file)?;
        check_outputs(arguments, session)?;
        return Ok(Ok((run.evaluated, run.facts, run.set_aside)));
    }
    let mut aside = arguments.bad_rows.aside();
    let case = arguments.case.as_deref();
    let read = world(
        session,
        &arguments.when,
        &arguments.facts,
        case,
        aside.as_mut(),
    );
    let (facts, circumstances) = read?;
    check_outputs(arguments, session)?;
    let set_aside = match bad_rows::written(aside) {
        Ok(set_aside) => set_aside,
        Err(outcome) => return Ok(Err(outcome)),
    };
    let evaluated = session.run(&facts, &circumstances)?;
    Ok(Ok((evaluated, facts, set_aside)))
}

/// Whether all may be written that the options name.
fn check_outputs(arguments: &Explain, session: &Session) -> Result<(), Diagnostics> {
    let mut outputs = Outputs::default();
    if let Some(file) = arguments.bad_rows.file() {
        outputs.file("--bad-rows", file);
    }
    if let Some(file) = &arguments.certificate {
        outputs.certificate(file, arguments.redact.is_wanted());
    }
    let also_read = [&arguments.from, &arguments.redact.salt];
    let also_read = also_read.into_iter().flatten().map(PathBuf::as_path);
    outputs.check(session, also_read).map_err(one)
}

/// How the law of a saved run would be named.
fn said(session: &Session, law: &Circumstances) -> When {
    let notices = law.without.iter();
    let without = notices.map(|notice| session.policy.notice(*notice).id.clone());
    When {
        as_of: law.as_of,
        known_at: law.known_at,
        without: without.collect(),
        no_presumptions: law.without_presumptions,
        means: Means::default(),
    }
}

/// The answers as one document: the answer itself, where the question leaves nothing open and has one; else a list of them, of
/// whatever length.
fn document(query: &Query, mut answers: Vec<Json>) -> Json {
    let asks_for_one = query
        .atom
        .args
        .iter()
        .all(|it| matches!(it, Term::Value(_)));
    match answers.len() {
        1 if asks_for_one => answers.remove(0),
        _ => json!({ "schema": 1, "answers": answers }),
    }
}

pub(super) fn explained_text(session: &Session, explained: &Explained, width: usize) -> String {
    let context = session.context();
    let style = || report::Style { width, ..style() };
    let paragraph = |text: &str, indent: usize| {
        let blanks = " ".repeat(indent);
        blanks + &wrapped(text, width - indent, indent) + "\n"
    };
    let indented = |text: String| -> String {
        let lines = text.lines();
        lines.map(|line| format!("  {line}\n")).collect()
    };
    let narrow = report::Style {
        width: style().width.saturating_sub(2),
        ..style()
    };
    let case = |assumed: &str, proof: &Proof| {
        let proof = indented(proof_text(context, proof, narrow));
        format!("\n{}{proof}", paragraph(assumed, 0))
    };
    match explained {
        Explained::Holds(_, proofs) => match proofs.list.as_slice() {
            [only] if !proofs.has_more => proof_text(context, only, style()),
            list => {
                let proofs_text = list.iter().enumerate().map(|(at, proof)| {
                    let text = proof_text(context, proof, style());
                    format!("Proof {}:\n{text}\n", at + 1)
                });
                let end = match proofs.has_more {
                    true => "There are further proofs: --limit shows more of them.\n",
                    false => "There are no further proofs.\n",
                };
                proofs_text.collect::<String>() + end
            }
        },
        Explained::Absent(why) => why_not_text(context, why, style()),
        Explained::InEveryCase(claim, cases) => {
            let mut out = paragraph(&context.sentence(claim), 0);
            out += "  in every case, whatever is not known:\n";
            for (assumed, proof) in &cases.list {
                out += &case(&format!("if {}:", assumed.join(", and ")), proof);
            }
            out + &left_out(cases)
        }
        Explained::Open(open) => {
            let mut out = paragraph(&format!("open: {}", open_sentence(session, open)), 0);
            let on = open.dependence.on.iter();
            for dependency in on {
                out += &paragraph(&context.dependency(dependency), 2);
            }
            if !open.dependence.is_exact {
                out += &paragraph(&context.not_exact(&open.dependence), 2);
            }
            if let Some((first, cases)) = &open.may {
                for (more, proof) in &cases.list {
                    let assumed = [first.as_slice(), more].concat().join(", and ");
                    out += &case(&format!("It would hold, if {assumed}:"), proof);
                }
                out += &left_out(cases);
            }
            out += "\nAs long as that is open, it does not follow:\n";
            out + &indented(why_not_text(context, &open.stops, narrow))
        }
    }
}

/// An open fact; a standing one with the days on which it depends on just that, unless one day was asked about.
pub(super) fn open_sentence(session: &Session, open: &OpenProof) -> String {
    let context = session.context();
    match open.days.is_empty() {
        true => context.sentence(&open.claim),
        false => {
            let claim = Claim {
                day: None,
                ..open.claim.clone()
            };
            context.sentence(&claim) + &context.stretches(&open.days)
        }
    }
}

/// That cases are left out, if some are.
fn left_out(cases: &Cases) -> String {
    let remark = cases.left_out().map(|remark| format!("\n{remark}\n"));
    remark.unwrap_or_default()
}

/// A proof by cases, as a node of its own kind.
fn cases_json(session: &Session, claim: &Claim, cases: &Cases) -> Json {
    let context = session.context();
    let list = cases.list.iter();
    let list =
        list.map(|(assumed, proof)| json!({ "if": assumed, "proof": proof_json(context, proof) }));
    json!({
        "kind": "cases",
        "text": context.sentence(claim),
        "atom": context.atom(claim.relation, &claim.args),
        "cases": list.collect::<Vec<_>>(),
        "further": !cases.is_whole,
    })
}

pub(super) fn explained_json(session: &Session, query: &Query, explained: &Explained) -> Json {
    explained_json_about(session, &pattern_of(query), explained)
}

/// The same, of something that is absent too: of what its why-not was asked.
pub(super) fn explained_json_of(session: &Session, explained: &Explained) -> Json {
    let asked = match explained {
        Explained::Absent(why) => why.pattern.clone(),
        Explained::Holds(claim, _) | Explained::InEveryCase(claim, _) => of_claim(claim),
        Explained::Open(open) => of_claim(&open.claim),
    };
    explained_json_about(session, &asked, explained)
}

fn of_claim(claim: &Claim) -> Pattern {
    Pattern {
        relation: claim.relation,
        args: claim.args.iter().cloned().map(Some).collect(),
        present: Vec::new(),
        day: claim.day,
    }
}

fn explained_json_about(session: &Session, pattern: &Pattern, explained: &Explained) -> Json {
    let context = session.context();
    let head = |status: &str, claim: &Claim| {
        let mut object = json!({
            "schema": 1, "status": status, "atom": context.atom(claim.relation, &claim.args), "text": context.sentence(claim),
        });
        if let Json::Object(object) = &mut object {
            report::add_marks(&explained.marks(), object);
        }
        object
    };
    match explained {
        Explained::Holds(claim, proofs) => {
            let mut object = head("holds", claim);
            let mut list = proofs.list.iter().map(|proof| proof_json(context, proof));
            object["proof"] = list.next().unwrap_or_default();
            let others: Vec<Json> = list.collect();
            if !others.is_empty() || proofs.has_more {
                object["others"] = json!(others);
                object["further"] = json!(proofs.has_more);
            }
            object
        }
        Explained::InEveryCase(claim, cases) => {
            let mut object = head("holds", claim);
            object["proof"] = cases_json(session, claim, cases);
            object
        }
        Explained::Open(open) => {
            let mut object = head("open", &open.claim);
            if !open.days.is_empty() {
                object["days"] = report::stretches_json(&open.days);
            }
            object["depends_on"] = report::depends_on_json(context, &open.dependence);
            object["exact"] = json!(open.dependence.is_exact);
            if let Some((first, last)) = open.dependence.working_days {
                object["first_working_day"] = json!(first.to_string());
                object["last_working_day"] = json!(last.to_string());
            }
            if let Some((assumed, cases)) = &open.may {
                let proof = match cases.list.as_slice() {
                    [(more, proof)] if more.is_empty() => proof_json(context, proof),
                    _ => cases_json(session, &open.claim, cases),
                };
                object["may_hold"] = json!({ "if": assumed, "proof": proof });
            }
            object["why_not"] = why_not_json(context, &open.stops);
            object
        }
        Explained::Absent(why) => json!({
            "schema": 1, "status": "absent", "atom": context.pattern_atom(pattern), "text": context.pattern_sentence(pattern),
            "why_not": why_not_json(context, why),
        }),
    }
}
