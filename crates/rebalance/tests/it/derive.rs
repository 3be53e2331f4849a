//! Decisions made again from what was kept of them.

use crate::scene::{A, B, C, D, account, decided, inputs, lot};
use samebits_canon::Isa;
use samebits_qp::{Problem, Settings, Solution, State};
use samebits_rebalance::{AtState, Decision, Error, Rules, decide, derive, tightened_cap};
use samebits_snapshot::canonical;
use samebits_snapshot::record::*;
use samebits_solver_cpu::ActiveSet;
use samebits_units::{Bps, Money, Qty};
use std::sync::Arc;

/// The active set, at a state.
struct Point(ActiveSet);

impl AtState for Point {
    fn at(
        &self,
        problem: &Problem,
        state: &State,
        settings: &Settings,
    ) -> Result<Option<Solution>, samebits_qp::Error> {
        self.0.at(problem, state, settings)
    }

    fn isa(&self) -> Isa {
        Isa::detect()
    }
}

fn again(inputs: &Inputs, method: &Method, kept: &Kept) -> Result<Decision, Error> {
    derive(inputs, method, kept, &Point(ActiveSet::new(Isa::detect(), 1)))
}

/// Why `found` does not follow from what is kept of it. Where it does, it does in every bit of its outcome, its account and
/// its problem: what follows and is something else is no refusal.
pub(crate) fn refused(inputs: &Inputs, method: &Method, found: &Decision) -> Option<Error> {
    let mut kept = Kept::of(&found.outcome);
    let solver = ActiveSet::new(Isa::detect(), 1);
    kept.tightened = tightened_cap(inputs, method, &found.outcome, &solver).unwrap();
    let again = match again(inputs, method, &kept) {
        Ok(again) => again,
        Err(error) => return Some(error),
    };
    assert!(canonical::same("outcome", &found.outcome, &again.outcome).unwrap(), "another outcome");
    assert_eq!(found.account_after, again.account_after);
    let limits = |problem: &Problem| (problem.risk_cap, problem.rows.clone());
    assert_eq!(limits(&found.problem), limits(&again.problem));
    // What is kept survives the bytes that it is kept in.
    let bytes = canonical::encode("kept", &kept).unwrap();
    assert_eq!(canonical::decode::<Kept>("kept", &bytes).unwrap(), kept);
    assert!(bytes.len() < canonical::encode("outcome", &found.outcome).unwrap().len());
    None
}

/// [`refused`], and it must not be.
pub(crate) fn follows(inputs: &Inputs, method: &Method, found: &Decision) {
    if let Some(error) = refused(inputs, method, found) {
        panic!("{error}");
    }
}

fn method(rules: Rules) -> Method {
    let rules = rules.name().into();
    Method { solver: "active-set/1".into(), rules, tolerance: 1e-10, max_iterations: 200 }
}

fn put(inputs: &Inputs, rules: Rules) -> Decision {
    decide(inputs, &method(rules), &ActiveSet::new(Isa::detect(), 1)).unwrap()
}

/// The account without C, whose weight is cash.
fn without_c() -> Account {
    let mut account = account();
    account.cash = Money::from_units(251_000).unwrap();
    account.lots.remove(2);
    account
}

/// As an account of the third rules, with gains elsewhere that take every loss.
fn asked(mut account: Account, values: &[(&str, Value)]) -> Inputs {
    account.holder = Some(Holder {
        jurisdiction: Jurisdiction::UnitedStates,
        profile: "test".into(),
        outside: Realised { short_term: Money::from_units(1_000_000).unwrap(), long_term: Money::ZERO },
        loss_value: Bps::ZERO,
        dividend_rate: Bps::ZERO,
    });
    let mut inputs = inputs(account, values);
    Arc::make_mut(&mut inputs.market).laws = samebits_tax::laws(inputs.market.as_of).unwrap();
    inputs
}

/// C is missing and dear to buy: no more of it than the cap on the tracking error calls for, which the part of a share that
/// rounding leaves out exceeds.
fn capped(cap: f64) -> Inputs {
    let values = [
        ("tracking_error_cap", Value::Real(cap)),
        ("risk_aversion", Value::Real(0.05)),
        ("buy_cost_hundredth_bp", Value::Integer(20_000)),
        ("cash_max", Value::Real(0.9)),
    ];
    asked(without_c(), &values)
}

