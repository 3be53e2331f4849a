//! The recount against the ledger's account.

use super::{Lost, Recount};
use crate::Error;
use crate::posting::ticker;
use samebits_snapshot::record::{Account, Jurisdiction, LotRule, Run};
use samebits_units::Qty;
use std::collections::BTreeMap;

/// What both sides know of a lot, as text where it is shown.
struct Seen {
    security: u32,
    short: bool,
    shares: i128,
    money: i128,
    replacement: bool,
    /// Day of purchase and start of holding; left out under average cost, where lots have neither.
    days: Option<String>,
}

impl Recount {
    /// Open losses, every open lot, and each position are the ledger's.
    pub(crate) fn compare(&self, run: &Run, after: &Account) -> Result<(), Error> {
        self.positions(run, after)?;
        self.locks(after)?;
        let (own, theirs) = (self.own(), self.theirs(after));
        for lot in own.keys().chain(theirs.keys()) {
            let (day, lot) = (self.today, *lot);
            let presence = |there: bool| if there { "open" } else { "not open" }.to_owned();
            let (Some(mine), Some(other)) = (own.get(&lot), theirs.get(&lot)) else {
                let expected = presence(own.contains_key(&lot));
                let found = presence(theirs.contains_key(&lot));
                return Err(Error::Lot { day, lot, field: "state", expected, found });
            };
            let money = |amount: i128| self.money(amount).map(|money| money.to_string());
            let shares = |micros: i128| self.qty(micros).map(|shares| shares.to_string());
            let days = |seen: &Seen| seen.days.clone().unwrap_or_default();
            let basis = if mine.short { "proceeds" } else { "basis" };
            for (field, expected, found) in [
                ("security", ticker(run, mine.security), ticker(run, other.security)),
                ("side", mine.short.to_string(), other.short.to_string()),
                ("quantity", shares(mine.shares)?, shares(other.shares)?),
                (basis, money(mine.money)?, money(other.money)?),
                ("mark of a replacement", mine.replacement.to_string(), other.replacement.to_string()),
                ("holding", days(mine), days(other)),
            ] {
                if expected != found {
                    return Err(Error::Lot { day, lot, field, expected, found });
                }
            }
        }
        Ok(())
    }

    fn pooled(&self) -> bool {
        self.rules.lots == LotRule::Average || self.rules.jurisdiction == Some(Jurisdiction::Canada)
    }

    fn own(&self) -> BTreeMap<u64, Seen> {
        let mut lots = BTreeMap::<u64, Seen>::new();
        for (side, short) in [(&self.book.held, false), (&self.book.owed, true)] {
            for (security, shares) in side {
                for share in shares {
                    let days = format!("{}, counted from {}", share.acquired, share.held_from);
                    let seen = lots.entry(share.lot).or_insert_with(|| Seen {
                        security: *security,
                        short,
                        shares: 0,
                        money: self.book.money.get(&share.lot).copied().unwrap_or(0),
                        replacement: false,
                        days: (!self.pooled()).then_some(days),
                    });
                    seen.shares += share.micros;
                    seen.replacement |= share.replacement;
                }
            }
        }
        lots
    }

    fn theirs(&self, after: &Account) -> BTreeMap<u64, Seen> {
        let days =
            |acquired, held_from| (!self.pooled()).then(|| format!("{acquired}, counted from {held_from}"));
        let long = after.lots.iter().map(|lot| {
            let seen = Seen {
                security: lot.security,
                short: false,
                shares: lot.quantity.micros().into(),
                money: lot.basis.micros().into(),
                replacement: lot.replacement,
                days: days(lot.acquired, lot.held_from),
            };
            (lot.id, seen)
        });
        let short = after.shorts.iter().map(|lot| {
            let seen = Seen {
                security: lot.security,
                short: true,
                shares: lot.quantity.micros().into(),
                money: lot.proceeds.micros().into(),
                replacement: lot.replacement,
                days: days(lot.opened, lot.opened),
            };
            (lot.id, seen)
        });
        long.chain(short).collect()
    }

    fn locks(&self, after: &Account) -> Result<(), Error> {
        let theirs: Vec<Lost> = after
            .locks
            .iter()
            .map(|lock| Lost {
                group: lock.group,
                security: lock.security,
                lot: lock.lot,
                sold: lock.sold,
                last: lock.last,
                shares: lock.open_quantity.micros().into(),
                loss: lock.open_loss.micros().into(),
                held_days: if self.pooled() { 0 } else { lock.held_days },
                short: lock.short,
            })
            .collect();
        // Pooled shares have no days of their own.
        let own =
            |lost: &Lost| Lost { held_days: if self.pooled() { 0 } else { lost.held_days }, ..lost.clone() };
        let own: Vec<Lost> = self.lost.iter().map(own).collect();
        let text = |lost: Option<&Lost>| {
            lost.map_or("none".to_owned(), |lost| {
                let Lost { lot, sold, last, shares, loss, .. } = lost;
                format!("lot {lot} sold {sold}: {shares} millionths of a share, {loss} millionths lost, open to {last}")
            })
        };
        let longest = own.len().max(theirs.len());
        match (0..longest).find(|at| own.get(*at) != theirs.get(*at)) {
            None => Ok(()),
            Some(at) => Err(Error::Locks {
                day: self.today,
                expected: text(own.get(at)),
                found: text(theirs.get(at)),
            }),
        }
    }

    /// The lots of each security add to the position that trades and actions make.
    fn positions(&self, run: &Run, after: &Account) -> Result<(), Error> {
        let mut found = BTreeMap::<u32, i128>::new();
        for lot in &after.lots {
            *found.entry(lot.security).or_default() += i128::from(lot.quantity.micros());
        }
        for lot in &after.shorts {
            *found.entry(lot.security).or_default() -= i128::from(lot.quantity.micros());
        }
        let mut expected = BTreeMap::<u32, i128>::new();
        for ((security, short), shares) in &self.positions {
            *expected.entry(*security).or_default() += if *short { -shares } else { *shares };
        }
        for security in expected.keys().chain(found.keys()) {
            let of = |all: &BTreeMap<u32, i128>| -> Result<Qty, Error> {
                self.qty(all.get(security).copied().unwrap_or(0))
            };
            let (expected, found) = (of(&expected)?, of(&found)?);
            if expected != found {
                return Err(Error::Position {
                    day: self.today,
                    ticker: ticker(run, *security),
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }
}
