//! Several handles at once.

use super::Place;
use crate::scene::{append, fill, packed, run};
use samebits_store::{Error, Filter, NewRun};
use std::collections::BTreeMap;
use std::sync::Barrier;

/// Writers that each try to append every Run of two accounts: one of them wins each, the others are told, and nothing tears.
pub(crate) fn two_writers_of_an_account_follow_one_another(place: &dyn Place) {
    const RUNS: u64 = 6;
    const WRITERS: usize = 3;
    drop(place.opener().create(None).unwrap());
    let all: Vec<_> =
        (0..RUNS).flat_map(|sequence| ["A", "B"].map(|account| run(account, sequence))).collect();
    let packed: Vec<_> = all.iter().map(packed).collect();
    let start = Barrier::new(WRITERS);
    let won: usize = std::thread::scope(|scope| {
        let writer = |number: usize| {
            let (all, packed, start) = (&all, &packed, &start);
            scope.spawn(move || {
                let mut store = place.opener().write().unwrap();
                start.wait();
                let mut won = 0;
                for pair in 0..RUNS as usize {
                    // One of them takes the accounts in the other order.
                    let order = if number == 0 { [2 * pair + 1, 2 * pair] } else { [2 * pair, 2 * pair + 1] };
                    let new = order.map(|at| NewRun {
                        packed: &packed[at],
                        run: &all[at],
                        actor: "tester",
                        recorded_at: number as i64,
                    });
                    match store.append(&new) {
                        Ok(()) => won += 1,
                        Err(Error::NotNext { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
                won
            })
        };
        let handles: Vec<_> = (0..WRITERS).map(writer).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    });
    let store = place.opener().read().unwrap();
    let heads = store.list(&Filter::default()).unwrap();
    assert_eq!(heads.len(), 2 * won);
    assert!(won > 0 && won <= RUNS as usize);
    // Both Runs of a transaction are there, from the same writer.
    let mut pairs: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for head in &heads {
        pairs.entry(head.sequence).or_default().push(head.recorded_at);
    }
    assert!(pairs.values().all(|pair| pair.len() == 2 && pair[0] == pair[1]), "{pairs:?}");
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}

/// First Runs of many accounts by many writers, in overlapping batches and opposite orders.
pub(crate) fn new_accounts_are_made_by_one_of_many(place: &dyn Place) {
    const ACCOUNTS: usize = 12;
    drop(place.opener().create(None).unwrap());
    let all: Vec<_> = (0..ACCOUNTS).map(|at| run(&format!("N{at:02}"), 0)).collect();
    let packed: Vec<_> = all.iter().map(packed).collect();
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (all, packed, start) = (&all, &packed, &start);
            scope.spawn(move || {
                let mut store = place.opener().write().unwrap();
                start.wait();
                for first in 0..ACCOUNTS {
                    let mut batch: Vec<usize> = (0..3).map(|step| (first + step) % ACCOUNTS).collect();
                    if number % 2 == 1 {
                        batch.reverse();
                    }
                    let new: Vec<_> = batch
                        .iter()
                        .map(|at| NewRun { packed: &packed[*at], run: &all[*at], actor: "t", recorded_at: 1 })
                        .collect();
                    match store.append(&new) {
                        Ok(()) | Err(Error::NotNext { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    let store = place.opener().read().unwrap();
    let report = store.verify(&mut |_| {});
    assert_eq!(report.problems, []);
    assert_eq!(report.runs, report.accounts);
    assert!(report.runs >= 3 && report.runs <= ACCOUNTS as u64);
}

/// While `verify` walks, others append: it sees the store as it was when the walk began.
pub(crate) fn a_walk_sees_one_state(place: &dyn Place) {
    let store = fill(&place.opener());
    let mut other = place.opener().write().unwrap();
    let mut sequence = 3;
    let mut progress = |_| {
        append(&mut other, &run("A", sequence)).unwrap();
        sequence += 1;
    };
    let report = store.verify(&mut progress);
    assert_eq!((report.runs, report.problems), (5, vec![]));
    assert_eq!(sequence, 8);
    let report = store.verify(&mut |_| {});
    assert_eq!((report.runs, report.problems), (10, vec![]));
}
