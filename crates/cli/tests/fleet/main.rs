//! Workers of a fleet that are killed at random moments, with answers in a file and in PostgreSQL: no acknowledged answer is
//! lost, no unit is there in part, and who goes on finds the same bytes.
//!
//! `cargo test -p samebits-cli --test fleet` kills 20 times each; `-- 200` behind it 200 times.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test program may stop and print")]

#[path = "../it/scene.rs"]
mod scene;

#[path = "../../../store-postgres/tests/it/server.rs"]
mod server;

use samebits_replay::fleet::units;
use samebits_snapshot::Digest;
use samebits_store::{Access, Answer, Drivers, Filter, Found, Key, Opener, RunHead, Store, Unit};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Kills of one place in a plain test run.
const KILLS: u64 = 20;
/// Runs that are answered together.
const BLOCK: usize = 2;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    match words[..] {
        _ if arguments.iter().any(|argument| argument == "--list") => {}
        [] => all(KILLS),
        [number] if number.parse::<u64>().is_ok() => all(number.parse().unwrap()),
        // A filter for tests of another name.
        _ => println!("fleet: not asked for"),
    }
}

fn all(kills: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    scene::record(&path, 4, 12);
    let file = |at: u64| folder.path().join(format!("{at}.db")).to_string_lossy().into_owned();
    println!("answers in a file: {}", Scene::new(&path, false).kill(kills, &file));
    let Some(server) = server::Server::start(false) else { return };
    let database = |at: u64| {
        let name = format!("f{at}");
        server.database(&name);
        server.address(&name)
    };
    println!("a queue in PostgreSQL: {}", Scene::new(&path, true).kill(kills, &database));
}

/// What happened.
#[derive(Default)]
struct Tally {
    kills: u64,
    acknowledged: u64,
    answers: u64,
    rounds: u64,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kills, acknowledged, answers, rounds } = self;
        write!(
            f,
            "{kills} kills in {rounds} jobs, {acknowledged} units acknowledged before a worker died, {answers} answers in the \
             end; none lost, no unit in part, all the same bytes"
        )
    }
}

struct Scene {
    store: PathBuf,
    heads: Vec<RunHead>,
    units: Vec<Unit>,
    queue: bool,
}

impl Scene {
    fn new(store: &Path, queue: bool) -> Self {
        let heads = Store::open_read_only(store).unwrap().list(&Filter::default()).unwrap();
        let units = units(&heads, BLOCK);
        Self { store: store.to_owned(), heads, units, queue }
    }

    fn command(&self, place: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_samebits"));
        command.arg("--store").arg(&self.store).args(["fleet", "--results", place]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn start(&self, place: &str, worker: &str, log: &Path) -> Child {
        let mut command = self.command(place);
        if self.queue {
            command.arg("work");
        } else {
            command.args(["replay", "--block"]).arg(BLOCK.to_string());
        }
        command.args(["--threads", "2", "--worker", worker, "--log"]).arg(log).spawn().unwrap()
    }

    /// Two workers at once, killed again and again until all is answered; again at other places until there were `kills`.
    fn kill(&self, kills: u64, place: &dyn Fn(u64) -> String) -> Tally {
        let logs = tempfile::tempdir().unwrap();
        let (mut tally, mut random) = (Tally::default(), 2_026_u64);
        while tally.kills < kills {
            let place = place(tally.rounds);
            if self.queue {
                let queued = self.command(&place).args(["queue", "--block"]).arg(BLOCK.to_string()).status();
                assert!(queued.unwrap().success());
            }
            tally.rounds += 1;
            let mut known = BTreeSet::new();
            loop {
                let workers = ["L", "R"].map(|side| format!("{side}{}", tally.kills));
                let all: Vec<(Child, PathBuf)> = workers
                    .iter()
                    .map(|worker| {
                        let log = logs.path().join(format!("{}{worker}", tally.rounds));
                        (self.start(&place, worker, &log), log)
                    })
                    .collect();
                let mut ended = 0;
                for (mut child, log) in all {
                    random = random
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    std::thread::sleep(Duration::from_micros((random >> 33) % 180_000));
                    if let Some(status) = child.try_wait().unwrap() {
                        assert!(status.success(), "a worker failed: {status}");
                        ended += 1;
                    }
                    let _ = child.kill();
                    child.wait().unwrap();
                    let said = acknowledged(&log);
                    tally.acknowledged += said.len() as u64;
                    known.extend(said.concat());
                }
                tally.kills += 2 - ended;
                if let Some(answers) = self.answers(&place) {
                    self.judge(&answers, &known);
                }
                if ended == 2 {
                    break;
                }
            }
            tally.answers += self.conclude(&place, &known);
        }
        tally
    }

    /// Every answer; `None` before the first worker made the place.
    fn answers(&self, place: &str) -> Option<Vec<Answer>> {
        let drivers = Drivers { answers: Some(samebits_store_postgres::open_answers), ..Drivers::default() };
        let location = place.parse().unwrap_or_else(|never: std::convert::Infallible| match never {});
        let answers = match Opener::new(location, drivers).answers(Access::Read) {
            Ok(answers) => answers,
            Err(samebits_store::Error::NoAnswers { .. } | samebits_store::Error::NotAnswers { .. }) => {
                return None;
            }
            Err(error) => panic!("{error}"),
        };
        let key = |head: &RunHead| Key { inputs_id: head.inputs_id, solver: head.solver.clone() };
        Some(answers.of(&self.heads.iter().map(key).collect::<Vec<_>>()).unwrap())
    }

    fn judge(&self, answers: &[Answer], known: &BTreeSet<Digest>) {
        let recorded: BTreeMap<Digest, Digest> =
            self.heads.iter().map(|head| (head.run_id, head.result_id)).collect();
        let mut by: BTreeMap<&str, BTreeSet<Digest>> = BTreeMap::new();
        for answer in answers {
            let Found::Outcome { result_id, stage: None } = &answer.found else { panic!("{answer:?}") };
            assert_eq!(*result_id, recorded[&answer.run_id]);
            assert!(by.entry(&answer.worker).or_default().insert(answer.run_id), "a worker answered twice");
        }
        for (worker, runs) in &by {
            for unit in &self.units {
                let there = unit.runs.iter().filter(|run| runs.contains(run)).count();
                // A unit that another worker had answered in part would be a unit in part itself.
                assert!(there == 0 || there == unit.runs.len(), "{there} Runs of a unit by {worker}");
            }
        }
        let there: BTreeSet<Digest> = answers.iter().map(|answer| answer.run_id).collect();
        let lost: Vec<_> = known.difference(&there).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        if self.queue {
            assert_eq!(there.len(), answers.len(), "a unit of the queue was answered twice");
        }
    }

    fn conclude(&self, place: &str, known: &BTreeSet<Digest>) -> u64 {
        let answers = self.answers(place).unwrap();
        self.judge(&answers, known);
        let there: BTreeSet<Digest> = answers.iter().map(|answer| answer.run_id).collect();
        assert_eq!(there.len(), self.heads.len());
        assert!(self.command(place).arg("status").status().unwrap().success());
        answers.len() as u64
    }
}

/// The units in a worker's log; a line that was cut off counts for nothing.
fn acknowledged(log: &Path) -> Vec<Vec<Digest>> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let digest = |text: &str| {
        let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
        Digest::from_bytes(std::array::from_fn(byte))
    };
    whole.lines().map(|line| line.split(' ').skip(1).map(digest).collect()).collect()
}
