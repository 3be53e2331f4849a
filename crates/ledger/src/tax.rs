//! The tax of a year so far and the losses it leaves, by `samebits_tax`, for accounts that name no holder.

use crate::Error;
use samebits_snapshot::record::{Carry, Law, Rates, Realised};
use samebits_units::Money;

/// Tax accrued for the year so far; negative is the benefit of a net loss against ordinary income.
///
/// # Errors
/// Overflow.
pub fn accrued(realised: &Realised, carry: &Carry, rates: &Rates, law: &Law) -> Result<Money, Error> {
    Ok(samebits_tax::accrued(law, rates, None, realised, carry)?)
}

/// Losses carried into the next year; see [`samebits_tax::carry_over`].
///
/// # Errors
/// Overflow.
pub fn carry_over(realised: &Realised, carry: &Carry, law: &Law) -> Result<Carry, Error> {
    Ok(samebits_tax::carry_over(law, realised, &Realised::default(), carry)?)
}
