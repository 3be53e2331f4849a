//! What can be typed.

mod attest;
mod examples;
mod fleet;
#[cfg(feature = "serve")]
mod serve;

pub(crate) use attest::{Attest, AttestCommand, CheckProof, Sign};
pub(crate) use examples::{command, parse};
pub(crate) use fleet::{Fleet, FleetCommand, Part, WorkerChoice};
#[cfg(feature = "serve")]
pub(crate) use serve::Serve;

use clap::{Args, Parser, Subcommand};
use samebits_store::{Filter, Location};
use std::path::PathBuf;

/// Audit-grade replay of portfolio decisions.
///
/// A Run is one account's rebalance on one day, with every input pinned. `replay` decides it again and compares every bit.
#[derive(Parser)]
#[command(name = "samebits", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The store: a file, or `postgres://USER@HOST/DATABASE`
    #[arg(long, global = true, value_name = "PLACE", default_value = "samebits.db")]
    pub(crate) store: Location,
    /// Print JSON for programs; amounts are exact integers in the units of docs/format.md
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print the verdict only
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Log what is done to standard error
    #[arg(long, global = true)]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Ids: a unique prefix of a Run's id, ACCOUNT/SEQUENCE such as 01-di-us/17, or `latest`.

Exit codes:
  0  identical, or nothing wrong      1  the decision diverged
  2  bad arguments or unreadable      3  equal, but of another version
  4  nothing to compare               5  damaged: the evidence is broken
  70 internal fault

