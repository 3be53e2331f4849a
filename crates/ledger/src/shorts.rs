//! Losses on closing short positions (Internal Revenue Code section 1091(e)): disallowed share for share against short sales
//! of the identity group within the window before, if still open, or after; the loss leaves the replacement's proceeds.

use crate::Error;
use crate::law::{Rules, group_of};
use crate::wash::{Match, take, with_locks};
use samebits_snapshot::record::{Account, Event, Lock, Market, ShortLot, WashRule};
use samebits_units::{Date, Money, Qty};

/// A loss realised today by closing a short lot.
#[derive(Debug, Clone)]
pub(crate) struct Loss {
    pub(crate) lot: u64,
    pub(crate) security: u32,
    /// Day of the short sale.
    pub(crate) opened: Date,
    pub(crate) quantity: Qty,
    /// Positive.
    pub(crate) amount: Money,
    /// The bucket that it was counted in.
    pub(crate) long_term: bool,
}

/// Matches a loss with shorts opened in the window before that are still open after the day's covers, in order of their
/// opening; what stays unmatched opens a lock on new short sales.
pub(crate) fn after_cover(
    account: &Account,
    market: &Market,
    rules: &Rules<'_>,
    closed: &Loss,
) -> Result<Vec<Event>, Error> {
    let group = group_of(market, closed.security)?;
    let candidates = match rules.wash {
        // Neither knows a loss on a short position.
        WashRule::None | WashRule::Superficial => return Ok(Vec::new()),
        WashRule::Policy => Vec::new(),
        WashRule::ShareForShare => candidates(account, market, rules, closed, group)?,
    };
    let mut events = Vec::new();
    let (mut quantity, mut loss, mut next_lot) = (closed.quantity, closed.amount, account.next_lot);
    for short in candidates {
        if quantity.is_zero() {
            break;
        }
        let (matched, part) = take(quantity, loss, short.quantity)?;
        let split_to = (matched < short.quantity).then_some(next_lot);
        next_lot = next_lot.saturating_add(u64::from(split_to.is_some()));
        events.push(Event::ShortDefer {
            closed_lot: closed.lot,
            closed: market.as_of,
            replacement: short.id,
            quantity: matched,
            loss: part,
            long_term: closed.long_term,
            split_to,
        });
        (quantity, loss) = (quantity.minus(matched)?, loss.minus(part)?);
    }
    if quantity.is_positive() {
        let lock = Lock {
            group,
            sold: market.as_of,
            last: rules.window_end(market.as_of)?,
            security: closed.security,
            lot: closed.lot,
            open_quantity: quantity,
            open_loss: loss,
            held_days: 0,
            long_term: closed.long_term,
            short: true,
        };
        events.push(Event::LockOpen { lock });
    }
    Ok(events)
}

fn candidates<'a>(
    account: &'a Account,
    market: &Market,
    rules: &Rules<'_>,
    closed: &Loss,
    group: u32,
) -> Result<Vec<&'a ShortLot>, Error> {
    let first = rules.window_start(market.as_of)?;
    let mut found = Vec::new();
    for short in &account.shorts {
        let recent = short.opened >= first && short.opened <= market.as_of;
        // The rest of the short sale that is being closed is no replacement of it; those of one day are one sale.
        let same_sale = (short.security, short.opened) == (closed.security, closed.opened);
        if recent && !short.replacement && !same_sale && group_of(market, short.security)? == group {
            found.push(short);
        }
    }
    // Within a day by security, as the orders were; a rest that was split off comes after what it was split from.
    found.sort_by_key(|short| (short.opened, short.security, short.id));
    Ok(found)
}

/// Matches a new short lot with the open losses of its group, earliest closing first.
pub(crate) fn after_short(account: &Account, market: &Market, lot: u64) -> Result<Vec<Event>, Error> {
    let short = account.shorts.iter().find(|short| short.id == lot).ok_or(Error::NoShort { lot })?;
    let found = with_locks(account, market, short.security, true, (short.id, short.quantity))?;
    let event = |part: Match<'_>| Event::ShortDefer {
        closed_lot: part.lock.lot,
        closed: part.lock.sold,
        replacement: part.replacement,
        quantity: part.quantity,
        loss: part.loss,
        long_term: part.lock.long_term,
        split_to: part.split_to,
    };
    Ok(found.into_iter().map(event).collect())
}
