//! A Run decided again and compared.

use crate::record::{Clock, decide_with_stages};
use crate::{Backend, Error};
use samebits_canon::{abs, max};
use samebits_snapshot::record::{Outcome, Run, Stages};
use samebits_snapshot::{Difference, InputIds, canonical, diff};

/// Largest difference of a weight that still counts as equivalent.
const EQUIVALENT: f64 = 1e-8;

/// How a replay compares with its Run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Every field has the same bits.
    Identical,
    /// The same trades and tax, weights within 1e-8.
    Equivalent,
    /// Another decision.
    Diverged,
}

impl Verdict {
    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identical => "IDENTICAL",
            Self::Equivalent => "EQUIVALENT",
            Self::Diverged => "DIVERGED",
        }
    }
}

/// The result of a replay.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// The verdict.
    pub verdict: Verdict,
    /// The first stage of the decision whose digest differs.
    pub first_stage: Option<&'static str>,
    /// Every field of the outcome that differs, in the order of the record.
    pub differences: Vec<Difference>,
    /// Whether all weights have the same bits.
    pub weights_equal: bool,
    /// Largest difference of a weight.
    pub largest_weight_difference: f64,
    /// Whether trades, ledger events and taxes are equal.
    pub trades_equal: bool,
    /// Digests of the stages of the new decision.
    pub stages: Stages,
    /// Nanoseconds of the decision.
    pub replay_ns: u64,
}

/// Decides the Run's inputs again with the Run's own method, its solver on `backend`, and compares the outcome field by
/// field.
///
/// # Errors
/// A solver or rules that this build does not have, and inputs that cannot be decided.
pub fn replay(run: &Run, ids: &InputIds, backend: &Backend, clock: Clock<'_>) -> Result<Replayed, Error> {
    let solver = backend.solver(&run.method.solver, 1)?;
    let _deciding = backend.decide();
    let begun = clock();
    let (outcome, _) = decide_with_stages(&run.inputs, ids, &run.method, solver.as_ref())?;
    let replay_ns = clock().saturating_sub(begun);
    let mut replayed = compare(&run.outcome, &outcome)?;
    replayed.replay_ns = replay_ns;
    Ok(replayed)
}

fn compare(recorded: &Outcome, found: &Outcome) -> Result<Replayed, Error> {
    let differences = if canonical::same("outcome", recorded, found)? {
        Vec::new()
    } else {
        diff(&canonical::to_tree("outcome", recorded)?, &canonical::to_tree("outcome", found)?)
    };
    let pairs = || recorded.weights.iter().zip(&found.weights);
    let same_length = recorded.weights.len() == found.weights.len();
    let weights_equal = same_length && pairs().all(|(a, b)| a.to_bits() == b.to_bits());
    let largest = pairs().fold(0.0, |most, (a, b)| max(most, abs(a - b)));
    let trades_equal =
        recorded.trades == found.trades && recorded.events == found.events && recorded.tax == found.tax;
    let verdict = if differences.is_empty() {
        Verdict::Identical
    } else if trades_equal && same_length && largest <= EQUIVALENT && inputs_equal(recorded, found) {
        Verdict::Equivalent
    } else {
        Verdict::Diverged
    };
    Ok(Replayed {
        verdict,
        first_stage: first_stage(&recorded.stages, &found.stages),
        differences,
        weights_equal,
        largest_weight_difference: largest,
        trades_equal,
        stages: found.stages,
        replay_ns: 0,
    })
}

/// Whether the outcome was decided from the inputs that it is stored with.
fn inputs_equal(recorded: &Outcome, found: &Outcome) -> bool {
    let inputs = |stages: &Stages| [stages.market, stages.risk, stages.account, stages.params];
    inputs(&recorded.stages) == inputs(&found.stages)
}

pub(crate) fn first_stage(recorded: &Stages, found: &Stages) -> Option<&'static str> {
    let pairs = recorded.list().into_iter().zip(found.list());
    pairs.into_iter().find(|(a, b)| a.1 != b.1).map(|(a, _)| a.0)
}
