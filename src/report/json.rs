//! Proofs as data.
//!
//! `explain --format json` prints one object: `{"schema": 1, "status": "holds", "atom", "text", "proof": {"root", "steps"}}`,
//! or `{"schema": 1, "status": "absent", "atom", "text", "why_not": {"rules", "near", "steps"}, "nearest"}` (for that see
//! `nearest_json`); `--all` adds `others`, further proofs, and `further`, whether there are more. Steps are numbered; a step
//! names its premises by number, and premises stand in front of what follows from them. Every step has `id`, `kind` (`rule`,
//! `fact`, `absent`, `compare`, `aggregate`, `exemption`, `in_force`, `judgement`, `review`) and `text`; where it has them,
//! `atom`, `source` (a list of `file:line`), `clause`, `bindings` (by variable), `day`, and `premises`; `in_the_way` (steps)
//! for facts that keep something else from holding, and without which this might not.

use super::Context;
use super::comparison::comparison;
use super::tree::{in_force_words, mark, sentence, words};
use super::verdict::stretch_json;
use crate::ir::RuleId;
use crate::proof::proof::{
    Attempt, ExemptionOutcome, ExemptionStep, Failing, If, InForceStep, Obstacles, Proof, Step,
    StepId, WhyNot, WhyNotRule,
};
use crate::source::Place;
use serde_json::{Map, Value as Json, json};

/// A proof: `{"root", "steps"}`.
pub fn proof_json(context: Context<'_>, proof: &Proof) -> Json {
    json!({ "root": proof.steps.len().saturating_sub(1), "steps": steps_json(context, proof) })
}

/// Why something does not hold: `{"rules", "near", "steps"}`.
pub fn why_not_json(context: Context<'_>, why: &WhyNot) -> Json {
    let rules: Vec<Json> = why
        .rules
        .iter()
        .map(|rule| failed_rule(context, rule))
        .collect();
    let near: Vec<String> = why
        .near
        .iter()
        .map(|claim| context.atom(claim.relation, &claim.args))
        .collect();
    let mut told =
        json!({ "rules": rules, "near": near, "steps": steps_json(context, &why.proof) });
    if let Some(day) = why.pattern.day.filter(|_| why.is_on_any_day) {
        told["day"] = json!(day.to_string());
    }
    told
}

fn steps_json(context: Context<'_>, proof: &Proof) -> Json {
    Json::Array(
        proof
            .steps
            .iter()
            .enumerate()
            .map(|(id, step)| step_json(context, Some(id), step))
            .collect(),
    )
}

fn ids(steps: &[StepId]) -> Json {
    json!(steps.iter().map(|id| id.0).collect::<Vec<_>>())
}

fn places(context: Context<'_>, places: &[Place]) -> Json {
    json!(
        places
            .iter()
            .map(|place| context.place(*place))
            .collect::<Vec<_>>()
    )
}

fn step_json(context: Context<'_>, id: Option<usize>, step: &Step) -> Json {
    let mut object = Map::new();
    if let Some(id) = id {
        object.insert("id".into(), json!(id));
    }
    let kind = match step {
        Step::Rule(_) => "rule",
        Step::Fact(_) | Step::Named(_) => "fact",
        Step::Absent(_) => "absent",
        Step::Compare(_) => "compare",
        Step::Aggregate(_) => "aggregate",
        Step::Exemption(_) => "exemption",
        Step::InForce(_) => "in_force",
        Step::Judgement(_) => "judgement",
        Step::Review(_) => "review",
    };
    object.insert("kind".into(), json!(kind));
    object.insert("text".into(), json!(sentence(&context, step)));
    let mut put = |key: &str, value: Json| {
        object.insert(key.into(), value);
    };
    match step {
        Step::Rule(rule) => {
            let written = context.policy.rule(rule.rule);
            put(
                "atom",
                json!(context.atom(rule.claim.relation, &rule.claim.args)),
            );
            put("source", places(context, &[Place::Span(written.span)]));
            put("clause", clause(context, rule.rule));
            put("bindings", bindings(context, rule.rule, &rule.bindings));
            if let Some(day) = rule.day {
                put("day", json!(day.to_string()));
            }
            put("premises", ids(&rule.premises));
        }
        Step::Fact(fact) => {
            put(
                "atom",
                json!(context.atom(fact.claim.relation, &fact.claim.args)),
            );
            put("source", places(context, &fact.places));
            if let Some(id) = fact.clause {
                put("clause", json!(context.policy.citation(id)));
            }
            if let Some((from, through)) = fact.days {
                put("days", stretch_json(from, through));
            }
            put("premises", ids(&fact.premises));
        }
        Step::Named(named) => {
            let claim = &named.claim;
            put("atom", json!(context.atom(claim.relation, &claim.args)));
            put("source", places(context, named.place.as_slice()));
        }
        Step::Absent(absent) => {
            put("atom", json!(context.pattern_atom(&absent.pattern)));
            put(
                "reasons",
                Json::Array(
                    absent
                        .reasons
                        .iter()
                        .map(|reason| failed_rule(context, reason))
                        .collect(),
                ),
            );
            put_obstacles(&mut put, &absent.obstacles);
        }
        Step::Compare(compare) => {
            put("holds", json!(compare.holds));
            put("source", places(context, &[Place::Span(compare.span)]));
        }
        Step::Aggregate(aggregate) => {
            put("function", json!(aggregate.function));
            put(
                "result",
                json!(
                    context
                        .policy
                        .types
                        .data(&aggregate.result.0, aggregate.result.1)
                ),
            );
            put("source", places(context, &[Place::Span(aggregate.span)]));
            let contributions = aggregate.contributions.iter().map(|contribution| {
                let term = contribution
                    .term
                    .as_ref()
                    .map(|(value, ty)| context.policy.types.data(value, *ty));
                json!({ "term": term, "premises": ids(&contribution.premises) })
            });
            put("contributions", Json::Array(contributions.collect()));
            put_obstacles(&mut put, &aggregate.obstacles);
        }
        Step::Exemption(step) => put("exemption", exemption(context, step)),
        Step::InForce(step) => put("in_force", in_force(context, step)),
        Step::Judgement(judgement) => {
            put(
                "atom",
                json!(context.atom(judgement.claim.relation, &judgement.claim.args)),
            );
            put("truth", json!(judgement.truth));
            if judgement.is_presumed {
                put("presumed", json!(true));
            }
            if judgement.places.contains(&Place::Assumed) {
                put("open", json!(true));
            }
            put("source", places(context, &judgement.places));
            if !judgement.premises.is_empty() {
                put("premises", ids(&judgement.premises));
            }
        }
        Step::Review(review) => {
            put("clause", json!(context.policy.citation(review.clause)));
            put("mark", json!(mark(&context, review.clause, &review.mark)));
        }
    }
    Json::Object(object)
}

