//! The certificate accepts optima and refuses everything else; the backend has one answer.

use crate::scene::{Shape, problem, solve};
use proptest::prelude::*;
use samebits_canon::Isa;
use samebits_qp::{Certificate, Solver, Status, certify};
use samebits_solver_cpu::Clarabel;

fn shape() -> impl Strategy<Value = Shape> {
    let limit = |range: std::ops::Range<f64>| prop_oneof![Just(None), range.prop_map(Some)];
    (2..14_usize, 1..4_usize, any::<bool>(), limit(0.02..0.2), limit(0.05..0.5), limit(0.001..0.05)).prop_map(
        |(n, lots, factor_form, cap, turnover, gains)| Shape { n, lots, factor_form, cap, turnover, gains },
    )
}

fn worst(c: &Certificate) -> f64 {
    [c.primal, c.dual, c.complementarity, c.gap].into_iter().fold(0.0, samebits_canon::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn an_optimum_has_a_small_certificate(seed in any::<u64>(), shape in shape()) {
        let problem = problem(seed, shape);
        let found = solve(&problem);
        prop_assert!(matches!(found.status, Status::Optimal | Status::Infeasible), "{:?}", found.certificate);
        if found.status == Status::Optimal {
            prop_assert!(worst(&found.certificate) < 1e-6);
            let again = certify(&problem, &found.weights, &found.trades, &found.multipliers);
            prop_assert_eq!(again, found.certificate);
        }
    }

    /// No other point and no other multipliers are blessed: trades moved along a purchase, one multiplier changed.
    #[test]
    fn a_wrong_answer_is_not_blessed(seed in any::<u64>(), shape in shape(), step in 1e-4..1e-2_f64, pick in any::<prop::sample::Index>()) {
        let problem = problem(seed, shape);
        let found = solve(&problem);
        prop_assume!(found.status == Status::Optimal);
        let at = pick.index(problem.trades.len());
        let mut trades = found.trades.clone();
        trades[at] += step;
        let weights = problem.weights(&trades);
        let moved = certify(&problem, &weights, &trades, &found.multipliers);
        prop_assert!(worst(&moved) > 1e-6, "{:?}", moved);

        let stale = certify(&problem, &found.weights, &trades, &found.multipliers);
        prop_assert!(stale.primal > 1e-5, "weights that are not those of the trades: {:?}", stale);

        let mut multipliers = found.multipliers.clone();
        multipliers.rows[0] += step;
        let priced = certify(&problem, &found.weights, &found.trades, &multipliers);
        prop_assert!(priced.dual > 1e-6, "{:?}", priced);

        let mut multipliers = found.multipliers.clone();
        multipliers.trades[0] = f64::NAN;
        prop_assert!(certify(&problem, &found.weights, &found.trades, &multipliers).dual.is_nan());
    }

    /// Once more, on another thread, with other instructions for our own factorisation: the same bits.
    #[test]
    fn one_answer(seed in any::<u64>(), shape in shape()) {
        let problem = problem(seed, shape);
        let bits = |solution: &samebits_qp::Solution| {
            let numbers = solution.weights.iter().chain(&solution.trades).chain(&solution.multipliers.rows);
            numbers.map(|x| x.to_bits()).collect::<Vec<u64>>()
        };
        let first = bits(&solve(&problem));
        std::thread::scope(|scope| {
            let solves: Vec<_> = Isa::available()
                .into_iter()
                .map(|isa| {
                    let problem = &problem;
                    scope.spawn(move || Clarabel { isa }.solve(problem, &crate::scene::SETTINGS).unwrap())
                })
                .collect();
            for solve in solves {
                assert_eq!(bits(&solve.join().unwrap()), first);
            }
        });
    }
}
