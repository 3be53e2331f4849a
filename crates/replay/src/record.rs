//! A question decided and made into a Run.

use crate::timed::Timed;
use crate::{Backend, Error};
use samebits_canon::Isa;
use samebits_qp::{Problem, Risk, Solver};
use samebits_rebalance::{Decision, Rules, decide};
use samebits_snapshot::record::{Account, Info, Inputs, Method, Outcome, Run, Stages};
use samebits_snapshot::{Digest, InputIds, account_id, canonical};

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
    if let Err(samebits_rebalance::Error::UnknownRules { wanted, known }) = method.rules.parse::<Rules>() {
        return Err(Error::UnknownRules { wanted, known });
    }
    // Here, because every thread that decides comes through here.
    samebits_canon::assert_ieee()?;
    let Decision { mut outcome, account_after, problem } = decide(inputs, method, solver)?;
    outcome.stages = Stages {
        market: ids.market,
        risk: ids.risk,
        account: ids.account,
        params: ids.params,
        problem: problem_id(&problem),
        solution: solution_id(&outcome),
        trades: Digest::of("samebits 2026 trades", &canonical::encode("trades", &outcome.trades)?),
        account_after: account_id(&account_after)?,
    };
    Ok((outcome, account_after))
}

fn numbers<'a>(values: impl IntoIterator<Item = &'a f64>) -> Vec<u8> {
    values.into_iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn problem_id(problem: &Problem) -> Digest {
    let risk = match &*problem.risk {
        Risk::Dense(sigma) => numbers(sigma),
        Risk::Factor { exposures, covariance, specific } => {
            [numbers(exposures), numbers(covariance), numbers(specific)].concat()
        }
    };
    let mut parts = vec![numbers([&problem.gamma, &problem.risk_cap.unwrap_or(f64::INFINITY)]), risk];
    let vectors = [&problem.benchmark, &problem.start, &problem.alpha, &problem.lower, &problem.upper];
    parts.extend(vectors.map(numbers));
    for trade in &problem.trades {
        let asset = trade.asset.map_or(-1.0, |asset| asset as f64);
        parts.push(numbers([&asset, &trade.sign, &trade.cost, &trade.upper]));
    }
    for row in &problem.rows {
        parts.push(numbers(row.on_weights.iter().chain(&row.on_trades).chain([&row.lower, &row.upper])));
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Digest::of_parts("samebits 2026 problem", &parts)
}

fn solution_id(outcome: &Outcome) -> Digest {
    let rows = numbers(outcome.rows.iter().map(|row| &row.multiplier));
    let parts = [numbers(&outcome.weights), numbers(&outcome.bound_multipliers), rows];
    Digest::of_parts("samebits 2026 solution", &[&parts[0], &parts[1], &parts[2]])
}
