//! The rules of taxation as data: a Run pins the version that it was decided under.

use super::super::wire;
use samebits_units::{Bps, Date, Money};
use serde::{Deserialize, Serialize};

/// The rules of taxation that a Run was decided under, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// Name and version, for instance `us-federal/2017`.
    pub id: String,
    /// A lot is long-term from the day after this many years of holding.
    pub long_term_years: i16,
    /// Calendar days before and after a loss sale in which a purchase is a replacement.
    pub wash_days: i32,
    /// Net loss that a year may set against ordinary income.
    #[serde(with = "wire::money")]
    pub loss_limit: Money,
    /// What else sets the system apart; absent in laws that only rules before `rebalance/3` read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<System>,
}

/// A country whose system of taxing capital gains is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Jurisdiction {
    /// United States, federal, with a state rate as a parameter.
    UnitedStates,
    /// Canada.
    Canada,
    /// Australia.
    Australia,
    /// India.
    India,
}

/// What sets a tax system apart, besides holding period, window and limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Whose it is.
    pub jurisdiction: Jurisdiction,
    /// First month (1 to 12) of the tax year; it begins on the first day of that month. A tax year has the number of the
    /// calendar year in which it begins.
    pub year_starts_in_month: u8,
    /// Which shares a sale takes.
    pub lots: LotRule,
    /// What becomes of a loss beside a purchase.
    pub wash: WashRule,
    /// How the year's gains and losses make a tax.
    pub netting: Netting,
    /// Taxes on transactions.
    pub levies: Levies,
    /// Fair value that stands in for the cost of old lots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grandfather: Option<Grandfather>,
}

/// Which shares a sale takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LotRule {
    /// Those that the order names.
    Specific,
    /// The earliest acquired.
    Fifo,
    /// All shares of a security are one lot with one average cost.
    Average,
}

/// What becomes of a loss when the same security is bought within the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WashRule {
    /// Nothing.
    None,
    /// Disallowed share for share and moved into the basis of the replacement (United States).
    ShareForShare,
    /// Denied by the least of sold, bought in the window and held at its end (Canada).
    Superficial,
    /// No statute; purchases are barred for the window as a policy (Australia).
    Policy,
}

/// How the gains and losses of a tax year make a tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Netting {
    /// By term, losses of one term against gains of the other, a limited net loss against ordinary income, the rest carried
    /// with its term (United States).
    ByTerm,
    /// One net gain; rates are after inclusion (Canada).
    Single,
    /// Losses against gains without discount first, then against those with one, before the discount (Australia).
    Discount {
        /// Part of a discount gain that is not taxed.
        #[serde(with = "wire::rate")]
        part: Bps,
    },
    /// By term; a long-term loss only against long-term gains; long-term gains exempt up to an amount (India).
    Exempt {
        /// Long-term gain of a year that is not taxed.
        #[serde(with = "wire::money")]
        amount: Money,
    },
}

/// Taxes on transactions, as rates on notional. They are paid but are neither part of a basis nor of proceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Levies {
    /// On purchases.
    #[serde(with = "wire::rate")]
    pub buy: Bps,
    /// On sales.
    #[serde(with = "wire::rate")]
    pub sell: Bps,
}

/// Old lots: the cost is the larger of the actual cost and the smaller of fair value and sale price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grandfather {
    /// Lots acquired before this day have a fair value.
    #[serde(with = "wire::date")]
    pub acquired_before: Date,
}
