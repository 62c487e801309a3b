//! Aggregates: the distinct bindings of the variables in braces, group by group.

use super::{Contributing, Folded, NO_RULE, Solution};
use crate::ir::{Aggregate, VariableId};
use crate::proof::World;
use crate::proof::expr::fold;
use crate::proof::plan::Plan;
use crate::value::Value;
use std::collections::BTreeMap;

impl<'a> World<'a> {
    /// The groups of an aggregate that agree with what is bound, each with its result.
    pub(super) fn fold_groups(
        &self,
        aggregate: &'a Aggregate,
        plan: &Plan<'a>,
        outer: &Solution<'a>,
    ) -> Vec<(Solution<'a>, Folded<'a>)> {
        let seed = self.inside(aggregate, outer);
        let mut groups: BTreeMap<Vec<Option<Value>>, Vec<Solution<'a>>> = BTreeMap::new();
        for solution in self.solutions(NO_RULE, plan, seed) {
            if self.is_certain(&solution) {
                let group = values_of(&aggregate.group, &solution);
                groups.entry(group).or_default().push(solution);
            }
        }
        if groups.is_empty() && aggregate.is_group_bound && aggregate.function.has_empty {
            groups.insert(values_of(&aggregate.group, outer), Vec::new());
        }
        let folded = groups
            .into_iter()
            .filter_map(|(group, ways)| self.fold_group(aggregate, &group, ways, outer));
        folded.collect()
    }

    /// What is known inside braces: the variables of the group, and nothing of the others.
    pub(super) fn inside(&self, aggregate: &Aggregate, outer: &Solution<'a>) -> Solution<'a> {
        let mut seed = Solution::seed(vec![None; outer.bindings.len()], outer.day);
        for variable in &aggregate.group {
            seed.bindings[variable.at()] = outer.bindings[variable.at()].clone();
        }
        seed
    }

    pub(super) fn fold_group(
        &self,
        aggregate: &'a Aggregate,
        group: &[Option<Value>],
        ways: Vec<Solution<'a>>,
        outer: &Solution<'a>,
    ) -> Option<(Solution<'a>, Folded<'a>)> {
        let contributions = self.contributions(aggregate, ways)?;
        let terms = contributions.iter().map(|one| match &one.term {
            Some(term) => term.clone(),
            None => Value::Bool(true),
        });
        let result = fold(aggregate, terms.collect())?;
        let mut solution = outer.clone();
        for (variable, value) in aggregate.group.iter().zip(group) {
            solution.bindings[variable.at()].clone_from(value);
        }
        let fits = match &solution.bindings[aggregate.result.at()] {
            Some(bound) => *bound == result,
            None => true,
        };
        let folded = Folded {
            result,
            contributions,
        };
        fits.then_some((solution, folded))
    }

    /// One for each distinct binding (for `count X`: for each distinct term); `None` where a term has no value.
    pub(super) fn contributions(
        &self,
        aggregate: &'a Aggregate,
        ways: Vec<Solution<'a>>,
    ) -> Option<Vec<Contributing<'a>>> {
        let is_by_term = aggregate.function.counts && aggregate.term.is_some();
        let mut distinct: BTreeMap<Vec<Option<Value>>, Contributing<'a>> = BTreeMap::new();
        for way in ways {
            let term = match &aggregate.term {
                Some(term) => Some(self.scope(&way.bindings).value(term).ok()?),
                None => None,
            };
            let key = match is_by_term {
                true => vec![term.clone()],
                false => values_of(&aggregate.locals, &way),
            };
            let fresh = || Contributing {
                term,
                ways: Vec::new(),
            };
            distinct.entry(key).or_insert_with(fresh).ways.push(way);
        }
        Some(distinct.into_values().collect())
    }
}

fn values_of(variables: &[VariableId], solution: &Solution<'_>) -> Vec<Option<Value>> {
    let value = |variable: &VariableId| solution.bindings[variable.at()].clone();
    variables.iter().map(value).collect()
}
