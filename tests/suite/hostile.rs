//! Input that no author would write, and that must do no harm: refused or reported, in bounded time and memory.

use crate::command::{Run, lexlog, lexlog_with_input, root};
use lexlog::diagnostic::render_text;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

struct Hostile {
    folder: TempDir,
}

impl Hostile {
    fn new() -> Hostile {
        Hostile {
            folder: TempDir::new().expect("there is room for a folder"),
        }
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).expect("there is room for a file");
        path
    }

    fn check(&self, bytes: impl AsRef<[u8]>) -> Run {
        let path = self.file("policy.lexlog", bytes);
        refused(lexlog(&["check".as_ref(), path.as_os_str()]))
    }
}

/// It said no, in few words, and did not fall over.
fn refused(run: Run) -> Run {
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.err.contains("error"), "{}", run.err);
    assert!(
        !run.err.contains("panicked") && !run.err.contains("overflow"),
        "{}",
        run.err
    );
    assert!(
        run.err.len() < 200_000,
        "{} bytes of messages",
        run.err.len()
    );
    run
}

#[test]
fn ten_thousand_brackets_are_refused() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("not ", ""),
        ("-", ""),
        ("1 + ", ""),
        ("f(", ")"),
    ] {
        let text = format!(
            "type T\ninput p(x: T, n: int)\nverdict q(x: T)\nq(X) if p(X, N), N = {}1{}.\n",
            open.repeat(10_000),
            close.repeat(10_000)
        );
        Hostile::new().check(text);
    }
}

#[test]
fn brackets_that_are_never_closed_are_refused() {
    for bracket in ["(", "[", "{", "notice n \"x\" {", "\"", "case \"c\" {"] {
        Hostile::new().check(bracket.repeat(10_000));
    }
}

#[test]
fn fifty_megabytes_of_noise_are_refused() {
    let mut state = 7u64;
    let noise: Vec<u8> = (0..50_000_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            b" \nabcXYZ(){}[].,:_\"#0123456789<>=-+*/"[(state >> 33) as usize % 37]
        })
        .collect();
    Hostile::new().check(noise);
}

#[test]
fn three_megabytes_of_noise_are_reported() {
    let mut state = 11u64;
    let noise: Vec<u8> = (0..3_000_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            b" \nabcXYZ(){}[].,:_\"#0123456789<>=-+*/"[(state >> 33) as usize % 37]
        })
        .collect();
    Hostile::new().check(noise);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let run = Hostile::new().check(b"type Party\n# caf\xe9\n");
    assert!(run.err.contains("UTF-8"), "{}", run.err);
    assert!(run.err.contains("policy.lexlog:2"), "{}", run.err);
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_the_names_in_it_are_not_missed() {
    let hostile = Hostile::new();
    hostile.file(
        "a.lexlog",
        b"type Party\n# caf\xe9\ninput foreign(p: Party)\n",
    );
    hostile.file(
        "b.lexlog",
        "verdict v(p: Party)\nv(P) if foreign(P).\nv(P) if foreign(P)\n",
    );
    let run = refused(lexlog(&[
        "check".as_ref(),
        hostile.folder.path().as_os_str(),
    ]));
    assert!(run.err.contains("a.lexlog:2"), "{}", run.err);
    assert!(run.err.contains("b.lexlog:3"), "{}", run.err);
    assert!(run.err.contains("2 errors"), "{}", run.err);
}

