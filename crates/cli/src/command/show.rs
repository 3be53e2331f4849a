//! `samebits show`

use crate::exit::Exit;
use crate::output::{Output, open, table};
use samebits_present::{Shown, corrections, utc};
use samebits_snapshot::record::{Run, Status, TradeSide};
use samebits_store::Opener;

pub(crate) fn run(store: &Opener, id: &str, output: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let shown = Shown::find(&store, id)?;
    let run = &shown.run;
    output.json(&shown.json());
    overview(&shown, output);
    output.line(trades(run));
    output.line(rows(run));
    let question = &run.inputs.question;
    let name = format!("{}/{}", question.account, question.sequence);
    let status = run.outcome.status.name();
    output.verdict(match shown.superseded.last() {
        Some(last) => format!(
            "{} trades, status {status}; SUPERSEDED by {}; next: samebits show {}",
            run.outcome.trades.len(),
            last.run_id.short(),
            last.run_id.short()
        ),
        None => format!("{} trades, status {status}; next: samebits why {name}", run.outcome.trades.len()),
    });
    Ok(Exit::Same)
}

/// The status with its reason.
fn status(run: &Run) -> String {
    let name = run.outcome.status.name();
    match &run.outcome.status {
        Status::Relaxed(why) | Status::Unsolved(why) => format!("{name}: {why}"),
        Status::Solved => name.to_owned(),
    }
}

fn overview(shown: &Shown, output: Output) {
    let run = &shown.run;
    let (totals, tax, outcome) = (&run.outcome.totals, &run.outcome.tax, &run.outcome);
    let mut list = table(&["what", "value"], &[]);
    let bp = |fraction: f64| format!("{:.2} bp", fraction * 1e4);
    for (what, value) in [
        ("run", format!("{} of {}, {}", shown.name, run.inputs.question.as_of, shown.manifest.run_id)),
        ("question", shown.manifest.inputs_id.to_string()),
        ("answer", shown.manifest.result_id.to_string()),
        ("status", format!("{}; solves {}, iterations {}", status(run), outcome.solves, outcome.iterations)),
        (
            "method",
            format!("{}, {}, tolerance {:e}", run.method.solver, run.method.rules, run.method.tolerance),
        ),
        (
            "certificate",
            format!(
                "primal {:.1e}, dual {:.1e}, complementarity {:.1e}, gap {:.1e}",
                outcome.certificate.primal,
                outcome.certificate.dual,
                outcome.certificate.complementarity,
                outcome.certificate.gap
            ),
        ),
        (
            "net asset value",
            format!("{} before, {} after costs of {}", totals.nav_before, totals.nav_after, totals.costs),
        ),
        ("bought, sold, cash", format!("{}, {}, {}", totals.bought, totals.sold, totals.cash_after)),
        (
            "tracking error",
            format!("{} optimum, {} final", bp(totals.tracking_error), bp(totals.final_tracking_error)),
        ),
        ("gains", format!("short-term {}, long-term {}", tax.realised.short_term, tax.realised.long_term)),
        ("losses", format!("harvested {}, disallowed {}", tax.harvested, tax.disallowed)),
        ("tax accrued", format!("{} for the year, {} today", tax.accrued, tax.change)),
        (
            "recorded",
            format!(
                "{} by {}, code {}, {}",
                utc(shown.recorded_at),
                shown.actor,
                run.info.code,
                run.info.machine
            ),
        ),
    ] {
        list.add_row([what.to_owned(), value]);
    }
    if let Some(head) = &shown.corrects {
        list.add_row(["supersedes".to_owned(), format!("{}: {}", head.supersedes, head.reason)]);
    }
    for head in &shown.superseded {
        list.add_row(["superseded by".to_owned(), corrections::line(head)]);
    }
    output.line(list);
}

fn trades(run: &Run) -> comfy_table::Table {
    let mut list =
        table(&["trade", "ticker", "lot", "shares", "notional", "cost", "gain", "term"], &[2, 3, 4, 5, 6]);
    for trade in &run.outcome.trades {
        let closes = matches!(trade.side, TradeSide::Sell | TradeSide::Cover);
        list.add_row([
            trade.side.name().to_owned(),
            run.inputs.market.securities[trade.security as usize].ticker.clone(),
            trade.lot.to_string(),
            trade.quantity.to_string(),
            trade.notional.to_string(),
            trade.cost.to_string(),
            if closes { trade.gain.to_string() } else { String::new() },
            if !closes {
                String::new()
            } else if trade.long_term {
                "long".to_owned()
            } else {
                "short".to_owned()
            },
        ]);
    }
    list
}

pub(super) fn rows(run: &Run) -> comfy_table::Table {
    let header = ["constraint", "lower", "upper", "optimum", "final", "multiplier", "gave", "exceeded"];
    let mut list = table(&header, &[1, 2, 3, 4, 5, 6, 7]);
    let limit = |limit: Option<f64>| limit.map_or_else(String::new, |limit| format!("{limit:.5}"));
    for row in &run.outcome.rows {
        let some = |value: f64| if value == 0.0 { String::new() } else { format!("{value:.2e}") };
        list.add_row([
            format!("{:?} {}", row.kind, row.name),
            limit(row.lower),
            limit(row.upper),
            format!("{:.5}", row.value),
            format!("{:.5}", row.final_value),
            format!("{:.2e}", row.multiplier),
            some(row.relaxed_by),
            some(row.final_excess),
        ]);
    }
    list
}
