//! Messages as text with the source marked, and as JSON.

use super::{Diagnostic, Label, Severity};
use crate::source::{FileId, Place, Sources, Span};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value as Json, json};
use textwrap::{Options, WordSeparator, WordSplitter};

/// How many messages are shown in words.
const MOST: usize = 100;
/// Columns of a terminal.
const WIDTH: usize = 80;
/// Marks in one text stand in one excerpt if they are no more than so many lines apart.
const NEAR: u32 = 12;
/// How many bytes of source around a mark are shown at most, where lines are very long.
const EXCERPT: usize = 2_000;

/// The messages as text, for people, and how many there are.
pub fn render_text(diagnostics: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let mut out = String::new();
    // Where not all can be shown, warnings wait.
    let is_late = |it: &&Diagnostic| diagnostics.len() > MOST && it.severity != Severity::Error;
    let (late, first): (Vec<&Diagnostic>, Vec<&Diagnostic>) = diagnostics.iter().partition(is_late);
    for diagnostic in first.into_iter().chain(late).take(MOST) {
        let report = [group(diagnostic, sources)];
        out += renderer.render(&report).trim_end();
        out += "\n\n";
    }
    out + &summary(diagnostics)
}

/// `2 errors, 1 warning`
fn summary(diagnostics: &[Diagnostic]) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let count = |severity: Severity, word: &str| {
        let number = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count();
        (number > 0).then(|| format!("{number} {word}{}", if number == 1 { "" } else { "s" }))
    };
    let counts = [
        count(Severity::Error, "error"),
        count(Severity::Warning, "warning"),
    ];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let hidden = match (diagnostics.len() > MOST, counts.len()) {
        (false, _) => String::new(),
        (true, 1) => format!("; the first {MOST} are shown"),
        (true, _) => format!("; {MOST} are shown, errors before warnings"),
    };
    format!("{}{hidden}\n", counts.join(", "))
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut elements: Vec<Element<'a>> = Vec::new();
    for cluster in clusters(&diagnostic.labels, sources) {
        elements.extend(cluster);
    }
    let title = level
        .primary_title(wrap(&diagnostic.message, WIDTH - 16))
        .id(diagnostic.code);
    let helps = diagnostic
        .help
        .iter()
        .map(|help| Element::from(Level::HELP.message(wrap(help, WIDTH - 14))));
    Group::with_title(title).elements(elements).elements(helps)
}

/// Words that go on and on are cut in the middle.
fn brief(text: &str) -> String {
    const LONGEST: usize = 120;
    const BEGINNING: usize = 60;
    const END: usize = 10;
    let cut = |word: &str| {
        let length = word.chars().count();
        if length <= LONGEST {
            return word.to_owned();
        }
        let beginning: String = word.chars().take(BEGINNING).collect();
        let end: String = word.chars().skip(length - END).collect();
        format!("{beginning}…{end}")
    };
    text.split_inclusive([' ', '\n']).map(cut).collect()
}

fn wrap(text: &str, width: usize) -> String {
    let fill = |line: &str| textwrap::fill(line, whole_words(width));
    brief(text).lines().map(fill).collect::<Vec<_>>().join("\n")
}

/// Lines break at blanks only: dates and names stay whole.
fn whole_words<'a>(width: usize) -> Options<'a> {
    Options::new(width)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
}

/// The labels, those that are near one another in one text together.
fn clusters<'a>(labels: &'a [Label], sources: &'a Sources) -> Vec<Vec<Element<'a>>> {
    let mut done = vec![false; labels.len()];
    let mut clusters = Vec::new();
    for at in 0..labels.len() {
        if done[at] {
            continue;
        }
        let Place::Span(first) = labels[at].place else {
            clusters.push(record(&labels[at], sources));
            continue;
        };
        let line = |span: Span| sources.position(span.file, span.start).line;
        let mut own = Vec::new();
        for (other, label) in labels.iter().enumerate().skip(at) {
            if let Place::Span(span) = label.place
                && !done[other]
                && span.file == first.file
                && line(span).abs_diff(line(first)) <= NEAR
            {
                done[other] = true;
                own.push((other == 0, span, label.text.as_str()));
            }
        }
        clusters.push(vec![excerpt(first.file, &own, sources)]);
    }
    clusters
}

