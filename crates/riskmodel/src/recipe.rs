//! The recipe as data: every number that a model depends on besides its prices, volumes and weights.

use crate::Error;

/// The columns of the loadings that come from closes and volumes, in order.
pub const FACTORS: [&str; 6] =
    ["market_beta", "size", "momentum", "residual_volatility", "short_term_reversal", "liquidity"];

/// How a model is made. Windows count trading days and end at the last session.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// Name and arithmetic version: [`Recipe::ID`] or [`Recipe::ID_WITH_CHARACTERISTICS`].
    pub id: String,
    /// Daily returns in the covariance and in the factor form.
    pub window_days: usize,
    /// Trading days in a year: the factor from daily to annual variances.
    pub annualisation: u32,
    /// Daily returns in market beta and residual volatility.
    pub beta_days: usize,
    /// Momentum looks back this far ...
    pub momentum_days: usize,
    /// ... and leaves out this many last days.
    pub momentum_skip_days: usize,
    /// Days of the short-term reversal.
    pub reversal_days: usize,
    /// Days of the mean dollar volume.
    pub size_days: usize,
    /// Days of the illiquidity measure.
    pub liquidity_days: usize,
    /// Smallest annualised specific variance; a smaller estimate is replaced by it.
    pub specific_variance_min: f64,
}

/// A parameter's value, for the caller to copy into a record.
#[derive(Debug, Clone, PartialEq)]
pub enum RecipeValue {
    /// A count.
    Integer(i64),
    /// A real number.
    Real(f64),
    /// A name.
    Text(String),
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            id: Self::ID.to_owned(),
            window_days: 504,
            annualisation: 252,
            beta_days: 252,
            momentum_days: 252,
            momentum_skip_days: 21,
            reversal_days: 21,
            size_days: 252,
            liquidity_days: 63,
            specific_variance_min: 1e-4,
        }
    }
}

impl Recipe {
    /// The recipe of closes and volumes alone.
    pub const ID: &str = "ledoit-wolf-identity/1";

    /// The same arithmetic with the characteristics of the caller as further columns of the loadings.
    pub const ID_WITH_CHARACTERISTICS: &str = "ledoit-wolf-identity/2";

    /// The default parameters under [`Recipe::ID_WITH_CHARACTERISTICS`].
    #[must_use]
    pub fn with_characteristics() -> Self {
        Self { id: Self::ID_WITH_CHARACTERISTICS.to_owned(), ..Self::default() }
    }

    /// Whether the loadings have columns that the caller brings.
    pub fn takes_characteristics(&self) -> bool {
        self.id == Self::ID_WITH_CHARACTERISTICS
    }

    /// Sessions of closes that the recipe reads: one more than its returns.
    pub fn sessions(&self) -> usize {
        self.window_days.saturating_add(1)
    }

    /// Every parameter by name, in the order of the fields.
    pub fn entries(&self) -> Vec<(&'static str, RecipeValue)> {
        let count = |value: usize| RecipeValue::Integer(i64::try_from(value).unwrap_or(i64::MAX));
        vec![
            ("id", RecipeValue::Text(self.id.clone())),
            ("window_days", count(self.window_days)),
            ("annualisation", RecipeValue::Integer(i64::from(self.annualisation))),
            ("beta_days", count(self.beta_days)),
            ("momentum_days", count(self.momentum_days)),
            ("momentum_skip_days", count(self.momentum_skip_days)),
            ("reversal_days", count(self.reversal_days)),
            ("size_days", count(self.size_days)),
            ("liquidity_days", count(self.liquidity_days)),
            ("specific_variance_min", RecipeValue::Real(self.specific_variance_min)),
        ]
    }

    /// Checks every parameter against its range.
    ///
    /// # Errors
    /// [`Error::UnknownRecipe`], [`Error::BadParameter`].
    pub fn check(&self) -> Result<(), Error> {
        if self.id != Self::ID && !self.takes_characteristics() {
            let known = "ledoit-wolf-identity/1, ledoit-wolf-identity/2";
            return Err(Error::UnknownRecipe { found: self.id.clone(), known });
        }
        let days = [
            ("window_days", self.window_days),
            ("beta_days", self.beta_days),
            ("momentum_days", self.momentum_days),
            ("reversal_days", self.reversal_days),
            ("size_days", self.size_days),
            ("liquidity_days", self.liquidity_days),
        ];
        for (name, found) in days {
            if found < 2 || found > self.window_days {
                let allowed = "2 to window_days";
                return Err(Error::BadParameter { name, found: found.to_string(), allowed });
            }
        }
        let bad = |name, found: String, allowed| Err(Error::BadParameter { name, found, allowed });
        if self.momentum_skip_days >= self.momentum_days {
            return bad("momentum_skip_days", self.momentum_skip_days.to_string(), "below momentum_days");
        }
        if self.annualisation == 0 {
            return bad("annualisation", "0".to_owned(), "at least 1");
        }
        let least = self.specific_variance_min;
        if !(least.is_finite() && least as f32 > 0.0) {
            return bad("specific_variance_min", least.to_string(), "positive, also as f32");
        }
        Ok(())
    }
}
