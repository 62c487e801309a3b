//! What a command writes: never what it reads, nor one thing over another; whole or not at all, whatever comes in between.

use crate::command::{Run, lexlog_in};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const LAW: &str = "type Party\ninput listed(party: Party, n: int)\nverdict banned(party: Party)\nbanned(P) if listed(P, _).\n";
const FACTS: &str = "party,n\nacme,1\nbolt,2\n";

/// A folder with a policy and facts, in which the command is run.
struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().expect("a folder"));
        desk.put("law.lexlog", LAW);
        fs::create_dir(desk.path().join("given")).expect("there is room for a folder");
        desk.put("given/banned.csv", FACTS);
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), text).expect("there is room for a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).expect("it is there")
    }

    /// With the facts from `given/banned.csv`.
    fn run(&self, more: &[&str]) -> Run {
        self.command("run", &[&["-f", "listed=given/banned.csv"], more].concat())
    }

    fn command(&self, command: &str, more: &[&str]) -> Run {
        lexlog_in(self.path(), &[&[command, "law.lexlog"], more].concat())
    }

    /// The names of all that lies in a folder.
    fn names(&self, folder: &str) -> Vec<String> {
        let files = fs::read_dir(self.path().join(folder)).expect("a folder");
        let names = files.map(|file| file.expect("a file").file_name().into_string());
        let mut names: Vec<String> = names.map(|name| name.expect("it is UTF-8")).collect();
        names.sort();
        names
    }
}

/// Refused with that code and these words, and nothing was written.
fn is_refused(desk: &Desk, run: &Run, code: &str, words: &str) {
    assert_eq!(run.code, 2, "{}", run.transcript());
    let told = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&format!("error[{code}]: {words}")), "{told}");
    assert_eq!(desk.read("law.lexlog"), LAW);
    assert_eq!(desk.read("given/banned.csv"), FACTS);
}

#[test]
fn what_is_read_is_never_written_however_it_is_named() {
    let desk = Desk::new();
    let mut ways = vec![
        ["--out", "given"],
        ["--out", "./given/."],
        ["--out", "given/../given"],
        ["--out", "nowhere/../given"],
        ["--save", "given/banned.csv"],
        ["--save", "law.lexlog"],
        ["--bad-rows", "law.lexlog"],
        ["--bad-rows", "given/../law.lexlog"],
    ];
    #[cfg(unix)]
    {
        let path = |name: &str| desk.path().join(name);
        let link = |to: &str, from: &str| {
            std::os::unix::fs::symlink(path(to), path(from)).expect("there is room for a link");
        };
        link("given", "linked");
        for folder in ["soft", "hard", "columns"] {
            fs::create_dir(path(folder)).expect("there is room for a folder");
        }
        link("given/banned.csv", "soft/banned.csv");
        link("given/banned.csv", "columns/banned.parquet");
        fs::hard_link(path("given/banned.csv"), path("hard/banned.csv")).expect("a link");
        fs::hard_link(path("law.lexlog"), path("law.sqlite")).expect("a link");
        ways.extend([
            ["--out", "linked"],
            ["--out", "soft"],
            ["--out", "hard"],
            ["--out", "columns/banned.parquet"],
            ["--out", "law.sqlite"],
            ["--save", "hard/banned.csv"],
        ]);
    }
    for way in ways {
        let run = desk.run(&way);
        assert!(
            run.err.contains("is not written: this run reads it"),
            "{way:?}: {}",
            run.err
        );
        is_refused(&desk, &run, "E0711", "`");
    }
    #[cfg(unix)]
    {
        let run = desk.run(&["--out", "columns", "--out-format", "parquet"]);
        is_refused(
            &desk,
            &run,
            "E0711",
            "`columns/banned.parquet` is not written",
        );
    }
    // What only stands beside it is.
    assert_eq!(desk.run(&["--out", "given/more"]).code, 0);
    assert_eq!(desk.run(&["--save", "given/saved"]).code, 0);
}

#[test]
fn certificates_never_come_over_what_is_read() {
    let desk = Desk::new();
    desk.put("salt", "sixteen bytes and more");
    let facts = r#"{"party": "acme", "n": 1}"#;
    fs::create_dir(desk.path().join("all")).expect("there is room for a folder");
    desk.put("all/banned_000001.json", format!("[{facts}]"));
    let given = ["-f", "listed=all/banned_000001.json"];
    let run = desk.command("run", &[&given[..], &["--certificates", "all"]].concat());
    is_refused(
        &desk,
        &run,
        "E0711",
        "`all/banned_000001.json` is not written",
    );
    let asked = [&["banned(acme)"], &given[..]].concat();
    let explain = |more: &[&str]| desk.command("explain", &[&asked[..], more].concat());
    let run = explain(&["--certificate", "all/banned_000001.json"]);
    is_refused(
        &desk,
        &run,
        "E0711",
        "`all/banned_000001.json` is not written",
    );
    let redacted = [
        "--redact",
        "listed.n",
        "--salt",
        "salt",
        "--certificate",
        "salt",
    ];
    is_refused(&desk, &explain(&redacted), "E0711", "`salt` is not written");
    assert_eq!(explain(&["--certificate", "all/mine.json"]).code, 0);
    assert_eq!(desk.read("all/banned_000001.json"), format!("[{facts}]"));
}

#[test]
fn no_two_results_come_to_one_file() {
    let desk = Desk::new();
    let run = desk.run(&["--bad-rows", "o.db", "--out", "o.db"]);
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error[E0718]: `o.db` is to be written by --bad-rows and by --out
     |
     = help: name different files: the second would replace the first

    1 error
    exit 2
    ");
    for (two, file) in [
        (["--save", "o.db", "--out", "./o.db"], "./o.db"),
        (
            ["--save", "results/banned.csv", "--out", "results"],
            "results/banned.csv",
        ),
        (
            ["--bad-rows", "saved", "--save", "given/../saved"],
            "given/../saved",
        ),
        (
            ["--save", "all/banned_000007.json", "--certificates", "all"],
            "all/banned_000007.json",
        ),
        (
            ["--bad-rows", "all/openings.json", "--certificates", "./all"],
            "./all/openings.json",
        ),
    ] {
        let run = desk.run(&two);
        is_refused(
            &desk,
            &run,
            "E0718",
            &format!("`{file}` is to be written by --"),
        );
    }
    let explained = ["banned(acme)", "-f", "listed=given/banned.csv"];
    let two = ["--bad-rows", "one", "--certificate", "one"];
    let run = desk.command("explain", &[&explained[..], &two].concat());
    is_refused(&desk, &run, "E0718", "`one` is to be written by --");
    assert_eq!(desk.names("."), ["given", "law.lexlog"]);
}
