//! Certificates: every one that is made is accepted, and none that was altered so that its claim is false.

use crate::cases::files_in;
use crate::command::{Run, lexlog, root};
use crate::random::{run, session};
use crate::random_policy::random_policy;
use lexlog::facts::Facts;
use lexlog::ir::{Kind, RelationId, RelationKind};
use lexlog::proof::Claim;
use lexlog::session::{Evaluated, Session, load};
use lexlog::value::FIRST_DAY;
use std::path::PathBuf;

/// Every fact that follows; of a standing one, the first day of each stretch.
pub fn followed(session: &Session, evaluated: &Evaluated) -> Vec<Claim> {
    let mut claims = Vec::new();
    evaluated.with_world(&session.policy, |world| {
        for (at, relation) in session.policy.relations.iter().enumerate() {
            if !matches!(
                relation.kind,
                Kind::Declared(RelationKind::Relation | RelationKind::Verdict)
            ) {
                continue;
            }
            let relation_id = RelationId(at as u32);
            let known = vec![None; relation.fields.len()];
            for args in world.extension.matching(relation_id, &known, None) {
                let days = match relation.standing {
                    true => world.extension.days_of(relation_id, &args),
                    false => Vec::new(),
                };
                let days: Vec<_> = days.iter().map(|(from, _)| Some(*from)).collect();
                let days = if relation.standing { days } else { vec![None] };
                claims.extend(days.into_iter().map(|day| Claim {
                    relation: relation_id,
                    args: args.clone(),
                    day,
                }));
            }
        }
    });
    claims
}

/// The published form of certificates.
pub fn schema() -> jsonschema::Validator {
    let path = root().join("src/proof/certificate/certificate.schema.json");
    let text = std::fs::read_to_string(path).expect("the schema is there");
    let schema = serde_json::from_str(&text).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is a schema")
}

