//! `lexlog timeline`: when which clauses are in force, and as of which days something would hold.

use super::Outcome;
use super::arguments::{Format, Timeline};
use super::commands::{open, refuse, with_cases, world};
use super::explain::{explained_json, explained_text};
use super::output::{pretty, print, style, tell};
use crate::diagnostic::Diagnostics;
use crate::ir::Query;
use crate::report::{self, Standing, Verdict, stretch_json, wrapped};
use crate::session::{Lifeline, Session, Stretch, pattern_of};
use crate::value::{FIRST_DAY, LAST_DAY};
use serde_json::{Value as Json, json};

/// `lexlog timeline`
pub(super) fn timeline(arguments: &Timeline) -> Outcome {
    let Some(mut session) = open(
        &with_cases(&arguments.policy, &arguments.cases),
        &arguments.when.means,
    ) else {
        return Outcome::Refused;
    };
    if arguments.when.as_of.is_some() {
        tell("error: a timeline goes through all days: --as-of has no place here\n");
        return Outcome::Refused;
    }
    match timeline_with(arguments, &mut session) {
        Ok(outcome) => outcome,
        Err(problems) => refuse(&session, &problems),
    }
}

fn timeline_with(arguments: &Timeline, session: &mut Session) -> Result<Outcome, Diagnostics> {
    let query = match &arguments.atom {
        Some(atom) => Some(session.query(atom)?),
        None => None,
    };
    let case = arguments.case.as_deref();
    let (facts, circumstances) = world(session, &arguments.when, &arguments.facts, case, None)?;
    let Some(query) = query else {
        let evaluated = session.run(&facts, &circumstances)?;
        let regimes = session.regimes(evaluated.calendar());
        let context = session.context();
        return Ok(print(&match arguments.format {
            Format::Text => report::regimes_text(context, &regimes),
            Format::Json => {
                pretty(&json!({ "schema": 1, "regimes": report::regimes_json(context, &regimes) }))
            }
        }));
    };
    let found = session.timeline(&facts, &circumstances, &query)?;
    if found.more > 0 {
        tell(&format!("{} more answers are left out\n", found.more));
    }
    let lines = found.lines.iter();
    Ok(print(&match arguments.format {
        Format::Text => {
            let texts = lines.map(|line| line_text(session, &query, line, arguments.brief));
            texts.collect::<Vec<_>>().join("\n")
        }
        Format::Json => {
            let list = lines.map(|line| line_json(session, &query, line, arguments.brief));
            let list: Vec<Json> = list.collect();
            pretty(&json!({ "schema": 1, "answers": list, "more": found.more }))
        }
    }))
}

fn status(verdict: Option<&Verdict>) -> &'static str {
    match verdict.map(|verdict| verdict.standing) {
        None => "absent",
        Some(Standing::Open) => "open",
        Some(Standing::Holds | Standing::Suspended | Standing::Exempt) => "holds",
    }
}

fn line_text(session: &Session, query: &Query, line: &Lifeline, is_brief: bool) -> String {
    let context = session.context();
    let subject = match &line.claim {
        Some(claim) => context.sentence(claim),
        None => context.pattern_sentence(&pattern_of(query)),
    };
    let mut out = wrapped(&subject, 80, 2) + "\n";
    let filled = |indent: usize, text: &str| {
        let blanks = " ".repeat(indent);
        blanks + &wrapped(text, 80 - indent, indent + 2) + "\n"
    };
    for stretch in &line.stretches {
        for cause in context.causes(&stretch.causes) {
            out += &filled(4, &format!("{}: {cause}", stretch.from));
        }
        let how = match &stretch.verdict {
            None => "does not hold".to_owned(),
            Some(verdict) => {
                let by = match verdict.by.is_empty() {
                    true => String::new(),
                    false => format!(" [{}]", verdict.by.join(", ")),
                };
                match verdict.standing {
                    Standing::Open => {
                        format!("open{by}: {}", context.dependence(&verdict.dependence))
                    }
                    _ => format!("holds{by}"),
                }
            }
        };
        let days = context.stretch(stretch.from, stretch.through);
        out += &filled(2, &format!("{days}: {how}"));
    }
    if is_brief {
        return out;
    }
    for stretch in &line.stretches {
        let Some(explained) = &stretch.explained else {
            continue;
        };
        out += &format!("\n{}:\n", why_title(stretch));
        let text = explained_text(session, explained, style().width);
        out += &text
            .lines()
            .map(|line| match line {
                "" => "\n".to_owned(),
                line => format!("  {line}\n"),
            })
            .collect::<String>();
    }
    out
}

fn why_title(stretch: &Stretch) -> String {
    match (stretch.from > FIRST_DAY, stretch.through < LAST_DAY) {
        (false, false) => "Why, on every day".into(),
        (false, true) => format!("Why through {}", stretch.through),
        (true, true) => format!("Why from {} through {}", stretch.from, stretch.through),
        (true, false) => format!("Why from {}", stretch.from),
    }
}

fn line_json(session: &Session, query: &Query, line: &Lifeline, is_brief: bool) -> Json {
    let context = session.context();
    let (atom, text) = match &line.claim {
        Some(claim) => (
            context.atom(claim.relation, &claim.args),
            context.sentence(claim),
        ),
        None => {
            let pattern = pattern_of(query);
            (
                context.pattern_atom(&pattern),
                context.pattern_sentence(&pattern),
            )
        }
    };
    let stretches = line.stretches.iter().map(|stretch| {
        let mut object = json!({
            "days": stretch_json(stretch.from, stretch.through),
            "status": status(stretch.verdict.as_ref()),
            "opened_by": context.causes(&stretch.causes),
        });
        if let Some(verdict) = &stretch.verdict {
            object["by"] = json!(verdict.by);
            if verdict.standing == Standing::Open {
                object["depends_on"] = report::depends_on_json(context, &verdict.dependence);
            }
        }
        if let (Some(explained), false) = (&stretch.explained, is_brief) {
            if let Some(day) = stretch.day {
                object["as_of"] = json!(day.to_string());
            }
            object["explained"] = explained_json(session, query, explained);
        }
        object
    });
    json!({ "atom": atom, "text": text, "stretches": stretches.collect::<Vec<_>>() })
}
