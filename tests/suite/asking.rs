//! What a user sees of what is not known: open verdicts, proofs by cases, questions and answers.

use crate::command::{Run, lexlog, lexlog_in_with_input, lexlog_with_input, root};
use std::fs;

const POLICY: &str = "tests/examples/open_points.lexlog";
const FACTS: &str = "tests/examples/open_points.facts.lexlog";

fn told(name: &str, run: &Run) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("tests/examples/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, run.transcript()));
}

#[test]
fn open_verdicts_say_on_what_they_depend() {
    told("run", &lexlog(&["run", POLICY, "--facts", FACTS]));
    let json = ["run", POLICY, "--facts", FACTS, "--format", "json"];
    told("run_json", &lexlog(&json));
}

#[test]
fn a_value_between_two_things_is_asked_for_by_a_sentence_with_a_gap() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let policy = folder.path().join("policy.lexlog");
    let law = "type Firm\ninput owned(firm: Firm, by: Firm -> share: decimal % or unknown)\n\
               reads \"{by} owns {share} of {firm}\"\nverdict held(firm: Firm)\n\
               held(F) if owned(firm: F, by: acme, share: S), S >= 50%.\n\
               case \"c\" { owned(shop, acme). expect open held(shop). }\n";
    std::fs::write(&policy, law).expect("the folder can be written to");
    let policy = policy.to_str().expect("a path in plain letters");
    insta::assert_snapshot!(lexlog(&["ask", policy, "--case", "c"]).transcript(), @r#"
    1. What is the share in “acme owns … of acme”?
       decides: held(acme)
    2. What is the share in “acme owns … of shop”?
       decides: held(shop)
    exit 0
    "#);
}

#[test]
fn what_holds_in_every_case_is_proved_case_by_case() {
    let explain = |atom: &str| lexlog(&["explain", POLICY, "--facts", FACTS, atom]);
    told("explain_in_every_case", &explain("licence_required(t1)"));
    told("explain_open", &explain("licence_required(t3)"));
}

#[test]
fn what_relations_that_exclude_each_other_decide_is_not_asked() {
    let policy = "tests/cases/language/unknown_values_that_exclude_each_other.lexlog";
    let case = "No mass is known: what cannot be so is absent, and the seal does not matter";
    let run = lexlog(&["ask", policy, "--case", case]);
    assert!(!run.out.contains("sealed"), "{}", run.out);
    assert!(!run.out.contains("in_a_circle"), "{}", run.out);
    assert!(run.out.contains("decides: in_order(c1)"), "{}", run.out);
}

