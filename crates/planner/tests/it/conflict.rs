//! Limits that contradict each other are named; malformed questions too.

use crate::scene::{INF, USUAL, planned, question};
use ndarray::array;
use samebits_planner::{Error, Limit, Transition, check, evaluate, plan};

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

/// What `check` refuses: a plan moved by hand.
#[test]
fn moved_plans_are_refused() {
    let asked = question(USUAL);
    let found = planned(&asked);
    let trades: Vec<_> = found.evaluation.periods.iter().map(|period| period.trades.clone()).collect();
    let lot = (0..40).find(|l| trades[0].sales[*l] > 1e-3).unwrap();
    let name = asked.lots[lot].name;
    let judged = |moved: &[samebits_planner::Trades]| check(&asked, &evaluate(&asked, moved)?);
    judged(&trades).unwrap();

    let mut more = trades.clone();
    more[0].sales[lot] += 1e-8 / asked.lots[lot].gain;
    let error = judged(&more).unwrap_err();
    assert!(
        matches!(error, Error::Exceeded { limit: Limit::YearBudget(0), .. } | Error::Oversold { .. }),
        "{error}"
    );

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
    let strict = Transition { final_tracking: Some(1e-3), ..asked.clone() };
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
