//! Proofs as one page that needs nothing else: no network, and no script to be read.
//!
//! What stands on the page comes first: the answers (of a run, in a table), each with its proof as a tree to open and close,
//! then the law on which they rest. Trees are cut where they get deep, and go on in a section of their own.

mod svg;

use super::page::{ClauseCard, Overview, Page, Part, Row};
use super::picture::Picture;
use super::tree::{Tone, Tree};
use crate::proof::proof::StepId;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Write;

/// How many steps stand within one another.
const DEEPEST: usize = 24;

/// What has been written of the page so far.
#[derive(Default)]
struct Sheet {
    out: String,
    /// How many parts and sections have numbers.
    sections: usize,
    /// Whether answers stand in a table.
    is_table: bool,
    /// The place of each clause's card, by its citation.
    cards: BTreeMap<String, usize>,
}

/// One page with all answers.
pub fn pages_html(pages: &[Page]) -> String {
    let title = match pages {
        [only] => format!("{}: {}", only.status, only.title),
        several => format!("{} answers", several.len()),
    };
    let mut sheet = Sheet::default();
    sheet.number_cards(pages.iter().flat_map(|page| &page.clauses));
    if pages.len() > 1 {
        sheet.out += "<nav aria-label=\"Answers\"><ul>\n";
        for (at, page) in pages.iter().enumerate() {
            let title = escaped(&page.title);
            sheet.out += &format!(
                "<li><a href=\"#answer-{at}\">{title}</a> <span class=\"status {}\">{}</span></li>\n",
                tone_of(page.status),
                page.status
            );
        }
        sheet.out += "</ul></nav>\n";
    }
    for (at, page) in pages.iter().enumerate() {
        sheet.answer(at, page);
    }
    sheet.law(pages.iter().flat_map(|page| &page.clauses));
    document(&title, &sheet.out, "")
}

/// One page with all verdicts in a table, each of which opens into its proof.
pub fn overview_html(overview: &Overview) -> String {
    let mut sheet = Sheet {
        is_table: true,
        ..Sheet::default()
    };
    let pages = || overview.rows.iter().filter_map(|row| row.page.as_ref());
    sheet.number_cards(pages().flat_map(|page| &page.clauses));
    sheet.out += &format!("<h1>{}</h1>\n", escaped(&overview.title));
    for note in &overview.notes {
        sheet.out += &format!("<p>{}</p>\n", escaped(note));
    }
    let is_absent = |row: &&Row| row.status == ABSENT;
    let held: Vec<&Row> = overview.rows.iter().filter(|row| !is_absent(row)).collect();
    let absent: Vec<&Row> = overview.rows.iter().filter(is_absent).collect();
    if held.is_empty() {
        sheet.out += "<p>No verdict holds.</p>\n";
    } else {
        sheet.table(&held);
    }
    if !absent.is_empty() {
        let (count, closed) = (absent.len(), if held.is_empty() { " open" } else { "" });
        sheet.out += &format!(
            "<details class=\"group\"{closed}><summary><h2 style=\"display:inline\">What does not hold ({count})</h2></summary>\n"
        );
        sheet.table(&absent);
        sheet.out += "</details>\n";
    }
    if let Some(days) = &overview.picture {
        sheet.picture(days, "When the clauses of what holds are in force");
    }
    sheet.law(pages().flat_map(|page| &page.clauses));
    let mut groups: Vec<&str> = overview.rows.iter().map(|row| row.status).collect();
    groups.sort_unstable();
    groups.dedup();
    let choices = groups.iter().map(|it| format!("<option>{it}</option>"));
    let only = format!(
        "<label>Show <select id=\"only\"><option value=\"\">all</option>{}</select></label>",
        choices.collect::<String>()
    );
    document(&overview.title, &sheet.out, &only)
}

/// The status of what does not hold.
const ABSENT: &str = "does not hold";

fn tone_of(status: &str) -> &'static str {
    match status {
        "holds" => "yes",
        "open" => "open",
        _ => "no",
    }
}

fn document(title: &str, body: &str, tools: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <div class=\"tools\" role=\"search\" hidden><label>Find <input type=\"search\" id=\"find\" title=\"press / to come here, Escape to leave\"></label>\
         <span id=\"found\" role=\"status\"></span>{tools}\
         <button type=\"button\" id=\"open\">Open all</button><button type=\"button\" id=\"close\">Close all</button>\
         <button type=\"button\" id=\"theme\">Colours: as the system</button>\
         <span class=\"note\">keys: / find, j and k next and previous, Enter open</span></div>\n\
         {body}</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    )
}

