//! What is traded: ticks, lots, and the text that becomes them.

use crate::event::{PRICE_LIMIT, QTY_LIMIT};
use crate::num::Rounding;
use samebits_units::decimal;

/// A step as an exact decimal: `mantissa * 10^-decimals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    mantissa: i64,
    decimals: u32,
}

/// A text that is not a price or a quantity of an instrument.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Not a multiple of the tick.
    #[error("off_tick: price `{text}` is not a multiple of {step}")]
    OffTick {
        /// The text.
        text: String,
        /// The tick.
        step: Step,
    },
    /// Not a multiple of the lot.
    #[error("off_lot: quantity `{text}` is not a multiple of {step}")]
    OffLot {
        /// The text.
        text: String,
        /// The lot.
        step: Step,
    },
    /// Beyond the limits.
    #[error("overflow: {what} `{text}` is beyond the limits of this crate")]
    Overflow {
        /// The field.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// Not a decimal number.
    #[error(transparent)]
    NotDecimal(#[from] samebits_units::Error),
    /// A step that is not positive.
    #[error("step `{text}` is not positive")]
    BadStep {
        /// The text.
        text: String,
    },
}

/// Most decimals of a text.
const DECIMALS: u32 = 12;

impl Step {
    /// One unit.
    pub const ONE: Self = Self { mantissa: 1, decimals: 0 };

    /// From text such as `0.01`.
    ///
    /// # Errors
    /// A text that is not a positive decimal number of at most 12 decimals.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let decimals = text.split_once('.').map_or(0, |(_, part)| part.trim_end_matches('0').len() as u32);
        let mantissa = decimal::parse(text, decimals.min(DECIMALS), "step")?;
        if mantissa <= 0 {
            return Err(TextError::BadStep { text: text.to_owned() });
        }
        Ok(Self { mantissa, decimals })
    }

    /// How many steps the text is, if it is a whole number of them.
    fn count(self, text: &str, what: &'static str) -> Result<Option<i64>, TextError> {
        let shown = text.split_once('.').map_or(0, |(_, part)| part.trim_end_matches('0').len() as u32);
        if shown > self.decimals {
            // A digit below the step's last one; the parser says what is wrong with a text that is no number.
            decimal::parse(text, shown.min(DECIMALS), what)?;
            return Ok(None);
        }
        let value = decimal::parse(text, self.decimals, what)?;
        Ok((value % self.mantissa == 0).then(|| value / self.mantissa))
    }

    /// `count` steps as decimal text.
    pub fn text(self, count: i64) -> String {
        let value = i128::from(count) * i128::from(self.mantissa);
        i64::try_from(value).map_or_else(
            |_| format!("{count} steps of {self}"),
            |value| decimal::format(value, self.decimals, self.decimals),
        )
    }

    /// Mantissa and decimals.
    pub const fn parts(self) -> (i64, u32) {
        (self.mantissa, self.decimals)
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&decimal::format(self.mantissa, self.decimals, 0))
    }
}

/// What the executor knows of a symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// Its name; names order everything that needs an order.
    pub symbol: String,
    /// Price of one tick.
    pub tick: Step,
    /// Size of one lot.
    pub lot: Step,
    /// Prices of orders are multiples of this many ticks.
    pub price_step: i64,
    /// Quantities of orders are multiples of this many lots.
    pub lot_step: i64,
    /// Least and most lots of an order.
    pub order_lots: (i64, i64),
    /// Minor units of the currency in one tick times one lot, as a fraction.
    pub value: (i64, i64),
    /// How fees become minor units.
    pub fee_rounding: Rounding,
}

impl Instrument {
    /// An instrument of one-unit ticks and lots.
    pub fn new(symbol: &str) -> Self {
        Self {
            symbol: symbol.to_owned(),
            tick: Step::ONE,
            lot: Step::ONE,
            price_step: 1,
            lot_step: 1,
            order_lots: (1, QTY_LIMIT),
            value: (1, 1),
            fee_rounding: Rounding::Away,
        }
    }

    /// Ticks of a price.
    ///
    /// # Errors
    /// [`TextError::OffTick`], [`TextError::Overflow`], or a text that is no number.
    pub fn price(&self, text: &str) -> Result<i64, TextError> {
        let ticks = self.tick.count(text, "price")?;
        let ticks = ticks.ok_or_else(|| TextError::OffTick { text: text.to_owned(), step: self.tick })?;
        within(ticks, PRICE_LIMIT, "price", text)
    }

    /// Lots of a quantity.
    ///
    /// # Errors
    /// [`TextError::OffLot`], [`TextError::Overflow`], or a text that is no number.
    pub fn qty(&self, text: &str) -> Result<i64, TextError> {
        let lots = self.lot.count(text, "quantity")?;
        let lots = lots.ok_or_else(|| TextError::OffLot { text: text.to_owned(), step: self.lot })?;
        within(lots, QTY_LIMIT, "quantity", text)
    }
}

fn within(value: i64, limit: i64, what: &'static str, text: &str) -> Result<i64, TextError> {
    if value.unsigned_abs() <= limit.unsigned_abs() {
        Ok(value)
    } else {
        Err(TextError::Overflow { what, text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_texts() {
        let coin = Instrument {
            tick: Step::parse("0.01").unwrap(),
            lot: Step::parse("0.00001").unwrap(),
            ..Instrument::new("X")
        };
        assert_eq!(coin.price("61837.63000000"), Ok(6_183_763));
        assert_eq!(coin.qty("0.02000000"), Ok(2_000));
        assert!(matches!(coin.price("0.005"), Err(TextError::OffTick { .. })));
        assert!(matches!(coin.qty("0.000001"), Err(TextError::OffLot { .. })));
        assert!(matches!(coin.price("9000000000000000"), Err(TextError::Overflow { .. })));
        assert!(matches!(coin.price("1e3"), Err(TextError::NotDecimal(_))));
        assert_eq!(coin.tick.text(10_110), "101.10");
        let quarter = Instrument { tick: Step::parse("0.25").unwrap(), ..Instrument::new("ES") };
        assert_eq!(quarter.price("5214.25"), Ok(20_857));
        assert!(matches!(quarter.price("5214.30"), Err(TextError::OffTick { .. })));
        assert!(matches!(Step::parse("0"), Err(TextError::BadStep { .. })));
    }
}
