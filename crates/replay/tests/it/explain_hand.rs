//! A decision by hand for each reason code: four names, A and B share classes of one company, C and D alone.

use crate::scene::machine;
use samebits_canon::Isa;
use samebits_rebalance::{Layer, Rules, merge};
use samebits_replay::record;
use samebits_replay::why::{Code, TradeAnswer, Why, why};
use samebits_snapshot::input_ids;
use samebits_snapshot::record::*;
use samebits_units::{Bps, Date, Money, Price, Qty};

pub(crate) const A: u32 = 0;
pub(crate) const B: u32 = 1;
pub(crate) const C: u32 = 2;
pub(crate) const D: u32 = 3;

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn money(units: i64) -> Money {
    Money::from_units(units).unwrap()
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
            loss_limit: money(3_000),
            system: None,
        },
        execution: None,
        laws: Vec::new(),
        actions: Vec::new(),
    }
}

pub(crate) fn lot(id: u64, security: u32, shares: i64, basis: i64, acquired: &str) -> Lot {
    Lot {
        id,
        parent: None,
        security,
        quantity: Qty::from_shares(shares).unwrap(),
        basis: money(basis),
        acquired: day(acquired),
        held_from: day(acquired),
        replacement: false,
        fair_value: None,
    }
}

/// A quarter in each name, bought long ago at today's prices, and 1,000 of cash.
pub(crate) fn account() -> Account {
    let rate = Bps::from_hundredths;
    Account {
        cash: money(1_000),
        lots: vec![
            lot(1, A, 2_500, 250_000, "2015-01-02"),
            lot(2, B, 5_000, 250_000, "2015-01-02"),
            lot(3, C, 12_500, 250_000, "2015-01-02"),
            lot(4, D, 25_000, 250_000, "2015-01-02"),
        ],
        rates: Rates { short_term: rate(400_000), long_term: rate(200_000), ordinary: rate(400_000) },
        tax_year: 2017,
        next_lot: 10,
        ..Account::default()
    }
}

/// The account with nothing of `security`, its worth in cash instead.
pub(crate) fn without(security: u32) -> Account {
    let mut account = account();
    account.lots.retain(|lot| lot.security != security);
    account.cash = money(251_000);
    account
}

pub(crate) fn loss(basis: i64, acquired: &str) -> Account {
    let mut account = account();
    account.lots[0] = lot(1, A, 2_500, basis, acquired);
    account
}

pub(crate) fn run(account: Account, values: &[(&str, Value)]) -> Run {
    let mut own = vec![
        ("weight_cap", Value::Real(0.9)),
        ("turnover_max", Value::Off),
        ("factor_limit", Value::Off),
        ("sector_limit", Value::Off),
        ("cash_max", Value::Real(0.9)),
    ];
    own.extend(values.iter().cloned());
    let layer = Layer {
        source: Source::Account("T".into()),
        values: own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    };
    let market = market();
    let inputs = Inputs {
        question: Question { account: "T".into(), sequence: 0, as_of: market.as_of },
        market: market.into(),
        risk: risk().into(),
        account,
        params: merge(Rules::Third, &[layer]).unwrap(),
    };
    let ids = input_ids(&inputs).unwrap();
    let method = samebits_replay::simulate::method();
    record(inputs, &ids, method, &machine(Isa::detect())).unwrap().0
}

pub(crate) fn explained(account: Account, values: &[(&str, Value)]) -> Why {
    let run = run(account, values);
    let answer = why(&run, None).unwrap();
    assert!(answer.identity.holds && answer.identity.as_stored, "{:?}", answer.identity);
    answer
}

pub(crate) fn of<'a>(answer: &'a Why, ticker: &str) -> &'a TradeAnswer {
    let found = answer.trades.iter().find(|trade| trade.ticker == ticker);
    found.unwrap_or_else(|| panic!("{ticker} is not traded: {:?}", answer.trades))
}

fn lock(group: u32, last: &str) -> Lock {
    Lock {
        group,
        sold: day("2017-05-01"),
        last: day(last),
        security: group,
        lot: 77,
        open_quantity: Qty::from_shares(1).unwrap(),
        open_loss: money(12),
        held_days: 100,
        long_term: false,
        short: false,
    }
}

