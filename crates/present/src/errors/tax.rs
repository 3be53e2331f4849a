//! Rules and rates of taxes.

use super::catalogue;

catalogue! {
    "tax", "Rules and rates of taxes.", samebits_tax::Error, "crates/tax/src/error.rs", "Error";
    NoRow = "no-row", "No rate of that kind is known for that day",
        "The tables of docs/tax.md begin later or end earlier for this country. Choose another day, or add the \
         row with its source.";
    Table = "table", "A row of a built-in table cannot be read",
        "A defect of this build: its tests read every row. Report it with the message.";
    Argument = "argument", "An argument that no rule knows",
        "The message names it and what is allowed.";
    NoSession = "no-session", "A day is no session, or settles beyond the sessions known",
        "Trades need the sessions up to their settlement. Give a calendar that reaches further.";
    NoPiece = "no-piece", "The pieces of a year's tax do not cover these results",
        "A law must give a tax for every pair of short-term and long-term results. Check the law of the market.";
    [told by]
    Units (error) => units(error);
}
