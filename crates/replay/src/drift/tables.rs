//! Today's tables, and what is rebuilt from them once for all Runs of a day.

use super::Obstacle;
use super::causes::{Correction, corrections};
use super::place::universe;
use super::rebuild::{self, Day};
use crate::Error;
use crate::simulate::{CHARACTERISTICS, World};
use samebits_canon::Isa;
use samebits_panel::{
    ActionSources, Actions, Characteristics, Panel, Revision, Sources, Vintage, load_revisions,
};
use samebits_snapshot::record::{Market, RiskModel};
use samebits_snapshot::{Digest, InputIds};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Days that are kept: Runs are worked on by day, so that a few are enough for any number of threads.
const DAYS_KEPT: usize = 16;

/// Which panel a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelName {
    /// 100 names: the files of `fixtures/prices`.
    Sp100,
    /// Five years of the S&P 500.
    Sp500,
}

/// Where tables are read from.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// Folder of closes, volumes and sectors.
    pub prices: &'a Path,
    /// What it holds.
    pub panel: PanelName,
    /// Folder of corporate actions; needed for Runs that pin some.
    pub actions: Option<&'a Path>,
    /// Characteristics; without it, those of the folder of prices, where it has some.
    pub characteristics: Option<&'a Path>,
    /// The vendor's corrections.
    pub corrections: Option<&'a Path>,
    /// Which of its two closes today's tables have in a corrected cell; without it, what the folder has.
    pub closes: Option<Vintage>,
}

type Key = (Digest, Digest);
type Slot = Arc<OnceLock<Result<Arc<Day>, Obstacle>>>;

/// Tables that a Run may have been recorded on, and the cells in which today's are others.
#[derive(Debug)]
pub(crate) struct Before {
    pub(crate) world: World,
    pub(crate) corrections: Vec<Correction>,
}

/// The tables of a universe.
#[derive(Debug)]
pub(crate) struct Worlds {
    pub(crate) today: World,
    /// With every correction undone, one way or another; the one that comes nearest to the record is believed.
    pub(crate) before: Vec<Before>,
    tickers: Vec<String>,
    complete: bool,
    characteristics: bool,
}

/// Today's tables.
#[derive(Debug)]
pub struct Tables {
    today: Panel,
    before: Vec<Panel>,
    actions: Option<Actions>,
    characteristics: Option<Characteristics>,
    isa: Isa,
    worlds: Mutex<Vec<Arc<Worlds>>>,
    days: Mutex<VecDeque<(Key, Slot)>>,
}

impl Tables {
    /// Tables without corrections and actions; kernels use `isa`.
    pub fn new(panel: Panel, isa: Isa) -> Self {
        let (worlds, days) = (Mutex::default(), Mutex::default());
        Self { today: panel, before: Vec::new(), actions: None, characteristics: None, isa, worlds, days }
    }

    /// With the corporate actions that a complete market has.
    #[must_use]
    pub fn with_actions(self, actions: Actions) -> Self {
        Self { actions: Some(actions), ..self }
    }

    /// With the characteristics that are further factors of the risk model.
    #[must_use]
    pub fn with_characteristics(self, table: Characteristics) -> Self {
        // What was rebuilt without them is of no use.
        let (worlds, days) = (Mutex::default(), Mutex::default());
        Self { characteristics: Some(table), worlds, days, ..self }
    }

    /// With the vendor's corrections. In a corrected cell these tables have the close of `closes`, or keep their own; the
    /// Runs were recorded on the earlier closes, on the later ones, or on these tables as they were before this call.
    #[must_use]
    pub fn with_corrections(self, revisions: &[Revision], closes: Option<Vintage>) -> Self {
        let of = |vintage| self.today.with_closes(revisions, vintage).0;
        let today = closes.map_or_else(|| self.today.clone(), of);
        let mut before = vec![of(Vintage::Earlier), of(Vintage::Later), self.today.clone()];
        before.retain(|panel| *panel != today);
        before.dedup();
        Self { today, before, ..self }
    }