/// Every version of the rules, solved, relaxed and unsolved.
#[test]
fn every_kind_of_end_follows() {
    let turnover = ("turnover_max", Value::Real(0.1));
    let never = ("relaxation_order", Value::List(Vec::new()));
    let mut ends = [0; 3];
    for rules in Rules::ALL {
        for values in [vec![], vec![turnover.clone()], vec![turnover.clone(), never.clone()]] {
            let inputs = asked(without_c(), &values);
            let found = put(&inputs, rules);
            let kept = Kept::of(&found.outcome);
            let end = match &found.outcome.status {
                Status::Solved => 0,
                Status::Relaxed(_) => 1,
                Status::Unsolved(_) => 2,
            };
            ends[end] += 1;
            assert_eq!((kept.given.len(), kept.trades.is_empty()), [(0, false), (1, false), (0, true)][end]);
            // The first search does not settle which state a relaxed optimum has.
            match refused(&inputs, &method(rules), &found) {
                Some(error) => assert!(end == 1 && rules < Rules::Third && kept.path.is_none(), "{error}"),
                None => assert!(end != 1 || rules == Rules::Third),
            }
        }
    }
    assert_eq!(ends, [3, 3, 3]);
}

/// The cap itself gives: the smallest risk that there is.
#[test]
fn a_cap_that_gave_follows() {
    let values = [
        ("tracking_error_cap", Value::Real(1e-4)),
        ("no_buy", Value::List(vec!["C".into()])),
        ("relaxation_order", Value::List(vec!["tracking_error".into()])),
        ("cash_max", Value::Real(0.9)),
    ];
    let inputs = asked(without_c(), &values);
    let found = put(&inputs, Rules::Third);
    let kept = Kept::of(&found.outcome);
    assert!(kept.cap_given.is_some_and(|by| by > 0.01) && kept.given.is_empty(), "{kept:?}");
    follows(&inputs, &method(Rules::Third), &found);
}

/// A cap that rounding made tighter is found again from the last state; without it the outcome does not follow.
#[test]
fn a_tightened_cap_is_kept() {
    let mut seen = 0;
    for cap in (20..60).map(|thousandth| f64::from(thousandth) * 0.0005) {
        let inputs = capped(cap);
        let found = put(&inputs, Rules::Third);
        follows(&inputs, &method(Rules::Third), &found);
        if found.outcome.rounding.tightened == 0 {
            continue;
        }
        seen += 1;
        let mut kept = Kept::of(&found.outcome);
        let error = again(&inputs, &method(Rules::Third), &kept).unwrap_err();
        assert!(matches!(error, Error::NotDerived { why } if why.contains("tightened")), "{error}");
        // Another cap is another point, and its risk another number in the outcome.
        kept.tightened = Some(0.99 * cap);
        match again(&inputs, &method(Rules::Third), &kept) {
            Ok(other) => assert_ne!(other.outcome.weights, found.outcome.weights),
            Err(error) => {
                assert!(matches!(error, Error::NotDerived { .. } | Error::NotKept { .. }), "{error}");
            }
        }
    }
    assert!(seen > 3, "{seen}: the scene is too quiet to show anything");
}

/// A solver that ends without a state leaves nothing to derive from, and that is said.
#[test]
fn a_raw_answer_stays_whole() {
    let found = decided(without_c(), &[]);
    assert!(found.outcome.finish.is_none());
    let inputs = inputs(without_c(), &[]);
    let error = again(&inputs, &crate::scene::method(), &Kept::of(&found.outcome)).unwrap_err();
    assert!(matches!(error, Error::NotDerived { why } if why.contains("without a state")), "{error}");
}

type Change = fn(&mut Kept);

