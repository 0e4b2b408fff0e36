//! Days.

use std::fmt;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarDate {
    year: u16,
    month: u8,
    day: u8,
}

impl CalendarDate {
    /// Parses `2027-03-01`.
    pub fn parse(text: &str) -> Option<Self> {
        // Else a sign, or a number with fewer digits, would do.
        let is_form = text.len() == 10
            && text.bytes().enumerate().all(|(index, it)| match index {
                4 | 7 => it == b'-',
                _ => it.is_ascii_digit(),
            });
        let date = is_form.then_some(()).and_then(|()| {
            Some(Self { year: text[..4].parse().ok()?, month: text[5..7].parse().ok()?, day: text[8..].parse().ok()? })
        })?;
        (1..=days_in(date.year, date.month)).contains(&date.day).then_some(date)
    }

    /// The day in Greenwich at a time in seconds since 1970. Times behind the year 9999 are its last day.
    pub fn of_time(seconds: u64) -> Self {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds.min(LAST_SECOND));
        let text = humantime::format_rfc3339_seconds(time).to_string();
        Self::parse(text.get(..10).unwrap_or_default()).unwrap_or(Self { year: 9999, month: 12, day: 31 })
    }
}

/// 9999-12-31T23:59:59Z.
const LAST_SECOND: u64 = 253_402_300_799;

/// 0 for a month that there is not.
fn days_in(year: u16, month: u8) -> u8 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_there_are_have_a_date() {
        for good in ["2027-03-01", "2028-02-29", "2000-02-29"] {
            assert_eq!(CalendarDate::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "2027-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-3-1",
            "+027-03-01",
            "tomorrow",
            "2027-03-01T",
        ] {
            assert_eq!(CalendarDate::parse(bad), None, "{bad}");
        }
        assert!(CalendarDate::parse("2027-03-01") > CalendarDate::parse("2026-12-31"));
    }

    #[test]
    fn a_time_is_on_a_day() {
        assert_eq!(CalendarDate::of_time(0).to_string(), "1970-01-01");
        assert_eq!(CalendarDate::of_time(1_796_083_199).to_string(), "2026-11-30");
        assert_eq!(CalendarDate::of_time(1_796_083_200).to_string(), "2026-12-01");
        assert_eq!(CalendarDate::of_time(u64::MAX).to_string(), "9999-12-31");
    }
}
