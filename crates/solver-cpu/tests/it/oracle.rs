//! Real instances with reference optima of other solvers (`fixtures/rebalance`).

use crate::scene::{SETTINGS, fixtures};
use samebits_canon::{Isa, abs, max};
use samebits_instances::{Portfolio, portfolio, unpack};
use samebits_qp::{Path, Solution, Solver, Status, refutes};
use samebits_solver_cpu::{ActiveSet, Clarabel, Finished, Ipm};

/// The reference solvers stop at 1e-11, which leaves flat directions open by this much.
const FLAT: f64 = 1e-7;

/// A line of the index: status, objective, how far two solvers' weights are apart.
struct Listed {
    instance: Portfolio,
    optimal: bool,
    objective: f64,
    trust: f64,
}

fn listed() -> Vec<Listed> {
    let folder = fixtures().join("rebalance");
    let index = std::fs::read_to_string(folder.join("index.csv")).unwrap();
    let read = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let bytes = std::fs::read(folder.join(format!("{}.json.zst", cells[0]))).unwrap();
        let number = |cell: &str| cell.parse().unwrap_or(f64::NAN);
        Listed {
            instance: portfolio(&unpack(&bytes).unwrap()).unwrap(),
            optimal: cells[3] == "optimal",
            objective: number(cells[5]),
            trust: number(cells[7]),
        }
    };
    index.lines().skip(1).map(read).collect()
}

/// `flat`: how far a solver that stops at a residual leaves flat directions open.
fn check(listed: &Listed, found: &Solution, id: &str, flat: f64) {
    let name = &listed.instance.name;
    if !listed.optimal {
        assert_eq!(found.status, Status::Infeasible, "{id} {name}");
        return;
    }
    assert_eq!(found.status, Status::Optimal, "{id} {name}: {:?}", found.certificate);
    let objective = found.objective + listed.instance.constant;
    let apart = abs(objective - listed.objective);
    assert!(apart < 1e-9 * max(abs(listed.objective), 1.0), "{id} {name}: {objective} {}", listed.objective);
    let reference = listed.instance.reference.as_ref().unwrap().weights.as_ref().unwrap();
    let trust = listed.trust + flat;
    for (weight, wanted) in found.weights.iter().zip(reference) {
        assert!(abs(weight - wanted) <= trust, "{id} {name}: {weight} {wanted}");
    }
}

#[test]
fn reference_optima_and_proofs_of_infeasibility() {
    let isa = Isa::detect();
    let solvers: [Box<dyn Solver>; 2] = [Box::new(ActiveSet::new(isa, 1)), Box::new(Ipm::new(isa, 1))];
    let all = listed();
    assert_eq!((all.len(), all.iter().filter(|one| one.optimal).count()), (48, 41));
    for one in &all {
        let problem = &one.instance.problem;
        let [active, ipm] = solvers.each_ref().map(|solver| solver.solve(problem, &SETTINGS).unwrap());
        check(one, &active, "active-set/1", FLAT);
        check(one, &ipm, "ipm/1", FLAT);
        let bits = |found: &Solution| found.weights.iter().map(|w| w.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&active), bits(&ipm), "{}", one.instance.name);
        if one.optimal {
            assert_ne!(active.path, Path::Raw, "{}", one.instance.name);
        } else {
            let proof = refutes(problem, &active.weights, &active.multipliers).expect("a proof");
            assert!(proof.margin > 0.0 && proof.distance > 0.0);
            assert!(!proof.rows.is_empty() || !proof.bounds.is_empty());
        }
    }
}

/// Clarabel's own answers, and the same after the finish.
#[test]
fn clarabel_agrees_and_finishes_to_the_same_bits() {
    let isa = Isa::detect();
    let finished = Finished::new("clarabel-finished/1", Clarabel { isa }, isa, 1);
    let active = ActiveSet::new(isa, 1);
    for one in listed().iter().filter(|one| one.instance.problem.n() <= 60) {
        let problem = &one.instance.problem;
        check(one, &Clarabel { isa }.solve(problem, &SETTINGS).unwrap(), "clarabel/1", 30.0 * FLAT);
        if one.optimal {
            let found = finished.solve(problem, &SETTINGS).unwrap();
            assert_eq!(found.path, Path::Finished, "{}", one.instance.name);
            let ours = active.solve(problem, &SETTINGS).unwrap();
            let pairs = || ours.weights.iter().zip(&found.weights);
            assert!(pairs().all(|(a, b)| a.to_bits() == b.to_bits()), "{}", one.instance.name);
        }
    }
}
