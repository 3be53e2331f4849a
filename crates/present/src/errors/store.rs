//! A store: its place, its rows, its chains.

use super::catalogue;

catalogue! {
    "store", "A store: its place, its rows, its chains.", samebits_store::Error, "crates/store/src/error.rs", "Error";
    NoStore = "no-store", "There is no store at that place",
        "The file or database behind --store is not there. Check the spelling and the folder; without --store the \
         file samebits.db of the current folder is meant. `cargo xtask demo` makes a store to try.";
    NotAStore = "not-a-store", "What is at that place is not a store",
        "The file or database exists, but its tables are not those of a samebits store, or they were changed. \
         Check that --store names the right place; if it does, compare the file with a copy kept elsewhere.";
    NoAnswers = "no-answers", "No answers of a fleet are kept there yet",
        "`samebits fleet replay` or `samebits fleet queue` begins a place of answers. --results names another \
         place; without it the answers of runs.db are in runs.answers.db beside it.";
    NotAnswers = "not-answers", "What is at that place are not the answers of a fleet",
        "The file or database holds something else. Name another place with --results; nothing was changed.";
    NoQueue = "no-queue", "A file has no queue of work",
        "Queues are in PostgreSQL. Give --results a database, or give each worker its share with `samebits fleet \
         replay --shard I/N`.";
    TooNew = "too-new", "The store was written by a later release",
        "Its schema is newer than this program knows, and reading it could miss what it says. Use the release \
         that wrote it, or a later one.";
    OldSchema = "old-schema", "The store has an earlier schema",
        "It is read and verified, but not appended to. Copy it with `samebits store migrate --from OLD --to NEW`; \
         the copy keeps every Run, id and verdict, and the old one stays as it is.";
    NoDriver = "no-driver", "This program was built without what the store needs",
        "The place needs a part that was left out of this build, such as buckets (feature `s3`). Build it in, or \
         copy the store to a place that this build reads.";
    BlobsElsewhere = "blobs-elsewhere", "The store keeps its blobs in another place",
        "The place of the blobs is chosen when a store is made. Leave --blobs out, name the place in the message, \
         or migrate into a new store.";
    NotNext = "not-next", "A Run does not continue the chain of its account",
        "Runs are appended in the order of their sequence and day, without gaps. Append the missing ones first; a \
         Run that replaces an earlier one is a correction (`samebits correct`).";
    NotACorrection = "not-a-correction", "The file cannot take the place of that Run",
        "A correction has the account, the sequence and the day of what it supersedes; the message names the part \
         that differs. Decide the corrected question under the same name and export it again.";
    Superseded = "superseded", "That Run was corrected already",
        "A Run has one correction. Correct the one that took its place; the message names it.";
    Overtaken = "overtaken", "Another correction was recorded meanwhile",
        "Two corrections of one account were on their way, and the other was first. Look at it with `samebits \
         show`, then decide whether yours is still wanted.";
    OtherThere = "other-there", "The target of a migration holds something else",
        "A Run, correction or blob of that name is there with another content, so the target does not continue \
         this source. Migrate into a new place.";
    NotTheSame = "not-the-same", "New bytes would not hold the same content",
        "Records may be replaced only by a narrower form of the same content. Nothing was replaced. The message \
         says what differs; verify the store before sealing it again.";
    NotFound = "not-found", "No Run fits that name",
        "A Run is named by a unique prefix of its id, by ACCOUNT/SEQUENCE such as 01-di-us/17, or by `latest`. \
         `samebits runs` lists them; check --store as well.";
    Ambiguous = "ambiguous", "Several Runs fit that prefix",
        "Give more digits of the id, or ACCOUNT/SEQUENCE. The message names two of those that fit.";
    Damaged = "damaged", "A Run of the store is not as it was recorded",
        "A checksum, an id, a column or the chain disagrees with the record: bytes were changed after they were \
         written. Run `samebits verify` to see every finding, keep the file for whoever investigates, and restore \
         the store from a copy; `samebits verify --root` says which copy is the attested one.";
    DamagedBlob = "damaged-blob", "A shared part of the store is not what its id says",
        "Every Run that uses this market, risk model or parameter set is affected. Run `samebits verify`, keep \
         the file, and restore the store from a copy.";
    Database = "database", "The database or the storage of blobs failed",
        "The message is that of the database: a full disk, a lock held too long, a lost connection, missing \
         rights. Nothing is half written: an append is there as a whole or not at all. If it says that its file \
         is malformed, restore a copy.";
    [told by]
    Snapshot (error) => snapshot(error);
}
