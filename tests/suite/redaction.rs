//! Certificates in which values are redacted: they show nothing of these values, verify still, and open one by one.

use crate::certificates::followed;
use crate::command::{Run, lexlog};
use crate::random::{run, session};
use crate::random_policy::random_policy;
use lexlog::ir::{Circumstances, Kind, RelationKind};
use lexlog::proof::certificate::{self, digest};
use lexlog::session::Checked;
use serde_json::{Value as Json, json};
use std::path::PathBuf;

const POLICY: &str = r#"
type Party
type Transfer
type Country = china | germany | korea
event transfer(id: Transfer -> exporter: Party, recipient: Party, worth: decimal, on: date)
input based_in(party: Party, country: Country)
input owns(owner: Party, owned: Party)
input noted(party: Party)
relation foreign(party: Party)
relation linked(one: Party, other: Party)
verdict licence(transfer: Transfer)
verdict neighbours(one: Party, other: Party)
verdict free(transfer: Transfer)
verdict large(transfer: Transfer)
verdict listed_recipient(transfer: Transfer)
verdict partners(transfer: Transfer, number: int)
notice law "Law" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Licence" {
        foreign(P) if based_in(P, C), C != china.
        linked(A, B) if owns(A, B).
        linked(A, C) if linked(A, B), owns(B, C).
        licence(T) if transfer(T, recipient: R), noted(O), linked(O, R).
    }
    clause 2 "Neighbours" { neighbours(A, B) if based_in(A, C), based_in(B, C), A != B. }
    clause 3 "Free" { free(T) if transfer(T, recipient: R), not noted(R). }
    clause 4 "Large" { large(T) if transfer(T, worth: W), W * 2 >= 1000. }
    clause 5 "List" { listed(bolt). listed_recipient(T) if transfer(T, recipient: R), listed(R). }
    clause 6 "Partners" { partners(T, N) if transfer(T, exporter: E), N = count { owns(E, _) }. }
    relation listed(party: Party)
}
"#;
const FACTS: &str = "transfer(t1, exporter: acme, recipient: zenith, worth: 700, on: 2025-03-01).
transfer(t2, exporter: acme, recipient: bolt, worth: 20, on: 2025-03-02).
based_in(acme, china). based_in(zenith, korea). based_in(bolt, korea).
owns(holding, middle). owns(middle, zenith). owns(acme, holding). owns(acme, middle). noted(holding).\n";

/// A folder with policy, facts and a secret.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        let desk = Desk {
            folder: tempfile::tempdir().expect("a folder"),
        };
        desk.write("law.lexlog", POLICY);
        desk.write("facts.lexlog", FACTS);
        desk.write("secret", "0123456789abcdef0123456789abcdef");
        desk
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("read")
    }

    fn shown(&self, run: Run) -> String {
        run.transcript().replace(&self.path(""), "")
    }

    fn explain(&self, atom: &str, fields: &[&str]) -> Run {
        let mut arguments: Vec<String> = ["explain", &self.path("law.lexlog"), atom, "--facts"]
            .map(str::to_owned)
            .to_vec();
        arguments.extend([self.path("facts.lexlog"), "--certificate".into()]);
        arguments.extend([self.path("it.json"), "--salt".into(), self.path("secret")]);
        for field in fields {
            arguments.extend(["--redact".to_owned(), (*field).to_owned()]);
        }
        lexlog(&arguments)
    }

    fn refusal(&self, atom: &str, field: &str) -> String {
        let run = self.explain(atom, &[field]);
        assert_eq!(run.code, 2, "{}", run.transcript());
        run.err.replace(&self.path(""), "")
    }

    fn verify(&self, more: &[&str]) -> String {
        let mut arguments = vec![
            "verify".to_owned(),
            self.path("it.json"),
            self.path("law.lexlog"),
        ];
        arguments.extend(more.iter().map(|it| match it.starts_with("--") {
            true => (*it).to_owned(),
            false => self.path(it),
        }));
        self.shown(lexlog(&arguments))
    }
}

