//! `samebits solve`: one problem of a file.

use crate::arguments::Solve;
use crate::backend;
use crate::exit::Exit;
use crate::output::Output;
use anyhow::{Context, bail};
use samebits_canon::Isa;
use samebits_instances::{GeneralFile, Instance, Portfolio, read};
use samebits_qp::{Settings, Status, refutes};
use samebits_solver_cpu::solve_general;
use serde_json::{Value, json};
use std::time::Instant;

/// What is printed, whichever form the problem has.
struct Answer {
    name: String,
    solver: String,
    status: Status,
    objective: f64,
    weights: Vec<f64>,
    path: &'static str,
    iterations: u32,
    certificate: Vec<(&'static str, f64)>,
    milliseconds: f64,
    /// Lines and fields that only one form has.
    notes: Vec<String>,
    more: Value,
}

pub(crate) fn run(wanted: &Solve, output: Output) -> anyhow::Result<Exit> {
    let bytes = std::fs::read(&wanted.file).with_context(|| wanted.file.display().to_string())?;
    if let Some(tolerance) = wanted.tolerance.filter(|tolerance| !(*tolerance > 0.0 && *tolerance < 1.0)) {
        bail!("--tolerance {tolerance}: between 0 and 1 was expected");
    }
    let instance = read(&bytes).with_context(|| wanted.file.display().to_string())?;
    let usual = match instance {
        Instance::Portfolio(_) => 1e-9,
        Instance::General(_) => 1e-10,
    };
    let tolerance = wanted.tolerance.unwrap_or(usual);
    let settings = Settings::new(tolerance, wanted.iterations);
    let answer = match instance {
        Instance::Portfolio(portfolio) => of_portfolio(&portfolio, wanted, &settings, output)?,
        Instance::General(file) => of_general(&file, wanted, &settings)?,
    };
    print(&answer, tolerance, output);
    Ok(match answer.status {
        Status::Optimal | Status::Infeasible => Exit::Same,
        _ => Exit::Diverged,
    })
}

fn isa(name: &str) -> anyhow::Result<Isa> {
    let full = match name {
        "detect" => return Ok(Isa::detect()),
        "avx2" => "avx2+fma",
        "avx512" => "avx512f",
        other => other,
    };
    let all = Isa::available();
    let names: Vec<&str> = all.iter().map(|isa| isa.name()).collect();
    let found = all.iter().copied().find(|isa| isa.name() == full);
    found.with_context(|| format!("--isa {name}: this processor has {}", names.join(", ")))
}

fn of_portfolio(
    portfolio: &Portfolio,
    wanted: &Solve,
    settings: &Settings,
    output: Output,
) -> anyhow::Result<Answer> {
    let isa = isa(&wanted.isa)?;
    let id = match wanted.solver.as_deref().unwrap_or("active-set") {
        short @ ("active-set" | "ipm" | "clarabel") => format!("{short}/1"),
        id => id.to_owned(),
    };
    let backend = backend::open(&wanted.device, isa, output)?;
    let solver = backend.solver(&id, wanted.threads.max(1))?;
    let problem = &portfolio.problem;
    problem.check_convex(isa)?;
    samebits_canon::assert_ieee()?;
    let begun = Instant::now();
    let found = solver.solve(problem, settings)?;
    let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
    let mut notes = Vec::new();
    let mut more = json!({ "n": problem.n(), "trades": found.trades });
    if let Some(finish) = &found.finish {
        let margin = |margin: f64| if margin.is_finite() { Some(margin) } else { None };
        notes.push(format!(
            "margins: primal {:.1e}, dual {:.1e}{}",
            finish.primal_margin,
            finish.dual_margin,
            if finish.degenerate() { "; degenerate: another state describes the same optimum" } else { "" }
        ));
        more["degenerate"] = finish.degenerate().into();
        more["margins"] =
            json!({ "primal": margin(finish.primal_margin), "dual": margin(finish.dual_margin) });
    }
    if found.status == Status::Infeasible {
        match refutes(problem, &found.weights, &found.multipliers) {
            Some(proof) => {
                let mut parts: Vec<String> = proof.rows.iter().map(|&r| portfolio.rows[r].clone()).collect();
                parts.extend(proof.bounds.iter().map(|i| format!("weight bounds of asset {i}")));
                parts.extend(proof.cap.then(|| "tracking-error cap".to_owned()));
                notes.push(format!("proof: these contradict each other: {}", parts.join("; ")));
                notes.push(format!("at least one of them would have to give by {:.3e}", proof.distance));
                more["conflict"] = json!(parts);
                more["distance"] = proof.distance.into();
            }
            None => notes.push("the solver says infeasible; its multipliers prove nothing".to_owned()),
        }
    }
    let residuals = found.certificate;
    Ok(Answer {
        name: portfolio.name.clone(),
        solver: id,
        status: found.status,
        objective: found.objective + portfolio.constant,
        weights: found.weights,
        path: found.path.name(),
        iterations: found.iterations,
        certificate: vec![
            ("primal", residuals.primal),
            ("dual", residuals.dual),
            ("complementarity", residuals.complementarity),
            ("gap", residuals.gap),
        ],
        milliseconds,
        notes,
        more,
    })
}

fn of_general(file: &GeneralFile, wanted: &Solve, settings: &Settings) -> anyhow::Result<Answer> {
    let solver = wanted.solver.as_deref().unwrap_or("clarabel");
    if !matches!(solver, "clarabel" | "clarabel/1") {
        bail!(
            "solver `{solver}` solves portfolio problems; a general quadratic program goes through clarabel"
        );
    }
    let begun = Instant::now();
    let found = solve_general(&file.problem, settings)?;
    let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
    let residuals = found.certificate;
    Ok(Answer {
        name: file.name.clone(),
        solver: "clarabel/1".to_owned(),
        status: found.status,
        objective: found.objective,
        weights: found.x,
        path: "raw",
        iterations: found.iterations,
        certificate: vec![("primal", residuals.primal), ("dual", residuals.dual), ("gap", residuals.gap)],
        milliseconds,
        notes: Vec::new(),
        more: json!({ "n": file.problem.n() }),
    })
}

fn print(answer: &Answer, tolerance: f64, output: Output) {
    let status = match answer.status {
        Status::Optimal => "optimal",
        Status::Infeasible => "infeasible",
        Status::IterationLimit => "iteration limit",
        _ => "failed",
    };
    let hex: Vec<String> = answer.weights.iter().map(|w| format!("{:016x}", w.to_bits())).collect();
    let certificate: serde_json::Map<String, Value> =
        answer.certificate.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let mut all = json!({
        "name": answer.name, "solver": answer.solver, "status": status, "objective": answer.objective,
        "weights": answer.weights, "weights_hex": hex, "path": answer.path, "certificate": certificate,
        "tolerance": tolerance, "iterations": answer.iterations, "milliseconds": answer.milliseconds,
    });
    if let (Some(all), Some(more)) = (all.as_object_mut(), answer.more.as_object()) {
        all.extend(more.clone());
    }
    output.json(&all);
    for (i, (weight, hex)) in answer.weights.iter().zip(&hex).enumerate() {
        output.line(format!("{i:>6}  {weight:>24.17e}  {hex}"));
    }
    let residuals: Vec<String> =
        answer.certificate.iter().map(|(name, value)| format!("{name} {value:.1e}")).collect();
    output.line(format!("certificate: {}", residuals.join(", ")));
    for note in &answer.notes {
        output.line(note);
    }
    output.verdict(format!(
        "{}: {status}, objective {:.15e}, {} weights by {} ({}), {} iterations, {:.3} ms",
        answer.name,
        answer.objective,
        answer.weights.len(),
        answer.solver,
        answer.path,
        answer.iterations,
        answer.milliseconds
    ));
}
