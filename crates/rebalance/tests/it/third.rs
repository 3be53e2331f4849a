//! Rules 3: the tax of the year by pieces, short positions, budgets, soft limits, client flows.

use crate::derive::follows;
use crate::scene::{A, B, C, D, account, day, inputs, lot, traded};
use samebits_canon::Isa;
use samebits_rebalance::{Decision, Error, Rules, decide, restore, see};
use samebits_snapshot::record::*;
use samebits_solver_cpu::{ActiveSet, Clarabel, Ipm};
use samebits_tax::{law, laws, pieces, tax};
use samebits_units::{Bps, Money, rate};
use std::sync::Arc;

fn money(units: i64) -> Money {
    Money::from_units(units).unwrap()
}

fn bps(hundredths: i32) -> Bps {
    Bps::from_hundredths(hundredths)
}

/// A holder of `jurisdiction` with short-term gains elsewhere; unused losses are worth `loss_value`.
fn holder(jurisdiction: Jurisdiction, outside: i64, loss_value: i32) -> Holder {
    Holder {
        jurisdiction,
        profile: "test".into(),
        outside: Realised { short_term: money(outside), long_term: Money::ZERO },
        loss_value: bps(loss_value),
        dividend_rate: Bps::ZERO,
    }
}

fn method() -> Method {
    let rules = Rules::Third.name().into();
    Method { solver: "active-set/1".into(), rules, tolerance: 1e-10, max_iterations: 200 }
}

fn asked(account: Account, values: &[(&str, Value)]) -> Inputs {
    let mut inputs = inputs(account, values);
    Arc::make_mut(&mut inputs.market).laws = laws(inputs.market.as_of).unwrap();
    inputs
}

fn put(inputs: &Inputs) -> Decision {
    let found = decide(inputs, &method(), &ActiveSet::new(Isa::detect(), 1)).unwrap();
    follows(inputs, &method(), &found);
    found
}

fn third(account: Account, values: &[(&str, Value)]) -> Decision {
    put(&asked(account, values))
}

const US: Jurisdiction = Jurisdiction::UnitedStates;

/// The account with a short-term loss of 100,000 in A, whose sale costs little risk.
fn loser(holder: Holder) -> Account {
    let mut account = account();
    account.lots[0] = lot(1, A, 2_500, 350_000, "2017-01-02");
    account.holder = Some(holder);
    account
}

fn calm() -> Vec<(&'static str, Value)> {
    vec![("risk_aversion", Value::Real(0.5)), ("cash_max", Value::Real(0.9))]
}

fn result(decision: &Decision) -> i64 {
    let tax = &decision.outcome.tax.realised;
    (tax.short_term.micros() + tax.long_term.micros()) / 1_000_000
}

/// A loss is worth what the year can use: gains elsewhere first, then the limit against ordinary income, then nothing.
#[test]
fn a_loss_is_worth_what_the_year_can_use() {
    let whole = third(loser(holder(US, 1_000_000, 0)), &calm());
    assert_eq!((traded(&whole, A), result(&whole)), (-2_500, -100_125), "gains elsewhere take all of it");
    assert_eq!(whole.outcome.netted.as_ref().unwrap().piece, "gains of both terms");

    let limited = third(loser(holder(US, 0, 0)), &calm());
    assert!((-3_000 - 140..=-2_900).contains(&result(&limited)), "{}", result(&limited));
    // The limit is the border of two pieces: the row of the one that was chosen binds.
    let row = limited.outcome.rows.iter().find(|row| row.kind == RowKind::Netting && row.multiplier != 0.0);
    assert!(row.is_some(), "{:?}", limited.outcome.rows);

    let carried = third(loser(holder(US, 0, 150_000)), &calm());
    assert_eq!(traded(&carried, A), -2_500, "a carried loss is worth 15 %");
    assert_eq!(carried.outcome.netted.as_ref().unwrap().piece, "net loss beyond the limit");

    let part = third(loser(holder(US, 40_000, 0)), &calm());
    assert!((-43_300..=-42_800).contains(&result(&part)), "{}", result(&part));
}

