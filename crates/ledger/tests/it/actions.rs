//! Corporate actions against lots computed by hand: terms and days of real ones, holdings made up.

use crate::actions_scene::*;
use crate::scene::{account_in, day};
use samebits_ledger::{Error, Flows, apply, open_day, reverse};
use samebits_snapshot::record::*;
use samebits_units::{Bps, Date, Money, Price};

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn split(new: u32, old: u32) -> ActionKind {
    ActionKind::Split { new, old }
}

fn dividend(amount: &str) -> ActionKind {
    ActionKind::Dividend { amount: price(amount), special: true }
}

fn spin_off(into: Option<u32>, (new, old): (u32, u32), basis: i32, value: &str) -> ActionKind {
    ActionKind::SpinOff { into, new, old, basis: Bps::from_hundredths(basis), value: price(value) }
}

fn merger(into: Option<u32>, (new, old): (u32, u32), cash: &str, value: &str) -> ActionKind {
    ActionKind::Merger { into, new, old, cash: price(cash), value: price(value) }
}

fn on(date: &str, prices: [&str; 3], kind: ActionKind) -> Market {
    acting(day(date), prices, vec![action("a", 0, kind)])
}

/// Ex-dates and ratios: V, NKE, GOOGL (class C), LEN (class B). The basis stays; so does a fraction.
#[test]
fn splits() {
    for (date, new, old, after) in [
        ("2015-03-19", 4, 1, ["400", "28"]),
        ("2015-12-24", 2, 1, ["200", "14"]),
        ("2014-04-03", 1_998, 1_000, ["199.8", "13.986"]),
        ("2017-11-09", 51, 50, ["102", "7.14"]),
        ("2017-11-09", 1, 8, ["12.5", "0.875"]),
    ] {
        let lots = vec![lot(1, 0, "100", "25000.01", "2013-01-02"), lot(2, 0, "7", "1800", "2014-01-10")];
        let (end, events) =
            opened(&holding(lots, vec![]), &on(date, ["66", "1", "1"], split(new, old)), false);
        assert_eq!(held(&end), [row(1, 0, after[0], "25000.01"), row(2, 0, after[1], "1800.00")], "{date}");
        assert_eq!((end.cash, gains(&end)), (Money::ZERO, ("0.00".into(), "0.00".into())));
        let ids = vec!["a".to_owned()];
        assert_eq!(events.len(), 3);
        assert_eq!(events[2], Event::ActionsApplied { day: day(date), ids });
    }
}

/// GOOGL: 213.786 shares; 0.786 of the later lot's 13.986 are sold at 570.00 for 448.02, at a cost of
/// 3,000 x 0.786 / 13.986 = 168.597168 (cut off).
#[test]
fn a_fraction_is_paid_out_on_demand() {
    let lots = vec![lot(1, 0, "100", "25000", "2013-01-02"), lot(2, 0, "7", "3000", "2014-01-10")];
    let market = on("2014-04-03", ["570", "1", "1"], split(1_998, 1_000));
    let (end, _) = opened(&holding(lots, vec![]), &market, true);
    assert_eq!(held(&end), [row(1, 0, "199.8", "25000.00"), row(2, 0, "13.2", "2831.402832")]);
    assert_eq!((end.cash, gains(&end)), (money("448.02"), ("279.422832".into(), "0.00".into())));
}

/// Three lots of one share at 4 for 3 are four shares: what is cut off a lot goes to the next one.
#[test]
fn the_position_is_cut_off_not_each_lot() {
    let lots = (1..=3).map(|id| lot(id, 0, "1", "10", "2013-01-02")).collect();
    let (end, _) = opened(&holding(lots, vec![]), &on("2014-04-03", ["9", "1", "1"], split(4, 3)), true);
    let quantities: Vec<_> = end.lots.iter().map(|lot| lot.quantity.to_string()).collect();
    assert_eq!(quantities, ["1.333333", "1.333333", "1.333334"]);
    assert!(end.cash.is_zero());
}

