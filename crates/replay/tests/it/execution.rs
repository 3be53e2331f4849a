//! Trades that execute against bars: fills settle into lots and taxes, replays agree, another schedule is followed.

use crate::scene::{clock, fixtures, machine, runs, world};
use samebits_canon::Isa;
use samebits_panel::Bars;
use samebits_replay::simulate::{Settings, demo_accounts, method, simulate};
use samebits_replay::{Backend, Error, Verdict, reexecute, replay};
use samebits_snapshot::input_ids;
use samebits_snapshot::record::{Schedule, TradeSide};
use samebits_store::{Store, StoredRun};
use samebits_units::{Money, Price, Qty};

/// Five days of the first account, with bars under a schedule or without.
pub(crate) fn week(schedule: Option<Schedule>) -> Vec<StoredRun> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let bars = Bars::load(&fixtures().join("prices/sp100_251d_ohlcv.csv.zst")).unwrap();
    let accounts = &demo_accounts().unwrap()[..1];
    let settings = Settings {
        days: 5,
        accounts,
        threads: 1,
        machine: machine(Isa::detect()),
        actor: "test",
        recorded_at: 1,
        method: method(),
        execution: schedule.map(|schedule| (&bars, schedule)),
    };
    let tallies = simulate(world(), &mut Store::create(&path).unwrap(), &settings, &mut |_| {}).unwrap();
    assert!(tallies[0].largest_imbalance.is_zero(), "money is conserved, shortfall included");
    runs(&path, &accounts[0].id)
}

#[test]
fn fills_are_what_settles_and_every_instruction_set_agrees() {
    let mut filled = 0;
    for stored in week(Some(Schedule::Vwap)) {
        let run = &stored.run;
        let executed = run.outcome.execution.as_ref().expect("executed against bars");
        for fill in &executed.fills {
            let lots = run.outcome.trades.iter();
            let own = lots.filter(|trade| trade.security == fill.security && trade.side == fill.side);
            let (mut quantity, mut notional) = (Qty::ZERO, Money::ZERO);
            for trade in own {
                quantity = quantity.plus(trade.quantity).unwrap();
                notional = notional.plus(trade.notional).unwrap();
            }
            assert_eq!(quantity, fill.filled);
            let value = Price::from_e8(fill.average_e8).value(fill.filled).unwrap();
            let off = notional.minus(value).unwrap().micros().abs();
            assert!(off <= 100, "lots are settled at the average price");
            filled += 1;
        }
        let ids = input_ids(&run.inputs).unwrap();
        for isa in Isa::available() {
            assert_eq!(replay(run, &ids, &Backend::cpu(isa), &clock).unwrap().verdict, Verdict::Identical);
        }
    }
    assert!(filled > 50);
}

#[test]
fn another_schedule_moves_fills_lots_and_tax_and_no_weight() {
    let stored = week(Some(Schedule::Vwap)).remove(0);
    let same = reexecute(&stored.run, Schedule::Vwap, Isa::detect()).unwrap();
    assert!(same.fills.is_empty() && same.lots.is_empty() && same.weights_equal);
    let close = reexecute(&stored.run, Schedule::Close, Isa::detect()).unwrap();
    assert!(close.weights_equal, "execution comes after the decision");
    assert_ne!(close.shortfall.0, close.shortfall.1);
    for lot in &close.lots {
        assert!(lot.notional.0 != lot.notional.1 || lot.quantity.0 != lot.quantity.1);
        if lot.side == TradeSide::Sell && lot.quantity.0 == lot.quantity.1 {
            let value = lot.notional.1.minus(lot.notional.0).unwrap().micros();
            let gain = lot.gain.1.minus(lot.gain.0).unwrap().micros();
            assert!(value.signum() == gain.signum(), "a better price is a larger gain");
        }
    }
}

#[test]
fn a_run_without_bars_has_no_schedule_to_change() {
    let stored = week(None).remove(0);
    assert!(stored.run.outcome.execution.is_none());
    assert!(matches!(reexecute(&stored.run, Schedule::Close, Isa::detect()), Err(Error::NoExecution)));
}