#[cfg(unix)]
#[test]
fn links_that_lead_back_to_a_folder_are_followed_once() {
    let hostile = Hostile::new();
    hostile.file("a.lexlog", "type Party\n");
    let folder = hostile.folder.path();
    for name in ["one", "two", "three"] {
        std::os::unix::fs::symlink(folder, folder.join(name)).expect("there is room for a link");
    }
    let run = lexlog(&["check".as_ref(), folder.as_os_str()]);
    assert_eq!(run.code, 0, "{}", run.err);
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_are_told() {
    use std::os::unix::fs::symlink;
    let hostile = Hostile::new();
    hostile.file("a.lexlog", "type Party\n");
    let link = |name: &str| hostile.folder.path().join(name);
    symlink("gone.txt", link("b.lexlog")).expect("there is room for a link");
    symlink("d.lexlog", link("c.lexlog")).expect("there is room for a link");
    symlink("c.lexlog", link("d.lexlog")).expect("there is room for a link");
    // What an editor keeps for itself.
    symlink("gone.txt", link(".#a.lexlog")).expect("there is room for a link");
    let run = refused(lexlog(&[
        "check".as_ref(),
        hostile.folder.path().as_os_str(),
    ]));
    assert!(run.err.contains("there is no such file"), "{}", run.err);
    assert!(run.err.contains("go in a"), "{}", run.err);
    assert!(run.err.contains("3 errors"), "{}", run.err);
    assert!(!run.err.contains("os error"), "{}", run.err);
}

#[test]
fn a_policy_that_says_nothing_is_told() {
    let hostile = Hostile::new();
    for text in ["", "\n\n", "# Only a remark.\n"] {
        let path = hostile.file("policy.lexlog", text);
        let run = lexlog(&["check".as_ref(), path.as_os_str()]);
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.err.contains("W0707"), "{}", run.err);
    }
}

#[test]
fn json_that_breaks_off_is_told_in_words() {
    let hostile = Hostile::new();
    let policy = hostile.file("policy.lexlog", "type Party\ninput foreign(p: Party)\n");
    let facts = hostile.file("foreign.json", "[{\"p\": \"acme\"},");
    let run = refused(lexlog(&[
        "run".as_ref(),
        policy.as_os_str(),
        "--facts".as_ref(),
        facts.as_os_str(),
    ]));
    assert!(run.err.contains("still open"), "{}", run.err);
    assert!(!run.err.contains("EOF"), "{}", run.err);
}

/// Cuts, doubles and mixes up parts of a text, each time otherwise.
fn garbled(text: &[u8], state: &mut u64) -> Vec<u8> {
    let mut next = |below: usize| {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as usize % below.max(1)
    };
    let mut text = text.to_vec();
    for _ in 0..1 + next(4) {
        let from = next(text.len());
        let to = (from + 1 + next(30)).min(text.len());
        let behind = next(text.len());
        match next(5) {
            0 => drop(text.drain(from..to)),
            1 => text.extend_from_within(from..to),
            2 => text.truncate(from),
            3 => text.swap(from, behind),
            _ => text[from] ^= 1 << next(8),
        }
        if text.is_empty() {
            break;
        }
    }
    text
}

#[test]
fn garbled_policies_are_read_without_harm() {
    let mut state = 3u64;
    let folders = ["policies", "tests/cases/language", "tests/cases/mistakes"];
    for folder in folders {
        let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.expect("it is there").path())
            .collect();
        paths.retain(|path| path.is_file());
        paths.sort();
        for path in paths {
            let text = fs::read(&path).expect("a policy can be read");
            for _ in 0..8 {
                let hostile = Hostile::new();
                let garbled = hostile.file("policy.lexlog", garbled(&text, &mut state));
                let session = lexlog::session::load(&[garbled]);
                let text = render_text(&session.diagnostics.list, &session.sources, false);
                assert!(
                    text.len() < 500_000,
                    "{}: {} bytes",
                    path.display(),
                    text.len()
                );
            }
        }
    }
}

#[test]
fn an_empty_folder_is_no_policy() {
    let hostile = Hostile::new();
    let run = refused(lexlog(&[
        "check".as_ref(),
        hostile.folder.path().as_os_str(),
    ]));
    assert!(run.err.contains("no policy"), "{}", run.err);
}

#[test]
fn a_missing_file_is_named() {
    let run = refused(lexlog(&["run", "no/such/policy.lexlog"]));
    assert!(run.err.contains("no/such/policy.lexlog"), "{}", run.err);
    let run = refused(lexlog(&[
        "run",
        "tests/cases/language/rules.lexlog",
        "--facts",
        "no_such.csv",
    ]));
    assert!(run.err.contains("no_such.csv"), "{}", run.err);
}

