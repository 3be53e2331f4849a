//! A store of Runs made by hand: markets and orders in, what the ledger makes of them out. No solver takes part.

use crate::sample;
use samebits_ledger::{Costs, Flows, Order, day_tax, open_day, settle};
use samebits_snapshot::record::*;
use samebits_snapshot::{DaySections, Packed, account_id, pack_shared};
use samebits_store::{CorrectionHead, NewCorrection, NewRun, Store};
use samebits_units::{Bps, Money, Qty};
use std::path::Path;

/// Not text that anybody expects in a ticker, an account or a sector: quotes, commas, zero, other scripts, combining marks,
/// the byte order mark, a direction override, beyond the basic plane, nothing at all.
pub(crate) const TICKERS: [&str; sample::SECURITIES] =
    ["BRK.B\"',;\n", "\u{0}", "\u{feff}\u{202e}\u{5171}\u{540c}", "e\u{301}\u{1f4a9}\u{10ffff}", ""];
pub(crate) const SECTORS: [&str; 2] = ["\u{41d}\u{435}\u{444}\u{442}\u{44c}", "NULL"];
pub(crate) const ACCOUNTS: [&str; 2] =
    ["A/\u{e4}\u{0}b", "account with a name that is longer than most names are"];

/// Prices of the four days, in units of the currency.
const PRICES: [[&str; sample::SECURITIES]; 4] = [
    ["30", "10", "20", "50", "40"],
    ["31.25", "8.12345678", "21", "50", "40"],
    ["31", "8", "10.5", "49", "40"],
    ["31", "9", "11", "44.4444", "40"],
];

fn market(at: usize) -> Market {
    let days = ["2017-02-08", "2017-02-09", "2017-02-10", "2017-02-13"];
    let mut market = sample::market(sample::SECURITIES, sample::day(days[at]));
    market.prices = PRICES[at].iter().map(|price| price.parse().unwrap()).collect();
    for (security, ticker) in market.securities.iter_mut().zip(TICKERS) {
        security.ticker = ticker.into();
    }
    market.sectors = SECTORS.map(str::to_owned).to_vec();
    market.laws = samebits_tax::laws(market.as_of).unwrap();
    if at == 2 {
        let kind = ActionKind::Split { new: 2, old: 1 };
        market.actions = vec![Action { id: "two for one".into(), security: 2, kind }];
    }
    market
}

fn funded(cash: i64) -> Account {
    let rate = Bps::from_hundredths;
    let outside = Realised { short_term: Money::from_units(1_000_000).unwrap(), long_term: Money::ZERO };
    Account {
        cash: Money::from_units(cash).unwrap(),
        rates: Rates { short_term: rate(400_000), long_term: rate(200_000), ordinary: rate(350_000) },
        tax_year: 2017,
        next_lot: 1,
        holder: Some(Holder {
            jurisdiction: Jurisdiction::UnitedStates,
            profile: "by hand".into(),
            outside,
            loss_value: rate(50_000),
            dividend_rate: rate(200_000),
        }),
        ..Account::default()
    }
}

/// Purchases; a loss sale beside an earlier purchase of its group, so that part of the loss is disallowed and a lot is split;
/// a short sale on the day of a split; a cover.
fn orders(at: usize, scale: i64) -> Vec<Order> {
    let order = |side, security, lot, shares: i64| Order {
        side,
        security,
        lot,
        quantity: Qty::from_shares(shares * scale).unwrap(),
    };
    match at {
        0 => vec![
            order(TradeSide::Buy, 0, None, 11),
            order(TradeSide::Buy, 1, None, 100),
            order(TradeSide::Buy, 2, None, 7),
            order(TradeSide::Buy, 4, None, 30),
        ],
        1 => vec![order(TradeSide::Sell, 0, Some(1), 5), order(TradeSide::Sell, 1, Some(2), 20)],
        2 => vec![order(TradeSide::Short, 3, None, 3)],
        _ => vec![order(TradeSide::Sell, 2, Some(3), 1), order(TradeSide::Cover, 3, None, 2)],
    }
}

