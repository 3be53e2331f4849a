//! The risk model of a day.

use super::catalogue;

catalogue! {
    "riskmodel", "The risk model of a day.", samebits_riskmodel::Error, "crates/riskmodel/src/error.rs", "Error";
    UnknownRecipe = "unknown-recipe", "The recipe is not known",
        "The message lists the recipes of this build; a later one needs a later release.";
    BadParameter = "bad-parameter", "A parameter of the recipe is out of range",
        "The message has the value and the rule. docs/risk-model.md explains each.";
    HistoryTooShort = "history-too-short", "There are too few sessions for the window",
        "Give closes that begin earlier, or a recipe with a shorter window.";
    Characteristics = "characteristics", "The recipe takes another number of characteristics",
        "Some recipes need them, others take none; the message has the rule.";
    BadFactorName = "bad-factor-name", "A characteristic needs a name of its own",
        "It is empty, or that of another factor. Rename the column.";
    TooFewNames = "too-few-names", "There are too few names for the factors",
        "A cross-section needs more names than factors. Use fewer factors or a larger universe.";
    Shape = "shape", "Inputs of the risk model do not belong together",
        "The message names the input with both lengths.";
    PriceNotPositive = "price-not-positive", "A close is zero or negative",
        "Correct the cell that the message names; returns need positive prices.";
    BadWeight = "bad-weight", "A market weight is negative or not a number",
        "Correct the weights of the benchmark.";
    NoVariance = "no-variance", "No name moved in the whole window",
        "The closes of the window are constant. Check the table of prices.";
    FlatMarket = "flat-market", "The market did not move, so nothing has a beta",
        "Check closes and weights of the sessions in the message.";
    NoVolume = "no-volume", "A name was not traded in the window of the liquidity measure",
        "Remove the name, or give its volumes.";
    NotANumber = "not-a-number", "A characteristic is not a number",
        "Correct the cell of the column in the message.";
    SigmaNotPositive = "sigma-not-positive", "The covariance is not positive definite as it is stored",
        "Two names move alike to the last digit, or the window is too short for the shrinkage. Remove duplicates \
         or lengthen the window.";
    FactorsDependent = "factors-dependent", "A factor follows from those before it",
        "Remove the named factor, or the characteristic that repeats another.";
    FactorCovarianceNotPositive = "factor-covariance-not-positive", "The covariance of the factors is not positive definite as it is stored",
        "A factor had no movement of its own in the window. Remove it or lengthen the window.";
    SpecificOutOfRange = "specific-out-of-range", "A specific variance does not fit its storage",
        "Its closes jump beyond reason, for instance at a split that was not adjusted. Correct the prices of that \
         column.";
}
