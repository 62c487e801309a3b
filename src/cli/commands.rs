//! What each command does.

use super::Outcome;
use super::arguments::{Check, Completions, Format, Means, OpenAs, Run, RunFormat, When};
use super::bad_rows;
use super::certificates::{About, nothing_to_redact, write_all};
use super::output::{no_write, pretty, print, print_json, tell, tell_all};
use super::outputs::Outputs;
use super::pages::Pages;
use super::stats::{Phases, add, told};
use super::tables::Tables;
use super::watchman::{DERIVING, begin};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::facts::{self, Aside, Facts, SetAside};
use crate::ir::{Circumstances, Kind, Query, RelationId, RelationKind};
use crate::report::{
    self, Counts, Standing, Verdict, VerdictTable, proof_text, summary_json, summary_text,
    verdicts_json, verdicts_jsonl, verdicts_text,
};
use crate::session::{Broken, EngineKind, Evaluated, Saving, Session, Sure, load};
use crate::source::FileId;
use crate::value::counted;
use clap::CommandFactory;
use indexmap::IndexSet;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A policy that may be used, or `None` when its errors have been told.
pub(super) fn open(paths: &[PathBuf], means: &Means) -> Option<Session> {
    begin("reading the policy");
    let mut session = load(paths);
    if !session.diagnostics.has_errors() {
        let order = session.check_order();
        session.diagnostics.extend(order);
    }
    session.most_points = means.most_points;
    session.limits = means.budget.limits();
    if means.reference {
        session.engine = EngineKind::Reference;
    }
    if session.diagnostics.has_errors() {
        tell_all(&session.diagnostics.list, &session.sources);
        return None;
    }
    Some(session)
}

/// The paths of a policy and of further cases.
pub(super) fn with_cases(policy: &Path, cases: &[PathBuf]) -> Vec<PathBuf> {
    let policy = std::iter::once(policy.to_owned());
    policy.chain(cases.iter().cloned()).collect()
}

/// `lexlog check`
pub(super) fn check(arguments: &Check) -> Outcome {
    let mut session = load(std::slice::from_ref(&arguments.policy));
    if !session.diagnostics.has_errors() {
        let order = session.check_order();
        session.diagnostics.extend(order);
        let cases = session.check_cases();
        session.diagnostics.extend(cases);
        session.diagnostics.sort();
    }
    let found = &session.diagnostics;
    let outcome = if found.has_errors() {
        Outcome::Refused
    } else {
        Outcome::Fine
    };
    match arguments.format {
        Format::Json => {
            let printed = print_json(&found.list, &session.sources);
            return if printed == Outcome::Fine {
                outcome
            } else {
                printed
            };
        }
        Format::Text => tell_all(&found.list, &session.sources),
    }
    if outcome == Outcome::Fine {
        let policy = &session.policy;
        let count = |number: usize, one: &str, many: &str| {
            format!("{number} {}", if number == 1 { one } else { many })
        };
        return print(&format!(
            "{}, {}, {}, {}: nothing to object to\n",
            count(policy.files.len(), "file", "files"),
            count(policy.notices.len(), "notice", "notices"),
            count(policy.rules.len(), "rule", "rules"),
            count(policy.cases.len(), "case", "cases"),
        ));
    }
    outcome
}

fn circumstances(session: &Session, when: &When) -> Result<Circumstances, Diagnostic> {
    let mut circumstances = Circumstances {
        as_of: when.as_of,
        known_at: when.known_at,
        without_presumptions: when.no_presumptions,
        ..Circumstances::default()
    };
    for id in &when.without {
        circumstances.without.push(session.notice(id)?);
    }
    Ok(circumstances)
}

