//! Recording, replaying and explaining Runs.

use super::catalogue;

catalogue! {
    "replay", "Recording, replaying and explaining Runs.", samebits_replay::Error, "crates/replay/src/error.rs", "Error";
    NoExecution = "no-execution", "The Run has no bars to execute against",
        "`samebits execute` changes the schedule of trades that filled against bars; this Run was booked at \
         closing prices. Choose a Run of a store that was recorded with an execution, such as `cargo xtask demo \
         --execution vwap`.";
    NoBar = "no-bar", "A security has no bar in its session",
        "The trades of the Run need a bar of every security. The table of bars lacks the one in the message.";
    UnknownSolver = "unknown-solver", "That solver is not in this build",
        "Names are active-set, ipm, clarabel, or an id with a version such as ipm/1. A Run that names a later \
         version needs the release that recorded it.";
    NotOnDevice = "not-on-device", "That solver does not run on a device",
        "With @cuda there are the solvers that the message names. The others run on the processor: leave @cuda \
         out.";
    UnknownRules = "unknown-rules", "The Run was decided under rules that this build does not have",
        "Every release keeps the rules of earlier ones, so the Run comes from a later release. Use that one.";
    UnknownTicker = "unknown-ticker", "The Run has no security of that ticker",
        "Tickers are those of the market of that day; `samebits show RUN --json` lists them under \
         market.securities.";
    NoLock = "no-lock", "No wash-sale lock is in force on that name",
        "A counterfactual without a lock needs one that holds on the day of the Run. `samebits why RUN` lists the \
         locks in its second part.";
    UnknownLot = "unknown-lot", "That lot could not be sold or covered in this Run",
        "The lot is not open on that day, or the decision did not look at it. `samebits why RUN TICKER` lists the \
         lots with their ids.";
    NoFrontier = "no-frontier", "The Run has no frontier",
        "A frontier is walked from the state of the recorded optimum. Runs that were relaxed or unsolved have none, nor \
         have those that a solver without the canonical finish decided, or that weigh no risk.";
    TooShort = "too-short", "The panel has too few sessions",
        "The risk model and the first decisions need a history. Ask for fewer days, or give a panel that begins \
         earlier.";
    Journal = "journal", "The journal of a replay cannot be used",
        "The file behind --journal cannot be read or written, or belongs to another version of samebits. Name \
         another file: the replay then begins anew.";
    Threads = "threads", "Threads could not be started",
        "The system refused more threads. Give a smaller --threads; results do not depend on it.";
    UnknownStrategy = "unknown-strategy", "There is no strategy of that name",
        "docs/strategies.md lists the strategies with the parameters of each.";
    [told by]
    Panel (error) => panel(error);
    Tax (error) => tax(error);
    Rebalance (error) => rebalance(error);
    Ledger (error) => ledger(error);
    Snapshot (error) => snapshot(error);
    Store (error) => store(error);
    RiskModel (error) => riskmodel(error);
    Canon (error) => canon(error);
    Units (error) => units(error);
}
