//! What `explain` and `timeline` print as JSON has the form that is published.

use crate::command::{lexlog, root};
use lexlog::session::load;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The kinds of documents that there are.
const FORMS: [&str; 4] = ["answer", "answers", "timeline", "regimes"];

/// The published form, as a whole.
fn published() -> Json {
    let path = root().join("src/report/explain.schema.json");
    let text = std::fs::read_to_string(path).expect("the schema is there");
    serde_json::from_str(&text).expect("the schema is JSON")
}

/// The published form of one of the documents.
fn form(name: &str) -> jsonschema::Validator {
    let whole = published();
    assert!(jsonschema::validator_for(&whole).is_ok());
    let part = json!({ "$ref": format!("#/$defs/{name}"), "$defs": whole["$defs"] });
    jsonschema::validator_for(&part).expect("the schema is a schema")
}

fn assert_fits(form: &jsonschema::Validator, document: &Json) {
    let errors = form.iter_errors(document);
    let errors: Vec<String> = errors
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}\n{document:#}", errors.join("\n"));
}

/// The one document that a command prints.
fn document(arguments: &[&str]) -> Json {
    let run = lexlog(&[arguments, &["--format", "json"]].concat());
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.transcript());
    serde_json::from_str(&run.out).expect("it is one JSON document")
}

/// The answers in a document of `explain`.
fn answers(document: &Json) -> Vec<&Json> {
    match &document["answers"] {
        Json::Array(list) => list.iter().collect(),
        _ => vec![document],
    }
}

/// Every `kind`, `outcome` and `status` that there is in a document.
fn kinds(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(object) => {
            for (key, value) in object {
                if let (true, Some(text)) = (
                    ["kind", "outcome", "status"].contains(&key.as_str()),
                    value.as_str(),
                ) {
                    found.insert(format!("{key} {text}"));
                }
                kinds(value, found);
            }
        }
        Json::Array(list) => list.iter().for_each(|it| kinds(it, found)),
        _ => {}
    }
}

/// Cases whose proofs have every kind of step there is.
const ASKED: [&[&str]; 13] = [
    &[
        "policies",
        "--facts",
        "tests/examples/suzhou.lexlog",
        "licence_required(t1)",
    ],
    &[
        "policies",
        "--facts",
        "tests/examples/suzhou.lexlog",
        "licence_required(t1)",
        "--as-of",
        "2025-11-20",
    ],
    &[
        "policies",
        "--facts",
        "tests/examples/suzhou.lexlog",
        "licence_required(t1)",
        "--as-of",
        "2027-03-01",
    ],
    &[
        "policies",
        "--facts",
        "tests/examples/suzhou.lexlog",
        "licence_required(T)",
        "--all",
    ],
    &[
        "policies",
        "--facts",
        "tests/examples/suzhou.lexlog",
        "licence_required(t9)",
    ],
    &[
        "tests/examples/open_points.lexlog",
        "--facts",
        "tests/examples/open_points.facts.lexlog",
        "licence_required(T)",
    ],
    &[
        "tests/examples/settled.lexlog",
        "--case",
        "Nobody has said whether the pause goes on",
        "licence(t1)",
    ],
    &[
        "tests/examples/why_not.lexlog",
        "--case",
        "Deliveries",
        "licence(t2)",
    ],
    &[
        "tests/examples/why_not.lexlog",
        "--case",
        "Deliveries",
        "licence(T)",
    ],
    &[
        "tests/examples/why_not.lexlog",
        "--case",
        "Deliveries",
        "licence(t2)",
        "--limit",
        "1",
    ],
    &[
        "policies",
        "--facts",
        "policies/examples/magnet_maker",
        "outcome(T, _)",
    ],
    &[
        "policies",
        "--facts",
        "policies/examples/magnet_maker",
        "licence_required(T)",
        "--all",
        "--limit",
        "3",
    ],
    &[
        "policies",
        "--facts",
        "tests/examples/suzhou.lexlog",
        "licence_required(T)",
        "--as-of",
        "2025-11-20",
    ],
];

#[test]
fn what_explain_prints_has_the_published_form_whatever_it_says() {
    let whole = jsonschema::validator_for(&published()).expect("the schema is a schema");
    let mut found = BTreeSet::new();
    for arguments in ASKED {
        let document = document(&[&["explain"], arguments].concat());
        assert_fits(&whole, &document);
        kinds(&document, &mut found);
    }
    // What the cases of the language expect, asked as they ask it.
    std::env::set_current_dir(root()).expect("the root of the repository is there");
    for (path, titles) in cases() {
        for (title, atoms) in titles {
            for atom in atoms {
                let path = path.to_string_lossy();
                let run = lexlog(&[
                    "explain", &path, "--case", &title, &atom, "--format", "json",
                ]);
                if run.code != 0 {
                    continue;
                }
                let document = serde_json::from_str(&run.out);
                let document = document.expect("it is one JSON document");
                assert_fits(&whole, &document);
                kinds(&document, &mut found);
            }
        }
    }
    let wanted = [
        "kind rule",
        "kind fact",
        "kind absent",
        "kind compare",
        "kind aggregate",
        "kind exemption",
        "kind in_force",
        "kind judgement",
        "kind cases",
        "kind review",
        "kind no_match",
        "kind matches",
        "kind not_in_force",
        "kind exempt",
        "kind undecided",
        "outcome applies",
        "outcome fails",
        "status holds",
        "status open",
        "status absent",
    ];
    let missing: Vec<&str> = wanted
        .into_iter()
        .filter(|it| !found.contains(*it))
        .collect();
    assert!(missing.is_empty(), "{missing:?} of {found:?}");
}

