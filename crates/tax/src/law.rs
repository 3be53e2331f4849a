//! The law in force on a day, made from the rows that hold on it.

use crate::table::{JURISDICTIONS, Lookup, Row, Standing, in_force, name};
use crate::{Error, us};
use samebits_snapshot::record::{Grandfather, Jurisdiction, Law, Levies, LotRule, Netting, System, WashRule};
use samebits_units::Date;

/// The law of `jurisdiction` in force on `day`; `announced` also counts what a government has announced.
///
/// Its id is the jurisdiction and the first day of the newest row that holds, brackets and rates included: only the year
/// when that is the first day of a tax year, with `-announced` behind it when an announced row holds. Australia's is that
/// of an individual; see [`australia`](crate::australia) for others.
///
/// # Errors
/// [`Error::NoRow`] before the tables begin.
pub fn law(jurisdiction: Jurisdiction, day: Date, announced: bool) -> Result<Law, Error> {
    let lookup = Lookup { jurisdiction, day, announced };
    let year_starts_in_month = lookup.row("year_starts_in_month")?.count()?;
    let system = System {
        jurisdiction,
        year_starts_in_month,
        lots: lots(lookup.row("lots")?)?,
        wash: wash(lookup.row("wash")?)?,
        netting: netting(lookup)?,
        levies: levies(lookup)?,
        grandfather: grandfather(lookup)?,
    };
    Ok(Law {
        id: id(lookup, year_starts_in_month)?,
        long_term_years: lookup.row("long_term_years")?.count()?,
        wash_days: lookup.row("wash_days")?.count()?,
        loss_limit: lookup.row("loss_limit")?.money()?,
        system: Some(system),
    })
}

/// The laws of all jurisdictions in force on `day`, nothing announced, in the order of [`Jurisdiction`].
///
/// # Errors
/// [`Error::NoRow`] before 2004-10-01, where India's table begins.
pub fn laws(day: Date) -> Result<Vec<Law>, Error> {
    JURISDICTIONS.into_iter().map(|jurisdiction| law(jurisdiction, day, false)).collect()
}

fn lots(row: &Row) -> Result<LotRule, Error> {
    match row.value {
        "specific" => Ok(LotRule::Specific),
        "fifo" => Ok(LotRule::Fifo),
        "average" => Ok(LotRule::Average),
        _ => Err(row.unreadable("specific, fifo or average")),
    }
}

fn wash(row: &Row) -> Result<WashRule, Error> {
    match row.value {
        "none" => Ok(WashRule::None),
        "share_for_share" => Ok(WashRule::ShareForShare),
        "superficial" => Ok(WashRule::Superficial),
        "policy" => Ok(WashRule::Policy),
        _ => Err(row.unreadable("none, share_for_share, superficial or policy")),
    }
}

fn netting(lookup: Lookup) -> Result<Netting, Error> {
    let row = lookup.row("netting")?;
    match row.value {
        "by_term" => Ok(Netting::ByTerm),
        "single" => Ok(Netting::Single),
        "discount" => Ok(Netting::Discount { part: lookup.rate("discount")? }),
        "exempt" => Ok(Netting::Exempt { amount: lookup.row("exempt_amount")?.money()? }),
        _ => Err(row.unreadable("by_term, single, discount or exempt")),
    }
}

fn levies(lookup: Lookup) -> Result<Levies, Error> {
    let buy = lookup.rate_or_zero("stt_buy")?.plus(lookup.rate_or_zero("stamp_buy")?)?;
    Ok(Levies { buy, sell: lookup.rate_or_zero("stt_sell")? })
}

fn grandfather(lookup: Lookup) -> Result<Option<Grandfather>, Error> {
    let Some(row) = lookup.optional("grandfathered_before")? else { return Ok(None) };
    Ok(Some(Grandfather { acquired_before: row.day()? }))
}

fn id(lookup: Lookup, month: u8) -> Result<String, Error> {
    let rows = in_force(lookup.jurisdiction, lookup.day, lookup.announced)?;
    let mut newest = rows.iter().map(|row| row.from).max();
    if lookup.jurisdiction == Jurisdiction::UnitedStates {
        newest = newest.max(us::newest_row(lookup.day)?);
    }
    let newest = newest.unwrap_or(lookup.day).to_string();
    let since = newest.strip_suffix(&format!("-{month:02}-01")).unwrap_or(&newest);
    let announced = rows.iter().any(|row| row.standing == Standing::Announced);
    let suffix = if announced { "-announced" } else { "" };
    Ok(format!("{}/{since}{suffix}", name(lookup.jurisdiction)))
}

/// Whether the value of a row is one of the words that [`law`] knows.
#[cfg(test)]
pub(crate) fn is_word(row: &Row) -> bool {
    match row.parameter {
        "lots" => lots(row).is_ok(),
        "wash" => wash(row).is_ok(),
        _ => ["by_term", "single", "discount", "exempt"].contains(&row.value),
    }
}
