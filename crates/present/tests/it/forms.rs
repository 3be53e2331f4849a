//! The forms of lists and verdicts on what is made by hand; the forms of real Runs are compared in the tests of the command.

use samebits_present::{Conclusion, replays, runs, standings, utc};
use samebits_replay::fleet::Standing;
use samebits_replay::{Error, Item, Replayed, Verdict};
use samebits_snapshot::Digest;
use samebits_snapshot::record::Stages;
use samebits_store::RunHead;

fn head() -> RunHead {
    let id = |text: &str| Digest::of("test", text.as_bytes());
    RunHead {
        account: "A\"1".into(),
        sequence: 3,
        as_of: "2017-02-07".parse().unwrap(),
        run_id: id("run"),
        inputs_id: id("inputs"),
        result_id: id("result"),
        solver: "active-set/1".into(),
        status: "solved".into(),
        recorded_at: 1_486_425_600_000_000_000,
        actor: "test".into(),
        previous: id("previous"),
        link: id("link"),
    }
}

fn item(verdict: Option<Verdict>) -> Item {
    let replayed = |verdict| Replayed {
        verdict,
        first_stage: (verdict == Verdict::Diverged).then_some("trades"),
        differences: Vec::new(),
        weights_equal: verdict == Verdict::Identical,
        largest_weight_difference: 0.0,
        trades_equal: verdict != Verdict::Diverged,
        stages: Stages::default(),
        replay_ns: 1_500_000,
    };
    Item { run_id: head().run_id, result: verdict.map(replayed).ok_or(Error::NoExecution) }
}

#[test]
fn a_list_names_what_was_superseded() {
    let head = head();
    let other = Digest::of("test", b"other");
    let superseded = [(head.run_id, other)].into_iter().collect();
    let list = runs::list(std::slice::from_ref(&head), &superseded, 7);
    assert_eq!(list["total"], 7);
    assert_eq!(list["runs"][0]["superseded_by"], other.to_string());
    assert_eq!(list["runs"][0]["recorded_at"], "2017-02-07T00:00:00Z");
    assert_eq!(runs::head(&head, &runs::Superseded::new())["superseded_by"], serde_json::Value::Null);
}

#[test]
fn times_are_utc_to_the_second() {
    for (nanoseconds, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (1_999_999_999, "1970-01-01T00:00:01Z"),
        (i64::MAX, "2262-04-11T23:47:16Z"),
        (i64::MIN, "1677-09-21T00:12:44Z"),
    ] {
        assert_eq!(utc(nanoseconds), text);
    }
}

#[test]
fn replays_conclude_the_worst() {
    use Verdict::{Diverged, Equivalent, Identical};
    for (found, skipped, conclusion) in [
        (&[][..], 0, Conclusion::Nothing),
        (&[], 2, Conclusion::Identical),
        (&[Some(Identical)], 0, Conclusion::Identical),
        (&[Some(Identical), Some(Equivalent)], 0, Conclusion::Equivalent),
        (&[Some(Equivalent), Some(Diverged)], 0, Conclusion::Diverged),
        (&[Some(Diverged), None], 0, Conclusion::NotCompared),
    ] {
        let items: Vec<Item> = found.iter().map(|verdict| item(*verdict)).collect();
        let counts = replays::Counts::of(&items, skipped);
        assert_eq!(counts.conclusion(), conclusion);
        assert_eq!(counts.json(&[])["verdict"], conclusion.name());
    }
    let row = replays::row(&head(), item(Some(Diverged)).result.as_ref().unwrap());
    assert_eq!((&row["verdict"], &row["first_stage"]), (&"DIVERGED".into(), &"trades".into()));
    assert_eq!(row["replay_ms"], 1.5);
}

#[test]
fn standings_conclude_the_worst() {
    let diverged = Standing::Diverged { stage: "risk".into() };
    let failed = Standing::Failed { problem: "p".into() };
    let disagree = Standing::Disagree { answers: Vec::new() };
    for (found, conclusion) in [
        (&[][..], Conclusion::Nothing),
        (&[Standing::Identical], Conclusion::Identical),
        (&[Standing::Identical, Standing::Open], Conclusion::Incomplete),
        (&[Standing::Open, failed.clone()], Conclusion::NotCompared),
        (&[failed, diverged.clone()], Conclusion::Diverged),
        (&[diverged, disagree], Conclusion::Disagree),
    ] {
        let counts = standings::Counts::of(found);
        assert_eq!(counts.conclusion(), conclusion);
        assert_eq!(counts.runs(), found.len());
        assert!(counts.to_string().starts_with(&format!("{} Runs: ", found.len())));
    }
}
