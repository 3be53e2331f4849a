//! The Python packages of others on the same instances.
//!
//! The arrays of an instance go to a folder under `target/bench-solvers`; `peers/peers.py` reads them, solves with each
//! package and leaves weights, trades and multipliers there. They are judged here, by the same certificate as ours. Where a
//! package gives no multipliers the dual residual is missing and the gap is the objective above our certified optimum.

use crate::Arguments;
use crate::instance::{Instance, Kind};
use crate::row::Row;
use anyhow::{Context, Result, ensure};
use samebits_qp::{Multipliers, Problem, Risk, certify};
use samebits_testkit::weights_hash;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGES: [&str; 11] =
    ["numpy", "scipy", "cvxpy", "clarabel", "piqp", "qoco", "scs", "osqp", "daqp", "proxsuite", "moreau"];

/// The Python of the venv under `target/`, built where it is missing. A package that cannot be installed is left out and
/// shows as a row without a time.
pub(crate) fn venv(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/bench-venv");
    let python = folder.join("bin/python");
    if !python.exists() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).status().context("python3")?;
        ensure!(made.success(), "python3 -m venv failed");
    }
    if !folder.join("complete").exists() {
        for package in PACKAGES {
            let status = Command::new(&python).args(["-m", "pip", "install", "--quiet", package]).status()?;
            if !status.success() {
                eprintln!("{package} cannot be installed");
            }
        }
        std::fs::write(folder.join("complete"), "")?;
    }
    Ok(python)
}

/// One row a package.
pub(crate) fn rows(
    python: &Path,
    root: &Path,
    instance: &Instance,
    arguments: &Arguments,
    best: f64,
) -> Result<Vec<Row>> {
    let folder = root.join("target/bench-solvers").join(format!("{}-{}", instance.kind.name(), instance.n));
    std::fs::create_dir_all(&folder)?;
    write_instance(&folder, instance, arguments)?;
    let output = Command::new(python)
        .arg(root.join("crates/bench/peers/peers.py"))
        .arg(&folder)
        .envs(
            ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"]
                .map(|name| (name, "1")),
        )
        .output()
        .context("peers.py")?;
    ensure!(output.status.success(), "peers.py: {}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(folder.join("answers.json")).context("answers.json")?;
    let answers: Vec<Value> = serde_json::from_str(&text).context("answers.json")?;
    Ok(answers.iter().map(|answer| row(instance, answer, best)).collect())
}

fn write_instance(folder: &Path, instance: &Instance, arguments: &Arguments) -> Result<()> {
    let problem = &instance.problem;
    let write = |name: &str, values: &mut dyn Iterator<Item = f64>| {
        let bytes: Vec<u8> = values.flat_map(f64::to_le_bytes).collect();
        std::fs::write(folder.join(format!("{name}.bin")), bytes)
    };
    let k = match &*problem.risk {
        Risk::Dense(sigma) => {
            write("sigma", &mut sigma.iter().copied())?;
            0
        }
        Risk::Factor { exposures, covariance, specific } => {
            write("exposures", &mut exposures.iter().copied())?;
            write("covariance", &mut covariance.iter().copied())?;
            write("specific", &mut specific.iter().copied())?;
            covariance.nrows()
        }
    };
    for (name, values) in [
        ("benchmark", &problem.benchmark),
        ("start", &problem.start),
        ("alpha", &problem.alpha),
        ("lower", &problem.lower),
        ("upper", &problem.upper),
    ] {
        write(name, &mut values.iter().copied())?;
    }
    let trades = || problem.trades.iter();
    write("asset", &mut trades().map(|trade| trade.asset.map_or(-1.0, |asset| asset as f64)))?;
    write("sign", &mut trades().map(|trade| trade.sign))?;
    write("cost", &mut trades().map(|trade| trade.cost))?;
    write("most", &mut trades().map(|trade| trade.upper))?;
    write("rows", &mut problem.rows.iter().flat_map(|row| row.on_weights.iter().copied()))?;
    write("row_lower", &mut problem.rows.iter().map(|row| row.lower))?;
    write("row_upper", &mut problem.rows.iter().map(|row| row.upper))?;
    let meta = json!({
        "form": instance.kind.name(), "n": problem.n(), "trades": problem.trades.len(), "rows": problem.rows.len(),
        "k": k, "gamma": problem.gamma, "cap": problem.risk_cap, "tolerance": arguments.tolerance,
        "budget": arguments.budget, "long_only": instance.kind == Kind::LongOnly,
    });
    Ok(std::fs::write(folder.join("meta.json"), meta.to_string())?)
}

fn row(instance: &Instance, answer: &Value, best: f64) -> Row {
    let problem = &instance.problem;
    let solver = answer["solver"].as_str().unwrap_or("?");
    let status = answer["status"].as_str().unwrap_or("?");
    let empty = Row::missing(instance.kind.name(), instance.n, instance.data, solver, status);
    let (Some(weights), Some(trades)) =
        (numbers(&answer["weights"], problem.n()), numbers(&answer["trades"], problem.trades.len()))
    else {
        return empty;
    };
    let objective = problem.objective(&weights, &trades);
    let found = multipliers(problem, answer);
    let residuals = certify(problem, &weights, &trades, found.as_ref().unwrap_or(&none(problem)));
    let (dual, gap) = match found {
        Some(_) => (residuals.dual, residuals.gap),
        None => (f64::NAN, (objective - best).abs() / best.abs().max(1.0)),
    };
    Row {
        ms_median: answer["ms"].as_f64().unwrap_or(f64::NAN),
        runs: answer["runs"].as_u64().unwrap_or(0) as usize,
        iterations: answer["iterations"].as_u64().unwrap_or(0) as u32,
        primal: residuals.primal.max(link(problem, &weights, &trades)),
        dual,
        gap,
        objective,
        weights_hash: Some(weights_hash(&weights)),
        ..empty
    }
}

/// How far the weights are from what the trades make of the start.
fn link(problem: &Problem, weights: &[f64], trades: &[f64]) -> f64 {
    let made = problem.weights(trades);
    made.iter().zip(weights).fold(0.0, |most, (a, b)| f64::max(most, (a - b).abs()))
}

fn numbers(value: &Value, length: usize) -> Option<Vec<f64>> {
    let all: Vec<f64> = value.as_array()?.iter().map(|x| x.as_f64().unwrap_or(f64::NAN)).collect();
    (all.len() == length).then_some(all)
}

fn multipliers(problem: &Problem, answer: &Value) -> Option<Multipliers> {
    Some(Multipliers {
        rows: numbers(&answer["y_rows"], problem.rows.len())?,
        bounds: numbers(&answer["z_weights"], problem.n())?,
        trades: numbers(&answer["z_trades"], problem.trades.len())?,
        cap: 0.0,
    })
}

fn none(problem: &Problem) -> Multipliers {
    Multipliers {
        rows: vec![0.0; problem.rows.len()],
        bounds: vec![0.0; problem.n()],
        trades: vec![0.0; problem.trades.len()],
        cap: 0.0,
    }
}