#[test]
fn unknown_values_that_meet_are_asked_for_and_shown_by_example() {
    let policy = "tests/cases/language/unknown_values_together.lexlog";
    let about = |command: &str, case: &str, atom: Option<&str>| {
        let arguments = [command, policy, "--case", case];
        let run = lexlog(&[&arguments[..], atom.as_slice()].concat());
        run.transcript()
    };
    insta::assert_snapshot!(about("ask", "Neither mass is known", None), @"
    1. What is the mass of crate c1 (gross)?
       decides: c1 is bulky
       decides: c1 is full
       decides: the masses of c1 are plausible
    2. What is the mass of crate c1 (tare)?
       decides: c1 is bulky
       decides: c1 is full
       decides: the masses of c1 are plausible
    3. What is the day of crate c1 (packed)?
       decides: c1 was sealed late
    4. What is the day of crate c1 (sealed)?
       decides: c1 was sealed late
    exit 0
    ");
    insta::assert_snapshot!(about("ask", "One mass is known", None), @"
    1. What is the mass of crate c1 (tare)?
       decides: c1 is bulky
       decides: c1 is full
       decides: the masses of c1 are plausible
    2. What is the day of crate c1 (packed)?
       decides: c1 was sealed late
    3. What is the day of crate c1 (sealed)?
       decides: c1 was sealed late
    exit 0
    ");
    insta::assert_snapshot!(about("ask", "Both masses are known, and neither day", None), @"
    1. What is the day of crate c1 (packed)?
       decides: c1 was sealed late
    2. What is the day of crate c1 (sealed)?
       decides: c1 was sealed late
    exit 0
    ");
    insta::assert_snapshot!(about("explain", "Neither mass is known", Some("weighed(c1)")), @"
    c1 was weighed
      in every case, whatever is not known:

    if the mass of crate c1 (gross) is 0 kg, for example, and the mass of crate c1
    (tare) is at most -20 kg:
      c1 was weighed
      │ the definition at tests/cases/language/unknown_values_together.lexlog:18
      └─ heavier(c1)
         │ the definition at tests/cases/language/unknown_values_together.lexlog:16
         ├─ c1 weighs 0 kg as packed
         │    fact, assumed: nobody has said so
         ├─ c1 weighs -20 kg when empty
         │    fact, assumed: nobody has said so
         └─ G > T: 0 kg > -20 kg

    if the mass of crate c1 (gross) is 0 kg, for example, and the mass of crate c1
    (tare) is more than -20 kg and less than 0 kg:
      c1 was weighed
      │ the definition at tests/cases/language/unknown_values_together.lexlog:18
      └─ heavier(c1)
         │ the definition at tests/cases/language/unknown_values_together.lexlog:16
         ├─ c1 weighs 0 kg as packed
         │    fact, assumed: nobody has said so
         ├─ c1 weighs -10 kg when empty
         │    fact, assumed: nobody has said so
         └─ G > T: 0 kg > -10 kg

    if the mass of crate c1 (gross) is 0 kg, for example, and the mass of crate c1
    (tare) is at least 0 kg and at most 25 kg:
      c1 was weighed
      │ the definition at tests/cases/language/unknown_values_together.lexlog:19
      ├─ c1 weighs 0 kg as packed
      │    fact, assumed: nobody has said so
      ├─ c1 weighs 0 kg when empty
      │    fact, assumed: nobody has said so
      └─ G <= T: 0 kg <= 0 kg

    if the mass of crate c1 (gross) is 0 kg, for example, and the mass of crate c1
    (tare) is more than 25 kg:
      c1 was weighed
      │ the definition at tests/cases/language/unknown_values_together.lexlog:19
      ├─ c1 weighs 0 kg as packed
      │    fact, assumed: nobody has said so
      ├─ c1 weighs 26 kg when empty
      │    fact, assumed: nobody has said so
      └─ G <= T: 0 kg <= 26 kg
    exit 0
    ");
}

#[test]
fn an_event_is_named_by_its_kind_in_a_question() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("law.lexlog");
    let policy = "type Sale\n\
        event sale(id: Sale -> price: int or unknown, on: date)\n\
        verdict dear(sale: Sale)\n\
        dear(S) if sale(S, price: P), P > 100.\n\
        case \"No price\" { sale(s1, _, 2025-03-01). expect open dear(s1). }\n";
    fs::write(&path, policy).expect("written");
    let path = path.to_string_lossy();
    let run = lexlog(&["ask", &path, "--case", "No price"]);
    insta::assert_snapshot!(run.transcript(), @"
    1. What is the price of sale s1?
       decides: dear(s1)
    exit 0
    ");
}

#[test]
fn a_question_says_what_can_be_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path.to_string_lossy().into_owned()
    };
    let policy = write(
        "law.lexlog",
        "type Firm\n\
        type Colour = red | green | blue\n\
        unit kg\n\
        input firm(firm: Firm -> abroad: bool or unknown, flag: Colour or unknown, share: decimal % or unknown)\n\
        input founded(firm: Firm -> day: date or unknown, owner: Firm or unknown)\n\
        verdict far(firm: Firm)\n\
        verdict at_home(firm: Firm)\n\
        verdict reddish(firm: Firm)\n\
        verdict large(firm: Firm)\n\
        verdict old(firm: Firm)\n\
        verdict own(firm: Firm)\n\
        far(F) if firm(F, abroad: true).\n\
        at_home(F) if firm(F, abroad: A), A = false.\n\
        reddish(F) if firm(F, flag: C), C in [red, green].\n\
        large(F) if firm(F, share: S), S > 50%.\n\
        old(F) if founded(F, day: D), D < 2000-01-01.\n\
        own(F) if founded(F, owner: F).\n",
    );
    let facts = write("v.facts.lexlog", "firm(v, _, _, _). founded(v, _, _).\n");
    let run = lexlog(&["ask", &policy, "--facts", &facts]);
    insta::assert_snapshot!(run.transcript());
    let run = lexlog(&["run", &policy, "--facts", &facts]);
    insta::assert_snapshot!(run.transcript());
    let answers = folder.path().join("answers.lexlog");
    let answers = answers.to_string_lossy();
    let run = lexlog_with_input(
        &[
            "ask",
            &policy,
            "--facts",
            &facts,
            "--interactive",
            "--answers",
            &answers,
        ],
        "purple\nno\nyes\nred\n51 %\nlong ago\n1999-12-31\nv\n",
    );
    insta::assert_snapshot!(run.transcript());
    insta::assert_snapshot!(fs::read_to_string(&*answers).expect("the answers are written"), @"
    firm(v, false, red, 51%).
    founded(v, 1999-12-31, v).
    ");
    let files = ["--facts", &facts, "--facts", &answers];
    let run = lexlog(&[&["run", &*policy][..], &files].concat());
    insta::assert_snapshot!(run.transcript(), @"
    at_home(v)
    large(v)
    old(v)
    own(v)
    reddish(v)
    exit 0
    ");
}

#[test]
fn what_judgements_and_presumptions_decide_is_cited() {
    let asked = [
        (
            "The pause has ended, and a bank is presumed not to be careful",
            "licence(t1)",
            "pause_has_ended",
        ),
        ("The pause goes on", "licence(t1)", "pause_goes_on"),
        (
            "Nobody has said whether the pause goes on",
            "licence(t1)",
            "pause_is_open",
        ),
        (
            "After the pause in any case",
            "licence(t1)",
            "after_the_pause",
        ),
        ("No bank", "licence(t1)", "presumed_careful"),
        (
            "A size that nobody knows is presumed where the chip comes from the east",
            "small(lamp)",
            "presumed_value",
        ),
    ];
    for (case, atom, name) in asked {
        let policy = "tests/examples/settled.lexlog";
        let run = lexlog(&["explain", policy, "--case", case, atom]);
        told(&format!("settled_{name}"), &run);
    }
}

#[test]
fn a_why_not_tells_what_is_in_the_way() {
    let asked = [
        ("licence(t2)", "none_of_these"),
        ("parts(box, 2)", "another_count"),
        ("parts(box, 4)", "one_more"),
        ("heavy(lock)", "a_greater_sum"),
        ("largest(lock, _)", "nothing_found"),
        ("licence(t9)", "no_such_event"),
        ("report_due(t1)", "not_exempted"),
        ("report_due(t2)", "nothing_to_be_exempted"),
        ("free(t3)", "exempted_by_what_replaces"),
    ];
    for (atom, name) in asked {
        let policy = "tests/examples/why_not.lexlog";
        let run = lexlog(&["explain", policy, "--case", "Deliveries", atom]);
        told(&format!("why_not_{name}"), &run);
    }
}

#[test]
fn the_nearest_ways_are_tried_and_told() {
    let nearest = |facts: &str, atom: &str, more: &[&str]| {
        let folder = tempfile::TempDir::new().expect("there is room for a folder");
        let path = folder.path().join("facts.lexlog");
        fs::write(&path, facts).expect("the facts are written");
        let file = path.to_str().expect("the path is text");
        let fixed = ["explain", POLICY, "--facts", file, atom];
        let told = lexlog(&[fixed.as_slice(), more].concat()).out;
        let at = told.find("Nearest ways").or(told.find("No way"));
        told[at.expect("it says so")..].to_owned()
    };
    let facts = "transfer(t1, acme, drone, 2025-05-05). chip(drone, 28 nm). not military_potential(drone). not dual(drone).";
    insta::assert_snapshot!(nearest(facts, "licence_required(t1)", &[]), @"
    Nearest ways to make it hold (3 changes of the facts were tried):
    - if it is judged that drone is of dual use
    - if it is judged that drone has potential military applications
    - if drone is a 14 nm chip (instead of 28 nm, 14 nm less)
    ");
    let early =
        "transfer(t1, acme, drone, 2024-05-05). chip(drone, 7 nm). not military_potential(drone).";
    insta::assert_snapshot!(nearest(early, "licence_required(t1)", &["--limit", "1"]), @"
    Nearest ways to make it hold (2 changes of the facts were tried):
    - if t1 hands drone to acme on 2025-01-01 (instead of 2024-05-05, 241 days
      later)
    ");
}

#[test]
fn a_value_that_fails_is_followed_to_the_facts_it_is_worked_out_of() {
    let folder = tempfile::TempDir::new().expect("there is room for a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (policy, facts) = (path("law.lexlog"), path("facts.lexlog"));
    let law = r#"
type Item
type Country = china | germany
type Transfer
event transfer(id: Transfer -> item: Item, on: date) reads "{id} takes {item} on {on}"
input worth(item: Item -> amount: decimal) reads "{item} is worth {amount}"
input part(item: Item, part: Item -> amount: int) reads "{item} contains {part} worth {amount}"
input origin(part: Item -> country: Country) reads "{part} comes from {country}"
relation content(item: Item, share: decimal %) reads "{share} of {item} is Chinese"
relation due(transfer: Transfer, by: date)
verdict licence(transfer: Transfer) reads "{transfer} needs a licence"
verdict late(transfer: Transfer) reads "{transfer} is late"
content(I, S) if worth(I, W), W > 0, C = sum X { part(I, P, X), origin(P, china) }, S = C / W.
licence(T) if transfer(T, I, _), content(I, S), S >= 0.15%.
due(T, X) if transfer(T, on: D), X = D + 10 days.
late(T) if due(T, X), X > 2025-06-01.
"#;
    fs::write(&policy, law).expect("the policy is written");
    let given = "transfer(t1, engine, 2025-05-01). worth(engine, 10000). part(engine, nut, 9). part(engine, cap, 8).
origin(nut, china). origin(cap, germany).";
    fs::write(&facts, given).expect("the facts are written");
    let nearest = |atom: &str| {
        let limit = ["--limit", "9"];
        let fixed = ["explain", &policy, "--facts", &facts, atom];
        let told = lexlog(&[&fixed[..], &limit].concat()).out;
        let at = told.find("Nearest ways").or(told.find("No way"));
        told[at.expect("it says so")..].to_owned()
    };
    insta::assert_snapshot!("nearest_share", nearest("licence(t1)"));
    insta::assert_snapshot!("nearest_day", nearest("late(t1)"));
}

#[test]
fn a_case_that_stands_elsewhere_can_be_explained_and_asked_about() {
    let case = "70-53: the last day that Notice 70 names";
    let cases = "tests/cases/notices/pause.lexlog";
    for command in ["explain", "timeline", "ask"] {
        let mut arguments = vec![command, "policies", "--cases", cases, "--case", case];
        if command != "ask" {
            arguments.push("licence_required(last)");
        }
        let run = lexlog(&arguments);
        assert_eq!(run.code, 0, "{}", run.transcript());
        assert!(run.out.contains("2026-11-10 itself belongs to the pause"));
    }
}

#[test]
fn a_never_that_may_be_broken_is_told_and_asked_about() {
    let folder = tempfile::TempDir::new().expect("there is room for a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (policy, facts) = (path("law.lexlog"), path("facts.lexlog"));
    let law = "type Party\ninput foreign(party: Party)
judgement careful(party: Party) reads \"{party} is careful\"
never \"a careful party is foreign\" if foreign(P), careful(P).\n";
    fs::write(&policy, law).expect("the policy is written");
    fs::write(&facts, "foreign(acme).").expect("the facts are written");
    let run = |more: &[&str]| {
        let run = lexlog(&[&["run", policy.as_str(), "--facts", facts.as_str()], more].concat());
        run.transcript().replace(&path(""), "")
    };
    insta::assert_snapshot!(run(&[]), @"
    no verdict holds
    standard error:
    this may be, and must never be: a careful party is foreign
    open: a careful party is foreign: P = acme: holds if acme is careful
    exit 1
    ");
    insta::assert_snapshot!(run(&["--open-as", "absent", "--format", "json"]), @r#"
    {
      "schema": 1,
      "verdicts": [],
      "queries": [],
      "never": [
        {
          "message": "a careful party is foreign",
          "source": "law.lexlog:4",
          "answers": [
            {
              "args": {
                "P": "acme"
              },
              "text": "a careful party is foreign: P = acme",
              "status": "open",
              "by": [],
              "depends_on": [
                {
                  "relation": "careful",
                  "args": {
                    "party": "acme"
                  },
                  "text": "acme is careful",
                  "type": "bool",
                  "holds_if": true
                }
              ],
              "settlements": [
                {
                  "answers": [
                    true
                  ],
                  "holds": true
                },
                {
                  "answers": [
                    false
                  ],
                  "holds": false
                }
              ]
            }
          ]
        }
      ]
    }
    standard error:
    this may be, and must never be: a careful party is foreign
    open: a careful party is foreign: P = acme: holds if acme is careful
    exit 0
    "#);
    let ask = lexlog(&["ask", &policy, "--facts", &facts]);
    insta::assert_snapshot!(ask.transcript(), @"
    1. Is it so that acme is careful?
       if so: a careful party is foreign: P = acme
    exit 0
    ");
}

#[test]
fn what_an_open_verdict_counts_as_is_up_to_the_user() {
    let code = |more: &[&str]| {
        let fixed = ["run", POLICY, "--facts", FACTS];
        lexlog(&[fixed.as_slice(), more].concat()).code
    };
    let fail_on = ["--fail-on", "report_due"];
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&fail_on), 1);
    assert_eq!(
        code(&[fail_on.as_slice(), &["--open-as", "absent"]].concat()),
        0
    );
    assert_eq!(code(&["--open-as", "fail"]), 1);
}

#[test]
fn questions_come_in_the_order_of_what_they_decide() {
    told("ask", &lexlog(&["ask", POLICY, "--facts", FACTS]));
    let json = ["ask", POLICY, "--facts", FACTS, "--format", "json"];
    told("ask_json", &lexlog(&json));
}

#[test]
fn answers_are_kept_as_facts_and_settle_what_they_decide() {
    let folder = tempfile::TempDir::new().expect("there is room for a folder");
    let path = folder.path().join("answers.lexlog");
    let file = path.to_str().expect("the path is text");
    let ask = ["ask", POLICY, "--facts", FACTS, "-i", "--answers", file];
    let run = lexlog_with_input(&ask, "maybe\nn\ny\n28 nm\nn\n");
    told("ask_in_turn", &run);
    let answers = fs::read_to_string(&path).expect("the answers were written");
    assert_eq!(
        answers,
        "not dual(l3).\npause_extended.\nchip(l3, 28 nm).\nnot military_potential(l3).\n"
    );
    let again = lexlog_with_input(&ask, "");
    assert_eq!(
        again.code, 2,
        "a file is never overwritten without being told"
    );
    assert_eq!(
        fs::read_to_string(&path).expect("it is still there"),
        answers
    );
    let asked = lexlog(&["ask", POLICY, "--facts", FACTS, "--facts", file]);
    assert_eq!(asked.out, "no open question changes a verdict\n");
}

#[test]
fn an_answer_with_which_the_policy_contradicts_itself_is_told_and_not_taken() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("the folder can be written to");
    };
    put(
        "law.lexlog",
        "type Item\n\
         input item(item: Item)\n\
         judgement military(item: Item) reads \"{item} is military\"\n\
         judgement harmless(item: Item) reads \"{item} is harmless\"\n\
         judgement urgent(item: Item) reads \"{item} is urgent\"\n\
         verdict refused(item: Item)\n\
         verdict first(item: Item)\n\
         verdict second(item: Item)\n\
         presume harmless(I) if item(I), military(I).\n\
         presume not harmless(I) if item(I).\n\
         refused(I) if item(I), military(I), not harmless(I).\n\
         first(I) if item(I), urgent(I).\n\
         second(I) if item(I), military(I).\n",
    );
    put("facts.lexlog", "item(drone).\n");
    let ask = [
        "ask",
        "law.lexlog",
        "--facts",
        "facts.lexlog",
        "--interactive",
    ];
    let run = lexlog_in_with_input(folder.path(), &ask, "yes\nyes\nyes\n");
    insta::assert_snapshot!(run.transcript(), @r#"
    harmless(drone).
    urgent(drone).
    standard error:
    Is it so that drone is military? [decides 2 verdicts; y or n; Enter leaves it open, q stops]
    error[E0608]: `harmless(drone)` is presumed to be so, and not to be so
      --> law.lexlog:9:1
       |
     9 | presume harmless(I) if item(I), military(I).
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ presumed here
    10 | presume not harmless(I) if item(I).
       | ----------------------------------- and here that it is not
       |
       = help: let one of them go, or give the fact: facts win over what is
               presumed

    1 error
    with this answer the policy contradicts itself: it is not taken
    Is it so that drone is harmless? [decides 1 verdict; y or n; Enter leaves it open, q stops]
    Is it so that drone is urgent? [decides 1 verdict; y or n; Enter leaves it open, q stops]
    1 verdict is still open
    exit 0
    "#);
}
