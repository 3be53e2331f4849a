//! What stops the matching of a tape.

use super::catalogue;

catalogue! {
    "executor", "What stops the matching of a tape.", samebits_executor::Problem, "crates/executor/src/error.rs", "Problem";
    OutOfOrder = "out-of-order", "An event is earlier than the one before it",
        "A tape is sorted by the time of the venue. The capture or its converter put events out of order.";
    TooLarge = "too-large", "A price or quantity is beyond the limits",
        "Ticks and lots are limited so that sums fit 64 bits. Check the tick and lot sizes that were given.";
    BadQuantity = "bad-quantity", "A quantity is negative, or zero where something is traded",
        "Correct the event that the message numbers.";
    NoSide = "no-side", "An event needs a side and has none",
        "Prints and orders of the tape must say who was passive. Check the converter.";
    WrongMarket = "wrong-market", "An event of another kind of market data",
        "A symbol has prints, levels or orders, as its scenario says. Give --market the kind that the file holds.";
    Crossed = "crossed", "The book is crossed after an update",
        "Bid at or above ask: updates are missing or out of order. `samebits tape check` finds the first gap.";
    UnknownOrder = "unknown-order", "An order of the tape is not in the book",
        "Its addition is missing: the tape begins too late or has a gap.";
    DuplicateOrder = "duplicate-order", "An order of the tape is in the book already",
        "Its id was used twice. Check that no file was given twice.";
    UnknownSymbol = "unknown-symbol", "An event names a symbol that was not declared",
        "Declare the symbol in the scenario, or remove its events.";
    BadCode = "bad-code", "A code of an event has no meaning",
        "The tape was written by a later release or changed. `samebits tape check` has the place.";
    Cascade = "cascade", "Conditional orders trigger each other without end",
        "The strategy sends stops that set each other off. Change its script.";
    TooWide = "too-wide", "The book spans too many price levels",
        "Prices of the tape lie too far apart for one book, often by a wrong tick size.";
    Overflow = "overflow", "A sum leaves 64 bits",
        "Positions or cash of the scenario grow beyond any market. Check lot and tick sizes.";
    FractionalSplit = "fractional-split", "A split leaves a fraction of a lot",
        "The position is not a multiple of what the ratio needs. Choose a smaller lot.";
    NoDepth = "no-depth", "The slippage model needs displayed size",
        "The book shows none at that moment. Choose another model, or a tape with sizes.";
}
