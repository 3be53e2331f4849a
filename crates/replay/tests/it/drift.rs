//! Drift checks against what a second simulation on the corrected history pins: markets and risk models do not depend on
//! accounts, so that its Runs hold the inputs that a rebuild must give.

use crate::scene::{clock, fixtures, machine};
use samebits_canon::Isa;
use samebits_panel::{ActionSources, Actions, Panel, Revision, Vintage, load_revisions};
use samebits_replay::Backend;
use samebits_replay::drift::{Drifted, Finding, Obstacle, Part, Summary, Tables, drift};
use samebits_replay::simulate::{
    AccountPlan, Settings, World, catalogue_accounts, demo_accounts, method, simulate,
};
use samebits_snapshot::record::{Inputs, Outcome, Run, TradeSide};
use samebits_store::{Filter, Store, StoredRun};
use samebits_units::{Date, Price, Qty};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

fn panel() -> Panel {
    Panel::load(&fixtures().join("prices")).unwrap()
}

fn revisions() -> Vec<Revision> {
    load_revisions(&fixtures().join("market/sp100_revisions.csv")).unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// The session of 2017-08-01, on which the vendor later corrected 44 closes.
fn bad_day() -> Vec<Revision> {
    revisions().into_iter().filter(|row| row.date == date("2017-08-01")).collect()
}

fn from(panel: &Panel, session: usize) -> Panel {
    panel.between(panel.dates[session], *panel.dates.last().unwrap()).unwrap()
}

fn record(world: &World, accounts: &[AccountPlan], days: usize) -> Vec<StoredRun> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("s.db")).unwrap();
    let mut store = store.predicting(samebits_replay::RiskPredictor::shared());
    let settings = Settings {
        days,
        accounts,
        threads: 2,
        machine: machine(Isa::detect()),
        actor: "test",
        recorded_at: 1,
        method: method(),
        execution: None,
    };
    simulate(world, &mut store, &settings, &mut |_| {}).unwrap();
    let heads = store.list(&Filter::default()).unwrap();
    heads.iter().map(|head| store.get(&head.run_id).unwrap()).collect()
}

fn check(runs: &[StoredRun], tables: &Tables) -> Vec<Drifted> {
    let backend = Backend::cpu(Isa::detect());
    runs.iter().map(|stored| drift(stored, tables, &backend, &clock).unwrap()).collect()
}

type Moves = BTreeMap<(TradeSide, String, Option<u64>), (i64, i64)>;

fn shares(run: &Run, outcome: &Outcome) -> BTreeMap<(TradeSide, String, Option<u64>), i64> {
    let mut all = BTreeMap::new();
    for trade in &outcome.trades {
        let ticker = run.inputs.market.securities[trade.security as usize].ticker.clone();
        let old = matches!(trade.side, TradeSide::Sell | TradeSide::Cover);
        *all.entry((trade.side, ticker, old.then_some(trade.lot))).or_default() += trade.quantity.micros();
    }
    all
}

/// By brute force: the recorded account, params and method on the market and risk model of the other Run.
fn expected(recorded: &Run, other: &Run) -> (Moves, Outcome) {
    let (market, risk) = (other.inputs.market.clone(), other.inputs.risk.clone());
    let inputs = Inputs { market, risk, ..recorded.inputs.clone() };
    let solver = Backend::cpu(Isa::detect()).solver(&recorded.method.solver, 1).unwrap();
    let now = samebits_rebalance::decide(&inputs, &recorded.method, solver.as_ref()).unwrap().outcome;
    let mut moves = Moves::new();
    for (key, quantity) in shares(recorded, &recorded.outcome) {
        moves.entry(key).or_default().0 = quantity;
    }
    for (key, quantity) in shares(recorded, &now) {
        moves.entry(key).or_default().1 = quantity;
    }
    moves.retain(|_, pair| pair.0 != pair.1);
    (moves, now)
}

