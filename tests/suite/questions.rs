//! The questions of the repository's cases: whoever answers them leaves nothing open, whatever the answers are.

use crate::cases::files_in;
use crate::command::root;
use lexlog::facts::Facts;
use lexlog::report::{Asked, Question, question_json};
use lexlog::session::{Found, Session, Sure, in_parallel, load};
use lexlog::value::Value;
use std::path::PathBuf;

/// The answer where a name is asked for.
const NEWCOMER: &str = "somebody";

#[test]
fn whoever_answers_the_questions_of_a_case_leaves_nothing_open() {
    std::env::set_current_dir(root()).expect("the root of the repository is there");
    let notices = vec![
        PathBuf::from("policies"),
        PathBuf::from("tests/cases/notices"),
    ];
    let language = files_in(&root().join("tests/cases/language"));
    let policies = language.into_iter().map(|file| vec![file]);
    let mut asked = 0;
    for files in policies.chain([notices]) {
        let session = load(&files);
        let cases: Vec<usize> = (0..session.policy.cases.len()).collect();
        let told = in_parallel(&cases, None, |case| questions_of(&session, *case));
        asked += told.into_iter().sum::<usize>();
    }
    assert!(asked > 50, "{asked}");
}

/// How many questions a case has; each is answered by its first possible answer, then each by its last.
fn questions_of(session: &Session, case: usize) -> usize {
    let Ok(evaluated) = session.run(&session.case_facts(case), &session.case_circumstances(case))
    else {
        return 0;
    };
    let questions = session.questions(&evaluated);
    if questions.is_empty() {
        return 0;
    }
    for last in [false, true] {
        let mut facts = session.case_facts(case);
        answer_all(session, &mut facts, &questions, last);
        let more = left(session, case, &facts);
        // A name that is heard of for the first time can raise questions about itself, and about nothing else.
        let strange = more
            .iter()
            .find(|asked| !is_about_a_newcomer(&asked.question));
        assert!(strange.is_none(), "{}: {strange:?}", title(session, case));
        answer_all(session, &mut facts, &more, last);
        let still = left(session, case, &facts);
        assert!(still.is_empty(), "{}: {still:?}", title(session, case));
    }
    questions.len()
}

/// The questions that are left; there are some where a verdict is open.
fn left(session: &Session, case: usize, facts: &Facts) -> Vec<Asked> {
    let evaluated = session.run(facts, &session.case_circumstances(case));
    let evaluated = evaluated.unwrap_or_else(|_| panic!("{}", title(session, case)));
    let questions = session.questions(&evaluated);
    let open = session.open_verdicts(&evaluated);
    // What lies beyond the calendar of working days is open, and nobody can be asked about it.
    let is_beyond = |found: &&Found| match &found.sure {
        Sure::Open(dependence) => dependence.working_days.is_some(),
        Sure::Follows | Sure::InEveryCase => false,
    };
    let told = open
        .iter()
        .filter(|found| !is_beyond(found))
        .map(|found| session.context().sentence(&found.claim));
    let told: Vec<String> = told.collect();
    assert!(
        told.is_empty() || !questions.is_empty(),
        "{}: {told:?}",
        title(session, case)
    );
    questions
}

fn is_about_a_newcomer(question: &Question) -> bool {
    question.args.contains(&Value::Name(NEWCOMER.into()))
}

fn answer_all(session: &Session, facts: &mut Facts, questions: &[Asked], last: bool) {
    for asked in questions {
        let answers = answers(session, &asked.question);
        let answer = if last {
            answers.last()
        } else {
            answers.first()
        };
        let answer = answer.expect("a question has an answer");
        answer_with(session, facts, &asked.question, answer);
    }
}

fn answer_with(session: &Session, facts: &mut Facts, question: &Question, answer: &str) {
    let fact = session.answer(facts, question, answer);
    let fact = fact.unwrap_or_else(|| panic!("`{answer}` is no answer: {question:?}"));
    // What was not known of a row gives way to what is known of it now.
    facts
        .list_mut()
        .retain(|other| !session.says_no_less(&fact, other));
    facts.list_mut().push(fact);
}

fn answers(session: &Session, question: &Question) -> Vec<String> {
    let context = session.context();
    if context.is_yes_or_no(question) {
        return vec!["y".into(), "n".into()];
    }
    let told = question_json(context, question);
    if let Some(members) = told.get("members").and_then(|it| it.as_array()) {
        let members = members.iter().filter_map(|member| member.as_str());
        return members.map(str::to_owned).collect();
    }
    let how = context.how_to_answer(question);
    match how.split_once("such as ") {
        Some((_, example)) => vec![example.to_owned()],
        None => vec![NEWCOMER.into()],
    }
}

fn title(session: &Session, case: usize) -> &str {
    &session.policy.cases[case].title
}
