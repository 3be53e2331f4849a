//! Tables of prices, volumes, sectors, actions.

use super::catalogue;

catalogue! {
    "panel", "Tables of prices, volumes, sectors, actions.", samebits_panel::Error, "crates/panel/src/error.rs", "Error";
    Io = "io", "A table cannot be opened or read",
        "The message has the file and what the system says. Check the folder behind --prices or --actions, and \
         the rights.";
    TooLarge = "too-large", "A table is larger than the reader accepts",
        "Sizes are limited before memory is taken. Split the table, or check that the right file was named.";
    Empty = "empty", "A table has no rows",
        "It has no header, or nothing below it. Check the download.";
    Line = "line", "A line of a table is wrong",
        "The message has the file, the line and the fault. Lines count from 1, the header included; dates ascend, \
         and every row has as many fields as the header.";
    Cell = "cell", "A cell of a table is wrong",
        "The message has the file, the line, the column and the fault. Prices are positive decimals, volumes \
         whole numbers, dates YYYY-MM-DD.";
    NoneComplete = "none-complete", "No name has a close in every session",
        "The universe consists of names without gaps. Take a shorter span, or fill the gaps at the source.";
    OutOfRange = "out-of-range", "A value leaves its range when its splits are undone",
        "A ratio of the corporate actions is wrong by orders of magnitude, or the close is. Check the rows of \
         that name.";
    Missing = "missing", "A ticker of the closes is missing in another table",
        "Every name of the closes needs its row in the file that the message names.";
}
