//! Forty-five days of every kind of account on the fixture, recorded once.

use samebits_canon::Isa;
use samebits_panel::{ActionSources, Actions, Panel};
use samebits_replay::Machine;
use samebits_replay::simulate::{
    AccountPlan, FIRST_SESSION, Settings, World, catalogue_accounts, method, simulate,
};
use samebits_snapshot::record::Run;
use samebits_store::{Filter, Store};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Kinds of accounts in the catalogue.
pub(crate) const KINDS: usize = 14;
const DAYS: usize = 45;

/// The store, with what owns its folder.
pub(crate) fn store() -> &'static (tempfile::TempDir, PathBuf) {
    static STORE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    STORE.get_or_init(|| {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
        let panel = Panel::load(&fixtures.join("prices")).unwrap();
        let actions = Actions::load(&ActionSources::sp100(&fixtures.join("market")), &panel.dates).unwrap();
        let world = World::complete(panel, &actions).unwrap();
        let accounts = plans(&world);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let machine = Machine { code: "test", name: "test", isa: Isa::detect(), clock: &|| 0 };
        let settings = Settings {
            days: DAYS,
            accounts: &accounts,
            threads: 2,
            machine,
            actor: "test",
            recorded_at: 1,
            method: method(),
            execution: None,
        };
        simulate(&world, &mut Store::create(&path).unwrap(), &settings, &mut |_| {}).unwrap();
        (folder, path)
    })
}

fn plans(world: &World) -> Vec<AccountPlan> {
    let mut plans = catalogue_accounts(world.panel().dates[FIRST_SESSION], KINDS).unwrap();
    for plan in &mut plans {
        // The catalogue's flows are months apart; here they all fall into the days that are simulated.
        for (day, _) in &mut plan.flows {
            *day = *day / 6 + 3;
        }
    }
    plans
}

pub(crate) fn open() -> Store {
    samebits_replay::open(&store().1).unwrap()
}

pub(crate) fn accounts() -> Vec<String> {
    let mut names: Vec<String> =
        open().list(&Filter::default()).unwrap().into_iter().map(|head| head.account).collect();
    names.sort();
    names.dedup();
    names
}

/// Every Run of an account, in order.
pub(crate) fn runs(account: &str) -> Vec<Run> {
    let store = open();
    let filter = Filter { account: Some(account.into()), ..Filter::default() };
    store.list(&filter).unwrap().iter().map(|head| store.get(&head.run_id).unwrap().run).collect()
}
