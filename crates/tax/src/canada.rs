//! Canada: marginal rates, and the part of a superficial loss that is denied.

use crate::rates::{ONE, difference, product};
use crate::table::Lookup;
use crate::{Error, MarginalRates};
use samebits_snapshot::record::{Jurisdiction, Rates};
use samebits_units::{Bps, Date, Money, Qty};

/// An individual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taxpayer {
    /// Taxable income without the gains of the account; the rates are those of the next dollar.
    pub taxable_income: Money,
    /// Marginal rate of the province, surtaxes included.
    pub provincial: Bps,
    /// The province's credit for eligible dividends, as a rate on the grossed-up dividend; `None` where dividends are
    /// foreign: they have neither gross-up nor credit.
    pub dividend_credit: Option<Bps>,
}

/// The marginal rates on `day`: federal (ITA 117) plus provincial, on the included part of a gain (ITA 38(a)).
///
/// Both terms have one rate. Quebec's abatement of the federal tax is left to `provincial`.
///
/// # Errors
/// [`Error::NoRow`] before 2016.
pub fn rates(day: Date, taxpayer: &Taxpayer) -> Result<MarginalRates, Error> {
    let lookup = Lookup { jurisdiction: Jurisdiction::Canada, day, announced: false };
    let federal = lookup.schedule("brackets")?.marginal(taxpayer.taxable_income);
    let ordinary = federal.plus(taxpayer.provincial)?;
    let gain = product(ordinary, lookup.rate("inclusion")?)?;
    let rates = Rates { short_term: gain, long_term: gain, ordinary };
    let dividend = match taxpayer.dividend_credit {
        None => ordinary,
        Some(credit) => {
            let credits = lookup.rate("dividend_credit")?.plus(credit)?;
            let grossed_up = ONE.plus(lookup.rate("dividend_gross_up")?)?;
            product(difference(ordinary, credits)?, grossed_up)?.max(Bps::ZERO)
        }
    };
    Ok(MarginalRates { rates, dividend })
}

/// The part of `loss` (a positive amount) that is denied when `sold` shares were sold at it, `bought` acquired in the
/// window and `held` still owned at its end: least(S, P, B) / S x L, rounded towards zero (IT-456R, paragraph 12; ITA 54
/// "superficial loss" and 40(2)(g)(i)).
///
/// # Errors
/// [`Error::Argument`] for a negative number, or nothing sold; overflow.
pub fn superficial(sold: Qty, bought: Qty, held: Qty, loss: Money) -> Result<Money, Error> {
    if !sold.is_positive() || bought.is_negative() || held.is_negative() || loss.is_negative() {
        return Err(Error::Argument {
            what: "superficial loss",
            problem: "a number is negative, or nothing was sold",
        });
    }
    Ok(loss.share(sold.min(bought).min(held), sold)?)
}

/// Splits a denied loss over those who hold the substituted property at the end of the window, in proportion to their
/// shares (ITA 53(1)(f); CRA 2022-0940941C6): `floor` of the running total, so that the parts add to `denied` exactly.
///
/// The part of a registered plan is lost for good; that is for the caller to know.
///
/// # Errors
/// [`Error::Argument`] for a negative number, or when nobody holds a share; overflow.
pub fn allocate(denied: Money, holders: &[Qty]) -> Result<Vec<Money>, Error> {
    let whole = Qty::total(holders.iter().copied())?;
    let negative = denied.is_negative() || holders.iter().any(|shares| shares.is_negative());
    if negative || !whole.is_positive() {
        return Err(Error::Argument {
            what: "denied loss",
            problem: "a number is negative, or nobody holds a share",
        });
    }
    let (mut shares, mut given) = (Qty::ZERO, Money::ZERO);
    let mut parts = Vec::with_capacity(holders.len());
    for holder in holders {
        shares = shares.plus(*holder)?;
        let through = denied.share(shares, whole)?;
        parts.push(through.minus(given)?);
        given = through;
    }
    Ok(parts)
}
