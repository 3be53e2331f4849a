//! Parameters of the estimate, as data.

/// How a risk model is made. Recorded with every model.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// Name and version of the method.
    pub id: &'static str,
    /// Returns in the window.
    pub window_days: usize,
    /// Sessions a year.
    pub annualisation_days: u32,
    /// Sessions of the momentum measure: price ratio from this many sessions ago ...
    pub momentum_days: usize,
    /// ... to this many sessions ago; also the span of the short-term reversal.
    pub reversal_days: usize,
    /// Sessions of the mean dollar volume that stands in for size, and of the residual volatility.
    pub size_days: usize,
    /// Sessions of the illiquidity measure.
    pub liquidity_days: usize,
    /// Smallest annualised specific variance.
    pub specific_floor: f64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            id: "ledoit-wolf-identity/1",
            window_days: 504,
            annualisation_days: 252,
            momentum_days: 252,
            reversal_days: 21,
            size_days: 252,
            liquidity_days: 63,
            specific_floor: 1e-4,
        }
    }
}