/// For each file of the language's cases: its cases, each with the atoms that it expects.
fn cases() -> BTreeMap<PathBuf, Vec<(String, Vec<String>)>> {
    let folder = root().join("tests/cases/language");
    let files = std::fs::read_dir(folder).expect("read");
    let files = files.map(|it| it.expect("read").path());
    let policies = files.filter(|it| it.extension().is_some_and(|it| it == "lexlog"));
    let read = policies.map(|path| {
        let session = load(std::slice::from_ref(&path));
        let context = session.context();
        let cases = session.policy.cases.iter().map(|case| {
            let claims = case
                .expects
                .iter()
                .filter_map(|expect| match &expect.claim {
                    lexlog::ir::ExpectClaim::Query(query) => {
                        let pattern = lexlog::session::pattern_of(query);
                        let day = query.on.map_or(String::new(), |day| format!(" on {day}"));
                        Some(context.pattern_atom(&pattern) + &day)
                    }
                    lexlog::ir::ExpectClaim::Never(_) => None,
                });
            (
                case.title.clone(),
                claims.collect::<BTreeSet<_>>().into_iter().collect(),
            )
        });
        let cases: Vec<(String, Vec<String>)> = cases.collect();
        (path, cases)
    });
    read.collect()
}

#[test]
fn what_timeline_prints_has_the_published_form() {
    let atoms: [&[&str]; 2] = [
        &[
            "policies",
            "--facts",
            "tests/examples/suzhou.lexlog",
            "licence_required(t1)",
        ],
        &[
            "policies",
            "--facts",
            "tests/examples/suzhou.lexlog",
            "--brief",
            "licence_required(T)",
        ],
    ];
    for arguments in atoms {
        let document = document(&[&["timeline"], arguments].concat());
        assert_fits(&form("timeline"), &document);
    }
    let document = document(&["timeline", "policies"]);
    assert_fits(&form("regimes"), &document);
}

#[test]
fn explain_prints_one_document_however_many_answers_there_are() {
    let explain = |arguments: &[&str]| document(&[&["explain"], arguments].concat());
    let fees = |atom| {
        explain(&[
            "tests/cases/language/replaced_for_a_time.lexlog",
            "--case",
            "The clause that replaces has days of its own, and stands as the old one on those of the replacement",
            atom,
        ])
    };
    // Several answers, each with its own proof.
    let several = fees("fee(T, _)");
    let list = answers(&several);
    assert!(list.len() > 3 && list.iter().all(|it| it["proof"].is_object()));
    let atoms: BTreeSet<String> = list.iter().map(|it| it["atom"].to_string()).collect();
    assert_eq!(atoms.len(), list.len(), "{atoms:?}");
    // A list of one, where one is asked for by a pattern; none, where the fact itself is named.
    assert_eq!(&fees("fee(d2, 20)"), list[2]);
    assert_eq!(fees("fee(d2, _)")["answers"], json!([list[2]]));
    // Why not: an entry of the same list, or, of the fact itself, the answer.
    let absent = explain(ASKED[12]);
    assert_eq!(answers(&absent).len(), 1);
    assert_eq!(absent["answers"][0]["status"], "absent");
    assert!(absent["answers"][0]["nearest"].is_object());
    assert_eq!(explain(ASKED[4])["status"], "absent");
}

#[test]
fn no_document_has_two_forms() {
    let forms = FORMS.map(form);
    let count = |document: &Json| forms.iter().filter(|form| form.is_valid(document)).count();
    let samples = [
        document(&[&["explain"], ASKED[0]].concat()),
        document(&[&["explain"], ASKED[3]].concat()),
        document(&[
            "timeline",
            "policies",
            "--facts",
            ASKED[0][2],
            "--brief",
            ASKED[0][3],
        ]),
        document(&["timeline", "policies"]),
        json!({ "schema": 1, "answers": [] }),
        json!({ "schema": 1, "answers": [], "more": 0 }),
        json!({ "schema": 1, "regimes": [] }),
    ];
    for sample in &samples {
        assert_eq!(count(sample), 1, "{sample:#}");
    }
    assert_eq!(count(&json!([])) + count(&json!({})), 0);
}

#[test]
fn what_has_another_form_is_told_apart() {
    let answer = form("answer");
    let mut document = document(&[&["explain"], ASKED[0]].concat());
    assert!(answer.is_valid(&document));
    document["proof"]["steps"][0]["colour"] = json!("red");
    assert!(!answer.is_valid(&document));
    document["proof"]["steps"][0]
        .as_object_mut()
        .map(|it| it.remove("colour"));
    document["status"] = json!("absent");
    assert!(!answer.is_valid(&document));
}
