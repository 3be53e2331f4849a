//! What is solved again: baskets, sides and counterfactuals against independent solves.

use crate::explain_identity::catalogue;
use samebits_canon::Isa;
use samebits_qp::{Problem, Settings, Solver, Status};
use samebits_rebalance::{Book, Model, Variable, decide, optimum, see};
use samebits_replay::Backend;
use samebits_replay::why::{Counterfactual, check_identity, explain, why};
use samebits_snapshot::record::{Run, Setting, Side, Source, Value};
use samebits_units::Bps;

fn solver(id: &str) -> Box<dyn Solver> {
    Backend::cpu(Isa::detect()).solver(id, 1).unwrap()
}

fn settings(run: &Run) -> Settings {
    run.method.rules.parse::<samebits_rebalance::Rules>().unwrap().settings(&run.method)
}

fn objective(problem: &Problem, run: &Run) -> Option<f64> {
    let solved = solver("ipm/1").solve(problem, &settings(run)).unwrap();
    (solved.status == Status::Optimal).then_some(solved.objective)
}

/// Every choice of sides, solved by another solver: the recorded one is the best, and each flip is what `why` says.
#[test]
fn sides_equal_brute_force() {
    let mut checked = 0;
    for run in catalogue() {
        let seen = see(&run.inputs, &run.method.rules, &run.outcome).unwrap();
        let terms = seen.terms(&run.inputs);
        let open = Book::open(&terms).unwrap();
        let conflicts = open.conflicts(&terms);
        let netted =
            run.outcome.rows.iter().any(|row| row.kind == samebits_snapshot::record::RowKind::Netting);
        if conflicts.is_empty() || conflicts.len() > 4 || netted {
            continue;
        }
        let side = |k: usize, mask: usize| if mask >> k & 1 == 1 { Side::Buy } else { Side::Sell };
        let all: Vec<Option<f64>> = (0..1_usize << conflicts.len())
            .map(|mask| {
                let mut book = open.clone();
                for (k, conflict) in conflicts.iter().enumerate() {
                    book.take_side(conflict, side(k, mask), &terms);
                }
                objective(&Model::new(&run.inputs, &terms, &book, &[]).unwrap().problem, run)
            })
            .collect();
        let recorded = (0..conflicts.len())
            .fold(0, |mask, k| mask | usize::from(run.outcome.sides[conflicts[k].first()] == Side::Buy) << k);
        let best = all.iter().flatten().copied().reduce(samebits_canon::min).unwrap();
        assert!(all[recorded].unwrap() <= best + 1e-9, "{:?}", run.inputs.question);
        for (k, conflict) in conflicts.iter().enumerate() {
            let ticker = &run.inputs.market.securities[conflict.first()].ticker;
            let answer = why(run, Some(ticker)).unwrap();
            let found = answer.trades[0].side.clone().unwrap();
            let flipped = all[recorded ^ (1 << k)].unwrap();
            assert!((found.other_bp.unwrap() - flipped * 1e4).abs() < 1e-4, "{found:?} {flipped}");
            assert!((found.objective_bp.unwrap() - all[recorded].unwrap() * 1e4).abs() < 1e-4, "{found:?}");
            checked += 1;
        }
        if checked > 12 {
            break;
        }
    }
    assert!(checked > 0, "no conflict small enough");
}

/// The weights with the harvest barred, plus the basket, are the recorded ones.
#[test]
fn a_basket_added_back_reproduces_the_decision() {
    let mut checked = 0;
    for run in catalogue().iter().filter(|run| run.outcome.finish.is_some()) {
        let answer = why(run, None).unwrap();
        if answer.baskets.is_empty() || run.outcome.rounding.tightened > 0 {
            continue;
        }
        let seen = see(&run.inputs, &run.method.rules, &run.outcome).unwrap();
        for basket in answer.baskets.iter().take(2) {
            let names = &run.inputs.market.securities;
            let at = |ticker: &str| names.iter().position(|name| name.ticker == ticker).unwrap();
            let of = at(&basket.of);
            let mut model = seen.model.clone();
            for (variable, trade) in model.variables.iter().zip(&mut model.problem.trades) {
                if let Variable::Sell { security, rank } = *variable
                    && security == of
                    && seen.book.lots[of][rank].gain < 0.0
                {
                    trade.upper = 0.0;
                    model.problem.upper[of] =
                        samebits_canon::max(model.problem.upper[of], seen.book.held[of]);
                }
            }
            let barred =
                optimum(&model, (&seen.policy, seen.rules), &*solver("active-set/1"), &settings(run))
                    .unwrap();
            let mut rebuilt = barred.weights.clone();
            rebuilt[of] += basket.own_percent / 100.0;
            for one in basket.substitutes.iter().chain(&basket.reduced) {
                rebuilt[at(&one.ticker)] += one.weight_percent / 100.0;
                assert!(one.correlation.abs() <= 1.0 + 1e-6, "{one:?}");
            }
            for (rebuilt, recorded) in rebuilt.iter().zip(&run.outcome.weights) {
                assert!((rebuilt - recorded).abs() < 2e-9, "{:?} {}", run.inputs.question, basket.of);
            }
            assert!(basket.own_percent < 0.0 && basket.worth_bp > -1e-6, "{basket:?}");
            let moved = basket.substitutes.iter().chain(&basket.reduced).map(|one| one.weight_percent);
            let rest = moved.fold(basket.own_percent + basket.cash_percent, |sum, percent| sum + percent);
            assert!(rest.abs() < 1e-5, "{basket:?}");
            checked += 1;
        }
        if checked > 20 {
            break;
        }
    }
    assert!(checked > 10, "{checked}");
}

