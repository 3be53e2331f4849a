//! What can be wrong with a tape.

/// Why a tape cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// Not a tape of this kind.
    #[error("not a {expected}: the file begins with {found}")]
    NotTape {
        /// What was expected.
        expected: &'static str,
        /// The first bytes.
        found: String,
    },
    /// Written by a later release.
    #[error("tape format {found} is newer than {supported}")]
    TooNew {
        /// Version found.
        found: u8,
        /// Newest version known.
        supported: u8,
    },
    /// The file ends too early.
    #[error("byte {offset}: the file ends within {what}")]
    Truncated {
        /// What is cut off.
        what: &'static str,
        /// Where.
        offset: u64,
    },
    /// Bytes that do not match their checksum.
    #[error("byte {offset}: {what} has checksum {expected:08x}, its bytes have {found:08x}")]
    Damaged {
        /// The part.
        what: &'static str,
        /// Where it begins.
        offset: u64,
        /// As stored.
        expected: u32,
        /// As found.
        found: u32,
    },
    /// A part whose content makes no sense although its checksum holds.
    #[error("byte {offset}: {what}: {problem}")]
    Malformed {
        /// The part.
        what: &'static str,
        /// Where it begins.
        offset: u64,
        /// What is wrong.
        problem: String,
    },
    /// More than the declared limits allow.
    #[error("byte {offset}: {what} asks for {found}, the limit is {limit}")]
    TooLarge {
        /// What asks.
        what: &'static str,
        /// Where.
        offset: u64,
        /// For how much.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// A line or message that is not what the format says.
    #[error("event {event} (line or message {line}, byte {offset}): {problem}")]
    BadLine {
        /// Events read before it.
        event: u64,
        /// Line or message number, from 1.
        line: u64,
        /// Where it begins.
        offset: u64,
        /// What is wrong.
        problem: String,
    },
    /// An event that came later than the window of the sort allows.
    #[error("event {event} at {time} ns is {late} ns late; events are sorted within {window} ns")]
    Late {
        /// Number of the event.
        event: u64,
        /// Its venue time.
        time: i64,
        /// By how much.
        late: i64,
        /// The window.
        window: i64,
    },
    /// The formats of files given together differ.
    #[error("file {index} is {found}, the first one is {first}: files of one tape have one format")]
    MixedFormats {
        /// Which file, from 1.
        index: usize,
        /// Its format.
        found: &'static str,
        /// The first file's format.
        first: &'static str,
    },
}

impl Error {
    pub(crate) fn io(what: &'static str) -> impl Fn(std::io::Error) -> Self {
        move |source| {
            if source.kind() == std::io::ErrorKind::UnexpectedEof {
                Self::Truncated { what, offset: 0 }
            } else {
                Self::Io { what, source }
            }
        }
    }

    /// Whether the evidence itself is broken, not the way it was asked for.
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Truncated { .. } | Self::Damaged { .. } | Self::Malformed { .. })
    }
}
