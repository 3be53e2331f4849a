//! Parquet tables.

use super::catalogue;

catalogue! {
    #[cfg(feature = "tools")]
    "analytics", "Parquet tables.", samebits_analytics::Error, "crates/analytics/src/error.rs", "Error";
    Exists = "exists", "There is such a file already",
        "Nothing was overwritten. Give another folder, or --force to replace files of these names.";
    Unfinished = "unfinished", "An export is under way there, or was interrupted",
        "If none is running, remove the temporary file in the message and start again.";
    File = "file", "A table could not be written",
        "The message has the file and what the system says: rights, or a full disk.";
    Parquet = "parquet", "The Parquet writer gave up",
        "The message is that of the library. No table of that name is left behind.";
    Length = "length", "A part of a record has another length than its universe",
        "The record contradicts itself. Run `samebits verify`.";
    Outside = "outside", "A record names something outside of a list",
        "The record contradicts itself. Run `samebits verify`.";
    AccountAfter = "account-after", "The events do not lead to the account that the Run names",
        "The record contradicts itself. Run `samebits verify` and `samebits replay` on that Run.";
    Ledger = "ledger", "The events of a record do not apply to its account",
        "The record contradicts itself; the message has the first event that does not fit. Run `samebits verify`.";
    Units = "units", "A sum over a record does not fit",
        "Values of the record are beyond any account. Run `samebits verify`.";
    [told by]
    Snapshot (error) => snapshot(error);
    Store (error) => store(error);
}
