//! How the command meets shells, pipes and terminals.

use crate::command::{lexlog, root};
use std::io::Read;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// As `lexlog`, but free to show colours.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lexlog"));
    command
        .args(arguments)
        .current_dir(root())
        .env_remove("NO_COLOR")
        .env("TERM", "xterm")
        .env("COLUMNS", "80")
        .stdin(Stdio::null());
    command
}

/// What the command does where its reader reads so many bytes and goes away.
fn read_only(bytes: usize, arguments: &[&str]) -> Output {
    let mut child = command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut out = child.stdout.take().expect("standard output is piped");
    out.read_exact(&mut vec![0; bytes])
        .expect("so much is printed");
    drop(out);
    child.wait_with_output().expect("the command ends")
}

#[test]
fn a_reader_that_goes_away_ends_a_command_quietly() {
    let folder = TempDir::new().expect("there is room for a folder");
    let facts = folder.path().join("named.csv");
    // Far more than a pipe holds.
    let rows: String = (0..40_000)
        .map(|at| format!("\"party number {at}\"\n"))
        .collect();
    std::fs::write(&facts, format!("party\n{rows}")).expect("there is room for a file");
    let policy = folder.path().join("policy.lexlog");
    std::fs::write(
        &policy,
        "type Party\ninput named(party: Party)\nverdict seen(party: Party)\nseen(P) if named(P).\n",
    )
    .expect("there is room for a file");
    let (policy, facts) = (policy.to_str(), facts.to_str());
    let (policy, facts) = (policy.expect("it is UTF-8"), facts.expect("it is UTF-8"));
    for format in ["text", "json", "csv"] {
        for bytes in [0, 100] {
            let run = read_only(
                bytes,
                &["run", policy, "--facts", facts, "--format", format],
            );
            let told = String::from_utf8_lossy(&run.stderr);
            assert_eq!(run.status.code(), Some(0), "{format}: {told}");
            assert_eq!(told, "", "{format}");
        }
    }
    let run = read_only(0, &["explain", policy, "--facts", facts, "seen(P)"]);
    assert_eq!(run.status.code(), Some(0));
    assert!(run.stderr.is_empty());
}

#[test]
fn each_shell_gets_completions_that_name_the_commands() {
    let commands = [
        "check",
        "run",
        "explain",
        "verify",
        "ask",
        "timeline",
        "test",
        "diff",
        "mutate",
        "completions",
    ];
    let options = ["facts", "query", "known-at", "with-suspended"];
    for (shell, sign) in [
        ("bash", "complete -F _lexlog"),
        ("zsh", "#compdef lexlog"),
        ("fish", "complete -c lexlog"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[lexlog]"),
    ] {
        let run = lexlog(&["completions", shell]);
        assert_eq!(run.code, 0, "{shell}: {}", run.err);
        for word in commands.iter().chain(&options).chain([&sign]) {
            assert!(run.out.contains(word), "{shell} lacks `{word}`");
        }
    }
    let run = lexlog(&["completions", "tcsh"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("possible values: bash"), "{}", run.err);
}

#[test]
fn a_pipe_gets_no_colours() {
    let proof = [
        "explain",
        "policies",
        "--facts",
        "tests/examples/suzhou.lexlog",
        "licence_required(t1)",
    ];
    let mistake = ["check", "tests/cases/mistakes/unknown_name.lexlog"];
    for arguments in [&proof[..], &mistake] {
        let run = command(arguments).output().expect("the command ends");
        assert!(!run.stdout.contains(&ESCAPE) && !run.stderr.contains(&ESCAPE));
    }
}

/// Begins a change of colour.
const ESCAPE: u8 = 0x1b;

#[cfg(unix)]
mod on_a_terminal {
    use super::{ESCAPE, command};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::fs::File;
    use std::io::Read;
    use std::process::Command;

    /// What a terminal shows of a command's results and messages.
    fn shown(command: &mut Command) -> Vec<u8> {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal opens");
        grantpt(&terminal).expect("it is ours");
        unlockpt(&terminal).expect("it can be used");
        let name = ptsname(&terminal, Vec::new()).expect("it has a name");
        let name = name.to_str().expect("it is UTF-8");
        let open = || {
            let file = File::options().read(true).write(true).open(name);
            file.expect("its other end opens")
        };
        let child = command.stdout(open()).stderr(open()).spawn();
        let mut child = child.expect("the command starts");
        // Our copies of the other end are closed, so that the terminal ends with the command.
        command.stdout(std::process::Stdio::null());
        command.stderr(std::process::Stdio::null());
        let mut bytes = Vec::new();
        // On some systems a terminal without another end is an error, not an end.
        let _ = File::from(terminal).read_to_end(&mut bytes);
        child.wait().expect("the command ends");
        bytes
    }

    #[test]
    fn results_and_messages_show_colours_unless_somebody_asks_for_none() {
        let proof = [
            "explain",
            "policies",
            "--facts",
            "tests/examples/suzhou.lexlog",
            "licence_required(t1)",
            "--quiet",
        ];
        let why_not = [
            "explain",
            "policies",
            "--facts",
            "tests/examples/suzhou.lexlog",
            "licence_required(t2)",
            "--quiet",
        ];
        let mistake = ["check", "tests/cases/mistakes/unknown_name.lexlog"];
        for arguments in [&proof[..], &why_not, &mistake] {
            let bytes = shown(&mut command(arguments));
            let text = String::from_utf8_lossy(&bytes);
            assert!(bytes.contains(&ESCAPE), "{text}");
            for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
                let bytes = shown(command(arguments).env(name, value));
                let plain = String::from_utf8_lossy(&bytes);
                assert!(!bytes.contains(&ESCAPE), "{name}={value}: {plain}");
                assert_eq!(without_colours(&text), plain);
            }
        }
    }

    /// The text with `ESC [ … m` left out.
    fn without_colours(text: &str) -> String {
        let mut parts = text.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |so_far, part| {
            so_far + part.split_once('m').map_or("", |(_, behind)| behind)
        })
    }
}
