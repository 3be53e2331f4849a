//! Replays.

use crate::Conclusion;
use samebits_replay::{Error, Item, Replayed, Verdict};
use samebits_snapshot::{Difference, Tree};
use samebits_store::RunHead;
use serde_json::{Value, json};

/// A replayed Run: verdict, first stage and every field that differ, milliseconds.
pub fn row(head: &RunHead, replayed: &Replayed) -> Value {
    let differences: Vec<Value> = replayed.differences.iter().map(difference).collect();
    json!({
        "run_id": head.run_id, "account": head.account, "sequence": head.sequence, "as_of": head.as_of.to_string(),
        "verdict": replayed.verdict.name(), "first_stage": replayed.first_stage,
        "weights_bit_equal": replayed.weights_equal, "trades_equal": replayed.trades_equal,
        "largest_weight_difference": replayed.largest_weight_difference,
        "replay_ms": replayed.replay_ns as f64 / 1e6, "differences": differences,
    })
}

/// A field that differs: both values as text, and their distance in representable numbers.
pub fn difference(found: &Difference) -> Value {
    let text = |value: &Option<Tree>| value.as_ref().map(ToString::to_string);
    json!({
        "field": found.field, "recorded": text(&found.recorded), "replayed": text(&found.replayed),
        "ulps": found.ulps,
    })
}

/// A Run that could not be replayed.
pub fn failed(head: &RunHead, error: &Error) -> Value {
    json!({
        "run_id": head.run_id, "account": head.account, "sequence": head.sequence,
        "verdict": if error.is_damage() { "DAMAGED" } else { "ERROR" }, "error": error.to_string(),
    })
}

/// How many Runs ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// With every bit.
    pub identical: usize,
    /// With the same trades, weights within 1e-8.
    pub equivalent: usize,
    /// With another decision.
    pub diverged: usize,
    /// Without a verdict.
    pub failed: usize,
    /// Not replayed: a journal has them.
    pub skipped: usize,
    /// Whether a failed one is damaged.
    pub damaged: bool,
}

impl Counts {
    /// Of replays, and of as many Runs that were not replayed.
    pub fn of(items: &[Item], skipped: usize) -> Self {
        let mut counts = Self { skipped, ..Self::default() };
        for item in items {
            match &item.result {
                Ok(replayed) => match replayed.verdict {
                    Verdict::Identical => counts.identical += 1,
                    Verdict::Equivalent => counts.equivalent += 1,
                    Verdict::Diverged => counts.diverged += 1,
                },
                Err(error) => {
                    counts.failed += 1;
                    counts.damaged |= error.is_damage();
                }
            }
        }
        counts
    }

    /// The verdict over all.
    pub fn conclusion(&self) -> Conclusion {
        if self.damaged {
            Conclusion::Damaged
        } else if self.failed > 0 {
            Conclusion::NotCompared
        } else if self.diverged > 0 {
            Conclusion::Diverged
        } else if self.equivalent > 0 {
            Conclusion::Equivalent
        } else if self.identical + self.skipped == 0 {
            Conclusion::Nothing
        } else {
            Conclusion::Identical
        }
    }

    /// Verdict, counts, and the rows of the Runs.
    pub fn json(&self, rows: &[Value]) -> Value {
        json!({
            "verdict": self.conclusion().name(), "identical": self.identical, "equivalent": self.equivalent,
            "diverged": self.diverged, "failed": self.failed, "skipped": self.skipped, "runs": rows,
        })
    }
}
