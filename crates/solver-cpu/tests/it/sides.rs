//! Conflicts of sides: the search, the bound, branch and bound, and warm solves.

use crate::scene::SETTINGS;
use samebits_canon::{Isa, abs, min};
use samebits_qp::sides::{
    Conflict, Session, Side, Start, admit, curvature, lower_bound, prove, search, session,
};
use samebits_qp::{Problem, RowLimit, Solution, Solver, Status};
use samebits_solver_cpu::{ActiveSet, Ipm};
use samebits_testkit::{Form, Tracking};

const TOLERANCE: f64 = 1e-9;

fn scene(n: usize, seed: u64, most: usize) -> (Problem, Vec<Conflict>) {
    let form = if seed.is_multiple_of(3) { Form::Factor } else { Form::TaxLotsDense };
    Tracking::new(n, seed).conflicts(form, most)
}

fn active() -> ActiveSet {
    ActiveSet::new(Isa::detect(), 1)
}

/// The problem with every conflict on its side, solved from the beginning.
fn anew(solver: &dyn Solver, problem: &Problem, conflicts: &[Conflict], sides: &[Side]) -> Solution {
    let mut fixed = problem.clone();
    for (conflict, side) in conflicts.iter().zip(sides) {
        for &trade in conflict.barred(*side).0 {
            fixed.trades[trade].upper = 0.0;
        }
    }
    solver.solve(&fixed, &SETTINGS).unwrap()
}

fn every_choice(count: usize) -> impl Iterator<Item = Vec<Side>> {
    (0..1_u32 << count).map(move |bits| {
        (0..count).map(|k| if bits >> k & 1 == 1 { Side::Buy } else { Side::Sell }).collect()
    })
}

/// Branch and bound against all choices, one by one; the bound below each of them.
#[test]
fn branch_and_bound_finds_the_best_of_all() {
    let solver = active();
    for seed in 0..8 {
        let (problem, conflicts) = scene(16, seed, 6);
        let choices: Vec<(Vec<Side>, f64)> = every_choice(conflicts.len())
            .map(|sides| (anew(&solver, &problem, &conflicts, &sides), sides))
            .filter(|(found, _)| found.status == Status::Optimal)
            .map(|(found, sides)| (sides, found.objective))
            .collect();
        let best = choices.iter().fold(f64::INFINITY, |least, choice| min(least, choice.1));
        let delta = curvature(Isa::detect(), &problem);
        let mut one = session(&solver, &problem, &SETTINGS).unwrap();
        let start = choices[0].0.clone();
        let proof = prove(&mut *one, &problem, &conflicts, &delta, &start, 10_000, TOLERANCE).unwrap();
        assert!(proof.closed, "{seed}");
        assert!(abs(proof.objective - best) < 2.0 * TOLERANCE, "{seed}: {} {best}", proof.objective);
        for (sides, objective) in &choices {
            let found = anew(&solver, &problem, &conflicts, sides);
            let open = vec![None; conflicts.len()];
            let bound = lower_bound(Isa::detect(), &problem, &conflicts, &open, &found, &delta);
            assert!(bound.objective <= best + 1e-12, "{seed}: bound {} above {best}", bound.objective);
            // One flip raises the objective by no less than the bound says.
            for k in 0..conflicts.len() {
                let mut other = sides.clone();
                other[k] = other[k].other();
                let flipped = choices.iter().find(|choice| choice.0 == other);
                let least = objective + bound.rise(k, sides[k]);
                assert!(flipped.is_none_or(|flipped| flipped.1 >= least - 1e-11), "{seed} {k}");
            }
            // With its own sides fixed the bound is the optimum.
            let fixed: Vec<Option<Side>> = sides.iter().copied().map(Some).collect();
            let own = lower_bound(Isa::detect(), &problem, &conflicts, &fixed, &found, &delta);
            assert!(abs(own.objective - objective) < 1e-10, "{seed}: {} {objective}", own.objective);
        }
    }
}

