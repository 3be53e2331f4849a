//! Up the dual of the rows, for problems on which the search over states does not end.
//!
//! With fixed prices `y` of the rows the problem has none: its costs and rewards change, and the search settles it in a few
//! steps. The least Lagrangian
//!
//! ```text
//! q(y) = min over w, t of  f(w, t) + y' (A_w w + A_t t)  -  sum of (y > 0: y upper, y < 0: y lower)
//! ```
//!
//! is concave, its slope is by how much each row exceeds the limit that its price belongs to, and its largest value is that
//! of the problem. The point of the state with the rows held has the prices of Newton's step; along it `y` moves as far as
//! `q` rises enough (Armijo), so that the ascent cannot cycle. From every `y` the ordinary search is tried for a few steps:
//! near the top it ends, in the state that it would have ended in.

use super::engine::Engine;
use super::layout::NONE;
use super::point::Stop;
use samebits_canon::{abs, fma, max, min};
use samebits_qp::{BETWEEN, Path, Problem, RowLimit, Search, Settings, Solution, State};

/// Steps of the search before the ascent.
pub(super) const STEPS_BEFORE: u32 = 24;
/// Most steps of the ascent: beyond them the interior point is as soon there.
const MOST_STEPS: u32 = 240;
/// Most rounds over the prices of a model.
const SWEEPS: u32 = 200;
/// Share of the largest curvature of a row below which a row has none.
const NO_CURVATURE: f64 = 1e-12;
/// Steps of the ordinary search from each set of prices.
const TRIAL: u32 = 8;
/// Steps of a search under fixed prices.
const INNER: u32 = 60;
/// Most halvings of a step.
const HALVINGS: u32 = 30;
/// Share of the rise that the slope promises which a step must bring.
const ENOUGH: f64 = 1e-4;
/// A row jumps when it was seen to fall by so many times what open assets explain.
const JUMP: f64 = 10.0;

/// The problem under fixed prices of its rows.
struct Priced {
    problem: Problem,
    engine: Engine,
    /// By how much a price of each row lowers the value of each, at the last stand.
    h: Vec<f64>,
    /// What the value of a row was seen to fall by beyond that, per unit of its own price.
    jumps: Vec<f64>,
}

/// Where the ascent stands.
struct Stand {
    y: Vec<f64>,
    /// State under these prices, without rows.
    state: State,
    /// Value of each row there.
    values: Vec<f64>,
    q: f64,
}

impl Engine {
    /// The answer of [`Engine::climb`], where the settings ask for it.
    pub(super) fn climbed(
        &mut self,
        problem: &Problem,
        prices: Option<Vec<f64>>,
        path: Path,
        settings: &Settings,
    ) -> Option<Solution> {
        if settings.search == Search::First || problem.rows.is_empty() {
            return None;
        }
        let y = prices.unwrap_or_else(|| vec![0.0; problem.rows.len()]);
        self.climb(problem, y, None).ok()?;
        self.accepted(problem, path, settings.tolerance)
    }

    /// [`Engine::climb`] from the present state, at the prices of its point.
    pub(super) fn climb_from_state(&mut self, problem: &Problem) -> Result<(), Stop> {
        let from = State { rows: Vec::new(), ..self.state.clone() };
        let mut y = vec![0.0; problem.rows.len()];
        if self.settle(problem).is_ok() {
            for ((y, price), (row, side)) in
                y.iter_mut().zip(&self.point.y).zip(problem.rows.iter().zip(&self.state.rows))
            {
                if row.lower == row.upper || price * f64::from(*side) > 0.0 {
                    *y = *price;
                }
            }
        }
        self.climb(problem, y, Some(&from))
    }

