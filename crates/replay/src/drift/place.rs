//! Where a Run lies in today's tables: its session, its benchmark's rebalance, its universe.

use super::Obstacle;
use crate::simulate::{METHODOLOGY, VOLUME_DAYS};
use samebits_panel::Panel;
use samebits_snapshot::record::{Market, RiskModel, Security, Value};
use samebits_units::Date;
use std::collections::BTreeSet;

/// A Run's day in a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its session.
    pub(crate) session: usize,
    /// The session that its benchmark was rebalanced on. Rebalances are a fixed number of sessions apart, so that any of
    /// them is an origin that gives the later ones.
    pub(crate) origin: usize,
}

impl Place {
    pub(crate) fn of(market: &Market, panel: &Panel) -> Result<Self, Obstacle> {
        let found = &market.benchmark;
        if found.id != METHODOLOGY {
            return Err(Obstacle::OtherMethodology { found: found.id.clone(), known: METHODOLOGY });
        }
        let at = |what, date| panel.day_index(date).ok_or(Obstacle::NoSession { what, date });
        let session = at("the day of the Run", market.as_of)?;
        let what = "the day of its benchmark's rebalance";
        let origin = at(what, found.rebalanced)?;
        if origin > session {
            return Err(Obstacle::NoSession { what, date: found.rebalanced });
        }
        Ok(Self { session, origin })
    }
}

/// What each part of a Run has read, as spans of days.
pub(crate) struct Reads {
    pub(crate) prices: Vec<(Date, Date)>,
    pub(crate) benchmark: Vec<(Date, Date)>,
    pub(crate) risk: Vec<(Date, Date)>,
    pub(crate) terms: Vec<(Date, Date)>,
}

impl Reads {
    /// `rebalanced` is the rebalance day of the rebuilt benchmark.
    pub(crate) fn of(place: Place, rebalanced: Date, risk: &RiskModel, panel: &Panel) -> Self {
        let day = panel.dates[place.session];
        let back = |from: usize, sessions: usize| panel.dates[from.saturating_sub(sessions)];
        let returns = match risk.recipe.settings.get("window_days").map(|setting| &setting.value) {
            Some(Value::Integer(days)) => usize::try_from(*days).unwrap_or(usize::MAX),
            _ => place.session,
        };
        let at = panel.day_index(rebalanced).unwrap_or(place.origin);
        let volumes = (back(at, VOLUME_DAYS - 1), rebalanced);
        Self {
            prices: vec![(day, day)],
            benchmark: vec![volumes, (day, day)],
            // The benchmark's window lies inside: its weights are the market's in the loadings.
            risk: vec![(back(place.session, returns), day), volumes],
            // Borrow fees go by dollar volume; a spin-off is valued at the close before.
            terms: vec![volumes, (back(place.session, 1), day)],
        }
    }
}

/// The columns of `panel` that the Run's securities are, in the Run's order.
pub(crate) fn universe(panel: &Panel, securities: &[Security]) -> Result<Panel, Obstacle> {
    if securities.iter().map(|security| security.ticker.as_str()).eq(panel.tickers()) {
        return Ok(panel.clone());
    }
    let columns = panel.columns();
    let missing: Vec<String> = securities
        .iter()
        .filter(|security| !columns.contains_key(security.ticker.as_str()))
        .map(|security| security.ticker.clone())
        .collect();
    if !missing.is_empty() {
        return Err(Obstacle::MissingTickers { tickers: missing });
    }
    let kept: Vec<usize> = securities.iter().map(|security| columns[security.ticker.as_str()]).collect();
    // As a panel of these names alone would number its sectors.
    let used: BTreeSet<u32> = kept.iter().map(|&column| panel.securities[column].sector).collect();
    let listing = |column: &usize| {
        let mut listing = panel.securities[*column].clone();
        listing.sector = used.iter().take_while(|sector| **sector < listing.sector).count() as u32;
        listing
    };
    Ok(Panel {
        dates: panel.dates.clone(),
        securities: kept.iter().map(listing).collect(),
        sectors: used.iter().map(|&sector| panel.sectors[sector as usize].clone()).collect(),
        closes: panel.closes.select(ndarray::Axis(1), &kept),
        volumes: panel.volumes.select(ndarray::Axis(1), &kept),
    })
}
