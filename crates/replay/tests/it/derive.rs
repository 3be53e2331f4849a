//! Outcomes made again from what was kept of them: every strategy, every version of the rules, with and without bars.

use crate::execution::week;
use crate::scene::{KINDS, first_method, fixtures, forty_days, record_by, record_catalogue, runs};
use samebits_canon::Isa;
use samebits_replay::{Deriver, compact};
use samebits_snapshot::record::{Derive, Kept, Method, Outcome, Schedule, Status};
use samebits_snapshot::{Limits, NoBlobs, canonical, input_ids, result_id, unpack};
use samebits_store::{Filter, StoredRun};
use std::sync::OnceLock;

fn all(path: &std::path::Path) -> Vec<StoredRun> {
    let store = samebits_replay::open(path).unwrap();
    store.list(&Filter::default()).unwrap().iter().map(|head| store.get(&head.run_id).unwrap()).collect()
}

/// The first days of every kind of account under rules 3, recorded once.
fn catalogue() -> &'static [StoredRun] {
    static RUNS: OnceLock<Vec<StoredRun>> = OnceLock::new();
    RUNS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        record_catalogue(&path, 12, 2, Isa::detect());
        all(&path)
    })
}

/// Whether the outcome of `run` may be left out, and if so what follows has its content id on every instruction set.
fn follows(deriver: &Deriver, stored: &StoredRun) -> bool {
    let StoredRun { run, ids, manifest, .. } = stored;
    let Some(kept) = deriver.compact(run, ids) else { return false };
    // By way of the bytes that a record would have.
    let bytes = canonical::encode("kept", &kept).unwrap();
    let kept: Kept = canonical::decode("kept", &bytes).unwrap();
    for isa in Isa::available() {
        let found = Deriver::new(isa).outcome(&run.inputs, ids, &run.method, &kept).unwrap();
        assert_eq!(result_id(&found).unwrap(), manifest.result_id, "{}", isa.name());
        assert_eq!(found.stages.list(), run.outcome.stages.list());
    }
    true
}

#[test]
fn outcomes_of_every_strategy_follow() {
    let deriver = Deriver::new(Isa::detect());
    let mut whole = Vec::new();
    let mut traded = 0;
    for stored in catalogue() {
        traded += usize::from(!stored.run.outcome.trades.is_empty());
        if !follows(&deriver, stored) {
            whole.push((
                stored.head.account.clone(),
                stored.head.sequence,
                stored.run.outcome.finish.clone(),
            ));
        }
    }
    let runs = catalogue().len();
    assert!(runs == 12 * KINDS && traded > runs / 2, "{traded} of {runs}");
    // At most one in a hundred stays whole, and it is one that has no state.
    assert!(whole.len() * 100 <= runs, "{whole:?}");
    assert!(whole.iter().all(|(_, _, finish)| finish.is_none()), "{whole:?}");
}

#[test]
fn outcomes_of_the_second_rules_follow() {
    let deriver = Deriver::new(Isa::detect());
    let mut found = 0;
    for account in ["A1", "A2", "B1", "B2"] {
        for stored in runs(&forty_days().1, account) {
            assert!(follows(&deriver, &stored), "{account} {}", stored.head.sequence);
            found += 1;
        }
    }
    assert_eq!(found, 160);
}

/// A solver without a finish stores no state: its Runs stay whole.
#[test]
fn outcomes_of_the_first_method_stay_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    record_by(first_method(), &path, 2, 1, Isa::detect());
    let found = all(&path);
    assert_eq!(found.len(), 8);
    for StoredRun { run, ids, .. } in &found {
        assert_eq!(compact(run, ids), None);
        let why = Deriver::new(Isa::detect()).outcome(&run.inputs, ids, &run.method, &Kept::of(&run.outcome));
        assert!(why.unwrap_err().contains("without a state"));
    }
}

/// What filled is not what was decided: with bars the integer finish is done again, and the execution with it.
#[test]
fn executed_outcomes_follow() {
    let deriver = Deriver::new(Isa::detect());
    let mut cut = 0;
    for stored in week(Some(Schedule::Vwap)) {
        let executed = stored.run.outcome.execution.as_ref().unwrap();
        cut += executed.fills.iter().filter(|fill| fill.filled != fill.ordered).count();
        assert!(follows(&deriver, &stored));
    }
    assert!(cut > 0, "everything filled: the test says less than it seems");
}

