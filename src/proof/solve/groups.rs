//! Aggregates: the distinct bindings of the variables in braces, group by group.

use super::{Contributing, Folded, NO_RULE, Solution};
use crate::ir::{Aggregate, VariableId, are_determined};
use crate::proof::expr::fold;
use crate::proof::plan::Plan;
use crate::proof::{Side, World};
use crate::value::{Perhaps, Value};
use std::collections::{BTreeMap, BTreeSet};

impl<'a> World<'a> {
    /// The groups of an aggregate that agree with what is bound, each with its result.
    pub(in crate::proof) fn fold_groups(
        &self,
        aggregate: &'a Aggregate,
        plan: &Plan<'a>,
        outer: &Solution<'a>,
    ) -> Vec<(Solution<'a>, Folded<'a>)> {
        let groups = self.groups(aggregate, plan, outer);
        let mut others = match self.possible {
            Some(_) => self.on_other_side(|| self.groups(aggregate, plan, outer)),
            None => Groups::new(),
        };
        let folded = groups.into_iter().filter_map(|(group, ways)| {
            let others = self
                .possible
                .map(|_| others.remove(&group).unwrap_or_default());
            self.fold_group(aggregate, &group, ways, others, outer)
        });
        folded.collect()
    }

    fn groups(
        &self,
        aggregate: &'a Aggregate,
        plan: &Plan<'a>,
        outer: &Solution<'a>,
    ) -> Groups<'a> {
        let seed = self.inside(aggregate, outer);
        let mut groups = Groups::new();
        for solution in self.solutions(NO_RULE, plan, seed) {
            if self.is_certain(&solution) {
                let group = values_of(&aggregate.group, &solution);
                groups.entry(group).or_default().push(solution);
            }
        }
        if groups.is_empty() && aggregate.is_group_bound && aggregate.function.has_empty {
            groups.insert(values_of(&aggregate.group, outer), Vec::new());
        }
        groups
    }

    /// What is known inside braces: the variables of the group, and nothing of the others.
    pub(in crate::proof) fn inside(
        &self,
        aggregate: &Aggregate,
        outer: &Solution<'a>,
    ) -> Solution<'a> {
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
        others: Option<Vec<Solution<'a>>>,
        outer: &Solution<'a>,
    ) -> Option<(Solution<'a>, Folded<'a>)> {
        let contributions = self.contributions(aggregate, ways)?;
        let result = match others {
            None => fold(aggregate, terms_of(&contributions))?,
            Some(others) => {
                let others = self.contributions(aggregate, others)?;
                self.bounds(aggregate, &contributions, &others)?
            }
        };
        let mut solution = outer.clone();
        for (variable, value) in aggregate.group.iter().zip(group) {
            solution.bindings[variable.at()].clone_from(value);
        }
        let fits = match &solution.bindings[aggregate.result.at()] {
            Some(bound) if self.side.get() == Side::May => bound.possible_orders(&result).equal,
            Some(bound) => *bound == result && !result.is_open(),
            None => true,
        };
        let folded = Folded {
            result,
            contributions,
        };
        fits.then_some((solution, folded))
    }

    /// What a group comes to where more may belong to it than must: `others` are the contributions on the other side.
    fn bounds(
        &self,
        aggregate: &'a Aggregate,
        own: &[Contributing<'a>],
        others: &[Contributing<'a>],
    ) -> Option<Value> {
        let (must, may) = match self.side.get() {
            Side::Must => (own, others),
            Side::May => (others, own),
        };
        let key = |one: &Contributing<'a>| match (&one.term, aggregate.function.counts) {
            (Some(term), true) if !term.is_open() => vec![Some(term.clone())],
            _ => (one.ways.first()).map_or(Vec::new(), |way| values_of(&aggregate.locals, way)),
        };
        let sure: BTreeSet<Vec<Option<Value>>> = must.iter().map(key).collect();
        let dependencies = aggregate.dependencies(self.policy);
        let variables = [aggregate.group.as_slice(), &aggregate.locals].concat();
        let is_one = |one: &Contributing<'a>| {
            let way = one.ways.first();
            let value = |id: VariableId| way.and_then(|way| way.bindings[id.at()].as_ref());
            let is_known = |id| !value(id).is_some_and(Value::is_open);
            are_determined(&variables, &dependencies, is_known)
        };
        let more = may.iter().filter(|one| !sure.contains(&key(one)));
        let more: Vec<Perhaps> = more
            .map(|one| Perhaps {
                term: one.term.clone().unwrap_or(Value::Bool(true)),
                is_one: is_one(one),
            })
            .collect();
        let must = terms_of(must);
        if more.is_empty() && !must.iter().any(Value::is_open) {
            return fold(aggregate, must);
        }
        let is_sure = aggregate.function.has_empty || !must.is_empty();
        if self.side.get() == Side::Must && !is_sure {
            return None;
        }
        (aggregate.function.bounds)(aggregate.term.is_some(), &must, &more)
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
            // Terms that are open may be different ones.
            let key = match &term {
                Some(term) if is_by_term && !term.is_open() => vec![Some(term.clone())],
                _ => values_of(&aggregate.locals, &way),
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

/// Solutions of the braces by the values of the group.
type Groups<'a> = BTreeMap<Vec<Option<Value>>, Vec<Solution<'a>>>;

fn terms_of(contributions: &[Contributing<'_>]) -> Vec<Value> {
    let term = |one: &Contributing<'_>| one.term.clone().unwrap_or(Value::Bool(true));
    contributions.iter().map(term).collect()
}

fn values_of(variables: &[VariableId], solution: &Solution<'_>) -> Vec<Option<Value>> {
    let value = |variable: &VariableId| solution.bindings[variable.at()].clone();
    variables.iter().map(value).collect()
}
