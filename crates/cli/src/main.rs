//! The `samebits` command: list, show, replay, compare, solve, explain, export, inspect and verify Runs.
#![allow(
    clippy::disallowed_methods,
    reason = "the top of a program: it reads the clock and counts processors, and passes both down"
)]

mod arguments;
mod backend;
mod command;
mod exit;
mod output;

use arguments::{Arguments, Command};
use exit::Exit;
use samebits_store::{Drivers, Opener};
use std::process::ExitCode;

/// What stores may be on besides a file.
const DRIVERS: Drivers = Drivers {
    postgres: Some(samebits_store_postgres::open),
    answers: Some(samebits_store_postgres::open_answers),
    blobs: Some(samebits_store_objects::open),
};

fn main() -> ExitCode {
    let arguments = match arguments::parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let wanted_help = !error.use_stderr();
            let printed = error.print();
            return if wanted_help && printed.is_ok() { Exit::Same.into() } else { Exit::Unusable.into() };
        }
    };
    start_logging(arguments.verbose);
    tracing::debug!(store = %arguments.store, "begin");
    match std::panic::catch_unwind(|| run(&arguments)) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) => exit::report(&error).into(),
        Err(_) => {
            anstream::eprintln!("internal fault: this is a defect of samebits; nothing was changed");
            Exit::Fault.into()
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let output = output::Output { json: arguments.json, quiet: arguments.quiet };
    let store = &Opener::new(arguments.store.clone(), DRIVERS);
    match &arguments.command {
        Command::Runs(wanted) => command::runs::run(store, wanted, output),
        Command::Show { id } => command::show::run(store, id, output),
        Command::Replay(wanted) => command::replay::run(store, wanted, output),
        Command::Fleet(wanted) => command::fleet::run(store, wanted, output),
        Command::Compare(wanted) => command::compare::run(store, wanted, output),
        Command::Drift(wanted) => command::drift::run(store, wanted, output),
        Command::Solve(wanted) => command::solve::run(wanted, output),
        Command::Why(asked) => command::why::run(store, asked, output),
        Command::Execute { id, schedule } => command::execute::run(store, id, *schedule, output),
        Command::Export(wanted) => command::export::run(store, wanted, output),
        Command::Inspect { file } => command::inspect::run(file, output),
        #[cfg(feature = "serve")]
        Command::Serve(wanted) => command::serve::run(store, wanted, output),
        Command::Gate(wanted) => command::gate::run(wanted, output),
        Command::Paper(wanted) => command::paper::run(wanted, output),
        Command::Frontier { id, svg } => command::frontier::run(store, id, svg.as_deref(), output),
        Command::Report(wanted) => command::report::run(store, wanted, output),
        Command::Reconcile(wanted) => command::reconcile::run(wanted, output),
        Command::Tape(wanted) => command::tape::run(wanted, output),
        Command::Store(wanted) => command::store::run(store, wanted, output),
        Command::Verify(wanted) => command::verify::run(store, wanted, output),
        Command::Attest(wanted) => command::attest::run(store, wanted, output),
        Command::Correct(wanted) => command::correct::run(store, wanted, output),
        #[cfg(feature = "mcp")]
        Command::Mcp => command::mcp::run(store),
        Command::Completions { shell } => command::manual::completions(*shell),
        Command::Man { folder } => command::manual::pages(folder, output),
        Command::Explain { code } => command::explain::run(code.as_deref(), output),
    }
}

fn start_logging(verbose: bool) {
    let level = if verbose { tracing::Level::DEBUG } else { tracing::Level::WARN };
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).without_time().init();
}
