//! Certificates of what holds in every case, though by another rule each time: the cases leave nothing out.

use crate::certificates::{followed, schema};
use crate::command::lexlog;
use crate::random::{run, session};
use crate::random_policy::{open_policy, presuming_policy};
use lexlog::ir::{Circumstances, Kind, RelationId, RelationKind};
use lexlog::proof::Claim;
use lexlog::proof::certificate;
use lexlog::session::{Checked, Evaluated, Session, Sure};
use serde_json::{Value as Json, json};
use std::fs;

/// What holds in every case, though it follows only once something is settled.
pub fn in_every_case(session: &Session, evaluated: &Evaluated) -> Vec<Claim> {
    let relations = session.policy.relations.iter().enumerate();
    let concluded = relations.filter(|(_, relation)| {
        matches!(
            relation.kind,
            Kind::Declared(RelationKind::Relation | RelationKind::Verdict)
        )
    });
    let found = concluded.flat_map(|(at, _)| session.all(evaluated, RelationId(at as u32)));
    let always = found.filter(|found| found.sure == Sure::InEveryCase);
    always.map(|found| found.on(None)).collect()
}

/// Two readings of a pause, and a word that only a person can decide.
const POLICY: &str = r#"
type Party
type Transfer
event transfer(id: Transfer -> recipient: Party, on: date)
input foreign(party: Party)
judgement pause_extended reads "the pause is extended"
judgement sensitive(party: Party) reads "{party} is sensitive"
verdict examined(transfer: Transfer) reads "{transfer} is examined"
verdict reported(transfer: Transfer) reads "{transfer} is reported"

notice law "Law" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "A licence" { examined(T) if transfer(T, R, _), foreign(R). }
}
notice pause "Pause" {
    published 2025-06-01
    effective 2025-06-01
    suspends law from 2025-07-01 through 2025-12-31 if pause_extended
    clause 1 "A report in the meantime" {
        reported(T) if transfer(T, _, _), pause_extended.
        examined(T) if reported(T), transfer(T, R, _), sensitive(R).
    }
    clause 2 "A sample of the others" { examined(T) if reported(T), transfer(T, R, _), not sensitive(R). }
}
"#;
const FACTS: &str = "transfer(t1, acme, 2025-08-05). foreign(acme). transfer(t2, bolt, 2025-08-05).\nsensitive(bolt).\n";

/// What is changed in the cases of a document, in words, and the change.
type Forgery<'a> = (&'a str, &'a dyn Fn(&mut Json));

/// That a judgement is so, or is not.
fn assumed(relation: &str, args: &[&str], holds: bool) -> Json {
    json!({ "relation": relation, "args": args, "holds": holds })
}

