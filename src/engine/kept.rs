//! A model in a saved run.

use super::Model;
use super::table::Table;
use crate::datalog::Program;
use crate::value::packed::{Packing, Unpacking};
use crate::value::symbols::Symbols;
use std::io;
use std::sync::Arc;

impl Model {
    /// Keeps its rows, and the values that are not those of the facts.
    pub fn pack(&self, to: &mut Packing<'_>) -> io::Result<()> {
        self.symbols.pack(to)?;
        self.tables.iter().try_for_each(|table| {
            to.number(table.len() as u64)?;
            to.words(table.cells())
        })
    }

    /// The model of that program that was kept, over the values of the same facts.
    pub fn unpack(
        from: &mut Unpacking<'_>,
        program: &Program,
        given: &Arc<Symbols>,
    ) -> Option<Model> {
        let mut model = Model::default();
        model.symbols = Symbols::unpack(from, Some(Arc::clone(given)))?;
        for relation in &program.relations {
            let (rows, cells) = (from.count()?, from.words()?);
            let has_all = rows.checked_mul(relation.arity) == Some(cells.len())
                && u32::try_from(rows).is_ok();
            if !has_all || !model.symbols.have(&cells) {
                return None;
            }
            model.tables.push(Table::of(relation.arity, rows, cells));
        }
        Some(model)
    }
}
