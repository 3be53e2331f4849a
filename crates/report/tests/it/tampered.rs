//! Records that were tampered with: each fault is reported as what it is.

use crate::desk::{Desk, day, funded, market, money, order, walk};
use crate::scene::runs;
use samebits_ledger::{Flows, apply};
use samebits_report::{Error, Walk};
use samebits_snapshot::account_id;
use samebits_snapshot::record::*;
use samebits_units::{Money, Price};

/// Five days: purchases, a dividend with a fee, a loss sale with shares bought before and after it, a short sale and its cover
/// at a loss beside another short, an action.
fn five_days() -> Vec<Run> {
    let mut desk = Desk::new(funded("100000", Jurisdiction::UnitedStates, 2016));
    let weights = [0.25; 4];
    let action = |id: &str, security, kind| Action { id: id.into(), security, kind };
    let none = Flows::default();
    desk.trade(market(day("2016-05-02"), &["100", "50", "20", "10"], &weights), none, |_| {
        vec![order(TradeSide::Buy, 0, None, 100), order(TradeSide::Short, 3, None, 70)]
    });
    let mut second = market(day("2016-05-03"), &["90", "51", "21", "11"], &weights);
    let amount = "0.5".parse().unwrap();
    second.actions = vec![
        action("a0", 0, ActionKind::Dividend { amount, special: false }),
        action("a3", 3, ActionKind::Dividend { amount, special: false }),
    ];
    desk.trade(second, none, |_| {
        vec![order(TradeSide::Buy, 1, None, 30), order(TradeSide::Short, 3, None, 20)]
    });
    desk.trade(market(day("2016-05-04"), &["80", "52", "22", "12"], &weights), none, |_| {
        vec![order(TradeSide::Sell, 0, Some(1), 60), order(TradeSide::Cover, 3, Some(2), 30)]
    });
    let mut fourth = market(day("2016-05-05"), &["41", "53", "23", "13"], &weights);
    fourth.actions = vec![action("split", 0, ActionKind::Split { new: 2, old: 1 })];
    let flows = Flows { contribution: money("500"), ..none };
    desk.trade(fourth, flows, |_| {
        vec![order(TradeSide::Buy, 1, None, 10), order(TradeSide::Short, 3, None, 5)]
    });
    desk.trade(market(day("2016-05-06"), &["42", "54", "24", "14"], &weights), none, |_| {
        vec![order(TradeSide::Buy, 2, None, 10)]
    });
    desk.runs
}

/// Makes the accounts and digests of the Runs after `from` follow from the events again, as a careful forger would.
fn follow(runs: &mut [Run], from: usize) {
    for at in from..runs.len() {
        if at > from {
            let Ok(account) = apply(&runs[at - 1].inputs.account, &runs[at - 1].outcome.events) else {
                return;
            };
            runs[at].inputs.account = account;
        }
        let Ok(after) = apply(&runs[at].inputs.account, &runs[at].outcome.events) else { return };
        runs[at].outcome.stages.account_after = account_id(&after).unwrap();
    }
}

fn events_of(run: &mut Run) -> &mut Vec<Event> {
    &mut run.outcome.events
}

/// Removes the first event that fits.
fn remove(run: &mut Run, fits: impl Fn(&Event) -> bool) {
    let at = run.outcome.events.iter().position(fits).expect("such an event");
    events_of(run).remove(at);
}

/// Tampers with day `at`, lets the rest follow, and gives the fault.
fn fault(at: usize, tamper: impl Fn(&mut Run)) -> Error {
    let mut runs = five_days();
    walk(&runs).expect("sound before");
    tamper(&mut runs[at]);
    follow(&mut runs, at);
    walk(&runs).expect_err("the fault is found")
}

const MICRO: Money = Money::from_micros(1);

#[test]
fn the_scene_shows_what_is_tampered_with() {
    let runs = five_days();
    let count = |fits: fn(&Event) -> bool| {
        runs.iter().flat_map(|run| &run.outcome.events).filter(|e| fits(e)).count()
    };
    assert!(count(|event| matches!(event, Event::WashDefer { .. })) >= 2);
    assert!(count(|event| matches!(event, Event::ShortDefer { .. })) >= 2);
    assert!(count(|event| matches!(event, Event::LockOpen { .. })) >= 2);
    assert!(count(|event| matches!(event, Event::Adjust { .. })) >= 1);
}