/// What each case of a document assumes.
fn assumptions(document: &Json) -> String {
    let cases = document["cases"].as_array().expect("it has cases").iter();
    let lines = cases.map(|case| case["assumes"].to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// A folder with a policy, facts and a certificate.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub fn new(policy: &str, facts: &str) -> Desk {
        let desk = Desk {
            folder: tempfile::tempdir().expect("a folder"),
        };
        fs::write(desk.path("law.lexlog"), policy).expect("written");
        fs::write(desk.path("facts.lexlog"), facts).expect("written");
        desk
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    fn run(&self, arguments: &[&str]) -> String {
        let (law, facts) = (self.path("law.lexlog"), self.path("facts.lexlog"));
        let arguments = arguments.iter().map(|it| match *it {
            "LAW" => law.clone(),
            "FACTS" => facts.clone(),
            "ALL" => self.path("all"),
            name if name.ends_with(".json") => self.path(name),
            other => other.to_owned(),
        });
        let arguments: Vec<String> = arguments.collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let told = lexlog(&arguments).transcript();
        told.replace(&self.path(""), "")
    }

    pub fn certify(&self, atom: &str) -> String {
        let told = self.run(&[
            "explain",
            "LAW",
            "--facts",
            "FACTS",
            atom,
            "--certificate",
            "it.json",
        ]);
        let is_told = |line: &&str| line.contains("certificate") || line.starts_with("exit");
        told.lines().filter(is_told).collect::<Vec<_>>().join("\n")
    }

    pub fn document(&self) -> Json {
        let text = fs::read_to_string(self.path("it.json")).expect("it is there");
        serde_json::from_str(&text).expect("it is JSON")
    }

    pub fn verify(&self, document: &Json) -> String {
        fs::write(self.path("forged.json"), document.to_string()).expect("written");
        self.run(&["verify", "forged.json", "LAW", "--facts", "FACTS"])
    }
}

#[test]
fn a_verdict_that_holds_under_both_readings_has_a_certificate() {
    let desk = Desk::new(POLICY, FACTS);
    insta::assert_snapshot!(desk.certify("examined(t1)"), @"
    the certificate is in `it.json`
    exit 0
    ");
    let document = desk.document();
    assert!(schema().is_valid(&document), "{document:#}");
    insta::assert_snapshot!(assumptions(&document), @r#"
    [{"relation":"pause_extended","args":[],"holds":true},{"relation":"sensitive","args":["acme"],"holds":true}]
    [{"relation":"pause_extended","args":[],"holds":true},{"relation":"sensitive","args":["acme"],"holds":false}]
    [{"relation":"pause_extended","args":[],"holds":false}]
    "#);
    insta::assert_snapshot!(desk.verify(&document), @"
    accepted: examined(t1)
      t1 is examined
      it holds however these are decided:
        the pause is extended
        acme is sensitive
      3 cases, 5 steps and lists in all, checked against policy and facts
    exit 0
    ");
    insta::assert_snapshot!(desk.run(&[
        "run", "LAW", "--facts", "FACTS", "--certificates", "ALL",
    ]), @"
    t1 is examined [law/1, pause/1, pause/2]
    open: t2 is examined [pause/1]: holds if the pause is extended
    open: t1 is reported [pause/1]: holds if the pause is extended
    open: t2 is reported [pause/1]: holds if the pause is extended
    standard error:
    1 more verdict would hold but for a suspension (--with-suspended shows them)
    exit 0
    ");
    let written = fs::read_dir(desk.path("all")).expect("a folder").count();
    assert_eq!(written, 1);
}

#[test]
fn a_certificate_by_cases_is_rejected_where_it_leaves_something_out_or_assumes_what_cannot_be() {
    let desk = Desk::new(POLICY, FACTS);
    desk.certify("examined(t1)");
    let good = desk.document();
    let altered = |alter: &dyn Fn(&mut Json)| {
        let mut forged = good.clone();
        alter(&mut forged["cases"]);
        desk.verify(&forged)
    };
    let forged: [Forgery<'_>; 14] = [
        ("the last case is left out", &|cases| {
            _ = cases.as_array_mut().and_then(Vec::pop);
        }),
        ("an assumption says the contrary", &|cases| {
            cases[0]["assumes"][0]["holds"] = json!(false);
        }),
        ("a case assumes more", &|cases| {
            let more = assumed("sensitive", &["acme"], true);
            let list = cases[2]["assumes"].as_array_mut();
            list.expect("a list").push(more);
        }),
        ("two cases have each other's items", &|cases| {
            let first = cases[0]["items"].take();
            cases[0]["items"] = cases[1]["items"].take();
            cases[1]["items"] = first;
        }),
        ("a case assumes one thing both ways", &|cases| {
            let other = assumed("pause_extended", &[], false);
            let list = cases[0]["assumes"].as_array_mut();
            list.expect("a list").push(other);
        }),
        ("what is assumed is no judgement", &|cases| {
            for case in cases.as_array_mut().expect("a list") {
                case["assumes"][0]["relation"] = json!("foreign");
                case["assumes"][0]["args"] = json!(["bolt"]);
            }
        }),
        ("what is assumed stands in the facts", &|cases| {
            for case in cases.as_array_mut().expect("a list") {
                case["assumes"][0] =
                    assumed("sensitive", &["bolt"], case["assumes"][0]["holds"] == true);
            }
        }),
        ("what is assumed is about nobody there is", &|cases| {
            for case in cases.as_array_mut().expect("a list") {
                case["assumes"][0] = assumed(
                    "sensitive",
                    &["nobody"],
                    case["assumes"][0]["holds"] == true,
                );
            }
        }),
        ("what is assumed has too many fields", &|cases| {
            cases[0]["assumes"][0]["args"] = json!(["acme"]);
        }),
        ("an assumption does not say which way", &|cases| {
            cases[0]["assumes"][0] = json!({ "relation": "pause_extended", "args": [] });
        }),
        ("what is assumed is what facts tell", &|cases| {
            for case in cases.as_array_mut().expect("a list") {
                case["assumes"][0] = json!({
                    "relation": "foreign", "args": ["acme"], "field": "party", "is": "bolt",
                });
            }
        }),
        ("an item is left out", &|cases| {
            _ = cases[1]["items"].as_array_mut().and_then(Vec::pop);
        }),
        ("there are no cases", &|cases| *cases = json!([])),
        ("the order of the cases is another", &|cases| {
            cases.as_array_mut().expect("a list").reverse();
        }),
    ];
    let told = forged.map(|(what, alter)| format!("{what}:\n{}", altered(alter)));
    insta::assert_snapshot!(told.join("\n"), @"
    the last case is left out:
    rejected: no case covers that `sensitive(acme)` is so and `pause_extended` is not so
    exit 1
    an assumption says the contrary:
    rejected: no case covers that `pause_extended` is so and `sensitive(acme)` is so
    exit 1
    a case assumes more:
    rejected: no case covers that `sensitive(acme)` is not so and `pause_extended` is not so
    exit 1
    two cases have each other's items:
    rejected: case 1: item 2: `examined(t1)`: it does not follow by this rule from these premises
    exit 1
    a case assumes one thing both ways:
    rejected: case 1: `pause_extended` is assumed one way and another
    exit 1
    what is assumed is no judgement:
    rejected: case 1: nothing can be assumed of `foreign(bolt)`: `foreign` is no judgement
    exit 1
    what is assumed stands in the facts:
    rejected: case 1: nothing can be assumed of `sensitive(bolt)`: the facts assert it
    exit 1
    what is assumed is about nobody there is:
    rejected: case 1: nothing can be assumed of `sensitive(nobody)`: a value in it is none that policy and facts name
    exit 1
    what is assumed has too many fields:
    rejected: case 1: `pause_extended` does not have 1 field
    exit 1
    an assumption does not say which way:
    rejected: case 1: what is assumed is either that a judgement holds or not, or what a field is
    exit 1
    what is assumed is what facts tell:
    rejected: case 1: nothing can be assumed of `party` of `foreign(acme)`: `party` is known
    exit 1
    an item is left out:
    rejected: case 2: `examined(t1)`: no step shows it
    exit 1
    there are no cases:
    standard error:
    error: `forged.json`: it must have either `given` and `items`, or `cases`
    exit 2
    the order of the cases is another:
    accepted: examined(t1)
      t1 is examined
      it holds however these are decided:
        the pause is extended
        acme is sensitive
      3 cases, 5 steps and lists in all, checked against policy and facts
    exit 0
    ");
}

#[test]
fn a_row_that_nobody_gave_is_there_with_values_that_nobody_knows() {
    let law = "type Item\ninput good(item: Item)\ninput mass(item: Item -> mass: int or unknown)\n\
               verdict weighed(item: Item)\n\
               weighed(I) if good(I), mass(I, M), ( M > 3 or good(I) ).\n";
    let desk = Desk::new(law, "good(i1).\ngood(i2).\nmass(i2, 3).\n");
    insta::assert_snapshot!(desk.certify("weighed(i1)"), @"
    the certificate is in `it.json`
    exit 0
    ");
    insta::assert_snapshot!(desk.verify(&desk.document()), @"
    accepted: weighed(i1)
      weighed(i1)
      one step checked against policy and facts
    exit 0
    ");
}

#[test]
fn what_is_assumed_about_many_things_is_checked_within_bounds() {
    let desk = Desk::new(
        "type Thing\ninput known(x: Thing)\njudgement j(x: Thing)\nverdict v(x: Thing)\n\
         v(X) if known(X), j(X).\nv(X) if known(X), not j(X).\n",
        &(0..40)
            .map(|at| format!("known(t{at}).\n"))
            .collect::<String>(),
    );
    desk.certify("v(t0)");
    let mut document = desk.document();
    let case = document["cases"][0].clone();
    // A case for each two of many judgements: nobody sees at a glance what these leave out.
    let pairs = (0..40).flat_map(|one| (one + 1..40).map(move |two| (one, two)));
    let cases = pairs.map(|(one, two)| {
        let (first, second) = (format!("t{one}"), format!("t{two}"));
        let mut case = case.clone();
        case["assumes"] = json!([
            assumed("j", &[&first], (one + two) % 3 == 0),
            assumed("j", &[&second], one % 2 == 0),
        ]);
        case
    });
    document["cases"] = cases.collect();
    let began = std::time::Instant::now();
    let told = desk.verify(&document);
    assert!(told.starts_with("rejected: "), "{told}");
    assert!(began.elapsed().as_secs() < 60, "{told}");
}

#[test]
fn where_a_value_is_not_known_each_one_of_a_closed_set_has_a_case() {
    let law = "type Item\ntype Kind = raw < worked < finished\nunit kg\n\
               input good(item: Item -> kind: Kind or unknown, sealed: bool or unknown)\n\
               input mass(item: Item -> mass: decimal kg or unknown)\n\
               verdict listed(item: Item)\nverdict weighed(item: Item)\n\
               listed(I) if good(I, K, _), K < finished.\n\
               listed(I) if good(I, finished, true).\n\
               listed(I) if good(I, finished, false).\n\
               weighed(I) if mass(I, M), M > 3 kg.\nweighed(I) if mass(I, M), M <= 3 kg.\n";
    let desk = Desk::new(law, "good(i1).\ngood(i2, raw).\nmass(i1).\n");
    insta::assert_snapshot!(desk.certify("weighed(i1)"), @"
    error: there is no certificate: its cases turn on the mass of item i1, and not every value of that can be named
    exit 2
    ");
    insta::assert_snapshot!(desk.certify("listed(i1)"), @"
    the certificate is in `it.json`
    exit 0
    ");
    let good = desk.document();
    assert!(schema().is_valid(&good), "{good:#}");
    insta::assert_snapshot!(assumptions(&good), @r#"
    [{"relation":"good","args":["i1",{"unknown":true},{"unknown":true}],"field":"kind","is":"raw"}]
    [{"relation":"good","args":["i1",{"unknown":true},{"unknown":true}],"field":"kind","is":"worked"}]
    [{"relation":"good","args":["i1",{"unknown":true},{"unknown":true}],"field":"kind","is":"finished"},{"relation":"good","args":["i1","finished",{"unknown":true}],"field":"sealed","is":"true"}]
    [{"relation":"good","args":["i1",{"unknown":true},{"unknown":true}],"field":"kind","is":"finished"},{"relation":"good","args":["i1","finished",{"unknown":true}],"field":"sealed","is":"false"}]
    "#);
    insta::assert_snapshot!(desk.verify(&good), @"
    accepted: listed(i1)
      listed(i1)
      it holds however these are decided:
        the kind of item i1
        “sealed” is true of item i1
      4 cases, 4 steps and lists in all, checked against policy and facts
    exit 0
    ");
    let altered = |alter: &dyn Fn(&mut Json)| {
        let mut forged = good.clone();
        alter(&mut forged["cases"]);
        desk.verify(&forged)
    };
    let forged: [Forgery<'_>; 4] = [
        ("a value is left out", &|cases| {
            _ = cases.as_array_mut().map(|cases| cases.remove(0));
        }),
        ("a value is another", &|cases| {
            cases[0]["assumes"][0]["is"] = json!("finished");
        }),
        (
            "the field of another row is filled in, which is known",
            &|cases| {
                for case in cases.as_array_mut().expect("a list") {
                    case["assumes"][0]["args"][0] = json!("i2");
                }
            },
        ),
        ("a field that is known is filled in", &|cases| {
            for case in cases.as_array_mut().expect("a list") {
                case["assumes"][0]["args"][1] = json!("raw");
            }
        }),
    ];
    let told = forged.map(|(what, alter)| format!("{what}:\n{}", altered(alter)));
    insta::assert_snapshot!(told.join("\n"), @"
    a value is left out:
    rejected: no case covers that `kind` of `good(i1, unknown, unknown)` is raw
    exit 1
    a value is another:
    rejected: no case covers that `kind` of `good(i1, unknown, unknown)` is raw
    exit 1
    the field of another row is filled in, which is known:
    rejected: case 1: nothing can be assumed of `kind` of `good(i2, unknown, unknown)`: the facts do not leave that open
    exit 1
    a field that is known is filled in:
    rejected: case 1: nothing can be assumed of `kind` of `good(i1, raw, unknown)`: `kind` is known
    exit 1
    ");
}

/// To an open policy: what holds one way or the other.
pub const BOTH_WAYS: &str = r#"
relation either(x: Thing)
relation coloured(x: Thing)
relation mixed(x: Thing)
relation bright(x: Thing)
relation counted(x: Thing, number: int)
relation seen(h: Happening)
relation seen_by(h: Happening)
either(X) if a(X), j(X).
either(X) if Thing(X), not j(X).
either(X) if b(X, _).
coloured(X) if u(X, K), K > red.
coloured(X) if u(X, red), n(X, _).
coloured(X) if u(X, red), not n(X, _).
mixed(X) if g, either(X).
mixed(X) if not g, coloured(X).
mixed(X) if a(X), j(X), u(X, red).
bright(X) if a(X), not u(X, blue).
bright(X) if u(X, K), K >= green.
counted(X, N) if a(X), N = count { either(_) }.
notice x1 "Sight" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Seen" { seen(H) if ev(H, _, _, _). }
}
notice x2 "Pause" {
    published 2025-01-01
    effective 2025-01-01
    suspends x1 from 2025-01-05 through 2025-01-25 if g
    clause 1 "Seen all the same" { seen(H) if ev(H, X, _, _), g, mixed(X). }
    clause 2 "Seen by others" { seen(H) if ev(H, _, _, _), g, not seen_by(H). }
    clause 3 "By whom" { seen_by(H) if ev(H, X, _, _), mixed(X). }
}
"#;

#[test]
fn what_holds_in_random_policies_in_which_much_is_open_is_certified() {
    let (mut all, mut refused) = (0, 0);
    let schema = schema();
    for seed in 0..150 {
        let mut open = match seed % 3 {
            0 => presuming_policy(seed),
            _ => open_policy(seed),
        };
        open.random.pieces.push(BOTH_WAYS.into());
        let (session, facts) = session(&open.random.pieces, &open.open_facts());
        let evaluated = run(&session, &facts);
        let subject = session.subject(&facts, None).expect("facts have digests");
        for claim in followed(&session, &evaluated).iter().step_by(4) {
            let told = session.certify(&evaluated, &subject, claim, None);
            let shown = || {
                format!(
                    "seed {seed}\n{}\n{}",
                    open.random.policy(),
                    open.open_facts()
                )
            };
            assert!(told.is_ok(), "{told:?}: {claim:?}\n{}", shown());
        }
        for claim in in_every_case(&session, &evaluated) {
            let words = session.context().atom(claim.relation, &claim.args);
            let shown = || {
                let policy = open.random.policy();
                format!("seed {seed}: {words}\n{policy}\n{}", open.open_facts())
            };
            let document = match session.certify_by_cases(&evaluated, &subject, &claim) {
                Ok(document) => document,
                Err(reason) => {
                    let known = [
                        "not every value of that can be named",
                        "a value in it is not known",
                    ];
                    let is_known = known.iter().any(|it| reason.0.contains(it));
                    assert!(is_known, "{}\n{}", reason.0, shown());
                    refused += 1;
                    continue;
                }
            };
            assert!(schema.is_valid(&document), "{}\n{document:#}", shown());
            let document = certificate::read(&document.to_string()).expect("it can be read");
            let about = document.subject().expect("it can be read");
            let checked = session.verify(&document, about, &facts, &[], &Circumstances::default());
            match checked.expect("the facts can stand together") {
                Checked::Accepted(accepted) => assert_eq!(accepted.claim, claim, "{}", shown()),
                Checked::Rejected(rejection) => panic!("{rejection:?}\n{}", shown()),
            }
            all += 1;
        }
    }
    assert!(all > 50 && refused < all, "{all} {refused}");
}
