//! What a run did, by the rules of the policy.

use super::Session;
use super::run::Evaluated;
use crate::datalog::Program;
use crate::datalog::program::{Atom, Check, Clause, Literal, Relation, Stratum, Term, Var};
use crate::engine::profile::PlanProfile;
use crate::report::{PlanStats, RuleStats, RunStats, StepStats, StratumStats};
use crate::source::Span;
use crate::value::Value;
use indexmap::IndexSet;
use std::cmp::Reverse;
use std::collections::BTreeMap;

impl Session {
    /// What a run did: its strata and rules; what the command did beside it is left to be filled in.
    pub fn stats(&self, evaluated: &Evaluated) -> RunStats {
        let program = evaluated.program();
        let profile = &evaluated.model.profile;
        let strata = program.strata.iter().zip(&profile.strata);
        let strata = strata.map(|(stratum, done)| StratumStats {
            relations: names(program, stratum),
            rounds: done.rounds,
            derived: done.derived,
            time: done.time,
        });
        let mut rules: BTreeMap<(Option<Span>, String), RuleStats> = BTreeMap::new();
        for plan in &profile.plans {
            let clause = &program.clauses[plan.clause];
            let head = &program.relations[clause.head.rel.0 as usize];
            let declared = head.declared_name().to_owned();
            let span = clause.origin.span;
            // What is not written anywhere goes by what it gives.
            let key = (
                span,
                if span.is_some() {
                    String::new()
                } else {
                    declared.clone()
                },
            );
            let rule = rules.entry(key).or_insert_with(|| RuleStats {
                span,
                relation: declared,
                tried: 0,
                derived: 0,
                time: std::time::Duration::ZERO,
                plans: Vec::new(),
            });
            rule.tried += plan.tried();
            if head.has_facts() {
                rule.derived += plan.derived;
            }
            rule.time += plan.time;
            rule.plans.push(plan_stats(program, clause, plan));
        }
        let mut rules: Vec<RuleStats> = rules.into_values().collect();
        rules.sort_by_key(|rule| (Reverse(rule.time), rule.span));
        RunStats {
            given: evaluated.facts.len(),
            strata: strata.collect(),
            for_proofs: profile.for_proofs,
            rules,
            ..RunStats::default()
        }
    }
}

fn plan_stats(program: &Program, clause: &Clause, plan: &PlanProfile) -> PlanStats {
    let steps = plan.steps.iter().map(|step| StepStats {
        words: words(program, clause, &clause.body[step.literal]),
        estimate: step.estimate,
        passed: step.passed,
    });
    PlanStats {
        head: atom(program, clause, &clause.head),
        runs: plan.runs,
        derived: plan.derived,
        has_facts: program.relations[clause.head.rel.0 as usize].has_facts(),
        steps: steps.collect(),
    }
}

/// The relations of a stratum; parts of conditions stand with the relation for which they are worked out.
fn names(program: &Program, stratum: &Stratum) -> Vec<String> {
    let relations = stratum.relations.iter();
    let relations = relations.map(|rel| &program.relations[rel.0 as usize]);
    let names: IndexSet<String> = relations.map(name_of).collect();
    names.into_iter().collect()
}

fn name(program: &Program, atom: &Atom) -> String {
    name_of(&program.relations[atom.rel.0 as usize])
}

fn name_of(relation: &Relation) -> String {
    match relation.is_part() {
        true => format!("conditions of {}", relation.declared_name()),
        false => relation.name.clone(),
    }
}

fn atom(program: &Program, clause: &Clause, atom: &Atom) -> String {
    let terms = atom.args.iter().map(|term| match term {
        Term::Var(var) => variable(clause, *var),
        Term::Value(value) => constant(value),
        Term::Any => "_".into(),
    });
    let terms: Vec<String> = terms.collect();
    if program.relations[atom.rel.0 as usize].is_part() {
        let what = if terms.len() > 1 {
            "combinations"
        } else {
            "values"
        };
        return format!("{what} of {} for this rule", terms.join(" and "));
    }
    format!("{}({})", name(program, atom), terms.join(", "))
}

fn constant(value: &Value) -> String {
    match value {
        Value::Name(text) | Value::Text(text) => text.to_string(),
        Value::Number(number) => number.to_words(),
        Value::Date(date) => date.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::None => "none".into(),
        // Members of a set stand by their places here.
        _ => "…".into(),
    }
}

fn variable(clause: &Clause, var: Var) -> String {
    clause.variables[var.0 as usize].clone()
}

fn words(program: &Program, clause: &Clause, literal: &Literal) -> String {
    match literal {
        Literal::Positive(positive) => atom(program, clause, positive),
        Literal::Negative(negative, _) => format!("not {}", atom(program, clause, negative)),
        Literal::Check(Check::Present(var)) => format!("{} is given", variable(clause, *var)),
        Literal::Check(Check::Within(..)) => "the day lies in the stretch".into(),
        Literal::Check(Check::Compare(..)) => "a comparison".into(),
        Literal::Check(_) => "a condition on values".into(),
        Literal::Bind(var, _) => format!("{} is worked out", variable(clause, *var)),
        Literal::Aggregate(aggregate) => {
            let result = variable(clause, aggregate.result);
            format!("{result} over {}", name(program, &aggregate.atom))
        }
    }
}
