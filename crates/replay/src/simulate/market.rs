//! The market and risk model of a session, from the panel.

use super::benchmark;
use super::world::{self, World};
use crate::Error;
use ndarray::s;
use samebits_canon::Isa;
use samebits_panel::{Bar, Bars, Panel};
use samebits_riskmodel::{Characteristic, Recipe, RecipeValue, Scratch, Window};
use samebits_snapshot::PricePanel;
use samebits_snapshot::record::{
    ExecutionTape, FactorModel, Law, Market, Matrix32, Params, RiskModel, Schedule, Security, Setting,
    Source, Value,
};
use samebits_units::{Bps, Money, Price};
use std::collections::BTreeMap;

/// US federal law as far as rules `rebalance/1` read it: one-year holding period, wash-sale window of 30 days before and
/// after (section 1091 of the Internal Revenue Code), 3,000 of net loss against ordinary income (section 1211).
fn us_federal() -> Law {
    Law {
        id: "us-federal/2017".to_owned(),
        long_term_years: 1,
        wash_days: 30,
        loss_limit: Money::from_micros(3_000_000_000),
        system: None,
    }
}

/// Setting of a recorded recipe that names its characteristics; absent where it has none.
pub(crate) const CHARACTERISTICS: &str = "characteristics";

/// The market at the close of `session`, with the benchmark as of its last rebalance on or before it, counted from
/// session `origin`.
pub(crate) fn market(world: &World, session: usize, origin: usize) -> Result<Market, Error> {
    let panel = &world.adjusted;
    let step = benchmark::REBALANCE_SESSIONS;
    let rebalanced = origin + session.saturating_sub(origin) / step * step;
    let first = (rebalanced + 1).saturating_sub(benchmark::VOLUME_DAYS);
    let rows = s![first..=rebalanced, ..];
    let weights = benchmark::weights(panel.closes.slice(rows), panel.volumes.slice(rows));
    let security = |(at, listing): (usize, &samebits_panel::Listing)| Security {
        ticker: listing.ticker.clone(),
        sector: listing.sector,
        // The panel has one share class of each company: every name is a group of its own.
        identity_group: at as u32,
    };
    Ok(Market {
        as_of: panel.dates[session],
        currency: "USD".to_owned(),
        securities: panel.securities.iter().enumerate().map(security).collect(),
        sectors: panel.sectors.clone(),
        prices: world.quotes().closes.row(session).to_vec(),
        benchmark: benchmark::drifted(
            panel.dates[rebalanced],
            &weights,
            panel.closes.row(rebalanced),
            panel.closes.row(session),
        ),
        alpha: Vec::new(),
        borrow: if world.complete {
            world::borrow_fees(&benchmark::dollar_volumes(
                panel.closes.slice(rows),
                panel.volumes.slice(rows),
            ))
        } else {
            vec![Bps::ZERO; panel.securities.len()]
        },
        law: us_federal(),
        execution: None,
        laws: if world.complete { samebits_tax::laws(panel.dates[session])? } else { Vec::new() },
        actions: world.actions(session).to_vec(),
    })
}

/// The bars of a session, for the trades of the day before it.
pub(crate) fn execution(
    panel: &Panel,
    session: usize,
    bars: &Bars,
    schedule: Schedule,
) -> Result<ExecutionTape, Error> {
    let date = panel.dates[session];
    let names = panel.securities.iter();
    let found: Vec<Bar> = names
        .map(|listing| {
            let missing = || Error::NoBar { session: date, ticker: listing.ticker.clone() };
            bars.get(date, &listing.ticker).copied().ok_or_else(missing)
        })
        .collect::<Result<_, _>>()?;
    let prices = |of: fn(&Bar) -> Price| found.iter().map(of).collect::<Vec<_>>();
    Ok(ExecutionTape {
        rules: samebits_rebalance::MATCHING_RULES.to_owned(),
        schedule,
        session: date,
        open: prices(|bar| bar.open),
        high: prices(|bar| bar.high),
        low: prices(|bar| bar.low),
        close: prices(|bar| bar.close),
        volume: found.iter().map(|bar| bar.volume).collect(),
    })
}

/// The risk model of the window that ends at `session`, with the characteristics that were known then as further factors.
pub(crate) fn risk(
    world: &World,
    session: usize,
    market: &Market,
    isa: Isa,
    scratch: &mut Scratch,
) -> Result<RiskModel, Error> {
    let panel = world.panel();
    let known = world.characteristics(session);
    let recipe = if known.is_empty() { Recipe::default() } else { Recipe::with_characteristics() };
    let columns = known.iter().map(|column| Characteristic { name: &column.name, values: &column.values });
    let columns: Vec<Characteristic<'_>> = columns.collect();
    let rows = s![..=session, ..];
    let window = Window {
        dates: &panel.dates[..=session],
        prices: panel.closes.slice(rows),
        volumes: panel.volumes.slice(rows),
        weights: &market.benchmark.weights,
    };
    let model = samebits_riskmodel::RiskModel::build_with(isa, &recipe, &window, &columns, scratch)?;
    let (n, k) = (model.names, model.factors.len());
    let matrix = |rows, cols, values| Matrix32 { rows, cols, values };
    Ok(RiskModel {
        recipe: settings(&recipe, model.intensity, &columns),
        factors: model.factors,
        sigma: matrix(n, n, model.sigma),
        loadings: matrix(n, k, model.loadings),
        factor_model: FactorModel {
            covariance: matrix(k + 1, k + 1, model.factor_form.covariance),
            specific: matrix(n, 1, model.factor_form.specific),
        },
    })
}

/// The closes that the covariance of `session` is made of.
pub(crate) fn window(panel: &Panel, session: usize) -> PricePanel {
    let sessions = Recipe::default().sessions();
    let rows = panel.closes.slice(s![session + 1 - sessions..=session, ..]);
    PricePanel { sessions, names: rows.ncols(), closes: rows.iter().copied().collect() }
}

/// The recipe as data of the Run, with the intensity that came out and the names of the characteristics, where there are any.
fn settings(recipe: &Recipe, intensity: f64, characteristics: &[Characteristic<'_>]) -> Params {
    let value = |value: RecipeValue| match value {
        RecipeValue::Integer(value) => Value::Integer(value),
        RecipeValue::Real(value) => Value::Real(value),
        RecipeValue::Text(value) => Value::Text(value),
    };
    let entries = recipe.entries().into_iter().map(|(name, found)| (name, value(found)));
    let names: Vec<String> = characteristics.iter().map(|one| one.name.to_owned()).collect();
    let names = (!names.is_empty()).then_some((CHARACTERISTICS, Value::List(names)));
    let all = entries.chain([("shrinkage_intensity", Value::Real(intensity))]).chain(names);
    let setting =
        |(name, value): (&str, Value)| (name.to_owned(), Setting { value, source: Source::Default });
    Params { settings: all.map(setting).collect::<BTreeMap<_, _>>() }
}
