//! `lexlog diff`: what a change of a policy changes.

use super::Outcome;
use super::arguments::{Diff, DiffFormat};
use super::commands::{facts_of, refuse};
use super::explain::{explained_json_of, explained_text};
use super::git::{AtRevision, at_revision};
use super::output::{pretty, print, tell, tell_all};
use crate::report::wrapped;
use crate::session::diff::{
    Cause, Change, Compared, Comparison, Difference, Given, Group, Review, Stand, Turn, When, World,
};
use crate::session::{Explained, load};
use serde_json::{Value as Json, json};
use std::path::PathBuf;

/// How many differences of one group are told one by one; of more, one of each kind.
const MOST_TOLD: usize = 12;

/// `lexlog diff`
pub(super) fn diff(arguments: &Diff) -> Outcome {
    match diff_with(arguments) {
        Ok(outcome) => outcome,
        Err(words) => {
            tell(&format!("error: {words}\n"));
            Outcome::Refused
        }
    }
}

fn diff_with(arguments: &Diff) -> Result<Outcome, String> {
    let (compared, _at_revision) = compared(arguments)?;
    let mut comparison = match Comparison::load(&compared) {
        Ok(comparison) => comparison,
        Err((problems, sources)) => {
            if let Some(words) = no_second_policy(arguments) {
                return Err(words);
            }
            tell_all(&problems.list, &sources);
            return Ok(Outcome::Refused);
        }
    };
    comparison.set_means(
        arguments.when.means.most_points,
        arguments.when.means.budget.limits(),
    );
    for notice in &arguments.when.without {
        if let Err(problem) = comparison.new.notice(notice) {
            tell_all(&[problem], &comparison.new.sources);
            return Ok(Outcome::Refused);
        }
    }
    let given = match arguments.facts.is_empty() {
        true => None,
        false => match facts_of(&mut comparison.new, &arguments.facts, None) {
            Ok(facts) => Some(Given {
                facts,
                arguments: arguments.facts.clone(),
            }),
            Err(problems) => return Ok(refuse(&comparison.new, &problems)),
        },
    };
    let review = comparison.review(given);
    let told = Told {
        review: &review,
        is_brief: arguments.brief,
    };
    let printed = print(&match arguments.format {
        DiffFormat::Text => told.text(),
        DiffFormat::Json => pretty(&told.json()),
        DiffFormat::Markdown => told.markdown(),
    });
    if review.worlds.is_empty() && !review.changes.is_empty() {
        return Err(
            "there are no cases and no facts to ask about: name files of cases, or --facts".into(),
        );
    }
    Ok(match printed {
        Outcome::Fine if !review.groups.is_empty() => Outcome::Objection,
        other => other,
    })
}

/// What is compared; the folder of the old policy lives as long as the second.
/// Where cases stand in the place of the second policy: what was probably meant.
fn no_second_policy(arguments: &Diff) -> Option<String> {
    let is_one = arguments.git.is_some()
        || arguments.old_known_at.is_some()
        || arguments.old_as_of.is_some();
    let [old, second, ..] = arguments.paths.as_slice() else {
        return None;
    };
    let policy = load(std::slice::from_ref(second)).policy;
    let has_law = !policy.relations.is_empty() || !policy.notices.is_empty();
    if is_one || has_law || policy.cases.is_empty() {
        return None;
    }
    let (old, second) = (old.display(), second.display());
    let of_days = match (arguments.when.known_at, arguments.when.as_of) {
        (Some(day), _) => format!("--old-known-at DATE --known-at {day}"),
        (_, Some(day)) => format!("--old-as-of DATE --as-of {day}"),
        (None, None) => "--old-known-at DATE --known-at DATE".into(),
    };
    Some(format!(
        "`{second}` has cases and no policy, and `diff` compares two: `lexlog diff OLD NEW {second}`; to ask one policy under two laws, say which: `lexlog diff {old} {second} {of_days}`"
    ))
}

