//! Answers: added, never changed, each once.

use super::Place;
use samebits_snapshot::Digest;
use samebits_store::{Access, Answer, Error, Found, Key};

fn key(number: u8) -> Key {
    Key { inputs_id: Digest::of("test", &[number]), solver: format!("s/{}", number % 2) }
}

/// An answer to question `number`, by a worker at a time.
pub(crate) fn answer(number: u8, worker: &str, answered_at: i64) -> Answer {
    Answer {
        key: key(number),
        run_id: Digest::of("run", &[number]),
        found: Found::Outcome { result_id: Digest::of("outcome", &[number]), stage: None },
        worker: worker.to_owned(),
        machine: "m".to_owned(),
        code: "1".to_owned(),
        answered_at,
        took_ns: 7,
    }
}

pub(crate) fn answers_are_found_again(place: &impl Place) {
    let opener = place.opener();
    let mut store = opener.answers(Access::Create).unwrap();
    let mut other = answer(1, "b", 2);
    other.found =
        Found::Outcome { result_id: Digest::of("outcome", b"other"), stage: Some("trades".to_owned()) };
    let mut failed = answer(2, "a", 3);
    failed.found = Found::Failed("no such solver".to_owned());
    let first = [answer(1, "a", 1), answer(2, "a", 1)];
    assert_eq!(store.add(&first).unwrap(), 2);
    assert_eq!(store.add(&[other.clone(), failed.clone()]).unwrap(), 2);
    // What is brought together twice is there once.
    assert_eq!(store.add(&[first[0].clone(), answer(3, "a", 4), other.clone()]).unwrap(), 1);
    for handle in [store, opener.answers(Access::Read).unwrap()] {
        let mut wanted = [
            vec![first[0].clone(), other.clone()],
            vec![first[1].clone(), failed.clone()],
            vec![answer(3, "a", 4)],
        ];
        let mut found = handle.of(&[key(2), key(9), key(1), key(3)]).unwrap();

        found.sort_by(|a, b| a.key.cmp(&b.key));
        wanted.sort_by(|a, b| a[0].key.cmp(&b[0].key));
        assert_eq!(found, wanted.concat());
        assert_eq!(handle.of(&[key(9)]).unwrap(), []);
    }
}

pub(crate) fn keys_come_in_pages(place: &impl Place) {
    let mut store = place.opener().answers(Access::Create).unwrap();
    let all: Vec<Answer> =
        (0..9).flat_map(|number| [answer(number, "a", 1), answer(number, "b", 1)]).collect();
    store.add(&all).unwrap();
    let mut wanted: Vec<Key> = (0..9).map(key).collect();
    wanted.sort();
    for most in [1, 4, 9, 100] {
        let mut found: Vec<Key> = Vec::new();
        loop {
            let page = store.keys(found.last(), most).unwrap();
            assert!(page.len() <= most);
            if page.is_empty() {
                break;
            }
            found.extend(page);
        }
        assert_eq!(found, wanted);
    }
}

pub(crate) fn answers_are_not_changed_by_accident(place: &impl Place) {
    let opener = place.opener();
    opener.answers(Access::Create).unwrap().add(&[answer(1, "a", 1)]).unwrap();
    for statement in ["UPDATE answers SET worker = 'b'", "DELETE FROM answers"] {
        let error = place.accident(statement).unwrap_err();
        assert!(error.contains("answers are append-only"), "{statement}: {error}");
    }
    assert_eq!(opener.answers(Access::Read).unwrap().of(&[key(1)]).unwrap(), [answer(1, "a", 1)]);
}

/// Many threads add answers to the same questions: every one is there, numbered once.
pub(crate) fn writers_of_answers_follow_one_another(place: &impl Place) {
    let opener = place.opener();
    drop(opener.answers(Access::Create).unwrap());
    std::thread::scope(|scope| {
        for worker in ["a", "b", "c", "d"] {
            let opener = &opener;
            scope.spawn(move || {
                let mut store = opener.answers(Access::Write).unwrap();
                for at in 0..10 {
                    store.add(&[answer(2, worker, at), answer(1, worker, at)]).unwrap();
                }
            });
        }
    });
    let store = opener.answers(Access::Read).unwrap();
    for number in [1, 2] {
        let mut found: Vec<(String, i64)> = store
            .of(&[key(number)])
            .unwrap()
            .into_iter()
            .map(|answer| (answer.worker, answer.answered_at))
            .collect();
        assert_eq!(found.len(), 40);
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 40);
    }
}

pub(crate) fn there_are_no_answers_before_they_are_begun(place: &impl Place) {
    for access in [Access::Read, Access::Write] {
        let error = place.opener().answers(access).unwrap_err();
        assert!(matches!(error, Error::NoAnswers { .. } | Error::NoStore { .. }), "{error}");
    }
}
