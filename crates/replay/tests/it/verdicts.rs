//! What a replay says of a Run in which something was changed, although every checksum was made right again.

use crate::scene::{clock, forty_days, runs};
use samebits_canon::Isa;
use samebits_replay::{Backend, Error, Replayed, Verdict, replay};
use samebits_snapshot::record::{Run, Value};
use samebits_snapshot::{input_ids, pack};
use samebits_units::{Money, Price, Qty};
use std::sync::Arc;

type Change = fn(&mut Run);

fn replayed(run: &Run) -> Replayed {
    // The changed Run is a Run in every formal respect.
    pack(run).unwrap();
    replay(run, &input_ids(&run.inputs).unwrap(), &Backend::cpu(Isa::detect()), &clock).unwrap()
}

fn fields(replayed: &Replayed) -> Vec<&str> {
    replayed.differences.iter().map(|difference| difference.field.as_str()).collect()
}

/// One lot, price or parameter changed: diverged, with the stage and the fields named.
#[test]
fn a_changed_input_diverges() {
    let base = runs(&forty_days().1, "A2")[20].run.clone();
    assert_eq!(replayed(&base).verdict, Verdict::Identical);
    let changes: [(&str, &str, Change); 8] = [
        ("account", "stages.account", |run| run.inputs.account.lots[3].basis = Money::from_micros(1)),
        ("account", "totals.nav_before", |run| {
            let lot = &mut run.inputs.account.lots[3];
            lot.quantity = lot.quantity.plus(Qty::from_shares(1).unwrap()).unwrap();
        }),
        ("account", "totals.cash_after", |run| {
            run.inputs.account.cash = run.inputs.account.cash.plus(Money::from_micros(1)).unwrap();
        }),
        ("market", "totals.nav_before", |run| {
            let price = run.inputs.market.prices[0].e8();
            Arc::make_mut(&mut run.inputs.market).prices[0] = Price::from_e8(price + 1_000_000);
        }),
        ("market", "stages.market", |run| {
            Arc::make_mut(&mut run.inputs.market).borrow[7] = samebits_units::Bps::from_hundredths(1);
        }),
        ("risk", "objective.risk", |run| Arc::make_mut(&mut run.inputs.risk).sigma.values[0] *= 1.25),
        ("params", "objective.risk", |run| {
            run.inputs.params.settings.get_mut("risk_aversion").unwrap().value = Value::Real(101.0);
        }),
        // Does not bind on this day, and is found all the same.
        ("params", "stages.params", |run| {
            run.inputs.params.settings.get_mut("weight_cap").unwrap().value = Value::Real(0.99);
        }),
    ];
    for (stage, field, change) in changes {
        let mut run = base.clone();
        change(&mut run);
        let found = replayed(&run);
        assert_eq!(found.verdict, Verdict::Diverged, "{stage} {field}");
        assert_eq!(found.first_stage, Some(stage), "{field}");
        assert!(fields(&found).contains(&field), "{stage} {field}: {:?}", fields(&found));
        let pairs = run.outcome.stages.list().into_iter().zip(found.stages.list());
        assert_eq!(pairs.into_iter().find(|(then, now)| then != now).map(|(then, _)| then.0), Some(stage));
    }
}

/// A changed answer: the replay names exactly the field.
#[test]
fn a_changed_answer_is_named() {
    let base = runs(&forty_days().1, "A2")[20].run.clone();
    assert!(!base.outcome.trades.is_empty());
    let mut run = base.clone();
    run.outcome.weights[3] = f64::from_bits(run.outcome.weights[3].to_bits() + 1);
    let found = replayed(&run);
    assert_eq!((found.verdict, fields(&found)), (Verdict::Equivalent, vec!["weights[3]"]));
    assert_eq!(found.differences[0].ulps, Some(1));
    assert!(found.trades_equal && !found.weights_equal);

    let mut run = base.clone();
    run.outcome.weights[3] += 1e-7;
    assert_eq!(replayed(&run).verdict, Verdict::Diverged);

    let mut run = base.clone();
    run.outcome.trades[0].quantity = Qty::from_shares(1).unwrap();
    let found = replayed(&run);
    assert_eq!((found.verdict, fields(&found)), (Verdict::Diverged, vec!["trades[0].quantity"]));

    let mut run = base;
    run.outcome.tax.accrued = Money::ZERO;
    assert_eq!(fields(&replayed(&run)), ["tax.accrued"]);
}

#[test]
fn what_this_build_does_not_have_is_said() {
    let mut run = runs(&forty_days().1, "A1")[0].run.clone();
    let ids = input_ids(&run.inputs).unwrap();
    run.method.solver = "oracle/7".into();
    let error = replay(&run, &ids, &Backend::cpu(Isa::Portable), &clock).unwrap_err();
    assert!(matches!(error, Error::UnknownSolver { .. }), "{error}");
    run.method.solver = "active-set/1".into();
    run.method.rules = "rebalance/9".into();
    let error = replay(&run, &ids, &Backend::cpu(Isa::Portable), &clock).unwrap_err();
    assert!(error.to_string().contains("rebalance/9"), "{error}");
}
