//! Logs of live fills.

use super::catalogue;

catalogue! {
    #[cfg(feature = "tools")]
    "live", "Logs of live fills.", samebits_live::Error, "crates/live/src/fill.rs", "Error";
    Io = "io", "The log cannot be read",
        "The message is that of the system.";
    Line = "line", "A line of the log is no fill",
        "Lines are those of `samebits paper`, or FIX 4.4 execution reports, one a line. The message says what was \
         expected.";
    TooLarge = "too-large", "The log is larger than allowed",
        "Split it by day; sizes are limited before memory is taken.";
}