/// Seventy instances of up to 25 conflicts: never below the proven optimum, equal to it in nearly all.
#[test]
fn the_search_against_the_proven_optimum() {
    let solver = active();
    let (mut equal, mut closed, mut bought) = (0, 0, 0);
    for seed in 0..70 {
        let (problem, conflicts) = scene(30, seed, 25);
        let mut sessions = vec![session(&solver, &problem, &SETTINGS).unwrap()];
        let found = search(&mut sessions, &problem, &conflicts, Start::default(), Isa::detect()).unwrap();
        let (objective, no_buy) = (found.objective.unwrap(), found.no_buy.unwrap());
        assert!(objective <= no_buy && found.lower_bound.unwrap() <= objective + 1e-12, "{seed}");
        let delta = curvature(Isa::detect(), &problem);
        let proof =
            prove(&mut *sessions[0], &problem, &conflicts, &delta, &found.sides, 3_000, TOLERANCE).unwrap();
        assert!(proof.objective <= objective + 1e-12, "{seed}");
        closed += u32::from(proof.closed);
        equal += u32::from(proof.closed && objective <= proof.objective + TOLERANCE);
        bought += found.sides.iter().filter(|side| **side == Side::Buy).count();
    }
    assert!(closed >= 60, "{closed} closed");
    // Neither single flips nor pairs reach an optimum that is three flips away.
    assert!(equal >= 67, "{equal} of {closed} equal");
    assert!(bought > 100, "{bought}");
}

/// One session or seven: the same sides, counts and bits.
#[test]
fn the_number_of_sessions_moves_nothing() {
    for seed in 0..6 {
        let (problem, conflicts) = scene(60, seed, 15);
        let run = |isa: Isa, count: usize| {
            let solver = ActiveSet::new(isa, 1);
            let mut sessions: Vec<Box<dyn Session>> =
                (0..count).map(|_| session(&solver, &problem, &SETTINGS).unwrap()).collect();
            search(&mut sessions, &problem, &conflicts, Start::default(), isa).unwrap()
        };
        let one = run(Isa::Portable, 1);
        for isa in Isa::available() {
            assert_eq!(run(isa, 7), one, "{seed}");
            assert_eq!(run(isa, 2).objective.unwrap().to_bits(), one.objective.unwrap().to_bits());
        }
    }
}

/// A warm solve after any flips is the cold one, in all bits.
#[test]
fn warm_is_cold() {
    let (solver, ipm) = (active(), Ipm::new(Isa::detect(), 1));
    let mut draw = samebits_testkit::Draw::new(5);
    for seed in 0..24 {
        let (mut problem, conflicts) = scene(40, seed, 15);
        if seed % 2 == 1 {
            // A row that prices trades ties the lots of a name to each other.
            let on_trades = vec![1.0; problem.trades.len()];
            let (lower, upper) = (f64::NEG_INFINITY, 0.3);
            problem.rows.push(RowLimit { on_weights: Vec::new(), on_trades, lower, upper });
        }
        let mut warm = session(&solver, &problem, &SETTINGS).unwrap();
        let mut sides = vec![Side::Sell; conflicts.len()];
        for (conflict, side) in conflicts.iter().zip(&sides) {
            admit(&mut *warm, &problem, conflict, *side);
        }
        warm.solve(None).unwrap();
        for _ in 0..12 {
            let k = draw.below(conflicts.len());
            sides[k] = sides[k].other();
            let from = warm.state();
            admit(&mut *warm, &problem, &conflicts[k], sides[k]);
            let objective = warm.solve(from.as_ref()).unwrap();
            let cold = anew(&solver, &problem, &conflicts, &sides);
            assert_eq!(objective.is_some(), cold.status == Status::Optimal, "{seed}");
            let found = warm.solution().unwrap();
            let same = |other: &Solution| {
                found.weights.iter().zip(&other.weights).all(|(a, b)| a.to_bits() == b.to_bits())
            };
            assert!(same(&cold), "{seed}");
            assert!(same(&anew(&ipm, &problem, &conflicts, &sides)), "{seed}");
        }
    }
}

/// A session that is told which objective is wanted still finds every answer at or below it, and may leave out those above.
#[test]
fn a_cutoff_hides_no_answer_that_is_wanted() {
    let solver = active();
    let (mut left_out, mut found) = (0, 0);
    for seed in 0..400 {
        let problem = samebits_testkit::hostile(seed);
        let whole = solver.solve(&problem, &SETTINGS).unwrap();
        let mut session = session(&solver, &problem, &SETTINGS).unwrap();
        let objective = whole.objective;
        match whole.status {
            Status::Optimal => {
                session.set_cutoff(objective + 1e-6 * (1.0 + abs(objective)));
                assert!(session.solve(None).unwrap().is_some(), "{seed}");
                let again = session.solution().unwrap().objective;
                assert!(
                    abs(again - objective) <= 1e-9 * (1.0 + abs(objective)),
                    "{seed}: {again} {objective}"
                );
                found += 1;
            }
            Status::Infeasible => {
                session.set_cutoff(1e3);
                // An uncertified answer is none.
                let none = session.solve(None).unwrap().is_none();
                assert!(none || session.solution().unwrap().status != Status::Optimal, "{seed}");
                left_out += u32::from(none);
            }
            _ => {}
        }
    }
    assert!(found > 100 && left_out > 50, "{found}, {left_out}");
}
