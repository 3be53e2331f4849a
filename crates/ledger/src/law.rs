//! Which law an account is under, and what it says about positions.

use crate::Error;
use samebits_snapshot::record::{Account, Grandfather, Law, Levies, Lot, LotRule, Market, Netting, WashRule};
use samebits_units::{Date, Money};

/// The longest wash-sale window of a law with pooled lots: `Account::recent` reaches twice as far back.
pub(crate) const POOL_WINDOW_DAYS: i32 = 30;

/// The law of an account: `market.law` without a holder, else the one of the holder's jurisdiction.
///
/// # Errors
/// [`Error::NoLaw`] when the market has none for that jurisdiction.
pub fn law_of<'a>(account: &Account, market: &'a Market) -> Result<&'a Law, Error> {
    let Some(holder) = &account.holder else { return Ok(&market.law) };
    let of = |law: &&Law| law.system.as_ref().map(|system| system.jurisdiction) == Some(holder.jurisdiction);
    let known = market.laws.len();
    market.laws.iter().find(of).ok_or(Error::NoLaw { jurisdiction: holder.jurisdiction, known })
}

/// Whether shares held since `held_from` are long-term when sold on `day`; see [`samebits_tax::is_long_term`].
///
/// # Errors
/// A date out of range.
pub fn is_long_term(held_from: Date, day: Date, law: &Law) -> Result<bool, Error> {
    Ok(samebits_tax::is_long_term(law, held_from, day)?)
}

/// The basis that the gain on a whole lot counts from when it is sold for `notional`.
///
/// # Errors
/// A law that contradicts itself.
pub fn counted_basis(lot: &Lot, notional: Money, law: &Law) -> Result<Money, Error> {
    Ok(Rules::of(law)?.counted_basis(lot.acquired, lot.basis, lot.fair_value, notional))
}

/// A law as settlement reads it. Without a system: named lots, share for share, by term, no levies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) law: &'a Law,
    pub(crate) lots: LotRule,
    pub(crate) wash: WashRule,
    pub(crate) netting: Netting,
    pub(crate) levies: Levies,
    pub(crate) grandfather: Option<Grandfather>,
}

impl<'a> Rules<'a> {
    pub(crate) fn of(law: &'a Law) -> Result<Self, Error> {
        let system = law.system.as_ref();
        let rules = Self {
            law,
            lots: system.map_or(LotRule::Specific, |system| system.lots),
            wash: system.map_or(WashRule::ShareForShare, |system| system.wash),
            netting: system.map_or(Netting::ByTerm, |system| system.netting),
            levies: system.map_or_else(Levies::default, |system| system.levies),
            grandfather: system.and_then(|system| system.grandfather),
        };
        let pooled = rules.lots == LotRule::Average;
        let problem = match rules.wash {
            WashRule::ShareForShare if pooled => "pooled lots have no replacement shares",
            WashRule::Superficial if !pooled => "a superficial loss needs pooled lots",
            WashRule::Superficial if law.wash_days > POOL_WINDOW_DAYS => "the window exceeds 30 days",
            _ => return Ok(rules),
        };
        Err(Error::Law { law: law.id.clone(), problem })
    }

    pub(crate) fn is_long_term(&self, held_from: Date, day: Date) -> Result<bool, Error> {
        is_long_term(held_from, day, self.law)
    }

    /// The basis that a gain counts from: `basis`, or under a grandfathering rule the larger of it and the smaller of fair
    /// value and sale price (India, section 55(2)(ac)).
    pub(crate) fn counted_basis(
        &self,
        acquired: Date,
        basis: Money,
        fair_value: Option<Money>,
        notional: Money,
    ) -> Money {
        match (self.grandfather, fair_value) {
            (Some(rule), Some(value)) if acquired < rule.acquired_before => {
                samebits_tax::india::grandfathered_basis(basis, value, notional)
            }
            _ => basis,
        }
    }

    /// Whether a result counts in the long-term bucket.
    pub(crate) fn bucket(&self, long_term: bool, gain: Money) -> bool {
        samebits_tax::bucket(self.law, long_term, gain)
    }

    /// First day of the wash-sale window of a sale on `day`.
    pub(crate) fn window_start(&self, day: Date) -> Result<Date, Error> {
        Ok(day.plus_days(self.law.wash_days.saturating_neg())?)
    }

    /// Last day of the wash-sale window of a sale on `day`.
    pub(crate) fn window_end(&self, day: Date) -> Result<Date, Error> {
        Ok(day.plus_days(self.law.wash_days)?)
    }
}

/// The identity group of a security.
pub(crate) fn group_of(market: &Market, security: u32) -> Result<u32, Error> {
    let known = market.securities.len();
    let found = market.securities.get(security as usize);
    found.map(|security| security.identity_group).ok_or(Error::NoSecurity { security, known })
}
