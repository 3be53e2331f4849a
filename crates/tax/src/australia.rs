//! Australia: marginal rates by kind of holder, and the change announced for 2027-07-01.

use crate::rates::{ONE, difference, product};
use crate::table::Lookup;
use crate::{Error, MarginalRates};
use samebits_snapshot::record::{Jurisdiction, Law, Netting, Rates};
use samebits_units::{Bps, Date, Money};

/// Whose gains they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A resident individual, or a trust whose beneficiary is one.
    Individual {
        /// Taxable income without the gains of the account; the rates are those of the next dollar.
        taxable_income: Money,
    },
    /// A complying superannuation fund in accumulation.
    SuperFund,
    /// A company at the full rate.
    Company,
}

/// A taxpayer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taxpayer {
    /// Whose gains they are.
    pub kind: Kind,
    /// Part of the dividends that is franked; 0 for foreign ones.
    pub franked: Bps,
}

/// The part of a discount gain that is not taxed on `day` (ITAA 1997 115-100): half for individuals, a third for super
/// funds, none for companies. `announced` counts the change announced for 2027-07-01, which touches individuals only.
///
/// # Errors
/// [`Error::NoRow`] before 1999-09-21.
pub fn discount(day: Date, kind: Kind, announced: bool) -> Result<Bps, Error> {
    let lookup = Lookup { jurisdiction: Jurisdiction::Australia, day, announced };
    match kind {
        Kind::Individual { .. } => lookup.rate("discount"),
        Kind::SuperFund => lookup.rate("super_discount"),
        Kind::Company => Ok(Bps::ZERO),
    }
}

/// `law` with the discount of `kind` in place of an individual's; a law with another netting comes back as it is.
///
/// # Errors
/// As [`discount`].
pub fn law_of(law: Law, day: Date, kind: Kind, announced: bool) -> Result<Law, Error> {
    let mut law = law;
    if let Some(Netting::Discount { part }) = law.system.as_mut().map(|system| &mut system.netting) {
        *part = discount(day, kind, announced)?;
    }
    Ok(law)
}

/// The marginal rates on `day`. Individuals: Schedule 7 of the Rates Act plus the Medicare levy (the temporary budget
/// repair levy with it while it lasted). The long-term rate is after the discount; with `announced`, where the announced
/// minimum holds, it is not below that.
///
/// A dividend that is franked by `f` at the company rate `c` bears `m - f c (1 - m) / (1 - c)`: below zero is a refund.
///
/// # Errors
/// [`Error::NoRow`] before 2012-07-01 (individuals) or 2001-07-01.
pub fn rates(day: Date, taxpayer: &Taxpayer, announced: bool) -> Result<MarginalRates, Error> {
    let lookup = Lookup { jurisdiction: Jurisdiction::Australia, day, announced };
    let ordinary = match taxpayer.kind {
        Kind::Individual { taxable_income } => {
            let levy = lookup.schedule("levy")?.marginal(taxable_income);
            lookup.schedule("brackets")?.marginal(taxable_income).plus(levy)?
        }
        Kind::SuperFund => lookup.rate("super_rate")?,
        Kind::Company => lookup.rate("company_rate")?,
    };
    let taxed = difference(ONE, discount(day, taxpayer.kind, announced)?)?;
    let least = match taxpayer.kind {
        Kind::Individual { .. } => lookup.rate_or_zero("minimum_rate")?,
        Kind::SuperFund | Kind::Company => Bps::ZERO,
    };
    let long_term = product(ordinary, taxed)?.max(least);
    let rates = Rates { short_term: ordinary, long_term, ordinary };
    Ok(MarginalRates { rates, dividend: dividend(ordinary, lookup.rate("company_rate")?, taxpayer.franked)? })
}

/// `m - f c (1 - m) / (1 - c)`, the quotient rounded towards minus infinity.
fn dividend(marginal: Bps, company: Bps, franked: Bps) -> Result<Bps, Error> {
    let kept = product(product(franked, company)?, difference(ONE, marginal)?)?;
    let wide = i64::from(kept.hundredths()).checked_mul(i64::from(ONE.hundredths()));
    let after_company = i64::from(difference(ONE, company)?.hundredths());
    let credit = wide.and_then(|wide| wide.checked_div_euclid(after_company));
    let credit = credit.and_then(|credit| i32::try_from(credit).ok());
    let credit = credit.ok_or(samebits_units::Error::Overflow { what: "franking credit" })?;
    difference(marginal, Bps::from_hundredths(credit))
}

/// The gain of shares held over the announced change, in two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// Accrued before the change: the old rules and the old discount.
    pub before: Money,
    /// Accrued after it: indexed, no discount.
    pub after: Money,
}

/// Splits a result at the announced change (announced, not in force): up to `fair_value` on the day of the change, and
/// from there. `index` lifts the fair value before the second part is a gain; it neither makes a loss nor enlarges one.
///
/// # Errors
/// [`Error::Argument`] for an index below one; overflow.
pub fn split(basis: Money, fair_value: Money, proceeds: Money, index: Bps) -> Result<Split, Error> {
    if index < ONE {
        return Err(Error::Argument { what: "index", problem: "it is below one" });
    }
    let before = fair_value.minus(basis)?;
    let indexed = proceeds.minus(fair_value.times(index)?)?;
    let after = indexed.max(proceeds.minus(fair_value)?.min(Money::ZERO));
    Ok(Split { before, after })
}

/// The factor from index number `from` to index number `to`, to three decimals, half up, not below one (the rule of ITAA
/// 1997 960-275, taken for the announced indexation).
///
/// # Errors
/// [`Error::Argument`] unless both numbers are positive; overflow.
pub fn index_factor(from: u32, to: u32) -> Result<Bps, Error> {
    if from == 0 || to == 0 {
        return Err(Error::Argument { what: "index number", problem: "it is not positive" });
    }
    // (2000 to + from) / (2 from) is the quotient in thousandths, half up.
    let twice = u64::from(from).saturating_mul(2);
    let thousandths = u64::from(to).saturating_mul(2_000).saturating_add(u64::from(from)).checked_div(twice);
    let millionths = thousandths.and_then(|wide| wide.checked_mul(1_000));
    let factor = millionths.and_then(|wide| i32::try_from(wide).ok());
    let factor = factor.ok_or(samebits_units::Error::Overflow { what: "index factor" })?;
    Ok(Bps::from_hundredths(factor).max(ONE))
}

/// What the announced minimum adds to `tax` on a net gain accrued after the change: up to 30 % of it (announced, not in
/// force).
///
/// # Errors
/// [`Error::NoRow`] before 2027-07-01; overflow.
pub fn top_up(day: Date, gain: Money, tax: Money) -> Result<Money, Error> {
    let lookup = Lookup { jurisdiction: Jurisdiction::Australia, day, announced: true };
    let least = gain.max(Money::ZERO).times(lookup.rate("minimum_rate")?)?;
    Ok(least.minus(tax)?.max(Money::ZERO))
}