/// A fraction larger than the last-acquired lot takes the one before it too; a lot without a millionth is closed.
#[test]
fn fractions_over_several_lots() {
    let lots = vec![
        lot(1, 0, "100", "1000", "2013-01-02"),
        lot(2, 0, "4", "40", "2013-06-03"),
        lot(3, 0, "2", "20", "2012-06-01"),
        lot(4, 0, "0.000001", "0.5", "2013-07-01"),
    ];
    let market = on("2014-04-03", ["95", "1", "1"], split(1, 10));
    let (end, _) = opened(&holding(lots, vec![]), &market, true);
    // 10 + 0.4 + 0.2 shares: 0.4 of lot 2, acquired last, and 0.2 of lot 3 or 1, whichever was acquired later: lot 1.
    assert_eq!(held(&end), [row(1, 0, "9.8", "980.00"), row(3, 0, "0.2", "20.00")]);
    assert_eq!(end.cash, money("57"));
    // Lot 4 loses 0.5 short-term; lot 1 is long-term on 2014-04-03 and lot 2 is not.
    assert_eq!(gains(&end), ("-2.50".into(), "-1.00".into()));
}

/// A lock, outside purchases and recent ones count shares of the security; other securities keep theirs.
#[test]
fn locks_and_purchases_follow_a_split() {
    let lock = |security, lot, open: &str| Lock {
        group: 0,
        sold: day("2014-03-20"),
        last: day("2014-04-19"),
        security,
        lot,
        open_quantity: shares(open),
        open_loss: money("30"),
        held_days: 10,
        long_term: false,
        short: false,
    };
    let purchase = |security| Purchase { security, acquired: day("2014-03-21"), quantity: shares("5") };
    // Before the window of the sales, so that it is matched with none of them.
    let outside = |security| OutsidePurchase {
        account: "spouse".into(),
        security,
        acquired: day("2014-01-21"),
        quantity: shares("7"),
        plan: false,
    };
    let before = Account {
        locks: vec![lock(0, 1, "3"), lock(1, 2, "3"), lock(0, 3, "0.000001")],
        recent: vec![purchase(0), purchase(1)],
        outside: vec![outside(0), outside(1)],
        ..holding(vec![], vec![])
    };
    let (end, _) = opened(&before, &on("2014-04-03", ["9", "1", "1"], split(2, 3)), false);
    let open: Vec<_> =
        end.locks.iter().map(|lock| (lock.lot, lock.group, lock.open_quantity.to_string())).collect();
    assert_eq!(open, [(1, 0, "2".to_owned()), (2, 0, "3".to_owned())]);
    assert!(end.locks.iter().all(|lock| lock.open_loss == money("30")));
    assert_eq!(end.recent.iter().map(|p| p.quantity).collect::<Vec<_>>(), [shares("3.333333"), shares("5")]);
    assert_eq!(end.outside.iter().map(|p| p.quantity).collect::<Vec<_>>(), [shares("4.666666"), shares("7")]);
    let (same, events) =
        opened(&holding(vec![], vec![]), &on("2014-04-03", ["9", "1", "1"], split(2, 3)), false);
    assert_eq!((same.locks.len(), events.len()), (0, 1));
}

/// JWN, 2015-10-07: 4.85 a share. Long and short of the same number cancel.
#[test]
fn dividends() {
    let market = on("2015-10-07", ["65", "1", "1"], dividend("4.85"));
    let long = vec![lot(1, 0, "100", "6000", "2015-01-02"), lot(2, 0, "20", "1300", "2015-09-01")];
    let (end, _) =
        opened(&holding(long.clone(), vec![short(3, 0, "20", "1500", "2015-06-01")]), &market, false);
    assert_eq!((end.cash, held(&end).len()), (money("485"), 2));
    let income = end.income.unwrap();
    assert_eq!((income.dividends, income.in_lieu), (money("582"), money("97")));
    assert_eq!(gains(&end), ("0.00".into(), "0.00".into()));
    let (even, _) = opened(&holding(long, vec![short(3, 0, "120", "1500", "2015-06-01")]), &market, false);
    assert_eq!(even.cash, Money::ZERO);
    // Who holds another security gets nothing; the action counts as applied.
    let (none, events) = opened(&holding(vec![lot(1, 1, "9", "9", "2015-01-02")], vec![]), &market, false);
    assert_eq!((none.cash, none.income, events.len()), (Money::ZERO, None, 1));
}

