//! What a change of a policy changes: each edit is found, put down to the clause that was edited, and said to mean nothing
//! where it does.

mod feeds;
mod rows;
mod silence;

use crate::command::{Run, lexlog, root};
use crate::pages::copy;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// Worlds in which most clauses of Notices 61, 62 and 70 matter.
const CASES: &str = "tests/suite/diff/cases.lexlog";

/// The shipped policies, changed, beside the shipped ones.
struct Edited {
    folder: TempDir,
}

impl Edited {
    fn new() -> Edited {
        let folder = TempDir::new().expect("there is room for a folder");
        copy(&root().join("policies"), &folder.path().join("policies"));
        Edited { folder }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("policies").join(file)
    }

    /// With some words in the place of others, which stand there once or are meant where they first do.
    fn with(self, file: &str, old: &str, new: &str) -> Edited {
        let path = self.path(file);
        let text = fs::read_to_string(&path).expect("the policy is there");
        assert!(text.contains(old), "{file} has no `{old}`");
        fs::write(&path, text.replacen(old, new, 1)).expect("there is room for a file");
        self
    }

    /// What `diff` says of it, with the folder's name left out.
    fn diff(&self, more: &[&str]) -> Run {
        let policy = self.folder.path().join("policies");
        let policy = policy.to_str().expect("the path is text");
        let mut run = lexlog(&[&["diff", "policies", policy, CASES], more].concat());
        run.out = run.out.replace(policy, "new");
        run.err = run.err.replace(policy, "new");
        run
    }

    fn brief(&self) -> String {
        let run = self.diff(&["--brief"]);
        assert_eq!(run.err, "");
        assert_eq!(
            run.code,
            i32::from(run.out.contains("\n1. ")),
            "{}",
            run.out
        );
        run.out
    }
}

const N61: &str = "mofcom_2025_61.lexlog";
const NOTHING: &str = "no change that means anything\n";

#[test]
fn what_means_nothing_is_no_change() {
    let edited = Edited::new()
        // Variables are renamed, literals stand in another order, fields are named, a comparison is turned round.
        .with(
            N61,
            "licence_required(T) if overseas_export(T, I), annex_1_item(I), origin(I, china).",
            "licence_required(Tr) if origin(It, china), overseas_export(Tr, It) and annex_1_item(It).",
        )
        .with(N61, "used_for(T, research_on_military_ai)", "used_for(use: research_on_military_ai, transfer: T)")
        .with(N61, "N >= 256", "256 <= N")
        // Members of a list stand in another order, a unit is another, days end the day before.
        .with(
            N61,
            "[weapons_of_mass_destruction, terrorism, military, raising_military_potential]",
            "[military, raising_military_potential, weapons_of_mass_destruction, terrorism]",
        )
        .with("mofcom_2025_70.lexlog", "through 2026-11-09", "until 2026-11-10")
        .with("mofcom_2025_58.lexlog", "V >= 5 m3", "V >= 5.0 m3")
        .with("uel_2025_10.lexlog", "( A = china or B = china )", "( china = B or china = A )")
        // Comments, headings, blank lines.
        .with(N61, "/// No share is asked.", "/// The share does not matter.\n\n    # Not at all.")
        .with(N61, "\"Military users: in principle refused\"", "\"Military users\"")
        // A row, a clause and a definition stand elsewhere, a relation is called otherwise, in another file.
        .with(N61, "            samarium_metal\n", "")
        .with(N61, "            terbium_oxide\n", "            terbium_oxide\n            samarium_metal\n")
        .with(N61, "    clause 6(3) \"Who cannot tell whether an item is covered may ask MOFCOM\" { }\n", "")
        .with(
            N61,
            "    clause 8 \"Entry",
            "    clause 6(3) \"Who cannot tell whether an item is covered may ask MOFCOM\" { }\n    clause 8 \"Entry",
        );
    let text = fs::read_to_string(edited.path(N61)).expect("it is there");
    let text = text.replace("refused_party", "party_refused");
    fs::write(edited.path("sixty_one.lexlog"), text).expect("there is room for a file");
    fs::remove_file(edited.path(N61)).expect("it can be removed");
    assert_eq!(edited.brief(), NOTHING);
}

