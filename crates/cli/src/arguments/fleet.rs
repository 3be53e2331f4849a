//! What can be typed behind `fleet`.

use super::{DeviceChoice, Which};
use clap::{Args, Subcommand};
use samebits_replay::fleet::Shard;
use samebits_store::Location;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Fleet {
    /// Where the answers are: a file, or `postgres://USER@HOST/DATABASE` [default: runs.answers.db beside runs.db; the
    /// database of a store in PostgreSQL]
    #[arg(long, global = true, value_name = "PLACE")]
    pub(crate) results: Option<Location>,
    #[command(subcommand)]
    pub(crate) command: FleetCommand,
}

#[derive(Subcommand)]
pub(crate) enum FleetCommand {
    /// Decide a part of the Runs again and keep the answers; whoever is killed goes on where it was
    Replay {
        /// Which part, of how many equal ones, such as 2/8
        #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE)]
        shard: Shard,
        #[command(flatten)]
        part: Part,
        #[command(flatten)]
        worker: WorkerChoice,
        /// Also Runs with an answer of this version: the new one must be the same
        #[arg(long)]
        again: bool,
    },
    /// Put the Runs that have no answer of this version into the queue in PostgreSQL, for `fleet work`
    Queue {
        /// The job they belong to
        #[arg(long, default_value = "replay", value_name = "NAME")]
        job: String,
        #[command(flatten)]
        part: Part,
        /// Also Runs with an answer of this version
        #[arg(long)]
        again: bool,
    },
    /// Take work from the queue until there is none, beside any number of other workers on any machines
    Work {
        /// The job
        #[arg(long, default_value = "replay", value_name = "NAME")]
        job: String,
        #[command(flatten)]
        worker: WorkerChoice,
        /// Also Runs with an answer of this version: the new one must be the same
        #[arg(long)]
        again: bool,
    },
    /// How every Run stands: identical, diverged, answers that disagree, failed, open; who answered; how far the queue is
    Status {
        #[command(flatten)]
        which: Which,
        /// Print a line for every Run that is not identical, not the first ones only
        #[arg(long)]
        each: bool,
        /// Draw the board, too: days by accounts, a letter each
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// Bring the answers of several files together
    Collect {
        /// The files
        #[arg(required = true)]
        from: Vec<Location>,
    },
}

/// The Runs that are worked on, and how they are cut.
#[derive(Args)]
pub(crate) struct Part {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Runs that are taken, answered and committed together, all of one day
    #[arg(long, default_value_t = 64, value_name = "RUNS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) block: u32,
}

/// Who works.
#[derive(Args)]
pub(crate) struct WorkerChoice {
    /// Threads; moves no bit [default: one per processor; more with a device]
    #[arg(long)]
    pub(crate) threads: Option<usize>,
    /// Name of this worker [default: name of the machine and number of the process]
    #[arg(long, value_name = "NAME")]
    pub(crate) worker: Option<String>,
    /// Append a line to this file for every unit whose answers are there for good: its day and its Runs
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) device: DeviceChoice,
}
