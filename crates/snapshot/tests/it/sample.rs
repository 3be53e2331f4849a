//! A small, lopsided Run: five securities, two factors, no two numbers alike.

use samebits_snapshot::record::*;
use samebits_snapshot::{Digest, account_id};
use samebits_units::{Bps, Date, Money, Price, Qty};

pub(crate) const SECURITIES: usize = 5;
const FACTORS: usize = 2;

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn matrix(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> f32) -> Matrix32 {
    Matrix32 { rows, cols, values: (0..rows * cols).map(|at| entry(at / cols, at % cols)).collect() }
}

/// A risk model over `n` securities, bitwise symmetric where it must be.
pub(crate) fn risk(n: usize, seed: u32) -> RiskModel {
    let noise = |a: usize, b: usize| {
        let word =
            (a as u32).wrapping_mul(2_654_435_761).wrapping_add(b as u32 ^ seed).wrapping_mul(2_246_822_519);
        (word ^ word >> 13) as f32 / u32::MAX as f32
    };
    let covariance = |row: usize, col: usize| {
        let (high, low) = (row.max(col), row.min(col));
        if high == low { 0.09 + 0.05 * noise(high, low) } else { 0.03 * noise(high, low) }
    };
    let setting = Setting { value: Value::Integer(252), source: Source::Default };
    RiskModel {
        recipe: Params { settings: [("window_days".to_owned(), setting)].into() },
        factors: vec!["momentum".into(), "size".into()],
        sigma: matrix(n, n, covariance),
        loadings: matrix(n, FACTORS, |row, col| noise(row, col + 1000) - 0.5),
        factor_model: FactorModel {
            covariance: matrix(FACTORS + 1, FACTORS + 1, |row, col| covariance(row + 7, col + 7)),
            specific: matrix(n, 1, |row, _| 0.01 + noise(row, 77)),
        },
    }
}

