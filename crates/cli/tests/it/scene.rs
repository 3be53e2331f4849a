//! A store of three days of two accounts, and the command that reads it.
#![allow(dead_code, reason = "shared with the test of killed workers")]

use samebits_canon::Isa;
use samebits_panel::{ActionSources, Actions, Panel};
use samebits_replay::Machine;
use samebits_replay::simulate::{Settings, World, demo_accounts, simulate};
use samebits_snapshot::record::{Holder, Jurisdiction, Realised};
use samebits_store::Store;
use samebits_units::{Bps, Money};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

pub(crate) fn store() -> &'static Path {
    static STORE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    &STORE
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("s.db");
            record(&path, 2, 3);
            (folder, path)
        })
        .1
}

/// Records some days of the demo's first accounts into a new store.
pub(crate) fn record(path: &Path, accounts: usize, days: usize) {
    let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/prices");
    let panel = Panel::load(&prices).unwrap();
    let actions = Actions::load(&ActionSources::sp100(&prices.join("../market")), &panel.dates).unwrap();
    let world = World::complete(panel, &actions).unwrap();
    let mut plans = demo_accounts().unwrap();
    plans.truncate(accounts);
    for account in &mut plans {
        account.holder = Some(holder());
    }
    let machine = Machine { code: "test", name: "test", isa: Isa::detect(), clock: &|| 0 };
    let settings = Settings {
        days,
        accounts: &plans,
        threads: 2,
        machine,
        actor: "test",
        recorded_at: 1,
        method: samebits_replay::simulate::method(),
        execution: None,
    };
    simulate(&world, &mut Store::create(path).unwrap(), &settings, &mut |_| {}).unwrap();
}

/// Gains elsewhere take every loss.
fn holder() -> Holder {
    Holder {
        jurisdiction: Jurisdiction::UnitedStates,
        profile: "test".into(),
        outside: Realised { short_term: Money::from_units(1_000_000).unwrap(), long_term: Money::ZERO },
        loss_value: Bps::ZERO,
        dividend_rate: Bps::ZERO,
    }
}

/// What a call printed and how it ended.
pub(crate) struct Call {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn samebits(store: &Path, arguments: &[&str]) -> Call {
    let output = Command::new(env!("CARGO_BIN_EXE_samebits"))
        .arg("--store")
        .arg(store)
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Call { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
}

pub(crate) fn json(arguments: &[&str]) -> serde_json::Value {
    let call = samebits(store(), &[&["--json"], arguments].concat());
    assert_eq!(call.code, 0, "{arguments:?}: {}", call.err);
    serde_json::from_str(&call.out).unwrap()
}

/// Calls the command on the good store: its exit code, and a part of what it prints.
pub(crate) fn check(arguments: &[&str], code: i32, part: &str) {
    let call = samebits(store(), arguments);
    let all = format!("{}{}", call.out, call.err);
    assert_eq!(call.code, code, "{arguments:?}: {all}");
    assert!(all.contains(part), "{arguments:?}: {all}");
}

/// The store in a folder, to be written to.
pub(crate) fn copy(folder: &Path) -> PathBuf {
    let path = folder.join("s.db");
    std::fs::copy(store(), &path).unwrap();
    path
}

/// Its exit code, and parts of what it prints.
pub(crate) fn expect(call: &Call, code: i32, parts: &[&str]) {
    let all = format!("{}{}", call.out, call.err);
    assert_eq!(call.code, code, "{all}");
    for part in parts {
        assert!(all.contains(part), "{part}: {all}");
    }
}
