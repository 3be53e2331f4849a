//! `samebits report`

use crate::arguments::Report;
use crate::exit::Exit;
use crate::output::{Output, open};
use anyhow::Context;
use samebits_report::{Year, pages, summary};
use samebits_store::{Filter, Opener};
use serde_json::json;
use std::collections::BTreeSet;

pub(crate) fn run(store: &Opener, wanted: &Report, output: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let filter = Filter { account: wanted.account.clone(), ..Filter::default() };
    let accounts: BTreeSet<String> = store.list(&filter)?.into_iter().map(|head| head.account).collect();
    if accounts.is_empty() {
        output.verdict("no Runs to report on");
        return Ok(Exit::Nothing);
    }
    std::fs::create_dir_all(&wanted.out).with_context(|| wanted.out.display().to_string())?;
    let (mut years, mut faults) = (Vec::new(), Vec::new());
    for account in &accounts {
        match samebits_report::year(&store, account) {
            Ok(year) => years.push(year),
            Err(error) if error.is_fault() => faults.push((account, error.to_string())),
            Err(samebits_report::Error::Store(error)) => return Err(error.into()),
            Err(error) => return Err(error.into()),
        }
    }
    for page in pages(&years)? {
        let path = wanted.out.join(&page.name);
        std::fs::write(&path, &page.text).with_context(|| path.display().to_string())?;
    }
    let faults_json: Vec<_> =
        faults.iter().map(|(account, fault)| json!({ "account": account, "fault": fault })).collect();
    output.json(&json!({
        "accounts": years.iter().map(as_json).collect::<Vec<_>>(), "faults": faults_json,
    }));
    output.line(summary(&years));
    for (account, fault) in &faults {
        anstream::eprintln!("FAULT: {account}: {fault}");
    }
    let (count, out) = (years.len(), wanted.out.display());
    if faults.is_empty() {
        output.verdict(format!("BALANCED: {count} accounts, every identity to the unit; {out}/index.md"));
        Ok(Exit::Same)
    } else {
        output.verdict(format!("FAULTS in {} of {} accounts; {out}/index.md", faults.len(), accounts.len()));
        Ok(Exit::Diverged)
    }
}

fn as_json(year: &Year) -> serde_json::Value {
    let sums = &year.sums;
    json!({
        "account": year.account,
        "runs": year.days.len(),
        "value_first": sums.start.to_string(),
        "value_last": sums.end.to_string(),
        "return": year.account(),
        "return_after_tax": year.account_after_tax(),
        "benchmark": year.benchmark(),
        "benchmark_after_tax": year.benchmark_after_tax(),
        "tracking_error_realised": year.realised_tracking_error(),
        "tracking_error_predicted": year.predicted_tracking_error(),
        "turnover": year.turnover,
        "harvested_short_term": sums.harvested[0].to_string(),
        "harvested_long_term": sums.harvested[1].to_string(),
        "disallowed": sums.disallowed.to_string(),
        "realised_short_term": sums.realised[0].to_string(),
        "realised_long_term": sums.realised[1].to_string(),
        "dividends": sums.dividends.to_string(),
        "in_lieu": sums.in_lieu.to_string(),
        "borrow": sums.borrow.to_string(),
        "costs": sums.costs.to_string(),
        "levies": sums.levies.to_string(),
        "tax_accrued": sums.tax.to_string(),
        "laws": year.laws,
        "trades": year.trades,
        "relaxed": year.relaxed,
        "unsolved": year.unsolved,
    })
}
