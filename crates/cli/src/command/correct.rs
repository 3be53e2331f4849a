//! `samebits correct`

use crate::arguments::Correct;
use crate::exit::Exit;
use crate::output::Output;
use anyhow::Context;
use samebits_snapshot::{DaySections, Limits, NoBlobs, pack_shared, unpack};
use samebits_store::{Error, NewCorrection, Opener, Store};
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) fn run(store: &Opener, wanted: &Correct, output: Output) -> anyhow::Result<Exit> {
    let found = unpack(&read(&wanted.file)?, &Limits::default(), &NoBlobs)?;
    let run = &found.run;
    let packed = pack_shared(run, &DaySections::new(&run.inputs.market, &run.inputs.risk)?)?;
    let mut store = samebits_replay::equipped(store.write()?);
    let supersedes = named(&store, &wanted.id)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let recorded_at = i64::try_from(now.as_nanos()).context("the clock is too far ahead")?;
    let (reason, actor) = (wanted.reason.as_str(), wanted.actor.as_str());
    let new = NewCorrection { supersedes, packed: &packed, run, reason, actor, recorded_at };
    let head = store.correct(&new)?;
    // What was recorded is read back: whoever is told that it is there finds it.
    store.get_correction(&head.run_id)?;
    output.json(&samebits_present::corrections::recorded(&head));
    output.verdict(format!(
        "CORRECTED: {} is superseded by {}; next: samebits show {}",
        head.supersedes.short(),
        head.run_id.short(),
        head.run_id.short()
    ));
    Ok(Exit::Same)
}

/// A Run, or a correction.
fn named(store: &Store, id: &str) -> anyhow::Result<samebits_snapshot::Digest> {
    match store.find(id) {
        Ok(head) => Ok(head.run_id),
        Err(error @ Error::NotFound { .. }) => Ok(store.find_correction(id)?.ok_or(error)?.run_id),
        Err(error) => Err(error.into()),
    }
}

/// A file, no more of it than a Run may have.
fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).with_context(|| file.display().to_string())?;
    opened
        .take(Limits::default().file + 1)
        .read_to_end(&mut bytes)
        .with_context(|| file.display().to_string())?;
    Ok(bytes)
}
