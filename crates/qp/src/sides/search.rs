//! The flip search.

use super::{Conflict, Session, Side, admit, curvature, lower_bound};
use crate::{Error, Problem, Solution, State};
use samebits_canon::{Isa, max};

/// A flip is kept when it lowers the objective by more than this.
const GAIN: f64 = 1e-9;
/// Most passes over the conflicts.
const PASSES: u32 = 16;

/// What the search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Searched {
    /// One a conflict.
    pub sides: Vec<Side>,
    /// Objective with these sides; `None` when no solve had an optimum.
    pub objective: Option<f64>,
    /// Objective with every conflict on the sell side; `None` when the search started elsewhere.
    pub no_buy: Option<f64>,
    /// No choice of sides has a lower objective; `None` without conflicts or without an optimum.
    pub lower_bound: Option<f64>,
    /// Solves whose answer was used.
    pub solves: u32,
    /// Passes over the conflicts.
    pub passes: u32,
    /// The optimum with these sides.
    pub solution: Option<Solution>,
}

/// Where a search starts, and what is known of its problem.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// One a conflict; every conflict on the sell side without.
    pub sides: Option<Vec<Side>>,
    /// `delta` of the [`lower_bound`]; [`curvature`] finds one without.
    pub delta: Option<Vec<f64>>,
    /// Gives up when there is no optimum at the start, instead of looking for sides that have one.
    pub from_optimum: bool,
    /// An optimum with a larger objective is none.
    pub cutoff: Option<f64>,
    /// A state near that of the start.
    pub state: Option<State>,
}

/// Starts with the sides of `start`, visits the conflicts in their order, flips one when that lowers the
/// objective by more than 1e-9, and goes on until a round changes nothing. Then tries pairs, as many as there are
/// conflicts, those first whose single flips raise the objective least; a pair that lowers it starts the rounds again.
/// A flip that the [`lower_bound`] of the present sides excludes is not solved.
///
/// `sessions` are of `problem`, one a thread; flips are evaluated side by side from the same sides and accepted in their
/// order, so the result does not depend on how many there are. `isa` moves no bit.
///
/// # Errors
/// A malformed problem.
pub fn search(
    sessions: &mut [Box<dyn Session + '_>],
    problem: &Problem,
    conflicts: &[Conflict],
    start: Start,
    isa: Isa,
) -> Result<Searched, Error> {
    let all_sell = vec![Side::Sell; conflicts.len()];
    let sides = start.sides.unwrap_or_else(|| all_sell.clone());
    if sides.len() != conflicts.len() {
        let (found, expected) = (sides.len(), conflicts.len());
        return Err(Error::Shape { what: "sides".to_owned(), found, expected });
    }
    let from_all_sell = sides == all_sell;
    let mut found = Searched {
        sides,
        objective: None,
        no_buy: None,
        lower_bound: None,
        solves: 0,
        passes: 0,
        solution: None,
    };
    for session in sessions.iter_mut() {
        session.set_cutoff(start.cutoff.unwrap_or(f64::INFINITY));
        for (conflict, side) in conflicts.iter().zip(&found.sides) {
            admit(&mut **session, problem, conflict, *side);
        }
    }
    let Some(first) = sessions.first_mut() else { return Ok(found) };
    found.objective = first.solve(start.state.as_ref())?;
    found.no_buy = if from_all_sell { found.objective } else { None };
    found.solves = 1;
    if conflicts.is_empty() || (start.from_optimum && found.objective.is_none()) {
        if found.objective.is_some() {
            found.solution = Some(first.solution()?);
        }
        return Ok(found);
    }
    let state = first.state();
    let delta = start.delta.unwrap_or_else(|| curvature(isa, problem));
    let rise = vec![f64::NEG_INFINITY; conflicts.len()];
    let raised = rise.clone();
    let mut walk = Walk { sessions, problem, conflicts, found, state, isa, delta, rise, raised };
    walk.bound()?;
    loop {
        walk.rounds()?;
        let pairs = walk.pairs();
        if walk.found.passes >= PASSES || walk.first_lower(&pairs)?.is_none() {
            return Ok(walk.found);
        }
    }
}

/// The search on its way.
struct Walk<'a, 'b> {
    sessions: &'a mut [Box<dyn Session + 'b>],
    problem: &'a Problem,
    conflicts: &'a [Conflict],
    found: Searched,
    state: Option<State>,
    isa: Isa,
    delta: Vec<f64>,
    /// By how much flipping each conflict alone raises the objective at least.
    rise: Vec<f64>,
    /// By how much it did when it was last solved.
    raised: Vec<f64>,
}

