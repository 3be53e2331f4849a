//! Which Runs of a store may be kept as the state of their optimum, how long an outcome takes to be derived from it, and
//! what is left to store.
//!
//! `cargo run --release -p samebits-replay --example derive -- STORE [STEP] [FOLDER]`
//!
//! Every STEP-th Run is looked at. With a folder, which must exist, the canonical bytes of each outcome, and of what is kept
//! of it, are written there as files of their own, for any compressor.

#![expect(clippy::print_stdout, reason = "an example that prints a table")]
#![expect(clippy::disallowed_methods, reason = "an example that takes times")]

use samebits_canon::Isa;
use samebits_replay::Deriver;
use samebits_snapshot::record::{Kept, Run, Source, Status};
use samebits_snapshot::{InputIds, Shared, account_id, canonical};
use samebits_store::{Filter, Store};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// What was found of the Runs of a strategy.
#[derive(Default)]
struct Found {
    runs: usize,
    compact: usize,
    /// Of those: relaxed, with a tightened cap, without a solution.
    special: [usize; 3],
    /// Of the outcomes that stay whole.
    why: BTreeMap<String, usize>,
    micros: [Vec<u128>; 2],
    whole: usize,
    kept: usize,
}

/// How often each outcome is derived; the fastest time counts.
const TIMES: usize = 5;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("a store")?;
    let step: usize = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let folder = arguments.next();
    let store = Store::open_read_only(Path::new(&path))?.sharing(Arc::new(Shared::default()));
    let deriver = Deriver::new(Isa::detect());
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for (at, head) in store.list(&Filter::default())?.iter().enumerate().step_by(step) {
        let stored = store.get(&head.run_id)?;
        let (all, own) = (look(&deriver, &stored.run, &stored.ids)?, strategy(&stored.run));
        for name in [&own, "all"] {
            found.entry(name.to_owned()).or_default().add(&all);
        }
        if let Some(folder) = &folder {
            std::fs::write(format!("{folder}/{at:06}.outcome"), &all.outcome)?;
            std::fs::write(format!("{folder}/{at:06}.kept"), &all.kept)?;
        }
    }
    for (name, mut found) in found {
        for micros in &mut found.micros {
            micros.sort_unstable();
        }
        let at = |of: usize, part: usize| {
            let micros: &Vec<u128> = &found.micros[of];
            micros.get(micros.len() * part / 100).copied().unwrap_or(0)
        };
        println!(
            "{name:<36} {:>5} of {:>5} compact; derived in {:>4} us, {:>4} of them the account's id (99 %: {:>5}); \
             {:>6} -> {:>5} bytes, not compressed",
            found.compact,
            found.runs,
            at(0, 50),
            at(1, 50),
            at(0, 99),
            found.whole / found.runs,
            found.kept / found.runs
        );
        let [relaxed, tightened, unsolved] = found.special;
        if found.special != [0; 3] {
            println!("    of the compact ones {relaxed} relaxed, {tightened} tightened, {unsolved} unsolved");
        }
        for (why, count) in &found.why {
            println!("    {count:>6} {why}");
        }
    }
    Ok(())
}

struct Looked {
    special: [bool; 3],
    why: Option<String>,
    /// Of the derivation; of the id of the account after trading, which is part of it.
    micros: [u128; 2],
    outcome: Vec<u8>,
    kept: Vec<u8>,
}

fn look(deriver: &Deriver, run: &Run, ids: &InputIds) -> Result<Looked, Failure> {
    let outcome = canonical::encode("outcome", &run.outcome)?;
    let compact = deriver.compact(run, ids);
    let kept = compact.clone().unwrap_or_else(|| Kept::of(&run.outcome));
    let (micros, derived) = fastest(|| deriver.derive(&run.inputs, ids, &run.method, &kept));
    let (why, id_micros) = match (compact, derived) {
        (Some(_), Ok((_, after))) => (None, fastest(|| account_id(&after)).0),
        (_, Ok(_)) => (Some("another outcome follows".to_owned()), 0),
        (_, Err(why)) => (Some(why.to_string()), 0),
    };
    let special = [
        matches!(kept.status, Status::Relaxed(_)),
        kept.rounding.tightened > 0,
        matches!(kept.status, Status::Unsolved(_)),
    ];
    Ok(Looked { special, why, micros: [micros, id_micros], outcome, kept: canonical::encode("kept", &kept)? })
}

/// The least microseconds of [`TIMES`], and the last result.
fn fastest<T>(work: impl Fn() -> T) -> (u128, T) {
    let time = || {
        let begun = Instant::now();
        let result = work();
        (begun.elapsed().as_micros(), result)
    };
    let mut best = time();
    for _ in 1..TIMES {
        let (micros, result) = time();
        best = (best.0.min(micros), result);
    }
    best
}

impl Found {
    fn add(&mut self, looked: &Looked) {
        self.runs += 1;
        self.whole += looked.outcome.len();
        self.kept += looked.kept.len();
        match &looked.why {
            None => {
                self.compact += 1;
                for (count, one) in self.special.iter_mut().zip(looked.special) {
                    *count += usize::from(one);
                }
                for (all, one) in self.micros.iter_mut().zip(looked.micros) {
                    all.push(one);
                }
            }
            Some(why) => *self.why.entry(why.clone()).or_default() += 1,
        }
    }
}

/// The strategy of a Run: where its parameters come from.
fn strategy(run: &Run) -> String {
    let mut sources = run.inputs.params.settings.values().map(|setting| &setting.source);
    let named = sources.find_map(|source| match source {
        Source::Strategy(name) => Some(name.clone()),
        _ => None,
    });
    named.unwrap_or_else(|| run.method.rules.clone())
}
