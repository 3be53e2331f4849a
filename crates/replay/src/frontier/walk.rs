//! From corner to corner.

use super::{End, FARTHEST, PIECES, Point};
use crate::Error;
use samebits_canon::{Isa, dot_on};
use samebits_qp::{Problem, Settings, Solution, Solver, State, Status};
use samebits_rebalance::Seen;
use samebits_solver_cpu::ActiveSet;

/// A corner is known to this part of its price.
const CORNER: f64 = 1e-8;
/// Residual up to which a state still holds: far below that of a solve, so that a corner is where it is.
const HOLDS: f64 = 1e-13;
/// First step from a corner, as a part of the price; it doubles while the state holds.
const STEP: f64 = 1e-3;
/// Steps behind a corner in which another state is looked for, each ten times as far.
const TRIES: i32 = 4;
/// Points between two corners.
const BETWEEN: i32 = 3;

/// Which side of the frontier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Towards {
    /// Less tracking error: the price falls.
    Less,
    /// More of it.
    More,
}

impl Towards {
    /// The price `part` of it farther.
    fn farther(self, price: f64, part: f64) -> f64 {
        match self {
            Self::Less => samebits_canon::max(price / (1.0 + part), 1.0 / FARTHEST),
            Self::More => samebits_canon::min(price * (1.0 + part), FARTHEST),
        }
    }

    fn is_end(self, price: f64) -> bool {
        match self {
            Self::Less => price <= 1.0 / FARTHEST,
            Self::More => price >= FARTHEST,
        }
    }
}

/// An optimum with its state.
pub(super) struct Found {
    pub(super) point: Point,
    pub(super) state: State,
}

/// Walks along the optima of one problem.
pub(super) struct Walk<'a> {
    seen: &'a Seen,
    problem: Problem,
    /// Risk aversion of the record.
    gamma: f64,
    solver: ActiveSet,
    settings: Settings,
    isa: Isa,
    pieces: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(seen: &'a Seen, problem: Problem, settings: Settings, isa: Isa) -> Self {
        let gamma = problem.gamma;
        Self { seen, problem, gamma, solver: ActiveSet::new(isa, 1), settings, isa, pieces: 0 }
    }

    pub(super) const fn pieces(&self) -> usize {
        self.pieces
    }

    /// Puts another hard cap on tracking error in the place of the problem's.
    pub(super) const fn cap(&mut self, cap: Option<f64>) {
        self.problem.risk_cap = cap;
    }

    /// The optimum at the recorded price, found from the recorded state.
    pub(super) fn begin(&mut self, state: State) -> Result<Found, Error> {
        if let Some(point) = self.at(1.0, &state)? {
            return Ok(Found { point, state });
        }
        self.solve(1.0, &state)?.ok_or(Error::NoFrontier { reason: "its problem has no optimum here" })
    }

    /// Points from `begin` on, without it.
    pub(super) fn go(&mut self, begin: &Found, towards: Towards) -> Result<(Vec<Point>, End), Error> {
        let (mut price, mut state) = (begin.point.price, begin.state.clone());
        let mut points = Vec::new();
        for _ in 0..PIECES {
            self.pieces += 1;
            let (last, beyond) = self.range(price, &state, towards)?;
            self.between(price, last, &state, &mut points)?;
            let Some(beyond) = beyond else {
                points.extend(self.at(last, &state)?);
                return Ok((points, End::Reached));
            };
            points.extend(self.at(last, &state)?.map(|point| Point { corner: true, ..point }));
            let Some(next) = self.behind(beyond, &state, towards)? else { return Ok((points, End::Stuck)) };
            (price, state) = (next.point.price, next.state);
        }
        Ok((points, End::Cut))
    }

    /// The last price of a state, and a price beyond it where the state is no optimum; none where it holds to the end.
    fn range(&mut self, from: f64, state: &State, towards: Towards) -> Result<(f64, Option<f64>), Error> {
        let (mut good, mut part) = (from, STEP);
        let mut bad = loop {
            if towards.is_end(good) {
                return Ok((good, None));
            }
            let trial = towards.farther(good, part);
            if self.at(trial, state)?.is_none() {
                break trial;
            }
            (good, part) = (trial, 2.0 * part);
        };
        while samebits_canon::abs(bad - good) > CORNER * good {
            let middle = 0.5 * (good + bad);
            if self.at(middle, state)?.is_some() {
                good = middle;
            } else {
                bad = middle;
            }
        }
        Ok((good, Some(bad)))
    }

    /// Points inside a piece, evenly in the price.
    fn between(&mut self, from: f64, to: f64, state: &State, points: &mut Vec<Point>) -> Result<(), Error> {
        for k in 1..=BETWEEN {
            let share = f64::from(k) / f64::from(BETWEEN + 1);
            points.extend(self.at(from + share * (to - from), state)?);
        }
        Ok(())
    }

    /// The optimum behind a corner, with another state than the one that ends there.
    fn behind(&mut self, corner: f64, state: &State, towards: Towards) -> Result<Option<Found>, Error> {
        let mut part = CORNER;
        for _ in 0..TRIES {
            let price = towards.farther(corner, part);
            if let Some(found) = self.solve(price, state)?.filter(|found| found.state != *state) {
                return Ok(Some(found));
            }
            part *= 10.0;
        }
        Ok(None)
    }

    /// The optimum at a price, if `state` is that of one.
    fn at(&mut self, price: f64, state: &State) -> Result<Option<Point>, Error> {
        self.problem.gamma = self.gamma / price;
        // Multipliers, and what is left of them, grow with the weight of the risk.
        let settings = Settings { tolerance: HOLDS * (1.0 + 1.0 / price), ..self.settings };
        let found = self.solver.at(&self.problem, state, &settings);
        let found = found.map_err(samebits_rebalance::Error::from)?;
        Ok(found.map(|solution| self.point(price, &solution)))
    }

    /// The optimum at a price.
    fn solve(&mut self, price: f64, near: &State) -> Result<Option<Found>, Error> {
        self.problem.gamma = self.gamma / price;
        let solution = self.solver.solve_from(&self.problem, &self.settings, near);
        let solution = solution.map_err(samebits_rebalance::Error::from)?;
        if solution.status != Status::Optimal {
            return Ok(None);
        }
        let point = self.point(price, &solution);
        Ok(solution.finish.map(|finish| Found { point, state: finish.state }))
    }

    fn point(&self, price: f64, solution: &Solution) -> Point {
        let Solution { weights, trades, .. } = solution;
        let active = self.problem.active(weights);
        let variance = dot_on(self.isa, &active, &self.problem.risk_gradient_on(self.isa, &active));
        let parts = self.problem.objective_parts(weights, trades);
        let variables = self.seen.model.variables.iter().zip(trades);
        let tax = variables
            .fold(0.0, |sum, (variable, amount)| sum + variable.tax_and_gain(&self.seen.book).0 * amount);
        Point {
            price,
            corner: false,
            tracking_error_bp: samebits_canon::max(variance, 0.0).sqrt() * 1e4,
            tax_bp: tax * 1e4,
            cost_bp: (parts.cost - tax) * 1e4,
            paid_bp: (parts.cost - parts.reward) * 1e4,
        }
    }
}
