//! `samebits store`

use crate::DRIVERS;
use crate::arguments::StoreCommand;
use crate::exit::Exit;
use crate::output::{Output, open};
use samebits_replay::{equipped, seal};
use samebits_store::{Location, Opener};
use serde_json::json;

pub(crate) fn run(opener: &Opener, wanted: &StoreCommand, output: Output) -> anyhow::Result<Exit> {
    match wanted {
        StoreCommand::Migrate { from, to, blobs } => migrate(from, to, blobs.as_deref(), output),
        StoreCommand::Seal { whole, threads } => sealed(opener, *whole, *threads, output),
    }
}

fn migrate(from: &Location, to: &Location, blobs: Option<&str>, output: Output) -> anyhow::Result<Exit> {
    anyhow::ensure!(from != to, "{from}: a store is not copied into itself");
    let source = open(&Opener::new(from.clone(), DRIVERS))?;
    let mut target = equipped(Opener::new(to.clone(), DRIVERS).create(blobs)?);
    let bar = output.bar("migrate", source.count()?);
    let migrated = target.migrate(&source, &mut |done| bar.set_position(done))?;
    bar.finish_and_clear();
    drop(target);
    let report = super::verify::walk(&open(&Opener::new(to.clone(), DRIVERS))?, output);
    if !report.problems.is_empty() {
        return Ok(super::verify::print(&report, None, output));
    }
    output.json(&json!({
        "runs": migrated.runs, "corrections": migrated.corrections, "blobs": migrated.blobs, "there": migrated.there,
        "schema": source.schema(), "problems": [],
    }));
    output.verdict(format!(
        "MIGRATED: {} Runs, {} corrections and {} shared parts copied, {} were there; the copy verifies",
        migrated.runs, migrated.corrections, migrated.blobs, migrated.there
    ));
    Ok(Exit::Same)
}

fn sealed(opener: &Opener, whole: bool, threads: Option<usize>, output: Output) -> anyhow::Result<Exit> {
    let mut store = equipped(opener.write()?);
    let length = store.count()?;
    if length == 0 {
        anstream::eprintln!("error: the store has no Runs");
        return Ok(Exit::Nothing);
    }
    let threads = threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let before = store.size()?;
    let bar = output.bar("seal", length);
    let done = seal(opener, &mut store, whole, threads, &mut |seen| bar.set_position(seen))?;
    bar.finish_and_clear();
    store.reclaim()?;
    let after = store.size()?;
    output.json(&json!({
        "runs": length, "sealed": done.runs, "by_state": done.kept, "record_bytes_before": before.records,
        "record_bytes": after.records, "blob_bytes": after.blobs, "file_before": before.file, "file": after.file,
    }));
    output.verdict(format!(
        "SEALED: {} of {length} Runs, {} of them by the state of their optimum; records {} -> {} bytes ({} a Run), store \
         {} -> {} bytes; next: samebits verify",
        done.runs,
        done.kept,
        before.records,
        after.records,
        after.records / length,
        before.file,
        after.file
    ));
    Ok(Exit::Same)
}
