//! `Model`: every row that holds, by relation.

use crate::datalog::program::RelId;
use crate::value::Value;

/// Every row that holds, by relation of the program.
#[derive(Clone, Debug, Default)]
pub struct Model {
    rows: Vec<std::collections::BTreeSet<Vec<Value>>>,
}

impl Model {
    /// The rows of a relation, in the order of their values.
    pub fn rows(&self, rel: RelId) -> impl Iterator<Item = Vec<Value>> + '_ {
        self.rows[rel.0 as usize].iter().cloned()
    }
}
