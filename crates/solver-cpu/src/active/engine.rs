//! The search over states, and what it returns.

use super::layout::{Layout, NONE};
use super::moves::{Moves, Pace, margins};
use super::point::{Point, Reached, Spot, Stop};
use super::sigma::Sigma;
use samebits_canon::{Isa, abs, dot_on, max, min};
use samebits_qp::{Error, Finish, Multipliers, Path, Problem, Risk, Search, Solution, State, Status, judge};

/// Smallest number of assets for which a search with a factor form pays.
const WORTH_AN_APPROACH: usize = 48;
/// Most steps of that search.
const APPROACH_STEPS: u32 = 60;
/// Share of the scale of weights within which another solver's position is a kink.
const NEAR: f64 = 1e-8;
/// After at most so many changes the next point is computed from the state alone.
const FEW: usize = 3;
/// Steps without progress after which changes are made one at a time.
const PATIENCE: u32 = 6;

/// The search, its present state and point, and all memory of it.
#[derive(Debug)]
pub(super) struct Engine {
    isa: Isa,
    threads: usize,
    /// Where searches end.
    pub(super) kind: Search,
    /// An answer with a larger objective is not wanted.
    pub(super) cutoff: f64,
    pub(super) layout: Layout,
    pub(super) sigma: Sigma,
    pub(super) point: Point,
    moves: Moves,
    pub(super) state: State,
    pub(super) steps: u32,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(Isa::Portable, 1)
    }
}

impl Engine {
    pub(super) fn new(isa: Isa, threads: usize) -> Self {
        Self {
            isa,
            threads,
            kind: Search::First,
            cutoff: f64::INFINITY,
            layout: Layout::default(),
            sigma: Sigma::new(isa, threads),
            point: Point::default(),
            moves: Moves::default(),
            state: State::default(),
            steps: 0,
        }
    }

    /// Another engine like this one.
    pub(super) fn fresh(&self) -> Self {
        Self { kind: self.kind, ..Self::new(self.isa, self.threads) }
    }

    pub(super) const fn isa(&self) -> Isa {
        self.isa
    }

    /// Weights and trades at the point.
    pub(super) fn reached(&self) -> [&[f64]; 2] {
        [&self.point.w, &self.point.t]
    }

    /// See [`Point::curvature_of_rows`].
    pub(super) fn curvature_of_rows(&mut self, problem: &Problem) -> Result<Vec<f64>, Stop> {
        self.point.curvature_of_rows(problem, &mut self.sigma)
    }

    /// Rounding that a weight may show.
    pub(super) fn weight_tolerance(&self) -> f64 {
        self.moves.weight_tolerance()
    }

    pub(super) fn fill(&mut self, problem: &Problem) -> Result<(), Error> {
        self.sigma.fill(&problem.risk)?;
        self.prepare(problem);
        Ok(())
    }

    /// [`Engine::fill`] without the covariance.
    pub(super) fn prepare(&mut self, problem: &Problem) {
        self.layout.fill(problem);
        self.point.reset(problem);
        self.steps = 0;
    }

    /// See [`super::Host::root`].
    pub(super) fn root(&mut self, risk: &Risk) -> Result<Option<&[f64]>, Error> {
        self.sigma.fill(risk)?;
        Ok(self.sigma.root())
    }

    /// The slopes of the trades at the point.
    pub(super) fn slopes(&self) -> &[f64] {
        &self.point.slope
    }

    /// Stands at a point that was reached elsewhere, with the present state.
    pub(super) fn adopt(&mut self, problem: &Problem, reached: &Reached<'_>) {
        let Self { layout, point, moves, state, .. } = self;
        point.adopt(problem, layout, state, reached);
        // Sets the tolerances that the multipliers are read with.
        moves.find(problem, layout, point, state);
    }

    /// The state next to `weights`, with the prices `y` of the rows.
    pub(super) fn start(
        &mut self,
        problem: &Problem,
        weights: impl Fn(usize) -> f64,
        y: Option<&[f64]>,
        tolerance: f64,
    ) {
        let rows = &problem.rows;
        self.state.trades.clear();
        self.state.trades.resize(problem.trades.len(), samebits_qp::AT_ZERO);
        self.state.bounds.clear();
        self.state.rows.clear();
        let side = |r: usize| match y.map_or(0.0, |y| y[r]) {
            _ if rows[r].lower == rows[r].upper => 1,
            y if y > 0.0 && rows[r].upper.is_finite() => 1,
            y if y < 0.0 && rows[r].lower.is_finite() => -1,
            _ => 0,
        };
        self.state.rows.extend((0..rows.len()).map(side));
        let slope = &mut self.point.slope;
        slope.copy_from_slice(&self.layout.slope);
        for (row, y) in rows.iter().zip(y.unwrap_or_default()) {
            for ((slope, a), trade) in slope.iter_mut().zip(&row.on_trades).zip(&problem.trades) {
                *slope += trade.sign * (y * a);
            }
        }
        for i in 0..problem.n() {
            let code = self.layout.classify(
                problem,
                i,
                weights(i),
                &self.point.slope,
                tolerance,
                &mut self.state.trades,
            );
            self.state.bounds.push(code);
        }
    }

