//! An integer plan: how many shares of each security are bought, how many are sold and from which lots.

use crate::Error;
use crate::book::Book;
use crate::problem::{Model, Variable};
use samebits_ledger::Order;
use samebits_snapshot::record::{Account, Market, TradeSide};
use samebits_units::{Bps, Money, Qty, rate};

/// One share, the unit of trading.
pub(crate) const SHARE: Qty = Qty::from_micros(1_000_000);

/// The plan of every security, with its money kept exact as it changes.
#[derive(Debug, Clone)]
pub(crate) struct Plan<'a> {
    pub(crate) book: &'a Book,
    pub(crate) model: &'a Model,
    market: &'a Market,
    costs: [Bps; 2],
    /// Ranks of the sellable lots of each security, in order of disposal.
    disposal: Vec<Vec<usize>>,
    /// Trade variable of each security's purchase.
    buy_variable: Vec<Option<usize>>,
    /// Trade variable of each lot, by security and rank.
    sell_variable: Vec<Vec<Option<usize>>>,
    /// Shares bought.
    pub(crate) bought: Vec<Qty>,
    /// Shares sold.
    pub(crate) sold: Vec<Qty>,
    /// Cash effect of each security, costs included.
    flow: Vec<Money>,
    /// Cash after the plan.
    pub(crate) cash: Money,
}

/// A change of a plan by one share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    BuyMore(usize),
    BuyLess(usize),
    SellMore(usize),
    SellLess(usize),
}

impl<'a> Plan<'a> {
    /// A plan without trades. Lots are disposed of in order of (tax + `gain_price` x gain, start of holding, id).
    pub(crate) fn new(
        account: &Account,
        market: &'a Market,
        book: &'a Book,
        model: &'a Model,
        costs: [Bps; 2],
        gain_price: f64,
    ) -> Self {
        let n = book.lots.len();
        let mut buy_variable = vec![None; n];
        let mut sell_variable: Vec<Vec<Option<usize>>> =
            book.lots.iter().map(|lots| vec![None; lots.len()]).collect();
        for (index, variable) in model.variables.iter().enumerate() {
            match *variable {
                Variable::Buy { security } => buy_variable[security] = Some(index),
                Variable::Sell { security, rank } => sell_variable[security][rank] = Some(index),
            }
        }
        let disposal = (0..n).map(|i| disposal(account, book, i, gain_price)).collect();
        Self {
            book,
            model,
            market,
            costs,
            disposal,
            buy_variable,
            sell_variable,
            bought: vec![Qty::ZERO; n],
            sold: vec![Qty::ZERO; n],
            flow: vec![Money::ZERO; n],
            cash: account.cash,
        }
    }

    /// Shares of `i` that may be sold.
    pub(crate) fn sellable(&self, i: usize) -> Result<Qty, Error> {
        Ok(Qty::total(self.disposal[i].iter().map(|&rank| self.book.lots[i][rank].quantity))?)
    }

    /// Sets the plan of security `i` and keeps the cash exact.
    pub(crate) fn set(&mut self, i: usize, bought: Qty, sold: Qty) -> Result<(), Error> {
        self.bought[i] = bought;
        self.sold[i] = sold;
        let before = self.flow[i];
        let mut flow = Money::ZERO;
        if bought.is_positive() {
            let notional = self.market.prices[i].value(bought)?;
            flow = flow.minus(notional)?.minus(notional.times(self.costs[0])?)?;
        }
        for (_, quantity) in self.allocation(i)? {
            let notional = self.market.prices[i].value(quantity)?;
            flow = flow.plus(notional)?.minus(notional.times(self.costs[1])?)?;
        }
        self.flow[i] = flow;
        self.cash = self.cash.plus(flow)?.minus(before)?;
        Ok(())
    }

    /// How the sale of security `i` is spread over its lots: (rank, shares), in order of disposal.
    pub(crate) fn allocation(&self, i: usize) -> Result<Vec<(usize, Qty)>, Error> {
        let mut left = self.sold[i];
        let mut parts = Vec::new();
        for &rank in &self.disposal[i] {
            if !left.is_positive() {
                break;
            }
            let held = self.book.lots[i][rank].quantity;
            let taken = if left < held { left } else { held };
            parts.push((rank, taken));
            left = left.minus(taken)?;
        }
        Ok(parts)
    }

