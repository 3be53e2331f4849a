//! Short names for what every test needs.

use samebits_snapshot::record::{Jurisdiction, Law, Netting, Rates};
use samebits_units::{Bps, Date, Money, Qty};

pub(crate) fn money(units: i64) -> Money {
    Money::from_units(units).unwrap()
}

pub(crate) fn qty(shares: i64) -> Qty {
    Qty::from_shares(shares).unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A rate in millionths.
pub(crate) fn rate(millionths: i32) -> Bps {
    Bps::from_hundredths(millionths)
}

pub(crate) fn rates(short_term: i32, long_term: i32, ordinary: i32) -> Rates {
    Rates { short_term: rate(short_term), long_term: rate(long_term), ordinary: rate(ordinary) }
}

pub(crate) fn law(jurisdiction: Jurisdiction, text: &str) -> Law {
    samebits_tax::law(jurisdiction, day(text), false).unwrap()
}

/// What the ledger's accounts without a holder are under.
pub(crate) fn law_without_system() -> Law {
    Law { id: "us".into(), long_term_years: 1, wash_days: 30, loss_limit: money(3_000), system: None }
}

/// The law of a jurisdiction with small amounts, so that a loop over whole units meets every border.
pub(crate) fn small(jurisdiction: Jurisdiction, amount: i64) -> Law {
    let mut law = law(jurisdiction, "2020-08-03");
    law.loss_limit = if law.loss_limit.is_zero() { law.loss_limit } else { money(amount) };
    if let Some(Netting::Exempt { amount: exempt }) = law.system.as_mut().map(|system| &mut system.netting) {
        *exempt = money(amount);
    }
    law
}