/// The results so far lie in the corner of all pieces, and the best piece binds at that corner: none may be left out for
/// its sake. (A bound of the best that its own limits make weak once hid this harvest.)
#[test]
fn a_harvest_is_found_from_a_corner_of_the_tax() {
    let mut plain = account();
    plain.lots[0] = lot(1, A, 2_500, 400_000, "2017-01-02");
    let found = third(plain, &[("cash_max", Value::Real(0.5))]);
    let netted = found.outcome.netted.as_ref().unwrap();
    assert!(traded(&found, A) < 0, "{netted:?}");
    let first = netted.tried[0].1.unwrap();
    let best = netted.tried.iter().filter_map(|(_, objective)| *objective).fold(1.0, samebits_canon::min);
    assert!(netted.piece != netted.tried[0].0 && best < first - 1e-5, "{netted:?}");
}

/// Where a loss counts nothing, its lots cost the same; the one that keeps the year inside its piece goes first.
#[test]
fn lots_that_cost_the_same_go_where_the_piece_is_kept() {
    let order = |lost: i64| {
        let mut held = account();
        held.holder = Some(holder(US, 0, 0));
        held.realised.short_term = money(-lost);
        held.lots[0] = lot(1, A, 1_250, 130_000, "2017-01-02");
        held.lots[1] = lot(2, B, 5_000, 100_000, "2015-01-02");
        held.lots.push(lot(5, A, 1_250, 300_000, "2017-02-02"));
        let inputs = asked(held, &calm());
        let found = put(&inputs);
        let seen = see(&inputs, Rules::Third.name(), &found.outcome).unwrap();
        let lots = &seen.book.lots[A as usize];
        assert_eq!(lots[0].tax, lots[1].tax);
        let netting = found.outcome.rows.iter().filter(|row| row.kind == RowKind::Netting).count();
        (lots.iter().map(|lot| lot.id).collect::<Vec<_>>(), netting)
    };
    // A gain of B may leave the piece: the larger loss keeps the day inside it.
    assert_eq!(order(10_000), (vec![5, 1], 1));
    // No gain can: the order is that of the days.
    assert_eq!(order(400_000), (vec![1, 5], 0));
}

/// Sells `amount` weight of lot `variable` and pays the exact tax: the objective of the decision, independently.
fn objective(inputs: &Inputs, found: &Decision, trades: &[f64]) -> f64 {
    let seen = see(inputs, Rules::Third.name(), &found.outcome).unwrap();
    let problem = &seen.model.problem;
    let weights = problem.weights(trades);
    let (mut linear, mut gains) = (0.0, [0.0; 2]);
    for (variable, amount) in seen.model.variables.iter().zip(trades) {
        let (tax, gain) = variable.tax_and_gain(&seen.book);
        linear += tax * amount;
        gains = [gains[0] + gain[0] * amount, gains[1] + gain[1] * amount];
    }
    let account = &inputs.account;
    let holder = account.holder.as_ref().unwrap();
    let law = law(holder.jurisdiction, inputs.market.as_of, false).unwrap();
    let all = pieces(&law, &account.rates, holder.loss_value).unwrap();
    let nav = seen.book.nav;
    let of = |part: f64| Money::from_micros((part * nav.micros() as f64).round() as i64);
    let [short, long] = gains.map(of);
    let before = holder.outside.short_term;
    let owed = tax(&all, before.plus(short).unwrap(), long).unwrap();
    let change = owed.minus(tax(&all, before, Money::ZERO).unwrap()).unwrap();
    problem.objective(&weights, trades) - linear + rate::fraction(change, nav)
}

