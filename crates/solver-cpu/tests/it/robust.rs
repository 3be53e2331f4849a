//! Problems at the edges: every answer is a certified optimum, a proven infeasibility, or an honest failure.

use crate::scene::SETTINGS;
use samebits_canon::{Isa, max};
use samebits_qp::{Path, Problem, Solution, Solver, Status, certify, refutes};
use samebits_solver_cpu::{ActiveSet, Ipm};
use samebits_testkit::hostile;

const INSTANCES: u64 = 10_000;

/// The answer's own claim, from the problem's data alone.
fn judge(problem: &Problem, found: &Solution, seed: u64) -> Status {
    assert_eq!(found.weights.len(), problem.n(), "{seed}");
    match found.status {
        Status::Optimal => {
            let residuals = certify(problem, &found.weights, &found.trades, &found.multipliers);
            let (size, slope) = scales(problem, found);
            assert!(residuals.within(1e-8, size, slope), "{seed}: {residuals:?}, {size} {slope}");
        }
        Status::Infeasible => {
            assert!(refutes(problem, &found.weights, &found.multipliers).is_some(), "{seed}: no proof");
        }
        _ => {}
    }
    found.status
}

/// The largest number of its kind that the problem has: weights and their limits, slopes of the objective.
fn scales(problem: &Problem, found: &Solution) -> (f64, f64) {
    let largest = |values: &[f64]| {
        let finite = values.iter().map(|x| x.abs()).filter(|x| x.is_finite());
        finite.fold(0.0, max)
    };
    let trades = || problem.trades.iter();
    let size = [&problem.start, &problem.benchmark, &problem.upper, &found.weights].map(|w| largest(w));
    let cost = largest(&trades().map(|t| t.cost).collect::<Vec<_>>());
    let reach = largest(&trades().map(|t| t.upper).collect::<Vec<_>>());
    let size = size.into_iter().fold(reach, max);
    let steepness = largest(&problem.risk.diagonal()) * problem.gamma * size;
    (size, max(max(steepness, cost), largest(&problem.alpha)))
}

#[test]
fn ten_thousand_hostile_problems() {
    let isa = Isa::detect();
    let (active, ipm) = (ActiveSet::new(isa, 1), Ipm::new(isa, 1));
    let (mut optimal, mut infeasible, mut failed, mut compared) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut climbed = 0_u64;
    for seed in 0..INSTANCES {
        let problem = hostile(seed);
        let found = active.solve(&problem, &SETTINGS).unwrap();
        match judge(&problem, &found, seed) {
            Status::Optimal => optimal += 1,
            Status::Infeasible => infeasible += 1,
            _ => failed += 1,
        }
        let other = ipm.solve(&problem, &SETTINGS).unwrap();
        let decided = |status| status == Status::Optimal || status == Status::Infeasible;
        if decided(judge(&problem, &other, seed)) && decided(found.status) {
            assert_eq!(found.status, other.status, "{seed}");
        }
        if found.finish.as_ref().is_some_and(|finish| !finish.degenerate()) {
            compared += 1;
            climbed += u64::from(found.path == Path::Ascent);
            let mut pairs = found.weights.iter().zip(&other.weights);
            assert!(pairs.all(|(a, b)| a.to_bits() == b.to_bits()), "{seed}: not degenerate, other bits");
        }
    }
    assert!(optimal > INSTANCES / 2 && infeasible > INSTANCES / 4 && compared > INSTANCES / 4);
    assert!(climbed > INSTANCES / 1000, "{climbed} up the dual of the rows");
    // Honest failures are allowed, not frequent.
    assert!(failed < INSTANCES / 40, "{failed}");
}

/// A work limit of any size ends a solve, with a status and whole answers.
#[test]
fn a_work_limit_ends_every_solve() {
    let isa = Isa::detect();
    let solvers: [Box<dyn Solver>; 2] = [Box::new(ActiveSet::new(isa, 1)), Box::new(Ipm::new(isa, 1))];
    let mut limited = 0;
    for seed in 0..200 {
        let problem = hostile(seed);
        for solver in &solvers {
            for max_iterations in [0, 1, 2, 3] {
                let settings = samebits_qp::Settings { max_iterations, ..SETTINGS };
                let found = solver.solve(&problem, &settings).unwrap();
                judge(&problem, &found, seed);
                limited += u32::from(found.status == Status::IterationLimit);
            }
        }
    }
    assert!(limited > 100, "{limited}");
}

/// A stored state comes from foreign bytes: whatever it says, the point that it decides is judged, refused, or an error. A
/// state that is accepted gives a certified optimum.
#[test]
fn tampered_states_are_judged() {
    let active = ActiveSet::new(Isa::detect(), 1);
    let (mut accepted, mut refused, mut errors) = (0_u64, 0_u64, 0_u64);
    for seed in 0..400 {
        let problem = hostile(seed);
        let found = active.solve(&problem, &SETTINGS).unwrap();
        let Some(finish) = found.finish.filter(|_| found.status == Status::Optimal) else { continue };
        for t in 0..problem.trades.len() {
            for code in 0..3 {
                let mut state = finish.state.clone();
                state.trades[t] = code;
                match ActiveSet::new(Isa::detect(), 1).at(&problem, &state, &SETTINGS) {
                    Ok(Some(answer)) => {
                        judge(&problem, &answer, seed);
                        accepted += 1;
                    }
                    Ok(None) => refused += 1,
                    Err(_) => errors += 1,
                }
            }
        }
    }
    assert!(accepted > 0 && refused > 0 && errors > 0, "{accepted} {refused} {errors}");
}
