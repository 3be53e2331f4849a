//! `weights`: a line a security of the universe.

use super::table;
use crate::Error;
use crate::column::Sink;
use crate::record::Record;

struct Row<'a> {
    record: &'a Record<'a>,
    at: usize,
}

table! { "weights", |row: &Row<'_>|
    run_id: Id = row.record.place.run_id;
    account: Text = row.record.place.account.clone();
    as_of: Day = row.record.place.as_of;
    superseded: Flag = row.record.place.superseded_by.is_some();
    ticker: Text = row.record.day.tickers[row.at].clone();
    sector: Text = row.record.day.sectors[row.at].clone();
    price: Price = row.record.price(row.at as u32);
    shares: Shares = row.record.shares[row.at];
    target_weight: Real null = row.record.run.outcome.weights.get(row.at).copied();
    final_weight: Real = row.record.weights[row.at];
    benchmark_weight: Real = row.record.run.inputs.market.benchmark.weights[row.at];
}

/// The lines of a record, in the order of the universe.
pub(crate) fn weights(sink: &mut impl Sink, record: &Record<'_>) -> Result<(), Error> {
    for at in 0..record.day.tickers.len() {
        add(sink, &Row { record, at })?;
    }
    Ok(())
}