    /// From the prices `y` up to the optimum of `problem`; its state and point are the engine's then.
    fn climb(&mut self, problem: &Problem, y: Vec<f64>, from: Option<&State>) -> Result<(), Stop> {
        let mut priced = Priced::new(problem, self.fresh());
        let mut stand = priced.at(problem, y, from)?;
        let mut steps = priced.engine.steps;
        while steps < MOST_STEPS {
            if stand.q > self.cutoff {
                return Err(Stop::Beyond);
            }
            priced.model(problem)?;
            let next = priced.newton(problem, &stand)?;
            let plain = stand.with_rows(problem, &next);
            let tied = priced.tied(problem, &plain);
            for state in [Some(plain), tied].into_iter().flatten() {
                self.state = state;
                self.steps = 0;
                let tried = self.search(problem, TRIAL, true);
                steps += self.steps;
                if tried.is_ok() {
                    self.steps = steps;
                    return Ok(());
                }
            }
            let (higher, taken) = priced.higher(problem, &stand, next)?;
            steps += taken;
            stand = higher;
        }
        Err(Stop::Steps)
    }

    /// The trade that takes the place of the open one of its asset after the least change of the price of a row on trades.
    fn next_tie(&self, problem: &Problem, on_trades: &[f64]) -> Option<usize> {
        let mut nearest: Option<(f64, usize)> = None;
        for (i, spot) in self.point.spots.iter().enumerate().filter(|(_, spot)| spot.first != NONE) {
            let on = |t: usize| problem.trades[t].sign * on_trades.get(t).copied().unwrap_or(0.0);
            for &t in self.layout.of(i).iter().filter(|&&t| t != spot.first && self.layout.upper[t] > 0.0) {
                let apart = on(t) - on(spot.first);
                if apart != 0.0 {
                    let change = abs((self.point.slope[spot.first] - self.point.slope[t]) / apart);
                    if nearest.is_none_or(|(least, _)| change < least) {
                        nearest = Some((change, t));
                    }
                }
            }
        }
        nearest.map(|(_, trade)| trade)
    }

    /// Whether an asset that is not at a kink has a part in `row`.
    fn moves(&self, problem: &Problem, row: &RowLimit) -> bool {
        self.point.spots.iter().enumerate().any(|(i, spot)| {
            let on = |a: Option<&f64>| a.is_some_and(|a| *a != 0.0);
            let trades =
                self.layout.of(i).iter().any(|&t| problem.trades[t].upper > 0.0 && on(row.on_trades.get(t)));
            spot.first != NONE && (trades || on(row.on_weights.get(i)))
        })
    }

    /// The least change of the price of `row`, now by `over` beyond its limit, that opens an asset, and what this one needs.
    fn price_that_opens(&self, problem: &Problem, row: &RowLimit, over: f64) -> Option<f64> {
        let toward = if over > 0.0 { 1.0 } else { -1.0 };
        let tolerance = self.weight_tolerance();
        let mut nearest: Option<(f64, f64)> = None;
        for (i, spot) in self.point.spots.iter().enumerate().filter(|(_, spot)| spot.first == NONE) {
            let (w, g) = (self.point.w[i], self.point.price[i]);
            let sides = [
                (spot.up_trade, spot.up, -1.0, w < problem.upper[i] - tolerance),
                (spot.down_trade, spot.down, 1.0, w > problem.lower[i] + tolerance),
            ];
            for (trade, slope, direction, may) in sides {
                if trade == NONE || !may {
                    continue;
                }
                let on_trade = row.on_trades.get(trade).map_or(0.0, |a| problem.trades[trade].sign * a);
                let own = row.on_weights.get(i).copied().unwrap_or(0.0) + on_trade;
                if own * direction * toward <= 0.0 {
                    continue;
                }
                let opens = max(-(g + slope) / own * toward, 0.0);
                if nearest.is_none_or(|(least, _)| opens < least) {
                    let h = self.point.curvature * self.sigma.own(problem, i);
                    nearest = Some((opens, h / (own * own)));
                }
            }
        }
        nearest.map(|(opens, stiffness)| toward * opens + stiffness * over)
    }
}

impl Priced {
    fn new(problem: &Problem, engine: Engine) -> Self {
        let own = Problem { rows: Vec::new(), ..problem.clone() };
        Self { problem: own, engine, h: Vec::new(), jumps: vec![0.0; problem.rows.len()] }
    }

