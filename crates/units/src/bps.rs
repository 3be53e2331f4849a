//! Rates in basis points.

use crate::{Error, decimal};

/// A rate in hundredths of a basis point (1e-6): 5 bp is 500, a tax rate of 40.8 % is 408,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bps(i32);

impl Bps {
    /// The rate zero.
    pub const ZERO: Self = Self(0);

    /// From hundredths of a basis point.
    pub const fn from_hundredths(hundredths: i32) -> Self {
        Self(hundredths)
    }

    /// In hundredths of a basis point.
    pub const fn hundredths(self) -> i32 {
        self.0
    }

    /// `self + other`.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the sum does not fit.
    pub fn plus(self, other: Self) -> Result<Self, Error> {
        self.0.checked_add(other.0).map(Self).ok_or(Error::Overflow { what: "rate sum" })
    }
}

impl std::fmt::Display for Bps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&decimal::format(i64::from(self.0), 2, 0))
    }
}

impl std::str::FromStr for Bps {
    type Err = Error;

    /// Reads basis points: `"5"`, `"0.25"`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wide = decimal::parse(text, 2, "basis points")?;
        i32::try_from(wide).map(Self).map_err(|_| Error::Overflow { what: "basis points" })
    }
}
