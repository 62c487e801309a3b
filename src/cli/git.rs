//! A policy as it stood at a git revision: written into a folder of its own.

use crate::source::reason;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A policy of a revision, in a folder that goes away with this.
pub(super) struct AtRevision {
    /// Where its files stand.
    pub(super) folder: TempDir,
    /// The policy: the folder, or a file in it.
    pub(super) policy: PathBuf,
    /// What stands in front of the names of its files: `main:policies`.
    pub(super) name: String,
}

/// Takes the policy at `path` out of a revision; what is wrong, in words, otherwise.
pub(super) fn at_revision(revision: &str, path: &Path) -> Result<AtRevision, String> {
    if revision.is_empty() || revision.starts_with('-') {
        return Err(format!("`{revision}` is no git revision"));
    }
    let (inside, file) = match path.is_dir() {
        true => (path.to_owned(), None),
        false => (folder_of(path), path.file_name()),
    };
    let git = |arguments: &[&str]| run(&inside, arguments);
    if !git(&["rev-parse", "--is-inside-work-tree"])?
        .status
        .success()
    {
        let shown = inside.display();
        return Err(format!(
            "`{shown}` is not kept with git: there is no repository around it"
        ));
    }
    let tree = format!("{revision}^{{tree}}");
    if !git(&["rev-parse", "--verify", "--quiet", &tree])?
        .status
        .success()
    {
        return Err(format!("git has no revision `{revision}` here"));
    }
    let listed = git(&["ls-tree", "-r", "-z", "--name-only", revision])?;
    let names = text(listed)?;
    let names = names.split('\0').filter(|name| is_needed(name));
    let folder = TempDir::new()
        .map_err(|error| format!("there is no room for the old policy: {}", reason(&error)))?;
    let mut count = 0;
    for name in names {
        let shown = git(&["show", &format!("{revision}:./{name}")])?;
        if !shown.status.success() {
            return Err(format!(
                "git does not show `{name}` of `{revision}`: {}",
                told(&shown)
            ));
        }
        let to = folder.path().join(name);
        let parent = to.parent().unwrap_or(folder.path());
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&to, &shown.stdout))
            .map_err(|error| format!("the old policy cannot be kept: {}", reason(&error)))?;
        count += 1;
    }
    let policy = match file {
        Some(file) => folder.path().join(file),
        None => folder.path().to_owned(),
    };
    if count == 0 || !policy.exists() {
        let shown = path.display();
        return Err(format!("`{revision}` has no policy at `{shown}`"));
    }
    let shown = inside.to_string_lossy().replace('\\', "/");
    let name = match shown.trim_end_matches('/') {
        "." | "" => format!("{revision}:"),
        folder => format!("{revision}:{}/", folder.trim_start_matches("./")),
    };
    Ok(AtRevision {
        folder,
        policy,
        name,
    })
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Policies, and the tables and lists beside them.
fn is_needed(name: &str) -> bool {
    let ending = Path::new(name)
        .extension()
        .and_then(|ending| ending.to_str());
    matches!(ending, Some("lexlog" | "csv"))
}

fn run(inside: &Path, arguments: &[&str]) -> Result<Output, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(inside)
        .args(arguments)
        .output();
    output.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "the program `git` is not there".to_owned(),
        _ => format!("the program `git` cannot be run: {}", reason(&error)),
    })
}

fn text(output: Output) -> Result<String, String> {
    match output.status.success() {
        true => String::from_utf8(output.stdout)
            .map_err(|_| "git names files that are not in UTF-8".to_owned()),
        false => Err(format!("git says: {}", told(&output))),
    }
}

/// The first line that git says about what went wrong.
fn told(output: &Output) -> String {
    let words = String::from_utf8_lossy(&output.stderr);
    let first = words.lines().next().unwrap_or("nothing").to_owned();
    first.trim_start_matches("fatal: ").to_owned()
}
