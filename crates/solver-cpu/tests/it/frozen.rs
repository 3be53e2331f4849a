//! The frozen problems: hashes of weights that every path, instruction set, thread and build must give.
//!
//! `fixtures/problems/frozen.txt` has one line a problem: its name, the hash of the weights, the bits of the objective,
//! and `clear` or `degenerate`. Rewritten only on purpose, see `fixtures/problems/README.md`.

use crate::scene::{SETTINGS, fixtures};
use ndarray::{Array2, s};
use samebits_canon::Isa;
use samebits_instances::{portfolio, unpack};
use samebits_panel::Panel;
use samebits_qp::{Problem, Solution, Solver, Status};
use samebits_riskmodel::{Recipe, RiskModel, Window};
use samebits_solver_cpu::{ActiveSet, Clarabel, Finished, Ipm};
use samebits_testkit::{Draw, Form, Tracking, weights_hash};
use std::fmt::Write;
use std::sync::OnceLock;

const FORMS: [(Form, &str); 4] = [
    (Form::TaxLotsDense, "tax-lots-dense"),
    (Form::TaxLotsCap, "tax-lots-cap"),
    (Form::Factor, "factor"),
    (Form::LongOnly, "long-only"),
];

struct Frozen {
    name: String,
    problem: Problem,
}

fn active(isa: Isa, threads: usize) -> ActiveSet {
    ActiveSet::new(isa, threads)
}

/// Every form of a draw; the cap is one fifth below what the problem without it takes, one twentieth where no weights are
/// so near the benchmark.
fn forms(out: &mut Vec<Frozen>, name: &str, draw: &Tracking) {
    let solver = active(Isa::Portable, 1);
    let free = draw.problem(Form::TaxLotsDense, 0.0);
    let found = solver.solve(&free, &SETTINGS).unwrap();
    let error = free.variance(&free.active(&found.weights)).sqrt();
    let within = |cap: &f64| {
        solver.solve(&draw.problem(Form::TaxLotsCap, *cap), &SETTINGS).unwrap().status == Status::Optimal
    };
    let cap = [0.8 * error, 0.95 * error].into_iter().find(within).expect("a cap that can be met");
    for (form, label) in FORMS {
        out.push(Frozen { name: format!("{label} {name}"), problem: draw.problem(form, cap) });
    }
}

/// A draw around the covariance and loadings of the frozen prices, `n` names from `first` on, up to `session`.
fn on_prices(panel: &Panel, session: usize, first: usize, n: usize) -> Tracking {
    let columns = first..first + n;
    let rows = s![..=session, columns];
    let weights = vec![1.0 / n as f64; n];
    let (prices, volumes) = (panel.closes.slice(rows), panel.volumes.slice(rows));
    let window = Window { dates: &panel.dates[..=session], prices, volumes, weights: &weights };
    let model = RiskModel::build(Isa::Portable, &Recipe::default(), &window).unwrap();
    let matrix = |values: &[f32], columns: usize| {
        Array2::from_shape_vec((n, columns), values.iter().map(|x| f64::from(*x)).collect()).unwrap()
    };
    let seed = (session * 1000 + first) as u64;
    Tracking::with_model(matrix(&model.sigma, n), matrix(&model.loadings, 6), &mut Draw::new(seed))
}

fn problems() -> &'static [Frozen] {
    static PROBLEMS: OnceLock<Vec<Frozen>> = OnceLock::new();
    PROBLEMS.get_or_init(|| {
        let mut out = Vec::new();
        for n in [12, 25, 40, 60, 100, 150] {
            for seed in 0..6 {
                forms(&mut out, &format!("{n} {seed}"), &Tracking::new(n, seed));
            }
        }
        forms(&mut out, "400 0", &Tracking::new(400, 0));
        forms(&mut out, "700 0", &Tracking::new(700, 0));
        let panel = Panel::load(&fixtures().join("prices")).unwrap();
        for (session, first, n) in [(504, 0, 100), (560, 0, 100), (620, 10, 60), (680, 40, 60), (755, 0, 100)]
        {
            forms(&mut out, &format!("prices {session} {first} {n}"), &on_prices(&panel, session, first, n));
        }
        let folder = fixtures().join("rebalance");
        let index = std::fs::read_to_string(folder.join("index.csv")).unwrap();
        for line in index.lines().skip(1).filter(|line| line.split(',').nth(3) == Some("optimal")) {
            let name = line.split(',').next().unwrap();
            let bytes = std::fs::read(folder.join(format!("{name}.json.zst"))).unwrap();
            let problem = portfolio(&unpack(&bytes).unwrap()).unwrap().problem;
            out.push(Frozen { name: format!("rebalance {name}"), problem });
        }
        out
    })
}

fn line(name: &str, found: &Solution) -> String {
    assert_eq!(found.status, Status::Optimal, "{name}: {:?}", found.certificate);
    let finish = found.finish.as_ref().unwrap_or_else(|| panic!("{name}: not finished"));
    let kind = if finish.degenerate() { "degenerate" } else { "clear" };
    let (hash, objective) = (weights_hash(&found.weights), found.objective.to_bits());
    format!("{name} {hash:016x} {objective:016x} {kind}")
}

fn frozen() -> Vec<String> {
    let text = std::fs::read_to_string(fixtures().join("problems/frozen.txt")).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Lines of all problems by `solver`, compared where `keep` says so.
fn check(label: &str, solver: &dyn Solver, keep: impl Fn(&Frozen, &str) -> bool) {
    let wanted = frozen();
    assert_eq!(wanted.len(), problems().len());
    let mut compared = 0;
    for (one, wanted) in problems().iter().zip(&wanted) {
        if keep(one, wanted) {
            let found = solver.solve(&one.problem, &SETTINGS).unwrap();
            assert_eq!(line(&one.name, &found), *wanted, "{label}");
            compared += 1;
        }
    }
    assert!(compared > 100, "{label}: {compared}");
}

/// Set `SAMEBITS_WRITE_FROZEN=1` to write the file anew.
#[test]
fn there_are_enough_and_they_are_what_the_search_finds() {
    if std::env::var_os("SAMEBITS_WRITE_FROZEN").is_some() {
        let mut text = String::new();
        for one in problems() {
            let found = active(Isa::Portable, 1).solve(&one.problem, &SETTINGS).unwrap();
            writeln!(text, "{}", line(&one.name, &found)).unwrap();
        }
        std::fs::write(fixtures().join("problems/frozen.txt"), text).unwrap();
    }
    assert!(problems().len() >= 200, "{}", problems().len());
    assert!(frozen().iter().filter(|line| line.ends_with(" clear")).count() >= 180);
    check("portable, 1 thread", &active(Isa::Portable, 1), |_, _| true);
}

#[test]
fn every_instruction_set_and_any_number_of_threads() {
    for isa in Isa::available() {
        check(isa.name(), &active(isa, 1), |_, _| true);
    }
    for threads in [2, 7] {
        check(&format!("{threads} threads"), &active(Isa::detect(), threads), |_, _| true);
    }
}

#[test]
fn the_interior_point() {
    for isa in Isa::available() {
        check(&format!("ipm {}", isa.name()), &Ipm::new(isa, 2), |one, line| {
            line.ends_with(" clear") && one.problem.n() <= 400
        });
    }
}

#[test]
fn clarabel_finished() {
    let isa = Isa::detect();
    let solver = Finished::new("clarabel-finished/1", Clarabel { isa }, isa, 1);
    check("clarabel finished", &solver, |one, line| line.ends_with(" clear") && one.problem.n() <= 100);
}
