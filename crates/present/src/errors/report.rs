//! The accounts of a year.

use super::catalogue;

catalogue! {
    #[cfg(feature = "tools")]
    "report", "The accounts of a year.", samebits_report::Error, "crates/report/src/error.rs", "Error";
    NoRuns = "no-runs", "The store has no Run of that account",
        "`samebits runs` lists the accounts; check --store.";
    NotNext = "not-next", "A Run is missing in the order of the account",
        "The year cannot be added up over a gap. Verify the store; take the account from a complete copy.";
    Changed = "changed", "The account was changed between two Runs",
        "A Run does not begin with what the Run before led to. Somebody booked something outside of the record: \
         find the source of the field in the message.";
    Digest = "digest", "The events of a Run do not lead to the account that it names",
        "The record contradicts itself. Run `samebits verify` and `samebits replay` on that Run.";
    TradePrice = "trade-price", "A trade is not at the price of its day",
        "Shares times price are not its notional. Replay the Run; if it is identical, the decision was recorded \
         with that price: look at its market.";
    TradeEvent = "trade-event", "A trade and its event do not say the same",
        "The record contradicts itself. Run `samebits verify` and `samebits replay` on that Run.";
    Cash = "cash", "An amount of cash is not what its position or rate makes it",
        "A dividend, fee, levy or flow was booked otherwise. Compare the events of the day with the actions of \
         its market.";
    Recount = "recount", "The recount cannot follow the record",
        "An event has no counterpart in the trades. The message has the day and what does not fit.";
    Gain = "gain", "A gain is not the one that its basis gives",
        "Counted again from the trades alone, the lot has another basis. Look at the lot's history with `samebits \
         why`.";
    Disallowed = "disallowed", "Disallowed losses differ from a recount",
        "The wash-sale rule was applied otherwise than the recount applies it. Look at the sales at a loss of \
         that day.";
    Locks = "locks", "Open wash-sale windows differ from a recount",
        "Look at the losses and purchases of the days before.";
    Lot = "lot", "An open lot differs from a recount",
        "The message has the field with both values.";
    Position = "position", "The lots of a security are not its position",
        "Trades and actions make another number of shares than the lots hold.";
    Identity = "identity", "The value of a day is not explained by what happened",
        "Prices, trades, income, costs and flows of the day leave the difference in the message. Look at the \
         events of that day.";
    Sum = "sum", "A sum of the Run is not what its parts make",
        "The totals of the record contradict its parts. Replay the Run.";
    NoValue = "no-value", "A return needs a positive value",
        "The account was worth nothing on that day.";
    NoSecurity = "no-security", "A record names a security outside its universe",
        "The record contradicts itself. Run `samebits verify`.";
    Plot = "plot", "A plot could not be drawn",
        "The message is that of the library. The figures in the page are not affected.";
    [told by]
    Ledger (error) => ledger(error);
    Snapshot (error) => snapshot(error);
    Store (error) => store(error);
    Units (error) => units(error);
}
