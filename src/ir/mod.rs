//! `File` to `Policy`: names, types, units, notices and their days, exemptions; each rule with its place and citation.

pub mod calendar;
pub mod policy;

pub use calendar::{Calendar, Circumstances, Lifted, Replacement, Status, Stretch, calendar};
pub use policy::*;

use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources};
use crate::syntax::File;
use crate::syntax::file;

/// Reads a file that stands beside a policy file (a table, a list): its text, kept in `Sources`, or what is wrong.
pub type ReadBeside<'a> = dyn FnMut(&mut Sources, FileId, &str) -> Result<FileId, String> + 'a;

/// Resolves and checks the files of one policy. Everything that can be made sense of is in the result, every slip in the messages.
pub fn resolve(
    files: &[(FileId, File)],
    sources: &mut Sources,
    read_beside: &mut ReadBeside<'_>,
) -> (Policy, Diagnostics) {
    let _ = (files, sources, read_beside);
    (Policy::default(), Diagnostics::default())
}

/// Resolves a lone atom against a policy, as on the command line.
pub fn resolve_query(
    policy: &Policy,
    atom: &file::Atom,
    on: Option<&file::Expr>,
) -> Result<Query, Diagnostics> {
    let _ = (policy, atom, on);
    Err(Diagnostics::default())
}

/// Resolves the statements of a file of facts against a policy.
pub fn resolve_facts(policy: &Policy, file: &File) -> (Vec<Fact>, Diagnostics) {
    let _ = (policy, file);
    (Vec::new(), Diagnostics::default())
}
