//! `samebits export`

use crate::arguments::Export;
use crate::exit::Exit;
use crate::output::{Output, open};
use anyhow::Context;
use samebits_snapshot::{Limits, NoBlobs, pack, pack_interchange, unpack};
use samebits_store::{Error, Opener};
use serde_json::json;
use std::io::Write;
use std::path::Path;

pub(crate) fn run(store: &Opener, wanted: &Export, output: Output) -> anyhow::Result<Exit> {
    match (&wanted.parquet, &wanted.id, &wanted.file) {
        (None, Some(id), file) if wanted.html => html(store, id, file.as_deref(), output),
        (Some(folder), ..) => super::parquet::run(store, folder, wanted, output),
        (None, Some(id), Some(file)) => one(store, id, file, wanted.flat, output),
        _ => anyhow::bail!("name a Run and a file, or a folder for tables"),
    }
}

fn one(store: &Opener, id: &str, file: &Path, flat: bool, output: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let (run, manifest) = match store.find(id) {
        Ok(head) => {
            let stored = store.get(&head.run_id)?;
            (stored.run, stored.manifest)
        }
        Err(error @ Error::NotFound { .. }) => {
            let head = store.find_correction(id)?.ok_or(error)?;
            let stored = store.get_correction(&head.run_id)?;
            (stored.run, stored.manifest)
        }
        Err(error) => return Err(error.into()),
    };
    let packed = if flat { pack_interchange(&run)? } else { pack(&run)? };
    // What is about to be written is read first: an export that cannot be read back is never left behind.
    let back = unpack(&packed.bytes, &Limits::default(), &NoBlobs)?;
    anyhow::ensure!(back.manifest == manifest, "the export would not carry the ids of the stored Run");
    create(file, &packed.bytes)?;
    output.json(
        &json!({ "file": file.display().to_string(), "bytes": packed.bytes.len(), "run_id": manifest.run_id }),
    );
    output.verdict(format!(
        "{} bytes written; next: samebits inspect {}",
        packed.bytes.len(),
        file.display()
    ));
    Ok(Exit::Same)
}

#[cfg(feature = "serve")]
fn html(store: &Opener, id: &str, file: Option<&Path>, output: Output) -> anyhow::Result<Exit> {
    let page = samebits_audit_page::export(&open(store)?, id).map_err(super::serve::cause)?;
    let own = format!("{}.html", page.name);
    let file = file.unwrap_or(Path::new(&own));
    create(file, page.text.as_bytes())?;
    output.json(&json!({
        "file": file.display().to_string(), "bytes": page.text.len(), "run_id": page.run_id,
    }));
    output.verdict(format!("{} bytes written; open {} in any browser", page.text.len(), file.display()));
    Ok(Exit::Same)
}

#[cfg(not(feature = "serve"))]
fn html(_: &Opener, _: &str, _: Option<&Path>, _: Output) -> anyhow::Result<Exit> {
    anyhow::bail!("this build has no pages: it was made without the feature `serve`")
}

/// Writes a file that is not there yet.
pub(crate) fn create(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut created = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .with_context(|| format!("{}: not written", file.display()))?;
    created.write_all(bytes).and_then(|()| created.sync_all()).with_context(|| file.display().to_string())
}