Examples:
  cargo xtask demo                                   make a store of 1,008 Runs
  samebits runs --store target/demo/store.db --account A1 --from 2017-03-01
  samebits replay --all --verify --store target/demo/store.db
  samebits compare --solvers active-set,ipm,clarabel --runs 01-di-us/17 --store target/demo/store.db
  samebits solve fixtures/rebalance/te_cap_101_001.json.zst --solver ipm
  samebits why 01-di-us/17 XOM --store target/demo/store.db";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List Runs
    Runs(Runs),
    /// Show one Run: question, method, outcome, trades, ids
    Show {
        /// The Run
        id: String,
    },
    /// Decide again and compare every bit
    Replay(Replay),
    /// Decide the Runs of a store again on many machines: static shards, or a queue of work in PostgreSQL
    Fleet(Fleet),
    /// Put Runs to several solvers: weights, trades, objective, after-tax cost and time of each
    Compare(Compare),
    /// Rebuild Runs' prices, benchmark and risk model from today's tables: what changed, why, and which trades move
    Drift(Drift),
    /// Solve one problem of a file: JSON of a portfolio problem or a general quadratic program, plain or zstd
    Solve(Solve),
    /// Explain a Run: why each trade, what constrained it, what the risk model was
    Why(Why),
    /// What less tracking error than a Run's would have cost in tax and trading, and more would have saved
    Frontier {
        /// The Run
        id: String,
        /// Draw it, too
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// The year of accounts after tax as Markdown and SVG, and the checks of their accounting
    Report(Report),
    /// Execute a Run's trades by another schedule, and follow the difference to the lots and the tax
    Execute {
        /// The Run
        id: String,
        /// close, vwap, or participation:PERCENT
        #[arg(long, value_name = "SCHEDULE")]
        schedule: samebits_snapshot::record::Schedule,
    },
    /// Write a self-contained .run file, a page of HTML, or Runs as Parquet tables
    Export(Export),
    #[cfg(feature = "serve")]
    /// Look at Runs in a browser: replays, reasons, solvers, the fleet, drift and the gate. Read only, on this machine only
    Serve(Serve),
    /// Look into a .run file and verify it
    Inspect {
        /// The file
        file: PathBuf,
    },
    /// Replay frozen tapes and frozen Runs, five ways, and stop at the first byte that moves
    Gate(Gate),
    /// Run a scenario's strategies on a live stream, event by event, and write what fills
    Paper(Paper),
    /// Align live fills with a replay of the tape, and rank queue models by how well they explain them
    Reconcile(Reconcile),
    /// Look into tapes of market events, convert them, check the book that they describe
    #[command(subcommand)]
    Tape(TapeCommand),
    /// Record a correction: another Run in the place of one that stays as it was recorded
    Correct(Correct),
    /// Look after stores
    #[command(subcommand)]
    Store(StoreCommand),
    /// Verify every row, blob, id and chain of the store
    Verify(Verify),
    /// Sign a root over the Runs of each day, to be kept elsewhere: `verify --root` holds a store against it
    Attest(Attest),
    /// Serve the store to a language model: a read-only MCP server on the standard streams
    #[cfg(feature = "mcp")]
    Mcp,
    /// The page of an error: what it means, and what to do next
    Explain {
        /// The code at the end of the error's line [default: list all codes]
        code: Option<String>,
    },
    /// Print the script by which a shell completes these commands
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write a page of the manual for each command; files of the same names are overwritten
    Man {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum StoreCommand {
    /// Copy a store: to the newest schema, to another database. Verifies everything; can be interrupted and started again
    Migrate {
        /// The store to read
        #[arg(long, value_name = "PLACE")]
        from: Location,
        /// The store to write; it is made where there is none
        #[arg(long, value_name = "PLACE")]
        to: Location,
        /// Where a new store keeps its blobs: a folder (one that is not absolute begins at the store's file), or
        /// `s3://BUCKET/PREFIX` [default: the database]
        #[arg(long, value_name = "PLACE")]
        blobs: Option<String>,
    },
    /// Store records in their narrow form: the same Runs, ids and chains in a fraction of the bytes
    Seal {
        /// Store outcomes whole, also where they follow from the state of their optimum
        #[arg(long)]
        whole: bool,
        /// Threads; moves no bit [default: one per processor]
        #[arg(long)]
        threads: Option<usize>,
    },
}

#[derive(Args)]
pub(crate) struct Verify {
    /// Also check each Run's optimum from the state that it stores: one factorisation a Run, no solving
    #[arg(long)]
    pub(crate) optimality: bool,
    /// Also hold every attested day against this file of `samebits attest`
    #[arg(long, value_name = "FILE")]
    pub(crate) root: Option<PathBuf>,
    /// The signer's public key, from elsewhere; without it the file vouches only for itself
    #[arg(long, value_name = "PUB", requires = "root")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Correct {
    /// The Run, or the correction, that is superseded
    pub(crate) id: String,
    /// The correcting Run, of the same account, sequence and day: a self-contained .run file
    #[arg(long = "with", value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who corrects
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: String,
}

#[derive(Args)]
pub(crate) struct Why {
    /// The Run
    pub(crate) id: String,
    /// Only this name, traded or not
    pub(crate) ticker: Option<String>,
    /// Decide again without the wash-sale lock on a name
    #[arg(long, value_name = "TICKER")]
    pub(crate) without_lock: Vec<String>,
    /// Decide again under a hard cap on tracking error, basis points
    #[arg(long, value_name = "BP")]
    pub(crate) cap: Vec<f64>,
    /// Solve again with a lot kept
    #[arg(long, value_name = "LOT")]
    pub(crate) keep_lot: Vec<u64>,
    /// Decide again with the short-term rate changed, basis points: +100 is one percentage point more
    #[arg(long, value_name = "BP", allow_hyphen_values = true)]
    pub(crate) rate: Vec<i32>,
    /// One document in Markdown
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}

/// Which Runs of a store.
#[derive(Args)]
pub(crate) struct Which {
    /// Only this account
    #[arg(long)]
    account: Option<String>,
    /// Only from this day on
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<samebits_units::Date>,
    /// Only up to this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<samebits_units::Date>,
}

impl Which {
    pub(crate) fn filter(&self) -> Filter {
        Filter { account: self.account.clone(), from: self.from, to: self.to }
    }
}

#[derive(Args)]
pub(crate) struct Runs {
    #[command(flatten)]
    pub(crate) which: Which,
    /// At most this many, the latest ones
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub(crate) limit: usize,
}

#[derive(Args)]
pub(crate) struct Export {
    /// The Run
    #[arg(required_unless_present = "parquet", conflicts_with = "parquet")]
    pub(crate) id: Option<String>,
    /// The file; an existing one is not overwritten [default with --html: run-ACCOUNT-SEQUENCE.html]
    #[arg(required_unless_present_any = ["parquet", "html"], conflicts_with = "parquet")]
    pub(crate) file: Option<PathBuf>,
    /// Write a page for people instead: the three questions, every trade's reasons and lots, every digest
    #[arg(long, conflicts_with_all = ["parquet", "flat"])]
    pub(crate) html: bool,
    /// Store sigma as flat f32 under LZ4, for programs that read nothing else
    #[arg(long, conflicts_with = "parquet")]
    pub(crate) flat: bool,
    /// Write tables of Runs, trades, lots, exposures and weights for pandas, polars and others: docs/analytics.md
    #[arg(long, value_name = "DIR")]
    pub(crate) parquet: Option<PathBuf>,
    /// Tables: only from this day on
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with_all = ["id", "file"])]
    pub(crate) from: Option<samebits_units::Date>,
    /// Tables: only up to this day
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with_all = ["id", "file"])]
    pub(crate) to: Option<samebits_units::Date>,
    /// Tables: only this account
    #[arg(long, conflicts_with_all = ["id", "file"])]
    pub(crate) account: Option<String>,
    /// Tables: lots of which Runs
    #[arg(long, value_enum, default_value_t = Lots::Last, conflicts_with_all = ["id", "file"])]
    pub(crate) lots: Lots,
    /// Tables: replace files of their names
    #[arg(long, conflicts_with_all = ["id", "file"])]
    pub(crate) force: bool,
}