/// The parts that differ between two Runs' inputs.
fn differing(then: &Inputs, now: &Inputs) -> Vec<Part> {
    let (a, b) = (&then.market, &now.market);
    let terms = (&a.laws, &a.law, &a.borrow, &a.actions) != (&b.laws, &b.law, &b.borrow, &b.actions);
    let all = [
        (Part::Prices, a.prices != b.prices),
        (Part::Benchmark, a.benchmark != b.benchmark),
        (Part::Risk, then.risk != now.risk),
        (Part::Alpha, a.alpha != b.alpha),
        (Part::Terms, terms),
    ];
    all.into_iter().filter(|part| part.1).map(|part| part.0).collect()
}

/// Every verdict, every part and every moved trade, against brute force; returns the Runs that drifted.
fn agree(recorded: &[StoredRun], corrected: &[StoredRun], found: &[Drifted]) -> usize {
    assert_eq!((recorded.len(), corrected.len()), (found.len(), found.len()));
    let mut drifted = 0;
    for ((then, now), found) in recorded.iter().zip(corrected).zip(found) {
        let name = format!("{}/{}", then.head.account, then.head.sequence);
        let same = (then.ids.market, then.ids.risk) == (now.ids.market, now.ids.risk);
        let (moves, outcome) = expected(&then.run, &now.run);
        let finding = match (same, moves.is_empty()) {
            (true, _) => Finding::SameInputs,
            (false, true) => Finding::SameDecision,
            (false, false) => Finding::Drifted,
        };
        assert_eq!(found.finding, finding, "{name}: {found:?}");
        let changes = found.changes.as_ref().unwrap();
        let parts: Vec<Part> = changes.parts.iter().map(|change| change.part).collect();
        assert_eq!(parts, differing(&then.run.inputs, &now.run.inputs), "{name}");
        let Some(decision) = &found.decision else {
            assert!(same && moves.is_empty(), "{name}");
            continue;
        };
        let told = decision.trades.iter().map(|trade| {
            let pair = (trade.recorded.micros(), trade.today.micros());
            ((trade.side, trade.ticker.clone(), trade.lot), pair)
        });
        assert_eq!(told.collect::<Moves>(), moves, "{name}");
        let tax = (then.run.outcome.tax, outcome.tax);
        assert_eq!(decision.tax, (tax.0.change, tax.1.change), "{name}");
        assert_eq!(decision.harvested, (tax.0.harvested, tax.1.harvested), "{name}");
        drifted += usize::from(!moves.is_empty());
    }
    drifted
}

/// A session that a vendor corrected: the Runs before it have the same inputs, those of the day other prices, those after
/// it another covariance; which of them drift, and by which trades, is what brute force says.
#[test]
fn a_bad_session() {
    let revisions = bad_day();
    assert_eq!(revisions.len(), 44);
    // The first Run is on the ninth session before the bad one.
    let cut = from(&panel(), 111);
    let vintage = |which| World::plain(cut.with_closes(&revisions, which).0);
    let accounts = demo_accounts().unwrap();
    let recorded = record(&vintage(Vintage::Earlier), &accounts, 15);
    let corrected = record(&vintage(Vintage::Later), &accounts, 15);
    // The whole history: a Run's place is found by its dates.
    let tables = Tables::new(panel(), Isa::detect()).with_corrections(&revisions, Some(Vintage::Later));
    let found = check(&recorded, &tables);
    let drifted = agree(&recorded, &corrected, &found);
    // Accounts without gains elsewhere harvest little, so few trades move.
    assert!(drifted >= 1, "{drifted}");
    for (stored, found) in recorded.iter().zip(&found) {
        let day = stored.head.as_of;
        let changes = found.changes.as_ref().unwrap();
        let parts: Vec<Part> = changes.parts.iter().map(|change| change.part).collect();
        let all: BTreeSet<&str> = revisions.iter().map(|row| row.ticker.as_str()).collect();
        match day.cmp(&date("2017-08-01")) {
            Ordering::Less => {
                assert_eq!((found.finding, changes.same, parts.len()), (Finding::SameInputs, true, 0));
            }
            Ordering::Equal => {
                assert_eq!(parts, [Part::Prices, Part::Benchmark, Part::Risk]);
                let told = changes.prices.iter().map(|one| (one.ticker.as_str(), (one.recorded, one.today)));
                let listed = revisions.iter().map(|row| (row.ticker.as_str(), (row.earlier, row.later)));
                assert_eq!(told.collect::<BTreeMap<_, _>>(), listed.collect::<BTreeMap<_, _>>());
            }
            Ordering::Greater => assert_eq!(parts, [Part::Risk], "{day}"),
        }
        for change in &changes.parts {
            assert!(!change.unexplained, "{day}: {change:?}");
            let causes: BTreeSet<&str> = change.causes.iter().map(|cause| cause.ticker.as_str()).collect();
            assert_eq!(causes, all, "{day}");
        }
        assert!(changes.prices.iter().all(|price| !price.unexplained));
    }
    let summary = Summary::of(&found);
    assert_eq!(summary.runs(Finding::SameInputs), 4 * 9);
    assert_eq!(summary.runs(Finding::Drifted), drifted);
    assert_eq!(summary.corrections[0].cause.ticker, "AAPL", "the largest: 5.7 %");
}

