//! `lexlog mutate`: which small changes of a policy no case notices.

use super::Outcome;
use super::arguments::{Format, Mutate};
use super::output::{pretty, print, tell, tell_all};
use crate::report::wrapped;
use crate::session::in_parallel;
use crate::session::mutate::{Fate, Mutant, Mutation, State};
use crate::source::Place;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value as Json, json};

/// After how many changes what was found is written down.
const BATCH: usize = 64;

/// `lexlog mutate`
pub(super) fn mutate(arguments: &Mutate) -> Outcome {
    let mut mutation = match Mutation::load(&arguments.policy, &arguments.cases) {
        Ok(mutation) => mutation,
        Err((problems, sources)) => {
            tell_all(&problems.list, &sources);
            return Outcome::Refused;
        }
    };
    match mutate_with(arguments, &mut mutation) {
        Ok(outcome) => outcome,
        Err(words) => {
            tell(&format!("error: {words}\n"));
            Outcome::Refused
        }
    }
}

fn mutate_with(arguments: &Mutate, mutation: &mut Mutation) -> Result<Outcome, String> {
    if mutation.session.policy.cases.is_empty() {
        return Err(
            "there are no cases that could notice a change: name the files that have them".into(),
        );
    }
    let mut only = Vec::new();
    for named in &arguments.only {
        match mutation.session.clauses_of(named) {
            Ok(clauses) => only.extend(clauses),
            Err(problem) => {
                tell_all(&[problem], &mutation.session.sources);
                return Ok(Outcome::Refused);
            }
        }
    }
    mutation.prepare(arguments.jobs);
    if mutation.failing.len() == mutation.session.policy.cases.len() {
        return Err(
            "all cases fail as the policy stands: mend it or them, `lexlog test` says why".into(),
        );
    }
    for case in &mutation.failing {
        let title = &mutation.session.policy.cases[*case].title;
        tell(&format!(
            "note: the case “{title}” fails without any change, and is left out\n"
        ));
    }
    let is_meant = |mutant: &&Mutant| {
        let clause = mutant.clause.as_ref();
        arguments.only.is_empty() || clause.is_some_and(|clause| only.contains(clause))
    };
    let meant: Vec<&Mutant> = mutation.mutants.iter().filter(is_meant).collect();
    let mut state = State::read(arguments.state.as_deref(), mutation)?;
    let left: Vec<&Mutant> = meant
        .iter()
        .copied()
        .filter(|it| state.fate(it).is_none())
        .collect();
    let progress = progress(meant.len());
    progress.set_position((meant.len() - left.len()) as u64);
    for batch in left.chunks(BATCH) {
        let fates = in_parallel(batch, arguments.jobs, |mutant| {
            let fate = mutation.fate(mutant, state.noticed_before(mutant));
            progress.inc(1);
            fate
        });
        for (mutant, fate) in batch.iter().zip(fates) {
            state.add(mutant, fate);
        }
        if let Some(path) = &arguments.state {
            state.write(path)?;
        }
    }
    progress.finish_and_clear();
    let told: Vec<(&Mutant, &Fate)> = meant
        .iter()
        .filter_map(|mutant| Some((*mutant, state.fate(mutant)?)))
        .collect();
    let survivors = told
        .iter()
        .filter(|(_, fate)| matches!(fate, Fate::Survived { .. }));
    let has_survivors = survivors.count() > 0;
    let printed = print(&match arguments.format {
        Format::Text => text(mutation, &told),
        Format::Json => pretty(&data(mutation, &told)),
    });
    Ok(match printed {
        Outcome::Fine if has_survivors => Outcome::Objection,
        other => other,
    })
}

/// A bar on a terminal; nothing where standard error is no terminal.
fn progress(changes: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} changes");
    ProgressBar::new(changes as u64).with_style(style.expect("the template is well formed"))
}

#[derive(Default)]
struct Counts {
    noticed: usize,
    survived: usize,
    equivalent: usize,
    refused: usize,
}

