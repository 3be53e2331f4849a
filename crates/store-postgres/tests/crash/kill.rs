//! Who kills, and what must be there afterwards.

use crate::scene::{correct, packed, run};
use crate::{Random, opener};
use samebits_snapshot::Digest;
use samebits_store::{Error, Filter, NewRun, Opener, Store};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Kills after which a new store is begun.
const SAME_STORE: u64 = 20;
/// Runs of a store that is copied: several batches.
const COPIED: u64 = 700;

/// What happened.
#[derive(Default)]
pub(crate) struct Tally {
    kills: u64,
    /// Runs and corrections that were recorded, or copied, and known to be.
    acknowledged: u64,
    /// Runs and corrections that were read and verified after a kill.
    read: u64,
    /// Transactions that had begun and were not acknowledged when the writer died: those that are there, those that are not.
    there: u64,
    gone: u64,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kills, acknowledged, read, there, gone } = self;
        write!(
            f,
            "{kills} kills, {acknowledged} Runs acknowledged, {read} read back; of the transactions cut off {there} were there \
             as a whole, {gone} not at all; none lost, none in part, every chain whole"
        )
    }
}

fn start(arguments: &[&str]) -> Child {
    let program = std::env::current_exe().unwrap();
    Command::new(program).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Kills the child at a moment that the random numbers choose: so many of its lines after its start, and a little later.
fn kill(mut child: Child, random: &mut Random, most: u64) -> Vec<String> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut seen: Vec<String> = lines.by_ref().take(1 + random.below(most) as usize).collect();
    let size = random.below(19);
    for turn in 0..random.below(1 << size) {
        std::hint::black_box(turn);
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it had said before it died counts, too.
    seen.extend(lines);
    seen
}

/// Two writers on one store, killed again and again.
pub(crate) fn writers(kills: u64, place: &dyn Fn(u64) -> String) -> Tally {
    let mut tally = Tally::default();
    let mut random = Random(2_026);
    let (mut address, mut known) = (String::new(), BTreeSet::new());
    while tally.kills < kills {
        if tally.kills.is_multiple_of(SAME_STORE) {
            tally.acknowledged += known.len() as u64;
            (address, known) = (place(tally.kills / SAME_STORE), BTreeSet::new());
            drop(opener(&address).create(None).unwrap());
        }
        let seeds = [(); 2].map(|()| random.below(1 << 30).to_string());
        let [one, other] = ["L", "R"].map(|number| {
            let seed = &seeds[usize::from(number == "R")];
            start(&["writer", &address, number, seed])
        });
        let said = [kill(one, &mut random, 16), kill(other, &mut random, 16)];
        tally.kills += 2;
        let store = opener(&address).read().unwrap();
        for lines in &said {
            assert!(lines.iter().any(|line| line.starts_with("begin")), "a writer did not write: {lines:?}");
            judge(&store, lines, &mut known, &mut tally);
        }
        for id in &known {
            assert!(is_there(&store, id), "an acknowledged Run is lost: {id}");
        }
        let report = store.verify(&mut |_| {});
        assert_eq!(report.problems, [], "after {} kills", tally.kills);
        tally.read += report.runs + report.corrections;
    }
    tally.acknowledged += known.len() as u64;
    tally
}

fn is_there(store: &Store, id: &Digest) -> bool {
    match store.get(id).map(drop) {
        Err(Error::NotFound { .. }) => store.get_correction(id).is_ok(),
        found => found.is_ok(),
    }
}

/// Every acknowledged transaction is known from now on; one that was cut off is there as a whole or not at all.
fn judge(store: &Store, lines: &[String], known: &mut BTreeSet<Digest>, tally: &mut Tally) {
    let ids = |line: &str| -> Vec<Digest> { line.split(' ').skip(1).map(digest).collect() };
    for line in lines.iter().filter(|line| line.starts_with("done")) {
        known.extend(ids(line));
    }
    let Some(last) = lines.last().filter(|line| line.starts_with("begin ")) else { return };
    let ids = ids(last);
    let there = ids.iter().filter(|id| is_there(store, id)).count();
    assert!(there == 0 || there == ids.len(), "{there} of {} Runs of a transaction", ids.len());
    if there > 0 {
        tally.there += 1;
    } else {
        tally.gone += 1;
    }
    known.extend(ids.into_iter().take(there));
}

fn digest(text: &str) -> Digest {
    let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
    Digest::from_bytes(std::array::from_fn(byte))
}

/// Copies of a store, killed until one comes to its end; again until there were `kills`.
pub(crate) fn copiers(kills: u64, place: &dyn Fn(u64) -> String) -> Tally {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.db");
    let (heads, corrections) = fill(&Opener::from(&source));
    let mut tally = Tally::default();
    let mut random = Random(7);
    let mut copies = 0;
    while tally.kills < kills || copies == 0 {
        let address = place(copies);
        copies += 1;
        loop {
            let child = start(&["copier", &source.to_string_lossy(), &address]);
            let lines = kill(child, &mut random, 6);
            if lines.last().is_some_and(|line| line == "end") {
                break;
            }
            tally.kills += 1;
            match opener(&address).read() {
                Ok(store) => {
                    let report = store.verify(&mut |_| {});
                    assert_eq!(report.problems, []);
                    let done = lines.iter().rev().find_map(|line| line.strip_prefix("done ")?.parse().ok());
                    assert!(report.runs >= done.unwrap_or(0), "{} < {done:?}", report.runs);
                    tally.there += u64::from(report.runs > 0);
                    tally.gone += u64::from(report.runs == 0);
                }
                // Killed before the store was made.
                Err(Error::NoStore { .. } | Error::NotAStore { .. }) => tally.gone += 1,
                Err(error) => panic!("{error}"),
            }
        }
        let store = opener(&address).read().unwrap();
        assert_eq!(store.list(&Filter::default()).unwrap(), heads);
        assert_eq!(store.corrections(None).unwrap(), corrections);
        assert_eq!(store.verify(&mut |_| {}).problems, []);
        tally.read += COPIED;
        tally.acknowledged += COPIED;
    }
    tally
}

fn fill(opener: &Opener) -> (Vec<samebits_store::RunHead>, Vec<samebits_store::CorrectionHead>) {
    let mut store = opener.create(None).unwrap();
    let runs: Vec<_> = (0..COPIED).map(|at| run(["A", "B", "C"][at as usize % 3], at / 3)).collect();
    let all: Vec<_> = runs.iter().map(packed).collect();
    let new: Vec<_> = runs
        .iter()
        .zip(&all)
        .map(|(run, packed)| NewRun { packed, run, actor: "tester", recorded_at: 5 })
        .collect();
    store.append(&new).unwrap();
    for wanted in ["A/3", "B/7", "A/3"] {
        correct(&mut store, wanted, "a price was stale").unwrap();
    }
    (store.list(&Filter::default()).unwrap(), store.corrections(None).unwrap())
}
