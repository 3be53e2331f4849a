//! General quadratic programs: reference optima, liars, proofs, hostile input.

use crate::scene::{SETTINGS, fixtures};
use samebits_instances::{GeneralFile, general, unpack};
use samebits_qp::Status;
use samebits_qp::general::{General, Sparse, certify_general, refutes_general};
use samebits_solver_cpu::solve_general;

const INF: f64 = f64::INFINITY;

fn file(name: &str) -> GeneralFile {
    let bytes = std::fs::read(fixtures().join("qp").join(format!("{name}.mp.zst"))).unwrap();
    general(&unpack(&bytes).unwrap()).unwrap()
}

fn references() -> Vec<(String, f64)> {
    let text = std::fs::read_to_string(fixtures().join("qp/reference.csv")).unwrap();
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[0].to_owned(), cells[1].parse().unwrap())
    };
    text.lines().skip(1).map(line).collect()
}

/// What is accepted is right; what the known liars give is not accepted.
#[test]
fn accepted_means_right() {
    let mut refused = Vec::new();
    for (name, objective) in references() {
        let found = solve_general(&file(&name).problem, &SETTINGS).unwrap();
        if found.status == Status::Optimal {
            let apart = (found.objective - objective).abs();
            assert!(
                apart <= 1e-6 * samebits_canon::max(objective.abs(), 1.0),
                "{name}: {} {objective}",
                found.objective
            );
        } else {
            refused.push(name);
        }
    }
    assert_eq!(refused, ["HS268", "QBEACONF", "YAO"]);
}

/// `minimise x0^2 + x1^2 - 2 x0` with `x0 + x1 = 1`, `0 <= x`: `x = (1, 0)`, objective -1.
fn small() -> General {
    let sparse = |rows, start: &[usize], index: &[usize], value: &[f64]| Sparse {
        rows,
        start: start.to_vec(),
        index: index.to_vec(),
        value: value.to_vec(),
    };
    General {
        p: sparse(2, &[0, 1, 2], &[0, 1], &[2.0, 2.0]),
        q: vec![-2.0, 0.0],
        constant: 0.0,
        a: sparse(1, &[0, 1, 2], &[0, 0], &[1.0, 1.0]),
        row_lower: vec![1.0],
        row_upper: vec![1.0],
        lower: vec![0.0; 2],
        upper: vec![INF; 2],
    }
}

#[test]
fn a_small_one_by_hand() {
    let problem = small();
    let found = solve_general(&problem, &SETTINGS).unwrap();
    assert_eq!(found.status, Status::Optimal);
    assert!((found.x[0] - 1.0).abs() < 1e-4 && (found.objective + 1.0).abs() < 1e-8, "{found:?}");
    // Any point that is not the optimum is refused, whatever the multipliers.
    for x in [[0.9, 0.1], [0.5, 0.5], [1.0, 1e-3], [1.001, 0.0], [f64::NAN, 0.0]] {
        for y in [-2.0, -0.5, 0.0, 0.5, f64::NAN] {
            assert!(!certify_general(&problem, &x, &[y]).within(1e-6), "{x:?} {y}");
        }
    }
    let exact = certify_general(&problem, &[1.0, 0.0], &[0.0]);
    assert!(exact.within(1e-15), "{exact:?}");
}

/// `minimise 1e6 x + z - 1e6` with `x >= 1` as a row; `x` free or not, `0 <= z`.
fn steep(lower: f64) -> General {
    General {
        p: Sparse { rows: 2, start: vec![0; 3], index: Vec::new(), value: Vec::new() },
        q: vec![1e6, 1.0],
        constant: -1e6,
        a: Sparse { rows: 1, start: vec![0, 1, 1], index: vec![0], value: vec![1.0] },
        row_lower: vec![1.0],
        row_upper: vec![INF],
        lower: vec![lower, 0.0],
        upper: vec![INF; 2],
    }
}

/// Objective and bound agree, because what a violation gains hides what another variable loses.
#[test]
fn violations_are_priced() {
    let problem = steep(0.0);
    assert!(certify_general(&problem, &[1.0, 0.0], &[-1e6]).within(1e-9));
    let hidden = certify_general(&problem, &[1.0 - 1e-7, 0.1], &[-1e6]);
    assert!(hidden.primal <= 2e-7 && hidden.dual <= 1e-9, "{hidden:?}");
    assert!(hidden.gap > 0.05, "{hidden:?}");
}

/// A small slope of a free variable is charged with a move.
#[test]
fn slopes_of_free_variables_are_charged() {
    let problem = steep(f64::NEG_INFINITY);
    assert!(certify_general(&problem, &[1.0, 0.0], &[-1e6]).within(1e-9));
    let charged = certify_general(&problem, &[1.0, 0.0], &[0.5 - 1e6]);
    assert!(charged.dual <= 1e-6 && charged.gap > 0.5, "{charged:?}");
}

#[test]
fn a_contradiction_is_proven_or_not_said() {
    let mut problem = small();
    problem.upper = vec![0.4, 0.5];
    let found = solve_general(&problem, &SETTINGS).unwrap();
    assert_eq!(found.status, Status::Infeasible);
    assert!(refutes_general(&problem, &[-1.0]));
    assert!(!refutes_general(&problem, &[1.0]) && !refutes_general(&problem, &[0.0]));
    // With room there is no proof.
    problem.upper = vec![0.5, 0.5];
    assert!(!refutes_general(&problem, &[-1.0]));
    // Unbounded below: neither optimal nor infeasible.
    let mut unbounded = small();
    unbounded.p = Sparse { rows: 2, start: vec![0; 3], index: Vec::new(), value: Vec::new() };
    unbounded.row_lower = vec![-INF];
    unbounded.row_upper = vec![INF];
    let found = solve_general(&unbounded, &SETTINGS).unwrap();
    assert!(!matches!(found.status, Status::Optimal | Status::Infeasible), "{found:?}");
}

#[test]
fn malformed_problems_name_the_entry() {
    type Spoil = fn(&mut General);
    let cases: [(Spoil, &str); 10] = [
        (|p| p.q[1] = f64::NAN, "q[1] = NaN"),
        (|p| p.p.value[0] = INF, "p.value[0] = inf"),
        (|p| p.p.index[0] = 1, "p.index[0] = 1"),
        (|p| p.a.index[1] = 7, "a.index[1] = 7"),
        (|p| p.a.start[1] = 9, "a.start[1] = 9"),
        (|p| p.a.start = vec![0, 1], "a.start: 2 entries, expected 3"),
        (|p| p.row_lower[0] = 2.0, "rows[0]: lower limit 2 is above upper limit 1"),
        (|p| p.lower[0] = INF, "bounds.lower[0] = inf"),
        (|p| p.upper.truncate(1), "upper: 1 entries, expected 2"),
        (|p| p.p.rows = 3, "p: 3 entries, expected 2"),
    ];
    for (spoil, text) in cases {
        let mut problem = small();
        spoil(&mut problem);
        let error = solve_general(&problem, &SETTINGS).unwrap_err().to_string();
        assert!(error.contains(text), "{error}, expected {text}");
    }
}
