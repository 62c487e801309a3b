//! The document: what it says, against the policy of which it speaks.

use super::digest::canonical;
use super::form::{
    Document, FactLine, Open, Written, WrittenAssumption, WrittenCase, WrittenItem, WrittenList,
    WrittenRule, WrittenStep,
};
use super::{
    Assumption, Case, Certificate, Complete, Demand, InForce, Item, Premise, Source, Step, Subject,
    Undecided,
};
use crate::facts::Facts;
use crate::ir::{ClauseId, Fact, Kind, Policy, RelationId, RelationKind, RuleId};
use crate::proof::proof::Claim;
use crate::proof::verify::Rejection;
use crate::source::{FileId, Place, Sources};
use crate::value::{Date, FIRST_DAY, LAST_DAY, Measure, Number, Range, Type, Value, counted};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How many digits a number may have.
const MOST_DIGITS: usize = 20_000;

/// Facts, one a line.
pub(super) fn facts(policy: &Policy, file: FileId, text: &str) -> Result<Facts, String> {
    let names = Names::of_relations(policy);
    let mut facts = Facts::default();
    for (at, line) in text.lines().enumerate() {
        let line_number = at as u32 + 1;
        let wrong = |reason: String| format!("line {line_number}: {reason}");
        let read: FactLine = serde_json::from_str(line)
            .map_err(|_| wrong("it does not have the form of a fact".into()))?;
        let relation = names
            .relation(&read.relation, read.args.len())
            .map_err(wrong)?;
        let declared = policy.relation(relation);
        let is_given = matches!(
            declared.kind,
            Kind::Declared(RelationKind::Event | RelationKind::Input | RelationKind::Judgement)
        );
        let (from, through) = (
            day(&read.from).map_err(wrong)?,
            day(&read.through).map_err(wrong)?,
        );
        let has_days = from.is_some() || through.is_some();
        if !is_given || has_days && !declared.dated {
            return Err(wrong(format!("`{}` is not given like that", declared.name)));
        }
        let days = (from.unwrap_or(FIRST_DAY), through.unwrap_or(LAST_DAY));
        facts.push(Fact {
            relation,
            args: names.row(relation, &read.args).map_err(wrong)?,
            days: declared.dated.then_some(days),
            denied: read.denied.unwrap_or(false),
            place: Place::Record {
                file,
                line: line_number,
            },
        });
    }
    Ok(facts)
}