    /// Reads the tables.
    ///
    /// # Errors
    /// [`Error::Panel`].
    pub fn read(files: &Files<'_>, isa: Isa) -> Result<Self, Error> {
        let (prices, actions): (_, fn(&Path) -> ActionSources) = match files.panel {
            PanelName::Sp100 => (Sources::sp100(files.prices), ActionSources::sp100),
            PanelName::Sp500 => (Sources::sp500(files.prices), ActionSources::sp500),
        };
        let panel = Panel::load_files(&prices)?;
        let actions =
            files.actions.map(|folder| Actions::load(&actions(folder), &panel.dates)).transpose()?;
        let mut tables = Self::new(panel, isa);
        tables.actions = actions;
        tables.characteristics = match files.characteristics {
            Some(file) => Some(Characteristics::load(file)?),
            None => Characteristics::beside(files.prices)?,
        };
        if let Some(file) = files.corrections {
            tables = tables.with_corrections(&load_revisions(file)?, files.closes);
        }
        Ok(tables)
    }

    /// The Run's day from these tables. Runs of one day share it.
    pub(crate) fn day(
        &self,
        market: &Market,
        risk: &RiskModel,
        ids: &InputIds,
    ) -> Result<Arc<Day>, Obstacle> {
        let key = (ids.market, ids.risk);
        let slot = {
            let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
            let known = days.iter().find(|(known, _)| *known == key).map(|(_, slot)| Arc::clone(slot));
            known.unwrap_or_else(|| {
                let slot = Slot::default();
                days.push_back((key, Arc::clone(&slot)));
                if days.len() > DAYS_KEPT {
                    days.pop_front();
                }
                slot
            })
        };
        slot.get_or_init(|| {
            let worlds = self.worlds(market, risk)?;
            rebuild::day((market, risk, ids), &worlds, self.isa).map(Arc::new)
        })
        .clone()
    }

    fn worlds(&self, market: &Market, risk: &RiskModel) -> Result<Arc<Worlds>, Obstacle> {
        let complete = !market.laws.is_empty();
        // A Run without characteristics is rebuilt without them, whatever the tables have by now.
        let characteristics = risk.recipe.settings.contains_key(CHARACTERISTICS);
        let fits = |worlds: &&Arc<Worlds>| {
            let tickers = market.securities.iter().map(|one| one.ticker.as_str());
            let same = worlds.complete == complete && worlds.characteristics == characteristics;
            same && tickers.eq(worlds.tickers.iter().map(String::as_str))
        };
        let mut all = self.worlds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = all.iter().find(fits) {
            return Ok(Arc::clone(found));
        }
        let today = universe(&self.today, &market.securities)?;
        let before = self.before.iter().map(|panel| {
            let panel = universe(panel, &market.securities)?;
            let corrections = corrections(&panel, &today);
            Ok(Before { world: self.world(panel, complete, characteristics)?, corrections })
        });
        let before = before.collect::<Result<_, Obstacle>>()?;
        let tickers = today.tickers().into_iter().map(str::to_owned).collect();
        let today = self.world(today, complete, characteristics)?;
        let worlds = Arc::new(Worlds { today, before, tickers, complete, characteristics });
        all.push(Arc::clone(&worlds));
        Ok(worlds)
    }

    fn world(&self, panel: Panel, complete: bool, characteristics: bool) -> Result<World, Obstacle> {
        let world = if complete {
            let actions = self.actions.as_ref().ok_or(Obstacle::NoActions)?;
            World::complete(panel, actions).map_err(|error| Obstacle::Failed(error.to_string()))?
        } else {
            World::plain(panel)
        };
        Ok(match &self.characteristics {
            Some(table) if characteristics => world.with_characteristics(table.clone()),
            _ => world,
        })
    }
}
