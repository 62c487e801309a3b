//! The test suite: one binary, a module for each thing that is held to its word.

mod architecture;
mod asking;
mod browser;
mod cases;
mod certificates;
mod command;
mod diff;
mod explain_schema;
mod forgeries;
mod hostile;
mod mistakes;
mod mutate;
mod open;
mod open_rows;
mod pages;
mod proofs;
mod random;
mod random_policy;
mod readme;
mod redaction;
mod renderings;
mod review;
mod shuffles;
mod terminal;
mod testing;
mod timeline;
