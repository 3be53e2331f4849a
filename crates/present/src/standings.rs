//! How the Runs of a fleet stand.

use crate::Conclusion;
use samebits_replay::fleet::{By, Place, Standing, Worked};
use samebits_store::{Answer, Found, Job, RunHead};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How a Run stands, in one word.
pub const fn word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Open => "OPEN",
        Standing::Identical => "IDENTICAL",
        Standing::Diverged { .. } => "DIVERGED",
        Standing::Disagree { .. } => "DISAGREE",
        Standing::Failed { .. } => "FAILED",
    }
}

/// How many Runs stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// As recorded.
    pub identical: usize,
    /// Otherwise decided.
    pub diverged: usize,
    /// With answers that differ from each other.
    pub disagree: usize,
    /// Without an answer that could be given.
    pub failed: usize,
    /// Without an answer.
    pub open: usize,
}

impl Counts {
    /// Of all.
    pub fn of(standings: &[Standing]) -> Self {
        let mut counts = Self::default();
        for standing in standings {
            *match standing {
                Standing::Open => &mut counts.open,
                Standing::Identical => &mut counts.identical,
                Standing::Diverged { .. } => &mut counts.diverged,
                Standing::Disagree { .. } => &mut counts.disagree,
                Standing::Failed { .. } => &mut counts.failed,
            } += 1;
        }
        counts
    }

    /// Runs counted.
    pub const fn runs(&self) -> usize {
        self.identical + self.diverged + self.disagree + self.failed + self.open
    }

    /// The verdict over all: the worst of them.
    pub const fn conclusion(&self) -> Conclusion {
        if self.runs() == 0 {
            Conclusion::Nothing
        } else if self.disagree > 0 {
            Conclusion::Disagree
        } else if self.diverged > 0 {
            Conclusion::Diverged
        } else if self.failed > 0 {
            Conclusion::NotCompared
        } else if self.open > 0 {
            Conclusion::Incomplete
        } else {
            Conclusion::Identical
        }
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        json!({
            "identical": self.identical, "diverged": self.diverged, "disagree": self.disagree,
            "failed": self.failed, "open": self.open,
        })
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} Runs: {} identical, {} diverged, {} whose answers disagree, {} failed, {} open",
            self.runs(),
            self.identical,
            self.diverged,
            self.disagree,
            self.failed,
            self.open
        )
    }
}

/// An answer in a line: what came out, where, by whom.
pub fn said(answer: &Answer) -> String {
    let found = match &answer.found {
        Found::Outcome { result_id, .. } => result_id.to_string(),
        Found::Failed(problem) => problem.clone(),
    };
    format!("{found} by {} on {}, version {}", answer.worker, answer.machine, answer.code)
}

/// How one Run stands.
pub fn row(head: &RunHead, standing: &Standing) -> Value {
    let answers = match standing {
        Standing::Disagree { answers } => answers.iter().map(said).collect(),
        _ => Vec::new(),
    };
    let (stage, problem) = match standing {
        Standing::Diverged { stage } => (Some(stage), None),
        Standing::Failed { problem } => (None, Some(problem)),
        _ => (None, None),
    };
    json!({
        "run_id": head.run_id, "account": head.account, "sequence": head.sequence, "as_of": head.as_of.to_string(),
        "standing": word(standing), "first_stage": stage, "problem": problem, "answers": answers,
    })
}

/// The whole board: counts, every Run that is not identical, who answered, how far the queue is.
pub fn report(
    heads: &[RunHead],
    standings: &[Standing],
    places: &BTreeMap<Place, By>,
    jobs: &[Job],
) -> Value {
    let counts = Counts::of(standings);
    let others = heads.iter().zip(standings).filter(|(_, standing)| **standing != Standing::Identical);
    json!({
        "verdict": counts.conclusion().name(), "runs": heads.len(), "standings": counts.json(),
        "others": others.map(|(head, standing)| row(head, standing)).collect::<Vec<_>>(),
        "places": places.iter().map(|(place, by)| json!({
            "machine": place.machine, "code": place.code, "answers": by.answers, "other": by.other,
            "took_ns": by.took_ns, "workers": by.workers,
        })).collect::<Vec<_>>(),
        "jobs": jobs.iter().map(|job| json!({
            "job": job.name, "units": job.units, "done": job.done, "runs": job.runs,
        })).collect::<Vec<_>>(),
    })
}

/// What a worker did.
pub fn worked(worked: Worked) -> Value {
    json!({
        "units": worked.units, "answered": worked.answered, "failed": worked.failed, "skipped": worked.skipped,
    })
}
