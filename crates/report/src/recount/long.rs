//! Shares held: sales, purchases, and the losses that replacements take (Internal Revenue Code section 1091).

use super::book::{Share, add, divide, remove};
use super::{Lost, Recount, part};
use crate::Error;
use samebits_snapshot::record::{LotRule, Trade, WashRule};
use samebits_units::{Date, Money};

/// A loss realised today; positive.
pub(super) struct Loss {
    pub(super) lot: u64,
    /// The lot as it was bought; of a short lot, the lot.
    pub(super) purchase: u64,
    pub(super) security: u32,
    pub(super) opened: Date,
    pub(super) shares: i128,
    pub(super) amount: i128,
    pub(super) held_days: i32,
}

/// Shares that can replace sold ones, here or elsewhere.
enum Replacement {
    Here { security: u32, lot: u64 },
    Elsewhere(usize),
}

impl Recount {
    /// Takes shares out of a lot; gives the first of them and the money that goes with all of them.
    pub(super) fn leave(&mut self, lot: u64, shares: i128) -> Result<(Share, i128), Error> {
        let short = self.book.is_owed(lot);
        let security = self.book.security(lot).ok_or_else(|| self.fault(format!("lot {lot} is not open")))?;
        let whole = self.book.lots(security, short).get(&lot).copied().unwrap_or(0);
        if shares <= 0 || shares > whole {
            return Err(self.fault(format!("lot {lot}: {shares} millionths of a share of {whole}")));
        }
        let money = self.book.money.get(&lot).copied().unwrap_or(0);
        let gone = part(money, shares, whole);
        let taken = remove(self.book.side(short).entry(security).or_default(), lot, shares);
        let first = taken.first().cloned().ok_or_else(|| self.fault(format!("lot {lot} has no shares")))?;
        if shares == whole {
            self.book.money.remove(&lot);
        } else {
            self.book.money.insert(lot, money - gone);
        }
        self.shift(security, short, -shares);
        Ok((first, gone))
    }

    pub(super) fn sell(&mut self, trade: &Trade) -> Result<Option<Loss>, Error> {
        let shares = i128::from(trade.quantity.micros());
        let (first, basis) = self.leave(trade.lot, shares)?;
        let net = i128::from(trade.notional.micros()) - i128::from(trade.cost.micros());
        let gain = net - basis;
        self.same_gain(trade, gain)?;
        Ok((gain < 0).then(|| Loss {
            lot: trade.lot,
            purchase: first.purchase,
            security: trade.security,
            opened: first.acquired,
            shares,
            amount: -gain,
            held_days: self.today.days_since(first.held_from),
        }))
    }

    /// Under a grandfathering rule the ledger may count a gain from a fair value, which is not part of a trade.
    pub(super) fn same_gain(&self, trade: &Trade, gain: i128) -> Result<(), Error> {
        let (expected, found): (Money, Money) = (self.money(gain)?, trade.gain);
        if expected == found || (self.rules.grandfather && found < expected) {
            return Ok(());
        }
        Err(Error::Gain { day: self.today, lot: trade.lot, expected, found })
    }

    pub(super) fn after_sale(&mut self, loss: Loss) {
        let mut left = (loss.shares, loss.amount);
        match self.rules.wash {
            WashRule::None => return,
            WashRule::Superficial | WashRule::Policy => {}
            WashRule::ShareForShare => self.match_back(&loss, &mut left),
        }
        if left.0 > 0 {
            let group = self.group(loss.security);
            let (sold, last) = (self.today, self.window().1);
            let Loss { lot, security, held_days, .. } = loss;
            let (shares, loss) = left;
            self.lost.push(Lost { group, security, lot, sold, last, shares, loss, held_days, short: false });
        }
    }

