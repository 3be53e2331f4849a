//! Prices, events and accounts of a demo.

use super::Arguments;
use anyhow::{Context, Result};
use samebits_panel::{ActionSources, Actions, Bars, Characteristics, Panel};
use samebits_replay::simulate::{AccountPlan, FIRST_SESSION, World, catalogue_accounts_until, demo_accounts};
use samebits_units::Date;
use std::path::Path;

/// Which prices.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Prices {
    /// 100 names, 2017-02 to 2018-02.
    Sp100,
    /// 476 names, 2016.
    Sp500,
}

/// Kinds of accounts in the catalogue.
const KINDS: u8 = 14;
/// The year of the large demo.
const YEAR: i16 = 2016;

/// Everything that the demo reads.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) accounts: Vec<AccountPlan>,
    pub(super) bars: Option<Bars>,
}

impl Stage {
    pub(super) fn new(root: &Path, arguments: &Arguments) -> Result<Self> {
        let fixtures = root.join("fixtures");
        if arguments.execution.is_some() {
            let mut accounts = demo_accounts()?;
            accounts.truncate(arguments.accounts.unwrap_or(4).into());
            let folder = fixtures.join("prices");
            let world = factors(World::plain(Panel::load(&folder)?), arguments, &folder)?;
            let bars = Some(Bars::load(&fixtures.join("prices/sp100_251d_ohlcv.csv.zst"))?);
            return Ok(Self { world, accounts, bars });
        }
        let (world, most, folder) = match arguments.panel {
            Prices::Sp100 => {
                let folder = fixtures.join("prices");
                let panel = Panel::load(&folder)?;
                (complete(panel, &ActionSources::sp100(&fixtures.join("market")))?, KINDS, folder)
            }
            Prices::Sp500 => {
                let folder = arguments.data.as_deref().context("--panel sp500 needs --data DIR")?;
                let panel = year(&Panel::load_sp500(folder)?)?;
                (complete(panel, &ActionSources::sp500(folder))?, 40, folder.to_owned())
            }
        };
        let world = factors(world, arguments, &folder)?;
        let first = world.panel().dates.get(FIRST_SESSION).context("the panel is too short")?;
        // The last day that is simulated.
        let last = world.panel().dates.get(FIRST_SESSION + usize::from(arguments.days) - 1).unwrap_or(first);
        let count = arguments.accounts.unwrap_or(most).into();
        let accounts = catalogue_accounts_until(*first, *last, count)?;
        Ok(Self { world, accounts, bars: None })
    }
}

fn complete(panel: Panel, sources: &ActionSources) -> Result<World> {
    let actions = Actions::load(sources, &panel.dates)?;
    Ok(World::complete(panel, &actions)?)
}

/// With the characteristics asked for, else with those of the folder of prices, else without.
fn factors(world: World, arguments: &Arguments, folder: &Path) -> Result<World> {
    let table = match &arguments.characteristics {
        Some(file) => Some(Characteristics::load(file)?),
        None => Characteristics::beside(folder)?,
    };
    Ok(match table {
        Some(table) => world.with_characteristics(table),
        None => world,
    })
}

/// The sessions of the year and those before it that its first Run reads.
fn year(panel: &Panel) -> Result<Panel> {
    let day = |text: String| text.parse::<Date>().context("a date");
    let first = panel.dates.partition_point(|date| date.year() < YEAR);
    let start = first.checked_sub(FIRST_SESSION).context("the panel begins too late")?;
    let last = day(format!("{YEAR}-12-31"))?;
    panel.between(panel.dates[start], last).context("the panel has no session of the year")
}
