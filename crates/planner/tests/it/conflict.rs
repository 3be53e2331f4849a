//! Limits that contradict each other are named; malformed questions too.

use crate::scene::{INF, USUAL, planned, question};
use ndarray::array;
use samebits_planner::{Error, Limit, Lot, Transition, check, evaluate, plan};

fn named(question: &Transition) -> Vec<Limit> {
    match plan(question) {
        Err(Error::Infeasible { limits }) => limits,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_cap_against_a_budget() {
    for dense in [false, true] {
        let mut question = question(crate::scene::Shape { dense, ..USUAL });
        // Name 0 has to be gone after the third period, and its gains do not fit into the first year.
        question.cap[(2, 0)] = 0.0;
        question.year_budget = vec![0.01, 1.0];
        let limits = named(&question);
        assert_eq!(limits, [Limit::YearBudget(0), Limit::Cap { period: 2, name: 0 }]);
        let text = plan(&question).unwrap_err().to_string();
        assert!(text.contains("gain budget of year 0") && text.contains("weight cap of name 0"), "{text}");
        // With room for those gains there is a plan.
        let needed: f64 =
            question.lots.iter().filter(|lot| lot.name == 0).fold(0.0, |s, l| s + l.gain * l.weight);
        question.year_budget[0] = needed + 1e-6;
        planned(&question);
    }
}

#[test]
fn other_conflicts() {
    // Cash that only sales could raise.
    let mut asked = question(USUAL);
    (asked.cash_min, asked.cash_max) = (0.5, 0.6);
    let limits = named(&asked);
    assert_eq!(limits, [Limit::YearBudget(0), Limit::CashMin(0)]);
    // A budget that needs more losses than there are.
    let mut asked = question(USUAL);
    asked.year_budget[1] = -0.1;
    assert_eq!(named(&asked), [Limit::YearBudget(1)]);
    // A turnover of 0 where a cap asks for a sale; period 1 has no limit and comes too late.
    let mut asked = question(USUAL);
    asked.turnover_max[0] = 0.0;
    asked.year_budget = vec![INF; 2];
    asked.cap[(0, 3)] = 0.01;
    let limits = named(&asked);
    assert_eq!(limits, [Limit::Turnover(0), Limit::Cap { period: 0, name: 3 }]);
    // Caps below what may be invested.
    let mut asked = question(USUAL);
    asked.year_budget = vec![INF; 2];
    asked.cap.row_mut(7).fill(0.02);
    let limits = named(&asked);
    assert_eq!(limits.len(), 31);
    assert_eq!(limits[..2], [Limit::CashMax(7), Limit::Cap { period: 7, name: 0 }]);
}

#[test]
fn a_target_below_the_floor() {
    let mut asked = question(USUAL);
    asked.final_tracking = Some(0.0005);
    match plan(&asked) {
        Err(Error::TargetOutOfReach { reached, floor, .. }) => {
            assert!(floor > 0.0005 && floor <= reached && reached < 1.01 * floor, "{floor} {reached}");
        }
        other => panic!("{other:?}"),
    }
}

/// Losses have to be realised and there is nothing else to buy: with the purchase or the loss barred nothing is left.
#[test]
fn a_loss_that_has_to_be_bought_back() {
    let mut asked = question(USUAL);
    asked.lots = vec![Lot { name: 4, weight: 1.0, gain: -0.2, long_from: 0 }];
    asked.buy_from = vec![8; 30];
    asked.buy_from[4] = 0;
    asked.period_budget[5] = -0.1;
    match plan(&asked) {
        Err(Error::WashConflict { name: 4, .. }) => {}
        other => panic!("{other:?}"),
    }
    // Where cash may be held there is a plan.
    asked.cash_max = 0.6;
    planned(&asked);
}

/// What `check` refuses: a plan moved by hand.
#[test]
fn moved_plans_are_refused() {
    let asked = question(USUAL);
    let found = planned(&asked);
    let trades: Vec<_> = found.evaluation.periods.iter().map(|period| period.trades.clone()).collect();
    // A lot of which enough is sold, and enough is left to sell more.
    let sold = |l: usize| trades.iter().fold(0.0, |sum, period| sum + period.sales[l]);
    let some = |l: &usize| trades[0].sales[*l] > 1e-3 && sold(*l) < asked.lots[*l].weight - 1e-3;
    let lot = (0..40).find(some).unwrap();
    let name = asked.lots[lot].name;
    let judged = |moved: &[samebits_planner::Trades]| check(&asked, &evaluate(&asked, moved)?);
    judged(&trades).unwrap();

    // The budget of the first year binds: half its tolerance more is accepted, five times the tolerance is not.
    for (by, accepted) in [(5e-10, true), (5e-9, false)] {
        let mut more = trades.clone();
        more[0].sales[lot] += by / asked.lots[lot].gain;
        match judged(&more) {
            Ok(()) => assert!(accepted),
            Err(Error::Exceeded { limit: Limit::YearBudget(0), excess }) => {
                assert!(!accepted && excess < 6e-9);
            }
            Err(other) => panic!("{other}"),
        }
    }
    let halved = Transition { period_budget: vec![0.02; 8], ..asked.clone() };
    let error = check(&halved, &found.evaluation).unwrap_err();
    assert!(matches!(error, Error::Exceeded { limit: Limit::PeriodBudget(0), .. }), "{error}");

    let mut back = trades.clone();
    back[0].buys[name] += 1e-10;
    assert_eq!(judged(&back).unwrap_err(), Error::BoughtAndSold { period: 0, name });

    let mut unpaid = trades.clone();
    let other = (0..30).find(|n| asked.lots.iter().all(|lot| lot.name != *n)).unwrap();
    unpaid[0].buys[other] += 1e-6 + found.evaluation.periods[0].cash;
    assert!(matches!(judged(&unpaid), Err(Error::Exceeded { limit: Limit::CashMin(0), .. })));

    let mut twice = trades.clone();
    twice[7].sales[lot] = asked.lots[lot].weight;
    assert!(matches!(judged(&twice), Err(Error::Oversold { period: 7, .. })));

    let mut wild = trades.clone();
    wild[3].sales[lot] = f64::NAN;
    assert!(matches!(judged(&wild), Err(Error::Oversold { period: 3, .. })));

    let barred = Transition { buy_from: vec![8; 30], ..asked.clone() };
    let error = check(&barred, &found.evaluation).unwrap_err();
    assert!(matches!(error, Error::Exceeded { limit: Limit::NoBuy { .. }, .. }), "{error}");
    let reached = found.evaluation.periods[7].tracking_error;
    let exactly = Transition { final_tracking: Some(reached), ..asked.clone() };
    check(&exactly, &found.evaluation).unwrap();
    let strict = Transition { final_tracking: Some(reached * (1.0 - 1e-12)), ..asked.clone() };
    assert!(matches!(check(&strict, &found.evaluation), Err(Error::AboveTarget { .. })));
}

#[test]
fn malformed_questions_name_the_entry() {
    type Spoil = fn(&mut Transition);
    let cases: [(Spoil, &str); 16] = [
        (|q| q.benchmark[3] = f64::NAN, "benchmark[3] = NaN"),
        (|q| q.benchmark.truncate(29), "risk: 30 entries, expected 29"),
        (|q| q.lots[2].name = 30, "lots.name[2] = 30"),
        (|q| q.lots[2].weight = 0.0, "lots.weight[2] = 0"),
        (|q| q.lots[2].gain = 1.1, "lots.gain[2] = 1.1"),
        (|q| q.rates.short = -0.1, "rates.short[0] = -0.1"),
        (|q| q.year[1] = 2, "year[1] = 2"),
        (|q| q.year = vec![0; 9], "year_budget: 2 entries, expected 1"),
        (|q| q.year_budget[1] = f64::NAN, "year_budget[1] = NaN"),
        (|q| q.cap[(1, 1)] = -1.0, "cap[31] = -1"),
        (|q| q.cash_max = -1.0, "cash_max[0] = -1"),
        (|q| q.gamma = 0.0, "gamma[0] = 0"),
        (|q| q.cost_sell[4] = 1.0, "cost_sell[4] = 1"),
        (|q| q.final_tracking = Some(0.0), "final_tracking[0] = 0"),
        (|q| q.turnover_max[7] = f64::NAN, "turnover_max[7] = NaN"),
        (
            |q| {
                let risk = samebits_qp::Risk::Dense(array![[1.0, 2.0], [2.0, 1.0]]);
                *q = Transition { benchmark: vec![0.5; 2], risk, ..q.clone() };
                q.lots.clear();
                (q.cost_buy, q.cost_sell, q.buy_from) = (vec![0.0; 2], vec![0.0; 2], vec![0; 2]);
                q.cap = ndarray::Array2::from_elem((8, 2), INF);
            },
            "risk is not positive definite: pivot -3 in column 1",
        ),
    ];
    for (spoil, text) in cases {
        let mut asked = question(USUAL);
        spoil(&mut asked);
        let error = plan(&asked).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(text), "{error}, expected {text}");
    }
}