fn certified(
    session: &Session,
    evaluated: &Evaluated,
    facts: &Facts,
    most: usize,
) -> (usize, Vec<String>) {
    let subject = session.subject(facts, None).expect("facts have digests");
    let mut refused = Vec::new();
    let schema = schema();
    let mut claims = followed(session, evaluated);
    // What always held is certified for a day that people write.
    for claim in &mut claims {
        claim.day = claim.day.filter(|day| *day > FIRST_DAY);
    }
    let every = claims.len().div_ceil(most).max(1);
    let mut count = 0;
    for claim in claims.iter().step_by(every) {
        count += 1;
        let certified = session.certify(evaluated, &subject, claim, None);
        if let Ok(document) = &certified {
            let errors = schema.iter_errors(document);
            let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{}\n{document:#}", errors.join("\n"));
        }
        if let Err(reason) = certified {
            refused.push(format!(
                "{}: {}",
                session.context().atom(claim.relation, &claim.args),
                reason.0
            ));
        }
    }
    (count, refused)
}

#[test]
fn what_follows_in_the_cases_is_certified() {
    std::env::set_current_dir(root()).expect("the root of the repository is there");
    let session = load(&[
        PathBuf::from("policies"),
        PathBuf::from("tests/cases/notices"),
    ]);
    let mut all = 0;
    let mut refused = Vec::new();
    for at in 0..session.policy.cases.len() {
        let (facts, circumstances) = (session.case_facts(at), session.case_circumstances(at));
        let evaluated = session.run(&facts, &circumstances).expect("the case runs");
        let (count, reasons) = certified(&session, &evaluated, &facts, 8);
        all += count;
        refused.extend(reasons);
    }
    assert!(
        refused.is_empty(),
        "{} of {all}:\n{}",
        refused.len(),
        refused[..refused.len().min(40)].join("\n")
    );
}

#[test]
fn what_follows_in_random_policies_is_certified() {
    let mut all = 0;
    for seed in 0..200 {
        let random = random_policy(seed);
        let (session, facts) = session(&random.pieces, &random.facts());
        let evaluated = run(&session, &facts);
        let (count, refused) = certified(&session, &evaluated, &facts, 200);
        all += count;
        assert!(
            refused.is_empty(),
            "seed {seed}\n{}\n{}\n{}",
            refused.join("\n"),
            random.policy(),
            random.facts()
        );
    }
    assert!(all > 1_000, "{all}");
}

#[test]
fn what_holds_on_every_day_is_certified_for_a_day_that_people_write() {
    let law = "type Party\ninput owns(owner: Party, owned: Party) dated
relation controls(a: Party, b: Party)\ncontrols(A, B) if owns(A, B).\n";
    let given = "owns(a, b). owns(a, c) through 2025-05-05. owns(a, d) from 2024-01-01.\n";
    let (session, facts) = session(&[law.to_owned()], given);
    let evaluated = run(&session, &facts);
    let subject = session.subject(&facts, None).expect("facts have digests");
    let claims = followed(&session, &evaluated).into_iter();
    let texts = claims.map(|claim| {
        let claim = Claim { day: None, ..claim };
        let document = session.certify(&evaluated, &subject, &claim, None);
        let document = document.expect("it has a certificate");
        assert!(schema().is_valid(&document), "{document:#}");
        document["conclusion"]["text"]
            .as_str()
            .expect("a text")
            .to_owned()
    });
    insta::assert_snapshot!(texts.collect::<Vec<_>>().join("\n"), @"
    controls(a, b) on 2000-01-01
    controls(a, c) on 2025-05-05
    controls(a, d) on 2024-01-01
    ");
}

/// What is presumed where something else holds, as policies and cases say it.
pub const PRESUMED: &str = r"
judgement j(x: Thing)
input size(x: Thing -> v: int or unknown)
relation large(x: Thing)
relation judged(x: Thing)
relation not_judged(x: Thing)
presume j(X) if a(X).
presume not j(X) if b(X, _), not a(X).
presume size(X, 3) if a(X), not judged(X).
presume size(X, 1) if b(X, _), not a(X).
large(X) if size(X, V), V > 2.
judged(X) if a(X), b(X, X).
not_judged(X) if not j(X), Thing(X).
";
/// To the facts of a random policy.
pub const PRESUMED_FACTS: &str = "\nsize(t0, _). size(t1, 2). not j(t1). size(t2, _).\n";

#[test]
fn what_is_presumed_where_something_holds_is_certified() {
    let mut all = 0;
    let mut told = Vec::new();
    let settled = root().join("tests/examples/settled.lexlog");
    let policies = files_in(&root().join("tests/cases/language")).into_iter();
    for policy in policies.chain([settled]) {
        let session = load(std::slice::from_ref(&policy));
        assert!(!session.diagnostics.has_errors(), "{}", policy.display());
        for at in 0..session.policy.cases.len() {
            let (facts, circumstances) = (session.case_facts(at), session.case_circumstances(at));
            let evaluated = session.run(&facts, &circumstances).expect("the case runs");
            let (count, refused) = certified(&session, &evaluated, &facts, 200);
            all += count;
            let title = &session.policy.cases[at].title;
            told.extend(refused.into_iter().map(|it| format!("{title}: {it}")));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
    for seed in 0..60 {
        let random = random_policy(seed);
        let pieces = [random.pieces.as_slice(), &[PRESUMED.into()]].concat();
        let given = random.facts() + PRESUMED_FACTS;
        let (session, facts) = session(&pieces, &given);
        let evaluated = run(&session, &facts);
        let (count, refused) = certified(&session, &evaluated, &facts, 200);
        all += count;
        assert!(
            refused.is_empty(),
            "seed {seed}\n{}\n{}\n{given}",
            refused.join("\n"),
            pieces.join("\n")
        );
    }
    assert!(all > 300, "{all}");
}

const POLICY: &str = r#"
type Party
type Transfer
event transfer(id: Transfer -> recipient: Party, on: date)
input foreign(party: Party)
judgement harmless(party: Party)
relation listed(party: Party)
verdict licence(transfer: Transfer)
verdict free(transfer: Transfer)
verdict many(transfer: Transfer, number: int)
notice law "Law" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Licence" {
        licence(T) if transfer(T, R, _), foreign(R), listed(R).
        exempt T from 1 if transfer(T, R, _), harmless(R).
    }
    clause 2 "List" { listed(acme). listed(bolt). }
    clause 3 "Free" { free(T) if transfer(T, _, _), not licence(T). }
    clause 4 "Many" { many(T, N) if transfer(T, _, _), N = count { listed(_) }. }
}
notice pause "Pause" {
    published 2025-06-01
    effective 2025-06-01
    suspends law/2 from 2025-06-01 through 2025-06-30
}
"#;
const FACTS: &str = "transfer(t1, acme, 2025-03-01). transfer(t2, bolt, 2025-03-01). transfer(t3, acme, 2025-06-10).
foreign(acme). foreign(bolt). harmless(bolt). not harmless(acme).\n";

#[test]
fn a_certificate_is_written_and_verified_from_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (policy, facts) = (path("law.lexlog"), path("facts.lexlog"));
    std::fs::write(&policy, POLICY).expect("written");
    std::fs::write(&facts, FACTS).expect("written");
    let shown = |run: Run| run.transcript().replace(&path(""), "");
    for (atom, name) in [
        ("licence(t1)", "licence.json"),
        ("free(t2)", "free.json"),
        ("many(t3, N)", "many.json"),
    ] {
        let certificate = path(name);
        let arguments = [
            "explain",
            &policy,
            "--facts",
            &facts,
            atom,
            "--certificate",
            &certificate,
        ];
        let run = lexlog(&arguments);
        assert_eq!(run.code, 0, "{}", run.transcript());
        let run = lexlog(&["verify", &certificate, &policy, "--facts", &facts]);
        assert_eq!(run.code, 0, "{}", run.transcript());
    }
    let certificate = path("free.json");
    insta::assert_snapshot!(
        "certificate_of_free",
        std::fs::read_to_string(&certificate)
            .expect("read")
            .replace(&path(""), "")
    );
    let verify = || {
        shown(lexlog(&[
            "verify",
            &certificate,
            &policy,
            "--facts",
            &facts,
        ]))
    };
    insta::assert_snapshot!(verify(), @"
    accepted: free(t2)
      free(t2)
      3 steps and lists checked against policy and facts
    exit 0
    ");
    // Layout and comments mean nothing.
    std::fs::write(
        &policy,
        POLICY.replace(
            "foreign(R), listed(R)",
            "foreign(R),   # a word\n listed(R)",
        ),
    )
    .expect("written");
    insta::assert_snapshot!(verify(), @"
    accepted: free(t2)
      free(t2)
      3 steps and lists checked against policy and facts
    exit 0
    ");
    std::fs::write(&policy, POLICY.replace("not licence(T)", "not many(T, _)")).expect("written");
    insta::assert_snapshot!(verify(), @"
    rejected: it is about another policy: the digests differ
    exit 1
    ");
    std::fs::write(&policy, POLICY).expect("written");
    std::fs::write(&facts, FACTS.replace("harmless(bolt)", "harmless(acme)")).expect("written");
    insta::assert_snapshot!(verify(), @"
    rejected: it is about other facts: `facts.lexlog` is not what `facts.lexlog` was then
    exit 1
    ");
    std::fs::write(&facts, FACTS).expect("written");
    let text = std::fs::read_to_string(&certificate).expect("read");
    std::fs::write(
        &certificate,
        text.replace("not licence(T)", "not many(T, _)"),
    )
    .expect("written");
    insta::assert_snapshot!(verify(), @"
    rejected: item 3: that clause has no such rule
    exit 1
    ");
    std::fs::write(&certificate, "{}").expect("written");
    insta::assert_snapshot!(verify(), @"
    standard error:
    error: `free.json`: it does not have the form of a certificate: see line 1, column 2
    exit 2
    ");
    let folder = path("all");
    let run = lexlog(&["run", &policy, "--facts", &facts, "--certificates", &folder]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let mut written: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("read")
        .map(|it| it.expect("read").path())
        .collect();
    written.sort();
    assert_eq!(written.len(), 6);
    for certificate in written {
        let certificate = certificate.to_string_lossy().into_owned();
        assert_eq!(
            lexlog(&["verify", &certificate, &policy, "--facts", &facts]).code,
            0
        );
    }
}

#[test]
fn what_is_no_certificate_is_refused_plainly() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (policy, facts, good) = (path("law.lexlog"), path("facts.lexlog"), path("good.json"));
    std::fs::write(&policy, POLICY).expect("written");
    std::fs::write(&facts, FACTS).expect("written");
    let explain = |atom: &str, certificate: &str| {
        let arguments = [
            "explain",
            &policy,
            "--facts",
            &facts,
            atom,
            "--certificate",
            certificate,
        ];
        lexlog(&arguments).err.replace(&path(""), "")
    };
    insta::assert_snapshot!(explain("licence(t1)", &good), @"
    the certificate is in `good.json`
    ");
    insta::assert_snapshot!(explain("licence(t2)", &path("absent.json")), @"
    error: there is no certificate of what does not hold
    ");
    insta::assert_snapshot!(explain("many(T, N)", &path("several.json")), @"
    error: 3 answers match, and a certificate is about one: name it, or write all with `run --certificates`
    ");
    insta::assert_snapshot!(explain("licence(t1)", &path("nowhere/it.json")), @"
    error: `nowhere/it.json` cannot be written: there is no such file or folder
    ");
    let good: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&good).expect("read")).expect("it is JSON");
    let altered = |place: &str, value: serde_json::Value| {
        let mut altered = good.clone();
        *altered.pointer_mut(place).expect("the place is there") = value;
        altered.to_string()
    };
    let verify = |text: &str| {
        let certificate = path("it.json");
        std::fs::write(&certificate, text).expect("written");
        let run = lexlog(&["verify", &certificate, &policy, "--facts", &facts]);
        run.transcript().replace(&path(""), "")
    };
    insta::assert_snapshot!(verify(&"[".repeat(100_000)), @"
    standard error:
    error: `it.json`: it does not have the form of a certificate: see line 1, column 1
    exit 2
    ");
    insta::assert_snapshot!(verify("\u{0}"), @"
    standard error:
    error: `it.json`: it is no JSON: see line 1, column 1
    exit 2
    ");
    insta::assert_snapshot!(verify(&altered("/schema", 2.into())), @"
    standard error:
    error: `it.json`: it is a certificate of form 2; this program reads form 1
    exit 2
    ");
    insta::assert_snapshot!(verify(&altered("/as_of", "2025-02-30".into())), @"
    standard error:
    error: `it.json`: `2025-02-30` is no day
    exit 2
    ");
    insta::assert_snapshot!(verify(&altered("/without", serde_json::json!(["pase"]))), @"
    standard error:
    error[E0706]: the policy has no notice `pase`
     |
     = help: did you mean `pause`?

    1 error
    exit 2
    ");
    insta::assert_snapshot!(verify(&altered("/conclusion/args/0", "t2".into())), @"
    rejected: the digest of its conclusion is another
    exit 1
    ");
    insta::assert_snapshot!(verify(&altered("/items", serde_json::json!([]))), @"
    rejected: `licence(t1)`: no step shows it
    exit 1
    ");
}
