//! One module a command: each calls the library and prints.

pub(crate) mod attest;
pub(crate) mod compare;
pub(crate) mod correct;
pub(crate) mod drift;
pub(crate) mod execute;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod fleet;
pub(crate) mod gate;
pub(crate) mod inspect;
pub(crate) mod manual;
#[cfg(feature = "mcp")]
pub(crate) mod mcp;
pub(crate) mod mutants;
pub(crate) mod paper;
pub(crate) mod parquet;
pub(crate) mod reconcile;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod runs;
pub(crate) mod show;
pub(crate) mod solve;
pub(crate) mod store;
pub(crate) mod tape;
pub(crate) mod verify;
pub(crate) mod why;
