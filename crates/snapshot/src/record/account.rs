//! The state of one account before a rebalance.

use super::super::wire;
use super::Jurisdiction;
use samebits_units::{Bps, Date, Money, Qty};
use serde::{Deserialize, Serialize};

/// One account, before trading.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// Open short lots, ascending by id. Ids are shared with `lots`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shorts: Vec<ShortLot>,
    /// Under which tax system; absent in accounts that only rules before `rebalance/3` decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Purchases within the wash-sale window where lots do not keep their days (average cost), by day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<Purchase>,
    /// Purchases declared for other accounts of the holder, spouse or affiliates, by day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside: Vec<OutsidePurchase>,
    /// Income and expenses of the tax year; absent while there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income: Option<Income>,
    /// The last day for which borrow fees were paid.
    #[serde(default, with = "wire::date_option", skip_serializing_if = "Option::is_none")]
    pub accrued_through: Option<Date>,
    /// Rates that will hold from later days on, ascending by day; the first goes when its day opens. Decisions do not read it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rate_changes: Vec<RateChange>,
    /// The corporate actions that were applied last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<Applied>,
}

/// Whose account it is, as far as taxes go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// Selects the law from `Market::laws`.
    pub jurisdiction: Jurisdiction,
    /// Where the rates come from, for people: filing status, income, state.
    pub profile: String,
    /// Gains declared outside the account for the tax year; they are netted with those of the account.
    pub outside: Realised,
    /// What a loss is worth that the year cannot use: between 0 and the long-term rate.
    #[serde(with = "wire::rate")]
    pub loss_value: Bps,
    /// Rate on dividends.
    #[serde(with = "wire::rate")]
    pub dividend_rate: Bps,
}

/// An open short lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShortLot {
    /// Unique in the account, never used again.
    pub id: u64,
    /// Index into `Market::securities`.
    pub security: u32,
    /// Shares owed, positive.
    #[serde(with = "wire::qty")]
    pub quantity: Qty,
    /// Total proceeds less the cost of the sale; changed by a disallowed loss of an earlier short.
    #[serde(with = "wire::money")]
    pub proceeds: Money,
    /// Day of the short sale.
    #[serde(with = "wire::date")]
    pub opened: Date,
    /// This short is the replacement of an earlier one closed at a loss, and cannot be so again.
    pub replacement: bool,
    /// Shares of its group had been held long-term on the day of the short sale: a loss on closing it is long-term.
    pub against_long_term: bool,
}

/// A purchase, for systems whose lots do not keep their days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purchase {
    /// Index into `Market::securities`.
    pub security: u32,
    /// Its day.
    #[serde(with = "wire::date")]
    pub acquired: Date,
    /// Shares.
    #[serde(with = "wire::qty")]
    pub quantity: Qty,
}

/// A purchase in another account that counts for the wash-sale rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutsidePurchase {
    /// Name of the other account.
    pub account: String,
    /// Index into `Market::securities`.
    pub security: u32,
    /// Its day.
    #[serde(with = "wire::date")]
    pub acquired: Date,
    /// Shares that no loss was matched with yet.
    #[serde(with = "wire::qty")]
    pub quantity: Qty,
    /// The other account is a retirement or registered plan: a loss matched with it is gone for good.
    pub plan: bool,
}

/// Income and expenses of a tax year, besides gains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Income {
    /// Dividends received.
    #[serde(with = "wire::money")]
    pub dividends: Money,
    /// Dividends owed on short positions and paid.
    #[serde(with = "wire::money")]
    pub in_lieu: Money,
    /// Borrow fees paid.
    #[serde(with = "wire::money")]
    pub borrow: Money,
    /// Contributions less withdrawals.
    #[serde(with = "wire::money")]
    pub flows: Money,
    /// Market value given away.
    #[serde(with = "wire::money")]
    pub gifts: Money,
    /// Tax of closed years that is owed and was not paid out of the account.
    #[serde(with = "wire::money")]
    pub tax_owed: Money,
}

/// Corporate actions of one day that an account has applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applied {
    /// The day.
    #[serde(with = "wire::date")]
    pub day: Date,
    /// Their ids.
    pub ids: Vec<String>,
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
    /// Total fair value on the day of a grandfathering rule, where the law has one and the lot is old enough.
    #[serde(default, with = "wire::money_option", skip_serializing_if = "Option::is_none")]
    pub fair_value: Option<Money>,
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
    /// A short position was closed at a loss: it bars new short sales instead of purchases.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub short: bool,
}

/// Marginal tax rates of the account holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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

/// Rates of a holder from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateChange {
    /// First day.
    #[serde(with = "wire::date")]
    pub from: Date,
    /// Marginal rates.
    pub rates: Rates,
    /// As [`Holder::loss_value`]; without a holder it is not read.
    #[serde(with = "wire::rate")]
    pub loss_value: Bps,
    /// As [`Holder::dividend_rate`]; without a holder it is not read.
    #[serde(with = "wire::rate")]
    pub dividend_rate: Bps,
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