#[test]
fn a_changed_trade_price() {
    let error = fault(2, |run| {
        let trade = &mut run.outcome.trades[0];
        trade.notional = trade.notional.plus(MICRO).unwrap();
    });
    assert!(matches!(error, Error::TradePrice { index: 0, .. }), "{error}");
    assert!(error.to_string().contains("4800.000001"), "{error}");
}

#[test]
fn a_changed_gain() {
    let error = fault(2, |run| run.outcome.trades[0].gain = Money::ZERO);
    assert!(matches!(error, Error::TradeEvent { index: 0, .. }), "{error}");
}

#[test]
fn a_removed_event() {
    let closed = |event: &Event| matches!(event, Event::Close { .. });
    let error = fault(2, |run| remove(run, closed));
    assert!(matches!(error, Error::TradeEvent { .. }) && error.to_string().contains("no event"), "{error}");
    let error = fault(0, |run| remove(run, |event| matches!(event, Event::ShortOpen { .. })));
    assert!(matches!(error, Error::TradeEvent { index: 1, .. }), "{error}");
    let error = fault(2, |run| remove(run, |event| matches!(event, Event::LockOpen { .. })));
    assert!(matches!(error, Error::Locks { .. }), "{error}");
    let error = fault(3, |run| remove(run, |event| matches!(event, Event::Adjust { .. })));
    assert!(matches!(error, Error::Position { .. } | Error::Lot { .. }), "{error}");
    let error = fault(3, |run| {
        remove(run, |event| matches!(event, Event::Cash { reason: CashReason::Contribution, .. }));
    });
    assert!(error.to_string().contains("the contribution should be 500.00"), "{error}");
    let error = fault(2, |run| {
        remove(run, |event| matches!(event, Event::Cash { reason: CashReason::Borrow, .. }));
    });
    assert!(error.to_string().contains("the borrow fee"), "{error}");
}

#[test]
fn an_event_that_only_the_digest_knows() {
    let mut runs = five_days();
    runs[1].outcome.events.retain(|event| !matches!(event, Event::Accrued { .. }));
    assert!(matches!(walk(&runs), Err(Error::Digest { sequence: 1, .. })));
}

#[test]
fn a_basis_moved_by_a_millionth() {
    // In the account of a later Run.
    let mut runs = five_days();
    let lot = &mut runs[2].inputs.account.lots[0];
    lot.basis = lot.basis.plus(MICRO).unwrap();
    let error = walk(&runs).unwrap_err();
    let Error::Changed { sequence: 2, field, .. } = &error else { panic!("{error}") };
    assert!(field.contains("lots") && field.contains("basis"), "{error}");
    // In the purchase's event.
    let error = fault(0, |run| {
        for event in events_of(run) {
            if let Event::Open { basis, .. } = event {
                *basis = basis.plus(MICRO).unwrap();
            }
        }
    });
    assert!(matches!(error, Error::TradeEvent { .. }), "{error}");
    // In the sale's: too much basis stays in the lot, and the trade's gain is made to fit.
    let error = fault(2, |run| {
        for event in events_of(run) {
            if let Event::Close { basis, .. } = event {
                *basis = basis.minus(MICRO).unwrap();
            }
        }
        let gain = &mut run.outcome.trades[0].gain;
        *gain = gain.plus(MICRO).unwrap();
    });
    assert!(matches!(error, Error::Gain { lot: 1, .. }), "{error}");
    // By a corporate action.
    let error = fault(3, |run| {
        for event in events_of(run) {
            if let Event::Adjust { basis, .. } = event {
                *basis = basis.plus(MICRO).unwrap();
            }
        }
    });
    assert!(matches!(error, Error::Lot { field: "basis", .. }), "{error}");
}

