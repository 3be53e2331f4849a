//! What is wrong with a state at its own optimum, and the state next to it where that is put right.

use super::layout::{Layout, NONE};
use super::point::{Point, Spot};
use super::sigma::Sigma;
use samebits_canon::{abs, max, min};
use samebits_qp::{AT_UPPER, AT_ZERO, BETWEEN, Problem, State};

/// Relative rounding that a weight and a price may show.
const ROUNDING_OF_WEIGHTS: f64 = 1e-12;
const ROUNDING_OF_PRICES: f64 = 1e-11;
/// How often an asset's trades are put in the order of changed prices before a second one may move between its bounds.
const REORDERS: u8 = 3;
/// How often the preferred one of equal states is tried: what it needs may come and go with the rest of the state.
const TIDYINGS: u8 = 3;

/// A change of the state.
#[derive(Debug, Clone, Copy)]
enum Change {
    Trade(usize, u8),
    Bound(usize, i8),
    Row(usize, i8),
    /// The trades of an asset in the order of the present slopes, at this weight.
    Reorder(usize, f64),
}

/// How far one round of changes goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// All changes, each asset as far as its own curvature carries it.
    Far,
    /// All changes, each asset to the next segment or kink.
    Next,
    /// One change: the smallest step, which does not cycle where all at once do.
    One,
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
    /// How often [`Moves::tidy`] has tried assets, rows, trades.
    tidied: [Vec<u8>; 3],
    before: Vec<u8>,
    weight_tolerance: f64,
    price_tolerance: f64,
}

impl Moves {
    /// `settled`: the start is close to the optimum, so that trades need no more than one reordering.
    pub(super) fn reset(&mut self, problem: &Problem, settled: bool) {
        self.changes.clear();
        self.reorders.clear();
        self.reorders.resize(problem.n(), if settled { REORDERS } else { 0 });
        let counts = [problem.n(), problem.rows.len(), problem.trades.len()];
        for (tidied, count) in self.tidied.iter_mut().zip(counts) {
            tidied.clear();
            tidied.resize(count, 0);
        }
    }

