//! Four names: A and B are share classes of one company, C and D stand alone; variances differ, correlations are small.

use samebits_canon::Isa;
use samebits_qp::Solver;
use samebits_rebalance::{Decision, Error, Layer, Rules, decide, merge};
use samebits_snapshot::record::*;
use samebits_solver_cpu::Clarabel;
use samebits_units::{Bps, Date, Money, Price, Qty};

pub(crate) const A: u32 = 0;
pub(crate) const B: u32 = 1;
pub(crate) const C: u32 = 2;
pub(crate) const D: u32 = 3;

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn matrix(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> f32) -> Matrix32 {
    Matrix32 { rows, cols, values: (0..rows * cols).map(|at| entry(at / cols, at % cols)).collect() }
}

fn risk() -> RiskModel {
    let variance = [0.09_f32, 0.08, 0.05, 0.04];
    RiskModel {
        recipe: Params::default(),
        factors: vec!["size".into()],
        sigma: matrix(4, 4, |i, j| if i == j { variance[i] } else { 0.01 }),
        loadings: matrix(4, 1, |i, _| [0.5, -0.5, 1.0, -1.0][i]),
        factor_model: FactorModel {
            covariance: matrix(2, 2, |i, j| if i == j { 0.01 } else { 0.0 }),
            specific: matrix(4, 1, |i, _| variance[i]),
        },
    }
}

fn market() -> Market {
    let security =
        |ticker: &str, sector, identity_group| Security { ticker: ticker.into(), sector, identity_group };
    Market {
        as_of: day("2017-06-01"),
        currency: "USD".into(),
        securities: vec![security("A", 0, 0), security("B", 0, 0), security("C", 1, 2), security("D", 1, 3)],
        sectors: vec!["first".into(), "second".into()],
        prices: [100, 50, 20, 10].map(|units| Price::from_e8(units * 100_000_000)).to_vec(),
        benchmark: Benchmark { id: "b".into(), rebalanced: day("2017-06-01"), weights: vec![0.25; 4] },
        alpha: Vec::new(),
        borrow: vec![Bps::ZERO; 4],
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

/// A lot of `shares` bought on `acquired` for `basis` units of the currency in all.
pub(crate) fn lot(id: u64, security: u32, shares: i64, basis: i64, acquired: &str) -> Lot {
    Lot {
        id,
        parent: None,
        security,
        quantity: Qty::from_shares(shares).unwrap(),
        basis: Money::from_units(basis).unwrap(),
        acquired: day(acquired),
        held_from: day(acquired),
        replacement: false,
        fair_value: None,
    }
}

/// An account of 1,000,000: a quarter in each name, bought long ago at today's prices, and 1,000 of cash.
pub(crate) fn account() -> Account {
    let rate = Bps::from_hundredths;
    Account {
        cash: Money::from_units(1_000).unwrap(),
        lots: vec![
            lot(1, A, 2_500, 250_000, "2015-01-02"),
            lot(2, B, 5_000, 250_000, "2015-01-02"),
            lot(3, C, 12_500, 250_000, "2015-01-02"),
            lot(4, D, 25_000, 250_000, "2015-01-02"),
        ],
        locks: Vec::new(),
        rates: Rates { short_term: rate(400_000), long_term: rate(200_000), ordinary: rate(400_000) },
        realised: Realised::default(),
        carry: Carry::default(),
        tax_year: 2017,
        next_lot: 10,
        ..Account::default()
    }
}

pub(crate) fn lock(group: u32, last: &str) -> Lock {
    Lock {
        group,
        sold: day("2017-05-20"),
        last: day(last),
        security: group,
        lot: 0,
        open_quantity: Qty::from_shares(1).unwrap(),
        open_loss: Money::from_units(1).unwrap(),
        held_days: 100,
        long_term: false,
        short: false,
    }
}

pub(crate) fn inputs(account: Account, values: &[(&str, Value)]) -> Inputs {
    let mut own = vec![
        ("weight_cap", Value::Real(0.9)),
        ("turnover_max", Value::Off),
        ("factor_limit", Value::Off),
        ("sector_limit", Value::Off),
    ];
    own.extend(values.iter().cloned());
    let layer = Layer {
        source: Source::Account("T".into()),
        values: own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    };
    let market = market();
    Inputs {
        question: Question { account: "T".into(), sequence: 0, as_of: market.as_of },
        market: market.into(),
        risk: risk().into(),
        account,
        params: merge(Rules::NEWEST, &[layer]).unwrap(),
    }
}

pub(crate) fn method() -> Method {
    Method {
        solver: "clarabel/1".into(),
        rules: Rules::Second.name().into(),
        tolerance: 1e-10,
        max_iterations: 100,
    }
}

pub(crate) fn try_decide(inputs: &Inputs) -> Result<Decision, Error> {
    decide(inputs, &method(), &Clarabel { isa: Isa::detect() } as &dyn Solver)
}

pub(crate) fn decided(account: Account, values: &[(&str, Value)]) -> Decision {
    try_decide(&inputs(account, values)).unwrap()
}

/// Shares traded of a name, bought positive, sold negative.
pub(crate) fn traded(decision: &Decision, security: u32) -> i64 {
    let of = decision.outcome.trades.iter().filter(|trade| trade.security == security);
    of.fold(0, |sum, trade| {
        let shares = trade.quantity.whole_shares();
        if trade.side == TradeSide::Buy { sum + shares } else { sum - shares }
    })
}
