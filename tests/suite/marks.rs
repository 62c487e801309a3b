//! What rests on a clause beyond the day up to which that was reviewed, or on an unverified one, is marked in every format.

use crate::command::lexlog;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;

const POLICY: &str = "tests/examples/marked.lexlog";
const FACTS: &str = "tests/examples/marked.facts.lexlog";

fn told(arguments: &[&str]) -> String {
    let run = lexlog(
        &[
            &arguments[..1],
            &[POLICY, "--facts", FACTS],
            &arguments[1..],
        ]
        .concat(),
    );
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.transcript());
    run.out
}

#[test]
fn verdicts_say_on_which_marks_they_rest() {
    insta::assert_snapshot!(told(&["run"]), @r#"
    t1 is checked [law/7]
    t2 is checked [law/7] (beyond review)
    t3 is checked [law/7]
    t4 is checked [law/7] (beyond review)
    t1 is free [law/6]
    t2 is free [law/6]
    t4 is free [law/6] (beyond review; unverified: press only)
    t3 requires a licence [law/1] (unverified: press only)
    t1 is notified [law/3]
    t2 is notified [law/3] (beyond review)
    t3 is notified [law/3]
    t4 is notified [law/3] (beyond review)
    open: t1 is refused [law/4] (unverified: a translation, not "the" text): holds if bolt serves a military
    open: t2 is refused [law/4] (beyond review; unverified: a translation, not "the" text): holds if bolt serves a military
    open: t3 is refused [law/4] (unverified: a translation, not "the" text): holds if acme serves a military
    open: t4 is refused [law/4] (beyond review; unverified: a translation, not "the" text): holds if acme serves a military
    "#);
}

/// The marks of each verdict in the output of `run --format json`, by its sentence.
fn marks_of(verdicts: &Json) -> BTreeMap<String, String> {
    let words = |verdict: &Json| {
        let beyond = verdict["beyond_review"]
            .as_bool()
            .map(|_| "beyond review".to_owned());
        let reasons = verdict["unverified"].as_array().into_iter().flatten();
        let unverified = reasons.map(|it| format!("unverified: {}", it.as_str().expect("a text")));
        beyond
            .into_iter()
            .chain(unverified)
            .collect::<Vec<_>>()
            .join("; ")
    };
    let list = verdicts.as_array().expect("a list");
    list.iter()
        .map(|it| (it["text"].as_str().expect("a text").to_owned(), words(it)))
        .collect()
}

#[test]
fn data_have_the_same_marks_as_the_text() {
    let text = told(&["run"]);
    let json: Json = serde_json::from_str(&told(&["run", "--format", "json"])).expect("JSON");
    let marks = marks_of(&json["verdicts"]);
    assert_eq!(marks.len(), text.lines().count());
    for (sentence, marks) in &marks {
        let mut lines = text.lines().filter(|line| line.contains(sentence.as_str()));
        let line = lines.next().expect("it is told");
        let told = line.split_once("] (").map_or("", |(_, marks)| marks);
        assert!(
            told.starts_with(marks) && told.is_empty() == marks.is_empty(),
            "{line}: {marks}"
        );
    }
    let answers = told(&["run", "--query", "free(T)", "--format", "json"]);
    let json: Json = serde_json::from_str(&answers).expect("JSON");
    assert_eq!(
        marks_of(&json["queries"][0]["answers"])["t4 is free"],
        "beyond review; unverified: press only"
    );
}

#[test]
fn a_table_has_a_column_of_marks() {
    let folder = tempfile::tempdir().expect("a folder");
    told(&["run", "--out", &folder.path().to_string_lossy()]);
    let table = fs::read_to_string(folder.path().join("free.csv")).expect("it is written");
    insta::assert_snapshot!(table, @r#"
    transfer,_status,_marks
    t1,holds,
    t2,holds,
    t4,holds,beyond review; unverified: press only
    "#);
    let table = told(&["run", "--format", "csv", "--query", "refused(t2)"]);
    insta::assert_snapshot!(table, @r#"
    _verdict,transfer,_status,_marks
    refused,t2,open,"beyond review; unverified: a translation, not ""the"" text"
    "#);
}

#[test]
fn an_explanation_has_marks_in_every_format() {
    for format in ["text", "json", "markdown", "html", "dot"] {
        // Lines may end within words that belong together; in DOT they end with `\l`.
        let holds = told(&["explain", "free(t4)", "--format", format]).replace("\\l", " ");
        assert!(holds.contains("press only"), "{format}: {holds}");
        assert!(
            holds.contains("was reviewed up to 2025-06-30"),
            "{format}: {holds}"
        );
        let open = told(&["explain", "refused(t2)", "--format", format]);
        assert!(open.contains("translation"), "{format}: {open}");
        let unmarked = told(&["explain", "notified(t1)", "--format", format]);
        assert!(!unmarked.contains("beyond"), "{format}: {unmarked}");
    }
    for (atom, marks) in [
        ("free(t4)", true),
        ("refused(t2)", true),
        ("notified(t1)", false),
    ] {
        let json: Json =
            serde_json::from_str(&told(&["explain", atom, "--format", "json"])).expect("JSON");
        assert_eq!(json["beyond_review"] == true, marks, "{json:#}");
        assert_eq!(json["unverified"].is_array(), marks, "{json:#}");
    }
}

#[test]
fn a_page_shows_marks_beside_the_clauses() {
    let page = told(&["run", "--format", "html"]);
    assert!(page.contains("<span class=\"warning\">unverified: press only</span>"));
    assert!(page.contains("<span class=\"warning\">beyond review</span>"));
}
