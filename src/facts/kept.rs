//! Facts of tables in a saved run.

use super::batch::{Batch, LineRuns};
use super::facts::{Facts, Stored};
use crate::ir::{Kind, Policy, RelationId, RelationKind};
use crate::source::FileId;
use crate::value::packed::{Packing, Unpacking};
use crate::value::symbols::Symbols;
use std::io;
use std::sync::Arc;

impl Facts {
    /// Keeps those of tables. `first`: the first of the files in which they stand.
    pub fn pack(&self, to: &mut Packing<'_>, first: FileId) -> io::Result<()> {
        self.symbols().pack(to)?;
        to.number(self.batches().count() as u64)?;
        self.batches().try_for_each(|batch| batch.pack(to, first))
    }

    /// Those that were kept; they stand in these files.
    pub fn unpack(from: &mut Unpacking<'_>, policy: &Policy, files: &[FileId]) -> Option<Facts> {
        let symbols = Symbols::unpack(from, None)?;
        let mut batches = Vec::new();
        for _ in 0..from.count()? {
            batches.push(Arc::new(Batch::unpack(from, policy, files, &symbols)?));
        }
        let symbols = Arc::new(symbols);
        Some(Facts::new(Vec::new(), Stored { symbols, batches }))
    }
}

impl Batch {
    fn pack(&self, to: &mut Packing<'_>, first: FileId) -> io::Result<()> {
        to.number(u64::from(self.relation.0))?;
        to.number(u64::from(self.denied))?;
        to.number(u64::from(self.file().0 - first.0))?;
        to.number(self.len() as u64)?;
        to.words(&self.cells)?;
        to.words(&self.lines.to_words())
    }

    fn unpack(
        from: &mut Unpacking<'_>,
        policy: &Policy,
        files: &[FileId],
        symbols: &Symbols,
    ) -> Option<Batch> {
        let relation = RelationId(u32::try_from(from.number()?).ok()?);
        let declared = policy.relations.get(relation.0 as usize)?;
        let Kind::Declared(kind) = declared.kind else {
            return None;
        };
        let denied = from.number()? == 1;
        let is_given = match kind {
            RelationKind::Event | RelationKind::Input => !denied,
            RelationKind::Judgement => true,
            RelationKind::Relation | RelationKind::Verdict => false,
        };
        let file = *files.get(from.count()?)?;
        let fields = declared.fields.len();
        let mut batch = Batch::new(relation, fields, declared.dated, denied, file);
        batch.rows = from.count()?;
        batch.cells = from.words()?;
        batch.lines = LineRuns::of_words(&from.words()?)?;
        let has_all = batch.rows.checked_mul(batch.width) == Some(batch.cells.len())
            && u32::try_from(batch.rows).is_ok();
        (is_given && has_all && symbols.have(&batch.cells)).then_some(batch)
    }
}

impl LineRuns {
    fn to_words(&self) -> Vec<u32> {
        self.0
            .iter()
            .flat_map(|(row, line)| [*row, *line])
            .collect()
    }

    fn of_words(words: &[u32]) -> Option<LineRuns> {
        let (pairs, rest) = words.as_chunks();
        let runs: Vec<(u32, u32)> = pairs.iter().map(|[row, line]| (*row, *line)).collect();
        let is_in_order = runs.is_sorted_by(|one, next| one.0 < next.0);
        (rest.is_empty() && is_in_order).then_some(LineRuns(runs))
    }
}
