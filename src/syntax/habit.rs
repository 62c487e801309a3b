//! What people write out of habit from other languages and from word processors: a row each, with what is written here.

/// How a habit is told.
#[derive(Clone, Copy)]
enum Found {
    /// Wherever it stands.
    Anywhere,
    /// As a whole word.
    Word,
    /// As a whole word, or as the word before: `Not foreign(P)` is read as far as `foreign`.
    WordBefore,
    /// Between the digits of a number.
    InNumber,
    /// Before a digit.
    BeforeDigit,
    /// Between the letters of a name.
    InName,
}

/// What stands at a place where it cannot: how far it reaches, and what is written instead.
pub struct Habit {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What is written instead.
    pub help: &'static str,
}

/// The habit that explains why the text cannot be read at `at`, if one does.
pub fn habit_at(text: &str, at: usize) -> Option<Habit> {
    let whole = statement_habit(text, at).or_else(|| members_habit(text, at));
    whole.or_else(|| date_around(text, at)).or_else(|| {
        HABITS.iter().find_map(|(words, found, help)| {
            let start = starts(text, at, words, *found)
                .filter(|start| text.is_char_boundary(*start))
                .find(|start| {
                    text[*start..].starts_with(words) && fits(text, *start, words, *found)
                })?;
            let end = start + words.len();
            Some(Habit { start, end, help })
        })
    })
}

/// What the id of a clause is.
pub const CLAUSE_ID: &str = "the id of a clause is letters and digits, continued by `.x`, `-x` or `(x)`, such as `us-persons` or `1(3)`";

/// What a whole statement shows: a clause whose id is none, and an expectation of two things at once.
fn statement_habit(text: &str, at: usize) -> Option<Habit> {
    let mut words = text.split_whitespace();
    match words.next()? {
        "clause" if !text[..at].contains('"') && text[at..].contains('"') => {
            let behind = text["clause".len()..].trim_start();
            let start = text.len() - behind.len();
            let length = behind.find(['"', '\n']).unwrap_or(behind.len());
            let end = start + behind[..length].trim_end().len();
            Some(Habit {
                start,
                end: end.max(start + 1),
                help: CLAUSE_ID,
            })
        }
        "expect" => {
            let is_status = |word: &&str| matches!(*word, "not" | "open" | "suspended" | "exempt");
            let states: Vec<&str> = words.by_ref().take_while(is_status).collect();
            let (first, last) = (states.first()?, states.last()?);
            if states.len() < 2 {
                return None;
            }
            let start = text.find(first)?;
            let behind = text.rfind(last).filter(|last| *last > start)?;
            Some(Habit {
                start,
                end: behind + last.len(),
                help: "one of `not`, `open`, `suspended`, `exempt` stands before what is expected; what holds is not suspended, exempt or open: `expect A.`; what is absent: `expect not A.`",
            })
        }
        _ => None,
    }
}

/// `type Colour { red, green }`: members of a set as other languages list them.
fn members_habit(text: &str, at: usize) -> Option<Habit> {
    let line = text[..at].rsplit('\n').next()?;
    let is_list = line.starts_with("type ") && text[at..].starts_with(['{', '[', '(', ':', ',']);
    is_list.then_some(Habit {
        start: at,
        end: at + 1,
        help: "the members of a set stand behind `=`, with `|` between them: `type Colour = red | green`",
    })
}

/// Where the words may begin. The reader may have stopped in their middle (`=>` is read as `=` with something wrong
/// behind it), or behind them.
fn starts(text: &str, at: usize, words: &str, found: Found) -> impl Iterator<Item = usize> {
    let before = text[..at].trim_end().len();
    let word_before = matches!(found, Found::WordBefore).then(|| before.checked_sub(words.len()));
    let around = (0..words.len()).filter_map(move |back| at.checked_sub(back));
    around.chain(word_before.flatten())
}

/// `3.2.2025`: numbers that look like a day.
fn date_around(text: &str, at: usize) -> Option<Habit> {
    let is_part = |letter: char| letter.is_ascii_digit() || letter == '.';
    let start = text[..at].trim_end_matches(is_part).len();
    let length = text[start..].find(|letter| !is_part(letter));
    let word = text[start..][..length.unwrap_or(text.len() - start)].trim_end_matches('.');
    looks_like_a_day(word, '.').then_some(Habit {
        start,
        end: start + word.len(),
        help: DAY,
    })
}

/// Whether three numbers, one of them a year, stand between such signs.
pub fn looks_like_a_day(text: &str, between: char) -> bool {
    let parts: Vec<&str> = text.split(between).collect();
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = |part: &&str| (1..=2).contains(&part.len());
    match parts.as_slice() {
        [first, middle, last] => {
            parts.iter().all(is_number)
                && is_short(middle)
                && (first.len() == 4 && is_short(last) || is_short(first) && last.len() == 4)
        }
        _ => false,
    }
}

fn fits(text: &str, start: usize, words: &str, found: Found) -> bool {
    let before = text[..start].chars().next_back();
    let behind = text[start + words.len()..].chars().next();
    let is_word = |letter: Option<char>| letter.is_some_and(|l| l.is_alphanumeric() || l == '_');
    let is_digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    match found {
        Found::Anywhere => true,
        Found::Word | Found::WordBefore => !is_word(before) && !is_word(behind),
        Found::InNumber => is_digit(before) && is_digit(behind),
        Found::BeforeDigit => is_digit(behind),
        Found::InName => {
            before.is_some_and(char::is_alphanumeric) && behind.is_some_and(char::is_alphanumeric)
        }
    }
}