/// A record of a data file: its place, and what is said of it.
fn record<'a>(label: &'a Label, sources: &'a Sources) -> Vec<Element<'a>> {
    let Place::Record { file, line } = label.place else {
        return Vec::new();
    };
    let origin = Origin::path(sources.record(file, line));
    let mut elements = vec![Element::from(origin)];
    if !label.text.is_empty() {
        elements.push(Element::from(
            Level::NOTE.no_name().message(wrap(&label.text, WIDTH - 8)),
        ));
    }
    elements
}

/// The lines of the marks, with the marks.
fn excerpt<'a>(file: FileId, marks: &[(bool, Span, &'a str)], sources: &'a Sources) -> Element<'a> {
    let source = sources.file(file);
    let text = &*source.text;
    let first = marks
        .iter()
        .map(|(_, span, _)| span.start as usize)
        .min()
        .unwrap_or(0)
        .min(text.len());
    let last = marks
        .iter()
        .map(|(_, span, _)| (span.start + 1).max(span.end) as usize)
        .max()
        .unwrap_or(0)
        .min(text.len());
    let from = text[..floor(text, first)]
        .rfind('\n')
        .map_or(0, |at| at + 1)
        .max(floor(text, first.saturating_sub(EXCERPT)));
    let last = last.min(first + 20 * EXCERPT);
    let rest = &text[ceil(text, last)..];
    let to = ceil(text, last) + rest.find('\n').unwrap_or(rest.len()).min(EXCERPT);
    let shown = &text[from..floor(text, to)];
    let mut snippet = Snippet::source(shown)
        .line_start(sources.position(file, first as u32).line as usize)
        .path(source.name.as_str());
    for (is_primary, span, words) in marks {
        let start = floor(text, (span.start as usize).clamp(from, from + shown.len())) - from;
        let end = ceil(
            text,
            (span.end as usize).clamp(from + start, from + shown.len()),
        ) - from;
        let kind = if *is_primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let mark = kind.span(start..end.max(start));
        snippet = snippet.annotation(if words.is_empty() {
            mark
        } else {
            mark.label(*words)
        });
    }
    Element::from(snippet)
}

/// The start of the letter in which a byte lies.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// The messages as JSON, for machines: an array of `{code, severity, message, file, line, column, end_line, end_column, labels,
/// help}`; lines and columns count from 1, and are `null` where no text is at fault.
pub fn render_json(diagnostics: &[Diagnostic], sources: &Sources) -> Json {
    Json::Array(
        diagnostics
            .iter()
            .map(|diagnostic| message_json(diagnostic, sources))
            .collect(),
    )
}

fn message_json(diagnostic: &Diagnostic, sources: &Sources) -> Json {
    let severity = if diagnostic.is_error() {
        "error"
    } else {
        "warning"
    };
    let labels: Vec<Json> = diagnostic
        .labels
        .iter()
        .map(|label| place_json(label, sources))
        .collect();
    let first = labels.first().cloned().unwrap_or(Json::Null);
    json!({
        "code": diagnostic.code, "severity": severity, "message": brief(&diagnostic.message),
        "file": first["file"], "line": first["line"], "column": first["column"],
        "end_line": first["end_line"], "end_column": first["end_column"],
        "labels": labels, "help": diagnostic.help.iter().map(|help| brief(help)).collect::<Vec<_>>(),
    })
}

fn place_json(label: &Label, sources: &Sources) -> Json {
    let file = label.place.file().map(|file| &sources.file(file).name);
    match label.place {
        Place::Span(span) => {
            let (start, end) = (
                sources.position(span.file, span.start),
                sources.position(span.file, span.end),
            );
            json!({
                "file": file, "line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column, "text": label.text,
            })
        }
        Place::Assumed => json!({
            "file": null, "line": null, "column": null, "end_line": null, "end_column": null, "text": label.text,
        }),
        Place::Record { line, .. } => json!({
            "file": file, "line": line, "column": null, "end_line": null, "end_column": null, "text": label.text,
        }),
    }
}
