//! Workers of a fleet: Runs that are not as they were decided, and what they are told to do.

use crate::scene::{clock, forty_days, machine, runs};
use samebits_canon::Isa;
use samebits_replay::Backend;
use samebits_replay::fleet::{Source, Standing, Worked, Worker, standing, units, work};
use samebits_snapshot::pack;
use samebits_snapshot::record::Run;
use samebits_store::{Access, Drivers, Filter, NewRun, Opener, RunHead, Store};
use samebits_units::Money;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

/// No two answers have one time.
static NOW: AtomicI64 = AtomicI64::new(1);

/// Two Runs as they were decided, between them one for each change.
fn changed(path: &Path, changes: &[fn(&mut Run)]) -> Vec<RunHead> {
    let mut store = Store::create(path).unwrap();
    let all = runs(&forty_days().1, "A2");
    for (at, stored) in all.iter().take(changes.len() + 2).enumerate() {
        let mut run = stored.run.clone();
        if let Some(change) = at.checked_sub(1).and_then(|at| changes.get(at)) {
            change(&mut run);
        }
        let packed = pack(&run).unwrap();
        store.append(&[NewRun { packed: &packed, run: &run, actor: "test", recorded_at: 1 }]).unwrap();
    }
    store.list(&Filter::default()).unwrap()
}

fn worked(store: &Path, code: &str, again: bool) -> (Worked, Vec<Standing>, Vec<(String, u64)>) {
    let opener = Opener::from(&store.to_path_buf());
    let answers = Opener::new(opener.location().of_answers(), Drivers::default());
    drop(answers.answers(Access::Create).unwrap());
    let heads = Store::open_read_only(store).unwrap().list(&Filter::default()).unwrap();
    let backend = Backend::cpu(Isa::detect());
    let worker = Worker {
        name: "w",
        machine: samebits_replay::Machine { code, clock: &clock, ..machine(Isa::detect()) },
        now: &|| NOW.fetch_add(1, Ordering::Relaxed),
        backend: &backend,
        threads: 2,
        again,
    };
    let units = units(&heads, 1);
    let told = std::sync::Mutex::new(0);
    let done = work(&opener, &answers, Source::Units(&units), &worker, &|unit| {
        *told.lock().unwrap() += unit.runs.len();
    });
    assert_eq!(told.into_inner().unwrap(), heads.len());
    let (standings, places) = standing(&*answers.answers(Access::Read).unwrap(), &heads).unwrap();
    let places = places.into_iter().map(|(place, by)| (place.code, by.answers));
    (done.unwrap(), standings, places.collect())
}

#[test]
fn what_differs_is_named_by_its_first_stage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let changes: [fn(&mut Run); 4] = [
        |run| run.outcome.weights[3] += 1e-9,
        |run| run.outcome.stages.trades = run.outcome.stages.market,
        |run| run.outcome.totals.cash_after = Money::from_micros(1),
        |run| run.method.solver = "nobody/1".into(),
    ];
    let heads = changed(&path, &changes);
    let (done, found, _) = worked(&path, "1", false);
    assert_eq!(done, Worked { units: 6, answered: 6, failed: 1, skipped: 0 });
    let diverged = |stage: &str| Standing::Diverged { stage: stage.to_owned() };
    assert_eq!(
        found[..4],
        [
            Standing::Identical,
            // Its stages were left as they were: nothing but the weights differs.
            diverged("outcome"),
            diverged("trades"),
            diverged("outcome"),
        ]
    );
    assert!(
        matches!(&found[4], Standing::Failed { problem } if problem.contains("nobody/1")),
        "{:?}",
        found[4]
    );
    assert_eq!(found[5], Standing::Identical);
    assert_eq!(heads.len(), 6);
    let (done, again, _) = worked(&path, "1", false);
    assert_eq!(done, Worked { units: 6, answered: 1, failed: 1, skipped: 5 });
    assert_eq!(again, found);
    let (done, again, places) = worked(&path, "1", true);
    assert_eq!(done, Worked { units: 6, answered: 6, failed: 1, skipped: 0 });
    assert_eq!(places, [("1".to_owned(), 6 + 1 + 6)]);
    assert_eq!(again, found);
    // Another version has to find everything itself.
    let (done, again, places) = worked(&path, "2", false);
    assert_eq!(done.answered, 6);
    assert_eq!(places, [("1".to_owned(), 13), ("2".to_owned(), 6)]);
    assert_eq!(again, found);
}