/// The Runs that the gate has frozen.
#[test]
fn frozen_outcomes_follow() {
    let deriver = Deriver::new(Isa::detect());
    let (mut found, mut whole) = (0, Vec::new());
    for entry in std::fs::read_dir(fixtures().join("gate/runs")).unwrap() {
        let folder = entry.unwrap().path();
        let bytes = std::fs::read(folder.join("frozen.run")).unwrap();
        let run = unpack(&bytes, &Limits::default(), &NoBlobs).unwrap().run;
        found += 1;
        if deriver.compact(&run, &input_ids(&run.inputs).unwrap()).is_none() {
            whole.push((folder, run.outcome.finish.is_some()));
        }
    }
    assert!(found - whole.len() >= 15, "{found}: {whole:?}");
    assert!(whole.iter().all(|(_, finished)| !finished), "{whole:?}");
}

/// What is recorded is kept whole where it is not what follows, be it by one bit.
#[test]
fn an_outcome_that_does_not_follow_is_not_left_out() {
    let deriver = Deriver::new(Isa::detect());
    let stored = &catalogue()[KINDS];
    assert!(deriver.compact(&stored.run, &stored.ids).is_some());
    let changes: [fn(&mut Outcome); 4] = [
        |outcome| outcome.weights[3] = f64::from_bits(outcome.weights[3].to_bits() ^ 1),
        |outcome| outcome.objective.tax += 1e-18,
        |outcome| outcome.events.truncate(1),
        |outcome| outcome.stages.problem = outcome.stages.solution,
    ];
    for change in changes {
        let mut run = stored.run.clone();
        change(&mut run.outcome);
        assert_ne!(run.outcome, stored.run.outcome);
        assert_eq!(deriver.compact(&run, &stored.ids), None);
    }
}

fn derived(stored: &StoredRun, kept: &Kept) -> Result<Outcome, String> {
    Deriver::new(Isa::detect()).outcome(&stored.run.inputs, &stored.ids, &stored.run.method, kept)
}

/// One code of the state, one side, one trade, one number at a time, as far as a test has time: never the same outcome.
#[test]
fn a_changed_kept_is_an_error_or_another_outcome() {
    let (mut refused, mut others) = (0, 0);
    for stored in catalogue().iter().skip(3).step_by(19) {
        let Some(kept) = compact(&stored.run, &stored.ids) else { continue };
        let mut check = |change: &dyn Fn(&mut Kept)| {
            let mut changed = kept.clone();
            change(&mut changed);
            if changed == kept {
                return;
            }
            match derived(stored, &changed) {
                Err(_) => refused += 1,
                Ok(outcome) => {
                    assert_ne!(result_id(&outcome).ok(), Some(stored.manifest.result_id), "{changed:?}");
                    others += 1;
                }
            }
        };
        let n = kept.sides.len();
        for at in (0..n).step_by(7) {
            check(&|kept| kept.active.buys[at] ^= 1);
            check(&|kept| kept.active.bounds[at] = 1 - kept.active.bounds[at]);
            check(&|kept| kept.sides.swap(at, (at + 1) % n));
        }
        for at in (0..kept.active.sells.len()).step_by(13) {
            check(&|kept| kept.active.sells[at] ^= 2);
        }
        for at in 0..kept.active.rows.len() {
            check(&|kept| kept.active.rows[at] = 1 - kept.active.rows[at]);
        }
        for at in (0..kept.trades.len()).step_by(5) {
            check(&|kept| kept.trades.truncate(at));
            check(&|kept| kept.trades[at].lot += 1);
            check(&|kept| kept.trades[at].security ^= 1);
        }
        check(&|kept| kept.iterations += 1);
        check(&|kept| kept.solves += 1);
        check(&|kept| kept.rounding.spent += 1);
        check(&|kept| kept.status = Status::Relaxed("as it says".into()));
        check(&|kept| kept.cap = Some(kept.cap.unwrap_or(0.01) * 1.000_000_1));
        check(&|kept| kept.path = Some("interior-point".into()));
        check(&|kept| {
            if let Some(harvest) = &mut kept.harvest {
                harvest.lower_bound = None;
                harvest.passes += 1;
            }
        });
    }
    assert!(refused > 200 && others > 40, "{refused} {others}");
}

/// An outcome belongs to its question: with another one nothing follows, or something else does.
#[test]
fn another_question_is_another_outcome() {
    let days = &catalogue()[..2 * KINDS];
    let mut tried = 0;
    for (one, other) in days.iter().zip(&days[KINDS..]) {
        let Some(kept) = compact(&one.run, &one.ids) else { continue };
        if let Ok(found) = derived(other, &kept) {
            assert_ne!(result_id(&found).unwrap(), one.manifest.result_id);
        }
        tried += 1;
    }
    assert!(tried >= KINDS - 1, "{tried}");
    let StoredRun { run, ids, .. } = &days[0];
    let later = Method { rules: "rebalance/9".into(), ..run.method.clone() };
    let found = Deriver::new(Isa::detect()).outcome(&run.inputs, ids, &later, &Kept::of(&run.outcome));
    assert!(found.unwrap_err().contains("rebalance/9"));
}
