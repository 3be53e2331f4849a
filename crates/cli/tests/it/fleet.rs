//! A fleet as its operators meet it: shards, the queue, answers that differ.

use crate::scene::{copy, expect, samebits, store};
use samebits_snapshot::Digest;
use samebits_store::{Access, Drivers, Filter, Found, Opener, Store};
use std::path::Path;

#[test]
fn shards_together_answer_every_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy(folder.path());
    let [one, all] = ["one.db", "all.db"].map(|name| folder.path().join(name).to_string_lossy().into_owned());
    let fleet = |arguments: &[&str]| samebits(&path, &[&["fleet"], arguments].concat());
    expect(&fleet(&["status"]), 2, &["no answers are kept there yet"]);
    let shard =
        |part: &str, place: &str| fleet(&["--results", place, "replay", "--shard", part, "--block", "1"]);
    expect(&shard("1/2", &one), 0, &["IDENTICAL: shard 1/2: 3 Runs", "3 Runs decided"]);
    expect(&shard("2/2", &all), 0, &["IDENTICAL: shard 2/2: 3 Runs", "3 Runs decided"]);
    expect(&shard("2/2", &all), 0, &["0 Runs decided, 0 failed, 3 had an answer"]);
    let status = |more: &[&str]| fleet(&[&["--results", &all, "status"], more].concat());
    expect(&status(&[]), 2, &["INCOMPLETE: 6 Runs: 3 identical", "3 open"]);
    expect(&status(&["--each"]), 2, &["OPEN A1/"]);
    expect(
        &fleet(&["--results", &all, "collect", &one]),
        0,
        &["COLLECTED: 3 answers of 1 places, 3 of them new"],
    );
    expect(&fleet(&["--results", &all, "collect", &one]), 0, &["0 of them new"]);
    expect(&status(&[]), 0, &["IDENTICAL: 6 Runs: 6 identical", "not as recorded"]);
    expect(&status(&["--account", "A9"]), 4, &["NOTHING"]);
    expect(
        &fleet(&["--results", &all, "replay", "--again"]),
        0,
        &["IDENTICAL: shard 1/1: 6 Runs", "6 Runs decided"],
    );
    expect(&fleet(&["replay", "--shard", "3/2"]), 2, &["is not a shard", "2/8"]);
    expect(&fleet(&["queue"]), 2, &["a file has no queue of work"]);
    expect(&fleet(&["--results", path.to_str().unwrap(), "replay"]), 2, &["not a place of answers"]);
}

/// Answers that another machine might have found.
#[test]
fn answers_that_differ_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy(folder.path());
    let fleet = |arguments: &[&str]| samebits(&path, &[&["fleet"], arguments].concat());
    expect(&fleet(&["replay"]), 0, &["IDENTICAL"]);
    let heads = Store::open_read_only(&path).unwrap().list(&Filter::default()).unwrap();
    let opener = Opener::new(Opener::from(&path).location().of_answers(), Drivers::default());
    let mut answers = opener.answers(Access::Write).unwrap();
    let key = samebits_store::Key { inputs_id: heads[0].inputs_id, solver: heads[0].solver.clone() };
    let mut other = answers.of(std::slice::from_ref(&key)).unwrap().remove(0);
    other.worker = "elsewhere".into();
    other.found = Found::Outcome { result_id: Digest::of("test", b"other"), stage: Some("solution".into()) };
    answers.add(&[other.clone()]).unwrap();
    let name = format!("{}/{}", heads[0].account, heads[0].sequence);
    let told = [&format!("DISAGREE {name}")[..], "by elsewhere on", "DISAGREE: 6 Runs: 5 identical"];
    expect(&fleet(&["status"]), 1, &told);
    // A place where everyone finds the other one: the decision has diverged.
    let lone = folder.path().join("lone.db");
    let mut answers = Opener::from(&lone).answers(Access::Create).unwrap();
    answers.add(&[other.clone()]).unwrap();
    let status = ["--results", lone.to_str().unwrap(), "status"];
    let told = [&format!("DIVERGED {name}")[..], "first stage that differs: solution", "DIVERGED: 6 Runs"];
    expect(&fleet(&status), 1, &told);
    let json: serde_json::Value =
        serde_json::from_str(&fleet(&[&status[..], &["--json"]].concat()).out).unwrap();
    assert_eq!(json["standings"]["diverged"], 1);
    assert_eq!(json["others"][0]["first_stage"], "solution");
    assert_eq!(json["places"][0]["other"], 1);
}

/// A Run that cannot be decided is its own answer, and is tried again the next time.
#[test]
fn a_damaged_run_is_told_and_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy(folder.path());
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch(
        "DROP TRIGGER records_are_final; UPDATE runs SET record = x'00' WHERE account = 'A1' AND sequence = 1",
    )
    .unwrap();
    let replay = || samebits(&path, &["fleet", "replay", "--threads", "2"]);
    expect(&replay(), 2, &["FAILED A1/1", "NOT COMPARED: shard 1/1: 6 Runs: 5 identical", "1 failed"]);
    expect(&replay(), 2, &["1 Runs decided, 1 failed, 5 had an answer"]);
}

#[test]
fn a_queue_in_postgresql() {
    let Some(server) = crate::server::Server::start(true) else { return };
    server.database("runs");
    let address = server.loopback("runs");
    let migrate = ["store", "migrate", "--from", store().to_str().unwrap(), "--to", &address];
    expect(&samebits(Path::new(&address), &migrate), 0, &["MIGRATED"]);
    let fleet = |arguments: &[&str]| samebits(Path::new(&address), &[&["fleet"], arguments].concat());
    expect(&fleet(&["work"]), 2, &["no answers are kept there yet"]);
    expect(&fleet(&["queue", "--block", "1"]), 0, &["QUEUED: 6 Runs in 6 units", "0 waited already"]);
    expect(&fleet(&["queue"]), 0, &["QUEUED: 0 Runs in 0 units of job replay; 6 waited already"]);
    expect(&fleet(&["work", "--job", "other"]), 2, &["no job `other`", "there are: replay"]);
    let log = tempfile::tempdir().unwrap();
    let path = log.path().join("log");
    expect(
        &fleet(&["work", "--threads", "3", "--worker", "w1", "--log", path.to_str().unwrap()]),
        0,
        &["DONE: job replay: 6 units here: 6 Runs decided"],
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 6);
    expect(&fleet(&["status"]), 0, &["IDENTICAL: 6 Runs: 6 identical", "replay"]);
    expect(&fleet(&["queue"]), 0, &["QUEUED: 0 Runs", "6 have an answer of this version"]);
    expect(&fleet(&["queue", "--again", "--job", "twice"]), 0, &["QUEUED: 6 Runs in 3 units of job twice"]);
    expect(&fleet(&["work", "--job", "twice", "--again"]), 0, &["3 units here: 6 Runs decided"]);
    expect(&fleet(&["status"]), 0, &["IDENTICAL: 6 Runs: 6 identical", "twice"]);
    // Runs in a file, the queue in the database.
    expect(
        &samebits(store(), &["fleet", "--results", &address, "replay", "--shard", "1/1"]),
        0,
        &["6 had an answer of this version"],
    );
}
