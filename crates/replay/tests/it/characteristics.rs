//! Characteristics as factors of a simulation: pinned, replayed, limited, tilted, and never known before their day.
//!
//! The table is made up: a pattern over the alphabet of tickers, which says nothing about any firm.

use crate::scene::{clock, fixtures, machine, runs, world};
use samebits_canon::Isa;
use samebits_panel::{Characteristics, Panel, read_characteristics};
use samebits_replay::drift::{Finding, Tables, drift};
use samebits_replay::simulate::{
    AccountPlan, FIRST_SESSION, Settings, World, demo_accounts, method, simulate,
};
use samebits_replay::{Backend, Verdict, replay};
use samebits_riskmodel::{FACTORS, Recipe};
use samebits_snapshot::record::{RowKind, Run, Value};
use samebits_store::{Filter, Store, StoredRun};
use samebits_units::Date;
use std::fmt::Write;

/// A name without a value.
const UNKNOWN: usize = 7;

fn tickers() -> Vec<String> {
    world().panel().tickers().into_iter().map(str::to_owned).collect()
}

fn session(at: usize) -> Date {
    world().panel().dates[FIRST_SESSION + at]
}

/// Made-up values: a permutation of the names, another one for `profitability`.
fn invented(name: &str, at: usize) -> usize {
    let step = if name == "value" { 37 } else { 59 };
    at * step % 101
}

/// Rows of both characteristics published on `day`; the values of `value` are turned round where `turned`.
fn rows(day: Date, turned: bool) -> String {
    let mut text = String::new();
    for (at, ticker) in tickers().iter().enumerate().filter(|(at, _)| *at != UNKNOWN) {
        for name in ["profitability", "value"] {
            let found = invented(name, at);
            let found = if turned { 101 - found } else { found };
            writeln!(text, "{day},{ticker},{name},0.{found:03}").unwrap();
        }
    }
    text
}

fn table(rows: &str) -> Characteristics {
    let text = format!("date,ticker,characteristic,value\n{rows}");
    read_characteristics("made-up.csv", text.as_bytes()).unwrap()
}

/// Published long before the first Run.
fn early() -> String {
    rows("2016-03-01".parse().unwrap(), false)
}

fn account(values: &[(&str, Value)]) -> AccountPlan {
    let mut plan = demo_accounts().unwrap().swap_remove(1);
    let own = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    plan.layers.last_mut().unwrap().values.extend(own);
    plan
}

/// The Runs of some days of an account.
fn simulated(world: &World, plan: AccountPlan, days: usize) -> Vec<StoredRun> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = Store::create(&path).unwrap();
    let id = plan.id.clone();
    let settings = Settings {
        days,
        accounts: &[plan],
        threads: 1,
        machine: machine(Isa::detect()),
        actor: "test",
        recorded_at: 1,
        method: method(),
        execution: None,
    };
    simulate(world, &mut store, &settings, &mut |_| {}).unwrap();
    drop(store);
    let store = samebits_replay::open(&path).unwrap();
    assert_eq!(store.list(&Filter::default()).unwrap().len(), days);
    runs(&path, &id)
}

fn with(rows: &str) -> World {
    world().clone().with_characteristics(table(rows))
}

fn loadings(run: &Run, factor: &str) -> Vec<f64> {
    let risk = &run.inputs.risk;
    let at = risk.factors.iter().position(|name| name == factor).unwrap();
    let k = risk.factors.len();
    risk.loadings.values.chunks_exact(k).map(|row| f64::from(row[at])).collect()
}

/// Exposure to `value` of the weights less the benchmark's, at the continuous optimum.
fn active(run: &Run) -> f64 {
    let weights = run.outcome.weights.iter().zip(&run.inputs.market.benchmark.weights);
    let exposures = loadings(run, "value");
    weights.zip(exposures).map(|((weight, benchmark), loading)| (weight - benchmark) * loading).sum()
}