fn compared(arguments: &Diff) -> Result<(Compared, Option<AtRevision>), String> {
    let is_one = arguments.git.is_some()
        || arguments.old_known_at.is_some()
        || arguments.old_as_of.is_some();
    let mut paths = arguments.paths.iter().cloned();
    let first = paths.next().unwrap_or_default();
    let when = |known_at, as_of| When {
        known_at,
        as_of,
        without: arguments.when.without.clone(),
        without_presumptions: arguments.when.no_presumptions,
    };
    let (known_at, as_of) = (arguments.when.known_at, arguments.when.as_of);
    let mut compared = Compared {
        when: [
            when(
                arguments.old_known_at.or(known_at),
                arguments.old_as_of.or(as_of),
            ),
            when(known_at, as_of),
        ],
        ..Compared::default()
    };
    let mut revision = None;
    match (&arguments.git, is_one) {
        (Some(git), _) => {
            let old = at_revision(git, &first)?;
            compared.old = old.policy.clone();
            compared.old_name = Some((old.folder.path().to_owned(), old.name.clone()));
            compared.new = first;
            revision = Some(old);
        }
        (None, true) => (compared.old, compared.new) = (first.clone(), first),
        (None, false) => {
            compared.old = first;
            compared.new = paths.next().ok_or(
                "what is to be compared? Name the old policy and the new one; or one policy, with --git REVISION, \
                 --old-known-at DATE or --old-as-of DATE",
            )?;
        }
    }
    compared.cases = paths.collect::<Vec<PathBuf>>();
    Ok((compared, revision))
}

struct Told<'a> {
    review: &'a Review,
    is_brief: bool,
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn filled(first: &str, rest: usize, text: &str) -> String {
    wrapped(&format!("{first}{text}"), 80, rest) + "\n"
}

fn word(turn: Turn) -> &'static str {
    match turn {
        Turn::Gained => "gained",
        Turn::Lost => "lost",
        Turn::Opened => "opened",
        Turn::Settled => "settled",
        Turn::OtherDays => "other days",
        Turn::OtherQuestions => "other questions",
        Turn::OtherGround => "other ground",
        Turn::Failure => "failure",
    }
}

fn stand(stand: Stand) -> &'static str {
    match stand {
        Stand::Absent => "absent",
        Stand::Open => "open",
        Stand::Holds => "holds",
    }
}

/// How many lines of the words before and of those now are shown.
const MOST_LINES: usize = 40;

/// What became of a verdict, with its sentence.
fn sentence(difference: &Difference) -> String {
    let text = &difference.text;
    match (difference.turn, difference.old, difference.new) {
        (Turn::Gained, _, _) => format!("gained: {text}"),
        (Turn::Lost, _, _) => format!("lost: {text}"),
        (Turn::Opened, Stand::Holds, _) => format!("opened: {text} (it held)"),
        (Turn::Opened, _, _) => format!("opened: {text} (it did not hold)"),
        (Turn::Settled, _, Stand::Holds) => format!("settled: {text} (it holds)"),
        (Turn::Settled, _, _) => format!("settled: {text} (it does not hold)"),
        (Turn::OtherDays, _, _) => format!("on other days: {text}"),
        (Turn::OtherQuestions, _, _) => format!("open on other questions: {text}"),
        (Turn::OtherGround, _, _) => format!("on another ground: {text}"),
        (Turn::Failure, _, Stand::Absent) => {
            format!("these facts can no longer be asked about: {text}")
        }
        (Turn::Failure, _, _) => format!("these facts could not be asked about before: {text}"),
    }
}

