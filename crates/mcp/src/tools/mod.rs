//! The tools.

mod compare;
mod list;
mod run;
mod verify;
mod why;

use crate::answer::{Answer, Failure};
use crate::arguments::{Checked, CompareRuns, GetRun, ListRuns, VerifyRun, WhyTrade};
use crate::serve::Machine;
use rmcp::handler::server::tool::schema_for_input;
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use rmcp::schemars::JsonSchema;
use samebits_store::Opener;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// Does what a tool does.
type Work = fn(&Opener, &Machine, JsonObject) -> Result<Answer, Failure>;

/// A tool: what is said of it, the schema of its arguments, and its work.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    about: &'static str,
    schema: fn() -> Result<Arc<JsonObject>, String>,
    pub(crate) work: Work,
}

/// All of them.
pub(crate) const TOOLS: [Entry; 5] = [
    Entry {
        name: "list_runs",
        about: "Lists recorded Runs (one Run is one account's rebalance on one day), newest day first: account, sequence, day, \
                status, solver and digests.",
        schema: schema_for_input::<ListRuns>,
        work: |store, _, given| list::answer(store, &read(given)?),
    },
    Entry {
        name: "get_run",
        about: "Shows one recorded Run, verified by its checksums, digests and link: question, method, status, totals, taxes, \
                certificate and every lot-level trade; on demand further parts of the record.",
        schema: schema_for_input::<GetRun>,
        work: |store, _, given| run::answer(store, &read(given)?),
    },
    Entry {
        name: "why_trade",
        about: "Explains what a Run did with one name: terms in basis points that add up, lots, locks, constraints that bind, risk; and \
                what the decision would have been with one thing changed.",
        schema: schema_for_input::<WhyTrade>,
        work: |store, machine, given| why::answer(store, machine, &read(given)?),
    },
    Entry {
        name: "compare_runs",
        about: "Compares a Run with another one field by field, or answers its question again with several solvers.",
        schema: schema_for_input::<CompareRuns>,
        work: |store, machine, given| compare::answer(store, machine, &read(given)?),
    },
    Entry {
        name: "verify_run",
        about: "Decides a Run again from its recorded inputs and compares every bit: verdict IDENTICAL, EQUIVALENT or DIVERGED, \
                the first stage that differs, digests, milliseconds.",
        schema: schema_for_input::<VerifyRun>,
        work: |store, machine, given| verify::answer(store, machine, &read(given)?),
    },
];

impl Entry {
    /// As a client sees it.
    pub(crate) fn tool(&self) -> Result<Tool, String> {
        let hints =
            ToolAnnotations::new().read_only(true).destructive(false).idempotent(true).open_world(false);
        Ok(Tool::new(self.name, self.about, (self.schema)()?).with_annotations(hints))
    }
}

fn read<T: DeserializeOwned + JsonSchema + Checked>(given: JsonObject) -> Result<T, Failure> {
    let arguments: T =
        serde_json::from_value(Value::Object(given)).map_err(|error| Failure::argument(error.to_string()))?;
    arguments.check()?;
    Ok(arguments)
}