    /// A state from the problem alone: halfway between what is held and the benchmark.
    pub(super) fn start_cold(&mut self, problem: &Problem) {
        self.start_halfway(problem);
        self.approach(problem);
    }

    /// The state halfway between what is held and the benchmark.
    pub(super) fn start_halfway(&mut self, problem: &Problem) {
        let middle = |i: usize| 0.5 * (problem.start[i] + problem.benchmark[i]);
        self.start(problem, middle, None, 0.0);
        self.steps = 0;
    }

    /// The state next to another solver's answer. A position within [`NEAR`] of a kink is the kink; a row is at the limit
    /// whose price is larger than the distance from it, each measured by its own scale.
    pub(super) fn start_near(&mut self, problem: &Problem, raw: &Solution) {
        let y = self.prices_near(problem, raw);
        let tolerance = NEAR * self.layout.weight_scale;
        self.start(problem, |i| raw.weights[i], Some(&y), tolerance);
    }

    /// The prices of the rows next to another solver's answer: of those at a limit.
    pub(super) fn prices_near(&self, problem: &Problem, raw: &Solution) -> Vec<f64> {
        let prices =
            raw.multipliers.rows.iter().chain(&raw.multipliers.bounds).chain(&raw.multipliers.trades);
        let of_costs = self.layout.slope.iter().fold(0.0, |most, x| max(most, abs(*x)));
        let price_scale = prices.filter(|x| x.is_finite()).fold(of_costs, |most, x| max(most, abs(*x)));
        let scale = if price_scale > 0.0 { self.layout.weight_scale / price_scale } else { 0.0 };
        (0..problem.rows.len())
            .map(|r| {
                let (row, y) = (&problem.rows[r], raw.multipliers.rows[r]);
                let value = problem.row_value_on(self.isa, r, &raw.weights, &raw.trades);
                let slack = if y > 0.0 { row.upper - value } else { value - row.lower };
                if row.lower == row.upper || abs(y) * scale > slack { y } else { 0.0 }
            })
            .collect()
    }

    /// The objective at the point.
    pub(super) fn objective(&self, problem: &Problem) -> f64 {
        let point = &self.point;
        let d = problem.active(&point.w);
        problem.parts_at(self.isa, &point.w, &point.t, &d, &point.gradient).total()
    }

    /// Moves the state near the optimum of a dense problem: it searches with a factor form near the covariance, where a
    /// step costs `O(n)`. Where that search does not end, the state stays.
    fn approach(&mut self, problem: &Problem) {
        if problem.n() < WORTH_AN_APPROACH || !self.sigma.sketch(problem) {
            return;
        }
        let before = self.state.clone();
        let kind = std::mem::replace(&mut self.kind, Search::First);
        let found = self.search(problem, APPROACH_STEPS, false);
        self.kind = kind;
        self.sigma.exact();
        self.steps = 0;
        if found.is_err() {
            self.state = before;
        }
    }

    /// To the point of the present state.
    pub(super) fn settle(&mut self, problem: &Problem) -> Result<(), Stop> {
        let Self { isa, layout, sigma, point, moves, state, .. } = self;
        point.solve(*isa, problem, layout, sigma, state, true)?;
        // Sets the tolerances that the multipliers are read with.
        moves.reset(problem, true);
        moves.find(problem, layout, point, state);
        Ok(())
    }

    /// From an optimal state that was reached elsewhere to the preferred one next to it; false where it is that one.
    pub(super) fn tidy(&mut self, problem: &Problem) -> bool {
        let Self { layout, sigma, point, moves, state, .. } = self;
        moves.reset(problem, true);
        let untidy =
            moves.find(problem, layout, point, state) == 0 && moves.tidy(problem, layout, point, state) > 0;
        if untidy {
            moves.apply(problem, layout, point, sigma, state, Pace::Next);
        }
        untidy
    }

    /// From the present state to an optimal one.
    pub(super) fn search(&mut self, problem: &Problem, most: u32, settled: bool) -> Result<(), Stop> {
        self.moves.reset(problem, settled);
        self.go_on(problem, most, self.sigma.factored() && !settled)
    }

