//! Lots, gains and events of an account.

use super::catalogue;

catalogue! {
    "ledger", "Lots, gains and events of an account.", samebits_ledger::Error, "crates/ledger/src/error.rs", "Error";
    Order = "order", "An order is malformed",
        "The message has its position and what is wrong with it. Nothing of the day was booked.";
    Oversold = "oversold", "More shares are sold than the lot has",
        "Orders name lots with what they hold that day, after corporate actions. Nothing of the day was booked.";
    NoLot = "no-lot", "No such lot is open",
        "It was sold before, given away, or never opened in this account.";
    NoSecurity = "no-security", "A lot or lock names a security outside the universe",
        "The account and the market do not belong together. Give the market of the day the security, or exchange \
         the account.";
    NoLaw = "no-law", "The market has no law for the holder of the account",
        "Runs for holders of that country need its law in the market of the day.";
    Law = "law", "A law contradicts itself",
        "The message names the law and the rule. docs/tax.md has what a law consists of.";
    NotFirst = "not-first", "The law takes the earliest shares first",
        "Under first-in-first-out an order cannot choose a later lot. Order the lot in the message, or choose a \
         law with specific lots.";
    AgainstTheBox = "against-the-box", "Long and short in one identity group at once",
        "Sections 1233(b) and 1259 treat that as a sale. Close one side before the other is opened.";
    NoShort = "no-short", "No such short lot is open",
        "It was covered before, or never opened in this account.";
    Overcovered = "overcovered", "More shares are bought back than the short lot owes",
        "Cover at most what is owed that day, after corporate actions.";
    NegativeCash = "negative-cash", "Cash would be negative after the day's trades",
        "Sell more, buy less, or move the withdrawal. Nothing of the day was booked.";
    Action = "action", "A corporate action is malformed or cannot be done",
        "The message names it. No action of the day was applied. docs/actions.md has the forms.";
    Flow = "flow", "A contribution, withdrawal or gift cannot be done",
        "The message says why. docs/actions.md has what flows need.";
    Event = "event", "An event does not fit the account",
        "Applied in order, the events of a record must follow from each other; this one does not. In a store that \
         is damage: run `samebits verify`.";
    [told by]
    Tax (error) => tax(error);
    Units (error) => units(error);
}
