//! The test suite: one binary, a module for each thing that is held to its word.

mod architecture;
mod proofs;