    /// The trade variable that a move acts on and the signed change of it, in weight; `None` when it cannot be made.
    pub(crate) fn step(&self, action: Move) -> Result<Option<(usize, f64)>, Error> {
        let step = match action {
            Move::BuyMore(i) if self.sold[i].is_zero() => {
                self.buy_variable[i].map(|v| (v, self.book.share[i]))
            }
            Move::BuyLess(i) if self.bought[i].is_positive() => {
                self.buy_variable[i].map(|v| (v, -self.book.share[i]))
            }
            Move::SellMore(i) if self.bought[i].is_zero() => {
                let next = self.sold[i].plus(SHARE)?;
                if next <= self.sellable(i)? {
                    self.marginal(i, next).map(|v| (v, self.book.share[i]))
                } else {
                    None
                }
            }
            Move::SellLess(i) if self.sold[i] >= SHARE => {
                self.marginal(i, self.sold[i]).map(|v| (v, -self.book.share[i]))
            }
            _ => None,
        };
        Ok(step)
    }

    /// Makes a move.
    pub(crate) fn make(&mut self, action: Move) -> Result<(), Error> {
        let (i, bought, sold) = match action {
            Move::BuyMore(i) => (i, self.bought[i].plus(SHARE)?, self.sold[i]),
            Move::BuyLess(i) => (i, self.bought[i].minus(SHARE)?, self.sold[i]),
            Move::SellMore(i) => (i, self.bought[i], self.sold[i].plus(SHARE)?),
            Move::SellLess(i) => (i, self.bought[i], self.sold[i].minus(SHARE)?),
        };
        self.set(i, bought, sold)
    }

    /// The variable of the lot that the last of `sold` shares comes from.
    fn marginal(&self, i: usize, sold: Qty) -> Option<usize> {
        let mut reached = Qty::ZERO;
        for &rank in &self.disposal[i] {
            reached = reached.plus(self.book.lots[i][rank].quantity).ok()?;
            if sold <= reached {
                return self.sell_variable[i][rank];
            }
        }
        None
    }

    /// Notional of the trade in security `i`.
    pub(crate) fn ticket(&self, i: usize) -> Result<Money, Error> {
        Ok(self.market.prices[i].value(self.bought[i].plus(self.sold[i])?)?)
    }

    /// The plan as weights: (final weights, values of the trade variables).
    pub(crate) fn weights(&self) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let mut weights = self.book.held.clone();
        let mut trades = vec![0.0; self.model.variables.len()];
        let weight = |i: usize, quantity: Qty| -> Result<f64, Error> {
            Ok(rate::fraction(self.market.prices[i].value(quantity)?, self.book.nav))
        };
        for i in 0..weights.len() {
            if self.bought[i].is_zero() && self.sold[i].is_zero() {
                continue;
            }
            let held = Qty::total(self.book.lots[i].iter().map(|lot| lot.quantity))?;
            weights[i] = weight(i, held.plus(self.bought[i])?.minus(self.sold[i])?)?;
            if let Some(variable) = self.buy_variable[i] {
                trades[variable] = weight(i, self.bought[i])?;
            }
            for (rank, quantity) in self.allocation(i)? {
                if let Some(variable) = self.sell_variable[i][rank] {
                    trades[variable] = weight(i, quantity)?;
                }
            }
        }
        Ok((weights, trades))
    }

    /// The orders: sells before buys, by security, sells in order of disposal.
    pub(crate) fn orders(&self) -> Result<Vec<Order>, Error> {
        let mut orders = Vec::new();
        for i in 0..self.sold.len() {
            for (rank, quantity) in self.allocation(i)? {
                let lot = Some(self.book.lots[i][rank].id);
                orders.push(Order { side: TradeSide::Sell, security: i as u32, lot, quantity });
            }
        }
        let buys = self.bought.iter().enumerate().filter(|(_, quantity)| quantity.is_positive());
        orders.extend(buys.map(|(i, quantity)| Order {
            side: TradeSide::Buy,
            security: i as u32,
            lot: None,
            quantity: *quantity,
        }));
        Ok(orders)
    }
}

fn disposal(account: &Account, book: &Book, i: usize, gain_price: f64) -> Vec<usize> {
    let lots = &book.lots[i];
    let mut ranks: Vec<usize> = (0..lots.len()).filter(|&rank| lots[rank].sellable).collect();
    let price = |rank: usize| lots[rank].tax + gain_price * lots[rank].gain;
    let tie = |rank: usize| (account.lots[lots[rank].index].held_from, lots[rank].id);
    ranks.sort_by(|&a, &b| price(a).total_cmp(&price(b)).then_with(|| tie(a).cmp(&tie(b))));
    ranks
}
