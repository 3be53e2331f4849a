//! Short sales of the United States: what term a result has, what becomes of the holding period of shares held at the same
//! time, and when a short sale counts as a sale of them.
//!
//! "Identical" is "substantially identical" throughout; which securities are is for the caller to say.

use crate::{Error, is_long_term};
use samebits_snapshot::record::Law;
use samebits_units::{Date, Money, Qty};

/// Shares identical to those sold short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Day of acquisition.
    pub acquired: Date,
    /// Day from which the holding period counts.
    pub held_from: Date,
    /// When they left the account, if they have.
    pub disposed: Option<Date>,
    /// Shares.
    pub quantity: Qty,
}

/// A short sale that has been closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortSale {
    /// Day of the short sale.
    pub opened: Date,
    /// Day on which shares were delivered.
    pub closed: Date,
    /// Shares.
    pub quantity: Qty,
}

/// Shares whose holding period begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restart {
    /// Which, as an index into the shares held.
    pub held: usize,
    /// How many of them.
    pub quantity: Qty,
    /// The day from which their holding period counts.
    pub held_from: Date,
}

impl Held {
    fn open_on(&self, day: Date) -> bool {
        self.acquired <= day && self.disposed.is_none_or(|disposed| disposed > day)
    }

    /// Held for more than one year on the day of the short sale.
    fn long_on(&self, law: &Law, day: Date) -> Result<bool, Error> {
        Ok(self.open_on(day) && is_long_term(law, self.held_from, day)?)
    }

    /// Held for not more than one year on the day of the short sale, or acquired after it and not after the closing.
    fn short_beside(&self, law: &Law, sale: &ShortSale) -> Result<bool, Error> {
        let after = self.acquired > sale.opened && self.acquired <= sale.closed;
        Ok(after || (self.open_on(sale.opened) && !is_long_term(law, self.held_from, sale.opened)?))
    }
}

/// Whether the result `gain` of closing `sale` is long-term; the shares delivered had been held since `delivered_from`.
///
/// By the holding period of the shares delivered (1233(a)), except: a gain is short-term when identical shares had been
/// held for not more than one year on the day of the short sale, or were acquired after it and on or before the closing
/// (1233(b)(1)); a loss is long-term when identical shares had been held for more than one year on the day of the short
/// sale (1233(d)). `held` are all identical shares, those delivered among them (Treas. Reg. 1.1233-1(c)(6), example 1).
///
/// # Errors
/// A date out of range.
pub fn closes_long_term(
    law: &Law,
    sale: &ShortSale,
    delivered_from: Date,
    gain: Money,
    held: &[Held],
) -> Result<bool, Error> {
    for shares in held {
        if gain.is_positive() && shares.short_beside(law, sale)? {
            return Ok(false);
        }
        if gain.is_negative() && shares.long_on(law, sale.opened)? {
            return Ok(true);
        }
    }
    is_long_term(law, delivered_from, sale.closed)
}

/// The shares among `held` whose holding period begins anew because of `sale` (1233(b)(2)): those that 1233(b)(1) speaks
/// of, in the order of their acquisition and up to the quantity sold short, from the day of the closing or of their own
/// disposal, whichever comes first.
///
/// That day is taken like a day of purchase: the period counts from the next one. `held` are without the shares delivered.
///
/// # Errors
/// A date out of range.
pub fn restarts(law: &Law, sale: &ShortSale, held: &[Held]) -> Result<Vec<Restart>, Error> {
    let mut order: Vec<usize> = (0..held.len()).collect();
    order.sort_by_key(|&index| held[index].acquired);
    let mut left = sale.quantity;
    let mut found = Vec::new();
    for index in order {
        let shares = &held[index];
        if !left.is_positive() {
            break;
        }
        if shares.short_beside(law, sale)? {
            let quantity = shares.quantity.min(left);
            let held_from = shares.disposed.map_or(sale.closed, |day| day.min(sale.closed));
            left = left.minus(quantity)?;
            found.push(Restart { held: index, quantity, held_from });
        }
    }
    Ok(found)
}

/// A short sale against shares that are held: an offsetting position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hedge {
    /// When it was closed, if it was.
    pub closed: Option<Date>,
    /// The last day through which the shares are known to have been held with nothing else reducing the risk of loss.
    pub at_risk_through: Date,
}

/// Whether a short sale of identical shares is a constructive sale of those held (1259(a), (c)(1)(A)), of which the gain
/// `gain` would then be recognised; `year_end` is the last day of the tax year in which it was opened.
///
/// Not when the shares have no gain (1259(b)), nor when the short sale was closed by the 30th day after the end of the year
/// and the shares were held for the 60 days that begin on the closing, at no time of which the risk of loss was reduced
/// (1259(c)(3)(A)).
///
/// # Errors
/// A date out of range.
pub fn is_constructive_sale(gain: Money, year_end: Date, hedge: &Hedge) -> Result<bool, Error> {
    let closed_in_time = match hedge.closed {
        Some(closed) => closed <= year_end.plus_days(30)? && hedge.at_risk_through >= closed.plus_days(59)?,
        None => false,
    };
    Ok(gain.is_positive() && !closed_in_time)
}

/// The day that counts as that of the loss sale for the wash-sale rule when `sale` closes at a loss: that of the short
/// sale when the shares delivered were owned on it, else that of the closing (Treas. Reg. 1.1091-1(g)). Shares that a
/// contract or an option had secured count from the day of that contract.
#[must_use]
pub fn wash_day(sale: &ShortSale, delivered_acquired: Date) -> Date {
    if delivered_acquired <= sale.opened { sale.opened } else { sale.closed }
}
