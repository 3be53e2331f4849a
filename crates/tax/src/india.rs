//! India: marginal rates with surcharge and cess, and the cost of shares from before 2018-02-01.

use crate::rates::{ONE, product};
use crate::table::Lookup;
use crate::{Error, MarginalRates};
use samebits_snapshot::record::{Jurisdiction, Rates};
use samebits_units::{Bps, Date, Money};

/// Which schedule an individual has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regime {
    /// With deductions.
    Old,
    /// Section 115BAC, from 2020-04-01.
    New,
}

/// A resident individual below 60.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taxpayer {
    /// Which schedule.
    pub regime: Regime,
    /// Total income; the rates are those of the next rupee.
    pub total_income: Money,
}

/// The marginal rates on `day`: sections 111A and 112A on gains of listed shares, the schedule on other income, each with
/// surcharge and cess; the surcharge on gains and dividends is capped.
///
/// Dividends are taxed by the schedule from 2020-04-01; before, the company paid and the rate is zero. Marginal relief
/// where a surcharge begins is left out.
///
/// # Errors
/// [`Error::NoRow`] before 2017-04-01, or 2020-04-01 under the new regime.
pub fn rates(day: Date, taxpayer: &Taxpayer) -> Result<MarginalRates, Error> {
    let lookup = Lookup { jurisdiction: Jurisdiction::India, day, announced: false };
    let (brackets, surcharge) = match taxpayer.regime {
        Regime::Old => ("old_brackets", "old_surcharge"),
        Regime::New => ("new_brackets", "new_surcharge"),
    };
    let slab = lookup.schedule(brackets)?.marginal(taxpayer.total_income);
    let surcharge = lookup.schedule(surcharge)?.marginal(taxpayer.total_income);
    let capped = surcharge.min(lookup.rate("surcharge_cap")?);
    let cess = ONE.plus(lookup.rate("cess")?)?;
    let full = |rate: Bps, surcharge: Bps| product(product(rate, ONE.plus(surcharge)?)?, cess);
    let rates = Rates {
        short_term: full(lookup.rate("short_rate")?, capped)?,
        long_term: full(lookup.rate("long_rate")?, capped)?,
        ordinary: full(slab, surcharge)?,
    };
    let taxed = lookup.row("dividend_taxed")?.count::<u8>()? == 1;
    Ok(MarginalRates { rates, dividend: if taxed { full(slab, capped)? } else { Bps::ZERO } })
}

/// The cost of shares acquired before 2018-02-01: the larger of `cost` and the smaller of `fair_value` (highest quotation
/// of 2018-01-31) and `proceeds` (section 55(2)(ac)). It lifts a gain away but never makes a loss.
#[must_use]
pub fn grandfathered_basis(cost: Money, fair_value: Money, proceeds: Money) -> Money {
    cost.max(fair_value.min(proceeds))
}
