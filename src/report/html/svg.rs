//! A picture of days as SVG, drawn with whole numbers.

use super::escaped;
use crate::report::picture::{Picture, Shade};
use crate::value::{Date, FIRST_DAY, LAST_DAY};

/// Where the days begin, from the left, and how far they reach.
const LEFT: i64 = 210;
const WIDTH: i64 = 560;
const HEIGHT: i64 = 22;
const TOP: i64 = 24;
/// How near two days may be written side by side.
const APART: i64 = 74;
/// How many letters of a label there is room for.
const LETTERS: usize = 30;

/// The days that are shown.
struct Scale {
    first: Date,
    days: i64,
}

impl Scale {
    fn new(picture: &Picture) -> Option<Scale> {
        let mut days = picture.cuts();
        days.extend(&picture.marks);
        let (first, last) = (*days.first()?, *days.last()?);
        let margin = (between(first, last) / 8).clamp(10, 4_000);
        let margin = jiff::Span::new().days(margin);
        let first = first.checked_sub(margin).unwrap_or(FIRST_DAY);
        let last = last.checked_add(margin).unwrap_or(LAST_DAY);
        Some(Scale {
            first,
            days: between(first, last).max(1),
        })
    }

    fn at(&self, day: Date) -> i64 {
        LEFT + (between(self.first, day) * WIDTH / self.days).clamp(0, WIDTH)
    }
}

fn between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// The picture; nothing where there are no days to show.
pub(super) fn picture(picture: &Picture, out: &mut String) {
    let Some(scale) = Scale::new(picture) else {
        return;
    };
    let bottom = TOP + HEIGHT * picture.lines.len() as i64;
    let (width, height) = (LEFT + WIDTH + 10, bottom + 24);
    *out += &format!(
        "<div class=\"picture\" tabindex=\"0\" role=\"group\" aria-label=\"Timeline\"><svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\n",
        escaped(&in_words(picture))
    );
    let mut free = 0;
    for day in picture.cuts() {
        let x = scale.at(day);
        *out +=
            &format!("<line class=\"tick\" x1=\"{x}\" x2=\"{x}\" y1=\"{TOP}\" y2=\"{bottom}\"/>");
        if x >= free {
            let end = x > LEFT + WIDTH - APART;
            let anchor = if end { " text-anchor=\"end\"" } else { "" };
            *out += &format!(
                "<text class=\"day\" x=\"{x}\" y=\"{}\"{anchor}>{day}</text>\n",
                TOP - 8
            );
            free = x + APART;
        }
    }
    for (at, line) in picture.lines.iter().enumerate() {
        let y = TOP + HEIGHT * at as i64;
        *out += &format!(
            "<text x=\"0\" y=\"{}\">{}<title>{}</title></text>\n<rect class=\"track\" x=\"{LEFT}\" y=\"{}\" width=\"{WIDTH}\" height=\"14\"/>\n",
            y + 14,
            escaped(&short(&line.label)),
            escaped(&line.label),
            y + 3
        );
        for bar in &line.bars {
            let class = match bar.shade {
                Shade::Yes => "in-force",
                Shade::Suspended => "suspended",
                Shade::Open => "undecided",
            };
            let after = bar.through.tomorrow().unwrap_or(LAST_DAY);
            let (x, end) = (scale.at(bar.from), scale.at(after));
            *out += &format!(
                "<rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"{}\" height=\"14\"><title>{}</title></rect>\n",
                y + 3,
                (end - x).max(1),
                escaped(&bar.title)
            );
        }
    }
    for day in &picture.marks {
        let x = scale.at(*day);
        let end = x > LEFT + WIDTH - APART;
        let (anchor, x_text) = if end {
            ("end", x - 3)
        } else {
            ("start", x + 3)
        };
        *out += &format!(
            "<line class=\"mark\" x1=\"{x}\" x2=\"{x}\" y1=\"{TOP}\" y2=\"{}\"/><text x=\"{x_text}\" y=\"{}\" text-anchor=\"{anchor}\">{day}</text>\n",
            bottom + 8,
            bottom + 18
        );
    }
    *out += "</svg></div>\n";
    *out += "<p class=\"key\"><i class=\"in-force\"></i>in force, or holds<i class=\"suspended\"></i>suspended<i class=\"undecided\"></i>open\
             <i class=\"track\"></i>not in force, or does not hold; the broken line is the day that counts</p>\n";
}

fn in_words(picture: &Picture) -> String {
    let lines = picture.lines.iter().map(|line| {
        let bars: Vec<&str> = line.bars.iter().map(|bar| bar.title.as_str()).collect();
        format!("{}: {}", line.label, bars.join(", "))
    });
    lines.collect::<Vec<_>>().join("; ")
}

/// A label with its middle left out, where it is long: what tells clauses apart stands at their ends.
fn short(label: &str) -> String {
    let letters: Vec<char> = label.chars().collect();
    if letters.len() <= LETTERS {
        return label.to_owned();
    }
    let start: String = letters[..10].iter().collect();
    let end: String = letters[letters.len() - (LETTERS - 11)..].iter().collect();
    format!("{start}…{end}")
}