#[test]
fn a_rule_that_makes_new_values_for_ever_is_stopped() {
    let hostile = Hostile::new();
    let policy = hostile.file("p.lexlog", "input start(n: int)\nverdict count(n: int)\ncount(N) if start(N).\ncount(N) if count(M), N = M + 1.\n");
    let facts = hostile.file("f.lexlog", "start(0).\n");
    let run = refused(lexlog(&[
        "run".as_ref(),
        policy.as_os_str(),
        "--facts".as_ref(),
        facts.as_os_str(),
    ]));
    assert!(
        run.err.contains("p.lexlog:4"),
        "names the rule: {}",
        run.err
    );
}

#[test]
fn a_list_that_is_read_from_outside_the_policy_is_refused() {
    let hostile = Hostile::new();
    fs::create_dir(hostile.folder.path().join("policy")).expect("there is room");
    hostile.file("secret.csv", "name\nx\n");
    let path = hostile.file("policy/p.lexlog", "type Country from \"../secret.csv\"\n");
    refused(lexlog(&["check".as_ref(), path.as_os_str()]));
}

#[cfg(unix)]
fn pipe(path: &std::path::Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo starts").success());
}

const SMALL: &str = "type T\ninput p(x: T, n: int)\nverdict q(x: T)\nq(X) if p(X, 1).\n";

#[cfg(unix)]
#[test]
fn input_without_an_end_is_read_as_far_as_its_limit() {
    let hostile = Hostile::new();
    let policy = hostile.file("policy.lexlog", SMALL);
    for (ending, told) in [
        ("csv", "this row has more than 1 MiB"),
        ("jsonl", "this row has more than 1 MiB"),
        ("json", "has more than 256 MiB"),
        ("lexlog", "has more than 8 MiB"),
    ] {
        let link = hostile.folder.path().join(format!("p.{ending}"));
        std::os::unix::fs::symlink("/dev/zero", &link).expect("there is room for a link");
        let run = refused(lexlog(&[
            "run".as_ref(),
            policy.as_os_str(),
            "-f".as_ref(),
            link.as_os_str(),
        ]));
        assert!(run.err.contains(told), "{ending}: {}", run.err);
    }
    let run = refused(lexlog(&["check", "/dev/zero"]));
    assert!(run.err.contains("the most is 8 MiB"), "{}", run.err);
    let run = refused(lexlog(&["verify", "/dev/full", "policies"]));
    assert!(run.err.contains("1 GiB"), "{}", run.err);
}

