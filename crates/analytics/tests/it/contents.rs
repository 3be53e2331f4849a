//! Every value of every table against the Runs of the store.

use crate::columns::{Columns, Line, Value, line, same};
use crate::desk::{ACCOUNTS, SECTORS, TICKERS, correct, store};
use samebits_analytics::{Lots, Summary, Wanted, export, tables};
use samebits_ledger::apply;
use samebits_snapshot::record::{Account, Event, Run, Status, TradeSide};
use samebits_store::{Filter, Store, StoredRun};
use samebits_units::{Money, Qty};
use std::path::Path;

pub(crate) fn written(store: Store, folder: &Path, filter: Filter, lots: Lots) -> Summary {
    export(store, &Wanted { folder, filter, lots, replace: false }, &mut |_, _| {}).unwrap()
}

/// A store by hand, exported whole, and its Runs by day, then account.
fn scene(lots: Lots) -> (tempfile::TempDir, Summary, Vec<StoredRun>) {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder.path().join("s.db"));
    let heads = store.list(&Filter::default()).unwrap();
    let stored = heads.iter().map(|head| store.get(&head.run_id).unwrap()).collect();
    let summary = written(store, &folder.path().join("out"), Filter::default(), lots);
    (folder, summary, stored)
}

pub(crate) fn read(folder: &Path, table: &str) -> Columns {
    Columns::read(&folder.join(format!("{table}.parquet")))
}

/// The expected lines name every column of the table.
fn all_of(table: &str, lines: &[Line]) {
    let table = tables().into_iter().find(|one| one.name == table).unwrap();
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    for line in lines {
        assert_eq!(line.iter().map(|(name, _)| *name).collect::<Vec<_>>(), columns);
    }
}

/// The columns that every table but `runs` begins with, and those of `line`.
fn placed(stored: &StoredRun, line: Line) -> Line {
    let head = &stored.head;
    let place = line! { run_id: head.run_id, account: &head.account, as_of: head.as_of, superseded: false };
    place.into_iter().chain(line).collect()
}

fn stored_line(stored: &StoredRun) -> Line {
    let (head, run, none) = (&stored.head, &stored.run, None::<&str>);
    let detail = match &run.outcome.status {
        Status::Solved => None,
        Status::Relaxed(text) | Status::Unsolved(text) => Some(text.as_str()),
    };
    line! {
        run_id: head.run_id, inputs_id: head.inputs_id, result_id: head.result_id, account: &head.account,
        sequence: head.sequence, as_of: head.as_of, supersedes: none, superseded_by: none, reason: none,
        recorded_at: head.recorded_at, actor: &head.actor, link: head.link,
        currency: &run.inputs.market.currency, status: run.outcome.status.name(), status_detail: detail,
        solver: &run.method.solver, rules: &run.method.rules, tolerance: run.method.tolerance,
        iterations: run.outcome.iterations, solves: run.outcome.solves, trades: run.outcome.trades.len() as i64,
    }
}

fn figures(run: &Run) -> Line {
    let (sums, tax) = (run.outcome.totals, run.outcome.tax);
    let (objective, last) = (run.outcome.objective, run.outcome.final_objective);
    line! {
        nav_before: sums.nav_before, nav_after: sums.nav_after, cash_before: run.inputs.account.cash,
        cash_after: sums.cash_after, bought: sums.bought, sold: sums.sold, costs: sums.costs,
        tracking_error: sums.tracking_error, final_tracking_error: sums.final_tracking_error,
        objective: objective.total, objective_risk: objective.risk, objective_tax: objective.tax,
        objective_cost: objective.cost, objective_borrow: objective.borrow, objective_reward: objective.reward,
        final_objective: last.total, final_objective_risk: last.risk, final_objective_tax: last.tax,
        final_objective_cost: last.cost, final_objective_borrow: last.borrow, final_objective_reward: last.reward,
        realised_short_term: tax.realised.short_term, realised_long_term: tax.realised.long_term,
        harvested: tax.harvested, disallowed: tax.disallowed, tax_accrued: tax.accrued, tax_change: tax.change,
    }
}

#[test]
fn runs() {
    let (folder, summary, stored) = scene(Lots::Last);
    let line = |one: &StoredRun| stored_line(one).into_iter().chain(figures(&one.run)).collect();
    let expected: Vec<Line> = stored.iter().map(line).collect();
    all_of("runs", &expected);
    same(&read(&folder.path().join("out"), "runs"), &expected);
    assert_eq!(summary.records, 8);
    // The scene has something in what could be zero everywhere.
    let some = |of: fn(&Run) -> Money| stored.iter().any(|one| !of(&one.run).is_zero());
    assert!(some(|run| run.outcome.tax.disallowed) && some(|run| run.outcome.tax.realised.short_term));
    let sum = |table: &str, column: &str| {
        let table = summary.tables.iter().find(|one| one.table.name == table).unwrap();
        table.sums.iter().find(|(one, _)| one.name == column).unwrap().1
    };
    let total = stored.iter().map(|one| i128::from(one.run.outcome.totals.nav_after.micros())).sum::<i128>();
    assert_eq!(sum("runs", "nav_after"), total);
    let losses = stored.iter().map(|one| i128::from(one.run.outcome.tax.disallowed.micros())).sum::<i128>();
    assert_eq!(sum("trades", "disallowed"), losses);
}

