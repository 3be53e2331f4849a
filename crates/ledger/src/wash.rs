//! The wash-sale rule: a loss is disallowed share for share against purchases in the identity group within the window
//! before and after the sale; the disallowed loss and the holding period move to the replacement shares. Purchases in other
//! accounts count too; what they disallow moves nowhere in this account.

use crate::Error;
use crate::law::{Rules, group_of};
use samebits_snapshot::record::{Account, Event, Lock, Lot, Market, OutsidePurchase, WashRule};
use samebits_units::{Date, Money, Qty};

/// A loss realised today.
#[derive(Debug, Clone)]
pub(crate) struct Loss {
    pub(crate) lot: u64,
    /// The lot as it was bought.
    pub(crate) purchase: u64,
    pub(crate) security: u32,
    pub(crate) quantity: Qty,
    /// Positive.
    pub(crate) amount: Money,
    pub(crate) held_days: i32,
    /// The bucket that it was counted in.
    pub(crate) long_term: bool,
}

/// A purchase before the sale that can replace shares of it.
enum Candidate<'a> {
    Own(&'a Lot),
    Outside(u32, &'a OutsidePurchase),
}

impl Candidate<'_> {
    /// Order of acquisition; on one day the account's own lots come first.
    fn key(&self) -> (Date, bool, u64, u64) {
        match self {
            Self::Own(lot) => (lot.acquired, false, lot.parent.unwrap_or(lot.id), lot.id),
            Self::Outside(index, bought) => (bought.acquired, true, u64::from(*index), 0),
        }
    }

    fn quantity(&self) -> Qty {
        match self {
            Self::Own(lot) => lot.quantity,
            Self::Outside(_, bought) => bought.quantity,
        }
    }
}

/// Matches a loss with shares bought in the window before that are still held after the day's sales, in order of
/// acquisition; what stays unmatched opens a lock. Where nothing is matched share for share, all of it does.
pub(crate) fn after_sale(
    account: &Account,
    market: &Market,
    rules: &Rules<'_>,
    sale: &Loss,
) -> Result<Vec<Event>, Error> {
    let group = group_of(market, sale.security)?;
    let candidates = match rules.wash {
        WashRule::None => return Ok(Vec::new()),
        WashRule::Superficial | WashRule::Policy => Vec::new(),
        WashRule::ShareForShare => candidates(account, market, rules, sale, group)?,
    };
    let mut events = Vec::new();
    let (mut quantity, mut loss, mut next_lot) = (sale.quantity, sale.amount, account.next_lot);
    for candidate in candidates {
        if quantity.is_zero() {
            break;
        }
        let (matched, part) = take(quantity, loss, candidate.quantity())?;
        let (sold_lot, sold, long_term) = (sale.lot, market.as_of, sale.long_term);
        events.push(match candidate {
            Candidate::Own(lot) => {
                let split_to = (matched < lot.quantity).then_some(next_lot);
                next_lot = next_lot.saturating_add(u64::from(split_to.is_some()));
                Event::WashDefer {
                    sold_lot,
                    sold,
                    replacement: lot.id,
                    quantity: matched,
                    loss: part,
                    long_term,
                    tacked_days: sale.held_days,
                    split_to,
                }
            }
            Candidate::Outside(purchase, _) => {
                Event::WashOutside { sold_lot, sold, purchase, quantity: matched, loss: part, long_term }
            }
        });
        (quantity, loss) = (quantity.minus(matched)?, loss.minus(part)?);
    }
    if quantity.is_positive() {
        let lock = Lock {
            group,
            sold: market.as_of,
            last: rules.window_end(market.as_of)?,
            security: sale.security,
            lot: sale.lot,
            open_quantity: quantity,
            open_loss: loss,
            held_days: sale.held_days,
            long_term: sale.long_term,
            short: false,
        };
        events.push(Event::LockOpen { lock });
    }
    Ok(events)
}

fn candidates<'a>(
    account: &'a Account,
    market: &Market,
    rules: &Rules<'_>,
    sale: &Loss,
    group: u32,
) -> Result<Vec<Candidate<'a>>, Error> {
    let first = rules.window_start(market.as_of)?;
    let mut found = Vec::new();
    for lot in &account.lots {
        let recent = lot.acquired >= first && lot.acquired <= market.as_of;
        let same_purchase = lot.parent.unwrap_or(lot.id) == sale.purchase;
        if recent && !lot.replacement && !same_purchase && group_of(market, lot.security)? == group {
            found.push(Candidate::Own(lot));
        }
    }
    for (index, bought) in (0_u32..).zip(&account.outside) {
        // Purchases elsewhere on the day come after those that this account may make yet.
        let recent = bought.acquired >= first && bought.acquired < market.as_of;
        if recent && bought.quantity.is_positive() && group_of(market, bought.security)? == group {
            found.push(Candidate::Outside(index, bought));
        }
    }
    found.sort_by_key(Candidate::key);
    Ok(found)
}