fn value(account: &Account, market: &Market) -> Money {
    let value = |security: u32, quantity| market.prices[security as usize].value(quantity).unwrap();
    let held = account.lots.iter().map(|lot| value(lot.security, lot.quantity));
    let owed = account.shorts.iter().map(|lot| value(lot.security, lot.quantity).negated().unwrap());
    Money::total(held.chain(owed).chain([account.cash])).unwrap()
}

/// A day of an account; the account moves on.
fn decided(name: &str, account: &mut Account, at: usize, scale: i64) -> Run {
    let (market, before) = (market(at), account.clone());
    let (opened, mut events) = open_day(&before, &market, &Flows::default()).unwrap();
    let mut orders = orders(at, scale);
    for order in &mut orders {
        if order.side == TradeSide::Cover {
            order.lot = Some(opened.shorts[0].id);
        }
    }
    let costs = Costs { buy: Bps::from_hundredths(500), sell: Bps::from_hundredths(700) };
    let settled = settle(&opened, &market, &orders, costs).unwrap();
    events.extend(settled.events.iter().cloned());
    *account = settled.account.clone();
    let of = |pays| settled.trades.iter().filter(move |trade| trade.side.pays() == pays);
    let mut run = sample::run_of(name, at as u64, market.as_of, sample::SECURITIES);
    let outcome = &mut run.outcome;
    outcome.tax = day_tax(&before, account, &events, &market).unwrap();
    outcome.totals = Totals {
        nav_before: value(&opened, &market),
        nav_after: value(account, &market),
        cash_after: account.cash,
        bought: Money::total(of(true).map(|trade| trade.notional)).unwrap(),
        sold: Money::total(of(false).map(|trade| trade.notional)).unwrap(),
        costs: Money::total(settled.trades.iter().map(|trade| trade.cost)).unwrap(),
        tracking_error: 0.01 / 3.0,
        final_tracking_error: 0.011,
    };
    outcome.stages.account_after = account_id(account).unwrap();
    (outcome.trades, outcome.events) = (settled.trades, events);
    if at.is_multiple_of(2) {
        outcome.status = Status::Solved;
        outcome.objective.reward = -0.125;
    }
    if at == 3 {
        outcome.status = Status::Unsolved("no answer".into());
        outcome.weights.clear();
    }
    (run.inputs.market, run.inputs.account) = (market.into(), before);
    run
}

pub(crate) fn packed(run: &Run) -> Packed {
    pack_shared(run, &DaySections::new(&run.inputs.market, &run.inputs.risk).unwrap()).unwrap()
}

pub(crate) fn append(store: &mut Store, run: &Run) {
    let recorded_at = 1_700_000_000_123_456_789 + run.inputs.question.sequence as i64;
    let packed = packed(run);
    store.append(&[NewRun { packed: &packed, run, actor: "t\u{e9}ster", recorded_at }]).unwrap();
}

/// Four days of two accounts.
pub(crate) fn runs() -> Vec<Run> {
    let mut runs = Vec::new();
    for (name, scale) in ACCOUNTS.into_iter().zip([1, 3]) {
        let mut account = funded(10_000 * scale);
        runs.extend((0..4).map(|at| decided(name, &mut account, at, scale)));
    }
    runs
}

/// A new store of [`runs`].
pub(crate) fn store(path: &Path) -> Store {
    let mut store = Store::create(path).unwrap();
    for run in runs() {
        append(&mut store, &run);
    }
    store
}

/// Corrects what holds of a Run (`ACCOUNT/SEQUENCE`): with another figure each time.
pub(crate) fn correct(store: &mut Store, wanted: &str, reason: &str) -> CorrectionHead {
    let head = store.find(wanted).unwrap();
    let before = store.corrections_of(&head.run_id).unwrap();
    let supersedes = before.last().map_or(head.run_id, |last| last.run_id);
    let mut run = store.get(&head.run_id).unwrap().run;
    run.outcome.iterations += 1 + before.len() as u32;
    let packed = packed(&run);
    let (actor, recorded_at) = ("auditor", 1_800_000_000_000_000_000 + before.len() as i64);
    store
        .correct(&NewCorrection { supersedes, packed: &packed, run: &run, reason, actor, recorded_at })
        .unwrap()
}