impl Told<'_> {
    fn world(&self, at: usize) -> String {
        let world = &self.review.worlds[at];
        match &world.case {
            Some(title) => format!("“{title}”"),
            None => world.place.clone(),
        }
    }

    fn changes_of(&self, group: &Group) -> (Vec<&Change>, &'static str) {
        let changes = |ids: &[usize]| ids.iter().map(|at| &self.review.changes[*at]).collect();
        match &group.cause {
            Cause::Each(ids) if ids.len() == 1 => (changes(ids), ""),
            Cause::Each(ids) => (
                changes(ids),
                "Each of these was needed: undoing one of them restores what was.",
            ),
            Cause::Together(ids) if ids.len() == 1 => (changes(ids), ""),
            Cause::Together(ids) => (
                changes(ids),
                "These changes together: undoing them all restores what was, undoing all but one does not.",
            ),
            Cause::Unknown => (
                Vec::new(),
                "It was not found which change makes these differences.",
            ),
        }
    }

    fn summary(&self) -> String {
        let review = self.review;
        let cases = review
            .worlds
            .iter()
            .filter(|world| world.case.is_some())
            .count();
        let files = review.worlds.len() - cases;
        let mut asked = vec![counted(cases, "case", "cases")];
        if files > 0 {
            asked = match cases {
                0 => vec!["the facts".into()],
                _ => vec![asked[0].clone(), "the facts".into()],
            };
        }
        let differing: usize = review
            .groups
            .iter()
            .map(|group| group.differences.len())
            .sum();
        let what = match (review.changes.len(), differing) {
            (0, 0) => return "no change that means anything\n".into(),
            (_, 0) => "no verdict differs".to_owned(),
            (_, 1) => "1 verdict differs".to_owned(),
            (_, many) => format!("{many} verdicts differ"),
        };
        let changes = counted(review.changes.len(), "change", "changes");
        format!(
            "{changes}, asked about in {}: {what}\n",
            asked.join(" and ")
        )
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.review.lost_facts > 0 {
            let facts = counted(self.review.lost_facts, "fact means", "facts mean");
            notes.push(format!(
                "{facts} nothing to the old policy, which does not know the words: left out there"
            ));
        }
        if self.review.is_read_once {
            notes.push("the feeds differ, and standard input can be read only once: both policies are asked about what the new feeds make of it".into());
        }
        if self.review.is_cut_short {
            notes.push("of some verdicts that hold as before, the grounds were not compared: they are too many".into());
        }
        notes
    }

    fn text(&self) -> String {
        let mut out = self.summary();
        for note in self.notes() {
            out += &filled("note: ", 6, &note);
        }
        for (number, group) in self.review.groups.iter().enumerate() {
            out += &format!("\n{}", self.group_text(number + 1, group));
        }
        if !self.review.idle.is_empty() {
            out += "\nNo verdict differs here by:\n";
            for at in &self.review.idle {
                out += &filled("  - ", 4, &self.review.changes[*at].title);
            }
        }
        out
    }

    fn group_text(&self, number: usize, group: &Group) -> String {
        let (changes, remark) = self.changes_of(group);
        let mut out = String::new();
        let mut first = format!("{number}. ");
        for change in &changes {
            out += &filled(&first, 3, &change.title);
            out += &change_text(change);
            first = "   ".into();
        }
        if !remark.is_empty() {
            out += &filled(&first, 3, remark);
        }
        out.push('\n');
        for (at, difference, more) in few_of(group) {
            let more = and_more(more);
            let told = format!("{} [{}]{more}", sentence(difference), self.world(at));
            out += &filled("   ", 5, &told);
        }
        if self.is_brief {
            return out;
        }
        let (at, difference) = &group.differences[group.example];
        let world = &self.review.worlds[*at];
        for (side, when) in ["Before", "Now"].into_iter().enumerate() {
            if let Some(explained) = &group.why[side] {
                let subject = format!("{when}, {}: {}", place(world), difference.atom);
                out += &format!("\n{}", filled("   ", 5, &subject));
                for line in self.explained(side, explained).lines() {
                    out += format!("     {line}").trim_end();
                    out.push('\n');
                }
            }
        }
        out
    }

    fn explained(&self, side: usize, explained: &Explained) -> String {
        explained_text(&self.review.sides[side], explained, 75)
    }

    fn markdown(&self) -> String {
        let mut out = format!("### What this changes\n\n{}", self.summary());
        for note in self.notes() {
            out += &format!("\n> {note}\n");
        }
        for (number, group) in self.review.groups.iter().enumerate() {
            out += &self.group_markdown(number + 1, group);
        }
        if !self.review.idle.is_empty() {
            out += "\n#### No verdict differs here by\n\n";
            for at in &self.review.idle {
                out += &format!("- {}\n", plain(&self.review.changes[*at].title));
            }
        }
        out
    }

    fn group_markdown(&self, number: usize, group: &Group) -> String {
        let (changes, remark) = self.changes_of(group);
        let mut out = match changes.as_slice() {
            [only] => format!("\n#### {number}. {}\n", plain(&only.title)),
            _ => format!("\n#### {number}. {remark}\n"),
        };
        for change in &changes {
            if changes.len() > 1 {
                out += &format!("\n- {}\n", plain(&change.title));
            }
            let words = diff_words(change);
            if !words.is_empty() {
                out += &format!("\n{}", fenced("diff", &words));
            }
        }
        out += "\n| | verdict | where |\n| --- | --- | --- |\n";
        for (at, difference, more) in few_of(group) {
            let text = plain(&difference.text.replace('\n', " "));
            out += &format!(
                "| {} | {text}{} | {} |\n",
                word(difference.turn),
                and_more(more),
                plain(&self.world(at))
            );
        }
        let (at, difference) = &group.differences[group.example];
        for (side, when) in ["Before", "Now"].into_iter().enumerate() {
            let Some(explained) = group.why[side].as_ref().filter(|_| !self.is_brief) else {
                continue;
            };
            out += &format!(
                "\n<details><summary>{when}, {}: <code>{}</code></summary>\n\n{}\n</details>\n",
                as_html(&place(&self.review.worlds[*at])),
                as_html(&difference.atom),
                fenced("text", &self.explained(side, explained))
            );
        }
        out
    }

    fn json(&self) -> Json {
        let review = self.review;
        let groups = review.groups.iter().map(|group| self.group_json(group));
        let changes = review.changes.iter().map(|change| {
            let words = |list: &[(String, String)]| -> Vec<Json> {
                let list = list.iter();
                list.map(|(place, text)| json!({ "source": place, "text": text }))
                    .collect()
            };
            json!({
                "text": change.title,
                "notice": change.notice,
                "clause": change.clause,
                "old": words(&change.old),
                "new": words(&change.new),
            })
        });
        let worlds = review
            .worlds
            .iter()
            .map(|world| json!({ "case": world.case, "source": world.place }));
        json!({
            "schema": 1,
            "changes": changes.collect::<Vec<_>>(),
            "worlds": worlds.collect::<Vec<_>>(),
            "groups": groups.collect::<Vec<_>>(),
            "without_effect": review.idle,
            "facts_unknown_to_old": review.lost_facts,
            "all_grounds_compared": !review.is_cut_short,
        })
    }

    fn group_json(&self, group: &Group) -> Json {
        let (attributed, ids) = match &group.cause {
            Cause::Each(ids) => ("each", ids.clone()),
            Cause::Together(ids) => ("together", ids.clone()),
            Cause::Unknown => ("not_found", Vec::new()),
        };
        let differences = group.differences.iter().map(|(at, difference)| {
            json!({
                "world": at,
                "atom": difference.atom,
                "text": difference.text,
                "kind": word(difference.turn).replace(' ', "_"),
                "old": stand(difference.old),
                "new": stand(difference.new),
            })
        });
        let mut object = json!({
            "attributed": attributed,
            "changes": ids,
            "differences": differences.collect::<Vec<_>>(),
            "example": group.example,
        });
        if !self.is_brief {
            for (side, key) in ["old_why", "new_why"].into_iter().enumerate() {
                let why = group.why[side].as_ref();
                object[key] =
                    json!(why.map(|why| explained_json_of(&self.review.sides[side], why)));
            }
        }
        object
    }
}