/// All corrections, on markets with corporate actions, laws and expected returns; the tables are the cleaned ones, which
/// have some cells of either download.
#[test]
fn complete_markets() {
    let revisions = revisions();
    let sources = ActionSources::sp100(&fixtures().join("market"));
    let actions = Actions::load(&sources, &panel().dates).unwrap();
    let world = |panel: Panel| World::complete(panel, &actions).unwrap();
    // From the session before the bad one on.
    let cut = from(&panel(), 119);
    let accounts = &catalogue_accounts(cut.dates[504], 4).unwrap();
    let recorded = record(&world(cut.with_closes(&revisions, Vintage::Earlier).0), accounts, 4);
    let corrected = record(&world(cut), accounts, 4);
    let tables = Tables::new(panel(), Isa::detect()).with_corrections(&revisions, None);
    // Without actions such a market cannot be rebuilt, and it is said so.
    let found = check(&recorded[..1], &tables);
    assert_eq!(
        (found[0].finding, found[0].obstacle.as_ref()),
        (Finding::NotRebuilt, Some(&Obstacle::NoActions))
    );
    let tables = Tables::new(panel(), Isa::detect()).with_actions(actions).with_corrections(&revisions, None);
    let found = check(&recorded, &tables);
    let drifted = agree(&recorded, &corrected, &found);
    assert!(drifted > 0);
    for found in &found {
        let changes = found.changes.as_ref().unwrap();
        assert!(changes.parts.iter().all(|change| !change.unexplained && !change.causes.is_empty()));
    }
    assert!(Summary::of(&found).parts[Part::Alpha as usize].0 > 0, "expected returns are rebuilt, too");
    // On their own tables nothing has changed.
    assert!(check(&corrected, &tables).iter().all(|found| found.finding == Finding::SameInputs));
}

/// Runs beyond the next rebalance of the benchmark find its origin, from tables that begin earlier.
#[test]
fn the_rebalance_day_is_found() {
    let accounts = &demo_accounts().unwrap()[1..2];
    let recorded = record(&World::plain(from(&panel(), 60)), accounts, 66);
    let days: BTreeSet<Date> =
        recorded.iter().map(|one| one.run.inputs.market.benchmark.rebalanced).collect();
    assert_eq!(days.len(), 2);
    let found = check(&recorded, &Tables::new(panel(), Isa::detect()));
    assert!(found.iter().all(|one| one.finding == Finding::SameInputs));
}

fn two_days() -> Vec<StoredRun> {
    record(&World::plain(panel()), &demo_accounts().unwrap()[..2], 2)
}

