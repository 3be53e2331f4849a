//! Prices and quantities of an instrument as text.

use super::catalogue;

catalogue! {
    "instrument", "Prices and quantities of an instrument as text.", samebits_executor::TextError, "crates/executor/src/instrument.rs", "TextError";
    OffTick = "off-tick", "A price is not a multiple of the tick",
        "Correct the price, or give the tick of the venue with --tick.";
    OffLot = "off-lot", "A quantity is not a multiple of the lot",
        "Correct the quantity, or give the lot of the venue with --lot.";
    Overflow = "overflow", "A price or quantity is beyond the limits",
        "Check the tick and the lot: a step that is too small makes numbers too large.";
    BadStep = "bad-step", "A tick or lot is not positive",
        "Steps are positive decimals such as 0.01.";
    [told by]
    NotDecimal (error) => units(error);
}
