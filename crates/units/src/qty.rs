//! Numbers of shares.

use crate::int::scaled_integer;
use crate::{Error, decimal};

/// A number of shares in millionths; never negative inside a tax lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Qty(i64);

scaled_integer!(Qty, i64, "quantity");

impl Qty {
    /// Decimals of the inner integer.
    pub const DECIMALS: u32 = 6;

    /// From millionths of a share.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// In millionths of a share.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// From whole shares.
    ///
    /// # Errors
    /// [`Error::Overflow`] beyond 9.2 trillion shares.
    pub fn from_shares(shares: i64) -> Result<Self, Error> {
        shares.checked_mul(1_000_000).map(Self).ok_or(Error::Overflow { what: "quantity" })
    }

    /// Whole shares inside, the rest cut off towards minus infinity.
    pub const fn whole_shares(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

impl std::fmt::Display for Qty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&decimal::format(self.0, Self::DECIMALS, 0))
    }
}

impl std::str::FromStr for Qty {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        decimal::parse(text, Self::DECIMALS, "quantity").map(Self)
    }
}
