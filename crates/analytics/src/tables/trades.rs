//! `trades`: a line a trade in one lot.

use super::table;
use crate::Error;
use crate::column::Sink;
use crate::record::{Record, opens};
use parquet::data_type::ByteArray;
use samebits_snapshot::record::Trade;
use samebits_units::Money;

struct Row<'a> {
    record: &'a Record<'a>,
    trade: &'a Trade,
    ticker: ByteArray,
    closes: bool,
    disallowed: Option<Money>,
}

table! { "trades", |row: &Row<'_>|
    run_id: Id = row.record.place.run_id;
    account: Text = row.record.place.account.clone();
    as_of: Day = row.record.place.as_of;
    superseded: Flag = row.record.place.superseded_by.is_some();
    side: Text = row.trade.side.name();
    ticker: Text = row.ticker.clone();
    lot: Lot = row.trade.lot;
    quantity: Shares = row.trade.quantity;
    price: Price = row.record.price(row.trade.security);
    notional: Money = row.trade.notional;
    cost: Money = row.trade.cost;
    gain: Money null = row.closes.then_some(row.trade.gain);
    long_term: Flag null = row.closes.then_some(row.trade.long_term);
    disallowed: Money null = row.disallowed;
}

/// The lines of a record, in the order of its trades.
pub(crate) fn trades(sink: &mut impl Sink, record: &Record<'_>) -> Result<(), Error> {
    for trade in &record.run.outcome.trades {
        let closes = !opens(trade);
        let disallowed = if closes { record.disallowed(trade)? } else { None };
        let ticker = record.ticker(trade.security)?;
        add(sink, &Row { record, trade, ticker, closes, disallowed })?;
    }
    Ok(())
}
