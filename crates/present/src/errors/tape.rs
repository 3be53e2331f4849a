//! Tapes of market events.

use super::catalogue;

catalogue! {
    #[cfg(feature = "tools")]
    "tape", "Tapes of market events.", samebits_tape::Error, "crates/tape/src/error.rs", "Error";
    Io = "io", "A tape cannot be opened, read or written",
        "The message has what was being done and what the system says.";
    NotTape = "not-tape", "The file is not a tape of that kind",
        "Its first bytes are another format's. samebits tapes, CSV, captured Binance lines, Databento DBN and \
         ITCH 5.0 are read, plain, gzip or zstd.";
    TooNew = "too-new", "The tape was written by a later release",
        "Use the release that wrote it, or a later one.";
    Truncated = "truncated", "The file ends too early",
        "The download or the capture was cut. Fetch it again; what came before the cut is not used.";
    Damaged = "damaged", "Bytes of the tape do not match their checksum",
        "They were changed after they were written. Fetch the file again.";
    Malformed = "malformed", "A part of the tape makes no sense",
        "Its checksum holds, yet its content is not what the format allows: a faulty writer made it. The message \
         has the place.";
    TooLarge = "too-large", "A part of the tape is larger than the limits allow",
        "Sizes are limited before memory is taken. Split the tape, or check that the right file was named.";
    BadLine = "bad-line", "A line or message is not what the format says",
        "The message has the event, the line and the byte. Check options such as --market, --tick and --lot, then \
         the file.";
    Late = "late", "An event came later than the window of the sort allows",
        "The capture is out of order by more than the window. Convert it with a writer that sorts further.";
    MixedFormats = "mixed-formats", "The files of one tape have different formats",
        "Convert each with `samebits tape convert` first, or give the files of one format only.";
}
