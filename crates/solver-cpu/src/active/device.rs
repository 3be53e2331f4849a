//! What a device that searches in the same steps needs of the host: the problem by asset, a state to start from, and the
//! reading of the point at which its search ended.

use super::engine::Engine;
use super::layout::Layout;
use super::most_steps;
use super::point::Reached;
use samebits_canon::Isa;
use samebits_qp::{Error, Path, Problem, Risk, Search, Settings, Solution, State};

/// The trades of a problem by asset.
#[derive(Debug, Clone, Copy)]
pub struct Curves<'a> {
    /// Where each asset's part of `members` and `sorted` begins; length `n + 1`.
    pub first: &'a [usize],
    /// Trades with an asset, by asset, ascending.
    pub members: &'a [usize],
    /// The same in the order of their own slopes.
    pub sorted: &'a [usize],
    /// Trades without an asset.
    pub loose: &'a [usize],
    /// `sign * cost` of each trade.
    pub slope: &'a [f64],
    /// Whether any row has coefficients on trades.
    pub priced: bool,
    /// What rounding of a weight is measured by.
    pub weight_scale: f64,
}

/// Where a search on a device ended: lengths as in the problem.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// Trades.
    pub t: &'a [f64],
    /// Weights.
    pub w: &'a [f64],
    /// `Sigma d`.
    pub gradient: &'a [f64],
    /// Prices of the weights.
    pub price: &'a [f64],
    /// Slopes of the trades.
    pub slope: &'a [f64],
    /// Prices of the rows.
    pub y: &'a [f64],
    /// Values of the rows.
    pub value: &'a [f64],
    /// `gamma` plus the price of the cap.
    pub curvature: f64,
    /// Unknowns that the state leaves open.
    pub undetermined: usize,
    /// Steps of the search.
    pub steps: u32,
    /// Places of the trades, see [`State::trades`].
    pub trades: &'a [u8],
    /// Bounds at which weights are, see [`State::bounds`].
    pub bounds: &'a [i8],
    /// Limits at which rows are, see [`State::rows`].
    pub rows: &'a [i8],
}

/// The host's side of a search on a device; keeps its memory from problem to problem.
#[derive(Debug)]
pub struct Host {
    engine: Engine,
}

impl Host {
    /// A host whose kernels use `isa`, which moves no bit.
    pub fn new(isa: Isa) -> Self {
        Self { engine: Engine::new(isa, 1) }
    }

    /// Sorts the trades of a validated problem by asset. Everything below speaks of the problem prepared last.
    pub fn prepare(&mut self, problem: &Problem) -> Curves<'_> {
        self.engine.prepare(problem);
        self.engine.layout.curves()
    }

    /// The state that the search starts from without another solver's answer, and the slopes of the trades there.
    pub fn cold(&mut self, problem: &Problem) -> (&State, &[f64]) {
        self.engine.start_halfway(problem);
        (&self.engine.state, self.engine.slopes())
    }

    /// The state next to another solver's answer, and the slopes of the trades at its prices.
    pub fn near(&mut self, problem: &Problem, raw: &Solution) -> (&State, &[f64]) {
        self.engine.start_near(problem, raw);
        (&self.engine.state, self.engine.slopes())
    }

    /// The solution where the search ended, when the certificate of the problem's own data accepts it. Where more than one
    /// state describes it, the host goes on to the preferred one.
    pub fn read(
        &mut self,
        problem: &Problem,
        arrival: &Arrival<'_>,
        path: Path,
        settings: &Settings,
    ) -> Option<Solution> {
        self.engine.arrive(problem, arrival);
        self.engine.kind = settings.search;
        if settings.search == Search::Second && self.engine.tidy(problem) {
            self.engine.fill(problem).ok()?;
            self.engine.steps = arrival.steps;
            self.engine.go_on(problem, most_steps(settings), false).ok()?;
        }
        self.engine.accepted(problem, path, settings.tolerance)
    }

    /// `G` of a factor form, row-major `n x k`, such that `Sigma = G G' + diag(D)`; `None` of a dense covariance.
    ///
    /// # Errors
    /// [`Error::NotPositive`] when the factor covariance is not positive definite.
    pub fn root(&mut self, risk: &Risk) -> Result<Option<&[f64]>, Error> {
        self.engine.root(risk)
    }
}

impl Layout {
    fn curves(&self) -> Curves<'_> {
        Curves {
            first: &self.first,
            members: &self.members,
            sorted: &self.sorted,
            loose: &self.loose,
            slope: &self.slope,
            priced: !self.priced.is_empty(),
            weight_scale: self.weight_scale,
        }
    }
}

impl Engine {
    fn arrive(&mut self, problem: &Problem, arrival: &Arrival<'_>) {
        let state = &mut self.state;
        for (own, found) in [(&mut state.bounds, arrival.bounds), (&mut state.rows, arrival.rows)] {
            own.clear();
            own.extend_from_slice(found);
        }
        state.trades.clear();
        state.trades.extend_from_slice(arrival.trades);
        self.steps = arrival.steps;
        let reached = Reached {
            t: arrival.t,
            w: arrival.w,
            gradient: arrival.gradient,
            price: arrival.price,
            slope: arrival.slope,
            y: arrival.y,
            value: arrival.value,
            curvature: arrival.curvature,
            undetermined: arrival.undetermined,
        };
        self.adopt(problem, &reached);
    }
}