/// No mixture of the chosen trades with any other amounts is better under the exact tax, in any country.
#[test]
fn no_other_sales_are_better_under_the_exact_tax() {
    for (jurisdiction, outside, loss_value) in [
        (US, 0, 0),
        (US, 0, 100_000),
        (US, 30_000, 50_000),
        (Jurisdiction::Canada, 0, 50_000),
        (Jurisdiction::Canada, 20_000, 0),
        (Jurisdiction::Australia, 10_000, 30_000),
        (Jurisdiction::India, 10_000, 0),
    ] {
        let mut account = account();
        account.lots[0] = lot(1, A, 2_500, 300_000, "2017-01-02");
        account.lots[1] = lot(2, B, 5_000, 180_000, "2014-01-02");
        account.lots[2] = lot(3, C, 12_500, 290_000, "2014-01-02");
        account.holder = Some(holder(jurisdiction, outside, loss_value));
        let asked = asked(account, &[("risk_aversion", Value::Real(3.0)), ("cash_max", Value::Real(0.9))]);
        let found = put(&asked);
        let seen = see(&asked, Rules::Third.name(), &found.outcome).unwrap();
        let (problem, state) = restore(&asked, Rules::Third.name(), &found.outcome).unwrap();
        let settings = samebits_qp::Settings::new(1e-9, 1);
        let best = ActiveSet::new(Isa::detect(), 1).at(&problem, &state, &settings).unwrap().unwrap();
        let here = objective(&asked, &found, &best.trades);
        let netted = found.outcome.netted.as_ref().unwrap();
        let least =
            netted.tried.iter().filter_map(|(_, objective)| *objective).fold(1.0, samebits_canon::min);
        assert!((here - least).abs() < 1e-9, "{jurisdiction:?}: {here} {least}");
        for (t, trade) in seen.model.problem.trades.iter().enumerate() {
            for step in 0..=40 {
                let mut trades = best.trades.clone();
                trades[t] = samebits_canon::min(trade.upper, 0.4) * f64::from(step) / 40.0;
                let invested: f64 = problem.weights(&trades).iter().sum();
                if invested < 0.998 {
                    assert!(objective(&asked, &found, &trades) >= here - 1e-9, "{jurisdiction:?} {t} {step}");
                }
            }
        }
    }
}

/// A gain five days before its lot turns long-term waits; with no worth in waiting it does not.
#[test]
fn a_gain_waits_for_its_term() {
    let mut soon = account();
    soon.lots[0] = lot(1, A, 2_500, 150_000, "2016-06-05");
    // Long-term gains of the other sales, so that the step between the rates is that of the piece.
    soon.lots[1].basis = money(240_000);
    soon.lots[2].basis = money(240_000);
    soon.lots[3] = lot(4, D, 5_000, 50_000, "2014-01-02");
    soon.holder = Some(holder(US, 0, 0));
    let values = |days| {
        [
            ("wait_days", Value::Integer(days)),
            ("cash_max", Value::Real(0.9)),
            ("weight_cap", Value::Real(0.2)),
        ]
    };
    let asked_of = |days| {
        let mut asked = asked(soon.clone(), &values(days));
        asked.params.settings.get_mut("weight_cap_glide").unwrap().value = Value::Flag(true);
        asked.params.settings.get_mut("risk_aversion").unwrap().value = Value::Real(250.0);
        asked
    };
    let (now, later) = (put(&asked_of(0)), put(&asked_of(45)));
    assert!(traded(&now, A) < traded(&later, A), "{} {}", traded(&now, A), traded(&later, A));
}

/// A short-term budget leaves long-term gains open, and the other way round; a used-up one bars every gain.
#[test]
fn gain_budgets_by_term() {
    let mut heavy = account();
    heavy.lots[0] = lot(1, A, 4_500, 400_000, "2017-01-02");
    heavy.lots[3] = lot(4, D, 40_000, 300_000, "2014-01-02");
    heavy.lots[1] = lot(2, B, 2_000, 100_000, "2014-01-02");
    heavy.holder = Some(holder(US, 0, 0));
    let base = [("risk_aversion", Value::Real(100.0)), ("cash_max", Value::Real(0.9))];
    let realised = |name: &'static str, units: i64| {
        let mut values = base.to_vec();
        values.push((name, Value::Integer(units)));
        third(heavy.clone(), &values).outcome.tax.realised
    };
    let free = realised("gain_budget_currency", 900_000);
    assert!(free.short_term > money(2_000) && free.long_term > money(2_000), "{free:?}");
    let short = realised("gain_budget_short_currency", 500);
    assert!(short.short_term <= money(500) && short.long_term > money(2_000), "{short:?}");
    let long = realised("gain_budget_long_currency", 500);
    assert!(long.long_term <= money(500) && long.short_term > money(2_000), "{long:?}");
    // Losses make room for as much gain, and rounding does not break the budget.
    let none = realised("gain_budget_currency", 0);
    assert!(!none.short_term.plus(none.long_term).unwrap().is_positive(), "{none:?}");
}