/// `"in_the_way": [step]`, where there is something; `"in_the_way_is_all": false` where there may be more.
fn put_obstacles(put: &mut impl FnMut(&str, Json), obstacles: &Obstacles) {
    if !obstacles.steps.is_empty() {
        put("in_the_way", ids(&obstacles.steps));
    }
    if obstacles.is_cut_short {
        put("in_the_way_is_all", json!(false));
    }
}

/// `{"id", "heading", "notice"}`, or `null` for a definition.
fn clause(context: Context<'_>, rule: RuleId) -> Json {
    let Some(home) = context.policy.rule(rule).home else {
        return Json::Null;
    };
    let clause = context.policy.clause(home);
    json!({ "id": context.policy.citation(home), "heading": clause.heading, "notice": context.policy.notice(clause.notice).title })
}

fn bindings(context: Context<'_>, rule: RuleId, values: &[Option<crate::value::Value>]) -> Json {
    let mut object = Map::new();
    for (variable, value) in context.policy.rule(rule).variables.iter().zip(values) {
        if let Some(value) = value.as_ref().filter(|_| !variable.name.starts_with('_')) {
            object.insert(
                variable.name.clone(),
                json!(context.policy.types.data(value, variable.ty)),
            );
        }
    }
    Json::Object(object)
}

fn in_force(context: Context<'_>, step: &InForceStep) -> Json {
    let mut object = Map::new();
    object.insert("clause".into(), json!(context.policy.citation(step.clause)));
    object.insert("day".into(), json!(step.day.to_string()));
    if let Some(law) = step.as_of {
        object.insert("as_of".into(), json!(law.to_string()));
    }
    object.insert("status".into(), json!(context.status(&step.status)));
    object.insert("days".into(), stretch_json(step.from, step.through));
    if let Some(before) = &step.before {
        object.insert("before".into(), json!(context.status(before)));
    }
    if let Some(after) = &step.after {
        object.insert("after".into(), json!(context.status(after)));
    }
    let olds = step.stands_as.iter();
    let olds: Vec<String> = olds.map(|old| context.policy.citation(*old)).collect();
    if !olds.is_empty() {
        object.insert("in_place_of".into(), json!(olds));
    }
    Json::Object(object)
}

fn exemption(context: Context<'_>, step: &ExemptionStep) -> Json {
    let written = context.policy.exemption(step.exemption);
    let (outcome, more) = match &step.outcome {
        ExemptionOutcome::Applies(steps) => ("applies", json!({ "premises": ids(steps) })),
        ExemptionOutcome::Fails(attempt) => (
            "fails",
            json!({ "attempt": self::attempt(context, attempt) }),
        ),
        ExemptionOutcome::OtherFact => ("other_fact", json!({})),
        ExemptionOutcome::Exempted(other) => {
            ("exempted", json!({ "by": exemption(context, other) }))
        }
        ExemptionOutcome::Lifted => ("lifted", json!({})),
    };
    let mut object = Map::new();
    object.insert(
        "clause".into(),
        json!(context.policy.citation(written.home)),
    );
    object.insert(
        "source".into(),
        places(context, &[Place::Span(written.span)]),
    );
    object.insert(
        "atom".into(),
        json!(context.atom(step.claim.relation, &step.claim.args)),
    );
    object.insert("outcome".into(), json!(outcome));
    if let Some(derivation) = &step.derivation {
        object.insert("derivation".into(), step_json(context, None, derivation));
    }
    if let Json::Object(more) = more {
        object.extend(more);
    }
    put_obstacles(
        &mut |key, value| _ = object.insert(key.into(), value),
        &step.obstacles,
    );
    Json::Object(object)
}

