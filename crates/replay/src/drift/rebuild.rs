//! A Run's market and risk model from today's tables, by the functions that the simulation records with.

use super::causes::{Cause, causes};
use super::changes::{self, Changes, Part, PartChange};
use super::place::{Place, Reads};
use super::tables::Worlds;
use super::{Correction, Obstacle};
use crate::Error;
use crate::simulate::{self, World};
use samebits_canon::Isa;
use samebits_riskmodel::Scratch;
use samebits_snapshot::record::{Account, Market, Params, RiskModel, Setting, Value};
use samebits_snapshot::{DaySections, InputIds};
use samebits_units::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A day rebuilt: what decisions are made on, and how it differs from the record.
#[derive(Debug)]
pub(crate) struct Day {
    /// Prices of rescaled securities are in the Run's units.
    pub(crate) market: Market,
    pub(crate) risk: RiskModel,
    pub(crate) changes: Arc<Changes>,
}

pub(crate) struct Built {
    pub(crate) market: Market,
    pub(crate) risk: RiskModel,
}

/// The bars of an execution are the record's own: no table has them.
fn build(world: &World, place: Place, recorded: &Market, isa: Isa) -> Result<Built, Error> {
    let mut market = simulate::market(world, place.session, place.origin)?;
    market.execution.clone_from(&recorded.execution);
    let risk = simulate::risk(world, place.session, &market, isa, &mut Scratch::default())?;
    if !recorded.alpha.is_empty() {
        market.alpha = simulate::pair_reversion(world.panel(), place.session, &risk.sigma.values);
    }
    Ok(Built { market, risk })
}

pub(crate) fn day(
    (market, risk, ids): (&Market, &RiskModel, &InputIds),
    worlds: &Worlds,
    isa: Isa,
) -> Result<Day, Obstacle> {
    let failed = |error: Error| Obstacle::Failed(error.to_string());
    let panel = worlds.today.panel();
    let place = Place::of(market, panel)?;
    let built = build(&worlds.today, place, market, isa).map_err(failed)?;
    same_recipe(risk, &built.risk)?;
    let mut changes = changes::compare((market, risk), &built, &[]).map_err(failed)?;
    changes.same = same_ids(&built, ids).map_err(failed)?;
    if !changes.same {
        let (left, corrections) = undo((market, risk), worlds, place, isa).map_err(failed)?;
        changes = changes::compare((market, risk), &built, corrections).map_err(failed)?;
        explain(&mut changes, left.as_ref());
        let reads = Reads::of(place, built.market.benchmark.rebalanced, &built.risk, panel);
        let tickers: BTreeSet<&str> = panel.tickers().into_iter().collect();
        for change in &mut changes.parts {
            change.causes = of_part(change.part, &reads, corrections, &tickers);
        }
    }
    let mut decided = built.market;
    changes::keep_units(&mut decided, &changes.rescaled);
    Ok(Day { market: decided, risk: built.risk, changes: Arc::new(changes) })
}

/// Whether the rebuilt market and risk model have the recorded bits.
fn same_ids(built: &Built, ids: &InputIds) -> Result<bool, Error> {
    // Account and params are no part of a day: any will do.
    let any = (Account::default(), Params::default());
    let now = DaySections::new(&built.market, &built.risk)?.input_ids(&any.0, &any.1)?;
    Ok(now.market == ids.market && now.risk == ids.risk)
}

/// What still differs from the record when the corrections are undone, and the corrections: of the ways to undo them the one
/// that leaves the fewest parts different. `None` where the tables have no corrections.
fn undo<'a>(
    (market, risk): (&Market, &RiskModel),
    worlds: &'a Worlds,
    place: Place,
    isa: Isa,
) -> Result<(Option<Changes>, &'a [Correction]), Error> {
    let mut best: Option<(Changes, &[Correction])> = None;
    for before in &worlds.before {
        let built = build(&before.world, place, market, isa)?;
        let left = changes::compare((market, risk), &built, &[])?;
        if best.as_ref().is_none_or(|(known, _)| left.parts.len() < known.parts.len()) {
            best = Some((left, &before.corrections));
        }
        if best.as_ref().is_some_and(|(known, _)| known.parts.is_empty()) {
            break;
        }
    }
    Ok(best.map_or((None, &[]), |(left, corrections)| (Some(left), corrections)))
}

/// Marks what no correction explains: what differs although they are undone, and everything where there are none.
fn explain(changes: &mut Changes, left: Option<&Changes>) {
    for change in &mut changes.parts {
        change.unexplained = left.is_none_or(|left| left.parts.iter().any(|one| one.part == change.part));
    }
    for price in &mut changes.prices {
        price.unexplained = left.is_none_or(|left| left.prices.iter().any(|one| one.ticker == price.ticker));
    }
}

fn of_part(part: Part, reads: &Reads, corrections: &[Correction], tickers: &BTreeSet<&str>) -> Vec<Cause> {
    let spans: &[(Date, Date)] = match part {
        Part::Prices => &reads.prices,
        Part::Benchmark => &reads.benchmark,
        Part::Risk | Part::Alpha => &reads.risk,
        Part::Terms => &reads.terms,
    };
    causes(corrections, tickers, spans)
}

/// The recipe is a constant of the engine; only the intensity comes out of the data.
fn same_recipe(recorded: &RiskModel, now: &RiskModel) -> Result<(), Obstacle> {
    let (then, now) = (&recorded.recipe.settings, &now.recipe.settings);
    let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let value =
        |of: &BTreeMap<String, Setting>, name: &String| of.get(name).map(|setting| setting.value.clone());
    let differs = |name: &&&String| {
        name.as_str() != changes::INTENSITY
            && !same_value(value(then, name).as_ref(), value(now, name).as_ref())
    };
    match names.iter().find(differs) {
        None => Ok(()),
        Some(name) => Err(Obstacle::OtherRecipe { setting: (*name).clone() }),
    }
}

fn same_value(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(Value::Real(a)), Some(Value::Real(b))) => a.to_bits() == b.to_bits(),
        _ => a == b,
    }
}

impl PartChange {
    pub(crate) fn new(part: Part) -> Self {
        Self { part, causes: Vec::new(), unexplained: false }
    }
}