/// Matches a new lot with the open losses of its group, earliest sale first.
pub(crate) fn after_purchase(account: &Account, market: &Market, bought: u64) -> Result<Vec<Event>, Error> {
    let lot = account.lots.iter().find(|lot| lot.id == bought).ok_or(Error::NoLot { lot: bought })?;
    let found = with_locks(account, market, lot.security, false, (lot.id, lot.quantity))?;
    let event = |part: Match<'_>| Event::WashDefer {
        sold_lot: part.lock.lot,
        sold: part.lock.sold,
        replacement: part.replacement,
        quantity: part.quantity,
        loss: part.loss,
        long_term: part.lock.long_term,
        tacked_days: part.lock.held_days,
        split_to: part.split_to,
    };
    Ok(found.into_iter().map(event).collect())
}

/// A part of a new lot and the open loss that it replaces.
pub(crate) struct Match<'a> {
    pub(crate) lock: &'a Lock,
    /// The new lot, or what an earlier match has left of it.
    pub(crate) replacement: u64,
    pub(crate) quantity: Qty,
    pub(crate) loss: Money,
    /// The id of what this match leaves.
    pub(crate) split_to: Option<u64>,
}

/// The locks of the group of `security`, of long or of short positions, that a new lot (id, shares) is matched with. Locks
/// stand in the order of disposal.
pub(crate) fn with_locks<'a>(
    account: &'a Account,
    market: &Market,
    security: u32,
    short: bool,
    (mut replacement, mut left): (u64, Qty),
) -> Result<Vec<Match<'a>>, Error> {
    let group = group_of(market, security)?;
    let open = |lock: &&Lock| lock.group == group && market.as_of <= lock.last && lock.short == short;
    let (mut found, mut next_lot) = (Vec::new(), account.next_lot);
    for lock in account.locks.iter().filter(open) {
        if left.is_zero() {
            break;
        }
        let (quantity, loss) = take(lock.open_quantity, lock.open_loss, left)?;
        let split_to = (quantity < left).then_some(next_lot);
        found.push(Match { lock, replacement, quantity, loss, split_to });
        left = left.minus(quantity)?;
        if let Some(rest) = split_to {
            replacement = rest;
            next_lot = next_lot.saturating_add(1);
        }
    }
    Ok(found)
}

/// The next match of a purchase elsewhere, made before `until`, with an open loss of its group: purchases in order of
/// acquisition, losses in order of disposal.
pub(crate) fn next_outside(
    account: &Account,
    market: &Market,
    rules: &Rules<'_>,
    until: Date,
) -> Result<Option<Event>, Error> {
    let made =
        |(_, bought): &(u32, &OutsidePurchase)| bought.acquired < until && bought.quantity.is_positive();
    let mut purchases: Vec<(u32, &OutsidePurchase)> = (0_u32..).zip(&account.outside).filter(made).collect();
    purchases.sort_by_key(|(index, bought)| (bought.acquired, *index));
    for (purchase, bought) in purchases {
        let group = group_of(market, bought.security)?;
        for lock in account.locks.iter().filter(|lock| lock.group == group && !lock.short) {
            if bought.acquired < rules.window_start(lock.sold)? || bought.acquired > lock.last {
                continue;
            }
            let (quantity, loss) = take(lock.open_quantity, lock.open_loss, bought.quantity)?;
            let (sold_lot, sold, long_term) = (lock.lot, lock.sold, lock.long_term);
            return Ok(Some(Event::WashOutside { sold_lot, sold, purchase, quantity, loss, long_term }));
        }
    }
    Ok(None)
}

/// How many of `open` shares `available` ones replace, and the loss that goes with them (all of it with all shares,
/// otherwise the share of it, rounded down).
pub(crate) fn take(open: Qty, loss: Money, available: Qty) -> Result<(Qty, Money), Error> {
    let matched = open.min(available);
    let part = if matched == open { loss } else { loss.share(matched, open)? };
    Ok((matched, part))
}