/// An edit in one place, and the title of the change that it must be put down to.
const EDITS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "a threshold",
        N61,
        "S >= 0.1%",
        "S > 0.1%",
        "mofcom_2025_61/1(1): the rule for `licence_required` is edited",
    ),
    (
        "the first day of a clause",
        N61,
        "or more\" from 2025-12-01",
        "or more\" from 2025-12-03",
        "mofcom_2025_61/1(1): its days are changed from “from 2025-12-01 by 8” to “from 2025-12-03 by 8”",
    ),
    (
        "the first day of a notice",
        "mofcom_2025_62.lexlog",
        "effective 2025-10-09",
        "effective 2025-10-21",
        "mofcom_2025_62: its days are changed from “from 2025-10-09” to “from 2025-10-21”",
    ),
    (
        "a literal less",
        N61,
        "for_logic_chips(T, N), N <= 14 nm",
        "for_logic_chips(T, N), N <= 28 nm",
        "mofcom_2025_61/4(1): the rule for `case_by_case` is edited",
    ),
    (
        "a literal dropped",
        N61,
        "used_for(T, humanitarian_relief), not refused_party(T)",
        "used_for(T, humanitarian_relief)",
        "mofcom_2025_61/5: the exemption from `licence_required` is edited",
    ),
    (
        "a literal negated",
        "mofcom_2025_62.lexlog",
        "foreign(R), export_operator(E)",
        "not foreign(R), export_operator(E)",
        "mofcom_2025_62/2(2): the rule for `export` is edited",
    ),
    (
        "an exemption more",
        N61,
        "    clause 6(1) \"App",
        "    clause 5(9) \"Samples\" {\n        exempt licence_required(T) from 1 if transfer(T, item: I), item_is(I, terbium_metal).\n    }\n    clause 6(1) \"App",
        "mofcom_2025_61/5(9) is added",
    ),
    (
        "an exemption less",
        "mofcom_2025_62.lexlog",
        "        exempt T from mofcom_2025_62 if transfer(T, item: I), outside(I).\n",
        "",
        "mofcom_2025_62/6(1): an exemption is removed",
    ),
    (
        "a row less",
        N61,
        "            terbium_metal\n",
        "",
        "mofcom_2025_61/A1: a row of `in_part_1` is removed",
    ),
    (
        "a row more",
        N61,
        "            samarium_target\n",
        "            samarium_target\n            praseodymium_metal\n",
        "mofcom_2025_61/A1: a row of `in_part_2` is added",
    ),
    (
        "a notice no longer suspended",
        "mofcom_2025_70.lexlog",
        "mofcom_2025_61, mofcom_2025_62",
        "mofcom_2025_62",
        "mofcom_2025_70: what it suspends is edited",
    ),
    (
        "a pause a day longer",
        "mofcom_2025_70.lexlog",
        "through 2026-11-09",
        "through 2026-11-10",
        "mofcom_2025_70: what it suspends is edited",
    ),
    (
        "a definition",
        "vocabulary.lexlog",
        "established_in(P, C), C != china,",
        "established_in(P, C), C != china, C != singapore,",
        "the definition of `foreign` is edited",
    ),
    (
        "a rule moved into another clause",
        N61,
        "        licence_required(T) if overseas_export(T, I), annex_1_item(I), origin(I, china).\n    }",
        "    }\n    clause 1(4) \"Also\" from 2025-10-09 { licence_required(T) if overseas_export(T, I), annex_1_item(I), origin(I, china). }",
        "the rule for `licence_required` is moved from mofcom_2025_61/1(3) to mofcom_2025_61/1(4)",
    ),
    (
        "a clause less",
        N61,
        "    clause 2(1) \"Military users: in principle refused\" {\n        presumed_refused(T) if examined(T), importer_or_end_user(T, P), military_user(P), overseas(P).\n    }\n",
        "",
        "mofcom_2025_61/2(1) is removed",
    ),
    (
        "a new notice",
        N61,
        "# Text:",
        "notice mofcom_2026_09 \"Terbium\" {\n    published 2026-01-05\n    effective 2025-10-01\n    clause 1 \"Terbium\" {\n        special_approval_required(T) if transfer(T, item: I), item_is(I, terbium_metal).\n    }\n}\n# Text:",
        "mofcom_2026_09/1 is added",
    ),
    (
        "a judgement that decides",
        N61,
        "potential_use_raises_potential.\n    }",
        "not potential_use_raises_potential.\n    }",
        "mofcom_2025_61/3: the rule for `presumed_refused` is edited",
    ),
];

