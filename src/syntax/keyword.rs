//! The words that begin statements: a row each, with where it stands and how it ends.

use crate::diagnostic::nearest;

/// Where a statement stands: what may begin with a keyword depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the top of a file.
    Top,
    /// Inside a notice, outside its clauses.
    Notice,
    /// Inside a clause.
    Clause,
    /// Inside a case or `given` block.
    Case,
    /// Inside a feed.
    Feed,
}

/// How a statement ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With a full stop.
    FullStop,
    /// Where the next one begins.
    NextStatement,
    /// With a block in braces.
    Braces,
    /// With rows in braces, or with the name of a file.
    Table,
}

/// A word that begins a statement.
#[derive(Debug)]
pub struct Keyword {
    /// The word; empty for a rule or fact.
    pub word: &'static str,
    /// Where such a statement may stand.
    pub places: &'static [Place],
    /// How it ends.
    pub ending: Ending,
    /// Words that carry the statement on, though they could begin another.
    pub goes_on_with: &'static [&'static str],
}

impl Keyword {
    /// Where such a statement stands, in words.
    pub fn home(&self) -> &'static str {
        match self.places {
            [Place::Top] => "at the top of a file",
            [Place::Notice] => "in a notice, and not within another clause",
            [Place::Case] => "in a case",
            _ if self.places.contains(&Place::Top) => "outside cases and `given` blocks",
            _ => "in a notice or clause",
        }
    }

    /// Whether the name behind it may be a word that goes on a statement elsewhere: `relation on(…)`.
    fn takes_any_name(&self) -> bool {
        self.is_declaration() && !["type", "unit"].contains(&self.word)
    }

    /// Whether it declares a name, which stands right behind it.
    pub fn is_declaration(&self) -> bool {
        let words = [
            "type",
            "unit",
            "event",
            "input",
            "judgement",
            "relation",
            "verdict",
            "notice",
            "given",
            "feed",
        ];
        words.contains(&self.word)
    }
}

/// The keyword `word` with that word behind it, wherever it may stand. `source(x)` is an atom, and so is `source if …`:
/// only a name, a number or a text behind it makes it a keyword.
pub fn keyword_before(word: &str, behind: &str, is_called: bool) -> Option<&'static Keyword> {
    let is_end_of_atom = ["if", "and", "or"].contains(&behind)
        || ["on", "by", "in", "from", "through", "until"].contains(&behind) && !is_called;
    KEYWORDS
        .iter()
        .find(|keyword| keyword.word == word)
        .filter(|keyword| !is_end_of_atom || keyword.takes_any_name() && behind != "if")
}

/// The keyword that `word` was probably meant to be.
pub fn keyword_near(word: &str) -> Option<&'static Keyword> {
    let small = word.to_lowercase();
    let called_so = CALLED_ELSEWHERE.iter().find(|(other, _)| *other == small);
    let near = called_so.map(|(_, keyword)| *keyword);
    let near = near.or_else(|| nearest(word, KEYWORDS.iter().map(|keyword| keyword.word)));
    let meant = KEYWORDS.iter().find(|keyword| keyword.word == word);
    meant.or_else(|| KEYWORDS.iter().find(|keyword| Some(keyword.word) == near))
}

const ANY: &[Place] = &[Place::Top, Place::Notice, Place::Clause];
const IN_NOTICE: &[Place] = &[Place::Notice, Place::Clause];
const EVERYWHERE: &[Place] = &[Place::Top, Place::Notice, Place::Clause, Place::Case];
const DAYS: &[&str] = &["from", "through", "until", "by"];
const STRETCHES: &[&str] = &["from", "through", "until", "on", "if", "not"];

const fn keyword(
    word: &'static str,
    places: &'static [Place],
    ending: Ending,
    goes_on_with: &'static [&'static str],
) -> Keyword {
    Keyword {
        word,
        places,
        ending,
        goes_on_with,
    }
}

/// In no order that matters.
const KEYWORDS: &[Keyword] = &[
    keyword("type", ANY, Ending::NextStatement, &["from"]),
    keyword("unit", ANY, Ending::NextStatement, &[]),
    keyword("event", ANY, Ending::NextStatement, &["reads", "dated"]),
    keyword("input", ANY, Ending::NextStatement, &["reads", "dated"]),
    keyword("judgement", ANY, Ending::NextStatement, &["reads", "dated"]),
    keyword("relation", ANY, Ending::NextStatement, &["reads", "dated"]),
    keyword("verdict", ANY, Ending::NextStatement, &["reads", "dated"]),
    keyword("table", ANY, Ending::Table, &[]),
    keyword("never", ANY, Ending::FullStop, &[]),
    keyword("exempt", ANY, Ending::FullStop, &[]),
    keyword("presume", EVERYWHERE, Ending::FullStop, &[]),
    keyword("notice", &[Place::Top], Ending::Braces, &[]),
    keyword("given", &[Place::Top], Ending::Braces, &[]),
    keyword("case", &[Place::Top], Ending::Braces, &["given", "without"]),
    keyword("feed", &[Place::Top], Ending::Braces, &[]),
    keyword("clause", &[Place::Notice], Ending::Braces, &[]),
    keyword("issuer", IN_NOTICE, Ending::NextStatement, &[]),
    keyword("published", IN_NOTICE, Ending::NextStatement, &[]),
    keyword("reviewed", IN_NOTICE, Ending::NextStatement, &[]),
    keyword("effective", IN_NOTICE, Ending::NextStatement, DAYS),
    keyword("from", IN_NOTICE, Ending::NextStatement, DAYS),
    keyword("through", IN_NOTICE, Ending::NextStatement, DAYS),
    keyword("until", IN_NOTICE, Ending::NextStatement, DAYS),
    keyword("source", IN_NOTICE, Ending::NextStatement, &[]),
    keyword("unverified", IN_NOTICE, Ending::NextStatement, &[]),
    keyword("suspends", IN_NOTICE, Ending::NextStatement, STRETCHES),
    keyword("repeals", IN_NOTICE, Ending::NextStatement, STRETCHES),
    keyword("replaces", IN_NOTICE, Ending::NextStatement, STRETCHES),
    keyword("expect", &[Place::Case], Ending::FullStop, &[]),
];

/// What statements are called elsewhere.
const CALLED_ELSEWHERE: &[(&str, &str)] = &[
    ("article", "clause"),
    ("section", "clause"),
    ("paragraph", "clause"),
    ("act", "notice"),
    ("law", "notice"),
    ("regulation", "notice"),
    ("order", "notice"),
    ("entity", "type"),
    ("enum", "type"),
    ("predicate", "relation"),
    ("fact", "input"),
    ("judgment", "judgement"),
    ("exception", "exempt"),
    ("mapping", "feed"),
    ("test", "case"),
    ("assert", "expect"),
    ("amends", "replaces"),
];

/// Some block in braces that no keyword begins.
pub const BLOCK: &Keyword = &keyword("", EVERYWHERE, Ending::Braces, &[]);

/// A rule or fact: what begins with no keyword.
pub const PLAIN: &Keyword = &keyword("", EVERYWHERE, Ending::FullStop, &[]);

/// Words behind which a line goes on, and that no rule begins with.
pub const JOINING: &[&str] = &[
    "if", "and", "or", "on", "by", "from", "through", "until", "in", "working", "days", "day",
    "months", "month", "years", "year",
];
