//! An integer plan: how many shares of each security are opened, how many are closed and from which lots.
//!
//! A security is planned long (opening buys, closing sells) or short (opening sells short, closing covers): one of the two
//! a day.

use crate::Error;
use crate::book::{Book, Terms};
use crate::problem::{Model, Variable};
use samebits_ledger::{Costs, Order};
use samebits_snapshot::record::{Levies, Market, Trade, TradeSide};
use samebits_units::{Money, Qty, rate};
use std::collections::BTreeMap;

/// One share, the unit of trading.
pub(crate) const SHARE: Qty = Qty::from_micros(1_000_000);

/// Which kind of position a security is planned as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Long,
    Short,
}

impl Mode {
    /// Whether opening pays for shares.
    pub(crate) const fn opening_pays(self) -> bool {
        matches!(self, Self::Long)
    }
}

/// The plan of every security, with its money kept exact as it changes.
#[derive(Debug, Clone)]
pub(crate) struct Plan<'a> {
    pub(crate) book: &'a Book,
    pub(crate) model: &'a Model,
    market: &'a Market,
    costs: Costs,
    levies: Levies,
    /// Ranks of the lots of each security that may be closed, in order of disposal.
    disposal: Vec<[Vec<usize>; 2]>,
    /// Trade variable that opens each security: long, short.
    open_variable: Vec<[Option<usize>; 2]>,
    /// Trade variable of each lot, by security and rank: long, short.
    close_variable: Vec<[Vec<Option<usize>>; 2]>,
    /// Which kind of position.
    pub(crate) mode: Vec<Mode>,
    /// Shares bought, or sold short.
    pub(crate) opened: Vec<Qty>,
    /// Shares sold, or covered.
    pub(crate) closed: Vec<Qty>,
    /// Cash effect of each security, costs included.
    flow: Vec<Money>,
    /// Cash after the plan.
    pub(crate) cash: Money,
}

/// A change of a plan by one share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    OpenMore(usize),
    OpenLess(usize),
    CloseMore(usize),
    CloseLess(usize),
}

impl Move {
    pub(crate) const fn security(self) -> usize {
        let (Self::OpenMore(i) | Self::OpenLess(i) | Self::CloseMore(i) | Self::CloseLess(i)) = self;
        i
    }
}

impl<'a> Plan<'a> {
    /// A plan without trades. Lots are disposed of in order of (tax + price of the gain budgets x gain, start of holding,
    /// id); `gain_prices` are those of short-term and long-term gains.
    pub(crate) fn new(
        terms: &Terms<'a>,
        book: &'a Book,
        model: &'a Model,
        costs: Costs,
        gain_prices: [f64; 2],
    ) -> Self {
        let n = book.lots.len();
        let mut open_variable = vec![[None; 2]; n];
        let mut close_variable: Vec<[Vec<Option<usize>>; 2]> =
            (0..n).map(|i| [vec![None; book.lots[i].len()], vec![None; book.shorts[i].len()]]).collect();
        for (index, variable) in model.variables.iter().enumerate() {
            match *variable {
                Variable::Buy { security } => open_variable[security][0] = Some(index),
                Variable::Short { security } => open_variable[security][1] = Some(index),
                Variable::Sell { security, rank } => close_variable[security][0][rank] = Some(index),
                Variable::Cover { security, rank } => close_variable[security][1][rank] = Some(index),
            }
        }
        let disposal = (0..n).map(|i| book.disposal(i, terms, gain_prices)).collect();
        let mode = |i: usize| if book.is_short(i) { Mode::Short } else { Mode::Long };
        Self {
            book,
            model,
            market: terms.market,
            costs,
            levies: terms.law.system.as_ref().map(|system| system.levies).unwrap_or_default(),
            disposal,
            open_variable,
            close_variable,
            mode: (0..n).map(mode).collect(),
            opened: vec![Qty::ZERO; n],
            closed: vec![Qty::ZERO; n],
            flow: vec![Money::ZERO; n],
            cash: terms.account.cash,
        }
    }

