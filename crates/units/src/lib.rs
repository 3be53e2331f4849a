//! Money, prices, quantities, rates and dates as exact integers.
//!
//! | type | inside | unit | range |
//! |---|---|---|---|
//! | [`Money`] | `i64` | millionths of the currency | +- 9.2 trillion |
//! | [`Price`] | `i64` | 1e-8 of the currency per share | +- 92 billion |
//! | [`Qty`] | `i64` | millionths of a share | +- 9.2 trillion shares |
//! | [`Bps`] | `i32` | hundredths of a basis point (1e-6) | +- 214,748 bp |
//! | [`Date`] | `i32` | days since 1970-01-01 | years -9999 to 9999 |
//!
//! Products run in `i128`; a result that leaves `i64` is an [`Error::Overflow`], never a wrap. A division names its
//! rounding in the function's name or documentation. Text becomes a number through [`decimal`] only, so no value ever
//! passes through a float; floats leave this crate through [`rate`] only, for optimisation.
//!
//! ```
//! use samebits_units::{Money, Price, Qty};
//! let price: Price = "119.72".parse()?;
//! let value = price.value(Qty::from_shares(100)?)?;
//! assert_eq!(value, Money::from_micros(11_972_000_000));
//! assert_eq!(value.to_string(), "11972.00");
//! # Ok::<(), samebits_units::Error>(())
//! ```
//!
//! Left out on purpose: currencies (a Run has one), time of day (a Run is a day), signs of trades (direction is a type
//! of its own where trades live).
#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects)]

mod bps;
mod date;
pub mod decimal;
mod error;
mod int;
mod money;
mod price;
mod qty;
pub mod rate;

pub use bps::Bps;
pub use date::Date;
pub use error::Error;
pub use money::Money;
pub use price::Price;
pub use qty::Qty;
