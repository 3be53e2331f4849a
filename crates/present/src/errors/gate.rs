//! The gate of frozen scenarios.

use super::catalogue;

catalogue! {
    #[cfg(feature = "tools")]
    "gate", "The gate of frozen scenarios.", samebits_gate::Error, "crates/gate/src/error.rs", "Error";
    Io = "io", "A file of the gate cannot be read or written",
        "The message has the file and what the system says. Check --folder and the rights.";
    Scenario = "scenario", "A scenario file is not what it should be",
        "The message has the file and what was expected. docs/tape.md, 7 describes the folder of a scenario.";
    Run = "run", "A frozen Run cannot be read or decided",
        "The message has the file and the reason. Runs of later rules need a later release.";
    Damaged = "damaged", "The bytes of a frozen Run are not what they were",
        "Restore the file from version control; a frozen file never changes by itself.";
    Unknown = "unknown", "There is no scenario of that name",
        "`samebits gate --list` names them.";
    Refused = "refused", "The expectation is not accepted",
        "Accepting needs a reason, one named fixture at a time, outside of CI; the message says what is missing.";
    [told by]
    Tape { source, .. } => tape(source);
}