impl Walk<'_, '_> {
    /// The bound from the optimum of the present sides, and what it says of each flip.
    fn bound(&mut self) -> Result<(), Error> {
        self.rise.fill(f64::NEG_INFINITY);
        let session = &mut *self.sessions[0];
        if session.solve(self.state.as_ref())?.is_none() {
            return Ok(());
        }
        let solution = session.solution()?;
        let open = vec![None; self.conflicts.len()];
        let bound = lower_bound(self.isa, self.problem, self.conflicts, &open, &solution, &self.delta);
        for (k, (rise, side)) in self.rise.iter_mut().zip(&self.found.sides).enumerate() {
            let least = bound.rise(k, *side);
            // Infinite shares on both sides say nothing.
            *rise = if least.is_nan() { f64::NEG_INFINITY } else { least };
        }
        self.found.lower_bound = Some(bound.objective).filter(|bound| bound.is_finite());
        self.found.solution = Some(solution);
        Ok(())
    }

    /// Whether the bound leaves room for a gain by these flips together.
    fn possible(&self, flip: &[usize]) -> bool {
        flip.iter().fold(0.0, |sum, k| sum + self.rise[*k]) < -0.5 * GAIN
    }

    /// Single flips, until a full round changes nothing, wherever it began.
    fn rounds(&mut self) -> Result<(), Error> {
        let count = self.conflicts.len();
        let (mut at, mut unchanged) = (0, 0);
        self.found.passes += 1;
        while unchanged < count {
            let end = count.min(at + (count - unchanged));
            let ahead: Vec<Vec<usize>> = (at..end).map(|k| vec![k]).collect();
            if let Some(k) = self.first_lower(&ahead)? {
                // The flip back is known to raise the objective.
                unchanged = 1;
                at += k + 1;
            } else {
                unchanged += ahead.len();
                at = end;
            }
            if at == count && unchanged < count {
                if self.found.passes >= PASSES {
                    return Ok(());
                }
                (at, self.found.passes) = (0, self.found.passes + 1);
            }
        }
        Ok(())
    }

    /// Pairs by how little their single flips raise the objective.
    fn pairs(&self) -> Vec<Vec<usize>> {
        let count = self.conflicts.len();
        let rank = |k: usize| max(self.raised[k], self.rise[k]);
        let mut pairs: Vec<(f64, usize, usize)> = (0..count)
            .flat_map(|i| (i + 1..count).map(move |j| (i, j)))
            .filter(|&(i, j)| self.possible(&[i, j]))
            .map(|(i, j)| (rank(i) + rank(j), i, j))
            .collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        pairs.into_iter().take(count).map(|(_, i, j)| vec![i, j]).collect()
    }

    /// Makes the first of the `flips` that lowers the objective; `None` when none does.
    fn first_lower(&mut self, flips: &[Vec<usize>]) -> Result<Option<usize>, Error> {
        let possible: Vec<usize> = (0..flips.len()).filter(|&k| self.possible(&flips[k])).collect();
        for batch in possible.chunks(self.sessions.len()) {
            let tried = self.try_flips(&batch.iter().map(|&k| &flips[k][..]).collect::<Vec<_>>())?;
            for (&k, (objective, state)) in batch.iter().zip(tried) {
                let flip = &flips[k];
                self.found.solves += 1;
                if let ([one], Some(objective), Some(best)) = (&flip[..], objective, self.found.objective) {
                    self.raised[*one] = objective - best;
                }
                if lower(objective, self.found.objective) {
                    (self.found.objective, self.state) = (objective, state);
                    for &one in flip {
                        self.found.sides[one] = self.found.sides[one].other();
                        for session in self.sessions.iter_mut() {
                            admit(&mut **session, self.problem, &self.conflicts[one], self.found.sides[one]);
                        }
                    }
                    self.bound()?;
                    return Ok(Some(k));
                }
            }
        }
        Ok(None)
    }

    /// Makes flip `k` alone in session `k`, solves, and takes it back.
    fn try_flips(&mut self, flips: &[&[usize]]) -> Result<Vec<Tried>, Error> {
        let (problem, conflicts, sides) = (self.problem, self.conflicts, &self.found.sides);
        let from = self.state.as_ref();
        let try_one = |session: &mut dyn Session, flip: &[usize]| -> Result<Tried, Error> {
            for &one in flip {
                admit(session, problem, &conflicts[one], sides[one].other());
            }
            let objective = session.solve(from)?;
            let state = session.state();
            for &one in flip {
                admit(session, problem, &conflicts[one], sides[one]);
            }
            Ok((objective, state))
        };
        if let ([session, ..], [flip]) = (&mut *self.sessions, flips) {
            return Ok(vec![try_one(&mut **session, flip)?]);
        }
        std::thread::scope(|scope| {
            let pairs = self.sessions.iter_mut().zip(flips);
            let running: Vec<_> =
                pairs.map(|(session, flip)| scope.spawn(move || try_one(&mut **session, flip))).collect();
            running
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    }
}

type Tried = (Option<f64>, Option<State>);

fn lower(objective: Option<f64>, best: Option<f64>) -> bool {
    match (objective, best) {
        (Some(objective), Some(best)) => objective < best - GAIN,
        (Some(_), None) => true,
        (None, _) => false,
    }
}