fn failed_rule(context: Context<'_>, reason: &WhyNotRule) -> Json {
    let source = reason
        .rule
        .map(|rule| context.place(Place::Span(context.policy.rule(rule).span)));
    let clause = reason
        .clause
        .or(reason.rule.and_then(|rule| context.policy.rule(rule).home));
    json!({ "clause": clause.map(|id| context.policy.citation(id)), "source": source, "attempt": attempt(context, &reason.attempt) })
}

fn attempt(context: Context<'_>, attempt: &Attempt) -> Json {
    let mut bindings = Map::new();
    for (name, value, ty) in attempt
        .bindings
        .iter()
        .filter(|(name, _, _)| !name.starts_with('_'))
    {
        bindings.insert(name.clone(), json!(context.policy.types.data(value, *ty)));
    }
    json!({ "bindings": bindings, "holds": ids(&attempt.holds), "fails": failing(context, &attempt.fails) })
}

fn failing(context: Context<'_>, failing: &Failing) -> Json {
    match failing {
        Failing::Head => json!({ "kind": "head" }),
        Failing::NoMatch {
            pattern, reasons, ..
        } => {
            let reasons: Vec<Json> = reasons
                .iter()
                .map(|reason| failed_rule(context, reason))
                .collect();
            json!({ "kind": "no_match", "atom": context.pattern_atom(pattern), "text": context.pattern_sentence(pattern), "reasons": reasons })
        }
        Failing::Matches { pattern, steps, .. } => {
            json!({ "kind": "matches", "atom": context.pattern_atom(pattern), "premises": ids(steps) })
        }
        Failing::Denied { pattern, steps } => {
            json!({ "kind": "denied", "atom": context.pattern_atom(pattern), "text": context.pattern_sentence(pattern), "premises": ids(steps) })
        }
        Failing::Undecided(pattern) => {
            json!({ "kind": "undecided", "atom": context.pattern_atom(pattern), "text": context.pattern_sentence(pattern) })
        }
        Failing::Vague(pattern) => {
            json!({ "kind": "vague", "atom": context.pattern_atom(pattern), "text": context.what_is_vague(pattern) })
        }
        Failing::Compare(step) => json!({ "kind": "compare", "text": comparison(&context, step) }),
        Failing::Sides(span, sides) => {
            let sides = sides.iter().map(|side| attempt(context, side));
            json!({ "kind": "or", "text": words(&context, *span), "sides": sides.collect::<Vec<_>>() })
        }
        Failing::NoGroup(span, inside) => {
            json!({ "kind": "no_group", "text": words(&context, *span), "attempt": attempt(context, inside) })
        }
        Failing::Differs {
            steps,
            span,
            wanted: (value, ty),
        } => {
            let wanted = context.policy.types.data(value, *ty);
            json!({ "kind": "differs", "text": words(&context, *span), "wanted": wanted, "premises": ids(steps) })
        }
        Failing::NotExempted {
            pattern,
            exemptions,
            reasons,
            ..
        } => {
            let exemptions = exemptions.iter().map(|step| exemption(context, step));
            let reasons = reasons.iter().map(|reason| failed_rule(context, reason));
            json!({
                "kind": "not_exempted",
                "atom": context.pattern_atom(pattern),
                "text": context.pattern_sentence(pattern),
                "exemptions": exemptions.collect::<Vec<_>>(),
                "reasons": reasons.collect::<Vec<_>>(),
            })
        }
        Failing::IsExempted { pattern, steps } => {
            json!({ "kind": "is_exempted", "atom": context.pattern_atom(pattern), "premises": ids(steps) })
        }
        Failing::Literal(span) => json!({ "kind": "literal", "text": words(&context, *span) }),
        Failing::NotInForce(step) => {
            json!({ "kind": "not_in_force", "text": in_force_words(&context, step), "in_force": in_force(context, step) })
        }
        Failing::NoDay => json!({ "kind": "no_day" }),
        Failing::Blocked(step) => {
            json!({ "kind": "exempt", "exemption": exemption(context, step) })
        }
        Failing::MayBeBlocked(condition, step) => {
            let If { judgement, truth } = condition;
            let atom = context.atom(judgement.relation, &judgement.args);
            let text = context.sentence(judgement);
            json!({ "kind": "may_be_exempt", "if": { "atom": atom, "text": text, "is": truth }, "exemption": exemption(context, step) })
        }
    }
}
