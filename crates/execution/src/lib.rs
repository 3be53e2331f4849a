//! From trades to fills: a decision's trades become parent orders, a schedule cuts them, the executor fills them against
//! the bars that the Run pins, and the fills say at which prices, and how much of it, the day really settles.
//!
//! ```text
//! orders of the ledger -> parent orders -> schedule -> executor (match/1) -> fills -> orders and prices to settle
//! ```
//!
//! A tick is 1e-8 of the currency and a lot a millionth of a share: the integers of `units`, so nothing is converted. Each
//! bar is four prints of a quarter of its volume (open, nearer extreme, other extreme, close: `bar-path/1`). Purchases
//! settle in the order of securities while cash lasts: what it does not pay for does not trade.
//!
//! The bars are those of the session after the decision, and the fills are booked under the date of the Run: its holding
//! periods count from the decision.
#![deny(clippy::float_arithmetic)]

mod error;
mod schedule;
mod tape;

pub use error::Error;
/// The matching rules that new Runs name.
pub use samebits_executor::VERSION as RULES;

use samebits_executor::{
    Digest as Stream, Engine, Instrument, Market as Kind, Report, Rounding, Rules, Side, VERSION, What, run,
};
use samebits_ledger::{Costs, Order};
use samebits_snapshot::Digest;
use samebits_snapshot::record::{Executed, ExecutionTape, Market, ParentFill, TradeSide};
use samebits_units::{Money, Price, Qty};
use schedule::Child;

/// What a day's trades became.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    /// The orders with the shares that traded.
    pub orders: Vec<Order>,
    /// The market with the prices at which they did.
    pub market: Market,
    /// For the record.
    pub executed: Executed,
}

/// A trade of one security before it is cut.
#[derive(Debug, Clone, Copy)]
struct Parent {
    side: TradeSide,
    security: u32,
    ordered: Qty,
}

/// Executes `orders` (sells before buys, each by ascending security) against the tape of `market`; `None` without one.
///
/// `cash` is what the account holds before them.
///
/// # Errors
/// A tape of other matching rules, of another shape than the market, or that the executor cannot apply.
pub fn execute(
    orders: &[Order],
    market: &Market,
    cash: Money,
    costs: Costs,
) -> Result<Option<Execution>, Error> {
    let Some(tape) = &market.execution else { return Ok(None) };
    check(tape, market)?;
    let parents = parents(orders)?;
    let reports = fills(&parents, tape, market)?;
    let mut wallet = cash;
    let mut all = Vec::with_capacity(parents.len());
    let mut prices = market.prices.clone();
    let mut shortfall = Money::ZERO;
    for (number, parent) in parents.iter().enumerate() {
        let at = parent.security as usize;
        let (mut filled, average) = filled(&reports, number)?;
        if filled.is_positive() {
            if parent.side == TradeSide::Buy {
                filled = affordable(filled, average, wallet, costs)?;
            }
            wallet = settle(wallet, parent.side, average, filled, costs)?;
            prices[at] = average;
        }
        let cost = against(parent.side, market.prices[at], prices[at], filled)?;
        shortfall = shortfall.plus(cost)?;
        let average_e8 = if filled.is_positive() { average.e8() } else { 0 };
        let fill = ParentFill {
            side: parent.side,
            security: parent.security,
            ordered: parent.ordered,
            filled,
            average_e8,
            shortfall: cost,
        };
        all.push(fill);
    }
    let executed = Executed { rules: VERSION.to_owned(), digest: digest(&reports), fills: all, shortfall };
    let orders = cut(orders, &executed.fills)?;
    let market = Market { prices, ..market.clone() };
    Ok(Some(Execution { orders, market, executed }))
}

fn check(tape: &ExecutionTape, market: &Market) -> Result<(), Error> {
    if tape.rules != VERSION {
        return Err(Error::Rules { wanted: tape.rules.clone(), known: VERSION });
    }
    let wanted = market.securities.len();
    let found = [tape.open.len(), tape.high.len(), tape.low.len(), tape.close.len(), tape.volume.len()];
    match found.into_iter().find(|found| *found != wanted) {
        Some(found) => Err(Error::Shape { found, wanted }),
        None => Ok(()),
    }
}

/// One parent a security and side, in the order of the orders.
fn parents(orders: &[Order]) -> Result<Vec<Parent>, Error> {
    let mut all: Vec<Parent> = Vec::new();
    for order in orders {
        match all.last_mut() {
            Some(last) if last.security == order.security && last.side == order.side => {
                last.ordered = last.ordered.plus(order.quantity)?;
            }
            _ => all.push(Parent { side: order.side, security: order.security, ordered: order.quantity }),
        }
    }
    Ok(all)
}

