//! Coverage in `lexlog test`: the table, the listing, and files for viewers.

use super::progress;
use crate::cli::Outcome;
use crate::cli::arguments::{CoverageAs, Test};
use crate::cli::output::write;
use crate::report::{Coverage, coverage_html, coverage_lcov, coverage_listing, coverage_text};
use crate::session::Session;

/// What the chosen cases show of the policy, if the arguments ask for it; files that they name are written.
pub(super) fn coverage(
    session: &Session,
    chosen: &[usize],
    arguments: &Test,
) -> Result<Option<Coverage>, Outcome> {
    let is_asked = arguments.coverage.is_some()
        || arguments.html.is_some()
        || arguments.lcov.is_some()
        || arguments.fail_under.is_some();
    if !is_asked {
        return Ok(None);
    }
    let bar = progress(chosen.len());
    let coverage = session.coverage(chosen, arguments.jobs, &|| bar.inc(1));
    bar.finish_and_clear();
    let context = session.context();
    let files = [
        (&arguments.html, coverage_html as fn(_, _) -> String),
        (&arguments.lcov, coverage_lcov),
    ];
    for (file, render) in files {
        if let Some(file) = file {
            match write(file, &render(context, &coverage)) {
                Outcome::Fine => {}
                other => return Err(other),
            }
        }
    }
    Ok(Some(coverage))
}

/// The table, and the listing if it is asked for.
pub(super) fn told(session: &Session, coverage: &Coverage, arguments: &Test) -> String {
    let context = session.context();
    let listing = match arguments.coverage {
        Some(CoverageAs::Listing) => coverage_listing(context, coverage),
        Some(CoverageAs::Summary) | None => String::new(),
    };
    listing + &coverage_text(context, coverage)
}

/// Whether less is covered than there should be.
pub(super) fn is_under(coverage: &Coverage, arguments: &Test) -> bool {
    let percent = coverage.share().percent();
    arguments
        .fail_under
        .is_some_and(|least| percent < usize::from(least))
}
