//! A law without a system, to the millionth, as the ledger computed it before this crate was: recorded Runs depend on it.
//!
//! The two functions below are the ledger's former ones, case by case, and stay as they are.

use crate::scene::{law_without_system, rates};
use proptest::prelude::*;
use samebits_snapshot::record::{Carry, Law, Rates, Realised};
use samebits_tax::{accrued, carry_over};
use samebits_units::{Error, Money};

fn net(realised: &Realised, carry: &Carry) -> Result<(Money, Money, Money), Error> {
    let short = realised.short_term.minus(carry.short_term)?;
    let long = realised.long_term.minus(carry.long_term)?;
    Ok((short, long, short.plus(long)?))
}

fn former_tax(realised: &Realised, carry: &Carry, rates: &Rates, law: &Law) -> Result<Money, Error> {
    let (short, long, total) = net(realised, carry)?;
    if total.is_negative() {
        let deducted = total.negated()?.min(law.loss_limit);
        return deducted.times(rates.ordinary)?.negated();
    }
    match (short.is_negative(), long.is_negative()) {
        (false, true) => total.times(rates.short_term),
        (true, false) => total.times(rates.long_term),
        _ => short.times(rates.short_term)?.plus(long.times(rates.long_term)?),
    }
}

fn former_carry(realised: &Realised, carry: &Carry, law: &Law) -> Result<Carry, Error> {
    let (short, long, total) = net(realised, carry)?;
    if !total.is_negative() {
        return Ok(Carry::default());
    }
    let deducted = total.negated()?.min(law.loss_limit);
    let loss = |result: Money| if result.is_negative() { result.negated() } else { Ok(Money::ZERO) };
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

/// Millionths: a few of them, on the limit, or any.
fn amount() -> impl Strategy<Value = i64> {
    let limit = 3_000_000_000_i64;
    prop_oneof![-3..4_i64, -limit - 2..-limit + 3, -9_000_000_000..9_000_000_000_i64]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_moved(
        (short, long) in (amount(), amount()),
        (short_carried, long_carried) in (0..5_000_000_000_i64, prop_oneof![Just(0), 0..5_000_000_000_i64]),
        (short_rate, long_rate, ordinary) in (0..600_000, 0..600_000, 0..600_000),
        carries in any::<bool>(),
    ) {
        let realised = Realised { short_term: Money::from_micros(short), long_term: Money::from_micros(long) };
        let carry = Carry {
            short_term: Money::from_micros(short_carried),
            long_term: Money::from_micros(long_carried),
        };
        let carry = if carries { carry } else { Carry::default() };
        let (law, rates) = (law_without_system(), rates(short_rate, long_rate, ordinary));
        prop_assert_eq!(
            accrued(&law, &rates, None, &realised, &carry).unwrap(),
            former_tax(&realised, &carry, &rates, &law).unwrap()
        );
        prop_assert_eq!(
            carry_over(&law, &realised, &Realised::default(), &carry).unwrap(),
            former_carry(&realised, &carry, &law).unwrap()
        );
    }
}