    /// Share by share: each share of the group bought in the window and still held replaces one that was sold, in the order
    /// of acquisition; of one day, shares bought elsewhere come last.
    fn match_back(&mut self, loss: &Loss, left: &mut (i128, i128)) {
        let (first, _) = self.window();
        let group = self.group(loss.security);
        let mut found = Vec::new();
        for (security, shares) in &self.book.held {
            if self.group(*security) != group {
                continue;
            }
            for (place, share) in shares.iter().enumerate() {
                let recent = share.acquired >= first && share.acquired <= self.today;
                if recent && !share.replacement && share.purchase != loss.purchase {
                    let key = (share.acquired, false, share.purchase, share.lot, place);
                    found.push((
                        key,
                        Replacement::Here { security: *security, lot: share.lot },
                        share.micros,
                    ));
                }
            }
        }
        for (index, bought) in self.elsewhere.iter().enumerate() {
            let recent = bought.acquired >= first && bought.acquired < self.today;
            if recent && bought.shares > 0 && self.group(bought.security) == group {
                let key = (bought.acquired, true, index as u64, 0, 0);
                found.push((key, Replacement::Elsewhere(index), bought.shares));
            }
        }
        found.sort_by_key(|(key, ..)| *key);
        // Neighbours of one lot make one match, because a match rounds once.
        let mut matches: Vec<(Replacement, i128)> = Vec::new();
        let mut open = left.0;
        for (_, replacement, micros) in found {
            let shares = micros.min(open);
            if shares == 0 {
                break;
            }
            open -= shares;
            match (matches.last_mut(), &replacement) {
                (Some((Replacement::Here { lot, .. }, sum)), Replacement::Here { lot: other, .. })
                    if lot == other =>
                {
                    *sum += shares;
                }
                _ => matches.push((replacement, shares)),
            }
        }
        for (replacement, shares) in matches {
            let denied = part(left.1, shares, left.0);
            *left = (left.0 - shares, left.1 - denied);
            self.deny(denied);
            match replacement {
                Replacement::Here { security, lot } => {
                    self.replace(security, lot, shares, denied, loss.held_days);
                }
                Replacement::Elsewhere(index) => self.elsewhere[index].shares -= shares,
            }
        }
    }

    /// `shares` of a lot take a loss and the days of holding; the rest of the lot gets an id of its own, which is returned.
    fn replace(&mut self, security: u32, lot: u64, shares: i128, loss: i128, held_days: i32) -> Option<u64> {
        let whole = self.book.lots(security, false).get(&lot).copied().unwrap_or(0);
        let money = self.book.money.get(&lot).copied().unwrap_or(0);
        let own = part(money, shares, whole);
        let rest = (shares < whole).then(|| {
            let id = self.next;
            self.next += 1;
            self.book.money.insert(id, money - own);
            id
        });
        self.book.money.insert(lot, own + loss);
        let held = self.book.held.entry(security).or_default();
        divide(held, lot, shares, rest, |share| {
            share.replacement = true;
            share.held_from = share.acquired.plus_days(-held_days).unwrap_or(share.acquired);
        });
        rest
    }

    pub(super) fn buy(&mut self, trade: &Trade) -> Result<(), Error> {
        let lot = self.take_id(Some(trade.lot))?;
        let shares = i128::from(trade.quantity.micros());
        let cost = i128::from(trade.notional.micros()) + i128::from(trade.cost.micros());
        let day = self.today;
        let one = Share { lot, purchase: lot, acquired: day, held_from: day, replacement: false, micros: 0 };
        add(self.book.held.entry(trade.security).or_default(), &one, shares);
        self.book.money.insert(lot, cost);
        self.shift(trade.security, false, shares);
        if self.rules.lots == LotRule::Average {
            self.bought.push((trade.security, day, shares));
            self.join(trade.security);
        }
        if self.rules.wash == WashRule::ShareForShare {
            self.match_forward(trade.security, lot, shares);
        }
        Ok(())
    }

    /// New shares replace the open losses of their group, the earliest sale first.
    fn match_forward(&mut self, security: u32, bought: u64, shares: i128) {
        let group = self.group(security);
        let (mut lot, mut left) = (bought, shares);
        for at in 0..self.lost.len() {
            let lost = self.lost[at].clone();
            if left == 0 || lost.group != group || lost.short || self.today > lost.last {
                continue;
            }
            let matched = lost.shares.min(left);
            let denied = part(lost.loss, matched, lost.shares);
            self.lost[at].shares -= matched;
            self.lost[at].loss -= denied;
            self.deny(denied);
            left -= matched;
            if let Some(rest) = self.replace(security, lot, matched, denied, lost.held_days) {
                lot = rest;
            }
        }
        self.lost.retain(|lost| lost.shares > 0);
    }
}
