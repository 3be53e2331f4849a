//! Trade day, settlement day, and which of them a system counts as the day of a result.

use crate::Error;
use crate::table::{Lookup, jurisdiction, name};
use samebits_snapshot::record::Jurisdiction;
use samebits_units::Date;

const NAME: &str = "settlement.csv";
const TEXT: &str = include_str!("../data/settlement.csv");

/// The day that a result belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealisedOn {
    /// That of the trade.
    Trade,
    /// That of its settlement.
    Settlement,
}

/// What a result comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposal {
    /// A sale of shares held.
    Sale,
    /// A purchase that closes a short position at a gain.
    ShortGain,
    /// A purchase that closes a short position at a loss.
    ShortLoss,
}

/// Sessions from a trade on `trade_day` to its settlement.
///
/// # Errors
/// [`Error::NoRow`] before the table begins.
pub fn settlement_cycle(jurisdiction: Jurisdiction, trade_day: Date) -> Result<usize, Error> {
    let mut newest = None;
    for (whose, from, sessions) in cycles()? {
        if whose == jurisdiction && from <= trade_day && newest.is_none_or(|(day, _)| day < from) {
            newest = Some((from, sessions));
        }
    }
    newest.map(|(_, sessions)| sessions).ok_or_else(|| Error::NoRow {
        jurisdiction: name(jurisdiction),
        parameter: "sessions".to_owned(),
        day: trade_day,
    })
}

/// The session `cycle` sessions after `trade_day`; `sessions` ascend.
///
/// # Errors
/// [`Error::NoSession`] when `trade_day` is no session or the sessions end too early.
pub fn settlement_day(sessions: &[Date], trade_day: Date, cycle: usize) -> Result<Date, Error> {
    let at = sessions.binary_search(&trade_day).ok().and_then(|at| at.checked_add(cycle));
    let settled = at.and_then(|at| sessions.get(at)).copied();
    settled.ok_or(Error::NoSession { day: trade_day, needed: cycle, known: sessions.len() })
}

/// Which day a result belongs to: in Canada that of settlement; elsewhere that of the trade, except for a loss on closing a
/// short in the United States (Rev. Rul. 2002-44).
///
/// # Errors
/// [`Error::NoRow`] before the table begins.
pub fn realised_on(jurisdiction: Jurisdiction, disposal: Disposal, day: Date) -> Result<RealisedOn, Error> {
    let parameter = match disposal {
        Disposal::Sale => "realised_on",
        Disposal::ShortGain => "short_gain_realised_on",
        Disposal::ShortLoss => "short_loss_realised_on",
    };
    let row = Lookup { jurisdiction, day, announced: false }.row(parameter)?;
    match row.value {
        "trade" => Ok(RealisedOn::Trade),
        "settlement" => Ok(RealisedOn::Settlement),
        _ => Err(row.unreadable("trade or settlement")),
    }
}

/// The day of a result from a trade on `trade_day`; `sessions` ascend.
///
/// # Errors
/// As [`realised_on`], [`settlement_cycle`] and [`settlement_day`].
pub fn realisation_day(
    jurisdiction: Jurisdiction,
    disposal: Disposal,
    sessions: &[Date],
    trade_day: Date,
) -> Result<Date, Error> {
    match realised_on(jurisdiction, disposal, trade_day)? {
        RealisedOn::Trade => Ok(trade_day),
        RealisedOn::Settlement => {
            settlement_day(sessions, trade_day, settlement_cycle(jurisdiction, trade_day)?)
        }
    }
}

fn cycles() -> Result<Vec<(Jurisdiction, Date, usize)>, Error> {
    let read = |(line, text): (usize, &str)| {
        let cells: Vec<&str> = text.split(',').collect();
        let row = match cells[..] {
            [whose, from, sessions, _] => jurisdiction(whose)
                .zip(from.parse().ok())
                .zip(sessions.parse().ok())
                .map(|((whose, from), sessions)| (whose, from, sessions)),
            _ => None,
        };
        let problem = "a row is jurisdiction, day, sessions, source".to_owned();
        row.ok_or(Error::Table { table: NAME, line, problem })
    };
    (1..).zip(TEXT.lines()).skip(1).map(read).collect()
}
