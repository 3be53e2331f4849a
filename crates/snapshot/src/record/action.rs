//! Corporate actions.

use super::super::wire;
use samebits_units::{Bps, Price};
use serde::{Deserialize, Serialize};

/// A corporate action of one security.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Unique; an account applies an id once.
    pub id: String,
    /// Index into `Market::securities`.
    pub security: u32,
    /// What happens.
    pub kind: ActionKind,
}

/// What a corporate action does to each share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// `new` shares for each `old` ones; a stock dividend of the same class is a split too.
    Split {
        /// Shares after.
        new: u32,
        /// Shares before.
        old: u32,
    },
    /// Cash a share, income of the holder.
    Dividend {
        /// Amount a share.
        #[serde(with = "wire::price")]
        amount: Price,
        /// A special one; taxed alike, told apart in reports.
        special: bool,
    },
    /// Cash a share that reduces the basis; what exceeds the basis is a gain.
    ReturnOfCapital {
        /// Amount a share.
        #[serde(with = "wire::price")]
        amount: Price,
    },
    /// Shares of another company for each share; part of the basis goes with them.
    SpinOff {
        /// The company that leaves, when it is in the universe; its shares are sold at `value` otherwise.
        into: Option<u32>,
        /// Shares received for `old` shares held.
        new: u32,
        /// See `new`.
        old: u32,
        /// Part of the basis that goes to the shares received.
        #[serde(with = "wire::rate")]
        basis: Bps,
        /// Price of a share received; fractions, and all of them when `into` is absent, are sold at it.
        #[serde(with = "wire::price")]
        value: Price,
    },
    /// All shares are exchanged for shares of another company, cash, or both.
    Merger {
        /// The other company, when shares of it are received and it is in the universe.
        into: Option<u32>,
        /// Shares received for `old` shares held; 0 in a merger for cash.
        new: u32,
        /// See `new`.
        old: u32,
        /// Cash a share held. Gain is recognised up to it when shares are received too, in full otherwise.
        #[serde(with = "wire::price")]
        cash: Price,
        /// Price of a share received: what it counts for in the gain, and what fractions are sold at.
        #[serde(with = "wire::price")]
        value: Price,
    },
    /// Another ticker; nothing else.
    SymbolChange {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
}
