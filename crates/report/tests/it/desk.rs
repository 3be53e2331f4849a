//! Runs made by hand: a market and orders in, what the ledger makes of them out. No solver takes part.

use samebits_ledger::{Costs, Flows, Order, day_tax, open_day, settle};
use samebits_report::{Error, Walk, Year};
use samebits_snapshot::account_id;
use samebits_snapshot::record::*;
use samebits_units::{Bps, Date, Money, Qty};

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// Securities 0 and 1 are one identity group, every other one is its own.
pub(crate) fn market(as_of: Date, prices: &[&str], weights: &[f64]) -> Market {
    let security = |at: usize| Security {
        ticker: format!("S{at}"),
        sector: 0,
        identity_group: if at < 2 { 0 } else { at as u32 },
    };
    let mut laws = Vec::new();
    if as_of >= day("2013-01-01") {
        laws = samebits_tax::laws(as_of).unwrap();
    }
    Market {
        as_of,
        currency: "USD".into(),
        securities: (0..prices.len()).map(security).collect(),
        sectors: vec!["all".into()],
        prices: prices.iter().map(|price| price.parse().unwrap()).collect(),
        benchmark: Benchmark { id: "by hand".into(), rebalanced: as_of, weights: weights.to_vec() },
        alpha: Vec::new(),
        borrow: vec![Bps::from_hundredths(10_000); prices.len()],
        law: laws[0].clone(),
        laws,
        actions: Vec::new(),
        execution: None,
    }
}

pub(crate) fn holder(jurisdiction: Jurisdiction) -> Holder {
    let outside = Realised { short_term: money("1000000"), long_term: Money::ZERO };
    let (loss_value, dividend_rate) = (Bps::from_hundredths(50_000), Bps::from_hundredths(200_000));
    Holder { jurisdiction, profile: "by hand".into(), outside, loss_value, dividend_rate }
}

pub(crate) fn funded(cash: &str, jurisdiction: Jurisdiction, tax_year: i16) -> Account {
    let rate = Bps::from_hundredths;
    Account {
        cash: money(cash),
        rates: Rates { short_term: rate(400_000), long_term: rate(200_000), ordinary: rate(350_000) },
        tax_year,
        next_lot: 1,
        holder: Some(holder(jurisdiction)),
        ..Account::default()
    }
}

pub(crate) fn order(side: TradeSide, security: u32, lot: Option<u64>, shares: i64) -> Order {
    Order { side, security, lot, quantity: Qty::from_shares(shares).unwrap() }
}

/// The desk of an account: its Runs so far.
pub(crate) struct Desk {
    pub(crate) account: Account,
    pub(crate) runs: Vec<Run>,
    pub(crate) costs: Costs,
}

impl Desk {
    pub(crate) fn new(account: Account) -> Self {
        let rate = Bps::from_hundredths(500);
        Self { account, runs: Vec::new(), costs: Costs { buy: rate, sell: rate } }
    }

    /// A day: `choose` sees the account as the day has opened it.
    pub(crate) fn trade(
        &mut self,
        market: Market,
        flows: Flows,
        choose: impl FnOnce(&Account) -> Vec<Order>,
    ) {
        let before = self.account.clone();
        let (opened, mut events) = open_day(&before, &market, &flows).unwrap();
        let orders = choose(&opened);
        let settled = settle(&opened, &market, &orders, self.costs).unwrap();
        events.extend(settled.events.iter().cloned());
        let tax = day_tax(&before, &settled.account, &events, &market).unwrap();
        let worth = |account: &Account| {
            let value = |security: u32, quantity| market.prices[security as usize].value(quantity).unwrap();
            let held = account.lots.iter().map(|lot| value(lot.security, lot.quantity));
            let owed = account.shorts.iter().map(|lot| value(lot.security, lot.quantity).negated().unwrap());
            Money::total(held.chain(owed).chain([account.cash])).unwrap()
        };
        let of = |pays| settled.trades.iter().filter(move |trade| trade.side.pays() == pays);
        let totals = Totals {
            nav_before: worth(&opened),
            nav_after: worth(&settled.account),
            cash_after: settled.account.cash,
            bought: Money::total(of(true).map(|trade| trade.notional)).unwrap(),
            sold: Money::total(of(false).map(|trade| trade.notional)).unwrap(),
            costs: Money::total(settled.trades.iter().map(|trade| trade.cost))
                .unwrap()
                .plus(settled.levies().unwrap())
                .unwrap(),
            tracking_error: 0.01,
            final_tracking_error: 0.01,
        };
        let account_after = account_id(&settled.account).unwrap();
        let stages = Stages { account_after, ..Stages::default() };
        let outcome = outcome(settled.trades, events, tax, totals, stages);
        let sequence = self.runs.len() as u64;
        let question = Question { account: "D".into(), sequence, as_of: market.as_of };
        let (market, risk) = (market.into(), risk().into());
        let inputs = Inputs { question, market, risk, account: before, params: params(flows) };
        let method =
            Method { solver: "none".into(), rules: "rebalance/3".into(), tolerance: 0.0, max_iterations: 0 };
        let info = Info { code: "test".into(), machine: "test".into(), solve_ns: 0, decide_ns: 0 };
        self.runs.push(Run { inputs, method, outcome, info });
        self.account = settled.account;
    }
}

fn params(flows: Flows) -> Params {
    let units = |money: Money| Value::Integer(money.micros() / 1_000_000);
    let setting = |value| Setting { value, source: Source::Strategy("by-hand/1".into()) };
    let settings = [
        ("contribution_currency", units(flows.contribution)),
        ("withdrawal_currency", units(flows.withdrawal)),
        ("gift_currency", units(flows.gift)),
        ("gain_budget_currency", Value::Integer(1_000)),
    ];
    Params { settings: settings.into_iter().map(|(name, value)| (name.to_owned(), setting(value))).collect() }
}

fn risk() -> RiskModel {
    let empty = || Matrix32 { rows: 0, cols: 0, values: Vec::new() };
    RiskModel {
        recipe: Params::default(),
        factors: Vec::new(),
        sigma: empty(),
        loadings: empty(),
        factor_model: FactorModel { covariance: empty(), specific: empty() },
    }
}

fn outcome(trades: Vec<Trade>, events: Vec<Event>, tax: Tax, totals: Totals, stages: Stages) -> Outcome {
    Outcome {
        status: Status::Solved,
        iterations: 0,
        solves: 0,
        weights: Vec::new(),
        sides: Vec::new(),
        active: Active::default(),
        bound_multipliers: Vec::new(),
        rows: Vec::new(),
        certificate: Certificate::default(),
        objective: Parts::default(),
        final_objective: Parts::default(),
        rounding: Rounding::default(),
        trades,
        events,
        tax,
        totals,
        stages,
        harvest: None,
        execution: None,
        finish: None,
        netted: None,
        identity: None,
    }
}

/// The year of these Runs, or the first fault.
pub(crate) fn walk(runs: &[Run]) -> Result<Year, Error> {
    let mut walk = Walk::new(&runs[0].inputs.question.account);
    for run in runs {
        walk.add(run)?;
    }
    walk.finish()
}
