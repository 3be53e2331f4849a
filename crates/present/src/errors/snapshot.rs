//! The bytes of a Run.

use super::catalogue;

catalogue! {
    "snapshot", "The bytes of a Run.", samebits_snapshot::Error, "crates/snapshot/src/error.rs", "Error";
    NotCanonical = "not-canonical", "A record is not in its one canonical form",
        "The bytes are MessagePack that no writer of ours produces: they were changed, cut, or written by \
         something else. Restore the file or the store from a copy, or export the Run again.";
    Schema = "schema", "A record does not have the fields of its kind",
        "The bytes are canonical but do not describe a Run of this format. They were damaged, or written by an \
         experiment. Restore a copy, or use the release that wrote them.";
    NotStorable = "not-storable", "A value has no canonical form",
        "A NaN, a number beyond its range or a text beyond its limit cannot be recorded. Correct the inputs; the \
         message names the part.";
    NotARun = "not-a-run", "The file is not a Run",
        "Its beginning or its structure is not that of a .run file. Check that the right file was named; \
         `samebits export` writes one.";
    Damaged = "damaged", "A file was changed after it was written",
        "A checksum or a content id does not fit the bytes of the named part. Restore the file from a copy, or \
         export the Run again from a store that `samebits verify` accepts.";
    TooNew = "too-new", "Written by a later release",
        "A version or a feature of the file is newer than this program. Use the release that wrote it, or a later \
         one.";
    Limit = "limit", "Larger than the limits allow",
        "Sizes are limited before memory is taken, so that a hostile file costs nothing. A true record of this \
         size needs a reader with higher limits; anything else is damage.";
    NeedsDerive = "needs-derive", "The record holds only the state of its optimum",
        "The outcome of this Run is stored as what it follows from. Programs read it with a deriver \
         (`samebits_replay::open`); the commands of samebits do.";
    NotDerived = "not-derived", "The outcome does not follow from what was kept of it",
        "Made again from the stored state, the outcome has another digest than the recorded one: the record or \
         this program is not what it was. Run `samebits verify`, and try the release that recorded it.";
    NeedsPredictor = "needs-predictor", "The covariance is stored as the closes that it was made of",
        "Programs read it with a predictor (`samebits_replay::open`); the commands of samebits do. `samebits \
         export --flat` writes a file that needs none.";
    Prediction = "prediction", "A stored part cannot be computed again from what predicts it",
        "The closes or the recipe beside the part do not give it. That is damage, or a build whose arithmetic \
         differs: `samebits replay --all` on an undamaged store tells which.";
    ChainTooLong = "chain-too-long", "A part builds upon too many others",
        "Sealed records lean on earlier ones, a limited number deep. A longer chain is never written: the record \
         was changed. Restore a copy.";
    MissingBlob = "missing-blob", "A shared part is missing",
        "The record refers to a market, risk model or parameter set that the store does not have. If blobs are \
         kept in a folder or bucket, check that it is there; otherwise restore a copy.";
}
