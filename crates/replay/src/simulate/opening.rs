//! How an account starts.

use super::market::market;
use super::scenario::{AccountPlan, Funding};
use super::world::World;
use crate::Error;
use samebits_ledger::{Costs, Flows, Order, law_of, open_day, settle};
use samebits_snapshot::record::{Account, Lot, TradeSide};
use samebits_units::{Bps, Date, Money, Qty};

/// Purchases of an earlier funding cost this much, in hundredths of a basis point.
const FUNDING_COST: i32 = 500;
/// Part of the money that an earlier funding invests; the rest stays in cash.
const INVESTED: f64 = 0.995;
/// Of a concentrated holding: part of the money in the one name, its cost against today's price, and its age.
const CONCENTRATED: (f64, f64, i16) = (0.667, 0.333, 5);

/// The account before its first Run at session `first`.
pub(crate) fn opening(world: &World, plan: &AccountPlan, first: usize) -> Result<Account, Error> {
    match plan.funding {
        Funding::Cash => empty(world, plan, first),
        Funding::Earlier { sessions } => invested(world, plan, first, sessions),
        Funding::Old { sessions } => {
            let mut account = invested(world, plan, first, sessions)?;
            for lot in &mut account.lots {
                lot.acquired = lot.acquired.plus_years(-1)?;
                lot.held_from = lot.held_from.plus_years(-1)?;
            }
            Ok(account)
        }
        Funding::Concentrated => concentrated(world, plan, first),
    }
}

fn empty(world: &World, plan: &AccountPlan, session: usize) -> Result<Account, Error> {
    let market = market(world, session, session)?;
    let mut account = Account {
        cash: plan.funded,
        rates: plan.rates,
        rate_changes: plan.rate_changes.clone(),
        holder: plan.holder.clone(),
        next_lot: 1,
        ..Account::default()
    };
    account.tax_year = samebits_tax::tax_year(law_of(&account, &market)?, market.as_of)?;
    Ok(account)
}

/// Whole shares at the benchmark's weights, bought at the close `sessions` before `first`; corporate actions since then
/// are applied.
fn invested(world: &World, plan: &AccountPlan, first: usize, sessions: usize) -> Result<Account, Error> {
    let then = first.checked_sub(sessions).ok_or(Error::TooShort { found: first, needed: sessions })?;
    let account = empty(world, plan, then)?;
    let market = market(world, then, then)?;
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
    let mut account = settle(&account, &market, &orders, Costs { buy: cost, sell: cost })?.account;
    let flows = Flows { cash_in_lieu: true, ..Flows::default() };
    for session in then + 1..first {
        if !world.actions(session).is_empty() {
            account = open_day(&account, &self::market(world, session, session)?, &flows)?.0;
        }
    }
    Ok(account)
}

fn concentrated(world: &World, plan: &AccountPlan, first: usize) -> Result<Account, Error> {
    let mut account = empty(world, plan, first)?;
    let market = market(world, first, first)?;
    let (part, cost, years) = CONCENTRATED;
    let heavier = |best: usize, i: usize| {
        if market.benchmark.weights[i] > market.benchmark.weights[best] { i } else { best }
    };
    let security = (0..market.prices.len()).fold(0, heavier);
    let price = market.prices[security];
    let money = part * plan.funded.micros() as f64 / 1e6;
    let quantity = Qty::from_shares((money / samebits_units::rate::price(price)).floor() as i64)?;
    let value = price.value(quantity)?;
    let basis = Money::from_micros((cost * value.micros() as f64).round() as i64);
    let acquired: Date = market.as_of.plus_years(-years)?;
    account.lots.push(Lot {
        id: account.next_lot,
        parent: None,
        security: security as u32,
        quantity,
        basis,
        acquired,
        held_from: acquired,
        replacement: false,
        fair_value: None,
    });
    account.next_lot += 1;
    account.cash = account.cash.minus(value)?;
    Ok(account)
}
