//! Branch and bound over the sides, for checks away from production.

use super::bound::lower_bound;
use super::{Conflict, Session, Side, admit};
use crate::{Error, Problem, Solution, State, Status};
use samebits_canon::Isa;

/// Solves at a node that follow the preferred sides of the bound.
const TURNS: u32 = 4;

/// What branch and bound found.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// The best sides seen.
    pub sides: Vec<Side>,
    /// Their objective.
    pub objective: f64,
    /// Whether every other choice is excluded up to the tolerance.
    pub closed: bool,
    /// No choice is lower than this.
    pub bound: f64,
    /// Nodes visited.
    pub nodes: u32,
}

struct Tree<'a, 'b> {
    session: &'a mut (dyn Session + 'b),
    problem: &'a Problem,
    conflicts: &'a [Conflict],
    delta: &'a [f64],
    tolerance: f64,
    best: (f64, Vec<Side>),
}

/// Proves which sides are best, beginning with `start` (sides with an optimum), visiting at most `nodes` nodes.
///
/// # Errors
/// A malformed problem.
pub fn prove(
    session: &mut (dyn Session + '_),
    problem: &Problem,
    conflicts: &[Conflict],
    delta: &[f64],
    start: &[Side],
    nodes: u32,
    tolerance: f64,
) -> Result<Proof, Error> {
    let mut tree =
        Tree { session, problem, conflicts, delta, tolerance, best: (f64::INFINITY, start.to_vec()) };
    let mut open: Vec<(f64, Vec<Option<Side>>, Vec<Side>)> =
        vec![(f64::NEG_INFINITY, vec![None; conflicts.len()], start.to_vec())];
    let mut visited = 0;
    while let Some((bound, fixed, sides)) = open.pop() {
        if bound >= tree.best.0 - tolerance {
            continue;
        }
        if visited == nodes {
            open.push((bound, fixed, sides));
            break;
        }
        visited += 1;
        let Some((bound, sides, branch)) = tree.visit(&fixed, sides)? else { continue };
        let Some(k) = branch.filter(|_| bound < tree.best.0 - tolerance) else { continue };
        // The side of the last solve is looked at first: the stack hands out its end.
        for side in [sides[k].other(), sides[k]] {
            let mut fixed = fixed.clone();
            fixed[k] = Some(side);
            let mut sides = sides.clone();
            sides[k] = side;
            open.push((bound, fixed, sides));
        }
    }
    let (objective, sides) = tree.best;
    let bound = open.iter().fold(objective, |least, node| samebits_canon::min(least, node.0));
    let closed = open.iter().all(|node| node.0 >= objective - tolerance);
    Ok(Proof { sides, objective, closed, bound, nodes: visited })
}

type Visit = (f64, Vec<Side>, Option<usize>);

impl Tree<'_, '_> {
    /// Bounds a node: (bound, sides last solved, conflict to branch on). `None` when its sides have no optimum and all
    /// are fixed.
    fn visit(&mut self, fixed: &[Option<Side>], mut sides: Vec<Side>) -> Result<Option<Visit>, Error> {
        let mut bound = f64::NEG_INFINITY;
        let mut branch = fixed.iter().position(Option::is_none);
        for _ in 0..TURNS {
            let Some(solution) = self.solve(&sides)? else { break };
            if solution.objective < self.best.0 {
                self.best = (solution.objective, sides.clone());
            }
            let found =
                lower_bound(Isa::Portable, self.problem, self.conflicts, fixed, &solution, self.delta);
            let mut turned = sides.clone();
            let mut most = 0.0;
            let mut at = None;
            for k in (0..sides.len()).filter(|&k| fixed[k].is_none()) {
                let (side, gain) = found.preferred(k);
                if side != sides[k] {
                    turned[k] = side;
                    if gain > most {
                        (most, at) = (gain, Some(k));
                    }
                }
            }
            if found.objective > bound {
                (bound, branch) = (found.objective, at);
            }
            if at.is_none() || bound >= self.best.0 - self.tolerance {
                return Ok(Some((bound, sides, branch)));
            }
            sides = turned;
        }
        if branch.is_none() {
            branch = fixed.iter().position(Option::is_none);
        }
        Ok(branch.map(|k| (bound, sides, Some(k))))
    }

    fn solve(&mut self, sides: &[Side]) -> Result<Option<Solution>, Error> {
        for (conflict, side) in self.conflicts.iter().zip(sides) {
            admit(self.session, self.problem, conflict, *side);
        }
        let from: Option<State> = self.session.state();
        if self.session.solve(from.as_ref())?.is_none() {
            return Ok(None);
        }
        let solution = self.session.solution()?;
        Ok((solution.status == Status::Optimal).then_some(solution))
    }
}
