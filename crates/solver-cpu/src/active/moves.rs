//! What is wrong with a state at its own optimum, and the state next to it where that is put right.

use super::layout::{Layout, NONE};
use super::point::Point;
use samebits_canon::{abs, max, min};
use samebits_qp::{AT_UPPER, AT_ZERO, BETWEEN, Problem, State};

/// Relative rounding that a weight and a price may show.
const ROUNDING_OF_WEIGHTS: f64 = 1e-12;
const ROUNDING_OF_PRICES: f64 = 1e-11;
/// How often an asset's trades are put in the order of changed prices before a second one may move between its bounds.
const REORDERS: u8 = 3;

/// A change of the state.
#[derive(Debug, Clone, Copy)]
enum Change {
    Trade(usize, u8),
    Bound(usize, i8),
    Row(usize, i8),
    /// The trades of an asset in the order of the present slopes, at this weight.
    Reorder(usize, f64),
}

/// Distances from the limits, see `samebits_qp::Finish`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Margins {
    pub(super) primal: f64,
    pub(super) dual: f64,
}

/// The changes that a point asks for.
#[derive(Debug, Default)]
pub(super) struct Moves {
    changes: Vec<Change>,
    reorders: Vec<u8>,
    before: Vec<u8>,
    weight_tolerance: f64,
    price_tolerance: f64,
}

/// The slopes next to a position: of the nearest trade that would raise the weight, and of the one that would lower it.
#[derive(Debug, Clone, Copy)]
struct Sides {
    up: f64,
    up_trade: usize,
    down: f64,
    down_trade: usize,
}

impl Moves {
    /// `settled`: the start is close to the optimum, so that trades need no more than one reordering.
    pub(super) fn reset(&mut self, n: usize, settled: bool) {
        self.changes.clear();
        self.reorders.clear();
        self.reorders.resize(n, if settled { REORDERS } else { 0 });
    }

    /// Collects the changes; returns how many there are.
    pub(super) fn find(&mut self, problem: &Problem, layout: &Layout, point: &Point, state: &State) -> usize {
        self.changes.clear();
        self.tolerances(layout, point);
        for i in 0..problem.n() {
            let primary = point.primary[i];
            if primary == NONE {
                self.at_kink(problem, layout, point, state, i);
            } else {
                self.extras(layout, point, state, i);
                self.open(problem, layout, point, state, i);
            }
        }
        for &t in &layout.loose {
            let slope = problem.trades[t].sign * point.slope[t];
            match state.trades[t] {
                BETWEEN => self.inside(layout, point, t),
                AT_ZERO if -slope > self.price_tolerance && layout.upper[t] > 0.0 => {
                    self.changes.push(Change::Trade(t, BETWEEN));
                }
                AT_UPPER if slope > self.price_tolerance => self.changes.push(Change::Trade(t, BETWEEN)),
                _ => {}
            }
        }
        self.rows(problem, point, state);
        self.changes.len()
    }

    fn tolerances(&mut self, layout: &Layout, point: &Point) {
        self.weight_tolerance = ROUNDING_OF_WEIGHTS * layout.weight_scale;
        let of_prices = point.price.iter().fold(0.0, |most, x| max(most, abs(*x)));
        let size = point.slope.iter().fold(of_prices, |most, x| max(most, abs(*x)));
        self.price_tolerance = ROUNDING_OF_PRICES * size;
    }

    fn at_kink(&mut self, problem: &Problem, layout: &Layout, point: &Point, state: &State, i: usize) {
        let (w, g, tol) = (point.w[i], point.price[i], self.weight_tolerance);
        if w > problem.upper[i] + tol || w < problem.lower[i] - tol {
            let target = if w > problem.upper[i] { problem.upper[i] } else { problem.lower[i] };
            self.changes.push(Change::Reorder(i, target));
            return;
        }
        let sides = sides(problem, layout, point, state, i);
        let up = w < problem.upper[i] - tol && -(g + sides.up) > self.price_tolerance;
        let down = w > problem.lower[i] + tol && g + sides.down > self.price_tolerance;
        match (up, down) {
            (true, true) => self.changes.push(Change::Reorder(i, w)),
            (true, false) => self.changes.push(Change::Trade(sides.up_trade, BETWEEN)),
            (false, true) => self.changes.push(Change::Trade(sides.down_trade, BETWEEN)),
            (false, false) => {}
        }
    }

