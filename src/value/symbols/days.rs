//! Days as numbers, by arithmetic alone.

use crate::value::{Date, FIRST_DAY, LAST_DAY};

/// How many days a day is after the first that can be written.
pub(super) fn days_after_first(date: Date) -> u32 {
    (days(date) - days(FIRST_DAY)) as u32
}

// A year that begins in March has its leap day last; 400 of them have 146,097 days, whichever they are.
const MONTHS: i64 = 12;
const DAYS_OF_400_YEARS: i64 = 146_097;

/// The days from the first of March of the year 0.
fn days(date: Date) -> i64 {
    let (year, month) = (i64::from(date.year()), i64::from(date.month()));
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day = (153 * ((month + 9) % MONTHS) + 2) / 5 + i64::from(date.day()) - 1;
    era * DAYS_OF_400_YEARS + year * 365 + year / 4 - year / 100 + day
}

/// The day that is so many days after the first that can be written.
pub(super) fn date_after(after_first: u32) -> Date {
    let all = i64::from(after_first) + days(FIRST_DAY);
    let (era, day) = (
        all.div_euclid(DAYS_OF_400_YEARS),
        all.rem_euclid(DAYS_OF_400_YEARS),
    );
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day + 2) / 153;
    let month = (shifted + 2) % MONTHS + 1;
    let year = era * 400 + year + i64::from(month <= 2);
    let day = day - (153 * shifted + 2) / 5 + 1;
    Date::new(year as i16, month as i8, day as i8).expect("the word was made from a date")
}

/// The day that is so many days after one, or before it; `None` beyond what can be written.
pub fn days_from(date: Date, count: i64) -> Option<Date> {
    let after_first = i64::from(days_after_first(date)).checked_add(count)?;
    let is_written = (0..=i64::from(days_after_first(LAST_DAY))).contains(&after_first);
    is_written.then(|| date_after(after_first as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_number_of_days_since_the_first_one() {
        let mut day = FIRST_DAY;
        for at in 0..800_000 {
            assert_eq!(days_after_first(day), at);
            assert_eq!(date_after(at), day);
            day = day.tomorrow().expect("the last day is far");
        }
        assert_eq!(date_after(days_after_first(LAST_DAY)), LAST_DAY);
    }
}