impl Document {
    /// What it says, in the terms of a policy.
    pub fn resolve(
        &self,
        policy: &Policy,
        sources: &Sources,
        subject: Subject,
    ) -> Result<Certificate, Rejection> {
        let names = Names::new(policy, sources);
        let conclusion = &self.conclusion;
        let claim = names.claim(&conclusion.relation, &conclusion.args, &conclusion.day);
        let mut certificate = Certificate {
            subject,
            claim: claim.map_err(Rejection::whole)?,
            conclusion: conclusion.sha256.clone(),
            cases: Vec::with_capacity(self.cases.len()),
        };
        for (at, case) in self.cases.iter().enumerate() {
            let case = names.case(case).map_err(|rejection| Rejection {
                case: (self.cases.len() > 1).then_some(at + 1),
                ..rejection
            })?;
            certificate.cases.push(case);
        }
        Ok(certificate)
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

fn date(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn day(text: &Option<String>) -> Result<Option<Date>, String> {
    let day = text
        .as_ref()
        .map(|text| date(text).ok_or(format!("`{text}` is no day")));
    day.transpose()
}

struct Names<'a> {
    policy: &'a Policy,
    relations: HashMap<&'a str, RelationId>,
    clauses: HashMap<String, ClauseId>,
    rules: HashMap<(Option<ClauseId>, RelationId, String), RuleId>,
}

impl<'a> Names<'a> {
    fn of_relations(policy: &'a Policy) -> Names<'a> {
        let relations = policy.relations.iter().enumerate();
        Names {
            policy,
            relations: relations
                .map(|(at, it)| (it.name.as_str(), RelationId(at as u32)))
                .collect(),
            clauses: HashMap::new(),
            rules: HashMap::new(),
        }
    }

    fn new(policy: &'a Policy, sources: &Sources) -> Names<'a> {
        let clauses = (0..policy.clauses.len() as u32).map(ClauseId);
        let rules = policy.rules.iter().enumerate().map(|(at, rule)| {
            let text = canonical(sources.words(rule.span));
            ((rule.home, rule.head.relation, text), RuleId(at as u32))
        });
        Names {
            rules: rules.collect(),
            clauses: clauses.map(|id| (policy.citation(id), id)).collect(),
            ..Names::of_relations(policy)
        }
    }

    fn relation(&self, name: &str, count: usize) -> Result<RelationId, String> {
        let id = *self
            .relations
            .get(name)
            .ok_or(format!("the policy has no `{name}`"))?;
        match self.policy.relation(id).fields.len() == count {
            true => Ok(id),
            false => {
                let fields = counted(count, "field");
                Err(format!("`{name}` does not have {fields}"))
            }
        }
    }

    fn clause(&self, citation: &str) -> Result<ClauseId, String> {
        let found = self.clauses.get(citation).copied();
        found.ok_or(format!("the policy has no clause `{citation}`"))
    }

    fn row(&self, relation: RelationId, args: &[Written]) -> Result<Vec<Value>, String> {
        let fields = &self.policy.relation(relation).fields;
        if fields.len() != args.len() {
            return Err("a row does not have as many values as the relation has fields".into());
        }
        let fields = fields.iter().zip(args);
        fields
            .map(|(field, value)| self.value(value, field.ty))
            .collect()
    }

    fn claim(&self, name: &str, args: &[Written], on: &Option<String>) -> Result<Claim, String> {
        let relation = self.relation(name, args.len())?;
        let day = day(on)?;
        if self.policy.relation(relation).standing != day.is_some() {
            return Err(format!(
                "`{name}` is on no day, or on one that it does not have"
            ));
        }
        Ok(Claim {
            relation,
            args: self.row(relation, args)?,
            day,
        })
    }

    fn value(&self, written: &Written, ty: Type) -> Result<Value, String> {
        match written {
            Written::Known(text) => self.known(text, ty),
            Written::Open(Open {
                none: Some(true),
                unknown: None,
                redacted: None,
                from: None,
                through: None,
            }) => Ok(Value::None),
            Written::Open(Open {
                none: None,
                unknown: Some(true),
                redacted: None,
                from: None,
                through: None,
            }) => Ok(Value::Unknown),
            Written::Open(Open {
                none: None,
                unknown: None,
                redacted: Some(digest),
                from: None,
                through: None,
            }) => match is_digest(digest) {
                true => Ok(Value::Redacted(Arc::from(digest.as_str()))),
                false => Err("a redacted value is no digest of 64 hexadecimal digits".into()),
            },
            Written::Open(Open {
                none: None,
                unknown: None,
                redacted: None,
                from,
                through,
            }) => {
                let bound =
                    |text: &Option<String>| text.as_ref().map(|it| self.known(it, ty)).transpose();
                Ok(Value::Range(Arc::new(Range {
                    low: bound(from)?,
                    high: bound(through)?,
                })))
            }
            Written::Open(_) => Err("a value is written in no way that there is".into()),
        }
    }

    fn known(&self, text: &str, ty: Type) -> Result<Value, String> {
        let value = match ty {
            Type::Entity(_) => Some(Value::Name(text.into())),
            Type::Text => Some(Value::Text(text.into())),
            Type::Date => date(text).map(Value::Date),
            Type::Bool => match text {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
            Type::Set(id) => self.policy.types.member(id, text).map(Value::Member),
            Type::Number(number) => {
                let factor = match number.measure {
                    Measure::Plain => Number::from_integer(1),
                    measure => self.policy.types.factor(measure),
                };
                let exact = (text.len() <= MOST_DIGITS)
                    .then(|| Number::from_text(text))
                    .flatten();
                exact.map(|exact| Value::Number(&exact * &factor))
            }
        };
        value.ok_or_else(|| {
            let short: String = text.chars().take(40).collect();
            format!("`{short}` is no {}", self.policy.types.name_of(ty))
        })
    }

    fn case(&self, case: &WrittenCase) -> Result<Case, Rejection> {
        let assumes = case.assumes.iter().map(|it| self.assumption(it));
        let assumes = assumes.collect::<Result<_, _>>();
        let given = case.given.iter();
        let given = given.map(|fact| self.claim(&fact.relation, &fact.args, &fact.day));
        let given = given.collect::<Result<_, _>>();
        let mut items = Vec::with_capacity(case.items.len());
        let mut steps = 0;
        for (at, item) in case.items.iter().enumerate() {
            let item = self.item(item, &mut steps);
            items.push(item.map_err(|reason| Rejection {
                item: Some(at + 1),
                ..Rejection::whole(reason)
            })?);
        }
        Ok(Case {
            assumes: assumes.map_err(Rejection::whole)?,
            given: given.map_err(Rejection::whole)?,
            items,
        })
    }

    fn assumption(&self, written: &WrittenAssumption) -> Result<Assumption, String> {
        let relation = self.relation(&written.relation, written.args.len())?;
        let (field, is) = match (written.holds, &written.field, &written.is) {
            (Some(holds), None, None) => (None, Value::Bool(holds)),
            (None, Some(name), Some(is)) => {
                let fields = &self.policy.relation(relation).fields;
                let at = fields.iter().position(|field| field.name == *name);
                let at = at.ok_or(format!("`{}` has no field `{name}`", written.relation))?;
                (Some(at), self.value(is, fields[at].ty)?)
            }
            _ => {
                return Err(
                    "what is assumed is either that a judgement holds or not, or what a field is"
                        .into(),
                );
            }
        };
        Ok(Assumption {
            about: Undecided {
                relation,
                args: self.row(relation, &written.args)?,
                field,
            },
            is,
        })
    }

    fn item(&self, item: &WrittenItem, steps: &mut usize) -> Result<Item, String> {
        match item {
            WrittenItem::Complete(lists) => {
                let lists = lists.complete.iter().map(|list| self.list(list));
                Ok(Item::Complete(lists.collect::<Result<_, _>>()?))
            }
            WrittenItem::Step(step) => {
                if step.step != *steps {
                    return Err("the steps are not counted from 0 on".into());
                }
                *steps += 1;
                Ok(Item::Step(self.step(step)?))
            }
        }
    }

    fn list(&self, list: &WrittenList) -> Result<Complete, String> {
        let relation = self.relation(&list.relation, list.args.len())?;
        let fields = self.policy.relation(relation).fields.iter().zip(&list.args);
        let args =
            fields.map(|(field, arg)| arg.as_ref().map(|it| self.value(it, field.ty)).transpose());
        let by = list.by.as_ref();
        let by = by.map(|by| {
            by.iter()
                .map(|it| self.clause(it))
                .collect::<Result<Vec<_>, _>>()
        });
        Ok(Complete {
            demand: Demand {
                relation,
                args: args.collect::<Result<_, _>>()?,
                day: day(&list.day)?,
                by: by.transpose()?,
            },
            rows: list
                .rows
                .iter()
                .map(|row| self.row(relation, row))
                .collect::<Result<_, _>>()?,
        })
    }

    fn step(&self, step: &WrittenStep) -> Result<Step, String> {
        let source = match (&step.rule, &step.bindings, &step.stated) {
            (Some(rule), Some(bindings), None) => {
                let head = self.relation(&step.fact.relation, step.fact.args.len())?;
                self.rule(rule, head, bindings)?
            }
            (None, None, Some(stated)) => {
                let clause = stated.clause.as_ref();
                Source::Stated(clause.map(|it| self.clause(it)).transpose()?)
            }
            _ => return Err("it must say by which rule it follows, or where it stands".into()),
        };
        let premises = step
            .premises
            .iter()
            .map(|premise| match (premise.given, premise.step) {
                (Some(at), None) => Ok(Premise::Given(at)),
                (None, Some(at)) => Ok(Premise::Step(at)),
                _ => Err("a premise is either a given fact or a step".to_owned()),
            });
        let in_force = step.in_force.as_ref().map(|law| {
            let day = |text: &String| date(text).ok_or(format!("`{text}` is no day"));
            Ok::<InForce, String>(InForce {
                clause: self.clause(&law.clause)?,
                day: day(&law.day)?,
                from: day(&law.from)?,
                through: day(&law.through)?,
            })
        });
        Ok(Step {
            claim: self.claim(&step.fact.relation, &step.fact.args, &step.fact.day)?,
            source,
            premises: premises.collect::<Result<_, _>>()?,
            in_force: in_force.transpose()?,
        })
    }

    fn rule(
        &self,
        written: &WrittenRule,
        head: RelationId,
        bindings: &BTreeMap<String, Written>,
    ) -> Result<Source, String> {
        let clause = written.clause.as_ref();
        let home = clause.map(|clause| self.clause(clause)).transpose()?;
        let key = (home, head, written.text.clone());
        let id = *self.rules.get(&key).ok_or(match home {
            Some(_) => "that clause has no such rule",
            None => "the policy has no such definition",
        })?;
        let rule = self.policy.rule(id);
        let mut values = vec![None; rule.variables.len()];
        for (name, value) in bindings {
            let at = rule
                .variables
                .iter()
                .position(|variable| variable.name == *name);
            let at = at.ok_or(format!("the rule has no variable `{name}`"))?;
            values[at] = Some(self.value(value, rule.variables[at].ty)?);
        }
        Ok(Source::Rule(id, values))
    }
}
