//! What rests on presumptions, and answers to questions as facts.

use super::Session;
use super::open::Sure;
use super::run::Evaluated;
use super::settling::is_row;
use crate::diagnostic::Diagnostics;
use crate::engine::settle::Answer;
use crate::facts::Facts;
use crate::ir::{Circumstances, Fact};
use crate::proof::Claim;
use crate::report::{Presumed, Question};
use crate::source::Place;
use crate::value::{FIRST_DAY, LAST_DAY, Type, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

impl Session {
    /// The presumptions that settle what would otherwise leave a verdict open, with those verdicts.
    pub fn presumed(
        &self,
        evaluated: &Evaluated,
        facts: &Facts,
    ) -> Result<Vec<Presumed>, Diagnostics> {
        let has_any = !self.policy.presumptions.is_empty() || !facts.presumptions.is_empty();
        if !has_any || evaluated.circumstances.without_presumptions {
            return Ok(Vec::new());
        }
        let circumstances = Circumstances {
            without_presumptions: true,
            ..evaluated.circumstances.clone()
        };
        let without = self.run(facts, &circumstances)?;
        let mut rests: BTreeMap<Question, BTreeSet<Claim>> = BTreeMap::new();
        for verdict in self.open_verdicts(&without) {
            if let Sure::Open(dependence) = verdict.sure {
                for dependency in dependence.on {
                    let claims = rests.entry(dependency.question).or_default();
                    claims.insert(verdict.claim.clone());
                }
            }
        }
        Ok(evaluated.with_world(&self.policy, |world| {
            let presumed = rests.into_iter().filter_map(|(question, claims)| {
                let (args, _) = self.args_and_days(question.relation, &question.args);
                let (presumption, value) =
                    world.presumed(question.relation, args, question.field)?;
                Some(Presumed {
                    place: Place::Span(presumption.rule.span),
                    reply: self.reply(&question, &Answer::Value(value)),
                    question,
                    claims: claims.into_iter().collect(),
                })
            });
            presumed.collect()
        }))
    }

    /// The statement of a fact that was answered, as it stands in a file of facts.
    pub fn statement(&self, fact: &Fact) -> String {
        let atom = self.context().atom(fact.relation, &fact.args);
        let not = if fact.denied { "not " } else { "" };
        let days = fact.days.map_or(String::new(), |(from, through)| {
            let from = (from > FIRST_DAY).then(|| format!(" from {from}"));
            let through = (through < LAST_DAY).then(|| format!(" through {through}"));
            from.into_iter().chain(through).collect()
        });
        format!("{not}{atom}{days}.")
    }

    /// Whether a fact gives all that another gives of the same thing.
    pub fn says_no_less(&self, fact: &Fact, other: &Fact) -> bool {
        let mut pairs = fact.args.iter().zip(&other.args);
        fact.relation == other.relation
            && (fact.days, fact.denied) == (other.days, other.denied)
            && pairs.all(|(own, others)| own == others || *others == Value::Unknown)
    }

    /// An answer to a question as a fact. `None`: it is no answer to that.
    pub fn answer(&self, facts: &Facts, question: &Question, answer: &str) -> Option<Fact> {
        let answer = answer.trim();
        let relation = self.policy.relation(question.relation);
        let (args, days) = self.args_and_days(question.relation, &question.args);
        let new = |denied| Fact {
            relation: question.relation,
            args: args.to_vec(),
            days,
            denied,
            place: Place::Assumed,
        };
        let truth = match answer.to_lowercase().as_str() {
            "y" | "yes" | "true" => Some(true),
            "n" | "no" | "false" => Some(false),
            _ => None,
        };
        let Some(field) = question.field else {
            return Some(new(!truth?));
        };
        let value = match relation.fields[field].ty {
            Type::Bool => Value::Bool(truth?),
            ty => crate::facts::value(&self.policy, ty, answer)?,
        };
        let mut given = facts.of_relation(question.relation);
        let given = given.find(|fact| is_row(fact, question.relation, args, days));
        let mut answered = given.map_or_else(|| new(false), Cow::into_owned);
        answered.args[field] = value;
        answered.place = Place::Assumed;
        Some(answered)
    }
}