/// 3 a share: lot 1 has the basis for it, lot 2 only for 15 of 30; the short mirrors lot 2.
#[test]
fn return_of_capital() {
    let market = on("2016-03-01", ["65", "1", "1"], ActionKind::ReturnOfCapital { amount: price("3") });
    let long = vec![lot(1, 0, "100", "6000", "2015-01-02"), lot(2, 0, "10", "15", "2015-09-01")];
    let (end, _) = opened(&holding(long, vec![]), &market, false);
    assert_eq!(held(&end), [row(1, 0, "100", "5700.00"), row(2, 0, "10", "0.00")]);
    assert_eq!((end.cash, gains(&end), end.income), (money("330"), ("15.00".into(), "0.00".into()), None));
    let (end, _) = opened(&holding(vec![], vec![short(1, 0, "10", "15", "2015-01-02")]), &market, false);
    assert_eq!(owed(&end), [row(1, 0, "10", "0.00")]);
    assert_eq!((end.cash, gains(&end)), (money("-30"), ("-15.00".into(), "0.00".into())));
}

/// EBAY and its payments company, 2015-07-20: one for one; 56.90 % of the basis, the fall of the price that day. A millionth of the basis
/// is not lost, days tack, and the child still belongs to the purchase of its parent.
#[test]
fn a_spin_off_divides_the_basis() {
    let mut second = lot(2, 0, "7", "1000.000001", "2015-01-05");
    (second.parent, second.held_from, second.replacement) = (Some(1), day("2014-05-05"), true);
    second.fair_value = Some(money("0.000003"));
    let lots = vec![lot(1, 0, "100", "5000", "2013-01-02"), second];
    let market = on("2015-07-20", ["28", "38", "1"], spin_off(Some(1), (1, 1), 569_000, "38.39"));
    let (end, _) = opened(&holding(lots, vec![]), &market, false);
    assert_eq!(
        held(&end),
        [
            row(1, 0, "100", "2155.00"),
            row(2, 0, "7", "431.00"),
            row(3, 1, "100", "2845.00"),
            row(4, 1, "7", "569.000001"),
        ]
    );
    let child = &end.lots[3];
    assert_eq!((child.acquired, child.held_from), (day("2015-01-05"), day("2014-05-05")));
    assert_eq!((end.lots[2].parent, child.parent, child.replacement), (Some(1), Some(1), true));
    let fair: Vec<_> = end.lots.iter().filter_map(|lot| lot.fair_value).collect();
    assert_eq!(fair, [money("0.000002"), money("0.000001")]);
    assert_eq!((end.cash, end.next_lot), (Money::ZERO, 5));
}

/// DHR and Fortive, 2016-07-05: one for two, 21.43 % of the basis. 75.5 shares: half a share of the lot acquired last is
/// sold for 25, at a cost of 964.35 x 0.5 / 25 = 19.287.
#[test]
fn fractions_of_a_spin_off_are_sold() {
    let lots = vec![lot(1, 0, "101", "8000", "2013-01-02"), lot(2, 0, "50", "4500", "2015-08-03")];
    let market = on("2016-07-05", ["78", "50", "1"], spin_off(Some(1), (1, 2), 214_300, "50"));
    let (end, _) = opened(&holding(lots.clone(), vec![]), &market, false);
    assert_eq!(
        held(&end),
        [
            row(1, 0, "101", "6285.60"),
            row(2, 0, "50", "3535.65"),
            row(3, 1, "50.5", "1714.40"),
            row(4, 1, "24.5", "945.063"),
        ]
    );
    assert_eq!((end.cash, gains(&end)), (money("25"), ("5.713".into(), "0.00".into())));
    // Not in the universe: 50.5 shares for 2,525 held long-term, 25 for 1,250 not.
    let market = on("2016-07-05", ["78", "50", "1"], spin_off(None, (1, 2), 214_300, "50"));
    let (end, _) = opened(&holding(lots, vec![]), &market, false);
    assert_eq!(held(&end), [row(1, 0, "101", "6285.60"), row(2, 0, "50", "3535.65")]);
    assert_eq!((end.cash, gains(&end)), (money("3775"), ("285.65".into(), "810.60".into())));
}

