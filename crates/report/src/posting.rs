//! The events of a day by what they are, and each trade against its event.
#![deny(clippy::float_arithmetic)]

use crate::{Error, Exact};
use samebits_ledger::law_of;
use samebits_snapshot::record::{CashReason, Event, Run, Trade, TradeSide};
use samebits_units::{Date, Money};

/// The events of a day in two parts.
pub(crate) struct Postings<'a> {
    /// Windows, the year, actions, fees, flows.
    pub(crate) opening: &'a [Event],
    /// Trades and what follows from them.
    pub(crate) trading: &'a [Event],
}

/// Sums over the events of a day; costs, fees and losses are positive amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Posted {
    pub(crate) contributions: Money,
    pub(crate) withdrawals: Money,
    pub(crate) gifts: Money,
    /// Basis that left with gifts.
    pub(crate) given_basis: Money,
    pub(crate) dividends: Money,
    pub(crate) in_lieu: Money,
    pub(crate) borrow: Money,
    pub(crate) levies: Money,
    /// Cash of corporate actions besides dividends, lots that they closed included.
    pub(crate) action_cash: Money,
    /// Results of corporate actions, as they are counted.
    pub(crate) action_gains: Money,
    /// Disallowed losses.
    pub(crate) disallowed: Money,
    /// The part of `disallowed` that is in no basis of this account.
    pub(crate) gone: Money,
    /// Basis counted beyond the cost (grandfathering).
    pub(crate) deemed: Money,
    /// Losses of the day by bucket, before disallowances: short-term, long-term.
    pub(crate) lost: [Money; 2],
    /// Of `lost`, what the day's own matches disallowed.
    pub(crate) undone: [Money; 2],
    /// Results by bucket after disallowances.
    pub(crate) realised: [Money; 2],
}

/// What an event adds to the results of the year.
struct Counted {
    amount: Money,
    long_term: bool,
    disallows: Option<Date>,
}

/// Cuts the events where the day's trades begin, and compares every trade with its event.
pub(crate) fn split(run: &Run) -> Result<Postings<'_>, Error> {
    let (events, trades) = (&run.outcome.events, &run.outcome.trades);
    let own = |event: &Event| match event {
        Event::Close { .. } => Some(TradeSide::Sell),
        Event::Open { .. } => Some(TradeSide::Buy),
        Event::ShortOpen { .. } => Some(TradeSide::Short),
        Event::ShortClose { .. } => Some(TradeSide::Cover),
        _ => None,
    };
    // Corporate actions close lots before the trades do, so the last events of each side are the trades'.
    let mut first = events.len();
    for side in [TradeSide::Sell, TradeSide::Buy, TradeSide::Short, TradeSide::Cover] {
        let of: Vec<usize> = (0..events.len()).filter(|at| own(&events[*at]) == Some(side)).collect();
        let wanted: Vec<(usize, &Trade)> =
            trades.iter().enumerate().filter(|(_, trade)| trade.side == side).collect();
        let skipped = of.len().checked_sub(wanted.len());
        let Some(skipped) = skipped else {
            let missing = wanted.iter().enumerate().find(|(at, (_, trade))| {
                of.get(*at).is_none_or(|event| lot_of(&events[*event]) != trade.lot)
            });
            let (index, trade) = missing.map_or(wanted[0], |(_, trade)| *trade);
            return Err(differs(run, index, trade, "no event of the ledger belongs to it".to_owned()));
        };
        for ((index, trade), at) in wanted.into_iter().zip(&of[skipped..]) {
            agree(run, index, trade, &events[*at])?;
            first = first.min(*at);
        }
        if skipped > 0 && matches!(side, TradeSide::Buy | TradeSide::Short) {
            let problem = "the ledger opens a lot that no trade bought or sold short".to_owned();
            return Err(Error::Recount { day: run.inputs.question.as_of, problem });
        }
    }
    let (opening, trading) = events.split_at(first);
    Ok(Postings { opening, trading })
}

fn lot_of(event: &Event) -> u64 {
    match event {
        Event::Close { lot, .. }
        | Event::Open { lot, .. }
        | Event::ShortOpen { lot, .. }
        | Event::ShortClose { lot, .. } => *lot,
        _ => 0,
    }
}

fn differs(run: &Run, index: usize, trade: &Trade, problem: String) -> Error {
    let ticker = ticker(run, trade.security);
    Error::TradeEvent { day: run.inputs.question.as_of, index, ticker, problem }
}

