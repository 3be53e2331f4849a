//! How an account starts.

use super::market::market;
use super::scenario::{AccountPlan, Funding};
use crate::Error;
use samebits_ledger::{Costs, Order, settle};
use samebits_panel::Panel;
use samebits_snapshot::record::{Account, Carry, Realised, TradeSide};
use samebits_units::{Bps, Date, Qty};

/// Purchases of an earlier funding cost this much, in hundredths of a basis point.
const FUNDING_COST: i32 = 500;
/// Part of the money that an earlier funding invests; the rest stays in cash.
const INVESTED: f64 = 0.995;

/// The account before its first Run at `first`.
pub(crate) fn opening(panel: &Panel, plan: &AccountPlan, first: usize) -> Result<Account, Error> {
    match plan.funding {
        Funding::Cash => Ok(empty(plan, panel.dates[first])),
        Funding::Earlier { sessions } => {
            let then =
                first.checked_sub(sessions).ok_or(Error::TooShort { found: first, needed: sessions })?;
            invested(panel, plan, then)
        }
    }
}

fn empty(plan: &AccountPlan, day: Date) -> Account {
    Account {
        cash: plan.funded,
        lots: Vec::new(),
        locks: Vec::new(),
        rates: plan.rates,
        realised: Realised::default(),
        carry: Carry::default(),
        tax_year: day.year(),
        next_lot: 1,
        ..Account::default()
    }
}

/// Whole shares at the benchmark's weights, bought at the close of session `then`.
fn invested(panel: &Panel, plan: &AccountPlan, then: usize) -> Result<Account, Error> {
    let account = empty(plan, panel.dates[then]);
    let market = market(panel, then, then);
    let mut orders = Vec::new();
    for (i, (weight, price)) in market.benchmark.weights.iter().zip(&market.prices).enumerate() {
        let budget = INVESTED * weight * plan.funded.micros() as f64 / 1e6;
        let shares = (budget / samebits_units::rate::price(*price)).floor() as i64;
        if shares > 0 {
            let quantity = Qty::from_shares(shares)?;
            orders.push(Order { side: TradeSide::Buy, security: i as u32, lot: None, quantity });
        }
    }
    let cost = Bps::from_hundredths(FUNDING_COST);
    Ok(settle(&account, &market, &orders, Costs { buy: cost, sell: cost })?.account)
}
