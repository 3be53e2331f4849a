//! The account counted again, share by share: every share held or owed is an object. Trades, identity groups, dates,
//! splits and the law go in; which losses are disallowed, what every open lot has cost and which windows are open come out.
//!
//! The ledger's events are not read, with the exceptions named in [`actions`]. What a lot has cost is kept by lot, because the
//! roundings of `docs/tax.md` are by lot; which shares replace which is decided share by share. Amounts are millionths of
//! the currency and of a share, in 128 bits.
#![deny(clippy::float_arithmetic)]

mod actions;
mod book;
mod compare;
mod long;
mod short;
mod windows;

use crate::Error;
use crate::posting::Postings;
use book::Book;
use samebits_ledger::law_of;
use samebits_snapshot::record::{
    Account, Jurisdiction, Law, LotRule, Market, Run, Security, TradeSide, WashRule,
};
use samebits_units::{Date, Money, Qty};
use std::collections::BTreeMap;

/// A lossy disposal whose window is open.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lost {
    group: u32,
    security: u32,
    lot: u64,
    sold: Date,
    last: Date,
    shares: i128,
    loss: i128,
    held_days: i32,
    short: bool,
}

/// A purchase in another account.
#[derive(Debug, Clone)]
struct Elsewhere {
    security: u32,
    acquired: Date,
    shares: i128,
}

/// The recount of an account.
pub(crate) struct Recount {
    book: Book,
    lost: Vec<Lost>,
    elsewhere: Vec<Elsewhere>,
    /// Purchases under average cost: security, day, shares.
    bought: Vec<(u32, Date, i128)>,
    /// Signed position by security, from trades and actions alone; long and short apart.
    positions: BTreeMap<(u32, bool), i128>,
    accrued: Option<Date>,
    applied: Option<(Date, Vec<String>)>,
    /// Disallowed on the day.
    disallowed: i128,
    today: Date,
    rules: Rules,
    groups: Vec<u32>,
    next: u64,
    /// Disallowed over all days.
    pub(crate) disallowed_ever: i128,
    /// Days on which actions were taken from the events.
    pub(crate) taken_from_events: u32,
}

/// The law as the recount needs it.
#[derive(Clone, Copy)]
struct Rules {
    lots: LotRule,
    wash: WashRule,
    days: i32,
    /// Gains may count from a fair value.
    grandfather: bool,
    jurisdiction: Option<Jurisdiction>,
}

impl Rules {
    fn of(law: &Law) -> Self {
        let system = law.system.as_ref();
        Self {
            lots: system.map_or(LotRule::Specific, |system| system.lots),
            wash: system.map_or(WashRule::ShareForShare, |system| system.wash),
            days: law.wash_days,
            grandfather: system.is_some_and(|system| system.grandfather.is_some()),
            jurisdiction: system.map(|system| system.jurisdiction),
        }
    }
}

impl Recount {
    /// Starts from the account before its first Run.
    pub(crate) fn new(account: &Account, market: &Market) -> Result<Self, Error> {
        let book = Book::new(account);
        let mut positions = BTreeMap::new();
        for lot in &account.lots {
            *positions.entry((lot.security, false)).or_default() += i128::from(lot.quantity.micros());
        }
        for lot in &account.shorts {
            *positions.entry((lot.security, true)).or_default() += i128::from(lot.quantity.micros());
        }
        let lost = account.locks.iter().map(|lock| Lost {
            group: lock.group,
            security: lock.security,
            lot: lock.lot,
            sold: lock.sold,
            last: lock.last,
            shares: lock.open_quantity.micros().into(),
            loss: lock.open_loss.micros().into(),
            held_days: lock.held_days,
            short: lock.short,
        });
        let elsewhere = account.outside.iter().map(|bought| Elsewhere {
            security: bought.security,
            acquired: bought.acquired,
            shares: bought.quantity.micros().into(),
        });
        let bought =
            account.recent.iter().map(|one| (one.security, one.acquired, one.quantity.micros().into()));
        Ok(Self {
            book,
            lost: lost.collect(),
            elsewhere: elsewhere.collect(),
            bought: bought.collect(),
            positions,
            accrued: account.accrued_through,
            applied: account.applied.as_ref().map(|last| (last.day, last.ids.clone())),
            disallowed: 0,
            today: market.as_of,
            rules: Rules::of(law_of(account, market)?),
            groups: Vec::new(),
            next: account.next_lot,
            disallowed_ever: 0,
            taken_from_events: 0,
        })
    }

