//! Fill logs: one fill a line.

use crate::fix;
use samebits_executor::{Report, Side, What};
use serde::{Deserialize, Serialize};
use std::io::BufRead;

/// Longest line of a log.
const LINE_LIMIT: usize = 1 << 16;
/// Most fills of a log.
const FILL_LIMIT: usize = 10_000_000;
/// Most bytes of a log.
const LOG_LIMIT: usize = 1 << 30;

/// One fill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fill {
    /// ns UTC.
    pub time: i64,
    /// The symbol.
    pub symbol: String,
    /// The strategy's name of the order, if the log has it.
    pub order: Option<String>,
    /// Whether it bought.
    pub buy: bool,
    /// Ticks.
    pub price: i64,
    /// Lots.
    pub qty: i64,
    /// Strangers' lots ahead of the order before the fill, if the log has it.
    #[serde(default)]
    pub queue: Option<i64>,
    /// The rule that made it, if the log has it.
    #[serde(default)]
    pub rule: Option<String>,
}

/// A log that is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system failed.
    #[error("reading a fill log: {0}")]
    Io(#[from] std::io::Error),
    /// A line that is no fill.
    #[error("line {line}: {problem}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// More than a log may have.
    #[error("{what} is beyond {limit}")]
    TooLarge {
        /// What is.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

impl Fill {
    /// A fill of the executor.
    pub fn of(report: &Report, symbol: &str, strategy: &str) -> Option<Self> {
        (report.what == What::Filled).then(|| Self {
            time: report.time,
            symbol: symbol.to_owned(),
            order: Some(format!("{strategy}.{}", report.order)),
            buy: report.side == Side::Buy,
            price: report.price,
            qty: report.qty,
            queue: Some(report.queue.0),
            rule: Some(report.rule.name().to_owned()),
        })
    }
}

/// A fill as a line of our own log.
pub fn write_line(fill: &Fill) -> String {
    // A fill has no part that JSON cannot hold.
    serde_json::to_string(fill).unwrap_or_default()
}

/// Reads a log: our own JSON lines, or FIX 4.4 execution reports, one a line; other FIX messages are passed over.
///
/// # Errors
/// The first line that is neither.
pub fn read(input: &mut dyn BufRead, tick: &fix::Steps) -> Result<Vec<Fill>, Error> {
    let mut fills = Vec::new();
    let mut line = Vec::new();
    let (mut number, mut bytes) = (0, 0);
    loop {
        line.clear();
        let length = std::io::Read::take(&mut *input, LINE_LIMIT as u64).read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(fills);
        }
        if length == LINE_LIMIT {
            return Err(Error::TooLarge { what: "a line", limit: LINE_LIMIT });
        }
        bytes += length;
        if bytes > LOG_LIMIT {
            return Err(Error::TooLarge { what: "the log", limit: LOG_LIMIT });
        }
        if fills.len() == FILL_LIMIT {
            return Err(Error::TooLarge { what: "the number of fills", limit: FILL_LIMIT });
        }
        number += 1;
        let text = line.trim_ascii();
        let bad = |problem: String| Error::Line { line: number, problem };
        if text.is_empty() {
            continue;
        }
        if text.starts_with(b"8=FIX") {
            fills.extend(fix::parse(text, tick).map_err(bad)?);
        } else {
            let fill: Fill = serde_json::from_slice(text)
                .map_err(|error| bad(format!("neither a fill of ours nor a FIX message: {error}")))?;
            fills.push(fill);
        }
    }
}
