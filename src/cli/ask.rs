//! `lexlog ask`: what is not known and changes a verdict.

use super::Outcome;
use super::arguments::{Ask, Format};
use super::bad_rows::{self, Printed};
use super::commands::{one, open, refuse, with_cases, world};
use super::output::{pretty, print, tell, write};
use super::outputs::Outputs;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::facts::Facts;
use crate::ir::{Circumstances, Fact};
use crate::report::{Question, questions_json, questions_text};
use crate::session::Session;
use crate::source::{read_line, reason, write_whole};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// `lexlog ask`
pub(super) fn ask(arguments: &Ask) -> Outcome {
    let Some(mut session) = open(
        &with_cases(&arguments.policy, &arguments.cases),
        &arguments.when.means,
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
    if let Some(problem) = (arguments.answers.as_ref()).and_then(|it| no_place(arguments, it)) {
        tell(&format!("error: {problem}\n"));
        return Ok(Outcome::Refused);
    }
    let case = arguments.case.as_deref();
    let mut aside = arguments.bad_rows.aside();
    let read = world(
        session,
        &arguments.when,
        &arguments.facts,
        case,
        aside.as_mut(),
    );
    let (facts, circumstances) = read?;
    let mut outputs = Outputs::default();
    if let Some(file) = arguments.bad_rows.file() {
        outputs.file("--bad-rows", file);
    }
    if let Some(file) = &arguments.answers {
        outputs.file("--answers", file);
    }
    outputs.check(session, None).map_err(one)?;
    let set_aside = match bad_rows::written(aside) {
        Ok(set_aside) => set_aside,
        Err(outcome) => return Ok(outcome),
    };
    if arguments.interactive {
        // The answers are facts: nothing stands among them.
        bad_rows::tell(set_aside.as_ref(), Printed::AsItIs);
        return in_turn(arguments, session, facts, &circumstances);
    }
    let evaluated = session.run(&facts, &circumstances)?;
    let asked = session.questions(&evaluated);
    let presumed = session.presumed(&evaluated, &facts)?;
    let context = session.context();
    let printed = print(&match arguments.format {
        Format::Text => questions_text(context, &asked, &presumed),
        Format::Json => {
            let mut questions = questions_json(context, &asked, &presumed);
            bad_rows::add(set_aside.as_ref(), &mut questions);
            pretty(&questions)
        }
    });
    bad_rows::tell(set_aside.as_ref(), arguments.format.into());
    Ok(printed)
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
    let mut input = io::stdin().lock();
    let mut evaluated = session.run(&facts, circumstances)?;
    loop {
        let asked = session.questions(&evaluated);
        let next = (asked.iter()).find(|asked| !left_open.contains(&asked.question));
        let Some(next) = next else {
            break;
        };
        tell(&format!(
            "{} {}\n",
            session.context().question(&next.question),
            how_to_answer(session, &next.question, next.verdicts())
        ));
        let line = match read_line(&mut input).map(String::from_utf8) {
            Ok(Ok(line)) if !line.is_empty() => line,
            _ => break,
        };
        match line.trim() {
            "q" | "quit" => break,
            "" => {
                left_open.insert(next.question.clone());
            }
            answer => match session.answer(&facts, &next.question, answer) {
                Some(fact) => {
                    let mut with_answer = facts.clone();
                    with_answer.push(fact.clone());
                    evaluated = match session.run(&with_answer, circumstances) {
                        Ok(evaluated) => evaluated,
                        Err(problems) if problems.list.iter().all(is_clash) => {
                            refuse(session, &problems);
                            tell(
                                "with this answer the policy contradicts itself: it is not taken\n",
                            );
                            left_open.insert(next.question.clone());
                            continue;
                        }
                        Err(problems) => return Err(problems),
                    };
                    facts = with_answer;
                    answers.retain(|earlier| !session.says_no_less(&fact, earlier));
                    answers.push(fact);
                    // What was answered is kept, whatever becomes of the rest.
                    if let Some(file) = &arguments.answers
                        && write(file, &statements(session, &answers)) != Outcome::Fine
                    {
                        return Ok(Outcome::Refused);
                    }
                }
                None => {
                    let context = session.context();
                    tell(&format!("{}\n", context.no_answer(&next.question, answer)));
                }
            },
        }
    }
    let still_open = session.open_verdicts(&evaluated).len();
    tell(&match still_open {
        0 => "no verdict is open\n".to_owned(),
        1 => "1 verdict is still open\n".to_owned(),
        count => format!("{count} verdicts are still open\n"),
    });
    Ok(match &arguments.answers {
        None => print(&statements(session, &answers)),
        Some(_) => Outcome::Fine,
    })
}

/// Whether a policy cannot be applied to facts because of what it presumes or concludes of them.
fn is_clash(problem: &Diagnostic) -> bool {
    ["E0607", "E0608"].contains(&problem.code)
}

fn statements(session: &Session, answers: &[Fact]) -> String {
    let statements = answers.iter().map(|fact| session.statement(fact) + "\n");
    statements.collect()
}

/// Why answers cannot be written to a file, told before the first question is put.
fn no_place(arguments: &Ask, file: &Path) -> Option<String> {
    let name = file.display();
    if file
        .extension()
        .is_none_or(|extension| extension != "lexlog")
    {
        return Some(format!(
            "answers are written as facts in Lexlog: `{name}` must end in `.lexlog`"
        ));
    }
    if file.exists() && !arguments.overwrite {
        return Some(format!(
            "`{name}` is there already; name another file, or say --overwrite"
        ));
    }
    if is_read(arguments, file) {
        return Some(format!(
            "`{name}` is read for these questions, and answers would replace it; name another file"
        ));
    }
    let reason = match file.is_dir() {
        true => Some("it is a folder".to_owned()),
        false => is_writable(file).err().map(|error| reason(&error)),
    };
    reason.map(|reason| format!("`{name}` cannot be written: {reason}"))
}

/// Whether a file is one of those that are read, or stands in a folder of them.
fn is_read(arguments: &Ask, file: &Path) -> bool {
    let Ok(file) = file.canonicalize() else {
        return false;
    };
    let facts = arguments.facts.iter().map(|facts| {
        let after = facts.split_once('=').map(|(_, file)| file);
        PathBuf::from(after.unwrap_or(facts))
    });
    let read = [&arguments.policy]
        .into_iter()
        .chain(&arguments.cases)
        .cloned();
    let mut read = read
        .chain(facts)
        .filter_map(|path| path.canonicalize().ok());
    read.any(|path| file.starts_with(path))
}

/// Whether a file can be written where it is to stand; leaves nothing there.
fn is_writable(file: &Path) -> io::Result<()> {
    let mut name = OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(".tried");
    let tried = file.with_file_name(name);
    write_whole(&tried, b"").and_then(|()| fs::remove_file(&tried))
}

fn how_to_answer(session: &Session, question: &Question, decides: usize) -> String {
    let verdicts = match decides {
        1 => "decides 1 verdict".to_owned(),
        count => format!("decides {count} verdicts"),
    };
    let answers = session.context().how_to_answer(question);
    format!("[{verdicts}; {answers}; Enter leaves it open, q stops]")
}
