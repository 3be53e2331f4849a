//! Bits of the device's answers against the CPU's: problems at the edges, and problems that are none.

use crate::scene::{mixed, strange, tracking, with_entries, with_factors};
use crate::stand::{By, PLAIN, SETTINGS, Stand};
use ndarray::Array2;
use samebits_qp::{Error, Problem, Risk, RowLimit, Settings, Status, TradeVariable};
use samebits_testkit::{Draw, Form, hostile};

#[test]
fn searches_of_hostile_problems() {
    let problems = strange(0..18);
    let device = PLAIN.check_all(By::ActiveSet, &problems);
    assert!(device > problems.len() / 3, "{device}");
}

/// Infeasible problems among them: the pauses, and the proofs of the host.
#[test]
fn iterations_on_hostile_problems() {
    let problems = strange(0..40);
    let device = PLAIN.check_all(By::Raw, &problems);
    assert!(device > problems.len() / 2, "{device}");
    let answers = By::Raw.on_cpu(&problems, &SETTINGS);
    let proven = answers.iter().flatten().filter(|answer| answer.status == Status::Infeasible);
    assert!(proven.count() > 10);
    let flat = problems.iter().filter(|problem| problem.gamma == 0.0);
    assert!(flat.count() > 2);
}

#[test]
fn finishes_of_hostile_problems() {
    let problems = strange(150..165);
    assert!(PLAIN.check_all(By::Ipm, &problems) > problems.len() / 2);
}

/// Work limits end searches and iterations where they end on the CPU.
#[test]
fn work_limits() {
    let problems: Vec<Problem> = mixed(12, 24, 3).into_iter().chain((0..10).map(hostile)).collect();
    for max_iterations in [0, 1, 2, 5] {
        let stand = Stand { settings: Settings { max_iterations, ..SETTINGS }, ..PLAIN };
        for by in By::ALL {
            stand.check_all(by, &problems);
        }
    }
}

/// Factor forms of no factor, few and many, of no specific variance, and problems of no asset.
#[test]
fn factor_forms() {
    let mut draw = Draw::new(11);
    let mut problems = Vec::new();
    for (k, n) in [(0, 9), (1, 5), (1, 30), (6, 40), (6, 3), (20, 12), (20, 45)] {
        let plain = with_factors(tracking(n, k as u64, Form::TaxLotsDense), k, &mut draw);
        let mut holes = plain.clone();
        if let Risk::Factor { exposures, covariance, specific } = &*plain.risk {
            let mut specific = specific.clone();
            specific[n / 2] = 0.0;
            let (exposures, covariance) = (exposures.clone(), covariance.clone());
            holes.risk = Risk::Factor { exposures, covariance, specific }.into();
        }
        problems.extend([plain, holes]);
    }
    for by in By::ALL {
        // Without specific variance a search may have no system to solve.
        assert!(PLAIN.check_all(by, &problems) >= problems.len() / 2, "{by:?}");
    }
}

/// Nothing to decide but trades without an asset, or nothing at all.
#[test]
fn no_asset() {
    let none = Problem {
        gamma: 2.0,
        risk: Risk::Dense(Array2::zeros((0, 0))).into(),
        benchmark: Vec::new(),
        start: Vec::new(),
        alpha: Vec::new(),
        lower: Vec::new(),
        upper: Vec::new(),
        trades: Vec::new(),
        rows: Vec::new(),
        risk_cap: None,
    };
    let mut loose = none.clone();
    loose.trades.push(TradeVariable { asset: None, sign: 1.0, cost: -0.5, upper: 0.25 });
    let mut row = loose.clone();
    let on_trades = vec![1.0];
    row.rows.push(RowLimit { on_weights: Vec::new(), on_trades, lower: 0.0, upper: 0.125 });
    let problems = [none, loose, tracking(4, 1, Form::LongOnly), row];
    for by in By::ALL {
        PLAIN.check(by, &problems);
    }
}

