//! On what open answers depend, and the questions that this comes to.

use super::Session;
use super::open::{Found, Sure};
use super::run::Evaluated;
use crate::engine::Settled;
use crate::engine::settle::{Answer, AskedText, Dependence, HoldsIf, Point, TextTest};
use crate::ir::{Kind, RelationId, RelationKind};
use crate::proof::Extension;
use crate::report::{self, Asked, Decided, Dependency, Question, Reply};
use crate::value::{Date, Type, Value};
use std::collections::BTreeMap;

/// An answer that tells nothing.
const ANYTHING: &str = "anything";

impl Session {
    /// On what a row depends that was settled, by its questions. `is_vague`: a value in it is not known.
    pub(super) fn dependence(
        &self,
        evaluated: &Evaluated,
        settled: &Settled,
        dependence: &Dependence,
        is_vague: bool,
    ) -> report::Dependence {
        let mut on: BTreeMap<Question, Option<bool>> = BTreeMap::new();
        for (point, holds_if) in &dependence.points {
            let holds_if = match holds_if {
                HoldsIf::True => Some(true),
                HoldsIf::False => Some(false),
                HoldsIf::Mixed => None,
            };
            let question = question(settled.point(*point));
            // Of a row whose key is not known either, nobody can say anything.
            if dependence.is_exact || !self.has_open_key(&question) {
                on.insert(question, holds_if);
            }
        }
        let mut settlements = self.settlements(settled, dependence, on.keys());
        // That some such row holds in any case says nothing of the values in it.
        if is_vague && settlements.iter().all(|(_, holds)| *holds) {
            settlements.clear();
        }
        let on = on
            .into_iter()
            .map(|(question, holds_if)| Dependency { question, holds_if });
        let is_exact = dependence.is_exact;
        let has_no_point = !is_exact && dependence.points.is_empty();
        report::Dependence {
            on: on.collect(),
            settlements,
            is_exact,
            working_days: has_no_point.then(|| self.working_days(evaluated)).flatten(),
        }
    }

    fn has_open_key(&self, question: &Question) -> bool {
        let key = self.policy.relation(question.relation).key.unwrap_or(0);
        question.field.is_some() && question.args.iter().take(key).any(Value::is_open)
    }

    /// The first and the last day of the policy's calendar of working days, if it has one.
    fn working_days(&self, evaluated: &Evaluated) -> Option<(Date, Date)> {
        let relation = self.policy.working_day?;
        let rows = evaluated.possible().matching(relation, &[None], None);
        match (rows.first()?.first()?, rows.last()?.first()?) {
            (Value::Date(first), Value::Date(last)) => Some((*first, *last)),
            _ => None,
        }
    }

