//! The document: how a certificate is written.

use super::{
    Assumption, Case, Certificate, Demand, InForce, Item, Premise, SCHEMA, Source, Subject, digest,
};
use crate::facts::Facts;
use crate::ir::{Policy, RelationId};
use crate::proof::proof::Claim;
use crate::source::{Place, Sources};
use crate::value::{Date, Type, Value};
use serde_json::{Map, Value as Json, json};

/// The document of a certificate.
pub fn write(policy: &Policy, sources: &Sources, facts: &Facts, certificate: &Certificate) -> Json {
    let writer = Writer { policy, sources };
    let subject = &certificate.subject;
    let files = subject.facts.iter();
    let files = files.map(|(name, digest)| json!({ "file": name, "sha256": digest }));
    let mut conclusion = writer.claim(&certificate.claim);
    conclusion.insert("text".into(), atom(policy, &certificate.claim).into());
    conclusion.insert("sha256".into(), certificate.conclusion.clone().into());
    let mut document = json!({
        "schema": SCHEMA,
        "policy": { "sha256": subject.policy },
        "facts": files.collect::<Vec<Json>>(),
        "case": subject.case,
        "as_of": subject.as_of.map(|day| day.to_string()),
        "known_at": subject.known_at.map(|day| day.to_string()),
        "without": subject.without,
        "presumptions": !subject.without_presumptions,
        "conclusion": conclusion,
    });
    match certificate.cases.as_slice() {
        [only] if !certificate.is_by_cases() => {
            for (name, part) in writer.shown(facts, only) {
                document[name] = part;
            }
        }
        cases => document["cases"] = cases.iter().map(|it| writer.case(facts, it)).collect(),
    }
    if let Some(digest) = &subject.redacted {
        document["redacted_facts"] = json!({ "sha256": digest });
    }
    document
}

/// The digest of what a certificate concludes of what.
pub fn conclusion_digest(policy: &Policy, subject: &Subject, claim: &Claim) -> String {
    let mut lines = vec![format!("policy {}", subject.policy)];
    lines.extend(
        subject
            .facts
            .iter()
            .map(|(_, digest)| format!("facts {digest}")),
    );
    lines.extend(
        subject
            .redacted
            .iter()
            .map(|it| format!("redacted facts {it}")),
    );
    lines.extend(subject.case.iter().map(|title| format!("case {title}")));
    lines.extend(subject.as_of.map(|day| format!("as of {day}")));
    lines.extend(subject.known_at.map(|day| format!("known at {day}")));
    lines.extend(subject.without.iter().map(|id| format!("without {id}")));
    if subject.without_presumptions {
        lines.push("without presumptions".into());
    }
    lines.push(format!("conclusion {}", atom(policy, claim)));
    digest::of_bytes((lines.join("\n") + "\n").as_bytes())
}

/// A fact as it stands in the language, with its day.
fn atom(policy: &Policy, claim: &Claim) -> String {
    let relation = policy.relation(claim.relation);
    let fields = relation.fields.iter().zip(&claim.args);
    let args = fields.map(|(field, value)| policy.types.literal(value, field.ty));
    let args: Vec<String> = args.collect();
    let day = claim.day.map_or(String::new(), |day| format!(" on {day}"));
    format!("{}({}){day}", relation.name, args.join(", "))
}

/// A value as documents have it.
pub(super) fn value_json(policy: &Policy, value: &Value, ty: Type) -> Json {
    match value {
        Value::None => json!({ "none": true }),
        Value::Unknown => json!({ "unknown": true }),
        Value::Range(range) => {
            let bound = |bound: &Option<Value>| bound.as_ref().map(|it| policy.types.data(it, ty));
            json!({ "from": bound(&range.low), "through": bound(&range.high) })
        }
        Value::Redacted(digest) => json!({ "redacted": &**digest }),
        known => policy.types.data(known, ty).into(),
    }
}

struct Writer<'a> {
    policy: &'a Policy,
    sources: &'a Sources,
}