    /// The curvature of `q` at the point just settled.
    fn model(&mut self, problem: &Problem) -> Result<(), Stop> {
        self.h = self.engine.curvature_of_rows(problem)?;
        Ok(())
    }

    /// Newton's prices from `stand`: the largest value of the quadratic model of `q`, price by price until none moves.
    fn newton(&self, problem: &Problem, stand: &Stand) -> Result<Vec<f64>, Stop> {
        let (rows, h) = (problem.rows.len(), &self.h);
        let (mut y, mut values) = (stand.y.clone(), stand.values.clone());
        let largest = (0..rows).fold(0.0, |most, r| max(most, h[r * rows + r]));
        let curvature = |r: usize| h[r * rows + r] + self.jumps[r];
        for _ in 0..SWEEPS {
            let mut moved = false;
            for r in 0..rows {
                let own = curvature(r);
                if own <= NO_CURVATURE * largest {
                    continue;
                }
                let row = &problem.rows[r];
                let at = |limit: f64| y[r] + (values[r] - limit) / own;
                let best = if row.lower == row.upper {
                    at(row.upper)
                } else {
                    max(at(row.upper), 0.0) + min(at(row.lower), 0.0)
                };
                let step = best - y[r];
                if abs(step) * own > self.engine.weight_tolerance() {
                    moved = true;
                }
                y[r] = best;
                for (value, h) in values.iter_mut().zip(&h[r * rows..(r + 1) * rows]) {
                    *value = fma(-*h, step, *value);
                }
                values[r] = fma(-self.jumps[r], step, values[r]);
            }
            if !moved {
                break;
            }
        }
        for (r, row) in problem.rows.iter().enumerate() {
            let over = max(values[r] - row.upper, 0.0) + min(values[r] - row.lower, 0.0);
            if curvature(r) <= NO_CURVATURE * largest && abs(over) > self.engine.weight_tolerance() {
                // No open asset moves it. Where none opens at any price either, `q` has no largest value.
                let opens = self.engine.price_that_opens(&self.problem, row, over);
                let never = if self.engine.moves(&self.problem, row) { Stop::Singular } else { Stop::Beyond };
                let opens = opens.ok_or(never)?;
                y[r] += opens;
            }
        }
        Ok(y)
    }

    /// The problem under the prices `y`, settled from `from`.
    fn at(&mut self, problem: &Problem, y: Vec<f64>, from: Option<&State>) -> Result<Stand, Stop> {
        let Self { problem: own, engine, .. } = self;
        own.alpha.copy_from_slice(&problem.alpha);
        for (own, trade) in own.trades.iter_mut().zip(&problem.trades) {
            own.cost = trade.cost;
        }
        for (row, y) in problem.rows.iter().zip(&y).filter(|(_, y)| **y != 0.0) {
            for (alpha, a) in own.alpha.iter_mut().zip(&row.on_weights) {
                *alpha = fma(-*y, *a, *alpha);
            }
            for (trade, a) in own.trades.iter_mut().zip(&row.on_trades) {
                trade.cost = fma(*y, *a, trade.cost);
            }
        }
        engine.fill(own).map_err(|_| Stop::Singular)?;
        let settled = from.is_some_and(|from| {
            engine.state.clone_from(from);
            engine.search(own, INNER, true).is_ok()
        });
        if !settled {
            engine.start_cold(own);
            engine.search(own, INNER, false)?;
        }
        let [weights, trades] = engine.reached();
        let values: Vec<f64> =
            (0..problem.rows.len()).map(|r| problem.row_value_on(engine.isa(), r, weights, trades)).collect();
        let limits =
            problem.rows.iter().zip(&y).map(|(row, y)| limit(row, *y).map_or(0.0, |limit| y * limit));
        let q = engine.objective(own) - limits.fold(0.0, |sum, part| sum + part);
        Ok(Stand { y, state: engine.state.clone(), values, q })
    }