/// A Run whose record this build does not give back is never decided on other inputs.
#[test]
fn an_engine_change_is_told_apart() {
    let mut runs = two_days();
    let revisions = revisions();
    let tables = Tables::new(panel(), Isa::detect()).with_corrections(&revisions, Some(Vintage::Earlier));
    let honest = check(&runs, &tables);
    assert!(honest.iter().all(|one| matches!(one.finding, Finding::SameDecision | Finding::Drifted)));
    runs[0].run.outcome.trades[0].quantity = Qty::from_shares(1).unwrap();
    let weight = &mut runs[1].run.outcome.weights[3];
    *weight = f64::from_bits(weight.to_bits() + 1);
    let found = check(&runs, &tables);
    for one in &found[..2] {
        assert_eq!((one.finding, one.engine.is_some_and(|(_, fields)| fields == 1)), (Finding::Engine, true));
        assert!(one.decision.is_none() && !one.changes.as_ref().unwrap().same);
    }
    assert_eq!(found[2].finding, honest[2].finding);
}

/// A close, a volume and a law that no list has: unexplained, beside corrections that are.
#[test]
fn unlisted_changes_are_unexplained() {
    let runs = two_days();
    let mut other = panel();
    let (xom, ge) = (other.columns()["XOM"], other.columns()["GE"]);
    let day = other.day_index(runs[0].head.as_of).unwrap();
    let listed = vec![Revision {
        date: other.dates[day],
        ticker: "GE".into(),
        earlier: other.closes[[day, ge]],
        later: Price::from_e8(other.closes[[day, ge]].e8() + 1_000_000),
    }];
    let tables =
        |panel: Panel| Tables::new(panel, Isa::detect()).with_corrections(&listed, Some(Vintage::Later));
    let flags = |tables: &Tables| {
        let found = check(&runs[..1], tables);
        let changes = found[0].changes.clone().unwrap();
        let parts: Vec<(Part, bool)> = changes.parts.iter().map(|one| (one.part, one.unexplained)).collect();
        let prices: Vec<(String, bool)> =
            changes.prices.iter().map(|one| (one.ticker.clone(), one.unexplained)).collect();
        (parts, prices)
    };
    let (parts, prices) = flags(&tables(other.clone()));
    assert_eq!(parts, [(Part::Prices, false), (Part::Benchmark, false), (Part::Risk, false)]);
    assert_eq!(prices, [("GE".to_owned(), false)]);
    other.closes[[day, xom]] = Price::from_e8(other.closes[[day, xom]].e8() + 1_000_000);
    let (parts, prices) = flags(&tables(other.clone()));
    assert_eq!(parts, [(Part::Prices, true), (Part::Benchmark, true), (Part::Risk, true)]);
    assert_eq!(prices, [("GE".to_owned(), false), ("XOM".to_owned(), true)]);
    let mut other = panel();
    other.volumes[[day - 100, xom]] *= 2;
    let (parts, prices) = flags(&tables(other.clone()));
    // A volume moves the benchmark, but no rank of the loadings.
    assert_eq!(parts, [(Part::Prices, false), (Part::Benchmark, true), (Part::Risk, false)]);
    assert_eq!(prices.len(), 1);
    other = panel();
    other.securities[xom].sector = other.securities[ge].sector;
    let of_sector = flags(&Tables::new(other.clone(), Isa::detect()));
    assert_eq!(of_sector.0, [(Part::Terms, true)]);
    // Beside the listed correction, which the last way to undo it (the tables as they were) still explains.
    let many: Vec<Revision> = listed
        .iter()
        .map(|row| Revision { earlier: Price::from_e8(row.later.e8() + 1_000_000), ..row.clone() })
        .collect();
    let tables = Tables::new(other, Isa::detect()).with_corrections(&many, Some(Vintage::Later));
    let (parts, prices) = flags(&tables);
    let (explained, terms) = parts.split_at(3);
    assert!(explained.iter().all(|part| !part.1) && terms == [(Part::Terms, true)], "{parts:?}");
    assert_eq!(prices, [("GE".to_owned(), false)]);
}

