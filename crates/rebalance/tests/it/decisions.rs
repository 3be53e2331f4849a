//! One rule a test: what may be bought, what may be sold, who gives, what happens when nothing works.

use crate::scene::{A, B, C, D, account, decided, inputs, lock, lot, method, traded, try_decide};
use samebits_canon::Isa;
use samebits_qp::{Certificate, Multipliers, Problem, Settings, Solution, Solver};
use samebits_rebalance::{Decision, decide};
use samebits_snapshot::record::{Account, Method, RowKind, Side, Status, TradeSide, Value};
use samebits_solver_cpu::Clarabel;
use samebits_units::{Money, Qty};
use std::sync::Arc;

/// The account with nothing of `security`, its worth in cash instead.
fn without(security: u32) -> Account {
    let mut account = account();
    account.lots.retain(|lot| lot.security != security);
    account.cash = Money::from_units(251_000).unwrap();
    account
}

#[test]
fn an_account_at_its_benchmark_does_not_trade() {
    let found = decided(account(), &[]);
    assert_eq!(found.outcome.status, Status::Solved);
    assert!(found.outcome.trades.is_empty(), "{:?}", found.outcome.trades);
    assert_eq!(found.account_after, account());
}

/// Cash is put to work, and stays at or above its minimum.
#[test]
fn cash_is_invested_in_what_is_missing() {
    let found = decided(without(C), &[]);
    assert!((12_000..=12_550).contains(&traded(&found, C)), "{:?}", found.outcome.trades);
    let totals = &found.outcome.totals;
    assert!(totals.cash_after >= Money::from_units(500).unwrap(), "{}", totals.cash_after);
    assert!(totals.cash_after < Money::from_units(10_100).unwrap(), "{}", totals.cash_after);
    assert_eq!(totals.nav_before.minus(totals.costs), Ok(totals.nav_after));
}

/// A lock bars buying, in the whole identity group, through its last day; it never forces a sale.
#[test]
fn a_lock_bars_buying_and_nothing_else() {
    let mut barred = without(C);
    barred.locks.push(lock(2, "2017-06-01"));
    let found = decided(barred.clone(), &[("cash_max", Value::Real(0.5))]);
    assert_eq!(traded(&found, C), 0);
    barred.locks[0].last = crate::scene::day("2017-05-31");
    let found = decided(barred, &[("cash_max", Value::Real(0.5))]);
    assert!(traded(&found, C) > 10_000, "the day after its end the lock is gone");

    let mut class = without(B);
    class.locks.push(lock(0, "2017-06-01"));
    assert_eq!(traded(&decided(class, &[("cash_max", Value::Real(0.5))]), B), 0, "another share class");

    let mut held = account();
    held.locks.push(lock(2, "2017-06-01"));
    assert!(decided(held, &[]).outcome.trades.is_empty(), "a locked name is kept");
}

/// A name with a loss to harvest, another share class of it missing: what basis the loss lot has.
fn torn(basis: i64) -> Account {
    let mut loss = without(B);
    loss.lots[0] = lot(1, A, 2_500, basis, "2017-01-02");
    loss
}

fn check_harvest(found: &Decision) {
    assert!(traded(found, A) < 0, "{:?}", found.outcome.trades);
    assert_eq!(traded(found, B), 0, "the other share class would disallow the loss");
    assert_eq!(found.outcome.sides[..2], [Side::Sell, Side::Sell]);
    assert!(found.outcome.tax.harvested > Money::ZERO && found.outcome.tax.disallowed.is_zero());
    assert_eq!(found.account_after.locks.len(), 1);
}

/// Rules 1: a lot that is worth harvesting puts its whole group on the sell side, whatever that costs.
#[test]
fn harvesting_bars_the_group() {
    let inputs = inputs(torn(350_000), &[("cash_max", Value::Real(0.9))]);
    let first = Method { rules: "rebalance/1".into(), ..method() };
    let found = decide(&inputs, &first, &Clarabel { isa: Isa::detect() }).unwrap();
    check_harvest(&found);
    assert_eq!(found.outcome.harvest, None);
}