#[test]
fn trades() {
    let (folder, _, stored) = scene(Lots::Last);
    let (mut expected, mut losses) = (Vec::new(), 0);
    for one in &stored {
        let (market, outcome) = (&one.run.inputs.market, &one.run.outcome);
        for trade in &outcome.trades {
            let at = trade.security as usize;
            let closes = matches!(trade.side, TradeSide::Sell | TradeSide::Cover);
            let mut disallowed = Money::ZERO;
            for event in &outcome.events {
                if let Event::WashDefer { sold_lot, loss, .. } = event
                    && *sold_lot == trade.lot
                {
                    disallowed = disallowed.plus(*loss).unwrap();
                    losses += 1;
                }
            }
            let line = line! {
                side: trade.side.name(), ticker: TICKERS[at], lot: trade.lot, quantity: trade.quantity,
                price: market.prices[at], notional: trade.notional, cost: trade.cost,
                gain: closes.then_some(trade.gain), long_term: closes.then_some(trade.long_term),
                disallowed: closes.then_some(disallowed),
            };
            expected.push(placed(one, line));
        }
    }
    all_of("trades", &expected);
    let found = read(&folder.path().join("out"), "trades");
    same(&found, &expected);
    let sides = found.of(["side"]);
    assert!(
        losses > 0 && ["sell", "buy", "short", "cover"].iter().all(|side| sides.contains(&[(*side).into()]))
    );
}

fn lots_of(stored: &StoredRun, account: &Account, state: &str) -> Vec<Line> {
    let (prices, none) = (&stored.run.inputs.market.prices, None::<u64>);
    let long = account.lots.iter().map(|lot| {
        let at = lot.security as usize;
        line! {
            state: state, side: "long", ticker: TICKERS[at], lot: lot.id, parent: lot.parent, quantity: lot.quantity,
            price: prices[at], basis: lot.basis, proceeds: none, acquired: lot.acquired, held_from: lot.held_from,
            replacement: lot.replacement, fair_value: lot.fair_value,
        }
    });
    let short = account.shorts.iter().map(|lot| {
        let at = lot.security as usize;
        line! {
            state: state, side: "short", ticker: TICKERS[at], lot: lot.id, parent: none, quantity: lot.quantity,
            price: prices[at], basis: none, proceeds: lot.proceeds, acquired: lot.opened, held_from: none,
            replacement: lot.replacement, fair_value: none,
        }
    });
    long.chain(short).map(|line| placed(stored, line)).collect()
}

#[test]
fn lots_of_the_last_runs_and_of_every_one() {
    for lots in [Lots::Last, Lots::Every] {
        let (folder, _, stored) = scene(lots);
        let found = read(&folder.path().join("out"), "lots");
        let mut expected = Vec::new();
        for one in &stored {
            let (account, last) = (&one.run.inputs.account, one.head.sequence == 3);
            if last || lots == Lots::Every {
                expected.extend(lots_of(one, account, "before"));
            }
            if last {
                expected.extend(lots_of(one, &apply(account, &one.run.outcome.events).unwrap(), "after"));
            }
        }
        all_of("lots", &expected);
        same(&found, &expected);
        let of = |column| found.of([column]);
        assert!(of("replacement").contains(&[true.into()]) && of("side").contains(&["short".into()]));
        assert!(of("parent").iter().any(|[parent]| *parent != Value::Absent));
        assert_eq!(found.facts["samebits.lots"], if lots == Lots::Last { "last" } else { "every" });
    }
}

/// Shares of each security, and their value as a fraction, after the Run.
fn holdings(run: &Run) -> Vec<(Qty, f64)> {
    let after = apply(&run.inputs.account, &run.outcome.events).unwrap();
    let mut shares = [0; TICKERS.len()];
    after.lots.iter().for_each(|lot| shares[lot.security as usize] += lot.quantity.micros());
    after.shorts.iter().for_each(|lot| shares[lot.security as usize] -= lot.quantity.micros());
    let nav = run.outcome.totals.nav_before.micros() as f64;
    let holding = |(shares, price): (i64, &samebits_units::Price)| {
        let shares = Qty::from_micros(shares);
        (shares, price.value(shares).unwrap().micros() as f64 / nav)
    };
    shares.into_iter().zip(&run.inputs.market.prices).map(holding).collect()
}

