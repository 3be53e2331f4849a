//! The question of a rebalance.

use super::catalogue;

catalogue! {
    "rebalance", "The question of a rebalance.", samebits_rebalance::Error, "crates/rebalance/src/error.rs", "Error";
    UnknownParameter = "unknown-parameter", "A parameter is not known",
        "docs/rebalance.md lists the parameters. A misspelled one is refused rather than ignored.";
    UnknownRules = "unknown-rules", "Those rules are not in this build",
        "The message names the rules that there are. Runs of later rules need the release that recorded them.";
    MissingParameter = "missing-parameter", "A parameter is missing",
        "Nothing is decided with a value that no record holds. Set it; docs/rebalance.md has the defaults that \
         the demo uses.";
    Parameter = "parameter", "A parameter has the wrong type or is out of range",
        "The message has the value and what is allowed.";
    UnknownTicker = "unknown-ticker", "A parameter names a security outside the universe",
        "Remove the name, or give the market of the day that security.";
    UnknownSector = "unknown-sector", "A parameter names a sector that the market does not have",
        "Sectors are spelled as in the market of the day.";
    UnknownFactor = "unknown-factor", "A tilt names a factor that the risk model does not have",
        "The message lists the factors. Those of characteristics exist only when the risk model was made with \
         them.";
    NoPiece = "no-piece", "No piece of the year's tax holds the results so far",
        "The law of the market and the results of the account contradict each other. Check the law and the \
         realised gains of the account.";
    UnknownPiece = "unknown-piece", "The law has no such piece",
        "A recorded state names a piece of another law. The record is damaged, or its market was exchanged.";
    Shape = "shape", "A vector or matrix has the wrong length",
        "A part of the inputs does not have an entry for each security, factor or constraint. The message names \
         it with both lengths.";
    Inconsistent = "inconsistent", "Two parts of the inputs contradict each other",
        "The message names the part, the entry and the contradiction. Correct whoever assembles the inputs.";
    NoValue = "no-value", "The account has nothing to rebalance",
        "Its net asset value is zero or below. Check holdings, short positions and prices.";
    NotDerived = "not-derived", "An outcome does not follow from its question and its state",
        "What is stored of the optimum does not lead to the recorded outcome: the record was changed, or this \
         build computes otherwise. Run `samebits verify`.";
    NotKept = "not-kept", "What was kept of an outcome is not what the outcome has",
        "The narrow form of a record does not fit its outcome. Run `samebits verify` and restore a copy.";
    CashShort = "cash-short", "Cash is short even after every admissible sale",
        "A withdrawal or the least cash is larger than what may be sold under the locks and limits. Lower the \
         withdrawal, relax what bars sales, or take more days.";
    Problem = "problem", "The optimisation problem is malformed",
        "The inputs led to a matrix or vector that is not allowed, often a covariance that is not positive \
         definite or a limit above its opposite. The message names the part.";
    [told by]
    Tax (error) => tax(error);
    Units (error) => units(error);
    Execution (error) => execution(error);
    Ledger (error) => ledger(error);
}
