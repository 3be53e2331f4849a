//! Two names whose plans can be written down.

use crate::scene::{INF, USUAL, near, planned, question};
use ndarray::{Array2, array};
use samebits_planner::{Error, Lot, Rates, Transition, first_period};
use samebits_qp::Risk;

/// All in the first of two independent names (variances 0.04 and 0.09), the target is half each. With `x` moved, the
/// active variance is `0.13 (1/2 - x)^2`.
fn two(periods: usize) -> Transition {
    Transition {
        benchmark: vec![0.5, 0.5],
        risk: Risk::Dense(array![[0.04, 0.0], [0.0, 0.09]]),
        lots: vec![
            Lot { name: 0, weight: 0.8, gain: 0.5, long_from: 0 },
            Lot { name: 0, weight: 0.2, gain: 0.6, long_from: 0 },
        ],
        rates: Rates { short: 0.4, long: 0.2 },
        tax_weight: 1.0,
        cost_buy: vec![0.0; 2],
        cost_sell: vec![0.0; 2],
        gamma: 10.0,
        terminal: 0.0,
        year: (0..periods).map(|period| period / 4).collect(),
        year_budget: vec![INF; periods.div_ceil(4)],
        period_budget: vec![INF; periods],
        cap: Array2::from_elem((periods, 2), INF),
        cash_min: 0.0,
        cash_max: 0.0,
        turnover_max: vec![INF; periods],
        buy_from: vec![0; 2],
        final_tracking: None,
    }
}

/// Without limits all is sold at once: `T gamma 0.13 (1/2 - x) = tax = 0.2 * 0.5`.
#[test]
fn without_limits_at_once() {
    for periods in [1, 4, 8, 16] {
        let found = planned(&two(periods));
        let x = 0.5 - 0.1 / (1.3 * periods as f64);
        let first = &found.evaluation.periods[0];
        near(first.trades.sales[0], x, 1e-6);
        near(first.trades.sales[1], 0.0, 1e-9);
        near(first.trades.buys[1], x, 1e-6);
        near(first.tracking_error, (0.13_f64).sqrt() * (0.5 - x), 1e-6);
        near(first.tax, 0.1 * x, 1e-7);
        for period in &found.evaluation.periods[1..] {
            near(period.turnover, 0.0, 1e-5);
        }
    }
}

/// The terminal weight adds to the last period: `(gamma + terminal) 0.13 (1/2 - x) = tax`.
#[test]
fn terminal_weight() {
    let found = planned(&Transition { terminal: 30.0, ..two(1) });
    near(found.evaluation.periods[0].trades.sales[0], 0.5 - 0.1 / (40.0 * 0.13), 1e-7);
    near(
        found.evaluation.objective,
        20.0 * 0.13 * (0.1_f64 / 5.2) * (0.1 / 5.2) + 0.1 * (0.5 - 0.1 / 5.2),
        1e-9,
    );
}

/// Gains of 5 % a year move 10 % at the start of each year, and use the budget exactly.
#[test]
fn a_binding_budget_is_used_exactly() {
    for periods in [4, 8, 12] {
        let mut question = two(periods);
        question.year_budget = vec![0.05; periods / 4];
        let found = planned(&question);
        for (year, own) in found.evaluation.years.iter().enumerate() {
            near(own.net_gain, 0.05, 1e-9);
            near(found.evaluation.periods[4 * year].trades.sales[0], 0.1, 1e-6);
            near(found.evaluation.periods[4 * year].weights[0], 0.9 - 0.1 * year as f64, 1e-6);
        }
    }
}

/// The solver leans on a loss in a lot too small to trade (a weight of 5e-10, a loss of 5e-7). Without it the gains exceed
/// the budget, so the budget is tightened and solved again.
#[test]
fn what_cleaning_takes_from_a_budget_is_given_back() {
    let mut question = two(4);
    question.year_budget = vec![0.05];
    question.lots[0].weight -= 5e-10;
    question.lots.push(Lot { name: 0, weight: 5e-10, gain: -1000.0, long_from: 0 });
    let found = planned(&question);
    assert_eq!(found.solves, 2);
    assert!(found.evaluation.periods.iter().all(|period| period.trades.sales[2] == 0.0));
    let net = found.evaluation.years[0].net_gain;
    assert!(net <= 0.05 && net > 0.05 - 2e-6, "{net}");
}

/// A budget of one period holds back that period alone.
#[test]
fn a_period_budget() {
    let mut question = two(4);
    question.period_budget[0] = 0.02;
    let found = planned(&question);
    near(found.evaluation.periods[0].net_gain, 0.02, 1e-9);
    near(found.evaluation.periods[0].trades.sales[0], 0.04, 1e-7);
    near(found.evaluation.periods[1].weights[0], 0.5 + 0.1 / (1.3 * 3.0), 1e-6);
}

