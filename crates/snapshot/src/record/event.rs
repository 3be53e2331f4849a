//! The append-only ledger of an account.

use super::super::wire;
use super::{Carry, Lock};
use samebits_units::{Date, Money, Qty};
use serde::{Deserialize, Serialize};

/// An entry of the append-only ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A new tax year: gains and losses are netted and carried.
    YearRoll {
        /// The year that begins.
        year: i16,
        /// Losses carried into it.
        carry: Carry,
        /// Tax of the year that ended; absent under rules that leave it out.
        #[serde(default, with = "wire::money_option", skip_serializing_if = "Option::is_none")]
        owed: Option<Money>,
    },
    /// A lock ended before this day.
    LockClose {
        /// The lot whose sale opened it.
        lot: u64,
        /// The day of that sale.
        #[serde(with = "wire::date")]
        sold: Date,
    },
    /// Shares of a lot were sold.
    Close {
        /// The lot.
        lot: u64,
        /// Shares.
        #[serde(with = "wire::qty")]
        quantity: Qty,
        /// Notional less cost.
        #[serde(with = "wire::money")]
        proceeds: Money,
        /// Basis that left with the shares.
        #[serde(with = "wire::money")]
        basis: Money,
        /// Held long-term.
        long_term: bool,
        /// Basis that the gain is computed with, where a grandfathering rule puts a fair value in the place of the cost.
        #[serde(default, with = "wire::money_option", skip_serializing_if = "Option::is_none")]
        deemed: Option<Money>,
    },
    /// A lot was bought.
    Open {
        /// Its id.
        lot: u64,
        /// Index into `Market::securities`.
        security: u32,
        /// Shares.
        #[serde(with = "wire::qty")]
        quantity: Qty,
        /// Notional plus cost.
        #[serde(with = "wire::money")]
        basis: Money,
        /// Day of purchase.
        #[serde(with = "wire::date")]
        acquired: Date,
    },
    /// Part of a loss is disallowed and moves into the basis of replacement shares.
    WashDefer {
        /// The lot sold at a loss.
        sold_lot: u64,
        /// The day of that sale.
        #[serde(with = "wire::date")]
        sold: Date,
        /// The lot that holds the replacement shares.
        replacement: u64,
        /// Shares matched.
        #[serde(with = "wire::qty")]
        quantity: Qty,
        /// Loss disallowed, as a positive amount.
        #[serde(with = "wire::money")]
        loss: Money,
        /// Whether the disallowed loss had been counted as long-term.
        long_term: bool,
        /// Days of holding that move to the replacement.
        tacked_days: i32,
        /// When the replacement lot is larger than the match: the id of the new lot that keeps the unmatched shares.
        split_to: Option<u64>,
    },
    /// A loss sale bars purchases in its group.
    LockOpen {
        /// The lock.
        lock: Lock,
    },
    /// Shares were sold short.
    ShortOpen {
        /// Id of the short lot.
        lot: u64,
        /// Index into `Market::securities`.
        security: u32,
        /// Shares.
        #[serde(with = "wire::qty")]
        quantity: Qty,
        /// Notional less cost.
        #[serde(with = "wire::money")]
        proceeds: Money,
        /// Day of the sale.
        #[serde(with = "wire::date")]
        opened: Date,
        /// Shares of the group had been held long-term.
        against_long_term: bool,
    },
    /// Shares of a short lot were bought back.
    ShortClose {
        /// The short lot.
        lot: u64,
        /// Shares.
        #[serde(with = "wire::qty")]
        quantity: Qty,
        /// Proceeds of the short sale that belong to these shares.
        #[serde(with = "wire::money")]
        proceeds: Money,
        /// Notional plus cost of buying them back.
        #[serde(with = "wire::money")]
        paid: Money,
        /// The gain or loss is long-term.
        long_term: bool,
    },
    /// Part of a loss on closing a short position is disallowed and taken out of the proceeds of a replacement.
    ShortDefer {
        /// The short lot closed at a loss.
        closed_lot: u64,
        /// The day of that closing.
        #[serde(with = "wire::date")]
        closed: Date,
        /// The short lot that replaces it.
        replacement: u64,
        /// Shares matched.
        #[serde(with = "wire::qty")]
        quantity: Qty,
        /// Loss disallowed, as a positive amount.
        #[serde(with = "wire::money")]
        loss: Money,
        /// Whether the disallowed loss had been counted as long-term.
        long_term: bool,
        /// When the replacement is larger than the match: the id of the new short lot that keeps the unmatched shares.
        split_to: Option<u64>,
    },
    /// Part of a loss is disallowed because of a purchase in another account.
    WashOutside {
        /// The lot sold at a loss.
        sold_lot: u64,
        /// The day of that sale.
        #[serde(with = "wire::date")]
        sold: Date,
        /// Index into `Account::outside`.
        purchase: u32,
        /// Shares matched.
        #[serde(with = "wire::qty")]
        quantity: Qty,
        /// Loss disallowed, as a positive amount.
        #[serde(with = "wire::money")]
        loss: Money,
        /// Whether the disallowed loss had been counted as long-term.
        long_term: bool,
    },
    /// A denied loss is added to the cost of the shares held at the end of its window (superficial loss).
    Superficial {
        /// The lot that was sold from.
        sold_lot: u64,
        /// The day of that sale.
        #[serde(with = "wire::date")]
        sold: Date,
        /// The lot whose basis takes `added`; absent when nothing is added in this account.
        into: Option<u64>,
        /// Loss denied, as a positive amount.
        #[serde(with = "wire::money")]
        denied: Money,
        /// Part of it that this account's shares take; the rest belongs to other accounts, or is lost.
        #[serde(with = "wire::money")]
        added: Money,
    },
    /// A lot was merged into another one of the same security (average cost).
    Pool {
        /// The lot that stays.
        into: u64,
        /// The lot that ends.
        from: u64,
    },
    /// A corporate action left a lot, long or short, with these shares and this basis (or these proceeds).
    Adjust {
        /// Id of the action.
        action: String,
        /// The lot.
        lot: u64,
        /// Shares after.
        #[serde(with = "wire::qty")]
        quantity: Qty,
        /// Basis or proceeds after.
        #[serde(with = "wire::money")]
        basis: Money,
    },
    /// A corporate action gave shares of another security for those of a lot, long or short.
    Receive {
        /// Id of the action.
        action: String,
        /// The new lot.
        lot: u64,
        /// The lot that it comes from.
        from: u64,
        /// Index into `Market::securities`.
        security: u32,
        /// Shares.
        #[serde(with = "wire::qty")]
        quantity: Qty,
        /// Basis or proceeds.
        #[serde(with = "wire::money")]
        basis: Money,
    },
    /// A corporate action ended a lot whose basis and shares have moved elsewhere.
    Retire {
        /// Id of the action.
        action: String,
        /// The lot.
        lot: u64,
    },
    /// A corporate action realised a gain without a sale; the cash, if any, is an entry of its own.
    Gain {
        /// Id of the action.
        action: String,
        /// The lot, long or short.
        lot: u64,
        /// Positive: a gain.
        #[serde(with = "wire::money")]
        amount: Money,
        /// Held long-term.
        long_term: bool,
    },
    /// A split changed what the locks and the purchases of a security count: each number of shares becomes
    /// `floor(shares * new / old)`.
    Scale {
        /// Id of the action.
        action: String,
        /// Index into `Market::securities`.
        security: u32,
        /// Shares after.
        new: u32,
        /// Shares before.
        old: u32,
    },
    /// The corporate actions of a day have been applied.
    ActionsApplied {
        /// The day.
        #[serde(with = "wire::date")]
        day: Date,
        /// Their ids.
        ids: Vec<String>,
    },
    /// Cash came in or went out.
    Cash {
        /// Why.
        reason: CashReason,
        /// Index into `Market::securities`, where it is about one.
        security: Option<u32>,
        /// Positive: received.
        #[serde(with = "wire::money")]
        amount: Money,
    },
    /// Borrow fees are paid up to and including this day.
    Accrued {
        /// The day.
        #[serde(with = "wire::date")]
        through: Date,
    },
    /// The first of the account's rate changes took effect.
    RatesChanged {
        /// The first day of the new rates.
        #[serde(with = "wire::date")]
        from: Date,
    },
    /// Shares of a lot were given away: no gain is realised.
    Gift {
        /// The lot.
        lot: u64,
        /// Shares.
        #[serde(with = "wire::qty")]
        quantity: Qty,
        /// Basis that left with the shares.
        #[serde(with = "wire::money")]
        basis: Money,
        /// Their market value.
        #[serde(with = "wire::money")]
        value: Money,
    },
}

/// Why cash came in or went out, besides trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CashReason {
    /// A dividend received.
    Dividend,
    /// A dividend owed on a short position.
    InLieu,
    /// A fee for borrowed shares.
    Borrow,
    /// Put in by the client.
    Contribution,
    /// Taken out by the client.
    Withdrawal,
    /// A return of capital.
    ReturnOfCapital,
    /// Paid by a merger or spin-off for shares, besides what closes a lot.
    Exchange,
    /// A transaction tax that is part of neither basis nor proceeds.
    Levy,
}
