//! The value and the tax of a day, explained to the unit.
//!
//! ```text
//! value after = value before + flows + income - fees - costs - levies + price gains + execution
//! value after = value before + flows + income - fees - levies + realised + change of unrealised
//!               + gains given away - losses gone + deemed basis
//! ```
//!
//! The left side is the ledger's account at the day's prices; the right side of the first line comes from trades, the recounted
//! positions and cash events, that of the second from the results. Both in 1e-14 of the currency: no rounding, no tolerance.
#![deny(clippy::float_arithmetic)]

use crate::posting::Posted;
use crate::{Error, Exact};
use samebits_snapshot::record::{Account, Market, Run};
use samebits_units::{Date, Money};

/// An account at the prices of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Standing {
    /// Long positions.
    pub(crate) long: Exact,
    /// Short positions, positive.
    pub(crate) short: Exact,
    pub(crate) cash: Exact,
    /// Basis of long lots less proceeds of short ones.
    pub(crate) basis: Exact,
}

impl Standing {
    pub(crate) fn new(account: &Account, market: &Market) -> Result<Self, Error> {
        let price = |security: u32| {
            let known = market.prices.len();
            let found = market.prices.get(security as usize).copied();
            found.ok_or(Error::NoSecurity { day: market.as_of, security, known })
        };
        let mut standing = Self { cash: account.cash.into(), ..Self::default() };
        for lot in &account.lots {
            standing.long += Exact::of(price(lot.security)?, lot.quantity);
            standing.basis += lot.basis.into();
        }
        for lot in &account.shorts {
            standing.short += Exact::of(price(lot.security)?, lot.quantity);
            standing.basis += -Exact::from(lot.proceeds);
        }
        Ok(standing)
    }

    pub(crate) fn value(&self) -> Exact {
        self.cash + self.long - self.short
    }

    pub(crate) fn unrealised(&self) -> Exact {
        self.long - self.short - self.basis
    }
}

/// What a day is explained from.
pub(crate) struct Explained<'a> {
    pub(crate) day: Date,
    /// Value, and unrealised gains, as the day before left them.
    pub(crate) before: (Exact, Exact),
    pub(crate) after: Standing,
    pub(crate) posted: &'a Posted,
    /// Change of the market value of what was held, with the cash of corporate actions.
    pub(crate) price_gains: Exact,
    /// Market value given away, unrounded.
    pub(crate) gifts: Exact,
    pub(crate) costs: Money,
    /// What trades made against the day's prices.
    pub(crate) execution: Exact,
    /// Results of the day after disallowed losses, from trades and actions.
    pub(crate) realised: Exact,
}

impl Explained<'_> {
    /// What the client and the income changed, before gifts.
    fn cash(&self) -> Exact {
        let Posted { contributions, withdrawals, dividends, in_lieu, borrow, levies, .. } = *self.posted;
        let [contributions, withdrawals, dividends] =
            [contributions, withdrawals, dividends].map(Exact::from);
        let [in_lieu, borrow, levies] = [in_lieu, borrow, levies].map(Exact::from);
        contributions - withdrawals + dividends - in_lieu - borrow - levies
    }

    /// Both identities of the day.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let (value, unrealised) = self.before;
        let market = value + self.cash() - self.gifts - self.costs.into() + self.price_gains + self.execution;
        let posted = self.posted;
        let change = self.after.unrealised() - unrealised;
        // Gifts leave at their value, and the gain in them is not realised: what is left is their basis.
        let given_gains = self.gifts - posted.given_basis.into();
        let tax = value + self.cash() - self.gifts + given_gains + self.realised + change
            - posted.gone.into()
            + posted.deemed.into();
        for (what, explained) in [("value", market), ("value in terms of tax", tax)] {
            let difference = self.after.value() - explained;
            if difference != Exact::ZERO {
                return Err(Error::Identity { day: self.day, what, difference });
            }
        }
        Ok(())
    }

    /// The Run's own sums, which round the value of each lot to a millionth.
    pub(crate) fn totals(&self, run: &Run, lots: usize) -> Result<(), Error> {
        let totals = &run.outcome.totals;
        let trading = self.execution - self.costs.into() - self.posted.levies.into();
        let sums = [
            ("the value before trading is", self.after.value() - trading, totals.nav_before, lots),
            ("the value after trading is", self.after.value(), totals.nav_after, lots),
            ("the cash after trading is", self.after.cash, totals.cash_after, 0),
            ("the costs are", Exact::from(self.costs) + self.posted.levies.into(), totals.costs, 0),
        ];
        for (what, exact, found, tolerance) in sums {
            let difference = exact - found.into();
            // Half a millionth a lot.
            if difference.size() > tolerance as u128 * 50_000_000 {
                return Err(Error::Sum { day: self.day, what, expected: exact.money(), found });
            }
        }
        Ok(())
    }
}
