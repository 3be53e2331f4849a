//! The state of one account before a rebalance.

use super::super::wire;
use samebits_units::{Bps, Date, Money, Qty};
use serde::{Deserialize, Serialize};

/// One account, before trading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Uninvested cash.
    #[serde(with = "wire::money")]
    pub cash: Money,
    /// Open tax lots, ascending by id.
    pub lots: Vec<Lot>,
    /// Wash-sale locks in force, in the order of disposal of the shares that opened them.
    pub locks: Vec<Lock>,
    /// Marginal tax rates.
    pub rates: Rates,
    /// Net gains realised in the current tax year, after disallowed losses.
    pub realised: Realised,
    /// Losses carried from earlier years.
    pub carry: Carry,
    /// The tax year that `realised` belongs to.
    pub tax_year: i16,
    /// The id that the next new lot will get.
    pub next_lot: u64,
}

/// An open tax lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lot {
    /// Unique in the account, never used again.
    pub id: u64,
    /// The purchase it comes from, when a wash sale split that purchase's lot: the id of the lot as it was bought.
    pub parent: Option<u64>,
    /// Index into `Market::securities`.
    pub security: u32,
    /// Shares, positive.
    #[serde(with = "wire::qty")]
    pub quantity: Qty,
    /// Total cost basis, purchase costs and disallowed losses included.
    #[serde(with = "wire::money")]
    pub basis: Money,
    /// Day of purchase.
    #[serde(with = "wire::date")]
    pub acquired: Date,
    /// Day from which the holding period counts: earlier than `acquired` when a wash sale tacked one on.
    #[serde(with = "wire::date")]
    pub held_from: Date,
    /// These shares are the replacement of an earlier loss sale and cannot be so again.
    pub replacement: bool,
}

/// A wash-sale lock: no purchase in the group up to and including `last`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The identity group.
    pub group: u32,
    /// Day of the loss sale.
    #[serde(with = "wire::date")]
    pub sold: Date,
    /// Last day of the lock.
    #[serde(with = "wire::date")]
    pub last: Date,
    /// Security sold.
    pub security: u32,
    /// Lot sold.
    pub lot: u64,
    /// Shares sold at a loss that no replacement has been matched with yet.
    #[serde(with = "wire::qty")]
    pub open_quantity: Qty,
    /// Loss on `open_quantity`, as a positive amount.
    #[serde(with = "wire::money")]
    pub open_loss: Money,
    /// Days that the sold shares had been held, tacked onto a replacement.
    pub held_days: i32,
    /// Whether the sold shares were long-term.
    pub long_term: bool,
}

/// Marginal tax rates of the account holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// On short-term gains.
    #[serde(with = "wire::rate")]
    pub short_term: Bps,
    /// On long-term gains.
    #[serde(with = "wire::rate")]
    pub long_term: Bps,
    /// On ordinary income, against which a limited net loss counts.
    #[serde(with = "wire::rate")]
    pub ordinary: Bps,
}

/// Net realised gains of a tax year by term; losses are negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Realised {
    /// Held up to one year.
    #[serde(with = "wire::money")]
    pub short_term: Money,
    /// Held longer.
    #[serde(with = "wire::money")]
    pub long_term: Money,
}

/// Losses carried into the year by term, as positive amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carry {
    /// Short-term losses.
    #[serde(with = "wire::money")]
    pub short_term: Money,
    /// Long-term losses.
    #[serde(with = "wire::money")]
    pub long_term: Money,
}