/// Every report of every parent, by parent.
fn fills(parents: &[Parent], tape: &ExecutionTape, market: &Market) -> Result<Vec<Vec<Report>>, Error> {
    let mut all = Vec::with_capacity(parents.len());
    for parent in parents {
        let at = parent.security as usize;
        let name = &market.securities[at].ticker;
        let side = if parent.side.pays() { Side::Buy } else { Side::Sell };
        let child = Child::new(side, parent.ordered.micros(), tape.schedule);
        let symbol = (Instrument::new(name), Rules::new(Kind::Prints));
        let mut engine = Engine::new(vec![symbol], vec![Box::new(child)]);
        let mut reports = Vec::new();
        let bars = tape::bar(tape, at).map_err(|problem| Error::Bar { ticker: name.clone(), problem })?;
        run(&mut engine, &bars, &mut reports)
            .map_err(|source| Error::Tape { ticker: name.clone(), source })?;
        all.push(reports);
    }
    Ok(all)
}

/// Shares filled and their average price, rounded half to even.
fn filled(reports: &[Vec<Report>], number: usize) -> Result<(Qty, Price), Error> {
    let (mut lots, mut paid) = (0_i64, 0_i128);
    for report in reports[number].iter().filter(|report| report.what == What::Filled) {
        lots += report.qty;
        paid += i128::from(report.price) * i128::from(report.qty);
    }
    if lots == 0 {
        return Ok((Qty::ZERO, Price::ZERO));
    }
    let average = Rounding::HalfEven.divide(paid, i128::from(lots));
    let average =
        i64::try_from(average).map_err(|_| samebits_units::Error::Overflow { what: "average price" })?;
    // Whole shares settle: what a schedule leaves of a share does not trade.
    let whole = lots / SHARE * SHARE;
    Ok((Qty::from_micros(whole), Price::from_e8(average)))
}

const SHARE: i64 = 1_000_000;

fn settle(wallet: Money, side: TradeSide, price: Price, quantity: Qty, costs: Costs) -> Result<Money, Error> {
    let notional = price.value(quantity)?;
    Ok(if side.pays() {
        wallet.minus(notional)?.minus(notional.times(costs.buy)?)?
    } else {
        wallet.plus(notional)?.minus(notional.times(costs.sell)?)?
    })
}

/// The most whole shares up to `wanted` that the wallet pays for.
fn affordable(wanted: Qty, price: Price, wallet: Money, costs: Costs) -> Result<Qty, Error> {
    let (mut low, mut high) = (0, wanted.micros() / SHARE);
    while low < high {
        let middle = high - (high - low) / 2;
        let left = settle(wallet, TradeSide::Buy, price, Qty::from_micros(middle * SHARE), costs)?;
        if left.is_negative() {
            high = middle - 1;
        } else {
            low = middle;
        }
    }
    Ok(Qty::from_micros(low * SHARE))
}

/// What a fill cost against the decision's price: positive is worse.
fn against(side: TradeSide, decided: Price, filled: Price, quantity: Qty) -> Result<Money, Error> {
    let (then, now) = (decided.value(quantity)?, filled.value(quantity)?);
    Ok(if side.pays() { now.minus(then)? } else { then.minus(now)? })
}

/// The orders cut to what their parents filled, lot by lot in their order.
fn cut(orders: &[Order], fills: &[ParentFill]) -> Result<Vec<Order>, Error> {
    let mut left: Vec<Qty> = fills.iter().map(|fill| fill.filled).collect();
    let mut all = Vec::with_capacity(orders.len());
    for order in orders {
        let at = fills.iter().position(|fill| fill.security == order.security && fill.side == order.side);
        let Some(left) = at.and_then(|at| left.get_mut(at)) else { continue };
        let quantity = if order.quantity < *left { order.quantity } else { *left };
        *left = left.minus(quantity)?;
        if quantity.is_positive() {
            all.push(Order { quantity, ..order.clone() });
        }
    }
    Ok(all)
}

fn digest(reports: &[Vec<Report>]) -> Digest {
    let mut stream = samebits_executor::Stream::default();
    for report in reports.iter().flatten() {
        stream.push(&report.bytes());
    }
    let Stream(bytes) = stream.digest();
    Digest::of("samebits 2026 execution", &bytes)
}
