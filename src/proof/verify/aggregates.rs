//! Aggregates: over what surely belongs to a group, and what may.

use super::body::{At, Frame, Reading, Side, unify_one};
use super::order::Start;
use crate::ir::{Aggregate, VariableId, are_determined};
use crate::proof::expr::fold;
use crate::value::{Perhaps, Value};
use std::collections::BTreeMap;

/// For each group: the distinct bindings of the braces, each with its term.
type Groups = BTreeMap<Vec<Option<Value>>, Terms>;
type Terms = BTreeMap<Vec<Option<Value>>, Perhaps>;

impl<'a> Reading<'_, 'a> {
    /// The groups of an aggregate that agree with what is bound, each with its result.
    pub(super) fn folds(&self, at: At, aggregate: &'a Aggregate, outer: &Frame) -> Vec<Frame> {
        let own = self.groups(at, aggregate, outer);
        let mut others = self.groups(at.other(), aggregate, outer);
        let mut frames = Vec::new();
        for (group, ways) in own {
            let other = others.remove(&group).unwrap_or_default();
            let (sure, possible) = match at.side {
                Side::Sure => (&ways, &other),
                Side::Possible => (&other, &ways),
            };
            let Some(result) = fold_bounds(aggregate, sure, possible, at.side) else {
                continue;
            };
            let mut frame = outer.clone();
            for (variable, value) in aggregate.group.iter().zip(group) {
                frame.bindings[variable.at()] = value;
            }
            if unify_one(at.side, &mut frame.bindings, aggregate.result, &result) {
                frames.push(frame);
            }
        }
        frames
    }

    fn groups(&self, at: At, aggregate: &'a Aggregate, outer: &Frame) -> Groups {
        let mut seed = Frame {
            bindings: vec![None; outer.bindings.len()],
            day: outer.day,
        };
        for variable in &aggregate.group {
            seed.bindings[variable.at()].clone_from(&outer.bindings[variable.at()]);
        }
        let values = |variables: &[VariableId], frame: &Frame| -> Vec<Option<Value>> {
            let values = variables.iter();
            values.map(|it| frame.bindings[it.at()].clone()).collect()
        };
        let mut groups = Groups::new();
        let dependencies = aggregate.dependencies(self.ground.policy);
        let variables = [aggregate.group.as_slice(), &aggregate.locals].concat();
        for frame in self.solve(at, &aggregate.body, Start::Asked, None, None, seed) {
            let term = match &aggregate.term {
                Some(term) => match self.scope(&frame.bindings).value(term) {
                    Ok(value) => value,
                    Err(_) => {
                        self.fail("a term of an aggregate has no value");
                        return Groups::new();
                    }
                },
                None => Value::Bool(true),
            };
            // Terms that are open may be different ones.
            let is_by_term = aggregate.function.counts && aggregate.term.is_some();
            let key = match is_by_term && !term.is_open() {
                true => vec![Some(term.clone())],
                false => values(&aggregate.locals, &frame),
            };
            let is_known = |id: VariableId| {
                let value = frame.bindings[id.at()].as_ref();
                !value.is_some_and(Value::is_open)
            };
            let is_one = are_determined(&variables, &dependencies, is_known);
            let group = values(&aggregate.group, &frame);
            if group.iter().flatten().any(Value::is_open) {
                self.fail("to which group of an aggregate something belongs is not known");
            }
            let terms = groups.entry(group).or_default();
            terms.insert(key, Perhaps { term, is_one });
        }
        if groups.is_empty() && aggregate.is_group_bound && aggregate.function.has_empty {
            groups.insert(values(&aggregate.group, outer), BTreeMap::new());
        }
        groups
    }
}

/// What a group comes to, where some belongs to it for sure and some may.
fn fold_bounds(aggregate: &Aggregate, sure: &Terms, possible: &Terms, side: Side) -> Option<Value> {
    let must: Vec<Value> = sure.values().map(|it| it.term.clone()).collect();
    let more = possible.iter().filter(|(key, _)| !sure.contains_key(*key));
    let more: Vec<Perhaps> = more.map(|(_, term)| term.clone()).collect();
    let is_open = |terms: &[Value]| terms.iter().any(Value::is_open);
    if more.is_empty() && !is_open(&must) {
        return fold(aggregate, must);
    }
    if side == Side::Sure && !aggregate.function.has_empty && must.is_empty() {
        return None;
    }
    (aggregate.function.bounds)(aggregate.term.is_some(), &must, &more)
}
