//! Every identity of every kind of account, on real prices with corporate actions.

use crate::desk::walk;
use crate::scene::{KINDS, accounts, open, runs};
use samebits_report::{Error, Exact, Year, pages, verify, year};
use samebits_units::Money;

#[test]
fn every_check_passes_for_every_kind_of_account() {
    let store = open();
    let names = accounts();
    assert_eq!(names.len(), KINDS);
    let years: Vec<Year> = names
        .iter()
        .map(|name| year(&store, name).unwrap_or_else(|error| panic!("{name}: {error}")))
        .collect();
    for year in &years {
        let (sums, name) = (&year.sums, &year.account);
        assert_eq!((sums.unexplained_value(), sums.unexplained_tax()), (Exact::ZERO, Exact::ZERO), "{name}");
        assert_eq!((year.checked.runs, year.checked.taken_from_events), (45, 0), "{name}");
        assert!(year.checked.trades > 100 && sums.harvested[0].is_positive(), "{name}: {:?}", year.checked);
        let (realised, predicted) = (year.realised_tracking_error(), year.predicted_tracking_error());
        assert!(realised > 0.0 && predicted > 0.0, "{name}: {realised} {predicted}");
        let [gross, net] = year.exposure();
        let short = name.contains("ls-") || name.contains("pairs");
        assert_eq!(gross - net > 0.1, short, "{name}: gross {gross}, net {net}");
        assert_eq!(sums.borrow.is_positive(), short, "{name}");
        assert!(year.expected_returns && year.borrow_fees && year.largest_factor.is_some(), "{name}");
        assert_eq!(sums.levies.is_positive(), name.ends_with("di-in"), "{name}");
    }
    let of = |wanted: &str| years.iter().find(|year| year.account == wanted).unwrap();
    assert!(of("09-charity").sums.gifts > Exact::ZERO && of("09-charity").sums.given_gains > Exact::ZERO);
    assert!(of("08-cash-flow").sums.withdrawals.is_positive());
    // A pair sleeve is beside the market: it is not fully invested, and its benchmark return is not its own.
    let [gross, net] = of("04-pairs").exposure();
    assert!(gross > 0.5 && net.abs() < 0.1, "{gross} {net}");
    let pages = pages(&years).unwrap();
    // Three plots and a page each, one more plot where there are shorts, and the index.
    assert_eq!(pages.len(), 1 + 4 * KINDS + 5);
    for name in &names {
        assert!(pages[0].text.contains(&format!("[{name}]({name}.md)")));
    }
}

#[test]
fn a_year_of_the_store_is_that_of_its_runs() {
    let store = open();
    let year = year(&store, "03-di-ca").unwrap();
    assert_eq!(walk(&runs("03-di-ca")).unwrap(), year);
    assert_eq!(verify(&store, "03-di-ca").unwrap(), year.checked);
    assert!(matches!(verify(&store, "none"), Err(Error::NoRuns { .. })));
    assert_ne!(year.sums.tax, Money::ZERO);
}