/// The differences that are told, each with its world and how many more of its kind there are: all of a few, of many the
/// first of each verdict and kind.
fn few_of(group: &Group) -> Vec<(usize, &Difference, usize)> {
    let all = group.differences.iter();
    if group.differences.len() <= MOST_TOLD {
        return all.map(|(at, difference)| (*at, difference, 0)).collect();
    }
    let mut told: Vec<(usize, &Difference, usize)> = Vec::new();
    for (at, difference) in all {
        let kind = |it: &Difference| (it.turn, it.old, it.new, it.relation.clone());
        let first = told
            .iter_mut()
            .find(|(_, first, _)| kind(first) == kind(difference));
        match first {
            Some((_, _, more)) => *more += 1,
            None => told.push((*at, difference, 0)),
        }
    }
    told.sort_by_key(|(_, difference, _)| (difference.turn, difference.relation.clone()));
    told
}

fn and_more(more: usize) -> String {
    match more {
        0 => String::new(),
        more => format!(", and {more} more like it"),
    }
}

fn place(world: &World) -> String {
    match &world.case {
        Some(title) => format!("in the case “{title}” ({})", world.place),
        None => format!("with {}", world.place),
    }
}

/// The words before and now, as lines that go and come.
fn change_text(change: &Change) -> String {
    let mut out = String::new();
    for (sign, list) in [('-', &change.old), ('+', &change.new)] {
        let mut last = "";
        for (place, text) in list {
            if place != last {
                out += &format!("     {place}\n");
            }
            last = place;
            for line in few(text) {
                out += format!("   {sign} {line}").trim_end();
                out.push('\n');
            }
        }
    }
    out
}

/// The first lines, and that there are more.
fn few(text: &str) -> impl Iterator<Item = &str> {
    let is_long = text.lines().count() > MOST_LINES;
    let more = is_long.then_some("…");
    text.lines().take(MOST_LINES).chain(more)
}

fn diff_words(change: &Change) -> String {
    let mut out = String::new();
    for (sign, list) in [('-', &change.old), ('+', &change.new)] {
        let mut last = "";
        for (place, text) in list {
            if place != last {
                out += &format!("@@ {place} @@\n");
            }
            last = place;
            for line in few(text) {
                out += format!("{sign} {line}").trim_end();
                out.push('\n');
            }
        }
    }
    out
}

/// A block that stays one, whatever stands in it.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

/// Text in a line or cell of Markdown; code in backticks stays code.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if matches!(letter, '|' | '*' | '_' | '<' | '>' | '[' | ']' | '\\' | '#') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

fn as_html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
}