/// Rules 2: the better side. A quarter of the portfolio is missing, which a small loss does not make up for.
#[test]
fn the_better_side_is_taken() {
    let found = decided(torn(350_000), &[("cash_max", Value::Real(0.9))]);
    assert!(traded(&found, B) > 0 && traded(&found, A) >= 0, "{:?}", found.outcome.trades);
    assert_eq!(found.outcome.sides[..2], [Side::Buy, Side::Buy]);
    assert!(found.outcome.tax.harvested.is_zero() && found.account_after.locks.is_empty());
    let harvest = found.outcome.harvest.unwrap();
    assert_eq!((harvest.conflicts, harvest.bought), (1, 1));
    let (no_buy, objective) = (harvest.no_buy.unwrap(), harvest.objective.unwrap());
    assert!(objective < no_buy && harvest.lower_bound.unwrap() <= objective + 1e-6, "{harvest:?}");

    let found = decided(torn(3_500_000), &[("cash_max", Value::Real(0.9))]);
    check_harvest(&found);
    let harvest = found.outcome.harvest.unwrap();
    assert_eq!((harvest.conflicts, harvest.bought), (1, 0));
    assert_eq!(harvest.objective, harvest.no_buy);
}

#[test]
fn a_recent_purchase_keeps_the_loss() {
    let mut recent = account();
    recent.lots[0] = lot(1, A, 2_500, 350_000, "2017-01-02");
    recent.lots.push(lot(9, B, 1, 50, "2017-05-02"));
    let found = decided(recent.clone(), &[("cash_max", Value::Real(0.9))]);
    assert_eq!(traded(&found, A), 0, "bought on the 30th day before");
    recent.lots[4] = lot(9, B, 1, 50, "2017-05-01");
    let found = decided(recent, &[("cash_max", Value::Real(0.9))]);
    assert!(traded(&found, A) < 0, "bought on the 31st day before");
}

/// Lots are chosen by tax per share, not by cost: a smaller short-term loss can be worth more than a larger long-term one.
#[test]
fn lots_by_tax_per_share() {
    let mut two = account();
    two.lots[0] = lot(1, A, 1_250, 142_000, "2015-01-02");
    two.lots.insert(1, lot(2, A, 1_250, 139_500, "2017-01-02"));
    two.lots[2].id = 3;
    two.lots[3].id = 4;
    two.lots[4].id = 5;
    let found = decided(two, &[("cash_max", Value::Real(0.9)), ("risk_aversion", Value::Real(5.0))]);
    let sold: Vec<u64> = found.outcome.trades.iter().filter(|t| t.security == A).map(|t| t.lot).collect();
    assert_eq!(sold.first(), Some(&2), "{:?}", found.outcome.trades);
}

#[test]
fn an_excluded_name_is_sold_out() {
    let list = Value::List(vec!["D".into()]);
    let found = decided(account(), &[("exclude", list)]);
    assert_eq!(traded(&found, D), -25_000);
    assert!(found.account_after.lots.iter().all(|lot| lot.security != D));
    let error = try_decide(&inputs(account(), &[("no_buy", Value::List(vec!["Z".into()]))])).unwrap_err();
    assert!(error.to_string().contains("`no_buy` names `Z`"), "{error}");
}

/// Turnover, which comes first in the order, gives exactly what investing the cash needs.
#[test]
fn conflicting_constraints_give_in_their_order() {
    let found = decided(without(C), &[("turnover_max", Value::Real(0.1))]);
    assert!(
        matches!(&found.outcome.status, Status::Relaxed(why) if why.ends_with("turnover")),
        "{:?}",
        found.outcome.status
    );
    let row = found.outcome.rows.iter().find(|row| row.kind == RowKind::Turnover).unwrap();
    // 251,000 of 1,001,000 is cash, at most one hundredth may stay: 0.2407 must be bought, 0.1 was allowed.
    assert!((row.relaxed_by - 0.1406).abs() < 1e-3, "{row:?}");
    assert!(found.outcome.rows.iter().all(|row| row.kind == RowKind::Turnover || row.relaxed_by == 0.0));
    assert!(traded(&found, C) > 11_000);
}

