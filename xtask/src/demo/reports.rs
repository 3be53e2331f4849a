//! The year of every account after tax, and the checks of its accounting.

use super::bar;
use anyhow::{Context, Result};
use samebits_replay::simulate::AccountPlan;
use samebits_report::{pages, summary, year};
use samebits_store::Store;
use std::path::Path;

/// Writes the reports into `folder` and prints their summary; says whether every account balances.
pub(super) fn write(store: &Store, accounts: &[AccountPlan], folder: &Path) -> Result<bool> {
    let bar = bar("report", accounts.len());
    let (mut years, mut faults) = (Vec::new(), Vec::new());
    for plan in accounts {
        match year(store, &plan.id) {
            Ok(year) => years.push(year),
            Err(error) if error.is_fault() => faults.push(format!("FAULT: {}: {error}", plan.id)),
            Err(error) => return Err(error.into()),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for page in pages(&years)? {
        let path = folder.join(&page.name);
        std::fs::write(&path, &page.text).with_context(|| path.display().to_string())?;
    }
    println!("{}", summary(&years));
    for fault in &faults {
        eprintln!("{fault}");
    }
    if faults.is_empty() {
        println!("BALANCED: {} accounts, reports in {}", years.len(), folder.display());
    }
    Ok(faults.is_empty())
}
