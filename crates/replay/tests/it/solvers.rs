//! The same question to several solvers, and optima checked from stored states.

use crate::scene::{clock, first_method, forty_days, record_by, runs};
use samebits_canon::Isa;
use samebits_replay::{Backend, Confirmed, Contender, Error, compare, confirm};
use samebits_snapshot::input_ids;
use samebits_snapshot::record::{Run, Side};

fn forty_runs() -> Vec<Run> {
    let path = &forty_days().1;
    ["A1", "A2", "B1", "B2"].iter().flat_map(|account| runs(path, account)).map(|stored| stored.run).collect()
}

#[test]
fn every_solver_gives_the_same_bits_and_trades() {
    let contender = |name: &str| Contender::new(name, &Backend::cpu(Isa::detect())).unwrap();
    let contenders = ["active-set", "ipm", "clarabel"].map(contender);
    let (mut raw_differs, mut compared) = (0, 0);
    for run in forty_runs().iter().step_by(7) {
        let ids = input_ids(&run.inputs).unwrap();
        let found = compare(run, &ids, &contenders, &clock).unwrap();
        assert_eq!(found.len(), 3);
        for one in &found {
            assert!(one.solved && !one.degenerate);
            assert!(one.bit_equal && one.trades_equal && one.difference == 0.0);
            raw_differs += u32::from(one.raw_difference > 0.0);
        }
        assert!(found[0].raw_difference == 0.0 && found[0].raw_trades_equal && found[0].objective_bp == 0.0);
        compared += 1;
    }
    // Raw answers of the interior points never have the bits.
    assert_eq!((compared, raw_differs), (23, 46));
    let error = Contender::new("simplex", &Backend::cpu(Isa::detect())).map(|_| ()).unwrap_err();
    assert!(matches!(&error, Error::UnknownSolver { wanted, .. } if wanted == "simplex"), "{error}");
}

#[test]
fn a_stored_state_shows_its_optimum_without_solving() {
    let mut bought = 0;
    for run in &forty_runs() {
        assert_eq!(confirm(run, Isa::detect()).unwrap(), Confirmed::Optimal);
        assert_eq!(confirm(run, Isa::Portable).unwrap(), Confirmed::Optimal);
        bought += run.outcome.sides.iter().filter(|side| **side == Side::Buy).count();
    }
    assert!(bought > 0, "no conflict on the buy side: the test says less than it seems");
}

#[test]
fn a_changed_state_or_weight_is_refuted() {
    let all = forty_runs();
    let mut refuted = 0;
    for run in all.iter().step_by(11) {
        let mut changed = run.clone();
        let weight = changed.outcome.weights.iter_mut().find(|weight| **weight > 0.0).unwrap();
        *weight = f64::from_bits(weight.to_bits() + 1);
        assert_eq!(confirm(&changed, Isa::detect()).unwrap(), Confirmed::Refuted);
        // Every trade that is between its limits, put at zero: another point, or none.
        for k in 0..run.outcome.active.buys.len() {
            if run.outcome.active.buys[k] == 1 {
                let mut changed = run.clone();
                changed.outcome.active.buys[k] = 0;
                assert_eq!(confirm(&changed, Isa::detect()).unwrap(), Confirmed::Refuted);
                refuted += 1;
            }
        }
        let mut foreign = run.clone();
        foreign.outcome.active.sells.push(0);
        assert!(confirm(&foreign, Isa::detect()).unwrap_err().to_string().contains("outcome.active.sells"));
        let mut foreign = run.clone();
        foreign.outcome.active.bounds[3] = 7;
        assert!(confirm(&foreign, Isa::detect()).unwrap_err().to_string().contains("state.bounds[3]"));
    }
    assert!(refuted > 20, "{refuted}");
}

#[test]
fn a_run_of_the_first_method_stores_no_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    record_by(first_method(), &path, 1, 1, Isa::detect());
    assert_eq!(confirm(&runs(&path, "A1")[0].run, Isa::detect()).unwrap(), Confirmed::NotStored);
}
