//! Tax years, terms, and the bucket of a result.

use crate::Error;
use samebits_snapshot::record::{Jurisdiction, Law, Netting};
use samebits_units::{Date, Money};

/// The tax year that `day` belongs to: the number of the calendar year in which it begins. The calendar year under a law
/// without a system.
///
/// # Errors
/// A month that is none, or a year that four digits do not write.
pub fn tax_year(law: &Law, day: Date) -> Result<i16, Error> {
    let year = day.year();
    let month = law.system.as_ref().map_or(1, |system| system.year_starts_in_month);
    let begins: Date = format!("{year:04}-{month:02}-01").parse()?;
    let before = year.checked_sub(1).ok_or(samebits_units::Error::Overflow { what: "tax year" })?;
    Ok(if day >= begins { year } else { before })
}

/// Whether shares held since `held_from` are long-term when sold on `day`.
///
/// From the day after the anniversary: the United States count "more than one year" without the day of purchase, Australia
/// "at least 12 months" without both end days, India "more than 12 months" before the day of the sale. Never in Canada.
///
/// The anniversary of 29 February is 28 February in a year without it. Shares bought on 28 February before a leap year:
/// where the day of purchase does not count (United States, Rev. Rul. 66-7; Australia) their year is that from 1 March to
/// 29 February, so that they are long-term from 1 March. A law without a system and India keep the plain anniversary.
///
/// # Errors
/// A date out of range.
pub fn is_long_term(law: &Law, held_from: Date, day: Date) -> Result<bool, Error> {
    if law.long_term_years > 0 {
        // A year has 365 or 366 days, so the calendar is asked only where they disagree.
        let (held, years) = (day.days_since(held_from), i32::from(law.long_term_years));
        if held <= years.saturating_mul(365) {
            return Ok(false);
        }
        if held > years.saturating_mul(366) {
            return Ok(law.system.as_ref().is_none_or(|system| system.jurisdiction != Jurisdiction::Canada));
        }
    }
    by_calendar(law, held_from, day)
}

fn by_calendar(law: &Law, held_from: Date, day: Date) -> Result<bool, Error> {
    let anniversary = |begin: Date| -> Result<Date, Error> { Ok(begin.plus_years(law.long_term_years)?) };
    let after = day > anniversary(held_from)?;
    Ok(match law.system.as_ref().map(|system| system.jurisdiction) {
        None | Some(Jurisdiction::India) => after,
        Some(Jurisdiction::Canada) => false,
        Some(Jurisdiction::UnitedStates | Jurisdiction::Australia) => {
            after && day >= anniversary(held_from.plus_days(1)?)?
        }
    })
}

/// Whether a result goes to the long-term bucket of `Realised`.
///
/// By its term in the United States and India. Australia: only a gain with discount does, so every loss is short-term.
/// Canada: none does.
#[must_use]
pub fn bucket(law: &Law, long_term_by_holding: bool, gain: Money) -> bool {
    match law.system.as_ref().map(|system| system.netting) {
        None | Some(Netting::ByTerm | Netting::Exempt { .. }) => long_term_by_holding,
        Some(Netting::Single) => false,
        Some(Netting::Discount { .. }) => long_term_by_holding && gain.is_positive(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What 365 and 366 days a year decide is what the calendar decides.
    #[test]
    fn the_short_way_is_the_calendar_s() {
        let mut laws: Vec<Law> = crate::laws("2017-06-01".parse().unwrap()).unwrap();
        laws.push(Law { system: None, ..laws[0].clone() });
        assert!(laws.len() >= 5);
        for law in &mut laws {
            for years in [0, 1, 2, 4, 8] {
                law.long_term_years = years;
                let mut begin: Date = "2011-01-01".parse().unwrap();
                let mut long = 0;
                for _ in 0..1_500 {
                    for near in -3..=3 {
                        let held = i32::from(years) * 365 + i32::from(years) / 4 + near;
                        let day = begin.plus_days(held).unwrap();
                        let found = is_long_term(law, begin, day).unwrap();
                        assert_eq!(found, by_calendar(law, begin, day).unwrap(), "{begin} {day} {}", law.id);
                        long += u32::from(found);
                    }
                    begin = begin.plus_days(1).unwrap();
                }
                let never = law.system.as_ref().is_some_and(|one| one.jurisdiction == Jurisdiction::Canada);
                assert_eq!(long == 0, never, "{}", law.id);
            }
        }
    }
}