pub(crate) fn ticker(run: &Run, security: u32) -> String {
    let known = run.inputs.market.securities.get(security as usize);
    known.map_or_else(|| format!("security {security}"), |security| security.ticker.clone())
}

/// Lot, shares, cash and gain of a trade and its event are the same.
fn agree(run: &Run, index: usize, trade: &Trade, event: &Event) -> Result<(), Error> {
    let (net_in, net_out) = (trade.notional.minus(trade.cost)?, trade.notional.plus(trade.cost)?);
    let (lot, quantity, cash, expected, gain) = match event {
        Event::Close { lot, quantity, proceeds, basis, deemed, .. } => {
            (*lot, *quantity, *proceeds, net_in, proceeds.minus(deemed.unwrap_or(*basis))?)
        }
        Event::Open { lot, quantity, basis, .. } => (*lot, *quantity, *basis, net_out, Money::ZERO),
        Event::ShortOpen { lot, quantity, proceeds, .. } => (*lot, *quantity, *proceeds, net_in, Money::ZERO),
        Event::ShortClose { lot, quantity, proceeds, paid, .. } => {
            (*lot, *quantity, *paid, net_out, proceeds.minus(*paid)?)
        }
        _ => return Ok(()),
    };
    let problem = if lot != trade.lot {
        format!("lot {}, its event has lot {lot}", trade.lot)
    } else if quantity != trade.quantity {
        format!("{} shares, its event has {quantity}", trade.quantity)
    } else if cash != expected {
        format!("notional and cost make {expected}, its event has {cash}")
    } else if gain != trade.gain {
        format!("gain {}, its event makes {gain}", trade.gain)
    } else {
        return Ok(());
    };
    Err(differs(run, index, trade, problem))
}

/// Every trade is at the price of the day, or at the average of its fill.
pub(crate) fn prices(run: &Run) -> Result<(), Error> {
    let (day, market) = (run.inputs.question.as_of, &run.inputs.market);
    for (index, trade) in run.outcome.trades.iter().enumerate() {
        let known = market.prices.len();
        let mut price = *market.prices.get(trade.security as usize).ok_or(Error::NoSecurity {
            day,
            security: trade.security,
            known,
        })?;
        if let Some(executed) = &run.outcome.execution {
            let own =
                executed.fills.iter().find(|fill| fill.security == trade.security && fill.side == trade.side);
            price = own.map_or(price, |fill| samebits_units::Price::from_e8(fill.average_e8));
        }
        let (expected, found, quantity) = (price.value(trade.quantity)?, trade.notional, trade.quantity);
        if expected != found {
            let ticker = ticker(run, trade.security);
            return Err(Error::TradePrice { day, index, ticker, quantity, expected, found });
        }
    }
    Ok(())
}

impl Posted {
    /// The sums of a day.
    pub(crate) fn new(run: &Run, postings: &Postings<'_>) -> Result<Self, Error> {
        let mut posted = Self::default();
        for event in postings.opening {
            posted.actions(event)?;
            posted.cash(event)?;
            posted.result(event, run.inputs.market.as_of)?;
        }
        for event in postings.trading {
            posted.cash(event)?;
            posted.result(event, run.inputs.market.as_of)?;
        }
        Ok(posted)
    }

    /// Lots that an action closed, and gains without a sale.
    fn actions(&mut self, event: &Event) -> Result<(), Error> {
        match event {
            Event::Close { proceeds, basis, deemed, .. } => {
                self.action_cash = self.action_cash.plus(*proceeds)?;
                self.action_gains = self.action_gains.plus(proceeds.minus(deemed.unwrap_or(*basis))?)?;
            }
            Event::ShortClose { proceeds, paid, .. } => {
                self.action_cash = self.action_cash.minus(*paid)?;
                self.action_gains = self.action_gains.plus(proceeds.minus(*paid)?)?;
            }
            Event::Gain { amount, .. } => self.action_gains = self.action_gains.plus(*amount)?,
            _ => {}
        }
        Ok(())
    }

