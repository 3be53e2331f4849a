//! A few days of the demo's accounts.

use samebits_canon::Isa;
use samebits_panel::{ActionSources, Actions, Panel};
use samebits_replay::Machine;
use samebits_replay::simulate::{
    AccountPlan, FIRST_SESSION, Settings, Tally, World, catalogue_accounts, demo_accounts, simulate,
};
use samebits_snapshot::record::Method;
use samebits_store::{Filter, Store, StoredRun};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

pub(crate) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| World::plain(Panel::load(&fixtures().join("prices")).unwrap()))
}

/// Kinds of accounts in the catalogue.
pub(crate) const KINDS: usize = 14;

/// No test depends on time.
pub(crate) fn clock() -> u64 {
    0
}

pub(crate) fn machine(isa: Isa) -> Machine<'static> {
    Machine { code: "test", name: "test", isa, clock: &clock }
}

/// Simulates into a new store at `path`.
pub(crate) fn record(path: &Path, days: usize, threads: usize, isa: Isa) -> Vec<Tally> {
    record_by(second_method(), path, days, threads, isa)
}

/// The method of the first Runs.
pub(crate) fn first_method() -> Method {
    Method { solver: "clarabel/1".into(), rules: "rebalance/1".into(), tolerance: 1e-10, max_iterations: 200 }
}

/// The method of the Runs before the catalogue.
pub(crate) fn second_method() -> Method {
    Method { rules: "rebalance/2".into(), ..samebits_replay::simulate::method() }
}

/// As [`record`], by another method.
pub(crate) fn record_by(method: Method, path: &Path, days: usize, threads: usize, isa: Isa) -> Vec<Tally> {
    record_accounts(world(), &demo_accounts().unwrap(), method, path, (days, threads, isa))
}

/// The fixture's market with its corporate actions.
pub(crate) fn complete_world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let panel = Panel::load(&fixtures().join("prices")).unwrap();
        let actions = Actions::load(&ActionSources::sp100(&fixtures().join("market")), &panel.dates).unwrap();
        World::complete(panel, &actions).unwrap()
    })
}

/// Every kind of account of the catalogue, by the newest method.
pub(crate) fn record_catalogue(path: &Path, days: usize, threads: usize, isa: Isa) -> Vec<Tally> {
    let world = complete_world();
    let accounts = catalogue_accounts(world.panel().dates[FIRST_SESSION], KINDS).unwrap();
    let method = samebits_replay::simulate::method();
    record_accounts(world, &accounts, method, path, (days, threads, isa))
}

fn record_accounts(
    world: &World,
    accounts: &[AccountPlan],
    method: Method,
    path: &Path,
    (days, threads, isa): (usize, usize, Isa),
) -> Vec<Tally> {
    let mut store = Store::create(path).unwrap();
    let machine = machine(isa);
    let settings =
        Settings { days, accounts, threads, machine, actor: "test", recorded_at: 1, method, execution: None };
    simulate(world, &mut store, &settings, &mut |_| {}).unwrap()
}

/// Forty days of all accounts, recorded once: long enough for locks to open and close.
pub(crate) fn forty_days() -> &'static (tempfile::TempDir, PathBuf, Vec<Tally>) {
    static STORE: OnceLock<(tempfile::TempDir, PathBuf, Vec<Tally>)> = OnceLock::new();
    STORE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let tallies = record(&path, 40, 2, Isa::detect());
        (folder, path, tallies)
    })
}

/// Every Run of an account, in order.
pub(crate) fn runs(path: &Path, account: &str) -> Vec<StoredRun> {
    let store = samebits_replay::open(path).unwrap();
    let filter = Filter { account: Some(account.into()), ..Filter::default() };
    store.list(&filter).unwrap().iter().map(|head| store.get(&head.run_id).unwrap()).collect()
}
