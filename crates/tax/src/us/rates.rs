//! Marginal rates of a federal taxpayer, with a state rate as a parameter.

use super::federal;
use crate::{Error, MarginalRates};
use samebits_snapshot::record::Rates;
use samebits_units::{Bps, Date, Money};

/// Filing status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filing {
    /// Single.
    Single,
    /// Married, one return.
    MarriedJointly,
    /// Married, two returns.
    MarriedSeparately,
    /// Head of a household.
    HeadOfHousehold,
    /// Surviving spouse.
    Widow,
}

impl Filing {
    /// Every status.
    pub const ALL: [Self; 5] =
        [Self::Single, Self::MarriedJointly, Self::MarriedSeparately, Self::HeadOfHousehold, Self::Widow];
}

/// A federal taxpayer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taxpayer {
    /// Filing status.
    pub filing: Filing,
    /// Taxable income without the gains of the account; the rates are those of the next dollar.
    pub ordinary_income: Money,
    /// Modified adjusted gross income, for the tax on net investment income; `None` takes `ordinary_income`, which is
    /// lower by the deductions.
    pub modified_agi: Option<Money>,
    /// Marginal rate of the state, on ordinary income and gains alike; 0 for none.
    pub state: Bps,
}

/// The marginal rates in the year of `day`: IRC 1(h) and (j) as indexed, IRC 1411 on both terms above its threshold, and
/// the state's rate on everything. Dividends are taken as qualified (IRC 1(h)(11)).
///
/// A net loss set against ordinary income saves the ordinary and the state rate, not the tax on net investment income.
///
/// # Errors
/// [`Error::NoRow`] before 2013.
pub fn rates(day: Date, taxpayer: &Taxpayer) -> Result<MarginalRates, Error> {
    let &Taxpayer { filing, ordinary_income: income, modified_agi, state } = taxpayer;
    let ordinary = federal::schedule("ordinary", 7, day, filing)?.marginal(income);
    let gains = federal::schedule("ltcg", 3, day, filing)?.marginal(income);
    let threshold = federal::money("niit_threshold", day, filing)?;
    let invested = modified_agi.unwrap_or(income) >= threshold;
    let investment = if invested { federal::rate("niit_rate", day, filing)? } else { Bps::ZERO };
    let long_term = gains.plus(investment)?.plus(state)?;
    let rates = Rates {
        short_term: ordinary.plus(investment)?.plus(state)?,
        long_term,
        ordinary: ordinary.plus(state)?,
    };
    Ok(MarginalRates { rates, dividend: long_term })
}

/// The net loss that a year may set against ordinary income (IRC 1211(b)): half for the married who file separately, where
/// [`law`](crate::law) has that of everybody else.
///
/// # Errors
/// [`Error::NoRow`] before 2013.
pub fn loss_limit(day: Date, filing: Filing) -> Result<Money, Error> {
    federal::money("capital_loss_limit", day, filing)
}