#[test]
fn a_dividend_dropped() {
    for (reason, what) in [
        (CashReason::Dividend, "the dividend of a0 should be 50.00"),
        (CashReason::InLieu, "in lieu of a3 should be -35.00"),
    ] {
        let of = |event: &Event| matches!(event, Event::Cash { reason: found, .. } if *found == reason);
        let error = fault(1, |run| remove(run, of));
        assert!(matches!(error, Error::Cash { .. }) && error.to_string().contains(what), "{error}");
    }
}

#[test]
fn a_wash_match_removed() {
    for at in [2, 3] {
        let error = fault(at, |run| remove(run, |event| matches!(event, Event::WashDefer { .. })));
        assert!(matches!(error, Error::Disallowed { .. }), "{error}");
        let error = fault(at, |run| remove(run, |event| matches!(event, Event::ShortDefer { .. })));
        assert!(matches!(error, Error::Disallowed { .. }), "{error}");
    }
}

#[test]
fn a_wash_match_against_other_shares() {
    let error = fault(2, |run| {
        for event in events_of(run) {
            if let Event::WashDefer { tacked_days, .. } = event {
                *tacked_days += 1;
            }
        }
    });
    assert!(matches!(error, Error::Lot { field: "holding", .. }), "{error}");
}

/// Where a Run states a sum.
type Sum = fn(&mut Outcome) -> &mut Money;

#[test]
fn sums_that_the_run_states() {
    let plus = |money: &mut Money| *money = money.plus(Money::from_micros(20)).unwrap();
    let cases: [(&str, Sum); 7] = [
        ("value before", |outcome| &mut outcome.totals.nav_before),
        ("value after", |outcome| &mut outcome.totals.nav_after),
        ("cash after", |outcome| &mut outcome.totals.cash_after),
        ("costs", |outcome| &mut outcome.totals.costs),
        ("harvested", |outcome| &mut outcome.tax.harvested),
        ("tax accrued", |outcome| &mut outcome.tax.accrued),
        ("short-term result", |outcome| &mut outcome.tax.realised.short_term),
    ];
    for (what, of) in cases {
        let error = fault(2, |run| plus(of(&mut run.outcome)));
        assert!(matches!(error, Error::Sum { .. }) && error.to_string().contains(what), "{what}: {error}");
    }
}

#[test]
fn a_cost_that_no_event_has() {
    // Notional and cost both move: the cash is the same, the price is not.
    let error = fault(0, |run| {
        let trade = &mut run.outcome.trades[0];
        trade.notional = trade.notional.minus(MICRO).unwrap();
        trade.cost = trade.cost.plus(MICRO).unwrap();
    });
    assert!(matches!(error, Error::TradePrice { .. }), "{error}");
}

#[test]
fn a_run_left_out_or_of_another_account() {
    let mut runs = five_days();
    runs.remove(2);
    assert!(matches!(walk(&runs), Err(Error::NotNext { sequence: 3, .. })));
    let mut walk = Walk::new("E");
    assert!(matches!(walk.add(&five_days()[0]), Err(Error::NotNext { sequence: 0, .. })));
    assert!(matches!(Walk::new("E").finish(), Err(Error::NoRuns { .. })));
}

#[test]
fn real_runs_with_one_price_or_one_lot_changed() {
    let sound = runs("02-ls-130-30");
    let tampered = |tamper: &dyn Fn(&mut Vec<Run>)| {
        let mut runs = sound.clone();
        tamper(&mut runs);
        walk(&runs).unwrap_err()
    };
    let error = tampered(&|runs| {
        let at = runs[20].outcome.trades[0].security as usize;
        let price = &mut std::sync::Arc::make_mut(&mut runs[20].inputs.market).prices[at];
        *price = Price::from_e8(price.e8() + 1_000_000);
    });
    assert!(matches!(error, Error::TradePrice { .. }), "{error}");
    let error = tampered(&|runs| {
        let short = &mut runs[30].inputs.account.shorts[3];
        short.proceeds = short.proceeds.minus(MICRO).unwrap();
    });
    assert!(matches!(error, Error::Changed { sequence: 30, .. }), "{error}");
}