fn ask(run: &Run, asked: Counterfactual) -> samebits_replay::why::CounterfactualAnswer {
    explain(run, Some(&run.inputs.market.securities[0].ticker), &[asked], Isa::detect())
        .unwrap()
        .counterfactuals
        .remove(0)
}

fn signed(outcome: &samebits_snapshot::record::Outcome, n: usize) -> Vec<f64> {
    let mut shares = vec![0.0; n];
    for trade in &outcome.trades {
        let quantity = trade.quantity.micros() as f64 / 1e6;
        shares[trade.security as usize] += if trade.side.pays() { quantity } else { -quantity };
    }
    shares
}

/// The cap, the rate: deciding with the input changed. No change: no difference.
#[test]
fn counterfactuals_equal_deciding_with_the_input_changed() {
    let mut tightened = 0;
    for run in catalogue().iter().filter(|run| run.outcome.totals.tracking_error > 0.004).step_by(9) {
        let cap = run.outcome.totals.tracking_error * 0.8e4;
        let answer = ask(run, Counterfactual::Cap(cap));
        let mut inputs = run.inputs.clone();
        let setting = Setting { value: Value::Real(cap / 1e4), source: Source::Override("test".into()) };
        inputs.params.settings.insert("tracking_error_cap".into(), setting);
        let now = decide(&inputs, &run.method, &*solver(&run.method.solver)).unwrap().outcome;
        let n = inputs.market.securities.len();
        let (then, after) = (signed(&run.outcome, n), signed(&now, n));
        let differ: Vec<usize> = (0..n).filter(|&i| then[i] != after[i]).collect();
        assert_eq!(answer.trades.len(), differ.len());
        for (one, i) in answer.trades.iter().zip(differ) {
            assert_eq!((one.then, one.now), (then[i], after[i]));
            assert_eq!(one.ticker, inputs.market.securities[i].ticker);
        }
        let error = (now.totals.tracking_error - run.outcome.totals.tracking_error) * 1e4;
        assert!((answer.tracking_error_bp - error).abs() < 1e-12);
        if answer.status == "solved" {
            // A harder problem is no better, up to what the search over sides leaves.
            assert!(answer.objective_bp > -1e-4 && error < 0.0, "{answer:?}");
            tightened += 1;
        }
        let nothing = ask(run, Counterfactual::Rate(Bps::ZERO));
        assert!(nothing.trades.is_empty() && nothing.objective_bp == 0.0, "{nothing:?}");
    }
    assert!(tightened > 3, "{tightened}");
}

/// Keeping a lot that is sold costs something; keeping one that is not costs nothing.
#[test]
fn keeping_a_lot() {
    let mut costs = 0;
    for run in catalogue().iter().filter(|run| run.outcome.finish.is_some()).step_by(6) {
        let sold: Vec<u64> =
            run.outcome.trades.iter().filter(|t| t.gain.is_negative()).map(|t| t.lot).collect();
        if let Some(&lot) = sold.first() {
            let answer = ask(run, Counterfactual::KeepLot(lot));
            assert!(answer.objective_bp > -1e-6 && answer.basis == "continuous optimum", "{answer:?}");
            costs += u32::from(answer.objective_bp > 1e-6 && !answer.trades.is_empty());
        }
        let seen = see(&run.inputs, &run.method.rules, &run.outcome).unwrap();
        let idle = seen
            .book
            .lots
            .iter()
            .flatten()
            .find(|lot| lot.sellable && run.outcome.active.sells[lot.index] == 0 && lot.weight > 0.0);
        if let Some(idle) = idle {
            let answer = ask(run, Counterfactual::KeepLot(idle.id));
            assert!(answer.objective_bp.abs() < 1e-7 && answer.trades.is_empty(), "{answer:?}");
        }
    }
    assert!(costs > 2, "{costs}");
    let run = &catalogue()[0];
    let asked = [Counterfactual::KeepLot(u64::MAX)];
    assert!(explain(run, None, &asked, Isa::detect()).unwrap_err().to_string().contains("could not be sold"));
}

/// Without a lock nothing gets worse; a name without one is refused.
#[test]
fn without_a_lock() {
    let mut gained = 0;
    for run in catalogue().iter().filter(|run| !run.inputs.account.locks.is_empty()).step_by(5) {
        let answer = why(run, None).unwrap();
        let dearest = answer.barred.iter().filter(|bar| bar.until.is_some() && bar.trade == "purchase");
        let Some(bar) = dearest.max_by(|a, b| a.price_bp.total_cmp(&b.price_bp)) else { continue };
        let found = ask(run, Counterfactual::WithoutLock(bar.ticker.clone()));
        assert!(found.objective_bp < 1e-3, "{bar:?} {found:?}");
        gained += u32::from(found.objective_bp < -1e-6 && bar.price_bp > 0.0);
        assert!(check_identity(run).unwrap().holds);
    }
    assert!(gained > 0, "{gained}");
    let run = &catalogue()[0];
    let free = (0..run.inputs.market.securities.len())
        .find(|i| {
            let group = run.inputs.market.securities[*i].identity_group;
            run.inputs.account.locks.iter().all(|lock| lock.group != group)
        })
        .unwrap();
    let asked = [Counterfactual::WithoutLock(run.inputs.market.securities[free].ticker.clone())];
    assert!(explain(run, None, &asked, Isa::detect()).unwrap_err().to_string().contains("no wash-sale lock"));
}
