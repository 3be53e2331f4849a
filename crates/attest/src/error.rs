//! What can go wrong with an attestation.

use crate::key::PublicKey;
use samebits_units::Date;

/// Why something could not be attested, read or proven.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More bytes than are read or written.
    #[error(
        "{what}: {found} bytes, at most {allowed} (an attestation gets shorter with fewer days or without a list of Runs)"
    )]
    TooLong {
        /// The kind of file.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The limit.
        allowed: usize,
    },
    /// Written by a later release.
    #[error("{what}: format {found} is newer than {supported}: a later release wrote this")]
    TooNew {
        /// The kind of file.
        what: &'static str,
        /// Found in its first line.
        found: u32,
        /// Known to this build.
        supported: u32,
    },
    /// A line that is not as the format has it.
    #[error("{what}, line {line}: expected `{expected}`, found `{found}`")]
    Malformed {
        /// The kind of file.
        what: &'static str,
        /// Counted from 1.
        line: usize,
        /// The form that was expected.
        expected: &'static str,
        /// The beginning of what is there.
        found: String,
    },
    /// It can be read, but its writer would have put it otherwise.
    #[error("{what}: not in canonical form: byte {at} differs from what its content is written as")]
    NotCanonical {
        /// The kind of file.
        what: &'static str,
        /// Counted from 0.
        at: usize,
    },
    /// The parts of an attestation contradict each other.
    #[error("attestation, {date}: {problem}")]
    Inconsistent {
        /// The day.
        date: Date,
        /// Which parts.
        problem: &'static str,
    },
    /// The signature is not one of these bytes by the key that the file names.
    #[error("attestation: the signature does not fit the bytes and the key {key}")]
    BadSignature {
        /// The key in the file.
        key: PublicKey,
    },
    /// Signed, but by somebody else.
    #[error("attestation: signed by key {found}, expected {pinned}")]
    OtherKey {
        /// The key in the file.
        found: PublicKey,
        /// The key that the verifier trusts.
        pinned: PublicKey,
    },
    /// Bytes that are no key of the kind that was asked for.
    #[error("not an ed25519 {kind} key in PEM: {problem}")]
    BadKey {
        /// `public` or `private`.
        kind: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// A store without a Run in the days that were asked for.
    #[error("no Runs {span}: there is nothing to attest")]
    Nothing {
        /// The days.
        span: String,
    },
    /// A proof was asked of a Run that the day does not have.
    #[error("{account}/{sequence} is not among the Runs of {date}")]
    NoRun {
        /// The account.
        account: String,
        /// Its running number.
        sequence: i64,
        /// The day.
        date: Date,
    },
    /// The attestation says nothing of the proof's day.
    #[error("the attestation has no Runs of {date}: it is for {from} to {through}")]
    NotAttested {
        /// The day of the proof.
        date: Date,
        /// First day of the attestation.
        from: Date,
        /// Its last day.
        through: Date,
    },
    /// The proof does not lead to the attested root.
    #[error("{account}/{sequence} of {date}: the proof does not lead to the attested root: {problem}")]
    NotIncluded {
        /// The account.
        account: String,
        /// Its running number.
        sequence: i64,
        /// The day.
        date: Date,
        /// Where it goes wrong.
        problem: String,
    },
}

impl Error {
    /// Whether evidence is broken (as opposed to a wrong question, a limit, a bad key file or a later release).
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Malformed { .. }
                | Self::NotCanonical { .. }
                | Self::Inconsistent { .. }
                | Self::BadSignature { .. }
                | Self::OtherKey { .. }
                | Self::NotIncluded { .. }
        )
    }
}