/// ADP and CDK, 2014-10-01: one for three. Three lots of 100 shares make 100 shares, none of them a fraction.
#[test]
fn lots_that_do_not_divide_make_whole_shares() {
    let lots = (1..=3).map(|id| lot(id, 0, "100", "70", "2013-01-02")).collect();
    let market = on("2014-10-01", ["70", "30", "1"], spin_off(Some(1), (1, 3), 140_300, "30"));
    let (end, _) = opened(&holding(lots, vec![]), &market, false);
    let child: Vec<_> = end.lots[3..].iter().map(|lot| lot.quantity.to_string()).collect();
    assert_eq!(child, ["33.333333", "33.333333", "33.333334"]);
    assert!(end.cash.is_zero());
}

/// The shape of JCI and Tyco, 2016-09-06: shares and cash. 0.8357 shares of 45.00 and 5.7293 in cash for a share:
/// a gain beyond the cash, a gain within it, a loss.
#[test]
fn a_merger_with_cash_besides() {
    let lots = vec![
        lot(1, 0, "1000", "20000", "2013-01-02"),
        lot(2, 0, "100", "4100", "2016-01-04"),
        lot(3, 0, "10", "600", "2016-02-01"),
    ];
    let market = on("2016-09-06", ["43", "45", "1"], merger(Some(1), (8_357, 10_000), "5.7293", "45"));
    let (end, events) = opened(&holding(lots, vec![]), &market, false);
    // Lot 6 had 8.357 shares and the basis 600 - 57.293; 0.627 of them are sold for 28.215.
    assert_eq!(
        held(&end),
        [row(4, 1, "835.7", "20000.00"), row(5, 1, "83.57", "3760.65"), row(6, 1, "7.73", "501.989364")]
    );
    assert_eq!(end.cash, money("6387.738"));
    assert_eq!(gains(&end), ("221.077364".into(), "5729.30".into()));
    let recognised = |wanted| {
        let amount = |event: &Event| match event {
            Event::Gain { lot, amount, .. } if *lot == wanted => Some(amount.to_string()),
            _ => None,
        };
        events.iter().find_map(amount)
    };
    assert_eq!(recognised(1).as_deref(), Some("5729.30"));
    assert_eq!(recognised(2).as_deref(), Some("233.58"));
    assert_eq!(recognised(3), None);
}

#[test]
fn mergers_for_shares_alone_and_for_cash_alone() {
    let lots = || vec![lot(1, 0, "30", "300", "2013-01-02"), lot(2, 0, "5", "900", "2016-01-04")];
    let market = on("2016-09-06", ["43", "45", "1"], merger(Some(1), (2, 1), "0", "45"));
    let (end, _) = opened(&holding(lots(), vec![]), &market, false);
    assert_eq!(held(&end), [row(3, 1, "60", "300.00"), row(4, 1, "10", "900.00")]);
    assert_eq!(end.lots[0].held_from, day("2013-01-02"));
    assert_eq!((end.cash, gains(&end)), (Money::ZERO, ("0.00".into(), "0.00".into())));
    let market = on("2016-09-06", ["43", "45", "1"], merger(None, (0, 1), "40", "0"));
    let (end, _) = opened(&holding(lots(), vec![]), &market, false);
    assert!(end.lots.is_empty());
    assert_eq!((end.cash, gains(&end)), (money("1400"), ("-700.00".into(), "900.00".into())));
    // Shares of a company outside the universe are sold: 10 and half a share of 60 for each.
    let market = on("2016-09-06", ["43", "45", "1"], merger(None, (1, 2), "10", "60"));
    let (end, _) = opened(&holding(lots(), vec![]), &market, false);
    assert_eq!((end.cash, gains(&end)), (money("1400"), ("-700.00".into(), "900.00".into())));
}

