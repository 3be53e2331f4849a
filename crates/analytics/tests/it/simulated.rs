//! Real Runs, as the demo decides them: what the export derives is what the decision had.

use crate::columns::Value;
use crate::contents::{read, written};
use samebits_analytics::Lots;
use samebits_canon::Isa;
use samebits_panel::{ActionSources, Actions, Panel};
use samebits_replay::Machine;
use samebits_replay::simulate::{Settings, World, demo_accounts, simulate};
use samebits_snapshot::record::RowKind;
use samebits_store::{Filter, Store};
use std::path::Path;

fn number(value: &Value) -> f64 {
    match value {
        Value::Bits(bits) => f64::from_bits(*bits),
        other => panic!("{other:?}"),
    }
}

#[test]
fn exposures_are_those_of_the_recorded_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let prices = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/prices");
    let panel = Panel::load(&prices).unwrap();
    let actions = Actions::load(&ActionSources::sp100(&prices.join("../market")), &panel.dates).unwrap();
    let world = World::complete(panel, &actions).unwrap();
    let mut accounts = demo_accounts().unwrap();
    accounts.truncate(3);
    let settings = Settings {
        days: 3,
        accounts: &accounts,
        threads: 1,
        machine: Machine { code: "test", name: "test", isa: Isa::detect(), clock: &|| 0 },
        actor: "test",
        recorded_at: 1,
        method: samebits_replay::simulate::method(),
        execution: None,
    };
    simulate(&world, &mut Store::create(&path).unwrap(), &settings, &mut |_| {}).unwrap();
    let store = samebits_replay::open(&path).unwrap();
    let out = folder.path().join("out");
    let summary = written(samebits_replay::open(&path).unwrap(), &out, Filter::default(), Lots::Every);
    assert_eq!(summary.records, 9);
    let found = read(&out, "exposures").of(["run_id", "kind", "name", "portfolio"]);
    let (mut compared, mut same_bits) = (0, 0);
    for head in store.list(&Filter::default()).unwrap() {
        for row in &store.get(&head.run_id).unwrap().run.outcome.rows {
            let kind = match row.kind {
                RowKind::Factor => "factor",
                RowKind::Sector => "sector",
                _ => continue,
            };
            let wanted = [head.run_id.into(), kind.into(), Value::from(&row.name)];
            let [.., portfolio] = found.iter().find(|line| line[..3] == wanted).unwrap();
            assert!((number(portfolio) - row.final_value).abs() < 1e-9, "{kind} {}", row.name);
            compared += 1;
            same_bits += usize::from(number(portfolio) == row.final_value);
        }
    }
    // Whole shares at prices of cents: no value is rounded, and the order of the sum is that of the rows.
    assert!(compared > 50 && same_bits == compared, "{same_bits} of {compared}");
}