pub(crate) fn owing(security: u32, shares: i64) -> Account {
    let mut account = without(security);
    account.shorts = vec![ShortLot {
        id: 5,
        security,
        quantity: Qty::from_shares(shares).unwrap(),
        proceeds: money(20 * shares),
        opened: day("2017-03-01"),
        replacement: false,
        against_long_term: false,
    }];
    account
}

/// Code, name, trade, account, parameters.
type Case = (Code, &'static str, &'static str, Account, Vec<(&'static str, Value)>);

/// One decision a code: what is traded, and why. `ROUNDING` is tabled beside the codes; `BORROW_RECALL` cannot occur.
#[test]
fn a_decision_for_every_code() {
    let list = |ticker: &str| Value::List(vec![ticker.to_owned()]);
    let calm = ("risk_aversion", Value::Real(0.01));
    let untaxed = ("tax_weight", Value::Real(0.0));
    let mut gain = loss(300_000, "2015-01-02");
    gain.lots[3] = lot(4, D, 25_000, 200_000, "2015-01-02");
    let mut unlocked = without(C);
    unlocked.locks.push(lock(2, "2017-05-31"));
    let cases: Vec<Case> = vec![
        (Code::HarvestSt, "A", "sell", loss(400_000, "2017-01-02"), vec![]),
        (Code::HarvestLt, "A", "sell", loss(500_000, "2015-01-02"), vec![]),
        (Code::Replace, "D", "buy", loss(400_000, "2017-01-02"), vec![("cash_max", Value::Real(0.01))]),
        (Code::RebalanceRisk, "C", "buy", without(C), vec![]),
        (Code::FactorLimit, "C", "buy", without(C), vec![calm.clone(), ("factor_limit", Value::Real(0.05))]),
        (Code::SectorLimit, "C", "buy", without(C), vec![calm.clone(), ("sector_limit", Value::Real(0.02))]),
        (Code::Cap, "C", "sell", account(), vec![("weight_cap", Value::Real(0.2))]),
        (Code::CashIn, "C", "buy", without(C), vec![calm.clone(), ("cash_max", Value::Real(0.01))]),
        (
            Code::CashOut,
            "D",
            "sell",
            account(),
            vec![calm.clone(), ("withdrawal_currency", Value::Integer(90_000))],
        ),
        (Code::ExitExcluded, "D", "sell", account(), vec![("exclude", list("D"))]),
        (
            Code::GainBudget,
            "A",
            "sell",
            gain,
            vec![
                calm.clone(),
                untaxed,
                ("exclude", list("D")),
                ("gain_budget_currency", Value::Integer(20_000)),
            ],
        ),
        (Code::TeCap, "C", "buy", without(C), vec![calm, ("tracking_error_cap", Value::Real(0.01))]),
        (Code::Cover, "C", "cover", owing(C, 1_000), vec![("short_gross_max", Value::Real(0.3))]),
        (Code::UnlockReturn, "C", "buy", unlocked, vec![]),
    ];
    for (code, ticker, action, account, values) in cases {
        let answer = explained(account, &values);
        let trade = of(&answer, ticker);
        let reason = trade.code.as_ref().unwrap();
        assert_eq!((reason.code, trade.action), (code, action), "{:?}", trade.terms);
        assert_eq!(reason.of.as_deref(), (code == Code::Replace).then_some("A"), "{reason:?}");
        // The deciding term (the tax with the limits of its piece) speaks for the trade, and no other one with a code speaks
        // louder.
        let others = trade.terms.iter().filter(|term| term.part.is_some() && term.what != reason.term);
        let louder = others.filter(|term| term.bp < reason.bp - 1e-9);
        assert!(reason.bp < 0.0 && louder.count() == 0, "{reason:?} {:?}", trade.terms);
    }
}

/// The chosen lots are those of the lowest keys, the next one is named, and holding periods are the law's.
#[test]
fn lots_are_ranked_and_the_next_one_is_named() {
    let mut two = loss(400_000, "2017-01-02");
    two.lots[0] = lot(1, A, 1_250, 200_000, "2015-01-02");
    two.lots.insert(1, lot(6, A, 1_250, 200_000, "2017-01-02"));
    // Gains that the losses can be set against.
    two.realised.short_term = money(1_000_000);
    two.lots[0].replacement = true;
    two.lots[0].held_from = day("2014-12-01");
    two.lots.sort_by_key(|lot| lot.id);
    let answer = explained(two, &[("no_buy", Value::List(vec!["B".into()]))]);
    let trade = of(&answer, "A");
    assert!(trade.lots.windows(2).all(|pair| pair[0].key_bp <= pair[1].key_bp), "{:?}", trade.lots);
    assert_eq!((trade.lots[0].lot, trade.lots[0].sold.as_str()), (6, "460"));
    let (short, long) = (&trade.lots[0], &trade.lots[1]);
    assert_eq!((short.term, short.days_to_long_term), ("short", 216));
    assert_eq!(
        (long.term, long.days_to_long_term, long.tacked_days, long.replacement),
        ("long", 0, 32, true)
    );
    assert!((short.tax_bp - short.rate_bp * short.gain_percent / 1e4).abs() < 1e-9, "{short:?}");
    assert!((short.rate_bp, short.bucket) == (4_000.0, "short"), "{short:?}");
    assert_eq!(long.sold, "0");
    let next = trade.next_lot.as_ref().unwrap();
    // The first lot is not used up, and the next one is dearer.
    assert_eq!((next.lot, next.key_bp), (1, long.key_bp));
    assert_eq!(trade.lock_through.as_deref(), Some("2017-07-01"));
    assert!(answer.opened.iter().any(|lock| lock.lot == 6 && lock.bars == "purchase"));
}

/// A bar is named with its price, its end and the sale behind it.
#[test]
fn bars_are_named_and_priced() {
    let mut locked = without(C);
    locked.locks.push(lock(2, "2017-06-14"));
    let answer = explained(locked, &[]);
    let bar = answer.barred.iter().find(|bar| bar.ticker == "C").unwrap();
    assert!(bar.price_bp > 1.0 && bar.trade == "purchase", "{bar:?}");
    assert_eq!(
        (bar.until.as_deref(), bar.lot, bar.day.as_deref()),
        (Some("2017-06-14"), Some(77), Some("2017-05-01"))
    );
    assert_eq!(bar.loss.as_deref(), Some("12.00"));

    let mut short = without(C);
    short.locks.push(Lock { short: true, ..lock(2, "2017-06-14") });
    let answer = explained(short, &[("short_gross_max", Value::Real(0.3))]);
    let bar = answer.barred.iter().find(|bar| bar.trade == "short sale").unwrap();
    assert_eq!((bar.ticker.as_str(), bar.until.as_deref()), ("C", Some("2017-06-14")));
}

/// The other side of a conflict is the objective that the search recorded for it, and never better than the chosen one.
#[test]
fn the_other_side_is_what_the_search_saw() {
    for basis in [350_000, 3_500_000] {
        let mut torn = without(B);
        torn.lots[0] = lot(1, A, 2_500, basis, "2017-01-02");
        let run = run(torn, &[]);
        let harvest = run.outcome.harvest.clone().unwrap();
        let answer = why(&run, Some("A")).unwrap();
        let side = answer.trades[0].side.as_ref().unwrap();
        assert_eq!(side.names, ["A", "B"]);
        assert!((side.objective_bp.unwrap() - harvest.objective.unwrap() * 1e4).abs() < 1e-9, "{side:?}");
        assert!(side.difference_bp.unwrap() > 0.0, "{side:?}");
        if side.side == "buy" {
            assert!((side.other_bp.unwrap() - harvest.no_buy.unwrap() * 1e4).abs() < 1e-9, "{side:?}");
        }
    }
}

/// Leaving the continuous optimum costs something, and little.
#[test]
fn rounding_never_gains() {
    let answer = explained(without(C), &[]);
    for trade in &answer.trades {
        let rounding = &trade.rounding;
        let ordered: f64 = rounding.ordered_shares.parse().unwrap();
        assert!(rounding.given_up_bp >= -1e-9 && rounding.given_up_bp < 1.0, "{rounding:?}");
        assert!((rounding.optimum_shares - ordered).abs() < 20.0, "{rounding:?}");
    }
}
