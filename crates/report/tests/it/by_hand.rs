//! Three days, two names: every figure worked out on paper.

use crate::desk::{Desk, day, funded, market, money, order, walk};
use samebits_ledger::{Costs, Flows};
use samebits_report::{Exact, Year, markdown, plots, summary};
use samebits_snapshot::record::*;
use samebits_units::{Bps, Money};

/// 1,000 in cash; no costs. Day 1: buy 5 of S0 at 100. Day 2: S0 at 110 pays 2, 500 are put in, buy 10 of S2 at 20. Day 3: S0
/// at 99, S2 at 25 after a split of 2 for 1 of a price of 12.5; sell all of S0.
fn three_days() -> Year {
    let mut desk = Desk::new(funded("1000", Jurisdiction::UnitedStates, 2016));
    desk.costs = Costs { buy: Bps::ZERO, sell: Bps::ZERO };
    let none = Flows::default();
    desk.trade(market(day("2016-05-02"), &["100", "1", "20"], &[0.5, 0.0, 0.5]), none, |_| {
        vec![order(TradeSide::Buy, 0, None, 5)]
    });
    let mut second = market(day("2016-05-03"), &["110", "1", "20"], &[0.75, 0.0, 0.25]);
    let dividend = ActionKind::Dividend { amount: "2".parse().unwrap(), special: false };
    second.actions = vec![Action { id: "d".into(), security: 0, kind: dividend }];
    let flows = Flows { contribution: money("500"), ..none };
    desk.trade(second, flows, |_| vec![order(TradeSide::Buy, 2, None, 10)]);
    let mut third = market(day("2016-05-04"), &["99", "1", "12.5"], &[0.5, 0.0, 0.5]);
    third.actions = vec![Action { id: "s".into(), security: 2, kind: ActionKind::Split { new: 2, old: 1 } }];
    desk.trade(third, none, |_| vec![order(TradeSide::Sell, 0, Some(1), 5)]);
    walk(&desk.runs).unwrap()
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-14, "{found} {expected}");
}

#[test]
fn values_and_sums() {
    let year = three_days();
    let values: Vec<String> = year.days.iter().map(|day| day.value.to_string()).collect();
    // 500 + 5 x 100; 500 + 10 + 500 - 200 + 550 + 200; 810 + 495 + 20 x 12.5.
    assert_eq!(values, ["1000.00", "1560.00", "1555.00"]);
    let sums = &year.sums;
    assert_eq!((sums.contributions, sums.dividends), (money("500"), money("10")));
    // 5 x 10 on the second day, 5 x -11 and 20 x 12.5 - 10 x 20 on the third.
    assert_eq!(sums.price_gains, money("45").into());
    assert_eq!(sums.realised, [money("-5"), Money::ZERO]);
    assert_eq!(sums.harvested, [money("5"), Money::ZERO]);
    assert_eq!(sums.unrealised, [Exact::ZERO, money("50").into()]);
    // -5 at 40 %, 10 of dividends at 20 %.
    assert_eq!(sums.tax, Money::ZERO);
    assert_eq!(year.days[1].tax, money("2"));
    assert_eq!((sums.unexplained_value(), sums.unexplained_tax()), (Exact::ZERO, Exact::ZERO));
    assert_eq!(year.budgets, [("gain_budget_currency".to_owned(), money("1000"), Money::ZERO)]);
}