    /// The ways of settling, each with an answer a question in the order of the questions.
    fn settlements<'q>(
        &self,
        settled: &Settled,
        dependence: &Dependence,
        questions: impl Iterator<Item = &'q Question> + Clone,
    ) -> Vec<(Vec<Reply>, bool)> {
        let settlements = dependence.settlements.iter().map(|(answers, holds)| {
            let mut replies: BTreeMap<Question, Reply> = BTreeMap::new();
            for (point, answer) in answers {
                let question = question(settled.point(*point));
                let reply = self.reply(&question, answer);
                replies.insert(question, reply);
            }
            let anything = || Reply::Words(ANYTHING.into());
            let all = questions.clone();
            let all = all.map(|question| replies.remove(question).unwrap_or_else(anything));
            (all.collect(), *holds)
        });
        settlements.collect()
    }

    pub(super) fn reply(&self, question: &Question, answer: &Answer) -> Reply {
        let relation = self.policy.relation(question.relation);
        let ty = question
            .field
            .map_or(Type::Bool, |at| relation.fields[at].ty);
        let words = |value: &Value| match value {
            Value::Text(text) if text.is_empty() => "“”".into(),
            _ => self.policy.types.words(value, ty),
        };
        let listed = |values: &[Value], last: &str| {
            let values: Vec<String> = values.iter().map(words).collect();
            values.join(last)
        };
        Reply::Words(match answer {
            Answer::Truth(truth) | Answer::Value(Value::Bool(truth)) => {
                return Reply::Truth(*truth);
            }
            Answer::Value(value) => words(value),
            Answer::Example(value) => format!("{}, for example", words(value)),
            Answer::OneOf(values) => listed(values, " or "),
            Answer::NoneOf(values) if values.is_empty() => ANYTHING.into(),
            Answer::NoneOf(values) => format!("anything but {}", listed(values, " or ")),
            Answer::AsPresumed => "as presumed".into(),
            Answer::Such { so, not_so, .. } => {
                let what = if matches!(ty, Type::Text) {
                    "text"
                } else {
                    "name"
                };
                // What it is says all that is asked of its small letters.
                let is_said = so.iter().any(|it| it.test == TextTest::Is);
                let counts =
                    |it: &&AskedText| !is_said || !it.is_lowered || it.test == TextTest::Is;
                let so = so.iter().filter(counts).map(|it| tested(it, true));
                let not_so = not_so.iter().filter(|it| !is_said || !it.is_lowered);
                let not_so = not_so.map(|it| tested(it, false));
                let all: Vec<String> = so.chain(not_so).collect();
                match all.is_empty() {
                    true => ANYTHING.into(),
                    false => format!("a {what} that {}", all.join(" and ")),
                }
            }
            Answer::Between(low, high) => {
                let low = low.as_ref().map(|(value, is_in)| {
                    let word = if *is_in { "at least" } else { "more than" };
                    format!("{word} {}", words(value))
                });
                let high = high.as_ref().map(|(value, is_in)| {
                    let word = if *is_in { "at most" } else { "less than" };
                    format!("{word} {}", words(value))
                });
                let bounds: Vec<String> = low.into_iter().chain(high).collect();
                match bounds.is_empty() {
                    true => ANYTHING.into(),
                    false => bounds.join(" and "),
                }
            }
        })
    }

    /// The questions on which some verdict depends: those that decide most verdicts first.
    pub fn questions(&self, evaluated: &Evaluated) -> Vec<Asked> {
        let mut asked: BTreeMap<Question, Vec<Decided>> = BTreeMap::new();
        for found in self.open_verdicts(evaluated) {
            if let Sure::Open(dependence) = found.sure {
                for dependency in dependence.on {
                    let decides = asked.entry(dependency.question).or_default();
                    decides.push(Decided {
                        claim: found.claim.clone(),
                        days: found.days.clone(),
                        holds_if: dependency.holds_if,
                    });
                }
            }
        }
        let mut list: Vec<Asked> = asked
            .into_iter()
            .map(|(question, decides)| Asked { question, decides })
            .collect();
        list.sort_by_key(|asked| std::cmp::Reverse(asked.verdicts()));
        list
    }

    /// The verdicts that are open, and the answers of a `never` that are.
    pub fn open_verdicts(&self, evaluated: &Evaluated) -> Vec<Found> {
        let relations = self.policy.relations.iter().enumerate();
        let asked = relations.filter(|(_, relation)| {
            matches!(
                relation.kind,
                Kind::Declared(RelationKind::Verdict) | Kind::Constraint(_)
            )
        });
        let found = asked.flat_map(|(at, _)| self.all(evaluated, RelationId(at as u32)));
        found
            .filter(|found| matches!(found.sure, Sure::Open(_)))
            .collect()
    }
}

/// `starts with “1C”`, `does not contain “x”`, `in small letters is not “x”`
fn tested(asked: &AskedText, is_so: bool) -> String {
    let verb = match (asked.test, is_so) {
        (TextTest::Starts, true) => "starts with",
        (TextTest::Starts, false) => "does not start with",
        (TextTest::Contains, true) => "contains",
        (TextTest::Contains, false) => "does not contain",
        (TextTest::Ends, true) => "ends with",
        (TextTest::Ends, false) => "does not end with",
        (TextTest::Is, true) => "is",
        (TextTest::Is, false) => "is not",
        (TextTest::Matches, true) => "matches",
        (TextTest::Matches, false) => "does not match",
    };
    let letters = if asked.is_lowered {
        "in small letters "
    } else {
        ""
    };
    format!("{letters}{verb} “{}”", asked.word)
}

/// What is asked about a point.
pub(super) fn question(point: &Point) -> Question {
    match point {
        Point::Judgement { relation, args } => Question {
            relation: *relation,
            args: args.clone(),
            field: None,
        },
        Point::Field {
            relation,
            row,
            field,
        } => Question {
            relation: *relation,
            args: row.clone(),
            field: Some(*field),
        },
    }
}
