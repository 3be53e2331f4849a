//! Replaying many Runs: every one identical, in any order, on any number of threads; a journal takes it up again.

use crate::scene::{clock, forty_days};
use samebits_canon::Isa;
use samebits_replay::{Backend, Journal, Verdict, replay_all, shuffled};
use samebits_snapshot::Digest;
use samebits_store::Filter;
use std::collections::BTreeSet;

fn ids() -> Vec<Digest> {
    let store = samebits_replay::open(&forty_days().1).unwrap();
    store.list(&Filter::default()).unwrap().iter().map(|head| head.run_id).collect()
}

#[test]
fn every_run_is_identical_in_any_order() {
    let path = &forty_days().1;
    let ids = ids();
    assert_eq!(ids.len(), 160);
    for (threads, seed) in [(1, 1), (3, 99)] {
        let order = shuffled(ids.clone(), seed);
        assert_ne!(order, ids);
        assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), ids.len());
        let items = replay_all(path, &order, threads, &Backend::cpu(Isa::detect()), &clock, &|_| {}).unwrap();
        for (item, wanted) in items.iter().zip(&order) {
            let replayed = item.result.as_ref().unwrap();
            assert_eq!(&item.run_id, wanted);
            assert_eq!(replayed.verdict, Verdict::Identical, "{:?}", replayed.differences);
            assert!(replayed.weights_equal && replayed.trades_equal && replayed.first_stage.is_none());
        }
    }
}

#[test]
fn a_missing_run_is_its_own_error() {
    let wanted = [Digest::of("test", b"nothing"), ids()[0]];
    let items =
        replay_all(&forty_days().1, &wanted, 2, &Backend::cpu(Isa::detect()), &clock, &|_| {}).unwrap();
    assert!(items[0].result.is_err());
    assert_eq!(items[1].result.as_ref().unwrap().verdict, Verdict::Identical);
}

#[test]
fn a_journal_remembers_identical_runs_of_this_code_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let runs: Vec<Digest> = (0..4_u8).map(|at| Digest::of("test", &[at])).collect();
    let mut journal = Journal::open(&path, "1.0").unwrap();
    journal.add(&runs[0], Verdict::Identical).unwrap();
    journal.add(&runs[1], Verdict::Diverged).unwrap();
    drop(journal);
    let mut text = std::fs::read_to_string(&path).unwrap();
    text = format!("{text}{} IDENT", runs[2]);
    std::fs::write(&path, text).unwrap();
    let mut journal = Journal::open(&path, "1.0").unwrap();
    assert_eq!(runs.iter().map(|id| journal.has(id)).collect::<Vec<_>>(), [true, false, false, false]);
    journal.add(&runs[3], Verdict::Identical).unwrap();
    drop(journal);
    assert!(Journal::open(&path, "1.0").unwrap().has(&runs[3]));
    assert!(!Journal::open(&path, "2.0").unwrap().has(&runs[0]));
}
