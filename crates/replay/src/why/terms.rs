//! The marginal terms of a trade, with the price of its limit as the last one.

use super::View;
use samebits_canon::max;
use samebits_qp::{AT_UPPER, AT_ZERO};
use samebits_rebalance::{NoBuy, Part, Slopes, Variable};
use samebits_snapshot::record::{RowKind, Side};
use serde::Serialize;

/// One term of the stationarity condition of a trade.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// What speaks.
    pub what: String,
    /// Basis points of net asset value per 1 % traded; negative speaks for the trade.
    pub bp: f64,
    /// Which term of the condition; `None` for the price of the trade's own limit.
    #[serde(skip)]
    pub part: Option<Part>,
}

/// Per unit of weight and unit of objective to basis points per 1 %.
pub(crate) const BP_PER_PERCENT: f64 = 100.0;
/// Terms smaller than this many basis points are not listed.
const SMALLEST_BP: f64 = 1e-9;

/// The terms of a trade.
#[derive(Debug, Clone)]
pub(crate) struct Marginal {
    /// Those that are not zero, and the price of the limit.
    pub(crate) terms: Vec<Term>,
    /// The sum of all of them, the limit's included, in basis points per 1 %.
    pub(crate) sum_bp: f64,
    /// The sum without the price of the limit, in objective per unit of weight.
    pub(crate) slope: f64,
    /// How far the condition is from holding, in objective per unit of weight.
    pub(crate) residual: f64,
}

/// The terms of `variable`, whether the decision admitted it or not; `None` for a trade that the policy does not know.
pub(crate) fn of(view: &View<'_>, variable: Variable) -> Option<Marginal> {
    let v = view.wide.variables.iter().position(|known| *known == variable)?;
    let parts = view.slopes.parts(&view.seen.book, &view.wide, v);
    let slope = parts.iter().fold(0.0, |sum, (_, value)| sum + value);
    let mut terms: Vec<Term> = parts
        .into_iter()
        .map(|(part, value)| Term {
            what: name(view, variable, part, value),
            bp: value * BP_PER_PERCENT,
            part: Some(part),
        })
        .collect();
    let admitted = view.seen.model.variables.contains(&variable);
    let state = Slopes::state(&view.seen.book, &view.run.outcome, variable);
    let (limit, residual) = match state {
        _ if !admitted => (Some(barred_name(view, variable)), 0.0),
        Some(AT_ZERO) => (Some("no more of it pays".to_owned()), max(-slope, 0.0)),
        Some(AT_UPPER) => (Some("lot used up".to_owned()), max(slope, 0.0)),
        _ => (None, samebits_canon::abs(slope)),
    };
    if let Some(what) = limit {
        terms.push(Term { what, bp: -slope * BP_PER_PERCENT, part: None });
    }
    let sum_bp = terms.iter().fold(0.0, |sum, term| sum + term.bp);
    terms.retain(|term| samebits_canon::abs(term.bp) > SMALLEST_BP);
    Some(Marginal { terms, sum_bp, slope, residual })
}

fn barred_name(view: &View<'_>, variable: Variable) -> String {
    match variable {
        Variable::Buy { .. } => "no more may be bought".to_owned(),
        Variable::Sell { .. } => "this lot may not be sold".to_owned(),
        Variable::Short { .. } => "no more may be sold short".to_owned(),
        Variable::Cover { security, .. } if view.seen.book.sides[security] == Side::Buy => {
            "kept short: the other side of the conflict".to_owned()
        }
        Variable::Cover { .. } => "this short lot may not be covered".to_owned(),
    }
}

fn name(view: &View<'_>, variable: Variable, part: Part, value: f64) -> String {
    let i = variable.security();
    let rows = &view.seen.model.rows;
    match part {
        Part::Tax => "tax".to_owned(),
        Part::Cost => "trading cost".to_owned(),
        Part::Borrow => "borrow fee".to_owned(),
        Part::Risk => "tracking error".to_owned(),
        Part::Cap if view.seen.policy.tracking_error_soft.is_some() => "tracking-error limit".to_owned(),
        Part::Cap => "tracking-error cap".to_owned(),
        Part::Reward => "expected return".to_owned(),
        Part::Bound => bound_name(view, i, value * sign(variable)).to_owned(),
        Part::Row(r) => rows.get(r).map_or_else(String::new, |row| row_name(row.kind, &row.name)),
    }
}

/// 1 where a trade raises the weight of its name, -1 where it lowers it.
pub(crate) fn sign(variable: Variable) -> f64 {
    if variable.pays() { 1.0 } else { -1.0 }
}

/// The bound of security `i` that a multiplier of this sign prices.
fn bound_name(view: &View<'_>, i: usize, multiplier: f64) -> &'static str {
    let book = &view.seen.book;
    match (multiplier >= 0.0, book.no_buy[i] == Some(NoBuy::Excluded)) {
        (_, true) => "exclusion",
        (true, false) => "weight cap",
        (false, false) if book.lower[i] < 0.0 => "largest short position",
        (false, false) => "nothing left to sell",
    }
}

pub(crate) fn row_name(kind: RowKind, name: &str) -> String {
    let of = |what: &str| if name.is_empty() { what.to_owned() } else { format!("{what} ({name})") };
    match kind {
        RowKind::Budget => of("cash"),
        RowKind::Factor => format!("factor limit {name}"),
        RowKind::Sector => format!("sector limit {name}"),
        RowKind::Turnover => "turnover limit".to_owned(),
        RowKind::GainBudget => of("gain budget"),
        RowKind::TrackingError => "tracking-error cap".to_owned(),
        RowKind::LongGross => "long gross limit".to_owned(),
        RowKind::ShortGross => "short gross limit".to_owned(),
        RowKind::Netting => of("piece of the year's tax"),
    }
}
