//! Corporate actions as typed rows: splits, dividends, spin-offs and mergers of public tables.
//!
//! Three files say what happened, with different trust: a curated list of public facts, splits inferred from the
//! decimals of adjusted quotes (ex-date +- 3 sessions), and distributions derived as total return minus price return.
//! Where two of them speak of one event, the curated list is believed.

mod read;

pub use read::{
    Distribution, InferredSplits, Payment, read_curated, read_distributions, read_inferred_splits,
};

use crate::error::Error;
use crate::load::read_file;
use crate::traded::{Factor, Splits};
use samebits_units::{Bps, Date, Price};
use std::path::{Path, PathBuf};

/// Sessions that two dates of one event may lie apart.
pub const SAME_EVENT_SESSIONS: usize = 3;
/// Calendar days that two dates of one event may lie apart: three sessions over a long weekend.
const SAME_EVENT_DAYS: u32 = 7;

/// One event of one security.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActionRow {
    /// First session on which a buyer does not take part.
    pub ex_date: Date,
    /// Ticker.
    pub ticker: String,
    /// What happened.
    pub kind: ActionKind,
}

/// What happened on an ex-date. Amounts are those of a share of that day, not adjusted for later splits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ActionKind {
    /// `old` shares became `new` shares.
    Split {
        /// Shares after.
        new: u32,
        /// Shares before.
        old: u32,
        /// Whether the closes of the files are already adjusted for it. If not, they fall by the ratio on the day.
        in_prices: bool,
    },
    /// A regular dividend in cash.
    CashDividend {
        /// Currency a share.
        amount: Price,
    },
    /// A large or one-time dividend in cash. A large distribution of unknown nature counts as one.
    SpecialDividend {
        /// Currency a share.
        amount: Price,
    },
    /// A part of the firm left; what the holder got is not valued here.
    SpinOff {
        /// The part.
        detail: String,
        /// Return of the close on the day, as seen in the prices: the false loss of the parent.
        price_return: Bps,
    },
    /// The firm was combined with another.
    Merger {
        /// The other firm and the terms.
        detail: String,
        /// Return of the close on the day, as seen in the prices.
        price_return: Bps,
    },
}

/// The files of actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionSources {
    /// `ticker,ex_date,kind,detail,price_return_in_panel,...`
    pub curated: PathBuf,
    /// `ex_date_est,ticker,ratio_est,...`
    pub splits: PathBuf,
    /// `ex_date,ticker,yield_on_prev_close,amount_per_share_est,prev_close,kind`
    pub distributions: PathBuf,
    /// Distributions of a ticker before a date that are not to be believed.
    pub excluded: Vec<(String, Date)>,
}

impl ActionSources {
    /// The files of the S&P 500 in `dir`. Distributions of CB before the merger of 2016-01-14 are left out: the source
    /// of total returns has another firm under this ticker.
    pub fn sp500(dir: &Path) -> Self {
        Self {
            curated: dir.join("corporate_actions_curated.csv"),
            splits: dir.join("sp500_splits_inferred.csv"),
            distributions: dir.join("sp393_distributions_2013_2016.csv"),
            excluded: cb(),
        }
    }

    /// The files of the small fixture in `dir`, cut to its names and sessions.
    pub fn sp100(dir: &Path) -> Self {
        Self {
            curated: dir.join("sp100_curated.csv"),
            splits: dir.join("sp100_splits_inferred.csv"),
            distributions: dir.join("sp100_distributions.csv"),
            excluded: cb(),
        }
    }
}

/// 2016-01-15 is day 16,815.
fn cb() -> Vec<(String, Date)> {
    Date::from_days(16_815).map(|day| ("CB".to_owned(), day)).into_iter().collect()
}

/// Actions of all tickers in one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actions {
    /// By ex-date, then ticker, then kind.
    pub rows: Vec<ActionRow>,
    /// Lines that are not among them.
    pub left_out: LeftOut,
}

/// Lines of the files that are not in the table, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Inferred splits without a ratio.
    pub without_ratio: usize,
    /// Inferred splits that the curated list has within [`SAME_EVENT_SESSIONS`].
    pub repeated_splits: usize,
    /// Distributions on which the two sources of returns disagree.
    pub disagreements: usize,
    /// Distributions of nothing or less.
    pub not_positive: usize,
    /// Distributions of [`ActionSources::excluded`].
    pub excluded: usize,
    /// Large distributions that are the value of a curated event within [`SAME_EVENT_SESSIONS`].
    pub repeated_distributions: usize,
}