impl Writer<'_> {
    fn value(&self, value: &Value, ty: Type) -> Json {
        value_json(self.policy, value, ty)
    }

    fn row(&self, relation: RelationId, args: &[Value]) -> Vec<Json> {
        let fields = self.policy.relation(relation).fields.iter().zip(args);
        fields
            .map(|(field, value)| self.value(value, field.ty))
            .collect()
    }

    fn claim(&self, claim: &Claim) -> Map<String, Json> {
        let mut object = Map::new();
        let relation = self.policy.relation(claim.relation);
        object.insert("relation".into(), relation.name.clone().into());
        object.insert("args".into(), self.row(claim.relation, &claim.args).into());
        if let Some(day) = claim.day {
            object.insert("day".into(), day.to_string().into());
        }
        object
    }

    fn case(&self, facts: &Facts, case: &Case) -> Json {
        let assumes = case.assumes.iter().map(|it| self.assumption(it));
        let mut object = Map::new();
        object.insert("assumes".into(), assumes.collect());
        object.extend(self.shown(facts, case));
        object.into()
    }

    /// `given` and `items`.
    fn shown(&self, facts: &Facts, case: &Case) -> Map<String, Json> {
        let assumed: Vec<Claim> = case.assumes.iter().filter_map(Assumption::gives).collect();
        let given = case.given.iter().map(|claim| {
            let mut given = self.claim(claim);
            let places = facts.with(claim.relation, &claim.args);
            let mut cited: Vec<String> = places.map(|it| self.sources.cite(it.place)).collect();
            if cited.is_empty() && assumed.contains(claim) {
                cited.push(self.sources.cite(Place::Assumed));
            }
            given.insert("source".into(), cited.into());
            Json::Object(given)
        });
        let mut steps = 0;
        let items = case.items.iter().map(|item| self.item(item, &mut steps));
        let mut object = Map::new();
        object.insert("given".into(), given.collect());
        object.insert("items".into(), items.collect());
        object
    }

    fn assumption(&self, assumption: &Assumption) -> Json {
        let Assumption { about, is } = assumption;
        let relation = self.policy.relation(about.relation);
        let mut object = Map::new();
        object.insert("relation".into(), relation.name.clone().into());
        object.insert("args".into(), self.row(about.relation, &about.args).into());
        match about.field {
            None => _ = object.insert("holds".into(), (*is == Value::Bool(true)).into()),
            Some(at) => {
                let field = &relation.fields[at];
                object.insert("field".into(), field.name.clone().into());
                object.insert("is".into(), self.value(is, field.ty));
            }
        }
        object.into()
    }

    fn item(&self, item: &Item, steps: &mut usize) -> Json {
        match item {
            Item::Complete(lists) => {
                let lists = lists.iter().map(|list| self.list(&list.demand, &list.rows));
                json!({ "complete": lists.collect::<Vec<Json>>() })
            }
            Item::Step(step) => {
                let mut object = Map::new();
                object.insert("step".into(), (*steps).into());
                *steps += 1;
                object.insert("fact".into(), self.claim(&step.claim).into());
                match &step.source {
                    Source::Stated(home) => {
                        let clause = home.map(|home| self.policy.citation(home));
                        object.insert("stated".into(), json!({ "clause": clause }));
                    }
                    Source::Rule(id, bindings) => {
                        let rule = self.policy.rule(*id);
                        let written = json!({
                            "clause": rule.home.map(|home| self.policy.citation(home)),
                            "text": digest::canonical(self.sources.words(rule.span)),
                            "source": self.sources.cite(Place::Span(rule.span)),
                        });
                        object.insert("rule".into(), written);
                        let variables = rule.variables.iter().zip(bindings);
                        let bound = variables.filter_map(|(variable, value)| {
                            let value = self.value(value.as_ref()?, variable.ty);
                            Some((variable.name.clone(), value))
                        });
                        object.insert(
                            "bindings".into(),
                            bound.collect::<Map<String, Json>>().into(),
                        );
                    }
                }
                let premises = step.premises.iter().map(|premise| match premise {
                    Premise::Given(at) => json!({ "given": at }),
                    Premise::Step(at) => json!({ "step": at }),
                });
                object.insert("premises".into(), premises.collect::<Vec<Json>>().into());
                if let Some(in_force) = &step.in_force {
                    object.insert("in_force".into(), self.in_force(in_force));
                }
                object.into()
            }
        }
    }

    fn in_force(&self, law: &InForce) -> Json {
        let day = |day: Date| day.to_string();
        json!({
            "clause": self.policy.citation(law.clause),
            "day": day(law.day), "from": day(law.from), "through": day(law.through),
        })
    }

    fn list(&self, demand: &Demand, rows: &[Vec<Value>]) -> Json {
        let relation = self.policy.relation(demand.relation);
        let fields = relation.fields.iter().zip(&demand.args);
        let args = fields.map(|(field, arg)| arg.as_ref().map(|value| self.value(value, field.ty)));
        let rows = rows.iter().map(|row| self.row(demand.relation, row));
        let mut object = Map::new();
        object.insert("relation".into(), relation.name.clone().into());
        object.insert("args".into(), json!(args.collect::<Vec<Option<Json>>>()));
        if let Some(day) = demand.day {
            object.insert("day".into(), day.to_string().into());
        }
        if let Some(by) = &demand.by {
            let by: Vec<String> = by
                .iter()
                .map(|clause| self.policy.citation(*clause))
                .collect();
            object.insert("by".into(), by.into());
        }
        object.insert("rows".into(), json!(rows.collect::<Vec<Vec<Json>>>()));
        object.into()
    }
}
