//! Tax years: when they begin, and what is left of one that ends.

use crate::{Error, accrued, carry_over};
use samebits_snapshot::record::{Account, Carry, Law, Netting};
use samebits_units::{Date, Money};

/// The tax year that `day` lies in: the number of the calendar year in which it began.
///
/// # Errors
/// A law whose year starts in no month.
pub fn tax_year(day: Date, law: &Law) -> Result<i16, Error> {
    let year = day.year();
    Ok(if day < first_day(year, law)? { year.saturating_sub(1) } else { year })
}

/// The first day of a tax year.
///
/// # Errors
/// A law whose year starts in no month.
pub fn first_day(year: i16, law: &Law) -> Result<Date, Error> {
    let month = law.system.as_ref().map_or(1, |system| system.year_starts_in_month);
    let parsed = format!("{year:04}-{month:02}-01").parse();
    parsed.map_err(|_| Error::Law { law: law.id.clone(), problem: "the tax year starts in no month" })
}

/// What a tax year leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct YearEnd {
    /// Losses carried into the next year.
    pub(crate) carry: Carry,
    /// Tax of the year, where the rules state it.
    pub(crate) owed: Option<Money>,
}

/// The year of `account` ends. The one place where a system's own netting belongs: by term as [`carry_over`] has it; every
/// other netting carries its net loss, in the short-term bucket but for a long-term loss that only long-term gains may use.
pub(crate) fn year_end(account: &Account, law: &Law) -> Result<YearEnd, Error> {
    let netting = law.system.as_ref().map_or(Netting::ByTerm, |system| system.netting);
    let short = account.realised.short_term.minus(account.carry.short_term)?;
    let long = account.realised.long_term.minus(account.carry.long_term)?;
    let loss = |net: Money| if net.is_negative() { net.negated() } else { Ok(Money::ZERO) };
    let carry = match netting {
        Netting::ByTerm => carry_over(&account.realised, &account.carry, law)?,
        Netting::Single | Netting::Discount { .. } => {
            Carry { short_term: loss(short.plus(long)?)?, long_term: Money::ZERO }
        }
        // A short-term loss may use long-term gains; a long-term loss uses no short-term gain.
        Netting::Exempt { .. } => {
            Carry { short_term: loss(short.plus(long.max(Money::ZERO))?)?, long_term: loss(long)? }
        }
    };
    Ok(YearEnd { carry, owed: None })
}

/// Tax accrued for the year so far; the counterpart of [`year_end`] while the year runs. A net loss is worth nothing under
/// nettings other than by term.
pub(crate) fn year_to_date(account: &Account, law: &Law) -> Result<Money, Error> {
    let netting = law.system.as_ref().map_or(Netting::ByTerm, |system| system.netting);
    let short = account.realised.short_term.minus(account.carry.short_term)?;
    let long = account.realised.long_term.minus(account.carry.long_term)?;
    let at_least_zero = |amount: Money| amount.max(Money::ZERO);
    let spill = short.min(Money::ZERO);
    let (short_part, long_part) = match netting {
        Netting::ByTerm => return accrued(&account.realised, &account.carry, &account.rates, law),
        Netting::Single | Netting::Discount { .. } if long.is_negative() => {
            (at_least_zero(short.plus(long)?), Money::ZERO)
        }
        // The long-term rate is after the discount, losses are used before it.
        Netting::Single | Netting::Discount { .. } => {
            (at_least_zero(short), at_least_zero(long.plus(spill)?))
        }
        Netting::Exempt { amount } => (at_least_zero(short), at_least_zero(long.plus(spill)?.minus(amount)?)),
    };
    let rates = &account.rates;
    Ok(short_part.times(rates.short_term)?.plus(long_part.times(rates.long_term)?)?)
}
