//! What would have to be otherwise for something to hold.

use super::Context;
use super::text::{Style, wrapped};
use crate::proof::{Change, Claim, Nearest};
use crate::value::Value;
use serde_json::{Value as Json, json};

/// `{"ways": [{"changes": [{"kind", "atom", "text"}]}], "tried", "more"}`; kinds are `add` (with `examples`, the fields in
/// which another value may do as well), `remove`, `replace` (with
/// `instead_of`, an atom) and `judge` (with `truth`).
pub fn nearest_json(context: Context<'_>, nearest: &Nearest) -> Json {
    let ways = nearest.ways.iter().map(|way| {
        let changes = way.iter().map(|change| change_json(context, change));
        json!({ "changes": changes.collect::<Vec<_>>() })
    });
    let ways: Vec<Json> = ways.collect();
    json!({ "ways": ways, "tried": nearest.tried, "more": nearest.has_more })
}

/// The nearest ways in words: a heading, and each way.
pub fn nearest_words(context: Context<'_>, nearest: &Nearest) -> (String, Vec<String>) {
    let tried = match nearest.tried {
        0 => "no change of a fact was found to try".to_owned(),
        1 => "one change of the facts was tried".to_owned(),
        tried => format!("{tried} changes of the facts were tried"),
    };
    if nearest.ways.is_empty() {
        let heading = format!("No way was found to make it hold: {tried}.");
        return (heading, Vec::new());
    }
    let ways = nearest.ways.iter().map(|way| {
        let changes = way.iter().map(|change| change_words(context, change));
        changes.collect::<Vec<String>>().join(", and ")
    });
    let heading = format!("Nearest ways to make it hold ({tried}):");
    (heading, ways.collect())
}

/// The same as text, one a paragraph.
pub fn nearest_text(context: Context<'_>, nearest: &Nearest, style: Style) -> String {
    let (heading, ways) = nearest_words(context, nearest);
    let mut out = format!("\n{}\n", wrapped(&heading, style.width, 0));
    for way in &ways {
        out += &format!("- {}\n", wrapped(way, style.width.saturating_sub(2), 2));
    }
    out
}

fn change_words(context: Context<'_>, change: &Change) -> String {
    match change {
        Change::Judge(claim, true) => format!("if it is judged that {}", context.sentence(claim)),
        Change::Judge(claim, false) => {
            format!(
                "if it is judged not to be so that {}",
                context.sentence(claim)
            )
        }
        Change::Add(claim, examples) => {
            let example = if examples.is_empty() {
                ""
            } else {
                ", for instance"
            };
            format!("if {}{example}", context.sentence(claim))
        }
        Change::Remove(claim) => format!("if it were not so that {}", context.sentence(claim)),
        Change::Replace { from, to, field } => {
            let ty = context.policy.relation(from.relation).fields[*field].ty;
            let before = context.value(&from.args[*field], ty);
            let by = match (&from.args[*field], &to.args[*field]) {
                (Value::Number(before), Value::Number(after)) => {
                    let side = if after < before { "less" } else { "more" };
                    let by = Value::Number((after - before).abs());
                    format!(", {} {side}", context.value(&by, ty))
                }
                (Value::Date(before), Value::Date(after)) => {
                    let side = if after < before { "earlier" } else { "later" };
                    let days = (*after - *before).get_days().abs();
                    let unit = if days == 1 { "day" } else { "days" };
                    format!(", {days} {unit} {side}")
                }
                _ => String::new(),
            };
            format!("if {} (instead of {before}{by})", context.sentence(to))
        }
    }
}

fn change_json(context: Context<'_>, change: &Change) -> Json {
    let atom = |claim: &Claim| context.atom(claim.relation, &claim.args);
    let text = change_words(context, change);
    match change {
        Change::Add(claim, examples) => {
            let fields = &context.policy.relation(claim.relation).fields;
            let examples = examples.iter().map(|at| fields[*at].name.as_str());
            let examples: Vec<&str> = examples.collect();
            json!({ "kind": "add", "atom": atom(claim), "examples": examples, "text": text })
        }
        Change::Remove(claim) => json!({ "kind": "remove", "atom": atom(claim), "text": text }),
        Change::Judge(claim, truth) => {
            json!({ "kind": "judge", "atom": atom(claim), "truth": truth, "text": text })
        }
        Change::Replace { from, to, .. } => {
            json!({ "kind": "replace", "atom": atom(to), "instead_of": atom(from), "text": text })
        }
    }
}
