//! One side of a security in an account: its lots, long or short, and the events that change them.

use crate::Error;
use crate::law::Rules;
use crate::open_day::Opening;
use samebits_snapshot::record::{Account, Event};
use samebits_units::{Date, Money, Price, Qty};
use std::cmp::Reverse;

/// Long or short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Long,
    Short,
}

/// Both sides, in the order in which an action visits them.
pub(crate) const SIDES: [Side; 2] = [Side::Long, Side::Short];

impl Side {
    /// What the holder of a long position gets, as this side sees it: a short position owes it.
    pub(crate) fn signed(self, amount: Money) -> Result<Money, Error> {
        Ok(match self {
            Self::Long => amount,
            Self::Short => amount.negated()?,
        })
    }
}

/// A lot of one side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held<'a> {
    pub(crate) id: u64,
    side: Side,
    rules: &'a Rules<'a>,
    pub(crate) quantity: Qty,
    /// Basis of a long lot, proceeds of a short one.
    pub(crate) basis: Money,
    day: Date,
    /// Long: held long-term. Short: a loss is long-term.
    long_term: bool,
    fair_value: Option<Money>,
}

/// The lots of `security` on `side`, ascending by id.
pub(crate) fn lots<'a>(
    account: &Account,
    today: Date,
    rules: &'a Rules<'a>,
    security: u32,
    side: Side,
) -> Result<Vec<Held<'a>>, Error> {
    if side == Side::Short {
        let lots = account.shorts.iter().filter(|lot| lot.security == security);
        let held = lots.map(|lot| Held {
            id: lot.id,
            side,
            rules,
            quantity: lot.quantity,
            basis: lot.proceeds,
            day: lot.opened,
            long_term: lot.against_long_term,
            fair_value: None,
        });
        return Ok(held.collect());
    }
    let lots = account.lots.iter().filter(|lot| lot.security == security);
    let held = lots.map(|lot| {
        Ok(Held {
            id: lot.id,
            side,
            rules,
            quantity: lot.quantity,
            basis: lot.basis,
            day: lot.acquired,
            long_term: rules.is_long_term(lot.held_from, today)?,
            fair_value: lot.fair_value,
        })
    });
    held.collect()
}

impl Held<'_> {
    /// Whether a result counts in the long-term bucket, by the term of the holding; the gain on a short sale is short-term
    /// (IRC 1233(b)), a loss is long-term against shares held long-term (IRC 1233(d)).
    fn term(&self, result: Money) -> bool {
        let long_term = match self.side {
            Side::Long => self.long_term,
            Side::Short => self.long_term && result.is_negative(),
        };
        self.rules.bucket(long_term, result)
    }

    /// Books `amount`, a gain as a long position sees it; nothing when it is zero.
    pub(crate) fn gain(&self, action: &str, amount: Money) -> Result<Option<Event>, Error> {
        let amount = self.side.signed(amount)?;
        let (lot, long_term) = (self.id, self.term(amount));
        Ok((!amount.is_zero()).then(|| Event::Gain { action: action.to_owned(), lot, amount, long_term }))
    }

    /// `quantity` shares leave for `price` in all.
    pub(crate) fn end(&self, quantity: Qty, price: Money) -> Result<Event, Error> {
        let whole = quantity == self.quantity;
        let part = |amount: Money| if whole { Ok(amount) } else { amount.share(quantity, self.quantity) };
        let basis = part(self.basis)?;
        let fair_value = self.fair_value.map(part).transpose()?;
        let counted = self.rules.counted_basis(self.day, basis, fair_value, price);
        let deemed = Some(counted).filter(|counted| *counted != basis);
        let result = self.side.signed(price.minus(counted)?)?;
        let (lot, long_term) = (self.id, self.term(result));
        Ok(match self.side {
            Side::Long => Event::Close { lot, quantity, proceeds: price, basis, long_term, deemed },
            Side::Short => Event::ShortClose { lot, quantity, proceeds: basis, paid: price, long_term },
        })
    }

    /// The lot goes on with these numbers; nothing when they are those it has.
    pub(crate) fn adjust(&self, action: &str, quantity: Qty, basis: Money) -> Option<Event> {
        let changed = quantity != self.quantity || basis != self.basis;
        changed.then(|| Event::Adjust { action: action.to_owned(), lot: self.id, quantity, basis })
    }
}

/// What each of `lots` becomes at `new` for `old`, in millionths of a share. The *position* is cut off to a millionth and
/// each lot gets what the running total grows by, so three lots of one share at 1 for 3 make one share, not 0.999999.
/// Every part is within a millionth of `quantity * new / old`.
pub(crate) fn portions(lots: &[Held<'_>], new: u32, old: u32) -> Result<Vec<Qty>, Error> {
    let overflow = || samebits_units::Error::Overflow { what: "shares of a corporate action" };
    let (mut total, mut given) = (0_i128, 0_i128);
    let mut parts = Vec::with_capacity(lots.len());
    for lot in lots {
        total = total.checked_add(i128::from(lot.quantity.micros())).ok_or_else(overflow)?;
        let due = total
            .checked_mul(i128::from(new))
            .and_then(|shares| shares.checked_div(i128::from(old)))
            .ok_or_else(overflow)?;
        let part = due.checked_sub(given).and_then(|part| i64::try_from(part).ok()).ok_or_else(overflow)?;
        parts.push(Qty::from_micros(part));
        given = due;
    }
    Ok(parts)
}

/// Sells, or buys back, the fraction of a whole share in the lots of one side with ids from `first` on, at `price`, from the
/// last-acquired lot.
pub(crate) fn cash_in_lieu(
    day: &mut Opening<'_>,
    (security, side): (u32, Side),
    first: u64,
    price: Price,
) -> Result<(), Error> {
    let mut lots = lots(&day.account, day.market.as_of, &day.rules, security, side)?;
    lots.retain(|lot| lot.id >= first);
    let position = Qty::total(lots.iter().map(|lot| lot.quantity))?;
    let mut left = position.minus(Qty::from_shares(position.whole_shares())?)?;
    lots.sort_by_key(|lot| Reverse((lot.day, lot.id)));
    let mut events = Vec::new();
    for lot in lots {
        let quantity = left.min(lot.quantity);
        if quantity.is_positive() {
            events.push(lot.end(quantity, price.value(quantity)?)?);
            left = left.minus(quantity)?;
        }
    }
    day.record(events)
}
