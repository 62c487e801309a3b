//! Coverage as text: a table by notice, and a listing of what no case shows; and as JSON.

use super::{Coverage, Share, Sort};
use crate::ir::NoticeId;
use crate::report::Context;
use crate::source::Place;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr;

/// The columns of the table.
pub(super) const COLUMNS: [(Sort, &str); 5] = [
    (Sort::Rule, "rules"),
    (Sort::Literal, "literals"),
    (Sort::Exemption, "exempt"),
    (Sort::List, "lists"),
    (Sort::Days, "days"),
];

/// The name of a notice, or of what stands outside.
pub(super) fn name(context: Context<'_>, notice: Option<NoticeId>) -> String {
    notice.map_or("outside notices".into(), |notice| {
        context.policy.notice(notice).id.clone()
    })
}

pub(super) fn whole(shares: &BTreeMap<Sort, Share>) -> Share {
    let mut whole = Share::default();
    for share in shares.values() {
        whole.seen += share.seen;
        whole.all += share.all;
    }
    whole
}

/// `3/4`; nothing where there is none.
pub(super) fn fraction(share: Option<&Share>) -> String {
    share.map_or(String::new(), |share| {
        format!("{}/{}", share.seen, share.all)
    })
}

/// A line for each notice: of how many points of each sort cases show how many.
pub fn coverage_text(context: Context<'_>, coverage: &Coverage) -> String {
    let by_notice = coverage.by_notice();
    let names = by_notice.keys().map(|notice| name(context, *notice));
    let width = names
        .map(|name| name.width() + 1)
        .max()
        .unwrap_or(0)
        .max(20);
    let mut out = padded("covered by cases", width);
    for (_, column) in COLUMNS {
        out += &format!("{column:>10}");
    }
    out += &format!("{:>8}\n", "all");
    for (notice, shares) in by_notice {
        out += &padded(&name(context, notice), width);
        for (sort, _) in COLUMNS {
            out += &format!("{:>10}", fraction(shares.get(&sort)));
        }
        out += &format!("{:>6} %\n", whole(&shares).percent());
    }
    let Share { seen, all } = coverage.share();
    let percent = coverage.share().percent();
    out + &format!("{seen} of {all} points, {percent} %\n")
}

fn padded(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(blanks))
}

/// Place by place, what no case shows.
pub fn coverage_listing(context: Context<'_>, coverage: &Coverage) -> String {
    let mut out = String::new();
    for item in &coverage.items {
        let missing: Vec<&str> = item
            .points
            .iter()
            .filter(|point| point.times == 0)
            .map(|point| point.what.as_str())
            .collect();
        if missing.is_empty() {
            continue;
        }
        let words = first_line(context, item.span);
        let place = context.sources.cite(Place::Span(item.span));
        out += &format!("{place}: {words}\n");
        for what in missing {
            out += &format!("    no case: {what}\n");
        }
        if !item.note.is_empty() {
            out += &format!("    {}\n", item.note);
        }
    }
    out
}

/// The first line of what is written there.
pub(super) fn first_line(context: Context<'_>, span: crate::source::Span) -> String {
    let words = context.sources.words(span).lines().next();
    words.unwrap_or_default().trim().to_owned()
}

/// `{"points", "seen", "notices": [{"notice", "points", "seen"}], "missing": [{"source", "text", "points": [text], "note"}]}`
pub fn coverage_json(context: Context<'_>, coverage: &Coverage) -> Json {
    let share = coverage.share();
    let notices: Vec<Json> = coverage
        .by_notice()
        .iter()
        .map(|(notice, shares)| {
            let share = whole(shares);
            let id = notice.map(|notice| context.policy.notice(notice).id.clone());
            json!({ "notice": id, "points": share.all, "seen": share.seen })
        })
        .collect();
    let missing = coverage.items.iter().filter_map(|item| {
        let points = item.points.iter().filter(|point| point.times == 0);
        let points: Vec<&str> = points.map(|point| point.what.as_str()).collect();
        let place = context.sources.cite(Place::Span(item.span));
        (!points.is_empty()).then(|| {
            json!({ "source": place, "text": first_line(context, item.span), "points": points, "note": item.note })
        })
    });
    json!({ "points": share.all, "seen": share.seen, "notices": notices, "missing": missing.collect::<Vec<_>>() })
}
