//! Real instances with reference optima of other solvers (`fixtures/rebalance`).

use crate::scene::solve;
use base64::Engine;
use ndarray::Array2;
use samebits_qp::{Problem, Risk, RowLimit, Status, TradeVariable};
use serde_json::Value;
use std::path::Path;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn matrix(value: &Value, cols: usize) -> Array2<f64> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap()).unwrap();
    let words = bytes.chunks_exact(4).map(|word| f64::from(f32::from_le_bytes(word.try_into().unwrap())));
    let values: Vec<f64> = words.collect();
    Array2::from_shape_vec((values.len() / cols, cols), values).unwrap()
}

/// The instance as a problem.
fn problem(instance: &Value) -> Problem {
    let n = instance["n"].as_u64().unwrap() as usize;
    let sigma = matrix(&instance["sigma_f32_le_base64_row_major"], n);
    let k = instance["loadings_shape"][1].as_u64().unwrap() as usize;
    let loadings = matrix(&instance["loadings_f32_le_base64_row_major"], k);
    let benchmark = numbers(&instance["benchmark"]);
    let (buy_max, cost_buy) = (numbers(&instance["buy_max"]), numbers(&instance["cost_buy"]));
    let cost_sell = numbers(&instance["cost_sell"]);
    let mut trades: Vec<TradeVariable> = (0..n)
        .map(|i| TradeVariable { asset: Some(i), sign: 1.0, cost: cost_buy[i], upper: buy_max[i] })
        .collect();
    let mut gains = vec![0.0; n];
    for lot in instance["lots"].as_array().unwrap() {
        let asset = lot["asset"].as_u64().unwrap() as usize;
        let cost = cost_sell[asset] + lot["tax_per_unit"].as_f64().unwrap();
        let upper = lot["weight"].as_f64().unwrap();
        trades.push(TradeVariable { asset: Some(asset), sign: -1.0, cost, upper });
        gains.push(lot["gain_per_unit"].as_f64().unwrap());
    }
    let mut problem = Problem {
        gamma: instance["gamma"].as_f64().unwrap(),
        risk: Risk::Dense(sigma),
        start: numbers(&instance["long_weight"]),
        alpha: vec![0.0; n],
        lower: vec![0.0; n],
        upper: numbers(&instance["long_max"]),
        benchmark,
        trades,
        rows: Vec::new(),
        risk_cap: instance["te_max"].as_f64(),
    };
    rows(&mut problem, instance, &loadings, gains);
    problem
}

fn rows(problem: &mut Problem, instance: &Value, loadings: &Array2<f64>, gains: Vec<f64>) {
    let n = problem.n();
    let (lower, upper) = (instance["net_min"].as_f64().unwrap(), instance["net_max"].as_f64().unwrap());
    problem.rows.push(RowLimit { on_weights: vec![1.0; n], on_trades: Vec::new(), lower, upper });
    let mut active = |on_weights: Vec<f64>, limit: f64| {
        let centre = samebits_canon::dot(&on_weights, &problem.benchmark);
        let (lower, upper) = (centre - limit, centre + limit);
        problem.rows.push(RowLimit { on_weights, on_trades: Vec::new(), lower, upper });
    };
    for (k, limit) in instance["factor_limit"].as_array().into_iter().flatten().enumerate() {
        if let Some(limit) = limit.as_f64() {
            active(loadings.column(k).to_vec(), limit);
        }
    }
    for group in instance["groups"].as_array().unwrap() {
        let mut members = vec![0.0; n];
        for member in group["members"].as_array().unwrap() {
            members[member.as_u64().unwrap() as usize] = 1.0;
        }
        active(members, group["limit"].as_f64().unwrap());
    }
    let total = |on_trades: Vec<f64>, upper: f64| RowLimit {
        on_weights: Vec::new(),
        on_trades,
        lower: f64::NEG_INFINITY,
        upper,
    };
    let count = problem.trades.len();
    problem.rows.extend(instance["turnover_max"].as_f64().map(|limit| total(vec![1.0; count], limit)));
    problem.rows.extend(instance["gain_budget"]["total"].as_f64().map(|limit| total(gains, limit)));
}

#[test]
fn reference_optima() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/rebalance");
    let index = std::fs::read_to_string(folder.join("index.csv")).unwrap();
    let mut solved = 0;
    for line in index.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let bytes = std::fs::read(folder.join(format!("{}.json.zst", cells[0]))).unwrap();
        let instance: Value = serde_json::from_slice(&zstd::decode_all(bytes.as_slice()).unwrap()).unwrap();
        let found = solve(&problem(&instance));
        if cells[3] != "optimal" {
            assert_eq!(found.status, Status::Infeasible, "{line}");
            continue;
        }
        assert_eq!(found.status, Status::Optimal, "{line}: {:?}", found.certificate);
        let objective: f64 = cells[5].parse().unwrap();
        assert!(
            (found.objective - objective).abs() < 1e-9 * objective.abs().max_of(1.0),
            "{line} {}",
            found.objective
        );
        let trust: f64 = cells[7].parse::<f64>().unwrap() + 1e-6;
        for (weight, wanted) in found.weights.iter().zip(numbers(&instance["reference"]["weights"])) {
            assert!((weight - wanted).abs() < trust, "{line}: {weight} {wanted}");
        }
        solved += 1;
    }
    assert_eq!(solved, 8);
}

trait MaxOf {
    fn max_of(self, other: f64) -> f64;
}

impl MaxOf for f64 {
    fn max_of(self, other: f64) -> f64 {
        samebits_canon::max(self, other)
    }
}
