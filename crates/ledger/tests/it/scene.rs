//! A market of three securities; the first two are share classes of one company.

use samebits_ledger::{Costs, Order};
use samebits_snapshot::record::*;
use samebits_units::{Bps, Date, Money, Price, Qty};

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn market(as_of: Date, prices: [i64; 3]) -> Market {
    let security =
        |ticker: &str, identity_group| Security { ticker: ticker.into(), sector: 0, identity_group };
    Market {
        as_of,
        currency: "USD".into(),
        securities: vec![security("XA", 0), security("XB", 0), security("Y", 1)],
        sectors: vec!["S".into()],
        prices: prices.map(|units| Price::from_e8(units * 100_000_000)).to_vec(),
        benchmark: Benchmark { id: "b".into(), rebalanced: as_of, weights: vec![0.5, 0.25, 0.25] },
        borrow: vec![Bps::ZERO; 3],
        law: Law {
            id: "us".into(),
            long_term_years: 1,
            wash_days: 30,
            loss_limit: Money::from_units(3_000).unwrap(),
            system: None,
        },
        execution: None,
        laws: Vec::new(),
        actions: Vec::new(),
    }
}

pub(crate) fn account(cash: i64) -> Account {
    let rate = Bps::from_hundredths;
    Account {
        cash: Money::from_units(cash).unwrap(),
        lots: Vec::new(),
        locks: Vec::new(),
        rates: Rates { short_term: rate(400_000), long_term: rate(200_000), ordinary: rate(350_000) },
        realised: Realised::default(),
        carry: Carry::default(),
        tax_year: 2017,
        next_lot: 1,
        ..Account::default()
    }
}

pub(crate) const FREE: Costs = Costs { buy: Bps::ZERO, sell: Bps::ZERO };

pub(crate) fn buy(security: u32, shares: i64) -> Order {
    Order { side: TradeSide::Buy, security, lot: None, quantity: Qty::from_shares(shares).unwrap() }
}

pub(crate) fn sell(security: u32, lot: u64, shares: i64) -> Order {
    Order { side: TradeSide::Sell, security, lot: Some(lot), quantity: Qty::from_shares(shares).unwrap() }
}
