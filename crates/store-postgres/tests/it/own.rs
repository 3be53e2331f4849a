//! What only PostgreSQL has: views, truncation, settings of a server, addresses.

use crate::place::{Database, drivers};
use crate::scene::{append, correct, fill, run};
use crate::suite::Place;
use samebits_store::{Access, Error, Location, Opener};

#[test]
fn the_view_shows_runs_as_documents() {
    let Some(place) = Database::new() else { return };
    let mut store = fill(&place.opener());
    let correction = correct(&mut store, "A/1", "a price was stale").unwrap();
    let head = store.find("A/1").unwrap();
    let mut client = place.client();
    let query =
        "SELECT run ->> 'run_id', run ->> 'superseded_by', run ->> 'as_of', (run -> 'sequence')::bigint,
        run ->> 'link' FROM runs_json WHERE run @> '{\"account\": \"A\"}' ORDER BY sequence";
    let rows = client.query(query, &[]).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1].get::<_, String>(0), head.run_id.to_string());
    assert_eq!(rows[1].get::<_, Option<String>>(1), Some(correction.run_id.to_string()));
    assert_eq!(rows[1].get::<_, String>(2), head.as_of.to_string());
    assert_eq!(rows[1].get::<_, i64>(3), 1);
    assert_eq!(rows[1].get::<_, String>(4), head.link.to_string());
    assert_eq!(rows[0].get::<_, Option<String>>(1), None);
}

#[test]
fn tables_are_not_emptied_by_accident() {
    let Some(place) = Database::new() else { return };
    let store = fill(&place.opener());
    for statement in
        ["TRUNCATE runs", "TRUNCATE blobs", "TRUNCATE corrections", "TRUNCATE heads", "TRUNCATE heads, runs"]
    {
        let error = place.accident(statement).unwrap_err();
        assert!(error.contains("append-only") || error.contains("only advance"), "{statement}: {error}");
    }
    assert_eq!(store.verify(&mut |_| {}).problems, []);
}

/// The setting that lifts the triggers ends with its transaction, and lifts nothing but bytes.
#[test]
fn only_bytes_are_replaced_and_only_where_it_is_said() {
    let Some(place) = Database::new() else { return };
    drop(fill(&place.opener()));
    let mut client = place.client();
    client
        .batch_execute("BEGIN; SET LOCAL samebits.replacing = 'on'; UPDATE runs SET record = record; COMMIT")
        .unwrap();
    assert!(client.batch_execute("UPDATE runs SET record = record").is_err());
    let other = "BEGIN; SET LOCAL samebits.replacing = 'on'; UPDATE runs SET actor = 'x'; COMMIT";
    assert!(client.batch_execute(other).is_err());
}

#[test]
fn a_database_or_server_that_is_not_there() {
    let Some(place) = Database::new() else { return };
    let opener = |address: &str| Opener::new(Location::Postgres(address.to_owned()), drivers());
    let missing = place.address.replace("@/t", "@/missing");
    assert!(matches!(opener(&missing).read(), Err(Error::NoStore { .. })));
    assert!(matches!(opener(&missing).create(None), Err(Error::NoStore { .. })));
    let error = opener("postgres://ann:secret@127.0.0.1:1/runs").read().unwrap_err();
    assert!(matches!(error, Error::Database { corrupt: false, .. }), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
    let none = Opener::new(Location::Postgres(place.address.clone()), samebits_store::Drivers::default());
    assert!(matches!(none.read(), Err(Error::NoDriver { .. })));
}

/// Tables of someone else are left alone.
#[test]
fn another_program_s_database_is_not_a_store() {
    let Some(place) = Database::new() else { return };
    place.client().batch_execute("CREATE TABLE runs (id integer)").unwrap();
    for access in [Access::Read, Access::Write, Access::Create] {
        let error = samebits_store_postgres::open(&place.address, access).unwrap_err();
        assert!(matches!(error, Error::NotAStore { .. }), "{access:?}: {error}");
    }
    assert_eq!(place.client().query("SELECT * FROM runs", &[]).unwrap().len(), 0);
}

/// Two makers at once: one makes the tables, the other finds them.
#[test]
fn a_store_is_made_once() {
    let Some(place) = Database::new() else { return };
    std::thread::scope(|scope| {
        let made: Vec<_> = (0..4).map(|_| scope.spawn(|| place.opener().create(None).map(drop))).collect();
        for made in made {
            made.join().unwrap().unwrap();
        }
    });
    let mut store = place.opener().write().unwrap();
    append(&mut store, &run("A", 0)).unwrap();
}

/// A transaction in a deadlock is tried again: its Runs are there, once.
#[test]
fn a_deadlock_is_tried_again() {
    let Some(place) = Database::new() else { return };
    let mut store = fill(&place.opener());
    let mut other = place.client();
    // The other transaction holds B and then wants A, which the append holds while it waits for B.
    let mut begun = other.transaction().unwrap();
    begun
        .batch_execute(
            "SET LOCAL deadlock_timeout = '10s'; SELECT 1 FROM heads WHERE account = 'B' FOR UPDATE",
        )
        .unwrap();
    std::thread::scope(|scope| {
        let appended = scope.spawn(|| {
            let runs = [run("A", 3), run("B", 2)];
            let packed = [crate::scene::packed(&runs[0]), crate::scene::packed(&runs[1])];
            let new = [0, 1].map(|at| samebits_store::NewRun {
                packed: &packed[at],
                run: &runs[at],
                actor: "tester",
                recorded_at: 1,
            });
            store.append(&new)
        });
        let mut watch = place.client();
        let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
        while watch.query_one(waiting, &[]).unwrap().get::<_, i64>(0) == 0 {
            std::thread::yield_now();
        }
        // The append's own check (after a second) finds the circle and gives way; then this one ends.
        begun.batch_execute("SELECT 1 FROM heads WHERE account = 'A' FOR UPDATE").unwrap();
        begun.commit().unwrap();
        appended.join().unwrap().unwrap();
    });
    let report = place.opener().read().unwrap().verify(&mut |_| {});
    assert_eq!((report.runs, report.problems), (7, vec![]));
}

/// An append that the server does not make durable is not acknowledged.
#[test]
fn a_server_that_does_not_write_through_is_refused() {
    let Some(server) = crate::server::Server::start_without_fsync() else { return };
    server.database("runs");
    let address = server.address("runs");
    for access in [Access::Create, Access::Write] {
        let error = samebits_store_postgres::open(&address, access).unwrap_err();
        assert!(error.to_string().contains("fsync"), "{error}");
    }
}
