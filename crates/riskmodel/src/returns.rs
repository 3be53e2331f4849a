//! Simple returns of a window.

use crate::Error;
use ndarray::ArrayView2;
use samebits_units::{Date, Price};

/// Prices and volumes up to the day of the estimate.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// Sessions, oldest first.
    pub dates: &'a [Date],
    /// Closing prices, sessions x assets.
    pub closes: ArrayView2<'a, Price>,
    /// Shares traded, sessions x assets.
    pub volumes: ArrayView2<'a, u64>,
}

/// Simple returns, sessions x assets, and the names of the window's ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Returns {
    /// Sessions.
    pub days: usize,
    /// Assets.
    pub n: usize,
    /// `days x n`, row-major, oldest first.
    pub values: Vec<f64>,
    pub(crate) first: String,
    pub(crate) last: String,
}

impl Returns {
    /// The last `days` returns: `p_t / p_{t-1} - 1`, one division and one subtraction, prices as exact integers.
    ///
    /// # Errors
    /// [`Error::TooShort`], [`Error::Shape`], [`Error::Price`].
    pub fn new(window: &Window<'_>, days: usize) -> Result<Self, Error> {
        let (sessions, n) = window.closes.dim();
        for (what, found) in [("dates", window.dates.len()), ("volumes", window.volumes.nrows())] {
            if found != sessions {
                return Err(Error::Shape { what, found, expected: sessions });
            }
        }
        if window.volumes.ncols() != n {
            return Err(Error::Shape {
                what: "volumes of a session",
                found: window.volumes.ncols(),
                expected: n,
            });
        }
        let name = |date: Option<&Date>| date.map(ToString::to_string).unwrap_or_default();
        let last = name(window.dates.last());
        let Some(start) = sessions.checked_sub(days + 1).filter(|_| days > 1 && n > 0) else {
            return Err(Error::TooShort { last, found: sessions, needed: days + 1 });
        };
        let first = name(window.dates.get(start + 1));
        let mut values = Vec::with_capacity(days * n);
        for t in start..sessions {
            for asset in 0..n {
                if !window.closes[[t, asset]].is_positive() {
                    return Err(Error::Price { first, last, asset, sessions_back: sessions - 1 - t });
                }
                if t > start {
                    let (now, before) = (window.closes[[t, asset]], window.closes[[t - 1, asset]]);
                    values.push(now.e8() as f64 / before.e8() as f64 - 1.0);
                }
            }
        }
        Ok(Self { days, n, values, first, last })
    }

    /// The return of every asset on day `t`.
    pub fn day(&self, t: usize) -> &[f64] {
        &self.values[t * self.n..(t + 1) * self.n]
    }

    /// Returns less their means over the window; a mean is an ascending sum over the days and one division.
    pub(crate) fn demeaned(&self) -> Vec<f64> {
        let mut means = vec![0.0; self.n];
        for day in self.values.chunks_exact(self.n) {
            for (mean, r) in means.iter_mut().zip(day) {
                *mean += r;
            }
        }
        for mean in &mut means {
            *mean /= self.days as f64;
        }
        self.values
            .chunks_exact(self.n)
            .flat_map(|day| day.iter().zip(&means).map(|(r, mean)| r - mean))
            .collect()
    }

    pub(crate) fn not_positive(&self, what: &'static str, error: &samebits_canon::Error) -> Error {
        let (column, pivot) = match error {
            samebits_canon::Error::NotPositive { column, pivot } => (*column, *pivot),
            _ => (0, f64::NAN),
        };
        Error::NotPositive { what, first: self.first.clone(), last: self.last.clone(), column, pivot }
    }
}
