//! The queue of work: a unit has one worker, and nobody's death loses or doubles one.

use crate::place::Database;
use crate::scene::fill;
use crate::suite::Place;
use crate::suite::answers::answer;
use samebits_snapshot::Digest;
use samebits_store::{Access, Error, Job, Taken, Unit};
use samebits_units::Date;

fn unit(number: u8) -> Unit {
    let day = Date::from_days(i32::from(number)).unwrap();
    Unit { day, runs: vec![Digest::of("run", &[number]), Digest::of("run", &[number, 1])] }
}

/// For calls that must not get to work.
fn no_work(_: &Unit) -> Result<Vec<samebits_store::Answer>, Error> {
    Err(Error::Database { problem: "there is nothing to do".into(), corrupt: false })
}

#[test]
fn a_unit_is_held_by_one_worker_and_done_once() {
    let Some(place) = Database::new() else { return };
    let opener = place.opener();
    let [mut one, mut other] = [Access::Create, Access::Write].map(|access| opener.answers(access).unwrap());
    one.queue().unwrap().fill("j", &[unit(1), unit(2)]).unwrap();
    other.queue().unwrap().fill("another", &[unit(9)]).unwrap();
    let waiting = one.queue().unwrap().waiting("j").unwrap();
    assert_eq!(waiting, [unit(1).runs, unit(2).runs].concat());
    let taken = one.queue().unwrap().take("j", "a", &mut |held| {
        assert_eq!(*held, unit(1));
        let second = other.queue().unwrap().take("j", "b", &mut |held| {
            assert_eq!(*held, unit(2));
            let mut third = opener.answers(Access::Write).unwrap();
            assert_eq!(third.queue().unwrap().take("j", "c", &mut no_work).unwrap(), Taken::Held);
            Ok(vec![answer(2, "b", 1)])
        });
        assert_eq!(second.unwrap(), Taken::Done);
        Ok(vec![answer(1, "a", 1)])
    });
    assert_eq!(taken.unwrap(), Taken::Done);
    assert_eq!(one.queue().unwrap().take("j", "a", &mut no_work).unwrap(), Taken::Nothing);
    assert_eq!(one.of(&[answer(1, "", 0).key, answer(2, "", 0).key]).unwrap().len(), 2);
    let jobs = opener.answers(Access::Read).unwrap().queue().unwrap().jobs().unwrap();
    let job = |name: &str, units, done| Job { name: name.into(), units, done, runs: 2 * units };
    assert_eq!(jobs, [job("another", 1, 0), job("j", 2, 2)]);
    let named = "SELECT done_by FROM units WHERE job = 'j' ORDER BY unit";
    let by: Vec<String> = place.client().query(named, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(by, ["a", "b"]);
}

/// An error, and a connection that ends, leave no answer, and the unit for others.
#[test]
fn a_unit_that_is_not_done_is_free_again() {
    let Some(place) = Database::new() else { return };
    let opener = place.opener();
    let mut one = opener.answers(Access::Create).unwrap();
    one.queue().unwrap().fill("j", &[unit(1)]).unwrap();
    let fault = Error::Database { problem: "a wire was pulled".into(), corrupt: false };
    let mut fault = Some(fault);
    let error = one.queue().unwrap().take("j", "a", &mut |_| Err(fault.take().unwrap())).unwrap_err();
    assert!(error.to_string().contains("a wire was pulled"), "{error}");
    let ended = one.queue().unwrap().take("j", "a", &mut |_| {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        place.client().execute(end, &[]).unwrap();
        Ok(vec![answer(1, "a", 1)])
    });
    assert!(ended.is_err());
    let mut other = opener.answers(Access::Write).unwrap();
    assert_eq!(other.of(&[answer(1, "", 0).key]).unwrap(), []);
    let taken = other.queue().unwrap().take("j", "b", &mut |held| {
        assert_eq!(*held, unit(1));
        Ok(vec![answer(1, "b", 1)])
    });
    assert_eq!(taken.unwrap(), Taken::Done);
    assert_eq!(other.of(&[answer(1, "", 0).key]).unwrap(), [answer(1, "b", 1)]);
}

/// Beside the tables of a store or without them; other programs' tables are left alone.
#[test]
fn answers_live_beside_a_store_or_alone() {
    let Some(place) = Database::new() else { return };
    let store = fill(&place.opener());
    drop(place.opener().answers(Access::Create).unwrap());
    drop(place.opener().answers(Access::Create).unwrap());
    assert_eq!(store.verify(&mut |_| {}).problems, []);
    let Some(alone) = Database::new() else { return };
    drop(alone.opener().answers(Access::Create).unwrap());
    assert!(matches!(alone.opener().read().unwrap_err(), Error::NoStore { .. }));
    let Some(foreign) = Database::new() else { return };
    foreign.client().batch_execute("CREATE TABLE answers (id integer)").unwrap();
    for access in [Access::Read, Access::Write, Access::Create] {
        let error = foreign.opener().answers(access).unwrap_err();
        assert!(matches!(error, Error::NotAnswers { .. }), "{error}");
    }
}
