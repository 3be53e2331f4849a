//! The search over states, and what it returns.

use super::layout::{Layout, NONE};
use super::moves::{Moves, margins};
use super::point::{Point, Stop};
use super::sigma::Sigma;
use samebits_canon::{Isa, dot_on, max, min};
use samebits_qp::{
    Certificate, Error, Finish, Multipliers, Path, Problem, Settings, Solution, Solver, State, Status, certify,
};
use std::sync::Mutex;

/// Steps without progress after which changes are made one at a time.
const PATIENCE: u32 = 6;

/// The active-set backend. Memory is kept between solves.
#[derive(Debug)]
pub struct ActiveSet {
    isa: Isa,
    threads: usize,
    kept: Mutex<Vec<Engine>>,
}

/// How a search over states ended.
#[derive(Debug)]
enum Search {
    Found,
    /// More steps than allowed.
    Steps,
    Stopped(Stop),
}

#[derive(Debug)]
struct Engine {
    isa: Isa,
    layout: Layout,
    sigma: Sigma,
    point: Point,
    moves: Moves,
    state: State,
    steps: u32,
}

impl Engine {
    fn new(isa: Isa, threads: usize) -> Self {
        Self {
            isa,
            layout: Layout::default(),
            sigma: Sigma::new(isa, threads),
            point: Point::default(),
            moves: Moves::default(),
            state: State::default(),
            steps: 0,
        }
    }

    fn fill(&mut self, problem: &Problem) -> Result<(), Error> {
        self.layout.fill(problem);
        self.sigma.fill(problem)?;
        self.point.reset(problem);
        self.steps = 0;
        Ok(())
    }

    /// The state next to `weights`, with the prices `y` of the rows.
    fn start(&mut self, problem: &Problem, weights: impl Fn(usize) -> f64, y: Option<&[f64]>, tolerance: f64) {
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

    fn search(&mut self, problem: &Problem, most: u32, settled: bool) -> Search {
        self.moves.reset(problem.n(), settled);
        let (mut best, mut stall, mut pure) = (usize::MAX, 0, true);
        loop {
            if self.steps == most {
                return Search::Steps;
            }
            self.steps += 1;
            let Self { isa, layout, sigma, point, moves, state, .. } = self;
            if let Err(stop) = point.solve(*isa, problem, layout, sigma, state, pure) {
                return Search::Stopped(stop);
            }
            let changes = moves.find(problem, layout, point, state);
            if changes == 0 {
                if pure {
                    return Search::Found;
                }
                pure = true;
                continue;
            }
            if changes < best {
                (best, stall) = (changes, 0);
            } else {
                stall += 1;
            }
            moves.apply(problem, layout, point, state, stall <= PATIENCE);
            pure = false;
        }
    }

    /// The point as a solution, its weights recomputed from its trades.
    fn solution(&mut self, problem: &Problem, path: Path) -> Solution {
        let point = &self.point;
        let trades: Vec<f64> =
            point.t.iter().zip(&self.layout.upper).map(|(t, upper)| min(max(*t, 0.0), *upper)).collect();
        let weights = problem.weights(&trades);
        let multipliers = self.multipliers(problem, &weights);
        let certificate = certify(problem, &weights, &trades, &multipliers);
        let found = margins(problem, &self.layout, point, &self.state);
        Solution {
            status: Status::Optimal,
            path,
            finish: Some(Finish {
                state: self.state.clone(),
                primal_margin: found.primal,
                dual_margin: found.dual,
            }),
            objective: problem.objective(&weights, &trades),
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
            let first = point.primary[i];
            if first != NONE {
                if state.bounds[i] != 0 {
                    *bound = -(g + point.slope[first]);
                }
                continue;
            }
            *bound = self.bound_at_kink(problem, i, weights[i]);
        }
        let own = |(t, trade): (usize, &samebits_qp::TradeVariable)| match state.trades[t] {
            samebits_qp::BETWEEN => 0.0,
            _ => {
                let price = trade.asset.map_or(0.0, |i| point.price[i] + bounds[i]);
                -(trade.sign * (price + point.slope[t]))
            }
        };
        let trades = problem.trades.iter().enumerate().map(own).collect();
        let d = problem.active(weights);
        let error = max(dot_on(self.isa, &d, &point.gradient), 0.0).sqrt();
        let cap = max((point.curvature - problem.gamma) * error, 0.0);
        Multipliers { rows: point.y.clone(), bounds, trades, cap }
    }

    /// A kink that is also a bound of the weight: what the trades beyond it would gain is the price of the bound.
    fn bound_at_kink(&self, problem: &Problem, i: usize, w: f64) -> f64 {
        let (up, down) = Moves::slopes_beside(problem, &self.layout, &self.point, &self.state, i);
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

impl ActiveSet {
    /// A backend whose kernels use `isa` and up to `threads` threads; neither moves a bit.
    pub fn new(isa: Isa, threads: usize) -> Self {
        Self { isa, threads, kept: Mutex::new(Vec::new()) }
    }

    fn with_engine<T>(&self, work: impl FnOnce(&mut Engine) -> T) -> T {
        let kept = self.kept.lock().ok().and_then(|mut kept| kept.pop());
        let mut engine = kept.unwrap_or_else(|| Engine::new(self.isa, self.threads));
        let result = work(&mut engine);
        if let Ok(mut kept) = self.kept.lock() {
            kept.push(engine);
        }
        result
    }

    /// The fast path alone: `None` where it finds no certified optimum.
    ///
    /// # Errors
    /// A malformed problem.
    pub fn fast(&self, problem: &Problem, settings: &Settings) -> Result<Option<Solution>, Error> {
        problem.validate()?;
        if !(problem.gamma > 0.0) {
            return Ok(None);
        }
        self.with_engine(|engine| {
            engine.fill(problem)?;
            let middle = |i: usize| 0.5 * (problem.start[i] + problem.benchmark[i]);
            engine.start(problem, middle, None, 1e-15);
            Ok(match engine.search(problem, settings.max_iterations, false) {
                Search::Found => accepted(engine.solution(problem, Path::ActiveSet), settings),
                _ => None,
            })
        })
    }
}

/// The solution, when the certificate of the problem's own data accepts it.
fn accepted(solution: Solution, settings: &Settings) -> Option<Solution> {
    let Certificate { primal, dual, complementarity, gap } = solution.certificate;
    let good = [primal, dual, complementarity, gap].iter().all(|residual| *residual <= settings.tolerance);
    good.then_some(solution)
}
