//! What can be typed after `attest`.

use clap::{Args, Subcommand};
use samebits_units::Date;
use std::path::PathBuf;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Attest {
    #[command(subcommand)]
    pub(crate) other: Option<AttestCommand>,
    #[command(flatten)]
    pub(crate) sign: Option<Sign>,
}

#[derive(Args)]
pub(crate) struct Sign {
    /// Only this day; its root covers the days before
    #[arg(long, value_name = "YYYY-MM-DD", required_unless_present = "through", conflicts_with = "through")]
    pub(crate) day: Option<Date>,
    /// Every day up to this one
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) through: Option<Date>,
    /// The private key
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: PathBuf,
    /// The attestation; an existing file is not overwritten
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) out: PathBuf,
    /// List the Runs, so that one which differs later can be named: about 90 bytes a Run, 1 MiB in all
    #[arg(long)]
    pub(crate) list: bool,
    /// Verify the whole store first: rows, blobs, ids, chains
    #[arg(long)]
    pub(crate) verify: bool,
    /// The store's name in the attestation [default: its file's name]
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum AttestCommand {
    /// Make a private key for signing, and FILE.pub for those who check
    Keygen {
        /// The private key's file, readable by its owner only; an existing one is not overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write the proof that a Run is among those of its day
    Proof {
        /// The Run
        id: String,
        /// The proof; an existing file is not overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check a proof against an attestation; needs no store
    CheckProof(CheckProof),
}

#[derive(Args)]
pub(crate) struct CheckProof {
    /// The proof
    pub(crate) file: PathBuf,
    /// The attestation
    #[arg(long, value_name = "FILE")]
    pub(crate) root: PathBuf,
    /// The signer's public key, from elsewhere; without it the attestation vouches only for itself
    #[arg(long, value_name = "PUB")]
    pub(crate) key: Option<PathBuf>,
}
