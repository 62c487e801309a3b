//! What a join makes: bindings for the next step, or heads.

use super::batch::Batch;
use super::gathered::{Gathered, Word};
use super::join::{BATCH, Run};
use super::plan::{Join, Kept};
use crate::engine::table::{RowId, Table};
use crate::value::symbols::Code;
use std::mem::{replace, take};

/// Where the bindings that a join makes are gathered, and sent on when there are enough; behind the last step, the heads.
pub struct Output<'r, 'a> {
    run: &'r Run<'a>,
    table: &'r Table,
    join: &'r Join,
    next: usize,
    batch: Batch,
    made: Option<Made>,
}

/// The heads that the last join makes.
struct Made {
    words: Vec<Word>,
    gathered: Gathered,
    added: usize,
}

impl<'r, 'a> Output<'r, 'a> {
    /// Nothing yet.
    pub fn new(run: &'r Run<'a>, table: &'r Table, join: &'r Join, next: usize) -> Self {
        let is_last = next == run.plan.steps.len();
        Output {
            run,
            table,
            join,
            next,
            batch: Batch::new(join.output.len()),
            made: is_last.then(|| Made {
                words: Word::of_head(run.plan, join),
                gathered: run.begin_gathering(),
                added: 0,
            }),
        }
    }

    /// Adds what a binding and a row of the table make together.
    #[inline]
    pub fn push(&mut self, binding: &[Code], id: RowId) {
        if self.run.is_over() {
            return;
        }
        let row = self.table.row(id);
        if let Some(made) = &mut self.made {
            let words = made.words.iter();
            made.gathered.add(words.map(|word| word.get(binding, row)));
            made.added += 1;
            if made.added == BATCH {
                self.run.account(&mut made.gathered, take(&mut made.added));
            }
            return;
        }
        let kept = self.join.output.iter();
        self.batch.push(kept.map(|kept| match kept {
            Kept::Slot(slot) => binding[*slot],
            Kept::Column(column) => row[*column],
        }));
        if self.batch.len() >= BATCH {
            self.send();
        }
    }

    fn send(&mut self) {
        let full = replace(&mut self.batch, Batch::new(self.join.output.len()));
        self.run.from(self.next, full);
    }

    /// Nothing more will come.
    pub fn end(mut self) {
        match self.made.take() {
            None => self.send(),
            Some(mut made) => {
                self.run.account(&mut made.gathered, made.added);
                self.run.gathered().push(made.gathered);
            }
        }
    }
}
