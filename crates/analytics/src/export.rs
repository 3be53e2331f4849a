//! Which records are exported, in which order.

use crate::file::{TableFile, Written};
use crate::record::{Days, Place, Record};
use crate::tables::{Files, Row, State, exposures, lots, runs, tables, trades, weights};
use crate::{Error, Table};
use samebits_snapshot::record::Run;
use samebits_snapshot::{Digest, Hasher, Shared};
use samebits_store::{CorrectionHead, Filter, RunHead, Store};
use samebits_units::Date;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Version of the tables: another one when a column changes its meaning or leaves.
const VERSION: &str = "analytics/1";

/// Of which Runs the lots are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lots {
    /// Those of every Run.
    Every,
    /// Those of the last Run of each account in the range.
    Last,
}

/// What is to be exported, and where to.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The folder; made when it is not there.
    pub folder: &'a Path,
    /// Which Runs.
    pub filter: Filter,
    /// Whose lots.
    pub lots: Lots,
    /// Whether files of the tables' names are replaced.
    pub replace: bool,
}

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Runs and corrections.
    pub records: u64,
    /// The files.
    pub tables: Vec<Written>,
}

/// A Run of the list, without what `Store::get` tells again.
struct Listed {
    run_id: Digest,
    link: Digest,
    /// The last one of its account.
    last: bool,
    /// What took its place, and the place of that, and so on.
    corrections: Vec<CorrectionHead>,
}

/// Writes the Runs that fit, and their corrections, as Parquet files. `done` is told after each Run how many are done, and
/// how many there are.
///
/// Files appear under their names when all of them are complete, `runs` last; after an error none does. Every Run is
/// verified by the store as it is read.
///
/// # Errors
/// [`Error::Exists`] and [`Error::Unfinished`] unless files may be replaced, what the store says, and a record whose parts do
/// not fit one another.
pub fn export(store: Store, wanted: &Wanted<'_>, done: &mut dyn FnMut(u64, u64)) -> Result<Summary, Error> {
    // Runs of a day come one after another: one copy of their market and risk model is enough.
    let store = store.sharing(Arc::new(Shared::default()));
    let listed = list(&store, &wanted.filter)?;
    let facts = facts(wanted, &listed);
    std::fs::create_dir_all(wanted.folder)
        .map_err(|source| Error::File { path: wanted.folder.to_owned(), source })?;
    let mut export = Export { files: files(wanted, &facts)?, days: Days::default(), lots: wanted.lots };
    let mut records = 0;
    for (at, run) in (1..).zip(&listed) {
        records += export.run(&store, run)?;
        done(at, listed.len() as u64);
    }
    let Files { trades, lots, exposures, weights, runs } = export.files;
    let complete = [trades, lots, exposures, weights, runs].map(TableFile::complete);
    let complete = complete.into_iter().collect::<Result<Vec<_>, _>>()?;
    let tables = complete.into_iter().map(crate::file::Complete::keep).collect::<Result<_, _>>()?;
    Ok(Summary { records, tables })
}

/// The Runs that fit, by day, then account, and their corrections.
fn list(store: &Store, filter: &Filter) -> Result<Vec<Listed>, Error> {
    let corrections = store.corrections(filter.account.as_deref())?;
    let mut superseding: BTreeMap<Digest, CorrectionHead> =
        corrections.into_iter().map(|head| (head.supersedes, head)).collect();
    let heads = store.list(filter)?;
    let last: BTreeMap<&str, Digest> =
        heads.iter().map(|head| (head.account.as_str(), head.run_id)).collect();
    let listed = |head: &RunHead| {
        let last = last.get(head.account.as_str()) == Some(&head.run_id);
        let (mut at, mut corrections) = (head.run_id, Vec::new());
        // Each is taken once: a forged circle ends.
        while let Some(correction) = superseding.remove(&at) {
            at = correction.run_id;
            corrections.push(correction);
        }
        Listed { run_id: head.run_id, link: head.link, last, corrections }
    };
    Ok(heads.iter().map(listed).collect())
}

/// What the metadata of every file says: the same in the files of one export, and other records make another digest.
fn facts(wanted: &Wanted<'_>, listed: &[Listed]) -> Vec<(&'static str, String)> {
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let mut hasher = Hasher::new("samebits 2026 analytics records");
    for run in listed {
        for link in std::iter::once(&run.link).chain(run.corrections.iter().map(|head| &head.link)) {
            hasher.part(32, [link.as_bytes().as_slice()]);
        }
    }
    let lots = if wanted.lots == Lots::Every { "every" } else { "last" };
    vec![
        ("samebits.version", VERSION.to_owned()),
        ("samebits.from", day(wanted.filter.from)),
        ("samebits.to", day(wanted.filter.to)),
        ("samebits.account", wanted.filter.account.clone().unwrap_or_default()),
        ("samebits.lots", lots.to_owned()),
        ("samebits.records", hasher.finish().to_string()),
    ]
}

fn files(wanted: &Wanted<'_>, facts: &[(&str, String)]) -> Result<Files, Error> {
    let create = |table: Table| TableFile::create(wanted.folder, table, facts, wanted.replace);
    let [trades, lots, exposures, weights, runs] = tables();
    Ok(Files {
        trades: create(trades)?,
        lots: create(lots)?,
        exposures: create(exposures)?,
        weights: create(weights)?,
        runs: create(runs)?,
    })
}

struct Export {
    files: Files,
    days: Days,
    lots: Lots,
}

impl Export {
    /// A Run and its corrections; how many records these are.
    fn run(&mut self, store: &Store, listed: &Listed) -> Result<u64, Error> {
        let stored = store.get(&listed.run_id)?;
        let mut superseding = listed.corrections.iter().map(|head| head.run_id);
        let mut place = Place {
            run_id: listed.run_id,
            account: stored.head.account.as_str().into(),
            as_of: stored.head.as_of,
            superseded_by: superseding.next(),
            name: format!("{}/{}", stored.head.account, stored.head.sequence),
        };
        self.record(&place, &stored.run, &Row::of_run(&stored.head), listed.last)?;
        for head in &listed.corrections {
            let corrected = store.get_correction(&head.run_id)?;
            (place.run_id, place.superseded_by) = (head.run_id, superseding.next());
            let row = Row::of_correction(head, stored.head.sequence, &corrected.manifest);
            self.record(&place, &corrected.run, &row, listed.last)?;
        }
        Ok(1 + listed.corrections.len() as u64)
    }

    /// The rows of a record in every table.
    fn record(&mut self, place: &Place, run: &Run, row: &Row<'_>, last: bool) -> Result<(), Error> {
        let day = self.days.of(place, run)?;
        let record = Record::new(place, run, day)?;
        runs(&mut self.files.runs, &record, row)?;
        trades(&mut self.files.trades, &record)?;
        if last || self.lots == Lots::Every {
            lots(&mut self.files.lots, &record, State::Before)?;
        }
        if last {
            lots(&mut self.files.lots, &record, State::After)?;
        }
        exposures(&mut self.files.exposures, &record)?;
        weights(&mut self.files.weights, &record)
    }
}