impl Sheet {
    fn number_cards<'c>(&mut self, cards: impl Iterator<Item = &'c ClauseCard>) {
        for card in cards {
            let next = self.cards.len();
            self.cards.entry(card.citation.clone()).or_insert(next);
        }
    }

    /// Text in which clauses that have a card lead to it.
    fn linked(&self, text: &str) -> String {
        let words = text.split_inclusive(' ').map(|word| {
            let bare = word.trim_end_matches([' ', ',', ';', ':', '.', ')']);
            let bare = if self.cards.contains_key(bare) {
                bare
            } else {
                word.trim_end_matches([' ', ',', ';', ':'])
            };
            match self.cards.get(bare) {
                Some(at) => {
                    let rest = escaped(&word[bare.len()..]);
                    format!("<a href=\"#clause-{at}\">{}</a>{rest}", escaped(bare))
                }
                None => escaped(word),
            }
        });
        words.collect()
    }

    fn table(&mut self, rows: &[&Row]) {
        // A column that would stand empty is left out.
        let has_days = rows.iter().any(|row| !row.days.is_empty());
        let has_clauses = rows
            .iter()
            .any(|row| !row.by.is_empty() || !row.marks.is_empty());
        self.out += "<table class=\"verdicts\">\n<thead><tr><th scope=\"col\">Verdict</th><th scope=\"col\">Status</th>";
        for (heading, is_shown) in [("Clauses", has_clauses), ("Days", has_days)] {
            if is_shown {
                self.out += &format!("<th scope=\"col\">{heading}</th>");
            }
        }
        self.out += "</tr></thead>\n";
        let columns = 2 + usize::from(has_clauses) + usize::from(has_days);
        for row in rows {
            let status = row.status;
            self.out += &format!(
                "<tbody data-status=\"{status}\"><tr><th scope=\"row\">{}</th><td class=\"status {}\">{status}</td>",
                escaped(&row.text),
                tone_of(status),
            );
            if has_clauses {
                let marks = row.marks.iter();
                let marks = marks
                    .map(|mark| format!("<br><span class=\"warning\">{}</span>", escaped(mark)));
                let marks: String = marks.collect();
                self.out += &format!("<td>{}{marks}</td>", self.linked(&row.by.join(", ")));
            }
            if has_days {
                self.out += &format!("<td>{}</td>", escaped(&row.days));
            }
            self.out += &format!("</tr>\n<tr><td colspan=\"{columns}\">");
            match &row.page {
                Some(page) => {
                    let why = if status == ABSENT { "Why not" } else { "Why" };
                    self.out += &format!("<details class=\"why\"><summary>{why}</summary>\n");
                    self.body(page);
                    self.out += "</details>";
                }
                None => {
                    self.out += &format!(
                        "<span class=\"note\">`lexlog explain` shows why: {}</span>",
                        escaped(&row.atom)
                    );
                }
            }
            self.out += "</td></tr></tbody>\n";
        }
        self.out += "</table>\n";
    }

    fn answer(&mut self, at: usize, page: &Page) {
        let title = escaped(&page.title);
        self.out += &format!(
            "<article id=\"answer-{at}\">\n<h1>{title}</h1>\n<p class=\"status {}\">{}</p>\n",
            tone_of(page.status),
            escaped(page.status)
        );
        self.body(page);
        self.out += "</article>\n";
    }

    fn body(&mut self, page: &Page) {
        for remark in &page.remarks {
            self.out += &format!("<p>{}</p>\n", escaped(remark));
        }
        for part in &page.parts {
            self.proof(page, part);
        }
        if let Some((heading, ways)) = &page.ways {
            self.out += &format!("<section>\n<h2>{}</h2>\n<ul>\n", escaped(heading));
            for way in ways {
                self.out += &format!("<li>{}</li>\n", escaped(way));
            }
            self.out += "</ul>\n</section>\n";
        }
        if let Some(days) = &page.picture {
            self.picture(days, "When its clauses are in force");
        }
    }

    fn picture(&mut self, days: &Picture, heading: &str) {
        self.out += &format!("<section>\n<h2>{heading}</h2>\n");
        svg::picture(days, &mut self.out);
        self.out += "</section>\n";
    }

    /// A card for each clause, once.
    fn law<'c>(&mut self, cards: impl Iterator<Item = &'c ClauseCard>) {
        let mut by_number: BTreeMap<usize, ClauseCard> = BTreeMap::new();
        for card in cards {
            let Some(number) = self.cards.get(&card.citation) else {
                continue;
            };
            let own = by_number.entry(*number).or_insert_with(|| card.clone());
            for rule in &card.rules {
                if !own.rules.contains(rule) {
                    own.rules.push(rule.clone());
                }
            }
        }
        if by_number.is_empty() {
            return;
        }
        self.out += "<section class=\"law\">\n<h2>The law it rests on</h2>\n";
        for (number, card) in by_number {
            clause(number, &card, &mut self.out);
        }
        self.out += "</section>\n";
    }

    fn proof(&mut self, page: &Page, part: &Part) {
        let Some(tree) = &part.tree else { return };
        let heading = match (&part.heading, page.status) {
            (Some(heading), _) => heading.as_str(),
            (None, "holds" | "open") => "Why",
            (None, _) => "Why not",
        };
        self.out += "<section class=\"proof\">\n";
        // In a table, what opens says so already.
        if !(self.is_table && part.heading.is_none()) {
            self.out += &format!("<h2>{}</h2>\n", escaped(heading));
        }
        let mut known: HashMap<StepId, String> = HashMap::new();
        let part = self.sections;
        let mut left: VecDeque<(Option<usize>, &Tree)> = VecDeque::from([(None, tree)]);
        while let Some((number, tree)) = left.pop_front() {
            if let Some(number) = number {
                self.out += &format!("<h3 id=\"section-{number}\">Continued ({number})</h3>\n");
            }
            self.out += "<ul class=\"tree\">\n";
            self.tree(tree, part, &mut known, &mut left);
            self.out += "</ul>\n";
        }
        self.sections += 1;
        self.out += "</section>\n";
    }
}