#[test]
fn returns() {
    let year = three_days();
    // 1000 becomes 1060 before the 500 come; 1560 becomes 1555.
    for (day, expected) in year.days.iter().zip([0.0, 0.06, -5.0 / 1560.0]) {
        close(day.account, expected);
    }
    close(year.account(), 1.06 * 1555.0 / 1560.0 - 1.0);
    // The tax of 2 on the dividend leaves 1558 of 1560, and comes back with the loss.
    close(year.days[1].account_after_tax, 1.06 * 1558.0 / 1560.0 - 1.0);
    close(year.days[2].account_after_tax, 1555.0 / 1558.0 - 1.0);
    // Half in S0: 110 and 2 of 100. Three quarters in S0: 99 of 110; a quarter in S2: 2 x 12.5 of 20.
    close(year.days[1].benchmark, 0.5 * 0.12);
    close(year.days[2].benchmark, 0.75 * -0.1 + 0.25 * 0.25);
    close(year.days[1].benchmark_after_tax, 0.5 * (0.12 - 0.2 * 0.02));
    close(year.benchmark(), 1.06 * 0.9875 - 1.0);
    close(year.after_tax_alpha()[0], year.account_after_tax() - year.benchmark());
    close(year.after_tax_alpha()[1], year.account_after_tax() - (1.058 * 0.9875 - 1.0));
    // Two active returns, 0 and a: their deviation is |a| / sqrt(2).
    let active = -5.0 / 1560.0 + 0.0125;
    close(year.realised_tracking_error(), active / 2.0_f64.sqrt() * 252.0_f64.sqrt());
    close(year.predicted_tracking_error(), 0.01);
    // Half of 200 over 1560 and of 495 over 1555; the first purchase of a funded account does not count.
    close(year.turnover, 0.5 * (200.0 / 1560.0 + 495.0 / 1555.0));
    close(year.exposure()[0], (500.0 / 1000.0 + 750.0 / 1560.0 + 250.0 / 1555.0) / 3.0);
}

#[test]
fn a_short_position() {
    let mut desk = Desk::new(funded("1000", Jurisdiction::UnitedStates, 2016));
    desk.costs = Costs { buy: Bps::ZERO, sell: Bps::ZERO };
    let none = Flows::default();
    let weights = [0.5, 0.0, 0.5];
    desk.trade(market(day("2016-05-02"), &["100", "1", "36"], &weights), none, |_| {
        vec![order(TradeSide::Short, 2, None, 10)]
    });
    // The first morning with shorts only sets the day; the second one's fee is 10 x 18 x 1 % / 360.
    desk.trade(market(day("2016-05-03"), &["100", "1", "36"], &weights), none, |_| Vec::new());
    desk.trade(market(day("2016-05-04"), &["100", "1", "18"], &weights), none, |_| {
        vec![order(TradeSide::Cover, 2, Some(1), 10)]
    });
    let year = walk(&desk.runs).unwrap();
    assert_eq!(year.sums.borrow, money("0.005"));
    assert_eq!(year.sums.price_gains, money("180").into());
    assert_eq!(year.sums.realised, [money("180"), Money::ZERO]);
    assert_eq!(year.sums.tax, money("72"));
    close(year.days[1].short, 360.0 / 1000.0);
    close(year.account(), 1179.995 / 1000.0 - 1.0);
    close(year.account_after_tax(), 1107.995 / 1000.0 - 1.0);
    let names: Vec<&str> = plots(&year).unwrap().iter().map(|plot| plot.name).collect();
    assert_eq!(names, ["value.svg", "harvest.svg", "tracking-error.svg", "exposure.svg"]);
}

#[test]
fn text_and_plots() {
    let year = three_days();
    let text = markdown(&year);
    for part in [
        "# D\n",
        "| strategy | by-hand/1 |",
        "| contributions | 500.00 |",
        "| at the end | 1,555.00 |",
        "| not explained | 0.00 |",
        "| dividends | 10.00 |",
        "us-federal",
        "Not tax advice. Made-up borrow fees.",
        "![value](D-value.svg)",
        "| gain budget, most used | 0.00 of 1,000.00",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let table = summary(std::slice::from_ref(&year));
    assert!(table.contains("| D | 1,555.00 | 5.66 % |"), "{table}");
    let plots = plots(&year).unwrap();
    assert_eq!(plots.len(), 3);
    for plot in &plots {
        assert!(plot.svg.starts_with("<svg") && plot.svg.trim_end().ends_with("</svg>"), "{}", plot.name);
        assert!(plot.svg.contains("2016-05-03") && !plot.svg.contains("NaN"), "{}", plot.svg);
    }
    for line in [
        "account: first",
        "account after tax: first",
        "benchmark: first",
        "benchmark after tax on dividends: first",
    ] {
        assert!(plots[0].svg.contains(line), "{line}");
    }
}
