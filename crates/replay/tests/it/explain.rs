//! `why` answers from the pinned Run: every trade, lots that add up, terms that add up.

use crate::scene::{forty_days, runs};
use samebits_replay::why::why;
use samebits_units::Qty;

#[test]
fn every_trade_is_explained_and_adds_up() {
    let (mut between, mut named) = (0, 0);
    for account in ["A2", "B1", "B2"] {
        for stored in runs(&forty_days().1, account) {
            let run = &stored.run;
            let answer = why(run, None).unwrap();
            let traded: std::collections::BTreeSet<u32> =
                run.outcome.trades.iter().map(|trade| trade.security).collect();
            assert_eq!(answer.trades.len(), traded.len());
            assert_eq!(answer.parameters.len(), run.inputs.params.settings.len());
            assert!(answer.parameters.iter().all(|parameter| !parameter.meaning.is_empty()));
            for trade in &answer.trades {
                named += 1;
                assert!(!trade.sentence.is_empty() && !trade.terms.is_empty() && trade.code.is_some());
                assert!(trade.terms_sum_bp.abs() <= 100.0 * answer.identity.limit, "{trade:?}");
                if trade.action == "sell" {
                    let sold = trade.lots.iter().map(|lot| lot.sold.parse::<Qty>().unwrap());
                    assert_eq!(Qty::total(sold).unwrap().to_string(), trade.shares);
                } else {
                    between += 1;
                }
            }
            let risk = &answer.risk;
            let total = risk.factors.iter().fold(risk.specific_share, |sum, factor| sum + factor.share);
            assert!((total - 1.0).abs() < 1e-9);
            let row = run.outcome.rows.last().unwrap();
            assert!(
                (risk.tracking_error_bp - row.final_value * 1e4).abs() < 1e-6,
                "{} {row:?}",
                risk.tracking_error_bp
            );
        }
    }
    assert!(between > 50 && named > 200, "{between} {named}");
}

#[test]
fn a_name_that_was_not_traded_is_explained_too() {
    let all = runs(&forty_days().1, "B1");
    let run = &all[5].run;
    let answer = why(run, Some("xom")).unwrap();
    assert_eq!(answer.trades[0].action, "hold");
    assert!(answer.trades[0].sentence.contains("excluded"), "{}", answer.trades[0].sentence);
    assert!(why(run, Some("NOPE")).unwrap_err().to_string().contains("NOPE"));
    let locked = runs(&forty_days().1, "A2").into_iter().find_map(|stored| {
        let barred = why(&stored.run, None).unwrap().barred;
        barred.into_iter().find(|barred| barred.why.starts_with("wash-sale lock through 20"))
    });
    assert!(locked.is_some());
}
