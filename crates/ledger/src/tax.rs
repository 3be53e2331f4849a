//! US netting of short-term and long-term results, in money.

use crate::Error;
use samebits_snapshot::record::{Carry, Law, Rates, Realised};
use samebits_units::Money;

/// Results of a year after losses carried into it.
struct Net {
    short: Money,
    long: Money,
    total: Money,
}

fn net(realised: &Realised, carry: &Carry) -> Result<Net, Error> {
    let short = realised.short_term.minus(carry.short_term)?;
    let long = realised.long_term.minus(carry.long_term)?;
    Ok(Net { short, long, total: short.plus(long)? })
}

/// Tax accrued for the year so far; negative is the benefit of a net loss against ordinary income.
///
/// With `S` and `L` after carried losses: both gains: `tS S + tL L`; one of them a loss and the sum a gain: the gain's rate
/// times the sum; the sum a loss: minus the ordinary rate times the smaller of the loss and the year's limit.
///
/// # Errors
/// Overflow.
pub fn accrued(realised: &Realised, carry: &Carry, rates: &Rates, law: &Law) -> Result<Money, Error> {
    let Net { short, long, total } = net(realised, carry)?;
    if total.is_negative() {
        let deducted = total.negated()?.min(law.loss_limit);
        return Ok(deducted.times(rates.ordinary)?.negated()?);
    }
    Ok(match (short.is_negative(), long.is_negative()) {
        (false, true) => total.times(rates.short_term)?,
        (true, false) => total.times(rates.long_term)?,
        _ => short.times(rates.short_term)?.plus(long.times(rates.long_term)?)?,
    })
}

/// Losses carried into the next year, each keeping its term; the deduction from ordinary income uses short-term losses
/// first.
///
/// # Errors
/// Overflow.
pub fn carry_over(realised: &Realised, carry: &Carry, law: &Law) -> Result<Carry, Error> {
    let Net { short, long, total } = net(realised, carry)?;
    if !total.is_negative() {
        return Ok(Carry::default());
    }
    let deducted = total.negated()?.min(law.loss_limit);
    let loss = |result: Money| if result.is_negative() { result.negated() } else { Ok(Money::ZERO) };
    // A gain of one term is first set against the loss of the other.
    let gain = short.max(Money::ZERO).plus(long.max(Money::ZERO))?;
    let (mut short_loss, mut long_loss) = (loss(short)?, loss(long)?);
    if short.is_positive() {
        long_loss = long_loss.minus(gain)?;
    } else if long.is_positive() {
        short_loss = short_loss.minus(gain)?;
    }
    let from_short = deducted.min(short_loss);
    let from_long = deducted.minus(from_short)?;
    Ok(Carry { short_term: short_loss.minus(from_short)?, long_term: long_loss.minus(from_long)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use samebits_units::Bps;

    fn money(units: i64) -> Money {
        Money::from_units(units).unwrap()
    }

    fn law() -> Law {
        Law { id: "us".into(), long_term_years: 1, wash_days: 30, loss_limit: money(3_000), system: None }
    }

    fn check(realised: (i64, i64), carry: (i64, i64), tax: i64, next: (i64, i64)) {
        let rate = Bps::from_hundredths;
        let rates = Rates { short_term: rate(400_000), long_term: rate(200_000), ordinary: rate(350_000) };
        let realised = Realised { short_term: money(realised.0), long_term: money(realised.1) };
        let carry = Carry { short_term: money(carry.0), long_term: money(carry.1) };
        let next = Carry { short_term: money(next.0), long_term: money(next.1) };
        assert_eq!(accrued(&realised, &carry, &rates, &law()), Ok(money(tax)), "{realised:?} {carry:?}");
        assert_eq!(carry_over(&realised, &carry, &law()), Ok(next), "{realised:?} {carry:?}");
    }

    #[test]
    fn netting() {
        check((1_000, 2_000), (0, 0), 800, (0, 0));
        check((-1_000, 2_000), (0, 0), 200, (0, 0));
        check((5_000, -2_000), (0, 0), 1_200, (0, 0));
        check((-1_000, 0), (0, 0), -350, (0, 0));
        check((-5_000, 0), (0, 0), -1_050, (2_000, 0));
        check((-5_000, 1_000), (0, 0), -1_050, (1_000, 0));
        check((1_000, -9_000), (0, 0), -1_050, (0, 5_000));
        check((-2_000, -4_000), (0, 0), -1_050, (0, 3_000));
        check((4_000, 0), (1_000, 0), 1_200, (0, 0));
        check((4_000, 1_000), (0, 9_000), -1_050, (0, 1_000));
        check((0, 0), (0, 0), 0, (0, 0));
    }
}
