//! Tax years: when they begin, what is owed so far, and what is left of one that ends.

use crate::Error;
use samebits_snapshot::record::{Account, Carry, Law, Realised};
use samebits_units::{Date, Money};

/// The first day of a tax year.
///
/// # Errors
/// A law whose year starts in no month.
pub fn first_day(year: i16, law: &Law) -> Result<Date, Error> {
    let month = law.system.as_ref().map_or(1, |system| system.year_starts_in_month);
    format!("{year:04}-{month:02}-01").parse().map_err(|_| no_month(law))
}

fn no_month(law: &Law) -> Error {
    Error::Law { law: law.id.clone(), problem: "the tax year starts in no month" }
}

/// The tax year of a day.
pub(crate) fn tax_year(law: &Law, day: Date) -> Result<i16, Error> {
    samebits_tax::tax_year(law, day).map_err(|_| no_month(law))
}

/// What a tax year leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct YearEnd {
    /// Losses carried into the next year.
    pub(crate) carry: Carry,
    /// Tax of the year, for an account with a holder.
    pub(crate) owed: Option<Money>,
}

/// The year of `account` ends.
pub(crate) fn year_end(account: &Account, law: &Law) -> Result<YearEnd, Error> {
    let outside = account.holder.as_ref().map(|holder| holder.outside).unwrap_or_default();
    let carry = samebits_tax::carry_over(law, &account.realised, &outside, &account.carry)?;
    let owed = account.holder.is_some().then(|| accrued(account, law)).transpose()?;
    Ok(YearEnd { carry, owed })
}

/// Tax accrued for the year so far; negative is a benefit.
///
/// That of the results of the account and the gains declared elsewhere together, less that of the latter alone: what the
/// account adds to its holder's tax. Dividends are taxed at the holder's rate for them.
///
/// # Errors
/// Overflow.
pub fn accrued(account: &Account, law: &Law) -> Result<Money, Error> {
    let (rates, holder) = (&account.rates, account.holder.as_ref());
    let all = samebits_tax::accrued(law, rates, holder, &account.realised, &account.carry)?;
    let Some(holder) = holder else { return Ok(all) };
    let none = Realised::default();
    let elsewhere = samebits_tax::accrued(law, rates, Some(holder), &none, &Carry::default())?;
    let dividends = account.income.map(|income| income.dividends).unwrap_or_default();
    Ok(all.minus(elsewhere)?.plus(dividends.times(holder.dividend_rate)?)?)
}
