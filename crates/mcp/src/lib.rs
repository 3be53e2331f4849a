//! A store for language models: a read-only server of the Model Context Protocol.
//!
//! ```text
//! client -- one JSON-RPC message a line --> serve: five tools over one store --> answers with digests as citations
//! ```
//!
//! `list_runs`, `get_run`, `why_trade`, `compare_runs` and `verify_run` read; nothing here can write. The store is opened for
//! reading by each call. An answer has three parts: `citations`, the digests by which anybody finds the same record again;
//! fields that this program decided (verdicts, counts); and `data`, what records say, with every text quoted ([`quoted`]): who
//! names an account can write sentences into it, and a model must not take them for instructions.
//!
//! Limits: [`LINE`] bytes a message, [`ANSWER`] bytes an answer, [`AT_ONCE`] calls at once, [`WAITING`] that wait.
//!
//! Left out on purpose: resources, prompts, HTTP, anything that changes a store.

mod answer;
mod arguments;
mod quote;
mod serve;
mod tools;

pub use answer::{ANSWER, NOTE};
pub use quote::{LONGEST, quoted};
pub use serve::{AT_ONCE, Error, LINE, Machine, WAITING, serve};
