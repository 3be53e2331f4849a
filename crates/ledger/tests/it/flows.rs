//! Borrow fees, income of the year, and what the client puts in, takes out and gives away.

use crate::actions_scene::*;
use crate::scene::{FREE, account, day, sell};
use samebits_ledger::{Error, Flows, apply, open_day, settle};
use samebits_snapshot::record::*;
use samebits_units::{Bps, Money};

fn quiet(date: &str, prices: [&str; 3]) -> Market {
    Market {
        borrow: [300_000, 12_345, 0].map(Bps::from_hundredths).to_vec(),
        ..acting(day(date), prices, vec![])
    }
}

/// 30 % a year on 1,000 at 54.00 for 3 days; 1.2345 % on 7 at 10.01; nothing to pay on the third.
#[test]
fn borrow_fees() {
    let shorts = vec![
        short(1, 0, "600", "1", "2017-01-03"),
        short(2, 1, "7", "1", "2017-01-03"),
        short(3, 0, "400", "1", "2017-01-03"),
        short(4, 2, "5", "1", "2017-01-03"),
    ];
    let before = holding(vec![], shorts);
    let (first, events) = opened(&before, &quiet("2017-01-06", ["50", "10", "1"]), false);
    assert_eq!(events, [Event::Accrued { through: day("2017-01-06") }]);
    let (later, events) = opened(&first, &quiet("2017-01-09", ["54", "10.01", "1"]), false);
    // 54,000 x 0.3 x 3 / 360 = 135; 70.07 x 0.012345 x 3 / 360 = 0.00720845..., to the millionth 0.007208.
    let fee = |security, amount| Event::Cash { reason: CashReason::Borrow, security, amount: money(amount) };
    let through = Event::Accrued { through: day("2017-01-09") };
    assert_eq!(events, [fee(Some(0), "-135"), fee(Some(1), "-0.007208"), through]);
    assert_eq!((later.cash, later.income.unwrap().borrow), (money("-135.007208"), money("135.007208")));
    let no_shorts = Account { shorts: vec![], ..first };
    assert_eq!(opened(&no_shorts, &quiet("2017-02-09", ["54", "10", "1"]), false).1, []);
    // After a time without shorts, a fee counts from the day the lot was opened.
    let again = Account { shorts: vec![short(9, 0, "1000", "1", "2017-02-08")], ..no_shorts };
    let (end, _) = opened(&again, &quiet("2017-02-09", ["54", "10", "1"]), false);
    assert_eq!(end.cash, money("-45"));
}

#[test]
fn a_half_of_a_fee_rounds_away_from_zero() {
    // 36 x 0.000001 x 5 / 360 is half a millionth.
    let before = Account {
        accrued_through: Some(day("2017-01-03")),
        ..holding(vec![], vec![short(1, 0, "36", "1", "2017-01-03")])
    };
    for (rate, fee) in [(1, "-0.000001"), (-1, "0.000001")] {
        let mut market = quiet("2017-01-08", ["1", "1", "1"]);
        market.borrow[0] = Bps::from_hundredths(rate);
        assert_eq!(opened(&before, &market, false).0.cash, money(fee));
    }
    let mut short_of_rates = quiet("2017-01-08", ["1", "1", "1"]);
    short_of_rates.borrow.clear();
    let error = open_day(&before, &short_of_rates, &Flows::default()).unwrap_err();
    assert_eq!(error, Error::NoSecurity { security: 0, known: 0 });
}

/// Fees come after the day's actions: two for one at half the price costs the same.
#[test]
fn a_split_does_not_change_the_fee() {
    let before = Account {
        accrued_through: Some(day("2017-01-06")),
        ..holding(vec![], vec![short(1, 0, "600", "1", "2017-01-03")])
    };
    let plain = quiet("2017-01-09", ["50", "1", "1"]);
    let mut halved = quiet("2017-01-09", ["25", "1", "1"]);
    halved.actions = vec![action("a", 0, ActionKind::Split { new: 2, old: 1 })];
    assert_eq!(opened(&before, &plain, false).0.cash, opened(&before, &halved, false).0.cash);
}