/// Reads all files of facts; their warnings are told. Rows that cannot be used are set aside where that is wanted.
pub(super) fn facts_of(
    session: &mut Session,
    arguments: &[String],
    aside: Option<&mut Aside>,
) -> Result<Facts, Diagnostics> {
    begin("reading the facts");
    let (all, found) = facts::read(&session.policy, &mut session.sources, arguments, aside);
    if found.has_errors() {
        return Err(found);
    }
    tell_all(&found.list, &session.sources);
    begin(DERIVING);
    Ok(all)
}

pub(super) fn refuse(session: &Session, problems: &Diagnostics) -> Outcome {
    tell_all(&problems.list, &session.sources);
    Outcome::Refused
}

pub(super) fn one(problem: Diagnostic) -> Diagnostics {
    Diagnostics {
        list: vec![problem],
    }
}

/// The facts and circumstances that a command names, and those of the case it names.
pub(super) fn world(
    session: &mut Session,
    when: &When,
    files: &[String],
    case: Option<&str>,
    aside: Option<&mut Aside>,
) -> Result<(Facts, Circumstances), Diagnostics> {
    let mut circumstances = circumstances(session, when).map_err(one)?;
    let mut facts = facts_of(session, files, aside)?;
    if let Some(title) = case {
        let case = session.case(title).map_err(one)?;
        let own = session.case_facts(case);
        facts.add(own);
        let own = session.case_circumstances(case);
        circumstances.known_at = circumstances.known_at.or(own.known_at);
        circumstances.without.extend(own.without);
    }
    Ok((facts, circumstances))
}

/// `lexlog run`
pub(super) fn run(arguments: &Run) -> Outcome {
    let phases = Phases::begin();
    let Some(mut session) = open(
        std::slice::from_ref(&arguments.policy),
        &arguments.when.means,
    ) else {
        return Outcome::Refused;
    };
    match run_with(arguments, &mut session, phases) {
        Ok(outcome) => outcome,
        Err(problems) => refuse(&session, &problems),
    }
}