/// A loss on a short sale against shares held long-term is long-term (IRC 1233(d)); a gain is short-term.
#[test]
fn a_short_position_owes_what_a_long_one_gets() {
    let mut both = vec![short(1, 0, "30", "300", "2016-01-02"), short(2, 0, "5", "900", "2016-01-04")];
    for lot in &mut both {
        lot.against_long_term = true;
    }
    let shorts = || both.clone();
    let market = on("2016-09-06", ["43", "45", "1"], merger(None, (0, 1), "40", "0"));
    let (end, _) = opened(&holding(vec![], shorts()), &market, false);
    assert!(end.shorts.is_empty());
    assert_eq!((end.cash, gains(&end)), (money("-1400"), ("700.00".into(), "-900.00".into())));
    let market = on("2016-09-06", ["43", "45", "1"], spin_off(Some(1), (1, 4), 250_000, "44"));
    let (end, _) = opened(&holding(vec![], shorts()), &market, false);
    // 8.75 shares owed: 0.75 of the 1.25 of lot 4, opened last, are bought back for 33, against 225 x 0.75 / 1.25 = 135.
    let rows = [
        row(1, 0, "30", "225.00"),
        row(2, 0, "5", "675.00"),
        row(3, 1, "7.5", "75.00"),
        row(4, 1, "0.5", "90.00"),
    ];
    assert_eq!(owed(&end), rows);
    assert!(end.shorts[2].against_long_term && end.shorts[2].opened == day("2016-01-02"));
    assert_eq!((end.cash, gains(&end)), (money("-33"), ("102.00".into(), "0.00".into())));
    let market = on("2016-09-06", ["43", "45", "1"], split(3, 2));
    let (end, _) = opened(&holding(vec![], shorts()), &market, true);
    // 45 + 7.5: half a share is bought back for 21.50, against 60.
    assert_eq!(owed(&end), [row(1, 0, "45", "300.00"), row(2, 0, "7", "840.00")]);
    assert_eq!((end.cash, gains(&end)), (money("-21.50"), ("38.50".into(), "0.00".into())));
}

/// The law of the account: pools stay pools and have one bucket (Canada); a loss is used before the discount (Australia); a
/// fair value stands in for the cost (India: a cost of 10,000 and a fair value of 12,000, paid 11,000, then 15,000).
#[test]
fn actions_under_other_laws() {
    let lots = vec![lot(1, 0, "30", "300", "2013-01-02"), lot(2, 1, "5", "900", "2013-01-04")];
    let canada = Account { lots, next_lot: 3, tax_year: 2100, ..account_in(Jurisdiction::Canada) };
    let market = on("2016-09-06", ["43", "45", "1"], merger(Some(1), (2, 1), "0", "45"));
    let (end, _) = opened(&canada, &market, false);
    assert_eq!(held(&end), [row(2, 1, "65", "1200.00")]);
    let market = on("2016-09-06", ["43", "45", "1"], merger(None, (0, 1), "40", "0"));
    let (end, _) = opened(&canada, &market, false);
    assert_eq!((held(&end).len(), gains(&end)), (1, ("900.00".into(), "0.00".into())));
    let lots = vec![lot(1, 0, "30", "3000", "2013-01-02")];
    let australia = Account { lots, next_lot: 2, tax_year: 2100, ..account_in(Jurisdiction::Australia) };
    let (end, _) = opened(&australia, &market, false);
    assert_eq!(gains(&end), ("-1800.00".into(), "0.00".into()));
    for (cash, gain) in [("110", "0.00"), ("150", "3000.00")] {
        let mut old = lot(1, 0, "100", "10000", "2013-01-02");
        old.fair_value = Some(money("12000"));
        let india = Account { lots: vec![old], tax_year: 2100, ..account_in(Jurisdiction::India) };
        let market = on("2018-09-06", ["43", "45", "1"], merger(None, (0, 1), cash, "0"));
        let (end, _) = open_day(&india, &market, &Flows::default()).unwrap();
        assert_eq!(gains(&end), ("0.00".into(), gain.to_owned()), "{cash}");
    }
}

