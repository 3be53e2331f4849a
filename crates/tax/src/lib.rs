//! Tax systems of the United States, Canada, Australia and India: dated data and pure integer functions.
//!
//! ```text
//! day --law--> record::Law        day, taxpayer --us::rates, ...--> record::Rates
//! law, rates --pieces--> T(S, L) in linear pieces --tax--> money
//! results of a year --accrued, carry_over--> tax so far, losses carried
//! ```
//!
//! `S` and `L` are the results of a tax year by bucket, after losses carried into it. `T` has linear pieces with exact
//! integer borders, so that an optimiser can read it and a ledger can pay it. What each country's rules are, where the
//! law is unclear and what was chosen there: `docs/tax.md`. Nothing here is tax advice.
//!
//! ```
//! use samebits_snapshot::record::{Jurisdiction, Rates};
//! use samebits_tax::{law, pieces, tax};
//! use samebits_units::{Bps, Money};
//! let law = law(Jurisdiction::UnitedStates, "2017-06-01".parse()?, false)?;
//! assert_eq!(law.id, "us-federal/2017");
//! let rate = Bps::from_hundredths;
//! let rates = Rates { short_term: rate(400_000), long_term: rate(200_000), ordinary: rate(350_000) };
//! let pieces = pieces(&law, &rates, Bps::ZERO)?;
//! let owed = tax(&pieces, Money::from_units(-5_000)?, Money::from_units(1_000)?)?;
//! assert_eq!(owed, Money::from_units(-1_050)?);
//! # Ok::<(), samebits_tax::Error>(())
//! ```
//!
//! Left out on purpose: lots and who matches which loss (the ledger), alternative minimum taxes, credits, the years after
//! which India's losses lapse, taxes on wealth and on estates.
#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects)]

pub mod australia;
pub mod canada;
mod error;
pub mod india;
mod law;
mod pieces;
mod rates;
mod settlement;
mod table;
mod term;
pub mod us;
mod year;

pub use error::Error;
pub use law::{law, laws};
pub use pieces::{Limit, Piece, piece_of, pieces, tax};
pub use rates::MarginalRates;
pub use settlement::{Disposal, RealisedOn, realisation_day, realised_on, settlement_cycle, settlement_day};
pub use table::{Row, Standing, in_force};
pub use term::{bucket, is_long_term, tax_year};
pub use year::{accrued, carry_over};