/// A market over `n` securities.
pub(crate) fn market(n: usize, as_of: Date) -> Market {
    Market {
        as_of,
        currency: "USD".into(),
        securities: (0..n)
            .map(|at| Security {
                ticker: format!("T{at}"),
                sector: (at % 2) as u32,
                identity_group: if at == 4 { 1 } else { at as u32 },
            })
            .collect(),
        sectors: vec!["Energy".into(), "Utilities".into()],
        prices: (0..n).map(|at| Price::from_e8(2_854_550_000 + 977 * at as i64)).collect(),
        benchmark: Benchmark {
            id: "cap/1".into(),
            rebalanced: day("2017-01-31"),
            weights: (0..n).map(|at| 1.0 / n as f64 + at as f64 * 1e-7).collect(),
        },
        alpha: Vec::new(),
        borrow: (0..n).map(|at| Bps::from_hundredths(2_500 + at as i32)).collect(),
        law: Law {
            id: "us-federal/2017".into(),
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

pub(crate) fn account() -> Account {
    let lot = |id: u64, security: u32, shares: i64| Lot {
        id,
        parent: (id == 9).then_some(3),
        security,
        quantity: Qty::from_shares(shares).unwrap(),
        basis: Money::from_micros(shares * 28_000_001),
        acquired: day("2016-02-29"),
        held_from: day("2016-02-01"),
        replacement: id == 9,
        fair_value: None,
    };
    Account {
        cash: Money::from_micros(1_234_567_891),
        lots: vec![lot(3, 0, 100), lot(4, 2, 7), lot(9, 4, 35)],
        locks: vec![lock()],
        rates: Rates {
            short_term: Bps::from_hundredths(408_000),
            long_term: Bps::from_hundredths(238_000),
            ordinary: Bps::from_hundredths(396_000),
        },
        realised: Realised { short_term: Money::from_micros(-5), long_term: Money::from_micros(700) },
        carry: Carry { short_term: Money::from_micros(11), long_term: Money::ZERO },
        tax_year: 2017,
        next_lot: 10,
        ..Account::default()
    }
}

fn lock() -> Lock {
    Lock {
        group: 1,
        sold: day("2017-02-01"),
        last: day("2017-03-03"),
        security: 1,
        lot: 2,
        open_quantity: Qty::from_micros(2_500_000),
        open_loss: Money::from_micros(98_765),
        held_days: 41,
        long_term: false,
        short: false,
    }
}

fn params() -> Params {
    let source = |name: &str| Source::Account(name.into());
    let settings = [
        ("te_cap", Setting { value: Value::Real(0.0125), source: Source::Default }),
        ("fee_bps", Setting { value: Value::Integer(-3), source: source("A-17") }),
        (
            "restricted",
            Setting { value: Value::List(vec!["T1".into()]), source: Source::Override("legal".into()) },
        ),
        ("whole_shares", Setting { value: Value::Flag(true), source: Source::Strategy("core".into()) }),
        ("gain_budget", Setting { value: Value::Off, source: Source::Default }),
    ];
    Params { settings: settings.map(|(name, setting)| (name.to_owned(), setting)).into() }
}

pub(crate) fn outcome(n: usize, account_after: Digest) -> Outcome {
    let row = |kind, name: &str, value: f64| Row {
        kind,
        name: name.into(),
        lower: None,
        upper: Some(0.25),
        value,
        final_value: value + 1e-9,
        multiplier: -0.0,
        relaxed_by: 0.0,
        final_excess: 0.0,
    };
    let sell = Trade {
        side: TradeSide::Sell,
        security: 2,
        lot: 4,
        quantity: Qty::from_shares(7).unwrap(),
        notional: Money::from_micros(199_832_177),
        cost: Money::from_micros(99_917),
        gain: Money::from_micros(-3_836_260),
        long_term: true,
    };
    Outcome {
        status: Status::Relaxed("turnover".into()),
        iterations: 41,
        solves: 2,
        weights: (0..n).map(|at| 0.2 - at as f64 / 77.0).collect(),
        sides: (0..n).map(|at| [Side::Free, Side::Sell, Side::Buy][at % 3]).collect(),
        active: Active {
            bounds: (0..n).map(|at| (at % 3) as i8 - 1).collect(),
            buys: vec![0; n],
            sells: vec![2, 1, 0],
            shorts: Vec::new(),
            covers: Vec::new(),
            rows: vec![0, 1],
        },
        bound_multipliers: (0..n).map(|at| at as f64 * 1e-300).collect(),
        rows: vec![row(RowKind::Budget, "", 0.1), row(RowKind::Sector, "Energy", 0.3)],
        certificate: Certificate { primal: 1e-12, dual: 2e-11, complementarity: 5e-324, gap: -1e-13 },
        objective: Parts { risk: 0.01, tax: -0.002, cost: 0.0003, total: 0.0083, ..Parts::default() },
        final_objective: Parts { risk: 0.011, tax: -0.002, cost: 0.0003, total: 0.0093, ..Parts::default() },
        rounding: Rounding { undone: 1, spent: 3, dropped: 0, tightened: 1 },
        trades: vec![sell],
        events: events(),
        tax: Tax { harvested: Money::from_micros(3_836_260), ..Tax::default() },
        totals: Totals {
            tracking_error: 0.0119,
            nav_before: Money::from_micros(5_000_000_001),
            ..Totals::default()
        },
        stages: Stages { account_after, problem: Digest::of("test", b"problem"), ..Stages::default() },
        harvest: None,
        execution: None,
        finish: None,
        netted: None,
        identity: None,
    }
}

fn events() -> Vec<Event> {
    let (sold, quantity) = (day("2017-02-08"), Qty::from_micros(7_000_000));
    vec![
        Event::YearRoll { year: 2017, carry: Carry::default(), owed: None },
        Event::LockClose { lot: 2, sold: day("2017-01-05") },
        Event::Close {
            lot: 4,
            quantity,
            proceeds: Money::from_micros(199),
            basis: Money::from_micros(203),
            long_term: true,
            deemed: None,
        },
        Event::Open { lot: 10, security: 3, quantity, basis: Money::from_micros(85), acquired: sold },
        Event::WashDefer {
            sold_lot: 4,
            sold,
            replacement: 9,
            quantity,
            loss: Money::from_micros(4),
            long_term: true,
            tacked_days: 345,
            split_to: Some(11),
        },
        Event::LockOpen { lock: lock() },
    ]
}

/// The sample Run.
pub(crate) fn run() -> Run {
    run_of("A-17", 3, day("2017-02-08"), SECURITIES)
}

/// A Run of any account and size. It leaves the account as it was.
pub(crate) fn run_of(name: &str, sequence: u64, as_of: Date, n: usize) -> Run {
    let account = account();
    let after = account_id(&account).unwrap();
    Run {
        inputs: Inputs {
            question: Question { account: name.into(), sequence, as_of },
            market: market(n, as_of).into(),
            risk: risk(n, as_of.days() as u32).into(),
            account,
            params: params(),
        },
        method: Method {
            solver: "plain/1".into(),
            rules: "rebalance/1".into(),
            tolerance: 1e-9,
            max_iterations: 200,
        },
        outcome: outcome(n, after),
        info: Info {
            code: "0.1.0".into(),
            machine: "x86-64 linux".into(),
            solve_ns: 1_500_321,
            decide_ns: 70_000,
        },
    }
}