fn counts(told: &[(&Mutant, &Fate)]) -> Counts {
    let mut counts = Counts::default();
    for (_, fate) in told {
        match fate {
            Fate::Refused => counts.refused += 1,
            Fate::Equivalent => counts.equivalent += 1,
            Fate::Noticed(_) => counts.noticed += 1,
            Fate::Survived { .. } => counts.survived += 1,
        }
    }
    counts
}

fn text(mutation: &Mutation, told: &[(&Mutant, &Fate)]) -> String {
    let mut out = String::new();
    for (mutant, fate) in told {
        let Fate::Survived {
            tried,
            caught,
            searched,
        } = fate
        else {
            continue;
        };
        let place = mutation.session.sources.cite(Place::Span(mutant.span));
        let clause = mutant
            .clause
            .as_ref()
            .map_or(String::new(), |clause| format!(" [{clause}]"));
        out += &format!(
            "{}\n",
            wrapped(&format!("{place}: {}{clause}", mutant.what), 80, 2)
        );
        let (old, new) = mutation.lines(mutant);
        for (sign, words) in [('-', old), ('+', new)] {
            for line in words.lines().filter(|line| !line.trim().is_empty()) {
                out += &format!("  {sign} {}\n", line.trim_end());
            }
        }
        let run = match tried {
            0 => "no case can notice it".to_owned(),
            1 => "the 1 case that could notice it does not".to_owned(),
            many => format!("none of the {many} cases that could notice it does"),
        };
        match caught {
            Some(caught) => {
                out += &format!("  {run}; this one would:\n\n");
                for line in caught.text.lines() {
                    out += &format!("    {line}\n");
                }
            }
            None if *searched == 0 => out += &format!("  {run}\n"),
            None => {
                let sets = match searched {
                    1 => "1 set of facts".to_owned(),
                    many => format!("{many} sets of facts"),
                };
                let found = format!("  {run}; no case was found that would, among {sets}");
                out += &format!("{}\n", wrapped(&found, 80, 2));
            }
        }
        out.push('\n');
    }
    let Counts {
        noticed,
        survived,
        equivalent,
        refused,
    } = counts(told);
    let all = noticed + survived;
    out += &format!("{noticed} of {all} changes are noticed by a case");
    if let Some(share) = (noticed * 100).checked_div(all) {
        out += &format!(" ({share} %)");
    }
    out + &format!(
        "; {survived} survive, {equivalent} say the same as before, {refused} are refused by `lexlog check`\n"
    )
}

fn data(mutation: &Mutation, told: &[(&Mutant, &Fate)]) -> Json {
    let mutants = told.iter().map(|(mutant, fate)| {
        let (old, new) = mutation.lines(mutant);
        let mut object = json!({
            "source": mutation.session.sources.cite(Place::Span(mutant.span)),
            "notice": mutant.notice,
            "clause": mutant.clause,
            "change": mutant.what,
            "old": old,
            "new": new,
        });
        match fate {
            Fate::Refused => object["fate"] = json!("refused"),
            Fate::Equivalent => object["fate"] = json!("equivalent"),
            Fate::Noticed(case) => {
                object["fate"] = json!("noticed");
                object["case"] = json!(case);
            }
            Fate::Survived {
                tried,
                caught,
                searched,
            } => {
                object["fate"] = json!("survived");
                object["cases_run"] = json!(tried);
                object["sets_of_facts_tried"] = json!(searched);
                object["would_notice"] = json!(caught.as_ref().map(|caught| &caught.text));
            }
        }
        object
    });
    let mutants: Vec<Json> = mutants.collect();
    let Counts {
        noticed,
        survived,
        equivalent,
        refused,
    } = counts(told);
    json!({
        "schema": 1,
        "noticed": noticed,
        "survived": survived,
        "equivalent": equivalent,
        "refused": refused,
        "changes": mutants,
    })
}
