//! Tables of a Run that the export does not have.

use crate::run::Loaded;
use crate::table::Table;
use samebits_analytics::{Column, Kind, Rows, Value};
use samebits_snapshot::record::Market;
use samebits_units::Bps;

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, optional: false }
}

const fn optional(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, optional: true }
}

const PRICES: samebits_analytics::Table = samebits_analytics::Table {
    name: "prices",
    columns: &[
        column("ticker", Kind::Text),
        column("sector", Kind::Text),
        column("price", Kind::Price),
        column("borrow_bp", Kind::Real),
    ],
};

const CONSTRAINTS: samebits_analytics::Table = samebits_analytics::Table {
    name: "constraints",
    columns: &[
        column("kind", Kind::Text),
        column("name", Kind::Text),
        optional("lower", Kind::Real),
        optional("upper", Kind::Real),
        column("value", Kind::Real),
        column("final_value", Kind::Real),
        column("multiplier", Kind::Real),
        column("relaxed_by", Kind::Real),
        column("final_excess", Kind::Real),
    ],
};

const LOCKS: samebits_analytics::Table = samebits_analytics::Table {
    name: "locks",
    columns: &[
        column("ticker", Kind::Text),
        column("bars", Kind::Text),
        column("sold", Kind::Day),
        column("last", Kind::Day),
        column("lot", Kind::Lot),
        column("open_quantity", Kind::Shares),
        column("open_loss", Kind::Money),
        column("held_days", Kind::Integer),
        column("long_term", Kind::Flag),
    ],
};

/// A table of `items`: the value of each column.
fn table<T, const N: usize>(
    of: samebits_analytics::Table,
    items: impl Iterator<Item = T>,
    row: impl Fn(T) -> [Value; N],
) -> Table {
    let mut columns: Vec<Vec<Value>> = of.columns.iter().map(|_| Vec::new()).collect();
    for item in items {
        for (column, value) in columns.iter_mut().zip(row(item)) {
            column.push(value);
        }
    }
    Table::new(Rows { table: of, columns })
}

fn ticker(market: &Market, security: u32) -> Value {
    market.securities.get(security as usize).map_or(Value::Absent, |one| Value::Text(one.ticker.clone()))
}

impl Table {
    /// Closes and borrow fees.
    pub(crate) fn prices(loaded: &Loaded) -> Self {
        let market = &loaded.stored.run.inputs.market;
        let sector = |index: u32| market.sectors.get(index as usize).cloned().unwrap_or_default();
        table(PRICES, market.securities.iter().zip(&market.prices).enumerate(), |(at, (security, price))| {
            let borrow = market.borrow.get(at).copied().unwrap_or(Bps::ZERO);
            [
                Value::Text(security.ticker.clone()),
                Value::Text(sector(security.sector)),
                Value::Price(*price),
                Value::Real(f64::from(borrow.hundredths()) / 100.0),
            ]
        })
    }

    /// Constraints with their limits, values and prices.
    pub(crate) fn constraints(loaded: &Loaded) -> Self {
        let limit = |limit: Option<f64>| limit.map_or(Value::Absent, Value::Real);
        table(CONSTRAINTS, loaded.stored.run.outcome.rows.iter(), |row| {
            [
                Value::Text(format!("{:?}", row.kind)),
                Value::Text(row.name.clone()),
                limit(row.lower),
                limit(row.upper),
                Value::Real(row.value),
                Value::Real(row.final_value),
                Value::Real(row.multiplier),
                Value::Real(row.relaxed_by),
                Value::Real(row.final_excess),
            ]
        })
    }

    /// Wash-sale locks in force before the day.
    pub(crate) fn locks(loaded: &Loaded) -> Self {
        let inputs = &loaded.stored.run.inputs;
        table(LOCKS, inputs.account.locks.iter(), |lock| {
            [
                ticker(&inputs.market, lock.security),
                Value::Text(if lock.short { "short sales" } else { "purchases" }.to_owned()),
                Value::Day(lock.sold),
                Value::Day(lock.last),
                Value::Lot(lock.lot),
                Value::Shares(lock.open_quantity),
                Value::Money(lock.open_loss),
                Value::Integer(lock.held_days.into()),
                Value::Flag(lock.long_term),
            ]
        })
    }
}
