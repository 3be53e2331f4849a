//! `samebits store`

use crate::arguments::StoreCommand;
use crate::exit::Exit;
use crate::output::Output;
use samebits_replay::seal;
use samebits_store::{Filter, Opener};
use serde_json::json;

pub(crate) fn run(opener: &Opener, wanted: &StoreCommand, output: Output) -> anyhow::Result<Exit> {
    match wanted {
        StoreCommand::Seal { whole, threads } => sealed(opener, *whole, *threads, output),
    }
}

fn sealed(opener: &Opener, whole: bool, threads: Option<usize>, output: Output) -> anyhow::Result<Exit> {
    let mut store = opener.write()?;
    let length = store.list(&Filter::default())?.len() as u64;
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
