//! The processes that are killed. They say what they begin and what was acknowledged, one line each.

use crate::Random;
use crate::scene::{corrected, packed, run};
use samebits_snapshot::pack;
use samebits_snapshot::record::Run;
use samebits_store::{Filter, NewCorrection, NewRun, Opener, Store};
use std::io::Write;

/// Accounts of one writer.
const ACCOUNTS: usize = 3;

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).unwrap();
}

/// Appends Runs one by one and in batches, corrects some and rewrites the bytes of others, until it is killed.
pub(crate) fn append(opener: &Opener, number: &str, seed: u64) {
    let mut store = opener.create(None).unwrap();
    let accounts: Vec<String> = (0..ACCOUNTS).map(|at| format!("{number}{at}")).collect();
    let mut next: Vec<u64> = accounts.iter().map(|account| length(&store, account)).collect();
    let mut random = Random(seed);
    loop {
        match random.below(10) {
            0 => correct(&mut store, &accounts, &next, &mut random),
            1 => rewrite(&mut store, &accounts, &next, &mut random),
            choice => {
                let count = if choice < 6 { 1 } else { 2 + random.below(5) };
                let runs: Vec<Run> = (0..count)
                    .map(|_| {
                        let at = random.below(ACCOUNTS as u64) as usize;
                        next[at] += 1;
                        run(&accounts[at], next[at] - 1)
                    })
                    .collect();
                batch(&mut store, &runs);
            }
        }
    }
}

fn length(store: &Store, account: &str) -> u64 {
    let filter = Filter { account: Some(account.to_owned()), ..Filter::default() };
    store.list(&filter).unwrap().len() as u64
}

fn batch(store: &mut Store, runs: &[Run]) {
    let all: Vec<_> = runs.iter().map(packed).collect();
    let new: Vec<NewRun<'_>> = runs
        .iter()
        .zip(&all)
        .map(|(run, packed)| NewRun { packed, run, actor: "writer", recorded_at: 1 })
        .collect();
    let names: Vec<String> = all.iter().map(|packed| packed.manifest.run_id.to_string()).collect();
    let names = names.join(" ");
    say(&format!("begin {names}"));
    store.append(&new).unwrap();
    say(&format!("done {names}"));
}

/// Supersedes what holds for some Run.
fn correct(store: &mut Store, accounts: &[String], next: &[u64], random: &mut Random) {
    let at = random.below(ACCOUNTS as u64) as usize;
    if next[at] == 0 {
        return;
    }
    let head = store.find(&format!("{}/{}", accounts[at], random.below(next[at]))).unwrap();
    let before = store.corrections_of(&head.run_id).unwrap();
    let run = corrected(&head.account, head.sequence as u64, 1 + before.len() as i64);
    let packed = packed(&run);
    let supersedes = before.last().map_or(head.run_id, |last| last.run_id);
    let new = NewCorrection {
        supersedes,
        packed: &packed,
        run: &run,
        reason: "to be killed",
        actor: "writer",
        recorded_at: 2,
    };
    say(&format!("begin {}", packed.manifest.run_id));
    store.correct(&new).unwrap();
    say(&format!("done {}", packed.manifest.run_id));
}

/// The same content in other bytes.
fn rewrite(store: &mut Store, accounts: &[String], next: &[u64], random: &mut Random) {
    let at = random.below(ACCOUNTS as u64) as usize;
    if next[at] == 0 {
        return;
    }
    let run = run(&accounts[at], random.below(next[at]));
    let new = if random.below(2) == 0 { pack(&run).unwrap() } else { packed(&run) };
    say("begin");
    store.replace(&[(new.manifest.run_id, &new.bytes)], &[]).unwrap();
    say("done");
}

/// Copies a store, and says when a batch is there.
pub(crate) fn migrate(from: &Opener, to: &Opener) {
    let from = from.read().unwrap();
    let mut to = to.create(None).unwrap();
    say("begin");
    to.migrate(&from, &mut |done| say(&format!("done {done}"))).unwrap();
    say("end");
}
