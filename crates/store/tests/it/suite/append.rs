//! What may be appended, and what is found again.

use super::Place;
use crate::scene::{append, correct, fill, packed, run};
use samebits_store::{Error, Filter, Mark, NewRun, RunHead};
use std::sync::Arc;

pub(crate) fn runs_are_found_again(place: &dyn Place) {
    let written = fill(&place.opener());
    let heads = written.list(&Filter::default()).unwrap();
    assert_eq!(heads.len(), 5);
    let only = Filter { account: Some("B".into()), from: "2017-02-09".parse().ok(), ..Filter::default() };
    assert_eq!(written.list(&only).unwrap().len(), 1);
    drop(written);
    let store = place.opener().read().unwrap();
    for head in &heads {
        let stored = store.get(&head.run_id).unwrap();
        assert_eq!(stored.run, run(&head.account, head.sequence as u64));
        assert_eq!(&store.find(&format!("{}/{}", head.account, head.sequence)).unwrap(), head);
        let id = head.run_id.to_string();
        assert_eq!(&store.find(&id[..12]).unwrap(), head);
        assert_eq!(&store.find(&id[..7].to_ascii_uppercase()).unwrap(), head);
        assert_eq!(&store.find(&id).unwrap(), head);
    }
    let order: Vec<_> = heads.iter().map(|head| (head.as_of, head.account.clone())).collect();
    assert!(order.is_sorted());
    assert_eq!(store.find("latest").unwrap().account, "B");
    for wanted in ["Z/0", "A/9", "A/-1", "not hex", "", &"0".repeat(65)] {
        assert!(matches!(store.find(wanted), Err(Error::NotFound { .. })), "{wanted}");
    }
    let ids: Vec<_> =
        heads.iter().map(|head| head.run_id).chain([samebits_snapshot::Digest::default()]).collect();
    let days: Vec<_> = heads.iter().map(|head| Some(i64::from(head.as_of.days()))).chain([None]).collect();
    assert_eq!(store.days(&ids).unwrap(), days);
    let report = store.verify(&mut |_| {});
    assert_eq!((report.runs, report.accounts, report.problems.len()), (5, 2, 0));
    // Three days of six parts each; the params are the same on all of them, and so is the recipe.
    assert_eq!(report.blobs, 3 * 5 + 2);
    let size = store.size().unwrap();
    let records: usize =
        heads.iter().map(|head| packed(&run(&head.account, head.sequence as u64)).bytes.len()).sum();
    assert_eq!(size.records, records as u64);
    assert!(size.file > size.blobs && size.blobs > 0);
}

pub(crate) fn pages_leave_no_run_out(place: &dyn Place) {
    let store = fill(&place.opener());
    let named = |heads: &[RunHead]| -> Vec<String> {
        heads.iter().map(|head| format!("{} {}/{}", head.as_of, head.account, head.sequence)).collect()
    };
    let newest_first =
        ["2017-02-10 A/2", "2017-02-09 A/1", "2017-02-09 B/1", "2017-02-08 A/0", "2017-02-08 B/0"];
    let all = Filter::default();
    let account = |name: &str| Filter { account: Some(name.to_owned()), ..Filter::default() };
    let until = Filter { to: "2017-02-09".parse().ok(), ..Filter::default() };
    let since = Filter { from: "2017-02-09".parse().ok(), ..account("A") };
    for (filter, wanted) in [
        (all, newest_first.to_vec()),
        (account("B"), vec![newest_first[2], newest_first[4]]),
        (account("nobody"), vec![]),
        (until, newest_first[1..].to_vec()),
        (since, newest_first[..2].to_vec()),
    ] {
        for most in [1, 2, 3, 5, 9] {
            let mut found: Vec<RunHead> = Vec::new();
            loop {
                let page = store.page(&filter, found.last().map(Mark::from).as_ref(), most).unwrap();
                assert!(page.len() <= most);
                if page.is_empty() {
                    break;
                }
                found.extend(page);
            }
            assert_eq!(named(&found), wanted, "{filter:?}, {most} a page");
        }
    }
}

