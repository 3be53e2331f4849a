//! The inputs of a model, checked once.

use crate::{Error, Recipe};
use ndarray::{ArrayView2, Axis, s};
use samebits_units::{Date, Price};

/// What a model is made from. A longer history is cut to the sessions that the recipe reads.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// Sessions, one a row, ascending.
    pub dates: &'a [Date],
    /// Closes, sessions x names, each positive.
    pub prices: ArrayView2<'a, Price>,
    /// Shares traded, sessions x names.
    pub volumes: ArrayView2<'a, u64>,
    /// Market weights of the names, not negative; their scale does not matter.
    pub weights: &'a [f64],
}

impl Window<'_> {
    /// The last sessions that `recipe` reads, after checking every input.
    ///
    /// # Errors
    /// [`Error::HistoryTooShort`], [`Error::Shape`], [`Error::BadWeight`], [`Error::PriceNotPositive`], and those of
    /// [`Recipe::check`].
    pub fn cut(&self, recipe: &Recipe) -> Result<Self, Error> {
        let names = self.prices.ncols();
        shape("columns of volumes", self.volumes.ncols(), names)?;
        shape("rows of volumes", self.volumes.nrows(), self.prices.nrows())?;
        shape("market weights", self.weights.len(), names)?;
        let bad = |weight: &f64| !(weight.is_finite() && *weight >= 0.0);
        if let Some(column) = self.weights.iter().position(bad) {
            return Err(Error::BadWeight { column, found: self.weights[column] });
        }
        let (dates, prices) = cut(recipe, self.dates, self.prices)?;
        let volumes = self.volumes.slice_move(s![self.volumes.nrows() - dates.len().., ..]);
        Ok(Self { dates, prices, volumes, weights: self.weights })
    }
}

/// The last sessions of dates and closes that `recipe` reads; every close is positive.
#[expect(clippy::needless_pass_by_value, reason = "a view is a borrow")]
pub(crate) fn cut<'a>(
    recipe: &Recipe,
    dates: &'a [Date],
    prices: ArrayView2<'a, Price>,
) -> Result<(&'a [Date], ArrayView2<'a, Price>), Error> {
    recipe.check()?;
    shape("dates", dates.len(), prices.nrows())?;
    if prices.ncols() == 0 {
        return Err(Error::TooFewNames { found: 0, needed: 1 });
    }
    let Some(start) = dates.len().checked_sub(recipe.sessions()) else {
        return Err(Error::HistoryTooShort { found: dates.len(), needed: recipe.sessions() });
    };
    let prices = prices.slice_move(s![start.., ..]);
    for (row, &date) in prices.axis_iter(Axis(0)).zip(&dates[start..]) {
        if let Some(column) = row.iter().position(|price| !price.is_positive()) {
            return Err(Error::PriceNotPositive { date, column });
        }
    }
    Ok((&dates[start..], prices))
}

fn shape(what: &'static str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Shape { what, found, expected }) }
}