/// Runs whose lots are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Lots {
    /// Every one
    Every,
    /// The last one of each account
    Last,
}

#[derive(Args)]
pub(crate) struct Report {
    /// The account
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) account: Option<String>,
    /// Every account of the store
    #[arg(long)]
    pub(crate) all: bool,
    /// Folder for `index.md`, and a page and plots for each account; files of the same names are overwritten
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct Solve {
    /// The file; both forms are described in docs/qp.md
    pub(crate) file: PathBuf,
    /// active-set, ipm, clarabel, or an id such as ipm/1 [default: active-set; clarabel for the general form]
    #[arg(long, value_name = "NAME")]
    pub(crate) solver: Option<String>,
    /// Threads; moves no bit
    #[arg(long, default_value_t = 1)]
    pub(crate) threads: usize,
    /// Instructions that kernels may use: portable, avx2, avx512, neon, detect; moves no bit
    #[arg(long, default_value = "detect", value_name = "SET")]
    pub(crate) isa: String,
    #[command(flatten)]
    pub(crate) device: DeviceChoice,
    /// Tolerance of the solver [default: 1e-9; 1e-10 for the general form]
    #[arg(long)]
    pub(crate) tolerance: Option<f64>,
    /// Most iterations
    #[arg(long, default_value_t = 200)]
    pub(crate) iterations: u32,
}

#[derive(Args)]
pub(crate) struct Compare {
    /// The solvers; the others are compared with the first one. active-set, ipm, clarabel, or an id such as ipm/1; with
    /// @cuda behind it (active-set@cuda, ipm@cuda) on a GPU
    #[arg(long, value_delimiter = ',', default_value = "active-set,ipm,clarabel", value_name = "NAMES")]
    pub(crate) solvers: Vec<String>,
    /// The Runs, as ids or prefixes [default: every Run of the store]
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    pub(crate) runs: Vec<String>,
    /// Print a line for every Run and solver, not the totals only
    #[arg(long)]
    pub(crate) each: bool,
    /// Threads; moves no bit, but times are fairest with 1
    #[arg(long, default_value_t = 1)]
    pub(crate) threads: usize,
    /// Most memory that solvers with @cuda take of the device, in MiB [default: half of what is free]
    #[arg(long, value_name = "MIB")]
    pub(crate) device_memory: Option<u64>,
}

