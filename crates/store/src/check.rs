//! One Run of a store against everything that is known of it.

use crate::chain::Covered;
use crate::row::{Blobs, RunHead};
use crate::{Error, status_name};
use rusqlite::Connection;
use samebits_snapshot::{Limits, Shared, Unpacked, unpack_shared};

/// Unpacks `record` and compares it, and the chain's link, with its row.
pub(crate) fn checked(
    connection: &Connection,
    head: &RunHead,
    record: &[u8],
    shared: Option<&Shared>,
) -> Result<Unpacked, Error> {
    let unpacked = unpack_shared(record, &Limits::default(), &Blobs(connection), shared)
        .map_err(|error| head.damaged("record", error))?;
    let manifest = &unpacked.manifest;
    let question = &manifest.question;
    let rows: [(&str, String, String); 8] = [
        ("column account", head.account.clone(), question.account.clone()),
        ("column sequence", head.sequence.to_string(), question.sequence.to_string()),
        ("column as_of", head.as_of.to_string(), question.as_of.to_string()),
        ("column run_id", head.run_id.to_string(), manifest.run_id.to_string()),
        ("column inputs_id", head.inputs_id.to_string(), manifest.inputs_id.to_string()),
        ("column result_id", head.result_id.to_string(), manifest.result_id.to_string()),
        ("column solver", head.solver.clone(), manifest.method.solver.clone()),
        ("column status", head.status.clone(), status_name(&unpacked.run.outcome.status).to_owned()),
    ];
    for (part, found, expected) in rows {
        if found != expected {
            return Err(head.damaged(part, format!("expected {expected}, found {found}")));
        }
    }
    let covered = Covered {
        previous: &head.previous,
        account: &head.account,
        sequence: head.sequence,
        run_id: &head.run_id,
        recorded_at: head.recorded_at,
        actor: &head.actor,
        record,
    };
    let link = covered.link();
    if link != head.link {
        return Err(head.damaged("chain link", format!("expected {link}, found {}", head.link)));
    }
    Ok(unpacked)
}