#[test]
fn contributions_and_withdrawals() {
    let before = holding(vec![lot(1, 0, "10", "100", "2015-01-02")], vec![]);
    let market = quiet("2017-01-09", ["50", "1", "1"]);
    let flows = Flows { contribution: money("30"), withdrawal: money("200"), ..Flows::default() };
    let (opened, events) = open_day(&before, &market, &flows).unwrap();
    assert_eq!(apply(&before, &events).unwrap(), opened);
    assert_eq!((opened.cash, opened.income.unwrap().flows), (money("-170"), money("-170")));
    // The day's trades raise the cash, or the day does not settle.
    let short = settle(&opened, &market, &[sell(0, 1, 3)], FREE).unwrap_err();
    assert_eq!(short, Error::NegativeCash { cash: money("-20") });
    let settled = settle(&opened, &market, &[sell(0, 1, 4)], FREE).unwrap();
    assert_eq!(settled.account.cash, money("30"));
    let bad = |flows: Flows, which| {
        let error = open_day(&before, &market, &flows).unwrap_err();
        assert!(matches!(error, Error::Flow { flow, .. } if flow == which), "{error}");
    };
    bad(Flows { contribution: money("-1"), ..flows }, "contribution");
    bad(Flows { withdrawal: money("-1"), ..flows }, "withdrawal");
    bad(Flows { gift: money("-1"), ..flows }, "gift");
}

fn given(before: &Account, market: &Market, gift: &str) -> (Account, Vec<(u64, String, String, String)>) {
    let flows = Flows { gift: money(gift), ..Flows::default() };
    let (after, events) = open_day(before, market, &flows).unwrap();
    assert_eq!(apply(before, &events).unwrap(), after);
    let mut rows = Vec::new();
    for event in &events {
        if let Event::Gift { lot, quantity, basis, value } = event {
            rows.push((*lot, quantity.to_string(), basis.to_string(), value.to_string()));
        }
    }
    (after, rows)
}

fn gift(lot: u64, quantity: &str, basis: &str, value: &str) -> (u64, String, String, String) {
    (lot, quantity.into(), basis.into(), value.into())
}

/// Gain for value: lot 1 0.5, lots 5 and 6 0.8 (6 held longer), lot 4 a loss; 2 is short-term, 3 a replacement.
#[test]
fn gifts_take_the_most_appreciated_lots() {
    let mut replacement = lot(3, 0, "10", "1", "2014-01-02");
    replacement.replacement = true;
    let lots = vec![
        lot(1, 0, "10.5", "262.5", "2014-01-02"),
        lot(2, 0, "10", "1", "2016-12-01"),
        replacement,
        lot(4, 0, "10", "501", "2014-01-02"),
        lot(5, 1, "3", "12.000001", "2014-03-03"),
        lot(6, 1, "2", "8", "2014-02-03"),
    ];
    let before = holding(lots, vec![]);
    let market = quiet("2017-01-09", ["50", "20", "1"]);
    let (after, rows) = given(&before, &market, "195");
    // 40 + 60 (the lot with a gain smaller by a millionth comes second), then 95 is left: one share of 50.
    assert_eq!(
        rows,
        [gift(6, "2", "8.00", "40.00"), gift(5, "3", "12.000001", "60.00"), gift(1, "1", "25.00", "50.00")]
    );
    assert_eq!(after.realised, before.realised);
    assert_eq!((after.cash, after.income.unwrap().gifts), (Money::ZERO, money("150")));
    // Whole shares only: the half share stays, and what cannot be given is not.
    let (after, rows) = given(&before, &market, "1000000");
    assert_eq!(rows.last(), Some(&gift(1, "10", "250.00", "500.00")));
    assert_eq!(after.lots.iter().map(|lot| lot.id).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(given(&before, &market, "19.999999").1, []);
    // Equal gains for value: the longer holding first, then the id.
    let twins = vec![
        lot(1, 0, "1", "10", "2014-03-03"),
        lot(2, 0, "2", "20", "2014-03-03"),
        lot(3, 0, "1", "10", "2014-02-03"),
    ];
    let (_, rows) = given(&holding(twins, vec![]), &market, "1000");
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [3, 1, 2]);
}

fn holder(jurisdiction: Jurisdiction) -> Holder {
    Holder {
        jurisdiction,
        profile: String::new(),
        outside: Realised::default(),
        loss_value: Bps::ZERO,
        dividend_rate: Bps::ZERO,
    }
}