const REDACTED: [&str; 2] = ["--redacted-facts", "it.redacted_facts.jsonl"];
const OPENED: [&str; 4] = ["--facts", "facts.lexlog", "--openings", "it.openings.json"];

#[test]
fn a_redacted_certificate_shows_nothing_of_what_it_redacts_and_is_accepted_both_ways() {
    let desk = Desk::new();
    let run = desk.explain("licence(t1)", &["transfer.recipient", "owns.owner"]);
    insta::assert_snapshot!(run.err.replace(&desk.path(""), ""), @"
    the certificate is in `it.json`
    the redacted facts are in `it.redacted_facts.jsonl`, and what opens them in `it.openings.json`: keep that to yourself, and give others the openings that they are to see
    ");
    let (certificate, facts) = (desk.read("it.json"), desk.read("it.redacted_facts.jsonl"));
    for value in ["zenith", "middle", "holding", "acme", "bolt"] {
        assert!(!certificate.contains(value), "{value} in {certificate}");
        assert!(!facts.contains(value), "{value} in {facts}");
        let bare = digest::of_bytes(value.as_bytes());
        assert!(!certificate.contains(&bare), "{value} can be guessed");
    }
    insta::assert_snapshot!(desk.verify(&REDACTED), @"
    accepted: licence(t1)
      licence(t1)
      3 steps and lists checked against policy and redacted facts: it follows, whatever the digests stand for,
      as long as different ones stand for different values, and none for a value that these facts show
    exit 0
    ");
    insta::assert_snapshot!(desk.verify(&OPENED), @"
    accepted: licence(t1)
      licence(t1)
      3 steps and lists checked against policy and facts, 5 redacted values opened
    exit 0
    ");
    // The same secret gives the same bytes, another one others.
    let before = [certificate, facts, desk.read("it.openings.json")];
    desk.explain("licence(t1)", &["transfer.recipient", "owns.owner"]);
    assert_eq!(
        before,
        ["it.json", "it.redacted_facts.jsonl", "it.openings.json"].map(|it| desk.read(it))
    );
    desk.write("secret", "another secret that nobody can guess");
    desk.explain("licence(t1)", &["transfer.recipient", "owns.owner"]);
    assert_ne!(before[0], desk.read("it.json"));
    insta::assert_snapshot!(desk.verify(&["--facts", "facts.lexlog"]), @"
    standard error:
    error: values are redacted in `it.json`: give `--redacted-facts FILE`, or `--facts` and `--openings FILE`
    exit 2
    ");
}

#[test]
fn redacted_values_are_opened_one_by_one() {
    let desk = Desk::new();
    desk.explain("licence(t1)", &["transfer.recipient", "owns.owner"]);
    let all: Json = serde_json::from_str(&desk.read("it.openings.json")).expect("JSON");
    let one = all["openings"]
        .as_array()
        .and_then(|all| all.iter().find(|it| it["value"] == "zenith"))
        .expect("it is redacted");
    let with = |openings: Json| {
        desk.write(
            "one.json",
            &json!({ "schema": 1, "openings": openings }).to_string(),
        );
        let given = [&REDACTED[..], &["--openings", "one.json"]].concat();
        let digest = one["redacted"].as_str().expect("a digest");
        desk.verify(&given)
            .replace(digest, "DIGEST")
            .replace(&digest[..8], "DIGE")
    };
    insta::assert_snapshot!(with(json!([one])), @"
    accepted: licence(t1)
      licence(t1)
      3 steps and lists checked against policy and redacted facts: it follows, whatever the digests stand for,
      as long as different ones stand for different values, and none for a value that these facts show
      opened: DIGE… is zenith (Party)
    exit 0
    ");
    // Another value under the same digest is no opening, and neither is one of a digest that stands nowhere.
    let mut forged = one.clone();
    forged["value"] = json!("acme");
    insta::assert_snapshot!(with(json!([forged])), @"
    rejected: `acme` does not open DIGEST: its digest is another
    exit 1
    ");
    let unused = opening("Party", "middle", "00");
    let digest = unused["redacted"].as_str().unwrap_or_default().to_owned();
    insta::assert_snapshot!(with(json!([unused])).replace(&digest, "OTHER"), @"
    rejected: OTHER stands for no Party in the redacted facts
    exit 1
    ");
    // With the facts, all openings are needed.
    desk.write(
        "one.json",
        &json!({ "schema": 1, "openings": [one] }).to_string(),
    );
    insta::assert_snapshot!(desk.verify(&["--facts", "facts.lexlog", "--openings", "one.json"]), @"
    rejected: with these openings, the facts do not come to the redacted facts of which it speaks
    exit 1
    ");
}

/// An opening that is right in itself.
fn opening(kind: &str, value: &str, salt: &str) -> Json {
    let digest = digest::of_bytes(format!("redacted\n{salt}\n{kind}\n{value}").as_bytes());
    json!({ "redacted": digest, "kind": kind, "value": value, "salt": salt })
}

#[test]
fn what_a_proof_computes_with_or_compares_is_not_redacted() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.refusal("large(t1)", "transfer.worth"), @"
    error: there is no certificate: item 1: `large(t1)`: a redacted value is compared with one that the policy names or works out: `W * 2 >= 1000` (law.lexlog:28)
    ");
    insta::assert_snapshot!(desk.refusal("foreign(zenith)", "based_in.country"), @"
    error: there is no certificate: item 1: `foreign(zenith) on 2025-01-01`: a redacted value is compared with one that the policy names or works out: `C != china` (law.lexlog:21)
    ");
    insta::assert_snapshot!(desk.refusal("listed_recipient(t2)", "transfer.recipient"), @"
    error: there is no certificate: item 2: `listed_recipient(t2)`: a redacted value is compared with one that the policy names or works out: `listed(R)` (law.lexlog:29)
    ");
    insta::assert_snapshot!(desk.refusal("licence(t1)", "transfer.on"), @"
    error: there is no certificate: the day of `transfer` decides which law applies, and is redacted
    ");
    // What they do not read, or only hold against each other, may be.
    for (atom, field) in [
        ("licence(t1)", "transfer.worth"),
        ("licence(t1)", "transfer.id"),
        ("neighbours(zenith, bolt)", "based_in.country"),
        ("neighbours(zenith, bolt)", "based_in.party"),
        ("free(t1)", "transfer.recipient"),
        ("partners(t1, 2)", "owns.owned"),
        ("partners(t1, 2)", "transfer.exporter"),
    ] {
        let run = desk.explain(atom, &[field]);
        assert_eq!(run.code, 0, "{atom} {field}: {}", run.transcript());
        for way in [&REDACTED[..], &OPENED[..]] {
            let verified = desk.verify(way);
            assert!(
                verified.starts_with("accepted"),
                "{atom} {field}: {verified}"
            );
        }
    }
}

#[test]
fn a_redaction_that_cannot_be_made_is_refused_plainly() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.refusal("licence(t1)", "transfer"), @"
    error[E0709]: `transfer` names no field of facts
     |
     = help: write RELATION.FIELD, such as `transfer.recipient`

    1 error
    ");
    insta::assert_snapshot!(desk.refusal("licence(t1)", "transfer.recipent"), @"
    error[E0706]: the policy has no field `transfer.recipent`
     |
     = help: did you mean `recipient`?

    1 error
    ");
    insta::assert_snapshot!(desk.refusal("licence(t1)", "licence.transfer"), @"
    error[E0710]: `licence.transfer` cannot be redacted: the policy concludes it,
                  and no fact gives it
     |
     = help: redact the value where a fact gives it: it is then redacted
             wherever it occurs

    1 error
    ");
    desk.write("secret", "short");
    insta::assert_snapshot!(desk.refusal("licence(t1)", "transfer.worth"), @"
    error: `secret` is too short: 16 bytes that nobody can guess are needed, such as `head -c 32 /dev/urandom` gives
    ");
    let policy = desk.path("law.lexlog");
    let bare = [
        "explain",
        &policy,
        "licence(t1)",
        "--redact",
        "transfer.worth",
    ];
    assert_eq!(lexlog(&bare).code, 2);
    let secret = desk.path("secret");
    let run = lexlog(&[&bare[..], &["--salt", &secret]].concat());
    insta::assert_snapshot!(desk.shown(run), @"
    standard error:
    error: only certificates are redacted: give `--certificate FILE` too
    exit 2
    ");
}

#[test]
fn forged_redactions_are_rejected() {
    let desk = Desk::new();
    desk.explain("free(t1)", &["transfer.recipient"]);
    let certificate: Json = serde_json::from_str(&desk.read("it.json")).expect("JSON");
    let facts = desk.read("it.redacted_facts.jsonl");
    // The facts are altered: `zenith` is noted all along.
    let digest = certificate.to_string();
    let at = digest
        .find("\"redacted\":\"")
        .expect("something is redacted")
        + 12;
    let token = &digest[at..at + 64];
    let line = format!("{{\"relation\":\"noted\",\"args\":[{{\"redacted\":\"{token}\"}}]}}\n");
    let altered = sorted(&(facts.clone() + &line));
    desk.write("it.redacted_facts.jsonl", &altered);
    insta::assert_snapshot!(desk.verify(&REDACTED), @"
    rejected: it is about other redacted facts: the digests differ
    exit 1
    ");
    // So is the certificate, with digests that are right.
    let mut forged = certificate.clone();
    forged["redacted_facts"]["sha256"] = json!(digest::of_bytes(altered.as_bytes()));
    fit_conclusion(&mut forged);
    desk.write("it.json", &forged.to_string());
    insta::assert_snapshot!(desk.verify(&REDACTED).replace(token, "TOKEN"), @"
    rejected: item 1: `free(t1)`: it does not follow by this rule from these premises
    exit 1
    ");
    // With the facts themselves, other redacted facts are found out at once.
    insta::assert_snapshot!(desk.verify(&OPENED), @"
    rejected: with these openings, the facts do not come to the redacted facts of which it speaks
    exit 1
    ");
    // A value that the facts show is redacted in one place: it is found out when that is opened.
    let forged_opening = opening("Party", "acme", "00");
    let other = forged_opening["redacted"].as_str().unwrap_or_default();
    let altered = sorted(&facts.replace(token, other));
    let mut forged: Json =
        serde_json::from_str(&certificate.to_string().replace(token, other)).expect("JSON");
    forged["redacted_facts"]["sha256"] = json!(digest::of_bytes(altered.as_bytes()));
    fit_conclusion(&mut forged);
    desk.write("it.json", &forged.to_string());
    desk.write("it.redacted_facts.jsonl", &altered);
    let file = json!({ "schema": 1, "openings": [forged_opening] });
    desk.write("it.openings.json", &file.to_string());
    assert!(desk.verify(&REDACTED).starts_with("accepted"));
    let opened = [&REDACTED[..], &["--openings", "it.openings.json"]].concat();
    insta::assert_snapshot!(desk.verify(&opened), @"
    rejected: 75a55f9089dd8fd00495788bdd47818193dcccd9f7ec032dfc205a8304d60d1a stands for `acme`, which the facts show too: one value would be taken for two
    exit 1
    ");
    insta::assert_snapshot!(desk.verify(&OPENED), @"
    rejected: with these openings, the facts do not come to the redacted facts of which it speaks
    exit 1
    ");
}

fn sorted(lines: &str) -> String {
    let mut lines: Vec<&str> = lines.lines().collect();
    lines.sort_unstable();
    lines.join("\n") + "\n"
}

/// Makes the digest of the conclusion right, as `CERTIFICATE.md` says.
fn fit_conclusion(certificate: &mut Json) {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![format!("policy {}", text(&certificate["policy"]["sha256"]))];
    for file in certificate["facts"].as_array().into_iter().flatten() {
        lines.push(format!("facts {}", text(&file["sha256"])));
    }
    let redacted = text(&certificate["redacted_facts"]["sha256"]);
    lines.push(format!("redacted facts {redacted}"));
    lines.push(format!(
        "conclusion {}",
        text(&certificate["conclusion"]["text"])
    ));
    let digest = digest::of_bytes((lines.join("\n") + "\n").as_bytes());
    certificate["conclusion"]["sha256"] = json!(digest);
}

/// Of random policies: whatever is redacted, what is certified is accepted, and names nothing that it redacts.
#[test]
fn random_certificates_are_redacted_and_accepted_or_refused_with_the_literal() {
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..60 {
        let random = random_policy(seed);
        let (session, facts) = session(&random.pieces, &random.facts());
        let evaluated = run(&session, &facts);
        let subject = session.subject(&facts, None).expect("facts have digests");
        let claims = followed(&session, &evaluated);
        let given = session.policy.relations.iter().filter(|it| {
            matches!(
                it.kind,
                Kind::Declared(RelationKind::Event | RelationKind::Input)
            )
        });
        let fields: Vec<String> = given
            .flat_map(|it| {
                it.fields
                    .iter()
                    .map(move |field| format!("{}.{}", it.name, field.name))
            })
            .collect();
        for (at, claim) in claims
            .iter()
            .step_by(claims.len().div_ceil(6).max(1))
            .enumerate()
        {
            for field in fields.iter().skip(at % 3).step_by(3) {
                let redaction = session
                    .redact(
                        &facts,
                        &subject,
                        std::slice::from_ref(field),
                        b"a secret of some length",
                    )
                    .expect("the field is there");
                let document = match session.certify(&evaluated, &subject, claim, Some(&redaction))
                {
                    Ok(document) => document,
                    Err(reason) => {
                        assert!(
                            reason.0.contains("redacted"),
                            "seed {seed}, {field}: {}\n{}\n{}",
                            reason.0,
                            random.policy(),
                            random.facts()
                        );
                        refused += 1;
                        continue;
                    }
                };
                let read = certificate::read(&document.to_string()).expect("a certificate");
                let subject = || read.subject().expect("a subject");
                let none = Circumstances::default();
                let ways = [
                    session.verify_redacted(&read, subject(), &redaction.facts, &[], &none),
                    session.verify(&read, subject(), &facts, &redaction.openings, &none),
                ];
                for way in ways {
                    assert!(
                        matches!(&way, Ok(Checked::Accepted(_))),
                        "seed {seed}, {field}: {way:?}\n{document:#}"
                    );
                }
                accepted += 1;
            }
        }
    }
    println!("{accepted} redacted certificates accepted, {refused} refused");
    assert!(accepted > 200 && refused > 20, "{accepted}, {refused}");
}

#[test]
fn the_certificates_of_a_run_share_redacted_facts_and_openings() {
    let desk = Desk::new();
    let (policy, facts, secret) = (
        desk.path("law.lexlog"),
        desk.path("facts.lexlog"),
        desk.path("secret"),
    );
    let folder = desk.path("all");
    let run = lexlog(&[
        "run",
        &policy,
        "--facts",
        &facts,
        "--certificates",
        &folder,
        "--redact",
        "transfer.id",
        "--salt",
        &secret,
    ]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("read") {
        let path: PathBuf = entry.expect("read").path();
        let name = path.file_name().map(|it| it.to_string_lossy().into_owned());
        if !name.is_some_and(|it| it.contains("_0")) {
            continue;
        }
        count += 1;
        let certificate = path.to_string_lossy().into_owned();
        let lines = format!("{folder}/redacted_facts.jsonl");
        let verified = lexlog(&["verify", &certificate, &policy, "--redacted-facts", &lines]);
        assert_eq!(verified.code, 0, "{}", verified.transcript());
    }
    assert!(count >= 5, "{count}");
}
