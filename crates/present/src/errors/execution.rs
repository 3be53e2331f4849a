//! Trades that fill against bars.

use super::catalogue;

catalogue! {
    "execution", "Trades that fill against bars.", samebits_execution::Error, "crates/execution/src/error.rs", "Error";
    Rules = "rules", "The execution names matching rules that this build does not have",
        "Every release keeps the rules of earlier ones: use the release that recorded the Run.";
    Shape = "shape", "Bars are not those of the market",
        "There must be a bar for each security of the market of the day.";
    Bar = "bar", "A bar is none",
        "High below low, a price outside them, or a negative volume. Correct the row of that name.";
    Tape = "tape", "The executor cannot apply a bar",
        "The message names the security and the event. Prices and sizes must be within the limits of \
         docs/tape.md.";
    [told by]
    Number (error) => units(error);
}
