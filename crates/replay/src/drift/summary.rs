//! Many Runs in one table.

use super::causes::Cause;
use super::{Drifted, Finding, Part};
use std::collections::BTreeMap;

/// A ticker, and how often it is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct AtFault {
    /// The corrections of one ticker; the largest that any Run has read.
    pub cause: Cause,
    /// Drifted Runs that have read them in a part that moves trades.
    pub runs: usize,
}

/// What a drift check of many Runs came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// Runs by verdict, in the order of [`Finding::ALL`].
    pub findings: [usize; 5],
    /// Trades that move.
    pub trades: usize,
    /// Names whose trades move: Runs and trades, the most first.
    pub names: Vec<(String, usize, usize)>,
    /// Corrections that moved trades: in the most Runs first, then the largest.
    pub corrections: Vec<AtFault>,
    /// By part: Runs in which it differs, Runs in which it alone moves trades.
    pub parts: [(usize, usize); 5],
    /// Runs with a change that no correction explains.
    pub unexplained: usize,
    /// Runs with a price in other units.
    pub rescaled: usize,
}

impl Summary {
    /// Of these Runs.
    pub fn of<'a>(all: impl IntoIterator<Item = &'a Drifted>) -> Self {
        let mut summary = Self::default();
        let mut names: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        let mut faults: BTreeMap<&str, AtFault> = BTreeMap::new();
        for found in all {
            summary.findings[found.finding as usize] += 1;
            summary.count_parts(found);
            let Some(decision) = &found.decision else { continue };
            summary.trades += decision.trades.len();
            let mut last = "";
            let mut sorted: Vec<&str> = decision.trades.iter().map(|trade| trade.ticker.as_str()).collect();
            sorted.sort_unstable();
            for ticker in sorted {
                let name = names.entry(ticker).or_default();
                name.0 += usize::from(ticker != last);
                name.1 += 1;
                last = ticker;
            }
            for cause in at_fault(found) {
                let fault =
                    faults.entry(&cause.ticker).or_insert_with(|| AtFault { cause: cause.clone(), runs: 0 });
                fault.runs += 1;
                if cause.size() > fault.cause.size() {
                    fault.cause = cause.clone();
                }
            }
        }
        summary.names =
            names.into_iter().map(|(name, (runs, trades))| (name.to_owned(), runs, trades)).collect();
        summary.names.sort_by(|a, b| (b.1, b.2).cmp(&(a.1, a.2)).then_with(|| a.0.cmp(&b.0)));
        summary.corrections = faults.into_values().collect();
        summary.corrections.sort_by(|a, b| {
            let by_size = || b.cause.size().total_cmp(&a.cause.size());
            b.runs.cmp(&a.runs).then_with(by_size).then_with(|| a.cause.ticker.cmp(&b.cause.ticker))
        });
        summary
    }

    /// Runs of this verdict.
    pub fn runs(&self, finding: Finding) -> usize {
        self.findings[finding as usize]
    }

    fn count_parts(&mut self, found: &Drifted) {
        let Some(changes) = &found.changes else { return };
        self.unexplained += usize::from(changes.parts.iter().any(|change| change.unexplained));
        self.rescaled += usize::from(!changes.rescaled.is_empty());
        for change in &changes.parts {
            self.parts[change.part as usize].0 += 1;
        }
        for alone in found.decision.iter().flat_map(|decision| &decision.alone) {
            self.parts[alone.part as usize].1 += usize::from(alone.trades.is_some_and(|trades| trades > 0));
        }
    }
}

/// The causes of the parts that move trades alone, or of all parts when only together they do; each ticker once.
fn at_fault(found: &Drifted) -> Vec<&Cause> {
    let (Some(changes), Some(decision)) = (&found.changes, &found.decision) else { return Vec::new() };
    if decision.trades.is_empty() {
        return Vec::new();
    }
    let moves = |part: Part| {
        decision.alone.iter().any(|alone| alone.part == part && alone.trades.is_some_and(|trades| trades > 0))
    };
    let some = changes.parts.iter().any(|change| moves(change.part));
    let mut by_ticker: BTreeMap<&str, &Cause> = BTreeMap::new();
    for change in changes.parts.iter().filter(|change| !some || moves(change.part)) {
        for cause in &change.causes {
            let known = by_ticker.entry(&cause.ticker).or_insert(cause);
            if cause.cells > known.cells {
                *known = cause;
            }
        }
    }
    by_ticker.into_values().collect()
}
