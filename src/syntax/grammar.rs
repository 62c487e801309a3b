//! Reads one statement by a rule of the grammar; says in words what could have stood where it stops.

use super::error::SyntaxError;
use super::habit::habit_at;
use crate::source::{FileId, Span};
use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

/// The grammar, compiled.
#[derive(pest_derive::Parser)]
#[grammar = "../grammar/lexlog.pest"]
pub struct Grammar;

/// Reads `text`, which starts at byte `start` of the file, by that rule.
pub fn read<'a>(
    rule: Rule,
    text: &'a str,
    file: FileId,
    start: u32,
) -> Result<Pair<'a, Rule>, SyntaxError> {
    match Grammar::parse(rule, text) {
        Ok(mut pairs) => Ok(pairs.next().expect("a rule that matches gives a pair")),
        Err(error) => {
            let at = match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
            };
            let expected = match &error.variant {
                ErrorVariant::ParsingError { positives, .. } => expected(positives),
                ErrorVariant::CustomError { message } => message.clone(),
            };
            Err(unexpected(text, at, expected, file, start))
        }
    }
}

/// What that rule reads at the start of `text`.
pub fn read_start(rule: Rule, text: &str) -> Option<&str> {
    Some(Grammar::parse(rule, text).ok()?.as_str())
}

fn unexpected(text: &str, at: usize, expected: String, file: FileId, start: u32) -> SyntaxError {
    if let Some(slip) = habit(text, at, file, start) {
        return slip;
    }
    let at = at + text[at..].len() - text[at..].trim_start().len();
    let found: String = text[at..]
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect();
    let found = if found.is_empty() {
        text[at..].chars().next().map(String::from)
    } else {
        Some(found)
    };
    let length = found.as_ref().map_or(0, String::len) as u32;
    let from = start + at as u32;
    let (from, end) = if length == 0 {
        (
            start + text.trim_end().len().saturating_sub(1) as u32,
            start + text.trim_end().len() as u32,
        )
    } else {
        (from, from + length)
    };
    SyntaxError::Unexpected {
        found,
        expected,
        at: Span {
            file,
            start: from,
            end,
        },
    }
}

/// The slip at byte `at` of a text that starts at byte `start` of the file, if it is a known one.
pub fn habit(text: &str, at: usize, file: FileId, start: u32) -> Option<SyntaxError> {
    let blanks = text[at..].len() - text[at..].trim_start().len();
    let habit = habit_at(text, at + blanks)?;
    Some(SyntaxError::Unexpected {
        found: Some(text[habit.start..habit.end].to_owned()),
        expected: habit.help.to_owned(),
        at: Span {
            file,
            start: start + habit.start as u32,
            end: start + habit.end as u32,
        },
    })
}

fn expected(rules: &[Rule]) -> String {
    let mut words: Vec<&str> = rules.iter().filter_map(|rule| words_of(*rule)).collect();
    words.sort_unstable();
    words.dedup();
    match words.as_slice() {
        [] => "take it away, or write the statement as the README shows it".into(),
        [one] => format!("here could stand {one}"),
        [first @ .., last] => format!("here could stand {} or {last}", first.join(", ")),
    }
}

/// What a rule of the grammar is called by those who write policies; `None` for what is clear without saying.
fn words_of(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::name | Rule::any_word | Rule::relation | Rule::atom | Rule::call => "a name",
        Rule::capital => "a name with a capital",
        Rule::string => "a text in quotes",
        Rule::number | Rule::signed | Rule::quantity => "a number",
        Rule::date => "a date such as `2025-10-09`",
        Rule::expr | Rule::product | Rule::unary | Rule::aggregate | Rule::aggregate_word => {
            "a value"
        }
        Rule::literal | Rule::body => "a condition",
        Rule::comparison => "a comparison sign",
        Rule::clause_ref | Rule::clause_id => "a clause such as `1(3)`",
        Rule::arguments | Rule::fields | Rule::open => "`(`",
        Rule::argument => "a field",
        Rule::field => "a field such as `party: Party`",
        Rule::if_word => "`if`",
        Rule::on_word => "`on` with a day",
        Rule::by_word => "`by` with a clause",
        Rule::from_word | Rule::day_limit | Rule::stated_days | Rule::stretch => {
            "`from` with a day"
        }
        Rule::key_end => "`->`",
        Rule::or_word => "`or`",
        Rule::tail => "a comparison",
        Rule::EOI => "the end of the statement",
        Rule::stop => "`.`",
        Rule::comma => "`,`",
        Rule::close => "`)`",
        Rule::braces => "`{`",
        Rule::and_word => "`and`",
        Rule::from_clause => "`from` with a clause",
        Rule::missing => "`or none` or `or unknown`",
        Rule::dated_word => "`dated`",
        Rule::below => "`<`",
        Rule::add_sign | Rule::mul_sign => "a sign `+ - * /`",
        Rule::member | Rule::bar => "`|`",
        Rule::none_word => "`none`",
        Rule::unknown_word => "`unknown`",
        Rule::heading => "the heading of a column in quotes",
        Rule::as_word => "`as` with a pattern such as `\"DD.MM.YYYY\"`",
        Rule::feed_sign => "`=` or `!=`",
        Rule::feed_limit => "`from` or `through` with a day",
        Rule::feed_arguments => "`(`",
        _ => return None,
    })
}
