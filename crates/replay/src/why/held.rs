//! Losses that count nothing today, and gains that a used-up budget keeps from being realised: lot by lot, in money.

use super::locks;
use super::lots::{bucket, marginal};
use super::view::View;
use crate::Error;
use samebits_rebalance::{Deferral, Place, UsedBudget, Variable};
use samebits_units::{Money, Qty, rate};
use serde::Serialize;

/// Why a lot was not closed although it is held at a loss, or at a gain that trading asked for. A closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HeldCode {
    /// The loss counts nothing today: a recent purchase, or short sale, defers it. The lot may be closed.
    LossNotCounted,
    /// The gain may not be realised: a yearly gain budget is used up. The lot may not be closed.
    GainBudgetUsed,
}

impl HeldCode {
    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LossNotCounted => "LOSS_NOT_COUNTED",
            Self::GainBudgetUsed => "GAIN_BUDGET_USED",
        }
    }
}

/// A lot whose loss is not counted, or whose gain may not be realised. Amounts are those of the whole lot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Held {
    /// What holds it back.
    pub code: HeldCode,
    /// Ticker.
    pub ticker: String,
    /// The lot, or short lot.
    pub lot: u64,
    /// `sale` or `cover`.
    pub trade: &'static str,
    /// Shares of the lot.
    pub shares: String,
    /// The loss not counted, or the gain that may not be realised; in the currency, positive, after the cost of the trade.
    pub amount: String,
    /// `short` or `long`: the bucket that it would count in.
    pub bucket: &'static str,
    /// Marginal rate of that bucket, basis points.
    pub rate_bp: f64,
    /// [`Held::amount`] at that rate, in the currency: the benefit not counted, or the tax not caused.
    pub tax: String,
    /// In words.
    pub why: String,
    /// Of a loss: the day of the last purchase, or short sale, that defers it.
    pub day: Option<String>,
    /// Of a loss: the last day on which that one defers it.
    pub until: Option<String>,
    /// Of a loss: the other account of the holder that the purchase was made in.
    pub account: Option<String>,
    /// Of a gain: every budget that bars it.
    pub budgets: Vec<BudgetAnswer>,
    /// Of a gain: fall of the objective per unit traded that the bar prevented, basis points per 1 %.
    pub price_bp: Option<f64>,
}

/// A yearly gain budget that is used up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BudgetAnswer {
    /// Its parameter.
    pub parameter: &'static str,
    /// The budget, in the currency.
    pub budget: String,
    /// Net gains of the year that count in it, before the day's trades, in the currency.
    pub used: String,
}

/// What the two kinds of lots have in common.
struct Closing {
    variable: Variable,
    lot: u64,
    quantity: Qty,
    net: Money,
    gain: f64,
    long_bucket: bool,
    deferral: Option<Deferral>,
}

/// Every lot that is held back, by security, lots before short lots, in order of disposal.
pub(crate) fn all(view: &View<'_>) -> Result<Vec<Held>, Error> {
    let book = &view.seen.book;
    let mut list = Vec::new();
    for security in 0..book.lots.len() {
        let lots = book.lots[security].iter().enumerate().map(|(rank, lot)| Closing {
            variable: Variable::Sell { security, rank },
            lot: lot.id,
            quantity: lot.quantity,
            net: lot.net,
            gain: lot.gain,
            long_bucket: lot.long_bucket,
            deferral: lot.deferral,
        });
        let shorts = book.shorts[security].iter().enumerate().map(|(rank, lot)| Closing {
            variable: Variable::Cover { security, rank },
            lot: lot.id,
            quantity: lot.quantity,
            net: lot.net,
            gain: lot.gain,
            long_bucket: lot.long_bucket,
            deferral: lot.deferral,
        });
        for closing in lots.chain(shorts) {
            list.extend(loss(view, &closing)?);
            list.extend(gain(view, &closing)?);
        }
    }
    Ok(list)
}

fn loss(view: &View<'_>, closing: &Closing) -> Result<Option<Held>, Error> {
    let Some(deferral) = closing.deferral.filter(|deferral| deferral.uncounted) else { return Ok(None) };
    let short = matches!(closing.variable, Variable::Cover { .. });
    let until = deferral.day.plus_days(view.seen.law.wash_days)?;
    Ok(Some(Held {
        why: format!(
            "the loss counts nothing today, beside shares {} {}",
            if short { "sold short" } else { "bought" },
            place_text(view, &deferral)
        ),
        day: Some(deferral.day.to_string()),
        until: Some(until.to_string()),
        account: outside(view, deferral.place).map(ToOwned::to_owned),
        ..held(view, HeldCode::LossNotCounted, closing, Money::ZERO.minus(closing.net)?)?
    }))
}

fn gain(view: &View<'_>, closing: &Closing) -> Result<Option<Held>, Error> {
    let used = view.seen.book.used_budgets.iter();
    let bars: Vec<&UsedBudget> =
        used.filter(|budget| budget.bars(closing.gain, closing.long_bucket)).collect();
    if bars.is_empty() {
        return Ok(None);
    }
    let texts: Vec<String> = bars.iter().map(|budget| budget_text(budget)).collect();
    let budgets = bars.iter().map(|budget| BudgetAnswer {
        parameter: parameter(budget.name),
        budget: budget.budget.to_string(),
        used: budget.used.to_string(),
    });
    Ok(Some(Held {
        why: texts.join(", "),
        budgets: budgets.collect(),
        price_bp: Some(locks::price(view, closing.variable)),
        ..held(view, HeldCode::GainBudgetUsed, closing, closing.net)?
    }))
}

fn held(view: &View<'_>, code: HeldCode, closing: &Closing, amount: Money) -> Result<Held, Error> {
    let own = marginal(view, closing.long_bucket);
    Ok(Held {
        code,
        ticker: view.ticker(closing.variable.security()).to_owned(),
        lot: closing.lot,
        trade: if closing.variable.pays() { "cover" } else { "sale" },
        shares: closing.quantity.to_string(),
        amount: amount.to_string(),
        bucket: bucket(closing.long_bucket),
        rate_bp: 1e4 * rate::factor(own),
        tax: amount.times(own)?.to_string(),
        why: String::new(),
        day: None,
        until: None,
        account: None,
        budgets: Vec::new(),
        price_bp: None,
    })
}

fn outside<'v>(view: &'v View<'_>, place: Place) -> Option<&'v str> {
    match place {
        Place::Account => None,
        Place::Outside(at) => view.seen.opened.outside.get(at).map(|bought| bought.account.as_str()),
    }
}

/// The purchase, or short sale, that defers a loss.
pub(crate) fn place_text(view: &View<'_>, deferral: &Deferral) -> String {
    outside(view, deferral.place).map_or_else(
        || format!("on {}", deferral.day),
        |account| format!("on {} in the account {account} of the holder", deferral.day),
    )
}

fn parameter(name: &str) -> &'static str {
    match name {
        "short_term" => "gain_budget_short_currency",
        "long_term" => "gain_budget_long_currency",
        _ => "gain_budget_currency",
    }
}

fn budget_text(budget: &UsedBudget) -> String {
    format!("{} is used up: {} of {}", parameter(budget.name), budget.used, budget.budget)
}