/// A name above the cap glides: it is not bought, and not sold for the cap's sake.
#[test]
fn a_gliding_cap_forces_no_sale() {
    let mut concentrated = account();
    concentrated.lots[3] = lot(4, D, 90_000, 90_000, "2012-01-02");
    concentrated.holder = Some(holder(US, 0, 0));
    let values = |glide| {
        [
            ("weight_cap", Value::Real(0.3)),
            ("weight_cap_glide", Value::Flag(glide)),
            ("risk_aversion", Value::Real(0.01)),
            ("cash_max", Value::Real(0.9)),
        ]
    };
    assert_eq!(traded(&third(concentrated.clone(), &values(true)), D), 0);
    assert!(traded(&third(concentrated, &values(false)), D) < -20_000);
}

/// Below the soft limit, at it, and above it at exactly its price.
#[test]
fn the_soft_limit_has_its_price() {
    let mut tilted = account();
    tilted.lots.truncate(2);
    tilted.cash = money(501_000);
    tilted.holder = Some(holder(US, 0, 0));
    let run = |limit: f64, price: f64| {
        let mut values = vec![
            ("no_buy", Value::List(vec!["D".into()])),
            ("risk_aversion", Value::Real(0.05)),
            ("buy_cost_hundredth_bp", Value::Integer(20_000)),
            ("cash_max", Value::Real(0.9)),
        ];
        values.push(("tracking_error_soft", Value::Real(limit)));
        values.push(("tracking_error_soft_price", Value::Real(price)));
        let asked = asked(tilted.clone(), &values);
        let found = put(&asked);
        let row = found.outcome.rows.last().unwrap().clone();
        // The smallest tracking error that there is has no neighbour on one side: no state confirms it.
        if limit > 1e-3 {
            let (problem, state) = restore(&asked, Rules::Third.name(), &found.outcome).unwrap();
            let settings = samebits_qp::Settings::new(1e-9, 1);
            let again = ActiveSet::new(Isa::detect(), 1).at(&problem, &state, &settings).unwrap().unwrap();
            assert_eq!(again.weights, found.outcome.weights, "the state confirms the soft limit, too");
        }
        (row.value, row.multiplier)
    };
    let (free, none) = run(0.9, 1.0);
    assert_eq!(none, 0.0);
    let (least, _) = run(1e-6, 1e9);
    assert!(least < 0.8 * free, "{least} {free}");
    let limit = 0.5 * (least + free);
    let (at, price) = run(limit, 1e9);
    assert!((at - limit).abs() < 1e-9 && price > 0.0, "{at} {limit}");
    let (above, paid) = run(limit, 0.9 * price);
    assert!(above > limit + 1e-6 && above < free, "{above}");
    assert!((paid - 0.9 * price).abs() < 1e-4 * price, "{paid} of {price}");
}

#[test]
fn a_sector_is_left() {
    let mut held = account();
    held.holder = Some(holder(US, 0, 0));
    let values = [("exclude_sectors", Value::List(vec!["second".into()])), ("cash_max", Value::Real(0.9))];
    let found = third(held.clone(), &values);
    assert_eq!((traded(&found, C), traded(&found, D)), (-12_500, -25_000));
    // A limit on its active weight is no conflict.
    let limited = [values.as_slice(), &[("sector_limit", Value::Real(0.05))]].concat();
    let found = third(held.clone(), &limited);
    assert_eq!((&found.outcome.status, traded(&found, D)), (&Status::Solved, -25_000));
    let wrong = asked(held, &[("exclude_sectors", Value::List(vec!["third".into()]))]);
    let error = decide(&wrong, &method(), &ActiveSet::new(Isa::detect(), 1)).unwrap_err();
    assert!(matches!(error, Error::UnknownSector { .. }), "{error}");
}

