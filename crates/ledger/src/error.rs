//! What can be wrong with orders or with a ledger.

use samebits_snapshot::record::Jurisdiction;
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
    /// The market has no law for the holder of the account.
    #[error("none of the market's {known} laws is that of {jurisdiction:?}")]
    NoLaw {
        /// Whose law is missing.
        jurisdiction: Jurisdiction,
        /// Laws in the market.
        known: usize,
    },
    /// A law contradicts itself.
    #[error("law {law}: {problem}")]
    Law {
        /// Its id.
        law: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// The law takes the earliest shares first, and the order names others.
    #[error("order {index} sells from lot {lot}, but lot {expected} was acquired first")]
    NotFirst {
        /// Position of the order.
        index: usize,
        /// The lot that it names.
        lot: u64,
        /// The lot that the law takes.
        expected: u64,
    },
    /// Long and short in one identity group at once: short against the box (Internal Revenue Code sections 1233(b), 1259).
    #[error(
        "order {index}: long and short in identity group {group} at once, against sections 1233(b) and 1259"
    )]
    AgainstTheBox {
        /// Position of the order.
        index: usize,
        /// The group.
        group: u32,
    },
    /// No such short lot is open.
    #[error("short lot {lot} is not open")]
    NoShort {
        /// Its id.
        lot: u64,
    },
    /// More shares are bought back than the short lot owes.
    #[error("short lot {lot}: {wanted} shares to cover, {owed} owed")]
    Overcovered {
        /// The short lot.
        lot: u64,
        /// Shares ordered.
        wanted: Qty,
        /// Shares owed.
        owed: Qty,
    },
    /// Cash would be negative.
    #[error("cash would be {cash} after the day's trades")]
    NegativeCash {
        /// Cash reached.
        cash: Money,
    },
    /// A corporate action is malformed, or cannot be done; no action is applied then.
    #[error("corporate action {id:?}: {problem}")]
    Action {
        /// Its id.
        id: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A contribution, withdrawal or gift cannot be done.
    #[error("{flow} of {amount}: {problem}")]
    Flow {
        /// Which one.
        flow: &'static str,
        /// Amount asked for.
        amount: Money,
        /// What is wrong.
        problem: &'static str,
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
