//! `samebits serve`

use clap::Args;
use samebits_store::Location;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Serve {
    /// The port on 127.0.0.1 [default: one that is free]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// What `samebits fleet` found: a file or a database [default: beside the store]
    #[arg(long, value_name = "PLACE")]
    pub(crate) results: Option<Location>,
    /// The folder of the gate's scenarios
    #[arg(long, value_name = "DIR")]
    pub(crate) gate: Option<PathBuf>,
    /// A report that `samebits drift --json` wrote
    #[arg(long, value_name = "FILE")]
    pub(crate) drift: Option<PathBuf>,
}
