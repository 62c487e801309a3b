//! Verdicts: what `run` prints.

use super::Context;
use super::question::{Dependence, depends_on_json, settlements_json};
use super::verdict_table::Cell;
use crate::proof::{Claim, Marks};
use crate::source::Place;
use crate::value::{Date, FIRST_DAY, LAST_DAY};
use serde_json::{Map, Value as Json, json};

/// Whether a verdict holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It does.
    Holds,
    /// It does or does not, as something decides that is not known.
    Open,
    /// It would, but for a suspension.
    Suspended,
    /// It would, but for an exemption.
    Exempt,
}

impl Standing {
    /// The word for it in data.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Holds => "holds",
            Standing::Open => "open",
            Standing::Suspended => "suspended",
            Standing::Exempt => "exempt",
        }
    }
}

/// A verdict, or the answer to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The fact; its day is left out.
    pub claim: Claim,
    /// Whether it holds.
    pub standing: Standing,
    /// The clauses that give it, as cited.
    pub by: Vec<String>,
    /// The days on which it holds, where it is a standing one.
    pub days: Vec<(Date, Date)>,
    /// How the clauses are marked on which it rests, or may rest.
    pub marks: Marks,
    /// On what it depends, where it is open.
    pub dependence: Dependence,
}

impl Verdict {
    /// Of which nothing is told but how it stands.
    pub fn bare(claim: Claim, standing: Standing) -> Verdict {
        Verdict {
            claim,
            standing,
            by: Vec::new(),
            days: Vec::new(),
            marks: Marks::default(),
            dependence: Dependence::default(),
        }
    }
}

/// One a line: the sentence, and the clauses behind it.
pub fn verdicts_text(context: Context<'_>, verdicts: &[Verdict]) -> String {
    let mut out = String::new();
    for verdict in verdicts {
        let mut line = match verdict.standing {
            Standing::Holds => String::new(),
            other => format!("{}: ", other.word()),
        };
        line += &context.sentence(&verdict.claim);
        line += &context.stretches(&verdict.days);
        if !verdict.by.is_empty() {
            line += &format!(" [{}]", verdict.by.join(", "));
        }
        let marks = verdict.marks.words();
        if !marks.is_empty() {
            line += &format!(" ({})", marks.join("; "));
        }
        if verdict.standing == Standing::Open {
            line += &format!(": {}", context.dependence(&verdict.dependence));
        }
        out += &line;
        out.push('\n');
    }
    out
}

/// The objects of `verdicts` in the output of `run --format json`.
pub fn verdicts_json(context: Context<'_>, verdicts: &[Verdict]) -> Json {
    Json::Array(
        verdicts
            .iter()
            .map(|verdict| verdict_json(context, verdict))
            .collect(),
    )
}

/// The same objects, a line each.
pub fn verdicts_jsonl(context: Context<'_>, verdicts: &[Verdict]) -> String {
    let lines = verdicts.iter();
    lines
        .map(|verdict| format!("{}\n", verdict_json(context, verdict)))
        .collect()
}

/// The entries `never` in the output of `run --format json`: each constraint that is broken or may be, by its place in
/// `Policy::constraints`, with its answers.
pub fn broken_json(context: Context<'_>, broken: &[(usize, Vec<Verdict>)]) -> Json {
    let entries = broken.iter().map(|(at, answers)| {
        let constraint = &context.policy.constraints[*at];
        let rule = context.policy.rule(constraint.rule);
        let answers = answers.iter().map(|answer| {
            let mut answer = verdict_json(context, answer);
            // Its relation has no name that an author gave.
            answer.as_object_mut().map(|it| it.shift_remove("relation"));
            answer
        });
        json!({
            "message": constraint.message,
            "source": context.place(Place::Span(rule.span)),
            "answers": answers.collect::<Vec<_>>(),
        })
    });
    Json::Array(entries.collect())
}

fn verdict_json(context: Context<'_>, verdict: &Verdict) -> Json {
    let relation = context.policy.relation(verdict.claim.relation);
    let mut object = Map::new();
    object.insert("relation".into(), json!(relation.name));
    object.insert("args".into(), args_json(context, &verdict.claim));
    object.insert("text".into(), json!(context.sentence(&verdict.claim)));
    object.insert("status".into(), json!(verdict.standing.word()));
    object.insert("by".into(), json!(verdict.by));
    if relation.standing {
        object.insert("days".into(), stretches_json(&verdict.days));
    }
    if verdict.standing == Standing::Open {
        let dependence = &verdict.dependence;
        object.insert("depends_on".into(), depends_on_json(context, dependence));
        if !dependence.settlements.is_empty() {
            object.insert("settlements".into(), settlements_json(dependence));
        }
        if !dependence.is_exact {
            object.insert("exact".into(), json!(false));
            if let Some((first, last)) = dependence.working_days {
                object.insert("first_working_day".into(), json!(first.to_string()));
                object.insert("last_working_day".into(), json!(last.to_string()));
            }
        }
    }
    add_marks(&verdict.marks, &mut object);
    Json::Object(object)
}

/// `beyond_review` and `unverified`, each where it is so.
pub fn add_marks(marks: &Marks, object: &mut Map<String, Json>) {
    if marks.beyond_review {
        object.insert("beyond_review".into(), json!(true));
    }
    if !marks.unverified.is_empty() {
        object.insert("unverified".into(), json!(marks.unverified));
    }
}

/// `{field: value}`: decimals and dates are strings, whole numbers (up to 64 bits) and truth values are not; a field that is
/// missing is `null`.
pub(super) fn args_json(context: Context<'_>, claim: &Claim) -> Json {
    let relation = context.policy.relation(claim.relation);
    let pairs = relation.fields.iter().zip(&claim.args);
    let args = pairs.map(|(field, value)| {
        let shown = match Cell::of(context, value, field.ty) {
            Cell::Empty => Json::Null,
            Cell::Text(text) | Cell::Bounds(text) => json!(text),
            Cell::Day(day) => json!(day.to_string()),
            Cell::Whole(number) => json!(number),
            Cell::Truth(truth) => json!(truth),
        };
        (field.name.clone(), shown)
    });
    Json::Object(args.collect())
}

/// `{"from": …, "through": …}`, open ends left out.
pub fn stretch_json(from: Date, through: Date) -> Json {
    let mut object = Map::new();
    if from > FIRST_DAY {
        object.insert("from".into(), json!(from.to_string()));
    }
    if through < LAST_DAY {
        object.insert("through".into(), json!(through.to_string()));
    }
    Json::Object(object)
}

/// Several of them.
pub fn stretches_json(days: &[(Date, Date)]) -> Json {
    let days = days.iter();
    days.map(|(from, through)| stretch_json(*from, *through))
        .collect()
}
