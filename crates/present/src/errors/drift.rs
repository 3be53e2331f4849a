//! What keeps the inputs of a Run from being rebuilt.

use super::catalogue;

catalogue! {
    "drift", "What keeps the inputs of a Run from being rebuilt.", samebits_replay::drift::Obstacle, "crates/replay/src/drift/mod.rs", "Obstacle";
    NoSession = "no-session", "The tables have no session on a day of the Run",
        "The tables begin later, end earlier, or miss that day. Give --prices a folder that covers it.";
    MissingTickers = "missing-tickers", "The tables lack securities of the Run",
        "Names changed or were delisted, or another universe was recorded. Check --panel, and give tables that \
         have these names.";
    OtherMethodology = "other-methodology", "The benchmark follows another methodology",
        "What was recorded was not built from such tables, so it cannot be rebuilt from them.";
    OtherRecipe = "other-recipe", "The risk model was made by another recipe",
        "The named setting differs from the one that is rebuilt. If the Run has characteristics, give them with \
         --characteristics.";
    NoActions = "no-actions", "The Run needs tables of corporate actions",
        "It pins the laws and actions of a complete market: give their folder with --actions.";
    Failed = "failed", "The tables do not give a market, or no decision is possible on it",
        "The message says what is missing or out of range in the tables of today.";
}
