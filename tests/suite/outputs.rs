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

#[cfg(unix)]
#[test]
fn a_device_takes_what_comes_and_is_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let desk = Desk::new();
    let run = desk.run(&["--bad-rows", "/dev/null", "--save", "/dev/null"]);
    assert_eq!(run.code, 0, "{}", run.transcript());
    let run = desk.run(&["--save", "/dev/full"]);
    insta::assert_snapshot!(run.transcript(), @r"
    standard error:
    error: `/dev/full` cannot be written: the disk is full
    exit 2
    ");
    for device in ["/dev/null", "/dev/full"] {
        let kind = fs::metadata(device).expect("it is there").file_type();
        assert!(kind.is_char_device(), "{device}");
    }
}

/// The ways in which results are written, with the file that is there afterwards.
#[cfg(unix)]
const WAYS: [(&[&str], &str); 6] = [
    (&["--out", "out"], "out/banned.csv"),
    (
        &["--out", "out", "--out-format", "parquet"],
        "out/banned.parquet",
    ),
    (&["--out", "out/o.sqlite"], "out/o.sqlite"),
    (&["--out", "out/o.parquet"], "out/o.parquet"),
    (&["--save", "out/saved"], "out/saved"),
    (&["--bad-rows", "out/bad.csv"], "out/bad.csv"),
];

#[cfg(unix)]
mod under_limits {
    use super::{Desk, WAYS};
    use std::fmt::Write;
    use std::fs;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    const BEFORE: &str = "what stood there before";

    impl Desk {
        /// What was begun in the folder for results.
        fn unfinished(&self) -> Vec<String> {
            let names = self.names("out").into_iter();
            names.filter(|name| name.starts_with('.')).collect()
        }
    }

    /// A desk with so many facts, and so many rows that cannot be used, and what stood there before under the name of each result.
    fn desk(rows: usize) -> Desk {
        let desk = Desk::new();
        for (file, number) in [("good.csv", "1"), ("bad.csv", "one")] {
            let mut facts = String::from("party,n\n");
            for at in 0..rows {
                writeln!(facts, "\"party number {at}\",{number}").expect("there is room");
            }
            desk.put(file, facts);
        }
        fs::create_dir(desk.path().join("out")).expect("there is room for a folder");
        for (_, file) in WAYS {
            desk.put(file, BEFORE);
        }
        desk
    }

    fn arguments(way: &[&str]) -> String {
        let facts = match way.contains(&"--bad-rows") {
            true => "bad.csv",
            false => "good.csv",
        };
        let way = way.join(" ");
        format!("run law.lexlog -f listed={facts} --quiet --summary {way}")
    }

    fn command(desk: &Desk, before: &str, way: &[&str]) -> Command {
        let mut command = Command::new("sh");
        let run = format!("{before}; exec \"$0\" {}", arguments(way));
        command
            .args(["-c", &run, env!("CARGO_BIN_EXE_lexlog")])
            .current_dir(desk.path())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "80")
            .stdin(Stdio::null());
        command
    }

    #[test]
    fn where_there_is_no_room_the_old_file_stays_and_it_is_told() {
        let desk = desk(4_000);
        for (way, file) in WAYS {
            // Files may have 4 KiB.
            let run = command(&desk, "ulimit -f 8", way)
                .output()
                .expect("it starts");
            let told = String::from_utf8_lossy(&run.stderr);
            let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(run.status.code(), Some(2), "{way:?}: {told}");
            let words = [
                "it would be larger than a file may be here",
                "disk I/O error",
            ];
            assert!(
                words.iter().any(|words| told.contains(words)),
                "{way:?}: {told}"
            );
            assert_eq!(desk.read(file), BEFORE, "{way:?}");
            assert!(desk.unfinished().is_empty(), "{way:?}");
        }
    }

    #[test]
    fn a_run_that_is_broken_off_while_it_writes_leaves_no_half_file() {
        let desk = desk(10_000);
        for (way, file) in WAYS {
            let done = command(&desk, ":", way).output().expect("it starts");
            assert!(done.status.success(), "{way:?}");
            let file = desk.path().join(file);
            let whole = fs::read(&file).expect("it is there");
            for signal in ["TERM", "KILL"] {
                fs::write(&file, BEFORE).expect("there is room");
                let mut child = command(&desk, ":", way);
                let child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
                let mut child = child.expect("it starts");
                // As soon as something is begun, or all is done.
                while desk.unfinished().is_empty() && matches!(child.try_wait(), Ok(None)) {
                    std::thread::sleep(Duration::from_millis(1));
                }
                let id = child.id().to_string();
                let kill = Command::new("kill").args(["-s", signal, &id]).output();
                kill.expect("it starts");
                child.wait().expect("it ends");
                let there = fs::read(&file).expect("it is there");
                let is_as_before = there == BEFORE.as_bytes();
                assert!(is_as_before || there == whole, "{way:?} {signal}");
                let left = desk.unfinished();
                assert!(signal == "KILL" || left.is_empty(), "{way:?}: {left:?}");
                for name in left {
                    fs::remove_file(desk.path().join("out").join(name)).expect("it is there");
                }
            }
        }
    }
}
