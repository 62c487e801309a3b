//! How a column writes its days: `DD.MM.YYYY`.

use super::Date;
use thiserror::Error;

/// A way of writing days: where day, month and year stand, and what stands between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayPattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// `D`: one digit or two; `DD`: two.
    Day { is_padded: bool },
    /// `M` or `MM`
    Month { is_padded: bool },
    /// `YYYY`
    Year,
    /// Stands for itself.
    Sign(char),
}

/// Why a text says in no way how days are written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoDayPattern {
    /// `YY`
    #[error("a year of two digits does not say in which century it lies")]
    ShortYear,
    /// `MMM`, `dd`, `hh`, `9`.
    #[error("`{0}` stands for nothing in a day")]
    Unknown(String),
    /// No day, month or year.
    #[error("it does not say where the {0} stands")]
    Lacks(&'static str),
    /// One of them twice.
    #[error("the {0} stands in it twice")]
    Twice(&'static str),
    /// `DMYYYY`: 1112025 is two days.
    #[error("where `{0}` ends cannot be seen, for a digit may follow")]
    RunTogether(char),
}

/// Why a text is no day as the pattern says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDay {
    /// It is written otherwise.
    Otherwise,
    /// It is written so, and no calendar has it.
    NoSuchDay,
}

impl DayPattern {
    /// Reads a pattern.
    pub fn new(text: &str) -> Result<DayPattern, NoDayPattern> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let run = rest.len() - rest.trim_start_matches(first).len();
            let is_part = first.is_ascii_alphanumeric();
            let length = if is_part { run } else { first.len_utf8() };
            let (word, behind) = rest.split_at(length);
            parts.push(match word {
                "D" | "DD" => Part::Day {
                    is_padded: length == 2,
                },
                "M" | "MM" => Part::Month {
                    is_padded: length == 2,
                },
                "YYYY" => Part::Year,
                "Y" | "YY" => return Err(NoDayPattern::ShortYear),
                _ if is_part => return Err(NoDayPattern::Unknown(word.into())),
                _ => Part::Sign(first),
            });
            rest = behind;
        }
        let pattern = DayPattern {
            text: text.to_owned(),
            parts,
        };
        pattern.check().map(|()| pattern)
    }

    fn check(&self) -> Result<(), NoDayPattern> {
        let is_day = |part: &&Part| matches!(part, Part::Day { .. });
        let is_month = |part: &&Part| matches!(part, Part::Month { .. });
        let counts = [
            ("day", self.parts.iter().filter(is_day).count()),
            ("month", self.parts.iter().filter(is_month).count()),
            (
                "year",
                self.parts.iter().filter(|it| **it == Part::Year).count(),
            ),
        ];
        for (what, count) in counts {
            match count {
                0 => return Err(NoDayPattern::Lacks(what)),
                1 => {}
                _ => return Err(NoDayPattern::Twice(what)),
            }
        }
        for pair in self.parts.windows(2) {
            match pair {
                [_, Part::Sign(_)] => {}
                [Part::Day { is_padded: false }, _] => return Err(NoDayPattern::RunTogether('D')),
                [Part::Month { is_padded: false }, _] => {
                    return Err(NoDayPattern::RunTogether('M'));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The pattern as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The day that a text is.
    pub fn day(&self, text: &str) -> Result<Date, NoDay> {
        let (mut day, mut month, mut year) = (0, 0, 0);
        let mut rest = text;
        for part in &self.parts {
            let (into, least, most) = match *part {
                Part::Sign(sign) => {
                    rest = rest.strip_prefix(sign).ok_or(NoDay::Otherwise)?;
                    continue;
                }
                Part::Day { is_padded } => (&mut day, if is_padded { 2 } else { 1 }, 2),
                Part::Month { is_padded } => (&mut month, if is_padded { 2 } else { 1 }, 2),
                Part::Year => (&mut year, 4, 4),
            };
            let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit);
            let length = digits.count();
            if length < least {
                return Err(NoDay::Otherwise);
            }
            let (number, behind) = rest.split_at(length);
            *into = number.parse::<i16>().map_err(|_| NoDay::Otherwise)?;
            rest = behind;
        }
        if !rest.is_empty() {
            return Err(NoDay::Otherwise);
        }
        let small = |number: i16| i8::try_from(number).map_err(|_| NoDay::NoSuchDay);
        Date::new(year, small(month)?, small(day)?).map_err(|_| NoDay::NoSuchDay)
    }

    /// A day as the pattern writes it.
    pub fn written(&self, date: Date) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Day { is_padded: true } => format!("{:02}", date.day()),
            Part::Day { is_padded: false } => date.day().to_string(),
            Part::Month { is_padded: true } => format!("{:02}", date.month()),
            Part::Month { is_padded: false } => date.month().to_string(),
            Part::Year => format!("{:04}", date.year()),
            Part::Sign(sign) => sign.to_string(),
        });
        parts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(pattern: &str, text: &str) -> Result<String, NoDay> {
        let pattern = DayPattern::new(pattern).expect("it is a pattern");
        pattern.day(text).map(|day| day.to_string())
    }

    #[test]
    fn a_day_is_read_as_its_pattern_says_and_in_no_other_way() {
        let ninth = || Ok("2025-10-09".to_owned());
        assert_eq!(day("DD.MM.YYYY", "09.10.2025"), ninth());
        assert_eq!(day("D.M.YYYY", "9.10.2025"), ninth());
        assert_eq!(day("D.M.YYYY", "09.10.2025"), ninth());
        assert_eq!(day("YYYYMMDD", "20251009"), ninth());
        assert_eq!(day("M/D/YYYY", "10/9/2025"), ninth());
        assert_eq!(day("YYYY年M月D日", "2025年10月9日"), ninth());
        for text in [
            "9.10.2025",
            "09.10.25",
            "09-10-2025",
            "09.10.2025 ",
            "",
            "äö.10.2025",
        ] {
            assert_eq!(day("DD.MM.YYYY", text), Err(NoDay::Otherwise), "{text}");
        }
        assert_eq!(day("DD.MM.YYYY", "31.02.2025"), Err(NoDay::NoSuchDay));
    }

    #[test]
    fn what_says_in_no_way_how_days_are_written_is_refused() {
        let wrong = |text| DayPattern::new(text).expect_err("it is no pattern");
        assert_eq!(wrong("DD.MM.YY"), NoDayPattern::ShortYear);
        assert_eq!(wrong("dd.MM.YYYY"), NoDayPattern::Unknown("dd".into()));
        assert_eq!(wrong("DD MMM YYYY"), NoDayPattern::Unknown("MMM".into()));
        assert_eq!(wrong("MM.YYYY"), NoDayPattern::Lacks("day"));
        assert_eq!(wrong("DD.DD.MM.YYYY"), NoDayPattern::Twice("day"));
        assert_eq!(wrong("DMYYYY"), NoDayPattern::RunTogether('D'));
        assert_eq!(wrong(""), NoDayPattern::Lacks("day"));
    }

    #[test]
    fn a_day_is_written_as_it_is_read() {
        let date = Date::new(2025, 10, 9).expect("there is such a day");
        for text in ["DD.MM.YYYY", "D/M/YYYY", "YYYYMMDD", "YYYY年M月D日"] {
            let pattern = DayPattern::new(text).expect("it is a pattern");
            assert_eq!(pattern.day(&pattern.written(date)), Ok(date));
        }
    }
}
