//! Other packages on the same GPU and the same instances: `--peers`.

use crate::Machine;
use crate::instances::{families, problems};
use crate::row::{Row, Verdict};
use anyhow::{Context, Result, ensure};
use samebits_canon::{abs, max};
use samebits_qp::{Problem, Risk, Settings, Solver};
use samebits_solver_cpu::ActiveSet;
use samebits_testkit::Form;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const SCRIPT: &str = include_str!("../../peers/peers.py");

/// A row a package and size; what cannot be imported says so.
pub(crate) fn step(machine: &Machine<'_>, show: &mut dyn FnMut(Row)) -> Vec<Value> {
    let sizes: &[(usize, u64)] = match (machine.arguments.emulate, machine.arguments.quick) {
        (true, _) => &[(8, 2)],
        (false, true) => &[(100, 32)],
        (false, false) => &[(500, 252), (100, 252)],
    };
    let mut all = Vec::new();
    for &(n, count) in sizes {
        let begun = Instant::now();
        match run(machine, n, count) {
            Err(error) => {
                show(Row::new("peers", format!("{n} names"), Verdict::Skipped, format!("{error:#}"), begun));
            }
            Ok(answers) => {
                for answer in answers {
                    let name = answer["name"].as_str().unwrap_or("?");
                    let detail = answer["detail"].as_str().unwrap_or_default();
                    show(Row::new("peers", name, Verdict::Told, detail, begun));
                    all.push(answer);
                }
            }
        }
    }
    all
}

fn run(machine: &Machine<'_>, n: usize, count: u64) -> Result<Vec<Value>> {
    let instances = problems(&families(n, count), Form::LongOnly, count as usize);
    let folder = tempfile::tempdir()?;
    write(folder.path(), &instances)?;
    let script = folder.path().join("peers.py");
    std::fs::write(&script, SCRIPT)?;
    let output = Command::new("python3").arg(&script).arg(folder.path()).output().context("python3")?;
    ensure!(output.status.success(), "peers.py: {}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(folder.path().join("answers.json")).context("answers.json")?;
    let mut answers: Vec<Value> = serde_json::from_str(&text)?;
    let solver = ActiveSet::new(machine.isa, 1);
    for answer in &mut answers {
        let Some(file) = answer["weights"].as_str() else { continue };
        let bytes = std::fs::read(folder.path().join(file))?;
        let weights: Vec<f64> =
            bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        let (primal, excess) = judge(&solver, &instances, &weights)?;
        let detail = format!(
            "{}; largest violation {primal:.1e}, objective above ours by at most {excess:.1e}",
            answer["detail"].as_str().unwrap_or_default()
        );
        answer["detail"] = detail.into();
        answer["primal"] = json!(primal);
        answer["excess"] = json!(excess);
    }
    Ok(answers)
}

/// Largest violation of a limit, and largest excess of the objective over our optimum, relative to it where that exceeds 1.
fn judge(solver: &ActiveSet, instances: &[Problem], weights: &[f64]) -> Result<(f64, f64)> {
    let n = instances.first().map_or(0, Problem::n);
    ensure!(n > 0 && weights.len() == n * instances.len(), "{} weights", weights.len());
    let settings = Settings::new(1e-9, 200);
    let (mut primal, mut excess) = (0.0, 0.0);
    for (problem, w) in instances.iter().zip(weights.chunks_exact(n)) {
        for (w, upper) in w.iter().zip(&problem.upper) {
            primal = max(primal, max(w - upper, -w));
        }
        for row in &problem.rows {
            let value = samebits_canon::dot(&row.on_weights, w);
            primal = max(primal, max(value - row.upper, row.lower - value));
        }
        let best = solver.solve(problem, &settings)?.objective;
        // All purchases are free, so the trades are of no account.
        let own = problem.objective(w, &vec![0.0; problem.trades.len()]);
        excess = max(excess, (own - best) / max(1.0, abs(best)));
    }
    Ok((primal, excess))
}

/// `minimise 1/2 w' P w + q' w` subject to `A w = b`, `G w <= h`, as arrays of one after another.
fn write(folder: &Path, instances: &[Problem]) -> Result<()> {
    let n = instances.first().map_or(0, Problem::n);
    let mut sigma: Vec<u8> = Vec::new();
    let [mut q, mut rows, mut lower, mut upper, mut most] = [const { Vec::<f64>::new() }; 5];
    for problem in instances {
        let Risk::Dense(covariance) = &*problem.risk else { continue };
        sigma.extend(covariance.iter().flat_map(|x| (*x as f32).to_le_bytes()));
        for (i, row) in covariance.rows().into_iter().enumerate() {
            let pull = row.iter().zip(&problem.benchmark).fold(0.0, |sum, (s, b)| sum + s * b);
            q.push(-problem.gamma * pull - problem.alpha[i]);
        }
        rows.extend(problem.rows.iter().flat_map(|row| row.on_weights.iter().copied()));
        lower.extend(problem.rows.iter().map(|row| row.lower));
        upper.extend(problem.rows.iter().map(|row| row.upper));
        most.extend(&problem.upper);
    }
    std::fs::write(folder.join("sigma.bin"), sigma)?;
    for (name, values) in [("q", &q), ("rows", &rows), ("lower", &lower), ("upper", &upper), ("most", &most)]
    {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(folder.join(format!("{name}.bin")), bytes)?;
    }
    let first = instances.first().context("no instances")?;
    let meta = json!({
        "n": n, "count": instances.len(), "rows": first.rows.len(), "gamma": first.gamma, "tolerance": 1e-8,
    });
    Ok(std::fs::write(folder.join("meta.json"), meta.to_string())?)
}
