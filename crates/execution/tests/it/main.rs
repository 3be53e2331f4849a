//! Schedules against small bars: what fills, at which price, what it costs, what cash pays for.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use samebits_execution::{Error, Execution, RULES, execute};
use samebits_ledger::{Costs, Order};
use samebits_snapshot::record::{Benchmark, ExecutionTape, Law, Market, Schedule, Security, TradeSide};
use samebits_units::{Bps, Date, Money, Price, Qty};

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

/// Two names decided at 10.00 and 20.00; bars of 10.10, 10.40, 10.00, 10.30 and 20.00, 20.20, 19.00, 19.40.
fn market(schedule: Schedule) -> Market {
    let day: Date = "2017-02-08".parse().unwrap();
    let prices = |texts: [&str; 2]| texts.map(price).to_vec();
    let security =
        |ticker: &str, group| Security { ticker: ticker.to_owned(), sector: 0, identity_group: group };
    Market {
        as_of: day,
        currency: "USD".to_owned(),
        securities: vec![security("AAA", 0), security("BBB", 1)],
        sectors: vec!["all".to_owned()],
        prices: prices(["10.00", "20.00"]),
        benchmark: Benchmark { id: "none".to_owned(), rebalanced: day, weights: vec![0.5, 0.5] },
        alpha: Vec::new(),
        borrow: vec![Bps::ZERO; 2],
        law: Law {
            id: "us".to_owned(),
            long_term_years: 1,
            wash_days: 30,
            loss_limit: Money::from_units(3_000).unwrap(),
            system: None,
        },
        laws: Vec::new(),
        actions: Vec::new(),
        execution: Some(ExecutionTape {
            rules: RULES.to_owned(),
            schedule,
            session: day.plus_days(1).unwrap(),
            open: prices(["10.10", "20.00"]),
            high: prices(["10.40", "20.20"]),
            low: prices(["10.00", "19.00"]),
            close: prices(["10.30", "19.40"]),
            volume: vec![4_000, 8_000],
        }),
    }
}

fn order(side: TradeSide, security: u32, lot: Option<u64>, shares: i64) -> Order {
    Order { side, security, lot, quantity: Qty::from_shares(shares).unwrap() }
}

const FREE: Costs = Costs { buy: Bps::ZERO, sell: Bps::ZERO };

fn done(schedule: Schedule, orders: &[Order], cash: i64) -> Execution {
    let cash = Money::from_units(cash).unwrap();
    execute(orders, &market(schedule), cash, FREE).unwrap().expect("a tape")
}

#[test]
fn close_and_vwap() {
    let orders = [order(TradeSide::Sell, 1, Some(7), 400), order(TradeSide::Buy, 0, None, 100)];
    let close = done(Schedule::Close, &orders, 0);
    assert_eq!(close.market.prices, [price("10.30"), price("19.40")]);
    // Sold 400 at 0.60 less, bought 100 at 0.30 more.
    assert_eq!(close.executed.shortfall.to_string(), "270.00");
    let vwap = done(Schedule::Vwap, &orders, 0);
    // A quarter at each print: 10.10, 10.00 (nearer), 10.40, 10.30; and 20.00, 20.20, 19.00, 19.40.
    assert_eq!(vwap.market.prices, [price("10.20"), price("19.65")]);
    assert_eq!(vwap.executed.shortfall.to_string(), "160.00");
    assert_eq!(vwap.orders, orders);
    assert_ne!(vwap.executed.digest, close.executed.digest);
}

#[test]
fn participation_takes_no_more_than_its_share() {
    // 10 % of the 1,000 shares of each print: 400 of 900.
    let orders = [order(TradeSide::Sell, 0, Some(1), 500), order(TradeSide::Sell, 0, Some(2), 400)];
    let found = done(Schedule::Participation(100_000), &orders, 0);
    let fill = &found.executed.fills[0];
    assert_eq!((fill.ordered, fill.filled), (Qty::from_shares(900).unwrap(), Qty::from_shares(400).unwrap()));
    assert_eq!(found.orders, [order(TradeSide::Sell, 0, Some(1), 400)], "lots in their order");
}

#[test]
fn purchases_end_where_cash_does() {
    let orders = [order(TradeSide::Buy, 0, None, 100), order(TradeSide::Buy, 1, None, 100)];
    let found = done(Schedule::Close, &orders, 2_000);
    // 1,030 for the first; 970 buy 50 of the second at 19.40.
    let shares: Vec<i64> = found.orders.iter().map(|order| order.quantity.micros() / 1_000_000).collect();
    assert_eq!(shares, [100, 50]);
}

#[test]
fn without_a_tape_nothing_changes_and_a_wrong_one_is_an_error() {
    let orders = [order(TradeSide::Buy, 0, None, 1)];
    let with = |change: &dyn Fn(&mut Market)| {
        let mut market = market(Schedule::Close);
        change(&mut market);
        execute(&orders, &market, Money::ZERO, FREE)
    };
    assert!(with(&|market: &mut Market| market.execution = None).unwrap().is_none());
    let tape = |market: &mut Market| market.execution.take().unwrap();
    let old = with(&|market: &mut Market| {
        market.execution = Some(ExecutionTape { rules: "match/0".to_owned(), ..tape(market) });
    });
    assert!(matches!(old, Err(Error::Rules { .. })), "never silently under another version");
    let short = with(&|market: &mut Market| {
        market.execution = Some(ExecutionTape { volume: vec![1], ..tape(market) });
    });
    assert!(matches!(short, Err(Error::Shape { found: 1, wanted: 2 })));
    let inside = with(&|market: &mut Market| market.execution.as_mut().unwrap().high[0] = price("10.20"));
    assert!(matches!(inside, Err(Error::Bar { .. })));
}
