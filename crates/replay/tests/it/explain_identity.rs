//! The terms of every traded name add up to zero: every kind of account, every version of the rules.

use crate::scene::{clock, fixtures, forty_days, runs};
use samebits_canon::Isa;
use samebits_panel::{ActionSources, Actions, Panel};
use samebits_replay::simulate::{FIRST_SESSION, Settings, World, catalogue_accounts, simulate};
use samebits_replay::why::{RESIDUAL, check_identity, why};
use samebits_snapshot::record::{Run, Status};
use samebits_store::{Filter, Store};
use std::path::Path;
use std::sync::OnceLock;

/// The kinds of accounts that there are.
const KINDS: usize = 14;
const DAYS: usize = 8;

/// Eight days of every kind of account, recorded once.
pub(crate) fn catalogue() -> &'static [Run] {
    static RUNS: OnceLock<Vec<Run>> = OnceLock::new();
    RUNS.get_or_init(|| {
        let panel = Panel::load(&fixtures().join("prices")).unwrap();
        let actions = Actions::load(&ActionSources::sp100(&fixtures().join("market")), &panel.dates).unwrap();
        let world = World::complete(panel, &actions).unwrap();
        let accounts = catalogue_accounts(world.panel().dates[FIRST_SESSION], KINDS).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut store = Store::create(&path).unwrap();
        let settings = Settings {
            days: DAYS,
            accounts: &accounts,
            threads: 2,
            machine: samebits_replay::Machine {
                code: "test",
                name: "test",
                isa: Isa::detect(),
                clock: &clock,
            },
            actor: "test",
            recorded_at: 1,
            method: samebits_replay::simulate::method(),
            execution: None,
        };
        simulate(&world, &mut store, &settings, &mut |_| {}).unwrap();
        all(&path)
    })
}

fn all(path: &Path) -> Vec<Run> {
    let store = samebits_replay::open(path).unwrap();
    let heads = store.list(&Filter::default()).unwrap();
    heads.iter().map(|head| store.get(&head.run_id).unwrap().run).collect()
}

#[test]
fn the_identity_of_every_kind_of_account_holds_and_is_stored() {
    let (mut names, mut worst) = (0, 0.0);
    for run in catalogue() {
        let question = &run.inputs.question;
        let identity = check_identity(run).unwrap();
        assert!(identity.as_stored && identity.stored.is_some(), "{} {identity:?}", question.account);
        assert!(identity.holds, "{}/{} {identity:?}", question.account, question.sequence);
        assert!(identity.found.largest_residual <= RESIDUAL, "{identity:?}");
        names += identity.found.names;
        worst = samebits_canon::max(worst, identity.found.largest_residual);
    }
    assert_eq!(catalogue().len(), KINDS * DAYS);
    assert!(names > 1_000 && worst > 0.0, "{names} {worst}");
}

/// With the price of its limit every list of terms adds up to zero, too; the stored residual is the largest of the names'.
#[test]
fn the_listed_terms_add_up() {
    let mut limits = std::collections::BTreeSet::new();
    for run in catalogue().iter().step_by(5) {
        let answer = why(run, None).unwrap();
        for trade in &answer.trades {
            assert!(trade.terms_sum_bp.abs() <= 100.0 * RESIDUAL, "{trade:?}");
            assert!(trade.residual <= answer.identity.found.largest_residual, "{trade:?}");
            limits
                .extend(trade.terms.iter().filter(|term| term.part.is_none()).map(|term| term.what.clone()));
            let split = &trade.risk;
            let parts =
                split.factors.iter().fold(split.specific_bp + split.rest_bp, |sum, part| sum + part.bp);
            assert!((parts - split.total_bp).abs() < 1e-9 && split.largest.len() == 2, "{split:?}");
            let factor_form = run.inputs.question.account.ends_with("di-limit");
            assert_eq!(answer.risk.form == "factor", factor_form);
            assert!(!factor_form || split.rest_bp.abs() < 1e-9, "{split:?}");
        }
    }
    assert!(limits.contains("lot used up"), "{limits:?}");
}

/// Runs of the earlier rules store nothing and keep every byte; recomputed, the identity holds for those finished
/// canonically, and for raw answers of an interior point up to its tolerance.
#[test]
fn earlier_rules_report_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for (name, method, most) in
        [("1", crate::scene::first_method(), 1e-8), ("2", crate::scene::second_method(), RESIDUAL)]
    {
        let path = folder.path().join(name);
        crate::scene::record_by(method, &path, 8, 2, Isa::detect());
        for run in all(&path) {
            let identity = check_identity(&run).unwrap();
            assert_eq!(run.outcome.identity, None);
            assert!(identity.stored.is_none() && identity.as_stored);
            assert!(identity.holds && identity.found.largest_residual <= most, "{name} {identity:?}");
            seen += identity.found.names;
        }
    }
    assert!(seen > 400, "{seen}");
}

/// A few of the demo's days end with a raw answer, which is held to its tolerance; all others to 1e-12.
#[test]
fn forty_days_of_the_demo_hold() {
    let mut raw = 0;
    for account in ["A1", "A2", "B1", "B2"] {
        for stored in runs(&forty_days().1, account) {
            let identity = check_identity(&stored.run).unwrap();
            assert!(identity.holds && identity.as_stored, "{account} {identity:?}");
            assert_eq!(identity.limit <= RESIDUAL, stored.run.outcome.finish.is_some());
            raw += u32::from(stored.run.outcome.finish.is_none());
        }
    }
    assert!(raw <= 20, "{raw} of 160");
}

/// A changed multiplier, weight, state or stored residual is visible.
#[test]
fn a_tampered_record_is_visible() {
    let mut tampered = 0;
    for run in catalogue().iter().filter(|run| run.outcome.status == Status::Solved).step_by(7) {
        if run.outcome.trades.is_empty() {
            continue;
        }
        for row in
            run.outcome.rows.iter().enumerate().filter(|(_, row)| row.multiplier != 0.0).map(|(r, _)| r)
        {
            let mut changed = run.clone();
            changed.outcome.rows[row].multiplier *= 1.0 + 1e-6;
            let identity = check_identity(&changed).unwrap();
            tampered += u32::from(!identity.as_stored);
        }
        let bought =
            run.outcome.trades.iter().find(|trade| run.outcome.active.buys[trade.security as usize] == 1);
        let Some(bought) = bought else { continue };
        let i = bought.security as usize;
        let mut changed = run.clone();
        changed.outcome.bound_multipliers[i] += 1e-9;
        let identity = check_identity(&changed).unwrap();
        assert!(!identity.holds && !identity.as_stored, "{identity:?}");
        assert!((identity.found.largest_residual - 1e-9).abs() < 1e-11, "{identity:?}");
        let mut changed = run.clone();
        changed.outcome.weights[i] += 1e-6;
        assert!(!check_identity(&changed).unwrap().holds);
        let mut changed = run.clone();
        changed.outcome.identity.as_mut().unwrap().largest_residual = 0.0;
        assert!(!check_identity(&changed).unwrap().as_stored);
        let mut changed = run.clone();
        changed.outcome.rows.pop();
        assert!(check_identity(&changed).unwrap_err().to_string().contains("outcome.rows"));
    }
    assert!(tampered > 10, "{tampered}");
}
