//! `lexlog ask`: what is not known and changes a verdict.

use super::Outcome;
use super::arguments::{Ask, Format};
use super::commands::{open, refuse, with_cases, world};
use super::output::{pretty, print, tell, write};
use crate::diagnostic::Diagnostics;
use crate::facts::Facts;
use crate::ir::{Circumstances, Fact};
use crate::report::{Question, questions_json, questions_text};
use crate::session::Session;
use std::collections::BTreeSet;
use std::io::{self, BufRead};

/// `lexlog ask`
pub(super) fn ask(arguments: &Ask) -> Outcome {
    let Some(mut session) = open(
        &with_cases(&arguments.policy, &arguments.cases),
        arguments.when.reference,
        arguments.when.most_points,
    ) else {
        return Outcome::Refused;
    };
    match ask_with(arguments, &mut session) {
        Ok(outcome) => outcome,
        Err(problems) => refuse(&session, &problems),
    }
}

fn ask_with(arguments: &Ask, session: &mut Session) -> Result<Outcome, Diagnostics> {
    if arguments.interactive && arguments.facts.iter().any(|file| file.ends_with('-')) {
        tell("error: facts and answers cannot both come from standard input\n");
        return Ok(Outcome::Refused);
    }
    if let Some(file) = arguments.answers.as_ref().filter(|file| file.exists())
        && !arguments.overwrite
    {
        tell(&format!(
            "error: `{}` is there already; name another file, or say --overwrite\n",
            file.display()
        ));
        return Ok(Outcome::Refused);
    }
    let case = arguments.case.as_deref();
    let (facts, circumstances) = world(session, &arguments.when, &arguments.facts, case)?;
    if arguments.interactive {
        return in_turn(arguments, session, facts, &circumstances);
    }
    let evaluated = session.run(&facts, &circumstances)?;
    let asked = session.questions(&evaluated);
    let presumed = session.presumed(&evaluated, &facts)?;
    let context = session.context();
    Ok(print(&match arguments.format {
        Format::Text => questions_text(context, &asked, &presumed),
        Format::Json => pretty(&questions_json(context, &asked, &presumed)),
    }))
}

/// One question after the other, those that an answer has made idle left out.
fn in_turn(
    arguments: &Ask,
    session: &Session,
    mut facts: Facts,
    circumstances: &Circumstances,
) -> Result<Outcome, Diagnostics> {
    let mut left_open: BTreeSet<Question> = BTreeSet::new();
    let mut answers: Vec<Fact> = Vec::new();
    let mut lines = io::stdin().lock().lines();
    loop {
        let evaluated = session.run(&facts, circumstances)?;
        let asked = session.questions(&evaluated);
        let next = (asked.iter()).find(|asked| !left_open.contains(&asked.question));
        let Some(next) = next else {
            break;
        };
        tell(&format!(
            "{} {}\n",
            session.context().question(&next.question),
            how_to_answer(session, &next.question, next.decides.len())
        ));
        let Some(Ok(line)) = lines.next() else {
            break;
        };
        match line.trim() {
            "q" | "quit" => break,
            "" => {
                left_open.insert(next.question.clone());
            }
            answer => match session.answer(&facts, &next.question, answer) {
                Some(fact) => {
                    facts.list.push(fact.clone());
                    answers.retain(|earlier| !session.says_no_less(&fact, earlier));
                    answers.push(fact);
                }
                None => tell(&format!("`{answer}` is no answer to that\n")),
            },
        }
    }
    let evaluated = session.run(&facts, circumstances)?;
    let still_open = session.open_verdicts(&evaluated).len();
    tell(&match still_open {
        0 => "no verdict is open\n".to_owned(),
        1 => "1 verdict is still open\n".to_owned(),
        count => format!("{count} verdicts are still open\n"),
    });
    let text: String = (answers.iter())
        .map(|fact| session.statement(fact) + "\n")
        .collect();
    match &arguments.answers {
        None => Ok(print(&text)),
        Some(file) => Ok(write(file, &text)),
    }
}

fn how_to_answer(session: &Session, question: &Question, decides: usize) -> String {
    let verdicts = match decides {
        1 => "decides 1 verdict".to_owned(),
        count => format!("decides {count} verdicts"),
    };
    let answers = session.context().how_to_answer(question);
    format!("[{verdicts}; {answers}; Enter leaves it open, q stops]")
}
