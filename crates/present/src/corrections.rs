//! Corrections.

use crate::utc;
use samebits_store::CorrectionHead;
use serde_json::{Value, json};

/// A correction: what it supersedes, and who recorded it why.
pub fn head(head: &CorrectionHead) -> Value {
    json!({
        "number": head.number, "supersedes": head.supersedes, "run_id": head.run_id, "reason": head.reason,
        "actor": head.actor, "recorded_at": utc(head.recorded_at), "link": head.link,
    })
}

/// What is answered to whoever recorded a correction.
pub fn recorded(head: &CorrectionHead) -> Value {
    json!({
        "number": head.number, "supersedes": head.supersedes, "run_id": head.run_id, "link": head.link,
    })
}

/// Who put what in whose place, and why.
pub fn line(head: &CorrectionHead) -> String {
    format!("{} by {} on {}: {}", head.run_id, head.actor, utc(head.recorded_at), head.reason)
}
