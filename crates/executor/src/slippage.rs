//! Slippage: what a taker pays beyond the walk through the displayed book.

use crate::event::PRICE_LIMIT;
use crate::mutant;
use crate::num::Rounding;
use crate::{Problem, Side};

const BPS: i128 = 10_000;

/// A slippage model; each gives ticks against the taker, rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Slippage {
    /// None.
    #[default]
    None,
    /// A number of ticks.
    Ticks(i64),
    /// `ceil(price * bps / 10,000)`.
    Bps(i64),
    /// `ceil(price * coefficient * qty / (shown * 10^6))`, `shown` being the displayed lots of the opposite side's level.
    Impact {
        /// Coefficient in parts in a million.
        ppm: i64,
    },
    /// A fraction of the spread.
    Spread {
        /// Above the line.
        numerator: i64,
        /// Below the line, positive.
        denominator: i64,
    },
    /// `ceil(price * ppm * isqrt(qty * 2^32 / adv) / (2^16 * 10^6))`: square-root impact of a share of daily volume.
    SquareRoot {
        /// Coefficient in parts in a million at one day's volume.
        ppm: i64,
        /// Average daily volume in lots, positive.
        adv: i64,
    },
}

/// What a slippage model looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene {
    pub(crate) price: i64,
    pub(crate) qty: i64,
    /// Displayed lots of the level that the fill came from.
    pub(crate) shown: i64,
    /// Ask less bid, if both are there.
    pub(crate) spread: Option<i64>,
}

impl Slippage {
    /// Ticks against the taker.
    ///
    /// # Errors
    /// [`Problem::NoDepth`] for a model that needs what is not displayed, [`Problem::Overflow`].
    pub(crate) fn ticks(self, scene: &Scene) -> Result<i64, Problem> {
        let ticks = self.exact(scene)?;
        let within = i64::try_from(ticks).ok().filter(|ticks| (0..=PRICE_LIMIT).contains(ticks));
        within.ok_or(Problem::Overflow { what: "slippage" })
    }

    fn exact(self, scene: &Scene) -> Result<i128, Problem> {
        let price = i128::from(scene.price.unsigned_abs());
        let up = |numerator: i128, denominator: i128| -> i128 {
            let rounding = mutant!("slippage.truncates", Rounding::Ceil, Rounding::Floor);
            rounding.divide(numerator, denominator)
        };
        Ok(match self {
            Self::None => 0,
            Self::Ticks(ticks) => i128::from(ticks),
            Self::Bps(bps) => up(mutant!("slippage.bps-tenfold", 1, 10) * price * i128::from(bps), BPS),
            Self::Impact { ppm } => {
                if scene.shown <= 0 {
                    return Err(Problem::NoDepth { model: "impact" });
                }
                let (qty, shown) = (i128::from(scene.qty), i128::from(scene.shown));
                let (qty, shown) = mutant!("slippage.impact-inverted", (qty, shown), (shown, qty));
                up(price * i128::from(ppm) * qty, shown * 1_000_000)
            }
            Self::Spread { numerator, denominator } => {
                let spread = scene.spread.ok_or(Problem::NoDepth { model: "spread" })?;
                up(i128::from(spread) * i128::from(numerator), i128::from(denominator))
            }
            Self::SquareRoot { ppm, adv } => {
                let share = (i128::from(scene.qty) << 32) / i128::from(adv);
                let root = share.unsigned_abs().isqrt() as i128;
                up(price * i128::from(ppm) * root, (1 << 16) * 1_000_000)
            }
        })
    }
}

/// `price` worse by `ticks` for the taker, on the step against it, never beyond its limit.
pub(crate) fn worsened(side: Side, price: i64, ticks: i64, step: i64, limit: Option<i64>) -> i64 {
    let ticks = mutant!("slippage.sign", ticks, -ticks);
    let moved = side.worse(price, ticks);
    let snapped = if ticks == 0 || mutant!("slippage.no-snap", false, true) {
        moved
    } else {
        (Rounding::against(side).divide(i128::from(moved), i128::from(step)) as i64) * step
    };
    match limit {
        Some(limit) if side.key(snapped) < side.key(limit) => {
            // Keys order better first on the resting side; a taker's worst price is its limit.
            mutant!("slippage.beyond-limit", limit, snapped)
        }
        _ => snapped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models() {
        let scene = Scene { price: 10_001, qty: 30, shown: 100, spread: Some(7) };
        let ticks = |model: Slippage| model.ticks(&scene).unwrap();
        assert_eq!(ticks(Slippage::Bps(5)), 6, "5.0005 rounds up");
        assert_eq!(ticks(Slippage::Impact { ppm: 1_000 }), 4, "3.0003 rounds up");
        assert_eq!(ticks(Slippage::Spread { numerator: 1, denominator: 2 }), 4);
        // isqrt(2^32 / 4) = 2^15: half of 10,001 parts in ten thousand of the price.
        assert_eq!(ticks(Slippage::SquareRoot { ppm: 100, adv: 120 }), 1);
        assert_eq!(ticks(Slippage::SquareRoot { ppm: 10_000, adv: 120 }), 51);
        let empty = Scene { shown: 0, spread: None, ..scene };
        assert_eq!(Slippage::Impact { ppm: 1 }.ticks(&empty), Err(Problem::NoDepth { model: "impact" }));
    }

    #[test]
    fn never_beyond_the_limit_and_on_the_step() {
        assert_eq!(worsened(Side::Buy, 100, 3, 1, Some(102)), 102);
        assert_eq!(worsened(Side::Buy, 100, 3, 1, Some(105)), 103);
        assert_eq!(worsened(Side::Sell, 100, 3, 1, Some(99)), 99);
        assert_eq!(worsened(Side::Sell, 100, 3, 1, None), 97);
        assert_eq!(worsened(Side::Buy, 100, 3, 5, None), 105);
        assert_eq!(worsened(Side::Sell, 100, 3, 5, None), 95);
    }
}