impl Actions {
    /// Reads and joins the three files; `sessions` (ascending) measure how far two dates lie apart.
    ///
    /// # Errors
    /// [`Error::Io`] when a file is missing or damaged, and every fault of the contents.
    pub fn load(sources: &ActionSources, sessions: &[Date]) -> Result<Self, Error> {
        let curated = read_file(&sources.curated)?;
        let splits = read_file(&sources.splits)?;
        let distributions = read_file(&sources.distributions)?;
        Self::join(
            read_curated(&curated.name, curated.bytes.as_slice())?,
            read_inferred_splits(&splits.name, splits.bytes.as_slice())?,
            &read_distributions(&distributions.name, distributions.bytes.as_slice())?,
            &sources.excluded,
            sessions,
        )
    }

    /// One sorted table of three.
    ///
    /// An inferred split near a curated split of the same ticker, and a large distribution near any curated event of
    /// it, are the same event and are left out. An amount of the distributions is in split-adjusted currency: it is
    /// multiplied by the ratios of all later splits that are in the prices, exactly, and rounded half away from zero
    /// to 1e-8. Curated amounts are nominal and stay.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when an amount does not fit.
    pub fn join(
        curated: Vec<ActionRow>,
        inferred: InferredSplits,
        distributions: &[Distribution],
        excluded: &[(String, Date)],
        sessions: &[Date],
    ) -> Result<Self, Error> {
        let mut left_out = LeftOut { without_ratio: inferred.without_ratio, ..LeftOut::default() };
        let near = |row: &ActionRow, ticker: &str, date: Date| {
            row.ticker == ticker && same_event(sessions, row.ex_date, date)
        };
        let is_split = |row: &ActionRow| matches!(row.kind, ActionKind::Split { .. });
        let mut rows = curated.clone();
        for split in inferred.rows {
            if curated.iter().any(|row| is_split(row) && near(row, &split.ticker, split.ex_date)) {
                left_out.repeated_splits += 1;
            } else {
                rows.push(split);
            }
        }
        let splits = Splits::of(&rows);
        for paid in distributions {
            let before = |(ticker, day): &(String, Date)| *ticker == paid.ticker && paid.ex_date < *day;
            let known = || curated.iter().any(|row| near(row, &paid.ticker, paid.ex_date));
            if paid.payment == Payment::Disagreement {
                left_out.disagreements += 1;
            } else if excluded.iter().any(before) {
                left_out.excluded += 1;
            } else if !paid.amount.is_positive() {
                left_out.not_positive += 1;
            } else if paid.payment == Payment::Large && known() {
                left_out.repeated_distributions += 1;
            } else {
                rows.push(paid.row(splits.after(&paid.ticker, paid.ex_date))?);
            }
        }
        rows.sort_unstable();
        Ok(Self { rows, left_out })
    }
}

impl Distribution {
    /// The row, its amount in the currency of the day.
    fn row(&self, factor: Option<Factor>) -> Result<ActionRow, Error> {
        let out = || Error::OutOfRange { ticker: self.ticker.clone(), date: self.ex_date, what: "amount" };
        let amount = factor.and_then(|factor| factor.price(self.amount)).ok_or_else(out)?;
        let kind = match self.payment {
            Payment::Large => ActionKind::SpecialDividend { amount },
            _ => ActionKind::CashDividend { amount },
        };
        Ok(ActionRow { ex_date: self.ex_date, ticker: self.ticker.clone(), kind })
    }
}

/// At most [`SAME_EVENT_SESSIONS`] apart; the bound in days is for dates outside the sessions.
fn same_event(sessions: &[Date], a: Date, b: Date) -> bool {
    let at = |date: Date| sessions.partition_point(|&session| session < date);
    a.days_since(b).unsigned_abs() <= SAME_EVENT_DAYS && at(a).abs_diff(at(b)) <= SAME_EVENT_SESSIONS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn three_sessions_over_a_holiday_are_near() {
        let sessions: Vec<Date> = ["2016-07-01", "2016-07-05", "2016-07-06", "2016-07-07", "2016-07-08"]
            .iter()
            .map(|text| date(text))
            .collect();
        let near = |a: &str, b: &str| same_event(&sessions, date(a), date(b));
        assert!(near("2016-07-01", "2016-07-07") && near("2016-07-07", "2016-07-01"));
        assert!(!near("2016-07-01", "2016-07-08"));
        assert!(!near("2015-07-01", "2016-06-30"), "both before the first session");
    }

    #[test]
    fn the_excluded_day() {
        assert_eq!(cb(), [("CB".to_owned(), date("2016-01-15"))]);
    }
}