    /// `state` on top of the jumps of its rows: of the lots that change places there, both are open. `None` where no row jumps.
    fn tied(&self, problem: &Problem, state: &State) -> Option<State> {
        let rows = problem.rows.len();
        let mut tied: Option<State> = None;
        for r in (0..rows).filter(|&r| state.rows[r] != 0) {
            if self.jumps[r] <= JUMP * self.h[r * rows + r] {
                continue;
            }
            if let Some(trade) = self.engine.next_tie(problem, &problem.rows[r].on_trades) {
                tied.get_or_insert_with(|| state.clone()).trades[trade] = BETWEEN;
            }
        }
        tied
    }

    /// The first step towards `next` where `q` rises enough, and the steps of the searches. A row that prices trades jumps
    /// where two lots change places: what was seen of that goes into the model, and the step is taken anew; else it is halved.
    fn higher(&mut self, problem: &Problem, from: &Stand, mut next: Vec<f64>) -> Result<(Stand, u32), Stop> {
        let (mut share, mut steps) = (1.0, 0);
        for _ in 0..HALVINGS {
            let y: Vec<f64> = from.y.iter().zip(&next).map(|(y, next)| toward(*y, *next, share)).collect();
            if y == from.y {
                break;
            }
            let slope = from.slope(problem, &y);
            let found = self.at(problem, y, Some(&from.state))?;
            steps += self.engine.steps;
            let jumped = self.watch(problem, from, &found);
            if found.q > from.q && found.q - from.q >= ENOUGH * slope {
                return Ok((found, steps));
            }
            if jumped {
                next = self.newton(problem, from)?;
            } else {
                share *= 0.5;
            }
        }
        Err(Stop::Steps)
    }

    /// Compares the values that the model expects at `found` with those there are; whether a row fell by more than before.
    fn watch(&mut self, problem: &Problem, from: &Stand, found: &Stand) -> bool {
        let rows = problem.rows.len();
        let mut jumped = false;
        for (r, _) in problem.rows.iter().enumerate().filter(|(_, row)| row.on_weights.is_empty()) {
            let step = found.y[r] - from.y[r];
            if step == 0.0 {
                continue;
            }
            let expected =
                (0..rows).fold(0.0, |sum, s| fma(-self.h[r * rows + s], found.y[s] - from.y[s], sum));
            let seen = (expected - (found.values[r] - from.values[r])) / step;
            if seen > 1.1 * self.jumps[r] {
                self.jumps[r] = seen;
                jumped = true;
            } else {
                self.jumps[r] = max(seen, 0.5 * self.jumps[r]);
            }
        }
        jumped
    }
}

/// From `y` a share of the way to `next`; a price does not jump over zero, where its limit changes.
fn toward(y: f64, next: f64, share: f64) -> f64 {
    let reached = fma(share, next - y, y);
    if y * reached < 0.0 { 0.0 } else { reached }
}

/// The limit that a price belongs to.
fn limit(row: &RowLimit, y: f64) -> Option<f64> {
    let limit = if y > 0.0 { row.upper } else { row.lower };
    (y != 0.0 && limit.is_finite()).then_some(limit)
}

impl Stand {
    /// The state with the rows held that have a price in `next`.
    fn with_rows(&self, problem: &Problem, next: &[f64]) -> State {
        let side = |(row, y): (&RowLimit, &f64)| match *y {
            _ if row.lower == row.upper => 1,
            y if y > 0.0 => 1,
            y if y < 0.0 => -1,
            _ => 0,
        };
        State { rows: problem.rows.iter().zip(next).map(side).collect(), ..self.state.clone() }
    }

    /// The slope of `q` along the whole step to `next`.
    fn slope(&self, problem: &Problem, next: &[f64]) -> f64 {
        let mut sum = 0.0;
        for ((row, value), (y, next)) in problem.rows.iter().zip(&self.values).zip(self.y.iter().zip(next)) {
            let step = next - y;
            // At zero the price belongs to the limit that it moves to.
            let side = if *y == 0.0 { step } else { *y };
            if step != 0.0
                && let Some(limit) = limit(row, side)
            {
                sum = fma(value - limit, step, sum);
            }
        }
        max(sum, 0.0)
    }
}