    /// Plans what was traded.
    ///
    /// # Errors
    /// [`Error::NotKept`] for a trade that no plan has: of a security that there is not, or on the other side of a position
    /// or of another trade of its security.
    pub(crate) fn take(&mut self, trades: &[Trade]) -> Result<(), Error> {
        let other = Error::NotKept { part: "trades" };
        let n = self.mode.len();
        let (mut opened, mut closed) = (vec![Qty::ZERO; n], vec![Qty::ZERO; n]);
        let mut traded: BTreeMap<usize, Mode> = BTreeMap::new();
        for trade in trades {
            let i = trade.security as usize;
            let (mode, sums) = match trade.side {
                TradeSide::Buy => (Mode::Long, &mut opened),
                TradeSide::Sell => (Mode::Long, &mut closed),
                TradeSide::Short => (Mode::Short, &mut opened),
                TradeSide::Cover => (Mode::Short, &mut closed),
            };
            if i >= n || *traded.entry(i).or_insert(mode) != mode {
                return Err(other);
            }
            sums[i] = sums[i].plus(trade.quantity)?;
        }
        for (i, mode) in traded {
            if mode != self.mode[i] {
                if self.book.held[i] != 0.0 {
                    return Err(other);
                }
                self.set_mode(i, mode);
            }
            self.set(i, opened[i], closed[i])?;
        }
        Ok(())
    }

    fn kind(&self, i: usize) -> usize {
        usize::from(self.mode[i] == Mode::Short)
    }

    fn lot_quantity(&self, i: usize, rank: usize) -> Qty {
        match self.mode[i] {
            Mode::Long => self.book.lots[i][rank].quantity,
            Mode::Short => self.book.shorts[i][rank].quantity,
        }
    }

    /// Shares of `i` that may be closed.
    pub(crate) fn closable(&self, i: usize) -> Result<Qty, Error> {
        let ranks = self.disposal[i][self.kind(i)].iter();
        Ok(Qty::total(ranks.map(|&rank| self.lot_quantity(i, rank)))?)
    }

    /// Plans security `i`, without a position, as `mode`.
    pub(crate) fn set_mode(&mut self, i: usize, mode: Mode) {
        self.mode[i] = mode;
    }

    /// Sets the plan of security `i` and keeps the cash exact.
    pub(crate) fn set(&mut self, i: usize, opened: Qty, closed: Qty) -> Result<(), Error> {
        self.opened[i] = opened;
        self.closed[i] = closed;
        let before = self.flow[i];
        let pays = self.mode[i].opening_pays();
        let mut flow = Money::ZERO;
        if opened.is_positive() {
            flow = flow.plus(self.cash_of(i, opened, pays)?)?;
        }
        for (_, quantity) in self.allocation(i)? {
            flow = flow.plus(self.cash_of(i, quantity, !pays)?)?;
        }
        self.flow[i] = flow;
        self.cash = self.cash.plus(flow)?.minus(before)?;
        Ok(())
    }

    /// Cash that a trade in one lot gives, or takes.
    fn cash_of(&self, i: usize, quantity: Qty, pays: bool) -> Result<Money, Error> {
        let notional = self.market.prices[i].value(quantity)?;
        let (cost, levy) =
            if pays { (self.costs.buy, self.levies.buy) } else { (self.costs.sell, self.levies.sell) };
        let charges = notional.times(cost)?.plus(notional.times(levy)?)?;
        let signed = if pays { notional.negated()? } else { notional };
        Ok(signed.minus(charges)?)
    }

    /// How what is closed of security `i` is spread over its lots: (rank, shares), in order of disposal.
    pub(crate) fn allocation(&self, i: usize) -> Result<Vec<(usize, Qty)>, Error> {
        let mut left = self.closed[i];
        let mut parts = Vec::new();
        for &rank in &self.disposal[i][self.kind(i)] {
            if !left.is_positive() {
                break;
            }
            let held = self.lot_quantity(i, rank);
            let taken = if left < held { left } else { held };
            parts.push((rank, taken));
            left = left.minus(taken)?;
        }
        Ok(parts)
    }

    /// The trade variable that a move acts on and the signed change of it, in weight; `None` when it cannot be made.
    pub(crate) fn step(&self, action: Move) -> Result<Option<(usize, f64)>, Error> {
        let i = action.security();
        let (opens, share) = (self.open_variable[i][self.kind(i)], self.book.share[i]);
        let step = match action {
            Move::OpenMore(_) if self.closed[i].is_zero() => opens.map(|v| (v, share)),
            Move::OpenLess(_) if self.opened[i].is_positive() => opens.map(|v| (v, -share)),
            Move::CloseMore(_) if self.opened[i].is_zero() => {
                let next = self.closed[i].plus(SHARE)?;
                if next <= self.closable(i)? { self.marginal(i, next).map(|v| (v, share)) } else { None }
            }
            Move::CloseLess(_) if self.closed[i] >= SHARE => {
                self.marginal(i, self.closed[i]).map(|v| (v, -share))
            }
            _ => None,
        };
        Ok(step)
    }