    /// Collects the changes; returns how many there are.
    pub(super) fn find(&mut self, problem: &Problem, layout: &Layout, point: &Point, state: &State) -> usize {
        self.changes.clear();
        self.tolerances(layout, point);
        for i in 0..problem.n() {
            let spot = &point.spots[i];
            if spot.first == NONE {
                self.at_kink(problem, point, i);
            } else {
                if spot.extra && !self.extras(layout, point, state, i) {
                    continue;
                }
                self.open(problem, layout, point, state, i);
            }
        }
        for &t in &layout.loose {
            let slope = problem.trades[t].sign * point.slope[t];
            match state.trades[t] {
                BETWEEN if abs(slope) > self.price_tolerance => self.unpriced(layout, t, slope),
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

    fn at_kink(&mut self, problem: &Problem, point: &Point, i: usize) {
        let (w, g, tol) = (point.w[i], point.price[i], self.weight_tolerance);
        if w > problem.upper[i] + tol || w < problem.lower[i] - tol {
            let target = if w > problem.upper[i] { problem.upper[i] } else { problem.lower[i] };
            self.changes.push(Change::Reorder(i, target));
            return;
        }
        let sides = &point.spots[i];
        let up = w < problem.upper[i] - tol && -(g + sides.up) > self.price_tolerance;
        let down = w > problem.lower[i] + tol && g + sides.down > self.price_tolerance;
        match (up, down) {
            (true, true) => self.changes.push(Change::Reorder(i, w)),
            (true, false) => self.changes.push(Change::Trade(sides.up_trade, BETWEEN)),
            (false, true) => self.changes.push(Change::Trade(sides.down_trade, BETWEEN)),
            (false, false) => {}
        }
    }

    /// Trades of an asset that move besides its first one. Returns false when their slopes differ: no row ties one to the
    /// other, so only one of them may be open.
    fn extras(&mut self, layout: &Layout, point: &Point, state: &State, i: usize) -> bool {
        let first = point.spots[i].first;
        let others = || layout.of(i).iter().copied().filter(|&t| state.trades[t] == BETWEEN && t != first);
        if others().any(|t| abs(point.slope[t] - point.slope[first]) > self.price_tolerance) {
            self.changes.push(Change::Reorder(i, point.w[i]));
            return false;
        }
        for t in others() {
            self.inside(layout, point, t);
        }
        true
    }

    /// A trade without an asset whose slope no row makes up for goes to the end where it costs less.
    fn unpriced(&mut self, layout: &Layout, t: usize, slope: f64) {
        if slope > 0.0 {
            self.changes.push(Change::Trade(t, AT_ZERO));
        } else if layout.upper[t] < f64::INFINITY {
            self.changes.push(Change::Trade(t, AT_UPPER));
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
        let Spot { first, sign, upper, .. } = point.spots[i];
        let (w, g, t, tol) = (point.w[i], point.price[i], point.t[first], self.weight_tolerance);
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
        self.order(layout, point, i);
    }

    /// The other trades of an open asset must not be cheaper than its first one.
    fn order(&mut self, layout: &Layout, point: &Point, i: usize) {
        let sides = &point.spots[i];
        let own = point.slope[sides.first];
        let enters = if own - sides.up > self.price_tolerance {
            sides.up_trade
        } else if sides.down - own > self.price_tolerance {
            sides.down_trade
        } else {
            return;
        };
        if self.reorders[i] < REORDERS || layout.priced.is_empty() {
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

    /// Changes of an optimal state to the one that is preferred where more than one describes the optimum: a row at its
    /// limit that costs nothing is not held, a trade that stands at a bound is at it, and of trades with equal slopes the one
    /// is open whose turn it is. The search takes back what does not hold; each
    /// is tried [`TIDYINGS`] times. Returns how many there are.
    pub(super) fn tidy(&mut self, problem: &Problem, layout: &Layout, point: &Point, state: &State) -> usize {
        self.changes.clear();
        let [assets, rows, trades] = &mut self.tidied;
        let mut attempt = |tried: &mut u8, change: Change| {
            if *tried < TIDYINGS {
                *tried += 1;
                self.changes.push(change);
            }
        };
        for (r, row) in problem.rows.iter().enumerate() {
            let price = point.y[r] * f64::from(state.rows[r]);
            if state.rows[r] != 0 && row.lower < row.upper && price <= self.price_tolerance {
                attempt(&mut rows[r], Change::Row(r, 0));
            }
        }
        for t in (0..problem.trades.len()).filter(|&t| state.trades[t] == BETWEEN) {
            if point.t[t] <= self.weight_tolerance {
                attempt(&mut trades[t], Change::Trade(t, AT_ZERO));
            } else if point.t[t] >= layout.upper[t] - self.weight_tolerance {
                attempt(&mut trades[t], Change::Trade(t, AT_UPPER));
            }
        }
        for (i, spot) in point.spots.iter().enumerate().filter(|(_, spot)| spot.first != NONE && !spot.extra)
        {
            if layout.out_of_turn(problem, i, spot.first, &point.slope, &state.trades) {
                attempt(&mut assets[i], Change::Reorder(i, point.w[i]));
            }
        }
        self.changes.len()
    }

    /// Rounding that a weight may show.
    pub(super) fn weight_tolerance(&self) -> f64 {
        self.weight_tolerance
    }

    /// Makes the changes at a pace.
    pub(super) fn apply(
        &mut self,
        problem: &Problem,
        layout: &mut Layout,
        point: &mut Point,
        sigma: &Sigma,
        state: &mut State,
        pace: Pace,
    ) {
        for k in (0..self.changes.len()).rev() {
            let change = self.changes[k];
            let asset = match change {
                Change::Trade(t, _) => problem.trades[t].asset,
                Change::Bound(i, _) => Some(i),
                Change::Row(..) | Change::Reorder(..) => None,
            };
            if let (Some(i), Pace::Far) = (asset, pace) {
                let h = point.curvature * sigma.own(problem, i);
                if self.jump(i, h, problem, layout, point, state) {
                    continue;
                }
            }
            if self.make(change, problem, layout, point, state) && pace == Pace::One {
                return;
            }
        }
    }

    /// Moves asset `i` to where its own curvature `h` would carry it from the present prices, over as many trades as that
    /// takes; returns whether the state is another one.
    fn jump(
        &mut self,
        i: usize,
        h: f64,
        problem: &Problem,
        layout: &mut Layout,
        point: &mut Point,
        state: &mut State,
    ) -> bool {
        let target = layout.prox(problem, i, &point.slope, point.w[i], point.price[i], h);
        self.reclassify(i, target, problem, layout, point, state)
    }

    /// Puts the trades of asset `i` in the order of the present slopes at `target`; returns whether the state is another one.
    fn reclassify(
        &mut self,
        i: usize,
        target: f64,
        problem: &Problem,
        layout: &mut Layout,
        point: &mut Point,
        state: &mut State,
    ) -> bool {
        point.touched.push(i);
        self.before.clear();
        self.before.extend(layout.of(i).iter().map(|&t| state.trades[t]));
        let bound = state.bounds[i];
        let tolerance = self.weight_tolerance;
        state.bounds[i] = layout.classify(problem, i, target, &point.slope, tolerance, &mut state.trades);
        let same = layout.of(i).iter().zip(&self.before).all(|(&t, place)| state.trades[t] == *place);
        !same || state.bounds[i] != bound
    }

    /// Makes a change; returns whether the state is another one.
    fn make(
        &mut self,
        change: Change,
        problem: &Problem,
        layout: &mut Layout,
        point: &mut Point,
        state: &mut State,
    ) -> bool {
        match change {
            Change::Trade(t, place) => {
                state.trades[t] = place;
                point.touched.extend(problem.trades[t].asset);
                if let Some(asset) = problem.trades[t].asset
                    && layout.of(asset).iter().all(|&other| state.trades[other] != BETWEEN)
                {
                    state.bounds[asset] = 0;
                }
            }
            Change::Bound(i, side) => {
                state.bounds[i] = side;
                point.touched.push(i);
            }
            Change::Row(r, side) => state.rows[r] = side,
            Change::Reorder(i, target) => {
                self.reorders[i] = self.reorders[i].saturating_add(1);
                return self.reclassify(i, target, problem, layout, point, state);
            }
        }
        true
    }
}

/// The margins of a state without changes.
pub(super) fn margins(problem: &Problem, layout: &Layout, point: &Point, state: &State) -> Margins {
    let mut found = Margins { primal: f64::INFINITY, dual: f64::INFINITY };
    let primal = |found: &mut Margins, distance: f64| found.primal = min(found.primal, distance);
    let dual = |found: &mut Margins, price: f64| found.dual = min(found.dual, price);
    for i in 0..problem.n() {
        let sides = &point.spots[i];
        let first = sides.first;
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
    if point.undetermined > 0 {
        // Another choice of the open prices describes the same point.
        dual(&mut found, 0.0);
    }
    for (r, row) in problem.rows.iter().enumerate().filter(|(_, row)| row.lower < row.upper) {
        match state.rows[r] {
            0 => primal(&mut found, min(row.upper - point.value[r], point.value[r] - row.lower)),
            side => dual(&mut found, point.y[r] * f64::from(side)),
        }
    }
    found
}