fn short_values() -> Vec<(&'static str, Value)> {
    vec![
        ("long_gross_max", Value::Real(1.3)),
        ("short_gross_max", Value::Real(0.3)),
        ("short_cap", Value::Real(0.25)),
        ("risk_aversion", Value::Real(2.0)),
        ("factor_tilts", Value::List(vec!["size=0.05".into()])),
    ]
}

/// Cash becomes a long book and a short one; limits hold, nothing is long and short, and the next day pays the fee.
#[test]
fn a_long_and_a_short_book() {
    let mut cash = account();
    cash.lots.clear();
    cash.cash = money(1_001_000);
    cash.holder = Some(holder(US, 0, 0));
    let mut asked = asked(cash, &short_values());
    Arc::make_mut(&mut asked.market).borrow = vec![bps(10_000); 4];
    let found = put(&asked);
    assert!(matches!(found.outcome.status, Status::Solved), "{:?}", found.outcome.status);
    let after = &found.account_after;
    assert!(!after.shorts.is_empty() && !after.lots.is_empty());
    for short in &after.shorts {
        assert!(after.lots.iter().all(|lot| lot.security != short.security));
    }
    for (kind, limit) in [(RowKind::LongGross, 1.3), (RowKind::ShortGross, 0.3)] {
        let row = found.outcome.rows.iter().find(|row| row.kind == kind).unwrap();
        assert!(row.value <= limit + 1e-9 && row.final_excess < 1e-4, "{row:?}");
    }
    assert!(found.outcome.objective.borrow > 0.0 && found.outcome.objective.reward < 0.0);
    assert_eq!(
        found.outcome.totals.nav_before.minus(found.outcome.totals.costs),
        Ok(found.outcome.totals.nav_after)
    );

    let mut next = asked.clone();
    next.account = after.clone();
    next.account.accrued_through = Some(asked.market.as_of);
    Arc::make_mut(&mut next.market).as_of = asked.market.as_of.plus_days(3).unwrap();
    let later = put(&next);
    let fee = later
        .outcome
        .events
        .iter()
        .any(|event| matches!(event, Event::Cash { reason: CashReason::Borrow, .. }));
    assert!(fee, "three days of borrow fee: {:?}", later.outcome.events);
}

/// The three solvers find the same book, bit for bit.
#[test]
fn every_solver_decides_the_same_short_book() {
    let mut cash = account();
    cash.lots.clear();
    cash.cash = money(1_001_000);
    cash.holder = Some(holder(US, 0, 0));
    let asked = asked(cash, &short_values());
    let first = put(&asked).outcome;
    let isa = Isa::detect();
    let ipm = decide(&asked, &method(), &Ipm::new(isa, 1)).unwrap().outcome;
    assert_eq!(ipm.trades, first.trades);
    let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-6;
    assert!(ipm.weights.iter().zip(&first.weights).all(close), "{:?}", ipm.weights);
    let clarabel = decide(&asked, &method(), &Clarabel { isa }).unwrap().outcome;
    assert_eq!(clarabel.trades, first.trades);
}

/// Net and factor exposures are zero before rounding, and reported after.
#[test]
fn a_neutral_sleeve_is_neutral() {
    let mut cash = account();
    cash.lots.clear();
    cash.cash = money(1_000_000);
    cash.holder = Some(holder(US, 0, 0));
    let mut values = short_values();
    values.retain(|(name, _)| *name != "factor_tilts");
    values.extend([
        ("benchmark", Value::Text("none".into())),
        ("net_exposure", Value::Real(0.0)),
        ("factor_neutral", Value::Flag(true)),
        ("alpha_weight", Value::Real(1.0)),
        ("cash_max", Value::Real(3.0)),
    ]);
    let mut asked = asked(cash, &values);
    let without = decide(&asked, &method(), &ActiveSet::new(Isa::detect(), 1)).unwrap_err();
    assert!(without.to_string().contains("market.alpha: 0 entries for 4"), "{without}");
    Arc::make_mut(&mut asked.market).alpha = vec![0.08, -0.06, 0.05, -0.02];
    let found = put(&asked);
    let row = |kind: RowKind, name: &str| {
        found.outcome.rows.iter().find(|row| row.kind == kind && row.name == name).unwrap().clone()
    };
    let (net, size) = (row(RowKind::Budget, "net_exposure"), row(RowKind::Factor, "size"));
    assert!(net.value.abs() < 1e-9 && size.value.abs() < 1e-9, "{net:?} {size:?}");
    assert!(
        net.final_value != 0.0 && net.final_excess < 1e-4 && size.final_excess < 1e-4,
        "{net:?} {size:?}"
    );
    assert!(
        found.outcome.weights.iter().any(|w| *w > 0.05) && found.outcome.weights.iter().any(|w| *w < -0.05)
    );
}

