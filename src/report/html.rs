//! Proofs as one page that needs nothing else: no network, and no script to be read.
//!
//! What stands on the page comes first: the answer, then the law on which it rests, then the proof as a tree to open and
//! close. Trees are cut where they get deep, and go on in a section of their own.

use super::page::{ClauseCard, Page, Part};
use super::tree::{Tone, Tree};
use crate::proof::proof::StepId;
use std::collections::{HashMap, VecDeque};
use std::fmt::Write;

/// How many steps stand within one another.
const DEEPEST: usize = 24;

/// One page with all answers.
pub fn pages_html(pages: &[Page]) -> String {
    let title = match pages {
        [only] => format!("{}: {}", only.status, only.title),
        several => format!("{} answers", several.len()),
    };
    let mut body = String::new();
    let mut sections = 0;
    if pages.len() > 1 {
        body += "<nav aria-label=\"Answers\"><ul>\n";
        for (at, page) in pages.iter().enumerate() {
            let title = escaped(&page.title);
            body += &format!(
                "<li><a href=\"#answer-{at}\">{title}</a> <span class=\"status\">{}</span></li>\n",
                page.status
            );
        }
        body += "</ul></nav>\n";
    }
    for (at, page) in pages.iter().enumerate() {
        answer(at, page, &mut sections, &mut body);
    }
    let title = escaped(&title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{TOOLS}{body}</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
}

fn answer(at: usize, page: &Page, sections: &mut usize, out: &mut String) {
    let status = match page.status {
        "holds" => "yes",
        "open" => "open",
        _ => "no",
    };
    let title = escaped(&page.title);
    *out += &format!(
        "<article id=\"answer-{at}\">\n<h1>{title}</h1>\n<p class=\"status {status}\">{}</p>\n",
        escaped(page.status)
    );
    for remark in &page.remarks {
        *out += &format!("<p>{}</p>\n", escaped(remark));
    }
    if !page.clauses.is_empty() {
        *out += "<section class=\"law\">\n<h2>The law it rests on</h2>\n";
        page.clauses.iter().for_each(|card| clause(card, out));
        *out += "</section>\n";
    }
    for part in &page.parts {
        proof(page, part, sections, out);
    }
    if let Some((heading, ways)) = &page.ways {
        *out += &format!("<section>\n<h2>{}</h2>\n<ul>\n", escaped(heading));
        for way in ways {
            *out += &format!("<li>{}</li>\n", escaped(way));
        }
        *out += "</ul>\n</section>\n";
    }
    *out += "</article>\n";
}

fn clause(card: &ClauseCard, out: &mut String) {
    *out += &format!(
        "<details class=\"card\"><summary><strong>{}</strong> {}</summary>\n",
        escaped(&card.citation),
        escaped(&card.headings.join(" · "))
    );
    *out += &format!(
        "<p class=\"note\">{}</p>\n",
        escaped(&card.about.join("; "))
    );
    for source in &card.sources {
        *out += &format!("<p class=\"note\">{}</p>\n", escaped(source));
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

fn proof(page: &Page, part: &Part, sections: &mut usize, out: &mut String) {
    let Some(tree) = &part.tree else { return };
    let heading = match (&part.heading, page.status) {
        (Some(heading), _) => heading.as_str(),
        (None, "does not hold") => "Why not",
        (None, _) => "Why",
    };
    *out += &format!("<section class=\"proof\">\n<h2>{}</h2>\n", escaped(heading));
    let mut known: HashMap<StepId, String> = HashMap::new();
    let part = *sections;
    let mut left: VecDeque<(Option<usize>, &Tree)> = VecDeque::from([(None, tree)]);
    while let Some((number, tree)) = left.pop_front() {
        if let Some(number) = number {
            *out += &format!("<h3 id=\"section-{number}\">Continued ({number})</h3>\n");
        }
        *out += "<ul class=\"tree\">\n";
        tree_html(tree, part, sections, &mut known, &mut left, out);
        *out += "</ul>\n";
    }
    *sections += 1;
    *out += "</section>\n";
}

/// What is still to be written: a step, or the end of one.
enum Todo<'t> {
    Step(&'t Tree, usize),
    End,
}

fn tree_html<'t>(
    tree: &'t Tree,
    part: usize,
    sections: &mut usize,
    known: &mut HashMap<StepId, String>,
    left: &mut VecDeque<(Option<usize>, &'t Tree)>,
    out: &mut String,
) {
    let mut open = vec![Todo::Step(tree, 0)];
    while let Some(todo) = open.pop() {
        let Todo::Step(tree, depth) = todo else {
            out.push_str("</ul></details></li>\n");
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
                    write!(words, " <span class=\"note\">{}</span>", escaped(note))
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
            writeln!(out, "<li{id}><div>{words}</div></li>").expect("a text takes all");
        } else if depth >= DEEPEST {
            *sections += 1;
            let number = *sections;
            writeln!(
                out,
                "<li{id}><div>{words} <a class=\"note\" href=\"#section-{number}\">continued below ({number})</a></div></li>"
            )
            .expect("a text takes all");
            left.push_back((Some(number), tree));
        } else {
            writeln!(
                out,
                "<li{id}><details open><summary><div>{words}</div></summary><ul>"
            )
            .expect("a text takes all");
            open.push(Todo::End);
            let below = tree.below.iter().rev();
            open.extend(below.map(|below| Todo::Step(below, depth + 1)));
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

const TOOLS: &str = "<div class=\"tools\" role=\"search\" hidden>\
<label>Find <input type=\"search\" id=\"find\"></label> <span id=\"found\" role=\"status\"></span> \
<button type=\"button\" id=\"open\">Open all</button> <button type=\"button\" id=\"close\">Close all</button></div>\n";

const STYLE: &str = "
:root { color-scheme: light dark; --text: #1b1b1f; --dim: #55555f; --line: #c9c9d2; --back: #ffffff; --card: #f4f4f7;
  --yes: #0b6b3a; --no: #a3222c; --open: #7a5200; }
@media (prefers-color-scheme: dark) { :root { --text: #ececf1; --dim: #a9a9b4; --line: #4a4a55; --back: #16161a; --card: #222228;
  --yes: #6fd39b; --no: #ff8d93; --open: #f0c060; } }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 1rem 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .5rem; }
h3 { font-size: 1rem; }
.status { font-weight: 600; margin: 0 0 1rem; }
.status.yes { color: var(--yes); } .status.no { color: var(--no); } .status.open { color: var(--open); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .8rem; margin: .4rem 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; margin: .5rem 0 0; }
.note { color: var(--dim); font-size: .85rem; overflow-wrap: anywhere; }
p.note { margin: .25rem 0; }
.tree, .tree ul { list-style: none; margin: 0; padding: 0; }
.tree ul { padding-left: .9rem; border-left: 1px solid var(--line); margin-left: .35rem; }
.tree li > div { padding-left: 1.05rem; }
.tree li { margin: .3rem 0; overflow-wrap: anywhere; }
.tree .note { display: block; }
summary { cursor: pointer; }
.tree summary { display: flex; list-style: none; } .tree summary::-webkit-details-marker { display: none; }
.tree summary::before { content: '▸'; flex: none; width: 1.05rem; color: var(--dim); } .tree [open] > summary::before { content: '▾'; }
.claim { font-weight: 600; } .fails { color: var(--no); } .warning { color: var(--open); }
.tools { position: sticky; top: 0; background: var(--back); padding: .5rem 0; border-bottom: 1px solid var(--line); z-index: 1; }
.hit > details > summary, .hit > div { background: color-mix(in srgb, var(--open) 25%, transparent); }
li:target { outline: 2px solid var(--open); outline-offset: 2px; }
@media (max-width: 30rem) { .tree ul { padding-left: .5rem; margin-left: .2rem; } }
@media print { .tools { display: none; } body { font-size: 11pt; } main { max-width: none; } .card, li { break-inside: avoid-page; } }
";

const SCRIPT: &str = "
const all = () => document.querySelectorAll('details');
const set = open => all().forEach(it => { it.open = open; });
document.querySelector('.tools').hidden = false;
document.getElementById('open').onclick = () => set(true);
document.getElementById('close').onclick = () => set(false);
addEventListener('beforeprint', () => set(true));
const follow = () => {
  const to = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let at = to; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
  if (to) to.scrollIntoView({ block: 'center' });
};
addEventListener('hashchange', follow); follow();
const find = document.getElementById('find');
find.oninput = () => {
  const words = find.value.trim().toLowerCase();
  let count = 0;
  document.querySelectorAll('.tree li').forEach(li => {
    const own = li.firstElementChild.tagName === 'DETAILS' ? li.firstElementChild.firstElementChild : li.firstElementChild;
    const hit = words !== '' && own.textContent.toLowerCase().includes(words);
    li.classList.toggle('hit', hit);
    if (!hit) return;
    if (count++ === 0) own.scrollIntoView({ block: 'center' });
    for (let at = li.parentElement; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
  });
  document.getElementById('found').textContent = words === '' ? '' : count + ' found';
};
";