pub(crate) fn a_run_must_follow_its_account(place: &dyn Place) {
    let mut store = fill(&place.opener());
    for (account, sequence) in [("A", 2), ("A", 4), ("C", 1)] {
        let error = append(&mut store, &run(account, sequence)).unwrap_err();
        assert!(matches!(error, Error::NotNext { .. }), "{error}");
    }
    let mut early = run("A", 3);
    early.inputs.question.as_of = "2017-02-10".parse().unwrap();
    Arc::make_mut(&mut early.inputs.market).as_of = early.inputs.question.as_of;
    assert!(matches!(append(&mut store, &early), Err(Error::NotNext { .. })));
    append(&mut store, &run("A", 3)).unwrap();
    append(&mut store, &run("C", 0)).unwrap();
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}

/// A transaction with one bad Run leaves nothing of the good one; one of several Runs of several accounts keeps their order.
pub(crate) fn all_or_nothing(place: &dyn Place) {
    let mut store = fill(&place.opener());
    let runs = [run("B", 2), run("A", 3), run("B", 3), run("0", 0), run("B", 9)];
    let packed: Vec<_> = runs.iter().map(packed).collect();
    let new =
        |at: usize| NewRun { packed: &packed[at], run: &runs[at], actor: "tester", recorded_at: at as i64 };
    assert!(matches!(store.append(&[0, 1, 2, 3, 4].map(new)), Err(Error::NotNext { .. })));
    assert_eq!(store.list(&Filter::default()).unwrap().len(), 5);
    store.append(&[0, 1, 2, 3].map(new)).unwrap();
    assert_eq!(store.list(&Filter::default()).unwrap().len(), 9);
    assert_eq!(store.find("latest").unwrap().account, "0");
    assert_eq!(store.find("B/3").unwrap().recorded_at, 2);
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}

pub(crate) fn accidents_are_stopped_by_the_database(place: &dyn Place) {
    let mut store = fill(&place.opener());
    correct(&mut store, "A/1", "a price was stale").unwrap();
    for statement in [
        "UPDATE runs SET actor = 'x'",
        "UPDATE runs SET record = link",
        "DELETE FROM runs WHERE sequence = 2",
        "UPDATE blobs SET id = bytes",
        "UPDATE blobs SET bytes = id",
        "DELETE FROM blobs",
        "UPDATE corrections SET reason = 'x'",
        "UPDATE corrections SET record = link",
        "DELETE FROM corrections",
        "UPDATE heads SET sequence = sequence - 1",
        "UPDATE heads SET link = correction_link",
        "DELETE FROM heads",
    ] {
        let error = place.accident(statement).unwrap_err();
        assert!(error.contains("append-only") || error.contains("only advance"), "{statement}: {error}");
    }
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}

pub(crate) fn another_schema_is_refused(place: &dyn Place) {
    drop(fill(&place.opener()));
    place.forge("UPDATE meta SET value = '99' WHERE key = 'schema'");
    for error in [place.opener().read().unwrap_err(), place.opener().create(None).unwrap_err()] {
        assert!(matches!(error, Error::TooNew { found: 99, .. }), "{error}");
    }
    place.forge("UPDATE meta SET value = 'new' WHERE key = 'schema'");
    assert!(matches!(place.opener().read(), Err(Error::NotAStore { .. })));
    place.forge("DELETE FROM meta");
    let error = place.opener().read().unwrap_err();
    assert!(error.is_damage(), "{error}");
}

pub(crate) fn there_is_no_store_before_it_is_made(place: &dyn Place) {
    let opener = place.opener();
    for error in [opener.read().unwrap_err(), opener.write().unwrap_err()] {
        assert!(matches!(error, Error::NoStore { .. }), "{error}");
    }
    drop(opener.create(None).unwrap());
    let mut store = opener.write().unwrap();
    append(&mut store, &run("A", 0)).unwrap();
    let mut reading = opener.read().unwrap();
    assert!(append(&mut reading, &run("A", 1)).is_err(), "a handle for reading does not write");
    // Making it again finds it as it is.
    assert_eq!(opener.create(None).unwrap().list(&Filter::default()).unwrap().len(), 1);
    assert!(matches!(opener.create(Some("elsewhere")), Err(Error::BlobsElsewhere { .. })));
}