/// Entries that `f32` cannot hold are sent as they are, some or all of them.
#[test]
fn entries_beyond_single_precision() {
    let mut problems = Vec::new();
    for n in [3, 17, 50] {
        let base = tracking(n, 5, Form::TaxLotsDense);
        problems.push(with_entries(base.clone(), |i, j, entry| entry * (1.0 + 1e-9 * (i + 2 * j) as f64)));
        problems.push(with_entries(base.clone(), |i, j, entry| {
            if i == 2 && j == 1 { entry * (1.0 + 1e-12) } else { entry }
        }));
        problems.push(base);
    }
    for by in By::ALL {
        assert_eq!(PLAIN.check_all(by, &problems), problems.len(), "{by:?}");
    }
}

/// What is not a problem, among problems: each gets its own error, the others their answers.
#[test]
fn malformed_among_others() {
    let mut problems = mixed(14, 30, 21);
    let n = |k: usize, problems: &[Problem]| problems[k].n();
    problems[2].start.push(0.5);
    problems[4].gamma = f64::NAN;
    problems[5].lower[0] = 9.0;
    problems[7].trades[0].asset = Some(n(7, &problems));
    problems[8].rows[0].on_weights[0] = f64::INFINITY;
    problems[10].risk = Risk::Dense(Array2::zeros((1, 2))).into();
    problems[11].risk_cap = Some(-1.0);
    for by in By::ALL {
        let answers = by.on_cpu(&problems, &SETTINGS);
        let wrong: Vec<usize> = (0..problems.len()).filter(|&k| answers[k].is_err()).collect();
        assert_eq!(wrong, [2, 4, 5, 7, 8, 10, 11], "{by:?}");
        assert!(PLAIN.check_all(by, &problems) >= problems.len() - wrong.len() - 1, "{by:?}");
    }
}

/// Covariances that are not positive semidefinite, dense and by factors: the CPU's errors and answers.
#[test]
fn indefinite_covariances() {
    let mut problems = mixed(6, 30, 22);
    let base = tracking(20, 1, Form::TaxLotsDense);
    problems
        .insert(1, with_entries(base.clone(), |i, j, entry| if i == j && i == 13 { -entry } else { entry }));
    problems.insert(3, with_entries(base.clone(), |i, j, entry| if i == 7 && j == 3 { 2.0 } else { entry }));
    let mut factors = with_factors(base, 3, &mut Draw::new(5));
    if let Risk::Factor { exposures, specific, .. } = &*factors.risk.clone() {
        let covariance =
            Array2::from_shape_fn((3, 3), |(i, j)| if i == j { 0.1 - 0.1 * i as f64 } else { 0.0 });
        let (exposures, specific) = (exposures.clone(), specific.clone());
        factors.risk = Risk::Factor { exposures, covariance, specific }.into();
    }
    problems.push(factors);
    let raw = By::Raw.on_cpu(&problems, &SETTINGS);
    assert!(raw.iter().filter(|answer| matches!(answer, Err(Error::NotPositive { .. }))).count() >= 2);
    for by in By::ALL {
        PLAIN.check_all(by, &problems);
    }
}

/// Many lots of one name may be open at once; beyond the room for them a search goes to the CPU.
#[test]
fn many_open_trades() {
    let mut problems = Vec::new();
    for (n, lots) in [(3, 16), (2, 70), (5, 20)] {
        let mut problem = tracking(n, 9, Form::TaxLotsDense);
        for k in 0..lots {
            let (asset, upper) = (Some(k % n), 0.4 / lots as f64);
            problem.trades.push(TradeVariable { asset, sign: 1.0, cost: 1e-4 * (1.0 + k as f64), upper });
        }
        let m = problem.trades.len();
        // One row a trade or two: every trade has a price of its own.
        for k in 0..lots {
            let mut on_trades = vec![0.0; m];
            on_trades[m - 1 - k] = 1.0;
            on_trades[k % m] += 0.5;
            let row = RowLimit { on_weights: Vec::new(), on_trades, lower: f64::NEG_INFINITY, upper: 1e-3 };
            problem.rows.push(row);
        }
        problems.push(problem);
    }
    for by in By::ALL {
        PLAIN.check(by, &problems);
    }
}
