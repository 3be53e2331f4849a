//! `samebits mcp`

use crate::exit::Exit;
use anyhow::Context;
use samebits_canon::Isa;
use samebits_mcp::{Machine, serve};
use samebits_store::Opener;
use std::time::Instant;

pub(crate) fn run(store: &Opener) -> anyhow::Result<Exit> {
    // A place that is no store is told now, to whoever starts the server, and not to the model.
    drop(samebits_replay::open(store)?);
    let started = Instant::now();
    let machine = Machine {
        isa: Isa::detect(),
        clock: Box::new(move || started.elapsed().as_nanos() as u64),
        version: env!("CARGO_PKG_VERSION"),
    };
    serve(store.clone(), machine).context("the MCP server")?;
    Ok(Exit::Same)
}