fn run_with(
    arguments: &Run,
    session: &mut Session,
    mut phases: Phases,
) -> Result<Outcome, Diagnostics> {
    phases.end("reading the policy");
    if arguments.summary && !matches!(arguments.format, RunFormat::Text | RunFormat::Json) {
        tell("error: a summary is printed as text or as json\n");
        return Ok(Outcome::Refused);
    }
    let circumstances = circumstances(session, &arguments.when).map_err(one)?;
    let mut fatal = Vec::new();
    for name in &arguments.fail_on {
        fatal.push(session.verdict_named(name).map_err(one)?);
    }
    let mut queries: Vec<(String, Query)> = Vec::new();
    for text in &arguments.query {
        queries.push((text.clone(), session.query(text)?));
    }
    let (out, format) = (arguments.out.as_deref(), arguments.out_format);
    let tables = out.map(|place| Tables::at(place, format, session));
    let tables = tables.transpose().map_err(one)?;
    let mut aside = arguments.bad_rows.aside();
    let first = FileId(session.sources.files().count() as u32);
    let facts = facts_of(session, &arguments.facts, aside.as_mut())?;
    check_outputs(arguments, session, tables.as_ref()).map_err(one)?;
    let set_aside = match bad_rows::written(aside) {
        Ok(set_aside) => set_aside,
        Err(outcome) => return Ok(outcome),
    };
    phases.end("reading the facts");
    let evaluated = session.run(&facts, &circumstances)?;
    let is_only_counted = arguments.summary && tables.is_none();
    if !is_only_counted {
        session.settled_verdicts(&evaluated);
    }
    phases.end("working out what follows");
    if let Some(file) = &arguments.save {
        let saving = Saving {
            facts: &facts,
            circumstances: &circumstances,
            arguments: &arguments.facts,
            first,
            set_aside: set_aside.clone(),
        };
        begin("saving the run");
        let saved = session.save(&evaluated, saving, file).map_err(one)?;
        if let Err(error) = saved {
            return Ok(no_write(file, &error));
        }
        phases.end("saving the run");
    }
    begin("putting the verdicts together");
    let mut counts = Counts::default();
    let mut verdicts = Vec::new();
    match arguments.summary {
        true if is_only_counted => counts = session.counts(&evaluated),
        true => verdicts = session.unmarked_verdicts(&evaluated),
        false => verdicts = session.verdicts(&evaluated),
    }
    let is_open = |verdict: &Verdict| verdict.standing == Standing::Open;
    let has_open = counts.has(Standing::Open) || verdicts.iter().any(is_open);
    let met = is_met(arguments.open_as, &fatal, session, &evaluated, has_open);
    verdicts.extend(counterfactual(arguments, session, &evaluated, &facts)?);
    verdicts.sort_by(|a, b| {
        let key = |verdict: &Verdict| {
            (
                session.policy.relation(verdict.claim.relation).name.clone(),
                verdict.claim.args.clone(),
                verdict.standing,
            )
        };
        key(a).cmp(&key(b))
    });
    if arguments.summary {
        counts.add(session.context(), &verdicts);
    }
    if let Some(tables) = tables
        && let Err(error) = tables.write(session, &verdicts)
    {
        return Ok(no_write(tables.place(), &error));
    }
    if arguments.certificates.is_none() && arguments.redact.is_wanted() {
        return Ok(nothing_to_redact("--certificates DIR"));
    }
    if let Some(folder) = &arguments.certificates {
        let of = About {
            when: &arguments.when,
            facts: &facts,
            case: None,
            redact: &arguments.redact,
        };
        let outcome = write_all(session, &evaluated, &of, folder);
        if outcome != Outcome::Fine {
            return Ok(outcome);
        }
    }
    let answers: Vec<(String, Vec<Verdict>)> = queries
        .iter()
        .map(|(text, query)| (text.clone(), session.answers(&evaluated, query)))
        .collect();
    let broken = session.broken(&evaluated, true);
    phases.end("putting the verdicts together");
    let stats = phases.stats(session, &evaluated);
    let printed = print(&match arguments.format {
        RunFormat::Json => {
            let aside = set_aside.as_ref();
            let mut results =
                results_json(session, &evaluated, &verdicts, &answers, &broken, aside);
            if arguments.summary {
                results["summary"] = summary_json(&counts);
                results
                    .as_object_mut()
                    .map(|it| it.shift_remove("verdicts"));
            }
            add(arguments, session, &stats, &mut results);
            pretty(&results)
        }
        RunFormat::Html => page(
            arguments, session, &evaluated, &facts, &verdicts, &answers, &broken,
        )?,
        RunFormat::Text if arguments.summary && answers.is_empty() => {
            or_none(summary_text(&counts))
        }
        _ => results(arguments, session, &verdicts, &answers),
    });
    if arguments.format != RunFormat::Json {
        tell(&told(arguments, session, &stats));
    }
    bad_rows::tell(set_aside.as_ref(), arguments.format.into());
    let broken = tell_broken(session, &evaluated, &broken, arguments.open_as);
    Ok(match printed {
        Outcome::Fine if met || broken => Outcome::Objection,
        other => other,
    })
}

/// Whether all may be written that the options name.
fn check_outputs(
    arguments: &Run,
    session: &Session,
    tables: Option<&Tables<'_>>,
) -> Result<(), Diagnostic> {
    let mut outputs = Outputs::default();
    if let Some(file) = arguments.bad_rows.file() {
        outputs.file("--bad-rows", file);
    }
    if let Some(file) = &arguments.save {
        outputs.file("--save", file);
    }
    if let Some(tables) = tables {
        tables.check()?;
        outputs.tables(session, tables);
    }
    if let Some(folder) = &arguments.certificates {
        outputs.certificates(session, folder);
    }
    outputs.check(session, arguments.redact.salt.as_deref())
}

