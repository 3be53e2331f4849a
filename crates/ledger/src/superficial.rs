//! Superficial losses (Canada, Income Tax Act section 54): at the end of its window a loss is denied by the least of the
//! shares sold, bought in the window and held at its end, and added to the cost of the substituted shares.

use crate::Error;
use crate::law::{Rules, group_of};
use samebits_snapshot::record::{Account, Event, Lock, Market};
use samebits_units::Qty;

/// How the window of `lock` ends. With `S` shares sold at a loss `L`, `P` bought in the window and `B` held at its end, all
/// accounts together: `floor(min(S, P, B) L / S)` is denied. Each account that bought takes its part of it by the shares
/// that it bought and, here, still holds.
pub(crate) fn at_end(
    account: &Account,
    market: &Market,
    rules: &Rules<'_>,
    lock: &Lock,
) -> Result<Event, Error> {
    let first = rules.window_start(lock.sold)?;
    let closes = Event::LockClose { lot: lock.lot, sold: lock.sold };
    let mut bought_here = Qty::ZERO;
    for purchase in &account.recent {
        let inside = purchase.acquired >= first && purchase.acquired <= lock.last;
        if inside && group_of(market, purchase.security)? == lock.group {
            bought_here = bought_here.plus(purchase.quantity)?;
        }
    }
    let mut bought_elsewhere = Qty::ZERO;
    for purchase in &account.outside {
        let inside = purchase.acquired >= first && purchase.acquired <= lock.last;
        if inside && group_of(market, purchase.security)? == lock.group {
            bought_elsewhere = bought_elsewhere.plus(purchase.quantity)?;
        }
    }
    let mut held_here = Qty::ZERO;
    let mut into: Option<u64> = None;
    for lot in &account.lots {
        if group_of(market, lot.security)? == lock.group {
            held_here = held_here.plus(lot.quantity)?;
            into = if lot.security == lock.security { Some(lot.id) } else { into.or(Some(lot.id)) };
        }
    }
    let bought = bought_here.plus(bought_elsewhere)?;
    let held = held_here.plus(bought_elsewhere)?;
    let replaced = lock.open_quantity.min(bought).min(held);
    if !replaced.is_positive() {
        return Ok(closes);
    }
    let denied = lock.open_loss.share(replaced, lock.open_quantity)?;
    if !denied.is_positive() {
        return Ok(closes);
    }
    let substituted_here = bought_here.min(held_here);
    let added = denied.share(substituted_here, substituted_here.plus(bought_elsewhere)?)?;
    let into = into.filter(|_| substituted_here.is_positive());
    Ok(Event::Superficial { sold_lot: lock.lot, sold: lock.sold, into, denied, added })
}
