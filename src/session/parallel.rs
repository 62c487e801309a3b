//! Many things at a time, with results in the order in which they were asked for, whatever the number of threads.

use super::{CaseResult, Session};
use rayon::prelude::*;
use std::num::NonZeroUsize;

/// Room for the proofs of deep policies, in bytes a thread; pages that nobody touches cost nothing.
const STACK: usize = 256 << 20;

/// How many threads there are at most, whatever is asked for.
const MOST: usize = 256;

/// Does this for each item, on so many threads (`None`: as many as there are cores), and gives the results in the order of the
/// items. A thread that is through with its item takes the next, so items may differ in size.
///
/// Do not call it from within `work`: one level of threads is enough.
pub fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    jobs: Option<NonZeroUsize>,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let one_after_the_other = || items.iter().map(&work).collect();
    if items.len() < 2 || jobs.is_some_and(|jobs| jobs.get() == 1) {
        return one_after_the_other();
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs.map_or(0, |jobs| jobs.get().min(items.len()).min(MOST)))
        .stack_size(STACK)
        .build();
    match pool {
        Ok(pool) => pool.install(|| items.par_iter().with_max_len(1).map(&work).collect()),
        // A machine that gives no threads still gives answers.
        Err(_) => one_after_the_other(),
    }
}

impl Session {
    /// Runs these cases (places in `Policy::cases`) on so many threads (`None`: as many as there are cores); the results come in
    /// the order of `cases`. `done` is told of each case when it is through, on the thread that ran it and in no order: for a
    /// progress bar.
    ///
    /// To hold a changed policy against the same cases, give a `Session` whose `policy` is the changed one and call this on it:
    ///
    /// ```no_run
    /// # use lexlog::session::load;
    /// let session = load(&["policies".into(), "tests/cases".into()]);
    /// let mut changed = session.clone();
    /// changed.policy.rules[0].body.pop();
    /// let cases: Vec<usize> = (0..changed.policy.cases.len()).collect();
    /// let results = changed.run_cases(&cases, None, &|_| {});
    /// let is_noticed = results.iter().any(|result| !result.has_passed());
    /// ```
    ///
    /// Where many policies are to be run, spread the policies with [`in_parallel`], and run the cases of each with
    /// [`Session::run_case`], up to the first that fails.
    pub fn run_cases(
        &self,
        cases: &[usize],
        jobs: Option<NonZeroUsize>,
        done: &(dyn Fn(&CaseResult) + Sync),
    ) -> Vec<CaseResult> {
        in_parallel(cases, jobs, |case| {
            let result = self.run_case(*case);
            done(&result);
            result
        })
    }
}