#[test]
fn a_row_that_swallows_what_follows_is_told_with_its_quote() {
    let hostile = Hostile::new();
    let policy = hostile.file("policy.lexlog", SMALL);
    let rows: String = (0..200_000).map(|row| format!("x{row},1\n")).collect();
    let facts = hostile.file("p.csv", format!("x,n\na,1\n\"b,1\n{rows}"));
    let run = refused(lexlog(&[
        "run".as_ref(),
        policy.as_os_str(),
        "-f".as_ref(),
        facts.as_os_str(),
    ]));
    assert!(run.err.contains("p.csv:3"), "{}", run.err);
    let quotes = "the quotes that open on line 3 are not closed";
    assert!(run.err.contains(quotes), "{}", run.err);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_folder_is_told_and_not_waited_for() {
    let hostile = Hostile::new();
    let policy = hostile.file("policy.lexlog", SMALL);
    let facts = TempDir::new().expect("there is room for a folder");
    fs::write(facts.path().join("p.csv"), "x,n\na,1\n").expect("there is room for a file");
    pipe(&facts.path().join("q.csv"));
    let run = refused(lexlog(&[
        "run".as_ref(),
        policy.as_os_str(),
        "-f".as_ref(),
        facts.path().as_os_str(),
    ]));
    assert!(
        run.err.contains("q.csv` is no ordinary file"),
        "{}",
        run.err
    );
    pipe(&hostile.folder.path().join("x.lexlog"));
    let folder = hostile.folder.path();
    let run = refused(lexlog(&["check".as_ref(), folder.as_os_str()]));
    assert!(
        run.err.contains("x.lexlog` is no ordinary file"),
        "{}",
        run.err
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_that_is_named_itself_is_read() {
    let hostile = Hostile::new();
    let [policy, facts] = ["policy", "facts"].map(|name| hostile.folder.path().join(name));
    pipe(&policy);
    pipe(&facts);
    let written = [
        (policy.clone(), SMALL),
        (facts.clone(), "x,n\nacme,1\nother,2\n"),
    ];
    let writers = written.map(|(path, text)| std::thread::spawn(move || fs::write(path, text)));
    let named = format!("p={}", facts.display());
    let run = lexlog(&[
        "run".as_ref(),
        policy.as_os_str(),
        "-f".as_ref(),
        named.as_ref(),
    ]);
    for writer in writers {
        writer
            .join()
            .expect("the writer ends")
            .expect("the pipe takes it all");
    }
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.contains("acme"), "{}", run.out);
}

#[test]
fn standard_input_is_unpacked_where_it_is_packed() {
    use std::io::Write;
    let hostile = Hostile::new();
    let policy = hostile.file("policy.lexlog", SMALL);
    let policy = policy.to_str().expect("it is UTF-8");
    let gzip = |text: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text).expect("there is room");
        packed.finish().expect("there is room")
    };
    let zstd = |text: &[u8]| zstd::encode_all(text, 1).expect("there is room");
    let (table, statements) = (
        &b"x,n\nacme,1\nother,2\n"[..],
        &b"p(acme, 1). p(other, 2)."[..],
    );
    for (named, text) in [("p=-", table), ("-", statements)] {
        let twice = [gzip(&text[..5]), gzip(&text[5..])].concat();
        for input in [text.to_vec(), gzip(text), twice, zstd(text)] {
            let run = lexlog_with_input(&["run", policy, "-f", named], &input);
            assert_eq!((run.code, run.err.as_str()), (0, ""), "{named}");
            assert!(run.out.starts_with("q(acme)"), "{}", run.out);
        }
        let nothing = lexlog_with_input(&["run", policy, "-f", named], "");
        assert!(!nothing.err.contains("packed"), "{}", nothing.err);
    }
    let half = gzip(table);
    let run = lexlog_with_input(&["run", policy, "-f", "p=-"], &half[..half.len() / 2]);
    insta::assert_snapshot!(refused(run).transcript(), @r"
    standard error:
    error[E0501]: `standard input` cannot be read: it is packed, and not whole
     |
     = help: give a file of facts, or a folder of them

    1 error
    exit 2
    ");
}

#[test]
fn folders_that_lie_too_deep_are_told_and_not_left_out() {
    let hostile = Hostile::new();
    let policy = hostile.file("policy.lexlog", SMALL);
    let deep = hostile.folder.path().join(["d"; 40].join("/"));
    fs::create_dir_all(&deep).expect("there is room for folders");
    fs::write(deep.join("more.lexlog"), "type U\n").expect("there is room for a file");
    let folder = hostile.folder.path();
    let run = refused(lexlog(&["check".as_ref(), folder.as_os_str()]));
    assert!(run.err.contains("more than 32 folders"), "{}", run.err);
    let run = refused(lexlog(&[
        "run".as_ref(),
        policy.as_os_str(),
        "-f".as_ref(),
        folder.as_os_str(),
    ]));
    assert!(run.err.contains("more than 32 folders"), "{}", run.err);
}

#[test]
fn names_without_an_end_are_told_once_and_in_short() {
    let word = "w".repeat(5_000);
    let long_id = format!("1{}", "(1)".repeat(10_000));
    for text in [
        format!("{SMALL}{word} is here.\n"),
        format!("{SMALL}{word}(X) if p(X, 1).\n"),
        format!("{SMALL}q(X) if p(X, {word}).\n"),
        format!("{SMALL}q(X) if {}(X).\n", "v".repeat(900)),
        format!(
            "{SMALL}notice n \"N\" {{ published 2025-01-01 effective 2025-01-01\n clause {long_id} \"C\" {{ }} }}\n"
        ),
    ] {
        let run = Hostile::new().check(&text);
        assert!(run.err.contains("1 error"), "{}", run.err);
        let title = run.err.lines().next().unwrap_or_default();
        assert!(title.len() < 300, "{title}");
    }
}