/// What would hold but for a suspension or exemption, where that is wanted; else it is told how much there is of it.
fn counterfactual(
    arguments: &Run,
    session: &Session,
    evaluated: &Evaluated,
    facts: &Facts,
) -> Result<Vec<Verdict>, Diagnostics> {
    let mut wanted = Vec::new();
    for (standing, is_wanted, one, many, option) in [
        (
            Standing::Suspended,
            arguments.with_suspended,
            "a suspension",
            "suspensions",
            "--with-suspended",
        ),
        (
            Standing::Exempt,
            arguments.with_exempt,
            "an exemption",
            "exemptions",
            "--with-exempt",
        ),
    ] {
        let more = session.counterfactual(evaluated, facts, standing)?;
        let number = more.claims.len();
        if is_wanted {
            wanted.extend(session.told_counterfactual(more, standing));
        } else if number > 0 {
            let what = if number == 1 { one } else { many };
            let verdicts = counted(number, "more verdict");
            tell(&format!(
                "{verdicts} would hold but for {what} ({option} shows them)\n"
            ));
        }
    }
    Ok(wanted)
}

/// Whether what the user wants to fail on holds, or counts as holding.
fn is_met(
    open_as: OpenAs,
    fatal: &[RelationId],
    session: &Session,
    evaluated: &Evaluated,
    has_open: bool,
) -> bool {
    let counts = |relation: &RelationId| {
        let found = session.all(evaluated, *relation);
        found.iter().any(|found| match found.sure {
            Sure::Follows | Sure::InEveryCase => true,
            Sure::Open(_) => open_as == OpenAs::Holds,
        })
    };
    open_as == OpenAs::Fail && has_open || fatal.iter().any(counts)
}

fn results_json(
    session: &Session,
    evaluated: &Evaluated,
    verdicts: &[Verdict],
    answers: &[(String, Vec<Verdict>)],
    broken: &[Broken],
    aside: Option<&SetAside>,
) -> Json {
    let context = session.context();
    let queries = answers.iter().map(
        |(text, answers)| json!({ "query": text, "answers": verdicts_json(context, answers) }),
    );
    let broken: Vec<(usize, Vec<Verdict>)> = broken
        .iter()
        .map(|it| (it.constraint, session.told(evaluated, it.answers.clone())))
        .collect();
    let mut results = json!({
        "schema": 1,
        "verdicts": verdicts_json(context, verdicts),
        "queries": queries.collect::<Vec<_>>(),
        "never": report::broken_json(context, &broken),
    });
    bad_rows::add(aside, &mut results);
    results
}

/// Of which policy and facts, under which law.
fn about(arguments: &Run) -> String {
    let when = &arguments.when;
    let mut about = vec![format!("Policy: {}", arguments.policy.display())];
    if !arguments.facts.is_empty() {
        about.push(format!("facts: {}", arguments.facts.join(", ")));
    }
    about.extend(when.as_of.map(|day| format!("by the law of {day}")));
    about.extend(when.known_at.map(|day| format!("as published by {day}")));
    about.extend(
        when.without
            .iter()
            .map(|notice| format!("without {notice}")),
    );
    about.join("; ")
}

/// The verdicts, or the answers to the queries, as one page.
fn page(
    arguments: &Run,
    session: &Session,
    evaluated: &Evaluated,
    facts: &Facts,
    verdicts: &[Verdict],
    answers: &[(String, Vec<Verdict>)],
    broken: &[Broken],
) -> Result<String, Diagnostics> {
    let answered = answers.iter().flat_map(|(_, answers)| answers);
    let shown: Vec<Verdict> = match answers {
        [] => verdicts.to_vec(),
        _ => answered.cloned().collect(),
    };
    let broken = broken.iter().flat_map(|it| it.answers.clone());
    let broken = session.told(evaluated, broken.collect());
    let relations = session.policy.relations.iter().enumerate();
    let relations = relations
        .filter(|(_, relation)| relation.kind == Kind::Declared(RelationKind::Verdict))
        .map(|(at, _)| RelationId(at as u32));
    let relations: BTreeSet<RelationId> = relations
        .chain(shown.iter().map(|verdict| verdict.claim.relation))
        .collect();
    let relations: Vec<RelationId> = relations.into_iter().collect();
    let pages = Pages::new(session, evaluated, facts, &relations)?;
    let mut overview = pages.overview(&shown, &broken, answers.is_empty());
    overview.notes.push(about(arguments));
    Ok(report::overview_html(&overview))
}

