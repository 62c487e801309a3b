//! Values, types and exact numbers, and the tables of functions and aggregates over them.

mod aggregate;
mod counted;
mod day_pattern;
mod function;
mod number;
mod open;
pub mod packed;
pub mod symbols;
#[cfg(test)]
mod tests;
mod types;
mod written;

pub use aggregate::{Aggregate, aggregate_named};
pub use counted::{counted, with_commas};
pub use day_pattern::{DayPattern, NoDay, NoDayPattern};
pub use function::{
    Function, FunctionId, NoValue, Shape, Shift, does_match, function_named, functions, is_covered,
    shift_date, shift_working_days,
};
pub use jiff::civil::Date;
pub use number::Number;
pub use open::{Orders, Perhaps, Range};
pub use types::{
    Measure, Member, Members, NamedType, NumberType, Type, TypeId, TypeKind, Types, Unit, UnitId,
    write_name,
};
pub use written::{NoNumber, shortened};

use std::sync::Arc;

/// One exact value. Values of different types never meet: the checker sees to that.
/// The order is the one in which answers are printed, and within a type the order of its comparison.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A field `or none` that has nothing in it.
    None,
    /// A field `or unknown` whose value nobody has given yet.
    Unknown,
    /// A truth value.
    Bool(bool),
    /// A calendar day.
    Date(Date),
    /// A member of a closed set: its place in the set, from 0, in the order of the declaration.
    Member(u32),
    /// An exact number, in the base unit of its type (per cent: 30 % is 3/10).
    Number(Number),
    /// The name of an entity.
    Name(Arc<str>),
    /// A text.
    Text(Arc<str>),
    /// A value of which only bounds are known, such as a sum over what may or may not be.
    Range(Arc<Range>),
    /// A value that a certificate keeps to itself: the digest that stands for it. The same digest is the same value, another digest
    /// another one; nothing else is told of it.
    Redacted(Arc<str>),
}

/// The first day that can be written.
pub const FIRST_DAY: Date = Date::constant(-9999, 1, 1);
/// The last day that can be written; stands for "without end".
pub const LAST_DAY: Date = Date::constant(9999, 12, 31);