/// Another order of columns and names beside the universe change nothing; a missing name or day is said.
#[test]
fn universes_are_matched_by_ticker() {
    let all = panel();
    let select = |kept: &[usize]| Panel {
        securities: kept.iter().map(|&at| all.securities[at].clone()).collect(),
        closes: all.closes.select(ndarray::Axis(1), kept),
        volumes: all.volumes.select(ndarray::Axis(1), kept),
        ..all.clone()
    };
    // Without the energy names, so that the sectors are numbered otherwise.
    let energy = all.sectors.iter().position(|name| name == "Energy").unwrap() as u32;
    let kept: Vec<usize> = (0..100).filter(|&at| all.securities[at].sector != energy).collect();
    let mut small = select(&kept);
    small.sectors.remove(energy as usize);
    for listing in &mut small.securities {
        listing.sector -= u32::from(listing.sector > energy);
    }
    let runs = record(&World::plain(small), &demo_accounts().unwrap()[1..2], 2);
    let backwards: Vec<usize> = (0..100).rev().collect();
    for panel in [all.clone(), select(&backwards)] {
        let found = check(&runs, &Tables::new(panel, Isa::detect()));
        assert!(found.iter().all(|one| one.finding == Finding::SameInputs), "{:?}", found[0].changes);
    }
    let without = kept[7];
    let fewer: Vec<usize> = (0..100).filter(|&at| at != without).collect();
    let missing = Obstacle::MissingTickers { tickers: vec![all.securities[without].ticker.clone()] };
    let first = runs[0].head.as_of;
    let before = all.between(all.dates[0], all.dates[all.day_index(first).unwrap() - 1]).unwrap();
    let no_day = Obstacle::NoSession { what: "the day of the Run", date: first };
    for (panel, obstacle) in [(select(&fewer), missing), (before, no_day)] {
        let found = check(&runs[..1], &Tables::new(panel, Isa::detect()));
        assert_eq!((found[0].finding, found[0].obstacle.clone()), (Finding::NotRebuilt, Some(obstacle)));
        assert!(found[0].changes.is_none() && found[0].decision.is_none());
    }
    let short = Tables::new(from(&all, 10), Isa::detect());
    let found = check(&runs[..1], &short);
    assert!(
        matches!(&found[0].obstacle, Some(Obstacle::Failed(why)) if why.contains("sessions")),
        "{:?}",
        found[0]
    );
}

/// A split between two downloads multiplies a history: the unit changed, not the value of what the account holds.
#[test]
fn a_rescaling_is_no_price_change() {
    let (today, ticker) = (panel(), "KO");
    let column = today.columns()[ticker];
    let row = |at: usize| Revision {
        date: today.dates[at],
        ticker: ticker.to_owned(),
        earlier: Price::from_e8(3 * today.closes[[at, column]].e8()),
        later: today.closes[[at, column]],
    };
    let mut revisions: Vec<Revision> = (0..today.dates.len()).map(row).collect();
    // On the second day the vendor corrected the close, too.
    revisions[505].earlier = Price::from_e8(revisions[505].earlier.e8() / 100 * 101);
    let (before, _) = today.with_closes(&revisions, Vintage::Earlier);
    let runs = record(&World::plain(before), &demo_accounts().unwrap()[1..2], 2);
    let tables = Tables::new(today.clone(), Isa::detect()).with_corrections(&revisions, None);
    let found = check(&runs, &tables);
    for (at, found) in found.iter().enumerate() {
        let changes = found.changes.as_ref().unwrap();
        let [one] = &changes.rescaled[..] else { panic!("{:?}", changes.rescaled) };
        assert_eq!((one.ticker.as_str(), one.ratio_e9), (ticker, 3_000_000_000));
        assert_eq!(one.today, today.closes[[504 + at, column]]);
        assert_eq!(changes.prices.len(), at, "only the second day has another value");
        let nav = found.decision.as_ref().unwrap().nav;
        assert_eq!(nav.0 == nav.1, at == 0, "{nav:?}");
        assert_eq!(one.used, Price::from_e8(3 * one.today.e8()));
    }
    assert_eq!(Summary::of(&found).rescaled, 2);
}
