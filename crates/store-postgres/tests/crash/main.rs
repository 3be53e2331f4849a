//! Writers that are killed at random moments, in a file and in PostgreSQL: no acknowledged Run is lost, no transaction is
//! there in part, every chain holds, and the store goes on.
//!
//! `cargo test -p samebits-store-postgres --test crash` kills 20 times each; `-- 200` behind it 200 times. The moments come
//! from a seed, and from how fast the machine happens to be.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::exit,
    reason = "a test program may stop and print"
)]
#![expect(clippy::panic, reason = "a test program may stop")]

mod kill;
mod writer;

#[path = "../it/server.rs"]
mod server;

#[path = "../../../store/tests/it/scene.rs"]
mod scene;

#[allow(dead_code, clippy::wildcard_imports, reason = "shared with another crate's tests")]
#[path = "../../../snapshot/tests/it/sample.rs"]
mod sample;

use samebits_store::{Drivers, Opener};

/// Kills of one place in a plain test run.
const KILLS: u64 = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    match words[..] {
        ["writer", place, number, seed] => writer::append(&opener(place), number, seed.parse().unwrap()),
        ["copier", from, to] => writer::migrate(&opener(from), &opener(to)),
        _ if arguments.iter().any(|argument| argument == "--list") => {}
        [] => all(KILLS),
        [number] if number.parse::<u64>().is_ok() => all(number.parse().unwrap()),
        // A filter for tests of another name.
        _ => println!("crash: not asked for"),
    }
}

fn all(kills: u64) {
    let folder = tempfile::tempdir().unwrap();
    let file = |at: u64| folder.path().join(format!("{at}.db")).to_string_lossy().into_owned();
    println!("SQLite: {}", kill::writers(kills, &file));
    println!("SQLite, copies: {}", kill::copiers(kills / 4, &|at| file(1_000 + at)));
    let Some(server) = server::Server::start(false) else { return };
    let database = |at: u64| {
        let name = format!("c{at}");
        server.database(&name);
        server.address(&name)
    };
    println!("PostgreSQL: {}", kill::writers(kills, &database));
    println!("PostgreSQL, copies: {}", kill::copiers(kills / 4, &|at| database(1_000 + at)));
}

fn opener(place: &str) -> Opener {
    let drivers = Drivers { postgres: Some(samebits_store_postgres::open), ..Drivers::default() };
    let location = place.parse().unwrap_or_else(|never: std::convert::Infallible| match never {});
    Opener::new(location, drivers)
}

/// Numbers from a seed.
struct Random(u64);

impl Random {
    /// Below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