/// The recipe and the factors are in the Run; the loadings are the ranks of the table; every bit comes back in a replay, and
/// in a rebuild from the tables.
#[test]
fn a_table_is_pinned_and_replays_to_the_same_bits() {
    let found = simulated(&with(&early()), account(&[]), 3);
    for stored in &found {
        let risk = &stored.run.inputs.risk;
        let own = ["profitability".to_owned(), "value".to_owned()];
        assert_eq!(risk.factors[..FACTORS.len()], FACTORS);
        assert_eq!(risk.factors[FACTORS.len()..], own);
        let setting = |name: &str| &risk.recipe.settings[name].value;
        assert_eq!(*setting("id"), Value::Text(Recipe::ID_WITH_CHARACTERISTICS.to_owned()));
        assert_eq!(*setting("characteristics"), Value::List(own.to_vec()));
        let found = replay(&stored.run, &stored.ids, &Backend::cpu(Isa::Portable), &clock).unwrap();
        assert_eq!(found.verdict, Verdict::Identical, "{:?}", found.differences);
    }
    // 99 names have a value: of distinct ones the place p from below has the rank (2 p - 98) / 98.
    let ranks = loadings(&found[0].run, "value");
    for at in (0..100).filter(|at| *at != UNKNOWN) {
        let smaller = |other: &usize| *other != UNKNOWN && invented("value", *other) < invented("value", at);
        let place = (0..100).filter(smaller).count() as f64;
        assert_eq!(ranks[at], f64::from(((2.0 * place - 98.0) / 98.0) as f32), "{at}");
    }
    assert_eq!(ranks[UNKNOWN], 0.0);

    let panel = || Panel::load(&fixtures().join("prices")).unwrap();
    let rebuilt = |tables: &Tables, stored: &StoredRun| {
        drift(stored, tables, &Backend::cpu(Isa::detect()), &clock).unwrap().finding
    };
    let tables = Tables::new(panel(), Isa::detect());
    assert_eq!(rebuilt(&tables, &found[1]), Finding::NotRebuilt);
    let tables = tables.with_characteristics(table(&early()));
    assert_eq!(rebuilt(&tables, &found[1]), Finding::SameInputs);
    // A Run without characteristics is rebuilt without them.
    let plain = simulated(world(), account(&[]), 1);
    assert_eq!(rebuilt(&tables, &plain[0]), Finding::SameInputs);
}

/// A reward for `value` moves the weights towards names of high rank, its opposite away from them, and the limit on active
/// exposure holds the reward back with a price.
#[test]
fn the_value_factor_can_be_tilted_and_limited() {
    let world = with(&early());
    let tilt = |text: &str| ("factor_tilts", Value::List(vec![text.to_owned()]));
    let loose = ("factor_limit", Value::Off);
    let first = |values: &[(&str, Value)]| simulated(&world, account(values), 1).swap_remove(0).run;
    let [plain, more, less] = [
        first(std::slice::from_ref(&loose)),
        first(&[loose.clone(), tilt("value=0.02")]),
        first(&[loose.clone(), tilt("value=-0.02")]),
    ];
    let [at, up, down] = [&plain, &more, &less].map(active);
    assert!(up > at + 0.01 && down < at - 0.01, "{down} {at} {up}");

    let limit = 0.02;
    assert!(up > limit, "{up}");
    let held = first(&[tilt("value=0.02"), ("factor_limit", Value::Real(limit))]);
    assert!((active(&held) - limit).abs() < 1e-6, "{}", active(&held));
    let row =
        held.outcome.rows.iter().find(|row| row.kind == RowKind::Factor && row.name == "value").unwrap();
    assert!(row.multiplier.abs() > 1e-6, "{row:?}");
    let rows = held.outcome.rows.iter().filter(|row| row.kind == RowKind::Factor);
    assert_eq!(rows.count(), FACTORS.len() + 2);
}

/// What a Run is, without the times and names that are no part of it.
fn bits(runs: &[StoredRun]) -> Vec<(String, String)> {
    let id =
        |stored: &StoredRun| (stored.manifest.inputs_id.to_string(), stored.manifest.result_id.to_string());
    runs.iter().map(id).collect()
}

/// A value counts from its day on: not the session before, whatever the table says of later days.
#[test]
fn a_value_of_a_later_day_changes_nothing() {
    let days = 3;
    let plain = bits(&simulated(world(), account(&[]), days));
    let later = simulated(&with(&rows(session(days), false)), account(&[]), days);
    assert_eq!(bits(&later), plain, "values that nobody knew yet");
    assert!(later.iter().all(|stored| stored.run.inputs.risk.factors == FACTORS));

    let known = bits(&simulated(&with(&early()), account(&[]), days));
    assert!(known.iter().zip(&plain).all(|(known, plain)| known != plain));
    let foresight = early() + &rows(session(days), true);
    assert_eq!(bits(&simulated(&with(&foresight), account(&[]), days)), known);

    // Published on the last of the days: that one moves, and no other.
    let published = early() + &rows(session(days - 1), true);
    let moved = simulated(&with(&published), account(&[]), days);
    let last = days - 1;
    assert_eq!(bits(&moved)[..last], known[..last]);
    assert_ne!(bits(&moved)[last], known[last]);
    let [before, after] = [last - 1, last].map(|day| loadings(&moved[day].run, "value"));
    assert!(before.iter().zip(&after).all(|(before, after)| (before + after).abs() < 1e-6));
}

/// A characteristic that tells no two names apart is no factor yet; the other one is.
#[test]
fn a_characteristic_without_two_values_waits() {
    let all = tickers();
    // Known for one name, and the same for all.
    for names in [&all[..1], &all[..]] {
        let mut text = String::new();
        for name in names {
            writeln!(text, "2016-03-01,{name},profitability,0.5").unwrap();
        }
        for line in early().lines().filter(|line| line.contains(",value,")) {
            writeln!(text, "{line}").unwrap();
        }
        let run = simulated(&with(&text), account(&[]), 1).swap_remove(0).run;
        assert_eq!(run.inputs.risk.factors[FACTORS.len()..], ["value".to_owned()]);
    }
}