#[derive(Args)]
pub(crate) struct Drift {
    /// The Runs [default: every Run of the store]
    #[arg(value_name = "RUN")]
    pub(crate) ids: Vec<String>,
    /// More Runs, as ids or prefixes
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    pub(crate) runs: Vec<String>,
    /// Every Run of the store
    #[arg(long, conflicts_with_all = ["ids", "runs"])]
    pub(crate) all: bool,
    /// The folder of today's closes, volumes and sectors
    #[arg(long, value_name = "DIR")]
    pub(crate) prices: PathBuf,
    /// What the folder holds: the 100 names of the fixture, or five years of the S&P 500
    #[arg(long, value_enum, default_value_t = PanelChoice::Sp100)]
    pub(crate) panel: PanelChoice,
    /// The folder of corporate actions; needed for Runs that pin laws and actions of a complete market
    #[arg(long, value_name = "DIR")]
    pub(crate) actions: Option<PathBuf>,
    /// Characteristics, for Runs whose risk model has some [default: characteristics.csv of the prices' folder, if any]
    #[arg(long, value_name = "FILE")]
    pub(crate) characteristics: Option<PathBuf>,
    /// The vendor's corrections: date, ticker, earlier and later close. They are the causes that changes are traced to
    #[arg(long, value_name = "FILE")]
    pub(crate) vintage: Option<PathBuf>,
    /// Which of the two closes today's tables have in a corrected cell [default: what the folder has]
    #[arg(long = "as", value_enum, value_name = "VINTAGE", requires = "vintage")]
    pub(crate) closes: Option<Closes>,
    /// Threads; moves no bit [default: one per processor]
    #[arg(long)]
    pub(crate) threads: Option<usize>,
}

/// The files of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PanelChoice {
    /// The 100 names of the fixture
    Sp100,
    /// Five years of the S&P 500
    Sp500,
}

/// One of two downloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Closes {
    /// The first column of the corrections
    Earlier,
    /// The second column
    Later,
}

/// Where solvers run.
#[derive(Args)]
pub(crate) struct DeviceChoice {
    /// Where solvers run; moves no bit. auto: on a GPU where there is one
    #[arg(long, value_enum, default_value_t = Place::Cpu)]
    pub(crate) backend: Place,
    /// Most memory to take of the device, in MiB [default: half of what is free]
    #[arg(long, value_name = "MIB")]
    pub(crate) device_memory: Option<u64>,
}

/// A place where solvers run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Place {
    /// The processor
    Cpu,
    /// A CUDA device
    Cuda,
    /// A CUDA device where there is one, else the processor
    Auto,
}

