//! Three files of actions become one table: each event once, amounts as paid on the day.

use crate::scene::{check, date, fixtures, price, sp100};
use samebits_panel::{
    ActionKind, ActionRow, ActionSources, Actions, LeftOut, read_curated, read_distributions,
    read_inferred_splits,
};
use samebits_units::{Bps, Date};

const CURATED: &str = "ticker,ex_date,kind,detail,price_return_in_panel,more\n";
const SPLITS: &str = "ex_date_est,ticker,ratio_est,fit\n";
const PAID: &str = "ex_date,ticker,yield_on_prev_close,amount_per_share_est,prev_close,kind\n";

fn join(curated: &str, splits: &str, paid: &str) -> Actions {
    let curated = read_curated("a", format!("{CURATED}{curated}").as_bytes()).expect("rows");
    let splits = read_inferred_splits("s", format!("{SPLITS}{splits}").as_bytes()).expect("rows");
    let paid = read_distributions("d", format!("{PAID}{paid}").as_bytes()).expect("rows");
    let sessions: Vec<Date> = (14_000..18_000).filter_map(Date::from_days).collect();
    let excluded = [("BAD".to_owned(), date("2016-01-01"))];
    Actions::join(curated, splits, &paid, &excluded, &sessions).expect("a table")
}

fn row(ex_date: &str, ticker: &str, kind: ActionKind) -> ActionRow {
    ActionRow { ex_date: date(ex_date), ticker: ticker.to_owned(), kind }
}

fn cash(text: &str) -> ActionKind {
    ActionKind::CashDividend { amount: price(text) }
}

fn special(text: &str) -> ActionKind {
    ActionKind::SpecialDividend { amount: price(text) }
}

/// Lopsided on purpose: files out of order, a split inferred two days late, another ticker on the same days.
#[test]
fn each_event_once() {
    let actions = join(
        "AAA,2014-06-09,split,7:1,0.0160,\nBBB,2015-03-02,spin_off,Part,-0.2500,\nCCC,2014-08-07,split,2:1 class C unadjusted,-0.51,\n\
         BBB,2014-11-26,special_dividend,16.50,-0.2,\nDDD,2016-09-06,merger,Other,0.0243,\n",
        "2014-06-11,AAA,7:1,0.9\n2014-06-09,BBB,3:2,0.9\n2014-06-14,AAA,2:1,0.9\n2014-01-02,DDD,,0.3\n",
        "2015-03-03,BBB,0.2,9.5,40,large_distribution\n2015-03-03,BAD,0.2,9.5,40,large_distribution\n\
         2016-01-01,BAD,0.2,9.5,40,large_distribution\n2013-05-01,AAA,0.01,0.25,40,cash_dividend\n\
         2014-06-09,AAA,0.01,0.25,40,cash_dividend\n2013-05-01,CCC,0.01,0.2,40,cash_dividend\n\
         2013-05-01,BBB,0.01,0.333,40,cash_dividend\n2014-05-01,BBB,0.01,-0.3,40,cash_dividend\n\
         2014-05-02,BBB,0.01,0.3,40,source_disagreement\n2015-03-03,AAA,0.2,1.5,40,large_distribution\n",
    );
    let split = |new, old, in_prices| ActionKind::Split { new, old, in_prices };
    let part = |detail: &str, hundredths| (detail.to_owned(), Bps::from_hundredths(hundredths));
    let ((part, fell), (other, rose)) = (part("Part", -250_000), part("Other", 24_300));
    // 2014-06-14 is five sessions after the curated split of AAA: another one, 14 shares for one before both.
    let expected = [
        row("2013-05-01", "AAA", cash("3.5")),
        row("2013-05-01", "BBB", cash("0.4995")),
        row("2013-05-01", "CCC", cash("0.2")),
        row("2014-06-09", "AAA", split(7, 1, true)),
        row("2014-06-09", "AAA", cash("0.5")),
        row("2014-06-09", "BBB", split(3, 2, true)),
        row("2014-06-14", "AAA", split(2, 1, true)),
        row("2014-08-07", "CCC", split(2, 1, false)),
        row("2014-11-26", "BBB", special("16.5")),
        row("2015-03-02", "BBB", ActionKind::SpinOff { detail: part, price_return: fell }),
        row("2015-03-03", "AAA", special("1.5")),
        row("2016-01-01", "BAD", special("9.5")),
        row("2016-09-06", "DDD", ActionKind::Merger { detail: other, price_return: rose }),
    ];
    assert_eq!(actions.rows, expected);
    let left_out = LeftOut {
        without_ratio: 1,
        repeated_splits: 1,
        disagreements: 1,
        not_positive: 1,
        excluded: 1,
        repeated_distributions: 1,
    };
    assert_eq!(actions.left_out, left_out);
}

