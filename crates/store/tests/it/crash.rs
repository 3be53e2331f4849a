//! A writer that is killed: every acknowledged Run is there, no part of another one is.

use crate::scene::{append, run};
use samebits_store::{Filter, Store};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Set in the process that writes until it is killed.
const CHILD: &str = "SAMEBITS_STORE_CRASH_CHILD";

/// The writer: appends until killed, and says so after each append.
#[test]
#[expect(clippy::disallowed_methods, reason = "the variable turns this test into the writer of the next one")]
fn writer() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let mut store = Store::create(path.as_ref()).unwrap();
    for sequence in 0.. {
        append(&mut store, &run("A", sequence)).unwrap();
        println!("acknowledged {sequence}");
    }
}

#[test]
fn acknowledged_runs_survive_a_kill() {
    for kill_after in [1, 4, 9] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["crash::writer", "--exact", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let acknowledged = lines
            .filter_map(|line| line.split("acknowledged ").nth(1)?.trim().parse::<i64>().ok())
            .find(|sequence| *sequence >= kill_after)
            .unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Store::create(&path).unwrap();
        let runs = store.list(&Filter::default()).unwrap();
        assert!(runs.len() as i64 > acknowledged);
        assert_eq!(store.verify(&mut |_| {}).problems, []);
    }
}
