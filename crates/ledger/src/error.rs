//! What can be wrong with orders or with a ledger.

use samebits_units::{Money, Qty};

/// Why orders were refused or a ledger does not apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An order is malformed or out of order.
    #[error("order {index}: {problem}")]
    Order {
        /// Its position.
        index: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// More shares are sold than the lot has.
    #[error("lot {lot}: {wanted} shares to sell, {held} held")]
    Oversold {
        /// The lot.
        lot: u64,
        /// Shares ordered.
        wanted: Qty,
        /// Shares held.
        held: Qty,
    },
    /// No such lot is open.
    #[error("lot {lot} is not open")]
    NoLot {
        /// Its id.
        lot: u64,
    },
    /// A lot or lock names a security outside the universe.
    #[error("security {security} is outside a universe of {known}")]
    NoSecurity {
        /// Its index.
        security: u32,
        /// Securities known.
        known: usize,
    },
    /// Cash would be negative.
    #[error("cash would be {cash} after the day's trades")]
    NegativeCash {
        /// Cash reached.
        cash: Money,
    },
    /// An event does not fit the account.
    #[error("event {index} does not fit the account: {problem}")]
    Event {
        /// Its position.
        index: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// A rule of taxation has no answer.
    #[error(transparent)]
    Tax(#[from] samebits_tax::Error),
    /// A number does not fit its type.
    #[error(transparent)]
    Units(#[from] samebits_units::Error),
}
