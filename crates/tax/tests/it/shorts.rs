//! Short sales of the United States.

use crate::scene::{day, law, money, qty};
use samebits_snapshot::record::Jurisdiction;
use samebits_tax::us::{
    Hedge, Held, Restart, ShortSale, closes_long_term, is_constructive_sale, restarts, wash_day,
};

fn held(acquired: &str, disposed: Option<&str>, shares: i64) -> Held {
    let acquired = day(acquired);
    Held { acquired, held_from: acquired, disposed: disposed.map(day), quantity: qty(shares) }
}

fn sale(opened: &str, closed: &str) -> ShortSale {
    ShortSale { opened: day(opened), closed: day(closed), quantity: qty(100) }
}

fn long_term(sale: &ShortSale, delivered: &str, gain: i64, shares: &[Held]) -> bool {
    let law = law(Jurisdiction::UnitedStates, "2017-06-01");
    closes_long_term(&law, sale, day(delivered), money(gain), shares).unwrap()
}

/// Treas. Reg. 1.1233-1(c)(6), examples 1 and 2, in years: shares bought on 1 February, a short sale on 1 July.
#[test]
fn gains_beside_shares_held_for_a_year_or_less() {
    let short = sale("2017-07-01", "2017-08-01");
    // Closed by delivering them.
    let own = held("2017-02-01", Some("2017-08-01"), 100);
    assert!(!long_term(&short, "2017-02-01", 600, &[own]));
    // Closed by other shares at a loss: short-term, and those held count anew from the closing.
    let kept = held("2017-02-01", None, 100);
    assert!(!long_term(&short, "2017-08-01", -200, &[kept]));
    let law = law(Jurisdiction::UnitedStates, "2017-06-01");
    let anew = Restart { held: 0, quantity: qty(100), held_from: day("2017-08-01") };
    assert_eq!(restarts(&law, &short, &[kept]), Ok(vec![anew]));
}

#[test]
fn what_counts_as_held_beside() {
    let short = sale("2017-07-03", "2018-09-03");
    // Delivered from shares held for long before: the gain would be long-term.
    assert!(long_term(&short, "2015-01-02", 5, &[held("2015-01-02", Some("2018-09-03"), 100)]));
    for (acquired, disposed, taints) in [
        ("2016-07-02", None, false),
        ("2016-07-03", None, true),
        ("2018-09-03", None, true),
        ("2018-09-04", None, false),
        ("2017-01-02", Some("2017-07-02"), false),
        ("2017-01-02", Some("2017-07-04"), true),
    ] {
        let beside = held(acquired, disposed, 10);
        assert_eq!(!long_term(&short, "2015-01-02", 5, &[beside]), taints, "{acquired} {disposed:?}");
    }
}

#[test]
fn losses_beside_shares_held_for_more_than_a_year() {
    let short = sale("2017-07-03", "2017-08-03");
    for (acquired, disposed, long) in [
        ("2016-07-02", None, true),
        ("2016-07-03", None, false),
        ("2016-07-02", Some("2017-07-03"), false),
        ("2016-07-02", Some("2017-07-04"), true),
    ] {
        let shares = [held("2017-08-03", None, 5), held(acquired, disposed, 10)];
        assert_eq!(long_term(&short, "2017-08-03", -5, &shares), long, "{acquired} {disposed:?}");
        // A gain is short-term by the shares delivered, whichever of them comes first.
        for shares in [&shares[..], &shares[1..], &[shares[1], shares[0]]] {
            assert!(!long_term(&short, "2017-08-03", 5, shares));
        }
    }
}

#[test]
fn holding_periods_begin_anew_in_order_and_up_to_the_quantity() {
    let law = law(Jurisdiction::UnitedStates, "2017-06-01");
    let short = sale("2017-07-03", "2017-09-05");
    let shares = [
        held("2017-08-01", None, 70),
        held("2017-03-01", Some("2017-08-15"), 60),
        held("2015-03-01", None, 500),
        held("2017-08-20", None, 20),
    ];
    let expected = [
        Restart { held: 1, quantity: qty(60), held_from: day("2017-08-15") },
        Restart { held: 0, quantity: qty(40), held_from: day("2017-09-05") },
    ];
    assert_eq!(restarts(&law, &short, &shares).unwrap(), expected);
}

#[test]
fn constructive_sales() {
    let end = day("2017-12-31");
    for (gain, closed, at_risk_through, constructive) in [
        (100, None, "2018-12-31", true),
        (100, Some("2018-01-30"), "2018-03-30", false),
        (100, Some("2018-01-30"), "2018-03-29", true),
        (100, Some("2018-01-31"), "2018-12-31", true),
        (100, Some("2017-05-01"), "2017-06-29", false),
        (-100, None, "2017-06-29", false),
        (0, None, "2017-06-29", false),
    ] {
        let hedge = Hedge { closed: closed.map(day), at_risk_through: day(at_risk_through) };
        let found = is_constructive_sale(money(gain), end, &hedge);
        assert_eq!(found, Ok(constructive), "{gain} {closed:?} {at_risk_through}");
    }
}

#[test]
fn the_day_of_a_short_loss_for_the_wash_sale_rule() {
    let short = sale("2017-07-03", "2017-08-03");
    for (delivered, counts) in
        [("2017-07-03", "2017-07-03"), ("2017-07-04", "2017-08-03"), ("2016-01-04", "2017-07-03")]
    {
        assert_eq!(wash_day(&short, day(delivered)), day(counts));
    }
}