const IF: &str = "a rule is written `conclusion if condition, condition.`";
const QUOTES: &str = "texts and names stand in straight quotes: `\"…\"`";
const AND: &str = "conditions are joined by `,` or `and`";
const OR: &str = "one or the other is written in brackets: `( A or B )`";
const SMALL: &str = "`and`, `or`, `not` and `if` are written small";
const CONDITION_NOT: &str = "`not` is written before an atom: `not foreign(P)`";
const MINUS: &str = "`-` is written with the plain minus sign of the keyboard";
const FULL_WIDTH: &str = "this is a full-width sign: write the narrow one, `( ) , . : \"`";
const INVISIBLE: &str = "an invisible character stands here: delete it";
const VARIABLE: &str =
    "a variable is a name with a capital letter, such as `X`, without a sign before it";
/// How a day is written.
pub const DAY: &str = "a day is written year-month-day, such as `2025-10-09`";
const DIGITS: &str = "a number is written without marks between its digits, such as `1000000`";

/// Longer ones before those with which they begin.
#[rustfmt::skip]
const HABITS: &[(&str, Found, &str)] = &[
    ("=>", Found::Anywhere, "at least is written `>=`; behind a key stands `->`"),
    ("=<", Found::Anywhere, "at most is written `<=`"),
    ("==", Found::Anywhere, "equal is written `=`"),
    ("<>", Found::Anywhere, "not equal is written `!=`"),
    ("≥", Found::Anywhere, "at least is written `>=`"),
    ("≤", Found::Anywhere, "at most is written `<=`"),
    ("≠", Found::Anywhere, "not equal is written `!=`"),
    (":=", Found::Anywhere, "a value gets a name by `X = …`"),
    (":-", Found::Anywhere, IF),
    ("<-", Found::Anywhere, IF),
    ("when", Found::Word, IF),
    ("where", Found::Word, IF),
    ("then", Found::Word, IF),
    ("If", Found::Word, SMALL),
    ("IF", Found::Word, SMALL),
    ("And", Found::Word, SMALL),
    ("AND", Found::Word, SMALL),
    ("Or", Found::Word, SMALL),
    ("OR", Found::Word, SMALL),
    ("Not", Found::WordBefore, SMALL),
    ("NOT", Found::WordBefore, SMALL),
    ("&&", Found::Anywhere, AND),
    ("&", Found::Anywhere, AND),
    ("∧", Found::Anywhere, AND),
    ("||", Found::Anywhere, OR),
    ("∨", Found::Anywhere, OR),
    ("or", Found::Word, OR),
    ("unless", Found::Word, "an exception is one more condition: `, not …`"),
    ("except", Found::Word, "an exception is one more condition: `, not …`"),
    ("!", Found::Anywhere, CONDITION_NOT),
    ("¬", Found::Anywhere, CONDITION_NOT),
    ("−", Found::Anywhere, MINUS),
    ("–", Found::Anywhere, MINUS),
    ("—", Found::Anywhere, MINUS),
    ("×", Found::Anywhere, "times is written `*`"),
    ("÷", Found::Anywhere, "divided by is written `/`"),
    ("“", Found::Anywhere, QUOTES),
    ("”", Found::Anywhere, QUOTES),
    ("„", Found::Anywhere, QUOTES),
    ("«", Found::Anywhere, QUOTES),
    ("»", Found::Anywhere, QUOTES),
    ("'", Found::InNumber, DIGITS),
    ("’", Found::InNumber, DIGITS),
    ("_", Found::InNumber, DIGITS),
    ("‘", Found::Anywhere, QUOTES),
    ("’", Found::Anywhere, QUOTES),
    ("'", Found::Anywhere, QUOTES),
    ("`", Found::Anywhere, QUOTES),
    ("（", Found::Anywhere, FULL_WIDTH),
    ("）", Found::Anywhere, FULL_WIDTH),
    ("，", Found::Anywhere, FULL_WIDTH),
    ("、", Found::Anywhere, FULL_WIDTH),
    ("。", Found::Anywhere, FULL_WIDTH),
    ("．", Found::Anywhere, FULL_WIDTH),
    ("：", Found::Anywhere, FULL_WIDTH),
    ("；", Found::Anywhere, FULL_WIDTH),
    ("＂", Found::Anywhere, FULL_WIDTH),
    ("｛", Found::Anywhere, FULL_WIDTH),
    ("｝", Found::Anywhere, FULL_WIDTH),
    ("［", Found::Anywhere, FULL_WIDTH),
    ("］", Found::Anywhere, FULL_WIDTH),
    ("＝", Found::Anywhere, FULL_WIDTH),
    ("％", Found::Anywhere, FULL_WIDTH),
    ("\u{200B}", Found::Anywhere, INVISIBLE),
    ("\u{200C}", Found::Anywhere, INVISIBLE),
    ("\u{200D}", Found::Anywhere, INVISIBLE),
    ("\u{2060}", Found::Anywhere, INVISIBLE),
    ("\u{00AD}", Found::Anywhere, INVISIBLE),
    ("\u{200E}", Found::Anywhere, INVISIBLE),
    ("\u{200F}", Found::Anywhere, INVISIBLE),
    (";", Found::Anywhere, "conditions are joined by `,` or `and`, and a statement ends with `.`"),
    (".", Found::BeforeDigit, "a number begins with a digit, such as `0.5`"),
    ("-", Found::InName, "a name has no `-` in it: write `_`"),
    ("$", Found::Anywhere, VARIABLE),
    ("?", Found::Anywhere, VARIABLE),
    ("@", Found::Anywhere, VARIABLE),
    ("in", Found::WordBefore, "the values stand in square brackets: `C in [china, germany]`"),
];

/// What begins a comment elsewhere, at the start of a line.
pub const COMMENT_MARKS: &[&str] = &["//", "/*", "--", "%", "```", "<!--"];
