//! The marginal terms of a trade.

use super::View;
use samebits_canon::max;
use samebits_rebalance::Variable;
use samebits_snapshot::record::RowKind;
use serde::Serialize;

/// One term of the stationarity condition of a trade.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// What speaks.
    pub what: String,
    /// Basis points of net asset value per 1 % traded; negative speaks for the trade.
    pub bp: f64,
}

/// Per unit of weight and unit of objective to basis points per 1 %.
const BP_PER_PERCENT: f64 = 100.0;
/// Terms smaller than this many basis points are left out.
const SMALLEST_BP: f64 = 1e-9;

/// The parts of the gradient with respect to each weight.
pub(crate) struct Marginals {
    /// `gamma Sigma d`, and the part of a binding tracking-error cap.
    risk: Vec<f64>,
    cap: Vec<f64>,
}

impl Marginals {
    pub(crate) fn new(view: &View<'_>) -> Self {
        let (problem, outcome) = (&view.model.problem, &view.run.outcome);
        let d = problem.active(&outcome.weights);
        let gradient = problem.risk_gradient(&d);
        let error = max(samebits_canon::dot(&d, &gradient), 0.0).sqrt();
        let cap = outcome
            .rows
            .iter()
            .find(|row| row.kind == RowKind::TrackingError)
            .map_or(0.0, |row| row.multiplier);
        let curvature = if error > 0.0 { cap / error } else { 0.0 };
        Self {
            risk: gradient.iter().map(|g| problem.gamma * g).collect(),
            cap: gradient.iter().map(|g| curvature * g).collect(),
        }
    }

    /// What speaks in one more unit of weight of security `i`.
    fn weight(&self, view: &View<'_>, i: usize) -> Vec<(String, f64)> {
        let outcome = &view.run.outcome;
        let mut terms =
            vec![("tracking error".to_owned(), self.risk[i]), ("tracking-error cap".to_owned(), self.cap[i])];
        for (row, limits) in outcome.rows.iter().zip(&view.model.problem.rows) {
            if let Some(a) = limits.on_weights.get(i) {
                terms.push((row_name(row.kind, &row.name), row.multiplier * a));
            }
        }
        terms.push(("weight bound".to_owned(), outcome.bound_multipliers[i]));
        terms
    }

    fn finish(terms: Vec<(String, f64)>, sign: f64, own: Vec<(String, f64)>) -> Vec<Term> {
        let weighted = terms.into_iter().map(|(what, value)| (what, sign * value));
        let mut merged: Vec<Term> = Vec::new();
        for (what, value) in own.into_iter().chain(weighted) {
            let bp = value * BP_PER_PERCENT;
            match merged.iter_mut().find(|term| term.what == what) {
                Some(term) => term.bp += bp,
                None => merged.push(Term { what, bp }),
            }
        }
        merged.retain(|term| samebits_canon::abs(term.bp) > SMALLEST_BP);
        merged
    }

    /// Terms of buying security `i`, whether it may be bought or not.
    pub(crate) fn buy(&self, view: &View<'_>, i: usize) -> Vec<Term> {
        let cost = samebits_units::rate::factor(view.policy.buy_cost);
        let mut own = vec![("trading cost".to_owned(), cost)];
        for (row, limits) in view.run.outcome.rows.iter().zip(&view.model.problem.rows) {
            let on_trade = match row.kind {
                RowKind::Budget => cost,
                RowKind::Turnover if !limits.on_trades.is_empty() => 1.0,
                _ => 0.0,
            };
            own.push((row_name(row.kind, &row.name), row.multiplier * on_trade));
        }
        Self::finish(self.weight(view, i), 1.0, own)
    }

    /// Terms of selling the lot of rank `rank` of security `i`; `None` for a lot that may not be sold.
    pub(crate) fn sell(&self, view: &View<'_>, i: usize, rank: usize) -> Option<Vec<Term>> {
        let wanted = Variable::Sell { security: i, rank };
        let variable = view.model.variables.iter().position(|known| *known == wanted)?;
        let tax = view.book.lots[i][rank].tax;
        let cost = view.model.problem.trades[variable].cost - tax;
        let mut own = vec![("tax".to_owned(), tax), ("trading cost".to_owned(), cost)];
        for (row, limits) in view.run.outcome.rows.iter().zip(&view.model.problem.rows) {
            if let Some(a) = limits.on_trades.get(variable) {
                own.push((row_name(row.kind, &row.name), row.multiplier * a));
            }
        }
        Some(Self::finish(self.weight(view, i), -1.0, own))
    }
}

pub(crate) fn row_name(kind: RowKind, name: &str) -> String {
    match kind {
        RowKind::Budget => format!("cash ({name})"),
        RowKind::Factor => format!("factor limit {name}"),
        RowKind::Sector => format!("sector limit {name}"),
        RowKind::Turnover => "turnover limit".to_owned(),
        RowKind::GainBudget => "gain budget".to_owned(),
        RowKind::TrackingError => "tracking-error cap".to_owned(),
        RowKind::LongGross => "long gross limit".to_owned(),
        RowKind::ShortGross => "short gross limit".to_owned(),
        RowKind::Netting => format!("piece of the year's tax ({name})"),
    }
}