/// What is wrong with foreign values, one at a time.
#[test]
fn foreign_values_are_named() {
    let mut book = account();
    book.lots[0] = lot(1, A, 2_500, 400_000, "2017-01-02");
    let inputs = asked(book, &[("cash_max", Value::Real(0.2))]);
    let found = put(&inputs, Rules::Third);
    let kept = Kept::of(&found.outcome);
    assert!(!kept.trades.is_empty());
    let changes: [(&str, Change); 25] = [
        ("outcome.sides", |kept| kept.sides.truncate(3)),
        ("outcome.active.buys", |kept| kept.active.buys.push(0)),
        ("outcome.active.rows", |kept| kept.active.rows.clear()),
        ("outcome.active.shorts", |kept| kept.active.shorts = vec![0; 4]),
        ("kept.active", |kept| kept.active.rows.push(0)),
        ("state.bounds[2]", |kept| kept.active.bounds[2] = -128),
        ("state.trades", |kept| kept.active.sells[0] = 127),
        ("kept.sides", |kept| kept.sides[3] = Side::Buy),
        ("kept.given", |kept| kept.given = vec![given(u32::MAX, 1.0)]),
        ("rows", |kept| kept.given = vec![given(0, f64::NAN)]),
        ("kept.given", |kept| kept.given = vec![given(0, 3.0), given(0, 3.0)]),
        ("risk_cap", |kept| kept.cap = Some(f64::NAN)),
        ("risk_cap", |kept| kept.cap = Some(-1.0)),
        ("kept.tightened", |kept| kept.tightened = Some(0.1)),
        ("tightened to was not kept", |kept| kept.rounding.tightened = 1),
        ("path", |kept| kept.path = Some("by hand".into())),
        ("without a state", |kept| kept.path = None),
        ("has no state", |kept| kept.status = Status::Unsolved("as it says".into())),
        ("kept.trades", |kept| kept.trades[0].security = u32::MAX),
        ("kept.trades", |kept| kept.trades[0].side = TradeSide::Short),
        ("cash would be", |kept| kept.trades[0].quantity = Qty::from_micros(-1)),
        ("kept.trades", |kept| kept.trades[0].lot = u64::MAX),
        ("kept.trades", |kept| kept.trades.swap(0, 1)),
        ("out of range", |kept| kept.trades[0].quantity = Qty::from_micros(i64::MAX)),
        ("no piece", |kept| kept.netted.as_mut().unwrap().piece.clear()),
    ];
    for (at, (part, change)) in changes.iter().enumerate() {
        let mut changed = kept.clone();
        change(&mut changed);
        let error = again(&inputs, &method(Rules::Third), &changed).unwrap_err();
        assert!(error.to_string().contains(part), "{at} {part}: {error}");
    }
}

fn given(row: u32, upper: f64) -> Given {
    Given { row, lower: None, upper: Some(upper), by: 0.25 }
}

fn codes(kept: &mut Kept, part: usize) -> &mut Vec<i8> {
    let Active { bounds, buys, sells, rows, .. } = &mut kept.active;
    [bounds, buys, sells, rows].into_iter().nth(part).unwrap()
}

/// Any other state: an error, or another outcome, which the content id tells.
#[test]
fn another_state_is_never_the_same_outcome() {
    let mut book = account();
    book.lots[0] = lot(1, A, 2_500, 400_000, "2017-01-02");
    book.lots.push(lot(5, B, 10, 900, "2017-01-03"));
    let values = [("cash_max", Value::Real(0.2)), ("sector_limit", Value::Real(0.05))];
    let inputs = asked(book, &values);
    let found = put(&inputs, Rules::Third);
    let kept = Kept::of(&found.outcome);
    let (mut refused, mut others) = (0, 0);
    let mut check = |changed: &Kept| match again(&inputs, &method(Rules::Third), changed) {
        Err(_) => refused += 1,
        Ok(other) => {
            assert!(!canonical::same("outcome", &found.outcome, &other.outcome).unwrap(), "{changed:?}");
            others += 1;
        }
    };
    for to in -2..=3 {
        for part in 0..4 {
            for at in 0..codes(&mut kept.clone(), part).len() {
                let mut changed = kept.clone();
                let code = &mut codes(&mut changed, part)[at];
                if *code != to {
                    *code = to;
                    check(&changed);
                }
            }
        }
    }
    for at in [A, B, C, D] {
        for side in [Side::Free, Side::Buy, Side::Sell] {
            let mut changed = kept.clone();
            if changed.sides[at as usize] != side {
                changed.sides[at as usize] = side;
                check(&changed);
            }
        }
    }
    assert!(refused > 60, "{refused} {others}");
}
