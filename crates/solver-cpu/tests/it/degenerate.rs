//! Optima that more than one state describes: every way to them ends in the same one.

use crate::scene::{Draw, SETTINGS, Shape, problem};
use samebits_canon::Isa;
use samebits_qp::sides::session;
use samebits_qp::{AT_UPPER, AT_ZERO, BETWEEN, Problem, RowLimit, Solution, Solver, State};
use samebits_solver_cpu::{ActiveSet, Clarabel, Finished, Ipm};

/// Lots of an asset that all cost the same, the one of the largest gain first; the gains of the day may not fall below zero.
fn tied(seed: u64) -> Problem {
    let shape = Shape {
        n: 8,
        lots: 4,
        factor_form: seed.is_multiple_of(2),
        cap: None,
        turnover: Some(0.4),
        gains: Some(1.0),
    };
    let mut problem = problem(seed, shape);
    let mut draw = Draw(seed ^ 0x5eed);
    let worthless = seed.is_multiple_of(3);
    let gains = problem.rows.last().unwrap().on_trades.clone();
    let mut on_trades = gains.clone();
    for asset in 0..problem.n() {
        let lots: Vec<usize> = (0..problem.trades.len())
            .filter(|&t| problem.trades[t].asset == Some(asset) && problem.trades[t].sign < 0.0)
            .collect();
        let mut own: Vec<f64> = lots.iter().map(|&t| gains[t]).collect();
        own.sort_by(|a, b| b.total_cmp(a));
        for (&t, gain) in lots.iter().zip(own) {
            // Without gains the row stands exactly at its limit wherever it may.
            on_trades[t] = if worthless && gain > 0.0 { 0.0 } else { gain };
            problem.trades[t].cost = 0.0005;
        }
        problem.start[asset] *= 1.0 + 0.3 * draw.next();
    }
    *problem.rows.last_mut().unwrap() =
        RowLimit { on_weights: Vec::new(), on_trades, lower: -0.0, upper: f64::INFINITY };
    problem.rows[0].lower = 0.0;
    problem.rows[0].upper = 1.0;
    problem
}

/// `state` with the lots of every asset sold in the opposite order, the row of gains held.
fn wrong(problem: &Problem, state: &State) -> State {
    let mut wrong = state.clone();
    for asset in 0..problem.n() {
        let sales = |t: &usize| problem.trades[*t].asset == Some(asset) && problem.trades[*t].sign < 0.0;
        let lots: Vec<usize> = (0..problem.trades.len()).filter(sales).collect();
        for (&t, &other) in lots.iter().zip(lots.iter().rev()) {
            wrong.trades[t] = state.trades[other];
        }
    }
    *wrong.rows.last_mut().unwrap() = -1;
    wrong
}

fn state(solution: &Solution) -> &State {
    &solution.finish.as_ref().unwrap().state
}

#[test]
fn every_solver_and_every_start_ends_in_one_state() {
    let isa = Isa::detect();
    let active = ActiveSet::new(isa, 1);
    let others: [Box<dyn Solver>; 2] = [
        Box::new(Finished::new("ipm/1", Ipm::new(isa, 1), isa, 1)),
        Box::new(Finished::new("clarabel/1", Clarabel { isa }, isa, 1)),
    ];
    let (mut sold, mut at_limit) = (0, 0);
    for seed in 0..60 {
        let problem = tied(seed);
        let cold = active.solve(&problem, &SETTINGS).unwrap();
        for other in &others {
            let found = other.solve(&problem, &SETTINGS).unwrap();
            assert_eq!(state(&found), state(&cold), "seed {seed}, {}", other.id());
            assert_eq!((&found.weights, &found.trades), (&cold.weights, &cold.trades), "seed {seed}");
        }
        let mut session = session(&active, &problem, &SETTINGS).unwrap();
        session.solve(Some(&wrong(&problem, state(&cold)))).unwrap().unwrap();
        assert_eq!(session.state().as_ref(), Some(state(&cold)), "seed {seed}, a wrong start");

        let found = state(&cold);
        let gained = problem.row_value(problem.rows.len() - 1, &cold.weights, &cold.trades);
        let held = *found.rows.last().unwrap();
        assert!(held == 0 || *cold.multipliers.rows.last().unwrap() < 0.0, "seed {seed}: held for nothing");
        at_limit += usize::from(gained.abs() < 1e-12 && held == 0);
        for (t, trade) in problem.trades.iter().enumerate() {
            let inside = cold.trades[t] > 1e-12 && cold.trades[t] < trade.upper - 1e-12;
            // A row that costs something may rest on a trade that stands at its bound.
            let rests = held != 0 || inside;
            assert!(found.trades[t] != BETWEEN || rests, "seed {seed}: trade {t} stands at a bound");
        }
        // No lot goes before one that is listed earlier, unless the row makes a difference between them.
        for pair in (0..problem.trades.len()).collect::<Vec<_>>().windows(2) {
            let [first, second] = [pair[0], pair[1]];
            let lots = [first, second].map(|t| (problem.trades[t].asset, problem.trades[t].sign < 0.0));
            if lots[0] == lots[1] && held == 0 && found.trades[second] != AT_ZERO {
                assert_eq!(found.trades[first], AT_UPPER, "seed {seed}: lot {second} before {first}");
                sold += 1;
            }
        }
    }
    assert!(
        sold > 20 && at_limit > 5,
        "{sold} lots after others, {at_limit} rows at their limit for nothing"
    );
}