    fn cash(&mut self, event: &Event) -> Result<(), Error> {
        match event {
            Event::Cash { reason, amount, .. } => match reason {
                CashReason::Dividend => self.dividends = self.dividends.plus(*amount)?,
                CashReason::InLieu => self.in_lieu = self.in_lieu.minus(*amount)?,
                CashReason::Borrow => self.borrow = self.borrow.minus(*amount)?,
                CashReason::Contribution => self.contributions = self.contributions.plus(*amount)?,
                CashReason::Withdrawal => self.withdrawals = self.withdrawals.minus(*amount)?,
                CashReason::Levy => self.levies = self.levies.minus(*amount)?,
                CashReason::ReturnOfCapital | CashReason::Exchange => {
                    self.action_cash = self.action_cash.plus(*amount)?;
                }
            },
            Event::Gift { basis, value, .. } => {
                self.gifts = self.gifts.plus(*value)?;
                self.given_basis = self.given_basis.plus(*basis)?;
            }
            Event::Close { basis, deemed: Some(deemed), .. } => {
                self.deemed = self.deemed.plus(deemed.minus(*basis)?)?;
            }
            Event::WashOutside { loss, .. } => self.gone = self.gone.plus(*loss)?,
            Event::Superficial { denied, added, .. } => self.gone = self.gone.plus(denied.minus(*added)?)?,
            _ => {}
        }
        Ok(())
    }

    fn result(&mut self, event: &Event, today: Date) -> Result<(), Error> {
        let Some(result) = counted(event)? else { return Ok(()) };
        let bucket = usize::from(result.long_term);
        self.realised[bucket] = self.realised[bucket].plus(result.amount)?;
        match result.disallows {
            None if result.amount.is_negative() => {
                self.lost[bucket] = self.lost[bucket].minus(result.amount)?;
            }
            None => {}
            Some(sold) => {
                self.disallowed = self.disallowed.plus(result.amount)?;
                if sold == today {
                    self.undone[bucket] = self.undone[bucket].plus(result.amount)?;
                }
            }
        }
        Ok(())
    }
}

fn counted(event: &Event) -> Result<Option<Counted>, Error> {
    let (amount, long_term, disallows) = match event {
        Event::Close { proceeds, basis, long_term, deemed, .. } => {
            (proceeds.minus(deemed.unwrap_or(*basis))?, *long_term, None)
        }
        Event::ShortClose { proceeds, paid, long_term, .. } => (proceeds.minus(*paid)?, *long_term, None),
        Event::Gain { amount, long_term, .. } => (*amount, *long_term, None),
        Event::WashDefer { loss, long_term, sold, .. }
        | Event::WashOutside { loss, long_term, sold, .. }
        | Event::ShortDefer { loss, long_term, closed: sold, .. } => (*loss, *long_term, Some(*sold)),
        Event::Superficial { denied, sold, .. } => (*denied, false, Some(*sold)),
        _ => return Ok(None),
    };
    Ok(Some(Counted { amount, long_term, disallows }))
}

/// Levies are the law's rates on each trade's notional; contributions and withdrawals are those of the parameters.
pub(crate) fn charges(run: &Run, posted: &Posted) -> Result<(), Error> {
    let (day, inputs) = (run.inputs.question.as_of, &run.inputs);
    let law = law_of(&inputs.account, &inputs.market)?;
    let rates = law.system.as_ref().map(|system| system.levies).unwrap_or_default();
    let mut levies = Money::ZERO;
    for trade in &run.outcome.trades {
        levies =
            levies.plus(trade.notional.times(if trade.side.pays() { rates.buy } else { rates.sell })?)?;
    }
    let asked = |name: &str| match inputs.params.settings.get(name).map(|setting| &setting.value) {
        Some(samebits_snapshot::record::Value::Integer(units)) => Money::from_units(*units),
        _ => Ok(Money::ZERO),
    };
    for (what, expected, found) in [
        ("the levy", levies, posted.levies),
        ("the contribution", asked("contribution_currency")?, posted.contributions),
        ("the withdrawal", asked("withdrawal_currency")?, posted.withdrawals),
    ] {
        if expected != found {
            return Err(Error::Cash { day, what: what.to_owned(), expected, found });
        }
    }
    Ok(())
}

/// What trades made against the day's prices, exactly: positive where they were better.
pub(crate) fn execution(run: &Run) -> Exact {
    let against = |trade: &Trade| {
        let at_price = Exact::of(run.inputs.market.prices[trade.security as usize], trade.quantity);
        let paid = Exact::from(trade.notional);
        if trade.side.pays() { at_price - paid } else { paid - at_price }
    };
    run.outcome.trades.iter().map(against).sum()
}
