//! The command line: `lexlog check`, `run`, `explain`, `verify`, `ask`, `timeline`, `test`, `diff`, `mutate`, `completions`.

mod arguments;
mod ask;
mod bad_rows;
mod certificates;
mod commands;
mod diff;
mod explain;
mod git;
mod mutate;
mod output;
mod outputs;
mod pages;
mod stats;
mod tables;
mod test;
mod timeline;
mod watchman;

use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

/// What a command found: the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Done, and nothing to object to.
    Fine,
    /// Done, and something to object to.
    Objection,
    /// Could not be done.
    Refused,
}

/// Room for policies and proofs that are deep.
const STACK: usize = 512 << 20;

/// Runs the command that the arguments name. Exit code 0: done, nothing to object to; 1: done, something to object to;
/// 2: could not be done.
pub fn main() -> ExitCode {
    watchman::take_no_harm_from_limits();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // Nobody may be listening any more; there is no one to tell.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let worker = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || run(arguments.command));
    let outcome = worker.map(std::thread::JoinHandle::join);
    match outcome {
        Ok(Ok(Outcome::Fine)) => ExitCode::SUCCESS,
        Ok(Ok(Outcome::Objection)) => ExitCode::from(1),
        Ok(Ok(Outcome::Refused) | Err(_)) | Err(_) => ExitCode::from(2),
    }
}

fn run(command: Command) -> Outcome {
    command.budget().watch();
    match command {
        Command::Check(arguments) => commands::check(&arguments),
        Command::Run(arguments) => commands::run(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Verify(arguments) => certificates::verify(&arguments),
        Command::Test(arguments) => test::test(&arguments),
        Command::Ask(arguments) => ask::ask(&arguments),
        Command::Timeline(arguments) => timeline::timeline(&arguments),
        Command::Diff(arguments) => diff::diff(&arguments),
        Command::Mutate(arguments) => mutate::mutate(&arguments),
        Command::Completions(arguments) => commands::completions(&arguments),
    }
}
