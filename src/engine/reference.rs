//! The engine to compare with: naive, without an index, straight from the definition.
