//! `File` to `Policy`: names, types, units, notices and their days, exemptions; each rule with its place and citation.
//!
//! The names come first (`declare`, `notices`), then what is said with them (`bodies`, `tables`, `feeds`, `cases`), then what only
//! the whole shows: by which day each rule is judged (`timing`), and what each exemption blocks (`exemptions`).

mod bodies;
pub mod calendar;
mod cases;
mod declare;
mod determine;
mod error;
mod exemptions;
mod feeds;
mod given;
mod lint;
mod names;
mod notices;
pub mod policy;
mod records;
mod scope;
mod tables;
mod terms;
#[cfg(test)]
mod tests;
mod timing;
mod units;

pub use calendar::{
    Calendar, Calendars, Circumstances, Days, InForceIf, Lifted, Replacement, Status, Stretch,
    calendar, calendars, days_of_change, decided_by, undecided_calendar,
};
pub use determine::{Dependency, are_determined};
pub use policy::*;
pub use timing::{event_fields, events_of};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{FileId, Sources, Span};
use crate::syntax::File;
use crate::syntax::file;
use std::collections::BTreeSet;

/// What is found wrong, on the way.
type Problems = Vec<Diagnostic>;

/// Reads a file that stands beside a policy file (a table, a list): its text, kept in `Sources`, or what is wrong.
pub type ReadBeside<'a> = dyn FnMut(&mut Sources, FileId, &str) -> Result<FileId, String> + 'a;

/// Resolves and checks the files of one policy. Everything that can be made sense of is in the result, every slip in the
/// messages.
pub fn resolve(
    files: &[(FileId, File)],
    sources: &mut Sources,
    read_beside: &mut ReadBeside<'_>,
) -> (Policy, Diagnostics) {
    let mut policy = Policy {
        files: files.iter().map(|(id, _)| *id).collect(),
        ..Policy::default()
    };
    let mut names = names::Names::default();
    let mut problems = Problems::default();
    let items = || files.iter().flat_map(|(_, file)| &file.items);

    names.add_broken(files.iter().map(|(_, file)| file));
    notices::notices(items(), &mut policy, &mut names, &mut problems);
    let slips = || files.iter().flat_map(|(_, file)| &file.slips).copied();
    leave_out_lacking(slips(), &policy, &names, &mut problems);
    names.add_half_read(slips());
    let statements = names::statements(items(), &names, &policy);
    declare::types(
        &statements,
        &mut policy,
        &mut names,
        sources,
        read_beside,
        &mut problems,
    );
    units::units(&statements, &mut policy, &mut names, &mut problems);
    declare::relations(&statements, &mut policy, &mut names, &mut problems);
    notices::effects(items(), &mut policy, &names, &mut problems);

    bodies::statements(&statements, &mut policy, &names, &mut problems);
    tables::tables(
        &statements,
        &mut policy,
        &names,
        sources,
        read_beside,
        &mut problems,
    );
    feeds::feeds(&statements, &mut policy, &names, &mut problems);
    timing::judge(&mut policy, &mut problems);
    let wrong = problems.iter().filter(|problem| problem.is_error());
    names.add_half_read(wrong.filter_map(Diagnostic::at_words));
    exemptions::exemptions(&statements, &mut policy, &names, &mut problems);
    bodies::clause_references(&policy, &names, &mut problems);
    policy.named = policy.names_in_rules();
    cases::cases(&statements, &mut policy, &mut names, &mut problems);
    lint::lint(&policy, &mut problems);

    error::gather(&mut problems);
    let (_, cycles) = calendar(&policy, &Circumstances::default());
    let mut diagnostics = Diagnostics { list: problems };
    diagnostics.extend(cycles);
    diagnostics.sort();
    (policy, diagnostics)
}

/// A notice in which a line has a slip may well state there what it seems to lack.
fn leave_out_lacking(
    slips: impl Iterator<Item = Span>,
    policy: &Policy,
    names: &names::Names,
    problems: &mut Problems,
) {
    let notice_at = |at| names.home_at(at).map(|home| policy.clause(home).notice);
    let slipped: BTreeSet<NoticeId> = slips.filter_map(notice_at).collect();
    problems.retain(|problem| {
        let is_lacking = error::LACKING.contains(&problem.code);
        let notice = problem.at_words().and_then(notice_at);
        !is_lacking || notice.is_none_or(|notice| !slipped.contains(&notice))
    });
}

/// Resolves a lone atom against a policy, as on the command line.
pub fn resolve_query(
    policy: &Policy,
    atom: &file::Atom,
    on: Option<&file::Expr>,
) -> Result<Query, Diagnostics> {
    cases::resolve_query(policy, atom, on)
}

/// Resolves the statements of a file of facts against a policy.
pub fn resolve_facts(policy: &Policy, file: &File) -> (Vec<Fact>, Diagnostics) {
    cases::resolve_facts(policy, file)
}
