//! Outcomes made again from what was kept of them, on the processor.

use crate::Error;
use crate::record::{rules, with_stages};
use samebits_canon::Isa;
use samebits_qp::{Problem, Settings, Solution, Solver, State};
use samebits_rebalance::{AtState, tightened_cap};
use samebits_snapshot::record::{Account, Derive, Inputs, Kept, Method, Outcome, Run};
use samebits_snapshot::{InputIds, canonical};
use samebits_solver_cpu::ActiveSet;

/// Derives outcomes; it keeps the memory of its factorisations.
#[derive(Debug)]
pub struct Deriver {
    active: ActiveSet,
}

impl Deriver {
    /// One whose kernels use `isa`, which moves no bit.
    pub fn new(isa: Isa) -> Self {
        Self { active: ActiveSet::new(isa, 1) }
    }

    /// The outcome that `kept` was kept of, and the account after trading. `ids` are those of the parts of `inputs`.
    ///
    /// # Errors
    /// What [`samebits_rebalance::derive()`] refuses, rules that this build does not have.
    pub fn derive(
        &self,
        inputs: &Inputs,
        ids: &InputIds,
        method: &Method,
        kept: &Kept,
    ) -> Result<(Outcome, Account), Error> {
        let rules = rules(method)?;
        // Here, because every thread that derives comes through here.
        samebits_canon::assert_ieee()?;
        with_stages(samebits_rebalance::derive(inputs, method, kept, self)?, rules, ids)
    }

    /// What may be kept of `run` in the place of its outcome: `None` unless the outcome that follows from it has the same
    /// canonical bytes. `ids` are those of the parts of the inputs.
    pub fn compact(&self, run: &Run, ids: &InputIds) -> Option<Kept> {
        let Run { inputs, method, outcome, .. } = run;
        let mut kept = Kept::of(outcome);
        if outcome.rounding.tightened > 0 {
            samebits_canon::assert_ieee().ok()?;
            let solver = samebits_solver_cpu::by_id(&method.solver, self.active.isa(), 1)?;
            kept.tightened = tightened_cap(inputs, method, outcome, solver.as_ref()).ok()?;
        }
        let (found, _) = self.derive(inputs, ids, method, &kept).ok()?;
        canonical::same("outcome", outcome, &found).ok()?.then_some(kept)
    }
}

/// [`Deriver::compact`] with the widest instructions of this machine.
pub fn compact(run: &Run, ids: &InputIds) -> Option<Kept> {
    Deriver::new(Isa::detect()).compact(run, ids)
}

impl AtState for Deriver {
    fn at(
        &self,
        problem: &Problem,
        state: &State,
        settings: &Settings,
    ) -> Result<Option<Solution>, samebits_qp::Error> {
        self.active.at(problem, state, settings)
    }

    fn isa(&self) -> Isa {
        self.active.isa()
    }
}

impl Derive for Deriver {
    fn outcome(
        &self,
        inputs: &Inputs,
        ids: &InputIds,
        method: &Method,
        kept: &Kept,
    ) -> Result<Outcome, String> {
        let derived = self.derive(inputs, ids, method, kept);
        derived.map(|(outcome, _)| outcome).map_err(|error| error.to_string())
    }
}
