//! A policy and facts as texts, run and ready to be asked; and proofs as an outline, for reading in a test.

use lexlog::datalog::program::{Certainty, Program};
use lexlog::datalog::{Surroundings, lower};
use lexlog::diagnostic::{Diagnostics, render_text};
use lexlog::engine::{Answers, Engine, Given, Limits, Local};
use lexlog::facts::Facts;
use lexlog::ir::{
    Calendar, Circumstances, Fact, Policy, Query, RelationId, Status, calendar, calendars, resolve,
    resolve_facts, resolve_query,
};
use lexlog::proof::proof::{
    Attempt, ExemptionOutcome, ExemptionStep, Failing, Mark, Proof, Step, StepId, WhyNotRule,
};
use lexlog::proof::{Claim, Pattern, WhyNot, World};
use lexlog::source::Sources;
use lexlog::syntax;
use lexlog::value::{Date, Type, TypeId, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A policy and facts, resolved.
pub struct Asked {
    pub sources: Sources,
    pub policy: Policy,
    pub facts: Facts,
    pub circumstances: Circumstances,
    pub calendar: Calendar,
}

impl Asked {
    pub fn new(policy: &str, facts: &str) -> Asked {
        Asked::under(Circumstances::default(), &[policy], facts)
    }

    /// Several policy files, under circumstances.
    pub fn under(circumstances: Circumstances, texts: &[&str], facts: &str) -> Asked {
        let mut sources = Sources::default();
        let mut files = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            let id = sources.add(format!("p{at}.lexlog"), *text);
            let (file, slips) = syntax::parse(&sources, id);
            must_be_right(&slips, &sources);
            files.push((id, file));
        }
        let mut read = |_: &mut Sources, _, _: &str| Err("there are no other files".to_owned());
        let (policy, found) = resolve(&files, &mut sources, &mut read);
        must_be_right(&found, &sources);
        let id = sources.add("facts.lexlog", facts);
        let (file, slips) = syntax::parse(&sources, id);
        must_be_right(&slips, &sources);
        let (list, found) = resolve_facts(&policy, &file);
        must_be_right(&found, &sources);
        let (calendar, found) = calendar(&policy, &circumstances);
        must_be_right(&found, &sources);
        Asked {
            sources,
            policy,
            facts: Facts::of(list),
            circumstances,
            calendar,
        }
    }

    /// The policy's Datalog.
    fn program(&self) -> Program {
        let surroundings = Surroundings {
            cuts: cuts(self.facts.written()),
            named: named(&self.policy, self.facts.written()),
            ..Surroundings::default()
        };
        let (calendars, _) = calendars(&self.policy, &self.circumstances);
        let (program, found) = lower(&self.policy, &calendars, &self.circumstances, &surroundings);
        must_be_right(&found, &self.sources);
        program
    }

    /// What is told where the policy makes more facts than so many; nothing where it does not.
    pub fn beyond(&self, facts: usize) -> Option<String> {
        let program = self.program();
        let given = Given::new(&program, &self.facts, &BTreeSet::new());
        let limits = Limits {
            facts,
            ..Limits::default()
        };
        let failure = Local.run(&program, &given, limits).err()?;
        let diagnostic = failure.to_diagnostic(&program, &self.policy);
        Some(render_text(&[diagnostic], &self.sources, false))
    }

    /// Runs the policy and asks.
    pub fn ask<T>(&self, question: impl FnOnce(&World<'_>) -> T) -> T {
        let program = self.program();
        let given = Given::new(&program, &self.facts, &BTreeSet::new());
        let model = Local
            .run(&program, &given, Limits::default())
            .expect("the run ends");
        let answers = Answers {
            program: &program,
            model: &model,
            certainty: Certainty::Must,
        };
        question(&World::new(
            &self.policy,
            &self.calendar,
            &self.circumstances,
            &self.facts,
            &answers,
        ))
    }

    pub fn query(&self, text: &str) -> Query {
        let mut sources = self.sources.clone();
        let id = sources.add("query", text);
        let (parsed, slips) = syntax::parse_query(&sources, id);
        must_be_right(&slips, &sources);
        let (atom, on) = parsed.expect("it is an atom");
        resolve_query(&self.policy, &atom, on.as_ref()).unwrap_or_else(|found| {
            must_be_right(&found, &sources);
            unreachable!("a query without a message is resolved")
        })
    }

    /// The outline of the default proof of the first answer; empty where there is none.
    pub fn proof(&self, query: &str) -> String {
        let query = self.query(query);
        self.ask(|world| {
            let claims = world.answers(&query);
            let proof = claims.first().and_then(|claim| world.prove(claim));
            proof.map_or(String::new(), |proof| self.outline(&proof))
        })
    }

    /// The outline of why nothing matches.
    pub fn why_not(&self, query: &str) -> String {
        let query = self.query(query);
        self.ask(|world| self.outline_why_not(&world.why_not(&pattern(&self.policy, &query))))
    }

    pub fn outline(&self, proof: &Proof) -> String {
        let mut outline = Outline {
            asked: self,
            proof,
            out: String::new(),
        };
        outline.step(StepId(proof.steps.len() as u32 - 1), 0);
        outline.out
    }

    pub fn outline_why_not(&self, why_not: &WhyNot) -> String {
        let mut outline = Outline {
            asked: self,
            proof: &why_not.proof,
            out: String::new(),
        };
        for rule in &why_not.rules {
            outline.rule(rule, 0);
        }
        for near in &why_not.near {
            outline.line(0, &format!("near: {}", self.claim(near)));
        }
        outline.out
    }

    pub fn claim(&self, claim: &Claim) -> String {
        let args: Vec<Option<Value>> = claim.args.iter().cloned().map(Some).collect();
        self.pattern(&Pattern {
            present: Vec::new(),
            relation: claim.relation,
            args,
            day: claim.day,
        })
    }

    fn pattern(&self, pattern: &Pattern) -> String {
        let relation = self.policy.relation(pattern.relation);
        let fields = relation.fields.iter().zip(&pattern.args);
        let fields: Vec<String> = fields
            .map(|(field, value)| match value {
                Some(value) => self.value(value, field.ty),
                None => "_".into(),
            })
            .collect();
        let day = pattern
            .day
            .map_or(String::new(), |day| format!(" on {day}"));
        format!("{}({}){day}", relation.name, fields.join(", "))
    }

    fn value(&self, value: &Value, ty: Type) -> String {
        self.policy.types.literal(value, ty)
    }
}

/// A query as a pattern.
pub fn pattern(policy: &Policy, query: &Query) -> Pattern {
    let value = |term: &lexlog::ir::Term| match term {
        lexlog::ir::Term::Value(value) => Some(value.clone()),
        _ => None,
    };
    let standing = policy.relation(query.atom.relation).standing;
    Pattern {
        present: Vec::new(),
        relation: query.atom.relation,
        args: query.atom.args.iter().map(value).collect(),
        day: query.on.filter(|_| standing),
    }
}

fn must_be_right(found: &Diagnostics, sources: &Sources) {
    let errors = found.list.iter().filter(|it| it.is_error());
    let errors: Vec<String> = errors
        .map(|error| {
            let place = error.labels.first().map(|label| sources.cite(label.place));
            format!("{place:?} {} {}", error.code, error.message)
        })
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

fn cuts(facts: &[Fact]) -> BTreeSet<Date> {
    let days = facts.iter().filter_map(|fact| fact.days);
    days.flat_map(|(from, through)| [Some(from), through.tomorrow().ok()])
        .flatten()
        .collect()
}

fn named(policy: &Policy, facts: &[Fact]) -> BTreeMap<TypeId, BTreeSet<Value>> {
    let mut named = policy.named.clone();
    for fact in facts {
        for (field, value) in policy.relation(fact.relation).fields.iter().zip(&fact.args) {
            let is_present = !matches!(value, Value::None | Value::Unknown);
            if let (Type::Entity(id) | Type::Set(id), true) = (field.ty, is_present) {
                named.entry(id).or_default().insert(value.clone());
            }
        }
    }
    named
}

/// A proof as indented lines.
struct Outline<'a> {
    asked: &'a Asked,
    proof: &'a Proof,
    out: String,
}

impl Outline<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        self.out.push_str(&"  ".repeat(depth));
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn steps(&mut self, steps: &[StepId], depth: usize) {
        for step in steps {
            self.step(*step, depth);
        }
    }

    fn cite(&self, clause: Option<lexlog::ir::ClauseId>) -> String {
        clause.map_or("definition".into(), |id| self.asked.policy.citation(id))
    }

    fn step(&mut self, id: StepId, depth: usize) {
        let asked = self.asked;
        match &self.proof.steps[id.0 as usize] {
            Step::Rule(rule) => {
                let home = self.cite(asked.policy.rule(rule.rule).home);
                self.line(depth, &format!("{} by {home}", asked.claim(&rule.claim)));
                self.steps(&rule.premises, depth + 1);
            }
            Step::Fact(fact) => {
                let places = fact.places.iter().map(|place| asked.sources.cite(*place));
                let places: Vec<String> = places.collect();
                let clause = fact.clause.map_or(String::new(), |id| {
                    format!(" in {}", asked.policy.citation(id))
                });
                let line = format!(
                    "{}: {}{clause}",
                    asked.claim(&fact.claim),
                    places.join(", ")
                );
                self.line(depth, &line);
                self.steps(&fact.premises, depth + 1);
            }
            Step::Named(named) => {
                self.line(depth, &format!("{}: named", asked.claim(&named.claim)));
            }
            Step::Absent(absent) => {
                let word = if absent.exempted {
                    "not exempted"
                } else {
                    "no"
                };
                let by = absent
                    .by
                    .iter()
                    .flatten()
                    .map(|id| asked.policy.citation(*id));
                let by: Vec<String> = by.collect();
                let by = match by.is_empty() {
                    true => String::new(),
                    false => format!(" by {}", by.join(", ")),
                };
                self.line(
                    depth,
                    &format!("{word} {}{by}", asked.pattern(&absent.pattern)),
                );
                for reason in &absent.reasons {
                    self.rule(reason, depth + 1);
                }
            }
            Step::Compare(compare) => self.line(depth, &self.compare(compare)),
            Step::Aggregate(aggregate) => {
                let result = asked.value(&aggregate.result.0, aggregate.result.1);
                let line = format!("{} = {} {result}", aggregate.variable, aggregate.function);
                self.line(depth, &line);
                for one in &aggregate.contributions {
                    let term = one.term.as_ref();
                    let term = term.map_or("one".into(), |(value, ty)| asked.value(value, *ty));
                    self.line(depth + 1, &format!("+ {term}"));
                    self.steps(&one.premises, depth + 2);
                }
            }
            Step::Exemption(exemption) => self.exemption(exemption, depth),
            Step::InForce(step) => self.line(
                depth,
                &format!("{} {}", self.cite(Some(step.clause)), in_force(step)),
            ),
            Step::Judgement(judgement) => {
                let word = if judgement.truth { "judged" } else { "denied" };
                self.line(depth, &format!("{word} {}", asked.claim(&judgement.claim)));
            }
            Step::Review(review) => {
                let mark = match &review.mark {
                    Mark::BeyondReview { reviewed, .. } => format!("reviewed to {reviewed}"),
                    Mark::Unverified(why) => format!("unverified: {why}"),
                };
                self.line(depth, &format!("{} {mark}", self.cite(Some(review.clause))));
            }
        }
    }

    fn compare(&self, compare: &lexlog::proof::proof::CompareStep) -> String {
        let words = self.asked.sources.words(compare.span);
        let (left, right) = (&compare.left, &compare.right);
        format!(
            "{words}: {} {:?} {} {}",
            self.asked.value(&left.0, left.1),
            compare.op,
            self.asked.value(&right.0, right.1),
            compare.holds
        )
    }

    fn exemption(&mut self, step: &ExemptionStep, depth: usize) {
        let home = self.cite(Some(self.asked.policy.exemption(step.exemption).home));
        let claim = self.asked.claim(&step.claim);
        let (word, inside) = match &step.outcome {
            ExemptionOutcome::Applies(steps) => ("exempts", Some(steps)),
            ExemptionOutcome::Fails(_) => ("does not exempt", None),
            ExemptionOutcome::OtherFact => ("is not about", None),
            ExemptionOutcome::Exempted(_) => ("is exempted from for", None),
            ExemptionOutcome::Lifted => ("is lifted for", None),
        };
        self.line(depth, &format!("{home} {word} {claim}"));
        if let Some(derivation) = &step.derivation {
            let premises = match &**derivation {
                Step::Rule(rule) => rule.premises.clone(),
                Step::Fact(fact) => fact.premises.clone(),
                _ => Vec::new(),
            };
            self.line(depth + 1, "would follow");
            self.steps(&premises, depth + 2);
        }
        self.steps(inside.map_or(&[], Vec::as_slice), depth + 1);
        match &step.outcome {
            ExemptionOutcome::Fails(attempt) => self.attempt(attempt, depth + 1),
            ExemptionOutcome::Exempted(counter) => self.exemption(counter, depth + 1),
            _ => {}
        }
    }

    fn rule(&mut self, rule: &WhyNotRule, depth: usize) {
        let what = if rule.rule.is_some() { "rule" } else { "facts" };
        let line = format!("{what} of {}", self.cite(rule.clause));
        self.line(depth, &line);
        self.attempt(&rule.attempt, depth + 1);
    }

    fn attempt(&mut self, attempt: &Attempt, depth: usize) {
        let asked = self.asked;
        for (name, value, ty) in &attempt.bindings {
            self.line(depth, &format!("{name} is {}", asked.value(value, *ty)));
        }
        self.steps(&attempt.holds, depth);
        match &attempt.fails {
            Failing::Head => self.line(depth, "FAILS: other conclusion"),
            Failing::NoMatch { pattern, .. } => {
                self.line(depth, &format!("FAILS: no {}", asked.pattern(pattern)));
            }
            Failing::Matches { pattern, steps, .. } => {
                self.line(depth, &format!("FAILS: but {}", asked.pattern(pattern)));
                self.steps(steps, depth + 1);
            }
            Failing::Denied { pattern, steps } => {
                self.line(depth, &format!("FAILS: no {}", asked.pattern(pattern)));
                self.steps(steps, depth + 1);
            }
            Failing::Undecided(pattern) => {
                self.line(depth, &format!("NOT KNOWN: {}", asked.pattern(pattern)));
            }
            Failing::Compare(step) => self.line(depth, &format!("FAILS: {}", self.compare(step))),
            Failing::Sides(_, sides) => {
                self.line(depth, "FAILS: every side");
                for side in sides {
                    self.line(depth + 1, "side");
                    self.attempt(side, depth + 2);
                }
            }
            Failing::NoGroup(span, inside) => {
                let words = asked.sources.words(*span);
                self.line(depth, &format!("FAILS: nothing for {words}"));
                self.attempt(inside, depth + 1);
            }
            Failing::Differs { steps, wanted, .. } => {
                let wanted = asked.value(&wanted.0, wanted.1);
                self.line(depth, &format!("FAILS: it is not {wanted}"));
                self.steps(steps, depth + 1);
            }
            Failing::NotExempted {
                pattern,
                exemptions,
                reasons,
                ..
            } => {
                let line = format!("FAILS: not exempted {}", asked.pattern(pattern));
                self.line(depth, &line);
                for step in exemptions {
                    self.exemption(step, depth + 1);
                }
                for reason in reasons {
                    self.rule(reason, depth + 1);
                }
            }
            Failing::IsExempted { pattern, steps } => {
                self.line(
                    depth,
                    &format!("FAILS: exempted {}", asked.pattern(pattern)),
                );
                self.steps(steps, depth + 1);
            }
            Failing::Literal(span) => {
                let words = asked.sources.words(*span);
                self.line(depth, &format!("FAILS: {words}"));
            }
            Failing::NotInForce(step) => {
                let clause = self.cite(Some(step.clause));
                self.line(depth, &format!("FAILS: {clause} {}", in_force(step)));
            }
            Failing::NoDay => self.line(depth, "FAILS: no day"),
            Failing::Vague(pattern) => {
                let line = format!("FAILS: vague {}", asked.pattern(pattern));
                self.line(depth, &line);
            }
            Failing::MayBeBlocked(_, step) => {
                self.line(depth, "FAILS: perhaps exempted");
                self.exemption(step, depth + 1);
            }
            Failing::Blocked(step) => {
                self.line(depth, "FAILS: exempted");
                self.exemption(step, depth + 1);
            }
        }
    }
}

fn in_force(step: &lexlog::proof::proof::InForceStep) -> String {
    let status = match &step.status {
        Status::InForce => "in force",
        Status::NotYet => "not yet",
        Status::Ended => "ended",
        Status::Suspended(_) => "suspended",
        Status::Repealed(_) => "repealed",
        Status::Replaced(_) => "replaced",
        Status::Undecided(..) => "undecided",
        Status::LeftOut(_) => "left out",
    };
    let from = match step.from == lexlog::value::FIRST_DAY {
        true => String::new(),
        false => format!(" from {}", step.from),
    };
    let through = match step.through == lexlog::value::LAST_DAY {
        true => String::new(),
        false => format!(" through {}", step.through),
    };
    format!("{status}{from}{through} on {}", step.day)
}

/// The relations that a policy concludes.
pub fn concluded(policy: &Policy) -> impl Iterator<Item = RelationId> {
    let rules = policy.rules.iter().map(|rule| rule.head.relation);
    let facts = policy.facts.iter().map(|fact| fact.relation);
    rules
        .chain(facts)
        .collect::<BTreeSet<RelationId>>()
        .into_iter()
}
