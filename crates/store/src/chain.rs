//! The hash chains of an account: each link covers the one before and what its row says.

use samebits_snapshot::Digest;

/// The link before an account's first one.
pub(crate) const NO_LINK: Digest = Digest::from_bytes([0; 32]);

/// What the link of a Run covers.
pub(crate) struct Covered<'a> {
    pub(crate) previous: &'a Digest,
    pub(crate) account: &'a str,
    pub(crate) sequence: i64,
    pub(crate) run_id: &'a Digest,
    pub(crate) recorded_at: i64,
    pub(crate) actor: &'a str,
}

impl Covered<'_> {
    /// Since schema 2: the content of the record, whichever bytes hold it. The Run's id covers everything but its `Info`.
    pub(crate) fn link(&self, info_id: &Digest) -> Digest {
        Digest::of_parts(
            "samebits 2026 chain link 2",
            &[
                self.previous.as_bytes(),
                self.account.as_bytes(),
                &self.sequence.to_le_bytes(),
                self.run_id.as_bytes(),
                info_id.as_bytes(),
                &self.recorded_at.to_le_bytes(),
                self.actor.as_bytes(),
            ],
        )
    }

    /// In schema 1: the bytes of the record.
    pub(crate) fn first_link(&self, record: &[u8]) -> Digest {
        let record = Digest::of("samebits 2026 record bytes", record);
        Digest::of_parts(
            "samebits 2026 chain link",
            &[
                self.previous.as_bytes(),
                self.account.as_bytes(),
                &self.sequence.to_le_bytes(),
                self.run_id.as_bytes(),
                &self.recorded_at.to_le_bytes(),
                self.actor.as_bytes(),
                record.as_bytes(),
            ],
        )
    }
}

/// What the link of a correction covers.
pub(crate) struct CoveredCorrection<'a> {
    pub(crate) previous: &'a Digest,
    pub(crate) account: &'a str,
    pub(crate) number: i64,
    pub(crate) supersedes: &'a Digest,
    pub(crate) run_id: &'a Digest,
    pub(crate) reason: &'a str,
    pub(crate) recorded_at: i64,
    pub(crate) actor: &'a str,
}

impl CoveredCorrection<'_> {
    pub(crate) fn link(&self, info_id: &Digest) -> Digest {
        Digest::of_parts(
            "samebits 2026 correction link",
            &[
                self.previous.as_bytes(),
                self.account.as_bytes(),
                &self.number.to_le_bytes(),
                self.supersedes.as_bytes(),
                self.run_id.as_bytes(),
                info_id.as_bytes(),
                self.reason.as_bytes(),
                &self.recorded_at.to_le_bytes(),
                self.actor.as_bytes(),
            ],
        )
    }
}
