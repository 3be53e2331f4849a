//! What a simulation takes from outside: quotes, corporate actions, and what is made up for want of data.

use crate::Error;
use samebits_panel::{ActionKind as Kind, Actions, CharacteristicColumn, Characteristics, Panel, Splits};
use samebits_snapshot::record::{Action, ActionKind};
use samebits_units::{Bps, Price, rate};
use std::collections::BTreeMap;

/// Returns in the window of the risk model, hence sessions before the first Run.
pub const FIRST_SESSION: usize = 504;

/// A spin-off whose parent fell by less than this is not seen in its price.
const SEEN_FALL: i32 = -30_000;

/// Quotes and events of a span of sessions. The first Run is at session [`FIRST_SESSION`].
#[derive(Debug, Clone)]
pub struct World {
    /// Adjusted for splits: what the risk model and the benchmark are made of.
    pub(crate) adjusted: Panel,
    /// As quoted on the day; absent when the two are the same.
    traded: Option<Panel>,
    /// By session.
    actions: Vec<Vec<Action>>,
    /// Tax laws, borrow fees and expected returns are part of the market.
    pub(crate) complete: bool,
    /// Rows of actions that are not simulated.
    left_out: Vec<String>,
    /// Further factors of the risk model.
    characteristics: Option<Characteristics>,
}

impl World {
    /// Adjusted quotes alone: no corporate action, no borrow fee, one tax law. For Runs of the rules before the third.
    pub fn plain(panel: Panel) -> Self {
        let actions = vec![Vec::new(); panel.dates.len()];
        Self {
            adjusted: panel,
            traded: None,
            actions,
            complete: false,
            left_out: Vec::new(),
            characteristics: None,
        }
    }

    /// Quotes as they were on the day, corporate actions, the laws of four countries, borrow fees and expected returns.
    ///
    /// A spin-off is worth what its parent's close fell by on the day, and its shares are sold at that; the basis is
    /// divided in the same proportion. Mergers are left out, as are spin-offs that the price does not show.
    ///
    /// # Errors
    /// A price that does not fit.
    pub fn complete(panel: Panel, actions: &Actions) -> Result<Self, Error> {
        let traded = panel.as_traded(&Splits::of(&actions.rows))?;
        let mut world = Self {
            actions: vec![Vec::new(); panel.dates.len()],
            adjusted: panel,
            traded: Some(traded),
            complete: true,
            left_out: Vec::new(),
            characteristics: None,
        };
        let columns: BTreeMap<String, usize> =
            world.adjusted.columns().into_iter().map(|(ticker, at)| (ticker.to_owned(), at)).collect();
        for row in &actions.rows {
            let Some(&security) = columns.get(&row.ticker) else { continue };
            // An ex-date between sessions takes effect on the next one.
            let session = world.adjusted.dates.partition_point(|date| *date < row.ex_date);
            if session == 0 || session >= world.adjusted.dates.len() {
                continue;
            }
            match world.kind(&row.kind, session, security) {
                Some(kind) => {
                    let (day, ticker) = (row.ex_date, &row.ticker);
                    let id = format!("{day}/{ticker}/{}", name(&kind));
                    world.actions[session].push(Action { id, security: security as u32, kind });
                }
                None => world.left_out.push(format!("{} {}", row.ex_date, row.ticker)),
            }
        }
        Ok(world)
    }

    /// With characteristics as further factors: the risk model of a day is that of the recipe with characteristics from
    /// the first day on which one of them tells two names apart.
    #[must_use]
    pub fn with_characteristics(self, table: Characteristics) -> Self {
        Self { characteristics: Some(table), ..self }
    }

    /// The characteristics as they were known at the close of `session`: of each ticker the latest value dated on or
    /// before the day. Those that tell no two names apart are left out: they are no factor yet.
    pub(crate) fn characteristics(&self, session: usize) -> Vec<CharacteristicColumn> {
        let Some(table) = &self.characteristics else { return Vec::new() };
        let mut known = table.on(self.adjusted.dates[session], &self.adjusted.tickers());
        known.retain(|column| {
            let mut values = column.values.iter().flatten();
            let first = values.next();
            values.any(|value| Some(value) != first)
        });
        known
    }

