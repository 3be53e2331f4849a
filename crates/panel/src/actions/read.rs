//! The three files of actions, line by line.

use super::{ActionKind, ActionRow};
use crate::error::{Error, Fault, shorten};
use crate::limits::Named;
use crate::table::{Lines, TICKER, date};
use samebits_units::{Bps, Date, Price, decimal};
use std::collections::BTreeSet;
use std::io::Read;

const CURATED: [&str; 5] = ["ticker", "ex_date", "kind", "detail", "price_return_in_panel"];
const SPLITS: [&str; 3] = ["ex_date_est", "ticker", "ratio_est"];
const DISTRIBUTIONS: [&str; 6] =
    ["ex_date", "ticker", "yield_on_prev_close", "amount_per_share_est", "prev_close", "kind"];

/// Splits read off the decimals of adjusted quotes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InferredSplits {
    /// In the order of the file; all are in the prices.
    pub rows: Vec<ActionRow>,
    /// Lines whose ratio the pattern does not tell.
    pub without_ratio: usize,
}

/// A distribution as derived, in split-adjusted currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Ex-date.
    pub ex_date: Date,
    /// Ticker.
    pub ticker: String,
    /// Split-adjusted currency a share, of either sign.
    pub amount: Price,
    /// What it seems to be.
    pub payment: Payment,
}

/// What a derived distribution seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payment {
    /// `cash_dividend`.
    Cash,
    /// `large_distribution`: a special dividend or a part of the firm.
    Large,
    /// `source_disagreement`: noise between two sources.
    Disagreement,
}

/// Rows of `ticker,ex_date,kind,detail,price_return_in_panel`; further columns are ignored.
///
/// A split's detail is `NEW:OLD`, words may follow; `unadjusted` among them says that the closes are not adjusted for it. A
/// special dividend's detail is its amount. Other details are text.
///
/// # Errors
/// [`Error`] with the line and the column of the first fault; a second event of a ticker on a day is one.
pub fn read_curated<'a>(file: impl Into<Named<'a>>, from: impl Read) -> Result<Vec<ActionRow>, Error> {
    let mut rows = Vec::new();
    each(file.into(), from, &CURATED, (1, 0), |ex_date, fields, bad| {
        let detail = fields[3];
        let price_return = || {
            let parsed = decimal::parse(fields[4], 6, "return").map_err(Fault::BadNumber);
            let wide = parsed.map_err(|fault| bad(4, fault))?;
            let fits = i32::try_from(wide).map(Bps::from_hundredths);
            let range = samebits_units::Error::Overflow { what: "return" };
            fits.map_err(|_| bad(4, Fault::BadNumber(range)))
        };
        let kind = match fields[2] {
            "split" => {
                let mut words = detail.split(' ');
                let (new, old) = ratio(words.next().unwrap_or("")).map_err(|fault| bad(3, fault))?;
                ActionKind::Split { new, old, in_prices: !words.any(|word| word == "unadjusted") }
            }
            "special_dividend" => {
                ActionKind::SpecialDividend { amount: amount(detail).map_err(|fault| bad(3, fault))? }
            }
            "spin_off" => ActionKind::SpinOff { detail: detail.to_owned(), price_return: price_return()? },
            "merger" => ActionKind::Merger { detail: detail.to_owned(), price_return: price_return()? },
            other => {
                let allowed = "split, special_dividend, spin_off, merger";
                return Err(bad(2, Fault::UnknownWord { text: shorten(other), allowed }));
            }
        };
        rows.push(ActionRow { ex_date, ticker: fields[0].to_owned(), kind });
        Ok(())
    })?;
    Ok(rows)
}

