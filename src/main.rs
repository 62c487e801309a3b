//! The `lexlog` command.
fn main() -> std::process::ExitCode {
    lexlog::cli::main()
}