/// Money in is invested, money out is raised, shares given leave without a gain.
#[test]
fn the_client_moves_money_and_shares() {
    let mut held = account();
    held.lots[0] = lot(1, A, 2_500, 100_000, "2014-01-02");
    held.holder = Some(holder(US, 0, 0));
    let of = |name: &str, units: i64| third(held.clone(), &[(name, Value::Integer(units))]);
    let rich = of("contribution_currency", 100_000);
    assert!(rich.outcome.totals.bought > money(85_000), "{:?}", rich.outcome.totals);
    let poor = of("withdrawal_currency", 100_000);
    assert!(poor.outcome.totals.sold > money(95_000) && !poor.account_after.cash.is_negative());
    assert!(poor.outcome.totals.nav_before < money(902_000), "what leaves is not rebalanced");
    let kind = of("gift_currency", 30_000);
    let given = kind.outcome.events.iter().find_map(|event| match event {
        Event::Gift { lot, value, .. } => Some((*lot, *value)),
        _ => None,
    });
    assert_eq!(given, Some((1, money(30_000))), "the most appreciated lot");
    assert!(!kind.outcome.tax.realised.long_term.is_positive());
}

/// First in, first out: the dear lot leaves before the cheap one, and the taxes of the trades are the true ones.
#[test]
fn india_sells_in_order() {
    let mut two = account();
    two.lots[0] = lot(1, A, 1_250, 60_000, "2016-12-01");
    two.lots.insert(1, lot(2, A, 1_250, 170_000, "2017-01-02"));
    for (at, lot) in two.lots.iter_mut().enumerate() {
        lot.id = at as u64 + 1;
    }
    two.holder = Some(holder(Jurisdiction::India, 500_000, 0));
    let found = third(two, &[("exclude", Value::List(vec!["A".into()])), ("cash_max", Value::Real(0.9))]);
    let sold: Vec<u64> = found.outcome.trades.iter().filter(|t| t.security == A).map(|t| t.lot).collect();
    assert_eq!(sold, [1, 2]);
    let levy: i64 = found
        .outcome
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Cash { reason: CashReason::Levy, amount, .. } => Some(-amount.micros()),
            _ => None,
        })
        .sum();
    assert!(levy >= 250_000_000, "0.1 % of 250,000: {levy}");
    let totals = &found.outcome.totals;
    assert_eq!(totals.nav_before.minus(totals.costs), Ok(totals.nav_after), "levies are costs");
}

/// A law that the market lacks, and a piece that the law lacks, are named.
#[test]
fn missing_laws_and_pieces_are_named() {
    let mut held = account();
    held.holder = Some(holder(Jurisdiction::Canada, 0, 0));
    let mut asked = asked(held, &[]);
    let found = put(&asked);
    let mut other = found.outcome.clone();
    other.netted.as_mut().unwrap().piece = "nothing".into();
    let error = see(&asked, Rules::Third.name(), &other).unwrap_err();
    assert!(error.to_string().contains("has no piece `nothing`"), "{error}");
    Arc::make_mut(&mut asked.market).laws.clear();
    let error = decide(&asked, &method(), &ActiveSet::new(Isa::detect(), 1)).unwrap_err();
    assert!(error.to_string().contains("Canada"), "{error}");
    assert_eq!(day("2017-06-01"), asked.market.as_of);
}