#[test]
fn an_account_applies_an_id_once() {
    let before = holding(vec![lot(1, 0, "100", "6000", "2015-01-02")], vec![]);
    let first = on("2015-10-07", ["65", "1", "1"], dividend("1"));
    let (once, _) = opened(&before, &first, false);
    // The day grows an action; only the new one is applied.
    let mut more = first.clone();
    more.actions.push(action("b", 0, split(2, 1)));
    let (both, events) = opened(&once, &more, false);
    assert_eq!((both.cash, both.lots[0].quantity), (money("100"), shares("200")));
    assert_eq!(events.last(), Some(&Event::ActionsApplied { day: more.as_of, ids: vec!["b".into()] }));
    assert_eq!(both.applied.as_ref().unwrap().ids, ["a", "b"]);
    // The next day the same id is not applied again, another one is; ids are those of the last day.
    let next = Market { as_of: day("2015-10-08"), ..more.clone() };
    assert_eq!(opened(&both, &next, false).1, []);
    let third = Market { actions: vec![action("c", 0, dividend("1"))], ..next };
    let (later, _) = opened(&both, &third, false);
    assert_eq!((later.cash, later.applied.clone().unwrap().ids), (money("300"), vec!["c".to_owned()]));
    // A day before the last one with actions changes nothing.
    let past = Market { actions: vec![action("d", 0, dividend("1"))], ..first };
    assert_eq!(opened(&later, &past, false).1, []);
}

#[test]
fn actions_of_a_day_apply_in_their_order() {
    let before = holding(vec![lot(1, 0, "10", "100", "2015-01-02")], vec![]);
    let [one, two] = [action("a", 0, split(3, 1)), action("b", 0, dividend("1"))];
    let prices = ["65", "1", "1"];
    let cash = |actions| opened(&before, &acting(day("2015-10-07"), prices, actions), false).0.cash;
    assert_eq!((cash(vec![one.clone(), two.clone()]), cash(vec![two, one])), (money("30"), money("10")));
}

