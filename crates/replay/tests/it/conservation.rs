//! The daily loop conserves money, shares and basis, keeps every rule, and hands each day's account to the next.

use crate::scene::{forty_days, runs};
use samebits_ledger::apply;
use samebits_snapshot::account_id;
use samebits_snapshot::record::{Account, Event, RowKind, Run, TradeSide};
use samebits_units::{Money, Qty};
use std::collections::BTreeMap;

const ACCOUNTS: [&str; 4] = ["A1", "A2", "B1", "B2"];

fn days() -> impl Iterator<Item = (Run, Account)> {
    ACCOUNTS.into_iter().flat_map(|account| runs(&forty_days().1, account)).map(|stored| {
        let after = apply(&stored.run.inputs.account, &stored.run.outcome.events).unwrap();
        (stored.run, after)
    })
}

#[test]
fn money_balances_to_the_unit_every_day() {
    for (run, after) in days() {
        let (totals, trades) = (&run.outcome.totals, &run.outcome.trades);
        let sum = |side| {
            let of = trades.iter().filter(|trade| trade.side == side);
            Money::total(of.map(|trade| trade.notional)).unwrap()
        };
        let costs = Money::total(trades.iter().map(|trade| trade.cost)).unwrap();
        assert_eq!(totals.nav_before.minus(costs), Ok(totals.nav_after));
        let cash = run.inputs.account.cash.plus(sum(TradeSide::Sell)).unwrap();
        let cash = cash.minus(sum(TradeSide::Buy)).unwrap().minus(costs).unwrap();
        assert_eq!((cash, cash), (after.cash, totals.cash_after));
        assert!(!cash.is_negative());
    }
    assert!(forty_days().2.iter().all(|tally| tally.largest_imbalance.is_zero()));
}

#[test]
fn the_ledger_is_the_account() {
    for account in ACCOUNTS {
        let mut expected = None;
        for stored in runs(&forty_days().1, account) {
            let run = &stored.run;
            let before = account_id(&run.inputs.account).unwrap();
            assert!(
                expected.is_none_or(|expected| expected == before),
                "{account} {}",
                run.inputs.question.as_of
            );
            let after = apply(&run.inputs.account, &run.outcome.events).unwrap();
            assert_eq!(account_id(&after).unwrap(), run.outcome.stages.account_after);
            expected = Some(run.outcome.stages.account_after);
        }
    }
}

/// Every share of every lot comes from the opening state or a purchase, and goes into a sale, a split or the end state.
#[test]
fn every_lot_is_traceable() {
    for account in ACCOUNTS {
        let all = runs(&forty_days().1, account);
        let opening = &all[0].run.inputs.account;
        let mut lots: BTreeMap<u64, Qty> = opening.lots.iter().map(|lot| (lot.id, lot.quantity)).collect();
        let mut basis = Money::total(opening.lots.iter().map(|lot| lot.basis)).unwrap();
        let mut last = opening.clone();
        for stored in &all {
            for event in &stored.run.outcome.events {
                match event {
                    Event::Open { lot, quantity, basis: paid, .. } => {
                        assert!(lots.insert(*lot, *quantity).is_none(), "lot {lot} twice");
                        basis = basis.plus(*paid).unwrap();
                    }
                    Event::Close { lot, quantity, basis: left, .. } => {
                        let rest = lots[lot].minus(*quantity).unwrap();
                        assert!(!rest.is_negative());
                        lots.insert(*lot, rest);
                        basis = basis.minus(*left).unwrap();
                    }
                    Event::WashDefer { loss, replacement, quantity, split_to, .. } => {
                        basis = basis.plus(*loss).unwrap();
                        if let Some(rest) = split_to {
                            let left = lots[replacement].minus(*quantity).unwrap();
                            lots.insert(*replacement, *quantity);
                            assert!(lots.insert(*rest, left).is_none());
                        }
                    }
                    _ => {}
                }
            }
            last = apply(&stored.run.inputs.account, &stored.run.outcome.events).unwrap();
        }
        lots.retain(|_, quantity| quantity.is_positive());
        let end: BTreeMap<u64, Qty> = last.lots.iter().map(|lot| (lot.id, lot.quantity)).collect();
        assert_eq!(lots, end);
        assert_eq!(Money::total(last.lots.iter().map(|lot| lot.basis)), Ok(basis));
        assert!(end.keys().all(|id| *id < last.next_lot));
    }
}

#[test]
fn no_locked_or_excluded_name_is_bought_and_no_harvested_one() {
    let (mut locked_days, mut sells) = (0, 0);
    for (run, _) in days() {
        let market = &run.inputs.market;
        let bought = |i: u32| run.outcome.trades.iter().any(|t| t.side == TradeSide::Buy && t.security == i);
        for lock in run.inputs.account.locks.iter().filter(|lock| market.as_of <= lock.last) {
            locked_days += 1;
            for i in 0..market.securities.len() as u32 {
                let group = market.securities[i as usize].identity_group;
                assert!(
                    group != lock.group || !bought(i),
                    "{} {}",
                    market.as_of,
                    market.securities[i as usize].ticker
                );
            }
        }
        for trade in run.outcome.trades.iter().filter(|trade| trade.side == TradeSide::Sell) {
            sells += 1;
            assert!(!bought(trade.security), "sold and bought on one day");
        }
        assert_eq!(run.outcome.tax.disallowed, Money::ZERO);
        if run.inputs.question.account == "B1" {
            for ticker in ["MO", "XOM", "CVX", "COP"] {
                let i = market.securities.iter().position(|security| security.ticker == ticker).unwrap();
                assert!(!bought(i as u32));
                assert!(run.inputs.account.lots.iter().all(|lot| lot.security as usize != i));
            }
        }
    }
    assert!(
        locked_days > 100 && sells > 100,
        "{locked_days} {sells}: the scene is too quiet to show anything"
    );
}

#[test]
fn limits_hold_in_the_final_holdings_or_the_excess_is_recorded() {
    let mut capped = 0;
    for (run, after) in days() {
        for row in &run.outcome.rows {
            let above = row.upper.map_or(0.0, |upper| row.final_value - upper);
            let below = row.lower.map_or(0.0, |lower| lower - row.final_value);
            let beyond = above.max_of(below).max_of(0.0);
            assert!((row.final_excess - beyond).abs() < 1e-15, "{row:?}");
            // What rounding to whole shares may cost: one share of the dearest name is a thousandth of the smallest account.
            assert!(row.final_excess < 2e-3, "{} {row:?}", run.inputs.question.as_of);
            if row.kind == RowKind::TrackingError && row.upper.is_some() {
                capped += 1;
                assert!(row.final_value <= 0.015 * (1.0 + 1e-6), "{row:?}");
            }
        }
        assert!(after.lots.iter().all(|lot| lot.quantity.is_positive()));
        let certificate = &run.outcome.certificate;
        assert!(
            certificate.primal < 1e-8 && certificate.dual < 1e-7 && certificate.gap < 1e-7,
            "{certificate:?}"
        );
    }
    assert_eq!(capped, 40);
}

/// Readable here, and not the banned `f64::max`.
trait MaxOf {
    fn max_of(self, other: f64) -> f64;
}

impl MaxOf for f64 {
    fn max_of(self, other: f64) -> f64 {
        samebits_canon::max(self, other)
    }
}