/// Without anything that may give, the day is recorded, nothing trades, and the reason is there.
#[test]
fn nothing_that_may_give() {
    let values = [("turnover_max", Value::Real(0.1)), ("relaxation_order", Value::List(Vec::new()))];
    let found = decided(without(C), &values);
    assert!(matches!(&found.outcome.status, Status::Unsolved(why) if why.contains("no relaxation")));
    assert!(found.outcome.trades.is_empty());
    assert_eq!(found.account_after, without(C));
}

/// A solver that fails, or lies about the optimum it found, changes nothing.
struct Broken;

impl Solver for Broken {
    fn id(&self) -> &'static str {
        "broken/1"
    }

    fn solve(&self, problem: &Problem, _: &Settings) -> Result<Solution, samebits_qp::Error> {
        let trades = vec![1e9; problem.trades.len()];
        let multipliers = Multipliers {
            rows: vec![f64::NAN; problem.rows.len()],
            bounds: vec![f64::NAN; problem.n()],
            trades: trades.clone(),
            cap: f64::NAN,
        };
        Ok(Solution {
            status: samebits_qp::Status::Failed,
            path: samebits_qp::Path::Raw,
            finish: None,
            weights: problem.weights(&trades),
            trades,
            multipliers,
            iterations: 7,
            objective: f64::NAN,
            certificate: Certificate::default(),
        })
    }
}

#[test]
fn a_failed_solve_trades_nothing() {
    let found = decide(&inputs(without(C), &[]), &method(), &Broken).unwrap();
    assert!(matches!(&found.outcome.status, Status::Unsolved(why) if why.contains("Failed")));
    assert!(found.outcome.trades.is_empty() && found.outcome.weights.iter().all(|w| w.is_finite()));
}

#[test]
fn small_tickets_are_dropped_and_cash_stays() {
    let mut nearly = account();
    nearly.lots[2] = lot(3, C, 12_400, 248_000, "2015-01-02");
    nearly.cash = Money::from_units(3_000).unwrap();
    let found = decided(nearly.clone(), &[("min_ticket_currency", Value::Integer(50_000))]);
    assert!(found.outcome.trades.is_empty(), "{:?}", found.outcome.trades);
    let found =
        decided(nearly, &[("min_ticket_currency", Value::Integer(500)), ("cash_max", Value::Real(0.001))]);
    assert!(found.outcome.trades.iter().all(|trade| trade.side == TradeSide::Buy));
    assert!(found.outcome.trades.iter().all(|trade| trade.notional >= Money::from_units(500).unwrap()));
    assert!(found.outcome.totals.cash_after <= Money::from_units(1_021).unwrap());
}

#[test]
fn contradicting_inputs_are_named() {
    type Change = fn(&mut samebits_snapshot::record::Inputs);
    let cases: [(Change, &str); 6] = [
        (|i| i.account.lots[1].security = 4, "account.lots[1]: security 4 of 4"),
        (|i| i.account.lots[1].quantity = Qty::ZERO, "account.lots[1]: quantity 0"),
        (|i| Arc::make_mut(&mut i.market).prices[2] = samebits_units::Price::ZERO, "market.prices[2]"),
        (|i| Arc::make_mut(&mut i.market).securities[0].sector = 9, "market.securities[0]: sector 9 of 2"),
        (|i| Arc::make_mut(&mut i.risk).loadings.cols = 2, "risk.loadings"),
        (|i| Arc::make_mut(&mut i.market).borrow.clear(), "market.borrow: 0 entries for 4"),
    ];
    for (change, part) in cases {
        let mut bad = inputs(account(), &[]);
        change(&mut bad);
        let error = try_decide(&bad).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    let mut empty = inputs(account(), &[]);
    empty.account.lots.clear();
    empty.account.cash = Money::ZERO;
    assert!(try_decide(&empty).unwrap_err().to_string().contains("nothing to rebalance"));
}
