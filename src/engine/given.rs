//! `Facts` to rows of the program.

use crate::datalog::Program;
use crate::datalog::program::{RelId, Shape};
use crate::facts::Facts;
use crate::ir::Fact;
use crate::value::{FIRST_DAY, LAST_DAY, Value};

/// The rows of the program's input relations that the facts give.
pub fn given_rows(program: &Program, facts: &Facts) -> impl Iterator<Item = (RelId, Vec<Value>)> {
    facts
        .list
        .iter()
        .filter_map(move |fact| given_row(program, fact))
}

/// A denied judgement goes where its denials are; a fact of a dated input takes its days along.
fn given_row(program: &Program, fact: &Fact) -> Option<(RelId, Vec<Value>)> {
    let declared = program.declared.get(&fact.relation)?;
    let rel = if fact.denied {
        declared.denied?
    } else {
        declared.rel
    };
    let mut row = fact.args.clone();
    match declared.shape {
        Shape::Plain => {}
        Shape::Dated => {
            let (from, through) = fact.days.unwrap_or((FIRST_DAY, LAST_DAY));
            row.extend([Value::Date(from), Value::Date(through)]);
        }
        // Facts from outside are never standing unless dated: the checker refuses others.
        Shape::Standing(_) => return None,
    }
    Some((rel, row))
}