    /// Makes a move.
    pub(crate) fn make(&mut self, action: Move) -> Result<(), Error> {
        let i = action.security();
        let (opened, closed) = match action {
            Move::OpenMore(_) => (self.opened[i].plus(SHARE)?, self.closed[i]),
            Move::OpenLess(_) => (self.opened[i].minus(SHARE)?, self.closed[i]),
            Move::CloseMore(_) => (self.opened[i], self.closed[i].plus(SHARE)?),
            Move::CloseLess(_) => (self.opened[i], self.closed[i].minus(SHARE)?),
        };
        self.set(i, opened, closed)
    }

    /// The variable of the lot that the last of `closed` shares comes from.
    fn marginal(&self, i: usize, closed: Qty) -> Option<usize> {
        let mut reached = Qty::ZERO;
        for &rank in &self.disposal[i][self.kind(i)] {
            reached = reached.plus(self.lot_quantity(i, rank)).ok()?;
            if closed <= reached {
                return self.close_variable[i][self.kind(i)][rank];
            }
        }
        None
    }

    /// Value of a share of security `i`.
    pub(crate) fn share_value(&self, i: usize) -> Result<Money, Error> {
        Ok(self.market.prices[i].value(SHARE)?)
    }

    /// Notional of the trade in security `i`.
    pub(crate) fn ticket(&self, i: usize) -> Result<Money, Error> {
        Ok(self.market.prices[i].value(self.opened[i].plus(self.closed[i])?)?)
    }

    /// Shares of security `i` after the plan, without their sign.
    pub(crate) fn position(&self, i: usize) -> Result<Qty, Error> {
        let held = match self.mode[i] {
            Mode::Long => Qty::total(self.book.lots[i].iter().map(|lot| lot.quantity))?,
            Mode::Short => Qty::total(self.book.shorts[i].iter().map(|lot| lot.quantity))?,
        };
        Ok(held.plus(self.opened[i])?.minus(self.closed[i])?)
    }

    /// The plan as weights: (final weights, values of the trade variables).
    pub(crate) fn weights(&self) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let mut weights = self.book.held.clone();
        let mut trades = vec![0.0; self.model.variables.len()];
        let weight = |i: usize, quantity: Qty| -> Result<f64, Error> {
            Ok(rate::fraction(self.market.prices[i].value(quantity)?, self.book.nav))
        };
        for i in 0..weights.len() {
            if self.opened[i].is_zero() && self.closed[i].is_zero() {
                continue;
            }
            let size = weight(i, self.position(i)?)?;
            weights[i] = if self.mode[i] == Mode::Short { -size } else { size };
            if let Some(variable) = self.open_variable[i][self.kind(i)] {
                trades[variable] = weight(i, self.opened[i])?;
            }
            for (rank, quantity) in self.allocation(i)? {
                if let Some(variable) = self.close_variable[i][self.kind(i)][rank] {
                    trades[variable] = weight(i, quantity)?;
                }
            }
        }
        Ok((weights, trades))
    }

    /// The orders: sells, buys, short sales, covers, each by security, lots in order of disposal.
    pub(crate) fn orders(&self) -> Result<Vec<Order>, Error> {
        let mut orders = Vec::new();
        for mode in [Mode::Long, Mode::Short] {
            let (open, close) = match mode {
                Mode::Long => (TradeSide::Buy, TradeSide::Sell),
                Mode::Short => (TradeSide::Short, TradeSide::Cover),
            };
            let own: Vec<usize> = (0..self.mode.len()).filter(|&i| self.mode[i] == mode).collect();
            let mut closes = Vec::new();
            for &i in &own {
                for (rank, quantity) in self.allocation(i)? {
                    let id = match mode {
                        Mode::Long => self.book.lots[i][rank].id,
                        Mode::Short => self.book.shorts[i][rank].id,
                    };
                    closes.push(Order { side: close, security: i as u32, lot: Some(id), quantity });
                }
            }
            let opening = own.into_iter().filter(|&i| self.opened[i].is_positive());
            let opens = opening.map(|i| {
                let quantity = self.opened[i];
                Order { side: open, security: i as u32, lot: None, quantity }
            });
            // Sells before buys, short sales before covers.
            match mode {
                Mode::Long => {
                    orders.append(&mut closes);
                    orders.extend(opens);
                }
                Mode::Short => {
                    orders.extend(opens);
                    orders.append(&mut closes);
                }
            }
        }
        Ok(orders)
    }
}
