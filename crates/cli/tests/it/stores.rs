//! Corrections, copies of stores, and a store in PostgreSQL, as a user meets them.

use crate::scene::{copy, expect, samebits, store};
use samebits_canon::Isa;
use samebits_replay::{Machine, record};
use samebits_snapshot::{input_ids, pack};
use samebits_units::Money;
use std::path::Path;

/// The Run of `name`, decided again for an account with a little more cash, as a file.
fn decided_again(store: &Path, name: &str, file: &Path) -> String {
    let store = samebits_replay::open(store).unwrap();
    let run = store.get(&store.find(name).unwrap().run_id).unwrap().run;
    let mut inputs = run.inputs;
    inputs.account.cash = inputs.account.cash.plus(Money::from_units(1).unwrap()).unwrap();
    let ids = input_ids(&inputs).unwrap();
    let machine = Machine { code: "test", name: "test", isa: Isa::detect(), clock: &|| 0 };
    let (run, _) = record(inputs, &ids, run.method, &machine).unwrap();
    let packed = pack(&run).unwrap();
    std::fs::write(file, &packed.bytes).unwrap();
    packed.manifest.run_id.to_string()
}

#[test]
fn a_run_is_corrected_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy(folder.path());
    let file = folder.path().join("again.run");
    let id = decided_again(&path, "A1/1", &file);
    let (file, id) = (file.to_str().unwrap(), &id[..10]);
    let correct = |name: &str, reason: &str| {
        samebits(&path, &["correct", name, "--with", file, "--reason", reason, "--actor", "audit"])
    };
    expect(&correct("A1/2", "cash was booked late"), 2, &["sequence: expected 2, found 1"]);
    expect(&correct("A1/1", ""), 2, &["reason: expected a text"]);
    expect(&correct("A9/1", "x"), 2, &["no Run fits"]);
    expect(&correct("A1/1", "cash was booked late"), 0, &["CORRECTED", id]);
    expect(&correct("A1/1", "again"), 2, &["was superseded by", id]);
    expect(&samebits(&path, &["runs", "--account", "A1"]), 0, &["solved, superseded by", id, "3 of 3 Runs"]);
    expect(
        &samebits(&path, &["show", "A1/1"]),
        0,
        &["superseded by", "audit", "cash was booked late", "SUPERSEDED"],
    );
    expect(&samebits(&path, &["show", id]), 0, &["A1/1, corrected", "supersedes", "cash was booked late"]);
    expect(
        &samebits(&path, &["why", "A1/1"]),
        0,
        &["note: this Run was superseded by", "cash was booked late"],
    );
    expect(&samebits(&path, &["replay", "--all", "--verify"]), 0, &["IDENTICAL: 6 identical"]);
    let json = samebits(&path, &["--json", "runs", "--account", "A1"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["runs"][0]["superseded_by"], serde_json::Value::Null);
    assert!(json["runs"][1]["superseded_by"].as_str().unwrap().starts_with(id));
    let out = folder.path().join("out.run");
    expect(&samebits(&path, &["export", id, out.to_str().unwrap()]), 0, &["bytes written"]);
    expect(&samebits(&path, &["inspect", out.to_str().unwrap()]), 0, &[id]);
}

#[test]
fn a_store_is_copied_with_its_blobs_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (path, new) = (copy(folder.path()), folder.path().join("new.db"));
    let places = ["--from", path.to_str().unwrap(), "--to", new.to_str().unwrap()];
    let migrate = [&["store", "migrate"], &places[..], &["--blobs", "parts"]].concat();
    expect(
        &samebits(&path, &migrate),
        0,
        &["MIGRATED: 6 Runs, 0 corrections", "0 were there; the copy verifies"],
    );
    expect(&samebits(&path, &migrate), 0, &["MIGRATED: 0 Runs", "6 were there"]);
    assert!(folder.path().join("parts").is_dir());
    expect(
        &samebits(&new, &["replay", "--all", "--verify", "--threads", "2"]),
        0,
        &["IDENTICAL: 6 identical"],
    );
    let itself = ["store", "migrate", "--from", places[1], "--to", places[1]];
    expect(&samebits(&path, &itself), 2, &["not copied into itself"]);
}

/// The frozen store of schema 1: read, not appended to, copied.
#[test]
fn an_old_store_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.db");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/store/v1/sample.db"), &old)
        .unwrap();
    expect(&samebits(&old, &["verify"]), 0, &["VERIFIED: 5 Runs of 2 accounts"]);
    let file = folder.path().join("again.run");
    expect(&samebits(&old, &["export", "A/0", file.to_str().unwrap()]), 0, &[]);
    let correct = ["correct", "A/0", "--with", file.to_str().unwrap(), "--reason", "x", "--actor", "y"];
    expect(&samebits(&old, &correct), 2, &["store schema 1", "samebits store migrate --from"]);
    let new = folder.path().join("new.db");
    let migrate = ["store", "migrate", "--from", old.to_str().unwrap(), "--to", new.to_str().unwrap()];
    expect(&samebits(&old, &migrate), 0, &["MIGRATED: 5 Runs"]);
    expect(&samebits(&new, &["verify"]), 0, &["VERIFIED: 5 Runs of 2 accounts"]);
}

/// Every command takes an address where it takes a file.
#[test]
fn a_store_in_postgresql() {
    let Some(server) = crate::server::Server::start(true) else { return };
    server.database("runs");
    for address in [server.address("runs"), server.loopback("runs")] {
        let path = Path::new(&address);
        let migrate = ["store", "migrate", "--from", store().to_str().unwrap(), "--to", &address];
        expect(&samebits(path, &migrate), 0, &["MIGRATED", "the copy verifies"]);
        expect(&samebits(path, &["runs"]), 0, &["6 of 6 Runs"]);
        expect(&samebits(path, &["show", "A2/1"]), 0, &["trades, status solved"]);
        expect(
            &samebits(path, &["replay", "--all", "--verify", "--threads", "3"]),
            0,
            &["IDENTICAL: 6 identical"],
        );
        expect(&samebits(path, &["verify", "--optimality"]), 0, &["6 in all bits"]);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("again.run");
    let id = decided_again(store(), "A1/1", &file);
    let address = server.loopback("runs");
    let correct =
        ["correct", "A1/1", "--with", file.to_str().unwrap(), "--reason", "cash", "--actor", "audit"];
    expect(&samebits(Path::new(&address), &correct), 0, &["CORRECTED", &id[..10]]);
    expect(&samebits(Path::new(&address), &["verify"]), 0, &["VERIFIED: 6 Runs"]);
    let missing = server.loopback("missing");
    expect(&samebits(Path::new(&missing), &["runs"]), 2, &["there is no such store"]);
}