#[test]
fn malformed_actions_are_named_and_nothing_is_applied() {
    let change = |to: &str| ActionKind::SymbolChange { from: "OLD".into(), to: to.into() };
    let capital = |amount| ActionKind::ReturnOfCapital { amount: price(amount) };
    let cases = [
        (split(0, 1), "zero"),
        (split(1, 0), "zero"),
        (dividend("-1"), "negative"),
        (capital("-0.01"), "negative"),
        (spin_off(Some(3), (1, 1), 0, "1"), "outside the universe"),
        (spin_off(Some(0), (1, 1), 0, "1"), "the same one"),
        (spin_off(Some(1), (0, 1), 0, "1"), "zero"),
        (spin_off(None, (1, 0), 0, "1"), "zero"),
        (spin_off(Some(1), (1, 1), -1, "1"), "not 0 to 1"),
        (spin_off(Some(1), (1, 1), 1_000_001, "1"), "not 0 to 1"),
        (spin_off(Some(1), (1, 1), 0, "-1"), "negative"),
        (merger(Some(3), (1, 1), "0", "1"), "outside the universe"),
        (merger(Some(0), (1, 1), "0", "1"), "the same one"),
        (merger(Some(1), (0, 1), "1", "1"), "zero"),
        (merger(Some(1), (1, 0), "1", "1"), "zero"),
        (merger(None, (0, 1), "0", "1"), "neither"),
        (merger(None, (0, 1), "-1", "1"), "negative"),
        (merger(Some(1), (1, 1), "1", "-1"), "negative"),
        (change("NEW"), "another ticker"),
    ];
    let before = holding(vec![lot(1, 0, "10", "100", "2015-01-02")], vec![]);
    for (kind, part) in cases {
        let good = action("good", 0, dividend("1"));
        let market = acting(day("2015-10-07"), ["65", "1", "1"], vec![good, action("bad", 0, kind.clone())]);
        let error = open_day(&before, &market, &Flows::default()).unwrap_err();
        let named = matches!(&error, Error::Action { id, problem } if id == "bad" && problem.contains(part));
        assert!(named, "{kind:?}: {error}");
    }
    for (id, security, part) in [("", 0, "empty"), ("good", 0, "twice"), ("bad", 3, "outside")] {
        let actions = vec![action("good", 0, dividend("1")), action(id, security, dividend("1"))];
        let market = acting(day("2015-10-07"), ["65", "1", "1"], actions);
        let error = open_day(&before, &market, &Flows::default()).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    let (same, events) = opened(&before, &on("2015-10-07", ["1"; 3], change("XA")), false);
    assert_eq!((same.lots, events.len()), (before.lots, 1));
}

#[test]
fn a_correction_is_a_reversal_and_a_new_action() {
    let before =
        holding(vec![lot(1, 0, "10", "100", "2015-01-02")], vec![short(2, 0, "3", "90", "2015-01-02")]);
    let date = |text: &str, action| acting(day(text), ["65", "1", "1"], vec![action]);
    for (kind, right, cash, shares_after) in
        [(dividend("4.85"), dividend("4.58"), "32.06", "10"), (split(3, 1), split(2, 1), "0", "20")]
    {
        let wrong = action("w", 0, kind);
        let (now, _) = opened(&before, &date("2015-10-07", wrong.clone()), false);
        let (now, _) = opened(&now, &date("2015-10-08", reverse(&wrong).unwrap()), false);
        assert_eq!((&now.lots, &now.shorts, now.cash), (&before.lots, &before.shorts, before.cash));
        assert_eq!((now.realised, now.income), (before.realised, None));
        let (now, _) = opened(&now, &date("2015-10-09", action("r", 0, right)), false);
        assert_eq!((now.cash, now.lots[0].quantity), (money(cash), shares(shares_after)));
    }
    let renamed = action("s", 0, ActionKind::SymbolChange { from: "A".into(), to: "B".into() });
    let back = ActionKind::SymbolChange { from: "B".into(), to: "A".into() };
    assert_eq!(reverse(&renamed), Ok(action("s/reversed", 0, back)));
    for kind in [
        spin_off(None, (1, 1), 0, "1"),
        merger(None, (0, 1), "1", "1"),
        ActionKind::ReturnOfCapital { amount: price("1") },
    ] {
        assert!(matches!(reverse(&action("x", 0, kind)), Err(Error::Action { id, .. }) if id == "x"));
    }
    assert!(reverse(&reverse(&action("x", 0, split(2, 1))).unwrap()).is_err());
}

#[test]
fn events_that_do_not_fit_are_refused() {
    let mut before =
        holding(vec![lot(1, 0, "10", "100", "2015-01-02")], vec![short(2, 0, "3", "90", "2015-01-02")]);
    before.applied = Some(Applied { day: day("2015-10-07"), ids: vec!["a".into()] });
    before.accrued_through = Some(day("2015-10-07"));
    let (action, quantity, basis) = (String::new(), shares("1"), money("1"));
    let applied = |date: &str, id: &str| Event::ActionsApplied { day: day(date), ids: vec![id.into()] };
    let receive =
        |lot, from, quantity| Event::Receive { action: "a".into(), lot, from, security: 1, quantity, basis };
    let adjust = |lot, quantity| Event::Adjust { action: "a".into(), lot, quantity, basis };
    let cover = |quantity, proceeds| Event::ShortClose {
        lot: 2,
        quantity: shares(quantity),
        proceeds: money(proceeds),
        paid: basis,
        long_term: false,
    };
    let events = [
        (adjust(9, quantity), "not open"),
        (adjust(1, shares("0")), "without shares"),
        (receive(4, 1, quantity), "not the next one"),
        (receive(3, 9, quantity), "not open"),
        (receive(3, 1, shares("0")), "no shares"),
        (Event::Retire { action, lot: 9 }, "not open"),
        (applied("2015-10-07", "a"), "has been applied"),
        (applied("2015-10-06", "b"), "later day"),
        (Event::Accrued { through: day("2015-10-07") }, "paid up"),
        (Event::Gift { lot: 2, quantity, basis, value: basis }, "not open"),
        (Event::Gift { lot: 1, quantity: shares("11"), basis, value: basis }, "more shares"),
        (cover("4", "90"), "more shares"),
        (cover("3", "80"), "proceeds are left"),
        (Event::Scale { action: String::new(), security: 0, new: 1, old: 0 }, "ratio"),
    ];
    before.locks.push(Lock {
        group: 0,
        sold: Date::default(),
        last: day("2016-01-01"),
        security: 0,
        lot: 7,
        open_quantity: quantity,
        open_loss: basis,
        held_days: 0,
        long_term: false,
        short: false,
    });
    for (event, part) in events {
        let error = apply(&before, std::slice::from_ref(&event)).unwrap_err();
        assert!(
            matches!(error, Error::Event { index: 0, .. }) && error.to_string().contains(part),
            "{event:?}: {error}"
        );
    }
}