#[derive(Args)]
pub(crate) struct Replay {
    /// The Run
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) id: Option<String>,
    /// Every Run of the store
    #[arg(long)]
    pub(crate) all: bool,
    /// Verify the whole store first: rows, blobs, ids, chains
    #[arg(long)]
    pub(crate) verify: bool,
    /// Take weights within 1e-8 with equal trades and taxes for good
    #[arg(long, value_parser = ["equivalent"], value_name = "VERDICT")]
    pub(crate) accept: Option<String>,
    /// Threads; moves no bit [default: one per processor; more with a device]
    #[arg(long)]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) device: DeviceChoice,
    /// Note what is done in this file and skip what it has as identical: a long replay can be taken up again
    #[arg(long, value_name = "FILE", requires = "all")]
    pub(crate) journal: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum TapeCommand {
    /// What a tape holds
    Info(TapeInput),
    /// Write any readable tape as a samebits tape
    Convert {
        #[command(flatten)]
        input: TapeInput,
        /// The file; an existing one is not overwritten
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Rebuild the book: gaps, crossed states, unknown orders, fills off the front, best bid and ask at the end
    Check(TapeInput),
}

#[derive(Args)]
pub(crate) struct TapeInput {
    /// The files of one tape, in order: samebits tape, CSV, captured Binance lines, Databento DBN, ITCH 5.0; plain, gzip, zstd
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Symbol of a file that names none
    #[arg(long)]
    pub(crate) symbol: Option<String>,
    /// Price of a tick, where the format does not say it
    #[arg(long, value_name = "DECIMAL")]
    pub(crate) tick: Option<String>,
    /// Size of a lot, where the format does not say it
    #[arg(long, value_name = "DECIMAL")]
    pub(crate) lot: Option<String>,
    /// Market data of CSV events: prints, levels, orders
    #[arg(long, default_value = "levels", value_name = "KIND")]
    pub(crate) market: String,
    /// How long a bar of a CSV lasts
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=31_622_400))]
    pub(crate) bar_seconds: u32,
    /// The day of a file that has times of day only (its midnight is taken as UTC)
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: Option<samebits_units::Date>,
    /// Make events of best quotes beside a full book
    #[arg(long)]
    pub(crate) tops: bool,
    /// Stop at the first break in the ids of updates
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(crate) struct Gate {
    /// The scenarios: group/scenario folders
    #[arg(long, default_value = "fixtures/gate", value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// Name the scenarios and what they show
    #[arg(long)]
    pub(crate) list: bool,
    /// Only scenarios whose name begins with one of these
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) only: Vec<String>,
    /// Print a scenario's own page: what it protects, what it has caught
    #[arg(long, value_name = "NAME")]
    pub(crate) why: Option<String>,
    /// Print what comes out of a scenario
    #[arg(long, value_name = "NAME")]
    pub(crate) show: Option<String>,
    /// Check every expectation against its ledger, and change nothing
    #[arg(long)]
    pub(crate) review: bool,
    /// Take what comes out of these scenarios (or of `long`) as their expectation; refused in CI
    #[arg(long, value_delimiter = ',', value_name = "NAMES", requires = "reason")]
    pub(crate) accept: Vec<String>,
    /// Why the new expectation is right
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Rules that the accepted change may touch
    #[arg(long, value_delimiter = ',', value_name = "RULES")]
    pub(crate) touches: Vec<String>,
    /// Write a `JUnit` report
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Print annotations for GitHub (on by itself in its runners)
    #[arg(long)]
    pub(crate) github: bool,
    /// Also replay the long tape, with checkpoints, and bisect to the first record that differs
    #[arg(long)]
    pub(crate) long: bool,
    /// Seed every known fault, one at a time, and demand that the scenarios which claim it see it
    #[arg(long)]
    pub(crate) mutants: bool,
}

#[derive(Args)]
pub(crate) struct Paper {
    /// The folder of a scenario: its symbols, rules and strategies are used
    pub(crate) scenario: PathBuf,
    /// Lines of a capture or CSV events from `-`, a file, tcp:HOST:PORT or ws://HOST:PORT/PATH
    #[arg(long, default_value = "-", value_name = "SOURCE")]
    pub(crate) from: String,
    /// The log of fills, one a line; an existing file is not overwritten
    #[arg(long, value_name = "FILE")]
    pub(crate) fills: PathBuf,
}

#[derive(Args)]
pub(crate) struct Reconcile {
    /// The live log: lines of `samebits paper`, or FIX 4.4 execution reports
    pub(crate) live: PathBuf,
    /// The tape, as for `tape check`
    #[arg(required = true)]
    pub(crate) tape: Vec<PathBuf>,
    /// The folder of the scenario that was live
    #[arg(long, value_name = "FOLDER")]
    pub(crate) scenario: PathBuf,
    /// A TOML file of `time_ns`, `price_ticks`, `qty_lots` and `window_ns`
    #[arg(long, value_name = "FILE")]
    pub(crate) tolerances: Option<PathBuf>,
    /// Also replay under every queue model and rank them
    #[arg(long)]
    pub(crate) rank: bool,
}
