//! Losses that count nothing today and gains that a used-up budget bars: which lots, and the amounts by hand.
//!
//! Four lots of 250,000 of value; a sale costs 5 bp of it, so 249,875 come back. Rates 40 % and 20 %, and gains of a
//! million of each term, or the used-up budget's, so that these are the rates at the margin.

use crate::explain_hand::{A, B, C, D, account, day, explained, loss, lot, money, of, owing, run};
use crate::scene::machine;
use samebits_canon::Isa;
use samebits_replay::record;
use samebits_replay::simulate::method;
use samebits_replay::why::{Held, HeldCode, Why, why};
use samebits_snapshot::input_ids;
use samebits_snapshot::record::*;
use samebits_units::{Bps, Qty};
use std::sync::Arc;

/// What the tests compare of a lot that is held back.
type Told<'a> = (&'a str, u64, &'a str, &'a str, &'a str);

fn told(held: &Held) -> Told<'_> {
    (&held.ticker, held.lot, &held.amount, held.bucket, &held.tax)
}

fn of_code(answer: &Why, code: HeldCode) -> Vec<&Held> {
    assert!(answer.held.iter().all(|held| !held.why.is_empty()));
    answer.held.iter().filter(|held| held.code == code).collect()
}

/// A lot of A with a long-term loss of 400,000 - 249,875, and gains that it could be set against.
fn losing() -> Account {
    let mut account = loss(400_000, "2015-01-02");
    account.realised.short_term = money(1_000_000);
    account.realised.long_term = money(1_000_000);
    account
}

const OF_A: Told<'_> = ("A", 1, "150125.00", "long", "30025.00");

/// A purchase of the share class B in the account itself: the loss on A counts nothing, nor the 125 that a sale of the new
/// lot would cost.
#[test]
fn a_loss_beside_a_purchase_of_the_account() {
    let mut beside = losing();
    beside.lots[1] = lot(2, B, 5_000, 250_000, "2017-05-20");
    let answer = explained(beside, &[]);
    let held = of_code(&answer, HeldCode::LossNotCounted);
    let all: Vec<Told<'_>> = held.iter().map(|held| told(held)).collect();
    assert_eq!(all, [OF_A, ("B", 2, "125.00", "short", "50.00")]);
    let first = held[0];
    assert_eq!((first.day.as_deref(), first.until.as_deref()), (Some("2017-05-20"), Some("2017-06-19")));
    assert_eq!((first.trade, first.shares.as_str(), &first.account), ("sale", "2500", &None));
    assert_eq!(first.why, "the loss counts nothing today, beside shares bought on 2017-05-20");
    assert!(answer.trades.iter().all(|trade| trade.ticker != "A" || trade.action != "sell"));
}

/// The window is the law's thirty days, both ends of it, and the last purchase in it is named.
#[test]
fn the_window_and_the_last_purchase_in_it() {
    for (bought, counts) in [("2017-05-01", true), ("2017-05-02", false), ("2017-06-01", false)] {
        let mut beside = losing();
        beside.lots[1] = lot(2, B, 5_000, 100_000, bought);
        let run = run(beside, &[]);
        let answer = why(&run, Some("A")).unwrap();
        let held = of_code(&answer, HeldCode::LossNotCounted);
        assert_eq!(held.is_empty(), counts, "{bought} {held:?}");
        assert!(held.iter().all(|held| told(held) == OF_A && held.day.as_deref() == Some(bought)));
        let lot = &answer.trades[0].lots[0];
        assert_eq!((lot.lot, lot.held_back.is_none()), (1, counts), "{lot:?}");
        assert_eq!(lot.tax_bp >= 0.0, !counts, "{lot:?}");
        assert_eq!(lot.reason.contains("counts nothing today"), !counts, "{lot:?}");
    }
    let mut twice = losing();
    twice.lots[1] = lot(2, B, 2_500, 50_000, "2017-05-10");
    twice.lots.push(lot(5, B, 2_500, 50_000, "2017-05-30"));
    let answer = explained(twice, &[]);
    assert_eq!(of_code(&answer, HeldCode::LossNotCounted)[0].until.as_deref(), Some("2017-06-29"));
}

/// A later purchase of a pool, and one in another account of the holder, which is named.
#[test]
fn a_loss_beside_a_pooled_purchase_and_one_outside() {
    let mut pooled = losing();
    pooled.recent.push(Purchase {
        security: B,
        acquired: day("2017-05-15"),
        quantity: Qty::from_shares(10).unwrap(),
    });
    let answer = explained(pooled, &[]);
    let held = of_code(&answer, HeldCode::LossNotCounted);
    let all: Vec<Told<'_>> = held.iter().map(|held| told(held)).collect();
    // The lot of B itself, at today's price since 2015, loses the 125 of its sale in the long term.
    assert_eq!(all, [OF_A, ("B", 2, "125.00", "long", "25.00")]);
    assert_eq!(held[0].day.as_deref(), Some("2017-05-15"));

    let mut outside = losing();
    outside.outside.push(OutsidePurchase {
        account: "pension".into(),
        security: A,
        acquired: day("2017-05-25"),
        quantity: Qty::from_shares(1).unwrap(),
        plan: false,
    });
    let answer = explained(outside, &[]);
    let held = of_code(&answer, HeldCode::LossNotCounted)[0];
    assert_eq!((told(held), held.account.as_deref()), (OF_A, Some("pension")));
    assert_eq!(
        held.why,
        "the loss counts nothing today, beside shares bought on 2017-05-25 in the account pension of the holder"
    );
}

