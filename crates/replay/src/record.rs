//! A question decided and made into a Run.

use crate::timed::Timed;
use crate::{Backend, Error};
use ndarray::Array2;
use samebits_canon::Isa;
use samebits_qp::{Problem, Risk, Solver};
use samebits_rebalance::{Decision, Rules, decide};
use samebits_snapshot::record::{Account, Info, Inputs, Method, Outcome, Run, Stages};
use samebits_snapshot::{Digest, Hasher, InputIds, account_id, canonical};

/// Nanoseconds since some fixed moment; passed in so that nothing below a program's top reads a clock.
pub type Clock<'a> = &'a (dyn Fn() -> u64 + Sync);

/// What a Run records about where it was made; information only.
#[derive(Clone, Copy)]
pub struct Machine<'a> {
    /// Version of the code.
    pub code: &'a str,
    /// Processor and operating system.
    pub name: &'a str,
    /// Instructions that kernels may use; moves no bit.
    pub isa: Isa,
    /// The clock.
    pub clock: Clock<'a>,
}

/// Decides `inputs` by `method`; returns the Run and the account after trading. `ids` are the ids of the inputs' parts.
///
/// # Errors
/// An unknown solver or unknown rules, and what the rebalance says of the inputs.
pub fn record(
    inputs: Inputs,
    ids: &InputIds,
    method: Method,
    machine: &Machine<'_>,
) -> Result<(Run, Account), Error> {
    let begun = (machine.clock)();
    let solver = Backend::cpu(machine.isa).solver(&method.solver, 1)?;
    let timed = Timed::new(solver.as_ref(), machine.clock);
    let (outcome, account_after) = decide_with_stages(&inputs, ids, &method, &timed)?;
    let info = Info {
        code: machine.code.to_owned(),
        machine: machine.name.to_owned(),
        solve_ns: timed.spent(),
        decide_ns: (machine.clock)().saturating_sub(begun),
    };
    Ok((Run { inputs, method, outcome, info }, account_after))
}

/// The decision with the digests of its stages: the same function records and replays.
pub(crate) fn decide_with_stages(
    inputs: &Inputs,
    ids: &InputIds,
    method: &Method,
    solver: &dyn Solver,
) -> Result<(Outcome, Account), Error> {
    let rules = rules(method)?;
    // Here, because every thread that decides comes through here.
    samebits_canon::assert_ieee()?;
    with_stages(decide(inputs, method, solver)?, rules, ids)
}

/// The rules that `method` names.
pub(crate) fn rules(method: &Method) -> Result<Rules, Error> {
    match method.rules.parse() {
        Err(samebits_rebalance::Error::UnknownRules { wanted, known }) => {
            Err(Error::UnknownRules { wanted, known })
        }
        parsed => Ok(parsed?),
    }
}

/// The outcome of `decision` with the digests of its stages, and the account after trading.
pub(crate) fn with_stages(
    decision: Decision,
    rules: Rules,
    ids: &InputIds,
) -> Result<(Outcome, Account), Error> {
    let Decision { mut outcome, account_after, problem } = decision;
    outcome.stages = Stages {
        market: ids.market,
        risk: ids.risk,
        account: ids.account,
        params: ids.params,
        problem: problem_id(&problem, rules, &ids.risk),
        solution: solution_id(&outcome),
        trades: Digest::of("samebits 2026 trades", &canonical::encode("trades", &outcome.trades)?),
        account_after: account_id(&account_after)?,
    };
    Ok((outcome, account_after))
}

fn problem_id(problem: &Problem, rules: Rules, risk_id: &Digest) -> Digest {
    let mut hasher = Hasher::new("samebits 2026 problem");
    hasher.floats(&[&[problem.gamma, problem.risk_cap.unwrap_or(f64::INFINITY)]]);
    if rules < Rules::Third {
        widened(&mut hasher, &problem.risk);
    } else {
        // The id of what was pinned stands for its hundreds of thousands of numbers.
        let form: &[u8] = match &*problem.risk {
            Risk::Dense(_) => b"dense",
            Risk::Factor { .. } => b"factor",
        };
        let id = risk_id.as_bytes();
        hasher.part(form.len() + id.len(), [form, id]);
    }
    for vector in [&problem.benchmark, &problem.start, &problem.alpha, &problem.lower, &problem.upper] {
        hasher.floats(&[vector]);
    }
    for trade in &problem.trades {
        let asset = trade.asset.map_or(-1.0, |asset| asset as f64);
        hasher.floats(&[&[asset, trade.sign, trade.cost, trade.upper]]);
    }
    for row in &problem.rows {
        hasher.floats(&[&row.on_weights, &row.on_trades, &[row.lower, row.upper]]);
    }
    hasher.finish()
}

/// The covariance number by number, as rules before the third have it in the id of the problem.
fn widened(hasher: &mut Hasher, risk: &Risk) {
    let row_major = |matrix: &Array2<f64>| matrix.iter().copied().collect::<Vec<f64>>();
    match risk {
        Risk::Dense(sigma) => match sigma.as_slice() {
            Some(entries) => hasher.floats(&[entries]),
            None => hasher.floats(&[&row_major(sigma)]),
        },
        Risk::Factor { exposures, covariance, specific } => {
            hasher.floats(&[&row_major(exposures), &row_major(covariance), &specific.to_vec()]);
        }
    }
}

fn solution_id(outcome: &Outcome) -> Digest {
    let mut hasher = Hasher::new("samebits 2026 solution");
    let rows: Vec<f64> = outcome.rows.iter().map(|row| row.multiplier).collect();
    for numbers in [&outcome.weights, &outcome.bound_multipliers, &rows] {
        hasher.floats(&[numbers]);
    }
    hasher.finish()
}