/// Rows of `ex_date_est,ticker,ratio_est`; further columns are ignored, a line without a ratio is counted.
///
/// # Errors
/// [`Error`] with the line and the column of the first fault; a second split of a ticker on a day is one.
pub fn read_inferred_splits<'a>(
    file: impl Into<Named<'a>>,
    from: impl Read,
) -> Result<InferredSplits, Error> {
    let mut found = InferredSplits::default();
    each(file.into(), from, &SPLITS, (0, 1), |ex_date, fields, bad| {
        if fields[2].is_empty() {
            found.without_ratio += 1;
            return Ok(());
        }
        let (new, old) = ratio(fields[2]).map_err(|fault| bad(2, fault))?;
        let kind = ActionKind::Split { new, old, in_prices: true };
        found.rows.push(ActionRow { ex_date, ticker: fields[1].to_owned(), kind });
        Ok(())
    })?;
    Ok(found)
}

/// Rows of `ex_date,ticker,yield_on_prev_close,amount_per_share_est,prev_close,kind`; the yield and the close are not
/// looked at.
///
/// # Errors
/// [`Error`] with the line and the column of the first fault; a second line of a ticker and day is one.
pub fn read_distributions<'a>(
    file: impl Into<Named<'a>>,
    from: impl Read,
) -> Result<Vec<Distribution>, Error> {
    let mut rows = Vec::new();
    each(file.into(), from, &DISTRIBUTIONS, (0, 1), |ex_date, fields, bad| {
        let amount: Price = fields[3].parse().map_err(|error| bad(3, Fault::BadPrice(error)))?;
        let payment = match fields[5] {
            "cash_dividend" => Payment::Cash,
            "large_distribution" => Payment::Large,
            "source_disagreement" => Payment::Disagreement,
            other => {
                let allowed = "cash_dividend, large_distribution, source_disagreement";
                return Err(bad(5, Fault::UnknownWord { text: shorten(other), allowed }));
            }
        };
        rows.push(Distribution { ex_date, ticker: fields[1].to_owned(), amount, payment });
        Ok(())
    })?;
    Ok(rows)
}

/// Places a fault in a column of the line that is being read.
type Bad<'a> = &'a dyn Fn(usize, Fault) -> Error;

/// Hands each line to `take`, with the date and ticker at `(day, ticker)` checked; one line a date and ticker.
fn each(
    file: Named<'_>,
    from: impl Read,
    columns: &[&'static str],
    (day, ticker): (usize, usize),
    mut take: impl FnMut(Date, &[&str], Bad<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut lines = Lines::new(file, from);
    let fields = lines.header(columns)?;
    let mut seen = BTreeSet::new();
    while let Some((line, record)) = lines.next(Some(fields))? {
        lines.keep(size_of::<ActionRow>() + TICKER + 2 * record.as_slice().len())?;
        let bad = |at: usize, fault: Fault| lines.cell(line, columns[at], fault);
        let texts: Vec<&str> = record.iter().take(columns.len()).collect();
        if texts[ticker].is_empty() {
            return Err(bad(ticker, Fault::EmptyTicker));
        }
        let found = date(texts[day]).map_err(|fault| bad(day, fault))?;
        if !seen.insert((texts[ticker].to_owned(), found)) {
            return Err(bad(day, Fault::DuplicateDate { date: found }));
        }
        take(found, &texts, &bad)?;
    }
    if seen.is_empty() { Err(lines.empty()) } else { Ok(()) }
}

/// `NEW:OLD`, both positive.
fn ratio(text: &str) -> Result<(u32, u32), Fault> {
    let whole = |part: &str| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|&value: &u32| digits && value > 0)
    };
    let parsed = text.split_once(':').and_then(|(new, old)| Some((whole(new)?, whole(old)?)));
    parsed.ok_or_else(|| Fault::BadRatio { text: shorten(text) })
}

/// A positive amount.
fn amount(text: &str) -> Result<Price, Fault> {
    let value: Price = text.parse().map_err(Fault::BadPrice)?;
    if value.is_positive() { Ok(value) } else { Err(Fault::NotPositive { text: shorten(text) }) }
}