/// 1,000 shares owed, sold short for 20,000; buying them back costs 20,010. A short sale is what defers it.
#[test]
fn a_short_lot_at_a_loss_beside_a_short_sale() {
    let mut short = owing(C, 1_000);
    short.shorts[0].opened = day("2017-05-20");
    short.realised.short_term = money(1_000_000);
    let answer = explained(short, &[("short_gross_max", Value::Real(0.3))]);
    let held = of_code(&answer, HeldCode::LossNotCounted)[0];
    assert_eq!((told(held), held.trade), (("C", 5, "10.00", "short", "4.00"), "cover"));
    assert!(held.why.ends_with("sold short on 2017-05-20"), "{held:?}");
    let covered = of(&answer, "C").shorts.iter().find(|lot| lot.lot == 5).unwrap();
    assert_eq!(covered.held_back, Some(HeldCode::LossNotCounted));
    assert!(covered.reason.starts_with("covered all the same; "), "{covered:?}");
}

/// A, B and C gain 249,875 - 200,000 each; of D there is twice as much, bought this year.
fn gaining() -> Account {
    let mut account = account();
    for lot in &mut account.lots {
        lot.basis = money(200_000);
    }
    account.lots[3] = lot(4, D, 50_000, 400_000, "2017-01-02");
    account.realised.short_term = money(5_000);
    account.realised.long_term = money(15_000);
    account
}

/// Which budget bars which lot: that of both terms all of them, that of short-term gains the short-term one only.
#[test]
fn a_used_budget_bars_its_gains() {
    let untaxed = ("tax_weight", Value::Real(0.0));
    let both = ("gain_budget_currency", Value::Integer(20_000));
    let short = ("gain_budget_short_currency", Value::Integer(4_000));
    let long = |ticker, lot| (ticker, lot, "49875.00", "long", "9975.00");
    let of_d = ("D", 4, "99750.00", "short", "39900.00");
    let all = ("gain_budget_currency", "20000.00", "20000.00");
    let term = ("gain_budget_short_currency", "4000.00", "5000.00");
    let cases = [
        (vec![both.clone()], vec![long("A", 1), long("B", 2), long("C", 3), of_d], vec![all]),
        (vec![short.clone()], vec![of_d], vec![term]),
        (vec![both, short], vec![long("A", 1), long("B", 2), long("C", 3), of_d], vec![all, term]),
    ];
    for (mut values, lots, budgets) in cases {
        values.push(untaxed.clone());
        let run = run(gaining(), &values);
        let answer = why(&run, Some("D")).unwrap();
        let held = of_code(&answer, HeldCode::GainBudgetUsed);
        assert_eq!(held.iter().map(|held| told(held)).collect::<Vec<_>>(), lots);
        let of_d = held.last().unwrap();
        let named = of_d.budgets.iter();
        let named: Vec<_> =
            named.map(|one| (one.parameter, one.budget.as_str(), one.used.as_str())).collect();
        assert_eq!(named, budgets);
        // There is too much of D: its sale is what the bar prevents.
        assert!(of_d.price_bp.unwrap() > 0.0, "{of_d:?}");
        assert!(of_d.why.starts_with(&format!("{} is used up: ", budgets[0].0)), "{of_d:?}");
        let lot = &answer.trades[0].lots[0];
        assert_eq!((lot.sold.as_str(), lot.held_back), ("0", Some(HeldCode::GainBudgetUsed)));
        assert!(lot.reason.starts_with("kept; "), "{lot:?}");
        assert!(run.outcome.trades.iter().all(|trade| trade.security != D));
    }
}

/// A loss makes room, and a budget that is not used up bars nothing.
#[test]
fn a_budget_with_room_bars_nothing() {
    let both = |units| ("gain_budget_currency", Value::Integer(units));
    let mut room = gaining();
    room.lots[0] = lot(1, A, 2_500, 250_000, "2015-01-02");
    for (account, budget) in [(room, 20_000), (gaining(), 20_001)] {
        let answer = explained(account, &[both(budget)]);
        assert!(answer.held.is_empty(), "{:?}", answer.held);
    }
}

/// First in, first out: behind a long-term lot that its budget bars, a short-term one may not be sold either, although its
/// own gain counts in no budget. Selling it was an error before.
#[test]
fn a_lot_waits_behind_one_that_a_budget_bars() {
    let mut queue = gaining();
    queue.lots[3] = lot(4, D, 25_000, 200_000, "2015-01-02");
    queue.lots.push(lot(5, D, 25_000, 200_000, "2017-01-02"));
    queue.holder = Some(Holder {
        jurisdiction: Jurisdiction::India,
        profile: String::new(),
        outside: Realised::default(),
        loss_value: Bps::ZERO,
        dividend_rate: Bps::ZERO,
    });
    let values = [("gain_budget_long_currency", Value::Integer(0)), ("tax_weight", Value::Real(0.0))];
    let mut inputs = run(account(), &values).inputs;
    let market = Arc::make_mut(&mut inputs.market);
    market.laws = samebits_tax::laws(market.as_of).unwrap();
    inputs.account = queue;
    let ids = input_ids(&inputs).unwrap();
    let (run, _) = record(inputs, &ids, method(), &machine(Isa::detect())).unwrap();
    let answer = why(&run, Some("D")).unwrap();
    let held: Vec<u64> = of_code(&answer, HeldCode::GainBudgetUsed).iter().map(|held| held.lot).collect();
    assert_eq!(held, [1, 2, 3, 4]);
    let last = answer.trades[0].lots.iter().find(|lot| lot.lot == 5).unwrap();
    assert_eq!((last.bucket, last.sold.as_str(), last.held_back), ("short", "0", None));
    assert_eq!(last.reason, "kept: it may not be sold today");
}
