use super::*;

#[test]
fn a_decimal_is_read_exactly() {
    let tenth = Number::from_decimal("0.1").unwrap();
    let sum = &(&tenth + &tenth) + &tenth;
    assert_eq!(sum, Number::from_decimal("0.3").unwrap());
    assert_eq!(sum.to_string(), "0.3");
}

#[test]
fn a_number_that_does_not_end_is_shown_as_a_fraction() {
    let third = Number::from_text("1/3").unwrap();
    assert_eq!(third.to_string(), "1/3");
    assert_eq!(third.to_words(), "0.333… (1/3)");
    assert_eq!(
        Number::from_text("-1/3000").unwrap().to_words(),
        "-0.000… (-1/3000)"
    );
}

#[test]
fn what_is_no_number_is_not_read_as_one() {
    for text in ["", "-", ".", "1.", ".5", "1e3", "1_000", "0x1", "1/0", "١"] {
        assert_eq!(Number::from_text(text), None, "{text}");
    }
}

#[test]
fn a_month_later_than_the_last_of_january_is_the_last_of_february() {
    let date = Date::constant(2025, 1, 31);
    assert_eq!(
        shift_date(date, &Number::from_integer(1), Shift::Months),
        Ok(Date::constant(2025, 2, 28))
    );
    assert!(shift_date(date, &Number::from_integer(10_000_000), Shift::Days).is_err());
}

#[test]
fn working_days_are_counted_from_the_days_next_to_the_calendar() {
    let day = |text: &str| text.parse::<Date>().expect("a day");
    let calendar = ["2025-10-09", "2025-10-10", "2025-10-11"].map(day);
    let moved = |from: &str, by: i64| {
        shift_working_days(day(from), &Number::from_integer(by), &calendar).ok()
    };
    assert_eq!(moved("2025-10-08", 1), Some(day("2025-10-09")));
    assert_eq!(moved("2025-10-08", 3), Some(day("2025-10-11")));
    assert_eq!(moved("2025-10-08", 4), None);
    assert_eq!(moved("2025-10-07", 1), None);
    assert_eq!(moved("2025-10-12", -1), Some(day("2025-10-11")));
    assert_eq!(moved("2025-10-12", -4), None);
    assert_eq!(moved("2025-10-13", -1), None);
    assert_eq!(moved("2025-10-08", i64::MAX), None);
}
