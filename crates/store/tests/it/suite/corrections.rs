//! Superseding corrections: what may take whose place, what is found, and that the original stays.

use super::Place;
use crate::scene::{append, correct, corrected, fill, packed, run};
use samebits_snapshot::Digest;
use samebits_snapshot::record::Run;
use samebits_store::{CorrectionHead, Error, Filter, NewCorrection, Store};

fn offer(
    store: &mut Store,
    supersedes: Digest,
    run: &Run,
    (reason, actor): (&str, &str),
) -> Result<CorrectionHead, Error> {
    let packed = packed(run);
    store.correct(&NewCorrection { supersedes, packed: &packed, run, reason, actor, recorded_at: 7 })
}

pub(crate) fn the_original_stays_and_the_correction_points_at_it(place: &dyn Place) {
    let mut store = fill(&place.opener());
    let heads = store.list(&Filter::default()).unwrap();
    let original = store.find("A/1").unwrap();
    let first = correct(&mut store, "A/1", "a price was stale").unwrap();
    let second = correct(&mut store, "A/1", "so was another one").unwrap();
    let other = correct(&mut store, "A/0", "a dividend was missing").unwrap();
    drop(store);
    let store = place.opener().read().unwrap();
    assert_eq!(store.list(&Filter::default()).unwrap(), heads);
    assert_eq!(store.get(&original.run_id).unwrap().run, run("A", 1));
    assert_eq!(store.corrections_of(&original.run_id).unwrap(), [first.clone(), second.clone()]);
    assert_eq!(store.corrections_of(&first.run_id).unwrap(), std::slice::from_ref(&second));
    assert_eq!(store.corrections_of(&second.run_id).unwrap(), []);
    assert_eq!(store.corrections_of(&store.find("B/1").unwrap().run_id).unwrap(), []);
    assert_eq!(store.corrections(Some("A")).unwrap(), [first.clone(), second.clone(), other.clone()]);
    assert_eq!(store.corrections(Some("B")).unwrap(), []);
    assert_eq!(store.original(&second.run_id).unwrap(), original);
    let stored = store.get_correction(&second.run_id).unwrap();
    assert_eq!((&stored.head, &stored.run), (&second, &corrected("A", 1, 2)));
    assert_eq!((second.supersedes, second.number, second.previous), (first.run_id, 1, first.link));
    assert_eq!(
        (other.number, other.previous, other.reason.as_str()),
        (2, second.link, "a dividend was missing")
    );
    let report = store.verify(&mut |_| {});
    assert_eq!((report.runs, report.corrections, report.problems), (5, 3, vec![]));
}

pub(crate) fn the_account_goes_on_behind_a_correction(place: &dyn Place) {
    let mut store = fill(&place.opener());
    correct(&mut store, "A/2", "a price was stale").unwrap();
    append(&mut store, &run("A", 3)).unwrap();
    correct(&mut store, "A/3", "again").unwrap();
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}

pub(crate) fn what_does_not_fit_is_refused(place: &dyn Place) {
    let mut store = fill(&place.opener());
    let original = store.find("A/1").unwrap().run_id;
    let why = ("a price was stale", "auditor");
    let mut late = corrected("A", 1, 1);
    late.inputs.question.as_of = "2017-03-01".parse().unwrap();
    let refused = |store: &mut Store, run: &Run, why, wanted: &str| {
        let found = offer(store, original, run, why).unwrap_err();
        assert!(matches!(&found, Error::NotACorrection { part, .. } if *part == wanted), "{wanted}: {found}");
    };
    refused(&mut store, &corrected("B", 1, 1), why, "account");
    refused(&mut store, &corrected("A", 2, 1), why, "sequence");
    refused(&mut store, &late, why, "day");
    refused(&mut store, &corrected("A", 1, 1), (" ", "auditor"), "reason");
    refused(&mut store, &corrected("A", 1, 1), ("a price was stale", ""), "actor");
    refused(&mut store, &run("A", 1), why, "run id");
    let unknown = offer(&mut store, Digest::of("test", b"x"), &corrected("A", 1, 1), why);
    assert!(matches!(unknown, Err(Error::NotFound { .. })));
    let first = offer(&mut store, original, &corrected("A", 1, 1), why).unwrap();
    let twice = offer(&mut store, original, &corrected("A", 1, 2), why).unwrap_err();
    assert!(matches!(twice, Error::Superseded { by, .. } if by == first.run_id), "{twice}");
    let same = offer(&mut store, first.run_id, &corrected("A", 1, 1), why).unwrap_err();
    assert!(matches!(same, Error::NotACorrection { part: "run id", .. }), "{same}");
    let report = store.verify(&mut |_| {});
    assert_eq!((report.corrections, report.problems), (1, vec![]));
}
