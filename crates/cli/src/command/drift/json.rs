//! For programs.

use samebits_replay::drift::{
    Cause, Changes, Correction, Drifted, Finding, Part, Redecided, Summary, ValueChange,
};
use samebits_store::RunHead;
use serde_json::{Value, json};

pub(crate) fn all(verdict: &str, rows: &[(&RunHead, &Drifted)], summary: &Summary, failed: usize) -> Value {
    let counts: serde_json::Map<String, Value> = Finding::ALL
        .iter()
        .map(|finding| (finding.name().to_lowercase().replace(' ', "_"), json!(summary.runs(*finding))))
        .collect();
    let parts: serde_json::Map<String, Value> = Part::ALL
        .iter()
        .zip(summary.parts)
        .map(|(part, (differs, moves))| {
            (part.name().to_owned(), json!({ "differs": differs, "moves_trades_alone": moves }))
        })
        .collect();
    json!({
        "verdict": verdict, "runs_by_verdict": counts, "failed": failed, "trades_moved": summary.trades,
        "unexplained": summary.unexplained, "rescaled": summary.rescaled, "parts": parts,
        "names": summary.names.iter().map(|(ticker, runs, trades)| json!({
            "ticker": ticker, "runs": runs, "trades": trades,
        })).collect::<Vec<_>>(),
        "at_fault": summary.corrections.iter().map(|fault| json!({
            "cause": cause(&fault.cause), "runs": fault.runs,
        })).collect::<Vec<_>>(),
        "runs": rows.iter().map(|(head, found)| row(head, found)).collect::<Vec<_>>(),
    })
}

fn row(head: &RunHead, found: &Drifted) -> Value {
    json!({
        "run_id": head.run_id, "account": head.account, "sequence": head.sequence, "as_of": head.as_of.to_string(),
        "verdict": found.finding.name(),
        "engine": found.engine.map(|(stage, fields)| json!({ "first_stage": stage, "fields": fields })),
        "obstacle": found.obstacle.as_ref().map(ToString::to_string),
        "changes": found.changes.as_ref().map(|found| changes(found)),
        "decision": found.decision.as_ref().map(decision),
    })
}

fn changes(found: &Changes) -> Value {
    json!({
        "same": found.same,
        "parts": found.parts.iter().map(|change| json!({
            "part": change.part.name(), "unexplained": change.unexplained,
            "causes": change.causes.iter().map(cause).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "prices": found.prices.iter().map(|price| json!({
            "ticker": price.ticker, "recorded": price.recorded.to_string(), "today": price.today.to_string(),
            "ratio": price.ratio(), "unexplained": price.unexplained,
        })).collect::<Vec<_>>(),
        "rescaled": found.rescaled.iter().map(|one| json!({
            "ticker": one.ticker, "recorded": one.recorded.to_string(), "today": one.today.to_string(),
            "ratio_e9": one.ratio_e9, "used": one.used.to_string(),
        })).collect::<Vec<_>>(),
        "benchmark": found.benchmark.as_ref().map(|found| json!({
            "rebalanced": [found.rebalanced.0.to_string(), found.rebalanced.1.to_string()],
            "moved": found.moved, "largest": value(&found.largest),
        })),
        "risk": found.risk.as_ref().map(|found| json!({
            "covariance": found.sigma, "factor_covariance": found.factor_covariance, "specific": found.specific,
            "intensity": [found.intensity.0, found.intensity.1],
            "names": found.names.iter().map(|name| json!({ "ticker": name.ticker, "change": name.change }))
                .collect::<Vec<_>>(),
            "loadings": found.loadings.iter().map(|one| json!({
                "factor": one.factor, "largest": value(&one.largest),
            })).collect::<Vec<_>>(),
        })),
        "alpha": found.alpha.as_ref().map(value),
        "terms": found.terms.iter().map(|one| json!({
            "field": one.field, "recorded": one.recorded.as_ref().map(ToString::to_string),
            "today": one.replayed.as_ref().map(ToString::to_string),
        })).collect::<Vec<_>>(),
    })
}

fn value(found: &ValueChange) -> Value {
    json!({ "ticker": found.ticker, "recorded": found.recorded, "today": found.today })
}

fn cause(found: &Cause) -> Value {
    let correction = |one: &Correction| {
        json!({
            "date": one.date.to_string(), "before": one.before.to_string(), "today": one.today.to_string(),
            "rescaled_e9": one.rescaled_e9,
        })
    };
    json!({
        "ticker": found.ticker, "cells": found.cells, "first": found.first.to_string(),
        "last": found.last.to_string(), "largest": correction(&found.largest),
    })
}

fn decision(found: &Redecided) -> Value {
    json!({
        "trades": [found.count.0, found.count.1],
        "moved": found.trades.iter().map(|trade| json!({
            "side": trade.side.name(), "ticker": trade.ticker, "lot": trade.lot, "what": trade.what(),
            "shares": [trade.recorded.to_string(), trade.today.to_string()],
        })).collect::<Vec<_>>(),
        "weight": found.weight.as_ref().map(value),
        "tax": [found.tax.0.to_string(), found.tax.1.to_string()],
        "harvested": [found.harvested.0.to_string(), found.harvested.1.to_string()],
        "nav": [found.nav.0.to_string(), found.nav.1.to_string()],
        "status": [format!("{:?}", found.status.0), format!("{:?}", found.status.1)],
        "alone": found.alone.iter().map(|alone| json!({
            "part": alone.part.name(), "trades": alone.trades, "as_all": alone.as_all,
        })).collect::<Vec<_>>(),
    })
}
