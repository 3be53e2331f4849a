//! What a device that iterates in the same steps needs of the host: the problem as the iteration sees it, a look at prices
//! that run away, and the solution that an iterate stands for.

use super::barrier::{Barrier, Side};
use super::iterate::Outcome;
use super::model::Model;
use super::point::{Point, Residuals, sides};
use super::risk::Covariance;
use super::{Begun, Watch, conclude};
use samebits_canon::Isa;
use samebits_qp::{Error, Problem, Settings, Solution};

/// The problem as the iteration sees it: `n` assets, `m` free trades, the rows that limit anything.
#[derive(Debug, Clone, Copy)]
pub struct System<'a> {
    /// Free trades by asset: index of the asset, `n` for none.
    pub asset: &'a [usize],
    /// +1 a purchase, -1 a sale; one a free trade.
    pub sign: &'a [f64],
    /// Cost per unit; one a free trade.
    pub cost: &'a [f64],
    /// Weights with the trades made that are not free; length `n`.
    pub start: &'a [f64],
    /// Assets whose weight keeps its value; length `n`.
    pub frozen: &'a [bool],
    /// Rows' coefficients on the weights, `rows x n`, and on the free trades, `rows x m`.
    pub on_weights: &'a [f64],
    /// See `on_weights`.
    pub on_trades: &'a [f64],
    /// Whether there is a risk cap.
    pub capped: bool,
    /// Whether the covariance takes part.
    pub curved: bool,
    /// Typical weight, typical sum of the weights' magnitudes, typical slope of the objective, typical `Sigma d`.
    pub size: f64,
    /// See `size`.
    pub extent: f64,
    /// See `size`.
    pub slope: f64,
    /// See `size`.
    pub steepness: f64,
    /// How far prices may run before the host looks at them.
    pub far: f64,
}

/// A row of a [`System`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SystemRow {
    /// Its upper limit.
    pub upper: f64,
    /// Whether it is an equality.
    pub is_equality: bool,
    /// Whether it has coefficients on free trades.
    pub uses_trades: bool,
}

/// A limit of a value: values are the trades, the weights, the rows, the cap, in this order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SystemSide {
    /// The value.
    pub at: usize,
    /// An upper limit, or a lower one.
    pub is_upper: bool,
    /// The limit.
    pub limit: f64,
    /// Smallest slack at the start.
    pub floor: f64,
    /// Price at the start.
    pub price: f64,
}

/// An iterate: free trades, weights, multipliers of the link (`n + 1`) and of the rows, slacks and prices of the sides.
#[derive(Debug, Clone, Copy)]
pub struct Iterate<'a> {
    /// Free trades.
    pub t: &'a [f64],
    /// Weights.
    pub w: &'a [f64],
    /// Multipliers of the link.
    pub y: &'a [f64],
    /// Multipliers of the rows.
    pub l: &'a [f64],
    /// Slacks.
    pub s: &'a [f64],
    /// Prices.
    pub z: &'a [f64],
}

/// A solve whose iteration happens elsewhere.
pub struct Iteration<'a> {
    model: Model<'a>,
    settings: Settings,
    watch: Watch,
    sides: Vec<Side>,
}

/// A solve that has begun.
pub enum Start<'a> {
    /// It needs no iteration.
    Solved(Box<Solution>),
    /// It goes on.
    Open(Box<Iteration<'a>>),
}

impl<'a> Iteration<'a> {
    /// Begins `ipm-raw/1` on a problem; `isa` is for the work on the host and moves no bit.
    ///
    /// # Errors
    /// A malformed problem.
    pub fn begin(isa: Isa, problem: &'a Problem, settings: &Settings) -> Result<Start<'a>, Error> {
        Ok(match super::begin(isa, problem, settings)? {
            Begun::Solved(solution) => Start::Solved(solution),
            Begun::Open(model, watch) => {
                let sides = sides(&model);
                Start::Open(Box::new(Self { model: *model, settings: *settings, watch, sides }))
            }
        })
    }

    /// The problem to iterate on.
    pub fn system(&self) -> System<'_> {
        let model = &self.model;
        System {
            asset: &model.asset,
            sign: &model.sign,
            cost: &model.cost,
            start: &model.start,
            frozen: &model.frozen,
            on_weights: &model.on_weights,
            on_trades: &model.on_trades,
            capped: model.cap.is_some(),
            curved: model.curved(),
            size: model.size,
            extent: model.extent,
            slope: model.slope,
            steepness: model.steepness,
            far: self.watch.far,
        }
    }

    /// Its rows.
    pub fn rows(&self) -> impl Iterator<Item = SystemRow> {
        self.model.rows.iter().map(|row| SystemRow {
            upper: row.upper,
            is_equality: row.is_equality(),
            uses_trades: row.uses_trades,
        })
    }

    /// Its limits, in the order in which sums go over them.
    pub fn sides(&self) -> impl ExactSizeIterator<Item = SystemSide> {
        self.sides.iter().map(|side| SystemSide {
            at: side.at,
            is_upper: side.sigma > 0.0,
            limit: side.limit,
            floor: side.floor,
            price: side.z,
        })
    }

    /// For each row the free trades that its part of the small matrix goes over.
    pub fn touched(&self) -> Vec<Vec<usize>> {
        (0..self.model.rows.len()).map(|r| super::newton::touched(&self.model, r)).collect()
    }

    /// Free trades and weights at the start.
    pub fn start(&self) -> (Vec<f64>, Vec<f64>) {
        super::point::start(&self.model)
    }

    /// Looks for a proof of infeasibility where prices run away: how far they may run from now on, or `None` when there is
    /// a proof, with which [`Iteration::conclude`] ends.
    pub fn look(&mut self, at: &Iterate<'_>) -> Option<f64> {
        let point = self.point(at);
        let mut found = Residuals::new(&self.model);
        found.evaluate(&self.model, &point, &mut Covariance::new(self.model.problem));
        found.primal = samebits_canon::max(found.primal, point.sides.clone().residuals(&found.values));
        let proven = self.watch.look(&self.model, &point, &found);
        (!proven).then_some(self.watch.far)
    }

    /// The solution that the best iterate stands for, or the proof that was found.
    ///
    /// # Errors
    /// A covariance that is not positive semidefinite, met in the search for a proof.
    pub fn conclude(self, best: &Iterate<'_>, iterations: u32, limited: bool) -> Result<Solution, Error> {
        let outcome = Outcome { best: self.point(best), iterations, limited };
        conclude(&self.model, self.watch, &outcome, &self.settings)
    }

    fn point(&self, at: &Iterate<'_>) -> Point {
        let mut sides = Barrier::default();
        for (side, (s, z)) in self.sides.iter().zip(at.s.iter().zip(at.z)) {
            sides.push(side, *s, *z);
        }
        Point { t: at.t.to_vec(), w: at.w.to_vec(), y: at.y.to_vec(), l: at.l.to_vec(), sides }
    }
}
