//! Numbers, money and dates.

use super::catalogue;

catalogue! {
    "units", "Numbers, money and dates.", samebits_units::Error, "crates/units/src/error.rs", "Error";
    NotDecimal = "not-decimal", "The text is not a decimal number",
        "Digits, one point, an optional sign; no separators, no exponent, no currency.";
    TooFine = "too-fine", "The text has more decimals than its type holds",
        "Nothing is rounded on the way in. Give the value with the decimals in the message or fewer.";
    Overflow = "overflow", "A result does not fit its type",
        "Money, quantities and prices are 64-bit integers in millionths. Check the order of magnitude of the \
         inputs.";
    NotDate = "not-date", "The text is not a date",
        "Dates are written YYYY-MM-DD, such as 2017-03-01.";
    DivisionByZero = "division-by-zero", "A ratio has nothing below the line",
        "A price, quantity or value that divides is zero. The message names the operation.";
}
