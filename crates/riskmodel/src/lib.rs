//! A window of closes and volumes in, the risk model of a day out: covariance, factor loadings, factor form.
//!
//! ```text
//! Sigma = 252 * ((1 - rho) S + rho mu I)       Ledoit and Wolf (2004), 504 daily returns
//! L     = 6 characteristics a name, and those that the caller brings, each as a rank in [-1, 1]
//! Sigma ~ B F B' + D,  B = [1, L]              daily cross-sectional least squares
//! ```
//! `docs/risk-model.md` states every formula, its unit, and which input is a proxy. All sums follow
//! `docs/arithmetic.md`; the bits are the same on every [`Isa`](samebits_canon::Isa).
//!
//! ```
//! use samebits_riskmodel::scaled_ranks;
//! assert_eq!(scaled_ranks(&[3.0, 1.0, 3.0]), [0.5, -1.0, 0.5]);
//! ```
//!
//! Left out on purpose: where prices come from, how a model is stored, and what an optimiser does with it.

mod attribution;
mod characteristic;
mod covariance;
mod error;
mod factor;
mod loadings;
mod model;
mod rank;
mod recipe;
mod returns;
mod window;

pub use attribution::{Attribution, attribution};
pub use characteristic::Characteristic;
pub use covariance::{Covariance, Scratch, covariance, covariance_in, recomputed_in};
pub use error::Error;
pub use factor::{FactorForm, factor_form};
pub use loadings::loadings;
pub use model::RiskModel;
pub use rank::scaled_ranks;
pub use recipe::{FACTORS, Recipe, RecipeValue};
pub use returns::Returns;
pub use window::Window;
