//! Who belongs to a benchmark from which day on.

use crate::error::{Error, Fault, shorten};
use crate::limits::Named;
use crate::panel::Panel;
use crate::table::{Lines, NODE, date};
use samebits_units::Date;
use std::collections::BTreeMap;
use std::io::Read;

/// Memory of a rebalance and its smallest list of members; of each further member it is less.
const REBALANCE: usize = 64;
const HEADER: [&str; 3] = ["benchmark", "rebalanced", "ticker"];

/// The members of one benchmark over the columns of a panel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Membership {
    rebalances: Vec<(Date, Vec<usize>)>,
}

impl Membership {
    /// Columns of the members on `day`, ascending: those of the last rebalance on or before it; none before the first.
    pub fn on(&self, day: Date) -> &[usize] {
        self.last(day).map_or(&[], |(_, members)| members)
    }

    /// The last rebalance on or before `day`.
    pub fn rebalanced(&self, day: Date) -> Option<Date> {
        self.last(day).map(|(date, _)| *date)
    }

    /// The dates of all rebalances, ascending.
    pub fn rebalances(&self) -> impl Iterator<Item = Date> + '_ {
        self.rebalances.iter().map(|(date, _)| *date)
    }

    fn last(&self, day: Date) -> Option<&(Date, Vec<usize>)> {
        let after = self.rebalances.partition_point(|(date, _)| *date <= day);
        after.checked_sub(1).and_then(|at| self.rebalances.get(at))
    }
}

/// The benchmarks of `benchmark,rebalanced,ticker` by name: each date lists all members from then on. `file` as for
/// [`read_closes`](crate::read_closes).
///
/// # Errors
/// [`Error`] with the line and the column of the first fault: a ticker that `panel` does not have or that a rebalance has
/// twice, a benchmark whose dates do not ascend.
pub fn read_memberships<'a>(
    file: impl Into<Named<'a>>,
    from: impl Read,
    panel: &Panel,
) -> Result<BTreeMap<String, Membership>, Error> {
    let mut lines = Lines::new(file, from);
    lines.header(&HEADER)?;
    let columns = panel.columns();
    let mut found: BTreeMap<String, Membership> = BTreeMap::new();
    while let Some((line, record)) = lines.next(Some(HEADER.len()))? {
        let text = |at: usize| record.get(at).unwrap_or("");
        let bad = |at: usize, fault: Fault| lines.cell(line, HEADER[at], fault);
        if text(0).is_empty() {
            return Err(bad(0, Fault::NoName));
        }
        let day = date(text(1)).map_err(|fault| bad(1, fault))?;
        let unknown = || bad(2, Fault::UnknownTicker { ticker: shorten(text(2)) });
        let column = *columns.get(text(2)).ok_or_else(unknown)?;
        let first = if found.contains_key(text(0)) { 0 } else { NODE + text(0).len() };
        lines.keep(first + REBALANCE)?;
        let rebalances = &mut found.entry(text(0).to_owned()).or_default().rebalances;
        match rebalances.last_mut() {
            Some((previous, _)) if *previous > day => {
                return Err(bad(1, Fault::Unsorted { date: day, previous: *previous }));
            }
            Some((previous, members)) if *previous == day => match members.binary_search(&column) {
                Ok(_) => return Err(bad(2, Fault::DuplicateTicker { ticker: shorten(text(2)) })),
                Err(at) => members.insert(at, column),
            },
            _ => rebalances.push((day, vec![column])),
        }
    }
    if found.is_empty() { Err(lines.empty()) } else { Ok(found) }
}
