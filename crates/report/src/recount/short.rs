//! Shares owed: short sales, covers, and the losses that other short sales take (section 1091(e)).

use super::book::{Share, add, divide};
use super::long::Loss;
use super::{Lost, Recount, part};
use crate::Error;
use samebits_snapshot::record::{Trade, WashRule};

impl Recount {
    pub(super) fn short(&mut self, trade: &Trade) -> Result<(), Error> {
        let lot = self.take_id(Some(trade.lot))?;
        let shares = i128::from(trade.quantity.micros());
        let proceeds = i128::from(trade.notional.micros()) - i128::from(trade.cost.micros());
        let day = self.today;
        let one = Share { lot, purchase: lot, acquired: day, held_from: day, replacement: false, micros: 0 };
        add(self.book.owed.entry(trade.security).or_default(), &one, shares);
        self.book.money.insert(lot, proceeds);
        self.shift(trade.security, true, shares);
        if self.rules.wash == WashRule::ShareForShare {
            self.match_new_short(trade.security, lot, shares);
        }
        Ok(())
    }

    fn match_new_short(&mut self, security: u32, opened: u64, shares: i128) {
        let group = self.group(security);
        let (mut lot, mut left) = (opened, shares);
        for at in 0..self.lost.len() {
            let lost = self.lost[at].clone();
            if left == 0 || lost.group != group || !lost.short || self.today > lost.last {
                continue;
            }
            let matched = lost.shares.min(left);
            let denied = part(lost.loss, matched, lost.shares);
            self.lost[at].shares -= matched;
            self.lost[at].loss -= denied;
            self.deny(denied);
            left -= matched;
            if let Some(rest) = self.replace_owed(security, lot, matched, denied) {
                lot = rest;
            }
        }
        self.lost.retain(|lost| lost.shares > 0);
    }

    pub(super) fn cover(&mut self, trade: &Trade) -> Result<Option<Loss>, Error> {
        let shares = i128::from(trade.quantity.micros());
        let (first, proceeds) = self.leave(trade.lot, shares)?;
        let gain = proceeds - i128::from(trade.notional.micros()) - i128::from(trade.cost.micros());
        self.same_gain(trade, gain)?;
        Ok((gain < 0).then_some(Loss {
            lot: trade.lot,
            purchase: first.purchase,
            security: trade.security,
            opened: first.acquired,
            shares,
            amount: -gain,
            held_days: 0,
        }))
    }

    /// Each share of the group sold short in the window and still owed takes the loss of one that was bought back; shorts
    /// of the same security and day are one sale.
    pub(super) fn after_cover(&mut self, loss: Loss) {
        if matches!(self.rules.wash, WashRule::None | WashRule::Superficial) {
            return;
        }
        let (first, last) = self.window();
        let group = self.group(loss.security);
        let mut left = (loss.shares, loss.amount);
        let mut found = Vec::new();
        for (security, shares) in &self.book.owed {
            if self.group(*security) != group || self.rules.wash != WashRule::ShareForShare {
                continue;
            }
            for (place, share) in shares.iter().enumerate() {
                let recent = share.acquired >= first && share.acquired <= self.today;
                let same_sale = (*security, share.acquired) == (loss.security, loss.opened);
                if recent && !share.replacement && !same_sale {
                    found.push(((share.acquired, *security, share.lot, place), share.micros));
                }
            }
        }
        found.sort_unstable();
        let mut matches: Vec<(u32, u64, i128)> = Vec::new();
        let mut open = left.0;
        for ((_, security, lot, _), micros) in found {
            let shares = micros.min(open);
            if shares == 0 {
                break;
            }
            open -= shares;
            match matches.last_mut() {
                Some((_, same, sum)) if *same == lot => *sum += shares,
                _ => matches.push((security, lot, shares)),
            }
        }
        for (security, lot, shares) in matches {
            let denied = part(left.1, shares, left.0);
            left = (left.0 - shares, left.1 - denied);
            self.deny(denied);
            self.replace_owed(security, lot, shares, denied);
        }
        if left.0 > 0 {
            let (shares, amount) = left;
            self.lost.push(Lost {
                group,
                security: loss.security,
                lot: loss.lot,
                sold: self.today,
                last,
                shares,
                loss: amount,
                held_days: 0,
                short: true,
            });
        }
    }

    fn replace_owed(&mut self, security: u32, lot: u64, shares: i128, loss: i128) -> Option<u64> {
        let whole = self.book.lots(security, true).get(&lot).copied().unwrap_or(0);
        let money = self.book.money.get(&lot).copied().unwrap_or(0);
        let own = part(money, shares, whole);
        let rest = (shares < whole).then(|| {
            let id = self.next;
            self.next += 1;
            self.book.money.insert(id, money - own);
            id
        });
        self.book.money.insert(lot, own - loss);
        let owed = self.book.owed.entry(security).or_default();
        divide(owed, lot, shares, rest, |share| share.replacement = true);
        rest
    }
}
