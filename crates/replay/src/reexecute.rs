//! The same decision under another schedule: an execution difference followed to the lots and the tax that it changes.

use crate::record::decide_with_stages;
use crate::{Backend, Error};
use samebits_canon::Isa;
use samebits_snapshot::input_ids;
use samebits_snapshot::record::{Outcome, ParentFill, Run, Schedule, Trade, TradeSide};
use samebits_units::{Money, Qty};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A lot whose trade changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotChange {
    /// Index into `Market::securities`.
    pub security: u32,
    /// Direction.
    pub side: TradeSide,
    /// The lot sold or opened.
    pub lot: u64,
    /// Shares then and now.
    pub quantity: (Qty, Qty),
    /// Traded value then and now.
    pub notional: (Money, Money),
    /// Gain then and now.
    pub gain: (Money, Money),
}

/// What another schedule would have changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Reexecuted {
    /// Parent orders that filled differently: then and now.
    pub fills: Vec<(Option<ParentFill>, Option<ParentFill>)>,
    /// Lots whose trade changed, sells before buys, by security.
    pub lots: Vec<LotChange>,
    /// Shortfall then and now.
    pub shortfall: (Money, Money),
    /// Tax of the day then and now.
    pub tax: (Money, Money),
    /// Whether the weights have the same bits: execution comes after the decision.
    pub weights_equal: bool,
}

/// Decides the Run again with its bars under `schedule`.
///
/// # Errors
/// [`Error::NoExecution`] for a Run whose trades did not execute against bars, and as [`replay`](crate::replay).
pub fn reexecute(run: &Run, schedule: Schedule, isa: Isa) -> Result<Reexecuted, Error> {
    let mut inputs = run.inputs.clone();
    let tape = Arc::make_mut(&mut inputs.market).execution.as_mut().ok_or(Error::NoExecution)?;
    tape.schedule = schedule;
    let ids = input_ids(&inputs)?;
    let solver = Backend::cpu(isa).solver(&run.method.solver, 1)?;
    let (now, _) = decide_with_stages(&inputs, &ids, &run.method, solver.as_ref())?;
    Ok(compare(&run.outcome, &now))
}

fn compare(then: &Outcome, now: &Outcome) -> Reexecuted {
    let key = |trade: &Trade| (trade.side, trade.security, trade.lot);
    let mut lots: BTreeMap<_, (Option<&Trade>, Option<&Trade>)> = BTreeMap::new();
    for trade in &then.trades {
        lots.entry(key(trade)).or_default().0 = Some(trade);
    }
    for trade in &now.trades {
        lots.entry(key(trade)).or_default().1 = Some(trade);
    }
    let changed =
        lots.into_values().filter(|(then, now)| then != now).filter_map(|(then, now)| lot(then, now));
    let shortfall =
        |outcome: &Outcome| outcome.execution.as_ref().map_or(Money::ZERO, |executed| executed.shortfall);
    Reexecuted {
        fills: fills(then, now),
        lots: changed.collect(),
        shortfall: (shortfall(then), shortfall(now)),
        tax: (then.tax.change, now.tax.change),
        weights_equal: then.weights.len() == now.weights.len()
            && then.weights.iter().zip(&now.weights).all(|(a, b)| a.to_bits() == b.to_bits()),
    }
}

fn lot(then: Option<&Trade>, now: Option<&Trade>) -> Option<LotChange> {
    let one = then.or(now)?;
    let quantity = |trade: Option<&Trade>| trade.map_or(Qty::ZERO, |trade| trade.quantity);
    let notional = |trade: Option<&Trade>| trade.map_or(Money::ZERO, |trade| trade.notional);
    let gain = |trade: Option<&Trade>| trade.map_or(Money::ZERO, |trade| trade.gain);
    Some(LotChange {
        security: one.security,
        side: one.side,
        lot: one.lot,
        quantity: (quantity(then), quantity(now)),
        notional: (notional(then), notional(now)),
        gain: (gain(then), gain(now)),
    })
}

fn fills(then: &Outcome, now: &Outcome) -> Vec<(Option<ParentFill>, Option<ParentFill>)> {
    let list = |outcome: &Outcome| -> Vec<ParentFill> {
        outcome.execution.as_ref().map_or_else(Vec::new, |executed| executed.fills.clone())
    };
    let mut all: BTreeMap<_, (Option<ParentFill>, Option<ParentFill>)> = BTreeMap::new();
    let key = |fill: &ParentFill| (fill.side, fill.security);
    for fill in list(then) {
        let place = key(&fill);
        all.entry(place).or_default().0 = Some(fill);
    }
    for fill in list(now) {
        let place = key(&fill);
        all.entry(place).or_default().1 = Some(fill);
    }
    all.into_values().filter(|(then, now)| then != now).collect()
}