    /// [`Engine::search`] from the middle of one; `far`: at first each asset moves as far as its own curvature carries it.
    pub(super) fn go_on(&mut self, problem: &Problem, most: u32, mut far: bool) -> Result<(), Stop> {
        let (mut best, mut stall, mut pure) = (usize::MAX, 0, true);
        loop {
            if self.steps == most {
                return Err(Stop::Steps);
            }
            self.steps += 1;
            let Self { isa, layout, sigma, point, moves, state, .. } = self;
            point.solve(*isa, problem, layout, sigma, state, pure)?;
            let changes = moves.find(problem, layout, point, state);
            if changes == 0 {
                if pure {
                    if self.kind == Search::First || moves.tidy(problem, layout, point, state) == 0 {
                        return Ok(());
                    }
                    moves.apply(problem, layout, point, sigma, state, Pace::Next);
                    (best, stall) = (usize::MAX, 0);
                }
                pure = true;
                continue;
            }
            if changes < best {
                (best, stall) = (changes, 0);
            } else {
                stall += 1;
            }
            let pace = match stall {
                0 if far => Pace::Far,
                0..=PATIENCE => Pace::Next,
                _ => Pace::One,
            };
            far = far && stall == 0;
            moves.apply(problem, layout, point, sigma, state, pace);
            // After few changes the next point may be the last one.
            pure = changes <= FEW;
        }
    }

    /// The point as a solution, when the certificate of the problem's own data accepts it.
    pub(super) fn accepted(&mut self, problem: &Problem, path: Path, tolerance: f64) -> Option<Solution> {
        let solution = self.solution(problem, path);
        let largest = |values: &[f64]| values.iter().fold(0.0, |most, x| max(most, abs(*x)));
        let slope = max(largest(&self.layout.slope), largest(&self.point.price));
        solution.certificate.within(tolerance, self.layout.weight_scale, slope).then_some(solution)
    }

    /// The point as a solution, its weights recomputed from its trades.
    pub(super) fn solution(&mut self, problem: &Problem, path: Path) -> Solution {
        let point = &self.point;
        let trades: Vec<f64> =
            point.t.iter().zip(&self.layout.upper).map(|(t, upper)| min(max(*t, 0.0), *upper)).collect();
        let weights = problem.weights(&trades);
        let multipliers = self.multipliers(problem, &weights);
        let (certificate, objective) = judge(self.isa, problem, &weights, &trades, &multipliers);
        let found = margins(problem, &self.layout, point, &self.state);
        Solution {
            status: Status::Optimal,
            path,
            finish: Some(Finish {
                state: self.state.clone(),
                primal_margin: found.primal,
                dual_margin: found.dual,
            }),
            objective,
            trades,
            weights,
            multipliers,
            iterations: self.steps,
            certificate,
        }
    }

    fn multipliers(&self, problem: &Problem, weights: &[f64]) -> Multipliers {
        let (point, state) = (&self.point, &self.state);
        let mut bounds = vec![0.0; problem.n()];
        for (i, bound) in bounds.iter_mut().enumerate() {
            let g = point.price[i];
            let first = point.spots[i].first;
            if first != NONE {
                if state.bounds[i] != 0 {
                    *bound = -(g + point.slope[first]);
                }
                continue;
            }
            *bound = self.bound_at_kink(problem, i, weights[i]);
        }
        let own = |(t, trade): (usize, &samebits_qp::TradeVariable)| {
            if state.trades[t] == samebits_qp::BETWEEN {
                return 0.0;
            }
            let price = trade.asset.map_or(0.0, |i| point.price[i] + bounds[i]);
            -(trade.sign * (price + point.slope[t]))
        };
        let trades = problem.trades.iter().enumerate().map(own).collect();
        let d = problem.active(weights);
        let error = max(dot_on(self.isa, &d, &point.gradient), 0.0).sqrt();
        let cap = max((point.curvature - problem.gamma) * error, 0.0);
        Multipliers { rows: point.y.clone(), bounds, trades, cap }
    }

    /// A kink that is also a bound of the weight: what the trades beyond it would gain is the price of the bound.
    fn bound_at_kink(&self, problem: &Problem, i: usize, w: f64) -> f64 {
        let Spot { up, down, .. } = self.point.spots[i];
        let g = self.point.price[i];
        let tolerance = self.moves.weight_tolerance();
        if w >= problem.upper[i] - tolerance && g + up < 0.0 {
            -(g + up)
        } else if w <= problem.lower[i] + tolerance && g + down > 0.0 {
            -(g + down)
        } else {
            0.0
        }
    }
}