    /// Trades of an asset that move besides its first one.
    fn extras(&mut self, layout: &Layout, point: &Point, state: &State, i: usize) {
        for &t in layout.of(i) {
            if state.trades[t] == BETWEEN && t != point.primary[i] {
                self.inside(layout, point, t);
            }
        }
    }

    fn inside(&mut self, layout: &Layout, point: &Point, t: usize) {
        if point.t[t] < -self.weight_tolerance {
            self.changes.push(Change::Trade(t, AT_ZERO));
        } else if point.t[t] > layout.upper[t] + self.weight_tolerance {
            self.changes.push(Change::Trade(t, AT_UPPER));
        }
    }

    /// An asset with a trade between its bounds.
    fn open(&mut self, problem: &Problem, layout: &Layout, point: &Point, state: &State, i: usize) {
        let (w, g, tol, first) = (point.w[i], point.price[i], self.weight_tolerance, point.primary[i]);
        let (sign, t, upper) = (problem.trades[first].sign, point.t[first], layout.upper[first]);
        let over = if sign > 0.0 { t - upper } else { -t };
        let under = if sign > 0.0 { -t } else { t - upper };
        let ends = if sign > 0.0 { (AT_ZERO, AT_UPPER) } else { (AT_UPPER, AT_ZERO) };
        let bound = state.bounds[i];
        if bound == 0 {
            let (low, high) = (w + under, w - over);
            if over > tol || w > problem.upper[i] + tol {
                self.changes.push(if high <= problem.upper[i] + tol {
                    Change::Trade(first, ends.1)
                } else {
                    Change::Bound(i, 1)
                });
                return;
            }
            if under > tol || w < problem.lower[i] - tol {
                self.changes.push(if low >= problem.lower[i] - tol {
                    Change::Trade(first, ends.0)
                } else {
                    Change::Bound(i, -1)
                });
                return;
            }
        } else if over > tol || under > tol {
            self.changes.push(Change::Reorder(i, w));
            return;
        } else if problem.lower[i] < problem.upper[i] {
            let price = -(g + point.slope[first]) * f64::from(bound);
            if price < -self.price_tolerance {
                self.changes.push(Change::Bound(i, 0));
                return;
            }
        }
        self.order(problem, layout, point, state, i);
    }

    /// The other trades of an open asset must not be cheaper than its first one.
    fn order(&mut self, problem: &Problem, layout: &Layout, point: &Point, state: &State, i: usize) {
        let sides = sides(problem, layout, point, state, i);
        let own = point.slope[point.primary[i]];
        let enters = if own - sides.up > self.price_tolerance {
            sides.up_trade
        } else if sides.down - own > self.price_tolerance {
            sides.down_trade
        } else {
            return;
        };
        if self.reorders[i] < REORDERS {
            self.changes.push(Change::Reorder(i, point.w[i]));
        } else {
            self.changes.push(Change::Trade(enters, BETWEEN));
        }
    }

    fn rows(&mut self, problem: &Problem, point: &Point, state: &State) {
        for (r, row) in problem.rows.iter().enumerate() {
            if row.lower == row.upper {
                continue;
            }
            let side = state.rows[r];
            if side != 0 {
                let limit = if side < 0 { row.lower } else { row.upper };
                let met = abs(point.value[r] - limit) <= self.weight_tolerance;
                if !met || -point.y[r] * f64::from(side) > self.price_tolerance {
                    self.changes.push(Change::Row(r, 0));
                }
            } else if point.value[r] > row.upper + self.weight_tolerance {
                self.changes.push(Change::Row(r, 1));
            } else if point.value[r] < row.lower - self.weight_tolerance {
                self.changes.push(Change::Row(r, -1));
            }
        }
    }

    /// Rounding that a weight may show.
    pub(super) fn weight_tolerance(&self) -> f64 {
        self.weight_tolerance
    }

    /// Slopes of the next trade that raises the weight of asset `i`, and of the next one that lowers it.
    pub(super) fn slopes_beside(problem: &Problem, layout: &Layout, point: &Point, state: &State, i: usize) -> (f64, f64) {
        let found = sides(problem, layout, point, state, i);
        (found.up, found.down)
    }

    /// Makes all changes, or only the last one: the smallest step, which does not cycle where all at once does.
    pub(super) fn apply(
        &mut self,
        problem: &Problem,
        layout: &mut Layout,
        point: &Point,
        state: &mut State,
        all: bool,
    ) {
        for k in (0..self.changes.len()).rev() {
            let changed = self.make(self.changes[k], problem, layout, point, state);
            if changed && !all {
                return;
            }
        }
    }

