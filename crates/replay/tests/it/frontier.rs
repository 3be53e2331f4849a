//! The frontier of tax against tracking error: optima, convex, and the recorded one among them.

use crate::scene::{forty_days, machine};
use samebits_canon::Isa;
use samebits_replay::frontier::{End, Frontier, Point, frontier};
use samebits_snapshot::record::{Run, Setting, Source, Status, Value};
use samebits_store::{Filter, StoredRun};

fn some_runs() -> Vec<StoredRun> {
    let store = samebits_replay::open(&forty_days().1).unwrap();
    let mut runs = Vec::new();
    for account in ["A1", "A2"] {
        let filter = Filter { account: Some(account.into()), ..Filter::default() };
        let heads = store.list(&filter).unwrap();
        runs.extend([0, 5, 17, 39].map(|day: usize| store.get(&heads[day].run_id).unwrap()));
    }
    runs
}

fn walked(run: &Run) -> Frontier {
    frontier(run, Isa::detect()).unwrap()
}

#[test]
fn the_recorded_optimum_lies_on_it() {
    for stored in some_runs() {
        let found = walked(&stored.run);
        let here = found.points.iter().find(|point| point.price == 1.0).unwrap();
        assert!(found.recorded.is(here));
        let recorded = found.recorded;
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + b.abs());
        assert!(near(here.tracking_error_bp, recorded.tracking_error_bp), "{here:?} {recorded:?}");
        assert!(near(here.tax_bp, recorded.tax_bp), "{here:?} {recorded:?}");
    }
}

#[test]
fn less_tracking_error_costs_more_and_more() {
    for stored in some_runs() {
        let found = walked(&stored.run);
        assert!(
            found.points.len() > 4 && found.pieces >= 2,
            "{} {} {found:?}",
            stored.head.account,
            stored.head.sequence
        );
        assert!(
            found.ends.iter().all(|end| *end == End::Reached),
            "{} {} {found:?}",
            stored.head.account,
            stored.head.sequence
        );
        let rising = |pair: &[Point]| {
            let [a, b] = pair else { unreachable!() };
            a.price <= b.price
                && a.tracking_error_bp <= b.tracking_error_bp + 1e-7
                && a.paid_bp >= b.paid_bp - 1e-7
        };
        for pair in found.points.windows(2) {
            assert!(rising(pair), "{pair:?}");
        }
        // What a basis point of variance saves falls from point to point: its slope is the price.
        for pair in found.points.windows(2) {
            let error = |point: &Point| point.tracking_error_bp / 1e4;
            let variance = |point: &Point| error(point) * error(point);
            let (more, saved) =
                (variance(&pair[1]) - variance(&pair[0]), (pair[0].paid_bp - pair[1].paid_bp) / 1e4);
            let half_gamma = 0.5 * risk_aversion(&stored.run);
            let slack = 1e-13 + 1e-9 * saved.abs();
            assert!(saved <= half_gamma * more / pair[0].price + slack, "{pair:?}");
            assert!(saved >= half_gamma * more / pair[1].price - slack, "{pair:?}");
        }
    }
}

fn risk_aversion(run: &Run) -> f64 {
    match run.inputs.params.settings["risk_aversion"].value {
        Value::Real(value) => value,
        Value::Integer(value) => value as f64,
        _ => unreachable!("risk aversion is a number"),
    }
}

#[test]
fn instructions_move_no_bit() {
    let run = &some_runs()[2].run;
    assert_eq!(frontier(run, Isa::Portable).unwrap(), walked(run));
}

#[test]
fn without_a_state_there_is_none() {
    let mut run = some_runs().remove(0).run;
    run.outcome.status = Status::Relaxed("turnover".into());
    let error = frontier(&run, Isa::Portable).unwrap_err();
    assert_eq!(error.to_string(), "the Run has no frontier: it was relaxed");
}

#[test]
fn a_soft_limit_is_part_of_what_is_traded_off() {
    let stored = &some_runs()[7];
    let mut inputs = stored.run.inputs.clone();
    let wanted = 0.95 * stored.run.outcome.totals.tracking_error;
    for (name, value) in [("tracking_error_soft", wanted), ("tracking_error_soft_price", 1e3)] {
        let setting = Setting { value: Value::Real(value), source: Source::Override("test".into()) };
        inputs.params.settings.insert(name.into(), setting);
    }
    let ids = samebits_snapshot::input_ids(&inputs).unwrap();
    let method = stored.run.method.clone();
    let (run, _) = samebits_replay::record(inputs, &ids, method, &machine(Isa::detect())).unwrap();
    let found = walked(&run);
    let here = found.points.iter().find(|point| point.price == 1.0).unwrap();
    assert!(
        found.recorded.tracking_error_bp < here.tracking_error_bp - 1e-3,
        "{here:?} {:?}",
        found.recorded
    );
    assert!(found.recorded.paid_bp > here.paid_bp && !found.recorded.is(here));
    // It is no better than the curve.
    let beside = found.points.windows(2).find(|pair| {
        (pair[0].tracking_error_bp..=pair[1].tracking_error_bp).contains(&found.recorded.tracking_error_bp)
    });
    assert!(beside.is_some_and(|pair| found.recorded.paid_bp >= pair[1].paid_bp - 1e-6), "{beside:?}");
}