/// A lot that becomes long-term in period 2 waits for it when the tax saved exceeds the risk of waiting.
#[test]
fn a_lot_waits_for_its_long_term() {
    let mut question = Transition { gamma: 1.0, ..two(8) };
    question.lots = vec![Lot { name: 0, weight: 1.0, gain: 0.9, long_from: 2 }];
    let found = planned(&question);
    for (period, own) in found.evaluation.periods.iter().enumerate() {
        let expected = if period == 2 { 0.5 - 0.18 / (0.13 * 6.0) } else { 0.0 };
        near(own.trades.sales[0], expected, 1e-5);
    }
    // Two periods of risk cost at most 2 * 0.13 / 2 = 0.13 a unit, the tax saved is 0.18. Without that saving: at once.
    question.rates.short = 0.2;
    let found = planned(&question);
    near(found.evaluation.periods[0].trades.sales[0], 0.5 - 0.18 / (0.13 * 8.0), 1e-5);
}

/// Losses make room: the year's net is what the budget counts.
#[test]
fn losses_make_room() {
    let mut question = two(4);
    question.lots[1] = Lot { name: 0, weight: 0.2, gain: -0.25, long_from: 0 };
    question.year_budget = vec![0.0];
    let found = planned(&question);
    let gains: f64 = found.evaluation.periods.iter().map(|period| period.gains).fold(0.0, |a, b| a + b);
    let losses: f64 = found.evaluation.periods.iter().map(|period| period.losses).fold(0.0, |a, b| a + b);
    near(losses, 0.05, 1e-7);
    near(gains, 0.05, 1e-7);
    assert!(found.evaluation.years[0].net_gain <= 1e-9);
}

/// A target is met by the lightest terminal weight tried; one below the floor is refused with the floor.
#[test]
fn a_final_target() {
    let mut question = two(4);
    question.year_budget = vec![0.2];
    let free = planned(&question);
    let reached = free.evaluation.periods[3].tracking_error;
    near(reached, (0.13_f64).sqrt() * 0.1, 1e-6);
    // The budget stops at 0.1: no weight gets below.
    question.final_tracking = Some(0.02);
    match samebits_planner::plan(&question) {
        Err(Error::TargetOutOfReach { target, reached, floor }) => {
            near(target, 0.02, 0.0);
            near(reached, (0.13_f64).sqrt() * 0.1, 1e-5);
            near(floor, (0.13_f64).sqrt() * 0.1, 1e-4);
            assert!(floor <= reached);
        }
        other => panic!("{other:?}"),
    }
    let mut question = Transition { gamma: 1.0, ..two(4) };
    let free = planned(&question).evaluation.periods[3].tracking_error;
    near(free, (0.13_f64).sqrt() * 0.1 / (4.0 * 0.13), 1e-5);
    question.final_tracking = Some(0.01);
    let found = planned(&question);
    let error = found.evaluation.periods[3].tracking_error;
    // sqrt(0.13) * 0.1 / (0.13 (4 + terminal)) <= 0.01, and no weight below terminal / 4^(1/16) was enough.
    assert!((0.009..=0.01).contains(&error), "{error}");
    let needed = 0.1 / (0.13_f64).sqrt() / 0.01 - 4.0;
    assert!(
        found.terminal >= needed * (1.0 - 1e-6) && found.terminal <= needed * 1.0906,
        "{}",
        found.terminal
    );
}

/// A loss that would be bought back is separated from the purchase; the bound says what that may have cost.
#[test]
fn no_purchase_where_a_loss_is_realised() {
    let mut question = two(2);
    question.benchmark = vec![0.9, 0.1];
    question.lots = vec![
        Lot { name: 0, weight: 0.5, gain: -0.3, long_from: 0 },
        Lot { name: 0, weight: 0.2, gain: 0.1, long_from: 0 },
        Lot { name: 1, weight: 0.3, gain: 0.1, long_from: 0 },
    ];
    let found = planned(&question);
    assert!(found.side.is_some() && !found.conflicts.is_empty());
    assert!(found.gap() > 1e-4, "{}", found.gap());
    let bought = found.evaluation.periods.iter().any(|p| p.trades.buys[0] > 0.1);
    let harvested = found.evaluation.periods.iter().any(|p| p.losses > 0.1);
    assert!(bought || harvested);
}

#[test]
fn the_first_period_of_a_rebalance() {
    let mut question = question(USUAL);
    question.cap[(0, 29)] = 0.001;
    let found = planned(&question);
    let asked = first_period(&question, &found);
    let own = &found.evaluation.periods[0];
    near(asked.gain_budget, own.net_gain, 0.0);
    near(asked.tracking_error_cap, own.tracking_error, 0.0);
    for (name, cap) in asked.weight_cap.iter().enumerate() {
        assert!(*cap >= own.weights[name] && *cap <= asked.largest_cap);
        assert!(*cap <= question.cap[(0, name)] + 1e-7);
        let sold = own.weights[name] > question.benchmark[name];
        assert!(!sold || *cap == own.weights[name]);
    }
    assert!(asked.losses_in.is_empty());
}
