//! What can be wrong with the accounts of a year.

use crate::Exact;
use samebits_units::{Date, Money, Qty};

/// Why there is no report: the first thing that does not agree, with its day and its amount.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store has no Run of the account.
    #[error("{account}: no Runs")]
    NoRuns {
        /// The account.
        account: String,
    },
    /// A Run of another account, or one that is missing in the order.
    #[error("{account}/{sequence}: expected {expected}")]
    NotNext {
        /// The account of the Run.
        account: String,
        /// Its number.
        sequence: u64,
        /// What was expected.
        expected: String,
    },
    /// A Run does not begin with the account that the Run before led to: somebody changed it in between.
    #[error("{account}/{sequence} of {day}: `{field}` is {found}; the Run before led to {expected}")]
    Changed {
        /// The account.
        account: String,
        /// The Run.
        sequence: u64,
        /// Its day.
        day: Date,
        /// The first field that differs.
        field: String,
        /// By the events of the Run before.
        expected: String,
        /// In this Run.
        found: String,
    },
    /// Applied to the account, the events lead to another account than the Run's digest names.
    #[error("{account}/{sequence} of {day}: the events do not lead to the account whose digest the Run has")]
    Digest {
        /// The account.
        account: String,
        /// The Run.
        sequence: u64,
        /// Its day.
        day: Date,
    },
    /// A trade is not at the price of the day, nor at that of its fill.
    #[error(
        "{day}: trade {index} ({ticker}) has notional {found}; {quantity} shares at the price are {expected}"
    )]
    TradePrice {
        /// The day.
        day: Date,
        /// Position of the trade.
        index: usize,
        /// The security.
        ticker: String,
        /// Shares.
        quantity: Qty,
        /// Shares times price.
        expected: Money,
        /// In the trade.
        found: Money,
    },
    /// A trade and its event do not say the same.
    #[error("{day}: trade {index} ({ticker}): {problem}")]
    TradeEvent {
        /// The day.
        day: Date,
        /// Position of the trade.
        index: usize,
        /// The security.
        ticker: String,
        /// What differs.
        problem: String,
    },
    /// Cash of an action, a fee, a levy or a flow is not what the position, the rate or the parameters make of it.
    #[error("{day}: {what} should be {expected}; the events have {found}")]
    Cash {
        /// The day.
        day: Date,
        /// For instance the id of a dividend.
        what: String,
        /// Computed again.
        expected: Money,
        /// In the events.
        found: Money,
    },
    /// The recount cannot follow the record.
    #[error("{day}: {problem}")]
    Recount {
        /// The day.
        day: Date,
        /// What does not fit.
        problem: String,
    },
    /// The gain of a trade is not the one that the recount's basis gives.
    #[error("{day}: gain on lot {lot} is {found}; counted again from the trades it is {expected}")]
    Gain {
        /// The day.
        day: Date,
        /// The lot.
        lot: u64,
        /// Counted again.
        expected: Money,
        /// In the trade.
        found: Money,
    },
    /// Disallowed losses differ.
    #[error("{day}: disallowed losses are {found}; counted again from the trades they are {expected}")]
    Disallowed {
        /// The day.
        day: Date,
        /// Counted again.
        expected: Money,
        /// By the events.
        found: Money,
    },
    /// Open wash-sale windows differ.
    #[error("{day}: open losses are {found}; counted again from the trades they are {expected}")]
    Locks {
        /// The day.
        day: Date,
        /// Counted again.
        expected: String,
        /// In the account.
        found: String,
    },
    /// An open lot differs.
    #[error("{day}: lot {lot}: {field} is {found}; counted again from the trades it is {expected}")]
    Lot {
        /// The day.
        day: Date,
        /// Its id.
        lot: u64,
        /// What differs.
        field: &'static str,
        /// Counted again.
        expected: String,
        /// In the account.
        found: String,
    },
    /// The lots of a security are not its position.
    #[error("{day}: lots of {ticker} hold {found} shares; trades and actions make a position of {expected}")]
    Position {
        /// The day.
        day: Date,
        /// The security.
        ticker: String,
        /// By trades and actions; negative: short.
        expected: Qty,
        /// By the lots.
        found: Qty,
    },
    /// The value of the day is not explained by what happened.
    #[error("{day}: the {what} does not add up: {difference} of the value after the day is not explained")]
    Identity {
        /// The day.
        day: Date,
        /// Which identity.
        what: &'static str,
        /// Value after the day less the explained value.
        difference: Exact,
    },
    /// A sum of the Run is not what its parts make.
    #[error("{day}: the Run says {what} {found}; its parts make {expected}")]
    Sum {
        /// The day.
        day: Date,
        /// Which sum.
        what: &'static str,
        /// By the parts.
        expected: Money,
        /// In the Run.
        found: Money,
    },
    /// A return needs a positive value.
    #[error("{day}: the account is worth {value}")]
    NoValue {
        /// The day.
        day: Date,
        /// Its value.
        value: Exact,
    },
    /// A security that a record names is outside its universe, or vectors have different lengths.
    #[error("{day}: security {security} is outside a universe of {known}")]
    NoSecurity {
        /// The day.
        day: Date,
        /// Its index.
        security: u32,
        /// Securities known.
        known: usize,
    },
    /// A plot could not be drawn.
    #[error("plot {name}: {problem}")]
    Plot {
        /// Which one.
        name: String,
        /// What the library says.
        problem: String,
    },
    /// The ledger does not apply.
    #[error(transparent)]
    Ledger(#[from] samebits_ledger::Error),
    /// A record could not be read as a tree of fields.
    #[error(transparent)]
    Snapshot(#[from] samebits_snapshot::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] samebits_store::Error),
    /// A number does not fit.
    #[error(transparent)]
    Units(#[from] samebits_units::Error),
}

impl Error {
    /// Whether the accounts are at fault (as opposed to a wrong question or a store that cannot be read).
    pub fn is_fault(&self) -> bool {
        !matches!(
            self,
            Self::NoRuns { .. }
                | Self::Plot { .. }
                | Self::Store(_)
                | Self::Snapshot(_)
                | Self::NoValue { .. }
        )
    }
}
