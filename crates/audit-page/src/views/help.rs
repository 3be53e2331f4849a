//! What the words mean.

use crate::layout::{self, Place};
use crate::parts::Column::{Prose, Text};
use crate::parts::{cell, table};
use maud::{Markup, html};

const VERDICTS: [[&str; 3]; 8] = [
    ["IDENTICAL", "I", "decided again with the same bits: weights, trades, ledger, taxes"],
    ["EQUIVALENT", "E", "the same trades and taxes, weights within 1e-8"],
    ["DIVERGED", "D", "another decision"],
    ["DISAGREE", "X", "machines of the fleet found different answers to the same question"],
    ["FAILED", "F", "it could not be decided again"],
    ["OPEN", "-", "nobody has decided it again; the button on its page does"],
    ["DAMAGED", "!", "a checksum, an id or the chain does not hold: the evidence itself is broken"],
    ["STALE", "", "equal, but recorded under another version of the rules"],
];

const WORDS: [[&str; 2]; 9] = [
    ["Run", "one account's rebalance on one day: the question with every input, the method, and the answer"],
    [
        "Question",
        "market, risk model, account before trading and parameters; its id covers every byte of them",
    ],
    [
        "Stage",
        "a step of the decision with a digest of its own; the first that differs says where a replay left the path",
    ],
    ["Tax lot", "shares bought together: their day, price and holding period decide the tax of a sale"],
    [
        "Wash sale",
        "a loss that does not count because the same or a like security was bought within the window",
    ],
    ["Harvested loss", "a loss realised for its tax benefit"],
    ["Tracking error", "annualised standard deviation of the return beyond the benchmark, in basis points"],
    ["Price of a constraint", "change of the objective per unit of its limit (its multiplier)"],
    ["bp", "basis point, a hundredth of a percent"],
];

pub(crate) async fn show() -> Markup {
    let verdicts: Vec<Vec<Markup>> = VERDICTS.iter().map(|row| row.iter().map(cell).collect()).collect();
    let words: Vec<Vec<Markup>> = WORDS.iter().map(|row| row.iter().map(cell).collect()).collect();
    let main = html! {
        h1 { "Help" }
        p.lead {
            "Three clicks to a reason: a Run in the list, a name in its trades, and there the terms that spoke for the trade "
            "and against it, its tax lots, and what would have been decided otherwise."
        }
        (table("Verdicts", &[("Verdict", Text), ("Letter", Text), ("Meaning", Prose)], &verdicts))
        (table("Words", &[("Word", Text), ("Meaning", Prose)], &words))
        h2 { "Keys" }
        p { "Tab and Shift+Tab go from link to link and into wide tables, which the arrow keys scroll; Enter follows a link or presses a button." }
        h2 { "The same at a prompt" }
        p { code { "samebits replay ID" } ", " code { "samebits why ID NAME" } ", " code { "samebits compare --runs ID" } ", " code { "samebits export ID --html FILE" } }
    };
    layout::page("Help", Place::Help, &main)
}
