//! The same pinned question, answered by several solvers.
//!
//! The first solver searches the harvest sides; then every solver answers the problem with these sides, raw and after the
//! canonical finish, and the rest of the decision follows from its answer.

use crate::record::{Clock, decide_with_stages};
use crate::timed::Timed;
use crate::{Backend, Error};
use samebits_canon::{Isa, abs, max};
use samebits_qp::sides::{self, Session};
use samebits_qp::{Problem, Settings, Solution, Solver};
use samebits_snapshot::InputIds;
use samebits_snapshot::record::{Method, Outcome, Run, Status};

/// A solver under comparison.
pub struct Contender {
    /// As it was asked for.
    pub name: String,
    raw: Box<dyn Solver>,
    finished: Box<dyn Solver>,
}

impl Contender {
    /// `active-set`, `ipm`, `clarabel`, or the id of any solver of this build, on the processor; with `@cuda` behind it on
    /// the device of `backend`.
    ///
    /// # Errors
    /// [`Error::UnknownSolver`], [`Error::NotOnDevice`].
    pub fn new(name: &str, backend: &Backend) -> Result<Self, Error> {
        let Some(own) = name.strip_suffix("@cuda") else {
            return Self::with_threads(name, backend.isa(), 1);
        };
        let (raw, finished) = ids(own);
        Ok(Self {
            name: name.to_owned(),
            raw: backend.device_solver(raw)?,
            finished: backend.device_solver(finished)?,
        })
    }

    /// As [`new`](Self::new), on the processor with this many threads in each solve; they move no bit either.
    ///
    /// # Errors
    /// [`Error::UnknownSolver`].
    pub fn with_threads(name: &str, isa: Isa, threads: usize) -> Result<Self, Error> {
        let (raw, finished) = ids(name);
        let backend = Backend::cpu(isa);
        Ok(Self {
            name: name.to_owned(),
            raw: backend.solver(raw, threads)?,
            finished: backend.solver(finished, threads)?,
        })
    }
}

/// The solver whose answer is raw, and the one whose answer is finished.
fn ids(name: &str) -> (&str, &str) {
    match name {
        "active-set" => ("active-set/1", "active-set/1"),
        "ipm" => ("ipm-raw/1", "ipm/1"),
        "clarabel" => ("clarabel/1", "clarabel-finished/1"),
        id => (id, id),
    }
}

/// One solver's answer to a Run's question, against the first solver's finished one.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "findings, each of its own")]
pub struct Compared {
    /// Whether it found an optimum that its certificate accepts.
    pub solved: bool,
    /// Whether the finished weights have the same bits.
    pub bit_equal: bool,
    /// Whether the trades of the finished answer are the same, lot by lot.
    pub trades_equal: bool,
    /// Whether those of the raw answer are.
    pub raw_trades_equal: bool,
    /// Largest difference of a finished weight.
    pub difference: f64,
    /// Largest difference of a raw weight.
    pub raw_difference: f64,
    /// Raw objective less the first solver's, in basis points of net asset value.
    pub objective_bp: f64,
    /// Tax and trading costs of the day that follow from the raw answer, less the first solver's, in basis points.
    pub after_tax_bp: f64,
    /// Nanoseconds of the raw solves.
    pub raw_ns: u64,
    /// Nanoseconds of the solves, finish included.
    pub finished_ns: u64,
    /// Whether another state describes the finished optimum, so that bits may differ.
    pub degenerate: bool,
}

/// Decides the Run's inputs with every contender; the first one is what the others are compared with.
///
/// # Errors
/// Rules that this build does not have, inputs that cannot be decided.
pub fn compare(
    run: &Run,
    ids: &InputIds,
    contenders: &[Contender],
    clock: Clock<'_>,
) -> Result<Vec<Compared>, Error> {
    let Some(first) = contenders.first() else { return Ok(Vec::new()) };
    let decide = |solve: &dyn Solver| -> Result<(Outcome, u64), Error> {
        let timed = Timed::new(solve, clock);
        let pinned = Pinned { search: &*first.finished, solve: &timed };
        let method = Method { solver: solve.id().to_owned(), ..run.method.clone() };
        let (outcome, _) = decide_with_stages(&run.inputs, ids, &method, &pinned)?;
        Ok((outcome, timed.spent()))
    };
    let (base, _) = decide(&*first.finished)?;
    let mut all = Vec::with_capacity(contenders.len());
    for contender in contenders {
        let (raw, raw_ns) = decide(&*contender.raw)?;
        let (finished, finished_ns) = decide(&*contender.finished)?;
        all.push(Compared {
            solved: !matches!(finished.status, Status::Unsolved(_)),
            bit_equal: bits(&base) == bits(&finished),
            trades_equal: base.trades == finished.trades,
            raw_trades_equal: base.trades == raw.trades,
            difference: largest_difference(&base, &finished),
            raw_difference: largest_difference(&base, &raw),
            objective_bp: 1e4 * (raw.objective.total - base.objective.total),
            after_tax_bp: 1e4 * (drag(&raw) - drag(&base)),
            raw_ns,
            finished_ns,
            degenerate: finished.finish.as_ref().is_none_or(|finish| finish.degenerate),
        });
    }
    Ok(all)
}

fn bits(outcome: &Outcome) -> Vec<u64> {
    outcome.weights.iter().map(|weight| weight.to_bits()).collect()
}

fn largest_difference(a: &Outcome, b: &Outcome) -> f64 {
    a.weights.iter().zip(&b.weights).fold(0.0, |most, (a, b)| max(most, abs(a - b)))
}

/// Tax and costs of the day as a fraction of net asset value.
fn drag(outcome: &Outcome) -> f64 {
    let spent = outcome.tax.change.micros() as f64 + outcome.totals.costs.micros() as f64;
    spent / outcome.totals.nav_before.micros() as f64
}

/// One solver for the search over sides, another one for the answer.
struct Pinned<'a> {
    search: &'a dyn Solver,
    solve: &'a dyn Solver,
}

impl Solver for Pinned<'_> {
    fn id(&self) -> &'static str {
        self.solve.id()
    }

    fn solve(&self, problem: &Problem, settings: &Settings) -> Result<Solution, samebits_qp::Error> {
        self.solve.solve(problem, settings)
    }

    fn isa(&self) -> Isa {
        self.solve.isa()
    }

    fn session<'a>(
        &'a self,
        problem: &'a Problem,
        settings: &Settings,
    ) -> Result<Option<Box<dyn Session + 'a>>, samebits_qp::Error> {
        sides::session(self.search, problem, settings).map(Some)
    }
}