fn clause(number: usize, card: &ClauseCard, out: &mut String) {
    *out += &format!(
        "<details class=\"card\" id=\"clause-{number}\"><summary><strong>{}</strong> {}</summary>\n",
        escaped(&card.citation),
        escaped(&card.headings.join(" · "))
    );
    *out += &format!(
        "<p class=\"note\">{}</p>\n",
        escaped(&card.about.join("; "))
    );
    for line in card.days.iter().chain(&card.sources) {
        *out += &format!("<p class=\"note\">{}</p>\n", escaped(line));
    }
    for (text, place) in &card.rules {
        *out += &format!(
            "<pre>{}</pre>\n<p class=\"note\">{}</p>\n",
            escaped(text),
            escaped(place)
        );
    }
    *out += "</details>\n";
}

/// What is still to be written: a step, or the end of one.
enum Todo<'t> {
    Step(&'t Tree, usize),
    End,
}

impl Sheet {
    fn tree<'t>(
        &mut self,
        tree: &'t Tree,
        part: usize,
        known: &mut HashMap<StepId, String>,
        left: &mut VecDeque<(Option<usize>, &'t Tree)>,
    ) {
        let mut open = vec![Todo::Step(tree, 0)];
        while let Some(todo) = open.pop() {
            let Todo::Step(tree, depth) = todo else {
                self.out.push_str("</ul></details></li>\n");
                continue;
            };
            let tone = match tree.tone {
                Tone::Claim => "claim",
                Tone::Fails => "fails",
                Tone::Aside => "aside",
                Tone::Warning => "warning",
            };
            let mut words = format!("<span class=\"{tone}\">{}</span>", escaped(&tree.text));
            let shown = tree.step.filter(|_| tree.is_shown_above());
            match shown.and_then(|step| known.get(&step)) {
                Some(id) => {
                    write!(
                        words,
                        " <a class=\"note\" href=\"#{id}\">as shown above</a>"
                    )
                    .expect("a text takes all");
                }
                None => {
                    for note in &tree.notes {
                        write!(words, " <span class=\"note\">{}</span>", self.linked(note))
                            .expect("a text takes all");
                    }
                }
            }
            let id = match tree
                .step
                .filter(|step| shown.is_none() && !known.contains_key(step))
            {
                Some(step) => {
                    let id = format!("step-{part}-{}", step.0);
                    let attribute = format!(" id=\"{id}\"");
                    known.insert(step, id);
                    attribute
                }
                None => String::new(),
            };
            if tree.below.is_empty() {
                writeln!(self.out, "<li{id}><div>{words}</div></li>").expect("a text takes all");
            } else if depth >= DEEPEST {
                self.sections += 1;
                let number = self.sections;
                writeln!(
                self.out,
                "<li{id}><div>{words} <a class=\"note\" href=\"#section-{number}\">continued below ({number})</a></div></li>"
            )
            .expect("a text takes all");
                left.push_back((Some(number), tree));
            } else {
                writeln!(
                    self.out,
                    "<li{id}><details open><summary><div>{words}</div></summary><ul>"
                )
                .expect("a text takes all");
                open.push(Todo::End);
                let below = tree.below.iter().rev();
                open.extend(below.map(|below| Todo::Step(below, depth + 1)));
            }
        }
    }
}

/// Text that is nothing but text, wherever it stands.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");