    /// Makes a change; returns whether the state is another one.
    fn make(
        &mut self,
        change: Change,
        problem: &Problem,
        layout: &mut Layout,
        point: &Point,
        state: &mut State,
    ) -> bool {
        match change {
            Change::Trade(t, place) => {
                state.trades[t] = place;
                if let Some(asset) = problem.trades[t].asset
                    && layout.of(asset).iter().all(|&other| state.trades[other] != BETWEEN)
                {
                    state.bounds[asset] = 0;
                }
            }
            Change::Bound(i, side) => state.bounds[i] = side,
            Change::Row(r, side) => state.rows[r] = side,
            Change::Reorder(i, target) => {
                self.reorders[i] = self.reorders[i].saturating_add(1);
                self.before.clear();
                self.before.extend(layout.of(i).iter().map(|&t| state.trades[t]));
                let bound = state.bounds[i];
                let tolerance = self.weight_tolerance;
                state.bounds[i] =
                    layout.classify(problem, i, target, &point.slope, tolerance, &mut state.trades);
                let same = layout.of(i).iter().zip(&self.before).all(|(&t, place)| state.trades[t] == *place);
                return !same || state.bounds[i] != bound;
            }
        }
        true
    }
}

/// The trades next to the position of asset `i` that are at a bound; of equal slopes the one whose turn it is.
fn sides(problem: &Problem, layout: &Layout, point: &Point, state: &State, i: usize) -> Sides {
    let mut found =
        Sides { up: f64::INFINITY, up_trade: NONE, down: f64::NEG_INFINITY, down_trade: NONE };
    for &t in layout.of(i) {
        if layout.upper[t] <= 0.0 || state.trades[t] == BETWEEN {
            continue;
        }
        let purchase = problem.trades[t].sign > 0.0;
        let slope = point.slope[t];
        if purchase == (state.trades[t] == AT_ZERO) {
            if slope < found.up || (slope == found.up && !purchase) {
                (found.up, found.up_trade) = (slope, t);
            }
        } else if slope > found.down || (slope == found.down && purchase) {
            (found.down, found.down_trade) = (slope, t);
        }
    }
    found
}

/// The margins of a state without changes.
pub(super) fn margins(problem: &Problem, layout: &Layout, point: &Point, state: &State) -> Margins {
    let mut found = Margins { primal: f64::INFINITY, dual: f64::INFINITY };
    let primal = |found: &mut Margins, distance: f64| found.primal = min(found.primal, distance);
    let dual = |found: &mut Margins, price: f64| found.dual = min(found.dual, price);
    for i in 0..problem.n() {
        let first = point.primary[i];
        let sides = sides(problem, layout, point, state, i);
        let (w, g) = (point.w[i], point.price[i]);
        if first == NONE {
            if sides.up_trade != NONE && w < problem.upper[i] {
                dual(&mut found, g + sides.up);
            }
            if sides.down_trade != NONE && w > problem.lower[i] {
                dual(&mut found, -(g + sides.down));
            }
            continue;
        }
        for &t in layout.of(i).iter().filter(|&&t| state.trades[t] == BETWEEN) {
            primal(&mut found, min(point.t[t], layout.upper[t] - point.t[t]));
        }
        // A trade at a bound with exactly the slope of the open one is told from it by its place in the order.
        let own = point.slope[first];
        if sides.up_trade != NONE && sides.up != own {
            dual(&mut found, sides.up - own);
        }
        if sides.down_trade != NONE && sides.down != own {
            dual(&mut found, own - sides.down);
        }
        if state.bounds[i] == 0 {
            primal(&mut found, min(problem.upper[i] - w, w - problem.lower[i]));
        } else if problem.lower[i] < problem.upper[i] {
            dual(&mut found, -(g + own) * f64::from(state.bounds[i]));
        }
    }
    for &t in &layout.loose {
        let slope = problem.trades[t].sign * point.slope[t];
        match state.trades[t] {
            BETWEEN => primal(&mut found, min(point.t[t], layout.upper[t] - point.t[t])),
            AT_ZERO if layout.upper[t] > 0.0 => dual(&mut found, slope),
            AT_UPPER => dual(&mut found, -slope),
            _ => {}
        }
    }
    for (r, row) in problem.rows.iter().enumerate().filter(|(_, row)| row.lower < row.upper) {
        match state.rows[r] {
            0 => primal(&mut found, min(row.upper - point.value[r], point.value[r] - row.lower)),
            side => dual(&mut found, point.y[r] * f64::from(side)),
        }
    }
    found
}
