//! Records whose parts do not fit one another: a typed error that names the Run, and no file.

use crate::desk::{append, runs};
use samebits_analytics::{Error, Lots, Wanted, export};
use samebits_snapshot::Digest;
use samebits_snapshot::record::Run;
use samebits_store::{Filter, Store};
use samebits_units::{Money, Qty};
use std::sync::Arc;

/// The error of an export of one Run that was changed.
fn refused(change: impl FnOnce(&mut Run)) -> Error {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::create(&folder.path().join("s.db")).unwrap();
    // The first one of the second account: it buys 300 of security 1.
    let mut run = runs().remove(4);
    change(&mut run);
    append(&mut store, &run);
    let out = folder.path().join("out");
    let wanted = Wanted { folder: &out, filter: Filter::default(), lots: Lots::Last, replace: false };
    let error = export(store, &wanted, &mut |_, _| {}).unwrap_err();
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0, "{error}");
    error
}

fn text(error: &Error) -> String {
    assert!(error.is_damage());
    error.to_string()
}

#[test]
fn lengths() {
    let market = |run: &mut Run, change: fn(&mut samebits_snapshot::record::Market)| {
        change(Arc::make_mut(&mut run.inputs.market));
    };
    for (error, part) in [
        (refused(|run| run.outcome.weights.truncate(4)), "target weights has 4 entries, expected 5"),
        (refused(|run| market(run, |market| market.prices.truncate(4))), "prices has 4 entries, expected 5"),
        (
            refused(|run| market(run, |market| market.benchmark.weights.push(0.0))),
            "benchmark weights has 6 entries, expected 5",
        ),
        (
            refused(|run| Arc::make_mut(&mut run.inputs.risk).factors.truncate(1)),
            "columns of loadings has 2 entries, expected 1",
        ),
    ] {
        let found = text(&error);
        assert!(found.contains(part) && found.contains("/0: "), "{found}");
    }
}

#[test]
fn indices() {
    for (error, part) in [
        (refused(|run| run.outcome.trades[0].security = 5), "security 5 of 5"),
        (refused(|run| Arc::make_mut(&mut run.inputs.market).securities[3].sector = 2), "sector 2 of 2"),
    ] {
        assert!(matches!(error, Error::Outside { .. }));
        assert!(text(&error).ends_with(part), "{error}");
    }
}

#[test]
fn events() {
    let error = refused(|run| run.outcome.stages.account_after = Digest::default());
    assert!(matches!(error, Error::AccountAfter { .. }) && text(&error).contains("/0: "));
    let error = refused(|run| run.outcome.events.reverse());
    assert!(matches!(error, Error::Ledger { .. }), "{error}");
}

#[test]
fn a_value_that_does_not_fit() {
    let error = refused(|run| {
        let market = Arc::make_mut(&mut run.inputs.market);
        market.prices[1] = samebits_units::Price::from_e8(i64::MAX);
    });
    assert!(matches!(error, Error::Units { .. }), "{error}");
}

/// The ends of every range are values like others.
#[test]
fn the_largest_and_the_smallest() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::create(&folder.path().join("s.db")).unwrap();
    let mut run = runs().remove(0);
    let (totals, trade) = (&mut run.outcome.totals, &mut run.outcome.trades[0]);
    totals.bought = Money::from_micros(i64::MAX);
    totals.sold = Money::from_micros(i64::MIN);
    totals.costs = Money::from_micros(-1);
    (trade.lot, trade.quantity) = (u64::MAX, Qty::from_micros(i64::MIN));
    run.outcome.objective.risk = -0.0;
    run.outcome.objective.cost = f64::from_bits(1);
    append(&mut store, &run);
    let out = folder.path().join("out");
    crate::contents::written(store, &out, Filter::default(), Lots::Last);
    let runs = crate::contents::read(&out, "runs");
    let money = |micros: i64| Money::from_micros(micros).into();
    assert_eq!(runs.of(["bought", "sold", "costs"]), [[money(i64::MAX), money(i64::MIN), money(-1)]]);
    assert_eq!(runs.of(["objective_risk", "objective_cost"]), [[(-0.0).into(), f64::from_bits(1).into()]]);
    let trades = crate::contents::read(&out, "trades");
    assert_eq!(trades.of(["lot", "quantity"])[0], [u64::MAX.into(), Qty::from_micros(i64::MIN).into()]);
}
