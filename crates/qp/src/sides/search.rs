//! The flip search.

use super::{Conflict, Session, Side, admit};
use crate::{Error, Problem, State};

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
    /// Objective with every conflict on the sell side.
    pub no_buy: Option<f64>,
    /// Solves whose answer was used.
    pub solves: u32,
    /// Passes over the conflicts.
    pub passes: u32,
}

/// Starts with every conflict on the sell side, visits the conflicts in their order, flips one when that lowers the
/// objective by more than 1e-9, and goes on until a pass changes nothing.
///
/// `sessions` are of `problem`, one a thread; flips are evaluated side by side from the same sides and accepted in the
/// order of the conflicts, so the result does not depend on how many there are.
///
/// # Errors
/// A malformed problem.
pub fn search(
    sessions: &mut [Box<dyn Session + '_>],
    problem: &Problem,
    conflicts: &[Conflict],
) -> Result<Searched, Error> {
    let mut sides = vec![Side::Sell; conflicts.len()];
    let Some(first) = sessions.first_mut() else {
        return Ok(Searched { sides, objective: None, no_buy: None, solves: 0, passes: 0 });
    };
    for conflict in conflicts {
        admit(&mut **first, problem, conflict, Side::Sell);
    }
    let mut best = first.solve(None)?;
    let no_buy = best;
    let mut state = first.state();
    for session in &mut sessions[1..] {
        for conflict in conflicts {
            admit(&mut **session, problem, conflict, Side::Sell);
        }
    }
    let (mut solves, mut passes, mut unchanged, mut at) = (1, 0, 0, 0);
    // A full round without a flip ends the search, wherever it began.
    while unchanged < conflicts.len() && passes < PASSES {
        let width = sessions.len().min(conflicts.len() - at).min(conflicts.len() - unchanged);
        let tried = try_flips(sessions, problem, &conflicts[at..at + width], &sides[at..], state.as_ref())?;
        let accepted = tried.iter().position(|(objective, _)| lower(*objective, best));
        let used = accepted.map_or(width, |k| k + 1);
        solves += used as u32;
        if let Some(k) = accepted {
            let (objective, found) = tried.into_iter().nth(k).unwrap_or_default();
            sides[at + k] = sides[at + k].other();
            (best, state) = (objective, found);
            for session in sessions.iter_mut() {
                admit(&mut **session, problem, &conflicts[at + k], sides[at + k]);
            }
            unchanged = 1;
        } else {
            unchanged += width;
        }
        at += used;
        if at == conflicts.len() {
            (at, passes) = (0, passes + 1);
        }
    }
    Ok(Searched { sides, objective: best, no_buy, solves, passes: passes.max(1) })
}

fn lower(objective: Option<f64>, best: Option<f64>) -> bool {
    match (objective, best) {
        (Some(objective), Some(best)) => objective < best - GAIN,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

type Tried = (Option<f64>, Option<State>);

/// Flips conflict `k` alone in session `k`, and back.
fn try_flips(
    sessions: &mut [Box<dyn Session + '_>],
    problem: &Problem,
    conflicts: &[Conflict],
    sides: &[Side],
    from: Option<&State>,
) -> Result<Vec<Tried>, Error> {
    let flip = |session: &mut dyn Session, conflict: &Conflict, side: Side| -> Result<Tried, Error> {
        admit(session, problem, conflict, side.other());
        let objective = session.solve(from)?;
        let state = session.state();
        admit(session, problem, conflict, side);
        Ok((objective, state))
    };
    if let ([session, ..], [conflict], [side, ..]) = (&mut *sessions, conflicts, sides) {
        return Ok(vec![flip(&mut **session, conflict, *side)?]);
    }
    std::thread::scope(|scope| {
        let mut running = Vec::with_capacity(conflicts.len());
        for ((session, conflict), side) in sessions.iter_mut().zip(conflicts).zip(sides) {
            running.push(scope.spawn(move || flip(&mut **session, conflict, *side)));
        }
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
