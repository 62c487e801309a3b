#![doc = include_str!("ARCHITECTURE.md")]
#![warn(missing_docs)]

pub mod cli;
pub mod datalog;
pub mod diagnostic;
pub mod engine;
pub mod facts;
pub mod ir;
pub mod proof;
pub mod report;
pub mod session;
pub mod source;
pub mod syntax;
pub mod value;