#[test]
fn files_with_a_fault() {
    let curated = |rows: &str, expected: &str| {
        check(read_curated("a", format!("{CURATED}{rows}").as_bytes()).err().as_ref(), expected);
    };
    curated("", "a: no rows");
    curated("A,2014-06-09,split,7,0,\n", "a, line 2, column detail: `7` is not a ratio of the form NEW:OLD");
    curated(
        "A,2014-06-09,split,7:0,0,\n",
        "a, line 2, column detail: `7:0` is not a ratio of the form NEW:OLD",
    );
    curated(
        "A,2014-06-09,split,+7:1,0,\n",
        "a, line 2, column detail: `+7:1` is not a ratio of the form NEW:OLD",
    );
    curated(
        "A,2014-06-09,rights,7:1,0,\n",
        "a, line 2, column kind: `rights` is not one of split, special_dividend, spin_off, merger",
    );
    curated("A,2014-06-09,special_dividend,-1,0,\n", "a, line 2, column detail: price -1 is not positive");
    curated(
        "A,2014-06-09,spin_off,Part,x,\n",
        "a, line 2, column price_return_in_panel: return: `x` is not a decimal number",
    );
    curated(
        "A,2014-06-09,merger,Part,9999,\n",
        "a, line 2, column price_return_in_panel: return: out of range",
    );
    curated(",2014-06-09,split,7:1,0,\n", "a, line 2, column ticker: empty ticker");
    curated(
        "A,2014-06-31,split,7:1,0,\n",
        "a, line 2, column ex_date: `2014-06-31` is not a date of the form YYYY-MM-DD",
    );
    curated(
        "A,2014-06-09,split,7:1,0,\nA,2014-06-09,split,7:1,0,\n",
        "a, line 3, column ex_date: 2014-06-09 is here twice",
    );
    let splits = |text: &str, expected: &str| {
        check(read_inferred_splits("s", text.as_bytes()).err().as_ref(), expected);
    };
    splits("ex_date,ticker,ratio_est\n", "s, line 1: the column is named `ex_date` instead of `ex_date_est`");
    splits(
        &format!("{SPLITS}2014-06-09,A,2:x,0.9\n"),
        "s, line 2, column ratio_est: `2:x` is not a ratio of the form NEW:OLD",
    );
    splits(&format!("{SPLITS}2014-06-09,A\n"), "s, line 2: 2 fields instead of 4");
    let paid = |rows: &str, expected: &str| {
        check(read_distributions("d", format!("{PAID}{rows}").as_bytes()).err().as_ref(), expected);
    };
    paid(
        "2014-06-09,A,0.1,1e3,40,cash_dividend\n",
        "d, line 2, column amount_per_share_est: price: `1e3` is not a decimal number",
    );
    paid(
        "2014-06-09,A,0.1,1,40,stock\n",
        "d, line 2, column kind: `stock` is not one of cash_dividend, large_distribution, source_disagreement",
    );
}

#[test]
fn an_amount_that_does_not_fit() {
    let splits = format!("{SPLITS}2014-06-09,A,4000000000:1,0.9\n2015-06-09,A,4000000000:1,0.9\n");
    let splits = read_inferred_splits("s", splits.as_bytes()).unwrap();
    let paid = format!("{PAID}2013-06-09,A,0.1,1,40,cash_dividend\n");
    let paid = read_distributions("d", paid.as_bytes()).unwrap();
    let error = Actions::join(Vec::new(), splits, &paid, &[], &[]).err();
    check(error.as_ref(), "A, 2013-06-09: amount without its splits is out of range");
}

#[test]
fn the_actions_of_the_fixture() {
    let panel = sp100();
    let actions = Actions::load(&ActionSources::sp100(&fixtures("market")), &panel.dates).unwrap();
    assert!(actions.rows.is_sorted());
    let count = |wanted: fn(&ActionKind) -> bool| actions.rows.iter().filter(|row| wanted(&row.kind)).count();
    assert_eq!(count(|kind| matches!(kind, ActionKind::CashDividend { .. })), 579);
    assert_eq!(count(|kind| matches!(kind, ActionKind::SpecialDividend { .. })), 2);
    assert_eq!(count(|kind| matches!(kind, ActionKind::Split { in_prices: true, .. })), 5);
    assert_eq!(count(|kind| matches!(kind, ActionKind::SpinOff { .. })), 1);
    assert_eq!((actions.rows.len(), actions.left_out.repeated_splits), (587, 3));
    assert_eq!(actions.left_out.disagreements, 23);
    let columns = panel.columns();
    for row in &actions.rows {
        assert!(
            columns.contains_key(row.ticker.as_str()) && panel.day_index(row.ex_date).is_some(),
            "{row:?}"
        );
    }
    let find = |ex_date: &str, ticker: &str| {
        let wanted = |row: &&ActionRow| row.ex_date == date(ex_date) && row.ticker == ticker;
        actions.rows.iter().find(wanted).map(|row| row.kind.clone())
    };
    // 2:1 in 2015-12 and in 2017-02: 28 and 25 cents a share of the day, 14 and 12.5 of today's.
    assert_eq!(find("2015-02-26", "NKE"), Some(cash("0.28")));
    assert_eq!(find("2015-12-07", "NKE"), Some(cash("0.32")));
    assert_eq!(find("2015-03-30", "CMCSA"), Some(cash("0.25")));
    assert_eq!(find("2015-05-07", "AAPL"), Some(cash("0.52")));
    assert_eq!(find("2016-01-27", "F"), Some(special("0.4")));
}