#[test]
fn weights() {
    let (folder, _, stored) = scene(Lots::Last);
    let mut expected = Vec::new();
    for one in &stored {
        let (market, outcome) = (&one.run.inputs.market, &one.run.outcome);
        for (at, (shares, weight)) in holdings(&one.run).into_iter().enumerate() {
            let sector = SECTORS[market.securities[at].sector as usize];
            let line = line! {
                ticker: TICKERS[at], sector: sector, price: market.prices[at], shares: shares,
                target_weight: outcome.weights.get(at).copied(), final_weight: weight,
                benchmark_weight: market.benchmark.weights[at],
            };
            expected.push(placed(one, line));
        }
    }
    all_of("weights", &expected);
    let found = read(&folder.path().join("out"), "weights");
    same(&found, &expected);
    let targets = found.of(["target_weight"]);
    assert!(targets.contains(&[Value::Absent]) && targets.iter().any(|[target]| *target != Value::Absent));
}

#[test]
fn exposures() {
    let (folder, _, stored) = scene(Lots::Last);
    let found = read(&folder.path().join("out"), "exposures");
    let values = found.of(["portfolio", "benchmark", "active"]).into_iter().map(|row| {
        row.map(|value| match value {
            Value::Bits(bits) => f64::from_bits(bits),
            other => panic!("{other:?}"),
        })
    });
    let (mut lines, mut values) = (Vec::new(), values);
    for one in &stored {
        let (market, risk) = (&one.run.inputs.market, &one.run.inputs.risk);
        let names = risk.factors.iter().map(|name| ("factor", name.as_str()));
        for (k, (kind, name)) in names.chain(SECTORS.map(|name| ("sector", name))).enumerate() {
            let (mut portfolio, mut benchmark) = (0.0, 0.0);
            for (at, (_, weight)) in holdings(&one.run).into_iter().enumerate() {
                let of = match k.checked_sub(risk.factors.len()) {
                    None => f64::from(risk.loadings.values[at * risk.loadings.cols + k]),
                    Some(k) => f64::from(u8::from(k == market.securities[at].sector as usize)),
                };
                portfolio += of * weight;
                benchmark += of * market.benchmark.weights[at];
            }
            let [a, b, c] = values.next().unwrap();
            assert!((a - portfolio).abs() < 1e-14 && (b - benchmark).abs() < 1e-14 && a != b, "{name}");
            lines.push(placed(
                one,
                line! { kind: kind, name: name, portfolio: a, benchmark: b, active: a - b },
            ));
            assert_eq!(c, a - b);
        }
    }
    all_of("exposures", &lines);
    same(&found, &lines);
}

/// A correction is a record of its own; what it supersedes stays and says so, in every table.
#[test]
fn corrections() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(&folder.path().join("s.db"));
    let wanted = format!("{}/3", ACCOUNTS[0]);
    let original = store.find(&wanted).unwrap();
    let [first, second] = ["one", "two"].map(|reason| correct(&mut store, &wanted, reason));
    let out = folder.path().join("out");
    assert_eq!(written(store, &out, Filter::default(), Lots::Last).records, 10);
    let found = read(&out, "runs");
    let columns =
        ["run_id", "supersedes", "superseded_by", "reason", "actor", "link", "sequence", "iterations"];
    let corrected = |row: &[Value; 8]| row[1] != Value::Absent || row[2] != Value::Absent;
    let rows: Vec<_> = found.of(columns).into_iter().filter(corrected).collect();
    let ids = [original.run_id, first.run_id, second.run_id];
    let none = Value::Absent;
    let line = |at: usize, before: Value, next: Value, reason: Value, actor: &str, link| {
        [
            ids[at].into(),
            before,
            next,
            reason,
            actor.into(),
            Value::from(link),
            3_i64.into(),
            (41 + at as i64).into(),
        ]
    };
    let expected = [
        line(0, none.clone(), ids[1].into(), none.clone(), "t\u{e9}ster", original.link),
        line(1, ids[0].into(), ids[2].into(), "one".into(), "auditor", first.link),
        line(2, ids[1].into(), none, "two".into(), "auditor", second.link),
    ];
    assert_eq!(rows, expected);
    for (table, each) in [("trades", 2), ("weights", 5), ("exposures", 4), ("lots", 12)] {
        let rows = read(&out, table).of(["run_id", "superseded"]);
        for (id, superseded) in ids.into_iter().zip([true, true, false]) {
            let of_record: Vec<_> = rows.iter().filter(|[run_id, _]| *run_id == id.into()).collect();
            assert_eq!(of_record.len(), each, "{table}");
            assert!(of_record.iter().all(|[_, found]| *found == superseded.into()), "{table}");
        }
    }
}