#[test]
fn gifts_are_american() {
    let market = quiet("2017-01-09", ["50", "20", "1"]);
    let mut before = holding(vec![lot(1, 0, "10", "1", "2014-01-02")], vec![]);
    before.holder = Some(holder(Jurisdiction::Canada));
    let flows = Flows { gift: money("100"), ..Flows::default() };
    assert!(matches!(open_day(&before, &market, &flows), Err(Error::Flow { flow: "gift", .. })));
    before.holder = Some(holder(Jurisdiction::UnitedStates));
    assert_eq!(given(&before, &market, "100").1.len(), 1);
}

/// The holder's own law decides the term: three years here, one in the law for accounts without a holder.
#[test]
fn terms_follow_the_holders_law() {
    let system = System {
        jurisdiction: Jurisdiction::UnitedStates,
        year_starts_in_month: 1,
        lots: LotRule::Specific,
        wash: WashRule::ShareForShare,
        netting: Netting::ByTerm,
        levies: Levies::default(),
        grandfather: None,
    };
    let kind = ActionKind::ReturnOfCapital { amount: "5".parse().unwrap() };
    let mut market = Market { actions: vec![action("a", 0, kind)], ..quiet("2017-01-09", ["50", "20", "1"]) };
    market.laws = vec![Law { long_term_years: 3, system: Some(system), ..market.law.clone() }];
    let mut before = holding(vec![lot(1, 0, "1", "1", "2015-01-02")], vec![]);
    assert_eq!(gains(&opened(&before, &market, false).0), ("0.00".into(), "4.00".into()));
    before.holder = Some(holder(Jurisdiction::UnitedStates));
    assert_eq!(gains(&opened(&before, &market, false).0), ("4.00".into(), "0.00".into()));
}

/// The sums are those of the year; the tax that is owed stays, with that of the year that ended.
#[test]
fn income_rolls_with_the_year() {
    let sums = |tax_owed: &str| Income { tax_owed: money(tax_owed), ..Income::default() };
    let before = Account {
        income: Some(Income { dividends: money("5"), borrow: money("2"), gifts: money("1"), ..sums("30") }),
        ..account(100)
    };
    let roll = |owed: Option<&str>, account: &Account| {
        let event = Event::YearRoll { year: 2018, carry: Carry::default(), owed: owed.map(money) };
        apply(account, &[event]).unwrap().income
    };
    assert_eq!(roll(Some("12"), &before), Some(sums("42")));
    assert_eq!(roll(None, &before), Some(sums("30")));
    assert_eq!(roll(Some("12"), &account(100)), Some(sums("12")));
    assert_eq!(roll(None, &account(100)), None);
    assert_eq!(
        roll(None, &Account { income: Some(Income { dividends: money("5"), ..sums("0") }), ..account(1) }),
        None
    );
}

/// Year, locks, actions, fees, flows: in this order.
#[test]
fn the_order_of_the_morning() {
    let mut before =
        holding(vec![lot(1, 0, "10", "1", "2014-01-02")], vec![short(2, 1, "360", "1", "2016-12-20")]);
    (before.tax_year, before.accrued_through) = (2016, Some(day("2017-01-08")));
    before.locks = vec![Lock {
        group: 1,
        sold: day("2016-12-01"),
        last: day("2016-12-31"),
        security: 2,
        lot: 9,
        open_quantity: shares("1"),
        open_loss: money("1"),
        held_days: 1,
        long_term: false,
        short: false,
    }];
    let mut market = quiet("2017-01-09", ["50", "20", "1"]);
    market.actions = vec![action("a", 0, ActionKind::Split { new: 2, old: 1 })];
    let flows =
        Flows { contribution: money("1"), withdrawal: money("2"), gift: money("60"), cash_in_lieu: false };
    let (after, events) = open_day(&before, &market, &flows).unwrap();
    let name = |event: &Event| match event {
        Event::Cash { reason, .. } => format!("{reason:?}"),
        other => format!("{other:?}").split([' ', '{']).next().unwrap().to_owned(),
    };
    let names: Vec<_> = events.iter().map(name).collect();
    assert_eq!(
        names,
        [
            "YearRoll",
            "LockClose",
            "Adjust",
            "ActionsApplied",
            "Borrow",
            "Accrued",
            "Contribution",
            "Withdrawal",
            "Gift"
        ]
    );
    assert_eq!(apply(&before, &events).unwrap(), after);
    // Nothing of all this: the account and the events of old.
    let plain = account(100);
    let (same, none) = open_day(&plain, &quiet("2017-01-09", ["50", "20", "1"]), &Flows::default()).unwrap();
    assert_eq!((same, none), (plain, vec![]));
}
