//! Prices and volumes as they were quoted, out of split-adjusted ones.
//!
//! Adjusted closes are the quotes of the day divided by the ratios of all later splits. The way back multiplies by the
//! exact rational product; a simulation that holds whole shares through a split needs it.

use crate::actions::{ActionKind, ActionRow};
use crate::error::Error;
use crate::panel::Panel;
use samebits_units::{Date, Price};
use std::collections::BTreeMap;

/// `new` shares now for `old` shares then, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    new: u64,
    old: u64,
}

impl Factor {
    /// No split.
    pub const ONE: Self = Self { new: 1, old: 1 };

    /// Shares after and before, in lowest terms.
    pub const fn parts(self) -> (u64, u64) {
        (self.new, self.old)
    }

    /// This factor and one more split; `None` when a part does not fit.
    #[must_use]
    fn times(self, new: u32, old: u32) -> Option<Self> {
        let (new, old) = (self.new.checked_mul(u64::from(new))?, self.old.checked_mul(u64::from(old))?);
        let common = gcd(new, old);
        Some(Self { new: new.checked_div(common)?, old: old.checked_div(common)? })
    }

    /// An adjusted price as it was quoted: `price * new / old`, rounded half away from zero to 1e-8; `None` when
    /// the price or the result is not positive or does not fit.
    pub fn price(self, price: Price) -> Option<Price> {
        let (new, old) = (u128::from(self.new), u128::from(self.old));
        let product = u128::from(u64::try_from(price.e8()).ok()?).checked_mul(new)?;
        let rounded = product.checked_add(old / 2)? / old;
        i64::try_from(rounded).ok().map(Price::from_e8).filter(|quoted| quoted.is_positive())
    }

    /// An adjusted volume as it was traded: `volume * old / new`, rounded down.
    pub fn volume(self, volume: u64) -> Option<u64> {
        let product = u128::from(volume).checked_mul(u128::from(self.old))?;
        u64::try_from(product / u128::from(self.new)).ok()
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Splits that are in the prices, by ticker; ex-dates ascend.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Splits {
    by_ticker: BTreeMap<String, Vec<(Date, u32, u32)>>,
}

impl Splits {
    /// The splits of `rows` that are in the prices; other rows are ignored.
    pub fn of(rows: &[ActionRow]) -> Self {
        let mut by_ticker: BTreeMap<String, Vec<(Date, u32, u32)>> = BTreeMap::new();
        for row in rows {
            if let ActionKind::Split { new, old, in_prices: true } = row.kind {
                by_ticker.entry(row.ticker.clone()).or_default().push((row.ex_date, new, old));
            }
        }
        for splits in by_ticker.values_mut() {
            splits.sort_unstable();
        }
        Self { by_ticker }
    }

    /// The product of the ratios of all splits of `ticker` with an ex-date after `day`; `None` when it does not fit.
    pub fn after(&self, ticker: &str, day: Date) -> Option<Factor> {
        let splits = self.by_ticker.get(ticker).map_or(&[][..], Vec::as_slice);
        let later = splits.iter().filter(|split| split.0 > day);
        later.clone().try_fold(Factor::ONE, |factor, &(_, new, old)| factor.times(new, old))
    }
}

impl Panel {
    /// Closes and volumes as they were quoted and traded on the day, for closes that are adjusted for `splits`.
    ///
    /// A close is multiplied by the ratios of all later splits, also of those after the last session, as one exact
    /// fraction and rounded half away from zero to 1e-8; a volume is divided by it and rounded down. On a split's
    /// ex-date the close falls by the ratio. Dividing the result by the same fraction gives back each adjusted close
    /// when the fraction is 1 or more, since the rounding is then below half a unit of it.
    ///
    /// The source prints adjusted closes with four decimals: a result may miss the printed quote by the ratio times
    /// 0.00005.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when a number does not fit.
    pub fn as_traded(&self, splits: &Splits) -> Result<Self, Error> {
        let mut panel = self.clone();
        for (column, listing) in self.securities.iter().enumerate() {
            if !splits.by_ticker.contains_key(&listing.ticker) {
                continue;
            }
            for (row, &date) in self.dates.iter().enumerate() {
                let out = |what| Error::OutOfRange { ticker: listing.ticker.clone(), date, what };
                let factor = splits.after(&listing.ticker, date).ok_or_else(|| out("close"))?;
                let (close, volume) = (self.closes[[row, column]], self.volumes[[row, column]]);
                panel.closes[[row, column]] = factor.price(close).ok_or_else(|| out("close"))?;
                panel.volumes[[row, column]] = factor.volume(volume).ok_or_else(|| out("volume"))?;
            }
        }
        Ok(panel)
    }
}
