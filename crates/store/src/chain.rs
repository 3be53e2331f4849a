//! The hash chain of an account: each Run's link covers the one before and everything in its row.

use samebits_snapshot::Digest;

/// What a link covers.
pub(crate) struct Covered<'a> {
    pub(crate) previous: &'a Digest,
    pub(crate) account: &'a str,
    pub(crate) sequence: i64,
    pub(crate) run_id: &'a Digest,
    pub(crate) recorded_at: i64,
    pub(crate) actor: &'a str,
    pub(crate) record: &'a [u8],
}

/// The previous link of an account's first Run.
pub(crate) const NO_LINK: Digest = Digest::from_bytes([0; 32]);

impl Covered<'_> {
    pub(crate) fn link(&self) -> Digest {
        let record = Digest::of("samebits 2026 record bytes", self.record);
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