fn or_none(verdicts: String) -> String {
    match verdicts.is_empty() {
        true => "no verdict holds\n".into(),
        false => verdicts,
    }
}

fn results(
    arguments: &Run,
    session: &Session,
    verdicts: &[Verdict],
    answers: &[(String, Vec<Verdict>)],
) -> String {
    let context = session.context();
    match arguments.format {
        RunFormat::Text if answers.is_empty() => or_none(verdicts_text(context, verdicts)),
        RunFormat::Jsonl if answers.is_empty() => verdicts_jsonl(context, verdicts),
        RunFormat::Jsonl => {
            let answers = answers.iter();
            answers
                .map(|(_, answers)| verdicts_jsonl(context, answers))
                .collect()
        }
        RunFormat::Text | RunFormat::Json | RunFormat::Html => answers
            .iter()
            .map(|(text, answers)| {
                if answers.is_empty() {
                    format!("no answer to {text}\n")
                } else {
                    verdicts_text(context, answers)
                }
            })
            .collect(),
        RunFormat::Csv => {
            let shown: Vec<&Verdict> = if answers.is_empty() {
                verdicts.iter().collect()
            } else {
                answers.iter().flat_map(|(_, answers)| answers).collect()
            };
            let relations: IndexSet<_> =
                shown.iter().map(|verdict| verdict.claim.relation).collect();
            let tables = relations.iter().map(|relation| {
                let table = VerdictTable::of(context, *relation, shown.iter().copied());
                table.to_csv(true)
            });
            tables.collect::<Vec<_>>().join("\n")
        }
    }
}

/// How many answers of a `never` are told.
const MOST_ANSWERS: usize = 10;

/// Tells every `never` that is broken or may be, with the proof of each answer or what it depends on; whether that is to be
/// objected to.
fn tell_broken(session: &Session, evaluated: &Evaluated, all: &[Broken], open_as: OpenAs) -> bool {
    let context = session.context();
    for broken in all {
        let message = &session.policy.constraints[broken.constraint].message;
        tell(&match (broken.has_sure_answer(), broken.is_certain()) {
            (true, _) => format!("this must never be: {message}\n"),
            (false, true) => format!(
                "this must never be, and is so in one way or another, however what is open is settled: {message}\n"
            ),
            (false, false) => format!("this may be, and must never be: {message}\n"),
        });
        for found in broken.answers.iter().take(MOST_ANSWERS) {
            let claim = found.on(None);
            let proof = evaluated.with_world(&session.policy, |world| world.prove(&claim));
            tell(&match (&found.sure, proof) {
                (Sure::Open(dependence), _) => format!(
                    "open: {}: {}\n",
                    context.sentence(&claim),
                    context.dependence(dependence)
                ),
                (_, Some(proof)) => proof_text(context, &proof, report::Style::default()),
                (_, None) => format!(
                    "{}, however what is open is settled\n",
                    context.sentence(&claim)
                ),
            });
        }
        if broken.answers.len() > MOST_ANSWERS {
            tell(&format!(
                "and {} more\n",
                broken.answers.len() - MOST_ANSWERS
            ));
        }
    }
    let is_met = |broken: &Broken| broken.is_certain() || open_as != OpenAs::Absent;
    all.iter().any(is_met)
}

/// `lexlog completions`
pub(super) fn completions(arguments: &Completions) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut super::Arguments::command(),
        "lexlog",
        &mut text,
    );
    print(&String::from_utf8_lossy(&text))
}
