//! Calendar dates.

use crate::Error;

/// A calendar date as days since 1970-01-01 (proleptic Gregorian).
///
/// | operation | returns |
/// |---|---|
/// | `plus_days(i32)` | `Date` |
/// | `days_since(Date)` | `i32` calendar days |
/// | `plus_years(i16)` | `Date`; 29 February becomes 28 February |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Date(i32);

const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);

impl Date {
    /// From days since 1970-01-01; `None` outside the years -9999 to 9999.
    pub fn from_days(days: i32) -> Option<Self> {
        Self(days).civil().map(|_| Self(days))
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The date `days` calendar days later (earlier when negative).
    ///
    /// # Errors
    /// [`Error::Overflow`] outside the years -9999 to 9999.
    pub fn plus_days(self, days: i32) -> Result<Self, Error> {
        self.0.checked_add(days).and_then(Self::from_days).ok_or(Error::Overflow { what: "date" })
    }

    /// Calendar days from `earlier` to `self`.
    pub const fn days_since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same day `years` later; 29 February becomes 28 February in a year without it.
    ///
    /// # Errors
    /// [`Error::Overflow`] outside the years -9999 to 9999.
    pub fn plus_years(self, years: i16) -> Result<Self, Error> {
        let overflow = || Error::Overflow { what: "date" };
        let civil = self.civil().ok_or_else(overflow)?;
        let year = civil.year().checked_add(years).ok_or_else(overflow)?;
        let same_day = jiff::civil::Date::new(year, civil.month(), civil.day());
        // Only 29 February can be missing.
        let day = same_day.or_else(|_| jiff::civil::Date::new(year, civil.month(), 28));
        day.map(Self::of).map_err(|_| overflow())
    }

    /// The calendar year.
    pub fn year(self) -> i16 {
        self.civil().map_or(0, jiff::civil::Date::year)
    }

    /// By way of a duration, which is faster than a span of days: books ask for it lot by lot.
    fn civil(self) -> Option<jiff::civil::Date> {
        EPOCH.checked_add(jiff::SignedDuration::from_hours(i64::from(self.0).checked_mul(HOURS)?)).ok()
    }

    fn of(civil: jiff::civil::Date) -> Self {
        let days = civil.duration_since(EPOCH).as_hours() / HOURS;
        Self(i32::try_from(days).unwrap_or_default())
    }
}

/// Hours of a day.
const HOURS: i64 = 24;

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.civil() {
            Some(civil) => f.pad(&civil.to_string()),
            None => write!(f, "day {}", self.0),
        }
    }
}

impl std::str::FromStr for Date {
    type Err = Error;

    /// Reads exactly `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let not_date = || Error::NotDate { text: text.chars().take(40).collect() };
        let bytes = text.as_bytes();
        let shape = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shape {
            return Err(not_date());
        }
        text.parse::<jiff::civil::Date>().map(Self::of).map_err(|_| not_date())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn civil_days() {
        assert_eq!(date("1970-01-01").days(), 0);
        assert_eq!(date("2017-02-08").days(), 17_205);
        assert_eq!(date("2016-02-29").plus_years(1).unwrap(), date("2017-02-28"));
        assert_eq!(date("2017-12-31").plus_days(1).unwrap(), date("2018-01-01"));
        assert_eq!(date("2017-03-01").days_since(date("2016-03-01")), 365);
        assert_eq!(date("2018-02-07").year(), 2018);
    }

    /// Every day of 800 years and the last ones that there are, against spans of the calendar.
    #[test]
    fn days_and_years_are_those_of_the_calendar() {
        let ends = [Date::of(jiff::civil::Date::MIN).0, Date::of(jiff::civil::Date::MAX).0];
        assert_eq!(ends, [-4_371_587, 2_932_896]);
        let edges = ends.into_iter().flat_map(|end| end - 400..=end + 400);
        for day in (-150_000..=150_000).chain(edges) {
            let civil = EPOCH.checked_add(jiff::Span::new().try_days(day).unwrap()).ok();
            assert_eq!(Date::from_days(day).map(Date::days), civil.map(|_| day));
            assert_eq!(Date(day).civil(), civil);
            let Some(civil) = civil else { continue };
            assert_eq!(Date::of(civil), Date(day));
            for years in [-1, 0, 1, 3, 4, 400] {
                let later = civil.checked_add(jiff::Span::new().years(years)).ok().map(Date::of);
                assert_eq!(Date(day).plus_years(years).ok(), later, "{civil} {years}");
            }
        }
    }

    #[test]
    fn bad_texts() {
        for bad in ["2017-2-8", "2017-02-30", "20170208", "2017-02-08T00", "", "+017-02-08"] {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
    }

    #[test]
    fn far_days_are_no_dates() {
        assert_eq!(Date::from_days(i32::MAX), None);
        assert!(date("9999-12-31").plus_days(1).is_err());
        assert!(date("9999-12-31").plus_years(1).is_err());
    }
}