#[test]
fn each_edit_is_caught_and_put_down_to_its_clause() {
    let mut told = String::new();
    for (what, file, old, new, title) in EDITS {
        let out = Edited::new().with(file, old, new).brief();
        let flat = out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(&format!(" 1. {title} ")), "{what}:\n{out}");
        assert!(!flat.contains(" 2. "), "{what} is one change:\n{out}");
        told += &format!("---- {what}\n{out}\n");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn two_changes_that_hide_each_other_are_named_together() {
    let edited = Edited::new()
        .with(N61, "N <= 14 nm", "N <= 10 nm")
        .with(
            N61,
            "clause 4(2) \"Artificial intelligence with potential military use: case by case\" {",
            "clause 4(2) \"Artificial intelligence with potential military use: case by case\" {\n        case_by_case(T) if licence_required(T) by 1, for_logic_chips(T, _).",
        );
    insta::assert_snapshot!(edited.brief());
}

#[test]
fn an_example_has_both_proofs() {
    let edited = Edited::new().with(N61, "N <= 14 nm", "N < 14 nm");
    insta::assert_snapshot!(edited.diff(&[]).transcript());
}

#[test]
fn markdown_is_fit_for_a_comment() {
    let edited = Edited::new().with(N61, "N <= 14 nm", "N < 14 nm");
    let run = edited.diff(&["--format", "markdown", "--brief"]);
    insta::assert_snapshot!(run.out);
    let run = edited.diff(&["--format", "markdown"]);
    let parser = pulldown_cmark::Parser::new_ext(&run.out, pulldown_cmark::Options::ENABLE_TABLES);
    let events: Vec<pulldown_cmark::Event<'_>> = parser.collect();
    let count = |is_meant: fn(&pulldown_cmark::Event<'_>) -> bool| {
        events.iter().filter(|event| is_meant(event)).count()
    };
    use pulldown_cmark::{Event, Tag};
    let tables = count(|event| matches!(event, Event::Start(Tag::Table(_))));
    let blocks = count(|event| matches!(event, Event::Start(Tag::CodeBlock(_))));
    assert_eq!((tables, blocks), (1, 3), "{}", run.out);
    assert_eq!(run.out.matches("<details>").count(), 2);
    assert_eq!(run.out.matches("</details>").count(), 2);
}

#[test]
fn json_keeps_to_its_schema() {
    let schema = fs::read_to_string(root().join("src/cli/diff.schema.json")).expect("it is there");
    let schema = serde_json::from_str(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let edits = [
        Edited::new().with(N61, "N <= 14 nm", "N < 14 nm"),
        Edited::new(),
    ];
    for edited in edits {
        let run = edited.diff(&["--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&run.out).expect("it is JSON");
        let wrong: Vec<String> = validator
            .iter_errors(&json)
            .map(|it| it.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

#[test]
fn the_history_of_the_policies_is_replayed() {
    let days = ["2025-04-04", "2025-10-10", "2025-11-08", "2026-11-23"];
    for step in days.windows(2) {
        let run = lexlog(&[
            "diff",
            "policies",
            "--old-known-at",
            step[0],
            "--known-at",
            step[1],
            "--facts",
            "policies/examples/magnet_maker",
        ]);
        insta::assert_snapshot!(format!("history_{}_{}", step[0], step[1]), run.transcript());
    }
}

#[test]
fn one_policy_is_compared_on_two_days_of_the_law() {
    let run = lexlog(&[
        "diff",
        "policies",
        CASES,
        "--old-as-of",
        "2025-10-20",
        "--as-of",
        "2025-11-20",
        "--brief",
    ]);
    insta::assert_snapshot!(run.transcript());
}

#[test]
fn the_old_policy_may_be_a_git_revision() {
    let folder = TempDir::new().expect("there is room for a folder");
    let git = |arguments: &[&str]| {
        let run = Command::new("git")
            .current_dir(folder.path())
            .args([
                "-c",
                "user.name=A",
                "-c",
                "user.email=a@example.org",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .output()
            .expect("git is there");
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
    };
    let policy = folder.path().join("law");
    fs::create_dir_all(policy.join("lists")).expect("there is room");
    let write = |name: &str, text: &str| {
        fs::write(policy.join(name), text).expect("there is room for a file");
    };
    write("lists/places.csv", "name,code\nchina,CN\npoland,PL\n");
    write(
        "words.lexlog",
        "type Id\ntype Place from \"lists/places.csv\"\nevent sale(id: Id -> to: Place, on: date)\nverdict barred(sale: Id)\n",
    );
    write(
        "rule.lexlog",
        "notice n \"N\" {\n published 2025-01-01\n effective 2025-01-01\n clause 1 { barred(S) if sale(S, to: china). }\n}\n",
    );
    write(
        "case.lexlog",
        "case \"to Poland\" { sale(s1, to: poland, on: 2025-02-02). }\n",
    );
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "One"]);
    write(
        "lists/places.csv",
        "name,code\nchina,CN\npoland,PL\nperu,PE\n",
    );
    write(
        "rule.lexlog",
        "notice n \"N\" {\n published 2025-01-01\n effective 2025-01-01\n clause 1 { barred(S) if sale(S, to: P), P != peru. }\n}\n",
    );
    let diff = |revision: &str| {
        let policy = policy.to_str().expect("the path is text");
        let mut run = lexlog(&["diff", "--git", revision, policy, "--brief"]);
        run.out = run
            .out
            .replace(folder.path().to_str().expect("it is text"), "…");
        run.err = run
            .err
            .replace(folder.path().to_str().expect("it is text"), "…");
        run.transcript()
    };
    insta::assert_snapshot!(diff("HEAD"));
    insta::assert_snapshot!(diff("nowhere"), @r"
    standard error:
    error: git has no revision `nowhere` here
    exit 2
    ");
}

#[test]
fn what_cannot_be_compared_is_said_plainly() {
    let run = lexlog(&["diff", "policies"]);
    insta::assert_snapshot!(run.transcript());
    let edited = Edited::new().with(N61, "N <= 14 nm", "N < 14 nm");
    let policy = edited.path("");
    let policy = policy.to_str().expect("the path is text");
    let run = lexlog(&["diff", "policies", policy, "--brief"]);
    insta::assert_snapshot!(run.transcript().replace(policy, "new/"));
    let run = lexlog(&[
        "diff",
        "policies",
        "tests/cases/mistakes/missing_full_stop.lexlog",
        CASES,
    ]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("missing_full_stop.lexlog"), "{}", run.err);
}

/// What a rule means does not hang on the vocabulary of the old policy: what that does not know is left out there.
#[test]
fn new_words_mean_nothing_to_the_old_policy() {
    let folder = TempDir::new().expect("there is room for a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("there is room for a file");
        path.to_str().expect("the path is text").to_owned()
    };
    let common = "type Id\nevent sale(id: Id, on: date)\nverdict barred(sale: Id)\n";
    let old = write("old.lexlog", common);
    let new = write(
        "new.lexlog",
        &format!(
            "{common}input armed(sale: Id)\nnotice n \"N\" {{\n published 2025-01-01\n effective 2025-01-01\n clause 1 {{ barred(S) if sale(S), armed(S). }}\n}}\ncase \"armed\" {{ sale(s1, on: 2025-02-02). armed(s1). expect barred(s1). }}\n"
        ),
    );
    let run = lexlog(&["diff", &old, &new, "--brief"]);
    let folder = folder.path().to_str().expect("it is text");
    insta::assert_snapshot!(run.transcript().replace(folder, "…"));
}

/// Small policies, before and after.
fn compared(before: &[(&str, &str)], after: &[(&str, &str)], cases: &str) -> String {
    let folder = TempDir::new().expect("there is room for a folder");
    let path = |name: &str| folder.path().join(name);
    for (side, files) in [("old", before), ("new", after)] {
        for (name, text) in files {
            let file = path(side).join(name);
            let inner = file.parent().expect("it stands in a folder");
            fs::create_dir_all(inner).expect("there is room for a folder");
            fs::write(file, text).expect("there is room for a file");
        }
    }
    fs::write(path("cases.lexlog"), cases).expect("there is room for a file");
    let [old, new, cases] =
        ["old", "new", "cases.lexlog"].map(|name| path(name).display().to_string());
    let run = lexlog(&["diff", &old, &new, &cases, "--brief"]);
    let folder = folder.path().display().to_string();
    run.transcript().replace(&format!("{folder}/"), "")
}

const WORDS: &str = r#"type Id
type Town from "towns.csv"
event sale(id: Id -> to: Town, on: date)
judgement paused()
relation working_day(day: date)
relation near(town: Town)
relation abroad(town: Town)
verdict barred(sale: Id)
verdict answer_due(sale: Id, by: date)
table working_day(day) from "days.csv"
abroad(T) if T in [lima].
answer_due(S, D + 2 working days) if sale(S, on: D).
"#;
const RULES: &str = r#"notice n "N" {
    published 2025-01-01
    effective 2025-01-01
    clause 1 "Until March" until 2026-03-01 { barred(S) if sale(S, to: T), near(T). }
    clause 2 "Abroad" { barred(S) if sale(S, to: T), abroad(T). }
    clause 3 "Near" { table near(town) from "near.csv" }
}
notice p "Pause" {
    published 2025-06-01
    suspends n/2 from 2025-06-01 through 2025-06-30 if paused()
}
"#;
const TOWNS: &str = "name,code\nbonn,BN\nkoeln,K\nlima,L\n";
const NEAR: &str = "town\nbonn\nkoeln\n";
const DAYS: &str = "day\n2025-02-03\n2025-02-04\n2025-02-05\n";
const SALES: &str = r#"case "near" {
    sale(s1, to: bonn, on: 2025-02-02).
    sale(s2, to: bonn, on: 2026-03-01).
    sale(s3, to: lima, on: 2025-06-15).
}
"#;

fn with<'a>(file: &'a str, text: &'a str) -> Vec<(&'a str, &'a str)> {
    let all = [
        ("words.lexlog", WORDS),
        ("rules.lexlog", RULES),
        ("towns.csv", TOWNS),
        ("near.csv", NEAR),
        ("days.csv", DAYS),
    ];
    let of = |(name, own): (&'a str, &'a str)| (name, if name == file { text } else { own });
    all.map(of).to_vec()
}

fn changed(file: &str, text: &str) -> String {
    compared(&with("", ""), &with(file, text), SALES)
}

#[test]
fn a_last_day_that_counts_now_is_a_change_behind_a_heading_too() {
    insta::assert_snapshot!(changed("rules.lexlog", &RULES.replace("until 2026", "through 2026")), @r"
    1 change, asked about in 1 case: 1 verdict differs

    1. n/1: its days are changed from “through 2026-02-28” to “through 2026-03-01”

       gained: barred(s2) [“near”]
    exit 1
    ");
}

#[test]
fn rows_and_members_in_files_beside_the_policy_are_compared() {
    insta::assert_snapshot!(changed("near.csv", "town\nkoeln\nlima\n"), @r"
    1 change, asked about in 1 case: 2 verdicts differ

    1. n/3: rows of `near` in “near.csv”: 1 removed, 1 added
         near.csv
       - near(bonn)
         near.csv
       + near(lima)

       lost: barred(s1) [“near”]
       settled: barred(s3) (it holds) [“near”]
    exit 1
    ");
    insta::assert_snapshot!(changed("days.csv", "day\n2025-02-03\n2025-02-05\n"), @r"
    1 change, asked about in 1 case: 2 verdicts differ

    1. rows of `working_day` in “days.csv”: 1 removed
         days.csv
       - working_day(2025-02-04)

       lost: answer_due(s1, 2025-02-04) [“near”]
       gained: answer_due(s1, 2025-02-05) [“near”]
    exit 1
    ");
    insta::assert_snapshot!(changed("towns.csv", "name,code\nbonn,BX\nkoeln,K\nlima,L\n"), @r"
    1 change, asked about in 1 case: no verdict differs

    No verdict differs here by:
      - the declaration of `Town` is edited
    exit 0
    ");
}

#[test]
fn a_name_that_a_notice_makes_its_own_is_a_change() {
    let own = RULES.replace(
        "    clause 1",
        "    relation abroad(town: Town)\n    clause 1",
    );
    insta::assert_snapshot!(changed("rules.lexlog", &own), @r"
    1 change, asked about in 1 case: 1 verdict differs

    1. n: the declaration of `abroad` is added
         new/rules.lexlog:4
       + relation abroad(town: Town)

       settled: barred(s3) (it does not hold) [“near”]
    exit 1
    ");
    insta::assert_snapshot!(compared(&with("rules.lexlog", &own), &with("", ""), SALES), @r"
    1 change, asked about in 1 case: 1 verdict differs

    1. n: the declaration of `abroad` is removed
         old/rules.lexlog:4
       - relation abroad(town: Town)

       opened: barred(s3) (it did not hold) [“near”]
    exit 1
    ");
}

#[test]
fn what_is_presumed_of_a_suspension_is_put_down_to_the_presumption() {
    let presumed = format!("{RULES}presume paused().\n");
    insta::assert_snapshot!(changed("rules.lexlog", &presumed), @r"
    1 change, asked about in 1 case: 1 verdict differs

    1. what is presumed of `paused` is added
         new/rules.lexlog:12
       + presume paused().

       settled: barred(s3) (it does not hold) [“near”]
    exit 1
    ");
}

#[test]
fn a_new_never_is_no_other_ground_for_those_that_are_there() {
    let first = format!("{WORDS}never \"to Bonn\" if sale(S, to: bonn).\n");
    let more = format!(
        "{WORDS}never \"to Lima\" if sale(S, to: lima).\nnever \"to Bonn\" if sale(S, to: bonn).\n"
    );
    insta::assert_snapshot!(compared(&with("words.lexlog", &first), &with("words.lexlog", &more), SALES), @r#"
    1 change, asked about in 1 case: 1 verdict differs

    1. the `never` “to Lima” is added
         new/words.lexlog:13
       + never "to Lima" if sale(S, to: lima).

       gained: this must never be: to Lima: S = s3 [“near”]
    exit 1
    "#);
}
