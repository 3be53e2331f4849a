//! `lots`: a line an open lot.

use super::table;
use crate::Error;
use crate::column::Sink;
use crate::record::Record;
use parquet::data_type::ByteArray;
use samebits_snapshot::record::{Lot, ShortLot};

/// When lots are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// As the record has them, before anything of the day.
    Before,
    /// After the day's events and trades.
    After,
}

struct Row<'a> {
    record: &'a Record<'a>,
    state: &'static str,
    ticker: ByteArray,
    open: Open<'a>,
}

/// A lot, long or short.
enum Open<'a> {
    Long(&'a Lot),
    Short(&'a ShortLot),
}

table! { "lots", |row: &Row<'_>|
    run_id: Id = row.record.place.run_id;
    account: Text = row.record.place.account.clone();
    as_of: Day = row.record.place.as_of;
    superseded: Flag = row.record.place.superseded_by.is_some();
    state: Text = row.state;
    side: Text = row.open.of(|_| "long", |_| "short");
    ticker: Text = row.ticker.clone();
    lot: Lot = row.open.of(|lot| lot.id, |short| short.id);
    parent: Lot null = row.open.of(|lot| lot.parent, |_| None);
    quantity: Shares = row.open.of(|lot| lot.quantity, |short| short.quantity);
    price: Price = row.record.price(row.open.security());
    basis: Money null = row.open.of(|lot| Some(lot.basis), |_| None);
    proceeds: Money null = row.open.of(|_| None, |short| Some(short.proceeds));
    acquired: Day = row.open.of(|lot| lot.acquired, |short| short.opened);
    held_from: Day null = row.open.of(|lot| Some(lot.held_from), |_| None);
    replacement: Flag = row.open.of(|lot| lot.replacement, |short| short.replacement);
    fair_value: Money null = row.open.of(|lot| lot.fair_value, |_| None);
}

impl Open<'_> {
    fn of<T>(&self, long: impl FnOnce(&Lot) -> T, short: impl FnOnce(&ShortLot) -> T) -> T {
        match self {
            Self::Long(lot) => long(lot),
            Self::Short(lot) => short(lot),
        }
    }

    fn security(&self) -> u32 {
        self.of(|lot| lot.security, |short| short.security)
    }
}

/// The lines of a record: long lots, then short ones, each by number.
pub(crate) fn lots(sink: &mut impl Sink, record: &Record<'_>, state: State) -> Result<(), Error> {
    let (account, state) = match state {
        State::Before => (&record.run.inputs.account, "before"),
        State::After => (&record.after, "after"),
    };
    for open in account.lots.iter().map(Open::Long).chain(account.shorts.iter().map(Open::Short)) {
        let ticker = record.ticker(open.security())?;
        add(sink, &Row { record, state, ticker, open })?;
    }
    Ok(())
}
