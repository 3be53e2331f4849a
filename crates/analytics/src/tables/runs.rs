//! `runs`: a line a record.

use super::table;
use crate::Error;
use crate::column::{Nanoseconds, Sink};
use crate::record::Record;
use samebits_snapshot::record::{Outcome, Status};
use samebits_snapshot::{Digest, Manifest};
use samebits_store::{CorrectionHead, RunHead};

/// What the store says of a record.
pub(crate) struct Row<'a> {
    sequence: i64,
    inputs_id: Digest,
    result_id: Digest,
    supersedes: Option<Digest>,
    reason: Option<&'a str>,
    recorded_at: i64,
    actor: &'a str,
    link: Digest,
}

impl<'a> Row<'a> {
    /// Of a Run as it was recorded.
    pub(crate) fn of_run(head: &'a RunHead) -> Self {
        let RunHead { sequence, inputs_id, result_id, recorded_at, link, .. } = *head;
        let (supersedes, reason) = (None, None);
        Self { sequence, inputs_id, result_id, supersedes, reason, recorded_at, actor: &head.actor, link }
    }

    /// Of a correction of the Run `sequence`.
    pub(crate) fn of_correction(head: &'a CorrectionHead, sequence: i64, manifest: &Manifest) -> Self {
        let CorrectionHead { supersedes, recorded_at, link, .. } = *head;
        let Manifest { inputs_id, result_id, .. } = *manifest;
        let (supersedes, reason) = (Some(supersedes), Some(head.reason.as_str()));
        Self { sequence, inputs_id, result_id, supersedes, reason, recorded_at, actor: &head.actor, link }
    }
}

struct Line<'a> {
    record: &'a Record<'a>,
    outcome: &'a Outcome,
    stored: &'a Row<'a>,
    detail: Option<&'a str>,
}

table! { "runs", |row: &Line<'_>|
    run_id: Id = row.record.place.run_id;
    inputs_id: Id = row.stored.inputs_id;
    result_id: Id = row.stored.result_id;
    account: Text = row.record.place.account.clone();
    sequence: Integer = row.stored.sequence;
    as_of: Day = row.record.place.as_of;
    supersedes: Id null = row.stored.supersedes;
    superseded_by: Id null = row.record.place.superseded_by;
    reason: Text null = row.stored.reason;
    recorded_at: Time = Nanoseconds(row.stored.recorded_at);
    actor: Text = row.stored.actor;
    link: Id = row.stored.link;
    currency: Text = row.record.run.inputs.market.currency.as_str();
    status: Text = row.outcome.status.name();
    status_detail: Text null = row.detail;
    solver: Text = row.record.run.method.solver.as_str();
    rules: Text = row.record.run.method.rules.as_str();
    tolerance: Real = row.record.run.method.tolerance;
    iterations: Integer = row.outcome.iterations;
    solves: Integer = row.outcome.solves;
    trades: Integer = row.outcome.trades.len() as i64;
    nav_before: Money = row.outcome.totals.nav_before;
    nav_after: Money = row.outcome.totals.nav_after;
    cash_before: Money = row.record.run.inputs.account.cash;
    cash_after: Money = row.outcome.totals.cash_after;
    bought: Money = row.outcome.totals.bought;
    sold: Money = row.outcome.totals.sold;
    costs: Money = row.outcome.totals.costs;
    tracking_error: Real = row.outcome.totals.tracking_error;
    final_tracking_error: Real = row.outcome.totals.final_tracking_error;
    objective: Real = row.outcome.objective.total;
    objective_risk: Real = row.outcome.objective.risk;
    objective_tax: Real = row.outcome.objective.tax;
    objective_cost: Real = row.outcome.objective.cost;
    objective_borrow: Real = row.outcome.objective.borrow;
    objective_reward: Real = row.outcome.objective.reward;
    final_objective: Real = row.outcome.final_objective.total;
    final_objective_risk: Real = row.outcome.final_objective.risk;
    final_objective_tax: Real = row.outcome.final_objective.tax;
    final_objective_cost: Real = row.outcome.final_objective.cost;
    final_objective_borrow: Real = row.outcome.final_objective.borrow;
    final_objective_reward: Real = row.outcome.final_objective.reward;
    realised_short_term: Money = row.outcome.tax.realised.short_term;
    realised_long_term: Money = row.outcome.tax.realised.long_term;
    harvested: Money = row.outcome.tax.harvested;
    disallowed: Money = row.outcome.tax.disallowed;
    tax_accrued: Money = row.outcome.tax.accrued;
    tax_change: Money = row.outcome.tax.change;
}

/// The line of a record.
pub(crate) fn runs(sink: &mut impl Sink, record: &Record<'_>, stored: &Row<'_>) -> Result<(), Error> {
    let outcome = &record.run.outcome;
    let detail = match &outcome.status {
        Status::Solved => None,
        Status::Relaxed(text) | Status::Unsolved(text) => Some(text.as_str()),
    };
    add(sink, &Line { record, outcome, stored, detail })
}
