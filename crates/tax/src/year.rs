//! Tax accrued in a year, and the losses it leaves.

use crate::{Error, pieces, tax};
use samebits_snapshot::record::{Carry, Holder, Law, Netting, Rates, Realised};
use samebits_units::{Bps, Money};

/// Tax accrued for the year so far; negative is a benefit.
///
/// The results are `realised` and the gains that `holder` declares from elsewhere, less `carry`. Without a holder there are
/// none, and a loss that the year cannot use is worth nothing.
///
/// # Errors
/// Overflow.
pub fn accrued(
    law: &Law,
    rates: &Rates,
    holder: Option<&Holder>,
    realised: &Realised,
    carry: &Carry,
) -> Result<Money, Error> {
    let outside = holder.map_or_else(Realised::default, |holder| holder.outside);
    let loss_value = holder.map_or(Bps::ZERO, |holder| holder.loss_value);
    let Net { short, long, .. } = net(realised, &outside, carry)?;
    tax(&pieces(law, rates, loss_value)?, short, long)
}

/// Losses carried into the next year.
///
/// United States: each keeps its term; the deduction from ordinary income uses short-term losses first (IRC 1212(b)).
/// Canada and Australia: all in the short-term bucket. India: a short-term loss is first set against gains of both terms,
/// a long-term loss against long-term gains only; each keeps its term (section 74). That India's lapse after eight years
/// is left out: `Carry` does not know years.
///
/// # Errors
/// Overflow.
pub fn carry_over(law: &Law, realised: &Realised, outside: &Realised, carry: &Carry) -> Result<Carry, Error> {
    let net = net(realised, outside, carry)?;
    match law.system.as_ref().map_or(Netting::ByTerm, |system| system.netting) {
        Netting::ByTerm => net.by_term(law.loss_limit),
        Netting::Single | Netting::Discount { .. } => {
            Ok(Carry { short_term: loss(net.total)?, long_term: Money::ZERO })
        }
        Netting::Exempt { .. } => net.exempt(),
    }
}

/// Results of a year after losses carried into it.
struct Net {
    short: Money,
    long: Money,
    total: Money,
}

fn net(realised: &Realised, outside: &Realised, carry: &Carry) -> Result<Net, Error> {
    let short = realised.short_term.plus(outside.short_term)?.minus(carry.short_term)?;
    let long = realised.long_term.plus(outside.long_term)?.minus(carry.long_term)?;
    Ok(Net { short, long, total: short.plus(long)? })
}

/// The size of a loss; zero for a gain.
fn loss(result: Money) -> Result<Money, Error> {
    Ok(if result.is_negative() { result.negated()? } else { Money::ZERO })
}

impl Net {
    fn by_term(&self, limit: Money) -> Result<Carry, Error> {
        if !self.total.is_negative() {
            return Ok(Carry::default());
        }
        let deducted = self.total.negated()?.min(limit);
        let (mut short_loss, mut long_loss) = (loss(self.short)?, loss(self.long)?);
        // A gain of one term is first set against the loss of the other.
        if self.short.is_positive() {
            long_loss = long_loss.minus(self.short)?;
        } else if self.long.is_positive() {
            short_loss = short_loss.minus(self.long)?;
        }
        let from_short = deducted.min(short_loss);
        let from_long = deducted.minus(from_short)?;
        Ok(Carry { short_term: short_loss.minus(from_short)?, long_term: long_loss.minus(from_long)? })
    }

    fn exempt(&self) -> Result<Carry, Error> {
        let unused = if self.long.is_positive() { self.total } else { self.short };
        let short_term = if self.short.is_negative() { loss(unused)? } else { Money::ZERO };
        Ok(Carry { short_term, long_term: loss(self.long)? })
    }
}