    fn kind(&self, kind: &Kind, session: usize, security: usize) -> Option<ActionKind> {
        match kind {
            Kind::Split { new, old, .. } => Some(ActionKind::Split { new: *new, old: *old }),
            Kind::CashDividend { amount } => Some(ActionKind::Dividend { amount: *amount, special: false }),
            Kind::SpecialDividend { amount } => Some(ActionKind::Dividend { amount: *amount, special: true }),
            Kind::SpinOff { price_return, .. } if price_return.hundredths() < SEEN_FALL => {
                let part = Bps::from_hundredths(-price_return.hundredths());
                let before = self.quotes().closes[[session - 1, security]];
                let fall = rate::price(before) * rate::factor(part);
                let value = Price::from_e8((fall * 1e8).round() as i64);
                Some(ActionKind::SpinOff { into: None, new: 1, old: 1, basis: part, value })
            }
            _ => None,
        }
    }

    /// Closes and volumes as quoted on the day.
    pub(crate) fn quotes(&self) -> &Panel {
        self.traded.as_ref().unwrap_or(&self.adjusted)
    }

    /// Actions that take effect on `session`.
    pub(crate) fn actions(&self, session: usize) -> &[Action] {
        &self.actions[session]
    }

    /// The panel that the risk model is made of: closes adjusted for splits.
    pub fn panel(&self) -> &Panel {
        &self.adjusted
    }

    /// Rows of the tables of actions that are not simulated, as `date ticker`.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Cash and spun-off value a share of each security on `session`, as a fraction of the close before.
    pub fn distributed(&self, session: usize) -> Vec<f64> {
        let mut parts = vec![0.0; self.adjusted.securities.len()];
        for action in self.actions(session) {
            let at = action.security as usize;
            let amount = match action.kind {
                ActionKind::Dividend { amount, .. } | ActionKind::ReturnOfCapital { amount } => amount,
                ActionKind::SpinOff { value, .. } => value,
                _ => continue,
            };
            parts[at] += rate::price(amount) / rate::price(self.quotes().closes[[session - 1, at]]);
        }
        parts
    }
}

fn name(kind: &ActionKind) -> &'static str {
    match kind {
        ActionKind::Split { .. } => "split",
        ActionKind::Dividend { special: false, .. } => "dividend",
        ActionKind::Dividend { special: true, .. } => "special-dividend",
        ActionKind::SpinOff { .. } => "spin-off",
        ActionKind::ReturnOfCapital { .. } => "return-of-capital",
        ActionKind::Merger { .. } => "merger",
        ActionKind::SymbolChange { .. } => "symbol-change",
    }
}

/// Borrow fees, made up for want of data: 40 bp a year, 150 bp for the tenth of the names with the least dollar volume.
pub(crate) fn borrow_fees(volumes: &[f64]) -> Vec<Bps> {
    let mut order: Vec<usize> = (0..volumes.len()).collect();
    order.sort_by(|&a, &b| volumes[a].total_cmp(&volumes[b]).then(a.cmp(&b)));
    let mut fees = vec![Bps::from_hundredths(4_000); volumes.len()];
    for &at in order.iter().take(volumes.len() / 10) {
        fees[at] = Bps::from_hundredths(15_000);
    }
    fees
}

/// Sessions that a pair's returns are compared over.
const PAIR_SESSIONS: usize = 21;
/// Part of the difference that is expected to come back within a year.
const REVERSION: f64 = 1.0;
/// Largest expected return.
const MOST_EXPECTED: f64 = 0.20;

/// Expected returns, for a sleeve to have something to decide on: each name is paired with the name of its sector that it
/// correlates with most, and part of what it gained on its partner over a month is expected to come back.
///
/// `sigma` is the day's covariance, `n x n`, row-major.
pub(crate) fn pair_reversion(panel: &Panel, session: usize, sigma: &[f32]) -> Vec<f64> {
    let n = panel.securities.len();
    let deviation: Vec<f64> = (0..n).map(|i| f64::from(sigma[i * n + i]).sqrt()).collect();
    let month = |i: usize| {
        let (then, now) = (panel.closes[[session - PAIR_SESSIONS, i]], panel.closes[[session, i]]);
        rate::price(now) / rate::price(then) - 1.0
    };
    let partner = |i: usize| {
        let same = |j: &usize| *j != i && panel.securities[*j].sector == panel.securities[i].sector;
        let correlation = |j: usize| f64::from(sigma[i * n + j]) / (deviation[i] * deviation[j]);
        (0..n).filter(same).max_by(|&a, &b| correlation(a).total_cmp(&correlation(b)).then(b.cmp(&a)))
    };
    let expected = |i: usize| {
        let gained = partner(i).map_or(0.0, |j| month(i) - month(j));
        samebits_canon::max(samebits_canon::min(-REVERSION * gained, MOST_EXPECTED), -MOST_EXPECTED)
    };
    (0..n).map(expected).collect()
}