    /// What happens before the day's trades.
    pub(crate) fn open(&mut self, run: &Run, postings: &Postings<'_>) -> Result<(), Error> {
        let market = &run.inputs.market;
        self.today = market.as_of;
        self.rules = Rules::of(law_of(&run.inputs.account, market)?);
        self.groups =
            market.securities.iter().map(|Security { identity_group, .. }| *identity_group).collect();
        self.disallowed = 0;
        self.pool();
        self.windows()?;
        self.actions(market, postings.opening)?;
        self.pool();
        self.fees(market, postings.opening)
    }

    /// The market value of all positions, signed, exactly.
    pub(crate) fn market_value(&self, market: &Market) -> Result<crate::Exact, Error> {
        let mut value = crate::Exact::ZERO;
        for ((security, short), shares) in &self.positions {
            let known = market.prices.len();
            let price = market.prices.get(*security as usize).ok_or(Error::NoSecurity {
                day: self.today,
                security: *security,
                known,
            })?;
            let one = crate::Exact::of(*price, self.qty(*shares)?);
            value = if *short { value - one } else { value + one };
        }
        Ok(value)
    }

    /// Shares given away, as the events name them.
    pub(crate) fn gifts(&mut self, run: &Run, postings: &Postings<'_>) -> Result<crate::Exact, Error> {
        let mut value = crate::Exact::ZERO;
        for event in postings.opening {
            if let samebits_snapshot::record::Event::Gift { lot, quantity, .. } = event {
                let shares = i128::from(quantity.micros());
                let security =
                    self.book.security(*lot).ok_or_else(|| self.fault(format!("gift of lot {lot}")))?;
                self.leave(*lot, shares)?;
                value += crate::Exact::of(run.inputs.market.prices[security as usize], *quantity);
            }
        }
        Ok(value)
    }

    /// The day's trades in their four steps.
    pub(crate) fn trade(&mut self, run: &Run) -> Result<(), Error> {
        let of = |side| run.outcome.trades.iter().filter(move |trade| trade.side == side);
        let mut losses = Vec::new();
        for trade in of(TradeSide::Sell) {
            losses.extend(self.sell(trade)?);
        }
        for loss in losses {
            self.after_sale(loss);
        }
        for trade in of(TradeSide::Buy) {
            self.buy(trade)?;
        }
        for trade in of(TradeSide::Short) {
            self.short(trade)?;
        }
        let mut losses = Vec::new();
        for trade in of(TradeSide::Cover) {
            losses.extend(self.cover(trade)?);
        }
        for loss in losses {
            self.after_cover(loss);
        }
        Ok(())
    }

    /// What the wash-sale rule took away today, by the recount.
    pub(crate) fn disallowed(&self) -> Result<Money, Error> {
        self.money(self.disallowed)
    }

    fn deny(&mut self, loss: i128) {
        self.disallowed += loss;
        self.disallowed_ever += loss;
    }

    fn group(&self, security: u32) -> u32 {
        // A security outside the universe has no group; the trade's price was looked up before.
        self.groups.get(security as usize).copied().unwrap_or(u32::MAX)
    }

    fn money(&self, micros: i128) -> Result<Money, Error> {
        i64::try_from(micros)
            .map(Money::from_micros)
            .map_err(|_| self.fault("an amount does not fit".to_owned()))
    }

    fn qty(&self, micros: i128) -> Result<Qty, Error> {
        i64::try_from(micros).map(Qty::from_micros).map_err(|_| self.fault("shares do not fit".to_owned()))
    }

    fn fault(&self, problem: String) -> Error {
        Error::Recount { day: self.today, problem }
    }

    /// First and last day of the window of a sale today.
    fn window(&self) -> (Date, Date) {
        let day = |days| self.today.plus_days(days).unwrap_or(self.today);
        (day(-self.rules.days), day(self.rules.days))
    }

    /// Takes the next lot id; `found` is the one that the record has.
    fn take_id(&mut self, found: Option<u64>) -> Result<u64, Error> {
        let id = self.next;
        self.next += 1;
        match found {
            Some(found) if found != id => {
                Err(self.fault(format!("the new lot has the id {found}; counted again it is {id}")))
            }
            _ => Ok(id),
        }
    }

    fn shift(&mut self, security: u32, short: bool, shares: i128) {
        *self.positions.entry((security, short)).or_default() += shares;
    }
}

/// `amount * part / whole`, rounded towards minus infinity; all of it for all shares.
fn part(amount: i128, shares: i128, whole: i128) -> i128 {
    if shares == whole { amount } else { (amount * shares).div_euclid(whole) }
}
